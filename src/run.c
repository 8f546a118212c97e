#include "netcheck/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base.h"
#include "netcheck/diagnose.h"
#include "netcheck/escape.h"
#include "netcheck/order.h"
#include "netcheck/os.h"
#include "netcheck/output.h"
#include "netcheck/probe.h"
#include "netcheck/pump.h"
#include "netcheck/report.h"
#include "netcheck/resolve.h"
#include "netcheck/source.h"
#include "netcheck/verdict.h"

enum {
    ORDER_CAPACITY = 16384,  /* finished rows that may wait for an earlier one */
    DESCRIPTORS_SPARED = 32, /* for standard streams, files, the resolver */
};

struct run {
    const struct options *options;
    const struct os *os;
    struct target_rules rules;
    struct source *source;
    struct expand expand; /* the target that is being spelled out */
    struct resolve *resolve;
    struct probe *probe;
    struct order *order; /* NULL: rows as they finish */
    struct pump pump;
    struct verdict verdict;
    struct report report;
    struct output rows;
    struct output notes;
    uint64_t descriptor_limit; /* how many this process may have open */
    bool has_failed;           /* a message was written: the exit status says so */
    bool is_stopped;           /* and what is in flight is given up */
    uint64_t row_count;        /* rows counted in the verdict */
};

static void fail(struct run *run, const char *what)
{
    diagnose("%s", what);
    run->has_failed = true;
}

/* Nothing can go on: memory, or the system's own refusal to wait. */
static void fail_error(struct run *run, enum error error)
{
    run->is_stopped = true;
    if (error == ERROR_SYSTEM)
        diagnose("cannot wait for the network: %s", strerror(errno));
    else
        diagnose("%s", error_text(error));
    run->has_failed = true;
}

static void go_on(struct run *run, enum error error)
{
    if (error != ERROR_NONE)
        fail_error(run, error);
}

/* "cannot read 'hosts.txt': No such file or directory" */
static void fail_file(struct run *run, const char *path, int error)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_add_text(&text, "cannot read ");
    escape_quoted(&text, path, strlen(path));
    buffer_add_format(&text, ": %s", strerror(error));
    fail(run, buffer_text(&text));
    buffer_release(&text);
}

static void fail_operand(struct run *run, const char *operand, const struct fault *fault)
{
    struct buffer text = BUFFER_EMPTY;
    fault_describe(&text, operand, strlen(operand), fault, NULL);
    fail(run, buffer_text(&text));
    buffer_release(&text);
}

