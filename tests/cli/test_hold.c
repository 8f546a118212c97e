/*
 * --hold against peers that close, stay, speak a little or without end. Each of them is a
 * process beside the test, which ends it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "peer.h"
#include "text.h"

enum { HOLD_MS = 400, CLOSE_MS = 100, WORDS_MAX = 8, SPEECH_SIZE = 65536 };

enum manner { CLOSES, RESETS, STAYS, TRICKLES, FLOODS, SPEAKS_AND_CLOSES };

static void sleep_ms(long ms)
{
    const struct timespec time = {ms / 1000, ms % 1000 * NS_PER_MS};
    (void)nanosleep(&time, NULL);
}

/* Say it until the program has gone, or once where `pause_ms` is -1. */
static void speak(int fd, size_t len, long pause_ms)
{
    static char speech[SPEECH_SIZE];
    memset(speech, 'x', sizeof speech);
    while (send(fd, speech, len, MSG_NOSIGNAL) > 0 && pause_ms >= 0)
        if (pause_ms > 0)
            sleep_ms(pause_ms);
}

static void serve(int fd, enum manner manner)
{
    char byte;
    struct linger linger = {.l_onoff = manner == RESETS, .l_linger = 0};
    if (manner == TRICKLES)
        speak(fd, 1, 20);
    if (manner == FLOODS)
        speak(fd, SPEECH_SIZE, 0);
    if (manner == SPEAKS_AND_CLOSES)
        speak(fd, 70, -1);
    if (manner == STAYS)
        (void)recv(fd, &byte, 1, 0); /* until the program ends it */
    else
        sleep_ms(CLOSE_MS);
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    (void)close(fd);
}

/* A process that serves one connection after the other. */
static pid_t serve_beside(const struct peer *peer, enum manner manner)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0)
        return child;
    (void)alarm(30); /* it ends although the test may hang */
    for (;;) {
        int fd = accept(peer->fd, NULL, NULL);
        if (fd >= 0)
            serve(fd, manner);
    }
}

static void end_server(pid_t child)
{
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

#define UNTIL_CLOSED 1, CLOSE_MS, 4000
#define ALL_OF_HOLD  0, HOLD_MS, 4000

static const struct {
    const char *label;
    enum manner manner;
    const char *words[WORDS_MAX]; /* before the target */
    int status, least_ms, most_ms;
    const char *row; /* how it begins */
} rows[] = {
    {"closes", CLOSES, {"--hold", "400ms"}, UNTIL_CLOSED, "down closed"},
    {"resets", RESETS, {"--hold=0.4"}, UNTIL_CLOSED, "down closed: reset"},
    {"speaks and closes", SPEAKS_AND_CLOSES, {"--hold=0.4"}, UNTIL_CLOSED, "down closed"},
    {"closes, and is not held", CLOSES, {"--hold=0"}, 0, 0, 4000, "up"},
    {"is expected to close", CLOSES, {"--hold=0.4", "--expect=down"}, 0, 100, 4000, "down"},
    {"stays", STAYS, {"--hold=0.4"}, ALL_OF_HOLD, "up"},
    {"stays longer than -t", STAYS, {"--hold=0.4", "-t50ms"}, ALL_OF_HOLD, "up"},
    {"speaks byte by byte", TRICKLES, {"--hold=0.4"}, ALL_OF_HOLD, "up"},
    {"speaks without end", FLOODS, {"--hold=0.4"}, ALL_OF_HOLD, "up"},
    {"the run ends", STAYS, {"--hold=60", "-m0.3"}, 2, 300, 4000, "error local: the run's"},
    {"the wait ends",
     STAYS,
     {"--hold=60", "--wait=0.3"},
     1,
     300,
     4000,
     "error local: the wait"},
    {"it is waited for", STAYS, {"--hold=0.4", "--wait=9"}, ALL_OF_HOLD, "up"},
};

static void claim_row(const char *label, const struct program *program, const char *row)
{
    char out[256] = "";
    size_t state_len = strcspn(row, " ");
    struct buffer all = BUFFER_EMPTY;
    buffer_add(&all, program->out.bytes, program->out.len);
    /* STATE  TARGET  ADDRESS  REST */
    const char *rest = strstr(buffer_text(&all), "127.0.0.1  ");
    assert_non_null(rest);
    (void)snprintf(out, sizeof out, "%.*s%s%.*s", (int)state_len, buffer_text(&all),
                   row[state_len] != '\0' ? " " : "",
                   row[state_len] != '\0' ? (int)strlen(row + state_len + 1) : 0,
                   rest + strlen("127.0.0.1  "));
    expect_text(label, "row", out, row);
    buffer_release(&all);
}

static void test_hold_is_up_only_if_the_peer_does_not_close(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct peer peer;
        struct program program;
        const char *words[WORDS_MAX + 2] = {NULL};
        size_t count = 0;
        for (; rows[i].words[count] != NULL; count++)
            words[count] = rows[i].words[count];
        peer_listen(&peer, "127.0.0.1");
        words[count] = peer.target;
        pid_t child = serve_beside(&peer, rows[i].manner);
        const struct launch launch = {.arguments = words};
        int64_t began_ns = harness_now_ns();
        program_run(&program, &launch);
        int64_t took_ns = harness_now_ns() - began_ns;
        end_server(child);
        expect_number(rows[i].label, "status", program.status, rows[i].status);
        expect_elapsed(rows[i].label, took_ns, rows[i].least_ms, rows[i].most_ms);
        claim_row(rows[i].label, &program, rows[i].row);
        program_release(&program);
        peer_release(&peer);
    }
}

static int64_t spent_ns(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS_PER_S +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

/* It took some 20 ms a second; a loop without a pause takes all of it. */
static void test_hold_of_a_peer_that_speaks_without_end_is_cheap(void **state)
{
    (void)state;
    struct peer peer;
    struct program program;
    peer_listen(&peer, "127.0.0.1");
    pid_t child = serve_beside(&peer, FLOODS);
    const char *const words[] = {"--hold=1", peer.target, NULL};
    const struct launch launch = {.arguments = words};
    int64_t before_ns = spent_ns();
    program_run(&program, &launch);
    assert_in_range(spent_ns() - before_ns, 0, 400 * NS_PER_MS);
    assert_int_equal(program.status, 0);
    end_server(child);
    program_release(&program);
    peer_release(&peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hold_is_up_only_if_the_peer_does_not_close),
        cmocka_unit_test(test_hold_of_a_peer_that_speaks_without_end_is_cheap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
