#include "netcheck/report/live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live_page.h"
#include "netcheck/base/base.h"
#include "netcheck/base/grow.h"

/* The worst first. */
enum live_rank {
    RANK_UNEXPECTED,
    RANK_AWAITED, /* perhaps it is */
    RANK_EXPECTED,
};

/* A series and what it is sorted by. */
struct live_entry {
    const struct series *series;
    bool with_address; /* it has siblings, and is told from them by its address */
    enum live_rank rank;
    double bad_percent; /* of its rows that were no errors: those that were not as expected */
    int64_t worst_ns;   /* -1: never up */
    size_t index;       /* in the history */
    size_t place;       /* in the last frame; SIZE_MAX: not in it */
};

void live_init(struct live *live, const struct live_options *options)
{
    *live = (struct live){.options = *options, .drawn = BUFFER_EMPTY};
}

void live_release(struct live *live)
{
    buffer_release(&live->drawn);
    free(live->entries);
    free(live->places);
    live_init(live, &live->options);
}

void live_forget(struct live *live)
{
    live->drawn.len = 0;
}

static void obey(struct live *live, const struct live_command *command)
{
    static const struct live_command home = {.verb = LIVE_FIRST};
    live_scroll_move(&live->scroll, command);
    live->wants_end |= command->verb == LIVE_QUIT;
    if (command->verb == LIVE_HELP)
        live->shows_keys = !live->shows_keys;
    if (command->verb == LIVE_REDRAW)
        live_forget(live);
    if (command->verb != LIVE_SORT)
        return;
    live->is_as_given = !live->is_as_given;
    live_scroll_move(&live->scroll, &home);
}

void live_key(struct live *live, unsigned char byte)
{
    const struct live_command command = live_keys_take(&live->keys, byte);
    obey(live, &command);
}

static enum live_rank rank_of(const struct series *series, bool expects_down)
{
    if (series->is_awaited)
        return RANK_AWAITED;
    return result_is_expected(&series->last, expects_down) ? RANK_EXPECTED : RANK_UNEXPECTED;
}

static bool has_siblings(const struct history *history, const struct series *series)
{
    size_t member = series->last.endpoint.member;
    return history->is_by_address && member < history->member_count &&
           history->members[member] != NULL && history->members[member]->sibling != NULL;
}

static struct live_entry entry_of(const struct live *live, const struct history *history,
                                  size_t index)
{
    const struct series *series = history->series[index];
    const struct stats *stats = series->stats;
    bool expects_down = live->options.expects_down;
    double loss = stats != NULL ? stats_loss(stats) : -1;
    double bad = result_expects_down(&series->last, expects_down) ? 100 - loss : loss;
    return (struct live_entry){
        .series = series,
        .with_address = has_siblings(history, series),
        .rank = rank_of(series, expects_down),
        .bad_percent = loss < 0 ? 0 : bad,
        .worst_ns = stats != NULL && stats->latencies > 0 ? stats->max_ns : -1,
        .index = index,
        .place = index < live->placed ? live->places[index] : SIZE_MAX,
    };
}

/* Series turn up as answers come; members are in the order of the targets. */
static int compare_given(const void *left, const void *right)
{
    const struct live_entry *a = left;
    const struct live_entry *b = right;
    size_t a_member = a->series->last.endpoint.member;
    size_t b_member = b->series->last.endpoint.member;
    if (a_member != b_member)
        return a_member < b_member ? -1 : 1;
    return a->index < b->index ? -1 : 1;
}

static int compare_worst(const void *left, const void *right)
{
    const struct live_entry *a = left;
    const struct live_entry *b = right;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->bad_percent < b->bad_percent || a->bad_percent > b->bad_percent)
        return a->bad_percent > b->bad_percent ? -1 : 1;
    if (a->worst_ns != b->worst_ns)
        return a->worst_ns > b->worst_ns ? -1 : 1;
    return compare_given(left, right);
}

static int compare_places(const void *left, const void *right)
{
    const struct live_entry *a = left;
    const struct live_entry *b = right;
    if (a->place != b->place)
        return a->place < b->place ? -1 : 1;
    return compare_given(left, right);
}

/* Whether lines keep their places, to be read: where the view is scrolled down. */
static bool is_held(const struct live *live)
{
    return live->scroll.top > 0 && !live->is_as_given;
}

/* An entry for each series; addresses that a name had once are left out. Returns how many. */
static size_t fill(struct live *live, const struct history *history)
{
    size_t count = 0;
    for (size_t i = 0; i < history->count; i++)
        if (!history->series[i]->is_gone)
            live->entries[count++] = entry_of(live, history, i);
    return count;
}

static void sort(struct live *live)
{
    int (*compare)(const void *, const void *) = live->is_as_given ? compare_given
                                                 : is_held(live)   ? compare_places
                                                                   : compare_worst;
    if (live->scroll.count > 0)
        qsort(live->entries, live->scroll.count, sizeof *live->entries, compare);
}

/* Of all labels, not only those shown: columns stand still while lines scroll. A label changes
   only where its series gets a sibling. */
static void measure_labels(struct live *live, const struct history *history,
                           struct buffer *label)
{
    if (live->placed == history->count)
        return;
    for (size_t i = history->is_by_address ? 0 : live->placed; i < history->count; i++) {
        const struct series *series = history->series[i];
        label->len = 0;
        live_page_label(label, series, has_siblings(history, series));
        live->label_len = label->len > live->label_len ? label->len : live->label_len;
    }
}

/* For the next frame. One that is gone keeps its place. */
static void keep_places(struct live *live, const struct history *history)
{
    for (; live->placed < history->count; live->placed++)
        live->places[live->placed] = SIZE_MAX;
    for (size_t i = 0; i < live->scroll.count; i++)
        live->places[live->entries[i].index] = i;
}

