/*
 * mode_once: the words of a run that asks each target once.
 */
#include "run_parts.h"

#include <string.h>

static void count(const struct run *run, struct progress_counts *counts)
{
    counts->done = run->pipeline.done;
    counts->total = run->inputs.sequence.total;
    memcpy(counts->states, run->pipeline.states, sizeof counts->states);
}

static const char *end(const struct run *run)
{
    if (run->signal != 0)
        return "ended by a signal";
    if (run->lacks_rows)
        return "the run's time was over, and the rest of the input has no row";
    return run->schedule.once.has_cut ? "the run's time was over" : NULL;
}

static struct tally tally(const struct run *run)
{
    return run->tally;
}

const struct mode mode_once = {.count = count, .end = end, .tally = tally};
