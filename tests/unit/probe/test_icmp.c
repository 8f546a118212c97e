/*
 * Echo requests over a scripted operating system: what is sent, and what of all that may come
 * back is an answer.
 */
#include <errno.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/protocol.h"

static const int64_t begin = 1000 * NS_PER_S; /* any point in time */
static const struct os_origin nowhere = {.interface = NULL};
static const struct siphash_key secret = {{1, 2}};

enum {
    FD = 7,          /* of the lane ... */
    OTHER_FD = 8,    /* ... and of whatever else is opened */
    PACKET = 70000,  /* more than any packet has */
    IP_HEADER = 24,  /* with an option, as no host needs to have it */
    ECHO_HEADER = 8, /* up to the key; behind it the cookie: */
    COOKIE_AT = 16,
    LEAST = 24,
    KEY_NUMBER = 0x12345,
};

/* What the network and the kernel are asked for, and say. */
struct fake {
    struct os os;
    int64_t now_ns;
    int open_errors[OS_RAW_ECHO + 1]; /* by kind */
    unsigned opened;                  /* kinds, as bits */
    int open;                         /* descriptors */
    unsigned binds;                   /* of others than the lane */
    int bind_error;                   /* of the lane */
    const char *own;                  /* the address of this machine */
    int fragments_error;
    bool is_whole; /* fragments are forbidden */
    size_t buffer; /* what reserve() says */
    int64_t lost;
    bool is_broadcast;

    int send_error;    /* of the first ... */
    unsigned failures; /* ... so many sends */
    unsigned sends;
    unsigned char sent[PACKET];
    size_t sent_len;

    bool has_reply;
    struct os_message reply; /* its bytes are in ... */
    unsigned char bytes[PACKET];
    bool has_report;
    struct os_report report;
    int receive_error; /* where there is no reply */
};

static int64_t fake_now(void *self)
{
    const struct fake *fake = self;
    return fake->now_ns;
}

static int fake_open(void *self, enum os_socket kind, int family, int *fd)
{
    struct fake *fake = self;
    (void)family;
    fake->opened |= 1u << kind;
    *fd = kind == OS_UDP ? OTHER_FD : FD;
    fake->open += fake->open_errors[kind] == 0;
    return fake->open_errors[kind];
}

static int fake_bind(void *self, int fd, const struct os_origin *origin)
{
    struct fake *fake = self;
    char text[ADDRESS_TEXT_SIZE];
    address_format(&origin->source, text);
    if (fd == FD)
        return fake->bind_error;
    fake->binds++;
    return strcmp(text, fake->own) == 0 ? 0 : EADDRNOTAVAIL;
}

static int fake_send(void *self, int fd, struct os_outgoing *outgoing)
{
    struct fake *fake = self;
    assert_int_equal(fd, FD);
    assert_true(outgoing->len <= sizeof fake->sent);
    memcpy(fake->sent, outgoing->bytes, outgoing->len);
    fake->sent_len = outgoing->len;
    return ++fake->sends <= fake->failures ? fake->send_error : 0;
}

static int fake_receive(void *self, int fd, struct os_message *message)
{
    struct fake *fake = self;
    assert_int_equal(fd, FD);
    if (!fake->has_reply)
        return fake->receive_error;
    fake->has_reply = false;
    unsigned char *bytes = message->bytes;
    size_t size = message->size;
    *message = fake->reply;
    message->bytes = bytes;
    message->size = size;
    message->len = fake->reply.len < size ? fake->reply.len : size;
    message->is_truncated = message->len < fake->reply.len;
    memcpy(bytes, fake->bytes, message->len);
    return 0;
}

static bool fake_take_report(void *self, int fd, struct os_report *report)
{
    struct fake *fake = self;
    assert_int_equal(fd, FD);
    bool has_report = fake->has_report;
    *report = fake->report;
    fake->has_report = false;
    return has_report;
}

static int64_t fake_lost(void *self, int fd)
{
    const struct fake *fake = self;
    (void)fd;
    return fake->lost;
}

static size_t fake_reserve(void *self, int fd, size_t bytes)
{
    const struct fake *fake = self;
    (void)fd;
    assert_true(bytes > 0);
    return fake->buffer;
}

static int fake_forbid_fragments(void *self, int fd, int family)
{
    struct fake *fake = self;
    (void)fd;
    (void)family;
    fake->is_whole = true;
    return fake->fragments_error;
}

static uint32_t fake_path_mtu(void *self, const struct address *address,
                              const struct os_origin *origin)
{
    (void)self;
    (void)address;
    (void)origin;
    return 1500;
}

static bool fake_is_broadcast(void *self, const struct address *address,
                              const struct os_origin *origin)
{
    const struct fake *fake = self;
    (void)address;
    (void)origin;
    return fake->is_broadcast;
}

static bool fake_has_source(void *self, const struct address *address,
                            const struct os_origin *origin)
{
    (void)self;
    (void)address;
    (void)origin;
    return false;
}

static uint64_t fake_random(void *self)
{
    (void)self;
    return 0xabcd;
}

