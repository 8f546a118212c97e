#include "target_parts.h"

#include <string.h>

#include "netcheck/base/address.h"
#include "netcheck/base/ascii.h"
#include "netcheck/target/protocols.h"
#include "netcheck/target/services.h"

/* "https", "postgres": a URL, of which only host and port count. */
static enum error split_url(struct slice *rest, const struct slice *scheme,
                            struct target_parts *parts, struct fault *fault)
{
    parts->scheme_port = services_port(slice_start(scheme), slice_len(scheme));
    if (parts->scheme_port == 0)
        return fault_at(scheme, FAULT_SCHEME, fault);
    for (const char *c = "/?#"; *c != '\0'; c++)
        rest->to = slice_find(rest, *c);
    /* User and password end at the last '@' of the authority. */
    for (size_t i = rest->from; i < rest->to; i++)
        if (rest->text[i] == '@')
            rest->from = i + 1;
    return ERROR_NONE;
}

static enum error split_scheme(struct slice *rest, struct target_parts *parts,
                               struct fault *fault)
{
    for (size_t i = rest->from; i + 3 <= rest->to; i++) {
        if (memcmp(rest->text + i, "://", 3) != 0)
            continue;
        struct slice scheme = {rest->text, rest->from, i};
        rest->from = i + 3;
        const struct protocol_traits *protocol = protocols_find(&scheme);
        if (protocol == NULL)
            return split_url(rest, &scheme, parts, fault);
        if (protocol->id == PROTOCOL_NONE)
            return fault_at(&scheme, FAULT_PROTOCOL, fault);
        parts->protocol = protocol->id;
        if (slice_len(rest) > 0 && rest->text[rest->to - 1] == '/')
            rest->to--;
        break;
    }
    return ERROR_NONE;
}

/* Where the host ends: at a slash or a colon. */
static size_t find_tail(const struct slice *rest)
{
    size_t slash = slice_find(rest, '/');
    size_t colon = slice_find(rest, ':');
    return slash < colon ? slash : colon;
}

/*
 * The path of a URL without its scheme, "db:8080/health", is left out. Only digits are no path:
 * who writes "10.0.0.0:22/24" means a prefix. A list of ports with "/tcp" has to be read whole.
 */
static enum error split_path(struct slice *ports, struct fault *fault)
{
    struct slice path = *ports;
    path.from = slice_find(ports, '/');
    if (slice_len(&path) == 0)
        return ERROR_NONE;
    path.from++;
    struct slice word = {path.text, path.from, slice_find(&path, '/')};
    if (slice_find(&path, ',') < path.to)
        return ERROR_NONE;
    if (slice_is_number(&path))
        return fault_at(&path, FAULT_PREFIX_PLACE, fault);
    ports->to = protocols_may_follow_port(&word) ? word.to : path.from - 1;
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
    return split_path(&parts->ports, fault);
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
    if (parts->scheme_port != 0 && slice_len(&parts->scope) > 2 &&
        memcmp(slice_start(&parts->scope), "25", 2) == 0)
        parts->scope.from += 2;
}

static enum error split_bracketed(const struct slice *rest, struct target_parts *parts,
                                  struct fault *fault)
{
    size_t close = slice_find(rest, ']');
    if (close == rest->to)
        return fault_at(rest, FAULT_BRACKET, fault);
    parts->host = (struct slice){rest->text, rest->from + 1, close};
    split_scope(parts);
    struct address address;
    if (!address_parse(slice_start(&parts->host), slice_len(&parts->host), &address) ||
        address_family(&address) != AF_INET6)
        return fault_at(&parts->host, FAULT_BRACKET_ADDRESS, fault);
    struct slice tail = {rest->text, close + 1, rest->to};
    if (slice_len(&tail) > 0 && tail.text[tail.from] == '%' && parts->scope.to == 0) {
        parts->scope = (struct slice){rest->text, tail.from + 1, find_tail(&tail)};
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
    struct address address;
    if (!address_parse(slice_start(&parts->host), slice_len(&parts->host), &address) ||
        slice_count(&parts->scope, ':') > 0 || slice_count(&parts->prefix, ':') > 0)
        return fault_at(rest, FAULT_PORT_GLUED, fault);
    return ERROR_NONE;
}

/* RFC 3986 section 3.1: a letter, then letters, digits, '+', '-' and '.'. */
bool target_parts_is_url(const struct slice *text)
{
    struct slice rest = *text;
    if (slice_len(&rest) > 0 && *slice_start(&rest) == '!')
        rest.from++;
    size_t colon = slice_find(&rest, ':');
    if (colon == rest.from || !ascii_is_letter(*slice_start(&rest)) || rest.to - colon < 3 ||
        memcmp(rest.text + colon, "://", 3) != 0)
        return false;
    for (size_t i = rest.from; i < colon; i++)
        if (!ascii_is_letter(rest.text[i]) && !ascii_is_digit(rest.text[i]) &&
            rest.text[i] != '+' && rest.text[i] != '-' && rest.text[i] != '.')
            return false;
    return true;
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

enum error target_parts_split(const char *text, size_t len, struct target_parts *parts,
                              struct fault *fault)
{
    memset(parts, 0, sizeof *parts);
    parts->protocol = PROTOCOL_TCP;
    parts->scope = parts->prefix = parts->ports = (struct slice){text, 0, 0};
    struct slice rest = {text, 0, len};
    if (len > 0 && text[0] == '!') {
        parts->expects_down = true;
        rest.from = 1;
    }
    enum error error = split_scheme(&rest, parts, fault);
    if (error != ERROR_NONE)
        return error;
    if (slice_len(&rest) > 0 && text[rest.from] == '-')
        return fault_at(&rest, FAULT_HOST_DASH, fault);
    if (slice_len(&rest) > 0 && text[rest.from] == '[')
        return split_bracketed(&rest, parts, fault);
    if (looks_like_ipv6(&rest))
        return split_bare_ipv6(&rest, parts, fault);

    parts->host = (struct slice){text, rest.from, find_tail(&rest)};
    struct slice tail = {text, parts->host.to, rest.to};
    return split_tail(&tail, parts, fault);
}
