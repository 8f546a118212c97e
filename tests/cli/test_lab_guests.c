/*
 * The simulated network of tests/lab with other guests than netcheck: ICMP echo, and a TCP
 * connection that sends something. This test program is started again inside, with a word for
 * what to do there.
 */
#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "inside.h"
#include "netcheck/base/base.h"

enum {
    ECHO_LEN = 1400, /* bytes of an echo request, with its header */
    TALK_LEN = 300000,
};

/* Guests: what this program does inside of the lab. They assert nothing, they say what is. */

static unsigned internet_sum(const unsigned char *bytes, size_t len)
{
    unsigned sum = 0;
    for (size_t i = 0; i < len; i++)
        sum += i % 2 == 0 ? (unsigned)bytes[i] << 8 : bytes[i];
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

/* A reply to our request, as it was sent. With IPv4 the packet has its header in front. */
static bool is_reply(const unsigned char *packet, size_t len, const unsigned char *request,
                     bool is_ipv6)
{
    size_t header_len = is_ipv6 ? 0 : 20;
    const unsigned char *reply = packet + header_len;
    if (len != header_len + ECHO_LEN || reply[0] != (is_ipv6 ? 129 : 0) || reply[1] != 0)
        return false;
    /* The kernel has checked what is IPv6; a raw socket of IPv4 gets all there is. */
    bool is_right = is_ipv6 || (internet_sum(packet, header_len) == 0xffff &&
                                internet_sum(reply, ECHO_LEN) == 0xffff);
    return is_right && memcmp(reply + 4, request + 4, ECHO_LEN - 4) == 0;
}

static int open_echo(const char *host)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
    bool is_ipv6 = inet_pton(AF_INET6, host, &ipv6.sin6_addr) == 1;
    (void)inet_pton(AF_INET, host, &ipv4.sin_addr); /* else it stays 0.0.0.0 */
    int fd = is_ipv6 ? socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6)
                     : socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    const struct sockaddr *address =
        is_ipv6 ? (const struct sockaddr *)&ipv6 : (const struct sockaddr *)&ipv4;
    return connect(fd, address, is_ipv6 ? sizeof ipv6 : sizeof ipv4) == 0 ? fd : -1;
}

/* Send one echo request; "reply" where the right answer comes within `wait_ms`. */
static int echo(const char *host, int wait_ms)
{
    unsigned char request[ECHO_LEN] = {0};
    unsigned char packet[ECHO_LEN + 100];
    bool is_ipv6 = strchr(host, ':') != NULL;
    for (size_t i = 4; i < sizeof request; i++)
        request[i] = (unsigned char)(i * 7 & 0xff);
    request[0] = is_ipv6 ? 128 : 8;
    unsigned sum = ~internet_sum(request, sizeof request) & 0xffff;
    request[2] = (unsigned char)(sum >> 8);
    request[3] = (unsigned char)(sum & 0xff);
    struct pollfd polled = {.fd = open_echo(host), .events = POLLIN};
    if (send(polled.fd, request, sizeof request, 0) != (ssize_t)sizeof request)
        return 1;
    while (poll(&polled, 1, wait_ms) > 0) {
        ssize_t len = recv(polled.fd, packet, sizeof packet, 0);
        if (len > 0 && is_reply(packet, (size_t)len, request, is_ipv6))
            return puts("reply") < 0;
    }
    return puts("none") < 0;
}

/* Send data, close, and wait for the other side to close, too. */
static int talk(const char *host)
{
    static const char data[TALK_LEN];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80)};
    struct timeval limit = {.tv_sec = 10};
    char byte;
    int unsent = -1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)inet_pton(AF_INET, host, &address.sin_addr); /* connect() fails without */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) != 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        send(fd, data, sizeof data, 0) != (ssize_t)sizeof data || shutdown(fd, SHUT_WR) != 0 ||
        recv(fd, &byte, 1, 0) != 0 || ioctl(fd, SIOCOUTQ, &unsent) != 0)
        return puts("failed") < 0;
    return printf("closed, %d unsent\n", unsent) < 0;
}

static void expect_guest(const char *label, const char *const *lab, const char *const *guest,
                         const char *out, const char *counters)
{
    struct inside inside;
    inside_run(&inside, label, lab, inside_self(), guest);
    expect_text(label, "standard output", buffer_text(&inside.program.out), out);
    expect_number(label, "exit status", inside.program.status, 0);
    inside_expect_counters(&inside, counters);
    inside_end(&inside);
}

static void test_lab_echo_is_answered_where_the_rules_say(void **state)
{
    (void)state;
    inside_need_lab();
    static const struct {
        const char *label;
        const char *lab[2];
        const char *guest[3];
        const char *out;
        const char *counters;
    } cases[] = {
        {"open", {"10.0.0.0/8 open"}, {"echo", "10.0.0.1"}, "reply\n", "echo 1 syns 0"},
        {"refused", {"10.0.0.0/8:22 refused"}, {"echo", "10.0.0.1"}, "reply\n", "echo 1"},
        {"IPv6", {"[::]/0 open"}, {"echo", "2001:db8::1"}, "reply\n", "echo 1"},
        {"said so", {"10.0.0.0/8 silent echo"}, {"echo", "10.0.0.1"}, "reply\n", "echo 1"},
        {"later", {"0.0.0.0/0 open rtt=50ms"}, {"echo", "10.0.0.1"}, "reply\n", "echo 1"},
        {"noecho", {"0.0.0.0/0 open noecho"}, {"noecho", "10.0.0.1"}, "none\n", "echo 0"},
        {"silent", {"10.0.0.0/8 silent"}, {"noecho", "10.0.0.1"}, "none\n", "echo 0"},
        {"no rule", {"10.0.0.2 open"}, {"noecho", "10.0.0.1"}, "none\n", "echo 0"},
        {"lost", {"[::]/0 open loss=100%"}, {"noecho", "2001:db8::1"}, "none\n", "lost 1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_guest(cases[i].label, cases[i].lab, cases[i].guest, cases[i].out,
                     cases[i].counters);
}

static void test_lab_open_takes_data_and_closes(void **state)
{
    (void)state;
    inside_need_lab();
    static const char *const rules[] = {"0.0.0.0/0 open", "0.0.0.0/0 open rtt=20ms loss=0%"};
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        expect_guest(rules[i], WORDS(rules[i]), WORDS("talk", "10.0.0.1"), "closed, 0 unsent\n",
                     "syns 1 answered 1 lost 0 silent 0");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lab_echo_is_answered_where_the_rules_say),
        cmocka_unit_test(test_lab_open_takes_data_and_closes),
    };
    if (argc == 3 && strcmp(argv[1], "echo") == 0)
        return echo(argv[2], 10000);
    if (argc == 3 && strcmp(argv[1], "noecho") == 0)
        return echo(argv[2], 100);
    if (argc == 3 && strcmp(argv[1], "talk") == 0)
        return talk(argv[2]);
    return cmocka_run_group_tests_name("cli: lab, guests", tests, inside_open, inside_release);
}
