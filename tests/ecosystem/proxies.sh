#!/bin/sh
# A dead service behind a live proxy: what --hold and --ready find of it, for docker-proxy, haproxy
# and nginx, as TCP and as HTTP proxies. Prints, for each proxy and each way in which the service
# behind it is dead, how long the proxy held a connection, and what netcheck said.
#
#     proxies.sh NETCHECK     as root
set -eu

. "$(dirname "$(realpath "$0")")/lib.sh"
enter "$@"

# Behind port N1 of each proxy the service refuses, behind N2 its machine is absent, behind N3 it is
# silent, behind N4 the program hangs, and behind N5 it serves.
silent=10.90.11.98
targets=$(for port in 1 2 3 4 5; do
    echo "redis://docker-proxy:610$port redis://haproxy:620$port redis://haproxy-check:630$port
        redis://nginx-stream:640$port http://haproxy-http:650$port/ http://nginx-http:660$port/"
done)

# NUMBER: the services behind a proxy. Each proxy has an absent machine of its own: where another one
# asks for a neighbour that is not there, the system's answer comes sooner.
tcp_services() {
    echo "127.0.0.1:1 10.90.11.$1:6379 $silent:6379 127.0.0.1:6380 127.0.0.1:6379"
}
web_services() {
    echo "127.0.0.1:1 10.90.11.$1:8080 $silent:8080 127.0.0.1:8081 127.0.0.1:8080"
}

# NAME COMMAND...: start it on machine 11; its number is in $started.
start() {
    log=$1.log
    shift
    ip netns exec m11 "$@" >"$log" 2>&1 </dev/null 3>/dev/null &
    started=$!
}

# PORT: an nginx of one process, without which it could not be stopped as a whole
web_server() {
    cat >"web$1.conf" <<END
daemon off;
master_process off;
pid $folder/web$1.pid;
error_log $folder/web$1.error.log;
events { }
http {
    access_log off;
    server { listen 127.0.0.1:$1; return 200 "serving\n"; }
}
END
    start "web$1" nginx -p "$folder" -c "web$1.conf"
}

# A program that hangs has its connections accepted by the kernel.
start_services() {
    ip netns exec m11 nft "add table inet silence
        add chain inet silence output { type filter hook output priority 0; }
        add rule inet silence output ip daddr $silent drop"
    start redis redis-server --bind 127.0.0.1 --port 6379 --save ''
    start redis-hangs redis-server --bind 127.0.0.1 --port 6380 --save ''
    hanging=$started
    web_server 8080
    web_server 8081
    hanging="$hanging $started"
    for port in 6379 6380 8080 8081; do
        ip netns exec m11 "$netcheck" -q --wait 10 -i 50ms "127.0.0.1:$port" ||
            echo "# port $port is not there"
    done
    # shellcheck disable=SC2086
    kill -STOP $hanging
}

start_docker() {
    port=6100
    for service in $(tcp_services 161); do
        port=$((port + 1))
        start "docker$port" docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port "$port" \
            -container-ip "${service%:*}" -container-port "${service#*:}"
    done
}

# NUMBER SERVICES MODE OPTION...: what makes NUMBER1 to NUMBER5 ports of haproxy
listeners() {
    number=$1
    services=$2
    mode=$3
    shift 3
    at=0
    for service in $services; do
        at=$((at + 1))
        printf 'listen %s\n    bind :%s\n    mode %s\n    server one %s %s\n' "l$number$at" \
            "$number$at" "$mode" "$service" "$*"
    done
}

start_haproxy() {
    {
        printf 'defaults\n'
        printf '    timeout %s\n' 'connect 2s' 'check 500ms' 'client 60s' 'server 3s'
        listeners 650 "$(web_services 165)" http
        printf 'defaults\n'
        printf '    timeout %s\n' 'connect 2s' 'check 500ms' 'client 60s' 'server 60s'
        listeners 620 "$(tcp_services 162)" tcp
        listeners 630 "$(tcp_services 163)" tcp check inter 200ms fall 1
    } >haproxy.conf
    start haproxy haproxy -db -f haproxy.conf
}

# NUMBER SERVICES FORMAT: servers of nginx; the format takes a port and a service
nginx_servers() {
    at=0
    for service in $2; do
        at=$((at + 1))
        # shellcheck disable=SC2059
        printf "$3" "$1$at" "$service"
    done
}

