/*
 * What talk.c makes of a connection: the question, the bytes that come back in any pieces, and
 * the end. What the handshake before it comes to is handshake.c's: test_handshake.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/protocol.h"
#include "netcheck/probe/question.h"
#include "tls_answers.h"

/* Text with \0 in it, and how much that is. */
#define BYTES(text) (text), sizeof(text) - 1

static const int64_t begin = 1000 * NS_PER_S; /* any point in time */

enum { FD = 7, SENT_SIZE = 2048 };

/* What one receive() gives: bytes, or an errno; the end where there are neither. */
struct piece {
    const char *bytes;
    size_t len;
    int error;
};

/*
 * A scripted operating system. It is connected at once. What is not in the script of receive()
 * or send() is EAGAIN, and everything is taken.
 */
struct fake {
    struct os os;
    int pending_error;
    struct os_connection connection;
    struct address peer;
    struct address local;
    const struct piece *pieces; /* each for one receive(); those with EAGAIN end a step */
    size_t count;
    const int *send_errors; /* 0: one byte is taken */
    size_t send_count;
    char sent[SENT_SIZE];
    size_t sent_len;
    unsigned reports; /* times take_icmp() was called */
    unsigned closes;
};

static int fake_open(void *self, enum os_socket kind, int family, int *fd)
{
    (void)self;
    assert_int_equal(kind, OS_TCP);
    *fd = FD;
    return 0;
}

static int fake_connect(void *self, int fd, const struct address *address)
{
    return EINPROGRESS;
}

static void fake_connection(void *self, int fd, struct os_connection *connection)
{
    struct fake *fake = self;
    *connection = fake->connection;
}

static int fake_local(void *self, int fd, struct address *address)
{
    struct fake *fake = self;
    *address = fake->local;
    return 0;
}

static int fake_take_error(void *self, int fd)
{
    struct fake *fake = self;
    int error = fake->pending_error;
    fake->pending_error = 0;
    return error;
}

static bool fake_take_icmp(void *self, int fd, struct icmp *icmp)
{
    struct fake *fake = self;
    fake->reports++;
    return false;
}

static bool fake_tells_icmp(void *self)
{
    return true;
}

static int fake_send(void *self, int fd, struct os_outgoing *outgoing)
{
    struct fake *fake = self;
    assert_int_equal(fd, FD);
    assert_null(outgoing->to);
    outgoing->taken = 0;
    size_t take = outgoing->len;
    if (fake->send_count > 0) {
        int error = *fake->send_errors;
        fake->send_errors++;
        fake->send_count--;
        if (error != 0)
            return error;
        take = 1;
    }
    assert_true(fake->sent_len + take <= SENT_SIZE);
    memcpy(fake->sent + fake->sent_len, outgoing->bytes, take);
    fake->sent_len += take;
    outgoing->taken = take;
    return 0;
}

static int fake_receive(void *self, int fd, struct os_message *message)
{
    struct fake *fake = self;
    assert_int_equal(fd, FD);
    if (fake->count == 0)
        return EAGAIN;
    const struct piece *piece = fake->pieces++;
    fake->count--;
    if (piece->error != 0)
        return piece->error;
    assert_true(piece->len <= message->size);
    message->len = piece->len;
    if (piece->len > 0)
        memcpy(message->bytes, piece->bytes, piece->len);
    return 0;
}

static void fake_close(void *self, int fd)
{
    struct fake *fake = self;
    assert_int_equal(fd, FD);
    fake->closes++;
}

static struct address address_of(const char *text, uint16_t port)
{
    struct address address;
    assert_true(address_parse(text, strlen(text), &address));
    address_set_port(&address, port);
    return address;
}

static void fake_init(struct fake *fake)
{
    memset(fake, 0, sizeof *fake);
    fake->os.self = fake;
    fake->os.open = fake_open;
    fake->os.connect = fake_connect;
    fake->os.connection = fake_connection;
    fake->os.local = fake_local;
    fake->os.take_error = fake_take_error;
    fake->os.take_icmp = fake_take_icmp;
    fake->os.tells_icmp = fake_tells_icmp;
    fake->os.send = fake_send;
    fake->os.receive = fake_receive;
    fake->os.close = fake_close;
    fake->connection = (struct os_connection){
        .is_established = true, .is_acknowledged = true, .rtt_ns = 20 * NS_PER_MS};
    fake->peer = address_of("192.0.2.1", 443);
    fake->local = address_of("192.0.2.9", 50000);
}

/* One flow, and what there is to ask with. */
struct scene {
    struct fake fake;
    struct flow flow;
    struct flow_answer answer;
    struct target *target;
    struct endpoint endpoint;
    struct ask_options ask;
    struct siphash_key secret;
    struct os_origin origin;
};

static struct flow_context context_of(struct scene *scene, int64_t now_ns)
{
    return (struct flow_context){.os = &scene->fake.os,
                                 .origin = &scene->origin,
                                 .address = &scene->fake.peer,
                                 .endpoint = &scene->endpoint,
                                 .ask = &scene->ask,
                                 .secret = &scene->secret,
                                 .now_ns = now_ns};
}

