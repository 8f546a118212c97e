#include "netcheck/base/backoff.h"

#include "netcheck/base/base.h"
#include "netcheck/base/mix.h"

/* What is left to chance comes on top: from 100 ms to 1 s in all. */
static const int64_t pause_least_ns = 100 * NS_PER_MS;
static const int64_t pause_most_ns = 833 * NS_PER_MS;

enum {
    GROWTH = 20, /* the pause grows by this part of it */
    CHANCE = 5,  /* and up to this part is left to chance */
};

/* From `least_ns` to `range_ns` more. */
static int64_t draw_ns(struct backoff *backoff, int64_t least_ns, int64_t range_ns)
{
    backoff->seed = mix64(backoff->seed + 1);
    int64_t more_ns = (int64_t)(backoff->seed % ((uint64_t)range_ns + 1));
    return more_ns < NEVER_NS - least_ns ? least_ns + more_ns : NEVER_NS;
}

int64_t backoff_take_ns(struct backoff *backoff, int64_t *grown_ns)
{
    if (backoff->interval_ns > 0) {
        int64_t tenth_ns = backoff->interval_ns / 10;
        return draw_ns(backoff, backoff->interval_ns - tenth_ns, 2 * tenth_ns);
    }
    int64_t pause_ns = *grown_ns > 0 ? *grown_ns : pause_least_ns;
    int64_t next_ns = pause_ns + pause_ns / GROWTH;
    *grown_ns = next_ns < pause_most_ns ? next_ns : pause_most_ns;
    return draw_ns(backoff, pause_ns, pause_ns / CHANCE);
}

/* Each pause adds a part of itself to the next: together they add that part of their sum. */
int64_t backoff_grown_ns(int64_t waited_ns)
{
    int64_t more_ns = waited_ns > 0 ? waited_ns / GROWTH : 0;
    return more_ns < pause_most_ns - pause_least_ns ? pause_least_ns + more_ns : pause_most_ns;
}
