/*
 * matcher: what a service is awaited to say, and where it says it.
 *
 * Either a text, any bytes, which is looked for as it is; or a POSIX extended regular
 * expression between slashes, which the C library compiles, and which is held against each line
 * by itself: a line ends with '\n' or NUL, and a '\r' before that is not a part of it. Capitals
 * count.
 *
 * In an expression \a \f \t \v and \xHH are bytes as in unescape.h, and \d \w \s (\D \W \S) are
 * digits, letters of words and blanks (or anything else); POSIX has none of these. What it
 * leaves open is refused: every other backslash before a letter or a digit, back-references
 * among them, which could take for ever.
 *
 * How long a search may take: bytes times the size of the expression, of which MATCHER_SIZE_MAX
 * is the limit. Measured, for 64 KiB that are one line: 0.1 ms as a rule; the worst ones that
 * were found 9 s and 350 MB with glibc 2.36, 0.06 s with musl 1.2.3.
 *
 * Source: regex(7), POSIX.1-2017 XBD chapter 9.
 */
#ifndef NETCHECK_MATCHER_H
#define NETCHECK_MATCHER_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/base/error.h"

enum {
    MATCHER_LEN_MAX = 64 * 1024, /* bytes of a text */
    MATCHER_SIZE_MAX = 1000,     /* characters of an expression, repeated as it says */
    MATCHER_DEPTH_MAX = 32,      /* parentheses within another */
    MATCHER_REPEAT_MAX = 255,    /* in {}; RE_DUP_MAX of POSIX */
    MATCHER_REMEDY_SIZE = 128,
};

struct matcher;

/* What is wrong with what the user wrote. */
struct matcher_fault {
    const char *words;                /* for people, "unknown escape" */
    char remedy[MATCHER_REMEDY_SIZE]; /* the way out, or what the C library says */
    bool has_place;
    size_t at; /* where, in bytes from the start of the text */
};

/* What is searched. */
struct matcher_text {
    const unsigned char *bytes;
    size_t len;
    bool is_end; /* nothing more will come; else the last line may go on */
};

/* Bytes of what was searched. */
struct matcher_line {
    size_t at;
    size_t len;
};

/*
 * A new matcher for what the user wrote, "text" or "/expression/", with escapes.
 *
 * Returns ERROR_NONE, ERROR_NO_MEMORY, or ERROR_INVALID with `fault`.
 */
enum error matcher_new(const char *written, struct matcher **created,
                       struct matcher_fault *fault);

void matcher_free(struct matcher *matcher);

/*
 * Search. What has no line end yet counts as far as it goes, but is no line's end.
 *
 * line  out, where it is found: the line, without its end
 *
 * Returns ERROR_NONE, ERROR_END where it is not there, or ERROR_NO_MEMORY.
 */
enum error matcher_find(const struct matcher *matcher, const struct matcher_text *text,
                        struct matcher_line *line);

#endif
