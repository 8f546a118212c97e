/*
 * tls:// against peers that say what TLS says, something else, or nothing, in pieces or at
 * once. They run in the test itself, between two looks at the program.
 */
#define _GNU_SOURCE /* memmem */

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../unit/probe/tls_answers.h"
#include "harness.h"
#include "netcheck/base/base.h"
#include "peer.h"
#include "text.h"

enum {
    TALKS_MAX = 24, /* connections at a time */
    HEARD_SIZE = 4096,
    WORDS_MAX = 10,
};

enum ending { STAYS, CLOSES, RESETS };

/* What a peer does with a connection. */
struct talk {
    const char *bytes;
    size_t len;
    size_t piece;  /* bytes at a time, POLL_MS between two of them; 0: all at once */
    bool is_first; /* it does not wait until it is asked */
    enum ending ending;
};

struct connection {
    int fd; /* -1: none */
    size_t sent;
    bool was_asked;
};

struct server {
    struct peer peer;
    const struct talk *talk;
    struct connection connections[TALKS_MAX];
    size_t count;
    char heard[HEARD_SIZE]; /* on all of them */
    size_t heard_len;
    bool is_clean; /* the last one ended with FIN */
};

static void server_open(struct server *server, const struct talk *talk)
{
    memset(server, 0, sizeof *server);
    server->talk = talk;
    peer_listen(&server->peer, "127.0.0.1");
}

static void end_connection(struct connection *connection, bool is_reset)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    if (is_reset)
        (void)setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    (void)close(connection->fd); /* the program sees what comes of it */
    connection->fd = -1;
}

static void server_release(struct server *server)
{
    for (size_t i = 0; i < server->count; i++)
        if (server->connections[i].fd >= 0)
            end_connection(&server->connections[i], false);
    peer_release(&server->peer);
}

static void hear(struct server *server, struct connection *connection)
{
    char *room = server->heard + server->heard_len;
    ssize_t len = recv(connection->fd, room, HEARD_SIZE - server->heard_len, MSG_DONTWAIT);
    if (len > 0) {
        server->heard_len += (size_t)len;
        connection->was_asked = true;
    }
    server->is_clean = len == 0;
    if (len == 0 || (len < 0 && errno != EAGAIN))
        end_connection(connection, false);
}

static void talk(struct server *server, struct connection *connection)
{
    const struct talk *talk = server->talk;
    size_t left = talk->len - connection->sent;
    size_t piece = talk->piece > 0 && talk->piece < left ? talk->piece : left;
    if (!connection->was_asked && !talk->is_first)
        return;
    if (left > 0 && send(connection->fd, talk->bytes + connection->sent, piece,
                         MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)piece)
        connection->sent += piece;
    if (connection->sent == talk->len && talk->ending != STAYS && connection->was_asked)
        end_connection(connection, talk->ending == RESETS);
}

static void serve(struct server *server)
{
    int fd =
        server->count < TALKS_MAX ? accept4(server->peer.fd, NULL, NULL, SOCK_NONBLOCK) : -1;
    if (fd >= 0)
        server->connections[server->count++] = (struct connection){.fd = fd};
    for (size_t i = 0; i < server->count; i++) {
        struct connection *connection = &server->connections[i];
        if (connection->fd >= 0)
            hear(server, connection);
        if (connection->fd >= 0)
            talk(server, connection);
    }
}

/* Run the program while the server serves, and its end as well. */
static void run(struct server *server, struct program *program, const char *const *words)
{
    const struct launch launch = {.arguments = words};
    int64_t deadline_ns = harness_now_ns() + 5 * NS_PER_S;
    assert_int_equal(fcntl(server->peer.fd, F_SETFL, O_NONBLOCK), 0);
    program_start(program, &launch);
    while (program_turn(program, POLL_MS))
        serve(server);
    program_finish(program);
    for (size_t i = 0; i < server->count; i++)
        while (server->connections[i].fd >= 0 && harness_pause(deadline_ns))
            serve(server);
}

/* A flight of TLS with a certificate that ends in 2049, or ended in 2020. */
struct flight {
    char bytes[sizeof nginx_answer - 1];
};

static struct flight flight_until(const char *end)
{
    struct flight flight;
    memcpy(flight.bytes, nginx_answer, sizeof flight.bytes);
    char *date = memmem(flight.bytes, sizeof flight.bytes, "270203040506Z", 13);
    assert_non_null(date);
    memcpy(date, end, strlen(end));
    return flight;
}

