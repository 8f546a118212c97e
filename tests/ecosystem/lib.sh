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
    umask 022 # servers read files as users of their own
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

# FOLDER...: what the script changes there is gone when it ends.
overlay() {
    mkdir -p layers
    mountpoint -q layers || mount -t tmpfs none layers
    for lower in "$@"; do
        layer=$(mktemp -d layers/XXXXXX)
        mkdir "$layer/upper" "$layer/work"
        mount -t overlay -o "lowerdir=$lower,upperdir=$layer/upper,workdir=$layer/work" none "$lower"
    done
}

# COMMAND...: until it succeeds, 60 seconds at most
until_true() {
    deadline=$(($(date +%s) + 60))
    until "$@"; do
        [ "$(date +%s)" -lt "$deadline" ] || { echo "# not within 60 s: $*"; return 1; }
        sleep 0.1
    done
}

# FILE WORDS: the example with those words in a manual or the README, as a reader sees it. There has
# to be exactly one.
example() {
    awk -v words="$2" '
        function literal(line) {
            gsub(/\\-/, "-", line)
            gsub(/\\\(aq/, "\047", line)
            gsub(/\\&/, "", line)
            gsub(/\\e/, "\\", line)
            return line
        }
        function end() { if (index(block, words)) { found = block; ++count } block = "" }
        manual && /^\.Ed/ { end(); on = 0 }
        !manual && /^[^ ]/ { end() }
        manual && on { block = block literal($0) "\n" }
        !manual && /^    / { block = block substr($0, 5) "\n" }
        /^\.Bd -literal/ { on = 1 }
        END {
            if (!manual) end()
            if (count != 1) {
                print count + 0 " examples with: " words >"/dev/stderr"
                exit 1
            }
            printf "%s", found
        }' manual="$(grep -c '^\.Dd' "$1")" "$1"
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

# NUMBER: unbound, which knows no other server.
serve_unbound() {
    cat >unbound.conf <<END
server:
    interface: 0.0.0.0
    access-control: 10.90.0.0/16 allow
    chroot: ""
    username: ""
    pidfile: ""
    directory: "$folder"
    use-syslog: no
remote-control:
    control-enable: no
END
    serve "$1" unbound -d -c unbound.conf
}

# What nginx would keep below /var/lib, in the folder "temporary": to stand in its http block.
nginx_paths() {
    for kind in client_body proxy fastcgi uwsgi scgi; do
        echo "${kind}_temp_path temporary/$kind;"
    done
}

# NAME COMMON-NAME OPTION...: NAME.pem, NAME.key, and both in NAME.both
certificate() {
    name=$1
    common=$2
    shift 2
    openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=$common" -keyout "$name.key" \
        -out "$name.pem" "$@" 2>/dev/null
    cat "$name.pem" "$name.key" >"$name.both"
    chmod 644 "$name".*
}

# NAME: NAME.pem ended in 2020, which takes an authority to make.
expire() {
    cat >authority.conf <<'END'
[ca]
default_ca = own
[own]
database = index
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
[any]
END
    echo 01 >serial
    : >index
    openssl req -new -key "$1.key" -subj /CN=old.example.com -out request
    openssl ca -batch -config authority.conf -cert "$1.pem" -keyfile "$1.key" -in request \
        -notext -startdate 20190101000000Z -enddate 20200102030405Z -out signed 2>/dev/null
    mv signed "$1.pem"
    chmod 644 "$1.pem"
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

# LABEL COMMAND...: print what it prints, and keep that in `printed`, standard input in `wanted`.
observe() {
    label=$1
    shift
    echo "# $label"
    cat - >wanted
    "$@" >printed 2>&1 || true
    cat printed
}

# FILE: whether it has what was wanted.
compare() {
    count=$((count + 1))
    if diff wanted "$1" >difference; then
        echo "ok $count - $label"
    else
        sed 's/^/# /' difference
        echo "not ok $count - $label"
        failed=$((failed + 1))
    fi
}

# LABEL COMMAND...: whether it prints the rows of standard input, where "N" is a number of
# milliseconds or a port. What it does print is shown.
rows() {
    observe "$@"
    sed -E 's/[0-9.]+ ms/N ms/g; s/from port [0-9]+/from port N/; s/  seq=[0-9]+//' <printed >rows
    compare rows
}

# LABEL COMMAND...: whether it prints standard input, as it is.
shows() {
    observe "$@"
    compare printed
}

# The summary and the exit status. Where something failed, what the servers said last.
finish() {
    echo "1..$count"
    [ "$failed" -eq 0 ] || tail -n 5 ./*.log
    echo "$count tests, $failed failed"
    [ "$failed" -eq 0 ]
}
