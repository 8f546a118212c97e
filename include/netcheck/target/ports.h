/*
 * ports: a list of ports and port ranges, kept as ranges and never spelled out.
 *
 * Each port may have a protocol of its own, "53/udp"; "icmp" in their place is the echo, which
 * has no port. What a target names before its host, "udp://", holds for all of its ports, and
 * what is written beside a port must agree with it.
 *
 * Invariants: each range has 1 <= first <= last, or 0 twice for a protocol without ports; total
 * is the sum of their sizes.
 */
#ifndef NETCHECK_PORTS_H
#define NETCHECK_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/target/fault.h"
#include "netcheck/target/protocols.h"
#include "netcheck/base/slice.h"

struct port_range {
    uint16_t first;
    uint16_t last;             /* included */
    uint16_t at;               /* where it is written, in the text that was parsed, ... */
    uint16_t len;              /* ... and how long it is there; 0: not known, or too far */
    uint64_t before;           /* ports in all ranges before this one */
    enum protocol_id protocol; /* PROTOCOL_NONE: that of the target */
    bool is_implied;           /* the protocol is not written, a service has no other: "ntp" */
};

struct ports {
    struct port_range *ranges; /* owned, in the order written; duplicates are kept */
    size_t count;
    uint64_t total;            /* ports in all ranges */
    enum protocol_id protocol; /* of all of them, as their target names it; PROTOCOL_NONE: each
                                  range has its own */
};

void ports_init(struct ports *ports);
void ports_release(struct ports *ports);

/*
 * Parse `len` bytes of "22", "22,80,443", "8000-8010", "https" and any mix, and append them.
 * Blanks around a comma mean nothing. A protocol may stand beside each: "443/tcp", "tcp/443",
 * "443 tcp", "tcp 443". "icmp" stands alone.
 *
 * Returns ERROR_NONE; ERROR_NO_MEMORY; or ERROR_INVALID with one of FAULT_PORT, _EMPTY,
 * _REVERSED, _SERVICE, _PROTOCOL where it does not agree with ports->protocol, _USELESS with
 * ICMP, _UNCLEAR for "22, 53 udp", or FAULT_PROTOCOL for "53/sctp", its place, and `ports` as
 * before.
 * Numbers are parsed here because getaddrinfo(3) takes "68536" for port 3000.
 */
enum error ports_parse(struct ports *ports, const char *text, size_t len, struct fault *fault);

/* Whether it is made as ports in digits are, "443" or "8000-8010", in bounds or not. */
bool ports_are_numbers(const struct slice *text);

/* Whether it is ports that are no host and no service: "443", "53/udp", "udp 53", "icmp". */
bool ports_are_plain(const struct slice *text);

/* Ports as words of their own, of which some may be protocols: 22, 443, tcp. */
struct ports_words {
    struct ports *ports; /* where they go; borrowed, empty before the first word */
    bool is_column;      /* of a file: behind ports a name is a description, not a service */
    bool is_bare;        /* the word before has ports without a protocol */
    size_t first;        /* the first range of it */
    struct slice last;   /* its text */
    bool is_portless;    /* the word before is "icmp", behind which "-" means nothing */
    struct slice gap;    /* "-" before "icmp"; empty: there is none */
    enum protocol_id protocol; /* the word before is this protocol of the next one, or NONE */
};

/*
 * Append one word: ports as ports_parse() has them, or a protocol, which belongs to all ports
 * of the word before it, or else of the one behind it.
 *
 * is_last  there is none behind it
 *
 * Returns what ports_parse() does, the place counted from the slice's text, and also
 * FAULT_COLUMN_WORD.
 */
enum error ports_words_add(struct ports_words *words, const struct slice *word, bool is_last,
                           struct fault *fault);

/*
 * Append the words of columns of a file, with blanks between them: "22 80", "22, 80 443 tcp";
 * "53" and "udp". `ports` is empty before. Returns what ports_words_add() does; an empty column
 * is an empty port.
 */
enum error ports_parse_columns(struct ports *ports, const struct slice columns[], size_t count,
                               struct fault *fault);

/* Append first..last, 1 <= first <= last. Returns ERROR_NONE or ERROR_NO_MEMORY. */
enum error ports_add(struct ports *ports, uint16_t first, uint16_t last);

/*
 * From here on they are those of a target that names this protocol. False, and nothing is
 * changed: one of them has another one.
 */
bool ports_set_protocol(struct ports *ports, enum protocol_id protocol);

/* Append all of `from`. ERROR_NONE, ERROR_NO_MEMORY, or ERROR_INVALID, with `ports` as before,
 * where one has a protocol that does not agree with ports->protocol. */
enum error ports_copy(struct ports *ports, const struct ports *from);

/* The range that has the port at `index` of the list as written, 0 <= index < total. */
const struct port_range *ports_range_at(const struct ports *ports, uint64_t index);

/* That port. */
uint16_t ports_at(const struct ports *ports, uint64_t index);

#endif
