/*
 * candidate: one address of a check, and what became of asking it.
 *
 * The race (race.h) decides from `state` and the address's family when a candidate is asked;
 * the protocol (protocol.h) says what was learned.
 */
#ifndef NETCHECK_CANDIDATE_H
#define NETCHECK_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/address.h"
#include "netcheck/os/os.h"
#include "netcheck/probe/outcome.h"
#include "netcheck/probe/result.h"

enum candidate_state {
    CANDIDATE_UNTRIED,
    CANDIDATE_PASSED, /* could not be asked: its turn comes again behind the untried ones */
    CANDIDATE_ACTIVE,
    CANDIDATE_SETTLED, /* failed; or, where all addresses count, answered */
    CANDIDATE_AGAIN,   /* settled before, and being asked again: counts as settled */
};

struct candidate {
    struct address address;
    enum candidate_state state;
    int fd;             /* -1: not open */
    bool is_over;       /* `outcome` holds */
    bool is_short;      /* this machine could not ask it when its turn came */
    int64_t started_ns; /* right before connect() */
    int64_t look_ns;    /* after a spurious wake-up: when to look again; else NEVER_NS */
    int64_t pause_ns;   /* how long the last pause before looking again was */
    int64_t again_ns;   /* it has its answer: when to ask for another; else NEVER_NS */
    int64_t proxied_ns; /* when a SYN proxy was seen to answer for it; NEVER_NS: none was */
    int64_t took_ns;    /* from connect() until the answer was found; -1: none came */
    int64_t latency_ns; /* the same until it came; -1: none did, or it is unknown when */
    unsigned tries;
    unsigned self_connects;
    int syn_retransmits;             /* -1 unknown */
    struct os_connection connection; /* as it was looked at last */
    struct outcome outcome;
    struct rejection rejection; /* of a check that is finished, and where it was silent */
};

/* Those of one check that are known so far, at most RACE_ADDRESS_MAX. */
struct candidates {
    struct candidate *items;
    size_t count;
};

#endif
