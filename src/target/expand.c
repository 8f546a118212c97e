#include "netcheck/target/expand.h"

#include <assert.h>
#include <string.h>

void expand_begin(struct expand *expand, struct target *target)
{
    expand->target = target;
    expand->next = 0;
}

bool expand_next(struct expand *expand, struct endpoint *endpoint)
{
    if (expand->target == NULL)
        return false;
    if (expand->next == expand_total(expand->target)) {
        expand_release(expand);
        return false;
    }
    expand_at(expand->target, expand->next++, endpoint);
    return true;
}

uint64_t expand_skip(struct expand *expand, uint64_t count)
{
    if (count == 0 || expand->target == NULL)
        return count;
    uint64_t left = expand_total(expand->target) - expand->next;
    if (count < left) {
        expand->next += count;
        return 0;
    }
    expand_release(expand);
    return count - left;
}

void expand_release(struct expand *expand)
{
    target_drop(expand->target);
    expand->target = NULL;
}

uint64_t expand_total(const struct target *target)
{
    if (target->kind == TARGET_INVALID)
        return 1;
    if (target->kind != TARGET_PREFIX)
        return target->ports.total;
    unsigned host_bits = address_bits(&target->address) - target->prefix_bits;
    return (UINT64_C(1) << host_bits) * target->ports.total;
}

void expand_at(struct target *target, uint64_t index, struct endpoint *endpoint)
{
    assert(index < expand_total(target));
    memset(endpoint, 0, sizeof *endpoint);
    endpoint->target = target;
    if (target->kind == TARGET_INVALID)
        return;
    endpoint->port = ports_at(&target->ports, index % target->ports.total);
    if (target->kind == TARGET_NAME)
        return;
    endpoint->address = target->address;
    address_advance(&endpoint->address, index / target->ports.total);
    address_set_port(&endpoint->address, endpoint->port);
}

void endpoint_host(struct buffer *out, const struct endpoint *endpoint)
{
    const struct target *target = endpoint->target;
    if (target->kind != TARGET_PREFIX) {
        buffer_add(out, target->host, target->host_len);
        return;
    }
    char text[ADDRESS_TEXT_SIZE];
    struct address address = endpoint->address;
    address_set_scope(&address, 0);
    address_format(&address, text);
    buffer_add_text(out, text);
    if (target->scope != NULL)
        buffer_add_format(out, "%%%s", target->scope);
}

void endpoint_label(struct buffer *out, const struct endpoint *endpoint)
{
    bool is_bracketed =
        address_family(&endpoint->address) == AF_INET6 && endpoint->target->kind != TARGET_NAME;
    if (is_bracketed)
        buffer_add_text(out, "[");
    endpoint_host(out, endpoint);
    if (is_bracketed)
        buffer_add_text(out, "]");
    if (endpoint->target->kind != TARGET_INVALID)
        buffer_add_format(out, ":%u", (unsigned)endpoint->port);
}
