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

static void begin(const struct alert_clock *clock, const struct alert_row *row,
                  struct remembered *remembered, struct change *change)
{
    change->news = row->is_expected ? NEWS_NONE : NEWS_NEW;
    remembered->state = reason_state(row->reason);
    remembered->since_s = clock->now_s;
    remembered->told_s = !row->is_expected && row->is_shown ? clock->now_s : MEMORY_NEVER;
    remembered->known = STATE_COUNT;
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

/* The state is the same. Returns what news that is. */
static enum news stay(const struct alert_policy *policy, const struct alert_clock *clock,
                      const struct alert_row *row, struct remembered *remembered)
{
    int64_t age_s = age_of_last(clock, remembered);
    enum news news = NEWS_NONE;
    clear_pending(remembered);
    if (row->reason != REASON_LOCAL)
        remembered->known = STATE_COUNT;
    if (row->is_expected || !row->is_shown)
        return NEWS_NONE;
    if (!was_told(row, remembered))
        news = NEWS_NEW;
    else if (is_reminder_due(policy, clock->now_s - remembered->told_s, age_s))
        news = NEWS_REMINDER;
    if (news != NEWS_NONE)
        remembered->told_s = clock->now_s;
    return news;
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

/* What is known of the target while this machine cannot ask it is what was known before. */
static void turn(const struct alert_row *row, int64_t now_s, struct remembered *remembered,
                 struct change *change)
{
    bool was_local = remembered->reason == REASON_LOCAL;
    change->news = NEWS_CHANGED;
    change->before = remembered->state;
    change->was_unknown = was_local;
    change->known = was_local ? remembered->known : STATE_COUNT;
    remembered->known = row->reason == REASON_LOCAL ? remembered->state : STATE_COUNT;
    remembered->state = remembered->next;
    remembered->since_s = remembered->first_s;
    remembered->told_s = row->is_shown ? now_s : MEMORY_NEVER;
    clear_pending(remembered);
}

/* Something is remembered. */
static void go_on(const struct alert_policy *policy, const struct alert_clock *clock,
                  const struct alert_row *row, struct remembered *remembered,
                  struct change *change)
{
    enum state state = reason_state(row->reason);
    bool is_since_known = repair_times(remembered, clock->now_s);
    int64_t since_s = remembered->since_s;
    int64_t end_s = clock->now_s;
    if (state == remembered->state) {
        change->news = stay(policy, clock, row, remembered);
    } else if (is_confirmed(policy, clock->now_s, state, remembered)) {
        end_s = remembered->first_s;
        turn(row, clock->now_s, remembered, change);
    } else {
        return;
    }
    change->lasted_ns = is_since_known ? nanoseconds(end_s - since_s) : -1;
    remembered->reason = row->reason;
}

void alert_decide(const struct alert_policy *policy, const struct alert_clock *clock,
                  const struct alert_row *row, struct remembered *remembered,
                  struct change *change)
{
    int64_t age_s = age_of_last(clock, remembered);
    bool is_new = remembered->since_s == MEMORY_NEVER;
    bool was_pending = !is_new && remembered->next_count > 0;
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
    bool ends_before = change->news == NEWS_CHANGED && was_pending;
    if (!is_new && change->news != NEWS_NONE && !ends_before)
        change->unasked_ns = gap_ns(clock, age_s);
    change->since_s = remembered->since_s;
    remembered->expects_down = remembered->told_s != MEMORY_NEVER && row->expects_down;
    remembered->asked_s = MEMORY_NEVER;
}
