#!/usr/bin/env bash
# The messages about a manager's options, and the documents that are made from their list. SPDX-License-Identifier: LGPL-2.1-or-later
set -u
# shellcheck source=tests/tap.sh
. "$CLRMEM_SOURCE/tests/tap.sh"
# shellcheck source=tests/prefix.sh
. "$CLRMEM_SOURCE/tests/prefix.sh"

test_prefix options
out=$CLRMEM_TEST_DIR/options.log
program=$CLRMEM_BUILD/x86_64-windows/tests/clrmem_test.exe
cp "$CLRMEM_BUILD/x86_64-windows/clrmem.dll" "$WINEPREFIX/drive_c/windows/system32/"
key='HKCU\Software\Wine\clrmem'
program_key='HKCU\Software\Wine\AppDefaults\clrmem_test.exe\clrmem'

# Makes one manager, with these assignments in the environment; its messages go to $out.
create()
{
    env "$@" WINEDEBUG="${debug-+clrmem}" timeout 120 wine "$program" options create >"$out" 2>&1 </dev/null
    grep -Eaq ':options: [0-9]+ tests executed .* 0 failures\)' "$out" || {
        sed 's/^/# /' "$out"
        echo 'Bail out! no manager could be made'
        exit 1
    }
}

set_registry()
{
    WINEDEBUG=-all timeout 60 wine reg add "$1" /v "$2" /t "$3" /d "$4" /f >"$out" 2>&1 </dev/null ||
        tap_not_ok "reg add $1 $2" "$out"
}

# $1: what it is about, $2: a text that a line must end with, from the name of the option on.
said()
{
    if tr -d '\r' <"$out" | sed -E 's/^[0-9a-f]+:([a-z]+):clrmem:[a-z_]+ /\1: /' | grep -axF -- "$2" >/dev/null; then
        tap_ok "$1"
    else
        tap_not_ok "$1: not said: $2" "$out"
    fi
}

# --- the effective configuration -----------------------------------------------------------------------------------
create
said 'nothing set' 'trace: effective configuration: all defaults'
while read -r name _ _; do
    tap_matches "nothing set: $name" "$out" "trace:clrmem:[a-z_]+ $name = [^ ]+ \\(default\\)"
done < <(option_table)

set_registry "$key" Limit REG_SZ 4G
set_registry "$key" TaskWait REG_DWORD 20
set_registry "$program_key" Limit REG_SZ 2G
set_registry "$program_key" Leaks REG_SZ yes
create CLRMEM_CONFIG='limit=1G;softlimit=75%;psi=no' CLRMEM_LIMIT=512M CLRMEM_LOCKWAIT=forever
said 'every source: in short' \
    'trace: effective configuration: limit=512M;softlimit=384M;taskwait=20;lockwait=forever;psi=no;leaks=yes'
said 'every source: the environment' 'trace: limit = 512M (CLRMEM_LIMIT)'
said 'every source: CLRMEM_CONFIG' 'trace: softlimit = 384M (CLRMEM_CONFIG)'
said 'every source: the registry' "trace: taskwait = 20 ($key\\TaskWait)"
said 'every source: AppDefaults' "trace: leaks = yes ($program_key\\Leaks)"
said 'every source: the default' 'trace: interval = 500 (default)'

# --- mistakes, without traces --------------------------------------------------------------------------------------
debug=
size='bytes from 4K on, also with K, M, G or T; or up to 100%; or none'
create CLRMEM_LIMIT=512M CLRMEM_SOFTLIMIT=none
if grep -aq clrmem: "$out"; then tap_not_ok 'no mistake, no message' "$out"; else tap_ok 'no mistake, no message'; fi

create CLRMEM_CONFIG='limit=none;processreserve=16777215T;appdomainreserve=16777215T'
if grep -aq clrmem: "$out"; then tap_not_ok 'reserves of no limit' "$out"; else tap_ok 'reserves of no limit'; fi

create CLRMEM_LIMIT=12Q CLRMEM_INTERVAL=5 CLRMEM_PSI=maybe CLRMEM_TASKWAIT= CLRMEM_SOFTLIMIT=99999999999999999999 \
    CLRMEM_PROCESSRESERVE=-1
said 'garbage' "err: option limit: CLRMEM_LIMIT has \"12Q\", expected $size; ignored"
said 'garbage: what counts instead' "err: option limit: using 2G ($program_key\\Limit)"
said 'out of range' 'err: option interval: CLRMEM_INTERVAL has "5", expected milliseconds from 10 to 60000; ignored'
said 'out of range: what counts instead' 'err: option interval: using 500 (default)'
said 'no flag' 'err: option psi: CLRMEM_PSI has "maybe", expected yes or no; ignored'
said 'empty' \
    'err: option taskwait: CLRMEM_TASKWAIT has "", expected milliseconds from 0 to 4294967294; or forever; ignored'
