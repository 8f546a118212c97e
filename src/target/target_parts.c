#include "target_parts.h"

#include <string.h>

#include "netcheck/base/address.h"
#include "netcheck/base/ascii.h"
#include "netcheck/target/protocols.h"
#include "netcheck/target/services.h"
#include "url.h"

/*
 * Of a URL `rest` becomes the host that begins at `next`, or the first one where that is 0;
 * then `next` is where the one behind it begins, or 0. "tcp://" is no URL.
 */
static enum error split_scheme(struct slice *rest, size_t *next, struct target_parts *parts,
                               struct fault *fault)
{
    struct slice scheme = {rest->text, rest->from, url_separator(rest)};
    struct url url;
    if (scheme.to == rest->to)
        return ERROR_NONE;
    const struct protocol_traits *protocol = protocols_find(&scheme);
    if (protocol != NULL && protocol->id != PROTOCOL_NONE) {
        parts->protocol = protocol->id;
        rest->from = scheme.to + 3;
        if (slice_len(rest) > 0 && rest->text[rest->to - 1] == '/')
            rest->to--;
        return ERROR_NONE;
    }
    enum error error = url_split(rest, &url, fault);
    if (error != ERROR_NONE)
        return error;
    parts->scheme = url.scheme;
    parts->scheme_port = url.port;
    parts->service = url.service;
    parts->path = url.path;
    parts->protocol = url.protocol;
    rest->from = *next != 0 ? *next : url.hosts.from;
    rest->to = url_host_end(&url.hosts, rest->from);
    *next = rest->to < url.hosts.to ? rest->to + 1 : 0;
    return ERROR_NONE;
}

/* Where the host ends: at a slash or a colon. */
static size_t find_tail(const struct slice *rest)
{
    size_t slash = slice_find(rest, '/');
    size_t colon = slice_find(rest, ':');
    return slash < colon ? slash : colon;
}

/* Where the last piece of a list begins that ends at `to`. */
static size_t last_piece(const char *text, size_t from, size_t to)
{
    while (to > from && text[to - 1] != ',' && text[to - 1] != ' ')
        to--;
    return to;
}

/*
 * The path of a URL without its scheme, "db:8080/health", is no part of the ports. Only digits
 * are no path: who writes "10.0.0.0:22/24" means a prefix. A list of ports with "/tcp" has to
 * be read whole.
 */
static enum error split_path(struct target_parts *parts, struct fault *fault)
{
    struct slice *ports = &parts->ports;
    struct slice path = *ports;
    path.from = slice_find(ports, '/');
    if (slice_len(&path) == 0)
        return ERROR_NONE;
    struct slice before = {path.text, last_piece(ports->text, ports->from, path.from),
                           path.from};
    path.from++;
    struct slice word = {path.text, path.from, slice_find(&path, '/')};
    if (slice_find(&path, ',') < path.to)
        return ERROR_NONE;
    if (slice_len(&word) > 0 && protocols_may_follow_port(&before)) { /* "udp/53" */
        ports->to = word.to;
        return ERROR_NONE;
    }
    if (slice_is_number(&path))
        return fault_at(&path, FAULT_PREFIX_PLACE, fault);
    bool is_protocol = protocols_may_follow_port(&word);
    ports->to = is_protocol ? word.to : path.from - 1;
    if (!is_protocol && slice_len(&parts->path) == 0)
        parts->path = (struct slice){path.text, ports->to, slice_find(&path, '#')};
    return ERROR_NONE;
}

/* What may follow a host: "/24", ":22", "/24:22" or nothing. */
static enum error split_tail(const struct slice *tail, struct target_parts *parts,
                             struct fault *fault)
{
    struct slice rest = *tail;
    if (slice_len(&rest) > 0 && rest.text[rest.from] == '/') {
        size_t colon = slice_find(&rest, ':');
        parts->has_prefix = true;
        parts->prefix = (struct slice){rest.text, rest.from + 1, colon};
        rest.from = colon;
    }
    if (slice_len(&rest) == 0)
        return ERROR_NONE;
    if (rest.text[rest.from] != ':')
        return fault_at(&rest, FAULT_BRACKET_AFTER, fault);
    parts->has_ports = true;
    parts->ports = (struct slice){rest.text, rest.from + 1, rest.to};
    return split_path(parts, fault);
}

