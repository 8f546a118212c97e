#include "netcheck/target/target.h"

#include <stdint.h>

#include "netcheck/target/endpoint.h"
#include "netcheck/target/protocols.h"

/* Whether addresses x ports, of which a list may repeat some, is a number below 2^64. */
static bool is_countable(const struct target *target)
{
    return target->ports.total <= UINT64_MAX / target->addresses;
}

/* What the rules have against a target, its ports aside that it may get from them. */
static enum fault_code judge(const struct target *target, const struct target_rules *rules)
{
    bool is_name = target->kind == TARGET_NAME;
    unsigned family = address_family_bit(&target->address);
    bool is_ipv6 = !is_name && family == FAMILY_IPV6;
    bool has_ports = target->ports.count > 0;
    bool needs_ports = protocols_have_ports(target->protocol);
    if (rules->ports != NULL && has_ports)
        return FAULT_PORT_BOTH;
    if (rules->ports == NULL && needs_ports && !has_ports)
        return FAULT_PORT_MISSING;
    if (is_name && rules->is_numeric)
        return FAULT_NOT_NUMERIC;
    if (!is_name && (rules->families & family) == 0)
        return is_ipv6 ? FAULT_FAMILY_IPV4 : FAULT_FAMILY_IPV6;
    return FAULT_NONE;
}

/* "10.0.0.0/8,!10.0.0.1" would mean one thing to one and another to the next. */
static enum error apply_exclusion(const struct target *target, struct fault *fault)
{
    *fault = (struct fault){FAULT_EXCLUSION_DOWN, target->host_at, target->host_len};
    return target->expects_down ? ERROR_INVALID : ERROR_NONE;
}

/* Where the user wrote what a port is asked for: the scheme that says it, or the port; else,
   with -p, the host that has none of its own. */
static void place_port(const struct target *target, const struct target_rules *rules,
                       uint64_t index, struct fault *fault)
{
    bool has_own = rules->ports == NULL && target->ports.count > 0;
    const struct port_range *range = has_own ? ports_range_at(&target->ports, index) : NULL;
    if (target->scheme_len > 0 && (target->service != 0 || range == NULL || range->len == 0)) {
        fault->at = target->scheme_at;
        fault->len = target->scheme_len;
    } else if (range != NULL && range->len > 0) {
        fault->at = target->ports_at + range->at;
        fault->len = range->len;
    }
}

bool target_find_refused(struct target *target, const struct target_rules *rules,
                         uint64_t *index, struct fault *fault)
{
    uint64_t count = rules->judge != NULL ? endpoints_per_host(target) : 0;
    for (*index = 0; *index < count; (*index)++) {
        struct endpoint endpoint;
        endpoints_at(target, *index, &endpoint);
        fault->code = rules->judge(&endpoint, rules->context);
        if (fault->code == FAULT_NONE)
            continue;
        place_port(target, rules, *index, fault);
        return true;
    }
    return false;
}

enum error target_apply_rules(struct target *target, const struct target_rules *rules,
                              struct fault *fault)
{
    if (rules->is_exclusion)
        return apply_exclusion(target, fault);
    if (target->fault.code != FAULT_NONE) {
        *fault = target->fault;
        return ERROR_INVALID;
    }
    *fault = (struct fault){judge(target, rules), target->host_at, target->host_len};
    if (fault->code != FAULT_NONE)
        return ERROR_INVALID;
    bool gets_ports = rules->ports != NULL && protocols_have_ports(target->protocol);
    enum error error = gets_ports ? ports_copy(&target->ports, rules->ports) : ERROR_NONE;
    if (error == ERROR_INVALID)
        fault->code = FAULT_PORT_OPTION;
    if (error != ERROR_NONE)
        return error;
    if (!is_countable(target)) {
        fault->code = FAULT_PREFIX_LARGE;
        return ERROR_INVALID;
    }
    uint64_t index = 0;
    return target_find_refused(target, rules, &index, fault) ? ERROR_INVALID : ERROR_NONE;
}
