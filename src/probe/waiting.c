/*
 * waiting: checks that cannot go on now, and when those may that wait for this machine.
 *
 * Put back: it was short of something. Blocked: no resolver thread is free. The others wait for
 * a recheck: recheck.c; or for the end of an outage: recall.c.
 */
#include "engine.h"

#include "netcheck/base/base.h"

static struct check *check_of_link(struct list *link)
{
    return CONTAINER_OF(link, struct check, link);
}

static struct list *list_of(struct probe *probe, const struct check *check)
{
    switch (check->wait) {
    case WAIT_THREAD:
        return &probe->blocked;
    case WAIT_UNDECIDED:
        return &probe->undecided;
    case WAIT_RECHECK:
        return &probe->rechecks;
    case WAIT_OUTAGE:
        return &probe->recall.failed[check->outage];
    case WAIT_NONE:
    case WAIT_SUPPLY:
    case WAIT_COUNT:
        break;
    }
    return &probe->short_of;
}

void waiting_add(struct probe *probe, struct check *check, enum check_wait wait)
{
    check->wait = wait;
    heap_remove(&probe->timers, &check->timer);
    list_remove(&check->link);
    list_append(list_of(probe, check), &check->link);
    probe->waits[wait]++;
}

void waiting_end(struct probe *probe, struct check *check)
{
    probe->waits[check->wait]--;
    check->wait = WAIT_NONE;
    list_remove(&check->link);
}

void waiting_put_back(struct probe *probe, struct check *check, int64_t now_ns)
{
    waiting_add(probe, check, WAIT_SUPPLY);
    size_t others = probe_under_way(probe);
    starvation_note(&check->starvation, others, now_ns);
    window_shrink(&probe->window, others);
}

bool waiting_has_hope(const struct probe *probe)
{
    bool is_idle = probe_under_way(probe) == 0;
    return !list_is_empty(&probe->short_of) && (probe->has_freed || is_idle);
}

static bool is_starved(const struct probe *probe, const struct check *check)
{
    const struct starvation_rest rest = {
        .open_count = probe->open_count,
        .progress_ns = probe->progress_ns,
        .timeout_ns = probe->options.timeout_ns,
    };
    return starvation_is_final(&check->starvation, &rest);
}

/* Restart the checks that were put back. Those that can never succeed end as `local`. */
static void resume_short(struct probe *probe, int64_t now_ns)
{
    while (!list_is_empty(&probe->short_of)) {
        bool is_alone = probe_under_way(probe) == 0;
        if (!probe->has_freed && !is_alone)
            return;
        struct check *check = check_of_link(probe->short_of.next);
        if (is_starved(probe, check)) {
            struct outcome outcome = check->give_up;
            check_give_up(probe, check, &outcome, now_ns);
            continue;
        }
        waiting_end(probe, check);
        check_begin(probe, check, now_ns);
        if (check->wait == WAIT_SUPPLY)
            probe->has_freed = false;
    }
    probe->has_freed = false;
}

int64_t waiting_due_ns(const struct probe *probe)
{
    if (list_is_empty(&probe->blocked))
        return NEVER_NS;
    int64_t until_ns = probe->options.until_ns;
    return probe->threads.try_ns < until_ns ? probe->threads.try_ns : until_ns;
}

/* Try the first check that has no thread. False where there is none for it. */
static bool begin_blocked(struct probe *probe, int64_t now_ns)
{
    struct check *check = check_of_link(probe->blocked.next);
    waiting_end(probe, check);
    check_begin(probe, check, now_ns);
    if (check->wait != WAIT_THREAD) {
        thread_wait_note_begun(&probe->threads);
        return true;
    }
    /* It keeps its place in the line. */
    list_remove(&check->link);
    list_append(probe->blocked.next, &check->link);
    thread_wait_note_failed(&probe->threads, now_ns);
    return false;
}

/* Why checks without a thread will never get one; REMARK_NONE: they may. */
static enum remark judge_blocked(struct probe *probe, int64_t now_ns)
{
    if (now_ns >= probe->options.until_ns)
        return probe->options.cut_remark != REMARK_NONE ? probe->options.cut_remark
                                                        : REMARK_CUT;
    bool is_lost = thread_wait_is_lost(&probe->threads, probe_under_way(probe) == 0,
                                       probe->options.timeout_ns, now_ns);
    return is_lost ? REMARK_RESOLVER : REMARK_NONE;
}

/*
 * Restart checks that had no resolver thread, one after the other. Where the run is over, or
 * all threads are lost, the rest end as `local`.
 */
static void resume_blocked(struct probe *probe, int64_t now_ns)
{
    bool is_over = now_ns >= probe->options.until_ns;
    while (!list_is_empty(&probe->blocked) && !is_over && now_ns >= probe->threads.try_ns)
        if (!begin_blocked(probe, now_ns))
            break;
    while (!list_is_empty(&probe->blocked)) {
        const struct outcome outcome =
            outcome_of_remark(REASON_LOCAL, judge_blocked(probe, now_ns));
        if (outcome.remark == REMARK_NONE)
            return;
        struct check *check = check_of_link(probe->blocked.next);
        check->is_cut = is_over;
        check_give_up(probe, check, &outcome, now_ns);
    }
}

void waiting_resume(struct probe *probe, int64_t now_ns)
{
    resume_short(probe, now_ns);
    resume_blocked(probe, now_ns);
}
