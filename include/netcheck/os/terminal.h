/*
 * terminal: its size, its keys, and as a screen that is given back at every end.
 *
 * Every function that can fail returns 0 or an errno value.
 */
#ifndef NETCHECK_TERMINAL_H
#define NETCHECK_TERMINAL_H

#include <stdbool.h>

/* How many columns the terminal behind the descriptor has; 80 where that is unknown. */
unsigned os_terminal_width(int fd);

/*
 * Whether the terminal that TERM names obeys escape sequences, as far as that can be told: not
 * where there is no TERM, or "dumb" is its name.
 */
bool os_terminal_can_draw(void);

/*
 * The terminal that keys come from, also where standard input is a file: for reading and
 * writing, non-blocking, close-on-exec. To be closed. ENXIO where this program has none.
 */
int os_open_terminal(int *fd);

/* Its columns and lines; 80 and 24 where that is unknown. */
void os_terminal_size(int fd, unsigned *columns, unsigned *lines);

/*
 * Make the terminal a screen: keys come one by one and unseen (Ctrl-C and Ctrl-Z stay signals),
 * and `enter` is written to `screen_fd`; in the background, as soon as os_show_screen() finds
 * itself in the foreground. Whatever signal then ends this program, `leave` is written and the
 * terminal as before, except by SIGKILL, by a signal that a sanitizer catches itself, and where
 * the stack has run over.
 *
 * From now on os_take_signal() also hands out OS_SIGNAL_REDRAW: after SIGWINCH, and, with
 * SIGTSTP, after it has given the terminal back, stopped this program and made the terminal a
 * screen again; so SIGTSTP is obeyed when it is taken, and no frame is torn.
 *
 * keys_fd, screen_fd  terminals; open until os_leave_screen()
 * enter, leave        borrowed as long; `leave` must work in the middle of what else is written
 *
 * Main thread; the others block these signals. Once os_catch_signals() was called.
 */
int os_enter_screen(int keys_fd, int screen_fd, const char *enter, const char *leave);

/*
 * Whether the terminal is a screen and ours: write frames and read keys only then. It is not
 * while this program is in the background, where reading a key that was typed for another
 * program would stop it. No signal tells that it is in the foreground again: ask before each
 * frame.
 */
bool os_show_screen(void);

/* The terminal as it was before. Does nothing where it is. */
void os_leave_screen(void);

#endif
