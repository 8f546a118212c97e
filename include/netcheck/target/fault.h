/*
 * fault: what is wrong with a text that the user wrote, and where.
 *
 * Parsers fill a struct fault, return ERROR_INVALID and print nothing; this module words it.
 *
 * A new fault is one value here and one row in fault.c.
 */
#ifndef NETCHECK_FAULT_H
#define NETCHECK_FAULT_H

#include <stddef.h>

#include "netcheck/base/buffer.h"
#include "netcheck/base/error.h"
#include "netcheck/base/slice.h"

enum fault_code {
    FAULT_NONE = 0,

    FAULT_DURATION,
    FAULT_DURATION_RANGE,
    FAULT_DURATION_ZERO,
    FAULT_NUMBER,

    FAULT_PORT,
    FAULT_PORT_EMPTY,
    FAULT_PORT_REVERSED,
    FAULT_PORT_SERVICE,
    FAULT_PORT_MISSING,
    FAULT_PORT_TWICE,
    FAULT_PORT_BOTH,
    FAULT_PORT_USELESS,  /* ICMP has none */
    FAULT_PORT_PROTOCOL, /* another one than the target's */
    FAULT_PORT_OPTION,   /* the same, with -p */
    FAULT_PORT_UNCLEAR,  /* which ports a protocol belongs to */
    FAULT_PORT_GLUED,

    FAULT_HOST_MISSING,
    FAULT_HOST_NUMBER,
    FAULT_HOST_DASH,
    FAULT_HOST_BYTE,
    FAULT_HOST_UNICODE,
    FAULT_HOST_LIST,
    FAULT_HOST_PATH,
    FAULT_HOST_LENGTH,
    FAULT_LABEL_LENGTH,
    FAULT_LABEL_EMPTY,
    FAULT_BRACKET,
    FAULT_BRACKET_ADDRESS,
    FAULT_BRACKET_AFTER,

    FAULT_QUAD,
    FAULT_UNSPECIFIED,
    FAULT_GROUP,
    FAULT_SCOPE_MISSING,
    FAULT_SCOPE,
    FAULT_SCOPE_IPV4,
    FAULT_PREFIX_IPV4,
    FAULT_PREFIX_IPV6,
    FAULT_PREFIX_LARGE,
    FAULT_PREFIX_UNSPECIFIED,
    FAULT_PREFIX_LINK_LOCAL,
    FAULT_PREFIX_GROUP,
    FAULT_PREFIX_PLACE,

    FAULT_RANGE_FORM,
    FAULT_RANGE_IPV6,
    FAULT_RANGE_REVERSED,
    FAULT_RANGE_MIXED,
    FAULT_RANGE_PREFIX,
    FAULT_RANGE_SCOPE,
    FAULT_RANGE_UNSPECIFIED,
    FAULT_RANGE_LINK_LOCAL,
    FAULT_RANGE_GROUP,
    FAULT_EXCLUSION_DOWN,
    FAULT_EXCLUSION_WORD,

    FAULT_SCHEME,
    FAULT_SCHEME_SLASHES,
    FAULT_SCHEME_BOTH,
    FAULT_SRV,
    FAULT_SOCKET,
    FAULT_URL_HOSTLESS,
    FAULT_URL_GLUED,
    FAULT_URL_AT,
    FAULT_URL_HOSTS,
    FAULT_URL_MANY,
    FAULT_USER,
    FAULT_PROTOCOL,
    FAULT_TEXT_PROTOCOL, /* --send and --match are not for it */
    FAULT_FAMILY_IPV4,
    FAULT_FAMILY_IPV6,
    FAULT_NOT_NUMERIC,
    FAULT_LIST_MIXED,
    FAULT_LIST_URL,
    FAULT_COLUMN_COMMA,
    FAULT_COLUMN_SEMICOLON,
    FAULT_COLUMN_TAB,
    FAULT_COLUMN_WORD,
    FAULT_COLUMN_REST,
    FAULT_QUOTE,
    FAULT_LINE_LENGTH,

    FAULT_READY_UNKNOWN, /* the service at a port; see question.h */
    FAULT_READY_ECHO,
    FAULT_READY_PATH,

    FAULT_RATE,
    FAULT_SHARD,
    FAULT_SHUFFLE,
    FAULT_ROSTER,
    FAULT_INTERVAL,

    FAULT_COUNT /* how many there are; never given */
};

struct fault {
    enum fault_code code;
    size_t at;  /* where the offending piece begins, bytes from the start of the text */
    size_t len; /* bytes of the piece; 0: something is missing there */
};

/* Where a text came from. A NULL source is the command line, which has no lines. */
struct place {
    const char *source; /* file name as the user wrote it, borrowed */
    size_t line;        /* from 1 */
    size_t at;          /* where the text begins on its line, in bytes */
};

/* Say in `fault` that this piece of the text is wrong. Returns ERROR_INVALID. */
enum error fault_at(const struct slice *piece, enum fault_code code, struct fault *fault);

/* What duration_parse() failed with. */
enum fault_code fault_of_duration(enum error error);

/* What is wrong, for people: lower case, no full stop ("invalid port"). Never NULL. */
const char *fault_text(enum fault_code code);

/* The way out ("allowed is 1-65535"), or NULL where the text says it all. */
const char *fault_remedy(enum fault_code code);

/*
 * Append ": " and the way out of this piece of `text`, where that depends on it, or
 * fault_remedy(); nothing where fault_text() says it all. The text has no secrets, see
 * secret.h.
 */
void fault_add_remedy(struct buffer *out, enum fault_code code, const struct slice *piece,
                      const struct slice *text);

/*
 * Append what is wrong, in the program's one form:
 *
 *     invalid port '70000' in 'db:70000' (hosts.txt:12:4): allowed is 1-65535
 *
 * text, len  the whole text the fault points into; any bytes: passwords are masked (secret.h),
 *            the rest is escaped, and a long text is shortened with "..."
 * place      may be NULL; the column is place->at + fault->at + 1
 */
void fault_describe(struct buffer *out, const char *text, size_t len, const struct fault *fault,
                    const struct place *place);

#endif
