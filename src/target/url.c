#include "url.h"

#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/target/ports.h"
#include "netcheck/target/protocols.h"
#include "netcheck/target/services.h"

enum { HOSTS_MAX = 100 }; /* each one cuts the whole URL again, and its row may quote it */

static bool is_any(const struct slice *word, const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(word, words[i]))
            return true;
    return false;
}

/* RFC 3986 section 3.1: a letter, then letters, digits, '+', '-' and '.'; Kafka has '_', too.
 */
static bool is_scheme(const struct slice *word)
{
    if (slice_len(word) == 0 || !ascii_is_letter(*slice_start(word)))
        return false;
    for (size_t i = word->from; i < word->to; i++) {
        char c = word->text[i];
        if (!ascii_is_alnum(c) && !ascii_is_one_of(c, "+-._"))
            return false;
    }
    return true;
}

/* "jdbc:mysql", "jdbc:tc:postgresql:13": the driver's URL has its own in it. */
static bool is_driver(const struct slice *scheme)
{
    static const char *const drivers[] = {"jdbc", "r2dbc"};
    struct slice head = {scheme->text, scheme->from, slice_find(scheme, ':')};
    return head.to < scheme->to && is_any(&head, drivers, ARRAY_LEN(drivers));
}

size_t url_separator(const struct slice *text)
{
    for (size_t i = text->from; i + 3 <= text->to; i++)
        if (memcmp(text->text + i, "://", 3) == 0)
            return i;
    return text->to;
}

bool url_begins(const struct slice *text)
{
    struct slice scheme = *text;
    if (slice_len(&scheme) > 0 && *slice_start(&scheme) == '!')
        scheme.from++;
    /* A scheme ends at its first ':', so that a long list is not searched for each target. */
    struct slice mark = {scheme.text, slice_find(&scheme, ':'), scheme.to};
    if (slice_len(&mark) < 3 || memcmp(slice_start(&mark), "://", 3) != 0)
        return is_driver(&scheme) && url_separator(&scheme) < scheme.to;
    scheme.to = mark.from;
    return is_scheme(&scheme);
}

/* The next part of `rest` up to `c`, which is passed over. */
static struct slice next_part(struct slice *rest, char c)
{
    struct slice part = {rest->text, rest->from, slice_find(rest, c)};
    rest->from = part.to < rest->to ? part.to + 1 : part.to;
    return part;
}

static uint16_t port_of(const struct slice *word)
{
    return services_port(slice_start(word), slice_len(word));
}

/*
 * "postgresql+asyncpg" has the port of what is before the '+', its driver being none; but
 * "git+ssh" that of the transport behind it.
 */
static uint16_t port_of_joined(const struct slice *scheme)
{
    static const char *const transports[] = {"ssh", "http", "https"};
    struct slice rest = *scheme;
    uint16_t port = port_of(scheme);
    while (slice_len(&rest) > 0 && slice_count(scheme, '+') > 0) {
        struct slice part = next_part(&rest, '+');
        if (part.from > scheme->from && is_any(&part, transports, ARRAY_LEN(transports)))
            return port_of(&part);
        port = port != 0 ? port : port_of(&part);
    }
    return port;
}

/* Of "jdbc:x:y" the last word that has one counts. */
static uint16_t port_of_scheme(const struct slice *scheme)
{
    struct slice rest = *scheme;
    uint16_t port = 0;
    while (slice_len(&rest) > 0) {
        struct slice part = next_part(&rest, ':');
        uint16_t own = port_of_joined(&part);
        port = own != 0 ? own : port;
    }
    return port;
}

/* Well-known port of what the scheme says is spoken: with TLS in one of its words HTTPS's,
   whatever TLS carries. */
static uint16_t service_of_scheme(const struct slice *scheme, uint16_t port)
{
    struct slice rest = *scheme;
    while (slice_len(&rest) > 0) {
        struct slice words = next_part(&rest, ':');
        while (slice_len(&words) > 0) {
            struct slice word = next_part(&words, '+');
            if (services_speak_tls(slice_start(&word), slice_len(&word)))
                return services_port("https", strlen("https"));
        }
    }
    return port;
}

