#include "suggest.h"

#include <stdbool.h>
#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/punycode.h"
#include "netcheck/base/utf8.h"
#include "netcheck/target/protocols.h"
#include "words.h"

/* Whether a cell of a line names a protocol other than TCP. */
static bool has_protocol_cell(const struct slice *text)
{
    struct slice cell = {text->text, text->from, text->from};
    for (; cell.from < text->to; cell.from = cell.to + 1) {
        cell.to = cell.from;
        while (cell.to < text->to && !ascii_is_one_of(text->text[cell.to], " \t,;\""))
            cell.to++;
        if (protocols_may_follow_port(&cell) && protocols_find(&cell)->id != PROTOCOL_TCP)
            return true;
    }
    return false;
}

/* `generic` keeps two columns; where a third one has the protocol, that would ask by TCP. */
static void add_columns(struct buffer *out, const struct slice *text, const char *generic)
{
    buffer_add_text(out, has_protocol_cell(text) ? "keep three: host, port and protocol, as in "
                                                   "192.0.2.1,53,udp"
                                                 : generic);
}

void suggest_comma_columns(struct buffer *out, const char *piece, size_t len,
                           const struct slice *text)
{
    (void)piece;
    (void)len;
    add_columns(out, text, "write HOST:PORT,PORT, or cut -d, -f1,2 FILE | netcheck -f -");
}

void suggest_semicolon_columns(struct buffer *out, const char *piece, size_t len,
                               const struct slice *text)
{
    (void)piece;
    (void)len;
    add_columns(out, text, "keep two: cut -d';' -f1,2 FILE | netcheck -f -");
}

void suggest_tab_columns(struct buffer *out, const char *piece, size_t len,
                         const struct slice *text)
{
    (void)piece;
    (void)len;
    add_columns(out, text, "keep two: cut -f1,2 FILE | netcheck -f -");
}

void suggest_word_columns(struct buffer *out, const char *piece, size_t len,
                          const struct slice *text)
{
    (void)piece;
    (void)len;
    add_columns(out, text,
                "write a port with a comma, as in 22,https, or keep two columns: "
                "awk '{print $1, $2}' FILE | netcheck -f -");
}

void suggest_pathless(struct buffer *out, const char *piece, size_t len,
                      const struct slice *text)
{
    (void)len;
    struct slice target = {text->text, text->from, (size_t)(piece - text->text)};
    target.to -= slice_len(&target) > 0;
    const struct protocol_traits *protocol = words_protocol(&target);
    if (protocol == NULL || !words_are_repeatable(&target)) {
        buffer_add_text(out, "write NAME:PORT, or a URL, https://NAME/PATH");
        return;
    }
    buffer_add_text(out, "write ");
    words_repeat(out, &target);
    buffer_add_text(out, protocol->has_ports ? ":PORT" : "");
}

void suggest_slashes(struct buffer *out, const char *piece, size_t len,
                     const struct slice *text)
{
    struct slice name = {text->text, (size_t)(piece - text->text), 0};
    name.to = name.from + len - 1;
    const struct slice rest = words_from(text, piece + len);
    const struct protocol_traits *protocol = protocols_find(&name);
    bool has_other = protocol != NULL && *protocol->instead != '\0';
    buffer_add_text(out, "write ");
    if (has_other)
        buffer_add_text(out, protocol->instead);
    else
        words_repeat(out, &name);
    buffer_add_text(out, "://");
    if (words_are_repeatable(&rest))
        words_repeat(out, &rest);
    else
        buffer_add_text(out, "HOST:PORT");
}

void suggest_unbracketed(struct buffer *out, const char *piece, size_t len,
                         const struct slice *text)
{
    struct slice host = {text->text, (size_t)(piece - text->text), 0};
    struct slice tail = words_from(text, piece);
    host.to = host.from + len;
    tail.from = host.to < tail.to ? host.to + 1 : tail.to;
    bool is_name = slice_count(&host, ':') == 0 && slice_count(&host, '%') == 0 &&
                   slice_count(&host, '[') == 0;
    if (!is_name || !words_are_repeatable(&host) ||
        (slice_len(&tail) > 0 && !words_are_repeatable(&tail))) {
        buffer_add_text(out, "write [ADDRESS]:PORT, as in [::1]:80");
        return;
    }
    buffer_add_text(out, "brackets are for IPv6, write ");
    words_repeat(out, &host);
    words_repeat(out, &tail);
    buffer_add_text(out, slice_len(&tail) == 0 ? ":PORT" : "");
}

