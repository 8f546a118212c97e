#include "suggest.h"

#include <stdbool.h>
#include <string.h>

#include "netcheck/base/address.h"
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

static bool is_ipv6(const struct slice *host)
{
    struct address address;
    return address_parse(slice_start(host), slice_len(host), &address) &&
           address_family(&address) == AF_INET6;
}

/* "::1:80" may be an address, too, and "::1" with a port: where it is, add the latter. */
static bool add_unglued(struct buffer *out, const struct slice *host, const char *before)
{
    struct slice port = {host->text, host->to, host->to};
    while (port.from > host->from && ascii_is_digit(host->text[port.from - 1]))
        port.from--;
    struct slice address = {host->text, host->from, port.from > host->from ? port.from - 1 : 0};
    if (slice_len(&port) == 0 || slice_len(&port) > 5 || address.to <= address.from ||
        !is_ipv6(&address))
        return false;
    buffer_add_text(out, before);
    buffer_add_text(out, "[");
    repeat(out, &address);
    buffer_add_text(out, "]:");
    repeat(out, &port);
    return true;
}

/* "[::1]:PORT", "[::]/120:PORT" */
static void suggest_bracketed(struct buffer *out, const struct slice *host,
                              const struct slice *word)
{
    struct slice tail = {host->text, host->to, word->to};
    if (slice_len(&tail) > 0 && *slice_start(&tail) == ']')
        tail.from++;
    buffer_add_text(out, "write [");
    repeat(out, host);
    buffer_add_text(out, "]");
    repeat(out, &tail);
    buffer_add_text(out, ":PORT");
    (void)add_unglued(out, host, ", or ");
}

void suggest_port(struct buffer *out, const char *piece, size_t len, const struct slice *text)
{
    struct slice host = {text->text, (size_t)(piece - text->text), 0};
    struct slice word = word_from(text, piece);
    host.to = host.from + len;
    word.to = slice_find(&word, ',');
    while (word.from > text->from && !ascii_is_one_of(text->text[word.from - 1], " \t,"))
        word.from--;
    bool has_colon = slice_count(&host, ':') > 0;
    if (!is_repeatable(&word) || slice_count(&host, ']') > 0) {
        buffer_add_text(out, has_colon ? "write [ADDRESS]:PORT"
                                       : "write HOST:PORT, HOST PORT, or -p PORT");
        return;
    }
    if (has_colon) {
        suggest_bracketed(out, &host, &word);
        return;
    }
    buffer_add_text(out, "write ");
    repeat(out, &word);
    buffer_add_text(out, ":PORT, ");
    repeat(out, &word);
    buffer_add_text(out, " PORT, or -p PORT");
}

void suggest_unglued(struct buffer *out, const char *piece, size_t len,
                     const struct slice *text)
{
    struct slice host = {text->text, (size_t)(piece - text->text), 0};
    host.to = host.from + len;
    if (!add_unglued(out, &host, "write "))
        buffer_add_text(out, "write [ADDRESS]:PORT");
}

void suggest_unbracketed(struct buffer *out, const char *piece, size_t len,
                         const struct slice *text)
{
    struct slice host = {text->text, (size_t)(piece - text->text), 0};
    struct slice tail = word_from(text, piece);
    host.to = host.from + len;
    tail.from = host.to < tail.to ? host.to + 1 : tail.to;
    bool is_name = slice_count(&host, ':') == 0 && slice_count(&host, '%') == 0 &&
                   slice_count(&host, '[') == 0;
    if (!is_name || !is_repeatable(&host) || (slice_len(&tail) > 0 && !is_repeatable(&tail))) {
        buffer_add_text(out, "write [ADDRESS]:PORT, as in [::1]:80");
        return;
    }
    buffer_add_text(out, "brackets are for IPv6, write ");
    repeat(out, &host);
    repeat(out, &tail);
    buffer_add_text(out, slice_len(&tail) == 0 ? ":PORT" : "");
}

void suggest_whole(struct buffer *out, const char *piece, size_t len, const struct slice *text)
{
    const struct slice before = {text->text, text->from, (size_t)(piece - text->text)};
    const struct slice behind = {text->text, before.to + len, text->to};
    bool has_tail = slice_len(&behind) > 1 &&
                    (*slice_start(&behind) == ':' || slice_count(&before, '/') > 0);
    bool is_known = has_tail && is_repeatable(text);
    buffer_add_text(out, "write ");
    if (is_known)
        repeat(out, &before);
    buffer_add_text(out, is_known ? "HOST" : "HOST:PORT");
    if (is_known)
        repeat(out, &behind);
}

