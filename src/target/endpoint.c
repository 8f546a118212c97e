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

/* How many rows an address of the target has. */
static uint64_t ports_of(const struct target *target)
{
    return protocols_have_ports(target->protocol) ? target->ports.total : 1;
}

uint64_t endpoints_total(const struct target *target)
{
    if (target->kind == TARGET_INVALID)
        return 1;
    return target->addresses * ports_of(target);
}

void endpoints_at(struct target *target, uint64_t index, struct endpoint *endpoint)
{
    assert(index < endpoints_total(target));
    memset(endpoint, 0, sizeof *endpoint);
    endpoint->target = target;
    if (target->kind == TARGET_INVALID)
        return;
    endpoint->protocol = target->protocol;
    if (protocols_have_ports(target->protocol))
        endpoint->port = ports_at(&target->ports, index % target->ports.total);
    if (target->kind == TARGET_NAME)
        return;
    endpoint->address = target->address;
    address_advance(&endpoint->address, index / ports_of(target));
    address_set_port(&endpoint->address, endpoint->port);
}

static uint16_t largest_port(const struct ports *ports)
{
    uint16_t largest = 0;
    for (size_t i = 0; i < ports->count; i++)
        if (ports->ranges[i].last > largest)
            largest = ports->ranges[i].last;
    return largest;
}

void endpoints_widest(struct target *target, struct endpoint *endpoint)
{
    struct endpoint first;
    endpoints_at(target, 0, &first);
    endpoints_at(target, endpoints_total(target) - 1, endpoint);
    if (address_family(&first.address) != AF_UNSPEC)
        endpoint->address = address_widest(&first.address, &endpoint->address);
    endpoint->port = largest_port(&target->ports);
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
    bool is_invalid = endpoint->target->kind == TARGET_INVALID;
    if (!is_invalid && endpoint->protocol != PROTOCOL_TCP)
        buffer_add_format(out, "%s://", protocols_name(endpoint->protocol));
    if (is_bracketed)
        buffer_add_text(out, "[");
    endpoint_host(out, endpoint);
    if (is_bracketed)
        buffer_add_text(out, "]");
    if (!is_invalid && protocols_have_ports(endpoint->protocol))
        buffer_add_format(out, ":%u", (unsigned)endpoint->port);
}
