#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/cli/options.h"
#include "netcheck/report/report.h"

enum { ARGS_MAX = 9, MEMBERS_MAX = 8 };

#define TARGET "db:80"

/* A command line and what became of it. `argv` must live as long as `options`. */
struct parsed {
    char *argv[ARGS_MAX + 2];
    int argc;
    char label[256]; /* the line itself, cut where it is long */
    struct options options;
    struct buffer message;
    bool is_valid;
};

static void parse(struct parsed *parsed, const char *const args[static ARGS_MAX])
{
    size_t len = 0;
    memset(parsed, 0, sizeof *parsed);
    parsed->argv[parsed->argc++] = (char *)"netcheck";
    for (size_t i = 0; i < ARGS_MAX && args[i] != NULL; i++) {
        parsed->argv[parsed->argc++] = (char *)args[i];
        (void)snprintf(parsed->label + len, sizeof parsed->label - len, "%s ", args[i]);
        len = strlen(parsed->label);
    }
    parsed->is_valid =
        options_parse(&parsed->options, parsed->argc, parsed->argv, &parsed->message);
    claim_number(parsed->label, "valid without a message", parsed->is_valid,
                 parsed->message.len == 0);
}

static void parsed_release(struct parsed *parsed)
{
    options_release(&parsed->options);
    buffer_release(&parsed->message);
}

/* Parse a line that must be valid. */
static const struct options *parse_valid(struct parsed *parsed,
                                         const char *const args[static ARGS_MAX])
{
    parse(parsed, args);
    claim_text(parsed->label, "message", buffer_text(&parsed->message), "");
    return &parsed->options;
}

/* A member that is a number, or true or false. */
struct member {
    size_t offset;
    size_t size;
    uint64_t value;
    const char *name; /* NULL behind the last one */
};

#define PLACE(name) offsetof(struct options, name), sizeof((struct options *)0)->name
#define IS(name, value)                       \
    {                                         \
        PLACE(name), (uint64_t)(value), #name \
    }

#define WAITS(ns) IS(is_wait, true), IS(has_rounds, false), IS(wait_ns, ns)
#define ROUNDS(count, ns) \
    IS(has_rounds, true), IS(is_wait, false), IS(rounds, count), IS(interval_ns, ns)
#define SHUFFLED(has, number) IS(is_shuffled, true), IS(has_seed, has), IS(seed, number)

static uint64_t value_of(const struct options *options, const struct member *member)
{
    const char *at = (const char *)options + member->offset;
    uint64_t large;
    unsigned plain;
    bool flag;
    if (member->size == sizeof large)
        return memcpy(&large, at, sizeof large), large;
    if (member->size == sizeof plain)
        return memcpy(&plain, at, sizeof plain), plain;
    return memcpy(&flag, at, sizeof flag), flag;
}

