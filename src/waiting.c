/*
 * waiting: checks that cannot go on now, and when they may.
 *
 * Put back: this machine was short of something. Blocked: no resolver thread is free. Suspect:
 * silent, until it is known whether the path is clear. Doubtful: it was not, or something else
 * speaks against the silence; they get a second look when nothing else is under way.
 */
#include "engine.h"

#include "netcheck/base.h"

enum {
    SHORT_ALONE_MAX = 2, /* failures of a check that has this machine to itself */
    SILENT_MAX = 4096,   /* checks that wait in `suspect` and `doubtful` */
    CALM_WINDOW = 128,   /* second looks under way, at most, and at most ... */
    CALM_SHARE = 8,      /* ... this part of the window */
    CALM_RATE = 100,     /* of them a second: a burst would be met by what met the first one */
    PATIENCE = 4,        /* timeouts that the first of them may wait */
    LOOKS_MAX = 4,       /* second looks at one target, while the path is clogged */
};

/* A path that is still clogged then will stay so, or whoever answered before has gone. */
static const int64_t calm_patience_ns = 60 * NS_PER_S;

static struct check *check_of_link(struct list *link)
{
    return CONTAINER_OF(link, struct check, link);
}

static struct list *list_of(struct probe *probe, enum check_wait wait)
{
    if (wait == WAIT_CALM)
        return &probe->doubtful;
    if (wait == WAIT_PATH)
        return &probe->suspect;
    return wait == WAIT_SUPPLY ? &probe->short_of : &probe->blocked;
}

static void make_wait(struct probe *probe, struct check *check, enum check_wait wait)
{
    check->wait = wait;
    heap_remove(&probe->timers, &check->timer);
    list_remove(&check->link);
    list_append(list_of(probe, wait), &check->link);
    probe->waiting++;
}

void waiting_end(struct probe *probe, struct check *check)
{
    check->wait = WAIT_NONE;
    list_remove(&check->link);
    probe->waiting--;
}

void waiting_put_back(struct probe *probe, struct check *check, int64_t now_ns)
{
    if (check->short_since_ns == NEVER_NS)
        check->short_since_ns = now_ns;
    check->short_last_ns = now_ns;
    make_wait(probe, check, WAIT_SUPPLY);
    size_t working = probe->in_flight - probe->waiting;
    check->short_alone = working == 0 ? check->short_alone + 1 : 0;
    /* Not below half: what was short a moment may be there again. */
    size_t half = (probe->limit + 1) / 2;
    probe->limit = working > half ? working : half;
}

bool waiting_is_alone(const struct probe *probe)
{
    return probe->in_flight - probe->waiting == 1;
}

void waiting_block(struct probe *probe, struct check *check)
{
    make_wait(probe, check, WAIT_THREAD);
}

void waiting_end_look(struct probe *probe, struct check *check)
{
    probe->second_count -= check->is_looking;
    check->is_looking = false;
}

static void wait_for_calm(struct probe *probe, struct check *check, int64_t now_ns)
{
    if (list_is_empty(&probe->doubtful))
        probe->doubtful_since_ns = now_ns;
    bool has_lost = probe->path.lost_ns >= check->plan.begin_ns;
    struct trace trace = {.kind = has_lost ? TRACE_NEIGHBOURS : TRACE_DOUBT};
    probe_trace(probe, check, NULL, &trace);
    check->looks++;
    probe->silent_count++;
    make_wait(probe, check, WAIT_CALM);
}

bool waiting_believes(struct probe *probe, struct check *check, int64_t now_ns)
{
    bool may_look =
        probe->options.has_second_look && probe->is_crowded && check->looks < LOOKS_MAX;
    bool is_doubtful = may_look && check->looks == 0 && check_is_doubtful(probe, check);
    if (!may_look ||
        (!is_doubtful && path_state(probe, check->plan.begin_ns, now_ns) == PATH_CLEAR))
        return true;
    waiting_end_look(probe, check);
    check->silent_ns = now_ns;
    probe->has_freed = true;
    if (is_doubtful) {
        wait_for_calm(probe, check, now_ns);
        return false;
    }
    probe->silent_count++;
    make_wait(probe, check, WAIT_PATH);
    return false;
}

bool waiting_has_hope(const struct probe *probe)
{
    bool is_idle = probe->in_flight == probe->waiting;
    if (!list_is_empty(&probe->short_of) && (probe->has_freed || is_idle))
        return true;
    return !list_is_empty(&probe->blocked) && is_idle && probe->blocked_since_ns == NEVER_NS;
}

/*
 * Whether the check will never get what it lacks: it was put back twice although nothing else
 * was under way, or for a whole timeout nothing of ours was open and nobody got any further.
 */
static bool is_hopeless(const struct probe *probe, const struct check *check)
{
    int64_t since_ns =
        check->short_since_ns > probe->progress_ns ? check->short_since_ns : probe->progress_ns;
    bool is_stuck =
        probe->open_count == 0 && check->short_last_ns - since_ns >= probe->options.timeout_ns;
    return check->short_alone >= SHORT_ALONE_MAX || is_stuck;
}

/* Let those begin again that were put back; of the hopeless ones it is said. */
static void resume_short(struct probe *probe, int64_t now_ns)
{
    while (!list_is_empty(&probe->short_of)) {
        bool is_alone = probe->in_flight == probe->waiting;
        if (!probe->has_freed && !is_alone)
            return;
        struct check *check = check_of_link(probe->short_of.next);
        if (is_hopeless(probe, check)) {
            struct outcome outcome = check->give_up;
            check_give_up(probe, check, &outcome, now_ns);
            continue;
        }
        waiting_end(probe, check);
        check_begin(probe, check, now_ns);
        if (check->wait == WAIT_SUPPLY)
            probe->has_freed = false;
    }
    probe->has_freed = false;
}

