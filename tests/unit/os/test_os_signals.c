/*
 * Signals and the end of the process, in children of their own.
 */
#define _XOPEN_SOURCE 700 /* posix_openpt */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "../claim.h"
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

static void claim_exit(const char *label, int status, int expected)
{
    claim_true(label, "an end of its own", WIFEXITED(status));
    claim_number(label, "exit status", (uint64_t)WEXITSTATUS(status), (uint64_t)expected);
}

static void claim_death(const char *label, int status, int number)
{
    claim_true(label, "death by a signal", WIFSIGNALED(status));
    claim_number(label, "signal", (uint64_t)WTERMSIG(status), (uint64_t)number);
}

static const struct {
    const char *label;
    int number;
    enum os_signal meaning;
} caught[] = {
    {"SIGINT", SIGINT, OS_SIGNAL_END},
    {"SIGTERM", SIGTERM, OS_SIGNAL_END},
    {"SIGUSR1", SIGUSR1, OS_SIGNAL_PROGRESS},
};

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

static void test_os_caught_signal_is_taken_once(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(caught); i++)
        claim_exit(caught[i].label, run_in_child(catch_and_take, caught[i].number),
                   10 + (int)caught[i].meaning);
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

static void test_os_continues_are_counted(void **state)
{
    claim_exit("SIGCONT", run_in_child(count_continues, SIGCONT), FINE);
    claim_exit("SIGUSR1", run_in_child(count_continues, SIGUSR1), FINE);
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

static void test_os_signals_are_taken_in_their_order(void **state)
{
    claim_exit("three of them", run_in_child(take_in_order, 0), FINE);
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

static void test_os_signals_that_nobody_takes_do_no_harm(void **state)
{
    claim_exit("SIGUSR1", run_in_child(raise_many, SIGUSR1), FINE);
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

static void test_os_ignored_signal_stays_ignored(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(caught); i++)
        claim_exit(caught[i].label, run_in_child(catch_ignored, caught[i].number), FINE);
}

static int raise_twice(int number)
{
    int fd = -1;
    if (os_catch_signals(0, &fd) != 0)
        return 1;
    (void)raise(number);
    (void)raise(number);
    return SURVIVED;
}

static void test_os_second_signal_of_an_end_ends_at_once(void **state)
{
    claim_death("SIGINT", run_in_child(raise_twice, SIGINT), SIGINT);
    claim_death("SIGTERM", run_in_child(raise_twice, SIGTERM), SIGTERM);
    claim_exit("SIGUSR1", run_in_child(raise_twice, SIGUSR1), SURVIVED);
}

static int raise_another(int number)
{
    int fd = -1;
    if (os_catch_signals(0, &fd) != 0)
        return 1;
    (void)raise(number == SIGINT ? SIGTERM : SIGINT);
    (void)raise(number);
    return SURVIVED;
}

static void test_os_second_signal_may_be_the_other_one(void **state)
{
    claim_death("SIGTERM after SIGINT", run_in_child(raise_another, SIGTERM), SIGTERM);
    claim_death("SIGINT after SIGTERM", run_in_child(raise_another, SIGINT), SIGINT);
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

static void test_os_descriptor_of_signals_is_nobody_elses(void **state)
{
    claim_exit("descriptor", run_in_child(look_at_descriptor, 0), FINE);
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

static void test_os_die_is_seen_as_death_by_the_signal(void **state)
{
    static const struct {
        const char *label;
        int (*run)(int number);
    } ways[] = {
        {"as by default", die},
        {"caught", die_of_a_caught_one},
        {"ignored and blocked", die_of_an_ignored_and_blocked_one},
    };
    static const int numbers[] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++)
        for (size_t j = 0; j < ARRAY_LEN(numbers); j++)
            claim_death(ways[i].label, run_in_child(ways[i].run, numbers[j]), numbers[j]);
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

static void test_os_terminal_width_is_that_of_the_terminal(void **state)
{
    static const struct {
        const char *label;
        unsigned short columns;
        unsigned width;
    } rows[] = {{"1", 1, 1},
                {"40", 40, 40},
                {"132", 132, 132},
                {"unknown", 0, 80},
                {"most", 65535, 65535}};
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(terminal >= 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct winsize size = {.ws_row = 24, .ws_col = rows[i].columns};
        claim_number(rows[i].label, "ioctl", (uint64_t)ioctl(terminal, TIOCSWINSZ, &size), 0);
        claim_number(rows[i].label, "width", os_terminal_width(terminal), rows[i].width);
    }
    assert_int_equal(os_close(terminal), 0);
}

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
        cmocka_unit_test(test_os_caught_signal_is_taken_once),
        cmocka_unit_test(test_os_continues_are_counted),
        cmocka_unit_test(test_os_signals_are_taken_in_their_order),
        cmocka_unit_test(test_os_signals_that_nobody_takes_do_no_harm),
        cmocka_unit_test(test_os_ignored_signal_stays_ignored),
        cmocka_unit_test(test_os_second_signal_of_an_end_ends_at_once),
        cmocka_unit_test(test_os_second_signal_may_be_the_other_one),
        cmocka_unit_test(test_os_descriptor_of_signals_is_nobody_elses),
        cmocka_unit_test(test_os_without_a_descriptor_there_is_no_signal),
        cmocka_unit_test(test_os_die_is_seen_as_death_by_the_signal),
        cmocka_unit_test(test_os_random_is_different_each_time),
        cmocka_unit_test(test_os_wait_readable_sees_bytes_and_errors),
        cmocka_unit_test(test_os_terminal_width_is_that_of_the_terminal),
        cmocka_unit_test(test_os_terminal_width_of_no_terminal_is_80),
    };
    (void)alarm(HANG_S);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
