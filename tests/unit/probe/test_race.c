#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/address.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/race.h"

static const int64_t ms = NS_PER_MS;
static const int64_t begin = 1000 * NS_PER_S; /* any point in time */
static const int64_t timeout = 5 * NS_PER_S;

/* A race and its candidates. */
struct field {
    struct race race;
    struct candidates known;
    struct candidate items[CANDIDATES_MAX];
};

/* "4" and "6" in the order in which the addresses became known. */
static void add(struct field *field, const char *families)
{
    for (const char *p = families; *p != '\0'; p++) {
        const char *text = *p == '6' ? "2001:db8::1" : "192.0.2.1";
        assert_true(field->known.count < CANDIDATES_MAX);
        struct candidate *candidate = &field->items[field->known.count++];
        memset(candidate, 0, sizeof *candidate);
        assert_true(address_parse(text, strlen(text), &candidate->address));
    }
}

static void begin_field(struct field *field, int64_t timeout_ns, unsigned pending, bool is_all)
{
    field->known = (struct candidates){.items = field->items};
    race_begin(&field->race, begin, timeout_ns, pending, is_all);
}

/* A race whose addresses are all known. */
static void race_of(struct field *field, const char *families)
{
    begin_field(field, timeout, 0, false);
    add(field, families);
}

/* -A, all known. */
static void all_of(struct field *field, const char *families)
{
    begin_field(field, timeout, 0, true);
    add(field, families);
}

static void answered(struct field *field, unsigned family, int64_t now_ns)
{
    race_answered(&field->race, family, field->known.count > 0, now_ns);
}

static void claim_start(const char *label, struct field *field, int64_t now_ns, size_t expected)
{
    size_t index = 9999;
    int64_t until_ns = -1;
    claim_number(label, "step",
                 race_next(&field->race, &field->known, now_ns, &index, &until_ns), RACE_START);
    claim_number(label, "index", index, expected);
}

static void claim_wait(const char *label, struct field *field, int64_t now_ns, int64_t expected)
{
    size_t index = 9999;
    int64_t until_ns = -1;
    claim_number(label, "step",
                 race_next(&field->race, &field->known, now_ns, &index, &until_ns), RACE_WAIT);
    claim_number(label, "until after begin", (uint64_t)(until_ns - begin),
                 (uint64_t)(expected - begin));
}

static void claim_over(const char *label, struct field *field, int64_t now_ns)
{
    size_t index = 9999;
    int64_t until_ns = -1;
    claim_number(label, "step",
                 race_next(&field->race, &field->known, now_ns, &index, &until_ns), RACE_OVER);
}

static void claim_counts(const char *label, const struct field *field, size_t untried,
                         size_t active, size_t settled)
{
    claim_number(label, "active", race_active(&field->known), active);
    claim_number(label, "settled", race_settled_count(&field->known), settled);
    claim_number(label, "untried",
                 field->known.count - race_active(&field->known) -
                     race_settled_count(&field->known),
                 untried);
}

/* Order */

static const struct {
    const char *families;
    const char *order; /* a digit an index */
} orders[] = {
    {"4", "0"},         {"6", "0"},         {"46", "10"},         {"64", "01"},
    {"444", "012"},     {"666", "012"},     {"4466", "2031"},     {"6644", "0213"},
    {"44446", "40123"}, {"66664", "04123"}, {"464646", "103254"},
};

static void test_race_race_interleaves_families_ipv6_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        struct field field;
        race_of(&field, orders[i].families);
        int64_t now_ns = begin;
        for (const char *p = orders[i].order; *p != '\0'; p++, now_ns += 250 * ms)
            claim_start(orders[i].families, &field, now_ns, (size_t)(*p - '0'));
    }
}

static void test_race_of_all_starts_each_at_once_in_race_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        struct field field;
        all_of(&field, orders[i].families);
        for (const char *p = orders[i].order; *p != '\0'; p++)
            claim_start(orders[i].families, &field, begin, (size_t)(*p - '0'));
    }
}

/* Stagger */

static void test_race_next_address_starts_250_ms_after_the_one_before(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "444");
    claim_start("first", &field, begin, 0);
    claim_wait("at once", &field, begin, begin + 250 * ms);
    claim_wait("1 ns before", &field, begin + 250 * ms - 1, begin + 250 * ms);
    claim_start("second", &field, begin + 250 * ms, 1);
    claim_wait("after the second", &field, begin + 250 * ms, begin + 500 * ms);
}

