# Benches that need nothing but a loopback with one open port. Sourced by run.sh.
# shellcheck shell=bash

OPEN_PORT=4242
LOOPBACK=("$BENCH_BUILD/loopback" "$OPEN_PORT")

bench_one_shot() {
    STAGE=("${LOOPBACK[@]}")
    begin one_shot "a whole process that asks one open port on loopback" || return
    local i connect=$BENCH_BUILD/connect_once
    local REPEAT
    REPEAT=$(pick 400 40)
    is_static "$connect" || say "connect_once is linked dynamically here: the first bar is too easy"
    have_file "$NETCHECK_STATIC" "netcheck-static (make static)"
    have nc
    for ((i = 0; i < RUNS; i++)); do
        sample connect "$connect" 127.0.0.1 $OPEN_PORT
        [ ! -x "$NETCHECK_STATIC" ] || sample static "$NETCHECK_STATIC" 127.0.0.1 $OPEN_PORT
        sample netcheck "$NETCHECK" 127.0.0.1 $OPEN_PORT
        ! command -v nc >/dev/null || sample nc nc -z 127.0.0.1 $OPEN_PORT
    done
    BASE=netcheck
    table 1
    for i in connect static netcheck nc; do row "$i" 1; done
    say "(medians of $((RUNS * REPEAT)) runs each)"
    expect_status netcheck 0
    expect_status connect 0
    expect "rows" "$(count_rows '^up ' "$(output netcheck)")" "$REPEAT"
    bar "one shot, time of netcheck-static / connect_once" "$(ratio static 1 connect 1)" '<=' 1.5 x
    bar "one shot, time of netcheck / nc -z" "$(ratio netcheck 1 nc 1)" '<=' 1 x
}

is_static() {
    ! ldd "$1" >/dev/null 2>&1
}

bench_closed_ports() {
    STAGE=("${LOOPBACK[@]}")
    begin closed_ports "all 65,535 ports of one loopback host, one of them open" || return
    local i last
    last=$(pick 65535 8000)
    have nc
    have nmap
    for ((i = 0; i < RUNS; i++)); do
        sample quiet "$NETCHECK" -q 127.0.0.1 1-"$last"
        sample rows "$NETCHECK" 127.0.0.1 1-"$last"
        sample select "$BENCH_BUILD/select_loop" 1024 5000 127.0.0.1 1 1-"$last"
        ! command -v nc >/dev/null || sample nc nc -z 127.0.0.1 1-"$last"
        if command -v nmap >/dev/null && [ "$i" -lt "$(few 2)" ]; then
            sample nmap nmap -n -Pn -sT -T5 -oG - -p 1-"$last" 127.0.0.1
        fi
    done
    expect_status quiet 1
    expect_status rows 1
    expect "rows" "$(wc -l <"$(output rows)")" "$last"
    expect "rows that say up" "$(awk '$1 == "up" { print $2 }' "$(output rows)")" \
        "127.0.0.1:$OPEN_PORT"
    BASE=quiet
    table "$last"
    row quiet "$last"
    row rows "$last" "1 up"
    row select "$last" "$(awk '{ print $1 }' "$(output select)") up"
    row nc "$last" "$(nc_false_up "$last")"
    row nmap "$last" "$(grep -o '[0-9]*/open/' "$(output nmap)" 2>/dev/null | wc -l) up"
    say "(what is over 1 up is false: the kernel connected a closed port to itself)"
    bar "closed ports, time of netcheck -q / nc -z" "$(ratio quiet "$last" nc "$last")" '<=' 1 x
    bar "closed ports, false up" "$(($(count_rows '^up ' "$(output rows)") - 1))" '==' 0 ''
}

# nc says what is open only under -v, which costs it time: a run that is not measured.
nc_false_up() {
    command -v nc >/dev/null || return
    "${STAGE[@]}" nc -zv 127.0.0.1 1-"$1" 2>&1 | grep -c succeeded | sed 's/$/ up/'
}

bench_stdin_lines() {
    STAGE=("${LOOPBACK[@]}")
    begin stdin_lines "target lines from a pipe, all for one closed loopback port" || return
    local lines rss first
    lines=$(pick 1000000 50000)
    [ "$FULL" != 1 ] || lines=10000000
    say "$lines lines$([ "$FULL" = 1 ] || echo ' (FULL=1: 10 million)'), one run"
    # feed stands outside measure: the cost noted is that of netcheck alone.
    feed_sample quiet "$lines" "$NETCHECK" -q -f -
    feed_sample rows "-w $((lines / 10))" "$NETCHECK" -f -
    expect_status quiet 1
    expect_status rows 1
    expect "rows" "$(cut -d ' ' -f 1 "$(output rows)")" $((lines / 10))
    BASE=quiet
    table "$lines"
    row quiet "$lines" "$(value quiet 4) KiB"
    row rows $((lines / 10)) "$(value rows 4) KiB"
    first=$(cut -d ' ' -f 2 "$(output rows)")
    say "first row read when $first of $((lines / 10)) lines had been written"
    rss=$(calc "$(value quiet 4) / 1024")
    bar "$lines lines from standard input, peak memory" "$rss" '<' 16 MiB
    bar "first row printed before the input ends, after lines" \
        "$([ "$first" -ge 0 ] && echo "$first" || echo $((lines / 10)))" '<' $((lines / 10)) ''
}

