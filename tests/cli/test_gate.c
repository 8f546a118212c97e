/*
 * --gate: one target is asked first, and the others only while it is as expected.
 */
#include <signal.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "watch.h"

#define UP        "up     {up}  {host}  N\n"
#define REFUSED   "down   {refused}  {host}  refused in N\n"
#define WANTED    "down   {refused}  {host}  refused in N (as expected)\n"
#define SILENT    "down   {silent}  {host}  timeout: no answer in N\n"
#define SHUT      "netcheck: the gate {refused} is not as expected: "
#define ONE_LEFT  SHUT "1 target was not asked\n"
#define TEN       "{host}:1-10"
#define TEN_LEFT  SHUT "10 targets were not asked\n"
#define CLOSED(n) "down   {refused}  {host}  seq=" n "  refused in N\n"
#define FAST      "-i150ms"

static const struct example once[] = {
    {"open", ARGS("--gate={up}", "{refused}"), .out = UP REFUSED, .status = 1},
    {"open, and all is well", ARGS("--gate", "{up}", "!{refused}"), .out = UP WANTED},
    {"closed", ARGS("--gate={refused}", "{up}"), .out = REFUSED, .err = ONE_LEFT, .status = 1},
    {"silent", ARGS("--gate={silent}", "-t.2", "{up}", "{refused}"), .out = SILENT,
     .err = "netcheck: the gate {silent} is not as expected: 2 targets were not asked\n",
     .status = 1},
    {"expected down", ARGS("--gate=!{refused}", "{up}"), .out = WANTED UP},
    {"expected down, but up", ARGS("--gate=!{up}", "{refused}"),
     .out = "up     {up}  {host}  N (expected down)\n",
     .err = "netcheck: the gate {up} is not as expected: 1 target was not asked\n",
     .status = 1},
    {"--expect is of the others", ARGS("--expect=down", "--gate={up}", "{refused}"),
     .out = UP WANTED},
    {"the same, closed", ARGS("--expect=down", "--gate={refused}", "{up}"), .out = REFUSED,
     .err = ONE_LEFT, .status = 1},
    {"--any is of the others", ARGS("--any", "--gate={up}", "{refused}"), .out = UP REFUSED,
     .status = 1},
    {"--any, closed", ARGS("--any", "--gate={refused}", "{up}"), .out = REFUSED,
     .err = ONE_LEFT, .status = 1},
    {"--any, expected down", ARGS("--any", "--gate=!{refused}", "{refused}", "{up}"),
     .out = WANTED REFUSED UP},
    {"-p is of the others", ARGS("--gate={up}", "-p", "{refused.port}", "{host}"),
     .out = UP REFUSED, .status = 1},
    {"--unordered", ARGS("--unordered", "--gate={refused}", TEN), .out = REFUSED,
     .err = TEN_LEFT, .status = 1},
    {"a shard", ARGS("--shard=2/2", "--gate={refused}", "{host}:1-20"), .out = REFUSED,
     .err = TEN_LEFT, .status = 1},
    {"shuffled", ARGS("--shuffle", "--gate={refused}", "{host}:1-10"), .out = REFUSED,
     .err = TEN_LEFT, .status = 1},
    {"what is excluded is not counted",
     ARGS("--exclude={host}:11-20", "--gate={refused}", "{host}:1-20"), .out = REFUSED,
     .err = TEN_LEFT, .status = 1},
    {"of a file, a bad line too", ARGS("--gate={refused}", "-f-"), .out = REFUSED,
     .err = SHUT "3 targets were not asked\n", .status = 1, .input = "{up}\nbad\n{up}\n"},
    {"an empty file", ARGS("--gate={refused}", "-f-"), .out = REFUSED,
     .err = "netcheck: no targets: every file is empty\n", .status = 2, .input = "\n"},
    {"a row that is not shown", ARGS("--only=up", "--gate={refused}", TEN), .status = 1},
    {"-q", ARGS("-q", "--gate={refused}", TEN), .status = 1},
    {"more than can be asked", ARGS("--gate={refused}", "10.0.0.0/8:1-65535"), .out = REFUSED,
     .err = SHUT "1099494850560 targets were not asked\n", .status = 1},
    {"COMMAND", ARGS("--gate={refused}", "!{refused}", "--", "echo", "ran"), .out = REFUSED,
     .err = ONE_LEFT, .status = 1},
    {"COMMAND, open", ARGS("--gate={up}", "!{refused}", "--", "echo", "ran"),
     .out = UP WANTED "ran\n"},
    {"--list", ARGS("--list", "--gate=!{up}", "{refused}"), .out = "!{up}\n{refused}\n"},
};

static void test_gate_decides_whether_the_others_are_asked(void **state)
{
    watch_expect_all(*state, once, ARRAY_LEN(once), NULL);
}