static const struct {
    const char *args[ARGS_MAX];
    struct member members[MEMBERS_MAX];
} numbers[] = {
    {{TARGET}, {IS(probe.timeout_ns, 5 * NS_PER_S), IS(window, 1024), IS(probe.retries, 0)}},
    {{TARGET}, {IS(has_retries, false), IS(probe.families, FAMILY_ANY), IS(ports.count, 0)}},
    {{TARGET}, {IS(file_count, 0), IS(shown, 0), IS(colour, WHEN_AUTO)}},
    {{TARGET}, {IS(progress, WHEN_AUTO), IS(probe.rate, 0), IS(shard, 0), IS(shards, 1)}},
    {{TARGET}, {IS(text, TEXT_NONE), IS(is_numeric, false), IS(probe.is_all_addresses, false)}},
    {{TARGET}, {IS(report.expects_down, false), IS(is_any, false), IS(is_quiet, false)}},
    {{TARGET}, {IS(is_verbose, false), IS(is_unordered, false), IS(is_shuffled, false)}},
    {{TARGET}, {IS(has_seed, false), IS(is_list, false), IS(max_time_ns, NEVER_NS)}},
    {{TARGET}, {IS(is_wait, false), IS(has_rounds, false), IS(has_count, false)}},
    {{TARGET},
     {IS(has_interval, false), IS(is_on_change, false), IS(report.has_histogram, false)}},
    {{TARGET}, {IS(is_live, false), IS(report.is_dated, false), IS(interval_ns, NS_PER_S)}},
    {{"-t", "2", TARGET}, {IS(probe.timeout_ns, 2 * NS_PER_S)}},
    {{"-t2", TARGET}, {IS(probe.timeout_ns, 2 * NS_PER_S)}},
    {{"-w", "2", TARGET}, {IS(probe.timeout_ns, 2 * NS_PER_S)}},
    {{"-w2", TARGET}, {IS(probe.timeout_ns, 2 * NS_PER_S)}},
    {{"--timeout", "2", TARGET}, {IS(probe.timeout_ns, 2 * NS_PER_S)}},
    {{"--timeout=2", TARGET}, {IS(probe.timeout_ns, 2 * NS_PER_S)}},
    {{"-zvw2", TARGET}, {IS(probe.timeout_ns, 2 * NS_PER_S)}},
    {{"-zvw", "2", TARGET}, {IS(probe.timeout_ns, 2 * NS_PER_S)}},
    {{TARGET, "-t", "2"}, {IS(probe.timeout_ns, 2 * NS_PER_S)}},
    {{TARGET, "-t2", "web:80"}, {IS(probe.timeout_ns, 2 * NS_PER_S)}},
    {{"-t", "0.5", TARGET}, {IS(probe.timeout_ns, 500 * NS_PER_MS)}},
    {{"--format=nagios", "--warn", "100ms", "--crit=0.5", TARGET},
     {IS(report.limits.warn_ns, 100 * NS_PER_MS), IS(report.limits.crit_ns, 500 * NS_PER_MS)}},
    {{"--format=nagios", "--warn=5", "--crit=5", TARGET},
     {IS(report.limits.warn_ns, 5 * NS_PER_S), IS(report.limits.crit_ns, 5 * NS_PER_S)}},
    {{"--format=nagios", "--warn=1", "-o", "x", "-w2", "-c3", TARGET},
     {IS(report.limits.warn_ns, NS_PER_S), IS(rounds, 3)}},
    {{"-t", "200ms", TARGET}, {IS(probe.timeout_ns, 200 * NS_PER_MS)}},
    {{"--timeout=1.5m", TARGET}, {IS(probe.timeout_ns, 90 * NS_PER_S)}},
    {{"-t.5", TARGET}, {IS(probe.timeout_ns, 500 * NS_PER_MS)}},
    {{"-w", "5.", TARGET}, {IS(probe.timeout_ns, 5 * NS_PER_S)}},
    {{"-w1m30s", TARGET}, {IS(probe.timeout_ns, 90 * NS_PER_S)}},
    {{"-t", "0.000000001", TARGET}, {IS(probe.timeout_ns, 1)}},
    {{"-t", "9223372036.854775807", TARGET}, {IS(probe.timeout_ns, INT64_MAX)}},
    {{"-t", "2", "-w", "3", TARGET}, {IS(probe.timeout_ns, 3 * NS_PER_S)}},
    {{"-r", "0", TARGET}, {IS(probe.retries, 0), IS(window, OPTIONS_WINDOW)}},
    {{"-r3", TARGET}, {IS(probe.retries, 3), IS(window, OPTIONS_WINDOW)}},
    {{"--retries=1000000", TARGET},
     {IS(probe.retries, OPTIONS_RETRIES_MAX), IS(window, OPTIONS_WINDOW)}},
    {{"-r", "00000000000000000000007", TARGET},
     {IS(probe.retries, 7), IS(window, OPTIONS_WINDOW)}},
    {{"-P", "1", TARGET}, {IS(probe.retries, 0), IS(window, 1)}},
    {{"-P2", TARGET}, {IS(probe.retries, 0), IS(window, 2)}},
    {{"--parallel=1000000", TARGET}, {IS(probe.retries, 0), IS(window, OPTIONS_WINDOW_MAX)}},
    {{"--parallel", "999999", TARGET}, {IS(probe.retries, 0), IS(window, 999999)}},
    {{"-r", "2", "-P", "3", TARGET}, {IS(probe.retries, 2), IS(window, 3)}},
    {{"-w", "1", "-c", "2", "db", "5432"}, {ROUNDS(2, NS_PER_S)}},
    {{"-P4", "-i1", "-s10.0.0.1", "-sFD00::1", TARGET}, {IS(window, 4)}},
    {{"-4", TARGET}, {IS(probe.families, FAMILY_IPV4)}},
    {{"-6", TARGET}, {IS(probe.families, FAMILY_IPV6)}},
    {{"-44", TARGET}, {IS(probe.families, FAMILY_IPV4)}},
    {{"-s", "127.0.0.1", TARGET}, {IS(probe.families, FAMILY_IPV4)}},
    {{"-s", "::1", TARGET}, {IS(probe.families, FAMILY_IPV6)}},
    {{"-4", "-s", "127.0.0.1", TARGET}, {IS(probe.families, FAMILY_IPV4)}},
    {{"-s", "::1", "-6", TARGET}, {IS(probe.families, FAMILY_IPV6)}},
    {{"--expect=down", TARGET}, {IS(report.expects_down, true)}},
    {{"--expect", "up", TARGET}, {IS(report.expects_down, false)}},
    {{"--expect", "down", "--expect", "up", TARGET}, {IS(report.expects_down, false)}},
    {{"--only", "up", TARGET}, {IS(shown, SHOW_UP)}},
    {{"--only", "down", TARGET}, {IS(shown, SHOW_DOWN)}},
    {{"--only", "error", TARGET}, {IS(shown, SHOW_ERROR)}},
    {{"--only", "unexpected", TARGET}, {IS(shown, SHOW_UNEXPECTED)}},
    {{"--only", "up,down", TARGET}, {IS(shown, SHOW_UP | SHOW_DOWN)}},
    {{"--only", "error,up", TARGET}, {IS(shown, SHOW_UP | SHOW_ERROR)}},
    {{"--only", "up,up", TARGET}, {IS(shown, SHOW_UP)}},
    {{"--only", "up,down,error,unexpected", TARGET},
     {IS(shown, SHOW_UP | SHOW_DOWN | SHOW_ERROR | SHOW_UNEXPECTED)}},
    {{"--color=auto", TARGET}, {IS(colour, WHEN_AUTO)}},
    {{"--color", "always", TARGET}, {IS(colour, WHEN_ALWAYS)}},
    {{"--color=never", TARGET}, {IS(colour, WHEN_NEVER)}},
    {{"--color=never", "-j", TARGET}, {IS(colour, WHEN_NEVER)}},
    {{"--color=auto", "-j", TARGET}, {IS(colour, WHEN_AUTO)}},
    {{"--progress=auto", TARGET}, {IS(progress, WHEN_AUTO), IS(colour, WHEN_AUTO)}},
    {{"--progress", "always", TARGET}, {IS(progress, WHEN_ALWAYS), IS(colour, WHEN_AUTO)}},
    {{"--progress=never", TARGET}, {IS(progress, WHEN_NEVER), IS(colour, WHEN_AUTO)}},
    {{"--progress=always", "-q", TARGET}, {IS(progress, WHEN_ALWAYS), IS(colour, WHEN_AUTO)}},
    {{"--progress=always", "--progress=never", TARGET},
     {IS(progress, WHEN_NEVER), IS(colour, WHEN_AUTO)}},
    {{"--rate", "1", TARGET}, {IS(probe.rate, 1)}},
    {{"icmp://db"}, {IS(probe.ask.echo_size, 0)}},
    {{"--size", "16", "icmp://db"}, {IS(probe.ask.echo_size, 16)}},
    {{"--size", "16", "db:icmp"}, {IS(probe.ask.echo_size, 16)}},
    {{"--size", "16", "db", "icmp"}, {IS(probe.ask.echo_size, 16)}},
    {{"--size", "16", "-p80,icmp", "db"}, {IS(probe.ask.echo_size, 16)}},
    {{"--size=65507", TARGET, "!ICMP://db"}, {IS(probe.ask.echo_size, 65507)}},
    {{"--size=1472", TARGET, "-f", "hosts"}, {IS(probe.ask.echo_size, 1472)}},
    {{"--size=17", "db", "icmp"}, {IS(probe.ask.echo_size, 17)}},
    {{"--size=18", "db:22,ICMP"}, {IS(probe.ask.echo_size, 18)}},
    {{"--size=19", "-p", "22,icmp", "db"}, {IS(probe.ask.echo_size, 19)}},
    {{"--rate=2", TARGET}, {IS(probe.rate, 2)}},
    {{"--rate=5/s", TARGET}, {IS(probe.rate, 5)}},
    {{"--rate", "500/s", TARGET}, {IS(probe.rate, 500)}},
    {{"--rate=999999999", TARGET}, {IS(probe.rate, 999999999)}},
    {{"--rate=1000000000", TARGET}, {IS(probe.rate, 1000000000)}},
    {{"--rate=1000000000/s", TARGET}, {IS(probe.rate, 1000000000)}},
    {{"--rate=0000000000000000000000007", TARGET}, {IS(probe.rate, 7)}},
    {{"--rate=7", "--rate=8", TARGET}, {IS(probe.rate, 8)}},
    {{"--shard", "1/1", TARGET}, {IS(shard, 0), IS(shards, 1)}},
    {{"--shard=1/2", TARGET}, {IS(shard, 0), IS(shards, 2)}},
    {{"--shard=2/2", TARGET}, {IS(shard, 1), IS(shards, 2)}},
    {{"--shard=3/7", TARGET}, {IS(shard, 2), IS(shards, 7)}},
    {{"--shard=07/007", TARGET}, {IS(shard, 6), IS(shards, 7)}},
    {{"--shard=1/18446744073709551615", TARGET}, {IS(shard, 0), IS(shards, UINT64_MAX)}},
    {{"--shard=18446744073709551615/18446744073709551615", TARGET},
     {IS(shard, UINT64_MAX - 1), IS(shards, UINT64_MAX)}},
    {{"--shard=1/2", "--shard=3/4", TARGET}, {IS(shard, 2), IS(shards, 4)}},
    {{"--shuffle", TARGET}, {SHUFFLED(false, 0)}},
    {{"--shuffle=0", TARGET}, {SHUFFLED(true, 0)}},
    {{"--shuffle=1", TARGET}, {SHUFFLED(true, 1)}},
    {{"--shuffle=007", TARGET}, {SHUFFLED(true, 7)}},
    {{"--shuffle=18446744073709551615", TARGET}, {SHUFFLED(true, UINT64_MAX)}},
    {{"--shuffle=1", "--shuffle=2", TARGET}, {SHUFFLED(true, 2)}},
    {{"--shuffle=1", "--shuffle", TARGET}, {SHUFFLED(true, 1)}},
    {{"-h"}, {IS(text, TEXT_SHORT_HELP)}},
    {{"-vh"}, {IS(text, TEXT_SHORT_HELP)}},
    {{"--help"}, {IS(text, TEXT_HELP)}},
    {{"-h", "--help", "-h"}, {IS(text, TEXT_HELP)}},
    {{"-V"}, {IS(text, TEXT_VERSION)}},
    {{"--version"}, {IS(text, TEXT_VERSION)}},
    {{"-hV"}, {IS(text, TEXT_SHORT_HELP)}},
    {{"--completion=fish"}, {IS(text, TEXT_COMPLETION)}},
    {{"--completion", "bash", "--help"}, {IS(text, TEXT_HELP)}},
    {{"--wait", "30", TARGET}, {WAITS(30 * NS_PER_S)}},
    {{"--wait=0", TARGET}, {WAITS(0)}},
    {{"--wait=0.000000001", TARGET}, {WAITS(1)}},
    {{"--wait=200ms", TARGET}, {WAITS(200 * NS_PER_MS)}},
    {{"--wait=1h", TARGET}, {WAITS(3600 * NS_PER_S)}},
    {{"--wait=1m30s", TARGET}, {WAITS(90 * NS_PER_S)}},
    {{"--wait=9223372036.854775807", TARGET}, {WAITS(INT64_MAX)}},
    {{"--wait=1", "--wait=2", TARGET}, {WAITS(2 * NS_PER_S)}},
    {{"--wait=1", "--confirm", "3", TARGET}, {WAITS(NS_PER_S), IS(confirmations, 3)}},
    {{"--state=f", "--confirm=3", TARGET}, {IS(has_rounds, false), IS(confirmations, 3)}},
    {{"--state=f", "--remind=2h", TARGET}, {IS(remind_ns, 7200 * NS_PER_S)}},
    {{"--confirm=1", "--wait=1", TARGET}, {WAITS(NS_PER_S), IS(confirmations, 1)}},
    {{"--wait=1", "--confirm=1000000", TARGET}, {IS(confirmations, 1000000)}},
    {{"--wait=1", TARGET}, {IS(confirmations, 0)}},
    {{"-m", "30", TARGET}, {IS(max_time_ns, 30 * NS_PER_S)}},
    {{"-m0.000000001", TARGET}, {IS(max_time_ns, 1)}},
    {{"--max-time=200ms", TARGET}, {IS(max_time_ns, 200 * NS_PER_MS)}},
    {{"-m", "1d12h", TARGET}, {IS(max_time_ns, 129600 * NS_PER_S)}},
    {{"-m1", "--max-time", "2", TARGET}, {IS(max_time_ns, 2 * NS_PER_S)}},
    {{"-c", "3", TARGET}, {ROUNDS(3, NS_PER_S)}},
    {{"-c3", TARGET}, {ROUNDS(3, NS_PER_S)}},
    {{"--count=1", TARGET}, {ROUNDS(1, NS_PER_S)}},
    {{"--count", "0", TARGET}, {ROUNDS(0, NS_PER_S)}},
    {{"-c999999999", TARGET}, {ROUNDS(999999999, NS_PER_S)}},
    {{"-c1000000000", TARGET}, {ROUNDS(1000000000, NS_PER_S)}},
    {{"-i", "2", TARGET}, {ROUNDS(0, 2 * NS_PER_S)}},
    {{"-i1ms", TARGET}, {ROUNDS(0, NS_PER_MS)}},
    {{"-i.05", TARGET}, {ROUNDS(0, 50 * NS_PER_MS)}},
    {{"--interval=0.5", TARGET}, {ROUNDS(0, 500 * NS_PER_MS)}},
    {{"--interval", "9223372036.854775807", TARGET}, {ROUNDS(0, INT64_MAX)}},
    {{"-c2", "-i3", TARGET}, {ROUNDS(2, 3 * NS_PER_S)}},
    {{"-i3", TARGET, "-c2"}, {ROUNDS(2, 3 * NS_PER_S)}},
    {{"--live", TARGET}, {ROUNDS(0, NS_PER_S)}},
    {{"--live", "-c2", TARGET}, {ROUNDS(2, NS_PER_S)}},
    {{"--wait=5", "-i0.2", TARGET},
     {IS(is_wait, true), IS(has_rounds, false), IS(has_interval, true),
      IS(interval_ns, 200 * NS_PER_MS)}},
    {{"db", "--shuffle", "5"}, {IS(is_shuffled, true), IS(has_seed, false)}},
    {{"--help", TARGET}, {IS(text, TEXT_HELP)}},
    {{"-zvnAqj4", TARGET},
     {IS(is_verbose, true), IS(is_numeric, true), IS(probe.is_all_addresses, true),
      IS(is_quiet, true), IS(probe.families, FAMILY_IPV4)}},
    {{"db", "-v", "22,80", "--any", "443", "", "-n"},
     {IS(is_verbose, true), IS(is_any, true), IS(is_numeric, true)}},
    {{"-I", "-v", "--file", "--any", TARGET}, {IS(is_verbose, false), IS(is_any, false)}},
    {{TARGET, "--", "sh", "-v", "--", "--help"}, {IS(is_verbose, false), IS(text, TEXT_NONE)}},
    {{"--list", "-v", "--any", "--shard=1/2", "--shuffle=3", "-t1", TARGET},
     {IS(is_list, true)}},
    {{"--list", "-A", "--unordered", "--color=always", "--rate=5", "--progress=always",
      "--format=text", TARGET},
     {IS(is_list, true)}},
};

