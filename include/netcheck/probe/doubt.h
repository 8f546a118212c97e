/*
 * doubt: which silence may be this run's own doing.
 *
 * A burst of connects can overflow a router's connection table, a listen queue or a neighbour
 * cache; a SYN that is lost there looks like a silent port. Two things speak for it: the
 * address answered on another port, or SYNs of other targets were lost at that time and got
 * through when the kernel sent them again. Lost SYNs are counted from answers only, so that a
 * network full of silent hosts raises no doubt. The kernel sends a SYN again after a second:
 * with a timeout below that nothing is learned from other targets.
 *
 * Pure: reads no clock, asks nothing. Memory is bounded: of the addresses that answered, the
 * last DOUBT_ADDRESSES and more are remembered.
 */
#ifndef NETCHECK_DOUBT_H
#define NETCHECK_DOUBT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/address.h"
#include "netcheck/base/recent.h"

enum {
    DOUBT_ADDRESSES = 1 << 17, /* in two tables of 2 MiB at most, which come as needed */
    DOUBT_CROWD = 64,          /* with fewer targets in flight nothing overflows */
};

struct doubt {
    struct recent answered; /* hashes of addresses */
    int64_t slice_ns;       /* when the present slice of two seconds began */
    uint64_t answers[2];    /* of the present slice and the one before */
    uint64_t lossy[2];      /* of these, with a lost SYN */
    int64_t lossy_ns;       /* when they were last too many; INT64_MIN: never */
};

void doubt_init(struct doubt *doubt);
void doubt_release(struct doubt *doubt);

/*
 * `address` answered as TCP does, by a handshake or a reset. An ICMP error is no such answer: a
 * host sends only so many, so that one port has an error and the next one none.
 *
 * syn_retransmits  how many of its SYNs were lost before; -1 unknown
 *
 * Where memory is short, less is remembered.
 */
void doubt_answer(struct doubt *doubt, const struct address *address, int syn_retransmits,
                  int64_t now_ns);

/* Whether too many SYNs of those that answered were lost since `began_ns`. */
bool doubt_is_lossy(const struct doubt *doubt, int64_t began_ns);

/* Whether `address`, which was silent since `began_ns`, may have been asked in vain. */
bool doubt_has(const struct doubt *doubt, const struct address *address, int64_t began_ns);

#endif
