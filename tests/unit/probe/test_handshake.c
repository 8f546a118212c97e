#include <errno.h>
#include <string.h>

#include "../../../src/probe/protocol/handshake.h"
#include "../claim.h"
#include "netcheck/base/base.h"

static const struct os_origin nowhere = {.interface = NULL};
static const int64_t begin = 1000 * NS_PER_S; /* any point in time */

enum {
    FD = 7, /* what open() gives */
    CALLS = 64,
};

/*
 * A scripted operating system. `calls` is what was asked of it, in order, a letter each:
 * o open, b bind, c connect, s has_source, n connection, l local, e take_error, i take_icmp, x
 * close, X abort. A connect() that fails at once is told by its return value: `e` then gives 0.
 */
struct fake {
    struct os os;
    int open_error;
    int bind_error;
    int connect_error;
    bool has_source;
    struct os_connection connection;
    int pending_error; /* SO_ERROR; reading clears it */
    struct icmp icmp;  /* reading it clears the pending error, as the kernel does */
    struct address peer;
    struct address local;
    int open_family;
    struct address connected_to;
    char calls[CALLS];
};

static void note(struct fake *fake, char call, int fd)
{
    assert_int_equal(fd, FD);
    size_t len = strlen(fake->calls);
    assert_true(len + 1 < CALLS);
    fake->calls[len] = call;
    fake->calls[len + 1] = '\0';
}

static int fake_open(void *self, enum os_socket kind, int family, int *fd)
{
    struct fake *fake = self;
    assert_int_equal(kind, OS_TCP);
    note(fake, 'o', FD);
    fake->open_family = family;
    *fd = fake->open_error == 0 ? FD : -1;
    return fake->open_error;
}

static int fake_bind(void *self, int fd, const struct os_origin *origin)
{
    struct fake *fake = self;
    note(fake, 'b', fd);
    assert_non_null(origin);
    return fake->bind_error;
}

static int fake_connect(void *self, int fd, const struct address *address)
{
    struct fake *fake = self;
    note(fake, 'c', fd);
    fake->connected_to = *address;
    return fake->connect_error;
}

static bool fake_has_source(void *self, const struct address *address,
                            const struct os_origin *origin)
{
    struct fake *fake = self;
    note(fake, 's', FD);
    assert_true(address_equals(&fake->connected_to, address));
    assert_non_null(origin);
    return fake->has_source;
}

static void fake_connection(void *self, int fd, struct os_connection *connection)
{
    struct fake *fake = self;
    note(fake, 'n', fd);
    *connection = fake->connection;
}

static int fake_local(void *self, int fd, struct address *address)
{
    struct fake *fake = self;
    note(fake, 'l', fd);
    *address = fake->local;
    return 0;
}

static int fake_take_error(void *self, int fd)
{
    struct fake *fake = self;
    int error = fake->pending_error;
    note(fake, 'e', fd);
    fake->pending_error = 0;
    return error;
}

static bool fake_take_icmp(void *self, int fd, struct icmp *icmp)
{
    struct fake *fake = self;
    note(fake, 'i', fd);
    *icmp = fake->icmp;
    fake->pending_error = 0;
    return icmp->is_set;
}

static bool fake_tells_icmp(void *self)
{
    return true;
}

static void fake_close(void *self, int fd)
{
    note(self, 'x', fd);
}

static void fake_abort(void *self, int fd)
{
    note(self, 'X', fd);
}

static struct address address_of(const char *text, uint16_t port)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    address_set_port(&address, port);
    return address;
}

/* No answer yet to a connect() from 192.0.2.9:50000 to 192.0.2.1:22. */
static void fake_init(struct fake *fake)
{
    memset(fake, 0, sizeof *fake);
    fake->os.self = fake;
    fake->os.open = fake_open;
    fake->os.bind = fake_bind;
    fake->os.connect = fake_connect;
    fake->os.has_source = fake_has_source;
    fake->os.connection = fake_connection;
    fake->os.local = fake_local;
    fake->os.take_error = fake_take_error;
    fake->os.take_icmp = fake_take_icmp;
    fake->os.tells_icmp = fake_tells_icmp;
    fake->os.close = fake_close;
    fake->os.abort = fake_abort;
    fake->connect_error = EINPROGRESS;
    fake->peer = address_of("192.0.2.1", 22);
    fake->local = address_of("192.0.2.9", 50000);
}

/* As the kernel tells of a finished handshake. */
static const struct os_connection established = {
    .is_established = true, .is_acknowledged = true, .rtt_ns = 30 * NS_PER_MS};

