#include "netcheck/cli/run.h"

#include <errno.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/os/signals.h"
#include "netcheck/cli/message.h"
#include "netcheck/os/os.h"
#include "netcheck/os/resolve.h"
#include "netcheck/report/nagios.h"
#include "run_parts.h"

enum {
    SIGNALS_A_TURN = 16,
    RESERVE_SHARE = 10, /* of the run's time, for the rows of what was not asked */
};

/* What a row takes to write, with much to spare. */
static const int64_t row_ns = 10 * NS_PER_US;

/* At the end of a wait a reader of the output may be busy, but not for longer. */
static const int64_t patience_ns = 1 * NS_PER_S;

static int64_t now(const struct run *run)
{
    return run->os->now_ns(run->os->self);
}

/* The run cannot go on: say why, once. */
static void fail_if(struct run *run, enum error error)
{
    if (error == ERROR_NONE || run->has_failed)
        return;
    int number = errno;
    sinks_hide(&run->sinks);
    if (error == ERROR_SYSTEM)
        message_say("cannot wait for the network: %s", strerror(number));
    else
        message_error(error);
    run->is_stopped = run->has_failed = true;
}

/* How many rows there may be to write once asking is over, as far as that is known. */
static uint64_t count_rest(const struct run *run)
{
    uint64_t total = run_count_progress(run).total;
    if (run->mode->asks_again)
        return run->entries.count;
    return total != UINT64_MAX ? total - run->pipeline.next_sequence : 0;
}

/* Time for the rows of targets that were never asked, within limits: asking comes first. */
static int64_t reserve_ns(const struct run *run)
{
    if (run->end_ns == NEVER_NS)
        return 0;
    uint64_t most = (uint64_t)(run->options->max_time_ns / RESERVE_SHARE / row_ns);
    uint64_t rest = count_rest(run);
    return (int64_t)(rest < most ? rest : most) * row_ns;
}

/* Whether the run's time is over. */
static bool is_late(const struct run *run)
{
    return now(run) >= run->end_ns - reserve_ns(run);
}

/* Whether no row is wanted any more. Files are to be whole, also where the reader of standard
   output has seen enough; in rounds they are anyway. */
static bool has_no_reader(const struct run *run)
{
    return run->streams.rows.error != 0 && (run->mode->asks_again || run->outputs.count == 0);
}

static bool is_over(const struct run *run)
{
    const struct schedule *schedule = &run->pipeline.schedule;
    return run->is_stopped || has_no_reader(run) ||
           schedule->is_over(schedule->self, now(run)) || is_late(run);
}

/* A file cannot be read: go on with the next one. What was read of it is asked. */
static void skip_file(struct run *run)
{
    struct buffer text = BUFFER_EMPTY;
    inputs_skip(&run->inputs, &text);
    run_keep_failure(run, buffer_text(&text));
    buffer_add_format(&run->streams.notes.buffer, "netcheck: %s\n", buffer_text(&text));
    buffer_release(&text);
}

/* What is to be said of the files, if not beside the live view: a line would tear that. */
static void tell_inputs(struct run *run)
{
    struct buffer *notes = &run->streams.notes.buffer;
    size_t start = notes->len;
    if (sinks_hold_terminal(&run->sinks))
        return;
    inputs_tell(&run->inputs, run->options, notes);
    run_keep_hint(run, start);
}

/* The live view has a line for each target from its first frame on. */
static enum error expect_rows(struct run *run)
{
    enum error error = ERROR_NONE;
    for (size_t i = run->history.count; i < run->entries.count && error == ERROR_NONE; i++)
        error = history_expect(&run->history, &run->entries.items[i].endpoint, now(run));
    return error;
}

/* The input has become complete, or has at least gone on. */
static void note_input(struct run *run)
{
    if (run->options->is_live)
        fail_if(run, expect_rows(run));
    bool is_quiet = run->options->is_quiet || run->has_failed;
    if (run->entries.is_complete && run->mode->announce != NULL && !is_quiet)
        run->mode->announce(run, &run->streams.notes.buffer);
}

/* schedule.next -> probe_submit */
static void submit(struct run *run)
{
    bool was_complete = run->entries.is_complete;
    enum error error;
    while ((error = pipeline_submit(&run->pipeline)) == ERROR_SYSTEM)
        skip_file(run);
    tell_inputs(run);
    fail_if(run, error);
    if (!was_complete && run->mode->asks_again)
        note_input(run);
}

