/*
 * Reading the headers of Windows programs. Offsets and names are those of Microsoft's PE format description; a file is
 * not trusted: what lies outside it reads as 0.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <errno.h>
#include <unistd.h>

#include "pe.h"

#define DOS_NEW_HEADER      0x3c
#define DOS_BUILTIN_MARK    0x40
#define FILE_MACHINE        4 /* these from the "PE" signature on */
#define FILE_SECTIONS       6
#define FILE_OPTIONAL_SIZE  20
#define FILE_FLAGS          22
#define FILE_FLAG_DLL       0x2000
#define OPTIONAL            24
#define OPTIONAL_BASIC      0x10b /* its magic for a 32-bit image */
#define OPTIONAL_PLUS       0x20b /* and for a 64-bit one */
#define OPTIONAL_ALIGNMENT  32    /* of sections in memory */
#define OPTIONAL_SUBSYSTEM  68    /* these from the optional header on */
#define OPTIONAL_COUNT      92
#define OPTIONAL_PLUS_SHIFT 16 /* how much later the count lies in a 64-bit image */
#define DIRECTORY_CLR       14
#define SECTION_HEADER      40
#define SECTION_MEMORY_SIZE 8 /* these from a section's header on */
#define SECTION_ADDRESS     12
#define SECTION_FILE_SIZE   16
#define SECTION_FILE_OFFSET 20
#define PAGE_MASK           0xfff
#define SECTOR_MASK         0x1ff /* what is in the file is read in these units */
#define CLR_FLAGS           16
#define CLR_IL_ONLY         0x1
#define CLR_32BIT_REQUIRED  0x2
#define SUBSYSTEM_WINDOWS   2

struct image
{
    int fd;
    off_t header; /* of the "PE" signature */
    off_t size;   /* of the file */
};

