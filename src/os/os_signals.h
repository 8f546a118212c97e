/*
 * os_signals: what os_process.c and os_terminal.c know of each other. Private to them.
 */
#ifndef NETCHECK_OS_SIGNALS_H
#define NETCHECK_OS_SIGNALS_H

#include <stdbool.h>

/* Hand the signal to os_take_signal(), as os_catch_signals() does; 0 or an errno. */
int os_catch_signal(int number);

/* Back to what it does by default, where it is caught so. */
void os_release_signal(int number);

/* How often SIGCONT came since it is caught. */
unsigned os_continues(void);

/* Whether a signal ends, by default, a program that does nothing about it and could. */
bool os_is_deadly(int number);

/*
 * Put `next` in the place of `now`, with all signals blocked while it runs. What is ignored
 * stays so, and what others catch. 0 or an errno.
 */
int os_replace_handler(int number, void (*now)(int number), void (*next)(int number));

/* The same for every deadly signal. */
void os_replace_deadly(void (*now)(int number), void (*next)(int number));

/* What handles a deadly signal of which nothing is made: SIG_DFL, or, as process 1, os_die().
 */
void (*os_resting_handler(void))(int number);

/*
 * What a signal that is to end this program is handled by: SIG_DFL, or what gives the terminal
 * back before.
 */
void (*os_end_handler(void))(int number);

/* SIGTSTP was taken: give the terminal back and stop; returns when somebody continues us. */
void os_stop_screen(void);

/* SIGCONT was taken: a shell may have changed the terminal's modes. */
void os_continue_screen(void);

#endif
