/*
 * The last runs of a target: what is packed is there again, rounded.
 */
#include <string.h>

#include "../../../src/report/memory_runs.h"
#include "../claim.h"
#include "netcheck/base/base.h"

static const struct {
    const char *label;
    int64_t latency_ns;
    int64_t kept_ns;
} latencies[] = {
    {"none", -1, -1},
    {"less than none", INT64_MIN, -1},
    {"0", 0, 0},
    {"the most that is 0", 4999, 0},
    {"the least that is 0.01 ms", 5000, 10000},
    {"the most that is 0.09 ms", 94999, 90000},
    {"the least that is 0.1 ms", 95000, 100000},
    {"the most that is 0.1 ms", 149999, 100000},
    {"the least that is 0.2 ms", 150000, 200000},
    {"the most that is 99.9 ms", 99949999, 99900000},
    {"the least that is 100 ms", 99950000, 100 * NS_PER_MS},
    {"the most that is 100 ms", 100499999, 100 * NS_PER_MS},
    {"the least that is 101 ms", 100500000, 101 * NS_PER_MS},
    {"a second", NS_PER_S, NS_PER_S},
    {"the most of a file", INT64_C(1000000000) * NS_PER_MS, INT64_C(1000000000) * NS_PER_MS},
    {"the most that can be rounded", INT64_MAX - NS_PER_MS, INT64_MAX / NS_PER_MS *NS_PER_MS},
};

static void claim_run(const char *label, const struct memory_run *run, enum reason reason,
                      int64_t latency_ns)
{
    claim_number(label, "reason", run->reason, reason);
    claim_number(label, "latency", (uint64_t)run->latency_ns, (uint64_t)latency_ns);
}

static void test_memory_runs_keep_each_reason_and_round_latencies(void **state)
{
    struct memory_run run[MEMORY_RUNS];
    for (size_t i = 0; i < ARRAY_LEN(latencies); i++)
        for (enum reason reason = 0; reason < REASON_COUNT; reason++) {
            const struct memory_run one = {reason, latencies[i].latency_ns};
            struct memory_runs *runs = memory_runs_new(&one, 1);
            claim_number(latencies[i].label, "count", memory_runs_list(runs, run), 1);
            claim_run(latencies[i].label, run, reason, latencies[i].kept_ns);
            memory_runs_free(runs);
        }
}

/* Numbers of all lengths beside each other, from the first run to the hundred after the last
   one that is kept. */
static void test_memory_runs_are_the_last_ones(void **state)
{
    struct memory_runs *runs = NULL;
    struct memory_run list[MEMORY_RUNS];
    claim_number("none", "count", memory_runs_list(NULL, list), 0);
    for (size_t i = 0; i < MEMORY_RUNS + 100; i++) {
        const struct memory_run another = {REASON_LOCAL, latencies[(i + 14) % 15].latency_ns};
        const struct memory_run run = {i % REASON_COUNT, latencies[i % 15].latency_ns};
        size_t count = i < MEMORY_RUNS ? i + 1 : MEMORY_RUNS;
        claim_error("add", memory_runs_add(&runs, i % 2 == 0 ? another : run, false),
                    ERROR_NONE);
        if (i % 2 == 0)
            claim_error("instead", memory_runs_add(&runs, run, true), ERROR_NONE);
        claim_number("added", "count", memory_runs_list(runs, list), count);
        for (size_t j = 0; j < count; j++) {
            size_t number = i + 1 - count + j;
            claim_run("run", &list[j], number % REASON_COUNT, latencies[number % 15].kept_ns);
        }
        struct memory_runs *again = memory_runs_new(list, count);
        struct memory_run same[MEMORY_RUNS];
        claim_number("again", "count", memory_runs_list(again, same), count);
        for (size_t j = 0; j < count; j++)
            claim_run("again", &same[j], list[j].reason, list[j].latency_ns);
        memory_runs_free(again);
    }
    memory_runs_free(runs);
}

static void test_memory_runs_first_one_has_no_other_to_replace(void **state)
{
    struct memory_runs *runs = NULL;
    struct memory_run list[MEMORY_RUNS];
    const struct memory_run run = {REASON_REFUSED, 0};
    claim_error("first", memory_runs_add(&runs, run, true), ERROR_NONE);
    claim_number("first", "count", memory_runs_list(runs, list), 1);
    memory_runs_free(runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_runs_keep_each_reason_and_round_latencies),
        cmocka_unit_test(test_memory_runs_are_the_last_ones),
        cmocka_unit_test(test_memory_runs_first_one_has_no_other_to_replace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
