/*
 * traces: keeps what the engine did, step by step, for -v. Private to the engine.
 */
#include "engine.h"

#include "netcheck/base/grow.h"

/* What is left out is said, whether asked for or not. */
static bool is_always_told(enum trace_kind kind)
{
    return kind == TRACE_CUT || kind == TRACE_BELIEVED;
}

void trace_check(struct probe *probe, const struct check *check, const struct address *address,
                 const struct trace *trace)
{
    if (!probe->options.is_traced && !is_always_told(trace->kind))
        return;
    struct trace_queue *queue = &probe->traces;
    if (GROW(queue->traces, queue->capacity, queue->end + 1) != ERROR_NONE) {
        probe->is_out_of_memory = true;
        return;
    }
    struct trace *kept = &queue->traces[queue->end++];
    *kept = *trace;
    kept->endpoint = check->endpoint;
    (void)target_hold(kept->endpoint.target);
    (void)shared_hold(kept->canonical);
    (void)reply_hold(kept->reply);
    if (address != NULL)
        kept->endpoint.address = *address;
}

void trace_retry(struct probe *probe, const struct check *check, const struct outcome *outcome)
{
    const struct trace trace = {
        .kind = TRACE_RETRY, .outcome = *outcome, .count = check->attempts};
    trace_check(probe, check, NULL, &trace);
}

void trace_candidate(struct probe *probe, const struct check *check, size_t index,
                     enum trace_kind kind)
{
    const struct candidate *candidate = &check->candidates.items[index];
    if (!probe->options.is_traced)
        return; /* this stands on the path of every probe */
    int64_t closed_after_ns = candidate->measures.closed_after_ns;
    struct trace trace = {.kind = kind,
                          .outcome = candidate->outcome,
                          .took_ns =
                              closed_after_ns >= 0 ? closed_after_ns : candidate->latency_ns,
                          .ttl = candidate->measures.ttl,
                          .reply = candidate->measures.reply};
    trace_check(probe, check, &candidate->address, &trace);
}
