#include "netcheck/target/target.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/ascii.h"
#include "target_parts.h"

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

static enum error check_name(const struct slice *host, struct fault *fault)
{
    enum error pasted = check_pasted(host, fault);
    if (pasted != ERROR_NONE)
        return pasted;
    for (size_t i = host->from; i < host->to; i++) {
        char c = host->text[i];
        struct slice byte = {host->text, i, i + 1};
        if (!is_alnum(c) && c != '-' && c != '_' && c != '.')
            return fault_at(&byte, FAULT_HOST_BYTE, fault);
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

/* Is the host a name, an address, a prefix, or wrong? */
static enum error judge_host(const struct target_parts *parts, struct target *target,
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
            error = fault_at(&parts->prefix, FAULT_PREFIX_IPV4, fault);
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

static enum error parse_ports(const struct target_parts *parts, struct target *target,
                              struct fault *fault)
{
    bool is_empty = slice_len(&parts->ports) == 0;
    if (!parts->has_ports && parts->scheme_port == 0)
        return ERROR_NONE;
    /* "https://host:/" has the scheme's port too: RFC 3986 section 3.2.3. */
    if (parts->scheme_port != 0 && is_empty)
        return ports_add(&target->ports, parts->scheme_port, parts->scheme_port);
    enum error error = ports_parse(&target->ports, slice_start(&parts->ports),
                                   slice_len(&parts->ports), fault);
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

/* The host, and of a scoped address "%SCOPE" behind it. */
static void store_text(struct target *target, const struct target_parts *parts)
{
    char *end = target->storage + slice_len(&parts->host);
    target->host_at = parts->host.from;
    memcpy(target->storage, slice_start(&parts->host), slice_len(&parts->host));
    if (parts->scope.to > 0) {
        *end++ = '%';
        target->scope = end;
        memcpy(end, slice_start(&parts->scope), slice_len(&parts->scope));
        end += slice_len(&parts->scope);
    }
    *end = '\0';
    target->host_len = (size_t)(end - target->storage);
}

enum error target_parse(const char *text, size_t len, struct target **target,
                        struct fault *fault)
{
    *fault = (struct fault){.code = FAULT_NONE, .at = 0, .len = len};
    struct target_parts parts;
    enum error error = target_parts_split(text, len, &parts, fault);
    if (error != ERROR_NONE)
        return error;
    struct target *parsed = allocate(len);
    if (parsed == NULL)
        return ERROR_NO_MEMORY;
    parsed->protocol = parts.protocol;
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

void target_list_init(struct target_list *list, const char *text, size_t len)
{
    *list = (struct target_list){.rest = {text, 0, len}};
}

bool target_list_is_done(const struct target_list *list)
{
    return list->has_first && list->rest.from > list->rest.to;
}

/* Whether `text` is a target with a port. */
static bool is_target(const struct slice *text)
{
    struct target *target = NULL;
    struct fault fault;
    if (target_parse(slice_start(text), slice_len(text), &target, &fault) != ERROR_NONE)
        return false;
    bool has_ports = target->ports.count > 0;
    target_drop(target);
    return has_ports;
}

/* Where the first URL ends. Behind '?' and '#' a URL may be a part of it. */
static enum error end_url(struct slice *url, const struct slice *list, struct fault *fault)
{
    struct slice part = *url;
    bool has_query = false;
    while (part.to < list->to) {
        struct slice next = {list->text, part.to + 1, list->to};
        next.to = slice_find(&next, ',');
        bool is_url = target_parts_is_url(&next);
        has_query |= slice_count(&part, '?') > 0 || slice_count(&part, '#') > 0;
        if (is_url && !has_query)
            break;
        if (is_url || is_target(&next))
            return fault_at(&next, FAULT_LIST_URL, fault);
        part = next;
    }
    url->to = part.to;
    return ERROR_NONE;
}

enum error target_list_next(struct target_list *list, struct target **target,
                            struct fault *fault)
{
    struct slice one = list->rest;
    bool is_url = target_parts_is_url(&one);
    one.to = list->is_single ? one.to : is_url ? slice_find(&one, ',') : target_parts_end(&one);
    if (is_url && end_url(&one, &list->rest, fault) != ERROR_NONE) {
        list->has_first = true;
        list->rest.from = list->rest.to + 1;
        return ERROR_INVALID;
    }
    list->rest.from = one.to + 1;
    bool expects_down = slice_len(&one) > 0 && *slice_start(&one) == '!';
    if (!list->has_first)
        list->expects_down = expects_down;
    list->has_first = true;
    if (expects_down != list->expects_down)
        return fault_at(&one, FAULT_LIST_MIXED, fault);
    enum error error = target_parse(slice_start(&one), slice_len(&one), target, fault);
    if (error == ERROR_NONE)
        (*target)->host_at += one.from;
    fault->at += one.from;
    return error;
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

/* What the rules have against a target, its ports aside that it may get from them. */
static enum fault_code judge(const struct target *target, const struct target_rules *rules)
{
    bool is_name = target->kind == TARGET_NAME;
    unsigned family = address_family_bit(&target->address);
    bool is_ipv6 = !is_name && family == FAMILY_IPV6;
    bool has_ports = target->ports.count > 0;
    if (rules->ports != NULL && has_ports)
        return FAULT_PORT_TWICE;
    if (rules->ports == NULL && !has_ports)
        return is_ipv6 ? FAULT_PORT_GLUED : FAULT_PORT_MISSING;
    if (is_name && rules->is_numeric)
        return FAULT_NOT_NUMERIC;
    if (!is_name && (rules->families & family) == 0)
        return is_ipv6 ? FAULT_FAMILY_IPV4 : FAULT_FAMILY_IPV6;
    return FAULT_NONE;
}

enum error target_apply_rules(struct target *target, const struct target_rules *rules,
                              struct fault *fault)
{
    *fault = (struct fault){judge(target, rules), target->host_at, target->host_len};
    if (fault->code != FAULT_NONE)
        return ERROR_INVALID;
    if (rules->ports != NULL && ports_copy(&target->ports, rules->ports) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    if (is_countable(target))
        return ERROR_NONE;
    fault->code = FAULT_PREFIX_LARGE;
    return ERROR_INVALID;
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
