/*
 * What rows say of an answer to a datagram: in text, in JSON and in a summary. The service runs
 * in the test itself, between two looks at the program, and says what no terminal should get.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "text.h"

/* ESC, NUL, a line end, a quote, a backslash, a stray byte, U+0085; behind them 60 times x, of
   which the row keeps 54. */
static const char hostile[] = "\033[2J\0\n\"\\\xff\xc2\x85"
                              "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

struct service {
    int fd;
    uint16_t port;
    bool is_silent;
};

static void service_open(struct service *service)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    *service =
        (struct service){.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    assert_true(service->fd >= 0);
    assert_int_equal(bind(service->fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(service->fd, (struct sockaddr *)&address, &len), 0);
    service->port = ntohs(address.sin_port);
}

static void serve(const struct service *service)
{
    char question[2048];
    struct sockaddr_storage from;
    socklen_t len = sizeof from;
    while (recvfrom(service->fd, question, sizeof question, 0, (struct sockaddr *)&from,
                    &len) >= 0)
        if (!service->is_silent)
            (void)sendto(service->fd, hostile, sizeof hostile - 1, 0, (struct sockaddr *)&from,
                         len); /* if it is lost the test fails */
    assert_true(errno == EAGAIN || errno == EWOULDBLOCK);
}

/* Run the program with the service's target behind these words. */
static void run(const struct service *service, struct program *program,
                const char *const *words)
{
    const char *arguments[8] = {NULL};
    char target[64];
    size_t count = 0;
    for (; words[count] != NULL; count++)
        arguments[count] = words[count];
    assert_true(count + 1 < ARRAY_LEN(arguments));
    (void)snprintf(target, sizeof target, "udp://127.0.0.1:%u", service->port);
    arguments[count] = target;
    const struct launch launch = {.arguments = arguments};
    program_start(program, &launch);
    while (program_turn(program, POLL_MS))
        serve(service);
    program_finish(program);
}

static void test_replies_row_has_no_byte_of_a_hostile_answer(void **state)
{
    struct service service;
    struct program program;
    char expected[128];
    (void)state;
    service_open(&service);
    run(&service, &program, WORDS("-t20"));
    text_hide_latencies(&program.out);
    (void)snprintf(expected, sizeof expected, "up     udp://127.0.0.1:%u  127.0.0.1  N ms\n",
                   service.port);
    expect_text("text", "standard output", buffer_text(&program.out), expected);
    expect_number("text", "exit status", program.status, 0);
    program_release(&program);
    (void)close(service.fd);
}

static void test_replies_json_has_the_answer_as_text(void **state)
{
    struct service service;
    struct program program;
    char expected[1024];
    (void)state;
    service_open(&service);
    run(&service, &program, WORDS("-j", "-t20"));
    assert_true(text_is_json_lines(program.out.bytes, program.out.len));
    text_hide_json_values(&program.out);
    (void)snprintf(
        expected, sizeof expected,
        "{\"time\":\"T\",\"target\":\"udp://127.0.0.1:%u\",\"protocol\":\"udp\","
        "\"host\":\"127.0.0.1\",\"port\":%u,\"address\":\"127.0.0.1\",\"state\":\"up\","
        "\"expected\":\"up\",\"as_expected\":true,\"reason\":\"replied\",\"detail\":null,"
        "\"error\":null,\"icmp\":null,\"reported_by\":null,\"resolve_ms\":null,"
        "\"connect_ms\":null,\"syn_retransmits\":null,\"attempts\":1,\"canonical\":null,"
        "\"reply_ms\":N,\"sent\":1,\"replies\":1,"
        "\"reply\":\"\\u001b[2J\\u0000\\u000a\\\"\\\\\\ufffd\\u0085"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\",\"reply_bytes\":71,"
        "\"reply_from\":null,",
        service.port, service.port);
    const char *row = buffer_text(&program.out);
    expect_text("json", "standard output",
                strncmp(row, expected, strlen(expected)) == 0 ? expected : row, expected);
    program_release(&program);
    (void)close(service.fd);
}

static void test_replies_silence_counts_what_was_sent(void **state)
{
    struct service service;
    struct program program;
    char expected[160];
    (void)state;
    service_open(&service);
    service.is_silent = true;
    run(&service, &program, WORDS("-t0.1"));
    text_hide_latencies(&program.out);
    (void)snprintf(expected, sizeof expected,
                   "down   udp://127.0.0.1:%u  127.0.0.1  timeout: no reply to 1 datagram in N "
                   "ms; open or filtered\n",
                   service.port);
    expect_text("silent", "standard output", buffer_text(&program.out), expected);
    expect_number("silent", "exit status", program.status, 1);
    program_release(&program);
    (void)close(service.fd);
}

/* Nothing is bound to the port any more: its ICMP error is the refusal, and needs no words. */
static void test_replies_closed_port_is_refused(void **state)
{
    struct service service;
    struct program program;
    char expected[128];
    (void)state;
    service_open(&service);
    struct sockaddr_in other = {.sin_family = AF_INET, .sin_port = htons(9)};
    other.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    /* Connected elsewhere it keeps the port, and the question finds nobody there. */
    assert_int_equal(connect(service.fd, (struct sockaddr *)&other, sizeof other), 0);
    run(&service, &program, WORDS("-t20"));
    text_hide_latencies(&program.out);
    (void)snprintf(expected, sizeof expected,
                   "down   udp://127.0.0.1:%u  127.0.0.1  refused in N ms\n", service.port);
    expect_text("closed", "standard output", buffer_text(&program.out), expected);
    expect_number("closed", "exit status", program.status, 1);
    program_release(&program);
    (void)close(service.fd);
}

/* The time of an answer, as that of a handshake. */
static void test_replies_times_are_summed_up(void **state)
{
    struct service service;
    struct program program;
    (void)state;
    service_open(&service);
    run(&service, &program, WORDS("-c2", "-i10ms", "--histogram", "-t20"));
    const char *summary = buffer_text(&program.err);
    assert_non_null(strstr(summary, "2 sent, 2 up, 0% loss"));
    assert_non_null(strstr(summary, "min/avg/max/mdev "));
    assert_non_null(strstr(summary, "p50/p95/p99 "));
    expect_number("rounds", "exit status", program.status, 0);
    program_release(&program);
    (void)close(service.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replies_row_has_no_byte_of_a_hostile_answer),
        cmocka_unit_test(test_replies_json_has_the_answer_as_text),
        cmocka_unit_test(test_replies_silence_counts_what_was_sent),
        cmocka_unit_test(test_replies_closed_port_is_refused),
        cmocka_unit_test(test_replies_times_are_summed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
