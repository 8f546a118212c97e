/*
 * error: why a function of ours could not do its work.
 *
 * One enum for the whole program, 0 is success, returned by value; results go through the last
 * parameters and stay untouched on failure. What was learned about a target is no error: see
 * outcome.h.
 *
 * A new error is one value here and one row in error.c.
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

    ERROR_DURATION,
    ERROR_DURATION_RANGE,
    ERROR_DURATION_ZERO,
    ERROR_NUMBER,

    ERROR_PORT,
    ERROR_PORT_EMPTY,
    ERROR_PORT_REVERSED,
    ERROR_PORT_SERVICE,
    ERROR_PORT_MISSING,
    ERROR_PORT_TWICE,
    ERROR_PORT_GLUED,

    ERROR_HOST_MISSING,
    ERROR_HOST_NUMBER,
    ERROR_HOST_DASH,
    ERROR_HOST_BYTE,
    ERROR_HOST_LENGTH,
    ERROR_LABEL_LENGTH,
    ERROR_LABEL_EMPTY,
    ERROR_BRACKET,
    ERROR_BRACKET_ADDRESS,
    ERROR_BRACKET_AFTER,

    ERROR_QUAD,
    ERROR_UNSPECIFIED,
    ERROR_SCOPE_MISSING,
    ERROR_SCOPE,
    ERROR_SCOPE_IPV4,
    ERROR_PREFIX_IPV4,
    ERROR_PREFIX_IPV6,
    ERROR_PREFIX_LARGE,
    ERROR_PREFIX_UNSPECIFIED,
    ERROR_PREFIX_LINK_LOCAL,
    ERROR_PREFIX_PLACE,

    ERROR_SCHEME,
    ERROR_PROTOCOL,
    ERROR_FAMILY_IPV4,
    ERROR_FAMILY_IPV6,
    ERROR_NOT_NUMERIC,
    ERROR_LIST_MIXED,
    ERROR_LIST_URL,
    ERROR_LINE_LENGTH,

    ERROR_RATE,
    ERROR_SHARD,
    ERROR_SHUFFLE,
    ERROR_ROSTER,
    ERROR_INTERVAL,

    ERROR_COUNT /* how many there are; never returned */
};

/* What failed, for people: lower case, no full stop ("invalid port"). Never NULL. */
const char *error_text(enum error code);

/* The way out ("allowed is 1-65535"), or NULL where the text says it all. */
const char *error_remedy(enum error code);

#endif
