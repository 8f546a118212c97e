#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/protocol.h"

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

static void note(struct fake *fake, char call)
{
    size_t len = strlen(fake->calls);
    assert_true(len + 1 < CALLS);
    fake->calls[len] = call;
    fake->calls[len + 1] = '\0';
}

static int fake_open(void *self, int family, int *fd)
{
    struct fake *fake = self;
    note(fake, 'o');
    fake->open_family = family;
    *fd = fake->open_error == 0 ? FD : -1;
    return fake->open_error;
}

static int fake_bind(void *self, int fd, const struct os_origin *origin)
{
    struct fake *fake = self;
    note(fake, 'b');
    assert_int_equal(fd, FD);
    assert_non_null(origin);
    return fake->bind_error;
}

static int fake_connect(void *self, int fd, const struct address *address)
{
    struct fake *fake = self;
    note(fake, 'c');
    assert_int_equal(fd, FD);
    fake->connected_to = *address;
    return fake->connect_error;
}

static bool fake_has_source(void *self, const struct address *address,
                            const struct os_origin *origin)
{
    struct fake *fake = self;
    note(fake, 's');
    assert_true(address_equals(&fake->connected_to, address));
    assert_non_null(origin);
    return fake->has_source;
}

static void fake_connection(void *self, int fd, struct os_connection *connection)
{
    struct fake *fake = self;
    note(fake, 'n');
    assert_int_equal(fd, FD);
    *connection = fake->connection;
}

static int fake_local(void *self, int fd, struct address *address)
{
    struct fake *fake = self;
    note(fake, 'l');
    assert_int_equal(fd, FD);
    *address = fake->local;
    return 0;
}

static int fake_take_error(void *self, int fd)
{
    struct fake *fake = self;
    int error = fake->pending_error;
    note(fake, 'e');
    assert_int_equal(fd, FD);
    fake->pending_error = 0;
    return error;
}

static bool fake_take_icmp(void *self, int fd, struct icmp *icmp)
{
    struct fake *fake = self;
    note(fake, 'i');
    assert_int_equal(fd, FD);
    *icmp = fake->icmp;
    fake->pending_error = 0;
    return icmp->is_set;
}

static bool fake_tells_icmp(void *self)
{
    (void)self;
    return true;
}

static void fake_close(void *self, int fd)
{
    note(self, 'x');
    assert_int_equal(fd, FD);
}

static void fake_abort(void *self, int fd)
{
    note(self, 'X');
    assert_int_equal(fd, FD);
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
    enum flow_status status = protocol_tcp.start(flow, &context, &answer);
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
    assert_int_equal(protocol_tcp.start(&flow, &context, &answer), FLOW_WAITING);
    fake->calls[0] = '\0';
    return flow;
}

/* The same flow is ready. */
static enum flow_status advance(struct fake *fake, struct flow *flow, struct outcome *outcome)
{
    struct flow_answer answer = rubbish();
    const struct flow_context context = context_of(fake, begin + NS_PER_MS);
    enum flow_status status = protocol_tcp.advance(flow, &context, &answer);
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

static const struct {
    const char *label;
    int connect_error;
} pending_connects[] = {
    {"under way", EINPROGRESS},
    {"interrupted: it goes on by itself", EINTR},
    {"done at once, which proves nothing", 0},
};

static void test_tcp_started_connect_is_pending_with_an_open_descriptor(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(pending_connects); i++) {
        struct fake fake;
        struct outcome outcome;
        struct flow flow;
        fake_init(&fake);
        fake.connect_error = pending_connects[i].connect_error;
        claim_number(pending_connects[i].label, "step",
                     start(&fake, "192.0.2.1", &nowhere, &flow, &outcome), FLOW_WAITING);
        claim_number(pending_connects[i].label, "descriptor", (uint64_t)flow.fd, FD);
        claim_text(pending_connects[i].label, "calls", fake.calls, "oc");
    }
}