/* A flow to `target` that is connecting since `begin`. */
static void scene_begin(struct scene *scene, const char *target)
{
    struct fault fault;
    memset(scene, 0, sizeof *scene);
    fake_init(&scene->fake);
    assert_int_equal(target_parse(target, strlen(target), &scene->target, &fault), ERROR_NONE);
    scene->endpoint = (struct endpoint){
        .target = scene->target, .port = 443, .protocol = scene->target->protocol};
    flow_init(&scene->flow);
    flow_answer_init(&scene->answer);
    const struct flow_context context = context_of(scene, begin);
    assert_int_equal(protocol_tls.start(&scene->flow, &context, &scene->answer), FLOW_WAITING);
}

static void scene_end(struct scene *scene)
{
    protocol_tls.stop(&scene->flow, &scene->fake.os);
    assert_int_equal(scene->fake.closes, 1);
    assert_null(scene->flow.state.talk.answer.bytes);
    reply_drop(scene->answer.measures.reply);
    target_drop(scene->target);
}

static enum flow_status advance(struct scene *scene, int64_t now_ns)
{
    const struct flow_context context = context_of(scene, now_ns);
    flow_answer_init(&scene->answer);
    return protocol_tls.advance(&scene->flow, &context, &scene->answer);
}

static enum flow_status expire(struct scene *scene)
{
    const struct flow_context context = context_of(scene, begin + NS_PER_S);
    flow_answer_init(&scene->answer);
    return protocol_tls.expire(&scene->flow, &context, &scene->answer);
}

/* It is connected, 30 ms after it began, and the question is out. */
static void ask(struct scene *scene)
{
    scene_begin(scene, "tls://db.example.com:443");
    assert_int_equal(advance(scene, begin + 30 * NS_PER_MS), FLOW_WAITING);
    assert_int_equal(scene->flow.events, FLOW_READABLE);
    assert_true(scene->flow.wake_ns == NEVER_NS);
}

/* The question */

/* Where the server name stands in what was sent; "" where it does not. */
static void claim_server_name(struct scene *scene, const char *label, const char *name)
{
    char extension[300];
    size_t len = strlen(name);
    int size = snprintf(extension, sizeof extension, "%c%c%c%c%c%s", (char)((len + 3) >> 8),
                        (char)(len + 3), 0, (char)(len >> 8), (char)len, name);
    bool has_name = false;
    for (size_t at = 0; len > 0 && at + (size_t)size <= scene->fake.sent_len; at++)
        has_name |= memcmp(scene->fake.sent + at, extension, (size_t)size) == 0;
    claim_true(label, "server name", has_name == (len > 0));
    if (len == 0)
        claim_true(label, "as long as without a name", scene->fake.sent_len < 190);
}

static void test_tls_names_the_host_or_what_the_user_says(void **state)
{
    static const struct {
        const char *target;
        const char *server_name;
        const char *name;
    } rows[] = {
        {"tls://db.example.com:443", NULL, "db.example.com"},
        {"tls://db.example.com.:443", NULL, "db.example.com"},
        {"tls://192.0.2.1:443", NULL, ""},
        {"tls://[2001:db8::1]:443", NULL, ""},
        {"tls://192.0.2.0/24:443", NULL, ""},
        {"tls://192.0.2.1:443", "www.example.com", "www.example.com"},
        {"tls://db.example.com:443", "www.example.com.", "www.example.com"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct scene scene;
        scene_begin(&scene, rows[i].target);
        scene.ask.server_name = rows[i].server_name;
        claim_number(rows[i].target, "step", advance(&scene, begin + 1), FLOW_WAITING);
        claim_server_name(&scene, rows[i].target, rows[i].name);
        scene_end(&scene);
    }
}

static void test_tls_sends_the_rest_when_the_system_takes_it(void **state)
{
    static const struct {
        const char *label;
        int error;
        unsigned events;
        bool is_timed;
    } rows[] = {
        {"EAGAIN", EAGAIN, FLOW_READABLE | FLOW_WRITABLE, false},
        {"ENOBUFS", ENOBUFS, 0, true},
        {"EHOSTUNREACH, which was of another packet", EHOSTUNREACH, 0, true},
    };
    struct scene whole;
    ask(&whole);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const int errors[] = {rows[i].error, 0, 0, rows[i].error};
        struct scene scene;
        scene_begin(&scene, "tls://db.example.com:443");
        scene.fake.send_errors = errors;
        scene.fake.send_count = ARRAY_LEN(errors);
        for (size_t step = 0; step < 2; step++) {
            claim_number(rows[i].label, "step", advance(&scene, begin + NS_PER_MS),
                         FLOW_WAITING);
            claim_number(rows[i].label, "bytes", scene.fake.sent_len, step * 2);
            claim_number(rows[i].label, "events", scene.flow.events, rows[i].events);
            claim_true(rows[i].label, "pause of a millisecond and more",
                       rows[i].is_timed ? scene.flow.wake_ns >= begin + 2 * NS_PER_MS
                                        : scene.flow.wake_ns == NEVER_NS);
        }
        claim_number(rows[i].label, "last step", advance(&scene, begin + NS_PER_S),
                     FLOW_WAITING);
        claim_number(rows[i].label, "events", scene.flow.events, FLOW_READABLE);
        claim_bytes(rows[i].label, "question", scene.fake.sent, scene.fake.sent_len,
                    whole.fake.sent, whole.fake.sent_len);
        scene_end(&scene);
    }
    scene_end(&whole);
}

/* Answers */

#define AGAIN                          \
    {                                  \
        .bytes = NULL, .error = EAGAIN \
    }
#define END           \
    {                 \
        .bytes = NULL \
    }

