#include <errno.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/protocol.h"
#include "netcheck/probe/question.h"

static const struct os_origin nowhere = {.interface = NULL};
static const int64_t begin = 1000 * NS_PER_S; /* any point in time */

enum {
    FD = 7, /* what open() gives */
    CALLS = 64,
    EVENTS = 8,
    COOKIE_LEN = 4,              /* of what the questions here send */
    ANSWER_LEN = COOKIE_LEN + 1, /* '=' and the cookie */
};

#define ASKED  "192.0.2.1"
#define OTHER  "192.0.2.2"
#define ROUTER "10.6.0.1"
#define MYSELF "192.0.2.9"

/* Questions of this test, in the place of the program's: their ports tell them apart. */
enum { PLAIN = 1, COOKIE, MOVING, TEXT };

static size_t build(unsigned char bytes[static QUESTION_SIZE],
                    const struct question_input *input)
{
    memcpy(bytes, input->cookie, COOKIE_LEN);
    return COOKIE_LEN;
}

/* With the cookie it replied, "no" is a mismatch, and anything else nothing at all. */
static enum question_verdict judge_cookie(const struct answer_bytes *answer,
                                          const struct question_input *input,
                                          struct reply *reply)
{
    assert_true(answer->is_end);
    if (answer->len == 2 && memcmp(answer->bytes, "no", 2) == 0)
        return QUESTION_MISMATCHED;
    bool is_it = answer->len == ANSWER_LEN && answer->bytes[0] == '=' &&
                 memcmp(answer->bytes + 1, input->cookie, COOKIE_LEN) == 0;
    memcpy(reply->words, "words", sizeof "words");
    return is_it ? QUESTION_READY : QUESTION_MORE;
}

static enum question_verdict judge_any(const struct answer_bytes *answer,
                                       const struct question_input *input, struct reply *reply)
{
    return QUESTION_READY;
}

const struct question *question_choose(const struct endpoint *endpoint,
                                       const struct ask_options *ask)
{
    static const struct question questions[] = {
        [PLAIN] = {.build = build, .judge = judge_any},
        [COOKIE] = {.has_cookie = true, .build = build, .judge = judge_cookie},
        [MOVING] = {.moves_port = true, .build = build, .judge = judge_any},
        [TEXT] = {.judge = judge_any},
    };
    assert_true(endpoint->port < ARRAY_LEN(questions));
    return &questions[endpoint->port];
}

/* What receive() gives: an errno, or a datagram. */
struct event {
    int error;
    const char *sender;
    uint16_t port;
    const char *bytes; /* NULL: the answer with the cookie */
    bool is_echo;      /* instead of all that: the question */
};

static struct target nameless = {.kind = TARGET_ADDRESS};

/*
 * A scripted operating system. `calls` is what was asked of it, in order, a letter each: o
 * open, b bind, S send, r receive, t take_report, c connect, l local, s has_source, B
 * is_broadcast, L lost, x close.
 */
struct fake {
    struct os os;
    int open_error;
    int bind_error;
    int send_error;
    bool is_broadcast;
    bool is_mute; /* the system keeps no reports */
    struct event events[EVENTS];
    size_t event_count;
    size_t floods; /* so many datagrams from elsewhere come before the events */
    size_t next_event;
    struct os_report reports[EVENTS];
    size_t report_count;
    size_t next_report;
    int64_t lost;
    int connect_error;
    struct address peer;
    struct endpoint endpoint;
    struct address local;
    unsigned char sent[QUESTION_SIZE];
    size_t sent_len;
    unsigned sends;
    unsigned receives;
    char calls[CALLS];
};

static struct address address_of(const char *text, uint16_t port)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    address_set_port(&address, port);
    return address;
}

static void note(struct fake *fake, char call, int fd)
{
    assert_int_equal(fd, FD);
    size_t len = strlen(fake->calls);
    if (fake->floods > 0)
        return; /* they are too many to be told */
    assert_true(len + 1 < CALLS);
    fake->calls[len] = call;
    fake->calls[len + 1] = '\0';
}

