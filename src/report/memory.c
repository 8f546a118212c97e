#include "netcheck/report/memory.h"

#include <stdlib.h>
#include <string.h>

#include "netcheck/report/alert.h"
#include "netcheck/report/wording.h"
#include "memory_entry.h"
#include "memory_runs.h"

/* Where the clock is far off, what the file can hold. */
static int64_t storable(int64_t wall_s)
{
    static const int64_t most_s = INT64_C(253402300799); /* 9999-12-31T23:59:59Z */
    return wall_s < 0 ? 0 : wall_s > most_s ? most_s : wall_s;
}

void memory_init(struct memory *memory, const struct memory_options *options)
{
    *memory =
        (struct memory){.options = *options, .run_s = MEMORY_NEVER, .previous_s = MEMORY_NEVER};
}

void memory_release(struct memory *memory)
{
    for (size_t i = 0; i < memory->count; i++)
        memory_entry_free(memory->items[i]);
    free(memory->items);
    free(memory->slots);
    memory_init(memory, &memory->options);
}

/* "db:5432", tab, "tcp", tab; behind it stands the address. */
static void add_prefix(struct buffer *out, const struct endpoint *endpoint)
{
    wording_label(out, endpoint);
    buffer_add_format(out, "\t%s\t", protocols_name(endpoint->protocol));
}

static bool add_key(const struct memory *memory, struct buffer *out,
                    const struct endpoint *endpoint)
{
    char address[ADDRESS_TEXT_SIZE] = "";
    add_prefix(out, endpoint);
    size_t len = out->len;
    if (memory->options.is_by_address)
        address_format(&endpoint->address, address);
    buffer_add_text(out, address[0] != '\0' ? address : "-");
    buffer_add(out, "", 1);
    return len + 2 == out->len && out->bytes[len] == '-';
}

/* Whether the target was asked since the entry had a row, up to `round`. */
static bool is_stale(const struct memory_entry *entry, uint64_t round)
{
    uint64_t last = entry->round != MEMORY_UNSEEN ? entry->round : 0;
    return round > last + 1;
}

/* What was known of it before `round`; NULL: nothing that counts. */
static const struct remembered *known_before(const struct memory_entry *entry, uint64_t round)
{
    const struct remembered *known = entry->round == round ? &entry->before : &entry->now;
    return known->since_s != MEMORY_NEVER && !is_stale(entry, round) ? known : NULL;
}

/* What is known of a target that has no address in this row, by the ones it had. */
static const struct remembered *find_by_prefix(const struct memory *memory, const char *prefix,
                                               size_t len, uint64_t round)
{
    const struct remembered *known = NULL;
    size_t i = memory_entry_with_prefix(memory, prefix, len);
    for (; known == NULL && i < memory->sorted; i++) {
        if (strncmp(memory->items[i]->key, prefix, len) != 0)
            return NULL;
        known = known_before(memory->items[i], round);
    }
    return known;
}

/* What speaks for a target of which nothing is remembered at this address, or without one. */
static const struct remembered *find_relative(const struct memory *memory,
                                              const struct result *result, bool has_no_address)
{
    struct buffer key = BUFFER_EMPTY;
    const struct memory_entry *entry = NULL;
    const struct remembered *known = NULL;
    add_prefix(&key, &result->endpoint);
    size_t len = key.len;
    buffer_add(&key, "-", 2);
    if (!key.has_failed && has_no_address)
        known = find_by_prefix(memory, key.bytes, len, result->round);
    else if (!key.has_failed && (entry = memory_entry_find(memory, key.bytes)) != NULL)
        known = known_before(entry, result->round);
    buffer_release(&key);
    return known;
}

static void inherit(struct memory_entry *entry, const struct remembered *known)
{
    memory_runs_free(entry->now.runs);
    entry->now = known != NULL ? *known : memory_nothing;
    entry->now.runs = NULL;
    entry->before = entry->now;
}

