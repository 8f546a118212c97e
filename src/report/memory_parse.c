/*
 * memory_parse: the state file, read.
 */
#include "netcheck/report/memory.h"

#include <string.h>

#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "memory_entry.h"
#include "memory_runs.h"
#include "memory_text.h"

enum {
    KEY_COLUMNS = 3,
    COLUMNS = 10, /* that each target has */
    BELIEF = 13,  /* where the columns of a belief begin, ... */
    BELIEF_COLUMNS = 5,
    COLUMNS_MAX = BELIEF + BELIEF_COLUMNS, /* that are known */
    COUNT_MAX = 1000000000,
    MAGIC_LEN = sizeof MEMORY_MAGIC - 1,
};

static const char magic[] = MEMORY_MAGIC;

/* The number at `text`, up to COUNT_MAX. Returns where it ends; NULL: there is none. */
static const char *parse_digits(const char *text, const char *end, int64_t *number)
{
    const char *at = text;
    int64_t sum = 0;
    for (; at < end && ascii_is_digit(*at) && sum <= COUNT_MAX; at++)
        sum = sum * 10 + (*at - '0');
    *number = sum;
    return at > text && sum <= COUNT_MAX ? at : NULL;
}

static bool parse_number(const char *text, size_t len, int64_t *number)
{
    return parse_digits(text, text + len, number) == text + len;
}

/* Part of a time, as large as allowed. */
static bool parse_part(const char *text, size_t len, int64_t least, int64_t most,
                       int64_t *number)
{
    return parse_number(text, len, number) && *number >= least && *number <= most;
}

struct column {
    const char *text;
    size_t len;
};

static bool is_word(const struct column *column, const char *word)
{
    return strlen(word) == column->len && memcmp(word, column->text, column->len) == 0;
}

static bool parse_time(const struct column *column, int64_t *wall_s)
{
    const char *t = column->text;
    int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    if (column->len != MEMORY_TIME_LEN || t[4] != '-' || t[7] != '-' || t[10] != 'T' ||
        t[13] != ':' || t[16] != ':' || t[19] != 'Z')
        return false;
    if (!parse_part(t, 4, 1970, 9999, &year) || !parse_part(t + 5, 2, 1, 12, &month) ||
        !parse_part(t + 8, 2, 1, 31, &day) || !parse_part(t + 11, 2, 0, 23, &hour) ||
        !parse_part(t + 14, 2, 0, 59, &minute) || !parse_part(t + 17, 2, 0, 59, &second))
        return false;
    int64_t days = memory_day_of(year, month, day) - memory_day_of(1970, 1, 1);
    int64_t next = memory_day_of(month == 12 ? year + 1 : year, month % 12 + 1, 1);
    *wall_s = days * 86400 + hour * 3600 + minute * 60 + second;
    return memory_day_of(year, month, day) < next;
}

/* The same, or "-". */
static bool parse_time_or_none(const struct column *column, int64_t *wall_s)
{
    *wall_s = MEMORY_NEVER;
    return is_word(column, "-") || parse_time(column, wall_s);
}

static bool parse_state(const struct column *column, enum state *state)
{
    for (*state = STATE_UP; *state < STATE_COUNT; (*state)++)
        if (is_word(column, state_name(*state)))
            return true;
    return false;
}

static bool parse_reason(const struct column *column, enum state state, enum reason *reason)
{
    for (*reason = 0; *reason < REASON_COUNT; (*reason)++)
        if (is_word(column, reason_name(*reason)))
            return *reason != REASON_INVALID && reason_state(*reason) == state;
    return false;
}

/* The columns of a line, at most COLUMNS_MAX. Returns how many; an empty one makes it 0. */
static size_t split(const char *line, size_t len, struct column *columns)
{
    size_t count = 0;
    const char *end = line + len;
    while (count < COLUMNS_MAX) {
        const char *tab = memchr(line, '\t', (size_t)(end - line));
        size_t column_len = (size_t)((tab != NULL ? tab : end) - line);
        if (column_len == 0)
            return 0;
        columns[count++] = (struct column){line, column_len};
        if (tab == NULL)
            break;
        line = tab + 1;
    }
    return count;
}

