#include "netcheck/result.h"

bool result_expects_down(const struct result *result, bool expects_down)
{
    return expects_down || result->endpoint.target->expects_down;
}

bool result_is_expected(const struct result *result, bool expects_down)
{
    enum state wanted = result_expects_down(result, expects_down) ? STATE_DOWN : STATE_UP;
    return outcome_state(&result->outcome) == wanted;
}

void result_release(struct result *result)
{
    target_drop(result->endpoint.target);
    result->endpoint.target = NULL;
}
