/*
 * A screen, and what becomes of the terminal: in children of their own, each the leader of a
 * session whose terminal is a pseudo terminal of the test.
 */
#define _XOPEN_SOURCE 700 /* posix_openpt */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "../claim.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/os/signals.h"
#include "netcheck/os/terminal.h"

#define ENTER "<enter>"
#define LEAVE "<leave>"

enum {
    HANG_S = 300, /* a test that waits for ever is ended by SIGALRM, */
    STUCK_S = 60, /* and so are its children */
    FINE = 0,     /* exit statuses of the children; any other says what was wrong */
    NOT_PREPARED = 90,
    SURVIVED = 91,
    DEATH = 128, /* and the number of the signal, as a shell says it */
};

/* A terminal, by its two ends. */
struct terminal {
    int master;
    int slave;
    struct termios modes; /* before anybody touched it */
    char written[4096];   /* by the child */
    size_t written_len;
    int status; /* of the child, as of wait(2) */
};

static void open_terminal(struct terminal *terminal)
{
    memset(terminal, 0, sizeof *terminal);
    terminal->master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(terminal->master >= 0);
    assert_int_equal(grantpt(terminal->master), 0);
    assert_int_equal(unlockpt(terminal->master), 0);
    terminal->slave = open(ptsname(terminal->master), O_RDWR | O_NOCTTY);
    assert_true(terminal->slave >= 0);
    assert_int_equal(tcgetattr(terminal->slave, &terminal->modes), 0);
}

static void close_terminal(struct terminal *terminal)
{
    if (terminal->master >= 0)
        (void)close(terminal->master);
    (void)close(terminal->slave); /* both were only borrowed */
}

/* What the child wrote so far; the slave is open here, so that there is no end of it. */
static void read_written(struct terminal *terminal)
{
    struct pollfd wait = {.fd = terminal->master, .events = POLLIN};
    while (poll(&wait, 1, 0) > 0) {
        size_t room = sizeof terminal->written - 1 - terminal->written_len;
        ssize_t len = read(terminal->master, terminal->written + terminal->written_len, room);
        if (len <= 0)
            return;
        terminal->written_len += (size_t)len;
    }
}

/* In the child: as started by hand, nothing ignored, blocked or caught. */
static void start_afresh(const struct terminal *terminal)
{
    static const int numbers[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGILL,  SIGABRT, SIGFPE,
                                  SIGSEGV, SIGBUS,  SIGALRM, SIGTERM, SIGUSR1, SIGUSR2,
                                  SIGTSTP, SIGCONT, SIGTTIN, SIGTTOU, SIGSYS,  SIGTRAP};
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t none;
    (void)sigemptyset(&none);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (sigaction(numbers[i], &standard, NULL) != 0)
            _exit(NOT_PREPARED);
    if (sigprocmask(SIG_SETMASK, &none, NULL) != 0 || setsid() < 0 ||
        ioctl(terminal->slave, TIOCSCTTY, 0) != 0)
        _exit(NOT_PREPARED);
    (void)close(terminal->master); /* else the terminal would never go */
    (void)alarm(STUCK_S);
}

typedef int child_run(const struct terminal *terminal, int number);

static pid_t start_child(const struct terminal *terminal, child_run *run, int number)
{
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        start_afresh(terminal);
        _exit(run(terminal, number));
    }
    return child;
}

static void await_child(struct terminal *terminal, pid_t child)
{
    assert_int_equal(waitpid(child, &terminal->status, 0), child);
    if (terminal->master >= 0)
        read_written(terminal);
}

static void run_in_child(struct terminal *terminal, child_run *run, int number)
{
    open_terminal(terminal);
    await_child(terminal, start_child(terminal, run, number));
}

static void claim_end(const char *label, const struct terminal *terminal, int end)
{
    claim_number(label, "end",
                 (uint64_t)(WIFSIGNALED(terminal->status) ? DEATH + WTERMSIG(terminal->status)
                                                          : WEXITSTATUS(terminal->status)),
                 (uint64_t)end);
}

