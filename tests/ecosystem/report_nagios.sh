#!/bin/sh
# --format nagios as a plugin of the real Nagios, Icinga and NRPE: what they make of its state, its
# text, its rows and its performance data, and check_tcp beside it. Prints that, and for each that
# was expected "ok" or "not ok".
#
#     report_nagios.sh NETCHECK     as root
set -eu

. "$(dirname "$(realpath "$0")")/lib.sh"
enter "$@"

up=10.90.1.2:5432      # a server
host=10.90.1.2         # all its other ports are closed
silent=10.90.1.2:22    # a firewall drops what comes
plugins=/usr/lib/nagios/plugins
patience=8 # seconds for a check; Icinga kills a tenth later

# What each check asks. None has a character that one of the readers would take for its own.
cat >checks <<END
one --warn 0.9 --crit 1 -t 1 $up
closed --warn 0.9 --crit 1 -t 1 $host:1
slow --warn 0.0001ms --crit 1 -t 1 $up
very-slow --crit 0.0001ms -t 1 $up
all-well --warn 0.9 --crit 1 -t 1 $up !$host:23 icmp://$host
problems -t 0.9 $up $host:1 $silent nosuch.invalid:443 !$host:23 !$up
any --any -q $up $host:1
bad-line -f $folder/bad
hostile -q -f $folder/hostile
usage --nonsense $up
no-file -f $folder/absent
thousands $host:7001-10000
hangs -t 60 $up $silent
in-time -m 2 -t 60 $up $silent
END
printf '%s\n' "$up" 'db:x' >bad
printf '%s\n' "$up" 'a|b=1;2' "x'y\"z\`id\`\$(id):1" '<script>alert(1)</script>' \
    "$(printf '\033[31mred\377\377')" >hostile
chmod 644 bad hostile

# The plugin as it stands in a configuration.
plugin() {
    grep "^$1 " checks | {
        read -r _ arguments
        echo "$netcheck --format nagios $arguments"
    }
}

# Both in the same words. Times are never the same twice, and of thousands the number is enough.
# Icinga leaves out quotes that it can do without, and Nagios the blank before the bar.
mask() {
    sed -E "s/^\t//; s/^(current_)?state=/state=/; s/^plugin_output=/text=/
        s/^long_plugin_output=/rows=/; s/^performance_data=/data=/; /^data=/s/'//g; s/ \$//
        s/[0-9.]+ ms/N ms/g; s/=[0-9.]+s;/=Ns;/g; s/after [0-9.]+ seconds/after N seconds/
        s|$folder/||g" |
        awk '/^rows=/ && length > 10000 { print "rows: " gsub(/\\n/, "") + 1; next }
            /^data=/ && length > 10000 { print "data: " NF; next }
            { print }'
}

