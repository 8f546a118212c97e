#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/cli/options.h"
#include "netcheck/report/report.h"

enum { ARGS_MAX = 8 };

#define TARGET "db:80"

/* A command line and what became of it. `argv` must live as long as `options`. */
struct parsed {
    char *argv[ARGS_MAX + 2];
    int argc;
    struct options options;
    struct buffer message;
    bool is_valid;
};

static void parse(struct parsed *parsed, const char *const args[static ARGS_MAX])
{
    memset(parsed, 0, sizeof *parsed);
    parsed->argv[parsed->argc++] = (char *)"netcheck";
    for (size_t i = 0; i < ARGS_MAX && args[i] != NULL; i++)
        parsed->argv[parsed->argc++] = (char *)args[i];
    parsed->is_valid =
        options_parse(&parsed->options, parsed->argc, parsed->argv, &parsed->message);
}

static void parsed_release(struct parsed *parsed)
{
    options_release(&parsed->options);
    buffer_release(&parsed->message);
}

/* Parse a line that must be valid. */
#define PARSE_VALID(parsed, ...) \
    parse_valid((parsed), (const char *const[ARGS_MAX]){__VA_ARGS__})

static void parse_valid(struct parsed *parsed, const char *const args[static ARGS_MAX])
{
    parse(parsed, args);
    if (!parsed->is_valid)
        fail_msg("%s ...: refused: %s", args[0], buffer_text(&parsed->message));
    claim_number(args[0] != NULL ? args[0] : "nothing", "bytes of the message",
                 parsed->message.len, 0);
}

static void test_options_defaults_are_those_of_the_help(void **state)
{
    (void)state;
    struct parsed parsed;
    PARSE_VALID(&parsed, TARGET);
    const struct options *options = &parsed.options;
    assert_int_equal(options->probe.timeout_ns, 5 * NS_PER_S);
    assert_int_equal(options->window, 1024);
    assert_int_equal(options->probe.retries, 0);
    assert_int_equal(options->probe.families, FAMILY_ANY);
    assert_int_equal(options->ports.count, 0);
    assert_int_equal(options->file_count, 0);
    assert_int_equal(address_family(&options->source), AF_UNSPEC);
    assert_null(options->interface);
    assert_null(options->command);
    assert_int_equal(options->shown, 0);
    assert_int_equal(options->colour, WHEN_AUTO);
    assert_int_equal(options->progress, WHEN_AUTO);
    assert_int_equal(options->probe.rate, 0);
    assert_int_equal(options->shard, 0);
    assert_int_equal(options->shards, 1);
    assert_ptr_equal(options->format, report_find("text"));
    parsed_release(&parsed);
}

static void test_options_switches_are_off_by_default(void **state)
{
    (void)state;
    struct parsed parsed;
    PARSE_VALID(&parsed, TARGET);
    const struct options *options = &parsed.options;
    assert_int_equal(options->text, TEXT_NONE);
    assert_false(options->is_numeric);
    assert_false(options->probe.is_all_addresses);
    assert_false(options->report.expects_down);
    assert_false(options->is_any);
    assert_false(options->is_quiet);
    assert_false(options->is_verbose);
    assert_false(options->is_unordered);
    assert_false(options->is_shuffled);
    assert_false(options->has_seed);
    assert_false(options->is_list);
    parsed_release(&parsed);
}

/* Each switch turns on its own member and no other. */
static const struct {
    const char *switch_;
    size_t offset;
} switches[] = {
    {"-n", offsetof(struct options, is_numeric)},
    {"--numeric", offsetof(struct options, is_numeric)},
    {"-A", offsetof(struct options, probe.is_all_addresses)},
    {"--all-addresses", offsetof(struct options, probe.is_all_addresses)},
    {"--any", offsetof(struct options, is_any)},
    {"-q", offsetof(struct options, is_quiet)},
    {"--quiet", offsetof(struct options, is_quiet)},
    {"-v", offsetof(struct options, is_verbose)},
    {"--verbose", offsetof(struct options, is_verbose)},
    {"--unordered", offsetof(struct options, is_unordered)},
    {"--shuffle", offsetof(struct options, is_shuffled)},
    {"--list", offsetof(struct options, is_list)},
    {"-D", offsetof(struct options, report.is_dated)},
    {"--timestamp", offsetof(struct options, report.is_dated)},
    {"-z", SIZE_MAX},
};

static bool *switch_of(struct options *options, size_t offset)
{
    return (bool *)(void *)((char *)options + offset);
}

static void test_options_switch_turns_on_its_own_member(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(switches); i++) {
        struct parsed parsed;
        PARSE_VALID(&parsed, switches[i].switch_, TARGET);
        for (size_t j = 0; j < ARRAY_LEN(switches); j++)
            if (switches[j].offset != SIZE_MAX)
                claim_number(switches[i].switch_, switches[j].switch_,
                             *switch_of(&parsed.options, switches[j].offset),
                             switches[j].offset == switches[i].offset);
        parsed_release(&parsed);
    }
}

static const struct {
    const char *args[ARGS_MAX];
    int64_t timeout_ns;
} timeouts[] = {
    {{"-t", "2", TARGET}, 2 * NS_PER_S},
    {{"-t2", TARGET}, 2 * NS_PER_S},
    {{"-w", "2", TARGET}, 2 * NS_PER_S},
    {{"-w2", TARGET}, 2 * NS_PER_S},
    {{"--timeout", "2", TARGET}, 2 * NS_PER_S},
    {{"--timeout=2", TARGET}, 2 * NS_PER_S},
    {{"-zvw2", TARGET}, 2 * NS_PER_S},
    {{"-zvw", "2", TARGET}, 2 * NS_PER_S},
    {{TARGET, "-t", "2"}, 2 * NS_PER_S},
    {{TARGET, "-t2", "web:80"}, 2 * NS_PER_S},
    {{"-t", "0.5", TARGET}, 500 * NS_PER_MS},
    {{"-t", "200ms", TARGET}, 200 * NS_PER_MS},
    {{"--timeout=1.5m", TARGET}, 90 * NS_PER_S},
    {{"-t", "0.000000001", TARGET}, 1},
    {{"-t", "9223372036.854775807", TARGET}, INT64_MAX},
    {{"-t", "2", "-w", "3", TARGET}, 3 * NS_PER_S},
};

static void test_options_timeout_may_be_written_in_many_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(timeouts); i++) {
        struct parsed parsed;
        parse_valid(&parsed, timeouts[i].args);
        claim_number(timeouts[i].args[0], "timeout_ns",
                     (uint64_t)parsed.options.probe.timeout_ns,
                     (uint64_t)timeouts[i].timeout_ns);
        parsed_release(&parsed);
    }
}