static bool has_modes(int fd, const struct termios *expected)
{
    struct termios modes;
    return tcgetattr(fd, &modes) == 0 && modes.c_lflag == expected->c_lflag &&
           modes.c_iflag == expected->c_iflag && modes.c_oflag == expected->c_oflag &&
           modes.c_cflag == expected->c_cflag &&
           memcmp(modes.c_cc, expected->c_cc, sizeof modes.c_cc) == 0;
}

/* The modes are those from before, and this was written. */
static void claim_restored(const char *label, const struct terminal *terminal,
                           const char *written)
{
    claim_true(label, "modes as before", has_modes(terminal->slave, &terminal->modes));
    claim_text(label, "what was written", terminal->written, written);
}

static bool is_screen(int fd)
{
    struct termios modes;
    return tcgetattr(fd, &modes) == 0 && (modes.c_lflag & (ICANON | ECHO)) == 0 &&
           (modes.c_lflag & ISIG) != 0;
}

/* In the child: the screen as the program makes it. */
static int enter(const struct terminal *terminal, int *signal_fd)
{
    int keys_fd = -1;
    if (os_catch_signals(0, signal_fd) != 0 || os_open_terminal(&keys_fd) != 0 ||
        os_enter_screen(keys_fd, terminal->slave, ENTER, LEAVE) != 0)
        _exit(NOT_PREPARED);
    return keys_fd;
}

/* In the child: the next thing that a signal asks for. */
static enum os_signal await_signal(int signal_fd)
{
    int number = 0;
    enum os_signal signal = OS_SIGNAL_NONE;
    while (signal == OS_SIGNAL_NONE) {
        if (os_wait_readable(signal_fd, NEVER_NS) != 0)
            _exit(NOT_PREPARED);
        signal = os_take_signal(signal_fd, &number);
    }
    return signal;
}

static int enter_and_leave(const struct terminal *terminal, int number)
{
    int signal_fd = -1;
    os_leave_screen(); /* there is none */
    int keys_fd = enter(terminal, &signal_fd);
    if (!is_screen(keys_fd) || !os_show_screen())
        return 1;
    os_leave_screen();
    if (os_show_screen() || !has_modes(keys_fd, &terminal->modes))
        return 2;
    os_leave_screen(); /* it is left */
    return FINE;
}

static int enter_twice(const struct terminal *terminal, int number)
{
    int signal_fd = -1;
    int keys_fd = enter(terminal, &signal_fd);
    os_leave_screen();
    if (os_enter_screen(keys_fd, terminal->slave, ENTER, LEAVE) != 0 || !is_screen(keys_fd))
        return 1;
    (void)raise(number);
    return SURVIVED;
}

static int enter_and_raise(const struct terminal *terminal, int number)
{
    int signal_fd = -1;
    (void)enter(terminal, &signal_fd);
    (void)raise(number);
    return SURVIVED;
}

/* For a second: what comes a moment after the first one is the same one. */
static int raise_again(int number)
{
    for (int i = 0; i < 100; i++) {
        (void)poll(NULL, 0, 10);
        (void)raise(number);
    }
    return SURVIVED;
}

static int enter_and_raise_twice(const struct terminal *terminal, int number)
{
    int signal_fd = -1;
    int keys_fd = enter(terminal, &signal_fd);
    (void)raise(number);
    if (await_signal(signal_fd) != OS_SIGNAL_END || !is_screen(keys_fd))
        return 1;
    return raise_again(number == SIGINT ? SIGTERM : SIGINT); /* either is the second */
}

/* Afterwards its modes are other ones, which are nobody's business here. */
static int leave_between_two_ends(const struct terminal *terminal, int number)
{
    int signal_fd = -1;
    int keys_fd = enter(terminal, &signal_fd);
    os_leave_screen();
    struct termios modes = terminal->modes;
    modes.c_lflag &= ~(tcflag_t)ECHO;
    if (tcsetattr(keys_fd, TCSANOW, &modes) != 0)
        return NOT_PREPARED;
    (void)raise(number);
    return raise_again(number);
}

static void handle_nothing(int number)
{
}

