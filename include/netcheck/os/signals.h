/*
 * signals: what signals ask of this program, and how it ends by one.
 *
 * Every function that can fail returns 0 or an errno value.
 */
#ifndef NETCHECK_SIGNALS_H
#define NETCHECK_SIGNALS_H

/*
 * From now on a write to a closed pipe fails with EPIPE, and one that makes a file larger than
 * its limit with EFBIG, instead of ending the program. As process 1, every signal whose default
 * is to end a program ends this one at once, with status 128 and its number: the system itself
 * does nothing then (pid_namespaces(7)). While there are temporary files, see atomic_file.h,
 * such a signal removes them first. What is ignored at the start stays so.
 */
void os_prepare_signals(void);

/* What a signal asks for; os_take_signal() hands them out one by one. */
enum os_signal {
    OS_SIGNAL_NONE,
    OS_SIGNAL_END,      /* SIGINT or SIGTERM: finish, then os_die() */
    OS_SIGNAL_PROGRESS, /* SIGUSR1, or SIGINFO where there is one: say how far it is */
    OS_SIGNAL_SUMMARY,  /* SIGQUIT: say how it was so far */
    OS_SIGNAL_REDRAW,   /* SIGWINCH, or was stopped: see os_enter_screen() */
};

/* Signals that are caught only where something is made of them. */
enum {
    OS_CATCH_SUMMARY = 1u << 0, /* SIGQUIT, which otherwise ends the program */
};

/*
 * From now on SIGINT, SIGTERM, SIGUSR1, SIGCONT and SIGINFO make a descriptor readable instead
 * of ending the program, but the second SIGINT or SIGTERM ends it at once, where it comes 50 ms
 * or more after the first. One that is ignored at the start stays so (nohup, a shell's
 * background job).
 *
 * also  OS_CATCH_ bits
 * fd    out; readable while there is a signal to take
 */
int os_catch_signals(unsigned also, int *fd);

/*
 * From now on SIGINT and SIGTERM end this program at once; those that came before can still be
 * taken. The other signals stay harmless until its end, or until os_execute() has succeeded.
 */
void os_end_at_once(void);

/*
 * The SIGINT or SIGTERM that came, taken or not; 0 for none. From then on no call here waits
 * for more than a second: see os_write() and os_wait_writable().
 */
int os_end_signal(void);

/* The oldest signal that was not taken yet; with OS_SIGNAL_END, its number. Does not wait. */
enum os_signal os_take_signal(int fd, int *number);

/* Remove temporary files and end as by this signal, so that a shell sees it. */
_Noreturn void os_die(int number);

#endif
