/*
 * The simulated network of tests/lab with other guests than netcheck: ICMP echo, datagrams,
 * and a TCP connection that sends something. This test program is started again inside, with a
 * word for what to do there.
 */
#include <time.h> /* before errqueue.h, which needs its timespec */

#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "inside.h"
#include "netcheck/base/base.h"

enum {
    ECHO_LEN = 1400, /* bytes of an echo request, with its header */
    TALK_LEN = 300000,
    QUESTION_LEN = 48,
    ASKED_MAX = 24,
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

/* One datagram to HOST#PORT, whose byte N is N + 1. Returns the socket, or -1. */
static int ask(const char *target)
{
    char host[64];
    unsigned char question[QUESTION_LEN];
    size_t len = strcspn(target, "#");
    in_port_t port = htons((uint16_t)strtoul(target + len + 1, NULL, 10));
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = port};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = port};
    (void)snprintf(host, sizeof host, "%.*s", (int)len, target);
    bool is_ipv6 = inet_pton(AF_INET6, host, &ipv6.sin6_addr) == 1;
    (void)inet_pton(AF_INET, host, &ipv4.sin_addr); /* else it stays 0.0.0.0 */
    for (size_t i = 0; i < sizeof question; i++)
        question[i] = (unsigned char)(i + 1);
    int fd = socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    int on = 1;
    const struct sockaddr *address =
        is_ipv6 ? (const struct sockaddr *)&ipv6 : (const struct sockaddr *)&ipv4;
    bool is_sent = setsockopt(fd, is_ipv6 ? SOL_IPV6 : SOL_IP,
                              is_ipv6 ? IPV6_RECVERR : IP_RECVERR, &on, sizeof on) == 0 &&
                   sendto(fd, question, sizeof question, 0, address,
                          is_ipv6 ? sizeof ipv6 : sizeof ipv4) == (ssize_t)sizeof question;
    return is_sent ? fd : -1;
}

/* The message's sender and what is in it: "10.0.0.1#53 48 bytes 0102030405060708". */
static void describe(struct buffer *text, const struct sockaddr_storage *sender,
                     const unsigned char *bytes, size_t len)
{
    char host[64] = "";
    const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)sender;
    const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)sender;
    bool is_ipv6 = sender->ss_family == AF_INET6;
    (void)inet_ntop(sender->ss_family,
                    is_ipv6 ? (const void *)&ipv6->sin6_addr : &ipv4->sin_addr, host,
                    sizeof host);
    buffer_add_format(text, " %s#%u %zu bytes ", host,
                      (unsigned)ntohs(is_ipv6 ? ipv6->sin6_port : ipv4->sin_port), len);
    for (size_t i = 0; i < len && i < 8; i++)
        buffer_add_format(text, "%02x", bytes[i]);
}

/* Read what has come to the socket, an ICMP error first. False where that is nothing. */
static bool read_answer(int fd, struct buffer *text)
{
    static unsigned char bytes[65536];
    struct sockaddr_storage sender;
    union {
        char bytes[512];
        struct cmsghdr aligned;
    } control;
    struct iovec part = {bytes, sizeof bytes};
    struct msghdr message = {.msg_name = &sender,
                             .msg_namelen = sizeof sender,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control};
    ssize_t len = recvmsg(fd, &message, MSG_ERRQUEUE);
    bool is_error = len >= 0;
    if (!is_error)
        len = recvmsg(fd, &message, 0);
    if (len < 0)
        return false;
    const struct cmsghdr *first = is_error ? CMSG_FIRSTHDR(&message) : NULL;
    if (first != NULL) {
        struct sock_extended_err error;
        memcpy(&error, CMSG_DATA(first), sizeof error);
        buffer_add_format(text, " ICMP %u/%u %u of", error.ee_type, error.ee_code,
                          error.ee_info);
    }
    describe(text, &sender, bytes, (size_t)len);
    return true;
}

/* Ask all targets at once and print what comes, a line each; wait until that is `count`
   messages, and a moment more for one too many. */
