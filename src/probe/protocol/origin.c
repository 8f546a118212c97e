#include "origin.h"

#include <errno.h>

static bool has_origin(const struct os_origin *origin)
{
    return origin->interface != NULL || address_family(&origin->source) != AF_UNSPEC;
}

enum flow_status origin_open(const struct flow_context *context, enum os_socket kind, int *fd,
                             struct outcome *outcome)
{
    const struct os *os = context->os;
    int error = os->open(os->self, kind, address_family(context->address), fd);
    if (error != 0)
        *fd = -1;
    bool is_bound = error == 0 && has_origin(context->origin);
    if (is_bound)
        error = os->bind(os->self, *fd, context->origin);
    if (error == 0)
        return FLOW_WAITING;
    *outcome = outcome_of(REASON_LOCAL); /* the network was not asked */
    outcome->remark = is_bound ? REMARK_SOURCE : REMARK_NONE;
    outcome->error = error;
    return outcome_is_shortage(error, AF_UNSPEC) ? FLOW_SHORT : FLOW_DONE;
}

/* With a source or interface of the user's, these say that one cannot ask that target from it.
 */
static bool is_origin_refused(const struct os_origin *origin, int error)
{
    return has_origin(origin) && (error == EINVAL || error == EADDRNOTAVAIL);
}

static bool is_shortage(const struct flow_context *context, int error)
{
    const struct os *os = context->os;
    return outcome_is_shortage(error, address_family(context->address)) &&
           (error != EADDRNOTAVAIL ||
            os->has_source(os->self, context->address, context->origin));
}

/* As a name may resolve to; the kernel says EINVAL. */
static bool lacks_scope(const struct address *address)
{
    return address_is_link_local(address) && address_scope(address) == 0;
}

enum flow_status origin_refuse(const struct flow_context *context, int error,
                               struct outcome *outcome)
{
    bool is_refused = is_origin_refused(context->origin, error);
    *outcome = outcome_of_error(error);
    if (lacks_scope(context->address)) {
        *outcome = outcome_of_remark(REASON_LOCAL, REMARK_NO_SCOPE);
        outcome->error = error;
        return FLOW_DONE;
    }
    if (is_shortage(context, error))
        return FLOW_SHORT;
    if (outcome_is_reset(error) || is_refused)
        outcome->reason = REASON_LOCAL;
    if (is_refused)
        outcome->remark = REMARK_SOURCE;
    else if (error == EADDRNOTAVAIL)
        outcome->remark = REMARK_NO_SOURCE;
    return FLOW_DONE;
}

enum flow_status origin_refuse_datagram(const struct flow_context *context, int error,
                                        struct outcome *outcome)
{
    const struct os *os = context->os;
    bool is_broadcast =
        error == EACCES && os->is_broadcast(os->self, context->address, context->origin);
    enum flow_status status = origin_refuse(context, error, outcome);
    if (!is_broadcast)
        return status;
    outcome->reason = REASON_UNREACHABLE; /* as connect(2) says of it for TCP */
    outcome->remark = REMARK_BROADCAST;
    return FLOW_DONE;
}

bool origin_refuse_group(const struct flow_context *context, struct outcome *outcome)
{
    bool is_group = address_is_multicast(context->address);
    if (is_group)
        *outcome = outcome_of_remark(REASON_LOCAL, REMARK_MULTICAST);
    return is_group;
}

bool origin_is_own(const struct outcome *outcome, bool tells_icmp)
{
    if (outcome->icmp.is_set)
        return outcome->icmp.is_own;
    bool is_failure =
        outcome->reason == REASON_UNREACHABLE || outcome->reason == REASON_PROHIBITED;
    return is_failure && tells_icmp;
}
