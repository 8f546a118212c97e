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
#include "netcheck/probe/answered.h"

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
static void answer(struct answered *answered, unsigned count, unsigned lossy, int64_t now_ns)
{
    for (unsigned i = 0; i < count; i++) {
        const struct address address = numbered(false, i);
        answered_note(answered, &address, OS_TCP, i + lossy >= count, now_ns);
    }
}

static bool is_suspect(const struct answered *answered, const struct address *address,
                       int64_t began_ns)
{
    return answered_judge(answered, address, OS_TCP, REJECTER_NONE, began_ns) ==
           SILENCE_SUSPECT;
}

/* Whether the silence since `began_ns` of an address that never answered is suspect. */
static bool suspects_strangers(const struct answered *answered, int64_t began_ns)
{
    const struct address stranger = address_of("192.0.2.1");
    return is_suspect(answered, &stranger, began_ns);
}

static void test_answered_new_suspects_nothing(void **state)
{
    (void)state;
    struct answered answered;
    answered_init(&answered);
    assert_false(suspects_strangers(&answered, start_ns));
    assert_false(suspects_strangers(&answered, INT64_MIN + 1));
    answered_release(&answered);
}

static void test_answered_address_that_is_silent_now_is_suspect(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const char *answered;
        uint32_t answered_scope;
        const char *silent;
        uint32_t silent_scope;
        bool is_suspect;
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
        struct answered answered;
        const struct address first = scoped(cases[i].answered, cases[i].answered_scope, 80);
        const struct address silent = scoped(cases[i].silent, cases[i].silent_scope, 81);
        answered_init(&answered);
        answered_note(&answered, &first, OS_TCP, 0, start_ns);
        claim_number(cases[i].label, "suspect", is_suspect(&answered, &silent, start_ns - 1),
                     cases[i].is_suspect);
        claim_number(cases[i].label, "suspect, much later",
                     is_suspect(&answered, &silent, start_ns + 86400 * NS_PER_S),
                     cases[i].is_suspect);
        answered_release(&answered);
    }
}

static void test_answered_tenth_of_lost_syns_makes_all_silence_suspect(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        unsigned answers;
        unsigned lossy;
        bool is_suspect;
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
        struct answered answered;
        answered_init(&answered);
        answer(&answered, cases[i].answers, cases[i].lossy, start_ns);
        claim_number(cases[i].label, "suspect", suspects_strangers(&answered, start_ns - 1),
                     cases[i].is_suspect);
        answered_release(&answered);
    }
}

static void test_answered_only_known_retransmits_are_lost_syns(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int syn_retransmits;
        bool is_suspect;
    } cases[] = {
        {"unknown", -1, false},
        {"none", 0, false},
        {"one", 1, true},
        {"many", 6, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answered answered;
        answered_init(&answered);
        for (unsigned j = 0; j < LOSSY_LEAST; j++) {
            const struct address address = numbered(false, j);
            answered_note(&answered, &address, OS_TCP, cases[i].syn_retransmits, start_ns);
        }
        claim_number(cases[i].label, "suspect", suspects_strangers(&answered, start_ns - 1),
                     cases[i].is_suspect);
        answered_release(&answered);
    }
}

static void test_answered_lost_syns_before_the_silence_prove_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t began_ns; /* from the lost SYNs on */
        bool is_suspect;
    } cases[] = {
        {"silent long before", -3600 * NS_PER_S, true},
        {"silent just before", -1, true},
        {"silent at that time", 0, true},
        {"silent just after", 1, false},
        {"silent long after", 3600 * NS_PER_S, false},
    };
    struct answered answered;
    answered_init(&answered);
    answer(&answered, LOSSY_LEAST, LOSSY_LEAST, start_ns);
    answer(&answered, 1, 0, start_ns + 1); /* an answer at once is no news of losses */
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        claim_number(cases[i].label, "suspect",
                     suspects_strangers(&answered, start_ns + cases[i].began_ns),
                     cases[i].is_suspect);
    answered_release(&answered);
}

/*
 * Two lots of answers, the first at the start of a span of two seconds. They are counted
 * together as long as one span follows the other.
 */
