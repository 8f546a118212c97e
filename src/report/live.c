#include "netcheck/report/live.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live_page.h"
#include "netcheck/base/base.h"
#include "netcheck/base/grow.h"

enum {
    KEY_REDRAW = 0x0c, /* ^L */
    KEY_ESCAPE = 0x1b,
};

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
};

void live_init(struct live *live, const struct live_options *options)
{
    *live = (struct live){.options = *options, .drawn = BUFFER_EMPTY};
}

void live_release(struct live *live)
{
    buffer_release(&live->drawn);
    free(live->entries);
    live->entries = NULL;
    live->capacity = 0;
}

void live_forget(struct live *live)
{
    live->drawn.len = 0;
}

/* Up: negative. The frame will look again: by then there may be more to show. */
static void scroll(struct live *live, bool is_down, size_t lines)
{
    if (is_down)
        live->top = lines < live->top_limit - live->top ? live->top + lines : live->top_limit;
    else
        live->top -= lines < live->top ? lines : live->top;
}

static void press(struct live *live, char key)
{
    switch (key) {
    case 'q':
        live->wants_end = true;
        break;
    case 's':
        live->is_as_given = !live->is_as_given;
        live->top = 0;
        break;
    case KEY_REDRAW:
        live_forget(live);
        break;
    case 'j':
    case 'k':
        scroll(live, key == 'j', 1);
        break;
    case ' ':
    case 'b':
        scroll(live, key == ' ', live->page);
        break;
    case 'g':
    case 'G':
        scroll(live, key == 'G', SIZE_MAX);
        break;
    default:
        break;
    }
}

/* The letter that does the same as the key which sends ESC [ parameter last. */
static char letter_of(unsigned parameter, char last)
{
    static const struct {
        unsigned parameter;
        char last;
        char letter;
    } keys[] = {
        {0, 'A', 'k'}, {0, 'B', 'j'}, {0, 'H', 'g'}, {0, 'F', 'G'}, {1, '~', 'g'},
        {4, '~', 'G'}, {5, '~', 'b'}, {6, '~', ' '}, {7, '~', 'g'}, {8, '~', 'G'},
    };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (keys[i].parameter == parameter && keys[i].last == last)
            return keys[i].letter;
    return '\0';
}

/* One digit: longer numbers, and several of them, belong to keys that nothing is made of. */
static unsigned add_digit(unsigned parameter, unsigned char byte)
{
    bool is_digit = byte >= '0' && byte <= '9';
    return is_digit && parameter == 0 ? byte - (unsigned)'0' : UINT_MAX;
}

static void continue_sequence(struct live *live, unsigned char byte)
{
    if (live->keys == LIVE_KEYS_CONTROL && byte >= 0x20 && byte <= 0x3f) {
        live->parameter = add_digit(live->parameter, byte);
        return;
    }
    live->keys = LIVE_KEYS_PLAIN;
    press(live, letter_of(live->parameter, (char)byte));
}

