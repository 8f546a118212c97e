#!/bin/sh
# --ready asks the real servers of Debian for directories, desktops, files, messages and names:
# healthy, and where they accept but do not serve. Prints the rows, and for each that was
# expected "ok" or "not ok".
#
#     ready_office.sh NETCHECK     as root
set -eu

. "$(dirname "$(realpath "$0")")/lib.sh"
enter "$@"

# A directory, and one that lets no stranger in.
directories() {
    printf 'include /etc/ldap/schema/core.schema\n' >ldap.conf
    sed '$ a require authc' ldap.conf >closed.conf
    serve 11 slapd -d stats -h ldap://0.0.0.0 -f ldap.conf
    serve 12 slapd -d stats -h ldap://0.0.0.0 -f closed.conf
}

desktops() {
    cat >xrdp.ini <<END
[Globals]
port=3389
security_layer=negotiate
certificate=$folder/cert.pem
key_file=$folder/key.pem
[Logging]
LogFile=/run/xrdp.log
LogLevel=DEBUG
EnableConsole=true
ConsoleLevel=DEBUG
END
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=www.example.com -keyout key.pem \
        -out cert.pem 2>/dev/null
    sed 's/=negotiate/=tls/' xrdp.ini >tls.ini
    serve 21 xrdp --nodaemon --config "$folder/xrdp.ini"
    serve 22 xrdp --nodaemon --config "$folder/tls.ini"
}

files() {
    for at in 31 32; do
        mkdir -p "smb$at"
        cat >"smb$at.conf" <<END
[global]
log level = 1
private dir = $folder/smb$at
lock directory = $folder/smb$at
state directory = $folder/smb$at
cache directory = $folder/smb$at
pid directory = $folder/smb$at
ncalrpc dir = $folder/smb$at
disable netbios = yes
disable spoolss = yes
smb ports = 445
END
    done
    echo 'server min protocol = SMB3_11' >>smb32.conf
    for number in 31 32; do
        serve "$number" smbd --foreground --no-process-group --debug-stdout \
            --configfile="$folder/smb$number.conf"
    done
}

messages() {
    cat >prosody.cfg.lua <<END
pidfile = "$folder/prosody.pid"
data_path = "$folder"
run_as_root = true
prosody_user = "root"
modules_enabled = { "saslauth" }
modules_disabled = { "s2s" }
log = { debug = "*console" }
VirtualHost "chat.example.com"
END
    sed '$ i allow_unencrypted_plain_auth = true c2s_require_encryption = false' prosody.cfg.lua >open.cfg.lua
    sed 's/chat.example/www.example/; s/prosody.pid/bare.pid/' prosody.cfg.lua >bare.cfg.lua
    serve 41 prosody -F --config "$folder/open.cfg.lua"
    serve 42 prosody -F --config "$folder/bare.cfg.lua"
}

# Two that refuse to be asked of a stranger, and one whose only zone cannot be read.
names() {
    serve 51 dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --pid-file= \
        --no-resolv --no-hosts
    serve_unbound 52
    cat >named.conf <<END
options { directory "$folder"; pid-file none; session-keyfile none; recursion no; };
controls { };
zone "." { type primary; file "absent.zone"; };
END
    serve 53 named -g -n 1 -c named.conf
}

# MACHINE:PORT...: until they accept, 20 seconds at most
await() {
    for server in "$@"; do
        "$netcheck" -q --wait 20 -i 100ms "10.90.$server" || echo "# 10.90.$server is not there"
    done
}

directories
desktops
files
messages
names
printf '10.90.41.2 chat.example.com other.example.com\n10.90.42.2 www.example.com\n' >hosts
mount --bind hosts /etc/hosts
await 11.2:389 12.2:389 21.2:3389 22.2:3389 31.2:445 32.2:445 41.2:5222 42.2:5222 51.2:53 \
    52.2:53 53.2:53

rows 'slapd, and one that wants a login' "$netcheck" --ready ldap://10.90.11.2 \
    ldap://10.90.12.2 <<'END'
up     10.90.11.2:389  10.90.11.2  N ms, ldap success
up     10.90.12.2:389  10.90.12.2  N ms, ldap unwilling to perform: authentication required
END
rows 'xrdp without a session manager, and one that wants TLS' "$netcheck" --ready \
    rdp://10.90.21.2 rdp://10.90.22.2 <<'END'
up     10.90.21.2:3389  10.90.21.2  N ms, rdp connection confirmed
up     10.90.22.2:3389  10.90.22.2  N ms, rdp TLS required
END
rows 'smbd, and one of version 3.1.1 alone' "$netcheck" --ready smb://10.90.31.2 \
    smb://10.90.32.2 <<'END'
up     10.90.31.2:445  10.90.31.2  N ms, smb 3.0.2
up     10.90.32.2:445  10.90.32.2  N ms, smb status 0xc00000bb
END
rows 'prosody: its name, another one, none; and without a certificate' "$netcheck" -4 --ready \
    xmpp://chat.example.com xmpp://other.example.com xmpp://10.90.41.2 xmpp://www.example.com <<'END'
up     chat.example.com:5222  10.90.41.2  N ms, xmpp stream opened
up     other.example.com:5222  10.90.41.2  N ms, xmpp host-unknown
up     10.90.41.2:5222  10.90.41.2  N ms, xmpp improper-addressing
down   www.example.com:5222  10.90.42.2  not-ready: xmpp undefined-condition
END
rows 'dnsmasq, unbound, named without its zone; over TCP' "$netcheck" --ready \
    10.90.51.2:53 10.90.52.2:53 10.90.53.2:53 <<'END'
up     10.90.51.2:53  10.90.51.2  N ms, DNS REFUSED
up     10.90.52.2:53  10.90.52.2  N ms, DNS REFUSED
down   10.90.53.2:53  10.90.53.2  not-ready: DNS SERVFAIL
END
finish
