#include "screen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/os/terminal.h"
#include "netcheck/os/os.h"
#include "netcheck/os/output.h"

static const int64_t frame_ns = 100 * NS_PER_MS; /* rows: no more than ten frames a second */
static const int64_t echo_ns = 30 * NS_PER_MS;   /* keys: as fast as they repeat */
static const int64_t tick_ns = 1 * NS_PER_S;     /* the times in the frame go on */

struct screen {
    struct sink sink;     /* holds_terminal: the terminal is a screen now */
    bool is_shown;        /* and in the foreground */
    bool is_stale;        /* something happened since the last frame */
    bool has_key;         /* a key among it */
    int terminal_fd;      /* -1: none */
    struct output frames; /* to it */
    int64_t drawn_ns;
    struct live live;
    const struct history *history;
    struct buffer *notes;
};

static void redraw(void *self)
{
    struct screen *screen = self;
    live_forget(&screen->live);
    output_discard(&screen->frames); /* half of the old one */
    screen->is_shown = screen->sink.holds_terminal && os_show_screen();
    screen->is_stale = true;
}

static void hide(void *self)
{
    struct screen *screen = self;
    if (!screen->sink.holds_terminal)
        return;
    output_flush(&screen->frames); /* a frame that is not out yet is of no use any more */
    output_discard(&screen->frames);
    os_leave_screen();
    screen->sink.holds_terminal = screen->is_shown = false;
}

/* Make the terminal a screen. */
static enum error enter(struct screen *screen)
{
    int error =
        os_enter_screen(screen->terminal_fd, screen->terminal_fd, LIVE_ENTER, LIVE_LEAVE);
    screen->sink.holds_terminal = error == 0;
    redraw(screen);
    if (error == 0)
        return ERROR_NONE;
    /* Not at once: it may be the terminal that takes nothing. */
    buffer_add_format(screen->notes, "netcheck: cannot use the terminal for --live: %s\n",
                      strerror(error));
    return ERROR_SYSTEM;
}

static void note_row(void *self, const struct result *result)
{
    struct screen *screen = self;
    (void)result; /* the history has it */
    screen->is_stale = true;
}

static void watch_terminal(const void *self, struct probe_watch *watch)
{
    const struct screen *screen = self;
    if (screen->is_shown)
        watch->readable_fds[2] = screen->terminal_fd;
    if (screen->sink.holds_terminal)
        watch->writable_fds[0] = output_waits_for(&screen->frames);
}

static void read_keys(void *self)
{
    struct screen *screen = self;
    unsigned char keys[64];
    size_t len = 0;
    int error = os_read(screen->terminal_fd, keys, sizeof keys, &len);
    if (error == EAGAIN)
        return;
    if (error != 0 || len == 0)
        screen->live.wants_end = true; /* the terminal has gone */
    for (size_t i = 0; i < len; i++)
        live_key(&screen->live, keys[i]);
    screen->is_stale = screen->has_key = true;
}

static int64_t due_ns(const void *self, int64_t now_ns)
{
    const struct screen *screen = self;
    (void)now_ns;
    if (!screen->sink.holds_terminal || screen->frames.buffer.len > 0)
        return NEVER_NS; /* a frame is still on its way out */
    return screen->drawn_ns + (screen->has_key    ? echo_ns
                               : screen->is_stale ? frame_ns
                                                  : tick_ns);
}

static enum error draw(struct screen *screen, const struct sink_moment *moment)
{
    struct live_moment live_moment = {.now_ns = moment->now_ns, .wall_ns = moment->wall_ns};
    os_terminal_size(screen->terminal_fd, &live_moment.columns, &live_moment.lines);
    enum error error =
        live_draw(&screen->live, &screen->frames.buffer, screen->history, &live_moment);
    output_flush(&screen->frames);
    if (screen->frames.error != 0)
        screen->live.wants_end = true; /* the terminal has gone */
    screen->is_stale = screen->has_key = false;
    return error;
}

static enum error tick(void *self, const struct sink_moment *moment)
{
    struct screen *screen = self;
    enum error error = ERROR_NONE;
    if (screen->live.wants_end)
        return ERROR_END;
    if (moment->has_begun && !screen->sink.holds_terminal)
        error = enter(screen);
    if (screen->frames.buffer.len > 0)
        output_flush(&screen->frames);
    if (error != ERROR_NONE || moment->now_ns < due_ns(screen, moment->now_ns))
        return error;
    screen->drawn_ns = moment->now_ns;
    screen->is_shown = os_show_screen();
    return screen->is_shown ? draw(screen, moment) : ERROR_NONE;
}

static void release(void *self)
{
    struct screen *screen = self;
    live_release(&screen->live);
    output_release(&screen->frames);
    if (screen->terminal_fd >= 0)
        (void)os_close(screen->terminal_fd); /* it was only read */
    free(screen);
}

enum error screen_new(const struct live_options *options, const struct history *history,
                      struct buffer *notes, struct sink **sink)
{
    int terminal_fd = -1;
    int error = os_is_terminal(STANDARD_OUTPUT) ? os_open_terminal(&terminal_fd) : ENOTTY;
    if (error != 0)
        return ERROR_SYSTEM;
    struct screen *screen = calloc(1, sizeof *screen);
    if (screen == NULL) {
        (void)os_close(terminal_fd); /* nothing was written to it */
        return ERROR_NO_MEMORY;
    }
    screen->terminal_fd = terminal_fd;
    screen->history = history;
    screen->notes = notes;
    output_init_unblocked(&screen->frames, terminal_fd); /* a frame in one piece */
    live_init(&screen->live, options);
    screen->sink = (struct sink){
        .self = screen,
        .row = note_row,
        .due_ns = due_ns,
        .tick = tick,
        .watch = watch_terminal,
        .hear = read_keys,
        .redraw = redraw,
        .hide = hide,
        .finish = hide,
        .release = release,
    };
    *sink = &screen->sink;
    return ERROR_NONE;
}
