#include "option_table.h"

#include <string.h>

#include "netcheck/base/base.h"
#include "apply.h"
#include "completion.h"
#include "option_label.h"
#include "option_output.h"
#include "option_text.h"

static const struct argument duration = {ARGUMENT_TEXT, "DUR", false, NULL};
static const struct argument number = {ARGUMENT_TEXT, "N", false, NULL};
static const struct argument rate = {ARGUMENT_TEXT, "N[/s]", false, NULL};
static const struct argument shard = {ARGUMENT_TEXT, "K/N", false, NULL};
static const struct argument seed = {ARGUMENT_TEXT, "SEED", true, NULL};
static const struct argument address = {ARGUMENT_TEXT, "ADDR", false, NULL};
static const struct argument ports = {ARGUMENT_PORTS, "PORTS", false, NULL};
static const struct argument target = {ARGUMENT_HOST, "TARGET", false, NULL};
static const struct argument targets = {ARGUMENT_TEXT, "TARGETS", false, NULL};
static const struct argument file = {ARGUMENT_FILE, "FILE", false, NULL};
static const struct argument interface = {ARGUMENT_INTERFACE, "NAME", false, NULL};
static const struct argument host_name = {ARGUMENT_TEXT, "NAME", false, NULL};
static const struct argument label = {ARGUMENT_TEXT, "KEY=VALUE", false, NULL};
static const struct argument text = {ARGUMENT_TEXT, "TEXT", false, NULL};
static const struct argument text_or_expression = {ARGUMENT_TEXT, "TEXT|/ERE/", false, NULL};
static const struct argument state = {ARGUMENT_WORD, NULL, false, apply_state_word};
static const struct argument which = {ARGUMENT_LIST, "WHICH", false, option_output_shown_word};
static const struct argument format = {ARGUMENT_WORD, "NAME", false, option_output_format_word};
static const struct argument when = {ARGUMENT_WORD, "WHEN", false, apply_when_word};
static const struct argument shell = {ARGUMENT_WORD, "SHELL", false, completion_shell};