/* Whether a word of a scheme, "x+word", says by what it is carried. */
static bool says_transport(const struct slice *word, const char *transport)
{
    static const char *const streams[] = {"ssl", "ssh", "http", "https", "ws", "wss"};
    const struct protocol_traits *protocol = protocols_find(word);
    if (protocol == NULL || protocol->id == PROTOCOL_NONE)
        return strcmp(transport, "tcp") == 0 && is_any(word, streams, ARRAY_LEN(streams));
    return strcmp(protocol->transport, transport) == 0;
}

/* The first word of a scheme that says so, or an empty one. The first one of all names what is
   carried, unless it is a protocol itself. */
static struct slice find_transport(const struct slice *scheme, const char *transport)
{
    struct slice rest = *scheme;
    while (slice_len(&rest) > 0) {
        struct slice part = next_part(&rest, '+');
        bool is_carrier = part.from > scheme->from || protocols_find(&part) != NULL;
        if (is_carrier && says_transport(&part, transport))
            return part;
    }
    return rest;
}

/* Whether what the scheme names is asked over UDP where nothing says otherwise. Of "dns" a
   client does so first; as a port it is TCP's, as any other that both have. */
static bool speaks_udp(const struct slice *scheme)
{
    static const char *const others[] = {"dns", "rtp", "rtcp", "srt", "statsd", "wireguard"};
    struct slice rest = *scheme;
    struct slice word = next_part(&rest, '+');
    enum protocol_id protocol = PROTOCOL_NONE;
    (void)services_find(slice_start(&word), slice_len(&word), &protocol);
    return protocol == PROTOCOL_UDP || is_any(&word, others, ARRAY_LEN(others));
}

/* NONE for a scheme that is not known: a service in the place of the port may say it. */
static enum protocol_id protocol_of_scheme(const struct slice *scheme, uint16_t port)
{
    struct slice udp = find_transport(scheme, "udp");
    struct slice tcp = find_transport(scheme, "tcp");
    bool is_udp = slice_len(&udp) > 0 || (slice_len(&tcp) == 0 && speaks_udp(scheme));
    if (is_udp && !is_driver(scheme))
        return PROTOCOL_UDP;
    bool is_tcp =
        slice_len(&tcp) > 0 || port != 0 || is_driver(scheme) || says_transport(scheme, "tcp");
    return is_tcp ? PROTOCOL_TCP : PROTOCOL_NONE;
}

/* A word of the scheme that says that no port of a host is meant, or of no protocol here. */
static enum error judge_word(const struct slice *word, bool is_joined, struct fault *fault)
{
    static const char *const sockets[] = {"unix", "ipc", "npipe", "ldapi", "redis-socket"};
    static const char *const hostless[] = {"file", "data", "urn", "about", "mailto"};
    const struct protocol_traits *protocol = protocols_find(word);
    if (is_any(word, sockets, ARRAY_LEN(sockets)))
        return fault_at(word, FAULT_SOCKET, fault);
    if (!is_joined && is_any(word, hostless, ARRAY_LEN(hostless)))
        return fault_at(word, FAULT_URL_HOSTLESS, fault);
    if (is_joined && slice_is(word, "srv"))
        return fault_at(word, FAULT_SRV, fault);
    /* "x+tls" is asked by TCP, and so is "x+tcp". */
    bool is_asked = protocol == NULL || (protocol->id != PROTOCOL_NONE && protocol->has_ports);
    return is_asked ? ERROR_NONE : fault_at(word, FAULT_PROTOCOL, fault);
}

