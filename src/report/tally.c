#include "netcheck/report/tally.h"

#include <inttypes.h>

#include "netcheck/report/wording.h"

void tally_add(struct tally *tally, const struct result *result)
{
    tally->states[outcome_state(&result->outcome)]++;
    tally->unexpected += !result_is_expected(result, tally->expects_down);
    tally->has_expected_down |= result_expects_down(result, tally->expects_down);
}

uint64_t tally_rows(const struct tally *tally)
{
    return tally->states[STATE_UP] + tally->states[STATE_DOWN] + tally->states[STATE_ERROR];
}

void tally_describe(struct buffer *out, const struct tally *tally, const struct tally_run *run)
{
    uint64_t rows = tally_rows(tally);
    uint64_t errors = tally->states[STATE_ERROR];
    buffer_add_format(out, "%" PRIu64, rows);
    if (run->total != UINT64_MAX && rows < run->total)
        buffer_add_format(out, " of %" PRIu64, run->total);
    buffer_add_format(out, " asked: %" PRIu64 " up, %" PRIu64 " down, %" PRIu64 " error%s",
                      tally->states[STATE_UP], tally->states[STATE_DOWN], errors,
                      errors == 1 ? "" : "s");
    if (tally->has_expected_down && tally->unexpected > 0)
        buffer_add_format(out, ", %" PRIu64 " not as expected", tally->unexpected);
    if (run->excluded > 0)
        buffer_add_format(out, ", %" PRIu64 " excluded", run->excluded);
    buffer_add_text(out, ", in ");
    wording_span(out, run->lasted_ns);
}
