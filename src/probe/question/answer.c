#include "answer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool answer_has(const struct answer_bytes *answer, size_t at, const void *bytes, size_t len)
{
    return at <= answer->len && len <= answer->len - at &&
           memcmp(answer->bytes + at, bytes, len) == 0;
}

bool answer_may_have(const struct answer_bytes *answer, size_t at, const void *bytes,
                     size_t len)
{
    size_t there = answer->len > at ? answer->len - at : 0;
    return answer_has(answer, at, bytes, len) || there == 0 ||
           (there < len && answer_has(answer, at, bytes, there));
}

bool answer_begins(const struct answer_bytes *answer, const char *text)
{
    return answer_may_have(answer, 0, text, strlen(text));
}

size_t answer_find(const struct answer_bytes *answer, const char *text)
{
    for (size_t at = 0; at < answer->len; at++)
        if (answer_has(answer, at, text, strlen(text)))
            return at;
    return answer->len;
}

uint16_t answer_number(const struct answer_bytes *answer, size_t at)
{
    assert(at + 2 <= answer->len);
    return (uint16_t)(answer->bytes[at] << 8 | answer->bytes[at + 1]);
}

bool answer_is_printable(const struct answer_bytes *answer, size_t at, size_t len)
{
    assert(at + len <= answer->len);
    for (size_t i = 0; i < len; i++)
        if (answer->bytes[at + i] < 0x20 || answer->bytes[at + i] > 0x7e)
            return false;
    return len > 0;
}

void answer_say(struct reply *reply, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t before = strlen(reply->words);
    int len = vsnprintf(reply->words + before, REPLY_WORDS - before, format, arguments);
    va_end(arguments);
    assert(len >= 0 && (size_t)len < REPLY_WORDS - before);
    (void)len;
}

void answer_quote(struct reply *reply, const unsigned char *bytes, size_t len)
{
    reply_quote(reply, bytes, len);
}
