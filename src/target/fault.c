#include "netcheck/target/fault.h"

#include <stdbool.h>
#include <string.h>

#include "netcheck/base/address.h"
#include "netcheck/base/duration.h"
#include "netcheck/base/escape.h"
#include "pattern.h"
#include "netcheck/target/secret.h"
#include "suggest.h"

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
static void suggest_quad(struct buffer *out, const char *piece_text, size_t len,
                         const struct slice *text)
{
    (void)text;
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

/* "write 1m30s" for "1m30", or the form of all durations. */
static void suggest_duration(struct buffer *out, const char *piece, size_t len,
                             const struct slice *text)
{
    (void)text;
    struct buffer form = BUFFER_EMPTY;
    if (duration_suggest(piece, len, &form))
        buffer_add_format(out, "write %s", buffer_text(&form));
    else
        buffer_add_text(out, fault_remedy(FAULT_DURATION));
    buffer_release(&form);
}

struct words {
    const char *text;
    const char *remedy;        /* the way out, or NULL */
    suggest_function *suggest; /* the way out where it depends on the text, or NULL */
};

static const struct words table[FAULT_COUNT] = {
    [FAULT_NONE] = {"nothing wrong", NULL, NULL},

    [FAULT_DURATION] = {"invalid duration",
                        "write seconds, decimals allowed, or a number with ms, s, m, h or d, "
                        "also joined: 1m30s",
                        suggest_duration},
    [FAULT_DURATION_RANGE] = {"duration out of range", "allowed is up to 292 years", NULL},
    [FAULT_DURATION_ZERO] = {"duration out of range", "it must be more than 0", NULL},
    [FAULT_NUMBER] = {"invalid number", NULL, NULL},

    [FAULT_PORT] = {"invalid port", "allowed is 1-65535", suggest_number},
    [FAULT_PORT_EMPTY] = {"empty port", "write ports as 22, 22,80 or 8000-8010", NULL},
    [FAULT_PORT_REVERSED] = {"reversed port range", "write the lower port first", NULL},
    [FAULT_PORT_SERVICE] = {"unknown service", "write the port as a number, 1-65535",
                            suggest_service},
    [FAULT_PORT_MISSING] = {"no port for", NULL, suggest_port},
    [FAULT_PORT_TWICE] = {"port given twice", "write it once, with the host or behind it",
                          NULL},
    [FAULT_PORT_BOTH] = {"port given with -p and with", "write it once", NULL},
    [FAULT_PORT_USELESS] = {"ICMP has no port", NULL, suggest_portless},
    [FAULT_PORT_PROTOCOL] = {"not the protocol of its target",
                             "write it once, before the host or beside the port", NULL},
    [FAULT_PORT_OPTION] = {"-p has another protocol than",
                           "write it once, before the host or with -p", NULL},
    [FAULT_PORT_UNCLEAR] = {"unclear which ports belong to",
                            "write it with each, as in 22/tcp,53/udp", NULL},
    [FAULT_PORT_GLUED] = {"no IPv6 address, or one with a port glued on", NULL,
                          suggest_unglued},

    [FAULT_HOST_MISSING] = {"missing host", NULL, suggest_whole},
    [FAULT_HOST_NUMBER] = {"number in place of a host", "write HOST:PORT, or HOST PORT", NULL},
    [FAULT_HOST_DASH] = {"invalid host", "it begins with a letter or a digit", NULL},
    [FAULT_HOST_BYTE] = {"invalid character in host",
                         "a name has letters, digits, '-', '_' and '.' (others in xn-- form)",
                         NULL},
    [FAULT_HOST_LIST] = {"hosts without a port each", NULL, suggest_each},
    [FAULT_HOST_PATH] = {"path or prefix behind a name",
                         "write NAME:PORT, or a URL, https://NAME/PATH", suggest_pathless},
    [FAULT_HOST_UNICODE] = {"not ASCII", NULL, suggest_ascii},
    [FAULT_HOST_LENGTH] = {"name too long", "allowed are 253 bytes", NULL},
    [FAULT_LABEL_LENGTH] = {"label too long", "allowed are 63 bytes between two dots", NULL},
    [FAULT_LABEL_EMPTY] = {"empty label", "write one dot between two labels", NULL},
    [FAULT_BRACKET] = {"bracket without its end", "write [ADDRESS]:PORT", NULL},
    [FAULT_BRACKET_ADDRESS] = {"invalid IPv6 address", NULL, suggest_unbracketed},
    [FAULT_BRACKET_AFTER] = {"unexpected text", "write [ADDRESS]:PORT", NULL},

    [FAULT_QUAD] = {"not a strict dotted quad", NULL, suggest_quad},
    [FAULT_UNSPECIFIED] = {"unspecified address",
                           "it would ask this machine itself; write 127.0.0.1 or ::1 for that",
                           NULL},
    [FAULT_GROUP] = {"a group, not a host", "write the address of one host", NULL},
    [FAULT_SCOPE_MISSING] = {"link-local address without its interface",
                             "write ADDRESS%INTERFACE, as in fe80::1%eth0", NULL},
    [FAULT_SCOPE] = {"invalid interface",
                     "write ADDRESS%INTERFACE with a link-local IPv6 address", NULL},
    [FAULT_SCOPE_IPV4] = {"interface behind an IPv4 address",
                          "leave it out, or choose it with -I", NULL},
    [FAULT_PREFIX_IPV4] = {"invalid prefix length", "allowed is /0-/32 after an IPv4 address",
                           NULL},
    [FAULT_PREFIX_IPV6] = {"invalid prefix length", "allowed is /0-/128 after an IPv6 address",
                           NULL},
    [FAULT_PREFIX_LARGE] = {"too many addresses", "allowed are 2^48, /80 with IPv6", NULL},
    [FAULT_PREFIX_UNSPECIFIED] = {"prefix holds the unspecified address",
                                  "it would ask this machine itself; leave it out", NULL},
    [FAULT_PREFIX_LINK_LOCAL] = {"prefix of link-local addresses without their interface",
                                 "write each as ADDRESS%INTERFACE", NULL},
    [FAULT_PREFIX_GROUP] = {"prefix holds multicast or broadcast",
                            "those are groups, not hosts; leave them out", NULL},
    [FAULT_PREFIX_PLACE] = {"prefix length behind the port", "write ADDRESS/LENGTH:PORTS",
                            NULL},

    [FAULT_RANGE_FORM] = {"no address, prefix or range", NULL, pattern_suggest},
    [FAULT_RANGE_IPV6] = {"no range of IPv6 addresses", NULL, pattern_suggest_long},
    [FAULT_RANGE_REVERSED] = {"reversed range of addresses", NULL, pattern_suggest_forward},
    [FAULT_RANGE_MIXED] = {"range from one address family to the other",
                           "write both addresses in IPv4, or both in IPv6", NULL},
    [FAULT_RANGE_PREFIX] = {"prefix length behind a range",
                            "write ADDRESS/LENGTH or FIRST-LAST", NULL},
    [FAULT_RANGE_SCOPE] = {"range of addresses with an interface",
                           "write a prefix, as in [fe80::]%eth0/120, or each address", NULL},
    [FAULT_RANGE_UNSPECIFIED] = {"range holds the unspecified address",
                                 "it would ask this machine itself; leave it out", NULL},
    [FAULT_RANGE_LINK_LOCAL] = {"range of link-local addresses without their interface",
                                "write each as ADDRESS%INTERFACE", NULL},
    [FAULT_RANGE_GROUP] = {"range holds multicast or broadcast",
                           "those are groups, not hosts; leave them out", NULL},
    [FAULT_EXCLUSION_DOWN] = {"unexpected '!' before", "leave it out", NULL},
    [FAULT_EXCLUSION_WORD] = {"a port or a host, behind the comma",
                              "write ports as numbers, and each host in an --exclude of its "
                              "own",
                              NULL},

    [FAULT_SCHEME] = {"unknown scheme", NULL, suggest_port_of_url},
    [FAULT_SCHEME_SLASHES] = {"scheme without its slashes", NULL, suggest_slashes},
    [FAULT_SCHEME_BOTH] = {"scheme with two protocols",
                           "write tcp://HOST:PORT or udp://HOST:PORT", NULL},
    [FAULT_SRV] = {"SRV record in place of a host", "write HOST:PORT of each server", NULL},
    [FAULT_SOCKET] = {"file of a socket in place of a host",
                      "it is not reached over a network: write HOST:PORT", NULL},
    [FAULT_URL_HOSTLESS] = {"URL without a host", "write HOST:PORT", NULL},
    [FAULT_URL_GLUED] = {"URL glued to", NULL, suggest_url},
    [FAULT_URL_AT] = {"unclear end of user and password", NULL, suggest_encoded},
    [FAULT_URL_HOSTS] = {"several hosts in a URL", "write it without ports behind it", NULL},
    [FAULT_URL_MANY] = {"more than 100 hosts or ports in a URL", "write each target for itself",
                        NULL},
    [FAULT_USER] = {"user in front of a host", NULL, suggest_host},
    [FAULT_PROTOCOL] = {"unsupported protocol", NULL, suggest_protocol},
    [FAULT_TEXT_PROTOCOL] = {"neither TCP nor UDP", "--send and --match are for these alone",
                             NULL},
    [FAULT_FAMILY_IPV4] = {"not an IPv4 address", "only IPv4 was asked for (-4 or -s)", NULL},
    [FAULT_FAMILY_IPV6] = {"not an IPv6 address", "only IPv6 was asked for (-6 or -s)", NULL},
    [FAULT_NOT_NUMERIC] = {"not an address", "-n allows no names", NULL},
    [FAULT_LIST_MIXED] = {"list with and without '!'; another begins at",
                          "write it before each of them", NULL},
    [FAULT_LIST_URL] = {"target, or part of the URL before it", "write each target for itself",
                        NULL},
    [FAULT_COLUMN_COMMA] = {"more than two columns", NULL, suggest_comma_columns},
    [FAULT_COLUMN_SEMICOLON] = {"more than two columns", NULL, suggest_semicolon_columns},
    [FAULT_COLUMN_TAB] = {"more than two columns", NULL, suggest_tab_columns},
    [FAULT_COLUMN_WORD] = {"a word behind the ports", NULL, suggest_word_columns},
    [FAULT_COLUMN_REST] = {"text behind a target", "write one a line, and # before a comment",
                           NULL},
    [FAULT_QUOTE] = {"misplaced quote", "write a whole cell as \"...\", with no quote inside",
                     NULL},
    [FAULT_LINE_LENGTH] = {"line too long", "allowed are 65535 bytes", NULL},

    [FAULT_READY_UNKNOWN] = {"--ready has no question for",
                             "name the service, as in redis://HOST:PORT, or leave --ready out",
                             NULL},
    [FAULT_READY_ECHO] = {"--ready has no question for an echo of",
                          "leave icmp://, or --ready, out", NULL},
    [FAULT_READY_PATH] = {"path too long for --ready of",
                          "allowed are 800 bytes, with each that has to be encoded as 3", NULL},

    [FAULT_RATE] = {"invalid rate", "write probes a second, 1-1000000000, as in 500 or 500/s",
                    NULL},
    [FAULT_SHARD] = {"invalid shard", "write K/N, 1/4 to 4/4 for four of them", NULL},
    [FAULT_SHUFFLE] = {"too many rows to shuffle", "allowed are 2^62", NULL},
    [FAULT_ROSTER] = {"too many rows to ask more than once",
                      "allowed are 1000000; --shard splits them", NULL},
    [FAULT_INTERVAL] = {"interval too short", "allowed is 1ms and more", NULL},
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

void fault_add_remedy(struct buffer *out, enum fault_code code, const struct slice *piece,
                      const struct slice *text)
{
    const struct words *words = &table[code];
    if (words->remedy == NULL && words->suggest == NULL)
        return;
    buffer_add_text(out, ": ");
    if (words->suggest != NULL)
        words->suggest(out, slice_start(piece), slice_len(piece), text);
    else
        buffer_add_text(out, words->remedy);
}

/* Append what is wrong with `piece` of `text`, in which nothing is secret. */
static void describe(struct buffer *out, const struct slice *text, const struct slice *piece,
                     const struct words *words)
{
    buffer_add_text(out, words->text);
    if (slice_len(piece) > 0) {
        buffer_add_text(out, " ");
        escape_quoted(out, slice_start(piece), slice_len(piece));
    }
    if (slice_len(piece) == slice_len(text))
        return;
    buffer_add_text(out, " in ");
    escape_quoted(out, slice_start(text), slice_len(text));
}

static void add_place(struct buffer *out, const struct fault *fault, const struct place *place)
{
    buffer_add_text(out, " (");
    escape_readable(out, place->source, strlen(place->source));
    buffer_add_format(out, ":%zu:%zu)", place->line, place->at + fault->at + 1);
}

void fault_describe(struct buffer *out, const char *text, size_t len, const struct fault *fault,
                    const struct place *place)
{
    const struct words *words = &table[fault->code];
    struct buffer masked = BUFFER_EMPTY;
    struct slice piece = {NULL, fault->at, fault->at + fault->len};
    secret_mask(&masked, text, len, &piece);
    const struct slice shown = {buffer_text(&masked), 0, masked.len};
    piece.text = shown.text;
    if (masked.has_failed) {
        out->has_failed = true;
        buffer_release(&masked);
        return;
    }
    describe(out, &shown, &piece, words);
    if (place != NULL && place->source != NULL)
        add_place(out, fault, place);
    fault_add_remedy(out, fault->code, &piece, &shown);
    buffer_release(&masked);
}
