#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/result.h"

static struct result result_of(const char *text, enum reason reason)
{
    struct result result;
    struct fault fault;
    memset(&result, 0, sizeof result);
    claim_error(text, target_parse(text, strlen(text), &result.endpoint.target, &fault),
                ERROR_NONE);
    result.endpoint.target->is_gate = strstr(text, "gate") != NULL;
    result.outcome = outcome_of(reason);
    return result;
}

static const struct {
    const char *label;
    const char *text;
    bool expects_down; /* --expect down */
    enum reason reason;
    bool wants_down;
    bool is_expected;
} rows[] = {
    {"up", "db:1", false, REASON_CONNECTED, false, true},
    {"refused", "db:1", false, REASON_REFUSED, false, false},
    {"timeout", "db:1", false, REASON_TIMEOUT, false, false},
    {"unreachable", "db:1", false, REASON_UNREACHABLE, false, false},
    {"prohibited", "db:1", false, REASON_PROHIBITED, false, false},
    {"unresolved", "db:1", false, REASON_UNRESOLVED, false, false},
    {"! and up", "!db:1", false, REASON_CONNECTED, true, false},
    {"! and refused", "!db:1", false, REASON_REFUSED, true, true},
    {"! and timeout", "!db:1", false, REASON_TIMEOUT, true, true},
    {"! and unreachable", "!db:1", false, REASON_UNREACHABLE, true, true},
    {"! and prohibited", "!db:1", false, REASON_PROHIBITED, true, true},
    {"! and unresolved", "!db:1", false, REASON_UNRESOLVED, true, false},
    {"! and resolve-timeout", "!db:1", false, REASON_RESOLVE_TIMEOUT, true, false},
    {"! and invalid", "!db:1", false, REASON_INVALID, true, false},
    {"! and local", "!db:1", false, REASON_LOCAL, true, false},
    {"--expect down and up", "db:1", true, REASON_CONNECTED, true, false},
    {"--expect down and refused", "db:1", true, REASON_REFUSED, true, true},
    {"--expect down and local", "db:1", true, REASON_LOCAL, true, false},
    {"both, and up", "!db:1", true, REASON_CONNECTED, true, false},
    {"both, and timeout", "!db:1", true, REASON_TIMEOUT, true, true},
    {"--expect down and a gate", "gate:1", true, REASON_CONNECTED, false, true},
    {"--expect down and a gate that is down", "gate:1", true, REASON_REFUSED, false, false},
    {"--expect down and a gate with !", "!gate:1", true, REASON_REFUSED, true, true},
};

static void test_result_expectation_comes_from_target_or_option(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct result result = result_of(rows[i].text, rows[i].reason);
        claim_true(rows[i].label, "what is expected",
                   result_expects_down(&result, rows[i].expects_down) == rows[i].wants_down);
        result_release(&result);
    }
}

static void test_result_is_expected_if_its_state_is_and_never_with_an_error(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct result result = result_of(rows[i].text, rows[i].reason);
        claim_true(rows[i].label, "whether it is expected",
                   result_is_expected(&result, rows[i].expects_down) == rows[i].is_expected);
        result_release(&result);
    }
}

static void test_result_release_drops_one_reference(void **state)
{
    struct result result = result_of("db:1", REASON_CONNECTED);
    struct target *target = target_hold(result.endpoint.target);
    result_release(&result);
    claim_number("released", "references", target->references, 1);
    target_drop(target);
}

static void test_result_released_twice_drops_once(void **state)
{
    struct result result = result_of("db:1", REASON_CONNECTED);
    struct target *target = target_hold(result.endpoint.target);
    result_release(&result);
    result_release(&result);
    claim_number("released twice", "references", target->references, 1);
    target_drop(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_result_expectation_comes_from_target_or_option),
        cmocka_unit_test(test_result_is_expected_if_its_state_is_and_never_with_an_error),
        cmocka_unit_test(test_result_release_drops_one_reference),
        cmocka_unit_test(test_result_released_twice_drops_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
