/*
 * UDP in the simulated network of tests/lab: services that are hostile, moved or slow.
 */
#include "inside.h"
#include "netcheck/base/base.h"
#include "scene.h"

#define SILENT "timeout: no reply to 1 datagram in N ms; "

/* Something answers each of them: with the true answer behind a false one, or from elsewhere.
 */
static const struct inside_habit answering[] = {
    {"udp://10.0.0.1:53", ARGS("udp://10.0.0.1 open"), "up", "10.0.0.1  N ms, DNS REFUSED", 0},
    {"udp://[2001:db8::1]:53", ARGS("udp://[2001:db8::1] open"), "up",
     "2001:db8::1  N ms, DNS REFUSED", 0},
    {"udp://10.0.0.1:123", ARGS(NULL), "up", "10.0.0.1  N ms, NTP stratum 2", 0},
    {"udp://10.0.0.1:9", ARGS(NULL), "up", "10.0.0.1  N ms", 0},
    /* The identification of another question, then ours; a query; half an answer. */
    {"udp://10.0.0.2:53",
     ARGS("udp://10.0.0.2 open flip=0 also", "udp://10.0.0.2 open rtt=40ms"), "up",
     "10.0.0.2  N ms, DNS REFUSED", 40},
    {"udp://10.0.0.3:53",
     ARGS("udp://10.0.0.3 open flip=2 also", "udp://10.0.0.3 open rtt=40ms"), "up",
     "10.0.0.3  N ms, DNS REFUSED", 40},
    {"udp://10.0.0.4:123",
     ARGS("udp://10.0.0.4 open size=47 also", "udp://10.0.0.4 open rtt=40ms"), "up",
     "10.0.0.4  N ms, NTP stratum 2", 40},
    {"udp://10.0.0.5:53",
     ARGS("udp://10.0.0.5 open also", "udp://10.0.0.5 open also", "udp://10.0.0.5 open"), "up",
     "10.0.0.5  N ms, DNS REFUSED", 0},
    {"udp://10.0.0.6:53", ARGS("udp://10.0.0.6 open from=10.0.1.6"), "up",
     "10.0.0.6  N ms, DNS REFUSED, answer from 10.0.1.6", 0},
    {"udp://10.0.0.7:53", ARGS("udp://10.0.0.7 open port=5300"), "up",
     "10.0.0.7  N ms, DNS REFUSED, answer from port 5300", 0},
    /* From an address that was not asked and without a cookie: anybody could send it. */
    {"udp://10.0.0.8:9",
     ARGS("udp://10.0.0.8 open from=10.0.1.8 also", "udp://10.0.0.8 open rtt=40ms"), "up",
     "10.0.0.8  N ms", 40},
    {"udp://10.0.0.9:53", ARGS("udp://10.0.0.9 open size=65507"), "up",
     "10.0.0.9  N ms, DNS REFUSED", 0},
    {"udp://10.0.0.10:9", ARGS("udp://10.0.0.10 open size=65507 junk=0"), "up",
     "10.0.0.10  N ms", 0},
    /* ICMP errors about another target, from another port of ours, and too short to tell. */
    {"udp://10.0.0.11:53",
     ARGS("udp://10.0.0.11 refused flip=19 also", "udp://10.0.0.11 open rtt=40ms"), "up",
     "10.0.0.11  N ms, DNS REFUSED", 40},
    {"udp://10.0.0.12:53",
     ARGS("udp://10.0.0.12 refused flip=21 also", "udp://10.0.0.12 open rtt=40ms"), "up",
     "10.0.0.12  N ms, DNS REFUSED", 40},
    {"udp://10.0.0.13:53",
     ARGS("udp://10.0.0.13 refused size=24 also", "udp://10.0.0.13 open rtt=40ms"), "up",
     "10.0.0.13  N ms, DNS REFUSED", 40},
    {"udp://10.0.0.14:53",
     ARGS("udp://10.0.0.14 icmp=3/4 over=30 also", "udp://10.0.0.14 open rtt=40ms"), "up",
     "10.0.0.14  N ms, DNS REFUSED", 40},
    {"udp://10.0.0.15:53", ARGS("udp://10.0.0.15 open rtt=1.2s"), "up",
     "10.0.0.15  N ms, DNS REFUSED, after 1 resend", 1200},
    {"udp://10.0.0.16:53", ARGS("udp://10.0.0.16 refused size=28"), "down",
     "10.0.0.16  refused in N ms", 0},
    {"udp://[2001:db8::2]:53", ARGS("udp://[2001:db8::2] refused size=48"), "down",
     "2001:db8::2  refused in N ms", 0},
    {"udp://10.0.0.17:53", ARGS("udp://10.0.0.17 icmp=3/13 from=10.6.0.1"), "down",
     "10.0.0.17  prohibited: administratively prohibited, said 10.6.0.1 (ICMP 3/13)", 0},
};

