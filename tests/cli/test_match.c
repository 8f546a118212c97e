/*
 * --send and --match against services that say what is awaited, something else, too much or too
 * little, and against hostile ones. Each is a process of its own, which this test starts.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "peer.h"
#include "text.h"

enum {
    WORDS_MAX = 8,
    TEXT_SIZE = 1024,
    ANSWER_MAX = 64 * 1024, /* of an answer so much is read */
    HEARD_SIZE = 512,
};

/* What services do with a connection */

static void nap(int ms)
{
    const struct timespec duration = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
    (void)nanosleep(&duration, NULL); /* killed before its end as a rule */
}

static void say(int fd, const char *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t count = send(fd, bytes + at, len - at, MSG_NOSIGNAL);
        if (count <= 0)
            return;
        at += (size_t)count;
    }
}

#define SAY(fd, text) say(fd, text, sizeof(text) - 1)

/* Until the other side ends it. */
static void hear_out(int fd)
{
    char bytes[HEARD_SIZE];
    while (recv(fd, bytes, sizeof bytes, 0) > 0)
        ;
}

static void greet(int fd)
{
    SAY(fd, "220 mail.example.com ESMTP\r\n");
    hear_out(fd);
}

static void dribble(int fd)
{
    static const char bytes[] = "220-first\r\n220 last\r\n";
    for (size_t i = 0; i + 1 < sizeof bytes; i++) {
        say(fd, bytes + i, 1);
        nap(2);
    }
    hear_out(fd);
}

/* "PING\0", and nothing else, is answered. */
static void answer_ping(int fd)
{
    char bytes[HEARD_SIZE];
    ssize_t len = recv(fd, bytes, sizeof bytes, 0);
    if (len == 5 && memcmp(bytes, "PING", 5) == 0)
        SAY(fd, "+PONG\r\nmore\r\n");
    hear_out(fd);
}

static void stay_silent(int fd)
{
    hear_out(fd);
}

static void leave(int fd)
{
    (void)fd;
}

static void say_a_byte_a_minute(int fd)
{
    SAY(fd, "2");
    nap(60000);
}

static void say_control_bytes(int fd)
{
    SAY(fd, "\033[2J\007a\0b'\xff\xc3\xa4\n");
    hear_out(fd);
}

