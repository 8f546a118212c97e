/*
 * gate: one target that is asked before all others, which are asked only while it is as
 * expected (--gate).
 *
 * A decider: it is told the gate's rows and says how the gate stands. once.h and rounds.h hold
 * the others back. What is expected of the gate is what its '!' says; --expect is about the
 * others.
 */
#ifndef NETCHECK_GATE_H
#define NETCHECK_GATE_H

#include <stdbool.h>

#include "netcheck/probe/result.h"

/* By the gate's last answer. */
enum gate_state {
    GATE_UNKNOWN, /* there is none yet */
    GATE_OPEN,    /* as expected */
    GATE_CLOSED,  /* not as expected: nothing else is asked */
};

/* All zero but for `endpoint`: not asked yet. */
struct gate {
    struct endpoint endpoint; /* its target is borrowed */
    enum gate_state state;
    bool is_failing; /* a row of the answer that is coming in was not as expected */
};

/* A row of the gate. With -A each of its addresses has to be as expected. */
void gate_add(struct gate *gate, const struct result *result);

#endif