static struct icmp icmp_of(const char *sender, uint8_t type, uint8_t code)
{
    struct icmp icmp;
    memset(&icmp, 0, sizeof icmp);
    icmp.is_set = true;
    icmp.type = type;
    icmp.code = code;
    icmp.sender = address_of(sender, 0);
    return icmp;
}

/* Answers are filled with rubbish first: a step must set all of it. */
static struct flow_answer rubbish(void)
{
    struct flow_answer answer;
    memset(&answer, 0x5a, sizeof answer);
    return answer;
}

static struct flow_context context_of(struct fake *fake, int64_t now_ns)
{
    return (struct flow_context){
        .os = &fake->os, .origin = &nowhere, .address = &fake->peer, .now_ns = now_ns};
}

static enum flow_status start(struct fake *fake, const char *address,
                              const struct os_origin *origin, struct flow *flow,
                              struct outcome *outcome)
{
    struct address target = address_of(address, 22);
    struct flow_answer answer = rubbish();
    const struct flow_context context = {
        .os = &fake->os, .origin = origin, .address = &target, .now_ns = begin};
    flow_init(flow);
    enum flow_status status = handshake_start(flow, &context, &answer);
    *outcome = answer.outcome;
    return status;
}

/* A flow whose connect() to the peer is under way since `begin`. */
static struct flow pending_flow(struct fake *fake)
{
    struct flow flow;
    struct flow_answer answer;
    const struct flow_context context = context_of(fake, begin);
    flow_init(&flow);
    assert_int_equal(handshake_start(&flow, &context, &answer), FLOW_WAITING);
    fake->calls[0] = '\0';
    return flow;
}

/* The same flow is ready. */
static enum flow_status advance(struct fake *fake, struct flow *flow, struct outcome *outcome)
{
    struct flow_answer answer = rubbish();
    const struct flow_context context = context_of(fake, begin + NS_PER_MS);
    enum flow_status status = handshake_advance(flow, &context, &answer);
    *outcome = answer.outcome;
    return status;
}

/* A new flow is. */
static enum flow_status look(struct fake *fake, struct outcome *outcome)
{
    struct flow flow = pending_flow(fake);
    return advance(fake, &flow, outcome);
}

/* Start */

/* Bound before it connects if there is an origin. */
static void test_tcp_start_asks_the_address_in_its_family_from_its_origin(void **state)
{
    static const char *const addresses[] = {"192.0.2.1", "2001:db8::1"};
    const struct os_origin origins[] = {
        nowhere,
        {.source = address_of("192.0.2.9", 0)},
        {.interface = "lo"},
        {.source = address_of("192.0.2.9", 0), .interface = "lo"},
    };
    for (size_t i = 0; i < ARRAY_LEN(addresses) * ARRAY_LEN(origins); i++) {
        const char *address = addresses[i % 2];
        struct address expected = address_of(address, 22);
        struct fake fake;
        struct outcome outcome;
        struct flow flow;
        fake_init(&fake);
        claim_number(address, "step", start(&fake, address, &origins[i / 2], &flow, &outcome),
                     FLOW_WAITING);
        claim_text(address, "calls", fake.calls, i / 2 == 0 ? "oc" : "obc");
        claim_number(address, "family", (uint64_t)fake.open_family,
                     i % 2 == 0 ? AF_INET : AF_INET6);
        claim_true(address, "the address asked", address_equals(&fake.connected_to, &expected));
        claim_number(address, "port", address_port(&fake.connected_to), 22);
    }
}

/* Each row is one start(); where that is the end, the descriptor is closed once, if there was
 * one. take_icmp() is free for any that was judged. */
