#include "suggest.h"

#include <stdbool.h>
#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/punycode.h"
#include "netcheck/base/utf8.h"

/* What ends a host on a line or in a URL. */
static bool ends_host(char c)
{
    return c == '\0' || strchr(" \t\r\n!\"#%'(),/:;<=>?@[\\]{|}", c) != NULL;
}

/* The host that `piece` is a part of. */
static struct slice host_around(const char *piece, size_t len, const struct slice *text)
{
    struct slice host = {text->text, (size_t)(piece - text->text), 0};
    host.to = host.from + len;
    while (host.from > text->from && !ends_host(text->text[host.from - 1]))
        host.from--;
    while (host.to < text->to && !ends_host(text->text[host.to]))
        host.to++;
    return host;
}

enum { REPEATED_MAX = 64 }; /* bytes of the user's words in a way out */

/* Whether it can be written as it is shown: nothing escaped, masked or cut in it. */
static bool is_repeatable(const struct slice *words)
{
    for (size_t i = words->from; i < words->to; i++) {
        char c = words->text[i];
        if (c <= ' ' || c > '~' || c == '*' || c == '\\' || c == '\'')
            return false;
    }
    return slice_len(words) > 0 && slice_len(words) <= REPEATED_MAX;
}

static void repeat(struct buffer *out, const struct slice *words)
{
    buffer_add(out, slice_start(words), slice_len(words));
}

/* From `at` to the next blank of the text. */
static struct slice word_from(const struct slice *text, const char *at)
{
    struct slice word = {text->text, (size_t)(at - text->text), text->to};
    word.to = slice_find(&word, ' ');
    word.to = slice_find(&word, '\t');
    return word;
}

void suggest_port_of_url(struct buffer *out, const char *piece, size_t len,
                         const struct slice *text)
{
    struct slice url = word_from(text, piece);
    struct slice host = url;
    host.from += len + strlen("://");
    bool is_url = host.from < host.to && len > 0 && ascii_is_letter(*piece);
    for (const char *c = "/?#,"; is_url && *c != '\0'; c++)
        host.to = slice_find(&host, *c);
    if (!is_url || slice_len(&host) == 0 || slice_count(&host, ':') > 0 ||
        !is_repeatable(&url)) {
        buffer_add_text(out, "write HOST:PORT or tcp://HOST:PORT");
        return;
    }
    buffer_add_text(out, "write its port, ");
    repeat(out, &(struct slice){url.text, url.from, host.to});
    buffer_add_text(out, ":PORT");
    repeat(out, &(struct slice){url.text, host.to, url.to});
}

/* What stands behind the piece, or `other`. */
static void suggest_rest(struct buffer *out, const char *rest, const struct slice *text,
                         const char *other)
{
    const struct slice word = word_from(text, rest);
    buffer_add_text(out, "write ");
    if (is_repeatable(&word))
        repeat(out, &word);
    else
        buffer_add_text(out, other);
}

void suggest_url(struct buffer *out, const char *piece, size_t len, const struct slice *text)
{
    suggest_rest(out, piece + len, text, "it alone");
}

void suggest_host(struct buffer *out, const char *piece, size_t len, const struct slice *text)
{
    suggest_rest(out, piece + len, text, "HOST:PORT");
}

void suggest_ascii(struct buffer *out, const char *piece, size_t len, const struct slice *text)
{
    const struct slice host = host_around(piece, len, text);
    size_t start = out->len;
    uint32_t character = 0;
    (void)utf8_decode(piece, len, &character); /* what is none has no such fault */
    bool is_mark = character >= 0x300 && character <= 0x36f;
    bool is_dash = (character >= 0x2010 && character <= 0x2015) || character == 0x2212;
    buffer_add_text(out, "write ");
    if (punycode_name(out, slice_start(&host), slice_len(&host)))
        return;
    out->len = start;
    buffer_add_text(out, is_dash ? "write '-' instead"
                         : is_mark || utf8_is_visible(character)
                             ? "write the name in its xn-- form"
                             : "leave it out");
}
