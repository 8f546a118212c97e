/*
 * screen: the live view on a terminal: keys in, frames out. Private to run.c and its courses.
 */
#ifndef NETCHECK_SCREEN_H
#define NETCHECK_SCREEN_H

#include "netcheck/report/live.h"
#include "netcheck/os/output.h"

struct run;

struct screen {
    bool is_open;         /* the terminal is a screen now */
    bool is_shown;        /* and in the foreground */
    bool is_stale;        /* something happened since the last frame */
    int keys_fd;          /* the terminal; -1: none */
    struct output frames; /* to it */
    int64_t drawn_ns;
    struct live live;
};

/* Whether there is a terminal for --live; complains otherwise. */
bool screen_prepare(struct run *run);

/* Make the terminal a screen. */
void screen_open(struct run *run);

/* Give the terminal back; whether it was a screen. */
bool screen_close(struct run *run);

void screen_release(struct screen *screen);

/* Take what was typed: keys_fd is readable. */
void screen_read(struct run *run);

/* The screen is not as it was. */
void screen_forget(struct run *run);

/* When the next frame may be drawn, if one is wanted; NEVER_NS for none. */
int64_t screen_due_ns(const struct run *run);

/* Draw a frame if it is time. */
void screen_turn(struct run *run);

/* Somebody typed `q`. */
bool screen_wants_end(const struct run *run);

#endif