static void test_race_stagger_counts_from_a_late_start(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "44");
    claim_start("late", &field, begin + 70 * ms, 0);
    claim_wait("then", &field, begin + 70 * ms, begin + 320 * ms);
}

static const struct {
    const char *label;
    int64_t timeout_ms;
    size_t count;
    int64_t stagger_ns;
} staggers[] = {
    {"one address", 5000, 1, 250 * NS_PER_MS},
    {"19 addresses just fit", 5000, 19, 250 * NS_PER_MS},
    {"20 addresses do not", 5000, 20, 5000 * NS_PER_MS / 21},
    {"two in 1 s", 1000, 2, 250 * NS_PER_MS},
    {"two in 600 ms", 600, 2, 200 * NS_PER_MS},
    {"nine in 100 ms: just 10 ms", 100, 9, 10 * NS_PER_MS},
    {"ten in 100 ms: still 10 ms", 100, 10, 10 * NS_PER_MS},
    {"full race", 5000, CANDIDATES_MAX, 5000 * NS_PER_MS / 129},
    {"full race in 1 s", 1000, CANDIDATES_MAX, 10 * NS_PER_MS},
};

static void test_race_stagger_shrinks_to_fit_the_timeout_but_not_below_10_ms(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(staggers); i++) {
        struct field field;
        begin_field(&field, staggers[i].timeout_ms * ms, 0, false);
        for (size_t k = 0; k < staggers[i].count; k++)
            add(&field, "4");
        claim_start(staggers[i].label, &field, begin, 0);
        claim_number(staggers[i].label, "stagger", (uint64_t)(field.race.next_ns - begin),
                     (uint64_t)staggers[i].stagger_ns);
    }
}

static void test_race_stagger_fits_every_address_of_20_before_the_deadline(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "44444444444444444444");
    int64_t now_ns = begin;
    for (size_t i = 0; i < 20; i++) {
        claim_start("each", &field, now_ns, i);
        now_ns = field.race.next_ns;
    }
    claim_true("each", "room for the last one's answer", now_ns < begin + timeout);
}

/* Failures */

static void test_race_failure_starts_the_next_at_once(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "44");
    claim_start("first", &field, begin, 0);
    race_settled(&field.race, &field.items[0], begin + 3 * ms);
    claim_start("second", &field, begin + 3 * ms, 1);
}

static void test_race_failure_of_an_older_address_starts_the_next_at_once(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "444");
    claim_start("first", &field, begin, 0);
    claim_start("second", &field, begin + 250 * ms, 1);
    race_settled(&field.race, &field.items[0], begin + 260 * ms);
    claim_start("third", &field, begin + 260 * ms, 2);
}

static void test_race_failure_of_the_last_one_is_the_end(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "4");
    claim_start("only", &field, begin, 0);
    race_settled(&field.race, &field.items[0], begin + ms);
    claim_over("failed", &field, begin + ms);
}

static void test_race_is_not_over_while_one_is_active(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "46");
    claim_start("IPv6", &field, begin, 1);
    race_settled(&field.race, &field.items[1], begin + ms);
    claim_start("IPv4", &field, begin + ms, 0);
    claim_wait("IPv4 is out", &field, begin + 2 * ms, begin + timeout);
}

static void test_race_counts_follow_each_address(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "446");
    claim_counts("begun", &field, 3, 0, 0);
    claim_start("IPv6", &field, begin, 2);
    claim_counts("started", &field, 2, 1, 0);
    race_settled(&field.race, &field.items[2], begin);
    claim_counts("failed", &field, 2, 0, 1);
    claim_start("IPv4", &field, begin, 0);
    race_put_back(&field.race, &field.items[0], begin);
    claim_counts("put back", &field, 2, 0, 1);
    race_unsettle(&field.items[2]);
    claim_counts("unsettled", &field, 3, 0, 0);
}

/* Lookups */

static void race_with_lookups(struct field *field, unsigned pending, bool is_all)
{
    begin_field(field, timeout, pending, is_all);
}

static void test_race_without_an_answer_waits_for_the_deadline(void **state)
{
    (void)state;
    struct field field;
    race_with_lookups(&field, FAMILY_ANY, false);
    claim_wait("nothing known", &field, begin, begin + timeout);
}

