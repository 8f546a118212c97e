#include "words.h"

enum { REPEATED_MAX = 64 }; /* bytes of the user's words in a way out */

bool words_are_repeatable(const struct slice *words)
{
    for (size_t i = words->from; i < words->to; i++) {
        char c = words->text[i];
        if (c <= ' ' || c > '~' || c == '*' || c == '\\' || c == '\'')
            return false;
    }
    return slice_len(words) > 0 && slice_len(words) <= REPEATED_MAX;
}

void words_repeat(struct buffer *out, const struct slice *words)
{
    buffer_add(out, slice_start(words), slice_len(words));
}

struct slice words_from(const struct slice *text, const char *at)
{
    struct slice word = {text->text, (size_t)(at - text->text), text->to};
    word.to = slice_find(&word, ' ');
    word.to = slice_find(&word, '\t');
    return word;
}

const struct protocol_traits *words_protocol(const struct slice *word)
{
    struct slice name = {word->text, word->from, slice_find(word, ':')};
    struct slice slashes = {word->text, name.to, name.to + 3};
    if (slice_len(&name) > 0 && *slice_start(&name) == '!')
        name.from++;
    bool is_before = slashes.to <= word->to && slice_is(&slashes, "://");
    return is_before ? protocols_find(&name) : NULL;
}
