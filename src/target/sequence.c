#include "netcheck/target/sequence.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/base/grow.h"

enum { TARGETS_MAX = 1024 }; /* read, or passed over, in one call without a row to be asked */

/* Far beyond use, and a sum of two of them still fits. */
static const uint64_t shuffle_max = UINT64_C(1) << 62;

/* Of `total` rows of the input, how many are this shard's. */
static uint64_t shard_total(const struct sequence *sequence, uint64_t total)
{
    uint64_t shards = sequence->options.shards;
    return total / shards + (sequence->options.shard < total % shards ? 1 : 0);
}

void sequence_init(struct sequence *sequence, struct source *source,
                   const struct sequence_options *options)
{
    memset(sequence, 0, sizeof *sequence);
    sequence->source = source;
    sequence->options = *options;
    sequence->skip = options->shard;
    uint64_t total = source_total(source);
    sequence->total = total == UINT64_MAX ? UINT64_MAX : shard_total(sequence, total);
}

void sequence_release(struct sequence *sequence)
{
    endpoints_release(&sequence->endpoints);
    for (size_t i = 0; i < sequence->part_count; i++)
        target_drop(sequence->parts[i].target);
    free(sequence->parts);
    memset(sequence, 0, sizeof *sequence);
}

static void count_excluded(struct sequence *sequence, uint64_t rows)
{
    sequence->excluded += rows;
    if (sequence->total != UINT64_MAX)
        sequence->total -= rows;
}

/* Whether the next row of this shard is excluded: it is passed over, as are those behind it. */
static bool pass_excluded(struct sequence *sequence)
{
    struct endpoints *endpoints = &sequence->endpoints;
    const struct sequence_options *options = &sequence->options;
    if (options->exclusion == NULL || endpoints->target == NULL ||
        endpoints->next == endpoints_total(endpoints->target))
        return false;
    uint64_t rows = exclusion_rows(options->exclusion, endpoints->target, endpoints->next);
    if (rows == 0)
        return false;
    /* No overflow: with more than one of our own there are fewer shards than `rows`. */
    uint64_t own = 1 + (rows - 1) / options->shards;
    count_excluded(sequence, own);
    sequence->skip = own * options->shards;
    return true;
}

static enum error next_in_order(struct sequence *sequence, struct endpoint *endpoint)
{
    for (int targets = 0; targets <= TARGETS_MAX; targets++) {
        sequence->skip = endpoints_skip(&sequence->endpoints, sequence->skip);
        if (sequence->skip == 0 && pass_excluded(sequence))
            continue;
        if (sequence->skip == 0 && endpoints_next(&sequence->endpoints, endpoint)) {
            sequence->skip = sequence->options.shards - 1;
            return ERROR_NONE;
        }
        struct target *target = NULL;
        enum error error = source_next(sequence->source, &target);
        if (error != ERROR_NONE)
            return error;
        sequence->has_targets = true;
        endpoints_begin(&sequence->endpoints, target);
    }
    return ERROR_PAUSE; /* the deadlines of what is in flight must be kept */
}

static uint64_t whole_total(const struct sequence *sequence)
{
    return sequence->part_count > 0 ? sequence->parts[sequence->part_count - 1].end : 0;
}

static enum error keep(struct sequence *sequence, struct target *target)
{
    uint64_t rows = endpoints_total(target);
    uint64_t total = whole_total(sequence);
    if (rows > shuffle_max - total)
        return ERROR_RANGE;
    if (GROW(sequence->parts, sequence->part_capacity, sequence->part_count + 1) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    sequence->parts[sequence->part_count++] = (struct sequence_part){target, total + rows};
    return ERROR_NONE;
}

static void finish_whole(struct sequence *sequence)
{
    sequence->total = shard_total(sequence, whole_total(sequence));
    sequence->is_whole = true;
    sequence->has_targets = sequence->part_count > 0;
    if (sequence->total > 0)
        permute_init(&sequence->permute, sequence->total, sequence->options.seed);
}

static enum error read_whole(struct sequence *sequence)
{
    for (int targets = 0; targets < TARGETS_MAX; targets++) {
        struct target *target = NULL;
        enum error error = source_next(sequence->source, &target);
        if (error == ERROR_END) {
            finish_whole(sequence);
            return ERROR_NONE;
        }
        if (error == ERROR_NONE && (error = keep(sequence, target)) != ERROR_NONE)
            target_drop(target);
        if (error != ERROR_NONE)
            return error;
    }
    return ERROR_PAUSE;
}

/* The part that holds row `index` of the input. */
static size_t find_part(const struct sequence *sequence, uint64_t index)
{
    size_t low = 0;
    size_t high = sequence->part_count - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index < sequence->parts[middle].end)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The row at the next place. False: it is excluded. */
static bool take_shuffled(struct sequence *sequence, struct endpoint *endpoint)
{
    const struct exclusion *exclusion = sequence->options.exclusion;
    uint64_t own = permute_at(&sequence->permute, sequence->place++);
    uint64_t index = own * sequence->options.shards + sequence->options.shard;
    size_t part = find_part(sequence, index);
    uint64_t begin = part > 0 ? sequence->parts[part - 1].end : 0;
    struct target *target = sequence->parts[part].target;
    if (exclusion != NULL && exclusion_rows(exclusion, target, index - begin) > 0)
        return false;
    endpoints_at(target, index - begin, endpoint);
    return true;
}

static enum error next_shuffled(struct sequence *sequence, struct endpoint *endpoint)
{
    enum error error = sequence->is_whole ? ERROR_NONE : read_whole(sequence);
    if (error != ERROR_NONE)
        return error;
    for (int rows = 0; rows < TARGETS_MAX; rows++) {
        if (sequence->place == sequence->total + sequence->excluded)
            return ERROR_END;
        if (take_shuffled(sequence, endpoint))
            return ERROR_NONE;
        count_excluded(sequence, 1);
    }
    return ERROR_PAUSE;
}

enum error sequence_next(struct sequence *sequence, struct endpoint *endpoint)
{
    enum error error = sequence->options.is_shuffled ? next_shuffled(sequence, endpoint)
                                                     : next_in_order(sequence, endpoint);
    sequence->has_rows |= error == ERROR_NONE;
    return error;
}
