#include "netcheck/base/quantiles.h"

#include <assert.h>
#include <stddef.h>

#include "netcheck/base/base.h"

static const int64_t end_us = INT64_C(1) << (QUANTILES_LAST_OCTAVE + 1);

/* The bucket of a duration; QUANTILES_BUCKETS from end_us on. */
static size_t index_of(int64_t duration_ns)
{
    int64_t us = duration_ns / NS_PER_US;
    if (us < 0)
        return 0;
    if (us >= end_us)
        return QUANTILES_BUCKETS;
    unsigned octave = QUANTILES_FIRST_OCTAVE;
    while (us >> (octave + 1) != 0)
        octave++;
    unsigned shift = octave - QUANTILES_FIRST_OCTAVE;
    return (size_t)(us >> shift) + (size_t)QUANTILES_FINE * shift;
}

/* By how many bits the microseconds of a bucket were shifted. */
static unsigned shift_of(size_t index)
{
    return index < QUANTILES_FINE ? 0 : (unsigned)(index / QUANTILES_FINE - 1);
}

static int64_t width_of(size_t index)
{
    return NS_PER_US << shift_of(index);
}

static int64_t lower_of(size_t index)
{
    unsigned shift = shift_of(index);
    return (int64_t)(index - (size_t)QUANTILES_FINE * shift) * width_of(index);
}

/* The last one takes what lies behind it. */
static size_t bucket_of(int64_t duration_ns)
{
    size_t index = index_of(duration_ns);
    return index < QUANTILES_BUCKETS ? index : QUANTILES_BUCKETS - 1;
}

void quantiles_add(struct quantiles *quantiles, int64_t duration_ns)
{
    uint32_t *count = &quantiles->counts[bucket_of(duration_ns)];
    if (*count == UINT32_MAX)
        return;
    ++*count;
    quantiles->total++;
}

/* By nearest rank, from 1. */
static uint64_t rank_of(uint64_t total, double percent)
{
    double exact = percent * (double)total / 100;
    uint64_t rank = (uint64_t)exact;
    if ((double)rank < exact)
        rank++;
    return rank;
}

int64_t quantiles_quantile(const struct quantiles *quantiles, double percent)
{
    assert(percent > 0 && percent <= 100);
    if (quantiles->total == 0)
        return -1;
    uint64_t rank = rank_of(quantiles->total, percent);
    uint64_t seen = 0;
    size_t index = 0;
    while ((seen += quantiles->counts[index]) < rank)
        index++;
    return lower_of(index) + width_of(index) / 2;
}

uint64_t quantiles_count(const struct quantiles *quantiles, int64_t from_ns, int64_t to_ns)
{
    uint64_t count = 0;
    size_t end = index_of(to_ns);
    for (size_t i = index_of(from_ns); i < end; i++)
        count += quantiles->counts[i];
    return count;
}

int64_t quantiles_width(int64_t duration_ns)
{
    return width_of(bucket_of(duration_ns));
}
