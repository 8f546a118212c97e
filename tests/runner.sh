#!/bin/sh
# Run test programs side by side, and say at the end what failed.
#
#     runner.sh PROGRAM...
#
# JOBS of them run at a time, four for each processor: most wait for time to pass. One that has
# not ended after LIMIT seconds is killed. What a program wrote stays in PROGRAM.log; PROGRAM.end
# has its seconds and its status.
set -u
limit=${LIMIT:-300}

run_one() {
    case $1 in
    */sim/*) first=nice ;; # they compute, on virtual time; others measure
    *) first= ;;
    esac
    started=$(date +%s)
    # In the foreground, so that Ctrl-C ends it, too.
    $first timeout --foreground -k 5 "$limit" "$1" >"$1.log" 2>&1 </dev/null
    echo "$(($(date +%s) - started)) $?" >"$1.end"
}

# Each failed test of a log, with what was said in it.
show_failed_tests() {
    awk '/^\[ RUN      \]/ { said = "" }
        /^\[=+\] .* run\.$/ { exit }
        { said = said "    " $0 "\n" }
        /^\[  FAILED  \] test_/ { printf "%s", said }' "$1"
}

# A program that crashed, hung, or could not begin names no test.
show_end() {
    case $1 in
    124 | 137) echo "    killed, it had not ended after $limit s; it last said:" ;;
    *) echo "    status $1; it last said:" ;;
    esac
    tail -n 40 "$2" | sed 's/^/    /'
}

# False if it failed.
show_program() {
    read -r seconds status <"$1.end" || return 1 # the runner was interrupted
    [ "$status" -ne 0 ] || return 0
    printf '\nFAILED after %s s: %s, all of it in %s.log\n' "$seconds" "$1" "$1"
    tests=$(show_failed_tests "$1.log")
    [ -z "$tests" ] || printf '%s\n' "$tests"
    [ -n "$tests" ] && [ "$status" -lt 124 ] || show_end "$status" "$1.log"
    return 1
}

# "N tests, N failed, N skipped" of all logs together.
count_tests() {
    for program; do cat "$program.log"; done | awk '
        /^\[=+\] [0-9]+ test\(s\) run\.$/ { tests += $2 }
        /^\[  FAILED  \] [0-9]+ test\(s\), listed below:$/ { failed += $4 }
        /^\[  SKIPPED \] [0-9]+ test\(s\), listed below:$/ { skipped += $4 }
        END { printf "%d tests, %d failed, %d skipped", tests, failed, skipped }'
}

if [ "$1" = --one ]; then
    run_one "$2"
    exit
fi

started=$(date +%s)
for program; do rm -f "$program.log" "$program.end"; done
printf '%s\n' "$@" |
    xargs -P "${JOBS:-$((4 * $(getconf _NPROCESSORS_ONLN)))}" -n 1 sh "$0" --one
failed=0
for program; do
    show_program "$program" || failed=$((failed + 1))
done
[ "$failed" -eq 0 ] || echo
echo "$# test programs, $failed failed; $(count_tests "$@"); $(($(date +%s) - started)) s"
[ "$failed" -eq 0 ]
