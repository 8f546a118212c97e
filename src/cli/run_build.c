#include "run_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "netcheck/base/base.h"
#include "netcheck/target/secret.h"
#include "netcheck/cli/message.h"
#include "netcheck/os/os.h"
#include "netcheck/os/resolve.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/os/name_service.h"
#include "netcheck/os/process.h"
#include "netcheck/os/signals.h"
#include "netcheck/os/terminal.h"
#include "netcheck/report/nagios.h"
#include "screen.h"

enum {
    ORDER_CAPACITY = 16384,            /* finished rows that may wait for an earlier one */
    ORDER_BYTES_MAX = 8 * 1024 * 1024, /* of them, what is larger than a plain row */
    DESCRIPTORS_SPARED = 32,           /* for standard streams, files, the resolver */
};

/* A name in use is not resolved again that soon: a sweep of its ports resolves it once. */
static const int64_t name_reuse_ns = 10 * NS_PER_S;

/* Where a target is asked again and again, its name is resolved anew each time, but once for
   all its ports. */
static const int64_t wait_reuse_ns = 50 * NS_PER_MS;

/* From one answer as expected to the next question where several in a row are wanted. The
   shortest is long enough for a restart to begin. */
static const int64_t steady_ns = NS_PER_S;
static const int64_t steady_least_ns = 100 * NS_PER_MS;

/* For a monitoring system that is busy; it has read the answer of a healthy one long before. */
static const int64_t plugin_linger_ns = 1 * NS_PER_S;

/* A resolver that was dead a moment ago may be there now. A lookup that hangs longer than this
   is given up for a new one, since libc would wait for seconds. */
static const int64_t name_patience_ns = 2 * NS_PER_S;

/* When the run's time is over, what was learned is still written for so long. */
static const int64_t output_grace_ns = 30 * NS_PER_MS;

static void fail(struct run *run, const char *what)
{
    message_say("%s", what);
    run->has_failed = true;
}

static void fail_if(struct run *run, enum error error)
{
    if (error == ERROR_NONE || run->has_failed)
        return;
    message_error(error);
    run->has_failed = true;
}

/* The window that was asked for, or what the system's limit of descriptors leaves of it. */
static size_t choose_window(struct run *run)
{
    uint64_t limit = run->descriptor_limit;
    size_t window = run->options->window;
    uint64_t most = limit / 2 > DESCRIPTORS_SPARED ? limit - DESCRIPTORS_SPARED : limit / 2 + 1;
    if (window <= most)
        return window;
    if (run->options->is_verbose)
        buffer_add_format(&run->streams.notes.buffer,
                          "* %llu of %zu targets at a time: the limit of descriptors is %llu\n",
                          (unsigned long long)most, window, (unsigned long long)limit);
    return (size_t)most;
}

static void check_interface(struct run *run)
{
    const char *name = run->options->interface;
    if (name == NULL)
        return;
    if (!os_has_interfaces()) {
        fail(run, "-I is not supported on this system");
        return;
    }
    uint32_t index = 0;
    int error = run->os->interface_index(run->os->self, name, &index);
    if (error == 0)
        return;
    struct buffer text = BUFFER_EMPTY;
    buffer_add_text(&text, "no interface ");
    secret_quoted(&text, name, strlen(name));
    buffer_add_format(&text, " for -I: %s", strerror(error));
    fail(run, buffer_text(&text));
    buffer_release(&text);
}

/* No more places than there are rows, but one where a shard has none or a gate comes first. */
static size_t choose_order(size_t window, uint64_t total)
{
    size_t capacity = window + ORDER_CAPACITY;
    if (total == 0)
        return 1;
    return capacity < total ? capacity : (size_t)total;
}

/* So that a shuffled run can be repeated. */
static void tell_seed(struct run *run)
{
    const struct sequence_options *order = &run->inputs.sequence.options;
    if (run->options->is_verbose && order->is_shuffled)
        buffer_add_format(&run->streams.notes.buffer, "* shuffled as by --shuffle=%llu\n",
                          (unsigned long long)order->seed);
}

static int64_t choose_reuse(const struct options *options)
{
    if (options->is_wait)
        return wait_reuse_ns;
    bool is_short = options->has_rounds && options->interval_ns / 2 < name_reuse_ns;
    return is_short ? options->interval_ns / 2 : name_reuse_ns;
}