/* What is ignored or caught by others stays so, on the screen and after it. */
static int keep_handlers(const struct terminal *terminal, int number)
{
    struct sigaction action = {.sa_handler = SIG_IGN};
    struct sigaction now;
    int signal_fd = -1;
    if (sigaction(SIGHUP, &action, NULL) != 0 || sigaction(SIGTSTP, &action, NULL) != 0)
        return NOT_PREPARED;
    action.sa_handler = handle_nothing;
    if (sigaction(SIGPROF, &action, NULL) != 0)
        return NOT_PREPARED;
    (void)enter(terminal, &signal_fd);
    (void)raise(SIGHUP);
    (void)raise(SIGTSTP);
    (void)raise(SIGPROF);
    if (os_take_signal(signal_fd, &number) != OS_SIGNAL_NONE)
        return 1;
    os_leave_screen();
    if (sigaction(SIGHUP, NULL, &now) != 0 || now.sa_handler != SIG_IGN)
        return 2;
    if (sigaction(SIGPROF, NULL, &now) != 0 || now.sa_handler != handle_nothing)
        return 3;
    if (sigaction(SIGSEGV, NULL, &now) != 0 || now.sa_handler != SIG_DFL)
        return 4;
    return sigaction(SIGWINCH, NULL, &now) == 0 && now.sa_handler == SIG_DFL ? FINE : 5;
}

static int await_resize(const struct terminal *terminal, int number)
{
    unsigned columns = 0;
    unsigned lines = 0;
    int signal_fd = -1;
    int keys_fd = enter(terminal, &signal_fd);
    struct winsize size = {.ws_row = 10, .ws_col = 40};
    if (ioctl(terminal->slave, TIOCSWINSZ, &size) != 0)
        return NOT_PREPARED;
    if (await_signal(signal_fd) != OS_SIGNAL_REDRAW)
        return 1;
    os_terminal_size(keys_fd, &columns, &lines);
    return columns == 40 && lines == 10 ? FINE : 2;
}

/* How a job is stopped. */
enum stop {
    ASKED,     /* by SIGTSTP, which it takes */
    FROZEN,    /* by SIGSTOP: it does not know */
    IN_BETWEEN /* by SIGSTOP, while it enters the screen: it has just seen that it may */
};

static bool stops_in_between;

/* In the place of the C library's. */
pid_t tcgetpgrp(int fd)
{
    pid_t group = -1;
    if (ioctl(fd, TIOCGPGRP, &group) != 0)
        return -1;
    if (stops_in_between) {
        stops_in_between = false;
        (void)raise(SIGSTOP);
    }
    return group;
}

/*
 * A screen that is a job of a shell: only a process group with a parent in its session, the
 * shell, is ever stopped.
 */
struct job {
    const char *label;
    enum stop stop;
    bool is_foreground; /* continued in the foreground, until it is a screen again */
    int number;         /* what then ends it ... */
    bool is_twice;      /* ... when it comes for the second time */
    int status;         /* of the job: as for claim_end() */
    const char *written;
};

enum { NOT_SHOWN = 2, SHOWN = 3 };

static const struct job jobs[] = {
    {"fg", ASKED, true, SIGTERM, false, SHOWN, ENTER LEAVE ENTER LEAVE},
    {"fg, then a signal", ASKED, true, SIGUSR2, false, DEATH + SIGUSR2,
     ENTER LEAVE ENTER LEAVE},
    {"kill", ASKED, false, SIGTERM, false, NOT_SHOWN, ENTER LEAVE},
    {"kill -USR2", ASKED, false, SIGUSR2, false, DEATH + SIGUSR2, ENTER LEAVE},
    {"kill -STOP, fg", FROZEN, true, SIGTERM, false, SHOWN, ENTER LEAVE},
    {"kill -STOP, kill", FROZEN, false, SIGTERM, false, NOT_SHOWN, ENTER LEAVE},
    {"kill -STOP, kill -USR2", FROZEN, false, SIGUSR2, false, DEATH + SIGUSR2, ENTER LEAVE},
    {"kill -STOP, kill twice", FROZEN, false, SIGTERM, true, DEATH + SIGTERM, ENTER LEAVE},
    {"in between, fg", IN_BETWEEN, true, SIGTERM, false, SHOWN, ENTER LEAVE},
    {"in between, kill", IN_BETWEEN, false, SIGTERM, false, NOT_SHOWN, ""},
};

