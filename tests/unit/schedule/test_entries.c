/*
 * Which entry is due next, by made-up times.
 */
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/schedule/entries.h"

static const int64_t start_ns = 123456789;

static struct target *new_target(void)
{
    struct target *target = NULL;
    struct fault fault;
    assert_int_equal(target_parse("db:80", 5, &target, &fault), ERROR_NONE);
    return target;
}

/* `count` entries of one target, none of them due. */
static void fill(struct entries *entries, size_t count)
{
    struct target *target = new_target();
    struct endpoint endpoint = {.target = target, .member = 77};
    entries_init(entries, NULL);
    for (size_t i = 0; i < count; i++) {
        endpoint.port = (uint16_t)i;
        assert_int_equal(entries_add(entries, &endpoint), ERROR_NONE);
    }
    assert_int_equal(entries_close(entries), ERROR_NONE);
    target_drop(target);
}

static void test_entries_without_one_have_none_to_ask(void **state)
{
    struct entries entries;
    fill(&entries, 0);
    assert_true(entries_due_ns(&entries) == NEVER_NS);
    assert_null(entries_take(&entries, NEVER_NS));
    entries_release(&entries);
}

static void test_entries_keeps_the_order_of_the_input(void **state)
{
    struct entries entries;
    fill(&entries, 1000);
    assert_int_equal(entries_gather(&entries), ERROR_NONE); /* there is no input to read */
    assert_int_equal(entries.count, 1000);
    for (size_t i = 0; i < entries.count; i++) {
        assert_int_equal(entries.items[i].endpoint.member, i);
        assert_int_equal(entries.items[i].endpoint.port, i);
        assert_int_equal(entries.items[i].asked, 0);
    }
    assert_true(entries_due_ns(&entries) == NEVER_NS);
    entries_release(&entries);
}

static void test_entries_holds_its_targets(void **state)
{
    struct entries entries;
    struct target *target = new_target();
    struct endpoint endpoint = {.target = target};
    entries_init(&entries, NULL);
    assert_int_equal(entries_add(&entries, &endpoint), ERROR_NONE);
    assert_int_equal(entries_add(&entries, &endpoint), ERROR_NONE);
    assert_int_equal(target->references, 3);
    entries_release(&entries);
    assert_int_equal(target->references, 1);
    assert_int_equal(entries.count, 0);
    target_drop(target);
}

static void test_entries_more_than_a_million_rows_are_an_error(void **state)
{
    struct entries entries;
    fill(&entries, ENTRIES_MAX);
    struct endpoint endpoint = entries.items[0].endpoint;
    size_t references = endpoint.target->references;
    assert_int_equal(entries_add(&entries, &endpoint), ERROR_FULL);
    assert_int_equal(entries.count, ENTRIES_MAX);
    assert_int_equal(endpoint.target->references, references);
    entries_release(&entries);
}

static void test_entries_takes_the_earliest_that_is_due(void **state)
{
    static const int64_t order[] = {3, 1, 2, 0};
    struct entries entries;
    fill(&entries, ARRAY_LEN(order));
    for (size_t i = 0; i < entries.count; i++)
        entries_ask_at(&entries, &entries.items[i], start_ns + order[i]);
    assert_int_equal(entries_due_ns(&entries), start_ns);
    assert_null(entries_take(&entries, start_ns - 1));
    assert_ptr_equal(entries_take(&entries, start_ns), &entries.items[3]);
    assert_null(entries_take(&entries, start_ns));
    assert_ptr_equal(entries_take(&entries, start_ns + 9), &entries.items[1]);
    assert_ptr_equal(entries_take(&entries, start_ns + 9), &entries.items[2]);
    assert_ptr_equal(entries_take(&entries, start_ns + 9), &entries.items[0]);
    assert_null(entries_take(&entries, NEVER_NS));
    entries_release(&entries);
}

static void test_entries_one_is_out_until_its_answer(void **state)
{
    struct entries entries;
    fill(&entries, 2);
    for (size_t i = 0; i < 2; i++)
        entries_ask_at(&entries, &entries.items[i], start_ns + (int64_t)i);
    struct entry *entry = entries_take(&entries, start_ns + 5);
    assert_ptr_equal(entry, &entries.items[0]);
    assert_true(entry->is_out);
    assert_int_equal(entry->asked, 1);
    assert_int_equal(entry->asked_ns, start_ns + 5);
    assert_int_equal(entries.out, 1);
    assert_int_equal(entries_due_ns(&entries), start_ns + 1);
    struct endpoint answered = entry->endpoint;
    assert_ptr_equal(entries_answered(&entries, &answered), entry);
    assert_false(entry->is_out);
    assert_int_equal(entries.out, 0);
    entries_ask_at(&entries, entry, start_ns);
    assert_ptr_equal(entries_take(&entries, start_ns + 9), entry);
    assert_int_equal(entry->asked, 2);
    assert_int_equal(entry->asked_ns, start_ns + 9);
    entries_release(&entries);
}

static void test_entries_asking_at_another_time_moves_one(void **state)
{
    struct entries entries;
    fill(&entries, 1);
    entries_ask_at(&entries, &entries.items[0], start_ns);
    entries_ask_at(&entries, &entries.items[0], start_ns + 7);
    assert_int_equal(entries_due_ns(&entries), start_ns + 7);
    assert_null(entries_take(&entries, start_ns + 6));
    assert_non_null(entries_take(&entries, start_ns + 7));
    assert_null(entries_take(&entries, NEVER_NS));
    entries_release(&entries);
}

