/*
 * engine: what the engine has and does for its checks. Private to it.
 *
 * probe.c owns descriptors, timers and what is finished; waiting.c moves checks that wait;
 * recheck.c does what congestion.c decides about silent checks; canaries.c asks the canaries;
 * recall.c asks once more what failed for want of a route or a resolver. check.c and attempt.c
 * ask for all this here.
 */
#ifndef NETCHECK_ENGINE_H
#define NETCHECK_ENGINE_H

#include "check.h"
#include "netcheck/probe/congestion.h"
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

/* Checks that failed in an outage: what recall.c keeps. */
struct recall {
    struct list failed[OUTAGE_KINDS]; /* wait to be asked once more, the first to fail first */
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
    size_t waits[WAIT_COUNT]; /* checks that wait, by what they wait for; of waiting.c */
    struct window window;
    size_t open_count;          /* descriptors of attempts */
    bool has_all;               /* nothing more will be submitted */
    int64_t submitted_ns;       /* when the last check was */
    int64_t progress_ns;        /* when a descriptor was last opened or a check finished */
    bool has_freed;             /* something was given back since the last look at short_of */
    struct thread_wait threads; /* of the checks in `blocked` */

    struct list undecided; /* silent: wait to hear whether that proves anything */
    struct list rechecks;  /* it does not: wait for their recheck */
    struct congestion congestion;
    bool is_belief_told;
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
    size_t count = probe->in_flight;
    for (size_t i = 0; i < WAIT_COUNT; i++)
        count -= probe->waits[i];
    return count;
}

/* What there is to do now, as congestion.h asks for it. */
struct load probe_load(const struct probe *probe, int64_t now_ns);

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

/* Restart the checks that can go on; those that never will end as `local`. */
void waiting_resume(struct probe *probe, int64_t now_ns);

/* recheck.c: does what congestion.h decides about checks that are silent. */

/* So many are in flight now that silence is judged from here on. */
void recheck_start(struct probe *probe);

/* Some address of the check was silent to the end: is that to be believed? */
enum judgement recheck_judge(struct probe *probe, const struct check *check, int64_t now_ns);

/* Let a check wait that is not judged, or to be rechecked. */
void recheck_park(struct probe *probe, struct check *check, enum judgement judgement,
                  int64_t now_ns);

/* The check is in its recheck no longer. */
void recheck_leave(struct probe *probe, struct check *check);

/* The check is finished, rechecked or not. */
void recheck_finish(struct probe *probe, struct check *check);

/* Ask canaries, finish what can be believed by now, and begin the rechecks that may begin. */
void recheck_resume(struct probe *probe, int64_t now_ns);

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

/* canaries.c: asks the canaries. */

/* Begin a round. */
void canaries_ask(struct probe *probe, int64_t now_ns);

/* A question of the round is done. */
void canaries_answered(struct probe *probe, const struct check *check);

#endif
