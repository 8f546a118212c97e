#include "netcheck/probe/window.h"

#include "netcheck/base/base.h"

enum { ALONE_MAX = 2 };

/* Until a resolver thread is tried for again, where no lookup came back. */
static const int64_t thread_pause_ns = 50 * NS_PER_MS;

/*
 * So long no lookup may come back before threads count as lost. With silent name servers glibc
 * takes some 10 s for each entry of a search list, which rarely has more than five.
 */
static const int64_t thread_patience_ns = 60 * NS_PER_S;

void window_init(struct window *window, size_t size)
{
    *window = (struct window){.size = size, .ceiling = size, .limit = size};
}

static void set_limit(struct window *window, size_t limit)
{
    window->limit = limit < window->ceiling ? limit : window->ceiling;
}

void window_shrink(struct window *window, size_t under_way)
{
    size_t half = (window->limit + 1) / 2;
    set_limit(window, under_way > half ? under_way : half);
}

void window_grow(struct window *window)
{
    if (window->limit < window->ceiling)
        window->limit++;
}

void window_halve(struct window *window, size_t least)
{
    if (window->ceiling / 2 >= least)
        window->ceiling /= 2;
    set_limit(window, window->limit);
}

void window_reset(struct window *window)
{
    window_init(window, window->size);
}

void starvation_init(struct starvation *starvation)
{
    *starvation = (struct starvation){.since_ns = NEVER_NS};
}

void starvation_note(struct starvation *starvation, size_t under_way, int64_t now_ns)
{
    if (starvation->since_ns == NEVER_NS)
        starvation->since_ns = now_ns;
    starvation->last_ns = now_ns;
    starvation->alone = under_way == 0 ? starvation->alone + 1 : 0;
}

bool starvation_is_final(const struct starvation *starvation,
                         const struct starvation_rest *rest)
{
    int64_t since_ns =
        starvation->since_ns > rest->progress_ns ? starvation->since_ns : rest->progress_ns;
    bool is_stuck = rest->open_count == 0 && starvation->last_ns - since_ns >= rest->timeout_ns;
    return starvation->alone >= ALONE_MAX || is_stuck;
}

void thread_wait_init(struct thread_wait *wait)
{
    *wait = (struct thread_wait){.try_ns = INT64_MIN, .idle_ns = NEVER_NS};
}

void thread_wait_end(struct thread_wait *wait)
{
    thread_wait_init(wait);
}

void thread_wait_note_begun(struct thread_wait *wait)
{
    wait->idle_ns = NEVER_NS;
}

void thread_wait_note_failed(struct thread_wait *wait, int64_t now_ns)
{
    wait->try_ns = now_ns + thread_pause_ns;
}

bool thread_wait_is_lost(struct thread_wait *wait, bool is_idle, int64_t timeout_ns,
                         int64_t now_ns)
{
    int64_t most_ns = timeout_ns > thread_patience_ns ? timeout_ns : thread_patience_ns;
    if (!is_idle)
        wait->idle_ns = NEVER_NS;
    else if (wait->idle_ns == NEVER_NS)
        wait->idle_ns = now_ns;
    return is_idle && now_ns - wait->idle_ns >= most_ns;
}