static const struct {
    const char *label;
    const char *address;
    int open_error;
    int bind_error;
    int connect_error;
    enum flow_status step;
    enum reason reason;
    enum remark remark;
    const char *calls;
} endings[] = {
    {"under way", "192.0.2.1", 0, 0, EINPROGRESS, FLOW_WAITING, REASON_TIMEOUT, 0, "oc"},
    {"interrupted: it goes on by itself", "192.0.2.1", 0, 0, EINTR, FLOW_WAITING,
     REASON_TIMEOUT, 0, "oc"},
    {"done at once, which proves nothing", "192.0.2.1", 0, 0, 0, FLOW_WAITING, REASON_TIMEOUT,
     0, "oc"},

    {"open: EMFILE", "192.0.2.1", EMFILE, 0, 0, FLOW_SHORT, REASON_LOCAL, 0, "o"},
    {"open: ENFILE", "192.0.2.1", ENFILE, 0, 0, FLOW_SHORT, REASON_LOCAL, 0, "o"},
    {"open: ENOBUFS", "192.0.2.1", ENOBUFS, 0, 0, FLOW_SHORT, REASON_LOCAL, 0, "o"},
    {"open: ENOMEM", "192.0.2.1", ENOMEM, 0, 0, FLOW_SHORT, REASON_LOCAL, 0, "o"},
    {"open: EAFNOSUPPORT", "2001:db8::1", EAFNOSUPPORT, 0, 0, FLOW_DONE, REASON_LOCAL, 0, "o"},
    {"open: EACCES", "192.0.2.1", EACCES, 0, 0, FLOW_DONE, REASON_LOCAL, 0, "o"},
    {"open: EPERM", "192.0.2.1", EPERM, 0, 0, FLOW_DONE, REASON_LOCAL, 0, "o"},
    {"open: EINVAL", "192.0.2.1", EINVAL, 0, 0, FLOW_DONE, REASON_LOCAL, 0, "o"},

    {"bind: EADDRNOTAVAIL", "192.0.2.1", 0, EADDRNOTAVAIL, 0, FLOW_DONE, REASON_LOCAL,
     REMARK_SOURCE, "obx"},
    {"bind: EACCES", "192.0.2.1", 0, EACCES, 0, FLOW_DONE, REASON_LOCAL, REMARK_SOURCE, "obx"},
    {"bind: EPERM", "192.0.2.1", 0, EPERM, 0, FLOW_DONE, REASON_LOCAL, REMARK_SOURCE, "obx"},
    {"bind: ENODEV", "192.0.2.1", 0, ENODEV, 0, FLOW_DONE, REASON_LOCAL, REMARK_SOURCE, "obx"},
    {"bind: EINVAL", "192.0.2.1", 0, EINVAL, 0, FLOW_DONE, REASON_LOCAL, REMARK_SOURCE, "obx"},
    {"bind: EADDRINUSE", "192.0.2.1", 0, EADDRINUSE, 0, FLOW_SHORT, REASON_LOCAL, REMARK_SOURCE,
     "obx"},
    {"bind: ENOMEM", "192.0.2.1", 0, ENOMEM, 0, FLOW_SHORT, REASON_LOCAL, REMARK_SOURCE, "obx"},
    {"bind: ENOBUFS", "192.0.2.1", 0, ENOBUFS, 0, FLOW_SHORT, REASON_LOCAL, REMARK_SOURCE,
     "obx"},

    {"connect: ENOBUFS", "192.0.2.1", 0, 0, ENOBUFS, FLOW_SHORT, REASON_LOCAL, 0, "ocx"},
    {"connect: ENOMEM", "192.0.2.1", 0, 0, ENOMEM, FLOW_SHORT, REASON_LOCAL, 0, "ocx"},
    {"connect: EAGAIN", "192.0.2.1", 0, 0, EAGAIN, FLOW_SHORT, REASON_LOCAL, 0, "ocx"},
    {"connect: EADDRINUSE", "192.0.2.1", 0, 0, EADDRINUSE, FLOW_SHORT, REASON_LOCAL, 0, "ocx"},
    {"connect: EADDRNOTAVAIL, IPv6 is off", "2001:db8::1", 0, 0, EADDRNOTAVAIL, FLOW_DONE,
     REASON_LOCAL, REMARK_NO_SOURCE, "ocsx"},
    {"connect: ECONNREFUSED", "192.0.2.1", 0, 0, ECONNREFUSED, FLOW_DONE, REASON_REFUSED, 0,
     "ocix"},
    {"connect: ENETUNREACH", "192.0.2.1", 0, 0, ENETUNREACH, FLOW_DONE, REASON_UNREACHABLE, 0,
     "ocix"},
    {"connect: EHOSTUNREACH", "192.0.2.1", 0, 0, EHOSTUNREACH, FLOW_DONE, REASON_UNREACHABLE, 0,
     "ocix"},
    {"connect: EINVAL: no interface", "fe80::1", 0, 0, EINVAL, FLOW_DONE, REASON_LOCAL,
     REMARK_NO_SCOPE, "ocx"},
    {"connect: EINVAL: blackhole", "192.0.2.1", 0, 0, EINVAL, FLOW_DONE, REASON_UNREACHABLE, 0,
     "ocix"},
    {"connect: EACCES: prohibit", "192.0.2.1", 0, 0, EACCES, FLOW_DONE, REASON_PROHIBITED, 0,
     "ocix"},
    {"connect: EPERM: firewall", "192.0.2.1", 0, 0, EPERM, FLOW_DONE, REASON_PROHIBITED, 0,
     "ocix"},
};

