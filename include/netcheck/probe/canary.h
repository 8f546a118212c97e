/*
 * canary: whether the path still carries what this run asks.
 *
 * Endpoints that answered before are asked once more, beside the others, a round of three about
 * once a second while a target is about to time out. Where most of a round stays silent or
 * needs its SYN sent again, this run's own traffic has congested the path, and the silence of
 * other targets at that time proves nothing. The same holds where the neighbour table of this
 * machine overflowed since the round before: canaries do not notice that, since they have their
 * place in the table.
 *
 * All of them are asked by one protocol, so that a round has one meaning: by TCP as soon as it
 * was answered, since most that narrows a path is narrow for TCP, too. So what TCP lost holds
 * for echoes; that echoes are lost says nothing of TCP, as hosts and routers limit them alone.
 *
 * Pure: asks nothing, reads no clock. The caller asks the endpoints of a round, and reports
 * each of them. Times are monotonic; a round stands for the time at which it began.
 *
 * Invariants: the first known_count endpoints hold their targets; no round begins before every
 * question of the last one is reported; round.clean <= round.asked.
 */
#ifndef NETCHECK_CANARY_H
#define NETCHECK_CANARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/os/os.h"
#include "netcheck/target/endpoint.h"

enum {
    CANARY_ENDPOINTS = 32, /* so many that each of them is asked rarely */
    CANARY_QUESTIONS = 3,  /* of a round; chance hardly loses two of them at once */
};

struct canary_round {
    int64_t began_ns; /* INT64_MIN: there was none yet */
    size_t pending;   /* questions that are not reported yet */
    size_t asked;     /* reported, and this machine could ask them */
    size_t clean;     /* of these, answered, with no SYN lost */
    bool is_empty;    /* no endpoint was known */
    bool has_lost;    /* the neighbour table overflowed since the round before */
};

struct canary {
    int64_t timeout_ns;                      /* of an attempt at a target */
    struct endpoint known[CANARY_ENDPOINTS]; /* a ring once it is full */
    size_t known_count;
    size_t newest;             /* index in `known` */
    size_t next;               /* to be asked next, modulo known_count */
    struct canary_round round; /* the last one */
    int64_t clear_ns;          /* the last round that found the path clear; INT64_MIN: none */
    int64_t congested_ns;      /* the last one that found it congested */
    int64_t lost_ns;           /* the last one that found the neighbour table too small */
    int64_t neighbours_lost;   /* as the system counted last; -1 unknown */
    unsigned unasked_rounds;   /* in a row in which this machine could ask nothing */
};

/* How the path was in some time. */
enum path_state {
    PATH_UNKNOWN, /* no round has told yet */
    PATH_CLEAR,
    PATH_CONGESTED,
};

/* What came of a question. */
enum canary_report {
    CANARY_UNASKED, /* this machine could not ask it, or lost the answer */
    CANARY_LOST,    /* silent, failed here, or answered when it was asked again */
    CANARY_CLEAN,   /* answered at once */
};

/* timeout_ns  of an attempt at a target; over 0 */
void canary_init(struct canary *canary, int64_t timeout_ns);

/* Forget who answered: the path counts as clear until another endpoint answers. */
void canary_forget(struct canary *canary);

/* From now on neighbours count that find no place; `neighbours_lost` as in canary_begin(). */
void canary_start(struct canary *canary, int64_t neighbours_lost);

/* How long a question may take. */
int64_t canary_timeout_ns(const struct canary *canary);

/*
 * `endpoint`, its address set, answered `took_ns` after it was asked. It becomes a canary, its
 * target held, unless it is a poor one: too slow, or asked again before (`resent`, -1 unknown),
 * or of another protocol than TCP beside others. The oldest one makes room.
 */
void canary_add(struct canary *canary, const struct endpoint *endpoint, int64_t took_ns,
                int resent);

/* How the path was while a target, asked by this transport, was silent, as far as rounds have
   told. */
enum path_state canary_path(const struct canary *canary, enum os_socket transport,
                            int64_t began_ns, int64_t ended_ns);

/* Whether the path is clear now, and no round has found it congested since. */
bool canary_is_clear(const struct canary *canary, int64_t now_ns);

/* Whether the neighbour table overflowed since `began_ns`. */
bool canary_has_lost_neighbours(const struct canary *canary, int64_t began_ns);

/*
 * When the next round is due; NEVER_NS: not before something else happens.
 *
 * is_awaited   a decision waits for its outcome
 * deadline_ns  when the next target may time out; NEVER_NS for none
 */
int64_t canary_due_ns(const struct canary *canary, bool is_awaited, int64_t deadline_ns);

/*
 * Begin a round. No question is pending.
 *
 * neighbours_lost  how many neighbours found no place in the table since the system started; -1
 *                  unknown
 * most             questions at most; 1 and more
 * asked            out: the endpoints to ask, their targets held for the caller
 *
 * Returns how many these are; each of them is to be reported. 0: none is known, and the round
 * is over.
 */
size_t canary_begin(struct canary *canary, int64_t now_ns, int64_t neighbours_lost, size_t most,
                    struct endpoint asked[CANARY_QUESTIONS]);

/* One question of the round is over; after the last one the round tells how the path was. */
void canary_report(struct canary *canary, enum canary_report report);

/*
 * Forget the canaries where no round was clear for a minute, counted from `since_ns` at the
 * earliest: a path that is still congested then will stay so, or the canaries are gone.
 */
void canary_expire(struct canary *canary, int64_t since_ns, int64_t now_ns);

#endif