# Nagios, as status.dat has it; new lines are "\n" there.
start_nagios() {
    mkdir nagios nagios/results
    for item in "log_file nagios.log" "cfg_file $folder/objects.cfg" "object_cache_file objects" \
        "precached_object_file precached" "status_file status.dat" "temp_file temp" \
        "temp_path ." "check_result_path results" "lock_file lock" \
        "state_retention_file retention" "command_file command" "query_socket socket"; do
        value=${item#* }
        case $value in /*) ;; *) value=$folder/nagios/$value ;; esac
        echo "${item%% *}=$value"
    done >nagios.cfg
    cat >>nagios.cfg <<END
status_update_interval=1
check_external_commands=0
nagios_user=nagios
nagios_group=nagios
use_syslog=0
check_for_updates=0
execute_host_checks=0
interval_length=1
check_result_reaper_frequency=1
service_inter_check_delay_method=n
max_service_check_spread=1
check_workers=1
enable_notifications=0
enable_flap_detection=0
retain_state_information=0
service_check_timeout=$patience
END
    cat >objects.cfg <<END
define timeperiod {
    timeperiod_name always
    alias always
    sunday 00:00-24:00
    monday 00:00-24:00
    tuesday 00:00-24:00
    wednesday 00:00-24:00
    thursday 00:00-24:00
    friday 00:00-24:00
    saturday 00:00-24:00
}
define contact {
    contact_name ops
    host_notifications_enabled 0
    service_notifications_enabled 0
    host_notification_period always
    service_notification_period always
    host_notification_commands none
    service_notification_commands none
}
define command {
    command_name none
    command_line /bin/true
}
define host {
    host_name web
    address 127.0.0.1
    check_period always
    max_check_attempts 1
    active_checks_enabled 0
    contacts ops
    notification_period always
    notification_interval 0
}
END
    cut -d ' ' -f 1 checks | while read -r check; do
        cat <<END
define command {
    command_name $check
    command_line $(plugin "$check")
}
define service {
    host_name web
    service_description $check
    check_command $check
    check_period always
    check_interval 60
    retry_interval 60
    max_check_attempts 1
    contacts ops
    notification_period always
    notification_interval 0
}
END
    done >>objects.cfg
    chmod 644 objects.cfg nagios.cfg
    chown -R nagios:nagios nagios
    nagios4 -v nagios.cfg >nagios.verified || cat nagios.verified
    nagios4 nagios.cfg >nagios.log 2>&1 &
    servers="$servers $!"
}

# Until all checks were made, at most half a minute.
await_nagios() {
    for _ in $(seq 150); do
        [ "$(grep -c has_been_checked=1 nagios/status.dat 2>/dev/null)" != \
            "$(wc -l <checks)" ] || return 0
        sleep 0.2
    done
    echo "not all was checked"
}

nagios_has() {
    awk -v check="$1" '/^servicestatus/ { wanted = 0 }
        $0 == "\tservice_description=" check { wanted = 1 }
        /^\t}/ { wanted = 0 }
        wanted && /^\t(current_state|plugin_output|long_plugin_output|performance_data)=/' \
        nagios/status.dat | mask
}

# Icinga, as its state file has it: netstrings of JSON, written at its end.
run_icinga() {
    mkdir -p icinga/init/icinga2 icinga/data icinga/cache icinga/log icinga/spool
    cat >icinga.conf <<END
include <itl>
const NodeName = "test"
object CheckerComponent "checker" { }
object Host "web" { check_command = "dummy"; enable_active_checks = false }
END
    cut -d ' ' -f 1 checks | while read -r check; do
        arguments=$(plugin "$check" | sed 's/[^ ][^ ]*/"&"/g; s/ /, /g')
        cat <<END
object CheckCommand "$check" { command = [ $arguments ]; timeout = ${patience}s }
object Service "$check" { host_name = "web"; check_command = "$check"; check_interval = 2s
    max_check_attempts = 1 }
END
    done >>icinga.conf
    chown -R nagios:nagios icinga
    icinga2 daemon -x debug -c icinga.conf -D Configuration.RunAsUser=nagios \
        -D Configuration.RunAsGroup=nagios -D DataDir="$folder/icinga/data" \
        -D CacheDir="$folder/icinga/cache" -D LogDir="$folder/icinga/log" \
        -D SpoolDir="$folder/icinga/spool" -D InitRunDir="$folder/icinga/init" \
        >icinga.log 2>&1 &
    icinga=$!
    for _ in $(seq 150); do
        sleep 0.2
        [ "$(sed -n 's/.*PID [0-9]* \(.*\) terminated .*/\1/p' icinga.log | sort -u |
            wc -l)" != "$(wc -l <checks)" ] || break
    done
    kill "$icinga"
    wait "$icinga" || true
    python3 - icinga/data/icinga2.state >icinga.results <<'END'
import json, sys
data = open(sys.argv[1], "rb").read()
while data:
    size, rest = data.split(b":", 1)
    item, data = json.loads(rest[:int(size)]), rest[int(size) + 1:]
    result = item.get("update", {}).get("last_check_result")
    if item.get("type") == "Service" and result:
        first, _, rest = result["output"].partition("\n")
        print("\t".join([item["name"].partition("!")[2], str(int(result["state"])), first,
                         rest.replace("\n", "\\n"), " ".join(result["performance_data"])]))
END
}

icinga_has() {
    awk -F '\t' -v check="$1" '$1 == check { printf "state=%s\ntext=%s\nrows=%s\ndata=%s\n",
        $2, $3, $4, $5 }' icinga.results | mask
}

# LABEL: both readers have what stands on standard input.
both_have() {
    cat - >"$1.wanted"
    shows "Nagios: $1" nagios_has "$1" <"$1.wanted"
    shows "Icinga: $1" icinga_has "$1" <"$1.wanted"
}

