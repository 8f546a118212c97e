/*
 * engine: what the engine has and does for its checks. Private to it.
 *
 * probe.c owns descriptors, timers and what is finished; waiting.c the checks that wait for
 * this machine; look.c those that wait for a second look; path.c asks the canaries it goes by;
 * recall.c those that failed for want of a route or a resolver, and wait for the end of the
 * outage. The window is narrowed by waiting.c and look.c and recovers with each finished check.
 * check.c and attempt.c ask for all this here.
 */
#ifndef NETCHECK_ENGINE_H
#define NETCHECK_ENGINE_H

#include "check.h"
#include "netcheck/probe/canary.h"
#include "netcheck/os/fdset.h"
#include "netcheck/base/token_bucket.h"
#include "netcheck/probe/rejections.h"

/* A new descriptor and whose it is. */
struct owner {
    struct check *check; /* NULL: not ours */
    size_t index;        /* of the attempt */
    uint64_t turn;       /* in which it was opened: what select() said before is not about it */
};

struct trace_queue {
    struct trace *traces;
    size_t first;
    size_t end;
    size_t capacity;
};

/* The second look: what look.c keeps. */
struct look {
    struct list suspect;       /* silent: wait to hear whether that proves anything */
    struct list doubtful;      /* it does not: wait for their second look */
    size_t silent_count;       /* checks in both, and in the lists of recall.c */
    size_t second_count;       /* checks in their second look */
    bool is_crowded;           /* CONGESTION_LEAST were in flight at a time */
    bool was_clogged;          /* since the last calm time */
    bool is_calm;              /* second looks are under way, and little else */
    int64_t doubtful_since_ns; /* the first of them waits since then */
    int64_t calm_since_ns;
    size_t calm;              /* second looks under way at a time */
    size_t quiet;             /* of them in a row without news; then more at a time */
    struct token_bucket rate; /* of second looks */
    bool is_held;             /* since counted_ns, targets were put off for all this */
    bool is_spent;            /* that took so long that no doubt counts any more: see bound.h */
    bool is_belief_told;
    int64_t held_ns;    /* how long they were */
    int64_t counted_ns; /* until then */
    struct answered answered;
    struct canary canary;
};

/* Checks that failed in an outage: what recall.c keeps. */
struct recall {
    struct list failed[OUTAGE_KINDS]; /* wait to be asked once more, the first to fail first */
    size_t out;                       /* checks that were, and are not finished */
    struct outage outage;
};

/* The last time this process did not run, or the machine did not. INT64_MIN: never. */
struct stall {
    int64_t seen_ns;      /* we ran then, for the last time that is known */
    int64_t left_ns;      /* we did not run from here ... */
    int64_t returned_ns;  /* ... to here */
    int64_t late_left_ns; /* the same for shorter times: turns may have come too late */
    int64_t late_returned_ns;
    int64_t suspended_ns; /* as the system counts */
    int64_t resumed_ns;   /* the machine was suspended until here */
    unsigned continues;   /* as the system counts */
    int64_t stopped_ns;   /* this process was stopped until here */
    bool is_back;         /* select() has not told yet what came while we were away */
};

struct probe {
    const struct os *os;
    struct probe_options options;
    struct names *names; /* NULL until the first target with a name */
    const struct resolver *resolver;

    struct token_bucket rate;
    int64_t began_ns;
    struct heap timers;
    struct fdset watched; /* descriptors whose answer is awaited */
    struct fdset ready;
    struct fdset readable;
    struct owner *owners; /* by descriptor */
    size_t owners_len;
    uint64_t turn;
    struct stall stall;
    int64_t selected_ns; /* what select() called not ready had no answer until then */

    struct list idle;     /* checks to be used again */
    struct list short_of; /* put back: this machine was short of something */
    struct list blocked;  /* wait for a resolver thread */
    struct list spent;    /* canaries that are done */
    struct list done;     /* finished, not collected */
    size_t idle_count;
    uint64_t submitted; /* requests so far */
    size_t in_flight;   /* all checks but idle, spent, done and canaries */
    size_t done_count;
    size_t waiting; /* checks in short_of, blocked, `recall`, and both lists of `look` */
    struct window window;
    size_t open_count;        /* descriptors of attempts */
    bool has_all;             /* nothing more will be submitted */
    int64_t submitted_ns;     /* when the last check was */
    int64_t progress_ns;      /* when a descriptor was last opened or a check finished */
    bool has_freed;           /* something was given back since the last look at short_of */
    int64_t blocked_since_ns; /* nothing is under way and no lookup came back since; NEVER_NS:
                                 that is not so */
    int64_t blocked_try_ns;   /* when the first of `blocked` is to be tried again */

    struct look look;
    struct rejections rejections;
    struct recall recall;

    bool is_out_of_memory;
    struct trace_queue traces;
};

/* Await the answer of attempt `index` on its descriptor. NONE or NO_MEMORY. */
enum error probe_watch_attempt(struct probe *probe, struct check *check, size_t index);

/* No longer wake up for the descriptor; it stays open. */
void probe_unwatch(struct probe *probe, int fd);

/* Forget and close the descriptor; with RST where `is_aborted`. */
void probe_close(struct probe *probe, int fd, bool is_aborted);

/* How long a try that begins now may take: never beyond the end of the run. */
int64_t probe_timeout_ns(const struct probe *probe, int64_t now_ns);