static int ask_all(long count, char *const *targets)
{
    struct pollfd polled[ASKED_MAX];
    struct buffer texts[ASKED_MAX];
    nfds_t asked = 0;
    for (; targets[asked] != NULL && asked < ASKED_MAX; asked++) {
        polled[asked] = (struct pollfd){.fd = ask(targets[asked]), .events = POLLIN};
        texts[asked] = (struct buffer)BUFFER_EMPTY;
    }
    while (poll(polled, asked, count > 0 ? 10000 : 20) > 0)
        for (nfds_t i = 0; i < asked; i++)
            while (polled[i].revents != 0 && read_answer(polled[i].fd, &texts[i]))
                count--;
    for (nfds_t i = 0; i < asked; i++) {
        (void)printf("%s%s\n", targets[i], buffer_text(&texts[i]));
        buffer_release(&texts[i]);
    }
    return count != 0;
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
        {"open",
         {"10.0.0.0/8 open"},
         {"echo", "10.0.0.1"},
         "reply\n",
         "echoes_answered 1 syns 0"},
        {"refused",
         {"10.0.0.0/8:22 refused"},
         {"echo", "10.0.0.1"},
         "reply\n",
         "echoes_answered 1"},
        {"IPv6", {"[::]/0 open"}, {"echo", "2001:db8::1"}, "reply\n", "echoes_answered 1"},
        {"said so",
         {"10.0.0.0/8 silent echo"},
         {"echo", "10.0.0.1"},
         "reply\n",
         "echoes_answered 1"},
        {"later",
         {"0.0.0.0/0 open rtt=50ms"},
         {"echo", "10.0.0.1"},
         "reply\n",
         "echoes_answered 1"},
        {"noecho",
         {"0.0.0.0/0 open noecho"},
         {"noecho", "10.0.0.1"},
         "none\n",
         "echoes_answered 0"},
        {"silent",
         {"10.0.0.0/8 silent"},
         {"noecho", "10.0.0.1"},
         "none\n",
         "echoes_answered 0"},
        {"no rule", {"10.0.0.2 open"}, {"noecho", "10.0.0.1"}, "none\n", "echoes_answered 0"},
        {"lost",
         {"[::]/0 open loss=100%"},
         {"noecho", "2001:db8::1"},
         "none\n",
         "echoes_lost 1 lost 0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_guest(cases[i].label, cases[i].lab, cases[i].guest, cases[i].out,
                     cases[i].counters);
}

/* Each target is asked once; `rules` is what it does, `said` what the guest prints of it. */
static const struct {
    const char *target;
    const char *rules[2];
    int answers;
    const char *said;
} services[] = {
    {"10.0.0.1#53", {"udp://10.0.0.1 open"}, 1, " 10.0.0.1#53 48 bytes 0102830505060708"},
    {"10.0.0.1#123", {NULL}, 1, " 10.0.0.1#123 48 bytes 0402030405060708"},
    {"10.0.0.1#3478", {NULL}, 1, " 10.0.0.1#3478 20 bytes 0101000005060708"},
    {"10.0.0.1#69", {NULL}, 1, " 10.0.0.1#69 19 bytes 0005000146696c65"},
    {"10.0.0.1#11211", {NULL}, 1, " 10.0.0.1#11211 24 bytes 0102030405060708"},
    {"10.0.0.1#5683", {NULL}, 1, " 10.0.0.1#5683 4 bytes 70000304"},
    {"10.0.0.1#9", {NULL}, 1, " 10.0.0.1#9 48 bytes 0102030405060708"},
    {"2001:db8::1#9", {"udp://[::]/0 open"}, 1, " 2001:db8::1#9 48 bytes 0102030405060708"},
    {"10.0.0.2#9",
     {"udp://10.0.0.2 refused"},
     1,
     " ICMP 3/3 0 of 10.0.0.2#9 48 bytes 0102030405060708"},
    {"2001:db8:1::2#9",
     {"udp://[2001:db8:1::2] refused"},
     1,
     " ICMP 1/4 0 of 2001:db8:1::2#9 48 bytes 0102030405060708"},
    {"10.0.0.3#9", {"udp://10.0.0.3 silent"}, 0, ""},
    {"10.0.0.4#9", {"10.0.0.4 open"}, 0, ""},
    {"10.0.0.5#9", {"tcp://10.0.0.5 open", "icmp://10.0.0.5 open"}, 0, ""},
    {"10.0.0.6#9",
     {"udp://10.0.0.6 icmp=3/13 from=10.6.0.1 size=28"},
     1,
     " ICMP 3/13 0 of 10.0.0.6#9 0 bytes "},
    {"10.0.0.7#9",
     {"udp://10.0.0.7 icmp=3/4 over=75"},
     1,
     " ICMP 3/4 75 of 10.0.0.7#9 48 bytes 0102030405060708"},
    {"10.0.0.8#9",
     {"udp://10.0.0.8 icmp=3/4 over=76", "udp://10.0.0.8 open size=0"},
     1,
     " 10.0.0.8#9 0 bytes "},
    {"10.0.0.9#9",
     {"udp://10.0.0.9 open from=10.0.1.9 port=77 also", "udp://10.0.0.9 open size=2 rtt=20ms"},
     2,
     " 10.0.1.9#77 48 bytes 0102030405060708 10.0.0.9#9 2 bytes 0102"},
    {"10.0.0.10#9",
     {"udp://10.0.0.10 open junk=3 flip=0 size=65507"},
     1,
     " 10.0.0.10#9 65507 bytes fe02031b5b33316d"},
    {"2001:db8:1::3#9",
     {"udp://[2001:db8:1::3] icmp=2/0 over=90 from=2001:db8::99"},
     1,
     " ICMP 2/0 90 of 2001:db8:1::3#9 48 bytes 0102030405060708"},
};

