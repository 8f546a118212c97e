/*
 * live_keys: from the bytes that a terminal sends to what is asked of the live view.
 *
 * The keys are those of less(1), and some of the view's own. A sequence may be cut anywhere
 * between two reads. What is not known does nothing, all of its bytes included: other keys,
 * reports of a mouse, and pasted text.
 *
 * Source: ECMA-48 section 5.4; xterm's "Control Sequences" (bracketed paste, mouse tracking);
 * console_codes(4).
 */
#ifndef NETCHECK_LIVE_KEYS_H
#define NETCHECK_LIVE_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum live_verb {
    LIVE_NOTHING,
    LIVE_QUIT,
    LIVE_SORT, /* the other way */
    LIVE_REDRAW,
    LIVE_HELP, /* show the keys, or show them no more */
    LIVE_LINE_DOWN,
    LIVE_LINE_UP,
    LIVE_HALF_DOWN,
    LIVE_HALF_UP,
    LIVE_PAGE_DOWN,
    LIVE_PAGE_UP,
    LIVE_FIRST,
    LIVE_LAST,
    LIVE_PERCENT,
};

struct live_command {
    enum live_verb verb;
    size_t number; /* typed before the key, at most LIVE_NUMBER_MAX; 0: none */
};

enum { LIVE_NUMBER_MAX = 99999999 };

/* All zero: nothing was typed. */
struct live_keys {
    enum {
        LIVE_KEYS_PLAIN,
        LIVE_KEYS_ESCAPE,  /* behind ESC */
        LIVE_KEYS_CONTROL, /* behind ESC [ */
        LIVE_KEYS_SHIFT,   /* behind ESC O */
    } state;
    unsigned parameter; /* of the control sequence; UINT_MAX: none that is known */
    unsigned skip;      /* bytes to come that belong to a sequence that is not known */
    bool is_pasted;     /* what comes is no typing */
    size_t number;      /* typed so far */
};

/* What the next byte completes; mostly LIVE_NOTHING. */
struct live_command live_keys_take(struct live_keys *keys, unsigned char byte);

#endif
