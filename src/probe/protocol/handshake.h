/*
 * handshake: what became of a connect(), without a byte sent. It finds out whether the server
 * itself completed the handshake of TCP: neither an ICMP error, nor the kernel connecting us to
 * ourselves, nor a SYN proxy is taken for it. Shared by all that begins with a connection.
 *
 * Its state is flow->state.talk.tcp. The functions are those of struct protocol.
 */
#ifndef NETCHECK_HANDSHAKE_H
#define NETCHECK_HANDSHAKE_H

#include "netcheck/probe/protocol.h"

enum flow_status handshake_start(struct flow *flow, const struct flow_context *context,
                                 struct flow_answer *answer);

/* DONE with REASON_CONNECTED: the connection is there, and open until handshake_stop(). */
enum flow_status handshake_advance(struct flow *flow, const struct flow_context *context,
                                   struct flow_answer *answer);

enum flow_status handshake_expire(struct flow *flow, const struct flow_context *context,
                                  struct flow_answer *answer);

void handshake_stop(struct flow *flow, const struct os *os);

#endif