static void fake_close(void *self, int fd)
{
    struct fake *fake = self;
    (void)fd;
    fake->open--;
}

/* Ping sockets are allowed, and nothing has come. */
static void fake_init(struct fake *fake)
{
    memset(fake, 0, sizeof *fake);
    fake->os = (struct os){
        .self = fake,
        .now_ns = fake_now,
        .open = fake_open,
        .bind = fake_bind,
        .send = fake_send,
        .receive = fake_receive,
        .take_report = fake_take_report,
        .lost = fake_lost,
        .reserve = fake_reserve,
        .forbid_fragments = fake_forbid_fragments,
        .path_mtu = fake_path_mtu,
        .is_broadcast = fake_is_broadcast,
        .has_source = fake_has_source,
        .random = fake_random,
        .close = fake_close,
    };
    fake->now_ns = begin;
    fake->own = "";
    fake->buffer = 212992;
    fake->receive_error = EAGAIN;
}

static struct address address_of(const char *text)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    return address;
}

/* One flow on one lane. */
struct scene {
    struct fake fake;
    struct address asked;
    struct os_origin origin;
    struct ask_options ask;
    struct flow_context context;
    struct lane lane;
    struct flow flow;
    struct flow_answer answer;
};

enum { PING = 0, RAW = 1 };

static void scene_init(struct scene *scene, const char *asked, int is_raw)
{
    memset(scene, 0, sizeof *scene);
    fake_init(&scene->fake);
    if (is_raw)
        scene->fake.open_errors[OS_ECHO] = EACCES;
    scene->asked = address_of(asked);
    scene->origin = nowhere;
    scene->context = (struct flow_context){
        .os = &scene->fake.os,
        .origin = &scene->origin,
        .address = &scene->asked,
        .ask = &scene->ask,
        .secret = &secret,
        .now_ns = begin,
    };
    scene->lane = (struct lane){.fd = -1, .family = address_family(&scene->asked)};
    flow_init(&scene->flow);
    scene->flow.key = (uint64_t)3 << 32 | KEY_NUMBER;
    scene->flow.number = 4711;
}

static enum flow_status open_lane(struct scene *scene)
{
    flow_answer_init(&scene->answer);
    return protocol_icmp.open_lane(&scene->lane, &scene->context, &scene->answer);
}

/* On a lane that could be opened. */
static enum flow_status start(struct scene *scene)
{
    assert_int_equal(open_lane(scene), FLOW_WAITING);
    scene->flow.lane = &scene->lane;
    flow_answer_init(&scene->answer);
    return protocol_icmp.start(&scene->flow, &scene->context, &scene->answer);
}

static void scene_begin(struct scene *scene, const char *asked, int is_raw)
{
    scene_init(scene, asked, is_raw);
    assert_int_equal(start(scene), FLOW_WAITING);
}

/* Read the lane once, as the engine does, and advance the flow if the message names it. */
static enum flow_status hear(struct scene *scene, enum lane_status *lane_status)
{
    struct lane_message message = {.ttl = -1, .path_mtu = -1};
    *lane_status = protocol_icmp.receive(&scene->lane, &scene->fake.os, &message);
    uint64_t mask = message.is_key_cut ? 0xffff : UINT64_MAX;
    if (*lane_status != LANE_MESSAGE || message.key != (scene->flow.key & mask))
        return FLOW_WAITING;
    struct flow_context context = scene->context;
    context.message = &message;
    flow_answer_init(&scene->answer);
    return protocol_icmp.advance(&scene->flow, &context, &scene->answer);
}

/* The reply to what was sent has come, from the address that was asked. */
static void deliver(struct scene *scene)
{
    struct fake *fake = &scene->fake;
    bool is_ipv6 = scene->lane.family == AF_INET6;
    size_t header = scene->lane.is_only && !is_ipv6 ? IP_HEADER : 0;
    fake->has_reply = true;
    fake->reply = (struct os_message){
        .len = header + fake->sent_len, .sender = scene->asked, .age_ns = -1, .ttl = 61};
    fake->bytes[0] = 0x40 | IP_HEADER / 4;
    memcpy(fake->bytes + header, fake->sent, fake->sent_len);
    fake->bytes[header] = is_ipv6 ? 129 : 0;
}

/* Lanes */

