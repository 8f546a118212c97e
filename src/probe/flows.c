/*
 * flows: asks candidates as their protocol does, and tells their checks what came of it.
 * Private to the engine.
 */
#include "engine.h"

#include <errno.h>

#include "netcheck/base/base.h"

struct moment moment_of(struct probe *probe, const struct check *check, int64_t now_ns)
{
    const struct probe_options *options = &probe->options;
    int64_t left_ns = NEVER_NS;
    if (options->until_ns != NEVER_NS)
        left_ns = options->until_ns > now_ns ? options->until_ns - now_ns : 1;
    int64_t timeout_ns = left_ns < options->timeout_ns ? left_ns : options->timeout_ns;
    return (struct moment){
        .now_ns = now_ns,
        .timeout_ns = check->purpose == PURPOSE_CANARY
                          ? canary_timeout_ns(&probe->congestion.canary)
                          : timeout_ns,
        .began_ns = probe->began_ns,
        .is_alone = queue_under_way(probe) == 1,
        .is_rate_spent = options->asks_again && token_bucket_due_ns(&probe->rate) > now_ns,
        .options = options,
        .backoff = &probe->options.backoff,
        .stall = &probe->stall,
    };
}

static struct flow_context context_of(const struct probe *probe,
                                      const struct candidate *candidate, int64_t now_ns)
{
    return (struct flow_context){
        .os = probe->os,
        .origin = &probe->options.origin,
        .address = &candidate->address,
        .now_ns = now_ns,
    };
}

static void stop(struct probe *probe, const struct check *check, struct candidate *candidate)
{
    if (candidate->flow.fd < 0)
        return;
    sockets_forget(&probe->sockets, candidate->flow.fd);
    protocol_of(check->endpoint.protocol)->stop(&candidate->flow, probe->os);
    probe->has_freed = true;
}

void flow_stop_all(struct probe *probe, struct check *check)
{
    for (size_t i = 0; i < check->candidates.count; i++)
        stop(probe, check, &check->candidates.items[i]);
}

/*
 * Of the silence of others an answer of TCP tells more, and an ICMP error that it tells less.
 */
static void note_answer(struct probe *probe, const struct check *check,
                        const struct candidate *candidate, int64_t now_ns)
{
    const struct outcome *outcome = &candidate->outcome;
    if (outcome->icmp.is_set) {
        rejections_note(&probe->rejections, &outcome->icmp, &candidate->address, now_ns);
        return;
    }
    bool is_answer = outcome->reason == REASON_CONNECTED || outcome->reason == REASON_REFUSED;
    if (!is_answer || !congestion_is_watched(&probe->congestion) ||
        check->purpose == PURPOSE_CANARY)
        return;
    answered_note(&probe->congestion.answered, &candidate->address, candidate->syn_retransmits,
                  now_ns);
    if (candidate->voids > 0 || outcome->remark == REMARK_SELF_CONNECT)
        return;
    struct endpoint endpoint = check->endpoint;
    endpoint.address = candidate->address;
    canary_add(&probe->congestion.canary, &endpoint, candidate->took_ns,
               candidate->syn_retransmits);
}

/* The candidate has its answer. */
static void tell_answer(struct probe *probe, struct check *check, size_t index,
                        const struct flow_answer *answer, int64_t now_ns)
{
    struct candidate *candidate = &check->candidates.items[index];
    const struct moment moment = moment_of(probe, check, now_ns);
    bool is_up = outcome_state(&answer->outcome) == STATE_UP;
    stop(probe, check, candidate);
    if (!check_answered(check, index, answer, &moment))
        return;
    note_answer(probe, check, candidate, now_ns);
    trace_candidate(probe, check, index, is_up ? TRACE_CONNECTED : TRACE_FAILED);
}

/* This machine is short of something. */
static void tell_shortage(struct probe *probe, struct check *check, size_t index,
                          const struct outcome *outcome, int64_t now_ns)
{
    const struct moment moment = moment_of(probe, check, now_ns);
    const struct trace trace = {.kind = TRACE_PUT_BACK, .outcome = *outcome};
    if (check_unasked(check, index, outcome, &moment))
        trace_check(probe, check, &check->candidates.items[index].address, &trace);
}

/* Wait for what the flow waits for. False without memory: it is stopped then. */
static bool watch(struct probe *probe, struct check *check, size_t index)
{
    struct candidate *candidate = &check->candidates.items[index];
    const struct flow *flow = &candidate->flow;
    if (sockets_watch(&probe->sockets, flow->fd, check, index, flow->events) == ERROR_NONE) {
        probe->progress_ns = candidate->started_ns;
        return true;
    }
    stop(probe, check, candidate);
    return false;
}

int64_t flow_ask(struct probe *probe, struct check *check, size_t index)
{
    struct candidate *candidate = &check->candidates.items[index];
    struct flow_answer answer;
    int64_t now_ns = probe->os->now_ns(probe->os->self);
    check_asking(check, index, now_ns);
    if (!check->is_paid)
        token_bucket_take(&probe->rate, now_ns);
    check->is_paid = false;
    trace_candidate(probe, check, index, TRACE_TRYING);
    const struct flow_context context = context_of(probe, candidate, now_ns);
    enum flow_status status =
        protocol_of(check->endpoint.protocol)->start(&candidate->flow, &context, &answer);
    if (status == FLOW_WAITING && !watch(probe, check, index)) {
        answer.outcome = outcome_of_error(ENOMEM);
        status = FLOW_SHORT;
    }
    now_ns = probe->os->now_ns(probe->os->self);
    if (status == FLOW_SHORT)
        tell_shortage(probe, check, index, &answer.outcome, now_ns);
    else if (status == FLOW_DONE)
        tell_answer(probe, check, index, &answer, now_ns);
    return now_ns;
}

void flow_hear(struct probe *probe, struct check *check, size_t index, int64_t now_ns)
{
    struct candidate *candidate = &check->candidates.items[index];
    struct flow *flow = &candidate->flow;
    struct flow_answer answer;
    const struct flow_context context = context_of(probe, candidate, now_ns);
    enum flow_status status =
        protocol_of(check->endpoint.protocol)->advance(flow, &context, &answer);
    switch (status) {
    case FLOW_DONE:
        tell_answer(probe, check, index, &answer, now_ns);
        break;
    case FLOW_AGAIN:
        stop(probe, check, candidate);
        check_voided(check, index);
        trace_candidate(probe, check, index, TRACE_AGAIN);
        break;
    case FLOW_SIGN:
    case FLOW_WAITING:
    case FLOW_SHORT:
        if (status == FLOW_SIGN)
            trace_candidate(probe, check, index, TRACE_PROXIED);
        if (sockets_await(&probe->sockets, flow->fd, flow->events) != ERROR_NONE)
            probe->is_out_of_memory = true;
        break;
    }
}

void flow_expire(struct probe *probe, struct check *check, size_t index, int64_t now_ns)
{
    struct candidate *candidate = &check->candidates.items[index];
    struct flow_answer answer;
    struct flow_context context = context_of(probe, candidate, now_ns);
    context.is_quiet = probe->selected_ns >= check->race.deadline_ns;
    protocol_of(check->endpoint.protocol)->expire(&candidate->flow, &context, &answer);
    tell_answer(probe, check, index, &answer, now_ns);
}
