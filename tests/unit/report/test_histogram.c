#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/base/mix.h"
#include "netcheck/report/report.h"

static const int64_t us = NS_PER_US;

static struct stats *stats_new(void)
{
    struct stats *stats = calloc(1, sizeof *stats);
    assert_non_null(stats);
    return stats;
}

static void add(struct stats *stats, int64_t latency_ns, size_t times)
{
    struct result result = {.connect_ns = latency_ns};
    result.outcome = outcome_of(REASON_CONNECTED);
    for (size_t i = 0; i < times; i++)
        stats_add(stats, &result);
}

/* The stats are freed. */
static void claim_histogram(const char *label, struct stats *stats, bool is_unicode,
                            const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    report_histogram(&out, stats, is_unicode);
    claim_text(label, "histogram", buffer_text(&out), expected);
    buffer_release(&out);
    free(stats);
}

static void test_histogram_of_no_latency_is_empty(void **state)
{
    claim_histogram("none", stats_new(), true, "");
    struct stats *stats = stats_new();
    struct result result = {.connect_ns = 5 * us};
    result.outcome = outcome_of(REASON_REFUSED);
    stats_add(stats, &result);
    claim_histogram("down", stats, true, "");
}

static void test_histogram_of_one_latency_has_it_in_the_middle(void **state)
{
    struct stats *stats = stats_new();
    add(stats, 50 * us + 999, 1);
    claim_histogram("50 us", stats, false,
                    "  0.046 - 0.047 ms    0\n"
                    "  0.047 - 0.048 ms    0\n"
                    "  0.048 - 0.049 ms    0\n"
                    "  0.049 - 0.050 ms    0\n"
                    "  0.050 - 0.051 ms    1  ########################################\n"
                    "  0.051 - 0.052 ms    0\n"
                    "  0.052 - 0.053 ms    0\n"
                    "  0.053 - 0.054 ms    0\n"
                    "  0.054 - 0.055 ms    0\n"
                    "  0.055 - 0.056 ms    0\n");
    stats = stats_new();
    add(stats, 0, 7);
    claim_histogram("no time at all", stats, false,
                    "  0.000 - 0.001 ms    7  ########################################\n"
                    "  0.001 - 0.002 ms    0\n"
                    "  0.002 - 0.003 ms    0\n"
                    "  0.003 - 0.004 ms    0\n"
                    "  0.004 - 0.005 ms    0\n"
                    "  0.005 - 0.006 ms    0\n"
                    "  0.006 - 0.007 ms    0\n"
                    "  0.007 - 0.008 ms    0\n"
                    "  0.008 - 0.009 ms    0\n"
                    "  0.009 - 0.010 ms    0\n");
}

static void test_histogram_bars_are_in_eighths_of_a_cell(void **state)
{
    struct stats *stats = stats_new();
    for (int64_t i = 0; i < 8; i++)
        add(stats, i * us, (size_t)(312 + i));
    add(stats, 8 * us, 320);
    add(stats, 9 * us, 1);
#define FULL39                                                     \
    "\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588" \
    "\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588" \
    "\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588" \
    "\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588\u2588"
    claim_histogram("eighths", stats, true,
                    "  0.000 - 0.001 ms    312  " FULL39 "\n"
                    "  0.001 - 0.002 ms    313  " FULL39 "\u258f\n"
                    "  0.002 - 0.003 ms    314  " FULL39 "\u258e\n"
                    "  0.003 - 0.004 ms    315  " FULL39 "\u258d\n"
                    "  0.004 - 0.005 ms    316  " FULL39 "\u258c\n"
                    "  0.005 - 0.006 ms    317  " FULL39 "\u258b\n"
                    "  0.006 - 0.007 ms    318  " FULL39 "\u258a\n"
                    "  0.007 - 0.008 ms    319  " FULL39 "\u2589\n"
                    "  0.008 - 0.009 ms    320  " FULL39 "\u2588\n"
                    "  0.009 - 0.010 ms      1  \u258f\n");
}

