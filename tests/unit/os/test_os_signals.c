/*
 * Signals and the end of the process, in children of their own.
 */
#define _XOPEN_SOURCE 700 /* posix_openpt */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/os/process.h"
#include "netcheck/os/signals.h"
#include "netcheck/os/terminal.h"
#include "netcheck/os/os.h"

enum {
    HANG_S = 300, /* a test that waits for ever is ended by SIGALRM */
    FINE = 0,     /* exit statuses of the children; any other says what was wrong */
    NOT_PREPARED = 90,
    SURVIVED = 91,
    DEATH = 128, /* and the number of the signal, as a shell says it */
};

/* One that was started by nohup or cron may have some of them ignored or blocked. */
static void start_afresh(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGUSR1};
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t none;
    (void)sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &none, NULL) != 0)
        _exit(NOT_PREPARED);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (sigaction(numbers[i], &standard, NULL) != 0)
            _exit(NOT_PREPARED);
}

/* What became of a child that runs `run`, as of wait(2). */
static int run_in_child(int (*run)(int number), int number)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        start_afresh();
        _exit(run(number));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void claim_end(const char *label, int status, int end)
{
    claim_number(
        label, "end",
        (uint64_t)(WIFSIGNALED(status) ? DEATH + WTERMSIG(status) : WEXITSTATUS(status)),
        (uint64_t)end);
}

static int catch_and_take(int number)
{
    int fd = -1;
    int taken = 0;
    if (os_catch_signals(0, &fd) != 0 || os_take_signal(fd, &taken) != OS_SIGNAL_NONE)
        return 1;
    (void)raise(number);
    if (os_wait_readable(fd, NEVER_NS) != 0)
        return 2;
    enum os_signal meaning = os_take_signal(fd, &taken);
    if (meaning == OS_SIGNAL_NONE || taken != number)
        return 3;
    if (os_take_signal(fd, &taken) != OS_SIGNAL_NONE)
        return 4;
    return 10 + (int)meaning;
}

static int count_continues(int number)
{
    int fd = -1;
    unsigned before = os_system.continues(os_system.self);
    if (os_catch_signals(0, &fd) != 0)
        return 1;
    for (unsigned i = 0; i < 1000; i++) {
        (void)raise(number);
        unsigned after = os_system.continues(os_system.self);
        if ((after != before) != (number == SIGCONT))
            return 2;
        before = after;
    }
    return FINE;
}

static int take_in_order(int number)
{
    static const int sent[] = {SIGUSR1, SIGTERM, SIGUSR1};
    int fd = -1;
    int taken = 0;
    if (os_catch_signals(0, &fd) != 0)
        return 1;
    for (size_t i = 0; i < ARRAY_LEN(sent); i++)
        (void)raise(sent[i]);
    for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
        enum os_signal meaning = os_take_signal(fd, &taken);
        bool is_end = sent[i] != SIGUSR1;
        if (meaning != (is_end ? OS_SIGNAL_END : OS_SIGNAL_PROGRESS))
            return 2;
        if (is_end && taken != sent[i])
            return 3;
    }
    return os_take_signal(fd, &taken) == OS_SIGNAL_NONE ? FINE : 4;
}

/* More than a pipe holds: none of them waits, and all of them are harmless. */
static int raise_many(int number)
{
    int fd = -1;
    int taken = 0;
    if (os_catch_signals(0, &fd) != 0)
        return 1;
    errno = EXDEV; /* which the handler leaves alone */
    for (int i = 0; i < 70000; i++)
        (void)raise(number);
    if (errno != EXDEV)
        return 2;
    return os_take_signal(fd, &taken) == OS_SIGNAL_PROGRESS ? FINE : 3;
}

static int catch_ignored(int number)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction now;
    int fd = -1;
    int taken = 0;
    if (sigaction(number, &ignore, NULL) != 0)
        return NOT_PREPARED;
    if (os_catch_signals(0, &fd) != 0)
        return 1;
    (void)raise(number);
    (void)raise(number);
    if (os_take_signal(fd, &taken) != OS_SIGNAL_NONE)
        return 2;
    if (sigaction(number, NULL, &now) != 0 || now.sa_handler != SIG_IGN)
        return 3;
    /* The others are caught nevertheless. */
    (void)raise(number == SIGINT ? SIGTERM : SIGINT);
    return os_take_signal(fd, &taken) == OS_SIGNAL_END ? FINE : 4;
}

/* Again and again, for a second: what comes a moment later is the same one. */
static int raise_first(int first, int number)
{
    const struct timespec pause = {.tv_nsec = 10 * NS_PER_MS};
    int fd = -1;
    if (os_catch_signals(0, &fd) != 0)
        return 1;
    (void)raise(first);
    for (int i = 0; i < 100; i++) {
        (void)nanosleep(&pause, NULL);
        (void)raise(number);
    }
    return SURVIVED;
}

static int raise_twice(int number)
{
    return raise_first(number, number);
}

static int raise_another(int number)
{
    return raise_first(number == SIGINT ? SIGTERM : SIGINT, number);
}

static int raise_both(int number)
{
    int fd = -1;
    if (os_catch_signals(0, &fd) != 0)
        return 1;
    (void)raise(number);
    (void)raise(number);
    return SURVIVED;
}

/* As timeout(1) sends it. Where the machine is busy the second one may be late, but not always.
 */
static int raise_in_a_moment(int number)
{
    for (int i = 0; i < 10; i++)
        if (WEXITSTATUS(run_in_child(raise_both, number)) == SURVIVED)
            return SURVIVED;
    return 1;
}

