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
#include "netcheck/probe/doubt.h"

static const int64_t start_ns = 1000 * NS_PER_S + 123456789; /* anything but a round number */
static const int64_t ms = NS_PER_MS;

/* Too many: a tenth of the answers, and no fewer than these. */
enum { LOSSY_LEAST = 8 };

static struct address address_of(const char *text)
{
    struct address address;
    memset(&address, 0, sizeof address);
    if (!address_parse(text, strlen(text), &address))
        fail_msg("%s: no address", text);
    return address;
}

/* The address `number` behind 10.0.0.0, or behind 2001:db8::. */
static struct address numbered(bool is_ipv6, uint64_t number)
{
    struct address address = address_of(is_ipv6 ? "2001:db8::" : "10.0.0.0");
    address_advance(&address, number);
    return address;
}

static struct address scoped(const char *text, uint32_t scope, uint16_t port)
{
    struct address address = address_of(text);
    address_set_scope(&address, scope);
    address_set_port(&address, port);
    return address;
}

/* `count` more answers at once, of which the last `lossy` needed a second SYN. */
static void answer(struct doubt *doubt, unsigned count, unsigned lossy, int64_t now_ns)
{
    for (unsigned i = 0; i < count; i++) {
        const struct address address = numbered(false, i);
        doubt_answer(doubt, &address, i + lossy >= count, now_ns);
    }
}

/* Whether somebody who said nothing so far is doubted since `began_ns`. */
static bool has_strangers(const struct doubt *doubt, int64_t began_ns)
{
    const struct address stranger = address_of("192.0.2.1");
    return doubt_has(doubt, &stranger, began_ns);
}

static void test_doubt_new_has_none(void **state)
{
    (void)state;
    struct doubt doubt;
    doubt_init(&doubt);
    assert_false(has_strangers(&doubt, start_ns));
    assert_false(has_strangers(&doubt, INT64_MIN + 1));
    doubt_release(&doubt);
}

static void test_doubt_silent_address_that_answered_before_is_doubted(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const char *answered;
        uint32_t answered_scope;
        const char *silent;
        uint32_t silent_scope;
        bool is_doubted;
    } cases[] = {
        {"same IPv4", "10.0.0.1", 0, "10.0.0.1", 0, true},
        {"other IPv4", "10.0.0.1", 0, "10.0.0.2", 0, false},
        {"same IPv6", "2001:db8::1", 0, "2001:db8::1", 0, true},
        {"other IPv6", "2001:db8::1", 0, "2001:db8::2", 0, false},
        {"other family", "10.0.0.1", 0, "::ffff:10.0.0.1", 0, false},
        {"same scope", "fe80::1", 2, "fe80::1", 2, true},
        {"other scope", "fe80::1", 2, "fe80::1", 3, false},
        {"no scope", "fe80::1", 2, "fe80::1", 0, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct doubt doubt;
        const struct address answered = scoped(cases[i].answered, cases[i].answered_scope, 80);
        const struct address silent = scoped(cases[i].silent, cases[i].silent_scope, 81);
        doubt_init(&doubt);
        doubt_answer(&doubt, &answered, 0, start_ns);
        claim_number(cases[i].label, "doubt", doubt_has(&doubt, &silent, start_ns - 1),
                     cases[i].is_doubted);
        claim_number(cases[i].label, "doubt, much later",
                     doubt_has(&doubt, &silent, start_ns + 86400 * NS_PER_S),
                     cases[i].is_doubted);
        doubt_release(&doubt);
    }
}

static void test_doubt_tenth_of_lost_syns_casts_doubt_on_all(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        unsigned answers;
        unsigned lossy;
        bool is_doubted;
    } cases[] = {
        {"none of many", 1000, 0, false},
        {"one of one", 1, 1, false},
        {"seven of seven", LOSSY_LEAST - 1, LOSSY_LEAST - 1, false},
        {"seven of 70", 70, LOSSY_LEAST - 1, false},
        {"eight of eight", LOSSY_LEAST, LOSSY_LEAST, true},
        {"eight of 79", 79, LOSSY_LEAST, true},
        {"eight of 80", 80, LOSSY_LEAST, true},
        {"eight of 81", 81, LOSSY_LEAST, false},
        {"a hundred of 999", 999, 100, true},
        {"a hundred of 1000", 1000, 100, true},
        {"a hundred of 1001", 1001, 100, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct doubt doubt;
        doubt_init(&doubt);
        answer(&doubt, cases[i].answers, cases[i].lossy, start_ns);
        claim_number(cases[i].label, "doubt", has_strangers(&doubt, start_ns - 1),
                     cases[i].is_doubted);
        doubt_release(&doubt);
    }
}

static void test_doubt_only_known_retransmits_are_lost_syns(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int syn_retransmits;
        bool is_doubted;
    } cases[] = {
        {"unknown", -1, false},
        {"none", 0, false},
        {"one", 1, true},
        {"many", 6, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct doubt doubt;
        doubt_init(&doubt);
        for (unsigned j = 0; j < LOSSY_LEAST; j++) {
            const struct address address = numbered(false, j);
            doubt_answer(&doubt, &address, cases[i].syn_retransmits, start_ns);
        }
        claim_number(cases[i].label, "doubt", has_strangers(&doubt, start_ns - 1),
                     cases[i].is_doubted);
        doubt_release(&doubt);
    }
}

