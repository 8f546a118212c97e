/*
 * live_scroll: which of many lines are seen.
 *
 * At the end of the lines the view stays there, also when there are more of them, or the screen
 * has another size, until a key leads away.
 */
#ifndef NETCHECK_LIVE_SCROLL_H
#define NETCHECK_LIVE_SCROLL_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/report/live_keys.h"

/* All zero: at the first line, of none. */
struct live_scroll {
    size_t top;     /* lines above the first one seen */
    size_t count;   /* lines */
    size_t page;    /* of them that there is room for */
    size_t half;    /* lines that the last number before d or u said; 0: half a page */
    bool is_at_end; /* the last lines are seen because that was asked for */
};

/* Move as less(1) does, never past the ends. Verbs that do not scroll do nothing. */
void live_scroll_move(struct live_scroll *scroll, const struct live_command *command);

/* There are as many lines now, and as much room. The first line seen stays where it can. */
void live_scroll_fit(struct live_scroll *scroll, size_t count, size_t page);

#endif
