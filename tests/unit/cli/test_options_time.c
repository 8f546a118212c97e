/*
 * The options for targets that are asked more than once: what they mean, and which of them
 * exclude each other.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/cli/options.h"

enum { ARGS_MAX = 8 };

#define TARGET "db:80"

struct line {
    const char *args[ARGS_MAX + 1]; /* NULL behind the last one */
    const char *refusal;            /* the whole message, or its beginning up to a '*' */
};

/* The message of a line; "" where it is valid. */
static void parse(const char *const *args, struct options *options, struct buffer *message)
{
    char *argv[ARGS_MAX + 2] = {(char *)"netcheck"};
    int argc = 1;
    for (; args[argc - 1] != NULL; argc++)
        argv[argc] = (char *)args[argc - 1];
    bool is_valid = options_parse(options, argc, argv, message);
    claim_number(args[0], "valid without a message", is_valid, message->len == 0);
}

static void claim_valid(const char *const *args, struct options *options)
{
    struct buffer message = BUFFER_EMPTY;
    parse(args, options, &message);
    claim_text(args[0], "message", buffer_text(&message), "");
    buffer_release(&message);
}

static void claim_refused(const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct options options;
        struct buffer message = BUFFER_EMPTY;
        parse(lines[i].args, &options, &message);
        claim_text(lines[i].args[0], "message", buffer_text(&message), lines[i].refusal);
        options_release(&options);
        buffer_release(&message);
    }
}

static void test_options_time_defaults(void **state)
{
    (void)state;
    struct options options;
    claim_valid((const char *const[]){TARGET, NULL}, &options);
    assert_false(options.is_wait);
    assert_false(options.has_rounds);
    assert_false(options.has_count);
    assert_false(options.has_interval);
    assert_false(options.is_on_change);
    assert_false(options.report.has_histogram);
    assert_false(options.is_live);
    assert_false(options.report.is_dated);
    assert_false(options.has_retries);
    assert_int_equal(options.interval_ns, 1 * NS_PER_S);
    options_release(&options);
}

static void test_options_time_wait_is_a_duration(void **state)
{
    (void)state;
    static const struct {
        const char *args[ARGS_MAX + 1];
        int64_t wait_ns;
    } rows[] = {
        {{"--wait", "30", TARGET}, 30 * NS_PER_S},
        {{"--wait=0", TARGET}, 0},
        {{"--wait=0.000000001", TARGET}, 1},
        {{"--wait=200ms", TARGET}, 200 * NS_PER_MS},
        {{"--wait=1h", TARGET}, 3600 * NS_PER_S},
        {{"--wait=9223372036.854775807", TARGET}, INT64_MAX},
        {{"--wait=1", "--wait=2", TARGET}, 2 * NS_PER_S},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct options options;
        claim_valid(rows[i].args, &options);
        claim_true(rows[i].args[0], "a wait", options.is_wait);
        claim_true(rows[i].args[0], "no rounds", !options.has_rounds);
        claim_number(rows[i].args[0], "wait_ns", (uint64_t)options.wait_ns,
                     (uint64_t)rows[i].wait_ns);
        options_release(&options);
    }
}

static void test_options_time_max_time_is_a_duration(void **state)
{
    (void)state;
    static const struct {
        const char *args[ARGS_MAX + 1];
        int64_t max_time_ns;
    } rows[] = {
        {{TARGET}, NEVER_NS},
        {{"-m", "30", TARGET}, 30 * NS_PER_S},
        {{"-m0.000000001", TARGET}, 1},
        {{"--max-time=200ms", TARGET}, 200 * NS_PER_MS},
        {{"-m1", "--max-time", "2", TARGET}, 2 * NS_PER_S},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct options options;
        claim_valid(rows[i].args, &options);
        claim_number(rows[i].args[0], "max_time_ns", (uint64_t)options.max_time_ns,
                     (uint64_t)rows[i].max_time_ns);
        options_release(&options);
    }
}