static void test_lab_udp_answers_are_told_from_false_ones(void **state)
{
    (void)state;
    inside_need_lab();
    const struct inside_question question = {.label = "UDP", .options = WORDS(NULL)};
    inside_expect_habits(&question, answering, ARRAY_LEN(answering));
}

/* Nothing that comes from these is an answer. */
static const struct inside_habit false_ones[] = {
    {"udp://10.0.0.1:53", ARGS("udp://10.0.0.1 open flip=0"), "down",
     "10.0.0.1  " SILENT "1 came that is no answer", 0},
    {"udp://10.0.0.2:53", ARGS("udp://10.0.0.2 open size=11"), "down",
     "10.0.0.2  " SILENT "1 came that is no answer", 0},
    {"udp://10.0.0.3:53", ARGS("udp://10.0.0.3 open size=0"), "down",
     "10.0.0.3  " SILENT "1 came that is no answer", 0},
    {"udp://10.0.0.4:53", ARGS("udp://10.0.0.4 open size=65507 junk=0"), "down",
     "10.0.0.4  " SILENT "1 came that is no answer", 0},
    {"udp://10.0.0.5:123", ARGS("udp://10.0.0.5 open flip=24"), "down",
     "10.0.0.5  " SILENT "1 came that is no answer", 0},
    {"udp://10.0.0.6:9", ARGS("udp://10.0.0.6 open from=10.0.1.6"), "down",
     "10.0.0.6  " SILENT "open or filtered", 0},
    {"udp://10.0.0.7:9", ARGS("udp://10.0.0.7 open port=10"), "down",
     "10.0.0.7  " SILENT "open or filtered", 0},
    {"udp://10.0.0.8:53", ARGS("udp://10.0.0.8 refused flip=19"), "down",
     "10.0.0.8  " SILENT "open or filtered", 0},
    {"udp://10.0.0.9:53", ARGS("udp://10.0.0.9 refused size=20"), "down",
     "10.0.0.9  " SILENT "open or filtered", 0},
    {"udp://10.0.0.10:53", ARGS("udp://10.0.0.10 open rtt=10s"), "down",
     "10.0.0.10  " SILENT "open or filtered", 0},
    {"udp://[2001:db8::1]:53", ARGS("udp://[2001:db8::1] open flip=1"), "down",
     "2001:db8::1  " SILENT "1 came that is no answer", 0},
    {"udp://[2001:db8::2]:9", ARGS("udp://[2001:db8::2] open from=2001:db8::9"), "down",
     "2001:db8::2  " SILENT "open or filtered", 0},
};

static void test_lab_udp_nothing_forged_is_an_answer(void **state)
{
    (void)state;
    inside_need_lab();
    const struct inside_question question = {
        .label = "forged", .options = WORDS("-t", "0.5"), .counters = "datagrams 12"};
    inside_expect_habits(&question, false_ones, ARRAY_LEN(false_ones));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lab_udp_answers_are_told_from_false_ones),
        cmocka_unit_test(test_lab_udp_nothing_forged_is_an_answer),
    };
    return cmocka_run_group_tests_name("cli: lab, UDP", tests, inside_open, inside_release);
}
