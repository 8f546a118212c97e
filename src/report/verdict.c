#include "netcheck/report/verdict.h"

void verdict_init(struct verdict *verdict, bool expects_down, bool is_any)
{
    *verdict = (struct verdict){.expects_down = expects_down, .is_any = is_any};
}

void verdict_add(struct verdict *verdict, const struct result *result)
{
    bool is_gate = result->endpoint.target->is_gate;
    if (is_gate && verdict->is_any && result_is_expected(result, verdict->expects_down))
        return;
    if (outcome_state(&result->outcome) == STATE_ERROR)
        verdict->errors++;
    else if (result_is_expected(result, verdict->expects_down))
        verdict->expected++;
    else
        verdict->unexpected++;
}

int verdict_status(const struct verdict *verdict)
{
    if (verdict->is_any && verdict->expected > 0)
        return STATUS_EXPECTED;
    if (verdict->errors > 0)
        return STATUS_ERROR;
    return verdict->is_any || verdict->unexpected > 0 ? STATUS_UNEXPECTED : STATUS_EXPECTED;
}
