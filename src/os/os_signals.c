#include "netcheck/os/signals.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "netcheck/base/base.h"
#include "os_internal.h"

enum { CONTINUES_MASK = 127 }; /* what any sig_atomic_t holds: it is only compared */

/* Ignored: the write that they are about fails instead. Given back as well. */
static struct {
    int number;
    bool is_ignored;
    struct sigaction before;
} of_writes[] = {{.number = SIGPIPE}, {.number = SIGXFSZ}};

/* Where signals go: a handler gets nothing but a number. -1: none is caught. */
static int signal_fd = -1;

/* Counted here, as select() says nothing of it where an answer came meanwhile. */
static volatile sig_atomic_t continue_count;

/* SIGINT or SIGTERM, once one was caught, and when. */
static volatile sig_atomic_t end_signal;
static volatile int64_t end_signal_ns;

/* timeout(1) sends its signal to the program and to the group that the program is in: what
   comes again so soon is no second one. */
static const int64_t again_ns = 50 * NS_PER_MS;

/* SIG_DFL, but it does not end process 1, and knows nothing of the last act. */
static void (*resting)(int number) = SIG_DFL;

/* What os_die() does first; NULL: nothing. */
static void (*volatile last_act)(void);

/* What the second SIGINT or SIGTERM is handled by. */
static void (*volatile end_handler)(int number) = os_die;

/* Whether a signal ends, by default, a program that does nothing about it and could. */
static bool is_deadly(int number)
{
    static const int others[] = {
        SIGKILL,  SIGSTOP, SIGCHLD, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG,
#ifdef SIGWINCH
        SIGWINCH,
#endif
#ifdef SIGINFO
        SIGINFO,
#endif
    };
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (others[i] == number)
            return false;
    return true;
}

/* As os_replace_deadly(), for one signal; 0 or an errno. */
static int replace_handler(int number, void (*now)(int number), void (*next)(int number))
{
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0)
        return errno;
    if ((action.sa_flags & SA_SIGINFO) != 0 || action.sa_handler != now)
        return 0;
    action.sa_flags = 0;
    action.sa_handler = next;
    (void)sigfillset(&action.sa_mask);
    return sigaction(number, &action, NULL) == 0 ? 0 : errno;
}

void os_replace_deadly(void (*now)(int number), void (*next)(int number))
{
    /* The C library keeps some real-time signals for itself: EINVAL. */
    for (int number = 1; number <= SIGRTMAX; number++)
        if (is_deadly(number))
            (void)replace_handler(number, now, next);
}

void (*os_resting_handler(void))(int number)
{
    return resting;
}

static void rest_on_death(void)
{
    if (resting == os_die)
        return;
    resting = os_die;
    os_replace_deadly(SIG_DFL, os_die);
}

void os_set_last_act(void (*act)(void))
{
    last_act = act;
    rest_on_death();
}

void os_prepare_signals(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigemptyset(&ignore.sa_mask);
    for (size_t i = 0; i < ARRAY_LEN(of_writes); i++)
        of_writes[i].is_ignored =
            sigaction(of_writes[i].number, &ignore, &of_writes[i].before) == 0;
    if (getpid() == 1)
        rest_on_death();
}

static void tick(int number)
{
    (void)number;
    (void)alarm(1);
}

/*
 * A write or select() that began just after its caller looked for the end would not notice it:
 * so each is interrupted again, once a second.
 */
static void begin_ticks(void)
{
    struct sigaction action;
    if (sigaction(SIGALRM, NULL, &action) != 0 || action.sa_handler == SIG_IGN)
        return;
    action = (struct sigaction){.sa_handler = tick};
    (void)sigemptyset(&action.sa_mask);
    if (sigaction(SIGALRM, &action, NULL) == 0)
        (void)alarm(1);
}

static int64_t now(void)
{
    struct timespec time = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &time); /* it is there */
    return time.tv_sec * NS_PER_S + time.tv_nsec;
}

/* The second SIGINT or SIGTERM, of either kind, does what it always did. */
static void end_at_second(int number)
{
    if (now() - end_signal_ns >= again_ns)
        end_handler(number);
}

static void write_signal(int number)
{
    int error = errno;
    unsigned char byte = (unsigned char)number;
    if (number == SIGCONT)
        continue_count = (continue_count + 1) & CONTINUES_MASK;
    ssize_t len = write(signal_fd, &byte, 1); /* a full pipe has news enough */
    (void)len;
    if (number == SIGINT || number == SIGTERM) {
        end_signal_ns = now();
        (void)replace_handler(SIGINT, write_signal, end_at_second); /* these can be set */
        (void)replace_handler(SIGTERM, write_signal, end_at_second);
        end_signal = number;
        begin_ticks();
    }
    errno = error;
}

void os_report_signals(int fd)
{
    signal_fd = fd;
}

void os_set_end_handler(void (*handler)(int number))
{
    end_handler = handler;
}

unsigned os_continues(void)
{
    return (unsigned)continue_count;
}

int os_end_signal(void)
{
    return end_signal;
}

int os_catch_signal(int number)
{
    struct sigaction before;
    if (sigaction(number, NULL, &before) != 0)
        return errno;
    if (before.sa_handler == SIG_IGN)
        return 0;
    struct sigaction action = {.sa_handler = write_signal};
    (void)sigemptyset(&action.sa_mask);
    return sigaction(number, &action, NULL) == 0 ? 0 : errno;
}

void os_release_signal(int number)
{
    (void)replace_handler(number, write_signal, SIG_DFL); /* it can be set */
}

void os_end_at_once(void)
{
    (void)replace_handler(SIGINT, write_signal, end_handler); /* these can be set */
    (void)replace_handler(SIGTERM, write_signal, end_handler);
}

_Noreturn void os_die(int number)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t unblocked;
    if (last_act != NULL)
        last_act();
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(number, &action, NULL);
    (void)sigemptyset(&unblocked);
    (void)sigaddset(&unblocked, number);
    (void)sigprocmask(SIG_UNBLOCK, &unblocked, NULL);
    (void)raise(number);
    _exit(128 + number); /* process 1 of a container is not ended by a signal */
}

void os_restore_signals(void)
{
    for (size_t i = 0; i < ARRAY_LEN(of_writes); i++)
        if (of_writes[i].is_ignored)
            (void)sigaction(of_writes[i].number, &of_writes[i].before, NULL);
}
