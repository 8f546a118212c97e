/*
 * memory_format: the state file, written.
 */
#include "netcheck/report/memory.h"

#include <string.h>

#include "netcheck/base/base.h"
#include "memory_entry.h"
#include "memory_text.h"

static const char header[] =
    "#target\tprotocol\taddress\tstate\treason\tsince\ttold\tnext\tcount\tfirst\n";
static const char history_header[] = "#history\ttarget\tprotocol\taddress\truns\tconnect_ms\n";

/* What a run came to, a letter each. */
static const char codes[REASON_COUNT] = {
    [REASON_CONNECTED] = 'u',   [REASON_REPLIED] = 'u',         [REASON_MATCHED] = 'u',
    [REASON_READY] = 'u',       [REASON_REFUSED] = 'r',         [REASON_TIMEOUT] = 't',
    [REASON_UNREACHABLE] = 'n', [REASON_PROHIBITED] = 'p',      [REASON_MISMATCHED] = 'm',
    [REASON_CLOSED] = 'c',      [REASON_NOT_READY] = 'y',       [REASON_TOOBIG] = 'b',
    [REASON_GONE] = 'g',        [REASON_UNRESOLVED] = 'd',      [REASON_INVALID] = 'i',
    [REASON_LOCAL] = 'l',       [REASON_RESOLVE_TIMEOUT] = 'w',
};

char memory_code(enum reason reason)
{
    return codes[reason];
}

/* Days from 1 March of the year 0 to 1 March of `year`. */
static int64_t days_before(int64_t year)
{
    return year * 365 + year / 4 - year / 100 + year / 400;
}

/* Years begin in March, so that leap days end them. */
int64_t memory_day_of(int64_t year, int64_t month, int64_t day)
{
    int64_t months = (month + 9) % 12;
    return days_before(month > 2 ? year : year - 1) + (months * 153 + 2) / 5 + day - 1;
}

/* Without the C library, which takes longer for times than for all else. */
static void add_digits(char *at, int64_t number, int count)
{
    for (int i = count - 1; i >= 0; i--, number /= 10)
        at[i] = (char)('0' + number % 10);
}

static void add_time(struct buffer *out, int64_t wall_s)
{
    char text[MEMORY_TIME_LEN + 1] = "0000-00-00T00:00:00Z";
    if (wall_s == MEMORY_NEVER) {
        buffer_add(out, "-", 1);
        return;
    }
    int64_t day = wall_s / 86400 + memory_day_of(1970, 1, 1);
    int64_t year = day * 400 / 146097;
    while (days_before(year + 1) <= day)
        year++;
    while (days_before(year) > day)
        year--;
    int64_t rest = day - days_before(year);
    int64_t months = (rest * 5 + 2) / 153;
    int64_t month = (months + 2) % 12 + 1;
    add_digits(text, month > 2 ? year : year + 1, 4);
    add_digits(text + 5, month, 2);
    add_digits(text + 8, rest - (months * 153 + 2) / 5 + 1, 2);
    add_digits(text + 11, wall_s % 86400 / 3600, 2);
    add_digits(text + 14, wall_s % 3600 / 60, 2);
    add_digits(text + 17, wall_s % 60, 2);
    buffer_add(out, text, MEMORY_TIME_LEN);
}

static void add_column(struct buffer *out, const char *text)
{
    buffer_add_text(out, "\t");
    buffer_add_text(out, text);
}

static void add_time_column(struct buffer *out, int64_t wall_s)
{
    buffer_add_text(out, "\t");
    add_time(out, wall_s);
}

static void add_belief(struct buffer *out, const struct belief *belief)
{
    add_column(out, state_name(belief->state));
    add_time_column(out, belief->since_s);
    add_time_column(out, belief->until_s);
    add_time_column(out, belief->told_s);
    add_column(out, !belief->was_unknown           ? "-"
                    : belief->known == STATE_COUNT ? "unknown"
                                                   : state_name(belief->known));
}

