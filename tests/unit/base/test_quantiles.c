#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/mix.h"
#include "netcheck/base/quantiles.h"

enum { SAMPLES = 20000 };

static const int64_t us = NS_PER_US;
static const int64_t top_us = INT64_C(1) << 27;

/* Distributions: number `index` of a reproducible stream, in nanoseconds. */

static uint64_t random_at(uint64_t index)
{
    return mix64(UINT64_C(0x9e3779b97f4a7c15) * (index + 1));
}

static int64_t below(uint64_t index, int64_t end)
{
    return (int64_t)(random_at(index) % (uint64_t)end);
}

static int64_t constant_at(uint64_t index)
{
    (void)index;
    return 812345;
}

static int64_t uniform_at(uint64_t index)
{
    return 100 * us + below(index, 900 * us);
}

/* e^-x in steps: how often a coin of 15:1 falls on the same side. */
static int64_t exponential_at(uint64_t index)
{
    int64_t sum_ns = 0;
    uint64_t bits = random_at(index);
    for (; (bits & 15) != 0 && bits != 0; bits >>= 4)
        sum_ns += 50 * us;
    return 200 * us + sum_ns + below(index + SAMPLES, 50 * us);
}

static int64_t bimodal_at(uint64_t index)
{
    bool is_late = random_at(index) % 10 == 0;
    return (is_late ? 1021000 * us : 800 * us) + below(index + SAMPLES, 40 * us);
}

/* 1 / u: half are below 2 units, one in a thousand is above a thousand of them. */
static int64_t heavy_at(uint64_t index)
{
    return 30 * us * INT64_C(1000000) / (1 + below(index, 1000000));
}

static int64_t tiny_at(uint64_t index)
{
    return below(index, 32 * us);
}

static int64_t wide_at(uint64_t index)
{
    return below(index, 1 + (INT64_C(1) << (10 + index % 27))); /* up to 69 s */
}

static const struct {
    const char *label;
    int64_t (*at)(uint64_t index);
    size_t count;
} distributions[] = {
    {"constant", constant_at, SAMPLES},
    {"uniform", uniform_at, SAMPLES},
    {"exponential", exponential_at, SAMPLES},
    {"bimodal", bimodal_at, SAMPLES},
    {"heavy tail", heavy_at, SAMPLES},
    {"below 32 us", tiny_at, SAMPLES},
    {"every magnitude", wide_at, SAMPLES},
    {"a single one", uniform_at, 1},
    {"two", bimodal_at, 2},
    {"ten", exponential_at, 10},
    {"a hundred", heavy_at, 100},
};

/* In thousandths of a percent, so that ranks are exact. */
static const uint32_t shares[] = {1,     1000,  25000, 50000, 75000,
                                  90000, 95000, 99000, 99900, 100000};

static int compare(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;
    return (*x > *y) - (*x < *y);
}

static int64_t exact_quantile(const int64_t *sorted, size_t count, uint32_t thousandths)
{
    uint64_t rank = (count * thousandths + 99999) / 100000;
    return sorted[rank > 0 ? rank - 1 : 0];
}

/* 1/64 and half a microsecond. */
static bool is_near(int64_t actual_ns, int64_t exact_ns)
{
    int64_t off_ns = actual_ns > exact_ns ? actual_ns - exact_ns : exact_ns - actual_ns;
    return off_ns <= exact_ns / 64 + us / 2;
}

static void claim_distribution(const char *label, int64_t (*at)(uint64_t index), size_t count)
{
    int64_t *samples = malloc(count * sizeof *samples);
    struct quantiles *quantiles = calloc(1, sizeof *quantiles);
    assert_non_null(samples);
    assert_non_null(quantiles);
    for (size_t i = 0; i < count; i++) {
        samples[i] = at(i);
        quantiles_add(quantiles, samples[i]);
    }
    qsort(samples, count, sizeof *samples, compare);
    claim_number(label, "total", quantiles->total, count);
    for (size_t i = 0; i < ARRAY_LEN(shares); i++)
        claim_true(label, "the error bound",
                   is_near(quantiles_quantile(quantiles, shares[i] / 1000.0),
                           exact_quantile(samples, count, shares[i])));
    free(quantiles);
    free(samples);
}