static void test_lab_udp_is_answered_as_the_rules_say(void **state)
{
    (void)state;
    inside_need_lab();
    const char *lab[2 * ARRAY_LEN(services) + 1] = {NULL};
    const char *guest[ARRAY_LEN(services) + 3] = {"ask"};
    struct buffer out = BUFFER_EMPTY;
    char count[16];
    int answers = 0;
    size_t rules = 0;
    for (size_t i = ARRAY_LEN(services); i-- > 0;)
        for (size_t j = 0; j < 2 && services[i].rules[j] != NULL; j++)
            lab[rules++] = services[i].rules[j];
    for (size_t i = 0; i < ARRAY_LEN(services); i++) {
        guest[i + 2] = services[i].target;
        answers += services[i].answers;
        buffer_add_format(&out, "%s%s\n", services[i].target, services[i].said);
    }
    (void)snprintf(count, sizeof count, "%d", answers);
    guest[1] = count;
    expect_guest("UDP", lab, guest, buffer_text(&out),
                 "datagrams 19 datagrams_answered 17 datagrams_silent 3 datagrams_lost 0 "
                 "icmp_sent 5 echoes 0 syns 0");
    buffer_release(&out);
}

/* Linux hosts send 6 errors at once; in the time of the run none comes back. */
static void test_lab_limit_is_by_sender_of_errors(void **state)
{
    (void)state;
    inside_need_lab();
    expect_guest("limit",
                 WORDS("udp://10.0.0.1 refused limit=1h", "udp://10.0.0.2 refused limit=1h"),
                 WORDS("ask", "7", "10.0.0.1#1", "10.0.0.1#2", "10.0.0.1#3", "10.0.0.1#4",
                       "10.0.0.1#5", "10.0.0.1#6", "10.0.0.1#7", "10.0.0.2#1"),
                 "10.0.0.1#1 ICMP 3/3 0 of 10.0.0.1#1 48 bytes 0102030405060708\n"
                 "10.0.0.1#2 ICMP 3/3 0 of 10.0.0.1#2 48 bytes 0102030405060708\n"
                 "10.0.0.1#3 ICMP 3/3 0 of 10.0.0.1#3 48 bytes 0102030405060708\n"
                 "10.0.0.1#4 ICMP 3/3 0 of 10.0.0.1#4 48 bytes 0102030405060708\n"
                 "10.0.0.1#5 ICMP 3/3 0 of 10.0.0.1#5 48 bytes 0102030405060708\n"
                 "10.0.0.1#6 ICMP 3/3 0 of 10.0.0.1#6 48 bytes 0102030405060708\n"
                 "10.0.0.1#7\n"
                 "10.0.0.2#1 ICMP 3/3 0 of 10.0.0.2#1 48 bytes 0102030405060708\n",
                 "datagrams 8 datagrams_answered 7 datagrams_limited 1");
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
        cmocka_unit_test(test_lab_udp_is_answered_as_the_rules_say),
        cmocka_unit_test(test_lab_limit_is_by_sender_of_errors),
        cmocka_unit_test(test_lab_open_takes_data_and_closes),
    };
    if (argc == 3 && strcmp(argv[1], "echo") == 0)
        return echo(argv[2], 10000);
    if (argc == 3 && strcmp(argv[1], "noecho") == 0)
        return echo(argv[2], 100);
    if (argc == 3 && strcmp(argv[1], "talk") == 0)
        return talk(argv[2]);
    if (argc > 3 && strcmp(argv[1], "ask") == 0)
        return ask_all(strtol(argv[2], NULL, 10), argv + 3);
    return cmocka_run_group_tests_name("cli: lab, guests", tests, inside_open, inside_release);
}
