/*
 * --format nagios: one answer on standard output and its exit status, whatever happens, and
 * nothing on standard error.
 */
#include <signal.h>
#include <string.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "peer.h"
#include "scene.h"
#include "watch.h"

enum { OK, WARNING, CRITICAL, UNKNOWN, STILL_MS = 100, STEP_MS = 20, SECONDS = 10 };

#define NAGIOS       "--format=nagios"
#define FAILED       "NETCHECK UNKNOWN: "
#define DATA_UP      "'{up}'=Ns;;;0;5"
#define DATA_REFUSED "'{refused}'=U;;;0;5"
#define REFUSED      "down   {refused}  {host}  refused in N ms\n"

#define WIDE(line, column, place)                                                             \
    "error  " line "  -  invalid: more than two columns '" column "' in '" line "' (-:" place \
    "): write HOST:PORT,PORT, or cut -d, -f1,2 FILE \\x7c netcheck -f -\n"

static const struct example answers[] = {
    {"one", ARGS(NAGIOS, "--warn=4", "--crit=5", "{up}"),
     .out = "NETCHECK OK: {up} up in N ms | time=Ns;4;5;0;5\n"},
    {"a limit", ARGS(NAGIOS, "-t2", "--warn=1us", "{up}"), .status = UNKNOWN,
     .out = FAILED "invalid duration 1us for --warn: write seconds, decimals allowed, or a "
                   "number with ms, s, m, h or d, also joined: 1m30s\n"},
    {"above --warn", ARGS(NAGIOS, "-t2", "--warn=0.0001ms", "{up}"), .status = WARNING,
     .out = "NETCHECK WARNING: {up} up in N ms, more than N ms | time=Ns;0.0000001;;0;2\n"},
    {"above --crit", ARGS(NAGIOS, "--crit=0.0001ms", "{up}"), .status = CRITICAL,
     .out = "NETCHECK CRITICAL: {up} up in N ms, more than N ms | time=Ns;;0.0000001;0;5\n"},
    {"several", ARGS(NAGIOS, "{up}", "{refused}"), .status = CRITICAL,
     .out = "NETCHECK CRITICAL: 1 of 2 as expected, {refused} refused | "
            "unexpected=1;;0;0;2 " DATA_UP " " DATA_REFUSED "\n" REFUSED},
    {"-q", ARGS(NAGIOS, "-q", "{up}", "{refused}"), .status = CRITICAL,
     .out = "NETCHECK CRITICAL: 1 of 2 as expected, {refused} refused | "
            "unexpected=1;;0;0;2 " DATA_UP " " DATA_REFUSED "\n"},
    {"-v", ARGS(NAGIOS, "-v", "-f", "-"), .input = "{up}\n!{refused}\n",
     .out = "NETCHECK OK: 2 of 2 as expected | unexpected=0;;0;0;2 " DATA_UP "\n"
            "up     {up}  {host}  N ms\n"
            "down   {refused}  {host}  refused in N ms (as expected)\n"},
    {"--any", ARGS(NAGIOS, "-q", "--any", "{up}", "{refused}"),
     .out = "NETCHECK OK: 1 of 2 as expected, {refused} refused | "
            "unexpected=1;;;0;2 " DATA_UP " " DATA_REFUSED "\n"},
    {"a bad line", ARGS(NAGIOS, "-f", "-"), .status = UNKNOWN, .input = "{up}\ndb:x|y\n",
     .out = "NETCHECK UNKNOWN: 1 of 2 as expected, db:x/y invalid | "
            "unexpected=1;;0;0;2 " DATA_UP "\n"
            "error  db:x\\x7cy  -  invalid: unknown service 'x\\x7cy' in 'db:x\\x7cy' "
            "(-:2:4): write the port as a number, 1-65535\n"},
    {"a target down outweighs that", ARGS(NAGIOS, "-q", "-f", "-"), .status = CRITICAL,
     .input = "{refused}\ndb:x\n",
     .out = "NETCHECK CRITICAL: 0 of 2 as expected, {refused} refused, db:x invalid | "
            "unexpected=2;;0;0;2 " DATA_REFUSED "\n"},
    {"a wait in vain", ARGS(NAGIOS, "--wait=0.3", "--confirm=99", "{up}"), .status = CRITICAL,
     .out = "NETCHECK CRITICAL: not as expected for long enough, {up} up in N ms | "
            "time=Ns;;;0;5\n"},
    {"a wait", ARGS(NAGIOS, "--wait=9", "{up}"),
     .out = "NETCHECK OK: {up} up in N ms | time=Ns;;;0;5\n"},
    {"a file cannot be written", ARGS("--format=text", "-o", "/dev/full", NAGIOS, "{up}"),
     .status = UNKNOWN,
     .out = FAILED "cannot write /dev/full: No space left on device, 1 of 1 as expected | "
                   "unexpected=0;;0;0;1 " DATA_UP "\n"},
    {"what a format tells beside its file is no failure",
     ARGS("--format=prometheus", "-o", "m.prom", NAGIOS, "{up}", "{up}"),
     .out = "NETCHECK OK: 2 of 2 as expected | unexpected=0;;0;0;2 " DATA_UP
            " '{up} #2'=Ns;;;0;5\n"},
    {"nor does it hide one",
     ARGS("--format=prometheus", "-o", "m.prom", "--format=text", "-o", "/dev/full", NAGIOS,
          "{up}", "{up}"),
     .status = UNKNOWN,
     .out = FAILED "cannot write /dev/full: No space left on device, 2 of 2 as expected | "
                   "unexpected=0;;0;0;2 " DATA_UP " '{up} #2'=Ns;;;0;5\n"},
    {"--any, beside a table that is no list",
     ARGS(NAGIOS, "--any", "--label=name=N", "-f", "-", "{up}"),
     .input = "src,dst,port\na,b,80\nc,d,81\n",
     .out = "N OK: 1 of 4 as expected, src,dst,port invalid, a,b,80 invalid, c,d,81 invalid | "
            "unexpected=3;;;0;4 " DATA_UP "\n" WIDE("src,dst,port", "port", "1:9")
                WIDE("a,b,80", "80", "2:5") WIDE("c,d,81", "81", "3:5")},
    {"a file has it, standard output does not", ARGS(NAGIOS, "-o", "answer", "{refused}"),
     .status = 1, .out = REFUSED},

    /* Before anything is asked */
    {"an option", ARGS(NAGIOS, "--nonsense", "{up}"), .status = UNKNOWN,
     .out = FAILED "unknown option --nonsense: see netcheck --help\n"},
    {"an option behind", ARGS("-H", "db", "-w", "1", "-c", "2", NAGIOS), .status = UNKNOWN,
     .out = FAILED "unknown option -H: write HOST without it, --warn DUR for -w and --crit "
                   "DUR for -c, and --format nagios, here -w is the timeout and -c counts "
                   "rounds\n"},
    {"no argument, as a macro was empty", ARGS("{up}", "-t", "--format", "nagios"),
     .status = UNKNOWN,
     .out = FAILED "invalid duration --format for -t: write seconds, decimals allowed, or a "
                   "number with ms, s, m, h or d, also joined: 1m30s\n"},
    {"an argument that looks so", ARGS("--match", NAGIOS, "-t1", "-q", "{up}"), .status = 1},
    {"a target", ARGS(NAGIOS, "{up}", "a|b;c:1"), .status = UNKNOWN,
     .out = FAILED "invalid character in host / in a/b,c:1: a name has letters, digits, -, _ "
                   "and . (others in xn-- form)\n"},
    {"no targets", ARGS(NAGIOS), .status = UNKNOWN,
     .out = FAILED "no targets: write HOST PORT, HOST:PORT or -f FILE, see netcheck --help\n"},
    {"an empty file", ARGS(NAGIOS, "-f", "-"), .status = UNKNOWN,
     .out = FAILED "no targets: every file is empty\n"},
    {"no file", ARGS(NAGIOS, "-f", "absent"), .status = UNKNOWN,
     .out = FAILED "cannot read absent: No such file or directory\n"},
    {"a folder", ARGS(NAGIOS, "-f", "."), .status = UNKNOWN,
     .out = FAILED "cannot read .: Is a directory\n"},
    {"what is excluded", ARGS(NAGIOS, "--exclude-file", "absent", "{up}"), .status = UNKNOWN,
     .out = FAILED "cannot read absent: No such file or directory\n"},
    {"no folder for a file", ARGS("--format=text", "-o", "absent/x", NAGIOS, "{up}"),
     .status = UNKNOWN,
     .out = FAILED "cannot write absent/x: No such file or directory: "
                   "make its folder first, with mkdir -p\n"},
    {"an interface", ARGS(NAGIOS, "-I", "absent0", "{up}"), .status = UNKNOWN,
     .out = FAILED "no interface absent0 for -I: No such device\n"},
};