static void test_sketch_quantiles_keep_the_error_bound(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(distributions); i++)
        claim_distribution(distributions[i].label, distributions[i].at, distributions[i].count);
}

static void test_sketch_quantile_of_every_microsecond_keeps_the_bound(void **state)
{
    struct quantiles quantiles;
    for (int64_t at_us = 0; at_us < top_us; at_us += 1 + at_us / 500) {
        memset(&quantiles, 0, sizeof quantiles);
        quantiles_add(&quantiles, at_us * us);
        assert_true(is_near(quantiles_quantile(&quantiles, 50), at_us * us));
        memset(&quantiles, 0, sizeof quantiles);
        quantiles_add(&quantiles, at_us * us + us - 1);
        assert_true(is_near(quantiles_quantile(&quantiles, 50), at_us * us + us - 1));
    }
}

static void test_sketch_empty_has_no_quantile(void **state)
{
    static const struct quantiles empty;
    assert_int_equal(quantiles_quantile(&empty, 50), -1);
    assert_int_equal(quantiles_quantile(&empty, 100), -1);
    assert_int_equal(quantiles_count(&empty, 0, INT64_MAX), 0);
}

/* Buckets of a microsecond tell all these apart: the rank alone decides. */
static void test_sketch_rank_is_the_nearest_one(void **state)
{
    static const struct {
        size_t count; /* durations 0, 1, 2, ... us */
        double percent;
        int64_t rank; /* from 1 */
    } ranks[] = {
        {1, 0.1, 1},   {1, 100, 1},  {2, 50, 1},     {2, 50.1, 2}, {3, 33, 1},
        {3, 34, 2},    {10, 90, 9},  {10, 90.1, 10}, {10, 95, 10}, {10, 99, 10},
        {20, 95, 19},  {20, 99, 20}, {30, 0.001, 1}, {30, 50, 15}, {30, 99.9, 30},
        {30, 100, 30}, {25, 28, 7}, /* 25 * 0.28 is a bit over 7 in binary */
    };
    for (size_t i = 0; i < ARRAY_LEN(ranks); i++) {
        struct quantiles quantiles = {0};
        for (size_t j = 0; j < ranks[i].count; j++)
            quantiles_add(&quantiles, (int64_t)j * us);
        assert_int_equal(quantiles_quantile(&quantiles, ranks[i].percent),
                         (ranks[i].rank - 1) * us + us / 2);
    }
}

static const struct {
    const char *label;
    int64_t first_us; /* of the bucket */
    int64_t last_us;
} buckets[] = {
    {"0", 0, 0},
    {"1", 1, 1},
    {"the last below an octave", 31, 31},
    {"the first of an octave", 32, 32},
    {"one a microsecond", 63, 63},
    {"the first of two", 64, 65},
    {"the last of two", 126, 127},
    {"the first of four", 128, 131},
    {"a millisecond", 992, 1007},
    {"the first of the last octave", INT64_C(1) << 26, (INT64_C(1) << 26) + (1 << 21) - 1},
    {"the last", (INT64_C(63) << 21), (INT64_C(1) << 27) - 1},
};

static void test_sketch_buckets_begin_and_end_where_they_should(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(buckets); i++) {
        const char *label = buckets[i].label;
        int64_t from_ns = buckets[i].first_us * us;
        int64_t end_ns = (buckets[i].last_us + 1) * us;
        struct quantiles quantiles = {0};
        quantiles_add(&quantiles, from_ns);
        quantiles_add(&quantiles, end_ns - 1);
        quantiles_add(&quantiles, from_ns - 1);
        uint64_t others = from_ns == 0; /* a negative one counts as 0 */
        claim_number(label, "count", quantiles_count(&quantiles, from_ns, end_ns), 2 + others);
        claim_number(label, "below", quantiles_count(&quantiles, 0, from_ns), 1 - others);
        claim_number(label, "width", (uint64_t)quantiles_width(from_ns),
                     (uint64_t)(end_ns - from_ns));
        claim_number(label, "width at its end", (uint64_t)quantiles_width(end_ns - 1),
                     (uint64_t)(end_ns - from_ns));
    }
}