static uint32_t read_number(int fd, off_t offset, size_t size)
{
    unsigned char bytes[4] = {0};

    if (pread(fd, bytes, size, offset) != (ssize_t)size) return 0;
    return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint16_t read_word(const struct image *image, off_t offset)
{
    return read_number(image->fd, image->header + offset, 2);
}

static uint32_t read_long(const struct image *image, off_t offset)
{
    return read_number(image->fd, image->header + offset, 4);
}

static bool has_text(int fd, off_t offset, const char *text, size_t length)
{
    char bytes[32];

    return pread(fd, bytes, length, offset) == (ssize_t)length && !memcmp(bytes, text, length);
}

/* Where in the file an address of the loaded image lies; 0 if nowhere. */
static off_t find_address(const struct image *image, uint32_t address)
{
    off_t section = OPTIONAL + read_word(image, FILE_OPTIONAL_SIZE);

    for (unsigned int count = read_word(image, FILE_SECTIONS); count; count--, section += SECTION_HEADER)
    {
        uint32_t start = read_long(image, section + SECTION_ADDRESS);
        uint32_t size = read_long(image, section + SECTION_FILE_SIZE);

        if (address >= start && address - start < size)
            return (off_t)read_long(image, section + SECTION_FILE_OFFSET) + (address - start);
    }
    return 0;
}

/* The flags of the CLR header, by *managed whether there is one. */
static uint32_t read_clr_flags(const struct image *image, bool *managed)
{
    off_t count = OPTIONAL + OPTIONAL_COUNT;
    uint32_t address;
    off_t clr;

    *managed = false;
    if (read_word(image, OPTIONAL) == OPTIONAL_PLUS) count += OPTIONAL_PLUS_SHIFT;
    if (read_long(image, count) <= DIRECTORY_CLR) return 0;
    address = read_long(image, count + 4 + DIRECTORY_CLR * 8);
    if (!address || !(clr = find_address(image, address))) return 0;
    *managed = true;
    return read_number(image->fd, clr + CLR_FLAGS, 4);
}

/* Whether a section ends within the file, as Wine's loader sees it: what goes beyond the memory, and the rest of the
 * last sector, need not be there. */
static bool has_section(const struct image *image, off_t section)
{
    off_t memory = read_long(image, section + SECTION_MEMORY_SIZE);
    off_t size = read_long(image, section + SECTION_FILE_SIZE);
    off_t offset = read_long(image, section + SECTION_FILE_OFFSET);
    off_t start = offset & ~(off_t)SECTOR_MASK;

    if (!offset || !size) return true;
    memory = ((memory ? memory : size) + PAGE_MASK) & ~(off_t)PAGE_MASK;
    size = (offset - start + size + SECTOR_MASK) & ~(off_t)SECTOR_MASK;
    if (size > memory) size = memory;
    return offset < image->size && start + size <= ((image->size + SECTOR_MASK) & ~(off_t)SECTOR_MASK);
}

/* Whether the file has all that its headers tell of. */
static bool is_complete(const struct image *image)
{
    uint16_t magic = read_word(image, OPTIONAL), count = read_word(image, FILE_SECTIONS);
    off_t section = OPTIONAL + read_word(image, FILE_OPTIONAL_SIZE);

    if (magic != OPTIONAL_BASIC && magic != OPTIONAL_PLUS) return false;
    if (image->header + section + (off_t)count * SECTION_HEADER > image->size) return false;
    /* Such a file is read as a whole. */
    if (read_long(image, OPTIONAL + OPTIONAL_ALIGNMENT) <= PAGE_MASK) return true;
    for (; count; count--, section += SECTION_HEADER)
        if (!has_section(image, section)) return false;
    return true;
}

static void read_windows_image(const struct image *image, struct pe_info *info)
{
    bool plus = read_word(image, OPTIONAL) == OPTIONAL_PLUS;
    uint32_t flags;

    info->kind = read_word(image, FILE_FLAGS) & FILE_FLAG_DLL ? PE_LIBRARY : PE_PROGRAM;
    if (info->kind == PE_PROGRAM && !is_complete(image))
    {
        info->kind = PE_DAMAGED;
        return;
    }
    flags = read_clr_flags(image, &info->managed);
    info->machine = read_word(image, FILE_MACHINE);
    info->windowed = read_word(image, OPTIONAL + OPTIONAL_SUBSYSTEM) == SUBSYSTEM_WINDOWS;
    info->any_cpu = info->managed && !plus && info->machine == PE_MACHINE_I386 &&
                    (flags & (CLR_IL_ONLY | CLR_32BIT_REQUIRED)) == CLR_IL_ONLY;
    info->builtin = has_text(image->fd, DOS_BUILTIN_MARK, "Wine builtin DLL", 16);
}

static void read_image(int fd, off_t size, struct pe_info *info)
{
    struct image image = {fd, 0, size};

    if (!has_text(fd, 0, "MZ", 2))
    {
        info->kind = PE_FOREIGN;
        return;
    }
    info->kind = PE_DOS;
    image.header = read_number(fd, DOS_NEW_HEADER, 4);
    if (has_text(fd, image.header, "NE", 2) || has_text(fd, image.header, "LE", 2))
        info->kind = PE_16_BIT;
    else if (has_text(fd, image.header, "PE\0", 4))
        read_windows_image(&image, info);
}

struct pe_info pe_inspect(const char *path)
{
    struct pe_info info = {.kind = PE_UNREADABLE};
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) return info;
    if (!fstat(fd, &status) && S_ISREG(status.st_mode))
        read_image(fd, status.st_size, &info);
    else
        errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    close(fd);
    return info;
}

const char *pe_machine_name(uint16_t machine)
{
    switch (machine)
    {
    case PE_MACHINE_I386:
        return "x86";
    case PE_MACHINE_AMD64:
        return "x86-64";
    case 0x01c0:
    case 0x01c2:
    case 0x01c4:
        return "ARM";
    case 0xaa64:
        return "ARM64";
    case 0x0200:
        return "Itanium";
    case 0x0166:
        return "MIPS";
    default:
        return "unknown";
    }
}
