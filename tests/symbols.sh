#!/bin/sh
# Only os*.c calls the operating system: what the other modules take from outside their own code
# is a short list of functions that compute. What the objects leave undefined cannot be hidden
# behind a macro or a header of its own.
#
#     symbols.sh build/X/src/*.o...     made without sanitizers and -flto: see "make lint"
set -u

# MODULE... : SYMBOL...   The first row that has the symbol decides; "*" is every module, "x_*"
# every symbol that begins so. Of our own functions those of os.h are looked at, too. What only
# makes the static program larger is left out: format.h and address.h do for printf() and
# inet_ntop().
allowed='
* : memchr memcmp memcpy memmove memset
* : strlen strcmp strncmp strncasecmp strchr strcspn strpbrk strerror
* : malloc calloc realloc free qsort
* : inet_pton inet_addr htonl htons ntohs
outcome : gai_strerror
report : gmtime_r
run_setup streams : getenv
resolve : pthread_* sigfillset sigdelset
main : os_exit os_die os_execute
main version run run_setup course_await screen streams listing intake diagnose source services resolve lines output : os_*
'
# What compilers call by themselves, and what is behind errno, assert() and ctype.h.
implicit='^(_*errno(_location)?|__assert(_fail)?|__ctype_.*|__stack_chk_.*|_GLOBAL_OFFSET_TABLE_'
implicit="$implicit|__[a-z]+[dt]i[234]?|__aeabi_.*)\$"

"${NM:-nm}" -A -P "$@" | awk -v allowed="$allowed" -v implicit="$implicit" '
function module_of(object) {
    sub(/\.o:$/, "", object)
    sub(/^(.*\/)?src\//, "", object)
    return object == "report/report" ? "report" : object
}

function names(list, word,    words, i, count) {
    count = split(list, words, " ")
    for (i = 1; i <= count; i++)
        if (words[i] == word || words[i] == "*" ||
            (words[i] ~ /_\*$/ && index(word, substr(words[i], 1, length(words[i]) - 1)) == 1))
            return 1
    return 0
}

function is_allowed(module, symbol,    rows, row, i, count) {
    count = split(allowed, rows, "\n")
    for (i = 1; i <= count; i++) {
        split(rows[i], row, " : ")
        if (names(row[2], symbol))
            return names(row[1], module)
    }
    return 0
}

$3 != "U" { is_ours[$2] = 1 }
$3 == "U" { uses[++count] = $1 " " $2 }
END {
    for (i = 1; i <= count; i++) {
        split(uses[i], use, " ")
        module = module_of(use[1])
        if (module ~ /^os(_|$)/ || use[2] ~ implicit || (use[2] in is_ours && use[2] !~ /^os_/))
            continue
        if (!is_allowed(module, use[2])) {
            print "symbols: " module " uses " use[2] ", which tests/symbols.sh does not allow it" | "cat >&2"
            failed = 1
        }
    }
    if (count == 0) {
        print "symbols: no objects to look at" | "cat >&2"
        failed = 1
    }
    exit failed
}'
