#include <stdio.h>

#include "../claim.h"
#include "netcheck/os/fdset.h"

/* Ends of words (64 bits), of an fd_set (1024) and far beyond. */
static const int fds[] = {0, 1, 63, 64, 1023, 1024, 1500, 19000};

static void label_fd(char *label, size_t size, const char *what, int fd)
{
    (void)snprintf(label, size, "%s %d", what, fd);
}

static void add(struct fdset *set, int fd)
{
    claim_error("reserve", fdset_reserve(set, fd), ERROR_NONE);
    fdset_add(set, fd);
}

static void add_all(struct fdset *set)
{
    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        add(set, fds[i]);
}

static size_t count_members(const struct fdset *set)
{
    size_t count = 0;
    for (int fd = fdset_next(set, 0); fd >= 0; fd = fdset_next(set, fd + 1))
        count++;
    return count;
}

static void test_fdset_added_descriptor_is_the_only_one_in(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        char label[32];
        struct fdset set;
        label_fd(label, sizeof label, "descriptor", fds[i]);
        fdset_init(&set);
        add(&set, fds[i]);
        for (int fd = 0; fd < 20000; fd++)
            claim_true(label, "has() only of it", fdset_has(&set, fd) == (fd == fds[i]));
        fdset_release(&set);
    }
}

static void test_fdset_bit_is_where_select_looks(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        char label[32];
        struct fdset set;
        label_fd(label, sizeof label, "descriptor", fds[i]);
        fdset_init(&set);
        add(&set, fds[i]);
        claim_true(label, "its bit",
                   FD_ISSET(fds[i] % FD_SETSIZE, &set.sets[fds[i] / FD_SETSIZE]));
        claim_number(label, "end", (uint64_t)set.end, (uint64_t)fds[i] + 1);
        fdset_release(&set);
    }
}

static void test_fdset_removed_descriptor_is_out_and_the_others_stay(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        char label[32];
        struct fdset set;
        label_fd(label, sizeof label, "without", fds[i]);
        fdset_init(&set);
        add_all(&set);
        fdset_remove(&set, fds[i]);
        for (size_t k = 0; k < ARRAY_LEN(fds); k++)
            claim_true(label, "has() of all others", fdset_has(&set, fds[k]) == (k != i));
        fdset_release(&set);
    }
}

static void test_fdset_descriptor_beyond_the_end_is_not_in(void **state)
{
    struct fdset set;
    fdset_init(&set);
    assert_false(fdset_has(&set, 0));
    add(&set, 5);
    assert_false(fdset_has(&set, 6));
    assert_false(fdset_has(&set, 1024));
    fdset_release(&set);
}

static void test_fdset_remove_beyond_the_end_changes_nothing(void **state)
{
    struct fdset set;
    fdset_init(&set);
    add(&set, 5);
    fdset_remove(&set, 30000);
    claim_number("remove", "members", count_members(&set), 1);
    fdset_release(&set);
}

static void test_fdset_next_visits_every_descriptor_in_order(void **state)
{
    struct fdset set;
    int fd = -1;
    fdset_init(&set);
    add_all(&set);
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        char label[32];
        label_fd(label, sizeof label, "before", fds[i]);
        fd = fdset_next(&set, fd + 1);
        claim_true(label, "next()", fd == fds[i]);
    }
    assert_int_equal(fdset_next(&set, fd + 1), -1);
    fdset_release(&set);
}

static void test_fdset_next_from_any_place_agrees_with_has(void **state)
{
    struct fdset set;
    fdset_init(&set);
    add_all(&set);
    for (int from = 0; from < 20000; from++) {
        char label[32];
        int expected = from;
        label_fd(label, sizeof label, "from", from);
        while (expected < 20000 && !fdset_has(&set, expected))
            expected++;
        claim_true(label, "next()",
                   fdset_next(&set, from) == (expected < 20000 ? expected : -1));
    }
    fdset_release(&set);
}

static void test_fdset_next_of_an_empty_set_is_none(void **state)
{
    struct fdset set;
    fdset_init(&set);
    assert_int_equal(fdset_next(&set, 0), -1);
    fdset_release(&set);
}

static void test_fdset_clear_leaves_nothing_behind(void **state)
{
    struct fdset set;
    fdset_init(&set);
    add_all(&set);
    fdset_clear(&set);
    claim_number("cleared", "members", count_members(&set), 0);
    claim_number("cleared", "end", (uint64_t)set.end, 0);
    add(&set, 19000); /* the end is back where old bits were */
    claim_number("one added after it", "members", count_members(&set), 1);
    fdset_release(&set);
}