static const struct answer_row {
    const char *label;
    struct piece pieces[4];
    size_t count;
    size_t waits; /* steps after which it still waits */
    enum reason reason;
    int error;
    const char *words; /* NULL: there is no reply */
    const char *reply; /* how its bytes begin */
} rows[] = {
    {"nginx", {{BYTES(nginx_answer), 0}}, 1, 0, REASON_REPLIED, 0, "TLS 1.2", "\x16\3\3"},
    {"in two reads of a step",
     {{nginx_answer, 100, 0}, {nginx_answer + 100, sizeof nginx_answer - 101, 0}},
     2,
     0,
     REASON_REPLIED,
     0,
     "TLS 1.2",
     "\x16\3\3"},
    {"in two steps",
     {{nginx_answer, 100, 0}, AGAIN, {nginx_answer + 100, sizeof nginx_answer - 101, 0}},
     3,
     1,
     REASON_REPLIED,
     0,
     "TLS 1.2",
     "\x16\3\3"},
    {"cut by the end",
     {{nginx_answer, 100, 0}, AGAIN, END},
     3,
     1,
     REASON_REPLIED,
     0,
     "TLS 1.2, certificate unknown",
     "\x16\3\3"},
    {"cut by a reset",
     {{nginx_answer, 100, 0}, {NULL, 0, ECONNRESET}},
     2,
     0,
     REASON_REPLIED,
     0,
     "TLS 1.2, certificate unknown",
     "\x16\3\3"},
    {"a line of something else",
     {{BYTES("HTTP/1.1 400 Bad Request\r\n"), 0}},
     1,
     0,
     REASON_MISMATCHED,
     0,
     "not TLS",
     "HTTP/1.1 400 Bad Request\r\n"},
    {"something else in pieces",
     {{BYTES("H"), 0}, AGAIN, {BYTES("TTP/1.1"), 0}},
     3,
     1,
     REASON_MISMATCHED,
     0,
     "not TLS",
     "HTTP/1.1"},
    {"something else without more",
     {{BYTES("220"), 0}},
     1,
     1,
     REASON_MISMATCHED,
     0,
     "not TLS",
     "220"},
    {"something else, and the end",
     {{BYTES("no"), 0}, END},
     2,
     0,
     REASON_MISMATCHED,
     0,
     "not TLS",
     "no"},
    {"something else, and a reset",
     {{BYTES("no"), 0}, {NULL, 0, ECONNRESET}},
     2,
     0,
     REASON_MISMATCHED,
     0,
     "not TLS",
     "no"},
    {"the end", {END}, 1, 0, REASON_CLOSED, 0, NULL, NULL},
    {"the end after a part", {{BYTES("\x16\3"), 0}, END}, 2, 0, REASON_CLOSED, 0, "", "\x16\3"},
    {"a reset", {{NULL, 0, ECONNRESET}}, 1, 0, REASON_CLOSED, ECONNRESET, NULL, NULL},
    {"a reset, as EPIPE", {{NULL, 0, EPIPE}}, 1, 0, REASON_CLOSED, EPIPE, NULL, NULL},
    {"the system gave up", {{NULL, 0, ETIMEDOUT}}, 1, 0, REASON_TIMEOUT, ETIMEDOUT, NULL, NULL},
};

static void claim_reply(const struct answer_row *row, const struct reply *reply)
{
    claim_true(row->label, "reply", (reply != NULL) == (row->words != NULL));
    if (reply == NULL)
        return;
    size_t len = strlen(row->reply);
    claim_text(row->label, "words", reply->words, row->words);
    claim_bytes(row->label, "bytes", (const char *)reply->bytes, len, row->reply, len);
}

/* Each step is at the time that the flow waits for, or 10 ms later. An answer is as old as its
   last byte, without what is only waited for to be quoted. */
static void test_tls_reads_until_it_knows(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct scene scene;
        ask(&scene);
        scene.fake.pieces = rows[i].pieces;
        scene.fake.count = rows[i].count;
        int64_t now_ns = begin + 40 * NS_PER_MS;
        int64_t heard_ns = now_ns;
        for (size_t step = 0; step < rows[i].waits; step++) {
            claim_number(rows[i].label, "step", advance(&scene, now_ns), FLOW_WAITING);
            claim_true(rows[i].label, "no reply yet", scene.answer.measures.reply == NULL);
            now_ns =
                scene.flow.wake_ns != NEVER_NS ? scene.flow.wake_ns : now_ns + 10 * NS_PER_MS;
            bool is_more = scene.fake.count > 0 && scene.fake.pieces->len > 0 &&
                           scene.flow.state.talk.stage != TALK_QUOTING;
            heard_ns = is_more ? now_ns : heard_ns;
        }
        claim_number(rows[i].label, "last step", advance(&scene, now_ns), FLOW_DONE);
        claim_number(rows[i].label, "reason", scene.answer.outcome.reason, rows[i].reason);
        claim_number(rows[i].label, "error", (uint64_t)scene.answer.outcome.error,
                     (uint64_t)rows[i].error);
        claim_reply(&rows[i], scene.answer.measures.reply);
        claim_number(rows[i].label, "handshake", (uint64_t)scene.answer.measures.handshake_ns,
                     30 * NS_PER_MS);
        claim_number(rows[i].label, "asked", (uint64_t)scene.answer.asked_after_ns,
                     30 * NS_PER_MS);
        bool is_answer =
            rows[i].reason == REASON_REPLIED || rows[i].reason == REASON_MISMATCHED;
        claim_number(rows[i].label, "idle", (uint64_t)scene.answer.idle_ns,
                     is_answer ? (uint64_t)(now_ns - heard_ns) : 0);
        claim_true(rows[i].label, "is_reply", scene.answer.measures.is_reply);
        scene_end(&scene);
    }
}