static int fake_open(void *self, enum os_socket kind, int family, int *fd)
{
    struct fake *fake = self;
    assert_int_equal(kind, OS_UDP);
    assert_int_equal(family, address_family(&fake->peer));
    note(fake, 'o', FD);
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

static int fake_send(void *self, int fd, struct os_outgoing *outgoing)
{
    struct fake *fake = self;
    note(fake, 'S', fd);
    assert_true(address_equals(outgoing->to, &fake->peer));
    assert_int_equal(address_port(outgoing->to), address_port(&fake->peer));
    if (fake->sends++ > 0) /* the same each time */
        assert_memory_equal(outgoing->bytes, fake->sent, fake->sent_len);
    memcpy(fake->sent, outgoing->bytes, outgoing->len);
    fake->sent_len = outgoing->len;
    return fake->send_error;
}

static int fake_receive(void *self, int fd, struct os_message *message)
{
    struct fake *fake = self;
    struct event flood = {.sender = OTHER, .port = PLAIN, .bytes = "flood"};
    note(fake, 'r', fd);
    assert_true(message->size >= 65535);
    bool is_flood = fake->receives++ < fake->floods;
    if (!is_flood && fake->next_event == fake->event_count)
        return EAGAIN;
    const struct event *event = is_flood ? &flood : &fake->events[fake->next_event++];
    if (event->error != 0)
        return event->error;
    unsigned char answer[ANSWER_LEN] = {'='};
    memcpy(answer + 1, fake->sent, COOKIE_LEN);
    const unsigned char *bytes = (const unsigned char *)event->bytes;
    message->len = event->bytes != NULL ? strlen(event->bytes) : ANSWER_LEN;
    if (event->is_echo) {
        bytes = fake->sent;
        message->len = fake->sent_len;
    }
    memcpy(message->bytes, bytes != NULL ? bytes : answer, message->len);
    message->sender = address_of(event->sender, event->port);
    message->is_truncated = false;
    message->age_ns = message->ttl = -1;
    return 0;
}

static bool fake_take_report(void *self, int fd, struct os_report *report)
{
    struct fake *fake = self;
    note(fake, 't', fd);
    if (fake->next_report == fake->report_count)
        return false;
    *report = fake->reports[fake->next_report++];
    return true;
}

static int fake_connect(void *self, int fd, const struct address *address)
{
    struct fake *fake = self;
    note(fake, 'c', fd);
    assert_true(address_equals(address, &fake->peer));
    return fake->connect_error;
}

static int fake_local(void *self, int fd, struct address *address)
{
    struct fake *fake = self;
    note(fake, 'l', fd);
    *address = fake->local;
    return 0;
}

static bool fake_has_source(void *self, const struct address *address,
                            const struct os_origin *origin)
{
    note(self, 's', FD);
    return false;
}

static bool fake_is_broadcast(void *self, const struct address *address,
                              const struct os_origin *origin)
{
    const struct fake *fake = self;
    note(self, 'B', FD);
    return fake->is_broadcast;
}

static int64_t fake_lost(void *self, int fd)
{
    const struct fake *fake = self;
    note(self, 'L', fd);
    return fake->lost;
}

static bool fake_tells_icmp(void *self)
{
    const struct fake *fake = self;
    return !fake->is_mute;
}

static void fake_close(void *self, int fd)
{
    note(self, 'x', fd);
}

static void fake_init(struct fake *fake, const char *peer, uint16_t port)
{
    memset(fake, 0, sizeof *fake);
    fake->os = (struct os){
        .self = fake,
        .open = fake_open,
        .bind = fake_bind,
        .send = fake_send,
        .receive = fake_receive,
        .take_report = fake_take_report,
        .connect = fake_connect,
        .local = fake_local,
        .has_source = fake_has_source,
        .is_broadcast = fake_is_broadcast,
        .lost = fake_lost,
        .tells_icmp = fake_tells_icmp,
        .close = fake_close,
    };
    fake->peer = address_of(peer, port);
    fake->local = address_of(MYSELF, 50000);
    fake->endpoint =
        (struct endpoint){.target = &nameless, .port = port, .protocol = PROTOCOL_UDP};
}

static const struct ask_options resent = {.is_sent_once = false};
static const struct ask_options once = {.is_sent_once = true};
static const struct siphash_key secret = {{1, 2}};

static struct flow_context context_of(struct fake *fake, int64_t now_ns)
{
    return (struct flow_context){
        .os = &fake->os,
        .origin = &nowhere,
        .address = &fake->peer,
        .endpoint = &fake->endpoint,
        .ask = &resent,
        .secret = &secret,
        .now_ns = now_ns,
    };
}

/* As the engine does. */
static enum flow_status start_at(struct fake *fake, const struct flow_context *context,
                                 struct flow *flow, struct flow_answer *answer)
{
    flow_init(flow);
    flow->number = 1;
    flow_answer_init(answer);
    return protocol_udp.start(flow, context, answer);
}

/* A flow that was sent its question at `begin`. */
static struct flow pending_flow(struct fake *fake)
{
    struct flow flow;
    struct flow_answer answer;
    const struct flow_context context = context_of(fake, begin);
    assert_int_equal(start_at(fake, &context, &flow, &answer), FLOW_WAITING);
    fake->calls[0] = '\0';
    return flow;
}

static enum flow_status advance(struct fake *fake, struct flow *flow, int64_t after_ns,
                                struct flow_answer *answer)
{
    const struct flow_context context = context_of(fake, begin + after_ns);
    flow_answer_init(answer);
    return protocol_udp.advance(flow, &context, answer);
}

/* Start */

static const struct {
    const char *label;
    const char *address;
    int open_error;
    int bind_error;
    int send_error;
    bool is_broadcast;
    enum flow_status step;
    enum reason reason;
    enum remark remark;
    const char *calls;
} endings[] = {
    {"sent", ASKED, 0, 0, 0, false, FLOW_WAITING, REASON_TIMEOUT, 0, "oS"},
    {"open: EMFILE", ASKED, EMFILE, 0, 0, false, FLOW_SHORT, REASON_LOCAL, 0, "o"},
    {"open: EAFNOSUPPORT", "2001:db8::1", EAFNOSUPPORT, 0, 0, false, FLOW_DONE, REASON_LOCAL, 0,
     "o"},
    {"bind: EADDRNOTAVAIL", ASKED, 0, EADDRNOTAVAIL, 0, false, FLOW_DONE, REASON_LOCAL,
     REMARK_SOURCE, "obx"},
    {"bind: ENOMEM", ASKED, 0, ENOMEM, 0, false, FLOW_SHORT, REASON_LOCAL, REMARK_SOURCE,
     "obx"},
    {"send: ENOBUFS", ASKED, 0, 0, ENOBUFS, false, FLOW_SHORT, REASON_LOCAL, 0, "oSx"},
    {"send: no port left", ASKED, 0, 0, EAGAIN, false, FLOW_SHORT, REASON_LOCAL, 0, "oSx"},
    {"send: no route", ASKED, 0, 0, ENETUNREACH, false, FLOW_DONE, REASON_UNREACHABLE, 0,
     "oSx"},
    {"send: blackhole", ASKED, 0, 0, EINVAL, false, FLOW_DONE, REASON_UNREACHABLE, 0, "oSx"},
    {"send: prohibited", ASKED, 0, 0, EACCES, false, FLOW_DONE, REASON_PROHIBITED, 0, "oSBx"},
    {"send: firewall", ASKED, 0, 0, EPERM, false, FLOW_DONE, REASON_PROHIBITED, 0, "oSx"},
    {"send: broadcast", "192.0.2.255", 0, 0, EACCES, true, FLOW_DONE, REASON_UNREACHABLE,
     REMARK_BROADCAST, "oSBx"},
    {"send: IPv6 is off", "2001:db8::1", 0, 0, EADDRNOTAVAIL, false, FLOW_DONE, REASON_LOCAL,
     REMARK_NO_SOURCE, "oSsx"},
    {"send: no interface", "fe80::1", 0, 0, EINVAL, false, FLOW_DONE, REASON_LOCAL,
     REMARK_NO_SCOPE, "oSx"},
    {"a group", "224.0.0.1", 0, 0, 0, false, FLOW_DONE, REASON_LOCAL, REMARK_MULTICAST, ""},
    {"a group", "ff02::1", 0, 0, 0, false, FLOW_DONE, REASON_LOCAL, REMARK_MULTICAST, ""},
};

static void test_udp_start_tells_the_end_and_whether_it_is_a_shortage(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        const char *label = endings[i].label;
        const struct os_origin origin = {.interface = endings[i].bind_error != 0 ? "lo" : NULL};
        struct fake fake;
        struct flow flow;
        struct flow_answer answer;
        fake_init(&fake, endings[i].address, PLAIN);
        fake.open_error = endings[i].open_error;
        fake.bind_error = endings[i].bind_error;
        fake.send_error = endings[i].send_error;
        fake.is_broadcast = endings[i].is_broadcast;
        struct flow_context context = context_of(&fake, begin);
        context.origin = &origin;
        bool is_open = endings[i].step == FLOW_WAITING;
        int error = fake.open_error + fake.bind_error + fake.send_error;
        claim_number(label, "step", start_at(&fake, &context, &flow, &answer), endings[i].step);
        claim_text(label, "calls", fake.calls, endings[i].calls);
        claim_number(label, "descriptor", (uint64_t)flow.fd, is_open ? FD : (uint64_t)-1);
        claim_number(label, "wakes", flow.wake_ns == NEVER_NS, !is_open);
        claim_text(label, "reason", reason_name(answer.outcome.reason),
                   reason_name(endings[i].reason));
        claim_number(label, "remark", answer.outcome.remark, endings[i].remark);
        claim_number(label, "error", (uint64_t)answer.outcome.error, (uint64_t)error);
        claim_number(label, "own", answer.outcome.is_own,
                     endings[i].reason == REASON_UNREACHABLE ||
                         endings[i].reason == REASON_PROHIBITED);
    }
}

