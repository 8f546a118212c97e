/*
 * course_once: every row of the input once, as it is read.
 */
#include "course.h"

#include <string.h>

#include "netcheck/base.h"
#include "netcheck/diagnose.h"

static void take_row(struct run *run, struct result *result)
{
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
    counts->total = run->intake.feed.total;
    memcpy(counts->states, run->pump.states, sizeof counts->states);
}

/* The rows that are finished, and how far it came; else there is nothing to add. */
static void finish(struct run *run)
{
    if (run->signal == 0)
        return;
    while (pump_drain(&run->pump))
        run_make_way(run);
    streams_settle(&run->streams);
    run_tell_signal(run);
}

const struct course course_once = {
    .next = run_pull,
    .row = take_row,
    .is_over = is_over,
    .count = count,
    .finish = finish,
};