static struct backoff choose_backoff(const struct options *options)
{
    return (struct backoff){options->has_interval ? options->interval_ns : 0, os_random()};
}

/* Of a service that starts and stops again, answers a moment apart prove nothing. */
static struct backoff choose_steady(const struct options *options)
{
    int64_t pause_ns = options->has_interval ? options->interval_ns : steady_ns;
    return (struct backoff){pause_ns > steady_least_ns ? pause_ns : steady_least_ns,
                            os_random()};
}

static void add_gate(struct run *run)
{
    run->gate.endpoint = run->inputs.gate;
    run->is_gated = true;
    if (run->mode->asks_again)
        fail_if(run, entries_add(&run->entries, &run->inputs.gate));
}

static struct schedule open_schedule(struct run *run)
{
    const struct options *options = run->options;
    struct gate *gate = inputs_have_gate(&run->inputs) ? &run->gate : NULL;
    if (run->mode == &mode_once) {
        run->schedule.once = (struct once){.sequence = &run->inputs.sequence, .gate = gate};
        return once_schedule(&run->schedule.once);
    }
    if (run->mode == &mode_rounds) {
        run->schedule.rounds = (struct rounds){
            .entries = &run->entries,
            .interval_ns = options->interval_ns,
            .count = options->rounds,
            .gate = gate,
        };
        return rounds_schedule(&run->schedule.rounds);
    }
    run->schedule.wait = (struct wait){
        .entries = &run->entries,
        .backoff = choose_backoff(options),
        .confirmations = options->confirmations,
        .steady = choose_steady(options),
        .is_any = options->is_any,
        .is_by_address = options->probe.is_all_addresses,
        .expects_down = options->report.expects_down,
        .ends_run = run->until_ns == run->end_ns,
        .began_ns = run->began_ns,
        .until_ns = run->until_ns,
        .timeout_ns = options->probe.timeout_ns,
    };
    return wait_schedule(&run->schedule.wait);
}

static struct probe_options choose_probe_options(struct run *run)
{
    const struct options *options = run->options;
    bool is_once = !run->mode->asks_again;
    struct probe_options probe = options->probe;
    probe.origin =
        (struct os_origin){.source = options->source, .interface = options->interface};
    probe.exclusion = run->inputs.exclusion;
    probe.until_ns = run->until_ns;
    probe.cut_remark = is_once ? REMARK_OVER : REMARK_NONE;
    probe.name_reuse_ns = choose_reuse(options);
    probe.name_patience_ns = is_once ? NEVER_NS : name_patience_ns;
    probe.window = choose_window(run);
    /* Where a target is asked again anyway, another look is only late. */
    probe.has_recheck = is_once && (!options->has_retries || options->probe.retries > 0);
    probe.ask.is_sent_once = options->has_rounds; /* its loss is what is measured */
    probe.ask.wall_offset_ns = os_wall_ns() - run->began_ns;
    probe.asks_again = options->is_wait;
    probe.remembers_names = options->is_wait;
    probe.expects_down = options->report.expects_down;
    probe.backoff = choose_backoff(options);
    probe.is_traced = options->is_verbose && !run->is_plugin;
    return probe;
}

static void open_pipeline(struct run *run)
{
    const struct probe_options options = choose_probe_options(run);
    bool is_ordered = !run->mode->asks_again && !run->options->is_unordered;
    enum error error = resolve_new(os_lookup, RESOLVE_THREADS, &run->resolve);
    if (error == ERROR_NONE)
        error = probe_new(run->os, resolve_interface(run->resolve), &options, &run->probe);
    if (error == ERROR_NONE && is_ordered)
        error = order_new(choose_order(options.window, run->inputs.sequence.total),
                          ORDER_BYTES_MAX, &run->order);
    fail_if(run, error);
    if (inputs_have_gate(&run->inputs))
        add_gate(run);
    const struct schedule schedule = open_schedule(run);
    pipeline_init(&run->pipeline, run->os, run->probe, run->order, &schedule);
    tell_seed(run);
    if (run->options->is_verbose)
        options_explain(&run->streams.notes.buffer, run->options);
}

