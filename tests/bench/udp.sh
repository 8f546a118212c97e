# Benches of UDP, where every address of loopback has one service. Sourced by run.sh.
# shellcheck shell=bash

SERVICES=127.1.0.0

bench_udp_services() {
    STAGE=("${LOOPBACK[@]}")
    begin udp_services "addresses of loopback with one UDP service each" || return
    local count part i prefixes some
    count=$(pick 10000 1000)
    part=$(pick 1024 64)
    mapfile -t prefixes < <(cover $SERVICES "$count" ":$OPEN_PORT")
    mapfile -t some < <(cover $SERVICES "$part")
    have nmap
    # Ten runs in a row are one sample: one takes some 0.1 s.
    local REPEAT
    for ((i = 0; i < RUNS; i++)); do
        REPEAT=$(pick 10 1)
        sample netcheck "$NETCHECK" -q "${prefixes[@]/#/udp://}"
        sample select "$BENCH_BUILD/select_loop" -u 1024 5000 $SERVICES "$count" $OPEN_PORT
        sample rows "$NETCHECK" "${prefixes[@]/#/udp://}"
        REPEAT=1
        if command -v nmap >/dev/null && [ "$i" -lt "$(few 2)" ]; then
            sample nmap nmap -n -Pn -sU -T5 -oG - -p $OPEN_PORT "${some[@]}"
        fi
    done
    expect_status netcheck 0
    expect_status rows 0
    BASE=netcheck
    table "$count"
    row netcheck "$count"
    row select "$count" "$(tail -n 1 "$(output select)" | awk '{ print $1 }') up"
    row rows "$count"
    row nmap "$part" "$(grep -o '/open/' "$(output nmap)" 2>/dev/null | wc -l) of $part up"
    bar "$count UDP services, time of netcheck -q / select_loop -u" \
        "$(ratio netcheck "$count" select "$count")" '<=' 1.1 x
    bar "UDP services, speed of netcheck / nmap -sU" "$(ratio nmap "$part" netcheck "$count")" '>' 1 x
}

bench_udp_syscalls() {
    STAGE=("${LOOPBACK[@]}")
    begin udp_syscalls "system calls a probe, UDP services on loopback, counted by strace" || return
    have strace || return
    local count prefixes
    count=$(pick 10000 1000)
    mapfile -t prefixes < <(cover $SERVICES "$count" ":$OPEN_PORT")
    count_calls netcheck "$count" "$NETCHECK" -q "${prefixes[@]/#/udp://}"
    count_calls select "$count" "$BENCH_BUILD/select_loop" -u 1024 5000 $SERVICES "$count" \
        $OPEN_PORT
    compare_calls "$WORK/$BENCH.netcheck.calls" "$WORK/$BENCH.select.calls"
}
