#include "netcheck/os/lines.h"

#include <errno.h>
#include <string.h>

#include "netcheck/os/descriptor.h"

enum {
    CHUNK_SIZE = 32768,
    FILLS_MAX = 8, /* reads without a line, after which the caller has its turn */
};

void lines_init(struct lines *lines, int fd, bool is_blocking)
{
    memset(lines, 0, sizeof *lines);
    lines->fd = fd;
    lines->is_blocking = is_blocking;
}

void lines_release(struct lines *lines)
{
    buffer_release(&lines->buffer);
}

void lines_set_ready(struct lines *lines)
{
    lines->is_ready = true;
}

static enum error fill(struct lines *lines)
{
    if (lines->is_blocking && !lines->is_ready)
        return ERROR_AGAIN;
    buffer_drop(&lines->buffer, lines->used);
    lines->used = 0;

    char chunk[CHUNK_SIZE];
    size_t len = 0;
    lines->is_ready = false;
    int error = os_read(lines->fd, chunk, sizeof chunk, &len);
    if (error == EAGAIN || error == EWOULDBLOCK)
        return ERROR_AGAIN; /* another program made the descriptor non-blocking */
    if (error != 0) {
        errno = error;
        return ERROR_SYSTEM;
    }
    lines->is_at_end = len == 0;
    buffer_add(&lines->buffer, chunk, len);
    return lines->buffer.has_failed ? ERROR_NO_MEMORY : ERROR_NONE;
}

static void hand_out(struct lines *lines, struct line *line, size_t len)
{
    const char *text = lines->buffer.bytes + lines->used;
    if (len > 0 && text[len - 1] == '\r')
        len--;
    line->number = ++lines->number;
    line->is_too_long = len > LINE_MAX_LEN;
    line->text = text;
    line->len = line->is_too_long ? LINE_MAX_LEN : len;
    if (line->number == 1 && line->len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        line->text += 3;
        line->len -= 3;
    }
}

/* A whole line or the last one: hand it out, and step over its end. */
static enum error finish_line(struct lines *lines, struct line *line, size_t len,
                              size_t end_len)
{
    bool was_skipping = lines->is_skipping;
    if (!was_skipping)
        hand_out(lines, line, len);
    lines->used += len + end_len;
    lines->scanned = 0;
    lines->is_skipping = false;
    return was_skipping ? ERROR_AGAIN : ERROR_NONE;
}

/* Without its end yet, but already longer than allowed: hand it out, skip the rest. */
static enum error start_skipping(struct lines *lines, struct line *line, size_t len)
{
    if (!lines->is_skipping)
        hand_out(lines, line, len);
    bool is_new = !lines->is_skipping;
    lines->is_skipping = true;
    lines->used += len;
    lines->scanned = 0;
    return is_new ? ERROR_NONE : ERROR_AGAIN;
}

/* A line out of what was read. ERROR_AGAIN: more must be read, or a skipped one ended here. */
static enum error take(struct lines *lines, struct line *line, bool *needs_more)
{
    size_t len = lines->buffer.len - lines->used;
    *needs_more = false;
    if (len == 0 && lines->is_at_end)
        return ERROR_END;
    const char *start = len > 0 ? lines->buffer.bytes + lines->used : "";
    const char *end = memchr(start + lines->scanned, '\n', len - lines->scanned);
    if (end != NULL)
        return finish_line(lines, line, (size_t)(end - start), 1);
    if (lines->is_at_end)
        return finish_line(lines, line, len, 0);
    *needs_more = true;
    lines->scanned = len;
    /* One more may be the CR of a line end that is not read yet. */
    if (len > LINE_MAX_LEN + 1 || lines->is_skipping)
        return len > 0 ? start_skipping(lines, line, len) : ERROR_AGAIN;
    return ERROR_AGAIN;
}

enum error lines_next(struct lines *lines, struct line *line)
{
    for (int fills = 0; fills < FILLS_MAX;) {
        bool needs_more = false;
        enum error error = take(lines, line, &needs_more);
        if (error != ERROR_AGAIN)
            return error;
        if (!needs_more)
            continue;
        error = fill(lines);
        if (error != ERROR_NONE)
            return error;
        fills++;
    }
    return ERROR_PAUSE;
}
