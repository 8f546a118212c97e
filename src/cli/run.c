#include "netcheck/cli/run.h"

#include <errno.h>
#include <string.h>

#include "course.h"
#include "netcheck/base/base.h"
#include "netcheck/cli/message.h"
#include "netcheck/os/os.h"
#include "netcheck/os/resolve.h"

/* When the run's time is over, what was learned is still written for so long. */
static const int64_t output_grace_ns = 30 * NS_PER_MS;

enum {
    GATHER_BURST = 1024, /* rows read between two looks at the clock and at signals */
    SIGNALS_A_TURN = 16,
    RESERVE_SHARE = 10, /* of the run's time, for the rows of what was not asked */
};

/* What a row takes to write, with much to spare. */
static const int64_t row_ns = 10 * NS_PER_US;

int64_t run_now_ns(const struct run *run)
{
    return run->os->now_ns(run->os->self);
}

/* Before anything is said beside the streams. */
static void clear(struct run *run)
{
    int error = errno;
    (void)screen_close(run);
    streams_clear(&run->streams);
    errno = error;
}

void run_fail(struct run *run, enum error error)
{
    if (run->has_failed)
        return; /* once is enough */
    run->is_stopped = true;
    clear(run);
    if (error == ERROR_SYSTEM)
        message_say("cannot wait for the network: %s", strerror(errno));
    else
        message_error(error);
    run->has_failed = true;
}

static void go_on(struct run *run, enum error error)
{
    if (error != ERROR_NONE)
        run_fail(run, error);
}

static bool is_shown(const struct run *run, const struct result *result)
{
    static const unsigned bits[STATE_COUNT] = {
        [STATE_UP] = SHOW_UP, [STATE_DOWN] = SHOW_DOWN, [STATE_ERROR] = SHOW_ERROR};
    unsigned shown = run->options->shown;
    if (run->options->is_quiet)
        return false;
    return shown == 0 || (shown & bits[outcome_state(&result->outcome)]) != 0 ||
           ((shown & SHOW_UNEXPECTED) != 0 &&
            !result_is_expected(result, run->options->expects_down));
}

void run_print(struct run *run, const struct result *result)
{
    if (is_shown(run, result))
        run->options->format->row(&run->streams.rows.buffer, &run->report, result);
}

/* How many rows there may be to write once asking is over. */
static uint64_t count_rest(const struct run *run)
{
    uint64_t total = run->inputs.feed.total;
    if (run->course != &course_once)
        return run->roster.count;
    return total != UINT64_MAX ? total - run->pump.next_sequence : 0;
}

/* So that what was never asked has its row, too: but not at the price of asking. */
static int64_t reserve_ns(const struct run *run)
{
    if (run->end_ns == NEVER_NS)
        return 0;
    uint64_t most = (uint64_t)(run->options->max_time_ns / RESERVE_SHARE / row_ns);
    uint64_t rest = count_rest(run);
    return (int64_t)(rest < most ? rest : most) * row_ns;
}

bool run_is_late(const struct run *run)
{
    return run_now_ns(run) >= run->end_ns - reserve_ns(run);
}

bool run_remember(struct run *run, struct result *result)
{
    struct series *series = NULL;
    enum error error = history_add(&run->history, result, &series);
    go_on(run, error);
    return error == ERROR_NONE;
}

enum error run_pull(struct run *run, struct endpoint *endpoint)
{
    enum error error;
    while ((error = feed_next(&run->inputs.feed, endpoint)) == ERROR_SYSTEM) {
        /* What was read of it is asked, and so are the other files. */
        struct buffer text = BUFFER_EMPTY;
        inputs_skip(&run->inputs, &text);
        buffer_add_format(&run->streams.notes.buffer, "netcheck: %s\n", buffer_text(&text));
        buffer_release(&text);
    }
    return error;
}

enum error run_gather(struct run *run)
{
    uint64_t total = run->inputs.feed.total;
    if (total != UINT64_MAX && total > ROSTER_MAX)
        return ERROR_ROSTER;
    enum error error = ERROR_NONE;
    for (int i = 0; i < GATHER_BURST && error == ERROR_NONE; i++) {
        struct endpoint endpoint;
        error = run_pull(run, &endpoint);
        if (error == ERROR_NONE)
            error = roster_add(&run->roster, &endpoint);
    }
    if (error == ERROR_NONE)
        return ERROR_PAUSE;
    if (error != ERROR_END)
        return error;
    error = roster_close(&run->roster);
    run->is_gathered = error == ERROR_NONE;
    return error;
}

