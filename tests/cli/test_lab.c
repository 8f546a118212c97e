/*
 * The program in the simulated network of tests/lab: what the rules and the router in front of
 * them make of its connects.
 *
 * Rows that need an answer have the default deadline, silent ones a short one: a busy machine
 * makes the first later, and nothing makes the second come.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"

/* What the network is, what netcheck is asked in it, and all that comes of it. */
struct scenario {
    const char *label;
    const char *lab[12];
    const char *netcheck[12];
    int status;
    const char *out;
    const char *counters; /* see inside_expect_counters(); NULL: anything */
};

static void expect_scenario(const struct scenario *scenario)
{
    struct inside inside;
    inside_run(&inside, scenario->label, scenario->lab, inside_netcheck(), scenario->netcheck);
    struct program *program = &inside.program;
    text_hide_latencies(&program->out);
    expect_text(scenario->label, "standard output", buffer_text(&program->out), scenario->out);
    expect_number(scenario->label, "exit status", program->status, scenario->status);
    if (scenario->counters != NULL)
        inside_expect_counters(&inside, scenario->counters);
    inside_end(&inside);
}

static void expect_scenarios(const struct scenario *scenarios, size_t count)
{
    inside_need_lab();
    for (size_t i = 0; i < count; i++)
        expect_scenario(&scenarios[i]);
}

static void test_lab_rules_decide_the_rows(void **state)
{
    (void)state;
    static const struct scenario scenarios[] = {
        {"open, refused, IPv6",
         ARGS("10.0.0.0/16:22,80-81 open", "10.0.0.0/16 refused", "[2001:db8:1::]/64:443 open",
              "[2001:db8:1::]/64 refused"),
         ARGS("10.0.1.2:21-22,81-82", "[2001:db8:1::5]:443-444"), 1,
         "down   10.0.1.2:21  10.0.1.2  refused in N ms\n"
         "up     10.0.1.2:22  10.0.1.2  N ms\n"
         "up     10.0.1.2:81  10.0.1.2  N ms\n"
         "down   10.0.1.2:82  10.0.1.2  refused in N ms\n"
         "up     [2001:db8:1::5]:443  2001:db8:1::5  N ms\n"
         "down   [2001:db8:1::5]:444  2001:db8:1::5  refused in N ms\n",
         "syns 6 answered 6 lost 0 table_dropped 0 table_peak 0 policed 0 icmp_sent 0 echoes 0 "
         "silent 0 backlog_dropped 0 overrun 0"},
        {"silent, and no rule",
         ARGS("10.0.0.7 silent", "[2001:db8:1::7] silent", "10.0.0.0/24 open"),
         ARGS("-t", "0.1", "10.0.0.7:1", "10.0.1.0:1", "[2001:db8:1::7]:1",
              "[2001:db8:2::7]:1"),
         1,
         "down   10.0.0.7:1  10.0.0.7  timeout: no answer in N ms\n"
         "down   10.0.1.0:1  10.0.1.0  timeout: no answer in N ms\n"
         "down   [2001:db8:1::7]:1  2001:db8:1::7  timeout: no answer in N ms\n"
         "down   [2001:db8:2::7]:1  2001:db8:2::7  timeout: no answer in N ms\n",
         "syns 4 answered 0 silent 4 overrun 0"},
        {"the first rule that matches",
         ARGS("10.0.0.1 open", "10.0.0.1 refused", "10.0.0.0/31 refused", "10.0.0.0/31 open",
              "0.0.0.0/0 icmp=3/1"),
         ARGS("10.0.0.0:1", "10.0.0.1:1", "10.0.0.2:1"), 1,
         "down   10.0.0.0:1  10.0.0.0  refused in N ms\n"
         "up     10.0.0.1:1  10.0.0.1  N ms\n"
         "down   10.0.0.2:1  10.0.0.2  unreachable: host unreachable, said 10.0.0.2 "
         "(ICMP 3/1)\n",
         NULL},
        {"a rule of one family is none of the other", ARGS("0.0.0.0/0 refused", "[::]/0 open"),
         ARGS("10.0.0.1:65535", "[2001:db8::1]:65535"), 1,
         "down   10.0.0.1:65535  10.0.0.1  refused in N ms\n"
         "up     [2001:db8::1]:65535  2001:db8::1  N ms\n",
         NULL},
    };
    expect_scenarios(scenarios, ARRAY_LEN(scenarios));
}

