#include "netcheck/probe/probe.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "netcheck/base/base.h"

enum {
    IDLE_MAX = 1024, /* checks kept for reuse */
    FIRST_TRACES = 64,
};

/* Of one sleep, within a wait that ends at a given time. */
static const int64_t longest_ns = 1 * NS_PER_S;

static struct check *check_of_link(struct list *link)
{
    return CONTAINER_OF(link, struct check, link);
}

static struct check *check_of_timer(struct heap_node *timer)
{
    return CONTAINER_OF(timer, struct check, timer);
}

static struct check *check_of_user(struct list *user)
{
    return CONTAINER_OF(user, struct check, name_user);
}

static bool grow_owners(struct probe *probe, int fd)
{
    size_t need = (size_t)fd + 1;
    if (need <= probe->owners_len)
        return true;
    size_t len = need * 2;
    struct owner *owners = realloc(probe->owners, len * sizeof *owners);
    if (owners == NULL)
        return false;
    memset(owners + probe->owners_len, 0, (len - probe->owners_len) * sizeof *owners);
    probe->owners = owners;
    probe->owners_len = len;
    return true;
}

enum error probe_watch_attempt(struct probe *probe, struct check *check, size_t index)
{
    int fd = check->attempts[index].fd;
    if (!grow_owners(probe, fd) || fdset_reserve(&probe->watched, fd) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    probe->owners[fd] = (struct owner){check, index, probe->turn};
    probe->open_count++;
    probe->progress_ns = check->attempts[index].started_ns;
    fdset_add(&probe->watched, fd);
    return ERROR_NONE;
}

void probe_unwatch(struct probe *probe, int fd)
{
    fdset_remove(&probe->watched, fd);
}

void probe_close(struct probe *probe, int fd, bool is_aborted)
{
    fdset_remove(&probe->watched, fd);
    if ((size_t)fd < probe->owners_len && probe->owners[fd].check != NULL) {
        probe->owners[fd].check = NULL;
        probe->open_count--;
    }
    if (is_aborted)
        probe->os->abort(probe->os->self, fd);
    else
        probe->os->close(probe->os->self, fd);
    probe->has_freed = true;
}

int64_t probe_timeout_ns(const struct probe *probe, int64_t now_ns)
{
    int64_t left_ns = NEVER_NS;
    if (probe->options.until_ns != NEVER_NS)
        left_ns = probe->options.until_ns > now_ns ? probe->options.until_ns - now_ns : 1;
    return left_ns < probe->options.timeout_ns ? left_ns : probe->options.timeout_ns;
}

void probe_schedule(struct probe *probe, struct check *check, int64_t at_ns)
{
    heap_set(&probe->timers, &check->timer, at_ns);
}

/* It has no row; its memory is used again once nobody up the stack works on it. */
static void finish_canary(struct probe *probe, struct check *check)
{
    heap_remove(&probe->timers, &check->timer);
    list_remove(&check->link);
    list_append(&probe->spent, &check->link);
    canaries_answered(probe, check);
}

void probe_finish(struct probe *probe, struct check *check)
{
    if (check->is_canary) {
        finish_canary(probe, check);
        return;
    }
    recheck_finish(probe, check);
    recall_finish(probe, check);
    if (check->wait != WAIT_NONE)
        waiting_end(probe, check);
    heap_remove(&probe->timers, &check->timer);
    list_remove(&check->link);
    list_append(&probe->done, &check->link);
    probe->done_count++;
    probe->in_flight--;
    if (!check->is_given_up)
        probe->progress_ns = check->finished_ns;
    probe->has_freed = true;
    window_grow(&probe->window);
}

static bool grow_traces(struct trace_queue *queue)
{
    if (queue->end < queue->capacity)
        return true;
    size_t capacity = queue->capacity > 0 ? queue->capacity * 2 : FIRST_TRACES;
    struct trace *traces = realloc(queue->traces, capacity * sizeof *traces);
    if (traces == NULL)
        return false;
    queue->traces = traces;
    queue->capacity = capacity;
    return true;
}

/* What is left out is said, whether asked for or not. */
static bool is_always_told(enum trace_kind kind)
{
    return kind == TRACE_CUT || kind == TRACE_BELIEVED;
}

void probe_trace(struct probe *probe, const struct check *check, const struct address *address,
                 const struct trace *trace)
{
    if (!probe->options.is_traced && !is_always_told(trace->kind))
        return;
    struct trace_queue *queue = &probe->traces;
    if (!grow_traces(queue)) {
        probe->is_out_of_memory = true;
        return;
    }
    struct trace *kept = &queue->traces[queue->end++];
    *kept = *trace;
    kept->endpoint = check->endpoint;
    (void)target_hold(kept->endpoint.target);
    (void)shared_hold(kept->canonical);
    if (address != NULL)
        kept->endpoint.address = *address;
}

struct check *probe_take_check(struct probe *probe)
{
    if (list_is_empty(&probe->idle))
        return malloc(sizeof(struct check));
    struct check *check = check_of_link(probe->idle.next);
    list_remove(&check->link);
    probe->idle_count--;
    return check;
}

struct load probe_load(const struct probe *probe, int64_t now_ns)
{
    const size_t *waits = probe->waits;
    const struct heap_node *first = heap_first(&probe->timers);
    struct load load = {
        .now_ns = now_ns,
        .deadline_ns = first != NULL ? first->at_ns : NEVER_NS,
        .rate_ns = token_bucket_due_ns(&probe->rate),
        .recheck_ns = NEVER_NS,
        .submitted = probe->submitted,
        .under_way = probe_under_way(probe),
        .undecided = waits[WAIT_UNDECIDED],
        .rechecks = waits[WAIT_RECHECK],
        .outages = waits[WAIT_OUTAGE],
        .is_short = waits[WAIT_SUPPLY] > 0,
    };
    load.occupied =
        load.under_way + waits[WAIT_SUPPLY] + waits[WAIT_THREAD] + probe->done_count;
    if (load.rechecks > 0)
        load.recheck_ns = check_of_link(probe->rechecks.next)->silent_ns;
    return load;
}

/* How long select() may sleep. */
static int64_t sleep_ns(const struct probe *probe, int64_t now_ns, int64_t limit_ns)
{
    bool has_output = !list_is_empty(&probe->done) || probe->traces.first < probe->traces.end;
    if (has_output || waiting_has_hope(probe))
        return 0;
    const struct load load = probe_load(probe, now_ns);
    const int64_t due_ns[] = {
        congestion_due_ns(&probe->congestion, &probe->window, &load),
        recall_due_ns(probe),
        waiting_due_ns(probe),
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

static enum error prepare_sets(struct probe *probe, const struct probe_watch *watch)
{
    struct fdset *readable = &probe->readable;
    fdset_clear(readable);
    if (fdset_copy(&probe->ready, &probe->watched) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    for (size_t i = 0; i < ARRAY_LEN(watch->writable_fds); i++) {
        int fd = watch->writable_fds[i];
        if (fd < 0)
            continue;
        if (fdset_reserve(&probe->ready, fd) != ERROR_NONE)
            return ERROR_NO_MEMORY;
        fdset_add(&probe->ready, fd);
    }
    const int fds[] = {watch->readable_fds[0], watch->readable_fds[1], watch->readable_fds[2],
                       probe->names != NULL ? probe->resolver->fd : -1};
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        if (fds[i] < 0)
            continue;
        if (fdset_reserve(readable, fds[i]) != ERROR_NONE)
            return ERROR_NO_MEMORY;
        fdset_add(readable, fds[i]);
    }
    return ERROR_NONE;
}

/* select(), and what time it is behind it; 0 or an errno. */
static int wait_for_news(struct probe *probe, int64_t limit_ns, int64_t *now_ns)
{
    const struct os *os = probe->os;
    int64_t before_ns = os->now_ns(os->self);
    stall_note(&probe->stall, before_ns);
    int64_t timeout_ns = sleep_ns(probe, before_ns, limit_ns);
    int error = os->wait(os->self, &probe->readable, &probe->ready, timeout_ns);
    *now_ns = os->now_ns(os->self);
    bool is_bounded = timeout_ns <= *now_ns - before_ns;
    stall_note_sleep(&probe->stall, is_bounded ? before_ns + timeout_ns : *now_ns, *now_ns,
                     error == EINTR);
    bool is_empty = fdset_next(&probe->ready, 0) < 0 && fdset_next(&probe->readable, 0) < 0;
    /* An interrupted one has said nothing; one that waited in vain looked at the end as well.
     */
    if (error == 0)
        probe->selected_ns = before_ns + (is_empty && timeout_ns != NEVER_NS ? timeout_ns : 0);
    return error;
}

static void take_answers(struct probe *probe, int64_t now_ns)
{
    struct name *name;
    unsigned families;
    if (probe->names == NULL)
        return;
    bool has_answer =
        probe->resolver->fd >= 0 && fdset_has(&probe->readable, probe->resolver->fd);
    if (!has_answer && now_ns < names_due_ns(probe->names))
        return;
    if (has_answer) {
        probe->has_freed = true;
        thread_wait_end(&probe->threads);
    }
    while (names_take(probe->names, now_ns, &name, &families)) {
        /* Told users go behind, or leave; those who join meanwhile have the answer already. */
        for (size_t count = name_users(name); count > 0; count--) {
            struct check *check = check_of_user(name->users.next);
            list_remove(&check->name_user);
            list_append(&name->users, &check->name_user);
            check_answer(probe, check, families, now_ns);
        }
    }
}

static void look_at_ready(struct probe *probe, int64_t now_ns)
{
    for (int fd = fdset_next(&probe->ready, 0); fd >= 0;
         fd = fdset_next(&probe->ready, fd + 1)) {
        if ((size_t)fd >= probe->owners_len)
            return;
        /* An earlier one of this turn may have closed the descriptor, or opened it anew. */
        const struct owner *owner = &probe->owners[fd];
        if (owner->check != NULL && owner->turn != probe->turn)
            check_ready(probe, owner->check, owner->index, now_ns);
    }
}

static void run_timers(struct probe *probe, int64_t now_ns)
{
    struct heap_node *first;
    while ((first = heap_first(&probe->timers)) != NULL && first->at_ns <= now_ns)
        check_timer(probe, check_of_timer(first), now_ns);
}

static void init_congestion(struct probe *probe)
{
    const struct bound bound = {
        .window = probe->options.window,
        .attempts = (uint64_t)probe->options.retries + 1,
        .timeout_ns = probe->options.timeout_ns,
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
    window_init(&probe->window, options->window);
    thread_wait_init(&probe->threads);
    int64_t now_ns = os->now_ns(os->self);
    probe->began_ns = now_ns;
    stall_init(&probe->stall, os);
    token_bucket_init(&probe->rate, options->rate, now_ns);
    heap_init(&probe->timers);
    fdset_init(&probe->watched);
    fdset_init(&probe->ready);
    fdset_init(&probe->readable);
    list_init(&probe->idle);
    list_init(&probe->short_of);
    list_init(&probe->blocked);
    list_init(&probe->undecided);
    list_init(&probe->rechecks);
    list_init(&probe->spent);
    init_congestion(probe);
    rejections_init(&probe->rejections);
    recall_init(&probe->recall);
    list_init(&probe->done);
    *created = probe;
    return ERROR_NONE;
}

static void free_check(struct probe *probe, struct check *check)
{
    check_stop(probe, check);
    check_release(check);
    list_remove(&check->link);
    free(check);
}

static void free_list(struct probe *probe, struct list *list)
{
    while (!list_is_empty(list))
        free_check(probe, check_of_link(list->next));
}

void probe_free(struct probe *probe)
{
    if (probe == NULL)
        return;
    struct heap_node *first;
    while ((first = heap_first(&probe->timers)) != NULL) {
        heap_remove(&probe->timers, first);
        free_check(probe, check_of_timer(first));
    }
    free_list(probe, &probe->short_of);
    free_list(probe, &probe->blocked);
    free_list(probe, &probe->undecided);
    free_list(probe, &probe->rechecks);
    for (size_t i = 0; i < ARRAY_LEN(probe->recall.failed); i++)
        free_list(probe, &probe->recall.failed[i]);
    free_list(probe, &probe->spent);
    free_list(probe, &probe->done);
    free_list(probe, &probe->idle);
    struct trace trace;
    while (probe_collect_trace(probe, &trace))
        trace_release(&trace);
    names_free(probe->names);
    congestion_release(&probe->congestion);
    rejections_release(&probe->rejections);
    heap_release(&probe->timers);
    fdset_release(&probe->watched);
    fdset_release(&probe->ready);
    fdset_release(&probe->readable);
    free(probe->owners);
    free(probe->traces.traces);
    free(probe);
}

size_t probe_room(const struct probe *probe)
{
    const struct load load = probe_load(probe, probe->os->now_ns(probe->os->self));
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
    return probe->in_flight;
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
    size_t need = probe->in_flight + 1 + CANARY_QUESTIONS;
    size_t capacity = need > probe->timers.capacity ? need * 2 : need;
    return heap_reserve(&probe->timers, capacity) == ERROR_NONE;
}

enum error probe_submit(struct probe *probe, uint64_t sequence, const struct endpoint *endpoint)
{
    assert(probe_room(probe) > 0 && endpoint->target->kind != TARGET_INVALID);
    if (!prepare_submit(probe, endpoint))
        return ERROR_NO_MEMORY;
    struct check *check = probe_take_check(probe);
    if (check == NULL)
        return ERROR_NO_MEMORY;
    int64_t now_ns = probe->os->now_ns(probe->os->self);
    check_init(check, sequence, endpoint);
    check->asked_ns = probe->submitted_ns = now_ns;
    check->is_paid = true;
    token_bucket_take(&probe->rate, now_ns);
    probe->in_flight++;
    probe->submitted++;
    if (probe->in_flight >= CONGESTION_LEAST)
        recheck_start(probe);
    check_begin(probe, check, now_ns);
    return ERROR_NONE;
}

void probe_submit_no_more(struct probe *probe)
{
    probe->has_all = true;
}

static void recycle(struct probe *probe, struct check *check)
{
    check_release(check);
    list_remove(&check->link);
    if (probe->idle_count >= IDLE_MAX) {
        free(check);
        return;
    }
    list_append(&probe->idle, &check->link);
    probe->idle_count++;
}

enum error probe_turn(struct probe *probe, struct probe_watch *watch, int64_t limit_ns)
{
    if (prepare_sets(probe, watch) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    int64_t now_ns = 0;
    int error = wait_for_news(probe, limit_ns, &now_ns);
    if (error != 0 && error != EINTR) {
        errno = error;
        return ERROR_SYSTEM;
    }
    for (size_t i = 0; i < ARRAY_LEN(watch->readable_fds); i++)
        watch->is_readable[i] =
            watch->readable_fds[i] >= 0 && fdset_has(&probe->readable, watch->readable_fds[i]);
    probe->turn++;
    stall_note_stops(&probe->stall, probe->os, now_ns);
    take_answers(probe, now_ns);
    look_at_ready(probe, now_ns);
    run_timers(probe, now_ns);
    if (error == 0) /* an interrupted select() leaves its news to the next one */
        stall_end_turn(&probe->stall);
    waiting_resume(probe, now_ns);
    recheck_resume(probe, now_ns);
    recall_resume(probe, now_ns);
    while (!list_is_empty(&probe->spent))
        recycle(probe, check_of_link(probe->spent.next)); /* NOLINT: it leaves the list */
    return probe->is_out_of_memory ? ERROR_NO_MEMORY : ERROR_NONE;
}

static void give_up_list(struct probe *probe, struct list *list, const struct outcome *outcome,
                         int64_t now_ns)
{
    while (!list_is_empty(list))
        check_abandon(probe, check_of_link(list->next), outcome, now_ns);
}

void probe_give_up(struct probe *probe, const struct outcome *outcome)
{
    int64_t now_ns = probe->os->now_ns(probe->os->self);
    struct heap_node *first;
    while ((first = heap_first(&probe->timers)) != NULL)
        check_abandon(probe, check_of_timer(first), outcome, now_ns);
    give_up_list(probe, &probe->short_of, outcome, now_ns);
    give_up_list(probe, &probe->blocked, outcome, now_ns);
    give_up_list(probe, &probe->undecided, outcome, now_ns);
    give_up_list(probe, &probe->rechecks, outcome, now_ns);
    for (size_t i = 0; i < ARRAY_LEN(probe->recall.failed); i++)
        give_up_list(probe, &probe->recall.failed[i], outcome, now_ns);
}

bool probe_collect(struct probe *probe, struct result *result)
{
    if (list_is_empty(&probe->done))
        return false;
    struct check *check = check_of_link(probe->done.next);
    check_row(check, check->next_row++, result);
    result_hold(result);
    if (check->next_row == result->rows) {
        probe->done_count--;
        recycle(probe, check);
    }
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
