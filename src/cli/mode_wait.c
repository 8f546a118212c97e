/*
 * mode_wait: the words of a run that asks each target until it is as expected (--wait).
 */
#include "run_parts.h"

#include "netcheck/base/base.h"
#include "netcheck/report/wording.h"

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void count(const struct run *run, struct progress_counts *counts)
{
    counts->is_waiting = true;
    counts->until_ns = run->until_ns;
    counts->done = run->schedule.wait.expected;
    counts->total = run->entries.is_complete ? run->entries.count : UINT64_MAX;
}

/* "netcheck: waiting up to 30 s for 3 targets, as expected 3 times in a row" */
static void announce(const struct run *run, struct buffer *out)
{
    size_t total = run->entries.count;
    if (total == 0 || run->schedule.wait.is_impossible)
        return;
    buffer_add_text(out, "netcheck: waiting ");
    if (run->until_ns != NEVER_NS) {
        buffer_add_text(out, "up to ");
        wording_span(out, run->until_ns - run->began_ns);
        buffer_add_text(out, " ");
    }
    buffer_add_format(out, "for %s%zu target%s", run->options->is_any ? "one of " : "", total,
                      plural(total));
    if (run->options->confirmations > 1)
        buffer_add_format(out, ", as expected %zu times in a row", run->options->confirmations);
    buffer_add_text(out, "\n");
}

static const char *end(const struct run *run)
{
    return run->signal != 0 ? "ended by a signal" : NULL;
}

/* The last row of each target: what the end cut short stands as it was before. */
static struct tally tally(const struct run *run)
{
    struct tally tally = run->tally;
    for (size_t i = 0; i < run->entries.count; i++)
        for (const struct series *series = history_member(&run->history, i); series != NULL;
             series = series->sibling)
            if (!series->is_gone)
                tally_add(&tally, &series->last);
    return tally;
}

/* Why a target is not as expected: with -A, the first of its addresses that is not. */
static const struct series *find_reason(const struct run *run, size_t entry)
{
    const struct series *series = history_member(&run->history, entry);
    bool expects_down = run->options->report.expects_down;
    while (series != NULL && result_is_expected(&series->last, expects_down) &&
           series->sibling != NULL)
        series = series->sibling;
    return series;
}

/* What was as expected when it was asked last, but not often enough. */
static void add_streak(const struct run *run, struct buffer *out, const struct entry *entry,
                       const struct result *last)
{
    size_t wanted = run->options->confirmations;
    buffer_add_text(out, state_name(outcome_state(&last->outcome)));
    if (wanted > 1)
        buffer_add_format(out, " %zu of %zu times in a row", entry->streak, wanted);
    else
        buffer_add_text(out, " before, but not seen so at the end");
}

/* The reason, and what the service said. */
static void add_reason(struct buffer *out, const struct result *last)
{
    const struct reply *reply = last->measures.reply;
    buffer_add_text(out, reason_name(last->outcome.reason));
    if (reply != NULL && reply->words[0] != '\0')
        buffer_add_format(out, ": %s", reply->words);
}

/* The first target that is not as expected, and why. */
static void add_first(const struct run *run, struct buffer *out)
{
    const struct entries *entries = &run->entries;
    size_t first = 0;
    while (first < entries->count && entries->items[first].is_expected)
        first++;
    if (first == entries->count)
        return;
    buffer_add_text(out, ", first ");
    wording_label(out, &entries->items[first].endpoint);
    const struct series *series = find_reason(run, first);
    if (series == NULL)
        return;
    buffer_add_text(out, ": ");
    if (result_is_expected(&series->last, run->options->report.expects_down))
        add_streak(run, out, &entries->items[first], &series->last);
    else
        add_reason(out, &series->last);
}

/* "netcheck: gave up after 30 s: 2 of 5 targets are not as expected, first db:5432: refused" */
static void add_failure(const struct run *run, struct buffer *out)
{
    size_t total = run->entries.count;
    size_t failed = total - run->schedule.wait.expected;
    buffer_add_text(out, "netcheck: gave up after ");
    wording_span(out, run->os->now_ns(run->os->self) - run->began_ns);
    if (!run->entries.is_complete) {
        buffer_add_text(out, ": the input did not end\n");
        return;
    }
    buffer_add_format(out, ": %zu of %zu target%s not as expected", failed, total,
                      plural(total));
    add_first(run, out);
    buffer_add_text(out, "\n");
}

static void explain(const struct run *run, struct buffer *out)
{
    const struct wait *wait = &run->schedule.wait;
    if (run->signal != 0 || wait_is_met(wait))
        return;
    if (wait->is_impossible && wait->has_begun)
        buffer_add_text(out,
                        "netcheck: not waited: what could not be read never is as expected\n");
    else
        add_failure(run, out);
}

const struct mode mode_wait = {
    .asks_again = true,
    .count = count,
    .announce = announce,
    .end = end,
    .tally = tally,
    .explain = explain,
};
