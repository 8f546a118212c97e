/*
 * admit: lets checks go on that waited for this machine, for a recheck or for the end of an
 * outage; and the canaries, which enter here. Private to the engine.
 */
#include "engine.h"

#include "netcheck/base/base.h"

/* What this machine lacks */

bool admit_has_hope(const struct probe *probe)
{
    return probe->counts[QUEUE_SHORT] > 0 && (probe->has_freed || queue_under_way(probe) == 0);
}

/* How long a check may keep a descriptor without any progress that others see. */
static int64_t keeping_ns(const struct probe *probe)
{
    int64_t hold_ns = probe->options.ask.hold_ns;
    int64_t timeout_ns = probe->options.timeout_ns;
    return hold_ns < NEVER_NS - timeout_ns ? timeout_ns + hold_ns : NEVER_NS;
}

/* Whether the check will never get what it lacks. */
static bool is_starved(const struct probe *probe, const struct check *check)
{
    const struct starvation_rest rest = {
        .open_count = probe->sockets.count,
        .progress_ns = probe->progress_ns,
        .timeout_ns = keeping_ns(probe),
    };
    return starvation_is_final(&check->starvation, &rest);
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
        thread_wait_note_failed(&probe->threads, now_ns);
    } else {
        thread_wait_note_begun(&probe->threads);
    }
}

/* Restart the first check that was put back. Those that can never succeed end as `local`. */
static bool admit_short(struct probe *probe, int64_t now_ns)
{
    struct check *check;
    while ((check = queue_first(probe, QUEUE_SHORT)) != NULL) {
        if (!probe->has_freed && queue_under_way(probe) > 0)
            return false;
        if (!is_starved(probe, check)) {
            let_try(probe, check);
            return true;
        }
        const struct outcome outcome = check->give_up;
        give_up(probe, check, &outcome, now_ns);
    }
    probe->has_freed = false;
    return false;
}

/* Why checks without a thread will never get one; REMARK_NONE: they may. */
static enum remark judge_blocked(struct probe *probe, int64_t now_ns)
{
    if (now_ns >= probe->options.until_ns)
        return probe->options.cut_remark != REMARK_NONE ? probe->options.cut_remark
                                                        : REMARK_CUT;
    bool is_lost = thread_wait_is_lost(&probe->threads, queue_under_way(probe) == 0,
                                       probe->options.timeout_ns, now_ns);
    return is_lost ? REMARK_RESOLVER : REMARK_NONE;
}

/*
 * Let the first one look up its name that had no thread. Where the run is over, or all threads
 * are lost, those that are left end as `local`.
 */
