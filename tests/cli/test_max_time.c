/*
 * -m bounds the whole run, in every mode, in the simulated network of tests/lab. Nothing is
 * exact to more than half a second here: what the engine does is in tests/sim.
 */
#include <stdio.h>
#include <string.h>

#include "inside.h"
#include "scene.h"
#include "text.h"

enum {
    WORDS_MAX = 16,
    MOST_MS = 500 + 800, /* of a run; a busy machine is slow, and so is the lab to start */
};

/* Every address of 10.0.0.0/8 is silent, but for these two. */
#define NETWORK "10.0.0.1 open", "10.0.0.2 refused", "10.0.0.0/8 silent"
#define OVER    "local: the run's time was over\n"

struct case_row {
    const char *label;
    const char *words[WORDS_MAX];
    int status;
    const char *out; /* a part of it; NULL: it is empty */
    const char *err; /* the same */
};

static void expect_part(const char *label, struct buffer *text, const char *part)
{
    if (part == NULL)
        expect_text(label, "text", buffer_text(text), "");
    else if (strstr(buffer_text(text), part) == NULL)
        fail_msg("%s: no '%s' in '%s'", label, part, buffer_text(text));
}

/* Run it in the lab. `input` keeps standard input open, behind these bytes. */
static void expect_case(const struct case_row *row, const char *input)
{
    const char *words[WORDS_MAX + 8] = {NETWORK, "--", inside_netcheck()};
    size_t count = 5;
    for (size_t i = 0; row->words[i] != NULL; i++)
        words[count++] = row->words[i];
    const struct launch launch = {
        .label = row->label, .arguments = words, .input = input, .is_fed = input != NULL};
    struct program program;
    program_run(&program, &launch);
    text_hide_times(&program.out);
    text_hide_times(&program.err);
    expect_part(row->label, &program.out, row->out);
    expect_part(row->label, &program.err, row->err);
    expect_number(row->label, "exit status", program.status, row->status);
    expect_took(&program, 0, MOST_MS);
    program_release(&program);
}

