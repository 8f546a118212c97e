#!/usr/bin/env bash
# A service that accepts but does not serve, and then serves, before several waiters at once.
#
#     not_ready.sh SERVICE FOLDER DELAY_S
#
# SERVICE is redis (loads its data), postgresql (a standby that takes no queries), nginx (503),
# mysql (stopped, while the system accepts for it) or silent (accepts, and never says a word).
# FOLDER has NAME.ask, a script that asks once, and NAME.wait, one that waits and then writes the
# time to NAME.at. Once the service accepts, each is asked for NAME.said and NAME.status, each
# waits, and DELAY_S later the service serves; when, it writes to "serves". Runs in namespaces of
# its own; prints nothing. Exit status: 0, or 77 where SERVICE cannot be started here.
# shellcheck disable=SC2317 # most functions are called by a name that is put together
set -u
export LC_ALL=C

SERVICE=$1 FOLDER=$(realpath "$2") DELAY_S=$3
PORT=4714
LIMIT_S=40
PATH=$PATH:/usr/sbin:$(echo /usr/lib/postgresql/*/bin)
here=$(realpath "$0")

if [ -z "${NOT_READY_INSIDE:-}" ]; then
    export NOT_READY_INSIDE=1
    exec unshare --net --mount --pid --fork --kill-child --mount-proc \
        bash "$here" "$SERVICE" "$FOLDER" "$DELAY_S"
fi
ip link set lo up
mount -t tmpfs none /run
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
chmod 777 "$data"
cd "$data" || exit 2

now() { date +%s.%N; }

# until_true COMMAND...: for 20 s at most.
until_true() {
    local i
    for ((i = 0; i < 400; i++)); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    return 1
}

accepts() { (: <>"/dev/tcp/127.0.0.1/$PORT"); }

# in_log PATTERN: the line of the log that has it last.
in_log() { grep -e "$1" log | tail -n 1 | grep .; }

as() { setpriv --reuid "$1" --regid "$1" --clear-groups --inh-caps=-all "${@:2}"; }

start_redis() {
    command -v redis-server >/dev/null || exit 77
    redis-server --port 0 --unixsocket "$data/s" --dir "$data" --save '' >/dev/null &
    local first=$!
    until_true redis-cli -s s ping || exit 2
    redis-cli -s s eval 'for i = 1, 60000 do redis.call("set", i, i) end' 0 >/dev/null
    redis-cli -s s save >/dev/null
    kill "$first"
    wait "$first"
    redis-server --port "$PORT" --bind 127.0.0.1 --dir "$data" --save '' \
        --key-load-delay 1000 --loading-process-events-interval-bytes 1024 >log &
}
open_redis() { redis-cli -p "$PORT" config set key-load-delay 0; }
served_redis() {
    until_true in_log 'Ready to accept' || return 1
    date -d "$(in_log 'Ready to accept' | sed -E 's/^[^ ]+ ([^*]*[0-9]) .*/\1/')" +%s.%N
}

start_postgresql() {
    command -v initdb >/dev/null || exit 77
    as postgres initdb -D "$data/db" -A trust --no-sync >/dev/null 2>&1 || exit 2
    touch db/standby.signal
    chown postgres db/standby.signal
    as postgres postgres -D "$data/db" -p "$PORT" -k "$data" -c hot_standby=off \
        -c log_line_prefix='%n ' -c listen_addresses=127.0.0.1 >log 2>&1 &
}
open_postgresql() { as postgres pg_ctl -D "$data/db" promote; }
served_postgresql() {
    until_true in_log 'ready to accept connections' || return 1
    in_log 'ready to accept connections' | cut -d ' ' -f 1
}

start_nginx() {
    command -v nginx >/dev/null || exit 77
    mkdir -p www
    cat >nginx.conf <<END
user root; daemon off; pid $data/pid; error_log /dev/null;
events {}
http { access_log off; server { listen 127.0.0.1:$PORT; root $data/www;
    location / { try_files /ok =503; } } }
END
    nginx -c "$data/nginx.conf" &
}
open_nginx() { now >served; touch www/ok; }
served_nginx() { cat served; }

start_mysql() {
    command -v mariadbd >/dev/null || exit 77
    chown mysql "$data"
    mariadb-install-db --user=mysql --datadir="$data/db" --skip-test-db >/dev/null 2>&1 || exit 2
    as mysql mariadbd --no-defaults --datadir="$data/db" --socket="$data/s" --port="$PORT" \
        --bind-address=127.0.0.1 >log 2>&1 &
    until_true in_log 'ready for connections' || exit 2
    server=$(pidof mariadbd) # not $!, which is the shell that started it
    kill -STOP "$server"
}
open_mysql() { now >served; kill -CONT "$server"; }
served_mysql() { cat served; }

start_silent() {
    command -v python3 >/dev/null || exit 77
    python3 -c 'import socket, sys, time
s = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
time.sleep(3600)' "$PORT" &
}
open_silent() { now >served; }
served_silent() { cat served; }

"start_$SERVICE"
until_true accepts || exit 2
for script in "$FOLDER"/*.ask; do
    (
        name=${script%.ask}
        timeout 10 sh "$script" "$PORT" >"$name.said" 2>&1 </dev/null
        echo $? >"$name.status"
    ) &
    asking+=($!)
done
wait "${asking[@]}"
for script in "$FOLDER"/*.wait; do
    timeout "$LIMIT_S" sh "$script" "$PORT" "${script%.wait}.at" >/dev/null 2>&1 </dev/null &
    waiting+=($!)
done
sleep "$DELAY_S"
"open_$SERVICE" >/dev/null 2>&1
"served_$SERVICE" >"$FOLDER/serves" || exit 2
[ "$SERVICE" != silent ] || { sleep 5; kill "${waiting[@]}" 2>/dev/null; }
wait "${waiting[@]}" 2>/dev/null
cp log "$FOLDER/log" 2>/dev/null
exit 0
