/*
 * What rows say where targets are asked more than once; test_report.c has all else.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/report/report.h"
#include "netcheck/report/wording.h"

/* The row's monotonic time, and what makes 2026-11-23 03:00:00.123456 of it. */
static const int64_t finished = 42 * NS_PER_S;
static const int64_t wall_offset = INT64_C(1795402800123456789) - 42 * NS_PER_S;

static const struct change no_change;

/* "db:5432" at 10.0.0.5, up in 0.8 ms where `error` is 0, else down. */
static struct result row_of(const char *text, int error, uint64_t round, struct change change)
{
    struct result result;
    struct target *target = NULL;
    struct fault fault;
    memset(&result, 0, sizeof result);
    claim_error(text, target_parse(text, strlen(text), &target, &fault), ERROR_NONE);
    endpoints_at(target, 0, &result.endpoint);
    assert_true(address_parse("10.0.0.5", 8, &result.endpoint.address));
    result.outcome = error != 0 ? outcome_of_error(error) : outcome_of(REASON_CONNECTED);
    result.rows = 1;
    result.round = round;
    result.change = change;
    result.finished_ns = finished;
    result.resolve_ns = -1;
    result.connect_ns = 812 * NS_PER_US;
    result.attempts = 1;
    return result;
}

static struct change changed(enum state before, int64_t lasted_ns)
{
    return (struct change){.is_set = true, .before = before, .lasted_ns = lasted_ns};
}

/* The row is released. */
static void claim_row(const char *format, struct report report, struct result result,
                      const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    report.wall_offset_ns = wall_offset;
    report.has_rounds = result.round > 0;
    report_find(format)->row(&out, &report, &result);
    if (strcmp(format, "text") == 0)
        claim_text(expected, format, buffer_text(&out), expected);
    else
        claim_contains(expected, buffer_text(&out), expected);
    buffer_release(&out);
    result_release(&result);
}

static void test_report_text_round_is_named_after_the_address(void **state)
{
    (void)state;
    struct report plain = {.has_changes = false};
    claim_row("text", plain, row_of("db:5432", 0, 3, no_change),
              "up     db:5432  10.0.0.5  seq=3  0.8 ms\n");
    claim_row("text", plain, row_of("!db:5432", ECONNREFUSED, UINT64_MAX, no_change),
              "down   db:5432  10.0.0.5  seq=18446744073709551615  refused in 0.8 ms "
              "(as expected)\n");
    claim_row("text", plain, row_of("db:5432", 0, 0, no_change),
              "up     db:5432  10.0.0.5  0.8 ms\n");
}

static void test_report_text_dated_row_begins_with_the_time(void **state)
{
    (void)state;
    struct report dated = {.is_dated = true};
    claim_row("text", dated, row_of("db:5432", 0, 0, no_change),
              "2026-11-23T03:00:00.123Z  up     db:5432  10.0.0.5  0.8 ms\n");
    dated.is_coloured = true;
    claim_row("text", dated, row_of("db:5432", 0, 1, no_change),
              "2026-11-23T03:00:00.123Z  \033[32mup\033[0m     db:5432  10.0.0.5  seq=1  "
              "0.8 ms\n");
}

static void test_report_text_change_says_how_long_it_was_otherwise(void **state)
{
    (void)state;
    struct report report = {.has_changes = true};
    claim_row("text", report, row_of("db:5432", EHOSTUNREACH, 2, changed(STATE_UP, NS_PER_S)),
              "down   db:5432  10.0.0.5  seq=2  unreachable: host unreachable "
              "(up for 1 s before)\n");
    claim_row("text", report,
              row_of("!db:5432", ECONNREFUSED, 9, changed(STATE_ERROR, 125 * NS_PER_S)),
              "down   db:5432  10.0.0.5  seq=9  refused in 0.8 ms (as expected) "
              "(error for 2 min 5 s before)\n");
}

static void test_report_text_row_without_change_says_nothing_of_it(void **state)
{
    (void)state;
    struct report report = {.has_changes = true};
    struct change first = {.is_first = true};
    struct change same = {.before = STATE_UP, .lasted_ns = NS_PER_S};
    claim_row("text", report, row_of("db:5432", 0, 1, first),
              "up     db:5432  10.0.0.5  seq=1  0.8 ms\n");
    claim_row("text", report, row_of("db:5432", 0, 2, same),
              "up     db:5432  10.0.0.5  seq=2  0.8 ms\n");
}

static void test_report_json_round_follows_the_attempts(void **state)
{
    (void)state;
    struct report report = {.is_dated = true}; /* JSON always has its time */
    claim_row("json", report, row_of("db:5432", 0, 0, no_change),
              "\"attempts\":1,\"canonical\":null}\n");
    claim_row("json", report, row_of("db:5432", 0, 3, no_change),
              "\"attempts\":1,\"canonical\":null,\"seq\":3}\n");
    claim_row("json", report, row_of("db:5432", 0, 3, changed(STATE_DOWN, NS_PER_S)),
              "\"attempts\":1,\"canonical\":null,\"seq\":3}\n");
    claim_row("json", report, row_of("db:5432", 0, 3, no_change),
              "{\"time\":\"2026-11-23T03:00:00.123456Z\",\"target\":\"db:5432\"");
}

