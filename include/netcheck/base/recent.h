/*
 * recent: a set of hashes, each with a number if wanted, that forgets the oldest ones.
 *
 * Memory is bounded: at least the last `limit` different hashes are there, at most twice as
 * many; those that were not put for longest are forgotten together. Two keys with the same
 * hash are one.
 */
#ifndef NETCHECK_RECENT_H
#define NETCHECK_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Open addressing, at most half full. */
struct recent_table {
    uint64_t *hashes;  /* 0: free */
    uint32_t *numbers; /* of the hash in the same place; NULL where there are none */
    size_t capacity;   /* a power of two, or 0 */
    size_t used;
};

struct recent {
    struct recent_table young; /* when it is full it becomes the old one */
    struct recent_table old;
    size_t limit;
    bool has_numbers;
};

/* An empty set, which allocates nothing yet. */
void recent_init(struct recent *recent, size_t limit, bool has_numbers);
void recent_release(struct recent *recent);

/* Add the hash, not 0, or renew it with another number. False where memory is short. */
bool recent_put(struct recent *recent, uint64_t hash, uint32_t number);

/* Whether the hash is there; `number`, which may be NULL, is out. */
bool recent_get(const struct recent *recent, uint64_t hash, uint32_t *number);

#endif
