#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/schedule/order.h"

static struct target *new_target(void)
{
    struct target *target = NULL;
    struct fault fault;
    claim_error("db:1", target_parse("db:1", 4, &target, &fault), ERROR_NONE);
    return target;
}

static struct order *new_order(size_t capacity)
{
    struct order *order = NULL;
    claim_error("order_new", order_new(capacity, SIZE_MAX, &order), ERROR_NONE);
    assert_non_null(order);
    return order;
}

/* Put in row `row` of `rows` of a sequence; one reference of `target` moves. */
static void put(struct order *order, struct target *target, uint64_t sequence, unsigned row,
                unsigned rows)
{
    struct result result;
    memset(&result, 0, sizeof result);
    result.sequence = sequence;
    result.row = row;
    result.rows = rows;
    result.endpoint.target = target_hold(target);
    claim_error("order_put", order_put(order, &result), ERROR_NONE);
}

static void claim_taken(const char *label, struct order *order, uint64_t sequence, unsigned row)
{
    struct result result;
    claim_true(label, "a row", order_take(order, &result));
    claim_number(label, "sequence", result.sequence, sequence);
    claim_number(label, "row", result.row, row);
    result_release(&result);
}

static void claim_missing(const char *label, struct order *order)
{
    struct result result;
    claim_true(label, "no row", !order_take(order, &result));
}

static void test_order_empty_has_no_row(void **state)
{
    (void)state;
    struct order *order = new_order(3);
    claim_missing("empty", order);
    order_free(order);
}

static void test_order_row_waits_for_those_before_it(void **state)
{
    (void)state;
    struct order *order = new_order(4);
    struct target *target = new_target();
    put(order, target, 2, 0, 1);
    put(order, target, 1, 0, 1);
    claim_missing("0 is missing", order);
    put(order, target, 0, 0, 1);
    claim_taken("all there", order, 0, 0);
    claim_taken("all there", order, 1, 0);
    claim_taken("all there", order, 2, 0);
    claim_missing("all taken", order);
    order_free(order);
    target_drop(target);
}

static void test_order_window_is_capacity_wide_and_moves_with_the_first(void **state)
{
    (void)state;
    struct order *order = new_order(3);
    struct target *target = new_target();
    assert_true(order_has_room(order, 0));
    assert_true(order_has_room(order, 2));
    assert_false(order_has_room(order, 3));
    put(order, target, 0, 0, 1);
    assert_false(order_has_room(order, 3)); /* not before it is taken */
    claim_taken("first", order, 0, 0);
    assert_true(order_has_room(order, 3));
    assert_false(order_has_room(order, 4));
    order_free(order);
    target_drop(target);
}

static void test_order_sequence_that_was_taken_has_no_room(void **state)
{
    (void)state;
    struct order *order = new_order(3);
    struct target *target = new_target();
    put(order, target, 0, 0, 1);
    claim_taken("first", order, 0, 0);
    assert_false(order_has_room(order, 0));
    order_free(order);
    target_drop(target);
}

static void test_order_full_window_comes_out_in_order(void **state)
{
    (void)state;
    static const uint64_t arrivals[] = {4, 1, 3, 0, 2};
    struct order *order = new_order(ARRAY_LEN(arrivals));
    struct target *target = new_target();
    for (size_t i = 0; i < ARRAY_LEN(arrivals); i++)
        put(order, target, arrivals[i], 0, 1);
    for (uint64_t sequence = 0; sequence < ARRAY_LEN(arrivals); sequence++)
        claim_taken("full window", order, sequence, 0);
    order_free(order);
    target_drop(target);
}

static void test_order_window_of_one_passes_row_by_row(void **state)
{
    (void)state;
    struct order *order = new_order(1);
    struct target *target = new_target();
    for (uint64_t sequence = 0; sequence < 5; sequence++) {
        put(order, target, sequence, 0, 1);
        assert_false(order_has_room(order, sequence + 1));
        claim_taken("window of one", order, sequence, 0);
    }
    order_free(order);
    target_drop(target);
}

