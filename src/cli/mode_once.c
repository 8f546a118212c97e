/*
 * mode_once: the words of a run that asks each target once.
 */
#include "run_parts.h"

#include <string.h>

#include "netcheck/os/descriptor.h"
#include "netcheck/os/terminal.h"
#include "netcheck/report/wording.h"

static void count(const struct run *run, struct progress_counts *counts)
{
    counts->done = run->pipeline.done;
    counts->total = run->inputs.sequence.total;
    if (inputs_have_gate(&run->inputs) && counts->total != UINT64_MAX)
        counts->total++;
    memcpy(counts->states, run->pipeline.states, sizeof counts->states);
}

static const char *end(const struct run *run)
{
    if (run->signal != 0)
        return "ended by a signal";
    if (run->lacks_rows)
        return "the run's time was over, and the rest of the input has no row";
    return run->schedule.once.has_cut || run->is_unfinished ? "the run's time was over" : NULL;
}

static struct tally tally(const struct run *run)
{
    return run->tally;
}

/* "netcheck: the gate gw:22 is not as expected: 3000 targets were not asked", where its row is
   seen: what reads standard error as mail is not told of what it is not told. */
static void explain(const struct run *run, struct buffer *out)
{
    bool is_seen =
        run->row_sink.written > 0 || run->options->is_verbose || os_is_terminal(STANDARD_ERROR);
    bool is_exact = false;
    unsigned long long count = once_count_skipped(&run->schedule.once, &is_exact);
    if (run->gate.state != GATE_CLOSED || !is_seen || (is_exact && count == 0))
        return;
    buffer_add_text(out, "netcheck: the gate ");
    wording_label(out, &run->gate.endpoint);
    buffer_add_text(out, " is not as expected: ");
    if (count == 0)
        buffer_add_text(out, "the others were not asked\n");
    else
        buffer_add_format(out, "%s%llu target%s not asked\n", is_exact ? "" : "at least ",
                          count, count == 1 ? " was" : "s were");
}

const struct mode mode_once = {
    .count = count,
    .end = end,
    .tally = tally,
    .explain = explain,
};
