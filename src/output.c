#include "netcheck/output.h"

#include <errno.h>

#include "netcheck/os.h"

enum {
    PIECE_SIZE = 4096, /* PIPE_BUF: select() calls a pipe writable when that much fits */
    CONGESTED_AT = 64 * 1024,
};

void output_init(struct output *output, int fd)
{
    *output = (struct output){.fd = fd, .buffer = BUFFER_EMPTY};
}

void output_release(struct output *output)
{
    buffer_release(&output->buffer);
}

/* Asked once, and only when something is to be written before the end. */
static bool may_block(struct output *output)
{
    if (!output->is_known) {
        output->is_known = true;
        output->may_block = os_may_block(output->fd);
    }
    return output->may_block;
}

static void write_pieces(struct output *output, bool may_wait)
{
    struct buffer *buffer = &output->buffer;
    size_t done = 0;
    if (buffer->has_failed && output->error == 0)
        output->error = ENOMEM;
    while (done < buffer->len && output->error == 0) {
        size_t len = buffer->len - done;
        if (!may_wait && may_block(output)) {
            len = len < PIECE_SIZE ? len : PIECE_SIZE;
            if (!os_is_writable(output->fd))
                break;
        }
        size_t written = 0;
        int error = os_write(output->fd, buffer->bytes + done, len, &written);
        bool is_full = error == EAGAIN || error == EWOULDBLOCK;
        if (is_full && !may_wait)
            break;
        if (is_full)
            error = os_wait_writable(output->fd);
        output->error = error;
        done += written;
    }
    if (output->error != 0)
        done = buffer->len;
    buffer_drop(buffer, done);
}

void output_flush(struct output *output)
{
    write_pieces(output, false);
}

void output_drain(struct output *output)
{
    write_pieces(output, true);
}

void output_close(struct output *output)
{
    output_drain(output);
    int error = os_close(output->fd);
    if (output->error == 0)
        output->error = error;
}

bool output_is_congested(const struct output *output)
{
    return output->buffer.len >= CONGESTED_AT;
}

int output_waits_for(const struct output *output)
{
    return output->buffer.len > 0 ? output->fd : -1;
}
