/*
 * engine: what the engine has and does for its checks. Private to it.
 *
 * probe.c is the engine itself: submit, turn, collect. A turn has phases, none of which is
 * entered by another: sleep in select(); hear what came (hear.c), which only notes it; let the
 * checks do their next steps (step.c); admit those that waited (admit.c), step by step, until
 * none may go on. The phases act through flows.c (asks candidates), addresses.c (names and
 * interfaces), finish.c (verdicts), queues.c (where each check is) and traces.c.
 */
#ifndef NETCHECK_ENGINE_H
#define NETCHECK_ENGINE_H

#include "netcheck/probe/check.h"
#include "netcheck/probe/congestion.h"
#include "netcheck/probe/names.h"
#include "netcheck/base/token_bucket.h"
#include "netcheck/probe/rejections.h"
#include "lanes.h"
#include "sockets.h"

struct trace_queue {
    struct trace *traces;
    size_t first;
    size_t end;
    size_t capacity;
};

struct probe {
    const struct os *os;
    struct probe_options options;
    struct ask_options canary_ask; /* how canaries are asked: of a service only its handshake */
    struct names *names;           /* NULL until the first target with a name */
    const struct resolver *resolver;

    struct token_bucket rate;
    int64_t began_ns;
    struct stall stall;
    struct sockets sockets;
    struct lanes lanes;
    uint64_t flows;            /* that were started so far */
    struct siphash_key secret; /* of the run: what cookies are made of */
    int64_t selected_ns;       /* what select() called not ready had no answer until then */

    /* Only queues.c changes these three; probe.c reserves room in the heap. */
    struct list queues[QUEUE_COUNT];
    size_t counts[QUEUE_COUNT]; /* their lengths */
    struct heap timers;         /* of checks that are asleep or runnable */

    uint64_t submitted; /* requests so far */
    struct window window;
    bool has_all;          /* nothing more will be submitted */
    int64_t submitted_ns;  /* when the last check was */
    int64_t progress_ns;   /* when a descriptor was last opened or a check finished */
    bool has_freed;        /* something was given back since SHORT was last tried */
    struct check *tried;   /* let go on last in this turn, to see whether it comes back ... */
    enum queue tried_from; /* ... to SHORT or RESOLVER; NULL: none */
    struct thread_wait threads; /* of the checks in RESOLVER */

    struct congestion congestion;
    bool is_belief_told;
    struct rejections rejections;
    struct outage outage;

    bool is_out_of_memory;
    struct trace_queue traces;
};

/* How the check is asked. */
static inline const struct protocol *protocol_for(const struct probe *probe,
                                                  const struct check *check)
{
    return probe->options.protocols[check->endpoint.protocol];
}

/* queues.c: where the checks are. */

/* Where checks wait that failed in an outage of this kind. */
static inline enum queue queue_of_outage(enum outage_kind kind)
{
    return (enum queue)(QUEUE_OUTAGE + kind);
}

/* Put the check last in the queue. It has a timer only while it is ASLEEP or RUNNABLE. */
void queue_move(struct probe *probe, struct check *check, enum queue queue);

/* The same, but first in the queue. */
void queue_move_first(struct probe *probe, struct check *check, enum queue queue);

/* It has something to do: RUNNABLE, if it is not yet. */
void queue_wake(struct probe *probe, struct check *check);

/* The check that is longest in the queue; NULL: none. */
struct check *queue_first(const struct probe *probe, enum queue queue);

/* Put it to sleep until `at_ns`, if nothing wakes it before. */
void queue_sleep(struct probe *probe, struct check *check, int64_t at_ns);

/* The check whose timer has fired by now, which it has no more; NULL: none. */
struct check *queue_take_due(struct probe *probe, int64_t now_ns);

/* A check for `endpoint`, in no queue yet; NULL without memory. */
struct check *queue_new_check(struct probe *probe, uint64_t sequence,
                              const struct endpoint *endpoint, enum purpose purpose);

/* Give the memory back that is kept to be used again. */
void queue_free_idle(struct probe *probe);

/* The check is done with: its memory may be used again. No flow is open, no name in use. */
void queue_recycle(struct probe *probe, struct check *check);

