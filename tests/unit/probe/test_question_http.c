/*
 * The question of HTTP, what --ready asks of which target, and answers of real servers: as they
 * came, and mutated in every way.
 *
 * The answers were caught from the servers of Debian 12 that the rows name.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/probe/question.h"
#include "netcheck/target/endpoint.h"
#include "netcheck/target/services.h"

#define PATH_50  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PATH_400 PATH_50 PATH_50 PATH_50 PATH_50 PATH_50 PATH_50 PATH_50 PATH_50

static void endpoint_of(const char *text, struct endpoint *endpoint)
{
    struct target *target = NULL;
    struct fault fault;
    claim_error(text, target_parse(text, strlen(text), &target, &fault), ERROR_NONE);
    endpoints_at(target, 0, endpoint);
}

static void test_http_question_has_path_and_host(void **state)
{
    static const struct {
        const char *target;
        const char *name; /* as it is asked for; NULL: an address */
        const char *line;
        const char *host;
    } rows[] = {
        {"http://db", "db", "/", "db"},
        {"http://db:8080/health?x=1#y", "db", "/health?x=1", "db:8080"},
        {"http://db?x", "db", "/?x", "db"},
        {"http://u:secret@db/", "other.example.com", "/", "other.example.com"},
        {"db:8080/a", "db", "/a", "db:8080"},
        {"http://192.0.2.1/", NULL, "/", "192.0.2.1"},
        {"http://[2001:db8::1]:81/", NULL, "/", "[2001:db8::1]:81"},
        {"http://[fe80::1%25lo]/", NULL, "/", "[fe80::1]"},
        {"http://db/a b\r\nX: \xc3\xa4\x7f", "db", "/a%20b%0D%0AX:%20%C3%A4%7F", "db"},
        {"http://db/a%20b", "db", "/a%20b", "db"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *label = rows[i].target;
        struct endpoint endpoint;
        unsigned char bytes[QUESTION_SIZE + 1] = {0};
        char expected[QUESTION_SIZE];
        endpoint_of(label, &endpoint);
        const struct ask_options ask = {.hold_ns = (int64_t)(i % 2)};
        const struct question_input input = {
            .name = rows[i].name, .endpoint = &endpoint, .ask = &ask};
        size_t len = question_http.build(bytes, &input);
        (void)snprintf(expected, sizeof expected,
                       "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: ", rows[i].line,
                       rows[i].host);
        claim_number(label, "length", len, strlen((char *)bytes));
        /* A connection that is held is not to be closed for our sake. */
        const char *connection =
            i % 2 == 0 ? "\r\nConnection: close\r\n\r\n" : "\r\nConnection: keep-alive\r\n\r\n";
        claim_true(label, "connection", strstr((char *)bytes, connection) != NULL);
        bytes[strlen(expected)] = '\0';
        claim_text(label, "question", (char *)bytes, expected);
        target_drop(endpoint.target);
    }
}

#define BYTES(text) (text), sizeof(text) - 1

