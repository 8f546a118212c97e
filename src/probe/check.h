/*
 * check: one request in flight, from its first lookup to its verdict. Private to the engine.
 *
 * Words: a *request* is what was submitted, a *check* is what the engine makes of it; an
 * *attempt* is one address of it being asked. A check has *tries*, each with its own timeout;
 * in a result they are called attempts, as users call them; each of them has asked an
 * address or awaited a lookup. *Short* is this machine, of something it needs.
 *
 * attempt.c asks one address; check.c decides for the request what happens next; rows.c turns a
 * finished one into results. Descriptors, timers and the window are the engine's: engine.h.
 */
#ifndef NETCHECK_CHECK_H
#define NETCHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/heap.h"
#include "netcheck/base/list.h"
#include "netcheck/probe/answered.h"
#include "netcheck/probe/names.h"
#include "netcheck/os/os.h"
#include "netcheck/probe/outage.h"
#include "netcheck/probe/race.h"
#include "netcheck/probe/probe.h"
#include "netcheck/probe/window.h"

/* One address being asked. Its index in check->attempts is its index in check->race. */
struct attempt {
    struct address address;
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

enum { NO_WINNER = RACE_ADDRESS_MAX };

enum check_wait {
    WAIT_NONE,
    WAIT_SUPPLY,    /* put back: this machine was short of something */
    WAIT_THREAD,    /* for a resolver thread */
    WAIT_UNDECIDED, /* silent: until it is known whether that proves anything */
    WAIT_OUTAGE,    /* failed for want of a route or a resolver: until there may be one again */
    WAIT_RECHECK,   /* for its recheck, until nothing else is under way */
    WAIT_COUNT
};

/*
 * Invariants: in exactly one of the engine's lists or, while it is worked on, in its timer
 * heap; name != NULL exactly while name_user is in the name's list; attempts has race.count
 * valid elements and points to `single` or to memory of its own.
 */
struct check {
    struct list link; /* idle, waiting, spent, or done */
    struct heap_node timer;
    uint64_t sequence;
    struct endpoint endpoint; /* holds its target until the rows are collected */

    struct name *name;
    struct list name_user;
    struct outcome lookup_outcome; /* why there are no addresses */
    int64_t resolve_ns;            /* -1 while no lookup came back */
    struct shared *canonical;      /* as in struct result */

    struct race race;
    struct attempt *attempts;
    size_t capacity; /* of attempts */
    struct attempt single;

    int64_t asked_ns; /* when it was submitted */
    unsigned tries;
    unsigned void_tries;     /* of these, those that prove nothing: we did not run */
    bool is_finished;        /* it has its verdict; nothing may wake it any more */
    bool is_canary;          /* a canary: it was not submitted and has no row */
    bool is_recheck;         /* this is one */
    unsigned rechecks;       /* that it had or waits for */
    int64_t silent_ns;       /* when it was last found silent, or failed in an outage */
    enum outage_kind outage; /* for whose end it waits */
    bool is_recalled;        /* failed in an outage before, and is asked once more */
    bool is_due_again;       /* its next try begins when its timer fires */
    bool is_paid;            /* its next connect has its place in the rate already */
    int64_t finished_ns;
    size_t winner;        /* index of the first address that is up, or NO_WINNER */
    enum check_wait wait; /* if not NONE: no timer, nothing open */
    struct starvation starvation;
    bool is_given_up;        /* `give_up` is the verdict, whatever the addresses say */
    bool is_cut;             /* as in struct result */
    bool began_alone;        /* nothing else was under way when it began */
    unsigned unasked;        /* times it began anew because not every address was asked */
    struct outcome shortage; /* why an address could not be asked */
    struct outcome give_up;
    unsigned next_row; /* of those to collect */
};

/* Ask address `index`, which the race has just started. */
void attempt_ask(struct probe *probe, struct check *check, size_t index);

/* Its pause is over: ask it again, if the attempt waits for others, and the rate allows it. */
void attempt_ask_again(struct probe *probe, struct check *check, size_t index, int64_t now_ns);

/* Look what became of it, after a wake-up or a pause. */
void attempt_look(struct probe *probe, struct check *check, size_t index, int64_t now_ns);

/* The same at the deadline: the answer may have come while we were stopped or busy. */
void attempt_look_last(struct probe *probe, struct check *check, size_t index, int64_t now_ns);

/* Close its descriptor, if it is open; with RST where `is_aborted`. */
void attempt_close(struct probe *probe, struct attempt *attempt, bool is_aborted);

/* Address `index` was not asked after all: this machine is short of something. */
void check_postpone(struct probe *probe, struct check *check, size_t index,
                    const struct outcome *outcome, int64_t now_ns);

/* Begin an attempt at the target: join its name or ask its address. */
void check_begin(struct probe *probe, struct check *check, int64_t now_ns);

/* Whether an address was silent to the end. */
bool check_is_silent(const struct check *check);

/* What the silence of its addresses is: of the one that says most against belief. */
enum silence check_silence(const struct probe *probe, const struct check *check);

/*
 * The kind of outage that a row of it would speak for, NAMES before the others, and the
 * row's outcome.
 */
enum outage_kind check_outage(const struct check *check, struct outcome *outcome);

/* The silence is believed: that is the verdict, and was at the time. */
void check_accept(struct probe *probe, struct check *check);

/* Ask the addresses again that were silent or out of reach, when its turn has come. */
void check_ask_again(struct probe *probe, struct check *check, int64_t now_ns);

/* The timer fired. */
void check_timer(struct probe *probe, struct check *check, int64_t now_ns);

/* The descriptor of attempt `index` is ready. */
void check_ready(struct probe *probe, struct check *check, size_t index, int64_t now_ns);

/* The name of the check was answered in these families; it may know some of them already. */
void check_answer(struct probe *probe, struct check *check, unsigned families, int64_t now_ns);

/* Nothing more is learned: the verdict is `outcome`. */
void check_give_up(struct probe *probe, struct check *check, const struct outcome *outcome,
                   int64_t now_ns);

/* The same, but with -A what is known of its addresses stays known. */
void check_abandon(struct probe *probe, struct check *check, const struct outcome *outcome,
                   int64_t now_ns);

/* Close what is open and leave the name; the addresses and outcomes stay. */
void check_stop(struct probe *probe, struct check *check);

/* Make a new or used check ready for `endpoint`, which is held. */
void check_init(struct check *check, uint64_t sequence, const struct endpoint *endpoint);

/* Forget the addresses and the target. */
void check_release(struct check *check);

/* How many rows a finished check has. */
unsigned check_rows(const struct check *check);

/* Row `row` of a finished check; the target is borrowed. */
void check_row(const struct check *check, unsigned row, struct result *result);

#endif