/* Where a target is asked more than once, a cut answer is told the first time only. */
static bool is_told(const struct run *run, const struct trace *trace)
{
    return trace->kind == TRACE_CUT && run->mode->asks_again &&
           run->entries.items[trace->endpoint.member].asked > 1;
}

static void collect_traces(struct run *run)
{
    struct trace trace;
    while (probe_collect_trace(run->probe, &trace)) {
        if (!is_told(run, &trace) && !run->options->is_live)
            report_trace(&run->streams.notes.buffer, &trace);
        trace_release(&trace);
    }
}

/* What is news, and since when, where more is known than this run has seen. */
static void remember(struct run *run, struct result *result, struct series *series)
{
    if (series != NULL)
        result->change.since_s = (series->since_ns + run->report.wall_offset_ns) / NS_PER_S;
    if (run->has_memory)
        fail_if(run, run_memory_row(run, result));
    if (series != NULL)
        series->last.change = result->change;
}

/* Count the row where targets are asked more than once. False: it is not to be shown. */
static bool add_to_history(struct run *run, struct result *result, enum row_use use)
{
    struct series *series = NULL;
    if (use == ROW_USE_DROP)
        return false;
    if (!run->mode->asks_again || use == ROW_USE_SHOW) {
        remember(run, result, NULL);
        return true;
    }
    if (use == ROW_USE_STAND_IN && history_has_row(&run->history, &result->endpoint))
        return false; /* what was known before stands */
    enum error error = history_add(&run->history, result, &series);
    fail_if(run, error);
    if (error == ERROR_NONE)
        remember(run, result, series);
    return error == ERROR_NONE;
}

/* A row that is in no history. */
static void count_row(struct run *run, const struct result *result)
{
    tally_add(&run->tally, result);
    outputs_row(&run->outputs, result);
    if (outputs_need_rows(&run->outputs))
        fail_if(run, kept_rows_add(&run->kept, result));
}

/* schedule.answered -> statistics -> each sink's row -> verdict */
static void take_row(struct run *run, struct result *result, int64_t now_ns)
{
    const struct schedule *schedule = &run->pipeline.schedule;
    enum row_use use = schedule->answered(schedule->self, result, now_ns);
    run->is_gated = inputs_have_gate(&run->inputs) && run->gate.state != GATE_OPEN;
    if (add_to_history(run, result, use)) {
        sinks_row(&run->sinks, result);
        verdict_add(&run->verdict, result);
        if (!run->mode->asks_again || use == ROW_USE_SHOW)
            count_row(run, result);
    }
    run->pipeline.is_congested = streams_are_congested(&run->streams);
    result_release(result);
}

/* probe_collect -> order -> take_row() */
static void collect(struct run *run)
{
    struct result result;
    enum error error;
    int64_t now_ns = now(run);
    collect_traces(run);
    while ((error = pipeline_take(&run->pipeline, &result)) == ERROR_NONE)
        take_row(run, &result, now_ns);
    fail_if(run, error == ERROR_PAUSE ? ERROR_NONE : error);
}

/* Write what is taken without waiting, and draw what is due. */
static void flush(struct run *run)
{
    run_rewrite_outputs(run);
    streams_flush(&run->streams);
    int64_t now_ns = now(run);
    run_memory_end_round(run, now_ns);
    const struct sink_moment moment = {
        .now_ns = now_ns,
        .wall_ns = now_ns + run->report.wall_offset_ns,
        .has_begun = !run->mode->asks_again || run->entries.is_complete,
        .counts = run_count_progress(run),
    };
    enum error error = sinks_tick(&run->sinks, &moment);
    run->has_failed |= error == ERROR_SYSTEM; /* the sink has said why */
    run->is_stopped |= error == ERROR_SYSTEM || error == ERROR_END;
    if (error == ERROR_NO_MEMORY)
        fail_if(run, error);
    run->pipeline.is_congested = streams_are_congested(&run->streams);
}

/* Whether rows may still be written: the run's time allows it, and their reader takes them. */
static bool may_write(const struct run *run)
{
    return !has_no_reader(run) && now(run) < run->output_end_ns;
}

/* At the end: where a reader is behind, wait for it before there is more to be written. The
   files do not wait for it. */
