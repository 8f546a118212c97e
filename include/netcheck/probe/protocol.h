/*
 * protocol: how one address is asked, behind one interface.
 *
 * A *flow* is one address being asked, from start() to stop(). It says what it waits for: that
 * its descriptor is readable or writable, or a time of its own. A protocol says what an answer
 * is and what it means; when to start, how long to wait and what to do next is the engine's.
 *
 * The engine calls start(), then advance() each time that what the flow waits for has come,
 * until one of them is FLOW_DONE; at the deadline it calls expire() instead, which always is.
 * In the end it calls stop(). A flow that was void (FLOW_AGAIN) is stopped and started once
 * more; its state stays meanwhile, so that a protocol can count.
 */
#ifndef NETCHECK_PROTOCOL_H
#define NETCHECK_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/os/os.h"
#include "netcheck/probe/outcome.h"
#include "netcheck/target/protocols.h"

/* What a flow waits for on its descriptor. */
enum { FLOW_READABLE = 1u << 0, FLOW_WRITABLE = 1u << 1 };

/* What tcp.c keeps of a flow. */
struct tcp_flow {
    struct os_connection connection; /* as it was looked at last */
    int64_t pause_ns;                /* how long the last pause was */
    int64_t proxied_ns;              /* when a SYN proxy was seen to answer; NEVER_NS: none */
    unsigned self_connects;
};

struct flow {
    int fd;             /* -1: none is open */
    unsigned events;    /* FLOW_ bits it waits for; 0: for wake_ns only */
    int64_t wake_ns;    /* when to advance it although nothing has come; NEVER_NS: never */
    int64_t started_ns; /* right before the address was asked */
    bool is_reset;      /* it is to be closed with a reset: nothing of it may linger */
    union {
        struct tcp_flow tcp;
    } state;
};

enum flow_status {
    FLOW_WAITING, /* nothing final yet */
    FLOW_SIGN,    /* the same, after a first sign: the answer says what it comes to, alone */
    FLOW_DONE,    /* the answer says what was learned */
    FLOW_AGAIN,   /* void: nothing was learned, ask again */
    FLOW_SHORT,   /* this machine's shortage, see outcome_is_shortage(); nothing was asked */
};

struct flow_answer {
    struct outcome outcome;
    int syn_retransmits;   /* how often the SYN was sent again; -1 unknown */
    int64_t round_trip_ns; /* how long the answer took as the system knows it; -1 unknown */
};

/* What a protocol has to ask with. Everything is borrowed for the call. */
struct flow_context {
    const struct os *os;
    const struct os_origin *origin; /* where to ask from */
    const struct address *address;  /* whom to ask */
    int64_t now_ns;
    bool is_quiet; /* for expire(): select() found at the deadline that nothing had come */
};

struct protocol {
    /*
     * Ask the address. The flow is as flow_init() or a stop() left it. WAITING: what it waits
     * for is set. DONE and SHORT: nothing is open, the answer is set. Never SIGN or AGAIN.
     */
    enum flow_status (*start)(struct flow *flow, const struct flow_context *context,
                              struct flow_answer *answer);

    /*
     * What it waited for has come. WAITING and SIGN: what it waits for now is set; after a
     * wake-up without news that is a pause of at least 1 ms, never the same at once. SIGN and
     * DONE: the answer is set. Never SHORT.
     */
    enum flow_status (*advance)(struct flow *flow, const struct flow_context *context,
                                struct flow_answer *answer);

    /* Its time is over: one last look. The answer may have come while we were stopped. */
    void (*expire)(struct flow *flow, const struct flow_context *context,
                   struct flow_answer *answer);

    /* Close what is open, if anything is. */
    void (*stop)(struct flow *flow, const struct os *os);
};

/* A flow of which nothing was asked yet. */
void flow_init(struct flow *flow);

/* protocol_tcp and so on, one of each file in src/probe/protocol/. */
#define PROTOCOL_DECLARATION(id, name, has_ports) extern const struct protocol protocol_##name;
PROTOCOLS_BUILT_IN(PROTOCOL_DECLARATION)
#undef PROTOCOL_DECLARATION

/* How a target of this protocol is asked; `id` is not PROTOCOL_NONE. */
const struct protocol *protocol_of(enum protocol_id id);

#endif