static const struct {
    const char *label;
    const char *bytes;
    size_t len;
    size_t status; /* where its three digits stand */
    enum question_verdict verdict;
    const char *words;
} answers[] = {
    {"nginx", BYTES("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nConnection: close\r\n\r\nhi"),
     9, QUESTION_READY, "HTTP 200 OK"},
    {"nginx, redirect",
     BYTES("HTTP/1.1 301 Moved Permanently\r\nServer: nginx/1.22.1\r\n"
           "Location: https://db/\r\n\r\n"),
     9, QUESTION_READY, "HTTP 301 Moved Permanently"},
    {"nginx, no such page", BYTES("HTTP/1.1 404 Not Found\r\nServer: nginx/1.22.1\r\n\r\n"), 9,
     QUESTION_READY, "HTTP 404 Not Found"},
    {"nginx, dead upstream", BYTES("HTTP/1.1 502 Bad Gateway\r\nServer: nginx/1.22.1\r\n\r\n"),
     9, QUESTION_NOT_READY, "HTTP 502 Bad Gateway"},
    {"haproxy, no server",
     BYTES("HTTP/1.0 503 Service Unavailable\r\ncache-control: no-cache\r\n"
           "\r\n"),
     9, QUESTION_NOT_READY, "HTTP 503 Service Unavailable"},
    {"caddy", BYTES("HTTP/1.1 200 OK\r\nServer: Caddy\r\nContent-Length: 0\r\n\r\n"), 9,
     QUESTION_READY, "HTTP 200 OK"},
    {"hints before the answer",
     BYTES("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 500 Oops\r\n\r\n"), 49,
     QUESTION_NOT_READY, "HTTP 500 Oops"},
    {"no reason", BYTES("HTTP/1.1 204 \r\n\r\n"), 9, QUESTION_READY, "HTTP 204"},
    {"no reason, no blank", BYTES("HTTP/1.1 204\r\n\r\n"), 9, QUESTION_READY, "HTTP 204"},
    {"control bytes", BYTES("HTTP/1.1 200 \x1b[2J\r\n\r\n"), 9, QUESTION_READY,
     "HTTP 200 \\x1b[2J"},
};

static const struct {
    const char *label;
    const char *bytes;
    size_t len;
} others[] = {
    {"SSH", BYTES("SSH-2.0-OpenSSH_9.2p1\r\n")}, {"TLS alert", BYTES("\x15\3\1\0\2\2\x32")},
    {"HTTP/2", BYTES("\0\0\x12\4\0\0\0\0\0")},   {"0xx", BYTES("HTTP/1.1 000 x\r\n")},
    {"6xx", BYTES("HTTP/1.1 600 x\r\n")},        {"four digits", BYTES("HTTP/1.1 2000 x\r\n")},
    {"echo", BYTES("GET / HTTP/1.1\r\n")},       {"RTSP", BYTES("RTSP/1.0 200 OK\r\n")},
};

/* Bytes of their own, so that a look behind their end is seen. */
static enum question_verdict judge(const char *bytes, size_t len, bool is_end,
                                   struct reply *reply)
{
    unsigned char *copy = malloc(len);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    const struct answer_bytes answer = {copy, len, is_end};
    const struct question_input input = {.name = NULL};
    memset(reply, 0, sizeof *reply);
    enum question_verdict verdict = question_http.judge(&answer, &input, reply);
    free(copy);
    return verdict;
}

static void test_http_answers_are_judged_in_any_pieces(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        const char *label = answers[i].label;
        struct reply reply;
        size_t line_end =
            (size_t)(strchr(answers[i].bytes + answers[i].status, '\n') - answers[i].bytes);
        for (size_t len = 1; len <= answers[i].len; len++) {
            bool is_enough = len > line_end;
            enum question_verdict expected = is_enough ? answers[i].verdict : QUESTION_MORE;
            claim_number(label, "verdict", judge(answers[i].bytes, len, false, &reply),
                         expected);
            claim_text(label, "words", reply.words, is_enough ? answers[i].words : "");
            /* The status is there, its reason perhaps not. */
            expected = len > answers[i].status + 3 ? answers[i].verdict : QUESTION_MISMATCHED;
            claim_number(label, "verdict at the end",
                         judge(answers[i].bytes, len, true, &reply), expected);
        }
    }
}

static void test_http_other_answers_are_no_http(void **state)
{
    struct reply reply;
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        claim_number(others[i].label, "verdict",
                     judge(others[i].bytes, others[i].len, false, &reply), QUESTION_MISMATCHED);
        for (size_t len = 1; len <= others[i].len; len++)
            claim_number(others[i].label, "cut", judge(others[i].bytes, len, true, &reply),
                         QUESTION_MISMATCHED);
    }
}