/* What the shell makes of the terminal; a write from the background stops the writer. */
static struct termios modes_of_shell(const struct terminal *terminal)
{
    struct termios modes = terminal->modes;
    modes.c_lflag &= ~(tcflag_t)ECHO;
    modes.c_lflag |= TOSTOP;
    return modes;
}

_Noreturn static void run_job(const struct terminal *terminal, const struct job *job)
{
    int signal_fd = -1;
    if (setpgid(0, 0) != 0)
        _exit(NOT_PREPARED);
    (void)alarm(STUCK_S);
    while (tcgetpgrp(terminal->slave) != getpgrp())
        (void)poll(NULL, 0, 1);
    stops_in_between = job->stop == IN_BETWEEN;
    int keys_fd = enter(terminal, &signal_fd);
    if (job->stop != IN_BETWEEN)
        (void)raise(job->stop == FROZEN ? SIGSTOP : SIGTSTP);
    if (job->stop == ASKED && !is_screen(keys_fd))
        _exit(1); /* SIGTSTP is obeyed when it is taken */
    while (await_signal(signal_fd) != OS_SIGNAL_END)
        continue;
    while (job->is_twice)
        (void)poll(NULL, 0, -1);
    bool is_shown = os_show_screen();
    os_leave_screen();
    _exit(is_shown ? SHOWN : NOT_SHOWN);
}

static bool set_foreground(const struct terminal *terminal, pid_t group)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTTOU);
    return sigprocmask(SIG_BLOCK, &set, NULL) == 0 && tcsetpgrp(terminal->slave, group) == 0;
}

static void await_screen(const struct terminal *terminal)
{
    while (!is_screen(terminal->slave))
        (void)poll(NULL, 0, 1);
}

static bool await_stop(pid_t pid, int number)
{
    int status = 0;
    return waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status) &&
           WSTOPSIG(status) == number;
}

/* In the shell: until the job has stopped; what it leaves behind is then the shell's. */
static bool await_first_stop(const struct terminal *terminal, const struct job *job, pid_t pid)
{
    return await_stop(pid, job->stop == ASKED ? SIGTSTP : SIGSTOP) &&
           (job->stop == FROZEN || has_modes(terminal->slave, &terminal->modes));
}

/* One that went on to make the terminal a screen is stopped for it. */
static bool continue_in_background(const struct terminal *terminal, pid_t pid)
{
    return set_foreground(terminal, getpgrp()) && kill(pid, SIGCONT) == 0 &&
           await_stop(pid, SIGTTOU);
}

/* A signal that is pending already would be lost: again, until it has done its work. */
static int end_job(const struct job *job, pid_t pid)
{
    int status = 0;
    pid_t ended = 0;
    for (unsigned i = 0; ended == 0; i++) {
        if ((i == 0 || job->is_twice) && kill(pid, job->number) != 0)
            return 13;
        (void)poll(NULL, 0, 1);
        ended = waitpid(pid, &status, WNOHANG);
    }
    int actual = WIFSIGNALED(status) ? DEATH + WTERMSIG(status) : WEXITSTATUS(status);
    return ended == pid && actual == job->status ? FINE : 14;
}

static int run_shell(const struct terminal *terminal, int number)
{
    const struct job *job = &jobs[number];
    const struct termios modes = modes_of_shell(terminal);
    pid_t pid = fork();
    if (pid < 0)
        return NOT_PREPARED;
    if (pid == 0)
        run_job(terminal, job);
    (void)setpgid(pid, pid); /* or the job has done it */
    if (!set_foreground(terminal, pid) || !await_first_stop(terminal, job, pid))
        return 11;
    if (job->stop == IN_BETWEEN && !continue_in_background(terminal, pid))
        return 15;
    if (!set_foreground(terminal, job->is_foreground ? pid : getpgrp()))
        return 12;
    const struct termios *left = job->is_foreground ? &terminal->modes : &modes;
    if (tcsetattr(terminal->slave, TCSANOW, left) != 0 || kill(pid, SIGCONT) != 0)
        return NOT_PREPARED;
    if (job->is_foreground)
        await_screen(terminal);
    return end_job(job, pid);
}

