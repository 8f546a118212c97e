#include "resend.h"

#include "netcheck/base/base.h"

static const int64_t after_ns[] = {1 * NS_PER_S, 3 * NS_PER_S};

int64_t resend_next_ns(const struct flow *flow, const struct flow_context *context)
{
    if (context->ask->is_sent_once)
        return NEVER_NS;
    for (size_t i = 0; i < ARRAY_LEN(after_ns); i++)
        if (flow->started_ns + after_ns[i] > context->now_ns)
            return flow->started_ns + after_ns[i];
    return NEVER_NS;
}