/* A whole line, or so many bytes, or 100 ms: then nothing more is waited for. */
static void test_tls_waits_a_moment_only_for_the_rest_of_a_line(void **state)
{
    static const struct piece piece[] = {{BYTES("220 mail"), 0}};
    struct scene scene;
    ask(&scene);
    scene.fake.pieces = piece;
    scene.fake.count = 1;
    assert_int_equal(advance(&scene, begin + 40 * NS_PER_MS), FLOW_WAITING);
    assert_int_equal(scene.flow.events, 0);
    assert_true(scene.flow.wake_ns == begin + 140 * NS_PER_MS);
    scene_end(&scene);
}

/* nats says what it is before it says that it takes no more clients. */
static void test_talk_provisional_answer_is_judged_again_after_a_moment(void **state)
{
    static const struct piece pieces[] = {
        {BYTES("INFO {} \r\n"), 0}, {BYTES("-ERR 'maximum connections exceeded'\r\n"), 0}};
    static const enum reason reasons[] = {REASON_READY, REASON_NOT_READY};
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        struct scene scene;
        ask(&scene);
        scene.endpoint.protocol = PROTOCOL_TCP;
        scene.endpoint.port = 4222;
        scene.ask.is_ready = true;
        scene.fake.pieces = pieces;
        scene.fake.count = 1;
        assert_int_equal(advance(&scene, begin + 40 * NS_PER_MS), FLOW_WAITING);
        assert_true(scene.flow.wake_ns == begin + 140 * NS_PER_MS);
        assert_null(scene.answer.measures.reply);
        scene.fake.count = i;
        assert_int_equal(advance(&scene, begin + 140 * NS_PER_MS), FLOW_DONE);
        assert_int_equal(scene.answer.outcome.reason, reasons[i]);
        scene_end(&scene);
    }
}

static void test_tls_wake_up_without_news_is_followed_by_a_pause(void **state)
{
    struct scene scene;
    ask(&scene);
    assert_int_equal(advance(&scene, begin + 40 * NS_PER_MS), FLOW_WAITING);
    assert_int_equal(scene.fake.reports, 1);
    assert_int_equal(scene.flow.events, 0);
    assert_true(scene.flow.wake_ns >= begin + 41 * NS_PER_MS);
    assert_int_equal(advance(&scene, scene.flow.wake_ns), FLOW_WAITING);
    assert_int_equal(scene.flow.events, FLOW_READABLE);
    assert_true(scene.flow.wake_ns == NEVER_NS);
    scene_end(&scene);
}

/* More than it keeps: the judge has to do with what there is. */
static void test_tls_reads_no_more_than_it_keeps(void **state)
{
    static char records[4096];
    struct piece pieces[17];
    struct scene scene;
    ask(&scene);
    for (size_t i = 0; i + 5 <= sizeof records; i += 8)
        memcpy(records + i, "\x16\3\3\0\3\0\0\0", 8);
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++)
        pieces[i] = (struct piece){records, sizeof records, 0};
    scene.fake.pieces = pieces;
    scene.fake.count = ARRAY_LEN(pieces);
    assert_int_equal(advance(&scene, begin + 40 * NS_PER_MS), FLOW_DONE);
    assert_int_equal(scene.fake.count, 1);
    assert_int_equal(scene.answer.outcome.reason, REASON_MISMATCHED);
    assert_int_equal(scene.answer.measures.reply->len, STREAM_MAX);
    scene_end(&scene);
}

/* What the user sends and awaits: the same talk with the question `text`. */

struct text_ask {
    const char *send; /* NULL: nothing */
    const char *match;
    struct piece pieces[4];
    size_t count;
    size_t waits;
    bool is_last; /* the last step is at the deadline */
    enum reason reason;
    enum remark remark;
    const char *words; /* NULL: there is no reply */
    bool is_quoted;
    size_t len; /* bytes of the reply */
};

