# What the benches share: samples, medians, tables, bars. Sourced by run.sh.
# shellcheck shell=bash
#
# A bench is a function. It sets STAGE, the program that gives each command a network of its own,
# asks `begin` whether it is to run, takes samples of every command in turn, RUNS times over, and
# prints a row for each. What it says of a sample is read from three files in WORK: NAME.times
# (a line a run, see measure.c), NAME.out and NAME.err (of the last run), and NAME.cmd.

WORK=$(mktemp -d "${TMPDIR:-/tmp}/netcheck-bench.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
trap 'exit 130' INT TERM

broken=0
bars=()
STAGE=()
BASE= # the sample that all others of a table are held against

# pick FULL QUICK: the size of this run.
pick() {
    if [ "$QUICK" = 1 ]; then echo "$2"; else echo "$1"; fi
}

# The samples of slow peers are taken this often at most.
few() {
    if [ "$RUNS" -lt "$1" ]; then echo "$RUNS"; else echo "$1"; fi
}

say() {
    printf '  %s\n' "$*"
}

# A bench whose own result is wrong fails the whole run, at its end.
break_off() {
    say "BROKEN: $*"
    broken=$((broken + 1))
}

# expect WHAT GOT WANTED
expect() {
    [ "$2" = "$3" ] || break_off "$1: got '$(echo "$2" | head -c 40)', wanted '$3'"
}

# have TOOL: whether a peer is here; once it is not, that is said.
have() {
    command -v "$1" >/dev/null && return 0
    say "not measured: $1 is not installed"
    return 1
}

# have_file PATH WHAT: the same for what is built.
have_file() {
    [ -x "$1" ] && return 0
    say "not measured: $2 is not built"
    return 1
}

# begin NAME TITLE: print the heading; false when the bench is not wanted or cannot run here.
begin() {
    case $1 in *"$ONLY"*) ;; *) return 1 ;; esac
    BENCH=$1
    printf '\n== %s: %s\n' "$1" "$2"
    have_file "${STAGE[0]}" "${STAGE[0]##*/}" || return 1
    local status
    "${STAGE[@]}" true >/dev/null 2>"$WORK/stage.err"
    status=$?
    [ "$status" -eq 0 ] && return 0
    say "not run: $(tr '\n' ' ' <"$WORK/stage.err")"
    [ "$status" -eq 77 ] || break_off "${STAGE[0]##*/} ended with status $status"
    return 1
}

# sample NAME COMMAND...: one run, or REPEAT runs in a row, measured. The status is COMMAND's.
sample() {
    local name=$BENCH.$1
    shift
    describe "$@" >"$WORK/$name.cmd"
    timeout "$LIMIT_S" "${STAGE[@]}" "$BENCH_BUILD/measure" -n "${REPEAT:-1}" \
        "$WORK/$name.times" "$@" >"$WORK/$name.out" 2>"$WORK/$name.err" </dev/null
    local status=$?
    [ "$status" -ne 124 ] || echo "stopped after $LIMIT_S s" >"$WORK/$name.stopped"
    return "$status"
}

# The command line as a reader would type it, one table column long.
describe() {
    local words=() word
    for word in "$@"; do
        case $word in
        "$WORK"/*) word=${word#"$WORK"/} ;;
        /*) word=${word##*/} ;;
        esac
        words+=("$word")
    done
    local line=${words[*]}
    line=${line/#python3 /}
    if [ ${#line} -gt 44 ]; then line=${line:0:41}...; fi
    echo "$line"
}

# output NAME: the file with what its last run printed.
output() {
    echo "$WORK/$BENCH.$1.out"
}

# value NAME COLUMN [PERCENT]: median, or another percentile, of one column of the notes. The
# columns: 1 wall, 2 user, 3 system seconds, 4 peak KiB, 5 exit status, 6 user + system seconds.
value() {
    local times=$WORK/$BENCH.$1.times
    [ -s "$times" ] || { echo -; return; }
    awk -v column="$2" '{ print column == 6 ? $2 + $3 : $column }' "$times" | sort -g |
        awk -v percent="${3:-50}" '{ all[NR] = $1 }
            END { at = 1 + (NR - 1) * percent / 100; low = int(at); part = at - low
                  print (part > 0 ? all[low] + part * (all[low + 1] - all[low]) : all[low]) }'
}

# Every run of NAME ended with this status.
expect_status() {
    local times=$WORK/$BENCH.$1.times
    expect "exit status of $(cat "$WORK/$BENCH.$1.cmd")" \
        "$(awk '{ print $5 }' "$times" 2>/dev/null | sort -u | tr '\n' ' ')" "$2 "
}

# calc EXPRESSION: of numbers and "-", which makes "-".
calc() {
    case " $1 " in *" - "*) echo - ;; *) awk "BEGIN { printf \"%.6g\", $1 }" ;; esac
}