static enum error next_endpoint(void *self, struct endpoint *endpoint)
{
    struct run *run = self;
    return run->course->next(run, endpoint);
}

static void take_row(void *self, struct result *result)
{
    struct run *run = self;
    run->course->row(run, result);
    run->pump.is_congested = streams_are_congested(&run->streams);
}

/* That an answer was cut is said in the first round only. */
static bool is_told(const struct run *run, const struct trace *trace)
{
    return trace->kind == TRACE_CUT && run->course != &course_once &&
           run->roster.members[trace->endpoint.member].asked > 1;
}

static void collect(struct run *run)
{
    struct trace trace;
    while (probe_collect_trace(run->probe, &trace)) {
        if (!is_told(run, &trace) && !run->options->is_live)
            report_trace(&run->streams.notes.buffer, &trace);
        trace_release(&trace);
    }
    go_on(run, pump_collect(&run->pump));
}

void run_make_way(struct run *run)
{
    if (streams_are_congested(&run->streams))
        streams_settle(&run->streams);
    run->pump.is_congested = false;
}

static struct progress_counts count_progress(const struct run *run)
{
    struct progress_counts counts = {0};
    run->course->count(run, &counts);
    return counts;
}

/* Write what is taken without waiting. */
static void flush(struct run *run)
{
    struct progress_counts counts = count_progress(run);
    streams_flush(&run->streams, &counts, run_now_ns(run));
    run->pump.is_congested = streams_are_congested(&run->streams);
}

/* The screen of --live says it already, and a line in the middle of it would tear it. */
static void tell_progress(struct run *run)
{
    if (run->screen.is_open)
        return;
    struct progress_counts counts = count_progress(run);
    struct buffer *notes = &run->streams.notes.buffer;
    buffer_add_text(notes, "netcheck: ");
    progress_describe(&run->streams.progress, notes, &counts, run_now_ns(run));
    buffer_add_text(notes, "\n");
}

/* Whatever else has come: among many others, its place in the pipe may not have been there. */
static void take_end_signal(struct run *run)
{
    run->signal = os_end_signal();
    run->is_stopped = run->is_stopped || run->signal != 0;
}

/* Not without end: they may come faster than they are taken. */
static void take_signals(struct run *run)
{
    int number = 0;
    enum os_signal signal = OS_SIGNAL_END;
    for (int i = 0; i < SIGNALS_A_TURN && signal != OS_SIGNAL_NONE; i++) {
        signal = os_take_signal(run->signal_fd, &number);
        switch (signal) {
        case OS_SIGNAL_END:
            break;
        case OS_SIGNAL_PROGRESS:
            tell_progress(run);
            break;
        case OS_SIGNAL_SUMMARY:
            if (run->course->summarise != NULL)
                run->course->summarise(run);
            break;
        case OS_SIGNAL_REDRAW:
            screen_forget(run);
            break;
        case OS_SIGNAL_NONE:
            break;
        }
    }
    take_end_signal(run);
}

/* How long a turn may take at most. */
static int64_t choose_limit(const struct run *run)
{
    int64_t now_ns = run_now_ns(run);
    int64_t limit_ns = streams_wait_ns(&run->streams, now_ns);
    int64_t wake_ns = run->course->wake_ns != NULL ? run->course->wake_ns(run) : NEVER_NS;
    if (run->end_ns != NEVER_NS && run->end_ns - reserve_ns(run) < wake_ns)
        wake_ns = run->end_ns - reserve_ns(run);
    if (wake_ns == NEVER_NS)
        return limit_ns;
    int64_t left_ns = wake_ns > now_ns ? wake_ns - now_ns : 0;
    return left_ns < limit_ns ? left_ns : limit_ns;
}