static enum error judge_scheme(const struct slice *scheme, struct fault *fault)
{
    struct slice rest = *scheme;
    enum error error = ERROR_NONE;
    if (!is_driver(scheme) && slice_count(scheme, ':') > 0) {
        while (slice_count(&rest, ':') > 0)
            (void)next_part(&rest, ':');
        struct slice word = {scheme->text, scheme->from, rest.from};
        return fault_at(is_scheme(&rest) ? &word : scheme,
                        is_scheme(&rest) ? FAULT_URL_GLUED : FAULT_SCHEME, fault);
    }
    if (!is_driver(scheme) && !is_scheme(scheme))
        return fault_at(scheme, FAULT_SCHEME, fault);
    bool is_joined = slice_count(scheme, '+') > 0;
    while (slice_len(&rest) > 0 && error == ERROR_NONE) {
        struct slice part = next_part(&rest, '+');
        error = judge_word(&part, is_joined, fault);
    }
    struct slice udp = find_transport(scheme, "udp");
    struct slice tcp = find_transport(scheme, "tcp");
    bool is_both = slice_len(&udp) > 0 && slice_len(&tcp) > 0;
    return error == ERROR_NONE && is_both ? fault_at(scheme, FAULT_SCHEME_BOTH, fault) : error;
}

/* Whether paths of this scheme have an '@' in them, as "https://host/@user". */
static bool is_web_scheme(const struct slice *scheme)
{
    static const char *const web[] = {"http", "https", "ws", "wss"};
    struct slice rest = *scheme;
    while (slice_len(&rest) > 0) {
        struct slice part = next_part(&rest, '+');
        if (is_any(&part, web, ARRAY_LEN(web)))
            return true;
    }
    return false;
}

/* The place of the last `c`, or text->to. */
static size_t find_last(const struct slice *text, char c)
{
    for (size_t i = text->to; i > text->from; i--)
        if (text->text[i - 1] == c)
            return i - 1;
    return text->to;
}

/* Where host and port end: at a path, query or fragment, or the properties of a driver. */
static size_t find_authority_end(const struct slice *rest, bool has_properties)
{
    struct slice authority = *rest;
    for (const char *c = "/?#"; *c != '\0'; c++)
        authority.to = slice_find(&authority, *c);
    return has_properties ? slice_find(&authority, ';') : authority.to;
}

/*
 * Whether an '@' behind the authority is one in the value of a query, "db/x?mail=a@b", and not
 * the end of a password: the host is complete, and what follows the '@' is none.
 */
static bool is_in_query(const struct slice *rest, size_t authority_end)
{
    struct slice query = *rest;
    struct slice port = {rest->text, rest->from, authority_end};
    query.from = slice_find(rest, '?');
    query.from = query.from == rest->to ? slice_find(rest, ';') : query.from;
    struct slice key = {rest->text, query.from, slice_find(&query, '@')};
    struct slice path = {rest->text, authority_end, query.from};
    struct slice value = {rest->text, key.to, rest->to};
    size_t at = find_last(&port, '@');
    port.from = at < port.to ? at + 1 : port.from;
    port.from = slice_find(&port, ':');
    port.from += slice_len(&port) > 0;
    bool is_complete =
        slice_is_number(&port) || (slice_len(&port) == 0 && slice_len(&path) > 0);
    return is_complete && slice_count(&path, '@') == 0 && slice_count(&path, '#') == 0 &&
           slice_count(&key, '=') > 0 && slice_count(&value, '/') == 0 &&
           slice_count(&value, ':') == 0 && slice_count(&value, '#') == 0;
}

/* Whether it is not sure where the user's name and password before the host end. */
static bool is_unclear(const struct slice *rest, size_t authority_end, bool is_web)
{
    struct slice authority = {rest->text, rest->from, authority_end};
    struct slice behind = {rest->text, authority_end, rest->to};
    struct slice first = {rest->text, slice_find(&authority, '@'), find_last(&authority, '@')};
    /* "u:p@a,v:q@b" may be two hosts with a user each. */
    if (first.from < first.to && slice_count(&first, ',') > 0)
        return true;
    bool may_follow = is_web && slice_count(&authority, '@') == 0;
    return !may_follow && slice_count(&behind, '@') > 0 && !is_in_query(rest, authority_end);
}

static enum error refuse_at(const struct slice *rest, struct fault *fault)
{
    struct slice piece = {rest->text, find_last(rest, '@'), 0};
    piece.to = piece.from + 1;
    return fault_at(&piece, FAULT_URL_AT, fault);
}