/* Any origin, so that bind() is called where the row wants it. */
static enum flow_status start_row(size_t i, struct fake *fake, struct flow *flow,
                                  struct outcome *outcome)
{
    const struct os_origin origin = {.interface = endings[i].bind_error != 0 ? "lo" : NULL};
    fake_init(fake);
    fake->open_error = endings[i].open_error;
    fake->bind_error = endings[i].bind_error;
    fake->connect_error = endings[i].connect_error;
    return start(fake, endings[i].address, &origin, flow, outcome);
}

static void test_tcp_start_tells_the_end_and_whether_it_is_a_shortage(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        const char *label = endings[i].label;
        struct fake fake;
        struct outcome outcome;
        struct flow flow;
        bool is_open = endings[i].step == FLOW_WAITING;
        int error = endings[i].open_error + endings[i].bind_error + endings[i].connect_error;
        claim_number(label, "step", start_row(i, &fake, &flow, &outcome), endings[i].step);
        claim_text(label, "calls", fake.calls, endings[i].calls);
        claim_number(label, "descriptor", (uint64_t)flow.fd, is_open ? FD : (uint64_t)-1);
        if (is_open)
            continue;
        claim_text(label, "reason", reason_name(outcome.reason),
                   reason_name(endings[i].reason));
        claim_number(label, "remark", outcome.remark, endings[i].remark);
        claim_number(label, "error", (uint64_t)outcome.error, (uint64_t)error);
        claim_true(label, "no ICMP", !outcome.icmp.is_set);
    }
}

/* Whether a port or an address is missing, no errno tells. */
static void test_tcp_start_without_a_local_port_is_a_shortage(void **state)
{
    static const char *const addresses[] = {"192.0.2.1", "2001:db8::1"};
    const struct os_origin origins[] = {
        {.interface = NULL}, {.interface = "lo"}, {.source = address_of("192.0.2.9", 0)}};
    for (size_t i = 0; i < ARRAY_LEN(addresses) * ARRAY_LEN(origins) * 2; i++) {
        const char *address = addresses[i % 2];
        const struct os_origin *origin = &origins[i / 2 % ARRAY_LEN(origins)];
        bool has_source = i / 2 >= ARRAY_LEN(origins);
        bool has_origin = origin != &origins[0];
        struct fake fake;
        struct outcome outcome;
        struct flow flow;
        fake_init(&fake);
        fake.connect_error = EADDRNOTAVAIL;
        fake.has_source = has_source;
        claim_number(address, "step", start(&fake, address, origin, &flow, &outcome),
                     has_source ? FLOW_SHORT : FLOW_DONE);
        claim_number(address, "reason", outcome.reason, REASON_LOCAL);
        claim_number(address, "error", (uint64_t)outcome.error, EADDRNOTAVAIL);
        claim_number(address, "remark", outcome.remark,
                     has_source   ? REMARK_NONE
                     : has_origin ? REMARK_SOURCE
                                  : REMARK_NO_SOURCE);
    }
}

static void test_tcp_start_refused_at_once_by_icmp_keeps_the_message(void **state)
{
    struct fake fake;
    struct outcome outcome;
    struct flow flow;
    fake_init(&fake);
    fake.connect_error = EHOSTUNREACH;
    fake.icmp = icmp_of("10.6.0.1", 3, 13);
    assert_int_equal(start(&fake, "192.0.2.1", &nowhere, &flow, &outcome), FLOW_DONE);
    assert_int_equal(outcome.reason, REASON_PROHIBITED);
    assert_int_equal(outcome.icmp.code, 13);
}

/* Look */

enum {
    DONE = 1u << 0,    /* as the kernel tells of a finished handshake */
    ACKED = 1u << 1,   /* our SYN was acknowledged */
    SHUT = 1u << 2,    /* the window */
    SELF = 1u << 3,    /* local is the peer */
    IPV6 = 1u << 4,    /* the peer is */
    OWN = 1u << 5,     /* the answer is this machine's own */
    ALL_ICMP = 1u << 6 /* a message is there, and is part of the outcome */
};

#define ROUTER "10.6.0.1"
#define MYSELF "192.0.2.9"

