/*
 * course_rounds: every target in rounds (-c, -i, --live), and what they come to.
 */
#include "course.h"

#include <string.h>

#include "netcheck/base/base.h"

/* The live view has a line for each target from its first frame on. */
static enum error expect_rows(struct run *run)
{
    enum error error = ERROR_NONE;
    for (size_t i = run->history.count; i < run->roster.count && error == ERROR_NONE; i++)
        error =
            history_expect(&run->history, &run->roster.members[i].endpoint, run_now_ns(run));
    return error;
}

static enum error gather(struct run *run)
{
    enum error error = run_gather(run);
    if (run->options->is_live && expect_rows(run) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    if (error != ERROR_NONE)
        return error;
    run->rounds.roster = &run->roster;
    run->rounds.interval_ns = run->options->interval_ns;
    run->rounds.count = run->options->rounds;
    rounds_begin(&run->rounds, run_now_ns(run));
    if (run->options->is_live)
        screen_open(run);
    return ERROR_NONE;
}

static enum error next(struct run *run, struct endpoint *endpoint)
{
    if (!run->is_gathered) {
        enum error error = gather(run);
        if (error != ERROR_NONE)
            return error;
    }
    return rounds_next(&run->rounds, run_now_ns(run), endpoint) ? ERROR_NONE : ERROR_PAUSE;
}

/* A change is worth a row of its own; all others only where every row is. */
static void print(struct run *run, const struct result *result)
{
    const struct options *options = run->options;
    bool is_news = result->change.is_first || result->change.is_set;
    if (options->is_live || (options->is_on_change && !is_news))
        return;
    run_print(run, result);
}

/* The run's time was over before it was known: it does not count. */
static void drop_row(struct run *run, struct result *result)
{
    if (result->row + 1 == result->rows)
        rounds_answered(&run->rounds, &result->endpoint, run_now_ns(run));
    result_release(result);
}

static void take_row(struct run *run, struct result *result)
{
    if (result->is_cut) {
        drop_row(run, result);
        return;
    }
    result->round = run->roster.members[result->endpoint.member].asked;
    if (run_remember(run, result)) {
        verdict_add(&run->verdict, result);
        print(run, result);
        if (result->row + 1 == result->rows)
            rounds_answered(&run->rounds, &result->endpoint, run_now_ns(run));
    }
    run->screen.is_stale = true;
    result_release(result);
}

static int64_t due_ns(const struct run *run)
{
    return run->is_gathered ? roster_due_ns(&run->roster) : INT64_MIN;
}

static void turn(struct run *run)
{
    int64_t returned_ns = probe_returned_ns(run->probe);
    if (run->is_gathered && returned_ns != run->returned_ns)
        rounds_return(&run->rounds, run_now_ns(run));
    run->returned_ns = returned_ns;
    screen_turn(run);
}

static bool is_over(const struct run *run)
{
    return screen_wants_end(run) || (run->is_gathered && rounds_are_over(&run->rounds));
}

static void count(const struct run *run, struct progress_counts *counts)
{
    counts->done = run->pump.done;
    counts->total = UINT64_MAX;
    memcpy(counts->states, run->pump.states, sizeof counts->states);
}

/* Each target has its summary, one that was not answered yet, too. */
static void summarise_member(struct run *run, size_t index, struct buffer *out)
{
    const struct report_format *format = run->options->format;
    const struct series *series = history_member(&run->history, index);
    struct stats none = {0};
    const struct series silent = {.last.endpoint = run->roster.members[index].endpoint,
                                  .stats = &none};
    if (series == NULL)
        series = &silent;
    for (; series != NULL; series = series->sibling)
        format->summary(out, &run->report, series->is_awaited ? &silent : series,
                        run_now_ns(run));
}

/* is_last: nothing is asked any more, and its readers can be waited for. */
static void summarise_all(struct run *run, bool is_last)
{
    if (!run->is_gathered)
        return;
    bool is_a_row = run->options->format->is_summary_a_row;
    struct output *output = is_a_row ? &run->streams.rows : &run->streams.notes;
    bool was_open = screen_close(run);
    if (!is_a_row && run->roster.count > 0)
        buffer_add_text(&output->buffer, "\n"); /* behind the ^C of a terminal */
    size_t i = 0;
    for (; i < run->roster.count && (!is_last || run_may_write(run)); i++) {
        summarise_member(run, i, &output->buffer);
        if (is_last)
            run_make_way(run);
    }
    run->lacks_rows |= i < run->roster.count;
    if (run->rounds.missed > 0 && !is_a_row)
        buffer_add_format(&output->buffer,
                          "netcheck: %llu times a target was not asked when it was due: still "
                          "being asked, held up by -P or --rate, or netcheck did not run\n",
                          (unsigned long long)run->rounds.missed);
    if (was_open)
        output_drain(output);
    if (was_open && !run_is_late(run))
        screen_open(run);
}

static void summarise(struct run *run)
{
    summarise_all(run, false);
}

/*
 * With -c N there were rounds to come. Without an end of its own that is how the run ends, as
 * when it is interrupted. But each target has a row.
 */
static void conclude(struct run *run)
{
    const struct outcome over = outcome_of_remark(REASON_LOCAL, REMARK_OVER);
    run->is_unfinished = run->rounds.count != 0 || !run->is_gathered;
    size_t i = 0;
    for (; i < run->roster.count && run_may_write(run); i++) {
        const struct endpoint *endpoint = &run->roster.members[i].endpoint;
        const struct result result = result_unasked(endpoint, over, run_now_ns(run));
        if (history_has_row(&run->history, i))
            continue;
        run->is_unfinished = true;
        print(run, &result);
        run_make_way(run);
    }
    run->lacks_rows = i < run->roster.count;
    run->is_unfinished |= run->lacks_rows;
}

static void finish(struct run *run)
{
    streams_settle(&run->streams);
    if (run->is_unfinished && !run->options->is_quiet)
        buffer_add_text(&run->streams.notes.buffer, "netcheck: the run's time was over\n");
    summarise_all(run, true);
    run_tell_rowless(run);
}

const struct course course_rounds = {
    .next = next,
    .row = take_row,
    .due_ns = due_ns,
    .wake_ns = screen_due_ns,
    .turn = turn,
    .is_over = is_over,
    .count = count,
    .summarise = summarise,
    .conclude = conclude,
    .finish = finish,
};
