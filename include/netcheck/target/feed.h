/*
 * feed: the rows to ask, one at a time: spelled out, dealt out to shards, shuffled.
 *
 * Every row has an index in the input, in the order in which it is written. Shard K of N takes
 * the indexes K-1, K-1+N, K-1+2N ...: the shards are disjoint, together they are the whole, and
 * the same input gives the same shards. A shuffle is of the shard's own rows, so that shards
 * need not agree on a seed.
 *
 * In order nothing is kept. A shuffle reads every file to its end before the first row and
 * keeps its lines, parsed; their rows are not spelled out there either.
 */
#ifndef NETCHECK_FEED_H
#define NETCHECK_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/target/expand.h"
#include "netcheck/base/permute.h"
#include "netcheck/target/source.h"

struct feed_options {
    uint64_t shard;  /* from 0, below `shards` */
    uint64_t shards; /* 1: all rows */
    bool is_shuffled;
    uint64_t seed;
};

/* A target and where its rows end in the input. */
struct feed_part {
    struct target *target;
    uint64_t end;
};

struct feed {
    struct source *source; /* borrowed */
    struct feed_options options;
    struct expand expand; /* in order: the target that is being spelled out */
    uint64_t skip;        /* in order: rows of others before the next one of ours */
    bool has_targets;     /* the source had any, of whichever shard */
    uint64_t total;       /* this shard's rows; UINT64_MAX while files make it unknown */

    struct feed_part *parts; /* shuffled: the whole input */
    size_t part_count;
    size_t part_capacity;
    bool is_whole;          /* and all of it was read */
    struct permute permute; /* of this shard's rows */
    uint64_t place;         /* the next one */
};

/* source  borrowed until feed_release(); its operands and files are known by now */
void feed_init(struct feed *feed, struct source *source, const struct feed_options *options);

void feed_release(struct feed *feed);

/*
 * The next row; its target is borrowed until the next call.
 *
 * Returns as source_next(), and ERROR_RANGE for more than 2^62 rows to be shuffled. After
 * ERROR_SYSTEM and source_skip() it goes on.
 */
enum error feed_next(struct feed *feed, struct endpoint *endpoint);

#endif
