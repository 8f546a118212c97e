#include "live_page.h"

#include <assert.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/report/wording.h"

enum {
    LABEL_LEAST = 16, /* cells that a longer label keeps when columns are chosen */
    RECENT_LEAST = 8,
    LEVELS = 8,
    PACE_LEAST = 5, /* latencies that a median is worth something with */
};

/* The scale of latencies never spans less: smaller changes are noise. */
static const int64_t least_span_us = 1000;

static const char *const pace_colours[] = {
    [LIVE_PACE_UNKNOWN] = COLOUR_NONE,
    [LIVE_PACE_USUAL] = COLOUR_EXPECTED,
    [LIVE_PACE_SLOW] = COLOUR_UNKNOWN,
    [LIVE_PACE_VERY_SLOW] = COLOUR_UNEXPECTED,
};

static const char *const blocks[LEVELS] = {
    "\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83", "\xe2\x96\x84", /* U+2581 and on */
    "\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88",
};
static const char *const bars[LEVELS] = {"_", ".", "-", ":", "=", "+", "*", "#"};

static void add_bytes(struct live_page *page, const char *bytes, size_t len)
{
    assert(len <= page->columns - page->used);
    buffer_add(page->out, bytes, len);
    page->used += (unsigned)len;
}

static void add_space(struct live_page *page, unsigned cells)
{
    for (unsigned i = 0; i < cells; i++)
        add_bytes(page, " ", 1);
}

/* A character is one cell, whatever its number of bytes. */
static void add_glyph(struct live_page *page, const char *glyph)
{
    assert(page->used < page->columns);
    buffer_add_text(page->out, glyph);
    page->used++;
}

static void set_colour(struct live_page *page, const char *colour)
{
    if (page->options->is_coloured)
        buffer_add_text(page->out, colour);
}

/* Shorten page->cell to `width` cells; the last `tail` of them are those at its end. */
static void cut(struct live_page *page, unsigned width, unsigned tail)
{
    struct buffer *cell = &page->cell;
    if (cell->len <= width)
        return;
    size_t head = width - 1 - tail;
    cell->bytes[head] = '~';
    memmove(cell->bytes + head + 1, cell->bytes + cell->len - tail, tail);
    cell->len = width;
}

static void add_left(struct live_page *page, unsigned width)
{
    cut(page, width, 0);
    unsigned len = (unsigned)page->cell.len;
    add_bytes(page, page->cell.bytes, len);
    add_space(page, width - len);
}

static void add_right(struct live_page *page, unsigned width)
{
    cut(page, width, 0);
    unsigned len = (unsigned)page->cell.len;
    add_space(page, width - len);
    add_bytes(page, page->cell.bytes, len);
}

void live_page_label(struct buffer *out, const struct series *series, bool with_address)
{
    const struct endpoint *endpoint = &series->last.endpoint;
    wording_cells(out, endpoint);
    if (!with_address)
        return;
    char text[ADDRESS_TEXT_SIZE];
    address_format(&endpoint->address, text);
    buffer_add_format(out, " %s", text[0] != '\0' ? text : "-");
}

static void draw_state(struct live_page *page, const struct series *series)
{
    const struct result *last = &series->last;
    if (series->is_awaited) {
        buffer_add_text(&page->cell, "...");
        add_left(page, page->widths[LIVE_STATE]);
        return;
    }
    buffer_add_text(&page->cell, state_name(outcome_state(&last->outcome)));
    set_colour(page, wording_colour(last, page->options->expects_down));
    add_bytes(page, page->cell.bytes, page->cell.len);
    set_colour(page, COLOUR_NONE);
    add_space(page, page->widths[LIVE_STATE] - (unsigned)page->cell.len);
}

/* A label is cut in the middle: host and port, at its ends, tell it from its neighbours. */
static void draw_target(struct live_page *page, const struct series *series, bool with_address)
{
    unsigned width = page->widths[LIVE_TARGET];
    live_page_label(&page->cell, series, with_address);
    cut(page, width, (width - 1) / 2);
    add_left(page, width);
}

