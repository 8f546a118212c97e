#include <stdio.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/report/history.h"

static const int64_t s = NS_PER_S;

static struct target *target_of(const char *text)
{
    struct target *target = NULL;
    struct fault fault;
    claim_error(text, target_parse(text, strlen(text), &target, &fault), ERROR_NONE);
    return target;
}

/* A row about `member` at `address` ("" for none); it borrows the target. */
static struct result row_of(struct target *target, size_t member, const char *address,
                            enum reason reason)
{
    struct result result;
    memset(&result, 0, sizeof result);
    endpoints_at(target, 0, &result.endpoint);
    result.endpoint.member = member;
    memset(&result.endpoint.address, 0, sizeof result.endpoint.address);
    if (*address != '\0')
        assert_true(address_parse(address, strlen(address), &result.endpoint.address));
    result.outcome = outcome_of(reason);
    result.connect_ns = 5 * NS_PER_MS;
    return result;
}

static struct series *add(struct history *history, struct result *result)
{
    struct series *series = NULL;
    claim_error("add", history_add(history, result, &series), ERROR_NONE);
    assert_non_null(series);
    return series;
}

/* One letter a second: up, down (refused), timeout, error. */
static struct change change_after(const char *rows)
{
    struct history history;
    struct target *target = target_of("db:1");
    struct result result;
    memset(&result, 0, sizeof result);
    history_init(&history, false, false);
    for (size_t i = 0; rows[i] != '\0'; i++) {
        result = row_of(target, 0, "10.0.0.5",
                        rows[i] == 'u'   ? REASON_CONNECTED
                        : rows[i] == 'd' ? REASON_REFUSED
                        : rows[i] == 't' ? REASON_TIMEOUT
                                         : REASON_LOCAL);
        result.asked_ns = (int64_t)(100 + i) * s;
        result.finished_ns = result.asked_ns + 3 * s;
        (void)add(&history, &result);
    }
    history_release(&history);
    target_drop(target);
    return result.change;
}

static const struct {
    const char *rows;
    enum news news;
    enum state before;
    int64_t lasted_s;
} changes[] = {
    {"u", NEWS_NEW, STATE_UP, 0},         {"d", NEWS_NEW, STATE_UP, 0},
    {"uu", NEWS_NONE, STATE_UP, 1},       {"uuu", NEWS_NONE, STATE_UP, 2},
    {"ud", NEWS_CHANGED, STATE_UP, 1},    {"uuuud", NEWS_CHANGED, STATE_UP, 4},
    {"uuudd", NEWS_NONE, STATE_DOWN, 1},  {"uuuddu", NEWS_CHANGED, STATE_DOWN, 2},
    {"dt", NEWS_NONE, STATE_DOWN, 1}, /* another reason is no other state */
    {"dtu", NEWS_CHANGED, STATE_DOWN, 2}, {"ue", NEWS_CHANGED, STATE_UP, 1},
    {"ueee", NEWS_NONE, STATE_ERROR, 2},  {"ueed", NEWS_CHANGED, STATE_ERROR, 2},
};

static void test_history_change_says_what_was_before_and_how_long(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        const char *rows = changes[i].rows;
        struct change change = change_after(rows);
        claim_number(rows, "news", change.news, changes[i].news);
        claim_number(rows, "before", change.before, changes[i].before);
        claim_number(rows, "lasted_ns", (uint64_t)change.lasted_ns,
                     (uint64_t)(changes[i].lasted_s * s));
    }
}

static void test_history_members_have_a_series_each(void **state)
{
    struct history history;
    struct target *target = target_of("db:1");
    static const size_t members[] = {3, 0, 3, 100, 7, 0, 100};
    struct series *seen[101] = {NULL};
    size_t distinct = 0;
    history_init(&history, false, false);
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        struct result row = row_of(target, members[i], "10.0.0.5", REASON_CONNECTED);
        struct series *series = add(&history, &row);
        assert_true((row.change.news == NEWS_NEW) == (seen[members[i]] == NULL));
        if (seen[members[i]] == NULL)
            assert_ptr_equal(history.series[distinct++], series);
        else
            assert_ptr_equal(seen[members[i]], series);
        seen[members[i]] = series;
        assert_ptr_equal(history.members[members[i]], series);
        assert_null(series->stats);
    }
    assert_int_equal(distinct, 4);
    assert_int_equal(history.count, 4);
    assert_true(history.member_count > 100);
    assert_null(history.members[1]);
    assert_null(history.members[99]);
    history_release(&history);
    target_drop(target);
}

