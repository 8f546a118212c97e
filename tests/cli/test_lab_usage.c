/*
 * The lab as a command: its own errors, its exit status, signals, and what it leaves behind.
 */
#define _GNU_SOURCE /* unshare */

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inside.h"
#include "netcheck/base/base.h"

static const char addresses[] = "write 10.0.0.0/8 or [2001:db8::]/32";
static const char bits[] = "allowed is /0-/32, in IPv6 /0-/128";
static const char manners[] = "write one of open, refused, silent, half, shut, icmp=TYPE/CODE";
static const char all_words[] =
    "write open, refused, silent, half, shut, icmp=TYPE/CODE, from=ADDR, done=DUR, reset=DUR, "
    "rtt=DUR, jitter=DUR, loss=P%, share=P%, hosts=P%, over=N, backlog=N, limit=DUR, echo, "
    "noecho, also, port=N, size=N, junk=N or flip=N";
static const char errors[] = "write TYPE/CODE with a type of 3, 11 or 12, in IPv6 of 1 to 4";
static const char protocols[] = "write tcp://, udp:// or icmp://";
static const char only_tcp[] = "write it with tcp://, or without a protocol";
static const char only_messages[] = "write it with udp:// or icmp://";
static const char senders[] = "write an address of the prefix's family";
static const char shares[] = "write 0% to 100%, decimals allowed";
static const char durations[] =
    "write seconds, decimals allowed, or a number with ms, s, m, h or d, also joined: 1m30s";
