/*
 * html_strip: the last runs of a target as a picture of some hundred bytes.
 *
 * A bar a run, the oldest one on the left, this one at the right end; what tells them apart is
 * their shape, too: short ones are as expected, tall ones are not, thin ones are errors. Above
 * the short ones a line of their latencies, from 0 to the largest one. The style sheet draws
 * the bars of a path: page.css.
 */
#ifndef NETCHECK_HTML_STRIP_H
#define NETCHECK_HTML_STRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"
#include "netcheck/report/memory.h"

/* What the runs come to. All zero where none are kept. */
struct html_runs {
    size_t count;
    size_t expected;
    int64_t most_ns; /* the largest latency of those; -1: none */
};

/* remembered  NULL: nothing is, so that there are none; the same below */
struct html_runs html_runs_of(const struct remembered *remembered, bool expects_down);

/* Append the picture, an <svg> that says its counts in words; nothing without runs. */
void html_strip(struct buffer *out, const struct remembered *remembered, bool expects_down);

#endif
