/*
 * buffer: bytes that grow at the end.
 *
 * A failed allocation is remembered instead of returned by every call: the buffer keeps what
 * it held, drops what did not fit and `has_failed` stays true, so that a writer checks once.
 *
 * Invariants: len <= capacity; bytes is NULL only while capacity is 0.
 */
#ifndef NETCHECK_BUFFER_H
#define NETCHECK_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/base/base.h"

struct buffer {
    char *bytes;     /* owned; not terminated, see buffer_text() */
    size_t len;      /* bytes in use */
    size_t capacity; /* bytes allocated */
    bool has_failed; /* an allocation failed; something is missing at the end */
};

#define BUFFER_EMPTY      \
    {                     \
        NULL, 0, 0, false \
    }

/* Free the bytes; the buffer is empty and usable again. */
void buffer_release(struct buffer *buffer);

/* Append `len` bytes at `bytes`. */
void buffer_add(struct buffer *buffer, const void *bytes, size_t len);

/* Append a terminated string, without its terminator. */
void buffer_add_text(struct buffer *buffer, const char *text);

/* Append formatted text, as printf(3). */
void buffer_add_format(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);

/*
 * Append a number with so many decimals, behind spaces where it is shorter than `width`.
 *
 * Halves are rounded away from zero, as people do: 0.25 with one decimal is 0.3. printf(3)
 * says 0.2, the even one, of those halves that a double holds exactly.
 */
void buffer_add_decimal(struct buffer *buffer, double value, int decimals, int width);

/* Drop the first `len` bytes, at most all of them. */
void buffer_drop(struct buffer *buffer, size_t len);

/*
 * The content as a terminated string, valid until the next change; "" where not even the
 * terminator fits.
 */
const char *buffer_text(struct buffer *buffer);

#endif
