# Benches of name resolution: a resolver far away, and a dead one. Sourced by run.sh.
# shellcheck shell=bash

bench_names() {
    STAGE=("${LOOPBACK[@]}" "$BENCH_BUILD/slow_dns" 50)
    begin names "names to look up, resolver 50 ms away, one open loopback port" || return
    local count some i
    count=$(pick 1000 200)
    some=$(pick 100 10)
    awk -v n="$count" -v port="$OPEN_PORT" \
        'BEGIN { for (i = 1; i <= n; i++) print "host" i ".example:" port }' >"$WORK/names.txt"
    sed 's/:.*//' "$WORK/names.txt" >"$WORK/hosts.txt"
    head -n "$some" "$WORK/hosts.txt" >"$WORK/some.txt"
    have nc
    have fping
    for ((i = 0; i < RUNS; i++)); do
        sample netcheck "$NETCHECK" -f "$WORK/names.txt"
        ! command -v nc >/dev/null ||
            sample nc xargs -a "$WORK/hosts.txt" -P 100 -I '{}' nc -z '{}' "$OPEN_PORT"
        if command -v fping >/dev/null && [ "$i" -lt "$(few 2)" ]; then
            sample fping fping -4 -q -c 1 -i 1 -f "$WORK/some.txt"
        fi
    done
    expect_status netcheck 0
    expect "rows that say up" "$(count_rows '^up ' "$(output netcheck)")" "$count"
    BASE=netcheck
    table "$count"
    row netcheck "$count"
    row nc "$count"
    row fping "$some" "$some names"
    bar "$count names, resolver 50 ms away" "$(value netcheck 1)" '<' 4 s
}

bench_dead_resolver() {
    STAGE=("${LOOPBACK[@]}" "$BENCH_BUILD/slow_dns" never)
    begin dead_resolver "one name, the resolver never answers, 2 s allowed" || return
    local i
    for ((i = 0; i < RUNS; i++)); do
        sample netcheck "$NETCHECK" -t 2 host.example "$OPEN_PORT"
    done
    [ "$QUICK" = 1 ] || ! have nc || sample nc nc -z -w 2 host.example "$OPEN_PORT"
    ! have curl || sample curl curl -s --connect-timeout 2 "telnet://host.example:$OPEN_PORT"
    expect_status netcheck 2
    expect "reason" "$(grep -o 'resolve-timeout' "$(output netcheck)")" resolve-timeout
    BASE=netcheck
    table 1
    for i in netcheck nc curl; do row "$i" 1; done
    bar "dead resolver, -t 2, slowest run" "$(value netcheck 1 100)" '<=' 2.05 s
    bar "dead resolver, -t 2, fastest run" "$(value netcheck 1 0)" '>=' 2 s
}