static void test_icmp_lane_is_a_ping_socket_or_else_a_raw_one(void **state)
{
    enum { ECHO_KIND = 1u << OS_ECHO, RAW_KIND = 1u << OS_RAW_ECHO };
    static const struct {
        const char *label;
        int echo_error;
        int raw_error;
        int bind_error;
        enum flow_status status;
        enum remark remark;
        int error;
        unsigned opened;
    } cases[] = {
        {"ping", 0, EPERM, 0, FLOW_WAITING, REMARK_NONE, 0, ECHO_KIND},
        {"raw", EACCES, 0, 0, FLOW_WAITING, REMARK_NONE, 0, ECHO_KIND | RAW_KIND},
        {"raw, no ping sockets here", EPROTONOSUPPORT, 0, 0, FLOW_WAITING, REMARK_NONE, 0,
         ECHO_KIND | RAW_KIND},
        {"neither", EACCES, EPERM, 0, FLOW_DONE, REMARK_NO_ECHO, EPERM, ECHO_KIND | RAW_KIND},
        {"no ping sockets, no capability", EPROTONOSUPPORT, EPERM, 0, FLOW_DONE, REMARK_NO_RAW,
         EPERM, ECHO_KIND | RAW_KIND},
        {"no descriptor", EMFILE, 0, 0, FLOW_SHORT, REMARK_NONE, EMFILE, ECHO_KIND},
        {"no descriptor for a raw one", EACCES, ENFILE, 0, FLOW_SHORT, REMARK_NONE, ENFILE,
         ECHO_KIND | RAW_KIND},
        {"no such family", EAFNOSUPPORT, 0, 0, FLOW_DONE, REMARK_NONE, EAFNOSUPPORT, ECHO_KIND},
        {"no such source", 0, 0, EADDRNOTAVAIL, FLOW_DONE, REMARK_SOURCE, EADDRNOTAVAIL,
         ECHO_KIND},
        {"no such source, raw", EACCES, 0, EADDRNOTAVAIL, FLOW_DONE, REMARK_SOURCE,
         EADDRNOTAVAIL, ECHO_KIND | RAW_KIND},
    };
    static struct scene scene;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        scene_init(&scene, "192.0.2.1", PING);
        scene.fake.open_errors[OS_ECHO] = cases[i].echo_error;
        scene.fake.open_errors[OS_RAW_ECHO] = cases[i].raw_error;
        scene.fake.bind_error = cases[i].bind_error;
        scene.origin.interface = cases[i].bind_error != 0 ? "lo" : NULL;
        claim_number(label, "status", open_lane(&scene), cases[i].status);
        claim_number(label, "kinds", scene.fake.opened, cases[i].opened);
        claim_number(label, "open", (uint64_t)scene.fake.open, cases[i].status == FLOW_WAITING);
        if (cases[i].status == FLOW_WAITING) {
            claim_number(label, "only", scene.lane.is_only, cases[i].opened != ECHO_KIND);
            continue;
        }
        claim_number(label, "reason", scene.answer.outcome.reason, REASON_LOCAL);
        claim_number(label, "remark", scene.answer.outcome.remark, cases[i].remark);
        claim_number(label, "error", (uint64_t)scene.answer.outcome.error,
                     (uint64_t)cases[i].error);
    }
}

/* Replies of 16 bytes take 768 of the buffer. */
static void test_icmp_lane_has_room_for_what_its_buffer_holds(void **state)
{
    static const struct {
        const char *label;
        int is_raw;
        size_t buffer;
        size_t size;
        size_t least;
        size_t most;
    } cases[] = {
        {"as Linux has it", PING, 425984, 0, 150, 256},
        {"as Linux has it, raw", RAW, 425984, 0, 500, 554},
        {"not known", PING, 0, 0, 75, 277},
        {"16 MiB", PING, 16u << 20, 0, 6000, 8192},
        {"16 MiB of large ones", PING, 16u << 20, 65507, 100, 256},
        {"not for a single one", RAW, 2304, 65507, 1, 1},
    };
    static struct scene scene;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        scene_init(&scene, "192.0.2.1", cases[i].is_raw);
        scene.fake.buffer = cases[i].buffer;
        scene.ask.echo_size = cases[i].size;
        claim_number(cases[i].label, "status", open_lane(&scene), FLOW_WAITING);
        claim_true(cases[i].label, "room",
                   scene.lane.room >= cases[i].least && scene.lane.room <= cases[i].most);
        claim_number(cases[i].label, "whole", scene.fake.is_whole, cases[i].size > 0);
    }
    scene_init(&scene, "192.0.2.1", PING);
    scene.ask.echo_size = 64;
    scene.fake.fragments_error = ENOTSUP;
    claim_number("fragments", "status", open_lane(&scene), FLOW_DONE);
    claim_number("fragments", "remark", scene.answer.outcome.remark, REMARK_FRAGMENTS);
    claim_number("fragments", "open", (uint64_t)scene.fake.open, 0);
}

static void test_icmp_lane_that_cannot_be_read_breaks(void **state)
{
    static struct scene scene;
    enum lane_status status = LANE_MESSAGE;
    scene_begin(&scene, "192.0.2.1", PING);
    scene.fake.receive_error = ENETDOWN;
    for (unsigned i = 0; i < 10; i++) {
        (void)hear(&scene, &status);
        assert_int_equal(status, LANE_MESSAGE);
    }
    scene.fake.receive_error = EAGAIN;
    (void)hear(&scene, &status);
    assert_int_equal(status, LANE_EMPTY);
    scene.fake.receive_error = ENETDOWN;
    unsigned reads = 0;
    while (status != LANE_BROKEN && reads++ < 100)
        (void)hear(&scene, &status);
    assert_in_range(reads, 11, 99);
}

/* Requests */

