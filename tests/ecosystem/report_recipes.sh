#!/bin/sh
# The recipes of netcheck-recipes(7) for other readers, and the README's lines for Nagios,
# Prometheus and the status page, taken from there and run before the readers. Prints what they
# read, and for each that was expected "ok" or "not ok".
#
#     report_recipes.sh NETCHECK     as root
set -eu

. "$(dirname "$(realpath "$0")")/lib.sh"
top=$(dirname "$(realpath "$0")")/../..
metrics=/var/lib/prometheus/node-exporter
page=$top/src/man/netcheck-recipes.7
enter "$@"

# Four targets: up, down, down as it should be, and a line that is none, which nobody should paste
# into anything.
make_list() {
    printf '127.0.0.1:80\n[::1]:1\n!127.0.0.1:23\n' >/etc/flows.txt
    printf 'a,b=c"d|e<f>`*_[g](h)&i#TODO;$(j)\001\377\\\n' >list.hostile
    cat /etc/flows.txt list.hostile >/etc/all.txt
    mkdir -p /etc/netcheck /var/lib/netcheck /var/www/flows "$metrics"
    ln -s ../flows.txt /etc/netcheck/flows.txt
}

install_netcheck() {
    mkdir -p /usr/local/bin
    rm -f /usr/local/bin/netcheck
    ln -s "$netcheck" /usr/local/bin/netcheck
    PATH=/usr/local/bin:$PATH
    export HOME="$folder"
}

# In place of the mail server: all mails in one file.
make_sendmail() {
    rm -f /usr/sbin/sendmail
    printf '#!/bin/sh\ncat >>"%s/mails"\n' "$folder" >/usr/sbin/sendmail
    chmod 755 /usr/sbin/sendmail
    : >mails
}

# It shows the page as the snippet and the README say, and is the one that wants to be called.
start_nginx() {
    mkdir temporary
    chmod 777 temporary
    example "$page" 'add_header Refresh' >location
    cat >nginx.conf <<END
daemon off;
pid $folder/nginx.pid;
error_log $folder/nginx.log;
events { }
http {
    access_log $folder/access;
    $(nginx_paths)
    server {
        listen 127.0.0.1:80;
        server_name status.example.com;
        include $folder/location;
    }
    server {
        listen 127.0.0.1:80;
        server_name ping.example.com;
        location / { return 200 OK; }
    }
}
END
    echo '127.0.0.1 ping.example.com status.example.com zabbix.example.com' >>/etc/hosts
    nginx -p "$folder" -c nginx.conf >nginx.log 2>&1 &
}

start_influx() {
    INFLUXDB_REPORTING_DISABLED=true INFLUXDB_META_DIR=$folder/influx/meta \
        INFLUXDB_DATA_DIR=$folder/influx/data INFLUXDB_DATA_WAL_DIR=$folder/influx/wal \
        INFLUXDB_HTTP_BIND_ADDRESS=127.0.0.1:8086 INFLUXDB_HTTP_LOG_ENABLED=false \
        influxd >influxd.log 2>&1 &
}

