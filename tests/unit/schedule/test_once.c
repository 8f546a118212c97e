/*
 * Each endpoint of the input once: what is asked, and when that is all.
 */
#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/schedule/once.h"

struct scene {
    struct source *source;
    struct sequence sequence;
    struct once once;
    struct schedule schedule;
};

/* Operands come to two endpoints. */
static void begin(struct scene *scene)
{
    static const char *const operands[] = {"10.0.0.1:80,81"};
    static const struct target_rules rules = {.families = FAMILY_ANY};
    struct fault fault;
    size_t bad = 0;
    assert_int_equal(source_new(&rules, &scene->source), ERROR_NONE);
    assert_int_equal(source_add_operands(scene->source, operands, 1, &fault, &bad), ERROR_NONE);
    sequence_init(&scene->sequence, scene->source, &(struct sequence_options){.shards = 1});
    scene->once = (struct once){.sequence = &scene->sequence};
    scene->schedule = once_schedule(&scene->once);
}

static void end(struct scene *scene)
{
    sequence_release(&scene->sequence);
    source_free(scene->source);
}

static bool is_over(const struct scene *scene)
{
    return scene->schedule.is_over(&scene->once, 0);
}

static void answer(struct scene *scene, unsigned row, unsigned rows, enum remark remark)
{
    struct result result = {
        .row = row, .rows = rows, .outcome = outcome_of_remark(REASON_LOCAL, remark)};
    assert_int_equal(scene->schedule.answered(&scene->once, &result, 0), ROW_USE_COUNT);
    assert_int_equal(result.round, 0);
}

static void test_once_is_over_with_the_last_row_of_the_last_answer(void **state)
{
    struct scene scene;
    struct endpoint endpoint;
    begin(&scene);
    for (uint16_t i = 0; i < 2; i++) {
        assert_int_equal(scene.schedule.next(&scene.once, 0, &endpoint), ERROR_NONE);
        assert_int_equal(endpoint.port, 80 + i);
    }
    answer(&scene, 0, 1, REMARK_NONE);
    assert_int_equal(scene.schedule.next(&scene.once, 0, &endpoint), ERROR_END);
    assert_false(is_over(&scene));
    answer(&scene, 0, 2, REMARK_NONE);
    assert_false(is_over(&scene));
    answer(&scene, 1, 2, REMARK_NONE);
    assert_true(is_over(&scene));
    assert_int_equal(scene.schedule.end(&scene.once), SCHEDULE_END_BY_ROWS);
    end(&scene);
}

static void test_once_is_not_over_before_the_end_of_the_input(void **state)
{
    struct scene scene;
    struct endpoint endpoint;
    begin(&scene);
    assert_false(is_over(&scene));
    assert_int_equal(scene.schedule.next(&scene.once, 0, &endpoint), ERROR_NONE);
    answer(&scene, 0, 1, REMARK_NONE);
    assert_false(is_over(&scene));
    end(&scene);
}

static void test_once_rest_is_what_was_not_asked(void **state)
{
    struct scene scene;
    struct endpoint endpoint;
    begin(&scene);
    assert_int_equal(scene.schedule.next(&scene.once, 0, &endpoint), ERROR_NONE);
    assert_true(scene.schedule.has_rest(&scene.once));
    assert_int_equal(scene.schedule.rest(&scene.once, &endpoint), ERROR_NONE);
    assert_int_equal(endpoint.port, 81);
    assert_false(scene.schedule.has_rest(&scene.once)); /* by its total, not by its end */
    assert_int_equal(scene.schedule.rest(&scene.once, &endpoint), ERROR_END);
    assert_false(scene.once.has_cut);
    answer(&scene, 0, 1, REMARK_OVER);
    assert_true(scene.once.has_cut);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once_is_over_with_the_last_row_of_the_last_answer),
        cmocka_unit_test(test_once_is_not_over_before_the_end_of_the_input),
        cmocka_unit_test(test_once_rest_is_what_was_not_asked),
    };
    return cmocka_run_group_tests_name("once", tests, NULL, NULL);
}
