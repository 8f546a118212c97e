#include "screen.h"

#include <errno.h>
#include <string.h>

#include "course.h"
#include "netcheck/base/base.h"
#include "netcheck/cli/message.h"

static const int64_t frame_ns = 100 * NS_PER_MS; /* no more than ten frames a second */
static const int64_t tick_ns = 1 * NS_PER_S;     /* the times in the frame go on */

bool screen_prepare(struct run *run)
{
    struct screen *screen = &run->screen;
    int error = os_is_terminal(STANDARD_OUTPUT) ? os_open_terminal(&screen->keys_fd) : ENOTTY;
    output_init_unblocked(&screen->frames, screen->keys_fd); /* a frame in one piece */
    if (error == 0)
        return true;
    message_say("--live needs a terminal: leave it out, or do not redirect standard output");
    return false;
}

void screen_open(struct run *run)
{
    struct screen *screen = &run->screen;
    int error = os_enter_screen(screen->keys_fd, screen->keys_fd, LIVE_ENTER, LIVE_LEAVE);
    screen->is_open = error == 0;
    if (error != 0) {
        /* Not at once: it may be the terminal that takes nothing. */
        buffer_add_format(&run->streams.notes.buffer,
                          "netcheck: cannot use the terminal for --live: %s\n",
                          strerror(error));
        run->has_failed = run->is_stopped = true;
    }
    screen_forget(run);
}

bool screen_close(struct run *run)
{
    struct screen *screen = &run->screen;
    if (!screen->is_open)
        return false;
    output_flush(&screen->frames); /* what does not get out now, nobody misses */
    output_discard(&screen->frames);
    os_leave_screen();
    screen->is_open = screen->is_shown = false;
    return true;
}

void screen_release(struct screen *screen)
{
    live_release(&screen->live);
    output_release(&screen->frames);
    if (screen->keys_fd >= 0)
        (void)os_close(screen->keys_fd); /* it was only read */
    screen->keys_fd = -1;
}

void screen_read(struct run *run)
{
    struct screen *screen = &run->screen;
    unsigned char keys[64];
    size_t len = 0;
    int error = os_read(screen->keys_fd, keys, sizeof keys, &len);
    if (error == EAGAIN)
        return;
    if (error != 0 || len == 0)
        screen->live.wants_end = true; /* the terminal has gone */
    for (size_t i = 0; i < len; i++)
        live_key(&screen->live, keys[i]);
    screen->is_stale = true;
}

void screen_forget(struct run *run)
{
    struct screen *screen = &run->screen;
    live_forget(&screen->live);
    output_discard(&screen->frames); /* half of the old one */
    screen->is_shown = screen->is_open && os_show_screen();
    screen->is_stale = true;
}

int64_t screen_due_ns(const struct run *run)
{
    const struct screen *screen = &run->screen;
    if (!screen->is_open || screen->frames.buffer.len > 0)
        return NEVER_NS; /* a frame is still on its way out */
    return screen->drawn_ns + (screen->is_stale ? frame_ns : tick_ns);
}

static void draw(struct run *run, int64_t now_ns)
{
    struct screen *screen = &run->screen;
    struct live_moment moment = {.now_ns = now_ns,
                                 .wall_ns = now_ns + run->report.wall_offset_ns};
    os_terminal_size(screen->keys_fd, &moment.columns, &moment.lines);
    enum error error = live_draw(&screen->live, &screen->frames.buffer, &run->history, &moment);
    if (error != ERROR_NONE)
        run_fail(run, error);
}

void screen_turn(struct run *run)
{
    struct screen *screen = &run->screen;
    int64_t now_ns = run_now_ns(run);
    if (screen->frames.buffer.len > 0)
        output_flush(&screen->frames);
    if (now_ns < screen_due_ns(run))
        return;
    screen->drawn_ns = now_ns;
    screen->is_shown = os_show_screen();
    if (!screen->is_shown)
        return;
    draw(run, now_ns);
    output_flush(&screen->frames);
    if (screen->frames.error != 0)
        screen->live.wants_end = true; /* the terminal has gone */
    screen->is_stale = false;
}

bool screen_wants_end(const struct run *run)
{
    return run->screen.live.wants_end;
}
