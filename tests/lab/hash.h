/*
 * hash: everything of the lab that looks like chance, and is the same in every run.
 *
 * A chance is a share of 2^32: CHANCE_WHOLE always comes true, 0 never does.
 */
#ifndef TESTS_LAB_HASH_H
#define TESTS_LAB_HASH_H

#include <stdbool.h>
#include <stdint.h>

#define CHANCE_WHOLE (UINT64_C(1) << 32)

/* Take `value` into `hash`. Every bit of the result depends on every bit of both. */
static inline uint64_t hash_mix(uint64_t hash, uint64_t value)
{
    /* Far apart first: seeds 1 and 2 would see the same numbers in another order otherwise.
       Then the finisher of splitmix64, which passes the usual tests of randomness. */
    hash = ((hash + 1) * UINT64_C(0x9e3779b97f4a7c15)) ^ value;
    hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
    return hash ^ (hash >> 31);
}

static inline bool hash_is_within(uint64_t hash, uint64_t chance)
{
    return hash >> 32 < chance;
}

#endif
