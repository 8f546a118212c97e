#include "netcheck/schedule/wait.h"

#include "netcheck/base/base.h"

static const int64_t fresh_ns = 5 * NS_PER_S;

/* What is in flight ends with the wait; it is given up this much later. */
static const int64_t grace_ns = 20 * NS_PER_MS;

/* An attempt that began at most this long after the wait counts as having begun with it. */
static const int64_t slack_ns = 50 * NS_PER_MS;

static bool is_invalid(const struct entry *entry)
{
    return entry->endpoint.target->kind == TARGET_INVALID;
}

static int64_t later_ns(int64_t since_ns, int64_t pause_ns)
{
    return pause_ns < NEVER_NS - since_ns ? since_ns + pause_ns : NEVER_NS;
}

/* The pause counts from the last asking on. */
static void ask_again(struct wait *wait, struct entry *entry, int64_t now_ns)
{
    int64_t pause_ns = backoff_take_ns(&wait->backoff, &entry->pause_ns);
    int64_t at_ns = later_ns(entry->asked_ns, pause_ns);
    entries_ask_at(wait->entries, entry, at_ns > now_ns ? at_ns : now_ns);
}

/* The pause counts from the answer on: however long one takes, two are that far apart. */
static void ask_once_more(struct wait *wait, struct entry *entry, int64_t now_ns)
{
    int64_t pause_ns = backoff_take_ns(&wait->steady, &entry->pause_ns);
    entries_ask_at(wait->entries, entry, later_ns(now_ns, pause_ns));
}

void wait_begin(struct wait *wait, int64_t now_ns)
{
    wait->has_begun = true;
    size_t count = wait->entries->count;
    for (size_t i = 0; i < count; i++) {
        struct entry *entry = &wait->entries->items[i];
        wait->has_invalid |= is_invalid(entry);
        entries_ask_at(wait->entries, entry, now_ns - (int64_t)(count - i));
    }
    wait->is_impossible |= wait->has_invalid && !wait->is_any;
}

static bool is_time_over(const struct wait *wait, int64_t now_ns)
{
    return now_ns >= wait->until_ns;
}

static bool take(struct wait *wait, int64_t now_ns, struct endpoint *endpoint)
{
    struct entry *entry =
        is_time_over(wait, now_ns) ? NULL : entries_take(wait->entries, now_ns);
    if (entry == NULL)
        return false;
    entry->is_failing = false;
    *endpoint = entry->endpoint;
    return true;
}

static enum error next(void *self, int64_t now_ns, struct endpoint *endpoint)
{
    struct wait *wait = self;
    enum error error = entries_gather(wait->entries);
    wait->is_impossible |= error == ERROR_SYSTEM; /* what cannot be read never is as expected */
    if (error != ERROR_NONE)
        return error;
    if (!wait->has_begun)
        wait_begin(wait, now_ns);
    return take(wait, now_ns, endpoint) ? ERROR_NONE : ERROR_PAUSE;
}

static int64_t due_ns(const void *self, int64_t now_ns)
{
    const struct wait *wait = self;
    if (!wait->has_begun)
        return INT64_MIN;
    return is_time_over(wait, now_ns) ? NEVER_NS : entries_due_ns(wait->entries);
}

static int64_t wake_ns(const void *self, int64_t now_ns)
{
    const struct wait *wait = self;
    if (wait->until_ns == NEVER_NS)
        return NEVER_NS;
    return is_time_over(wait, now_ns) ? wait->until_ns + grace_ns : wait->until_ns;
}

static bool is_all_expected(const struct wait *wait)
{
    return wait->expected == wait->entries->count;
}

/* All are as expected: ask those once more whose answer is old. */
static void confirm(struct wait *wait, int64_t now_ns)
{
    for (size_t i = 0; i < wait->entries->count; i++) {
        struct entry *entry = &wait->entries->items[i];
        if (!entry->is_confirmed && now_ns - entry->answered_ns > fresh_ns)
            entries_ask_at(wait->entries, entry, now_ns);
    }
}

/* A target failed again: earlier confirmations no longer count. */
static void forget_confirmations(struct wait *wait)
{
    for (size_t i = 0; i < wait->entries->count; i++)
        wait->entries->items[i].is_confirmed = false;
}

static void note_expected(struct wait *wait, struct entry *entry, int64_t now_ns)
{
    entry->pause_ns = 0;
    entry->streak += entry->streak < wait->confirmations;
    if (entry->streak < wait->confirmations) {
        if (!wait->is_impossible)
            ask_once_more(wait, entry, now_ns);
        return;
    }
    entry->is_confirmed = entry->is_expected && is_all_expected(wait);
    wait->expected += !entry->is_expected;
    entry->is_expected = true;
}

static void note_unexpected(struct wait *wait, struct entry *entry, int64_t now_ns)
{
    if (entry->is_expected)
        forget_confirmations(wait);
    wait->expected -= entry->is_expected;
    entry->is_expected = false;
    if (!wait->is_impossible && !is_invalid(entry))
        ask_again(wait, entry, now_ns);
}

