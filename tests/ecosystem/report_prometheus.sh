#!/bin/sh
# --format prometheus before what reads it: promtool, node_exporter's textfile collector, and
# Prometheus with the alert rules of netcheck-recipes(7), whose times are shortened. Prints what
# they show, and for each that was expected "ok" or "not ok".
#
#     report_prometheus.sh NETCHECK     as root
set -eu

. "$(dirname "$(realpath "$0")")/lib.sh"
recipes=$(dirname "$(realpath "$0")")/../../src/man/netcheck-recipes.7
enter "$@"

# COMMAND...: until it succeeds, 40 seconds at most.
await() {
    tries=200
    until "$@" >/dev/null 2>&1 || [ "$tries" -eq 0 ]; do
        tries=$((tries - 1))
        sleep 0.2
    done
    [ "$tries" -gt 0 ] || echo "# not yet: $*"
}

# LOG COMMAND...: on loopback, until the script ends.
start() {
    log=$1
    shift
    "$@" >"$log.log" 2>&1 </dev/null &
}

# NAME OPTION... TARGET...: text/NAME.prom, told apart by a label
write() {
    name=$1
    shift
    "$netcheck" -q --label "list=$name" --format prometheus -o "text/$name.prom" "$@" || true
}

# What the page shows, as a reader sees it.
rules() {
    awk '/^\.Ed/ { on = 0 } on { print } /^\.Bd -literal/ { on = 1 }' "$recipes" |
        sed -n 's/\\-/-/g; /^# Of netcheck/,/run for a while/p'
}

fetch() {
    curl -sS "http://127.0.0.1:9100/metrics"
}

# EXPRESSION FILTER: of the result's series
query() {
    curl -sS --data-urlencode "query=$1" http://127.0.0.1:9090/api/v1/query |
        jq -r ".data.result[] | $2" | LC_ALL=C sort
}

alerts() {
    curl -sS http://127.0.0.1:9090/api/v1/alerts | jq -r '.data.alerts[] |
        select(.state == "firing" and .labels.list != "hostile") |
        [.labels.alertname, .labels.list, .labels.target // "-", .labels.reason // "-",
            .annotations.summary] | join(" ")' |
        sed -E 's/ends in [0-9].*d .*/ends in N/; s/ends in [0-9]{2,}h.*/ends in N/' | LC_ALL=C sort
}

# COUNT: of alerts that fire
fire() {
    [ "$(alerts | wc -l)" -eq "$1" ]
}

certificate soon soon.example.com -days 5
certificate late late.example.com -days 90
start soon openssl s_server -accept 127.0.0.1:8443 -quiet -tls1_2 -cert soon.pem -key soon.key
start late openssl s_server -accept 127.0.0.1:8444 -quiet -tls1_2 -cert late.pem -key late.key
"$netcheck" -q --wait 10 127.0.0.1:8443,8444

mkdir text
umask 022 # as cron has it
write stopped 127.0.0.1:8443
printf '127.0.0.1:9\n\033]bad"{} line\n127.0.0.1:8443\n127.0.0.1:8443\n' >flows.txt
# All that a label may be: quotes, a backslash, a newline, UTF-8, and what becomes \xNN.
hostile=$(printf 'a"b\\c\\n<script>{},= \303\251\342\230\203\nline\t\033[2J\377')
write hostile --label "site=$hostile" 127.0.0.1:9
start flows "$netcheck" -q -i 1 --label list=flows --format prometheus -o text/flows.prom \
    -f flows.txt '!127.0.0.1:10' tls://127.0.0.1:8443,8444
await test -e text/flows.prom
start exporter setpriv --reuid prometheus --regid prometheus --clear-groups \
    prometheus-node-exporter --web.listen-address=127.0.0.1:9100 --collector.disable-defaults \
    --collector.textfile --collector.textfile.directory="$folder/text"
await fetch

rules >rules.yml
shows 'promtool: the rules of the manual' promtool check rules rules.yml <<'END'
Checking rules.yml
  SUCCESS: 3 rules found

