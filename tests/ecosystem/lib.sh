# What the scripts of this folder share: servers and networks that end with the script.
#
# A script begins with: . lib.sh; enter "$@". It then runs as root in namespaces of its own for
# networks, mounts and processes: the machine's network and /run are out of its reach, and all
# that it started ends with it. $folder is for its files and is its working directory; $netcheck
# is the program, the first argument. Packages that were unpacked instead of installed, because
# they exclude others, are below $UNPACKED.

# Run the script again inside; to be called first.
enter() {
    if [ -z "${ECOSYSTEM_FOLDER:-}" ]; then
        [ "$(id -u)" -eq 0 ] || { echo "skipped: needs root"; exit 0; }
        ECOSYSTEM_FOLDER=$(mktemp -d)
        export ECOSYSTEM_FOLDER
        status=0
        unshare --net --mount --pid --fork --kill-child --mount-proc sh "$0" "$@" || status=$?
        rm -rf "$ECOSYSTEM_FOLDER"
        exit "$status"
    fi
    netcheck=$(realpath "$1")
    folder=$ECOSYSTEM_FOLDER
    count=0
    failed=0
    chmod 755 "$folder"
    cd "$folder"
    PATH=$PATH:/usr/sbin:/sbin:${UNPACKED:-/nowhere}/usr/sbin:${UNPACKED:-/nowhere}/usr/bin
    mount -t tmpfs none /run
    ip link set lo up
}

# NUMBER: a machine at 10.90.NUMBER.2, at the other end of a wire from 10.90.NUMBER.1. It says
# that a port is closed as often as it is asked.
machine() {
    ip netns add "m$1"
    ip link add "m$1" type veth peer name eth0 netns "m$1"
    ip addr add "10.90.$1.1/24" dev "m$1"
    ip link set "m$1" up
    on "$1" ip link set lo up
    on "$1" ip addr add "10.90.$1.2/24" dev eth0
    on "$1" ip link set eth0 up
    on "$1" sysctl -qw net.ipv4.icmp_ratelimit=0
    machines="${machines:-} $1"
}

# NUMBER COMMAND...: run it on a machine.
on() {
    number=$1
    shift
    ip netns exec "m$number" "$@"
}

# NUMBER COMMAND...: start a server on a machine; what it says is in NUMBER.log.
serve() {
    machine=$1
    machine "$machine"
    shift
    on "$machine" "$@" >"$machine.log" 2>&1 &
    servers="${servers:-} $!"
}

# End all servers.
stop_servers() {
    for server in $servers; do
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    done
}

# VERDICT...: from now on each machine does that with what comes for a UDP or TCP port; nothing
# for no VERDICT.
firewall() {
    for machine in $machines; do
        on "$machine" nft flush ruleset
        [ $# -eq 0 ] || on "$machine" nft "
            table inet firewall { chain in { type filter hook input priority 0
                meta l4proto { tcp, udp } $*; } }"
    done
}

# What COMMAND prints is the standard input, each number of milliseconds but written as N.
shows() {
    "$@" >said 2>&1 || true
    sed -E 's/[0-9.]+ ms/N ms/' <said >shown
    cat - >wanted
    diff wanted shown >difference && result=ok || result="not ok"
    count=$((count + 1))
    [ "$result" = ok ] || failed=$((failed + 1))
}
