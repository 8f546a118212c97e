/*
 * toy: two protocols that ask by datagrams through a world, for tests of the engine.
 *
 * One asks on lanes, as ICMP does, and has a second name; of the other each flow has a
 * descriptor of its own, as with UDP. Both send again a second and three seconds after the
 * first datagram, by a time of their own. An answer is REASON_CONNECTED.
 */
#ifndef NETCHECK_TESTS_TOY_H
#define NETCHECK_TESTS_TOY_H

#include "netcheck/probe/protocol.h"

/* Values of enum protocol_id behind those of the program. */
#define PROTOCOL_LANE       ((enum protocol_id)PROTOCOL_COUNT)
#define PROTOCOL_DATAGRAM   ((enum protocol_id)(PROTOCOL_COUNT + 1))
#define PROTOCOL_OTHER_LANE ((enum protocol_id)(PROTOCOL_COUNT + 2))

enum { PROTOCOL_TOY_COUNT = PROTOCOL_COUNT + 3 };

/* For probe_options: those of the program, and these. */
extern const struct protocol *const toy_protocols[PROTOCOL_TOY_COUNT];

#endif