/* Each SYN that reaches the network is counted. */
static void test_lab_excluded_hosts_see_no_packet(void **state)
{
    (void)state;
    static const struct scenario scenarios[] = {
        {"prefix", ARGS("10.0.0.0/16 open", "[2001:db8:1::]/64 open"),
         ARGS("10.0.0.0/24:22,80", "[2001:db8:1::]/126:22", "--only=down", "--exclude",
              "10.0.0.0/25,10.0.0.200-209:22,10.0.0.255,2001:db8:1::3"),
         0, "", "syns 247 answered 247 silent 0"},
        {"shuffled, a shard", ARGS("10.0.0.0/16 open"),
         ARGS("10.0.0.0/24:22", "--only=down", "--shuffle", "--shard=1/2", "--exclude",
              "10.0.0.0-1,10.0.0.128/25"),
         0, "", "syns 63 answered 63 silent 0"},
        {"until up", ARGS("10.0.0.0/16 open"),
         ARGS("10.0.0.0-9:22", "--wait=20", "-q", "--exclude", "10.0.0.5-20"), 0, "",
         "syns 5 answered 5 silent 0"},
    };
    expect_scenarios(scenarios, ARRAY_LEN(scenarios));
}

static void test_lab_icmp_error_has_its_type_code_and_sender(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        const char *target;
        const char *address;
        const char *said;
    } cases[] = {
        {"10.0.0.0/8 icmp=3/0", "10.0.0.1:1", "10.0.0.1",
         "unreachable: network unreachable, said 10.0.0.1 (ICMP 3/0)"},
        {"10.0.0.0/8 icmp=3/1 from=10.6.0.1", "10.0.0.1:1", "10.0.0.1",
         "unreachable: host unreachable, said 10.6.0.1 (ICMP 3/1)"},
        {"10.0.0.0/8 icmp=3/2", "10.0.0.1:1", "10.0.0.1",
         "unreachable: protocol unreachable, said 10.0.0.1 (ICMP 3/2)"},
        {"10.0.0.0/8 icmp=3/3", "10.0.0.1:1", "10.0.0.1",
         "refused: port unreachable, said 10.0.0.1 (ICMP 3/3)"},
        {"10.0.0.0/8 icmp=3/9 from=10.6.0.2", "10.0.0.1:1", "10.0.0.1",
         "prohibited: network administratively prohibited, said 10.6.0.2 (ICMP 3/9)"},
        {"10.0.0.0/8 icmp=3/10", "10.0.0.1:1", "10.0.0.1",
         "prohibited: host administratively prohibited, said 10.0.0.1 (ICMP 3/10)"},
        {"10.0.0.0/8 icmp=3/13 rtt=20ms", "10.0.0.1:1", "10.0.0.1",
         "prohibited: administratively prohibited, said 10.0.0.1 (ICMP 3/13)"},
        {"[2001:db8::]/32 icmp=1/0", "[2001:db8::1]:1", "2001:db8::1",
         "unreachable: no route to destination, said 2001:db8::1 (ICMPv6 1/0)"},
        {"[2001:db8::]/32 icmp=1/1 from=2001:db8::99 rtt=20ms", "[2001:db8::1]:1",
         "2001:db8::1",
         "prohibited: administratively prohibited, said 2001:db8::99 (ICMPv6 1/1)"},
        {"[2001:db8::]/32 icmp=1/3 from=2001:db8::99", "[2001:db8::1]:1", "2001:db8::1",
         "unreachable: address unreachable, said 2001:db8::99 (ICMPv6 1/3)"},
        {"[2001:db8::]/32 icmp=1/4", "[2001:db8::1]:1", "2001:db8::1",
         "refused: port unreachable, said 2001:db8::1 (ICMPv6 1/4)"},
    };
    inside_need_lab();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char out[256];
        (void)snprintf(out, sizeof out, "down   %s  %s  %s\n", cases[i].target,
                       cases[i].address, cases[i].said);
        const struct scenario scenario = {.label = cases[i].rule,
                                          .lab = {cases[i].rule},
                                          .netcheck = {cases[i].target},
                                          .status = 1,
                                          .out = out,
                                          .counters = "lost 0 silent 0"};
        expect_scenario(&scenario);
    }
}

/* The lowest and the highest connect_ms of JSON rows, and how many there are. */
static size_t read_times(const char *json, double *least, double *most)
{
    static const char name[] = "\"connect_ms\":";
    size_t count = 0;
    for (const char *at = strstr(json, name); at != NULL; at = strstr(at + 1, name), count++) {
        double ms = strtod(at + strlen(name), NULL);
        *least = count == 0 || ms < *least ? ms : *least;
        *most = count == 0 || ms > *most ? ms : *most;
    }
    return count;
}