static void test_race_late_ipv6_is_given_50_ms(void **state)
{
    (void)state;
    struct field field;
    race_with_lookups(&field, FAMILY_ANY, false);
    int64_t answered_ns = begin + 20 * ms;
    add(&field, "4");
    answered(&field, FAMILY_IPV4, answered_ns);
    claim_wait("at once", &field, answered_ns, answered_ns + 50 * ms);
    claim_wait("1 ns before", &field, answered_ns + 50 * ms - 1, answered_ns + 50 * ms);
    claim_start("IPv4", &field, answered_ns + 50 * ms, 0);
}

static void test_race_ipv6_within_50_ms_goes_first(void **state)
{
    (void)state;
    struct field field;
    race_with_lookups(&field, FAMILY_ANY, false);
    add(&field, "4");
    answered(&field, FAMILY_IPV4, begin);
    add(&field, "6");
    answered(&field, FAMILY_IPV6, begin + 30 * ms);
    claim_start("IPv6", &field, begin + 30 * ms, 1);
}

static void test_race_ipv6_without_addresses_ends_the_50_ms(void **state)
{
    (void)state;
    struct field field;
    race_with_lookups(&field, FAMILY_ANY, false);
    add(&field, "4");
    answered(&field, FAMILY_IPV4, begin);
    answered(&field, FAMILY_IPV6, begin + 7 * ms);
    claim_start("IPv4", &field, begin + 7 * ms, 0);
}

static void test_race_ipv6_first_does_not_wait_for_ipv4(void **state)
{
    (void)state;
    struct field field;
    race_with_lookups(&field, FAMILY_ANY, false);
    add(&field, "6");
    answered(&field, FAMILY_IPV6, begin + 5 * ms);
    claim_start("IPv6", &field, begin + 5 * ms, 0);
}

static void test_race_ipv4_without_addresses_waits_for_ipv6(void **state)
{
    (void)state;
    struct field field;
    race_with_lookups(&field, FAMILY_ANY, false);
    answered(&field, FAMILY_IPV4, begin + 5 * ms);
    claim_wait("IPv6 is out", &field, begin + 5 * ms, begin + timeout);
    add(&field, "6");
    answered(&field, FAMILY_IPV6, begin + 900 * ms);
    claim_start("IPv6", &field, begin + 900 * ms, 0);
}

static void test_race_very_late_ipv6_joins_the_race(void **state)
{
    (void)state;
    struct field field;
    race_with_lookups(&field, FAMILY_ANY, false);
    add(&field, "44");
    answered(&field, FAMILY_IPV4, begin);
    claim_start("IPv4", &field, begin + 50 * ms, 0);
    add(&field, "6");
    answered(&field, FAMILY_IPV6, begin + 100 * ms);
    claim_wait("stagger holds", &field, begin + 100 * ms, begin + 300 * ms);
    claim_start("IPv6", &field, begin + 300 * ms, 2);
}

static void test_race_failure_of_all_waits_for_the_lookup_that_is_out(void **state)
{
    (void)state;
    struct field field;
    race_with_lookups(&field, FAMILY_ANY, false);
    add(&field, "6");
    answered(&field, FAMILY_IPV6, begin);
    claim_start("IPv6", &field, begin, 0);
    race_settled(&field.race, &field.items[0], begin + ms);
    claim_wait("IPv4 is out", &field, begin + ms, begin + timeout);
}

static void test_race_without_any_address_is_over(void **state)
{
    (void)state;
    struct field field;
    race_with_lookups(&field, FAMILY_ANY, false);
    answered(&field, FAMILY_IPV4, begin);
    answered(&field, FAMILY_IPV6, begin + ms);
    claim_over("no address", &field, begin + ms);
}

static void test_race_single_family_starts_with_its_answer(void **state)
{
    (void)state;
    struct field field;
    race_with_lookups(&field, FAMILY_IPV4, false);
    add(&field, "4");
    answered(&field, FAMILY_IPV4, begin + 2 * ms);
    claim_start("-4", &field, begin + 2 * ms, 0);
}

static void test_race_of_all_does_not_wait_for_ipv6(void **state)
{
    (void)state;
    struct field field;
    race_with_lookups(&field, FAMILY_ANY, true);
    add(&field, "4");
    answered(&field, FAMILY_IPV4, begin + ms);
    claim_start("IPv4", &field, begin + ms, 0);
}

static void test_race_of_all_goes_on_after_an_answer(void **state)
{
    (void)state;
    struct field field;
    all_of(&field, "44");
    claim_start("first", &field, begin, 0);
    race_settled(&field.race, &field.items[0], begin);
    claim_start("second", &field, begin, 1);
    claim_wait("second is out", &field, begin, begin + timeout);
    race_settled(&field.race, &field.items[1], begin + ms);
    claim_over("all settled", &field, begin + ms);
}

