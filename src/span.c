#include "netcheck/span.h"

#include <string.h>
#include <strings.h>

#include "netcheck/ascii.h"

enum error span_fail(const struct span *span, enum error code, struct fault *fault)
{
    *fault = (struct fault){.code = code, .at = span->from, .len = span_len(span)};
    return code;
}

size_t span_len(const struct span *span)
{
    return span->to - span->from;
}

const char *span_start(const struct span *span)
{
    return span->text + span->from;
}

size_t span_find(const struct span *span, char c)
{
    const char *found = memchr(span_start(span), c, span_len(span));
    return found != NULL ? (size_t)(found - span->text) : span->to;
}

size_t span_count(const struct span *span, char c)
{
    size_t count = 0;
    for (size_t i = span->from; i < span->to; i++)
        count += span->text[i] == c;
    return count;
}

bool span_is(const struct span *span, const char *word)
{
    return span_len(span) == strlen(word) &&
           strncasecmp(span_start(span), word, span_len(span)) == 0;
}

bool span_is_number(const struct span *span)
{
    for (size_t i = span->from; i < span->to; i++)
        if (!ascii_is_digit(span->text[i]))
            return false;
    return span_len(span) > 0;
}
