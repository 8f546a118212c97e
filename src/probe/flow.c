#include "netcheck/probe/protocol.h"

#include <string.h>

#include "netcheck/base/base.h"

void flow_init(struct flow *flow)
{
    memset(flow, 0, sizeof *flow);
    flow->fd = -1;
    flow->wake_ns = NEVER_NS;
}