static void test_options_numbers_may_be_written_in_many_ways(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct parsed parsed;
        const struct options *options = parse_valid(&parsed, numbers[i].args);
        for (const struct member *m = numbers[i].members; m->name != NULL; m++)
            claim_number(parsed.label, m->name, value_of(options, m), m->value);
        parsed_release(&parsed);
    }
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

static bool is_on(const struct options *options, size_t offset)
{
    return *(const bool *)(const void *)((const char *)options + offset);
}

static void test_options_switch_turns_on_its_own_member(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(switches); i++) {
        struct parsed parsed;
        const char *const args[ARGS_MAX] = {switches[i].switch_, TARGET};
        const struct options *options = parse_valid(&parsed, args);
        for (size_t j = 0; j < ARRAY_LEN(switches); j++)
            if (switches[j].offset != SIZE_MAX)
                claim_number(switches[i].switch_, switches[j].switch_,
                             is_on(options, switches[j].offset),
                             switches[j].offset == switches[i].offset);
        parsed_release(&parsed);
    }
}

/* What a line says in words: a letter and what there is of it. */
static void describe(struct buffer *out, const struct options *options, char what)
{
    char source[ADDRESS_TEXT_SIZE] = "none";
    if (address_family(&options->source) != AF_UNSPEC)
        address_format(&options->source, source);
    if (what == 'F')
        buffer_add_text(out, options->format->name);
    if (what == 'F')
        for (size_t i = 0; i < options->output_count; i++)
            buffer_add_format(out, " %s=%s,%u", options->outputs[i].path,
                              options->outputs[i].format->name, options->outputs[i].shown);
    if (what == 's')
        buffer_add_text(out, source);
    if (what == 'I')
        buffer_add_text(out, options->interface != NULL ? options->interface : "none");
    if (what == 'n')
        buffer_add_text(out, options->probe.ask.server_name);
    if (what == 'h')
        buffer_add_format(out, "%lld", (long long)(options->probe.ask.hold_ns / NS_PER_MS));
    for (size_t i = 0; what == 'o' && i < options->operand_count; i++)
        buffer_add_format(out, "%s|", options->operands[i]);
    for (size_t i = 0; what == 'f' && i < options->file_count; i++)
        buffer_add_format(out, "%s|", options->files[i]);
    for (size_t i = 0; what == 'x' && i < options->exclude_count; i++)
        buffer_add_format(out, "%s|", options->excludes[i]);
    for (size_t i = 0; what == 'X' && i < options->exclude_file_count; i++)
        buffer_add_format(out, "%s|", options->exclude_files[i]);
    for (size_t i = 0; what == 'l' && i < options->report.label_count; i++)
        buffer_add_format(out, "%s:%s|", options->report.labels[i].key,
                          options->report.labels[i].value);
    for (size_t i = 0; what == 'p' && i < options->ports.total; i++)
        buffer_add_format(out, "%u|", (unsigned)ports_at(&options->ports, i));
    for (char **word = options->command; what == 'c' && word != NULL && *word != NULL; word++)
        buffer_add_format(out, "%s|", *word);
}

static const struct {
    const char *args[ARGS_MAX];
    char what;
    const char *expected;
} words[] = {
    {{TARGET}, 's', "none"},
    {{TARGET}, 'I', "none"},
    {{TARGET}, 'c', ""},
    {{TARGET}, 'F', "text"},
    {{"-j", TARGET}, 'F', "json"},
    {{"--json", TARGET}, 'F', "json"},
    {{"--format", "json", TARGET}, 'F', "json"},
    {{"--format=json", TARGET}, 'F', "json"},
    {{"--format=text", TARGET}, 'F', "text"},
    {{"-j", "--format", "text", TARGET}, 'F', "text"},
    {{"--format", "text", "-j", TARGET}, 'F', "json"},
    {{"-zvnAqj4", TARGET}, 'F', "json"},
    {{"-o", "a", TARGET}, 'F', "text a=text,0"},
    {{"-oa", "--output=b", "--output", "c", TARGET}, 'F', "text a=text,0 b=text,0 c=text,0"},
    {{"-qoout", TARGET}, 'F', "text out=text,0"},
    {{"-oNOTES", TARGET}, 'F', "text NOTES=text,0"},
    {{"-o", "-j", TARGET}, 'F', "text -j=text,0"},
    {{"-j", "-o", "a", TARGET}, 'F', "text a=json,0"},
    {{"-jo", "a", TARGET, "-j"}, 'F', "json a=json,0"},
    {{"-j", "-oa", "--format=text", "-ob", TARGET}, 'F', "text a=json,0 b=text,0"},
    {{"--only=up", "-j", "-oa", TARGET}, 'F', "text a=json,1"},
    {{"-oa", "-ob", "--only=up", TARGET}, 'F', "text a=text,0 b=text,0"},
    {{"-oa", "--only=up", "-ob", "-oc", TARGET}, 'F', "text a=text,0 b=text,1 c=text,0"},
    {{"-j", "-o-", TARGET}, 'F', "json"},
    {{"-j", "-o-", "--format=text", "-oa", TARGET}, 'F', "json a=text,0"},
    {{"-j", "-o./-", TARGET}, 'F', "text ./-=json,0"},
    {{"--format=text", "-o", "a.json", TARGET}, 'F', "text a.json=text,0"},
    {{"-j", "-o", "a.txt", TARGET}, 'F', "text a.txt=json,0"},
    {{"-o", ".json", TARGET}, 'F', "text .json=text,0"},
    {{"-s", "2001:db8::7", TARGET}, 's', "2001:db8::7"},
    {{"-s2001:db8::7", TARGET}, 's', "2001:db8::7"},
    {{"--source=2001:db8::7", TARGET}, 's', "2001:db8::7"},
    {{"--source", "2001:db8::7", TARGET}, 's', "2001:db8::7"},
    {{"-I", "eth0", TARGET}, 'I', "eth0"},
    {{"-Ieth0", TARGET}, 'I', "eth0"},
    {{"--interface=eth0", TARGET}, 'I', "eth0"},
    {{"--interface", "eth0", TARGET}, 'I', "eth0"},
    {{"-I", "-v", TARGET}, 'I', "-v"},
    {{"--hold", "500ms", TARGET}, 'h', "500"},
    {{"--hold=0", "udp://db:53"}, 'h', "0"},
    {{"--hold=2", "udp://db:53", TARGET}, 'h', "2000"},
    {{"--hold=2", "udp://db:53", "-f", "list"}, 'h', "2000"},
    {{"--server-name", "www.example.com", "tls://db:443"}, 'n', "www.example.com"},
    {{"--server-name=www.example.com.", TARGET, "!TLS://db:443"}, 'n', "www.example.com."},
    {{"--server-name=_sip.example", "db:443/tls"}, 'n', "_sip.example"},
    {{"--server-name=a.example", "db:80,tls/443"}, 'n', "a.example"},
    {{"--server-name=a.example", "db", "443", "tls"}, 'n', "a.example"},
    {{"--server-name=a.example", "-p80,443/tls", "db"}, 'n', "a.example"},
    {{"--server-name=a.example", "-f", "list"}, 'n', "a.example"},
    {{"--server-name=a.example", "--ready", "http://db"}, 'n', "a.example"},
    {{"-p", "22,80", "-p443", "--ports=8000-8002", "--ports", "ssh", "db"},
     'p',
     "22|80|443|8000|8001|8002|22|"},
    {{"-f", "a", "-fb", "--file=c", "--file", "d", "-f", "-"}, 'f', "a|b|c|d|-|"},
    {{"-f", "a"}, 'o', ""},
    {{"-fail", "-file"}, 'f', "ail|ile|"},
    {{"--exclude", "a,b:22", TARGET, "--exclude="}, 'x', "a,b:22||"},
    {{"--exclude-file", "a", TARGET, "--exclude-file=-"}, 'X', "a|-|"},
    {{"-j", "--label", "site=a b", TARGET, "--label=_k9=", "--label", "Env=x=\xff\n\"y"},
     'l',
     "site:a b|_k9:|Env:x=\xff\n\"y|"},
    {{"--format=csv", "-o", "x", "--label=instance=a", "--label", "job=", "--label=states=x",
      TARGET},
     'l',
     "instance:a|job:|states:x|"},
    {{"--file", "--any", TARGET}, 'f', "--any|"},
    {{"--file=a=b", "-f=c", TARGET}, 'f', "a=b|=c|"},
    {{"db", "-v", "22,80", "--any", "443", "", "-n"}, 'o', "db|22,80|443||"},
    /* Its argument needs the '=': a word of its own is a target, or a port. */
    {{"db", "--shuffle", "5"}, 'o', "db|5|"},
    {{TARGET, "--", "sh", "-v", "--", "--help"}, 'o', TARGET "|"},
    {{TARGET, "--", "sh", "-v", "--", "--help"}, 'c', "sh|-v|--|--help|"},
};

