/*
 * stats: what many rows about one target come to, in fixed memory.
 *
 * Latencies are connect times of rows that are up. Time is counted by the moments at which the
 * target was asked, not by those of the answers: a timeout of 5 s is no longer outage than a
 * refusal. From one asking to the next the state is that of the earlier one.
 *
 * An outage begins with a row that is down and ends with the next one that is up. A row that is
 * an error says nothing about the target: it neither begins nor ends one, and is not counted in
 * the loss.
 */
#ifndef NETCHECK_STATS_H
#define NETCHECK_STATS_H

#include <stdint.h>

#include "netcheck/probe/result.h"
#include "netcheck/base/quantiles.h"

enum { STATS_RECENT = 64 };

/* In `recent`, in the place of a latency: the row was down, an error, or up after an unknown
   time. */
#define STATS_DOWN    UINT32_MAX
#define STATS_ERROR   (UINT32_MAX - 1)
#define STATS_UNTIMED (UINT32_MAX - 2)

/* Filled by stats_add(); for everybody else to read. All zero: no rows. */
struct stats {
    uint64_t sent;                /* rows */
    uint64_t states[STATE_COUNT]; /* of these, by state */

    uint64_t latencies; /* rows up whose latency is known */
    int64_t min_ns;
    int64_t max_ns;
    double mean_ns;
    double squares; /* sum of squared distances from the mean (Welford) */
    int64_t latest_ns;
    double steps_ns; /* sum of the distances between one latency and the next */
    struct quantiles quantiles;

    enum state state;              /* of the last row */
    int64_t asked_ns;              /* of the last row */
    int64_t state_ns[STATE_COUNT]; /* time spent in each, up to asked_ns */
    bool is_paused;                /* it was not asked any more since asked_ns */
    bool is_out;                   /* an outage is on */
    int64_t out_ns;                /* since when */
    int64_t longest_outage_ns;     /* of those that ended */

    /* Microseconds, or one of the above, of row i (from 0) at i % STATS_RECENT. */
    uint32_t recent[STATS_RECENT];
};

/* Count one row; rows come in the order in which they were asked. */
void stats_add(struct stats *stats, const struct result *result);

/*
 * It is not asked any more since at_ns: its time stands still, and an outage ends, until the
 * next row.
 */
void stats_pause(struct stats *stats, int64_t at_ns);

/* Of the rows that were not errors, how many percent were not up; -1 where there are none. */
double stats_loss(const struct stats *stats);

/* Standard deviation of the latencies, as ping's mdev; -1 where there are none. */
double stats_deviation_ns(const struct stats *stats);

/* Mean distance between one latency and the next; -1 with less than two. */
double stats_jitter_ns(const struct stats *stats);

/* As quantiles_quantile(), but never outside min_ns..max_ns. */
int64_t stats_quantile(const struct stats *stats, double percent);

/* Time in `state`; the last state goes on until now_ns. */
int64_t stats_time_ns(const struct stats *stats, enum state state, int64_t now_ns);

/* The longest outage, one that is still on included; 0 for none. */
int64_t stats_longest_outage_ns(const struct stats *stats, int64_t now_ns);

#endif
