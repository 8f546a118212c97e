/*
 * look: which silence is believed, and the second look at the rest.
 *
 * Suspect checks were silent, and wait until it is known whether the path was clear meanwhile.
 * Doubtful ones were silent although something speaks against it; they are asked once more when
 * nothing else is under way. That calm time ends when the last of them has its verdict.
 */
#include "engine.h"

#include "netcheck/base/base.h"
#include "netcheck/probe/bound.h"

enum {
    SILENT_MAX = 4096, /* checks that wait here; then nothing more is submitted */
    LOOKS_MAX = 4,     /* second looks at one target, as long as the path is found clogged */
    CALM_WINDOW = 128, /* second looks under way, at most, and at most ... */
    CALM_SHARE = 8,    /* ... this part of the window */
    CALM_RATE = 100,   /* of them a second: a burst would be met by what met the first one.
                          Both double while the looks bring no news */
    PATIENCE = 4,      /* timeouts that the first doubtful one waits while others are asked */
};

static struct check *first_of(struct list *list)
{
    return CONTAINER_OF(list->next, struct check, link);
}

static size_t least_calm(size_t window)
{
    size_t share = window / CALM_SHARE;
    if (share > CALM_WINDOW)
        return CALM_WINDOW;
    return share > 0 ? share : 1;
}

void look_init(struct look *look, const struct probe_options *options)
{
    list_init(&look->suspect);
    list_init(&look->doubtful);
    look->calm = least_calm(options->window);
    look->rate.per_second = CALM_RATE;
    answered_init(&look->answered);
    canary_init(&look->canary, options->timeout_ns);
}

void look_release(struct look *look)
{
    answered_release(&look->answered);
    canary_forget(&look->canary);
}

void look_crowd(struct probe *probe)
{
    struct look *look = &probe->look;
    if (look->is_crowded || look->is_spent || !probe->options.has_second_look)
        return;
    look->is_crowded = true;
    look->counted_ns = probe->os->now_ns(probe->os->self);
    canary_start(&look->canary, probe->os->neighbours_lost(probe->os->self));
}

static enum belief judge_path(const struct probe *probe, const struct check *check,
                              int64_t ended_ns)
{
    switch (canary_path(&probe->look.canary, check->race.begin_ns, ended_ns)) {
    case PATH_CLEAR:
        return BELIEF_YES;
    case PATH_CONGESTED:
        return BELIEF_NO;
    case PATH_UNKNOWN:
        break;
    }
    return BELIEF_OPEN;
}

/* That silence is believed from here on, once. */
static void tell_belief(struct probe *probe, const struct check *check)
{
    const struct trace trace = {.kind = TRACE_BELIEVED};
    if (!probe->look.is_belief_told)
        probe_trace(probe, check, NULL, &trace);
    probe->look.is_belief_told = true;
}

enum belief look_judge(struct probe *probe, const struct check *check, int64_t now_ns)
{
    if (probe->look.is_spent)
        tell_belief(probe, check);
    if (!probe->look.is_crowded || check->looks >= LOOKS_MAX)
        return BELIEF_YES;
    enum silence silence = check_silence(probe, check);
    if (silence < SILENCE_PLAIN)
        return BELIEF_YES;
    if (check->looks == 0 && silence == SILENCE_SUSPECT)
        return BELIEF_NO;
    return judge_path(probe, check, now_ns);
}

/* So many second looks at a time, and as many more a second. */
static void set_calm(struct probe *probe, size_t calm)
{
    struct look *look = &probe->look;
    look->calm = calm;
    look->quiet = 0;
    look->rate.per_second = CALM_RATE * calm / least_calm(probe->options.window);
}

static void wait_for_calm(struct probe *probe, struct check *check)
{
    if (list_is_empty(&probe->look.doubtful))
        probe->look.doubtful_since_ns = check->silent_ns;
    bool has_lost = canary_has_lost_neighbours(&probe->look.canary, check->race.begin_ns);
    struct trace trace = {.kind = has_lost ? TRACE_NEIGHBOURS : TRACE_DOUBT};
    probe_trace(probe, check, NULL, &trace);
    check->looks++;
    waiting_add(probe, check, WAIT_CALM);
}

