#include "netcheck/report/wording.h"

#include <inttypes.h>
#include <time.h>

#include "netcheck/base/base.h"
#include "netcheck/base/escape.h"
#include "netcheck/base/utf8.h"
#include "netcheck/target/fault.h"

enum { LABEL_LIMIT = 320 }; /* longer than any host and port: only bad lines are cut */

const char *wording_colour(const struct result *result, bool expects_down)
{
    if (outcome_state(&result->outcome) == STATE_ERROR)
        return COLOUR_UNKNOWN;
    return result_is_expected(result, expects_down) ? COLOUR_EXPECTED : COLOUR_UNEXPECTED;
}

typedef void escape_function(struct buffer *out, const char *bytes, size_t len);

/* The parser lets no host through that could harm a terminal; a bad line never passed it. */
static void add_label(struct buffer *out, const struct endpoint *endpoint,
                      escape_function *escape)
{
    const struct target *target = endpoint->target;
    if (target->kind != TARGET_INVALID) {
        endpoint_label(out, endpoint);
        return;
    }
    size_t shown = utf8_cut(target->host, target->host_len, LABEL_LIMIT);
    escape(out, target->host, shown);
    buffer_add_text(out, shown < target->host_len ? "..." : "");
}

void wording_label(struct buffer *out, const struct endpoint *endpoint)
{
    add_label(out, endpoint, escape_readable);
}

void wording_cells(struct buffer *out, const struct endpoint *endpoint)
{
    add_label(out, endpoint, escape_text);
}

void wording_milliseconds(struct buffer *out, int64_t duration_ns)
{
    double milliseconds = (double)duration_ns / (double)NS_PER_MS;
    int decimals = milliseconds < 0.095 ? 2 : milliseconds < 99.95 ? 1 : 0;
    buffer_add_decimal(out, milliseconds, decimals, 0);
    buffer_add_text(out, " ms");
}

void wording_exact_milliseconds(struct buffer *out, int64_t duration_ns)
{
    buffer_add_format(out, "%" PRId64 ".%03" PRId64, duration_ns / NS_PER_MS,
                      duration_ns % NS_PER_MS / NS_PER_US);
}

/* gmtime_r() cannot fail: 64 bits of nanoseconds end in the year 2262. */
void wording_time(struct buffer *out, int64_t wall_ns, int decimals)
{
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    int64_t fraction = wall_ns % NS_PER_S;
    struct tm utc;
    for (int i = decimals; i < 9; i++)
        fraction /= 10;
    (void)gmtime_r(&seconds, &utc);
    buffer_add_format(out, "%d-%02d-%02dT%02d:%02d:%02d.%0*" PRId64 "Z", utc.tm_year + 1900,
                      utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                      decimals, fraction);
}

/* Rounded down, so that no wait is called longer than it was. */
void wording_duration(struct buffer *out, int64_t duration_ns)
{
    int64_t tenths = duration_ns / (NS_PER_S / 10);
    if (duration_ns > 0 && duration_ns < NS_PER_MS)
        wording_milliseconds(out, duration_ns);
    else if (duration_ns < NS_PER_S)
        buffer_add_format(out, "%" PRId64 " ms", duration_ns / NS_PER_MS);
    else if (tenths % 10 == 0)
        buffer_add_format(out, "%" PRId64 " s", tenths / 10);
    else
        buffer_add_format(out, "%" PRId64 ".%" PRId64 " s", tenths / 10, tenths % 10);
}

void wording_span(struct buffer *out, int64_t duration_ns)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    int64_t seconds = duration_ns / NS_PER_S;
    size_t i = 0;
    if (seconds < 100) {
        wording_duration(out, duration_ns);
        return;
    }
    while (seconds < units[i].seconds)
        i++;
    int64_t rest = seconds % units[i].seconds / units[i + 1].seconds;
    buffer_add_format(out, "%" PRId64 " %s", seconds / units[i].seconds, units[i].name);
    if (rest > 0)
        buffer_add_format(out, " %" PRId64 " %s", rest, units[i + 1].name);
}