static uint16_t sum(const unsigned char *bytes, size_t len)
{
    uint32_t total = 0;
    for (size_t i = 0; i < len; i++)
        total += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    while (total > 0xffff)
        total = (total & 0xffff) + (total >> 16);
    return (uint16_t)total;
}

/* With the checksum, the sum of a packet is all ones (RFC 1071). */
static void test_icmp_request_is_as_its_socket_wants_it(void **state)
{
    static const struct {
        const char *label;
        const char *asked;
        int is_raw;
        size_t size;
        unsigned char type;
        bool has_sum;
    } cases[] = {
        {"IPv4", "192.0.2.1", PING, 0, 8, false},
        {"IPv4, raw", "192.0.2.1", RAW, 0, 8, true},
        {"IPv6", "2001:db8::1", PING, 0, 128, false},
        {"IPv6, raw: the kernel sums", "2001:db8::1", RAW, 0, 128, false},
        {"odd", "192.0.2.1", RAW, 17, 8, true},
        {"largest", "192.0.2.1", RAW, 65507, 8, true},
    };
    static struct scene scene;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        const unsigned char *sent = scene.fake.sent;
        scene_init(&scene, cases[i].asked, cases[i].is_raw);
        scene.ask.echo_size = cases[i].size;
        claim_number(label, "status", start(&scene), FLOW_WAITING);
        claim_number(label, "length", scene.fake.sent_len,
                     cases[i].size > 0 ? 8 + cases[i].size : LEAST);
        claim_number(label, "type", sent[0], cases[i].type);
        claim_number(label, "code", sent[1], 0);
        claim_number(label, "identifier", (uint64_t)(sent[4] << 8 | sent[5]),
                     cases[i].is_raw ? 0xabcd : 0);
        claim_number(label, "sequence", (uint64_t)(sent[6] << 8 | sent[7]),
                     KEY_NUMBER & 0xffff);
        if (cases[i].has_sum)
            claim_number(label, "sum", sum(sent, scene.fake.sent_len), 0xffff);
        else
            claim_number(label, "no sum", (uint64_t)(sent[2] << 8 | sent[3]), 0);
        claim_number(label, "sent", scene.flow.sent, 1);
    }
}

static void test_icmp_request_is_sent_at_0_1_and_3_seconds(void **state)
{
    static struct scene scene;
    scene_begin(&scene, "192.0.2.1", PING);
    assert_int_equal(scene.flow.wake_ns, begin + NS_PER_S);
    for (unsigned sent = 2; sent <= 3; sent++) {
        scene.context.now_ns = scene.flow.wake_ns;
        assert_int_equal(protocol_icmp.advance(&scene.flow, &scene.context, &scene.answer),
                         FLOW_WAITING);
        assert_int_equal(scene.flow.sent, sent);
        assert_int_equal(scene.flow.wake_ns, sent == 2 ? begin + 3 * NS_PER_S : NEVER_NS);
    }
    scene.answer.measures.sent = -1;
    assert_int_equal(protocol_icmp.expire(&scene.flow, &scene.context, &scene.answer),
                     FLOW_DONE);
    assert_int_equal(scene.answer.outcome.reason, REASON_TIMEOUT);
    assert_int_equal(scene.answer.measures.sent, 3);
    assert_int_equal(scene.answer.measures.replies, 0);

    scene_init(&scene, "192.0.2.1", PING);
    scene.ask.is_sent_once = true;
    assert_int_equal(start(&scene), FLOW_WAITING);
    assert_int_equal(scene.flow.wake_ns, NEVER_NS);
}

/* Up to 15 errors of other flows may wait on the lane, each of which is taken away by one send.
 */
