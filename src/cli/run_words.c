/*
 * run_words: what is said of a run as a whole: how far it is, why it ended, its line of counts.
 */
#include "run_parts.h"

#include "netcheck/os/descriptor.h"
#include "netcheck/os/os.h"

enum { COUNTED_AT_A_GLANCE = 10 };

struct progress_counts run_count_progress(const struct run *run)
{
    struct progress_counts counts = {.excluded = run->inputs.sequence.excluded};
    run->mode->count(run, &counts);
    return counts;
}

/* With -A there are more rows than targets: how many more is not known before. */
static void add_tally(const struct run *run, const struct tally *tally, struct buffer *out)
{
    bool is_known = !run->mode->asks_again && !run->options->probe.is_all_addresses;
    struct progress_counts counts = run_count_progress(run);
    struct tally_run about = {.total = is_known ? counts.total : UINT64_MAX,
                              .excluded = counts.excluded,
                              .lasted_ns = run->os->now_ns(run->os->self) - run->began_ns};
    tally_describe(out, tally, &about);
}

/* Why it ended early, and how far it came. */
static void tell_why(const struct run *run, const char *why, struct buffer *out)
{
    struct progress_counts counts = run_count_progress(run);
    buffer_add_format(out, "netcheck: %s: ", why);
    if (counts.is_waiting)
        progress_conclude(out, &counts);
    else
        add_tally(run, &run->tally, out);
    buffer_add_text(out, "\n");
}

/* The line of counts: on a terminal or with -v, where there are too many rows to count. */
static void tell_counts(const struct run *run, struct buffer *out)
{
    bool is_wanted = run->options->is_verbose || os_is_terminal(STANDARD_ERROR);
    if (run->mode->tally == NULL) /* rounds, whose summary has no counts */
        inputs_tell_excluded(&run->inputs, run->options, out);
    if (run->mode->tally == NULL || !is_wanted)
        return;
    const struct tally tally = run->mode->tally(run);
    if (tally_rows(&tally) <= COUNTED_AT_A_GLANCE && run->inputs.sequence.excluded == 0)
        return;
    add_tally(run, &tally, out);
    buffer_add_text(out, "\n");
}

void run_tell_end(struct run *run)
{
    struct buffer *notes = &run->streams.notes.buffer;
    const char *why = run->mode->end != NULL ? run->mode->end(run) : NULL;
    if (run->options->is_quiet)
        return;
    if (why != NULL)
        tell_why(run, why, notes);
    if (run->mode->explain != NULL)
        run->mode->explain(run, notes);
    if (why == NULL)
        tell_counts(run, notes);
}

void run_tell_progress(struct run *run)
{
    if (sinks_hold_terminal(&run->sinks))
        return;
    struct progress_counts counts = run_count_progress(run);
    struct buffer *notes = &run->streams.notes.buffer;
    buffer_add_text(notes, "netcheck: ");
    progress_describe(&run->streams.progress, notes, &counts, run->os->now_ns(run->os->self));
    buffer_add_text(notes, "\n");
}
