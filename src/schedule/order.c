#include "netcheck/schedule/order.h"

#include <assert.h>
#include <stdlib.h>

/* A row and those of the same sequence behind it. */
struct node {
    struct result result;
    struct node *next;
};

struct slot {
    struct node *first;
    struct node *last;
};

struct order {
    size_t capacity;
    size_t bytes_max;
    size_t bytes;   /* held beyond one row a sequence: see weigh() */
    uint64_t first; /* the sequence that is handed out next */
    uint64_t end;   /* no row at or above it was ever put in: the slots behind are untouched */
    struct node *idle;
    struct slot slots[];
};

static struct node *take_node(struct order *order)
{
    struct node *node = order->idle;
    if (node == NULL)
        return malloc(sizeof *node);
    order->idle = node->next;
    return node;
}

static struct slot *slot_of(struct order *order, uint64_t sequence)
{
    return &order->slots[sequence % order->capacity];
}

/*
 * The bytes of a row beyond the one plain row a sequence that `capacity` accounts for: the line
 * of an invalid target, which no other row shares, and the row itself where it is not the first
 * of its sequence.
 */
static size_t weigh(const struct result *result)
{
    const struct target *target = result->endpoint.target;
    size_t bytes = target->kind == TARGET_INVALID ? target->host_len : 0;
    return result->row > 0 ? bytes + sizeof(struct node) : bytes;
}

enum error order_new(size_t capacity, size_t bytes_max, struct order **order)
{
    assert(capacity > 0);
    struct order *created = calloc(1, sizeof *created + capacity * sizeof created->slots[0]);
    if (created == NULL)
        return ERROR_NO_MEMORY;
    created->capacity = capacity;
    created->bytes_max = bytes_max;
    *order = created;
    return ERROR_NONE;
}

static void free_nodes(struct node *node)
{
    while (node != NULL) {
        struct node *next = node->next;
        free(node);
        node = next;
    }
}

void order_free(struct order *order)
{
    if (order == NULL)
        return;
    for (uint64_t sequence = order->first; sequence < order->end; sequence++) {
        struct slot *slot = slot_of(order, sequence);
        for (struct node *node = slot->first; node != NULL; node = node->next)
            result_release(&node->result);
        free_nodes(slot->first);
    }
    free_nodes(order->idle);
    free(order);
}

bool order_has_room(const struct order *order, uint64_t sequence)
{
    uint64_t place = sequence - order->first;
    return place < order->capacity && (place == 0 || order->bytes < order->bytes_max);
}

enum error order_put(struct order *order, struct result *result)
{
    assert(result->sequence - order->first < order->capacity);
    struct node *node = take_node(order);
    if (node == NULL) {
        result_release(result);
        return ERROR_NO_MEMORY;
    }
    order->bytes += weigh(result);
    node->result = *result;
    node->next = NULL;
    struct slot *slot = slot_of(order, result->sequence);
    if (slot->last != NULL)
        slot->last->next = node;
    else
        slot->first = node;
    slot->last = node;
    if (result->sequence >= order->end)
        order->end = result->sequence + 1;
    return ERROR_NONE;
}

bool order_skip(struct order *order)
{
    while (order->first < order->end && slot_of(order, order->first)->first == NULL)
        order->first++;
    return order->first < order->end;
}

bool order_has_next(struct order *order)
{
    return slot_of(order, order->first)->first != NULL;
}

bool order_take(struct order *order, struct result *result)
{
    struct slot *slot = slot_of(order, order->first);
    struct node *node = slot->first;
    if (node == NULL)
        return false;
    order->bytes -= weigh(&node->result);
    *result = node->result;
    slot->first = node->next;
    if (slot->first == NULL)
        slot->last = NULL;
    if (result->row + 1 == result->rows)
        order->first++;
    node->next = order->idle;
    order->idle = node;
    return true;
}
