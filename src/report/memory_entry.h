/*
 * memory_entry: one target of a memory, and the hash table of all.
 */
#ifndef NETCHECK_MEMORY_ENTRY_H
#define NETCHECK_MEMORY_ENTRY_H

#include "netcheck/report/memory.h"

#define MEMORY_UNSEEN UINT64_MAX

extern const struct remembered memory_nothing; /* is remembered */

struct memory_entry {
    struct remembered before; /* as it was before the row that counts; its runs are `now`'s */
    struct remembered now;
    uint64_t round;  /* of the row that counts; 0 where each is asked once; MEMORY_UNSEEN */
    int64_t asked_s; /* when this process asked it; MEMORY_NEVER */
    int rank;        /* of the row that counts: the worse, the larger */
    char key[];      /* label, protocol and address, as the columns of its line */
};

/* The entry of this key, which is terminated, or NULL. */
struct memory_entry *memory_entry_find(const struct memory *memory, const char *key);

/* A new one about which nothing is remembered; NULL without memory. */
struct memory_entry *memory_entry_add(struct memory *memory, const char *key);

/* Where among those that are sorted a key that begins with `prefix` is, or would be. */
size_t memory_entry_with_prefix(const struct memory *memory, const char *prefix, size_t len);

/* Keep those that are wanted, and free the others. ERROR_NONE or ERROR_NO_MEMORY. */
enum error memory_entry_filter(struct memory *memory,
                               bool (*is_wanted)(const struct memory_entry *entry));

void memory_entry_sort(struct memory *memory);

void memory_entry_free(struct memory_entry *entry);

#endif
