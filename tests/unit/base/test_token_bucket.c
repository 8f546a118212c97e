/*
 * On virtual time: the test says what time it is.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../claim.h"
#include "netcheck/base/token_bucket.h"

enum { LABEL_SIZE = 64 };

static const int64_t start_ns = 123456789; /* anything but a round number */

static const int64_t day_ns = 86400 * NS_PER_S;

/* What the bucket holds. */
static uint64_t bucket_of(uint64_t per_second)
{
    return per_second / 50 > 1 ? per_second / 50 : 1;
}

static void write_label(char label[static LABEL_SIZE], uint64_t per_second)
{
    (void)snprintf(label, LABEL_SIZE, "%llu a second", (unsigned long long)per_second);
}

/* Take every token that is due at `now_ns`. Returns how many there were. */
static uint64_t take_due(struct token_bucket *rate, int64_t now_ns)
{
    uint64_t count = 0;
    for (; token_bucket_due_ns(rate) <= now_ns; count++)
        token_bucket_take(rate, now_ns);
    return count;
}

static void test_rate_without_limit_is_always_due(void **state)
{
    struct token_bucket rate;
    token_bucket_init(&rate, 0, start_ns);
    assert_true(token_bucket_due_ns(&rate) == INT64_MIN);
    for (int i = 0; i < 1000; i++)
        token_bucket_take(&rate, start_ns);
    assert_true(token_bucket_due_ns(&rate) == INT64_MIN);
}

static const uint64_t rates[] = {1, 3, 7, 49, 50, 51, 99, 100, 1000, 3000000, RATE_MAX};

static void test_rate_first_token_is_there_at_once(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        char label[LABEL_SIZE];
        struct token_bucket rate;
        write_label(label, rates[i]);
        token_bucket_init(&rate, rates[i], start_ns);
        claim_number(label, "due", (uint64_t)token_bucket_due_ns(&rate), (uint64_t)start_ns);
        token_bucket_take(&rate, start_ns);
        claim_number(label, "due of the second", (uint64_t)token_bucket_due_ns(&rate),
                     (uint64_t)start_ns + (uint64_t)NS_PER_S / rates[i]);
    }
}

/*
 * Whoever takes each token when it is due gets exactly N in any second: the one N tokens later
 * comes a second later.
 */
static void test_rate_token_comes_again_after_exactly_a_second(void **state)
{
    static const uint64_t few[] = {1, 3, 7, 50, 51, 1000, 3000000};
    for (size_t i = 0; i < ARRAY_LEN(few); i++) {
        char label[LABEL_SIZE];
        struct token_bucket rate;
        int64_t *taken_ns = calloc((size_t)few[i], sizeof *taken_ns);
        assert_non_null(taken_ns);
        write_label(label, few[i]);
        token_bucket_init(&rate, few[i], start_ns);
        for (uint64_t j = 0; j < 3 * few[i]; j++) {
            int64_t now_ns = token_bucket_due_ns(&rate);
            if (j >= few[i])
                claim_number(label, "ns since the token N before",
                             (uint64_t)(now_ns - taken_ns[j % few[i]]), (uint64_t)NS_PER_S);
            taken_ns[j % few[i]] = now_ns;
            token_bucket_take(&rate, now_ns);
        }
        free(taken_ns);
    }
}

/* A second of it is too long for a test: the first and the last of its microseconds. */
static void test_rate_largest_gives_a_token_each_nanosecond(void **state)
{
    struct token_bucket rate;
    token_bucket_init(&rate, RATE_MAX, start_ns);
    for (int64_t i = 0; i < 1000; i++) {
        claim_number("first", "due", (uint64_t)token_bucket_due_ns(&rate),
                     (uint64_t)(start_ns + i));
        token_bucket_take(&rate, start_ns + i);
    }
    rate.taken = RATE_MAX - 1000;
    for (int64_t i = RATE_MAX - 1000; i < RATE_MAX + 1000; i++) {
        claim_number("last", "due", (uint64_t)token_bucket_due_ns(&rate),
                     (uint64_t)(start_ns + i));
        token_bucket_take(&rate, start_ns + i);
        claim_true("last", "tokens of less than a second", rate.taken < RATE_MAX);
    }
}

static void test_rate_does_not_drift_over_1000_seconds(void **state)
{
    static const uint64_t few[] = {1, 3, 7, 50, 51, 1000, 2999};
    for (size_t i = 0; i < ARRAY_LEN(few); i++) {
        char label[LABEL_SIZE];
        struct token_bucket rate;
        write_label(label, few[i]);
        token_bucket_init(&rate, few[i], start_ns);
        for (uint64_t j = 0; j < 1000 * few[i]; j++)
            token_bucket_take(&rate, token_bucket_due_ns(&rate));
        claim_number(label, "due", (uint64_t)token_bucket_due_ns(&rate),
                     (uint64_t)(start_ns + 1000 * NS_PER_S));
    }
}

/* Somebody who looks only now and then: what piled up since is taken at once. */
static void claim_steps(uint64_t per_second, int64_t step_ns)
{
    enum { SECONDS = 10 };
    char label[LABEL_SIZE];
    struct token_bucket rate;
    size_t steps = (size_t)(NS_PER_S / step_ns);
    uint64_t *counts = calloc(steps, sizeof *counts);
    uint64_t in_second = 0; /* tokens of the last `steps` looks */
    uint64_t margin = bucket_of(per_second);
    assert_non_null(counts);
    (void)snprintf(label, sizeof label, "%llu a second, looked at each %lld us",
                   (unsigned long long)per_second, (long long)(step_ns / NS_PER_US));
    token_bucket_init(&rate, per_second, start_ns);
    for (size_t i = 0; i < SECONDS * steps; i++) {
        uint64_t count = take_due(&rate, start_ns + (int64_t)i * step_ns);
        in_second = in_second + count - counts[i % steps];
        counts[i % steps] = count;
        if (i + 1 >= steps)
            claim_true(label, "N in any second, give or take a bucket",
                       in_second + margin >= per_second && in_second <= per_second + margin);
    }
    free(counts);
}

