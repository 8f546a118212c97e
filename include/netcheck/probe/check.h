/*
 * check: one endpoint being asked, from its first lookup to its verdict.
 *
 * A decider: events go in (an address was found, a candidate answered, this machine was short
 * of something), check_next() says the one step that comes next, and the engine does it. Pure:
 * no system call, no clock; what it has to know of the time and of the rest of the run is in
 * struct moment.
 *
 * A check has *attempts*, each with its own timeout, as users call them; in each attempt its
 * *candidates*, the addresses, race each other (race.h).
 */
#ifndef NETCHECK_CHECK_H
#define NETCHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/heap.h"
#include "netcheck/base/list.h"
#include "netcheck/os/lookup.h"
#include "netcheck/probe/candidate.h"
#include "netcheck/probe/outage.h"
#include "netcheck/probe/probe.h"
#include "netcheck/probe/race.h"
#include "netcheck/probe/stall.h"
#include "netcheck/probe/window.h"

enum { NO_WINNER = CANDIDATES_MAX };

enum purpose {
    PURPOSE_REQUEST, /* it was submitted, and becomes rows */
    PURPOSE_CANARY,  /* it tells whether the network still carries what is asked: one attempt,
                        not worth waiting for anything */
};

/* Where a check is. Queue by queue, what it waits for. */
enum queue {
    QUEUE_IDLE,      /* nothing: memory to be used again */
    QUEUE_RUNNABLE,  /* its next step */
    QUEUE_ASLEEP,    /* an answer, or its timer */
    QUEUE_SHORT,     /* this machine was short of something */
    QUEUE_RESOLVER,  /* a resolver thread */
    QUEUE_UNDECIDED, /* silent: until it is known whether that proves anything */
    QUEUE_RECHECK,   /* silent, which is not believed: to be asked once more */
    QUEUE_OUTAGE,    /* failed for want of something here; as many queues as kinds of outage */
    QUEUE_DONE = QUEUE_OUTAGE + OUTAGE_KINDS, /* its rows to be collected */
    QUEUE_COUNT,
};

enum check_phase {
    CHECK_NEW,       /* its addresses are to be found */
    CHECK_RACE,      /* an attempt is under way */
    CHECK_PAUSE,     /* the next attempt begins at retry_ns */
    CHECK_SHORT,     /* this machine was short of something: to begin anew, later */
    CHECK_CONCLUDED, /* it has what it got: it may yet be asked once more */
    CHECK_OVER,      /* it has its verdict */
};

/*
 * Invariants: a flow is open only in CHECK_RACE, of a candidate that is HELD, or ACTIVE or
 * AGAIN and not void.
 */
struct check {
    /* The engine's: what decides (check.c, check_verdict.c) leaves them alone after
       check_init(). */
    enum queue queue;
    struct list link;
    struct heap_node timer; /* only while ASLEEP or RUNNABLE */
    struct name *name;      /* NULL: none is in use */
    struct list name_user;
    bool is_paid;      /* its next connect has its place in the rate already */
    unsigned rechecks; /* that it had or waits for */
    bool is_rechecked; /* this is one */
    bool is_recalled;  /* failed in an outage before, and is asked once more */
    int64_t silent_ns; /* when it was last found silent, or failed in an outage */
    struct starvation starvation;
    unsigned next_row; /* of those to collect */

    uint64_t sequence;
    struct endpoint endpoint; /* holds its target until the rows are collected */
    enum purpose purpose;
    int64_t asked_ns; /* when it was submitted */

    enum check_phase phase;
    int64_t retry_ns;
    unsigned attempts;
    unsigned void_attempts;  /* of these, those that prove nothing: we did not run */
    bool has_lost;           /* answers of this attempt were lost on this machine ... */
    bool is_flooded;         /* ... in a buffer that only what it asked can have filled */
    unsigned unasked;        /* times it began anew because not every address was asked */
    bool began_alone;        /* nothing else was under way when it began */
    struct outcome shortage; /* what this machine was short of last */

    struct outcome lookup_outcome; /* why there are no addresses */
    enum lookup_cause hang_cause;  /* of a lookup that was not answered in time */
    int64_t resolve_ns;            /* -1 while no lookup came back */
    struct shared *canonical;      /* as in struct result */
    bool had_address;              /* its name once did, before the answers that it has now */
    const struct exclusion *exclusion; /* as in struct probe_options; of a name only */
    size_t excluded; /* addresses of its name that were left out for that, so far */

    struct race race;
    struct candidates candidates;
    size_t winner; /* index of the first address that is up, or NO_WINNER */