/* Put back, unsettle, restart */

static void test_race_put_back_address_is_asked_again_after_a_moment(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "4");
    claim_start("first", &field, begin, 0);
    race_put_back(&field.race, &field.items[0], begin);
    claim_wait("put back", &field, begin, begin + 50 * ms);
    claim_start("again", &field, begin + 50 * ms, 0);
}

static void test_race_put_back_of_all_delays_every_start(void **state)
{
    (void)state;
    struct field field;
    all_of(&field, "44");
    claim_start("first", &field, begin, 0);
    race_put_back(&field.race, &field.items[0], begin);
    claim_wait("the other one too", &field, begin, begin + 50 * ms);
}

static void test_race_put_back_ipv6_is_asked_before_ipv4(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "46");
    claim_start("IPv6", &field, begin, 1);
    race_put_back(&field.race, &field.items[1], begin);
    claim_start("IPv6 again", &field, begin + 50 * ms, 1);
}

static void test_race_passed_over_address_waits_behind_the_others(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "664");
    claim_start("IPv6", &field, begin, 0);
    race_pass_over(&field.race, &field.items[0], begin);
    assert_true(race_has_untried(&field.race, &field.known));
    claim_start("IPv4 at once", &field, begin, 2);
    race_settled(&field.race, &field.items[2], begin + ms);
    claim_start("IPv6, another one", &field, begin + ms, 1);
    assert_false(race_has_untried(&field.race, &field.known));
    race_settled(&field.race, &field.items[1], begin + 2 * ms);
    claim_wait("none is left", &field, begin + 2 * ms, begin + 50 * ms);
    claim_start("the first one again", &field, begin + 50 * ms, 0);
    race_settled(&field.race, &field.items[0], begin + 60 * ms);
    claim_over("all settled", &field, begin + 60 * ms);
}

static void test_race_unsettled_address_is_asked_once_more(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "4");
    claim_start("first", &field, begin, 0);
    race_settled(&field.race, &field.items[0], begin + ms);
    race_unsettle(&field.items[0]);
    claim_start("again", &field, begin + ms, 0);
}

/* Beside what the attempt waits for, which ends no later for it. */
static void test_race_asks_again_while_another_address_is_not_settled(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "446");
    claim_start("IPv6", &field, begin, 2);
    race_settled(&field.race, &field.items[2], begin + 1 * ms);
    claim_true("untried", "asks again",
               race_ask_again(&field.race, &field.known, 2, begin + 1 * ms));
    claim_start("first IPv4", &field, begin + 1 * ms, 0);
    race_settled(&field.race, &field.items[2], begin + 2 * ms);
    claim_counts("settled as before", &field, 1, 1, 1);
    claim_wait("no news", &field, begin + 2 * ms, begin + 251 * ms);
    claim_start("second IPv4", &field, begin + 251 * ms, 1);
    race_settled(&field.race, &field.items[0], begin + 300 * ms);
    claim_true("active", "asks again",
               race_ask_again(&field.race, &field.known, 2, begin + 300 * ms));
    claim_wait("one active", &field, begin + 300 * ms, begin + timeout);
    race_settled(&field.race, &field.items[1], begin + 301 * ms);
    claim_over("asked again", &field, begin + 301 * ms);
    race_settled(&field.race, &field.items[2], begin + 302 * ms);
    claim_true("all settled", "asks none",
               !race_ask_again(&field.race, &field.known, 2, begin + 302 * ms));
}

static void test_race_asks_again_while_a_lookup_is_out_but_not_at_the_deadline(void **state)
{
    (void)state;
    struct field field;
    begin_field(&field, timeout, FAMILY_IPV6, false);
    add(&field, "4");
    claim_start("IPv4", &field, begin, 0);
    race_settled(&field.race, &field.items[0], begin + 1 * ms);
    claim_true("deadline", "asks none",
               !race_ask_again(&field.race, &field.known, 0, begin + timeout));
    claim_true("lookup", "asks again",
               race_ask_again(&field.race, &field.known, 0, begin + timeout - 1));
}