static void test_options_words_are_kept(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct parsed parsed;
        struct buffer out = BUFFER_EMPTY;
        const char what[] = {words[i].what, '\0'};
        describe(&out, parse_valid(&parsed, words[i].args), words[i].what);
        claim_text(parsed.label, what, buffer_text(&out), words[i].expected);
        buffer_release(&out);
        parsed_release(&parsed);
    }
}

/* Each begins with its shell's name; the last one wins. */
static void test_options_completion_is_of_the_shell(void **state)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    for (size_t i = 0; i < ARRAY_LEN(shells); i++) {
        struct parsed parsed;
        struct buffer text = BUFFER_EMPTY;
        char first[64];
        const char *const args[ARGS_MAX] = {"--completion=zsh", "--completion", shells[i]};
        options_describe(&text, parse_valid(&parsed, args));
        (void)snprintf(first, sizeof first, "netcheck's completion for %s", shells[i]);
        claim_contains(shells[i], buffer_text(&text), first);
        buffer_release(&text);
        parsed_release(&parsed);
    }
}

static void test_options_that_go_together_are_valid(void **state)
{
    static const char *const rows[][ARGS_MAX] = {
        {"--on-change", "-c3", TARGET},
        {"--on-change", "-i3", "-j", TARGET},
        {"--on-change", "--state=f", "--format=html", "-ox", TARGET},
        {"--on-change", "--state=f", "--remind=1h", "--confirm=3", TARGET},
        {"--state", "f", "-c3", "-q", TARGET, "--", "true"},
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
        {"--gate=db:22", "-c3", "--any", "-j", TARGET, "--", "true"},
        {"--gate=icmp://db", "--size=100", TARGET},
        {"--gate=tls://db:443", "--server-name=web", TARGET},
        {"--gate=db:22", "--hold=1", "udp://db:53"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct parsed parsed;
        (void)parse_valid(&parsed, rows[i]);
        parsed_release(&parsed);
    }
}

#define BAD_DURATION "invalid duration"
#define OUT_OF_RANGE "duration out of range"
#define TO_A_MILLION "-1000000"
#define BAD_RATE     "invalid rate"
#define BAD_SHARD    "invalid shard"
#define BAD_SEED     "invalid seed"
#define LIST_QUIET   "--list prints the targets, -q prints nothing: leave one out"
#define LIST_ONLY    "--list asks nothing, so that --only has no state to go by: leave one out"
#define LIST_FORMAT  "--list prints a target a line, in no other format: leave one out"
#define LIST_COMMAND "--list asks nothing, so that COMMAND would run unchecked: leave one out"

static const struct refusal {
    const char *label;
    const char *args[ARGS_MAX];
    const char *parts[3]; /* stand in the message; NULL behind the last one */
} refusals[] = {
    /* Bytes */
    {"unknown escape",
     {"--send", "a\\q", TARGET},
     {"unknown escape at byte 2 of 'a\\q'", "--send", "write \\\\"}},
    {"twice", {"--send", "a", "--send", "b", TARGET}, {"--send is written twice"}},
    {"empty match", {"--match", "", TARGET}, {"empty text ''", "--match"}},
    {"bad escape in a match",
     {"--match", "\\x1", TARGET},
     {"at byte 1 of '\\x1'", "--match", "\\x0a"}},
    {"bad expression", {"--match=/(a/", TARGET}, {"invalid expression '/(a/' for --match: "}},
    {"two matches", {"--match", "a", "--match", "b", TARGET}, {"--match is written twice"}},
    {"sent, and ready", {"--send", "a", "--ready", TARGET}, {"--ready asks", "--send"}},
    {"matched, and ready", {"--ready", "--match", "a", TARGET}, {"--ready asks", "--match"}},

    /* Durations */
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
    /* Counts */
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
    {"--size empty", {"--size=", "icmp://db"}, {"invalid number ''", "--size", "16-65507"}},
    {"--size min - 1", {"--size", "15", "icmp://db"}, {"invalid number '15'", "16-65507"}},
    {"--size max + 1", {"--size=65508", "icmp://db"}, {"invalid number '65508'", "16-65507"}},
    {"--size junk", {"--size=1k", "icmp://db"}, {"invalid number '1k'", "--size"}},
    {"--size without ICMP", {"--size=64", TARGET, "icmp:80"}, {"--size", "write icmp://HOST"}},
    {"--size of a host's name", {"--size=64", "icmp2:80"}, {"--size", "write icmp://HOST"}},
    {"--size of other ports",
     {"--size=64", "-p", "22,53/udp", "db"},
     {"--size", "write icmp://HOST"}},
    {"--hold without a connection",
     {"--hold=1", "udp://db:53", "!ICMP://db"},
     {"--hold is of connections", "write HOST:PORT"}},
    {"--hold junk", {"--hold=soon", TARGET}, {"'soon'", "--hold"}},
    {"--hold negative", {"--hold", "-1", TARGET}, {"'-1'", "--hold"}},
    {"--server-name without TLS",
     {"--server-name=www.example.com", TARGET, "tls:80", "db.tls:80", "https://db"},
     {"--server-name", "write tls://HOST:PORT"}},
    {"--server-name without TLS, with -p",
     {"--server-name=www.example.com", "-p", "80/tcp,53/udp", "db"},
     {"--server-name", "write tls://HOST:PORT"}},
    /* Ports */
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
    /* Other arguments */
    {"-f empty", {"-f", "", TARGET}, {"empty file name", "-f"}},
    {"--exclude-file empty",
     {"--exclude-file=", TARGET},
     {"empty file name", "--exclude-file"}},
    {"label, no value",
     {"--label", "site", TARGET},
     {"invalid label 'site' for --label: write"}},
    {"label, empty", {"--label=", TARGET}, {"invalid label '' for --label: write KEY=VALUE"}},
    {"label, no key", {"--label", "=a", TARGET}, {"invalid label '=a' for --label: write"}},
    {"label, a dash", {"--label", "a-b=c", TARGET}, {"invalid key of label 'a-b=c'"}},
    {"label, a digit first", {"--label", "9a=c", TARGET}, {"invalid key of label '9a=c'"}},
    {"label, a blank", {"--label", "a =c", TARGET}, {"invalid key of label 'a =c'"}},
    {"label, not ASCII", {"--label", "\xff=c", TARGET}, {"invalid key of label"}},
    {"label of Prometheus",
     {"--label", "__name__=c", TARGET},
     {"taken key of label '__name__"}},
    {"label, a bucket", {"--label", "le=c", TARGET}, {"taken key of label 'le=c'"}},
    {"label, a quantile", {"--label", "quantile=c", TARGET}, {"taken key of label"}},
    {"label of a row", {"--label", "reason=c", TARGET}, {"taken key of label 'reason=c'"}},
    {"label of a summary", {"--label", "p99_ms=c", TARGET}, {"taken key of label"}},
    {"label, a column", {"--label", "tls_not_after=c", TARGET}, {"taken key of label"}},
    {"label in upper case", {"--label", "Target=c", TARGET}, {"taken key of label"}},
    {"label twice",
     {"--label", "a=b", "--label", "A=c", TARGET},
     {"repeated key of label 'A=c' for --label: write each key once"}},
    {"one input for two", {"-f-", "--exclude-file=-"}, {"-f -", "--exclude-file -"}},
    {"--file= empty", {"--file=", TARGET}, {"empty file name", "--file"}},
    {"-I empty", {"-I", "", TARGET}, {"empty interface name", "-I"}},
    {"--interface= empty", {"--interface=", TARGET}, {"empty interface name", "--interface"}},
    {"--server-name empty", {"--server-name=", TARGET}, {"invalid server name ''", "alone"}},
    {"--server-name address",
     {"--server-name", "192.0.2.1", TARGET},
     {"address in place of a server name '192.0.2.1'", "leave the option out"}},
    {"--server-name IPv6",
     {"--server-name", "2001:db8::1", TARGET},
     {"address in place of a server name '2001:db8::1'", "--server-name"}},
    {"--server-name prefix", {"--server-name=192.0.2.0/24", TARGET}, {"server name"}},
    {"--server-name port",
     {"--server-name=www.example.com:443", TARGET},
     {"invalid server name 'www.example.com:443'", "alone"}},
    {"--server-name URL",
     {"--server-name=https://www.example.com/", TARGET},
     {"invalid server name", "alone"}},
    {"--server-name !", {"--server-name=!www.example.com", TARGET}, {"invalid server name"}},
    {"--server-name number", {"--server-name=443", TARGET}, {"invalid server name '443'"}},
    {"--server-name of two", {"--server-name=a,b", TARGET}, {"invalid server name 'a,b'"}},
    {"--server-name wildcard",
     {"--server-name=*.example.com", TARGET},
     {"invalid character in host '*.example.com'", "--server-name"}},
    {"--server-name long label",
     {"--server-name=a23456789012345678901234567890123456789012345678901234567890abcd", TARGET},
     {"label too long", "63 bytes"}},
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
    {"-o empty", {"-o", "", TARGET}, {"empty file name ''"}},
    {"-o nothing", {TARGET, "-o"}, {"missing argument of -o: write -o FILE"}},
    {"-o of nmap", {"-oX", "a.xml", TARGET}, {"unknown option '-oX': write --format NAME -o"}},
    {"-output", {"-output", "a", TARGET}, {"unknown option '-output': write --output"}},
    {"-o and a name with a format", {"-o", "a.JSON", TARGET}, {"'a.JSON'", "--format json"}},
    {"-o of JSON lines", {"-oa.jsonl", TARGET}, {"'a.jsonl'", "--format json"}},
    {"-o of JSON lines, too", {"-oa.ndjson", TARGET}, {"'a.ndjson'", "--format json"}},
    {"-o of a table", {"-oa.csv", TARGET}, {"'a.csv'", "--format csv"}},
    {"-o of a page", {"-oa.html", TARGET}, {"'a.html'", "--format html"}},
    {"-o of a page, shorter", {"-oa.htm", TARGET}, {"'a.htm'", "--format html"}},
    {"-o of tests", {"-oa.xml", TARGET}, {"'a.xml'", "--format junit"}},
    {"-o of metrics", {"-oa.prom", TARGET}, {"'a.prom'", "--format prometheus"}},
    {"a document of what has changed",
     {"--format=html", "--on-change", "--state=s", TARGET},
     {"the format says how all is, changed or not: write -o FILE behind it, or leave"}},
    {"the same in rounds",
     {"--on-change", "-c3", "--format=junit", TARGET},
     {"the format says how all is, changed or not: write -o FILE behind it, or leave"}},
    {"-o before its format", {"-oa", "-j", TARGET}, {"-o takes the --format before it"}},
    {"-o without one of two", {"-j", "-oa", "-ob", TARGET}, {"-o takes the --format before"}},
    {"-o, the first without", {"-oa", "-j", "-ob", TARGET}, {"-o takes the --format before"}},
    {"-o behind two formats", {"-j", "--format=text", "-oa", TARGET}, {"two formats before"}},
    {"-o - twice", {"-o-", "-o-", TARGET}, {"standard output twice"}},
    {"-o - before its format", {"-o-", "-j", TARGET}, {"-o - takes the --format"}},
    {"-o - among two --only",
     {"--only=up", "-o-", "--only=down", TARGET},
     {"-o - takes the --format and the --only before it"}},
    {"-o and --list", {"-oa", "--list", TARGET}, {"--list asks nothing, so that -o"}},
    {"--color empty", {"--color=", TARGET}, {"invalid word ''", "auto, always or never"}},
    {"--color junk", {"--color", "yes", TARGET}, {"invalid word 'yes'", "always"}},
    {"--completion empty", {"--completion="}, {"unknown shell ''", "bash, zsh or fish"}},
    {"--completion junk", {"--completion", "tcsh"}, {"unknown shell 'tcsh'", "fish"}},
    {"--completion path", {"--completion", "/bin/bash"}, {"unknown shell '/bin/bash'"}},
    {"--completion capitals", {"--completion", "Bash"}, {"unknown shell 'Bash'"}},
    /* Rates, shards and seeds */
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
    /* No such option, and the nearest one */
    {"letter left out", {"--timout", "5", TARGET}, {"unknown option '--timout'", "--timeout"}},
    {"letter too much", {"--jsson", TARGET}, {"unknown option '--jsson'", "--json"}},
    {"letter replaced", {"--quiat", TARGET}, {"unknown option '--quiat'", "--quiet"}},
    {"letters of a short one swapped", {"--wiat=5", TARGET}, {"unknown option", "is --wait;"}},
    {"letters swapped", {"--evrbose", TARGET}, {"unknown option '--evrbose'", "--verbose"}},
    {"cut short", {"--interf", "eth0", TARGET}, {"unknown option '--interf'", "--interface"}},
    {"other spelling", {"--colour=never", TARGET}, {"unknown option", "is --color;"}},
    {"in capitals", {"--HELP", TARGET}, {"unknown option '--HELP'", "--help"}},
    {"option with =", {"--portz=22", "db"}, {"unknown option '--portz':", "--ports"}},
    {"no name", {"--=5", TARGET}, {"unknown option '--':", "--help"}},
    {"letter behind a dash", {"-v-", TARGET}, {"unknown option", "-v-", "--help"}},
    {"negative number", {"-5", TARGET}, {"unknown option", "-5", "--help"}},
    {"character of two bytes", {"-\xc2\x9b", TARGET}, {"option '-\\u009b':"}},
    {"control bytes", {"--\x1b[31m", TARGET}, {"unknown option '--\\x1b[31m'"}},
    /* The line as a whole */
    {"last of several letters", {TARGET, "-vzt"}, {"missing argument of -t", "-t DUR"}},
    {"only --list", {"--list"}, {"no targets: write HOST PORT"}},
    {"nothing", {NULL}, {"no targets", "-f FILE", "--help"}},
    {"only switches", {"-v", "--any"}, {"no targets"}},
    {"only -p", {"-p", "22"}, {"no targets"}},
    {"only a command", {"--", "true"}, {"no targets"}},
    {"dash as host", {"-", "80"}, {"-f -", "standard input"}},
    {"no command", {TARGET, "--"}, {"missing COMMAND", "'--'"}},
    {"-h before a host", {"-h", "db", "-p", "5432"}, {"-h prints help", "HOST without -h"}},
    {"-h with a host", {"-h10.0.0.1", "-p", "22"}, {"takes no argument", "HOST without -h"}},
    {"-h with = and a host", {"-h=db", "-p22"}, {"takes no argument"}},
    {"-h with a name of letters", {"-hdb", "-p22"}, {"takes no argument", "HOST without -h"}},
    {"-h with a name, -m in it", {"-hmail", "-p22"}, {"takes no argument"}},
    {"-h behind a target", {TARGET, "-h"}, {"-h prints help", "leave the rest out"}},
    {"-h and ports", {"-hp22"}, {"-h prints help"}},
    {"-h and a file", {"-h", "-f", "list"}, {"-h prints help"}},
    {"-h and a command", {"-h", "--", "true"}, {"-h prints help"}},
    {"-V and a target", {"-V", TARGET}, {"-V and --completion ask nothing"}},
    {"--completion and a target", {"--completion=zsh", TARGET}, {"--completion ask nothing"}},
    {"-4 and -6", {"-4", "-6", TARGET}, {"-4 and -6 exclude each other"}},
    {"-4 and -6 together", {"-64", TARGET}, {"-4 and -6 exclude each other"}},
    {"-6 and an IPv4 source", {"-6", "-s", "127.0.0.1", TARGET}, {"-s", "family"}},
    {"an IPv6 source and -4", {"-s", "::1", "-4", TARGET}, {"-s", "family"}},
    {"colour and JSON", {"--color=always", "-j", TARGET}, {"--color always", "text"}},
    {"JSON and colour", {"-j", "--color", "always", TARGET}, {"--color always", "text"}},
};

static void test_options_bad_line_is_refused_and_says_why(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        struct parsed parsed;
        const struct refusal *row = &refusals[i];
        parse(&parsed, row->args);
        claim_true(row->label, "refusal", !parsed.is_valid);
        const char *message = buffer_text(&parsed.message);
        for (size_t j = 0; j < ARRAY_LEN(row->parts) && row->parts[j] != NULL; j++)
            claim_contains(row->label, message, row->parts[j]);
        for (const char *p = message; *p != '\0'; p++)
            claim_true(row->label, "message of printable bytes", *p >= ' ' && *p <= '~');
        parsed_release(&parsed);
    }
}