# short NUMBER: about three digits that matter.
short() {
    case $1 in
    -) echo - ;;
    *) awk -v n="$1" 'BEGIN { a = n < 0 ? -n : n
           format = a >= 100 ? "%.0f" : a >= 10 ? "%.1f" : a >= 1 ? "%.2f" : "%.3f"
           if (a > 0 && a < .01) format = "%.6f"
           printf format, n }' ;;
    esac
}

# ratio NAME COUNT OTHER COUNT: how many times OTHER's time a probe of NAME takes.
ratio() {
    calc "( $(value "$1" 1) / $2 ) / ( $(value "$3" 1) / $4 )" 2>/dev/null || echo -
}

# table COUNT: a table whose rows are held against sample BASE, which did COUNT probes: the last
# column is how many times its time they take for a probe.
table() {
    BASE_COUNT=$1
    printf '  %-44s %9s %9s %10s\n' command 'median s' 'probes/s' 'x netcheck'
}

# row NAME COUNT [NOTE]
row() {
    local name=$1 count=$2 note=${3:-} seconds stopped=$WORK/$BENCH.$1.stopped
    [ -e "$WORK/$BENCH.$1.cmd" ] || return 0
    seconds=$(value "$name" 1)
    [ ! -e "$stopped" ] || note="$(cat "$stopped") $note"
    printf '  %-44s %9s %9s %10s  %s\n' \
        "$(cat "$WORK/$BENCH.$name.cmd")" "$(short "$seconds")" \
        "$(calc "int( $count / $seconds )")" \
        "$(short "$(ratio "$name" "$count" "$BASE" "$BASE_COUNT")")" "$note"
}

# bar TEXT VALUE OPERATOR LIMIT UNIT: DESIGN.md's word on it, printed here and at the end.
bar() {
    local verdict='not measured' line
    if [ "$2" != - ]; then
        verdict='FALLS SHORT'
        ! awk -v value="$2" -v limit="$4" "BEGIN { exit !(value $3 limit) }" || verdict=holds
    fi
    line=$(printf '%-56s %8s %-5s %2s %-6s %s' "$1" "$(short "$2")" "$5" "$3" "$4" "$verdict")
    say "bar: $line"
    bars+=("$line")
}

# most_by_least: of the numbers on standard input.
most_by_least() {
    awk 'NF { if (!n++ || $1 < low) low = $1; if ($1 > high) high = $1 }
        END { print (low > 0 ? high / low : "-") }'
}

# cover A.B.0.0 COUNT [:PORT]: the fewest prefixes that hold just its first COUNT addresses.
cover() {
    awk -v base="$1" -v left="$2" -v port="${3:-}" 'BEGIN {
        split(base, part, "."); host = part[1] * 2^24 + part[2] * 2^16
        for (bits = 24; bits >= 0; bits--) {
            if (left < 2^bits) continue
            printf "%d.%d.%d.%d/%d%s\n", host / 2^24, host / 2^16 % 256, host / 2^8 % 256,
                   host % 256, 32 - bits, port
            host += 2^bits; left -= 2^bits
        } }'
}

# hosts A.B.0.0 COUNT: its first COUNT addresses, a line each.
hosts() {
    awk -v base="$1" -v count="$2" 'BEGIN {
        split(base, part, ".")
        for (i = 0; i < count; i++)
            printf "%d.%d.%d.%d\n", part[1], part[2] + i / 2^16, i / 2^8 % 256, i % 256 }'
}

count_rows() {
    grep -c "$1" "$2"
}