/* What it costs to hold one: the others wait, unless all are wanted, but not for too long. */
static void test_race_starts_others_late_beside_one_that_is_held(void **state)
{
    const char *label = "held";
    struct field field;
    race_of(&field, "44");
    claim_start(label, &field, begin, 0);
    race_hold(&field.items[0]);
    claim_counts(label, &field, 1, 1, 0);
    claim_wait(label, &field, begin + 300 * ms, begin + timeout / 2);
    race_settled(&field.race, &field.items[0], begin + 900 * ms);
    claim_start(label, &field, begin + 900 * ms, 1);
    race_hold(&field.items[1]);
    claim_true(label, "none is asked again",
               !race_ask_again(&field.race, &field.known, 0, begin + 900 * ms));
    claim_over(label, &field, begin + timeout);

    label = "held for long: all others fit in what is left";
    begin_field(&field, 300 * ms, 0, false);
    add(&field, "444");
    claim_start(label, &field, begin, 0);
    race_hold(&field.items[0]);
    claim_wait(label, &field, begin + 1 * ms, begin + 150 * ms);
    claim_start(label, &field, begin + 150 * ms, 1);
    claim_wait(label, &field, begin + 151 * ms, begin + 187500 * NS_PER_US);
    claim_start(label, &field, begin + 190 * ms, 2);

    label = "held, and all are asked";
    all_of(&field, "44");
    claim_start(label, &field, begin, 0);
    race_hold(&field.items[0]);
    claim_start(label, &field, begin, 1);
}

static void test_race_restart_leaves_settled_addresses_out(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "44");
    int64_t again = begin + timeout;
    claim_start("first", &field, begin, 0);
    race_settled(&field.race, &field.items[0], begin);
    claim_start("second", &field, begin, 1);
    race_settled(&field.race, &field.items[1], again);
    race_unsettle(&field.items[1]);
    race_restart(&field.race, again, timeout);
    claim_start("the silent one", &field, again, 1);
    race_settled(&field.race, &field.items[1], again + ms);
    claim_over("nothing else", &field, again + ms);
}

static void test_race_restart_has_a_deadline_of_its_own(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "4");
    int64_t again = begin + timeout;
    claim_start("first", &field, begin, 0);
    race_settled(&field.race, &field.items[0], again);
    race_unsettle(&field.items[0]);
    race_restart(&field.race, again, 2 * NS_PER_S);
    claim_start("second", &field, again, 0);
    claim_wait("is out", &field, again, again + 2 * NS_PER_S);
    claim_over("second deadline", &field, again + 2 * NS_PER_S);
}

static void test_race_restart_forgets_the_delays_of_before(void **state)
{
    (void)state;
    struct field field;
    race_with_lookups(&field, FAMILY_ANY, false);
    int64_t again = begin + 10 * ms;
    add(&field, "4");
    answered(&field, FAMILY_IPV4, begin);
    race_restart(&field.race, again, timeout);
    claim_start("at once", &field, again, 0);
}

/* Deadline */

static void test_race_is_over_at_the_deadline_not_before(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "4");
    claim_start("first", &field, begin, 0);
    claim_wait("1 ns before", &field, begin + timeout - 1, begin + timeout);
    claim_over("at it", &field, begin + timeout);
    claim_over("long after it", &field, begin + 100 * timeout);
}

static void test_race_starts_nothing_at_the_deadline(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "4");
    claim_over("too late", &field, begin + timeout);
    claim_counts("too late", &field, 1, 0, 0);
}

static void test_race_starts_1_ns_before_the_deadline(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "4");
    claim_start("just in time", &field, begin + timeout - 1, 0);
}

static void test_race_never_waits_beyond_the_deadline(void **state)
{
    (void)state;
    struct field field;
    begin_field(&field, 30 * ms, FAMILY_ANY, false);
    add(&field, "4");
    answered(&field, FAMILY_IPV4, begin);
    claim_wait("50 ms do not fit into 30", &field, begin, begin + 15 * ms);
    claim_start("half of what was left", &field, begin + 15 * ms, 0);
}

static void test_race_timeout_beyond_the_end_of_time_is_no_deadline(void **state)
{
    (void)state;
    struct field field;
    begin_field(&field, NEVER_NS - begin, 0, false);
    claim_number("longest", "deadline", (uint64_t)field.race.deadline_ns, (uint64_t)NEVER_NS);
    begin_field(&field, NEVER_NS, 0, false);
    claim_number("longer", "deadline", (uint64_t)field.race.deadline_ns, (uint64_t)NEVER_NS);
}

/* Capacity */

