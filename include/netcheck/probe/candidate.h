/*
 * candidate: one address of a check, and what became of asking it.
 *
 * race.h decides from `state` and the family of the address when a candidate is asked, check.h
 * what its answer means for the check; protocol.h asks it, as a flow.
 */
#ifndef NETCHECK_CANDIDATE_H
#define NETCHECK_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/address.h"
#include "netcheck/probe/outcome.h"
#include "netcheck/probe/protocol.h"
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
    bool is_void;        /* active or asked again, and what was asked was void: ask once more */
    bool is_over;        /* `outcome` holds */
    bool is_short;       /* this machine could not ask it when its turn came */
    unsigned attempts;   /* how often it was asked */
    unsigned voids;      /* times it was void since it was asked last */
    int64_t started_ns;  /* right before it was asked */
    int64_t again_ns;    /* it has its answer: when to ask for another; else NEVER_NS */
    int64_t took_ns;     /* until the answer was found; -1: none came */
    int64_t latency_ns;  /* until the answer came; -1: none did, or it is unknown when */
    int syn_retransmits; /* -1 unknown */
    struct outcome outcome;
    struct rejection rejection; /* of a check that is finished, and where it was silent */
    struct flow flow;           /* the engine's; the check reads when it is to be woken */
};

/* Those of one check that are known so far, at most RACE_ADDRESS_MAX. */
struct candidates {
    struct candidate *items;
    size_t count;
};

#endif
