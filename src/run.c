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
#include "netcheck/report.h"
#include "netcheck/resolve.h"
#include "netcheck/source.h"
#include "netcheck/verdict.h"

enum {
    BURST = 64,              /* connects between two select() calls */
    ORDER_CAPACITY = 16384,  /* finished rows that may wait for an earlier one */
    DESCRIPTORS_SPARED = 32, /* for standard streams, files, the resolver */
};

static const int64_t feed_ns = 5 * NS_PER_MS;

struct run {
    const struct options *options;
    const struct os *os;
    struct target_rules rules;
    struct source *source;
    struct expand expand; /* the target that is being spelled out */
    struct resolve *resolve;
    struct probe *probe;
    struct order *order; /* NULL: rows as they finish */
    struct verdict verdict;
    struct report report;
    struct output rows;
    struct output notes;
    uint64_t descriptor_limit; /* how many this process may have open */
    uint64_t next_sequence;
    bool is_fed;        /* the source has ended */
    bool wants_input;   /* the source waits for its descriptor */
    bool has_failed;    /* a message was written: the exit status says so */
    bool is_stopped;    /* and what is in flight is given up */
    uint64_t row_count; /* rows counted in the verdict */
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
    if (error != ERROR_NONE)
        fail_error(run, error);
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
static void write_row(struct run *run, struct result *result)
{
    run->row_count++;
    verdict_add(&run->verdict, result);
    if (is_shown(run, result))
        run->options->format->row(&run->rows.buffer, &run->report, result);
    result_release(result);
}

static void deliver(struct run *run, struct result *result)
{
    if (run->order == NULL)
        write_row(run, result);
    else if (order_put(run->order, result) != ERROR_NONE)
        fail_error(run, ERROR_NO_MEMORY);
}

static void deliver_invalid(struct run *run, const struct endpoint *endpoint)
{
    struct result result;
    memset(&result, 0, sizeof result);
    result.sequence = run->next_sequence;
    result.rows = 1;
    result.endpoint = *endpoint;
    (void)target_hold(endpoint->target);
    result.outcome = outcome_of(REASON_INVALID);
    result.finished_ns = run->os->now_ns(run->os->self);
    result.resolve_ns = result.connect_ns = -1;
    result.syn_retransmits = -1;
    deliver(run, &result);
}

/* The next row to ask, from the target at hand or the next one. */
static enum error next_endpoint(struct run *run, struct endpoint *endpoint)
{
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

static bool may_feed(const struct run *run)
{
    return !run->is_fed && !run->is_stopped && !output_is_congested(&run->rows) &&
           !output_is_congested(&run->notes) && probe_room(run->probe) > 0 &&
           (run->order == NULL || order_has_room(run->order, run->next_sequence));
}

/* Submit one row. False where the source has nothing now. */
static bool feed_one(struct run *run)
{
    struct endpoint endpoint;
    enum error error = next_endpoint(run, &endpoint);
    run->wants_input = error == ERROR_AGAIN;
    run->is_fed = error == ERROR_END;
    if (error == ERROR_AGAIN || error == ERROR_PAUSE || error == ERROR_END)
        return false;
    if (error == ERROR_NONE && endpoint.target->kind == TARGET_INVALID)
        deliver_invalid(run, &endpoint);
    else if (error == ERROR_NONE)
        error = probe_submit(run->probe, run->next_sequence, &endpoint);
    if (error != ERROR_NONE) {
        fail_error(run, error);
        return false;
    }
    run->next_sequence++;
    return true;
}

/* Some rows, and never for long: what is in flight has deadlines. */
static void feed(struct run *run)
{
    int64_t until_ns = run->os->now_ns(run->os->self) + feed_ns;
    for (int i = 0; i < BURST && may_feed(run); i++)
        if (!feed_one(run) || run->os->now_ns(run->os->self) >= until_ns)
            return;
}

static void collect(struct run *run)
{
    struct trace trace;
    while (probe_collect_trace(run->probe, &trace)) {
        report_trace(&run->notes.buffer, &trace);
        target_drop(trace.endpoint.target);
    }
    struct result result;
    while (probe_collect(run->probe, &result))
        deliver(run, &result);
    while (run->order != NULL && order_take(run->order, &result))
        write_row(run, &result);
}

/* Wait for whatever comes first; for more input only where there is room for it. */
static void turn(struct run *run)
{
    bool has_room = may_feed(run);
    struct probe_watch watch = {
        .readable_fd = has_room && run->wants_input ? source_descriptor(run->source) : -1,
        .writable_fds = {output_waits_for(&run->rows), output_waits_for(&run->notes)},
    };
    bool is_in_haste = has_room && !run->wants_input;
    enum error error = probe_turn(run->probe, &watch, is_in_haste ? 0 : NEVER_NS);
    if (error != ERROR_NONE)
        fail_error(run, error);
    if (watch.is_readable)
        source_set_ready(run->source);
}

static bool is_over(const struct run *run)
{
    return run->is_stopped || run->rows.error != 0 ||
           (run->is_fed && probe_in_flight(run->probe) == 0);
}

static void loop(struct run *run)
{
    for (;;) {
        run->report.wall_offset_ns = os_wall_ns() - run->os->now_ns(run->os->self);
        feed(run);
        collect(run);
        bool is_all_there = is_over(run); /* what is left is written at the end, in one go */
        if (!is_all_there) {
            output_flush(&run->notes);
            output_flush(&run->rows);
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
