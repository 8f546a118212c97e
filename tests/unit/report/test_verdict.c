#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/report/verdict.h"

/*
 * Count one row a letter: 'u' up, 'd' down, 'e' error; capitals for targets written with '!'.
 * 'g' and 'h' are gates, up and down.
 */
static void add_row(struct verdict *verdict, char letter)
{
    bool is_marked = strchr("UDE", letter) != NULL;
    struct result result;
    struct fault fault;
    memset(&result, 0, sizeof result);
    const char *text = is_marked ? "!db:1" : "db:1";
    claim_error(text, target_parse(text, strlen(text), &result.endpoint.target, &fault),
                ERROR_NONE);
    result.endpoint.target->is_gate = strchr("gh", letter) != NULL;
    result.outcome = outcome_of(strchr("uUg", letter) != NULL   ? REASON_CONNECTED
                                : strchr("dDh", letter) != NULL ? REASON_REFUSED
                                                                : REASON_UNRESOLVED);
    verdict_add(verdict, &result);
    result_release(&result);
}

static const struct {
    const char *label;
    const char *rows;
    bool expects_down;
    bool is_any;
    int status;
} cases[] = {
    {"nothing counted", "", false, false, STATUS_EXPECTED},
    {"one up", "u", false, false, STATUS_EXPECTED},
    {"all up", "uuu", false, false, STATUS_EXPECTED},
    {"one down", "d", false, false, STATUS_UNEXPECTED},
    {"one of many down", "uudu", false, false, STATUS_UNEXPECTED},
    {"one error", "e", false, false, STATUS_ERROR},
    {"an error among up", "ueu", false, false, STATUS_ERROR},
    {"an error before down", "ed", false, false, STATUS_ERROR},
    {"an error after down", "de", false, false, STATUS_ERROR},
    {"! down", "D", false, false, STATUS_EXPECTED},
    {"! up", "U", false, false, STATUS_UNEXPECTED},
    {"! error", "E", false, false, STATUS_ERROR},
    {"up and ! down", "uD", false, false, STATUS_EXPECTED},
    {"up and ! up", "uU", false, false, STATUS_UNEXPECTED},
    {"--expect down: down", "dd", true, false, STATUS_EXPECTED},
    {"--expect down: up", "du", true, false, STATUS_UNEXPECTED},
    {"--expect down: error", "de", true, false, STATUS_ERROR},
    {"--expect down: ! down", "D", true, false, STATUS_EXPECTED},
    {"--any: one up", "u", false, true, STATUS_EXPECTED},
    {"--any: the last one up", "dddu", false, true, STATUS_EXPECTED},
    {"--any: none up", "dd", false, true, STATUS_UNEXPECTED},
    {"--any: up and an error", "eu", false, true, STATUS_EXPECTED},
    {"--any: up, down and an error", "ude", false, true, STATUS_EXPECTED},
    {"--any: down and an error", "de", false, true, STATUS_ERROR},
    {"--any: only errors", "ee", false, true, STATUS_ERROR},
    {"--any: ! down and down", "Dd", false, true, STATUS_EXPECTED},
    {"--any --expect down: one down", "ud", true, true, STATUS_EXPECTED},
    {"a gate and down", "gd", false, false, STATUS_UNEXPECTED},
    {"--any: a gate and down", "gd", false, true, STATUS_UNEXPECTED},
    {"--any: a gate and an error", "ge", false, true, STATUS_ERROR},
    {"--any: a gate and up", "gu", false, true, STATUS_EXPECTED},
    {"--any: a gate that is down", "h", false, true, STATUS_UNEXPECTED},
    {"--any --expect down: a gate and up", "gu", true, true, STATUS_UNEXPECTED},
    {"--any --expect down: none down", "uu", true, true, STATUS_UNEXPECTED},
};

static void test_verdict_status_follows_the_contract(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct verdict verdict;
        verdict_init(&verdict, cases[i].expects_down, cases[i].is_any);
        for (const char *p = cases[i].rows; *p != '\0'; p++)
            add_row(&verdict, *p);
        claim_number(cases[i].label, "status", (uint64_t)verdict_status(&verdict),
                     (uint64_t)cases[i].status);
    }
}

static void test_verdict_statuses_are_the_numbers_of_the_contract(void **state)
{
    assert_int_equal(STATUS_EXPECTED, 0);
    assert_int_equal(STATUS_UNEXPECTED, 1);
    assert_int_equal(STATUS_ERROR, 2);
}

static void test_verdict_counts_each_row_once(void **state)
{
    struct verdict verdict;
    verdict_init(&verdict, false, false);
    for (const char *p = "uudDUeEe"; *p != '\0'; p++)
        add_row(&verdict, *p);
    claim_number("uudDUeEe", "expected", verdict.expected, 3);
    claim_number("uudDUeEe", "unexpected", verdict.unexpected, 2);
    claim_number("uudDUeEe", "errors", verdict.errors, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdict_status_follows_the_contract),
        cmocka_unit_test(test_verdict_statuses_are_the_numbers_of_the_contract),
        cmocka_unit_test(test_verdict_counts_each_row_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
