/*
 * player: answers what comes out of the TUN device as the rules say, when they say.
 *
 * Holds nothing about a connection once its SYN is answered: what comes later is answered from
 * the segment itself. Memory is bounded: a table and a queue of fixed size, and one counter for
 * each of LISTENER_COUNT listen queues, LIMIT_COUNT senders of errors and LOSS_COUNT endpoints.
 */
#ifndef TESTS_LAB_PLAYER_H
#define TESTS_LAB_PLAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "gate.h"
#include "netcheck/base/error.h"
#include "packet.h"
#include "queue.h"
#include "rules.h"
#include "stats.h"

enum {
    LISTENER_COUNT = 1 << 16,
    LIMIT_COUNT = 1 << 16,
    LOSS_COUNT = 1 << 18,
};

/* The listen queue of one endpoint. Another one with the same place takes it over, and the
   first one then has room again. */
struct listener {
    uint64_t endpoint;
    int64_t since_ns;
    uint32_t count; /* SYNs that found room since then */
};

/* What limit= keeps of a sender of ICMP errors; shared places as above. */
struct limit {
    uint64_t sender;
    int64_t due_ns; /* when it may send a whole burst again */
};

struct player {
    int tun;                   /* borrowed, non-blocking: one packet a read and a write */
    const struct rules *rules; /* borrowed */
    struct gate gate;
    struct queue queue;
    struct listener *listeners; /* owned */
    struct limit *limits;       /* owned */
    uint32_t *arrivals;         /* owned: at each endpoint, of each kind, for loss= */
    uint64_t draws;             /* chances taken so far, for jitter= */
    struct stats stats;
};

/* False without memory; release it then, too. */
bool player_init(struct player *player, int tun, const struct rules *rules,
                 const struct gate_limits *limits);
void player_release(struct player *player);

/*
 * Play until the descriptor `wake` is readable. ERROR_NONE, or ERROR_SYSTEM where the device
 * is gone: errno says how.
 */
enum error player_play(struct player *player, int wake);

/* Take what is still in the device, so that it is counted, and complete the counters. */
void player_finish(struct player *player);

#endif
