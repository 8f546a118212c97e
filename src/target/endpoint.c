#include "netcheck/target/endpoint.h"

#include <assert.h>
#include <string.h>

#include "netcheck/target/protocols.h"

void endpoints_begin(struct endpoints *endpoints, struct target *target)
{
    endpoints->target = target;
    endpoints->next = 0;
}

bool endpoints_next(struct endpoints *endpoints, struct endpoint *endpoint)
{
    if (endpoints->target == NULL)
        return false;
    if (endpoints->next == endpoints_total(endpoints->target)) {
        endpoints_release(endpoints);
        return false;
    }
    endpoints_at(endpoints->target, endpoints->next++, endpoint);
    return true;
}

uint64_t endpoints_skip(struct endpoints *endpoints, uint64_t count)
{
    if (count == 0 || endpoints->target == NULL)
        return count;
    uint64_t left = endpoints_total(endpoints->target) - endpoints->next;
    if (count < left) {
        endpoints->next += count;
        return 0;
    }
    endpoints_release(endpoints);
    return count - left;
}

void endpoints_release(struct endpoints *endpoints)
{
    target_drop(endpoints->target);
    endpoints->target = NULL;
}

uint64_t endpoints_per_host(const struct target *target)
{
    return protocols_have_ports(target->protocol) ? target->ports.total : 1;
}

uint64_t endpoints_total(const struct target *target)
{
    if (target->kind == TARGET_INVALID)
        return 1;
    return target->addresses * endpoints_per_host(target);
}

static enum protocol_id protocol_of(const struct target *target, const struct port_range *range)
{
    return range->protocol != PROTOCOL_NONE ? range->protocol : target->protocol;
}

static void set_port(struct endpoint *endpoint, const struct ports *ports, uint64_t index)
{
    const struct port_range *range = ports_range_at(ports, index);
    endpoint->port = (uint16_t)(range->first + (index - range->before));
    endpoint->protocol = protocol_of(endpoint->target, range);
}

void endpoints_at(struct target *target, uint64_t index, struct endpoint *endpoint)
{
    assert(index < endpoints_total(target));
    memset(endpoint, 0, sizeof *endpoint);
    endpoint->target = target;
    if (target->kind == TARGET_INVALID)
        return;
    uint64_t per_host = endpoints_per_host(target);
    endpoint->protocol = target->protocol;
    if (target->ports.count > 0)
        set_port(endpoint, &target->ports, index % per_host);
    if (target->kind == TARGET_NAME)
        return;
    endpoint->address = target->address;
    address_advance(&endpoint->address, index / per_host);
    address_set_port(&endpoint->address, endpoint->port);
}

/* TCP goes without saying. */
static bool has_name(enum protocol_id protocol)
{
    return protocol != PROTOCOL_TCP && protocol != PROTOCOL_NONE;
}

static bool has_port(enum protocol_id protocol)
{
    return protocol != PROTOCOL_NONE && protocols_have_ports(protocol);
}

/* How many bytes of a label depend on port and protocol. */
static size_t label_width(enum protocol_id protocol, uint16_t port)
{
    size_t width = has_name(protocol) ? strlen(protocols_name(protocol)) + strlen("://") : 0;
    for (unsigned left = port; has_port(protocol) && left > 0; left /= 10)
        width++;
    return width + has_port(protocol);
}

void endpoints_widest(struct target *target, struct endpoint *endpoint)
{
    struct endpoint first;
    endpoints_at(target, 0, &first);
    endpoints_at(target, endpoints_total(target) - 1, endpoint);
    if (address_family(&first.address) != AF_UNSPEC)
        endpoint->address = address_widest(&first.address, &endpoint->address);
    for (size_t i = 0; i < target->ports.count; i++) {
        const struct port_range *range = &target->ports.ranges[i];
        enum protocol_id protocol = protocol_of(target, range);
        if (label_width(protocol, range->last) <
            label_width(endpoint->protocol, endpoint->port))
            continue;
        endpoint->protocol = protocol;
        endpoint->port = range->last;
    }
}

void endpoint_host(struct buffer *out, const struct endpoint *endpoint)
{
    const struct target *target = endpoint->target;
    if (target->kind != TARGET_RANGE) {
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
    if (has_name(endpoint->protocol))
        buffer_add_format(out, "%s://", protocols_name(endpoint->protocol));
    if (is_bracketed)
        buffer_add_text(out, "[");
    endpoint_host(out, endpoint);
    if (is_bracketed)
        buffer_add_text(out, "]");
    if (has_port(endpoint->protocol))
        buffer_add_format(out, ":%u", (unsigned)endpoint->port);
}
