#include "netcheck/os/output.h"

#include <errno.h>

#include "netcheck/base/base.h"
#include "netcheck/os/channel.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/os/os.h"
#include "netcheck/os/signals.h"

enum {
    CONGESTED_AT = 64 * 1024,
    LAST_READ = 4096, /* bytes that Nagios reads once more when a plugin has ended */
};

/* What a reader has left once the user wants the end: it may be busy. */
static const int64_t end_patience_ns = 1 * NS_PER_S;

/* How long the reader has taken nothing. */
struct idleness {
    bool has_begun;
    bool is_ending; /* os_end_signal() was set when it was looked at last */
    int64_t since_ns;
};

void output_init(struct output *output, int fd)
{
    *output = (struct output){
        .fd = fd, .patience_ns = NEVER_NS, .until_ns = NEVER_NS, .buffer = BUFFER_EMPTY};
}

void output_init_unblocked(struct output *output, int fd)
{
    output_init(output, fd);
    output->has_channel = true;
    output->channel = (struct os_channel){
        .fd = fd, .wait_fd = fd, .way = OS_CHANNEL_PLAIN, .piece = SIZE_MAX};
}

static void close_channel(struct output *output)
{
    if (output->has_channel)
        os_channel_close(&output->channel);
    output->has_channel = false;
}

void output_release(struct output *output)
{
    close_channel(output);
    buffer_release(&output->buffer);
    output->sent = 0;
}

static size_t count_left(const struct output *output)
{
    return output->buffer.len - output->sent;
}

size_t output_piece(const char *bytes, size_t len, size_t most)
{
    if (len <= most && bytes[len - 1] == '\n')
        return len;
    size_t room = len < most ? len : most;
    for (size_t end = room; end > 0; end--)
        if (bytes[end - 1] == '\n')
            return end;
    return room;
}

/* One write. 0, EAGAIN where nothing is taken now, or an errno. */
static int write_piece(struct output *output, bool may_block)
{
    const char *bytes = output->buffer.bytes + output->sent;
    size_t len = count_left(output);
    if (!may_block && !output->has_channel) {
        os_channel_open(&output->channel, output->fd);
        output->has_channel = true;
    }
    if (!may_block)
        len = output_piece(bytes, len, output->channel.piece);
    int error = may_block ? os_write(output->fd, bytes, len, &len)
                          : os_channel_write(&output->channel, bytes, len, &len);
    if (error == 0 && len > 0) {
        output->is_in_line = bytes[len - 1] != '\n';
        output->sent += len;
    }
    return error == EWOULDBLOCK ? EAGAIN : error;
}

/* Free the beginning, but move no more bytes than are freed: a slow reader takes little a time.
 */
static void tidy(struct output *output)
{
    if (output->error != 0)
        output->sent = output->buffer.len;
    if (output->sent < count_left(output))
        return;
    buffer_drop(&output->buffer, output->sent);
    output->sent = 0;
}

static bool has_more(struct output *output)
{
    if (output->buffer.has_failed && output->error == 0)
        output->error = ENOMEM;
    return count_left(output) > 0 && output->error == 0;
}

void output_flush(struct output *output)
{
    int error = 0;
    while (error == 0 && has_more(output))
        error = write_piece(output, false);
    if (error != 0 && error != EAGAIN)
        output->error = error;
    tidy(output);
}

/* When the reader is given up, if it takes nothing until then. */
static int64_t choose_deadline(const struct output *output, struct idleness *idleness,
                               int64_t now_ns)
{
    bool is_ending = os_end_signal() != 0;
    if (!idleness->has_begun || idleness->is_ending != is_ending)
        *idleness = (struct idleness){true, is_ending, now_ns};
    int64_t patience_ns = output->patience_ns;
    if (is_ending && patience_ns > end_patience_ns)
        patience_ns = end_patience_ns;
    int64_t deadline_ns = patience_ns == NEVER_NS ? NEVER_NS : idleness->since_ns + patience_ns;
    return deadline_ns < output->until_ns ? deadline_ns : output->until_ns;
}

/* 0: try again. */
static int wait_for_reader(const struct output *output, struct idleness *idleness)
{
    int64_t now_ns = os_system.now_ns(os_system.self);
    int64_t deadline_ns = choose_deadline(output, idleness, now_ns);
    if (now_ns >= deadline_ns)
        return ETIMEDOUT;
    int fd = output->has_channel ? output->channel.wait_fd : output->fd;
    int64_t wait_ns = deadline_ns == NEVER_NS ? NEVER_NS : deadline_ns - now_ns;
    int error = os_wait_writable(fd, wait_ns);
    return error == ETIMEDOUT ? 0 : error;
}

/*
 * Little of it, and no haste: the system's own waiting will do, which costs a short run
 * nothing. os_write() comes back where the user wants the end.
 */
static bool may_block(const struct output *output)
{
    return !output->has_channel && count_left(output) <= OS_WHOLE_MAX &&
           output->patience_ns == NEVER_NS && output->until_ns == NEVER_NS &&
           os_end_signal() == 0;
}

void output_drain(struct output *output)
{
    struct idleness idleness = {.has_begun = false};
    while (has_more(output)) {
        int error = write_piece(output, may_block(output));
        if (error == 0)
            idleness.has_begun = false;
        else if (error != EINTR)
            output->error = error == EAGAIN ? wait_for_reader(output, &idleness) : error;
    }
    tidy(output);
}

/* Some readers read once more when this program has ended, and lose what is in the pipe then.
   Others begin only then: a short answer must not wait for them. */
static void linger(const struct output *output)
{
    int64_t now_ns = os_system.now_ns(os_system.self);
    int64_t left_ns = output->until_ns == NEVER_NS ? NEVER_NS : output->until_ns - now_ns;
    int64_t linger_ns = left_ns < output->linger_ns ? left_ns : output->linger_ns;
    if (output->error != 0 || linger_ns <= 0)
        return;
    /* What is not taken by then is the reader's loss. */
    (void)os_wait_taken(output->fd, LAST_READ, linger_ns);
}

void output_close(struct output *output)
{
    output_drain(output);
    linger(output);
    close_channel(output);
    int error = os_close(output->fd);
    if (output->error == 0)
        output->error = error;
}

void output_discard(struct output *output)
{
    output->sent = output->buffer.len;
    tidy(output);
}

bool output_is_congested(const struct output *output)
{
    return count_left(output) >= CONGESTED_AT;
}

int output_waits_for(const struct output *output)
{
    if (output->buffer.len == 0)
        return -1;
    return output->has_channel ? output->channel.wait_fd : output->fd;
}
