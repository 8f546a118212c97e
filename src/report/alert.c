#include "netcheck/report/alert.h"

#include "netcheck/base/base.h"

static int64_t nanoseconds(int64_t seconds)
{
    return seconds < NEVER_NS / NS_PER_S ? seconds * NS_PER_S : NEVER_NS;
}

/* How long ago it was asked last; 0 where that is not known, or the clock was set back. */
static int64_t age_of_last(const struct alert_clock *clock, const struct remembered *remembered)
{
    int64_t last_s = remembered->asked_s != MEMORY_NEVER ? remembered->asked_s : clock->last_s;
    return last_s != MEMORY_NEVER && last_s < clock->now_s ? clock->now_s - last_s : 0;
}

static int64_t gap_ns(const struct alert_clock *clock, int64_t age_s)
{
    bool is_gap = clock->period_s > 0 && age_s / GAP_PERIODS >= clock->period_s &&
                  age_s > GAP_PERIODS * clock->period_s;
    return is_gap ? nanoseconds(age_s) : 0;
}

/* Times in the future become now. Returns whether the beginning of the state is known. */
static bool repair_times(struct remembered *remembered, int64_t now_s)
{
    bool is_known = remembered->since_s <= now_s;
    if (!is_known)
        remembered->since_s = now_s;
    if (remembered->told_s > now_s)
        remembered->told_s = now_s;
    if (remembered->belief.told_s > now_s)
        remembered->belief.told_s = now_s;
    if (remembered->next_count > 0 && remembered->first_s > now_s)
        remembered->first_s = now_s;
    if (remembered->next_count > 0 && remembered->first_s < remembered->since_s)
        remembered->first_s = remembered->since_s;
    return is_known;
}

static void clear_pending(struct remembered *remembered)
{
    remembered->next = STATE_UP;
    remembered->next_count = 0;
    remembered->first_s = MEMORY_NEVER;
}

static void clear_belief(struct remembered *remembered)
{
    remembered->belief = (struct belief)MEMORY_NO_BELIEF;
}

static void begin(const struct alert_clock *clock, const struct alert_row *row,
                  struct remembered *remembered, struct change *change)
{
    change->news = row->is_expected ? NEWS_NONE : NEWS_NEW;
    remembered->state = reason_state(row->reason);
    remembered->since_s = clock->now_s;
    remembered->told_s = !row->is_expected && row->is_shown ? clock->now_s : MEMORY_NEVER;
    remembered->known = STATE_COUNT;
    clear_belief(remembered);
    clear_pending(remembered);
}

/* A run comes a moment sooner or later than it should: half of what is between two of them
   counts, so that a reminder does not slip by one run each time. */
static bool is_reminder_due(const struct alert_policy *policy, int64_t passed_s, int64_t age_s)
{
    return policy->remind_s > 0 && passed_s + age_s / 2 >= policy->remind_s;
}

/* Whether the state was told to the reader as one that is not as expected. */
static bool was_told(const struct alert_row *row, const struct remembered *remembered)
{
    return remembered->told_s != MEMORY_NEVER &&
           (remembered->state == STATE_ERROR || remembered->expects_down == row->expects_down);
}

static bool is_believed_otherwise(const struct remembered *remembered)
{
    return remembered->belief.state != STATE_COUNT;
}

/* The clock may have been set back in between. */
static int64_t length_ns(int64_t since_s, int64_t until_s)
{
    return since_s != MEMORY_NEVER && since_s <= until_s ? nanoseconds(until_s - since_s) : -1;
}

/* Only unseen runs saw that what the reader believes has ended. */
static void tell_belief(int64_t now_s, struct remembered *remembered, struct change *change)
{
    const struct belief *belief = &remembered->belief;
    change->news = NEWS_CHANGED;
    change->before = belief->state;
    change->was_unknown = belief->was_unknown;
    change->known = belief->known;
    change->lasted_ns = length_ns(belief->since_s, belief->until_s);
    remembered->told_s = now_s;
    clear_belief(remembered);
}

/* The state is the same. */
static void stay(const struct alert_policy *policy, const struct alert_clock *clock,
                 const struct alert_row *row, struct remembered *remembered,
                 struct change *change)
{
    int64_t age_s = age_of_last(clock, remembered);
    clear_pending(remembered);
    if (row->reason != REASON_LOCAL)
        remembered->known = STATE_COUNT;
    if (!row->is_shown)
        return;
    if (is_believed_otherwise(remembered)) {
        tell_belief(clock->now_s, remembered, change);
        return;
    }
    if (row->is_expected)
        return;
    if (!was_told(row, remembered))
        change->news = NEWS_NEW;
    else if (is_reminder_due(policy, clock->now_s - remembered->told_s, age_s))
        change->news = NEWS_REMINDER;
    if (change->news == NEWS_NONE)
        return;
    remembered->told_s = clock->now_s;
    change->unasked_ns = gap_ns(clock, age_s);
}

