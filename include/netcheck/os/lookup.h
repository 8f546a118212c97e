/*
 * lookup: one question to the name service, its answer, and how the engine asks.
 *
 * resolve.h is the implementation with threads; a test puts a scripted one in its place.
 */
#ifndef NETCHECK_LOOKUP_H
#define NETCHECK_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/base/address.h"
#include "netcheck/base/error.h"
#include "netcheck/base/shared.h"

enum {
    LOOKUP_ADDRESS_MAX = 64, /* of a family; those beyond are dropped, and `cut` says so */
};

/* Why there is no answer, where the C library's own word does not say it. */
enum lookup_cause {
    LOOKUP_CAUSE_NONE,
    LOOKUP_CAUSE_SEARCH_LIST,    /* musl passes over a line of resolv.conf that long */
    LOOKUP_CAUSE_HOSTS_LINE,     /* and over a name that far behind in a line of hosts, */
    LOOKUP_CAUSE_HOSTS_END,      /* one at the very end of that file, */
    LOOKUP_CAUSE_HOSTS_CASE,     /* and one in other letters as to case */
    LOOKUP_CAUSE_NO_RESOLV_CONF, /* "try again", or silence, and there is no resolv.conf */
    LOOKUP_CAUSE_COUNT
};

/* A finished lookup of one host. */
struct lookup {
    void *tag;                 /* as given to start() */
    unsigned families;         /* FAMILY_ bits; both: one question for both, as AF_UNSPEC is */
    int lookup_error;          /* EAI_ code, 0 for success */
    int system_error;          /* errno as the lookup left it; outcome_of_lookup() judges it */
    enum lookup_cause cause;   /* of a failure */
    struct address *addresses; /* owned by the caller of take(); no duplicates; port 0 */
    size_t count;
    unsigned cut;             /* FAMILY_ bits of which there were more */
    struct shared *canonical; /* the name they were found under; held by the caller of take();
                                 NULL: unknown, or the host but for case and final dot */
};

/* Bytes of a host name without the dot of the root behind it. */
size_t lookup_name_len(const char *host);

/*
 * What `from` found in one family, as an answer of its own; where there is no memory for it,
 * the answer says so (EAI_MEMORY).
 */
void lookup_copy(const struct lookup *from, unsigned family, struct lookup *answer);

/* Free what the lookup owns; it is empty then. */
void lookup_release(struct lookup *lookup);

struct resolver {
    void *self; /* first argument of every function */
    int fd;     /* readable when take() has something; -1 until the first start() */

    /* How many lookups may be started now without waiting for another one's end. */
    size_t (*room)(void *self);

    /* How many of these may be rescues: the rest is kept for names that were not asked yet. */
    size_t (*spare)(void *self);

    /*
     * Look up `host` (copied) in one family, or in both at once; `tag` comes back with the
     * answer.
     *
     * Returns ERROR_NONE; ERROR_AGAIN: no further thread could be had, and those there are are
     * busy; ERROR_NO_MEMORY; ERROR_SYSTEM: no descriptor, and ERROR_THREAD: no thread at all,
     * errno says why. Does not block.
     */
    enum error (*start)(void *self, const char *host, unsigned families, void *tag);

    /* One finished lookup; false when there is none. Every started lookup comes back here, late
       or not, exactly once. */
    bool (*take)(void *self, struct lookup *lookup);

    /* Why a lookup may hang; NULL: that is never known. Does not wait for any. */
    enum lookup_cause (*hang_cause)(void *self);
};

#endif