static void test_fdset_reserve_keeps_what_is_in(void **state)
{
    struct fdset set;
    fdset_init(&set);
    add(&set, 63);
    claim_error("reserve", fdset_reserve(&set, 19000), ERROR_NONE);
    claim_number("reserved", "first", (uint64_t)fdset_next(&set, 0), 63);
    claim_number("reserved", "members", count_members(&set), 1);
    fdset_release(&set);
}

static void claim_equal(const char *label, const struct fdset *a, const struct fdset *b)
{
    claim_number(label, "end", (uint64_t)a->end, (uint64_t)b->end);
    for (int fd = 0; fd < 20000; fd++)
        claim_true(label, "the same members", fdset_has(a, fd) == fdset_has(b, fd));
}

static const struct {
    const char *label;
    int from; /* -1: never anything in it */
    int stale;
} copies[] = {
    {"into a fresh set", 1500, -1},
    {"of an empty set into a fresh one", -1, -1},
    {"of an empty set over a low bit", -1, 0},
    {"of an empty set over a high bit", -1, 19000},
    {"over a stale bit in the same fd_set", 5, 900},
    {"over a stale bit in the last fd_set used", 1030, 1500},
    {"over a stale bit in a later fd_set", 63, 19000},
    {"over a stale bit where the end is a multiple of 1024", 1023, 1024},
    {"of a large set over a small one", 19000, 63},
};

static void test_fdset_copy_is_equal_and_keeps_no_stale_bit(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(copies); i++) {
        struct fdset from;
        struct fdset set;
        fdset_init(&from);
        fdset_init(&set);
        if (copies[i].from >= 0)
            add(&from, copies[i].from);
        if (copies[i].stale >= 0)
            add(&set, copies[i].stale);
        claim_error(copies[i].label, fdset_copy(&set, &from), ERROR_NONE);
        claim_equal(copies[i].label, &set, &from);
        if (copies[i].stale >= 0 && copies[i].stale != copies[i].from) {
            fdset_add(&set, copies[i].stale); /* the end is beyond it again */
            fdset_remove(&set, copies[i].stale);
            claim_number(copies[i].label, "members", count_members(&set), count_members(&from));
        }
        fdset_release(&set);
        fdset_release(&from);
    }
}

static void test_fdset_copied_bit_below_a_raised_end_is_not_stale(void **state)
{
    struct fdset from;
    struct fdset set;
    fdset_init(&from);
    fdset_init(&set);
    add(&set, 1500);
    add(&set, 19000);
    add(&from, 5);
    claim_error("copy", fdset_copy(&set, &from), ERROR_NONE);
    fdset_add(&set, 19001);
    claim_number("5 and 19001", "members", count_members(&set), 2);
    fdset_release(&set);
    fdset_release(&from);
}

static void test_fdset_copy_is_a_set_of_its_own(void **state)
{
    struct fdset from;
    struct fdset set;
    fdset_init(&from);
    fdset_init(&set);
    add(&from, 1024);
    claim_error("copy", fdset_copy(&set, &from), ERROR_NONE);
    fdset_remove(&from, 1024);
    assert_true(fdset_has(&set, 1024));
    fdset_release(&from);
    fdset_release(&set);
}

static void test_fdset_released_set_is_empty_and_usable(void **state)
{
    struct fdset set;
    fdset_init(&set);
    add(&set, 1500);
    fdset_release(&set);
    claim_number("released", "members", count_members(&set), 0);
    add(&set, 64);
    claim_number("used again", "members", count_members(&set), 1);
    fdset_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fdset_added_descriptor_is_the_only_one_in),
        cmocka_unit_test(test_fdset_bit_is_where_select_looks),
        cmocka_unit_test(test_fdset_removed_descriptor_is_out_and_the_others_stay),
        cmocka_unit_test(test_fdset_descriptor_beyond_the_end_is_not_in),
        cmocka_unit_test(test_fdset_remove_beyond_the_end_changes_nothing),
        cmocka_unit_test(test_fdset_next_visits_every_descriptor_in_order),
        cmocka_unit_test(test_fdset_next_from_any_place_agrees_with_has),
        cmocka_unit_test(test_fdset_next_of_an_empty_set_is_none),
        cmocka_unit_test(test_fdset_clear_leaves_nothing_behind),
        cmocka_unit_test(test_fdset_reserve_keeps_what_is_in),
        cmocka_unit_test(test_fdset_copy_is_equal_and_keeps_no_stale_bit),
        cmocka_unit_test(test_fdset_copied_bit_below_a_raised_end_is_not_stale),
        cmocka_unit_test(test_fdset_copy_is_a_set_of_its_own),
        cmocka_unit_test(test_fdset_released_set_is_empty_and_usable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
