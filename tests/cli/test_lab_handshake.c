/*
 * Handshakes that the other side does not finish, in the simulated network of tests/lab: bare
 * SYNs, resets before and behind the handshake, and windows that stay shut.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"
#include "netcheck/base/base.h"
#include "text.h"

/* A habit of 10.0.0.1 and 2001:db8::1, and what is said of it behind the address. */
static const struct {
    const char *habit;
    bool is_up;
    const char *said;
} habits[] = {
    {"half", false, "timeout: no answer in N ms"},
    {"half reset=0", false, "refused in N ms, reset before the handshake was done"},
    {"half reset=20ms", false, "refused in N ms, reset before the handshake was done"},
    {"half done=20ms", true, "N ms"},
    {"open", true, "N ms"},
    {"shut", false, "timeout: accepted by a SYN proxy, no server behind it answered in N ms"},
    {"shut done=0", true, "N ms"},
    {"shut done=100ms", true, "N ms"},
    {"shut reset=0", false, "refused in N ms, by the server behind a SYN proxy"},
    {"shut reset=100ms", false, "refused in N ms, by the server behind a SYN proxy"},
};

/* The row of the habit, its latency hidden. */
static void expect_habit(size_t i, const char *target, const char *address, char *out,
                         size_t size)
{
    (void)snprintf(out, size, "%-6s %s  %s  %s\n", habits[i].is_up ? "up" : "down", target,
                   address, habits[i].said);
}

static void test_lab_up_is_a_handshake_that_the_server_finished(void **state)
{
    (void)state;
    inside_need_lab();
    for (size_t i = 0; i < ARRAY_LEN(habits); i++) {
        char rules[2][64];
        char out[2][256];
        (void)snprintf(rules[0], sizeof rules[0], "10.0.0.1 %s", habits[i].habit);
        (void)snprintf(rules[1], sizeof rules[1], "[2001:db8::1] %s", habits[i].habit);
        expect_habit(i, "10.0.0.1:80", "10.0.0.1", out[0], sizeof out[0]);
        expect_habit(i, "[2001:db8::1]:80", "2001:db8::1", out[1], sizeof out[1]);
        char expected[sizeof out];
        (void)snprintf(expected, sizeof expected, "%s%s", out[0], out[1]);
        struct inside inside;
        bool is_silent = strncmp(habits[i].said, "timeout", 7) == 0;
        inside_run(&inside, habits[i].habit, WORDS(rules[0], rules[1]), inside_netcheck(),
                   WORDS("-t", is_silent ? "0.5" : "5", "10.0.0.1:80", "[2001:db8::1]:80"));
        text_hide_latencies(&inside.program.out);
        expect_text(habits[i].habit, "standard output", buffer_text(&inside.program.out),
                    expected);
        expect_number(habits[i].habit, "status", inside.program.status, !habits[i].is_up);
        inside_end(&inside);
    }
}

/* Many at once have deadlines so close that the last look is not select()'s. */
static void test_lab_many_half_open_hosts_are_all_down(void **state)
{
    (void)state;
    inside_need_lab();
    static const char *const rules[] = {"0.0.0.0/0 half", "[::]/0 half", "0.0.0.0/0 shut"};
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        struct inside inside;
        const char *target = i == 1 ? "[2001:db8::]/120:80" : "10.0.0.0/24:80";
        inside_run(&inside, rules[i], WORDS(rules[i]), inside_netcheck(),
                   WORDS("-r", "0", "-t", "1", "--only", "up,error", target));
        expect_text(rules[i], "rows", buffer_text(&inside.program.out), "");
        expect_number(rules[i], "status", inside.program.status, 1);
        inside_end(&inside);
    }
}

/* The shell stops the program before its deadline and lets it go on behind it. */
static void test_lab_half_open_is_down_after_a_stop(void **state)
{
    (void)state;
    inside_need_lab();
    static const char *const rules[] = {"10.0.0.1 half", "10.0.0.1 shut"};
    static const char script[] = "\"$0\" -t 1 10.0.0.1:80 & sleep 0.5; kill -STOP $!; "
                                 "sleep 1; kill -CONT $!; wait $!";
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        struct inside inside;
        inside_run(&inside, rules[i], WORDS(rules[i]), "sh",
                   WORDS("-c", script, inside_netcheck()));
        assert_non_null(strstr(buffer_text(&inside.program.out), "down   10.0.0.1:80"));
        expect_number(rules[i], "status", inside.program.status, 1);
        inside_end(&inside);
    }
}

/* Stopped when the answer comes: what the kernel noted, or nothing. */
static void test_lab_stop_is_no_latency(void **state)
{
    (void)state;
    inside_need_lab();
    static const char *const rules[] = {"10.0.0.1 open rtt=800ms",
                                        "10.0.0.1 refused rtt=800ms"};
    static const char script[] = "\"$0\" -j 10.0.0.1:80 & sleep 0.4; kill -STOP $!; "
                                 "sleep 1; kill -CONT $!; wait $!";
    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        static const char name[] = "\"connect_ms\":";
        struct inside inside;
        inside_run(&inside, rules[i], WORDS(rules[i]), "sh",
                   WORDS("-c", script, inside_netcheck()));
        const char *time = strstr(buffer_text(&inside.program.out), name);
        assert_non_null(time);
        time += strlen(name);
        if (i == 0)
            inside_expect_between(rules[i], strtol(time, NULL, 10), 800, 1300);
        else
            assert_memory_equal(time, "null", 4);
        inside_end(&inside);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lab_up_is_a_handshake_that_the_server_finished),
        cmocka_unit_test(test_lab_many_half_open_hosts_are_all_down),
        cmocka_unit_test(test_lab_half_open_is_down_after_a_stop),
        cmocka_unit_test(test_lab_stop_is_no_latency),
    };
    return cmocka_run_group_tests_name("cli: lab, handshakes", tests, inside_open,
                                       inside_release);
}
