#include "netcheck/schedule/pipeline.h"

#include <string.h>

#include "netcheck/base/base.h"

/* Connects between two select() calls, whose cost grows with the window. */
enum {
    BURST_LEAST = 64,
    BURST_SHARE = 16,
};

static const int64_t submit_ns = 20 * NS_PER_MS;

void pipeline_init(struct pipeline *pipeline, const struct os *os, struct probe *probe,
                   struct order *order, const struct schedule *schedule)
{
    memset(pipeline, 0, sizeof *pipeline);
    pipeline->os = os;
    pipeline->probe = probe;
    pipeline->order = order;
    pipeline->schedule = *schedule;
    pipeline->returned_ns = INT64_MIN;
}

static void take_ready(struct pipeline *pipeline, struct result *result)
{
    *result = pipeline->ready[pipeline->ready_first];
    pipeline->ready_first = (pipeline->ready_first + 1) % PIPELINE_READY;
    pipeline->ready_count--;
}

void pipeline_release(struct pipeline *pipeline)
{
    struct result result;
    while (pipeline->ready_count > 0) {
        take_ready(pipeline, &result);
        result_release(&result);
    }
}

static int64_t now(const struct pipeline *pipeline)
{
    return pipeline->os->now_ns(pipeline->os->self);
}

static void count_row(struct pipeline *pipeline, const struct result *result)
{
    pipeline->states[outcome_state(&result->outcome)]++;
    if (result->row + 1 == result->rows)
        pipeline->done++;
}

/* The row of an endpoint that is not asked, which takes the next sequence number. */
static struct result make_row(struct pipeline *pipeline, const struct endpoint *endpoint,
                              struct outcome outcome)
{
    struct result result = result_unasked(endpoint, outcome, now(pipeline));
    result.sequence = pipeline->next_sequence;
    (void)target_hold(endpoint->target);
    count_row(pipeline, &result);
    return result;
}

static enum error put_invalid(struct pipeline *pipeline, const struct endpoint *endpoint)
{
    struct result result = make_row(pipeline, endpoint, outcome_of(REASON_INVALID));
    if (pipeline->order != NULL)
        return order_put(pipeline->order, &result);
    size_t place = pipeline->ready_first + pipeline->ready_count++;
    pipeline->ready[place % PIPELINE_READY] = result;
    return ERROR_NONE;
}

static enum error submit_one(struct pipeline *pipeline, int64_t now_ns)
{
    struct endpoint endpoint;
    enum error error = pipeline->schedule.next(pipeline->schedule.self, now_ns, &endpoint);
    pipeline->wants_input = error == ERROR_AGAIN;
    pipeline->is_fed = error == ERROR_END;
    if (pipeline->is_fed)
        probe_submit_no_more(pipeline->probe);
    if (error != ERROR_NONE)
        return error;
    error = endpoint.target->kind == TARGET_INVALID
                ? put_invalid(pipeline, &endpoint)
                : probe_submit(pipeline->probe, pipeline->next_sequence, &endpoint);
    if (error == ERROR_NONE)
        pipeline->next_sequence++;
    return error;
}

/* Whether something could be asked, were it time for it. */
static bool has_place(const struct pipeline *pipeline)
{
    if (pipeline->is_fed || pipeline->is_congested || probe_room(pipeline->probe) == 0)
        return false;
    return pipeline->order != NULL ? order_has_room(pipeline->order, pipeline->next_sequence)
                                   : pipeline->ready_count < PIPELINE_READY;
}

/* Until the rate allows something, and there is something. */
static int64_t wait_for_next_ns(const struct pipeline *pipeline, int64_t now_ns)
{
    const struct schedule *schedule = &pipeline->schedule;
    int64_t due_ns = probe_due_ns(pipeline->probe);
    int64_t next_ns =
        schedule->due_ns != NULL ? schedule->due_ns(schedule->self, now_ns) : INT64_MIN;
    if (next_ns > due_ns)
        due_ns = next_ns;
    if (due_ns == NEVER_NS)
        return NEVER_NS;
    return due_ns > now_ns ? due_ns - now_ns : 0;
}

static void notice_return(struct pipeline *pipeline, int64_t now_ns)
{
    const struct schedule *schedule = &pipeline->schedule;
    if (schedule->returned == NULL)
        return;
    int64_t returned_ns = probe_returned_ns(pipeline->probe);
    if (returned_ns != pipeline->returned_ns)
        schedule->returned(schedule->self, now_ns);
    pipeline->returned_ns = returned_ns;
}

