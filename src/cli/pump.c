#include "netcheck/cli/pump.h"

#include "netcheck/base/base.h"

/* Connects between two select() calls, whose cost grows with the window. */
enum {
    BURST_LEAST = 64,
    BURST_SHARE = 16,
};

static const int64_t feed_ns = 20 * NS_PER_MS;

static enum error deliver(struct pump *pump, struct result *result)
{
    pump->states[outcome_state(&result->outcome)]++;
    if (result->row + 1 == result->rows)
        pump->done++;
    if (pump->order != NULL)
        return order_put(pump->order, result);
    pump->row(pump->self, result);
    return ERROR_NONE;
}

static enum error deliver_unasked(struct pump *pump, const struct endpoint *endpoint,
                                  const struct outcome *outcome)
{
    int64_t now_ns = pump->os->now_ns(pump->os->self);
    struct result result = result_unasked(endpoint, *outcome, now_ns);
    result.sequence = pump->next_sequence;
    (void)target_hold(endpoint->target);
    return deliver(pump, &result);
}

/*
 * One row, to be asked where `unasked` is NULL. ERROR_AGAIN, ERROR_PAUSE and ERROR_END: there
 * is none now.
 */
static enum error feed_one(struct pump *pump, const struct outcome *unasked)
{
    struct endpoint endpoint;
    enum error error = pump->next(pump->self, &endpoint);
    pump->wants_input = error == ERROR_AGAIN;
    pump->is_fed = error == ERROR_END;
    if (pump->is_fed)
        probe_submit_no_more(pump->probe);
    if (error != ERROR_NONE)
        return error;
    const struct outcome invalid = outcome_of(REASON_INVALID);
    if (endpoint.target->kind == TARGET_INVALID)
        unasked = &invalid;
    error = unasked != NULL ? deliver_unasked(pump, &endpoint, unasked)
                            : probe_submit(pump->probe, pump->next_sequence, &endpoint);
    if (error == ERROR_NONE)
        pump->next_sequence++;
    return error;
}

/* Whether something could be asked, were it time for it. */
static bool has_place(const struct pump *pump)
{
    return !pump->is_fed && !pump->is_congested && probe_room(pump->probe) > 0 &&
           (pump->order == NULL || order_has_room(pump->order, pump->next_sequence));
}

/* Until the rate allows something, and there is something. */
static int64_t wait_for_next_ns(const struct pump *pump)
{
    int64_t due_ns = probe_due_ns(pump->probe);
    if (pump->not_before_ns > due_ns)
        due_ns = pump->not_before_ns;
    if (due_ns == INT64_MIN || due_ns == NEVER_NS)
        return due_ns == NEVER_NS ? NEVER_NS : 0;
    int64_t now_ns = pump->os->now_ns(pump->os->self);
    return due_ns > now_ns ? due_ns - now_ns : 0;
}

static bool may_feed(const struct pump *pump)
{
    return has_place(pump) && wait_for_next_ns(pump) == 0;
}

enum error pump_feed(struct pump *pump)
{
    int64_t until_ns = pump->os->now_ns(pump->os->self) + feed_ns;
    size_t share = (probe_in_flight(pump->probe) + probe_room(pump->probe)) / BURST_SHARE;
    size_t burst = share > BURST_LEAST ? share : BURST_LEAST;
    for (size_t i = 0; i < burst && may_feed(pump); i++) {
        enum error error = feed_one(pump, NULL);
        if (error == ERROR_AGAIN || error == ERROR_PAUSE || error == ERROR_END)
            return ERROR_NONE;
        if (error != ERROR_NONE)
            return error;
        if (pump->os->now_ns(pump->os->self) >= until_ns)
            return ERROR_NONE;
    }
    return ERROR_NONE;
}

/* Whether a row could be handed on now. */
static bool has_next(const struct pump *pump)
{
    return !pump->is_congested && pump->order != NULL && order_has_next(pump->order);
}

enum error pump_collect(struct pump *pump)
{
    struct result result;
    enum error error = ERROR_NONE;
    while (error == ERROR_NONE && probe_collect(pump->probe, &result))
        error = deliver(pump, &result);
    while (has_next(pump) && order_take(pump->order, &result))
        pump->row(pump->self, &result);
    return error;
}

enum error pump_pass(struct pump *pump, const struct outcome *outcome)
{
    enum error error = ERROR_NONE;
    for (int i = 0; i < BURST_LEAST && error == ERROR_NONE; i++) {
        error = feed_one(pump, outcome);
        if (error == ERROR_NONE)
            error = pump_collect(pump);
    }
    return error;
}

enum error pump_turn(struct pump *pump, int input_fd, struct probe_watch *watch,
                     int64_t limit_ns)
{
    bool has_room = has_place(pump);
    int64_t wait_ns = wait_for_next_ns(pump);
    bool may_read = has_room && pump->wants_input && wait_ns == 0;
    if (has_room && !may_read && wait_ns < limit_ns)
        limit_ns = wait_ns;
    if (has_next(pump))
        limit_ns = 0;
    watch->readable_fds[0] = may_read ? input_fd : -1;
    return probe_turn(pump->probe, watch, limit_ns);
}

bool pump_drain(struct pump *pump)
{
    struct result result;
    while (pump->order != NULL && order_skip(pump->order)) {
        if (pump->is_congested)
            return true;
        if (order_take(pump->order, &result))
            pump->row(pump->self, &result);
    }
    return false;
}

bool pump_is_done(const struct pump *pump)
{
    return pump->is_fed && probe_in_flight(pump->probe) == 0 &&
           (pump->order == NULL || !order_has_next(pump->order));
}
