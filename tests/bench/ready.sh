# Benches of --wait --ready beside other waiters, while a service accepts but does not serve: what
# each says of it, and how soon a command runs once it serves. Sourced by run.sh.
# shellcheck shell=bash

# Seconds until it serves: spread, so that what asks each second meets any part of one.
READY_DELAYS=(4.1 4.6 5.2 4.3 4.9)

# ask_with TOOL: the words that ask $1, a port, once; nothing where TOOL is not for SERVICE.
ask_with() {
    # shellcheck disable=SC2016
    case $SERVICE/$1 in
    silent/netcheck) echo "$NETCHECK -q -t 2 --ready redis://127.0.0.1:\$1" ;;
    nginx/netcheck) echo "$NETCHECK -t 2 --ready http://127.0.0.1:\$1/" ;;
    */netcheck) echo "$NETCHECK -t 2 --ready $SERVICE://127.0.0.1:\$1" ;;
    */netcheck-open) echo "$NETCHECK -t 2 127.0.0.1 \$1" ;;
    */wait-for-it) echo 'wait-for-it 127.0.0.1:$1 -t 2' ;;
    */wait-port) echo 'wait-port -t 2000 127.0.0.1:$1' ;;
    nginx/wait-on) echo 'wait-on -t 2000 http-get://127.0.0.1:$1/' ;;
    */wait-on) echo 'wait-on -t 2000 tcp:127.0.0.1:$1' ;;
    postgresql/pg_isready) echo 'pg_isready -h 127.0.0.1 -p $1' ;;
    redis/redis-cli | silent/redis-cli) echo 'redis-cli -p $1 ping' ;;
    redis/redis-cli-pong) echo 'redis-cli -p $1 ping | grep PONG' ;;
    mysql/mariadb-admin) echo 'mariadb-admin --no-defaults -h 127.0.0.1 -P $1 --connect-timeout=2 ping' ;;
    nginx/curl) echo 'curl -sSf -o /dev/null -m 2 http://127.0.0.1:$1/' ;;
    esac
}

# await_with TOOL: the words that wait for it: those of the tool, or its question each second.
await_with() {
    # shellcheck disable=SC2016
    case $1 in
    netcheck* | wait-*) ask_with "$1" | sed -E 's/ -t 2(000)?( |$)/ -t 30\1\2/' ;;
    *) echo "until $(ask_with "$1"); do sleep 1; done" ;;
    esac | sed -E 's/(netcheck -q|netcheck) -t 30/\1 --wait 30/'
}

ready_tools() {
    local tool
    echo netcheck netcheck-open
    for tool in wait-for-it wait-on wait-port pg_isready redis-cli mariadb-admin curl; do
        [ -n "$(ask_with "$tool")" ] && have "$tool" >&2 && echo "$tool"
    done
    [ "$SERVICE" != redis ] || ! command -v redis-cli >/dev/null || echo redis-cli-pong
}

# One start of the service before all of the tools; appends to NAME.times.
ready_run() {
    local folder=$WORK/ready.run delay=$1 tool
    rm -rf "$folder"
    mkdir "$folder"
    for tool in "${@:2}"; do
        ask_with "$tool" >"$folder/$tool.ask"
        # shellcheck disable=SC2016
        echo "$(await_with "$tool") && date +%s.%N >\$2" | sed 's/; done &&/; done;/' \
            >"$folder/$tool.wait"
    done
    bash "$HERE/not_ready.sh" "$SERVICE" "$folder" "$delay" || return
    for tool in "${@:2}"; do
        # shellcheck disable=SC2016
        awk -v serves="$(cat "$folder/serves")" -v at="$(cat "$folder/$tool.at" 2>/dev/null)" \
            'BEGIN { if (at != "") print at - serves; else print "never" }' >>"$WORK/$tool.after"
    done
}

# The median; how long before the service served where that is negative.
ready_after() {
    sort -g "$WORK/$1.after" | awk '{ all[NR] = $1 } END {
        at = all[int((NR + 1) / 2)]
        if (at == "never") print "never"
        else if (at < 0) print "TOO EARLY"
        else printf "%.2f s\n", at }'
}

ready_said() {
    local said
    said=$(tr -d '\r' <"$WORK/ready.run/$1.said" | grep -v '^ *$' |
        awk '/rror|imed out/ && found == "" { found = $0 } { last = $0 }
            END { print (found != "" ? found : last) }')
    echo "[$(cat "$WORK/ready.run/$1.status")] ${said:-nothing}"
}

bench_ready() {
    local tools tool status
    STAGE=("${LOOPBACK[@]}")
    for SERVICE in redis postgresql nginx mysql silent; do
        begin "ready_$SERVICE" "from 'serves' to 'the command runs'; said before: [status] words" ||
            continue
        read -r -d '' -a tools < <(ready_tools)
        rm -f "$WORK"/*.after
        for ((i = 0; i < $(pick 5 1); i++)); do
            ready_run "${READY_DELAYS[i]}" "${tools[@]}"
            status=$?
            [ "$status" -eq 0 ] || break
        done
        [ "$status" -ne 77 ] || { say "not run: $SERVICE is not installed"; continue; }
        [ "$status" -eq 0 ] || { break_off "$SERVICE could not be brought up"; continue; }
        for tool in "${tools[@]}"; do
            printf '  %-15s %-10s %s\n' "$tool" "$(ready_after "$tool")" "$(ready_said "$tool")" |
                cut -c 1-110
        done
        case $SERVICE in
        silent) expect "netcheck on what says nothing" "$(ready_after netcheck)" never ;;
        *) bar "$SERVICE: from 'serves' to 'the command runs', median" \
            "$(ready_after netcheck | sed 's/ s$//; s/[^0-9.]*$//; s/^$/99/')" '<=' 1.1 s ;;
        esac
    done
}
