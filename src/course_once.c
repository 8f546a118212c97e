/*
 * course_once: every row of the input once, as it is read.
 */
#include "course.h"

#include <string.h>

#include "netcheck/base.h"
#include "netcheck/diagnose.h"

static enum error next(struct run *run, struct endpoint *endpoint)
{
    return run_pull(run, endpoint);
}

static void take_row(struct run *run, struct result *result)
{
    verdict_add(&run->verdict, result);
    run_print(run, result);
    result_release(result);
}

static int64_t due_ns(const struct run *run)
{
    (void)run;
    return INT64_MIN;
}

static int64_t wake_ns(const struct run *run)
{
    (void)run;
    return NEVER_NS;
}

static void turn(struct run *run)
{
    (void)run;
}

static bool is_over(const struct run *run)
{
    return pump_is_done(&run->pump);
}

static void count(const struct run *run, struct progress_counts *counts)
{
    counts->done = run->pump.done;
    counts->total = run->intake.feed.total;
    memcpy(counts->states, run->pump.states, sizeof counts->states);
}

static void summarise(struct run *run)
{
    (void)run;
}

/* The rows that are finished, and how far it came; else there is nothing to add. */
static void finish(struct run *run)
{
    if (run->signal == 0)
        return;
    pump_drain(&run->pump);
    streams_settle(&run->streams);
    if (run->options->is_quiet)
        return;
    struct progress_counts counts = {0};
    count(run, &counts);
    struct buffer *notes = &run->streams.notes.buffer;
    buffer_add_text(notes, "netcheck: ended by a signal: ");
    progress_conclude(notes, &counts);
    buffer_add_text(notes, "\n");
}

static int status(const struct run *run)
{
    return verdict_status(&run->verdict);
}

const struct course course_once = {
    .next = next,
    .row = take_row,
    .due_ns = due_ns,
    .wake_ns = wake_ns,
    .turn = turn,
    .is_over = is_over,
    .count = count,
    .summarise = summarise,
    .finish = finish,
    .status = status,
};