enum error pipeline_submit(struct pipeline *pipeline)
{
    size_t share =
        (probe_in_flight(pipeline->probe) + probe_room(pipeline->probe)) / BURST_SHARE;
    size_t burst = share > BURST_LEAST ? share : BURST_LEAST;
    int64_t now_ns = now(pipeline);
    int64_t until_ns = now_ns + submit_ns;
    enum error error = ERROR_NONE;
    notice_return(pipeline, now_ns);
    for (size_t i = 0; i < burst && now_ns < until_ns && error == ERROR_NONE; i++) {
        if (!has_place(pipeline) || wait_for_next_ns(pipeline, now_ns) > 0)
            break;
        error = submit_one(pipeline, now_ns);
        now_ns = now(pipeline);
    }
    bool is_none_now = error == ERROR_AGAIN || error == ERROR_PAUSE || error == ERROR_END;
    return is_none_now ? ERROR_NONE : error;
}

/* Whether there is a row that was left in the order and may be taken now. */
static bool has_row(const struct pipeline *pipeline)
{
    return pipeline->order != NULL && !pipeline->is_congested &&
           order_has_next(pipeline->order);
}

enum error pipeline_turn(struct pipeline *pipeline, int input_fd, struct probe_watch *watch,
                         int64_t limit_ns)
{
    const struct schedule *schedule = &pipeline->schedule;
    int64_t now_ns = now(pipeline);
    bool has_room = has_place(pipeline);
    int64_t wait_ns = wait_for_next_ns(pipeline, now_ns);
    bool may_read = has_room && pipeline->wants_input && wait_ns == 0;
    if (has_room && !may_read && wait_ns < limit_ns)
        limit_ns = wait_ns;
    int64_t wake_ns =
        schedule->wake_ns != NULL ? schedule->wake_ns(schedule->self, now_ns) : NEVER_NS;
    if (wake_ns != NEVER_NS && wake_ns - now_ns < limit_ns)
        limit_ns = wake_ns > now_ns ? wake_ns - now_ns : 0;
    if (has_row(pipeline))
        limit_ns = 0;
    watch->readable_fds[0] = may_read ? input_fd : -1;
    return probe_turn(pipeline->probe, watch, limit_ns);
}

/* The next row of the engine, as it finished. */
static bool collect(struct pipeline *pipeline, struct result *result)
{
    if (!probe_collect(pipeline->probe, result))
        return false;
    count_row(pipeline, result);
    return true;
}

static enum error take_unordered(struct pipeline *pipeline, struct result *result)
{
    if (pipeline->ready_count > 0)
        take_ready(pipeline, result);
    else if (!collect(pipeline, result))
        return ERROR_PAUSE;
    return ERROR_NONE;
}

static enum error take_ordered(struct pipeline *pipeline, struct result *result)
{
    enum error error = ERROR_NONE;
    while (error == ERROR_NONE && collect(pipeline, result))
        error = order_put(pipeline->order, result);
    if (error != ERROR_NONE)
        return error;
    if (pipeline->is_ending)
        (void)order_skip(pipeline->order); /* no row that is missing will come */
    bool may_take = pipeline->is_ending || !pipeline->is_congested;
    return may_take && order_take(pipeline->order, result) ? ERROR_NONE : ERROR_PAUSE;
}

static enum error take_rest(struct pipeline *pipeline, struct result *result)
{
    struct endpoint endpoint;
    enum error error = pipeline->schedule.rest(pipeline->schedule.self, &endpoint);
    if (error != ERROR_NONE)
        return error;
    bool is_invalid = endpoint.target->kind == TARGET_INVALID;
    *result = make_row(pipeline, &endpoint,
                       is_invalid ? outcome_of(REASON_INVALID) : pipeline->unasked);
    pipeline->next_sequence++;
    return ERROR_NONE;
}

enum error pipeline_take(struct pipeline *pipeline, struct result *result)
{
    enum error error = pipeline->order != NULL ? take_ordered(pipeline, result)
                                               : take_unordered(pipeline, result);
    if (error != ERROR_PAUSE || !pipeline->is_ending)
        return error;
    return pipeline->has_unasked ? take_rest(pipeline, result) : ERROR_END;
}

void pipeline_end(struct pipeline *pipeline, const struct outcome *unasked)
{
    pipeline->is_ending = true;
    pipeline->has_unasked = unasked != NULL;
    if (unasked != NULL)
        pipeline->unasked = *unasked;
}
