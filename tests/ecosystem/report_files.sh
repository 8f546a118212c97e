#!/bin/sh
# -o FILE before a real kernel and its disks: killed at each call, each call failing, a disk that
# is full, folders that cannot be written, mount points, FIFOs. Prints what is said, and for each
# that was expected "ok" or "not ok".
#
#     report_files.sh NETCHECK     as root
set -eu

. "$(dirname "$(realpath "$0")")/lib.sh"
enter "$@"

old='old'
row='up     127.0.0.1:9  127.0.0.1  N ms'
socat TCP-LISTEN:9,bind=127.0.0.1,fork,reuseaddr /dev/null &
servers="$servers $!"
"$netcheck" -q --wait 5 127.0.0.1:9

# WORD: what the file has: "old", "new" or "torn".
state() {
    case $(sed 's/[0-9.]* ms/N ms/' "$1") in
    "$old") echo old ;;
    "$row") echo new ;;
    *) echo torn ;;
    esac
}

# How many temporary files stay; they are removed.
left() {
    find . -maxdepth 1 -name '.f.*' | wc -l
    rm -f ./.f.*
}

# CALL: killed each time that it is called; how often that was, and what the file had.
killed() {
    n=0
    status=137
    : >states
    while [ "$status" -eq 137 ] && [ "$n" -lt 100 ]; do
        n=$((n + 1))
        echo "$old" >f
        status=0
        strace -qq -f -o /dev/null -e trace="$1" -e inject="$1:signal=KILL:when=$n" \
            "$netcheck" -of 127.0.0.1:9 >/dev/null 2>&1 || status=$?
        state f >>states
        rm -f ./.f.*
    done
    printf '%s: %s\n' "$1" "$(sort -u states | paste -sd ' ')"
}

# CALL ERROR WHEN: it fails; what is said, the status, what the file has, what stays.
failing() {
    echo "$old" >f
    status=0
    strace -qq -f -o /dev/null -e trace="$1" -e inject="$1:error=$2:when=$3" \
        "$netcheck" -qof 127.0.0.1:9 -- echo ran || status=$?
    echo "$1: $status, $(state f), $(left) left"
}

each() {
    for call in openat write fsync fchmod rename close unlink; do killed "$call"; done
}
rows 'killed at each call: never torn' each <<'END'
openat: new old
write: new old
fsync: new old
fchmod: new old
rename: new old
close: new old
unlink: new
END

each_failure() {
    failing write ENOSPC 1
    failing write EDQUOT 1
    failing fsync EIO 1
    failing rename EIO 1
    failing fchmod EIO 1
}
rows 'each call failing: the old file, and no COMMAND' each_failure <<'END'
netcheck: cannot write 'f': No space left on device
write: 2, old, 0 left
netcheck: cannot write 'f': Disk quota exceeded
write: 2, old, 0 left
netcheck: cannot write 'f': Input/output error
fsync: 2, old, 0 left
netcheck: cannot write 'f': Input/output error
rename: 2, old, 0 left
netcheck: cannot write 'f': Input/output error
fchmod: 2, old, 0 left
END

full() {
    mkdir -p small
    mount -t tmpfs -o size=64k none small
    echo "$old" >small/f
    "$netcheck" -q --format json -o small/f -p 1-500 127.0.0.1 || echo "$?, $(state small/f)"
    find small -type f
    umount small
}
rows 'a disk that is full' full <<'END'
netcheck: cannot write 'small/f': No space left on device
2, old
small/f
END

places() {
    touch mounted source
    mount --bind source mounted
    "$netcheck" -o mounted 127.0.0.1:9 || echo "$?"
    mkdir -p sealed
    mount -t tmpfs -o ro none sealed
    "$netcheck" -o sealed/f 127.0.0.1:9 || echo "$?"
    mkdir -p -m 755 closed
    touch closed/f
    chmod 666 closed/f
    setpriv --reuid 65534 --clear-groups "$netcheck" -o closed/f 127.0.0.1:9 || echo "$?"
    mkdir -p -m 1777 sticky
    touch sticky/f
    chmod 666 sticky/f
    setpriv --reuid 65534 --clear-groups "$netcheck" -o sticky/f 127.0.0.1:9 || echo "$?"
    setpriv --reuid 65534 --clear-groups "$netcheck" --state sticky/f 127.0.0.1:9 || echo "$?"
}
why="it is replaced, for which its folder has to be writable: name another one, or write > FILE"
rows 'places that cannot be: told before the first probe' places <<END
netcheck: cannot write 'mounted': Device or resource busy: it is a mount point: mount its folder instead
2
netcheck: cannot write 'sealed/f': Read-only file system: $why instead of -o FILE
2
netcheck: cannot write 'closed/f': Permission denied: $why instead of -o FILE
2
netcheck: cannot write 'sticky/f': Operation not permitted: it is replaced, which only its owner may here: name another one, or write > FILE instead of -o FILE
2
netcheck: state file 'sticky/f' is replaced, which only its owner may in that folder: write another path
2
END

owners() {
    mkdir -p -m 777 shared
    echo "$old" >shared/f
    chown 65534:65533 shared/f
    chmod 640 shared/f
    "$netcheck" -qo shared/f 127.0.0.1:9
    stat -c '%u:%g %a' shared/f
    chown 1:1 shared/f
    setpriv --reuid 65534 --regid 65534 --clear-groups "$netcheck" -qo shared/f 127.0.0.1:9
    stat -c '%u:%g %a' shared/f
}
rows 'mode and owner stay, as far as that is allowed' owners <<'END'
65534:65533 640
65534:65534 640
END

fifo() {
    mkfifo pipe
    "$netcheck" -o pipe 127.0.0.1:9 || echo "$?"
    cat pipe >read &
    until "$netcheck" -qo pipe 127.0.0.1:9 2>/dev/null; do sleep 0.05; done
    wait "$!"
    cat read
}
rows 'a FIFO without and with a reader' fifo <<END
netcheck: cannot write 'pipe': No such device or address: no program reads it: start its reader first
2
$row
END

finish