static void test_lab_answers_take_rtt_and_jitter(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        double least_ms;
        double most_ms; /* at least one takes longer */
    } cases[] = {
        {"0.0.0.0/0 open rtt=120ms", 120, 120},
        {"0.0.0.0/0 refused rtt=0.12s", 120, 120},
        {"0.0.0.0/0 icmp=3/1 rtt=120ms", 120, 120},
        {"0.0.0.0/0 icmp=3/1", 1, 1},                      /* see rules.h */
        {"0.0.0.0/0 open rtt=30ms jitter=150ms", 30, 120}, /* 64 below 90 ms of 150: never */
    };
    inside_need_lab();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct inside inside;
        double least = 0;
        double most = 0;
        inside_run(&inside, cases[i].rule, WORDS(cases[i].rule), inside_netcheck(),
                   WORDS("-j", "10.0.0.0/26:80"));
        const char *json = buffer_text(&inside.program.out);
        expect_number(cases[i].rule, "rows with a time",
                      (int64_t)read_times(json, &least, &most), 64);
        inside_expect_counters(&inside, "syns 64 answered 64");
        if (least < cases[i].least_ms || most < cases[i].most_ms)
            fail_msg("%s: took %f-%f ms", cases[i].rule, least, most);
        inside_end(&inside);
    }
}

static const struct scenario limit_scenarios[] = {
    {"loss of all", ARGS("10.0.0.0/8 open loss=100%"),
     ARGS("-q", "-t", "0.1", "10.0.0.0/28:80"), 1, "", "syns 16 answered 0 lost 16"},
    {"loss of none", ARGS("10.0.0.0/8 open loss=0%"), ARGS("-q", "10.0.0.0/28:80"), 0, "",
     "syns 16 answered 16 lost 0"},
    {"three half-open connections of five", ARGS("--table", "3", "10.0.0.0/8 silent"),
     ARGS("-q", "-t", "0.1", "10.0.0.1:1-5"), 1, "",
     "syns 5 table_dropped 2 table_peak 3 silent 3"},
    {"a full table is full for all", ARGS("--table", "1", "10.0.0.1 silent", "0.0.0.0/0 open"),
     ARGS("-t", "0.1", "-P", "1", "10.0.0.1:1", "10.0.0.2:1"), 1,
     "down   10.0.0.1:1  10.0.0.1  timeout: no answer in N ms\n"
     "down   10.0.0.2:1  10.0.0.2  timeout: no answer in N ms\n",
     "syns 2 answered 0 table_dropped 1 table_peak 1"},
    {"every answer makes room",
     ARGS("--table", "1", "10.0.0.1 open", "10.0.0.2 refused", "10.0.0.3 icmp=3/1",
          "10.0.0.4 open rtt=20ms", "10.0.0.5 refused rtt=20ms", "10.0.0.6 icmp=3/1 rtt=20ms"),
     ARGS("-q", "-P", "1", "10.0.0.1:1-2", "10.0.0.2:1-2", "10.0.0.3:1-2", "10.0.0.4:1-2",
          "10.0.0.5:1-2", "10.0.0.6:1-2"),
     1, "", "table_dropped 0 table_peak 1"},
    {"an entry expires", ARGS("--table", "1", "--expire", "10ms", "0.0.0.0/0 silent"),
     ARGS("-q", "-t", "0.1", "-P", "1", "10.0.0.1:1-3"), 1, "",
     "syns 3 table_dropped 0 table_peak 1 silent 3"},
    {"an entry stays for 5 s", ARGS("--table", "1", "0.0.0.0/0 silent"),
     ARGS("-q", "-t", "0.1", "-P", "1", "10.0.0.1:1-3"), 1, "",
     "syns 3 table_dropped 2 table_peak 1 silent 1"},
    {"a SYN that is sent again is known",
     ARGS("--table", "1", "--rate-limit", "1", "0.0.0.0/0 silent"),
     ARGS("-q", "-t", "1.5", "10.0.0.1:1"), 1, "", "syns 2 table_dropped 0 policed 0 silent 2"},
    {"the policer passes one", ARGS("--rate-limit", "1", "10.0.0.0/8 open"),
     ARGS("-q", "-t", "0.1", "10.0.0.1:1-5"), 1, "", "syns 5 answered 1 policed 4"},
    {"backlog is by endpoint", ARGS("0.0.0.0/0 open backlog=1"),
     ARGS("-q", "10.0.0.1:1-20", "10.0.0.2:1-20"), 0, "",
     "syns 40 answered 40 backlog_dropped 0"},
};

static void test_lab_losses_and_limits_are_counted(void **state)
{
    (void)state;
    expect_scenarios(limit_scenarios, ARRAY_LEN(limit_scenarios));
}

