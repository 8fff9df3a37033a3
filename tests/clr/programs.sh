#!/usr/bin/env bash
# Programs of Mono's own source package give the same under `clrmem run` as on stock Wine: what they print, their exit
# status and the files that they write. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"

runtime=$("$CLRMEM_SOURCE/tools/runtime") || { echo 'Bail out! no .NET runtime'; exit 1; }
programs=$("$CLRMEM_SOURCE/tools/class-library")/programs || { echo 'Bail out! no programs'; exit 1; }
test_prefix programs "$runtime"
export WINEDEBUG=-all
dir=$CLRMEM_TEST_DIR/programs-out
rm -rf "$dir"
mkdir -p "$dir/stock" "$dir/clrmem"

repeated=0

# Runs a program. $1: stock or clrmem, $2: the test's name, $3: the directory that it runs in; the rest: the program. What
# it prints and its exit status are then in NAME.stock or NAME.clrmem, its errors, with Wine's, beside it. Wine kills the
# threads of a process that ends, and fails itself at times where one was in an exchange with its server: the program is
# run once more then, and that is counted.
run_program()
{
    run_once "$@"
    grep -Eq 'wine client error|server_get_unix_fd' "$dir/$2.$1.errors" || return 0
    repeated=$((repeated + 1))
    run_once "$@"
}

run_once()
{
    local way=$1 name=$2 where=$3 status=0
    local -a command=(wine)

    shift 3
    [ "$way" = stock ] || command=("$CLRMEM_COMMAND" run)
    env -C "$where" timeout -k 5 100 "${command[@]}" "$@" \
        >"$dir/$name.$way" 2>"$dir/$name.$way.errors" </dev/null || status=$?
    echo "status $status" >>"$dir/$name.$way"
}

# Compares the files that a program wrote, if it wrote any: both ways of running have a directory, as compilers put a
# file's name into it. $1: the test's name.
cmp_written()
{
    [ ! -f "$dir/stock/$1.out" ] || cmp "$dir/stock/$1.out" "$dir/clrmem/$1.out"
}

# Of these, each run prints other times.
timed='^benchmark-(ctor-bench|life|valuetype-hash-equals)$'

# Runs a program both ways and compares. $1: the test's name, $2: what a line of the output must match; the rest: as for
# run_once from the directory on, with @OUT for the name of a file to write.
compare()
{
    local name=$1 pattern=$2 where=$3 way

    shift 3
    for way in stock clrmem; do
        run_program "$way" "$name" "$where" "${@//@OUT/Z:${dir//\//\\}\\$way\\$name.out}"
        if [[ $name =~ $timed ]]; then sed -i '/^status/!s/[0-9][0-9]*/N/g' "$dir/$name.$way"; fi
    done
    if ! grep -Eq -- "$pattern" "$dir/$name.stock"; then
        tap_not_ok "$name on stock Wine: nothing matches /$pattern/" "$dir/$name.stock"
    elif ! diff "$dir/$name.stock" "$dir/$name.clrmem" >"$dir/$name.diff" ||
        ! cmp_written "$name" >>"$dir/$name.diff"; then
        tap_not_ok "$name differs from stock Wine" "$dir/$name.diff"
    else
        tap_ok "$name"
    fi
}

xml=Z:${runtime//\//\\}\\lib\\mono\\4.5\\System.Xml.dll
compare mcs '^status 0' "$programs/source/mcs/class/corlib" "$programs/mcs.exe" @mscorlib.rsp -out:@OUT
compare ikdasm '^status 0' "$dir" "$programs/ikdasm.exe" -out:@OUT "$xml"
for type in System.Xml.XmlDocument System.Xml.Serialization.XmlSerializer System.Xml.Schema.XmlSchemaSet; do
    compare "monop-$type" "class ${type##*.}" "$dir" "$programs/monop.exe" -r:"$xml" "$type"
done
# Each ends with status 0 where it finds nothing wrong.
for program in "$programs"/benchmark/*.exe "$programs"/tests/*.exe; do
    name=${program#"$programs/"}
    name=${name%.exe}
    compare "${name//\//-}" '^status 0' "$dir" "$program"
done

# They would be the same without clrmem, too.
: >"$dir/stats"
"$CLRMEM_COMMAND" run --stats="$dir/stats" "$programs/ikdasm.exe" -out:"Z:${dir//\//\\}\\served.out" "$xml" \
    >"$dir/served" 2>&1 </dev/null
tap_matches 'under clrmem the memory of ikdasm came from its manager' "$dir/stats" '^VirtualAlloc +[1-9][0-9]+ '
echo "# figure: runs of Mono's programs repeated as Wine itself failed at their end: $repeated"
tap_end
