#include "netcheck/doubt.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/base.h"

enum {
    FIRST_CAPACITY = 1024,
    /* Too many: a tenth of the answers, which a steady loss of 5 % does not reach by chance. */
    LOSSY_SHARE = 10,
    LOSSY_LEAST = 8,
};

/* Over the second between two SYNs, so that answers to both are counted together. */
static const int64_t span_ns = 2 * NS_PER_S;

void doubt_init(struct doubt *doubt)
{
    memset(doubt, 0, sizeof *doubt);
    doubt->lossy_ns = INT64_MIN;
}

void doubt_release(struct doubt *doubt)
{
    free(doubt->young.hashes);
    free(doubt->old.hashes);
    doubt_init(doubt);
}

/* Where the hash is or belongs; the table has a free place. */
static uint64_t *find_place(const struct doubt_table *table, uint64_t hash)
{
    size_t at = (size_t)hash & (table->capacity - 1);
    while (table->hashes[at] != 0 && table->hashes[at] != hash)
        at = (at + 1) & (table->capacity - 1);
    return &table->hashes[at];
}

static bool has_hash(const struct doubt_table *table, uint64_t hash)
{
    return table->capacity > 0 && *find_place(table, hash) == hash;
}

static bool grow(struct doubt_table *table)
{
    size_t capacity = table->capacity > 0 ? table->capacity * 2 : FIRST_CAPACITY;
    struct doubt_table grown = {calloc(capacity, sizeof *grown.hashes), capacity, table->used};
    if (grown.hashes == NULL)
        return false;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->hashes[i] != 0)
            *find_place(&grown, table->hashes[i]) = table->hashes[i];
    free(table->hashes);
    *table = grown;
    return true;
}

static void remember(struct doubt *doubt, uint64_t hash)
{
    struct doubt_table *young = &doubt->young;
    if (young->used == DOUBT_ADDRESSES) {
        free(doubt->old.hashes);
        doubt->old = *young;
        *young = (struct doubt_table){NULL, 0, 0};
    }
    if (young->used * 2 >= young->capacity && !grow(young))
        return; /* what is not remembered is not asked twice */
    uint64_t *place = find_place(young, hash);
    young->used += *place == 0;
    *place = hash;
}

/* A span without answers is none: what was before it stays the one before. */
static void begin_span(struct doubt *doubt, int64_t now_ns)
{
    doubt->span_ns = now_ns;
    doubt->answers[1] = doubt->answers[0];
    doubt->lossy[1] = doubt->lossy[0];
    doubt->answers[0] = doubt->lossy[0] = 0;
}

void doubt_answer(struct doubt *doubt, const struct address *address, int syn_retransmits,
                  int64_t now_ns)
{
    remember(doubt, address_hash(address));
    if (now_ns - doubt->span_ns >= span_ns)
        begin_span(doubt, now_ns);
    doubt->answers[0]++;
    if (syn_retransmits <= 0)
        return;
    doubt->lossy[0]++;
    uint64_t lossy = doubt->lossy[0] + doubt->lossy[1];
    uint64_t answers = doubt->answers[0] + doubt->answers[1];
    if (lossy >= LOSSY_LEAST && lossy * LOSSY_SHARE >= answers)
        doubt->lossy_ns = now_ns;
}

bool doubt_has(const struct doubt *doubt, const struct address *address, int64_t began_ns)
{
    if (doubt->lossy_ns >= began_ns)
        return true;
    uint64_t hash = address_hash(address);
    return has_hash(&doubt->young, hash) || has_hash(&doubt->old, hash);
}
