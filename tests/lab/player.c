#define _GNU_SOURCE /* ppoll */

#include "player.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hash.h"
#include "netcheck/base/base.h"
#include "network.h"
#include "reply.h"

enum {
    BATCH = 64, /* packets read between two looks at what is due */
    LISTEN_MS = 100,
    ERROR_BURST = 6,     /* as Linux has it: XRLIM_BURST_FACTOR */
    LAST_BATCHES = 4096, /* more than the device holds; a flood does not keep the lab running */
};

/* The kernel forgets an ICMP error that comes while connect() still holds the socket, and with
   it the connect waits for the next SYN. A real network is never that fast. */
static const int64_t error_delay_ns = 1 * NS_PER_MS;

static int64_t now(void)
{
    struct timespec time = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &time); /* cannot fail */
    return (int64_t)time.tv_sec * NS_PER_S + time.tv_nsec;
}

static uint64_t draw(struct player *player)
{
    return hash_mix(player->rules->seed, player->draws++);
}

static uint64_t hash_target(const struct player *player, const struct packet *packet)
{
    uint64_t hash = hash_mix(player->rules->seed, packet->target.high);
    return hash_mix(hash_mix(hash, packet->target.low), packet->target_port);
}

static uint64_t hash_flow(const struct player *player, const struct packet *packet)
{
    uint64_t hash = hash_mix(hash_target(player, packet), packet->source.high);
    return hash_mix(hash_mix(hash, packet->source.low), packet->source_port);
}

static void count_sent(struct player *player, const struct answer *answer)
{
    struct stats *stats = &player->stats;
    stats->icmp_sent += answer->is_error;
    if (!answer->is_counted)
        return;
    stats->kinds[answer->kind].answered++;
    if (answer->kind == PACKET_TCP)
        gate_answered(&player->gate, answer->flow);
}

static void count_lost(struct player *player, const struct answer *answer)
{
    player->stats.kinds[answer->kind].lost += answer->is_counted;
}

static void transmit(struct player *player, const struct answer *answer,
                     const unsigned char *bytes)
{
    if (write(player->tun, bytes, answer->len) == (ssize_t)answer->len)
        count_sent(player, answer);
    else
        count_lost(player, answer);
}

/* Send the answer after the rule's delay, and its own. */
static void send_back(struct player *player, const struct rule *rule,
                      const struct answer *answer, const unsigned char *bytes)
{
    int64_t delay_ns = rule->rtt_ns + answer->later_ns;
    if (rule->jitter_ns > 0)
        delay_ns += (int64_t)(draw(player) % (uint64_t)(rule->jitter_ns + 1));
    if (answer->is_error && delay_ns < error_delay_ns)
        delay_ns = error_delay_ns;
    if (delay_ns == 0)
        transmit(player, answer, bytes);
    else if (!queue_add(&player->queue, answer, bytes, now() + delay_ns))
        count_lost(player, answer);
}

static bool is_lost(struct player *player, const struct rule *rule, const struct packet *packet)
{
    if (rule->loss == 0)
        return false;
    uint64_t hash = hash_mix(hash_target(player, packet), packet->kind);
    /* Endpoints that share a counter only see each other's numbers. */
    uint32_t *arrivals = &player->arrivals[hash % LOSS_COUNT];
    if (!hash_is_within(hash_mix(hash, (*arrivals)++), rule->loss))
        return false;
    player->stats.kinds[packet->kind].lost++;
    return true;
}

/* Whether the endpoint's listen queue has room for one more. */
static bool has_room(struct player *player, const struct rule *rule,
                     const struct packet *packet)
{
    if (rule->backlog == 0)
        return true;
    uint64_t endpoint = hash_target(player, packet);
    struct listener *listener = &player->listeners[endpoint % LISTENER_COUNT];
    int64_t now_ns = now();
    if (listener->endpoint != endpoint || now_ns - listener->since_ns >= LISTEN_MS * NS_PER_MS)
        *listener = (struct listener){endpoint, now_ns, 0};
    if (listener->count == rule->backlog) {
        player->stats.backlog_dropped++;
        return false;
    }
    listener->count++;
    return true;
}

/* Whether the sender of the rule's ICMP errors sends no more of them now. */
static bool is_limited(struct player *player, const struct rule *rule,
                       const struct packet *packet)
{
    if (rule->limit_ns == 0)
        return false;
    struct host host = reply_error_sender(rule, packet);
    uint64_t sender = hash_mix(hash_mix(player->rules->seed, host.high), host.low);
    struct limit *limit = &player->limits[sender % LIMIT_COUNT];
    int64_t now_ns = now();
    if (limit->sender != sender || limit->due_ns < now_ns)
        *limit = (struct limit){sender, now_ns};
    if (limit->due_ns - now_ns > (ERROR_BURST - 1) * rule->limit_ns) {
        player->stats.kinds[packet->kind].limited++;
        return true;
    }
    limit->due_ns += rule->limit_ns;
    return false;
}