void live_key(struct live *live, unsigned char byte)
{
    bool is_inside = live->keys == LIVE_KEYS_CONTROL || live->keys == LIVE_KEYS_SHIFT;
    if (byte == KEY_ESCAPE) {
        live->keys = LIVE_KEYS_ESCAPE;
    } else if (is_inside) {
        continue_sequence(live, byte);
    } else if (live->keys == LIVE_KEYS_ESCAPE && (byte == '[' || byte == 'O')) {
        live->keys = byte == '[' ? LIVE_KEYS_CONTROL : LIVE_KEYS_SHIFT;
        live->parameter = 0;
    } else {
        live->keys = LIVE_KEYS_PLAIN;
        press(live, (char)byte);
    }
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

/* Addresses that a name had once are left out. */
static bool sort(struct live *live, const struct history *history)
{
    live->count = 0;
    if (GROW(live->entries, live->capacity, history->count) != ERROR_NONE)
        return false;
    for (size_t i = 0; i < history->count; i++)
        if (!history->series[i]->is_gone)
            live->entries[live->count++] = entry_of(live, history, i);
    if (live->count > 0)
        qsort(live->entries, live->count, sizeof *live->entries,
              live->is_as_given ? compare_given : compare_worst);
    return true;
}

/* Of all labels, not only those shown: columns stand still while lines scroll. */
static size_t longest_label(const struct live *live, size_t count, struct buffer *label)
{
    size_t longest = 0;
    for (size_t i = 0; i < count; i++) {
        label->len = 0;
        live_page_label(label, live->entries[i].series, live->entries[i].with_address);
        longest = label->len > longest ? label->len : longest;
    }
    return longest;
}

static void draw_head(struct live_page *page, const struct live *live, int64_t wall_ns)
{
    size_t counts[STATE_COUNT] = {0};
    char with_name[160];
    char without[100];
    char clock[16];
    for (size_t i = 0; i < live->count; i++)
        if (!live->entries[i].series->is_awaited)
            counts[outcome_state(&live->entries[i].series->last.outcome)]++;
    (void)snprintf(without, sizeof without, "%zu up  %zu down  %zu error", counts[STATE_UP],
                   counts[STATE_DOWN], counts[STATE_ERROR]);
    (void)snprintf(with_name, sizeof with_name, "netcheck  %zu target%s  %s", live->count,
                   live->count == 1 ? "" : "s", without);
    unsigned s = (unsigned)(wall_ns / NS_PER_S % 86400);
    (void)snprintf(clock, sizeof clock, "%02u:%02u:%02uZ", s / 3600, s / 60 % 60, s % 60);
    const char *const wordings[] = {with_name, without};
    live_page_words(page, wordings, ARRAY_LEN(wordings), clock);
    live_page_end_line(page, false);
}

static void draw_foot(const struct live *live, struct live_page *page, size_t count)
{
    char part[80] = "";
    size_t last = live->top + live->page;
    if (count > live->page)
        (void)snprintf(part, sizeof part, "%zu-%zu of %zu", live->top + 1, last, count);
    const char *const wordings[] = {
        live->is_as_given ? "q quit  s sort (as given)  arrows scroll"
                          : "q quit  s sort (worst first)  arrows scroll",
        "q quit  s sort  arrows scroll",
        "q quit  s sort",
        "q quit",
    };
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

static void draw_rows(const struct live *live, struct live_page *page, size_t count,
                      bool has_foot)
{
    for (size_t i = 0; i < live->page; i++) {
        if (live->top + i < count) {
            const struct live_entry *entry = &live->entries[live->top + i];
            live_page_series(page, entry->series, entry->with_address);
        }
        live_page_end_line(page, !has_foot && i + 1 == live->page);
    }
}

static void draw(struct live *live, struct live_page *page, const struct live_moment *moment)
{
    size_t count = live->count;
    const struct layout layout = lay_out(moment->lines > 0 ? moment->lines : 1);
    live->page = layout.rows;
    live->top_limit = count > live->page ? count - live->page : 0;
    live->top = live->top < live->top_limit ? live->top : live->top_limit;
    live_page_fit(page, longest_label(live, count, &page->cell));
    /* The last frame may have been given up in the middle of a colour. */
    buffer_add_text(page->out, live->options.is_coloured ? "\033[0m\033[H" : "\033[H");
    if (layout.has_head)
        draw_head(page, live, moment->wall_ns);
    if (layout.has_titles) {
        live_page_titles(page);
        live_page_end_line(page, false);
    }
    draw_rows(live, page, count, layout.has_foot);
    if (layout.has_foot)
        draw_foot(live, page, count);
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
    if (!sort(live, history))
        return ERROR_NO_MEMORY;
    size_t start = out->len;
    struct live_page page = {
        .out = out,
        .options = &live->options,
        .now_ns = moment->now_ns,
        .columns = moment->columns > 0 ? moment->columns : 1,
        .cell = BUFFER_EMPTY,
    };
    draw(live, &page, moment);
    bool has_failed = out->has_failed || page.cell.has_failed;
    buffer_release(&page.cell);
    if (!has_failed)
        return keep_news(live, out, start);
    out->len = start;
    return ERROR_NO_MEMORY;
}