/* Columns that only some targets have, up to the last one of them. */
static void add_rest(struct buffer *out, const struct remembered *remembered)
{
    bool has_belief = remembered->belief.state != STATE_COUNT;
    bool has_asked = has_belief || remembered->asked_s != MEMORY_NEVER;
    bool has_expected = has_asked || remembered->expects_down;
    bool has_known = has_expected || remembered->known != STATE_COUNT;
    if (has_known)
        add_column(out, remembered->known != STATE_COUNT ? state_name(remembered->known) : "-");
    if (has_expected)
        add_column(out, remembered->expects_down ? "down" : "-");
    if (has_asked)
        add_time_column(out, remembered->asked_s);
    if (has_belief)
        add_belief(out, &remembered->belief);
}

static void add_target(struct buffer *out, const struct memory_entry *entry)
{
    const struct remembered *now = &entry->now;
    buffer_add_text(out, entry->key);
    buffer_add_text(out, "\t");
    buffer_add_text(out, state_name(now->state));
    buffer_add_text(out, "\t");
    buffer_add_text(out, reason_name(now->reason));
    buffer_add_text(out, "\t");
    add_time(out, now->since_s);
    buffer_add_text(out, "\t");
    add_time(out, now->told_s);
    if (now->next_count > 0)
        buffer_add_format(out, "\t%s\t%zu\t", state_name(now->next), now->next_count);
    else
        buffer_add_text(out, "\t-\t0\t");
    add_time(out, now->first_s);
    add_rest(out, now);
    buffer_add_text(out, "\n");
}

static void add_number(struct buffer *out, int64_t number)
{
    char text[MEMORY_TIME_LEN];
    int len = 1;
    for (int64_t rest = number / 10; rest > 0; rest /= 10)
        len++;
    add_digits(text, number, len);
    buffer_add(out, text, (size_t)len);
}

/* Milliseconds with the decimals that memory_round() leaves. */
static void add_latency(struct buffer *out, int64_t latency_ns)
{
    char fraction[] = ".00";
    bool is_small = latency_ns < 95 * NS_PER_US;
    if (latency_ns < 0) {
        buffer_add(out, "-", 1);
        return;
    }
    add_number(out, latency_ns / NS_PER_MS);
    if (latency_ns % NS_PER_MS == 0)
        return;
    add_digits(fraction + 1, latency_ns % NS_PER_MS / (10 * NS_PER_US), 2);
    buffer_add(out, fraction, is_small ? 3 : 2);
}

static void add_history(struct buffer *out, const struct memory_entry *entry)
{
    const struct remembered *now = &entry->now;
    if (now->run_count == 0)
        return;
    buffer_add_format(out, "history\t%s\t", entry->key);
    for (size_t i = 0, next = 0; i < now->run_count; i = next) {
        char code = memory_code(now->runs[i].reason);
        while (next < now->run_count && memory_code(now->runs[next].reason) == code)
            next++;
        buffer_add_format(out, "%c%zu", code, next - i);
    }
    for (size_t i = 0; i < now->run_count; i++) {
        buffer_add(out, i == 0 ? "\t" : ",", 1);
        add_latency(out, now->runs[i].latency_ns);
    }
    buffer_add_text(out, "\n");
}

void memory_format(struct memory *memory, struct buffer *out)
{
    memory_entry_sort(memory);
    buffer_add_format(out, "%s%d\n", MEMORY_MAGIC, MEMORY_VERSION);
    if (memory->run_s != MEMORY_NEVER) {
        buffer_add_text(out, "run\t");
        add_time(out, memory->run_s);
        buffer_add_format(out, "\t%zu\t", memory->count);
        add_time(out, memory->previous_s);
        buffer_add_text(out, "\n");
    }
    buffer_add_text(out, header);
    for (size_t i = 0; i < memory->count; i++)
        add_target(out, memory->items[i]);
    if (memory->has_runs)
        buffer_add_text(out, history_header);
    for (size_t i = 0; memory->has_runs && i < memory->count; i++)
        add_history(out, memory->items[i]);
    buffer_add_format(out, "end\t%zu\n", memory->count);
}