static void test_history_thousands_of_series_stay_where_they_are(void **state)
{
    enum { COUNT = 3000 };
    static struct series *seen[COUNT];
    struct history history;
    struct target *target = target_of("db:1");
    history_init(&history, false, true);
    for (size_t i = 0; i < COUNT; i++) {
        struct result row = row_of(target, i, "10.0.0.5", REASON_CONNECTED);
        seen[i] = add(&history, &row);
    }
    assert_int_equal(history.count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_ptr_equal(history.series[i], seen[i]);
        assert_int_equal(seen[i]->last.endpoint.member, i);
        assert_int_equal(seen[i]->stats->sent, 1);
    }
    history_release(&history);
    target_drop(target);
}

static void test_history_address_does_not_matter_to_a_member(void **state)
{
    struct history history;
    struct target *target = target_of("db:1");
    history_init(&history, false, false);
    struct result row = row_of(target, 0, "10.0.0.5", REASON_CONNECTED);
    struct series *series = add(&history, &row);
    row = row_of(target, 0, "10.0.0.6", REASON_CONNECTED);
    assert_ptr_equal(add(&history, &row), series);
    row = row_of(target, 0, "", REASON_UNRESOLVED);
    assert_ptr_equal(add(&history, &row), series);
    assert_true(row.change.news == NEWS_CHANGED);
    assert_int_equal(address_family(&series->last.endpoint.address), AF_UNSPEC);
    assert_int_equal(history.count, 1);
    history_release(&history);
    target_drop(target);
}

static void test_history_by_address_each_one_is_a_sibling(void **state)
{
    static const char *const addresses[] = {"10.0.0.5", "2001:db8::5", "10.0.0.6", ""};
    struct history history;
    struct target *target = target_of("db:1");
    struct series *seen[ARRAY_LEN(addresses)];
    history_init(&history, true, false);
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
        struct result row = row_of(target, 2, addresses[i], REASON_CONNECTED);
        seen[i] = add(&history, &row);
        assert_true(row.change.news == NEWS_NEW);
        assert_ptr_equal(i == 0 ? history.members[2] : seen[i - 1]->sibling, seen[i]);
        assert_ptr_equal(history.series[i], seen[i]);
    }
    for (size_t i = ARRAY_LEN(addresses); i-- > 0;) {
        struct result row = row_of(target, 2, addresses[i], REASON_REFUSED);
        address_set_port(&row.endpoint.address, 77); /* the port is the member's */
        assert_ptr_equal(add(&history, &row), seen[i]);
        assert_true(row.change.news == NEWS_CHANGED);
    }
    struct result other = row_of(target, 1, addresses[0], REASON_CONNECTED);
    assert_ptr_not_equal(add(&history, &other), seen[0]);
    assert_int_equal(history.count, ARRAY_LEN(addresses) + 1);
    history_release(&history);
    target_drop(target);
}

/* Nothing but the family says that there is none. */
static void test_history_by_address_rows_without_one_are_a_series(void **state)
{
    struct history history;
    struct target *target = target_of("db:1");
    history_init(&history, true, false);
    struct result row = row_of(target, 0, "10.0.0.5", REASON_UNRESOLVED);
    row.endpoint.address.socket.any.sa_family = AF_UNSPEC;
    struct series *series = add(&history, &row);
    row = row_of(target, 0, "", REASON_UNRESOLVED);
    assert_ptr_equal(add(&history, &row), series);
    row = row_of(target, 0, "10.0.0.5", REASON_CONNECTED);
    assert_ptr_not_equal(add(&history, &row), series);
    history_release(&history);
    target_drop(target);
}

