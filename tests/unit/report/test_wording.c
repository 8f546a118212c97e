#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"
#include "netcheck/report/wording.h"

static const struct {
    void (*add)(struct buffer *out, int64_t duration_ns);
    int64_t duration_ns;
    const char *expected;
} durations[] = {
    {wording_milliseconds, 0, "0.00 ms"},
    {wording_milliseconds, 4999, "0.00 ms"},
    {wording_milliseconds, 5001, "0.01 ms"},
    {wording_milliseconds, 40000, "0.04 ms"},
    {wording_milliseconds, 94999, "0.09 ms"},
    {wording_milliseconds, 95000, "0.1 ms"},
    {wording_milliseconds, 100000, "0.1 ms"},
    {wording_milliseconds, 812000, "0.8 ms"},
    {wording_milliseconds, 999999, "1.0 ms"},
    {wording_milliseconds, 1000000, "1.0 ms"},
    {wording_milliseconds, 12300000, "12.3 ms"},
    {wording_milliseconds, 99949999, "99.9 ms"},
    {wording_milliseconds, 99950000, "100 ms"},
    {wording_milliseconds, 100000000, "100 ms"},
    {wording_milliseconds, 100499999, "100 ms"},
    {wording_milliseconds, 1021000000, "1021 ms"},
    {wording_milliseconds, 3600 * NS_PER_S, "3600000 ms"},
    {wording_exact_milliseconds, 0, "0.000"},
    {wording_exact_milliseconds, 999, "0.000"},
    {wording_exact_milliseconds, 1000, "0.001"},
    {wording_exact_milliseconds, 999999, "0.999"},
    {wording_exact_milliseconds, 1000000, "1.000"},
    {wording_exact_milliseconds, 81 * NS_PER_US + 999, "0.081"},
    {wording_exact_milliseconds, 1021 * NS_PER_MS, "1021.000"},
    {wording_duration, 0, "0 ms"},
    {wording_duration, NS_PER_MS, "1 ms"},
    {wording_duration, 200 * NS_PER_MS, "200 ms"},
    {wording_duration, 999 * NS_PER_MS, "999 ms"},
    {wording_duration, NS_PER_S, "1 s"},
    {wording_duration, 1500 * NS_PER_MS, "1.5 s"},
    {wording_duration, 5 * NS_PER_S, "5 s"},
    {wording_duration, 5 * NS_PER_S + NS_PER_MS, "5 s"}, /* a moment late */
    {wording_duration, 9900 * NS_PER_MS, "9.9 s"},
    {wording_duration, 10 * NS_PER_S, "10 s"},
    {wording_duration, 60 * NS_PER_S, "60 s"},
    {wording_duration, 100 * NS_PER_S, "100 s"},
    {wording_duration, 3600 * NS_PER_S, "3600 s"},
    {wording_span, 0, "0 ms"},
    {wording_span, 999999, "1.0 ms"},
    {wording_span, 200 * NS_PER_MS, "200 ms"},
    {wording_span, 1500 * NS_PER_MS, "1.5 s"},
    {wording_span, 5 * NS_PER_S, "5 s"},
    {wording_span, 60 * NS_PER_S, "60 s"},
    {wording_span, 99 * NS_PER_S, "99 s"},
    {wording_span, 100 * NS_PER_S - 1, "99.9 s"},
    {wording_span, 100 * NS_PER_S, "1 min 40 s"},
    {wording_span, 120 * NS_PER_S - 1, "1 min 59 s"},
    {wording_span, 120 * NS_PER_S, "2 min"},
    {wording_span, 125 * NS_PER_S, "2 min 5 s"},
    {wording_span, 300 * NS_PER_S + 999 * NS_PER_MS, "5 min"},
    {wording_span, 3600 * NS_PER_S - 1, "59 min 59 s"},
    {wording_span, 3600 * NS_PER_S, "1 h"},
    {wording_span, 3659 * NS_PER_S, "1 h"},
    {wording_span, (3 * 3600 + 12 * 60 + 59) * NS_PER_S, "3 h 12 min"},
    {wording_span, 86400 * NS_PER_S - 1, "23 h 59 min"},
    {wording_span, 86400 * NS_PER_S, "1 d"},
    {wording_span, (86400 + 3599) * NS_PER_S, "1 d"},
    {wording_span, (2 * 86400 + 4 * 3600 + 3599) * NS_PER_S, "2 d 4 h"},
    {wording_span, (400 * 86400 + 23 * 3600) * NS_PER_S, "400 d 23 h"},
};

