#include "netcheck/base/error.h"

#include <stddef.h>

struct words {
    const char *text;
    const char *remedy;
};

static const struct words table[ERROR_COUNT] = {
    [ERROR_NONE] = {"no error", NULL},
    [ERROR_AGAIN] = {"nothing there yet", NULL},
    [ERROR_PAUSE] = {"not done yet", NULL},
    [ERROR_END] = {"nothing more to come", NULL},
    [ERROR_NO_MEMORY] = {"out of memory", NULL},
    [ERROR_SYSTEM] = {"system call failed", NULL},
    [ERROR_THREAD] = {"cannot start a thread", NULL},

    [ERROR_DURATION] = {"invalid duration",
                        "write seconds, decimals allowed, or a number with ms, s, m or h"},
    [ERROR_DURATION_RANGE] = {"duration out of range", "allowed is up to 292 years"},
    [ERROR_DURATION_ZERO] = {"duration out of range", "it must be more than 0"},
    [ERROR_NUMBER] = {"invalid number", NULL},

    [ERROR_PORT] = {"invalid port", "allowed is 1-65535"},
    [ERROR_PORT_EMPTY] = {"empty port", "write ports as 22, 22,80 or 8000-8010"},
    [ERROR_PORT_REVERSED] = {"reversed port range", "write the lower port first"},
    [ERROR_PORT_SERVICE] = {"unknown service", "write the port as a number, 1-65535"},
    [ERROR_PORT_MISSING] = {"missing port", "write HOST:PORT, HOST PORT, or -p PORT HOST"},
    [ERROR_PORT_TWICE] = {"port given twice", "write it once: with -p, or with the host"},
    [ERROR_PORT_GLUED] = {"IPv6 address without a port, or with one glued on",
                          "write [ADDRESS]:PORT"},

    [ERROR_HOST_MISSING] = {"missing host", "write HOST:PORT"},
    [ERROR_HOST_NUMBER] = {"a number is no host", "write HOST:PORT, or HOST PORT"},
    [ERROR_HOST_DASH] = {"host begins with '-'", "a host begins with a letter or a digit"},
    [ERROR_HOST_BYTE] = {"invalid character in host",
                         "a name has letters, digits, '-', '_' and '.' (others in xn-- form)"},
    [ERROR_HOST_LENGTH] = {"name too long", "allowed are 253 bytes"},
    [ERROR_LABEL_LENGTH] = {"label too long", "allowed are 63 bytes between two dots"},
    [ERROR_LABEL_EMPTY] = {"empty label in name", "write one dot between two labels"},
    [ERROR_BRACKET] = {"missing ']'", "write [ADDRESS]:PORT"},
    [ERROR_BRACKET_ADDRESS] = {"invalid IPv6 address", "write [ADDRESS]:PORT, as in [::1]:80"},
    [ERROR_BRACKET_AFTER] = {"unexpected text after ']'", "write [ADDRESS]:PORT"},

    [ERROR_QUAD] = {"not a strict dotted quad", NULL},
    [ERROR_UNSPECIFIED] = {"unspecified address",
                           "it would ask this machine itself; write 127.0.0.1 or ::1 for that"},
    [ERROR_SCOPE_MISSING] = {"link-local address without its interface",
                             "write ADDRESS%INTERFACE, as in fe80::1%eth0"},
    [ERROR_SCOPE] = {"invalid interface after '%'",
                     "write ADDRESS%INTERFACE with a link-local IPv6 address"},
    [ERROR_SCOPE_IPV4] = {"interface behind an IPv4 address",
                          "leave it out, or choose it with -I"},
    [ERROR_PREFIX_IPV4] = {"invalid prefix length", "allowed is /0-/32 after an IPv4 address"},
    [ERROR_PREFIX_IPV6] = {"invalid prefix length", "allowed is /0-/128 after an IPv6 address"},
    [ERROR_PREFIX_LARGE] = {"prefix too large", "allowed are 2^48 addresses, /80 with IPv6"},
    [ERROR_PREFIX_UNSPECIFIED] = {"prefix holds the unspecified address",
                                  "it would ask this machine itself; leave it out"},
    [ERROR_PREFIX_LINK_LOCAL] = {"prefix of link-local addresses without their interface",
                                 "write each as ADDRESS%INTERFACE"},
    [ERROR_PREFIX_PLACE] = {"prefix length behind the port", "write ADDRESS/LENGTH:PORTS"},

    [ERROR_SCHEME] = {"unknown scheme", "write HOST:PORT or tcp://HOST:PORT"},
    [ERROR_PROTOCOL] = {"unsupported protocol", "only TCP is asked: write HOST:PORT"},
    [ERROR_FAMILY_IPV4] = {"not an IPv4 address", "only IPv4 was asked for (-4 or -s)"},
    [ERROR_FAMILY_IPV6] = {"not an IPv6 address", "only IPv6 was asked for (-6 or -s)"},
    [ERROR_NOT_NUMERIC] = {"not an address", "-n allows no names"},
    [ERROR_LIST_MIXED] = {"list with '!' before some of its targets",
                          "write it before each of them"},
    [ERROR_LIST_URL] = {"text behind the comma of a URL that may be a target",
                        "write each target for itself"},
    [ERROR_LINE_LENGTH] = {"line too long", "allowed are 65535 bytes"},

    [ERROR_RATE] = {"invalid rate", "write probes a second, 1-1000000000, as in 500 or 500/s"},
    [ERROR_SHARD] = {"invalid shard", "write K/N, 1/4 to 4/4 for four of them"},
    [ERROR_SHUFFLE] = {"too many rows to shuffle", "allowed are 2^62"},
    [ERROR_ROSTER] = {"too many rows to ask more than once",
                      "allowed are 1000000; --shard splits them"},
    [ERROR_INTERVAL] = {"interval too short", "allowed is 1ms and more"},
};

const char *error_text(enum error code)
{
    return table[code].text;
}

const char *error_remedy(enum error code)
{
    return table[code].remedy;
}
