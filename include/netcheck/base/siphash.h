/*
 * siphash: a keyed hash, whose results cannot be foretold without the key.
 *
 * Source: Aumasson, Bernstein, "SipHash: a fast short-input PRF", 2012: SipHash-2-4.
 */
#ifndef NETCHECK_SIPHASH_H
#define NETCHECK_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
    uint64_t halves[2];
};

uint64_t siphash(const struct siphash_key *key, const unsigned char *bytes, size_t len);

#endif
