/*
 * queues: where each check is, and its timer. Private to the engine.
 */
#include "engine.h"

#include <stdlib.h>

#include "netcheck/base/base.h"

enum { IDLE_MAX = 1024 }; /* checks kept for reuse */

static struct check *check_of_link(struct list *link)
{
    return CONTAINER_OF(link, struct check, link);
}

static struct check *check_of_timer(struct heap_node *timer)
{
    return CONTAINER_OF(timer, struct check, timer);
}

/* Take the check out of its queue. */
static void leave(struct probe *probe, struct check *check)
{
    list_remove(&check->link);
    probe->counts[check->queue]--;
}

void queue_move(struct probe *probe, struct check *check, enum queue queue)
{
    if (!list_is_empty(&check->link))
        leave(probe, check);
    if (queue != QUEUE_ASLEEP && queue != QUEUE_RUNNABLE)
        heap_remove(&probe->timers, &check->timer);
    list_append(&probe->queues[queue], &check->link);
    probe->counts[queue]++;
    check->queue = queue;
}

struct check *queue_first(const struct probe *probe, enum queue queue)
{
    const struct list *list = &probe->queues[queue];
    return list_is_empty(list) ? NULL : check_of_link(list->next);
}

void queue_move_first(struct probe *probe, struct check *check, enum queue queue)
{
    struct list *list = &probe->queues[queue];
    queue_move(probe, check, queue);
    list_remove(&check->link);
    list_append(list->next, &check->link);
}

void queue_wake(struct probe *probe, struct check *check)
{
    if (check->queue != QUEUE_RUNNABLE)
        queue_move(probe, check, QUEUE_RUNNABLE);
}

void queue_sleep(struct probe *probe, struct check *check, int64_t at_ns)
{
    queue_move(probe, check, QUEUE_ASLEEP);
    heap_set(&probe->timers, &check->timer, at_ns);
}

struct check *queue_take_due(struct probe *probe, int64_t now_ns)
{
    struct heap_node *first = heap_first(&probe->timers);
    if (first == NULL || first->at_ns > now_ns)
        return NULL;
    heap_remove(&probe->timers, first);
    return check_of_timer(first);
}

void queue_free_idle(struct probe *probe)
{
    struct list *idle = &probe->queues[QUEUE_IDLE];
    for (struct list *link = idle->next; link != idle;) {
        struct check *check = check_of_link(link);
        link = link->next;
        free(check);
    }
    list_init(idle);
    probe->counts[QUEUE_IDLE] = 0;
}

struct check *queue_new_check(struct probe *probe, uint64_t sequence,
                              const struct endpoint *endpoint, enum purpose purpose)
{
    struct check *check = queue_first(probe, QUEUE_IDLE);
    if (check != NULL)
        leave(probe, check);
    else
        check = malloc(sizeof *check);
    if (check != NULL)
        check_init(check, sequence, endpoint, purpose);
    return check;
}

void queue_recycle(struct probe *probe, struct check *check)
{
    check_release(check);
    queue_move(probe, check, QUEUE_IDLE);
    if (probe->counts[QUEUE_IDLE] <= IDLE_MAX)
        return;
    leave(probe, check);
    free(check);
}

/* Checks that failed in an outage of any kind. */
static size_t count_outages(const struct probe *probe)
{
    size_t count = 0;
    for (size_t kind = 0; kind < OUTAGE_KINDS; kind++)
        count += probe->counts[QUEUE_OUTAGE + kind];
    return count;
}

size_t queue_under_way(const struct probe *probe)
{
    return probe->counts[QUEUE_RUNNABLE] + probe->counts[QUEUE_ASLEEP] -
           probe->congestion.canary.round.pending;
}

size_t queue_in_flight(const struct probe *probe)
{
    const size_t *counts = probe->counts;
    return queue_under_way(probe) + counts[QUEUE_SHORT] + counts[QUEUE_RESOLVER] +
           counts[QUEUE_UNDECIDED] + counts[QUEUE_RECHECK] + count_outages(probe);
}

struct load queue_load(const struct probe *probe, int64_t now_ns)
{
    const size_t *counts = probe->counts;
    const struct heap_node *first = heap_first(&probe->timers);
    const struct check *recheck = queue_first(probe, QUEUE_RECHECK);
    size_t under_way = queue_under_way(probe);
    return (struct load){
        .now_ns = now_ns,
        .deadline_ns = first != NULL ? first->at_ns : NEVER_NS,
        .rate_ns = token_bucket_due_ns(&probe->rate),
        .recheck_ns = recheck != NULL ? recheck->silent_ns : NEVER_NS,
        .submitted = probe->submitted,
        .under_way = under_way,
        .occupied =
            under_way + counts[QUEUE_SHORT] + counts[QUEUE_RESOLVER] + counts[QUEUE_DONE],
        .undecided = counts[QUEUE_UNDECIDED],
        .rechecks = counts[QUEUE_RECHECK],
        .outages = count_outages(probe),
        .is_short = counts[QUEUE_SHORT] > 0,
    };
}
