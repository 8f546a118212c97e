/*
 * congestion: which silence is believed, and when the rest is asked once more.
 *
 * A run of many targets may lose answers by its own traffic. So once CONGESTION_LEAST checks
 * were in flight at a time, a silence is believed only if the path was clear meanwhile
 * (canary.h) and no answer speaks against it (answered.h). A check whose silence is not known
 * to prove anything waits *undecided* for the next canaries; one whose silence proves nothing
 * waits for its *recheck*. When nothing else is under way, the rechecks have their turn: few at
 * a time, evenly spaced, only while the path is clear, twice as many as soon as a whole lot of
 * them brought no news. A path that is found congested narrows the window, and lets no new
 * target in before the rechecks are done.
 *
 * No network makes a run longer than its bound: the time for which all this puts targets off is
 * counted, and when it exceeds bound_holding_ns(), silence is believed from then on.
 *
 * Pure: it moves no check, asks nothing, reads no clock. The caller keeps the checks in queues,
 * reports their lengths (struct load) and does what it is told. Times are monotonic
 * nanoseconds. Engine thread only.
 *
 * Invariants: 1 <= parallel <= bound.window; rechecks begin in phase RECHECKING only, which
 * ends when none is waiting, undecided or under way, or by congestion_stop().
 */
#ifndef NETCHECK_CONGESTION_H
#define NETCHECK_CONGESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/token_bucket.h"
#include "netcheck/probe/answered.h"
#include "netcheck/probe/bound.h"
#include "netcheck/probe/canary.h"
#include "netcheck/probe/window.h"

enum {
    CONGESTION_LEAST = 64,       /* with fewer targets in flight nothing overflows */
    CONGESTION_RECHECKS_MAX = 4, /* of one target, as long as the path is found congested */
};

enum congestion_phase {
    CONGESTION_UNWATCHED,  /* few were in flight so far: silence is believed */
    CONGESTION_WATCHED,    /* silence is judged; new targets are asked */
    CONGESTION_RECHECKING, /* rechecks are under way, and no new targets */
    CONGESTION_OVER,       /* all of this took too long: silence is believed */
};

struct congestion {
    struct bound bound; /* of the run */
    enum congestion_phase phase;
    bool is_found;         /* the path was found congested, and rechecks were not done since */
    int64_t rechecking_ns; /* when phase RECHECKING began */
    size_t rechecking;     /* rechecks under way */
    size_t parallel;       /* rechecks under way, at most */
    size_t without_news;   /* of them, in a row */
    struct token_bucket pace; /* of rechecks */
    bool is_holding;          /* since counted_ns targets are put off by all this */
    int64_t held_ns;          /* for how long they were before */
    int64_t counted_ns;
    struct answered answered;
    struct canary canary;
};

/* What the engine has to do now. Counts of checks. */
struct load {
    int64_t now_ns;
    int64_t deadline_ns; /* when the next timer fires, perhaps a timeout; NEVER_NS for none */
    int64_t rate_ns;     /* when --rate lets the next connect pass; INT64_MIN without a rate */
    int64_t recheck_ns;  /* when the first of `rechecks` was found silent */
    uint64_t submitted;  /* so far */
    size_t under_way;    /* neither finished nor waiting */
    size_t occupied;     /* places of the window that are taken */
    size_t undecided;    /* wait to hear whether their silence proves anything */
    size_t rechecks;     /* wait for their recheck */
    size_t outages;      /* wait for the end of an outage */
    bool is_short;       /* checks wait for something that this machine lacks */
};

/* bound  of the run: window, attempts, timeout and rate of what is asked */
void congestion_init(struct congestion *congestion, const struct bound *bound);
void congestion_release(struct congestion *congestion);

/* Silence is judged from now on; phase UNWATCHED. `neighbours_lost` as in canary_start(). */
void congestion_start(struct congestion *congestion, int64_t now_ns, int64_t neighbours_lost);

/* Whether silence is judged. */
bool congestion_is_watched(const struct congestion *congestion);

enum judgement {
    JUDGEMENT_BELIEVE,   /* the silence is the target's */
    JUDGEMENT_UNDECIDED, /* that is not known yet */
    JUDGEMENT_RECHECK,   /* it may be this run's own doing */
};

/* One check that was silent to the end. */
struct silent_check {
    enum silence silence;     /* of its addresses: the one least to be believed */
    unsigned rechecks;        /* that it had */
    int64_t began_ns;         /* when its attempt began ... */
    int64_t ended_ns;         /* ... and ended */
    enum os_socket transport; /* by which it was asked */
};

/* What to do with a check that has just become silent. */
enum judgement congestion_judge(const struct congestion *congestion,
                                const struct silent_check *check);

/* What to do with an undecided one by what canaries have told; `silence` and `rechecks` do not
   count any more. */
enum judgement congestion_judge_path(const struct congestion *congestion,
                                     const struct silent_check *check);

/*
 * An undecided check has to be rechecked: the path was congested. Returns whether the window is
 * to be halved, down to congestion->parallel: once for all checks that were on the way
 * together.
 */
bool congestion_note_congested(struct congestion *congestion);

/*
 * Count the time for which targets are put off; not that before `returned_ns`, in which this
 * process did not run (INT64_MIN: it always did). Returns whether it is used up: then the
 * caller calls congestion_stop() and believes all that wait.
 */
bool congestion_count_held(struct congestion *congestion, const struct window *window,
                           const struct load *load, int64_t returned_ns);

/* Believe all silence from now on. */
void congestion_stop(struct congestion *congestion);

/* Forget canaries that are silent for so long that they prove nothing any more. */
void congestion_expire_canaries(struct congestion *congestion, int64_t now_ns);

/*
 * Let rechecks have their turn if it has come, or end it if none is left. To be called before
 * and after rechecks are begun.
 */
void congestion_update(struct congestion *congestion, const struct load *load);

/* When the next recheck may begin; NEVER_NS: not before something else happens. */
int64_t congestion_recheck_ns(const struct congestion *congestion, const struct load *load);

/* A recheck begins. */
void congestion_begin_recheck(struct congestion *congestion, int64_t now_ns);

/* It is under way no longer: finished, or waiting for something else. */
void congestion_end_recheck(struct congestion *congestion);

/* A check that was rechecked has its verdict; has_news: it is not silent any more. */
void congestion_note_verdict(struct congestion *congestion, bool has_news);

/* When the next canaries are due; NEVER_NS: not before something else happens. */
int64_t congestion_canaries_ns(const struct congestion *congestion, const struct load *load);

/* When there is something to do if nothing else happens before; NEVER_NS for never. */
int64_t congestion_due_ns(const struct congestion *congestion, const struct window *window,
                          const struct load *load);

/* How many checks may be under way now: fewer while rechecks are. */
size_t congestion_limit(const struct congestion *congestion, const struct window *window);

/* How many new targets may be asked now. */
size_t congestion_room(const struct congestion *congestion, const struct window *window,
                       const struct load *load);

#endif
