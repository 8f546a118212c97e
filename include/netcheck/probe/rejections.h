/*
 * rejections: who says no by ICMP, and so may leave others without an answer.
 *
 * A machine sends only so many ICMP errors (Linux: about six at once to one client, then one a
 * second on IPv4, ten on IPv6). Of forty ports that a firewall rejects so, seven look rejected
 * and the others silent. That silence is no sign of a filter that drops, nor of a path that is
 * clogged. It may be owed to the target itself, or to a router that rejects a whole prefix: one
 * that rejected others of the same IPv4 /24 or IPv6 /64, which is near, or of the same IPv4 /16
 * or IPv6 /48, which is far. What a target itself rejects by one transport says nothing of
 * another: every host says no to closed ports of UDP by ICMP, to those of TCP only its firewall
 * does.
 *
 * All errors count, since one limit holds for them all, but not that a packet was too large,
 * which none holds for, nor those of this machine, which knows no limit towards itself. What is
 * a minute old counts no more.
 *
 * Pure: reads no clock, asks nothing. Memory is bounded: of the machines that reject, the last
 * REJECTIONS_SENDERS that were met are known, and of these and of what they rejected, so that
 * the same target is counted once, the last REJECTIONS_HASHES hashes and more.
 */
#ifndef NETCHECK_REJECTIONS_H
#define NETCHECK_REJECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/recent.h"
#include "netcheck/os/os.h"
#include "netcheck/probe/result.h"

enum {
    REJECTIONS_SENDERS = 1 << 14, /* of 56 bytes each, which come as needed */
    REJECTIONS_HASHES = 1 << 16,  /* in two tables of 1.5 MiB at most, the same */
};

struct rejections_sender {
    struct address sender;
    uint32_t number; /* of all that were met, from 0 */
    uint64_t count;  /* targets it rejected */
    int64_t last_ns; /* when it did so last */
};

/* Invariant: sender number N stands in place N % REJECTIONS_SENDERS. */
struct rejections {
    struct recent known; /* hashes of senders and prefixes, with the sender's number; targets */
    struct rejections_sender *senders; /* a ring once it is full */
    size_t count;
    size_t capacity;
    uint32_t met; /* senders so far */
};

void rejections_init(struct rejections *rejections);
void rejections_release(struct rejections *rejections);

/*
 * The ICMP error answered what was sent by this transport to `target`, an address with its
 * port.
 *
 * Where memory is short, less is known.
 */
void rejections_note(struct rejections *rejections, const struct icmp *icmp,
                     const struct address *target, enum os_socket transport, int64_t now_ns);

/*
 * Who may owe `target`, which is silent since `began_ns`, an answer. The target itself comes
 * before a router, a near router before one that is further away.
 */
struct rejection rejections_find(const struct rejections *rejections,
                                 const struct address *target, enum os_socket transport,
                                 int64_t began_ns);

#endif
