/*
 * queue: answers on their way back, each with the time at which it arrives.
 *
 * Memory is bounded by QUEUE_MAX_LEN bytes of answers; who finds no room is told so.
 */
#ifndef TESTS_LAB_QUEUE_H
#define TESTS_LAB_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/heap.h"
#include "packet.h"

enum { QUEUE_MAX_LEN = 64 << 20 };

struct answer {
    struct heap_node node; /* its time */
    enum packet_kind kind; /* of the packet that it answers */
    bool is_error;         /* it is an ICMP error */
    bool is_counted;       /* as the answer; not where TCP goes on behind it */
    uint64_t flow;         /* the connection, as gate.h has it */
    int64_t later_ns;      /* so much behind the rule's delay */
    size_t len;
    unsigned char bytes[]; /* the packet */
};

struct queue {
    struct heap heap;
    size_t len; /* bytes that its answers take */
};

/* False without memory. */
bool queue_init(struct queue *queue);
void queue_release(struct queue *queue);

/* Put in a copy of `answer` with these bytes. False where there is no room or no memory. */
bool queue_add(struct queue *queue, const struct answer *answer, const unsigned char *bytes,
               int64_t at_ns);

/* When the next answer is due, or NEVER_NS. */
int64_t queue_next_ns(const struct queue *queue);

/* Take out the next answer that is due at `now_ns`, or NULL. The caller frees it. */
struct answer *queue_take(struct queue *queue, int64_t now_ns);

#endif