static void test_os_screen_of_a_job_is_there_only_in_the_foreground(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
        struct terminal terminal;
        run_in_child(&terminal, run_shell, (int)i);
        claim_end(jobs[i].label, &terminal, FINE);
        if (!jobs[i].is_foreground)
            terminal.modes = modes_of_shell(&terminal);
        claim_restored(jobs[i].label, &terminal, jobs[i].written);
        close_terminal(&terminal);
    }
}

/* Nobody stops the leader of a session: its process group is an orphan. */
static int stop_as_an_orphan(const struct terminal *terminal, int number)
{
    int signal_fd = -1;
    int keys_fd = enter(terminal, &signal_fd);
    (void)raise(SIGTSTP);
    if (await_signal(signal_fd) != OS_SIGNAL_REDRAW || !is_screen(keys_fd))
        return 1;
    (void)raise(SIGTSTP); /* it is still caught */
    if (await_signal(signal_fd) != OS_SIGNAL_REDRAW || !is_screen(keys_fd))
        return 2;
    os_leave_screen();
    return FINE;
}

/* A shell without a screen of its own has changed the modes in between. */
static int continue_after_others(const struct terminal *terminal, int number)
{
    int signal_fd = -1;
    int keys_fd = enter(terminal, &signal_fd);
    if (tcsetattr(keys_fd, TCSANOW, &terminal->modes) != 0)
        return NOT_PREPARED;
    (void)raise(SIGCONT);
    if (await_signal(signal_fd) != OS_SIGNAL_REDRAW || !is_screen(keys_fd))
        return 1;
    os_leave_screen();
    return FINE;
}

/* The terminal goes: everybody on it gets SIGHUP. */
static int await_hangup(const struct terminal *terminal, int number)
{
    int signal_fd = -1;
    (void)enter(terminal, &signal_fd);
    (void)poll(NULL, 0, -1);
    return SURVIVED;
}

static void test_os_screen_that_has_gone_holds_nobody(void **state)
{
    struct terminal terminal;
    open_terminal(&terminal);
    pid_t child = start_child(&terminal, await_hangup, 0);
    while (!is_screen(terminal.slave))
        (void)poll(NULL, 0, 1);
    (void)close(terminal.master);
    terminal.master = -1;
    await_child(&terminal, child);
    claim_end("hang up", &terminal, DEATH + SIGHUP);
    close_terminal(&terminal);
}

/* Ctrl-S: nothing is taken any more. */
static int end_while_halted(const struct terminal *terminal, int number)
{
    int signal_fd = -1;
    (void)enter(terminal, &signal_fd);
    if (tcflow(terminal->slave, TCOOFF) != 0)
        return NOT_PREPARED;
    (void)raise(number);
    return SURVIVED;
}

