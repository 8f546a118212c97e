/*
 * live: the full-screen view of a run that goes on: one line a series, for people.
 *
 * Builds frames in a buffer and knows neither the terminal nor the clock: the caller says how
 * large and how late it is, and writes what it gets in one go.
 *
 * Columns that do not fit are left out, the least important ones first; lines that do not fit
 * are counted at the bottom. A frame covers the whole screen, and no line of it is longer than
 * the screen is wide.
 */
#ifndef NETCHECK_LIVE_H
#define NETCHECK_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"
#include "netcheck/base/error.h"
#include "netcheck/report/history.h"

/* What makes a terminal ready for frames, and what gives it back as it was (xterm's alternate
   screen, ECMA-48); the latter in the middle of a frame, too, and of a colour. */
#define LIVE_ENTER "\033[?1049h\033[?25l"
#define LIVE_LEAVE "\033[0m\033[?25h\033[?1049l"

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

/* Where in what a key sends the next byte stands (ECMA-48 section 5.4). */
enum live_keys {
    LIVE_KEYS_PLAIN,
    LIVE_KEYS_ESCAPE,  /* behind ESC */
    LIVE_KEYS_CONTROL, /* behind ESC [ */
    LIVE_KEYS_SHIFT,   /* behind ESC O: one byte more */
};

struct live {
    struct live_options options;
    bool is_as_given; /* sorted as the targets were given; else the worst first */
    bool wants_end;   /* `q` */
    enum live_keys keys;
    unsigned parameter;         /* of the key's control sequence; UINT_MAX: none that we know */
    size_t top;                 /* series above the first line shown */
    size_t top_limit;           /* the largest there was sense in, in the last frame */
    size_t page;                /* lines of the last frame that show series */
    struct buffer drawn;        /* the last frame */
    struct live_entry *entries; /* owned; in the order in which they are shown */
    size_t count;
    size_t capacity;
};

void live_init(struct live *live, const struct live_options *options);
void live_release(struct live *live);

/*
 * One byte of what was typed. q leaves, s sorts the other way, ^L draws all anew; j k and the
 * arrows, space b and the pages, g G and Home End scroll. Anything else does nothing.
 */
void live_key(struct live *live, unsigned char byte);

/* The screen was changed behind our back: the next frame is drawn even if it is the same. */
void live_forget(struct live *live);

/*
 * Append a frame, unless it is the same as the last one. ERROR_NONE or ERROR_NO_MEMORY, with
 * nothing appended.
 *
 * The worst first: what is not as expected, then what has no row yet, then the rest; of these
 * by the share of rows that were not, by the largest latency, as given.
 */
enum error live_draw(struct live *live, struct buffer *out, const struct history *history,
                     const struct live_moment *moment);

#endif