# The server that zabbix_sender speaks to: the keys and values that came are in "zabbix".
start_zabbix() {
    perl -MIO::Socket::INET -e '
        my $all = IO::Socket::INET->new(Listen => 9, ReuseAddr => 1, LocalAddr => "127.0.0.1:10051")
            or die "10051: $!";
        my $answer = q({"response":"success","info":"processed: 0; failed: 0; total: 0; ) .
            q(seconds spent: 0.000001"});
        while (my $one = $all->accept) {
            next unless read $one, my $head, 13;
            read $one, my $json, unpack "V", substr $head, 5, 4;
            open my $file, ">", "zabbix";
            print $file $json;
            close $file;
            print $one "ZBXD\1", pack("VV", length $answer, 0), $answer;
        }' >zabbix.log 2>&1 &
}

# WORDS [SED]: run the page's recipe that has the words; what of it has to differ
recipe() {
    example "$page" "$1" | sed "${2:-}" >recipe
    sh recipe
}

# WORDS: run the README's line of crontab that has them
cron_line() {
    example "$top/README.md" "$1" | sed -n 's|^\*[/0-9]* \* \* \* \* ||p' >recipe
    sh recipe
}

mask() {
    sed -E 's/[0-9.]+ ms/N ms/g; s/connect_ms=[0-9.e-]+/connect_ms=N/; s/ [0-9]{19}$/ TIME/'
}

# A mail is there a moment after the command that sent it has ended.
mail_twice() {
    recipe 'ifne mail'
    recipe 'ifne mail'
    until_true test -s mails
    sleep 0.3
    sed -n '/^To: /p; /^Subject: /p; /^$/,$p' mails | sed "s/$(hostname)/HOST/; /^$/d" | mask
}

# Status 1, and then status 2
ping_twice() {
    recipe ping.example.com s/https:/http:/ || echo "not called: $?"
    recipe ping.example.com "s/https:/http:/; s|/etc/flows.txt|/etc/all.txt|" || echo "not called: $?"
    grep -o 'GET .flows' access
}

verify_units() {
    example "$page" StateDirectory= | awk '/^\[Timer\]/ { timer = 1 }
        { print >(timer ? "flows.timer" : "flows.service") }'
    systemd-analyze verify ./flows.service ./flows.timer
    sed -n '/^ExecStart=/,/[^\\]$/p' flows.service | sed 's/^ExecStart=//' >recipe
    mkdir -p state
    STATE_DIRECTORY=$folder/state sh recipe | mask
}

run_container() {
    mkdir -p pod list
    cp /etc/flows.txt list/
    example "$page" 'kind: CronJob' | sed -n '/command:/,/\]/p' | sed 's/ *command://' |
        jq -r '@sh' | sed "s|/state/|$folder/pod/|; s|/list/|$folder/list/|" >recipe
    sh recipe | mask
}

# COMMAND...: what the browser gets of the page that it writes
see_page() {
    rm -f /var/www/flows/index.html
    "$@" | mask
    curl -sS -D headers -o index http://status.example.com/flows/
    grep -oE '^(HTTP/1.1 200|Refresh: 60|Cache-Control: no-cache)' headers
    grep -o '[0-9]* of [0-9]* not as expected' index | head -n 1
}

# The command of the README as Nagios runs it
to_nagios() {
    example "$top/README.md" 'define command' | sed -n 's/^ *command_line *//p' >recipe
    sh recipe | head -n 1 | sed 's/ *|.*//'
}

# What promtool says, and what node-exporter has of its folder
to_prometheus() {
    cron_line prometheus
    promtool check metrics <"$metrics/netcheck.prom"
    prometheus-node-exporter --web.listen-address=127.0.0.1:9100 --collector.disable-defaults \
        --collector.textfile >exporter.log 2>&1 &
    netcheck -q --wait 20 127.0.0.1:9100
    curl -sS 127.0.0.1:9100/metrics | grep -E '^(netcheck_as_expected|node_textfile_scrape_error)'
    grep 'level=error' exporter.log || true
}

to_influx() {
    curl -sS -o /dev/null -X POST 127.0.0.1:8086/query --data-urlencode 'q=CREATE DATABASE flows'
    recipe 'def tag' s/flows.txt/all.txt/ >lines
    curl -sS -o reply -w '%{http_code}\n' -X POST '127.0.0.1:8086/write?db=flows' \
        --data-binary @lines
    mask <lines
    curl -sS -G '127.0.0.1:8086/query?db=flows' --data-urlencode \
        'q=SELECT target, up, reason FROM netcheck' |
        jq -c '.results[].series[].values[][1:]' | sort
}

to_prove() {
    recipe 'prove -e cat' s/flows.txt/all.txt/ |
        grep -E '^(Failed|Result|  Failed)' | sed 's/ *$//' || true
    cat -v flows.tap
}

to_zabbix() {
    recipe zabbix_sender s/flows.txt/all.txt/
    jq -r '.data[] | .key + " " + .value' zabbix | sed 's/\(connect_ms.*\) .*/\1 N/'
}

to_markdown() {
    export GITHUB_STEP_SUMMARY="$folder/summary"
    recipe GITHUB_STEP_SUMMARY s/flows.txt/all.txt/
    head -n 5 summary
    cmark-gfm -e table -e autolink -e strikethrough summary | grep -E '<td>' | sed -n '13,15p' | cat -v
}

overlay /etc /usr/sbin /usr/local /var
make_list
install_netcheck
make_sendmail
start_nginx
start_influx
start_zabbix
netcheck -q --wait 20 127.0.0.1:80,8086,10051 || {
    echo "not ok - nginx (80), influxd (8086) or the stub of Zabbix (10051) does not answer"
    exit 1
}

shows 'ifne and mail: once, and never again' mail_twice <<'END'
To: ops@example.com
Subject: flows on HOST
down   [::1]:1  ::1  refused in N ms (new)
END
shows 'a dead man: called at status 1, not at 2' ping_twice <<'END'
not called: 1
GET /flows
END
shows 'systemd: the units are valid, and run' verify_units <<'END'
down   [::1]:1  ::1  refused in N ms (new)
END
shows 'a CronJob: its command runs' run_container <<'END'
down   [::1]:1  ::1  refused in N ms (new)
END
shows 'InfluxDB: each target as it is named, but for what would break a line' to_influx <<'END'
204
netcheck,target=127.0.0.1:80,protocol=tcp up=true,as_expected=true,reason="connected",connect_ms=N TIME
netcheck,target=[::1]:1,protocol=tcp up=false,as_expected=false,reason="refused",connect_ms=N TIME
netcheck,target=127.0.0.1:23,protocol=tcp up=false,as_expected=true,reason="refused",connect_ms=N TIME
netcheck,target=a\,b\=c"d|e<f>`*_[g](h)&i#TODO;$(j)_�_,protocol=none up=false,as_expected=false,reason="invalid" TIME
["127.0.0.1:23",false,"refused"]
["127.0.0.1:80",true,"connected"]
["[::1]:1",false,"refused"]
["a,b=c\"d|e<f>`*_[g](h)&i#TODO;$(j)_�_",false,"invalid"]
END
shows 'TAP: prove counts two failures, and none is on a TODO list' to_prove <<'END'
Failed 2/4 subtests
  Failed tests:  2, 4
Result: FAIL
1..4
ok 1 - 127.0.0.1:80 up connected
not ok 2 - [::1]:1 down refused
ok 3 - 127.0.0.1:23 down refused
not ok 4 - a,b=c"d|e<f>`*_[g](h)&i\#TODO;$(j) M-oM-?M-=\\ error invalid
END
shows 'Zabbix: what is discovered, and what zabbix_sender sends' to_zabbix <<'END'
[{"{#TARGET}":"127.0.0.1:80","{#PROTOCOL}":"tcp"},{"{#TARGET}":"[::1]:1","{#PROTOCOL}":"tcp"},{"{#TARGET}":"127.0.0.1:23","{#PROTOCOL}":"tcp"}]
Response from "zabbix.example.com:10051": "processed: 0; failed: 0; total: 0; seconds spent: 0.000001"
sent: 6; skipped: 0; total: 6
netcheck.as_expected["127.0.0.1:80"] 1
netcheck.connect_ms["127.0.0.1:80"] N
netcheck.as_expected["[::1]:1"] 0
netcheck.connect_ms["[::1]:1"] N
netcheck.as_expected["127.0.0.1:23"] 1
netcheck.connect_ms["127.0.0.1:23"] N
END
shows 'Markdown: a table, in which a name is a name' to_markdown <<'END'
| | target | state | reason |
|---|---|---|---|
| ok | 127.0.0.1:80 | up | connected  |
| **no** | &#91;::1&#93;:1 | down | refused  |
| ok | 127.0.0.1:23 | down | refused  |
<td><strong>no</strong></td>
<td>a,b=c&quot;d|e&lt;f&gt;`*_[g](h)&amp;i#TODO;$(j)^AM-oM-?M-=\</td>
<td>error</td>
END
rm -f /var/lib/netcheck/flows
shows 'the page of the manual, from nginx' see_page recipe '--format html' <<'END'
down   [::1]:1  ::1  refused in N ms (new)
HTTP/1.1 200
Refresh: 60
Cache-Control: no-cache
1 of 3 not as expected
END
shows 'the page of the README' see_page cron_line '--format html' <<'END'
HTTP/1.1 200
Refresh: 60
Cache-Control: no-cache
1 of 3 not as expected
END
shows 'Nagios: the command of the README' to_nagios <<'END'
NETCHECK CRITICAL: 2 of 3 as expected, [::1]:1 refused
END
shows 'Prometheus: the line of the README' to_prometheus <<'END'
netcheck_as_expected{protocol="tcp",target="127.0.0.1:23"} 1
netcheck_as_expected{protocol="tcp",target="127.0.0.1:80"} 1
netcheck_as_expected{protocol="tcp",target="[::1]:1"} 0
node_textfile_scrape_error 0
END
finish