static void make_way(struct run *run)
{
    if (run->outputs.count > 0 && !run->mode->asks_again)
        streams_flush(&run->streams);
    else if (streams_are_congested(&run->streams))
        streams_settle(&run->streams);
    run->pipeline.is_congested = false;
}

static void begin_summary(const struct run *run, struct buffer *out)
{
    buffer_add_text(out, "\n"); /* behind the ^C of a terminal */
    if (!run->options->is_quiet)
        streams_tell_file(out);
}

/* is_last: nothing is asked any more, and the readers can be waited for. */
static void summarise(struct run *run, bool is_last)
{
    if (run->mode->summarise == NULL || !run->entries.is_complete)
        return;
    bool is_a_row = run->options->format->is_summary_a_row;
    struct output *output = is_a_row ? &run->streams.rows : &run->streams.notes;
    bool was_hidden = sinks_hold_terminal(&run->sinks);
    sinks_hide(&run->sinks);
    if (!is_a_row && run->entries.count > 0)
        begin_summary(run, &output->buffer);
    size_t i = 0;
    for (; i < run->entries.count && (!is_last || may_write(run)); i++) {
        run->mode->summarise(run, i, &output->buffer);
        if (is_last)
            make_way(run);
    }
    run->lacks_rows |= i < run->entries.count;
    if (run->mode->conclude != NULL)
        run->mode->conclude(run, &output->buffer);
    if (was_hidden)
        output_drain(output);
}

/* The flag, also where another signal came: among many, its place in the pipe may be taken. */
static void take_end_signal(struct run *run)
{
    run->signal = os_end_signal();
    run->is_stopped = run->is_stopped || run->signal != 0;
}

/* A few a turn: they may come faster than they are taken. */
static void take_signals(struct run *run)
{
    int number = 0;
    enum os_signal signal = OS_SIGNAL_END;
    for (int i = 0; i < SIGNALS_A_TURN && signal != OS_SIGNAL_NONE; i++) {
        signal = os_take_signal(run->signal_fd, &number);
        switch (signal) {
        case OS_SIGNAL_PROGRESS:
            run_tell_progress(run);
            break;
        case OS_SIGNAL_SUMMARY:
            summarise(run, false);
            break;
        case OS_SIGNAL_REDRAW:
            sinks_redraw(&run->sinks);
            break;
        case OS_SIGNAL_END:
        case OS_SIGNAL_NONE:
            break;
        }
    }
    take_end_signal(run);
}

/* How long a turn may take at most. */
static int64_t choose_limit(const struct run *run)
{
    int64_t now_ns = now(run);
    int64_t wake_ns = sinks_due_ns(&run->sinks, now_ns);
    if (run->end_ns - reserve_ns(run) < wake_ns)
        wake_ns = run->end_ns - reserve_ns(run);
    if (run_rewrite_ns(run) < wake_ns)
        wake_ns = run_rewrite_ns(run);
    if (wake_ns == NEVER_NS)
        return NEVER_NS;
    return wake_ns > now_ns ? wake_ns - now_ns : 0;
}

/* probe_turn, which also wakes up for the input, for signals, and for readers of the output. */
static void turn(struct run *run)
{
    struct probe_watch watch = {.readable_fds = {-1, run->signal_fd, -1}};
    streams_watch(&run->streams, &watch);
    sinks_watch(&run->sinks, &watch);
    fail_if(run, pipeline_turn(&run->pipeline, source_descriptor(run->inputs.source), &watch,
                               choose_limit(run)));
    if (watch.is_readable[0])
        source_set_ready(run->inputs.source);
    if (watch.is_readable[1])
        take_signals(run);
    if (watch.is_readable[2])
        sinks_hear(&run->sinks);
}

/*
 * schedule.next -> probe_submit -> probe_turn -> probe_collect -> order -> schedule.answered ->
 * statistics -> each sink's row -> verdict. What is left when it is over is written at the end,
 * in one go.
 */
static void loop(struct run *run)
{
    while (!run->has_failed) {
        run->report.wall_offset_ns = os_wall_ns() - now(run);
        submit(run);
        collect(run);
        if (is_over(run))
            return;
        flush(run);
        if (is_over(run))
            return;
        turn(run);
        collect(run);
        if (is_over(run))
            return;
    }
}

/* Whether each target that has no row yet is to have one. */
static bool wants_rest(const struct run *run, enum schedule_end end)
{
    bool has_failed = end == SCHEDULE_END_UNMET || end == SCHEDULE_END_ERROR;
    return run->signal == 0 && (has_failed || (is_late(run) && end != SCHEDULE_END_MET));
}

