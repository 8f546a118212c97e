#!/bin/sh
# tls:// asks the real TLS servers of Debian, and servers that do not speak TLS. Prints the rows,
# and for each that was expected "ok" or "not ok".
#
#     tls.sh NETCHECK     as root
set -eu

. "$(dirname "$(realpath "$0")")/lib.sh"
enter "$@"

# A chain that has more than anybody reads: its first certificate is the server's own.
make_long() {
    cp plain.key long.key
    for _ in $(seq 90); do cat plain.pem; done >long.pem
}

# The date on which NAME.pem ends.
end_of() {
    date -u -d "$(openssl x509 -noout -enddate -in "$1.pem" | cut -d = -f 2)" +%Y-%m-%d
}

web_servers() {
    mkdir temporary
    chmod 777 temporary
    cat >nginx.conf <<END
daemon off;
pid $folder/nginx.pid;
error_log $folder/nginx.log;
events { }
http {
    access_log off;
    $(nginx_paths)
    ssl_certificate plain.pem;
    ssl_certificate_key plain.key;
    server { listen 443 ssl; }
    server {
        listen 443 ssl;
        server_name other.example.com;
        ssl_certificate other.pem;
        ssl_certificate_key other.key;
    }
    server { listen 80; }
    server { listen 444 ssl; ssl_reject_handshake on; }
    server { listen 445 ssl; ssl_protocols TLSv1.3; }
}
END
    serve 11 nginx -p "$folder" -c nginx.conf
    cat >Caddyfile <<END
{
    admin off
    skip_install_trust
    auto_https disable_redirects
    storage file_system $folder/caddy
}
https://www.example.com {
    tls $folder/plain.pem $folder/plain.key
}
END
    HOME="$folder" serve 12 caddy run --config Caddyfile --adapter caddyfile
}

proxies() {
    cat >haproxy.conf <<END
defaults
    mode tcp
    timeout connect 2s
    timeout client 5s
    timeout server 5s
frontend all
    bind :443 ssl crt $folder/plain.both
    default_backend nobody
backend nobody
    server one 127.0.0.1:1
END
    serve 13 haproxy -db -f haproxy.conf
    cat >stunnel.conf <<END
foreground = yes
pid =
syslog = no
[all]
accept = 0.0.0.0:443
connect = 127.0.0.1:1
cert = $folder/plain.pem
key = $folder/plain.key
END
    serve 14 stunnel4 stunnel.conf
}

redis_servers() {
    serve 15 redis-server --bind 0.0.0.0 --port 0 --tls-port 6379 --tls-cert-file plain.pem \
        --tls-key-file plain.key --tls-ca-cert-file plain.pem --save '' --protected-mode no
    serve 16 redis-server --bind 0.0.0.0 --port 6379 --save '' --protected-mode no
}

# MACHINE OPTION...
openssl_server() {
    at=$1
    shift
    serve "$at" openssl s_server -accept 443 -quiet "$@"
}

openssl_servers() {
    openssl_server 21 -tls1_2 -cert plain.pem -key plain.key
    openssl_server 22 -tls1_3 -cert plain.pem -key plain.key
    openssl_server 23 -tls1_2 -cert plain.pem -key plain.key -Verify 1
    openssl_server 24 -cert expired.pem -key expired.key
    openssl_server 25 -tls1 -cert plain.pem -key plain.key -cipher ALL:@SECLEVEL=0
    openssl_server 26 -cert elliptic.pem -key elliptic.key
    openssl_server 27 -cert plain.pem -key plain.key -max_send_frag 512
    openssl_server 28 -cert long.pem -key long.key -cert_chain long.pem
    openssl_server 29 -tls1_2 -nocert -psk 00 -cipher PSK:@SECLEVEL=0
    openssl_server 30 -tls1_2 -nocert -cipher aNULL:@SECLEVEL=0
    serve 31 gnutls-serv --quiet -p 443 --x509certfile plain.pem --x509keyfile plain.key
}

# What has nothing to do with TLS.
other_servers() {
    printf '#!/bin/sh\necho "220 mail.example.com ESMTP"; sleep 9\n' >mail
    printf '#!/bin/sh\ndd bs=4096 count=1 of=/dev/null 2>/dev/null\n' >hang-up
    chmod 755 mail hang-up
    cat >inetd.conf <<END
echo stream tcp nowait root internal
discard stream tcp nowait root internal
daytime stream tcp nowait root internal
smtp stream tcp nowait root $folder/mail mail
26 stream tcp nowait root $folder/hang-up hang-up
END
    serve 41 inetd -i inetd.conf
}

# MACHINE:PORT...: until they accept, 10 seconds at most
await() {
    for server in "$@"; do
        "$netcheck" -q --wait 10 -i 50ms "10.90.$server" || echo "# 10.90.$server is not there"
    done
}

certificate plain www.example.com -days 90
certificate other other.example.com -days 10000
certificate elliptic www.example.com -days 90 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1
certificate expired old.example.com
expire expired
make_long
web_servers
proxies
redis_servers
openssl_servers
other_servers
echo "10.90.11.2 www.example.com other.example.com" >hosts
mount --bind hosts /etc/hosts
await 11.2:80,443-445 12.2:443 13.2:443 14.2:443 15.2:6379 16.2:6379 21.2:443 22.2:443 23.2:443 \
    24.2:443 25.2:443 26.2:443 27.2:443 28.2:443 29.2:443 30.2:443 31.2:443 41.2:7,9,25

