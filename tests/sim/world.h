/*
 * world: a scripted network, name service and clock, in the place of the operating system.
 *
 * Time is virtual: wait() jumps to the next thing that happens, so that a minute of timeouts
 * passes in microseconds and a test asserts order, counts and times exactly. A SYN that is not
 * answered is sent again each second, as the kernel does. Whatever the engine must never do
 * (use a closed descriptor, connect twice, wait a negative time, spin) is noted in `violation`.
 */
#ifndef NETCHECK_TESTS_WORLD_H
#define NETCHECK_TESTS_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/base.h"
#include "netcheck/os/lookup.h"
#include "netcheck/os/os.h"
#include "datagrams.h"
#include "router.h"

enum {
    WORLD_HOSTS = 4096,
    WORLD_NAMES = 128,
    WORLD_SOCKETS = 1100,
    WORLD_CONNECTS = 16384, /* of which is known when they were */
    WORLD_CHANGES = 4,
    WORLD_ACTS = 4,
    WORLD_FLOWS = 16384, /* questions by datagrams, at most */
    WORLD_FIRST_FD = 5,
    WORLD_RESOLVER_FD = 4,
};

enum behaviour {
    BEHAVIOUR_OPEN,        /* answers after delay_ns */
    BEHAVIOUR_REFUSED,     /* reset after delay_ns */
    BEHAVIOUR_SILENT,      /* no answer ever */
    BEHAVIOUR_ERROR,       /* `error` from SO_ERROR after delay_ns, with `icmp` if set */
    BEHAVIOUR_IMMEDIATE,   /* connect() itself fails with `error` */
    BEHAVIOUR_EARLY_WAKE,  /* as ERROR, but select() wakes 0.2 ms before the error is set */
    BEHAVIOUR_SPURIOUS,    /* ready from delay_ns on, but never any news */
    BEHAVIOUR_RESET,       /* accepted and reset: SO_ERROR is ECONNRESET */
    BEHAVIOUR_SELF_ONCE,   /* connects to itself the first time, then is refused */
    BEHAVIOUR_SELF_ALWAYS, /* connects to itself every time */
    BEHAVIOUR_CONNECTED,   /* connect() returns 0 */
    BEHAVIOUR_HALF,        /* a bare SYN after delay_ns, and nothing more */
    BEHAVIOUR_HALF_RESET,  /* a bare SYN, and a reset after delay_ns */
    BEHAVIOUR_SHUT,        /* accepts after delay_ns; its window opens later_ns behind that */
    BEHAVIOUR_SHUT_RESET,  /* the same, but resets later_ns behind that */
};

/* From then on a host behaves so. */
struct world_change {
    int64_t at_ns;
    enum behaviour behaviour;
};

/* What a server does on each connection, so long after its handshake. */
struct world_act {
    int64_t after_ns;
    size_t len; /* bytes that it sends; 0: it closes ... */
    int error;  /* ... by this errno; 0: as TCP does */
};

struct world_host {
    struct address address; /* port 0: every port */
    enum behaviour behaviour;
    int64_t delay_ns;
    int64_t later_ns; /* NEVER_NS: what comes later never comes */
    int error;
    struct icmp icmp;
    struct policer *icmp_limit; /* of the sender of `icmp`, who else is silent; NULL: none */
    unsigned ports;         /* so many connects at a time have a local port; 0: any number */
    bool has_no_source;     /* EADDRNOTAVAIL is for want of an address of ours */
    unsigned lost_syns;     /* so many SYNs of each connect do not arrive */
    unsigned deaf_connects; /* so many first connects are not answered at all */
    int64_t gone_ns;        /* from then on no SYN is answered */
    struct world_change changes[WORLD_CHANGES];
    size_t change_count;
    struct world_act acts[WORLD_ACTS];
    size_t act_count;
    unsigned asked;      /* connects so far, and questions by datagrams */
    int64_t first_at_ns; /* when the first connect came */