/* Answers */

static const struct {
    const char *label;
    uint16_t question;
    const char *sender;
    uint16_t port;
    const char *bytes; /* NULL: with the cookie */
    bool is_answer;
    bool is_told; /* where it came from is */
} answers[] = {
    {"anything", PLAIN, ASKED, PLAIN, "any", true, false},
    {"an empty datagram", PLAIN, ASKED, PLAIN, "", true, false},
    {"another port", PLAIN, ASKED, 4000, "any", false, false},
    {"another address", PLAIN, OTHER, PLAIN, NULL, false, false},
    {"the cookie", COOKIE, ASKED, COOKIE, NULL, true, false},
    {"no cookie", COOKIE, ASKED, COOKIE, "xxxx", false, false},
    {"empty, without the cookie", COOKIE, ASKED, COOKIE, "", false, false},
    {"a mismatch", COOKIE, ASKED, COOKIE, "no", false, false},
    {"the cookie from another port", COOKIE, ASKED, 4000, NULL, true, true},
    {"the cookie from another address", COOKIE, OTHER, COOKIE, NULL, true, true},
    {"the cookie from elsewhere", COOKIE, OTHER, 4000, NULL, true, true},
    {"the cookie of another family", COOKIE, "2001:db8::1", COOKIE, NULL, true, true},
    {"no cookie from elsewhere", COOKIE, OTHER, COOKIE, "xxxx", false, false},
    {"where it moves", MOVING, ASKED, 4000, "any", true, true},
    {"where it need not move", MOVING, ASKED, MOVING, "any", true, false},
    {"where it cannot move", MOVING, OTHER, MOVING, "any", false, false},
};

