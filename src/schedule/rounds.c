#include "netcheck/schedule/rounds.h"

#include "netcheck/base/base.h"

/* When the entry's slot 0 is. */
static int64_t first_ns(const struct rounds *rounds, const struct entry *entry)
{
    int64_t count = (int64_t)rounds->entries->count;
    int64_t index = (int64_t)entry->endpoint.member;
    int64_t offset_ns =
        rounds->interval_ns / count * index + rounds->interval_ns % count * index / count;
    return offset_ns < NEVER_NS - rounds->began_ns ? rounds->began_ns + offset_ns : NEVER_NS;
}

/* When `slot` is; intervals may be as long as centuries. */
static int64_t slot_ns(const struct rounds *rounds, const struct entry *entry, uint64_t slot)
{
    int64_t at_ns = first_ns(rounds, entry);
    uint64_t most = (uint64_t)((NEVER_NS - at_ns) / rounds->interval_ns);
    return slot <= most ? at_ns + (int64_t)slot * rounds->interval_ns : NEVER_NS;
}

/* The slot that has begun last; not before the first one. */
static uint64_t current_slot(const struct rounds *rounds, const struct entry *entry,
                             int64_t now_ns)
{
    int64_t passed_ns = now_ns - first_ns(rounds, entry);
    return passed_ns > 0 ? (uint64_t)(passed_ns / rounds->interval_ns) : 0;
}

/* Let the entry wait for `slot`. The caller counts what it misses by that. */
static void wait_for_slot(struct rounds *rounds, struct entry *entry, uint64_t slot)
{
    entry->slot = slot;
    entries_ask_at(rounds->entries, entry, slot_ns(rounds, entry, slot));
}

/* The first slot that has not begun, or begins just now. */
static uint64_t coming_slot(const struct rounds *rounds, const struct entry *entry,
                            int64_t now_ns)
{
    uint64_t slot = current_slot(rounds, entry, now_ns);
    return slot_ns(rounds, entry, slot) < now_ns ? slot + 1 : slot;
}

void rounds_begin(struct rounds *rounds, int64_t now_ns)
{
    rounds->has_begun = true;
    rounds->began_ns = now_ns;
    for (size_t i = 0; i < rounds->entries->count; i++)
        wait_for_slot(rounds, &rounds->entries->items[i], 0);
}

static bool take(struct rounds *rounds, int64_t now_ns, struct endpoint *endpoint)
{
    struct entry *entry = entries_take(rounds->entries, now_ns);
    if (entry == NULL)
        return false;
    uint64_t slot = current_slot(rounds, entry, now_ns);
    rounds->missed += slot - entry->slot;
    entry->slot = slot;
    *endpoint = entry->endpoint;
    return true;
}

static enum error next(void *self, int64_t now_ns, struct endpoint *endpoint)
{
    struct rounds *rounds = self;
    enum error error = entries_gather(rounds->entries);
    if (error != ERROR_NONE)
        return error;
    if (!rounds->has_begun)
        rounds_begin(rounds, now_ns);
    return take(rounds, now_ns, endpoint) ? ERROR_NONE : ERROR_PAUSE;
}

static int64_t due_ns(const void *self, int64_t now_ns)
{
    const struct rounds *rounds = self;
    (void)now_ns;
    return rounds->has_begun ? entries_due_ns(rounds->entries) : INT64_MIN;
}

/* Targets that are behind hold their round open; an invalid one is never behind. */
static void count_rounds(struct rounds *rounds)
{
    const struct entries *entries = rounds->entries;
    if (rounds->ahead < entries->count)
        return;
    rounds->completed++;
    rounds->ahead = 0;
    for (size_t i = 0; i < entries->count; i++) {
        const struct entry *entry = &entries->items[i];
        rounds->ahead += entry->rows > rounds->completed ||
                         (entry->endpoint.target->kind == TARGET_INVALID && entry->rows > 0);
    }
}

/* The last row of an answer is there. */
static void end_answer(struct rounds *rounds, struct entry *entry)
{
    entry->rows++;
    if (entry->rows == rounds->completed + 1)
        rounds->ahead++;
    count_rounds(rounds);
}

/* The same: the target may be asked again. */
static void ask_again(struct rounds *rounds, const struct endpoint *endpoint, int64_t now_ns)
{
    struct entry *entry = entries_answered(rounds->entries, endpoint);
    bool is_done = rounds->count != 0 && entry->asked >= rounds->count;
    if (is_done || entry->endpoint.target->kind == TARGET_INVALID)
        return;
    uint64_t next_slot = entry->slot + 1;
    uint64_t coming = coming_slot(rounds, entry, now_ns);
    if (coming > next_slot)
        rounds->missed += coming - next_slot;
    wait_for_slot(rounds, entry, coming > next_slot ? coming : next_slot);
}

static enum row_use answered(void *self, struct result *result, int64_t now_ns)
{
    struct rounds *rounds = self;
    struct entry *entry = &rounds->entries->items[result->endpoint.member];
    bool is_rest = !entry->is_out;
    if (is_rest)
        return ROW_USE_SHOW;
    result->round = entry->asked;
    if (result->row + 1 == result->rows) {
        ask_again(rounds, &result->endpoint, now_ns);
        end_answer(rounds, entry);
    }
    if (result->is_cut)
        return ROW_USE_DROP;
    entry->has_row = true;
    return ROW_USE_COUNT;
}

static void returned(void *self, int64_t now_ns)
{
    struct rounds *rounds = self;
    for (size_t i = 0; rounds->has_begun && i < rounds->entries->count; i++) {
        struct entry *entry = &rounds->entries->items[i];
        bool is_waiting = entry->timer.slot != 0;
        if (!is_waiting || entry->timer.at_ns >= now_ns)
            continue;
        uint64_t coming = coming_slot(rounds, entry, now_ns);
        rounds->missed += coming - entry->slot;
        wait_for_slot(rounds, entry, coming);
    }
}

static bool is_over(const void *self, int64_t now_ns)
{
    const struct rounds *rounds = self;
    (void)now_ns;
    return rounds->has_begun && entries_are_idle(rounds->entries);
}

/* Without a count there is no end to reach, but each target has a row. */
static enum schedule_end end(const void *self)
{
    const struct rounds *rounds = self;
    bool is_whole = rounds->has_begun && !entries_have_rest(rounds->entries) &&
                    (rounds->count == 0 || entries_are_idle(rounds->entries));
    return is_whole ? SCHEDULE_END_BY_ROWS : SCHEDULE_END_UNFINISHED;
}

static enum error rest(void *self, struct endpoint *endpoint)
{
    struct rounds *rounds = self;
    return entries_rest(rounds->entries, endpoint);
}

static bool has_rest(const void *self)
{
    const struct rounds *rounds = self;
    return entries_have_rest(rounds->entries);
}

struct schedule rounds_schedule(struct rounds *rounds)
{
    return (struct schedule){
        .self = rounds,
        .next = next,
        .due_ns = due_ns,
        .returned = returned,
        .answered = answered,
        .is_over = is_over,
        .end = end,
        .rest = rest,
        .has_rest = has_rest,
    };
}