/* The option stands last in its line. */
static void test_options_missing_argument_is_refused_by_its_name(void **state)
{
    static const char *const rows[] = {"-t DUR",
                                       "-w DUR",
                                       "-r N",
                                       "-p PORTS",
                                       "-f FILE",
                                       "-s ADDR",
                                       "-I NAME",
                                       "-P N",
                                       "--timeout DUR",
                                       "--retries N",
                                       "--ports PORTS",
                                       "--file FILE",
                                       "--source ADDR",
                                       "--interface NAME",
                                       "--server-name NAME",
                                       "--wait DUR",
                                       "--confirm N",
                                       "--state FILE",
                                       "--remind DUR",
                                       "-c N",
                                       "--count N",
                                       "-i DUR",
                                       "--interval DUR",
                                       "--parallel N",
                                       "--expect up|down",
                                       "--only WHICH",
                                       "--format NAME",
                                       "--color WHEN",
                                       "--rate N[/s]",
                                       "--shard K/N",
                                       "--progress WHEN",
                                       "--completion SHELL"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct parsed parsed;
        char option[32];
        char part[64];
        (void)snprintf(option, sizeof option, "%.*s", (int)strcspn(rows[i], " "), rows[i]);
        (void)snprintf(part, sizeof part, "missing argument of %s: ", option);
        parse(&parsed, (const char *const[ARGS_MAX]){TARGET, option});
        claim_contains(rows[i], buffer_text(&parsed.message), part);
        claim_contains(rows[i], buffer_text(&parsed.message), rows[i]);
        parsed_release(&parsed);
    }
}