static const struct {
    const char *args[ARGS_MAX];
    size_t retries;
    size_t window;
} counts[] = {
    {{"-r", "0", TARGET}, 0, OPTIONS_WINDOW},
    {{"-r3", TARGET}, 3, OPTIONS_WINDOW},
    {{"--retries=1000000", TARGET}, OPTIONS_RETRIES_MAX, OPTIONS_WINDOW},
    {{"-r", "00000000000000000000007", TARGET}, 7, OPTIONS_WINDOW},
    {{"-P", "1", TARGET}, 0, 1},
    {{"-P2", TARGET}, 0, 2},
    {{"--parallel=1000000", TARGET}, 0, OPTIONS_WINDOW_MAX},
    {{"--parallel", "999999", TARGET}, 0, 999999},
    {{"-r", "2", "-P", "3", TARGET}, 2, 3},
};

static void test_options_counts_reach_their_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        struct parsed parsed;
        parse_valid(&parsed, counts[i].args);
        claim_number(counts[i].args[0], "retries", parsed.options.probe.retries,
                     counts[i].retries);
        claim_number(counts[i].args[0], "window", parsed.options.window, counts[i].window);
        parsed_release(&parsed);
    }
}

static const struct {
    const char *args[ARGS_MAX];
    unsigned families;
} families[] = {
    {{"-4", TARGET}, FAMILY_IPV4},
    {{"-6", TARGET}, FAMILY_IPV6},
    {{"-44", TARGET}, FAMILY_IPV4},
    {{"-s", "127.0.0.1", TARGET}, FAMILY_IPV4},
    {{"-s", "::1", TARGET}, FAMILY_IPV6},
    {{"-4", "-s", "127.0.0.1", TARGET}, FAMILY_IPV4},
    {{"-s", "::1", "-6", TARGET}, FAMILY_IPV6},
};

static void test_options_family_comes_from_switch_or_source(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(families); i++) {
        struct parsed parsed;
        parse_valid(&parsed, families[i].args);
        claim_number(families[i].args[0], "families", parsed.options.probe.families,
                     families[i].families);
        parsed_release(&parsed);
    }
}

static void test_options_source_is_parsed(void **state)
{
    (void)state;
    static const char *const forms[][ARGS_MAX] = {
        {"-s", "2001:db8::7", TARGET},
        {"-s2001:db8::7", TARGET},
        {"--source=2001:db8::7", TARGET},
        {"--source", "2001:db8::7", TARGET},
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct parsed parsed;
        char text[ADDRESS_TEXT_SIZE];
        parse_valid(&parsed, forms[i]);
        address_format(&parsed.options.source, text);
        claim_text(forms[i][0], "source", text, "2001:db8::7");
        parsed_release(&parsed);
    }
}

static void test_options_interface_is_kept(void **state)
{
    (void)state;
    static const char *const forms[][ARGS_MAX] = {
        {"-I", "eth0", TARGET},
        {"-Ieth0", TARGET},
        {"--interface=eth0", TARGET},
        {"--interface", "eth0", TARGET},
    };
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct parsed parsed;
        parse_valid(&parsed, forms[i]);
        claim_text(forms[i][0], "interface", parsed.options.interface, "eth0");
        parsed_release(&parsed);
    }
}

static void test_options_ports_add_up(void **state)
{
    (void)state;
    struct parsed parsed;
    PARSE_VALID(&parsed, "-p", "22,80", "-p443", "--ports=8000-8009", "--ports", "ssh", "db");
    assert_int_equal(parsed.options.ports.total, 14);
    assert_int_equal(ports_at(&parsed.options.ports, 0), 22);
    assert_int_equal(ports_at(&parsed.options.ports, 2), 443);
    assert_int_equal(ports_at(&parsed.options.ports, 12), 8009);
    assert_int_equal(ports_at(&parsed.options.ports, 13), 22);
    parsed_release(&parsed);
}

static void test_options_files_add_up_in_order(void **state)
{
    (void)state;
    static const char *const expected[] = {"a", "b", "c", "d", "-"};
    struct parsed parsed;
    PARSE_VALID(&parsed, "-f", "a", "-fb", "--file=c", "--file", "d", "-f", "-");
    assert_int_equal(parsed.options.file_count, ARRAY_LEN(expected));
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        assert_string_equal(parsed.options.files[i], expected[i]);
    assert_int_equal(parsed.options.operand_count, 0);
    parsed_release(&parsed);
}

static void test_options_operands_may_stand_between(void **state)
{
    (void)state;
    struct parsed parsed;
    PARSE_VALID(&parsed, "db", "-v", "22,80", "--any", "443", "", "-n");
    assert_int_equal(parsed.options.operand_count, 4);
    assert_string_equal(parsed.options.operands[0], "db");
    assert_string_equal(parsed.options.operands[1], "22,80");
    assert_string_equal(parsed.options.operands[2], "443");
    assert_string_equal(parsed.options.operands[3], "");
    assert_true(parsed.options.is_verbose);
    assert_true(parsed.options.is_any);
    assert_true(parsed.options.is_numeric);
    parsed_release(&parsed);
}

static void test_options_expect_is_parsed(void **state)
{
    (void)state;
    struct parsed parsed;
    PARSE_VALID(&parsed, "--expect=down", TARGET);
    assert_true(parsed.options.report.expects_down);
    parsed_release(&parsed);
    PARSE_VALID(&parsed, "--expect", "up", TARGET);
    assert_false(parsed.options.report.expects_down);
    parsed_release(&parsed);
    PARSE_VALID(&parsed, "--expect", "down", "--expect", "up", TARGET);
    assert_false(parsed.options.report.expects_down);
    parsed_release(&parsed);
}

static void test_options_only_is_a_list(void **state)
{
    (void)state;
    static const struct {
        const char *argument;
        unsigned shown;
    } rows[] = {
        {"up", SHOW_UP},
        {"down", SHOW_DOWN},
        {"error", SHOW_ERROR},
        {"unexpected", SHOW_UNEXPECTED},
        {"up,down", SHOW_UP | SHOW_DOWN},
        {"error,up", SHOW_UP | SHOW_ERROR},
        {"up,up", SHOW_UP},
        {"up,down,error,unexpected", SHOW_UP | SHOW_DOWN | SHOW_ERROR | SHOW_UNEXPECTED},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct parsed parsed;
        PARSE_VALID(&parsed, "--only", rows[i].argument, TARGET);
        claim_number(rows[i].argument, "shown", parsed.options.shown, rows[i].shown);
        parsed_release(&parsed);
    }
}