static void add_latency(struct buffer *cell, const struct series *series)
{
    const struct result *last = &series->last;
    bool is_up = outcome_state(&last->outcome) == STATE_UP;
    if (series->is_awaited || (is_up && result_latency_ns(last) < 0))
        buffer_add_text(cell, "-");
    else if (is_up)
        wording_milliseconds(cell, result_latency_ns(last));
    else
        buffer_add_text(cell, reason_name(last->outcome.reason));
}

enum live_pace live_page_pace(int64_t latency_ns, int64_t median_ns, uint64_t count)
{
    const int64_t least_ns = least_span_us * NS_PER_US;
    double usual_ns = (double)(median_ns > least_ns ? median_ns : least_ns);
    if (count < PACE_LEAST)
        return LIVE_PACE_UNKNOWN;
    if ((double)latency_ns > 3 * usual_ns)
        return LIVE_PACE_VERY_SLOW;
    return (double)latency_ns > 1.5 * usual_ns ? LIVE_PACE_SLOW : LIVE_PACE_USUAL;
}

/* Where the row is up but was to be down, it says nothing how fast that was. */
static enum live_pace pace_of(const struct series *series, bool expects_down)
{
    const struct result *last = &series->last;
    const struct stats *stats = series->stats;
    bool is_well = !series->is_awaited && result_is_expected(last, expects_down) &&
                   outcome_state(&last->outcome) == STATE_UP && result_latency_ns(last) >= 0;
    if (!is_well || stats == NULL)
        return LIVE_PACE_UNKNOWN;
    return live_page_pace(result_latency_ns(last), stats_quantile(stats, 50), stats->latencies);
}

static void draw_latency(struct live_page *page, const struct series *series)
{
    unsigned width = page->widths[LIVE_LATENCY];
    enum live_pace pace = pace_of(series, page->options->expects_down);
    add_latency(&page->cell, series);
    cut(page, width, 0);
    add_space(page, width - (unsigned)page->cell.len);
    if (pace != LIVE_PACE_UNKNOWN)
        set_colour(page, pace_colours[pace]);
    add_bytes(page, page->cell.bytes, page->cell.len);
    if (pace != LIVE_PACE_UNKNOWN)
        set_colour(page, COLOUR_NONE);
}

static void add_worst(struct buffer *cell, const struct series *series)
{
    if (series->stats != NULL && series->stats->latencies > 0)
        wording_milliseconds(cell, series->stats->max_ns);
    else
        buffer_add_text(cell, "-");
}

/* 0 is shown only for no loss at all, and 100 only where all was lost. */
static void add_loss(struct buffer *cell, const struct series *series)
{
    double loss = series->stats != NULL ? stats_loss(series->stats) : -1;
    if (loss < 0)
        buffer_add_text(cell, "-");
    else if (loss > 0 && loss < 100)
        buffer_add_decimal(cell, loss < 0.1 ? 0.1 : loss > 99.9 ? 99.9 : loss, 1, 0);
    else
        buffer_add_text(cell, loss > 0 ? "100" : "0");
    if (loss >= 0)
        buffer_add_text(cell, "%");
}

static void add_time(struct buffer *cell, int64_t duration_ns)
{
    long long s = duration_ns > 0 ? duration_ns / NS_PER_S : 0;
    if (s < 60)
        buffer_add_format(cell, "%llds", s);
    else if (s < 3600)
        buffer_add_format(cell, "%lldm%02llds", s / 60, s % 60);
    else if (s < 86400)
        buffer_add_format(cell, "%lldh%02lldm", s / 3600, s / 60 % 60);
    else if (s < 100LL * 86400)
        buffer_add_format(cell, "%lldd%02lldh", s / 86400, s / 3600 % 24);
    else
        buffer_add_format(cell, "%lldd", s / 86400);
}

/* From the smallest latency shown to the largest, in microseconds. */
struct scale {
    int64_t min;
    int64_t span;
};

