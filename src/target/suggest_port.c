/*
 * suggest_port: the ways out of suggest.h where a port or a protocol is wrong or missing.
 */
#include "suggest.h"

#include <stdbool.h>
#include <string.h>

#include "netcheck/base/address.h"
#include "netcheck/base/ascii.h"
#include "netcheck/target/protocols.h"
#include "words.h"

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
    words_repeat(out, &address);
    buffer_add_text(out, "]:");
    words_repeat(out, &port);
    return true;
}

/* The port to write: TLS is nearly always at one. */
static const char *port_for(const struct slice *word)
{
    const struct protocol_traits *protocol = words_protocol(word);
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
        if (is_ping && words_protocol(word) != NULL)
            break;
        buffer_add_text(out, is_ping ? " or " : "write ");
        words_repeat(out, before);
        buffer_add_text(out, is_ping ? "icmp://[" : "[");
        words_repeat(out, host);
        buffer_add_text(out, "]");
        words_repeat(out, &tail);
        buffer_add_text(out, is_ping ? "" : port_for(word));
    }
    (void)add_unglued(out, host, ", or ");
}

/* "db:PORT, db PORT, -p PORT, or icmp://db" */
static void suggest_plain(struct buffer *out, const struct slice *before,
                          const struct slice *word)
{
    const struct protocol_traits *protocol = words_protocol(word);
    struct slice target = *word;
    if (protocol != NULL && target.text[target.to - 1] == '/')
        target.to--;
    buffer_add_text(out, "write ");
    words_repeat(out, &target);
    buffer_add_format(out, "%s, ", port_for(word));
    words_repeat(out, &target);
    buffer_add_text(out, protocol != NULL ? " PORT, or -p PORT" : " PORT, -p PORT, or ");
    if (protocol != NULL)
        return;
    words_repeat(out, before);
    buffer_add_text(out, "icmp://");
    words_repeat(out, &(struct slice){target.text, before->to, target.to});
}

void suggest_port(struct buffer *out, const char *piece, size_t len, const struct slice *text)
{
    struct slice host = {text->text, (size_t)(piece - text->text), 0};
    struct slice word = words_from(text, piece);
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
    else if (!words_are_repeatable(&word) || slice_count(&host, ']') > 0)
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
    const struct slice behind = words_from(text, text->text + word->to);
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
    if (words_are_repeatable(&target))
        words_repeat(out, &target);
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
    if (!words_are_repeatable(&host)) {
        buffer_add_text(out, "write icmp://HOST without it");
        return;
    }
    buffer_add_format(out, "write %s%s", is_down ? "!" : "",
                      words_protocol(&host) != NULL ? "" : "icmp://");
    words_repeat(out, &host);
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
    if ((!is_udp && !is_tcp) || !is_number || !words_are_repeatable(&port))
        return false;
    buffer_add_text(out, "write ");
    words_repeat(out, &port);
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

void suggest_unglued(struct buffer *out, const char *piece, size_t len,
                     const struct slice *text)
{
    struct slice host = {text->text, (size_t)(piece - text->text), 0};
    host.to = host.from + len;
    if (!add_unglued(out, &host, "write "))
        buffer_add_text(out, "write [ADDRESS]:PORT");
}

void suggest_port_of_url(struct buffer *out, const char *piece, size_t len,
                         const struct slice *text)
{
    struct slice url = words_from(text, piece);
    struct slice host = url;
    host.from += len + strlen("://");
    bool is_url = host.from < host.to && len > 0 && ascii_is_letter(*piece);
    for (const char *c = "/?#,"; is_url && *c != '\0'; c++)
        host.to = slice_find(&host, *c);
    if (!is_url || slice_len(&host) == 0 || slice_count(&host, ':') > 0 ||
        !words_are_repeatable(&url)) {
        buffer_add_text(out, "write HOST:PORT or tcp://HOST:PORT");
        return;
    }
    buffer_add_text(out, "write its port, ");
    words_repeat(out, &(struct slice){url.text, url.from, host.to});
    buffer_add_text(out, ":PORT");
    words_repeat(out, &(struct slice){url.text, host.to, url.to});
}