/* Another state that was not seen often enough: all three columns, or none. */
static bool parse_pending(const struct column *columns, struct remembered *remembered)
{
    int64_t count = 0;
    if (!parse_number(columns[1].text, columns[1].len, &count) ||
        !parse_time_or_none(&columns[2], &remembered->first_s))
        return false;
    remembered->next_count = (size_t)count;
    if (count == 0)
        return is_word(&columns[0], "-") && remembered->first_s == MEMORY_NEVER;
    return parse_state(&columns[0], &remembered->next) &&
           remembered->next != remembered->state && remembered->first_s != MEMORY_NEVER;
}

/* What the reader believes: all of these columns, or none. */
static bool parse_belief(const struct column *columns, size_t count,
                         struct remembered *remembered)
{
    struct belief belief = MEMORY_NO_BELIEF;
    if (count == 0 || is_word(&columns[0], "-"))
        return true;
    if (count < BELIEF_COLUMNS || !parse_state(&columns[0], &belief.state) ||
        belief.state == remembered->state ||
        !parse_time_or_none(&columns[1], &belief.since_s) ||
        !parse_time(&columns[2], &belief.until_s) ||
        !parse_time_or_none(&columns[3], &belief.told_s))
        return false;
    belief.was_unknown = !is_word(&columns[4], "-");
    if (belief.was_unknown && !is_word(&columns[4], "unknown") &&
        (!parse_state(&columns[4], &belief.known) || belief.known == STATE_ERROR))
        return false;
    remembered->belief = belief;
    return !belief.was_unknown || belief.state == STATE_ERROR;
}

/* Columns that only some targets have. */
static bool parse_rest(const struct column *columns, size_t count,
                       struct remembered *remembered)
{
    if (count > COLUMNS && !is_word(&columns[COLUMNS], "-")) {
        if (!parse_state(&columns[COLUMNS], &remembered->known) ||
            remembered->reason != REASON_LOCAL || remembered->known == STATE_ERROR)
            return false;
    }
    if (count > COLUMNS + 1 && !is_word(&columns[COLUMNS + 1], "-")) {
        if (!is_word(&columns[COLUMNS + 1], "down") || remembered->told_s == MEMORY_NEVER)
            return false;
        remembered->expects_down = true;
    }
    if (count > COLUMNS + 2 && !parse_time_or_none(&columns[COLUMNS + 2], &remembered->asked_s))
        return false;
    return parse_belief(&columns[BELIEF], count > BELIEF ? count - BELIEF : 0, remembered);
}

static bool parse_remembered(const struct column *columns, size_t count,
                             struct remembered *remembered)
{
    return parse_state(&columns[3], &remembered->state) &&
           parse_reason(&columns[4], remembered->state, &remembered->reason) &&
           parse_time(&columns[5], &remembered->since_s) &&
           parse_time_or_none(&columns[6], &remembered->told_s) &&
           parse_pending(&columns[7], remembered) && parse_rest(columns, count, remembered);
}

/* Three columns as a terminated key, which is the caller's to release. */
static bool make_key(struct buffer *key, const struct column *columns)
{
    const struct column *last = &columns[KEY_COLUMNS - 1];
    size_t len = (size_t)(last->text + last->len - columns[0].text);
    buffer_add(key, columns[0].text, len);
    buffer_add(key, "", 1);
    return !key->has_failed && memchr(columns[0].text, '\0', len) == NULL;
}

static enum memory_fault parse_target(struct memory *memory, const struct column *columns,
                                      size_t count)
{
    struct remembered remembered = memory_nothing;
    struct buffer key = BUFFER_EMPTY;
    enum memory_fault fault = MEMORY_FAULT_NONE;
    if (count < COLUMNS || !parse_remembered(columns, count, &remembered))
        return MEMORY_FAULT_LINE;
    bool is_key = make_key(&key, columns);
    struct memory_entry *entry = NULL;
    if (!is_key)
        fault = key.has_failed ? MEMORY_FAULT_MEMORY : MEMORY_FAULT_LINE;
    else if (memory_entry_find(memory, key.bytes) != NULL)
        fault = MEMORY_FAULT_DOUBLE;
    else if ((entry = memory_entry_add(memory, key.bytes)) == NULL)
        fault = MEMORY_FAULT_MEMORY;
    else
        entry->now = entry->before = remembered;
    buffer_release(&key);
    return fault;
}