static void test_udp_datagram_counts_by_its_sender_and_cookie(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        const char *label = answers[i].label;
        struct fake fake;
        struct flow_answer answer;
        fake_init(&fake, ASKED, answers[i].question);
        struct flow flow = pending_flow(&fake);
        fake.events[0] =
            (struct event){0, answers[i].sender, answers[i].port, answers[i].bytes, false};
        fake.event_count = 1;
        enum flow_status status = advance(&fake, &flow, NS_PER_MS, &answer);
        const struct reply *reply = answer.measures.reply;
        claim_number(label, "status", status, answers[i].is_answer ? FLOW_DONE : FLOW_WAITING);
        claim_text(label, "calls", fake.calls, answers[i].is_answer ? "r" : "rrt");
        claim_true(label, "a reply", (reply != NULL) == answers[i].is_answer);
        claim_true(label, "its time", answer.measures.is_reply);
        if (reply == NULL)
            continue;
        size_t len = answers[i].bytes != NULL ? strlen(answers[i].bytes) : ANSWER_LEN;
        struct address sender = address_of(answers[i].sender, answers[i].port);
        claim_text(label, "reason", reason_name(answer.outcome.reason), "replied");
        claim_number(label, "length", reply->len, len);
        claim_number(label, "sent", (uint64_t)answer.measures.sent, 1);
        claim_number(label, "replies", (uint64_t)answer.measures.replies, 1);
        claim_text(label, "words", reply->words, answers[i].question == COOKIE ? "words" : "");
        claim_number(label, "told", address_family(&reply->from) != AF_UNSPEC,
                     answers[i].is_told);
        if (answers[i].is_told)
            claim_true(label, "from",
                       address_equals(&reply->from, &sender) &&
                           address_port(&reply->from) == answers[i].port);
        reply_drop(answer.measures.reply);
    }
}

