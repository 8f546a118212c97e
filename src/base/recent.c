#include "netcheck/base/recent.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 1024 };

void recent_init(struct recent *recent, size_t limit, bool has_numbers)
{
    *recent = (struct recent){.limit = limit, .has_numbers = has_numbers};
}

static void release_table(struct recent_table *table)
{
    free(table->hashes);
    free(table->numbers);
    *table = (struct recent_table){NULL, NULL, 0, 0};
}

void recent_release(struct recent *recent)
{
    release_table(&recent->young);
    release_table(&recent->old);
}

/* Where the hash is or belongs; the table has a free place. */
static size_t find_place(const struct recent_table *table, uint64_t hash)
{
    size_t at = (size_t)hash & (table->capacity - 1);
    while (table->hashes[at] != 0 && table->hashes[at] != hash)
        at = (at + 1) & (table->capacity - 1);
    return at;
}

static void set(struct recent_table *table, uint64_t hash, uint32_t number)
{
    size_t at = find_place(table, hash);
    table->used += table->hashes[at] == 0;
    table->hashes[at] = hash;
    if (table->numbers != NULL)
        table->numbers[at] = number;
}

static bool grow(struct recent_table *table, bool has_numbers)
{
    size_t capacity = table->capacity > 0 ? table->capacity * 2 : FIRST_CAPACITY;
    struct recent_table grown = {.capacity = capacity};
    grown.hashes = calloc(capacity, sizeof *grown.hashes);
    grown.numbers = has_numbers ? calloc(capacity, sizeof *grown.numbers) : NULL;
    if (grown.hashes == NULL || (has_numbers && grown.numbers == NULL)) {
        release_table(&grown);
        return false;
    }
    for (size_t i = 0; i < table->capacity; i++)
        if (table->hashes[i] != 0)
            set(&grown, table->hashes[i], has_numbers ? table->numbers[i] : 0);
    release_table(table);
    *table = grown;
    return true;
}

bool recent_put(struct recent *recent, uint64_t hash, uint32_t number)
{
    struct recent_table *young = &recent->young;
    if (young->used == recent->limit) {
        release_table(&recent->old);
        recent->old = *young;
        *young = (struct recent_table){NULL, NULL, 0, 0};
    }
    if (young->used * 2 >= young->capacity && !grow(young, recent->has_numbers))
        return false;
    set(young, hash, number);
    return true;
}

static bool get(const struct recent_table *table, uint64_t hash, uint32_t *number)
{
    if (table->capacity == 0)
        return false;
    size_t at = find_place(table, hash);
    if (table->hashes[at] != hash)
        return false;
    if (number != NULL)
        *number = table->numbers != NULL ? table->numbers[at] : 0;
    return true;
}

bool recent_get(const struct recent *recent, uint64_t hash, uint32_t *number)
{
    return get(&recent->young, hash, number) || get(&recent->old, hash, number);
}
