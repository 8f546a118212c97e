/*
 * engine: what the engine has and does for its checks. Private to it.
 *
 * probe.c is the engine itself: submit, turn, collect. A turn has five phases, none of which is
 * entered by another: sleep in select(); hear.c tells the checks what came; step.c does what
 * they decide to do next; admit.c lets those go on that waited; what is done is recycled. They
 * act through flows.c (asks candidates), addresses.c (names and scopes), finish.c (verdicts),
 * queues.c (where each check is) and traces.c.
 */
#ifndef NETCHECK_ENGINE_H
#define NETCHECK_ENGINE_H

#include "netcheck/probe/check.h"
#include "netcheck/probe/doubt.h"
#include "netcheck/probe/names.h"
#include "netcheck/base/token_bucket.h"
#include "netcheck/probe/rejections.h"
#include "sockets.h"

struct trace_queue {
    struct trace *traces;
    size_t first;
    size_t end;
    size_t capacity;
};

enum {
    PATH_KNOWN = 32,    /* so that each of them is asked rarely */
    PATH_QUESTIONS = 3, /* a round; two of them are hardly lost by chance at once */
};

/* What path.c knows. Times are of the beginning of a round; INT64_MIN: there was none. */
struct path {
    struct endpoint known[PATH_KNOWN]; /* answered, their targets held; the first known_count */
    size_t known_count;
    size_t newest;
    size_t next;             /* whom to ask next */
    int64_t asked_ns;        /* the last one */
    int64_t clear_ns;        /* the last one that was answered */
    int64_t clogged_ns;      /* the last one that was not */
    int64_t lost_ns;         /* the last one that found the table of neighbours too small */
    int64_t neighbours_lost; /* as the system counted last; -1 unknown */
    bool has_lost;           /* the last one was such a one */
    bool is_empty;           /* the last one had nobody to ask */
    size_t out;              /* questions of the last one that are not done */
    size_t asked;            /* done, and this machine could ask them */
    size_t clean;            /* of these, answered, and no SYN was lost */
    unsigned vain;           /* rounds in a row in which nothing could be asked */
};

enum path_state {
    PATH_UNKNOWN,
    PATH_CLEAR,
    PATH_CLOGGED,
};

/* The second look: what look.c keeps. */
struct look {
    size_t second_count;       /* checks in their second look */
    bool is_crowded;           /* DOUBT_CROWD were in flight at a time */
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
    struct doubt doubt;
    struct path path;
};

/* Checks that failed in an outage: what recall.c keeps. */
struct recall {
    size_t out; /* checks that were, and are not finished */
    struct outage outage;
};

struct probe {
    const struct os *os;
    struct probe_options options;
    struct names *names; /* NULL until the first target with a name */
    const struct resolver *resolver;

    struct token_bucket rate;
    int64_t began_ns;
    struct stall stall;
    struct sockets sockets;
    int64_t selected_ns; /* what select() called not ready had no answer until then */

    /* Only queue_move() changes these three. */
    struct list queues[QUEUE_COUNT];
    size_t counts[QUEUE_COUNT]; /* their lengths */
    struct heap timers;         /* of checks that are asleep or runnable */

    uint64_t submitted;    /* requests so far */
    size_t limit;          /* the window, smaller after a shortage */
    size_t ceiling;        /* up to which it recovers: smaller since the path was clogged */
    bool has_all;          /* nothing more will be submitted */
    int64_t submitted_ns;  /* when the last check was */
    int64_t progress_ns;   /* when a descriptor was last opened or a check finished */
    bool has_freed;        /* something was given back since SHORT was tried in vain */
    struct check *tried;   /* let go on last in this turn, to see whether it comes back ... */
    enum queue tried_from; /* ... to SHORT or RESOLVER; NULL: none */
    int64_t blocked_since_ns; /* nothing is under way and no lookup came back since; NEVER_NS:
                                 that is not so */
    int64_t blocked_try_ns;   /* when the first of RESOLVER is to be tried again */

    struct look look;
    struct rejections rejections;
    struct recall recall;

    bool is_out_of_memory;
    struct trace_queue traces;
};

/* queues.c: where the checks are. */

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

/* The check is done with: its memory may be used again. No flow is open, no name in use. */
void queue_recycle(struct probe *probe, struct check *check);

/* Requests that wait although they were silent, or failed in an outage: none holds a place in
   the window. */
size_t queue_silent(const struct probe *probe);

/* Requests that are asked right now. */
size_t queue_under_way(const struct probe *probe);

/* Requests that are neither idle nor done. */
size_t queue_in_flight(const struct probe *probe);

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

/* The time of the candidate is over. */
void flow_expire(struct probe *probe, struct check *check, size_t index, int64_t now_ns);

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
void finish_or_doubt(struct probe *probe, struct check *check, int64_t now_ns);

/* It is over: stop it, learn from it, and let its rows be collected. */
void finish_check(struct probe *probe, struct check *check);

/* Close its flows and leave its name; the addresses and outcomes stay. */
void finish_stop(struct probe *probe, struct check *check);

/* This machine was short of something: stop it, and let it wait until something is given back.
 */
void finish_put_back(struct probe *probe, struct check *check, int64_t now_ns);

/* step.c */

/* hear.c */

/* Tell the checks what came: answers of lookups and of addresses, and the time. Each of them is
   RUNNABLE then; nothing is begun yet. */
void hear_all(struct probe *probe, int64_t now_ns);

/* Do the next steps of every check that is RUNNABLE, until none is. */
void step_all(struct probe *probe, int64_t now_ns);

/* admit.c: checks that wait for this machine or for the end of a doubt. */

/* Let those go on that can. False where nothing is RUNNABLE by that. */
bool admit(struct probe *probe, int64_t now_ns);

/* Whether something that waits for this machine can be tried right away. */
bool admit_has_hope(const struct probe *probe);

/* When admit() has something to do for a check without a thread; NEVER_NS: never. */
int64_t admit_due_ns(const struct probe *probe);

/* look.c: which silence is believed, and the second look at the rest. */

void look_init(struct look *look, size_t window);
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

/* path.c: whether the network still carries what we ask. */

void path_init(struct path *path);

/* Forget who answered: nobody is asked until somebody answers again. */
void path_forget(struct path *path);

/* From now on neighbours count that find no place. */
void path_begin(struct probe *probe);

/* How long a question may take. */
int64_t path_round_ns(const struct probe *probe);

/* An address of the check answered. */
void path_note(struct probe *probe, const struct check *check,
               const struct candidate *candidate);

/* How it was while somebody was silent from `began_ns` to `ended_ns`, as far as rounds told. */
enum path_state path_state(const struct probe *probe, int64_t began_ns, int64_t ended_ns);

/* Whether it is clear now, and was not found clogged since. */
bool path_is_clear(const struct probe *probe, int64_t now_ns);

/* When path_ask() should be called; NEVER_NS: not before something else happens. */
int64_t path_due_ns(const struct probe *probe);

/* Begin a round, unless one is under way or began a moment ago. */
void path_ask(struct probe *probe, int64_t now_ns);

/* A question of the round is done. */
void path_answered(struct probe *probe, const struct check *check);

#endif
