# Benches of networks that the lab plays: far-away hosts, silent ones. Sourced by run.sh.
# shellcheck shell=bash

WINDOW=1024 # what netcheck takes without -P
WIDE=4000
FAR=10.0.0.0
FAR_RULE='10.0.0.0/16:22 open rtt=50ms'
SILENT=10.1.0.0
SILENT_RULE='10.1.0.0/16 silent'

bench_far_hosts() {
    STAGE=("$NETCHECK_LAB" "$FAR_RULE" --)
    begin far_hosts "hosts 50 ms away, one open port each" || return
    local count part small i ours theirs
    count=$(pick 60000 4000)
    part=$(pick 4096 256)
    small=$(pick 2000 200)
    mapfile -t ours < <(cover $FAR "$count" ":22")
    mapfile -t theirs < <(cover $FAR "$part")
    hosts $FAR "$small" >"$WORK/small.txt"
    for i in nmap python3 nc; do have "$i"; done
    for ((i = 0; i < RUNS; i++)); do
        sample netcheck "$NETCHECK" "${ours[@]}"
        sample select "$BENCH_BUILD/select_loop" $WINDOW 5000 $FAR "$count" 22
        sample netcheck_wide "$NETCHECK" -P $WIDE "${ours[@]}"
        sample select_wide "$BENCH_BUILD/select_loop" $WIDE 5000 $FAR "$count" 22
        [ "$i" -ge "$(few 2)" ] || far_peers
    done
    check_far "$count"
    BASE=netcheck
    table "$count"
    row netcheck "$count"
    row select "$count" "$(not_up select "$count")"
    row netcheck_wide "$count"
    row select_wide "$count" "$(not_up select_wide "$count")"
    row nmap "$part" "$part hosts"
    row python "$part" "$part hosts"
    row nc "$small" "$small hosts"
    say "(the floor is 50 ms a window: $(short "$(calc "$count * .05 / $WINDOW")") s at $WINDOW," \
        "$(short "$(calc "$count * .05 / $WIDE")") s at $WIDE)"
    bar "$count far hosts, speed of netcheck / select_loop" \
        "$(ratio select "$count" netcheck "$count")" '>=' 0.9 x
    bar "$count far hosts, the same with -P $WIDE" \
        "$(ratio select_wide "$count" netcheck_wide "$count")" '>=' 0.9 x
    bar "far hosts, speed of netcheck / nmap" "$(ratio nmap "$part" netcheck "$count")" '>' 5 x
}

# Slower by so much that a part of the hosts must do; the table counts it as such.
far_peers() {
    ! command -v nmap >/dev/null ||
        sample nmap nmap -n -Pn -sT -T5 -p 22 -oG - "${theirs[@]}"
    ! command -v python3 >/dev/null ||
        sample python python3 "$HERE/threads.py" 100 5 $FAR "$part" 22
    ! command -v nc >/dev/null ||
        sample nc xargs -a "$WORK/small.txt" -P 100 -I '{}' nc -z -w 5 '{}' 22
}

# not_up NAME COUNT: how many select_loop did not find up, if any.
not_up() {
    local up
    read -r up _ <"$(output "$1")"
    [ "$up" = "$2" ] || echo "$(($2 - up)) not up"
}

check_far() {
    local name
    for name in netcheck netcheck_wide; do
        expect_status "$name" 0
        expect "rows of $name that say up" "$(count_rows '^up ' "$(output "$name")")" "$1"
    done
}

bench_silent() {
    STAGE=("$NETCHECK_LAB" "$SILENT_RULE" --)
    begin silent "silent targets, 1 s allowed, all at once" || return
    local count part i ours
    count=$(pick 10000 1000)
    part=$(pick 1000 100)
    mapfile -t ours < <(cover $SILENT "$count" ":22")
    hosts $SILENT "$count" >"$WORK/hosts.txt"
    head -n "$part" "$WORK/hosts.txt" >"$WORK/part.txt"
    have fping
    for ((i = 0; i < RUNS; i++)); do
        sample netcheck "$NETCHECK" -t 1 -P "$count" "${ours[@]}"
        sample select "$BENCH_BUILD/select_loop" "$count" 1000 $SILENT "$count" 22
        if command -v fping >/dev/null && [ "$i" -lt "$(few 2)" ]; then
            sample fping fping -q -c 1 -t 1000 -f "$WORK/part.txt"
            sample fping_fast fping -q -c 1 -t 1000 -i 0 -f "$WORK/hosts.txt"
        fi
    done
    expect_status netcheck 1
    expect "rows that say timeout" \
        "$(count_rows '^down .* no answer' "$(output netcheck)")" "$count"
    BASE=netcheck
    table "$count"
    row netcheck "$count"
    row select "$count" "$(awk '{ print $3 " timed out" }' "$(output select)")"
    row fping "$part" "$part hosts, ICMP"
    row fping_fast "$count" "ICMP"
    bar "$count silent targets, -t 1" "$(value netcheck 1)" '<=' 1.25 s
}

bench_growth_window() {
    STAGE=("$NETCHECK_LAB" "$FAR_RULE" --)
    begin growth_window "cost of a probe by window, open ports 50 ms away" || return
    local window windows i count ours
    windows=(100 1000 4000 16000)
    [ "$QUICK" != 1 ] || windows=(100 1000)
    printf '  %8s %9s | %12s %12s %12s | %12s %12s\n' '' '' netcheck netcheck floor \
        select_loop select_loop
    printf '  %8s %9s | %12s %12s %12s | %12s %12s\n' window targets 'wall us each' \
        'CPU us each' 'rtt / window' 'wall us each' 'CPU us each'
    for window in "${windows[@]}"; do
        count=$((window * $(pick 20 4)))
        [ "$count" -le 60000 ] || count=60000
        mapfile -t ours < <(cover $FAR "$count" ":22")
        for ((i = 0; i < RUNS; i++)); do
            sample "w$window" "$NETCHECK" -q -P "$window" "${ours[@]}"
            sample "s$window" "$BENCH_BUILD/select_loop" "$window" 5000 $FAR "$count" 22
        done
        expect_status "w$window" 0
        printf '  %8d %9d | %12s %12s %12s | %12s %12s\n' "$window" "$count" \
            "$(each_us "w$window" 1 "$count")" "$(each_us "w$window" 6 "$count")" \
            "$(short "$(calc "50000 / $window")")" \
            "$(each_us "s$window" 1 "$count")" "$(each_us "s$window" 6 "$count")"
        calc "$(value "w$window" 6) / $count" | sed 's/$/\n/' >>"$WORK/windows.each"
    done
    bar "growth by window, CPU of a probe, most / least" \
        "$(most_by_least <"$WORK/windows.each")" '<=' 2 x
}
