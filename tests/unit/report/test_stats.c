#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/base/mix.h"
#include "netcheck/report/stats.h"

static const int64_t us = NS_PER_US;
static const int64_t ms = NS_PER_MS;
static const int64_t s = NS_PER_S;

static void add_up(struct stats *stats, int64_t asked_ns, int64_t connect_ns)
{
    struct result result = {.asked_ns = asked_ns, .connect_ns = connect_ns};
    result.outcome = outcome_of(REASON_CONNECTED);
    stats_add(stats, &result);
}

/* Answers come late: time must not be counted by them. */
static void add_row(struct stats *stats, int64_t asked_ns, enum reason reason)
{
    struct result result = {
        .asked_ns = asked_ns, .finished_ns = asked_ns + 700 * ms, .connect_ns = 5 * ms};
    result.outcome = outcome_of(reason);
    stats_add(stats, &result);
}

/* One letter a second: up, down (refused), timeout, error. */
static struct stats *stats_of(const char *rows)
{
    struct stats *stats = calloc(1, sizeof *stats);
    assert_non_null(stats);
    for (size_t i = 0; rows[i] != '\0'; i++)
        add_row(stats, (int64_t)(i + 1) * s,
                rows[i] == 'u'   ? REASON_CONNECTED
                : rows[i] == 'd' ? REASON_REFUSED
                : rows[i] == 't' ? REASON_TIMEOUT
                                 : REASON_UNRESOLVED);
    return stats;
}

/* Numbers that need no more than a double: off by less than a nanosecond. */
static void claim_close(const char *label, const char *what, double actual, double expected)
{
    double off = actual > expected ? actual - expected : expected - actual;
    if (off > 0.5)
        fail_msg("%s: %s is %f, expected %f", label, what, actual, expected);
}

static void test_stats_nothing_is_known_of_no_rows(void **state)
{
    static const struct stats none;
    assert_true(stats_loss(&none) < 0);
    assert_true(stats_deviation_ns(&none) < 0);
    assert_true(stats_jitter_ns(&none) < 0);
    assert_int_equal(stats_quantile(&none, 50), -1);
    assert_int_equal(stats_time_ns(&none, STATE_UP, 5 * s), 0);
    assert_int_equal(stats_longest_outage_ns(&none, 5 * s), 0);
}

/* TLS: the handshake took 300 us, the answer behind it 812. */
static void test_stats_latency_is_that_of_the_answer_where_one_was_asked_for(void **state)
{
    struct stats *stats = stats_of("");
    struct result result = {.asked_ns = s, .connect_ns = 300 * us, .reply_ns = 812 * us};
    result.outcome = outcome_of(REASON_REPLIED);
    result.measures.is_reply = true;
    stats_add(stats, &result);
    assert_int_equal(stats->min_ns, 812 * us);
    assert_int_equal(stats->max_ns, 812 * us);
    free(stats);
}

static void test_stats_one_latency_has_no_jitter(void **state)
{
    struct stats *stats = stats_of("");
    add_up(stats, s, 812 * us);
    assert_int_equal(stats->min_ns, 812 * us);
    assert_int_equal(stats->max_ns, 812 * us);
    claim_close("one", "mean", stats->mean_ns, 812000);
    claim_close("one", "deviation", stats_deviation_ns(stats), 0);
    assert_true(stats_deviation_ns(stats) >= 0);
    assert_true(stats_jitter_ns(stats) < 0);
    assert_int_equal(stats_quantile(stats, 50), 812 * us);
    free(stats);
}

static const struct {
    const char *label;
    int64_t us[8];
    size_t count;
    int64_t min_us;
    int64_t max_us;
    double mean_ns;
    double deviation_ns;
    double jitter_ns;
} latencies[] = {
    {"the same", {50, 50, 50}, 3, 50, 50, 50000, 0, 0},
    {"two", {40, 60}, 2, 40, 60, 50000, 10000, 20000},
    {"a known deviation", {2, 4, 4, 4, 5, 5, 7, 9}, 8, 2, 9, 5000, 2000, 1000},
    {"down and up again", {100, 50, 100, 50}, 4, 50, 100, 75000, 25000, 50000},
    {"falling", {300, 200, 100}, 3, 100, 300, 200000, 81649.658093, 100000},
    {"far from zero",
     {100000004, 100000007, 100000013, 100000016},
     4,
     100000004,
     100000016,
     100000010000,
     4743.416490,
     4000},
    {"zero", {0, 0, 0, 3}, 4, 0, 3, 750, 1299.038106, 1000},
};

