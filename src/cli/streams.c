#include "streams.h"

#include <errno.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/escape.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/os/terminal.h"

enum { PATH_SIZE = 4096 }; /* PATH_MAX of Linux */

void streams_init(struct streams *streams, bool wants_progress, int64_t now_ns)
{
    output_init(&streams->rows, STANDARD_OUTPUT);
    output_init(&streams->notes, STANDARD_ERROR);
    output_init(&streams->progress_output, STANDARD_ERROR);
    bool is_terminal = os_is_terminal(STANDARD_ERROR);
    streams->shares_terminal = is_terminal && os_is_terminal(STANDARD_OUTPUT);
    progress_init(&streams->progress, wants_progress, is_terminal, now_ns);
}

void streams_release(struct streams *streams)
{
    output_release(&streams->rows);
    output_release(&streams->notes);
    output_release(&streams->progress_output);
}

bool streams_can_draw(void)
{
    return os_is_terminal(STANDARD_ERROR) && os_terminal_can_draw() &&
           !os_is_pipe(STANDARD_OUTPUT);
}

void streams_tell_file(struct buffer *out)
{
    char path[PATH_SIZE];
    if (!os_is_regular(STANDARD_OUTPUT) || !os_is_terminal(STANDARD_ERROR))
        return;
    os_path(STANDARD_OUTPUT, path, sizeof path);
    buffer_add_text(out, "rows: ");
    if (path[0] != '\0')
        escape_readable(out, path, strlen(path));
    else
        buffer_add_text(out, "standard output");
    buffer_add_text(out, "\n");
}

/* Not into the middle of something else, nor on top of a line that is not out yet. */
static bool may_draw(const struct streams *streams, int64_t now_ns)
{
    return streams->progress_output.buffer.len == 0 && streams->notes.buffer.len == 0 &&
           (!streams->shares_terminal || streams->rows.buffer.len == 0) &&
           now_ns >= progress_due_ns(&streams->progress);
}

/* Whether `output` would write into the middle of a line of `other`. */
static bool is_barred(const struct output *output, const struct output *other)
{
    return other->is_in_line && os_is_same_file(output->fd, other->fd);
}

/* The end of a line first: only a terminal, or a very long line, is taken in parts. */
static void flush_lines(struct streams *streams)
{
    if (is_barred(&streams->notes, &streams->rows))
        output_flush(&streams->rows);
    if (!is_barred(&streams->notes, &streams->rows))
        output_flush(&streams->notes);
    if (!is_barred(&streams->rows, &streams->notes))
        output_flush(&streams->rows);
}

void streams_flush(struct streams *streams)
{
    struct buffer *line = &streams->progress_output.buffer;
    bool has_rows = streams->shares_terminal && streams->rows.buffer.len > 0;
    if (streams->notes.buffer.len > 0 || has_rows)
        progress_hide(&streams->progress, line);
    output_flush(&streams->progress_output);
    if (line->len == 0)
        flush_lines(streams);
}

static enum error draw_progress(void *self, const struct sink_moment *moment)
{
    struct streams *streams = self;
    if (!may_draw(streams, moment->now_ns))
        return ERROR_NONE;
    progress_draw(&streams->progress, &streams->progress_output.buffer, &moment->counts,
                  os_terminal_width(STANDARD_ERROR), moment->now_ns);
    output_flush(&streams->progress_output);
    return ERROR_NONE;
}

/* Where a stream is stuck, the line is drawn once that stream has gone on. */
static int64_t progress_turn_ns(const void *self, int64_t now_ns)
{
    const struct streams *streams = self;
    int64_t due_ns = progress_due_ns(&streams->progress);
    return due_ns > now_ns || may_draw(streams, now_ns) ? due_ns : NEVER_NS;
}

static void hide_progress(void *self)
{
    struct streams *streams = self;
    int error = errno;
    progress_hide(&streams->progress, &streams->progress_output.buffer);
    output_flush(&streams->progress_output);
    errno = error;
}

static void release_progress(void *self)
{
    (void)self; /* streams_release() does it */
}

struct sink *streams_progress(struct streams *streams)
{
    streams->progress_sink = (struct sink){
        .self = streams,
        .due_ns = progress_turn_ns,
        .tick = draw_progress,
        .hide = hide_progress,
        .release = release_progress,
    };
    return &streams->progress_sink;
}

bool streams_are_congested(const struct streams *streams)
{
    return output_is_congested(&streams->rows) || output_is_congested(&streams->notes);
}

void streams_watch(const struct streams *streams, struct probe_watch *watch)
{
    int notes_fd = output_waits_for(&streams->notes);
    watch->writable_fds[0] = output_waits_for(&streams->rows);
    watch->writable_fds[1] =
        notes_fd >= 0 ? notes_fd : output_waits_for(&streams->progress_output);
}

void streams_hurry(struct streams *streams, int64_t patience_ns, int64_t until_ns)
{
    struct output *outputs[] = {&streams->rows, &streams->notes, &streams->progress_output};
    for (size_t i = 0; i < ARRAY_LEN(outputs); i++) {
        outputs[i]->patience_ns = patience_ns;
        outputs[i]->until_ns = until_ns;
    }
}

/* A reader that was given up on one stream is not waited for on another one. */
static void share_fate(struct streams *streams, struct output *output)
{
    const struct output *outputs[] = {&streams->rows, &streams->notes,
                                      &streams->progress_output};
    for (size_t i = 0; i < ARRAY_LEN(outputs); i++)
        if (outputs[i]->error == ETIMEDOUT && output->error == 0 &&
            os_is_same_file(outputs[i]->fd, output->fd))
            output->error = ETIMEDOUT;
}

static void drain(struct streams *streams, struct output *output)
{
    if (output->buffer.len > 0)
        share_fate(streams, output);
    output_drain(output);
}

void streams_settle(struct streams *streams)
{
    progress_hide(&streams->progress, &streams->progress_output.buffer);
    drain(streams, &streams->progress_output);
    if (streams->rows.is_in_line)
        drain(streams, &streams->rows);
    drain(streams, &streams->notes);
    drain(streams, &streams->rows);
}

void streams_finish(struct streams *streams, bool is_last)
{
    streams_settle(streams);
    share_fate(streams, &streams->notes); /* for what is said of the rows */
    if (is_last)
        output_close(&streams->rows);
}
