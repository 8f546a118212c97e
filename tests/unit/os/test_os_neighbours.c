/*
 * The count of neighbours that found no place, against the kernel's other account of it.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>

#include "../claim.h"
#include "netcheck/os/os.h"

/* Add up the last column: table_fulls of each processor. False where there is no such file. */
static bool add_file(const char *path, int64_t *sum)
{
    char line[512];
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return false;
    assert_non_null(fgets(line, sizeof line, file)); /* the names of the columns */
    while (fgets(line, sizeof line, file) != NULL) {
        uint64_t value = 0;
        int end = 0;
        for (const char *p = line; sscanf(p, "%" SCNx64 "%n", &value, &end) == 1; p += end)
            continue;
        *sum += (int64_t)value;
    }
    assert_int_equal(fclose(file), 0);
    return true;
}

/* As /proc says; -1 where it does not, as in every network namespace but the first. */
static int64_t read_account(void)
{
    int64_t sum = 0;
    bool is_there = add_file("/proc/net/stat/arp_cache", &sum);
    return is_there && add_file("/proc/net/stat/ndisc_cache", &sum) ? sum : -1;
}

static void test_os_neighbours_lost_are_as_the_kernel_says(void **state)
{
    int64_t before = read_account();
    int64_t count = os_system.neighbours_lost(os_system.self);
    int64_t after = read_account();
    if (before < 0 || count < 0)
        skip();
    assert_true(before <= count && count <= after); /* others may lose some meanwhile */
}

static void test_os_neighbours_lost_without_a_descriptor_is_unknown(void **state)
{
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    struct rlimit none = {.rlim_cur = 0, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int64_t count = os_system.neighbours_lost(os_system.self);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_int_equal(count, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_os_neighbours_lost_are_as_the_kernel_says),
        cmocka_unit_test(test_os_neighbours_lost_without_a_descriptor_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
