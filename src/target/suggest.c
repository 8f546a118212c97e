#include "suggest.h"

#include <stdbool.h>
#include <string.h>

#include "netcheck/base/address.h"
#include "netcheck/base/ascii.h"
#include "netcheck/base/punycode.h"
#include "netcheck/base/utf8.h"
#include "netcheck/target/protocols.h"

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

/* A protocol that is written before a host, "tls" of "!tls://db"; NULL: none is. */
static const struct protocol_traits *protocol_before(const struct slice *word)
{
    struct slice name = {word->text, word->from, slice_find(word, ':')};
    struct slice slashes = {word->text, name.to, name.to + 3};
    if (slice_len(&name) > 0 && *slice_start(&name) == '!')
        name.from++;
    bool is_before = slashes.to <= word->to && slice_is(&slashes, "://");
    return is_before ? protocols_find(&name) : NULL;
}

/* The port to write: TLS is nearly always at one. */
static const char *port_for(const struct slice *word)
{
    const struct protocol_traits *protocol = protocol_before(word);
    return protocol != NULL && protocol->id == PROTOCOL_TLS ? ":443" : ":PORT";
}

/* "[::1]:PORT or icmp://[::1]", "[::]/120:PORT" */
static void suggest_bracketed(struct buffer *out, const struct slice *before,
                              const struct slice *host, const struct slice *word)
{
    struct slice tail = {host->text, host->to, word->to};
    if (slice_len(&tail) > 0 && *slice_start(&tail) == ']')
        tail.from++;
    for (int i = 0; i < 2; i++) {
        bool is_ping = i > 0;
        if (is_ping && protocol_before(word) != NULL)
            break;
        buffer_add_text(out, is_ping ? " or " : "write ");
        repeat(out, before);
        buffer_add_text(out, is_ping ? "icmp://[" : "[");
        repeat(out, host);
        buffer_add_text(out, "]");
        repeat(out, &tail);
        buffer_add_text(out, is_ping ? "" : port_for(word));
    }
    (void)add_unglued(out, host, ", or ");
}

/* "db:PORT, db PORT, -p PORT, or icmp://db" */
static void suggest_plain(struct buffer *out, const struct slice *before,
                          const struct slice *word)
{
    const struct protocol_traits *protocol = protocol_before(word);
    struct slice target = *word;
    if (protocol != NULL && target.text[target.to - 1] == '/')
        target.to--;
    buffer_add_text(out, "write ");
    repeat(out, &target);
    buffer_add_format(out, "%s, ", port_for(word));
    repeat(out, &target);
    buffer_add_text(out, protocol != NULL ? " PORT, or -p PORT" : " PORT, -p PORT, or ");
    if (protocol != NULL)
        return;
    repeat(out, before);
    buffer_add_text(out, "icmp://");
    repeat(out, &(struct slice){target.text, before->to, target.to});
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
    struct slice before = {text->text, word.from, host.from};
    if (slice_len(&before) > 0 && before.text[before.to - 1] == '[')
        before.to--;
    const struct protocol_traits *traits = protocols_find(&host);
    if (traits != NULL && traits->id != PROTOCOL_NONE)
        buffer_add_format(out, "write %s://HOST%s", traits->name,
                          traits->has_ports ? ":PORT" : "");
    else if (!is_repeatable(&word) || slice_count(&host, ']') > 0)
        buffer_add_text(out, has_colon ? "write [ADDRESS]:PORT or icmp://ADDRESS"
                                       : "write HOST:PORT, HOST PORT, -p PORT, or icmp://HOST");
    else if (has_colon)
        suggest_bracketed(out, &before, &host, &word);
    else
        suggest_plain(out, &before, &word);
}

