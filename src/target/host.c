#include "host.h"

#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "pattern.h"
#include "netcheck/base/utf8.h"

enum {
    NAME_MAX_LEN = 253, /* RFC 1035 section 2.3.4, as text without the root's dot */
    LABEL_MAX_LEN = 63,
};

/* So that 2^64 rows are out of reach without repeated ports. */
static const uint64_t addresses_max = UINT64_C(1) << 48;

/* One dot-separated part that inet_aton(3) would read as a number: decimal or 0x hex. */
static bool is_number_label(const struct slice *label)
{
    const char *text = slice_start(label);
    if (slice_len(label) < 2 || text[0] != '0' || ascii_lower(text[1]) != 'x')
        return slice_is_number(label);
    for (size_t i = label->from + 2; i < label->to; i++)
        if (!ascii_is_hex(label->text[i]))
            return false;
    return true;
}

/* Only numbers and dots: that must be a strict dotted quad, although libc takes more. */
static bool looks_numeric(const struct slice *host)
{
    for (size_t at = host->from; at < host->to;) {
        struct slice label = {host->text, at, host->to};
        label.to = slice_find(&label, '.');
        if (!is_number_label(&label))
            return false;
        at = label.to + 1;
    }
    return slice_len(host) > 0;
}

static enum error check_label(const struct slice *label, struct fault *fault)
{
    if (slice_len(label) == 0)
        return fault_at(label, FAULT_LABEL_EMPTY, fault);
    if (slice_len(label) > LABEL_MAX_LEN)
        return fault_at(label, FAULT_LABEL_LENGTH, fault);
    return ERROR_NONE;
}

/* ss(8) prints "*", and an interface behind an IPv4 address; neither is part of a name. */
static enum error check_pasted(const struct slice *host, struct fault *fault)
{
    struct slice interface = *host;
    struct address address;
    interface.from = slice_find(host, '%');
    if (slice_is(host, "*"))
        return fault_at(host, FAULT_UNSPECIFIED, fault);
    if (slice_len(&interface) > 0 &&
        address_parse(slice_start(host), interface.from - host->from, &address))
        return fault_at(&interface, FAULT_SCOPE_IPV4, fault);
    return ERROR_NONE;
}

/* A character of several bytes is quoted whole. */
static enum error refuse_character(const struct slice *host, size_t at, struct fault *fault)
{
    uint32_t character;
    size_t len = utf8_decode(host->text + at, host->to - at, &character);
    struct slice piece = {host->text, at, at + (len > 1 ? len : 1)};
    return fault_at(&piece, len > 1 ? FAULT_HOST_UNICODE : FAULT_HOST_BYTE, fault);
}

/* "a,b": names or addresses with commas between them. */
static bool is_list(const struct slice *host)
{
    for (size_t i = host->from; i < host->to; i++)
        if (!ascii_is_alnum(host->text[i]) && !ascii_is_one_of(host->text[i], "-_.,"))
            return false;
    return slice_count(host, ',') > 0;
}

static enum error check_name(const struct slice *host, struct fault *fault)
{
    enum error pasted = check_pasted(host, fault);
    if (pasted != ERROR_NONE)
        return pasted;
    if (is_list(host))
        return fault_at(host, FAULT_HOST_LIST, fault);
    for (size_t i = host->from; i < host->to; i++) {
        char c = host->text[i];
        if (!ascii_is_alnum(c) && c != '-' && c != '_' && c != '.')
            return refuse_character(host, i, fault);
    }
    struct slice name = *host;
    if (slice_len(&name) > 1 && name.text[name.to - 1] == '.')
        name.to--;
    if (slice_len(&name) > NAME_MAX_LEN)
        return fault_at(host, FAULT_HOST_LENGTH, fault);
    for (size_t at = name.from; at <= name.to;) {
        struct slice label = {name.text, at, name.to};
        label.to = slice_find(&label, '.');
        enum error error = check_label(&label, fault);
        if (error != ERROR_NONE)
            return error;
        at = label.to + 1;
    }
    return ERROR_NONE;
}

