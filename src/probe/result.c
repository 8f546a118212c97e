#include "netcheck/probe/result.h"

struct result result_unasked(const struct endpoint *endpoint, struct outcome outcome,
                             int64_t now_ns)
{
    return (struct result){
        .rows = 1,
        .endpoint = *endpoint,
        .outcome = outcome,
        .asked_ns = now_ns,
        .finished_ns = now_ns,
        .resolve_ns = -1,
        .connect_ns = -1,
        .syn_retransmits = -1,
    };
}

bool result_expects_down(const struct result *result, bool expects_down)
{
    return expects_down || result->endpoint.target->expects_down;
}

bool result_is_expected(const struct result *result, bool expects_down)
{
    enum state wanted = result_expects_down(result, expects_down) ? STATE_DOWN : STATE_UP;
    return outcome_state(&result->outcome) == wanted;
}

void result_hold(struct result *result)
{
    (void)target_hold(result->endpoint.target);
    (void)shared_hold(result->canonical);
}

void result_release(struct result *result)
{
    shared_drop(result->canonical);
    result->canonical = NULL;
    target_drop(result->endpoint.target);
    result->endpoint.target = NULL;
}
