#include "netcheck/probe/probe.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "engine.h"
#include "netcheck/base/base.h"

/* Of one sleep, within a wait that ends at a given time. */
static const int64_t longest_ns = 1 * NS_PER_S;

/* How long select() may sleep. */
static int64_t sleep_ns(const struct probe *probe, int64_t now_ns, int64_t limit_ns)
{
    bool has_output = probe->counts[QUEUE_DONE] > 0 || probe->traces.first < probe->traces.end;
    if (has_output || admit_has_hope(probe))
        return 0;
    const struct load load = queue_load(probe, now_ns);
    const int64_t due_ns[] = {
        admit_due_ns(probe, &load),
        probe->names != NULL ? names_due_ns(probe->names) : NEVER_NS,
        load.deadline_ns,
    };
    int64_t at_ns = NEVER_NS;
    for (size_t i = 0; i < ARRAY_LEN(due_ns); i++)
        at_ns = due_ns[i] < at_ns ? due_ns[i] : at_ns;
    int64_t left_ns = at_ns == NEVER_NS ? NEVER_NS : at_ns > now_ns ? at_ns - now_ns : 0;
    /* After a freeze select() goes on for what was left of its time, and a wait has an end. */
    if (limit_ns > longest_ns && probe->options.until_ns != NEVER_NS)
        limit_ns = longest_ns;
    return left_ns < limit_ns ? left_ns : limit_ns;
}

/* select(), and what time it is behind it; 0 or an errno. */
static int wait_for_news(struct probe *probe, int64_t limit_ns, int64_t *now_ns)
{
    const struct os *os = probe->os;
    int64_t before_ns = os->now_ns(os->self);
    stall_note(&probe->stall, before_ns);
    int64_t timeout_ns = sleep_ns(probe, before_ns, limit_ns);
    int error =
        os->wait(os->self, &probe->sockets.readable, &probe->sockets.writable, timeout_ns);
    *now_ns = os->now_ns(os->self);
    bool is_bounded = timeout_ns <= *now_ns - before_ns;
    stall_note_sleep(&probe->stall, is_bounded ? before_ns + timeout_ns : *now_ns, *now_ns,
                     error == EINTR);
    bool is_empty = sockets_are_quiet(&probe->sockets);
    /* An interrupted one has said nothing; one whose time ran out looked at the end as well.
     */
    if (error == 0)
        probe->selected_ns = before_ns + (is_empty && timeout_ns != NEVER_NS ? timeout_ns : 0);
    return error;
}

static void init_congestion(struct probe *probe)
{
    const struct probe_options *options = &probe->options;
    int64_t most_ns = NEVER_NS - options->ask.hold_ns;
    const struct bound bound = {
        .window = probe->options.window,
        .attempts = (uint64_t)probe->options.retries + 1,
        .timeout_ns = (options->timeout_ns < most_ns ? options->timeout_ns : most_ns) +
                      options->ask.hold_ns,
        .rate = probe->options.rate,
    };
    congestion_init(&probe->congestion, &bound);
}

enum error probe_new(const struct os *os, const struct resolver *resolver,
                     const struct probe_options *options, struct probe **created)
{
    struct probe *probe = calloc(1, sizeof *probe);
    if (probe == NULL)
        return ERROR_NO_MEMORY;
    probe->os = os;
    probe->resolver = resolver;
    probe->options = *options;
    probe->canary_ask = options->ask;
    probe->canary_ask.is_canary = true;
    probe->canary_ask.hold_ns = 0;
    if (options->protocols == NULL)
        probe->options.protocols = protocol_table;
    window_init(&probe->window, options->window);
    thread_wait_init(&probe->threads);
    int64_t now_ns = os->now_ns(os->self);
    probe->began_ns = now_ns;
    stall_init(&probe->stall, now_ns, os->suspended_ns(os->self), os->continues(os->self));
    token_bucket_init(&probe->rate, options->rate, now_ns);
    heap_init(&probe->timers);
    sockets_init(&probe->sockets);
    lanes_init(&probe->lanes);
    for (size_t i = 0; i < ARRAY_LEN(probe->secret.halves); i++)
        probe->secret.halves[i] = os->random(os->self);
    for (size_t i = 0; i < QUEUE_COUNT; i++)
        list_init(&probe->queues[i]);
    init_congestion(probe);
    rejections_init(&probe->rejections);
    outage_init(&probe->outage);
    *created = probe;
    return ERROR_NONE;
}

static void free_queue(struct probe *probe, enum queue queue)
{
    struct check *check;
    while ((check = queue_first(probe, queue)) != NULL) {
        finish_stop(probe, check);
        queue_recycle(probe, check);
    }
}

void probe_free(struct probe *probe)
{
    if (probe == NULL)
        return;
    for (enum queue queue = QUEUE_RUNNABLE; queue < QUEUE_COUNT; queue++)
        free_queue(probe, queue);
    flow_close_lanes(probe);
    queue_free_idle(probe);
    struct trace trace;
    while (probe_collect_trace(probe, &trace))
        trace_release(&trace);
    names_free(probe->names);
    congestion_release(&probe->congestion);
    rejections_release(&probe->rejections);
    heap_release(&probe->timers);
    sockets_release(&probe->sockets);
    free(probe->traces.traces);
    free(probe);
}

