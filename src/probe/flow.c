#include "netcheck/probe/protocol.h"

#include <string.h>

#include "netcheck/base/base.h"

/* More than an answer waits for us, even on a busy machine. */
static const int64_t late_ns = 50 * NS_PER_MS;

void flow_init(struct flow *flow)
{
    memset(flow, 0, sizeof *flow);
    flow->fd = -1;
    flow->wake_ns = NEVER_NS;
}

void flow_answer_init(struct flow_answer *answer)
{
    /* A constant, since this stands on the path of every probe. */
    static const struct flow_answer unknown = {.outcome = {.reason = REASON_TIMEOUT},
                                               .measures = MEASURES_UNKNOWN,
                                               .syn_retransmits = -1,
                                               .round_trip_ns = -1};
    *answer = unknown;
}

int64_t flow_latency_ns(int64_t found_ns, int64_t round_trip_ns)
{
    bool is_late = round_trip_ns >= 0 && found_ns - round_trip_ns > late_ns;
    return is_late ? round_trip_ns : found_ns;
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
