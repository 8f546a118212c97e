/*
 * trace: a step of the engine as one line, for -v.
 */
#include "netcheck/report/report.h"

#include <string.h>

#include "netcheck/base/escape.h"
#include "netcheck/report/wording.h"

static const char *family_words(unsigned families)
{
    if (families == FAMILY_IPV4)
        return "IPv4";
    return families == FAMILY_IPV6 ? "IPv6" : "IPv4 and IPv6";
}

static void add_outcome(struct buffer *out, const struct trace *trace)
{
    const struct outcome *outcome = &trace->outcome;
    buffer_add_text(out, reason_name(outcome->reason));
    if (trace->took_ns >= 0 && outcome->reason != REASON_TIMEOUT) {
        buffer_add_text(out, " in ");
        wording_milliseconds(out, trace->took_ns);
    }
    if (trace->ttl > 0)
        buffer_add_format(out, ", ttl %d", trace->ttl);
    bool is_matched = outcome->reason == REASON_MATCHED;
    struct buffer words = BUFFER_EMPTY;
    outcome_describe(&words, outcome);
    if (words.len == 0 && trace->reply != NULL)
        buffer_add_format(&words, is_matched ? "'%s'" : "%s", trace->reply->words);
    if (words.len > 0) {
        buffer_add_text(out, ": ");
        buffer_add(out, words.bytes, words.len);
    }
    buffer_release(&words);
}

static void add_address(struct buffer *out, const struct trace *trace, const char *before,
                        const char *after)
{
    char text[ADDRESS_TEXT_SIZE];
    address_format(&trace->endpoint.address, text);
    buffer_add_format(out, "%s%s%s", before, text, after);
}

static void add_answer(struct buffer *out, const struct trace *trace)
{
    buffer_add_format(out, "%s: ", family_words(trace->family));
    if (trace->outcome.lookup_error != 0 || trace->outcome.error != 0) {
        add_outcome(out, trace);
        return;
    }
    buffer_add_format(out, "%zu address%s", trace->count, trace->count == 1 ? "" : "es");
    if (trace->took_ns < 0)
        return;
    buffer_add_text(out, " in ");
    wording_milliseconds(out, trace->took_ns);
    if (trace->canonical == NULL)
        return;
    buffer_add_text(out, ", as ");
    escape_text(out, trace->canonical->text, strlen(trace->canonical->text));
}

/* Addresses of an answer that are not asked. */
static void add_left_out(struct buffer *out, const struct trace *trace)
{
    const char *family = family_words(trace->family);
    if (trace->kind == TRACE_CUT)
        buffer_add_format(out, "more than %zu %s addresses, only those are asked", trace->count,
                          family);
    else
        buffer_add_format(out, "%zu %s address%s excluded", trace->count, family,
                          trace->count == 1 ? "" : "es");
}

/* What stands behind an address, where that is all. */
static const char *const of_address[] = {
    [TRACE_RESENT] = " has not replied yet, sent again",
    [TRACE_PROXIED] = " accepted by a SYN proxy, waiting for the server behind it",
    [TRACE_AGAIN] = " connected to itself, asking again",
    [TRACE_CANARY] = " asked again: does it still answer under this traffic?",
};

static void add_step(struct buffer *out, const struct trace *trace)
{
    switch (trace->kind) {
    case TRACE_RESOLVING:
        buffer_add_format(out, "resolving (%s)", family_words(trace->family));
        break;
    case TRACE_ANSWER:
        add_answer(out, trace);
        break;
    case TRACE_CUT:
    case TRACE_EXCLUDED:
        add_left_out(out, trace);
        break;
    case TRACE_TRYING:
        add_address(out, trace, "trying ", "");
        break;
    case TRACE_FAILED:
    case TRACE_CONNECTED:
        add_address(out, trace, "", " ");
        add_outcome(out, trace);
        break;
    case TRACE_RESENT:
    case TRACE_PROXIED:
    case TRACE_AGAIN:
    case TRACE_CANARY:
        add_address(out, trace, "", of_address[trace->kind]);
        break;
    case TRACE_PUT_BACK:
        buffer_add_text(out, "put back: ");
        outcome_describe(out, &trace->outcome);
        break;
    case TRACE_RECHECK:
        buffer_add_text(out, "no answer, perhaps for too much traffic: a second look later");
        break;
    case TRACE_NEIGHBOURS:
        buffer_add_text(out, "no answer, and this machine's table of neighbours is full "
                             "(gc_thresh3): a second look later");
        break;
    case TRACE_BELIEVED:
        buffer_add_text(out,
                        "no answer, which is believed from here on: second looks have taken "
                        "as long as asking, and a minute more");
        break;
    case TRACE_OUTAGE:
        outcome_describe(out, &trace->outcome);
        buffer_add_text(out, ", perhaps for a moment only: a second look later");
        break;
    case TRACE_RETRY:
        if (outcome_is_temporary(&trace->outcome))
            outcome_describe(out, &trace->outcome);
        else
            buffer_add_text(out, "no answer");
        buffer_add_format(out, ", attempt %zu", trace->count);
        break;
    }
}

void report_trace(struct buffer *out, const struct trace *trace)
{
    struct buffer label = BUFFER_EMPTY;
    endpoint_label(&label, &trace->endpoint);
    buffer_add_text(out, "* ");
    escape_text(out, label.bytes, label.len);
    buffer_add_text(out, ": ");
    add_step(out, trace);
    buffer_add_text(out, "\n");
    buffer_release(&label);
}