/* The entry of the row, with what is remembered of it before this row; NULL without memory. */
static struct memory_entry *take_entry(struct memory *memory, const struct result *result)
{
    struct buffer key = BUFFER_EMPTY;
    bool has_no_address = add_key(memory, &key, &result->endpoint);
    struct memory_entry *entry = NULL;
    if (!key.has_failed)
        entry = memory_entry_find(memory, key.bytes);
    bool is_by_address = memory->options.is_by_address;
    bool is_unknown = entry == NULL || (is_by_address && is_stale(entry, result->round));
    if (entry != NULL && is_unknown)
        memory_entry_sort(memory); /* addresses may have come since it was done last */
    const struct remembered *known =
        is_unknown ? find_relative(memory, result, has_no_address) : NULL;
    if (entry == NULL && !key.has_failed)
        entry = memory_entry_add(memory, key.bytes);
    if (entry != NULL && is_unknown)
        inherit(entry, known);
    buffer_release(&key);
    return entry;
}

static struct alert_clock clock_of(const struct memory *memory,
                                   const struct memory_entry *entry, int64_t now_s)
{
    bool has_period = memory->run_s != MEMORY_NEVER && memory->previous_s != MEMORY_NEVER &&
                      memory->previous_s < memory->run_s;
    struct alert_clock clock = {
        .now_s = now_s,
        .last_s = memory->run_s,
        .period_s = has_period ? memory->run_s - memory->previous_s : 0,
    };
    if (memory->options.interval_s > 0 && entry->asked_s != MEMORY_NEVER) {
        clock.last_s = entry->asked_s;
        clock.period_s = memory->options.interval_s;
    }
    return clock;
}

static int rank_of(const struct alert_row *row)
{
    bool is_error = reason_state(row->reason) == STATE_ERROR;
    return is_error ? 2 : row->is_expected ? 0 : 1;
}

static enum error add_run(struct memory *memory, struct memory_entry *entry,
                          const struct result *result, bool is_another)
{
    bool is_up = outcome_state(&result->outcome) == STATE_UP;
    const struct memory_run run = {
        .reason = is_up ? REASON_CONNECTED : result->outcome.reason,
        .latency_ns = result_latency_ns(result),
    };
    if (!memory->has_runs)
        return ERROR_NONE;
    return memory_runs_add(&entry->now.runs, run, is_another);
}

/* The row counts: in the place of another one of its run, where there was one. */
static enum error count_row(struct memory *memory, struct memory_entry *entry,
                            const struct result *result, const struct remembered *then)
{
    bool is_another = entry->round != MEMORY_UNSEEN && result->round <= entry->round;
    struct memory_runs *runs = entry->now.runs;
    entry->now = *then;
    entry->now.runs = runs;
    entry->round = result->round;
    return add_run(memory, entry, result, is_another);
}

enum error memory_add(struct memory *memory, struct result *result, int64_t now_s,
                      bool is_shown)
{
    const struct memory_options *options = &memory->options;
    const struct alert_policy policy = {options->confirmations, options->remind_s};
    if (result->outcome.reason == REASON_INVALID) {
        result->change = (struct change){.news = NEWS_NEW};
        return ERROR_NONE;
    }
    now_s = storable(now_s);
    struct memory_entry *entry = take_entry(memory, result);
    if (entry == NULL)
        return ERROR_NO_MEMORY;
    bool is_double = entry->round != MEMORY_UNSEEN && result->round <= entry->round;
    const struct alert_row row = {
        .reason = result->outcome.reason,
        .is_expected = result_is_expected(result, options->expects_down),
        .expects_down = result_expects_down(result, options->expects_down),
        .is_shown = is_shown,
    };
    const struct alert_clock clock = clock_of(memory, entry, now_s);
    if (!is_double)
        entry->before = entry->now;
    struct remembered then = entry->before;
    alert_decide(&policy, &clock, &row, &then, &result->change);
    memory->doubles += is_double;
    if (is_double && rank_of(&row) <= entry->rank) {
        result->change.news = NEWS_NONE;
        return ERROR_NONE;
    }
    entry->rank = rank_of(&row);
    enum error error = count_row(memory, entry, result, &then);
    entry->asked_s = now_s;
    return error;
}