/* Whether the user's terminal draws more than ASCII, by the variables of locale(7). */
static bool is_locale_unicode(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *value = NULL;
    for (size_t i = 0; i < ARRAY_LEN(names) && (value == NULL || value[0] == '\0'); i++)
        value = getenv(names[i]);
    for (; value != NULL && *value != '\0'; value++)
        if (strncasecmp(value, "utf-8", 5) == 0 || strncasecmp(value, "utf8", 4) == 0)
            return true;
    return false;
}

static bool wants_colour(const struct options *options)
{
    const char *no_colour = getenv("NO_COLOR"); /* no-color.org: set and not empty */
    if (options->colour != WHEN_AUTO)
        return options->colour == WHEN_ALWAYS;
    return os_is_terminal(STANDARD_OUTPUT) && os_terminal_can_draw() &&
           (no_colour == NULL || no_colour[0] == '\0');
}

static const struct mode *choose_mode(const struct options *options)
{
    if (options->is_wait)
        return &mode_wait;
    return options->has_rounds ? &mode_rounds : &mode_once;
}

/* Rounds have rows that show how far they are, and no end. */
static bool wants_progress(const struct options *options)
{
    if (options->has_rounds)
        return false;
    return options->progress == WHEN_ALWAYS ||
           (options->progress == WHEN_AUTO && !options->is_quiet && streams_can_draw());
}

/* Text that a person reads as it comes: what reads a pipe or a file counts on two blanks. */
static bool wants_columns(const struct options *options)
{
    return options->format == &report_text && os_is_terminal(STANDARD_OUTPUT);
}

static void init_report(struct run *run)
{
    const struct options *options = run->options;
    run->report = options->report;
    run->report.is_coloured = wants_colour(options);
    run->report.has_rounds = options->has_rounds;
    run->report.has_changes =
        options->is_on_change || options->is_wait || options->state_path != NULL;
    run->report.is_by_address = options->probe.is_all_addresses;
    run->report.is_unicode = is_locale_unicode();
    run->report.limits.most_ns = options->probe.timeout_ns;
    run->report.is_any = options->is_any;
    run->report.is_full = options->is_verbose;
    run->report.is_brief = options->is_quiet && run->is_plugin;
    if (!wants_columns(options))
        return;
    row_columns_init(&run->columns, os_terminal_width(STANDARD_OUTPUT));
    run->report.columns = &run->columns;
}

/* Of targets in files nothing is known yet. */
static void reserve_columns(struct run *run)
{
    struct target *target = run->inputs.gate.target;
    if (target != NULL)
        row_columns_reserve(&run->columns, target);
    for (size_t i = 0; (target = source_operand(run->inputs.source, i)) != NULL; i++)
        row_columns_reserve(&run->columns, target);
}

static enum row_filter choose_filter(const struct options *options)
{
    if (options->is_wait)
        return ROW_FILTER_REASON;
    return options->is_on_change ? ROW_FILTER_STATE : ROW_FILTER_NONE;
}

static void add_rows(struct run *run)
{
    run->row_sink = (struct row_sink){
        .format = run->options->format,
        .report = &run->report,
        .columns = run->report.columns != NULL ? &run->columns : NULL,
        .out = &run->streams.rows.buffer,
        .shown = run->options->shown,
        .filter = choose_filter(run->options),
    };
    sinks_add(&run->sinks, row_sink_open(&run->row_sink));
}

/* Why the live view cannot be drawn, and what to do; NULL: it can. */
static const char *find_screen_problem(void)
{
    const char *name = getenv("TERM");
    if (!os_is_terminal(STANDARD_OUTPUT))
        return "--live needs a terminal: leave it out, or do not redirect standard output";
    if (os_terminal_can_draw())
        return NULL;
    return name != NULL && name[0] != '\0'
               ? "--live cannot draw with TERM=dumb: use -c 0 instead, which prints rows"
               : "--live cannot draw without TERM: set it, or use -c 0, which prints rows";
}

static void add_screen(struct run *run)
{
    const char *problem = find_screen_problem();
    struct sink *sink = NULL;
    const struct live_options options = {
        .is_unicode = run->report.is_unicode,
        .is_coloured = run->report.is_coloured,
        .expects_down = run->options->report.expects_down,
    };
    if (problem != NULL) {
        fail(run, problem);
        return;
    }
    enum error error = screen_new(&options, &run->history, &run->streams.notes.buffer, &sink);
    if (error == ERROR_NONE)
        sinks_add(&run->sinks, sink);
    else if (error == ERROR_SYSTEM)
        fail(run, "--live needs a terminal for its keys, and there is none: leave it out");
    else
        fail_if(run, error);
}

