/*
 * Reading Wine's registry files, system.reg and user.reg.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#ifndef CLRMEM_REGISTRY_H
#define CLRMEM_REGISTRY_H

/*
 * The text of a string value (REG_SZ or REG_EXPAND_SZ), UTF-8.
 *
 * file: path of the registry file. key: without the root, its parts separated by single backslashes, ASCII in any case.
 * name: of the value, ASCII in any case; NULL for the key's default value.
 * Returns a new string; NULL if there is no such key or string value, or the file cannot be read. What a running Wine
 * has not written yet is not seen.
 */
char *registry_value(const char *file, const char *key, const char *name);

#endif
