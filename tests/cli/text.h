/*
 * text: what makes two runs of the program comparable, and a strict reader of JSON.
 */
#ifndef TESTS_CLI_TEXT_H
#define TESTS_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/base/buffer.h"

/* Every "0.42 ms" becomes "N ms", and every "=0.000420s;" of performance data "=Ns;". */
void text_hide_latencies(struct buffer *text);

/* Every time, also "1.5 s" and "0.1/0.2 ms", becomes N or N/N, without its unit;
 * and "=0.000420s;" is "=N;". */
void text_hide_times(struct buffer *text);

size_t text_count_lines(const struct buffer *text);

/* Whether a byte is there that no terminal should get: a control byte other than the line's
 * end, or one that is not ASCII. */
bool text_has_raw_bytes(const struct buffer *text);

/*
 * Whether `text` is JSON lines: each line one object of RFC 8259 and nothing else, in valid
 * UTF-8, without white space between the tokens (this program writes none).
 */
bool text_is_json_lines(const char *text, size_t len);

/*
 * In JSON lines, what is never the same twice: "time" becomes "T" if it is an instant of
 * RFC 3339 with microseconds in UTC, "resolve_ms", "connect_ms" and "reply_ms" become N if they
 * have three decimals; inside strings as text_hide_latencies(). Anything else stays as it is.
 */
void text_hide_json_values(struct buffer *text);

#endif
