/*
 * lines: a descriptor as a stream of lines, which never blocks by surprise.
 *
 * Holds one chunk and at most one line in memory. A line over LINE_MAX_LEN is not cut: it is
 * handed out once, marked as too long, with its beginning.
 */
#ifndef NETCHECK_LINES_H
#define NETCHECK_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/base/buffer.h"
#include "netcheck/base/error.h"

enum {
    LINE_MAX_LEN = 65535, /* bytes, without line end: room for a list of 10,000 ports */
};

struct lines {
    int fd;           /* borrowed */
    bool is_blocking; /* a read may wait (pipe, terminal): only after lines_set_ready() */
    bool is_ready;
    bool is_at_end;
    bool is_skipping;     /* inside a line that was too long */
    struct buffer buffer; /* bytes read and not handed out yet */
    size_t used;          /* bytes of them that were handed out */
    size_t scanned;       /* bytes behind `used` known to hold no line end */
    size_t number;        /* lines handed out */
};

struct line {
    const char *text; /* without CR, LF and a byte-order mark; valid until the next call */
    size_t len;
    size_t number; /* from 1 */
    bool is_too_long;
};

/* is_blocking: a pipe or a terminal, of which select() must say first that bytes are there. */
void lines_init(struct lines *lines, int fd, bool is_blocking);

/* Free what it holds; the descriptor stays open. */
void lines_release(struct lines *lines);

/* One read(2) will not wait. */
void lines_set_ready(struct lines *lines);

/*
 * The next line. The last one needs no line end.
 *
 * Returns ERROR_NONE; ERROR_AGAIN: wait for the descriptor, then lines_set_ready();
 * ERROR_PAUSE: much was read without an end of line, call again; ERROR_END;
 * ERROR_SYSTEM: read(2) failed, errno says how; ERROR_NO_MEMORY.
 */
enum error lines_next(struct lines *lines, struct line *line);

#endif