/* One datagram is held against what has to match, once it is an answer to the question. */
static void test_udp_answer_has_to_match(void **state)
{
    static const struct {
        const char *label;
        uint16_t question;
        const char *match;
        const char *sender;
        const char *bytes;  /* NULL: with the cookie */
        const char *reason; /* NULL: it is none to the question */
        const char *words;
    } cases[] = {
        {"matches", PLAIN, "/^any$/", ASKED, "any", "matched", "any"},
        {"does not", PLAIN, "more", ASKED, "any", "mismatched", ""},
        {"empty", PLAIN, "/^$/", ASKED, "", "matched", ""},
        {"empty, and is not to be", PLAIN, "x", ASKED, "", "mismatched", ""},
        {"from elsewhere", TEXT, "any", OTHER, "any", NULL, NULL},
        {"with the cookie", COOKIE, "/^=/", ASKED, NULL, "matched", "="},
        {"with the cookie does not", COOKIE, "x\\0y", ASKED, NULL, "mismatched", "words"},
        {"without the cookie", COOKIE, "xxxx", ASKED, "xxxx", NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fake fake;
        struct flow_answer answer;
        struct matcher *matcher = NULL;
        struct matcher_fault fault;
        fake_init(&fake, ASKED, cases[i].question);
        struct flow flow = pending_flow(&fake);
        claim_error(cases[i].label, matcher_new(cases[i].match, &matcher, &fault), ERROR_NONE);
        const struct ask_options ask = {.match = matcher};
        struct flow_context context = context_of(&fake, begin);
        context.ask = &ask;
        fake.events[0] =
            (struct event){0, cases[i].sender, cases[i].question, cases[i].bytes, false};
        fake.event_count = 1;
        flow_answer_init(&answer);
        enum flow_status status = protocol_udp.advance(&flow, &context, &answer);
        const struct reply *reply = answer.measures.reply;
        bool is_answer = cases[i].reason != NULL;
        claim_number(cases[i].label, "status", status, is_answer ? FLOW_DONE : FLOW_WAITING);
        claim_true(cases[i].label, "a reply", (reply != NULL) == is_answer);
        if (is_answer) {
            claim_text(cases[i].label, "reason", reason_name(answer.outcome.reason),
                       cases[i].reason);
            claim_number(cases[i].label, "is_quoted", reply->is_quoted,
                         answer.outcome.reason == REASON_MISMATCHED);
            claim_true(cases[i].label, "words",
                       strncmp(reply->words, cases[i].words, strlen(cases[i].words)) == 0);
        }
        reply_drop(answer.measures.reply);
        matcher_free(matcher);
    }
}

/* As the user says it, be it nothing, and the same bytes again. */
static void test_udp_sends_the_text_of_the_user(void **state)
{
    static const char *const texts[] = {"PING", ""};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const struct ask_options ask = {.send = (const unsigned char *)texts[i],
                                        .send_len = strlen(texts[i]),
                                        .has_send = true};
        struct fake fake;
        struct flow flow;
        struct flow_answer answer;
        fake_init(&fake, ASKED, TEXT);
        struct flow_context context = context_of(&fake, begin);
        context.ask = &ask;
        assert_int_equal(start_at(&fake, &context, &flow, &answer), FLOW_WAITING);
        context.now_ns = begin + NS_PER_S;
        assert_int_equal(protocol_udp.advance(&flow, &context, &answer), FLOW_WAITING);
        claim_number(texts[i], "sent", fake.sends, 2);
        claim_bytes(texts[i], "bytes", (const char *)fake.sent, fake.sent_len, texts[i],
                    strlen(texts[i]));
    }
}

/* The answer stands behind a mismatch, a stranger's and an interrupt: all read in one turn. */
static void test_udp_answer_behind_other_datagrams_is_found(void **state)
{
    static const struct event events[] = {{0, ASKED, COOKIE, "no", false},
                                          {0, OTHER, COOKIE, "xxxx", false},
                                          {EINTR, NULL, 0, NULL, false},
                                          {0, ASKED, COOKIE, NULL, false}};
    struct fake fake;
    struct flow_answer answer;
    fake_init(&fake, ASKED, COOKIE);
    struct flow flow = pending_flow(&fake);
    memcpy(fake.events, events, sizeof events);
    fake.event_count = ARRAY_LEN(events);
    assert_int_equal(advance(&fake, &flow, NS_PER_MS, &answer), FLOW_DONE);
    assert_int_equal(answer.outcome.reason, REASON_REPLIED);
    assert_int_equal(answer.measures.replies, 2);
    reply_drop(answer.measures.reply);
}

/* The question comes back from where it was sent to, of which this machine is `local`. */
static const struct {
    const char *label;
    const char *local;
    uint16_t port;
    int connect_error;
    const char *statuses; /* of flows in a row: a again, d done */
    enum reason reason;
    enum remark remark;
} echoes[] = {
    {"from elsewhere", MYSELF, PLAIN, 0, "d", REASON_REPLIED, 0},
    {"from this machine", ASKED, 4000, 0, "aad", REASON_REPLIED, 0},
    {"from its own socket", ASKED, PLAIN, 0, "aad", REASON_REFUSED, REMARK_SELF_CONNECT},
    {"from who knows where", ASKED, PLAIN, ENETUNREACH, "d", REASON_REPLIED, 0},
};

static void prepare_echo(struct fake *fake, size_t i)
{
    fake_init(fake, ASKED, PLAIN);
    fake->local = address_of(echoes[i].local, echoes[i].port);
    fake->connect_error = echoes[i].connect_error;
    fake->events[0] = (struct event){.sender = ASKED, .port = PLAIN, .is_echo = true};
}

static void test_udp_question_that_comes_back_from_this_machine_is_void_at_first(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(echoes); i++) {
        struct fake fake;
        struct flow flow;
        struct flow_answer answer;
        prepare_echo(&fake, i);
        const struct flow_context context = context_of(&fake, begin);
        flow_init(&flow);
        for (const char *status = echoes[i].statuses; *status != '\0'; status++) {
            assert_int_equal(protocol_udp.start(&flow, &context, &answer), FLOW_WAITING);
            fake.next_event = 0;
            fake.event_count = 1;
            claim_number(echoes[i].label, "status", advance(&fake, &flow, NS_PER_MS, &answer),
                         *status == 'a' ? FLOW_AGAIN : FLOW_DONE);
            protocol_udp.stop(&flow, &fake.os);
        }
        claim_text(echoes[i].label, "reason", reason_name(answer.outcome.reason),
                   reason_name(echoes[i].reason));
        claim_number(echoes[i].label, "remark", answer.outcome.remark, echoes[i].remark);
        reply_drop(answer.measures.reply);
    }
}

