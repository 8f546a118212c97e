#!/bin/sh
# --ready asks the real web servers of Debian whether they serve. Prints the rows, and for each
# that was expected "ok" or "not ok".
#
#     ready_web.sh NETCHECK     as root
set -eu

. "$(dirname "$(realpath "$0")")/lib.sh"
enter "$@"

start_nginx() {
    mkdir temporary
    chmod 777 temporary
    cat >nginx.conf <<END
daemon off;
pid $folder/nginx.pid;
error_log $folder/nginx.log;
events { }
http {
    access_log $folder/access.log;
    $(nginx_paths)
    ssl_certificate_key plain.key;
    server {
        listen 80 default_server;
        listen [::]:80 default_server;
        location = / { return 200 "hello"; }
        location = /health { return 200 "healthy"; }
        location = /moved { return 301 https://www.example.com/; }
        location = /private { return 401; }
        location = /busy { return 503; }
        location = /dead { proxy_pass http://127.0.0.1:1; }
        location / { return 404; }
    }
    server { listen 80; server_name other.example.com; location / { return 500; } }
    server { listen 443 ssl; ssl_certificate plain.pem; location / { return 503; } }
    server { listen 8443 ssl; ssl_certificate old.pem; ssl_certificate_key old.key; }
}
END
    serve 11 nginx -p "$folder" -c nginx.conf
}

start_others() {
    cat >Caddyfile <<END
{
    admin off
    auto_https off
    storage file_system $folder/caddy
}
:8080 {
    respond /health 204
    respond 403
}
END
    HOME="$folder" serve 12 caddy run --config Caddyfile --adapter caddyfile
    cat >haproxy.conf <<END
defaults
    mode http
    timeout connect 2s
    timeout client 5s
    timeout server 5s
frontend all
    bind :80
    default_backend one
backend one
    server one 127.0.0.1:1
END
    serve 13 haproxy -db -f haproxy.conf
    printf '#!/bin/sh\necho "220 mail.example.com ESMTP"; sleep 9\n' >mail
    chmod 755 mail
    echo "smtp stream tcp nowait root $folder/mail mail" >inetd.conf
    serve 14 inetd -i inetd.conf
}

certificate plain www.example.com -days 90
certificate old old.example.com
expire old
start_nginx
start_others
echo "10.90.11.2 www.example.com other.example.com" >hosts
mount --bind hosts /etc/hosts
"$netcheck" -q --wait 10 -i 50ms 10.90.11.2:80,443,8443 10.90.12.2:8080 10.90.13.2:80 \
    10.90.14.2:25 || echo "# not all servers are there"

dated="TLS 1.2, certificate until $(date -u -d "$(openssl x509 -noout -enddate -in plain.pem |
    cut -d = -f 2)" +%Y-%m-%d) (not verified)"
rows 'nginx: 2xx, 3xx and 4xx are ready' "$netcheck" --ready http://10.90.11.2 \
    http://10.90.11.2/health 10.90.11.2:80/moved 'http://10.90.11.2/private?token=secret' \
    http://10.90.11.2/nosuch 'http://[2001:db8:11::2]/' <<'END'
up     10.90.11.2:80  10.90.11.2  N ms, HTTP 200 OK
up     10.90.11.2:80  10.90.11.2  N ms, HTTP 200 OK
up     10.90.11.2:80  10.90.11.2  N ms, HTTP 301 Moved Permanently
up     10.90.11.2:80  10.90.11.2  N ms, HTTP 401 Unauthorized
up     10.90.11.2:80  10.90.11.2  N ms, HTTP 404 Not Found
up     [2001:db8:11::2]:80  2001:db8:11::2  N ms, HTTP 200 OK
END
rows 'nginx: 5xx is not, a dead server behind it neither' "$netcheck" --ready \
    http://10.90.11.2/busy http://10.90.11.2/dead <<'END'
down   10.90.11.2:80  10.90.11.2  not-ready: HTTP 503 Service Temporarily Unavailable
down   10.90.11.2:80  10.90.11.2  not-ready: HTTP 502 Bad Gateway
END
rows 'nginx: the host chooses the server' "$netcheck" -4 --ready http://www.example.com \
    http://other.example.com <<'END'
up     www.example.com:80  10.90.11.2  N ms, HTTP 200 OK
down   other.example.com:80  10.90.11.2  not-ready: HTTP 500 Internal Server Error
END
rows 'nginx: --server-name does' "$netcheck" --ready --server-name other.example.com \
    http://10.90.11.2 <<'END'
down   10.90.11.2:80  10.90.11.2  not-ready: HTTP 500 Internal Server Error
END
rows 'caddy, haproxy without a server, a mail server' "$netcheck" --ready \
    http://10.90.12.2:8080/health 10.90.12.2:8080 http://10.90.13.2 http://10.90.14.2:25 <<'END'
up     10.90.12.2:8080  10.90.12.2  N ms, HTTP 204 No Content
up     10.90.12.2:8080  10.90.12.2  N ms, HTTP 403 Forbidden
down   10.90.13.2:80  10.90.13.2  not-ready: HTTP 503 Service Unavailable
down   10.90.14.2:25  10.90.14.2  mismatched: '220 mail.example.com ESMTP'
END
rows 'https: TLS answers; its certificate has expired' "$netcheck" --ready \
    https://10.90.11.2/health https://10.90.11.2:8443 https://10.90.11.2:80 <<END
up     10.90.11.2:443  10.90.11.2  N ms, $dated
down   10.90.11.2:8443  10.90.11.2  not-ready: TLS 1.2, certificate expired 2020-01-02 (not verified)
down   10.90.11.2:80  10.90.11.2  mismatched: not TLS: 'HTTP/1.1 400 Bad Request...'
END
rows 'nginx complains of nothing but the dead server' grep -vc 'connecting to upstream' nginx.log <<'END'
0
END
finish