static const struct {
    const char *args[ARGS_MAX];
    const char *format;
} formats[] = {
    {{"-j", TARGET}, "json"},
    {{"--json", TARGET}, "json"},
    {{"--format", "json", TARGET}, "json"},
    {{"--format=json", TARGET}, "json"},
    {{"--format=text", TARGET}, "text"},
    {{"-j", "--format", "text", TARGET}, "text"},
    {{"--format", "text", "-j", TARGET}, "json"},
};

static void test_options_last_format_wins(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        struct parsed parsed;
        parse_valid(&parsed, formats[i].args);
        claim_text(formats[i].args[0], "format", parsed.options.format->name,
                   formats[i].format);
        parsed_release(&parsed);
    }
}

static void test_options_colour_is_parsed(void **state)
{
    (void)state;
    static const struct {
        const char *args[ARGS_MAX];
        enum options_when colour;
    } rows[] = {
        {{"--color=auto", TARGET}, WHEN_AUTO},
        {{"--color", "always", TARGET}, WHEN_ALWAYS},
        {{"--color=never", TARGET}, WHEN_NEVER},
        {{"--color=never", "-j", TARGET}, WHEN_NEVER},
        {{"--color=auto", "-j", TARGET}, WHEN_AUTO},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct parsed parsed;
        parse_valid(&parsed, rows[i].args);
        claim_number(rows[i].args[0], "colour", parsed.options.colour, rows[i].colour);
        parsed_release(&parsed);
    }
}

static void test_options_progress_is_parsed(void **state)
{
    (void)state;
    static const struct {
        const char *args[ARGS_MAX];
        enum options_when progress;
    } rows[] = {
        {{"--progress=auto", TARGET}, WHEN_AUTO},
        {{"--progress", "always", TARGET}, WHEN_ALWAYS},
        {{"--progress=never", TARGET}, WHEN_NEVER},
        {{"--progress=always", "-q", TARGET}, WHEN_ALWAYS},
        {{"--progress=always", "--progress=never", TARGET}, WHEN_NEVER},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct parsed parsed;
        parse_valid(&parsed, rows[i].args);
        claim_number(rows[i].args[0], "progress", parsed.options.progress, rows[i].progress);
        claim_number(rows[i].args[0], "colour", parsed.options.colour, WHEN_AUTO);
        parsed_release(&parsed);
    }
}

static void test_options_rate_is_a_number_a_second(void **state)
{
    (void)state;
    static const struct {
        const char *args[ARGS_MAX];
        uint64_t rate;
    } rows[] = {
        {{"--rate", "1", TARGET}, 1},
        {{"--rate=2", TARGET}, 2},
        {{"--rate=5/s", TARGET}, 5},
        {{"--rate", "500/s", TARGET}, 500},
        {{"--rate=999999999", TARGET}, 999999999},
        {{"--rate=1000000000", TARGET}, 1000000000},
        {{"--rate=1000000000/s", TARGET}, 1000000000},
        {{"--rate=0000000000000000000000007", TARGET}, 7},
        {{"--rate=7", "--rate=8", TARGET}, 8},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct parsed parsed;
        parse_valid(&parsed, rows[i].args);
        claim_number(rows[i].args[0], "rate", parsed.options.probe.rate, rows[i].rate);
        parsed_release(&parsed);
    }
}

static void test_options_shard_is_counted_from_one(void **state)
{
    (void)state;
    static const struct {
        const char *args[ARGS_MAX];
        uint64_t shard;
        uint64_t shards;
    } rows[] = {
        {{"--shard", "1/1", TARGET}, 0, 1},
        {{"--shard=1/2", TARGET}, 0, 2},
        {{"--shard=2/2", TARGET}, 1, 2},
        {{"--shard=3/7", TARGET}, 2, 7},
        {{"--shard=07/007", TARGET}, 6, 7},
        {{"--shard=1/18446744073709551615", TARGET}, 0, UINT64_MAX},
        {{"--shard=18446744073709551615/18446744073709551615", TARGET},
         UINT64_MAX - 1,
         UINT64_MAX},
        {{"--shard=1/2", "--shard=3/4", TARGET}, 2, 4},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct parsed parsed;
        parse_valid(&parsed, rows[i].args);
        claim_number(rows[i].args[0], "shard", parsed.options.shard, rows[i].shard);
        claim_number(rows[i].args[0], "shards", parsed.options.shards, rows[i].shards);
        parsed_release(&parsed);
    }
}

