#include "netcheck/cli/listing.h"

#include <errno.h>

#include "netcheck/base/base.h"
#include "netcheck/cli/message.h"
#include "netcheck/base/escape.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/cli/inputs.h"
#include "netcheck/os/os.h"
#include "netcheck/os/output.h"
#include "netcheck/probe/question.h"
#include "netcheck/report/verdict.h"

enum { PIECE_SIZE = 64 * 1024 };

struct listing {
    const struct options *options;
    struct inputs inputs;
    struct output output;
    struct output notes;
    int64_t end_ns;  /* -m; NEVER_NS: none */
    bool is_late;    /* it came before the list's end */
    bool has_failed; /* a line was malformed */
};

static void say(struct listing *listing, const char *what)
{
    buffer_add_format(&listing->notes.buffer, "netcheck: %s\n", what);
    output_drain(&listing->notes);
}

static void add_line(struct buffer *out, const struct endpoint *endpoint)
{
    struct buffer label = BUFFER_EMPTY;
    endpoint_label(&label, endpoint);
    if (endpoint->target->expects_down)
        buffer_add_text(out, "!");
    escape_text(out, label.bytes, label.len);
    buffer_add_text(out, "\n");
    out->has_failed |= label.has_failed;
    buffer_release(&label);
}

static void add_invalid(struct listing *listing, const struct target *target)
{
    struct buffer text = BUFFER_EMPTY;
    fault_describe(&text, target->host, target->host_len, &target->fault, &target->place);
    question_add_known(&text, target->fault.code);
    output_drain(
        &listing->output); /* first, so that the complaint stands behind it on a terminal */
    say(listing, buffer_text(&text));
    listing->has_failed = true;
    buffer_release(&text);
}

static void add_endpoint(struct listing *listing, const struct endpoint *endpoint)
{
    if (endpoint->target->kind == TARGET_INVALID)
        add_invalid(listing, endpoint->target);
    else
        add_line(&listing->output.buffer, endpoint);
    if (listing->output.buffer.len >= PIECE_SIZE)
        output_drain(&listing->output);
}

static int64_t left_ns(const struct listing *listing)
{
    int64_t now_ns = os_system.now_ns(os_system.self);
    if (listing->end_ns == NEVER_NS)
        return NEVER_NS;
    return listing->end_ns > now_ns ? listing->end_ns - now_ns : 0;
}

static void tell_inputs(struct listing *listing)
{
    size_t before = listing->notes.buffer.len;
    inputs_tell(&listing->inputs, listing->options, &listing->notes.buffer);
    if (listing->notes.buffer.len == before)
        return;
    output_drain(&listing->output); /* first, as for what is invalid */
    output_drain(&listing->notes);
}

static void skip_file(struct listing *listing)
{
    struct buffer text = BUFFER_EMPTY;
    inputs_skip(&listing->inputs, &text);
    say(listing, buffer_text(&text));
    buffer_release(&text);
}

/* Before it waits for more, the list so far is written. */
static enum error wait_for_input(struct listing *listing)
{
    output_drain(&listing->output);
    int fd = source_descriptor(listing->inputs.source);
    int error = os_wait_readable(fd, left_ns(listing));
    if (error == ETIMEDOUT)
        return ERROR_NONE;
    if (error != 0)
        return ERROR_NO_MEMORY; /* nothing else can go wrong with one descriptor */
    source_set_ready(listing->inputs.source);
    return ERROR_NONE;
}

static enum error list_all(struct listing *listing)
{
    enum error error = ERROR_NONE;
    while (listing->output.error == 0) {
        listing->is_late = left_ns(listing) == 0;
        if (listing->is_late)
            return ERROR_NONE;
        struct endpoint endpoint;
        tell_inputs(listing);
        error = sequence_next(&listing->inputs.sequence, &endpoint);
        if (error == ERROR_NONE)
            add_endpoint(listing, &endpoint);
        else if (error == ERROR_AGAIN)
            error = wait_for_input(listing);
        else if (error == ERROR_SYSTEM)
            skip_file(listing);
        else if (error != ERROR_PAUSE)
            break;
    }
    tell_inputs(listing);
    return error == ERROR_END ? ERROR_NONE : error;
}

int listing(const struct options *options)
{
    struct listing listing = {.options = options, .end_ns = NEVER_NS};
    int64_t now_ns = os_system.now_ns(os_system.self);
    if (options->max_time_ns < NEVER_NS - now_ns)
        listing.end_ns = now_ns + options->max_time_ns;
    output_init(&listing.output, STANDARD_OUTPUT);
    output_init(&listing.notes, STANDARD_ERROR);
    listing.output.until_ns = listing.notes.until_ns = listing.end_ns;
    inputs_open(&listing.inputs, options, listing.end_ns);
    if (!listing.inputs.has_failed && listing.inputs.gate.target != NULL)
        add_endpoint(&listing, &listing.inputs.gate);
    enum error error = listing.inputs.has_failed ? ERROR_NONE : list_all(&listing);
    output_close(&listing.output);
    bool is_written = listing.output.error == 0;
    message_lost(&listing.output, &listing.notes.buffer);
    inputs_tell_excluded(&listing.inputs, options, &listing.notes.buffer);
    output_drain(&listing.notes);
    if (error != ERROR_NONE)
        message_error(error);
    else if (listing.is_late)
        say(&listing, "the run's time was over: the rest is not listed");
    else if (is_written)
        inputs_check_empty(&listing.inputs);
    bool has_failed = listing.has_failed || listing.inputs.has_failed || !is_written ||
                      error != ERROR_NONE || listing.is_late;
    inputs_release(&listing.inputs);
    output_release(&listing.output);
    output_release(&listing.notes);
    return has_failed ? STATUS_ERROR : STATUS_EXPECTED;
}