/* From now on less at a time; once for all that were on the way together. */
static void note_clogged(struct probe *probe)
{
    if (probe->look.was_clogged)
        return;
    probe->look.was_clogged = true;
    set_calm(probe, least_calm(probe->options.window));
    window_halve(&probe->window, probe->look.calm);
}

void look_leave(struct probe *probe, struct check *check)
{
    probe->look.second_count -= check->is_looking;
    check->is_looking = false;
}

void look_park(struct probe *probe, struct check *check, enum belief belief, int64_t now_ns)
{
    look_leave(probe, check);
    check_stop(probe, check); /* a lookup that still hangs keeps a thread from others */
    check->silent_ns = now_ns;
    probe->has_freed = true;
    if (belief == BELIEF_OPEN)
        waiting_add(probe, check, WAIT_PATH);
    else
        wait_for_calm(probe, check);
}

/* Looks without news for a whole window: it was not our traffic, and more at a time will do. */
void look_finish(struct probe *probe, struct check *check)
{
    struct look *look = &probe->look;
    look_leave(probe, check);
    if (check->looks == 0)
        return;
    bool has_news = check->winner != NO_WINNER || !check_is_silent(check);
    if (has_news)
        set_calm(probe, least_calm(probe->options.window));
    else if (++look->quiet >= look->calm && look->calm <= probe->options.window / 2)
        set_calm(probe, look->calm * 2);
}

/* The silent ones of whom it is known by now whether that proves anything. */
static void resume_suspect(struct probe *probe)
{
    while (!list_is_empty(&probe->look.suspect)) {
        struct check *check = first_of(&probe->look.suspect);
        enum belief belief = judge_path(probe, check, check->silent_ns);
        if (belief == BELIEF_OPEN)
            return;
        waiting_end(probe, check);
        if (belief == BELIEF_YES) {
            check_accept(probe, check);
            continue;
        }
        note_clogged(probe);
        wait_for_calm(probe, check);
    }
}

/* When nothing else is under way. */
static void begin_calm(struct probe *probe, int64_t now_ns)
{
    struct look *look = &probe->look;
    if (look->is_calm || probe_under_way(probe) > 0 || !list_is_empty(&look->suspect) ||
        list_is_empty(&look->doubtful))
        return;
    look->is_calm = true;
    look->calm_since_ns = now_ns;
    token_bucket_init(&look->rate, look->rate.per_second, now_ns);
}

/* Those who answered before have been silent for so long that they prove nothing any more. */
static void lose_patience(struct probe *probe, int64_t now_ns)
{
    struct look *look = &probe->look;
    if (look->is_calm)
        canary_expire(&look->canary, look->calm_since_ns, now_ns);
}

static bool has_looks_to_begin(const struct probe *probe)
{
    return probe->look.is_calm && !list_is_empty(&probe->look.doubtful) &&
           probe_under_way(probe) < probe->look.calm;
}

/* When the next second look may begin, by the pace of these and by --rate. */
static int64_t next_look_ns(const struct probe *probe)
{
    int64_t calm_ns = token_bucket_due_ns(&probe->look.rate);
    int64_t rate_ns = token_bucket_due_ns(&probe->rate);
    return calm_ns > rate_ns ? calm_ns : rate_ns;
}

static void begin_looks(struct probe *probe, int64_t now_ns)
{
    while (has_looks_to_begin(probe) && now_ns >= next_look_ns(probe) &&
           canary_is_clear(&probe->look.canary, now_ns)) {
        struct check *check = first_of(&probe->look.doubtful);
        waiting_end(probe, check);
        probe->look.second_count++;
        check->is_looking = true;
        token_bucket_take(&probe->look.rate, now_ns);
        token_bucket_take(&probe->rate, now_ns);
        check->is_paid = true;
        check_look_again(probe, check, now_ns);
    }
}

static void end_calm(struct look *look)
{
    if (look->second_count == 0 && list_is_empty(&look->doubtful) &&
        list_is_empty(&look->suspect))
        look->is_calm = look->was_clogged = false;
}

/* Whether targets are put off now: by second looks, by waits for these, by a narrower window.
 */
