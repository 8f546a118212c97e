/*
 * mode_rounds: the words of a run that asks each target in rounds, and what the rows come to.
 */
#include "run_parts.h"

#include <string.h>

#include "netcheck/report/wording.h"

static int64_t now(const struct run *run)
{
    return run->os->now_ns(run->os->self);
}

static void count(const struct run *run, struct progress_counts *counts)
{
    counts->done = run->pipeline.done;
    counts->total = UINT64_MAX;
    memcpy(counts->states, run->pipeline.states, sizeof counts->states);
}

static void explain(const struct run *run, struct buffer *out)
{
    if (run->is_unfinished)
        buffer_add_text(out, "netcheck: the run's time was over\n");
}

/* Each target has its summary, also one that was not answered yet. */
static void summarise(const struct run *run, size_t entry, struct buffer *out)
{
    const struct report_format *format = run->options->format;
    void (*add)(struct buffer *, const struct report *, const struct series *, int64_t) =
        format->summary != NULL ? format->summary : report_text.summary;
    const struct series *series = history_member(&run->history, entry);
    struct stats none = {0};
    const struct series silent = {.last.endpoint = run->entries.items[entry].endpoint,
                                  .stats = &none};
    if (series == NULL)
        series = &silent;
    for (; series != NULL; series = series->sibling)
        add(out, &run->report, series->is_awaited ? &silent : series, now(run));
}

/* "netcheck: in 2 rounds only the gate gw:22 was asked: it was not as expected" */
static void add_closed(const struct run *run, struct buffer *out)
{
    unsigned long long closed = run->schedule.rounds.closed;
    buffer_add_format(out, "netcheck: in %llu round%s only the gate ", closed,
                      closed == 1 ? "" : "s");
    wording_label(out, &run->gate.endpoint);
    buffer_add_text(out, " was asked: it was not as expected\n");
}

static void conclude(const struct run *run, struct buffer *out)
{
    uint64_t missed = run->schedule.rounds.missed;
    if (missed > 0 && !run->options->format->is_summary_a_row)
        buffer_add_format(out,
                          "netcheck: %llu times a target was not asked when it was due: still "
                          "being asked, held up by -P, --rate or --gate, or netcheck did not "
                          "run\n",
                          (unsigned long long)missed);
    if (run->schedule.rounds.closed > 0 && !run->options->format->is_summary_a_row)
        add_closed(run, out);
}

const struct mode mode_rounds = {
    .asks_again = true,
    .count = count,
    .explain = explain,
    .summarise = summarise,
    .conclude = conclude,
};