static const struct case_row modes[] = {
    {"once", ARGS("-m", "0.5", "10.0.0.3:1"), 2, "error  10.0.0.3:1  10.0.0.3  " OVER,
     "netcheck: the run's time was over: 1 asked: 0 up, 0 down, 1 error, in N\n"},
    {"what is not asked any more", ARGS("-m", "0.5", "-P", "1", "10.0.0.3:1-3"), 2,
     "error  10.0.0.3:3  10.0.0.3  " OVER, ": 3 asked: 0 up, 0 down, 3 errors, in N\n"},
    {"--any", ARGS("-m", "0.5", "--any", "10.0.0.1:1", "10.0.0.3:1"), 0,
     "up     10.0.0.1:1  10.0.0.1  N\nerror  10.0.0.3:1  10.0.0.3  " OVER,
     ": 2 asked: 1 up, 0 down, 1 error, in N\n"},
    {"in time", ARGS("-m", "5", "10.0.0.1:1"), 0, "up     10.0.0.1:1  10.0.0.1  N\n", NULL},
    {"quiet", ARGS("-q", "-m", "0.5", "10.0.0.3:1"), 2, NULL, NULL},
    {"more than there is time to write", ARGS("-m", "0.5", "10.0.0.0/8:1"), 2,
     "error  10.0.0.3:1  10.0.0.3  " OVER,
     "netcheck: the run's time was over, and the rest of the input has no row: "},
    {"a wait", ARGS("-m", "0.5", "--wait", "9", "10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1"), 2,
     "down   10.0.0.2:1  10.0.0.2  refused in N\nerror  10.0.0.3:1  10.0.0.3  " OVER,
     "netcheck: gave up after "},
    {"a wait that ends before", ARGS("-m", "9", "--wait", "0.5", "10.0.0.2:1"), 1,
     "down   10.0.0.2:1  10.0.0.2  refused in N\n", "netcheck: gave up after "},
    {"rounds", ARGS("-m", "0.5", "-c", "9", "-i", "0.2", "10.0.0.1:1"), 2,
     "up     10.0.0.1:1  10.0.0.1  seq=2  N\n",
     "netcheck: the run's time was over\n\n--- 10.0.0.1:1 ---\n"},
    {"rounds without end", ARGS("-m", "0.5", "-c", "0", "-i", "0.2", "10.0.0.1:1"), 0,
     "up     10.0.0.1:1  10.0.0.1  seq=2  N\n", "--- 10.0.0.1:1 ---\n"},
    {"a round that is not known does not count", ARGS("-m", "0.5", "-c", "0", "10.0.0.3:1"), 2,
     "error  10.0.0.3:1  10.0.0.3  " OVER, "--- 10.0.0.3:1 ---\nnot answered yet\n"},
    {"rounds of too many to say", ARGS("-m", "0.5", "-c", "5", "10.0.0.0/13:1"), 2,
     "", /* as many as there is time for, be it none */
     "netcheck: the run's time was over before each target had its row\n"},
    {"a wait for too many to say", ARGS("-m", "0.5", "--wait", "9", "10.0.0.0/13:1"), 2,
     "", /* as many as there is time for, be it none */
     "netcheck: the run's time was over before each target had its row\n"},
    {"!, silent for less than its timeout", ARGS("--wait", "0.5", "!10.0.0.3:1"), 1,
     "error  10.0.0.3:1  10.0.0.3  local: the wait ended too soon to tell\n",
     "netcheck: gave up after "},
    {"!, silent for its timeout", ARGS("--wait", "0.5", "-t", "0.2", "!10.0.0.3:1"), 0,
     "down   10.0.0.3:1  10.0.0.3  timeout: no answer in N (as expected)\n",
     "netcheck: waiting up to "},
    {"--list", ARGS("-m", "0.5", "--list", "10.0.0.0/8:1"), 2, "10.0.0.3:1\n",
     "netcheck: the run's time was over: the rest is not listed\n"},
    {"a file", ARGS("-q", "-o", "/dev/stdout", "-m", "0.5", "10.0.0.3:1", "10.0.0.1:1"), 2,
     "error  10.0.0.3:1  10.0.0.3  " OVER "up     10.0.0.1:1  10.0.0.1  N\n", NULL},
    {"a plugin", ARGS("--format=nagios", "-q", "-m", "0.5", "-P", "1", "10.0.0.3:1-2"), 3,
     "NETCHECK UNKNOWN: 0 of 2 as expected, 10.0.0.3:1 local, 10.0.0.3:2 local | "
     "unexpected=2;;0;0;2 '10.0.0.3:1'=U;;;0;5 '10.0.0.3:2'=U;;;0;5\n",
     NULL},
    {"a plugin of too many to say",
     ARGS("--format=nagios", "-q", "-m", "0.5", "10.128.0.0/9:1"), 3,
     "NETCHECK UNKNOWN: time was over before each target had its row", NULL},
};

static void test_max_time_ends_every_mode(void **state)
{
    (void)state;
    inside_need_lab();
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        expect_case(&modes[i], NULL);
}

static void test_max_time_does_not_wait_for_input(void **state)
{
    (void)state;
    static const struct case_row cases[] = {
        {"once", ARGS("-m", "0.5", "-f", "-"), 2, "up     10.0.0.1:1  10.0.0.1  N\n",
         "the rest of the input has no row: 1 asked: 1 up, 0 down, 0 errors, in N\n"},
        {"a wait", ARGS("-m", "0.5", "--wait", "9", "-f", "-"), 2,
         "error  10.0.0.1:1  10.0.0.1  " OVER, "the input did not end\n"},
        {"rounds", ARGS("-m", "0.5", "-c", "2", "-f", "-"), 2,
         "error  10.0.0.1:1  10.0.0.1  " OVER, "the run's time was over\n"},
        {"--list", ARGS("-m", "0.5", "--list", "-f", "-"), 2, "10.0.0.1:1\n", "not listed\n"},
    };
    inside_need_lab();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_case(&cases[i], "10.0.0.1:1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_max_time_ends_every_mode),
        cmocka_unit_test(test_max_time_does_not_wait_for_input),
    };
    return cmocka_run_group_tests_name("cli: max-time", tests, inside_open, inside_release);
}
