# What the scripts of this folder share: servers and networks that end with the script.
#
# A script begins with: . lib.sh; enter "$@". It then runs as root in namespaces of its own for
# networks, mounts and processes: the machine's network and /run are out of its reach, and all
# that it started ends with it. $folder, where it runs, is for its files; $netcheck is the
# program, its first argument. Packages that were unpacked instead of installed, because they
# exclude others, are below $UNPACKED.

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
    machines=
    servers=
    count=0
    failed=0
    chmod 755 "$folder"
    cd "$folder"
    PATH=$PATH:/usr/sbin:/sbin:${UNPACKED:-/nowhere}/usr/sbin:${UNPACKED:-/nowhere}/usr/bin
    mount -t tmpfs none /run
    ip link set lo up
}

# NUMBER: a machine at 10.90.NUMBER.2 and 2001:db8:NUMBER::2, at the other end of a wire. It says
# that a port is closed as often as it is asked.
machine() {
    ip netns add "m$1"
    ip link add "m$1" type veth peer name eth0 netns "m$1"
    ip addr add "10.90.$1.1/24" dev "m$1"
    ip addr add "2001:db8:$1::1/64" dev "m$1" nodad
    ip link set "m$1" up
    ip -n "m$1" link set lo up
    ip -n "m$1" addr add "10.90.$1.2/24" dev eth0
    ip -n "m$1" addr add "2001:db8:$1::2/64" dev eth0 nodad
    ip -n "m$1" link set eth0 up
    ip netns exec "m$1" sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
    machines="$machines $1"
}

# NUMBER COMMAND...: start a server on a machine of its own; what it says is in NUMBER.log. It
# cannot set the clock.
serve() {
    machine "$1"
    at=$1
    shift
    setpriv --bounding-set -sys_time --inh-caps -sys_time ip netns exec "m$at" "$@" \
        >"$at.log" 2>&1 </dev/null &
    servers="$servers $!"
}

# End all servers.
stop_servers() {
    for server in $servers; do
        kill "$server" || true
        wait "$server" 2>/dev/null || true
    done
    servers=
}

# VERDICT: what all machines from now on do with a question, in nft's words.
firewall() {
    for at in $machines; do
        ip netns exec "m$at" nft "flush ruleset
            table inet firewall { chain input { type filter hook input priority 0
                meta l4proto { tcp, udp } $1; }; }"
    done
}

# LABEL COMMAND...: whether it prints the rows of standard input, where "N" is a number of
# milliseconds or a port. What it does print is shown.
rows() {
    label=$1
    shift
    echo "# $label"
    cat - >wanted
    "$@" >printed 2>&1 || true
    cat printed
    sed -E 's/[0-9.]+ ms/N ms/g; s/from port [0-9]+/from port N/; s/  seq=[0-9]+//' <printed >rows
    count=$((count + 1))
    if diff wanted rows >difference; then
        echo "ok $count - $label"
    else
        sed 's/^/# /' difference
        echo "not ok $count - $label"
        failed=$((failed + 1))
    fi
}

# The summary and the exit status. Where something failed, what the servers said last.
finish() {
    echo "1..$count"
    [ "$failed" -eq 0 ] || tail -n 5 ./*.log
    echo "$count tests, $failed failed"
    [ "$failed" -eq 0 ]
}
