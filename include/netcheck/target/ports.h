/*
 * ports: a list of ports and port ranges, kept as ranges and never spelled out.
 *
 * Invariants: each range has 1 <= first <= last; total is the sum of their sizes.
 */
#ifndef NETCHECK_PORTS_H
#define NETCHECK_PORTS_H

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
 * Parse `len` bytes of "22", "22,80,443", "8000-8010", "https", "443/tcp" and any mix, and
 * append them.
 *
 * Returns ERROR_NONE; ERROR_NO_MEMORY; or ERROR_INVALID with one of FAULT_PORT, _EMPTY,
 * _REVERSED, _SERVICE, or FAULT_PROTOCOL for "53/udp", its place, and `ports` as before.
 * Numbers are parsed here because getaddrinfo(3) takes "68536" for port 3000.
 */
enum error ports_parse(struct ports *ports, const char *text, size_t len, struct fault *fault);

/* Append first..last, 1 <= first <= last. Returns ERROR_NONE or ERROR_NO_MEMORY. */
enum error ports_add(struct ports *ports, uint16_t first, uint16_t last);

/* Append all of `from`. Returns ERROR_NONE or ERROR_NO_MEMORY. */
enum error ports_copy(struct ports *ports, const struct ports *from);

/* The port at `index` of the list as written, 0 <= index < total. */
uint16_t ports_at(const struct ports *ports, uint64_t index);

#endif
