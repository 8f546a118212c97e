/*
 * live: the full-screen view of a run that goes on: one line a series, for people.
 *
 * Builds frames in a buffer and knows neither the terminal nor the clock: the caller says how
 * large and how late it is, and writes what it gets in one go.
 *
 * Columns that do not fit are left out, the least important ones first; lines that do not fit
 * are scrolled to, and counted at the bottom. A frame covers the whole screen, and no line of
 * it is longer than the screen is wide. Only the lines that are seen are put into words,
 * however many others there are.
 */
#ifndef NETCHECK_LIVE_H
#define NETCHECK_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"
#include "netcheck/base/error.h"
#include "netcheck/report/history.h"
#include "netcheck/report/live_keys.h"
#include "netcheck/report/live_scroll.h"

/* What makes a terminal ready for frames, and what gives it back as it was (xterm's alternate
   screen and bracketed paste, ECMA-48); the latter in the middle of a frame, too, and of a
   colour. */
#define LIVE_ENTER "\033[?1049h\033[?25l\033[?2004h"
#define LIVE_LEAVE "\033[0m\033[?2004l\033[?25h\033[?1049l"

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
    bool is_as_given; /* sorted as the targets were given; else the worst first */
    bool shows_keys;  /* at the bottom */
    bool wants_end;   /* `q` */
    struct live_keys keys;
    struct live_scroll scroll;
    struct buffer drawn;        /* the last frame */
    struct live_entry *entries; /* owned; in the order in which they are shown */
    size_t capacity;
    size_t *places; /* owned; in the last frame, of each series of the history */
    size_t placed;  /* series of the history that the last frame knew */
    size_t place_capacity;
    size_t label_len; /* of the longest label */
};

void live_init(struct live *live, const struct live_options *options);
void live_release(struct live *live);

/*
 * One byte of what was typed: it scrolls, q leaves, s sorts the other way, h shows the keys, ^L
 * draws all anew. Anything else does nothing.
 */
void live_key(struct live *live, unsigned char byte);

/* The screen was changed behind our back: the next frame is drawn even if it is the same. */
void live_forget(struct live *live);

/*
 * Append a frame, unless it is the same as the last one. ERROR_NONE or ERROR_NO_MEMORY, with
 * nothing appended.
 *
 * The worst first: what is not as expected, then what has no row yet, then the rest; of these
 * by the share of rows that were not, by the largest latency, as given. While the view is
 * scrolled down each series keeps its place, so that it can be read; new ones come last.
 */
enum error live_draw(struct live *live, struct buffer *out, const struct history *history,
                     const struct live_moment *moment);

#endif
