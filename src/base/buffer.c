#include "netcheck/base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/grow.h"

enum {
    FIRST_CAPACITY = 256,
    FORMAT_ROOM = 64,
};

/* Make room for `len` more bytes. */
static bool reserve(struct buffer *buffer, size_t len)
{
    if (len <= buffer->capacity - buffer->len)
        return true;
    size_t need = len < SIZE_MAX - buffer->len ? buffer->len + len : SIZE_MAX;
    if (need < FIRST_CAPACITY)
        need = FIRST_CAPACITY;
    if (GROW(buffer->bytes, buffer->capacity, need) == ERROR_NONE)
        return true;
    buffer->has_failed = true;
    return false;
}

void buffer_release(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer)BUFFER_EMPTY;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t len)
{
    if (len == 0 || !reserve(buffer, len))
        return;
    memcpy(buffer->bytes + buffer->len, bytes, len);
    buffer->len += len;
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void buffer_add_format(struct buffer *buffer, const char *format, ...)
{
    /* Most texts fit at the first try; there must be room for a terminator, too. */
    if (!reserve(buffer, FORMAT_ROOM))
        return;
    size_t room = buffer->capacity - buffer->len;
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(buffer->bytes + buffer->len, room, format, arguments);
    va_end(arguments);
    if (len < 0) { /* over INT_MAX bytes, or no memory for them */
        buffer->has_failed = true;
        return;
    }
    if ((size_t)len >= room) {
        if (!reserve(buffer, (size_t)len + 1))
            return;
        va_start(arguments, format);
        (void)vsnprintf(buffer->bytes + buffer->len, (size_t)len + 1, format, arguments);
        va_end(arguments);
    }
    buffer->len += (size_t)len;
}

/* As round() of libm, which takes longer to load than the rest of a short run to compute. */
static double round_half_away(double value)
{
    const double whole_from = 4503599627370496.0; /* 2^52: from here on all are whole */
    if (!(value > -whole_from && value < whole_from))
        return value;
    double whole = (double)(int64_t)value;
    if (value - whole >= 0.5)
        return whole + 1;
    return value - whole <= -0.5 ? whole - 1 : whole;
}

void buffer_add_decimal(struct buffer *buffer, double value, int decimals, int width)
{
    double scale = 1;
    for (int i = 0; i < decimals; i++) {
        value *= 10;
        scale *= 10;
    }
    buffer_add_format(buffer, "%*.*f", width, decimals, round_half_away(value) / scale);
}

void buffer_drop(struct buffer *buffer, size_t len)
{
    if (len >= buffer->len) {
        buffer->len = 0;
        return;
    }
    memmove(buffer->bytes, buffer->bytes + len, buffer->len - len);
    buffer->len -= len;
}

const char *buffer_text(struct buffer *buffer)
{
    if (!reserve(buffer, 1))
        return "";
    buffer->bytes[buffer->len] = '\0';
    return buffer->bytes;
}
