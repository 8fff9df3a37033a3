# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The package sources that this machine's apt is configured for, copied for a private apt. Sourced after common.sh.

# Print the codename of the machine's own release.
own_release()
{
    # shellcheck disable=SC1091 # the machine's own description of itself
    (. /etc/os-release && printf '%s\n' "${VERSION_CODENAME:-}")
}

# Write every configured package source into a file of its own below $1: those that look like Debian's own into
# $1/debian, all others into $1/other. $2: what to get from them, 'deb' or 'deb-src'; $3: the release, whose name takes
# the place of the machine's own.
copy_sources()
{
    local into=$1 kind=$2 release=$3 list='' parts='' file n=0

    mkdir -p "$into/debian" "$into/other"
    eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
    for file in "$list" "${parts%/}"/*.list; do
        [ -f "$file" ] || continue
        n=$((n + 1))
        convert_list "$file" "$n"
    done
    for file in "${parts%/}"/*.sources; do
        [ -f "$file" ] || continue
        n=$((n + 1))
        convert_deb822 "$file" "$n"
    done
    [ "$n" -gt 0 ] || die "no package sources are configured on this machine: see sources.list(5)"
}

# The part of the awk programs below that tells Debian's own sources by their key or by the path of the archive, and
# renames the release. A release may stand for itself, or before '-updates' or '/updates'.
sources_awk='
function place(text, name) {
    debian = text ~ /debian-archive|\/debian(-security)?\/?([ \t\n]|$)|\/archive\/debian(-security)?\//
    return into "/" (debian ? "debian" : "other") "/" name
}
function renamed(word) {
    if (own != release && match(word, /^[a-z]+/) && substr(word, 1, RLENGTH) ~ ("^(" own "|stable|oldstable)$"))
        return release substr(word, RLENGTH + 1)
    return word
}'

# Run awk on sources: the variables of copy_sources are its own. $1: a number for the names; the rest: awk's arguments.
sources_awk()
{
    local n=$1

    shift
    awk -v into="$into" -v kind="$kind" -v release="$release" -v own="$(own_release)" -v n="$n" "$@"
}

# Convert a file of one-line sources. $1: the file, $2: a number for the names.
convert_list()
{
    sources_awk "$2" "$sources_awk"'
        $1 !~ /^deb(-src)?$/ || /cdrom:/ { next }
        {
            sub(/[ \t]*#.*/, "")
            sub(/^[ \t]*deb(-src)?/, kind)
            line = kind
            for (i = 2; i <= NF; i++) line = line " " renamed($i)
            if (seen[line]++) next
            file = place(line, n "-" ++count ".list")
            print line > file
            close(file)
        }' "$1"
}

# Convert a file of deb822 paragraphs, of which one may hold a whole key. The arguments are those of convert_list.
convert_deb822()
{
    awk '!/^#/ { sub(/^[ \t]+$/, ""); print }' "$1" |
        sources_awk "$2" -v RS= "$sources_awk"'
            {
                lines = split($0, line, "\n")
                text = ""
                for (i = 1; i <= lines; i++) {
                    if (tolower(line[i]) ~ /^types:/) line[i] = "Types: " kind
                    if (tolower(line[i]) ~ /^suites:/) {
                        words = split(line[i], word, /[ \t]+/)
                        line[i] = word[1]
                        for (w = 2; w <= words; w++) line[i] = line[i] " " renamed(word[w])
                    }
                    text = text line[i] "\n"
                }
                if (text ~ /cdrom:/ || seen[text]++) next
                file = place(text, n "-" ++count ".sources")
                printf "%s", text > file
                close(file)
            }'
}