# NRPE: the server runs the plugin, its client hands on the status and what fits 64 KiB.
start_nrpe() {
    {
        printf 'server_port=5666\nserver_address=127.0.0.1\nallowed_hosts=127.0.0.1\n'
        printf 'nrpe_user=nagios\nnrpe_group=nagios\ncommand_timeout=%s\n' "$patience"
        cut -d ' ' -f 1 checks | while read -r check; do
            echo "command[$check]=$(plugin "$check")"
        done
    } >nrpe.cfg
    nrpe -c nrpe.cfg -f -n >nrpe.log 2>&1 &
    servers="$servers $!"
    for _ in $(seq 50); do
        ! "$netcheck" -q 127.0.0.1:5666 || return 0
        sleep 0.1
    done
}

by_nrpe() {
    status=0
    "$plugins/check_nrpe" -H 127.0.0.1 -n -t 20 -c "$1" >answer || status=$?
    echo "state=$status"
    mask <answer | cut -c 1-69 | head -n 2
    [ "$(wc -c <answer)" -lt 60000 ] || wc -c <answer
}

# WORDS OF check_tcp... -- WORDS OF netcheck...: both statuses, and their performance data.
beside() {
    status=0
    tcp=
    while [ "$1" != -- ]; do
        tcp="$tcp $1"
        shift
    done
    shift
    # shellcheck disable=SC2086
    "$plugins/check_tcp" $tcp >answer || status=$?
    echo "check_tcp $status $(sed -n 's/.*|//p' answer)" | mask
    status=0
    "$netcheck" --format nagios "$@" >answer || status=$?
    echo "netcheck  $status $(sed -n 's/.*| //p' answer)" | mask
}

serve 1 socat TCP-LISTEN:5432,fork,reuseaddr,backlog=64 /dev/null
ip netns exec m1 nft 'table inet firewall { chain input {
    type filter hook input priority 0; tcp dport 22 drop; }; }'
sysctl -qw net.ipv4.ping_group_range="0 2147483647"
start_nagios
run_icinga
await_nagios
start_nrpe
both_have one <<'END'
state=0
text=NETCHECK OK: 10.90.1.2:5432 up in N ms
rows=
data=time=Ns;0.9;1;0;1
END
both_have closed <<'END'
state=2
text=NETCHECK CRITICAL: 10.90.1.2:1 refused in N ms
rows=
data=time=U;0.9;1;0;1
END
both_have slow <<'END'
state=1
text=NETCHECK WARNING: 10.90.1.2:5432 up in N ms, more than N ms
rows=
data=time=Ns;0.0000001;1;0;1
END
both_have very-slow <<'END'
state=2
text=NETCHECK CRITICAL: 10.90.1.2:5432 up in N ms, more than N ms
rows=
data=time=Ns;;0.0000001;0;1
END
both_have all-well <<'END'
state=0
text=NETCHECK OK: 3 of 3 as expected
rows=
data=unexpected=0;;0;0;3 10.90.1.2:5432=Ns;0.9;1;0;1 icmp://10.90.1.2=Ns;0.9;1;0;1
END
both_have problems <<'END'
state=2
text=NETCHECK CRITICAL: 2 of 6 as expected, 10.90.1.2:1 refused, 10.90.1.2:22 timeout, 2 more
rows=down   10.90.1.2:1  10.90.1.2  refused in N ms\ndown   10.90.1.2:22  10.90.1.2  timeout: no answer in N ms\nerror  nosuch.invalid:443  -  unresolved: Temporary failure in name resolution\nup     10.90.1.2:5432  10.90.1.2  N ms (expected down)
data=unexpected=4;;0;0;6 10.90.1.2:5432=Ns;;;0;0.9 10.90.1.2:1=U;;;0;0.9 10.90.1.2:22=U;;;0;0.9 nosuch.invalid:443=U;;;0;0.9
END
both_have any <<'END'
state=0
text=NETCHECK OK: 1 of 2 as expected, 10.90.1.2:1 refused
rows=
data=unexpected=1;;;0;2 10.90.1.2:5432=Ns;;;0;5 10.90.1.2:1=U;;;0;5
END
both_have bad-line <<'END'
state=3
text=NETCHECK UNKNOWN: 1 of 2 as expected, db:x invalid
rows=error  db:x  -  invalid: unknown service 'x' in 'db:x' (bad:2:4): write the port as a number, 1-65535
data=unexpected=1;;0;0;2 10.90.1.2:5432=Ns;;;0;5
END
both_have hostile <<'END'
state=3
text=NETCHECK UNKNOWN: 1 of 5 as expected, a/b=1,2 invalid, xyzid(id):1 invalid, (script)alert(1)(/script) invalid, 1 more
rows=
data=unexpected=4;;0;0;5 10.90.1.2:5432=Ns;;;0;5
END
both_have usage <<'END'
state=3
text=NETCHECK UNKNOWN: unknown option --nonsense: see netcheck --help
rows=
data=
END
both_have no-file <<'END'
state=3
text=NETCHECK UNKNOWN: cannot read absent: No such file or directory
rows=
data=
END
both_have thousands <<'END'
state=2
text=NETCHECK CRITICAL: 0 of 3000 as expected, 10.90.1.2:7001 refused, 10.90.1.2:7002 refused, 2998 more
rows: 3000
data: 3001
END
both_have in-time <<'END'
state=3
text=NETCHECK UNKNOWN: 1 of 2 as expected, 10.90.1.2:22 local
rows=error  10.90.1.2:22  10.90.1.2  local: the run's time was over
data=unexpected=1;;0;0;2 10.90.1.2:5432=Ns;;;0;60 10.90.1.2:22=U;;;0;60
END

