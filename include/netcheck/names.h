/*
 * names: the names that targets in flight ask for, each resolved once.
 *
 * Joins the two lookups of a name (A and AAAA, in two threads) and all targets that wait for
 * it. A name lives while somebody uses it or a lookup of it is still out: late answers find it,
 * a second target joins it, and a lookup that hangs is not started again and again.
 *
 * Knows nothing of targets: a user is a link in the name's list.
 */
#ifndef NETCHECK_NAMES_H
#define NETCHECK_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/list.h"
#include "netcheck/lookup.h"

struct names;

/*
 * One name. Outside names.c is_cut_told is written, and links are moved within `users` while
 * they are told of an answer.
 */
struct name {
    struct list users;        /* links of those who joined */
    unsigned families;        /* FAMILY_ bits that are asked */
    unsigned pending;         /* FAMILY_ bits whose lookup is still out */
    bool is_cut_told;         /* a user has said that an answer was cut */
    struct lookup answers[2]; /* IPv4, IPv6; valid where asked and not pending */
    int64_t answered_ns[2];   /* when it came back, for the same */
    int64_t began_ns;         /* when its lookups were started */
    int64_t patience_ns;      /* how long they may hang until they are started once more */
    struct list same_hash;
    char host[];
};

/*
 * resolver  borrowed
 * reuse_ns  an answer that old is not used any more: it is asked for anew; users who had it
 *           before may be told again. "Try again" is used for 100 ms only
 * patience_ns  a lookup that hangs that long is started once more, in another thread; for the
 *           next time twice as long. NEVER_NS: it is waited for
 *
 * NULL without memory.
 */
struct names *names_new(const struct resolver *resolver, int64_t reuse_ns, int64_t patience_ns);

/* Users must have left. Lookups still out are forgotten with the resolver. NULL is allowed. */
void names_free(struct names *names);

/*
 * Use `host`: join it if it is in flight, else start its lookups.
 *
 * families  FAMILY_ bits to ask
 * user      a link in no list
 * name      out; its answers may be there already
 *
 * Returns ERROR_NONE; ERROR_AGAIN: every resolver thread is busy, ask after names_take();
 * ERROR_NO_MEMORY; ERROR_SYSTEM: no thread at all could be started, errno says why.
 */
enum error names_join(struct names *names, const char *host, unsigned families,
                      struct list *user, int64_t now_ns, struct name **name);

/* No longer use the name. */
void names_leave(struct names *names, struct name *name, struct list *user);

/*
 * The next name of which a lookup came back; false when there is none.
 *
 * family  out; the FAMILY_ bit that was answered. Users of the name are to be told.
 */
bool names_take(struct names *names, int64_t now_ns, struct name **name, unsigned *family);

/* How many use the name. */
size_t name_users(const struct name *name);

/* The answer in one family, or NULL while it is out. */
const struct lookup *name_answer(const struct name *name, unsigned family);

#endif
