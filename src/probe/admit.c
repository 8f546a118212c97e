#include "engine.h"

#include "netcheck/base/base.h"

enum { SHORT_ALONE_MAX = 2 }; /* failures of a check that has this machine to itself */

/* Until a resolver thread is tried for again, where no lookup came back. */
static const int64_t thread_pause_ns = 50 * NS_PER_MS;

/*
 * So long no lookup may come back before threads count as lost. With silent name servers glibc
 * takes some 10 s for each entry of a search list, which rarely has more than five.
 */
static const int64_t thread_patience_ns = 60 * NS_PER_S;

bool admit_has_hope(const struct probe *probe)
{
    return probe->counts[QUEUE_SHORT] > 0 && (probe->has_freed || queue_under_way(probe) == 0);
}

/*
 * Whether the check will never get what it lacks: it was put back twice although nothing else
 * was under way, or for a whole timeout nothing of ours was open and no check got any further.
 */
static bool is_hopeless(const struct probe *probe, const struct check *check)
{
    int64_t since_ns =
        check->short_since_ns > probe->progress_ns ? check->short_since_ns : probe->progress_ns;
    bool is_stuck = probe->sockets.count == 0 &&
                    check->short_last_ns - since_ns >= probe->options.timeout_ns;
    return check->short_alone >= SHORT_ALONE_MAX || is_stuck;
}

static void give_up(struct probe *probe, struct check *check, const struct outcome *outcome,
                    int64_t now_ns)
{
    check_give_up(check, outcome, now_ns);
    finish_check(probe, check);
}

/* Let the check go on, which may come back at once. */
static void let_try(struct probe *probe, struct check *check)
{
    probe->tried = check;
    probe->tried_from = check->queue;
    queue_move(probe, check, QUEUE_RUNNABLE);
}

/* What became of the check that was let go on last. */
static void note_tried(struct probe *probe, int64_t now_ns)
{
    struct check *check = probe->tried;
    if (check == NULL)
        return;
    bool is_back = check->queue == probe->tried_from;
    probe->tried = NULL;
    if (probe->tried_from == QUEUE_SHORT) {
        probe->has_freed &= !is_back;
    } else if (is_back) {
        queue_move_first(probe, check, QUEUE_RESOLVER); /* it keeps its place in the line */
        probe->blocked_try_ns = now_ns + thread_pause_ns;
    } else {
        probe->blocked_since_ns = NEVER_NS;
    }
}

/* Let the first one begin again that was put back. Those that can never succeed end as `local`.
 */
static bool admit_short(struct probe *probe, int64_t now_ns)
{
    struct check *check;
    while ((check = queue_first(probe, QUEUE_SHORT)) != NULL) {
        if (!probe->has_freed && queue_under_way(probe) > 0)
            return false;
        if (!is_hopeless(probe, check)) {
            let_try(probe, check);
            return true;
        }
        const struct outcome outcome = check->give_up;
        give_up(probe, check, &outcome, now_ns);
    }
    probe->has_freed = false;
    return false;
}

static int64_t thread_limit_ns(const struct probe *probe)
{
    int64_t timeout_ns = probe->options.timeout_ns;
    return timeout_ns > thread_patience_ns ? timeout_ns : thread_patience_ns;
}

int64_t admit_due_ns(const struct probe *probe)
{
    if (probe->counts[QUEUE_RESOLVER] == 0)
        return NEVER_NS;
    int64_t until_ns = probe->options.until_ns;
    return probe->blocked_try_ns < until_ns ? probe->blocked_try_ns : until_ns;
}

/* Why those that have no thread will never get one; REMARK_NONE: they may. */
static enum remark judge_blocked(struct probe *probe, int64_t now_ns)
{
    if (now_ns >= probe->options.until_ns)
        return probe->options.cut_remark != REMARK_NONE ? probe->options.cut_remark
                                                        : REMARK_CUT;
    bool is_idle = queue_under_way(probe) == 0;
    if (!is_idle)
        probe->blocked_since_ns = NEVER_NS;
    else if (probe->blocked_since_ns == NEVER_NS)
        probe->blocked_since_ns = now_ns;
    bool is_lost = is_idle && now_ns - probe->blocked_since_ns >= thread_limit_ns(probe);
    return is_lost ? REMARK_RESOLVER : REMARK_NONE;
}

/*
 * Let the first one look up its name that had no thread. Where the wait is over, or all threads
 * hang for good, those that are left end so.
 */
static bool admit_blocked(struct probe *probe, int64_t now_ns)
{
    struct check *check = queue_first(probe, QUEUE_RESOLVER);
    bool is_over = now_ns >= probe->options.until_ns;
    if (check != NULL && !is_over && now_ns >= probe->blocked_try_ns) {
        let_try(probe, check);
        return true;
    }
    for (; check != NULL; check = queue_first(probe, QUEUE_RESOLVER)) {
        const struct outcome outcome =
            outcome_of_remark(REASON_LOCAL, judge_blocked(probe, now_ns));
        if (outcome.remark == REMARK_NONE)
            break;
        check->is_cut = is_over;
        give_up(probe, check, &outcome, now_ns);
    }
    return false;
}

bool admit(struct probe *probe, int64_t now_ns)
{
    note_tried(probe, now_ns);
    if (admit_short(probe, now_ns) || admit_blocked(probe, now_ns))
        return true;
    look_resume(probe, now_ns);
    recall_resume(probe, now_ns);
    return probe->counts[QUEUE_RUNNABLE] > 0;
}