said 'overflow' \
    "err: option softlimit: CLRMEM_SOFTLIMIT has \"99999999999999999999\", expected $size; or auto; ignored"
reserve='bytes from 0 on, also with K, M, G or T; or up to 100%; or auto'
said 'negative' "err: option processreserve: CLRMEM_PROCESSRESERVE has \"-1\", expected $reserve; ignored"

create CLRMEM_CONFIG='limit;nonesuch=1;softlimit=x;limit=1G'
said 'CLRMEM_CONFIG: no value' 'err: CLRMEM_CONFIG: "limit" is not OPTION=VALUE; ignored'
said 'CLRMEM_CONFIG: no such option' 'err: CLRMEM_CONFIG: unknown option "nonesuch"; ignored'
said 'CLRMEM_CONFIG: garbage' "err: option softlimit: CLRMEM_CONFIG has \"x\", expected $size; or auto; ignored"

create CLRMEM_LIMIT=10M CLRMEM_SOFTLIMIT=20M CLRMEM_CONFIG='appdomainreserve=8M;processreserve=4M'
limit='option limit, 10M (CLRMEM_LIMIT)'
said 'a soft limit above the limit' \
    "err: option softlimit: 20M (CLRMEM_SOFTLIMIT) does not fit below $limit; lowered to 10M"
said 'reserves above the limit' \
    "err: option appdomainreserve: 8M (CLRMEM_CONFIG) does not fit below $limit; lowered to 6M"

set_registry "$program_key" Limit REG_SZ lots
set_registry "$key" Limit REG_BINARY 00
set_registry "$key" Limt REG_SZ 1M
create
said 'the registry: garbage' "err: option limit: $program_key\\Limit has \"lots\", expected $size; ignored"
said 'the registry: a type' \
    "err: option limit: $key\\Limit has \"(neither REG_SZ nor REG_DWORD)\", expected $size; ignored"
said 'the registry: no such option' "err: $key: unknown option \"Limt\"; ignored"
said 'the registry: what counts instead' 'err: option limit: using none (default)'

# --- the documents ---------------------------------------------------------------------------------------------------
# A call of the list's generator would agree with itself: these lines are read from the documents as a user reads them.
documents=$CLRMEM_BUILD/docs
"$CLRMEM_COMMAND" --help >"$CLRMEM_TEST_DIR/options-help.txt"
count=0
while read -r name variable value standard; do
    count=$((count + 1))
    tap_matches "options.md: $name, a row" "$documents/options.md" "^\\| \\[\`$name\`\\]\\(#$name\\) \\| $standard \\| .* \\|\$"
    tap_matches "options.md: $name, its names" "$documents/options.md" "^- Variable: \`$variable\`; registry value: \`$value\`\$"
    tap_matches "clrmem.1: $name" "$CLRMEM_BUILD/programs/clrmem/clrmem.1" "^\.BR $variable \" \(\" $name \)\$"
    tap_matches "clrmem --help: $name" "$CLRMEM_TEST_DIR/options-help.txt" "^  $variable=$standard\$"
done < <(option_table)
entries=$(grep -c '^### ' "$documents/options.md")
if [ "$count" = "$entries" ] && [ "$count" -gt 17 ]; then
    tap_ok "all $count options"
else
    tap_not_ok "$count options read from the list, $entries in options.md"
fi

# The example file can be imported: as it is it sets nothing, and without its semicolons every option to its default.
import_registry()
{
    WINEDEBUG=-all timeout 60 wine reg delete "$key" /f >/dev/null 2>&1 </dev/null
    WINEDEBUG=-all timeout 60 wine reg delete "$program_key" /f >/dev/null 2>&1 </dev/null
    WINEDEBUG=-all timeout 60 wine regedit "Z:${1//\//\\}" >"$out" 2>&1 </dev/null ||
        tap_not_ok "wine regedit $1" "$out"
}

example=$CLRMEM_TEST_DIR/options-example.reg
import_registry "$documents/clrmem-options.reg"
debug=+clrmem
create
said 'the example file as it is' 'trace: effective configuration: all defaults'
sed 's/^;"/"/' "$documents/clrmem-options.reg" >"$example"
import_registry "$example"
create
while read -r name _ value _; do
    tap_matches "the example file sets $name" "$out" \
        "trace:clrmem:[a-z_]+ $name = [^ ]+ \\(HKCU.Software.Wine.clrmem.$value\\)"
done < <(option_table)
if grep -aq 'err:clrmem' "$out"; then tap_not_ok 'the example file: errors' "$out"; else tap_ok 'the example file: no error'; fi
tap_end
