/*
 * router: what stands between us and the hosts of a world, and drops SYNs.
 *
 * A policer, then a table of half-open connections. Knows no clock: every call is told the
 * time, which never goes back.
 */
#ifndef NETCHECK_TESTS_ROUTER_H
#define NETCHECK_TESTS_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROUTER_ENTRIES = 1024 };

struct router_entry {
    size_t flow;
    int64_t until_ns; /* its answer goes back then, or it expires */
};

/* All zero: every SYN passes. */
struct router {
    size_t table_limit; /* half-open connections, up to ROUTER_ENTRIES; 0: no table */
    int64_t expire_ns;  /* an entry without an answer goes so long after its last SYN */
    int64_t each_ns;    /* a new connection each so often, ... */
    int64_t burst_ns;   /* ... and as many at once as fit into this; each_ns 0: no policer */
    int64_t shut_ns;    /* nothing passes from here ... */
    int64_t opened_ns;  /* ... to here */
    int64_t beat_ns;    /* so long everything passes, then as long nothing; 0: no such beat */

    struct router_entry entries[ROUTER_ENTRIES];
    size_t count;
    int64_t due_ns; /* when all that passed the policer is paid for */
    size_t dropped;
};

/* Whether a SYN of `flow` passes. One that has an entry always does. */
bool router_pass(struct router *router, size_t flow, int64_t now_ns);

/* The answer to `flow` goes back at `at_ns`. */
void router_answered(struct router *router, size_t flow, int64_t at_ns);

#endif