static void test_histogram_little_is_not_nothing(void **state)
{
    struct stats *stats = stats_new();
    struct buffer out = BUFFER_EMPTY;
    add(stats, 10 * us, 100000);
    add(stats, 14 * us, 1);
    report_histogram(&out, stats, true);
    claim_contains("Unicode", buffer_text(&out), "       1  \u258f\n");
    buffer_release(&out);
    report_histogram(&out, stats, false);
    claim_contains("ASCII", buffer_text(&out), "       1  #\n");
    buffer_release(&out);
    free(stats);
}

static void test_histogram_last_row_takes_what_is_far_behind(void **state)
{
    struct stats *stats = stats_new();
    for (int64_t i = 0; i < 96; i++)
        add(stats, (400 + i % 32) * us, 1);
    add(stats, 1021000 * us, 2);
    add(stats, 3030000 * us, 1);
    claim_histogram("lost SYNs", stats, false,
                    "  0.384 - 0.392 ms     0\n"
                    "  0.392 - 0.400 ms     0\n"
                    "  0.400 - 0.408 ms    24  ########################################\n"
                    "  0.408 - 0.416 ms    24  ########################################\n"
                    "  0.416 - 0.424 ms    24  ########################################\n"
                    "  0.424 - 0.432 ms    24  ########################################\n"
                    "  0.432 - 0.440 ms     0\n"
                    "  0.440 - 0.448 ms     0\n"
                    "  0.448 - 0.456 ms     0\n"
                    "  0.456 ms and more    3  #####\n");
}

static void test_histogram_outliers_of_a_constant_are_in_the_last_row(void **state)
{
    struct stats *stats = stats_new();
    add(stats, 50 * us, 100);
    add(stats, 56 * us, 9); /* where the last row of the same width would end */
    claim_histogram("50 us", stats, false,
                    "  0.046 - 0.047 ms      0\n"
                    "  0.047 - 0.048 ms      0\n"
                    "  0.048 - 0.049 ms      0\n"
                    "  0.049 - 0.050 ms      0\n"
                    "  0.050 - 0.051 ms    100  ########################################\n"
                    "  0.051 - 0.052 ms      0\n"
                    "  0.052 - 0.053 ms      0\n"
                    "  0.053 - 0.054 ms      0\n"
                    "  0.054 - 0.055 ms      0\n"
                    "  0.055 ms and more     9  ####\n");
    stats = stats_new();
    add(stats, 50000 * us, 60);
    add(stats, 1021000 * us, 1);
    claim_histogram("50 ms", stats, false,
                    "  45.1 - 46.1 ms       0\n"
                    "  46.1 - 47.1 ms       0\n"
                    "  47.1 - 48.1 ms       0\n"
                    "  48.1 - 49.2 ms       0\n"
                    "  49.2 - 50.2 ms      60  ########################################\n"
                    "  50.2 - 51.2 ms       0\n"
                    "  51.2 - 52.2 ms       0\n"
                    "  52.2 - 53.2 ms       0\n"
                    "  53.2 - 54.3 ms       0\n"
                    "  54.3 ms and more     1  #\n");
}

/* Quartiles of 10.5 and 14.5 us: 26.5 us and the bucket it is in are on this side. */
static void test_histogram_fence_is_three_times_the_middle_half_away(void **state)
{
    for (int64_t far = 26; far <= 27; far++) {
        struct stats *stats = stats_new();
        struct buffer out = BUFFER_EMPTY;
        add(stats, 10 * us, 10);
        add(stats, 12 * us, 10);
        add(stats, 14 * us, 10);
        add(stats, far * us, 1);
        report_histogram(&out, stats, false);
        if (far == 26)
            claim_contains("on this side", buffer_text(&out),
                           "  0.026 - 0.028 ms     1  ####\n");
        else
            claim_contains("behind it", buffer_text(&out), "  0.017 ms and more    1  ####\n");
        buffer_release(&out);
        free(stats);
    }
}