static void draw_head(struct live_page *page, const struct live *live, int64_t wall_ns)
{
    size_t counts[STATE_COUNT] = {0};
    char with_name[160];
    char without[100];
    char clock[16];
    size_t count = live->scroll.count;
    for (size_t i = 0; i < count; i++)
        if (!live->entries[i].series->is_awaited)
            counts[outcome_state(&live->entries[i].series->last.outcome)]++;
    (void)snprintf(without, sizeof without, "%zu up  %zu down  %zu error", counts[STATE_UP],
                   counts[STATE_DOWN], counts[STATE_ERROR]);
    (void)snprintf(with_name, sizeof with_name, "netcheck  %zu target%s  %s", count,
                   count == 1 ? "" : "s", without);
    unsigned s = (unsigned)(wall_ns / NS_PER_S % 86400);
    (void)snprintf(clock, sizeof clock, "%02u:%02u:%02uZ", s / 3600, s / 60 % 60, s % 60);
    const char *const wordings[] = {with_name, without};
    live_page_words(page, wordings, ARRAY_LEN(wordings), clock);
    live_page_end_line(page, false);
}

static const char *const keys[] = {
    "space b page  d u half  j k line  g G ends  s sort  q quit  h back",
    "space b page  j k line  g G ends  h back",
    "space b page  g G ends",
    "space b page",
};

static void draw_foot(const struct live *live, struct live_page *page)
{
    char part[80] = "";
    char first[100];
    char second[80];
    const struct live_scroll *scroll = &live->scroll;
    bool is_part = scroll->count > scroll->page;
    if (is_part)
        (void)snprintf(part, sizeof part, "%zu-%zu of %zu", scroll->top + 1,
                       scroll->top + scroll->page, scroll->count);
    (void)snprintf(second, sizeof second, "q quit  s sort (%s)  arrows scroll",
                   live->is_as_given ? "as given"
                   : is_held(live)   ? "worst first, held"
                                     : "worst first");
    (void)snprintf(first, sizeof first, "%s%s", second, is_part ? "  h keys" : "");
    const char *const wordings[] = {
        first, second, "q quit  s sort  arrows scroll", "q quit  s sort", "q quit",
    };
    if (live->shows_keys)
        live_page_words(page, keys, ARRAY_LEN(keys), part);
    else
        live_page_words(page, wordings, ARRAY_LEN(wordings), part);
    live_page_end_line(page, true);
}

/* What scrolls has what the other lines leave: with three of them a third. */
struct layout {
    bool has_head;
    bool has_titles;
    bool has_foot;
    unsigned rows;
};

static struct layout lay_out(unsigned lines)
{
    struct layout layout = {
        .has_head = lines >= 3, .has_titles = lines >= 5, .has_foot = lines >= 2};
    layout.rows = lines - layout.has_head - layout.has_titles - layout.has_foot;
    return layout;
}

static void draw_rows(const struct live *live, struct live_page *page, bool has_foot)
{
    const struct live_scroll *scroll = &live->scroll;
    for (size_t i = 0; i < scroll->page; i++) {
        if (scroll->top + i < scroll->count) {
            const struct live_entry *entry = &live->entries[scroll->top + i];
            live_page_series(page, entry->series, entry->with_address);
        }
        live_page_end_line(page, !has_foot && i + 1 == scroll->page);
    }
}

static void draw(const struct live *live, struct live_page *page, const struct layout *layout,
                 int64_t wall_ns)
{
    live_page_fit(page, live->label_len);
    /* The last frame may have been given up in the middle of a colour. */
    buffer_add_text(page->out, live->options.is_coloured ? "\033[0m\033[H" : "\033[H");
    if (layout->has_head)
        draw_head(page, live, wall_ns);
    if (layout->has_titles) {
        live_page_titles(page);
        live_page_end_line(page, false);
    }
    draw_rows(live, page, layout->has_foot);
    if (layout->has_foot)
        draw_foot(live, page);
}

/* What was appended behind `start` stays only if it is news. */
static enum error keep_news(struct live *live, struct buffer *out, size_t start)
{
    const char *frame = out->bytes + start;
    size_t len = out->len - start;
    if (len == live->drawn.len && memcmp(frame, live->drawn.bytes, len) == 0) {
        out->len = start;
        return ERROR_NONE;
    }
    live->drawn.len = 0;
    buffer_add(&live->drawn, frame, len);
    if (!live->drawn.has_failed)
        return ERROR_NONE;
    out->len = start;
    return ERROR_NO_MEMORY;
}

enum error live_draw(struct live *live, struct buffer *out, const struct history *history,
                     const struct live_moment *moment)
{
    if (GROW(live->entries, live->capacity, history->count) != ERROR_NONE ||
        GROW(live->places, live->place_capacity, history->count) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    size_t start = out->len;
    struct live_page page = {
        .out = out,
        .options = &live->options,
        .now_ns = moment->now_ns,
        .columns = moment->columns > 0 ? moment->columns : 1,
        .cell = BUFFER_EMPTY,
    };
    const struct layout layout = lay_out(moment->lines > 0 ? moment->lines : 1);
    live_scroll_fit(&live->scroll, fill(live, history), layout.rows);
    sort(live);
    measure_labels(live, history, &page.cell);
    keep_places(live, history);
    draw(live, &page, &layout, moment->wall_ns);
    bool has_failed = out->has_failed || page.cell.has_failed;
    buffer_release(&page.cell);
    if (!has_failed)
        return keep_news(live, out, start);
    out->len = start;
    return ERROR_NO_MEMORY;
}
