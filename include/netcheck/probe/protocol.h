/*
 * protocol: how one address is asked, behind one interface.
 *
 * A *flow* is one address being asked, from start() to stop(). It says what it waits for: that
 * its descriptor is readable or writable, or a time of its own. A protocol says what an answer
 * is and what it means; when to start, how long to wait and what to do next is the engine's.
 *
 * The engine calls start(), then advance() each time that what the flow waits for has come,
 * until one of the two returns FLOW_DONE. At the deadline it calls expire() instead, after
 * which the flow is over, unless it is held. In the end it calls stop(). After FLOW_AGAIN the
 * flow is stopped and started once more; flow->state stays, so that a protocol can count such
 * starts.
 *
 * A flow that is up may be *held* (FLOW_HELD): it has its answer, and the deadline is no more
 * of concern; it goes on to see whether the other side takes the answer back. Its FLOW_DONE
 * says whether it did: an outcome that is up confirms the answer, which stays as it was.
 *
 * A protocol either gives each flow a descriptor of its own, or has open_lane() and lets many
 * flows share one, a *lane*. A flow on a lane has a key, which no other flow of the run has,
 * before or after. The key travels with the question and comes back with the answer, so that a
 * late answer finds no flow. The engine opens a lane when a flow needs one, watches it, reads
 * it message by message, advances the flow that a message is for, and closes it when no flow is
 * on it.
 *
 * What differs between protocols is a member of struct protocol or stands in an answer: the
 * engine does not ask which protocol it has. Canaries are the exception: what TCP carries is
 * asked again by TCP alone.
 */
#ifndef NETCHECK_PROTOCOL_H
#define NETCHECK_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/matcher.h"
#include "netcheck/base/siphash.h"
#include "netcheck/os/os.h"
#include "netcheck/probe/outcome.h"
#include "netcheck/probe/reply.h"
#include "netcheck/probe/stream.h"
#include "netcheck/target/endpoint.h"

/* What a flow waits for on its descriptor. */
enum { FLOW_READABLE = 1u << 0, FLOW_WRITABLE = 1u << 1 };

/* What handshake.c keeps of a flow. */
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

/* What talk.c keeps of a flow. */
struct talk_flow {
    struct tcp_flow tcp; /* of the handshake before it */
    enum {
        TALK_CONNECTING,
        TALK_ASKING,    /* part of the question, or all of it, has still to go out */
        TALK_LISTENING, /* for the answer */
        TALK_QUOTING,   /* something else answered: a moment is left for the rest of its line */
        TALK_HOLDING,   /* it is up, if the other side does not close (hold.c) */
    } stage;
    int64_t asked_ns;     /* when the handshake was done and the question went out */
    int64_t handshake_ns; /* how long the handshake took */
    int syn_retransmits;  /* in it; -1 unknown */
    size_t sent;          /* bytes of the question that went out */
    int64_t heard_ns;     /* when the last of the answer came, without the rest of its line; set
                             where any did */
    struct stream answer;
    int64_t held_since_ns; /* set in TALK_HOLDING */
    struct reply *said; /* what came while it was held and nothing was asked; NULL: nothing */
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
                     change it. For more flows the engine opens another lane, unless ... */
    bool is_only; /* ... open_lane() sets this: then further flows wait for a place */
    size_t flows; /* that are on it now; the engine counts */
    union {
        struct icmp_lane icmp;
    } state;
};

/* What came on a lane, for the flow with this key. */
struct lane_message {
    uint64_t key;
    bool is_key_cut;        /* only the lowest 16 bits of the key are known */
    struct address sender;  /* of an answer; of a report the address that was asked */
    struct outcome outcome; /* of the flow, if advance() finds that the message is about it */
    uint64_t cookie;        /* that it carries, see flow_cookie() */
    int64_t received_ns;    /* when the system received it ... */
    bool is_stamped;        /* ... as it says itself; else when it was read */
    int ttl;                /* -1 unknown */
    int path_mtu;           /* that it tells of; -1 none */
};

struct flow {
    int fd;            /* its own descriptor; -1: none is open */
    struct lane *lane; /* that it is on; NULL: none. The engine sets it, and key, for start() */
    uint64_t key;      /* on the lane; never 0 */
    struct address asked; /* on a lane: the address to ask; 192.0.2.1 for ::ffff:192.0.2.1 */
    uint64_t number;      /* of the flow in the run: the engine sets it for start() */
    unsigned sent;      /* datagrams so far; the engine counts those after start() for --rate */
    unsigned events;    /* FLOW_ bits it waits for on fd; 0: for wake_ns or a message only */
    int64_t wake_ns;    /* when to advance it although nothing has come; NEVER_NS: never */
    int64_t started_ns; /* right before the address was asked */
    bool is_reset;      /* stop() closes it with a reset, so that its port is free at once */
    union {
        struct udp_flow udp;
        struct talk_flow talk;
    } state;
};