static void test_tcp_start_asks_the_address_in_its_family(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        int family;
    } cases[] = {{"192.0.2.1", AF_INET}, {"2001:db8::1", AF_INET6}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fake fake;
        struct outcome outcome;
        struct flow flow;
        fake_init(&fake);
        struct address expected = address_of(cases[i].address, 22);
        (void)start(&fake, cases[i].address, &nowhere, &flow, &outcome);
        claim_number(cases[i].address, "family", (uint64_t)fake.open_family,
                     (uint64_t)cases[i].family);
        claim_true(cases[i].address, "the address asked",
                   address_equals(&fake.connected_to, &expected));
        claim_number(cases[i].address, "port", address_port(&fake.connected_to), 22);
    }
}

static void test_tcp_start_binds_before_it_connects_if_there_is_an_origin(void **state)
{
    (void)state;
    const struct os_origin sources[] = {
        {.source = address_of("192.0.2.9", 0)},
        {.interface = "lo"},
        {.source = address_of("192.0.2.9", 0), .interface = "lo"},
    };
    static const char *const labels[] = {"-s", "-I", "-s and -I"};
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        struct fake fake;
        struct outcome outcome;
        struct flow flow;
        fake_init(&fake);
        claim_number(labels[i], "step", start(&fake, "192.0.2.1", &sources[i], &flow, &outcome),
                     FLOW_WAITING);
        claim_text(labels[i], "calls", fake.calls, "obc");
    }
}

/* Each row is one start() that ends at once; its descriptor is closed once, if there was one.
 */
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
     REASON_LOCAL, REMARK_NO_SOURCE, "ocsix"},
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

static void test_tcp_start_that_fails_says_whether_it_is_a_shortage(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        struct fake fake;
        struct outcome outcome;
        struct flow flow;
        claim_number(endings[i].label, "step", start_row(i, &fake, &flow, &outcome),
                     endings[i].step);
    }
}

static void test_tcp_start_that_fails_sets_the_outcome(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        struct fake fake;
        struct outcome outcome;
        struct flow flow;
        (void)start_row(i, &fake, &flow, &outcome);
        int error = endings[i].open_error + endings[i].bind_error + endings[i].connect_error;
        claim_text(endings[i].label, "reason", reason_name(outcome.reason),
                   reason_name(endings[i].reason));
        claim_number(endings[i].label, "remark", outcome.remark, endings[i].remark);
        claim_number(endings[i].label, "error", (uint64_t)outcome.error, (uint64_t)error);
        claim_true(endings[i].label, "no ICMP", !outcome.icmp.is_set);
    }
}

/* take_icmp() is free for any that was judged; what matters is one close at the end. */
static void test_tcp_start_that_fails_closes_its_descriptor_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        struct fake fake;
        struct outcome outcome;
        struct flow flow;
        (void)start_row(i, &fake, &flow, &outcome);
        claim_text(endings[i].label, "calls", fake.calls, endings[i].calls);
        claim_true(endings[i].label, "descriptor given as -1", flow.fd == -1);
    }
}