/* "%eth0", inside the brackets as RFC 4007 has it, or behind them as ss(8) does. */
static void split_scope(struct target_parts *parts)
{
    size_t percent = slice_find(&parts->host, '%');
    if (percent == parts->host.to)
        return;
    parts->scope = (struct slice){parts->host.text, percent + 1, parts->host.to};
    parts->host.to = percent;
    /* RFC 6874: the percent sign of a URL is written "%25". */
    if (slice_len(&parts->scheme) > 0 && slice_len(&parts->scope) > 2 &&
        memcmp(slice_start(&parts->scope), "25", 2) == 0)
        parts->scope.from += 2;
}

/* Whether a scope goes on with the other end of a range: "eth0-fe80::9", "eth0]-[fe80::9". */
static bool holds_range(const struct slice *scope)
{
    struct slice last = *scope;
    last.from = slice_find(scope, '-');
    return slice_count(&last, ':') > 1;
}

/* "[A]-[B]", which is the host as it is. */
static enum error split_bracketed_range(const struct slice *rest, size_t close,
                                        struct target_parts *parts, struct fault *fault)
{
    struct slice last = {rest->text, close + 2, rest->to};
    if (slice_len(&last) == 0 || *slice_start(&last) != '[' ||
        slice_find(&last, ']') == last.to)
        return fault_at(rest, FAULT_RANGE_IPV6, fault);
    struct slice tail = last;
    tail.from = slice_find(&last, ']') + 1;
    parts->host = (struct slice){rest->text, rest->from, tail.from};
    if (slice_count(&parts->host, '%') > 0)
        return fault_at(&parts->host, FAULT_RANGE_SCOPE, fault);
    return split_tail(&tail, parts, fault);
}

static enum error split_bracketed(const struct slice *rest, struct target_parts *parts,
                                  struct fault *fault)
{
    size_t close = slice_find(rest, ']');
    if (close == rest->to)
        return fault_at(rest, FAULT_BRACKET, fault);
    if (close + 1 < rest->to && rest->text[close + 1] == '-')
        return split_bracketed_range(rest, close, parts, fault);
    parts->host = (struct slice){rest->text, rest->from + 1, close};
    split_scope(parts);
    struct slice tail = {rest->text, close + 1, rest->to};
    if (holds_range(&parts->scope))
        return fault_at(&parts->scope, FAULT_RANGE_SCOPE, fault);
    if (slice_count(&parts->host, '-') > 0 && slice_count(&parts->host, ':') > 0)
        return split_tail(&tail, parts, fault);
    struct address address;
    if (!address_parse(slice_start(&parts->host), slice_len(&parts->host), &address) ||
        address_family(&address) != AF_INET6)
        return fault_at(&parts->host, FAULT_BRACKET_ADDRESS, fault);
    if (slice_len(&tail) > 0 && tail.text[tail.from] == '%' && parts->scope.to == 0) {
        parts->scope = (struct slice){rest->text, tail.from + 1, find_tail(&tail)};
        if (slice_count(&parts->scope, '[') > 0)
            return fault_at(&parts->scope, FAULT_RANGE_SCOPE, fault);
        tail.from = parts->scope.to;
    }
    return split_tail(&tail, parts, fault);
}

/* Several colons without brackets: an IPv6 address, perhaps with a port glued on. */
static bool looks_like_ipv6(const struct slice *rest)
{
    struct slice head = *rest;
    head.to = slice_find(&head, '%');
    head.to = slice_find(&head, '/');
    head.to = slice_find(&head, '-'); /* of a range; what is behind it is judged as its end */
    /* In "10.0.0.1:80:81" the port is wrong, not the address. */
    if (slice_count(&head, ':') < 2 || slice_find(&head, '.') < slice_find(&head, ':'))
        return false;
    for (size_t i = head.from; i < head.to; i++)
        if (!ascii_is_hex(head.text[i]) && head.text[i] != ':' && head.text[i] != '.')
            return false;
    return true;
}

static enum error split_bare_ipv6(const struct slice *rest, struct target_parts *parts,
                                  struct fault *fault)
{
    parts->host = *rest;
    parts->host.to = slice_find(rest, '/');
    if (parts->host.to < rest->to) {
        parts->has_prefix = true;
        parts->prefix = (struct slice){rest->text, parts->host.to + 1, rest->to};
    }
    split_scope(parts);
    if (holds_range(&parts->scope))
        return fault_at(rest, FAULT_RANGE_SCOPE, fault);
    struct address address;
    bool is_range = slice_count(&parts->host, '-') > 0;
    if ((!is_range &&
         !address_parse(slice_start(&parts->host), slice_len(&parts->host), &address)) ||
        slice_count(&parts->scope, ':') > 0 || slice_count(&parts->prefix, ':') > 0)
        return fault_at(rest, FAULT_PORT_GLUED, fault);
    return ERROR_NONE;
}

