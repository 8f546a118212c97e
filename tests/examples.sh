#!/bin/sh
# The manual: that mandoc has nothing to say about it, that its JSON keys are those of the
# program, and that its EXAMPLES do what it says, in a network namespace of their own.
#
#     examples.sh NETCHECK
#
# An example is a literal block of the section EXAMPLES. Lines that begin with "$ " are commands,
# the others are what they print; times may differ. The last command of a block ends with 0.
# Blocks without a command are not run, and each has to be excused below.
set -eu

page=$(cd "$(dirname "$0")/.." && pwd)/src/man/netcheck.1
case $1 in
/*) netcheck=$1 ;;
*) netcheck=$PWD/$1 ;;
esac

excuse() {
    case $1 in
    ENTRYPOINT*) echo "needs a container" ;;
    ExecStartPre=*) echo "needs systemd" ;;
    '*/5 '*) echo "needs cron" ;;
    'netcheck -D -i 10 --on-change '*) echo "has no end" ;;
    'netcheck --live '*) echo "needs a terminal: see live.sh" ;;
    esac
}

# Who answers in the namespace; nobody else does.
listeners="10.0.0.5:22 10.0.0.5:5432 10.0.0.6:6379 10.0.0.7:22 10.0.0.7:80 10.0.0.7:443
    10.0.0.8:443"
hosts="10.0.0.5 db
10.0.0.6 cache
10.0.0.7 web
10.0.0.8 api
10.0.0.9 api
10.0.0.10 queue"

failures=0
pass() {
    printf 'manual: %s\n' "$1"
}

# What is wrong, and the file that shows it.
fail() {
    printf 'manual: FAILED: %s\n' "$1"
    sed 's/^/    /' "$2"
    failures=$((failures + 1))
}

# Whether another manual is installed here is no fault of ours.
check_lint() {
    mandoc -Tlint "$page" >"$folder/lint" 2>/dev/null || true
    grep -v 'referenced manual not found' "$folder/lint" >"$folder/faults" || true
    [ -s "$folder/faults" ] && fail "mandoc -Tlint" "$folder/faults" && return
    pass "mandoc -Tlint is silent"
}

check_width() {
    for device in ascii utf8; do
        mandoc -T"$device" -O width=80 "$page" 2>/dev/null >"$folder/page"
        LC_ALL=C.UTF-8 sed "s/.$(printf '\b')//g" "$folder/page" |
            LC_ALL=C.UTF-8 grep -E '.{81}' >"$folder/wide" || continue
        fail "wider than 80 columns with -T$device" "$folder/wide"
        return
    done
    pass "no line is wider than 80 columns"
}

section() {
    awk -v want=".Sh $1" '/^\.Sh / { on = ($0 == want) } on' "$page"
}

# "icmp" has two keys more where it is not null.
check_keys() {
    { printf '"type":\n"code":\n'
      netcheck -j -c 1 --on-change db:5432 | grep -o '"[a-z0-9_]*":'; } |
        tr -d '":' | sort -u >"$folder/keys"
    section OUTPUT | sed -n 's/^\.\(It \)*Va //p' | grep -o '[a-z0-9_]*' |
        sort -u >"$folder/documented"
    if diff "$folder/keys" "$folder/documented" >"$folder/differences"; then
        pass "$(wc -l <"$folder/keys") JSON keys"
    else
        fail "JSON keys: < the program's, > the manual's" "$folder/differences"
    fi
}

# Blocks to files 001, 002 ..., as a reader sees them.
extract() {
    section EXAMPLES | awk -v folder="$folder" '
        /^\.Ed/ { on = 0 }
        on { print >file }
        /^\.Bd -literal/ { on = 1; file = sprintf("%s/%03d", folder, ++count) }'
    sed -i "s/\\\\-/-/g; s/\\\\(aq/'/g; s/\\\\e/\\\\/g" "$folder"/0*
}

# What differs from run to run.
hide_times() {
    sed -E 's#[0-9.]+(/[0-9.]+)+ ms#N#; s/[0-9]+(\.[0-9]+)? (ms|s)\>/N/g
        /times a target was not asked when it was due/d'
}

# ADDRESS:PORT... accept until the end.
listen() {
    exec perl -MIO::Socket::INET -MIO::Select -e '
        my $all = IO::Select->new(map { IO::Socket::INET->new(Listen => 64, LocalAddr => $_)
            or die "$_: $!" } @ARGV);
        while (my @ready = $all->can_read) { $_->accept for @ready }' "$@"
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

run_example() {
    block=$1
    name=$(sed -n '/netcheck/{s/^\$ //p;q}' "$block")
    sed -n 's/^\$ //p' "$block" >"$block.sh"
    grep -v '^\$ ' "$block" | hide_times >"$block.expected" || true
    make_files "$block"
    : >"$block.output"
    case $name in *queue:5672*) open_queue "$block.output" & helpers="$helpers $!" ;; esac
    status=0
    timeout 20 sh "$block.sh" >"$block.output" 2>&1 || status=$?
    hide_times <"$block.output" | diff "$block.expected" - >"$block.diff" ||
        { fail "$name: < the manual, > what it does" "$block.diff"; return; }
    [ "$status" -eq 0 ] || { fail "$name: ends with $status" "$block.sh"; return; }
    pass "$name"
}

# Its command lines have to be valid at least.
excuse_example() {
    while read -r line; do
        reason=$(excuse "$line")
        [ -n "$reason" ] || { fail "neither run nor excused" "$1"; return; }
        command=$(echo "$line" | tr -d '[]",' | sed -n 's/^\(.*[ /]\)*netcheck /netcheck --help /p')
        sh -c "$command" >"$1.output" 2>&1 || { fail "$line" "$1.output"; return; }
        pass "not run, $reason: $line"
    done <"$1"
}

run_examples() {
    extract
    for block in "$folder"/[0-9][0-9][0-9]; do
        case $(head -n 1 "$block") in
        '$ '*) run_example "$block" ;;
        *) excuse_example "$block" ;;
        esac
    done
}

build_network() {
    ip link set lo up
    for address in 5 6 7 8 9 10; do
        ip address add "10.0.0.$address/32" dev lo
    done
    echo "$hosts" >"$folder/hosts"
    echo "hosts: files" >"$folder/nsswitch.conf"
    mount --bind "$folder/hosts" /etc/hosts
    [ ! -e /etc/nsswitch.conf ] || mount --bind "$folder/nsswitch.conf" /etc/nsswitch.conf
    # shellcheck disable=SC2086 # one word each
    listen $listeners &
    helpers=$!
    # shellcheck disable=SC2086
    netcheck -q --wait 10 $listeners
}

inside() {
    build_network
    cd "$folder"
    check_keys
    run_examples
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

command -v mandoc >/dev/null || { echo "manual: FAILED: mandoc is not installed"; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
check_lint
check_width
if [ "$(id -u)" -ne 0 ]; then
    echo "skipped: needs root"
    exit "$((failures > 0))"
fi
mkdir "$folder/bin"
ln -s "$netcheck" "$folder/bin/netcheck"
PATH=$folder/bin:$PATH unshare -n -m sh "$0" "$netcheck" inside "$folder" ||
    failures=$((failures + 1))
[ "$failures" -eq 0 ] || { echo "manual: with failures"; exit 1; }
echo "manual: all is as it says"
