#include "netcheck/os/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "netcheck/base/base.h"
#include "netcheck/os/signals.h"
#include "os_internal.h"
#include "netcheck/os/descriptor.h"

enum { PATIENCE_MS = 500 }; /* of a handler with a terminal that takes nothing */

/* What a handler needs to give the terminal back. */
static struct {
    int keys_fd;
    int screen_fd;
    const char *enter;
    const char *leave;
    size_t leave_len;
    struct termios before;
    struct termios during;
    volatile sig_atomic_t is_entered; /* os_leave_screen() was not called yet */
    bool is_raw;                      /* the modes are `during` */
    volatile sig_atomic_t is_shown;   /* `enter` was written last, not `leave` */
} screen;

/* What else a screen has to know of. */
static const int caught[] = {
    SIGTSTP,
    SIGCONT,
#ifdef SIGWINCH
    SIGWINCH,
#endif
};

/*
 * A terminal that has gone, or is not the one that jobs of this session are controlled by, has
 * no background.
 */
static bool is_in_background(void)
{
    pid_t foreground = tcgetpgrp(screen.keys_fd);
    return foreground >= 0 && foreground != getpgrp();
}

/* False where the terminal takes nothing (Ctrl-S, a line that hangs), or has gone. */
static bool is_writable(void)
{
    struct pollfd wait = {.fd = screen.screen_fd, .events = POLLOUT};
    return poll(&wait, 1, PATIENCE_MS) != 0;
}

static int write_all(const char *bytes, size_t len)
{
    while (len > 0) {
        size_t done = 0;
        int error = os_write(screen.screen_fd, bytes, len, &done);
        if (error == EAGAIN || error == EWOULDBLOCK)
            error = os_wait_writable(screen.screen_fd, PATIENCE_MS * NS_PER_MS);
        if (error != 0)
            return error;
        bytes += done;
        len -= done;
    }
    return 0;
}

static int set_modes(const struct termios *modes)
{
    return tcsetattr(screen.keys_fd, TCSANOW, modes) == 0 ? 0 : errno;
}

/*
 * In the background the modes are those of another program. If this one was stopped since it
 * looked, and continued there, setting them stops it once more (SIGTTOU), and is interrupted.
 */
static void restore_modes(void)
{
    int error = EINTR;
    while (error == EINTR && !is_in_background())
        error = set_modes(&screen.before); /* or it has gone */
    screen.is_raw = false;
}

/*
 * In a handler: with every signal blocked, so that neither modes nor writing can stop us in the
 * background (tcsetattr(3), SIGTTOU).
 */
static void end_restored(int number)
{
    restore_modes();
    if (screen.is_shown && is_writable()) {
        ssize_t len = write(screen.screen_fd, screen.leave, screen.leave_len);
        (void)len; /* the terminal has gone */
    }
    os_die(number);
}

static int catch_signals(void)
{
    int error = 0;
    os_replace_deadly(os_resting_handler(), end_restored);
    for (size_t i = 0; i < ARRAY_LEN(caught) && error == 0; i++)
        error = os_catch_signal(caught[i]);
    return error;
}

static void release_signals(void)
{
    for (size_t i = 0; i < ARRAY_LEN(caught); i++)
        os_release_signal(caught[i]);
    os_replace_deadly(end_restored, os_resting_handler());
}

/* The flags first: a signal in between then restores what was not changed yet. */
static int make_raw(void)
{
    screen.is_raw = true;
    int error = set_modes(&screen.during);
    screen.is_raw = error == 0;
    return error;
}

/* See restore_modes() for what interrupts it. */
static int show(void)
{
    int error = EINTR;
    while (error == EINTR && !screen.is_raw && !is_in_background())
        error = make_raw();
    if (!screen.is_raw || screen.is_shown)
        return error == EINTR ? 0 : error;
    screen.is_shown = true;
    return write_all(screen.enter, strlen(screen.enter));
}

/* Written in the background too, where the screen is still there and SIGTTOU may stop us. */
static void write_leave(void)
{
    sigset_t writing;
    sigset_t before;
    (void)sigemptyset(&writing);
    (void)sigaddset(&writing, SIGTTOU);
    (void)sigprocmask(SIG_BLOCK, &writing, &before);
    (void)write_all(screen.leave, screen.leave_len); /* or it has gone */
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
}

static void hide(void)
{
    restore_modes();
    if (screen.is_shown)
        write_leave();
    screen.is_shown = false;
}

bool os_terminal_can_draw(void)
{
    const char *name = getenv("TERM");
    return name != NULL && name[0] != '\0' && strcmp(name, "dumb") != 0;
}

int os_open_terminal(int *fd)
{
    *fd = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return *fd >= 0 ? 0 : errno;
}

void os_terminal_size(int fd, unsigned *columns, unsigned *lines)
{
    os_extra_terminal_size(fd, columns, lines);
    *columns = *columns > 0 ? *columns : 80;
    *lines = *lines > 0 ? *lines : 24;
}

unsigned os_terminal_width(int fd)
{
    unsigned columns = 0;
    unsigned lines = 0;
    os_terminal_size(fd, &columns, &lines);
    return columns;
}

int os_enter_screen(int keys_fd, int screen_fd, const char *enter, const char *leave)
{
    screen.keys_fd = keys_fd;
    screen.screen_fd = screen_fd;
    screen.enter = enter;
    screen.leave = leave;
    screen.leave_len = strlen(leave);
    if (tcgetattr(keys_fd, &screen.before) != 0)
        return errno;
    screen.during = screen.before;
    screen.during.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN); /* ISIG stays */
    screen.during.c_cc[VMIN] = 1;
    screen.during.c_cc[VTIME] = 0;
    screen.is_entered = true;
    os_set_end_handler(end_restored); /* SIG_DFL does not end process 1 */
    int error = catch_signals();
    if (error == 0)
        error = show();
    if (error != 0)
        os_leave_screen();
    return error;
}

bool os_show_screen(void)
{
    return screen.is_entered && !is_in_background() && show() == 0;
}

void os_leave_screen(void)
{
    if (!screen.is_entered)
        return;
    hide();
    screen.is_entered = false;
    os_set_end_handler(os_die);
    release_signals();
}

void os_stop_screen(void)
{
    if (!screen.is_entered)
        return;
    hide();
    os_release_signal(SIGTSTP);
    (void)raise(SIGTSTP); /* an orphaned process group is not stopped: it goes on at once */
    (void)os_catch_signal(SIGTSTP);
    (void)show(); /* or with the next frame */
}

void os_continue_screen(void)
{
    screen.is_raw = false;
    if (screen.is_entered)
        (void)show(); /* or with the next frame */
}
