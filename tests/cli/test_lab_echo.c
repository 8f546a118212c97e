/*
 * ICMP echo in the simulated network of tests/lab: hosts that are hostile, slow or behind a
 * narrow path; by ping sockets and by a raw one.
 */
#include "inside.h"
#include "netcheck/base/base.h"
#include "scene.h"

#define SILENT "timeout: no reply to 1 echo request in N ms"

/* By which sockets the program can ask: as root is raw only, and the other way round. */
static const struct {
    const char *label;
    const char *script;
} privileges[] = {
    {"raw", "echo 1 0 >/proc/sys/net/ipv4/ping_group_range; exec \"$@\""},
    {"ping", "echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range; "
             "exec setpriv --bounding-set=-net_raw --inh-caps=-net_raw \"$@\""},
};

static void ask(const char *const *options, const struct inside_habit *habits, size_t count)
{
    inside_need_lab();
    for (size_t i = 0; i < ARRAY_LEN(privileges); i++) {
        const struct inside_question question = {
            .label = privileges[i].label, .script = privileges[i].script, .options = options};
        inside_expect_habits(&question, habits, count);
    }
}

static const struct inside_habit answering[] = {
    {"icmp://10.0.0.1", ARGS("icmp://10.0.0.1 open"), "up", "10.0.0.1  N ms", 0},
    {"icmp://[2001:db8::1]", ARGS("icmp://[2001:db8::1] open"), "up", "2001:db8::1  N ms", 0},
    /* Our identifier and sequence number, and the cookie of nobody, or of half of it. */
    {"icmp://10.0.0.2",
     ARGS("icmp://10.0.0.2 open flip=12 also", "icmp://10.0.0.2 open rtt=40ms"), "up",
     "10.0.0.2  N ms", 40},
    {"icmp://10.0.0.3",
     ARGS("icmp://10.0.0.3 open flip=4 also", "icmp://10.0.0.3 open rtt=40ms"), "up",
     "10.0.0.3  N ms", 40},
    {"icmp://10.0.0.4",
     ARGS("icmp://10.0.0.4 open size=12 also", "icmp://10.0.0.4 open rtt=40ms"), "up",
     "10.0.0.4  N ms", 40},
    /* The right reply of another address. */
    {"icmp://10.0.0.5",
     ARGS("icmp://10.0.0.5 open from=10.0.1.5 also", "icmp://10.0.0.5 open rtt=40ms"), "up",
     "10.0.0.5  N ms", 40},
    {"icmp://[2001:db8::2]",
     ARGS("icmp://[2001:db8::2] open from=2001:db8::1 also",
          "icmp://[2001:db8::2] open rtt=40ms"),
     "up", "2001:db8::2  N ms", 40},
    {"icmp://10.0.0.6", ARGS("icmp://10.0.0.6 open also", "icmp://10.0.0.6 open"), "up",
     "10.0.0.6  N ms", 0},
    {"icmp://10.0.0.7", ARGS("icmp://10.0.0.7 open size=65507"), "up", "10.0.0.7  N ms", 0},
    /* ICMP errors about another target, of another sequence number, of another cookie. */
    {"icmp://10.0.0.8",
     ARGS("icmp://10.0.0.8 icmp=3/1 flip=19 also", "icmp://10.0.0.8 open rtt=40ms"), "up",
     "10.0.0.8  N ms", 40},
    {"icmp://10.0.0.9",
     ARGS("icmp://10.0.0.9 icmp=3/1 flip=27 also", "icmp://10.0.0.9 open rtt=40ms"), "up",
     "10.0.0.9  N ms", 40},
    {"icmp://10.0.0.10",
     ARGS("icmp://10.0.0.10 icmp=3/1 flip=36 also", "icmp://10.0.0.10 open rtt=40ms"), "up",
     "10.0.0.10  N ms", 40},
    {"icmp://10.0.0.11", ARGS("icmp://10.0.0.11 open rtt=1.2s"), "up",
     "10.0.0.11  N ms, after 1 resend", 1200},
    {"icmp://10.0.0.12", ARGS("icmp://10.0.0.12 icmp=3/1 from=10.6.0.1"), "down",
     "10.0.0.12  unreachable: host unreachable, said 10.6.0.1 (ICMP 3/1)", 0},
    /* No more than RFC 792 asks of a router. */
    {"icmp://10.0.0.13", ARGS("icmp://10.0.0.13 icmp=3/13 size=28 from=10.6.0.1"), "down",
     "10.0.0.13  prohibited: administratively prohibited, said 10.6.0.1 (ICMP 3/13)", 0},
    {"icmp://[2001:db8::3]", ARGS("icmp://[2001:db8::3] icmp=1/3 from=2001:db8::99"), "down",
     "2001:db8::3  unreachable: address unreachable, said 2001:db8::99 (ICMPv6 1/3)", 0},
};