/*
 * Let those look up their names that had no thread. When only abandoned lookups hang in the
 * threads, and none came back for a whole timeout, it is said.
 */
static void resume_blocked(struct probe *probe, int64_t now_ns)
{
    while (!list_is_empty(&probe->blocked)) {
        struct check *check = check_of_link(probe->blocked.next);
        waiting_end(probe, check);
        check_begin(probe, check, now_ns);
        if (check->wait != WAIT_THREAD) {
            probe->blocked_since_ns = NEVER_NS;
            continue;
        }
        if (probe->in_flight != probe->waiting) {
            probe->blocked_since_ns = NEVER_NS;
            return;
        }
        if (probe->blocked_since_ns == NEVER_NS)
            probe->blocked_since_ns = now_ns;
        if (now_ns - probe->blocked_since_ns < probe->options.timeout_ns)
            return;
        struct outcome outcome = outcome_of(REASON_LOCAL);
        outcome.remark = REMARK_RESOLVER;
        check_give_up(probe, check, &outcome, now_ns);
    }
}

static size_t calm_window(const struct probe *probe)
{
    size_t share = probe->options.window / CALM_SHARE;
    if (share > CALM_WINDOW)
        return CALM_WINDOW;
    return share > 0 ? share : 1;
}

/* From now on less at a time; once for all that were on the way together. */
static void note_clogged(struct probe *probe)
{
    if (probe->was_clogged)
        return;
    probe->was_clogged = true;
    if (probe->ceiling / 2 >= calm_window(probe))
        probe->ceiling /= 2;
    if (probe->limit > probe->ceiling)
        probe->limit = probe->ceiling;
}

/* The silent ones of whom it is known by now whether that proves anything. */
static void resume_suspect(struct probe *probe, int64_t now_ns)
{
    while (!list_is_empty(&probe->suspect)) {
        struct check *check = check_of_link(probe->suspect.next);
        enum path_state state = path_state(probe, check->plan.begin_ns, check->silent_ns);
        if (state == PATH_UNKNOWN) {
            path_ask(probe, now_ns);
            return;
        }
        waiting_end(probe, check);
        probe->silent_count--;
        if (state == PATH_CLEAR) {
            check_accept(probe, check);
            continue;
        }
        note_clogged(probe);
        wait_for_calm(probe, check, now_ns);
    }
}

static bool may_begin_look(const struct probe *probe, int64_t now_ns)
{
    bool has_waited = now_ns - probe->calm_since_ns >= calm_patience_ns;
    return now_ns >= rate_due_ns(&probe->calm_rate) &&
           (has_waited || path_is_clear(probe, now_ns));
}

int64_t waiting_due_ns(const struct probe *probe)
{
    bool has_room = probe->in_flight - probe->waiting < calm_window(probe);
    int64_t due_ns = path_due_ns(probe);
    int64_t look_ns = rate_due_ns(&probe->calm_rate);
    if (!probe->is_calm || list_is_empty(&probe->doubtful) || !has_room || look_ns >= due_ns)
        return due_ns;
    return path_is_clear(probe, look_ns) ? look_ns : due_ns;
}

/* Take a second look at the doubtful ones once nothing else is under way, few at a time. */
static void resume_doubtful(struct probe *probe, int64_t now_ns)
{
    bool is_idle = probe->in_flight == probe->waiting && list_is_empty(&probe->suspect);
    if (probe->second_count == 0 && !probe->is_calm && is_idle &&
        !list_is_empty(&probe->doubtful)) {
        probe->is_calm = true;
        probe->calm_since_ns = now_ns;
        rate_init(&probe->calm_rate, CALM_RATE, now_ns);
    }
    while (probe->is_calm && !list_is_empty(&probe->doubtful) &&
           probe->in_flight - probe->waiting < calm_window(probe) &&
           may_begin_look(probe, now_ns)) {
        struct check *check = check_of_link(probe->doubtful.next);
        waiting_end(probe, check);
        probe->silent_count--;
        probe->second_count++;
        check->is_looking = true;
        rate_take(&probe->calm_rate, now_ns);
        probe->calm_since_ns = now_ns;
        check_look_again(probe, check, now_ns);
    }
    bool is_done = probe->second_count == 0 && list_is_empty(&probe->doubtful) &&
                   list_is_empty(&probe->suspect);
    if (is_done)
        probe->is_calm = probe->was_clogged = false;
}

void waiting_resume(struct probe *probe, int64_t now_ns)
{
    resume_short(probe, now_ns);
    resume_blocked(probe, now_ns);
    if (path_due_ns(probe) <= now_ns)
        path_ask(probe, now_ns);
    resume_suspect(probe, now_ns);
    resume_doubtful(probe, now_ns);
}

size_t waiting_window(const struct probe *probe)
{
    size_t calm = calm_window(probe);
    return probe->is_calm && calm < probe->limit ? calm : probe->limit;
}

bool waiting_comes_first(const struct probe *probe)
{
    if (!list_is_empty(&probe->short_of))
        return true;
    if (probe->silent_count >= SILENT_MAX)
        return true;
    if (list_is_empty(&probe->doubtful))
        return false;
    int64_t waited_ns = probe->os->now_ns(probe->os->self) - probe->doubtful_since_ns;
    return probe->is_calm || probe->was_clogged ||
           waited_ns / PATIENCE >= probe->options.timeout_ns;
}