static void reset_amid(int fd)
{
    const struct linger linger = {.l_onoff = 1};
    SAY(fd, "220 ma");
    nap(20);
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static void say_for_ever(int fd)
{
    static char bytes[ANSWER_MAX];
    uint32_t noise = 14;
    for (size_t i = 0; i < sizeof bytes; i++) {
        noise = noise * 1664525 + 1013904223;
        bytes[i] = noise >> 31 != 0 ? 'a' : 'b';
    }
    while (send(fd, bytes, sizeof bytes, MSG_NOSIGNAL) > 0)
        ;
}

/* So that "end" is the last of what is read, or one byte of it no more. */
static void fill(int fd, size_t len)
{
    static char bytes[ANSWER_MAX];
    memset(bytes, '.', sizeof bytes);
    say(fd, bytes, len);
    SAY(fd, "end of it\n");
    hear_out(fd);
}

static void fill_just(int fd)
{
    fill(fd, ANSWER_MAX - 3);
}

static void fill_over(int fd)
{
    fill(fd, ANSWER_MAX - 2);
}

/* Cases */

static const struct {
    const char *label;
    void (*serve)(int fd);
    const char *arguments[WORDS_MAX];
    int status;
    const char *row; /* behind state, target and address */
    int least_ms, most_ms;
} cases[] = {
    {"a banner", greet, {"--match", "220 "}, 0, "N ms", 0, 900},
    {"a banner's line", greet, {"--match", "/^220 .*ESMTP$/"}, 0, "N ms", 0, 900},
    {"another banner",
     greet,
     {"--match", "/^221/", "-t", "0.2"},
     1,
     "mismatched: '220 mail.example.com ESMTP\\r\\n'",
     200,
     900},
    {"another, as expected",
     greet,
     {"--match", "221", "-t", "0.2", "--expect", "down"},
     0,
     "mismatched: '220 mail.example.com ESMTP\\r\\n' (as expected)",
     200,
     900},
    {"a byte at a time", dribble, {"--match", "/^220 l[a-z]+$/"}, 0, "N ms", 20, 900},
    {"over several lines", dribble, {"--match", "t\\r\\n220 l"}, 0, "N ms", 20, 900},
    {"an answer", answer_ping, {"--send", "PING\\0"}, 0, "N ms, '+PONG...'", 0, 900},
    {"an answer that matches",
     answer_ping,
     {"--send", "PING\\x00", "--match", "PONG"},
     0,
     "N ms",
     0,
     900},
    {"anything to nothing",
     greet,
     {"--send", ""},
     0,
     "N ms, '220 mail.example.com ESMTP'",
     0,
     900},
    {"no answer",
     stay_silent,
     {"--send", "PING", "-t", "0.2"},
     1,
     "timeout: connected, but said nothing in N ms",
     200,
     900},
    {"no banner",
     stay_silent,
     {"--match", "x", "-t", "0.2"},
     1,
     "timeout: connected, but said nothing in N ms",
     200,
     900},
    {"the end",
     leave,
     {"--match", "x"},
     1,
     "closed: by the other side N ms after the handshake",
     0,
     900},
    {"the end of an answer", leave, {"--send", "x"}, 1, NULL, 0, 900},
    /* Hostile ones */
    {"a byte a minute",
     say_a_byte_a_minute,
     {"--match", "220", "-t", "0.2"},
     1,
     "mismatched: '2'",
     200,
     900},
    {"a byte a minute, which will do",
     say_a_byte_a_minute,
     {"--send", ""},
     0,
     "N ms, '2'",
     100,
     900},
    {"control bytes",
     say_control_bytes,
     {"--match", "x", "-t", "0.2"},
     1,
     "mismatched: '\\x1b[2J\\x07a\\x00b\\'\\xff\\xc3\\xa4\\n'",
     200,
     900},
    {"NUL", say_control_bytes, {"--match", "a\\0b"}, 0, "N ms", 0, 900},
    {"a line that NUL ends", say_control_bytes, {"--match", "/a$/"}, 0, "N ms", 0, 900},
    {"bytes of no character",
     say_control_bytes,
     {"--match", "/^b'.\\xc3.$/"},
     0,
     "N ms",
     0,
     900},
    {"a reset amid the answer",
     reset_amid,
     {"--match", "mail"},
     1,
     "mismatched: '220 ma'",
     0,
     900},
    {"for ever",
     say_for_ever,
     {"--match", "x"},
     1,
     "mismatched: 'babbabbbabbbbbbbaaabbbababbbaaabaaaaaaaababaabaabbababbbabbababa...'",
     0,
     900},
    {"for ever, a slow expression",
     say_for_ever,
     {"--match", "/(a|b)*a(a|b){10}c/"},
     1,
     "mismatched: 'babbabbbabbbbbbbaaabbbababbbaaabaaaaaaaababaabaabbababbbabbababa...'",
     0,
     1900},
    {"for ever, which will do",
     say_for_ever,
     {"--send", ""},
     0,
     "N ms, 'babbabbbabbbbbbbaaabbbababbbaaabaaaaaaaa...'",
     0,
     900},
    {"the last of what is read", fill_just, {"--match", "end"}, 0, "N ms", 0, 900},
    {"more than is read",
     fill_over,
     {"--match", "end"},
     1,
     "mismatched: "
     "'...................................................................'",
     0,
     900},
};

static void serve_all(int fd, void (*serve)(int fd))
{
    for (;;) {
        int connection = accept(fd, NULL, NULL);
        if (connection < 0)
            _exit(1);
        serve(connection);
        (void)close(connection); /* nothing left to lose */
    }
}

static pid_t start_service(const struct peer *peer, void (*serve)(int fd))
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)fcntl(peer->fd, F_SETFL, 0);
        serve_all(peer->fd, serve);
    }
    return pid;
}