/* One look: the calls are what it costs, with "oc" before and close() at the end. */
static const struct look {
    const char *label;
    unsigned how;
    int error;          /* SO_ERROR */
    const char *sender; /* of the message in the queue; NULL: none */
    uint8_t type;
    uint8_t code;
    enum flow_status step;
    enum reason reason;
    enum remark remark;
    const char *calls; /* NULL: any but close() and connect() */
} looks[] = {
    {"nothing yet", 0, 0, NULL, 0, 0, FLOW_WAITING, REASON_TIMEOUT, 0, "en"},
    {"spurious: the queue is left alone", 0, 0, ROUTER, 3, 1, FLOW_WAITING, REASON_TIMEOUT, 0,
     "en"},
    {"connected", DONE, 0, NULL, 0, 0, FLOW_DONE, REASON_CONNECTED, 0, "enl"},
    {"connected, whatever follows: ECONNRESET", DONE, ECONNRESET, ROUTER, 3, 13, FLOW_DONE,
     REASON_CONNECTED, 0, NULL},
    {"connected, whatever follows: ECONNREFUSED", DONE, ECONNREFUSED, ROUTER, 3, 13, FLOW_DONE,
     REASON_CONNECTED, 0, NULL},
    {"connected, whatever follows: EHOSTUNREACH", DONE, EHOSTUNREACH, ROUTER, 3, 13, FLOW_DONE,
     REASON_CONNECTED, 0, NULL},
    {"a SYN proxy", DONE | SHUT, 0, NULL, 0, 0, FLOW_SIGN, REASON_TIMEOUT, REMARK_PROXY_SILENT,
     NULL},
    {"refused", 0, ECONNREFUSED, NULL, 0, 0, FLOW_DONE, REASON_REFUSED, 0, "ei"},
    {"EHOSTUNREACH", OWN, EHOSTUNREACH, NULL, 0, 0, FLOW_DONE, REASON_UNREACHABLE, 0, NULL},
    {"ENETUNREACH", OWN, ENETUNREACH, NULL, 0, 0, FLOW_DONE, REASON_UNREACHABLE, 0, NULL},
    {"ENOPROTOOPT", OWN, ENOPROTOOPT, NULL, 0, 0, FLOW_DONE, REASON_UNREACHABLE, 0, NULL},
    {"ETIMEDOUT", 0, ETIMEDOUT, NULL, 0, 0, FLOW_DONE, REASON_TIMEOUT, 0, NULL},
    {"EPROTO", OWN, EPROTO, NULL, 0, 0, FLOW_DONE, REASON_UNREACHABLE, 0, NULL},
    {"EACCES on IPv6", IPV6 | OWN, EACCES, NULL, 0, 0, FLOW_DONE, REASON_PROHIBITED, 0, NULL},
    {"3/1", 0, EHOSTUNREACH, ROUTER, 3, 1, FLOW_DONE, REASON_UNREACHABLE, 0, "eiln"},
    {"3/3", 0, ECONNREFUSED, ROUTER, 3, 3, FLOW_DONE, REASON_REFUSED, 0, "eiln"},
    {"3/10", 0, EHOSTUNREACH, ROUTER, 3, 10, FLOW_DONE, REASON_PROHIBITED, 0, "eiln"},
    {"3/13", 0, EHOSTUNREACH, ROUTER, 3, 13, FLOW_DONE, REASON_PROHIBITED, 0, "eiln"},
    {"odd: the errno decides", 0, EPROTO, ROUTER, 12, 9, FLOW_DONE, REASON_UNREACHABLE, 0,
     "eiln"},
    {"v6 1/1", IPV6, EACCES, "2001:db8::9", 1, 1, FLOW_DONE, REASON_PROHIBITED, 0, "eiln"},
    {"its own ICMP", OWN, EHOSTUNREACH, MYSELF, 3, 1, FLOW_DONE, REASON_UNREACHABLE, 0, "eiln"},
    {"reset, finished: ECONNRESET", ACKED, ECONNRESET, ROUTER, 3, 13, FLOW_DONE,
     REASON_CONNECTED, REMARK_RESET, "en"},
    {"reset with a SYN proxy: ECONNRESET", ACKED | SHUT, ECONNRESET, ROUTER, 3, 13, FLOW_DONE,
     REASON_REFUSED, REMARK_PROXY_RESET, "en"},
    {"reset, half done: ECONNRESET", 0, ECONNRESET, ROUTER, 3, 13, FLOW_DONE, REASON_REFUSED,
     REMARK_NONE, "en"},
    {"reset, half done, no window: ECONNRESET", SHUT, ECONNRESET, ROUTER, 3, 13, FLOW_DONE,
     REASON_REFUSED, REMARK_NONE, "en"},
    {"reset, finished: EPIPE", ACKED, EPIPE, ROUTER, 3, 13, FLOW_DONE, REASON_CONNECTED,
     REMARK_RESET, "en"},
    {"reset with a SYN proxy: EPIPE", ACKED | SHUT, EPIPE, ROUTER, 3, 13, FLOW_DONE,
     REASON_REFUSED, REMARK_PROXY_RESET, "en"},
    {"reset, half done: EPIPE", 0, EPIPE, ROUTER, 3, 13, FLOW_DONE, REASON_REFUSED, REMARK_NONE,
     "en"},
    {"reset, half done, no window: EPIPE", SHUT, EPIPE, ROUTER, 3, 13, FLOW_DONE,
     REASON_REFUSED, REMARK_NONE, "en"},
    {"to itself", DONE | SELF, 0, NULL, 0, 0, FLOW_AGAIN, REASON_TIMEOUT, 0, "enl"},
    {"to itself on IPv6", DONE | SELF | IPV6, 0, NULL, 0, 0, FLOW_AGAIN, REASON_TIMEOUT, 0,
     "enl"},
};