later="TLS 1.2, certificate until $(end_of other) (not verified)"
dated="TLS 1.2, certificate until $(end_of plain) (not verified)"
rows 'nginx: the name of the target chooses the server' "$netcheck" -4 tls://www.example.com:443 \
    tls://other.example.com:443 tls://10.90.11.2:443 <<END
up     tls://www.example.com:443  10.90.11.2  N ms, $dated
up     tls://other.example.com:443  10.90.11.2  N ms, $later
up     tls://10.90.11.2:443  10.90.11.2  N ms, $dated
END
rows 'nginx: --server-name does' "$netcheck" --server-name other.example.com \
    tls://10.90.11.2:443 <<END
up     tls://10.90.11.2:443  10.90.11.2  N ms, $later
END
rows 'nginx: without TLS, no server of that name, TLS 1.3 alone' \
    "$netcheck" tls://10.90.11.2:80,444,445 <<'END'
down   tls://10.90.11.2:80  10.90.11.2  mismatched: not TLS: 'HTTP/1.1 400 Bad Request...'
up     tls://10.90.11.2:444  10.90.11.2  N ms, TLS alert 112: unrecognized name
up     tls://10.90.11.2:445  10.90.11.2  N ms, TLS, newer than 1.2
END
rows 'Caddy: the name that it serves' "$netcheck" --server-name www.example.com \
    tls://10.90.12.2:443 <<END
up     tls://10.90.12.2:443  10.90.12.2  N ms, $dated
END
rows 'Caddy: a name that it does not serve' "$netcheck" --server-name other.example.com \
    tls://10.90.12.2:443 <<'END'
up     tls://10.90.12.2:443  10.90.12.2  N ms, TLS alert 80: internal error
END
rows 'haproxy, stunnel, redis, GnuTLS' "$netcheck" tls://10.90.13.2:443 tls://10.90.14.2:443 \
    tls://10.90.15.2:6379 tls://10.90.31.2:443 <<END
up     tls://10.90.13.2:443  10.90.13.2  N ms, $dated
up     tls://10.90.14.2:443  10.90.14.2  N ms, $dated
up     tls://10.90.15.2:6379  10.90.15.2  N ms, $dated
up     tls://10.90.31.2:443  10.90.31.2  N ms, $dated
END
rows 'OpenSSL: TLS 1.2, 1.3 alone, a client certificate wanted, an expired one of its own' \
    "$netcheck" tls://10.90.21.2:443 tls://10.90.22.2:443 tls://10.90.23.2:443 \
    tls://10.90.24.2:443 <<END
up     tls://10.90.21.2:443  10.90.21.2  N ms, $dated
up     tls://10.90.22.2:443  10.90.22.2  N ms, TLS, newer than 1.2
up     tls://10.90.23.2:443  10.90.23.2  N ms, $dated
up     tls://10.90.24.2:443  10.90.24.2  N ms, TLS 1.2, certificate expired 2020-01-02 (not verified)
END
rows 'OpenSSL: TLS 1.0, an elliptic curve, small records, a long chain' \
    "$netcheck" tls://10.90.25.2:443 tls://10.90.26.2:443 tls://10.90.27.2:443 \
    tls://10.90.28.2:443 <<END
up     tls://10.90.25.2:443  10.90.25.2  N ms, TLS 1.0, certificate until $(end_of plain) (not verified)
up     tls://10.90.26.2:443  10.90.26.2  N ms, $dated
up     tls://10.90.27.2:443  10.90.27.2  N ms, $dated
up     tls://10.90.28.2:443  10.90.28.2  N ms, $dated
END
rows 'OpenSSL: a shared key, or no certificate: nothing in common' \
    "$netcheck" tls://10.90.29.2:443 tls://10.90.30.2:443 <<'END'
up     tls://10.90.29.2:443  10.90.29.2  N ms, TLS alert 40: handshake failure
up     tls://10.90.30.2:443  10.90.30.2  N ms, TLS alert 40: handshake failure
END
rows 'redis without TLS waits for its line' "$netcheck" -t 1s tls://10.90.16.2:6379 <<'END'
down   tls://10.90.16.2:6379  10.90.16.2  timeout: accepted, but no answer to a TLS hello in 1 s
END
rows 'discard, a mail server, one that hangs up, nobody' \
    "$netcheck" -t 1s tls://10.90.41.2:9,25,26,27 <<'END'
down   tls://10.90.41.2:9  10.90.41.2  timeout: accepted, but no answer to a TLS hello in 1 s
down   tls://10.90.41.2:25  10.90.41.2  mismatched: not TLS: '220 mail.example.com ESMTP'
down   tls://10.90.41.2:26  10.90.41.2  closed: by the other side N ms after the handshake
down   tls://10.90.41.2:27  10.90.41.2  refused in N ms
END
rows 'echo' sh -c '"$0" tls://10.90.41.2:7 | cut -c 1-82' "$netcheck" <<'END'
down   tls://10.90.41.2:7  10.90.41.2  mismatched: not TLS, an echo of the questio
END
firewall drop
rows 'a firewall that drops' "$netcheck" -t 1s tls://10.90.11.2:443 <<'END'
down   tls://10.90.11.2:443  10.90.11.2  timeout: no answer in 1 s
END
firewall reject
rows 'a firewall that rejects' "$netcheck" -t 1s tls://10.90.11.2:443 <<'END'
down   tls://10.90.11.2:443  10.90.11.2  refused: port unreachable, said 10.90.11.2 (ICMP 3/3)
END
stop_servers
firewall accept
rows 'stopped' "$netcheck" -t 1s tls://10.90.11.2:443 <<'END'
down   tls://10.90.11.2:443  10.90.11.2  refused in N ms
END
finish
