/*
 * run_setup: a run from its options, and its end. See run.c for what is in between.
 */
#include "course.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "netcheck/base/base.h"
#include "netcheck/cli/message.h"
#include "netcheck/base/escape.h"
#include "netcheck/os/resolve.h"

enum {
    ORDER_CAPACITY = 16384,            /* finished rows that may wait for an earlier one */
    ORDER_BYTES_MAX = 8 * 1024 * 1024, /* of them, what is larger than a plain row */
    DESCRIPTORS_SPARED = 32,           /* for standard streams, files, the resolver */
};

/* A name in use is not asked again that soon: a sweep of its ports resolves it once. */
static const int64_t name_reuse_ns = 10 * NS_PER_S;

/* Where it is asked again and again, it is resolved anew each time, but once for all its ports.
 */
static const int64_t await_reuse_ns = 50 * NS_PER_MS;

/* A resolver that was dead a moment ago may be there now; libc would ask it when it has time.
 */
static const int64_t name_patience_ns = 2 * NS_PER_S;

static void fail(struct run *run, const char *what)
{
    message_say("%s", what);
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
    escape_quoted(&text, name, strlen(name));
    buffer_add_format(&text, " for -I: %s", strerror(error));
    fail(run, buffer_text(&text));
    buffer_release(&text);
}

/* No more than there are rows, but one: a shard may have none. */
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
    const struct feed_options *feed = &run->inputs.feed.options;
    if (run->options->is_verbose && feed->is_shuffled)
        buffer_add_format(&run->streams.notes.buffer, "* shuffled as by --shuffle=%llu\n",
                          (unsigned long long)feed->seed);
}

static int64_t choose_reuse(const struct options *options)
{
    if (options->is_wait)
        return await_reuse_ns;
    bool is_short = options->has_rounds && options->interval_ns / 2 < name_reuse_ns;
    return is_short ? options->interval_ns / 2 : name_reuse_ns;
}

struct backoff run_backoff(const struct run *run)
{
    const struct options *options = run->options;
    return (struct backoff){options->has_interval ? options->interval_ns : 0, os_random()};
}

static void open_engine(struct run *run)
{
    const struct options *options = run->options;
    bool is_once = run->course == &course_once;
    struct probe_options probe_options = {
        .protocol = &protocol_tcp,
        .origin = {.source = options->source, .interface = options->interface},
        .timeout_ns = options->timeout_ns,
        .until_ns = run->until_ns,
        .cut_remark = is_once ? REMARK_OVER : REMARK_NONE,
        .name_reuse_ns = choose_reuse(options),
        .name_patience_ns = is_once ? NEVER_NS : name_patience_ns,
        .retries = options->retries,
        .families = options->families,
        .window = choose_window(run),
        .rate = options->rate,
        /* Where it is asked again anyway, another look is only late. */
        .has_second_look = is_once && (!options->has_retries || options->retries > 0),
        .is_all_addresses = options->is_all_addresses,
        .asks_again = options->is_wait,
        .backoff = run_backoff(run),
        .is_traced = options->is_verbose,
    };
    enum error error = resolve_new(os_lookup, RESOLVE_THREADS, &run->resolve);
    if (error == ERROR_NONE)
        error =
            probe_new(run->os, resolve_interface(run->resolve), &probe_options, &run->probe);
    if (error == ERROR_NONE && is_once && !options->is_unordered)
        error = order_new(choose_order(probe_options.window, run->inputs.feed.total),
                          ORDER_BYTES_MAX, &run->order);
    if (error != ERROR_NONE)
        run_fail(run, error);
    tell_seed(run);
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
    return os_is_terminal(STANDARD_OUTPUT) && (no_colour == NULL || no_colour[0] == '\0');
}

static const struct course *choose_course(const struct options *options)
{
    if (options->is_wait)
        return &course_await;
    return options->has_rounds ? &course_rounds : &course_once;
}

/* Rounds have rows to go by, and no end. */
static bool wants_progress(const struct options *options)
{
    if (options->has_rounds)
        return false;
    return options->progress == WHEN_ALWAYS ||
           (options->progress == WHEN_AUTO && !options->is_quiet && streams_can_draw());
}

static void init_report(struct run *run)
{
    const struct options *options = run->options;
    run->report = (struct report){
        .protocol = protocol_tcp.name,
        .expects_down = options->expects_down,
        .is_coloured = wants_colour(options),
        .is_dated = options->is_dated,
        .has_changes = options->is_on_change || options->is_wait,
        .has_histogram = options->has_histogram,
        .is_by_address = options->is_all_addresses,
        .is_unicode = is_locale_unicode(),
    };
}

/* When `slice_ns` from the beginning on are over. */
static int64_t end_of(const struct run *run, int64_t slice_ns)
{
    return slice_ns < NEVER_NS - run->began_ns ? run->began_ns + slice_ns : NEVER_NS;
}

void run_init(struct run *run, const struct options *options)
{
    *run = (struct run){
        .options = options,
        .course = choose_course(options),
        .os = &os_system,
        .signal_fd = -1,
        .until_ns = NEVER_NS,
        .end_ns = NEVER_NS,
        .returned_ns = INT64_MIN,
        .screen = {.keys_fd = -1},
    };
    run->began_ns = run_now_ns(run);
    run->end_ns = end_of(run, options->max_time_ns);
    if (options->is_wait && options->wait_ns != 0)
        run->until_ns = end_of(run, options->wait_ns);
    if (run->end_ns < run->until_ns)
        run->until_ns = run->end_ns;
    streams_init(&run->streams, wants_progress(options), run->began_ns);
    streams_hurry(&run->streams, NEVER_NS, run_output_end_ns(run));
    verdict_init(&run->verdict, options->expects_down, options->is_any);
    roster_init(&run->roster);
    history_init(&run->history, options->is_all_addresses, options->has_rounds);
    init_report(run);
    live_init(&run->screen.live, &(struct live_options){
                                     .is_unicode = run->report.is_unicode,
                                     .is_coloured = run->report.is_coloured,
                                     .expects_down = options->expects_down,
                                 });
}

/* Files first: opening one on a slow disk may take, and signals then do what they always do. */
static void open_input(struct run *run)
{
    unsigned also = run->options->has_rounds ? OS_CATCH_SUMMARY : 0;
    if (os_raise_descriptor_limit(&run->descriptor_limit) != 0)
        run->descriptor_limit = UINT64_MAX;
    if (run->options->is_live && !screen_prepare(run)) {
        run->has_failed = true;
        return;
    }
    inputs_open(&run->inputs, run->options);
    run->has_failed = run->inputs.has_failed;
    if (!run->has_failed && os_catch_signals(also, &run->signal_fd) != 0)
        run->signal_fd = -1; /* no descriptor for it: they do so on */
}

void run_open(struct run *run)
{
    open_input(run);
    if (!run->has_failed)
        check_interface(run);
    if (!run->has_failed)
        open_engine(run);
}

void run_release(struct run *run)
{
    order_free(run->order);
    probe_free(run->probe);
    resolve_free(run->resolve);
    roster_release(&run->roster);
    history_release(&run->history);
    screen_release(&run->screen);
    inputs_release(&run->inputs);
    streams_release(&run->streams);
}
