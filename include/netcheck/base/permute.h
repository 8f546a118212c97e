/*
 * permute: a shuffled order of an index space, in constant memory.
 *
 * A keyed permutation instead of a shuffled array: each index is mapped by itself, so that the
 * order of 2^48 hosts costs as much as that of ten. The same size and seed give the same order
 * on every machine. It spreads load; it is no cipher.
 *
 * Source: a Feistel network over the next larger power of four, with cycle walking (Black and
 * Rogaway, "Ciphers with Arbitrary Finite Domains", 2002).
 */
#ifndef NETCHECK_PERMUTE_H
#define NETCHECK_PERMUTE_H

#include <stdint.h>

enum { PERMUTE_ROUNDS = 6 };

struct permute {
    uint64_t size;
    unsigned half_bits;
    uint64_t keys[PERMUTE_ROUNDS];
};

/* The order of 0 ... size - 1; size is 1 and more. */
void permute_init(struct permute *permute, uint64_t size, uint64_t seed);

/* Which index stands at `place`, 0 <= place < size; each stands at exactly one place. */
uint64_t permute_at(const struct permute *permute, uint64_t place);

#endif