/* "postgresql:///x", "postgresql://%2Frun%2Fx/y": no host, but perhaps the file of a socket. */
static bool is_socket(const struct slice *rest, const struct slice *hosts)
{
    static const char *const keys[] = {"host=/", "host=%2f", "socket="};
    struct slice head = {hosts->text, hosts->from, hosts->from + 3};
    if (head.to <= hosts->to && slice_is(&head, "%2f"))
        return true;
    for (size_t at = hosts->to; at < rest->to && slice_len(hosts) == 0; at++) {
        for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
            struct slice key = {rest->text, at, at + strlen(keys[i])};
            if (key.to <= rest->to && slice_is(&key, keys[i]))
                return true;
        }
    }
    return false;
}

enum error url_split(const struct slice *text, struct url *url, struct fault *fault)
{
    struct slice scheme = {text->text, text->from, url_separator(text)};
    struct slice rest = {text->text, scheme.to + 3, text->to};
    enum error error = judge_scheme(&scheme, fault);
    if (error != ERROR_NONE)
        return error;
    bool has_properties = is_driver(&scheme) || slice_is(&scheme, "sqlserver");
    size_t end = find_authority_end(&rest, has_properties);
    struct slice hosts = {text->text, rest.from, end};
    if (is_unclear(&rest, end, is_web_scheme(&scheme)))
        return refuse_at(&rest, fault);
    size_t at = find_last(&hosts, '@');
    hosts.from = at < hosts.to ? at + 1 : hosts.from;
    if (is_socket(&rest, &hosts))
        return fault_at(&rest, FAULT_SOCKET, fault);
    if (slice_count(&hosts, ',') >= HOSTS_MAX)
        return fault_at(&hosts, FAULT_URL_MANY, fault);
    uint16_t port = port_of_scheme(&scheme);
    struct slice path = {text->text, end, text->to};
    path.to = slice_find(&path, '#');
    *url = (struct url){
        .scheme = scheme,
        .hosts = hosts,
        .path = path,
        .port = port,
        .service = service_of_scheme(&scheme, port),
        .protocol = protocol_of_scheme(&scheme, port),
    };
    return ERROR_NONE;
}

size_t url_host_end(const struct slice *hosts, size_t from)
{
    struct slice rest = {hosts->text, from, hosts->to};
    struct slice part = next_part(&rest, ',');
    while (part.to < hosts->to) {
        struct slice next = next_part(&rest, ',');
        if (!ports_are_numbers(&next)) /* no host is so called */
            break;
        part.to = next.to;
    }
    return part.to;
}

enum error url_refuse_parts(const struct slice *text, struct fault *fault)
{
    struct slice scheme = {text->text, text->from, slice_find(text, ':')};
    struct slice behind = {text->text, scheme.to + (scheme.to < text->to), text->to};
    size_t at = find_last(text, '@');
    struct slice user = {text->text, text->from, at + (at < text->to)};
    bool is_bare = slice_len(text) > 2 && memcmp(slice_start(text), "//", 2) == 0;
    struct slice rest = {text->text, text->from + (is_bare ? 2 : 0), text->to};
    size_t end = find_authority_end(&rest, false);
    bool is_url =
        slice_len(&behind) > 0 && (*slice_start(&behind) == '/' || slice_is(&scheme, "mailto"));
    bool is_path = slice_len(text) > 1 && *slice_start(text) == '/' &&
                   (ascii_is_letter(text->text[text->from + 1]) || slice_count(text, '.') > 0);
    if (is_url) {
        enum error error = judge_word(&scheme, false, fault);
        if (error != ERROR_NONE && fault->code != FAULT_PROTOCOL)
            return error;
    }
    if (is_path && at == text->to)
        return fault_at(text, FAULT_SOCKET, fault);
    if (at < end)
        return is_unclear(&rest, end, false) ? refuse_at(text, fault)
                                             : fault_at(&user, FAULT_USER, fault);
    return at < text->to && !is_in_query(&rest, end) ? refuse_at(text, fault) : ERROR_NONE;
}
