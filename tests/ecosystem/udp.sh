#!/bin/sh
# The questions of udp:// put to the real servers of Debian: up, behind a firewall that drops,
# behind one that rejects, and stopped. Prints the rows, and for each that was expected "ok" or
# "not ok".
#
#     udp.sh NETCHECK     as root
set -eu

. "$(dirname "$(realpath "$0")")/lib.sh"
enter "$@"

dns_servers() {
    mkdir -p /run/tftp
    serve 11 dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --pid-file= \
        --no-resolv --no-hosts --enable-tftp --tftp-root=/run/tftp

    serve_unbound 12

    cat >named.conf <<END
options {
    directory "$folder";
    pid-file none;
    session-keyfile none;
    recursion no;
};
controls { };
END
    serve 13 named -g -n 1 -c named.conf

    # One that is in charge of the root.
    cat named.conf - >root.conf <<END
zone "." { type primary; file "root.zone"; };
END
    cat >root.zone <<'END'
$TTL 1
. SOA a.example. b.example. 1 1 1 1 1
. NS a.example.
a.example. A 192.0.2.1
END
    serve 14 named -g -n 1 -c root.conf
}

# Of both programs one that has the time, and one that has not.
time_servers() {
    cat >without.conf <<END
allow 10.90.0.0/16
cmdport 0
bindcmdaddress /
pidfile $folder/without.pid
END
    sed 's/without/with/; $ a local stratum 2' without.conf >with.conf
    serve 21 chronyd -d -x -u root -f with.conf
    serve 22 chronyd -d -x -u root -f without.conf

    printf 'disable ntp\nrestrict default limited kod\n' >without.ntp
    sed '$ a tos orphan 3 orphanwait 1' without.ntp >with.ntp
    serve 23 ntpd -n -N -c with.ntp
    serve 24 ntpd -n -N -c without.ntp
}

other_servers() {
    printf 'agentaddress udp:161\n' >snmpd.conf
    export SNMP_PERSISTENT_DIR="$folder"
    serve 31 snmpd -f -Lo -C -c snmpd.conf
    serve 32 turnserver -n -L 10.90.32.2 --no-tcp --no-tls --no-dtls --no-cli \
        --log-file=stdout --simple-log --db="$folder/turndb" --pidfile="$folder/turn.pid"
    serve 33 in.tftpd --foreground --ipv4 --address :69 --user nobody --secure /run/tftp
    serve 34 memcached -u nobody -l 10.90.34.2 -U 11211 -p 0
    serve 35 coap-server-notls -A 10.90.35.2
}

telephone_and_web_servers() {
    cat >kamailio.cfg <<'END'
listen=udp:10.90.41.2:5060
children=1
loadmodule "sl.so"
request_route { sl_send_reply("404", "Not here"); }
END
    serve 41 kamailio -DD -E -m 16 -M 4 -f kamailio.cfg

    cat >Caddyfile <<END
{
    admin off
    skip_install_trust
    auto_https disable_redirects
    storage file_system $folder/caddy
}
https://10.90.42.2 {
    tls internal
}
END
    HOME="$folder" serve 42 caddy run --config Caddyfile --adapter caddyfile
}

# IPsec, remote procedures, services found by multicast, and what answers an empty datagram.
system_servers() {
    : >strongswan.conf
    STRONGSWAN_CONF="$folder/strongswan.conf" serve 51 /usr/lib/ipsec/charon
    serve 52 rpcbind -f

    mkdir -p /run/avahi-daemon
    mount -t tmpfs none /etc/avahi/services
    cat >/etc/avahi/services/web.service <<'END'
<service-group><name>web</name><service><type>_http._tcp</type><port>80</port></service></service-group>
END
    printf '[server]\nenable-dbus=no\nallow-interfaces=eth0\n' >avahi.conf
    serve 53 avahi-daemon -f "$folder/avahi.conf" --no-drop-root --no-chroot --no-rlimits

    cat >inetd.conf <<'END'
echo dgram udp wait root internal
daytime dgram udp wait root internal
END
    serve 54 inetd -i inetd.conf
}

targets='udp://10.90.11.2:53 udp://10.90.11.2:69 udp://10.90.12.2:53 udp://10.90.13.2:53
    udp://10.90.14.2:53 udp://10.90.21.2:123 udp://10.90.22.2:123 udp://10.90.23.2:123
    udp://10.90.24.2:123 udp://10.90.31.2:161 udp://10.90.32.2:3478 udp://10.90.33.2:69
    udp://10.90.34.2:11211 udp://10.90.35.2:5683 udp://10.90.41.2:5060 udp://10.90.42.2:443
    udp://10.90.51.2:500 udp://10.90.51.2:4500 udp://10.90.52.2:111 udp://10.90.53.2:5353 udp://10.90.54.2:7 udp://10.90.54.2:13'