static const struct {
    const char *label;
    child_run *run;
    int number;
    int end;
    const char *written; /* NULL: it cannot be known */
} runs[] = {
    {"leave", enter_and_leave, 0, FINE, ENTER LEAVE},
    {"enter twice", enter_twice, SIGHUP, DEATH + SIGHUP, ENTER LEAVE ENTER LEAVE},
    {"SIGHUP", enter_and_raise, SIGHUP, DEATH + SIGHUP, ENTER LEAVE},
    {"SIGQUIT", enter_and_raise, SIGQUIT, DEATH + SIGQUIT, ENTER LEAVE},
    {"SIGILL", enter_and_raise, SIGILL, DEATH + SIGILL, ENTER LEAVE},
    {"SIGABRT", enter_and_raise, SIGABRT, DEATH + SIGABRT, ENTER LEAVE},
    {"SIGFPE", enter_and_raise, SIGFPE, DEATH + SIGFPE, ENTER LEAVE},
    {"SIGSEGV", enter_and_raise, SIGSEGV, DEATH + SIGSEGV, ENTER LEAVE},
    {"SIGBUS", enter_and_raise, SIGBUS, DEATH + SIGBUS, ENTER LEAVE},
    {"SIGALRM", enter_and_raise, SIGALRM, DEATH + SIGALRM, ENTER LEAVE},
    {"SIGUSR2", enter_and_raise, SIGUSR2, DEATH + SIGUSR2, ENTER LEAVE},
    {"SIGVTALRM", enter_and_raise, SIGVTALRM, DEATH + SIGVTALRM, ENTER LEAVE},
    {"SIGPROF", enter_and_raise, SIGPROF, DEATH + SIGPROF, ENTER LEAVE},
    {"SIGXCPU", enter_and_raise, SIGXCPU, DEATH + SIGXCPU, ENTER LEAVE},
    {"SIGXFSZ", enter_and_raise, SIGXFSZ, DEATH + SIGXFSZ, ENTER LEAVE},
    {"SIGSYS", enter_and_raise, SIGSYS, DEATH + SIGSYS, ENTER LEAVE},
    {"SIGTRAP", enter_and_raise, SIGTRAP, DEATH + SIGTRAP, ENTER LEAVE},
    {"SIGINT after SIGTERM", enter_and_raise_twice, SIGTERM, DEATH + SIGINT, ENTER LEAVE},
    {"SIGTERM after SIGINT", enter_and_raise_twice, SIGINT, DEATH + SIGTERM, ENTER LEAVE},
    {"handlers of others", keep_handlers, 0, FINE, ENTER LEAVE},
    {"another size", await_resize, 0, FINE, NULL},
    {"an orphan is not stopped", stop_as_an_orphan, 0, FINE,
     ENTER LEAVE ENTER LEAVE ENTER LEAVE},
    {"SIGCONT", continue_after_others, 0, FINE, ENTER LEAVE},
    {"halted", end_while_halted, SIGHUP, DEATH + SIGHUP, NULL},
};

static void test_os_screen_is_left_as_it_was_before_however_it_ends(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
        struct terminal terminal;
        run_in_child(&terminal, runs[i].run, runs[i].number);
        claim_end(runs[i].label, &terminal, runs[i].end);
        if (runs[i].run != await_resize)
            claim_true(runs[i].label, "modes as before",
                       has_modes(terminal.slave, &terminal.modes));
        if (runs[i].written != NULL)
            claim_text(runs[i].label, "what was written", terminal.written, runs[i].written);
        close_terminal(&terminal);
    }
}

static void test_os_screen_that_was_left_is_left_alone(void **state)
{
    struct terminal terminal;
    run_in_child(&terminal, leave_between_two_ends, SIGTERM);
    claim_end("SIGTERM", &terminal, DEATH + SIGTERM);
    terminal.modes.c_lflag &= ~(tcflag_t)ECHO;
    claim_restored("SIGTERM", &terminal, ENTER LEAVE);
    close_terminal(&terminal);
}

/* Of a session of its own without a terminal. */
static void test_os_without_a_terminal_none_is_opened(void **state)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int fd = -1;
        _exit(setsid() < 0 ? NOT_PREPARED : os_open_terminal(&fd) == ENXIO ? FINE : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), FINE);
}

static int read_keys(const struct terminal *terminal, int number)
{
    int signal_fd = -1;
    char bytes[8];
    size_t len = 0;
    int keys_fd = enter(terminal, &signal_fd);
    if (os_read(keys_fd, bytes, sizeof bytes, &len) != EAGAIN)
        return 1;
    if ((fcntl(keys_fd, F_GETFD) & FD_CLOEXEC) == 0)
        return 2;
    if (os_write(terminal->slave, "ready", 5, &len) != 0)
        return NOT_PREPARED;
    if (os_wait_readable(keys_fd, NEVER_NS) != 0 ||
        os_read(keys_fd, bytes, sizeof bytes, &len) != 0)
        return 3;
    return len == 1 && bytes[0] == 's' ? FINE : 4;
}

