#include "memory_entry.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/base/grow.h"
#include "memory_runs.h"

enum { SLOTS_LEAST = 64 };

const struct remembered memory_nothing = {.since_s = MEMORY_NEVER,
                                          .told_s = MEMORY_NEVER,
                                          .first_s = MEMORY_NEVER,
                                          .known = STATE_COUNT,
                                          .belief = MEMORY_NO_BELIEF,
                                          .asked_s = MEMORY_NEVER};

/* FNV-1a, 64 bits: Fowler, Noll, Vo. */
static uint64_t hash(const char *key)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (; *key != '\0'; key++)
        sum = (sum ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
    return sum ^ (sum >> 32);
}

/* Where the key is, or where it is to be put. */
static struct memory_entry **find_slot(const struct memory *memory, const char *key)
{
    size_t mask = memory->slot_count - 1;
    size_t i = (size_t)hash(key) & mask;
    while (memory->slots[i] != NULL && strcmp(memory->slots[i]->key, key) != 0)
        i = (i + 1) & mask;
    return &memory->slots[i];
}

/* A table with room for twice as many as there are. */
static enum error build_slots(struct memory *memory, size_t need)
{
    size_t count = SLOTS_LEAST;
    while (count / 4 < need)
        count *= 2;
    struct memory_entry **slots = calloc(count, sizeof(struct memory_entry *));
    if (slots == NULL)
        return ERROR_NO_MEMORY;
    free(memory->slots);
    memory->slots = slots;
    memory->slot_count = count;
    for (size_t i = 0; i < memory->count; i++)
        *find_slot(memory, memory->items[i]->key) = memory->items[i];
    return ERROR_NONE;
}

struct memory_entry *memory_entry_find(const struct memory *memory, const char *key)
{
    return memory->slot_count > 0 ? *find_slot(memory, key) : NULL;
}

struct memory_entry *memory_entry_add(struct memory *memory, const char *key)
{
    size_t len = strlen(key);
    if (memory->count + 1 > memory->slot_count / 2 &&
        build_slots(memory, memory->count + 1) != ERROR_NONE)
        return NULL;
    if (GROW(memory->items, memory->capacity, memory->count + 1) != ERROR_NONE)
        return NULL;
    struct memory_entry *entry = malloc(sizeof *entry + len + 1);
    if (entry == NULL)
        return NULL;
    *entry = (struct memory_entry){.before = memory_nothing,
                                   .now = memory_nothing,
                                   .round = MEMORY_UNSEEN,
                                   .asked_s = MEMORY_NEVER};
    memcpy(entry->key, key, len + 1);
    *find_slot(memory, key) = entry;
    memory->items[memory->count++] = entry;
    return entry;
}

size_t memory_entry_with_prefix(const struct memory *memory, const char *prefix, size_t len)
{
    size_t low = 0;
    size_t high = memory->sorted;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strncmp(memory->items[middle]->key, prefix, len) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum error memory_entry_filter(struct memory *memory,
                               bool (*is_wanted)(const struct memory_entry *entry))
{
    size_t kept = 0;
    size_t sorted = 0;
    for (size_t i = 0; i < memory->count; i++) {
        struct memory_entry *entry = memory->items[i];
        if (!is_wanted(entry)) {
            memory_entry_free(entry);
            continue;
        }
        sorted += i < memory->sorted;
        memory->items[kept++] = entry;
    }
    bool has_all = kept == memory->count;
    memory->count = kept;
    memory->sorted = sorted;
    return has_all ? ERROR_NONE : build_slots(memory, kept);
}

static int compare(const void *a, const void *b)
{
    const struct memory_entry *const *first = a;
    const struct memory_entry *const *second = b;
    return strcmp((*first)->key, (*second)->key);
}

void memory_entry_sort(struct memory *memory)
{
    if (memory->sorted < memory->count)
        qsort(memory->items, memory->count, sizeof(struct memory_entry *), compare);
    memory->sorted = memory->count;
}

void memory_entry_free(struct memory_entry *entry)
{
    memory_runs_free(entry->now.runs);
    free(entry);
}