# WORDS: the row that says so, for each target.
all_down() {
    for target in $targets; do
        address=${target#udp://}
        echo "down   $target  ${address%:*}  $1"
    done
}

dns_servers
time_servers
other_servers
telephone_and_web_servers
system_servers
"$netcheck" --wait 30 -q $targets
for _ in 1 2 3 4 5 6 7 8 9 10; do # until the ntpd that has the time thinks so
    "$netcheck" udp://10.90.23.2:123 | grep -q stratum && break
    sleep 1
done

rows "up" "$netcheck" $targets <<'END'
up     udp://10.90.11.2:53  10.90.11.2  N ms, DNS REFUSED
up     udp://10.90.11.2:69  10.90.11.2  N ms, TFTP error 1: file /run/tftp/netcheck-no-such-file not found for 10.90.11.1, answer from port N
up     udp://10.90.12.2:53  10.90.12.2  N ms, DNS REFUSED
up     udp://10.90.13.2:53  10.90.13.2  N ms, DNS REFUSED
up     udp://10.90.14.2:53  10.90.14.2  N ms, DNS NOERROR
up     udp://10.90.21.2:123  10.90.21.2  N ms, NTP stratum 2
up     udp://10.90.22.2:123  10.90.22.2  N ms, NTP not synchronised
up     udp://10.90.23.2:123  10.90.23.2  N ms, NTP stratum 3
up     udp://10.90.24.2:123  10.90.24.2  N ms, NTP not synchronised, kiss code INIT
up     udp://10.90.31.2:161  10.90.31.2  N ms, SNMPv3
up     udp://10.90.32.2:3478  10.90.32.2  N ms, STUN (Coturn-4.6.1 'Gorst')
up     udp://10.90.33.2:69  10.90.33.2  N ms, TFTP error 1: File not found, answer from port N
up     udp://10.90.34.2:11211  10.90.34.2  N ms, memcached 1.6.18
up     udp://10.90.35.2:5683  10.90.35.2  N ms, CoAP
up     udp://10.90.41.2:5060  10.90.41.2  N ms, SIP 404 Not here
up     udp://10.90.42.2:443  10.90.42.2  N ms, QUIC version 1
up     udp://10.90.51.2:500  10.90.51.2  N ms, IKEv2
up     udp://10.90.51.2:4500  10.90.51.2  N ms, IKEv2
up     udp://10.90.52.2:111  10.90.52.2  N ms, RPC
up     udp://10.90.53.2:5353  10.90.53.2  N ms, DNS NOERROR
up     udp://10.90.54.2:7  10.90.54.2  N ms
up     udp://10.90.54.2:13  10.90.54.2  N ms
END
rows "over IPv6" "$netcheck" "udp://[2001:db8:11::2]:53" "udp://[2001:db8:11::2]:69" \
    "udp://[2001:db8:13::2]:53" "udp://[2001:db8:23::2]:123" <<'END'
up     udp://[2001:db8:11::2]:53  2001:db8:11::2  N ms, DNS REFUSED
up     udp://[2001:db8:11::2]:69  2001:db8:11::2  N ms, TFTP error 1: file /run/tftp/netcheck-no-such-file not found for 2001:db8:11::1, answer from port N
up     udp://[2001:db8:13::2]:53  2001:db8:13::2  N ms, DNS REFUSED
up     udp://[2001:db8:23::2]:123  2001:db8:23::2  N ms, NTP stratum 3
END

rows "--ready: who has the time, and who has not" "$netcheck" --ready ntp://10.90.21.2 \
    ntp://10.90.22.2 ntp://10.90.23.2 ntp://10.90.24.2 <<'END'
up     udp://10.90.21.2:123  10.90.21.2  N ms, NTP stratum 2
down   udp://10.90.22.2:123  10.90.22.2  not-ready: NTP not synchronised
up     udp://10.90.23.2:123  10.90.23.2  N ms, NTP stratum 3
down   udp://10.90.24.2:123  10.90.24.2  not-ready: NTP not synchronised, kiss code INIT
END

firewall drop
all_down "timeout: no reply to 3 datagrams in 5 s; open or filtered" >silent
rows "behind a firewall that drops" "$netcheck" $targets <silent
firewall reject
all_down "refused in N ms" >refused
rows "behind a firewall that rejects" "$netcheck" $targets <refused
firewall accept

# NUMBER TARGET: the first row with a kiss code of so many.
first_kiss() {
    "$netcheck" -c "$1" -i 10ms "$2" | grep -m 1 "kiss code"
}
rows "an ntpd that is asked too often" first_kiss 40 udp://10.90.23.2:123 <<'END'
up     udp://10.90.23.2:123  10.90.23.2  N ms, NTP kiss code RATE
END

stop_servers
rows "stopped" "$netcheck" $targets <refused
finish
