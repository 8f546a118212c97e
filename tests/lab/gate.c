#include "gate.h"

#include <stdlib.h>

#include "netcheck/base/base.h"

static struct gate_entry *entry_of(struct list *link)
{
    return CONTAINER_OF(link, struct gate_entry, link);
}

/* The pointer that points to the flow's entry, or to the NULL at its chain's end. */
static struct gate_entry **find(struct gate *gate, uint64_t flow)
{
    struct gate_entry **place = &gate->buckets[flow & gate->bucket_mask];
    while (*place != NULL && (*place)->flow != flow)
        place = &(*place)->next;
    return place;
}

static void drop(struct gate *gate, struct gate_entry **place)
{
    struct gate_entry *entry = *place;
    *place = entry->next;
    list_remove(&entry->link);
    list_append(&gate->spare, &entry->link);
    gate->count--;
}

static void expire(struct gate *gate, int64_t now_ns)
{
    while (!list_is_empty(&gate->waiting)) {
        const struct gate_entry *first = entry_of(gate->waiting.next);
        if (first->expires_ns > now_ns)
            break;
        drop(gate, find(gate, first->flow));
    }
}

/* Every entry stays equally long: the last one refreshed is the last to expire. */
static void refresh(struct gate *gate, struct gate_entry *entry, int64_t now_ns)
{
    entry->expires_ns = now_ns + gate->limits.expire_ns;
    list_remove(&entry->link);
    list_append(&gate->waiting, &entry->link);
}

static bool add(struct gate *gate, uint64_t flow, int64_t now_ns)
{
    if (list_is_empty(&gate->spare))
        return false;
    struct gate_entry *entry = entry_of(gate->spare.next);
    struct gate_entry **place = find(gate, flow);
    entry->flow = flow;
    entry->next = *place;
    *place = entry;
    refresh(gate, entry, now_ns);
    gate->count++;
    gate->peak = gate->count > gate->peak ? gate->count : gate->peak;
    return true;
}

/* A bucket of a tenth of a second, at least one SYN, as the time at which it is full again. */
static bool conforms(struct gate *gate, int64_t now_ns)
{
    uint64_t rate = gate->limits.rate_limit;
    if (rate == 0)
        return true;
    int64_t each_ns = NS_PER_S / (int64_t)rate;
    int64_t burst = rate >= 10 ? (int64_t)rate / 10 : 1;
    int64_t due_ns = gate->due_ns > now_ns ? gate->due_ns : now_ns;
    if (due_ns - now_ns > each_ns * (burst - 1))
        return false;
    gate->due_ns = due_ns + each_ns;
    return true;
}

bool gate_init(struct gate *gate, const struct gate_limits *limits)
{
    *gate = (struct gate){.limits = *limits};
    list_init(&gate->waiting);
    list_init(&gate->spare);
    if (limits->table == 0)
        return true;
    uint64_t bucket_count = 1;
    while (bucket_count < limits->table)
        bucket_count *= 2;
    gate->bucket_mask = bucket_count - 1;
    gate->buckets = calloc(bucket_count, sizeof *gate->buckets);
    gate->entries = calloc(limits->table, sizeof *gate->entries);
    if (gate->buckets == NULL || gate->entries == NULL)
        return false;
    for (size_t i = 0; i < limits->table; i++)
        list_append(&gate->spare, &gate->entries[i].link);
    return true;
}

void gate_release(struct gate *gate)
{
    free(gate->entries);
    free(gate->buckets);
    *gate = (struct gate){.entries = NULL};
}

enum gate_verdict gate_enter(struct gate *gate, uint64_t flow, int64_t now_ns)
{
    bool has_table = gate->entries != NULL;
    if (has_table) {
        expire(gate, now_ns);
        struct gate_entry *known = *find(gate, flow);
        if (known != NULL) {
            refresh(gate, known, now_ns);
            return GATE_PASSED;
        }
    }
    if (!conforms(gate, now_ns))
        return GATE_POLICED;
    return !has_table || add(gate, flow, now_ns) ? GATE_PASSED : GATE_TABLE_FULL;
}

void gate_answered(struct gate *gate, uint64_t flow)
{
    if (gate->entries == NULL)
        return;
    struct gate_entry **place = find(gate, flow);
    if (*place != NULL)
        drop(gate, place);
}
