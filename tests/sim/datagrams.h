/*
 * datagrams: those that are on their way to descriptors of a world, and wait there to be read;
 * and reports of those that were rejected.
 *
 * Knows no clock: every call is told the time.
 */
#ifndef NETCHECK_TESTS_DATAGRAMS_H
#define NETCHECK_TESTS_DATAGRAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/os/transfer.h"

enum {
    DATAGRAMS_MAX = 32768,
    DATAGRAM_SIZE = 64, /* bytes of one, at most */
};

struct datagram {
    int fd;        /* where it is to be read */
    int64_t at_ns; /* from then on */
    uint64_t key;  /* as it was in the question of toy.h */
    struct address sender;
    unsigned char bytes[DATAGRAM_SIZE];
    size_t len;
    int error;    /* errno of what it tells; 0: it is an answer */
    bool is_void; /* it is an answer that says nothing; of a socket: it is dropped when read */
    bool is_end;  /* reading the descriptor fails with `error` instead, from then on */

    /* Of a report, which has `error`. */
    bool is_report;
    struct icmp icmp;
    struct address target; /* of the datagram that was rejected */
    int64_t error_ns;      /* from then on the next call of the socket fails with `error` */
    bool is_told;          /* one has */
};

struct datagrams {
    struct datagram *items; /* grows: most worlds have few */
    size_t count;
    size_t capacity;
};

/* Free them all. */
void datagrams_release(struct datagrams *datagrams);

/* One more. False where there is no room. */
bool datagrams_add(struct datagrams *datagrams, const struct datagram *datagram);

/* When the first one of the descriptor can be read; NEVER_NS: none. */
int64_t datagrams_due_ns(const struct datagrams *datagrams, int fd);

/* Take the one of the descriptor that came first, of reports or of all others. False where none
   has come by now. */
bool datagrams_take(struct datagrams *datagrams, int fd, int64_t now_ns,
                    struct datagram *datagram);
bool datagrams_take_report(struct datagrams *datagrams, int fd, int64_t now_ns,
                           struct datagram *datagram);

/* The error of a report that no call was told yet, which one is now; 0: none. */
int datagrams_tell(struct datagrams *datagrams, int fd, int64_t now_ns);

/* Let the socket hold so many datagrams at most: those that came last are lost. Returns how
   many. */
size_t datagrams_drop(struct datagrams *datagrams, int fd, int64_t now_ns, size_t room);

/* The descriptor is closed. */
void datagrams_forget(struct datagrams *datagrams, int fd);

#endif