/* Whether a port or an address is missing, no errno tells. */
static void test_tcp_start_without_a_local_port_is_a_shortage(void **state)
{
    (void)state;
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
    (void)state;
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

static void test_tcp_look_at_a_finished_handshake_is_connected(void **state)
{
    (void)state;
    struct fake fake;
    struct outcome outcome;
    fake_init(&fake);
    fake.connection = established;
    assert_int_equal(look(&fake, &outcome), FLOW_DONE);
    assert_int_equal(outcome.reason, REASON_CONNECTED);
    assert_int_equal(outcome.remark, REMARK_NONE);
    assert_int_equal(outcome.error, 0);
    assert_false(outcome.icmp.is_set);
}

/* What a probe costs: with "oc", setsockopt() in open(), and close() at the end. */
static void test_tcp_look_asks_no_more_than_it_needs(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        bool is_established;
        int pending_error;
        bool has_icmp;
        const char *calls;
    } cases[] = {
        {"nothing yet", false, 0, false, "en"},
        {"connected", true, 0, false, "enl"},
        {"refused", false, ECONNREFUSED, false, "ei"},
        {"refused by ICMP", false, ECONNREFUSED, true, "eiln"},
        {"unreachable", false, EHOSTUNREACH, true, "eiln"},
        {"reset", false, ECONNRESET, false, "en"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fake fake;
        struct outcome outcome;
        fake_init(&fake);
        fake.connection.is_established = cases[i].is_established;
        fake.pending_error = cases[i].pending_error;
        fake.icmp = icmp_of("10.6.0.1", 3, 3);
        fake.icmp.is_set = cases[i].has_icmp;
        (void)look(&fake, &outcome);
        claim_text(cases[i].label, "calls", fake.calls, cases[i].calls);
    }
}

/* With IP_RECVERR an ICMP error becomes SO_ERROR of a connection that goes on. */
static void test_tcp_look_at_a_finished_handshake_is_up_whatever_follows(void **state)
{
    (void)state;
    static const int pending[] = {ECONNRESET, ECONNREFUSED, EHOSTUNREACH};
    for (size_t i = 0; i < ARRAY_LEN(pending); i++) {
        struct fake fake;
        struct outcome outcome;
        fake_init(&fake);
        fake.connection = established;
        fake.pending_error = pending[i];
        fake.icmp = icmp_of("10.6.0.1", 3, 13);
        claim_number(strerror(pending[i]), "step", look(&fake, &outcome), FLOW_DONE);
        claim_number(strerror(pending[i]), "reason", outcome.reason, REASON_CONNECTED);
    }
}

static void test_tcp_look_without_handshake_and_error_is_pending(void **state)
{
    (void)state;
    struct fake fake;
    struct outcome outcome;
    fake_init(&fake);
    assert_int_equal(look(&fake, &outcome), FLOW_WAITING);
    assert_int_equal(outcome.reason, REASON_TIMEOUT);
    assert_int_equal(outcome.remark, REMARK_NONE);
}

static void test_tcp_look_at_a_shut_window_is_pending_until_it_opens(void **state)
{
    (void)state;
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

static void test_tcp_look_that_was_spurious_leaves_the_icmp_queue_alone(void **state)
{
    (void)state;
    struct fake fake;
    struct outcome outcome;
    fake_init(&fake);
    fake.icmp = icmp_of("10.6.0.1", 3, 1);
    (void)look(&fake, &outcome);
    assert_null(strchr(fake.calls, 'i'));
}

static void test_tcp_look_after_a_spurious_one_finds_the_verdict(void **state)
{
    (void)state;
    struct fake fake;
    struct outcome outcome;
    fake_init(&fake);
    struct flow flow = pending_flow(&fake);
    assert_int_equal(advance(&fake, &flow, &outcome), FLOW_WAITING);
    fake.pending_error = EHOSTUNREACH;
    assert_int_equal(advance(&fake, &flow, &outcome), FLOW_DONE);
    assert_int_equal(outcome.reason, REASON_UNREACHABLE);
}

static const struct {
    const char *label;
    const char *address;
    int error;
    enum reason reason;
} verdicts[] = {
    {"ECONNREFUSED", "192.0.2.1", ECONNREFUSED, REASON_REFUSED},
    {"EHOSTUNREACH", "192.0.2.1", EHOSTUNREACH, REASON_UNREACHABLE},
    {"ENETUNREACH", "192.0.2.1", ENETUNREACH, REASON_UNREACHABLE},
    {"ENOPROTOOPT", "192.0.2.1", ENOPROTOOPT, REASON_UNREACHABLE},
    {"ETIMEDOUT", "192.0.2.1", ETIMEDOUT, REASON_TIMEOUT},
    {"EACCES on IPv6", "2001:db8::1", EACCES, REASON_PROHIBITED},
    {"EPROTO", "192.0.2.1", EPROTO, REASON_UNREACHABLE},
};

static void test_tcp_look_takes_the_pending_error_for_the_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
        struct fake fake;
        struct outcome outcome;
        fake_init(&fake);
        fake.peer = address_of(verdicts[i].address, 22);
        fake.pending_error = verdicts[i].error;
        claim_number(verdicts[i].label, "step", look(&fake, &outcome), FLOW_DONE);
        claim_text(verdicts[i].label, "reason", reason_name(outcome.reason),
                   reason_name(verdicts[i].reason));
        claim_number(verdicts[i].label, "error", (uint64_t)outcome.error,
                     (uint64_t)verdicts[i].error);
        claim_true(verdicts[i].label, "no ICMP", !outcome.icmp.is_set);
    }
}