static void test_doubt_lost_syns_before_the_silence_prove_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t began_ns; /* from the lost SYNs on */
        bool is_doubted;
    } cases[] = {
        {"silent long before", -3600 * NS_PER_S, true},
        {"silent just before", -1, true},
        {"silent at that time", 0, true},
        {"silent just after", 1, false},
        {"silent long after", 3600 * NS_PER_S, false},
    };
    struct doubt doubt;
    doubt_init(&doubt);
    answer(&doubt, LOSSY_LEAST, LOSSY_LEAST, start_ns);
    answer(&doubt, 1, 0, start_ns + 1); /* an answer at once is no news of losses */
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        claim_number(cases[i].label, "doubt",
                     has_strangers(&doubt, start_ns + cases[i].began_ns), cases[i].is_doubted);
    doubt_release(&doubt);
}

/*
 * Two lots of answers, the first at the start of a slice of two seconds. They are counted
 * together as long as one slice follows the other.
 */
static void test_doubt_counts_this_slice_and_the_one_before(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        unsigned answers[3]; /* at once, after the pause, and after another pause */
        unsigned lossy[3];
        int64_t pause_ms;
        bool is_doubted;
    } cases[] = {
        {"one slice", {4, 4, 0}, {4, 4, 0}, 1999, true},
        {"two slices", {4, 4, 0}, {4, 4, 0}, 2000, true},
        {"three slices", {4, 0, 4}, {4, 0, 4}, 2000, true}, /* an empty one is none */
        {"the first of three", {4, 1, 4}, {4, 0, 4}, 2000, false},
        {"the last two of three", {4, 4, 4}, {4, 4, 4}, 2000, true},
        {"half a slice apart", {4, 1, 4}, {4, 0, 4}, 1000, true},
        {"diluted in one slice", {80, 8, 0}, {0, 8, 0}, 1999, false},
        {"diluted by the one before", {80, 8, 0}, {0, 8, 0}, 2000, false},
        {"no more diluted by the first", {80, 1, 8}, {0, 0, 8}, 2000, true},
        {"still in the same slice", {80, 1, 8}, {0, 0, 8}, 999, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct doubt doubt;
        doubt_init(&doubt);
        for (unsigned lot = 0; lot < 3; lot++)
            answer(&doubt, cases[i].answers[lot], cases[i].lossy[lot],
                   start_ns + lot * cases[i].pause_ms * ms);
        claim_number(cases[i].label, "doubt", has_strangers(&doubt, start_ns - 1),
                     cases[i].is_doubted);
        doubt_release(&doubt);
    }
}

static void test_doubt_last_addresses_are_remembered(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        bool is_ipv6;
    } cases[] = {{"IPv4", false}, {"IPv6", true}};
    enum { TOLD = 3 * DOUBT_ADDRESSES + DOUBT_ADDRESSES / 2 };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct doubt doubt;
        doubt_init(&doubt);
        for (uint64_t j = 0; j < TOLD; j++) {
            const struct address address = numbered(cases[i].is_ipv6, j);
            doubt_answer(&doubt, &address, 0, start_ns);
        }
        uint64_t known = 0;
        for (uint64_t j = TOLD - DOUBT_ADDRESSES; j < TOLD; j++) {
            const struct address address = numbered(cases[i].is_ipv6, j);
            known += doubt_has(&doubt, &address, start_ns + 1);
        }
        claim_number(cases[i].label, "known", known, DOUBT_ADDRESSES);
        /* Strangers are none of them, be the table ever so full. */
        for (uint64_t j = TOLD; j < 2 * TOLD; j++) {
            const struct address address = numbered(cases[i].is_ipv6, j);
            claim_true(cases[i].label, "no doubt", !doubt_has(&doubt, &address, start_ns + 1));
        }
        claim_true(cases[i].label, "bounded memory",
                   doubt.answered.young.capacity <= 2 * DOUBT_ADDRESSES &&
                       doubt.answered.old.capacity <= 2 * DOUBT_ADDRESSES);
        doubt_release(&doubt);
    }
}

static void test_doubt_address_that_answers_often_takes_one_place(void **state)
{
    (void)state;
    struct doubt doubt;
    const struct address first = address_of("192.0.2.1");
    const struct address other = address_of("192.0.2.2");
    doubt_init(&doubt);
    doubt_answer(&doubt, &first, 0, start_ns);
    for (unsigned i = 0; i < 3 * DOUBT_ADDRESSES; i++)
        doubt_answer(&doubt, &other, 0, start_ns);
    assert_true(doubt_has(&doubt, &first, start_ns + 1));
    assert_int_equal(doubt.answered.young.used, 2);
    doubt_release(&doubt);
}

static void test_doubt_released_is_as_new(void **state)
{
    (void)state;
    struct doubt doubt;
    const struct address address = address_of("192.0.2.1");
    doubt_init(&doubt);
    answer(&doubt, LOSSY_LEAST, LOSSY_LEAST, start_ns);
    doubt_answer(&doubt, &address, 0, start_ns);
    doubt_release(&doubt);
    assert_false(doubt_has(&doubt, &address, start_ns - 1));
    doubt_answer(&doubt, &address, 0, start_ns);
    assert_true(doubt_has(&doubt, &address, start_ns + 1));
    doubt_release(&doubt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_doubt_new_has_none),
        cmocka_unit_test(test_doubt_silent_address_that_answered_before_is_doubted),
        cmocka_unit_test(test_doubt_tenth_of_lost_syns_casts_doubt_on_all),
        cmocka_unit_test(test_doubt_only_known_retransmits_are_lost_syns),
        cmocka_unit_test(test_doubt_lost_syns_before_the_silence_prove_nothing),
        cmocka_unit_test(test_doubt_counts_this_slice_and_the_one_before),
        cmocka_unit_test(test_doubt_last_addresses_are_remembered),
        cmocka_unit_test(test_doubt_address_that_answers_often_takes_one_place),
        cmocka_unit_test(test_doubt_released_is_as_new),
    };
    return cmocka_run_group_tests_name("unit: doubt", tests, NULL, NULL);
}