    /* Of datagrams, to which the behaviours of a connection alone are silence. */
    void (*answer)(struct datagram *answer); /* makes it of the question; NULL: it is the
                                                question */
    const char *answers_from;                /* another address, and ... */
    uint16_t answers_port; /* ... another port; NULL and 0: the one that was asked */
    unsigned decoys;       /* so many from elsewhere come right before each answer */
    const char *rejects;   /* an ICMP error is about this address; NULL: the one asked */
    size_t quotes;         /* bytes of what it rejects, at most; 0: all */
    bool is_broadcast;     /* BEHAVIOUR_IMMEDIATE is for that */
};

struct world_name {
    const char *host;
    int64_t delay_ns[2];   /* IPv4, IPv6; NEVER_NS: no answer */
    bool has_both;         /* a lookup of both families is answered after ... */
    int64_t both_ns;       /* ... this; else when both of them are */
    int both_error;        /* and it fails so; 0: as the two of one family say */
    unsigned both_lacks;   /* FAMILY_ bits that it does not find */
    const char *canonical; /* the name it is found under; NULL: its own */
    int lookup_error[2];
    int system_error[2];
    struct address addresses[2][8];
    size_t count[2];
    bool is_cut;              /* the answers have more addresses than are handed out */
    unsigned asked;           /* lookups so far */
    struct world_name *later; /* asked in its place from later_ns on; NULL: never */
    int64_t later_ns;
};

/* One connect(), as long as its socket was open. */
struct world_connect {
    const struct world_host *host; /* NULL: nobody is there */
    struct address address;
    unsigned nth; /* connect to this host, from 1 */
    int64_t from_ns;
    int64_t to_ns; /* NEVER_NS: still open */
};

struct world_socket {
    bool is_open;
    enum os_socket kind;
    uint64_t number; /* of all that were opened */
    size_t lost;     /* datagrams for which it had no room */
    bool is_asked;
    struct world_host *host; /* NULL: nobody is there */
    struct address address;
    enum behaviour behaviour; /* of the host when it was asked last */
    size_t flow;              /* which connect() of the world it was */
    unsigned nth;             /* connect to the host, from 1 */
    unsigned syns;            /* sent so far */
    int64_t syn_ns;           /* when the first one was */
    int64_t next_syn_ns;      /* NEVER_NS: no more */
    int64_t ready_ns;
    int64_t answer_ns;
    size_t acts;   /* of its host that were read ... */
    size_t taken;  /* ... and bytes of the next one */
    bool was_self; /* connects to itself */
    bool was_seen; /* the caller was told its own end */
    bool error_taken;
};

/* Datagrams with the same bytes from one socket to one address. */
struct world_flow {
    uint64_t hash; /* 0: none */
    bool is_begun;
    unsigned sent;
    unsigned nth; /* flow to the host, from 1 */
    size_t flow;  /* which connect() of the world it counts as */
};

struct world_lookup {
    int64_t due_ns;
    struct world_name *name; /* NULL: unknown name */
    unsigned families;
    void *tag;
};

struct world {
    struct os os;
    struct resolver resolver;

    int64_t now_ns;
    int64_t call_cost_ns; /* how much time each call takes */
    struct world_host *hosts[WORLD_HOSTS];
    size_t host_count;
    struct world_name names[WORLD_NAMES];
    size_t name_count;
    struct world_lookup lookups[WORLD_SOCKETS];
    size_t lookup_count;
    size_t lookups_started;
    size_t lookup_room;    /* lookups at a time */
    size_t lookup_spare;   /* with so many under way none is to come to the rescue */
    size_t lookup_threads; /* a start beyond finds no thread */
    enum lookup_cause hang_cause;
    int thread_error; /* errno of every start: there is no thread at all; 0: there are */

