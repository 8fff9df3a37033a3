/*
 * The container: the control groups (of version 1 or 2) around this process, and their figures.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "memory_probe.h"
#include <string.h>
#include "wine/debug.h"

WINE_DEFAULT_DEBUG_CHANNEL(clrmem);

#define GROUP_LENGTH 1024 /* bytes, with the NUL */

struct version
{
    const char *usage, *max, *soft;
    const char *inactive, *limit; /* lines of memory.stat */
};

static const struct version version_1 = {"/memory.usage_in_bytes", NULL, "/memory.soft_limit_in_bytes",
                                         "total_inactive_file", "hierarchical_memory_limit"};
static const struct version version_2 = {"/memory.current", "/memory.max", "/memory.high", "inactive_file", NULL};

/* A mount of control groups: the files' root, and the path below it. */
struct mount
{
    const WCHAR *root;
    const char *path;
};

static HANDLE open_in(const struct mount *mount, const char *group, const char *name)
{
    const char *parts[] = {mount->path, group, name};
    WCHAR path[UNIX_PATH_LENGTH];

    return unix_path(mount->root, parts, ARRAYSIZE(parts), path) ? unix_open(path) : NULL;
}

static BOOL is_in(const struct mount *mount, const char *group)
{
    const char *parts[] = {mount->path, group};
    WCHAR path[UNIX_PATH_LENGTH];

    return unix_path(mount->root, parts, ARRAYSIZE(parts), path) && GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static void close_level(struct container_level *level)
{
    unix_close(&level->usage);
    unix_close(&level->max);
    unix_close(&level->soft);
    unix_close(&level->stat);
}

static void close_levels(struct container *container)
{
    while (container->count) close_level(&container->levels[--container->count]);
    unix_close(&container->stall);
    container->known = FALSE;
}

void container_close(struct container *container)
{
    close_levels(container);
    unix_close(&container->groups);
}

/* A group without figures, because its memory is not controlled, is not a level. */
static void add_level(struct container *container, const struct mount *mount, const char *group)
{
    const struct version *version = container->unified ? &version_2 : &version_1;
    struct container_level *level = &container->levels[container->count];

    level->usage = open_in(mount, group, version->usage);
    if (!level->usage) return;
    level->max = version->max ? open_in(mount, group, version->max) : NULL;
    level->soft = open_in(mount, group, version->soft);
    level->stat = open_in(mount, group, "/memory.stat");
    container->has_root = !*group;
    container->count++;
}

/* The group as text, up to the first name that Wine cannot open. The root where that is not below the mount, as in a
 * container that sees its own group as the mount's root and not the names outside. */
static void group_to_open(const struct mount *mount, struct memprobe_text group, char *text)
{
    const char *backslash = group.length ? memchr(group.start, '\\', group.length) : NULL;

    while (backslash && group.start + group.length > backslash) group = memprobe_cgroup_parent(group);
    if (group.length >= GROUP_LENGTH) group.length = 0;
    memcpy(text, group.start, group.length);
    text[group.length] = 0;
    if (!is_in(mount, text)) *text = 0;
}

/* Without hierarchy (version 1, deprecated) the groups outside do not limit the own group. */
static BOOL is_hierarchical(const struct container *container, const struct mount *mount, const char *group, char *text)
{
    HANDLE file;
    BOOL flat;

    if (container->unified) return TRUE;
    file = open_in(mount, group, "/memory.use_hierarchy");
    flat = unix_read(file, text) && text[0] == '0';
    unix_close(&file);
    return !flat;
}

static void open_levels(struct container *container, const struct mount *mount, struct memprobe_text group, char *text)
{
    char path[GROUP_LENGTH], *slash;
    BOOL up;

    group_to_open(mount, group, path);
    up = is_hierarchical(container, mount, path, text);
    for (;;)
    {
        add_level(container, mount, path);
        slash = strrchr(path, '/');
        if (!slash || !up || container->count == MEMPROBE_CONTAINER_LEVELS) break;
        *slash = 0;
    }
    TRACE("%u levels of version %u from %s\n", container->count, container->unified ? 2 : 1,
          debugstr_an(group.start, group.length));
}

/* The root's stall information is the machine's. */
static void open_stall(struct container *container, const struct mount *mount, struct memprobe_text group)
{
    char path[GROUP_LENGTH];

    group_to_open(mount, group, path);
    if (*path) container->stall = open_in(mount, path, "/memory.pressure");
}

static void open_groups(struct container *container, const WCHAR *root, const struct memprobe_groups *groups,
                        char *text)
{
    struct mount memory = {root, "/sys/fs/cgroup/memory"}, unified = {root, "/sys/fs/cgroup"};
    struct memprobe_text root_group = {"", 0};

    if (!is_in(&unified, "/cgroup.controllers")) unified.path = "/sys/fs/cgroup/unified";
    /* Where the groups are not known, the mounts' roots are the best guess. */
    container->unified = groups->memory.start ? FALSE : groups->unified.start || !is_in(&memory, "");
    if (container->unified)
        open_levels(container, &unified, groups->unified.start ? groups->unified : root_group, text);
    else
        open_levels(container, &memory, groups->memory.start ? groups->memory : root_group, text);
    if (groups->unified.start) open_stall(container, &unified, groups->unified);
}

void container_init(struct container *container)
{
    WCHAR wide[GROUPS_SIZE];
    DWORD length = GetEnvironmentVariableW(L"CLRMEM_CGROUP", wide, ARRAYSIZE(wide));
    struct memprobe_groups groups;

    if (!length || length >= ARRAYSIZE(wide)) return;
    length = WideCharToMultiByte(CP_UTF8, 0, wide, length, container->groups_text, GROUPS_SIZE, NULL, NULL);
    memprobe_cgroup_groups(container->groups_text, length, &groups);
    container->passed = groups.memory.start || groups.unified.start;
    container->groups_length = length;
}

/* Returns whether groups_text has changed. */
static BOOL read_groups(struct container *container, const WCHAR *root, char *text)
{
    static const char *const part = "/proc/self/cgroup";
    WCHAR path[UNIX_PATH_LENGTH];
    size_t length;

    if (container->passed) return FALSE;
    if (!container->groups && unix_path(root, &part, 1, path)) container->groups = unix_open(path);
    length = min(unix_read(container->groups, text), GROUPS_SIZE);
    if (length == container->groups_length && !memcmp(text, container->groups_text, length)) return FALSE;
    memcpy(container->groups_text, text, length);
    container->groups_length = length;
    return TRUE;
}

void container_refresh(struct container *container, const WCHAR *root, char *text)
{
    struct memprobe_groups groups;

    if (!read_groups(container, root, text) && container->known) return;
    close_levels(container);
    container->known = TRUE;
    memprobe_cgroup_groups(container->groups_text, container->groups_length, &groups);
    open_groups(container, root, &groups, text);
}

static uint64_t read_limit(HANDLE file, char *text)
{
    uint64_t limit;

    return memprobe_text_limit(text, unix_read(file, text), &limit) ? limit : MEMPROBE_NO_LIMIT;
}

static BOOL read_level(const struct container_level *level, const struct version *version,
                       struct memprobe_container *figures, char *text)
{
    uint64_t usage, inactive = 0;
    size_t length;

    if (!memprobe_text_bytes(text, unix_read(level->usage, text), &usage)) return FALSE;
    figures->soft = read_limit(level->soft, text);
    figures->max = read_limit(level->max, text);
    length = unix_read(level->stat, text);
    if (!memprobe_text_stat(text, length, version->inactive, &inactive)) inactive = 0;
    if (version->limit && !memprobe_text_stat_limit(text, length, version->limit, &figures->max))
        figures->max = MEMPROBE_NO_LIMIT;
    figures->used = memprobe_cgroup_used(usage, inactive);
    return TRUE;
}

/* The machine's root group of version 1 has figures but no limits; it is not a container. */
static BOOL is_machine(const struct container *container, const struct memprobe_container *figures)
{
    return container->has_root && !container->unified && figures->max == MEMPROBE_NO_LIMIT &&
           figures->soft == MEMPROBE_NO_LIMIT;
}

BOOL container_read(struct container *container, struct memprobe_sample *sample, char *text)
{
    const struct version *version = container->unified ? &version_2 : &version_1;
    unsigned int i;

    sample->container_count = 0;
    for (i = 0; i < container->count; i++)
    {
        struct memprobe_container *figures = &sample->containers[sample->container_count];

        if (!read_level(&container->levels[i], version, figures, text))
            container->known = FALSE;
        else if (i + 1 < container->count || !is_machine(container, figures))
            sample->container_count++;
    }
    return container->known;
}
