/*
 * canaries: asks them. canary.h says whom to ask and what the answers mean.
 */
#include "engine.h"

/* No more at a time than --rate allows. */
static size_t count_questions(const struct probe *probe)
{
    uint64_t bucket = rate_bucket(&probe->rate);
    return bucket < CANARY_QUESTIONS ? (size_t)bucket : CANARY_QUESTIONS;
}

static void ask_one(struct probe *probe, const struct endpoint *endpoint, int64_t now_ns)
{
    struct check *check = probe_take_check(probe);
    if (check == NULL) {
        canary_report(&probe->congestion.canary, CANARY_UNASKED);
        return;
    }
    check_init(check, 0, endpoint);
    check->is_canary = true;
    struct trace trace = {.kind = TRACE_CANARY};
    probe_trace(probe, check, &check->endpoint.address, &trace);
    check_begin(probe, check, now_ns);
}

void canaries_ask(struct probe *probe, int64_t now_ns)
{
    struct endpoint endpoints[CANARY_QUESTIONS];
    int64_t neighbours_lost = probe->os->neighbours_lost(probe->os->self);
    size_t count = canary_begin(&probe->congestion.canary, now_ns, neighbours_lost,
                                count_questions(probe), endpoints);
    for (size_t i = 0; i < count; i++) {
        ask_one(probe, &endpoints[i], now_ns);
        target_drop(endpoints[i].target);
    }
}

static enum canary_report report_of(const struct check *check)
{
    const struct attempt *attempt = &check->attempts[0];
    bool is_over = check->race.count > 0 && attempt->is_over;
    if (!is_over || attempt->outcome.reason == REASON_LOCAL)
        return CANARY_UNASKED;
    bool is_clean =
        attempt->took_ns >= 0 && attempt->syn_retransmits <= 0 && !attempt->outcome.is_own;
    return is_clean ? CANARY_CLEAN : CANARY_LOST;
}

void canaries_answered(struct probe *probe, const struct check *check)
{
    canary_report(&probe->congestion.canary, report_of(check));
}