static void test_nagios_has_one_answer_and_its_status(void **state)
{
    scene_expect_all(*state, answers, ARRAY_LEN(answers));
}

/* Whatever is known is told, and how it ended. */
static void test_nagios_answers_when_a_signal_ends_it(void **state)
{
    static const struct example example = {
        "SIGTERM", ARGS(NAGIOS, "-t9", "{up}", "{silent}"),
        .out = "NETCHECK UNKNOWN: ended by signal 15 before each target had its row, 1 of 1 "
               "as expected | unexpected=0;;0;0;1 '{up}'=N;;;0;9\n"};
    struct scene *scene = *state;
    struct program program;
    (void)peer_count(&scene->up);
    scene_start_example(scene, &example, NULL, &program);
    for (int i = 0; peer_count(&scene->up) == 0 && i < SECONDS * 1000 / STEP_MS; i++)
        assert_true(watch_for(&program, STEP_MS));
    assert_true(watch_for(&program, STILL_MS));
    watch_signal(&program, SIGTERM);
    scene_expect_end(scene, &program, UNKNOWN, example.out, NULL);
}

/* Where nothing can be printed, the status says so. */
static void test_nagios_that_is_lost_is_unknown(void **state)
{
    static const enum stream streams[] = {STREAM_FULL, STREAM_CLOSED, STREAM_BROKEN};
    const struct example example = {"lost", ARGS(NAGIOS, "{up}"), .status = UNKNOWN};
    for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
        const struct launch launch = {.out = streams[i]};
        scene_expect(*state, &example, &launch);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nagios_has_one_answer_and_its_status),
        cmocka_unit_test(test_nagios_answers_when_a_signal_ends_it),
        cmocka_unit_test(test_nagios_that_is_lost_is_unknown),
    };
    return cmocka_run_group_tests(tests, scene_open, scene_release);
}
