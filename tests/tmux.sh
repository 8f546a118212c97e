# A terminal of tmux's and a folder for what is written, both gone at the end: sourced by live.sh
# and completion.sh.

socket=netcheck-$$
folder=$(mktemp -d)
listener= # a process to be ended, too
unset TMUX

tm() {
    tmux -u -L "$socket" -f /dev/null "$@"
}

screen() {
    tm capture-pane -p
}

clean_up() {
    tm kill-server 2>/dev/null || true
    [ -z "$listener" ] || kill "$listener" 2>/dev/null || true
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
