#include "netcheck/probe/congestion.h"

#include <assert.h>

#include "netcheck/base/base.h"

enum {
    SILENT_MAX = 4096,     /* checks that wait; then nothing more is submitted */
    PARALLEL_MAX = 128,    /* rechecks under way at first, and at most ... */
    PARALLEL_SHARE = 8,    /* ... this part of the window */
    RECHECKS_PER_S = 100,  /* a burst would be met by what met the first one; both double while
                              rechecks bring no news */
    PATIENCE_TIMEOUTS = 4, /* that the first recheck waits while new targets are asked */
};

static size_t least_parallel(const struct congestion *congestion)
{
    size_t share = congestion->bound.window / PARALLEL_SHARE;
    if (share > PARALLEL_MAX)
        return PARALLEL_MAX;
    return share > 0 ? share : 1;
}

/* So many rechecks at a time, and as many more a second. */
static void set_parallel(struct congestion *congestion, size_t parallel)
{
    congestion->parallel = parallel;
    congestion->without_news = 0;
    congestion->pace.per_second = RECHECKS_PER_S * parallel / least_parallel(congestion);
}

void congestion_init(struct congestion *congestion, const struct bound *bound)
{
    *congestion = (struct congestion){.bound = *bound};
    set_parallel(congestion, least_parallel(congestion));
    answered_init(&congestion->answered);
    canary_init(&congestion->canary, bound->timeout_ns);
}

void congestion_release(struct congestion *congestion)
{
    answered_release(&congestion->answered);
    canary_forget(&congestion->canary);
}

void congestion_start(struct congestion *congestion, int64_t now_ns, int64_t neighbours_lost)
{
    assert(congestion->phase == CONGESTION_UNWATCHED);
    congestion->phase = CONGESTION_WATCHED;
    congestion->counted_ns = now_ns;
    canary_start(&congestion->canary, neighbours_lost);
}

bool congestion_is_watched(const struct congestion *congestion)
{
    return congestion->phase == CONGESTION_WATCHED ||
           congestion->phase == CONGESTION_RECHECKING;
}

enum judgement congestion_judge_path(const struct congestion *congestion,
                                     const struct silent_check *check)
{
    switch (
        canary_path(&congestion->canary, check->transport, check->began_ns, check->ended_ns)) {
    case PATH_CLEAR:
        return JUDGEMENT_BELIEVE;
    case PATH_CONGESTED:
        return JUDGEMENT_RECHECK;
    case PATH_UNKNOWN:
        break;
    }
    return JUDGEMENT_UNDECIDED;
}

enum judgement congestion_judge(const struct congestion *congestion,
                                const struct silent_check *check)
{
    if (!congestion_is_watched(congestion) || check->silence < SILENCE_PLAIN ||
        check->rechecks >= CONGESTION_RECHECKS_MAX)
        return JUDGEMENT_BELIEVE;
    if (check->silence == SILENCE_SUSPECT && check->rechecks == 0)
        return JUDGEMENT_RECHECK;
    return congestion_judge_path(congestion, check);
}

bool congestion_note_congested(struct congestion *congestion)
{
    if (congestion->is_found)
        return false;
    congestion->is_found = true;
    set_parallel(congestion, least_parallel(congestion));
    return true;
}

static size_t count_silent(const struct load *load)
{
    return load->undecided + load->rechecks + load->outages;
}

/* Whether nothing may be submitted before rechecks had their turn. */
static bool comes_first(const struct congestion *congestion, const struct load *load)
{
    if (count_silent(load) >= SILENT_MAX)
        return true;
    if (load->rechecks == 0)
        return false;
    int64_t waited_ns = load->now_ns - load->recheck_ns;
    return congestion->phase == CONGESTION_RECHECKING || congestion->is_found ||
           waited_ns / PATIENCE_TIMEOUTS >= congestion->bound.timeout_ns;
}

size_t congestion_limit(const struct congestion *congestion, const struct window *window)
{
    bool is_rechecking = congestion->phase == CONGESTION_RECHECKING;
    return is_rechecking && congestion->parallel < window->limit ? congestion->parallel
                                                                 : window->limit;
}

size_t congestion_room(const struct congestion *congestion, const struct window *window,
                       const struct load *load)
{
    size_t limit = congestion_limit(congestion, window);
    if (load->is_short || load->occupied >= limit || comes_first(congestion, load))
        return 0;
    return limit - load->occupied;
}

/* Whether targets are put off now: by rechecks, by waits for these, or by a narrower window. */
static bool is_holding(const struct congestion *congestion, const struct window *window,
                       const struct load *load)
{
    bool is_idle = count_silent(load) > 0 && load->under_way == 0;
    bool is_narrow =
        window->ceiling < window->size && congestion_room(congestion, window, load) == 0;
    return congestion->phase == CONGESTION_RECHECKING || is_idle || is_narrow ||
           comes_first(congestion, load);
}

