# Benches of what is written besides the rows on standard output: the files of -o in each format,
# and the state. Sourced by run.sh.
# shellcheck shell=bash

# The formats, by what the program itself says of a wrong one.
formats() {
    "$NETCHECK" --format '?' 127.0.0.1 1 2>&1 | sed 's/.*allowed is //; s/,/ /g; s/ or / /'
}

# added NAME COLUMN COUNT UNIT: how much of a column a row costs beyond sample `none`.
added() {
    calc "( ( $(value "$1" "$2") ) -( $(value none "$2") ) ) * $4 / $3"
}

# $1 rows for files that are asked on loopback and not printed, with the words behind it.
ask_quietly() {
    local name=$1 half=$2
    shift 2
    sample "$name" "$NETCHECK" -q "$@" -p 1-"$half" 127.1.0.1 127.1.0.2
}

bench_reports() {
    STAGE=("${LOOPBACK[@]}")
    begin reports "what each further output costs a row, beside -q alone" || return
    local i format half count
    half=$(pick 50000 2500)
    count=$((2 * half))
    local -a names
    read -r -a names < <(formats)
    [ ${#names[@]} -gt 1 ] || break_off "no formats were found"
    for ((i = 0; i < RUNS; i++)); do
        ask_quietly none "$half"
        for format in "${names[@]}"; do
            ask_quietly "$format" "$half" --format "$format" -o "$WORK/reports.$format"
        done
    done
    expect_status none 1
    expect "rows of the file in text" "$(wc -l <"$WORK/reports.text")" "$count"
    printf '  %-12s %12s %14s %12s\n' -o 'us a row' 'bytes a row' 'file KiB'
    for format in "${names[@]}"; do
        printf '  %-12s %12s %14s %12s\n' "$format" "$(short "$(added "$format" 6 "$count" 1e6)")" \
            "$(short "$(added "$format" 4 "$count" 1024)")" \
            "$(($(wc -c <"$WORK/reports.$format") / 1024))"
    done
    say "(user and system time, and peak memory, of $count rows; $RUNS runs)"
    for format in "${names[@]}"; do
        bar "-o in $format, CPU a row" "$(added "$format" 6 "$count" 1e6)" '<=' 20 us
    done
}

# Give each target of the state file $1 the 90 runs that a status page shows, one in twenty late.
add_runs() {
    awk -F '\t' '
        function history(key,    i, times) {
            for (i = 1; i <= 90; i++)
                times = times (i > 1 ? "," : "") (rand() < 0.05 ? "-" : int(rand() * 400) / 10)
            return "history\t" key "\tr80t1r9\t" times
        }
        BEGIN { srand(1) }
        $1 == "end" { print "#history"; for (i = 1; i <= count; i++) print history(keys[i]) }
        { print }
        /^[^#]/ && NF >= 10 { keys[++count] = $1 "\t" $2 "\t" $3 }' "$1" >"$1.runs" &&
        mv "$1.runs" "$1"
}

# What is measured of the state file in sample $1: $2 says which, $3 how many targets it has.
tell_state() {
    say "$3 targets$2: $(short "$(added "$1" 6 1 1)") s of CPU more, $(short "$(added "$1" 1 1 1)")" \
        "s longer, $(short "$(added "$1" 4 "$3" 1024)") bytes of memory a target," \
        "$(($(wc -c <"$WORK/$1") / 1024)) KiB on the disk"
    bar "the state of $3 targets$2 read and written, CPU" "$(added "$1" 6 1 1)" '<=' 1 s
}

bench_state() {
    STAGE=("${LOOPBACK[@]}")
    begin state "what --state costs, read and written" || return
    local i half count
    "$NETCHECK" --help | grep -q -e --state || { say "not measured: there is no --state"; return; }
    half=$(pick 50000 2500)
    count=$((2 * half))
    ask_quietly first "$half" --state "$WORK/state"
    cp "$WORK/state" "$WORK/runs"
    add_runs "$WORK/runs"
    expect "targets with runs" "$(grep -c '^history' "$WORK/runs")" "$count"
    for ((i = 0; i < RUNS; i++)); do
        ask_quietly none "$half"
        ask_quietly state "$half" --state "$WORK/state"
        ask_quietly runs "$half" --state "$WORK/runs"
    done
    tell_state state "" "$count"
    tell_state runs " with 90 runs each" "$count"
    bar "memory of a target with 90 runs" "$(added runs 4 "$count" 1024)" '<=' 600 bytes
}
