/*
 * Who is asked next, by made-up times.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/schedule/roster.h"

static const int64_t start_ns = 123456789;

static struct target *new_target(void)
{
    struct target *target = NULL;
    struct fault fault;
    assert_int_equal(target_parse("db:80", 5, &target, &fault), ERROR_NONE);
    return target;
}

/* `count` members of one target, none of them due. */
static void fill(struct roster *roster, size_t count)
{
    struct target *target = new_target();
    struct endpoint endpoint = {.target = target, .member = 77};
    roster_init(roster);
    for (size_t i = 0; i < count; i++) {
        endpoint.port = (uint16_t)i;
        assert_int_equal(roster_add(roster, &endpoint), ERROR_NONE);
    }
    assert_int_equal(roster_close(roster), ERROR_NONE);
    target_drop(target);
}

static void test_roster_empty_has_nobody_to_ask(void **state)
{
    (void)state;
    struct roster roster;
    fill(&roster, 0);
    assert_true(roster_due_ns(&roster) == NEVER_NS);
    assert_null(roster_take(&roster, NEVER_NS));
    roster_release(&roster);
}

static void test_roster_keeps_the_order_of_the_input(void **state)
{
    (void)state;
    struct roster roster;
    fill(&roster, 1000);
    assert_int_equal(roster.count, 1000);
    for (size_t i = 0; i < roster.count; i++) {
        assert_int_equal(roster.members[i].endpoint.member, i);
        assert_int_equal(roster.members[i].endpoint.port, i);
        assert_int_equal(roster.members[i].asked, 0);
    }
    assert_true(roster_due_ns(&roster) == NEVER_NS);
    roster_release(&roster);
}

static void test_roster_holds_its_targets(void **state)
{
    (void)state;
    struct roster roster;
    struct target *target = new_target();
    struct endpoint endpoint = {.target = target};
    roster_init(&roster);
    assert_int_equal(roster_add(&roster, &endpoint), ERROR_NONE);
    assert_int_equal(roster_add(&roster, &endpoint), ERROR_NONE);
    assert_int_equal(target->references, 3);
    roster_release(&roster);
    assert_int_equal(target->references, 1);
    assert_int_equal(roster.count, 0);
    target_drop(target);
}

static void test_roster_more_than_a_million_rows_are_an_error(void **state)
{
    (void)state;
    struct roster roster;
    fill(&roster, ROSTER_MAX);
    struct endpoint endpoint = roster.members[0].endpoint;
    size_t references = endpoint.target->references;
    assert_int_equal(roster_add(&roster, &endpoint), ERROR_FULL);
    assert_int_equal(roster.count, ROSTER_MAX);
    assert_int_equal(endpoint.target->references, references);
    roster_release(&roster);
}

static void test_roster_takes_the_earliest_that_is_due(void **state)
{
    (void)state;
    static const int64_t order[] = {3, 1, 2, 0};
    struct roster roster;
    fill(&roster, ARRAY_LEN(order));
    for (size_t i = 0; i < roster.count; i++)
        roster_ask_at(&roster, &roster.members[i], start_ns + order[i]);
    assert_int_equal(roster_due_ns(&roster), start_ns);
    assert_null(roster_take(&roster, start_ns - 1));
    assert_ptr_equal(roster_take(&roster, start_ns), &roster.members[3]);
    assert_null(roster_take(&roster, start_ns));
    assert_ptr_equal(roster_take(&roster, start_ns + 9), &roster.members[1]);
    assert_ptr_equal(roster_take(&roster, start_ns + 9), &roster.members[2]);
    assert_ptr_equal(roster_take(&roster, start_ns + 9), &roster.members[0]);
    assert_null(roster_take(&roster, NEVER_NS));
    roster_release(&roster);
}

static void test_roster_a_member_is_out_until_its_answer(void **state)
{
    (void)state;
    struct roster roster;
    fill(&roster, 2);
    for (size_t i = 0; i < 2; i++)
        roster_ask_at(&roster, &roster.members[i], start_ns + (int64_t)i);
    struct member *member = roster_take(&roster, start_ns + 5);
    assert_ptr_equal(member, &roster.members[0]);
    assert_true(member->is_out);
    assert_int_equal(member->asked, 1);
    assert_int_equal(member->asked_ns, start_ns + 5);
    assert_int_equal(roster.out, 1);
    assert_int_equal(roster_due_ns(&roster), start_ns + 1);
    struct endpoint answered = member->endpoint;
    assert_ptr_equal(roster_answered(&roster, &answered), member);
    assert_false(member->is_out);
    assert_int_equal(roster.out, 0);
    roster_ask_at(&roster, member, start_ns);
    assert_ptr_equal(roster_take(&roster, start_ns + 9), member);
    assert_int_equal(member->asked, 2);
    assert_int_equal(member->asked_ns, start_ns + 9);
    roster_release(&roster);
}

static void test_roster_asking_at_another_time_moves_a_member(void **state)
{
    (void)state;
    struct roster roster;
    fill(&roster, 1);
    roster_ask_at(&roster, &roster.members[0], start_ns);
    roster_ask_at(&roster, &roster.members[0], start_ns + 7);
    assert_int_equal(roster_due_ns(&roster), start_ns + 7);
    assert_null(roster_take(&roster, start_ns + 6));
    assert_non_null(roster_take(&roster, start_ns + 7));
    assert_null(roster_take(&roster, NEVER_NS));
    roster_release(&roster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roster_empty_has_nobody_to_ask),
        cmocka_unit_test(test_roster_keeps_the_order_of_the_input),
        cmocka_unit_test(test_roster_holds_its_targets),
        cmocka_unit_test(test_roster_more_than_a_million_rows_are_an_error),
        cmocka_unit_test(test_roster_takes_the_earliest_that_is_due),
        cmocka_unit_test(test_roster_a_member_is_out_until_its_answer),
        cmocka_unit_test(test_roster_asking_at_another_time_moves_a_member),
    };
    return cmocka_run_group_tests_name("roster", tests, NULL, NULL);
}
