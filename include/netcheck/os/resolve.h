/*
 * resolve: getaddrinfo(3) in worker threads, behind the interface of lookup.h.
 *
 * getaddrinfo() has no upper bound (a truncated answer, then silent TCP: over half an hour) and
 * cannot be cancelled. So a lookup runs in a thread of its own and is left behind when its
 * answer is no longer waited for. Threads are started on demand, one for each lookup under way,
 * so that dead names do not hold up living ones; finished threads wait for the next lookup.
 *
 * Ownership: everything the workers touch is one block that belongs to the pool and to every
 * thread together; the last one to leave frees it, the pool's owner where it can. A worker
 * calls nothing but the lookup function and touches no stdio.
 */
#ifndef NETCHECK_RESOLVE_H
#define NETCHECK_RESOLVE_H

#include "netcheck/os/lookup.h"

/*
 * Threads in all, with those that hang in lookups that are not waited for any more. A lookup
 * for each target of the default window fits four times: dead names are given up after -t, but
 * their lookups hang for some 10 s. A thread that hangs takes 14 KB (glibc 2.36).
 */
enum { RESOLVE_THREADS = 4096 };

struct resolve;

/* Look `host` up in lookup->families: blocks as long as it likes. */
typedef void resolve_function(const char *host, struct lookup *lookup);

/*
 * A pool without threads and descriptors yet; they come with the first lookup.
 *
 * function  os_lookup(), or a test's
 * threads   threads in all, 1 and more; of these, a fourth is kept from rescues
 *
 * Returns ERROR_NONE or ERROR_NO_MEMORY.
 */
enum error resolve_new(resolve_function *function, size_t threads, struct resolve **resolve);

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
