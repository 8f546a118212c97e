/*
 * probe: the engine: asks many targets at once, says what became of each.
 *
 * It pulls and is pulled: submit() while there is room, turn() to let one select() pass,
 * collect() what is finished. It calls no user back, prints nothing and never exits. Every
 * submitted request comes out of collect() exactly once (with -A, as one group of rows).
 *
 * One thread. Time comes from the os table only.
 *
 * A timeout that may be this run's own doing (congestion.h) is no verdict yet: the request
 * waits, its place in the window given up, until nothing else is under way; then all such
 * requests are rechecked, few at a time, and up to four times as long as the path is congested.
 *
 * A failure for want of a route or a resolver, in a run in which others of the kind were
 * reached before (outage.h), waits in the same way, until another one is reached or nothing
 * else is under way, and is asked once more.
 *
 * A timeout whose deadline passed while this process did not run (stopped, starved), or that
 * was under way while the whole machine was suspended, proves nothing either: it is no attempt,
 * the target is asked again at once.
 *
 * Where a target is asked until it is up, an attempt that waits for one address of a name need
 * not be blind to the others (asks_again): one that said no is asked again after a pause, as
 * long as the attempt lasts, which is no longer for that. Where the rate is used up, it is not.
 *
 * Invariants: a request is in flight from submit() until its rows are collectable; an open
 * descriptor belongs to one candidate of one request in flight, or of a canary, or is a lane
 * with at least one of these (protocol.h); after a turn each request in flight has a timer in
 * the heap, or waits: for something to be given back, for a resolver thread, or to be asked
 * once more.
 */
#ifndef NETCHECK_PROBE_H
#define NETCHECK_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/backoff.h"
#include "netcheck/base/error.h"
#include "netcheck/os/lookup.h"
#include "netcheck/os/os.h"
#include "netcheck/probe/protocol.h"
#include "netcheck/probe/result.h"
#include "netcheck/probe/trace.h"
#include "netcheck/target/exclusion.h"

struct probe;

struct probe_options {
    struct os_origin origin;  /* where to ask from */
    struct ask_options ask;   /* what protocols do with it */
    int64_t timeout_ns;       /* for one attempt at a target, resolving included; over 0 */
    int64_t until_ns;         /* monotonic: no attempt lasts longer; NEVER_NS: no limit */
    enum remark cut_remark;   /* what until_ns cut short is `local` for this; REMARK_NONE: it is
                                 as it looks then, and result.is_cut says so */
    int64_t name_reuse_ns;    /* a name in use whose answer is that old is resolved anew */
    int64_t name_patience_ns; /* and one whose lookups hang that long; NEVER_NS: not */
    unsigned retries;         /* further attempts after a timeout or in an outage */
    unsigned families;        /* FAMILY_ bits to resolve names in */
    size_t window;            /* requests in flight at a time, 1 and more */
    uint64_t rate;          /* connects and datagrams a second, at most RATE_MAX; 0: no limit */
    bool has_recheck;       /* recheck what may be this run's own doing (congestion.h); ask
                                   once more what failed in an outage (outage.h) */
    bool is_all_addresses;  /* a row for each address of a name */
    bool asks_again;        /* while an address has not answered, ask those that have */
    bool remembers_names;   /* of targets that are expected down: result.is_gone */
    bool expects_down;      /* all of them are, not only those written with '!' */
    struct backoff backoff; /* pauses before that */
    const struct exclusion
        *exclusion; /* addresses that no name leads to; borrowed; NULL: none */
    bool is_traced; /* keep every trace; otherwise only TRACE_CUT, TRACE_BELIEVED */
    const struct protocol *const *protocols; /* by enum protocol_id, borrowed; NULL: those of
                                                protocol_table */
};

/* What turn() shall wake up for besides its own descriptors, and what it saw. */
struct probe_watch {
    int readable_fds[3]; /* -1 for none */
    int writable_fds[2]; /* -1 for none; that they are ready is not said, only woken up for */
    bool is_readable[3]; /* out */
};

/*
 * os, resolver  borrowed; resolver may be NULL where no request has a name
 * options       copied
 *
 * Returns ERROR_NONE or ERROR_NO_MEMORY.
 */
enum error probe_new(const struct os *os, const struct resolver *resolver,
                     const struct probe_options *options, struct probe **probe);

/* Close all descriptors and forget what is in flight. NULL is allowed. */
void probe_free(struct probe *probe);

/* How many requests may be submitted now. */
size_t probe_room(const struct probe *probe);

/* Requests that were submitted and are not collectable yet. */
size_t probe_in_flight(const struct probe *probe);

/*
 * When this process last came back after it had not run for a while, be it just now, outside of
 * turn(); INT64_MIN: never.
 */
int64_t probe_returned_ns(struct probe *probe);

/*
 * When the rate allows the next submission, which may be long ago. Requests that come earlier
 * are not refused; later ones make up for them, as they do for retries and further addresses.
 */
int64_t probe_due_ns(const struct probe *probe);

/*
 * Start to ask `endpoint`, whose target is held from here on. There must be room, and the
 * target is not TARGET_INVALID. The clock of the timeout starts now, unless the request has to
 * wait for this machine (descriptors, resolver threads): then when work on it starts.
 *
 * Returns ERROR_NONE or ERROR_NO_MEMORY, where nothing was started.
 */
enum error probe_submit(struct probe *probe, uint64_t sequence,
                        const struct endpoint *endpoint);

/*
 * Nothing more will be submitted: what waits to be asked once more, in the hope that others are
 * reached before, need not wait for these.
 */
void probe_submit_no_more(struct probe *probe);

/*
 * Wait until something happens, at most `limit_ns` (NEVER_NS: no limit), and work it off: one
 * select(), every ready descriptor, every deadline. Does not wait while rows can be collected.
 *
 * Returns ERROR_NONE; ERROR_NO_MEMORY, after which the engine is of no use any more; or
 * ERROR_SYSTEM where select() failed, with errno.
 */
enum error probe_turn(struct probe *probe, struct probe_watch *watch, int64_t limit_ns);

/*
 * Nothing more is learned: every request in flight is finished as `outcome`, with -A only the
 * addresses that have no answer. The rows are to be collected; the engine is of no use after.
 */
void probe_give_up(struct probe *probe, const struct outcome *outcome);

/* The next finished row, the rows of one request without others between them. False for none.
   The caller releases it. */
bool probe_collect(struct probe *probe, struct result *result);

/*
 * The next trace; false for none. The caller releases it with trace_release(). To be emptied
 * after every turn, also without is_traced (some are always kept): turn() does not wait while
 * there is one.
 */
bool probe_collect_trace(struct probe *probe, struct trace *trace);

#endif