size_t probe_room(const struct probe *probe)
{
    const struct load load = queue_load(probe, probe->os->now_ns(probe->os->self));
    return congestion_room(&probe->congestion, &probe->window, &load);
}

int64_t probe_due_ns(const struct probe *probe)
{
    return token_bucket_due_ns(&probe->rate);
}

int64_t probe_returned_ns(struct probe *probe)
{
    stall_note(&probe->stall, probe->os->now_ns(probe->os->self));
    return probe->stall.returned_ns;
}

size_t probe_in_flight(const struct probe *probe)
{
    return queue_in_flight(probe);
}

/* How long a resolver may be silent: longer than nearly all take, and short beside the timeout.
 */
static int64_t rescue_ns(const struct probe *probe)
{
    int64_t moment_ns = 150 * NS_PER_MS;
    int64_t quarter_ns = probe->options.timeout_ns / 4;
    return quarter_ns < moment_ns ? quarter_ns : moment_ns;
}

/* What is only paid for when it is needed: a single target needs little. */
static bool prepare_submit(struct probe *probe, const struct endpoint *endpoint)
{
    if (endpoint->target->kind == TARGET_NAME && probe->names == NULL) {
        probe->names = names_new(probe->resolver, probe->options.name_reuse_ns,
                                 probe->options.name_patience_ns, rescue_ns(probe));
        if (probe->names == NULL)
            return false;
    }
    /* Every check in flight may have a timer, and so have canaries. */
    size_t need = queue_in_flight(probe) + 1 + CANARY_QUESTIONS;
    size_t capacity = need > probe->timers.capacity ? need * 2 : need;
    return heap_reserve(&probe->timers, capacity) == ERROR_NONE;
}

enum error probe_submit(struct probe *probe, uint64_t sequence, const struct endpoint *endpoint)
{
    assert(probe_room(probe) > 0 && endpoint->target->kind != TARGET_INVALID);
    if (!prepare_submit(probe, endpoint))
        return ERROR_NO_MEMORY;
    struct check *check = queue_new_check(probe, sequence, endpoint, PURPOSE_REQUEST);
    if (check == NULL)
        return ERROR_NO_MEMORY;
    int64_t now_ns = probe->os->now_ns(probe->os->self);
    check->asked_ns = probe->submitted_ns = now_ns;
    check->is_paid = true;
    token_bucket_take(&probe->rate, now_ns);
    probe->submitted++;
    queue_move(probe, check, QUEUE_RUNNABLE);
    if (queue_in_flight(probe) >= CONGESTION_LEAST)
        admit_watch(probe);
    step_all(probe, now_ns);
    return ERROR_NONE;
}

void probe_submit_no_more(struct probe *probe)
{
    probe->has_all = true;
}

/* Let one select() pass. 0 or an errno; EINTR is none, but leaves its news to the next one. */
static int sleep_in_select(struct probe *probe, struct probe_watch *watch, int64_t limit_ns,
                           int64_t *now_ns)
{
    const struct os *os = probe->os;
    int error = wait_for_news(probe, limit_ns, now_ns);
    for (size_t i = 0; i < ARRAY_LEN(watch->readable_fds); i++)
        watch->is_readable[i] = sockets_is_readable(&probe->sockets, watch->readable_fds[i]);
    stall_note_stops(&probe->stall, os->suspended_ns(os->self), os->continues(os->self),
                     *now_ns);
    return error;
}

enum error probe_turn(struct probe *probe, struct probe_watch *watch, int64_t limit_ns)
{
    int resolver_fd = probe->names != NULL ? probe->resolver->fd : -1;
    int64_t now_ns = 0;
    if (sockets_prepare(&probe->sockets, watch, resolver_fd) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    int error = sleep_in_select(probe, watch, limit_ns, &now_ns);
    if (error != 0 && error != EINTR) {
        errno = error;
        return ERROR_SYSTEM;
    }
    hear_all(probe, now_ns);
    step_all(probe, now_ns);
    while (admit(probe, now_ns))
        step_all(probe, now_ns);
    if (error == 0)
        stall_end_turn(&probe->stall);
    return probe->is_out_of_memory ? ERROR_NO_MEMORY : ERROR_NONE;
}

void probe_give_up(struct probe *probe, const struct outcome *outcome)
{
    int64_t now_ns = probe->os->now_ns(probe->os->self);
    struct check *check;
    for (enum queue queue = QUEUE_RUNNABLE; queue < QUEUE_DONE; queue++)
        while ((check = queue_first(probe, queue)) != NULL) {
            check_abandon(check, outcome, now_ns);
            finish_check(probe, check);
        }
    flow_close_lanes(probe);
}

bool probe_collect(struct probe *probe, struct result *result)
{
    struct check *check = queue_first(probe, QUEUE_DONE);
    if (check == NULL)
        return false;
    result_fill(result, check, check->next_row++);
    result_hold(result);
    if (check->next_row == result->rows)
        queue_recycle(probe, check);
    return true;
}

bool probe_collect_trace(struct probe *probe, struct trace *trace)
{
    struct trace_queue *queue = &probe->traces;
    if (queue->first == queue->end)
        return false;
    *trace = queue->traces[queue->first++];
    if (queue->first == queue->end)
        queue->first = queue->end = 0;
    return true;
}