static void test_options_unexpected_argument_is_refused(void **state)
{
    static const char *const rows[] = {
        "--numeric=1",   "--all-addresses=1", "--any=",     "--quiet=no",    "--verbose=2",
        "--json=1",      "--unordered=1",     "--list=all", "--on-change=1", "--timestamp=1",
        "--histogram=9", "--live=1",          "--help=t",   "--version=1"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct parsed parsed;
        char part[64];
        parse(&parsed, (const char *const[ARGS_MAX]){rows[i], TARGET});
        (void)snprintf(part, sizeof part, "unexpected argument of %.*s",
                       (int)strcspn(rows[i], "="), rows[i]);
        claim_contains(rows[i], buffer_text(&parsed.message), part);
        claim_contains(rows[i], buffer_text(&parsed.message), "none");
        parsed_release(&parsed);
    }
}

#define WAIT_ROUNDS "--wait ends when all is as expected, -c and --live do not: leave one out"
#define SECOND_GATE "second target 'db:23' for --gate: one target is asked before the others"
#define WAIT_GATE \
    "--wait waits for every target, --gate leaves some out: write the gate as a target"
#define LIVE_GATE \
    "--live shows every target, --gate leaves some out: write the gate as a target"
#define CONFIRM_ALONE                                                                     \
    "--confirm is how often in a row --wait or --state has to see it: add --wait DUR or " \
    "--state FILE"
#define TIMES       ": allowed is 1-1000000"
#define ON_CHANGE   "--on-change compares with the time before: add --state FILE, -c or -i"
#define HISTOGRAM   "--histogram is a part of the summary: add -c or -i"
#define WAIT_HAS_NO "--wait has no summary for --histogram to be a part of: leave one out"
#define NO_PLACE    "--progress has no place on the screen of --live: leave it out"
#define NO_SUMMARY  "--histogram is a part of the summary in text: leave it, or -j, out"
#define DATED       "-D is for text, other formats have the time anyway: leave it out"
#define NO_END      "without end COMMAND would never run: write -c N"
#define PROGRESS    "--progress goes towards an end, -c and -i have rows instead: leave it out"
#define VIEW        "--live is a view of its own: leave -q, -v, -j and --format out"
#define NO_ROWS     "--live prints no rows: leave --only, --on-change and -D out"
#define FORM \
    ": write seconds, decimals allowed, or a number with ms, s, m, h or d, also joined: 1m30s"
#define RANGE     ": allowed is up to 292 years"
#define COUNT     ": allowed is 0-1000000000"
#define UNKNOWN   "unknown option "
#define SEE_HELP  "see netcheck --help"
#define LONG_DASH "a long dash begins no option: write "
#define LIMITS_BEHIND                                                                         \
    ": write HOST without it, --warn DUR for -w and --crit DUR for -c, and --format nagios; " \
    "here -w is the timeout and -c counts rounds"
#define NAGIOS "--format=nagios"
#define PLUGIN_ROUNDS                                                                      \
    "--format nagios is one answer, of one asking: leave -c and -i out; for limits write " \
    "--warn DUR and --crit DUR"
#define PLUGIN_TIMEOUT                                                                      \
    "-w is the timeout here, not a limit for --format nagios: write --warn DUR, or -t DUR " \
    "for the timeout"
#define PLUGIN_COMMAND \
    "the exit status would be that of COMMAND, not of --format nagios: leave one out"
#define PLUGIN_CHANGE "--format nagios says how it is, changed or not: leave --on-change out"
#define PLUGIN_ONLY \
    "--format nagios judges all rows: leave --only out; -v shows them all, -q none"
#define LABEL_ALONE                                                                           \
    "--label is of formats for programs, text has no place for it: add --format NAME, as in " \
    "--format json"
#define LIMIT_ALONE                                                                       \
    "--warn and --crit are of --format nagios: add it; -t DUR is the time after which a " \
    "target is down"
#define LIMIT_DOWN                                                                          \
    "--warn and --crit are of targets that are expected up: leave them, or --expect down, " \
    "out"
#define LIMIT_ORDER "--warn is above --crit: write the longer time for --crit"
#define LIMIT_ABOVE(name, timeout)            \
    name " is above -t, after whose " timeout \
         " a target is down: write a shorter time, as in " name " 100ms, or a longer -t"
#define LIMIT_RANGE(written, name)                                                             \
    "invalid limit '" written "' for " name ": write the longest time that is well, no range " \
    "and no loss: " name " 0.5 or " name " 500ms"
#define LIMITS UNKNOWN "'-H'" LIMITS_BEHIND