static bool is_latency(uint32_t recent)
{
    return recent != STATS_DOWN && recent != STATS_ERROR && recent != STATS_UNTIMED;
}

/* At least from the smallest latency to its double, or noise would fill the height. */
static struct scale choose_scale(const struct stats *stats, uint64_t first)
{
    int64_t min = INT64_MAX;
    int64_t max = 0;
    for (uint64_t i = first; i < stats->sent; i++) {
        uint32_t recent = stats->recent[i % STATS_RECENT];
        if (!is_latency(recent))
            continue;
        min = recent < min ? recent : min;
        max = recent > max ? recent : max;
    }
    int64_t least = min > least_span_us ? min : least_span_us;
    return (struct scale){min, max - min > least ? max - min : least};
}

static const char *choose_glyph(const struct live_page *page, const struct scale *scale,
                                uint32_t recent)
{
    if (recent == STATS_UNTIMED)
        return "o";
    if (!is_latency(recent))
        return recent == STATS_DOWN ? "x" : "?";
    int64_t level = (recent - scale->min) * LEVELS / (scale->span + 1);
    return page->options->is_unicode ? blocks[level] : bars[level];
}

/* A bar that is as expected has no colour. */
static const char *colour_recent(uint32_t recent, bool expects_down)
{
    if (recent == STATS_ERROR)
        return COLOUR_UNKNOWN;
    return (recent == STATS_DOWN) == expects_down ? COLOUR_NONE : COLOUR_UNEXPECTED;
}

/* The newest row is at the right. */
static void draw_recent(struct live_page *page, const struct series *series)
{
    unsigned width = page->widths[LIVE_RECENT];
    const struct stats *stats = series->stats;
    uint64_t sent = stats != NULL ? stats->sent : 0;
    unsigned count = sent < width ? (unsigned)sent : width;
    add_space(page, width - count);
    if (count == 0)
        return;
    bool expects_down = result_expects_down(&series->last, page->options->expects_down);
    const struct scale scale = choose_scale(stats, sent - count);
    const char *colour = COLOUR_NONE;
    for (uint64_t i = sent - count; i < sent; i++) {
        uint32_t recent = stats->recent[i % STATS_RECENT];
        const char *wanted = colour_recent(recent, expects_down);
        if (strcmp(wanted, colour) != 0)
            set_colour(page, wanted);
        colour = wanted;
        add_glyph(page, choose_glyph(page, &scale, recent));
    }
    if (strcmp(colour, COLOUR_NONE) != 0)
        set_colour(page, COLOUR_NONE);
}

static const struct {
    const char *title;
    unsigned width;
} columns[LIVE_COLUMN_COUNT] = {
    [LIVE_STATE] = {"STATE", 5},              /* "error" */
    [LIVE_TARGET] = {"TARGET", 6},            /* and more */
    [LIVE_LATENCY] = {"LATENCY", 11},         /* "unreachable" */
    [LIVE_WORST] = {"WORST", 9},              /* "127000 ms" */
    [LIVE_LOSS] = {"LOSS", 5},                /* "99.9%" */
    [LIVE_RECENT] = {"RECENT", RECENT_LEAST}, /* and more */
    [LIVE_TIME] = {"FOR", 6},                 /* "59m59s" */
};

/* A gap stands before each column but the first. */
static unsigned with_gap(unsigned width)
{
    return width + 1;
}

/* Choose as many columns as leave enough cells for the label; returns these cells. */
static unsigned choose_columns(struct live_page *page, unsigned room, size_t label_len)
{
    static const enum live_column by_importance[] = {LIVE_LATENCY, LIVE_LOSS, LIVE_TIME,
                                                     LIVE_RECENT, LIVE_WORST};
    size_t least = label_len < LABEL_LEAST ? label_len : LABEL_LEAST;
    for (size_t i = 0; i < ARRAY_LEN(by_importance); i++) {
        unsigned width = columns[by_importance[i]].width;
        if (room < least + with_gap(width))
            break;
        page->widths[by_importance[i]] = width;
        room -= with_gap(width);
    }
    return room;
}