/* Requests that are asked right now. */
size_t queue_under_way(const struct probe *probe);

/* Requests that are neither idle nor done. */
size_t queue_in_flight(const struct probe *probe);

/* What there is to do now, as congestion.h asks for it. */
struct load queue_load(const struct probe *probe, int64_t now_ns);

/* traces.c */

/* Keep a trace about the check, if traces are wanted; the address may be NULL. */
void trace_check(struct probe *probe, const struct check *check, const struct address *address,
                 const struct trace *trace);

/* Another attempt begins, because of `outcome`. */
void trace_retry(struct probe *probe, const struct check *check, const struct outcome *outcome);

void trace_candidate(struct probe *probe, const struct check *check, size_t index,
                     enum trace_kind kind);

/* flows.c: asks candidates, and tells their checks. */

struct moment moment_of(struct probe *probe, const struct check *check, int64_t now_ns);

/* Ask the candidate. Returns what time it is then. */
int64_t flow_ask(struct probe *probe, struct check *check, size_t index);

/* What its flow waited for has come. */
void flow_hear(struct probe *probe, struct check *check, size_t index, int64_t now_ns);

/* Something has come on the lane: tell the checks whose flows it is for, which are RUNNABLE
   then. What is too much for one turn stays for the next one. */
void flow_hear_lane(struct probe *probe, struct open_lane *lane, int64_t now_ns);

/* The time of the candidate is over. Its lane may have had something for other checks, too. */
void flow_expire(struct probe *probe, struct check *check, size_t index, int64_t now_ns);

/* Close the lanes that no flow is on. */
void flow_close_lanes(struct probe *probe);

/* Close every flow of the check. */
void flow_stop_all(struct probe *probe, struct check *check);

/* addresses.c: finds the addresses of checks. */

/* Find the addresses of a check that wants them, or let it wait in QUEUE_RESOLVER. */
void addresses_find(struct probe *probe, struct check *check, int64_t now_ns);

/* Lookups came back, or are due: tell the checks that await them, which are RUNNABLE then. */
void addresses_hear(struct probe *probe, int64_t now_ns);

/* The check uses its name no longer. */
void addresses_leave(struct probe *probe, struct check *check);

/* finish.c: what becomes of checks that have what they got. */

/* It is silent or failed in an outage: finish it, or let it wait for what is to be known. */
void finish_or_recheck(struct probe *probe, struct check *check, int64_t now_ns);

/* It is over: stop it, learn from it, and let its rows be collected. */
void finish_check(struct probe *probe, struct check *check);

/* Its silence is believed: that was its verdict when it was found. */
void finish_silent(struct probe *probe, struct check *check);

/* Its silence is not believed: let it wait for its recheck. */
void finish_later(struct probe *probe, struct check *check);

/* That all silence is believed from here on is told once. */
void finish_tell_belief(struct probe *probe, const struct check *check);

/* Close its flows and leave its name; the addresses and outcomes stay. */
void finish_stop(struct probe *probe, struct check *check);

/* This machine was short of something: stop it, and let it wait until something is given back.
 */
void finish_put_back(struct probe *probe, struct check *check, int64_t now_ns);

/* hear.c */

/* Tell the checks what came: answers of lookups and of addresses, and the time. Each of them is
   RUNNABLE then; nothing is begun yet. */
void hear_all(struct probe *probe, int64_t now_ns);

/* step.c */

/* Do the next steps of every check that is RUNNABLE, until none is. */
void step_all(struct probe *probe, int64_t now_ns);

/* admit.c: checks that wait for this machine, for a recheck or for the end of an outage. */

/* So many are in flight now that silence is judged from here on. */
void admit_watch(struct probe *probe);

/* Let those go on that can. False where nothing is RUNNABLE by that. */
bool admit(struct probe *probe, int64_t now_ns);

/* Whether something that waits for this machine can be tried right away. */
bool admit_has_hope(const struct probe *probe);

/* When admit() has something to do if nothing else happens before; NEVER_NS: never. */
int64_t admit_due_ns(const struct probe *probe, const struct load *load);

#endif