static const struct {
    const char *args[ARGS_MAX];
    const char *message;
} messages[] = {
    {{NAGIOS, "-c3", TARGET}, PLUGIN_ROUNDS},
    {{NAGIOS, "-w1", "-c2", TARGET}, PLUGIN_ROUNDS},
    {{NAGIOS, "-c0", TARGET}, PLUGIN_ROUNDS},
    {{NAGIOS, "-i2", TARGET}, PLUGIN_ROUNDS},
    {{NAGIOS, "-w1", TARGET}, PLUGIN_TIMEOUT},
    {{"-zw", "1", TARGET, "--format", "nagios"}, PLUGIN_TIMEOUT},
    {{NAGIOS, TARGET, "--", "true"}, PLUGIN_COMMAND},
    {{NAGIOS, "--wait=3", "--on-change", TARGET}, PLUGIN_CHANGE},
    {{NAGIOS, "--only=down", TARGET}, PLUGIN_ONLY},
    {{"--only=down", NAGIOS, "-o", "x", TARGET}, PLUGIN_ONLY},
    {{NAGIOS, "--live", TARGET}, VIEW},
    {{NAGIOS, "-o-", "-c3", TARGET}, PLUGIN_ROUNDS},
    {{NAGIOS, "-o-", "-w1", TARGET}, PLUGIN_TIMEOUT},
    {{NAGIOS, "-o", "-", TARGET, "--", "true"}, PLUGIN_COMMAND},
    {{NAGIOS, "-o-", "--wait=3", "--on-change", TARGET}, PLUGIN_CHANGE},
    {{NAGIOS, "--only=down", "-o-", TARGET}, PLUGIN_ONLY},
    {{NAGIOS, "-o-", "--warn=2", "--crit=1", TARGET}, LIMIT_ORDER},
    {{NAGIOS, "-o-", "--warn=6", TARGET}, LIMIT_ABOVE("--warn", "5 s")},
    {{"--list", "--only=up", "-o-", TARGET}, LIST_ONLY},
    {{"--list", "-j", "-o-", TARGET}, LIST_FORMAT},
    {{"--color=always", "-j", "-o-", TARGET}, "--color always goes with --format text only"},
    {{"--label=a=b", TARGET}, LABEL_ALONE},
    {{"--label=a=b", "-o", "x", "-c3", TARGET}, LABEL_ALONE},
    {{"--label=a=b", "--list", "-q", TARGET}, LIST_QUIET},
    {{"--warn=1", TARGET}, LIMIT_ALONE},
    {{"-j", "--crit=1", TARGET}, LIMIT_ALONE},
    {{NAGIOS, "--crit=1", "--expect=down", TARGET}, LIMIT_DOWN},
    {{NAGIOS, "--warn=2", "--crit=1", TARGET}, LIMIT_ORDER},
    {{NAGIOS, "--warn=1s", "--crit=999ms", TARGET}, LIMIT_ORDER},
    {{NAGIOS, "--warn=100", TARGET}, LIMIT_ABOVE("--warn", "5 s")},
    {{NAGIOS, "-t2", "--warn=1", "--crit=2.5", TARGET}, LIMIT_ABOVE("--crit", "2 s")},
    {{NAGIOS, "--warn=@10:20", TARGET}, LIMIT_RANGE("@10:20", "--warn")},
    {{NAGIOS, "--crit=~:5", TARGET}, LIMIT_RANGE("~:5", "--crit")},
    {{NAGIOS, "--crit=100,20%", TARGET}, LIMIT_RANGE("100,20%", "--crit")},
    {{NAGIOS, "--warn=0", TARGET},
     "duration out of range '0' for --warn: it must be more than 0"},
    {{"--list", "-q", TARGET}, LIST_QUIET},
    {{"--quiet", "--list", TARGET}, LIST_QUIET},
    {{"--list", "--only=up", TARGET}, LIST_ONLY},
    {{"--list", "-j", TARGET}, LIST_FORMAT},
    {{"--format=json", "--list", TARGET}, LIST_FORMAT},
    {{"--list", TARGET, "--", "true"}, LIST_COMMAND},
    {{"--wait=3", "-c3", TARGET}, WAIT_ROUNDS},
    {{"-c0", "--wait=0", TARGET}, WAIT_ROUNDS},
    {{"--live", "--wait=3", TARGET}, WAIT_ROUNDS},
    {{"--confirm=3", TARGET}, CONFIRM_ALONE},
    {{"-c3", "--confirm=1", TARGET}, CONFIRM_ALONE},
    {{"--live", "--confirm=3", TARGET}, CONFIRM_ALONE},
    {{"--gate=db:22", TARGET, "--gate", "db:23"}, SECOND_GATE},
    {{"--gate=db:22", "--wait=3", TARGET}, WAIT_GATE},
    {{"--live", "--gate=db:22", TARGET}, LIVE_GATE},
    {{"--gate=db:22"},
     "no targets: write HOST PORT, HOST:PORT or -f FILE; see netcheck --help"},
    {{"--on-change", TARGET}, ON_CHANGE},
    {{"--remind=1h", TARGET},
     "--remind goes by what was told in earlier runs: add --state FILE"},
    {{"--remind=1h", "--on-change", "-c3", TARGET},
     "--remind goes by what was told in earlier runs: add --state FILE"},
    {{"--remind=0", "--state=f", TARGET},
     "duration out of range '0' for --remind: it must be more than 0"},
    {{"--wait=1", "--state=f", TARGET},
     "--wait ends when all is as expected, --state remembers what was from run to run: leave "
     "one "
     "out"},
    {{"--live", "--state=f", TARGET},
     "--live prints no rows, so that --state has none that were told: leave one out"},
    {{"--list", "--state=f", TARGET},
     "--list asks nothing that --state could remember: leave one out"},
    {{"--state=", TARGET},
     "invalid file '' for --state: write a path, as in /var/lib/netcheck/web"},
    {{"--state", "-", TARGET},
     "invalid file '-' for --state: write a path, as in /var/lib/netcheck/web"},
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
    {{"--wait", "", TARGET}, "invalid duration '' for --wait" FORM},
    {{"--wait", "-1", TARGET}, "invalid duration '-1' for --wait" FORM},
    {{"--wait=5x", TARGET}, "invalid duration '5x' for --wait" FORM},
    {{"--wait", TARGET}, "invalid duration '" TARGET "' for --wait" FORM},
    {{"--wait=9223372036.854775808", TARGET},
     "duration out of range '9223372036.854775808' for --wait" RANGE},
    {{"-m", "", TARGET}, "invalid duration '' for -m" FORM},
    {{"-m1x", TARGET}, "invalid duration '1x' for -m" FORM},
    {{"-m0", TARGET}, "duration out of range '0' for -m: it must be more than 0"},
    {{"--wait=1", "--confirm", "", TARGET}, "invalid number '' for --confirm" TIMES},
    {{"--wait=1", "--confirm=0", TARGET}, "invalid number '0' for --confirm" TIMES},
    {{"--wait=1", "--confirm=-1", TARGET}, "invalid number '-1' for --confirm" TIMES},
    {{"--wait=1", "--confirm=3x", TARGET}, "invalid number '3x' for --confirm" TIMES},
    {{"--wait=1", "--confirm=1000001", TARGET}, "invalid number '1000001' for --confirm" TIMES},
    {{"-c", "", TARGET}, "invalid number '' for -c" COUNT},
    {{"-c", "-1", TARGET}, "invalid number '-1' for -c" COUNT},
    {{"-c1x", TARGET}, "invalid number '1x' for -c" COUNT},
    {{"--count=1.5", TARGET}, "invalid number '1.5' for --count" COUNT},
    {{"-c1000000001", TARGET}, "invalid number '1000000001' for -c" COUNT},
    {{"-c18446744073709551617", TARGET}, "invalid number '18446744073709551617' for -c" COUNT},
    {{"-i", "", TARGET}, "invalid duration '' for -i" FORM},
    {{"-i", "-1", TARGET}, "invalid duration '-1' for -i" FORM},
    {{"--interval=1w", TARGET}, "invalid duration '1w' for --interval" FORM},
    {{"-i0,5", TARGET}, "invalid duration '0,5' for -i: write 0.5"},
    {{"--wait", "1m30", TARGET}, "invalid duration '1m30' for --wait: write 1m30s"},
    {{"-t", "5 seconds", TARGET}, "invalid duration '5 seconds' for -t: write 5s"},
    /* Near are names of which little is wrong, or of which the beginning was written. */
    {{"--foo", TARGET}, UNKNOWN "'--foo': " SEE_HELP},
    {{"--wiats", TARGET}, UNKNOWN "'--wiats': " SEE_HELP},
    {{"--tymeot", TARGET}, UNKNOWN "'--tymeot': the nearest is --timeout; " SEE_HELP},
    {{"--tymeet", TARGET}, UNKNOWN "'--tymeet': " SEE_HELP},
    {{"--Wait=5", TARGET}, UNKNOWN "'--Wait': the nearest is --wait; " SEE_HELP},
    {{"--HELP"}, UNKNOWN "'--HELP': the nearest is --help; " SEE_HELP},
    {{"--unord", TARGET}, UNKNOWN "'--unord': the nearest is --unordered; " SEE_HELP},
    {{"--inter", TARGET},
     UNKNOWN "'--inter': the nearest are --interface and --interval; " SEE_HELP},
    {{"--ex", TARGET},
     UNKNOWN "'--ex': the nearest are --exclude, --exclude-file and --expect; " SEE_HELP},
    {{"--port=80", "db"}, UNKNOWN "'--port': the nearest is --ports; " SEE_HELP},
    {{"--w", "5", TARGET}, UNKNOWN "'--w': write -w"},
    {{"--u", TARGET}, UNKNOWN "'--u': the nearest is --unordered; " SEE_HELP},
    {{"-Y", TARGET}, UNKNOWN "'-Y': " SEE_HELP},
    {{"-vY5", TARGET}, UNKNOWN "'-Y' in '-vY': " SEE_HELP},
    {{"-timeout", "5", TARGET}, UNKNOWN "'-timeout': write --timeout"},
    {{"-wait=5", TARGET}, UNKNOWN "'-wait': write --wait"},
    {{"-json", TARGET}, UNKNOWN "'-json': write --json"},
    {{"--ftp://me:s3cret@db", TARGET},
     UNKNOWN "'--ftp': write the service before the host, as in --ready redis://HOST:PORT"},
    {{"-Yme:s3cret@db", TARGET}, UNKNOWN "'-Y': " SEE_HELP},
    /* What other programs have; the rest of it is in test_foreign.c. */
    {{"-zvu", "db", "53"},
     UNKNOWN "'-u' in '-zvu': write udp://db:53; fping's -u is --only down"},
    {{"-2", "::1", "53", "--", "a", "80"}, UNKNOWN "'-2': write udp://[::1]:53"},
    {{"-sU", "db", "-p", "53"}, UNKNOWN "'-sU': write udp://HOST:PORT"},
    {{"-sn", "10.0.0.0/24"}, UNKNOWN "'-sn': write icmp://10.0.0.0/24"},
    {{"--ping"}, UNKNOWN "'--ping': write icmp://HOST"},
    {{"--tls", "db:443"}, UNKNOWN "'--tls': write tls://db:443"},
    {{"--udp", "u:s3cret@db", "53"}, UNKNOWN "'--udp': write udp://HOST:PORT"},
    {{"--udp", "a\x1b[m", "53"}, UNKNOWN "'--udp': write udp://HOST:PORT"},
    {{"-T4", "-p22", "db"},
     UNKNOWN "'-T': netcheck finds its pace: leave it out, or write --rate N or -P N"},
    {{"-iLhosts"}, UNKNOWN "'-iL': write -f FILE"},
    {{"-H", "db", "-p", "5432", "-w", "1", "-c", "2"}, LIMITS},
    {{"-w1", "-c2", "-Hdb", "-p5432"}, LIMITS},
    {{"-w", "100,20%", "-c", "500,60%", "-H", "db"}, LIMITS},
    {{"-p", "5432", "-c", "0.5", "-H", "db"}, LIMITS},
    {{"--hostname=db", "--warning=1"}, UNKNOWN "'--hostname'" LIMITS_BEHIND},
    {{"-H", "db", "--", "sh", "-c", "ls"}, UNKNOWN "'-H': write HOST without it"},
    {{"-t", "x", "--", "sh", "-H"}, "invalid duration 'x' for -t" FORM},
    /* As documents print it. */
    {{"\xe2\x80\x93w", "5", TARGET}, LONG_DASH "-w"},
    {{"\xe2\x80\x94timeout=5", TARGET}, LONG_DASH "--timeout"},
    {{"\xe2\x80\x93\xe2\x80\x93wait", "5", TARGET}, LONG_DASH "--wait"},
    {{"\xe2\x88\x92"
      "-wait",
      "5", TARGET},
     LONG_DASH "--wait"},
    {{TARGET, "\xe2\x80\x94", "true"}, LONG_DASH "-- before COMMAND"},
    {{"\xe2\x80\x93u", "db", "53"}, LONG_DASH "- or --"},
    {{"-sfe80::1", TARGET},
     "link-local address 'fe80::1' for -s: choose its interface with -I instead"},
    {{"--server-name=b\xc3\xbc"
      "cher.example",
      TARGET},
     "not ASCII 'b\xc3\xbc"
     "cher.example' for --server-name: write xn--bcher-kva.example"},
    {{"-i9223372036.854775808", TARGET},
     "duration out of range '9223372036.854775808' for -i" RANGE},
};