void live_page_fit(struct live_page *page, size_t label_len)
{
    unsigned room = page->columns;
    unsigned state = columns[LIVE_STATE].width;
    memset(page->widths, 0, sizeof page->widths);
    if (room > with_gap(state)) {
        page->widths[LIVE_STATE] = state;
        room -= with_gap(state);
    }
    if (label_len < columns[LIVE_TARGET].width)
        label_len = columns[LIVE_TARGET].width;
    room = choose_columns(page, room, label_len);
    unsigned label = label_len < room ? (unsigned)label_len : room;
    page->widths[LIVE_TARGET] = label;
    unsigned recent = page->widths[LIVE_RECENT] + room - label;
    if (page->widths[LIVE_RECENT] > 0)
        page->widths[LIVE_RECENT] = recent < STATS_RECENT ? recent : STATS_RECENT;
}

void live_page_titles(struct live_page *page)
{
    for (size_t i = 0; i < LIVE_COLUMN_COUNT; i++) {
        unsigned width = page->widths[i];
        if (width == 0)
            continue;
        add_space(page, page->used > 0 ? 1 : 0);
        page->cell.len = 0;
        buffer_add_text(&page->cell, columns[i].title);
        if (i == LIVE_STATE || i == LIVE_TARGET)
            add_left(page, width);
        else
            add_right(page, width);
    }
}

static void draw_column(struct live_page *page, enum live_column column,
                        const struct series *series, bool with_address)
{
    page->cell.len = 0;
    switch (column) {
    case LIVE_STATE:
        draw_state(page, series);
        return;
    case LIVE_TARGET:
        draw_target(page, series, with_address);
        return;
    case LIVE_RECENT:
        draw_recent(page, series);
        return;
    case LIVE_LATENCY:
        draw_latency(page, series);
        return;
    case LIVE_WORST:
        add_worst(&page->cell, series);
        break;
    case LIVE_LOSS:
        add_loss(&page->cell, series);
        break;
    case LIVE_TIME:
        add_time(&page->cell, page->now_ns - series->since_ns);
        break;
    case LIVE_COLUMN_COUNT:
        return;
    }
    add_right(page, page->widths[column]);
}

void live_page_series(struct live_page *page, const struct series *series, bool with_address)
{
    for (size_t i = 0; i < LIVE_COLUMN_COUNT; i++) {
        if (page->widths[i] == 0)
            continue;
        add_space(page, page->used > 0 ? 1 : 0);
        draw_column(page, (enum live_column)i, series, with_address);
    }
}

void live_page_words(struct live_page *page, const char *const *wordings, size_t count,
                     const char *right)
{
    size_t right_len = strlen(right) > 0 ? with_gap((unsigned)strlen(right)) : 0;
    const char *chosen = NULL;
    for (size_t i = 0; i < count && chosen == NULL; i++)
        if (strlen(wordings[i]) + right_len <= page->columns)
            chosen = wordings[i];
    bool has_right = chosen != NULL && right_len > 0;
    for (size_t i = 0; i < count && chosen == NULL; i++)
        if (strlen(wordings[i]) <= page->columns || i + 1 == count)
            chosen = wordings[i];
    page->cell.len = 0;
    buffer_add_text(&page->cell, chosen != NULL ? chosen : "");
    cut(page, page->columns, 0);
    add_bytes(page, page->cell.bytes, page->cell.len);
    if (!has_right)
        return;
    add_space(page, page->columns - page->used - (unsigned)strlen(right));
    add_bytes(page, right, strlen(right));
}

void live_page_end_line(struct live_page *page, bool is_last)
{
    /* After a full line the cursor still stands on the last cell: erasing would remove it. */
    bool is_full = page->used == page->columns;
    if (is_last)
        buffer_add_text(page->out, is_full ? "" : "\033[J");
    else
        buffer_add_text(page->out, is_full ? "\r\n" : "\033[K\r\n");
    page->used = 0;
}
