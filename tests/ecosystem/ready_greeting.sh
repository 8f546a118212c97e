#!/bin/sh
# --ready asks the real servers of Debian that greet first, when they serve and when they only
# accept. Prints the rows, and for each that was expected "ok" or "not ok".
#
#     ready_greeting.sh NETCHECK     as root
set -eu

. "$(dirname "$(realpath "$0")")/lib.sh"
enter "$@"

ssh_server() {
    mkdir -p /run/sshd
    ssh-keygen -q -t ed25519 -N '' -f host_key
    serve 11 "$(command -v sshd)" -D -e -f /dev/null -h "$folder/host_key" \
        -o MaxStartups=1:100:1 -o UsePAM=no -o LoginGraceTime=60
}

# NUMBER LINE...: postfix, with these lines in main.cf
postfix_server() {
    number=$1
    shift
    mkdir -p "postfix$number/queue" "postfix$number/data"
    chown postfix "postfix$number/data"
    cat >"postfix$number/main.cf" <<END
compatibility_level = 3.6
queue_directory = $folder/postfix$number/queue
data_directory = $folder/postfix$number/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
myhostname = mail.example.com
mynetworks = 127.0.0.1/32
inet_interfaces = all
inet_protocols = ipv4
smtpd_banner = \$myhostname ESMTP Postfix
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
alias_maps =
local_recipient_maps =
maillog_file = /dev/stdout
END
    for line in "$@"; do echo "$line"; done >>"postfix$number/main.cf"
    cat >"postfix$number/master.cf" <<'END'
smtp       inet  n  -  n  -  -  smtpd
submission inet  n  -  n  -  -  smtpd
anvil      unix  -  -  n  -  1  anvil
postlog    unix-dgram n - n - 1 postlogd
cleanup    unix  n  -  n  -  0  cleanup
rewrite    unix  -  -  n  -  -  trivial-rewrite
bounce     unix  -  -  n  -  0  bounce
END
    serve "$number" postfix -c "$folder/postfix$number" start-fg
}

# NUMBER LINE...: dovecot, with these lines in its configuration
dovecot_server() {
    number=$1
    shift
    cat >"dovecot$number.conf" <<END
protocols = imap pop3
base_dir = $folder/dovecot$number
state_dir = $folder/dovecot$number
log_path = /dev/stderr
ssl = no
disable_plaintext_auth = no
mail_location = maildir:$folder/mail/%u
passdb {
  driver = static
  args = nopassword=y
}
END
    for line in "$@"; do echo "$line"; done >>"dovecot$number.conf"
    serve "$number" dovecot -F -c "$folder/dovecot$number.conf"
}

# NUMBER LINE...
vsftpd_server() {
    number=$1
    shift
    for line in listen=YES background=NO anonymous_enable=YES "$@"; do
        echo "$line"
    done >"vsftpd$number.conf"
    serve "$number" vsftpd "$folder/vsftpd$number.conf"
}

rsync_server() {
    cat >rsyncd.conf <<END
use chroot = no
log file = /dev/stdout
[files]
path = $folder
max connections = 1
END
    serve 16 rsync --daemon --no-detach --config=rsyncd.conf
}

nats_servers() {
    echo 'max_connections: 1' >nats.conf
    serve 18 nats-server -a 0.0.0.0 -c nats.conf
    serve 19 nats-server -a 0.0.0.0 --user one --pass two
}

other_servers() {
    serve 17 Xtigervnc :7 -nolock -nolisten unix -SecurityTypes VncAuth -PasswordFile /dev/null -rfbport 5900 \
        -Log '*:stderr:30'
    serve 20 beanstalkd -l 0.0.0.0
    draining=$!
}

# NUMBER PORT: a client that says nothing, as long as the script runs; until it is greeted
occupy() {
    mkfifo "greeted$1"
    bash -c 'exec 3<>"/dev/tcp/10.90.$0.2/$1"; read -r line <&3; echo "$line" >"greeted$0"
        sleep 100' "$@" &
    timeout 10 head -n 1 "greeted$1" >/dev/null || echo "# $1:$2 did not greet"
}

# MACHINE:PORT...: until they accept, 15 seconds at most
await() {
    for server in "$@"; do
        "$netcheck" -q --wait 15 -i 50ms "10.90.$server" || echo "# 10.90.$server is not there"
    done
}

# LABEL TARGET...: the rows of --ready
ready() {
    label=$1
    shift
    rows "$label" "$netcheck" --ready -t 15s "$@"
}

ssh_server
postfix_server 12 'smtpd_client_connection_count_limit = 1'
postfix_server 13 'smtpd_client_restrictions = reject' 'smtpd_delay_reject = no'
dovecot_server 14
dovecot_server 22 'service auth {' 'executable = /bin/sleep 100' '}'
mkdir -p /run/vsftpd/empty
vsftpd_server 15 max_clients=1
vsftpd_server 21 secure_chroot_dir=/nowhere
rsync_server
nats_servers
other_servers
await 11.2:22 12.2:25 13.2:25 14.2:110,143 22.2:143 16.2:873 18.2:4222 19.2:4222 20.2:11300
openssh=$(ssh -V 2>&1 | cut -d , -f 1)
rsync=$(rsync --version | sed -n '1s/.*protocol version //p')
nats=$(nats-server --version | sed 's/.* v\{0,1\}//')

