/*
 * Local ports and addresses that this machine lacks, in the simulated network of tests/lab.
 */
#include <stdio.h>
#include <string.h>

#include "inside.h"
#include "netcheck/base/base.h"

/* Few ports for 40 connects that take a while each: the shell sets them up in the network. */
static void test_lab_few_local_ports_only_slow_it_down(void **state)
{
    (void)state;
    inside_need_lab();
    static const char script[] =
        "echo 20000 20003 >/proc/sys/net/ipv4/ip_local_port_range\n"
        "ports=9; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 "
        "19; do ports=$ports,9; done\n"
        "\"$0\" --only up,error \"$@\" $ports";
    static const char *const cases[][3] = {
        {"10.0.0.1"},
        {"2001:db8::1"},
        {"-I", "lab0", "10.0.0.1"},
        {"-I", "lab0", "2001:db8::1"},
        {"-s", "192.0.2.1", "10.0.0.1"},
        {"-s", "2001:db8:ffff::1", "2001:db8::1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct inside inside;
        inside_run(
            &inside, cases[i][0],
            WORDS("0.0.0.0/0 refused rtt=20ms", "[::]/0 refused rtt=20ms"), "sh",
            WORDS("-c", script, inside_netcheck(), cases[i][0], cases[i][1], cases[i][2]));
        expect_text(cases[i][0], "rows", buffer_text(&inside.program.out), "");
        expect_number(cases[i][0], "status", inside.program.status, 1);
        inside_expect_counters(&inside, "syns 20");
        inside_end(&inside);
    }
}

static void test_lab_without_ipv6_is_told_at_once(void **state)
{
    (void)state;
    inside_need_lab();
    static const char script[] = "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6\n"
                                 "exec \"$0\" \"$@\"";
    struct inside inside;
    inside_run(&inside, "IPv6 is off", WORDS("[::]/0 open"), "sh",
               WORDS("-c", script, inside_netcheck(), "[::1]:80", "[2001:db8::1]:80",
                     "[fe80::1%999]:80"));
    expect_text("IPv6 is off", "standard output", buffer_text(&inside.program.out),
                "error  [::1]:80  ::1  local: IPv6 is off, or has no address here to ask from\n"
                "error  [2001:db8::1]:80  2001:db8::1  local: IPv6 is off, or has no address "
                "here to ask from\n"
                "error  [fe80::1%999]:80  fe80::1%999  local: no such interface\n");
    expect_number("IPv6 is off", "status", inside.program.status, 2);
    expect_took(&inside.program, 0, 3000);
    inside_end(&inside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lab_few_local_ports_only_slow_it_down),
        cmocka_unit_test(test_lab_without_ipv6_is_told_at_once),
    };
    return cmocka_run_group_tests_name("cli: lab, shortages", tests, inside_open,
                                       inside_release);
}