static void test_answered_counts_this_slice_and_the_one_before(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        unsigned answers[3]; /* at once, after the pause, and after another pause */
        unsigned lossy[3];
        int64_t pause_ms;
        bool is_suspect;
    } cases[] = {
        {"one span", {4, 4, 0}, {4, 4, 0}, 1999, true},
        {"two slices", {4, 4, 0}, {4, 4, 0}, 2000, true},
        {"three slices", {4, 0, 4}, {4, 0, 4}, 2000, true}, /* an empty one is none */
        {"the first of three", {4, 1, 4}, {4, 0, 4}, 2000, false},
        {"the last two of three", {4, 4, 4}, {4, 4, 4}, 2000, true},
        {"half a span apart", {4, 1, 4}, {4, 0, 4}, 1000, true},
        {"diluted in one span", {80, 8, 0}, {0, 8, 0}, 1999, false},
        {"diluted by the one before", {80, 8, 0}, {0, 8, 0}, 2000, false},
        {"no more diluted by the first", {80, 1, 8}, {0, 0, 8}, 2000, true},
        {"still in the same span", {80, 1, 8}, {0, 0, 8}, 999, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answered answered;
        answered_init(&answered);
        for (unsigned lot = 0; lot < 3; lot++)
            answer(&answered, cases[i].answers[lot], cases[i].lossy[lot],
                   start_ns + lot * cases[i].pause_ms * ms);
        claim_number(cases[i].label, "suspect", suspects_strangers(&answered, start_ns - 1),
                     cases[i].is_suspect);
        answered_release(&answered);
    }
}

static void test_answered_last_addresses_are_remembered(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        bool is_ipv6;
    } cases[] = {{"IPv4", false}, {"IPv6", true}};
    enum { TOLD = 3 * ANSWERED_ADDRESSES + ANSWERED_ADDRESSES / 2 };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answered answered;
        answered_init(&answered);
        for (uint64_t j = 0; j < TOLD; j++) {
            const struct address address = numbered(cases[i].is_ipv6, j);
            answered_note(&answered, &address, OS_TCP, 0, start_ns);
        }
        uint64_t known = 0;
        for (uint64_t j = TOLD - ANSWERED_ADDRESSES; j < TOLD; j++) {
            const struct address address = numbered(cases[i].is_ipv6, j);
            known += is_suspect(&answered, &address, start_ns + 1);
        }
        claim_number(cases[i].label, "known", known, ANSWERED_ADDRESSES);
        /* However full the table is, strangers are not in it. */
        for (uint64_t j = TOLD; j < 2 * TOLD; j++) {
            const struct address address = numbered(cases[i].is_ipv6, j);
            claim_true(cases[i].label, "plain", !is_suspect(&answered, &address, start_ns + 1));
        }
        claim_true(cases[i].label, "bounded memory",
                   answered.addresses.young.capacity <= 2 * ANSWERED_ADDRESSES &&
                       answered.addresses.old.capacity <= 2 * ANSWERED_ADDRESSES);
        answered_release(&answered);
    }
}

static void test_answered_address_that_answers_often_takes_one_place(void **state)
{
    (void)state;
    struct answered answered;
    const struct address first = address_of("192.0.2.1");
    const struct address other = address_of("192.0.2.2");
    answered_init(&answered);
    answered_note(&answered, &first, OS_TCP, 0, start_ns);
    for (unsigned i = 0; i < 3 * ANSWERED_ADDRESSES; i++)
        answered_note(&answered, &other, OS_TCP, 0, start_ns);
    assert_true(is_suspect(&answered, &first, start_ns + 1));
    assert_int_equal(answered.addresses.young.used, 2);
    answered_release(&answered);
}

static void test_answered_released_is_as_new(void **state)
{
    (void)state;
    struct answered answered;
    const struct address address = address_of("192.0.2.1");
    answered_init(&answered);
    answer(&answered, LOSSY_LEAST, LOSSY_LEAST, start_ns);
    answered_note(&answered, &address, OS_TCP, 0, start_ns);
    answered_release(&answered);
    assert_false(is_suspect(&answered, &address, start_ns - 1));
    answered_note(&answered, &address, OS_TCP, 0, start_ns);
    assert_true(is_suspect(&answered, &address, start_ns + 1));
    answered_release(&answered);
}

