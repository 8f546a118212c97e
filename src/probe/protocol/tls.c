/*
 * tls: stands here until it is built.
 */
#include "netcheck/probe/protocol.h"

#include <errno.h>

static enum flow_status tls_start(struct flow *flow, const struct flow_context *context,
                                  struct flow_answer *answer)
{
    (void)flow;
    (void)context;
    answer->outcome = outcome_of(REASON_LOCAL);
    answer->outcome.error = EAFNOSUPPORT;
    return FLOW_DONE;
}

static void tls_stop(struct flow *flow, const struct os *os)
{
    (void)flow;
    (void)os;
}

const struct protocol protocol_tls = {.transport = OS_TCP, .start = tls_start, .stop = tls_stop};
