/*
 * lookup: one question to the name service, its answer, and how the engine asks.
 *
 * resolve.h is the implementation with threads; a test puts a scripted one in its place.
 */
#ifndef NETCHECK_LOOKUP_H
#define NETCHECK_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/address.h"
#include "netcheck/error.h"

enum {
    LOOKUP_ADDRESS_MAX =
        64, /* an answer's addresses beyond are dropped, and `is_cut` says so */
};

/* A finished lookup of one host in one family. */
struct lookup {
    void *tag;                 /* as given to start() */
    unsigned family;           /* FAMILY_IPV4 or FAMILY_IPV6 */
    int lookup_error;          /* EAI_ code, 0 for success */
    int system_error;          /* errno as the lookup left it; outcome_of_lookup() judges it */
    struct address *addresses; /* owned by whoever took the lookup; no duplicates; port 0 */
    size_t count;
    bool is_cut; /* there were more than LOOKUP_ADDRESS_MAX */
};

struct resolver {
    void *self; /* first argument of every function */
    int fd;     /* readable when take() has something; -1 until the first start() */

    /* How many lookups may be started now without waiting for another one's end. */
    size_t (*room)(void *self);

    /*
     * Look up `host` (copied) in one family; `tag` comes back with the answer.
     *
     * Returns ERROR_NONE; ERROR_AGAIN: no further thread could be had, and those there are are
     * busy; ERROR_NO_MEMORY; ERROR_SYSTEM: no thread at all or no descriptor, errno says why.
     * Does not block.
     */
    enum error (*start)(void *self, const char *host, unsigned family, void *tag);

    /* One finished lookup; false when there is none. Every started lookup comes back here, late
       or not, exactly once. */
    bool (*take)(void *self, struct lookup *lookup);

    /* Nobody waits for the lookups of `tag` any more: they no longer count against room(). */
    void (*abandon)(void *self, void *tag);
};

#endif
