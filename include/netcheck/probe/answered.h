/*
 * answered: what the answers of a run say about the silence of others.
 *
 * A burst of connects can overflow a router's connection table, a listen queue or a neighbour
 * cache; a SYN that is lost there looks like a silent port. Two things speak for such a loss:
 * the silent address answered on another port, or SYNs to other targets were lost at that time
 * and got through when they were sent again. Lost SYNs are counted from answers only, so that
 * a network full of silent hosts is not taken for a lossy one. A SYN is sent again after a
 * second: with a timeout below that nothing is learned from other targets.
 *
 * A datagram stands where a SYN does. What one transport has carried says nothing of another:
 * a host that answers TCP and no echo has a filter.
 *
 * Pure: reads no clock, asks nothing. Memory is bounded: of the addresses that answered, at
 * least the last ANSWERED_ADDRESSES are remembered.
 */
#ifndef NETCHECK_ANSWERED_H
#define NETCHECK_ANSWERED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/address.h"
#include "netcheck/base/recent.h"
#include "netcheck/os/os.h"
#include "netcheck/probe/result.h"

enum {
    ANSWERED_ADDRESSES = 1 << 17, /* in two tables of 2 MiB at most, which grow as needed */
};

/* Of one transport. */
struct answered_loss {
    int64_t began_ns;    /* when the present span of two seconds began */
    uint64_t answers[2]; /* of the present span and the one before */
    uint64_t lossy[2];   /* of these, with a lost SYN */
    int64_t lossy_ns;    /* when they were last too many; INT64_MIN: never */
};

struct answered {
    struct recent addresses; /* hashes of those that answered, and by what */
    struct answered_loss losses[OS_SOCKETS];
};

/* What is known about the silence of an address. The less to be believed, the later. */
enum silence {
    SILENCE_NONE,    /* no address was silent */
    SILENCE_LIMITED, /* the address itself rejects other ports by ICMP, which a host does only
                        so often: one more SYN would tell nothing */
    SILENCE_PLAIN,   /* nothing speaks against it */
    SILENCE_SUSPECT, /* an answer speaks against it: the SYN may have been lost */
};

void answered_init(struct answered *answered);
void answered_release(struct answered *answered);

/*
 * `address` answered by a handshake, a reset or a reply. An ICMP error is no such answer: a
 * host sends only so many, so that one port has an error and the next one none.
 *
 * resent  how many of its SYNs were lost before; -1 unknown
 *
 * Where memory is short, less is remembered.
 */
void answered_note(struct answered *answered, const struct address *address,
                   enum os_socket transport, int resent, int64_t now_ns);

/*
 * What the silence of `address`, asked by this transport since `began_ns`, is.
 *
 * rejecter  who may owe the address an ICMP error (rejections.h). Where a router near it
 *           rejects others, an answer on another port is no sign of a lost SYN
 */
enum silence answered_judge(const struct answered *answered, const struct address *address,
                            enum os_socket transport, enum rejecter rejecter, int64_t began_ns);

#endif