/* Whatever the number of rows, its ranks are exact. */
static void test_histogram_one_outlier_of_many_is_behind_the_fence(void **state)
{
    struct stats *stats = stats_new();
    add(stats, 1021000 * us, 1);
    for (int64_t i = 0; i < 600; i++) {
        struct buffer out = BUFFER_EMPTY;
        add(stats, (40 + i % 3) * us, 1);
        if (i < 6)
            continue;
        report_histogram(&out, stats, false);
        claim_contains("one outlier", buffer_text(&out), "  0.046 ms and more  ");
        buffer_release(&out);
    }
    free(stats);
}

/* A comb, with a bucket more in some rows than in others, would be 2 to 1. */
static void test_histogram_of_a_uniform_distribution_is_flat(void **state)
{
    struct stats *stats = stats_new();
    struct buffer out = BUFFER_EMPTY;
    for (int64_t i = 0; i < 27 * 16; i++)
        add(stats, (512 + i) * us, 1);
    report_histogram(&out, stats, false);
    claim_text("27 buckets of 16 us", "histogram", buffer_text(&out),
               "  0.512 - 0.560 ms    48  ########################################\n"
               "  0.560 - 0.608 ms    48  ########################################\n"
               "  0.608 - 0.656 ms    48  ########################################\n"
               "  0.656 - 0.704 ms    48  ########################################\n"
               "  0.704 - 0.752 ms    48  ########################################\n"
               "  0.752 - 0.800 ms    48  ########################################\n"
               "  0.800 - 0.848 ms    48  ########################################\n"
               "  0.848 - 0.896 ms    48  ########################################\n"
               "  0.896 - 0.944 ms    48  ########################################\n"
               "  0.944 - 0.992 ms     0\n");
    buffer_release(&out);
    free(stats);
}

/* Distributions, in nanoseconds: their rows must account for every latency. */

static int64_t below(uint64_t index, int64_t end)
{
    return (int64_t)(mix64(index * 3 + 1) % (uint64_t)end);
}

static int64_t narrow_at(uint64_t index)
{
    return 63 * us + below(index, 3 * us); /* where buckets become two microseconds wide */
}

static int64_t close_at(uint64_t index)
{
    return index % 50 == 0 ? 66 * us : 63 * us; /* some far behind, as far as 63 us go */
}

static int64_t uniform_at(uint64_t index)
{
    return 300 * us + below(index, 3000 * us);
}

static int64_t bimodal_at(uint64_t index)
{
    return (index % 3 == 0 ? 1021000 : 40) * us + below(index, 9 * us);
}

static int64_t heavy_at(uint64_t index)
{
    return 30 * us * 10000 / (1 + below(index, 10000));
}

static int64_t wide_at(uint64_t index)
{
    return below(index, INT64_C(1) << (1 + index % 40)); /* up to 18 minutes */
}

static int64_t far_at(uint64_t index)
{
    return NS_PER_S * 200 + below(index, NS_PER_S * 100); /* behind all buckets */
}

static int64_t constant_at(uint64_t index)
{
    return 50123456;
}

static const struct {
    const char *label;
    int64_t (*at)(uint64_t index);
} distributions[] = {
    {"narrow", narrow_at},   {"close", close_at},       {"uniform", uniform_at},
    {"bimodal", bimodal_at}, {"heavy", heavy_at},       {"wide", wide_at},
    {"far", far_at},         {"constant", constant_at},
};

/* Columns, each of which is one character of ASCII or three bytes of UTF-8. */
static size_t count_columns(const char *line, size_t len)
{
    size_t columns = 0;
    for (size_t i = 0; i < len; i++)
        columns += ((unsigned char)line[i] & 0xc0) != 0x80;
    return columns;
}

/* "  0.046 - 0.047 ms    0  ###": what a row says. */
struct row {
    double from_ms;
    double to_ms; /* 0: it has no end */
    uint64_t count;
};