void suggest_each(struct buffer *out, const char *piece, size_t len, const struct slice *text)
{
    struct slice rest = {text->text, (size_t)(piece - text->text), 0};
    rest.to = rest.from + len;
    struct slice first = {rest.text, rest.from, slice_find(&rest, ',')};
    struct slice ports = {rest.text, first.to + 1, rest.to};
    struct slice tail = word_from(text, piece + len);
    bool has_port = slice_len(&tail) > 1 && *slice_start(&tail) == ':';
    bool has_gap = rest.text[rest.from] == ',' || rest.text[rest.to - 1] == ',';
    for (size_t i = rest.from; i + 1 < rest.to; i++)
        has_gap |= rest.text[i] == ',' && rest.text[i + 1] == ',';
    if (has_gap || !is_repeatable(&rest) || (has_port && !is_repeatable(&tail))) {
        buffer_add_text(out, "write HOST:PORT,HOST:PORT");
        return;
    }
    buffer_add_text(out, "write ");
    bool is_ports = !has_port && slice_len(&ports) > 0;
    for (size_t i = ports.from; i < ports.to; i++)
        is_ports = is_ports && (ascii_is_digit(ports.text[i]) || ports.text[i] == ',');
    for (; rest.from < rest.to; rest.from++) {
        bool is_comma = rest.text[rest.from] == ',';
        if (is_comma && !is_ports)
            has_port ? repeat(out, &tail) : buffer_add_text(out, ":PORT");
        if (is_ports && rest.from == first.to)
            buffer_add_text(out, ":");
        else
            buffer_add(out, rest.text + rest.from, 1);
    }
    if (!is_ports && has_port)
        repeat(out, &tail);
    else if (!is_ports)
        buffer_add_text(out, ":PORT, or each for itself with -p");
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

void suggest_url(struct buffer *out, const char *piece, size_t len, const struct slice *text)
{
    const struct slice word = word_from(text, piece + len);
    buffer_add_text(out, "write ");
    if (is_repeatable(&word))
        repeat(out, &word);
    else
        buffer_add_text(out, "it alone");
}

/* Of "db:1521:sid" Oracle's name of the database is no part. */
static void drop_database(struct slice *word)
{
    struct slice port = {word->text, slice_find(word, ':'), word->to};
    if (*slice_start(word) == '[' || slice_count(&port, ':') != 2)
        return;
    port.from++;
    port.to = slice_find(&port, ':');
    if (slice_is_number(&port))
        word->to = port.to;
}

void suggest_host(struct buffer *out, const char *piece, size_t len, const struct slice *text)
{
    struct slice word = word_from(text, piece + len);
    if (slice_len(&word) > 2 && memcmp(slice_start(&word), "//", 2) == 0)
        word.from += 2; /* "jdbc:oracle:thin:@//db:1521/x" */
    if (slice_len(&word) > 0)
        drop_database(&word);
    bool is_known = is_repeatable(&word) && slice_count(&word, '(') == 0;
    buffer_add_text(out, "write ");
    if (is_known)
        repeat(out, &word);
    else
        buffer_add_text(out, "HOST:PORT");
}

void suggest_encoded(struct buffer *out, const char *piece, size_t len,
                     const struct slice *text)
{
    (void)piece;
    (void)len;
    bool is_url = false;
    for (size_t i = text->from; i + 3 <= text->to && !is_url; i++)
        is_url = memcmp(text->text + i, "://", 3) == 0;
    buffer_add_text(out, is_url ? "write %2F, %23, %3F and %40 for /, #, ? and @ in them"
                                : "write HOST:PORT without them");
}

void suggest_ascii(struct buffer *out, const char *piece, size_t len, const struct slice *text)
{
    const struct slice host = host_around(piece, len, text);
    size_t start = out->len;
    uint32_t character = 0;
    (void)utf8_decode(piece, len, &character); /* what is none has no such fault */
    bool is_mark = character >= 0x300 && character <= 0x36f;
    buffer_add_text(out, "write ");
    if (punycode_name(out, slice_start(&host), slice_len(&host)))
        return;
    out->len = start;
    buffer_add_text(out, utf8_is_dash(character) ? "write '-' instead"
                         : is_mark || utf8_is_visible(character)
                             ? "write the name in its xn-- form"
                             : "leave it out");
}