static void test_lab_echo_replies_are_told_from_false_ones(void **state)
{
    (void)state;
    ask(WORDS(NULL), answering, ARRAY_LEN(answering));
}

static const struct inside_habit false_ones[] = {
    {"icmp://10.0.0.1", ARGS("icmp://10.0.0.1 open flip=0"), "down", "10.0.0.1  " SILENT, 0},
    {"icmp://10.0.0.2", ARGS("icmp://10.0.0.2 open flip=3"), "down", "10.0.0.2  " SILENT, 0},
    {"icmp://10.0.0.3", ARGS("icmp://10.0.0.3 open flip=19"), "down", "10.0.0.3  " SILENT, 0},
    {"icmp://10.0.0.4", ARGS("icmp://10.0.0.4 open size=0"), "down", "10.0.0.4  " SILENT, 0},
    {"icmp://10.0.0.5", ARGS("icmp://10.0.0.5 open size=19"), "down", "10.0.0.5  " SILENT, 0},
    {"icmp://10.0.0.6", ARGS("icmp://10.0.0.6 open junk=4"), "down", "10.0.0.6  " SILENT, 0},
    {"icmp://10.0.0.7", ARGS("icmp://10.0.0.7 open from=10.0.0.6"), "down", "10.0.0.7  " SILENT,
     0},
    {"icmp://10.0.0.8", ARGS("icmp://10.0.0.8 icmp=3/1 flip=19"), "down", "10.0.0.8  " SILENT,
     0},
    {"icmp://10.0.0.9", ARGS("icmp://10.0.0.9 icmp=3/1 size=20"), "down", "10.0.0.9  " SILENT,
     0},
    {"icmp://10.0.0.10", ARGS("icmp://10.0.0.10 icmp=3/1 size=28 flip=27"), "down",
     "10.0.0.10  " SILENT, 0},
    {"icmp://10.0.0.11", ARGS("icmp://10.0.0.11 open rtt=10s"), "down", "10.0.0.11  " SILENT,
     0},
    {"icmp://[2001:db8::1]", ARGS("icmp://[2001:db8::1] open from=2001:db8::2"), "down",
     "2001:db8::1  " SILENT, 0},
};

static void test_lab_echo_nothing_forged_is_a_reply(void **state)
{
    (void)state;
    ask(WORDS("-t", "0.5"), false_ones, ARRAY_LEN(false_ones));
}

/* With the header there are 28 bytes more, with that of IPv6 48. */
static const struct inside_habit narrow[] = {
    {"icmp://10.0.0.1",
     ARGS("icmp://10.0.0.1 icmp=3/4 over=1400 from=10.6.0.1", "icmp://10.0.0.1 open"), "down",
     "10.0.0.1  toobig: path takes 1400 bytes, said 10.6.0.1 (ICMP 3/4)", 0},
    {"icmp://10.0.0.2",
     ARGS("icmp://10.0.0.2 icmp=3/4 over=1400 size=28", "icmp://10.0.0.2 open"), "down",
     "10.0.0.2  toobig: path takes 1400 bytes, said 10.0.0.2 (ICMP 3/4)", 0},
    {"icmp://10.0.0.3", ARGS("icmp://10.0.0.3 icmp=3/4 over=1401", "icmp://10.0.0.3 open"),
     "up", "10.0.0.3  N ms", 0},
    {"icmp://10.0.0.4", ARGS("icmp://10.0.0.4 open size=1376"), "down", "10.0.0.4  " SILENT, 0},
    {"icmp://10.0.0.5", ARGS("icmp://10.0.0.5 silent over=1400"), "down", "10.0.0.5  " SILENT,
     0},
    {"icmp://[2001:db8::1]",
     ARGS("icmp://[2001:db8::1] icmp=2/0 over=1420 from=2001:db8::99",
          "icmp://[2001:db8::1] open"),
     "down", "2001:db8::1  toobig: path takes 1420 bytes, said 2001:db8::99 (ICMPv6 2/0)", 0},
    {"icmp://[2001:db8::2]",
     ARGS("icmp://[2001:db8::2] icmp=2/0 over=1421", "icmp://[2001:db8::2] open"), "up",
     "2001:db8::2  N ms", 0},
};

static void test_lab_echo_over_the_mtu_of_the_path_is_too_big(void **state)
{
    (void)state;
    ask(WORDS("-t", "0.9", "--size", "1373"), narrow, ARRAY_LEN(narrow));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lab_echo_replies_are_told_from_false_ones),
        cmocka_unit_test(test_lab_echo_nothing_forged_is_a_reply),
        cmocka_unit_test(test_lab_echo_over_the_mtu_of_the_path_is_too_big),
    };
    return cmocka_run_group_tests_name("cli: lab, echo", tests, inside_open, inside_release);
}
