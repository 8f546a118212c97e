/*
 * mix: spreads 64 bits.
 *
 * Every bit of the input reaches every bit of the output, and no two inputs have the same
 * output. No cipher.
 *
 * Source: the finaliser of splitmix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
 * Generators", 2014).
 */
#ifndef NETCHECK_MIX_H
#define NETCHECK_MIX_H

#include <stdint.h>

static inline uint64_t mix64(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

#endif
