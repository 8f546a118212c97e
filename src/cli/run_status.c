/*
 * run_status: the exit status of a run.
 */
#include "run_parts.h"

static int status_of_schedule(const struct run *run, const struct verdict *verdict)
{
    const struct schedule *schedule = &run->pipeline.schedule;
    switch (schedule->end(schedule->self)) {
    case SCHEDULE_END_MET:
        return STATUS_EXPECTED;
    case SCHEDULE_END_UNMET:
        return STATUS_UNEXPECTED;
    case SCHEDULE_END_ERROR:
        return STATUS_ERROR;
    case SCHEDULE_END_BY_ROWS:
    case SCHEDULE_END_UNFINISHED:
        break;
    }
    return verdict_status(verdict);
}

int run_status_by(struct run *run, const struct verdict *verdict)
{
    int error = run->streams.rows.error;
    if (run->has_failed)
        return STATUS_ERROR;
    bool is_whole = !run->mode->asks_again || run->entries.is_complete;
    if (error == 0 && is_whole && !run->is_unfinished)
        inputs_check_empty(&run->inputs);
    /* Notes that standard error lost are no failure: they would be told there. */
    if (run->inputs.has_failed || run->has_lost || run->save_error != 0 || error != 0)
        return STATUS_ERROR;
    int status = status_of_schedule(run, verdict);
    bool is_enough = run->options->is_any && status == STATUS_EXPECTED;
    return run->is_unfinished && !is_enough ? STATUS_ERROR : status;
}

int run_status(struct run *run)
{
    return run_status_by(run, &run->verdict);
}