static void test_tcp_look_reads_icmp_only_after_the_error(void **state)
{
    (void)state;
    struct fake fake;
    struct outcome outcome;
    fake_init(&fake);
    fake.pending_error = EHOSTUNREACH;
    fake.icmp = icmp_of("10.6.0.1", 3, 10);
    (void)look(&fake, &outcome);
    claim_true("order of the calls", "error, then ICMP", strncmp(fake.calls, "ei", 2) == 0);
}

static const struct {
    const char *label;
    const char *address;
    int error;
    const char *sender;
    uint8_t type;
    uint8_t code;
    enum reason reason;
} messages[] = {
    {"3/1", "192.0.2.1", EHOSTUNREACH, "10.6.0.1", 3, 1, REASON_UNREACHABLE},
    {"3/3", "192.0.2.1", ECONNREFUSED, "10.6.0.1", 3, 3, REASON_REFUSED},
    {"3/10", "192.0.2.1", EHOSTUNREACH, "10.6.0.1", 3, 10, REASON_PROHIBITED},
    {"3/13", "192.0.2.1", EHOSTUNREACH, "10.6.0.1", 3, 13, REASON_PROHIBITED},
    {"v6 1/1", "2001:db8::1", EACCES, "2001:db8::9", 1, 1, REASON_PROHIBITED},
    {"odd: the errno decides", "192.0.2.1", EPROTO, "10.6.0.1", 12, 9, REASON_UNREACHABLE},
};

static void test_tcp_look_lets_icmp_correct_the_errno(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
        struct fake fake;
        struct outcome outcome;
        fake_init(&fake);
        fake.peer = address_of(messages[i].address, 22);
        fake.pending_error = messages[i].error;
        fake.icmp = icmp_of(messages[i].sender, messages[i].type, messages[i].code);
        claim_number(messages[i].label, "step", look(&fake, &outcome), FLOW_DONE);
        claim_text(messages[i].label, "reason", reason_name(outcome.reason),
                   reason_name(messages[i].reason));
        claim_number(messages[i].label, "type", outcome.icmp.type, messages[i].type);
        claim_number(messages[i].label, "code", outcome.icmp.code, messages[i].code);
        claim_true(messages[i].label, "the sender",
                   address_equals(&outcome.icmp.sender, &fake.icmp.sender));
    }
}

static void test_tcp_look_knows_its_own_machine_as_the_sender(void **state)
{
    (void)state;
    struct fake fake;
    struct outcome outcome;
    fake_init(&fake);
    fake.pending_error = EHOSTUNREACH;
    fake.icmp = icmp_of("192.0.2.9", 3, 1);
    (void)look(&fake, &outcome);
    assert_true(outcome.icmp.is_own);

    fake_init(&fake);
    fake.pending_error = EHOSTUNREACH;
    fake.icmp = icmp_of("10.6.0.1", 3, 1);
    (void)look(&fake, &outcome);
    assert_false(outcome.icmp.is_own);
}

static void test_tcp_look_at_a_reset_depends_on_the_handshake(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        bool is_acknowledged;
        bool is_window_shut;
        enum reason reason;
        enum remark remark;
    } cases[] = {
        {"finished", true, false, REASON_CONNECTED, REMARK_RESET},
        {"with a SYN proxy", true, true, REASON_REFUSED, REMARK_PROXY_RESET},
        {"half done", false, false, REASON_REFUSED, REMARK_NONE},
        {"half done, no window yet", false, true, REASON_REFUSED, REMARK_NONE},
    };
    static const int resets[] = {ECONNRESET, EPIPE};
    for (size_t i = 0; i < ARRAY_LEN(cases) * ARRAY_LEN(resets); i++) {
        struct fake fake;
        struct outcome outcome;
        size_t row = i / ARRAY_LEN(resets);
        fake_init(&fake);
        fake.pending_error = resets[i % ARRAY_LEN(resets)];
        fake.connection.is_acknowledged = cases[row].is_acknowledged;
        fake.connection.is_window_shut = cases[row].is_window_shut;
        fake.icmp = icmp_of("10.6.0.1", 3, 13); /* older than the handshake */
        claim_number(cases[row].label, "step", look(&fake, &outcome), FLOW_DONE);
        claim_number(cases[row].label, "reason", outcome.reason, cases[row].reason);
        claim_number(cases[row].label, "remark", outcome.remark, cases[row].remark);
        claim_true(cases[row].label, "no ICMP", !outcome.icmp.is_set);
    }
}