static void test_report_json_changes_are_in_every_row(void **state)
{
    (void)state;
    struct report report = {.has_changes = true};
    struct change same = {.before = STATE_UP, .lasted_ns = NS_PER_S};
    claim_row("json", report, row_of("db:5432", 0, 3, no_change),
              "\"attempts\":1,\"canonical\":null,\"seq\":3,\"previous_state\":null,\"previous_"
              "ms\":null}\n");
    claim_row("json", report, row_of("db:5432", 0, 3, same),
              "\"attempts\":1,\"canonical\":null,\"seq\":3,\"previous_state\":null,\"previous_"
              "ms\":null}\n");
    claim_row("json", report, row_of("db:5432", 0, 4, changed(STATE_DOWN, 62001500000)),
              "\"attempts\":1,\"canonical\":null,\"seq\":4,\"previous_state\":\"down\","
              "\"previous_ms\":62001.500}\n");
    claim_row("json", report, row_of("db:5432", 0, 0, changed(STATE_ERROR, 0)),
              "\"attempts\":1,\"canonical\":null,\"previous_state\":\"error\",\"previous_ms\":"
              "0.000}\n");
}

/* What the summaries share with it */

static const struct {
    int64_t duration_ns;
    const char *expected;
} slices[] = {
    {0, "0 ms"},
    {999999, "1.0 ms"},
    {200 * NS_PER_MS, "200 ms"},
    {1500 * NS_PER_MS, "1.5 s"},
    {5 * NS_PER_S, "5 s"},
    {60 * NS_PER_S, "60 s"},
    {99 * NS_PER_S, "99 s"},
    {100 * NS_PER_S - 1, "99.9 s"},
    {100 * NS_PER_S, "1 min 40 s"},
    {120 * NS_PER_S - 1, "1 min 59 s"},
    {120 * NS_PER_S, "2 min"},
    {125 * NS_PER_S, "2 min 5 s"},
    {300 * NS_PER_S + 999 * NS_PER_MS, "5 min"},
    {3600 * NS_PER_S - 1, "59 min 59 s"},
    {3600 * NS_PER_S, "1 h"},
    {3659 * NS_PER_S, "1 h"},
    {(3 * 3600 + 12 * 60 + 59) * NS_PER_S, "3 h 12 min"},
    {86400 * NS_PER_S - 1, "23 h 59 min"},
    {86400 * NS_PER_S, "1 d"},
    {(86400 + 3599) * NS_PER_S, "1 d"},
    {(2 * 86400 + 4 * 3600 + 3599) * NS_PER_S, "2 d 4 h"},
    {(400 * 86400 + 23 * 3600) * NS_PER_S, "400 d 23 h"},
};

static void test_report_slice_has_two_units_rounded_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(slices); i++) {
        struct buffer out = BUFFER_EMPTY;
        wording_span(&out, slices[i].duration_ns);
        claim_text(slices[i].expected, "slice", buffer_text(&out), slices[i].expected);
        buffer_release(&out);
    }
}

static const struct {
    int64_t duration_ns;
    const char *expected;
} exact[] = {
    {0, "0.000"},
    {999, "0.000"},
    {1000, "0.001"},
    {999999, "0.999"},
    {1000000, "1.000"},
    {81 * NS_PER_US + 999, "0.081"},
    {1021 * NS_PER_MS, "1021.000"},
};

static void test_report_exact_milliseconds_are_rounded_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(exact); i++) {
        struct buffer out = BUFFER_EMPTY;
        wording_exact_milliseconds(&out, exact[i].duration_ns);
        claim_text(exact[i].expected, "milliseconds", buffer_text(&out), exact[i].expected);
        buffer_release(&out);
    }
}

static const struct {
    int64_t wall_ns;
    int decimals;
    const char *expected;
} times[] = {
    {0, 1, "1970-01-01T00:00:00.0Z"},
    {NS_PER_S - 1, 3, "1970-01-01T00:00:00.999Z"},
    {NS_PER_S + 1, 9, "1970-01-01T00:00:01.000000001Z"},
    {INT64_MAX, 6, "2262-04-11T23:47:16.854775Z"},
};

static void test_report_time_has_the_decimals_asked_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        struct buffer out = BUFFER_EMPTY;
        wording_time(&out, times[i].wall_ns, times[i].decimals);
        claim_text(times[i].expected, "time", buffer_text(&out), times[i].expected);
        buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_text_round_is_named_after_the_address),
        cmocka_unit_test(test_report_text_dated_row_begins_with_the_time),
        cmocka_unit_test(test_report_text_change_says_how_long_it_was_otherwise),
        cmocka_unit_test(test_report_text_row_without_change_says_nothing_of_it),
        cmocka_unit_test(test_report_json_round_follows_the_attempts),
        cmocka_unit_test(test_report_json_changes_are_in_every_row),
        cmocka_unit_test(test_report_slice_has_two_units_rounded_down),
        cmocka_unit_test(test_report_exact_milliseconds_are_rounded_down),
        cmocka_unit_test(test_report_time_has_the_decimals_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