static void answer_error(struct player *player, const struct rule *rule,
                         const struct packet *packet, uint64_t flow)
{
    unsigned char bytes[PACKET_MAX_LEN];
    if (is_limited(player, rule, packet))
        return;
    struct answer answer = {
        .kind = packet->kind, .is_error = true, .is_counted = true, .flow = flow};
    answer.len = reply_build_error(rule, packet, bytes);
    send_back(player, rule, &answer, bytes);
}

static void answer_segment(struct player *player, const struct rule *rule,
                           const struct packet *packet, const struct segment *segment,
                           const struct answer *like)
{
    unsigned char bytes[PACKET_MAX_LEN];
    struct answer answer = *like;
    answer.len = packet_build_segment(packet, segment, bytes);
    send_back(player, rule, &answer, bytes);
}

/* What follows the answer to a SYN by itself, as the rule says. */
static void answer_more(struct player *player, const struct rule *rule,
                        const struct packet *packet, struct segment segment)
{
    segment.sequence++; /* behind our SYN */
    segment.is_shut = false;
    if (rule->has_done) {
        const struct answer like = {.later_ns = rule->done_ns};
        segment.flags = SEGMENT_ACK;
        answer_segment(player, rule, packet, &segment, &like);
    }
    if (rule->has_reset) {
        const struct answer like = {.later_ns = rule->reset_ns};
        segment.flags = SEGMENT_RST | SEGMENT_ACK;
        answer_segment(player, rule, packet, &segment, &like);
    }
}

static void answer_syn(struct player *player, const struct rule *rule,
                       const struct packet *packet, uint64_t flow)
{
    bool is_refused = rule->manner == MANNER_REFUSED;
    bool is_half = rule->manner == MANNER_HALF;
    const struct segment segment = {
        .sequence = is_refused ? 0 : (uint32_t)(flow >> 32),
        .acknowledgement = packet->segment.sequence + 1 + packet->segment.len,
        .flags = is_half ? SEGMENT_SYN : (is_refused ? SEGMENT_RST : SEGMENT_SYN) | SEGMENT_ACK,
        .is_shut = rule->manner == MANNER_SHUT,
    };
    const struct answer like = {.is_counted = true, .flow = flow};
    answer_segment(player, rule, packet, &segment, &like);
    answer_more(player, rule, packet, segment);
}

static bool passes_gate(struct player *player, uint64_t flow)
{
    switch (gate_enter(&player->gate, flow, now())) {
    case GATE_POLICED:
        player->stats.policed++;
        return false;
    case GATE_TABLE_FULL:
        player->stats.table_dropped++;
        return false;
    case GATE_PASSED:
        break;
    }
    return true;
}

static void handle_syn(struct player *player, const struct packet *packet)
{
    struct stats_kind *stats = &player->stats.kinds[PACKET_TCP];
    stats->came++;
    uint64_t flow = hash_flow(player, packet);
    if (!passes_gate(player, flow))
        return;
    const struct rule *rule = rules_find(player->rules, packet, NULL);
    if (rule == NULL || rule->manner == MANNER_SILENT) {
        stats->silent++;
        return;
    }
    if (is_lost(player, rule, packet) || !has_room(player, rule, packet))
        return;
    if (rule_is_error(rule, PACKET_TCP))
        answer_error(player, rule, packet, flow);
    else
        answer_syn(player, rule, packet, flow);
}

/* Behind the handshake: data is acknowledged, a close is answered by a close. */
static void handle_segment(struct player *player, const struct packet *packet)
{
    const struct segment *segment = &packet->segment;
    unsigned fin = segment->flags & SEGMENT_FIN;
    if ((segment->flags & SEGMENT_RST) != 0 || (fin == 0 && segment->len == 0))
        return;
    const struct rule *rule = rules_find(player->rules, packet, NULL);
    bool is_talking =
        rule != NULL && (rule->manner == MANNER_OPEN || rule->manner == MANNER_HALF ||
                         rule->manner == MANNER_SHUT);
    if (!is_talking)
        return;
    const struct segment reply = {
        .sequence = segment->acknowledgement,
        .acknowledgement = segment->sequence + segment->len + (fin != 0),
        .flags = fin | SEGMENT_ACK,
    };
    const struct answer like = {.is_counted = false};
    answer_segment(player, rule, packet, &reply, &like);
}