static const struct text_row {
    const char *label;
    struct text_ask is;
} texts[] = {
    {"a banner that matches",
     {NULL,
      "220",
      {{BYTES("220 mail\r\n"), 0}},
      1,
      0,
      false,
      REASON_MATCHED,
      REMARK_NONE,
      "220 mail",
      false,
      10}},
    {"in pieces",
     {"QUIT\r\n",
      "/^221/",
      {{BYTES("220\r\n2"), 0}, AGAIN, {BYTES("21"), 0}},
      3,
      1,
      false,
      REASON_MATCHED,
      REMARK_NONE,
      "221",
      false,
      8}},
    {"not yet",
     {NULL,
      "221",
      {{BYTES("220\r\n"), 0}},
      1,
      1,
      true,
      REASON_MISMATCHED,
      REMARK_NONE,
      "",
      true,
      5}},
    {"another, and the end",
     {NULL,
      "221",
      {{BYTES("220\r\n"), 0}, END},
      2,
      0,
      false,
      REASON_MISMATCHED,
      REMARK_NONE,
      "",
      true,
      5}},
    {"another, and a reset",
     {NULL,
      "221",
      {{BYTES("2"), 0}, {NULL, 0, ECONNRESET}},
      2,
      0,
      false,
      REASON_MISMATCHED,
      REMARK_NONE,
      "",
      true,
      1}},
    {"a match, and a reset",
     {NULL,
      "2",
      {{BYTES("2"), 0}, {NULL, 0, ECONNRESET}},
      2,
      0,
      false,
      REASON_MATCHED,
      REMARK_NONE,
      "2",
      false,
      1}},
    {"a line's end that the end is",
     {NULL,
      "/^2$/",
      {{BYTES("2"), 0}, AGAIN, END},
      3,
      1,
      false,
      REASON_MATCHED,
      REMARK_NONE,
      "2",
      false,
      1}},
    {"the end alone",
     {NULL, "2", {END}, 1, 0, false, REASON_CLOSED, REMARK_NONE, NULL, false, 0}},
    {"nothing", {"x", "2", {AGAIN}, 1, 1, true, REASON_TIMEOUT, REMARK_SILENT, NULL, false, 0}},
    {"any answer",
     {"PING\r\n",
      NULL,
      {{BYTES("+PONG\r\n"), 0}},
      1,
      0,
      false,
      REASON_REPLIED,
      REMARK_NONE,
      "",
      true,
      7}},
    {"any answer, in pieces",
     {"PING\r\n",
      NULL,
      {{BYTES("+P"), 0}, AGAIN, {BYTES("ONG"), 0}},
      3,
      1,
      false,
      REASON_REPLIED,
      REMARK_NONE,
      "",
      true,
      5}},
    {"any answer at the deadline",
     {"x", NULL, {{BYTES("y"), 0}}, 1, 0, true, REASON_REPLIED, REMARK_NONE, "", true, 1}},
    {"any answer to nothing",
     {"", NULL, {{BYTES("hi\n"), 0}}, 1, 0, false, REASON_REPLIED, REMARK_NONE, "", true, 3}},
};

static void ask_text(struct scene *scene, const struct text_ask *row)
{
    struct matcher *matcher = NULL;
    struct matcher_fault fault;
    scene_begin(scene, "192.0.2.1:443");
    if (row->match != NULL)
        assert_int_equal(matcher_new(row->match, &matcher, &fault), ERROR_NONE);
    scene->ask.match = matcher;
    scene->ask.has_send = row->send != NULL;
    scene->ask.send = (const unsigned char *)row->send;
    scene->ask.send_len = row->send != NULL ? strlen(row->send) : 0;
    scene->fake.pieces = row->pieces;
    scene->fake.count = 0;
    assert_int_equal(advance(scene, begin + 30 * NS_PER_MS), FLOW_WAITING);
    scene->fake.count = row->count;
}

static void claim_text_reply(const struct text_row *row, const struct reply *reply)
{
    claim_true(row->label, "reply", (reply != NULL) == (row->is.words != NULL));
    if (reply == NULL)
        return;
    claim_text(row->label, "words", reply->words, row->is.words);
    claim_number(row->label, "is_quoted", reply->is_quoted, row->is.is_quoted);
    claim_number(row->label, "bytes", reply->len, row->is.len);
}

static void test_talk_holds_an_answer_against_what_the_user_awaits(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const char *label = texts[i].label;
        const char *send = texts[i].is.send != NULL ? texts[i].is.send : "";
        struct scene scene;
        int64_t now_ns = begin + 40 * NS_PER_MS;
        ask_text(&scene, &texts[i].is);
        claim_bytes(label, "sent", scene.fake.sent, scene.fake.sent_len, send, strlen(send));
        for (size_t step = 0; step < texts[i].is.waits; step++) {
            claim_number(label, "step", advance(&scene, now_ns), FLOW_WAITING);
            now_ns =
                scene.flow.wake_ns != NEVER_NS ? scene.flow.wake_ns : now_ns + 10 * NS_PER_MS;
        }
        enum flow_status last = texts[i].is.is_last ? expire(&scene) : advance(&scene, now_ns);
        claim_number(label, "last step", last, FLOW_DONE);
        claim_number(label, "reason", scene.answer.outcome.reason, texts[i].is.reason);
        claim_number(label, "remark", scene.answer.outcome.remark, texts[i].is.remark);
        claim_text_reply(&texts[i], scene.answer.measures.reply);
        matcher_free((struct matcher *)scene.ask.match);
        scene_end(&scene);
    }
}

/* The deadline */

static void test_tls_silence_after_the_handshake_is_told_apart(void **state)
{
    struct scene scene;
    ask(&scene);
    assert_int_equal(expire(&scene), FLOW_DONE);
    assert_int_equal(scene.answer.outcome.reason, REASON_TIMEOUT);
    assert_int_equal(scene.answer.outcome.remark, REMARK_TLS_SILENT);
    assert_true(scene.answer.measures.handshake_ns == 30 * NS_PER_MS);
    assert_null(scene.answer.measures.reply);
    scene_end(&scene);

    scene_begin(&scene, "tls://db.example.com:443");
    scene.fake.connection.is_established = false;
    assert_int_equal(expire(&scene), FLOW_DONE);
    assert_int_equal(scene.answer.outcome.reason, REASON_TIMEOUT);
    assert_int_equal(scene.answer.outcome.remark, REMARK_NONE);
    assert_true(scene.answer.measures.handshake_ns == -1);
    scene_end(&scene);
}