/* Self-connect */

static const struct {
    const char *label;
    const char *peer;
    const char *local;
    uint16_t local_port;
    enum flow_status step;
} selves[] = {
    {"same address and port", "127.0.0.1", "127.0.0.1", 22, FLOW_AGAIN},
    {"same on IPv6", "::1", "::1", 22, FLOW_AGAIN},
    {"same address, another port", "127.0.0.1", "127.0.0.1", 23, FLOW_DONE},
    {"same port, another address", "127.0.0.2", "127.0.0.1", 22, FLOW_DONE},
};

static void test_tcp_look_at_a_connection_to_itself_is_void(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(selves); i++) {
        struct fake fake;
        struct outcome outcome;
        fake_init(&fake);
        fake.connection = established;
        fake.peer = address_of(selves[i].peer, 22);
        fake.local = address_of(selves[i].local, selves[i].local_port);
        claim_number(selves[i].label, "step", look(&fake, &outcome), selves[i].step);
    }
}

static void test_tcp_look_never_closes_the_descriptor(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        static const char *const labels[] = {"pending", "connected", "refused", "itself"};
        struct fake fake;
        struct outcome outcome;
        fake_init(&fake);
        fake.connection.is_established = i == 1 || i == 3;
        fake.pending_error = i == 2 ? ECONNREFUSED : 0;
        if (i == 3)
            fake.local = fake.peer;
        (void)look(&fake, &outcome);
        claim_true(labels[i], "neither close nor abort", strpbrk(fake.calls, "xX") == NULL);
    }
}

static void test_tcp_look_never_connects_again(void **state)
{
    (void)state;
    struct fake fake;
    struct outcome outcome;
    fake_init(&fake);
    struct flow flow = pending_flow(&fake);
    (void)advance(&fake, &flow, &outcome);
    (void)advance(&fake, &flow, &outcome);
    assert_null(strchr(fake.calls, 'c'));
}

/* What the flow waits for */

static void test_tcp_waits_for_the_descriptor_and_after_a_spurious_wake_up_for_a_time(
    void **state)
{
    (void)state;
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
    (void)state;
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
        (void)protocol_tcp.advance(&flow, &context, &answer);
        assert_int_equal(flow.wake_ns - context.now_ns, pauses[i].pause_ms * NS_PER_MS);
    }
}

/* Self-connects are void, but the third one is the answer. Each is closed with a reset. */
static void test_tcp_is_refused_after_three_self_connects(void **state)
{
    (void)state;
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
        assert_int_equal(protocol_tcp.start(&flow, &context, &answer), FLOW_WAITING);
        assert_int_equal(protocol_tcp.advance(&flow, &context, &answer),
                         i < 3 ? FLOW_AGAIN : FLOW_DONE);
        protocol_tcp.stop(&flow, &fake.os);
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
    (void)state;
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
        protocol_tcp.expire(&flow, &context, &answer);
        protocol_tcp.stop(&flow, &fake.os);
        claim_text(expiries[i].label, "calls", fake.calls, expiries[i].calls);
        claim_number(expiries[i].label, "reason", answer.outcome.reason, expiries[i].reason);
        claim_number(expiries[i].label, "remark", answer.outcome.remark, expiries[i].remark);
        claim_number(expiries[i].label, "lost SYNs", (uint64_t)answer.syn_retransmits, 2);
    }
}

/* What is known of an answer */

static void test_tcp_knows_the_round_trip_of_a_handshake_without_lost_syns_only(void **state)
{
    (void)state;
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
        assert_int_equal(protocol_tcp.advance(&flow, &context, &answer), FLOW_DONE);
        claim_true(cases[i].label, "round trip",
                   answer.round_trip_ns == cases[i].round_trip_ns);
    }
}

