#include "netcheck/schedule/once.h"

#include "netcheck/base/base.h"

enum { SKIP_BURST = 1024 }; /* endpoints read between two looks at the clock and at signals */

/* How the gate stands; where there is none, it is open. */
static enum gate_state gate_state(const struct once *once)
{
    return once->gate != NULL ? once->gate->state : GATE_OPEN;
}

static bool is_gate_due(const struct once *once)
{
    return once->gate != NULL && !once->has_asked_gate;
}

static enum error read_one(struct once *once, struct endpoint *endpoint)
{
    enum error error = sequence_next(once->sequence, endpoint);
    once->is_read |= error == ERROR_END;
    return error;
}

static enum error take(struct once *once, struct endpoint *endpoint)
{
    enum error error = ERROR_NONE;
    if (is_gate_due(once))
        *endpoint = once->gate->endpoint;
    else
        error = read_one(once, endpoint);
    once->has_asked_gate = once->gate != NULL;
    once->taken += error == ERROR_NONE;
    return error;
}

/* Whether their number is known without reading them: there is no file, and none is excluded.
 */
static bool is_total_exact(const struct once *once)
{
    const struct sequence *sequence = once->sequence;
    return sequence->total != UINT64_MAX && sequence->options.exclusion == NULL;
}

static bool is_enough_skipped(const struct once *once)
{
    return once->is_read || once->skipped >= ONCE_SKIPPED_MAX ||
           (once->skipped > 0 && is_total_exact(once));
}

uint64_t once_count_skipped(const struct once *once, bool *is_exact)
{
    *is_exact = once->is_read || is_total_exact(once);
    return once->is_read || !is_total_exact(once) ? once->skipped : once->sequence->total;
}

/* Read on without asking: that nothing was asked is told with how much it was. */
static enum error skip(struct once *once)
{
    struct endpoint endpoint;
    enum error error = ERROR_NONE;
    for (int i = 0; i < SKIP_BURST && error == ERROR_NONE; i++) {
        error = is_enough_skipped(once) ? ERROR_END : read_one(once, &endpoint);
        once->skipped += error == ERROR_NONE;
    }
    return error == ERROR_NONE ? ERROR_PAUSE : error;
}

static enum error next(void *self, int64_t now_ns, struct endpoint *endpoint)
{
    struct once *once = self;
    (void)now_ns; /* each is due when it is read */
    if (!is_gate_due(once) && gate_state(once) == GATE_UNKNOWN)
        return ERROR_PAUSE;
    return gate_state(once) == GATE_CLOSED ? skip(once) : take(once, endpoint);
}

/* Nothing is, while the gate is being asked. */
static int64_t due_ns(const void *self, int64_t now_ns)
{
    const struct once *once = self;
    (void)now_ns;
    bool is_held = !is_gate_due(once) && gate_state(once) == GATE_UNKNOWN;
    return is_held ? NEVER_NS : INT64_MIN;
}

static enum row_use answered(void *self, struct result *result, int64_t now_ns)
{
    struct once *once = self;
    (void)now_ns;
    if (once->gate != NULL && result->sequence == 0)
        gate_add(once->gate, result);
    once->has_cut |= result->outcome.remark == REMARK_OVER;
    once->answered += result->row + 1 == result->rows;
    return ROW_USE_COUNT;
}

static bool is_over(const void *self, int64_t now_ns)
{
    const struct once *once = self;
    (void)now_ns;
    bool is_taken = gate_state(once) == GATE_CLOSED ? is_enough_skipped(once) : once->is_read;
    return is_taken && once->answered == once->taken;
}

/* What the gate keeps back is not missing; but what was not read may be a bad file. */
static enum schedule_end end(const void *self)
{
    const struct once *once = self;
    bool is_unread = gate_state(once) != GATE_OPEN && !is_enough_skipped(once);
    return is_unread ? SCHEDULE_END_UNFINISHED : SCHEDULE_END_BY_ROWS;
}

/* The gate itself has its row in any case; the others only behind an open one. */
static enum error rest(void *self, struct endpoint *endpoint)
{
    struct once *once = self;
    bool is_open = gate_state(once) == GATE_OPEN;
    return is_open || is_gate_due(once) ? take(once, endpoint) : ERROR_END;
}

static bool has_rest(const void *self)
{
    const struct once *once = self;
    uint64_t taken = once->taken - once->has_asked_gate;
    if (is_gate_due(once))
        return true;
    return gate_state(once) == GATE_OPEN && !once->is_read && taken != once->sequence->total;
}

struct schedule once_schedule(struct once *once)
{
    return (struct schedule){
        .self = once,
        .next = next,
        .due_ns = due_ns,
        .answered = answered,
        .is_over = is_over,
        .end = end,
        .rest = rest,
        .has_rest = has_rest,
    };
}
