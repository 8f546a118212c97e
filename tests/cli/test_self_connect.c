/*
 * Where nobody listens, the kernel may give a probe the target port as its own: the SYN then
 * meets its own socket and both "connect" (DESIGN.md, fact 2). With four ephemeral ports that
 * happens all the time. Needs a network namespace of its own, so root.
 */
#define _GNU_SOURCE /* unshare, struct ifreq */

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "text.h"

enum {
    FIRST_PORT = 50000,
    LAST_PORT = 50003,
    TIMES = 40,
};

/* Why there is no namespace; NULL: this process is in it. */
static const char *skip_reason = "not asked yet";

static bool switch_loopback_on(void)
{
    struct ifreq request;
    memset(&request, 0, sizeof request);
    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "lo");
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0)
        return false;
    bool is_on = ioctl(fd, SIOCGIFFLAGS, &request) == 0;
    request.ifr_flags = (short)(request.ifr_flags | IFF_UP | IFF_RUNNING);
    is_on = is_on && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    (void)close(fd); /* nothing was sent */
    return is_on;
}

static bool narrow_port_range(void)
{
    FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "w");
    if (file == NULL)
        return false;
    bool is_written = fprintf(file, "%d %d\n", FIRST_PORT, LAST_PORT) > 0;
    return fclose(file) == 0 && is_written;
}

static int enter_namespace(void **state)
{
    (void)state;
    skip_reason = geteuid() != 0               ? "needs root"
                  : unshare(CLONE_NEWNET) != 0 ? "no network namespace to be had"
                  : !switch_loopback_on()      ? "loopback of the namespace stays down"
                  : !narrow_port_range()       ? "the range of local ports cannot be written"
                                               : NULL;
    return 0;
}

static void skip_without_namespace(void)
{
    if (skip_reason == NULL)
        return;
    (void)printf("skipped: %s\n", skip_reason);
    skip();
}

/* One empty datagram, as a plain program sends it: does something come back? */
static bool replies_naively(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    char byte;
    assert_true(fd >= 0);
    assert_int_equal(sendto(fd, "", 0, 0, (struct sockaddr *)&address, sizeof address), 0);
    bool has_reply = recv(fd, &byte, 1, MSG_DONTWAIT) == 0; /* loopback is done by now */
    assert_int_equal(close(fd), 0);
    return has_reply;
}

/* connect() as a plain program does it. */
static bool connects_naively(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    bool is_connected = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    struct linger linger = {.l_onoff = 1, .l_linger = 0}; /* RST: the port is free at once */
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    assert_int_equal(close(fd), 0);
    return is_connected;
}

/* Without it, the other tests would pass for want of the danger. */
static void test_self_connect_happens_to_a_plain_program(void **state)
{
    (void)state;
    skip_without_namespace();
    int connects = 0;
    int replies = 0;
    for (int i = 0; i < TIMES; i++) {
        connects += connects_naively(FIRST_PORT);
        replies += replies_naively(FIRST_PORT);
    }
    if (connects == 0 || replies == 0)
        fail_msg("%d self-connects and %d own replies in %d times: nothing is tested here",
                 connects, replies, TIMES);
}

static void expect_all_down(const char *label, const char *const *arguments, size_t rows)
{
    struct program program;
    struct launch launch = {.label = label, .arguments = arguments};
    program_run(&program, &launch);
    const char *out = buffer_text(&program.out);
    size_t down = 0;
    for (const char *line = out; *line != '\0'; line += strcspn(line, "\n") + 1)
        down += strncmp(line, "down   ", 7) == 0 &&
                strstr(line, "  127.0.0.1  refused in ") != NULL;
    if (down != rows || text_count_lines(&program.out) != rows)
        expect_text(label, "standard output", out, "only refused ports");
    expect_text(label, "standard error", buffer_text(&program.err), "");
    expect_number(label, "exit status", program.status, 1);
    program_release(&program);
}

static void test_self_connect_is_never_up(void **state)
{
    (void)state;
    skip_without_namespace();
    for (int i = 0; i < TIMES; i++)
        expect_all_down("all local ports", WORDS("127.0.0.1:50000-50003", "-P", "2"), 4);
    /* One at a time: a datagram to the socket of another flow is answered by silence. */
    for (int i = 0; i < TIMES; i++)
        expect_all_down("all local ports, UDP", WORDS("udp://127.0.0.1:50000-50003", "-P", "1"),
                        4);
}

/* The port must be free again: the real server wants it. */
static void test_self_connect_leaves_the_port_free(void **state)
{
    (void)state;
    skip_without_namespace();
    for (int i = 0; i < TIMES; i++) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(FIRST_PORT)};
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        expect_all_down("one port", WORDS("127.0.0.1:50000"), 1);
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        assert_true(fd >= 0);
        if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
            fail_msg("after run %d the port is taken", i + 1);
        assert_int_equal(close(fd), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_self_connect_happens_to_a_plain_program),
        cmocka_unit_test(test_self_connect_is_never_up),
        cmocka_unit_test(test_self_connect_leaves_the_port_free),
    };
    return cmocka_run_group_tests_name("cli/self_connect", tests, enter_namespace, NULL);
}
