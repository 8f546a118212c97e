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

/* So many a second pass. All zero: everything does. */
struct policer {
    int64_t each_ns;  /* one each so often, ... */
    int64_t burst_ns; /* ... and as many more at once as fit into this */
    int64_t due_ns;   /* when all that passed is paid for */
};

/* All zero: every SYN passes. */
struct router {
    size_t table_limit; /* half-open connections, up to ROUTER_ENTRIES; 0: no table */
    int64_t expire_ns;  /* an entry without an answer goes so long after its last SYN */
    int64_t shut_ns;    /* nothing passes from here ... */
    int64_t opened_ns;  /* ... to here */
    int64_t beat_ns;    /* so long everything passes, then as long nothing; 0: no such beat */
    struct policer policer; /* of new connections */

    struct router_entry entries[ROUTER_ENTRIES];
    size_t count;
    size_t dropped;
};

/* Whether one more passes, now. */
bool policer_pass(struct policer *policer, int64_t now_ns);

/* Whether a SYN of `flow` passes. One that has an entry always does. */
bool router_pass(struct router *router, size_t flow, int64_t now_ns);

/* The answer to `flow` goes back at `at_ns`. */
void router_answered(struct router *router, size_t flow, int64_t at_ns);

#endif
