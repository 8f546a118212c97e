/*
 * On virtual time: the test says what time it is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/canary.h"

static const int64_t start_ns = 1000 * NS_PER_S + 123456789; /* anything but a round number */
static const int64_t ms = NS_PER_MS;
static const int64_t timeout_ns = 2500 * NS_PER_MS; /* the last SYN goes 500 ms before it */

static struct endpoint numbered(struct target *target, uint64_t number)
{
    struct endpoint endpoint = {.target = target, .protocol = PROTOCOL_TCP, .port = 80};
    if (!address_parse("10.0.0.0", strlen("10.0.0.0"), &endpoint.address))
        fail();
    address_advance(&endpoint.address, number);
    return endpoint;
}

/* Let `count` endpoints answer well. */
static void add(struct canary *canary, struct target *target, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct endpoint endpoint = numbered(target, i);
        canary_add(canary, &endpoint, 20 * ms, 0);
    }
}

/* Begin a round; returns how many are asked, of which none stays held. */
static size_t begin(struct canary *canary, int64_t now_ns, int64_t neighbours_lost)
{
    struct endpoint asked[CANARY_QUESTIONS];
    size_t count = canary_begin(canary, now_ns, neighbours_lost, CANARY_QUESTIONS, asked);
    for (size_t i = 0; i < count; i++)
        target_drop(asked[i].target);
    return count;
}

/* Report each letter: clean, lost, or unasked. */
static void report(struct canary *canary, const char *letters)
{
    for (const char *p = letters; *p != '\0'; p++)
        canary_report(canary, *p == 'c'   ? CANARY_CLEAN
                              : *p == 'l' ? CANARY_LOST
                                          : CANARY_UNASKED);
}

/* A round of `known` canaries at start_ns, and what it says of a silence around it. */
static void test_canary_round_tells_how_the_path_was(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        unsigned known;
        const char *reports;
        int64_t neighbours_lost;
        int64_t began_ms; /* of the silence, from the round on */
        int64_t ended_ms;
        enum path_state path;
    } cases[] = {
        {"no canary", 0, "", 0, -2500, 0, PATH_CLEAR},
        {"no canary, long after", 0, "", 0, 10000, 20000, PATH_CLEAR},
        {"all clean", 3, "ccc", 0, -2500, 0, PATH_CLEAR},
        {"one lost", 3, "clc", 0, -2500, 0, PATH_CLEAR},
        {"two lost", 3, "lcl", 0, -2500, 0, PATH_CONGESTED},
        {"all lost", 3, "lll", 0, -2500, 0, PATH_CONGESTED},
        {"half of two lost", 3, "clu", 0, -2500, 0, PATH_CLEAR},
        {"the only one lost", 3, "ulu", 0, -2500, 0, PATH_CONGESTED},
        {"nothing asked", 3, "uuu", 0, -2500, 0, PATH_UNKNOWN},
        {"not over yet", 3, "cc", 0, -2500, 0, PATH_UNKNOWN},
        {"clear just in time", 3, "ccc", 0, 0, 1500, PATH_CLEAR},
        {"clear too early", 3, "ccc", 0, 0, 1501, PATH_UNKNOWN},
        {"congested as it began", 3, "lll", 0, 0, 2500, PATH_CONGESTED},
        {"congested before", 3, "lll", 0, 1, 2501, PATH_UNKNOWN},
        {"neighbours lost", 3, "ccc", 1, -2500, 0, PATH_CONGESTED},
        {"neighbours lost, no canary", 0, "", 1, -2500, 0, PATH_CONGESTED},
        {"neighbours lost, nothing asked", 3, "uuu", 1, -2500, 0, PATH_CONGESTED},
        {"neighbours unknown", 3, "ccc", -1, -2500, 0, PATH_CLEAR},
    };
    struct target target = {.references = 1};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct canary canary;
        canary_init(&canary, timeout_ns);
        canary_start(&canary, 0);
        add(&canary, &target, cases[i].known);
        claim_number(cases[i].label, "questions",
                     begin(&canary, start_ns, cases[i].neighbours_lost), cases[i].known);
        report(&canary, cases[i].reports);
        claim_number(cases[i].label, "path",
                     canary_path(&canary, OS_TCP, start_ns + cases[i].began_ms * ms,
                                 start_ns + cases[i].ended_ms * ms),
                     cases[i].path);
        claim_true(cases[i].label, "neighbours",
                   canary_has_lost_neighbours(&canary, start_ns) ==
                       (cases[i].neighbours_lost == 1));
        canary_forget(&canary);
        claim_number(cases[i].label, "holders", target.references, 1);
    }
}

