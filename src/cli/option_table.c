#include "option_table.h"

#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/base/duration.h"
#include "netcheck/base/escape.h"
#include "netcheck/target/fault.h"
#include "netcheck/base/token_bucket.h"

/* "invalid X 'ARGUMENT' for -o: REMEDY" */
static bool refuse(const struct use *use, const char *what, const char *remedy)
{
    buffer_add_format(use->message, "%s ", what);
    escape_quoted(use->message, use->argument, strlen(use->argument));
    buffer_add_format(use->message, " for %s", use->name);
    if (remedy != NULL)
        buffer_add_format(use->message, ": %s", remedy);
    return false;
}

static bool refuse_fault(const struct use *use, enum fault_code code)
{
    return refuse(use, fault_text(code), fault_remedy(code));
}

/* A duration of least_ns and more; `small` says that a shorter one is refused. */
static bool parse_duration(const struct use *use, int64_t least_ns, enum fault_code small,
                           int64_t *duration_ns)
{
    int64_t parsed_ns = 0;
    enum error error = duration_parse(use->argument, &parsed_ns);
    if (error != ERROR_NONE)
        return refuse_fault(use, fault_of_duration(error));
    if (parsed_ns < least_ns)
        return refuse_fault(use, small);
    *duration_ns = parsed_ns;
    return true;
}

/* A duration that is not 0. */
static bool parse_limit(const struct use *use, int64_t *limit_ns)
{
    return parse_duration(use, 1, FAULT_DURATION_ZERO, limit_ns);
}

static bool apply_timeout(struct options *options, const struct use *use)
{
    return parse_limit(use, &options->timeout_ns);
}

static bool apply_max_time(struct options *options, const struct use *use)
{
    return parse_limit(use, &options->max_time_ns);
}

static bool apply_ipv4(struct options *options, const struct use *use)
{
    (void)use;
    options->families &= (unsigned)FAMILY_IPV4;
    return true;
}

static bool apply_ipv6(struct options *options, const struct use *use)
{
    (void)use;
    options->families &= (unsigned)FAMILY_IPV6;
    return true;
}

static bool apply_numeric(struct options *options, const struct use *use)
{
    (void)use;
    options->is_numeric = true;
    return true;
}

static bool apply_ports(struct options *options, const struct use *use)
{
    struct fault fault;
    size_t len = strlen(use->argument);
    enum error error = ports_parse(&options->ports, use->argument, len, &fault);
    if (error == ERROR_NONE)
        return true;
    if (error == ERROR_NO_MEMORY)
        return refuse(use, error_text(error), NULL);
    fault_describe(use->message, use->argument, len, &fault, NULL);
    buffer_add_format(use->message, " (%s)", use->name);
    return false;
}

static bool apply_file(struct options *options, const struct use *use)
{
    if (use->argument[0] == '\0')
        return refuse(use, "empty file name", "write a path, or - for standard input");
    options->files[options->file_count++] = use->argument;
    return true;
}

static bool apply_source(struct options *options, const struct use *use)
{
    struct address source;
    if (!address_parse(use->argument, strlen(use->argument), &source))
        return refuse(use, "invalid address", "write an IPv4 or IPv6 address of this machine");
    if (address_is_unspecified(&source))
        return refuse(use, "unspecified address", "leave the option out");
    if (!address_is_unicast(&source))
        return refuse(use, "not an address of one machine", NULL);
    if (address_is_link_local(&source))
        return refuse(use, "link-local address", "choose its interface with -I instead");
    options->source = source;
    return true;
}

static bool apply_interface(struct options *options, const struct use *use)
{
    if (use->argument[0] == '\0')
        return refuse(use, "empty interface name", NULL);
    options->interface = use->argument;
    return true;
}

static bool apply_all(struct options *options, const struct use *use)
{
    (void)use;
    options->is_all_addresses = true;
    return true;
}

/* Decimal digits up to `end`; false for none, and for more than 64 bits. */
static bool parse_digits(const char *text, const char **end, uint64_t *value)
{
    uint64_t parsed = 0;
    const char *p = text;
    for (; ascii_is_digit(*p); p++) {
        unsigned digit = (unsigned)(*p - '0');
        if (parsed > (UINT64_MAX - digit) / 10)
            return false;
        parsed = parsed * 10 + digit;
    }
    *end = p;
    *value = parsed;
    return p > text;
}

/* Decimal digits only, least..most. */
static bool parse_count(const struct use *use, size_t least, size_t most, size_t *count)
{
    const char *end = NULL;
    uint64_t value = 0;
    if (parse_digits(use->argument, &end, &value) && *end == '\0' && value >= least &&
        value <= most) {
        *count = (size_t)value;
        return true;
    }
    (void)refuse(use, fault_text(FAULT_NUMBER), NULL);
    buffer_add_format(use->message, ": allowed is %zu-%zu", least, most);
    return false;
}

