#include "netcheck/target/feed.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/base/grow.h"

enum { TARGETS_MAX = 1024 }; /* read in one call without a row of ours */

/* Far beyond use, and a sum of two of them still fits. */
static const uint64_t shuffle_max = UINT64_C(1) << 62;

/* Of `total` rows of the input, how many are this shard's. */
static uint64_t shard_total(const struct feed *feed, uint64_t total)
{
    uint64_t shards = feed->options.shards;
    return total / shards + (feed->options.shard < total % shards ? 1 : 0);
}

void feed_init(struct feed *feed, struct source *source, const struct feed_options *options)
{
    memset(feed, 0, sizeof *feed);
    feed->source = source;
    feed->options = *options;
    feed->skip = options->shard;
    uint64_t total = source_total(source);
    feed->total = total == UINT64_MAX ? UINT64_MAX : shard_total(feed, total);
}

void feed_release(struct feed *feed)
{
    expand_release(&feed->expand);
    for (size_t i = 0; i < feed->part_count; i++)
        target_drop(feed->parts[i].target);
    free(feed->parts);
    memset(feed, 0, sizeof *feed);
}

static enum error next_in_order(struct feed *feed, struct endpoint *endpoint)
{
    for (int targets = 0; targets <= TARGETS_MAX; targets++) {
        feed->skip = expand_skip(&feed->expand, feed->skip);
        if (feed->skip == 0 && expand_next(&feed->expand, endpoint)) {
            feed->skip = feed->options.shards - 1;
            return ERROR_NONE;
        }
        struct target *target = NULL;
        enum error error = source_next(feed->source, &target);
        if (error != ERROR_NONE)
            return error;
        feed->has_targets = true;
        expand_begin(&feed->expand, target);
    }
    return ERROR_PAUSE; /* what is in flight has deadlines */
}

static uint64_t whole_total(const struct feed *feed)
{
    return feed->part_count > 0 ? feed->parts[feed->part_count - 1].end : 0;
}

static enum error keep(struct feed *feed, struct target *target)
{
    uint64_t rows = expand_total(target);
    uint64_t total = whole_total(feed);
    if (rows > shuffle_max - total)
        return ERROR_RANGE;
    if (GROW(feed->parts, feed->part_capacity, feed->part_count + 1) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    feed->parts[feed->part_count++] = (struct feed_part){target, total + rows};
    return ERROR_NONE;
}

static void finish_whole(struct feed *feed)
{
    feed->total = shard_total(feed, whole_total(feed));
    feed->is_whole = true;
    feed->has_targets = feed->part_count > 0;
    if (feed->total > 0)
        permute_init(&feed->permute, feed->total, feed->options.seed);
}

static enum error read_whole(struct feed *feed)
{
    for (int targets = 0; targets < TARGETS_MAX; targets++) {
        struct target *target = NULL;
        enum error error = source_next(feed->source, &target);
        if (error == ERROR_END) {
            finish_whole(feed);
            return ERROR_NONE;
        }
        if (error == ERROR_NONE && (error = keep(feed, target)) != ERROR_NONE)
            target_drop(target);
        if (error != ERROR_NONE)
            return error;
    }
    return ERROR_PAUSE;
}

/* The part that holds row `index` of the input. */
static size_t find_part(const struct feed *feed, uint64_t index)
{
    size_t low = 0;
    size_t high = feed->part_count - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index < feed->parts[middle].end)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static enum error next_shuffled(struct feed *feed, struct endpoint *endpoint)
{
    enum error error = feed->is_whole ? ERROR_NONE : read_whole(feed);
    if (error != ERROR_NONE)
        return error;
    if (feed->place == feed->total)
        return ERROR_END;
    uint64_t own = permute_at(&feed->permute, feed->place++);
    uint64_t index = own * feed->options.shards + feed->options.shard;
    size_t part = find_part(feed, index);
    uint64_t begin = part > 0 ? feed->parts[part - 1].end : 0;
    expand_at(feed->parts[part].target, index - begin, endpoint);
    return ERROR_NONE;
}

enum error feed_next(struct feed *feed, struct endpoint *endpoint)
{
    return feed->options.is_shuffled ? next_shuffled(feed, endpoint)
                                     : next_in_order(feed, endpoint);
}
