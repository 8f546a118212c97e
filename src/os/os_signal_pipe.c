/*
 * os_signal_pipe: signals as bytes of a pipe, for select() to wait for. Its functions are those
 * of signals.h.
 */
#include <signal.h>

#include "netcheck/base/base.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/os/signals.h"
#include "os_internal.h"

/* SIGQUIT only where it was asked for. */
static const int caught[] = {
    SIGINT,  SIGTERM, SIGUSR1,
    SIGCONT, /* select() would go on for what was left of its time when we were stopped */
#ifdef SIGINFO
    SIGINFO,
#endif
};

int os_catch_signals(unsigned also, int *fd)
{
    int ends[2];
    int error = os_pipe(ends);
    if (error != 0)
        return error;
    os_report_signals(ends[1]);
    for (size_t i = 0; i < ARRAY_LEN(caught) && error == 0; i++)
        error = os_catch_signal(caught[i]);
    if (error == 0 && (also & OS_CATCH_SUMMARY) != 0)
        error = os_catch_signal(SIGQUIT);
    *fd = ends[0];
    return error;
}

enum os_signal os_take_signal(int fd, int *number)
{
    unsigned char byte = 0;
    size_t len = 0;
    if (fd < 0 || os_read(fd, &byte, 1, &len) != 0 || len == 0)
        return OS_SIGNAL_NONE;
    *number = byte;
    switch (byte) {
    case SIGINT:
    case SIGTERM:
        return OS_SIGNAL_END;
    case SIGQUIT:
        return OS_SIGNAL_SUMMARY;
    case SIGTSTP:
        os_stop_screen();
        return OS_SIGNAL_REDRAW;
    case SIGCONT:
        os_continue_screen();
        return OS_SIGNAL_REDRAW;
#ifdef SIGWINCH
    case SIGWINCH:
        return OS_SIGNAL_REDRAW;
#endif
    default:
        return OS_SIGNAL_PROGRESS;
    }
}
