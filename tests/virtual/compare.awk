# Two runs' checks held against each other and against the list of differences.
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# -v program=NAME -v wine=VERSION -f compare.awk phase=list LIST phase=plain CHECKS phase=diff DIFF
#
# CHECKS: the plain run's, a line each: FUNCTION, LINE, RESULT, TEXT, separated by tabs. DIFF: what diff printed of
# these and the routed run's. Prints a line for each function, "FUNCTION CHECKS LISTED VARYING WRONG", then a line for
# each thing that is wrong, which starts with a space.
BEGIN { FS = "\t" }

phase == "list" && (/^#/ || /^$/) { next }
phase == "list" { read_listed(); next }
phase == "plain" { count_check($1, $4); next }
/^[<>] / { read_difference(substr($1, 1, 1), substr($1, 3), $3, $4) }

END {
    judge_differences()
    judge_varying()
    for (i = 1; i <= functions; i++)
        printf "%s %d %d %d %d\n", order[i], checks[order[i]], listed[order[i]], varying[order[i]], wrong[order[i]]
    printf "%s", complaints
}

# A line of the list: PROGRAM | FUNCTION | TEXT | PLAIN -> ROUTED | TIMES | REASON, or PROGRAM | FUNCTION | TEXT |
# varies | - | REASON. TEXT is C, and may have bars of its own.
function read_listed(    count, field, i, key, result)
{
    count = split($0, field, / \| +/)
    if (count < 6) { complain("list", "less than six fields: " $0); return }
    if (!is_meant(field[1])) return
    key = field[2] "\t" field[3]
    for (i = 4; i <= count - 3; i++) key = key " | " field[i]
    if (field[count - 2] == "varies") { varies[key] = 1; return }
    if (split(field[count - 2], result, / -> /) != 2) { complain("list", "no two results: " $0); return }
    if (result[1] != "none") expected["plain\t" key "\t" result[1]] += field[count - 1]
    if (result[2] != "none") expected["routed\t" key "\t" result[2]] += field[count - 1]
    listed[field[2]] += field[count - 1]
}

# Whether the first field means this program on this Wine.
function is_meant(name,    part)
{
    split(name, part, "@")
    return part[1] == program && (part[2] == "" || index(wine, part[2]))
}

function meet(name)
{
    if (name in checks) return
    order[++functions] = name
    checks[name] = 0
}

function count_check(name, text)
{
    meet(name)
    met[name "\t" text] = 1
    if ((name "\t" text) in varies) varying[name]++
    else checks[name]++
}

function read_difference(side, name, result, text)
{
    meet(name)
    met[name "\t" text] = 1
    if ((name "\t" text) in varies) return
    found[(side == "<" ? "plain" : "routed") "\t" name "\t" text "\t" result]++
}

function complain(name, what)
{
    meet(name)
    wrong[name]++
    complaints = complaints " " name ": " what "\n"
}

function judge_differences(    what, part)
{
    for (what in found) if (!(what in expected)) expected[what] = 0
    for (what in expected) {
        split(what, part, "\t")
        if (found[what] + 0 == expected[what]) continue
        complain(part[2], sprintf("%s: %s %d times, %d listed: %s",
                                  part[1], part[4], found[what], expected[what], part[3]))
    }
}

function judge_varying(    key, part)
{
    for (key in varies) {
        if (key in met) continue
        split(key, part, "\t")
        complain(part[1], "listed as varying, but no such check: " part[2])
    }
}
