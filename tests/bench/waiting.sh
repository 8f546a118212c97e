# Benches of --wait: how soon a command runs once its port is open, success where nobody listens,
# and what each tool's exit status says. Sourced by run.sh.
# shellcheck shell=bash

WAIT_PORT=4713
LATE=("$BENCH_BUILD/late")

# The same wait in the words of each tool; 'true' is what runs afterwards.
wait_with() {
    local tool=$1 port=$2 seconds=$3
    case $tool in
    netcheck) command=("$NETCHECK" -q --wait "$seconds" "127.0.0.1:$port" -- true) ;;
    wait-for-it) command=(wait-for-it "127.0.0.1:$port" -q -s -t "$seconds" -- true) ;;
    wait-on) command=(sh -c "wait-on -t ${seconds}s tcp:127.0.0.1:$port && true") ;;
    wait-port) command=(sh -c "wait-port -o silent -t ${seconds}000 127.0.0.1:$port && true") ;;
    nc)
        command=(timeout "$seconds" sh -c
            "until nc -z 127.0.0.1 $port; do sleep 1; done; true")
        ;;
    esac
}

wait_tools() {
    local tool
    echo netcheck
    for tool in wait-for-it wait-on wait-port nc; do
        have "$tool" >&2 && echo "$tool"
    done
}

bench_waiting() {
    STAGE=("${LOOPBACK[@]}")
    begin waiting "from 'the port opens' (0.5 to 3 s after the start) to 'the command has run'" ||
        return
    local tool tools i delay samples command
    tools=$(wait_tools)
    samples=$(pick 21 1)
    for ((i = 0; i < samples; i++)); do
        delay=$((500 + i * 7919 % 2500)) # spread, and the same for all
        for tool in $tools; do
            wait_with "$tool" "$WAIT_PORT" 30
            describe "${command[@]}" >"$WORK/waiting.$tool.cmd"
            "${STAGE[@]}" "${LATE[@]}" "$WORK/waiting.$tool.times" "$WAIT_PORT" "$delay" \
                "${command[@]}" >/dev/null 2>&1 || break_off "$tool did not wait"
        done
    done
    printf '  %-44s %9s %9s\n' command 'median s' 'slowest s'
    for tool in $tools; do
        printf '  %-44s %9s %9s\n' "$(cat "$WORK/waiting.$tool.cmd")" \
            "$(short "$(value "$tool" 1)")" "$(short "$(value "$tool" 1 100)")"
        expect_status "$tool" 0
    done
    bar "from 'port opens' to 'command has run', median" "$(value netcheck 1)" '<=' 0.15 s
}

# Ports that nobody listens on, from a range so narrow that the kernel soon picks the very port
# that is asked as our own.
bench_false_success() {
    STAGE=("${LOOPBACK[@]}")
    begin false_success "success on an unused loopback port, 16 local ports to choose from" || return
    local tool tries false command
    for tool in $(wait_tools); do
        tries=$(pick 1000 20)
        [ "$tool" = netcheck ] || tries=$(pick 20 2)
        wait_with "$tool" 40007 1
        [ "$tool" != netcheck ] ||
            command=("$NETCHECK" -q --wait 20ms -i 1ms 127.0.0.1:40007 -- true)
        false=$("${STAGE[@]}" bash -c '
            echo 40000 40015 >/proc/sys/net/ipv4/ip_local_port_range
            for ((i = 0, n = 0; i < $0; i++)); do "$@" >/dev/null 2>&1 && n=$((n + 1)); done
            echo "$n"' "$tries" "${command[@]}")
        say "$(printf '%-12s %5s of %5s tries' "$tool" "$false" "$tries")"
        [ "$tool" != netcheck ] || bar "$tries waits for nobody, successes" "$false" == 0 ''
    done
}

# status_of TOOL PORT SECONDS [HOST]: its exit status.
status_of() {
    local command
    wait_with "$1" "$2" "$3"
    [ -z "${4:-}" ] || command=("${command[@]//127.0.0.1/$4}")
    timeout 20 "${STAGE[@]}" "${command[@]}" >/dev/null 2>&1 </dev/null
    echo $?
}

bench_wait_status() {
    STAGE=("${LOOPBACK[@]}")
    begin wait_status "the exit status of a wait that fails" || return
    local tool
    printf '  %-12s %9s %13s %10s %12s\n' '' 'closed' 'no such name' 'port 70000' 'invalid time'
    for tool in $(wait_tools); do
        printf '  %-12s %9s %13s %10s %12s\n' "$tool" "$(status_of "$tool" "$WAIT_PORT" 1)" \
            "$(status_of "$tool" "$WAIT_PORT" 1 no-such-name.invalid)" \
            "$(status_of "$tool" 70000 1)" "$(status_of "$tool" "$WAIT_PORT" 1x)"
    done
    expect "exit status, closed" "$(status_of netcheck "$WAIT_PORT" 1)" 1
}
