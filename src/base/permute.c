#include "netcheck/base/permute.h"

#include <assert.h>

#include "netcheck/base/base.h"
#include "netcheck/base/mix.h"

enum { HALF_BITS_MAX = 32 };

void permute_init(struct permute *permute, uint64_t size, uint64_t seed)
{
    assert(size > 0);
    permute->size = size;
    permute->half_bits = 1;
    while (permute->half_bits < HALF_BITS_MAX && (size - 1) >> (2 * permute->half_bits) != 0)
        permute->half_bits++;
    for (size_t i = 0; i < ARRAY_LEN(permute->keys); i++)
        permute->keys[i] = mix64(seed + (i + 1) * UINT64_C(0x9e3779b97f4a7c15));
}

/* A permutation of the power of four: whatever the round function is, each step can be undone.
 */
static uint64_t scramble(const struct permute *permute, uint64_t value)
{
    uint64_t mask = (UINT64_C(1) << permute->half_bits) - 1;
    uint64_t left = value >> permute->half_bits;
    uint64_t right = value & mask;
    for (size_t i = 0; i < ARRAY_LEN(permute->keys); i++) {
        uint64_t next = left ^ (mix64(right ^ permute->keys[i]) & mask);
        left = right;
        right = next;
    }
    return left << permute->half_bits | right;
}

uint64_t permute_at(const struct permute *permute, uint64_t place)
{
    assert(place < permute->size);
    /* On along the cycle until inside: fewer than four steps in the mean. */
    uint64_t value = scramble(permute, place);
    while (value >= permute->size)
        value = scramble(permute, value);
    return value;
}