static const char help[] = "lab --help lists the options";
static const struct {
    const char *words[2];
    const char *what; /* "WHAT 'WORD'" */
    const char *remedy;
} usage_cases[] = {
    {{""}, "invalid address ''", addresses},
    {{" \t"}, "invalid address ''", addresses},
    {{"10.0.0 open"}, "invalid address '10.0.0'", addresses},
    {{"::1 open"}, "invalid address '::1'", addresses},
    {{"[10.0.0.1] open"}, "invalid address '[10.0.0.1]'", addresses},
    {{"[::1 open"}, "invalid address '[::1'", addresses},
    {{"[ open"}, "invalid address '['", addresses},
    {{"[::1]x open"}, "invalid address '[::1]x'", addresses},
    {{"10.0.0.0/33 open"}, "invalid prefix length '10.0.0.0/33'", bits},
    {{"10.0.0.0/ open"}, "invalid prefix length '10.0.0.0/'", bits},
    {{"10.0.0.0/8x open"}, "invalid prefix length '10.0.0.0/8x'", bits},
    {{"[::]/129 open"}, "invalid prefix length '[::]/129'", bits},
    {{"10.0.0.1:0 open"}, "invalid port '0'", "allowed is 1-65535"},
    {{"10.0.0.1:22,65536 open"}, "invalid port '65536'", "allowed is 1-65535"},
    {{"10.0.0.1: open"}, "empty port ''", "write ports as 22, 22,80 or 8000-8010"},
    {{"10.0.0.1"}, "no answer behind '10.0.0.1'", manners},
    {{"10.0.0.0/8:22 rtt=5ms"}, "no answer behind 'rtt=5ms'", manners},
    {{"10.0.0.1 open refused"}, "second answer 'refused'", manners},
    {{"10.0.0.1 silent icmp=3/1"}, "second answer 'icmp=3/1'", manners},
    {{"10.0.0.1 opne"}, "unknown word 'opne'", all_words},
    {{"10.0.0.1 open="}, "unknown word 'open='", all_words},
    {{"10.0.0.1 rtt"}, "unknown word 'rtt'", all_words},
    {{"10.0.0.1 icmp=3"}, "invalid ICMP error 'icmp=3'", errors},
    {{"10.0.0.1 icmp=3/256"}, "invalid ICMP error 'icmp=3/256'", errors},
    {{"10.0.0.1 icmp=0003/1"}, "invalid ICMP error 'icmp=0003/1'", errors},
    {{"10.0.0.1 icmp=1/1"}, "invalid ICMP error 'icmp=1/1'", errors},
    {{"[::1] icmp=11/0"}, "invalid ICMP error 'icmp=11/0'", errors},
    {{"10.0.0.1 icmp=3/1 from=::1"}, "invalid sender 'from=::1'", senders},
    {{"10.0.0.1 icmp=3/1 from=x"}, "invalid sender 'from=x'", senders},
    {{"10.0.0.1 from=10.0.0.2 open"}, "no use for 'from='", "write it with icmp=TYPE/CODE"},
    {{"10.0.0.1 backlog=1 silent"}, "no use for 'backlog='", "write it with open"},
    {{"10.0.0.1 open done=1ms"}, "no use for 'done='", "write it with half or shut"},
    {{"10.0.0.1 silent reset=1ms"}, "no use for 'reset='", "write it with open, half or shut"},
    {{"10.0.0.1 half shut"}, "second answer 'shut'", manners},
    {{"10.0.0.1 open backlog=0"}, "invalid backlog 'backlog=0'", "write a number from 1"},
    {{"tls://10.0.0.1 open"}, "unknown protocol 'tls://10.0.0.1'", protocols},
    {{"udp:// open"}, "invalid address 'udp://'", addresses},
    {{"icmp://10.0.0.1:7 open"}, "ports in 'icmp://10.0.0.1:7'", "write icmp:// without ports"},
    {{"icmp://10.0.0.1 refused"},
     "no use for 'refused'",
     "write icmp=TYPE/CODE: an echo request has no port"},
    {{"udp://10.0.0.1 half"}, "no use for 'half'", only_tcp},
    {{"icmp://10.0.0.1 shut"}, "no use for 'shut'", only_tcp},
    {{"udp://10.0.0.1 open reset=1"}, "no use for 'reset='", only_tcp},
    {{"udp://10.0.0.1 open backlog=1"}, "no use for 'backlog='", only_tcp},
    {{"udp://10.0.0.1 open echo"}, "no use for 'echo'", "write it without a protocol"},
    {{"tcp://10.0.0.1 open noecho"}, "no use for 'noecho'", "write it without a protocol"},
    {{"10.0.0.1 open also"}, "no use for 'also'", only_messages},
    {{"tcp://10.0.0.1 open size=1"}, "no use for 'size='", only_messages},
    {{"10.0.0.1 open junk=1"}, "no use for 'junk='", only_messages},
    {{"10.0.0.1 open flip=1"}, "no use for 'flip='", only_messages},
    {{"udp://10.0.0.1 silent from=10.0.0.2"},
     "no use for 'from='",
     "write it with icmp=TYPE/CODE"},
    {{"10.0.0.1 refused limit=1s"}, "no use for 'limit='", "write it with icmp=TYPE/CODE"},
    {{"icmp://10.0.0.1 open port=7"}, "no use for 'port='", "write it with udp:// and open"},
    {{"udp://10.0.0.1 refused port=7"}, "no use for 'port='", "write it with udp:// and open"},
    {{"udp://10.0.0.1 silent size=7"}, "no use for 'size='", "write it with an answer"},
    {{"udp://10.0.0.1 silent junk=7"}, "no use for 'junk='", "write it with an answer"},
    {{"udp://10.0.0.1 silent flip=7"}, "no use for 'flip='", "write it with an answer"},
    {{"udp://10.0.0.1 open port=0"}, "invalid port 'port=0'", "allowed is 1-65535"},
    {{"udp://10.0.0.1 open port=65536"}, "invalid port 'port=65536'", "allowed is 1-65535"},
    {{"udp://10.0.0.1 open size=65508"}, "invalid number 'size=65508'", "allowed is 0-65507"},
    {{"udp://10.0.0.1 open junk="}, "invalid number 'junk='", "allowed is 0-65507"},
    {{"udp://10.0.0.1 open flip=x"}, "invalid number 'flip=x'", "allowed is 0-65507"},
    {{"10.0.0.1 open over=0"},
     "invalid length 'over=0'",
     "write a number of bytes from 1 to 65535"},
    {{"10.0.0.1 icmp=3/3 limit=x"}, "invalid duration 'limit=x'", durations},
    {{"10.0.0.1 open loss=5"}, "invalid share 'loss=5'", shares},
    {{"10.0.0.1 open loss=5ms%"}, "invalid share 'loss=5ms%'", shares},
    {{"10.0.0.1 open share=%"}, "invalid share 'share=%'", shares},
    {{"10.0.0.1 open share=100.1%"}, "invalid share 'share=100.1%'", shares},
    {{"10.0.0.1 open hosts=-1%"}, "invalid share 'hosts=-1%'", shares},
    {{"10.0.0.1 open rtt=5x"}, "invalid duration 'rtt=5x'", durations},
    {{"10.0.0.1 open jitter="}, "invalid duration 'jitter='", durations},
    {{"10.0.0.1 open rtt=61m"}, "duration out of range 'rtt=61m'", "allowed is up to 1h"},
    {{"--table", "0"}, "invalid number '0'", "allowed is 1-4194304"},
    {{"--table", "4194305"}, "invalid number '4194305'", "allowed is 1-4194304"},
    {{"--table", "5x"}, "invalid number '5x'", "allowed is 1-4194304"},
    {{"--table", ""}, "invalid number ''", "allowed is 1-4194304"},
    {{"--rate-limit", "0"}, "invalid number '0'", "allowed is 1-10000000"},
    {{"--seed", "4294967296"}, "invalid number '4294967296'", "allowed is 0-4294967295"},
    {{"--expire", "5x"}, "invalid duration '5x'", durations},
    {{"--stats"}, "no value behind '--stats'", help},
    {{"--tabel", "5"}, "unknown option '--tabel'", help},
    {{"-x"}, "unknown option '-x'", help},
};