static void end_service(pid_t pid)
{
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void run_case(size_t i)
{
    char expected[TEXT_SIZE];
    const char *arguments[WORDS_MAX + 2] = {NULL};
    struct peer peer;
    struct program program;
    peer_listen(&peer, "127.0.0.1");
    arguments[0] = peer.target;
    memcpy(arguments + 1, cases[i].arguments, sizeof cases[i].arguments);
    const struct launch launch = {.label = cases[i].label, .arguments = arguments};
    pid_t pid = start_service(&peer, cases[i].serve);
    program_run(&program, &launch);
    end_service(pid);
    bool is_down = cases[i].row != NULL && (strncmp(cases[i].row, "N ms", 4) != 0);
    (void)snprintf(expected, sizeof expected, "%-5s  %s  127.0.0.1  %s\n",
                   is_down ? "down" : "up", peer.target, cases[i].row);
    text_hide_latencies(&program.out);
    if (cases[i].row != NULL)
        expect_text(cases[i].label, "standard output", buffer_text(&program.out), expected);
    expect_text(cases[i].label, "standard error", buffer_text(&program.err), "");
    expect_number(cases[i].label, "status", program.status, cases[i].status);
    expect_took(&program, cases[i].least_ms, cases[i].most_ms);
    program_release(&program);
    peer_release(&peer);
}

static void test_match_rows_say_what_came(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        run_case(i);
}

/* The line that matched is -v's; JSON has what came first. */
static void test_match_is_told_by_verbose_and_json(void **state)
{
    (void)state;
    struct peer peer;
    struct program program;
    peer_listen(&peer, "127.0.0.1");
    pid_t pid = start_service(&peer, dribble);
    const struct launch launch = {.arguments =
                                      WORDS("-v", "-j", "--match", "/last$/", peer.target)};
    program_run(&program, &launch);
    end_service(pid);
    expect_number("-v", "status", program.status, 0);
    assert_non_null(strstr(buffer_text(&program.err), " matched in "));
    assert_non_null(strstr(buffer_text(&program.err), " ms: '220 last'\n"));
    assert_non_null(strstr(buffer_text(&program.out), "\"reason\":\"matched\""));
    assert_non_null(
        strstr(buffer_text(&program.out), "\"reply\":\"220-first\\u000d\\u000a220 "));
    program_release(&program);
    peer_release(&peer);
}

/* Datagrams */

struct udp_service {
    int fd;
    int other; /* a socket at another port, which forges answers */
    char target[TEXT_SIZE];
};

static int open_datagrams(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

/* A forged answer first; then one that says how many bytes came, and which came last. */
static void serve_datagrams(const struct udp_service *service)
{
    static char question[ANSWER_MAX];
    char answer[HEARD_SIZE];
    struct sockaddr_in sender;
    for (;;) {
        socklen_t size = sizeof sender;
        ssize_t len = recvfrom(service->fd, question, sizeof question, 0,
                               (struct sockaddr *)&sender, &size);
        if (len < 0)
            _exit(1);
        (void)sendto(service->other, "forged", 6, 0, (struct sockaddr *)&sender, size);
        int said = snprintf(answer, sizeof answer, "%zd bytes, the last %d\nmore", len,
                            len > 0 ? question[len - 1] : -1);
        (void)sendto(service->fd, answer, (size_t)said, 0, (struct sockaddr *)&sender, size);
    }
}

static const struct {
    const char *label;
    const char *arguments[WORDS_MAX];
    int status;
    const char *row;
} datagrams[] = {
    {"text", {"--send", "PING\\0"}, 0, "N ms, '5 bytes, the last 0...'"},
    {"nothing", {"--send", ""}, 0, "N ms, '0 bytes, the last -1...'"},
    {"text that is matched",
     {"--send", "a\\nb", "--match", "/^3 bytes, the last 98$/"},
     0,
     "N ms"},
    {"the known question", {"--match", "/^0 bytes/"}, 0, "N ms"},
    {"forged",
     {"--send", "x", "--match", "forged"},
     1,
     "mismatched: '1 bytes, the last 120\\nmore'"},
};

static void test_match_holds_one_datagram_of_the_asked_port(void **state)
{
    (void)state;
    uint16_t port = 0;
    uint16_t other_port = 0;
    struct udp_service service;
    service.fd = open_datagrams(&port);
    service.other = open_datagrams(&other_port);
    (void)snprintf(service.target, sizeof service.target, "udp://127.0.0.1:%u", port);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        serve_datagrams(&service);
    for (size_t i = 0; i < ARRAY_LEN(datagrams); i++) {
        char expected[2 * TEXT_SIZE];
        const char *arguments[WORDS_MAX + 2] = {service.target};
        memcpy(arguments + 1, datagrams[i].arguments, sizeof datagrams[i].arguments);
        const struct launch launch = {
            .label = datagrams[i].label, .arguments = arguments, .most_ms = 900};
        (void)snprintf(expected, sizeof expected, "%-5s  %s  127.0.0.1  %s\n",
                       datagrams[i].status == 0 ? "up" : "down", service.target,
                       datagrams[i].row);
        expect_run(&launch, datagrams[i].status, expected, "");
    }
    end_service(pid);
    (void)close(service.fd);    /* the test is over */
    (void)close(service.other); /* the same */
}

/* As much as a datagram holds, and not a byte more. */
static void test_match_sends_as_much_as_a_datagram_holds(void **state)
{
    (void)state;
    enum { MOST = 65507 };
    uint16_t port = 0;
    uint16_t other_port = 0;
    char *text = calloc(1, MOST + 2);
    struct udp_service service;
    assert_non_null(text);
    memset(text, 'a', MOST + 1);
    service.fd = open_datagrams(&port);
    service.other = open_datagrams(&other_port);
    (void)snprintf(service.target, sizeof service.target, "udp://127.0.0.1:%u", port);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        serve_datagrams(&service);
    const struct launch over = {.label = "over",
                                .arguments = WORDS("--send", text, service.target)};
    expect_run(&over, 2, "",
               "netcheck: text of 65508 bytes for --send: allowed are 65507, the most that a "
               "datagram has\n");
    text[MOST] = '\0';
    struct program program;
    const struct launch just = {.label = "just",
                                .arguments = WORDS("--send", text, "--match",
                                                   "65507 bytes, the last 97", service.target)};
    program_run(&program, &just);
    expect_number("just", "status", program.status, 0);
    program_release(&program);
    end_service(pid);
    (void)close(service.fd);    /* the test is over */
    (void)close(service.other); /* the same */
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match_rows_say_what_came),
        cmocka_unit_test(test_match_is_told_by_verbose_and_json),
        cmocka_unit_test(test_match_holds_one_datagram_of_the_asked_port),
        cmocka_unit_test(test_match_sends_as_much_as_a_datagram_holds),
    };
    return cmocka_run_group_tests_name("cli/match", tests, NULL, NULL);
}