    struct router router; /* between us and all hosts */
    struct world_socket sockets[WORLD_SOCKETS];
    int sockets_end;                /* no descriptor was above */
    struct world_connect *connects; /* the first WORLD_CONNECTS */
    size_t connect_capacity;
    size_t connect_count; /* may be more */
    size_t open_count;
    size_t open_most;
    size_t descriptor_limit;
    unsigned shortages;      /* how many of the next opens fail although there is room */
    int64_t short_ns;        /* every open fails from here ... */
    int64_t supplied_ns;     /* ... to here */
    int open_error;          /* errno when over the limit: EMFILE by default */
    int64_t unrouted_ns;     /* every connect fails at once from here ... */
    int64_t routed_ns;       /* ... to here */
    int64_t neighbours_lost; /* as the system counts them from neighbours_full_ns on */
    int64_t neighbours_full_ns;
    int64_t wake_late_ns; /* wait() returns so much later than the time it was given is over */
    unsigned interrupts;  /* every n-th wait ends with EINTR; 0: none */
    unsigned waits;
    unsigned idle_waits; /* in a row, in which no time passed */
    int64_t stop_ns;     /* the process is stopped from here ... */
    int64_t resume_ns;   /* ... to here; wait() returns late */
    int64_t
        stop_pause_ns;   /* then it runs so long, and is stopped as long again; 0: it runs on */
    unsigned stops;      /* so far */
    bool is_interrupted; /* wait() ends with EINTR after each of them */
    bool is_frozen;      /* no signal tells of them */

    int64_t suspended_ns;    /* how long the machine was suspended, as it counts ... */
    int64_t suspended_at_ns; /* ... from here on */

    struct datagrams datagrams; /* to us */
    size_t datagrams_sent;      /* by us ... */
    uint64_t last_key;          /* ... and what the last one of toy.h was sent with */
    unsigned copies;            /* of each that comes, one each 100 ms behind it */
    size_t lane_room;           /* flows on one lane of toy.h; 0: any number */
    bool lane_is_only;          /* there is but one */
    size_t receive_room;        /* datagrams that a socket holds; 0: any number */
    struct world_flow *flows;   /* WORLD_FLOWS; NULL: no datagram was sent */
    uint64_t sockets_opened;
    int send_error;    /* of every datagram ... */
    int64_t send_ns;   /* ... from here ... */
    int64_t resend_ns; /* ... to here */

    uint64_t randoms; /* numbers that were asked for so far */

    const char *violation; /* the first thing that must not happen; NULL for none */
};

/* An empty world at time 1 s, in zeroed memory. What only some worlds fill is allocated as they
   do: thousands of worlds are made, and ASan marks every byte that one has. */
void world_init(struct world *world);

void world_release(struct world *world);

/* A host by "192.0.2.1" or "2001:db8::1", port 0 for every port. */
struct world_host *world_add(struct world *world, const char *address, uint16_t port,
                             enum behaviour behaviour, int64_t delay_ns);

/* From `at_ns` on, which is later than any change before, the host behaves so. */
void world_change(struct world_host *host, int64_t at_ns, enum behaviour behaviour);

/* The server does that on each connection, `after_ns` its handshake, later than what it does
   before; see struct world_act. */
void world_act(struct world_host *host, int64_t after_ns, size_t len, int error);

/* A name whose lookups are answered after these times, with no address yet. */
struct world_name *world_add_name(struct world *world, const char *host, int64_t ipv4_ns,
                                  int64_t ipv6_ns);

/* What the lookups that start from `at_ns` on find: another name of the world, not asked
 * itself. */
void world_name_later(struct world_name *name, int64_t at_ns, struct world_name *later);

/*
 * Send a datagram from the descriptor, `nth` of its flow, from 1: of one that is lost or not
 * answered lost_syns and deaf_connects of the host say more. What comes back has `key`.
 *
 * Returns 0, or the errno of a host that is BEHAVIOUR_IMMEDIATE.
 */
int world_send(struct world *world, int fd, const struct address *address, uint64_t key,
               unsigned nth);

/* This one comes at its time, whatever was sent. */
void world_deliver(struct world *world, const struct datagram *datagram);

/* What came on the descriptor first. False for nothing. */
bool world_receive(struct world *world, int fd, struct datagram *datagram);

/* One more address of the name. */
void world_name_address(struct world_name *name, const char *address);

#endif
