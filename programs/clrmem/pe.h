/*
 * What a Windows program's headers tell.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_PE_H
#define CLRMEM_PE_H

#include <stdbool.h>
#include <stdint.h>

#define PE_MACHINE_I386  0x014c
#define PE_MACHINE_AMD64 0x8664

enum pe_kind
{
    PE_UNREADABLE, /* errno tells why */
    PE_FOREIGN,    /* no Windows or DOS file at all */
    PE_DOS,        /* a DOS program, or damaged after its DOS header */
    PE_16_BIT,     /* for 16-bit Windows or OS/2 */
    PE_LIBRARY,    /* a DLL */
    PE_DAMAGED,    /* a program that ends before what its headers tell of */
    PE_PROGRAM,
};

/* All but kind is 0 unless kind is PE_LIBRARY or PE_PROGRAM. */
struct pe_info
{
    enum pe_kind kind;
    uint16_t machine;
    bool windowed; /* of the GUI subsystem */
    bool managed;  /* has a CLR header */
    bool any_cpu;  /* only managed code in a 32-bit file that does not ask for a 32-bit process */
    bool builtin;  /* one of Wine's own */
};

/* Reads the headers of a file. Never fails otherwise than by kind. */
struct pe_info pe_inspect(const char *path);

/* The name of a machine, as "ARM64"; "unknown" for one that is not known. */
const char *pe_machine_name(uint16_t machine);

#endif