static void test_race_full_asks_every_address_once(void **state)
{
    (void)state;
    struct field field;
    all_of(&field, "");
    bool is_started[CANDIDATES_MAX] = {false};
    for (size_t i = 0; i < CANDIDATES_MAX; i++)
        add(&field, i < 64 ? "4" : "6");
    for (size_t i = 0; i < CANDIDATES_MAX; i++) {
        char label[32];
        size_t index = 9999;
        int64_t until_ns;
        (void)snprintf(label, sizeof label, "start %zu", i);
        claim_number(label, "step",
                     race_next(&field.race, &field.known, begin, &index, &until_ns),
                     RACE_START);
        claim_true(label, "a new index", index < CANDIDATES_MAX && !is_started[index]);
        is_started[index] = true;
    }
    claim_wait("all started", &field, begin, begin + timeout);
}

static void test_race_begun_again_begins_with_ipv6(void **state)
{
    (void)state;
    struct field field;
    race_of(&field, "46");
    claim_start("first run", &field, begin, 1);
    field.known.count = 0;
    race_begin(&field.race, begin + timeout, timeout, 0, false);
    add(&field, "46");
    claim_start("second run", &field, begin + timeout, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_race_race_interleaves_families_ipv6_first),
        cmocka_unit_test(test_race_of_all_starts_each_at_once_in_race_order),
        cmocka_unit_test(test_race_next_address_starts_250_ms_after_the_one_before),
        cmocka_unit_test(test_race_stagger_counts_from_a_late_start),
        cmocka_unit_test(test_race_stagger_shrinks_to_fit_the_timeout_but_not_below_10_ms),
        cmocka_unit_test(test_race_stagger_fits_every_address_of_20_before_the_deadline),
        cmocka_unit_test(test_race_failure_starts_the_next_at_once),
        cmocka_unit_test(test_race_failure_of_an_older_address_starts_the_next_at_once),
        cmocka_unit_test(test_race_failure_of_the_last_one_is_the_end),
        cmocka_unit_test(test_race_is_not_over_while_one_is_active),
        cmocka_unit_test(test_race_counts_follow_each_address),
        cmocka_unit_test(test_race_without_an_answer_waits_for_the_deadline),
        cmocka_unit_test(test_race_late_ipv6_is_given_50_ms),
        cmocka_unit_test(test_race_ipv6_within_50_ms_goes_first),
        cmocka_unit_test(test_race_ipv6_without_addresses_ends_the_50_ms),
        cmocka_unit_test(test_race_ipv6_first_does_not_wait_for_ipv4),
        cmocka_unit_test(test_race_ipv4_without_addresses_waits_for_ipv6),
        cmocka_unit_test(test_race_very_late_ipv6_joins_the_race),
        cmocka_unit_test(test_race_failure_of_all_waits_for_the_lookup_that_is_out),
        cmocka_unit_test(test_race_without_any_address_is_over),
        cmocka_unit_test(test_race_single_family_starts_with_its_answer),
        cmocka_unit_test(test_race_of_all_does_not_wait_for_ipv6),
        cmocka_unit_test(test_race_of_all_goes_on_after_an_answer),
        cmocka_unit_test(test_race_put_back_address_is_asked_again_after_a_moment),
        cmocka_unit_test(test_race_put_back_of_all_delays_every_start),
        cmocka_unit_test(test_race_put_back_ipv6_is_asked_before_ipv4),
        cmocka_unit_test(test_race_passed_over_address_waits_behind_the_others),
        cmocka_unit_test(test_race_unsettled_address_is_asked_once_more),
        cmocka_unit_test(test_race_asks_again_while_another_address_is_not_settled),
        cmocka_unit_test(test_race_asks_again_while_a_lookup_is_out_but_not_at_the_deadline),
        cmocka_unit_test(test_race_starts_others_late_beside_one_that_is_held),
        cmocka_unit_test(test_race_restart_leaves_settled_addresses_out),
        cmocka_unit_test(test_race_restart_has_a_deadline_of_its_own),
        cmocka_unit_test(test_race_restart_forgets_the_delays_of_before),
        cmocka_unit_test(test_race_is_over_at_the_deadline_not_before),
        cmocka_unit_test(test_race_starts_nothing_at_the_deadline),
        cmocka_unit_test(test_race_starts_1_ns_before_the_deadline),
        cmocka_unit_test(test_race_never_waits_beyond_the_deadline),
        cmocka_unit_test(test_race_timeout_beyond_the_end_of_time_is_no_deadline),
        cmocka_unit_test(test_race_full_asks_every_address_once),
        cmocka_unit_test(test_race_begun_again_begins_with_ipv6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