/* The rows of `count` operands "db:80,81". */
static void open_feed(struct source **source, struct sequence *sequence, size_t count)
{
    static const char *const operands[] = {"db:80,81", "db:80,81", "db:80,81"};
    static const struct target_rules rules = {.families = FAMILY_ANY};
    struct fault fault;
    size_t bad = 0;
    assert_int_equal(source_new(&rules, source), ERROR_NONE);
    assert_int_equal(source_add_operands(*source, operands, count, &fault, &bad), ERROR_NONE);
    sequence_init(sequence, *source, &(struct sequence_options){.shards = 1});
}

static void test_entries_gather_the_whole_input_once(void **state)
{
    struct source *source = NULL;
    struct sequence sequence;
    struct entries entries;
    open_feed(&source, &sequence, 3);
    entries_init(&entries, &sequence);
    assert_false(entries.is_complete);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(entries_gather(&entries), ERROR_NONE);
        assert_true(entries.is_complete);
        assert_int_equal(entries.count, 6);
    }
    assert_int_equal(entries.items[5].endpoint.port, 81);
    entries_release(&entries);
    sequence_release(&sequence);
    source_free(source);
}

static void test_entries_gather_in_bursts_up_to_the_limit(void **state)
{
    static const struct {
        const char *label;
        const char *operand;
        enum error first;
        size_t count; /* after the first burst */
    } cases[] = {
        {"a port short of a burst", "10.0.0.1:1-1023", ERROR_NONE, 1023},
        {"a burst", "10.0.0.1:1-1024", ERROR_PAUSE, 1024},
        {"more", "10.0.0.1:1-9999", ERROR_PAUSE, 1024},
        {"too many", "10.0.0.0/12:80", ERROR_FULL, 0},
    };
    static const struct target_rules rules = {.families = FAMILY_ANY};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct source *source = NULL;
        struct sequence sequence;
        struct fault fault;
        size_t bad = 0;
        struct entries entries;
        assert_int_equal(source_new(&rules, &source), ERROR_NONE);
        claim_error(cases[i].label,
                    source_add_operands(source, &cases[i].operand, 1, &fault, &bad),
                    ERROR_NONE);
        sequence_init(&sequence, source, &(struct sequence_options){.shards = 1});
        entries_init(&entries, &sequence);
        claim_error(cases[i].label, entries_gather(&entries), cases[i].first);
        claim_number(cases[i].label, "entries", entries.count, cases[i].count);
        claim_true(cases[i].label, "complete",
                   entries.is_complete == (cases[i].first == ERROR_NONE));
        entries_release(&entries);
        sequence_release(&sequence);
        source_free(source);
    }
}

/* More than the limit may be written, if what is left is not. */
static void test_entries_gather_what_is_not_excluded(void **state)
{
    static const struct target_rules rules = {.families = FAMILY_ANY};
    static const struct os no_os;
    static const char list[] = "10.0.0.0-10.15.255.249";
    const char *operand = "10.0.0.0/12:80";
    struct exclusion *exclusion = NULL;
    struct source *source = NULL;
    struct sequence sequence;
    struct entries entries;
    struct fault fault;
    size_t bad = 0;
    assert_int_equal(exclusion_new(&no_os, &exclusion), ERROR_NONE);
    assert_int_equal(exclusion_add_list(exclusion, list, strlen(list), &fault), ERROR_NONE);
    assert_int_equal(exclusion_close(exclusion), ERROR_NONE);
    assert_int_equal(source_new(&rules, &source), ERROR_NONE);
    assert_int_equal(source_add_operands(source, &operand, 1, &fault, &bad), ERROR_NONE);
    sequence_init(&sequence, source,
                  &(struct sequence_options){.shards = 1, .exclusion = exclusion});
    entries_init(&entries, &sequence);
    assert_int_equal(entries_gather(&entries), ERROR_NONE);
    assert_int_equal(entries.count, 6);
    entries_release(&entries);
    sequence_release(&sequence);
    source_free(source);
    exclusion_free(exclusion);
}

/* The rest are those without a row, in their order, each once. */
static void test_entries_rest_is_what_has_no_row(void **state)
{
    struct entries entries;
    struct endpoint endpoint;
    fill(&entries, 5);
    entries.items[0].has_row = entries.items[3].has_row = true;
    static const size_t rest[] = {1, 2, 4};
    for (size_t i = 0; i < ARRAY_LEN(rest); i++) {
        assert_true(entries_have_rest(&entries));
        assert_int_equal(entries_rest(&entries, &endpoint), ERROR_NONE);
        assert_int_equal(endpoint.member, rest[i]);
    }
    assert_false(entries_have_rest(&entries));
    assert_int_equal(entries_rest(&entries, &endpoint), ERROR_END);
    entries_release(&entries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries_without_one_have_none_to_ask),
        cmocka_unit_test(test_entries_keeps_the_order_of_the_input),
        cmocka_unit_test(test_entries_holds_its_targets),
        cmocka_unit_test(test_entries_more_than_a_million_rows_are_an_error),
        cmocka_unit_test(test_entries_takes_the_earliest_that_is_due),
        cmocka_unit_test(test_entries_one_is_out_until_its_answer),
        cmocka_unit_test(test_entries_asking_at_another_time_moves_one),
        cmocka_unit_test(test_entries_gather_the_whole_input_once),
        cmocka_unit_test(test_entries_gather_in_bursts_up_to_the_limit),
        cmocka_unit_test(test_entries_gather_what_is_not_excluded),
        cmocka_unit_test(test_entries_rest_is_what_has_no_row),
    };
    return cmocka_run_group_tests_name("entries", tests, NULL, NULL);
}
