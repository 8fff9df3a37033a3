/*
 * Files as a whole.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "files.h"

/* A file's bytes; address is NULL if it cannot be read. */
struct content
{
    void *address;
    size_t size;
};

static struct content content_map(const char *path)
{
    struct content content = {NULL, 0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;

    if (fd < 0) return content;
    if (!fstat(fd, &status) && status.st_size)
    {
        content.size = status.st_size;
        content.address = mmap(NULL, content.size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (content.address == MAP_FAILED) content.address = NULL;
    }
    close(fd);
    return content;
}

static void content_unmap(const struct content *content)
{
    if (content->address) munmap(content->address, content->size);
}

bool file_contains(const char *path, const char *text)
{
    struct content content = content_map(path);
    bool found = content.address && memmem(content.address, content.size, text, strlen(text));

    content_unmap(&content);
    return found;
}

bool file_same(const char *path, const char *other)
{
    struct content one = content_map(path), two = content_map(other);
    bool same = one.address && two.address && one.size == two.size && !memcmp(one.address, two.address, one.size);

    content_unmap(&one);
    content_unmap(&two);
    return same;
}

static int write_all(int fd, const char *bytes, size_t size)
{
    while (size)
    {
        ssize_t written = write(fd, bytes, size);

        if (written < 0 && errno != EINTR) return -1;
        if (written < 0) continue;
        bytes += written;
        size -= written;
    }
    return fsync(fd);
}

static int write_new(const char *path, const struct content *content)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0777);
    int result;

    if (fd < 0) return -1;
    result = write_all(fd, content->address, content->size);
    return close(fd) ? -1 : result;
}

int file_copy(const char *source, const char *target)
{
    struct content content = content_map(source);
    char *new = text_format("%s.new", target);
    int result = content.address ? write_new(new, &content) : -1;

    if (!result) result = rename(new, target);
    if (result)
    {
        int error = errno;

        unlink(new);
        errno = error;
    }
    content_unmap(&content);
    free(new);
    return result;
}