/* The address answered before, and SYNs may have been lost since it is silent. */
static void test_answered_rejecter_may_explain_a_silence(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        enum rejecter rejecter;
        bool has_answered;
        bool are_syns_lost;
        enum silence silence;
    } cases[] = {
        {"nothing known", REJECTER_NONE, false, false, SILENCE_PLAIN},
        {"answered", REJECTER_NONE, true, false, SILENCE_SUSPECT},
        {"lost SYNs", REJECTER_NONE, false, true, SILENCE_SUSPECT},
        {"rejects itself", REJECTER_ITSELF, true, true, SILENCE_LIMITED},
        {"near router", REJECTER_NEAR_ROUTER, false, false, SILENCE_PLAIN},
        {"near router, answered", REJECTER_NEAR_ROUTER, true, false, SILENCE_PLAIN},
        {"near router, lost SYNs", REJECTER_NEAR_ROUTER, false, true, SILENCE_SUSPECT},
        {"far router", REJECTER_FAR_ROUTER, false, false, SILENCE_PLAIN},
        {"far router, answered", REJECTER_FAR_ROUTER, true, false, SILENCE_SUSPECT},
        {"far router, lost SYNs", REJECTER_FAR_ROUTER, false, true, SILENCE_SUSPECT},
    };
    const struct address address = address_of("192.0.2.1");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answered answered;
        answered_init(&answered);
        if (cases[i].has_answered)
            answered_note(&answered, &address, OS_TCP, 0, start_ns);
        answer(&answered, LOSSY_LEAST, cases[i].are_syns_lost ? LOSSY_LEAST : 0, start_ns);
        claim_number(
            cases[i].label, "silence",
            answered_judge(&answered, &address, OS_TCP, cases[i].rejecter, start_ns - 1),
            cases[i].silence);
        answered_release(&answered);
    }
}

/* Of the same address, and of strangers while SYNs were lost. */
static void test_answered_by_one_transport_says_nothing_of_another(void **state)
{
    (void)state;
    const struct address address = numbered(false, 0);
    const struct address stranger = address_of("192.0.2.1");
    for (enum os_socket by = OS_TCP; by < OS_SOCKETS; by++)
        for (enum os_socket silent = OS_TCP; silent < OS_SOCKETS; silent++) {
            enum silence expected = silent == by ? SILENCE_SUSPECT : SILENCE_PLAIN;
            struct answered answered;
            answered_init(&answered);
            answered_note(&answered, &address, by, 0, start_ns);
            claim_number("address", "silence",
                         answered_judge(&answered, &address, silent, REJECTER_NONE, start_ns),
                         expected);
            for (unsigned i = 0; i < LOSSY_LEAST; i++)
                answered_note(&answered, &address, by, 1, start_ns);
            claim_number("loss", "silence",
                         answered_judge(&answered, &stranger, silent, REJECTER_NONE, start_ns),
                         expected);
            answered_release(&answered);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answered_new_suspects_nothing),
        cmocka_unit_test(test_answered_address_that_is_silent_now_is_suspect),
        cmocka_unit_test(test_answered_tenth_of_lost_syns_makes_all_silence_suspect),
        cmocka_unit_test(test_answered_only_known_retransmits_are_lost_syns),
        cmocka_unit_test(test_answered_lost_syns_before_the_silence_prove_nothing),
        cmocka_unit_test(test_answered_counts_this_slice_and_the_one_before),
        cmocka_unit_test(test_answered_last_addresses_are_remembered),
        cmocka_unit_test(test_answered_address_that_answers_often_takes_one_place),
        cmocka_unit_test(test_answered_rejecter_may_explain_a_silence),
        cmocka_unit_test(test_answered_by_one_transport_says_nothing_of_another),
        cmocka_unit_test(test_answered_released_is_as_new),
    };
    return cmocka_run_group_tests_name("unit: answered", tests, NULL, NULL);
}