/* Connected, but no time is left to ask: that is no answer. */
static void test_tls_handshake_at_the_deadline_is_a_timeout(void **state)
{
    struct scene scene;
    scene_begin(&scene, "tls://db.example.com:443");
    assert_int_equal(expire(&scene), FLOW_DONE);
    assert_int_equal(scene.answer.outcome.reason, REASON_TIMEOUT);
    assert_int_equal(scene.fake.sent_len, 0);
    scene_end(&scene);
}

/* A hello that nothing follows: how long the server took is not how long we waited. */
static void test_tls_answer_that_is_not_whole_is_as_old_as_its_last_byte(void **state)
{
    static const struct piece piece[] = {{nginx_answer, 100, 0}};
    struct scene scene;
    ask(&scene);
    scene.fake.pieces = piece;
    scene.fake.count = 1;
    assert_int_equal(advance(&scene, begin + 40 * NS_PER_MS), FLOW_WAITING);
    assert_int_equal(expire(&scene), FLOW_DONE);
    assert_int_equal(scene.answer.outcome.reason, REASON_REPLIED);
    assert_true(scene.answer.idle_ns == 960 * NS_PER_MS);
    scene_end(&scene);
}

static void test_tls_what_came_by_the_deadline_is_judged(void **state)
{
    static const struct {
        const char *label;
        struct piece piece;
        enum reason reason;
    } last[] = {
        {"the whole answer", {BYTES(nginx_answer), 0}, REASON_REPLIED},
        {"the hello alone", {nginx_answer, 100, 0}, REASON_REPLIED},
        {"a warning", {BYTES("\x15\3\3\0\2\1\x70"), 0}, REASON_REPLIED},
        {"part of a record", {BYTES("\x16\3"), 0}, REASON_TIMEOUT},
        {"part of a banner", {BYTES("220"), 0}, REASON_MISMATCHED},
        {"the end", END, REASON_CLOSED},
    };
    for (size_t i = 0; i < ARRAY_LEN(last); i++) {
        struct scene scene;
        ask(&scene);
        scene.fake.pieces = &last[i].piece;
        scene.fake.count = 1;
        claim_number(last[i].label, "step", expire(&scene), FLOW_DONE);
        claim_number(last[i].label, "reason", scene.answer.outcome.reason, last[i].reason);
        claim_true(last[i].label, "reply",
                   (scene.answer.measures.reply != NULL) == (last[i].piece.len > 0));
        scene_end(&scene);
    }
}

/* The handshake */

static void test_tls_reset_right_after_the_handshake_is_closed(void **state)
{
    struct scene scene;
    scene_begin(&scene, "tls://db.example.com:443");
    scene.fake.connection.is_established = false;
    scene.fake.pending_error = ECONNRESET;
    assert_int_equal(advance(&scene, begin + NS_PER_MS), FLOW_DONE);
    assert_int_equal(scene.answer.outcome.reason, REASON_CLOSED);
    assert_int_equal(scene.answer.outcome.remark, REMARK_RESET);
    assert_int_equal(scene.fake.sent_len, 0);
    scene_end(&scene);
}

/* A reset while it is sent: what came before may still be read. */
static void test_tls_refused_question_still_hears_what_was_said(void **state)
{
    static const int errors[] = {EPIPE};
    static const struct piece pieces[] = {{BYTES("220 go away\r\n"), 0}, {NULL, 0, ECONNRESET}};
    struct scene scene;
    scene_begin(&scene, "tls://db.example.com:443");
    scene.fake.send_errors = errors;
    scene.fake.send_count = 1;
    scene.fake.pieces = pieces;
    scene.fake.count = ARRAY_LEN(pieces);
    assert_int_equal(advance(&scene, begin + NS_PER_MS), FLOW_WAITING);
    assert_int_equal(scene.flow.events, FLOW_READABLE);
    assert_int_equal(advance(&scene, begin + 2 * NS_PER_MS), FLOW_DONE);
    assert_int_equal(scene.answer.outcome.reason, REASON_MISMATCHED);
    scene_end(&scene);
}

/* A server that greets first need not take the question. */
static void test_tls_question_that_is_not_taken_still_hears_what_is_said(void **state)
{
    (void)state;
    static const int errors[] = {EAGAIN, EAGAIN, EAGAIN, EAGAIN};
    static const struct piece greeting = {BYTES("220 go away\r\n"), 0};
    struct scene scene;
    scene_begin(&scene, "tls://db.example.com:443");
    scene.fake.send_errors = errors;
    scene.fake.send_count = ARRAY_LEN(errors);
    assert_int_equal(advance(&scene, begin + 1), FLOW_WAITING);
    assert_int_equal(scene.flow.events, FLOW_READABLE | FLOW_WRITABLE);
    assert_int_equal(advance(&scene, begin + 2), FLOW_WAITING);
    assert_int_equal(scene.flow.events, 0);
    assert_int_equal(advance(&scene, scene.flow.wake_ns), FLOW_WAITING);
    assert_int_equal(scene.flow.events, FLOW_READABLE | FLOW_WRITABLE);
    scene.fake.pieces = &greeting;
    scene.fake.count = 1;
    assert_int_equal(advance(&scene, begin + 4), FLOW_DONE);
    assert_int_equal(scene.answer.outcome.reason, REASON_MISMATCHED);
    scene_end(&scene);
}

