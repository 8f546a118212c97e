/*
 * answered: what the answers of a run say about the silence of others.
 *
 * A burst of connects can overflow a router's connection table, a listen queue or a neighbour
 * cache; a SYN that is lost there looks like a silent port. Two things speak for such a loss:
 * the silent address answered on another port, or SYNs to other targets were lost at that time
 * and got through when the kernel sent them again. Lost SYNs are counted from answers only, so
 * that a network full of silent hosts is not taken for a lossy one. The kernel sends a SYN
 * again after a second: with a timeout below that nothing is learned from other targets.
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
#include "netcheck/probe/result.h"

enum {
    ANSWERED_ADDRESSES = 1 << 17, /* in two tables of 2 MiB at most, which grow as needed */
};

struct answered {
    struct recent addresses; /* hashes of those that answered */
    int64_t began_ns;        /* when the present span of two seconds began */
    uint64_t answers[2];     /* of the present span and the one before */
    uint64_t lossy[2];       /* of these, with a lost SYN */
    int64_t lossy_ns;        /* when they were last too many; INT64_MIN: never */
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
 * `address` answered as TCP does, by a handshake or a reset. An ICMP error is no such answer: a
 * host sends only so many, so that one port has an error and the next one none.
 *
 * syn_retransmits  how many of its SYNs were lost before; -1 unknown
 *
 * Where memory is short, less is remembered.
 */
void answered_note(struct answered *answered, const struct address *address,
                   int syn_retransmits, int64_t now_ns);

/*
 * What the silence of `address` since `began_ns` is.
 *
 * rejecter  who may owe the address an ICMP error (rejections.h). Where a router near it
 *           rejects others, an answer on another port is no sign of a lost SYN
 */
enum silence answered_judge(const struct answered *answered, const struct address *address,
                            enum rejecter rejecter, int64_t began_ns);

#endif
