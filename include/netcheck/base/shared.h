/*
 * shared: a text that several hold, freed with the last of them.
 *
 * The count has no lock: one thread at a time holds and drops.
 */
#ifndef NETCHECK_SHARED_H
#define NETCHECK_SHARED_H

struct shared {
    unsigned holders;
    char text[]; /* terminated */
};

/* A copy of `text` with one holder, or NULL without memory. */
struct shared *shared_new(const char *text);

/* One holder more. Returns `shared`; NULL is allowed. */
struct shared *shared_hold(struct shared *shared);

/* One holder less. NULL is allowed. */
void shared_drop(struct shared *shared);

#endif
