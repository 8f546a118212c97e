#!/bin/sh
# --ready asks the real databases and brokers of Debian: healthy, and in states in which they accept
# but do not serve. Prints the rows, and for each that was expected "ok" or "not ok".
#
#     ready_data.sh NETCHECK     as root
set -eu

. "$(dirname "$(realpath "$0")")/lib.sh"
enter "$@"
postgresql=$(echo /usr/lib/postgresql/*/bin)
mariadb_version=$(mariadbd --version | awk '{ print $3 }')
memcached_version=$(memcached -V | awk '{ print $2 }')
rabbitmq_version=$(echo /usr/lib/rabbitmq/lib/rabbitmq_server-* | sed 's/.*-//')
zookeeper_version=$(echo /usr/share/java/zookeeper-[0-9]*.jar | sed 's/.*-//; s/\.jar$//')

# USER COMMAND...
as() {
    user=$1
    shift
    setpriv --reuid="$user" --regid="$user" --clear-groups "$@"
}

# MACHINE:PORT[,PORT]...: until they accept, 40 seconds at most
await() {
    for server in "$@"; do
        "$netcheck" -q --wait 40 -i 50ms "10.90.$server" || echo "# 10.90.$server is not there"
    done
}

# MACHINE:PORT...: until they say that they serve
await_ready() {
    for server in "$@"; do
        "$netcheck" -q --wait 40 -i 50ms --ready "10.90.$server" ||
            echo "# 10.90.$server does not serve"
    done
}

# TARGET: its row, once it serves
ready_after_wait() {
    "$netcheck" -q --wait 20 -i 50ms --ready "$1" && "$netcheck" --ready "$1"
}

# TEXT FILE: whether the server says so in its log, within 5 seconds
logged() {
    count=$((count + 1))
    for _ in $(seq 50); do
        if grep -m 1 "$1" "$2"; then
            echo "ok $count - logged: $1"
            return
        fi
        sleep 0.1
    done
    echo "not ok $count - logged: $1"
    failed=$((failed + 1))
}

# MACHINE PORT COUNT: that many connections, until leave()
occupy() {
    perl -MIO::Socket::INET -e '
        my ($at, $count) = @ARGV;
        my @open = map { IO::Socket::INET->new($at) } 1 .. $count;
        open(my $done, ">", "occupied");
        close($done);
        sleep(60);' "10.90.$1.2:$2" "$3" &
    occupier=$!
    until [ -e occupied ]; do sleep 0.05; done
}

leave() {
    kill "$occupier"
    wait "$occupier" || true
    rm -f occupied
}

mkdir -m 777 databases
printf '127.0.0.1 localhost\n10.90.24.1 client.example.com\n' >hosts
mount --bind hosts /etc/hosts

redis() {
    at=$1
    shift
    serve "$at" redis-server --bind 0.0.0.0 --port 6379 --save '' --dir "$folder" "$@"
}

redis_servers() {
    redis 11 --protected-mode no --maxclients 10
    redis 12 --requirepass secret
    redis 13 --protected-mode no --replicaof 127.0.0.1 1 --replica-serve-stale-data no
    redis 14
    redis 15 --protected-mode no --busy-reply-threshold 100
}

memcached_servers() {
    serve 16 memcached -u root -l 0.0.0.0 -U 0 -c 20 -t 1
    echo user:secret >users
    serve 17 memcached -u root -l 0.0.0.0 -U 0 -Y users
}

mosquitto_servers() {
    for at in 18 19; do
        printf 'listener 1883 0.0.0.0\nallow_anonymous %s\n' \
            "$([ "$at" = 18 ] && echo true || echo false)" >"mosquitto.$at"
        serve "$at" mosquitto -c "mosquitto.$at"
    done
}

zookeeper_servers() {
    for at in 21 22 23 26; do
        mkdir "zookeeper.$at"
        echo 1 >"zookeeper.$at/myid"
        printf 'tickTime=2000\nadmin.enableServer=false\nclientPort=2181\ndataDir=%s\n' \
            "$folder/zookeeper.$at" >"zoo.$at"
    done
    for at in 22 26; do
        printf 'initLimit=10\nsyncLimit=5\nserver.1=127.0.0.1:2888:3888\n' >>"zoo.$at"
        printf 'server.2=127.0.0.1:2889:3889\nserver.3=127.0.0.1:2890:3890\n' >>"zoo.$at"
    done
    echo '4lw.commands.whitelist=ruok' >>zoo.23
    for at in 21 22 23 26; do
        serve "$at" java -XX:TieredStopAtLevel=1 -Dreadonlymode.enabled="$([ "$at" = 26 ] && echo true)" \
            -cp /usr/share/java/zookeeper.jar \
            org.apache.zookeeper.server.quorum.QuorumPeerMain "zoo.$at"
    done
}

mariadb_server() {
    mariadb-install-db --no-defaults --user=mysql --datadir="$folder/databases/mariadb" \
        --auth-root-authentication-method=normal --skip-test-db >install.log 2>&1
    serve 24 mariadbd --no-defaults --user=mysql --datadir="$folder/databases/mariadb" \
        --socket="$folder/databases/mariadb.socket" --bind-address=0.0.0.0 --max-connections=10 \
        --performance-schema=on
}

# STATEMENT: as root, on the server's own machine
sql() {
    mariadb --no-defaults -S "$folder/databases/mariadb.socket" -u root -N -e "$1"
}

# MACHINE OPTION...: with the cluster in databases/postgresql
postgres() {
    at=$1
    shift
    serve "$at" setpriv --reuid=postgres --regid=postgres --clear-groups \
        "$postgresql/postgres" -D "$folder/databases/postgresql" \
        -k "$folder/databases" -c listen_addresses='*' -c fsync=off "$@"
    postgres_pid=${servers##* }
}

postgresql_server() {
    mkdir databases/postgresql
    chown postgres databases/postgresql
    as postgres "$postgresql/initdb" -D "$folder/databases/postgresql" -A trust -U postgres \
        >install.log 2>&1
    cat >databases/postgresql/pg_hba.conf <<'END'
local all all trust
host all netcheck 10.90.25.0/24 scram-sha-256
host all netcheck 2001:db8:25::/64 trust
END
    postgres 25 -c max_connections=4 -c superuser_reserved_connections=0
}

rabbitmq_server() {
    mkdir rabbitmq
    printf 'log.console = true\nlog.file = false\n' >rabbitmq/rabbitmq.conf
    chown -R rabbitmq rabbitmq
    serve 31 env -i PATH="$PATH" HOME="$folder/rabbitmq" LANG=C.UTF-8 \
        RABBITMQ_NODENAME=rabbit@localhost RABBITMQ_MNESIA_BASE="$folder/rabbitmq/db" \
        RABBITMQ_LOG_BASE="$folder/rabbitmq/log" \
        RABBITMQ_CONFIG_FILE="$folder/rabbitmq/rabbitmq.conf" \
        RABBITMQ_ENABLED_PLUGINS_FILE="$folder/rabbitmq/plugins" \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-setcookie x' \
        setpriv --reuid=rabbitmq --regid=rabbitmq --clear-groups \
        /usr/lib/rabbitmq/bin/rabbitmq-server
}

rabbitmq_server
zookeeper_servers
redis_servers
memcached_servers
mosquitto_servers
mariadb_server
postgresql_server

await 12.2:6379 13.2:6379 14.2:6379
await_ready 11.2:6379 15.2:6379
rows 'redis: serves, a password, without its master, protected' "$netcheck" --ready \
    redis://10.90.11.2,10.90.12.2,10.90.13.2 10.90.14.2:6379 <<'END'
up     10.90.11.2:6379  10.90.11.2  N ms, redis PONG
up     10.90.12.2:6379  10.90.12.2  N ms, redis NOAUTH Authentication required.
down   10.90.13.2:6379  10.90.13.2  not-ready: redis MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.
up     10.90.14.2:6379  10.90.14.2  N ms, redis DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default use...
END
occupy 11 6379 12
rows 'redis: too many clients' "$netcheck" --ready 10.90.11.2:6379 <<'END'
down   10.90.11.2:6379  10.90.11.2  not-ready: redis ERR max number of clients reached
END
leave
redis-cli -h 10.90.15.2 eval 'while true do end' 0 >script.log 2>&1 &
script=$!
sleep 0.5
rows 'redis: a script runs too long' "$netcheck" --ready 10.90.15.2:6379 <<'END'
down   10.90.15.2:6379  10.90.15.2  not-ready: redis BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.
END
redis-cli -h 10.90.15.2 script kill >script-kill.log
wait "$script" || true
redis-cli -h 10.90.15.2 eval 'for i = 1, 2000 do redis.call("SET", i, i) end' 0 >keys.log
redis-cli -h 10.90.15.2 save >save.log
redis 28 --protected-mode no --key-load-delay 1000 --loading-process-events-interval-bytes 1024
await 28.2:6379
rows 'redis: loads its data' "$netcheck" --ready 10.90.28.2:6379 <<'END'
down   10.90.28.2:6379  10.90.28.2  not-ready: redis LOADING Redis is loading the dataset in memory
END
rows 'redis: --wait, until it is loaded' ready_after_wait 10.90.28.2:6379 <<'END'
up     10.90.28.2:6379  10.90.28.2  N ms, redis PONG
END

await_ready 16.2:11211
await 17.2:11211
rows 'memcached: serves, a password' "$netcheck" --ready memcached://10.90.16.2 \
    10.90.17.2:11211 <<END
up     10.90.16.2:11211  10.90.16.2  N ms, memcached $memcached_version
up     10.90.17.2:11211  10.90.17.2  N ms, memcached CLIENT_ERROR unauthenticated
END
occupy 16 11211 30
rows 'memcached: too many clients' "$netcheck" --ready 10.90.16.2:11211 <<'END'
down   10.90.16.2:11211  10.90.16.2  not-ready: memcached ERROR Too many open connections
END
leave

await_ready 18.2:1883
rows 'mosquitto: serves, a user' "$netcheck" --ready mqtt://10.90.18.2 mqtt://10.90.19.2 <<'END'
up     10.90.18.2:1883  10.90.18.2  N ms, MQTT accepted
up     10.90.19.2:1883  10.90.19.2  N ms, MQTT not authorized
END
logged 'Client auto-.* disconnected' 18.log

await 24.2:3306
rows 'mariadb: no user at this address' "$netcheck" --ready mysql://10.90.24.2 <<'END'
down   10.90.24.2:3306  10.90.24.2  not-ready: MySQL error 1130: Host 'client.example.com' is not allowed to connect to this MariaDB server
END
sql "create user app@'10.90.24.%' identified by 'secret'"
rows 'mariadb: serves' "$netcheck" --ready mariadb://10.90.24.2 <<END
up     10.90.24.2:3306  10.90.24.2  N ms, MySQL $mariadb_version
END
"$netcheck" --ready -c 120 -i 10ms -q 10.90.24.2:3306
rows 'mariadb: does not block who asks often' sh -c '"$0" --ready 10.90.24.2:3306; mariadb \
    --no-defaults -S databases/mariadb.socket -u root -N -e \
    "select sum_connect_errors from performance_schema.host_cache"' "$netcheck" <<END
up     10.90.24.2:3306  10.90.24.2  N ms, MySQL $mariadb_version
0
END
logged "Access denied for user 'netcheck'" 24.log
occupy 24 3306 12
rows 'mariadb: too many connections' "$netcheck" --ready 10.90.24.2:3306 <<'END'
down   10.90.24.2:3306  10.90.24.2  not-ready: MySQL error 1040: Too many connections
END
leave

await_ready 25.2:5432
rows 'postgresql: a password, everybody, no entry for this address' sh -c '
    "$0" --ready postgres://10.90.25.2 "postgresql://[2001:db8:25::2]"
    ip netns exec m25 "$0" --ready 127.0.0.1:5432' "$netcheck" <<'END'
up     10.90.25.2:5432  10.90.25.2  N ms, PostgreSQL asks for a password (SCRAM-SHA-256)
up     [2001:db8:25::2]:5432  2001:db8:25::2  N ms, PostgreSQL: role "netcheck" does not exist
up     127.0.0.1:5432  127.0.0.1  N ms, PostgreSQL: no pg_hba.conf entry for host "127.0.0.1", user "netcheck", database "postgres", no encryption
END
sessions=
for _ in 1 2 3 4; do
    setpriv --reuid=postgres --regid=postgres --clear-groups "$postgresql/psql" \
        -h "$folder/databases" -c 'select pg_sleep(60)' >session.log 2>&1 &
    sessions="$sessions $!"
done
sleep 1
rows 'postgresql: too many clients' "$netcheck" --ready 10.90.25.2:5432 <<'END'
down   10.90.25.2:5432  10.90.25.2  not-ready: PostgreSQL: sorry, too many clients already
END
kill "$postgres_pid"
sleep 0.5
rows 'postgresql: shuts down when its clients are gone' "$netcheck" --ready 10.90.25.2:5432 <<'END'
down   10.90.25.2:5432  10.90.25.2  not-ready: PostgreSQL: the database system is shutting down
END
kill -INT "$postgres_pid"
wait "$postgres_pid" || true
for session in $sessions; do wait "$session" || true; done
as postgres touch databases/postgresql/standby.signal
echo 'host all all all scram-sha-256' >>databases/postgresql/pg_hba.conf
postgres 27 -c hot_standby=off -c restore_command='sleep 1; false'
await 27.2:5432
rows 'postgresql: starts' "$netcheck" --ready 10.90.27.2:5432 <<'END'
down   10.90.27.2:5432  10.90.27.2  not-ready: PostgreSQL: the database system is starting up
END
sleep 5
rows 'postgresql: a standby that does not serve' "$netcheck" --ready 10.90.27.2:5432 <<'END'
down   10.90.27.2:5432  10.90.27.2  not-ready: PostgreSQL: the database system is not accepting connections
END
(sleep 0.5; as postgres "$postgresql/pg_ctl" -D databases/postgresql promote >promote.log 2>&1) &
promotion=$!
rows 'postgresql: --wait, until it has started' ready_after_wait 10.90.27.2:5432 <<'END'
up     10.90.27.2:5432  10.90.27.2  N ms, PostgreSQL asks for a password (SCRAM-SHA-256)
END
wait "$promotion"

await_ready 21.2:2181
await 22.2:2181 23.2:2181 26.2:2181
rows 'zookeeper: serves, without a majority, allows ruok alone' "$netcheck" --ready \
    zookeeper://10.90.21.2,10.90.22.2,10.90.23.2 <<END
up     10.90.21.2:2181  10.90.21.2  N ms, ZooKeeper $zookeeper_version, standalone
down   10.90.22.2:2181  10.90.22.2  not-ready: ZooKeeper: This ZooKeeper instance is not currently serving requests
up     10.90.23.2:2181  10.90.23.2  N ms, ZooKeeper $zookeeper_version, standalone
END
rows 'zookeeper: without a majority, read-only' "$netcheck" --ready 10.90.26.2:2181 <<END
down   10.90.26.2:2181  10.90.26.2  not-ready: ZooKeeper $zookeeper_version, read-only
END

await_ready 31.2:5672
rows 'rabbitmq: serves' "$netcheck" --ready amqp://10.90.31.2 <<END
up     10.90.31.2:5672  10.90.31.2  N ms, AMQP RabbitMQ $rabbitmq_version
END
logged 'client unexpectedly closed TCP connection' 31.log

rows 'redis and memcached, each asked for the other one' sh -c '
    "$0" --ready redis://10.90.16.2:11211 memcached://10.90.11.2:6379 | cut -c 1-81' "$netcheck" <<'END'
down   10.90.16.2:11211  10.90.16.2  mismatched: 'ERROR'
down   10.90.11.2:6379  10.90.11.2  mismatched: '-ERR unknown command \'version\'
END
finish