static bool is_silent(const struct result *result)
{
    enum reason reason = result->outcome.reason;
    return reason == REASON_TIMEOUT || reason == REASON_RESOLVE_TIMEOUT;
}

/* Whether the target was silent from the start of the wait to its end, asked in one attempt.
   Addresses that race are not all asked from the start. */
static bool is_silent_all_along(const struct wait *wait, const struct entry *entry,
                                const struct result *result)
{
    bool is_race = entry->endpoint.target->kind == TARGET_NAME && !wait->is_by_address &&
                   result->outcome.reason == REASON_TIMEOUT;
    int64_t began_ns = result->finished_ns - result->waited_ns;
    return !is_race && result->attempts <= 1 && entry->asked <= 1 &&
           began_ns - wait->began_ns <= slack_ns;
}

/*
 * Whether the row says nothing because the wait ended first: its silence was shorter than a
 * timeout, or it was not asked at all. Where the run's own time (-m) is the end, the engine's
 * word for a shortened attempt decides. The end of a wait is a wish of the user's, and a target
 * that was silent from its start to its end is silent, however short that is.
 */
static bool is_cut(const struct wait *wait, const struct entry *entry,
                   const struct result *result)
{
    if (wait->ends_run)
        return result->is_cut;
    if (result->outcome.remark == REMARK_CUT)
        return true;
    return is_silent(result) && is_time_over(wait, result->finished_ns) &&
           result->waited_ns < wait->timeout_ns && !is_silent_all_along(wait, entry, result);
}

/* Whether a shorter silence than a timeout would have to prove that a port is closed. */
static bool is_unproved(const struct wait *wait, const struct result *result)
{
    return result->is_cut && (is_silent(result) || !wait->is_by_address);
}

/* All rows of an answer are there. */
static void conclude(struct wait *wait, struct entry *entry, int64_t now_ns)
{
    (void)entries_answered(wait->entries, &entry->endpoint);
    entry->answered_ns = now_ns;
    if (entry->is_failing)
        note_unexpected(wait, entry, now_ns);
    else
        note_expected(wait, entry, now_ns);
    if (is_all_expected(wait) && wait->entries->out == 0)
        confirm(wait, now_ns);
}

/* What is expected down is so where its name went with it. */
static void judge_name(const struct wait *wait, struct result *result)
{
    if (!result->is_gone || !result_expects_down(result, wait->expects_down))
        return;
    result->outcome.reason = REASON_GONE;
    result->outcome.remark = REMARK_GONE;
}

static enum row_use answered(void *self, struct result *result, int64_t now_ns)
{
    struct wait *wait = self;
    struct entry *entry = &wait->entries->items[result->endpoint.member];
    bool is_rest = !entry->is_out;
    if (is_rest) {
        result->change.news = NEWS_NEW;
        return ROW_USE_SHOW;
    }
    judge_name(wait, result);
    bool is_expected = result_is_expected(result, wait->expects_down);
    bool was_cut = is_cut(wait, entry, result) || (is_expected && is_unproved(wait, result));
    entry->is_failing |= was_cut || !is_expected;
    entry->has_row = true;
    if (!is_expected && !was_cut)
        entry->streak = 0;
    if (result->row + 1 == result->rows)
        conclude(wait, entry, now_ns);
    if (!was_cut)
        return ROW_USE_COUNT;
    result->outcome =
        outcome_of_remark(REASON_LOCAL, wait->ends_run ? REMARK_OVER : REMARK_CUT);
    result->others_failed = 0;
    return ROW_USE_STAND_IN;
}

/* With is_any one is enough. Otherwise all are, and confirmed; of no targets, all always are.
 */
bool wait_is_met(const struct wait *wait)
{
    if (!wait->has_begun)
        return false;
    if (wait->is_any && wait->entries->count > 0)
        return wait->expected > 0;
    return is_all_expected(wait) && entries_are_idle(wait->entries);
}

static bool is_over(const void *self, int64_t now_ns)
{
    const struct wait *wait = self;
    if (wait_is_met(wait) || (wait->has_begun && entries_are_idle(wait->entries)))
        return true;
    return is_time_over(wait, now_ns) &&
           (wait->entries->out == 0 || now_ns >= wait->until_ns + grace_ns);
}

static enum schedule_end end(const void *self)
{
    const struct wait *wait = self;
    if (wait_is_met(wait))
        return SCHEDULE_END_MET;
    return wait->is_impossible || wait->has_invalid ? SCHEDULE_END_ERROR : SCHEDULE_END_UNMET;
}

static enum error rest(void *self, struct endpoint *endpoint)
{
    struct wait *wait = self;
    return entries_rest(wait->entries, endpoint);
}

static bool has_rest(const void *self)
{
    const struct wait *wait = self;
    return entries_have_rest(wait->entries);
}

struct schedule wait_schedule(struct wait *wait)
{
    return (struct schedule){
        .self = wait,
        .next = next,
        .due_ns = due_ns,
        .wake_ns = wake_ns,
        .answered = answered,
        .is_over = is_over,
        .end = end,
        .rest = rest,
        .has_rest = has_rest,
    };
}
