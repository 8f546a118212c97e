#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/permute.h"

enum {
    SMALL_SIZES = 2000,
    SAMPLES = 100000,
    PARTS = 16, /* of places and of indexes, when looking how they spread */
    LABEL_SIZE = 64,
};

static const uint64_t seeds[] = {0, 1, UINT64_MAX};

/* Each index of `size` stands at exactly one place. */
static void claim_bijection(uint64_t size, uint64_t seed)
{
    char label[LABEL_SIZE];
    struct permute permute;
    bool *is_seen = calloc((size_t)size, sizeof *is_seen);
    assert_non_null(is_seen);
    (void)snprintf(label, sizeof label, "size %llu, seed %llu", (unsigned long long)size,
                   (unsigned long long)seed);
    permute_init(&permute, size, seed);
    for (uint64_t place = 0; place < size; place++) {
        uint64_t index = permute_at(&permute, place);
        claim_true(label, "index below the size", index < size);
        claim_true(label, "index that did not stand before", !is_seen[index]);
        is_seen[index] = true;
    }
    free(is_seen);
}

/* The walk over the next power of four is longest just above one. */
static void test_permute_sizes_have_each_index_once(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(seeds); i++) {
        for (uint64_t size = 1; size <= SMALL_SIZES; size++)
            claim_bijection(size, seeds[i]);
        for (uint64_t power = 4096; power <= UINT64_C(1) << 16; power *= 4)
            for (uint64_t size = power - 1; size <= power + 1; size++)
                claim_bijection(size, seeds[i]);
    }
}

static const struct {
    const char *label;
    uint64_t size;
} huge_sizes[] = {
    {"2^32 - 1", UINT32_MAX},
    {"2^32", UINT64_C(1) << 32},
    {"2^32 + 1", (UINT64_C(1) << 32) + 1},
    {"2^62 - 1", (UINT64_C(1) << 62) - 1},
    {"2^62", UINT64_C(1) << 62},
    {"2^62 + 1", (UINT64_C(1) << 62) + 1},
    {"2^48 addresses, all ports", (UINT64_C(1) << 48) * 65535},
    {"2^64 - 1", UINT64_MAX},
};

static int compare_numbers(const void *left, const void *right)
{
    const uint64_t *a = left;
    const uint64_t *b = right;
    return (*a > *b) - (*a < *b);
}

static void test_permute_huge_sizes_stay_inside_without_duplicates(void **state)
{
    uint64_t *indexes = calloc(SAMPLES, sizeof *indexes);
    assert_non_null(indexes);
    for (size_t i = 0; i < ARRAY_LEN(huge_sizes); i++) {
        const char *label = huge_sizes[i].label;
        uint64_t step = huge_sizes[i].size / SAMPLES;
        struct permute permute;
        permute_init(&permute, huge_sizes[i].size, 1);
        for (uint64_t j = 0; j < SAMPLES; j++) {
            /* Neighbours at the beginning, then all over to the last place. */
            uint64_t place =
                j < SAMPLES / 2 ? j : huge_sizes[i].size - 1 - (SAMPLES - j) * step;
            indexes[j] = permute_at(&permute, place);
            claim_true(label, "index below the size", indexes[j] < huge_sizes[i].size);
        }
        indexes[SAMPLES / 2] = permute_at(&permute, huge_sizes[i].size - 1);
        claim_true(label, "last inside", indexes[SAMPLES / 2] < huge_sizes[i].size);
        qsort(indexes, SAMPLES, sizeof *indexes, compare_numbers);
        for (size_t j = 1; j < SAMPLES; j++)
            claim_true(label, "no index twice", indexes[j] != indexes[j - 1]);
    }
    free(indexes);
}

/* How many of the first places hold the same index in both orders. */
static uint64_t count_equal_places(uint64_t size, uint64_t seed, uint64_t other_seed)
{
    struct permute permute;
    struct permute other;
    uint64_t count = 0;
    permute_init(&permute, size, seed);
    permute_init(&other, size, other_seed);
    for (uint64_t place = 0; place < size; place++)
        count += permute_at(&permute, place) == permute_at(&other, place);
    return count;
}

static void test_permute_same_seed_gives_the_same_order(void **state)
{
    static const uint64_t sizes[] = {1, 2, 3, 10, 1000, 4097};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        for (size_t j = 0; j < ARRAY_LEN(seeds); j++)
            claim_number("same seed", "equal places",
                         count_equal_places(sizes[i], seeds[j], seeds[j]), sizes[i]);
}