/* Whether a path begins among these ports; it may have commas. */
static bool begins_path(const struct slice *ports)
{
    size_t slash = slice_find(ports, '/');
    struct slice word = {ports->text, slash < ports->to ? slash + 1 : slash, ports->to};
    slice_trim(&word);
    return slice_len(&word) > 0 && !protocols_may_follow_port(&word);
}

/* ":22" of "[::1]:22". */
static struct slice tail_of(const struct slice *target)
{
    struct slice tail = *target;
    if (*slice_start(&tail) == '[')
        tail.from = slice_find(&tail, ']');
    tail.from = slice_find(&tail, ':');
    return tail;
}

size_t target_parts_end(const struct slice *list)
{
    struct slice first = {list->text, list->from, slice_find(list, ',')};
    /* "db,web:80" is wrong as a whole, "db:80/a,b:1" is a path. */
    if (slice_find(&first, ':') == first.to)
        return list->to;
    struct slice ports = tail_of(&first);
    while (ports.to < list->to && !begins_path(&ports)) {
        struct slice next = {list->text, ports.to + 1, list->to};
        next.to = slice_find(&next, ',');
        if (slice_find(&next, ':') < next.to)
            return ports.to;
        ports = next;
    }
    return list->to;
}

/*
 * "udp:192.0.2.1:53", "stun:stun.example.com": a scheme without its slashes, if what follows
 * cannot be ports. "http:8080" is a host.
 */
static enum error refuse_scheme(const struct slice *text, struct fault *fault)
{
    struct slice word = {text->text, text->from, slice_find(text, ':')};
    struct slice rest = {text->text, word.to + (word.to < text->to), text->to};
    if (slice_len(&rest) == 0 || slice_is_number(&rest))
        return ERROR_NONE; /* as of most lines of a list */
    rest.to = slice_find(&rest, '/');
    bool is_host = slice_len(&rest) > 0 && slice_count(&rest, '@') == 0 &&
                   (slice_count(&rest, '.') > 0 || slice_count(&rest, '[') > 0 ||
                    (ascii_is_letter(*slice_start(&rest)) && slice_count(&rest, ':') > 0));
    bool is_scheme = is_host && (protocols_find(&word) != NULL ||
                                 services_port(slice_start(&word), slice_len(&word)) != 0);
    word.to++;
    return is_scheme ? fault_at(&word, FAULT_SCHEME_SLASHES, fault) : ERROR_NONE;
}

/* Host, scope, prefix and ports of what is no URL any more. */
static enum error split_host(const struct slice *host, struct target_parts *parts,
                             struct fault *fault)
{
    struct slice rest = *host;
    const char *text = rest.text;
    if (slice_len(&rest) > 0 && text[rest.from] == '-')
        return fault_at(&rest, FAULT_HOST_DASH, fault);
    if (slice_len(&rest) > 0 && text[rest.from] == '[')
        return split_bracketed(&rest, parts, fault);
    if (looks_like_ipv6(&rest))
        return split_bare_ipv6(&rest, parts, fault);
    bool is_plain = slice_len(&parts->scheme) == 0;
    if (is_plain && (url_refuse_parts(&rest, fault) != ERROR_NONE ||
                     refuse_scheme(&rest, fault) != ERROR_NONE))
        return ERROR_INVALID;

    parts->host = (struct slice){text, rest.from, find_tail(&rest)};
    struct slice tail = {text, parts->host.to, rest.to};
    return split_tail(&tail, parts, fault);
}

enum error target_parts_split(const struct slice *text, size_t *next,
                              struct target_parts *parts, struct fault *fault)
{
    struct slice rest = *text;
    memset(parts, 0, sizeof *parts);
    parts->scheme = parts->scope = parts->prefix = parts->ports = parts->path =
        (struct slice){text->text, 0, 0};
    if (slice_len(&rest) > 0 && *slice_start(&rest) == '!') {
        parts->expects_down = true;
        rest.from++;
    }
    enum error error = split_scheme(&rest, next, parts, fault);
    if (error == ERROR_NONE)
        error = split_host(&rest, parts, fault);
    if (error != ERROR_NONE)
        return error;
    bool has_port = parts->scheme_port != 0 || slice_len(&parts->ports) > 0;
    return slice_len(&parts->scheme) == 0 || has_port
               ? ERROR_NONE
               : fault_at(&parts->scheme, FAULT_SCHEME, fault);
}