static void test_tls_handshake_that_was_noticed_late_took_as_long_as_the_system_says(
    void **state)
{
    struct scene scene;
    scene_begin(&scene, "tls://db.example.com:443");
    assert_int_equal(advance(&scene, begin + 400 * NS_PER_MS), FLOW_WAITING);
    assert_int_equal(expire(&scene), FLOW_DONE);
    assert_true(scene.answer.measures.handshake_ns == 20 * NS_PER_MS);
    scene_end(&scene);
}

static void test_tls_flow_that_is_started_again_asks_again(void **state)
{
    struct scene scene;
    ask(&scene);
    size_t len = scene.fake.sent_len;
    protocol_tls.stop(&scene.flow, &scene.fake.os);
    scene.fake.closes = 0;
    const struct flow_context context = context_of(&scene, begin);
    assert_int_equal(protocol_tls.start(&scene.flow, &context, &scene.answer), FLOW_WAITING);
    assert_int_equal(advance(&scene, begin + NS_PER_MS), FLOW_WAITING);
    assert_int_equal(scene.fake.sent_len, 2 * len);
    scene_end(&scene);
}

/* MQTT: its question and its farewell have NULs in them. */
static void test_talk_farewell_follows_the_answer_whole(void **state)
{
    static const struct piece pieces[] = {{BYTES("\x20\2\0\0"), 0}};
    static const char sent[] = "\x10\x0c\0\4MQTT\4\2\0\x0a\0\0\xe0\0";
    struct scene scene;
    scene_begin(&scene, "mqtt://192.0.2.1");
    scene.ask.is_ready = true;
    assert_int_equal(advance(&scene, begin + NS_PER_MS), FLOW_WAITING);
    scene.fake.pieces = pieces;
    scene.fake.count = ARRAY_LEN(pieces);
    assert_int_equal(advance(&scene, begin + 2 * NS_PER_MS), FLOW_DONE);
    assert_int_equal(scene.answer.outcome.reason, REASON_READY);
    claim_bytes("mqtt", "sent", scene.fake.sent, scene.fake.sent_len, sent, sizeof sent - 1);
    scene_end(&scene);
}

/* What a service is asked on a connection: redis stands for all of it. */
static void ask_redis(struct scene *scene, int64_t hold_ns)
{
    scene_begin(scene, "redis://db.example.com");
    scene->endpoint.port = 6379;
    scene->ask.is_ready = true;
    scene->ask.hold_ns = hold_ns;
    assert_int_equal(advance(scene, begin + 30 * NS_PER_MS), FLOW_WAITING);
}

static void test_talk_without_a_verdict_in_the_end_quotes_what_came(void **state)
{
    static const struct piece part = {BYTES("+PON"), 0};
    static const struct {
        const char *label;
        struct piece pieces[2];
        size_t count;
        enum reason reason;
        enum remark remark;
        size_t len;
    } ends[] = {
        {"a part, and the deadline", {part}, 1, REASON_MISMATCHED, REMARK_NONE, 4},
        {"a part, and the end", {part, END}, 2, REASON_MISMATCHED, REMARK_NONE, 4},
        {"nothing, and the deadline", {AGAIN}, 1, REASON_TIMEOUT, REMARK_SILENT, 0},
        {"nothing, and the end", {END}, 1, REASON_CLOSED, REMARK_NONE, 0},
    };
    /* Each with a judge that knows in the end, and with one that never does: for it, what is no
       answer may be followed by one, as on a socket of datagrams. */
    for (size_t n = 0; n < 2 * ARRAY_LEN(ends); n++) {
        size_t i = n / 2;
        struct scene scene;
        ask_redis(&scene, 0);
        if (n % 2 == 1) {
            scene.ask.is_ready = false;
            scene.endpoint.protocol = PROTOCOL_UDP;
            scene.endpoint.port = 53;
        }
        scene.fake.pieces = ends[i].pieces;
        scene.fake.count = ends[i].count;
        claim_number(ends[i].label, "step", expire(&scene), FLOW_DONE);
        const struct flow_answer *answer = &scene.answer;
        const struct reply *reply = answer->measures.reply;
        claim_number(ends[i].label, "reason", answer->outcome.reason, ends[i].reason);
        claim_number(ends[i].label, "remark", answer->outcome.remark, ends[i].remark);
        claim_number(ends[i].label, "bytes", reply != NULL ? reply->len : 0, ends[i].len);
        claim_true(ends[i].label, "closed after",
                   answer->measures.closed_after_ns ==
                       (ends[i].reason == REASON_CLOSED ? 970 * NS_PER_MS : -1));
        scene_end(&scene);
    }
}

/* A judge reads it all again each time. */
static void test_talk_looks_at_a_long_answer_each_10_ms_only(void **state)
{
    static char bytes[4096];
    struct scene scene;
    ask_redis(&scene, 0);
    scene.ask.is_ready = false; /* for the judge of datagrams there is always more to come */
    scene.endpoint.protocol = PROTOCOL_UDP;
    scene.endpoint.port = 53;
    const struct piece pieces[] = {{bytes, 4096, 0}, AGAIN, {bytes, 1, 0}, AGAIN};
    scene.fake.pieces = pieces;
    scene.fake.count = ARRAY_LEN(pieces);
    assert_int_equal(advance(&scene, begin + 40 * NS_PER_MS), FLOW_WAITING);
    assert_int_equal(scene.flow.events, FLOW_READABLE);
    assert_int_equal(advance(&scene, begin + 41 * NS_PER_MS), FLOW_WAITING);
    assert_int_equal(scene.flow.events, 0);
    assert_true(scene.flow.wake_ns == begin + 51 * NS_PER_MS);
    scene_end(&scene);
}

