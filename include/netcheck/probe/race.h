/*
 * race: which address to try next, and when. Pure: no I/O, reads no clock.
 *
 * One race is one attempt at one target: the addresses of a name race, RFC 8305 style
 * (families interleaved, IPv6 first, the next one after 250 ms or at once on a failure), or are
 * all asked at once (-A). The candidates are the caller's; of them the race reads the family of
 * the address and the state, and changes the state.
 *
 * While an address is held (it is up, if it stays so), no other one of the race starts in the
 * first half of its time: that would gain nothing unless this one fails, and then the race goes
 * on at once. The hold itself may outlast the deadline, and fail when nothing can start any
 * more: in the second half the others start beside it.
 *
 * Invariant: nothing starts at or after deadline_ns.
 */
#ifndef NETCHECK_RACE_H
#define NETCHECK_RACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/probe/candidate.h"

struct race {
    bool is_all;               /* every address at once, and every one counts */
    int64_t begin_ns;          /* when work began */
    int64_t deadline_ns;       /* begin_ns + the timeout */
    int64_t next_ns;           /* no address starts before; the race's stagger */
    int64_t passed_ns;         /* none that was passed over does */
    int64_t settle_ns;         /* IPv4 came first: give IPv6 until then (50 ms, or half of
                                  what is left) */
    unsigned pending_families; /* FAMILY_ bits whose lookup is still out */
    unsigned last_family;      /* FAMILY_ bit that was started last; 0 for none */
};

enum race_step {
    RACE_START, /* start candidate `index` now */
    RACE_WAIT,  /* nothing to start before `until_ns`, at most the deadline */
    RACE_OVER,  /* nothing can come any more: all are settled, or the deadline has passed */
};

/*
 * Begin at now_ns.
 *
 * timeout_ns        more than 0
 * pending_families  FAMILY_ bits of the lookups under way; 0: all addresses are known
 */
void race_begin(struct race *race, int64_t now_ns, int64_t timeout_ns,
                unsigned pending_families, bool is_all);

/*
 * The lookup of `family` is over; its addresses, if any, were added before.
 *
 * has_candidates  an address of any family is known
 */
void race_answered(struct race *race, unsigned family, bool has_candidates, int64_t now_ns);

/* What to do now. After RACE_START the candidate is active. */
enum race_step race_next(struct race *race, const struct candidates *candidates, int64_t now_ns,
                         size_t *index, int64_t *until_ns);

/*
 * An active or held candidate failed, or with is_all answered: the next one may start at once.
 * One that was asked again is settled as it was before.
 */
void race_settled(struct race *race, struct candidate *candidate, int64_t now_ns);

/*
 * An active candidate could not be asked after all: it counts as untried again, and nothing
 * starts for a moment.
 */
void race_put_back(struct race *race, struct candidate *candidate, int64_t now_ns);

/*
 * An active candidate could not be asked after all, which says nothing of the others: the next
 * one may start at once, and this one in a moment, if no other is untried.
 */
void race_pass_over(struct race *race, struct candidate *candidate, int64_t now_ns);

/* Whether an address, known or not, is still to be asked for the first time. */
bool race_has_untried(const struct race *race, const struct candidates *candidates);

/* Whether an address is held, for which others wait. */
bool race_is_held(const struct race *race, const struct candidates *candidates);

/* An active candidate, or one that is asked again, is up, if it stays so. */
void race_hold(struct candidate *candidate);

/* How many candidates are being asked for the first time, or are held, and how many are
   settled. */
size_t race_active(const struct candidates *candidates);
size_t race_settled_count(const struct candidates *candidates);

/*
 * Ask a settled candidate again, beside what the attempt still waits for: an address without an
 * answer, or a lookup. False where there is nothing of the kind. It is no reason for the
 * attempt to go on.
 */
bool race_ask_again(const struct race *race, const struct candidates *candidates, size_t index,
                    int64_t now_ns);

/* A settled candidate is to be asked once more. */
void race_unsettle(struct candidate *candidate);

/* Go on with a new deadline. What is settled stays so. */
void race_restart(struct race *race, int64_t now_ns, int64_t timeout_ns);

#endif
