/*
 * recheck: moves checks whose silence is not believed, or not yet. congestion.h decides.
 */
#include "engine.h"

#include "netcheck/base/base.h"

static struct check *first_of(struct list *list)
{
    return CONTAINER_OF(list->next, struct check, link);
}

void recheck_start(struct probe *probe)
{
    const struct os *os = probe->os;
    if (probe->congestion.phase == CONGESTION_UNWATCHED && probe->options.has_second_look)
        congestion_start(&probe->congestion, os->now_ns(os->self),
                         os->neighbours_lost(os->self));
}

/* That all silence is believed from here on is told once. */
static void tell_belief(struct probe *probe, const struct check *check)
{
    const struct trace trace = {.kind = TRACE_BELIEVED};
    if (!probe->is_belief_told)
        probe_trace(probe, check, NULL, &trace);
    probe->is_belief_told = true;
}

enum judgement recheck_judge(struct probe *probe, const struct check *check, int64_t now_ns)
{
    const struct silent_check silent = {
        .silence = check_silence(probe, check),
        .rechecks = check->rechecks,
        .began_ns = check->race.begin_ns,
        .ended_ns = now_ns,
    };
    if (probe->congestion.phase == CONGESTION_OVER)
        tell_belief(probe, check);
    return congestion_judge(&probe->congestion, &silent);
}

static void await_recheck(struct probe *probe, struct check *check)
{
    bool has_lost = canary_has_lost_neighbours(&probe->congestion.canary, check->race.begin_ns);
    struct trace trace = {.kind = has_lost ? TRACE_NEIGHBOURS : TRACE_DOUBT};
    probe_trace(probe, check, NULL, &trace);
    check->rechecks++;
    waiting_add(probe, check, WAIT_RECHECK);
}

void recheck_leave(struct probe *probe, struct check *check)
{
    if (check->is_recheck)
        congestion_end_recheck(&probe->congestion);
    check->is_recheck = false;
}

void recheck_park(struct probe *probe, struct check *check, enum judgement judgement,
                  int64_t now_ns)
{
    recheck_leave(probe, check);
    check_stop(probe, check); /* a lookup that still hangs keeps a thread from others */
    check->silent_ns = now_ns;
    probe->has_freed = true;
    if (judgement == JUDGEMENT_UNDECIDED)
        waiting_add(probe, check, WAIT_UNDECIDED);
    else
        await_recheck(probe, check);
}

void recheck_finish(struct probe *probe, struct check *check)
{
    recheck_leave(probe, check);
    if (check->rechecks == 0)
        return;
    bool has_news = check->winner != NO_WINNER || !check_is_silent(check);
    congestion_note_verdict(&probe->congestion, has_news);
}

static void believe(struct probe *probe, struct check *check)
{
    waiting_end(probe, check);
    check_accept(probe, check);
}

/* The undecided checks whose silence is known by now to prove something, or nothing. */
static void resume_undecided(struct probe *probe)
{
    struct congestion *congestion = &probe->congestion;
    while (!list_is_empty(&probe->undecided)) {
        struct check *check = first_of(&probe->undecided);
        enum judgement judgement =
            congestion_judge_path(congestion, check->race.begin_ns, check->silent_ns);
        if (judgement == JUDGEMENT_UNDECIDED)
            return;
        if (judgement == JUDGEMENT_BELIEVE) {
            believe(probe, check);
            continue;
        }
        if (congestion_note_congested(congestion))
            window_halve(&probe->window, congestion->parallel);
        waiting_end(probe, check);
        await_recheck(probe, check);
    }
}

static bool is_recheck_due(const struct probe *probe, int64_t now_ns)
{
    const struct load load = probe_load(probe, now_ns);
    return congestion_recheck_ns(&probe->congestion, &load) <= now_ns;
}

static void begin_rechecks(struct probe *probe, int64_t now_ns)
{
    while (is_recheck_due(probe, now_ns)) {
        struct check *check = first_of(&probe->rechecks);
        waiting_end(probe, check);
        congestion_begin_recheck(&probe->congestion, now_ns);
        token_bucket_take(&probe->rate, now_ns);
        check->is_recheck = check->is_paid = true;
        check_ask_again(probe, check, now_ns);
    }
}

static void update(struct probe *probe, int64_t now_ns)
{
    const struct load load = probe_load(probe, now_ns);
    congestion_update(&probe->congestion, &load);
}

static void accept_all(struct probe *probe, struct list *list)
{
    while (!list_is_empty(list)) {
        struct check *check = first_of(list);
        tell_belief(probe, check);
        believe(probe, check);
    }
}

/* No network makes a run longer than its bound: from now on silence is silence. */
static void stop(struct probe *probe)
{
    congestion_stop(&probe->congestion);
    window_reset(&probe->window);
    accept_all(probe, &probe->undecided);
    accept_all(probe, &probe->rechecks);
}

void recheck_resume(struct probe *probe, int64_t now_ns)
{
    struct congestion *congestion = &probe->congestion;
    if (!congestion_is_watched(congestion))
        return;
    const struct load load = probe_load(probe, now_ns);
    if (congestion_count_held(congestion, &probe->window, &load, probe->stall.returned_ns)) {
        stop(probe);
        return;
    }
    congestion_expire_canaries(congestion, now_ns);
    if (congestion_canaries_ns(congestion, &load) <= now_ns)
        canaries_ask(probe, now_ns);
    resume_undecided(probe);
    update(probe, now_ns);
    begin_rechecks(probe, now_ns);
    update(probe, now_ns);
}
