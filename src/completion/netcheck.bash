# netcheck's completion for bash 4 and later, with or without the package bash-completion.

# A line an option: its letter, its name, and what its argument is: words, a list of words joined
# by commas, @ and the function that knows, or - for none.
_netcheck_options='
@OPTIONS@
'

# Set `values` to what the line of option $1 says; fails where there is no line.
_netcheck_find() {
    local letter name
    while read -r letter name values; do
        [[ $1 != "$letter" && $1 != "$name" ]] || return 0
    done <<<"$_netcheck_options"
    return 1
}

_netcheck_needs_argument() {
    local values
    _netcheck_find "$1" && [[ $values != - ]]
}

# Set `option` to the one in word $1 that needs an argument, and `before` to what stands before
# that argument in the word: "-zw2" is "-w" and "-zw", "--only=up" is "--only" and "--only=".
_netcheck_split() {
    local i
    option=${1%%=*}
    before=$1
    case $1 in
    --*=*) before=$option= ;;
    --*) ;;
    -*)
        for ((i = 1; i < ${#1}; i++)); do
            option=-${1:i:1}
            before=${1:0:i+1}
            ! _netcheck_needs_argument "$option" || break
        done
        ;;
    esac
    _netcheck_needs_argument "$option" || option=
}

# Offer the words of $1 for `current`, each with `before` in front. compgen evaluates its list:
# of '$words' it runs nothing that stands in a word.
_netcheck_offer() {
    local IFS=$' \t\n' words=$1
    mapfile -t COMPREPLY < <(compgen -P "$before" -W '$words' -- "$current")
}

# The same for the last item of a list. No blank behind it: a comma may follow.
_netcheck_offer_list() {
    local items=${current%"${current##*,}"}
    compopt -o nospace
    before+=$items
    current=${current#"$items"}
    _netcheck_offer "$1"
}

_netcheck_offer_ports() {
    _netcheck_offer_list "$(sed -n 's|^\([^#[:blank:]]*\)[[:blank:]]*[0-9]*/[tu][cd]p.*|\1|p' \
        /etc/services 2>/dev/null)"
}

# Readline's own file names know about quotes and ~, but neither of "-" nor of what may stand
# before a name in the word.
_netcheck_offer_files() {
    compopt -o default
    if [[ -n $before ]]; then
        compopt -o filenames -o nospace
        mapfile -t COMPREPLY < <(compgen -P "$before" -f -- "$current")
    elif [[ -z $current ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(echo - && compgen -f)
    fi
}

# Names that ssh knows, for a bash without bash-completion. Of [HOST]:PORT stays HOST; hashed
# ones, patterns, and what a shell would read as more than a word fall out.
_netcheck_ssh_hosts() {
    {
        sed -e 's/^@[^[:blank:]]*[[:blank:]]*//' -e 's/[[:blank:]].*//' \
            ~/.ssh/known_hosts /etc/ssh/ssh_known_hosts
        sed -n 's/^[[:blank:]]*[Hh][Oo][Ss][Tt][[:blank:]=]//p' ~/.ssh/config
    } 2>/dev/null | tr -s ', \t' '\n' | sed -e 's/^\[\(.*\)\]:[0-9]*$/\1/' -e '/[^[:alnum:]._:%-]/d'
}

# No blank behind a host: ":PORT" may follow.
_netcheck_offer_hosts() {
    local IFS=$' \t\n' words
    compopt -o nospace
    if declare -F _comp_compgen_known_hosts >/dev/null; then
        _comp_compgen_known_hosts -a -p "$before" -- "$current"
    elif declare -F _known_hosts_real >/dev/null; then
        _known_hosts_real -a -p "$before" -- "$current"
    else
        words=$(_netcheck_ssh_hosts)
        mapfile -t COMPREPLY < <(compgen -P "$before" -A hostname -W '$words' -- "$current")
    fi
}

_netcheck_offer_interfaces() {
    _netcheck_offer "$(ls /sys/class/net 2>/dev/null)"
}

# An argument of which nothing is known: a duration, a number.
_netcheck_offer_any() {
    :
}

_netcheck_offer_values() {
    local values
    _netcheck_find "$1" || return
    case $values in
    @*) "_netcheck_offer_${values#@}" ;;
    *,*) _netcheck_offer_list "${values//,/ }" ;;
    *) _netcheck_offer "$values" ;;
    esac
}

_netcheck_offer_options() {
    local letter name rest names=
    while read -r letter name rest; do
        names+=" $letter  $name "
    done <<<"$_netcheck_options"
    _netcheck_offer "${names// - / }"
}

# HOST, !HOST (expected down), HOST:PORTS, PROTOCOL:// before them, or PORTS behind a HOST. bash
# gives "db:22" and "udp://db" as three words, unless the colon is not in COMP_WORDBREAKS.
_netcheck_offer_operands() {
    local has_host=${1-} previous=${COMP_WORDS[COMP_CWORD - 1]} protocol= option=$before
    current=${current#[\'\"]}
    if [[ $current == *://* ]]; then
        protocol=${current%%://*}://
    elif [[ $current == //* && $previous == : ]]; then
        protocol=//
        previous=
    fi
    current=${current#"$protocol"}
    if [[ $current == *:* || $previous == : ]]; then
        before=${current%"${current##*:}"}
        current=${current##*:}
        [[ $before != : ]] || before=
        before=$option$protocol$before
        _netcheck_offer_ports
    elif [[ -n $has_host ]]; then
        _netcheck_offer_ports
    else
        before=$option$protocol${current%"${current##*!}"}
        current=${current##*!}
        _netcheck_offer_hosts
    fi
}

# COMMAND begins at word $1.
_netcheck_offer_command() {
    if declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "$1"
    elif declare -F _command_offset >/dev/null; then
        _command_offset "$1"
    elif ((COMP_CWORD == $1)); then
        mapfile -t COMPREPLY < <(compgen -c -- "$current")
    else
        compopt -o default
    fi
}

_netcheck() {
    local current=${COMP_WORDS[COMP_CWORD]} before= option= i word
    local owner=    # the option whose argument comes next
    local argument= # the words belong to an option's, which a colon breaks up
    local has_host= # an operand that has no port: the next ones are its ports
    local has_port= # a colon, or -p: so no further operand is a port
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == '=' && ${COMP_WORDS[i - 1]} == --* ]]; then
            owner=${COMP_WORDS[i - 1]}
        elif [[ -n $owner ]]; then
            owner=
            argument=yes
        elif [[ -n $argument && ($word == : || ${COMP_WORDS[i - 1]} == :) ]]; then
            continue
        elif [[ $word == -- ]]; then
            _netcheck_offer_command $((i + 1))
            return
        elif [[ $word == -?* ]]; then
            argument=
            _netcheck_split "$word"
            [[ $before != "$word" ]] || owner=$option
            [[ $option != -p && $option != --ports ]] || has_port=yes
        elif [[ $word == *:* ]]; then
            argument=
            has_port=yes
        else
            argument=
            has_host=yes
        fi
    done
    [[ -z $has_port ]] || has_host=
    before=
    if [[ $current == '=' && ${COMP_WORDS[COMP_CWORD - 1]} == --* ]]; then
        owner=${COMP_WORDS[COMP_CWORD - 1]}
        current=
    fi
    if [[ -n $owner ]]; then
        _netcheck_offer_values "$owner"
        return
    fi
    if [[ $current != -* ]]; then
        _netcheck_offer_operands "$has_host"
        return
    fi
    _netcheck_split "$current"
    if [[ -n $option && ($before != "$current" || $before == *=) ]]; then
        current=${current#"$before"}
        _netcheck_offer_values "$option"
    else
        before=
        _netcheck_offer_options
    fi
}

complete -F _netcheck netcheck