/* Well-formed, but not to be asked, for this reason; the first one counts. */
static void forbid(struct target *target, const struct slice *piece, enum fault_code code)
{
    if (target->fault.code == FAULT_NONE)
        (void)fault_at(piece, code, &target->fault);
}

static enum error judge_scope(const struct target_parts *parts, struct target *target,
                              struct fault *fault)
{
    bool is_link_local = address_is_link_local(&target->address);
    if (parts->scope.to == 0) {
        if (is_link_local)
            forbid(target, &parts->host,
                   parts->has_prefix ? FAULT_PREFIX_LINK_LOCAL : FAULT_SCOPE_MISSING);
        return ERROR_NONE;
    }
    if (slice_len(&parts->scope) == 0 || !is_link_local)
        return fault_at(&parts->scope, FAULT_SCOPE, fault);
    for (size_t i = parts->scope.from; i < parts->scope.to; i++)
        if (!ascii_is_alnum(parts->scope.text[i]) &&
            !ascii_is_one_of(parts->scope.text[i], "-_.:@"))
            return fault_at(&parts->scope, FAULT_SCOPE, fault);
    return ERROR_NONE;
}

/* Whether `text`, an IPv6 address, is one of first..last. */
static bool holds(const struct address *first, const struct address *last, const char *text)
{
    struct address address;
    return address_family(first) == AF_INET6 && address_parse(text, strlen(text), &address) &&
           address_compare(first, &address) <= 0 && address_compare(&address, last) <= 0;
}

/* The target is first..last, first being filled in. */
static void judge_span(struct target *target, const struct address *last)
{
    uint64_t distance = address_distance(&target->address, last);
    target->last = *last;
    target->addresses = distance == UINT64_MAX ? UINT64_MAX : distance + 1;
}

static bool holds_unspecified(const struct target *target)
{
    return address_is_unspecified(&target->address) ||
           holds(&target->address, &target->last, "::ffff:0.0.0.0");
}

static enum error parse_prefix(const struct target_parts *parts, struct target *target,
                               struct fault *fault)
{
    unsigned address_len = address_bits(&target->address);
    enum fault_code wrong = address_len == 32 ? FAULT_PREFIX_IPV4 : FAULT_PREFIX_IPV6;
    unsigned bits = 0;
    for (size_t i = parts->prefix.from; i < parts->prefix.to; i++) {
        if (!ascii_is_digit(parts->prefix.text[i]) || bits > address_len)
            return fault_at(&parts->prefix, wrong, fault);
        bits = bits * 10 + (unsigned)(parts->prefix.text[i] - '0');
    }
    if (slice_len(&parts->prefix) == 0 || bits > address_len)
        return fault_at(&parts->prefix, wrong, fault);
    struct address last = target->address;
    address_mask(&target->address, bits);
    address_fill(&last, bits);
    target->kind = TARGET_RANGE;
    judge_span(target, &last);
    if (holds_unspecified(target))
        forbid(target, &parts->host, FAULT_PREFIX_UNSPECIFIED);
    if (address_span_has_group(&target->address, &target->last))
        forbid(target, &parts->host, FAULT_PREFIX_GROUP);
    if (target->addresses > addresses_max)
        forbid(target, &parts->prefix, FAULT_PREFIX_LARGE);
    return ERROR_NONE;
}

/* The two ends of a range: "A-B", "[A]-[B]". False: there is no dash. */
static bool split_range(const struct slice *host, struct slice *first, struct slice *last)
{
    *first = *last = *host;
    first->to = slice_find(host, '-');
    last->from = first->to + 1;
    if (first->to == host->to)
        return false;
    if (*slice_start(host) == '[') {
        first->from++;
        first->to--;
        last->from++;
        last->to--;
    }
    return true;
}