static int64_t allowance_ns(const struct congestion *congestion, const struct load *load)
{
    return bound_holding_ns(&congestion->bound, load->submitted);
}

bool congestion_count_held(struct congestion *congestion, const struct window *window,
                           const struct load *load, int64_t returned_ns)
{
    int64_t since_ns = congestion->counted_ns;
    if (returned_ns > since_ns && returned_ns <= load->now_ns)
        since_ns = returned_ns;
    if (congestion->is_holding)
        congestion->held_ns += load->now_ns - since_ns;
    congestion->counted_ns = load->now_ns;
    congestion->is_holding = is_holding(congestion, window, load);
    return congestion->held_ns >= allowance_ns(congestion, load);
}

void congestion_stop(struct congestion *congestion)
{
    congestion->phase = CONGESTION_OVER;
    congestion->is_holding = false;
}

void congestion_expire_canaries(struct congestion *congestion, int64_t now_ns)
{
    if (congestion->phase == CONGESTION_RECHECKING)
        canary_expire(&congestion->canary, congestion->rechecking_ns, now_ns);
}

static void begin(struct congestion *congestion, int64_t now_ns)
{
    congestion->phase = CONGESTION_RECHECKING;
    congestion->rechecking_ns = now_ns;
    token_bucket_init(&congestion->pace, congestion->pace.per_second, now_ns);
}

void congestion_update(struct congestion *congestion, const struct load *load)
{
    bool has_rest = load->undecided > 0 || load->rechecks > 0 || congestion->rechecking > 0;
    if (congestion->phase == CONGESTION_WATCHED && load->under_way == 0 &&
        load->undecided == 0 && load->rechecks > 0)
        begin(congestion, load->now_ns);
    if (has_rest)
        return;
    congestion->is_found = false;
    if (congestion->phase == CONGESTION_RECHECKING)
        congestion->phase = CONGESTION_WATCHED;
}

int64_t congestion_recheck_ns(const struct congestion *congestion, const struct load *load)
{
    if (congestion->phase != CONGESTION_RECHECKING || load->rechecks == 0 ||
        load->under_way >= congestion->parallel)
        return NEVER_NS;
    int64_t at_ns = token_bucket_due_ns(&congestion->pace);
    if (at_ns < load->rate_ns)
        at_ns = load->rate_ns;
    if (at_ns < load->now_ns)
        at_ns = load->now_ns;
    return canary_is_clear(&congestion->canary, at_ns) ? at_ns : NEVER_NS;
}

void congestion_begin_recheck(struct congestion *congestion, int64_t now_ns)
{
    token_bucket_take(&congestion->pace, now_ns);
    congestion->rechecking++;
}

void congestion_end_recheck(struct congestion *congestion)
{
    assert(congestion->rechecking > 0);
    congestion->rechecking--;
}

/* A whole lot of rechecks without news: this run's traffic was not the cause. */
void congestion_note_verdict(struct congestion *congestion, bool has_news)
{
    size_t parallel = congestion->parallel;
    if (has_news)
        set_parallel(congestion, least_parallel(congestion));
    else if (++congestion->without_news >= parallel && parallel <= congestion->bound.window / 2)
        set_parallel(congestion, parallel * 2);
}

int64_t congestion_canaries_ns(const struct congestion *congestion, const struct load *load)
{
    bool is_awaited = congestion->phase == CONGESTION_RECHECKING || load->undecided > 0;
    if (!congestion_is_watched(congestion))
        return NEVER_NS;
    int64_t due_ns = canary_due_ns(&congestion->canary, is_awaited, load->deadline_ns);
    return due_ns > load->rate_ns ? due_ns : load->rate_ns;
}

/* When the time to put targets off is used up, if they go on being so; else NEVER_NS. */
static int64_t used_up_ns(const struct congestion *congestion, const struct window *window,
                          const struct load *load)
{
    int64_t allowed_ns = allowance_ns(congestion, load);
    if (!congestion_is_watched(congestion) || allowed_ns == NEVER_NS ||
        !is_holding(congestion, window, load))
        return NEVER_NS;
    int64_t held_ns = congestion->held_ns;
    return load->now_ns + (allowed_ns > held_ns ? allowed_ns - held_ns : 0);
}

int64_t congestion_due_ns(const struct congestion *congestion, const struct window *window,
                          const struct load *load)
{
    int64_t due_ns = congestion_canaries_ns(congestion, load);
    int64_t used_up = used_up_ns(congestion, window, load);
    int64_t recheck_ns = congestion_recheck_ns(congestion, load);
    if (used_up < due_ns)
        due_ns = used_up;
    return recheck_ns < due_ns ? recheck_ns : due_ns;
}