void suggest_whole(struct buffer *out, const char *piece, size_t len, const struct slice *text)
{
    const struct slice before = {text->text, text->from, (size_t)(piece - text->text)};
    const struct slice behind = {text->text, before.to + len, text->to};
    bool has_tail = slice_len(&behind) > 1 &&
                    (*slice_start(&behind) == ':' || slice_count(&before, '/') > 0);
    bool is_known = has_tail && words_are_repeatable(text);
    const struct protocol_traits *protocol = words_protocol(&before);
    buffer_add_text(out, "write ");
    if (!is_known && protocol != NULL) {
        buffer_add_format(out, "%s://HOST%s", protocol->name,
                          protocol->has_ports ? ":PORT" : "");
        return;
    }
    if (is_known)
        words_repeat(out, &before);
    buffer_add_text(out, is_known ? "HOST" : "HOST:PORT");
    if (is_known)
        words_repeat(out, &behind);
}

/* "!", "udp://" or both, right before the list: it is that of each host. */
static struct slice head_of(const struct slice *text, const struct slice *list)
{
    struct slice head = {text->text, list->from, list->from};
    while (head.from > text->from && !ascii_is_one_of(text->text[head.from - 1], " \t,;\"'"))
        head.from--;
    bool is_head = slice_is(&head, "!") || words_protocol(&head) != NULL;
    head.from = is_head ? head.from : head.to;
    return head;
}

void suggest_each(struct buffer *out, const char *piece, size_t len, const struct slice *text)
{
    struct slice rest = {text->text, (size_t)(piece - text->text), 0};
    rest.to = rest.from + len;
    struct slice first = {rest.text, rest.from, slice_find(&rest, ',')};
    struct slice ports = {rest.text, first.to + 1, rest.to};
    struct slice tail = words_from(text, piece + len);
    bool has_port = slice_len(&tail) > 1 && *slice_start(&tail) == ':';
    bool has_gap = rest.text[rest.from] == ',' || rest.text[rest.to - 1] == ',';
    for (size_t i = rest.from; i + 1 < rest.to; i++)
        has_gap |= rest.text[i] == ',' && rest.text[i + 1] == ',';
    if (has_gap || !words_are_repeatable(&rest) || (has_port && !words_are_repeatable(&tail))) {
        buffer_add_text(out, "write HOST:PORT,HOST:PORT");
        return;
    }
    const struct slice head = head_of(text, &rest);
    const struct protocol_traits *protocol = words_protocol(&head);
    bool is_portless = protocol != NULL && !protocol->has_ports;
    buffer_add_text(out, "write ");
    words_repeat(out, &head);
    bool is_ports = !has_port && !is_portless && slice_len(&ports) > 0;
    for (size_t i = ports.from; i < ports.to; i++)
        is_ports = is_ports && (ascii_is_digit(ports.text[i]) || ports.text[i] == ',');
    for (; rest.from < rest.to; rest.from++) {
        bool is_comma = rest.text[rest.from] == ',';
        if (is_comma && !is_ports && !is_portless)
            has_port ? words_repeat(out, &tail) : buffer_add_text(out, ":PORT");
        if (is_ports && rest.from == first.to)
            buffer_add_text(out, ":");
        else
            buffer_add(out, rest.text + rest.from, 1);
        if (is_comma && !is_ports)
            words_repeat(out, &head);
    }
    if (is_portless)
        return;
    if (!is_ports && has_port)
        words_repeat(out, &tail);
    else if (!is_ports)
        buffer_add_text(out, ":PORT, or each for itself with -p");
}

void suggest_url(struct buffer *out, const char *piece, size_t len, const struct slice *text)
{
    const struct slice word = words_from(text, piece + len);
    buffer_add_text(out, "write ");
    if (words_are_repeatable(&word))
        words_repeat(out, &word);
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
    struct slice word = words_from(text, piece + len);
    if (slice_len(&word) > 2 && memcmp(slice_start(&word), "//", 2) == 0)
        word.from += 2; /* "jdbc:oracle:thin:@//db:1521/x" */
    if (slice_len(&word) > 0)
        drop_database(&word);
    bool is_known = words_are_repeatable(&word) && slice_count(&word, '(') == 0;
    const struct slice before = {text->text, text->from, (size_t)(piece - text->text)};
    const struct protocol_traits *protocol = words_protocol(&before);
    buffer_add_text(out, "write ");
    if (protocol != NULL && protocol->id != PROTOCOL_NONE && words_are_repeatable(&before))
        words_repeat(out, &before);
    if (is_known)
        words_repeat(out, &word);
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
    buffer_add_text(out, "write ");
    if (punycode_name(out, slice_start(&host), slice_len(&host)))
        return;
    out->len = start;
    buffer_add_text(out, utf8_is_dash(character) ? "write '-' instead"
                         : is_mark || utf8_is_visible(character)
                             ? "write the name in its xn-- form"
                             : "leave it out");
}
