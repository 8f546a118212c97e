#include "netcheck/output.h"

#include <errno.h>

#include "netcheck/base.h"
#include "netcheck/os.h"

enum {
    PIECE_SIZE = 4096, /* PIPE_BUF: select() calls a pipe writable when that much fits */
    CONGESTED_AT = 64 * 1024,
};

void output_init(struct output *output, int fd)
{
    *output = (struct output){.fd = fd, .patience_ns = NEVER_NS, .buffer = BUFFER_EMPTY};
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

/* One write of what is left; `done` is what was taken. 0, EAGAIN for a full one, or an errno.
 */
static int write_piece(struct output *output, size_t len, bool is_careful, size_t *done)
{
    if (is_careful) {
        len = len < PIECE_SIZE ? len : PIECE_SIZE;
        if (!os_is_writable(output->fd))
            return EAGAIN;
    }
    int error = os_write(output->fd, output->buffer.bytes + *done, len, &len);
    if (error == 0)
        *done += len;
    return error == EWOULDBLOCK ? EAGAIN : error;
}

static void write_pieces(struct output *output, bool may_wait)
{
    struct buffer *buffer = &output->buffer;
    size_t done = 0;
    if (buffer->has_failed && output->error == 0)
        output->error = ENOMEM;
    while (done < buffer->len && output->error == 0) {
        bool may_hang = !may_wait || output->patience_ns != NEVER_NS;
        bool is_careful = may_hang && may_block(output);
        int error = write_piece(output, buffer->len - done, is_careful, &done);
        if (error == EAGAIN && !may_wait)
            break;
        output->error =
            error == EAGAIN ? os_wait_writable(output->fd, output->patience_ns) : error;
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