static void test_options_shuffle_may_have_a_seed(void **state)
{
    (void)state;
    static const struct {
        const char *args[ARGS_MAX];
        bool has_seed;
        uint64_t seed;
    } rows[] = {
        {{"--shuffle", TARGET}, false, 0},
        {{"--shuffle=0", TARGET}, true, 0},
        {{"--shuffle=1", TARGET}, true, 1},
        {{"--shuffle=007", TARGET}, true, 7},
        {{"--shuffle=18446744073709551615", TARGET}, true, UINT64_MAX},
        {{"--shuffle=1", "--shuffle=2", TARGET}, true, 2},
        {{"--shuffle=1", "--shuffle", TARGET}, true, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct parsed parsed;
        parse_valid(&parsed, rows[i].args);
        claim_true(rows[i].args[0], "a shuffle", parsed.options.is_shuffled);
        claim_number(rows[i].args[0], "has_seed", parsed.options.has_seed, rows[i].has_seed);
        claim_number(rows[i].args[0], "seed", parsed.options.seed, rows[i].seed);
        parsed_release(&parsed);
    }
}

/* Its argument needs the '=': what follows as a word of its own is a target, or a port. */
static void test_options_shuffle_takes_no_word_behind_it(void **state)
{
    (void)state;
    struct parsed parsed;
    PARSE_VALID(&parsed, "db", "--shuffle", "5");
    assert_true(parsed.options.is_shuffled);
    assert_false(parsed.options.has_seed);
    assert_int_equal(parsed.options.operand_count, 2);
    assert_string_equal(parsed.options.operands[1], "5");
    parsed_release(&parsed);
}

static void test_options_list_goes_with_what_changes_the_targets(void **state)
{
    (void)state;
    struct parsed parsed;
    PARSE_VALID(&parsed, "--list", "-v", "--any", "--shard=1/2", "--shuffle=3", "-t1", TARGET);
    assert_true(parsed.options.is_list);
    parsed_release(&parsed);
    PARSE_VALID(&parsed, "--list", "-A", "--unordered", "--color=always", "--rate=5",
                "--progress=always", "--format=text", TARGET);
    assert_true(parsed.options.is_list);
    parsed_release(&parsed);
}

static void test_options_letters_may_be_combined(void **state)
{
    (void)state;
    struct parsed parsed;
    PARSE_VALID(&parsed, "-zvnAqj46h", TARGET);
    const struct options *options = &parsed.options;
    assert_true(options->is_verbose);
    assert_true(options->is_numeric);
    assert_true(options->probe.is_all_addresses);
    assert_true(options->is_quiet);
    assert_int_equal(options->text, TEXT_SHORT_HELP);
    assert_ptr_equal(options->format, report_find("json"));
    parsed_release(&parsed);
}

static void test_options_argument_may_begin_with_a_dash(void **state)
{
    (void)state;
    struct parsed parsed;
    PARSE_VALID(&parsed, "-I", "-v", "--file", "--any", TARGET);
    assert_string_equal(parsed.options.interface, "-v");
    assert_string_equal(parsed.options.files[0], "--any");
    assert_false(parsed.options.is_verbose);
    assert_false(parsed.options.is_any);
    parsed_release(&parsed);
}

static void test_options_argument_may_hold_an_equals_sign(void **state)
{
    (void)state;
    struct parsed parsed;
    PARSE_VALID(&parsed, "--file=a=b", "-f=c", TARGET);
    assert_string_equal(parsed.options.files[0], "a=b");
    assert_string_equal(parsed.options.files[1], "=c");
    parsed_release(&parsed);
}

static void test_options_texts_need_no_target(void **state)
{
    (void)state;
    static const struct {
        const char *args[ARGS_MAX];
        enum options_text text;
    } rows[] = {
        {{"-h"}, TEXT_SHORT_HELP},
        {{"-vh"}, TEXT_SHORT_HELP},
        {{"--help"}, TEXT_HELP},
        {{"-h", "--help", "-h"}, TEXT_HELP},
        {{"-V"}, TEXT_VERSION},
        {{"--version"}, TEXT_VERSION},
        {{"-hV"}, TEXT_SHORT_HELP},
        {{"--completion=fish"}, TEXT_COMPLETION},
        {{"--completion", "bash", "--help"}, TEXT_HELP},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct parsed parsed;
        parse_valid(&parsed, rows[i].args);
        claim_number(rows[i].args[0], "text", parsed.options.text, rows[i].text);
        parsed_release(&parsed);
    }
}

/* Each begins with its shell's name; the last one wins. */
static void test_options_completion_is_of_the_shell(void **state)
{
    (void)state;
    static const char *const shells[] = {"bash", "zsh", "fish"};
    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        struct parsed parsed;
        struct buffer text = BUFFER_EMPTY;
        char first[64];
        PARSE_VALID(&parsed, "--completion=zsh", "--completion", shells[i]);
        options_describe(&text, &parsed.options);
        (void)snprintf(first, sizeof first, "netcheck's completion for %s", shells[i]);
        claim_contains(shells[i], buffer_text(&text), first);
        buffer_release(&text);
        parsed_release(&parsed);
    }
}

static void test_options_command_begins_behind_two_dashes(void **state)
{
    (void)state;
    struct parsed parsed;
    PARSE_VALID(&parsed, TARGET, "--", "sh", "-v", "--", "--help");
    assert_int_equal(parsed.options.operand_count, 1);
    assert_non_null(parsed.options.command);
    assert_string_equal(parsed.options.command[0], "sh");
    assert_string_equal(parsed.options.command[1], "-v");
    assert_string_equal(parsed.options.command[2], "--");
    assert_string_equal(parsed.options.command[3], "--help");
    assert_null(parsed.options.command[4]);
    assert_false(parsed.options.is_verbose);
    assert_int_equal(parsed.options.text, TEXT_NONE);
    parsed_release(&parsed);
}

struct refusal {
    const char *label;
    const char *args[ARGS_MAX];
    const char *parts[3]; /* stand in the message; NULL behind the last one */
};

/* What each bad argument of -t must be called. */
#define BAD_DURATION "invalid duration"
#define OUT_OF_RANGE "duration out of range"

static const struct refusal bad_durations[] = {
    {"empty", {"-t", "", TARGET}, {BAD_DURATION, "''", "-t"}},
    {"empty behind =", {"--timeout=", TARGET}, {BAD_DURATION, "''", "--timeout"}},
    {"two points", {"-t", "0.5.5", TARGET}, {BAD_DURATION, "'0.5.5'", "-t"}},
    {"negative", {"-t", "-1", TARGET}, {BAD_DURATION, "'-1'", "-t"}},
    {"plus", {"-t", "+1", TARGET}, {BAD_DURATION, "'+1'", "-t"}},
    {"exponent", {"-t", "1e999", TARGET}, {BAD_DURATION, "'1e999'", "-t"}},
    {"space", {"-t", " 1", TARGET}, {BAD_DURATION, "' 1'", "-t"}},
    {"junk behind", {"-t", "5x", TARGET}, {BAD_DURATION, "'5x'", "seconds"}},
    {"not a number", {"--timeout=nan", TARGET}, {BAD_DURATION, "'nan'", "--timeout"}},
    {"two dashes as argument", {"-t", "--", TARGET}, {BAD_DURATION, "'--'", "-t"}},
    {"target as argument", {"-t", TARGET}, {BAD_DURATION, "'" TARGET "'", "-t"}},
    {"as in nc", {"-w", "x", TARGET}, {BAD_DURATION, "'x'", "-w"}},
    {"zero", {"-t", "0", TARGET}, {OUT_OF_RANGE, "'0'", "more than 0"}},
    {"zero with unit", {"-t", "0ms", TARGET}, {OUT_OF_RANGE, "'0ms'", "more than 0"}},
    {"below a nanosecond", {"-t", "0.0000000009", TARGET}, {OUT_OF_RANGE, "more than 0"}},
    {"largest + 1 ns", {"-t", "9223372036.854775808", TARGET}, {OUT_OF_RANGE, "292 years"}},
    {"too large", {"-t", "99999999999999999999", TARGET}, {OUT_OF_RANGE, "292 years"}},
};

#define TO_A_MILLION "-1000000"

