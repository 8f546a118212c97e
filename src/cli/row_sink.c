#include "netcheck/cli/row_sink.h"

#include "netcheck/cli/options.h"

static bool is_news(enum row_filter filter, const struct change *change)
{
    if (filter == ROW_FILTER_NONE || change->news != NEWS_NONE)
        return true;
    return filter == ROW_FILTER_REASON && change->has_new_reason;
}

bool row_sink_shows(unsigned shown, const struct report *report, const struct result *result)
{
    static const unsigned bits[STATE_COUNT] = {
        [STATE_UP] = SHOW_UP, [STATE_DOWN] = SHOW_DOWN, [STATE_ERROR] = SHOW_ERROR};
    return shown == 0 || (shown & bits[outcome_state(&result->outcome)]) != 0 ||
           ((shown & SHOW_UNEXPECTED) != 0 &&
            !result_is_expected(result, report->expects_down));
}

/* Where only news is written, what stands before a row comes with the first one: cron mails
   even a header. */
static bool is_late(const struct row_sink *row_sink)
{
    return row_sink->filter != ROW_FILTER_NONE;
}

static void write_row(void *self, const struct result *result)
{
    struct row_sink *row_sink = self;
    if (!is_news(row_sink->filter, &result->change) ||
        !row_sink_shows(row_sink->shown, row_sink->report, result))
        return;
    if (is_late(row_sink) && row_sink->written == 0)
        report_begin(row_sink->out, row_sink->report, row_sink->format);
    if (row_sink->columns != NULL)
        row_columns_widen(row_sink->columns, &result->endpoint);
    row_sink->format->row(row_sink->out, row_sink->report, result);
    row_sink->written++;
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
    if (!is_late(row_sink))
        report_begin(row_sink->out, row_sink->report, row_sink->format);
    return &row_sink->sink;
}
