/*
 * datagrams: those that are on their way to descriptors of a world, and wait there to be read.
 *
 * Knows no clock: every call is told the time.
 */
#ifndef NETCHECK_TESTS_DATAGRAMS_H
#define NETCHECK_TESTS_DATAGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/address.h"

enum { DATAGRAMS_MAX = 32768 };

struct datagram {
    int fd;        /* where it is to be read */
    int64_t at_ns; /* from then on */
    uint64_t key;  /* as it was in the question */
    struct address sender;
    int error;    /* errno of what it tells; 0: it is an answer */
    bool is_void; /* it is an answer that says nothing */
    bool is_end;  /* reading the descriptor fails with `error` instead, from then on */
};

struct datagrams {
    struct datagram items[DATAGRAMS_MAX];
    size_t count;
};

/* One more. False where there is no room. */
bool datagrams_add(struct datagrams *datagrams, const struct datagram *datagram);

/* When the first one of the descriptor can be read; NEVER_NS: none. */
int64_t datagrams_due_ns(const struct datagrams *datagrams, int fd);

/* Take the one of the descriptor that came first. False where none has come by now. */
bool datagrams_take(struct datagrams *datagrams, int fd, int64_t now_ns,
                    struct datagram *datagram);

/* The descriptor is closed. */
void datagrams_forget(struct datagrams *datagrams, int fd);

#endif
