#include "netcheck/schedule/gate.h"

void gate_add(struct gate *gate, const struct result *result)
{
    gate->is_failing |= !result_is_expected(result, false);
    if (result->row + 1 < result->rows)
        return;
    gate->state = gate->is_failing ? GATE_CLOSED : GATE_OPEN;
    gate->is_failing = false;
}
