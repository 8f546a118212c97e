# A router whose connection table is too small for the sweep. Sourced by run.sh.
# shellcheck shell=bash

LOSSY=10.2.0.0

bench_lossy() {
    # Each share= is of what the rule before it left over.
    local rules=("$LOSSY/16:22 open rtt=50ms share=60%" "$LOSSY/16:22 refused rtt=50ms share=50%"
        "$LOSSY/16 silent")
    local count i ours
    count=$(pick 3000 300)
    STAGE=("$NETCHECK_LAB" --table $((count / 6)) "${rules[@]}" --)
    begin lossy "$count hosts behind a router with room for $((count / 6)) connections" || return
    mapfile -t ours < <(cover $LOSSY "$count" ":22")
    mapfile -t theirs < <(cover $LOSSY "$count")
    hosts $LOSSY "$count" >"$WORK/hosts.txt"
    # What is true is asked without the table, gently, and not by netcheck.
    "$NETCHECK_LAB" "${rules[@]}" -- "$BENCH_BUILD/select_loop" -v 100 1000 $LOSSY "$count" 22 |
        awk 'NF == 3 { print $1, $3 }' | sort >"$WORK/truth"
    say "in truth: $(cut -d ' ' -f 2 "$WORK/truth" | sort | uniq -c | tr -s ' \n' ' ')"
    expect "hosts in truth" "$(wc -l <"$WORK/truth")" "$count"
    have nmap
    have nc && make_nc_line
    for ((i = 0; i < $(few 3); i++)); do lossy_round; done
    expect "rows" "$(wc -l <"$(output netcheck)")" "$count"
    expect "false up of netcheck" "$(wrong_verdicts netcheck | cut -d ' ' -f 3)" 0
    BASE=netcheck
    table "$count"
    for i in netcheck once select nmap nc; do row "$i" "$count" "$(wrong_note "$i")"; done
    bar "small router, wrong verdicts of netcheck" \
        "$(wrong_verdicts netcheck | cut -d ' ' -f 1)" '==' 0 ''
}

lossy_round() {
    sample netcheck "$NETCHECK" "${ours[@]}"
    sample once "$NETCHECK" -r 0 "${ours[@]}"
    sample select "$BENCH_BUILD/select_loop" -v 1024 5000 $LOSSY "$count" 22
    ! command -v nmap >/dev/null || sample nmap nmap -n -Pn -sT -T4 -p 22 -oG - "${theirs[@]}"
    [ "$i" -gt 0 ] || ! command -v nc >/dev/null ||
        sample nc xargs -a "$WORK/hosts.txt" -P 100 -n 1 "$WORK/nc_line"
}

# What nc says comes in pieces, which those of a hundred of them would mix.
make_nc_line() {
    cat >"$WORK/nc_line" <<'END'
#!/bin/sh
printf '%s %s\n' "$1" "$(nc -zv -w 5 "$1" 22 2>&1)"
END
    chmod +x "$WORK/nc_line"
}

# verdicts NAME: "ADDRESS up|down|timeout" lines of what it printed, in order.
verdicts() {
    case $1 in
    netcheck | once)
        awk '{ split($2, part, ":") }
            $1 == "up" { print part[1], "up" }
            $1 == "down" { print part[1], $4 ~ /^timeout/ ? "timeout" : "down" }' "$(output "$1")"
        ;;
    select) awk 'NF == 3 { print $1, $3 }' "$(output select)" ;;
    nmap)
        awk '/Ports:/ { split($5, part, "/")
            print $2, part[2] == "open" ? "up" : part[2] == "closed" ? "down" : "timeout" }' \
            "$(output nmap)"
        ;;
    nc)
        awk '{ print $1, /succeeded/ ? "up" : /refused/ ? "down" : "timeout" }' "$(output nc)"
        ;;
    esac | sort
}

# wrong_verdicts NAME: "WRONG MISSED FALSE_UP" of the last run. Missed: up, and not said to be.
wrong_verdicts() {
    verdicts "$1" >"$WORK/verdicts"
    join -a 1 -e none -o 0,1.2,2.2 "$WORK/truth" "$WORK/verdicts" | awk '
        $2 != $3 { wrong++ }
        $2 == "up" && $3 != "up" { missed++ }
        $2 != "up" && $3 == "up" { up++ }
        END { print wrong + 0, missed + 0, up + 0 }'
}

wrong_note() {
    local wrong missed
    [ -e "$(output "$1")" ] || return 0
    read -r wrong missed _ < <(wrong_verdicts "$1")
    echo "$wrong wrong, $missed open"
}