# LABEL: what the console of Icinga makes of the performance data of a run. It can be asked for one
# label at a time, and takes no U.
in_console() {
    "$netcheck" --format nagios --warn 0.9 --crit 1 -t 2 "$1" "$host:1" |
        grep -o "'$1'=[^ ]*" >label || return 0
    icinga2 console --eval "parse_performance_data(\"$(cat label)\")" |
        sed -E 's/"value":[0-9.]+/"value":N/'
}

shows "Icinga's console" in_console $up <<'END'
{"counter":false,"crit":1,"label":"10.90.1.2:5432","max":2,"min":0,"type":"PerfdataValue","unit":"seconds","value":N,"warn":0.9}
END

# Nagios and NRPE drop what a check says once they gave it up; Icinga takes it.
shows "Nagios: hangs" nagios_has hangs <<'END'
state=2
text=(Service check timed out after N seconds)
rows=
data=
END
shows "Icinga: hangs" icinga_has hangs <<'END'
state=3
text=<Timeout exceeded.>NETCHECK UNKNOWN: ended by signal 15 before each target had its row, 1 of 1 as expected
rows=
data=unexpected=0;;0;0;1 10.90.1.2:5432=Ns;;;0;60
END
shows "NRPE: hangs" by_nrpe hangs <<'END'
state=3
NRPE: Command timed out after N seconds
END
shows "NRPE: closed" by_nrpe closed <<'END'
state=2
NETCHECK CRITICAL: 10.90.1.2:1 refused in N ms | time=U;0.9;1;0;1
END
shows "NRPE: thousands" by_nrpe thousands <<'END'
state=2
NETCHECK CRITICAL: 0 of 3000 as expected, 10.90.1.2:7001 refused, 10.
65505
END

shows "check_tcp: up" beside -H $host -p 5432 -w 0.9 -c 1 -t 2 -- --warn 0.9 --crit 1 -t 2 $up <<'END'
check_tcp 0 time=Ns;0.900000;1.000000;0.000000;2.000000
netcheck  0 time=Ns;0.9;1;0;2
END
shows "check_tcp: slow" beside -H $host -p 5432 -w 0.00001 -t 2 -- --warn 0.01ms -t 2 $up <<'END'
check_tcp 1 time=Ns;0.000010;;0.000000;2.000000
netcheck  1 time=Ns;0.00001;;0;2
END
shows "check_tcp: very slow" beside -H $host -p 5432 -c 0.00001 -t 2 -- --crit 0.01ms -t 2 $up <<'END'
check_tcp 2 time=Ns;;0.000010;0.000000;2.000000
netcheck  2 time=Ns;;0.00001;0;2
END
shows "check_tcp: closed" beside -H $host -p 1 -t 2 -- -t 2 $host:1 <<'END'
check_tcp 2
netcheck  2 time=U;;;0;2
END
finish