# feed_sample NAME "[-w ]LINES" COMMAND...
feed_sample() {
    local name=$BENCH.$1 lines
    read -ra lines <<<"$2"
    shift 2
    describe "$@" >"$WORK/$name.cmd"
    timeout "$LIMIT_S" "${STAGE[@]}" "$BENCH_BUILD/feed" "${lines[@]}" \
        "127.0.0.1:$((OPEN_PORT + 1))" "$BENCH_BUILD/measure" "$WORK/$name.times" "$@" \
        >"$WORK/$name.out" 2>"$WORK/$name.err"
}

bench_growth_targets() {
    STAGE=("${LOOPBACK[@]}")
    begin growth_targets "cost of a probe by number of targets, closed loopback ports" || return
    local exponent count last
    last=$(pick 6 4)
    [ "$FULL" != 1 ] || last=7
    printf '  %10s %12s %12s %10s\n' targets 'wall us each' 'CPU us each' 'peak KiB'
    for ((exponent = 3; exponent <= last; exponent++)); do
        count=$((10 ** exponent))
        growth_sample "$count"
        printf '  %10d %12s %12s %10s\n' "$count" "$(each_us "t$count" 1 "$count")" \
            "$(each_us "t$count" 6 "$count")" "$(value "t$count" 4)"
        # Below, the start of the process weighs.
        [ "$count" -lt 10000 ] ||
            calc "$(value "t$count" 6) / $count" | sed 's/$/\n/' >>"$WORK/targets.each"
    done
    bar "growth by targets, CPU of a probe, most / least" \
        "$(most_by_least <"$WORK/targets.each")" '<=' 2 x
}

growth_sample() {
    local i runs=$RUNS prefixes
    [ "$1" -lt 1000000 ] || runs=$(few 2)
    mapfile -t prefixes < <(cover 127.0.0.0 "$1" ":1")
    for ((i = 0; i < runs; i++)); do
        sample "t$1" "$NETCHECK" -q "${prefixes[@]}"
    done
    expect_status "t$1" 1
}

# each_us NAME COLUMN COUNT: microseconds a probe.
each_us() {
    short "$(calc "$(value "$1" "$2") * 1e6 / $3")"
}

bench_syscalls() {
    STAGE=("${LOOPBACK[@]}")
    begin syscalls "system calls a probe, closed loopback ports, counted by strace" || return
    have strace || return
    local count
    count=$(pick 10000 1000)
    count_calls netcheck "$count" "$NETCHECK" -q 127.0.0.1 "10000-$((9999 + count))"
    count_calls select "$count" "$BENCH_BUILD/select_loop" 1024 5000 127.0.0.1 1 \
        "10000-$((9999 + count))"
    compare_calls "$WORK/$BENCH.netcheck.calls" "$WORK/$BENCH.select.calls"
    STAGE=("$NETCHECK_LAB" '10.0.0.0/16:22 open rtt=50ms' --)
    "${STAGE[@]}" true 2>/dev/null || return 0
    echo
    say "the same, open ports 50 ms away:"
    local prefixes
    mapfile -t prefixes < <(cover 10.0.0.0 "$count" ":22")
    count_calls netcheck "$count" "$NETCHECK" -q "${prefixes[@]}"
    count_calls select "$count" "$BENCH_BUILD/select_loop" 1024 5000 10.0.0.0 "$count" 22
    compare_calls "$WORK/$BENCH.netcheck.calls" "$WORK/$BENCH.select.calls"
}

# count_calls NAME PROBES COMMAND...: leaves "CALLS-A-PROBE SYSCALL" lines.
count_calls() {
    local name=$BENCH.$1 probes=$2
    shift 2
    timeout "$LIMIT_S" "${STAGE[@]}" strace -f -c -U calls,name -o "$WORK/$name.strace" "$@" \
        >/dev/null 2>"$WORK/$name.err" </dev/null
    awk -v probes="$probes" '$1 ~ /^[0-9]+$/ && NF == 2 { printf "%.3f %s\n", $1 / probes, $2 }' \
        "$WORK/$name.strace" >"$WORK/$name.calls"
}

compare_calls() {
    printf '  %-20s %10s %12s\n' 'calls a probe' netcheck select_loop
    awk 'FNR == NR { ours[$2] = $1; order[++n] = $2; next }
         { theirs[$2] = $1; if (!($2 in ours)) order[++n] = $2 }
         END {
             for (i = 1; i <= n; i++) {
                 name = order[i]
                 if (name != "total" && ours[name] < .005 && theirs[name] < .005) continue
                 printf "  %-20s %10.3f %12.3f\n", name, ours[name], theirs[name]
             } }' "$1" "$2"
}
