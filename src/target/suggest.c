#include "suggest.h"

#include <stdbool.h>
#include <string.h>

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