static bool parse_code(char letter, enum reason *reason)
{
    for (*reason = 0; *reason < REASON_COUNT; (*reason)++)
        if (memory_code(*reason) == letter)
            return true;
    return false;
}

/* "u89t1" */
static bool parse_codes(const struct column *column, struct memory_run *runs, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < column->len;) {
        enum reason reason;
        int64_t times = 0;
        size_t begin = i + 1;
        if (!parse_code(column->text[i], &reason))
            return false;
        for (i = begin; i < column->len && ascii_is_digit(column->text[i]);)
            i++;
        if (!parse_part(column->text + begin, i - begin, 1, MEMORY_RUNS - (int64_t)*count,
                        &times))
            return false;
        for (; times > 0; times--)
            runs[(*count)++].reason = reason;
    }
    return true;
}

/* "0.04", "1021" milliseconds; "-". Returns where it ends; NULL: it is none. */
static const char *parse_latency(const char *text, const char *end, int64_t *latency_ns)
{
    int64_t whole = 0;
    int64_t fraction = 0;
    *latency_ns = -1;
    if (text < end && *text == '-')
        return text + 1;
    const char *point = parse_digits(text, end, &whole);
    *latency_ns = whole * NS_PER_MS;
    if (point == NULL || point == end || *point != '.')
        return point;
    const char *stop = parse_digits(point + 1, end, &fraction);
    if (stop == NULL || stop - point > 3)
        return NULL;
    *latency_ns += fraction * (stop - point == 2 ? NS_PER_MS / 10 : NS_PER_MS / 100);
    return stop;
}

/* As many as there are runs, with commas between them. */
static bool parse_latencies(const struct column *column, struct memory_run *runs, size_t count)
{
    const char *at = column->text;
    const char *end = at + column->len;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (at == end || *at++ != ','))
            return false;
        at = parse_latency(at, end, &runs[i].latency_ns);
        if (at == NULL)
            return false;
    }
    return at == end;
}

/* "history", the key, codes, latencies. */
static enum memory_fault parse_history(struct memory *memory, const struct column *columns,
                                       size_t count)
{
    struct memory_run runs[MEMORY_RUNS];
    size_t run_count = 0;
    struct buffer key = BUFFER_EMPTY;
    if (count < KEY_COLUMNS + 3 || !parse_codes(&columns[4], runs, &run_count) ||
        !parse_latencies(&columns[5], runs, run_count))
        return MEMORY_FAULT_LINE;
    struct memory_entry *entry =
        make_key(&key, &columns[1]) ? memory_entry_find(memory, key.bytes) : NULL;
    bool has_failed = key.has_failed;
    buffer_release(&key);
    if (entry == NULL)
        return has_failed ? MEMORY_FAULT_MEMORY : MEMORY_FAULT_LINE;
    if (entry->now.runs != NULL)
        return MEMORY_FAULT_DOUBLE;
    memory->has_runs = true;
    entry->now.runs = memory_runs_new(runs, run_count);
    return entry->now.runs != NULL ? MEMORY_FAULT_NONE : MEMORY_FAULT_MEMORY;
}

/* "run", this one, targets, the one before. */
static bool parse_run(struct memory *memory, const struct column *columns, size_t count)
{
    int64_t targets = 0;
    return count >= 4 && memory->run_s == MEMORY_NEVER &&
           parse_time(&columns[1], &memory->run_s) &&
           parse_number(columns[2].text, columns[2].len, &targets) &&
           parse_time_or_none(&columns[3], &memory->previous_s);
}

static enum memory_fault parse_line(struct memory *memory, const char *line, size_t len)
{
    struct column columns[COLUMNS_MAX];
    if (line[0] == '#')
        return MEMORY_FAULT_NONE;
    size_t count = split(line, len, columns);
    if (count == 0)
        return MEMORY_FAULT_LINE;
    if (is_word(&columns[0], "run"))
        return parse_run(memory, columns, count) ? MEMORY_FAULT_NONE : MEMORY_FAULT_LINE;
    if (is_word(&columns[0], "history"))
        return parse_history(memory, columns, count);
    return parse_target(memory, columns, count);
}