/* One row more in another state. Returns whether these are enough. */
static bool is_confirmed(const struct alert_policy *policy, int64_t now_s, enum state state,
                         struct remembered *remembered)
{
    if (remembered->next_count == 0 || remembered->next != state) {
        remembered->next = state;
        remembered->next_count = 0;
        remembered->first_s = now_s;
    }
    remembered->next_count++;
    return remembered->next_count >= policy->confirmations;
}

static bool is_as_expected(enum state state, bool expects_down)
{
    return state != STATE_ERROR && (state == STATE_DOWN) == expects_down;
}

/* Whether the reader knows of the state that ends: it was told, or went without saying. */
static bool is_believed(const struct alert_row *row, const struct remembered *remembered)
{
    return remembered->told_s != MEMORY_NEVER ||
           is_as_expected(remembered->state, row->expects_down);
}

/* The state ends, and the reader does not see it. */
static void keep_belief(const struct alert_row *row, int64_t since_s,
                        struct remembered *remembered)
{
    bool was_alarm = !is_as_expected(remembered->state, remembered->expects_down);
    if (is_believed_otherwise(remembered) || !is_believed(row, remembered))
        return;
    remembered->belief = (struct belief){
        .state = remembered->state,
        .was_unknown = remembered->reason == REASON_LOCAL,
        .known = remembered->known,
        .since_s = since_s,
        .until_s = remembered->first_s,
        .told_s = was_alarm ? remembered->told_s : MEMORY_NEVER,
    };
}

/* The state is `next` from here on. What is known of the target while this machine cannot ask
   it is what was known before. */
static void turn(const struct alert_row *row, int64_t now_s, struct remembered *remembered)
{
    remembered->known = row->reason == REASON_LOCAL ? remembered->state : STATE_COUNT;
    remembered->state = remembered->next;
    remembered->since_s = remembered->first_s;
    remembered->told_s = row->is_shown ? now_s : MEMORY_NEVER;
    if (remembered->belief.state == remembered->state && !row->is_shown)
        remembered->told_s = remembered->belief.told_s;
    if (remembered->belief.state == remembered->state || row->is_shown)
        clear_belief(remembered);
    clear_pending(remembered);
}

/* Another state is confirmed. `since_s`: when the one before began; MEMORY_NEVER. */
static void change_state(const struct alert_row *row, const struct alert_clock *clock,
                         int64_t since_s, struct remembered *remembered, struct change *change)
{
    bool was_local = remembered->reason == REASON_LOCAL;
    change->news = NEWS_CHANGED;
    change->before = remembered->state;
    change->was_unknown = was_local;
    change->known = was_local ? remembered->known : STATE_COUNT;
    change->lasted_ns = length_ns(since_s, remembered->first_s);
    if (!row->is_shown)
        keep_belief(row, since_s, remembered);
    turn(row, clock->now_s, remembered);
}

/* Something is remembered. */
static void go_on(const struct alert_policy *policy, const struct alert_clock *clock,
                  const struct alert_row *row, struct remembered *remembered,
                  struct change *change)
{
    enum state state = reason_state(row->reason);
    bool was_pending = remembered->next_count > 0;
    int64_t age_s = age_of_last(clock, remembered);
    bool is_since_known = repair_times(remembered, clock->now_s);
    int64_t since_s = is_since_known ? remembered->since_s : MEMORY_NEVER;
    if (state == remembered->state) {
        change->lasted_ns = length_ns(since_s, clock->now_s);
        stay(policy, clock, row, remembered, change);
    } else if (is_confirmed(policy, clock->now_s, state, remembered)) {
        change_state(row, clock, since_s, remembered, change);
        if (!was_pending)
            change->unasked_ns = gap_ns(clock, age_s);
    } else {
        return;
    }
    remembered->reason = row->reason;
}

void alert_decide(const struct alert_policy *policy, const struct alert_clock *clock,
                  const struct alert_row *row, struct remembered *remembered,
                  struct change *change)
{
    bool is_new = remembered->since_s == MEMORY_NEVER;
    *change = (struct change){
        .is_remembered = true,
        .known = STATE_COUNT,
        .has_new_reason = is_new || remembered->reason != row->reason,
    };
    if (is_new) {
        begin(clock, row, remembered, change);
        remembered->reason = row->reason;
    } else {
        go_on(policy, clock, row, remembered, change);
    }
    change->since_s = remembered->since_s;
    remembered->expects_down = remembered->told_s != MEMORY_NEVER && row->expects_down;
    remembered->asked_s = MEMORY_NEVER;
}