/* A server that is held is not told to end before. */
static void test_talk_holds_what_is_ready(void **state)
{
    static const struct piece pong[] = {{BYTES("+PONG\r\n"), 0}, AGAIN};
    static const struct {
        const char *label;
        struct piece piece;
        enum reason reason;
    } ends[] = {{"it stays", AGAIN, REASON_CONNECTED}, {"it closes", END, REASON_CLOSED}};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct scene scene;
        ask_redis(&scene, 500 * NS_PER_MS);
        scene.fake.pieces = pong;
        scene.fake.count = ARRAY_LEN(pong);
        claim_number(ends[i].label, "step", advance(&scene, begin + 40 * NS_PER_MS), FLOW_HELD);
        claim_number(ends[i].label, "reason", scene.answer.outcome.reason, REASON_READY);
        claim_text(ends[i].label, "words", scene.answer.measures.reply->words, "redis PONG");
        claim_true(ends[i].label, "wakes", scene.flow.wake_ns == begin + 540 * NS_PER_MS);
        claim_number(ends[i].label, "events", scene.flow.events, FLOW_READABLE);
        reply_drop(scene.answer.measures.reply);
        scene.fake.pieces = &ends[i].piece;
        scene.fake.count = 1;
        claim_number(ends[i].label, "end", advance(&scene, scene.flow.wake_ns), FLOW_DONE);
        claim_number(ends[i].label, "reason", scene.answer.outcome.reason, ends[i].reason);
        claim_true(ends[i].label, "held", scene.answer.measures.held_ns == 500 * NS_PER_MS);
        claim_true(ends[i].label, "no reply", scene.answer.measures.reply == NULL);
        scene_end(&scene);
    }
}

static void test_talk_does_not_hold_what_is_not_up(void **state)
{
    static const struct piece loading[] = {{BYTES("-LOADING Redis is loading\r\n"), 0}};
    struct scene scene;
    ask_redis(&scene, 500 * NS_PER_MS);
    scene.fake.pieces = loading;
    scene.fake.count = 1;
    assert_int_equal(advance(&scene, begin + 40 * NS_PER_MS), FLOW_DONE);
    assert_int_equal(scene.answer.outcome.reason, REASON_NOT_READY);
    scene_end(&scene);
}

/* The report of an ICMP error wakes select() until it is taken. */
static void test_talk_while_holding_pauses_after_a_wake_up_without_news(void **state)
{
    struct scene scene;
    scene_begin(&scene, "192.0.2.1:443");
    scene.ask.hold_ns = NS_PER_S;
    assert_int_equal(advance(&scene, begin + 30 * NS_PER_MS), FLOW_HELD);
    assert_int_equal(advance(&scene, begin + 40 * NS_PER_MS), FLOW_WAITING);
    assert_int_equal(scene.fake.reports, 1);
    assert_int_equal(scene.flow.events, 0);
    assert_true(scene.flow.wake_ns == begin + 50 * NS_PER_MS);
    assert_int_equal(advance(&scene, scene.flow.wake_ns), FLOW_WAITING);
    assert_int_equal(scene.flow.events, FLOW_READABLE);
    assert_true(scene.flow.wake_ns == begin + 1030 * NS_PER_MS);
    scene_end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls_names_the_host_or_what_the_user_says),
        cmocka_unit_test(test_tls_sends_the_rest_when_the_system_takes_it),
        cmocka_unit_test(test_tls_reads_until_it_knows),
        cmocka_unit_test(test_tls_waits_a_moment_only_for_the_rest_of_a_line),
        cmocka_unit_test(test_talk_provisional_answer_is_judged_again_after_a_moment),
        cmocka_unit_test(test_tls_wake_up_without_news_is_followed_by_a_pause),
        cmocka_unit_test(test_tls_reads_no_more_than_it_keeps),
        cmocka_unit_test(test_talk_holds_an_answer_against_what_the_user_awaits),
        cmocka_unit_test(test_tls_silence_after_the_handshake_is_told_apart),
        cmocka_unit_test(test_tls_handshake_at_the_deadline_is_a_timeout),
        cmocka_unit_test(test_tls_answer_that_is_not_whole_is_as_old_as_its_last_byte),
        cmocka_unit_test(test_tls_what_came_by_the_deadline_is_judged),
        cmocka_unit_test(test_tls_reset_right_after_the_handshake_is_closed),
        cmocka_unit_test(test_tls_refused_question_still_hears_what_was_said),
        cmocka_unit_test(test_tls_question_that_is_not_taken_still_hears_what_is_said),
        cmocka_unit_test(
            test_tls_handshake_that_was_noticed_late_took_as_long_as_the_system_says),
        cmocka_unit_test(test_tls_flow_that_is_started_again_asks_again),
        cmocka_unit_test(test_talk_farewell_follows_the_answer_whole),
        cmocka_unit_test(test_talk_without_a_verdict_in_the_end_quotes_what_came),
        cmocka_unit_test(test_talk_looks_at_a_long_answer_each_10_ms_only),
        cmocka_unit_test(test_talk_holds_what_is_ready),
        cmocka_unit_test(test_talk_does_not_hold_what_is_not_up),
        cmocka_unit_test(test_talk_while_holding_pauses_after_a_wake_up_without_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