static struct row read_row(const char *label, const char *line)
{
    struct row row = {0};
    char *end = NULL;
    row.from_ms = strtod(line, &end);
    if (strncmp(end, " - ", 3) == 0)
        row.to_ms = strtod(end + 3, &end);
    claim_true(label, "a row with its unit", strncmp(end, " ms", 3) == 0);
    end += strncmp(end, " ms and more", 12) == 0 ? 12 : 3;
    row.count = strtoull(end, NULL, 10);
    return row;
}

/* The first `count` numbers of a distribution. */
struct sample {
    const char *label;
    int64_t (*at)(uint64_t index);
    size_t count;
};

static uint64_t count_between(const struct sample *sample, const struct row *row)
{
    uint64_t count = 0;
    for (uint64_t i = 0; i < sample->count; i++) {
        double us_ms = (double)(sample->at(i) / us) / 1000;
        count += us_ms >= row->from_ms && (row->to_ms == 0 || us_ms < row->to_ms);
    }
    return count;
}

static void claim_row(const struct sample *sample, const struct row *row, const char *line)
{
    size_t len = strcspn(line, "\n");
    const char *point = memchr(line, '.', len);
    bool is_exact = point != NULL && strspn(point + 1, "0123456789") == 3;
    claim_true(sample->label, "at most 80 columns", count_columns(line, len) <= 80);
    claim_true(sample->label, "nothing behind the bar", line[len - 1] != ' ');
    claim_true(sample->label, "a row of some width",
               row->to_ms == 0 || row->to_ms > row->from_ms);
    if (is_exact) /* bounds are printed to the microsecond */
        claim_number(sample->label, line, row->count, count_between(sample, row));
}

static void claim_rows(const struct sample *sample, const char *text)
{
    double end_ms = 0;
    uint64_t sum = 0;
    size_t rows = 0;
    for (; *text != '\0'; text += strcspn(text, "\n") + 1, rows++) {
        struct row row = read_row(sample->label, text);
        claim_row(sample, &row, text);
        claim_true(sample->label, "rows that join", rows == 0 || row.from_ms == end_ms);
        claim_true(sample->label, "an end but in the last row", rows == 9 || row.to_ms > 0);
        sum += row.count;
        end_ms = row.to_ms;
    }
    claim_number(sample->label, "rows", rows, 10);
    claim_number(sample->label, "sum of rows", sum, sample->count);
}

static void claim_sample(const struct sample *sample)
{
    struct stats *stats = stats_new();
    struct buffer out = BUFFER_EMPTY;
    for (uint64_t i = 0; i < sample->count; i++)
        add(stats, sample->at(i), 1);
    report_histogram(&out, stats, true);
    claim_rows(sample, buffer_text(&out));
    buffer_release(&out);
    report_histogram(&out, stats, false);
    claim_rows(sample, buffer_text(&out));
    buffer_release(&out);
    free(stats);
}

static void test_histogram_counts_everything_once_in_ten_rows(void **state)
{
    static const size_t counts[] = {1, 2, 3, 10, 100, 5000};
    for (size_t i = 0; i < ARRAY_LEN(distributions); i++)
        for (size_t j = 0; j < ARRAY_LEN(counts); j++)
            claim_sample(
                &(struct sample){distributions[i].label, distributions[i].at, counts[j]});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_histogram_of_no_latency_is_empty),
        cmocka_unit_test(test_histogram_of_one_latency_has_it_in_the_middle),
        cmocka_unit_test(test_histogram_bars_are_in_eighths_of_a_cell),
        cmocka_unit_test(test_histogram_little_is_not_nothing),
        cmocka_unit_test(test_histogram_last_row_takes_what_is_far_behind),
        cmocka_unit_test(test_histogram_outliers_of_a_constant_are_in_the_last_row),
        cmocka_unit_test(test_histogram_fence_is_three_times_the_middle_half_away),
        cmocka_unit_test(test_histogram_one_outlier_of_many_is_behind_the_fence),
        cmocka_unit_test(test_histogram_of_a_uniform_distribution_is_flat),
        cmocka_unit_test(test_histogram_counts_everything_once_in_ten_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
