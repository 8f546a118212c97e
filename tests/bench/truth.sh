# What each tool says of one target, in every situation the lab can play, beside what is true.
# Sourced by run.sh.
# shellcheck shell=bash
#
# Up is true where the server itself finished the handshake; a tool is wrong where it says up and
# that is not so, and where it says anything else and it is.

TRUTH_S=2 # what each tool may take for a target
CHECK_TCP=/usr/lib/nagios/plugins/check_tcp

# A line a situation: what is true, and the rule that plays it; v6 where the family is spelled.
truth_situations() {
    cat <<'END'
up open rtt=5ms
up open rtt=900ms
up open rtt=5ms reset=1ms
up half rtt=5ms done=300ms
up shut rtt=5ms done=300ms
down refused rtt=5ms
down silent
down half rtt=5ms
down half rtt=5ms reset=20ms
down shut rtt=5ms
down shut rtt=5ms reset=20ms
END
}

truth_icmp() {
    local code
    for code in 0 1 2 3 5 6 7 8 9 10 11 12 13 14 15; do echo "down icmp=3/$code rtt=5ms"; done
    echo "down icmp=11/0 rtt=5ms"
    echo "down icmp=12/0 rtt=5ms"
}

truth_icmp6() {
    local code
    for code in 0 1 2 3 4 5 6; do echo "down icmp=1/$code rtt=5ms"; done
    echo "down icmp=3/0 rtt=5ms"
    echo "down icmp=4/0 rtt=5ms"
}

# truth_says TOOL ADDRESS PORT: up or down, as far as the tool tells.
truth_says() {
    local six=
    case $2 in *:*) six=-6 ;; esac
    case $1 in
    netcheck) "$NETCHECK" -q -t $TRUTH_S "$2" "$3" ;;
    static) "$NETCHECK_STATIC" -q -t $TRUTH_S "$2" "$3" ;;
    nc) nc -z -w $TRUTH_S "$2" "$3" ;;
    check_tcp) "$CHECK_TCP" -H "$2" -p "$3" -t $TRUTH_S ;;
    nmap)
        nmap $six -n -Pn -sT --host-timeout 10s -p "$3" "$2" 2>/dev/null |
            grep -q '/tcp *open '
        ;;
    connect_ex)
        python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
s.settimeout(float(sys.argv[3]))
sys.exit(s.connect_ex((sys.argv[1], int(sys.argv[2]))) != 0)' "$2" "$3" $TRUTH_S
        ;;
    esac >/dev/null 2>&1 && echo up || echo down
}

truth_tools() {
    echo netcheck
    [ ! -x "$NETCHECK_STATIC" ] || echo static
    ! have nc >&2 || echo nc
    ! have_file "$CHECK_TCP" check_tcp >&2 || echo check_tcp
    ! have nmap >&2 || echo nmap
    ! have python3 >&2 || echo connect_ex
}

# Inside the lab: what each tool says, a line each: TOOL NUMBER VERDICT.
truth_ask() {
    local tool number address=$1 count=$2
    shift 2
    for tool in "$@"; do
        for ((number = 1; number <= count; number++)); do
            echo "$tool $number $(truth_says "$tool" "$address$number" 80)"
        done
    done
}

# truth_table FAMILY PREFIX: play all situations of a family, one an address, and compare.
truth_table() {
    local prefix=$2 rules=() number=0 truth rule
    : >"$WORK/truth.rows"
    while read -r truth rule; do
        number=$((number + 1))
        case $prefix in
        *:*) rules+=("[$prefix$number] $rule") ;;
        *) rules+=("$prefix$number $rule") ;;
        esac
        echo "$number $truth $rule" >>"$WORK/truth.rows"
    done < <(truth_situations && "$3")
    export -f truth_ask truth_says
    export NETCHECK NETCHECK_STATIC CHECK_TCP TRUTH_S
    # shellcheck disable=SC2016
    "$NETCHECK_LAB" "${rules[@]}" -- bash -c 'truth_ask "$@"' truth "$prefix" "$number" \
        $tools >"$WORK/truth.said"
    truth_print "$1"
}

# The situations in which a tool is wrong, and how often each of them is.
truth_print() {
    awk -v family="$1" -v tools="$(echo $tools)" '
        FNR == NR { truth[$1] = $2; n++; $1 = $2 = ""; rule[n] = substr($0, 3); next }
        { said[$1, $2] = $3 }
        END {
            count = split(tools, tool, " ")
            printf "  %-46s %-6s", family, "truth"
            for (t = 1; t <= count; t++) printf " %-10s", tool[t]
            print ""
            for (i = 1; i <= n; i++) {
                printf "  %-46s %-6s", rule[i], truth[i]
                for (t = 1; t <= count; t++) {
                    verdict = said[tool[t], i]
                    is_wrong = verdict != truth[i]
                    wrong[t] += is_wrong
                    printf " %-10s", verdict (is_wrong ? " WRONG" : "")
                }
                print ""
            }
            printf "  %-46s %-6s", "wrong of " n, ""
            for (t = 1; t <= count; t++) printf " %-10s", wrong[t] + 0
            print ""
        }' "$WORK/truth.rows" "$WORK/truth.said" | tee "$WORK/truth.table"
    # The static build cannot get answers that need TCP: musl before 1.2.4, see the manual.
    local ours
    ours=$(awk 'FNR == NR { truth[$1] = $2; next } $1 == "netcheck" && truth[$2] != $3' \
        "$WORK/truth.rows" "$WORK/truth.said" | wc -l)
    expect "wrong verdicts of netcheck ($1)" "$ours" 0
}

bench_truth() {
    STAGE=("$NETCHECK_LAB" "10.9.0.0/16 silent" --)
    begin truth "what each tool says of one target, in every situation" || return
    local tools
    tools=$(truth_tools)
    truth_table IPv4 10.9.0. truth_icmp
    truth_table IPv6 2001:db8:9:: truth_icmp6
}

# Names, in every way that they resolve or do not.
bench_truth_names() {
    STAGE=("$HERE/odd_dns.py")
    begin truth_names "what each tool says of one name, in every way it resolves" || return
    local tools=$(truth_tools) number=0 truth name words
    : >"$WORK/truth.rows"
    : >"$WORK/truth.names"
    while read -r truth name words; do
        number=$((number + 1))
        echo "$number $truth $words" >>"$WORK/truth.rows"
        echo "$name" >>"$WORK/truth.names"
    done < <("${STAGE[@]}" --list)
    export -f truth_says truth_ask_names
    export NETCHECK NETCHECK_STATIC CHECK_TCP
    # shellcheck disable=SC2016
    TRUTH_S=5 "${STAGE[@]}" bash -c 'truth_ask_names "$@"' truth "$WORK/truth.names" $tools \
        >"$WORK/truth.said"
    truth_print names
}

truth_ask_names() {
    local tool number name names=$1
    shift
    for tool in "$@"; do
        number=0
        while read -r name; do
            number=$((number + 1))
            echo "$tool $number $(truth_says "$tool" "$name" 80 </dev/null)"
        done <"$names"
    done
}
