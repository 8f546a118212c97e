/*
 * On virtual time: the test says what time it is.
 */
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/outage.h"

static const int64_t start_ns = 1000 * NS_PER_S + 123456789;
static const int64_t timeout_ns = 5 * NS_PER_S;
static const int64_t pause_ns = 1 * NS_PER_S;

static struct outcome own_of(int error)
{
    struct outcome outcome = outcome_of_error(error);
    outcome.is_own = true;
    return outcome;
}

static void test_outage_of_an_outcome_is_of_its_family_or_of_names(void **state)
{
    (void)state;
    const struct {
        const char *label;
        struct outcome outcome;
        int family;
        enum outage_kind kind;
    } cases[] = {
        {"no route", own_of(ENETUNREACH), AF_INET, OUTAGE_IPV4},
        {"no route, IPv6", own_of(ENETUNREACH), AF_INET6, OUTAGE_IPV6},
        {"said by another", outcome_of_error(ENETUNREACH), AF_INET, OUTAGE_NONE},
        {"try again", outcome_of_lookup(EAI_AGAIN, 0), AF_UNSPEC, OUTAGE_NAMES},
        {"no such name", outcome_of_lookup(EAI_NONAME, 0), AF_UNSPEC, OUTAGE_NONE},
        {"silence", outcome_of(REASON_TIMEOUT), AF_INET, OUTAGE_NONE},
        {"up", outcome_of(REASON_CONNECTED), AF_INET, OUTAGE_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        claim_number(cases[i].label, "kind", outage_of(&cases[i].outcome, cases[i].family),
                     cases[i].kind);
}

static void test_outage_takes_what_was_reached_before_and_does_not_last(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum outage_kind kind;    /* of the failure */
        enum outage_kind reached; /* at start_ns */
        int64_t second_ns;  /* since then: when one that failed twice did first; 0: none */
        int64_t reached_ns; /* since then: when another one was asked and reached, after
                               that; 0: none */
        bool is_taken;
    } cases[] = {
        {"none of its kind reached", OUTAGE_IPV4, OUTAGE_IPV6, 0, 0, false},
        {"one reached", OUTAGE_IPV4, OUTAGE_IPV4, 0, 0, true},
        {"one reached, IPv6", OUTAGE_IPV6, OUTAGE_IPV6, 0, 0, true},
        {"one reached, names", OUTAGE_NAMES, OUTAGE_NAMES, 0, 0, true},
        {"no outage", OUTAGE_NONE, OUTAGE_IPV4, 0, 0, false},
        {"lasting", OUTAGE_IPV4, OUTAGE_IPV4, 1, 0, false},
        {"reached after it failed first", OUTAGE_IPV4, OUTAGE_IPV4, -1, 0, true},
        {"over", OUTAGE_IPV4, OUTAGE_IPV4, 1, 2, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct outage outage;
        outage_init(&outage);
        outage_end(&outage, cases[i].reached, start_ns);
        if (cases[i].second_ns != 0)
            claim_true(cases[i].label, "no third time",
                       !outage_takes(&outage, cases[i].kind, start_ns + cases[i].second_ns));
        if (cases[i].reached_ns != 0)
            outage_end(&outage, cases[i].reached, start_ns + cases[i].reached_ns);
        claim_true(cases[i].label, "taken",
                   outage_takes(&outage, cases[i].kind, NEVER_NS) == cases[i].is_taken);
    }
}

/* `reached` targets before the failure; one more was asked so long after it, and answered. */
static void test_outage_is_due_when_it_is_over_or_nothing_else_is_left(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        unsigned reached;
        int64_t asked_ns; /* after the failure; 0: none */
        size_t others;    /* under way, beside two that are asked once more */
        bool is_last;
        int64_t submitted_ns; /* after the failure */
        int64_t due_ns;       /* after the failure */
    } cases[] = {
        {"reached again", 1, 1, 1, false, 0, 0},
        {"an answer to what was asked before", 1, -1, 1, true, 0, NEVER_NS},
        {"others under way", 100, 0, 1, true, 0, NEVER_NS},
        {"the last ones, few reached", OUTAGE_MANY - 1, 0, 0, true, 5, 0},
        {"the last ones, many reached", OUTAGE_MANY, 0, 0, true, 5, 5 + NS_PER_S},
        {"more may come, few reached", 1, 0, 0, false, 5, 5 + NS_PER_S},
        {"nothing came since", OUTAGE_MANY, 0, 0, false, -5, NS_PER_S},
        {"many reached, and again", OUTAGE_MANY, 1, 0, false, 5, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct outage outage;
        outage_init(&outage);
        for (unsigned j = 0; j < cases[i].reached; j++)
            outage_end(&outage, OUTAGE_IPV4, start_ns - 100);
        if (cases[i].asked_ns != 0)
            outage_end(&outage, OUTAGE_IPV4, start_ns + cases[i].asked_ns);
        for (unsigned j = 0; j < 3; j++)
            outage_begin(&outage);
        outage_finish(&outage);
        struct outage_rest rest = {.under_way = 2 + cases[i].others,
                                   .has_room = true,
                                   .is_last = cases[i].is_last,
                                   .submitted_ns = start_ns + cases[i].submitted_ns,
                                   .rate_ns = INT64_MIN};
        int64_t due_ns = outage_due_ns(&outage, OUTAGE_IPV4, start_ns, &rest, timeout_ns);
        int64_t expected_ns =
            cases[i].due_ns == NEVER_NS ? NEVER_NS : start_ns + cases[i].due_ns;
        claim_number(cases[i].label, "due", (uint64_t)due_ns, (uint64_t)expected_ns);
        rest.rate_ns = start_ns + 3 * NS_PER_S;
        due_ns = outage_due_ns(&outage, OUTAGE_IPV4, start_ns, &rest, timeout_ns);
        claim_number(cases[i].label, "due by the rate", (uint64_t)due_ns,
                     (uint64_t)(expected_ns == NEVER_NS ? NEVER_NS : rest.rate_ns));
        rest.has_room = false;
        due_ns = outage_due_ns(&outage, OUTAGE_IPV4, start_ns, &rest, timeout_ns);
        claim_number(cases[i].label, "due without room", (uint64_t)due_ns, NEVER_NS);
    }
}

static void test_outage_reached_at_the_time_of_the_failure_is_not_over(void **state)
{
    (void)state;
    const struct outage_rest rest = {.under_way = 1, .has_room = true, .rate_ns = INT64_MIN};
    struct outage outage;
    outage_init(&outage);
    outage_end(&outage, OUTAGE_IPV4, start_ns);
    assert_int_equal(outage_due_ns(&outage, OUTAGE_IPV4, start_ns, &rest, timeout_ns),
                     NEVER_NS);
    assert_false(outage_takes(&outage, OUTAGE_IPV4, start_ns));
    assert_false(outage_takes(&outage, OUTAGE_IPV4, NEVER_NS)); /* it lasts */
}

static void test_outage_pause_is_a_second_or_the_timeout(void **state)
{
    (void)state;
    assert_int_equal(outage_pause_ns(pause_ns - 1), pause_ns - 1);
    assert_int_equal(outage_pause_ns(pause_ns), pause_ns);
    assert_int_equal(outage_pause_ns(pause_ns + 1), pause_ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outage_of_an_outcome_is_of_its_family_or_of_names),
        cmocka_unit_test(test_outage_takes_what_was_reached_before_and_does_not_last),
        cmocka_unit_test(test_outage_is_due_when_it_is_over_or_nothing_else_is_left),
        cmocka_unit_test(test_outage_reached_at_the_time_of_the_failure_is_not_over),
        cmocka_unit_test(test_outage_pause_is_a_second_or_the_timeout),
    };
    return cmocka_run_group_tests_name("outage", tests, NULL, NULL);
}