/* -A: a sequence has as many rows as its name has addresses. */
static void test_order_group_comes_out_together_in_its_own_order(void **state)
{
    (void)state;
    struct order *order = new_order(3);
    struct target *target = new_target();
    for (unsigned row = 0; row < 3; row++)
        put(order, target, 1, row, 3);
    put(order, target, 2, 0, 1);
    claim_missing("0 is missing", order);
    put(order, target, 0, 0, 2);
    put(order, target, 0, 1, 2);
    claim_taken("first group", order, 0, 0);
    claim_taken("first group", order, 0, 1);
    for (unsigned row = 0; row < 3; row++)
        claim_taken("second group", order, 1, row);
    claim_taken("single row", order, 2, 0);
    claim_missing("all taken", order);
    order_free(order);
    target_drop(target);
}

static void test_order_group_taken_in_part_waits_for_its_rest(void **state)
{
    (void)state;
    struct order *order = new_order(2);
    struct target *target = new_target();
    put(order, target, 1, 0, 1);
    put(order, target, 0, 0, 2);
    claim_taken("half a group", order, 0, 0);
    claim_missing("the other half is missing", order);
    assert_false(order_has_room(order, 2));
    put(order, target, 0, 1, 2);
    claim_taken("other half", order, 0, 1);
    claim_taken("next sequence", order, 1, 0);
    order_free(order);
    target_drop(target);
}

static void test_order_rows_move_their_reference(void **state)
{
    (void)state;
    struct order *order = new_order(2);
    struct target *target = new_target();
    put(order, target, 0, 0, 1);
    claim_number("inside", "references", target->references, 2);
    claim_taken("out", order, 0, 0);
    claim_number("taken and released", "references", target->references, 1);
    order_free(order);
    target_drop(target);
}

static void test_order_free_releases_what_is_held(void **state)
{
    (void)state;
    struct order *order = new_order(4);
    struct target *target = new_target();
    put(order, target, 0, 0, 1);
    claim_taken("first", order, 0, 0);
    put(order, target, 4, 0, 1); /* the slot of 0, used again */
    put(order, target, 1, 0, 2);
    put(order, target, 1, 1, 2);
    put(order, target, 3, 0, 1);
    claim_number("held", "references", target->references, 5);
    order_free(order);
    claim_number("freed", "references", target->references, 1);
    target_drop(target);
}

static void test_order_free_releases_the_rest_of_a_group(void **state)
{
    (void)state;
    struct order *order = new_order(4);
    struct target *target = new_target();
    for (unsigned row = 0; row < 3; row++)
        put(order, target, 0, row, 3);
    claim_taken("first of three", order, 0, 0);
    order_free(order);
    claim_number("freed", "references", target->references, 1);
    target_drop(target);
}

static void test_order_free_of_null_is_allowed(void **state)
{
    (void)state;
    order_free(NULL);
}

/* A long run with arrivals as late as the window allows. */
static void test_order_shuffled_stream_comes_out_in_order(void **state)
{
    (void)state;
    enum { CAPACITY = 16, ROWS = 4000 };
    struct order *order = new_order(CAPACITY);
    struct target *target = new_target();
    uint64_t taken = 0;
    uint32_t seed = 5;
    for (uint64_t block = 0; block < ROWS; block += CAPACITY) {
        for (uint64_t i = 0; i < CAPACITY; i++) /* 7 and 16 have no common divisor */
            put(order, target, block + (i * 7 + seed) % CAPACITY, 0, 1);
        seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
        for (uint64_t i = 0; i < CAPACITY; i++)
            claim_taken("stream", order, taken++, 0);
    }
    claim_missing("end of the stream", order);
    order_free(order);
    target_drop(target);
}