static void answer_message(struct player *player, const struct rule *rule,
                           const struct packet *packet)
{
    unsigned char bytes[PACKET_MAX_LEN];
    bool is_answered =
        packet->kind == PACKET_ECHO ? rule->answers_echo : rule->manner == MANNER_OPEN;
    if (rule_is_error(rule, packet->kind)) {
        answer_error(player, rule, packet, 0);
    } else if (is_answered) {
        struct answer answer = {.kind = packet->kind, .is_counted = true};
        answer.len = reply_build(rule, packet, bytes);
        send_back(player, rule, &answer, bytes);
    } else {
        player->stats.kinds[packet->kind].silent++;
    }
}

/* A datagram or an echo request. */
static void handle_message(struct player *player, const struct packet *packet)
{
    struct stats_kind *stats = &player->stats.kinds[packet->kind];
    const struct rule *rule = rules_find(player->rules, packet, NULL);
    stats->came++;
    stats->silent += rule == NULL;
    while (rule != NULL) {
        if (!is_lost(player, rule, packet))
            answer_message(player, rule, packet);
        rule = rule->has_next ? rules_find(player->rules, packet, rule) : NULL;
    }
}

static void handle(struct player *player, const unsigned char *bytes, size_t len)
{
    struct packet packet;
    if (!packet_parse(&packet, bytes, len))
        return;
    unsigned flags = packet.segment.flags;
    if (packet.kind != PACKET_TCP)
        handle_message(player, &packet);
    else if ((flags & (SEGMENT_SYN | SEGMENT_ACK | SEGMENT_RST)) == SEGMENT_SYN)
        handle_syn(player, &packet);
    else if ((flags & SEGMENT_SYN) == 0)
        handle_segment(player, &packet);
}

/* At most BATCH packets, so that what is due does not wait for a flood to end. ERROR_AGAIN:
   there were fewer. */
static enum error take_packets(struct player *player)
{
    unsigned char bytes[PACKET_MAX_LEN];
    for (int i = 0; i < BATCH; i++) {
        ssize_t len = read(player->tun, bytes, sizeof bytes);
        if (len < 0)
            return errno == EAGAIN || errno == EINTR ? ERROR_AGAIN : ERROR_SYSTEM;
        handle(player, bytes, (size_t)len);
    }
    return ERROR_NONE;
}

static void send_due(struct player *player)
{
    int64_t now_ns = now();
    for (struct answer *answer = queue_take(&player->queue, now_ns); answer != NULL;
         answer = queue_take(&player->queue, now_ns)) {
        transmit(player, answer, answer->bytes);
        free(answer);
    }
}

/* Wait for packets, for the next answer's time, or for `wake`: true when that is readable. */
static bool wait_for(const struct player *player, int wake)
{
    struct pollfd polled[2] = {{.fd = player->tun, .events = POLLIN},
                               {.fd = wake, .events = POLLIN}};
    int64_t next_ns = queue_next_ns(&player->queue);
    int64_t wait_ns = next_ns == NEVER_NS ? -1 : next_ns - now();
    if (next_ns != NEVER_NS && wait_ns < 0)
        wait_ns = 0;
    const struct timespec wait = {wait_ns / NS_PER_S, wait_ns % NS_PER_S};
    return ppoll(polled, ARRAY_LEN(polled), wait_ns >= 0 ? &wait : NULL, NULL) > 0 &&
           polled[1].revents != 0;
}

bool player_init(struct player *player, int tun, const struct rules *rules,
                 const struct gate_limits *limits)
{
    *player = (struct player){.tun = tun, .rules = rules};
    player->listeners = calloc(LISTENER_COUNT, sizeof *player->listeners);
    player->limits = calloc(LIMIT_COUNT, sizeof *player->limits);
    player->arrivals = calloc(LOSS_COUNT, sizeof *player->arrivals);
    bool has_gate = gate_init(&player->gate, limits);
    bool has_queue = queue_init(&player->queue);
    return player->listeners != NULL && player->limits != NULL && player->arrivals != NULL &&
           has_gate && has_queue;
}

void player_release(struct player *player)
{
    free(player->listeners);
    free(player->limits);
    free(player->arrivals);
    gate_release(&player->gate);
    queue_release(&player->queue);
}

enum error player_play(struct player *player, int wake)
{
    while (!wait_for(player, wake)) {
        if (take_packets(player) == ERROR_SYSTEM)
            return ERROR_SYSTEM;
        send_due(player);
    }
    return ERROR_NONE;
}

void player_finish(struct player *player)
{
    for (int i = 0; i < LAST_BATCHES; i++)
        if (take_packets(player) != ERROR_NONE)
            break;
    player->stats.table_peak = player->gate.peak;
    player->stats.overrun = network_dropped();
}