static void test_icmp_send_that_fails_is_judged(void **state)
{
    enum { EVER = 1000 };
    static const struct {
        const char *label;
        const char *asked;
        int error;
        unsigned failures;
        enum flow_status status;
        enum reason reason;
        enum remark remark;
        bool is_own;
    } cases[] = {
        {"another's", "192.0.2.1", EHOSTUNREACH, 1, FLOW_WAITING, REASON_COUNT, 0, false},
        {"many others'", "192.0.2.1", ECONNREFUSED, 15, FLOW_WAITING, REASON_COUNT, 0, false},
        {"no route", "192.0.2.1", ENETUNREACH, EVER, FLOW_DONE, REASON_UNREACHABLE, 0, true},
        {"firewall", "192.0.2.1", EPERM, EVER, FLOW_DONE, REASON_PROHIBITED, 0, true},
        {"prohibited", "192.0.2.1", EACCES, EVER, FLOW_DONE, REASON_PROHIBITED, 0, true},
        {"broadcast", "192.0.2.255", EACCES, EVER, FLOW_DONE, REASON_UNREACHABLE,
         REMARK_BROADCAST, true},
        {"no scope", "fe80::1", EINVAL, EVER, FLOW_DONE, REASON_LOCAL, REMARK_NO_SCOPE, false},
        {"IPv6 is off", "2001:db8::1", EADDRNOTAVAIL, EVER, FLOW_DONE, REASON_LOCAL,
         REMARK_NO_SOURCE, false},
        {"too large", "192.0.2.1", EMSGSIZE, EVER, FLOW_DONE, REASON_TOOBIG, 0, true},
        {"no buffers", "192.0.2.1", ENOBUFS, EVER, FLOW_SHORT, REASON_LOCAL, 0, false},
        {"send buffer full", "192.0.2.1", EAGAIN, EVER, FLOW_SHORT, REASON_LOCAL, 0, false},
        {"group", "224.0.0.1", 0, 0, FLOW_DONE, REASON_LOCAL, REMARK_MULTICAST, false},
        {"group of IPv6", "ff02::1", 0, 0, FLOW_DONE, REASON_LOCAL, REMARK_MULTICAST, false},
    };
    static struct scene scene;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        scene_init(&scene, cases[i].asked, PING);
        scene.fake.send_error = cases[i].error;
        scene.fake.failures = cases[i].failures;
        scene.fake.is_broadcast = cases[i].remark == REMARK_BROADCAST;
        claim_number(label, "status", start(&scene), cases[i].status);
        claim_number(label, "sent", scene.flow.sent, cases[i].status == FLOW_WAITING);
        if (cases[i].status == FLOW_WAITING)
            continue;
        const struct outcome *outcome = &scene.answer.outcome;
        claim_number(label, "reason", outcome->reason, cases[i].reason);
        claim_number(label, "remark", outcome->remark, cases[i].remark);
        claim_number(label, "own", outcome->is_own, cases[i].is_own);
        claim_number(label, "MTU", (uint64_t)scene.answer.measures.path_mtu,
                     cases[i].error == EMSGSIZE ? 1500 : (uint64_t)-1);
        if (cases[i].status == FLOW_SHORT)
            claim_number(label, "sends", scene.fake.sends, 1);
    }
}

/* Replies */

static void test_icmp_reply_counts_only_whole_and_from_whom_was_asked(void **state)
{
    enum { KEPT = -1, IN_HEADER = -100 };
    static const struct {
        const char *label;
        int at; /* this byte of the ICMP message is flipped; KEPT: none */
        size_t len;
        const char *sender;
        bool counts;
    } cases[] = {
        {"the reply", KEPT, LEAST, NULL, true},
        {"64 KiB of it", KEPT, 65000, NULL, true},
        {"the request itself", 0, LEAST, NULL, false},
        {"another code", 1, LEAST, NULL, false},
        {"checksum: the kernel's", 2, LEAST, NULL, true},
        {"another sequence", 7, LEAST, NULL, false},
        {"another place", ECHO_HEADER + 4, LEAST, NULL, false},
        {"another number", ECHO_HEADER, LEAST, NULL, false},
        {"no cookie", COOKIE_AT, LEAST, NULL, false},
        {"another end of the cookie", LEAST - 1, LEAST, NULL, false},
        {"from elsewhere", KEPT, LEAST, "another", false},
        {"cut", KEPT, LEAST - 1, NULL, false},
        {"without its payload", KEPT, ECHO_HEADER, NULL, false},
        {"no header", KEPT, ECHO_HEADER - 1, NULL, false},
        {"empty", KEPT, 0, NULL, false},
    };
    static const char *const asked[] = {"192.0.2.1", "2001:db8::1"};
    static struct scene scene;
    for (size_t i = 0; i < ARRAY_LEN(cases) * 4; i++) {
        size_t row = i / 4;
        bool is_ipv6 = i % 2 != 0;
        enum lane_status status;
        scene_begin(&scene, asked[is_ipv6], i / 2 % 2);
        size_t header = scene.lane.is_only && !is_ipv6 ? IP_HEADER : 0;
        deliver(&scene);
        if (cases[row].at != KEPT)
            scene.fake.bytes[header + (size_t)cases[row].at] ^= cases[row].at == 0 ? 8 : 1;
        scene.fake.reply.len = header + cases[row].len;
        if (cases[row].sender != NULL)
            scene.fake.reply.sender = address_of(is_ipv6 ? "2001:db8::2" : "192.0.2.2");
        claim_number(cases[row].label, "status", hear(&scene, &status),
                     cases[row].counts ? FLOW_DONE : FLOW_WAITING);
        claim_number(cases[row].label, "lane", status, LANE_MESSAGE);
        if (!cases[row].counts)
            continue;
        claim_number(cases[row].label, "reason", scene.answer.outcome.reason, REASON_REPLIED);
        claim_number(cases[row].label, "TTL", (uint64_t)scene.answer.measures.ttl, 61);
        claim_number(cases[row].label, "replies", (uint64_t)scene.answer.measures.replies, 1);
    }
}

