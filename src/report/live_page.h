/*
 * live_page: the lines of a frame, none longer than the page is wide. Private to live.c.
 */
#ifndef NETCHECK_LIVE_PAGE_H
#define NETCHECK_LIVE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"
#include "netcheck/report/history.h"
#include "netcheck/report/live.h"

/* From left to right. */
enum live_column {
    LIVE_STATE,
    LIVE_TARGET,
    LIVE_LATENCY,
    LIVE_WORST,
    LIVE_LOSS,
    LIVE_RECENT,
    LIVE_TIME,
    LIVE_COLUMN_COUNT
};

/* How a connect time compares with the median of its series. */
enum live_pace {
    LIVE_PACE_UNKNOWN, /* there are too few to compare with */
    LIVE_PACE_USUAL,
    LIVE_PACE_SLOW,      /* more than 1.5 times the median */
    LIVE_PACE_VERY_SLOW, /* more than 3 times */
};

struct live_page {
    struct buffer *out;
    const struct live_options *options; /* borrowed */
    int64_t now_ns;
    unsigned columns;
    unsigned used;                      /* cells of the line that is being written */
    unsigned widths[LIVE_COLUMN_COUNT]; /* 0: left out */
    struct buffer cell;                 /* what is being put together for a column */
};

/*
 * Compare with a median of at least a millisecond: below, even 3 times as long is noise. (On
 * loopback one connect time in nine was over 1.5 times the median of 0.03 ms, none of 4,800
 * over 1.5 ms.)
 *
 * count  connect times that the median is of
 */
enum live_pace live_page_pace(int64_t latency_ns, int64_t median_ns, uint64_t count);

/* Append what the series is called; with_address: and its address. Harmless to a terminal. */
void live_page_label(struct buffer *out, const struct series *series, bool with_address);

/* Share the line out among the columns; the longest label has `label_len` cells. */
void live_page_fit(struct live_page *page, size_t label_len);

/* The columns' names. */
void live_page_titles(struct live_page *page);

void live_page_series(struct live_page *page, const struct series *series, bool with_address);

/*
 * The first of `count` wordings, from long to short, beside which `right` fits; where none
 * does, the first that fits alone, or the last one cut. ASCII.
 */
void live_page_words(struct live_page *page, const char *const *wordings, size_t count,
                     const char *right);

/* Erase the rest of the line; then to the next one, or, with is_last, erase what is below. */
void live_page_end_line(struct live_page *page, bool is_last);

#endif