static struct flight valid;
static struct flight expired;

#define BYTES(text) (text), sizeof(text) - 1
#define DATED       "TLS 1.2, certificate until 2049-02-03 (not verified)"
#define NO_REPLY    "timeout: accepted, but no answer to a TLS hello in N ms"

static const struct {
    const char *label;
    struct talk talk;
    int status;
    const char *row; /* behind the target and its address */
} rows[] = {
    {"at once", {valid.bytes, sizeof valid.bytes, 0, false, STAYS}, 0, "up N ms, " DATED},
    {"in pieces", {valid.bytes, sizeof valid.bytes, 20, false, STAYS}, 0, "up N ms, " DATED},
    {"and the end", {valid.bytes, sizeof valid.bytes, 0, false, CLOSES}, 0, "up N ms, " DATED},
    {"expired",
     {expired.bytes, sizeof expired.bytes, 0, false, STAYS},
     0,
     "up N ms, TLS 1.2, certificate expired 2020-02-03 (not verified)"},
    {"the hello alone, then silence",
     {valid.bytes, 100, 0, false, STAYS},
     0,
     "up N ms, TLS 1.2, certificate unknown"},
    {"an alert, a byte at a time",
     {BYTES("\x15\3\3\0\2\2\x46"), 1, false, STAYS},
     0,
     "up N ms, TLS, newer than 1.2"},
    {"HTTP",
     {BYTES("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n"), 0, false, CLOSES},
     1,
     "down mismatched: not TLS: 'HTTP/1.1 400 Bad Request...'"},
    {"a mail server, unasked",
     {BYTES("220 mail.example.com ESMTP\r\n"), 0, true, STAYS},
     1,
     "down mismatched: not TLS: '220 mail.example.com ESMTP'"},
    {"a mail server, a byte at a time",
     {BYTES("220 mail\r\n"), 1, true, STAYS},
     1,
     "down mismatched: not TLS: '220 mail'"},
    {"control bytes",
     {BYTES("\33[31mred\7\n"), 0, false, STAYS},
     1,
     "down mismatched: not TLS: '\\x1b[31mred\\x07'"},
    {"silence", {BYTES(""), 0, false, STAYS}, 1, "down " NO_REPLY},
    {"part of a record", {BYTES("\x16\3"), 0, false, STAYS}, 1, "down " NO_REPLY},
    {"the end",
     {BYTES(""), 0, false, CLOSES},
     1,
     "down closed: by the other side N ms after the handshake"},
    {"a reset",
     {BYTES(""), 0, false, RESETS},
     1,
     "down closed: reset N ms after the handshake"},
    {"part of a record, and the end",
     {BYTES("\x16\3"), 0, false, CLOSES},
     1,
     "down closed: by the other side N ms after the handshake, after 2 bytes: '\\x16\\x03'"},
};

/* The state, the target, its address, and the rest. */
static void claim_row(const char *label, const struct program *program, const struct peer *peer,
                      const char *row)
{
    char expected[512];
    size_t state_len = strcspn(row, " ");
    struct buffer out = BUFFER_EMPTY;
    buffer_add(&out, program->out.bytes, program->out.len);
    text_hide_latencies(&out);
    (void)snprintf(expected, sizeof expected, "%-7.*stls://%s  127.0.0.1  %s\n", (int)state_len,
                   row, peer->target, row + state_len + 1);
    expect_text(label, "standard output", buffer_text(&out), expected);
    buffer_release(&out);
}

static void test_tls_row_says_what_answered(void **state)
{
    (void)state;
    valid = flight_until("49");
    expired = flight_until("20");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct server server;
        struct program program;
        char target[2 * PEER_TEXT_SIZE];
        server_open(&server, &rows[i].talk);
        (void)snprintf(target, sizeof target, "tls://%s", server.peer.target);
        bool is_at_end = strcmp(rows[i].row, "down " NO_REPLY) == 0 ||
                         strstr(rows[i].row, "unknown") != NULL;
        run(&server, &program, WORDS("-t", is_at_end ? "300ms" : "20", target));
        expect_text(rows[i].label, "standard error", buffer_text(&program.err), "");
        expect_number(rows[i].label, "exit status", program.status, rows[i].status);
        claim_row(rows[i].label, &program, &server.peer, rows[i].row);
        program_release(&program);
        server_release(&server);
    }
}

