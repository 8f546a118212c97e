#!/bin/sh
# --live on a real terminal, tmux's: the screen at several sizes, its keys, and the terminal
# afterwards, whatever ended the program. Where tmux is missing it says so.
#
#     live.sh NETCHECK
set -eu

case $1 in
/*) netcheck=$1 ;;
*) netcheck=$PWD/$1 ;;
esac
for tool in tmux perl dash bash; do
    command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed"; exit 0; }
done

LC_ALL=C.UTF-8
export LC_ALL
unset NO_COLOR
. "$(dirname "$0")/tmux.sh"

fail() {
    echo "live: $what: $1; the screen is" >&2
    screen | sed 's/$/|/' >&2
    exit 1
}

pass() {
    echo "live: $what"
}

# Wait until the command holds, for at most ten seconds.
await() {
    tries=100
    until "$@"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "waited in vain for '$*'"
        sleep 0.1
    done
}

type_keys() {
    tm send-keys "$@"
}

# What tmux knows of the terminal: alternate_on, cursor_flag, pane_tty ...
terminal() {
    tm display-message -p "#{$1}"
}

is_terminal() {
    [ "$(terminal "$1")" = "$2" ]
}

shows() {
    screen | grep -q -- "$1"
}

# Line $1 of the screen matches $2.
has_line() {
    screen | sed -n "$1p" | grep -q -- "$2"
}

# As many lines match $2.
has_lines() {
    [ "$(screen | grep -c -- "$2")" -eq "$1" ]
}

# Modes of the terminal behind the pane, without its size.
modes() {
    stty -a <"$(terminal pane_tty)" | sed 's/rows [0-9]*; columns [0-9]*;//'
}

# dash has no line editor and leaves the modes to the programs that it starts.
open_shell() {
    tm new-session -d -x 80 -y 24 "env PS1='ready> ' ENV= $1"
    tm set-option -g window-size manual >/dev/null
    await has_line 1 '^ready>'
    modes >"$folder/modes"
}

close_shell() {
    tm kill-server
    sleep 0.1
}

# Start the program with these words behind it, and wait for its first frame.
start() {
    type_keys "$netcheck --live $*" Enter
    await is_terminal alternate_on 1
    await has_line 1 'Z$'
}

start_three() {
    start "$three"
    await has_line 1 '^netcheck  3 targets .*Z$'
}

program() {
    cat "/proc/$(terminal pane_pid)/task/$(terminal pane_pid)/children"
}

# What a shell says of its jobs may come late.
is_cleared() {
    has_lines 1 . && return 0
    type_keys clear Enter
    return 1
}

# The shell has the terminal again, and it is as it was.
expect_shell() {
    await is_terminal alternate_on 0
    await is_terminal cursor_flag 1
    type_keys 'echo status=$? here' Enter
    await shows "^status=$1 here"
    modes >"$folder/modes_now"
    cmp -s "$folder/modes" "$folder/modes_now" || fail "other modes: $(cat "$folder/modes_now")"
    await is_cleared
}

# Twenty ports that answer, and before them one that does not: its backlog is full. Their numbers
# in a file.
: >"$folder/ports"
perl -MIO::Socket::INET -MIO::Select -e '
    my $all = IO::Select->new;
    my $silent = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die;
    my @fill = map { IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $silent->sockport,
        Blocking => 0) } 1 .. 4;
    print $silent->sockport, "\n";
    for (1 .. 20) {
        my $one = IO::Socket::INET->new(Listen => 64, LocalAddr => "127.0.0.1") or die;
        $all->add($one);
        print $one->sockport, "\n";
    }
    close STDOUT;
    while (my @ready = $all->can_read) {
        $_->accept for @ready;
    }' >"$folder/ports" &
listener=$!
tries=100
while [ "$(wc -l <"$folder/ports")" -lt 21 ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "live: no listener" >&2; exit 1; }
    sleep 0.1
done

silent=127.0.0.1:$(sed -n 1p "$folder/ports")
sed -i 1d "$folder/ports"
first=$(sed -n 1p "$folder/ports")
second=$(sed -n 2p "$folder/ports")
three="-i 0.2 127.0.0.1:$first,$second 127.1.2.3:1"
many="-i 0.5 127.0.0.1:$(paste -sd, "$folder/ports") 127.1.2.3:1-280"
title='^STATE TARGET  *LATENCY  *WORST  *LOSS  *RECENT  *FOR$'

open_shell dash

what="3 targets at 80 x 24"
start "$three"
await has_line 1 '^netcheck  3 targets  2 up  1 down  0 error  *[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z$'
await has_line 2 "$title"
await has_line 3 '^down  127.1.2.3:1  *refused  *-  *100%  *xx*  *[0-9ms]*s$'
await has_lines 2 "^up    127.0.0.1:[0-9]*  *[0-9.]* ms  *[0-9.]* ms  *0%  *▁.*s\$"
await has_line 24 '^q quit  s sort (worst first)  arrows scroll$'
await has_lines 6 .
is_terminal cursor_flag 0 || fail "a cursor"
pass

what="sorted as given"
type_keys s
await has_line 24 '(as given)'
await has_line 3 "^up    127.0.0.1:$first "
await has_line 4 "^up    127.0.0.1:$second "
await has_line 5 '^down  127.1.2.3:1 '
pass

what="resized to 40 x 10"
tm resize-window -x 40 -y 10
await has_line 10 '^q quit  s sort (as given)  arrows scroll$'
await has_line 1 '^2 up  1 down  0 error  *[0-9:]*Z$'
await has_line 2 '^STATE TARGET  *LATENCY  *LOSS$'
await has_lines 6 .
pass

what="resized to 20 x 3 and back"
tm resize-window -x 20 -y 3
await has_line 3 '^q quit *1-1 of 3$'
tm resize-window -x 80 -y 24
await has_line 24 '^q quit  s sort (as given)  arrows scroll$'
await has_line 2 "$title"
await has_lines 6 .
pass

what="q leaves the summary behind"
type_keys q
await is_terminal alternate_on 0
await shows '^--- 127.1.2.3:1 ---'
shows "^--- 127.0.0.1:$first" && shows "^--- 127.0.0.1:$second" || fail "no summary"
expect_shell 1
pass

what="targets that have not answered"
start "-t 60 $silent $three"
await has_line 1 '^netcheck  4 targets  2 up  1 down  0 error '
await has_line 3 '^down  127.1.2.3:1 '
await has_line 4 "^[.][.][.]   $silent  *-  *-  *-  *[1-9][0-9]*s\$"
await has_lines 7 .
tm resize-window -x 40 -y 10
await has_line 4 "^[.][.][.]   $silent  *-  *-\$"
tm resize-window -x 80 -y 24
type_keys q
await shows '^not answered yet'
expect_shell 1
pass

what="the end of -m, with a target that has not answered"
start "-m 3 -t 60 $silent"
expect_shell 2
pass

what="300 targets at 80 x 24"
start "$many"
await has_line 1 '^netcheck  300 targets '
await has_line 24 ' 1-21 of 300$'
await has_line 2 "$title"
await has_lines 24 .
type_keys Down
await has_line 24 ' 2-22 of 300$'
type_keys NPage
await has_line 24 ' 23-43 of 300$'
type_keys PPage Up
await has_line 24 ' 1-21 of 300$'
type_keys End
await has_line 24 ' 280-300 of 300$'
type_keys NPage PPage PPage
await has_line 24 '(worst first, held).* 238-258 of 300$'
type_keys g
await has_line 24 '(worst first) .* h keys *1-21 of 300$'
type_keys s
await has_line 24 '(as given).* 1-21 of 300$'
await has_line 3 "^up    127.0.0.1:$first "
pass

what="the keys of less"
type_keys C-f d Enter 10 j
await has_line 24 ' 44-64 of 300$'
type_keys C-u C-b y 5 Up
await has_line 24 ' 6-26 of 300$'
type_keys '>'
await has_line 24 ' 280-300 of 300$'
type_keys 50 %
await has_line 24 ' 151-171 of 300$'
type_keys 3 '<'
await has_line 24 ' 3-23 of 300$'
type_keys h
await has_line 24 '^space b page .* 3-23 of 300$'
type_keys h
await has_line 24 '^q quit'
pass

# A sequence in two reads, one that no key has, and text with the keys of an end in it.
what="no key by mistake"
type_keys -H 1b
sleep 0.1
type_keys -H 5b
sleep 0.1
type_keys -H 42
await has_line 24 ' 4-24 of 300$'
type_keys -H 1b 5b 31 3b 35 71
type_keys Escape
sleep 0.1
type_keys k
await has_line 24 ' 3-23 of 300$'
tm set-buffer 'quit! Really quit.
'
tm paste-buffer -p
type_keys k
await has_line 24 ' 2-22 of 300$'
pass

what="300 targets in other sizes, at the end and before"
tm resize-window -x 80 -y 12
await has_line 12 ' 2-10 of 300$'
type_keys G
await has_line 12 ' 292-300 of 300$'
tm resize-window -x 80 -y 24
await has_line 24 ' 280-300 of 300$'
tm resize-window -x 80 -y 12
await has_line 12 ' 292-300 of 300$'
tm resize-window -x 80 -y 24
type_keys g
pass

# The usual one: that of a slow one is told to the unit test.
what="connect times in colour"
await eval 'tm capture-pane -e -p | sed -n 3p | grep -q "32m *[0-9.]* ms"'
pass

what="300 targets at 40 x 10"
tm resize-window -x 40 -y 10
await has_line 10 ' 1-7 of 300$'
await has_lines 10 .
tm resize-window -x 80 -y 24
await has_line 24 ' 1-21 of 300$'
type_keys q
expect_shell 1
pass

what="SIGTERM"
start_three
kill -TERM "$(program)"
await shows '^--- 127.1.2.3:1 ---'
expect_shell 143
pass

# The second one ends it at once, unless it has gone by then: the terminal is whole.
what="SIGTERM twice"
start_three
pid=$(program)
kill -TERM "$pid"
kill -TERM "$pid" 2>/dev/null || true
await is_terminal alternate_on 0
expect_shell 143
pass

for signal in SEGV HUP QUIT ABRT ALRM USR2; do
    what="SIG$signal"
    start_three
    kill -"$signal" "$(program)"
    # 128 and the signal's number; QUIT says how it was so far.
    case $signal in
    SEGV) expect_shell 139 ;;
    HUP) expect_shell 129 ;;
    QUIT)
        await has_line 24 '^q quit'
        type_keys q
        expect_shell 1
        ;;
    ABRT) expect_shell 134 ;;
    ALRM) expect_shell 142 ;;
    USR2) expect_shell 140 ;;
    esac
    pass
done

what="Ctrl-C"
start_three
type_keys C-c
await shows '^--- 127.1.2.3:1 ---'
expect_shell 130
pass

# No more than ten frames a second, however fast the rows come; none without news.
frames_a_second() {
    tr '\033' '\n' <"$folder/frames" | tr -d '\r' | sed -n 's/^\[H.* \([0-9:]*Z\)$/\1/p' |
        sort | uniq -c | sort -n | awk 'END { print $1 + 0 }'
}

for case in "0.01 11" "60 3"; do
    interval=${case% *}
    limit=${case#* }
    what="at most $limit frames a second with -i $interval"
    : >"$folder/frames"
    tm pipe-pane "cat >'$folder/frames'"
    start "-i $interval 127.0.0.1:$first"
    await eval '[ "$(tr "\033" "\n" <"$folder/frames" | grep -c "^.H.*Z")" -ge 3 ]'
    tm pipe-pane
    type_keys q
    most=$(frames_a_second)
    [ "$most" -ge 1 ] && [ "$most" -le "$limit" ] || fail "$most"
    expect_shell 0
    pass
done

close_shell

for shell in "dash" "bash --norc --noprofile"; do
    open_shell "$shell"

    what="Ctrl-Z and fg in ${shell%% *}"
    start_three
    type_keys C-z
    await is_terminal alternate_on 0
    await shows Stopped
    modes >"$folder/modes_now"
    [ "$shell" != dash ] || cmp -s "$folder/modes" "$folder/modes_now" || fail "other modes"
    type_keys fg Enter
    await is_terminal alternate_on 1
    await has_line 1 '^netcheck  3 targets .*Z$'
    type_keys s
    await has_line 24 '(as given)'
    pass

    what="Ctrl-Z, bg and fg in ${shell%% *}"
    type_keys C-z
    await is_terminal alternate_on 0
    await is_cleared
    type_keys 'bg; echo unseen' Enter
    await shows '^unseen'
    type_keys 'echo still; sleep 0.5; echo unseen' Enter
    await has_lines 2 '^unseen'
    shows '^STATE' && fail "a frame in the background"
    type_keys fg Enter
    await is_terminal alternate_on 1
    await has_line 24 '^q quit'
    pass

    what="Ctrl-Z and kill in ${shell%% *}"
    type_keys C-z
    await is_terminal alternate_on 0
    await is_cleared
    type_keys 'kill %1; wait; echo all gone' Enter
    await shows '^all gone'
    is_terminal alternate_on 0 || fail "a screen in the background"
    expect_shell 0
    pass

    close_shell
done

echo "live: all is well"