static void open_source(struct run *run)
{
    const struct options *options = run->options;
    run->rules = (struct target_rules){
        .ports = options->ports.count > 0 ? &options->ports : NULL,
        .families = options->families,
        .is_numeric = options->is_numeric,
    };
    struct fault fault;
    size_t bad = 0;
    enum error error = source_new(&run->rules, &run->source);
    if (error == ERROR_NONE)
        error = source_add_operands(run->source, options->operands, options->operand_count,
                                    &fault, &bad);
    if (error == ERROR_NO_MEMORY)
        fail_error(run, error);
    else if (error != ERROR_NONE)
        fail_operand(run, options->operands[bad], &fault);
    for (size_t i = 0; i < options->file_count && !run->has_failed; i++) {
        error = source_add_file(run->source, options->files[i]);
        if (error == ERROR_SYSTEM)
            fail_file(run, options->files[i], errno);
        else if (error != ERROR_NONE)
            fail_error(run, error);
    }
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

static size_t at_most(size_t size, uint64_t limit)
{
    return size < limit ? size : (size_t)limit;
}

static void open_engine(struct run *run)
{
    const struct options *options = run->options;
    uint64_t total = source_total(run->source);
    struct probe_options probe_options = {
        .protocol = &protocol_tcp,
        .origin = {.source = options->source, .interface = options->interface},
        .timeout_ns = options->timeout_ns,
        .retries = options->retries,
        .families = options->families,
        .window = choose_window(run),
        .is_all_addresses = options->is_all_addresses,
        .is_traced = options->is_verbose,
    };
    enum error error = resolve_new(os_lookup, RESOLVE_LOOKUPS, RESOLVE_THREADS, &run->resolve);
    if (error == ERROR_NONE)
        error =
            probe_new(run->os, resolve_interface(run->resolve), &probe_options, &run->probe);
    if (error == ERROR_NONE && !options->is_unordered)
        error = order_new(at_most(probe_options.window + ORDER_CAPACITY, total), &run->order);
    go_on(run, error);
}

static bool wants_colour(const struct options *options)
{
    const char *no_colour = getenv("NO_COLOR"); /* no-color.org: set and not empty */
    if (options->colour != COLOUR_AUTO)
        return options->colour == COLOUR_ALWAYS;
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
    run->row_count++;
    verdict_add(&run->verdict, result);
    if (is_shown(run, result))
        run->options->format->row(&run->rows.buffer, &run->report, result);
    result_release(result);
}

/* The next row to ask, from the target at hand or the next one. */
static enum error next_endpoint(void *self, struct endpoint *endpoint)
{
    struct run *run = self;
    while (!expand_next(&run->expand, endpoint)) {
        struct target *target = NULL;
        enum error error = source_next(run->source, &target);
        if (error == ERROR_SYSTEM) {
            /* What was read of it is checked, and so are the other files. */
            fail_file(run, source_path(run->source), errno);
            source_skip(run->source);
            continue;
        }
        if (error != ERROR_NONE)
            return error;
        expand_begin(&run->expand, target);
    }
    return ERROR_NONE;
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

static void turn(struct run *run)
{
    struct probe_watch watch = {
        .writable_fds = {output_waits_for(&run->rows), output_waits_for(&run->notes)},
    };
    go_on(run, pump_turn(&run->pump, source_descriptor(run->source), &watch));
    if (watch.is_readable)
        source_set_ready(run->source);
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
        run->report.wall_offset_ns = os_wall_ns() - run->os->now_ns(run->os->self);
        go_on(run, pump_feed(&run->pump));
        collect(run);
        bool is_all_there = is_over(run); /* what is left is written at the end, in one go */
        if (!is_all_there) {
            output_flush(&run->notes);
            output_flush(&run->rows);
            run->pump.is_congested =
                output_is_congested(&run->rows) || output_is_congested(&run->notes);
        }
        if (is_all_there || is_over(run))
            return;
        turn(run);
        collect(run);
    }
}

/* A closed pipe is no news: its reader has seen enough. Anything else is said. */
static void finish_output(struct run *run)
{
    output_drain(&run->notes);
    output_drain(&run->rows);
    if (run->rows.error == 0 && run->options->command == NULL)
        run->rows.error = os_close(STANDARD_OUTPUT);
    if (run->rows.error != 0 && run->rows.error != EPIPE)
        diagnose("cannot write standard output: %s", strerror(run->rows.error));
}

static int status_of(struct run *run)
{
    /* What -v says may get lost with standard error: there is nobody left to tell. */
    if (run->has_failed || run->rows.error != 0)
        return STATUS_ERROR;
    if (run->row_count == 0) {
        fail(run, "no targets: every file is empty");
        return STATUS_ERROR;
    }
    return verdict_status(&run->verdict);
}

static void release(struct run *run)
{
    order_free(run->order);
    expand_release(&run->expand);
    probe_free(run->probe);
    resolve_free(run->resolve);
    source_free(run->source);
    output_release(&run->rows);
    output_release(&run->notes);
}

int run(const struct options *options, bool *may_leave)
{
    struct run run = {.options = options, .os = &os_system};
    output_init(&run.rows, STANDARD_OUTPUT);
    output_init(&run.notes, STANDARD_ERROR);
    verdict_init(&run.verdict, options->expects_down, options->is_any);
    run.report.protocol = protocol_tcp.name;
    run.report.expects_down = options->expects_down;
    run.report.is_coloured = wants_colour(options);

    /* First of all: every file takes one. */
    if (os_raise_descriptor_limit(&run.descriptor_limit) != 0)
        run.descriptor_limit = UINT64_MAX;
    open_source(&run);
    if (!run.has_failed)
        check_interface(&run);
    if (!run.has_failed)
        open_engine(&run);
    if (!run.has_failed)
        loop(&run);
    finish_output(&run);
    int status = status_of(&run);
    *may_leave = run.resolve == NULL || !resolve_is_busy(run.resolve);
    if (*may_leave)
        release(&run);
    return status;
}