static void test_history_holds_the_target_of_the_last_row_only(void **state)
{
    struct history history;
    struct target *first = target_of("db:1");
    struct target *second = target_of("db:1");
    history_init(&history, false, true);
    struct result row = row_of(first, 0, "10.0.0.5", REASON_CONNECTED);
    (void)add(&history, &row);
    assert_int_equal(first->references, 2);
    (void)add(&history, &row);
    assert_int_equal(first->references, 2);
    row = row_of(second, 0, "10.0.0.5", REASON_CONNECTED);
    (void)add(&history, &row);
    assert_int_equal(first->references, 1);
    assert_int_equal(second->references, 2);
    history_release(&history);
    assert_int_equal(second->references, 1);
    target_drop(first);
    target_drop(second);
}

static void test_history_last_row_and_its_stats_are_kept(void **state)
{
    struct history history;
    struct target *target = target_of("db:1");
    struct series *series = NULL;
    history_init(&history, false, true);
    for (int64_t i = 1; i <= 5; i++) {
        struct result row =
            row_of(target, 0, "10.0.0.5", i < 3 ? REASON_CONNECTED : REASON_REFUSED);
        row.round = (uint64_t)i;
        row.asked_ns = i * s;
        series = add(&history, &row);
    }
    assert_int_equal(series->last.round, 5);
    assert_int_equal(series->since_ns, 3 * s);
    assert_int_equal(series->stats->sent, 5);
    assert_int_equal(series->stats->states[STATE_UP], 2);
    assert_int_equal(series->stats->asked_ns, 5 * s);
    assert_true(series->last.change.news != NEWS_CHANGED);
    assert_int_equal(series->last.change.before, STATE_DOWN);
    history_release(&history);
    target_drop(target);
}

static void test_history_member_that_no_memory_holds_is_an_error(void **state)
{
    static const size_t members[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 8, SIZE_MAX / 16};
    struct history history;
    struct target *target = target_of("db:1");
    struct series *series = NULL;
    history_init(&history, true, true);
    struct result good = row_of(target, 0, "10.0.0.5", REASON_CONNECTED);
    struct series *kept = add(&history, &good);
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        struct result row = row_of(target, members[i], "10.0.0.5", REASON_CONNECTED);
        claim_error("member", history_add(&history, &row, &series), ERROR_NO_MEMORY);
        assert_null(series);
    }
    assert_int_equal(target->references, 2);
    assert_ptr_equal(add(&history, &good), kept);
    assert_int_equal(kept->stats->sent, 2);
    history_release(&history);
    target_drop(target);
}

static void test_history_released_is_empty_and_usable(void **state)
{
    struct history history;
    struct target *target = target_of("db:1");
    history_init(&history, true, true);
    history_release(&history);
    struct result row = row_of(target, 0, "10.0.0.5", REASON_CONNECTED);
    (void)add(&history, &row);
    history_release(&history);
    assert_int_equal(history.count, 0);
    (void)add(&history, &row);
    assert_true(row.change.news == NEWS_NEW);
    history_release(&history);
    target_drop(target);
}

static struct result row_of_nth(struct target *target, unsigned n)
{
    char address[32];
    (void)snprintf(address, sizeof address, "10.0.%u.%u", n / 256, n % 256);
    struct result result = row_of(target, 0, address, REASON_CONNECTED);
    result.asked_ns = (int64_t)(100 + n) * s;
    return result;
}

