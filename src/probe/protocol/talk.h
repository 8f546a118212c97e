/*
 * talk: what is done on a connection, from its handshake to its end: a question, if one is to
 * be asked, a look at what comes back, and a hold (hold.h), if one is wanted. All that is
 * carried by TCP is asked so; where nothing is asked, the handshake is the answer.
 *
 * Its state is flow->state.talk. The functions are those of struct protocol.
 */
#ifndef NETCHECK_TALK_H
#define NETCHECK_TALK_H

#include "netcheck/probe/protocol.h"

enum flow_status talk_start(struct flow *flow, const struct flow_context *context,
                            struct flow_answer *answer);
enum flow_status talk_advance(struct flow *flow, const struct flow_context *context,
                              struct flow_answer *answer);
enum flow_status talk_expire(struct flow *flow, const struct flow_context *context,
                             struct flow_answer *answer);
void talk_stop(struct flow *flow, const struct os *os);

#endif