/* Two orders of chance share one place in the mean, whatever the size. */
static void test_permute_other_seed_gives_another_order(void **state)
{
    static const struct {
        const char *label;
        uint64_t seed;
        uint64_t other_seed;
    } rows[] = {
        {"0 and 1", 0, 1},
        {"1 and 2", 1, 2},
        {"highest bit", 1, (UINT64_C(1) << 63) + 1},
        {"0 and the largest", 0, UINT64_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        claim_true(rows[i].label, "orders that share next to nothing",
                   count_equal_places(4000, rows[i].seed, rows[i].other_seed) < 10);
}

/* Promised to be the same on every machine: whoever wrote a seed down wants it to stay so. */
static void test_permute_order_of_a_seed_never_changes(void **state)
{
    static const struct {
        const char *label;
        uint64_t size;
        uint64_t place;
        uint64_t index;
    } rows[] = {
        {"3, first", 3, 0, 2},
        {"3, second", 3, 1, 0},
        {"8, first", 8, 0, 3},
        {"8, second", 8, 1, 6},
        {"8, last", 8, 7, 2},
        {"2^62", UINT64_C(1) << 62, 1, UINT64_C(0x18b1b15e45b24ad7)},
        {"all ports of 2^48", (UINT64_C(1) << 48) * 65535, 1, UINT64_C(12782168727246319592)},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct permute permute;
        permute_init(&permute, rows[i].size, 1);
        claim_number(rows[i].label, "index", permute_at(&permute, rows[i].place),
                     rows[i].index);
    }
}

static void test_permute_leaves_next_to_nothing_in_place(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(seeds); i++) {
        struct permute permute;
        uint64_t fixed = 0;
        uint64_t neighbours = 0;
        uint64_t before = UINT64_MAX - 1;
        permute_init(&permute, 4000, seeds[i]);
        for (uint64_t place = 0; place < 4000; place++) {
            uint64_t index = permute_at(&permute, place);
            fixed += index == place;
            neighbours += index == before + 1;
            before = index;
        }
        claim_true("4000", "next to no index at its own place", fixed < 10);
        claim_true("4000", "next to no index behind the one before it", neighbours < 10);
    }
}

/* With so few there is no excuse: each of the six orders of three comes up. */
static void test_permute_of_three_reaches_every_order(void **state)
{
    unsigned seen = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct permute permute;
        permute_init(&permute, 3, seed);
        seen |= 1u << (permute_at(&permute, 0) * 3 + permute_at(&permute, 1));
    }
    /* First and second index of each order; the third one follows. */
    unsigned all = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 5 | 1u << 6 | 1u << 7;
    assert_int_equal(seen, all);
}

/* Each sixteenth of the indexes is met as often in each sixteenth of the places. */
static void claim_spread(const char *label, uint64_t size, uint64_t seed)
{
    uint64_t counts[PARTS][PARTS];
    struct permute permute;
    memset(counts, 0, sizeof counts);
    permute_init(&permute, size, seed);
    for (uint64_t place = 0; place < size; place++)
        counts[place * PARTS / size][permute_at(&permute, place) * PARTS / size]++;
    uint64_t mean = size / PARTS / PARTS;
    for (size_t i = 0; i < PARTS; i++)
        for (size_t j = 0; j < PARTS; j++)
            claim_true(label, "a count within a third of the mean",
                       counts[i][j] > mean - mean / 3 && counts[i][j] < mean + mean / 3);
}

static void test_permute_spreads_every_part_over_the_whole(void **state)
{
    static const struct {
        const char *label;
        uint64_t size;
    } rows[] = {
        {"65536", 65536},
        {"65537", 65537},
        {"100000", 100000},
        {"262143", 262143},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (size_t j = 0; j < ARRAY_LEN(seeds); j++)
            claim_spread(rows[i].label, rows[i].size, seeds[j]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_permute_sizes_have_each_index_once),
        cmocka_unit_test(test_permute_huge_sizes_stay_inside_without_duplicates),
        cmocka_unit_test(test_permute_same_seed_gives_the_same_order),
        cmocka_unit_test(test_permute_other_seed_gives_another_order),
        cmocka_unit_test(test_permute_order_of_a_seed_never_changes),
        cmocka_unit_test(test_permute_leaves_next_to_nothing_in_place),
        cmocka_unit_test(test_permute_of_three_reaches_every_order),
        cmocka_unit_test(test_permute_spreads_every_part_over_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
