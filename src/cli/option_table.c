#include "option_table.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/base/duration.h"
#include "netcheck/target/secret.h"
#include "netcheck/target/fault.h"
#include "netcheck/target/target.h"
#include "netcheck/base/token_bucket.h"
#include "completion.h"
#include "help.h"
#include "option_label.h"
#include "option_text.h"

/* "invalid X 'ARGUMENT' for -o: REMEDY" */
static bool refuse(const struct use *use, const char *what, const char *remedy)
{
    buffer_add_format(use->message, "%s ", what);
    secret_quoted(use->message, use->argument, strlen(use->argument));
    buffer_add_format(use->message, " for %s", use->name);
    if (remedy != NULL)
        buffer_add_format(use->message, ": %s", remedy);
    return false;
}

static bool refuse_fault(const struct use *use, enum fault_code code)
{
    (void)refuse(use, fault_text(code), NULL);
    const struct slice whole = {use->argument, 0, strlen(use->argument)};
    fault_add_remedy(use->message, code, &whole, &whole);
    return false;
}

/* A number without a unit, so large that milliseconds may be meant. */
static bool is_large(const char *text, int64_t duration_ns)
{
    char last = text[strlen(text) - 1];
    return duration_ns >= OPTIONS_LARGE_S * NS_PER_S && (ascii_is_digit(last) || last == '.');
}

/* A duration of least_ns and more; `small` says that a shorter one is refused. */
static bool parse_duration(const struct use *use, int64_t least_ns, enum fault_code small,
                           const char **large, int64_t *duration_ns)
{
    int64_t parsed_ns = 0;
    enum error error = duration_parse(use->argument, &parsed_ns);
    if (error != ERROR_NONE)
        return refuse_fault(use, fault_of_duration(error));
    if (parsed_ns < least_ns)
        return refuse_fault(use, small);
    *large = is_large(use->argument, parsed_ns) ? use->argument : NULL;
    *duration_ns = parsed_ns;
    return true;
}

static bool apply_timeout(struct options *options, const struct use *use)
{
    options->is_timeout_of_nc |= strcmp(use->name, "-w") == 0;
    return parse_duration(use, 1, FAULT_DURATION_ZERO, &options->large[DURATION_TIMEOUT],
                          &options->probe.timeout_ns);
}

static bool apply_max_time(struct options *options, const struct use *use)
{
    return parse_duration(use, 1, FAULT_DURATION_ZERO, &options->large[DURATION_MAX_TIME],
                          &options->max_time_ns);
}

static bool apply_ipv4(struct options *options, const struct use *use)
{
    (void)use;
    options->probe.families &= (unsigned)FAMILY_IPV4;
    return true;
}

