#include <stdio.h>

#include "../claim.h"
#include "netcheck/os/fdset.h"

/* Ends of words (64 bits), of an fd_set (1024) and far beyond. */
static const int fds[] = {0, 1, 63, 64, 1023, 1024, 1500, 19000};

static void add(struct fdset *set, int fd)
{
    claim_error("reserve", fdset_reserve(set, fd), ERROR_NONE);
    fdset_add(set, fd);
}

static void init_with(struct fdset *set, int fd)
{
    fdset_init(set);
    add(set, fd);
}

static void init_with_all(struct fdset *set)
{
    fdset_init(set);
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

/* Its bit is where select() looks; one beyond the end is neither in nor can be removed. */
static void test_fdset_added_descriptor_is_the_only_one_in(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        char label[32];
        struct fdset set;
        (void)snprintf(label, sizeof label, "descriptor %d", fds[i]);
        init_with(&set, fds[i]);
        claim_true(label, "its bit",
                   FD_ISSET(fds[i] % FD_SETSIZE, &set.sets[fds[i] / FD_SETSIZE]));
        claim_number(label, "end", (uint64_t)set.end, (uint64_t)fds[i] + 1);
        for (int fd = 0; fd < 20000; fd++)
            claim_true(label, "has() only of it", fdset_has(&set, fd) == (fd == fds[i]));
        fdset_remove(&set, 30000);
        claim_number(label, "members", count_members(&set), 1);
        fdset_release(&set);
    }
}

static void test_fdset_removed_descriptor_is_out_and_the_others_stay(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        char label[32];
        struct fdset set;
        (void)snprintf(label, sizeof label, "without %d", fds[i]);
        init_with_all(&set);
        fdset_remove(&set, fds[i]);
        for (size_t k = 0; k < ARRAY_LEN(fds); k++)
            claim_true(label, "has() of all others", fdset_has(&set, fds[k]) == (k != i));
        fdset_release(&set);
    }
}

static void test_fdset_next_from_any_place_is_the_nearest_one(void **state)
{
    struct fdset set;
    size_t nearest = 0;
    init_with_all(&set);
    for (int from = 0; from < 20000; from++) {
        nearest += nearest < ARRAY_LEN(fds) && fds[nearest] < from;
        assert_int_equal(fdset_next(&set, from), nearest < ARRAY_LEN(fds) ? fds[nearest] : -1);
    }
    fdset_release(&set);
}

static void test_fdset_clear_leaves_nothing_behind(void **state)
{
    struct fdset set;
    init_with_all(&set);
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
    init_with(&set, 63);
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

/* Bits below an end that is raised are not stale; what is removed from one is in the other. */
static void test_fdset_copy_is_a_set_of_its_own(void **state)
{
    struct fdset from;
    struct fdset set;
    init_with(&from, 5);
    init_with(&set, 1500);
    add(&set, 19000);
    claim_error("copy", fdset_copy(&set, &from), ERROR_NONE);
    fdset_add(&set, 19001);
    fdset_remove(&from, 5);
    claim_number("5 and 19001", "members", count_members(&set), 2);
    assert_true(fdset_has(&set, 5));
    fdset_release(&set);
    fdset_release(&from);
}

static void test_fdset_released_set_is_empty_and_usable(void **state)
{
    struct fdset set;
    init_with(&set, 1500);
    fdset_release(&set);
    claim_number("released", "members", count_members(&set), 0);
    assert_int_equal(fdset_next(&set, 0), -1);
    assert_false(fdset_has(&set, 0));
    add(&set, 64);
    claim_number("used again", "members", count_members(&set), 1);
    fdset_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fdset_added_descriptor_is_the_only_one_in),
        cmocka_unit_test(test_fdset_removed_descriptor_is_out_and_the_others_stay),
        cmocka_unit_test(test_fdset_next_from_any_place_is_the_nearest_one),
        cmocka_unit_test(test_fdset_clear_leaves_nothing_behind),
        cmocka_unit_test(test_fdset_reserve_keeps_what_is_in),
        cmocka_unit_test(test_fdset_copy_is_equal_and_keeps_no_stale_bit),
        cmocka_unit_test(test_fdset_copy_is_a_set_of_its_own),
        cmocka_unit_test(test_fdset_released_set_is_empty_and_usable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