ready 'sshd' ssh://10.90.11.2 <<END
up     10.90.11.2:22  10.90.11.2  N ms, ssh SSH-2.0-$openssh
END
ready 'postfix; clients rejected' smtp://10.90.12.2 10.90.12.2:587 smtp://10.90.13.2 <<'END'
up     10.90.12.2:25  10.90.12.2  N ms, smtp 220 mail.example.com ESMTP Postfix
up     10.90.12.2:587  10.90.12.2  N ms, smtp 220 mail.example.com ESMTP Postfix
down   10.90.13.2:25  10.90.13.2  not-ready: smtp 554 5.7.1 <unknown[10.90.13.1]>: Client host rejected: Access denied
END
ready 'dovecot; without its process for logins' imap://10.90.14.2 pop3://10.90.14.2 \
    imap://10.90.22.2 <<'END'
up     10.90.14.2:143  10.90.14.2  N ms, imap * OK Dovecot (Debian) ready.
up     10.90.14.2:110  10.90.14.2  N ms, pop3 +OK Dovecot (Debian) ready.
down   10.90.22.2:143  10.90.22.2  not-ready: imap * OK Waiting for authentication process to respond..
END
ready 'vsftpd; without its folder' ftp://10.90.15.2 ftp://10.90.21.2 <<'END'
up     10.90.15.2:21  10.90.15.2  N ms, ftp 220 (vsFTPd 3.0.3)
down   10.90.21.2:21  10.90.21.2  not-ready: ftp 500 OOPS: vsftpd: not found: directory given in 'secure_chroot_dir':/nowhere
END
ready 'rsync' rsync://10.90.16.2/files <<END
up     10.90.16.2:873  10.90.16.2  N ms, rsync @RSYNCD: $rsync.0 sha512 sha256 sha1 md5 md4
END
ready 'nats; with a login' nats://10.90.18.2 nats://10.90.19.2 <<END
up     10.90.18.2:4222  10.90.18.2  N ms, nats $nats
up     10.90.19.2:4222  10.90.19.2  N ms, nats $nats
END
ready 'Xtigervnc, beanstalkd' vnc://10.90.17.2 beanstalk://10.90.20.2 <<'END'
up     10.90.17.2:5900  10.90.17.2  N ms, rfb 003.008
up     10.90.20.2:11300  10.90.20.2  N ms, beanstalk 1.12
END
ready 'each asked for another service' ftp://10.90.12.2:25 smtp://10.90.15.2:21 \
    pop3://10.90.14.2:143 <<'END'
down   10.90.12.2:25  10.90.12.2  mismatched: '220 mail.example.com ESMTP Postfix'
down   10.90.15.2:21  10.90.15.2  mismatched: '220 (vsFTPd 3.0.3)'
down   10.90.14.2:143  10.90.14.2  mismatched: '* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN...'
END
occupy 11 22
occupy 12 25
occupy 15 21
occupy 18 4222
kill -USR1 "$draining"
sleep 0.2
ready 'all places taken; draining' 10.90.11.2:22 10.90.12.2:25 10.90.15.2:21 10.90.18.2:4222 \
    10.90.20.2:11300 <<'END'
down   10.90.11.2:22  10.90.11.2  not-ready: ssh Exceeded MaxStartups
down   10.90.12.2:25  10.90.12.2  not-ready: smtp 421 4.7.0 mail.example.com Error: too many connections from 10.90.12.1
down   10.90.15.2:21  10.90.15.2  not-ready: ftp 421 There are too many connected users, please try later.
down   10.90.18.2:4222  10.90.18.2  not-ready: nats -ERR 'maximum connections exceeded'
down   10.90.20.2:11300  10.90.20.2  not-ready: beanstalk draining
END
for _ in 1 2 3 4 5; do "$netcheck" -q 10.90.17.2:5900 || true; done
ready 'Xtigervnc, after connections without a login' 10.90.17.2:5900 <<'END'
down   10.90.17.2:5900  10.90.17.2  not-ready: rfb Too many security failures
END

# LABEL FILE LINE: whether the server logs this, an extended regular expression
logs() {
    count=$((count + 1))
    if grep -Eq "$3" "$2"; then
        echo "ok $count - $1"
    else
        echo "not ok $count - $1"
        failed=$((failed + 1))
    fi
}

logs 'sshd: a client that identified itself' 11.log '^Connection closed by .* \[preauth\]'
logs 'postfix: a client that took its leave' 12.log 'quit=1 commands=1'
logs 'dovecot: a client that took its leave' 14.log 'imap-login: .*logging out'
finish
