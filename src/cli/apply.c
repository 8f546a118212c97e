#include "apply.h"

#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/token_bucket.h"
#include "netcheck/target/target.h"
#include "argument.h"
#include "completion.h"

bool apply_timeout(struct options *options, const struct use *use)
{
    options->is_timeout_of_nc |= strcmp(use->name, "-w") == 0;
    return argument_duration(use, 1, FAULT_DURATION_ZERO, &options->large[DURATION_TIMEOUT],
                             &options->probe.timeout_ns);
}

bool apply_max_time(struct options *options, const struct use *use)
{
    return argument_duration(use, 1, FAULT_DURATION_ZERO, &options->large[DURATION_MAX_TIME],
                             &options->max_time_ns);
}

bool apply_ipv4(struct options *options, const struct use *use)
{
    (void)use;
    options->probe.families &= (unsigned)FAMILY_IPV4;
    return true;
}

bool apply_ipv6(struct options *options, const struct use *use)
{
    (void)use;
    options->probe.families &= (unsigned)FAMILY_IPV6;
    return true;
}

bool apply_numeric(struct options *options, const struct use *use)
{
    (void)use;
    options->is_numeric = true;
    return true;
}

bool apply_ports(struct options *options, const struct use *use)
{
    struct fault fault;
    size_t len = strlen(use->argument);
    enum error error = ports_parse(&options->ports, use->argument, len, &fault);
    if (error == ERROR_NONE)
        return true;
    if (error == ERROR_NO_MEMORY)
        return argument_refuse(use, error_text(error), NULL);
    fault_describe(use->message, use->argument, len, &fault, NULL);
    buffer_add_format(use->message, " (%s)", use->name);
    return false;
}

static bool add_path(const struct use *use, const char *paths[], size_t *count)
{
    if (use->argument[0] == '\0')
        return argument_refuse(use, "empty file name", "write a path, or - for standard input");
    paths[(*count)++] = use->argument;
    return true;
}

bool apply_file(struct options *options, const struct use *use)
{
    return add_path(use, options->files, &options->file_count);
}

bool apply_exclude(struct options *options, const struct use *use)
{
    options->excludes[options->exclude_count++] = use->argument;
    return true;
}

bool apply_exclude_file(struct options *options, const struct use *use)
{
    return add_path(use, options->exclude_files, &options->exclude_file_count);
}

bool apply_source(struct options *options, const struct use *use)
{
    struct address source;
    if (!address_parse(use->argument, strlen(use->argument), &source))
        return argument_refuse(
            use, "invalid address",
            "write an IPv4 or IPv6 address of this machine; a text to send is "
            "--send TEXT");
    if (address_is_unspecified(&source))
        return argument_refuse(use, "unspecified address", "leave the option out");
    if (!address_is_unicast(&source))
        return argument_refuse(use, "not an address of one machine", NULL);
    if (address_is_link_local(&source))
        return argument_refuse(use, "link-local address",
                               "choose its interface with -I instead");
    options->source = source;
    return true;
}

