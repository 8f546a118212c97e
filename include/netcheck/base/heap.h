/*
 * heap: deadlines, the earliest first. Binary, with nodes that live inside other structs.
 *
 * Invariants: no node is earlier than its parent (nodes[(i - 1) / 2]); nodes[i]->slot == i + 1.
 */
#ifndef NETCHECK_HEAP_H
#define NETCHECK_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/error.h"

struct heap_node {
    int64_t at_ns;
    size_t slot; /* place in the heap, from 1; 0: in no heap */
};

struct heap {
    struct heap_node **nodes; /* the array is owned, the nodes are not */
    size_t count;
    size_t capacity;
};

void heap_init(struct heap *heap);
void heap_release(struct heap *heap);

/* Make room for `capacity` nodes, so that heap_set() cannot fail. NONE or NO_MEMORY. */
enum error heap_reserve(struct heap *heap, size_t capacity);

/* Put the node in, or move it, to `at_ns`. There must be room. */
void heap_set(struct heap *heap, struct heap_node *node, int64_t at_ns);

/* Take the node out, if it is in. */
void heap_remove(struct heap *heap, struct heap_node *node);

/* The earliest node, or NULL. */
struct heap_node *heap_first(const struct heap *heap);

#endif