static void test_stats_latencies_are_summed_up_exactly(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(latencies); i++) {
        const char *label = latencies[i].label;
        struct stats *stats = stats_of("");
        for (size_t j = 0; j < latencies[i].count; j++)
            add_up(stats, (int64_t)j * s, latencies[i].us[j] * us);
        claim_number(label, "latencies", stats->latencies, latencies[i].count);
        claim_number(label, "min", (uint64_t)stats->min_ns,
                     (uint64_t)(latencies[i].min_us * us));
        claim_number(label, "max", (uint64_t)stats->max_ns,
                     (uint64_t)(latencies[i].max_us * us));
        claim_close(label, "mean", stats->mean_ns, latencies[i].mean_ns);
        claim_close(label, "deviation", stats_deviation_ns(stats), latencies[i].deviation_ns);
        claim_close(label, "jitter", stats_jitter_ns(stats), latencies[i].jitter_ns);
        free(stats);
    }
}

/* The square of what is returned against two passes over all numbers. */
static void test_stats_many_latencies_are_as_in_two_passes(void **state)
{
    enum { COUNT = 50000 };
    struct stats *stats = stats_of("");
    double sum = 0;
    double squares = 0;
    for (uint64_t i = 0; i < COUNT; i++) {
        int64_t latency_ns = (int64_t)(mix64(i + 1) % 3000000000);
        add_up(stats, (int64_t)i, latency_ns);
        sum += (double)latency_ns;
    }
    double mean = sum / COUNT;
    for (uint64_t i = 0; i < COUNT; i++) {
        double distance = (double)(int64_t)(mix64(i + 1) % 3000000000) - mean;
        squares += distance * distance;
    }
    double deviation = stats_deviation_ns(stats);
    double ratio = deviation * deviation / (squares / COUNT);
    claim_close("many", "mean", stats->mean_ns, mean);
    assert_true(ratio > 1 - 1e-9 && ratio < 1 + 1e-9);
    free(stats);
}

static void test_stats_only_rows_up_have_a_latency(void **state)
{
    struct stats *stats = stats_of("dte");
    assert_int_equal(stats->latencies, 0);
    assert_int_equal(stats_quantile(stats, 50), -1);
    add_up(stats, 4 * s, 40 * us);
    add_row(stats, 5 * s, REASON_REFUSED);
    add_up(stats, 6 * s, 60 * us);
    assert_int_equal(stats->latencies, 2);
    claim_close("refused in between", "jitter", stats_jitter_ns(stats), 20000);
    free(stats);
}

/* The bucket is 992 to 1007 us, its middle 1000. */
static void test_stats_quantiles_stay_within_what_was_seen(void **state)
{
    static const struct {
        int64_t us[2]; /* -1: none */
        unsigned percent;
        int64_t quantile_us;
    } cases[] = {
        {{1003, 1007}, 1, 1003}, {{1003, 1007}, 100, 1003}, {{1006, -1}, 50, 1006},
        {{993, -1}, 99, 993},    {{0, -1}, 99, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct stats *stats = stats_of("");
        for (size_t k = 0; k < 2 && cases[i].us[k] >= 0; k++)
            add_up(stats, s, cases[i].us[k] * us);
        assert_int_equal(stats_quantile(stats, cases[i].percent), cases[i].quantile_us * us);
        free(stats);
    }
}

static const struct {
    const char *rows; /* one a second, from the first second on */
    double loss;      /* percent, -1: unknown */
    int64_t up_s;     /* half a second after the last row */
    int64_t down_s;
    int64_t error_s;
    int64_t outage_ms; /* the longest, half a second after the last row */
} series[] = {
    {"u", 0, 0, 0, 0, 0},
    {"uuuu", 0, 3, 0, 0, 0},
    {"d", 100, 0, 0, 0, 500},
    {"dd", 100, 0, 1, 0, 1500},
    {"tt", 100, 0, 1, 0, 1500},
    {"e", -1, 0, 0, 0, 0},
    {"ee", -1, 0, 0, 1, 0},
    {"ud", 50, 1, 0, 0, 500},
    {"udu", 100.0 / 3, 1, 1, 0, 1000},
    {"uddduu", 50, 2, 3, 0, 3000},
    {"dduud", 60, 2, 2, 0, 2000},
    {"duddd", 80, 1, 3, 0, 2500},
    {"duddddu", 500.0 / 7, 1, 5, 0, 4000},
    {"dudu", 50, 1, 2, 0, 1000},
    {"dtdu", 75, 0, 3, 0, 3000},
    {"deu", 50, 0, 1, 1, 2000},   /* an error ends no outage */
    {"dede", 100, 0, 2, 1, 3500}, /* ... and is part of one that is still on */
    {"ueu", 0, 1, 0, 1, 0},       /* ... and is none */
    {"uedu", 100.0 / 3, 1, 1, 1, 1000},
    {"edu", 50, 0, 1, 1, 1000},
};

static void claim_series(size_t i, const struct stats *stats)
{
    const char *rows = series[i].rows;
    int64_t last_ns = (int64_t)strlen(rows) * s;
    int64_t now_ns = last_ns + 500 * ms;
    const int64_t expected_s[] = {series[i].up_s, series[i].down_s, series[i].error_s};
    for (enum state in = STATE_UP; in < STATE_COUNT; in++) {
        int64_t rest_ns = stats->state == in ? 500 * ms : 0;
        claim_number(rows, state_name(in), (uint64_t)stats_time_ns(stats, in, last_ns),
                     (uint64_t)(expected_s[in] * s));
        claim_number(rows, state_name(in), (uint64_t)stats_time_ns(stats, in, now_ns),
                     (uint64_t)(expected_s[in] * s + rest_ns));
    }
    claim_number(rows, "longest outage", (uint64_t)stats_longest_outage_ns(stats, now_ns),
                 (uint64_t)(series[i].outage_ms * ms));
    double off = stats_loss(stats) - series[i].loss;
    claim_true(rows, "loss", off > -1e-9 && off < 1e-9);
    claim_number(rows, "sent", stats->sent, strlen(rows));
    claim_number(rows, "sum of states",
                 stats->states[STATE_UP] + stats->states[STATE_DOWN] +
                     stats->states[STATE_ERROR],
                 strlen(rows));
}

/* Time is that of the earlier row; outages and loss are of rows down. */
static void test_stats_series_has_times_outages_and_loss(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(series); i++) {
        struct stats *stats = stats_of(series[i].rows);
        claim_series(i, stats);
        free(stats);
    }
}