/* "only TCP and UDP are asked: " */
static void add_asked(struct buffer *out)
{
    buffer_add_text(out, "only ");
    for (enum protocol_id id = PROTOCOL_NONE + 1; id < PROTOCOL_COUNT; id++) {
        bool is_first = id == PROTOCOL_NONE + 1;
        buffer_add_text(out, is_first ? "" : id + 1 < PROTOCOL_COUNT ? ", " : " and ");
        for (const char *p = protocols_name(id); *p != '\0'; p++)
            buffer_add_format(out, "%c", *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    }
    buffer_add_text(out, " are asked: ");
}

/* Of what stands behind "PROTOCOL", "://db:443/x", the target alone; empty: it is no URL. */
static struct slice target_of_url(const struct slice *behind, bool has_ports)
{
    struct slice target = *behind;
    bool is_url = slice_len(&target) > 3 && memcmp(slice_start(&target), "://", 3) == 0;
    target.from = is_url ? target.from + 3 : target.to;
    struct slice tail = target;
    if (slice_len(&target) > 0 && *slice_start(&target) == '[')
        tail.from = slice_find(&target, ']');
    for (const char *c = has_ports ? "/?#," : "/?#,:"; *c != '\0'; c++)
        tail.to = slice_find(&tail, *c);
    target.to = tail.to;
    return target;
}

/* "udp://db:443" for "quic://db:443/x", "53/udp" for "53/quic", "udp://HOST:PORT" for others.
 */
static void add_instead(struct buffer *out, const char *instead, const struct slice *word,
                        const struct slice *text)
{
    bool has_ports = strcmp(instead, protocols_name(PROTOCOL_ICMP)) != 0;
    const struct slice behind = word_from(text, text->text + word->to);
    const struct slice target = target_of_url(&behind, has_ports);
    struct slice port = {text->text, word->from, word->from};
    char last = text->text[word->to - 1];
    while (port.from > text->from + 1 && ascii_is_digit(text->text[port.from - 2]))
        port.from--;
    if (slice_len(&port) > 0 && has_ports) {
        buffer_add(out, text->text + port.from - 1, slice_len(&port));
        buffer_add_format(out, "/%s", instead);
        return;
    }
    buffer_add_format(out, "%s://", instead);
    if (is_repeatable(&target))
        repeat(out, &target);
    else
        buffer_add_text(out, has_ports ? "HOST:PORT" : "HOST");
    if (ascii_is_digit(last) && slice_count(&target, '[') == 0)
        buffer_add_format(out, " and -%c", last);
}

void suggest_protocol(struct buffer *out, const char *piece, size_t len,
                      const struct slice *text)
{
    const struct slice word = {text->text, (size_t)(piece - text->text),
                               (size_t)(piece - text->text) + len};
    const struct protocol_traits *traits = protocols_find(&word);
    const char *instead = traits == NULL                ? ""
                          : traits->id == PROTOCOL_NONE ? traits->instead
                                                        : traits->name;
    bool is_renamed =
        strcmp(instead, "icmp") == 0 || (traits != NULL && memcmp(traits->name, "udp", 3) == 0);
    if (!is_renamed)
        add_asked(out);
    buffer_add_text(out, "write ");
    if (*instead != '\0')
        add_instead(out, instead, &word, text);
    else
        buffer_add_text(out, "HOST:PORT");
}

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

/* The target before a port, "db" of "db:22" and "db:icmp/22"; empty: there is none. */
static struct slice target_before(const struct slice *text, const char *piece)
{
    struct slice target = {text->text, text->from, (size_t)(piece - text->text)};
    for (int i = 0; i < 2; i++) {
        while (slice_len(&target) > 0 && ascii_is_one_of(target.text[target.to - 1], ": \t,;/"))
            target.to--;
        struct slice word = {target.text, target.to, target.to};
        while (word.from > target.from && ascii_is_letter(target.text[word.from - 1]))
            word.from--;
        if (slice_is(&word, protocols_name(PROTOCOL_ICMP)))
            target.to = word.from;
    }
    for (size_t at = target.to; at > target.from; at--)
        if (ascii_is_one_of(target.text[at - 1], " \t,;\""))
            target.from = at;
    return target;
}

void suggest_portless(struct buffer *out, const char *piece, size_t len,
                      const struct slice *text)
{
    (void)len;
    struct slice target = target_before(text, piece);
    bool is_down = slice_len(&target) > 0 && *slice_start(&target) == '!';
    struct slice host = {target.text, target.from + is_down, target.to};
    if (!is_repeatable(&host)) {
        buffer_add_text(out, "write icmp://HOST without it");
        return;
    }
    buffer_add_format(out, "write %s%s", is_down ? "!" : "",
                      protocol_before(&host) != NULL ? "" : "icmp://");
    repeat(out, &host);
}

/* "write 53/udp" for "U:53", as nmap has it, and for "udp:53". */
static bool add_port_first(struct buffer *out, const char *piece, size_t len,
                           const struct slice *text)
{
    struct slice word = {text->text, (size_t)(piece - text->text), 0};
    word.to = word.from + len;
    struct slice name = {text->text, word.from, slice_find(&word, ':')};
    struct slice port = {text->text, name.to + (name.to < word.to), word.to};
    bool is_udp = slice_is(&name, "u") || slice_is(&name, "udp");
    bool is_tcp = slice_is(&name, "t") || slice_is(&name, "tcp");
    bool is_number = slice_len(&port) > 0 && ascii_is_digit(*slice_start(&port));
    if ((!is_udp && !is_tcp) || !is_number || !is_repeatable(&port))
        return false;
    buffer_add_text(out, "write ");
    repeat(out, &port);
    buffer_add_text(out, is_udp ? "/udp" : "/tcp");
    return true;
}

void suggest_number(struct buffer *out, const char *piece, size_t len, const struct slice *text)
{
    if (!add_port_first(out, piece, len, text))
        buffer_add_text(out, "allowed is 1-65535");
}

void suggest_service(struct buffer *out, const char *piece, size_t len,
                     const struct slice *text)
{
    struct slice word = {text->text, (size_t)(piece - text->text), 0};
    word.to = word.from + len;
    const struct protocol_traits *protocol = protocols_find(&word);
    if (protocol != NULL && protocol->id != PROTOCOL_NONE)
        buffer_add_format(out, "write it beside a port, as in 53/%s", protocol->name);
    else if (!add_port_first(out, piece, len, text))
        buffer_add_text(out, "write the port as a number, 1-65535");
}

void suggest_pathless(struct buffer *out, const char *piece, size_t len,
                      const struct slice *text)
{
    (void)len;
    struct slice target = {text->text, text->from, (size_t)(piece - text->text)};
    target.to -= slice_len(&target) > 0;
    const struct protocol_traits *protocol = protocol_before(&target);
    if (protocol == NULL || !is_repeatable(&target)) {
        buffer_add_text(out, "write NAME:PORT, or a URL, https://NAME/PATH");
        return;
    }
    buffer_add_text(out, "write ");
    repeat(out, &target);
    buffer_add_text(out, protocol->has_ports ? ":PORT" : "");
}

void suggest_slashes(struct buffer *out, const char *piece, size_t len,
                     const struct slice *text)
{
    struct slice name = {text->text, (size_t)(piece - text->text), 0};
    name.to = name.from + len - 1;
    const struct slice rest = word_from(text, piece + len);
    const struct protocol_traits *protocol = protocols_find(&name);
    bool has_other = protocol != NULL && *protocol->instead != '\0';
    buffer_add_text(out, "write ");
    if (has_other)
        buffer_add_text(out, protocol->instead);
    else
        repeat(out, &name);
    buffer_add_text(out, "://");
    if (is_repeatable(&rest))
        repeat(out, &rest);
    else
        buffer_add_text(out, "HOST:PORT");
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
    const struct protocol_traits *protocol = protocol_before(&before);
    buffer_add_text(out, "write ");
    if (!is_known && protocol != NULL) {
        buffer_add_format(out, "%s://HOST%s", protocol->name,
                          protocol->has_ports ? ":PORT" : "");
        return;
    }
    if (is_known)
        repeat(out, &before);
    buffer_add_text(out, is_known ? "HOST" : "HOST:PORT");
    if (is_known)
        repeat(out, &behind);
}

/* "!", "udp://" or both, right before the list: it is that of each host. */
static struct slice head_of(const struct slice *text, const struct slice *list)
{
    struct slice head = {text->text, list->from, list->from};
    while (head.from > text->from && !ascii_is_one_of(text->text[head.from - 1], " \t,;\"'"))
        head.from--;
    bool is_head = slice_is(&head, "!") || protocol_before(&head) != NULL;
    head.from = is_head ? head.from : head.to;
    return head;
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
    const struct slice head = head_of(text, &rest);
    const struct protocol_traits *protocol = protocol_before(&head);
    bool is_portless = protocol != NULL && !protocol->has_ports;
    buffer_add_text(out, "write ");
    repeat(out, &head);
    bool is_ports = !has_port && !is_portless && slice_len(&ports) > 0;
    for (size_t i = ports.from; i < ports.to; i++)
        is_ports = is_ports && (ascii_is_digit(ports.text[i]) || ports.text[i] == ',');
    for (; rest.from < rest.to; rest.from++) {
        bool is_comma = rest.text[rest.from] == ',';
        if (is_comma && !is_ports && !is_portless)
            has_port ? repeat(out, &tail) : buffer_add_text(out, ":PORT");
        if (is_ports && rest.from == first.to)
            buffer_add_text(out, ":");
        else
            buffer_add(out, rest.text + rest.from, 1);
        if (is_comma && !is_ports)
            repeat(out, &head);
    }
    if (is_portless)
        return;
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
    const struct slice before = {text->text, text->from, (size_t)(piece - text->text)};
    const struct protocol_traits *protocol = protocol_before(&before);
    buffer_add_text(out, "write ");
    if (protocol != NULL && protocol->id != PROTOCOL_NONE && is_repeatable(&before))
        repeat(out, &before);
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