start_nginx() {
    cat >nginx.conf <<END
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
pid $folder/nginx.pid;
error_log $folder/nginx.error.log;
events { }
stream {
    proxy_connect_timeout 2s;
    $(nginx_servers 640 "$(tcp_services 164)" 'server { listen %s; proxy_pass %s; }\n')
}
http {
    access_log off;
    proxy_connect_timeout 2s;
    proxy_read_timeout 3s;
    $(nginx_servers 660 "$(web_services 166)" 'server { listen %s;
        location / { proxy_pass http://%s; } }\n')
}
END
    start nginx nginx -p "$folder" -c nginx.conf
}

# FIELD OPTION...: a table of that field of the rows, a line for each proxy
table() {
    field=$1
    shift
    # shellcheck disable=SC2086
    "$netcheck" -j "$@" $targets | awk -v field="\"$field\":" '
        function value(key) {
            at = index($0, key)
            rest = at > 0 ? substr($0, at + length(key)) : "?"
            sub(/[,}].*/, "", rest)
            gsub(/"/, "", rest)
            return rest
        }
        BEGIN { printf "%-14s%-11s%-11s%-11s%-11s%s\n", "", "refuses", "absent", "silent",
            "hangs", "serves" }
        {
            target = value("\"target\":")
            proxy = substr(target, 1, index(target, ":") - 1)
            cells[proxy, substr(target, length(target))] = value(field)
        }
        END {
            count = split("docker-proxy haproxy haproxy-check nginx-stream haproxy-http " \
                "nginx-http", proxies, " ")
            for (i = 1; i <= count; i++) {
                printf "%-14s", proxies[i]
                for (port = 1; port < 5; port++)
                    printf "%-11s", cells[proxies[i], port]
                print cells[proxies[i], 5]
            }
        }'
}

machine 11
for name in docker-proxy haproxy haproxy-check nginx-stream haproxy-http nginx-http; do
    echo "10.90.11.2 $name"
done >hosts
mount --bind hosts /etc/hosts
start_services
start_docker
start_haproxy
start_nginx
for name in docker-proxy:6105 haproxy:6205 haproxy-check:6305 nginx-stream:6405 \
    haproxy-http:6505 nginx-http:6605; do
    "$netcheck" -q --wait 10 -i 50ms "$name" || echo "# $name is not there"
done
sleep 2 # until the health checks have found out

echo "# milliseconds until the proxy ends a connection on which nothing is sent, within 10 s"
table closed_after_ms --hold 10 | sed 's/^/# /'
rows '--hold 500ms' table reason --hold 500ms <<'END'
              refuses    absent     silent     hangs      serves
docker-proxy  closed     connected  connected  connected  connected
haproxy       connected  connected  connected  connected  connected
haproxy-check closed     closed     closed     connected  connected
nginx-stream  closed     connected  connected  connected  connected
haproxy-http  connected  connected  connected  connected  connected
nginx-http    connected  connected  connected  connected  connected
END
sleep 8 # until no proxy asks its absent machine any more
rows '--ready' table reason --ready <<'END'
              refuses    absent     silent     hangs      serves
docker-proxy  closed     closed     timeout    timeout    ready
haproxy       closed     timeout    timeout    timeout    ready
haproxy-check closed     closed     closed     timeout    ready
nginx-stream  closed     closed     closed     timeout    ready
haproxy-http  not-ready  timeout    timeout    not-ready  ready
nginx-http    not-ready  not-ready  not-ready  not-ready  ready
END
rows 'without an option' table reason <<'END'
              refuses    absent     silent     hangs      serves
docker-proxy  connected  connected  connected  connected  connected
haproxy       connected  connected  connected  connected  connected
haproxy-check connected  connected  connected  connected  connected
nginx-stream  connected  connected  connected  connected  connected
haproxy-http  connected  connected  connected  connected  connected
nginx-http    connected  connected  connected  connected  connected
END
rows '--hold 4' table reason --hold 4 <<'END'
              refuses    absent     silent     hangs      serves
docker-proxy  closed     closed     connected  connected  connected
haproxy       closed     connected  connected  connected  connected
haproxy-check closed     closed     closed     connected  connected
nginx-stream  closed     closed     closed     connected  connected
haproxy-http  connected  connected  connected  connected  connected
nginx-http    connected  connected  connected  connected  connected
END
rows 'what the rows say' "$netcheck" --hold 500ms docker-proxy:6101,6105 <<'END'
down   docker-proxy:6101  10.90.11.2  closed: by the other side N ms after the handshake
up     docker-proxy:6105  10.90.11.2  N ms, held N ms
END
rows 'what they say with --ready' "$netcheck" --ready redis://nginx-stream:6404 \
    redis://nginx-stream:6405 <<'END'
down   nginx-stream:6404  10.90.11.2  timeout: connected, but said nothing in 5 s
up     nginx-stream:6405  10.90.11.2  N ms, redis PONG
END
finish
