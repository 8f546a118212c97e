/*
 * resolve: getaddrinfo(3) in worker threads, behind the interface of lookup.h.
 *
 * getaddrinfo() has no upper bound (a truncated answer, then silent TCP: over half an hour) and
 * cannot be cancelled. So a lookup runs in a thread of its own and is left behind when nobody
 * waits for it. Threads are started on demand, one for each lookup under way, so that dead
 * names do not hold up living ones; finished threads wait for the next lookup.
 *
 * Ownership: everything the workers touch is one block that belongs to the pool and to every
 * thread together; the last one to leave frees it, the pool's owner where it can. A worker
 * calls nothing but the lookup function and touches no stdio.
 */
#ifndef NETCHECK_RESOLVE_H
#define NETCHECK_RESOLVE_H

#include "netcheck/lookup.h"

enum {
    RESOLVE_LOOKUPS = 256,  /* awaited lookups at a time, by default */
    RESOLVE_THREADS = 1024, /* threads in all, with those that hang in abandoned lookups */
};

struct resolve;

/* Fill host and family of `lookup`'s answer: blocks as long as it likes. */
typedef void resolve_function(const char *host, struct lookup *lookup);

/*
 * A pool without threads and descriptors yet; they come with the first lookup.
 *
 * function  os_lookup(), or a test's
 * lookups   awaited lookups at a time, 1 and more
 * threads   threads in all, at least `lookups`
 *
 * Returns ERROR_NONE or ERROR_NO_MEMORY.
 */
enum error resolve_new(resolve_function *function, size_t lookups, size_t threads,
                       struct resolve **resolve);

/*
 * Where no thread is inside a lookup, all have ended when this returns; else they end by
 * themselves, and the last one frees the pool. NULL is allowed.
 */
void resolve_free(struct resolve *resolve);

/* The pool as the engine sees it; valid until resolve_free(). */
const struct resolver *resolve_interface(struct resolve *resolve);

/* Whether a thread is still inside a lookup: then exit(3) might wait for its locks. */
bool resolve_is_busy(struct resolve *resolve);

#endif
