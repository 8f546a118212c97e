#include "netcheck/base/heap.h"

#include <assert.h>
#include <stdlib.h>

#include "netcheck/base/grow.h"

static void place(struct heap *heap, struct heap_node *node, size_t index)
{
    heap->nodes[index] = node;
    node->slot = index + 1;
}

static void move_up(struct heap *heap, struct heap_node *node, size_t index)
{
    while (index > 0) {
        size_t parent = (index - 1) / 2;
        if (heap->nodes[parent]->at_ns <= node->at_ns)
            break;
        place(heap, heap->nodes[parent], index);
        index = parent;
    }
    place(heap, node, index);
}

static void move_down(struct heap *heap, struct heap_node *node, size_t index)
{
    for (;;) {
        size_t child = 2 * index + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count &&
            heap->nodes[child + 1]->at_ns < heap->nodes[child]->at_ns)
            child++;
        if (heap->nodes[child]->at_ns >= node->at_ns)
            break;
        place(heap, heap->nodes[child], index);
        index = child;
    }
    place(heap, node, index);
}

void heap_init(struct heap *heap)
{
    *heap = (struct heap){NULL, 0, 0};
}

void heap_release(struct heap *heap)
{
    free(heap->nodes);
    heap_init(heap);
}

enum error heap_reserve(struct heap *heap, size_t capacity)
{
    return GROW(heap->nodes, heap->capacity, capacity);
}

void heap_set(struct heap *heap, struct heap_node *node, int64_t at_ns)
{
    if (node->slot == 0) {
        assert(heap->count < heap->capacity);
        node->at_ns = at_ns;
        move_up(heap, node, heap->count++);
        return;
    }
    int64_t old_ns = node->at_ns;
    node->at_ns = at_ns;
    if (at_ns < old_ns)
        move_up(heap, node, node->slot - 1);
    else
        move_down(heap, node, node->slot - 1);
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
    if (node->slot == 0)
        return;
    size_t index = node->slot - 1;
    node->slot = 0;
    struct heap_node *last = heap->nodes[--heap->count];
    if (last == node)
        return;
    /* The last node may belong above or below the hole. */
    move_up(heap, last, index);
    move_down(heap, last, last->slot - 1);
}

struct heap_node *heap_first(const struct heap *heap)
{
    return heap->count > 0 ? heap->nodes[0] : NULL;
}
