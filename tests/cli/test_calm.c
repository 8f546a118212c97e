/*
 * The program behind a router that is too small for it, in the simulated network of tests/lab:
 * what it lost at first is found when it looks again.
 *
 * The router holds 300 half-open connections; of 1,024 hosts half are open, a fifth refuse and
 * the others are silent, so that these alone fill it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"
#include "netcheck/base/base.h"
#include "text.h"

enum { HOSTS = 1024 };

#define TARGET "10.0.0.0/22:80"
#define RULES                                         \
    "10.0.0.0/8 open hosts=50% rtt=20ms jitter=30ms", \
        "10.0.0.0/8 refused hosts=40% rtt=20ms jitter=30ms", "10.0.0.0/8 silent"
#define ROUTER "--table", "300", "--expire", "2s"

/* What a JSON row says of its host. */
struct said {
    char reason[16];
    int attempts;
};

struct saying {
    struct said hosts[HOSTS];
    size_t count;
};

/* The value behind `"name":`, without quotes. */
static void take_value(const char *row, const char *name, char *value, size_t size)
{
    char key[32];
    (void)snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(row, key);
    assert_non_null(at);
    at += strlen(key);
    at += *at == '"';
    size_t len = strcspn(at, "\",}");
    assert_in_range(len, 1, size - 1);
    memcpy(value, at, len);
    value[len] = '\0';
}

static void read_rows(const char *json, struct saying *saying)
{
    saying->count = 0;
    while (*json != '\0') {
        const char *end = strchr(json, '\n');
        char attempts[4];
        assert_non_null(end);
        assert_true(saying->count < HOSTS);
        struct said *said = &saying->hosts[saying->count++];
        take_value(json, "reason", said->reason, sizeof said->reason);
        take_value(json, "attempts", attempts, sizeof attempts);
        said->attempts = (int)strtol(attempts, NULL, 10);
        json = end + 1;
    }
}

/* Ask all hosts. The rows come in the order of the hosts. */
static void ask_hosts(const char *label, const char *const *lab, const char *const *arguments,
                      struct saying *saying)
{
    struct inside inside;
    inside_run(&inside, label, lab, inside_netcheck(), arguments);
    expect_number(label, "exit status", inside.program.status, 1);
    read_rows(buffer_text(&inside.program.out), saying);
    expect_number(label, "rows", (int64_t)saying->count, HOSTS);
    expect_number(label, "packets overrun", inside_counter(&inside, "overrun"), 0);
    inside_end(&inside);
}

/* Without the router no SYN is lost, and what is silent is silent. */
static void learn_truth(struct saying *saying)
{
    ask_hosts("without the router", WORDS(RULES), WORDS("-j", "-r", "0", "-t", "2", TARGET),
              saying);
}

/* Hosts of which the other one says something else. */
static size_t count_wrong(const struct saying *saying, const struct saying *truth)
{
    size_t count = 0;
    for (size_t i = 0; i < HOSTS; i++)
        count += strcmp(saying->hosts[i].reason, truth->hosts[i].reason) != 0;
    return count;
}

/* Hosts that said so when they were asked for the nth time, or more often. */
static size_t count_said(const struct saying *saying, const char *reason, int least_attempts)
{
    size_t count = 0;
    for (size_t i = 0; i < HOSTS; i++)
        count += strcmp(saying->hosts[i].reason, reason) == 0 &&
                 saying->hosts[i].attempts >= least_attempts;
    return count;
}

static void test_calm_behind_a_small_router_every_verdict_is_true(void **state)
{
    (void)state;
    struct saying truth;
    struct saying saying;
    inside_need_lab();
    learn_truth(&truth);
    ask_hosts("router", WORDS(ROUTER, RULES), WORDS("-j", TARGET), &saying);
    assert_int_equal(count_wrong(&saying, &truth), 0);
    assert_true(count_said(&saying, "connected", 2) > 0);
    assert_true(count_said(&saying, "refused", 2) > 0);
    assert_int_equal(count_said(&saying, "timeout", 6), 0);
}

static void test_calm_without_retries_some_verdicts_are_wrong(void **state)
{
    (void)state;
    struct saying truth;
    struct saying saying;
    inside_need_lab();
    learn_truth(&truth);
    ask_hosts("router, -r 0", WORDS(ROUTER, RULES), WORDS("-j", "-r", "0", TARGET), &saying);
    size_t wrong = count_wrong(&saying, &truth);
    assert_true(wrong > 0);
    /* Not to see an answer is the one mistake it makes. */
    assert_int_equal(count_said(&saying, "timeout", 1),
                     count_said(&truth, "timeout", 1) + wrong);
    assert_int_equal(count_said(&saying, "connected", 2), 0);
    assert_int_equal(count_said(&saying, "timeout", 2), 0);
}

/* One port is silent of an address whose other ports answer. */
static void test_calm_verbose_names_the_second_look(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        const char *ports; /* the silent one is 99 */
        const char *retries;
        bool looks_again;
    } cases[] = {
        {"by default", "10.0.0.1:1-99", NULL, true},
        {"-r 1", "10.0.0.1:1-99", "1", true},
        {"-r 0", "10.0.0.1:1-99", "0", false},
        {"few targets", "10.0.0.1:90-99", NULL, false},
    };
    inside_need_lab();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *retries = cases[i].retries;
        const char *words[] = {"10.0.0.1:99 silent",
                               "10.0.0.1 open",
                               "--",
                               inside_netcheck(),
                               "-v",
                               "-t",
                               "0.5",
                               cases[i].ports,
                               retries != NULL ? "-r" : NULL,
                               retries,
                               NULL};
        const struct launch launch = {.label = cases[i].label, .arguments = words};
        struct program program;
        program_run(&program, &launch);
        const char *notes = buffer_text(&program.err);
        bool looked_again = strstr(notes, "* 10.0.0.1:99: no answer, perhaps for too much "
                                          "traffic: a second look later\n") != NULL;
        expect_number(cases[i].label, "second look", looked_again, cases[i].looks_again);
        expect_number(cases[i].label, "canaries",
                      strstr(notes, " asked again: does it still answer") != NULL,
                      cases[i].looks_again);
        expect_number(cases[i].label, "exit status", program.status, 1);
        program_release(&program);
    }
}

static void test_calm_silent_on_every_port_is_asked_once(void **state)
{
    (void)state;
    struct inside inside;
    inside_need_lab();
    inside_run(&inside, "silent", WORDS("10.0.0.128/25 silent", "10.0.0.0/25 open"),
               inside_netcheck(), WORDS("-t", "2.5", "--only", "up", "10.0.0.0/24:80"));
    inside_expect_counters(&inside, "lost 0 overrun 0");
    /* Three SYNs each at most; a second look would send as many again. */
    inside_expect_between("silent", inside_counter(&inside, "silent"), 2 * 128, 3 * 128);
    expect_number("silent", "rows", (int64_t)text_count_lines(&inside.program.out), 128);
    inside_end(&inside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calm_behind_a_small_router_every_verdict_is_true),
        cmocka_unit_test(test_calm_without_retries_some_verdicts_are_wrong),
        cmocka_unit_test(test_calm_verbose_names_the_second_look),
        cmocka_unit_test(test_calm_silent_on_every_port_is_asked_once),
    };
    return cmocka_run_group_tests_name("cli: second look", tests, inside_open, inside_release);
}
