#include "netcheck/probe/protocol.h"

#include <string.h>

#include "netcheck/base/base.h"

void flow_init(struct flow *flow)
{
    memset(flow, 0, sizeof *flow);
    flow->fd = -1;
    flow->wake_ns = NEVER_NS;
}

void flow_answer_init(struct flow_answer *answer)
{
    *answer = (struct flow_answer){.outcome = outcome_of(REASON_TIMEOUT),
                                   .measures = measures_unknown(),
                                   .syn_retransmits = -1,
                                   .round_trip_ns = -1};
}

void flow_cookie(const struct flow *flow, const struct flow_context *context,
                 unsigned char cookie[static FLOW_COOKIE_SIZE])
{
    unsigned char name[sizeof flow->number + 1];
    memcpy(name, &flow->number, sizeof flow->number);
    for (unsigned char half = 0; half < 2; half++) {
        name[sizeof flow->number] = half;
        uint64_t hash = siphash(context->secret, name, sizeof name);
        memcpy(cookie + half * sizeof hash, &hash, sizeof hash);
    }
}