static int look_at_descriptor(int number)
{
    int fd = -1;
    if (os_catch_signals(0, &fd) != 0)
        return 1;
    return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0
               ? FINE
               : 2;
}

static void test_os_without_a_descriptor_there_is_no_signal(void **state)
{
    int number = 77;
    assert_int_equal(os_take_signal(-1, &number), OS_SIGNAL_NONE);
    assert_int_equal(number, 77);
}

static int die(int number)
{
    os_die(number);
}

static int die_of_a_caught_one(int number)
{
    int fd = -1;
    if (os_catch_signals(0, &fd) != 0)
        return 1;
    os_die(number);
}

static int die_of_an_ignored_and_blocked_one(int number)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t all;
    if (sigfillset(&all) != 0 || sigprocmask(SIG_BLOCK, &all, NULL) != 0 ||
        sigaction(number, &ignore, NULL) != 0)
        return NOT_PREPARED;
    os_die(number);
}

static const struct {
    const char *label;
    int (*run)(int number);
    int number;
    int end;
} runs[] = {
    {"SIGINT is taken once", catch_and_take, SIGINT, 10 + OS_SIGNAL_END},
    {"SIGTERM is taken once", catch_and_take, SIGTERM, 10 + OS_SIGNAL_END},
    {"SIGUSR1 is taken once", catch_and_take, SIGUSR1, 10 + OS_SIGNAL_PROGRESS},
    {"SIGCONT is counted", count_continues, SIGCONT, FINE},
    {"SIGUSR1 is not counted", count_continues, SIGUSR1, FINE},
    {"three in their order", take_in_order, 0, FINE},
    {"more than a pipe holds", raise_many, SIGUSR1, FINE},
    {"SIGINT ignored", catch_ignored, SIGINT, FINE},
    {"SIGTERM ignored", catch_ignored, SIGTERM, FINE},
    {"SIGUSR1 ignored", catch_ignored, SIGUSR1, FINE},
    {"SIGINT twice", raise_twice, SIGINT, DEATH + SIGINT},
    {"SIGTERM twice", raise_twice, SIGTERM, DEATH + SIGTERM},
    {"SIGUSR1 twice", raise_twice, SIGUSR1, SURVIVED},
    {"SIGINT twice in a moment", raise_in_a_moment, SIGINT, SURVIVED},
    {"SIGTERM twice in a moment", raise_in_a_moment, SIGTERM, SURVIVED},
    {"SIGTERM after SIGINT", raise_another, SIGTERM, DEATH + SIGTERM},
    {"SIGINT after SIGTERM", raise_another, SIGINT, DEATH + SIGINT},
    {"a descriptor of its own", look_at_descriptor, 0, FINE},
    {"die of SIGINT", die, SIGINT, DEATH + SIGINT},
    {"die of SIGTERM", die, SIGTERM, DEATH + SIGTERM},
    {"die of a caught SIGINT", die_of_a_caught_one, SIGINT, DEATH + SIGINT},
    {"die of a caught SIGTERM", die_of_a_caught_one, SIGTERM, DEATH + SIGTERM},
    {"die of an ignored SIGINT", die_of_an_ignored_and_blocked_one, SIGINT, DEATH + SIGINT},
    {"die of an ignored SIGTERM", die_of_an_ignored_and_blocked_one, SIGTERM, DEATH + SIGTERM},
};

static void test_os_signal_is_taken_or_ends_the_process(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(runs); i++)
        claim_end(runs[i].label, run_in_child(runs[i].run, runs[i].number), runs[i].end);
}

static void test_os_random_is_different_each_time(void **state)
{
    enum { COUNT = 100 };
    uint64_t values[COUNT];
    uint64_t ones = 0;
    uint64_t zeros = 0;
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = os_random();
        ones |= values[i];
        zeros |= ~values[i];
        for (size_t j = 0; j < i; j++)
            assert_true(values[i] != values[j]);
    }
    assert_true(ones == UINT64_MAX); /* each bit was set once, and not set once */
    assert_true(zeros == UINT64_MAX);
}

static void test_os_wait_readable_sees_bytes_and_errors(void **state)
{
    int ends[2];
    size_t len = 0;
    assert_int_equal(os_pipe(ends), 0);
    assert_int_equal(os_write(ends[1], "x", 1, &len), 0);
    assert_int_equal(os_wait_readable(ends[0], NEVER_NS), 0);
    assert_int_equal(os_close(ends[1]), 0);
    assert_int_equal(os_wait_readable(ends[0], NEVER_NS), 0);
    assert_int_equal(os_close(ends[0]), 0);
    assert_int_equal(os_wait_readable(ends[0], NEVER_NS), EBADF);
}

/* Of a terminal: test_os_terminal.c. */
static void test_os_terminal_width_of_no_terminal_is_80(void **state)
{
    int ends[2];
    assert_int_equal(os_pipe(ends), 0);
    assert_int_equal(os_terminal_width(ends[1]), 80);
    assert_int_equal(os_close(ends[0]), 0);
    assert_int_equal(os_close(ends[1]), 0);
    assert_int_equal(os_terminal_width(ends[1]), 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_os_without_a_descriptor_there_is_no_signal),
        cmocka_unit_test(test_os_signal_is_taken_or_ends_the_process),
        cmocka_unit_test(test_os_random_is_different_each_time),
        cmocka_unit_test(test_os_wait_readable_sees_bytes_and_errors),
        cmocka_unit_test(test_os_terminal_width_of_no_terminal_is_80),
    };
    (void)alarm(HANG_S);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