static void test_options_time_rounds_have_count_and_interval(void **state)
{
    (void)state;
    static const struct {
        const char *args[ARGS_MAX + 1];
        uint64_t rounds;
        int64_t interval_ns;
    } rows[] = {
        {{"-c", "3", TARGET}, 3, NS_PER_S},
        {{"-c3", TARGET}, 3, NS_PER_S},
        {{"--count=1", TARGET}, 1, NS_PER_S},
        {{"--count", "0", TARGET}, 0, NS_PER_S},
        {{"-c999999999", TARGET}, 999999999, NS_PER_S},
        {{"-c1000000000", TARGET}, 1000000000, NS_PER_S},
        {{"-i", "2", TARGET}, 0, 2 * NS_PER_S},
        {{"-i1ms", TARGET}, 0, NS_PER_MS},
        {{"--interval=0.5", TARGET}, 0, 500 * NS_PER_MS},
        {{"--interval", "9223372036.854775807", TARGET}, 0, INT64_MAX},
        {{"-c2", "-i3", TARGET}, 2, 3 * NS_PER_S},
        {{"-i3", TARGET, "-c2"}, 2, 3 * NS_PER_S},
        {{"--live", TARGET}, 0, NS_PER_S},
        {{"--live", "-c2", TARGET}, 2, NS_PER_S},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct options options;
        claim_valid(rows[i].args, &options);
        claim_true(rows[i].args[0], "rounds", options.has_rounds && !options.is_wait);
        claim_number(rows[i].args[0], "rounds", options.rounds, rows[i].rounds);
        claim_number(rows[i].args[0], "interval_ns", (uint64_t)options.interval_ns,
                     (uint64_t)rows[i].interval_ns);
        options_release(&options);
    }
}

static void test_options_time_interval_of_a_wait_is_no_round(void **state)
{
    (void)state;
    struct options options;
    claim_valid((const char *const[]){"--wait=5", "-i0.2", TARGET, NULL}, &options);
    assert_true(options.is_wait);
    assert_false(options.has_rounds);
    assert_true(options.has_interval);
    assert_int_equal(options.interval_ns, 200 * NS_PER_MS);
    options_release(&options);
}

static void test_options_time_goes_together(void **state)
{
    (void)state;
    static const char *const rows[][ARGS_MAX + 1] = {
        {"--on-change", "-c3", TARGET},
        {"--on-change", "-i3", "-j", TARGET},
        {"--on-change", "--wait=3", TARGET},
        {"--histogram", "-c3", TARGET},
        {"--histogram", "-q", "-c3", TARGET},
        {"--histogram", "-i3", "--format=text", TARGET},
        {"--histogram", "--live", TARGET},
        {"-D", TARGET},
        {"-D", "--wait=3", TARGET},
        {"-D", "-c3", "-q", TARGET},
        {"--progress=always", "--wait=3", TARGET},
        {"--progress=never", "-c3", TARGET},
        {"-c3", TARGET, "--", "true"},
        {"-c3", "-i1", TARGET, "--", "true"},
        {"--wait=0", TARGET, "--", "true"},
        {"--wait=3", "-i1", "--any", "-r2", "-A", "-j", TARGET},
        {"-c0", "--any", "-r2", "-A", "-v", TARGET},
        {"--live", "-i1", "--any", "-r2", "-A", "--color=always", TARGET},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct options options;
        claim_valid(rows[i], &options);
        options_release(&options);
    }
}

static void test_options_time_exclusions_are_refused(void **state)
{
    (void)state;
#define WAIT_ROUNDS "--wait ends when all is as expected, -c and --live do not: leave one out"
#define ON_CHANGE   "--on-change compares with the time before: add -c or -i"
#define HISTOGRAM   "--histogram is a part of the summary: add -c or -i"
#define WAIT_HAS_NO "--wait has no summary for --histogram to be a part of: leave one out"
#define NO_PLACE    "--progress has no place on the screen of --live: leave it out"
#define NO_SUMMARY  "--histogram is a part of the summary in text: leave it, or -j, out"
#define DATED       "-D is for text, other formats have the time anyway: leave it out"
#define NO_END      "without end COMMAND would never run: write -c N"
#define PROGRESS    "--progress goes towards an end, -c and -i have rows instead: leave it out"
#define VIEW        "--live is a view of its own: leave -q, -v, -j and --format out"
#define NO_ROWS     "--live prints no rows: leave --only, --on-change and -D out"
    static const struct line lines[] = {
        {{"--wait=3", "-c3", TARGET}, WAIT_ROUNDS},
        {{"-c0", "--wait=0", TARGET}, WAIT_ROUNDS},
        {{"--live", "--wait=3", TARGET}, WAIT_ROUNDS},
        {{"--on-change", TARGET}, ON_CHANGE},
        {{"--histogram", TARGET}, HISTOGRAM},
        {{"--histogram", "--wait=3", TARGET}, WAIT_HAS_NO},
        {{"--histogram", "--wait=3", "-i1", TARGET}, WAIT_HAS_NO},
        {{"-j", "--histogram", "-i3", TARGET}, NO_SUMMARY},
        {{"-D", "-j", TARGET}, DATED},
        {{"--format=json", "-c3", "-D", TARGET}, DATED},
        {{"-c0", TARGET, "--", "true"}, NO_END},
        {{"-i1", TARGET, "--", "true"}, NO_END},
        {{"--live", TARGET, "--", "true"}, NO_END},
        {{"--progress=always", "-c3", TARGET}, PROGRESS},
        {{"-i3", "--progress=always", TARGET}, PROGRESS},
        {{"--live", "--progress=always", TARGET}, NO_PLACE},
        {{"--live", "-q", TARGET}, VIEW},
        {{"--live", "-v", TARGET}, VIEW},
        {{"-j", "--live", TARGET}, VIEW},
        {{"--live", "--only=up", TARGET}, NO_ROWS},
        {{"--live", "--on-change", TARGET}, NO_ROWS},
        {{"--live", "-D", TARGET}, NO_ROWS},
        {{"--list", "--on-change", TARGET}, ON_CHANGE},
    };
    claim_refused(lines, ARRAY_LEN(lines));
}