static void test_options_message_is_exactly_this(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
        struct parsed parsed;
        parse(&parsed, messages[i].args);
        claim_text(parsed.label, "message", buffer_text(&parsed.message), messages[i].message);
        parsed_release(&parsed);
    }
}

#define OR_MS(number) " " number " s: write " number "ms if milliseconds are meant\n"

/* What is said under -v of numbers without a unit. */
static const struct {
    const char *args[ARGS_MAX];
    const char *said;
} explanations[] = {
    {{"-t", "500", TARGET}, "* giving up after" OR_MS("500")},
    {{"-w100", TARGET}, "* giving up after" OR_MS("100")},
    {{"--timeout=250.5", TARGET}, "* giving up after" OR_MS("250.5")},
    {{"-i", "200", TARGET}, "* asking every" OR_MS("200")},
    {{"-m1000", TARGET}, "* ending the run after" OR_MS("1000")},
    {{"--wait", "300", TARGET}, "* waiting up to" OR_MS("300")},
    {{"-m900", "-t300", "-i200", "-c3", TARGET},
     "* giving up after" OR_MS("300") "* asking every" OR_MS(
         "200") "* ending the run after" OR_MS("900")},
    {{"-t99", "-i99.9", "-m99.999999999", TARGET}, ""},
    {{"-t500ms", "-i500s", "-m5m", TARGET}, ""},
    {{"--wait=1m40s", TARGET}, ""},
    {{"-t", "500", "-w", "5", TARGET}, ""},
    {{TARGET}, ""},
};

static void test_options_large_number_without_a_unit_is_explained(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(explanations); i++) {
        struct parsed parsed;
        struct buffer out = BUFFER_EMPTY;
        options_explain(&out, parse_valid(&parsed, explanations[i].args));
        claim_text(parsed.label, "said", buffer_text(&out), explanations[i].said);
        buffer_release(&out);
        parsed_release(&parsed);
    }
}

static void test_options_each_duration_has_words_for_it(void **state)
{
    for (size_t i = 0; i < DURATION_COUNT; i++) {
        struct options options = {.large = {NULL}};
        struct buffer out = BUFFER_EMPTY;
        options.large[i] = "500";
        options_explain(&out, &options);
        claim_contains("duration", buffer_text(&out), OR_MS("500"));
        claim_true("duration", buffer_text(&out), strstr(buffer_text(&out), "null") == NULL);
        buffer_release(&out);
    }
}

/* The least one is a millisecond. */
static void test_options_short_interval_is_refused(void **state)
{
    static const char *const intervals[] = {"-i0", "-i0ms", "-i0.9ms", "-i0.000999999"};
    for (size_t i = 0; i < ARRAY_LEN(intervals); i++) {
        struct parsed parsed;
        parse(&parsed, (const char *const[ARGS_MAX]){intervals[i], TARGET});
        claim_contains(intervals[i], buffer_text(&parsed.message), fault_text(FAULT_INTERVAL));
        claim_contains(intervals[i], buffer_text(&parsed.message),
                       fault_remedy(FAULT_INTERVAL));
        claim_contains(intervals[i], buffer_text(&parsed.message), " for -i");
        parsed_release(&parsed);
    }
}

static void test_options_long_unknown_name_is_refused(void **state)
{
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
    struct options options;
    struct buffer message = BUFFER_EMPTY;
    char help[] = "--help";
    char *argv[] = {NULL, help, NULL}; /* behind its end: not to be looked at */
    assert_false(options_parse(&options, 0, argv, &message));
    claim_contains("argc 0", buffer_text(&message), "no targets");
    options_release(&options);
    buffer_release(&message);
}

static void test_options_unknown_format_is_told_those_there_are(void **state)
{
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_unknown_format_is_told_those_there_are),
        cmocka_unit_test(test_options_numbers_may_be_written_in_many_ways),
        cmocka_unit_test(test_options_switch_turns_on_its_own_member),
        cmocka_unit_test(test_options_words_are_kept),
        cmocka_unit_test(test_options_completion_is_of_the_shell),
        cmocka_unit_test(test_options_that_go_together_are_valid),
        cmocka_unit_test(test_options_bad_line_is_refused_and_says_why),
        cmocka_unit_test(test_options_missing_argument_is_refused_by_its_name),
        cmocka_unit_test(test_options_unexpected_argument_is_refused),
        cmocka_unit_test(test_options_message_is_exactly_this),
        cmocka_unit_test(test_options_large_number_without_a_unit_is_explained),
        cmocka_unit_test(test_options_each_duration_has_words_for_it),
        cmocka_unit_test(test_options_short_interval_is_refused),
        cmocka_unit_test(test_options_long_unknown_name_is_refused),
        cmocka_unit_test(test_options_without_any_argument_vector_are_no_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