static const struct refusal bad_counts[] = {
    {"-r empty", {"-r", "", TARGET}, {"invalid number ''", "-r", "allowed is 0" TO_A_MILLION}},
    {"-r -1", {"-r", "-1", TARGET}, {"invalid number '-1'", "-r", "0" TO_A_MILLION}},
    {"-r +1", {"-r", "+1", TARGET}, {"invalid number '+1'", "-r", "0" TO_A_MILLION}},
    {"-r max + 1", {"-r", "1000001", TARGET}, {"invalid number '1000001'", "-r", "0-"}},
    {"-r junk", {"-r", "1x", TARGET}, {"invalid number '1x'", "-r", "0" TO_A_MILLION}},
    {"-r space", {"--retries= 1", TARGET}, {"invalid number ' 1'", "--retries", "0-"}},
    {"-r decimal", {"-r", "1.0", TARGET}, {"invalid number '1.0'", "-r", "0-"}},
    {"-r 2^32", {"-r", "4294967296", TARGET}, {"invalid number '4294967296'"}},
    {"-r 2^64 + 1", {"-r", "18446744073709551617", TARGET}, {"'18446744073709551617'"}},
    {"-P empty", {"--parallel=", TARGET}, {"invalid number ''", "--parallel", "1-"}},
    {"-P 0", {"-P", "0", TARGET}, {"invalid number '0'", "-P", "allowed is 1" TO_A_MILLION}},
    {"-P max + 1", {"-P", "1000001", TARGET}, {"invalid number '1000001'", "-P", "1-"}},
    {"-P junk", {"-P", "10k", TARGET}, {"invalid number '10k'", "-P", "1" TO_A_MILLION}},
    {"-P -1", {"-P", "-1", TARGET}, {"invalid number '-1'", "-P", "1" TO_A_MILLION}},
    {"-P 2^64 + 1", {"-P", "18446744073709551617", TARGET}, {"'18446744073709551617'"}},
};

static const struct refusal bad_ports[] = {
    {"empty", {"-p", "", "db"}, {"empty port", "-p"}},
    {"empty behind =", {"--ports=", "db"}, {"empty port", "--ports"}},
    {"0", {"-p", "0", "db"}, {"invalid port '0'", "1-65535", "-p"}},
    {"65536", {"-p", "65536", "db"}, {"invalid port '65536'", "1-65535", "-p"}},
    {"70000", {"-p", "70000", "db"}, {"invalid port '70000'", "1-65535", "-p"}},
    {"68536", {"-p68536", "db"}, {"invalid port '68536'", "1-65535", "-p"}},
    {"+80", {"-p", "+80", "db"}, {"invalid port '+80'", "1-65535", "-p"}},
    {"space", {"-p", " 80", "db"}, {"invalid port ' 80'", "1-65535", "-p"}},
    {"reversed", {"--ports=80-22", "db"}, {"reversed port range '80-22'", "--ports"}},
    {"gap", {"-p", "22,,80", "db"}, {"empty port", "'22,,80'", "-p"}},
    {"service", {"-p", "nosuch-service", "db"}, {"unknown service 'nosuch-service'", "-p"}},
    {"second of a list", {"-p", "22,0", "db"}, {"invalid port '0' in '22,0'", "-p"}},
    {"second option", {"-p", "22", "-p", "0", "db"}, {"invalid port '0'", "-p"}},
};

static const struct refusal bad_arguments[] = {
    {"-f empty", {"-f", "", TARGET}, {"empty file name", "-f"}},
    {"--file= empty", {"--file=", TARGET}, {"empty file name", "--file"}},
    {"-I empty", {"-I", "", TARGET}, {"empty interface name", "-I"}},
    {"--interface= empty", {"--interface=", TARGET}, {"empty interface name", "--interface"}},
    {"-s empty", {"-s", "", TARGET}, {"invalid address ''", "-s"}},
    {"-s name", {"-s", "localhost", TARGET}, {"invalid address 'localhost'", "-s"}},
    {"-s octal", {"-s", "010.0.0.1", TARGET}, {"invalid address '010.0.0.1'", "-s"}},
    {"-s two numbers", {"-s", "127.1", TARGET}, {"invalid address '127.1'", "-s"}},
    {"-s port", {"--source=1.2.3.4:80", TARGET}, {"invalid address", "--source"}},
    {"-s brackets", {"-s", "[::1]", TARGET}, {"invalid address '[::1]'", "-s"}},
    {"-s 0.0.0.0", {"-s", "0.0.0.0", TARGET}, {"unspecified address '0.0.0.0'", "-s"}},
    {"-s ::", {"-s", "::", TARGET}, {"unspecified address '::'", "-s"}},
    {"-s link-local", {"-s", "fe80::1", TARGET}, {"link-local address 'fe80::1'", "-I"}},
    {"-s scope", {"-s", "fe80::1%eth0", TARGET}, {"invalid address 'fe80::1%eth0'", "-s"}},
    {"--expect empty", {"--expect=", TARGET}, {"invalid state ''", "up or down"}},
    {"--expect junk", {"--expect", "upp", TARGET}, {"invalid state 'upp'", "up or down"}},
    {"--expect capitals", {"--expect", "Up", TARGET}, {"invalid state 'Up'", "up or down"}},
    {"--expect error", {"--expect", "error", TARGET}, {"invalid state 'error'"}},
    {"--only empty", {"--only=", TARGET}, {"invalid list ''", "unexpected"}},
    {"--only junk", {"--only", "closed", TARGET}, {"invalid list 'closed'", "unexpected"}},
    {"--only gap", {"--only", "up,,down", TARGET}, {"invalid list 'up,,down'"}},
    {"--only comma last", {"--only", "up,", TARGET}, {"invalid list 'up,'"}},
    {"--only space", {"--only", "up, down", TARGET}, {"invalid list 'up, down'"}},
    {"--only space for a comma", {"--only", "up down", TARGET}, {"invalid list 'up down'"}},
    {"--only beginning of a word", {"--only", "unex", TARGET}, {"invalid list 'unex'"}},
    {"--format empty", {"--format=", TARGET}, {"unknown format ''"}},
    {"--format junk", {"--format", "xml", TARGET}, {"unknown format 'xml'"}},
    {"--format capitals", {"--format", "JSON", TARGET}, {"unknown format 'JSON'"}},
    {"--color empty", {"--color=", TARGET}, {"invalid word ''", "auto, always or never"}},
    {"--color junk", {"--color", "yes", TARGET}, {"invalid word 'yes'", "always"}},
    {"--completion empty", {"--completion="}, {"unknown shell ''", "bash, zsh or fish"}},
    {"--completion junk", {"--completion", "tcsh"}, {"unknown shell 'tcsh'", "fish"}},
    {"--completion path", {"--completion", "/bin/bash"}, {"unknown shell '/bin/bash'"}},
    {"--completion capitals", {"--completion", "Bash"}, {"unknown shell 'Bash'"}},
};

