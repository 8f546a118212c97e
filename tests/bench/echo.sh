# ICMP echo to hosts 50 ms away, beside fping. Sourced by run.sh.
# shellcheck shell=bash

ECHO=10.3.0.0
ECHO_RULE='10.3.0.0/16 silent echo rtt=50ms'
ECHO_WIDE=4096
ECHO_GAPS=(0 0.01 0.02 0.05 0.1) # milliseconds between two packets of fping (-i)

# Raw sockets: no group has ping sockets in a new namespace.
bench_echo_root() {
    AS_WHOM=()
    STAGE=("$NETCHECK_LAB" "$ECHO_RULE" --)
    begin echo_root "hosts 50 ms away, asked by root for an echo" || return
    echo_bench
}

bench_echo_nobody() {
    AS_WHOM=("$WORK/as_nobody")
    # shellcheck disable=SC2016 # a script, again
    printf '#!/bin/sh\nexec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"\n' >"${AS_WHOM[0]}"
    chmod +x "${AS_WHOM[0]}"
    # shellcheck disable=SC2016 # a script for another shell
    STAGE=("$NETCHECK_LAB" "$ECHO_RULE" -- sh -c
        'echo "0 2147483647" >/proc/sys/net/ipv4/ping_group_range; exec "$@"' sh)
    begin echo_nobody "the same, asked by nobody, whom ping_group_range allows it" || return
    have setpriv || return
    echo_bench
}

echo_bench() {
    local count i gap ours
    count=$(pick 65536 4096)
    mapfile -t ours < <(cover $ECHO "$count" | sed 's,^,icmp://,')
    hosts $ECHO "$count" >"$WORK/hosts.txt"
    chmod 711 "$WORK" && chmod 644 "$WORK/hosts.txt" # nobody reads it, too
    have fping
    for ((i = 0; i < RUNS; i++)); do
        sample netcheck "${AS_WHOM[@]}" "$NETCHECK" "${ours[@]}"
        sample netcheck_wide "${AS_WHOM[@]}" "$NETCHECK" -P $ECHO_WIDE "${ours[@]}"
        [ "$i" -lt "$(few 2)" ] && command -v fping >/dev/null || continue
        for gap in "${ECHO_GAPS[@]}"; do
            sample "fping_$gap" "${AS_WHOM[@]}" fping -a -q -i "$gap" -f "$WORK/hosts.txt"
        done
    done
    expect_status netcheck 0
    expect_status netcheck_wide 0
    echo_table
}

# echo_up NAME: the addresses that its last run said are up.
echo_up() {
    sed -n 's/^up *[^ ]*  \([0-9.]*\) .*/\1/p; /^[0-9.]*$/p' "$(output "$1")"
}

# echo_lost NAME: how many of the hosts it did not find.
echo_lost() {
    echo_up "$1" | sort -u | comm -23 <(sort "$WORK/hosts.txt") - | wc -l
}

echo_table() {
    local name best
    expect "hosts that netcheck lost" "$(echo_lost netcheck)" 0
    expect "hosts that netcheck -P $ECHO_WIDE lost" "$(echo_lost netcheck_wide)" 0
    BASE=netcheck
    table "$count"
    for name in netcheck netcheck_wide "${ECHO_GAPS[@]/#/fping_}"; do
        [ -e "$(output "$name")" ] || continue
        row "$name" "$count" "CPU $(short "$(value "$name" 6)") s, $(echo_lost "$name") lost"
    done
    say "(the floor is 50 ms a window: $(short "$(calc "$count * .05 / $WINDOW")") s at $WINDOW," \
        "$(short "$(calc "$count * .05 / $ECHO_WIDE")") s at $ECHO_WIDE)"
    best=$(echo_best)
    bar "$BENCH, time of the fastest fping that loses none" \
        "$(ratio "$best" "$count" netcheck "$count")" '>' 1 'x ours'
    bar "$BENCH, CPU of the same" \
        "$(calc "$(value "$best" 6) / $(value netcheck 6)")" '>' 1 'x ours'
}

# The fastest fping that found them all; none: -
echo_best() {
    local gap seconds best=none least=
    for gap in "${ECHO_GAPS[@]}"; do
        [ -e "$(output "fping_$gap")" ] && [ "$(echo_lost "fping_$gap")" = 0 ] || continue
        seconds=$(value "fping_$gap" 1)
        if [ -z "$least" ] || [ "$(calc "$seconds < $least")" = 1 ]; then
            least=$seconds
            best=fping_$gap
        fi
    done
    echo "$best"
}
