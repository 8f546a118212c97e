/*
 * live: the full-screen view of a run that goes on: one line a series, for people.
 *
 * Builds frames in a buffer and knows neither the terminal nor the clock: the caller says how
 * large and how late it is, and writes what it gets in one go.
 *
 * Columns that do not fit are left out, the least important ones first; lines that do not fit
 * are counted at the bottom.
 */
#ifndef NETCHECK_LIVE_H
#define NETCHECK_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/buffer.h"
#include "netcheck/history.h"

/* What makes a terminal ready for frames, and what gives it back as it was (xterm's alternate
   screen, ECMA-48). */
#define LIVE_ENTER "\033[?1049h\033[?25l"
#define LIVE_LEAVE "\033[?25h\033[?1049l"

struct live_options {
    bool is_unicode;
    bool is_coloured;
    bool expects_down; /* --expect down */
};

/* What a frame depends on beside the history. */
struct live_moment {
    unsigned columns;
    unsigned lines;
    int64_t now_ns;  /* monotonic */
    int64_t wall_ns; /* since 1970 */
};

struct live {
    struct live_options options;
    bool is_as_given;             /* sorted as the targets were given; else the worst first */
    bool wants_end;               /* `q` */
    size_t top;                   /* series above the first line shown */
    size_t key_state;             /* inside an escape sequence */
    size_t page;                  /* lines of the last frame that show series */
    struct buffer drawn;          /* the last frame */
    const struct series **sorted; /* owned */
    size_t sorted_capacity;
};

void live_init(struct live *live, const struct live_options *options);
void live_release(struct live *live);

/* One byte of what was typed: q leaves, s sorts the other way, j k, arrows and pages scroll. */
void live_key(struct live *live, unsigned char byte);

/* The screen was changed behind our back: the next frame is drawn even if it is the same. */
void live_forget(struct live *live);

/* Append a frame, unless it is the same as the last one. ERROR_NONE or ERROR_NO_MEMORY. */
enum error live_draw(struct live *live, struct buffer *out, const struct history *history,
                     const struct live_moment *moment);

#endif
