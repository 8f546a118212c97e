#include "host.h"

#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/utf8.h"

enum {
    NAME_MAX_LEN = 253, /* RFC 1035 section 2.3.4, as text without the root's dot */
    LABEL_MAX_LEN = 63,
    PREFIX_HOST_BITS_MAX = 48, /* so that 2^64 rows are out of reach without repeated ports */
};

static bool is_alnum(char c)
{
    return ascii_is_digit(c) || ascii_is_letter(c);
}

static bool is_one_of(char c, const char *characters)
{
    return c != '\0' && strchr(characters, c) != NULL;
}

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
        if (!is_alnum(host->text[i]) && !is_one_of(host->text[i], "-_.,"))
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
        if (!is_alnum(c) && c != '-' && c != '_' && c != '.')
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

static enum error check_scope(const struct target_parts *parts, const struct address *address,
                              struct fault *fault)
{
    if (parts->scope.to == 0)
        return address_is_link_local(address) && !parts->has_prefix
                   ? fault_at(&parts->host, FAULT_SCOPE_MISSING, fault)
               : address_is_link_local(address)
                   ? fault_at(&parts->host, FAULT_PREFIX_LINK_LOCAL, fault)
                   : ERROR_NONE;
    if (slice_len(&parts->scope) == 0 || !address_is_link_local(address))
        return fault_at(&parts->scope, FAULT_SCOPE, fault);
    for (size_t i = parts->scope.from; i < parts->scope.to; i++)
        if (!is_alnum(parts->scope.text[i]) && !is_one_of(parts->scope.text[i], "-_.:@"))
            return fault_at(&parts->scope, FAULT_SCOPE, fault);
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
    address_mask(&target->address, bits);
    if (address_is_unspecified(&target->address) ||
        prefix_holds(&target->address, bits, "::ffff:0.0.0.0"))
        return fault_at(&parts->host, FAULT_PREFIX_UNSPECIFIED, fault);
    if (address_len - bits > PREFIX_HOST_BITS_MAX)
        return fault_at(&parts->prefix, FAULT_PREFIX_LARGE, fault);
    target->kind = TARGET_PREFIX;
    target->prefix_bits = bits;
    return ERROR_NONE;
}

enum error host_judge(const struct target_parts *parts, struct target *target,
                      struct fault *fault)
{
    const struct slice *host = &parts->host;
    if (slice_len(host) == 0)
        return fault_at(host, FAULT_HOST_MISSING, fault);
    if (!address_parse(slice_start(host), slice_len(host), &target->address)) {
        if (looks_numeric(host))
            return fault_at(host, slice_count(host, '.') == 0 ? FAULT_HOST_NUMBER : FAULT_QUAD,
                            fault);
        enum error error = check_name(host, fault);
        if (error == ERROR_NONE && parts->has_prefix)
            error = fault_at(&parts->prefix, FAULT_HOST_PATH, fault);
        target->kind = TARGET_NAME;
        return error;
    }
    target->kind = TARGET_ADDRESS;
    enum error error = check_scope(parts, &target->address, fault);
    if (error == ERROR_NONE && parts->has_prefix)
        return parse_prefix(parts, target, fault);
    if (error == ERROR_NONE && address_is_unspecified(&target->address))
        error = fault_at(host, FAULT_UNSPECIFIED, fault);
    return error;
}
