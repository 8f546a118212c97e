/*
 * toy: a protocol that asks by datagrams through a world, for tests of the engine.
 *
 * It asks on lanes, as ICMP does, and has a second name. It sends again a second and three
 * seconds after the first datagram, by a time of its own. An answer is REASON_CONNECTED.
 */
#ifndef NETCHECK_TESTS_TOY_H
#define NETCHECK_TESTS_TOY_H

#include "netcheck/probe/protocol.h"

/* Values of enum protocol_id behind those of the program. */
#define PROTOCOL_LANE       ((enum protocol_id)PROTOCOL_COUNT)
#define PROTOCOL_OTHER_LANE ((enum protocol_id)(PROTOCOL_COUNT + 1))

enum { PROTOCOL_TOY_COUNT = PROTOCOL_COUNT + 2 };

/* For probe_options: TCP and UDP of the program, and these. */
extern const struct protocol *const toy_protocols[PROTOCOL_TOY_COUNT];

#endif