static bool is_holding(const struct probe *probe, int64_t now_ns)
{
    const struct look *look = &probe->look;
    bool is_narrow = probe->window.ceiling < probe->window.size && probe_room(probe) == 0;
    bool is_idle = look->silent_count > 0 && probe_under_way(probe) == 0;
    return look->is_calm || is_idle || is_narrow || look_comes_first(probe, now_ns);
}

/* How long they may be put off in all. */
static int64_t allowance_ns(const struct probe *probe)
{
    const struct bound bound = {
        .window = probe->options.window,
        .attempts = (uint64_t)probe->options.retries + 1,
        .timeout_ns = probe->options.timeout_ns,
        .rate = probe->options.rate,
    };
    return bound_doubting_ns(&bound, probe->submitted);
}

/* But for time in which this process did not run. */
static void count_held(struct probe *probe, int64_t now_ns)
{
    struct look *look = &probe->look;
    int64_t since_ns = look->counted_ns;
    if (probe->stall.returned_ns > since_ns && probe->stall.returned_ns <= now_ns)
        since_ns = probe->stall.returned_ns;
    if (look->is_held)
        look->held_ns += now_ns - since_ns;
    look->counted_ns = now_ns;
    look->is_held = is_holding(probe, now_ns);
}

static void accept_all(struct probe *probe, struct list *list)
{
    while (!list_is_empty(list)) {
        struct check *check = first_of(list);
        tell_belief(probe, check);
        waiting_end(probe, check);
        check_accept(probe, check);
    }
}

/* No network makes a run longer than its bound: from now on silence is silence. */
static void stop_doubting(struct probe *probe)
{
    struct look *look = &probe->look;
    look->is_spent = true;
    look->is_crowded = look->is_calm = look->is_held = false;
    window_reset(&probe->window);
    accept_all(probe, &look->suspect);
    accept_all(probe, &look->doubtful);
}

void look_resume(struct probe *probe, int64_t now_ns)
{
    if (!probe->look.is_crowded)
        return;
    count_held(probe, now_ns);
    if (probe->look.held_ns >= allowance_ns(probe)) {
        stop_doubting(probe);
        return;
    }
    lose_patience(probe, now_ns);
    if (path_due_ns(probe) <= now_ns)
        path_ask(probe, now_ns);
    resume_suspect(probe);
    begin_calm(probe, now_ns);
    begin_looks(probe, now_ns);
    end_calm(&probe->look);
}

/* When the time to put targets off is over, if it goes on so; NEVER_NS where it does not. */
static int64_t spent_ns(const struct probe *probe, int64_t now_ns)
{
    const struct look *look = &probe->look;
    int64_t allowed_ns = allowance_ns(probe);
    if (!look->is_crowded || !is_holding(probe, now_ns) || allowed_ns == NEVER_NS)
        return NEVER_NS;
    return now_ns + (allowed_ns > look->held_ns ? allowed_ns - look->held_ns : 0);
}

int64_t look_due_ns(const struct probe *probe, int64_t now_ns)
{
    int64_t due_ns = path_due_ns(probe);
    int64_t over_ns = spent_ns(probe, now_ns);
    if (over_ns < due_ns)
        due_ns = over_ns;
    if (!has_looks_to_begin(probe))
        return due_ns;
    int64_t look_ns = next_look_ns(probe);
    if (look_ns < now_ns)
        look_ns = now_ns;
    return look_ns < due_ns && canary_is_clear(&probe->look.canary, look_ns) ? look_ns : due_ns;
}

bool look_comes_first(const struct probe *probe, int64_t now_ns)
{
    const struct look *look = &probe->look;
    if (look->silent_count >= SILENT_MAX)
        return true;
    if (list_is_empty(&look->doubtful))
        return false;
    int64_t waited_ns = now_ns - look->doubtful_since_ns;
    return look->is_calm || look->was_clogged ||
           waited_ns / PATIENCE >= probe->options.timeout_ns;
}

size_t look_window(const struct probe *probe)
{
    const struct look *look = &probe->look;
    return look->is_calm && look->calm < probe->window.limit ? look->calm : probe->window.limit;
}
