/*
 * Runs of many targets over UDP, ICMP and TCP in the simulated network of tests/lab: whom they
 * find where packets are lost, and hosts that say no only so often.
 */
#include <string.h>

#include "inside.h"
#include "netcheck/base/base.h"
#include "text.h"

/* Two packets each, and 5 % are lost, the same ones in every run: of 2,439 services 3 lose
   both, of 2,425 hosts 6. */
static void test_lab_sweep_finds_all_whose_answer_comes(void **state)
{
    (void)state;
    inside_need_lab();
    struct inside inside;
    inside_run(&inside, "sweep",
               WORDS("udp://10.0.0.0/20:53 open share=60% loss=5% rtt=50ms",
                     "icmp://10.0.0.0/20 open share=60% loss=5% rtt=50ms"),
               inside_netcheck(),
               WORDS("-t", "1.9", "-P", "10000", "udp://10.0.0.0/20:53", "icmp://10.0.0.0/20"));
    expect_number("sweep", "rows", inside_count(&inside, ""), 8192);
    expect_number("sweep", "up by UDP", inside_count(&inside, "up     udp"), 2436);
    expect_number("sweep", "up by ICMP", inside_count(&inside, "up     icmp"), 2419);
    inside_expect_counters(&inside, "datagrams_silent 3314 overrun 0");
    inside_end(&inside);
}

/* Lost SYNs make a silent port of TCP be asked once more, and none of UDP. */
static void test_lab_udp_silence_is_believed_where_syns_are_lost(void **state)
{
    (void)state;
    inside_need_lab();
    struct inside inside;
    inside_run(
        &inside, "mixed",
        WORDS("tcp://10.0.0.0/24 open loss=20% rtt=20ms",
              "udp://10.0.0.0/24 open share=50% rtt=20ms", "icmp://10.0.0.0/24 open rtt=20ms"),
        inside_netcheck(),
        WORDS("-t", "1.5", "10.0.0.0/24:22", "udp://10.0.0.0/24:53", "icmp://10.0.0.0/24"));
    int64_t up = inside_count(&inside, "up     udp");
    expect_number("mixed", "up by TCP", inside_count(&inside, "up     10"), 253);
    expect_number("mixed", "up by ICMP", inside_count(&inside, "up     icmp"), 256);
    expect_number("mixed", "datagrams", inside_counter(&inside, "datagrams"),
                  up + 2 * (256 - up));
    inside_end(&inside);
}

/* 40 closed ports of a host that says no 6 times at once, then once a second. */
static void test_lab_silence_beside_refusals_says_so(void **state)
{
    (void)state;
    inside_need_lab();
    static const char row[] = "timeout: no reply to 1 datagram in N ms; open, closed or "
                              "filtered, 10.0.0.1 rejected 6 other ports by ICMP, which it may "
                              "say only so often";
    struct inside inside;
    inside_run(&inside, "limit", WORDS("udp://10.0.0.1 refused limit=10s"), inside_netcheck(),
               WORDS("-t", "0.5", "udp://10.0.0.1:1001-1040"));
    text_hide_latencies(&inside.program.out);
    const char *out = buffer_text(&inside.program.out);
    size_t silent = 0;
    for (const char *at = strstr(out, row); at != NULL; at = strstr(at + 1, row))
        silent++;
    expect_number("limit", "silent, with the reason", (int64_t)silent, 34);
    expect_number("limit", "down", inside_count(&inside, "down"), 40);
    inside_expect_counters(&inside, "datagrams 40 datagrams_answered 6 datagrams_limited 34");
    inside_end(&inside);
}

/* What says something else would not have been rejected, either. */
static void test_lab_who_was_heard_is_not_silent_beside_refusals(void **state)
{
    (void)state;
    inside_need_lab();
    struct inside inside;
    inside_run(
        &inside, "heard",
        WORDS("udp://10.0.0.1:53 open size=9", "udp://10.0.0.1 refused", "10.0.0.1:443 shut"),
        inside_netcheck(),
        WORDS("-t", "0.5", "udp://10.0.0.1:9,53,54", "10.0.0.1:443", "tls://10.0.0.1:443"));
    text_hide_latencies(&inside.program.out);
    expect_text("heard", "rows", buffer_text(&inside.program.out),
                "down   udp://10.0.0.1:9  10.0.0.1  refused in N ms\n"
                "down   udp://10.0.0.1:53  10.0.0.1  timeout: no reply to 1 datagram in N ms; "
                "1 came that is no answer\n"
                "down   udp://10.0.0.1:54  10.0.0.1  refused in N ms\n"
                "down   10.0.0.1:443  10.0.0.1  timeout: accepted by a SYN proxy, no server "
                "behind it answered in N ms\n"
                "down   tls://10.0.0.1:443  10.0.0.1  timeout: accepted by a SYN proxy, no "
                "server behind it answered in N ms\n");
    inside_end(&inside);
}

/* As many a second as the host may refuse: here 25, where Linux has one. */
static void test_lab_at_the_rate_of_the_host_all_are_refused(void **state)
{
    (void)state;
    inside_need_lab();
    struct inside inside;
    inside_run(&inside, "rate", WORDS("udp://10.0.0.1 refused limit=40ms"), inside_netcheck(),
               WORDS("--rate", "25", "udp://10.0.0.1:1001-1030"));
    const char *out = buffer_text(&inside.program.out);
    assert_null(strstr(out, "timeout"));
    expect_number("rate", "down", inside_count(&inside, "down"), 30);
    inside_end(&inside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lab_sweep_finds_all_whose_answer_comes),
        cmocka_unit_test(test_lab_udp_silence_is_believed_where_syns_are_lost),
        cmocka_unit_test(test_lab_silence_beside_refusals_says_so),
        cmocka_unit_test(test_lab_who_was_heard_is_not_silent_beside_refusals),
        cmocka_unit_test(test_lab_at_the_rate_of_the_host_all_are_refused),
    };
    return cmocka_run_group_tests_name("cli: lab, many targets", tests, inside_open,
                                       inside_release);
}