static void test_order_skip_of_an_empty_one_finds_nothing(void **state)
{
    (void)state;
    struct order *order = new_order(3);
    assert_false(order_skip(order));
    claim_missing("empty", order);
    assert_true(order_has_room(order, 0));
    order_free(order);
}

static void test_order_skip_finds_nothing_where_all_was_taken(void **state)
{
    (void)state;
    struct order *order = new_order(3);
    struct target *target = new_target();
    put(order, target, 0, 0, 1);
    claim_taken("first", order, 0, 0);
    assert_false(order_skip(order));
    assert_true(order_has_room(order, 3));
    assert_false(order_has_room(order, 4));
    order_free(order);
    target_drop(target);
}

static void test_order_skip_passes_over_nothing_that_is_held(void **state)
{
    (void)state;
    struct order *order = new_order(3);
    struct target *target = new_target();
    put(order, target, 0, 0, 1);
    put(order, target, 1, 0, 1);
    assert_true(order_skip(order));
    assert_true(order_skip(order));
    claim_taken("first", order, 0, 0);
    claim_taken("second", order, 1, 0);
    order_free(order);
    target_drop(target);
}

/* The window is full but for these; it wraps around its end. */
static void test_order_skip_passes_over_every_gap(void **state)
{
    (void)state;
    static const uint64_t held[] = {5, 6, 9, 11};
    struct order *order = new_order(8);
    struct target *target = new_target();
    for (uint64_t sequence = 0; sequence < 4; sequence++) {
        put(order, target, sequence, 0, 1);
        claim_taken("before", order, sequence, 0);
    }
    for (size_t i = ARRAY_LEN(held); i > 0; i--)
        put(order, target, held[i - 1], 0, 1);
    claim_missing("4 is missing", order);
    for (size_t i = 0; i < ARRAY_LEN(held); i++) {
        assert_true(order_skip(order));
        claim_taken("behind a gap", order, held[i], 0);
    }
    assert_false(order_skip(order));
    order_free(order);
    claim_number("all taken", "references", target->references, 1);
    target_drop(target);
}

static void test_order_skip_moves_the_window(void **state)
{
    (void)state;
    struct order *order = new_order(4);
    struct target *target = new_target();
    put(order, target, 2, 0, 1);
    assert_true(order_skip(order));
    assert_false(order_has_room(order, 1)); /* what comes nevertheless */
    assert_true(order_has_room(order, 5));
    assert_false(order_has_room(order, 6));
    put(order, target, 5, 0, 1);
    claim_taken("held", order, 2, 0);
    claim_missing("3 is missing", order);
    assert_true(order_skip(order));
    claim_taken("put in later", order, 5, 0);
    order_free(order);
    target_drop(target);
}

static void test_order_skip_keeps_groups_together(void **state)
{
    (void)state;
    struct order *order = new_order(4);
    struct target *target = new_target();
    for (unsigned row = 0; row < 3; row++)
        put(order, target, 1, row, 3);
    put(order, target, 3, 0, 1);
    assert_true(order_skip(order));
    claim_taken("group", order, 1, 0);
    assert_true(order_skip(order)); /* in the middle of it */
    claim_taken("group", order, 1, 1);
    claim_taken("group", order, 1, 2);
    claim_missing("2 is missing", order);
    assert_true(order_skip(order));
    claim_taken("single row", order, 3, 0);
    order_free(order);
    target_drop(target);
}

static void test_order_free_releases_what_is_held_behind_a_skip(void **state)
{
    (void)state;
    struct order *order = new_order(4);
    struct target *target = new_target();
    put(order, target, 1, 0, 1);
    put(order, target, 3, 0, 1);
    assert_true(order_skip(order));
    claim_number("held", "references", target->references, 3);
    order_free(order);
    claim_number("freed", "references", target->references, 1);
    target_drop(target);
}

