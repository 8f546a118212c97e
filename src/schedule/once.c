#include "netcheck/schedule/once.h"

static enum error take(void *self, struct endpoint *endpoint)
{
    struct once *once = self;
    enum error error = sequence_next(once->sequence, endpoint);
    once->is_read |= error == ERROR_END;
    once->taken += error == ERROR_NONE;
    return error;
}

static enum error next(void *self, int64_t now_ns, struct endpoint *endpoint)
{
    (void)now_ns; /* each is due when it is read */
    return take(self, endpoint);
}

static enum row_use answered(void *self, struct result *result, int64_t now_ns)
{
    struct once *once = self;
    (void)now_ns;
    once->has_cut |= result->outcome.remark == REMARK_OVER;
    once->answered += result->row + 1 == result->rows;
    return ROW_USE_COUNT;
}

static bool is_over(const void *self, int64_t now_ns)
{
    const struct once *once = self;
    (void)now_ns;
    return once->is_read && once->answered == once->taken;
}

static enum schedule_end end(const void *self)
{
    (void)self;
    return SCHEDULE_END_BY_ROWS;
}

static bool has_rest(const void *self)
{
    const struct once *once = self;
    return !once->is_read && once->taken != once->sequence->total;
}

struct schedule once_schedule(struct once *once)
{
    return (struct schedule){
        .self = once,
        .next = next,
        .answered = answered,
        .is_over = is_over,
        .end = end,
        .rest = take,
        .has_rest = has_rest,
    };
}
