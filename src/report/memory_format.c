/*
 * memory_format: the state file, written.
 */
#include "netcheck/report/memory.h"

#include <string.h>

#include "netcheck/base/base.h"
#include "memory_entry.h"
#include "memory_runs.h"
#include "memory_text.h"

enum {
    PART_SIZE = 64 * 1024,
    LATENCY_SIZE = 24, /* of any int64_t with its sign, two decimals and a separator */
};

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

static char *put_number(char *at, int64_t number)
{
    int len = 1;
    for (int64_t rest = number / 10; rest > 0; rest /= 10)
        len++;
    add_digits(at, number, len);
    return at + len;
}

/* Milliseconds with the decimals that memory_runs leaves. */
static char *put_latency(char *at, int64_t latency_ns)
{
    bool is_small = latency_ns < 95 * NS_PER_US;
    if (latency_ns < 0) {
        *at = '-';
        return at + 1;
    }
    at = put_number(at, latency_ns / NS_PER_MS);
    if (latency_ns % NS_PER_MS == 0)
        return at;
    *at = '.';
    add_digits(at + 1, latency_ns % NS_PER_MS / (10 * NS_PER_US), 2);
    return at + (is_small ? 3 : 2);
}

/* Put together first: to append each of 90 numbers takes longer than to make it. */
static void add_latencies(struct buffer *out, const struct memory_run *runs, size_t count)
{
    char text[MEMORY_RUNS * LATENCY_SIZE];
    char *at = text;
    for (size_t i = 0; i < count; i++) {
        *at++ = i == 0 ? '\t' : ',';
        at = put_latency(at, runs[i].latency_ns);
    }
    buffer_add(out, text, (size_t)(at - text));
}

static void add_history(struct buffer *out, const struct memory_entry *entry)
{
    struct memory_run runs[MEMORY_RUNS];
    size_t count = memory_runs_list(entry->now.runs, runs);
    if (count == 0)
        return;
    buffer_add_format(out, "history\t%s\t", entry->key);
    for (size_t i = 0, next = 0; i < count; i = next) {
        char code = memory_code(runs[i].reason);
        while (next < count && memory_code(runs[next].reason) == code)
            next++;
        buffer_add_format(out, "%c%zu", code, next - i);
    }
    add_latencies(out, runs, count);
    buffer_add_text(out, "\n");
}

static void add_head(struct buffer *out, const struct memory *memory)
{
    buffer_add_format(out, "%s%d\n", MEMORY_MAGIC, MEMORY_VERSION);
    if (memory->run_s != MEMORY_NEVER) {
        buffer_add_text(out, "run\t");
        add_time(out, memory->run_s);
        buffer_add_format(out, "\t%zu\t", memory->count);
        add_time(out, memory->previous_s);
        buffer_add_text(out, "\n");
    }
    buffer_add_text(out, header);
}

/* Places: the head, the targets, the head of their runs, these, and the end, which is the last
   one. Returns whether there is one behind it. */
static bool add_place(struct buffer *out, const struct memory *memory, size_t place)
{
    size_t count = memory->count;
    if (place == 0)
        add_head(out, memory);
    else if (place <= count)
        add_target(out, memory->items[place - 1]);
    else if (place > 2 * count + 1)
        buffer_add_format(out, "end\t%zu\n", count);
    else if (memory->has_runs && place == count + 1)
        buffer_add_text(out, history_header);
    else if (memory->has_runs)
        add_history(out, memory->items[place - count - 2]);
    return place <= 2 * count + 1;
}

bool memory_format(struct memory *memory, size_t *place, struct buffer *out)
{
    size_t begin = out->len;
    bool has_more = true;
    memory_entry_sort(memory);
    while (has_more && !out->has_failed && out->len - begin < PART_SIZE)
        has_more = add_place(out, memory, (*place)++);
    return has_more;
}