const struct option option_table[] = {
    {'p', "ports", &ports, GROUP_TARGETS, OPTION_ADDS_UP,
     "ports of every target: 22,80,8000-8010,https", apply_ports},
    {'f', "file", &file, GROUP_TARGETS, OPTION_IS_COMMON | OPTION_ADDS_UP,
     "read targets, one a line; - is standard input", apply_file},
    {0, "exclude", &targets, GROUP_TARGETS, OPTION_ADDS_UP,
     "never ask these: 10.0.0.0/28,web,db:22", apply_exclude},
    {0, "exclude-file", &file, GROUP_TARGETS, OPTION_ADDS_UP,
     "never ask what FILE has, one a line", apply_exclude_file},
    {'n', "numeric", NULL, GROUP_TARGETS, 0, "addresses only, resolve no names", apply_numeric},
    {'4', NULL, NULL, GROUP_TARGETS, 0, "IPv4 only", apply_ipv4},
    {'6', NULL, NULL, GROUP_TARGETS, 0, "IPv6 only", apply_ipv6},
    {'A', "all-addresses", NULL, GROUP_TARGETS, 0, "one row for each address of a name",
     apply_all},
    {0, "shuffle", &seed, GROUP_TARGETS, 0, "in random order; with SEED the same each time",
     apply_shuffle},
    {0, "shard", &shard, GROUP_TARGETS, 0, "only the K-th of N equal parts of the targets",
     apply_shard},
    {0, "list", NULL, GROUP_TARGETS, 0, "print the targets, ask nothing", apply_list},

    {'t', "timeout", &duration, GROUP_ASKING, OPTION_IS_COMMON,
     "give up after DUR: 5, 0.5, 200ms (default 5 s)", apply_timeout},
    {'w', NULL, &duration, GROUP_ASKING, 0, "the same as -t, as in nc", apply_timeout},
    {'m', "max-time", &duration, GROUP_ASKING, 0,
     "end the run after DUR; the rest is error rows", apply_max_time},
    {'r', "retries", &number, GROUP_ASKING, 0, "ask N more times after a timeout (default 0)",
     apply_retries},
    {'s', "source", &address, GROUP_ASKING, 0, "ask from this address", apply_source},
    {'I', "interface", &interface, GROUP_ASKING, 0, "ask through this interface",
     apply_interface},
    {0, "size", &number, GROUP_ASKING, 0, "icmp://: echoes of N bytes, never fragmented",
     apply_size},
    {0, "server-name", &host_name, GROUP_ASKING, 0,
     "ask tls:// and --ready for NAME, not for the host", apply_server_name},
    {0, "send", &text, GROUP_ASKING, 0, "send TEXT, with \\r \\n \\xHH: any answer is up",
     option_text_apply_send},
    {0, "match", &text_or_expression, GROUP_ASKING, 0, "up only if this is in what comes",
     option_text_apply_match},
    {0, "hold", &duration, GROUP_ASKING, 0, "up only if it does not close for DUR", apply_hold},
    {0, "ready", NULL, GROUP_ASKING, 0, "up only if the service itself says that it serves",
     apply_ready},
    {'z', NULL, NULL, GROUP_ASKING, 0, "ignored, as in nc -z", apply_nothing},

    {'P', "parallel", &number, GROUP_PACE, 0, "targets in flight at a time (default 1024)",
     apply_parallel},
    {0, "rate", &rate, GROUP_PACE, 0, "at most N probes a second", apply_rate},

    {0, "wait", &duration, GROUP_ROUNDS, OPTION_IS_COMMON,
     "until all is as expected, at most DUR; 0: no end", apply_wait},
    {0, "confirm", &number, GROUP_ROUNDS, 0,
     "--wait: as expected, --state: changed, N times in a row", apply_confirm},
    {'c', "count", &number, GROUP_ROUNDS, OPTION_IS_COMMON, "ask N times; 0: until interrupted",
     apply_count},
    {'i', "interval", &duration, GROUP_ROUNDS, 0,
     "from one asking to the next (-c: default 1 s)", apply_interval},
    {0, "on-change", NULL, GROUP_ROUNDS, 0, "with -c or --state: only rows of a new state",
     apply_on_change},
    {0, "state", &file, GROUP_ROUNDS, 0, "remember in FILE what was, from run to run",
     apply_state},
    {0, "remind", &duration, GROUP_ROUNDS, 0,
     "with --state: tell again after DUR what is not well", apply_remind},
    {0, "histogram", NULL, GROUP_ROUNDS, 0, "with -c: how the times are distributed",
     apply_histogram},
    {0, "live", NULL, GROUP_ROUNDS, OPTION_IS_COMMON,
     "full-screen view of the targets, until q", apply_live},

    {0, "expect", &state, GROUP_SUCCESS, 0, "the state that counts as success (default up)",
     apply_expect},
    {0, "any", NULL, GROUP_SUCCESS, 0, "succeed if one target is as expected", apply_any},
    {0, "gate", &target, GROUP_SUCCESS, 0, "ask it first, and the others only if it is up",
     apply_gate},
    {0, "warn", &duration, GROUP_SUCCESS, 0, "--format nagios: WARNING if it takes longer",
     apply_warn},
    {0, "crit", &duration, GROUP_SUCCESS, 0, "--format nagios: CRITICAL if it takes longer",
     apply_crit},

    {0, "only", &which, GROUP_OUTPUT, OPTION_IS_COMMON, "rows to show",
     option_output_apply_only},
    {'q', "quiet", NULL, GROUP_OUTPUT, OPTION_IS_COMMON,
     "no rows, only the exit status; -c: and a summary", apply_quiet},
    {'v', "verbose", NULL, GROUP_OUTPUT, OPTION_IS_COMMON,
     "say on standard error what is tried", apply_verbose},
    {'j', "json", NULL, GROUP_OUTPUT, OPTION_IS_COMMON, "one JSON object a row",
     option_output_apply_json},
    {0, "format", &format, GROUP_OUTPUT, 0, "how rows are written (default text)",
     option_output_apply_format},
    {'o', "output", &file, GROUP_OUTPUT, OPTION_ADDS_UP,
     "write the format before it to FILE, whole or not", option_output_apply},
    {0, "label", &label, GROUP_OUTPUT, OPTION_ADDS_UP,
     "add it to each row in a format for programs", option_label_apply},
    {0, "unordered", NULL, GROUP_OUTPUT, 0, "rows as they finish, not in input order",
     apply_unordered},
    {'D', "timestamp", NULL, GROUP_OUTPUT, 0, "the time before each row", apply_dated},
    {0, "color", &when, GROUP_OUTPUT, 0, "colour rows (default auto)", apply_colour},
    {0, "progress", &when, GROUP_OUTPUT, 0, "tell how far it is (default auto)",
     apply_progress},

    {'h', NULL, NULL, GROUP_ABOUT, 0, "what most people need, on one screen", apply_short_help},
    {0, "help", NULL, GROUP_ABOUT, 0, "all options", apply_help},
    {'V', "version", NULL, GROUP_ABOUT, 0, "the version and what is built in", apply_version},
    {0, "completion", &shell, GROUP_ABOUT, 0, "print the completion for SHELL",
     apply_completion},
};

const size_t option_table_len = ARRAY_LEN(option_table);

const struct option *option_with_letter(char letter)
{
    for (size_t i = 0; i < option_table_len; i++)
        if (option_table[i].letter == letter)
            return &option_table[i];
    return NULL;
}

const struct option *option_with_name(const char *name, size_t len)
{
    for (size_t i = 0; i < option_table_len; i++)
        if (option_table[i].name != NULL && strlen(option_table[i].name) == len &&
            memcmp(option_table[i].name, name, len) == 0)
            return &option_table[i];
    return NULL;
}
