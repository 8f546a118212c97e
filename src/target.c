#include "netcheck/target.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "netcheck/ascii.h"
#include "netcheck/services.h"

enum {
    NAME_MAX_LEN = 253, /* RFC 1035 section 2.3.4, as text without the root's dot */
    LABEL_MAX_LEN = 63,
    PREFIX_HOST_BITS_MAX = 48, /* so that 2^64 rows are out of reach without repeated ports */
};

/* Bytes from..to of `text`. */
struct span {
    const char *text;
    size_t from;
    size_t to;
};

/* The parts of a target's text, found before any of them is judged. */
struct parts {
    bool expects_down;
    bool has_prefix;
    bool has_ports;
    struct span host;   /* without brackets and scope */
    struct span scope;  /* behind '%'; empty for none */
    struct span prefix; /* behind '/' */
    struct span ports;  /* behind ':' */
    uint16_t scheme_port;
};

static enum error fail(struct fault *fault, enum error code, const struct span *span)
{
    *fault = (struct fault){.code = code, .at = span->from, .len = span->to - span->from};
    return code;
}

static size_t span_len(const struct span *span)
{
    return span->to - span->from;
}

static const char *span_start(const struct span *span)
{
    return span->text + span->from;
}

/* The place of the first `c`, or span->to. */
static size_t span_find(const struct span *span, char c)
{
    const char *found = memchr(span_start(span), c, span_len(span));
    return found != NULL ? (size_t)(found - span->text) : span->to;
}

static size_t span_count(const struct span *span, char c)
{
    size_t count = 0;
    for (size_t i = span->from; i < span->to; i++)
        count += span->text[i] == c;
    return count;
}

static bool span_is(const struct span *span, const char *word)
{
    return span_len(span) == strlen(word) &&
           strncasecmp(span_start(span), word, span_len(span)) == 0;
}

static bool is_alnum(char c)
{
    return ascii_is_digit(c) || ascii_is_letter(c);
}

static bool is_one_of(char c, const char *characters)
{
    return c != '\0' && strchr(characters, c) != NULL;
}

