#include "netcheck/cli/row_sink.h"

#include "netcheck/cli/options.h"

static bool is_news(enum row_filter filter, const struct change *change)
{
    if (filter == ROW_FILTER_NONE || change->is_first || change->is_set)
        return true;
    return filter == ROW_FILTER_REASON && change->has_new_reason;
}

static bool is_shown(const struct row_sink *row_sink, const struct result *result)
{
    static const unsigned bits[STATE_COUNT] = {
        [STATE_UP] = SHOW_UP, [STATE_DOWN] = SHOW_DOWN, [STATE_ERROR] = SHOW_ERROR};
    unsigned shown = row_sink->shown;
    return shown == 0 || (shown & bits[outcome_state(&result->outcome)]) != 0 ||
           ((shown & SHOW_UNEXPECTED) != 0 &&
            !result_is_expected(result, row_sink->report->expects_down));
}

static void write_row(void *self, const struct result *result)
{
    struct row_sink *row_sink = self;
    if (!is_news(row_sink->filter, &result->change) || !is_shown(row_sink, result))
        return;
    if (row_sink->columns != NULL)
        row_columns_widen(row_sink->columns, &result->endpoint);
    row_sink->format->row(row_sink->out, row_sink->report, result);
}

static void finish(void *self)
{
    struct row_sink *row_sink = self;
    report_finish(row_sink->out, row_sink->report, row_sink->format);
}

static void release(void *self)
{
    (void)self; /* everything is borrowed */
}

struct sink *row_sink_open(struct row_sink *row_sink)
{
    row_sink->sink =
        (struct sink){.self = row_sink, .row = write_row, .finish = finish, .release = release};
    report_begin(row_sink->out, row_sink->report, row_sink->format);
    return &row_sink->sink;
}
