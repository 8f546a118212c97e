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
 *
 * A flow has a descriptor of its own, or shares one, a *lane*, with many others: as the
 * protocol says. A flow on a lane has a key that no other flow of the run had or gets; it
 * travels with the question and comes back with the answer, so that a late answer finds no
 * flow. The engine opens a lane when a flow needs one, watches it, reads from it message by
 * message, advances the flow that a message is for, and closes it when no flow is on it.
 */
#ifndef NETCHECK_PROTOCOL_H
#define NETCHECK_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/siphash.h"
#include "netcheck/os/os.h"
#include "netcheck/probe/outcome.h"
#include "netcheck/probe/reply.h"
#include "netcheck/probe/stream.h"
#include "netcheck/target/endpoint.h"

/* What a flow waits for on its descriptor. */
enum { FLOW_READABLE = 1u << 0, FLOW_WRITABLE = 1u << 1 };

/* What tcp.c keeps of a flow. */
struct tcp_flow {
    struct os_connection connection; /* as it was looked at last */
    int64_t pause_ns;                /* how long the last pause was */
    int64_t proxied_ns;              /* when a SYN proxy was seen to answer; NEVER_NS: none */
    unsigned self_connects;
};

/* What udp.c keeps of a flow. */
struct udp_flow {
    int replies;     /* datagrams that came from where it was asked */
    unsigned echoes; /* times the question came back from this machine; starts in a row */
};

/* What tls.c keeps of a flow. */
struct tls_flow {
    struct tcp_flow
        tcp; /* the handshake before it; first, so that tcp.c finds it in its place */
    enum {
        TLS_CONNECTING,
        TLS_ASKING,    /* part of the question, or all of it, has still to go out */
        TLS_LISTENING, /* for the answer */
        TLS_QUOTING,   /* something else answered: a moment is left for the rest of its line */
    } stage;
    int64_t asked_ns;     /* when the handshake was done and the question went out */
    int64_t handshake_ns; /* how long the handshake took */
    int syn_retransmits;  /* in it; -1 unknown */
    size_t sent;          /* bytes of the question that went out */
    int64_t heard_ns;     /* when the last of the answer came; set where any did */
    struct stream answer;
};

/* What icmp.c keeps of a lane. */
struct icmp_lane {
    bool is_raw;
    uint16_t identifier;    /* of our echoes, where it is ours to choose: of a raw socket */
    size_t size;            /* bytes of an echo, behind its header */
    int64_t lost;           /* messages that were dropped here so far */
    int64_t lost_ns;        /* when that was last found to have risen; INT64_MIN: never */
    bool is_unread;         /* more may have come than was read: `lost` may be old */
    unsigned failures;      /* of reading it, one after the other */
    struct address own;     /* an address that is known to be this machine's ... */
    struct address foreign; /* ... or is known not to be; AF_UNSPEC: none */
};

/* A descriptor that many flows share. The protocol opens, reads and closes it. */
struct lane {
    int fd;
    int family;   /* AF_INET or AF_INET6: of the addresses that are asked on it */
    size_t room;  /* flows at a time, 1 and more: open_lane() says it, and the protocol may
                     change it. For more of them the engine opens another lane */
    bool is_only; /* of open_lane(): not so; more flows have to wait */
    size_t flows; /* on it now; the engine counts */
    union {
        struct icmp_lane icmp;
    } state;
};

/* What came on a lane, for the flow with this key. */
struct lane_message {
    uint64_t key;
    bool is_key_cut;        /* only the lowest 16 bits of the key are known */
    struct address sender;  /* of what is an answer; of a report, who was asked */
    struct outcome outcome; /* what it comes to, if it is an answer to the flow */
    uint64_t cookie;        /* that it carries, see flow_cookie() */
    int64_t received_ns;    /* when the system had it ... */
    bool is_stamped;        /* ... as it says itself; else when it was read */
    int ttl;                /* -1 unknown */
    int path_mtu;           /* that it tells of; -1 none */
};

struct flow {
    int fd;            /* its own descriptor; -1: none is open */
    struct lane *lane; /* that it is on; NULL: none. The engine sets it, and key, for start() */
    uint64_t key;      /* on the lane; never 0 */
    struct address asked; /* on the lane: whom to ask, in the family that it is really of */
    uint64_t number;      /* of the flow in the run: the engine sets it for start() */
    unsigned sent;      /* datagrams so far; the engine counts those after start() for --rate */
    unsigned events;    /* FLOW_ bits it waits for on fd; 0: for wake_ns or a message only */
    int64_t wake_ns;    /* when to advance it although nothing has come; NEVER_NS: never */
    int64_t started_ns; /* right before the address was asked */
    bool is_reset;      /* it is to be closed with a reset: nothing of it may linger */
    union {
        struct tcp_flow tcp;
        struct udp_flow udp;
        struct tls_flow tls;
    } state;
};

