#include "netcheck/pump.h"

#include <string.h>

#include "netcheck/base.h"

enum { BURST = 64 }; /* connects between two select() calls */

static const int64_t feed_ns = 5 * NS_PER_MS;

static enum error deliver(struct pump *pump, struct result *result)
{
    if (pump->order != NULL)
        return order_put(pump->order, result);
    pump->row(pump->self, result);
    return ERROR_NONE;
}

static enum error deliver_invalid(struct pump *pump, const struct endpoint *endpoint)
{
    struct result result;
    memset(&result, 0, sizeof result);
    result.sequence = pump->next_sequence;
    result.rows = 1;
    result.endpoint = *endpoint;
    (void)target_hold(endpoint->target);
    result.outcome = outcome_of(REASON_INVALID);
    result.finished_ns = pump->os->now_ns(pump->os->self);
    result.resolve_ns = result.connect_ns = -1;
    result.syn_retransmits = -1;
    return deliver(pump, &result);
}

/* One row. ERROR_AGAIN, ERROR_PAUSE and ERROR_END: there is none now. */
static enum error feed_one(struct pump *pump)
{
    struct endpoint endpoint;
    enum error error = pump->next(pump->self, &endpoint);
    pump->wants_input = error == ERROR_AGAIN;
    pump->is_fed = error == ERROR_END;
    if (error != ERROR_NONE)
        return error;
    error = endpoint.target->kind == TARGET_INVALID
                ? deliver_invalid(pump, &endpoint)
                : probe_submit(pump->probe, pump->next_sequence, &endpoint);
    if (error == ERROR_NONE)
        pump->next_sequence++;
    return error;
}

bool pump_may_feed(const struct pump *pump)
{
    return !pump->is_fed && !pump->is_congested && probe_room(pump->probe) > 0 &&
           (pump->order == NULL || order_has_room(pump->order, pump->next_sequence));
}

enum error pump_feed(struct pump *pump)
{
    int64_t until_ns = pump->os->now_ns(pump->os->self) + feed_ns;
    for (int i = 0; i < BURST && pump_may_feed(pump); i++) {
        enum error error = feed_one(pump);
        if (error == ERROR_AGAIN || error == ERROR_PAUSE || error == ERROR_END)
            return ERROR_NONE;
        if (error != ERROR_NONE)
            return error;
        if (pump->os->now_ns(pump->os->self) >= until_ns)
            return ERROR_NONE;
    }
    return ERROR_NONE;
}

enum error pump_collect(struct pump *pump)
{
    struct result result;
    enum error error = ERROR_NONE;
    while (error == ERROR_NONE && probe_collect(pump->probe, &result))
        error = deliver(pump, &result);
    while (pump->order != NULL && order_take(pump->order, &result))
        pump->row(pump->self, &result);
    return error;
}

enum error pump_turn(struct pump *pump, int input_fd, struct probe_watch *watch)
{
    bool has_room = pump_may_feed(pump);
    bool is_in_haste = has_room && !pump->wants_input;
    watch->readable_fd = has_room && pump->wants_input ? input_fd : -1;
    return probe_turn(pump->probe, watch, is_in_haste ? 0 : NEVER_NS);
}

bool pump_is_done(const struct pump *pump)
{
    return pump->is_fed && probe_in_flight(pump->probe) == 0;
}
