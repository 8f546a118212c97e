#include "memory_runs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"

enum {
    RUN_SIZE = 10,                   /* of the largest number */
    REASONS = 32,                    /* that a number has room for */
    TENTHS_FROM = 10,                /* steps below it are 0.01 ms each, ... */
    WHOLES_FROM = TENTHS_FROM + 999, /* ... below this one 0.1 ms, from 0.1 ms on, else 1 ms */
};

_Static_assert((int)REASON_COUNT <= (int)REASONS, "a number has no room for a reason");

struct memory_runs {
    unsigned short len; /* of the bytes */
    unsigned char count;
    unsigned char bytes[];
};

static uint64_t divide(int64_t latency_ns, int64_t unit_ns)
{
    return (uint64_t)(latency_ns / unit_ns + (latency_ns % unit_ns >= unit_ns / 2));
}

/* 0: none; else one more than the step. */
static uint64_t rank_of(int64_t latency_ns)
{
    if (latency_ns < 0)
        return 0;
    if (latency_ns < 95 * NS_PER_US)
        return 1 + divide(latency_ns, 10 * NS_PER_US);
    if (latency_ns < 99950 * NS_PER_US)
        return TENTHS_FROM + divide(latency_ns, 100 * NS_PER_US);
    return WHOLES_FROM - 99 + divide(latency_ns, NS_PER_MS);
}

static int64_t latency_of(uint64_t rank)
{
    int64_t number = (int64_t)rank;
    return number <= TENTHS_FROM   ? (number > 0 ? (number - 1) * 10 * NS_PER_US : -1)
           : number <= WHOLES_FROM ? (number - TENTHS_FROM) * 100 * NS_PER_US
                                   : (number - WHOLES_FROM + 99) * NS_PER_MS;
}

/* Returns how many bytes it has. */
static size_t put(unsigned char *bytes, struct memory_run run)
{
    uint64_t number = rank_of(run.latency_ns) * REASONS + (uint64_t)run.reason;
    size_t len = 0;
    for (; number >= 0x80; number >>= 7)
        bytes[len++] = (unsigned char)(0x80 | (number & 0x7f));
    bytes[len++] = (unsigned char)number;
    return len;
}

/* Returns how many bytes it had. */
static size_t take(const unsigned char *bytes, struct memory_run *run)
{
    uint64_t number = 0;
    size_t len = 0;
    do
        number |= (uint64_t)(bytes[len] & 0x7f) << (7 * len);
    while ((bytes[len++] & 0x80) != 0);
    run->reason = (enum reason)(number % REASONS);
    run->latency_ns = latency_of(number / REASONS);
    return len;
}

/* Where the last number begins: the one before it ends with a byte without the high bit. */
static size_t find_last(const struct memory_runs *runs)
{
    size_t at = runs->len - 1u;
    while (at > 0 && (runs->bytes[at - 1] & 0x80) != 0)
        at--;
    return at;
}

enum error memory_runs_add(struct memory_runs **runs, struct memory_run run, bool is_instead)
{
    unsigned char bytes[RUN_SIZE];
    struct memory_run oldest;
    const struct memory_runs *old = *runs;
    size_t len = put(bytes, run);
    size_t count = old != NULL ? old->count : 0;
    size_t end = count == 0 ? 0 : is_instead ? find_last(old) : old->len;
    count -= is_instead && count > 0;
    size_t begin = count == MEMORY_RUNS ? take(old->bytes, &oldest) : 0;
    struct memory_runs *grown = malloc(sizeof *grown + end - begin + len);
    if (grown == NULL)
        return ERROR_NO_MEMORY;
    grown->len = (unsigned short)(end - begin + len);
    grown->count = (unsigned char)(count + 1 - (count == MEMORY_RUNS));
    if (end > begin)
        memcpy(grown->bytes, old->bytes + begin, end - begin);
    memcpy(grown->bytes + (end - begin), bytes, len);
    free(*runs);
    *runs = grown;
    return ERROR_NONE;
}

struct memory_runs *memory_runs_new(const struct memory_run *items, size_t count)
{
    unsigned char bytes[MEMORY_RUNS * RUN_SIZE];
    size_t len = 0;
    assert(count <= MEMORY_RUNS);
    for (size_t i = 0; i < count; i++)
        len += put(bytes + len, items[i]);
    struct memory_runs *runs = malloc(sizeof *runs + len);
    if (runs == NULL)
        return NULL;
    runs->len = (unsigned short)len;
    runs->count = (unsigned char)count;
    memcpy(runs->bytes, bytes, len);
    return runs;
}

size_t memory_runs_list(const struct memory_runs *runs, struct memory_run items[MEMORY_RUNS])
{
    size_t count = runs != NULL ? runs->count : 0;
    for (size_t i = 0, at = 0; i < count; i++)
        at += take(runs->bytes + at, &items[i]);
    return count;
}

void memory_runs_free(struct memory_runs *runs)
{
    free(runs);
}