/* All ICMP of the machine comes to a raw socket, with an IP header that may say anything. */
static void test_icmp_reply_on_a_raw_socket_has_its_header_and_identifier(void **state)
{
    static const struct {
        const char *label;
        unsigned char first; /* byte: four times its lower half is the length of the header */
        size_t header;       /* where the reply really begins */
        size_t len;
        bool is_other; /* identifier */
        bool counts;
    } cases[] = {
        {"the reply", 0x46, 24, 24 + LEAST, false, true},
        {"without options", 0x45, 20, 20 + LEAST, false, true},
        {"with all options", 0x4f, 60, 60 + LEAST, false, true},
        {"another identifier", 0x45, 20, 20 + LEAST, true, false},
        {"a header of no length", 0x00, 0, LEAST, false, false},
        {"a header up to the end", 0x4f, 60, 60, false, false},
        {"a header beyond the end", 0x4f, 60, 59, false, false},
        {"one byte", 0x45, 20, 1, false, false},
        {"empty", 0x45, 20, 0, false, false},
    };
    static struct scene scene;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        unsigned char *bytes = scene.fake.bytes;
        enum lane_status status;
        scene_begin(&scene, "192.0.2.1", RAW);
        deliver(&scene);
        bytes[0] = cases[i].first;
        memcpy(bytes + cases[i].header, scene.fake.sent, LEAST);
        bytes[cases[i].header] = 0;
        bytes[cases[i].header + 4] ^= cases[i].is_other;
        scene.fake.reply.len = cases[i].len;
        claim_number(cases[i].label, "status", hear(&scene, &status),
                     cases[i].counts ? FLOW_DONE : FLOW_WAITING);
    }
}

static void test_icmp_reply_of_the_size_that_was_sent_counts(void **state)
{
    static struct scene scene;
    for (size_t len = 1007; len <= 1009; len++) {
        enum lane_status status;
        scene_init(&scene, "192.0.2.1", PING);
        scene.ask.echo_size = 1000;
        assert_int_equal(start(&scene), FLOW_WAITING);
        deliver(&scene);
        scene.fake.reply.len = len;
        assert_int_equal(hear(&scene, &status), len < 1008 ? FLOW_WAITING : FLOW_DONE);
    }
}

/* The scope of an address is the kernel's where it means something. */
static void test_icmp_reply_is_compared_with_its_scope(void **state)
{
    static const struct {
        const char *label;
        const char *asked;
        uint32_t asked_scope;
        uint32_t scope;
        enum flow_status status;
    } cases[] = {
        {"link-local", "fe80::1", 2, 2, FLOW_DONE},
        {"of another link", "fe80::1", 2, 3, FLOW_WAITING},
        {"needless", "2001:db8::1", 2, 0, FLOW_DONE},
    };
    static struct scene scene;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum lane_status status;
        scene_begin(&scene, cases[i].asked, PING);
        deliver(&scene);
        address_set_scope(&scene.asked, cases[i].asked_scope);
        address_set_scope(&scene.fake.reply.sender, cases[i].scope);
        claim_number(cases[i].label, "status", hear(&scene, &status), cases[i].status);
    }
}

/* It waited here for 300 ms, 30 of 330 were the network's. */
static void test_icmp_reply_took_as_long_as_the_kernel_says(void **state)
{
    static const struct {
        const char *label;
        int64_t age_ns;
        int64_t round_trip_ns;
        bool is_stamped;
    } cases[] = {
        {"waited", 300 * NS_PER_MS, 30 * NS_PER_MS, true},
        {"unknown", -1, 330 * NS_PER_MS, true},
        {"older than the question: the clock was set", NS_PER_S, -1, false},
    };
    static struct scene scene;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum lane_status status;
        scene_begin(&scene, "192.0.2.1", PING);
        deliver(&scene);
        scene.fake.reply.age_ns = cases[i].age_ns;
        scene.fake.now_ns = begin + 330 * NS_PER_MS;
        claim_number(cases[i].label, "status", hear(&scene, &status), FLOW_DONE);
        claim_number(cases[i].label, "time", (uint64_t)scene.answer.round_trip_ns,
                     (uint64_t)cases[i].round_trip_ns);
        claim_number(cases[i].label, "stamped", scene.answer.is_stamped, cases[i].is_stamped);
    }
}

/* Reports */

/* An ICMP error, and what it quotes of the request. */
static void report(struct scene *scene, const char *sender, uint8_t type, uint8_t code)
{
    struct os_report *report = &scene->fake.report;
    *report =
        (struct os_report){.error = EHOSTUNREACH, .target = scene->asked, .quote_len = LEAST};
    report->icmp = (struct icmp){.is_set = true, .type = type, .code = code};
    report->icmp.sender = address_of(sender);
    memcpy(report->quote, scene->fake.sent, LEAST);
    scene->fake.has_report = true;
}

