/*
 * course_await: every target until it is as expected (--wait), and then perhaps COMMAND.
 */
#include "course.h"

#include <string.h>

#include "netcheck/base/base.h"

/* What is in flight ends with the wait; so much later it is given up. */
static const int64_t grace_ns = 20 * NS_PER_MS;

/* With a reader of our output, at the end: it may be busy. */
static const int64_t patience_ns = 1 * NS_PER_S;

/* A target whose asking began as late as this after the start was asked from the start. */
static const int64_t slack_ns = 50 * NS_PER_MS;

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* "netcheck: waiting up to 30 s for 3 targets" */
static void announce(struct run *run)
{
    const struct options *options = run->options;
    struct buffer *notes = &run->streams.notes.buffer;
    if (options->is_quiet || run->roster.count == 0)
        return;
    buffer_add_text(notes, "netcheck: waiting ");
    if (run->until_ns != NEVER_NS) {
        buffer_add_text(notes, "up to ");
        report_span(notes, run->until_ns - run->began_ns);
        buffer_add_text(notes, " ");
    }
    buffer_add_format(notes, "for %s%zu target%s\n", options->is_any ? "one of " : "",
                      run->roster.count, plural(run->roster.count));
}

static enum error gather(struct run *run)
{
    enum error error = run_gather(run);
    if (error != ERROR_NONE)
        return error;
    run->await.roster = &run->roster;
    run->await.backoff = run_backoff(run);
    run->await.is_any = run->options->is_any;
    run->await.is_vain = run->inputs.has_failed;
    await_begin(&run->await, run_now_ns(run));
    if (!run->await.is_vain)
        announce(run);
    return ERROR_NONE;
}

static bool is_time_over(const struct run *run)
{
    return run_now_ns(run) >= run->until_ns;
}

static enum error next(struct run *run, struct endpoint *endpoint)
{
    if (!run->is_gathered) {
        enum error error = gather(run);
        if (error != ERROR_NONE)
            return error;
    }
    bool is_next = !is_time_over(run) && await_next(&run->await, run_now_ns(run), endpoint);
    return is_next ? ERROR_NONE : ERROR_PAUSE;
}

/*
 * It was silent, but only because the wait ended: that proves nothing, unless it was asked for
 * as long as the wait was. One that waited for a resolver thread was not asked at all.
 *
 * There are two judges. The engine's result->is_cut is about an attempt that the end shortened,
 * and decides where -m is the end. Of a wait's own end it says too much: a target that was
 * silent from the start of the wait to its end counts as silent, though its attempt was short.
 */
static bool is_cut(const struct run *run, const struct result *result)
{
    if (run->until_ns == run->end_ns)
        return result->is_cut;
    enum reason reason = result->outcome.reason;
    if (result->outcome.remark == REMARK_CUT)
        return true;
    bool is_silent = reason == REASON_TIMEOUT || reason == REASON_RESOLVE_TIMEOUT;
    if (!is_silent || result->finished_ns < run->until_ns ||
        result->waited_ns >= run->options->timeout_ns)
        return false;
    const struct member *member = &run->roster.members[result->endpoint.member];
    /* Addresses that race are not all asked from the start, and another try is not either. */
    bool is_race = result->endpoint.target->kind == TARGET_NAME && reason == REASON_TIMEOUT &&
                   !run->options->is_all_addresses;
    return is_race || result->attempts > 1 || member->asked > 1 ||
           result->finished_ns - result->waited_ns - run->began_ns > slack_ns;
}

/* Whether something that would have had more time was silent: that proves no port closed. */
static bool is_shortened(const struct run *run, const struct result *result)
{
    enum reason reason = result->outcome.reason;
    bool is_silent = reason == REASON_TIMEOUT || reason == REASON_RESOLVE_TIMEOUT;
    return result->is_cut && (is_silent || !run->options->is_all_addresses);
}

/* A row where the state is new, or the reason. */
static void print(struct run *run, struct result *result)
{
    if (!run_remember(run, result))
        return;
    if (result->change.is_first || result->change.is_set || result->change.has_new_reason)
        run_print(run, result);
}

/* Of what was not known when the wait was over, or before that the run's time (-m). */
static struct outcome outcome_of_cut(const struct run *run)
{
    return outcome_of_remark(REASON_LOCAL,
                             run->until_ns < run->end_ns ? REMARK_CUT : REMARK_OVER);
}

/* What was known before stands; where nothing was, that is what the row says. */
static void print_cut(struct run *run, struct result *result)
{
    if (history_find(&run->history, &result->endpoint) != NULL)
        return;
    result->outcome = outcome_of_cut(run);
    result->others_failed = 0;
    print(run, result);
}

static void take_row(struct run *run, struct result *result)
{
    bool is_expected = result_is_expected(result, run->options->expects_down);
    bool was_cut = is_cut(run, result) || (is_expected && is_shortened(run, result));
    is_expected = is_expected && !was_cut;
    if (was_cut)
        print_cut(run, result);
    else
        print(run, result);
    await_answered(&run->await, result, is_expected, run_now_ns(run));
    result_release(result);
}

