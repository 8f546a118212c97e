/*
 * result: one row, as plain values: what was asked and what was learned.
 *
 * Everything a writer, a count or a state file may want to know; nothing is formatted here.
 */
#ifndef NETCHECK_RESULT_H
#define NETCHECK_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/target/endpoint.h"
#include "netcheck/probe/outage.h"
#include "netcheck/probe/outcome.h"
#include "netcheck/probe/reply.h"
#include "netcheck/base/shared.h"

struct check;

/* What a row says that was not said before. */
enum news {
    NEWS_NONE,
    NEWS_NEW,      /* nothing was known of the target, or told of it, before */
    NEWS_CHANGED,  /* the state is another one than before */
    NEWS_REMINDER, /* the state is as it was told, which is long ago (--remind) */
};

/*
 * What a row changed, where a target is asked more than once, or is remembered from one run to
 * the next (--state). All zero: nothing is known of that.
 */
struct change {
    enum news news;
    bool has_new_reason; /* the reason is another one than in the row before */
    enum state before;   /* NEWS_CHANGED: the state before, ... */
    int64_t lasted_ns;  /* ... and how long it had lasted, from asking to asking. Of other news:
                           how long this state has lasted. -1: unknown */
    int64_t since_s;    /* since 1970: when this state began; 0: unknown */
    bool is_remembered; /* by --state; the members from here on are of that */
    bool was_unknown;   /* NEWS_CHANGED: this machine could not ask, so that `before`, an
                           error, says nothing of the target; ... */
    enum state known;   /* ... and the state before that; STATE_COUNT: none was known */
    int64_t unasked_ns; /* the target was asked last so long ago, which is longer than it
                           ought to be; 0: no */
};

/* Who rejects others by ICMP, as seen from an address that is silent. */
enum rejecter {
    REJECTER_NONE,        /* none is known */
    REJECTER_ITSELF,      /* the silent address itself */
    REJECTER_NEAR_ROUTER, /* a router that rejected others in its neighbourhood ... */
    REJECTER_FAR_ROUTER,  /* ... or further away: rejections.h says how far */
};

/* Why a silence proves little: the rejecter sends only so many ICMP errors. */
struct rejection {
    enum rejecter by;
    struct address sender; /* AF_UNSPEC where `by` is REJECTER_NONE */
    uint64_t others; /* ports, or of a router targets, that it rejected in this run; 0: only
                        this very one, before */
};

struct result {
    uint64_t sequence;        /* place among all rows asked for, from 0 */
    uint64_t round;           /* how often the target was asked, from 1; 0: it is asked once */
    unsigned row;             /* with -A: which of the target's rows, from 0 */
    unsigned rows;            /* with -A: how many there are; else 1 */
    struct endpoint endpoint; /* holds a reference to its target; address AF_UNSPEC if none */
    struct shared *canonical; /* the name its addresses were found under; held; NULL: unknown,
                                 or the host but for case and final dot */
    struct outcome outcome;
    struct rejection rejection; /* of a timeout */
    struct change change;       /* all zero where a target is asked once */
    int64_t asked_ns;           /* monotonic: when its turn came */
    int64_t finished_ns;        /* monotonic: when the verdict was reached */
    int64_t resolve_ns;         /* time the name took; -1: no name was resolved */
    int64_t connect_ns;         /* from connect() to its answer; -1: none, or unknown when */
    int64_t reply_ns;           /* from the question to its answer; the same */
    int64_t waited_ns;          /* timeout: how long the last attempt waited in all */
    int syn_retransmits;        /* -1 unknown */
    struct measures measures;   /* its reply is held */
    unsigned attempts;          /* how often the target was asked, from 1; 0: never */
    unsigned others_failed;     /* further addresses of the name that failed too */
    bool is_cut;                /* cut short by the end of the run: a silence proves little */
    bool is_gone; /* unresolved: the resolver says that there is no such name, or no address of
                     it; an earlier answer of this run had one. Where names are remembered */
};

/*
 * A row, the only one of its target, of an endpoint that was never asked: no times, no
 * attempts. The reference to the target is the caller's to add, where the result is to be
 * released.
 */
struct result result_unasked(const struct endpoint *endpoint, struct outcome outcome,
                             int64_t now_ns);

/* What counts as its time: until the reply or, where nothing more was asked than that, the
   handshake; -1: none, or unknown. */
int64_t result_latency_ns(const struct result *result);

/* Whether the target was written with '!' or everything but the gate is expected down. */
bool result_expects_down(const struct result *result, bool expects_down);

/* Whether the state is the expected one; an error never is. */
bool result_is_expected(const struct result *result, bool expects_down);

/* How many rows a check has that is over or concluded. */
unsigned result_rows(const struct check *check);

/* Row `row` of it; the target is borrowed. */
void result_fill(struct result *result, const struct check *check, unsigned row);

/*
 * The kind of outage that a row of it would speak for, NAMES before the others, and the row's
 * outcome, which is set where there is one.
 */
enum outage_kind result_outage(const struct check *check, struct outcome *outcome);

/* One more holder of what the result refers to. */
void result_hold(struct result *result);

/* Drop the references that it holds. */
void result_release(struct result *result);

#endif
