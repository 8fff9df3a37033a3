# Running programs, beside plain Wine: sourced by test_command.sh. SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2317 # shared with test_command.sh; what a check does is called by its name

# $1: name, the rest: program and arguments. Both ways of running must give the same, except for the order of variables
# and the control group that the command passes on.
same_as_wine()
{
    local name=$1 status

    shift
    printf 'in\nput' | SHOW_EXIT=42 timeout 120 wine "$@" >"$work/wine.out" 2>"$work/wine.err"
    echo "status $?" >>"$work/wine.err"
    printf 'in\nput' | SHOW_EXIT=42 timeout 120 "$CLRMEM_COMMAND" run -- "$@" >"$work/ours.out" 2>"$work/ours.err"
    echo "status $?" >>"$work/ours.err"
    sort -o "$work/wine.out" "$work/wine.out"
    grep -v '^variable CLRMEM_CGROUP=' "$work/ours.out" | sort -o "$work/ours.out"
    check "$name: the program ran" grep -q '^line ' "$work/ours.out"
    check "$name: as under plain Wine, output" diff "$work/wine.out" "$work/ours.out"
    check "$name: as under plain Wine, errors and status" diff "$work/wine.err" "$work/ours.err"
}

check_same_as_wine()
{
    local right

    cp "$work/show.exe" "$work/spaced näme.exe"
    same_as_wine 'no arguments' "$work/show.exe"
    same_as_wine 'empty and spaced arguments' "$work/show.exe" '' ' ' 'a b' $'a\tb' ''
    # shellcheck disable=SC1003
    same_as_wine 'quotes and backslashes' "$work/show.exe" '"' 'a"b' 'a\' 'a b\' 'a b\\' '\\"' 'x\"y z' "'" '\\server\share\'
    same_as_wine 'other characters' "$work/show.exe" 'ünïcödé' '漢字😀' '%PATH%' $'new\nline' '*' '?' '&|<>^'
    same_as_wine 'options' "$work/show.exe" -- --stats --help -- -h --stats=x /exec
    same_as_wine 'windowed program' "$work/window.exe" a 'b c'
    same_as_wine 'a program that starts another' "$work/spawn.exe" "$(wine_path "$work/show.exe")" a 'b c'
    same_as_wine 'name with blanks' "$work/spaced näme.exe" a
    same_as_wine 'Windows path' "Z:${work//\//\\}\\show.exe" a
    cd "$work" || exit 1
    same_as_wine 'name in the current directory' show.exe a
    same_as_wine 'relative path' ../command/show.exe a
    cd - >/dev/null || exit 1
    mkdir "$work/home"
    ln -s "$WINEPREFIX" "$work/home/.wine"
    right=$WINEPREFIX
    unset WINEPREFIX
    HOME=$work/home same_as_wine 'the prefix in the home folder' "$work/show.exe" a
    export WINEPREFIX=$right
}

check_exit_status()
{
    local code

    for code in 0 1 42 255 259 -1073741819; do
        SHOW_EXIT=$code run "$CLRMEM_COMMAND" run "$work/show.exe"
        check "exit code $code" test "$status" = $((code & 255))
    done
    run "$CLRMEM_COMMAND" run "$work/window.exe"
    check 'exit code of a windowed program' test "$status" = 7
}

check_streams()
{
    head -c 1000000 /dev/urandom >"$work/random"
    timeout 120 "$CLRMEM_COMMAND" run "$work/show.exe" <"$work/random" >"$out" 2>"$err"
    tail -c 1000000 "$out" >"$out.tail"
    check 'a million bytes through standard input and output' cmp "$work/random" "$out.tail"
    # shellcheck disable=SC2002 # a pipe, not a file
    cat "$work/random" | timeout 120 "$CLRMEM_COMMAND" run "$work/show.exe" 2>"$err" | tail -c 1000000 >"$out.tail"
    check 'a million bytes through pipes' cmp "$work/random" "$out.tail"
    check 'standard error is its own' grep -qx 'to standard error' "$err"
    status=0
    SHOW_EXIT=42 timeout 120 "$CLRMEM_COMMAND" run "$work/show.exe" <&- >&- 2>&- || status=$?
    check 'closed streams' test "$status" = 42
}

check_statistics_option()
{
    local deep

    run "$CLRMEM_COMMAND" run --stats "$work/show.exe"
    check '--stats: standard error' grep -q '^variable CLRMEM_STATS=-' "$out"
    (cd "$work" && run "$CLRMEM_COMMAND" run --stats=s.txt "$work/show.exe")
    check '--stats=FILE: an absolute path' grep -q "^variable CLRMEM_STATS=$work/s.txt" "$out"
    deep=$work/$(printf 'folder-of-a-long-name/%.0s' {1..50})
    mkdir -p "$deep"
    run "$CLRMEM_COMMAND" run --stats="$deep/s.txt" "$work/show.exe"
    check '--stats=FILE: a long path' grep -q '^clrmem: no .NET runtime was started' "$deep/s.txt"
    ln -s "$deep" "$work/deep"
    run "$CLRMEM_COMMAND" run --stats="$work/deep/t.txt" "$work/show.exe"
    check '--stats=FILE: a link to a folder is followed' grep -q "^variable CLRMEM_STATS=${deep%/}/t.txt" "$out"
    CLRMEM_STATS=/kept run "$CLRMEM_COMMAND" run "$work/show.exe"
    check 'CLRMEM_STATS of the environment is kept' grep -q '^variable CLRMEM_STATS=/kept' "$out"
}