static int64_t due_ns(const struct run *run)
{
    if (!run->is_gathered)
        return INT64_MIN;
    return is_time_over(run) ? NEVER_NS : roster_due_ns(&run->roster);
}

static int64_t wake_ns(const struct run *run)
{
    if (run->until_ns == NEVER_NS)
        return NEVER_NS;
    return is_time_over(run) ? run->until_ns + grace_ns : run->until_ns;
}

static bool is_met(const struct run *run)
{
    return run->is_gathered && await_is_met(&run->await);
}

static bool is_over(const struct run *run)
{
    if (is_met(run) || (run->is_gathered && await_is_hopeless(&run->await)))
        return true;
    if (!is_time_over(run))
        return false;
    return run->roster.out == 0 || run_now_ns(run) >= run->until_ns + grace_ns;
}

static void count(const struct run *run, struct progress_counts *counts)
{
    counts->is_waiting = true;
    counts->until_ns = run->until_ns;
    counts->done = run->await.expected;
    counts->total = run->is_gathered ? run->roster.count : UINT64_MAX;
}

/* The turn of some did not come; they get their row, too. */
static void print_unasked(struct run *run)
{
    const struct outcome outcome = outcome_of_cut(run);
    size_t i = 0;
    for (; i < run->roster.count && run_may_write(run); i++) {
        const struct endpoint *endpoint = &run->roster.members[i].endpoint;
        const struct result result = result_unasked(endpoint, outcome, run_now_ns(run));
        if (!history_has_row(&run->history, i))
            run_print(run, &result);
        run_make_way(run);
    }
    run->lacks_rows = i < run->roster.count;
}

/* Why a member is not as expected: with -A, the first of its addresses that is not. */
static const struct series *find_reason(const struct run *run, size_t member)
{
    const struct series *series = history_member(&run->history, member);
    bool expects_down = run->options->expects_down;
    while (series != NULL && result_is_expected(&series->last, expects_down) &&
           series->sibling != NULL)
        series = series->sibling;
    return series;
}

/* The first one that is not as expected, and why. */
static void add_first(const struct run *run, struct buffer *out)
{
    const struct roster *roster = &run->roster;
    size_t first = 0;
    while (first < roster->count && roster->members[first].is_expected)
        first++;
    if (first == roster->count)
        return;
    buffer_add_text(out, ", first ");
    report_label(out, &roster->members[first].endpoint);
    const struct series *series = find_reason(run, first);
    if (series != NULL)
        buffer_add_format(out, ": %s", reason_name(series->last.outcome.reason));
}

/* "netcheck: gave up after 30 s: 2 of 5 targets are not as expected, first db:5432: refused" */
static void explain(const struct run *run, struct buffer *out)
{
    size_t total = run->roster.count;
    size_t failed = total - run->await.expected;
    if (run->await.is_vain) {
        buffer_add_text(out,
                        "netcheck: not waited: what could not be read never is as expected\n");
        return;
    }
    buffer_add_text(out, "netcheck: gave up after ");
    report_span(out, run_now_ns(run) - run->began_ns);
    if (!run->is_gathered) {
        buffer_add_text(out, ": the input did not end\n");
        return;
    }
    buffer_add_format(out, ": %zu of %zu target%s not as expected", failed, total,
                      plural(total));
    add_first(run, out);
    buffer_add_text(out, "\n");
}

/* Their rows are written as at the end of any wait. */
static void conclude(struct run *run)
{
    run->is_unfinished = !is_met(run);
}

static void finish(struct run *run)
{
    /* The end of a wait is not held up. */
    int64_t end_ns = run_output_end_ns(run);
    bool is_bounded = run->until_ns < NEVER_NS - patience_ns;
    if (is_met(run) && is_bounded && run->until_ns + patience_ns < end_ns)
        end_ns = run->until_ns + patience_ns;
    streams_hurry(&run->streams, is_met(run) ? NEVER_NS : patience_ns, end_ns);
    if (run->signal == 0 && !is_met(run))
        print_unasked(run);
    streams_settle(&run->streams);
    if (run->signal != 0)
        run_tell_end(run, "ended by a signal");
    else if (!run->options->is_quiet && !is_met(run))
        explain(run, &run->streams.notes.buffer);
    run_tell_rowless(run);
}

/* A bad line of a file can never be as expected: no time helps it. */
static int status(const struct run *run)
{
    if (is_met(run))
        return STATUS_EXPECTED;
    bool has_error = run->await.is_vain || run->await.has_invalid;
    return has_error ? STATUS_ERROR : STATUS_UNEXPECTED;
}

const struct course course_await = {
    .next = next,
    .row = take_row,
    .due_ns = due_ns,
    .wake_ns = wake_ns,
    .is_over = is_over,
    .count = count,
    .conclude = conclude,
    .finish = finish,
    .status = status,
};
