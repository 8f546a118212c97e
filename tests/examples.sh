#!/bin/sh
# The manuals: that mandoc has nothing to say about them and that the JSON keys are those of the
# program. Manuals and README: that their examples do what they say, in a network namespace of
# their own.
#
#     examples.sh [NETCHECK]
#
# An example is a literal block of a manual or an indented block of the README. Of one that begins
# with "$ ", lines that begin so are commands, the others are what they print; times may differ.
# Those of the README are run on a terminal, since that is where they are read, the manuals' in a
# pipe.
# The last command of a block ends with 0. What cannot be run has to be excused below. Of that, and
# of every other block, the options of each call of netcheck have to be valid; a block of a manual
# has at least one.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
netcheck=$(realpath "${1:-./netcheck}")
manuals="netcheck.1 netcheck-formats.5 netcheck-recipes.7"

excuse() {
    case $1 in
    '$ ./netcheck '*) echo "is what \"make run\" prints" ;;
    '$ netcheck --live '*) echo "needs a terminal: see live.sh" ;;
    '$ netcheck -D -i 0.2 --on-change '* | '$ netcheck --rate 500 --only up '*)
        echo "has to be interrupted" ;;
    *' --histogram '*) echo "is never the same twice" ;;
    'NETCHECK CRITICAL: '*) echo "has a limit that is passed: see ecosystem/report_nagios.sh" ;;
    'netcheck-state	'* | 'grep -v history '*) echo "is written in unit/report/test_memory.c" ;;
    'location '*) echo "is read in ecosystem/report_recipes.sh" ;;
    esac
}

# Who answers in the namespace; no other address does: what listen() knows, and DNS over UDP at ns.
# Behind a router that lets nothing through are fw, of which it says so, and silent.
listeners="10.0.0.5:22 10.0.0.5:5432 10.0.0.6:6379 10.0.0.7:22 10.0.0.7:80 10.0.0.7:443
    10.0.0.8:443 10.0.0.11:25 10.0.0.12:8080"
hosts="10.0.0.5 db
10.0.0.6 cache
10.0.0.7 web
10.0.0.8 api
10.0.0.9 api
10.0.0.10 queue
10.0.0.11 mail
10.0.0.12 proxy
10.0.0.4 ns
10.6.2.3 fw
10.7.2.9 silent"

document=
failures=0
pass() {
    printf '%s: %s\n' "$document" "$1"
}

# What is wrong, and the file that shows it.
fail() {
    printf '%s: FAILED: %s\n' "$document" "$1"
    sed 's/^/    /' "$2"
    failures=$((failures + 1))
}

# Whether another manual is installed here is no fault of ours.
check_lint() {
    mandoc -Tlint "$top/src/man/$document" >"$folder/lint" 2>/dev/null || true
    grep -v 'referenced manual not found' "$folder/lint" >"$folder/faults" || true
    [ -s "$folder/faults" ] && fail "mandoc -Tlint" "$folder/faults" && return
    pass "mandoc -Tlint is silent"
}

check_width() {
    for device in ascii utf8; do
        mandoc -T"$device" -O width=80 "$top/src/man/$document" 2>/dev/null >"$folder/page"
        LC_ALL=C.UTF-8 sed "s/.$(printf '\b')//g" "$folder/page" |
            LC_ALL=C.UTF-8 grep -E '.{81}' >"$folder/wide" || continue
        fail "wider than 80 columns with -T$device" "$folder/wide"
        return
    done
    pass "no line is wider than 80 columns"
}

# What a document points to is there, and the README is short.
check_documents() {
    for document in .github/CONTRIBUTING.md .github/CHANGELOG.md README.md; do
        grep -o '](\([^):#]*\)' "$top/$document" | sed 's/^](//' >"$folder/links" || true
        while read -r link; do
            [ ! -e "$top/$(dirname "$document")/$link" ] || continue
            echo "$link" >"$folder/link"
            fail "points to no file" "$folder/link"
        done <"$folder/links"
        pass "$(wc -l <"$folder/links") links"
    done
    [ "$(wc -l <"$top/README.md")" -le 250 ] || fail "over 250 lines" /dev/null
}

# PAGE HEADING
section() {
    awk -v want=".Sh $2" '/^\.Sh / { on = ($0 == want) } on' "$top/src/man/$1"
}

# "icmp" and "tls" have two keys more each where they are not null.
check_keys() {
    { printf '"%s":\n' type code version not_after
      netcheck -j -c 1 --on-change db:5432 | grep -o '"[a-z0-9_]*":'; } |
        tr -d '":' | sort -u >"$folder/keys"
    section netcheck-formats.5 JSON | sed -n 's/^\.\(It \)*Va //p' | grep -o '[a-z0-9_]*' |
        sort -u >"$folder/documented"
    if diff "$folder/keys" "$folder/documented" >"$folder/differences"; then
        pass "$(wc -l <"$folder/keys") JSON keys"
    else
        fail "JSON keys: < the program's, > the manual's" "$folder/differences"
    fi
}