/* Memory for a check, to be initialised; NULL for none. */
struct check *probe_take_check(struct probe *probe);

/* Wake the check at `at_ns`. */
void probe_schedule(struct probe *probe, struct check *check, int64_t at_ns);

/* The check is finished: its rows can be collected. */
void probe_finish(struct probe *probe, struct check *check);

/* Keep a trace about the check, if traces are wanted; the address may be NULL. */
void probe_trace(struct probe *probe, const struct check *check, const struct address *address,
                 const struct trace *trace);

/* Checks that are neither finished nor waiting. */
static inline size_t probe_under_way(const struct probe *probe)
{
    return probe->in_flight - probe->waiting;
}

/* stall.c: when we did not run. */

void stall_init(struct stall *stall, const struct os *os);

/* We run, at now_ns, and did not sleep since we were seen last. */
void stall_note(struct stall *stall, int64_t now_ns);

/* We slept, until now_ns instead of due_ns; was_interrupted: by a signal. */
void stall_note_sleep(struct stall *stall, int64_t due_ns, int64_t now_ns,
                      bool was_interrupted);

/* Look whether the machine was suspended, the time of which is not in ours, or this process
   stopped. */
void stall_note_stops(struct stall *stall, const struct os *os, int64_t now_ns);

/* What select() had to tell is told. */
void stall_end_turn(struct stall *stall);

/* Whether an answer that is found now, and is awaited since begin_ns, may have come while we
   were away: when it came is unknown then. */
bool stall_hides(const struct stall *stall, int64_t begin_ns);

/* Whether a silence from begin_ns to deadline_ns proves nothing, because we did not run. */
bool stall_voids(const struct stall *stall, int64_t begin_ns, int64_t deadline_ns);

/* Whether we were late at the deadline, so that what was due before may not have begun. */
bool stall_delayed(const struct stall *stall, int64_t deadline_ns);

/* waiting.c: checks that cannot go on now. None of them has anything open. */

/* Let the check wait in the list that belongs to `wait`. */
void waiting_add(struct probe *probe, struct check *check, enum check_wait wait);

/* The check waits no longer; what it does next is the caller's business. */
void waiting_end(struct probe *probe, struct check *check);

/* This machine was short of something: wait until something is given back. */
void waiting_put_back(struct probe *probe, struct check *check, int64_t now_ns);

/* Whether something that waits for this machine can be tried right away. */
bool waiting_has_hope(const struct probe *probe);

/* When waiting_resume() has something to do for a check without a thread; NEVER_NS: never. */
int64_t waiting_due_ns(const struct probe *probe);

/* A lookup came back: its thread may take another one. */
void waiting_note_answer(struct probe *probe);

/* Let those go on that can, and give up the starved. */
void waiting_resume(struct probe *probe, int64_t now_ns);

/* look.c: which silence is believed, and the second look at the rest. */

void look_init(struct look *look, const struct probe_options *options);
void look_release(struct look *look);

/* There are so many in flight now that it begins to matter. */
void look_crowd(struct probe *probe);

enum belief {
    BELIEF_YES,  /* the silence is the target's */
    BELIEF_OPEN, /* it is not known yet */
    BELIEF_NO,   /* it may be our own doing */
};

/* Some address of the check was silent to the end: is that to be believed? */
enum belief look_judge(struct probe *probe, const struct check *check, int64_t now_ns);

/* Let a check wait whose silence is not believed, or not yet. */
void look_park(struct probe *probe, struct check *check, enum belief belief, int64_t now_ns);

/* The check is in its second look no longer. */
void look_leave(struct probe *probe, struct check *check);

/* The check is finished, in its second look or not. */
void look_finish(struct probe *probe, struct check *check);

/* Believe those that can be believed by now, and begin the second looks that may begin. */
void look_resume(struct probe *probe, int64_t now_ns);

/* When look_resume() has work to do if nothing else happens before; NEVER_NS for never. */
int64_t look_due_ns(const struct probe *probe, int64_t now_ns);

/* Whether nothing may be submitted before second looks had their turn. */
bool look_comes_first(const struct probe *probe, int64_t now_ns);

/* How many may be under way now: fewer while second looks are. */
size_t look_window(const struct probe *probe);

/* recall.c: what failed for want of a route or a resolver, and is asked once more. */

void recall_init(struct recall *recall);

/*
 * Let the check wait, if a row of it speaks for an outage and that is likely; false where it
 * does not, or was asked once more already.
 */
bool recall_park(struct probe *probe, struct check *check, int64_t now_ns);

/* The check has its verdict: the routes and the resolver that it used are there. */
void recall_note(struct probe *probe, const struct check *check);

/* The check is finished, asked once more or not. */
void recall_finish(struct probe *probe, const struct check *check);

/* Ask those once more whose turn has come. */
void recall_resume(struct probe *probe, int64_t now_ns);

/* When recall_resume() has work to do if nothing else happens before; NEVER_NS for never. */
int64_t recall_due_ns(const struct probe *probe);

/* path.c: asks the canaries. */

/* When path_ask() should be called; NEVER_NS: not before something else happens. */
int64_t path_due_ns(const struct probe *probe);

/* Begin a round. */
void path_ask(struct probe *probe, int64_t now_ns);

/* A question of the round is done. */
void path_answered(struct probe *probe, const struct check *check);

#endif
