/*
 * rules: which endpoint of the simulated network answers how.
 *
 *     [PROTOCOL://]PREFIX[:PORTS] WORD...
 *
 * PROTOCOL is tcp, udp or icmp (echo, without ports); a rule without it is for TCP and echo.
 * PREFIX is 10.0.0.7, 10.0.0.0/8, [2001:db8::1] or [2001:db8::]/32; PORTS is what the program
 * takes ("22,80,8000-8010,https"), every port without it. The first rule that matches decides;
 * where none does, nobody answers.
 *
 *     open | refused | silent | icmp=TYPE/CODE   the answer; exactly one of them. A datagram is
 *                    answered as service.h says; its refusal is an ICMP error
 *     half           or this one: a bare SYN, as in a simultaneous open
 *     shut           or this one: as open, but with a window of 0, as of a SYN proxy
 *     done=DUR       half: the handshake is completed so much later; shut: the window opens
 *     reset=DUR      open, half, shut: a reset comes so much behind the answer
 *     from=ADDR      who sends the ICMP error, udp and icmp: or the answer; the target itself
 *                    without it
 *     rtt=DUR        the answer leaves so much later; an ICMP error never in less than 1 ms
 *     jitter=DUR     and up to so much more, evenly
 *     loss=P%        so many of the arriving SYNs, datagrams and echo requests are lost
 *     share=P%       the rule is there for so many of its (address, port) only
 *     hosts=P%       the same by address, for all ports of it
 *     over=N         the rule is there for packets of more than N bytes only that no router may
 *                    fragment; N is the MTU that icmp=3/4 and, in IPv6, icmp=2/0 tell of
 *     backlog=N      open: so many SYNs in 100 ms find room at an endpoint
 *     limit=DUR      who sends the ICMP errors sends 6 at once, then one each DUR: as Linux
 *                    does, with 1 s in IPv4 and 0.1 s in IPv6
 *     echo | noecho  whether ICMP echo is answered; echo where open or refused
 *
 * What share= and hosts= leave out falls through to the next rule. Who is left out depends on
 * seed, address, port and the rule's number, on nothing else. What loss= takes depends on seed,
 * kind of packet, address, port and on how many came there before. An echo request has no port:
 * it meets the first rule for its address, whatever the ports, and counts as port 0 with
 * share=.
 *
 * With udp:// and icmp:// these compose what no good service does:
 *
 *     also           the next rule that matches answers, too
 *     port=N         udp, open: the answer comes from that port
 *     size=N         the answer has so many bytes: it is cut, or filled up with control bytes
 *     junk=N         from byte N on it is control bytes
 *     flip=N         all bits of byte N are turned
 *
 * They count the data of a datagram, an echo reply from its identifier on (0: identifier, 2:
 * sequence number, 4: data), and of an ICMP error the packet that it quotes, with its IP
 * header.
 *
 * A rule does not change once it is parsed; what changes while packets pass is elsewhere.
 */
#ifndef TESTS_LAB_RULES_H
#define TESTS_LAB_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/target/ports.h"
#include "packet.h"
#include "words.h"

enum manner {
    MANNER_NONE, /* not said yet */
    MANNER_OPEN,
    MANNER_REFUSED,
    MANNER_SILENT,
    MANNER_ICMP,
    MANNER_HALF,
    MANNER_SHUT,
};

struct rule {
    unsigned kinds;     /* 1u << enum packet_kind: of the packets it is for */
    struct host prefix; /* bits behind the prefix are 0 */
    struct host mask;
    struct ports ports; /* owned; none: every port */
    enum manner manner;
    uint8_t type; /* with MANNER_ICMP */
    uint8_t code;
    bool has_sender;
    struct host sender;
    bool has_echo; /* echo or noecho was said */
    bool answers_echo;
    bool has_next; /* also */
    bool has_size;
    bool has_junk;
    bool has_flip;
    bool has_done; /* done= was said, and reset= */
    bool has_reset;
    uint16_t sender_port; /* of a datagram; 0: that which was asked */
    uint16_t over;        /* 0: packets of every length */
    size_t size;
    size_t junk_at;
    size_t flip_at;
    int64_t rtt_ns;
    int64_t jitter_ns;
    int64_t done_ns;
    int64_t reset_ns;
    int64_t limit_ns; /* 0: no limit */
    uint64_t loss;    /* chances, as hash.h has them */
    uint64_t share;
    uint64_t hosts;
    uint32_t backlog; /* 0: no limit */
};

struct rules {
    struct rule *items; /* owned, in order */
    size_t count;
    uint64_t seed;
};

/* Room for `capacity` rules. False without memory. */
bool rules_init(struct rules *rules, size_t capacity);
void rules_release(struct rules *rules);

/* Parse one more rule, for which there must be room. False with `flaw` filled in. */
bool rules_add(struct rules *rules, const char *text, struct flaw *flaw);

/* The first rule behind `last` that is for the packet, of all where that is NULL; or NULL. */
const struct rule *rules_find(const struct rules *rules, const struct packet *packet,
                              const struct rule *last);

/* Whether the rule answers such a packet by an ICMP error. */
bool rule_is_error(const struct rule *rule, enum packet_kind kind);

#endif