static void test_canary_clear_after_congestion_needs_a_later_clear_round(void **state)
{
    (void)state;
    struct canary canary;
    struct target target = {.references = 1};
    canary_init(&canary, timeout_ns);
    assert_true(canary_is_clear(&canary, start_ns)); /* nothing speaks against it */
    add(&canary, &target, 3);
    assert_false(canary_is_clear(&canary, start_ns));
    static const char *const rounds[] = {"ccc", "lll", "uuu", "ccc"};
    static const bool is_clear[] = {true, false, false, true};
    for (size_t i = 0; i < ARRAY_LEN(rounds); i++) {
        int64_t now_ns = start_ns + (int64_t)i * NS_PER_S;
        (void)begin(&canary, now_ns, -1);
        report(&canary, rounds[i]);
        claim_true(rounds[i], "clear", canary_is_clear(&canary, now_ns + 1) == is_clear[i]);
    }
    canary_forget(&canary);
}

static void test_canary_round_is_due_before_a_timeout_or_when_awaited(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        unsigned known;
        unsigned rounds; /* one at start_ns */
        bool is_pending; /* it is not over */
        bool is_awaited;
        int64_t deadline_ms; /* from start_ns on; -1: none */
        int64_t due_ms;      /* the same; -1: never, -2: long ago */
    } cases[] = {
        {"nothing to ask for", 3, 0, false, false, -1, -1},
        {"first, awaited", 3, 0, false, true, -1, -2},
        {"first, with the last SYN", 3, 0, false, false, 2500, 2000},
        {"a second later", 3, 1, false, true, -1, 1000},
        {"a second later, early deadline", 3, 1, false, false, 1499, 1000},
        {"with the last SYN", 3, 1, false, false, 1501, 1001},
        {"no canary", 0, 1, false, true, -1, 100},
        {"a round is under way", 3, 1, true, true, 1000, -1},
    };
    struct target target = {.references = 1};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct canary canary;
        canary_init(&canary, timeout_ns);
        add(&canary, &target, cases[i].known);
        if (cases[i].rounds > 0 && begin(&canary, start_ns, -1) > 0)
            report(&canary, cases[i].is_pending ? "cc" : "ccc");
        int64_t deadline_ns =
            cases[i].deadline_ms < 0 ? NEVER_NS : start_ns + cases[i].deadline_ms * ms;
        int64_t due_ns = cases[i].due_ms == -1   ? NEVER_NS
                         : cases[i].due_ms == -2 ? INT64_MIN
                                                 : start_ns + cases[i].due_ms * ms;
        claim_number(cases[i].label, "due",
                     (uint64_t)canary_due_ns(&canary, cases[i].is_awaited, deadline_ns),
                     (uint64_t)due_ns);
        canary_forget(&canary);
    }
}

static void test_canary_question_takes_a_second_or_the_timeout(void **state)
{
    (void)state;
    static const int64_t cases_ms[][2] = {{999, 999}, {1000, 1000}, {1001, 1000}};
    for (size_t i = 0; i < ARRAY_LEN(cases_ms); i++) {
        struct canary canary;
        canary_init(&canary, cases_ms[i][0] * ms);
        assert_int_equal(canary_timeout_ns(&canary), cases_ms[i][1] * ms);
    }
}

/* One endpoint that answered, and then this one. */
static void test_canary_poor_or_repeated_answer_adds_none(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        unsigned number;
        int64_t took_ms;
        int syn_retransmits;
        size_t known_count;
    } cases[] = {
        {"good", 1, 20, 0, 2},      {"retransmits unknown", 1, 20, -1, 2},
        {"lost SYN", 1, 20, 1, 1},  {"just fast enough", 1, 874, 0, 2},
        {"too slow", 1, 875, 0, 1}, {"the same again", 0, 20, 0, 1},
    };
    struct target target = {.references = 1};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct canary canary;
        const struct endpoint endpoint = numbered(&target, cases[i].number);
        canary_init(&canary, timeout_ns);
        add(&canary, &target, 1);
        canary_add(&canary, &endpoint, cases[i].took_ms * ms, cases[i].syn_retransmits);
        claim_number(cases[i].label, "known", canary.known_count, cases[i].known_count);
        canary_forget(&canary);
    }
}