static void test_wording_duration_is_rounded_as_its_readers_expect(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
        struct buffer out = BUFFER_EMPTY;
        durations[i].add(&out, durations[i].duration_ns);
        claim_text(durations[i].expected, "duration", buffer_text(&out), durations[i].expected);
        buffer_release(&out);
    }
}

/* As programs read it: the same digits as those of milliseconds, however small or large. */
static const struct {
    int64_t duration_ns;
    int decimals;
    const char *expected;
} seconds[] = {
    {0, 6, "0.000000"},
    {999, 6, "0.000000"},
    {1000, 6, "0.000001"},
    {812999, 6, "0.000812"},
    {812999, 9, "0.000812999"},
    {NS_PER_S - 1, 3, "0.999"},
    {NS_PER_S, 6, "1.000000"},
    {INT64_C(1795402800123456789), 3, "1795402800.123"},
    {INT64_MAX, 6, "9223372036.854775"},
};

static void test_wording_seconds_are_rounded_down(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(seconds); i++) {
        struct buffer out = BUFFER_EMPTY;
        wording_seconds(&out, seconds[i].duration_ns, seconds[i].decimals);
        claim_text(seconds[i].expected, "seconds", buffer_text(&out), seconds[i].expected);
        buffer_release(&out);
    }
}

static void test_wording_trim_keeps_what_counts(void **state)
{
    static const char *const numbers[][2] = {
        {"0.100", "0.1"}, {"2.0", "2"}, {"100.00", "100"}, {"10.01", "10.01"}, {"0.0", "0"}};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct buffer out = BUFFER_EMPTY;
        buffer_add_text(&out, numbers[i][0]);
        wording_trim(&out);
        claim_text(numbers[i][0], "trimmed", buffer_text(&out), numbers[i][1]);
        buffer_release(&out);
    }
}

static const struct {
    int64_t wall_ns;
    int decimals;
    const char *expected;
} times[] = {
    {0, 6, "1970-01-01T00:00:00.000000Z"},
    {999, 6, "1970-01-01T00:00:00.000000Z"},
    {1000, 6, "1970-01-01T00:00:00.000001Z"},
    {NS_PER_S - 1, 6, "1970-01-01T00:00:00.999999Z"},
    {INT64_C(1709164800) * NS_PER_S, 6, "2024-02-29T00:00:00.000000Z"},
    {INT64_C(2147483648) * NS_PER_S, 6, "2038-01-19T03:14:08.000000Z"},
    {0, 1, "1970-01-01T00:00:00.0Z"},
    {NS_PER_S - 1, 3, "1970-01-01T00:00:00.999Z"},
    {NS_PER_S + 1, 9, "1970-01-01T00:00:01.000000001Z"},
    {INT64_MAX, 6, "2262-04-11T23:47:16.854775Z"},
};

static void test_wording_time_is_utc_with_the_decimals_asked_for(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        struct buffer out = BUFFER_EMPTY;
        wording_time(&out, times[i].wall_ns, times[i].decimals);
        claim_text(times[i].expected, "time", buffer_text(&out), times[i].expected);
        buffer_release(&out);
    }
}

/* With -A rows of one target differ by their address. */
static const struct {
    const char *target;
    const char *address;
    bool is_by_address;
    const char *expected;
} labels[] = {
    {"db:1", "10.0.0.5", true, "db:1 10.0.0.5"},       {"db:1", "10.0.0.5", false, "db:1"},
    {"db:1", "2001:db8::5", true, "db:1 2001:db8::5"}, {"db:1", "", true, "db:1"},
    {"10.0.0.5:1", "10.0.0.5", true, "10.0.0.5:1"},
};

static void test_wording_row_label_has_the_address_where_rows_differ_by_it(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct result result = up_of(labels[i].target, labels[i].address);
        wording_row_label(&out, &result.endpoint, labels[i].is_by_address);
        claim_text(labels[i].expected, "label", buffer_text(&out), labels[i].expected);
        target_drop(result.endpoint.target);
        buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wording_duration_is_rounded_as_its_readers_expect),
        cmocka_unit_test(test_wording_seconds_are_rounded_down),
        cmocka_unit_test(test_wording_trim_keeps_what_counts),
        cmocka_unit_test(test_wording_time_is_utc_with_the_decimals_asked_for),
        cmocka_unit_test(test_wording_row_label_has_the_address_where_rows_differ_by_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