static bool apply_retries(struct options *options, const struct use *use)
{
    size_t count = 0;
    if (!parse_count(use, 0, OPTIONS_RETRIES_MAX, &count))
        return false;
    options->retries = (unsigned)count;
    options->has_retries = true;
    return true;
}

static bool apply_parallel(struct options *options, const struct use *use)
{
    return parse_count(use, 1, OPTIONS_WINDOW_MAX, &options->window);
}

/* "500", "500/s" */
static bool apply_rate(struct options *options, const struct use *use)
{
    const char *end = NULL;
    uint64_t rate = 0;
    bool is_valid = parse_digits(use->argument, &end, &rate) && rate >= 1 && rate <= RATE_MAX &&
                    (*end == '\0' || strcmp(end, "/s") == 0);
    if (!is_valid)
        return refuse_fault(use, FAULT_RATE);
    options->rate = rate;
    return true;
}

static bool apply_shuffle(struct options *options, const struct use *use)
{
    const char *end = NULL;
    options->is_shuffled = true;
    if (use->argument == NULL)
        return true;
    if (!parse_digits(use->argument, &end, &options->seed) || *end != '\0')
        return refuse(use, "invalid seed", "write a number, up to 2^64 - 1");
    options->has_seed = true;
    return true;
}

static bool apply_shard(struct options *options, const struct use *use)
{
    const char *end = NULL;
    uint64_t number = 0;
    uint64_t count = 0;
    bool is_valid = parse_digits(use->argument, &end, &number) && *end == '/' &&
                    parse_digits(end + 1, &end, &count) && *end == '\0' && number >= 1 &&
                    number <= count;
    if (!is_valid)
        return refuse_fault(use, FAULT_SHARD);
    options->shard = number - 1;
    options->shards = count;
    return true;
}

static bool apply_list(struct options *options, const struct use *use)
{
    (void)use;
    options->is_list = true;
    return true;
}

static bool apply_wait(struct options *options, const struct use *use)
{
    options->is_wait = parse_duration(use, 0, FAULT_NONE, &options->wait_ns);
    return options->is_wait;
}

static bool apply_count(struct options *options, const struct use *use)
{
    size_t count = 0;
    if (!parse_count(use, 0, OPTIONS_ROUNDS_MAX, &count))
        return false;
    options->rounds = count;
    options->has_count = true;
    return true;
}

static bool apply_interval(struct options *options, const struct use *use)
{
    options->has_interval = parse_duration(use, OPTIONS_INTERVAL_MIN_MS * NS_PER_MS,
                                           FAULT_INTERVAL, &options->interval_ns);
    return options->has_interval;
}

static bool apply_on_change(struct options *options, const struct use *use)
{
    (void)use;
    options->is_on_change = true;
    return true;
}

static bool apply_histogram(struct options *options, const struct use *use)
{
    (void)use;
    options->has_histogram = true;
    return true;
}

static bool apply_live(struct options *options, const struct use *use)
{
    (void)use;
    options->is_live = true;
    return true;
}

static bool apply_dated(struct options *options, const struct use *use)
{
    (void)use;
    options->is_dated = true;
    return true;
}

static bool apply_expect(struct options *options, const struct use *use)
{
    bool is_down = strcmp(use->argument, "down") == 0;
    if (!is_down && strcmp(use->argument, "up") != 0)
        return refuse(use, "invalid state", "allowed is up or down");
    options->expects_down = is_down;
    return true;
}

static bool apply_any(struct options *options, const struct use *use)
{
    (void)use;
    options->is_any = true;
    return true;
}

static unsigned find_shown(const char *word, size_t len)
{
    static const struct {
        const char *word;
        unsigned shown;
    } words[] = {{"up", SHOW_UP},
                 {"down", SHOW_DOWN},
                 {"error", SHOW_ERROR},
                 {"unexpected", SHOW_UNEXPECTED}};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strlen(words[i].word) == len && memcmp(words[i].word, word, len) == 0)
            return words[i].shown;
    return 0;
}

static bool apply_only(struct options *options, const struct use *use)
{
    unsigned shown = 0;
    for (const char *word = use->argument;; word++) {
        size_t len = strcspn(word, ",");
        unsigned found = find_shown(word, len);
        if (found == 0)
            return refuse(use, "invalid list", "allowed is up, down, error and unexpected");
        shown |= found;
        word += len;
        if (*word == '\0')
            break;
    }
    options->shown = shown;
    return true;
}

static bool apply_quiet(struct options *options, const struct use *use)
{
    (void)use;
    options->is_quiet = true;
    return true;
}

static bool apply_verbose(struct options *options, const struct use *use)
{
    (void)use;
    options->is_verbose = true;
    return true;
}

static bool apply_json(struct options *options, const struct use *use)
{
    (void)use;
    options->format = report_find("json");
    return true;
}