/* A line of a file that is no target. */
static struct target *new_bad_line(size_t len)
{
    static const char line[1000];
    static const struct fault fault;
    static const struct place place = {"list", 1, 0};
    struct target *target = target_new_invalid(line, len, &fault, &place);
    assert_non_null(target);
    return target;
}

static void test_order_window_is_full_by_the_size_of_rows(void **state)
{
    (void)state;
    struct order *order = NULL;
    struct target *line = new_bad_line(1000);
    claim_error("order_new", order_new(100, 2000, &order), ERROR_NONE);
    put(order, line, 1, 0, 1);
    assert_true(order_has_room(order, 2));
    put(order, line, 2, 0, 1);
    assert_false(order_has_room(order, 3));
    assert_true(order_has_room(order, 0)); /* or nothing would ever come out */
    put(order, line, 3, 0, 1);             /* was asked for before */
    put(order, line, 0, 0, 1);
    claim_taken("first", order, 0, 0);
    claim_taken("second", order, 1, 0);
    assert_false(order_has_room(order, 4));
    claim_taken("third", order, 2, 0);
    assert_true(order_has_room(order, 4));
    order_free(order);
    target_drop(line);
}

/* Plain rows are counted by the window already, but for what has many of them. */
static void test_order_size_of_rows_is_that_beyond_a_plain_one(void **state)
{
    (void)state;
    struct order *order = NULL;
    struct target *target = new_target();
    claim_error("order_new", order_new(100, 1, &order), ERROR_NONE);
    for (uint64_t sequence = 1; sequence < 50; sequence++)
        put(order, target, sequence, 0, 1);
    assert_true(order_has_room(order, 50));
    put(order, target, 50, 0, 2);
    assert_true(order_has_room(order, 51));
    put(order, target, 50, 1, 2);
    assert_false(order_has_room(order, 51));
    assert_false(order_has_next(order));
    put(order, target, 0, 0, 1);
    assert_true(order_has_next(order));
    for (uint64_t sequence = 0; sequence < 50; sequence++)
        claim_taken("plain", order, sequence, 0);
    claim_taken("of two", order, 50, 0);
    assert_false(order_has_room(order, 51));
    claim_taken("of two", order, 50, 1);
    assert_true(order_has_room(order, 52));
    order_free(order);
    target_drop(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_empty_has_no_row),
        cmocka_unit_test(test_order_row_waits_for_those_before_it),
        cmocka_unit_test(test_order_window_is_capacity_wide_and_moves_with_the_first),
        cmocka_unit_test(test_order_sequence_that_was_taken_has_no_room),
        cmocka_unit_test(test_order_full_window_comes_out_in_order),
        cmocka_unit_test(test_order_window_of_one_passes_row_by_row),
        cmocka_unit_test(test_order_group_comes_out_together_in_its_own_order),
        cmocka_unit_test(test_order_group_taken_in_part_waits_for_its_rest),
        cmocka_unit_test(test_order_rows_move_their_reference),
        cmocka_unit_test(test_order_free_releases_what_is_held),
        cmocka_unit_test(test_order_free_releases_the_rest_of_a_group),
        cmocka_unit_test(test_order_free_of_null_is_allowed),
        cmocka_unit_test(test_order_shuffled_stream_comes_out_in_order),
        cmocka_unit_test(test_order_skip_of_an_empty_one_finds_nothing),
        cmocka_unit_test(test_order_skip_finds_nothing_where_all_was_taken),
        cmocka_unit_test(test_order_skip_passes_over_nothing_that_is_held),
        cmocka_unit_test(test_order_skip_passes_over_every_gap),
        cmocka_unit_test(test_order_skip_moves_the_window),
        cmocka_unit_test(test_order_skip_keeps_groups_together),
        cmocka_unit_test(test_order_free_releases_what_is_held_behind_a_skip),
        cmocka_unit_test(test_order_window_is_full_by_the_size_of_rows),
        cmocka_unit_test(test_order_size_of_rows_is_that_beyond_a_plain_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
