/*
 * sequence: the endpoints of the whole input, one at a time, dealt out to shards and shuffled.
 *
 * Every row has an index in the input, in the order in which it is written. Shard K of N takes
 * the indexes K-1, K-1+N, K-1+2N ...: the shards are disjoint, together they are the whole, and
 * the same input gives the same shards. A shuffle is of the shard's own rows, so that shards
 * need not agree on a seed.
 *
 * What is excluded has its index too, so that the shards stay the same, and is passed over.
 *
 * In order nothing is kept. A shuffle reads every file to its end before the first row and
 * keeps its lines, parsed; their endpoints are not spelled out there either.
 */
#ifndef NETCHECK_SEQUENCE_H
#define NETCHECK_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/target/endpoint.h"
#include "netcheck/base/permute.h"
#include "netcheck/target/exclusion.h"
#include "netcheck/target/source.h"

struct sequence_options {
    uint64_t shard;  /* from 0, below `shards` */
    uint64_t shards; /* 1: all rows */
    bool is_shuffled;
    uint64_t seed;
    const struct exclusion *exclusion; /* borrowed: what is passed over; NULL: nothing */
};

/* A target and where its rows end in the input. */
struct sequence_part {
    struct target *target;
    uint64_t end;
};

struct sequence {
    struct source *source; /* borrowed */
    struct sequence_options options;
    struct endpoints endpoints; /* in order: the target whose endpoints are next */
    uint64_t skip;              /* in order: rows of other shards before the next one of ours */
    bool has_targets;           /* the source had a target, of this shard or another */
    bool has_rows;              /* there was one of this shard to be asked */
    uint64_t total;             /* this shard's rows without those that were found excluded;
                                   UINT64_MAX while files make it unknown */
    uint64_t excluded;          /* this shard's rows that were passed over so far */

    struct sequence_part *parts; /* shuffled: the whole input */
    size_t part_count;
    size_t part_capacity;
    bool is_whole;          /* and all of it was read */
    struct permute permute; /* of this shard's rows */
    uint64_t place;         /* the next one */
};

/* source  borrowed until sequence_release(); its operands and files are known by then */
void sequence_init(struct sequence *sequence, struct source *source,
                   const struct sequence_options *options);

void sequence_release(struct sequence *sequence);

/*
 * The next row; its target is borrowed until the next call.
 *
 * Returns what source_next() does, and ERROR_RANGE for more than 2^62 rows to be shuffled.
 * After ERROR_SYSTEM and source_skip() the sequence goes on.
 */
enum error sequence_next(struct sequence *sequence, struct endpoint *endpoint);

#endif