static void test_lab_bad_usage_names_the_word_and_the_way_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(usage_cases); i++) {
        char err[512];
        const char *first = usage_cases[i].words[0];
        const char *second = usage_cases[i].words[1];
        const char *const *words = second != NULL ? WORDS(first, second, "--", "echo", "it ran")
                                                  : WORDS(first, "--", "echo", "it ran");
        (void)snprintf(err, sizeof err, "lab: %s in '%s': %s\n", usage_cases[i].what, first,
                       usage_cases[i].remedy);
        const struct launch launch = {.label = usage_cases[i].what, .arguments = words};
        expect_run(&launch, 2, "", err);
    }
}

static void test_lab_without_a_command_is_bad_usage(void **state)
{
    (void)state;
    static const char err[] = "lab: missing command: write lab RULE... -- COMMAND [ARG]...\n";
    const struct launch launches[] = {
        {.label = "nothing", .arguments = WORDS(NULL)},
        {.label = "a rule", .arguments = WORDS("10.0.0.1 open")},
        {.label = "a rule and --", .arguments = WORDS("10.0.0.1 open", "--")},
    };
    for (size_t i = 0; i < ARRAY_LEN(launches); i++)
        expect_run(&launches[i], 2, "", err);
}

static void test_lab_help_needs_no_privilege(void **state)
{
    (void)state;
    struct program program;
    const struct launch launch = {.arguments = WORDS("10.0.0.1 open", "-h", "--nonsense")};
    program_run(&program, &launch);
    assert_int_equal(program.status, 0);
    assert_non_null(strstr(buffer_text(&program.out), "usage: lab "));
    program_release(&program);
}

