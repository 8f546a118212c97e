/*
 * udp:// against services on loopback, which this test plays while the program runs.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "inside.h"
#include "netcheck/base/base.h"
#include "peer.h"
#include "text.h"

enum { SIZE = 2048, TURN_MS = 1, LABEL_SIZE = 96, TEXT_SIZE = 512 };

/* A socket of the test, on a port that the system chose. */
struct service {
    int fd;
    uint16_t port;
    bool is_ipv6;
    size_t came; /* datagrams so far */
};

static struct sockaddr_in6 ipv6_loopback(uint16_t port)
{
    return (struct sockaddr_in6){
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
}

static struct sockaddr_in ipv4_loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void service_open(struct service *service, bool is_ipv6)
{
    struct sockaddr_in ipv4 = ipv4_loopback(0);
    struct sockaddr_in6 ipv6 = ipv6_loopback(0);
    struct sockaddr *address = is_ipv6 ? (struct sockaddr *)&ipv6 : (struct sockaddr *)&ipv4;
    socklen_t len = is_ipv6 ? sizeof ipv6 : sizeof ipv4;
    *service = (struct service){.is_ipv6 = is_ipv6};
    service->fd = socket(address->sa_family, SOCK_DGRAM, 0);
    assert_true(service->fd >= 0);
    assert_int_equal(fcntl(service->fd, F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(fcntl(service->fd, F_SETFD, FD_CLOEXEC), 0);
    assert_int_equal(bind(service->fd, address, len), 0);
    assert_int_equal(getsockname(service->fd, address, &len), 0);
    service->port = ntohs(is_ipv6 ? ipv6.sin6_port : ipv4.sin_port);
}

static void target_of(const struct service *service, char text[static LABEL_SIZE])
{
    (void)snprintf(text, LABEL_SIZE, service->is_ipv6 ? "udp://[::1]:%d" : "udp://127.0.0.1:%d",
                   service->port);
}

/* Take one datagram; from number `answered` on, each is answered from `from`, `times` times. */
static void serve(struct service *service, int from, const char *bytes, unsigned times,
                  size_t answered)
{
    struct sockaddr_storage sender;
    socklen_t len = sizeof sender;
    char question[SIZE];
    if (recvfrom(service->fd, question, sizeof question, 0, (struct sockaddr *)&sender, &len) <
        0)
        return;
    if (++service->came < answered)
        return;
    for (unsigned i = 0; i < times; i++)
        (void)sendto(from, bytes, strlen(bytes), 0, (struct sockaddr *)&sender, len);
}

/* What a service does, and what is said of it behind target and address. */
static const struct {
    const char *label;
    bool is_ipv6;
    bool is_foreign; /* the answer comes from another socket */
    const char *bytes;
    unsigned times;
    size_t answered; /* the datagram from which on it answers */
    const char *arguments[2];
    int status;
    const char *row;
    int least_ms, most_ms;
} cases[] = {
    {"replies", false, false, "hello", 1, 1, {"-t", "5"}, 0, "N ms", 0, 900},
    {"replies, IPv6", true, false, "hello", 1, 1, {"-t", "5"}, 0, "N ms", 0, 900},
    {"replies with nothing", false, false, "", 1, 1, {"-t", "5"}, 0, "N ms", 0, 900},
    {"replies often", false, false, "hello", 100, 1, {"-t", "5"}, 0, "N ms", 0, 900},
    {"replies to the second",
     false,
     false,
     "hello",
     1,
     2,
     {"-t", "5"},
     0,
     "N ms, after 1 resend",
     1000,
     1900},
    {"is silent",
     false,
     false,
     "",
     0,
     1,
     {"-t", "1.2"},
     1,
     "timeout: no reply to 2 datagrams in 1.2 s; open or filtered",
     1200,
     1500},
    {"replies from another port",
     false,
     true,
     "hello",
     1,
     1,
     {"-t", "0.3"},
     1,
     "timeout: no reply to 1 datagram in N ms; open or filtered",
     300,
     600},
};

static void run_case(size_t i, struct program *program, struct service *service)
{
    char target[LABEL_SIZE];
    struct service other;
    const char *arguments[] = {cases[i].arguments[0], cases[i].arguments[1], target, NULL};
    const struct launch launch = {.label = cases[i].label, .arguments = arguments};
    service_open(service, cases[i].is_ipv6);
    service_open(&other, cases[i].is_ipv6);
    target_of(service, target);
    program_start(program, &launch);
    do
        serve(service, cases[i].is_foreign ? other.fd : service->fd, cases[i].bytes,
              cases[i].times, cases[i].answered);
    while (program_turn(program, TURN_MS));
    program_finish(program);
    assert_int_equal(close(service->fd), 0);
    assert_int_equal(close(other.fd), 0);
}

static void test_udp_services_are_asked_and_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct program program;
        struct service service;
        char target[LABEL_SIZE];
        char expected[TEXT_SIZE];
        if (cases[i].is_ipv6 && !peer_has_ipv6())
            continue;
        run_case(i, &program, &service);
        target_of(&service, target);
        (void)snprintf(expected, sizeof expected, "%-5s  %s  %s  %s\n",
                       cases[i].status == 0 ? "up" : "down", target,
                       cases[i].is_ipv6 ? "::1" : "127.0.0.1", cases[i].row);
        text_hide_latencies(&program.out);
        expect_text(cases[i].label, "standard output", buffer_text(&program.out), expected);
        expect_text(cases[i].label, "standard error", buffer_text(&program.err), "");
        expect_number(cases[i].label, "status", program.status, cases[i].status);
        expect_took(&program, cases[i].least_ms, cases[i].most_ms);
        program_release(&program);
    }
}

/* Loopback knows no limit of ICMP errors: nothing is silent, and nothing is its own answer. */
static void test_udp_closed_ports_of_loopback_are_all_refused(void **state)
{
    (void)state;
    static const char *const targets[] = {"udp://127.0.0.1:1-1000", "udp://127.0.0.2:1-1000",
                                          "udp://[::1]:1-1000"};
    inside_need_lab();
    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        struct inside inside;
        inside_run(&inside, targets[i], WORDS("10.0.0.0/8 silent"), inside_netcheck(),
                   WORDS(targets[i]));
        size_t refused = 0;
        const char *out = buffer_text(&inside.program.out);
        for (const char *at = out; (at = strstr(at, "  refused in ")) != NULL; at++)
            refused++;
        inside_expect_between(targets[i], (int64_t)refused, 1000, 1000);
        expect_number(targets[i], "status", inside.program.status, 1);
        expect_took(&inside.program, 0, 900);
        inside_end(&inside);
    }
}

int main(void)
{
    const struct CMUnitTest here[] = {
        cmocka_unit_test(test_udp_services_are_asked_and_told),
    };
    const struct CMUnitTest in_lab[] = {
        cmocka_unit_test(test_udp_closed_ports_of_loopback_are_all_refused),
    };
    int failed = cmocka_run_group_tests_name("cli/udp", here, NULL, NULL);
    return failed + cmocka_run_group_tests_name("cli/udp, in the lab", in_lab, inside_open,
                                                inside_release);
}
