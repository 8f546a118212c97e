#!/bin/sh
# The status page in chromium, by chromedriver, under axe-core: its rows are those of JSON, nothing
# on it can run, it fits 1280, 390 and 320 pixels, in the light and in the dark.
#
#     report_page.sh NETCHECK     as root; axe-core is below $UNPACKED
set -eu

here=$(dirname "$(realpath "$0")")
. "$here/lib.sh"
enter "$@"

axe=${UNPACKED:-/nowhere}/axe-core/package/axe.min.js
[ -r "$axe" ] || {
    echo "not ok - no $axe: npm pack axe-core, and tar -x what it brings in there"
    exit 1
}

# A service at a port of this machine, until end_service ends it.
begin_service() {
    socat "TCP-LISTEN:$1,fork,reuseaddr" OPEN:/dev/null &
    service=$!
    while ! "$netcheck" -q -t 1 127.0.0.1 "$1"; do sleep 0.05; done
}

end_service() {
    kill "$service"
    wait "$service" || true
}

# NAME OPTION...: NAME.html and NAME.json of one run
ask() {
    name=$1
    shift
    "$netcheck" -q -t 1 --format html -o "$name.html" --format json -o "$name.json" "$@" || true
}

in_browser() {
    timeout 300 python3 "$here/report_page.py" "$axe" "$@"
}

text_browser() {
    w3m -dump -cols 80 "$1.html" | grep -oE '[0-9]+ of [0-9]+ not as expected$|^ *x:1 |refused'
}

# Where runs are remembered, each target has its strip.
memory=
strips=0
if "$netcheck" --help | grep -q -- --state; then
    memory="--state state"
    strips=4
fi

printf '127.0.0.1:8001\nicmp://127.0.0.1\n' >core.txt
printf '!127.0.0.1:8003\n!udp://127.0.0.1:8004\n' >closed.txt
printf '<script>alert(1)</script>:1\n"\047 onerror=alert(1) \342\200\256:1\n\001\377\n' >'<b>.txt'
{ head -c 4000 /dev/zero | tr '\0' a && echo :1; } >>'<b>.txt'

begin_service 8001
# shellcheck disable=SC2086
for _ in 1 2 3; do ask good $memory -f core.txt -f closed.txt; done
end_service
# shellcheck disable=SC2086
ask bad $memory -f closed.txt -f core.txt
ask hostile -f '<b>.txt' -f closed.txt
shows "what a browser makes of them" in_browser good bad hostile <<END
title: ✓ all 4 as expected - netcheck
heading: all 4 as expected
icon: round
folded: core.txt all 2 as expected
folded: closed.txt all 2 as expected
strips: $strips of 4
active elements: 0
a script is blocked
title: ✗ 1 of 4 not as expected - netcheck
heading: 1 of 4 not as expected
icon: square
open: core.txt 1 of 2 not as expected: above
folded: closed.txt all 2 as expected
strips: $strips of 4
active elements: 0
a script is blocked
title: ? 4 of 6 not as expected - netcheck
heading: 4 of 6 not as expected
icon: triangle
open: <b>.txt 4 of 4 not as expected: above
folded: closed.txt all 2 as expected
strips: 0 of 6
active elements: 0
a script is blocked
END

shows "a browser of text" text_browser bad <<'END'
1 of 4 not as expected
refused
refused
refused
END

finish
