/*
 * icmp: does the address answer an echo request (RFC 792, RFC 4443)?
 *
 * Thousands of flows share a socket. A request carries the key of its flow and a cookie, and
 * only a reply of the address that was asked which brings both back is an answer: the kernel
 * also hands us what others send with our identifier (measured on Linux 6.18).
 */
#include "netcheck/probe/protocol.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "origin.h"
#include "resend.h"

enum {
    REQUEST = 8, /* types of ICMP and ICMPv6 */
    REPLY = 0,
    REQUEST6 = 128,
    REPLY6 = 129,

    HEADER = 8, /* type, code, checksum, identifier, sequence number; behind it: */
    KEY_AT = 8,
    COOKIE_AT = 16,
    LEAST = 16, /* bytes behind the header, for key and cookie */
    IP_LEAST = 20,
    PACKET_MOST = 65536,
};

/* To send again where the error was another flow's: each attempt takes one such error away. */
enum { SENDS_MAX = 16 };

/* Reading a lane fails so often, one after the other, where it is of no use any more. */
enum { FAILURES_MAX = 16 };

/*
 * What a reply takes of the receive buffer: its length once or twice, and some 750 bytes (768
 * in all for one of 44, measured on Linux 6.18); or 2 KiB where a network driver fills pages.
 * There may be many ping sockets, but one raw one only, for which loss has to show what is too
 * much.
 */
enum { REPLY_USUAL = 2304, REPLY_LEAST = 800, REPLY_FACTOR = 2, BUFFER_LEAST = 212992 };

static const size_t buffer_wanted = 8u << 20;

/* Losses make the room of a lane no smaller than this. */
enum { ROOM_LEAST = 64 };

/* Packets */

/* What an echo request or reply says. */
struct echo {
    uint8_t type;
    uint16_t identifier;
    uint16_t sequence;
    bool has_payload; /* key and cookie are there */
    uint64_t key;
    uint64_t cookie;
    size_t len; /* bytes behind the header */
};

static bool read_echo(const unsigned char *bytes, size_t len, struct echo *echo)
{
    if (len < HEADER)
        return false;
    *echo = (struct echo){.type = bytes[0],
                          .identifier = (uint16_t)(bytes[4] << 8 | bytes[5]),
                          .sequence = (uint16_t)(bytes[6] << 8 | bytes[7]),
                          .has_payload = len >= HEADER + LEAST,
                          .len = len - HEADER};
    if (echo->has_payload) {
        memcpy(&echo->key, bytes + KEY_AT, sizeof echo->key);
        memcpy(&echo->cookie, bytes + COOKIE_AT, sizeof echo->cookie);
    }
    return bytes[1] == 0;
}