static const struct refusal missing_arguments[] = {
    {"-t", {TARGET, "-t"}, {"missing argument of -t", "-t DUR"}},
    {"-w", {TARGET, "-w"}, {"missing argument of -w", "-w DUR"}},
    {"-r", {TARGET, "-r"}, {"missing argument of -r", "-r N"}},
    {"-p", {TARGET, "-p"}, {"missing argument of -p", "-p PORTS"}},
    {"-f", {TARGET, "-f"}, {"missing argument of -f", "-f FILE"}},
    {"-s", {TARGET, "-s"}, {"missing argument of -s", "-s ADDR"}},
    {"-I", {TARGET, "-I"}, {"missing argument of -I", "-I NAME"}},
    {"-P", {TARGET, "-P"}, {"missing argument of -P", "-P N"}},
    {"last of several letters", {TARGET, "-vzt"}, {"missing argument of -t", "-t DUR"}},
    {"--timeout", {TARGET, "--timeout"}, {"missing argument of --timeout", "--timeout DUR"}},
    {"--retries", {TARGET, "--retries"}, {"missing argument of --retries", "--retries N"}},
    {"--ports", {TARGET, "--ports"}, {"missing argument of --ports", "--ports PORTS"}},
    {"--file", {TARGET, "--file"}, {"missing argument of --file", "--file FILE"}},
    {"--source", {TARGET, "--source"}, {"missing argument of --source", "--source ADDR"}},
    {"--interface", {TARGET, "--interface"}, {"missing argument of --interface", "NAME"}},
    {"--wait", {TARGET, "--wait"}, {"missing argument of --wait", "--wait DUR"}},
    {"-c", {TARGET, "-c"}, {"missing argument of -c", "-c N"}},
    {"--count", {TARGET, "--count"}, {"missing argument of --count", "--count N"}},
    {"-i", {TARGET, "-i"}, {"missing argument of -i", "-i DUR"}},
    {"--interval", {TARGET, "--interval"}, {"missing argument of --interval", "DUR"}},
    {"--parallel", {TARGET, "--parallel"}, {"missing argument of --parallel", "N"}},
    {"--expect", {TARGET, "--expect"}, {"missing argument of --expect", "up|down"}},
    {"--only", {TARGET, "--only"}, {"missing argument of --only", "WHICH"}},
    {"--format", {TARGET, "--format"}, {"missing argument of --format", "NAME"}},
    {"--color", {TARGET, "--color"}, {"missing argument of --color", "WHEN"}},
    {"--rate", {TARGET, "--rate"}, {"missing argument of --rate", "--rate N[/s]"}},
    {"--shard", {TARGET, "--shard"}, {"missing argument of --shard", "--shard K/N"}},
    {"--progress", {TARGET, "--progress"}, {"missing argument of --progress", "WHEN"}},
    {"--completion", {"--completion"}, {"missing argument of --completion", "SHELL"}},
};

static const struct refusal unexpected_arguments[] = {
    {"--numeric", {"--numeric=1", TARGET}, {"unexpected argument of --numeric", "none"}},
    {"--all-addresses", {"--all-addresses=1", TARGET}, {"unexpected", "--all-addresses"}},
    {"--any", {"--any=", TARGET}, {"unexpected argument of --any", "none"}},
    {"--quiet", {"--quiet=no", TARGET}, {"unexpected argument of --quiet", "none"}},
    {"--verbose", {"--verbose=2", TARGET}, {"unexpected argument of --verbose", "none"}},
    {"--json", {"--json=1", TARGET}, {"unexpected argument of --json", "none"}},
    {"--unordered", {"--unordered=1", TARGET}, {"unexpected", "--unordered"}},
    {"--list", {"--list=all", TARGET}, {"unexpected argument of --list", "none"}},
    {"--on-change", {"--on-change=1", TARGET}, {"unexpected argument of --on-change"}},
    {"--timestamp", {"--timestamp=1", TARGET}, {"unexpected argument of --timestamp"}},
    {"--histogram", {"--histogram=9", TARGET}, {"unexpected argument of --histogram"}},
    {"--live", {"--live=1", TARGET}, {"unexpected argument of --live"}},
    {"--help", {"--help=t"}, {"unexpected argument of --help", "none"}},
    {"--version", {"--version=1"}, {"unexpected argument of --version", "none"}},
};

static const struct refusal unknown_options[] = {
    {"letter left out", {"--timout", "5", TARGET}, {"unknown option '--timout'", "--timeout"}},
    {"letter too much", {"--jsson", TARGET}, {"unknown option '--jsson'", "--json"}},
    {"letter replaced", {"--quiat", TARGET}, {"unknown option '--quiat'", "--quiet"}},
    {"letters of a short one swapped", {"--wiat=5", TARGET}, {"unknown option", "is --wait;"}},
    {"letters swapped", {"--evrbose", TARGET}, {"unknown option '--evrbose'", "--verbose"}},
    {"cut short", {"--interf", "eth0", TARGET}, {"unknown option '--interf'", "--interface"}},
    {"other spelling", {"--colour=never", TARGET}, {"unknown option", "is --color;"}},
    {"in capitals", {"--HELP", TARGET}, {"unknown option '--HELP'", "--help"}},
    {"option with =", {"--portz=22", "db"}, {"unknown option '--portz=22'", "--ports"}},
    {"no name", {"--=5", TARGET}, {"unknown option '--=5'", "--help"}},
    {"letter", {"-k", TARGET}, {"unknown option", "k", "--help"}},
    {"letter in capitals", {"-T", "5", TARGET}, {"unknown option", "T", "--help"}},
    {"letter behind others", {"-vk", TARGET}, {"unknown option", "k", "--help"}},
    {"letter behind a dash", {"-v-", TARGET}, {"unknown option", "-v-", "--help"}},
    {"negative number", {"-5", TARGET}, {"unknown option", "-5", "--help"}},
    {"byte that is not ASCII", {"-\xc3\xbc", TARGET}, {"'-\\xc3\\xbc'"}},
    {"control bytes", {"--\x1b[31m", TARGET}, {"unknown option '--\\x1b[31m'"}},
};

static const struct refusal bad_lines[] = {
    {"nothing", {NULL}, {"no targets", "-f FILE", "--help"}},
    {"only switches", {"-v", "--any"}, {"no targets"}},
    {"only -p", {"-p", "22"}, {"no targets"}},
    {"only a command", {"--", "true"}, {"no targets"}},
    {"dash as host", {"-", "80"}, {"-f -", "standard input"}},
    {"no command", {TARGET, "--"}, {"missing COMMAND", "'--'"}},
    {"-4 and -6", {"-4", "-6", TARGET}, {"-4 and -6 exclude each other"}},
    {"-4 and -6 together", {"-64", TARGET}, {"-4 and -6 exclude each other"}},
    {"-6 and an IPv4 source", {"-6", "-s", "127.0.0.1", TARGET}, {"-s", "family"}},
    {"an IPv6 source and -4", {"-s", "::1", "-4", TARGET}, {"-s", "family"}},
    {"colour and JSON", {"--color=always", "-j", TARGET}, {"--color always", "text"}},
    {"JSON and colour", {"-j", "--color", "always", TARGET}, {"--color always", "text"}},
};