static void test_udp_question_that_comes_back_at_last_is_judged_at_once(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(echoes); i++) {
        struct fake fake;
        struct flow_answer answer;
        prepare_echo(&fake, i);
        struct flow flow = pending_flow(&fake);
        const struct flow_context context = context_of(&fake, begin + 5 * NS_PER_S);
        fake.event_count = 1;
        flow_answer_init(&answer);
        claim_number(echoes[i].label, "status", protocol_udp.expire(&flow, &context, &answer),
                     FLOW_DONE);
        claim_text(echoes[i].label, "reason", reason_name(answer.outcome.reason),
                   reason_name(echoes[i].reason));
        reply_drop(answer.measures.reply);
    }
}

/* Rejections */

enum { FAILS = 1u << 0, MUTE = 1u << 1, OWN = 1u << 2, NO_ICMP = 1u << 3, IPV6 = 1u << 4 };

/* What receive() fails with, if it FAILS, and the report behind it. */
static const struct {
    const char *label;
    unsigned how;
    int error;
    const char *sender;
    uint8_t type;
    uint8_t code;
    const char *target; /* of the report; NULL: unknown */
    uint16_t port;
    enum flow_status status;
    enum reason reason;
} rejections[] = {
    {"port unreachable", FAILS, ECONNREFUSED, ASKED, 3, 3, ASKED, PLAIN, FLOW_DONE,
     REASON_REFUSED},
    {"before the error is set", 0, ECONNREFUSED, ASKED, 3, 3, ASKED, PLAIN, FLOW_DONE,
     REASON_REFUSED},
    {"of an unknown target", FAILS, ECONNREFUSED, ASKED, 3, 3, NULL, 0, FLOW_DONE,
     REASON_REFUSED},
    {"host unreachable", FAILS, EHOSTUNREACH, ROUTER, 3, 1, ASKED, PLAIN, FLOW_DONE,
     REASON_UNREACHABLE},
    {"3/10", FAILS, EHOSTUNREACH, ROUTER, 3, 10, ASKED, PLAIN, FLOW_DONE, REASON_PROHIBITED},
    {"3/13", FAILS, EHOSTUNREACH, ROUTER, 3, 13, ASKED, PLAIN, FLOW_DONE, REASON_PROHIBITED},
    {"IPv6, 1/4", FAILS | IPV6, ECONNREFUSED, "2001:db8::1", 1, 4, "2001:db8::1", PLAIN,
     FLOW_DONE, REASON_REFUSED},
    {"IPv6, 1/1", FAILS | IPV6, EACCES, "2001:db8::9", 1, 1, "2001:db8::1", PLAIN, FLOW_DONE,
     REASON_PROHIBITED},
    {"no neighbour", FAILS | OWN, EHOSTUNREACH, MYSELF, 3, 1, ASKED, PLAIN, FLOW_DONE,
     REASON_UNREACHABLE},
    {"loopback", FAILS | OWN, ECONNREFUSED, "127.0.0.2", 3, 3, ASKED, PLAIN, FLOW_DONE,
     REASON_REFUSED},
    {"without ICMP", FAILS | OWN | NO_ICMP, ENETUNREACH, ASKED, 0, 0, ASKED, PLAIN, FLOW_DONE,
     REASON_UNREACHABLE},
    {"another address", FAILS, ECONNREFUSED, OTHER, 3, 3, OTHER, PLAIN, FLOW_WAITING, 0},
    {"another port", FAILS, ECONNREFUSED, ASKED, 3, 3, ASKED, 4000, FLOW_WAITING, 0},
    {"too large", FAILS, EMSGSIZE, ROUTER, 3, 4, ASKED, PLAIN, FLOW_WAITING, 0},
    {"no report", FAILS, ECONNREFUSED, NULL, 0, 0, NULL, 0, FLOW_WAITING, 0},
    {"no reports at all, and nothing there", MUTE, 0, NULL, 0, 0, NULL, 0, FLOW_WAITING, 0},
    {"no reports at all", FAILS | MUTE, ECONNREFUSED, NULL, 0, 0, NULL, 0, FLOW_DONE,
     REASON_REFUSED},
};

