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

/* The gate's entry; NULL where there is none. */
static struct entry *gate_entry(const struct rounds *rounds)
{
    return rounds->gate != NULL ? &rounds->entries->items[0] : NULL;
}

static bool is_closed(const struct rounds *rounds)
{
    return rounds->gate != NULL && rounds->gate->state == GATE_CLOSED;
}

/* A gate alone has nothing to keep back: without targets nothing is asked. */
void rounds_begin(struct rounds *rounds, int64_t now_ns)
{
    struct entries *entries = rounds->entries;
    bool has_targets = rounds->gate == NULL || entries->count > 1;
    rounds->has_begun = true;
    rounds->began_ns = now_ns;
    for (size_t i = 0; i < entries->count && has_targets; i++)
        wait_for_slot(rounds, &entries->items[i], 0);
}

/* Whether the entry has to wait for the gate to be as expected. */
static bool is_held(const struct rounds *rounds, const struct entry *entry)
{
    return is_closed(rounds) && entry != gate_entry(rounds);
}

/* What a closed gate holds waits for the slot in which the gate itself is asked next. */
static void put_off(struct rounds *rounds, int64_t now_ns)
{
    struct entry *entry;
    while ((entry = entries_next(rounds->entries, now_ns)) != NULL && is_held(rounds, entry))
        wait_for_slot(rounds, entry, gate_entry(rounds)->slot);
}

static bool take(struct rounds *rounds, int64_t now_ns, struct endpoint *endpoint)
{
    put_off(rounds, now_ns);
    struct entry *entry = entries_take(rounds->entries, now_ns);
    if (entry == NULL)
        return false;
    uint64_t slot = current_slot(rounds, entry, now_ns);
    rounds->missed += slot - entry->slot;
    entry->slot = slot;
    *endpoint = entry->endpoint;
    return true;
}

/* While the gate is being asked, nothing else is begun. */
static bool is_gate_out(const struct rounds *rounds)
{
    return rounds->has_begun && rounds->gate != NULL && gate_entry(rounds)->is_out;
}

static enum error next(void *self, int64_t now_ns, struct endpoint *endpoint)
{
    struct rounds *rounds = self;
    enum error error = entries_gather(rounds->entries);
    if (error != ERROR_NONE)
        return error;
    if (!rounds->has_begun)
        rounds_begin(rounds, now_ns);
    if (is_gate_out(rounds))
        return ERROR_PAUSE;
    return take(rounds, now_ns, endpoint) ? ERROR_NONE : ERROR_PAUSE;
}

static int64_t due_ns(const void *self, int64_t now_ns)
{
    const struct rounds *rounds = self;
    (void)now_ns;
    if (!rounds->has_begun)
        return INT64_MIN;
    if (is_gate_out(rounds))
        return NEVER_NS;
    if (!is_closed(rounds))
        return entries_due_ns(rounds->entries);
    const struct heap_node *timer = &gate_entry(rounds)->timer;
    return timer->slot != 0 ? timer->at_ns : NEVER_NS;
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
        bool has_row = entry->asked > 0 && !entry->is_out;
        rounds->ahead += entry->rows > rounds->completed ||
                         (entry->endpoint.target->kind == TARGET_INVALID && has_row);
    }
}

/* Count what the entry had rows for, or was passed over in; not while it is being asked. */
static void catch_up(struct rounds *rounds, struct entry *entry)
{
    while (!entry->is_out && entry->rows < entry->asked + entry->passed) {
        entry->rows++;
        if (entry->rows == rounds->completed + 1)
            rounds->ahead++;
        count_rounds(rounds);
    }
}

/* Whether the entry had its rounds, or waits for a gate that is not asked any more. */
static bool is_done(const struct rounds *rounds, const struct entry *entry)
{
    if (rounds->count == 0)
        return false;
    if (is_held(rounds, entry) && gate_entry(rounds)->asked >= rounds->count)
        return true;
    return entry->asked + entry->passed >= rounds->count;
}

/* The same: the target may be asked again. */
static void ask_again(struct rounds *rounds, const struct endpoint *endpoint, int64_t now_ns)
{
    struct entry *entry = entries_answered(rounds->entries, endpoint);
    if (is_done(rounds, entry) || entry->endpoint.target->kind == TARGET_INVALID)
        return;
    uint64_t next_slot = entry->slot + 1;
    uint64_t coming = coming_slot(rounds, entry, now_ns);
    if (coming > next_slot)
        rounds->missed += coming - next_slot;
    wait_for_slot(rounds, entry, coming > next_slot ? coming : next_slot);
}

/* The gate is not as expected: it was all that was asked in this round. */
static void pass_over(struct rounds *rounds)
{
    struct entries *entries = rounds->entries;
    rounds->closed++;
    for (size_t i = 1; i < entries->count; i++) {
        struct entry *entry = &entries->items[i];
        entry->passed++;
        if (is_done(rounds, entry))
            entries_leave(entries, entry);
        catch_up(rounds, entry);
    }
}

/* A row that the run's end cut short says nothing of the gate. */
static void judge_gate(struct rounds *rounds, const struct result *result)
{
    gate_add(rounds->gate, result);
    if (result->row + 1 == result->rows && is_closed(rounds))
        pass_over(rounds);
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
        catch_up(rounds, entry);
    }
    if (result->is_cut)
        return ROW_USE_DROP;
    if (entry == gate_entry(rounds))
        judge_gate(rounds, result);
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

/* Whether a target has no row that could have one; behind a closed gate only the gate can. */
static bool has_rest(const void *self)
{
    const struct rounds *rounds = self;
    const struct entries *entries = rounds->entries;
    if (rounds->gate == NULL || rounds->gate->state == GATE_OPEN)
        return entries_have_rest(entries);
    return entries->rest == 0 && !entries->items[0].has_row;
}

/* Without a count there is no end to reach, but each target has a row. */
static enum schedule_end end(const void *self)
{
    const struct rounds *rounds = self;
    bool is_whole = rounds->has_begun && !has_rest(rounds) &&
                    (rounds->count == 0 || entries_are_idle(rounds->entries));
    return is_whole ? SCHEDULE_END_BY_ROWS : SCHEDULE_END_UNFINISHED;
}

static enum error rest(void *self, struct endpoint *endpoint)
{
    struct rounds *rounds = self;
    return has_rest(rounds) ? entries_rest(rounds->entries, endpoint) : ERROR_END;
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