static bool apply_ipv6(struct options *options, const struct use *use)
{
    (void)use;
    options->probe.families &= (unsigned)FAMILY_IPV6;
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

static bool apply_exclude(struct options *options, const struct use *use)
{
    options->excludes[options->exclude_count++] = use->argument;
    return true;
}

static bool apply_exclude_file(struct options *options, const struct use *use)
{
    if (use->argument[0] == '\0')
        return refuse(use, "empty file name", "write a path, or - for standard input");
    options->exclude_files[options->exclude_file_count++] = use->argument;
    return true;
}

static bool apply_source(struct options *options, const struct use *use)
{
    struct address source;
    if (!address_parse(use->argument, strlen(use->argument), &source))
        return refuse(use, "invalid address",
                      "write an IPv4 or IPv6 address of this machine; a text to send is "
                      "--send TEXT");
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

/* The faults of a host that a server name can have, too; others speak of ports and targets. */
static bool is_fault_of_name(enum fault_code code)
{
    return code == FAULT_HOST_BYTE || code == FAULT_HOST_UNICODE || code == FAULT_HOST_LENGTH ||
           code == FAULT_LABEL_LENGTH || code == FAULT_LABEL_EMPTY;
}

/* A host name, and nothing beside it. */
static bool apply_server_name(struct options *options, const struct use *use)
{
    static const char remedy[] = "write a host name alone, as in www.example.com";
    struct target *target = NULL;
    struct fault fault;
    size_t len = strlen(use->argument);
    enum error error = target_parse(use->argument, len, &target, &fault);
    if (error == ERROR_NO_MEMORY)
        return refuse(use, error_text(error), NULL);
    if (error != ERROR_NONE)
        return is_fault_of_name(fault.code) ? refuse_fault(use, fault.code)
                                            : refuse(use, "invalid server name", remedy);
    bool is_name = target->kind == TARGET_NAME;
    bool is_alone = target->host_len == len;
    target_drop(target);
    if (!is_alone)
        return refuse(use, "invalid server name", remedy);
    if (!is_name)
        return refuse(use, "address in place of a server name",
                      "write a name, or leave the option out");
    options->probe.ask.server_name = use->argument;
    return true;
}

static bool apply_hold(struct options *options, const struct use *use)
{
    return parse_duration(use, 0, FAULT_NONE, &options->large[DURATION_HOLD],
                          &options->probe.ask.hold_ns);
}

static bool apply_ready(struct options *options, const struct use *use)
{
    (void)use;
    options->probe.ask.is_ready = true;
    return true;
}

static bool apply_all(struct options *options, const struct use *use)
{
    (void)use;
    options->probe.is_all_addresses = true;
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
    options->probe.retries = (unsigned)count;
    options->has_retries = true;
    return true;
}

static bool apply_parallel(struct options *options, const struct use *use)
{
    return parse_count(use, 1, OPTIONS_WINDOW_MAX, &options->window);
}

/* "500", "500/s" */
static bool apply_size(struct options *options, const struct use *use)
{
    return parse_count(use, OPTIONS_SIZE_LEAST, OPTIONS_SIZE_MAX,
                       &options->probe.ask.echo_size);
}

static bool apply_rate(struct options *options, const struct use *use)
{
    const char *end = NULL;
    uint64_t rate = 0;
    bool is_valid = parse_digits(use->argument, &end, &rate) && rate >= 1 && rate <= RATE_MAX &&
                    (*end == '\0' || strcmp(end, "/s") == 0);
    if (!is_valid)
        return refuse_fault(use, FAULT_RATE);
    options->probe.rate = rate;
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
    options->is_wait =
        parse_duration(use, 0, FAULT_NONE, &options->large[DURATION_WAIT], &options->wait_ns);
    return options->is_wait;
}

static bool apply_confirm(struct options *options, const struct use *use)
{
    return parse_count(use, 1, OPTIONS_CONFIRM_MAX, &options->confirmations);
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
    options->has_interval =
        parse_duration(use, OPTIONS_INTERVAL_MIN_MS * NS_PER_MS, FAULT_INTERVAL,
                       &options->large[DURATION_INTERVAL], &options->interval_ns);
    return options->has_interval;
}

static bool apply_on_change(struct options *options, const struct use *use)
{
    (void)use;
    options->is_on_change = true;
    return true;
}

static bool apply_state(struct options *options, const struct use *use)
{
    if (use->argument[0] == '\0' || strcmp(use->argument, "-") == 0)
        return refuse(use, "invalid file", "write a path, as in /var/lib/netcheck/web");
    options->state_path = use->argument;
    return true;
}

static bool apply_remind(struct options *options, const struct use *use)
{
    return parse_duration(use, 1, FAULT_DURATION_ZERO, &options->large[DURATION_REMIND],
                          &options->remind_ns);
}

static bool apply_histogram(struct options *options, const struct use *use)
{
    (void)use;
    options->report.has_histogram = true;
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
    options->report.is_dated = true;
    return true;
}

/* The index of `len` bytes at `text` among the words; false where they are none of them. */
static bool find_word(option_word *word, const char *text, size_t len, size_t *index)
{
    for (size_t i = 0; word(i) != NULL; i++) {
        if (strlen(word(i)) != len || memcmp(word(i), text, len) != 0)
            continue;
        *index = i;
        return true;
    }
    return false;
}

/* "invalid X 'ARGUMENT' for -o: allowed is A, B or C" */
static bool refuse_word(const struct use *use, const char *what, option_word *word)
{
    (void)refuse(use, what, "allowed is");
    for (size_t i = 0; word(i) != NULL; i++) {
        const char *separator = i == 0 ? " " : word(i + 1) != NULL ? ", " : " or ";
        buffer_add_format(use->message, "%s%s", separator, word(i));
    }
    return false;
}

static const char *state_word(size_t index)
{
    static const char *const words[] = {"up", "down"};
    return index < ARRAY_LEN(words) ? words[index] : NULL;
}

static bool apply_expect(struct options *options, const struct use *use)
{
    size_t index = 0;
    if (!find_word(state_word, use->argument, strlen(use->argument), &index)) {
        (void)refuse_word(use, "invalid state", state_word);
        buffer_add_text(use->message, "; for what a service says write --match");
        return false;
    }
    options->report.expects_down = index == 1;
    return true;
}

static bool apply_any(struct options *options, const struct use *use)
{
    (void)use;
    options->is_any = true;
    return true;
}

static bool apply_gate(struct options *options, const struct use *use)
{
    if (options->gate != NULL)
        return refuse(use, "second target", "one target is asked before the others");
    options->gate = use->argument;
    return true;
}

static const struct {
    const char *word;
    unsigned shown;
} shown_rows[] = {
    {"up", SHOW_UP},
    {"down", SHOW_DOWN},
    {"error", SHOW_ERROR},
    {"unexpected", SHOW_UNEXPECTED},
};

static const char *shown_word(size_t index)
{
    return index < ARRAY_LEN(shown_rows) ? shown_rows[index].word : NULL;
}

static bool apply_only(struct options *options, const struct use *use)
{
    unsigned shown = 0;
    for (const char *word = use->argument;; word++) {
        size_t len = strcspn(word, ",");
        size_t index = 0;
        if (!find_word(shown_word, word, len, &index))
            return refuse(use, "invalid list", "allowed is up, down, error and unexpected");
        shown |= shown_rows[index].shown;
        word += len;
        if (*word == '\0')
            break;
    }
    options->shown = shown;
    return true;
}

/* One time, and no range of the Monitoring Plugins. */
static bool parse_limit(struct options *options, const struct use *use,
                        enum options_duration which, int64_t *limit_ns)
{
    if (strpbrk(use->argument, ":@~,%") == NULL)
        return parse_duration(use, 1, FAULT_DURATION_ZERO, &options->large[which], limit_ns);
    (void)refuse(use, "invalid limit", "write the longest time that is well, no range and no ");
    buffer_add_format(use->message, "loss: %s 0.5 or %s 500ms", use->name, use->name);
    return false;
}

static bool apply_warn(struct options *options, const struct use *use)
{
    return parse_limit(options, use, DURATION_WARN, &options->report.limits.warn_ns);
}

static bool apply_crit(struct options *options, const struct use *use)
{
    return parse_limit(options, use, DURATION_CRIT, &options->report.limits.crit_ns);
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

/* The last one counts. */
static bool set_format(struct options *options, const struct report_format *format)
{
    options->has_two_formats |= options->has_format && options->format != format;
    options->format = format;
    options->has_format = true;
    return true;
}

static bool apply_json(struct options *options, const struct use *use)
{
    (void)use;
    return set_format(options, &report_json);
}

static const char *format_word(size_t index)
{
    const struct report_format *format = report_at(index);
    return format != NULL ? format->name : NULL;
}

static bool apply_format(struct options *options, const struct use *use)
{
    const struct report_format *format = report_find(use->argument);
    if (format != NULL)
        return set_format(options, format);
    (void)refuse(use, "unknown format", "allowed is ");
    help_add_words(use->message, format_word, ", ");
    return false;
}

/* The format that the end of a file's name promises; NULL: none. */
static const struct report_format *format_of_name(const char *path)
{
    static const struct {
        const char *end;
        const char *format;
    } names[] = {
        {".json", "json"},       {".jsonl", "json"}, {".ndjson", "json"}, {".csv", "csv"},
        {".prom", "prometheus"}, {".html", "html"},  {".htm", "html"},    {".xml", "junit"},
    };
    size_t len = strlen(path);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t end_len = strlen(names[i].end);
        if (len > end_len && strcasecmp(path + len - end_len, names[i].end) == 0)
            return report_find(names[i].format);
    }
    return NULL;
}

/* Text in page.html is a mistake, unless it is asked for. */
static bool refuse_format(const struct use *use, const struct report_format *promised)
{
    char remedy[64];
    (void)snprintf(remedy, sizeof remedy, "write --format %s before it, or --format text",
                   promised->name);
    return refuse(use, "no format for the file", remedy);
}

/* The format and the rows that stand before it are its own; standard output begins anew, and
   is a file, too, as "-". */
static bool apply_output(struct options *options, const struct use *use)
{
    bool is_standard = strcmp(use->argument, "-") == 0;
    const struct report_format *promised = format_of_name(use->argument);
    if (use->argument[0] == '\0')
        return refuse(use, "empty file name", "write a path");
    if (options->has_two_formats)
        return refuse(use, "two formats before the file",
                      "write the one of standard output behind the last -o");
    if (!options->has_format && promised != NULL)
        return refuse_format(use, promised);
    if (is_standard && options->standard.path != NULL)
        return refuse(use, "standard output twice", "leave one -o - out");
    struct options_output *output =
        is_standard ? &options->standard : &options->outputs[options->output_count++];
    *output = (struct options_output){
        .path = use->argument,
        .format = options->format,
        .has_format = options->has_format,
        .shown = options->shown,
    };
    options->format = &report_text;
    options->has_format = false;
    options->shown = 0;
    return true;
}

static bool apply_unordered(struct options *options, const struct use *use)
{
    (void)use;
    options->is_unordered = true;
    return true;
}

static const char *when_word(size_t index)
{
    static const char *const words[] = {
        [WHEN_AUTO] = "auto", [WHEN_ALWAYS] = "always", [WHEN_NEVER] = "never"};
    return index < ARRAY_LEN(words) ? words[index] : NULL;
}

static bool parse_when(const struct use *use, enum options_when *when)
{
    size_t index = 0;
    if (!find_word(when_word, use->argument, strlen(use->argument), &index))
        return refuse_word(use, "invalid word", when_word);
    *when = (enum options_when)index;
    return true;
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

/* Where several texts are asked for, the greatest of the enum counts. */
static bool ask_for_text(struct options *options, enum options_text text)
{
    if (text > options->text)
        options->text = text;
    return true;
}

static bool apply_short_help(struct options *options, const struct use *use)
{
    (void)use;
    return ask_for_text(options, TEXT_SHORT_HELP);
}

static bool apply_help(struct options *options, const struct use *use)
{
    (void)use;
    return ask_for_text(options, TEXT_HELP);
}

static bool apply_version(struct options *options, const struct use *use)
{
    (void)use;
    return ask_for_text(options, TEXT_VERSION);
}

static bool apply_completion(struct options *options, const struct use *use)
{
    size_t index = 0;
    if (!find_word(completion_shell, use->argument, strlen(use->argument), &index))
        return refuse_word(use, "unknown shell", completion_shell);
    options->shell = index;
    return ask_for_text(options, TEXT_COMPLETION);
}

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
static const struct argument state = {ARGUMENT_WORD, NULL, false, state_word};
static const struct argument which = {ARGUMENT_LIST, "WHICH", false, shown_word};
static const struct argument format = {ARGUMENT_WORD, "NAME", false, format_word};
static const struct argument when = {ARGUMENT_WORD, "WHEN", false, when_word};
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

    {0, "only", &which, GROUP_OUTPUT, OPTION_IS_COMMON, "rows to show", apply_only},
    {'q', "quiet", NULL, GROUP_OUTPUT, OPTION_IS_COMMON,
     "no rows, only the exit status; -c: and a summary", apply_quiet},
    {'v', "verbose", NULL, GROUP_OUTPUT, OPTION_IS_COMMON,
     "say on standard error what is tried", apply_verbose},
    {'j', "json", NULL, GROUP_OUTPUT, OPTION_IS_COMMON, "one JSON object a row", apply_json},
    {0, "format", &format, GROUP_OUTPUT, 0, "how rows are written (default text)",
     apply_format},
    {'o', "output", &file, GROUP_OUTPUT, OPTION_ADDS_UP,
     "write the format before it to FILE, whole or not", apply_output},
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