static void prepare_rejection(struct fake *fake, size_t i)
{
    struct os_report *report = &fake->reports[0];
    fake->is_mute = (rejections[i].how & MUTE) != 0;
    fake->events[0].error = rejections[i].error;
    fake->event_count = (rejections[i].how & FAILS) != 0;
    if (rejections[i].sender == NULL)
        return;
    fake->report_count = 1;
    report->error = rejections[i].error;
    if (rejections[i].target != NULL)
        report->target = address_of(rejections[i].target, rejections[i].port);
    report->icmp.is_set = (rejections[i].how & NO_ICMP) == 0;
    report->icmp.type = rejections[i].type;
    report->icmp.code = rejections[i].code;
    report->icmp.sender = address_of(rejections[i].sender, 0);
}

static void test_udp_rejection_counts_if_it_is_about_the_question(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rejections); i++) {
        const char *label = rejections[i].label;
        struct fake fake;
        struct flow_answer answer;
        fake_init(&fake, (rejections[i].how & IPV6) != 0 ? "2001:db8::1" : ASKED, PLAIN);
        struct flow flow = pending_flow(&fake);
        prepare_rejection(&fake, i);
        claim_number(label, "status", advance(&fake, &flow, NS_PER_MS, &answer),
                     rejections[i].status);
        if (rejections[i].status == FLOW_WAITING)
            continue;
        claim_text(label, "reason", reason_name(answer.outcome.reason),
                   reason_name(rejections[i].reason));
        claim_number(label, "error", (uint64_t)answer.outcome.error,
                     (uint64_t)rejections[i].error);
        claim_number(label, "own", answer.outcome.is_own, (rejections[i].how & OWN) != 0);
        claim_number(label, "ICMP", answer.outcome.icmp.is_set, fake.reports[0].icmp.is_set);
        claim_number(label, "code", answer.outcome.icmp.code, rejections[i].code);
    }
}

/* A rejection of another question comes before the answer. */
static void test_udp_stale_rejection_keeps_no_answer_back(void **state)
{
    struct fake fake;
    struct flow_answer answer;
    fake_init(&fake, ASKED, PLAIN);
    struct flow flow = pending_flow(&fake);
    fake.events[0].error = ECONNREFUSED;
    fake.events[1] = (struct event){0, ASKED, PLAIN, "any", false};
    fake.event_count = 2;
    fake.reports[0] = (struct os_report){.error = ECONNREFUSED, .target = address_of(OTHER, 1)};
    fake.report_count = 1;
    assert_int_equal(advance(&fake, &flow, NS_PER_MS, &answer), FLOW_DONE);
    assert_int_equal(answer.outcome.reason, REASON_REPLIED);
    assert_string_equal(fake.calls, "rttr");
    reply_drop(answer.measures.reply);
}

/* Time */

/* Advanced when it wants to be, or `late_ms` later: when is it sent, since the first time? */
static void test_udp_is_sent_at_0_1_and_3_seconds(void **state)
{
    static const struct {
        const char *label;
        const struct ask_options *ask;
        int64_t late_ms;
        unsigned sent;
        int64_t wakes_ms[3]; /* 0: never */
    } cases[] = {
        {"in time", &resent, 0, 3, {1000, 3000, 0}},
        {"a little late", &resent, 900, 3, {1000, 3000, 0}},
        {"so late that the next one is due", &resent, 2000, 2, {1000, 0, 0}},
        {"once", &once, 0, 1, {0, 0, 0}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fake fake;
        struct flow flow;
        struct flow_answer answer;
        fake_init(&fake, ASKED, COOKIE);
        struct flow_context context = context_of(&fake, begin);
        context.ask = cases[i].ask;
        assert_int_equal(start_at(&fake, &context, &flow, &answer), FLOW_WAITING);
        for (size_t n = 0; n < ARRAY_LEN(cases[i].wakes_ms); n++) {
            int64_t wake_ms = cases[i].wakes_ms[n];
            claim_true(cases[i].label, "next time",
                       flow.wake_ns == (wake_ms > 0 ? begin + wake_ms * NS_PER_MS : NEVER_NS));
            if (wake_ms == 0)
                break;
            context.now_ns = flow.wake_ns + cases[i].late_ms * NS_PER_MS;
            assert_int_equal(protocol_udp.advance(&flow, &context, &answer), FLOW_WAITING);
        }
        claim_number(cases[i].label, "sent", fake.sends, cases[i].sent);
        claim_number(cases[i].label, "counted", flow.sent, cases[i].sent);
        claim_number(cases[i].label, "told", (uint64_t)answer.measures.sent, cases[i].sent);
    }
}

/* What has come is read before it is sent again. */
static void test_udp_answer_that_is_there_keeps_it_from_being_sent_again(void **state)
{
    struct fake fake;
    struct flow_answer answer;
    fake_init(&fake, ASKED, PLAIN);
    struct flow flow = pending_flow(&fake);
    fake.events[0] = (struct event){0, ASKED, PLAIN, "any", false};
    fake.event_count = 1;
    assert_int_equal(advance(&fake, &flow, NS_PER_S, &answer), FLOW_DONE);
    assert_string_equal(fake.calls, "r");
    reply_drop(answer.measures.reply);
}

/* The first one has left: what keeps the second one here ends nothing. */
static void test_udp_that_cannot_be_sent_again_is_still_awaited(void **state)
{
    static const int errors[] = {ENOBUFS, ENETUNREACH, EPERM};
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        struct fake fake;
        struct flow_answer answer;
        fake_init(&fake, ASKED, PLAIN);
        struct flow flow = pending_flow(&fake);
        fake.send_error = errors[i];
        assert_int_equal(advance(&fake, &flow, NS_PER_S, &answer), FLOW_WAITING);
        assert_int_equal(flow.sent, 1);
        assert_true(flow.wake_ns == begin + 3 * NS_PER_S);
        fake.reports[0] =
            (struct os_report){.error = EHOSTUNREACH, .target = address_of(ASKED, PLAIN)};
        fake.report_count = 1;
        assert_int_equal(advance(&fake, &flow, 3 * NS_PER_S, &answer), FLOW_DONE);
        assert_int_equal(answer.outcome.reason, REASON_UNREACHABLE);
    }
}

