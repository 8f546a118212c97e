/*
 * What a world does with datagrams, as Linux does: what is rejected comes back as a report, and
 * makes the next call of its socket fail.
 */
#include "world_parts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netcheck/base/mix.h"

static const int64_t early_ns = NS_PER_MS / 5;

/* Where decoys come from. */
#define ELSEWHERE "198.18.0.99"

enum {
    ECHO_REQUEST = 8, /* types of ICMP and ICMPv6 */
    ECHO_REPLY = 0,
    ECHO_REQUEST6 = 128,
    ECHO_REPLY6 = 129,
};

static struct address address_of(const char *text, uint16_t port)
{
    struct address address;
    if (!address_parse(text, strlen(text), &address))
        abort();
    address_set_port(&address, port);
    return address;
}

/* Flows */

static uint64_t hash_of(const struct world_socket *socket, const struct os_outgoing *outgoing)
{
    uint64_t hash = mix64(socket->number) ^ address_hash(outgoing->to);
    hash = mix64(hash ^ address_port(outgoing->to));
    for (size_t i = 0; i < outgoing->len; i++)
        hash = mix64(hash ^ outgoing->bytes[i]);
    return hash != 0 ? hash : 1;
}

/* The flow that the datagram is of; a new one where it is the first. */
static struct world_flow *find_flow(struct world *world, uint64_t hash)
{
    if (world->flows == NULL)
        world->flows = calloc(WORLD_FLOWS, sizeof *world->flows);
    assert_non_null(world->flows);
    size_t place = hash % WORLD_FLOWS;
    for (size_t i = 0; i < WORLD_FLOWS; i++, place = (place + 1) % WORLD_FLOWS) {
        struct world_flow *flow = &world->flows[place];
        if (flow->hash != 0 && flow->hash != hash)
            continue;
        flow->hash = hash;
        return flow;
    }
    world_violate(world, "more datagrams were sent than the test has room for");
    return &world->flows[0];
}

/* Answers */

/* As the kernel of the host, or its service, makes it of the question. */
static void make_answer(const struct world_host *host, enum os_socket kind,
                        struct datagram *answer)
{
    unsigned char *type = &answer->bytes[0];
    if (kind == OS_ECHO && answer->len > 0)
        *type = *type == ECHO_REQUEST    ? ECHO_REPLY
                : *type == ECHO_REQUEST6 ? ECHO_REPLY6
                                         : *type;
    if (host->answer != NULL)
        host->answer(answer);
    if (host->answers_from != NULL)
        answer->sender = address_of(host->answers_from, address_port(&answer->sender));
    if (host->answers_port != 0)
        address_set_port(&answer->sender, host->answers_port);
}

static void send_decoys(struct world *world, const struct world_host *host,
                        const struct datagram *answer)
{
    struct datagram decoy = *answer;
    decoy.sender = address_of(ELSEWHERE, address_port(&answer->target));
    decoy.at_ns -= host->decoys;
    for (unsigned i = 0; i < host->decoys; i++, decoy.at_ns++)
        world_deliver(world, &decoy);
}

/* The host itself says so, unless it is known who does. */
static struct icmp icmp_of(const struct world_host *host, enum behaviour behaviour)
{
    bool is_ipv6 = address_family(&host->address) == AF_INET6;
    struct icmp icmp = host->icmp;
    if (icmp.is_set || behaviour != BEHAVIOUR_REFUSED)
        return icmp;
    icmp.is_set = true;
    icmp.type = is_ipv6 ? 1 : 3;
    icmp.code = is_ipv6 ? 4 : 3;
    icmp.sender = host->address;
    address_set_port(&icmp.sender, 0);
    return icmp;
}

static void reject(struct world *world, struct world_host *host, struct datagram *answer,
                   enum behaviour behaviour)
{
    if (host->icmp_limit != NULL && !policer_pass(host->icmp_limit, world->now_ns))
        return;
    answer->is_report = true;
    answer->error = behaviour == BEHAVIOUR_REFUSED ? ECONNREFUSED : host->error;
    answer->error_ns = answer->at_ns;
    if (behaviour == BEHAVIOUR_EARLY_WAKE)
        answer->at_ns -= early_ns;
    answer->icmp = icmp_of(host, behaviour);
    if (host->quotes > 0 && host->quotes < answer->len)
        answer->len = host->quotes;
    if (host->rejects != NULL)
        answer->target = address_of(host->rejects, address_port(&answer->target));
    world_deliver(world, answer);
}

/* What the host says to a datagram of the flow. */
static void answer_datagram(struct world *world, struct world_host *host, int fd,
                            const struct os_outgoing *outgoing, size_t flow)
{
    enum os_socket kind = world->sockets[fd].kind;
    enum behaviour behaviour = world_behaviour_of(world, host);
    if (behaviour == BEHAVIOUR_SELF_ONCE && host->asked > 1)
        behaviour = BEHAVIOUR_REFUSED;
    struct datagram answer = {
        .fd = fd,
        .at_ns = world->now_ns + (behaviour != BEHAVIOUR_CONNECTED ? host->delay_ns : 0),
        .sender = *outgoing->to,
        .target = *outgoing->to,
        .len = outgoing->len < DATAGRAM_SIZE ? outgoing->len : DATAGRAM_SIZE,
        .is_void = behaviour == BEHAVIOUR_SPURIOUS,
    };
    memcpy(answer.bytes, outgoing->bytes, answer.len);
    if (behaviour == BEHAVIOUR_REFUSED || behaviour == BEHAVIOUR_ERROR ||
        behaviour == BEHAVIOUR_EARLY_WAKE)
        reject(world, host, &answer, behaviour);
    bool is_self = behaviour == BEHAVIOUR_SELF_ONCE || behaviour == BEHAVIOUR_SELF_ALWAYS;
    if (is_self)
        world->sockets[fd].was_self = true;
    if (behaviour != BEHAVIOUR_OPEN && behaviour != BEHAVIOUR_CONNECTED &&
        behaviour != BEHAVIOUR_SPURIOUS && !is_self)
        return;
    router_answered(&world->router, flow, answer.at_ns);
    send_decoys(world, host, &answer);
    make_answer(host, kind, &answer);
    for (unsigned i = 0; i <= world->copies; i++, answer.at_ns += 100 * NS_PER_MS)
        world_deliver(world, &answer);
}