check_control_group()
{
    local groups

    groups=$(awk 'NR > 1 { printf "<000a>" } { printf "%s", $0 } END { print "<000a>" }' /proc/self/cgroup)
    CLRMEM_CGROUP=stale run "$CLRMEM_COMMAND" run "$work/show.exe"
    check 'the control group is passed on' grep -qxF "variable CLRMEM_CGROUP=$groups" "$out"
}

check_attached()
{
    local modules=$work/spoilt

    SHOW_SHIM=1 run "$CLRMEM_COMMAND" run "$work/show.exe"
    check 'the shim is attached' grep -q '^shim attached' "$out"
    SHOW_SHIM=1 run wine "$work/show.exe"
    check 'the shim is not attached by plain Wine' grep -q '^shim not attached' "$out"
    sed 's/KERNEL32\.dll/KERNELXX.dll/g' "$work/show.exe" >"$work/incomplete.exe"
    run "$CLRMEM_COMMAND" run "$work/incomplete.exe"
    check 'a program that cannot be initialised' refused_as 53 'could not be attached: the program ended'
    copy_modules spoilt >/dev/null
    cp "$WINEPREFIX/drive_c/windows/system32/version.dll" "$modules/x86_64-windows/clrmemshim.dll"
    CLRMEM_LIBDIR=$modules run "$CLRMEM_COMMAND" run "$work/show.exe"
    check 'a shim that does not report' refused_as 125 'shim .*could not be attached'
    printf 'no DLL' >"$modules/x86_64-windows/clrmemshim.dll"
    CLRMEM_LIBDIR=$modules run "$CLRMEM_COMMAND" run "$work/show.exe"
    check 'a shim that cannot be loaded' refused_as 125 'shim .*could not be attached'
}

# $1: name, $2: "attached" or "not attached", the rest: options and program; show.exe is the last of the programs.
child_is()
{
    local name=$1 wanted=$2

    shift 2
    SHOW_SHIM=1 SHOW_EXIT=42 run "$CLRMEM_COMMAND" run "$@"
    check "$name: exit code" ran_as 42 ''
    check "$name: $wanted" grep -qx "shim $wanted" "$out"
    check "$name: its handles" grep -qx 'through the pipe' "$out"
}

# ${1}: the suffix of the programs' architecture.
check_children()
{
    local spawn=$work/spawn$1.exe show=$work/show$1.exe

    child_is 'a child' attached "$spawn" "$show" a
    child_is 'a child, by option' attached --no-children --children "$spawn" "$show" a
    child_is 'a child without the shim' 'not attached' --no-children "$spawn" "$show"
    CLRMEM_CHILDREN=no child_is 'a child without the shim, by the environment' 'not attached' "$spawn" "$show"
    SPAWN_SUSPENDED=1 child_is 'a child created suspended' attached "$spawn" "$show"
    SPAWN_SUSPENDED=1 child_is 'a suspended child without the shim' 'not attached' --no-children "$spawn" "$show"
    child_is 'a grandchild' attached "$spawn" "$spawn" "$show"
    child_is 'a child of cmd.exe' attached "$spawn" cmd /c "$(wine_path "$show")"
    run "$CLRMEM_COMMAND" run --stats="$work/children.txt" "$spawn" "$show"
    check '--stats: a child without a runtime has no table' \
        diff "$work/children.txt" <(echo 'clrmem: no .NET runtime was started')
}

# Waits until a file grows, for ten seconds at most.
grows()
{
    local before

    before=$(stat -c %s "$1" 2>/dev/null || echo 0)
    for _ in {1..100}; do
        sleep 0.1
        [ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -gt "$before" ] && return 0
    done
    return 1
}

stays()
{
    local before

    sleep 0.5
    before=$(stat -c %s "$1")
    sleep 1
    [ "$(stat -c %s "$1")" = "$before" ]
}

# $1: signal, $2: the status it gives.
check_killed()
{
    local status=0 file=$work/linger-$1 child=$work/child-$1 process

    "$CLRMEM_COMMAND" run "$work/linger.exe" "$file" "$child" </dev/null >"$out" 2>"$err" &
    process=$!
    check "SIG$1: the program runs" grows "$file"
    check "SIG$1: its child runs" grows "$child"
    kill "-$1" "$process"
    wait "$process" 2>/dev/null || status=$?
    check "SIG$1 to the command: status" test "$status" = "$2"
    check "SIG$1 to the command ends the program" stays "$file"
    check "SIG$1: what the program started lives on, as under plain Wine" grows "$child"
    touch "$child.stop"
}

check_run()
{
    content_of >"$work/content.before"
    check_same_as_wine
    check_exit_status
    check_streams
    check_statistics_option
    check_control_group
    check_attached
    check_children ''
    check_killed TERM 143
    check_killed KILL 137
    content_of >"$work/content.after"
    check 'running changes nothing in the prefix' diff "$work/content.before" "$work/content.after"
}
