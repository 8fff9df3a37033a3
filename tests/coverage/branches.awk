# From `gcov --stdout --branch-probabilities --branch-counts` of several objects to the branches of each source:
# "PATH TAKEN TOTAL" lines. A header's branch is taken if it is in any object that includes it. missing: a file that
# gets a line for each branch never taken. part: what a path must contain, and is printed without what precedes it.
# SPDX-License-Identifier: LGPL-2.1-or-later
/^ *-: *0:Source:/ {
    path = substr($0, index($0, ":Source:") + 8)
    at = index(path, part)
    counted = at > 0
    path = substr(path, at)
    if (counted) taken[path] += 0
    next
}
!counted { next }
/^ *[-#=0-9]+\*?: *[0-9]+:/ {
    split($0, field, ":")
    line = field[2] + 0
    text[path, line] = substr($0, length(field[1] ":" field[2] ":") + 1)
    next
}
/^branch / {
    branch = path SUBSEP line SUBSEP $2
    if (!(branch in seen)) { seen[branch] = 0; order[++count] = branch }
    if ($3 == "taken") seen[branch] += $4
}
END {
    for (i = 1; i <= count; i++) {
        split(order[i], place, SUBSEP)
        total[place[1]]++
        if (seen[order[i]])
            taken[place[1]]++
        else
            printf "%s:%d: branch %d: %s\n", place[1], place[2], place[3], text[place[1], place[2]] >missing
    }
    for (path in taken) print path, taken[path], total[path] + 0
}
