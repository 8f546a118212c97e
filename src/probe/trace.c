#include "netcheck/probe/trace.h"

void trace_release(struct trace *trace)
{
    target_drop(trace->endpoint.target);
    trace->endpoint.target = NULL;
    shared_drop(trace->canonical);
    trace->canonical = NULL;
    reply_drop(trace->reply);
    trace->reply = NULL;
}