static void test_tcp_asks_for_lost_syns_only_where_one_may_be(void **state)
{
    (void)state;
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
        assert_int_equal(protocol_tcp.advance(&flow, &context, &answer), FLOW_DONE);
        assert_int_equal(answer.syn_retransmits, cases[i].lost);
        assert_string_equal(fake.calls, cases[i].calls);
    }
}

static void test_tcp_tells_what_this_machine_itself_says(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int error;
        const char *sender; /* NULL: no ICMP message */
        bool is_own;
    } cases[] = {
        {"no message, though the system tells of them", EHOSTUNREACH, NULL, true},
        {"a message of its own", EHOSTUNREACH, "192.0.2.9", true},
        {"a router's message", EHOSTUNREACH, "10.6.0.1", false},
        {"a reset", ECONNREFUSED, NULL, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fake fake;
        struct outcome outcome;
        fake_init(&fake);
        fake.pending_error = cases[i].error;
        if (cases[i].sender != NULL)
            fake.icmp = icmp_of(cases[i].sender, 3, 1);
        (void)look(&fake, &outcome);
        claim_true(cases[i].label, "whose it is", outcome.is_own == cases[i].is_own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tcp_started_connect_is_pending_with_an_open_descriptor),
        cmocka_unit_test(test_tcp_start_asks_the_address_in_its_family),
        cmocka_unit_test(test_tcp_start_binds_before_it_connects_if_there_is_an_origin),
        cmocka_unit_test(test_tcp_start_that_fails_says_whether_it_is_a_shortage),
        cmocka_unit_test(test_tcp_start_that_fails_sets_the_outcome),
        cmocka_unit_test(test_tcp_start_that_fails_closes_its_descriptor_once),
        cmocka_unit_test(test_tcp_start_without_a_local_port_is_a_shortage),
        cmocka_unit_test(test_tcp_start_refused_at_once_by_icmp_keeps_the_message),
        cmocka_unit_test(test_tcp_look_at_a_finished_handshake_is_connected),
        cmocka_unit_test(test_tcp_look_asks_no_more_than_it_needs),
        cmocka_unit_test(test_tcp_look_at_a_finished_handshake_is_up_whatever_follows),
        cmocka_unit_test(test_tcp_look_without_handshake_and_error_is_pending),
        cmocka_unit_test(test_tcp_look_at_a_shut_window_is_pending_until_it_opens),
        cmocka_unit_test(test_tcp_look_that_was_spurious_leaves_the_icmp_queue_alone),
        cmocka_unit_test(test_tcp_look_after_a_spurious_one_finds_the_verdict),
        cmocka_unit_test(test_tcp_look_takes_the_pending_error_for_the_verdict),
        cmocka_unit_test(test_tcp_look_reads_icmp_only_after_the_error),
        cmocka_unit_test(test_tcp_look_lets_icmp_correct_the_errno),
        cmocka_unit_test(test_tcp_look_knows_its_own_machine_as_the_sender),
        cmocka_unit_test(test_tcp_look_at_a_reset_depends_on_the_handshake),
        cmocka_unit_test(test_tcp_look_at_a_connection_to_itself_is_void),
        cmocka_unit_test(test_tcp_look_never_closes_the_descriptor),
        cmocka_unit_test(test_tcp_look_never_connects_again),
        cmocka_unit_test(
            test_tcp_waits_for_the_descriptor_and_after_a_spurious_wake_up_for_a_time),
        cmocka_unit_test(test_tcp_awaits_the_server_behind_a_proxy_in_growing_pauses),
        cmocka_unit_test(test_tcp_is_refused_after_three_self_connects),
        cmocka_unit_test(test_tcp_looks_once_more_when_its_time_is_over),
        cmocka_unit_test(test_tcp_knows_the_round_trip_of_a_handshake_without_lost_syns_only),
        cmocka_unit_test(test_tcp_asks_for_lost_syns_only_where_one_may_be),
        cmocka_unit_test(test_tcp_tells_what_this_machine_itself_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