enum flow_status {
    FLOW_WAITING, /* nothing final yet */
    FLOW_SIGN,    /* the same, but something came: answer->outcome says what it is so far */
    FLOW_HELD,    /* the same, and up: the answer holds if the flow's FLOW_DONE confirms it */
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
    bool is_ready;           /* --ready: ask whether the service serves */
    const struct matcher
        *match;                /* --match, borrowed: an answer is to match; NULL: none has to */
    const unsigned char *send; /* --send, borrowed: asked in the place of a question that is
                                  known for the port ... */
    size_t send_len;           /* ... so many bytes, of which there may be none */
    bool has_send;
    bool is_canary; /* of what TCP carries only the handshake is asked */
    int64_t
        hold_ns; /* --hold: a connection is up if it is not closed for so long; 0: at once */
    int64_t wall_offset_ns; /* from the monotonic clock to the time of day */
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
    bool is_quiet; /* for expire(): select() found at the deadline that nothing had come, or the
                      lane is read */
};

enum lane_status {
    LANE_EMPTY,   /* nothing more has come */
    LANE_MESSAGE, /* the message is set */
    LANE_BROKEN,  /* the outcome of the message says why: so are all flows on it answered */
};

struct protocol {
    enum os_socket transport; /* the kind of socket it asks by. An answer by one transport says
                                 nothing about silence by another */
    bool is_silence_plain;    /* silence is common, as of a service that ignores what it does
                                 not understand: it is believed without a second look */

    /*
     * Ask the address. The flow is as flow_init() or a stop() left it. WAITING: what it waits
     * for is set. DONE and SHORT: nothing is open, the answer is set. Never SIGN or AGAIN.
     */
    enum flow_status (*start)(struct flow *flow, const struct flow_context *context,
                              struct flow_answer *answer);

    /*
     * What it waited for has come. WAITING and SIGN: what it waits for now is set; after a
     * wake-up without news that is a pause of at least 1 ms, never the same at once. SIGN,
     * HELD and DONE: the answer is set. HELD: also what it waits for. Never SHORT.
     */
    enum flow_status (*advance)(struct flow *flow, const struct flow_context *context,
                                struct flow_answer *answer);

    /* Its time is over: one last look. The answer may have come while we were stopped. DONE,
       VOID or HELD; of a flow that is held DONE, with REMARK_CUT where that proves nothing. */
    enum flow_status (*expire)(struct flow *flow, const struct flow_context *context,
                               struct flow_answer *answer);

    /* Close what is open of its own, if anything is, and wait for nothing more. */
    void (*stop)(struct flow *flow, const struct os *os);

    /* The three below are NULL where each flow has a descriptor of its own. */

    /*
     * Open a lane for lane->family, and set its room and its state, which is all zeros before.
     * WAITING: it is open. DONE and SHORT: nothing is open, and the answer is the one of the
     * flow that needs the lane.
     */
    enum flow_status (*open_lane)(struct lane *lane, const struct flow_context *context,
                                  struct flow_answer *answer);

    /*
     * Read one message. Before, ttl and path_mtu are unknown and all else is zero; key stays 0
     * where the message is for no flow of ours. That the sender is the one that was asked is
     * not checked here: advance() does, and returns WAITING otherwise. What the system reports
     * of one flow, such as an ICMP error, is a message, too. BROKEN is a failure of the lane
     * itself, by which all flows on it end.
     */
    enum lane_status (*receive)(struct lane *lane, const struct os *os,
                                struct lane_message *message);

    void (*close_lane)(struct lane *lane, const struct os *os);
};

/* A flow of which nothing was asked yet. */
void flow_init(struct flow *flow);

/* An answer of which nothing is known yet. */
void flow_answer_init(struct flow_answer *answer);

/*
 * How long an answer took that was found after `found_ns`: so long, unless the system knows
 * that it came much earlier, as on a busy machine.
 *
 * round_trip_ns  what the system knows; -1 unknown
 */
int64_t flow_latency_ns(int64_t found_ns, int64_t round_trip_ns);

enum { FLOW_COOKIE_SIZE = 16 };

/*
 * Bytes that travel with the question of a flow and come back with the answer: the same for
 * every datagram of the flow, and not to be foretold.
 */
void flow_cookie(const struct flow *flow, const struct flow_context *context,
                 unsigned char cookie[static FLOW_COOKIE_SIZE]);

/* protocol_tcp and so on, one of each file in src/probe/protocol/. */
#define PROTOCOL_DECLARATION(id, name, has_ports, transport) \
    extern const struct protocol protocol_##name;
PROTOCOLS_BUILT_IN(PROTOCOL_DECLARATION)
#undef PROTOCOL_DECLARATION

/* How a target is asked, by enum protocol_id; NULL for PROTOCOL_NONE. */
extern const struct protocol *const protocol_table[PROTOCOL_COUNT];

#endif
