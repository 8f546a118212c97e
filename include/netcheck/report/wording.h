/*
 * wording: what formats and views say in the same way: labels, times and colours.
 *
 * Each function appends to a buffer. Nothing here knows what a line looks like.
 */
#ifndef NETCHECK_WORDING_H
#define NETCHECK_WORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"
#include "netcheck/probe/result.h"
#include "netcheck/target/endpoint.h"

/* Colours (ECMA-48 SGR): of what is as expected, of what is not, of what is unknown. */
#define COLOUR_EXPECTED   "\033[32m"
#define COLOUR_UNEXPECTED "\033[31m"
#define COLOUR_UNKNOWN    "\033[33m"
#define COLOUR_NONE       "\033[0m"

/* The one of these that the row's state has. */
const char *wording_colour(const struct result *result, bool expects_down);

/* Append what the row is about, harmless to a terminal: "host:port", or a bad line. */
void wording_label(struct buffer *out, const struct endpoint *endpoint);

/*
 * The same for what stands beside other rows: behind a blank, the address where a name has a
 * row for each of its own.
 *
 * is_by_address  as in struct report
 */
void wording_row_label(struct buffer *out, const struct endpoint *endpoint, bool is_by_address);

/* wording_label() in ASCII, so that each byte takes one cell of a screen. */
void wording_cells(struct buffer *out, const struct endpoint *endpoint);

/* Append milliseconds as a person reads them: "0.04 ms", "0.8 ms", "12.3 ms", "1021 ms". */
void wording_milliseconds(struct buffer *out, int64_t duration_ns);

/* Append milliseconds with three decimals, rounded down and without the unit: "0.812". */
void wording_exact_milliseconds(struct buffer *out, int64_t duration_ns);

/* Append seconds the same way, for programs: "0.000812"; decimals 1 to 9. Not negative. */
void wording_seconds(struct buffer *out, int64_t duration_ns, int decimals);

/* Take off the zeros that the decimals of a number end in: "0.1", "2". */
void wording_trim(struct buffer *out);

/* Append nanoseconds since 1970 as UTC, RFC 3339: "2026-11-23T03:00:00.123Z"; decimals 1 to 9.
 */
void wording_time(struct buffer *out, int64_t wall_ns, int decimals);

/* Append seconds since 1970 as UTC, years 0 to 9999: "2026-12-29T14:47:06Z"; the day alone. */
void wording_second(struct buffer *out, int64_t wall_s);
void wording_day(struct buffer *out, int64_t wall_s);

/* Append an address and, where it has one, its port: "10.0.0.6:53", "[2001:db8::6]:53". Nothing
   without an address. */
void wording_socket(struct buffer *out, const struct address *address);

/* Append a duration as the user would write it: "5 s", "1.5 s", "200 ms". */
void wording_duration(struct buffer *out, int64_t duration_ns);

/*
 * Append a long time as a person says it, in two units, rounded down: "2 min 5 s",
 * "3 h 12 min", "2 d 4 h"; below 100 s as wording_duration().
 */
void wording_span(struct buffer *out, int64_t duration_ns);

#endif
