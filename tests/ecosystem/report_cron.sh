#!/bin/sh
# Debian's cron, whose minute takes two seconds here, runs the lines of README and manual: a service
# that is up, down and up again is told in exactly two mails. Prints what was mailed, and for each promise "ok"
# or "not ok".
#
#     report_cron.sh NETCHECK     as root
set -eu

. "$(dirname "$(realpath "$0")")/lib.sh"
top=$(dirname "$(realpath "$0")")/../..
enter "$@"

# What cron calls instead of the mail server: a file a mail, which is there whole.
make_sendmail() {
    mkdir mails
    rm -f /usr/sbin/sendmail
    cat >/usr/sbin/sendmail <<'SCRIPT'
#!/bin/sh
mail=$(mktemp "$MAILS/.XXXXXX")
cat >"$mail"
mv "$mail" "$MAILS/${mail##*/.}.mail"
SCRIPT
    sed -i "s|\$MAILS|$folder/mails|g" /usr/sbin/sendmail
    chmod 755 /usr/sbin/sendmail
}

# Where the README says that it is; what it was called with is a line in "runs" each time.
install_netcheck() {
    mkdir -p /usr/local/bin /etc/netcheck /var/lib/netcheck
    rm -f /usr/local/bin/netcheck /usr/bin/netcheck
    ln -s /usr/local/bin/netcheck /usr/bin/netcheck
    cat >/usr/local/bin/netcheck <<SCRIPT
#!/bin/sh
status=0
"$netcheck" "\$@" || status=\$?
echo "\$*" >>"$folder/runs"
exit "\$status"
SCRIPT
    chmod 755 /usr/local/bin/netcheck
    : >runs
}

# PORT: a service there
start_service() {
    perl -MIO::Socket::INET -e '
        my $service = IO::Socket::INET->new(Listen => 64, ReuseAddr => 1,
            LocalAddr => "127.0.0.1:@ARGV") or die "@ARGV: $!";
        $service->accept while 1' "$1" &
    service=$!
    "$netcheck" -q --wait 10 -i 50ms "127.0.0.1:$1"
}

end_service() {
    kill "$service"
    wait "$service" 2>/dev/null || true
}

# Each minute the README's lines, the manual's for what never changes, and other jobs: what is down
# from the begin, and a state file that is none.
make_crontab() {
    { example "$top/README.md" MAILTO=
      example "$top/src/man/netcheck-recipes.7" MAILTO= | sed '/^STATE=/s|/flows$|/still|'; } |
        sed 's|\*/5|*|' >crontab.txt
    sed 's|^|* * * * * /usr/local/bin/netcheck --on-change --state /var/lib/netcheck/|' >>crontab.txt <<'JOBS'
known 127.0.0.1:17004
notes 127.0.0.1:17002
JOBS
    echo 127.0.0.1:17001 >/etc/netcheck/flows.txt
    printf '127.0.0.1:17002\n!127.0.0.1:17003\n' >/etc/flows.txt
    echo 'call the office' >/var/lib/netcheck/notes
}

# WORDS: how many runs, and how many mails, are of the job that has them
runs_of() {
    grep -c -e "$1" runs || true
}
mails_of() {
    grep -l -e "^Subject: .*$1" mails/*.mail 2>/dev/null | wc -l
}

has_run() {
    [ "$(runs_of "$1")" -ge "$2" ]
}
has_mailed() {
    [ "$(mails_of "$1")" -ge "$2" ]
}

# WORDS COUNT: that many runs more of the job
more_runs() {
    until_true has_run "$1" $(($(runs_of "$1") + $2))
}

# WORDS: what the job's mails say, from the first one on; times may differ
mails() {
    grep -l -e "^Subject: .*$1" mails/*.mail 2>/dev/null | xargs -r stat -c '%.Y %n' | sort -n |
        sed 's/.* //' | xargs -r sed -snE '1,/^$/ { /^(To|Subject): /p }; 1,/^$/!p' |
        sed -E 's/<root@[^>]*>/<root>/; s/[0-9.]+ ms/N ms/; s/(was (up|down) for) [^)]*/\1 N/'
}

# With -L 7 it says of a job that its status was not 0.
run_cron() {
    : >/etc/crontab
    rm -f /etc/cron.d/*
    crontab crontab.txt
    mount -t tmpfs none /dev/shm # where faketime leaves files that are named by the process
    env -i PATH="$PATH" faketime -f '@2026-11-29 12:00:30 x30' cron -f -L 7 >cron.log 2>&1 &
    cron=$!
}

# A mail more would come with one of the runs that follow.
down_and_up() {
    more_runs netcheck/flows.txt 3 && end_service && until_true has_mailed netcheck/flows.txt 1 &&
        more_runs netcheck/flows.txt 3 && start_service 17001 && until_true has_mailed netcheck/flows.txt 2 &&
        more_runs netcheck/flows.txt 3
}

overlay /etc /usr /var
make_sendmail
install_netcheck
make_crontab
start_service 17002
start_service 17001
run_cron
down_and_up || cat cron.log
kill "$cron" || true
wait "$cron" 2>/dev/null || true

job=$(sed -n 's/^\* \* \* \* \* \(.*netcheck.flows.txt.*\)/\1/p' crontab.txt)
shows "down and up again, in $(runs_of netcheck/flows.txt) runs: two mails" mails netcheck/flows.txt <<END
To: ops@example.com
Subject: Cron <root> $job (failed)
down   127.0.0.1:17001  127.0.0.1  refused in N ms (was up for N)
To: ops@example.com
Subject: Cron <root> $job
up     127.0.0.1:17001  127.0.0.1  N ms (was down for N)
END
shows 'what is always as expected: no mail' sh -c '
    grep -h "^Subject: .*STATE" mails/*.mail; head -n 1 /var/lib/netcheck/still' <<'END'
netcheck-state	1
END
shows 'what was down from the begin: one mail' mails lib/netcheck/known <<'END'
To: ops@example.com
Subject: Cron <root> /usr/local/bin/netcheck --on-change --state /var/lib/netcheck/known 127.0.0.1:17004 (failed)
down   127.0.0.1:17004  127.0.0.1  refused in N ms (new)
END
shows 'no state file: it is mailed, and stays as it is' sh -c '
    grep -ho "is no state file of netcheck" mails/*.mail | sort -u; cat /var/lib/netcheck/notes' \
    <<'END'
is no state file of netcheck
call the office
END
finish
