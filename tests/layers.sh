#!/usr/bin/env bash
# What may depend on what: each room includes only what stands above it, and no two files call each other in a circle.
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2317 # check_none calls functions by name
set -u
cd "$CLRMEM_SOURCE" || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
mkdir -p "$CLRMEM_TEST_DIR"
log=$CLRMEM_TEST_DIR/layers.log

# A room, and the rooms that it may include beside itself. docs/design.md says what lives in each.
rooms='
include
libs/hostmem/base
libs/hostmem/account libs/hostmem/base
libs/hostmem/region  libs/hostmem/base libs/hostmem/account
libs/hostmem/heap    libs/hostmem/base libs/hostmem/account libs/hostmem/region
libs/hostmem/api     libs/hostmem/base libs/hostmem/account libs/hostmem/region libs/hostmem/heap
libs/ownership       libs/hostmem/base
libs/memprobe
libs/ntmem           libs/hostmem/base
libs/winedbg
dlls/clrmem          include libs/hostmem/api libs/memprobe libs/ntmem
dlls/clrmemshim      include libs/ownership libs/ntmem
programs/clrmem      include
'

# The lines "FILE INCLUDED" of the sources in folder $1: only files of this project, by their path from the top.
includes()
{
    local file included folder

    while IFS=: read -r file included; do
        for folder in "${file%/*}" libs include .; do
            [ -e "$folder/$included" ] || continue
            printf '%s %s\n' "$file" "${folder#.}${folder:+/}$included" | sed 's| \./| |'
            break
        done
    done < <(grep -ho '^#include "[^"]*"' -r "$1" --include='*.[ch]' --with-filename | sed 's/:#include "/:/; s/"$//')
}

# The includes that the table does not allow.
trespasses()
{
    local room allowed file included

    while read -r room allowed; do
        [ -n "$room" ] || continue
        while read -r file included; do
            [[ " $room $allowed " == *" ${included%/*} "* ]] || echo "$file includes $included"
        done < <(includes "$room")
    done <<<"$rooms"
}

# Rooms that the table does not know.
unknown_rooms()
{
    local folder

    while read -r folder; do
        grep -qE "^$folder( |\$)" <<<"$rooms" || echo "$folder is in no line of the table"
    done < <(find include libs dlls programs -name '*.[ch]' -printf '%h\n' | sort -u)
}

# "CALLER CALLEE" for every pair of the object files $2…, by the symbols that nm ($1) shows.
calls()
{
    local nm=$1

    shift
    "$nm" --print-file-name "$@" 2>/dev/null | awk '
        { split($0, part, ":"); file = part[1]; type = $(NF - 1); name = $NF }
        type == "U" { wanted[file, name] = 1; next }
        type ~ /^[TDBRCV]$/ { defined[name] = file }
        END { for (key in wanted) {
                  split(key, of, SUBSEP)
                  if (of[2] in defined && defined[of[2]] != of[1]) print of[1], defined[of[2]] } }'
}

# The circles among the files of a module. tsort names the files of each on its standard error stream.
circles()
{
    calls "$@" | LC_ALL=C tsort 2>&1 >/dev/null | grep -v 'contains a loop' | sort -u
}

check_none()
{
    local name=$1

    shift
    "$@" >"$log" 2>&1
    if [ -s "$log" ]; then tap_not_ok "$name" "$log"; else tap_ok "$name"; fi
}

check_none 'every folder is a room of the table' unknown_rooms
check_none 'each room includes only what it may' trespasses

# A check that finds nothing in a circle made for it would find none anywhere.
circle=$CLRMEM_TEST_DIR/circle
mkdir -p "$circle"
echo 'int b(void); int a(void) { return b(); }' >"$circle/a.c"
echo 'int a(void); int b(void) { return a(); }' >"$circle/b.c"
(cd "$circle" && "$MINGW64_CC" -c a.c b.c) || echo 'Bail out! no compiler'
if [ -n "$(circles "${MINGW64_CC%gcc}nm" "$circle/a.o" "$circle/b.o")" ]; then
    tap_ok 'two files that call each other are found'
else
    tap_not_ok 'two files that call each other are not found' "$log"
fi

# The objects below folder $1 of which the source is still there.
objects_of()
{
    local object source

    while read -r object; do
        source=${object#"$CLRMEM_BUILD/"}
        source=${source#x86_64-windows/}
        source=${source%.o}.c
        [ -e "$source" ] || [ -e "${source/\/clrmem-//}" ] && echo "$object"
    done < <(find "$1" -name '*.o' ! -name '*.test.o' | sort)
}

for module in libs dlls/clrmem dlls/clrmemshim programs/clrmem; do
    mapfile -t objects < <(objects_of "$CLRMEM_BUILD/x86_64-windows/$module")
    check_none "no circle of files in $module (${#objects[@]} Windows objects)" \
        circles "${MINGW64_CC%gcc}nm" "${objects[@]}"
done
mapfile -t objects < <(objects_of "$CLRMEM_BUILD/programs/clrmem")
check_none "no circle of files in programs/clrmem (${#objects[@]} objects)" circles nm "${objects[@]}"
tap_end
