# Benches of UDP: services far away, and on loopback, where each address has one. Sourced by
# run.sh.
# shellcheck shell=bash

UDP_PORT=5000 # no question is known for it
UDP_RULE="udp://10.0.0.0/16:$UDP_PORT open rtt=50ms"
UDP_NEAR=127.1.0.0

bench_udp_far() {
    STAGE=("$NETCHECK_LAB" "$UDP_RULE" --)
    begin udp_far "UDP services 50 ms away, one a host" || return
    local count part i ours theirs
    count=$(pick 10000 1000)
    part=$(pick 1024 64)
    mapfile -t ours < <(cover $FAR "$count" ":$UDP_PORT")
    mapfile -t theirs < <(cover $FAR "$part")
    have nmap
    for ((i = 0; i < RUNS; i++)); do
        sample netcheck "$NETCHECK" "${ours[@]/#/udp://}"
        sample select "$BENCH_BUILD/select_loop" -u $WINDOW 5000 $FAR "$count" $UDP_PORT
        if command -v nmap >/dev/null && [ "$i" -lt "$(few 2)" ]; then
            sample nmap nmap -n -Pn -sU -T5 -oG - -p $UDP_PORT "${theirs[@]}"
        fi
    done
    expect_status netcheck 0
    expect "rows that say up" "$(count_rows '^up ' "$(output netcheck)")" "$count"
    BASE=netcheck
    table "$count"
    row netcheck "$count"
    row select "$count" "$(not_up select "$count")"
    row nmap "$part" "$(grep -o '/open/' "$(output nmap)" 2>/dev/null | wc -l) of $part up"
    bar "$count UDP services, time of netcheck / select_loop" \
        "$(ratio netcheck "$count" select "$count")" '<=' 1.1 x
    bar "UDP services, speed of netcheck / nmap -sU" "$(ratio nmap "$part" netcheck "$count")" \
        '>' 1 x
}

bench_udp_near() {
    STAGE=("${LOOPBACK[@]}")
    begin udp_near "UDP services on loopback, which answer at once" || return
    local count i ours
    count=$(pick 10000 1000)
    mapfile -t ours < <(cover $UDP_NEAR "$count" ":$OPEN_PORT")
    local REPEAT
    REPEAT=$(pick 10 1)
    for ((i = 0; i < RUNS; i++)); do
        sample netcheck "$NETCHECK" -q "${ours[@]/#/udp://}"
        sample select "$BENCH_BUILD/select_loop" -u $WINDOW 5000 $UDP_NEAR "$count" $OPEN_PORT
    done
    expect_status netcheck 0
    BASE=netcheck
    table "$count"
    row netcheck "$count"
    row select "$count"
    echo
    have strace || return
    count_calls netcheck "$count" "$NETCHECK" -q "${ours[@]/#/udp://}"
    count_calls select "$count" "$BENCH_BUILD/select_loop" -u $WINDOW 5000 $UDP_NEAR "$count" \
        $OPEN_PORT
    compare_calls "$WORK/$BENCH.netcheck.calls" "$WORK/$BENCH.select.calls"
}