END
for file in flows hostile stopped; do
    shows "promtool: $file.prom, nothing to say" sh -c 'promtool check metrics <"$0"; echo "$?"' \
        "text/$file.prom" <<'END'
0
END
done
shows 'every user may read it' sh -c 'stat -c "%A %n" text/*' <<'END'
-rw-r--r-- text/flows.prom
-rw-r--r-- text/hostile.prom
-rw-r--r-- text/stopped.prom
END
fetch >scraped
shows 'node_exporter, as another user: each series of two lists' \
    sed -n '/^netcheck_up{list="[fs]/p; /^netcheck_last_run_targets{list="f/p; /scrape_error/p' \
    scraped <<'END'
netcheck_last_run_targets{list="flows",state="down"} 2
netcheck_last_run_targets{list="flows",state="error"} 1
netcheck_last_run_targets{list="flows",state="up"} 4
netcheck_up{list="flows",protocol="tcp",target="127.0.0.1:10"} 0
netcheck_up{list="flows",protocol="tcp",target="127.0.0.1:8443"} 1
netcheck_up{list="flows",protocol="tcp",target="127.0.0.1:9"} 0
netcheck_up{list="flows",protocol="tls",target="tls://127.0.0.1:8443"} 1
netcheck_up{list="flows",protocol="tls",target="tls://127.0.0.1:8444"} 1
netcheck_up{list="stopped",protocol="tcp",target="127.0.0.1:8443"} 1
# HELP node_textfile_scrape_error 1 if there was an error opening or reading a file, 0 otherwise
# TYPE node_textfile_scrape_error gauge
node_textfile_scrape_error 0
END
shows 'node_exporter: nothing in its log' sh -c 'grep -v level=info exporter.log' </dev/null

sed -i 's/for: 6m/for: 2s/; s/> 900/> 8/' rules.yml
cat >prometheus.yml <<'END'
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [ rules.yml ]
scrape_configs:
- job_name: node
  static_configs: [ { targets: [ "127.0.0.1:9100" ] } ]
END
start prometheus prometheus --config.file=prometheus.yml --storage.tsdb.path=data \
    --web.listen-address=127.0.0.1:9090 --log.level=warn
await fire 3
shows 'Prometheus: the alerts that fire' alerts <<'END'
NetcheckCertificateEnds flows tls://127.0.0.1:8443 - tls://127.0.0.1:8443: certificate ends in N
NetcheckNotAsExpected flows 127.0.0.1:9 refused 127.0.0.1:9: refused
NetcheckStopped stopped - - netcheck has not run for a while
END
printf 'a"b\\c\\n<script>{},= \303\251\342\230\203\nline\\x09\\x1b[2J\\xff\n' >arrived
LC_ALL=C sort <arrived >sorted
shows 'Prometheus: a hostile label arrives' query 'netcheck_up{list="hostile"}' .metric.site <sorted
shows 'Prometheus: the expected state, and the reason beside it' query \
    'netcheck_reason and ignoring (state, reason) netcheck_as_expected{list="flows"} == 1' \
    '[.metric.target, .metric.state, .metric.reason] | join(" ")' <<'END'
127.0.0.1:10 down refused
127.0.0.1:8443 up connected
tls://127.0.0.1:8443 up replied
tls://127.0.0.1:8444 up replied
END

# It is up from here on.
start up socat tcp4-listen:9,bind=127.0.0.1,fork,reuseaddr -
await fire 2
shows 'Prometheus: what is up does not fire' alerts <<'END'
NetcheckCertificateEnds flows tls://127.0.0.1:8443 - tls://127.0.0.1:8443: certificate ends in N
NetcheckStopped stopped - - netcheck has not run for a while
END

# Why there is --label: these two collide, which is in the log alone.
for name in one two; do
    "$netcheck" -q --format prometheus -o "text/$name.prom" 127.0.0.1:8443
done
fetch >scraped
shows 'node_exporter: without a label it drops a run, and logs it' sh -c \
    'grep -q "collected before with the same name and label values" exporter.log && echo told
    grep -c "^netcheck_last_run_duration_seconds " scraped' <<'END'
told
1
END
finish