/* Two endpoints that answered, and then this one. */
static void test_canary_protocols_do_not_mix_and_tcp_comes_first(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum protocol_id known, added;
        unsigned number;
        size_t known_count;
        enum protocol_id asked;
    } cases[] = {
        {"TCP beside TCP", PROTOCOL_TCP, PROTOCOL_TCP, 2, 3, PROTOCOL_TCP},
        {"ICMP beside ICMP", PROTOCOL_ICMP, PROTOCOL_ICMP, 2, 3, PROTOCOL_ICMP},
        {"ICMP beside TCP", PROTOCOL_TCP, PROTOCOL_ICMP, 2, 2, PROTOCOL_TCP},
        {"TCP beside ICMP", PROTOCOL_ICMP, PROTOCOL_TCP, 2, 1, PROTOCOL_TCP},
        {"the same address by TCP", PROTOCOL_ICMP, PROTOCOL_TCP, 1, 1, PROTOCOL_TCP},
    };
    struct target target = {.references = 1};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct canary canary;
        canary_init(&canary, timeout_ns);
        for (unsigned number = 0; number < 3; number++) {
            struct endpoint endpoint = numbered(&target, number < 2 ? number : cases[i].number);
            endpoint.protocol = number < 2 ? cases[i].known : cases[i].added;
            canary_add(&canary, &endpoint, 20 * ms, 0);
        }
        claim_number(cases[i].label, "known", canary.known_count, cases[i].known_count);
        for (size_t n = 0; n < canary.known_count; n++)
            claim_number(cases[i].label, "protocol", canary.known[n].protocol, cases[i].asked);
        canary_forget(&canary);
        claim_number(cases[i].label, "held", target.references, 1);
    }
}

/* Of three that answered by that, two are lost by now, or the neighbour table overflowed. */
static void test_canary_echo_speaks_for_echo_and_neighbours_for_all(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum protocol_id known;
        enum os_socket transport;
        int64_t neighbours_lost;
        const char *reports;
        enum path_state path;
    } cases[] = {
        {"TCP by TCP", PROTOCOL_TCP, OS_TCP, 0, "lcl", PATH_CONGESTED},
        {"echo by TCP", PROTOCOL_TCP, OS_ECHO, 0, "lcl", PATH_CONGESTED},
        {"echo by echo", PROTOCOL_ICMP, OS_ECHO, 0, "lcl", PATH_CONGESTED},
        {"raw echo by echo", PROTOCOL_ICMP, OS_RAW_ECHO, 0, "lcl", PATH_CONGESTED},
        {"TCP by echo", PROTOCOL_ICMP, OS_TCP, 0, "lcl", PATH_CLEAR},
        {"TCP by echo, not over yet", PROTOCOL_ICMP, OS_TCP, 0, "l", PATH_CLEAR},
        {"TCP by neighbours", PROTOCOL_ICMP, OS_TCP, 1, "ccc", PATH_CONGESTED},
    };
    struct target target = {.references = 1};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct canary canary;
        canary_init(&canary, timeout_ns);
        canary_start(&canary, 0);
        for (unsigned number = 0; number < 3; number++) {
            struct endpoint endpoint = numbered(&target, number);
            endpoint.protocol = cases[i].known;
            canary_add(&canary, &endpoint, 20 * ms, 0);
        }
        (void)begin(&canary, start_ns, cases[i].neighbours_lost);
        report(&canary, cases[i].reports);
        claim_number(cases[i].label, "path",
                     canary_path(&canary, cases[i].transport, start_ns, start_ns),
                     cases[i].path);
        canary_forget(&canary);
    }
}