static void invalid_detail(struct buffer *out, const struct target *target)
{
    fault_describe(out, target->host, target->host_len, &target->fault, &target->place);
}

/* The number of SYNs counts the first one and those that were sent again. */
static void timeout_detail(struct buffer *out, const struct result *result)
{
    bool is_plain = result->outcome.remark == REMARK_NONE;
    if (is_plain)
        buffer_add_text(out, "no answer");
    else
        outcome_describe(out, &result->outcome);
    if (is_plain && result->syn_retransmits > 0)
        buffer_add_format(out, " to %d SYNs", result->syn_retransmits + 1);
    buffer_add_text(out, " in ");
    wording_duration(out, result->waited_ns);
}

/* "10.0.0.5 rejected 7 other ports by ICMP, which it may say only so often" */
static void add_rejection(struct buffer *out, const struct rejection *rejection)
{
    char sender[ADDRESS_TEXT_SIZE];
    address_format(&rejection->sender, sender);
    buffer_add_format(out, "%s rejected ", sender);
    if (rejection->others == 0)
        buffer_add_text(out, "this one before");
    else
        buffer_add_format(out, "%" PRIu64 " other %s%s", rejection->others,
                          rejection->by == REJECTER_ITSELF ? "port" : "target",
                          rejection->others > 1 ? "s" : "");
    buffer_add_text(out, " by ICMP, which it may say only so often");
}

static void add_separator(struct buffer *out, size_t start)
{
    if (out->len > start)
        buffer_add_text(out, ", ");
}

static void add_sender(struct buffer *out, const struct icmp *icmp, size_t start)
{
    char sender[ADDRESS_TEXT_SIZE];
    add_separator(out, start);
    address_format(&icmp->sender, sender);
    bool is_ipv6 = address_family(&icmp->sender) == AF_INET6;
    buffer_add_format(out, "said %s%s (%s %u/%u)", sender, icmp->is_own ? ", this machine" : "",
                      is_ipv6 ? "ICMPv6" : "ICMP", icmp->type, icmp->code);
}

static void add_cause(struct buffer *out, const struct result *result)
{
    const struct outcome *outcome = &result->outcome;
    bool is_plain = outcome->remark == REMARK_NONE;
    if (outcome->reason == REASON_INVALID) {
        invalid_detail(out, result->endpoint.target);
    } else if (outcome->reason == REASON_TIMEOUT && !outcome->icmp.is_set) {
        timeout_detail(out, result);
    } else if (outcome->reason == REASON_RESOLVE_TIMEOUT && is_plain) {
        buffer_add_text(out, "the resolver did not answer in ");
        wording_duration(out, result->waited_ns);
    } else {
        outcome_describe(out, outcome);
    }
}

/* What it took to get the answer. */
static void add_efforts(struct buffer *out, const struct result *result, size_t start)
{
    if (result->outcome.reason == REASON_CONNECTED && result->syn_retransmits > 0) {
        add_separator(out, start);
        buffer_add_format(out, "%d SYN%s lost", result->syn_retransmits,
                          result->syn_retransmits > 1 ? "s" : "");
    }
    if (result->others_failed > 0) {
        add_separator(out, start);
        buffer_add_format(out, "%u more address%s failed", result->others_failed,
                          result->others_failed > 1 ? "es" : "");
    }
    if (result->attempts > 1) {
        add_separator(out, start);
        buffer_add_format(out, "%u attempts", result->attempts);
    }
}

void wording_detail(struct buffer *out, const struct result *result)
{
    size_t start = out->len;
    add_cause(out, result);
    if (result->outcome.icmp.is_set)
        add_sender(out, &result->outcome.icmp, start);
    add_efforts(out, result, start);
    if (result->rejection.by != REJECTER_NONE) {
        add_separator(out, start);
        add_rejection(out, &result->rejection);
    }
}