static void test_stats_recent_rows_are_in_a_ring(void **state)
{
    struct stats *stats = stats_of("dte");
    assert_int_equal(stats->recent[0], STATS_DOWN);
    assert_int_equal(stats->recent[1], STATS_DOWN);
    assert_int_equal(stats->recent[2], STATS_ERROR);
    for (int64_t i = 3; i < STATS_RECENT + 2; i++)
        add_up(stats, i * s, i * us + 999);
    assert_int_equal(stats->recent[3], 3);
    assert_int_equal(stats->recent[STATS_RECENT - 1], STATS_RECENT - 1);
    assert_int_equal(stats->recent[0], STATS_RECENT);
    assert_int_equal(stats->recent[1], STATS_RECENT + 1);
    assert_int_equal(stats->recent[2], STATS_ERROR);
    free(stats);
}

static void test_stats_recent_latency_is_never_taken_for_a_state(void **state)
{
    static const int64_t cases[][2] = {
        {INT64_C(4294967291), 4294967291}, {INT64_C(4294967292), 4294967292},
        {INT64_C(4294967293), 4294967292}, {INT64_C(4294967294), 4294967292},
        {INT64_C(4294967295), 4294967292}, {INT64_C(4294967296), 4294967292}};
    struct stats *stats = stats_of("");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        add_up(stats, (int64_t)i * s, cases[i][0] * us);
        assert_int_equal(stats->recent[i], cases[i][1]);
    }
    free(stats);
}

static void test_stats_up_without_a_time_is_up_and_no_latency(void **state)
{
    struct stats *stats = stats_of("");
    add_up(stats, 0, 5 * us);
    add_up(stats, s, -1);
    assert_int_equal(stats->states[STATE_UP], 2);
    assert_int_equal(stats->latencies, 1);
    assert_int_equal(stats->min_ns, 5 * us);
    assert_int_equal(stats->recent[1], STATS_UNTIMED);
    free(stats);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stats_nothing_is_known_of_no_rows),
        cmocka_unit_test(test_stats_latency_is_that_of_the_answer_where_one_was_asked_for),
        cmocka_unit_test(test_stats_one_latency_has_no_jitter),
        cmocka_unit_test(test_stats_latencies_are_summed_up_exactly),
        cmocka_unit_test(test_stats_many_latencies_are_as_in_two_passes),
        cmocka_unit_test(test_stats_only_rows_up_have_a_latency),
        cmocka_unit_test(test_stats_quantiles_stay_within_what_was_seen),
        cmocka_unit_test(test_stats_series_has_times_outages_and_loss),
        cmocka_unit_test(test_stats_recent_rows_are_in_a_ring),
        cmocka_unit_test(test_stats_recent_latency_is_never_taken_for_a_state),
        cmocka_unit_test(test_stats_up_without_a_time_is_up_and_no_latency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
