/*
 * rules: which endpoint of the simulated network answers how.
 *
 *     PREFIX[:PORTS] WORD...
 *
 * PREFIX is 10.0.0.7, 10.0.0.0/8, [2001:db8::1] or [2001:db8::]/32; PORTS is what the program
 * takes ("22,80,8000-8010,https"), every port without it. The first rule that matches decides;
 * where none does, nobody answers.
 *
 *     open | refused | silent | icmp=TYPE/CODE   the answer to a SYN; exactly one of them
 *     half           or this one: a bare SYN, as in a simultaneous open
 *     shut           or this one: as open, but with a window of 0, as of a SYN proxy
 *     done=DUR       half: the handshake is completed so much later; shut: the window opens
 *     reset=DUR      open, half, shut: a reset comes so much behind the answer
 *     from=ADDR      who sends the ICMP error; the target itself without it
 *     rtt=DUR        the answer leaves so much later; an ICMP error never in less than 1 ms
 *     jitter=DUR     and up to so much more, evenly
 *     loss=P%        so many of the arriving SYNs and echo requests are lost
 *     share=P%       the rule is there for so many of its (address, port) only
 *     hosts=P%       the same by address, for all ports of it
 *     backlog=N      open: so many SYNs in 100 ms find room at an endpoint
 *     echo | noecho  whether ICMP echo is answered; echo where open or refused
 *
 * What share= and hosts= leave out falls through to the next rule. Who is left out depends on
 * seed, address, port and the rule's number, on nothing else. An echo request has no port: it
 * meets the first rule for its address, whatever the ports, and counts as port 0 with share=.
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
    struct host prefix; /* bits behind the prefix are 0 */
    struct host mask;
    struct ports ports; /* owned; none: every port */
    enum manner manner;
    struct icmp_error error; /* with MANNER_ICMP; the sender where has_sender */
    bool has_sender;
    bool has_echo; /* echo or noecho was said */
    bool answers_echo;
    int64_t rtt_ns;
    int64_t jitter_ns;
    bool has_done; /* done= was said, and reset= */
    bool has_reset;
    int64_t done_ns;
    int64_t reset_ns;
    uint64_t loss; /* chances, as hash.h has them */
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

/* The rule that decides about a SYN or an echo request, or NULL. */
const struct rule *rules_find(const struct rules *rules, const struct packet *packet);

#endif