/* The last octet alone, as in "10.0.0.1-9". */
static bool parse_last_octet(const struct slice *text, struct address *last)
{
    unsigned octet = 0;
    if (!slice_is_number(text) || slice_len(text) > 3 ||
        (slice_len(text) > 1 && *slice_start(text) == '0'))
        return false;
    for (size_t i = text->from; i < text->to; i++)
        octet = octet * 10 + (unsigned)(text->text[i] - '0');
    address_mask(last, 24);
    address_advance(last, octet);
    return octet <= 255;
}

static bool parse_range(const struct slice *host, struct address *first, struct address *last)
{
    struct slice low;
    struct slice high;
    if (!split_range(host, &low, &high) ||
        !address_parse(slice_start(&low), slice_len(&low), first))
        return false;
    *last = *first;
    return address_parse(slice_start(&high), slice_len(&high), last) ||
           (address_family(first) == AF_INET && parse_last_octet(&high, last));
}

static enum error judge_range(const struct target_parts *parts, struct target *target,
                              const struct address *last, struct fault *fault)
{
    if (parts->scope.to > 0)
        return fault_at(&parts->scope, FAULT_RANGE_SCOPE, fault);
    if (parts->has_prefix)
        return fault_at(&parts->prefix, FAULT_RANGE_PREFIX, fault);
    if (address_family(&target->address) != address_family(last))
        return fault_at(&parts->host, FAULT_RANGE_MIXED, fault);
    if (address_compare(&target->address, last) > 0)
        return fault_at(&parts->host, FAULT_RANGE_REVERSED, fault);
    target->kind = TARGET_RANGE;
    judge_span(target, last);
    if (holds_unspecified(target))
        forbid(target, &parts->host, FAULT_RANGE_UNSPECIFIED);
    if (address_is_link_local(&target->address) || address_is_link_local(last))
        forbid(target, &parts->host, FAULT_RANGE_LINK_LOCAL);
    if (address_span_has_group(&target->address, &target->last))
        forbid(target, &parts->host, FAULT_RANGE_GROUP);
    if (target->addresses > addresses_max)
        forbid(target, &parts->host, FAULT_PREFIX_LARGE);
    return ERROR_NONE;
}

static enum error judge_address(const struct target_parts *parts, struct target *target,
                                struct fault *fault)
{
    target->kind = TARGET_ADDRESS;
    target->last = target->address;
    bool is_group =
        !parts->has_prefix && address_span_has_group(&target->address, &target->last);
    if (is_group) /* "ff02::1%eth0", too */
        forbid(target, &parts->host, FAULT_GROUP);
    enum error error = is_group ? ERROR_NONE : judge_scope(parts, target, fault);
    if (error != ERROR_NONE)
        return error;
    if (parts->has_prefix)
        return parse_prefix(parts, target, fault);
    if (address_is_unspecified(&target->address))
        forbid(target, &parts->host, FAULT_UNSPECIFIED);
    return ERROR_NONE;
}

static enum error judge_name(const struct target_parts *parts, struct target *target,
                             struct fault *fault)
{
    const struct slice *host = &parts->host;
    if (looks_numeric(host))
        return fault_at(host, slice_count(host, '.') == 0 ? FAULT_HOST_NUMBER : FAULT_QUAD,
                        fault);
    if (pattern_is_numeric(host))
        return fault_at(host, FAULT_RANGE_FORM, fault);
    enum error error = check_name(host, fault);
    if (error == ERROR_NONE && parts->has_prefix)
        error = fault_at(&parts->prefix, FAULT_HOST_PATH, fault);
    target->kind = TARGET_NAME;
    return error;
}

enum error host_judge(const struct target_parts *parts, struct target *target,
                      struct fault *fault)
{
    const struct slice *host = &parts->host;
    struct address last;
    if (slice_len(host) == 0)
        return fault_at(host, FAULT_HOST_MISSING, fault);
    if (address_parse(slice_start(host), slice_len(host), &target->address))
        return judge_address(parts, target, fault);
    if (parse_range(host, &target->address, &last))
        return judge_range(parts, target, &last, fault);
    if (slice_count(host, ':') > 0 || *slice_start(host) == '[')
        return fault_at(host, FAULT_RANGE_IPV6, fault);
    return judge_name(parts, target, fault);
}
