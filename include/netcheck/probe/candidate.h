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
    CANDIDATE_HELD,    /* up, if it stays so: what it said holds once it is settled */
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
    int64_t took_ns;     /* until the answer was found, before it was held; -1: none came */
    int64_t latency_ns;  /* until the answer came; -1: none did, or it is unknown when */
    int syn_retransmits; /* -1 unknown */
    struct measures measures;
    struct outcome outcome;
    struct rejection rejection; /* of a check that is finished, and where it was silent */
    struct flow flow;           /* the engine's; the check reads when it is to be woken */
};

enum {
    CANDIDATES_MAX = 128, /* 64 of each family */
};

/*
 * Those of one check that are known so far. Most checks have one, for which no memory is taken.
 * Invariant: items points to `single` or to memory of its own.
 */
struct candidates {
    struct candidate *items;
    size_t count;
    size_t capacity;
    struct candidate single;
};

void candidates_init(struct candidates *candidates);

/* Forget them; none has an open flow. It is as after candidates_init(). */
void candidates_release(struct candidates *candidates);

/* Forget them, and keep the memory. */
void candidates_clear(struct candidates *candidates);

/* One more, untried. False where there are CANDIDATES_MAX, or without memory, but never for the
   first one. */
bool candidates_add(struct candidates *candidates, const struct address *address,
                    uint16_t port);

/* Whether it has no answer to the end. */
bool candidate_is_silent(const struct candidate *candidate);

/* How often it was asked again before its answer, because what was sent before was lost; -1:
   unknown. */
int candidate_resent(const struct candidate *candidate);

/* Whether it is being asked right now. */
bool candidate_is_open(const struct candidate *candidate);

/* Whether the run's end came while it was held, which proves nothing. */
bool candidate_is_cut(const struct candidate *candidate);

/* Whether asking it again may bring another answer: it was silent, or this machine had no route
   to it. */
bool candidate_is_worth_asking(const struct candidate *candidate);

/* Whether some candidate is so. */
bool candidates_have(const struct candidates *candidates,
                     bool (*is_so)(const struct candidate *));

#endif
