/*
 * quantiles: quantiles of a stream of durations, in fixed memory and without sorting.
 *
 * A histogram whose buckets grow with the duration: 32 to each doubling, from 32 microseconds
 * on; below, one a microsecond. A quantile is the middle of its bucket, so that it is off by at
 * most one part in 64 (1.6 %) plus half a microsecond. From 2^27 microseconds (134 s) on
 * everything is in the last bucket: no connect takes as long, Linux gives up after 127 s.
 *
 * Counts stay at their maximum, 2^32 - 1, when they reach it; `total` is their sum.
 *
 * Source: the layout is that of HdrHistogram; exact quantiles are by nearest rank.
 */
#ifndef NETCHECK_QUANTILES_H
#define NETCHECK_QUANTILES_H

#include <stdint.h>

enum {
    QUANTILES_FINE = 32,        /* buckets to a doubling */
    QUANTILES_FIRST_OCTAVE = 5, /* below 2^5 us: one a microsecond */
    QUANTILES_LAST_OCTAVE = 26,
    QUANTILES_BUCKETS = QUANTILES_FINE * (QUANTILES_LAST_OCTAVE - QUANTILES_FIRST_OCTAVE + 2),
};

/* All zero: empty. */
struct quantiles {
    uint64_t total;
    uint32_t counts[QUANTILES_BUCKETS];
};

/* Count one duration; a negative one counts as 0. */
void quantiles_add(struct quantiles *quantiles, int64_t duration_ns);

/*
 * The duration that `percent` of 100 are not above, by nearest rank: the smallest one for which
 * that holds. -1 where nothing was counted.
 *
 * percent  over 0, at most 100
 */
int64_t quantiles_quantile(const struct quantiles *quantiles, double percent);

/*
 * How many lie in from_ns <= duration < to_ns; bounds are rounded down to those of buckets.
 * A bound of 2^27 microseconds and more is behind the last bucket and all that it holds.
 */
uint64_t quantiles_count(const struct quantiles *quantiles, int64_t from_ns, int64_t to_ns);

/*
 * How wide the bucket is that a duration falls into: 1 microsecond times a power of two. Its
 * multiples are bounds of buckets, up to where buckets are wider.
 */
int64_t quantiles_width(int64_t duration_ns);

#endif