static void prepare(struct fake *fake, const struct look *look)
{
    fake_init(fake);
    if ((look->how & IPV6) != 0)
        fake->peer = address_of("2001:db8::1", 22);
    if ((look->how & DONE) != 0)
        fake->connection = established;
    fake->connection.is_acknowledged |= (look->how & ACKED) != 0;
    fake->connection.is_window_shut = (look->how & SHUT) != 0;
    if ((look->how & SELF) != 0)
        fake->local = fake->peer;
    fake->pending_error = look->error;
    if (look->sender != NULL)
        fake->icmp = icmp_of(look->sender, look->type, look->code);
}

static void claim_icmp(const struct look *look, const struct icmp *icmp)
{
    struct address sender = address_of(look->sender, 0);
    claim_number(look->label, "type", icmp->type, look->type);
    claim_number(look->label, "code", icmp->code, look->code);
    claim_true(look->label, "the sender", address_equals(&icmp->sender, &sender));
    claim_number(look->label, "own ICMP", icmp->is_own, (look->how & OWN) != 0);
}

/* It never closes the descriptor nor connects again. */
static void test_tcp_look_judges_what_the_kernel_tells(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
        const struct look *row = &looks[i];
        struct fake fake;
        struct outcome outcome;
        prepare(&fake, row);
        claim_number(row->label, "step", look(&fake, &outcome), row->step);
        if (row->calls != NULL)
            claim_text(row->label, "calls", fake.calls, row->calls);
        claim_true(row->label, "no close, no connect", strpbrk(fake.calls, "xXc") == NULL);
        if (row->step == FLOW_AGAIN)
            continue;
        bool has_icmp = row->calls != NULL && strcmp(row->calls, "eiln") == 0;
        bool is_judged = row->reason != REASON_CONNECTED && row->step == FLOW_DONE;
        claim_text(row->label, "reason", reason_name(outcome.reason), reason_name(row->reason));
        claim_number(row->label, "remark", outcome.remark, row->remark);
        claim_number(row->label, "error", (uint64_t)outcome.error,
                     (uint64_t)(is_judged || row->remark == REMARK_RESET ? row->error : 0));
        claim_number(row->label, "own", outcome.is_own, (row->how & OWN) != 0);
        claim_number(row->label, "ICMP", outcome.icmp.is_set, has_icmp);
        if (has_icmp)
            claim_icmp(row, &outcome.icmp);
    }
}

static void test_tcp_look_at_a_shut_window_is_pending_until_it_opens(void **state)
{
    struct fake fake;
    struct outcome outcome;
    fake_init(&fake);
    fake.connection = established;
    fake.connection.is_window_shut = true;
    struct flow flow = pending_flow(&fake);
    assert_int_equal(advance(&fake, &flow, &outcome), FLOW_SIGN);
    assert_int_equal(outcome.reason, REASON_TIMEOUT);
    assert_int_equal(outcome.remark, REMARK_PROXY_SILENT);
    assert_int_equal(advance(&fake, &flow, &outcome), FLOW_WAITING);
    fake.connection.is_window_shut = false;
    assert_int_equal(advance(&fake, &flow, &outcome), FLOW_DONE);
    assert_int_equal(outcome.reason, REASON_CONNECTED);
}

static void test_tcp_look_after_a_spurious_one_finds_the_verdict(void **state)
{
    struct fake fake;
    struct outcome outcome;
    fake_init(&fake);
    struct flow flow = pending_flow(&fake);
    assert_int_equal(advance(&fake, &flow, &outcome), FLOW_WAITING);
    fake.pending_error = EHOSTUNREACH;
    assert_int_equal(advance(&fake, &flow, &outcome), FLOW_DONE);
    assert_int_equal(outcome.reason, REASON_UNREACHABLE);
    assert_null(strchr(fake.calls, 'c'));
}

