/*
 * names: the names that targets in flight ask for, each resolved once.
 *
 * Starts the lookups of a name that resolution.h decides on, and joins their answers with all
 * targets that wait for the name. A name lives while it has users or a lookup of it is still
 * out: a second target joins it, and a lookup that hangs is not started again and again.
 *
 * An answer counts however old the question is: it goes to all users that wait for the name by
 * then; where there are none, it is kept a while for the next one. But a lookup that failed
 * says nothing once a later one was started.
 *
 * That a name once had an address is remembered to the end where a user wants it: no answer is.
 *
 * Knows nothing of targets: a user is a link in the name's list.
 */
#ifndef NETCHECK_NAMES_H
#define NETCHECK_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/base/list.h"
#include "netcheck/os/lookup.h"

enum { NAMES_KEPT_MAX = 1024 }; /* answers kept that no user waited for */

struct names;
struct asking;

/* One name. Outside names.c only is_cut_told and had_address are written. */
struct name {
    struct list users;           /* links of all that use it */
    unsigned families;           /* FAMILY_ bits that are asked */
    unsigned known;              /* of these, whose answer is there */
    bool is_cut_told;            /* a user has said that an answer was cut */
    bool had_address;            /* a user has said so, and wants that remembered */
    struct lookup answers[2];    /* IPv4, IPv6; valid where known */
    const struct asking *source; /* whose answers they are; only to compare */
    int64_t began_ns;            /* when the lookups that found them began */
    int64_t answered_ns;         /* when the last one of them came */
    struct list askings;         /* its lookups, begun one after the other; the oldest first */
    struct list same_hash;
    struct list kept; /* in the list of answers that were not used yet */
    char host[];
};

/*
 * resolver     borrowed
 * reuse_ns     an answer that old is not used any more: it is asked for anew; users who had it
 *              before may be told again. "Try again" is used for 100 ms only, and an answer
 *              that was not waited for is kept for patience_ns, if that is longer
 * patience_ns  a lookup that hangs that long is started once more, in another thread; for the
 *              next time twice as long. NEVER_NS: it is waited for
 * moment_ns    a lookup of both families that is silent that long gets help: resolution.h
 *
 * NULL without memory.
 */
struct names *names_new(const struct resolver *resolver, int64_t reuse_ns, int64_t patience_ns,
                        int64_t moment_ns);

/* Users must have left. Lookups still out are forgotten with the resolver. NULL is allowed. */
void names_free(struct names *names);

/*
 * Use `host`: join it if it is in flight, else start its lookups.
 *
 * families  FAMILY_ bits to ask
 * user      a link in no list
 * name      out; its answers may be there already
 *
 * Returns ERROR_NONE; ERROR_AGAIN: every resolver thread is busy, ask after names_take(), or in
 * a moment: the system may allow a thread again; ERROR_NO_MEMORY; ERROR_SYSTEM and ERROR_THREAD
 * as of start() in lookup.h.
 */
enum error names_join(struct names *names, const char *host, unsigned families,
                      struct list *user, int64_t now_ns, struct name **name);

/* No longer use the name. */
void names_leave(struct names *names, struct name *name, struct list *user);

/*
 * The next name of which something is known now; false when there is none.
 *
 * families  out; the FAMILY_ bits that were answered. Users of the name are to be told before
 *           one of them leaves or another one joins
 */
bool names_take(struct names *names, int64_t now_ns, struct name **name, unsigned *families);

/* When names_take() has work to do although no lookup came back; NEVER_NS for never. */
int64_t names_due_ns(const struct names *names);

/* The answer in one family, or NULL while it is out. */
const struct lookup *name_answer(const struct name *name, unsigned family);

#endif