/* Where the text of the line ends that ends with the LF at `end`: git and editors may have put
   a CR before it. */
static size_t text_len(const char *line, const char *end)
{
    return (size_t)(end - line) - (end > line && end[-1] == '\r');
}

/* The first line, as far as it is there. */
static enum memory_fault parse_version(const char *bytes, size_t len)
{
    const char *end = memchr(bytes, '\n', len);
    int64_t version = 0;
    if (len < MAGIC_LEN || memcmp(bytes, magic, MAGIC_LEN) != 0)
        return MEMORY_FAULT_FOREIGN;
    if (end == NULL)
        return MEMORY_FAULT_CUT;
    size_t number_len = text_len(bytes + MAGIC_LEN, end);
    if (!parse_number(bytes + MAGIC_LEN, number_len, &version) || version == 0)
        return MEMORY_FAULT_FOREIGN;
    return version > MEMORY_VERSION ? MEMORY_FAULT_NEWER : MEMORY_FAULT_NONE;
}

/* The last line: "end" and how many targets there are. */
static bool parse_end(const char *line, size_t len, int64_t *targets)
{
    if (len == 0 || line[len - 1] != '\n')
        return false;
    len = text_len(line, line + len - 1);
    return len > 4 && memcmp(line, "end\t", 4) == 0 && parse_number(line + 4, len - 4, targets);
}

void memory_reader_init(struct memory_reader *reader, struct memory *memory)
{
    *reader = (struct memory_reader){.memory = memory, .rest = BUFFER_EMPTY};
}

/* A line that is not the last one, and its LF at `end`. */
static void read_line(struct memory_reader *reader, const char *line, const char *end)
{
    if (reader->fault != MEMORY_FAULT_NONE)
        return;
    reader->line++;
    reader->fault = reader->line == 1 ? parse_version(line, (size_t)(end - line) + 1)
                                      : parse_line(reader->memory, line, text_len(line, end));
}

/* Whether it is no state file that can be read here, be there more bytes or not. */
static bool is_other(const struct memory_reader *reader)
{
    const struct buffer *rest = &reader->rest;
    if (reader->line == 0)
        return rest->len >= MAGIC_LEN && memcmp(rest->bytes, magic, MAGIC_LEN) != 0;
    return reader->line == 1 && reader->fault != MEMORY_FAULT_NONE;
}

bool memory_reader_add(struct memory_reader *reader, const char *bytes, size_t len)
{
    struct buffer *rest = &reader->rest;
    const char *end = NULL;
    size_t at = 0;
    if (len == 0)
        return true;
    buffer_add(rest, bytes, len);
    while (!rest->has_failed) {
        end = memchr(rest->bytes + reader->searched, '\n', rest->len - reader->searched);
        if (end == NULL || end + 1 == rest->bytes + rest->len)
            break;
        read_line(reader, rest->bytes + at, end);
        at = reader->searched = (size_t)(end - rest->bytes) + 1;
    }
    reader->searched = rest->len - at - (end != NULL);
    buffer_drop(rest, at);
    return !rest->has_failed && !is_other(reader);
}

static enum memory_fault judge(const struct memory_reader *reader, size_t *line)
{
    const struct buffer *rest = &reader->rest;
    int64_t targets = 0;
    *line = 1;
    if (rest->has_failed)
        return MEMORY_FAULT_MEMORY;
    if (reader->line == 0 && rest->len == 0)
        return MEMORY_FAULT_NONE;
    enum memory_fault first =
        reader->line == 0 ? parse_version(rest->bytes, rest->len) : reader->fault;
    if (reader->line <= 1 && first != MEMORY_FAULT_NONE)
        return first;
    if (reader->line == 0 || !parse_end(rest->bytes, rest->len, &targets))
        return MEMORY_FAULT_CUT;
    *line = reader->line;
    if (reader->fault != MEMORY_FAULT_NONE)
        return reader->fault;
    memory_entry_sort(reader->memory);
    return (uint64_t)targets == reader->memory->count ? MEMORY_FAULT_NONE : MEMORY_FAULT_CUT;
}

enum memory_fault memory_reader_end(struct memory_reader *reader, size_t *line)
{
    enum memory_fault fault = judge(reader, line);
    buffer_release(&reader->rest);
    return fault;
}