static void test_icmp_report_counts_only_for_the_request_it_quotes(void **state)
{
    enum { KEPT = -1 };
    static const struct {
        const char *label;
        int is_raw;
        uint8_t type;
        uint8_t code;
        int at; /* this byte of the quote is flipped */
        size_t len;
        const char *target;
        enum reason reason; /* COUNT: it does not count */
    } cases[] = {
        {"host", PING, 3, 1, KEPT, LEAST, NULL, REASON_UNREACHABLE},
        {"prohibited", PING, 3, 13, KEPT, LEAST, NULL, REASON_PROHIBITED},
        {"time", PING, 11, 0, KEPT, LEAST, NULL, REASON_UNREACHABLE},
        {"unknown code", PING, 3, 77, KEPT, LEAST, NULL, REASON_UNREACHABLE},
        {"redirect", PING, 5, 1, KEPT, LEAST, NULL, REASON_COUNT},
        {"source quench", PING, 4, 0, KEPT, LEAST, NULL, REASON_COUNT},
        {"of a reply", PING, 3, 1, 0, LEAST, NULL, REASON_COUNT},
        {"another identifier, not ours to choose", PING, 3, 1, 5, LEAST, NULL,
         REASON_UNREACHABLE},
        {"another identifier", RAW, 3, 1, 5, LEAST, NULL, REASON_COUNT},
        {"another sequence", PING, 3, 1, 7, LEAST, NULL, REASON_COUNT},
        {"another key", PING, 3, 1, ECHO_HEADER, LEAST, NULL, REASON_COUNT},
        {"no cookie", PING, 3, 1, COOKIE_AT, LEAST, NULL, REASON_COUNT},
        {"another target", PING, 3, 1, KEPT, LEAST, "192.0.2.2", REASON_COUNT},
        {"8 bytes", PING, 3, 1, KEPT, 8, NULL, REASON_UNREACHABLE},
        {"8 bytes, raw", RAW, 3, 1, KEPT, 8, NULL, REASON_UNREACHABLE},
        {"8 bytes, another sequence", PING, 3, 1, 7, 8, NULL, REASON_COUNT},
        {"8 bytes, another identifier", RAW, 3, 1, 5, 8, NULL, REASON_COUNT},
        {"8 bytes, another target", PING, 3, 1, KEPT, 8, "192.0.2.2", REASON_COUNT},
        {"7 bytes", PING, 3, 1, KEPT, 7, NULL, REASON_COUNT},
    };
    static struct scene scene;
    const struct address sender = address_of("198.51.100.1");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        enum lane_status status;
        scene_begin(&scene, "192.0.2.1", cases[i].is_raw);
        report(&scene, "198.51.100.1", cases[i].type, cases[i].code);
        scene.fake.receive_error = i % 2 == 0 ? EHOSTUNREACH : EAGAIN;
        scene.fake.report.quote_len = cases[i].len;
        memset(scene.fake.report.quote + cases[i].len, 0, LEAST - cases[i].len);
        if (cases[i].at != KEPT)
            scene.fake.report.quote[cases[i].at] ^= cases[i].at == 0 ? 8 : 1;
        if (cases[i].target != NULL)
            scene.fake.report.target = address_of(cases[i].target);
        bool counts = cases[i].reason != REASON_COUNT;
        claim_number(label, "status", hear(&scene, &status), counts ? FLOW_DONE : FLOW_WAITING);
        claim_number(label, "lane", status, LANE_MESSAGE);
        if (!counts)
            continue;
        const struct outcome *outcome = &scene.answer.outcome;
        claim_number(label, "reason", outcome->reason, cases[i].reason);
        claim_number(label, "replies", (uint64_t)scene.answer.measures.replies, 0);
        claim_true(label, "sender", address_equals(&outcome->icmp.sender, &sender));
        claim_true(label, "of another machine", !outcome->is_own);
    }
}

static void test_icmp_report_of_this_machine_is_its_own(void **state)
{
    static struct scene scene;
    enum lane_status status;
    scene_begin(&scene, "2001:db8::1", PING);
    scene.fake.own = "2001:db8::9";
    for (unsigned times = 1; times <= 4; times++) {
        bool is_own = times <= 2;
        report(&scene, is_own ? "2001:db8::9" : "2001:db8::8", 1, 3);
        assert_int_equal(hear(&scene, &status), FLOW_DONE);
        assert_int_equal(scene.answer.outcome.is_own, is_own);
        assert_int_equal(scene.answer.outcome.icmp.is_own, is_own);
        assert_int_equal(scene.fake.binds, is_own ? 1 : 2);
        assert_int_equal(scene.fake.open, 1);
    }
}

/* What this machine says without ICMP was the errno of a send already. */
static void test_icmp_report_without_icmp_is_for_nobody(void **state)
{
    static struct scene scene;
    enum lane_status status;
    scene_begin(&scene, "192.0.2.1", PING);
    report(&scene, "192.0.2.9", 3, 4);
    scene.fake.report.icmp.is_set = false;
    assert_int_equal(hear(&scene, &status), FLOW_WAITING);
    assert_int_equal(status, LANE_MESSAGE);
}