static void test_options_time_bad_arguments_are_refused(void **state)
{
    (void)state;
#define FORM  ": write seconds, decimals allowed, or a number with ms, s, m or h"
#define RANGE ": allowed is up to 292 years"
#define COUNT ": allowed is 0-1000000000"
    static const struct line lines[] = {
        {{"--wait", "", TARGET}, "invalid duration '' for --wait" FORM},
        {{"--wait", "-1", TARGET}, "invalid duration '-1' for --wait" FORM},
        {{"--wait=5x", TARGET}, "invalid duration '5x' for --wait" FORM},
        {{"--wait", TARGET}, "invalid duration '" TARGET "' for --wait" FORM},
        {{"--wait=9223372036.854775808", TARGET},
         "duration out of range '9223372036.854775808' for --wait" RANGE},
        {{"-m", "", TARGET}, "invalid duration '' for -m" FORM},
        {{"-m1x", TARGET}, "invalid duration '1x' for -m" FORM},
        {{"-m0", TARGET}, "duration out of range '0' for -m: it must be more than 0"},
        {{"-c", "", TARGET}, "invalid number '' for -c" COUNT},
        {{"-c", "-1", TARGET}, "invalid number '-1' for -c" COUNT},
        {{"-c1x", TARGET}, "invalid number '1x' for -c" COUNT},
        {{"--count=1.5", TARGET}, "invalid number '1.5' for --count" COUNT},
        {{"-c1000000001", TARGET}, "invalid number '1000000001' for -c" COUNT},
        {{"-c18446744073709551617", TARGET},
         "invalid number '18446744073709551617' for -c" COUNT},
        {{"-i", "", TARGET}, "invalid duration '' for -i" FORM},
        {{"-i", "-1", TARGET}, "invalid duration '-1' for -i" FORM},
        {{"--interval=1d", TARGET}, "invalid duration '1d' for --interval" FORM},
        {{"-i9223372036.854775808", TARGET},
         "duration out of range '9223372036.854775808' for -i" RANGE},
    };
    claim_refused(lines, ARRAY_LEN(lines));
}

/* The least one is a millisecond. */
static void test_options_time_short_interval_is_refused(void **state)
{
    (void)state;
    static const char *const intervals[] = {"-i0", "-i0ms", "-i0.9ms", "-i0.000999999"};
    for (size_t i = 0; i < ARRAY_LEN(intervals); i++) {
        struct options options;
        struct buffer message = BUFFER_EMPTY;
        parse((const char *const[]){intervals[i], TARGET, NULL}, &options, &message);
        claim_contains(intervals[i], buffer_text(&message), fault_text(FAULT_INTERVAL));
        claim_contains(intervals[i], buffer_text(&message), fault_remedy(FAULT_INTERVAL));
        claim_contains(intervals[i], buffer_text(&message), " for -i");
        options_release(&options);
        buffer_release(&message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_time_defaults),
        cmocka_unit_test(test_options_time_wait_is_a_duration),
        cmocka_unit_test(test_options_time_max_time_is_a_duration),
        cmocka_unit_test(test_options_time_rounds_have_count_and_interval),
        cmocka_unit_test(test_options_time_interval_of_a_wait_is_no_round),
        cmocka_unit_test(test_options_time_goes_together),
        cmocka_unit_test(test_options_time_exclusions_are_refused),
        cmocka_unit_test(test_options_time_bad_arguments_are_refused),
        cmocka_unit_test(test_options_time_short_interval_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
