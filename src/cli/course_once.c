/*
 * course_once: every row of the input once, as it is read.
 */
#include "course.h"

#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/cli/message.h"

static void take_row(struct run *run, struct result *result)
{
    run->is_cut |= result->outcome.remark == REMARK_OVER;
    verdict_add(&run->verdict, result);
    run_print(run, result);
    result_release(result);
}

static bool is_over(const struct run *run)
{
    return pump_is_done(&run->pump);
}

static void count(const struct run *run, struct progress_counts *counts)
{
    counts->done = run->pump.done;
    counts->total = run->inputs.feed.total;
    memcpy(counts->states, run->pump.states, sizeof counts->states);
}

/* What is in flight or not read yet has its row, too, as far as the time allows. */
static void conclude(struct run *run)
{
    const struct outcome over = outcome_of_remark(REASON_LOCAL, REMARK_OVER);
    probe_give_up(run->probe, &over);
    enum error error = ERROR_NONE;
    while ((error == ERROR_NONE || error == ERROR_PAUSE) && run_may_write(run)) {
        run_make_way(run);
        error = pump_collect(&run->pump);
        if (error == ERROR_NONE)
            error = pump_pass(&run->pump, &over);
    }
    if (error == ERROR_NO_MEMORY)
        run_fail(run, error);
    run->is_unfinished = !run->pump.is_fed && run->pump.next_sequence != run->inputs.feed.total;
}

/* The rows that are finished, and how far it came; else there is nothing to add. */
static void finish(struct run *run)
{
    if (run->signal == 0 && !run->is_cut && !run->is_unfinished)
        return;
    while (run->streams.rows.error == 0 && pump_drain(&run->pump))
        run_make_way(run);
    streams_settle(&run->streams);
    if (run->signal != 0)
        run_tell_end(run, "ended by a signal");
    else if (run->is_unfinished)
        run_tell_end(run, "the run's time was over, and the rest of the input has no row");
    else
        run_tell_end(run, "the run's time was over");
}

const struct course course_once = {
    .next = run_pull,
    .row = take_row,
    .is_over = is_over,
    .count = count,
    .conclude = conclude,
    .finish = finish,
};