static const struct talk whole_answer = {valid.bytes, sizeof valid.bytes, 0, false, STAYS};

/* One record of a hello, and the end without a reset, which servers log. */
static void test_tls_sends_one_hello_and_ends_cleanly(void **state)
{
    (void)state;
    struct server server;
    struct program program;
    char target[2 * PEER_TEXT_SIZE];
    server_open(&server, &whole_answer);
    (void)snprintf(target, sizeof target, "tls://%s", server.peer.target);
    run(&server, &program, WORDS("-q", target));
    assert_int_equal(program.status, 0);
    assert_true(server.heard_len > 5);
    expect_number("hello", "length of its record",
                  (unsigned char)server.heard[3] << 8 | (unsigned char)server.heard[4],
                  (int64_t)server.heard_len - 5);
    assert_true(server.is_clean);
    program_release(&program);
    server_release(&server);
}

static void test_tls_names_the_server(void **state)
{
    static const struct {
        const char *host;
        const char *option;
        const char *name; /* NULL: none */
    } names[] = {
        {"localhost", "-4", "localhost"},
        {"127.0.0.1", "-4", NULL},
        {"127.0.0.1", "--server-name=www.example.com", "www.example.com"},
        {"127.0.0.1", "--server-name=www.example.com.", "www.example.com"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct server server;
        struct program program;
        char target[2 * PEER_TEXT_SIZE];
        char extension[64] = "";
        size_t len = names[i].name != NULL ? strlen(names[i].name) : 0;
        server_open(&server, &whole_answer);
        (void)snprintf(target, sizeof target, "tls://%s:%u", names[i].host, server.peer.port);
        run(&server, &program, WORDS("-q", "-4", names[i].option, target));
        int size = snprintf(extension, sizeof extension, "%c%c%s", 0, (char)len,
                            len > 0 ? names[i].name : "");
        bool has_name = memmem(server.heard, server.heard_len, extension, (size_t)size) != NULL;
        bool has_any = memmem(server.heard, server.heard_len, "localhost", 9) != NULL ||
                       memmem(server.heard, server.heard_len, ".com", 4) != NULL;
        expect_number(target, "exit status", program.status, 0);
        expect_number(target, "has the name", len > 0 ? has_name : !has_any, true);
        program_release(&program);
        server_release(&server);
    }
}

static void test_tls_json_tells_handshake_and_reply(void **state)
{
    (void)state;
    struct server server;
    struct program program;
    char target[2 * PEER_TEXT_SIZE];
    server_open(&server, &whole_answer);
    (void)snprintf(target, sizeof target, "tls://%s", server.peer.target);
    run(&server, &program, WORDS("-j", target));
    const char *row = buffer_text(&program.out);
    assert_true(text_is_json_lines(program.out.bytes, program.out.len));
    assert_non_null(strstr(row, "\"reason\":\"replied\""));
    assert_non_null(
        strstr(row, "\"tls\":{\"version\":\"1.2\",\"not_after\":\"2049-02-03T04:05:06Z\"}"));
    assert_null(strstr(row, "\"connect_ms\":null"));
    assert_null(strstr(row, "\"reply_ms\":null"));
    program_release(&program);
    server_release(&server);
}

/* It accepted: nothing was lost on the way, and so it is not asked again among many others. */
static void test_tls_silence_is_no_loss_on_the_way(void **state)
{
    static const struct talk silence = {.bytes = "", .ending = STAYS};
    char targets[2 * PEER_TEXT_SIZE];
    struct server server;
    struct program program;
    (void)state;
    server_open(&server, &silence);
    (void)snprintf(targets, sizeof targets, "tls://127.0.0.1-250:%u", server.peer.port);
    run(&server, &program, WORDS("-t", "500ms", "-v", targets, targets + strlen("tls://")));
    assert_int_equal(program.status, 1);
    assert_null(strstr(buffer_text(&program.err), "second look"));
    program_release(&program);
    server_release(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls_row_says_what_answered),
        cmocka_unit_test(test_tls_sends_one_hello_and_ends_cleanly),
        cmocka_unit_test(test_tls_names_the_server),
        cmocka_unit_test(test_tls_json_tells_handshake_and_reply),
        cmocka_unit_test(test_tls_silence_is_no_loss_on_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
