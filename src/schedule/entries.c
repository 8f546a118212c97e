#include "netcheck/schedule/entries.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/grow.h"

enum { GATHER_BURST = 1024 }; /* endpoints read between two looks at the clock and at signals */

void entries_init(struct entries *entries, struct sequence *sequence)
{
    memset(entries, 0, sizeof *entries);
    entries->sequence = sequence;
    heap_init(&entries->due);
}

void entries_release(struct entries *entries)
{
    for (size_t i = 0; i < entries->count; i++)
        target_drop(entries->items[i].endpoint.target);
    free(entries->items);
    heap_release(&entries->due);
    entries_init(entries, entries->sequence);
}

enum error entries_add(struct entries *entries, const struct endpoint *endpoint)
{
    if (entries->count == ENTRIES_MAX)
        return ERROR_FULL;
    if (GROW(entries->items, entries->capacity, entries->count + 1) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    struct entry *entry = &entries->items[entries->count];
    memset(entry, 0, sizeof *entry);
    entry->endpoint = *endpoint;
    entry->endpoint.member = entries->count++;
    (void)target_hold(endpoint->target);
    return ERROR_NONE;
}

enum error entries_close(struct entries *entries)
{
    enum error error = heap_reserve(&entries->due, entries->count);
    entries->is_complete = error == ERROR_NONE;
    return error;
}

enum error entries_gather(struct entries *entries)
{
    if (entries->is_complete)
        return ERROR_NONE;
    uint64_t total = entries->sequence->total;
    /* What is excluded is counted as it is passed over. */
    bool is_known = total != UINT64_MAX && entries->sequence->options.exclusion == NULL;
    if (is_known && total > ENTRIES_MAX)
        return ERROR_FULL;
    enum error error = ERROR_NONE;
    for (int i = 0; i < GATHER_BURST && error == ERROR_NONE; i++) {
        struct endpoint endpoint;
        error = sequence_next(entries->sequence, &endpoint);
        if (error == ERROR_NONE)
            error = entries_add(entries, &endpoint);
    }
    if (error == ERROR_NONE)
        return ERROR_PAUSE;
    return error == ERROR_END ? entries_close(entries) : error;
}

void entries_ask_at(struct entries *entries, struct entry *entry, int64_t at_ns)
{
    assert(!entry->is_out);
    heap_set(&entries->due, &entry->timer, at_ns);
}

struct entry *entries_next(const struct entries *entries, int64_t now_ns)
{
    struct heap_node *first = heap_first(&entries->due);
    bool is_due = first != NULL && first->at_ns <= now_ns;
    return is_due ? CONTAINER_OF(first, struct entry, timer) : NULL;
}

void entries_leave(struct entries *entries, struct entry *entry)
{
    if (entry->timer.slot != 0)
        heap_remove(&entries->due, &entry->timer);
}

struct entry *entries_take(struct entries *entries, int64_t now_ns)
{
    struct entry *entry = entries_next(entries, now_ns);
    if (entry == NULL)
        return NULL;
    entries_leave(entries, entry);
    entry->is_out = true;
    entry->asked++;
    entry->asked_ns = now_ns;
    entries->out++;
    return entry;
}

struct entry *entries_answered(struct entries *entries, const struct endpoint *endpoint)
{
    struct entry *entry = &entries->items[endpoint->member];
    assert(endpoint->member < entries->count && entry->is_out);
    entry->is_out = false;
    entries->out--;
    return entry;
}

int64_t entries_due_ns(const struct entries *entries)
{
    const struct heap_node *first = heap_first(&entries->due);
    return first != NULL ? first->at_ns : NEVER_NS;
}

bool entries_are_idle(const struct entries *entries)
{
    return entries->out == 0 && heap_first(&entries->due) == NULL;
}

/* The first entry without a row, from `rest` on; `count` for none. */
static size_t find_rest(const struct entries *entries)
{
    size_t index = entries->rest;
    while (index < entries->count && entries->items[index].has_row)
        index++;
    return index;
}

enum error entries_rest(struct entries *entries, struct endpoint *endpoint)
{
    size_t index = find_rest(entries);
    entries->rest = index < entries->count ? index + 1 : index;
    if (index == entries->count)
        return ERROR_END;
    *endpoint = entries->items[index].endpoint;
    return ERROR_NONE;
}

bool entries_have_rest(const struct entries *entries)
{
    return find_rest(entries) < entries->count;
}