enum flow_status {
    FLOW_WAITING, /* nothing final yet */
    FLOW_SIGN,    /* the same, after a first sign: the answer says what it comes to, alone */
    FLOW_DONE,    /* the answer says what was learned */
    FLOW_AGAIN,   /* void: nothing was learned, ask again */
    FLOW_SHORT,   /* this machine's shortage, see outcome_is_shortage(); nothing was asked */
    FLOW_VOID,    /* of expire(): silent, but answers were lost here, which proves nothing */
};

/* What was learned, beginning as flow_answer_init() leaves it. */
struct flow_answer {
    struct outcome outcome;
    struct measures measures; /* its reply goes over to the engine */
    int syn_retransmits;      /* how often the SYN was sent again; -1 unknown */
    int64_t round_trip_ns;    /* how long the answer took as the system knows it; -1 unknown */
    bool is_stamped;          /* the system says when it came: that is the latency */
    int64_t asked_after_ns;   /* from the start of the flow to the question that was answered */
    int64_t idle_ns; /* from the last of the answer to now: more was awaited, and none came */
};

/* What the user says of how to ask; the same for a whole run. */
struct ask_options {
    size_t echo_size; /* --size: bytes of an echo, which must not be fragmented; 0: any few,
                         as the network likes */
    const char *server_name; /* --server-name, borrowed; NULL: the host that is asked */
    bool is_sent_once;       /* a datagram is not sent again: its loss is what is measured */
};

/* What a protocol has to ask with. Everything is borrowed for the call. */
struct flow_context {
    const struct os *os;
    const struct os_origin *origin;  /* where to ask from */
    const struct address *address;   /* whom to ask */
    const struct endpoint *endpoint; /* whose address that is */
    const struct ask_options *ask;
    const struct siphash_key *secret; /* of the run, see flow_cookie() */
    int64_t now_ns;
    const struct lane_message *message; /* for advance(): what came for it; NULL: on a lane its
                                           wake_ns has come, else that or an event */
    bool is_over;  /* the time of the attempt is over: what is sent now is answered too late */
    bool is_quiet; /* for expire(): select() found at the deadline that nothing had come, or the
                      lane is read */
};

enum lane_status {
    LANE_EMPTY,   /* nothing more has come */
    LANE_MESSAGE, /* the message is set */
    LANE_BROKEN,  /* the outcome of the message says why: so are all flows on it answered */
};

struct protocol {
    enum os_socket transport; /* that carries it: an answer by one says nothing of the silence
                                 of another */
    bool is_silence_plain;    /* that it keeps silent says little of any service, and nothing of
                                 the path: it is believed without a second look */

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

    /* Its time is over: one last look. The answer may have come while we were stopped. DONE or
       VOID. */
    enum flow_status (*expire)(struct flow *flow, const struct flow_context *context,
                               struct flow_answer *answer);

    /* Close what is open of its own, if anything is, and wait for nothing more. */
    void (*stop)(struct flow *flow, const struct os *os);

    /* The three below are NULL where each flow has a descriptor of its own. */

    /*
     * Open a lane for lane->family, and say its room; the rest of it is of zeros. WAITING: it
     * is open. DONE and SHORT: nothing is open, the answer is that of the flow that needs it.
     */
    enum flow_status (*open_lane)(struct lane *lane, const struct flow_context *context,
                                  struct flow_answer *answer);

    /*
     * Read one message, of which nothing is known before; key 0 if it is for no flow of ours.
     * Whether the sender is the one that was asked, advance() decides, which may be WAITING
     * then. What the system reports of one flow (an ICMP error, say) is a message too; BROKEN
     * is for what no flow is to blame for.
     */
    enum lane_status (*receive)(struct lane *lane, const struct os *os,
                                struct lane_message *message);

    void (*close_lane)(struct lane *lane, const struct os *os);
};

/* A flow of which nothing was asked yet. */
void flow_init(struct flow *flow);

/* An answer of which nothing is known yet. */
void flow_answer_init(struct flow_answer *answer);

enum { FLOW_COOKIE_SIZE = 16 };

/*
 * Bytes that travel with the question of a flow and come back with the answer: the same for
 * every datagram of the flow, and not to be foretold.
 */
void flow_cookie(const struct flow *flow, const struct flow_context *context,
                 unsigned char cookie[static FLOW_COOKIE_SIZE]);

/* protocol_tcp and so on, one of each file in src/probe/protocol/. */
#define PROTOCOL_DECLARATION(id, name, has_ports, is_transport) \
    extern const struct protocol protocol_##name;
PROTOCOLS_BUILT_IN(PROTOCOL_DECLARATION)
#undef PROTOCOL_DECLARATION

/* How a target is asked, by enum protocol_id; NULL for PROTOCOL_NONE. */
extern const struct protocol *const protocol_table[PROTOCOL_COUNT];

#endif