    bool is_given_up; /* `give_up` is the verdict, whatever the addresses say */
    struct outcome give_up;
    bool is_cut; /* as in struct result */
    int64_t finished_ns;
};

/* What a check has to know when it decides. */
struct moment {
    int64_t now_ns;
    int64_t timeout_ns; /* of an attempt that would begin now; never beyond the run's end */
    int64_t began_ns;   /* when the run did */
    bool is_alone;      /* no other check is under way */
    bool is_rate_spent; /* nothing that was asked before may be asked now */
    const struct probe_options *options;
    struct backoff *backoff; /* pauses before an address is asked again; its chance moves on */
    const struct stall *stall;
};

enum step_kind {
    STEP_RESOLVE, /* find its addresses: check_found(), check_awaits() or check_unresolved() */
    STEP_RETRY,  /* another attempt begins, because of `outcome`; nothing to do but to say so */
    STEP_ASK,    /* ask `candidate`: check_asking(), and what becomes of it */
    STEP_EXPIRE, /* the time of `candidate` is over: check_answered() with what is known, or
                    check_held() */
    STEP_SLEEP,  /* nothing, until `until_ns` or an event */
    STEP_SHORT,  /* stop, wait until this machine has what it lacks, then go on */
    STEP_JUDGE,  /* decide whether that is the verdict: check_believe() or check_recheck() */
    STEP_DONE,   /* it has its verdict */
};

struct step {
    enum step_kind kind;
    size_t candidate;
    int64_t until_ns;
    struct outcome outcome;
};

/* Make new or used memory a check of `endpoint`, whose target it holds. */
void check_init(struct check *check, uint64_t sequence, const struct endpoint *endpoint,
                enum purpose purpose);

/* Forget the addresses and the target. No flow is open and no name in use. */
void check_release(struct check *check);

/* The step that comes next. After all but SLEEP it is called again for the one behind it, once
   the step is done. */
struct step check_next(struct check *check, const struct moment *moment);

/* The address to ask; there is only one. */
void check_found(struct check *check, const struct address *address,
                 const struct moment *moment);

/* Lookups of its name in these FAMILY_ bits are under way. */
void check_awaits(struct check *check, unsigned families, const struct moment *moment);

/* The addresses cannot be found, for this reason, which may be a shortage. */
void check_unresolved(struct check *check, const struct outcome *outcome,
                      const struct moment *moment);

/*
 * The lookup of `family`, which is awaited, came back.
 *
 * took_ns  since the attempt began; -1: unknown
 *
 * False without memory.
 */
bool check_resolved(struct check *check, unsigned family, const struct lookup *lookup,
                    int64_t took_ns, int64_t now_ns);

/* Whether it awaits a lookup of one of these families. */
bool check_awaits_any(const struct check *check, unsigned families);

/* The candidate is about to be asked; its flow is as new, unless it was void. */
void check_asking(struct check *check, size_t index, int64_t now_ns);

/* The candidate has its answer, or is silent to the end; the reply goes over to it. False:
   what it said before stands. */
bool check_answered(struct check *check, size_t index, const struct flow_answer *answer,
                    const struct moment *moment);

/* The candidate has its answer, which is up, and is held: check_answered() says whether the
   answer holds. The reply goes over to it. */
void check_held(struct check *check, size_t index, const struct flow_answer *answer,
                const struct moment *moment);

/* Answers were lost on this machine: the silence of this attempt proves nothing. Unless others
   shared the buffer (is_shared) it is asked once more only: a peer that floods would else hold
   its place for as long as it likes. */
void check_lost(struct check *check, bool is_shared);

/* What was asked was void. */
void check_voided(struct check *check, size_t index);

/* This machine could not ask the candidate. False: it has its answer from before. */
bool check_unasked(struct check *check, size_t index, const struct outcome *outcome,
                   const struct moment *moment);

/* Whether nothing that is still asked can change its verdict. */
bool check_is_decided(const struct check *check);

/* Begin the next attempt now, although its time may not have come: STEP_RETRY. */
struct step check_retry(struct check *check, const struct moment *moment);

/* After STEP_JUDGE: that is the verdict, and was at `at_ns`. */
void check_believe(struct check *check, int64_t at_ns);

/* After STEP_JUDGE: those addresses that were silent or out of reach are asked again. */
void check_recheck(struct check *check, int64_t now_ns);

/* Nothing more is learned: the verdict is `outcome`. */
void check_give_up(struct check *check, const struct outcome *outcome, int64_t now_ns);

/* The same, but with -A what is known of its addresses stays known. */
void check_abandon(struct check *check, const struct outcome *outcome, int64_t now_ns);

/* Whether an address was silent to the end. */
bool check_is_silent(const struct check *check);

#endif