/* Sending */

/* What keeps the datagram on this machine; 0: nothing. */
static int find_obstacle(struct world *world, int fd, const struct address *to)
{
    struct world_host *host = world_find_host(world, to);
    int error = datagrams_tell(&world->datagrams, fd, world->now_ns);
    if (error != 0)
        return error;
    if (world->now_ns >= world->send_ns && world->now_ns < world->resend_ns)
        return world->send_error;
    if (world_is_unrouted(world, to))
        return ENETUNREACH;
    bool is_refused = host != NULL && world_behaviour_of(world, host) == BEHAVIOUR_IMMEDIATE;
    return is_refused ? host->error : 0;
}

static int world_send_bytes(void *self, int fd, struct os_outgoing *outgoing)
{
    struct world *world = self;
    struct world_socket *socket = world_socket_of(world, fd);
    const struct address *to = outgoing->to;
    world_spend(world);
    if (socket->kind == OS_TCP || to == NULL)
        world_violate(world, "a datagram was sent by a socket of connections");
    else if ((address_port(to) == 0) != (socket->kind == OS_ECHO))
        world_violate(world, "port 0 was asked, or an echo has a port");
    struct world_host *host = world_find_host(world, to);
    struct world_flow *flow = find_flow(world, hash_of(socket, outgoing));
    if (!flow->is_begun) {
        flow->is_begun = true;
        world_begin_asking(world, socket, host, to);
        flow->nth = socket->nth;
        flow->flow = socket->flow;
    }
    int error = find_obstacle(world, fd, to);
    if (error != 0)
        return error;
    outgoing->taken = outgoing->len;
    flow->sent++;
    world->datagrams_sent++;
    bool passes = router_pass(&world->router, flow->flow, world->now_ns);
    if (host == NULL || !passes || flow->sent <= host->lost_syns ||
        flow->nth <= host->deaf_connects || world->now_ns >= host->gone_ns)
        return 0;
    answer_datagram(world, host, fd, outgoing, flow->flow);
    return 0;
}

/* Receiving */

/* What has come beyond the room of the socket is lost. */
static void overflow(struct world *world, int fd)
{
    struct world_socket *socket = world_socket_of(world, fd);
    if (world->receive_room > 0)
        socket->lost +=
            datagrams_drop(&world->datagrams, fd, world->now_ns, world->receive_room);
}

static int world_receive_bytes(void *self, int fd, struct os_message *message)
{
    struct world *world = self;
    struct world_socket *socket = world_socket_of(world, fd);
    struct datagram datagram;
    world_spend(world);
    if (socket->kind == OS_TCP)
        return world_stream_receive(world, socket, message);
    overflow(world, fd);
    int error = datagrams_tell(&world->datagrams, fd, world->now_ns);
    if (error != 0)
        return error;
    if (!datagrams_take(&world->datagrams, fd, world->now_ns, &datagram) || datagram.is_void)
        return EAGAIN;
    if (datagram.is_end)
        return datagram.error;
    message->is_truncated = datagram.len > message->size;
    message->len = message->is_truncated ? message->size : datagram.len;
    memcpy(message->bytes, datagram.bytes, message->len);
    message->sender = datagram.sender;
    message->age_ns = socket->kind == OS_ECHO ? world->now_ns - datagram.at_ns : -1;
    message->ttl = socket->kind == OS_ECHO ? 61 : -1;
    return 0;
}

static bool world_take_report(void *self, int fd, struct os_report *report)
{
    struct world *world = self;
    struct datagram datagram;
    (void)world_socket_of(world, fd);
    world_spend(world);
    memset(report, 0, sizeof *report);
    if (!datagrams_take_report(&world->datagrams, fd, world->now_ns, &datagram))
        return false;
    report->error = datagram.error;
    report->icmp = datagram.icmp;
    report->target = datagram.target;
    report->quote_len = datagram.len < OS_QUOTE_SIZE ? datagram.len : OS_QUOTE_SIZE;
    memcpy(report->quote, datagram.bytes, report->quote_len);
    return true;
}

static int64_t world_lost(void *self, int fd)
{
    overflow(self, fd);
    return (int64_t)world_socket_of(self, fd)->lost;
}

static size_t world_reserve(void *self, int fd, size_t bytes)
{
    (void)world_socket_of(self, fd);
    return bytes;
}

static int world_forbid_fragments(void *self, int fd, int family)
{
    (void)world_socket_of(self, fd);
    (void)family;
    return 0;
}

static bool world_is_broadcast(void *self, const struct address *address,
                               const struct os_origin *origin)
{
    const struct world_host *host = world_find_host(self, address);
    (void)origin;
    return host != NULL && host->is_broadcast;
}

void world_serve_datagrams(struct os *os)
{
    os->send = world_send_bytes;
    os->receive = world_receive_bytes;
    os->take_report = world_take_report;
    os->lost = world_lost;
    os->reserve = world_reserve;
    os->forbid_fragments = world_forbid_fragments;
    os->is_broadcast = world_is_broadcast;
}