static void test_tcp_look_needs_address_and_port_for_a_connection_to_itself(void **state)
{
    static const struct {
        const char *local;
        uint16_t port;
        enum flow_status step;
    } cases[] = {{"127.0.0.1", 22, FLOW_AGAIN},
                 {"127.0.0.1", 23, FLOW_DONE},
                 {"127.0.0.2", 22, FLOW_DONE}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fake fake;
        struct outcome outcome;
        fake_init(&fake);
        fake.connection = established;
        fake.peer = address_of("127.0.0.1", 22);
        fake.local = address_of(cases[i].local, cases[i].port);
        claim_number(cases[i].local, "step", look(&fake, &outcome), cases[i].step);
    }
}

/* What the flow waits for */

static void test_tcp_waits_for_the_descriptor_and_after_a_spurious_wake_up_for_a_time(
    void **state)
{
    static const int64_t pauses_ms[] = {1, 2, 4, 8, 16, 16};
    struct fake fake;
    struct outcome outcome;
    fake_init(&fake);
    struct flow flow = pending_flow(&fake);
    assert_int_equal(flow.events, FLOW_WRITABLE);
    assert_int_equal(flow.wake_ns, NEVER_NS);
    for (size_t i = 0; i < ARRAY_LEN(pauses_ms); i++) {
        assert_int_equal(advance(&fake, &flow, &outcome), FLOW_WAITING);
        assert_int_equal(flow.events, 0);
        assert_int_equal(flow.wake_ns - (begin + NS_PER_MS), pauses_ms[i] * NS_PER_MS);
    }
}

static void test_tcp_awaits_the_server_behind_a_proxy_in_growing_pauses(void **state)
{
    static const struct {
        int64_t after_ms;
        int64_t pause_ms;
    } pauses[] = {{0, 1}, {1, 1}, {80, 10}, {800, 100}, {8000, 100}};
    struct fake fake;
    fake_init(&fake);
    fake.connection = established;
    fake.connection.is_window_shut = true;
    struct flow flow = pending_flow(&fake);
    for (size_t i = 0; i < ARRAY_LEN(pauses); i++) {
        struct flow_answer answer;
        const struct flow_context context =
            context_of(&fake, begin + pauses[i].after_ms * NS_PER_MS);
        (void)handshake_advance(&flow, &context, &answer);
        assert_int_equal(flow.wake_ns - context.now_ns, pauses[i].pause_ms * NS_PER_MS);
    }
}

/* Self-connects are void, but the third one is the answer. Each is closed with a reset. */
static void test_tcp_is_refused_after_three_self_connects(void **state)
{
    struct fake fake;
    struct flow flow;
    struct flow_answer answer;
    fake_init(&fake);
    fake.connection = established;
    fake.local = fake.peer;
    const struct flow_context context = context_of(&fake, begin);
    flow_init(&flow);
    for (unsigned i = 1; i <= 3; i++) {
        fake.calls[0] = '\0';
        assert_int_equal(handshake_start(&flow, &context, &answer), FLOW_WAITING);
        assert_int_equal(handshake_advance(&flow, &context, &answer),
                         i < 3 ? FLOW_AGAIN : FLOW_DONE);
        handshake_stop(&flow, &fake.os);
        assert_string_equal(fake.calls, "ocenlX");
    }
    assert_int_equal(answer.outcome.reason, REASON_REFUSED);
    assert_int_equal(answer.outcome.remark, REMARK_SELF_CONNECT);
    assert_int_equal(answer.syn_retransmits, 0);
}

/* At the deadline */

static const struct {
    const char *label;
    bool is_quiet;
    bool was_spurious; /* so that select() was not asked any more */
    int pending_error;
    bool is_self;
    enum reason reason;
    enum remark remark;
    const char *calls; /* with the close at the end */
} expiries[] = {
    {"select() found nothing", true, false, ECONNREFUSED, false, REASON_TIMEOUT, REMARK_NONE,
     "nx"},
    {"it was not asked", true, true, ECONNREFUSED, false, REASON_REFUSED, REMARK_NONE, "einx"},
    {"answered meanwhile", false, false, ECONNREFUSED, false, REASON_REFUSED, REMARK_NONE,
     "einx"},
    {"silent", false, false, 0, false, REASON_TIMEOUT, REMARK_NONE, "enx"},
    {"to itself", false, false, 0, true, REASON_REFUSED, REMARK_SELF_CONNECT, "enlX"},
};

