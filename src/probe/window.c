#include "netcheck/probe/window.h"

#include "netcheck/base/base.h"

enum { ALONE_MAX = 2 };

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