#define BAD_RATE  "invalid rate"
#define BAD_SHARD "invalid shard"
#define BAD_SEED  "invalid seed"

static const struct refusal bad_scales[] = {
    {"--rate 0", {"--rate", "0", TARGET}, {BAD_RATE " '0' for --rate: ", "1-1000000000"}},
    {"--rate 0/s", {"--rate=0/s", TARGET}, {BAD_RATE " '0/s'"}},
    {"--rate max + 1", {"--rate=1000000001", TARGET}, {BAD_RATE " '1000000001'", "500/s"}},
    {"--rate 2^64", {"--rate=18446744073709551616", TARGET}, {BAD_RATE}},
    {"--rate 2^64 + 1", {"--rate=18446744073709551617", TARGET}, {BAD_RATE}},
    {"--rate 5/m", {"--rate=5/m", TARGET}, {BAD_RATE " '5/m'"}},
    {"--rate 5/", {"--rate=5/", TARGET}, {BAD_RATE " '5/'"}},
    {"--rate 5/ss", {"--rate=5/ss", TARGET}, {BAD_RATE " '5/ss'"}},
    {"--rate 5s", {"--rate=5s", TARGET}, {BAD_RATE " '5s'"}},
    {"--rate /s", {"--rate=/s", TARGET}, {BAD_RATE " '/s'"}},
    {"--rate -1", {"--rate", "-1", TARGET}, {BAD_RATE " '-1'"}},
    {"--rate +1", {"--rate", "+1", TARGET}, {BAD_RATE " '+1'"}},
    {"--rate 1.5", {"--rate=1.5", TARGET}, {BAD_RATE " '1.5'"}},
    {"--rate 1e3", {"--rate=1e3", TARGET}, {BAD_RATE " '1e3'"}},
    {"--rate empty", {"--rate=", TARGET}, {BAD_RATE " ''"}},
    {"--rate space", {"--rate", " 1", TARGET}, {BAD_RATE " ' 1'"}},
    {"--rate space behind", {"--rate", "1 ", TARGET}, {BAD_RATE " '1 '"}},
    {"--rate junk", {"--rate", "fast", TARGET}, {BAD_RATE " 'fast'"}},
    {"--shard 0/1", {"--shard=0/1", TARGET}, {BAD_SHARD " '0/1' for --shard: write K/N"}},
    {"--shard 1/0", {"--shard=1/0", TARGET}, {BAD_SHARD " '1/0'"}},
    {"--shard 0/0", {"--shard=0/0", TARGET}, {BAD_SHARD " '0/0'"}},
    {"--shard 2/1", {"--shard=2/1", TARGET}, {BAD_SHARD " '2/1'"}},
    {"--shard 1", {"--shard=1", TARGET}, {BAD_SHARD " '1'"}},
    {"--shard 1/", {"--shard=1/", TARGET}, {BAD_SHARD " '1/'"}},
    {"--shard /2", {"--shard=/2", TARGET}, {BAD_SHARD " '/2'"}},
    {"--shard /", {"--shard=/", TARGET}, {BAD_SHARD " '/'"}},
    {"--shard 1/2x", {"--shard=1/2x", TARGET}, {BAD_SHARD " '1/2x'"}},
    {"--shard 1/2/3", {"--shard=1/2/3", TARGET}, {BAD_SHARD " '1/2/3'"}},
    {"--shard 1 / 2", {"--shard", "1 / 2", TARGET}, {BAD_SHARD " '1 / 2'"}},
    {"--shard -1/2", {"--shard", "-1/2", TARGET}, {BAD_SHARD " '-1/2'"}},
    {"--shard 1/-2", {"--shard", "1/-2", TARGET}, {BAD_SHARD " '1/-2'"}},
    {"--shard empty", {"--shard=", TARGET}, {BAD_SHARD " ''"}},
    {"--shard 1/2^64", {"--shard=1/18446744073709551616", TARGET}, {BAD_SHARD}},
    {"--shard 2^64/2^64",
     {"--shard=18446744073709551616/18446744073709551616", TARGET},
     {BAD_SHARD}},
    {"--shard one more digit",
     {"--shard=18446744073709551615/184467440737095516150", TARGET},
     {BAD_SHARD}},
    {"--shuffle empty", {"--shuffle=", TARGET}, {BAD_SEED " '' for --shuffle", "2^64 - 1"}},
    {"--shuffle space", {"--shuffle= ", TARGET}, {BAD_SEED " ' '"}},
    {"--shuffle junk", {"--shuffle=x", TARGET}, {BAD_SEED " 'x'"}},
    {"--shuffle junk behind", {"--shuffle=1x", TARGET}, {BAD_SEED " '1x'"}},
    {"--shuffle -1", {"--shuffle=-1", TARGET}, {BAD_SEED " '-1'"}},
    {"--shuffle 2^64", {"--shuffle=18446744073709551616", TARGET}, {BAD_SEED}},
    {"--progress empty", {"--progress=", TARGET}, {"invalid word '' for --progress"}},
    {"--progress junk", {"--progress=yes", TARGET}, {"invalid word 'yes'", "never"}},
    {"--progress capitals", {"--progress", "Auto", TARGET}, {"invalid word 'Auto'"}},
    {"--progress beginning", {"--progress=alw", TARGET}, {"invalid word 'alw'"}},
};

#define LIST_QUIET   "--list prints the targets, -q prints nothing: leave one out"
#define LIST_ONLY    "--list asks nothing, so that --only has no state to go by: leave one out"
#define LIST_FORMAT  "--list prints a target a line, in no other format: leave one out"
#define LIST_COMMAND "--list asks nothing, so that COMMAND would run unchecked: leave one out"

static const struct refusal bad_lists[] = {
    {"-q", {"--list", "-q", TARGET}, {LIST_QUIET}},
    {"--quiet first", {"--quiet", "--list", TARGET}, {LIST_QUIET}},
    {"--only", {"--list", "--only=up", TARGET}, {LIST_ONLY}},
    {"-j", {"--list", "-j", TARGET}, {LIST_FORMAT}},
    {"--format=json", {"--format=json", "--list", TARGET}, {LIST_FORMAT}},
    {"COMMAND", {"--list", TARGET, "--", "true"}, {LIST_COMMAND}},
    {"no targets", {"--list"}, {"no targets: write HOST PORT"}},
};

static void claim_refusals(const struct refusal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct parsed parsed;
        parse(&parsed, rows[i].args);
        claim_true(rows[i].label, "refusal", !parsed.is_valid);
        const char *message = buffer_text(&parsed.message);
        for (size_t j = 0; j < ARRAY_LEN(rows[i].parts) && rows[i].parts[j] != NULL; j++)
            claim_contains(rows[i].label, message, rows[i].parts[j]);
        for (const char *p = message; *p != '\0'; p++)
            claim_true(rows[i].label, "message of printable bytes", *p >= ' ' && *p <= '~');
        parsed_release(&parsed);
    }
}