static void test_canary_last_endpoints_are_asked_in_turn(void **state)
{
    (void)state;
    enum { ADDED = CANARY_ENDPOINTS + 2, ROUNDS = 2 * CANARY_ENDPOINTS };
    struct canary canary;
    struct target target = {.references = 1};
    unsigned times[ADDED] = {0};
    canary_init(&canary, timeout_ns);
    add(&canary, &target, ADDED);
    assert_int_equal(target.references, 1 + CANARY_ENDPOINTS);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct endpoint asked[CANARY_QUESTIONS];
        assert_int_equal(canary_begin(&canary, start_ns, -1, 1, asked), 1);
        for (uint64_t i = 0; i < ADDED; i++) {
            const struct endpoint endpoint = numbered(&target, i);
            times[i] += address_equals(&asked[0].address, &endpoint.address);
        }
        target_drop(asked[0].target);
        report(&canary, "c");
    }
    for (unsigned i = 0; i < ADDED; i++)
        assert_int_equal(times[i], i < 2 ? 0 : 2);
    canary_forget(&canary);
    assert_int_equal(target.references, 1);
}

static void test_canary_three_unasked_rounds_forget_all(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const char *rounds[4];
        bool is_forgotten;
    } cases[] = {
        {"two", {"uuu", "uuu"}, false},
        {"three", {"uuu", "uuu", "uuu"}, true},
        {"two and two", {"uuu", "uuu", "uul", "uuu"}, false},
    };
    struct target target = {.references = 1};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct canary canary;
        canary_init(&canary, timeout_ns);
        add(&canary, &target, 3);
        for (size_t j = 0; j < 4 && cases[i].rounds[j] != NULL; j++) {
            (void)begin(&canary, start_ns, -1);
            report(&canary, cases[i].rounds[j]);
        }
        claim_true(cases[i].label, "forgotten",
                   (canary.known_count == 0) == cases[i].is_forgotten);
        canary_forget(&canary);
        add(&canary, &target, 1); /* new ones have as many */
        (void)begin(&canary, start_ns, -1);
        report(&canary, "uuu");
        claim_number(cases[i].label, "known", canary.known_count, 1);
        canary_forget(&canary);
    }
}

/* A round that was clear, `clear_s` after start_ns, and rechecks since `since_s`. */
static void test_canary_minute_without_a_clear_round_forgets_all(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t clear_s;
        int64_t since_s;
        int64_t now_s;
        bool is_forgotten;
    } cases[] = {
        {"clear before", 0, 10, 69, false},
        {"clear before, a minute", 0, 10, 70, true},
        {"clear meanwhile", 30, 10, 89, false},
        {"clear, then a minute", 30, 10, 90, true},
    };
    struct target target = {.references = 1};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct canary canary;
        canary_init(&canary, timeout_ns);
        add(&canary, &target, 3);
        (void)begin(&canary, start_ns + cases[i].clear_s * NS_PER_S, -1);
        report(&canary, "ccc");
        (void)begin(&canary, start_ns + 40 * NS_PER_S, -1);
        report(&canary, "ll");
        canary_expire(&canary, start_ns + cases[i].since_s * NS_PER_S,
                      start_ns + cases[i].now_s * NS_PER_S);
        report(&canary, "l"); /* of a round that outlived them: it says nothing */
        claim_true(cases[i].label, "forgotten",
                   (canary.known_count == 0) == cases[i].is_forgotten);
        claim_true(cases[i].label, "congested",
                   (canary_path(&canary, OS_TCP, start_ns, start_ns) == PATH_CONGESTED) ==
                       !cases[i].is_forgotten);
        canary_forget(&canary);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canary_round_tells_how_the_path_was),
        cmocka_unit_test(test_canary_clear_after_congestion_needs_a_later_clear_round),
        cmocka_unit_test(test_canary_round_is_due_before_a_timeout_or_when_awaited),
        cmocka_unit_test(test_canary_question_takes_a_second_or_the_timeout),
        cmocka_unit_test(test_canary_poor_or_repeated_answer_adds_none),
        cmocka_unit_test(test_canary_protocols_do_not_mix_and_tcp_comes_first),
        cmocka_unit_test(test_canary_echo_speaks_for_echo_and_neighbours_for_all),
        cmocka_unit_test(test_canary_last_endpoints_are_asked_in_turn),
        cmocka_unit_test(test_canary_three_unasked_rounds_forget_all),
        cmocka_unit_test(test_canary_minute_without_a_clear_round_forgets_all),
    };
    return cmocka_run_group_tests_name("unit: canary", tests, NULL, NULL);
}
