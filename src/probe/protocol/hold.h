/*
 * hold: keeps a connection open to see whether the other side closes it. A proxy whose backend
 * is dead accepts and closes a moment later, and so do some services that cannot serve.
 *
 * What comes meanwhile is read and counted, and never keeps an end from being seen for longer
 * than it takes to read what the system has of it. An ICMP error is no end. That the other side
 * only stops to send, which TCP allows (a half-close), looks the same as a close.
 *
 * Its state is flow->state.talk, in TALK_HOLDING.
 */
#ifndef NETCHECK_HOLD_H
#define NETCHECK_HOLD_H

#include "netcheck/probe/protocol.h"

/* Whether what has this outcome is to be held. */
bool hold_is_wanted(const struct flow_context *context, const struct outcome *outcome);

/* The answer of the flow, whose handshake is timed, is up: hold it. HELD. */
enum flow_status hold_begin(struct flow *flow, const struct flow_context *context);

/* What it waited for has come: WAITING or DONE, with held_ns. The outcome is CONNECTED where
   the time is over, or CLOSED. */
enum flow_status hold_advance(struct flow *flow, const struct flow_context *context,
                              struct flow_answer *answer);

/* The run is over: DONE, as above, or with REASON_LOCAL and REMARK_CUT. */
enum flow_status hold_expire(struct flow *flow, const struct flow_context *context,
                             struct flow_answer *answer);

/* How long after its handshake the flow is closed, as is noticed now. */
int64_t hold_closed_after_ns(const struct flow *flow, int64_t now_ns);

/* Free what it has. */
void hold_release(struct flow *flow);

#endif