/* Where the numbers depend on when the connects come, only their sum is certain. */
static void test_lab_limits_over_time_drop_the_rest(void **state)
{
    (void)state;
    static const struct {
        const char *lab[4];
        const char *target;
        const char *dropped;
        int64_t least;
        int64_t most;
    } cases[] = {
        {{"0.0.0.0/0 open loss=50%"}, "10.0.0.0/26:80", "lost", 20, 44},
        {{"0.0.0.0/0 open loss=10.5%"}, "10.0.0.0/26:80", "lost", 1, 20},
        {{"0.0.0.0/0 open", "--rate-limit", "100"}, "10.0.0.0/26:80", "policed", 1, 54},
        {{"0.0.0.0/0 open backlog=2"},
         "10.0.0.1:80,80,80,80,80,80,80,80,80,80",
         "backlog_dropped",
         1,
         8},
    };
    inside_need_lab();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct inside inside;
        const char *label = cases[i].lab[0];
        inside_run(&inside, label, cases[i].lab, inside_netcheck(),
                   WORDS("-q", "-t", "0.1", "-r", "0", cases[i].target));
        int64_t dropped = inside_counter(&inside, cases[i].dropped);
        inside_expect_between(label, dropped, cases[i].least, cases[i].most);
        expect_number(label, "answered", inside_counter(&inside, "answered"),
                      inside_counter(&inside, "syns") - dropped);
        inside_end(&inside);
    }
}

/* The rows of 256 endpoints, 128 hosts with two ports each. The caller frees them. */
static char *take_rows(const char *const *lab)
{
    struct inside inside;
    inside_run(&inside, lab[0], lab, inside_netcheck(), WORDS("10.0.0.0/25:80-81"));
    text_hide_latencies(&inside.program.out);
    char *rows = strdup(buffer_text(&inside.program.out));
    assert_non_null(rows);
    inside_end(&inside);
    return rows;
}

static size_t count_rows(const char *rows, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(rows, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

static void test_lab_share_chooses_the_same_endpoints_each_time(void **state)
{
    (void)state;
    inside_need_lab();
    static const char *const lab[] = {"0.0.0.0/0 open share=30%", "0.0.0.0/0 refused share=50%",
                                      "0.0.0.0/0 icmp=3/1 share=100%",
                                      "0.0.0.0/0 open share=0%", NULL};
    const char *const other_lab[] = {lab[0], lab[1], lab[2], lab[3], "--seed", "2", NULL};
    char *first = take_rows(lab);
    char *again = take_rows(lab);
    char *other = take_rows(other_lab);
    expect_text("share", "second run", again, first);
    assert_string_not_equal(other, first);
    /* 30 % of 256, half of the rest, and the other half: give or take four deviations. */
    inside_expect_between("open", (int64_t)count_rows(first, "up  "), 47, 107);
    inside_expect_between("refused", (int64_t)count_rows(first, "refused"), 60, 120);
    inside_expect_between("ICMP", (int64_t)count_rows(first, "ICMP"), 60, 120);
    assert_int_equal(count_rows(first, "\n"), 256);
    free(first);
    free(again);
    free(other);
}

static void test_lab_hosts_chooses_all_ports_of_a_host(void **state)
{
    (void)state;
    inside_need_lab();
    char *rows = take_rows(WORDS("0.0.0.0/0 open hosts=50%", "0.0.0.0/0 refused"));
    assert_int_equal(count_rows(rows, "\n"), 256);
    for (const char *row = rows; *row != '\0';) {
        const char *second = strchr(row, '\n') + 1;
        if (row[0] != second[0])
            fail_msg("two ports of a host differ: %.60s", row);
        row = strchr(second, '\n') + 1;
    }
    inside_expect_between("open", (int64_t)count_rows(rows, "up  "), 2 * 41, 2 * 87);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lab_rules_decide_the_rows),
        cmocka_unit_test(test_lab_excluded_hosts_see_no_packet),
        cmocka_unit_test(test_lab_icmp_error_has_its_type_code_and_sender),
        cmocka_unit_test(test_lab_answers_take_rtt_and_jitter),
        cmocka_unit_test(test_lab_losses_and_limits_are_counted),
        cmocka_unit_test(test_lab_limits_over_time_drop_the_rest),
        cmocka_unit_test(test_lab_share_chooses_the_same_endpoints_each_time),
        cmocka_unit_test(test_lab_hosts_chooses_all_ports_of_a_host),
    };
    return cmocka_run_group_tests_name("cli: lab", tests, inside_open, inside_release);
}
