/*
 * finish: what becomes of checks that have what they got, and what the run learns from them.
 * Private to the engine.
 */
#include "engine.h"

#include "netcheck/base/base.h"

void finish_stop(struct probe *probe, struct check *check)
{
    flow_stop_all(probe, check);
    addresses_leave(probe, check);
}

/* Who may owe a silent candidate its answer. */
static struct rejection find_rejection(const struct probe *probe, const struct check *check,
                                       const struct candidate *candidate)
{
    return rejections_find(&probe->rejections, &candidate->address,
                           protocol_for(probe, check)->transport, check->race.begin_ns);
}

/* Whether nothing of it was heard: a service that accepted and says nothing lost no packet. */
static bool is_unheard(const struct candidate *candidate)
{
    return candidate_is_silent(candidate) && candidate->measures.handshake_ns < 0;
}

/* Whether an ICMP error may be what is missing: none is due where something else came, be it a
   handshake of a SYN proxy or a datagram that is no answer. */
static bool may_be_rejected(const struct candidate *candidate)
{
    return is_unheard(candidate) && !candidate->measures.is_proxied &&
           candidate->measures.replies <= 0;
}

/* Why the silence of its addresses proves little, where that is known. */
static void explain_silence(const struct probe *probe, struct check *check)
{
    for (size_t i = 0; i < check->candidates.count; i++)
        if (may_be_rejected(&check->candidates.items[i]))
            check->candidates.items[i].rejection =
                find_rejection(probe, check, &check->candidates.items[i]);
}

/* Why its name has no answer yet, where that is known. */
static void explain_hang(const struct probe *probe, struct check *check)
{
    const struct resolver *resolver = probe->resolver;
    bool hangs = check->name != NULL && check->race.pending_families != 0;
    if (hangs && check->candidates.count == 0 && resolver->hang_cause != NULL)
        check->hang_cause = resolver->hang_cause(resolver->self);
}

/* The routes and the resolver that it used are there. */
static void note_reached(struct probe *probe, const struct check *check)
{
    struct outage *outage = &probe->outage;
    for (size_t i = 0; i < check->candidates.count; i++) {
        const struct candidate *candidate = &check->candidates.items[i];
        bool is_outside = candidate->is_over && candidate->took_ns >= 0 &&
                          !candidate->outcome.is_own &&
                          !address_is_loopback(&candidate->address);
        if (is_outside)
            outage_end(outage, outage_of_family(address_family(&candidate->address)),
                       candidate->started_ns);
    }
    if (check->name != NULL && check->candidates.count > 0)
        outage_end(outage, OUTAGE_NAMES, check->name->began_ns);
}

static void leave_recheck(struct probe *probe, struct check *check)
{
    if (check->is_rechecked)
        congestion_end_recheck(&probe->congestion);
    check->is_rechecked = false;
}

static enum canary_report report_of(const struct check *check)
{
    const struct candidate *candidate = &check->candidates.items[0];
    bool is_over = check->candidates.count > 0 && candidate->is_over;
    if (!is_over || candidate->outcome.reason == REASON_LOCAL || check->has_lost)
        return CANARY_UNASKED;
    bool is_clean = candidate->took_ns >= 0 && candidate_resent(candidate) <= 0 &&
                    !candidate->outcome.is_own;
    return is_clean ? CANARY_CLEAN : CANARY_LOST;
}

/* What the verdict of a request tells of the run. */
static void note_verdict(struct probe *probe, struct check *check)
{
    leave_recheck(probe, check);
    if (check->rechecks > 0)
        congestion_note_verdict(&probe->congestion,
                                check->winner != NO_WINNER || !check_is_silent(check));
    if (check->is_recalled)
        outage_finish(&probe->outage);
    if (!check->is_given_up)
        probe->progress_ns = check->finished_ns;
    probe->has_freed = true;
    window_grow(&probe->window);
}

void finish_check(struct probe *probe, struct check *check)
{
    explain_silence(probe, check);
    explain_hang(probe, check);
    note_reached(probe, check);
    finish_stop(probe, check);
    if (check->purpose == PURPOSE_CANARY) {
        canary_report(&probe->congestion.canary, report_of(check));
        queue_recycle(probe, check);
        return;
    }
    note_verdict(probe, check);
    queue_move(probe, check, QUEUE_DONE);
}

