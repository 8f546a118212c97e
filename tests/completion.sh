#!/bin/sh
# The completions in the shells themselves: bash with and without bash-completion, zsh and fish
# in a terminal of tmux's, where TAB is pressed, and fish by its own "complete -C", too.
#
#     completion.sh [NETCHECK]          at the top of the repository
set -eu

netcheck=$(realpath "${1:-./netcheck}")
framework=/usr/share/bash-completion/bash_completion
for tool in tmux bash zsh fish "$framework"; do
    command -v "$tool" >/dev/null || [ -r "$tool" ] ||
        { echo "completion: $tool is not installed" >&2; exit 1; }
done
grep -qs '^gopher[[:blank:]]*70/tcp' /etc/services ||
    { echo "completion: /etc/services has no gopher: is netbase installed?" >&2; exit 1; }

unset XDG_CONFIG_HOME XDG_DATA_HOME
. "$(dirname "$0")/tmux.sh"

# Whatever $folder/given holds is the evidence.
fail() {
    echo "completion: $shell: $line: $1; it gave" >&2
    sed 's/$/|/' "$folder/given" >&2
    exit 1
}

pass() {
    echo "completion: $shell: $line"
}

# A HOME, a folder with one file, and the program on the PATH: fish completes no other.
completions=$folder/completions
mkdir -p "$folder/home/.ssh" "$folder/bin" "$folder/work" "$folder/package/completions" \
    "$folder/home/.config/fish" "$folder/sourced" "$completions"
"$netcheck" --completion bash >"$completions/netcheck.bash"
"$netcheck" --completion zsh >"$completions/_netcheck"
"$netcheck" --completion fish >"$completions/netcheck.fish"
cat >"$folder/home/.ssh/known_hosts" <<'END'
|1|bm8=|aGFzaA==|2= ssh-ed25519 AAAA
@cert-authority pattern*.example ssh-ed25519 AAAA
known.example,192.0.2.7 ssh-ed25519 AAAA
[odd-port.example]:2222 ssh-ed25519 AAAA
END
cat >"$folder/home/.ssh/config" <<'END'
Host jump.example pattern*.example
    User nobody
END
: >"$folder/work/flows.txt"
ln -s "$netcheck" "$folder/bin/netcheck"
ln -s "$completions/netcheck.bash" "$folder/package/completions/netcheck"
ln -s "$completions" "$folder/home/.config/fish/completions"

# bash lists at the first TAB, as the others do.
cat >"$folder/inputrc" <<'END'
set show-all-if-ambiguous on
set enable-bracketed-paste off
END
echo "PS1='ready> '; . $completions/netcheck.bash" >"$folder/plain.bash"
echo "COMP_WORDBREAKS=' '; . $folder/plain.bash" >"$folder/unbroken.bash"
echo "PS1='ready> '; . $framework" >"$folder/package.bash"
cat >"$folder/.zshrc" <<END
unsetopt beep
fpath=($completions \$fpath)
autoload -Uz compinit
compinit -u -D
clear
END
# As the manual says for those to whom no file was installed.
echo "PS1='ready> '; source <(netcheck --completion bash)" >"$folder/sourced.bash"
cat >"$folder/sourced/.zshrc" <<'END'
unsetopt beep
autoload -Uz compinit
compinit -u -D
source <(netcheck --completion zsh)
clear
END
cat >"$folder/home/.config/fish/config.fish" <<'END'
function fish_prompt
    echo 'ready> '
end
set -g fish_greeting
set -g fish_autosuggestion_enabled 0
END

# Wait until the command holds, for at most ten seconds.
await() {
    tries=500
    until "$@"; do
        tries=$((tries - 1))
        screen | sed '/^ *$/d' >"$folder/given"
        [ "$tries" -gt 0 ] || fail "waited in vain for '$*'"
        sleep 0.02
    done
}

# $1 is all there is on the screen.
is_only() {
    [ "$(screen | sed -e '/^ *$/d' -e 's/ *$//')" = "$1" ]
}

shows() {
    screen | grep -q -- "$1"
}

# Between two shells there is no session: the next one would meet a server about to end.
tm start-server \; set-option -g exit-empty off

