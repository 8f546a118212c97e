/*
 * backoff: how long to leave alone what is asked again until it is as expected.
 *
 * 100 ms that grow by a twentieth each time, up to 1 s, of which up to a fifth is left to
 * chance, so that many machines which started together do not ask together. Pure.
 */
#ifndef NETCHECK_BACKOFF_H
#define NETCHECK_BACKOFF_H

#include <stdint.h>

struct backoff {
    int64_t interval_ns; /* instead, give or take a tenth; 0: the growing pause */
    uint64_t seed;       /* of what is given or taken */
};

/*
 * The next pause.
 *
 * grown_ns  what the pause has grown to, without chance, 0 in the beginning; out: for the next
 */
int64_t backoff_take_ns(struct backoff *backoff, int64_t *grown_ns);

/* What pauses have grown to that follow each other since `waited_ns`. */
int64_t backoff_grown_ns(int64_t waited_ns);

#endif