void finish_silent(struct probe *probe, struct check *check)
{
    check_believe(check, check->silent_ns);
    finish_check(probe, check);
}

void finish_later(struct probe *probe, struct check *check)
{
    bool has_lost = canary_has_lost_neighbours(&probe->congestion.canary, check->race.begin_ns);
    struct trace trace = {.kind = has_lost ? TRACE_NEIGHBOURS : TRACE_RECHECK};
    trace_check(probe, check, NULL, &trace);
    check->rechecks++;
    queue_move(probe, check, QUEUE_RECHECK);
}

void finish_tell_belief(struct probe *probe, const struct check *check)
{
    const struct trace trace = {.kind = TRACE_BELIEVED};
    if (!probe->is_belief_told)
        trace_check(probe, check, NULL, &trace);
    probe->is_belief_told = true;
}

/* What the silence of its addresses is: of the one least to be believed. NONE where it is to be
   believed whatever else is known. */
static enum silence find_silence(const struct probe *probe, const struct check *check)
{
    const struct protocol *protocol = protocol_for(probe, check);
    enum silence silence = SILENCE_NONE;
    if (protocol->is_silence_plain)
        return SILENCE_NONE;
    for (size_t i = 0; i < check->candidates.count; i++) {
        const struct candidate *candidate = &check->candidates.items[i];
        if (!is_unheard(candidate))
            continue;
        enum silence one = answered_judge(
            &probe->congestion.answered, &candidate->address, protocol->transport,
            find_rejection(probe, check, candidate).by, check->race.begin_ns);
        silence = one > silence ? one : silence;
    }
    return silence;
}

static enum judgement judge(struct probe *probe, const struct check *check, int64_t now_ns)
{
    const struct silent_check silent = {
        .silence = find_silence(probe, check),
        .rechecks = check->rechecks,
        .began_ns = check->race.begin_ns,
        .ended_ns = now_ns,
        .transport = protocol_for(probe, check)->transport,
    };
    if (silent.silence == SILENCE_NONE)
        return JUDGEMENT_BELIEVE;
    if (probe->congestion.phase == CONGESTION_OVER)
        finish_tell_belief(probe, check);
    return congestion_judge(&probe->congestion, &silent);
}

/* It gives up its place, and what it holds: a lookup that still hangs keeps a thread from
   others. */
static void put_off(struct probe *probe, struct check *check, int64_t now_ns)
{
    leave_recheck(probe, check);
    finish_stop(probe, check);
    check->silent_ns = now_ns;
    probe->has_freed = true;
}

/* Let it wait, if a row of it speaks for an outage that may be over soon. */
static bool await_outage_end(struct probe *probe, struct check *check, int64_t now_ns)
{
    struct trace trace = {.kind = TRACE_OUTAGE};
    if (!probe->options.has_recheck)
        return false;
    enum outage_kind kind = result_outage(check, &trace.outcome);
    int64_t failed_ns = check->is_recalled ? check->silent_ns : NEVER_NS;
    if (!outage_takes(&probe->outage, kind, failed_ns))
        return false;
    put_off(probe, check, now_ns);
    trace_check(probe, check, NULL, &trace);
    queue_move(probe, check, queue_of_outage(kind));
    return true;
}

void finish_or_recheck(struct probe *probe, struct check *check, int64_t now_ns)
{
    switch (judge(probe, check, now_ns)) {
    case JUDGEMENT_UNDECIDED:
        put_off(probe, check, now_ns);
        queue_move(probe, check, QUEUE_UNDECIDED);
        return;
    case JUDGEMENT_RECHECK:
        put_off(probe, check, now_ns);
        finish_later(probe, check);
        return;
    case JUDGEMENT_BELIEVE:
        break;
    }
    if (await_outage_end(probe, check, now_ns))
        return;
    check_believe(check, now_ns);
    finish_check(probe, check);
}

void finish_put_back(struct probe *probe, struct check *check, int64_t now_ns)
{
    finish_stop(probe, check);
    queue_move(probe, check, QUEUE_SHORT);
    size_t others = queue_under_way(probe);
    starvation_note(&check->starvation, others, now_ns);
    window_shrink(&probe->window, others);
}
