/*
 * Which rows are shown.
 */
#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/cli/options.h"
#include "netcheck/cli/row_sink.h"

static void write_mark(struct buffer *out, const struct report *report,
                       const struct result *result)
{
    buffer_add_text(out, "x");
}

static void write_header(struct buffer *out, const struct report *report)
{
    buffer_add_text(out, "header ");
}

static const struct {
    const char *label;
    unsigned shown;
    bool expects_down;
    enum row_filter filter;
    struct change change;
    enum reason reason;
    bool is_shown;
} cases[] = {
    {.label = "all", .reason = REASON_REFUSED, .is_shown = true},
    {.label = "up: up", .shown = SHOW_UP, .reason = REASON_CONNECTED, .is_shown = true},
    {.label = "up: down", .shown = SHOW_UP, .reason = REASON_REFUSED},
    {.label = "down: down", .shown = SHOW_DOWN, .reason = REASON_TIMEOUT, .is_shown = true},
    {.label = "down: error", .shown = SHOW_DOWN, .reason = REASON_LOCAL},
    {.label = "error: error", .shown = SHOW_ERROR, .reason = REASON_LOCAL, .is_shown = true},
    {.label = "two: one",
     .shown = SHOW_UP | SHOW_ERROR,
     .reason = REASON_CONNECTED,
     .is_shown = true},
    {.label = "two: the third", .shown = SHOW_UP | SHOW_ERROR, .reason = REASON_REFUSED},
    {.label = "unexpected: down",
     .shown = SHOW_UNEXPECTED,
     .reason = REASON_REFUSED,
     .is_shown = true},
    {.label = "unexpected: error",
     .shown = SHOW_UNEXPECTED,
     .reason = REASON_LOCAL,
     .is_shown = true},
    {.label = "unexpected: up", .shown = SHOW_UNEXPECTED, .reason = REASON_CONNECTED},
    {.label = "unexpected: expected down",
     .shown = SHOW_UNEXPECTED,
     .expects_down = true,
     .reason = REASON_REFUSED},
    {.label = "unexpected: unexpected up",
     .shown = SHOW_UNEXPECTED,
     .expects_down = true,
     .reason = REASON_CONNECTED,
     .is_shown = true},
    {.label = "state: the same", .filter = ROW_FILTER_STATE, .reason = REASON_REFUSED},
    {.label = "state: the first",
     .filter = ROW_FILTER_STATE,
     .change = {.news = NEWS_NEW},
     .reason = REASON_REFUSED,
     .is_shown = true},
    {.label = "state: another",
     .filter = ROW_FILTER_STATE,
     .change = {.news = NEWS_CHANGED},
     .reason = REASON_REFUSED,
     .is_shown = true},
    {.label = "state: reason",
     .filter = ROW_FILTER_STATE,
     .change = {.has_new_reason = true},
     .reason = REASON_REFUSED},
    {.label = "reason: reason",
     .filter = ROW_FILTER_REASON,
     .change = {.has_new_reason = true},
     .reason = REASON_REFUSED,
     .is_shown = true},
    {.label = "reason: the first",
     .filter = ROW_FILTER_REASON,
     .change = {.news = NEWS_NEW},
     .reason = REASON_REFUSED,
     .is_shown = true},
    {.label = "reason: the same", .filter = ROW_FILTER_REASON, .reason = REASON_REFUSED},
    {.label = "both: news, but not shown",
     .shown = SHOW_UP,
     .filter = ROW_FILTER_STATE,
     .change = {.news = NEWS_NEW},
     .reason = REASON_REFUSED},
};

static void test_row_sink_shows_what_was_asked_for(void **state)
{
    static const struct report_format format = {
        .name = "mark", .begin = write_header, .row = write_mark};
    static struct target target;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct row_columns columns;
        row_columns_init(&columns, 80);
        const struct report report = {.expects_down = cases[i].expects_down};
        struct row_sink row_sink = {
            .format = &format,
            .report = &report,
            .columns = &columns,
            .out = &out,
            .shown = cases[i].shown,
            .filter = cases[i].filter,
        };
        struct sinks sinks = {NULL};
        sinks_add(&sinks, row_sink_open(&row_sink));
        struct result result = {
            .rows = 1,
            .endpoint.target = &target,
            .outcome = outcome_of(cases[i].reason),
            .change = cases[i].change,
        };
        assert_true(address_parse("10.0.0.5", 8, &result.endpoint.address));
        sinks_row(&sinks, &result);
        bool is_news = cases[i].filter != ROW_FILTER_NONE;
        claim_text(cases[i].label, "text", buffer_text(&out),
                   cases[i].is_shown ? "header x"
                   : is_news         ? ""
                                     : "header ");
        claim_number(cases[i].label, "width of an address", columns.address_width,
                     cases[i].is_shown ? 8 : 0);
        sinks_release(&sinks);
        buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_row_sink_shows_what_was_asked_for),
    };
    return cmocka_run_group_tests_name("row_sink", tests, NULL, NULL);
}
