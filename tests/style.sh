#!/usr/bin/env bash
# The sources are as clang-format and shellcheck want them. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
cd "$CLRMEM_SOURCE" || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
mkdir -p "$CLRMEM_TEST_DIR"

mapfile -t c_files < <(find dlls include libs programs tests bench -name '*.[ch]' | sort)
mapfile -t scripts < <({
    grep -rlIE '^#!.*(bash|/sh)$' quickstart autogen.sh .ci tools tests bench programs
    grep -rlI '^# shellcheck shell=' tools tests bench
} 2>/dev/null | sort -u)

tap_run "clang-format of ${#c_files[@]} files" "$CLRMEM_TEST_DIR/style-c.log" \
    "$CLANG_FORMAT" --dry-run -Werror "${c_files[@]}"
tap_run "shellcheck of ${#scripts[@]} scripts" "$CLRMEM_TEST_DIR/style-sh.log" \
    "$SHELLCHECK" --external-sources "${scripts[@]}"
tap_end