static void turn(struct run *run)
{
    int keys_fd = run->screen.is_shown ? run->screen.keys_fd : -1;
    struct probe_watch watch = {.readable_fds = {-1, run->signal_fd, keys_fd}};
    streams_watch(&run->streams, &watch);
    if (run->screen.is_open)
        watch.writable_fds[0] = output_waits_for(&run->screen.frames);
    go_on(run, pump_turn(&run->pump, source_descriptor(run->inputs.source), &watch,
                         choose_limit(run)));
    if (watch.is_readable[0])
        source_set_ready(run->inputs.source);
    if (watch.is_readable[1])
        take_signals(run);
    if (watch.is_readable[2])
        screen_read(run);
}

static bool is_over(const struct run *run)
{
    return run->is_stopped || run->streams.rows.error != 0 || run->course->is_over(run) ||
           run_is_late(run);
}

static int64_t due_ns(const struct run *run)
{
    return run->course->due_ns != NULL ? run->course->due_ns(run) : INT64_MIN;
}

static void loop(struct run *run)
{
    run->pump = (struct pump){
        .os = run->os,
        .probe = run->probe,
        .order = run->order,
        .self = run,
        .next = next_endpoint,
        .row = take_row,
    };
    for (;;) {
        run->report.wall_offset_ns = os_wall_ns() - run_now_ns(run);
        if (run->course->turn != NULL)
            run->course->turn(run);
        run->pump.not_before_ns = due_ns(run);
        go_on(run, pump_feed(&run->pump));
        collect(run);
        if (is_over(run))
            return; /* what is left is written at the end, in one go */
        flush(run);
        if (is_over(run))
            return;
        run->pump.not_before_ns = due_ns(run);
        turn(run);
        collect(run);
        if (is_over(run))
            return;
    }
}

void run_tell_rowless(struct run *run)
{
    if (run->lacks_rows && !run->options->is_quiet)
        buffer_add_text(&run->streams.notes.buffer,
                        "netcheck: the run's time was over before each target had its row\n");
}

bool run_may_write(const struct run *run)
{
    return run->streams.rows.error == 0 && run_now_ns(run) < run_output_end_ns(run);
}

int64_t run_output_end_ns(const struct run *run)
{
    return run->end_ns < NEVER_NS - output_grace_ns ? run->end_ns + output_grace_ns : NEVER_NS;
}

void run_tell_end(struct run *run, const char *why)
{
    if (run->options->is_quiet)
        return;
    struct progress_counts counts = count_progress(run);
    struct buffer *notes = &run->streams.notes.buffer;
    buffer_add_format(notes, "netcheck: %s: ", why);
    progress_conclude(notes, &counts);
    buffer_add_text(notes, "\n");
}

static void finish(struct run *run)
{
    (void)screen_close(run);
    bool can_go_on = !run->has_failed && run->streams.rows.error == 0;
    if (can_go_on && run->signal == 0 && run_is_late(run))
        run->course->conclude(run);
    if (can_go_on)
        run->course->finish(run);
    streams_finish(&run->streams, run->options->command == NULL);
    message_lost(&run->streams.rows, &run->streams.notes.buffer);
    streams_settle(&run->streams);
}

static int status_of(struct run *run)
{
    int error = run->streams.rows.error;
    if (run->has_failed)
        return STATUS_ERROR;
    bool is_whole = run->course == &course_once || run->is_gathered;
    if (error == 0 && is_whole && !run->is_unfinished)
        inputs_check_empty(&run->inputs);
    /* What -v says may get lost with standard error: there is nobody left to tell. */
    if (run->inputs.has_failed || error != 0)
        return STATUS_ERROR;
    int status =
        run->course->status != NULL ? run->course->status(run) : verdict_status(&run->verdict);
    bool is_enough = run->options->is_any && status == STATUS_EXPECTED;
    return run->is_unfinished && !is_enough ? STATUS_ERROR : status;
}

void run(const struct options *options, struct run_end *end)
{
    struct run run;
    run_init(&run, options);
    run_open(&run);
    if (!run.has_failed)
        loop(&run);
    finish(&run);
    os_end_at_once();
    take_end_signal(&run); /* it may have come with the last row, or while that was written */
    end->signal = run.signal;
    end->status = run.signal != 0 ? STATUS_ERROR : status_of(&run);
    bool is_busy = run.resolve != NULL && resolve_is_busy(run.resolve);
    end->may_leave = !is_busy && !run_is_late(&run); /* to free much takes time, too */
    if (end->may_leave)
        run_release(&run);
}