/* RFC 1071. */
static uint16_t checksum(const unsigned char *bytes, size_t len)
{
    uint32_t sum = 0;
    for (size_t i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    if (len % 2 != 0)
        sum += (uint32_t)bytes[len - 1] << 8;
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void put16(unsigned char *bytes, uint16_t number)
{
    bytes[0] = (unsigned char)(number >> 8);
    bytes[1] = (unsigned char)number;
}

static uint64_t cookie_of(const struct flow *flow, const struct flow_context *context)
{
    unsigned char bytes[FLOW_COOKIE_SIZE];
    uint64_t cookie;
    flow_cookie(flow, context, bytes);
    memcpy(&cookie, bytes, sizeof cookie);
    return cookie;
}

/* The request of the flow; its length. Where the socket is not raw, the kernel writes
   identifier and checksum; in IPv6 the checksum always. */
static size_t write_request(const struct flow *flow, const struct flow_context *context,
                            unsigned char bytes[static PACKET_MOST])
{
    const struct icmp_lane *lane = &flow->lane->state.icmp;
    bool is_ipv6 = flow->lane->family == AF_INET6;
    uint64_t cookie = cookie_of(flow, context);
    size_t len = HEADER + lane->size;
    memset(bytes, 0, HEADER);
    bytes[0] = is_ipv6 ? REQUEST6 : REQUEST;
    put16(bytes + 4, lane->identifier);
    put16(bytes + 6, (uint16_t)flow->key);
    memcpy(bytes + KEY_AT, &flow->key, sizeof flow->key);
    memcpy(bytes + COOKIE_AT, &cookie, sizeof cookie);
    for (size_t i = HEADER + LEAST; i < len; i++)
        bytes[i] = (unsigned char)i;
    if (lane->is_raw && !is_ipv6)
        put16(bytes + 2, checksum(bytes, len));
    return len;
}

/* A raw socket for IPv4 delivers the IP header, too. */
static bool skip_ip_header(const unsigned char **bytes, size_t *len)
{
    size_t header = *len > 0 ? (size_t)(**bytes & 0x0f) * 4 : 0;
    if (header < IP_LEAST || header > *len)
        return false;
    *bytes += header;
    *len -= header;
    return true;
}

/* Lanes */

/*
 * A socket for echo without a privilege is EACCES where net.ipv4.ping_group_range does not have
 * our group, and something else where the system has none; a raw one is EPERM without
 * CAP_NET_RAW.
 */
static enum flow_status open_socket(struct lane *lane, const struct flow_context *context,
                                    struct outcome *outcome)
{
    enum flow_status status = origin_open(context, OS_ECHO, &lane->fd, outcome);
    bool is_refused = status == FLOW_DONE && lane->fd < 0 && outcome->error != EAFNOSUPPORT;
    if (!is_refused)
        return status;
    bool is_by_group = outcome->error == EACCES;
    lane->state.icmp.is_raw = true;
    status = origin_open(context, OS_RAW_ECHO, &lane->fd, outcome);
    if (status == FLOW_DONE && lane->fd < 0)
        outcome->remark = is_by_group ? REMARK_NO_ECHO : REMARK_NO_RAW;
    return status;
}

/* With a size of the user's, echoes have to arrive whole. WAITING: they will. */
static enum flow_status fix_size(struct lane *lane, const struct flow_context *context,
                                 struct outcome *outcome)
{
    const struct os *os = context->os;
    size_t size = context->ask->echo_size;
    lane->state.icmp.size = size > LEAST ? size : LEAST;
    int error = size > 0 ? os->forbid_fragments(os->self, lane->fd, lane->family) : 0;
    if (error == 0)
        return FLOW_WAITING;
    *outcome = outcome_of_remark(REASON_LOCAL, REMARK_FRAGMENTS);
    outcome->error = error;
    return FLOW_DONE;
}

/* As many as the receive buffer holds replies, of which none is lost then. */
static size_t choose_room(const struct os *os, const struct lane *lane)
{
    size_t bytes = os->reserve(os->self, lane->fd, buffer_wanted);
    if (bytes == 0)
        bytes = BUFFER_LEAST;
    size_t reply = lane->state.icmp.is_raw ? REPLY_LEAST : REPLY_USUAL;
    size_t room = bytes / (reply + REPLY_FACTOR * lane->state.icmp.size);
    return room > 0 ? room : 1;
}

/*
 * A raw socket gets a copy of every reply to this machine, so that a second one would only hold
 * the same once more.
 */
static void prepare(struct lane *lane, const struct os *os)
{
    struct icmp_lane *icmp = &lane->state.icmp;
    icmp->identifier = icmp->is_raw ? (uint16_t)os->random(os->self) : 0;
    icmp->lost = os->lost(os->self, lane->fd);
    icmp->lost_ns = INT64_MIN;
    lane->is_only = icmp->is_raw;
    lane->room = choose_room(os, lane);
}

static enum flow_status icmp_open_lane(struct lane *lane, const struct flow_context *context,
                                       struct flow_answer *answer)
{
    const struct os *os = context->os;
    answer->measures.is_reply = true;
    enum flow_status status = open_socket(lane, context, &answer->outcome);
    if (status == FLOW_WAITING)
        status = fix_size(lane, context, &answer->outcome);
    if (status == FLOW_WAITING)
        prepare(lane, os);
    else if (lane->fd >= 0)
        os->close(os->self, lane->fd);
    return status;
}

static void icmp_close_lane(struct lane *lane, const struct os *os)
{
    os->close(os->self, lane->fd);
}

/* Whether it came from this lane; false also where that cannot be told. */
static bool is_of_lane(const struct lane *lane, const struct echo *echo)
{
    const struct icmp_lane *icmp = &lane->state.icmp;
    return !icmp->is_raw || echo->identifier == icmp->identifier;
}

static void read_reply(const struct lane *lane, const struct os_message *reply,
                       struct lane_message *message)
{
    const struct icmp_lane *icmp = &lane->state.icmp;
    bool is_ipv6 = lane->family == AF_INET6;
    const unsigned char *bytes = reply->bytes;
    size_t len = reply->len;
    struct echo echo;
    if (icmp->is_raw && !is_ipv6 && !skip_ip_header(&bytes, &len))
        return;
    bool is_whole = read_echo(bytes, len, &echo) && echo.has_payload && echo.len >= icmp->size;
    bool is_reply = is_whole && echo.type == (is_ipv6 ? REPLY6 : REPLY);
    if (!is_reply || !is_of_lane(lane, &echo) || echo.sequence != (uint16_t)echo.key)
        return;
    message->key = echo.key;
    message->cookie = echo.cookie;
    message->sender = reply->sender;
    message->outcome = outcome_of(REASON_REPLIED);
    message->ttl = reply->ttl;
}

/* Reports */

/* As struct measures has it: -1 unknown. */
static int to_mtu(uint32_t bytes)
{
    return bytes > 0 && bytes <= INT_MAX ? (int)bytes : -1;
}

/* Whether this machine has the address: only then a socket can be bound to it. */
static bool has_address(const struct os *os, const struct address *address)
{
    const struct os_origin origin = {.source = *address};
    int fd = -1;
    if (os->open(os->self, OS_UDP, address_family(address), &fd) != 0)
        return false;
    bool has = os->bind(os->self, fd, &origin) == 0;
    os->close(os->self, fd);
    return has;
}

/* The same, asking once where one sender has much to say. */
static bool is_own(struct icmp_lane *lane, const struct os *os, const struct address *sender)
{
    if (address_equals(&lane->own, sender))
        return true;
    if (address_equals(&lane->foreign, sender))
        return false;
    bool is_own = has_address(os, sender);
    *(is_own ? &lane->own : &lane->foreign) = *sender;
    return is_own;
}

/* Redirects and source quenches are reported, too (icmp(7)), and are no errors. */
static bool is_error(const struct icmp *icmp)
{
    if (!icmp->is_set)
        return false;
    if (address_family(&icmp->sender) == AF_INET6)
        return icmp->type >= 1 && icmp->type <= 4;
    return icmp->type == 3 || icmp->type == 11 || icmp->type == 12;
}

/* Many routers quote no more than 8 bytes behind the IP header (RFC 792): no key, then. */
static void name_flow(const struct echo *echo, struct lane_message *message)
{
    message->is_key_cut = !echo->has_payload;
    message->key = echo->has_payload ? echo->key : echo->sequence;
    message->cookie = echo->cookie;
}

static void read_report(struct lane *lane, const struct os *os, const struct os_report *report,
                        struct lane_message *message)
{
    uint8_t request = lane->family == AF_INET6 ? REQUEST6 : REQUEST;
    struct icmp icmp = report->icmp;
    struct echo echo;
    bool is_ours = is_error(&icmp) && read_echo(report->quote, report->quote_len, &echo) &&
                   echo.type == request && is_of_lane(lane, &echo);
    if (!is_ours || (echo.has_payload && echo.sequence != (uint16_t)echo.key))
        return;
    name_flow(&echo, message);
    icmp.is_own = is_own(&lane->state.icmp, os, &icmp.sender);
    message->sender = report->target;
    message->outcome = outcome_of_error(report->error);
    outcome_add_icmp(&message->outcome, &icmp);
    message->outcome.is_own = icmp.is_own;
    message->path_mtu = to_mtu(report->mtu);
}

/*
 * Replies that were dropped here: fewer flows at a time from now on. So few are not what fills
 * the buffer: a raw socket gets what others asked for, too, and any socket what is forged.
 */
static void note_lost(struct lane *lane, const struct os *os)
{
    struct icmp_lane *icmp = &lane->state.icmp;
    int64_t lost = os->lost(os->self, lane->fd);
    if (lost <= icmp->lost)
        return;
    icmp->lost = lost;
    icmp->lost_ns = os->now_ns(os->self);
    size_t half = lane->flows / 2;
    size_t room = half > ROOM_LEAST ? half : ROOM_LEAST;
    if (room < lane->room)
        lane->room = room;
}

/* Reading failed, and no report says why: that may be over. */
static enum lane_status judge_failure(struct lane *lane, int error,
                                      struct lane_message *message)
{
    if (++lane->state.icmp.failures < FAILURES_MAX)
        return LANE_MESSAGE;
    message->outcome = outcome_of(REASON_LOCAL);
    message->outcome.error = error;
    return LANE_BROKEN;
}

static enum lane_status icmp_receive(struct lane *lane, const struct os *os,
                                     struct lane_message *message)
{
    unsigned char bytes[PACKET_MOST];
    struct os_message reply = {.bytes = bytes, .size = sizeof bytes, .age_ns = -1};
    struct os_report report;
    int error = os->receive(os->self, lane->fd, &reply);
    message->received_ns = os->now_ns(os->self) - (reply.age_ns > 0 ? reply.age_ns : 0);
    message->is_stamped = error == 0 && reply.age_ns >= 0;
    bool has_report = error != 0 && os->take_report(os->self, lane->fd, &report);
    if (error != 0 && error != EAGAIN && !has_report)
        return judge_failure(lane, error, message);
    lane->state.icmp.failures = 0;
    lane->state.icmp.is_unread = error == 0 || has_report;
    if (error == 0)
        read_reply(lane, &reply, message);
    if (has_report)
        read_report(lane, os, &report, message);
    if (error == 0 || has_report)
        return LANE_MESSAGE;
    note_lost(lane, os);
    return LANE_EMPTY;
}

/* Flows */

/* A report that waits on the lane makes sending fail, whomever it is about, and is read later
   as a message. */
static int send_request(struct flow *flow, const struct flow_context *context)
{
    const struct os *os = context->os;
    unsigned char bytes[PACKET_MOST];
    struct os_outgoing outgoing = {
        .bytes = bytes, .len = write_request(flow, context, bytes), .to = context->address};
    int error = 0;
    for (unsigned i = 0; i < SENDS_MAX; i++) {
        error = os->send(os->self, flow->lane->fd, &outgoing);
        if (error == 0 || outcome_is_shortage(error, AF_UNSPEC))
            break;
    }
    flow->sent += error == 0;
    return error;
}

static void measure(const struct flow *flow, struct flow_answer *answer)
{
    answer->measures.is_reply = true;
    answer->measures.sent = (int)flow->sent;
    answer->measures.replies = answer->outcome.reason == REASON_REPLIED;
}

/* Nothing was sent, so that only this machine can say no. */
static enum flow_status refuse(const struct flow_context *context, int error,
                               struct flow_answer *answer)
{
    const struct os *os = context->os;
    enum flow_status status = origin_refuse_datagram(context, error, &answer->outcome);
    bool is_too_big = answer->outcome.reason == REASON_TOOBIG;
    answer->outcome.is_own = is_too_big || origin_is_own(&answer->outcome, true);
    if (is_too_big)
        answer->measures.path_mtu =
            to_mtu(os->path_mtu(os->self, context->address, context->origin));
    return status;
}

static enum flow_status icmp_start(struct flow *flow, const struct flow_context *context,
                                   struct flow_answer *answer)
{
    answer->measures.is_reply = true;
    if (origin_refuse_group(context, &answer->outcome))
        return FLOW_DONE;
    flow->started_ns = context->os->now_ns(context->os->self); /* the lane may be new */
    int error = send_request(flow, context);
    if (error != 0)
        return refuse(context, error, answer);
    flow->wake_ns = resend_next_ns(flow, context);
    return FLOW_WAITING;
}

/* A scope means nothing but in a link-local address, where the kernel sets it. */
static bool is_from(const struct address *asked, const struct address *sender)
{
    if (address_is_link_local(asked))
        return address_equals(asked, sender);
    return address_family(asked) == address_family(sender) &&
           address_compare(asked, sender) == 0;
}

/* Whether the message is about this flow, and not forged. */
static bool is_answer(const struct flow *flow, const struct flow_context *context)
{
    const struct lane_message *message = context->message;
    return is_from(context->address, &message->sender) &&
           (message->is_key_cut || message->cookie == cookie_of(flow, context));
}

static enum flow_status icmp_advance(struct flow *flow, const struct flow_context *context,
                                     struct flow_answer *answer)
{
    const struct lane_message *message = context->message;
    if (message == NULL) {
        (void)send_request(flow, context); /* the first one is under way */
        flow->wake_ns = resend_next_ns(flow, context);
        return FLOW_WAITING;
    }
    if (!is_answer(flow, context))
        return FLOW_WAITING;
    answer->outcome = message->outcome;
    measure(flow, answer);
    answer->measures.ttl = message->ttl;
    answer->measures.path_mtu = message->path_mtu;
    int64_t took_ns = message->received_ns - flow->started_ns;
    answer->is_stamped = took_ns >= 0;
    answer->round_trip_ns = took_ns >= 0 ? took_ns : -1;
    return FLOW_DONE;
}

static enum flow_status icmp_expire(struct flow *flow, const struct flow_context *context,
                                    struct flow_answer *answer)
{
    answer->outcome = outcome_of(REASON_TIMEOUT);
    measure(flow, answer);
    if (flow->lane->state.icmp.is_unread)
        note_lost(flow->lane, context->os);
    return flow->lane->state.icmp.lost_ns >= flow->started_ns ? FLOW_VOID : FLOW_DONE;
}

static void icmp_stop(struct flow *flow, const struct os *os)
{
    (void)os;
    flow->wake_ns = NEVER_NS;
}

const struct protocol protocol_icmp = {
    .transport = OS_ECHO,
    .start = icmp_start,
    .advance = icmp_advance,
    .expire = icmp_expire,
    .stop = icmp_stop,
    .open_lane = icmp_open_lane,
    .receive = icmp_receive,
    .close_lane = icmp_close_lane,
};