# Blocks to files 001, 002 ... of this folder, as a reader sees them.
extract_manual() {
    awk '
        /^\.Ed/ { on = 0 }
        on { print >file }
        /^\.Bd -literal/ { on = 1; file = sprintf("%03d", ++count) }' "$top/src/man/$document"
    sed -i "s/\\\\-/-/g; s/\\\\(aq/'/g; s/\\\\e/\\\\/g" [0-9]*
}

extract_readme() {
    awk '
        /^    / && !on { on = 1; file = sprintf("%03d", ++count) }
        /^[^ ]/ { on = 0 }
        on { sub(/^    /, ""); print >file }' "$top/README.md"
    sed -i '$ { /^$/ d }' [0-9]* # the blank line behind a block
}

# What differs from run to run.
hide_times() {
    sed -E 's#[0-9.]+(/[0-9.]+)+ ms#N#; s/("time":)"[^"]*"/\1N/; s/(_ms":)[0-9.]+/\1N/g
        s/[0-9]+(\.[0-9]+)? (ms|s)\>/N/g
        /times a target was not asked when it was due/d'
}

# ADDRESS:PORT... accept until the end. TLS is told by an alert that the version will not do; redis
# and a web server serve; every other time the database is starting up. Port 25 greets, port 8080
# hangs up.
listen() {
    exec perl -MIO::Socket::INET -MIO::Select -e '
        my %greetings = (25 => "220 mail.example.com ESMTP\r\n", 8080 => "");
        my @databases = ("E\0\0\0\x3eSFATAL\0VFATAL\0C57P03\0" .
            "Mthe database system is starting up\0\0", "R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0");
        sub answer {
            my $question = shift;
            return "+PONG\r\n" if $question =~ /^PING/;
            return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" if $question =~ /^GET /;
            push @databases, shift @databases and return $databases[1]
                if $question =~ /^....\x00\x03/s;
            return "\x15\x03\x03\0\2\2\x46";
        }
        my %listens = map { my $socket = IO::Socket::INET->new(Listen => 64, ReuseAddr => 1,
            LocalAddr => $_) or die "$_: $!"; ($socket, $socket) } @ARGV;
        my $all = IO::Select->new(values %listens);
        while (my @ready = $all->can_read) {
            for (@ready) {
                if (my $listener = $listens{$_}) {
                    my $connection = $listener->accept or next;
                    my $greeting = $greetings{$listener->sockport};
                    $connection->syswrite($greeting) if $greeting;
                    $all->add($connection) unless defined $greeting && $greeting eq "";
                    next;
                }
                if ($_->sysread(my $question, 4096)) { $_->syswrite(answer($question)) }
                else { $all->remove($_); $_->close }
            }
        }' "$@"
}

# ADDRESS:PORT refuses whatever DNS asks over UDP.
refuse_names() {
    exec perl -MIO::Socket::INET -e '
        my $socket = IO::Socket::INET->new(Proto => "udp", LocalAddr => $ARGV[0])
            or die "$ARGV[0]: $!";
        while (defined(my $asker = $socket->recv(my $bytes, 512))) {
            substr($bytes, 2, 2) = "\x80\5";
            $socket->send($bytes, 0, $asker);
        }' "$@"
}

# An example that waits is there to see a refusal first.
open_queue() {
    tries=100
    until grep -q '^down   queue' "$1" || [ "$tries" -eq 0 ]; do
        tries=$((tries - 1))
        sleep 0.1
    done
    listen 10.0.0.10:5672
}

# The file that the block shows with "$ cat FILE".
make_files() {
    awk '/^\$ / { file = ($2 == "cat") ? $3 : ""; next } file { print >file }' "$1"
}

# A terminal that draws nothing but text.
run_block() {
    if [ "$document" = README.md ]; then
        TERM=dumb script -qec "timeout 20 sh $1.sh" /dev/null </dev/null
    else
        timeout 20 sh "$1.sh"
    fi
}

run_example() {
    block=$1
    name=$(sed -n '/netcheck/{s/^\$ //p;q}' "$block")
    sed -n 's/^\$ //p' "$block" >"$block.sh"
    grep -v '^\$ ' "$block" | hide_times >"$block.expected" || true
    make_files "$block"
    : >"$block.output"
    queue=
    case $name in *queue:5672*) open_queue "$block.output" & queue=$! ;; esac
    status=0
    run_block "$block" >"$block.output" 2>&1 || status=$?
    [ -z "$queue" ] || kill "$queue"
    tr -d '\r' <"$block.output" | hide_times | diff "$block.expected" - >"$block.diff" ||
        { fail "$name: < $document, > what it does" "$block.diff"; return; }
    [ "$status" -eq 0 ] || { fail "$name: ends with $status" "$block.sh"; return; }
    pass "$name"
}