/* One more row at the end. False: there is none, or its part of the input is not there yet. */
static bool take_last_row(struct run *run)
{
    struct result result;
    enum error error = pipeline_take(&run->pipeline, &result);
    if (error == ERROR_NONE)
        take_row(run, &result, now(run));
    else if (error == ERROR_SYSTEM)
        skip_file(run);
    else if (error == ERROR_NO_MEMORY)
        fail_if(run, error);
    tell_inputs(run);
    return error == ERROR_NONE || error == ERROR_SYSTEM || error == ERROR_PAUSE;
}

/* Rows that waited for others, and rows for what has none, as far as the time allows. */
static void take_rest(struct run *run, enum schedule_end end)
{
    const struct schedule *schedule = &run->pipeline.schedule;
    enum remark remark = run->until_ns < run->end_ns ? REMARK_CUT : REMARK_OVER;
    const struct outcome unasked = outcome_of_remark(REASON_LOCAL, remark);
    bool wants_all = wants_rest(run, end);
    if (wants_all && !run->mode->asks_again)
        probe_give_up(run->probe, &unasked);
    pipeline_end(&run->pipeline, wants_all ? &unasked : NULL);
    while (may_write(run) && take_last_row(run))
        make_way(run);
    run->lacks_rows = wants_all && schedule->has_rest(schedule->self);
    run->is_unfinished |= run->lacks_rows;
}

/* Readers of the output do not hold up the end of a wait. */
static void hurry(struct run *run, enum schedule_end end)
{
    int64_t end_ns = run->output_end_ns;
    bool is_bounded = run->until_ns < NEVER_NS - patience_ns;
    if (end == SCHEDULE_END_MET && is_bounded && run->until_ns + patience_ns < end_ns)
        end_ns = run->until_ns + patience_ns;
    if (end == SCHEDULE_END_MET)
        streams_hurry(&run->streams, NEVER_NS, end_ns);
    else if (end == SCHEDULE_END_UNMET || end == SCHEDULE_END_ERROR)
        streams_hurry(&run->streams, patience_ns, end_ns);
}

static void conclude(struct run *run)
{
    const struct schedule *schedule = &run->pipeline.schedule;
    enum schedule_end end = schedule->end(schedule->self);
    bool is_whole = end == SCHEDULE_END_BY_ROWS || end == SCHEDULE_END_MET;
    run->is_unfinished = !is_whole && run->signal == 0 && is_late(run);
    hurry(run, end);
    take_rest(run, end);
    streams_settle(&run->streams);
    run_tell_end(run);
    summarise(run, true);
    if (run->lacks_rows && run->mode->asks_again && !run->options->is_quiet)
        buffer_add_text(&run->streams.notes.buffer,
                        "netcheck: the run's time was over before each target had its row\n");
}

static void finish(struct run *run)
{
    sinks_hide(&run->sinks);
    tell_inputs(run);
    if (!run->has_failed && !has_no_reader(run))
        conclude(run);
    sinks_finish(&run->sinks);
    if (!run->has_failed)
        run_write_outputs(run, true);
    outputs_release(&run->outputs); /* a second signal ends the program at once */
    streams_finish(&run->streams, run->options->command == NULL);
    run_memory_end(run);
    message_lost(&run->streams.rows, &run->streams.notes.buffer);
    streams_settle(&run->streams);
}

/* A plugin's own, which its reader takes. */
static int end_status(struct run *run)
{
    if (!run->is_plugin)
        return run->signal != 0 ? STATUS_ERROR : run_status(run);
    bool is_lost = run->has_failed || run->streams.rows.error != 0;
    return is_lost ? PLUGIN_UNKNOWN : run->plugin_status;
}

void run(const struct options *options, struct run_end *end)
{
    struct run run;
    run_build(&run, options);
    loop(&run);
    finish(&run);
    os_end_at_once();
    take_end_signal(&run); /* it may have come with the last row, or while that was written */
    /* What ends a plugin goes by its answer, too. */
    end->signal = run.is_plugin ? 0 : run.signal;
    end->status = end_status(&run);
    bool is_busy = run.resolve != NULL && resolve_is_busy(run.resolve);
    end->may_leave = !is_busy && !is_late(&run); /* to free much takes time, too */
    if (end->may_leave)
        run_release(&run);
}
