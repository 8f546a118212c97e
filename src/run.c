#include "netcheck/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base.h"
#include "netcheck/diagnose.h"
#include "netcheck/escape.h"
#include "netcheck/intake.h"
#include "netcheck/order.h"
#include "netcheck/os.h"
#include "netcheck/output.h"
#include "netcheck/probe.h"
#include "netcheck/progress.h"
#include "netcheck/pump.h"
#include "netcheck/report.h"
#include "netcheck/resolve.h"
#include "netcheck/verdict.h"

enum {
    ORDER_CAPACITY = 16384,  /* finished rows that may wait for an earlier one */
    DESCRIPTORS_SPARED = 32, /* for standard streams, files, the resolver */
};

/* A name in use is not asked again that soon: a sweep of its ports resolves it once. */
static const int64_t name_reuse_ns = 10 * NS_PER_S;

struct run {
    const struct options *options;
    const struct os *os;
    struct intake intake;
    struct resolve *resolve;
    struct probe *probe;
    struct order *order; /* NULL: rows as they finish */
    struct pump pump;
    struct verdict verdict;
    struct report report;
    struct output rows;
    struct output notes;
    struct output screen; /* the progress line, on standard error too */
    struct progress progress;
    bool shares_terminal;      /* rows go to a terminal: the line must make way for them */
    int signal_fd;             /* -1: none are caught */
    int signal;                /* that ended the run; 0 for none */
    uint64_t descriptor_limit; /* how many this process may have open */
    bool has_failed;           /* a message was written: the exit status says so */
    bool is_stopped;           /* what is in flight is given up */
};

static void fail(struct run *run, const char *what)
{
    diagnose("%s", what);
    run->has_failed = true;
}

/* Before anything is said beside output.h. */
static void clear_screen(struct run *run)
{
    int error = errno;
    progress_hide(&run->progress, &run->screen.buffer);
    output_flush(&run->screen);
    errno = error;
}

/* Nothing can go on: memory, or the system's own refusal to wait. */
static void fail_error(struct run *run, enum error error)
{
    run->is_stopped = true;
    clear_screen(run);
    if (error == ERROR_SYSTEM)
        diagnose("cannot wait for the network: %s", strerror(errno));
    else
        diagnose_error(error);
    run->has_failed = true;
}

