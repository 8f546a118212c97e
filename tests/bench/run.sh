#!/usr/bin/env bash
# netcheck beside its peers, in one run on one machine. "make bench" runs it, for ten minutes.
#
#   RUNS=5      repeats; medians are printed
#   ONLY=       run only benches whose name has this in it
#   QUICK=1     smallest sizes, one run: only shows that the benches work
#   FULL=1      the sizes that take long, too (10 million targets)
#
#   NETCHECK, NETCHECK_STATIC, NETCHECK_LAB   programs; what is not there is said and left out
#   BENCH_BUILD                               folder with the helpers built from *.c here
#
# Every command runs in a network namespace of its own: where exactly one loopback port is open
# (loopback.c), or where the lab plays far-away hosts. That takes root; "unshare -rn make bench"
# will do. A slow result is printed and is no failure; a wrong one (a false "up", a missing row,
# an odd exit status of netcheck) is, and makes the exit status 1.
set -u
export LC_ALL=C # decimal points, and one order for sort and join
cd "$(dirname "$0")/../.." || exit 2

QUICK=${QUICK:-0}
FULL=${FULL:-0}
ONLY=${ONLY:-}
RUNS=${RUNS:-5}
[ "$QUICK" != 1 ] || RUNS=1
LIMIT_S=600 # no sample takes longer
BENCH_BUILD=$(realpath "${BENCH_BUILD:-build/plain/tests/bench}")
NETCHECK=$(realpath "${NETCHECK:-build/plain/netcheck}")
NETCHECK_STATIC=$(realpath -m "${NETCHECK_STATIC:-netcheck-static}")
NETCHECK_LAB=$(realpath -m "${NETCHECK_LAB:-build/plain/tests/lab/lab}")
HERE=$(realpath tests/bench)

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$HERE/lib.sh"
# shellcheck source-path=SCRIPTDIR source=loopback.sh
. "$HERE/loopback.sh"
# shellcheck source-path=SCRIPTDIR source=names.sh
. "$HERE/names.sh"
# shellcheck source-path=SCRIPTDIR source=network.sh
. "$HERE/network.sh"
# shellcheck source-path=SCRIPTDIR source=udp.sh
. "$HERE/udp.sh"
# shellcheck source-path=SCRIPTDIR source=lossy.sh
. "$HERE/lossy.sh"
# shellcheck source-path=SCRIPTDIR source=echo.sh
. "$HERE/echo.sh"
# shellcheck source-path=SCRIPTDIR source=waiting.sh
. "$HERE/waiting.sh"
# shellcheck source-path=SCRIPTDIR source=ready.sh
. "$HERE/ready.sh"
# shellcheck source-path=SCRIPTDIR source=reports.sh
. "$HERE/reports.sh"
# shellcheck source-path=SCRIPTDIR source=truth.sh
. "$HERE/truth.sh"

for program in "$NETCHECK" "$BENCH_BUILD/measure" "$BENCH_BUILD/loopback"; do
    [ -x "$program" ] || { echo "bench: $program is not built" >&2; exit 2; }
done

first_line() {
    "$@" 2>&1 </dev/null | grep -m 1 .
}

version() {
    command -v "$1" >/dev/null || { printf '%-10s not installed\n' "$1"; return; }
    printf '%-10s %s\n' "$1" "$(first_line "$@" | cut -c 1-80)"
}

machine() {
    echo "== machine"
    local model load
    model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)
    read -r load _ </proc/loadavg
    say "$(nproc) cores, ${model:-unknown}, $(uname -srm)"
    say "$(getconf GNU_LIBC_VERSION 2>/dev/null || first_line ldd --version)," \
        "$(ulimit -Hn) descriptors, load $load before we began"
    {
        printf '%-10s %s\n' netcheck "$(first_line "$NETCHECK" --version)"
        version nc -h
        version nmap --version
        version fping --version
        version python3 --version
        version strace --version
    } | sed 's/^/  /'
    say "$RUNS runs of each, $(pick 'full sizes' 'QUICK: sizes that say nothing about speed')"
}

summary() {
    printf '\n== bars\n'
    [ ${#bars[@]} -eq 0 ] || printf '  %s\n' "${bars[@]}"
    if [ "$broken" -gt 0 ]; then say "$broken results were wrong, see BROKEN above"; fi
}

machine
bench_one_shot
bench_closed_ports
bench_stdin_lines
bench_names
bench_dead_resolver
bench_far_hosts
bench_silent
bench_lossy
bench_echo_root
bench_echo_nobody
bench_growth_window
bench_growth_targets
bench_syscalls
bench_udp_far
bench_udp_near
bench_truth
bench_truth_names
bench_waiting
bench_false_success
bench_wait_status
bench_ready
bench_reports
bench_state
summary
[ "$broken" -eq 0 ]
