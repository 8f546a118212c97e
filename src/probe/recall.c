/*
 * recall: asks checks once more that failed for want of a route or a resolver.
 *
 * They wait without a place in the window until outage.h says that their turn has come. Their
 * answer is believed then.
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
    if (!probe->options.has_second_look)
        return false;
    enum outage_kind kind = check_outage(check, &trace.outcome);
    int64_t failed_ns = check->is_recalled ? check->silent_ns : NEVER_NS;
    if (!outage_takes(&probe->recall.outage, kind, failed_ns))
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
    if (check->is_recalled)
        outage_finish(&probe->recall.outage);
}

/* When the first check of this kind is to be asked once more. */
static int64_t due_ns(const struct probe *probe, enum outage_kind kind)
{
    const struct list *failed = &probe->recall.failed[kind];
    if (list_is_empty(failed))
        return NEVER_NS;
    const struct check *first = CONTAINER_OF(failed->next, struct check, link);
    size_t under_way = probe_under_way(probe);
    const struct outage_rest rest = {
        .under_way = under_way,
        .has_room = under_way < congestion_limit(&probe->congestion, &probe->window),
        .is_last = probe->has_all,
        .submitted_ns = probe->submitted_ns,
        .rate_ns = token_bucket_due_ns(&probe->rate),
    };
    return outage_due_ns(&probe->recall.outage, kind, first->silent_ns, &rest,
                         probe->options.timeout_ns);
}

static void begin(struct probe *probe, struct check *check, int64_t now_ns)
{
    waiting_end(probe, check);
    check->is_recalled = true;
    outage_begin(&probe->recall.outage);
    token_bucket_take(&probe->rate, now_ns);
    check->is_paid = true;
    check_ask_again(probe, check, now_ns);
}

void recall_resume(struct probe *probe, int64_t now_ns)
{
    for (size_t kind = 0; kind < OUTAGE_KINDS; kind++)
        while (due_ns(probe, (enum outage_kind)kind) <= now_ns)
            begin(probe, CONTAINER_OF(probe->recall.failed[kind].next, struct check, link),
                  now_ns);
}

int64_t recall_due_ns(const struct probe *probe)
{
    int64_t first_ns = NEVER_NS;
    for (size_t kind = 0; kind < OUTAGE_KINDS; kind++) {
        int64_t at_ns = due_ns(probe, (enum outage_kind)kind);
        first_ns = at_ns < first_ns ? at_ns : first_ns;
    }
    return first_ns;
}
