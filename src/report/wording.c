#include "netcheck/report/wording.h"

#include <inttypes.h>
#include <time.h>

#include "netcheck/base/base.h"
#include "netcheck/base/escape.h"
#include "netcheck/base/utf8.h"

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

void wording_row_label(struct buffer *out, const struct endpoint *endpoint, bool is_by_address)
{
    char address[ADDRESS_TEXT_SIZE];
    wording_label(out, endpoint);
    if (!is_by_address || endpoint->target->kind != TARGET_NAME)
        return;
    address_format(&endpoint->address, address);
    if (address[0] != '\0')
        buffer_add_format(out, " %s", address);
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

void wording_seconds(struct buffer *out, int64_t duration_ns, int decimals)
{
    int64_t fraction = duration_ns % NS_PER_S;
    for (int i = decimals; i < 9; i++)
        fraction /= 10;
    buffer_add_format(out, "%" PRId64 ".%0*" PRId64, duration_ns / NS_PER_S, decimals,
                      fraction);
}

void wording_trim(struct buffer *out)
{
    if (out->has_failed)
        return;
    while (out->bytes[out->len - 1] == '0')
        out->len--;
    if (out->bytes[out->len - 1] == '.')
        out->len--;
}

/* gmtime_r() cannot fail: no year needs more than an int. */
static struct tm utc_of(int64_t wall_s)
{
    time_t seconds = (time_t)wall_s;
    struct tm utc;
    (void)gmtime_r(&seconds, &utc);
    return utc;
}

static void add_day(struct buffer *out, const struct tm *utc)
{
    buffer_add_format(out, "%04d-%02d-%02d", utc->tm_year + 1900, utc->tm_mon + 1,
                      utc->tm_mday);
}

static void add_second(struct buffer *out, const struct tm *utc)
{
    add_day(out, utc);
    buffer_add_format(out, "T%02d:%02d:%02d", utc->tm_hour, utc->tm_min, utc->tm_sec);
}

void wording_time(struct buffer *out, int64_t wall_ns, int decimals)
{
    const struct tm utc = utc_of(wall_ns / NS_PER_S);
    int64_t fraction = wall_ns % NS_PER_S;
    for (int i = decimals; i < 9; i++)
        fraction /= 10;
    add_second(out, &utc);
    buffer_add_format(out, ".%0*" PRId64 "Z", decimals, fraction);
}

void wording_second(struct buffer *out, int64_t wall_s)
{
    const struct tm utc = utc_of(wall_s);
    add_second(out, &utc);
    buffer_add_text(out, "Z");
}

void wording_day(struct buffer *out, int64_t wall_s)
{
    const struct tm utc = utc_of(wall_s);
    add_day(out, &utc);
}

void wording_socket(struct buffer *out, const struct address *address)
{
    char text[ADDRESS_TEXT_SIZE];
    if (address_family(address) == AF_UNSPEC)
        return;
    unsigned port = address_port(address);
    address_format(address, text);
    bool is_bracketed = port != 0 && address_family(address) == AF_INET6;
    buffer_add_format(out, is_bracketed ? "[%s]" : "%s", text);
    if (port != 0)
        buffer_add_format(out, ":%u", port);
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