static void test_lab_status_is_that_of_the_command(void **state)
{
    (void)state;
    inside_need_lab();
    const struct {
        struct launch launch;
        int status;
        const char *err;
    } cases[] = {
        {{.arguments = WORDS("--", "true")}, 0, ""},
        {{.arguments = WORDS("--", "sh", "-c", "exit 5")}, 5, ""},
        {{.arguments = WORDS("--", "sh", "-c", "kill -9 $$")}, 137, ""},
        {{.arguments = WORDS("--", "no-such-program")},
         127,
         "lab: cannot run 'no-such-program': No such file or directory\n"},
        {{.arguments = WORDS("--", "/")}, 126, "lab: cannot run '/': Permission denied\n"},
        {{.arguments = WORDS("--stats", "/no/such/file", "--", "true")},
         125,
         "lab: /no/such/file: No such file or directory\n"},
        {{.arguments = WORDS("--stats", "/dev/full", "--", "true")},
         125,
         "lab: /dev/full: No space left on device\n"},
        {{.arguments = WORDS("--", "sh", "-c", "ip link del lab0; exec sleep 60")},
         125,
         "lab: the device lab0: File descriptor in bad state\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        expect_run(&cases[i].launch, cases[i].status, "", cases[i].err);
}

/* A shell's background jobs have SIGINT ignored, and nohup's SIGHUP; it would be inherited. */
static void restore_signals(void *detail)
{
    (void)detail;
    const struct sigaction standard = {.sa_handler = SIG_DFL};
    (void)sigaction(SIGINT, &standard, NULL); /* cannot fail with such a signal */
    (void)sigaction(SIGHUP, &standard, NULL);
}

/* That standard output ends shows that nothing is left which has it open. */
static void test_lab_signals_reach_the_command(void **state)
{
    (void)state;
    inside_need_lab();
    static const struct {
        int signal;
        int status;
    } cases[] = {{SIGTERM, 143}, {SIGINT, 130}, {SIGHUP, 129}, {SIGKILL, -SIGKILL}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct program program;
        const struct launch launch = {.arguments =
                                          WORDS("--", "sh", "-c", "echo ready; exec sleep 60"),
                                      .prepare = restore_signals};
        program_start(&program, &launch);
        program_await(&program, "ready");
        assert_int_equal(kill(program.pid, cases[i].signal), 0);
        program_finish(&program);
        expect_number(strsignal(cases[i].signal), "status", program.status, cases[i].status);
        program_release(&program);
    }
}

static void test_lab_has_no_way_out(void **state)
{
    (void)state;
    inside_need_lab();
    struct inside inside;
    inside_run(&inside, "devices", WORDS("10.0.0.1 open"), "ip",
               WORDS("-br", "link", "show", "up"));
    const char *devices = buffer_text(&inside.program.out);
    const char *second = strchr(devices, '\n') + 1;
    assert_memory_equal(devices, "lo ", 3);
    assert_memory_equal(second, "lab0 ", 5);
    assert_string_equal(strchr(second, '\n'), "\n");
    inside_end(&inside);
}

static void ignore_children(void *detail)
{
    (void)detail;
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGCHLD, &ignore, NULL); /* cannot fail with such a signal */
}

static void test_lab_sees_the_end_where_sigchld_is_ignored(void **state)
{
    (void)state;
    inside_need_lab();
    const struct launch launch = {.arguments = WORDS("--", "sh", "-c", "exit 5"),
                                  .prepare = ignore_children};
    expect_run(&launch, 5, "", "");
}

enum { STILL_ROOT = 99 };

/* Root is nobody from here on, but may still read what root may. */
static void become_nobody(void *detail)
{
    (void)detail;
    if (unshare(CLONE_NEWUSER) != 0)
        _exit(STILL_ROOT); /* not allowed here, or TSan's runtime has a thread of its own */
}

static void test_lab_without_root_is_skipped(void **state)
{
    (void)state;
    inside_need_lab();
    const struct launch launch = {.arguments = WORDS("--", "echo", "it ran"),
                                  .prepare = become_nobody};
    struct program program;
    program_run(&program, &launch);
    bool is_nobody = program.status != STILL_ROOT;
    program_release(&program);
    if (!is_nobody)
        skip();
    expect_run(&launch, 77, "", "lab: skipped: needs root\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lab_bad_usage_names_the_word_and_the_way_out),
        cmocka_unit_test(test_lab_without_a_command_is_bad_usage),
        cmocka_unit_test(test_lab_help_needs_no_privilege),
        cmocka_unit_test(test_lab_status_is_that_of_the_command),
        cmocka_unit_test(test_lab_signals_reach_the_command),
        cmocka_unit_test(test_lab_has_no_way_out),
        cmocka_unit_test(test_lab_sees_the_end_where_sigchld_is_ignored),
        cmocka_unit_test(test_lab_without_root_is_skipped),
    };
    return cmocka_run_group_tests_name("cli: lab, usage", tests, inside_open, inside_release);
}