# Start shell $2... in a terminal, to be called $1.
open_shell() {
    shell=$1
    line="the first prompt"
    shift
    tm new-session -d -x 100 -y 60 -c "$folder/work" "env HOME='$folder/home' \
        PATH='$folder/bin:$PATH' INPUTRC='$folder/inputrc' LC_ALL=C.UTF-8 PS1='ready> ' \
        BASH_COMPLETION_USER_DIR='$folder/package' $*"
    await is_only 'ready>'
}

close_shell() {
    tm kill-session
}

# Type $1 on a clean line.
type_line() {
    line=$1
    tm send-keys C-u C-l
    await is_only 'ready>'
    tm send-keys -l "$line"
}

# TAB behind $1 makes the line $2, blanks included. The letter after it is not read before TAB
# has done its work; what else there was to choose from would be on the screen.
completes() {
    type_line "$1"
    tm send-keys Tab Z
    await is_only "ready> $2Z"
    pass
}

# TAB behind $1 lists what matches each of the other arguments.
lists() {
    type_line "$1"
    shift
    tm send-keys Tab
    for pattern in "$@"; do
        await shows "$pattern"
    done
    pass
}

# As a list of them looks, on a line.
formats='^csv  *html  *json  *junit  *nagios  *prometheus  *text$'

# Options and their arguments, in bash and zsh. zsh puts what may come next, an "=" or a comma,
# and takes it away when a blank does: $1 stands behind --format, $2 behind a list.
check_options() {
    lists 'netcheck --' --timeout --shuffle --version
    completes 'netcheck --form' "netcheck --format$1"
    completes '../bin/netcheck --form' "../bin/netcheck --format$1"
    completes 'netcheck --shuf' "netcheck --shuffle$1"
    completes 'netcheck --format js' 'netcheck --format json '
    completes 'netcheck --format=js' 'netcheck --format=json '
    lists 'netcheck --format ' "$formats"
    lists 'netcheck --format=' "$formats"
    lists 'netcheck --color ' '^always  *auto  *never$'
    lists 'netcheck --progress=' '^always  *auto  *never$'
    lists 'netcheck --expect=' '^down  *up$'
    completes 'netcheck --only up,d' "netcheck --only up,down$2"
    lists 'netcheck --only=up,' down error unexpected
    completes 'netcheck -zf fl' 'netcheck -zf flows.txt '
    completes 'netcheck --file fl' 'netcheck --file flows.txt '
    completes 'netcheck --file=fl' 'netcheck --file=flows.txt '
    lists 'netcheck -f ' '\(^\|  \)-\( \|$\)' '\(^\|  \)flows.txt\( \|$\)'
    for free in '-t ' '--timeout ' '--wait=' '-s ' '--rate ' '-P ' '-i f' '--shuffle=f'; do
        completes "netcheck $free" "netcheck $free"
    done
    completes 'netcheck -I lo' 'netcheck -I lo '
    completes 'netcheck -Ilo' 'netcheck -Ilo '
    completes 'netcheck -o fl' 'netcheck -o flows.txt '
    completes 'netcheck --output=fl' 'netcheck --output=flows.txt '
}

