#include "queue.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"

bool queue_init(struct queue *queue)
{
    queue->len = 0;
    heap_init(&queue->heap);
    /* No answer takes less than its struct; pages that are never used cost nothing. */
    return heap_reserve(&queue->heap, QUEUE_MAX_LEN / sizeof(struct answer)) == ERROR_NONE;
}

void queue_release(struct queue *queue)
{
    for (size_t i = 0; i < queue->heap.count; i++)
        free(CONTAINER_OF(queue->heap.nodes[i], struct answer, node));
    heap_release(&queue->heap);
}

bool queue_add(struct queue *queue, const struct answer *answer, const unsigned char *bytes,
               int64_t at_ns)
{
    size_t size = sizeof *answer + answer->len;
    if (size > QUEUE_MAX_LEN - queue->len)
        return false;
    struct answer *copy = malloc(size);
    if (copy == NULL)
        return false;
    *copy = *answer;
    copy->node.slot = 0;
    memcpy(copy->bytes, bytes, answer->len);
    queue->len += size;
    heap_set(&queue->heap, &copy->node, at_ns);
    return true;
}

int64_t queue_next_ns(const struct queue *queue)
{
    const struct heap_node *first = heap_first(&queue->heap);
    return first != NULL ? first->at_ns : NEVER_NS;
}

struct answer *queue_take(struct queue *queue, int64_t now_ns)
{
    struct heap_node *first = heap_first(&queue->heap);
    if (first == NULL || first->at_ns > now_ns)
        return NULL;
    struct answer *answer = CONTAINER_OF(first, struct answer, node);
    heap_remove(&queue->heap, first);
    queue->len -= sizeof *answer + answer->len;
    return answer;
}