bool apply_interface(struct options *options, const struct use *use)
{
    if (use->argument[0] == '\0')
        return argument_refuse(use, "empty interface name", NULL);
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
bool apply_server_name(struct options *options, const struct use *use)
{
    static const char remedy[] = "write a host name alone, as in www.example.com";
    struct target *target = NULL;
    struct fault fault;
    size_t len = strlen(use->argument);
    enum error error = target_parse(use->argument, len, &target, &fault);
    if (error == ERROR_NO_MEMORY)
        return argument_refuse(use, error_text(error), NULL);
    if (error != ERROR_NONE)
        return is_fault_of_name(fault.code)
                   ? argument_refuse_fault(use, fault.code)
                   : argument_refuse(use, "invalid server name", remedy);
    bool is_name = target->kind == TARGET_NAME;
    bool is_alone = target->host_len == len;
    target_drop(target);
    if (!is_alone)
        return argument_refuse(use, "invalid server name", remedy);
    if (!is_name)
        return argument_refuse(use, "address in place of a server name",
                               "write a name, or leave the option out");
    options->probe.ask.server_name = use->argument;
    return true;
}

bool apply_hold(struct options *options, const struct use *use)
{
    return argument_duration(use, 0, FAULT_NONE, &options->large[DURATION_HOLD],
                             &options->probe.ask.hold_ns);
}

bool apply_ready(struct options *options, const struct use *use)
{
    (void)use;
    options->probe.ask.is_ready = true;
    return true;
}

bool apply_all(struct options *options, const struct use *use)
{
    (void)use;
    options->probe.is_all_addresses = true;
    return true;
}

bool apply_retries(struct options *options, const struct use *use)
{
    size_t count = 0;
    if (!argument_count(use, 0, OPTIONS_RETRIES_MAX, &count))
        return false;
    options->probe.retries = (unsigned)count;
    options->has_retries = true;
    return true;
}

bool apply_parallel(struct options *options, const struct use *use)
{
    return argument_count(use, 1, OPTIONS_WINDOW_MAX, &options->window);
}

bool apply_size(struct options *options, const struct use *use)
{
    return argument_count(use, OPTIONS_SIZE_LEAST, OPTIONS_SIZE_MAX,
                          &options->probe.ask.echo_size);
}

/* "500", "500/s" */
bool apply_rate(struct options *options, const struct use *use)
{
    const char *end = NULL;
    uint64_t rate = 0;
    bool is_valid = argument_digits(use->argument, &end, &rate) && rate >= 1 &&
                    rate <= RATE_MAX && (*end == '\0' || strcmp(end, "/s") == 0);
    if (!is_valid)
        return argument_refuse_fault(use, FAULT_RATE);
    options->probe.rate = rate;
    return true;
}

bool apply_shuffle(struct options *options, const struct use *use)
{
    const char *end = NULL;
    options->is_shuffled = true;
    if (use->argument == NULL)
        return true;
    if (!argument_digits(use->argument, &end, &options->seed) || *end != '\0')
        return argument_refuse(use, "invalid seed", "write a number, up to 2^64 - 1");
    options->has_seed = true;
    return true;
}

bool apply_shard(struct options *options, const struct use *use)
{
    const char *end = NULL;
    uint64_t number = 0;
    uint64_t count = 0;
    bool is_valid = argument_digits(use->argument, &end, &number) && *end == '/' &&
                    argument_digits(end + 1, &end, &count) && *end == '\0' && number >= 1 &&
                    number <= count;
    if (!is_valid)
        return argument_refuse_fault(use, FAULT_SHARD);
    options->shard = number - 1;
    options->shards = count;
    return true;
}

bool apply_list(struct options *options, const struct use *use)
{
    (void)use;
    options->is_list = true;
    return true;
}

bool apply_wait(struct options *options, const struct use *use)
{
    options->is_wait = argument_duration(use, 0, FAULT_NONE, &options->large[DURATION_WAIT],
                                         &options->wait_ns);
    return options->is_wait;
}

bool apply_confirm(struct options *options, const struct use *use)
{
    return argument_count(use, 1, OPTIONS_CONFIRM_MAX, &options->confirmations);
}

bool apply_count(struct options *options, const struct use *use)
{
    size_t count = 0;
    if (!argument_count(use, 0, OPTIONS_ROUNDS_MAX, &count))
        return false;
    options->rounds = count;
    options->has_count = true;
    return true;
}

bool apply_interval(struct options *options, const struct use *use)
{
    options->has_interval =
        argument_duration(use, OPTIONS_INTERVAL_MIN_MS * NS_PER_MS, FAULT_INTERVAL,
                          &options->large[DURATION_INTERVAL], &options->interval_ns);
    return options->has_interval;
}

bool apply_on_change(struct options *options, const struct use *use)
{
    (void)use;
    options->is_on_change = true;
    return true;
}

bool apply_state(struct options *options, const struct use *use)
{
    if (use->argument[0] == '\0' || strcmp(use->argument, "-") == 0)
        return argument_refuse(use, "invalid file",
                               "write a path, as in /var/lib/netcheck/web");
    options->state_path = use->argument;
    return true;
}

bool apply_remind(struct options *options, const struct use *use)
{
    return argument_duration(use, 1, FAULT_DURATION_ZERO, &options->large[DURATION_REMIND],
                             &options->remind_ns);
}

bool apply_histogram(struct options *options, const struct use *use)
{
    (void)use;
    options->report.has_histogram = true;
    return true;
}

bool apply_live(struct options *options, const struct use *use)
{
    (void)use;
    options->is_live = true;
    return true;
}

bool apply_dated(struct options *options, const struct use *use)
{
    (void)use;
    options->report.is_dated = true;
    return true;
}

const char *apply_state_word(size_t index)
{
    static const char *const words[] = {"up", "down"};
    return index < ARRAY_LEN(words) ? words[index] : NULL;
}

bool apply_expect(struct options *options, const struct use *use)
{
    size_t index = 0;
    if (!argument_find_word(apply_state_word, use->argument, strlen(use->argument), &index)) {
        (void)argument_refuse_words(use, "invalid state", apply_state_word);
        buffer_add_text(use->message, "; for what a service says write --match");
        return false;
    }
    options->report.expects_down = index == 1;
    return true;
}

bool apply_any(struct options *options, const struct use *use)
{
    (void)use;
    options->is_any = true;
    return true;
}

bool apply_gate(struct options *options, const struct use *use)
{
    if (options->gate != NULL)
        return argument_refuse(use, "second target", "one target is asked before the others");
    options->gate = use->argument;
    return true;
}

/* One time, and no range of the Monitoring Plugins. */
static bool parse_limit(struct options *options, const struct use *use,
                        enum options_duration which, int64_t *limit_ns)
{
    if (strpbrk(use->argument, ":@~,%") == NULL)
        return argument_duration(use, 1, FAULT_DURATION_ZERO, &options->large[which], limit_ns);
    (void)argument_refuse(use, "invalid limit",
                          "write the longest time that is well, no range and no ");
    buffer_add_format(use->message, "loss: %s 0.5 or %s 500ms", use->name, use->name);
    return false;
}

bool apply_warn(struct options *options, const struct use *use)
{
    return parse_limit(options, use, DURATION_WARN, &options->report.limits.warn_ns);
}

bool apply_crit(struct options *options, const struct use *use)
{
    return parse_limit(options, use, DURATION_CRIT, &options->report.limits.crit_ns);
}

bool apply_quiet(struct options *options, const struct use *use)
{
    (void)use;
    options->is_quiet = true;
    return true;
}

bool apply_verbose(struct options *options, const struct use *use)
{
    (void)use;
    options->is_verbose = true;
    return true;
}

bool apply_unordered(struct options *options, const struct use *use)
{
    (void)use;
    options->is_unordered = true;
    return true;
}

const char *apply_when_word(size_t index)
{
    static const char *const words[] = {
        [WHEN_AUTO] = "auto", [WHEN_ALWAYS] = "always", [WHEN_NEVER] = "never"};
    return index < ARRAY_LEN(words) ? words[index] : NULL;
}

static bool parse_when(const struct use *use, enum options_when *when)
{
    size_t index = 0;
    if (!argument_find_word(apply_when_word, use->argument, strlen(use->argument), &index))
        return argument_refuse_words(use, "invalid word", apply_when_word);
    *when = (enum options_when)index;
    return true;
}

bool apply_colour(struct options *options, const struct use *use)
{
    return parse_when(use, &options->colour);
}

bool apply_progress(struct options *options, const struct use *use)
{
    return parse_when(use, &options->progress);
}

/* nc -z: what this program does anyway. */
bool apply_nothing(struct options *options, const struct use *use)
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

bool apply_short_help(struct options *options, const struct use *use)
{
    (void)use;
    return ask_for_text(options, TEXT_SHORT_HELP);
}

bool apply_help(struct options *options, const struct use *use)
{
    (void)use;
    return ask_for_text(options, TEXT_HELP);
}

bool apply_version(struct options *options, const struct use *use)
{
    (void)use;
    return ask_for_text(options, TEXT_VERSION);
}

bool apply_completion(struct options *options, const struct use *use)
{
    size_t index = 0;
    if (!argument_find_word(completion_shell, use->argument, strlen(use->argument), &index))
        return argument_refuse_words(use, "unknown shell", completion_shell);
    options->shell = index;
    return ask_for_text(options, TEXT_COMPLETION);
}
