# netcheck's completion for fish.

# What stands behind "--", a word a line; fails where there is no "--".
function __netcheck_command
    set -l words (commandline -opc)
    set -l dashes (contains -i -- -- $words)
    or return
    set -a words (commandline -ct)
    printf '%s\n' $words[(math $dashes + 1)..-1]
end

# Services, in a list like "22,https".
function __netcheck_ports
    set -l items (commandline -ct | string replace -r '[^:,=]*$' '')
    test -r /etc/services
    and string replace -rf -- '^([^#\s]+)\s+\d+/tcp.*' "$items\$1" </etc/services
end

function __netcheck_states
    set -l items (commandline -ct | string replace -r '[^,=]*$' '')
    printf '%s\n' $items{up,down,error,unexpected}
end

# fish leaves the addresses of this machine out, whose name is a target, too.
function __netcheck_hosts
    printf '%s\n' localhost (__fish_print_hostnames)
end

# HOST, !HOST (expected down), HOST:PORTS, or PORTS behind a HOST that is known. Each host comes
# with a colon, too, so that fish sets no blank behind it.
function __netcheck_operands
    set -l hosts (__netcheck_hosts)
    set -l words (commandline -opc)
    set -l mark (commandline -ct | string match -r '^!')
    if string match -q '*:*' -- (commandline -ct)
        or contains -- $words[-1] $hosts
        __netcheck_ports
    else
        printf '%s\n' "$mark"$hosts "$mark"$hosts:
    end
end

complete --command netcheck --no-files
complete --command netcheck --condition 'not __netcheck_command >/dev/null' \
    --arguments '(__netcheck_operands)'
complete --command netcheck --condition '__netcheck_command >/dev/null' \
    --arguments '(__fish_complete_subcommand --commandline (__netcheck_command))'

# A line an option, in the order of src/option_table.c, whose help is the description.
# tests/unit/test_completion.c compares them.
complete -c netcheck -s t -l timeout -d 'give up after DUR: 5, 0.5, 200ms (default 5 s)' -r -f
complete -c netcheck -s w -d 'the same as -t, as in nc' -r -f
complete -c netcheck -s m -l max-time -d 'end the run after DUR; the rest is error rows' -r -f
complete -c netcheck -s r -l retries -d 'ask N more times after a timeout (default 0)' -r -f
complete -c netcheck -s p -l ports -d 'ports of every target: 22,80,8000-8010,https' -r -f -a '(__netcheck_ports)'
complete -c netcheck -s f -l file -d 'read targets, one a line; - is standard input' -r -F -a -
complete -c netcheck -s 4 -d 'IPv4 only'
complete -c netcheck -s 6 -d 'IPv6 only'
complete -c netcheck -s n -l numeric -d 'addresses only, resolve no names'
complete -c netcheck -s s -l source -d 'ask from this address' -r -f
complete -c netcheck -s I -l interface -d 'ask through this interface' -r -f -a '(__fish_print_interfaces)'
complete -c netcheck -s A -l all-addresses -d 'one row for each address of a name'
complete -c netcheck -s P -l parallel -d 'targets in flight at a time (default 1024)' -r -f
complete -c netcheck -l rate -d 'at most N probes a second' -r -f
complete -c netcheck -l shuffle -d 'in random order; with SEED the same each time'
complete -c netcheck -l shard -d 'only the K-th of N equal parts of the targets' -r -f
complete -c netcheck -l list -d 'print the targets, ask nothing'
complete -c netcheck -l wait -d 'until all is as expected, at most DUR; 0: no end' -r -f
complete -c netcheck -s c -l count -d 'ask N times; 0: until interrupted' -r -f
complete -c netcheck -s i -l interval -d 'from one asking to the next (-c: default 1 s)' -r -f
complete -c netcheck -l on-change -d 'with -c: only rows whose state is a new one'
complete -c netcheck -s D -l timestamp -d 'the time before each row'
complete -c netcheck -l histogram -d 'with -c: how the connect times are distributed'
complete -c netcheck -l live -d 'full-screen view of the targets, until q'
complete -c netcheck -l expect -d 'the state that counts as success (default up)' -r -f -a 'up down'
complete -c netcheck -l any -d 'succeed if one target is as expected'
complete -c netcheck -l only -d 'rows to show: up,down,error,unexpected' -r -f -a '(__netcheck_states)'
complete -c netcheck -s q -l quiet -d 'no rows, only the exit status; -c: and a summary'
complete -c netcheck -s v -l verbose -d 'say on standard error what is tried'
complete -c netcheck -s j -l json -d 'one JSON object a row'
complete -c netcheck -l format -d 'how rows are written' -r -f -a 'text json'
complete -c netcheck -l unordered -d 'rows as they finish, not in input order'
complete -c netcheck -l color -d 'whether rows are coloured' -r -f -a 'auto always never'
complete -c netcheck -l progress -d 'whether a line tells how far it is' -r -f -a 'auto always never'
complete -c netcheck -s z -d 'ignored, as in nc -z'
complete -c netcheck -s h -l help -d 'show this help'
complete -c netcheck -s V -l version -d 'show the version'