static void test_sketch_what_is_above_the_top_is_in_the_last_bucket(void **state)
{
    struct quantiles quantiles = {0};
    quantiles_add(&quantiles, (top_us - 1) * us);
    quantiles_add(&quantiles, top_us * us);
    quantiles_add(&quantiles, INT64_MAX);
    assert_int_equal(quantiles.counts[QUANTILES_BUCKETS - 1], 3);
    assert_int_equal(quantiles.total, 3);
    assert_int_equal(quantiles_quantile(&quantiles, 100), 127 * us * (1 << 20));
    assert_int_equal(quantiles_count(&quantiles, 0, top_us * us), 3);
    assert_int_equal(quantiles_count(&quantiles, 0, (top_us - 1) * us), 0);
    assert_int_equal(quantiles_count(&quantiles, top_us * us, INT64_MAX), 0);
    assert_int_equal(quantiles_width(INT64_MAX), us << 21);
}

static void test_sketch_counts_of_parts_sum_to_the_total(void **state)
{
    struct quantiles quantiles = {0};
    for (size_t i = 0; i < SAMPLES; i++)
        quantiles_add(&quantiles, wide_at(i));
    for (uint64_t round = 0; round < 200; round++) {
        int64_t a = wide_at(2 * round);
        int64_t b = wide_at(2 * round + 1);
        int64_t low = a < b ? a : b;
        int64_t high = a < b ? b : a;
        assert_int_equal(quantiles_count(&quantiles, 0, low) +
                             quantiles_count(&quantiles, low, high) +
                             quantiles_count(&quantiles, high, INT64_MAX),
                         quantiles.total);
    }
}

static void test_sketch_negative_duration_counts_as_none(void **state)
{
    struct quantiles quantiles = {0};
    quantiles_add(&quantiles, -5 * NS_PER_S);
    quantiles_add(&quantiles, INT64_MIN);
    assert_int_equal(quantiles.counts[0], 2);
    assert_int_equal(quantiles_width(-5 * NS_PER_S), us);
    assert_int_equal(quantiles_count(&quantiles, -5 * NS_PER_S, us), 2);
}

static void test_sketch_bounds_are_rounded_down(void **state)
{
    struct quantiles quantiles = {0};
    quantiles_add(&quantiles, 130 * us); /* the bucket is 128 to 131 us */
    assert_int_equal(quantiles_count(&quantiles, 131 * us, 132 * us), 1);
    assert_int_equal(quantiles_count(&quantiles, 128 * us, 131 * us), 0);
}

static void test_sketch_full_bucket_stays_full(void **state)
{
    struct quantiles quantiles = {.total = UINT32_MAX - 1, .counts = {[7] = UINT32_MAX - 1}};
    quantiles_add(&quantiles, 7 * us);
    quantiles_add(&quantiles, 7 * us);
    quantiles_add(&quantiles, 7 * us);
    assert_int_equal(quantiles.counts[7], UINT32_MAX);
    assert_int_equal(quantiles.total, UINT32_MAX);
    assert_int_equal(quantiles_quantile(&quantiles, 100), 7 * us + us / 2);
    quantiles_add(&quantiles, 9 * us);
    assert_int_equal(quantiles_quantile(&quantiles, 100), 9 * us + us / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sketch_quantiles_keep_the_error_bound),
        cmocka_unit_test(test_sketch_quantile_of_every_microsecond_keeps_the_bound),
        cmocka_unit_test(test_sketch_empty_has_no_quantile),
        cmocka_unit_test(test_sketch_rank_is_the_nearest_one),
        cmocka_unit_test(test_sketch_buckets_begin_and_end_where_they_should),
        cmocka_unit_test(test_sketch_what_is_above_the_top_is_in_the_last_bucket),
        cmocka_unit_test(test_sketch_counts_of_parts_sum_to_the_total),
        cmocka_unit_test(test_sketch_negative_duration_counts_as_none),
        cmocka_unit_test(test_sketch_bounds_are_rounded_down),
        cmocka_unit_test(test_sketch_full_bucket_stays_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
