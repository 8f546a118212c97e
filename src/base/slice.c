#include "netcheck/base/slice.h"

#include <string.h>
#include <strings.h>

#include "netcheck/base/ascii.h"

size_t slice_len(const struct slice *slice)
{
    return slice->to - slice->from;
}

const char *slice_start(const struct slice *slice)
{
    return slice->text + slice->from;
}

size_t slice_find(const struct slice *slice, char c)
{
    const char *found = memchr(slice_start(slice), c, slice_len(slice));
    return found != NULL ? (size_t)(found - slice->text) : slice->to;
}

size_t slice_count(const struct slice *slice, char c)
{
    size_t count = 0;
    for (size_t i = slice->from; i < slice->to; i++)
        count += slice->text[i] == c;
    return count;
}

bool slice_is(const struct slice *slice, const char *word)
{
    return slice_len(slice) == strlen(word) &&
           strncasecmp(slice_start(slice), word, slice_len(slice)) == 0;
}

bool slice_is_number(const struct slice *slice)
{
    for (size_t i = slice->from; i < slice->to; i++)
        if (!ascii_is_digit(slice->text[i]))
            return false;
    return slice_len(slice) > 0;
}

void slice_trim(struct slice *slice)
{
    while (slice->from < slice->to && ascii_is_blank(slice->text[slice->from]))
        slice->from++;
    while (slice->to > slice->from && ascii_is_blank(slice->text[slice->to - 1]))
        slice->to--;
}
