#!/bin/sh
# The questions of udp:// before the real servers of Debian: up, behind a firewall that drops and
# one that rejects, and stopped. Prints the rows, and a line "ok" or "not ok" for each of them.
#
#     udp.sh NETCHECK     as root; the servers are installed, or unpacked below UNPACKED
set -eu

. "$(dirname "$0")/lib.sh"
enter "$@"
netcheck=$(realpath "$1")
PATH=$PATH:/usr/sbin:/sbin
cd "$folder"

# Each server has an address of its own: 10.90.0.NUMBER.
dns_servers() {
    serve 11 dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --pid-file= \
        --listen-address=10.90.0.11 --bind-interfaces --no-resolv --no-hosts \
        --enable-tftp --tftp-root="$folder/empty"

    cat >unbound.conf <<END
server:
    interface: 10.90.0.12
    access-control: 10.90.0.0/24 allow
    chroot: ""
    username: ""
    pidfile: ""
    directory: "$folder"
    use-syslog: no
remote-control:
    control-enable: no
END
    serve 12 unbound -d -c unbound.conf

    cat >named.conf <<END
options {
    directory "$folder";
    pid-file none;
    session-keyfile none;
    listen-on { 10.90.0.13; };
    listen-on-v6 { none; };
    recursion no;
};
controls { };
END
    serve 13 named -g -n 1 -c named.conf
}

# None of them may set the clock.
time_servers() {
    cat >chrony.conf <<END
bindaddress 10.90.0.14
allow 10.90.0.0/24
local stratum 2
cmdport 0
pidfile $folder/chrony.pid
bindcmdaddress /
END
    sed 's/\.14/.15/; /^local/d; s/chrony.pid/chrony2.pid/' chrony.conf >chrony2.conf
    serve 14 setpriv --bounding-set -sys_time --inh-caps -sys_time /tmp/q/chrony/usr/sbin/chronyd -d -x -u root -f chrony.conf
    serve 15 setpriv --bounding-set -sys_time --inh-caps -sys_time /tmp/q/chrony/usr/sbin/chronyd -d -x -u root -f chrony2.conf

    cat >ntp.conf <<END
interface ignore all
interface listen 10.90.0.16
disable ntp
tos orphan 3
END
    serve 16 setpriv --bounding-set -sys_time --inh-caps -sys_time ntpd -n -N -c ntp.conf
    sed 's/\.16/.17/; /orphan/d' ntp.conf >ntp2.conf
    serve 17 setpriv --bounding-set -sys_time --inh-caps -sys_time ntpd -n -N -c ntp2.conf
}

other_servers() {
    printf 'agentaddress udp:10.90.0.18:161\n' >snmpd.conf
    export SNMP_PERSISTENT_DIR="$folder"
    serve 18 snmpd -f -Lo -C -c snmpd.conf

    serve 19 turnserver -n -L 10.90.0.19 --no-tcp --no-tls --no-dtls --no-cli \
        --log-file=stdout --simple-log --db="$folder/turndb" --pidfile="$folder/turn.pid"

    serve 20 in.tftpd --foreground --ipv4 --address 10.90.0.20:69 --user nobody \
        --secure "$folder/empty"

    serve 21 memcached -u nobody -l 10.90.0.21 -U 11211 -p 0

    serve 22 coap-server-notls -A 10.90.0.22

    serve 23 rpcbind -f -h 10.90.0.23
    serve 24 sleep 1000
}

without_clock() {
    setpriv --bounding-set -sys_time --inh-caps -sys_time "$@"
}
mkdir empty
chmod 755 empty
dns_servers
time_servers
other_servers
sleep 6
for at in 11/53 11/69 12/53 13/53 14/123 15/123 16/123 17/123 18/161 19/3478 20/69 21/11211 22/5683; do
    /tmp/q/capture 10.90.0.${at%/*} ${at#*/} || true
done
for f in *.log; do echo "== $f"; tail -5 $f; done