# The calls of netcheck in a block, whatever is written around them, one a line.
calls() {
    sed -E ':join
        /\\$/ { N; s/\\\n *//; b join }
        s/ && /\n/g' "$1" | tr -d "[]\"'," | sed 's/[;|].*//; s/{}/1/' |
        grep -E '(^|[ /=])netcheck [^ ]' || true
}

# Their options, that is. What the recipes take from Slurm, Kubernetes and a crontab is set.
check_calls() {
    calls "$1" >"$1.calls"
    while read -r line; do
        SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=4 JOB_COMPLETION_INDEX=0 shard=1/4 \
            STATE=state sh -c "netcheck --help ${line#*netcheck }" >"$1.output" 2>&1 ||
            { fail "$line" "$1.output"; return 1; }
    done <"$1.calls"
}

check_shown() {
    check_calls "$1" || return 0
    if [ -s "$1.calls" ]; then
        pass "not run, valid: $(head -n 1 "$1.calls")"
    elif reason=$(excuse "$(head -n 1 "$1")") && [ -n "$reason" ]; then
        pass "not run, $reason: $(head -n 1 "$1")"
    elif [ "$document" != README.md ]; then
        fail "neither run nor a call of netcheck" "$1"
    fi
}

check_example() {
    first=$(head -n 1 "$1")
    case $first in
    '$ '*) ;;
    *) check_shown "$1"; return ;;
    esac
    reason=$(excuse "$first")
    [ -n "$reason" ] || { run_example "$1"; return; }
    ! check_calls "$1" || pass "not run, $reason: ${first#??}"
}

# check_examples DOCUMENT manual|readme
check_examples() {
    document=$1
    mkdir "$folder/$document"
    cd "$folder/$document"
    "extract_$2"
    for block in "$folder/$document"/[0-9][0-9][0-9]; do
        check_example "$block"
    done
}

# In a network namespace of its own, which lasts as long as the process $router.
build_router() {
    unshare -n sleep 300 &
    router=$!
    helpers="$helpers $router"
    until [ "$(readlink "/proc/$router/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do
        sleep 0.01
    done
    ip link add near type veth peer name far
    ip link set far netns "$router"
    ip address add 10.6.0.2/24 dev near
    ip link set near up
    ip route add 10.6.2.0/24 via 10.6.0.1
    ip route add 10.7.2.0/24 via 10.6.0.1
    nsenter -n -t "$router" sh -e <<'END'
ip address add 10.6.0.1/24 dev far
ip link set far up
ip link add hosts type veth peer name nobody
ip link set hosts up
ip link set nobody up
ip route add 10.6.2.0/24 dev hosts
ip route add 10.7.2.0/24 dev hosts
echo 1 >/proc/sys/net/ipv4/ip_forward
nft -f - <<'RULES'
table ip filter {
    chain forward {
        type filter hook forward priority 0; policy drop;
        ip daddr 10.6.2.3 reject with icmp type admin-prohibited
    }
}
RULES
END
}

build_network() {
    ip link set lo up
    for address in 4 5 6 7 8 9 10 11 12; do
        ip address add "10.0.0.$address/32" dev lo
    done
    echo "$hosts" >"$folder/hosts"
    echo "hosts: files" >"$folder/nsswitch.conf"
    mount --bind "$folder/hosts" /etc/hosts
    [ ! -e /etc/nsswitch.conf ] || mount --bind "$folder/nsswitch.conf" /etc/nsswitch.conf
    # shellcheck disable=SC2086 # one word each
    listen $listeners &
    helpers=$!
    refuse_names 10.0.0.4:53 &
    helpers="$helpers $!"
    build_router
    # shellcheck disable=SC2086
    netcheck -q --wait 10 $listeners udp://10.0.0.4:53
}

inside() {
    build_network
    document=netcheck-formats.5
    check_keys
    for manual in $manuals; do
        check_examples "$manual" manual
    done
    check_examples README.md readme
}

end_helpers() {
    for pid in $helpers; do
        kill "$pid" 2>/dev/null || true
    done
}

if [ "${2-}" = inside ]; then
    folder=$3
    helpers=
    trap end_helpers EXIT
    trap 'exit 1' HUP INT TERM
    inside
    exit "$((failures > 0))"
fi

for tool in mandoc nft ip perl unshare nsenter script; do
    command -v "$tool" >/dev/null || { echo "examples: FAILED: $tool is not installed"; exit 1; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
for document in $manuals; do
    check_lint
    check_width
done
check_documents
if [ "$(id -u)" -ne 0 ]; then
    echo "skipped: needs root"
    exit "$((failures > 0))"
fi
mkdir "$folder/bin"
ln -s "$netcheck" "$folder/bin/netcheck"
PATH=$folder/bin:$PATH unshare -n -m sh "$0" "$netcheck" inside "$folder" ||
    failures=$((failures + 1))
[ "$failures" -eq 0 ] || { echo "examples: with failures"; exit 1; }
echo "examples: all is as manuals and README say"