static void test_tcp_looks_once_more_when_its_time_is_over(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(expiries); i++) {
        struct fake fake;
        struct outcome outcome;
        struct flow_answer answer = rubbish();
        fake_init(&fake);
        fake.connection.syn_retransmits = 2;
        struct flow flow = pending_flow(&fake);
        if (expiries[i].was_spurious)
            (void)advance(&fake, &flow, &outcome);
        fake.calls[0] = '\0';
        fake.pending_error = expiries[i].pending_error;
        fake.connection.is_established = expiries[i].is_self;
        if (expiries[i].is_self)
            fake.local = fake.peer;
        struct flow_context context = context_of(&fake, begin + 2 * NS_PER_S);
        context.is_quiet = expiries[i].is_quiet;
        handshake_expire(&flow, &context, &answer);
        handshake_stop(&flow, &fake.os);
        claim_text(expiries[i].label, "calls", fake.calls, expiries[i].calls);
        claim_number(expiries[i].label, "reason", answer.outcome.reason, expiries[i].reason);
        claim_number(expiries[i].label, "remark", answer.outcome.remark, expiries[i].remark);
        claim_number(expiries[i].label, "lost SYNs", (uint64_t)answer.syn_retransmits, 2);
    }
}

/* What is known of an answer */

static void test_tcp_knows_the_round_trip_of_a_handshake_without_lost_syns_only(void **state)
{
    static const struct {
        const char *label;
        int syn_retransmits;
        bool was_shut;
        int64_t round_trip_ns;
    } cases[] = {
        {"plain", 0, false, 30 * NS_PER_MS},
        {"SYN sent again", 1, false, -1},
        {"unknown", -1, false, -1},
        {"behind a SYN proxy", 0, true, -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fake fake;
        struct outcome outcome;
        struct flow_answer answer = rubbish();
        fake_init(&fake);
        fake.connection = established;
        fake.connection.syn_retransmits = cases[i].syn_retransmits;
        fake.connection.is_window_shut = cases[i].was_shut;
        struct flow flow = pending_flow(&fake);
        if (cases[i].was_shut)
            (void)advance(&fake, &flow, &outcome);
        fake.connection.is_window_shut = false;
        const struct flow_context context = context_of(&fake, begin + NS_PER_MS);
        assert_int_equal(handshake_advance(&flow, &context, &answer), FLOW_DONE);
        claim_true(cases[i].label, "round trip",
                   answer.round_trip_ns == cases[i].round_trip_ns);
    }
}

static void test_tcp_asks_for_lost_syns_only_where_one_may_be(void **state)
{
    static const struct {
        int64_t took_ms;
        int lost;
        const char *calls;
    } cases[] = {{899, 0, "ei"}, {900, 3, "ein"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fake fake;
        struct flow_answer answer = rubbish();
        fake_init(&fake);
        fake.connection.syn_retransmits = 3;
        struct flow flow = pending_flow(&fake);
        fake.pending_error = ECONNREFUSED;
        const struct flow_context context =
            context_of(&fake, begin + cases[i].took_ms * NS_PER_MS);
        assert_int_equal(handshake_advance(&flow, &context, &answer), FLOW_DONE);
        assert_int_equal(answer.syn_retransmits, cases[i].lost);
        assert_string_equal(fake.calls, cases[i].calls);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tcp_start_asks_the_address_in_its_family_from_its_origin),
        cmocka_unit_test(test_tcp_start_tells_the_end_and_whether_it_is_a_shortage),
        cmocka_unit_test(test_tcp_start_without_a_local_port_is_a_shortage),
        cmocka_unit_test(test_tcp_start_refused_at_once_by_icmp_keeps_the_message),
        cmocka_unit_test(test_tcp_look_judges_what_the_kernel_tells),
        cmocka_unit_test(test_tcp_look_at_a_shut_window_is_pending_until_it_opens),
        cmocka_unit_test(test_tcp_look_after_a_spurious_one_finds_the_verdict),
        cmocka_unit_test(test_tcp_look_needs_address_and_port_for_a_connection_to_itself),
        cmocka_unit_test(
            test_tcp_waits_for_the_descriptor_and_after_a_spurious_wake_up_for_a_time),
        cmocka_unit_test(test_tcp_awaits_the_server_behind_a_proxy_in_growing_pauses),
        cmocka_unit_test(test_tcp_is_refused_after_three_self_connects),
        cmocka_unit_test(test_tcp_looks_once_more_when_its_time_is_over),
        cmocka_unit_test(test_tcp_knows_the_round_trip_of_a_handshake_without_lost_syns_only),
        cmocka_unit_test(test_tcp_asks_for_lost_syns_only_where_one_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