static bool admit_blocked(struct probe *probe, int64_t now_ns)
{
    struct check *check = queue_first(probe, QUEUE_RESOLVER);
    bool is_over = now_ns >= probe->options.until_ns;
    if (check != NULL && !is_over && now_ns >= probe->threads.try_ns) {
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

/* When a thread is to be tried for; NEVER_NS where nothing waits for one. */
static int64_t thread_due_ns(const struct probe *probe)
{
    int64_t until_ns = probe->options.until_ns;
    if (probe->counts[QUEUE_RESOLVER] == 0)
        return NEVER_NS;
    return probe->threads.try_ns < until_ns ? probe->threads.try_ns : until_ns;
}

/* Silence that is not believed */

void admit_watch(struct probe *probe)
{
    const struct os *os = probe->os;
    if (probe->congestion.phase == CONGESTION_UNWATCHED && probe->options.has_recheck)
        congestion_start(&probe->congestion, os->now_ns(os->self),
                         os->neighbours_lost(os->self));
}

/* No more at a time than --rate allows. */
static size_t count_questions(const struct probe *probe)
{
    uint64_t bucket = rate_bucket(&probe->rate);
    return bucket < CANARY_QUESTIONS ? (size_t)bucket : CANARY_QUESTIONS;
}

static void admit_canary(struct probe *probe, const struct endpoint *endpoint)
{
    const struct trace trace = {.kind = TRACE_CANARY};
    struct check *check = queue_new_check(probe, 0, endpoint, PURPOSE_CANARY);
    if (check == NULL) {
        canary_report(&probe->congestion.canary, CANARY_UNASKED);
        return;
    }
    trace_check(probe, check, &check->endpoint.address, &trace);
    queue_move(probe, check, QUEUE_RUNNABLE);
}

static void admit_canaries(struct probe *probe, int64_t now_ns)
{
    struct endpoint endpoints[CANARY_QUESTIONS];
    int64_t neighbours_lost = probe->os->neighbours_lost(probe->os->self);
    size_t count = canary_begin(&probe->congestion.canary, now_ns, neighbours_lost,
                                count_questions(probe), endpoints);
    for (size_t i = 0; i < count; i++) {
        admit_canary(probe, &endpoints[i]);
        target_drop(endpoints[i].target);
    }
}

/* The undecided checks whose silence is known by now to prove something, or nothing. */
static void decide_undecided(struct probe *probe)
{
    struct congestion *congestion = &probe->congestion;
    struct check *check;
    while ((check = queue_first(probe, QUEUE_UNDECIDED)) != NULL) {
        const struct silent_check silent = {
            .began_ns = check->race.begin_ns,
            .ended_ns = check->silent_ns,
            .transport = protocol_for(probe, check)->transport,
        };
        enum judgement judgement = congestion_judge_path(congestion, &silent);
        if (judgement == JUDGEMENT_UNDECIDED)
            return;
        if (judgement == JUDGEMENT_BELIEVE) {
            finish_silent(probe, check);
            continue;
        }
        if (congestion_note_congested(congestion))
            window_halve(&probe->window, congestion->parallel);
        finish_later(probe, check);
    }
}

/* Ask the check once more, in the next turn. */
static void ask_once_more(struct probe *probe, struct check *check, int64_t now_ns)
{
    token_bucket_take(&probe->rate, now_ns);
    check->is_paid = true;
    check_recheck(check, now_ns);
    queue_sleep(probe, check, now_ns);
}

static bool is_recheck_due(const struct probe *probe, int64_t now_ns)
{
    const struct load load = queue_load(probe, now_ns);
    return congestion_recheck_ns(&probe->congestion, &load) <= now_ns;
}

static void admit_rechecks(struct probe *probe, int64_t now_ns)
{
    while (is_recheck_due(probe, now_ns)) {
        struct check *check = queue_first(probe, QUEUE_RECHECK);
        congestion_begin_recheck(&probe->congestion, now_ns);
        check->is_rechecked = true;
        ask_once_more(probe, check, now_ns);
    }
}

static void update(struct probe *probe, int64_t now_ns)
{
    const struct load load = queue_load(probe, now_ns);
    congestion_update(&probe->congestion, &load);
}

static void believe_all(struct probe *probe, enum queue queue)
{
    struct check *check;
    while ((check = queue_first(probe, queue)) != NULL) {
        finish_tell_belief(probe, check);
        finish_silent(probe, check);
    }
}

/* No network makes a run longer than its bound: from now on silence is silence. */
static void believe_silence(struct probe *probe)
{
    congestion_stop(&probe->congestion);
    window_reset(&probe->window);
    believe_all(probe, QUEUE_UNDECIDED);
    believe_all(probe, QUEUE_RECHECK);
}

static void admit_silent(struct probe *probe, int64_t now_ns)
{
    struct congestion *congestion = &probe->congestion;
    if (!congestion_is_watched(congestion))
        return;
    const struct load load = queue_load(probe, now_ns);
    if (congestion_count_held(congestion, &probe->window, &load, probe->stall.returned_ns)) {
        believe_silence(probe);
        return;
    }
    congestion_expire_canaries(congestion, now_ns);
    if (congestion_canaries_ns(congestion, &load) <= now_ns)
        admit_canaries(probe, now_ns);
    decide_undecided(probe);
    update(probe, now_ns);
    admit_rechecks(probe, now_ns);
    update(probe, now_ns);
}

/* Outages */

/* When the first check of this kind is to be asked once more. */
static int64_t outage_turn_ns(const struct probe *probe, enum outage_kind kind)
{
    const struct check *first = queue_first(probe, queue_of_outage(kind));
    if (first == NULL)
        return NEVER_NS;
    size_t under_way = queue_under_way(probe);
    const struct outage_rest rest = {
        .under_way = under_way,
        .has_room = under_way < congestion_limit(&probe->congestion, &probe->window),
        .is_last = probe->has_all,
        .submitted_ns = probe->submitted_ns,
        .rate_ns = token_bucket_due_ns(&probe->rate),
    };
    return outage_due_ns(&probe->outage, kind, first->silent_ns, &rest,
                         probe->options.timeout_ns);
}

static void admit_after_outages(struct probe *probe, int64_t now_ns)
{
    for (enum outage_kind kind = OUTAGE_NONE; kind < OUTAGE_KINDS; kind++)
        while (outage_turn_ns(probe, kind) <= now_ns) {
            struct check *check = queue_first(probe, queue_of_outage(kind));
            check->is_recalled = true;
            outage_begin(&probe->outage);
            ask_once_more(probe, check, now_ns);
        }
}

bool admit(struct probe *probe, int64_t now_ns)
{
    note_tried(probe, now_ns);
    if (admit_short(probe, now_ns) || admit_blocked(probe, now_ns))
        return true;
    admit_silent(probe, now_ns);
    admit_after_outages(probe, now_ns);
    return probe->counts[QUEUE_RUNNABLE] > 0;
}

int64_t admit_due_ns(const struct probe *probe, const struct load *load)
{
    int64_t first_ns = congestion_due_ns(&probe->congestion, &probe->window, load);
    int64_t thread_ns = thread_due_ns(probe);
    first_ns = thread_ns < first_ns ? thread_ns : first_ns;
    for (enum outage_kind kind = OUTAGE_NONE; kind < OUTAGE_KINDS; kind++) {
        int64_t at_ns = outage_turn_ns(probe, kind);
        first_ns = at_ns < first_ns ? at_ns : first_ns;
    }
    return first_ns;
}