/* When `span_ns` from the beginning on are over. */
static int64_t end_of(const struct run *run, int64_t span_ns)
{
    return span_ns < NEVER_NS - run->began_ns ? run->began_ns + span_ns : NEVER_NS;
}

static void init_times(struct run *run)
{
    const struct options *options = run->options;
    run->began_ns = run->os->now_ns(run->os->self);
    run->end_ns = end_of(run, options->max_time_ns);
    bool is_bounded_wait = options->is_wait && options->wait_ns != 0;
    run->until_ns = is_bounded_wait ? end_of(run, options->wait_ns) : NEVER_NS;
    if (run->end_ns < run->until_ns)
        run->until_ns = run->end_ns;
    run->output_end_ns =
        run->end_ns < NEVER_NS - output_grace_ns ? run->end_ns + output_grace_ns : NEVER_NS;
}

/* Nothing of it can fail, or is seen. */
static void init(struct run *run, const struct options *options)
{
    *run = (struct run){
        .options = options,
        .mode = choose_mode(options),
        .os = &os_system,
        .signal_fd = -1,
        .is_plugin = options->format->status != NULL,
        .plugin_status = PLUGIN_UNKNOWN,
    };
    init_times(run);
    streams_init(&run->streams, wants_progress(options), run->began_ns);
    streams_hurry(&run->streams, NEVER_NS, run->output_end_ns);
    if (run->is_plugin) /* Icinga would take a note for the first line of the answer */
        run->streams.notes.error = EPIPE;
    if (run->is_plugin) /* Nagios reads 4 KiB more once it has ended, and no more */
        run->streams.rows.linger_ns = plugin_linger_ns;
    run->tally.expects_down = options->report.expects_down;
    verdict_init(&run->verdict, options->report.expects_down, options->is_any);
    entries_init(&run->entries, &run->inputs.sequence);
    history_init(&run->history, options->probe.is_all_addresses, options->has_rounds);
    init_report(run);
}

static void open_sinks(struct run *run)
{
    sinks_add(&run->sinks, streams_progress(&run->streams));
    if (run->options->is_live)
        add_screen(run);
    else if (!run->options->is_quiet && run->options->format->document == NULL)
        add_rows(run);
}

/* Once signals are caught: a run that a signal ends removes its temporary files. */
static void open_outputs(struct run *run)
{
    run->outputs.until_ns = run->output_end_ns;
    run->has_failed = !outputs_open(&run->outputs, run->options, &run->report);
}

/* Files first: opening one on a slow disk may take long, and until then signals end the program
   as they always do. */
static void open_inputs(struct run *run)
{
    unsigned also = run->options->has_rounds ? OS_CATCH_SUMMARY : 0;
    inputs_open(&run->inputs, run->options, run->end_ns);
    run->has_failed = run->inputs.has_failed;
    if (!run->has_failed && os_catch_signals(also, &run->signal_fd) != 0)
        run->signal_fd = -1; /* there is no descriptor for it: they go on ending the program */
}

void run_build(struct run *run, const struct options *options)
{
    init(run, options);
    if (os_raise_descriptor_limit(&run->descriptor_limit) != 0)
        run->descriptor_limit = UINT64_MAX;
    run_memory_open(run);
    if (!run->has_failed)
        open_sinks(run);
    if (!run->has_failed)
        open_inputs(run);
    if (!run->has_failed)
        open_outputs(run);
    run_memory_check(run);
    if (!run->has_failed && run->report.columns != NULL)
        reserve_columns(run);
    if (!run->has_failed)
        check_interface(run);
    if (!run->has_failed)
        open_pipeline(run);
}

void run_release(struct run *run)
{
    pipeline_release(&run->pipeline);
    order_free(run->order);
    probe_free(run->probe);
    resolve_free(run->resolve);
    entries_release(&run->entries);
    history_release(&run->history);
    sinks_release(&run->sinks);
    outputs_release(&run->outputs);
    kept_rows_release(&run->kept);
    buffer_release(&run->failure);
    buffer_release(&run->hint);
    run_memory_release(run);
    inputs_release(&run->inputs);
    streams_release(&run->streams);
}
