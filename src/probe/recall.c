/*
 * recall: asks once more what failed for want of a route or a resolver.
 *
 * They wait without a place in the window. outage.h says when their turn comes; then they keep
 * to the window and the rate. What they say then is believed.
 */
#include "engine.h"

#include "netcheck/base/base.h"

void recall_init(struct recall *recall)
{
    for (size_t i = 0; i < ARRAY_LEN(recall->failed); i++)
        list_init(&recall->failed[i]);
    outage_init(&recall->outage);
}

bool recall_park(struct probe *probe, struct check *check, int64_t now_ns)
{
    struct trace trace = {.kind = TRACE_OUTAGE};
    struct outage *outage = &probe->recall.outage;
    if (!probe->options.has_second_look)
        return false;
    enum outage_kind kind = check_outage(check, &trace.outcome);
    if (check->is_recalled && kind != OUTAGE_NONE)
        outage_last(outage, kind, check->silent_ns);
    if (check->is_recalled || !outage_is_passing(outage, kind))
        return false;
    recheck_leave(probe, check);
    check_stop(probe, check);
    check->outage = kind;
    check->silent_ns = now_ns;
    probe->has_freed = true;
    probe_trace(probe, check, NULL, &trace);
    waiting_add(probe, check, WAIT_OUTAGE);
    return true;
}

void recall_note(struct probe *probe, const struct check *check)
{
    struct outage *outage = &probe->recall.outage;
    for (size_t i = 0; i < check->race.count; i++) {
        const struct attempt *attempt = &check->attempts[i];
        bool is_outside = attempt->is_over && attempt->took_ns >= 0 &&
                          !attempt->outcome.is_own && !address_is_loopback(&attempt->address);
        if (is_outside)
            outage_end(outage, outage_of_family(address_family(&attempt->address)),
                       attempt->started_ns);
    }
    if (check->name != NULL && check->race.count > 0)
        outage_end(outage, OUTAGE_NAMES, check->name->began_ns);
}

void recall_finish(struct probe *probe, const struct check *check)
{
    probe->recall.out -= check->is_recalled;
}

/* When the first one of this kind may be asked once more, window and rate left aside. */
static int64_t due_ns(const struct probe *probe, enum outage_kind kind)
{
    const struct list *failed = &probe->recall.failed[kind];
    if (list_is_empty(failed))
        return NEVER_NS;
    const struct check *first = CONTAINER_OF(failed->next, struct check, link);
    const struct outage_rest rest = {
        .is_alone = probe_under_way(probe) <= probe->recall.out,
        .is_last = probe->has_all,
        .submitted_ns = probe->submitted_ns,
    };
    return outage_due_ns(&probe->recall.outage, kind, first->silent_ns, &rest,
                         probe->options.timeout_ns);
}

static bool has_room(const struct probe *probe)
{
    return probe_under_way(probe) < congestion_limit(&probe->congestion, &probe->window);
}

static void begin(struct probe *probe, struct check *check, int64_t now_ns)
{
    waiting_end(probe, check);
    check->is_recalled = true;
    probe->recall.out++;
    token_bucket_take(&probe->rate, now_ns);
    check->is_paid = true;
    check_ask_again(probe, check, now_ns);
}

void recall_resume(struct probe *probe, int64_t now_ns)
{
    for (size_t kind = 0; kind < OUTAGE_KINDS; kind++)
        while (due_ns(probe, (enum outage_kind)kind) <= now_ns && has_room(probe) &&
               token_bucket_due_ns(&probe->rate) <= now_ns)
            begin(probe, CONTAINER_OF(probe->recall.failed[kind].next, struct check, link),
                  now_ns);
}

int64_t recall_due_ns(const struct probe *probe)
{
    int64_t first_ns = NEVER_NS;
    for (size_t kind = 0; kind < OUTAGE_KINDS && has_room(probe); kind++) {
        int64_t at_ns = due_ns(probe, (enum outage_kind)kind);
        first_ns = at_ns < first_ns ? at_ns : first_ns;
    }
    if (first_ns == NEVER_NS || token_bucket_due_ns(&probe->rate) < first_ns)
        return first_ns;
    return token_bucket_due_ns(&probe->rate);
}
