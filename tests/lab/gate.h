/*
 * gate: the small router in front of the network, which lets SYNs through or drops them.
 *
 * A policer, then a table of half-open connections. A connection is known by the hash of its
 * addresses and ports alone: among 100,000 of them, two are taken for one with a probability
 * below one in a billion. Knows no clock: every call is told the time.
 *
 * Invariants: `entries` in use are in `waiting`, the one that expires first in front, and in
 * the chain of their bucket; the others are in `spare`.
 */
#ifndef TESTS_LAB_GATE_H
#define TESTS_LAB_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/list.h"

enum { GATE_TABLE_MAX = 1 << 22 };

struct gate_limits {
    uint64_t table;      /* half-open connections, up to GATE_TABLE_MAX; 0: no table */
    int64_t expire_ns;   /* after the last SYN of a connection */
    uint64_t rate_limit; /* new SYNs a second; 0: no policer */
};

struct gate_entry {
    struct list link;        /* in `waiting` or `spare` */
    struct gate_entry *next; /* in the bucket's chain */
    uint64_t flow;
    int64_t expires_ns;
};

struct gate {
    struct gate_limits limits;
    struct gate_entry *entries;  /* owned: limits.table of them */
    struct gate_entry **buckets; /* owned */
    uint64_t bucket_mask;
    struct list waiting;
    struct list spare;
    size_t count;   /* in `waiting` */
    size_t peak;    /* the highest `count` so far */
    int64_t due_ns; /* when the policer's bucket is full again */
};

enum gate_verdict {
    GATE_PASSED,
    GATE_POLICED,
    GATE_TABLE_FULL,
};

/* False without memory. */
bool gate_init(struct gate *gate, const struct gate_limits *limits);
void gate_release(struct gate *gate);

/*
 * A SYN of `flow` comes. That of a connection in the table always passes and makes its entry
 * stay; a new one is policed, and then needs a free entry.
 */
enum gate_verdict gate_enter(struct gate *gate, uint64_t flow, int64_t now_ns);

/* The answer to `flow` went back: its entry, if it still has one, is free. */
void gate_answered(struct gate *gate, uint64_t flow);

#endif
