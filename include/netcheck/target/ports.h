/*
 * ports: a list of ports and port ranges, kept as ranges and never spelled out.
 *
 * Invariants: each range has 1 <= first <= last; total is the sum of their sizes.
 */
#ifndef NETCHECK_PORTS_H
#define NETCHECK_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/target/fault.h"
#include "netcheck/base/slice.h"

struct port_range {
    uint16_t first;
    uint16_t last;   /* included */
    uint64_t before; /* ports in all ranges before this one */
};

struct ports {
    struct port_range *ranges; /* owned, in the order written; duplicates are kept */
    size_t count;
    uint64_t total; /* ports in all ranges */
};

void ports_init(struct ports *ports);
void ports_release(struct ports *ports);

/*
 * Parse `len` bytes of "22", "22,80,443", "8000-8010", "https" and any mix, and append them.
 * Blanks around a comma mean nothing. A protocol may stand beside each: "443/tcp", "tcp/443",
 * "443 tcp", "tcp 443".
 *
 * Returns ERROR_NONE; ERROR_NO_MEMORY; or ERROR_INVALID with one of FAULT_PORT, _EMPTY,
 * _REVERSED, _SERVICE, or FAULT_PROTOCOL for "53/udp", its place, and `ports` as before.
 * Numbers are parsed here because getaddrinfo(3) takes "68536" for port 3000.
 */
enum error ports_parse(struct ports *ports, const char *text, size_t len, struct fault *fault);

/* Whether it is made as ports in digits are, "443" or "8000-8010", in bounds or not. */
bool ports_are_numbers(const struct slice *text);

/* Ports as words of their own, of which some may be protocols: 22, 443, tcp. */
struct ports_words {
    struct ports *ports; /* where they go; borrowed, empty before the first word */
    bool is_column;      /* of a file: behind ports a name is a description, not a service */
    bool is_bare;        /* the word before is ports without a protocol */
    bool has_protocol;   /* the word before is the protocol of the next one */
};

/*
 * Append one word: ports as ports_parse() has them, or a protocol.
 *
 * is_last  there is none behind it
 *
 * Returns what ports_parse() does, the place counted from the slice's text, and also
 * FAULT_COLUMN_WORD.
 */
enum error ports_words_add(struct ports_words *words, const struct slice *word, bool is_last,
                           struct fault *fault);

/*
 * Append the words of a column of a file, with blanks between them: "22 80", "22, 80 443 tcp".
 * `ports` is empty before. Returns what ports_words_add() does; an empty column is an empty
 * port.
 */
enum error ports_parse_column(struct ports *ports, const struct slice *column,
                              struct fault *fault);

/* Append first..last, 1 <= first <= last. Returns ERROR_NONE or ERROR_NO_MEMORY. */
enum error ports_add(struct ports *ports, uint16_t first, uint16_t last);

/* Append all of `from`. Returns ERROR_NONE or ERROR_NO_MEMORY. */
enum error ports_copy(struct ports *ports, const struct ports *from);

/* The port at `index` of the list as written, 0 <= index < total. */
uint16_t ports_at(const struct ports *ports, uint64_t index);

#endif
