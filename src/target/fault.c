#include "netcheck/target/fault.h"

#include <stdbool.h>
#include <string.h>

#include "netcheck/base/address.h"
#include "netcheck/base/escape.h"
#include "netcheck/target/protocols.h"

enum { QUAD_SIZE = 64 };

/*
 * The same numbers read as decimal, without their leading zeros: what the writer of
 * "010.0.0.1" may have meant. False where that is no dotted quad either.
 */
static bool read_as_decimal(const char *piece, char *quad)
{
    size_t len = 0;
    for (const char *p = piece; *p != '\0'; p++) {
        bool at_start = p == piece || p[-1] == '.';
        if (at_start)
            while (p[0] == '0' && p[1] >= '0' && p[1] <= '9')
                p++;
        quad[len++] = *p;
    }
    quad[len] = '\0';
    struct address address;
    return address_parse(quad, len, &address) && address_family(&address) == AF_INET;
}

/* The strict form of "127.1", "0x7f.1", "010.0.0.1": as the C library reads it, and as decimal.
 */
static void suggest_quad(struct buffer *out, const char *piece_text, size_t len)
{
    char piece[QUAD_SIZE];
    char decimal[QUAD_SIZE];
    char legacy[ADDRESS_TEXT_SIZE] = "";
    if (len >= sizeof piece)
        len = sizeof piece - 1;
    memcpy(piece, piece_text, len);
    piece[len] = '\0';

    struct address address;
    bool has_legacy = address_parse_legacy(piece, &address);
    if (has_legacy)
        address_format(&address, legacy);
    bool has_decimal = read_as_decimal(piece, decimal) && strcmp(decimal, legacy) != 0;
    if (has_legacy && has_decimal)
        buffer_add_format(out, "write %s, or %s as the C library reads it", decimal, legacy);
    else if (has_legacy || has_decimal)
        buffer_add_format(out, "write %s", has_legacy ? legacy : decimal);
    else
        buffer_add_text(out, "write four numbers, 0-255, as in 192.0.2.1");
}