static bool is_hex(char c)
{
    return ascii_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* One dot-separated part that inet_aton(3) would read as a number: decimal or 0x hex. */
static bool is_number_label(const char *label, size_t len)
{
    bool is_hexadecimal = len >= 2 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X');
    for (size_t i = is_hexadecimal ? 2 : 0; i < len; i++)
        if (!(is_hexadecimal ? is_hex(label[i]) : ascii_is_digit(label[i])))
            return false;
    return len > 0;
}

/* Only numbers and dots: it must be a strict dotted quad, whatever libc would make of it. */
static bool looks_numeric(const struct span *host)
{
    size_t at = host->from;
    while (at < host->to) {
        struct span rest = {host->text, at, host->to};
        size_t dot = span_find(&rest, '.');
        if (!is_number_label(host->text + at, dot - at))
            return false;
        at = dot + 1;
    }
    return span_len(host) > 0;
}

static enum error check_label(const struct span *label, struct fault *fault)
{
    if (span_len(label) == 0)
        return fail(fault, ERROR_LABEL_EMPTY, label);
    if (span_len(label) > LABEL_MAX_LEN)
        return fail(fault, ERROR_LABEL_LENGTH, label);
    return ERROR_NONE;
}

static enum error check_name(const struct span *host, struct fault *fault)
{
    for (size_t i = host->from; i < host->to; i++) {
        char c = host->text[i];
        struct span byte = {host->text, i, i + 1};
        if (!is_alnum(c) && c != '-' && c != '_' && c != '.')
            return fail(fault, ERROR_HOST_BYTE, &byte);
    }
    struct span name = *host;
    if (span_len(&name) > 1 && name.text[name.to - 1] == '.')
        name.to--;
    if (span_len(&name) > NAME_MAX_LEN)
        return fail(fault, ERROR_HOST_LENGTH, host);
    for (size_t at = name.from; at <= name.to;) {
        struct span label = {name.text, at, name.to};
        label.to = span_find(&label, '.');
        enum error error = check_label(&label, fault);
        if (error != ERROR_NONE)
            return error;
        at = label.to + 1;
    }
    return ERROR_NONE;
}

/* "https", "postgres": a URL, of which only host and port count. */
static enum error split_url(struct span *rest, const struct span *scheme, struct parts *parts,
                            struct fault *fault)
{
    static const char *const unsupported[] = {"udp", "icmp", "ping", "sctp", "unix", "quic"};
    for (size_t i = 0; i < sizeof unsupported / sizeof unsupported[0]; i++)
        if (span_is(scheme, unsupported[i]))
            return fail(fault, ERROR_PROTOCOL, scheme);
    parts->scheme_port = services_port(span_start(scheme), span_len(scheme));
    if (parts->scheme_port == 0)
        return fail(fault, ERROR_SCHEME, scheme);
    for (const char *c = "/?#"; *c != '\0'; c++)
        rest->to = span_find(rest, *c);
    /* User and password end at the last '@' of the authority. */
    for (size_t i = rest->from; i < rest->to; i++)
        if (rest->text[i] == '@')
            rest->from = i + 1;
    return ERROR_NONE;
}

static enum error split_scheme(struct span *rest, struct parts *parts, struct fault *fault)
{
    for (size_t i = rest->from; i + 3 <= rest->to; i++) {
        if (memcmp(rest->text + i, "://", 3) != 0)
            continue;
        struct span scheme = {rest->text, rest->from, i};
        rest->from = i + 3;
        if (!span_is(&scheme, "tcp"))
            return split_url(rest, &scheme, parts, fault);
        if (span_len(rest) > 0 && rest->text[rest->to - 1] == '/')
            rest->to--;
        break;
    }
    return ERROR_NONE;
}

/* What may follow a host: "/24", ":22", "/24:22" or nothing. */
static enum error split_tail(const struct span *tail, struct parts *parts, struct fault *fault)
{
    struct span rest = *tail;
    if (span_len(&rest) > 0 && rest.text[rest.from] == '/') {
        size_t colon = span_find(&rest, ':');
        parts->has_prefix = true;
        parts->prefix = (struct span){rest.text, rest.from + 1, colon};
        rest.from = colon;
    }
    if (span_len(&rest) == 0)
        return ERROR_NONE;
    if (rest.text[rest.from] != ':')
        return fail(fault, ERROR_BRACKET_AFTER, &rest);
    parts->has_ports = true;
    parts->ports = (struct span){rest.text, rest.from + 1, rest.to};
    return ERROR_NONE;
}

static void split_scope(struct parts *parts)
{
    size_t percent = span_find(&parts->host, '%');
    if (percent == parts->host.to)
        return;
    parts->scope = (struct span){parts->host.text, percent + 1, parts->host.to};
    parts->host.to = percent;
}

static enum error split_bracketed(const struct span *rest, struct parts *parts,
                                  struct fault *fault)
{
    size_t close = span_find(rest, ']');
    if (close == rest->to)
        return fail(fault, ERROR_BRACKET, rest);
    parts->host = (struct span){rest->text, rest->from + 1, close};
    split_scope(parts);
    struct address address;
    if (!address_parse(span_start(&parts->host), span_len(&parts->host), &address) ||
        address_family(&address) != AF_INET6)
        return fail(fault, ERROR_BRACKET_ADDRESS, &parts->host);
    struct span tail = {rest->text, close + 1, rest->to};
    return split_tail(&tail, parts, fault);
}

/* Several colons without brackets: IPv6 and nothing but IPv6, or somebody glued a port on. */
static bool looks_like_ipv6(const struct span *rest)
{
    struct span head = *rest;
    head.to = span_find(&head, '%');
    head.to = span_find(&head, '/');
    if (span_count(&head, ':') < 2)
        return false;
    for (size_t i = head.from; i < head.to; i++)
        if (!is_hex(head.text[i]) && head.text[i] != ':' && head.text[i] != '.')
            return false;
    return true;
}

static enum error split_bare_ipv6(const struct span *rest, struct parts *parts,
                                  struct fault *fault)
{
    parts->host = *rest;
    parts->host.to = span_find(rest, '/');
    if (parts->host.to < rest->to) {
        parts->has_prefix = true;
        parts->prefix = (struct span){rest->text, parts->host.to + 1, rest->to};
    }
    split_scope(parts);
    struct address address;
    if (!address_parse(span_start(&parts->host), span_len(&parts->host), &address) ||
        span_count(&parts->scope, ':') > 0 || span_count(&parts->prefix, ':') > 0)
        return fail(fault, ERROR_PORT_GLUED, rest);
    return ERROR_NONE;
}

static enum error split(const char *text, size_t len, struct parts *parts, struct fault *fault)
{
    memset(parts, 0, sizeof *parts);
    parts->scope = parts->prefix = parts->ports = (struct span){text, 0, 0};
    struct span rest = {text, 0, len};
    if (len > 0 && text[0] == '!') {
        parts->expects_down = true;
        rest.from = 1;
    }
    enum error error = split_scheme(&rest, parts, fault);
    if (error != ERROR_NONE)
        return error;
    if (span_len(&rest) > 0 && text[rest.from] == '-')
        return fail(fault, ERROR_HOST_DASH, &rest);
    if (span_len(&rest) > 0 && text[rest.from] == '[')
        return split_bracketed(&rest, parts, fault);
    if (looks_like_ipv6(&rest))
        return split_bare_ipv6(&rest, parts, fault);

    size_t slash = span_find(&rest, '/');
    size_t colon = span_find(&rest, ':');
    parts->host = (struct span){text, rest.from, slash < colon ? slash : colon};
    struct span tail = {text, parts->host.to, rest.to};
    return split_tail(&tail, parts, fault);
}

static enum error check_scope(const struct parts *parts, const struct address *address,
                              struct fault *fault)
{
    if (parts->scope.to == 0)
        return address_is_link_local(address) && !parts->has_prefix
                   ? fail(fault, ERROR_SCOPE_MISSING, &parts->host)
               : address_is_link_local(address)
                   ? fail(fault, ERROR_PREFIX_LINK_LOCAL, &parts->host)
                   : ERROR_NONE;
    if (span_len(&parts->scope) == 0 || !address_is_link_local(address))
        return fail(fault, ERROR_SCOPE, &parts->scope);
    for (size_t i = parts->scope.from; i < parts->scope.to; i++)
        if (!is_alnum(parts->scope.text[i]) && !is_one_of(parts->scope.text[i], "-_.:@"))
            return fail(fault, ERROR_SCOPE, &parts->scope);
    return ERROR_NONE;
}

/* Whether the prefix holds `text`, an IPv6 address. */
static bool prefix_holds(const struct address *first, unsigned bits, const char *text)
{
    struct address address;
    if (!address_parse(text, strlen(text), &address))
        return false;
    address_mask(&address, bits);
    return address_equals(&address, first);
}

static enum error parse_prefix(const struct parts *parts, struct target *target,
                               struct fault *fault)
{
    unsigned address_len = address_bits(&target->address);
    enum error wrong = address_len == 32 ? ERROR_PREFIX_IPV4 : ERROR_PREFIX_IPV6;
    unsigned bits = 0;
    for (size_t i = parts->prefix.from; i < parts->prefix.to; i++) {
        if (!ascii_is_digit(parts->prefix.text[i]) || bits > address_len)
            return fail(fault, wrong, &parts->prefix);
        bits = bits * 10 + (unsigned)(parts->prefix.text[i] - '0');
    }
    if (span_len(&parts->prefix) == 0 || bits > address_len)
        return fail(fault, wrong, &parts->prefix);
    address_mask(&target->address, bits);
    if (address_is_unspecified(&target->address) ||
        prefix_holds(&target->address, bits, "::ffff:0.0.0.0"))
        return fail(fault, ERROR_PREFIX_UNSPECIFIED, &parts->host);
    if (address_len - bits > PREFIX_HOST_BITS_MAX)
        return fail(fault, ERROR_PREFIX_LARGE, &parts->prefix);
    target->kind = TARGET_PREFIX;
    target->prefix_bits = bits;
    return ERROR_NONE;
}

/* Is the host a name, an address, a prefix, or wrong? */
static enum error judge_host(const struct parts *parts, struct target *target,
                             struct fault *fault)
{
    const struct span *host = &parts->host;
    if (span_len(host) == 0)
        return fail(fault, ERROR_HOST_MISSING, host);
    if (!address_parse(span_start(host), span_len(host), &target->address)) {
        bool is_number = looks_numeric(host) && span_count(host, '.') == 0;
        if (looks_numeric(host))
            return fail(fault, is_number ? ERROR_HOST_NUMBER : ERROR_QUAD, host);
        enum error error = check_name(host, fault);
        if (error == ERROR_NONE && parts->has_prefix)
            error = fail(fault, ERROR_PREFIX_IPV4, &parts->prefix);
        target->kind = TARGET_NAME;
        return error;
    }
    target->kind = TARGET_ADDRESS;
    enum error error = check_scope(parts, &target->address, fault);
    if (error == ERROR_NONE && parts->has_prefix)
        return parse_prefix(parts, target, fault);
    if (error == ERROR_NONE && address_is_unspecified(&target->address))
        error = fail(fault, ERROR_UNSPECIFIED, host);
    return error;
}

static enum error parse_ports(const struct parts *parts, struct target *target,
                              struct fault *fault)
{
    bool is_empty = span_len(&parts->ports) == 0;
    if (!parts->has_ports && parts->scheme_port == 0)
        return ERROR_NONE;
    /* "https://host:/" has the scheme's port too: RFC 3986 section 3.2.3. */
    if (parts->scheme_port != 0 && is_empty)
        return ports_add(&target->ports, parts->scheme_port, parts->scheme_port);
    enum error error =
        ports_parse(&target->ports, span_start(&parts->ports), span_len(&parts->ports), fault);
    if (error != ERROR_NONE)
        fault->at += parts->ports.from;
    return error;
}

/* Room for a text and one NUL behind each of its two parts. */
static struct target *allocate(size_t text_len)
{
    struct target *target = malloc(sizeof *target + text_len + 2);
    if (target == NULL)
        return NULL;
    memset(target, 0, sizeof *target);
    target->references = 1;
    ports_init(&target->ports);
    target->host = target->storage;
    return target;
}

/* "HOST" and behind it "SCOPE": for a scoped address both stand as "fe80::1%eth0". */
static void store_text(struct target *target, const struct parts *parts)
{
    bool has_scope = parts->scope.to > 0;
    size_t end = has_scope ? parts->scope.to : parts->host.to;
    target->host_at = parts->host.from;
    target->host_len = end - parts->host.from;
    memcpy(target->storage, span_start(&parts->host), target->host_len);
    target->storage[target->host_len] = '\0';
    if (has_scope)
        target->scope = target->storage + (parts->scope.from - parts->host.from);
}

enum error target_parse(const char *text, size_t len, struct target **target,
                        struct fault *fault)
{
    *fault = (struct fault){.code = ERROR_NO_MEMORY, .at = 0, .len = len};
    struct parts parts;
    enum error error = split(text, len, &parts, fault);
    if (error != ERROR_NONE)
        return error;
    struct target *parsed = allocate(len);
    if (parsed == NULL)
        return ERROR_NO_MEMORY;
    parsed->expects_down = parts.expects_down;
    error = judge_host(&parts, parsed, fault);
    if (error == ERROR_NONE)
        error = parse_ports(&parts, parsed, fault);
    if (error != ERROR_NONE) {
        target_drop(parsed);
        return error;
    }
    store_text(parsed, &parts);
    *target = parsed;
    return ERROR_NONE;
}

struct target *target_new_invalid(const char *line, size_t len, const struct fault *fault,
                                  const struct place *place)
{
    struct target *target = allocate(len);
    if (target == NULL)
        return NULL;
    target->kind = TARGET_INVALID;
    target->fault = *fault;
    target->place = *place;
    target->host_len = len;
    memcpy(target->storage, line, len);
    target->storage[len] = '\0';
    return target;
}

/* Whether addresses x ports, of which a list may repeat some, is a number below 2^64. */
static bool is_countable(const struct target *target)
{
    if (target->kind != TARGET_PREFIX)
        return true;
    unsigned host_bits = address_bits(&target->address) - target->prefix_bits;
    return target->ports.total <= UINT64_MAX >> host_bits;
}

enum error target_apply_rules(struct target *target, const struct target_rules *rules,
                              struct fault *fault)
{
    fault->at = target->host_at;
    fault->len = target->host_len;
    fault->code = ERROR_NONE;
    bool is_name = target->kind == TARGET_NAME;
    unsigned family = address_family_bit(&target->address);
    bool is_ipv6 = !is_name && family == FAMILY_IPV6;
    bool has_ports = target->ports.count > 0;
    if (rules->ports != NULL && has_ports)
        fault->code = ERROR_PORT_TWICE;
    else if (rules->ports == NULL && !has_ports)
        fault->code = is_ipv6 ? ERROR_PORT_GLUED : ERROR_PORT_MISSING;
    else if (is_name && rules->is_numeric)
        fault->code = ERROR_NOT_NUMERIC;
    else if (!is_name && (rules->families & family) == 0)
        fault->code = is_ipv6 ? ERROR_FAMILY_IPV4 : ERROR_FAMILY_IPV6;
    else if (rules->ports != NULL)
        fault->code = ports_copy(&target->ports, rules->ports);
    if (fault->code == ERROR_NONE && !is_countable(target))
        fault->code = ERROR_PREFIX_LARGE;
    return fault->code;
}

struct target *target_hold(struct target *target)
{
    target->references++;
    return target;
}

void target_drop(struct target *target)
{
    if (target == NULL || --target->references > 0)
        return;
    ports_release(&target->ports);
    free(target);
}