static void test_icmp_report_of_a_narrow_path_has_its_mtu(void **state)
{
    static const struct {
        const char *asked;
        const char *sender;
        uint8_t type;
        uint8_t code;
    } cases[] = {{"192.0.2.1", "198.51.100.1", 3, 4}, {"2001:db8::1", "2001:db8:1::1", 2, 0}};
    static struct scene scene;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum lane_status status;
        scene_begin(&scene, cases[i].asked, PING);
        report(&scene, cases[i].sender, cases[i].type, cases[i].code);
        scene.fake.report.error = EMSGSIZE;
        scene.fake.report.mtu = 1400;
        claim_number(cases[i].asked, "status", hear(&scene, &status), FLOW_DONE);
        claim_number(cases[i].asked, "reason", scene.answer.outcome.reason, REASON_TOOBIG);
        claim_number(cases[i].asked, "MTU", (uint64_t)scene.answer.measures.path_mtu, 1400);
        claim_true(cases[i].asked, "of another machine", !scene.answer.outcome.is_own);
    }
}

/* Lost replies */

/* Replies are lost before or after the flow is asked, which is seen when the lane is empty, or
   at the end where others' replies still come. */
static void test_icmp_replies_that_were_lost_void_silence(void **state)
{
    static const struct {
        const char *label;
        int64_t lost; /* at first */
        int64_t before;
        int64_t after;
        bool is_flooded;
        enum flow_status status;
    } cases[] = {
        {"none", 0, 0, 0, false, FLOW_DONE},
        {"none, flooded", 0, 0, 0, true, FLOW_DONE},
        {"not known", -1, -1, -1, false, FLOW_DONE},
        {"before", 0, 3, 3, false, FLOW_DONE},
        {"after", 0, 0, 1, false, FLOW_VOID},
        {"after, flooded", 0, 0, 1, true, FLOW_VOID},
        {"on a lane that lost some", 7, 7, 8, false, FLOW_VOID},
    };
    static struct scene scene;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum lane_status status;
        scene_init(&scene, "192.0.2.1", PING);
        scene.fake.lost = cases[i].lost;
        assert_int_equal(start(&scene), FLOW_WAITING);
        scene.fake.lost = cases[i].before;
        (void)hear(&scene, &status);
        claim_number(cases[i].label, "lane", status, LANE_EMPTY);
        scene.fake.now_ns += NS_PER_MS;
        assert_int_equal(protocol_icmp.start(&scene.flow, &scene.context, &scene.answer),
                         FLOW_WAITING);
        scene.fake.now_ns += NS_PER_MS;
        scene.fake.lost = cases[i].after;
        scene.fake.has_reply = cases[i].is_flooded;
        (void)hear(&scene, &status);
        claim_number(cases[i].label, "status",
                     protocol_icmp.expire(&scene.flow, &scene.context, &scene.answer),
                     cases[i].status);
        claim_number(cases[i].label, "reason", scene.answer.outcome.reason, REASON_TIMEOUT);
    }
}

static void test_icmp_replies_that_were_lost_halve_what_is_in_flight(void **state)
{
    /* What others send is lost as well, however few of ours are in flight. */
    static const size_t flows[] = {300, 150, 65, 64, 3, 1, 0};
    static const size_t rooms[] = {150, 75, 64, 64, 64, 64, 64};
    static struct scene scene;
    enum lane_status status;
    scene_begin(&scene, "192.0.2.1", RAW);
    for (size_t i = 0; i < ARRAY_LEN(flows); i++) {
        scene.fake.lost++;
        scene.lane.flows = flows[i];
        (void)hear(&scene, &status);
        assert_int_equal(scene.lane.room, rooms[i]);
        (void)hear(&scene, &status);
        assert_int_equal(scene.lane.room, rooms[i]);
    }
    scene.lane.room = 3;
    scene.fake.lost++;
    (void)hear(&scene, &status);
    assert_int_equal(scene.lane.room, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_icmp_lane_is_a_ping_socket_or_else_a_raw_one),
        cmocka_unit_test(test_icmp_lane_has_room_for_what_its_buffer_holds),
        cmocka_unit_test(test_icmp_lane_that_cannot_be_read_breaks),
        cmocka_unit_test(test_icmp_request_is_as_its_socket_wants_it),
        cmocka_unit_test(test_icmp_request_is_sent_at_0_1_and_3_seconds),
        cmocka_unit_test(test_icmp_send_that_fails_is_judged),
        cmocka_unit_test(test_icmp_reply_counts_only_whole_and_from_whom_was_asked),
        cmocka_unit_test(test_icmp_reply_on_a_raw_socket_has_its_header_and_identifier),
        cmocka_unit_test(test_icmp_reply_of_the_size_that_was_sent_counts),
        cmocka_unit_test(test_icmp_reply_is_compared_with_its_scope),
        cmocka_unit_test(test_icmp_reply_took_as_long_as_the_kernel_says),
        cmocka_unit_test(test_icmp_report_counts_only_for_the_request_it_quotes),
        cmocka_unit_test(test_icmp_report_of_this_machine_is_its_own),
        cmocka_unit_test(test_icmp_report_without_icmp_is_for_nobody),
        cmocka_unit_test(test_icmp_report_of_a_narrow_path_has_its_mtu),
        cmocka_unit_test(test_icmp_replies_that_were_lost_void_silence),
        cmocka_unit_test(test_icmp_replies_that_were_lost_halve_what_is_in_flight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