/* "only TCP is asked", "only TCP and UDP are asked" */
static void suggest_protocol(struct buffer *out, const char *piece, size_t len)
{
    (void)piece;
    (void)len;
    buffer_add_text(out, "only ");
    for (enum protocol_id id = PROTOCOL_NONE + 1; id < PROTOCOL_COUNT; id++) {
        bool is_first = id == PROTOCOL_NONE + 1;
        buffer_add_text(out, is_first ? "" : id + 1 < PROTOCOL_COUNT ? ", " : " and ");
        for (const char *p = protocols_name(id); *p != '\0'; p++)
            buffer_add_format(out, "%c", *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    }
    buffer_add_format(out, " %s asked: write HOST:PORT",
                      PROTOCOL_COUNT - PROTOCOL_NONE > 2 ? "are" : "is");
}

/* Append the way out for this piece. */
typedef void suggest_function(struct buffer *out, const char *piece, size_t len);

struct words {
    const char *text;
    const char *remedy;        /* the way out, or NULL */
    suggest_function *suggest; /* the way out where it depends on the piece, or NULL */
};

static const struct words table[FAULT_COUNT] = {
    [FAULT_NONE] = {"nothing wrong", NULL},

    [FAULT_DURATION] = {"invalid duration",
                        "write seconds, decimals allowed, or a number with ms, s, m or h"},
    [FAULT_DURATION_RANGE] = {"duration out of range", "allowed is up to 292 years"},
    [FAULT_DURATION_ZERO] = {"duration out of range", "it must be more than 0"},
    [FAULT_NUMBER] = {"invalid number", NULL},

    [FAULT_PORT] = {"invalid port", "allowed is 1-65535"},
    [FAULT_PORT_EMPTY] = {"empty port", "write ports as 22, 22,80 or 8000-8010"},
    [FAULT_PORT_REVERSED] = {"reversed port range", "write the lower port first"},
    [FAULT_PORT_SERVICE] = {"unknown service", "write the port as a number, 1-65535"},
    [FAULT_PORT_MISSING] = {"missing port", "write HOST:PORT, HOST PORT, or -p PORT HOST"},
    [FAULT_PORT_TWICE] = {"port given twice", "write it once: with -p, or with the host"},
    [FAULT_PORT_GLUED] = {"IPv6 address without a port, or with one glued on",
                          "write [ADDRESS]:PORT"},

    [FAULT_HOST_MISSING] = {"missing host", "write HOST:PORT"},
    [FAULT_HOST_NUMBER] = {"a number is no host", "write HOST:PORT, or HOST PORT"},
    [FAULT_HOST_DASH] = {"host begins with '-'", "a host begins with a letter or a digit"},
    [FAULT_HOST_BYTE] = {"invalid character in host",
                         "a name has letters, digits, '-', '_' and '.' (others in xn-- form)"},
    [FAULT_HOST_LENGTH] = {"name too long", "allowed are 253 bytes"},
    [FAULT_LABEL_LENGTH] = {"label too long", "allowed are 63 bytes between two dots"},
    [FAULT_LABEL_EMPTY] = {"empty label in name", "write one dot between two labels"},
    [FAULT_BRACKET] = {"missing ']'", "write [ADDRESS]:PORT"},
    [FAULT_BRACKET_ADDRESS] = {"invalid IPv6 address", "write [ADDRESS]:PORT, as in [::1]:80"},
    [FAULT_BRACKET_AFTER] = {"unexpected text after ']'", "write [ADDRESS]:PORT"},

    [FAULT_QUAD] = {"not a strict dotted quad", NULL, suggest_quad},
    [FAULT_UNSPECIFIED] = {"unspecified address",
                           "it would ask this machine itself; write 127.0.0.1 or ::1 for that"},
    [FAULT_SCOPE_MISSING] = {"link-local address without its interface",
                             "write ADDRESS%INTERFACE, as in fe80::1%eth0"},
    [FAULT_SCOPE] = {"invalid interface after '%'",
                     "write ADDRESS%INTERFACE with a link-local IPv6 address"},
    [FAULT_SCOPE_IPV4] = {"interface behind an IPv4 address",
                          "leave it out, or choose it with -I"},
    [FAULT_PREFIX_IPV4] = {"invalid prefix length", "allowed is /0-/32 after an IPv4 address"},
    [FAULT_PREFIX_IPV6] = {"invalid prefix length", "allowed is /0-/128 after an IPv6 address"},
    [FAULT_PREFIX_LARGE] = {"prefix too large", "allowed are 2^48 addresses, /80 with IPv6"},
    [FAULT_PREFIX_UNSPECIFIED] = {"prefix holds the unspecified address",
                                  "it would ask this machine itself; leave it out"},
    [FAULT_PREFIX_LINK_LOCAL] = {"prefix of link-local addresses without their interface",
                                 "write each as ADDRESS%INTERFACE"},
    [FAULT_PREFIX_PLACE] = {"prefix length behind the port", "write ADDRESS/LENGTH:PORTS"},

    [FAULT_SCHEME] = {"unknown scheme", "write HOST:PORT or tcp://HOST:PORT"},
    [FAULT_PROTOCOL] = {"unsupported protocol", NULL, suggest_protocol},
    [FAULT_FAMILY_IPV4] = {"not an IPv4 address", "only IPv4 was asked for (-4 or -s)"},
    [FAULT_FAMILY_IPV6] = {"not an IPv6 address", "only IPv6 was asked for (-6 or -s)"},
    [FAULT_NOT_NUMERIC] = {"not an address", "-n allows no names"},
    [FAULT_LIST_MIXED] = {"list with '!' before some of its targets",
                          "write it before each of them"},
    [FAULT_LIST_URL] = {"text behind the comma of a URL that may be a target",
                        "write each target for itself"},
    [FAULT_COLUMN_COMMA] = {"more than two columns",
                            "write HOST:PORT,PORT, or cut -d, -f1,2 FILE | netcheck -f -"},
    [FAULT_COLUMN_SEMICOLON] = {"more than two columns",
                                "keep two: cut -d';' -f1,2 FILE | netcheck -f -"},
    [FAULT_COLUMN_TAB] = {"more than two columns", "keep two: cut -f1,2 FILE | netcheck -f -"},
    [FAULT_COLUMN_WORD] = {"a word behind the ports",
                           "write a port with a comma, as in 22,https, or keep two columns: "
                           "awk '{print $1, $2}' FILE | netcheck -f -"},
    [FAULT_COLUMN_REST] = {"text behind a target", "write one a line, and # before a comment"},
    [FAULT_QUOTE] = {"misplaced quote", "write a whole cell as \"...\", with no quote inside"},
    [FAULT_LINE_LENGTH] = {"line too long", "allowed are 65535 bytes"},

    [FAULT_RATE] = {"invalid rate", "write probes a second, 1-1000000000, as in 500 or 500/s"},
    [FAULT_SHARD] = {"invalid shard", "write K/N, 1/4 to 4/4 for four of them"},
    [FAULT_SHUFFLE] = {"too many rows to shuffle", "allowed are 2^62"},
    [FAULT_ROSTER] = {"too many rows to ask more than once",
                      "allowed are 1000000; --shard splits them"},
    [FAULT_INTERVAL] = {"interval too short", "allowed is 1ms and more"},
};

enum error fault_at(const struct slice *piece, enum fault_code code, struct fault *fault)
{
    *fault = (struct fault){.code = code, .at = piece->from, .len = slice_len(piece)};
    return ERROR_INVALID;
}

enum fault_code fault_of_duration(enum error error)
{
    return error == ERROR_RANGE ? FAULT_DURATION_RANGE : FAULT_DURATION;
}

const char *fault_text(enum fault_code code)
{
    return table[code].text;
}

const char *fault_remedy(enum fault_code code)
{
    return table[code].remedy;
}

void fault_describe(struct buffer *out, const char *text, size_t len, const struct fault *fault,
                    const struct place *place)
{
    const char *piece = text + fault->at;
    buffer_add_text(out, fault_text(fault->code));
    bool is_whole = fault->len == len;
    if (fault->len > 0) {
        buffer_add_text(out, " ");
        escape_quoted(out, piece, fault->len);
    }
    if (!is_whole) {
        buffer_add_text(out, " in ");
        escape_quoted(out, text, len);
    }
    if (place != NULL && place->source != NULL) {
        buffer_add_text(out, " (");
        escape_text(out, place->source, strlen(place->source));
        buffer_add_format(out, ":%zu:%zu)", place->line, place->at + fault->at + 1);
    }
    const struct words *words = &table[fault->code];
    if (words->remedy == NULL && words->suggest == NULL)
        return;
    buffer_add_text(out, ": ");
    if (words->suggest != NULL)
        words->suggest(out, piece, fault->len);
    else
        buffer_add_text(out, words->remedy);
}
