#include "netcheck/report/stats.h"

#include <math.h>

#include "netcheck/base/base.h"

static const int64_t recent_max_us = STATS_UNTIMED - 1;

static double distance(int64_t a_ns, int64_t b_ns)
{
    return (double)(a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns);
}

/* Welford's method: the sum of squares alone would lose a small spread of large numbers. */
static void add_latency(struct stats *stats, int64_t latency_ns)
{
    if (stats->latencies > 0)
        stats->steps_ns += distance(latency_ns, stats->latest_ns);
    if (stats->latencies == 0 || latency_ns < stats->min_ns)
        stats->min_ns = latency_ns;
    if (stats->latencies == 0 || latency_ns > stats->max_ns)
        stats->max_ns = latency_ns;
    stats->latest_ns = latency_ns;
    stats->latencies++;
    double before = (double)latency_ns - stats->mean_ns;
    stats->mean_ns += before / (double)stats->latencies;
    stats->squares += before * ((double)latency_ns - stats->mean_ns);
    quantiles_add(&stats->quantiles, latency_ns);
}

/* The last state went on until at_ns. */
static void pass_time(struct stats *stats, int64_t at_ns)
{
    if (stats->sent > 0 && !stats->is_paused)
        stats->state_ns[stats->state] += at_ns - stats->asked_ns;
    stats->asked_ns = at_ns;
}

static void end_outage(struct stats *stats, int64_t at_ns)
{
    stats->longest_outage_ns = stats_longest_outage_ns(stats, at_ns);
    stats->is_out = false;
}

void stats_pause(struct stats *stats, int64_t at_ns)
{
    pass_time(stats, at_ns);
    end_outage(stats, at_ns);
    stats->is_paused = true;
}

static void add_time(struct stats *stats, enum state state, int64_t asked_ns)
{
    pass_time(stats, asked_ns);
    stats->is_paused = false;
    if (state == STATE_UP) {
        end_outage(stats, asked_ns);
    } else if (state == STATE_DOWN && !stats->is_out) {
        stats->is_out = true;
        stats->out_ns = asked_ns;
    }
    stats->state = state;
}

static uint32_t recent_of(enum state state, int64_t latency_ns)
{
    if (state != STATE_UP)
        return state == STATE_DOWN ? STATS_DOWN : STATS_ERROR;
    if (latency_ns < 0)
        return STATS_UNTIMED;
    int64_t us = latency_ns / NS_PER_US;
    return (uint32_t)(us < recent_max_us ? us : recent_max_us);
}

void stats_add(struct stats *stats, const struct result *result)
{
    enum state state = outcome_state(&result->outcome);
    int64_t latency_ns = result_latency_ns(result);
    if (state == STATE_UP && latency_ns >= 0)
        add_latency(stats, latency_ns);
    add_time(stats, state, result->asked_ns);
    stats->recent[stats->sent % STATS_RECENT] = recent_of(state, latency_ns);
    stats->states[state]++;
    stats->sent++;
}

double stats_loss(const struct stats *stats)
{
    uint64_t answered = stats->sent - stats->states[STATE_ERROR];
    if (answered == 0)
        return -1;
    return 100 * (double)stats->states[STATE_DOWN] / (double)answered;
}

double stats_deviation_ns(const struct stats *stats)
{
    if (stats->latencies == 0)
        return -1;
    return sqrt(stats->squares / (double)stats->latencies);
}

double stats_jitter_ns(const struct stats *stats)
{
    if (stats->latencies < 2)
        return -1;
    return stats->steps_ns / (double)(stats->latencies - 1);
}

int64_t stats_quantile(const struct stats *stats, double percent)
{
    int64_t quantile_ns = quantiles_quantile(&stats->quantiles, percent);
    if (quantile_ns < stats->min_ns)
        return stats->latencies > 0 ? stats->min_ns : -1;
    return quantile_ns < stats->max_ns ? quantile_ns : stats->max_ns;
}

int64_t stats_time_ns(const struct stats *stats, enum state state, int64_t now_ns)
{
    bool goes_on = stats->sent > 0 && !stats->is_paused && stats->state == state;
    return stats->state_ns[state] + (goes_on ? now_ns - stats->asked_ns : 0);
}

int64_t stats_longest_outage_ns(const struct stats *stats, int64_t now_ns)
{
    int64_t current_ns = stats->is_out ? now_ns - stats->out_ns : 0;
    return current_ns > stats->longest_outage_ns ? current_ns : stats->longest_outage_ns;
}