/* Its place is that of the first row, also where that has an address. */
static void test_history_expected_series_becomes_that_of_the_first_row(void **state)
{
    struct target *target = target_of("db:1");
    for (int is_by_address = 0; is_by_address <= 1; is_by_address++) {
        struct history history;
        struct result result = row_of(target, 0, "", REASON_REFUSED);
        history_init(&history, is_by_address, true);
        claim_error("expect", history_expect(&history, &result.endpoint, 5 * s), ERROR_NONE);
        const struct series *awaited = history_member(&history, result.endpoint.member);
        assert_true(awaited->is_awaited);
        assert_false(history_has_row(&history, &result.endpoint));
        assert_true(awaited->since_ns == 5 * s);
        result = row_of(target, 0, "10.0.0.1", REASON_REFUSED);
        result.asked_ns = 7 * s;
        assert_ptr_equal(add(&history, &result), awaited);
        assert_false(awaited->is_awaited);
        assert_true(awaited->since_ns == 7 * s);
        assert_true(result.change.news == NEWS_NEW);
        result = row_of(target, 0, "10.0.0.2", REASON_REFUSED);
        assert_true(history_has_row(&history, &result.endpoint) == !is_by_address);
        assert_true((add(&history, &result) == awaited) == !is_by_address);
        assert_true(history_has_row(&history, &result.endpoint));
        result = row_of(target, 0, "", REASON_REFUSED); /* unresolved: there are rows of it */
        assert_true(history_has_row(&history, &result.endpoint));
        history_release(&history);
    }
    target_drop(target);
}

/* A name that has another address each time: those that were not seen for longest are
 * forgotten. */
static void test_history_addresses_without_end_do_not_grow(void **state)
{
    struct history history;
    struct target *target = target_of("db:1");
    history_init(&history, true, true);
    for (unsigned n = 0; n < 3 * HISTORY_ADDRESSES; n++) {
        struct result result = row_of_nth(target, n);
        const struct series *series = add(&history, &result);
        assert_true(result.change.news == NEWS_NEW);
        assert_int_equal(series->stats->sent, 1);
    }
    assert_int_equal(history.count, HISTORY_ADDRESSES);
    for (unsigned n = 0; n < 3 * HISTORY_ADDRESSES; n++) {
        struct result result = row_of_nth(target, n);
        bool is_known = history_has_row(&history, &result.endpoint);
        assert_true(is_known == (n >= 2 * HISTORY_ADDRESSES));
    }
    history_release(&history);
    target_drop(target);
}

/* Up at one address, then unresolved, then up again: each is a first one, and time is not
   counted twice. */
static void test_history_address_that_was_gone_begins_anew(void **state)
{
    static const struct {
        const char *address;
        enum reason reason;
    } rows[] = {{"10.0.0.1", REASON_CONNECTED}, {"10.0.0.1", REASON_CONNECTED},
                {"", REASON_UNRESOLVED},        {"", REASON_UNRESOLVED},
                {"10.0.0.1", REASON_CONNECTED}, {"10.0.0.1", REASON_CONNECTED}};
    struct history history;
    struct target *target = target_of("db:1");
    history_init(&history, true, true);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct result result = row_of(target, 0, rows[i].address, rows[i].reason);
        result.rows = 1;
        result.asked_ns = (int64_t)(100 + i) * s;
        (void)add(&history, &result);
        assert_true((result.change.news == NEWS_NEW) == (i % 2 == 0));
    }
    assert_int_equal(history.count, 2);
    assert_false(history.series[0]->is_gone);
    assert_true(history.series[1]->is_gone);
    assert_int_equal(stats_time_ns(history.series[0]->stats, STATE_UP, 106 * s), 4 * s);
    assert_int_equal(stats_time_ns(history.series[1]->stats, STATE_ERROR, 106 * s), 2 * s);
    history_release(&history);
    target_drop(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history_change_says_what_was_before_and_how_long),
        cmocka_unit_test(test_history_members_have_a_series_each),
        cmocka_unit_test(test_history_thousands_of_series_stay_where_they_are),
        cmocka_unit_test(test_history_address_does_not_matter_to_a_member),
        cmocka_unit_test(test_history_by_address_each_one_is_a_sibling),
        cmocka_unit_test(test_history_by_address_rows_without_one_are_a_series),
        cmocka_unit_test(test_history_holds_the_target_of_the_last_row_only),
        cmocka_unit_test(test_history_last_row_and_its_stats_are_kept),
        cmocka_unit_test(test_history_member_that_no_memory_holds_is_an_error),
        cmocka_unit_test(test_history_released_is_empty_and_usable),
        cmocka_unit_test(test_history_expected_series_becomes_that_of_the_first_row),
        cmocka_unit_test(test_history_addresses_without_end_do_not_grow),
        cmocka_unit_test(test_history_address_that_was_gone_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
