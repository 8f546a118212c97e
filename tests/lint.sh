#!/bin/sh
# What no off-the-shelf tool checks: headers that compile alone, functions of at most 60 lines,
# and calls the project does without.
#
#     lint.sh SOURCE... -- HEADER...
set -u

for tool in ctags "${CC:=cc}"; do
    command -v "$tool" >/dev/null || { echo "lint: needs $tool" >&2; exit 1; }
done

failed=0
complain() {
    echo "lint: $1" >&2
    failed=1
}

sources=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    sources="$sources $1"
    shift
done
[ $# -gt 0 ] && shift

for header in "$@"; do
    printf '#include "%s"\n' "$header" |
        $CC -std=c11 -D_POSIX_C_SOURCE=200809L -I. -Iinclude -Wall -Wextra -Werror \
            -fsyntax-only -x c - || complain "$header does not compile alone"
done

# ctags prints a function's first line and its last one.
long=$(ctags -x --c-kinds=f --_xformat='%N %F %n %e' $sources |
    awk '$4 - $3 >= 60 { printf "%s:%s: %s has %d lines, allowed are 60\n", $2, $3, $1, $4 - $3 + 1 }')
[ -z "$long" ] || complain "$long"

# The code without its comments, each line behind its file. The compiler runs once for all files,
# which line markers tell apart: to start it for each took half of the time of this script.
strip_comments() {
    for source in "$@"; do
        printf '# 1 "%s"\n' "$source"
        cat "$source"
        echo
    done | $CC -fpreprocessed -dD -E - 2>/dev/null |
        awk '/^# [0-9]+ "/ { split($0, part, "\""); file = part[2] } !/^#/ { print file ": " $0 }'
}

calls='strcpy|strcat|sprintf|atoi|strtok|alloca|signal|gettimeofday|usleep'
banned=$(strip_comments $sources | grep -E "[^[:alnum:]_]($calls) *\(")
[ -z "$banned" ] || complain "calls to do without: $banned"

exit $failed
