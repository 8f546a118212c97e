#!/bin/sh
# Whether each folder below src and include/netcheck includes only what its row allows, the system
# is called below src/os only, and no two .c files call each other in a circle.
#
#     structure.sh OBJECT...
set -u

# A folder, and what it may include besides itself.
rows='base:
os: base
target: os base
probe: target os base
schedule: probe target os base
report: probe target base
cli: report schedule probe target os base'

# What the files outside of src/os may include of the system: values, no calls.
system='^src/base/address.c:.*<arpa/inet.h>|^include/netcheck/base/address.h:.*<(netinet/in|sys/socket).h>|^src/probe/outcome.c:.*<netdb.h>'

failed=0
grep -rE '^#include' src/*/ include/netcheck | sed -E 's#^((src|include/netcheck)/([a-z]+)/[^:]*):#\3 \1:#' |
    awk -v rows="$rows" '
    BEGIN { count = split(rows, row, "\n")
            for (i = 1; i <= count; i++) { split(row[i], part, ":"); may[part[1]] = " " part[1] part[2] " " } }
    /"\.\.\// { print "structure: " $0; bad = 1 }
    match($0, /"netcheck\/[a-z]+\//) {
        to = substr($0, RSTART + 10, RLENGTH - 11)
        if (!index(may[$1], " " to " ")) { print "structure: " $0; bad = 1 }
    }
    END { exit bad }' || failed=1
grep -rE '^#include <(arpa|fcntl|ifaddrs|linux|net|netdb|netinet|poll|pthread|signal|spawn|sys|termios|unistd)[/.]' \
    src/*/ include/netcheck | grep -vE "^(src|include/netcheck)/os/|$system" && failed=1

# tsort names the circles.
nm -A -g "$@" | awk '{ sub(/:.*/, "", $1) }
    $NF != "" && $(NF - 1) == "U" { used[$1, $NF] = 1; next }
    { home[$NF] = $1 }
    END { for (pair in used) { split(pair, use, SUBSEP); if (use[2] in home) print use[1], home[use[2]] } }' |
    sort -u | tsort >/dev/null || failed=1
exit $failed