static bool apply_format(struct options *options, const struct use *use)
{
    const struct report_format *format = report_find(use->argument);
    if (format != NULL) {
        options->format = format;
        return true;
    }
    (void)refuse(use, "unknown format", "allowed is");
    for (size_t i = 0; report_at(i) != NULL; i++)
        buffer_add_format(use->message, "%s %s", i > 0 ? "," : "", report_at(i)->name);
    return false;
}

static bool apply_unordered(struct options *options, const struct use *use)
{
    (void)use;
    options->is_unordered = true;
    return true;
}

static bool parse_when(const struct use *use, enum options_when *when)
{
    static const char *const words[] = {
        [WHEN_AUTO] = "auto", [WHEN_ALWAYS] = "always", [WHEN_NEVER] = "never"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(use->argument, words[i]) == 0) {
            *when = (enum options_when)i;
            return true;
        }
    }
    return refuse(use, "invalid word", "allowed is auto, always or never");
}

static bool apply_colour(struct options *options, const struct use *use)
{
    return parse_when(use, &options->colour);
}

static bool apply_progress(struct options *options, const struct use *use)
{
    return parse_when(use, &options->progress);
}

/* nc -z: what this program does anyway. */
static bool apply_nothing(struct options *options, const struct use *use)
{
    (void)options;
    (void)use;
    return true;
}

static bool apply_help(struct options *options, const struct use *use)
{
    (void)use;
    options->wants_help = true;
    return true;
}

static bool apply_version(struct options *options, const struct use *use)
{
    (void)use;
    options->wants_version = true;
    return true;
}

const struct option option_table[] = {
    {'t', "timeout", "DUR", "give up after DUR: 5, 0.5, 200ms (default 5 s)", apply_timeout},
    {'w', NULL, "DUR", NULL, apply_timeout}, /* nc */
    {'m', "max-time", "DUR", "end the run after DUR; the rest is error rows", apply_max_time},
    {'r', "retries", "N", "ask N more times after a timeout (default 0)", apply_retries},
    {'p', "ports", "PORTS", "ports of every target: 22,80,8000-8010,https", apply_ports},
    {'f', "file", "FILE", "read targets, one a line; - is standard input", apply_file},
    {'4', NULL, NULL, "IPv4 only, IPv6 only", apply_ipv4},
    {'6', NULL, NULL, NULL, apply_ipv6},
    {'n', "numeric", NULL, "addresses only, resolve no names", apply_numeric},
    {'s', "source", "ADDR", "ask from this address", apply_source},
    {'I', "interface", "NAME", "ask through this interface", apply_interface},
    {'A', "all-addresses", NULL, "one row for each address of a name", apply_all},
    {'P', "parallel", "N", "targets in flight at a time (default 1024)", apply_parallel},
    {0, "rate", "N[/s]", "at most N probes a second", apply_rate},
    {0, "shuffle", "[=SEED]", "in random order; with SEED the same each time", apply_shuffle},
    {0, "shard", "K/N", "only the K-th of N equal parts of the targets", apply_shard},
    {0, "list", NULL, "print the targets, ask nothing", apply_list},
    {0, "wait", "DUR", "until all is as expected, at most DUR; 0: no end", apply_wait},
    {'c', "count", "N", "ask N times; 0: until interrupted", apply_count},
    {'i', "interval", "DUR", "from one asking to the next (-c: default 1 s)", apply_interval},
    {0, "on-change", NULL, "with -c: only rows whose state is a new one", apply_on_change},
    {'D', "timestamp", NULL, "the time before each row", apply_dated},
    {0, "histogram", NULL, "with -c: how the connect times are distributed", apply_histogram},
    {0, "live", NULL, "full-screen view of the targets, until q", apply_live},
    {0, "expect", "up|down", "the state that counts as success (default up)", apply_expect},
    {0, "any", NULL, "succeed if one target is as expected", apply_any},
    {0, "only", "WHICH", "rows to show: up,down,error,unexpected", apply_only},
    {'q', "quiet", NULL, "no rows, only the exit status; -c: and a summary", apply_quiet},
    {'v', "verbose", NULL, "say on standard error what is tried", apply_verbose},
    {'j', "json", NULL, "one JSON object a row; NAME is text or json", apply_json},
    {0, "format", "NAME", NULL, apply_format},
    {0, "unordered", NULL, "rows as they finish, not in input order", apply_unordered},
    {0, "color", "WHEN", "auto, always or never (default auto)", apply_colour},
    {0, "progress", "WHEN", NULL, apply_progress},
    {'z', NULL, NULL, "ignored, as in nc -z", apply_nothing},
    {'h', "help", NULL, "show this help, show the version", apply_help},
    {'V', "version", NULL, NULL, apply_version},
};

const size_t option_table_len = ARRAY_LEN(option_table);
