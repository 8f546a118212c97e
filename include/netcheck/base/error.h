/*
 * error: why a function of ours could not do its work.
 *
 * One enum for the whole program, 0 is success, returned by value; results go through the last
 * parameters and stay untouched on failure. It says what a caller can do about it, and no more:
 * what is wrong with a text of the user is told apart by fault.h, and what was learned
 * about a target is no error at all, see outcome.h.
 */
#ifndef NETCHECK_ERROR_H
#define NETCHECK_ERROR_H

enum error {
    ERROR_NONE = 0,
    ERROR_AGAIN,     /* not now: nothing there yet, or no room; ask again later */
    ERROR_PAUSE,     /* not yet, but without waiting: enough was done for one call */
    ERROR_END,       /* nothing more will come */
    ERROR_NO_MEMORY, /* an allocation failed */
    ERROR_SYSTEM,    /* a system call failed; errno says how, to be read at once */
    ERROR_THREAD,    /* no thread could be started; errno says why */
    ERROR_INVALID,   /* a text is not what it should be; what a parser found is a fault */
    ERROR_RANGE,     /* a number is larger than what it is used for allows */
    ERROR_FULL,      /* as many are kept as may be */

    ERROR_COUNT /* how many there are; never returned */
};

/* What failed, for people: lower case, no full stop ("out of memory"). Never NULL. */
const char *error_text(enum error code);

#endif