/* Only a status of 2xx, 3xx or 4xx, behind "HTTP/", is ready. */
static void test_http_mutated_answer_is_ready_by_its_status_alone(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        for (size_t at = 0; at < answers[i].status + 4; at++) {
            for (int byte = 0; byte < 256; byte++) {
                char text[256];
                struct reply reply;
                memcpy(text, answers[i].bytes, answers[i].len);
                text[at] = (char)byte;
                const char *status = text + answers[i].status;
                bool may = memcmp(text, "HTTP/", 5) == 0 && *status >= '2' && *status <= '4';
                bool is = judge(text, answers[i].len, true, &reply) == QUESTION_READY;
                bool is_interim = answers[i].status > 9 && at < answers[i].status - 9;
                claim_true(answers[i].label, "ready only so", !is || may || is_interim);
            }
        }
    }
}

static void test_ready_has_a_question_or_refuses(void **state)
{
    static const struct {
        const char *target;
        enum fault_code code;
        const char *question;
    } rows[] = {
        {"http://db:9/x", FAULT_NONE, "http"},
        {"db:8080", FAULT_NONE, "http"},
        {"https://db:9", FAULT_NONE, "tls"},
        {"wss://db", FAULT_NONE, "tls"},
        {"rediss://db", FAULT_NONE, "tls"},
        {"db:ldaps", FAULT_NONE, "tls"},
        {"tls://db:9", FAULT_NONE, "tls"},
        {"valkey://db:9", FAULT_NONE, "redis"},
        {"dns://db", FAULT_NONE, "dns"},
        {"udp://db:123", FAULT_NONE, "ntp"},
        {"db:5433", FAULT_READY_UNKNOWN, NULL},
        {"foo://db:9", FAULT_READY_UNKNOWN, NULL},
        {"mongodb://db:6379", FAULT_READY_UNKNOWN, NULL},
        {"udp://db:514", FAULT_READY_UNKNOWN, NULL},
        {"icmp://db", FAULT_READY_ECHO, NULL},
        {"http://db/" PATH_400 PATH_400, FAULT_READY_PATH, NULL},
    };
    static const struct ask_options ready = {.is_ready = true};
    static const struct ask_options plain = {.is_ready = false};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *label = rows[i].target;
        struct endpoint endpoint;
        endpoint_of(label, &endpoint);
        claim_number(label, "code", question_refuse(&endpoint, &ready), rows[i].code);
        claim_number(label, "without --ready", question_refuse(&endpoint, &plain), FAULT_NONE);
        if (rows[i].question != NULL)
            claim_text(label, "question", question_of_service(&endpoint)->name,
                       rows[i].question);
        target_drop(endpoint.target);
    }
}

/* What the list says can be written as a scheme, which leads to the question of that name. */
static void test_ready_names_of_the_list_are_schemes(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    question_add_known(&out, FAULT_READY_ECHO);
    claim_number("other fault", "length", out.len, 0);
    question_add_known(&out, FAULT_READY_UNKNOWN);
    char *list = strdup(buffer_text(&out));
    buffer_release(&out);
    assert_non_null(list);
    *strrchr(list, ';') = '\0';
    char *save = NULL;
    for (char *name = strtok_r(list + strlen("; known are "), ", ", &save); name != NULL;
         name = strtok_r(NULL, ", ", &save)) {
        char text[64];
        struct endpoint endpoint;
        (void)snprintf(text, sizeof text, "%s://db:9", name);
        if (strcmp(name, "dns") == 0) /* of which the scheme is of UDP */
            continue;
        endpoint_of(text, &endpoint);
        const struct question *question = question_of_service(&endpoint);
        claim_text(name, "question", question != NULL ? question->name : "", name);
        target_drop(endpoint.target);
    }
    free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_http_question_has_path_and_host),
        cmocka_unit_test(test_http_answers_are_judged_in_any_pieces),
        cmocka_unit_test(test_http_other_answers_are_no_http),
        cmocka_unit_test(test_http_mutated_answer_is_ready_by_its_status_alone),
        cmocka_unit_test(test_ready_has_a_question_or_refuses),
        cmocka_unit_test(test_ready_names_of_the_list_are_schemes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