/* Floods and the deadline */

static void test_udp_flood_is_read_in_parts(void **state)
{
    struct fake fake;
    struct flow_answer answer;
    fake_init(&fake, ASKED, PLAIN);
    struct flow flow = pending_flow(&fake);
    fake.floods = 1000000;
    assert_int_equal(advance(&fake, &flow, NS_PER_MS, &answer), FLOW_WAITING);
    assert_in_range(fake.receives, 16, 256);
    assert_int_equal(answer.measures.replies, 0);
}

/* At most so many small datagrams does a receive buffer hold. */
enum { BUFFER = 277 };

static void test_udp_last_look_finds_what_has_come(void **state)
{
    static const struct {
        const char *label;
        size_t floods;
        bool has_answer;
        bool is_quiet;
        int64_t lost;
        enum flow_status status;
        enum reason reason;
    } cases[] = {
        {"silent", 0, false, false, 0, FLOW_DONE, REASON_TIMEOUT},
        {"select() found nothing", 0, true, true, 0, FLOW_DONE, REASON_TIMEOUT},
        {"answered meanwhile", 0, true, false, 0, FLOW_DONE, REASON_REPLIED},
        {"behind a full buffer", BUFFER, true, false, 0, FLOW_DONE, REASON_REPLIED},
        {"lost for want of room", BUFFER, false, false, 1, FLOW_VOID, REASON_TIMEOUT},
        {"lost, and answered", BUFFER, true, false, 1, FLOW_DONE, REASON_REPLIED},
        {"loss unknown", 0, false, false, -1, FLOW_DONE, REASON_TIMEOUT},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fake fake;
        struct flow_answer answer;
        fake_init(&fake, ASKED, PLAIN);
        struct flow flow = pending_flow(&fake);
        fake.floods = cases[i].floods;
        fake.events[0] = (struct event){0, ASKED, PLAIN, "any", false};
        fake.event_count = cases[i].has_answer;
        fake.lost = cases[i].lost;
        struct flow_context context = context_of(&fake, begin + 5 * NS_PER_S);
        context.is_quiet = cases[i].is_quiet;
        flow_answer_init(&answer);
        claim_number(cases[i].label, "status", protocol_udp.expire(&flow, &context, &answer),
                     cases[i].status);
        claim_text(cases[i].label, "reason", reason_name(answer.outcome.reason),
                   reason_name(cases[i].reason));
        claim_number(cases[i].label, "sent", (uint64_t)answer.measures.sent, 1);
        reply_drop(answer.measures.reply);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_udp_start_tells_the_end_and_whether_it_is_a_shortage),
        cmocka_unit_test(test_udp_datagram_counts_by_its_sender_and_cookie),
        cmocka_unit_test(test_udp_answer_has_to_match),
        cmocka_unit_test(test_udp_sends_the_text_of_the_user),
        cmocka_unit_test(test_udp_answer_behind_other_datagrams_is_found),
        cmocka_unit_test(test_udp_question_that_comes_back_from_this_machine_is_void_at_first),
        cmocka_unit_test(test_udp_question_that_comes_back_at_last_is_judged_at_once),
        cmocka_unit_test(test_udp_rejection_counts_if_it_is_about_the_question),
        cmocka_unit_test(test_udp_stale_rejection_keeps_no_answer_back),
        cmocka_unit_test(test_udp_is_sent_at_0_1_and_3_seconds),
        cmocka_unit_test(test_udp_answer_that_is_there_keeps_it_from_being_sent_again),
        cmocka_unit_test(test_udp_that_cannot_be_sent_again_is_still_awaited),
        cmocka_unit_test(test_udp_flood_is_read_in_parts),
        cmocka_unit_test(test_udp_last_look_finds_what_has_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