# Hosts, with $1 behind them, their ports, with $2 behind them, and commands.
check_operands() {
    completes 'netcheck kno' "netcheck known.example$1"
    completes 'netcheck odd' "netcheck odd-port.example$1"
    completes 'netcheck jum' "netcheck jump.example$1"
    completes 'netcheck localh' "netcheck localhost$1"
    completes 'netcheck fl' 'netcheck fl'
    completes 'netcheck \!jum' "netcheck \\!jump.example$1"
    completes 'netcheck -t 5 jum' "netcheck -t 5 jump.example$1"
    completes 'netcheck --shuffle=7 jum' "netcheck --shuffle=7 jump.example$1"
    completes 'netcheck --shuffle jum' "netcheck --shuffle jump.example$1"
    completes 'netcheck localhost:22 jum' "netcheck localhost:22 jump.example$1"
    completes 'netcheck -p 22 localhost jum' "netcheck -p 22 localhost jump.example$1"
    completes 'netcheck localhost gop' "netcheck localhost gopher$2"
    completes 'netcheck localhost:gop' "netcheck localhost:gopher$2"
    completes 'netcheck localhost:22,gop' "netcheck localhost:22,gopher$2"
    completes 'netcheck localhost:tft' "netcheck localhost:tftp$2"
    completes 'netcheck udp://jum' "netcheck udp://jump.example$1"
    completes 'netcheck \!icmp://jum' "netcheck \\!icmp://jump.example$1"
    completes 'netcheck udp://localhost:tft' "netcheck udp://localhost:tftp$2"
    completes 'netcheck -p 22,gop' "netcheck -p 22,gopher$2"
    completes 'netcheck --gate jum' "netcheck --gate jump.example$1"
    completes 'netcheck --gate=jum' "netcheck --gate=jump.example$1"
    completes 'netcheck --gate=icmp://jum' "netcheck --gate=icmp://jump.example$1"
    completes 'netcheck --gate localhost:gop' "netcheck --gate localhost:gopher$2"
    completes 'netcheck --gate=localhost:gop' "netcheck --gate=localhost:gopher$2"
    completes 'netcheck --gate localhost:22 localhost gop' \
        "netcheck --gate localhost:22 localhost gopher$2"
    completes 'netcheck localhost:22 -- netche' 'netcheck localhost:22 -- netcheck '
    completes 'netcheck localhost:22 -- ls fl' 'netcheck localhost:22 -- ls flows.txt '
}

# fish's own answer to $1 is the rest, a line each, without the descriptions.
answers() {
    line=$1
    shift
    for word; do echo "$word"; done | LC_ALL=C sort >"$folder/wanted"
    (cd "$folder/work" && HOME="$folder/home" PATH="$folder/bin:$PATH" LC_ALL=C.UTF-8 \
        fish -c 'complete -C $argv[1]' "$line") >"$folder/described"
    cut -f 1 "$folder/described" | LC_ALL=C sort >"$folder/given"
    cmp -s "$folder/given" "$folder/wanted" || fail "wrong answer"
    pass
}

shell=syntax
for line in "bash -n netcheck.bash" "zsh -n _netcheck" "fish -n netcheck.fish"; do
    (cd "$completions" && $line) >"$folder/given" 2>&1 || fail "refused"
    pass
done

open_shell "bash alone" "bash --noprofile --rcfile '$folder/plain.bash' -i"
check_options ' ' ''
check_operands '' ''
completes 'netcheck patt' 'netcheck patt'
completes 'netcheck -ffl' 'netcheck -fflows.txt'
close_shell

# Some take these out of COMP_WORDBREAKS; then "--format=j" and "db:22" are words.
open_shell "bash with : and = in words" "bash --noprofile --rcfile '$folder/unbroken.bash' -i"
completes 'netcheck --format=js' 'netcheck --format=json '
completes 'netcheck --only=up,d' 'netcheck --only=up,down'
completes 'netcheck --file=fl' 'netcheck --file=flows.txt'
completes 'netcheck --gate=jum' 'netcheck --gate=jump.example'
completes 'netcheck --gate=udp://localhost:tft' 'netcheck --gate=udp://localhost:tftp'
completes 'netcheck --wait=f' 'netcheck --wait=f'
completes 'netcheck localhost:22 jum' 'netcheck localhost:22 jump.example'
completes 'netcheck [::1]:22,gop' 'netcheck [::1]:22,gopher'
completes 'netcheck udp://jum' 'netcheck udp://jump.example'
completes 'netcheck udp://[::1]:22,gop' 'netcheck udp://[::1]:22,gopher'
close_shell

# The framework finds the file by the name of the command.
open_shell "bash with bash-completion" "bash --noprofile --rcfile '$folder/package.bash' -i"
check_options ' ' ''
check_operands '' ''
completes 'netcheck localhost:22 -- netcheck --form' 'netcheck localhost:22 -- netcheck --format '
close_shell

open_shell "zsh" "env ZDOTDIR='$folder' zsh -d -i"
lists 'netcheck --ti' '^--timeout  *-- give up after DUR: 5, 0.5, 200ms (default 5 s)$'
check_options = ,
check_operands : ' '
completes 'netcheck patt' 'netcheck patt'
completes 'netcheck -ffl' 'netcheck -fflows.txt '
completes 'netcheck localhost:22 -- netcheck --form' 'netcheck localhost:22 -- netcheck --format='
close_shell