static const struct example refused[] = {
    {"no port", ARGS("--gate=db", "{up}"),
     .err = "netcheck: no port for --gate 'db': write HOST:PORT or icmp://HOST\n", .status = 2},
    {"no port, and -p", ARGS("--gate=db", "-p22", "db"),
     .err = "netcheck: no port for --gate 'db': write HOST:PORT or icmp://HOST\n", .status = 2},
    {"empty", ARGS("--gate=", "{up}"),
     .err = "netcheck: missing host: write HOST:PORT (--gate)\n", .status = 2},
    {"a bad port", ARGS("--gate=db:0", "{up}"),
     .err = "netcheck: invalid port '0' in 'db:0': allowed is 1-65535 (--gate)\n", .status = 2},
    {"two ports", ARGS("--gate=db:22,80", "{up}"),
     .err = "netcheck: --gate is one target with one port, and 'db:22,80' is more: write "
            "HOST:PORT or icmp://HOST\n",
     .status = 2},
    {"a prefix", ARGS("--gate=10.0.0.0/31:22", "{up}"),
     .err = "netcheck: --gate is one target with one port, and '10.0.0.0/31:22' is more: write "
            "HOST:PORT or icmp://HOST\n",
     .status = 2},
    {"several hosts", ARGS("--gate=postgres://me:secret@a:1,b:2/", "{up}"),
     .err = "netcheck: --gate is one target with one port, and 'postgres://***@a:1,b:2/' is "
            "more: write HOST:PORT or icmp://HOST\n",
     .status = 2},
    {"a name, and -n", ARGS("--gate=db:22", "-n", "{up}"),
     .err = "netcheck: not an address 'db' in 'db:22': -n allows no names (--gate)\n",
     .status = 2},
    {"excluded", ARGS("--gate=db:22", "--exclude=db", "{up}"),
     .err = "netcheck: the gate 'db:22' is excluded: leave it, or --exclude, out\n",
     .status = 2},
};

static void test_gate_that_is_not_one_target_is_refused(void **state)
{
    scene_expect_all(*state, refused, ARRAY_LEN(refused));
}

/* What is not asked has no visitor; a file of -o has the gate's row alone. */
static void test_gate_that_is_closed_is_all_that_is_asked(void **state)
{
    struct scene *scene = *state;
    static const struct example run = {
        "-o", ARGS("-q", "--gate={refused}", "-o", "rows", "{up}"), .status = 1};
    static const struct example shown = {
        "cat", ARGS("-q", "{up}", "--", "sed", "s/in .*/in N/", "rows"), .out = REFUSED};
    (void)peer_count(&scene->up);
    scene_expect(scene, &run, NULL);
    expect_number("-o", "visits", (int64_t)peer_count(&scene->up), 0);
    scene_expect(scene, &shown, NULL);
}

static const struct example in_rounds[] = {
    {"closed", ARGS("-c2", FAST, "--gate={refused}", "{up}"), .out = CLOSED("1") CLOSED("2"),
     .err = "\n--- {refused} ---\n2 sent, 0 up, 100% loss, down for N, longest outage N\n"
            "--- {up} ---\nnot answered yet\n"
            "netcheck: in 2 rounds only the gate {refused} was asked: it was not as expected\n",
     .status = 1},
    {"open", ARGS("-q", "-c1", FAST, "--gate={up}", "{refused}"),
     .err = "\n--- {up} ---\n1 sent, 1 up, 0% loss, up for N\nmin/avg/max/mdev N/N/N/N\n"
            "p50/p95/p99 N/N/N\n--- {refused} ---\n1 sent, 0 up, 100% loss, down for N, "
            "longest outage N\n",
     .status = 1},
    {"before an empty file", ARGS("-c1", "--gate={up}", "-f-"),
     .err = "\n--- {up} ---\nnot answered yet\nnetcheck: no targets: every file is empty\n",
     .status = 2, .input = "\n"},
};

static void test_gate_is_asked_in_each_round(void **state)
{
    watch_expect_all(*state, in_rounds, ARRAY_LEN(in_rounds), NULL);
}

/* The gate opens and closes while the program runs. */
static void test_gate_that_opens_lets_the_others_be_asked(void **state)
{
    struct scene *scene = *state;
    static const struct example shown = {"cat",
                                         ARGS("-q", "{up}", "--", "sed", "s/seq.*//", "rows"),
                                         .out = "down   {late}  {host}  \n"};
    struct program program;
    peer_refuse(&scene->late, scene->up.host);
    watch_start(scene, &program, "late",
                WORDS("-c0", FAST, "--gate={late}", "-o", "rows", "--on-change", "{up}"));
    program_await(&program, "refused");
    expect_number("late", "rows", (int64_t)watch_count(&program.out, "\n"), 1);
    peer_open(&scene->late);
    program_await(&program, scene->up.target);
    expect_number("late", "rows", (int64_t)watch_count(&program.out, "\n"), 3);
    peer_close(&scene->late);
    watch_rows(&program, 4);
    watch_signal(&program, SIGINT);
    watch_end(&program, -SIGINT);
    scene_expect(scene, &shown, NULL);
    peer_release(&scene->late);
    scene->late = (struct peer){.fd = -1};
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate_decides_whether_the_others_are_asked),
        cmocka_unit_test(test_gate_that_is_not_one_target_is_refused),
        cmocka_unit_test(test_gate_that_is_closed_is_all_that_is_asked),
        cmocka_unit_test(test_gate_is_asked_in_each_round),
        cmocka_unit_test(test_gate_that_opens_lets_the_others_be_asked),
    };
    return cmocka_run_group_tests_name("gate", tests, scene_open, scene_release);
}