static void test_options_bad_duration_is_refused(void **state)
{
    (void)state;
    claim_refusals(bad_durations, ARRAY_LEN(bad_durations));
}

static void test_options_bad_count_is_refused(void **state)
{
    (void)state;
    claim_refusals(bad_counts, ARRAY_LEN(bad_counts));
}

static void test_options_bad_ports_are_refused(void **state)
{
    (void)state;
    claim_refusals(bad_ports, ARRAY_LEN(bad_ports));
}

static void test_options_bad_argument_is_refused(void **state)
{
    (void)state;
    claim_refusals(bad_arguments, ARRAY_LEN(bad_arguments));
}

static void test_options_unknown_format_is_told_those_there_are(void **state)
{
    (void)state;
    static const char *const args[ARGS_MAX] = {"--format", "xml", TARGET};
    struct buffer expected = BUFFER_EMPTY;
    struct parsed parsed;
    buffer_add_text(&expected, "unknown format 'xml' for --format: allowed is ");
    for (size_t i = 0; report_at(i) != NULL; i++)
        buffer_add_format(&expected, "%s%s", i > 0 ? ", " : "", report_at(i)->name);
    parse(&parsed, args);
    claim_text("--format xml", "message", buffer_text(&parsed.message), buffer_text(&expected));
    parsed_release(&parsed);
    buffer_release(&expected);
}

static void test_options_bad_rate_shard_or_seed_is_refused(void **state)
{
    (void)state;
    claim_refusals(bad_scales, ARRAY_LEN(bad_scales));
}

/* The whole message. */
static void test_options_list_with_what_it_has_not_is_refused(void **state)
{
    (void)state;
    claim_refusals(bad_lists, ARRAY_LEN(bad_lists));
    for (size_t i = 0; i + 1 < ARRAY_LEN(bad_lists); i++) {
        struct parsed parsed;
        parse(&parsed, bad_lists[i].args);
        claim_text(bad_lists[i].label, "message", buffer_text(&parsed.message),
                   bad_lists[i].parts[0]);
        parsed_release(&parsed);
    }
}

static void test_options_missing_argument_is_refused(void **state)
{
    (void)state;
    claim_refusals(missing_arguments, ARRAY_LEN(missing_arguments));
}

static void test_options_unexpected_argument_is_refused(void **state)
{
    (void)state;
    claim_refusals(unexpected_arguments, ARRAY_LEN(unexpected_arguments));
}

static void test_options_unknown_one_is_refused_with_the_nearest(void **state)
{
    (void)state;
    claim_refusals(unknown_options, ARRAY_LEN(unknown_options));
}

static void test_options_bad_line_is_refused(void **state)
{
    (void)state;
    claim_refusals(bad_lines, ARRAY_LEN(bad_lines));
}

static void test_options_long_unknown_name_is_refused(void **state)
{
    (void)state;
    char name[5000];
    struct parsed parsed;
    memset(name, 'x', sizeof name);
    memcpy(name, "--timeout", 9);
    name[sizeof name - 1] = '\0';
    parse(&parsed, (const char *const[ARGS_MAX]){name, TARGET});
    assert_false(parsed.is_valid);
    claim_contains("long name", buffer_text(&parsed.message), "unknown option");
    parsed_release(&parsed);
}

static void test_options_without_any_argument_vector_are_no_targets(void **state)
{
    (void)state;
    struct options options;
    struct buffer message = BUFFER_EMPTY;
    char help[] = "--help";
    char *argv[] = {NULL, help, NULL}; /* behind its end: not to be looked at */
    assert_false(options_parse(&options, 0, argv, &message));
    claim_contains("argc 0", buffer_text(&message), "no targets");
    options_release(&options);
    buffer_release(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_defaults_are_those_of_the_help),
        cmocka_unit_test(test_options_switches_are_off_by_default),
        cmocka_unit_test(test_options_switch_turns_on_its_own_member),
        cmocka_unit_test(test_options_timeout_may_be_written_in_many_ways),
        cmocka_unit_test(test_options_counts_reach_their_limits),
        cmocka_unit_test(test_options_family_comes_from_switch_or_source),
        cmocka_unit_test(test_options_source_is_parsed),
        cmocka_unit_test(test_options_interface_is_kept),
        cmocka_unit_test(test_options_ports_add_up),
        cmocka_unit_test(test_options_files_add_up_in_order),
        cmocka_unit_test(test_options_operands_may_stand_between),
        cmocka_unit_test(test_options_expect_is_parsed),
        cmocka_unit_test(test_options_only_is_a_list),
        cmocka_unit_test(test_options_last_format_wins),
        cmocka_unit_test(test_options_colour_is_parsed),
        cmocka_unit_test(test_options_progress_is_parsed),
        cmocka_unit_test(test_options_rate_is_a_number_a_second),
        cmocka_unit_test(test_options_shard_is_counted_from_one),
        cmocka_unit_test(test_options_shuffle_may_have_a_seed),
        cmocka_unit_test(test_options_shuffle_takes_no_word_behind_it),
        cmocka_unit_test(test_options_list_goes_with_what_changes_the_targets),
        cmocka_unit_test(test_options_letters_may_be_combined),
        cmocka_unit_test(test_options_argument_may_begin_with_a_dash),
        cmocka_unit_test(test_options_argument_may_hold_an_equals_sign),
        cmocka_unit_test(test_options_texts_need_no_target),
        cmocka_unit_test(test_options_completion_is_of_the_shell),
        cmocka_unit_test(test_options_command_begins_behind_two_dashes),
        cmocka_unit_test(test_options_bad_duration_is_refused),
        cmocka_unit_test(test_options_bad_count_is_refused),
        cmocka_unit_test(test_options_bad_ports_are_refused),
        cmocka_unit_test(test_options_bad_argument_is_refused),
        cmocka_unit_test(test_options_unknown_format_is_told_those_there_are),
        cmocka_unit_test(test_options_bad_rate_shard_or_seed_is_refused),
        cmocka_unit_test(test_options_list_with_what_it_has_not_is_refused),
        cmocka_unit_test(test_options_missing_argument_is_refused),
        cmocka_unit_test(test_options_unexpected_argument_is_refused),
        cmocka_unit_test(test_options_unknown_one_is_refused_with_the_nearest),
        cmocka_unit_test(test_options_bad_line_is_refused),
        cmocka_unit_test(test_options_long_unknown_name_is_refused),
        cmocka_unit_test(test_options_without_any_argument_vector_are_no_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