open_shell "bash, sourced" "bash --noprofile --rcfile '$folder/sourced.bash' -i"
completes 'netcheck --completion z' 'netcheck --completion zsh '
completes 'netcheck localhost:gop' 'netcheck localhost:gopher'
close_shell

open_shell "zsh, sourced" "env ZDOTDIR='$folder/sourced' zsh -d -i"
completes 'netcheck --completion z' 'netcheck --completion zsh '
completes 'netcheck localhost:gop' 'netcheck localhost:gopher '
close_shell

shell="fish's complete -C"
answers 'netcheck --completion ' bash zsh fish
answers 'netcheck --form' --format
answers '../bin/netcheck --form' --format
answers 'netcheck --format ' csv html json junit nagios prometheus text
answers 'netcheck --format=j' --format=json --format=junit
answers 'netcheck --color ' auto always never
answers 'netcheck --progress=a' --progress=auto --progress=always
answers 'netcheck --expect ' up down
answers 'netcheck --only ' up down error unexpected
answers 'netcheck --only up,d' up,down
answers 'netcheck --only=up,d' --only=up,down
answers 'netcheck -f ' flows.txt -
answers 'netcheck -zf fl' flows.txt
answers 'netcheck --file=fl' --file=flows.txt
for free in '-t ' '--timeout ' '--wait=' '-s ' '--rate ' '-P ' '-i f' '--shuffle=f'; do
    answers "netcheck $free"
done
answers 'netcheck -I lo' lo
answers 'netcheck -Ilo' -Ilo
answers 'netcheck kno' known.example known.example:
answers 'netcheck odd' odd-port.example odd-port.example:
answers 'netcheck jum' jump.example jump.example:
answers 'netcheck !jum' !jump.example !jump.example:
answers 'netcheck localh' localhost localhost:
answers 'netcheck patt'
answers 'netcheck fl'
answers 'netcheck -t 5 jum' jump.example jump.example:
answers 'netcheck --shuffle jum' jump.example jump.example:
answers 'netcheck localhost:22 jum' jump.example jump.example:
answers 'netcheck localhost gop' gopher
answers 'netcheck localhost:gop' localhost:gopher
answers 'netcheck localhost:22,gop' localhost:22,gopher
answers 'netcheck udp://jum' udp://jump.example udp://jump.example:
answers 'netcheck !icmp://jum' !icmp://jump.example !icmp://jump.example:
answers 'netcheck udp://localhost:tft' udp://localhost:tftp
answers 'netcheck -p 22,gop' 22,gopher
answers 'netcheck --ports=22,gop' --ports=22,gopher
answers 'netcheck --gate jum' jump.example jump.example:
answers 'netcheck --gate=jum' --gate=jump.example --gate=jump.example:
answers 'netcheck --gate localhost:gop' localhost:gopher
answers 'netcheck --gate=localhost:gop' --gate=localhost:gopher
answers 'netcheck --gate=icmp://jum' --gate=icmp://jump.example --gate=icmp://jump.example:
answers 'netcheck -o fl' flows.txt
answers 'netcheck localhost:22 -- netche' netcheck
answers 'netcheck localhost:22 -- ls fl' flows.txt
answers 'netcheck localhost:22 -- netcheck --form' --format

open_shell "fish" fish
completes 'netcheck --form' 'netcheck --format '
completes 'netcheck --format js' 'netcheck --format json '
completes 'netcheck -f fl' 'netcheck -f flows.txt '
completes 'netcheck -t fl' 'netcheck -t fl'
lists 'netcheck --tim' '^--timeout  *(give up after DUR: 5, 0.5, 200ms (default 5 s))'
close_shell

# The last one: fish makes a folder where the link was.
rm "$folder/home/.config/fish/completions"
open_shell "fish, sourced" "fish -C 'netcheck --completion fish | source'"
completes 'netcheck --completion z' 'netcheck --completion zsh '
completes 'netcheck -f fl' 'netcheck -f flows.txt '
close_shell

echo "completion: all is well"