static void go_on(struct run *run, enum error error)
{
    if (error != ERROR_NONE)
        fail_error(run, error);
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
        buffer_add_format(&run->notes.buffer,
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
    escape_quoted(&text, name, strlen(name));
    buffer_add_format(&text, " for -I: %s", strerror(error));
    fail(run, buffer_text(&text));
    buffer_release(&text);
}

/* So that a shuffled run can be repeated. */
static void tell_seed(struct run *run)
{
    const struct feed_options *feed = &run->intake.feed.options;
    if (run->options->is_verbose && feed->is_shuffled)
        buffer_add_format(&run->notes.buffer, "* shuffled as by --shuffle=%llu\n",
                          (unsigned long long)feed->seed);
}

/* No more than there are rows, but one: a shard may have none. */
static size_t choose_order(size_t window, uint64_t total)
{
    size_t capacity = window + ORDER_CAPACITY;
    if (total == 0)
        return 1;
    return capacity < total ? capacity : (size_t)total;
}

static void open_engine(struct run *run)
{
    const struct options *options = run->options;
    uint64_t total = run->intake.feed.total;
    struct probe_options probe_options = {
        .protocol = &protocol_tcp,
        .origin = {.source = options->source, .interface = options->interface},
        .timeout_ns = options->timeout_ns,
        .until_ns = NEVER_NS,
        .name_reuse_ns = name_reuse_ns,
        .retries = options->retries,
        .families = options->families,
        .window = choose_window(run),
        .rate = options->rate,
        .has_second_look = !options->has_retries || options->retries > 0,
        .is_all_addresses = options->is_all_addresses,
        .is_traced = options->is_verbose,
    };
    enum error error = resolve_new(os_lookup, RESOLVE_LOOKUPS, RESOLVE_THREADS, &run->resolve);
    if (error == ERROR_NONE)
        error =
            probe_new(run->os, resolve_interface(run->resolve), &probe_options, &run->probe);
    if (error == ERROR_NONE && !options->is_unordered)
        error = order_new(choose_order(probe_options.window, total), &run->order);
    go_on(run, error);
    tell_seed(run);
}

static bool wants_colour(const struct options *options)
{
    const char *no_colour = getenv("NO_COLOR"); /* no-color.org: set and not empty */
    if (options->colour != WHEN_AUTO)
        return options->colour == WHEN_ALWAYS;
    return os_is_terminal(STANDARD_OUTPUT) && (no_colour == NULL || no_colour[0] == '\0');
}

static bool is_shown(const struct run *run, const struct result *result)
{
    static const unsigned bits[STATE_COUNT] = {
        [STATE_UP] = SHOW_UP, [STATE_DOWN] = SHOW_DOWN, [STATE_ERROR] = SHOW_ERROR};
    unsigned shown = run->options->shown;
    if (run->options->is_quiet)
        return false;
    return shown == 0 || (shown & bits[outcome_state(&result->outcome)]) != 0 ||
           ((shown & SHOW_UNEXPECTED) != 0 &&
            !result_is_expected(result, run->options->expects_down));
}

/* Count the row and print it; its target is dropped. */
static void write_row(void *self, struct result *result)
{
    struct run *run = self;
    verdict_add(&run->verdict, result);
    if (is_shown(run, result))
        run->options->format->row(&run->rows.buffer, &run->report, result);
    result_release(result);
}

static enum error next_endpoint(void *self, struct endpoint *endpoint)
{
    struct run *run = self;
    enum error error;
    while ((error = feed_next(&run->intake.feed, endpoint)) == ERROR_SYSTEM) {
        /* What was read of it is asked, and so are the other files. */
        clear_screen(run);
        intake_skip(&run->intake);
    }
    return error;
}

static void collect(struct run *run)
{
    struct trace trace;
    while (probe_collect_trace(run->probe, &trace)) {
        report_trace(&run->notes.buffer, &trace);
        target_drop(trace.endpoint.target);
    }
    go_on(run, pump_collect(&run->pump));
}

static struct progress_counts count_progress(const struct run *run)
{
    struct progress_counts counts = {.done = run->pump.done, .total = run->intake.feed.total};
    memcpy(counts.states, run->pump.states, sizeof counts.states);
    return counts;
}

static int64_t now_ns(const struct run *run)
{
    return run->os->now_ns(run->os->self);
}

static void describe_progress(struct run *run, struct buffer *out)
{
    struct progress_counts counts = count_progress(run);
    progress_describe(&run->progress, out, &counts, now_ns(run));
}

/* Not into the middle of something else, nor on top of a line that is not out yet. */
static bool may_draw(const struct run *run)
{
    return run->screen.buffer.len == 0 && run->notes.buffer.len == 0 &&
           (!run->shares_terminal || run->rows.buffer.len == 0) &&
           now_ns(run) >= progress_due_ns(&run->progress);
}

/* When to draw next, unless a stream is stuck: then it is what turn() waits for. */
static int64_t wait_to_draw_ns(const struct run *run)
{
    int64_t due_ns = progress_due_ns(&run->progress);
    if (due_ns == NEVER_NS)
        return NEVER_NS;
    int64_t left_ns = due_ns - now_ns(run);
    return left_ns > 0 ? left_ns : may_draw(run) ? 0 : NEVER_NS;
}

/* Write what is taken without waiting; a line on the screen makes way for it. */
static void flush(struct run *run)
{
    struct buffer *screen = &run->screen.buffer;
    if (run->notes.buffer.len > 0 || (run->shares_terminal && run->rows.buffer.len > 0))
        progress_hide(&run->progress, screen);
    output_flush(&run->screen);
    if (screen->len == 0) {
        output_flush(&run->notes);
        output_flush(&run->rows);
    }
    run->pump.is_congested =
        output_is_congested(&run->rows) || output_is_congested(&run->notes);
    if (!may_draw(run))
        return;
    struct progress_counts counts = count_progress(run);
    progress_draw(&run->progress, screen, &counts, os_terminal_width(STANDARD_ERROR),
                  now_ns(run));
    output_flush(&run->screen);
}

static void take_signals(struct run *run)
{
    int number = 0;
    enum os_signal signal;
    while ((signal = os_take_signal(run->signal_fd, &number)) != OS_SIGNAL_NONE) {
        if (signal == OS_SIGNAL_END) {
            run->signal = number;
            run->is_stopped = true;
            continue;
        }
        buffer_add_text(&run->notes.buffer, "netcheck: ");
        describe_progress(run, &run->notes.buffer);
        buffer_add_text(&run->notes.buffer, "\n");
    }
}

static void turn(struct run *run)
{
    int notes_fd = output_waits_for(&run->notes);
    struct probe_watch watch = {
        .readable_fds = {-1, run->signal_fd},
        .writable_fds = {output_waits_for(&run->rows),
                         notes_fd >= 0 ? notes_fd : output_waits_for(&run->screen)},
    };
    go_on(run, pump_turn(&run->pump, source_descriptor(run->intake.source), &watch,
                         wait_to_draw_ns(run)));
    if (watch.is_readable[0])
        source_set_ready(run->intake.source);
    if (watch.is_readable[1])
        take_signals(run);
}

static bool is_over(const struct run *run)
{
    return run->is_stopped || run->rows.error != 0 || pump_is_done(&run->pump);
}

static void loop(struct run *run)
{
    run->pump = (struct pump){
        .os = run->os,
        .probe = run->probe,
        .order = run->order,
        .self = run,
        .next = next_endpoint,
        .row = write_row,
    };
    for (;;) {
        run->report.wall_offset_ns = os_wall_ns() - now_ns(run);
        go_on(run, pump_feed(&run->pump));
        collect(run);
        bool is_all_there = is_over(run); /* what is left is written at the end, in one go */
        if (!is_all_there)
            flush(run);
        if (is_all_there || is_over(run))
            return;
        turn(run);
        collect(run);
        if (is_over(run))
            return;
    }
}

static void finish_output(struct run *run)
{
    progress_hide(&run->progress, &run->screen.buffer);
    output_drain(&run->screen);
    output_drain(&run->notes);
    if (run->options->command == NULL)
        output_close(&run->rows);
    else
        output_drain(&run->rows);
    (void)diagnose_output(&run->rows); /* status_of() looks for itself */
}

/* The rows that are finished; and how far it came. */
static void finish_early(struct run *run)
{
    pump_drain(&run->pump);
    finish_output(run);
    if (run->options->is_quiet)
        return;
    struct buffer text = BUFFER_EMPTY;
    struct progress_counts counts = count_progress(run);
    progress_conclude(&text, &counts);
    diagnose("ended by a signal: %s", buffer_text(&text));
    buffer_release(&text);
}

static int status_of(struct run *run)
{
    if (!run->has_failed && run->rows.error == 0)
        intake_check_empty(&run->intake);
    /* What -v says may get lost with standard error: there is nobody left to tell. */
    if (run->has_failed || run->intake.has_failed || run->rows.error != 0)
        return STATUS_ERROR;
    return verdict_status(&run->verdict);
}

static void release(struct run *run)
{
    order_free(run->order);
    probe_free(run->probe);
    resolve_free(run->resolve);
    intake_release(&run->intake);
    output_release(&run->rows);
    output_release(&run->notes);
    output_release(&run->screen);
}

static bool wants_progress(const struct options *options, bool is_terminal)
{
    const char *terminal = getenv("TERM");
    bool is_able = is_terminal && terminal != NULL && strcmp(terminal, "dumb") != 0;
    return options->progress == WHEN_ALWAYS ||
           (options->progress == WHEN_AUTO && is_able && !options->is_quiet);
}

static void init(struct run *run, const struct options *options)
{
    *run = (struct run){.options = options, .os = &os_system, .signal_fd = -1};
    output_init(&run->rows, STANDARD_OUTPUT);
    output_init(&run->notes, STANDARD_ERROR);
    output_init(&run->screen, STANDARD_ERROR);
    verdict_init(&run->verdict, options->expects_down, options->is_any);
    run->report.protocol = protocol_tcp.name;
    run->report.expects_down = options->expects_down;
    run->report.is_coloured = wants_colour(options);
    bool is_terminal = os_is_terminal(STANDARD_ERROR);
    run->shares_terminal = is_terminal && os_is_terminal(STANDARD_OUTPUT);
    progress_init(&run->progress, wants_progress(options, is_terminal), is_terminal,
                  now_ns(run));
}

/* Files first: opening one may wait for long, and signals then do what they always do. */
static void open_input(struct run *run)
{
    if (os_raise_descriptor_limit(&run->descriptor_limit) != 0)
        run->descriptor_limit = UINT64_MAX;
    intake_open(&run->intake, run->options);
    run->has_failed = run->intake.has_failed;
    if (!run->has_failed && os_catch_signals(0, &run->signal_fd) != 0)
        run->signal_fd = -1; /* no descriptor for it: they do so on */
}

void run(const struct options *options, struct run_end *end)
{
    struct run run;
    init(&run, options);
    open_input(&run);
    if (!run.has_failed)
        check_interface(&run);
    if (!run.has_failed)
        open_engine(&run);
    if (!run.has_failed)
        loop(&run);
    if (run.signal != 0)
        finish_early(&run);
    else
        finish_output(&run);
    take_signals(&run); /* one may have come with the last row, or while it was written */
    end->signal = run.signal;
    end->status = run.signal != 0 ? STATUS_ERROR : status_of(&run);
    end->may_leave = run.resolve == NULL || !resolve_is_busy(run.resolve);
    if (end->may_leave)
        release(&run);
}
