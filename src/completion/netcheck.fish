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
    and string replace -rf -- '^([^#\s]+)\s+\d+/(?:tcp|udp).*' "$items\$1" </etc/services
end

# These words, in a list like "up,down".
function __netcheck_list
    set -l items (commandline -ct | string replace -r '[^,=]*$' '')
    printf '%s\n' $items$argv
end

# fish leaves the addresses of this machine out, whose name is a target, too.
function __netcheck_hosts
    printf '%s\n' localhost (__fish_print_hostnames)
end

# HOST, !HOST (expected down), HOST:PORTS, PROTOCOL:// before them, or PORTS behind a HOST that is known. Each host comes
# with a colon, too, so that fish sets no blank behind it.
function __netcheck_operands
    set -l hosts (__netcheck_hosts)
    set -l words (commandline -opc)
    set -l start '^!?(?:[a-z]+://)?'
    set -l word (commandline -ct | string replace -r '^--[a-z-]+=' '')
    set -l mark (string match -r $start -- $word)
    if string match -q '*:*' -- (string replace -r $start '' -- $word)
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

@OPTIONS@
