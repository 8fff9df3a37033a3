#!/usr/bin/env bash
# What is said about a manager's options, and that README.md has them all. SPDX-License-Identifier: LGPL-2.1-or-later
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

# The options as the table in the sources has them: name, registry value, default; a line each.
table()
{
    tr -d '\n' <"$CLRMEM_SOURCE/dlls/clrmem/optiontable.c" | grep -oE '\[OPTION_[A-Z_]+\] = \{[^}]*\}' |
        sed -E 's/.*\{"([^"]*)", *"([^"]*)", *OPTION_[A-Z_]+, *"([^"]*)",.*/\1 \2 \3/'
}

# What the caller has set is no part of the test.
while read -r name _ _; do unset "CLRMEM_${name^^}"; done < <(table)
unset CLRMEM_CONFIG

# Makes one manager, with these assignments in the environment; what it says goes to $out.
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
done < <(table)

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
said 'CLRMEM_CONFIG: no value' 'err: CLRMEM_CONFIG has "limit", which is not OPTION=VALUE; ignored'
said 'CLRMEM_CONFIG: no such option' 'err: CLRMEM_CONFIG sets "nonesuch", but no option is called that; ignored'
said 'CLRMEM_CONFIG: garbage' "err: option softlimit: CLRMEM_CONFIG has \"x\", expected $size; or auto; ignored"

create CLRMEM_LIMIT=10M CLRMEM_SOFTLIMIT=20M CLRMEM_CONFIG='appdomainreserve=8M;processreserve=4M'
limit='option limit, 10M (CLRMEM_LIMIT)'
said 'a soft limit above the limit' \
    "err: option softlimit: 20M (CLRMEM_SOFTLIMIT) is more than $limit, leaves; lowered to 10M"
said 'reserves above the limit' \
    "err: option appdomainreserve: 8M (CLRMEM_CONFIG) is more than $limit, leaves; lowered to 6M"

set_registry "$program_key" Limit REG_SZ lots
set_registry "$key" Limit REG_BINARY 00
set_registry "$key" Limt REG_SZ 1M
create
said 'the registry: garbage' "err: option limit: $program_key\\Limit has \"lots\", expected $size; ignored"
said 'the registry: a type' \
    "err: option limit: $key\\Limit has \"(neither REG_SZ nor REG_DWORD)\", expected $size; ignored"
said 'the registry: no such option' "err: $key has a value \"Limt\", but no option is called that; ignored"
said 'the registry: what counts instead' 'err: option limit: using none (default)'

# --- README.md -----------------------------------------------------------------------------------------------------
count=0
while read -r name value standard; do
    count=$((count + 1))
    row="| \`$name\` | \`CLRMEM_${name^^}\` | \`$value\` | $standard |"
    if grep -qF -- "$row" "$CLRMEM_SOURCE/README.md"; then
        tap_ok "README: $name"
    else
        tap_not_ok "README: no line with: $row"
    fi
done < <(table)
# As many as the table has entries, and no option that is gone.
entries=$(grep -cE '^    \[OPTION_' "$CLRMEM_SOURCE/dlls/clrmem/optiontable.c")
# shellcheck disable=SC2016 # the backquotes are the document's
rows=$(sed -n '/^## Configuration/,/^## /p' "$CLRMEM_SOURCE/README.md" | grep -cE '^\| `[a-z]+` \| `CLRMEM_')
if [ "$count" = "$entries" ] && [ "$count" = "$rows" ] && [ "$count" -gt 0 ]; then
    tap_ok "README: all $count options"
else
    tap_not_ok "README: $entries entries in optiontable.c, $count of them read, $rows lines in README.md"
fi
tap_end