const struct remembered *memory_find(const struct memory *memory,
                                     const struct endpoint *endpoint)
{
    struct buffer key = BUFFER_EMPTY;
    if (endpoint->protocol == PROTOCOL_NONE)
        return NULL;
    (void)add_key(memory, &key, endpoint);
    const struct memory_entry *entry =
        key.has_failed ? NULL : memory_entry_find(memory, key.bytes);
    buffer_release(&key);
    return entry != NULL && entry->round != MEMORY_UNSEEN ? &entry->now : NULL;
}

/* In rounds, an address that the last two askings of its target did not have is gone; these
   entries are of one target. */
static void mark_gone(struct memory_entry **items, size_t count)
{
    uint64_t newest = 0;
    for (size_t i = 0; i < count; i++)
        if (items[i]->round != MEMORY_UNSEEN && items[i]->round > newest)
            newest = items[i]->round;
    for (size_t i = 0; i < count; i++)
        if (is_stale(items[i], newest))
            items[i]->round = MEMORY_UNSEEN;
}

/* Where the entries of the target at `begin` end: they stand together. */
static size_t find_end(const struct memory *memory, size_t begin)
{
    const char *key = memory->items[begin]->key;
    size_t prefix_len = (size_t)(strrchr(key, '\t') - key) + 1;
    size_t end = begin + 1;
    while (end < memory->count && strncmp(memory->items[end]->key, key, prefix_len) == 0)
        end++;
    return end;
}

static void find_gone(struct memory *memory)
{
    memory_entry_sort(memory);
    for (size_t begin = 0, end = 0; begin < memory->count; begin = end) {
        end = find_end(memory, begin);
        mark_gone(&memory->items[begin], end - begin);
    }
}

static bool is_seen(const struct memory_entry *entry)
{
    return entry->round != MEMORY_UNSEEN;
}

static bool has_seen(const struct memory *memory)
{
    for (size_t i = 0; i < memory->count; i++)
        if (is_seen(memory->items[i]))
            return true;
    return false;
}

/* When a target was asked that the run, or the last rounds, did not ask. */
static int64_t find_asked(const struct memory *memory, const struct memory_entry *entry,
                          int64_t at_s)
{
    int64_t long_s = GAP_PERIODS * memory->options.interval_s;
    if (entry->round == MEMORY_UNSEEN)
        return entry->now.asked_s != MEMORY_NEVER ? entry->now.asked_s : memory->run_s;
    bool is_behind = memory->options.interval_s > 0 && entry->asked_s != MEMORY_NEVER &&
                     at_s - entry->asked_s > long_s;
    return is_behind ? entry->asked_s : MEMORY_NEVER;
}

int64_t memory_interval_s(const struct memory *memory, int64_t now_s)
{
    if (memory->run_s == MEMORY_NEVER || memory->run_s >= now_s)
        return 0;
    int64_t interval_s = now_s - memory->run_s;
    bool has_previous =
        memory->previous_s != MEMORY_NEVER && memory->previous_s < memory->run_s;
    int64_t before_s = has_previous ? memory->run_s - memory->previous_s : interval_s;
    return before_s < interval_s ? before_s : interval_s;
}

enum error memory_end_run(struct memory *memory, int64_t at_s, bool is_whole)
{
    enum error error = ERROR_NONE;
    int64_t interval_s = memory->options.interval_s;
    if (!has_seen(memory))
        return ERROR_NONE;
    at_s = storable(at_s);
    if (is_whole && memory->options.is_by_address)
        find_gone(memory);
    if (is_whole)
        error = memory_entry_filter(memory, is_seen);
    for (size_t i = 0; i < memory->count; i++)
        memory->items[i]->now.asked_s = find_asked(memory, memory->items[i], at_s);
    memory->previous_s = interval_s == 0     ? memory->run_s
                         : interval_s < at_s ? at_s - interval_s
                                             : MEMORY_NEVER;
    memory->run_s = at_s;
    return error;
}