static void test_os_screen_reads_keys_without_an_end_of_line(void **state)
{
    struct terminal terminal;
    open_terminal(&terminal);
    pid_t child = start_child(&terminal, read_keys, 0);
    while (strstr(terminal.written, "ready") == NULL)
        read_written(&terminal);
    assert_int_equal(write(terminal.master, "s", 1), 1);
    await_child(&terminal, child);
    claim_end("keys", &terminal, FINE);
    claim_text("keys", "no echo", terminal.written, ENTER "ready");
    close_terminal(&terminal);
}

static void test_os_screen_needs_a_terminal(void **state)
{
    int ends[2];
    assert_int_equal(os_pipe(ends), 0);
    assert_int_equal(os_enter_screen(ends[0], ends[1], ENTER, LEAVE), ENOTTY);
    assert_false(os_show_screen());
    assert_int_equal(os_close(ends[0]), 0);
    assert_int_equal(os_close(ends[1]), 0);
}

static void test_os_terminal_size_is_that_of_the_terminal(void **state)
{
    static const struct {
        const char *label;
        struct winsize size;
        unsigned columns;
        unsigned lines;
    } rows[] = {
        {"1 x 1", {.ws_col = 1, .ws_row = 1}, 1, 1},
        {"40 x 10", {.ws_col = 40, .ws_row = 10}, 40, 10},
        {"largest", {.ws_col = 65535, .ws_row = 65535}, 65535, 65535},
        {"unknown", {.ws_col = 0, .ws_row = 0}, 80, 24},
        {"no lines", {.ws_col = 132, .ws_row = 0}, 132, 24},
        {"no columns", {.ws_col = 0, .ws_row = 50}, 80, 50},
        {"no terminal", {.ws_col = 132, .ws_row = 50}, 80, 24},
    };
    struct terminal terminal;
    open_terminal(&terminal);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        unsigned columns = 0;
        unsigned lines = 0;
        bool is_none = i == ARRAY_LEN(rows) - 1;
        assert_int_equal(ioctl(terminal.slave, TIOCSWINSZ, &rows[i].size), 0);
        os_terminal_size(is_none ? -1 : terminal.slave, &columns, &lines);
        claim_number(rows[i].label, "columns", columns, rows[i].columns);
        claim_number(rows[i].label, "lines", lines, rows[i].lines);
        claim_number(rows[i].label, "width", os_terminal_width(is_none ? -1 : terminal.slave),
                     rows[i].columns);
    }
    close_terminal(&terminal);
}

static void test_os_terminal_draws_unless_it_is_dumb_or_unknown(void **state)
{
    static const struct {
        const char *name; /* NULL: no TERM */
        bool can_draw;
    } rows[] = {
        {"xterm-256color", true}, {"dumber", true}, {"dumb", false}, {"", false}, {NULL, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(
            rows[i].name != NULL ? setenv("TERM", rows[i].name, 1) : unsetenv("TERM"), 0);
        claim_true(rows[i].name != NULL ? rows[i].name : "none", "can_draw",
                   os_terminal_can_draw() == rows[i].can_draw);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_os_screen_of_a_job_is_there_only_in_the_foreground),
        cmocka_unit_test(test_os_screen_that_has_gone_holds_nobody),
        cmocka_unit_test(test_os_screen_is_left_as_it_was_before_however_it_ends),
        cmocka_unit_test(test_os_screen_that_was_left_is_left_alone),
        cmocka_unit_test(test_os_without_a_terminal_none_is_opened),
        cmocka_unit_test(test_os_screen_reads_keys_without_an_end_of_line),
        cmocka_unit_test(test_os_screen_needs_a_terminal),
        cmocka_unit_test(test_os_terminal_size_is_that_of_the_terminal),
        cmocka_unit_test(test_os_terminal_draws_unless_it_is_dumb_or_unknown),
    };
    (void)alarm(HANG_S);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