static void test_rate_is_kept_by_whoever_looks_every_20_ms(void **state)
{
    static const uint64_t few[] = {1, 3, 7, 50, 51, 1000, 100000};
    static const int64_t steps_ns[] = {100 * NS_PER_US, NS_PER_MS, 5 * NS_PER_MS,
                                       10 * NS_PER_MS};
    for (size_t i = 0; i < ARRAY_LEN(few); i++)
        for (size_t j = 0; j < ARRAY_LEN(steps_ns); j++)
            claim_steps(few[i], steps_ns[j]);
}

static void test_rate_burst_after_a_pause_is_a_bucket(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rates) && rates[i] < RATE_MAX; i++) {
        char label[LABEL_SIZE];
        struct token_bucket rate;
        int64_t now_ns = start_ns + day_ns;
        uint64_t bucket = bucket_of(rates[i]);
        write_label(label, rates[i]);
        token_bucket_init(&rate, rates[i], start_ns);
        uint64_t burst = take_due(&rate, now_ns);
        /* A fraction of a nanosecond may keep the last one back. */
        claim_true(label, "burst of a bucket", burst == bucket || burst + 1 == bucket);
        claim_number(label, "tokens behind it", take_due(&rate, now_ns), 0);
    }
}

/* Up to 20 ms are made up for: nothing is lost by a short sleep. */
static void test_rate_longer_pause_than_20_ms_is_lost(void **state)
{
    static const int64_t pauses_ms[][2] = {{20, 20}, {21, 40}};
    for (size_t i = 0; i < ARRAY_LEN(pauses_ms); i++) {
        struct token_bucket rate;
        int64_t now_ns = start_ns + pauses_ms[i][0] * NS_PER_MS;
        token_bucket_init(&rate, 1000, start_ns);
        assert_int_equal(take_due(&rate, start_ns), 1);
        assert_int_equal(take_due(&rate, now_ns), 20);
        now_ns += pauses_ms[i][1] * NS_PER_MS;
        assert_int_equal(take_due(&rate, now_ns), 20);
        assert_int_equal(token_bucket_due_ns(&rate), now_ns + NS_PER_MS);
    }
}

/* Those who cannot wait: the ones behind them do, to the nanosecond. */
static void test_rate_token_taken_early_delays_the_later_ones(void **state)
{
    static const struct {
        const char *label;
        uint64_t per_second;
        uint64_t taken; /* at once */
        int64_t due_ns; /* after that, from the start */
    } rows[] = {
        {"1 of 1", 1, 1, NS_PER_S},
        {"5 of 1", 1, 5, 5 * NS_PER_S},
        {"2 of 3", 3, 2, 666666666},
        {"20 of 7", 7, 20, 2857142857},
        {"21 of 7", 7, 21, 3 * NS_PER_S},
        {"1500 of 1000", 1000, 1500, 1500 * NS_PER_MS},
        {"10 seconds of 3000000", 3000000, 30000001, 10 * NS_PER_S + 333},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct token_bucket rate;
        token_bucket_init(&rate, rows[i].per_second, start_ns);
        for (uint64_t j = 0; j < rows[i].taken; j++)
            token_bucket_take(&rate, start_ns);
        claim_number(rows[i].label, "due", (uint64_t)token_bucket_due_ns(&rate),
                     (uint64_t)(start_ns + rows[i].due_ns));
        claim_number(rows[i].label, "tokens before it is due",
                     take_due(&rate, start_ns + rows[i].due_ns - 1), 0);
        claim_number(rows[i].label, "tokens when it is due",
                     take_due(&rate, start_ns + rows[i].due_ns), 1);
    }
}

/* Each time a year of pause: nothing overflows (the sanitizer sees it), nothing piles up. */
static void test_rate_does_not_overflow_over_years(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        char label[LABEL_SIZE];
        struct token_bucket rate;
        write_label(label, rates[i]);
        token_bucket_init(&rate, rates[i], start_ns);
        for (int64_t year = 1; year <= 290; year++) {
            int64_t now_ns = year * 365 * day_ns;
            token_bucket_take(&rate, now_ns);
            int64_t late_ns = now_ns - token_bucket_due_ns(&rate);
            claim_true(label, "less than a bucket before now", late_ns < 20 * NS_PER_MS);
            claim_true(label, "at most a token behind now",
                       late_ns >= -NS_PER_S / (int64_t)rates[i] - 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate_without_limit_is_always_due),
        cmocka_unit_test(test_rate_first_token_is_there_at_once),
        cmocka_unit_test(test_rate_token_comes_again_after_exactly_a_second),
        cmocka_unit_test(test_rate_largest_gives_a_token_each_nanosecond),
        cmocka_unit_test(test_rate_does_not_drift_over_1000_seconds),
        cmocka_unit_test(test_rate_is_kept_by_whoever_looks_every_20_ms),
        cmocka_unit_test(test_rate_burst_after_a_pause_is_a_bucket),
        cmocka_unit_test(test_rate_longer_pause_than_20_ms_is_lost),
        cmocka_unit_test(test_rate_token_taken_early_delays_the_later_ones),
        cmocka_unit_test(test_rate_does_not_overflow_over_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
