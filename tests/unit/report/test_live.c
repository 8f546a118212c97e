/*
 * Frames as a person sees them: the text that is left without escape sequences.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../src/report/live_page.h"
#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/report/live.h"

/* 2026-11-23T03:00:00Z, a day and a minute after the start of the monotonic clock. */
static const int64_t wall = INT64_C(1795402800) * NS_PER_S;
static const int64_t now = 86460 * NS_PER_S;

enum { SERIES_MAX = 3000 };

/* A history made by hand, and the view of it. */
struct scene {
    struct live live;
    struct history history;
    struct series *all[SERIES_MAX];
    struct series *members[SERIES_MAX];
};

static void open_scene(struct scene *scene, bool is_unicode, bool is_coloured)
{
    const struct live_options options = {.is_unicode = is_unicode, .is_coloured = is_coloured};
    memset(scene, 0, sizeof *scene);
    scene->history.series = scene->all;
    scene->history.members = scene->members;
    live_init(&scene->live, &options);
}

static void close_scene(struct scene *scene)
{
    for (size_t i = 0; i < scene->history.count; i++) {
        result_release(&scene->all[i]->last);
        free(scene->all[i]->stats);
        free(scene->all[i]);
    }
    live_release(&scene->live);
}

/* A series of its own about `target`, which takes it over. */
static struct series *add_target(struct scene *scene, struct target *target, size_t member)
{
    struct series *series = calloc(1, sizeof *series);
    assert_non_null(series);
    series->stats = calloc(1, sizeof *series->stats);
    assert_non_null(series->stats);
    endpoints_at(target, 0, &series->last.endpoint);
    series->last.endpoint.member = member;
    series->last.connect_ns = -1;
    series->since_ns = now;
    struct series **end = &scene->members[member];
    while (*end != NULL)
        end = &(*end)->sibling;
    *end = series;
    scene->all[scene->history.count++] = series;
    if (member >= scene->history.member_count)
        scene->history.member_count = member + 1;
    return series;
}

static struct series *add_series(struct scene *scene, const char *text, size_t member)
{
    struct target *target = NULL;
    struct fault fault;
    claim_error(text, target_parse(text, strlen(text), &target, &fault), ERROR_NONE);
    return add_target(scene, target, member);
}

/* One more row of the series: DOWN and ERROR, or up after as many microseconds, or UNTIMED. */
enum { DOWN = -1, ERROR = -2, UNTIMED = -3 };

static void add_row(struct series *series, int what)
{
    struct stats *stats = series->stats;
    enum reason reason = what == DOWN    ? REASON_TIMEOUT
                         : what == ERROR ? REASON_UNRESOLVED
                                         : REASON_CONNECTED;
    series->last.outcome = outcome_of(reason);
    series->last.connect_ns = what >= 0 ? what * NS_PER_US : -1;
    stats->recent[stats->sent++ % STATS_RECENT] = what == DOWN      ? STATS_DOWN
                                                  : what == ERROR   ? STATS_ERROR
                                                  : what == UNTIMED ? STATS_UNTIMED
                                                                    : (uint32_t)what;
    stats->states[outcome_state(&series->last.outcome)]++;
    if (what < 0)
        return;
    stats->latencies++;
    quantiles_add(&stats->quantiles, series->last.connect_ns);
    if (series->last.connect_ns > stats->max_ns)
        stats->max_ns = series->last.connect_ns;
}

static void add_rows(struct series *series, const int *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_row(series, rows[i]);
}

#define ROWS(...) (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int)

/* What three targets did: one is well, one has gone, one was never there. */
static void add_three(struct scene *scene)
{
    struct series *web = add_series(scene, "web.example.com:443", 0);
    add_rows(web, ROWS(812, 790, 12345, 5000, 801));
    web->since_ns = now - 86400 * NS_PER_S;
    struct series *db = add_series(scene, "db.example.com:5432", 1);
    add_rows(db, ROWS(400, 410, DOWN, 405, DOWN, DOWN));
    db->last.outcome = outcome_of(REASON_REFUSED);
    db->since_ns = now - 192 * NS_PER_S;
    struct series *name = add_series(scene, "nosuch.example.com:22", 2);
    add_rows(name, ROWS(ERROR, ERROR));
    name->since_ns = now - 5 * NS_PER_S;
}

/* 127.0.0.1:20000 and on, all up, each with a latency of its own. */
static void add_many(struct scene *scene, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "127.0.0.1:%zu", 20000 + i);
        add_row(add_series(scene, text, i), 1000 + (int)i);
    }
}

static struct live_moment moment_of(unsigned columns, unsigned lines)
{
    return (struct live_moment){columns, lines, now, wall};
}

static void draw(struct scene *scene, struct buffer *out, unsigned columns, unsigned lines)
{
    const struct live_moment moment = moment_of(columns, lines);
    out->len = 0;
    claim_error("draw", live_draw(&scene->live, out, &scene->history, &moment), ERROR_NONE);
}

/* Without escape sequences, CR and the blanks at the ends of lines. */
static const char *strip(struct buffer *frame)
{
    size_t len = 0;
    for (size_t i = 0; i < frame->len; i++) {
        char c = frame->bytes[i];
        if (c == '\033')
            i += strcspn(buffer_text(frame) + i, "HJKm");
        else if (c == '\r')
            while (len > 0 && frame->bytes[len - 1] == ' ')
                len--;
        else
            frame->bytes[len++] = c;
    }
    frame->len = len;
    return buffer_text(frame);
}

static void claim_frame(struct scene *scene, unsigned columns, unsigned lines,
                        const char *expected)
{
    char label[32];
    struct buffer out = BUFFER_EMPTY;
    (void)snprintf(label, sizeof label, "%u x %u", columns, lines);
    draw(scene, &out, columns, lines);
    claim_text(label, "frame", strip(&out), expected);
    buffer_release(&out);
}

static void test_live_three_targets_fill_screens_of_all_sizes(void **state)
{
    struct scene scene;
    open_scene(&scene, true, false);
    add_three(&scene);
    claim_frame(
        &scene, 80, 24,
        "netcheck  3 targets  1 up  1 down  1 error                             03:00:00Z\n"
        "STATE TARGET                    LATENCY     WORST  LOSS            RECENT    FOR\n"
        "down  db.example.com:5432       refused    0.4 ms 50.0%            ▁▁x▁xx  3m12s\n"
        "error nosuch.example.com:22  unresolved         -     -                ??     5s\n"
        "up    web.example.com:443        0.8 ms   12.3 ms    0%             ▁▁█▃▁  1d00h\n"
        "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
        "q quit  s sort (worst first)  arrows scroll");
    claim_frame(&scene, 40, 10,
                "1 up  1 down  1 error          03:00:00Z\n"
                "STATE TARGET               LATENCY  LOSS\n"
                "down  db.examp~om:5432     refused 50.0%\n"
                "error nosuch.e~.com:22  unresolved     -\n"
                "up    web.exam~com:443      0.8 ms    0%\n"
                "\n\n\n\n"
                "q quit  s sort  arrows scroll");
    claim_frame(&scene, 20, 3,
                "1 up  1 down  1 err~\n"
                "down  db.exam~m:5432\n"
                "q quit      1-1 of 3");
    close_scene(&scene);
}

static void test_live_many_targets_are_counted_at_the_bottom(void **state)
{
    struct scene scene;
    open_scene(&scene, false, false);
    add_many(&scene, 300);
    live_key(&scene.live, 's');
    claim_frame(
        &scene, 80, 6,
        "netcheck  300 targets  300 up  0 down  0 error                         03:00:00Z\n"
        "STATE TARGET              LATENCY     WORST  LOSS                  RECENT    FOR\n"
        "up    127.0.0.1:20000      1.0 ms    1.0 ms    0%                       _     0s\n"
        "up    127.0.0.1:20001      1.0 ms    1.0 ms    0%                       _     0s\n"
        "up    127.0.0.1:20002      1.0 ms    1.0 ms    0%                       _     0s\n"
        "q quit  s sort (as given)  arrows scroll  h keys                      1-3 of 300");
    live_key(&scene.live, 's');
    live_key(&scene.live, 'h');
    claim_frame(
        &scene, 80, 4,
        "netcheck  300 targets  300 up  0 down  0 error                         03:00:00Z\n"
        "up    127.0.0.1:20299      1.3 ms    1.3 ms    0%                       _     0s\n"
        "up    127.0.0.1:20298      1.3 ms    1.3 ms    0%                       _     0s\n"
        "space b page  d u half  j k line  g G ends  s sort  q quit  h back    1-2 of 300");
    live_key(&scene.live, 'h');
    claim_frame(&scene, 40, 10,
                "300 up  0 down  0 error        03:00:00Z\n"
                "STATE TARGET              LATENCY  LOSS\n"
                "up    127.0.0.1:20299      1.3 ms    0%\n"
                "up    127.0.0.1:20298      1.3 ms    0%\n"
                "up    127.0.0.1:20297      1.3 ms    0%\n"
                "up    127.0.0.1:20296      1.3 ms    0%\n"
                "up    127.0.0.1:20295      1.3 ms    0%\n"
                "up    127.0.0.1:20294      1.3 ms    0%\n"
                "up    127.0.0.1:20293      1.3 ms    0%\n"
                "q quit  s sort  arrows scroll 1-7 of 300");
    claim_frame(&scene, 20, 3,
                "300 up  0 down  0 e~\n"
                "up    127.0.0~:20299\n"
                "q quit    1-1 of 300");
    close_scene(&scene);
}

static void test_live_few_lines_are_shared_out(void **state)
{
    struct scene scene;
    open_scene(&scene, false, false);
    add_many(&scene, 3);
    claim_frame(&scene, 21, 4,
                "3 up  0 down  0 error\n"
                "up    127.0.0.1:20002\n"
                "up    127.0.0.1:20001\n"
                "q quit       1-2 of 3");
    claim_frame(&scene, 21, 2,
                "up    127.0.0.1:20002\n"
                "q quit       1-1 of 3");
    claim_frame(&scene, 21, 1, "up    127.0.0.1:20002");
    claim_frame(&scene, 0, 0, "~");
    close_scene(&scene);
}

static void test_live_without_targets_there_is_no_line(void **state)
{
    struct scene scene;
    open_scene(&scene, true, true);
    claim_frame(&scene, 60, 5,
                "netcheck  0 targets  0 up  0 down  0 error         03:00:00Z\n"
                "STATE TARGET     LATENCY     WORST  LOSS       RECENT    FOR\n"
                "\n\n"
                "q quit  s sort (worst first)  arrows scroll");
    close_scene(&scene);
}

/* What a terminal gets. Behind a full line nothing is erased: the cursor stands on its end. */
static void test_live_frame_is_exactly_this(void **state)
{
    static const struct {
        const char *label;
        unsigned columns;
        const char *bytes;
    } rows[] = {
        {"room", 28,
         "\033[0m\033[H1 up  1 down  1 error\033[K\r\n"
         "\033[31mdown\033[0m  db.example.com:5432  \033[K\r\n"
         "q quit  s sort      1-1 of 3"},
        {"full lines", 20,
         "\033[0m\033[H1 up  1 down  1 err~\r\n"
         "\033[31mdown\033[0m  db.exam~m:5432\r\n"
         "q quit      1-1 of 3"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct scene scene;
        open_scene(&scene, true, true);
        add_three(&scene);
        draw(&scene, &out, rows[i].columns, 3);
        claim_text(rows[i].label, "frame", buffer_text(&out), rows[i].bytes);
        draw(&scene, &out, rows[i].columns, 7);
        size_t len = strlen("\033[J");
        claim_text(rows[i].label, "end", buffer_text(&out) + out.len - len, "\033[J");
        buffer_release(&out);
        close_scene(&scene);
    }
}

static struct target *new_invalid(const char *line)
{
    const struct fault fault = {.code = FAULT_HOST_BYTE};
    const struct place place = {"hosts.txt", 1, 0};
    struct target *target = target_new_invalid(line, strlen(line), &fault, &place);
    assert_non_null(target);
    return target;
}

/* Labels that are long, hostile, or both, and every kind of row. */
static void add_nasty(struct scene *scene)
{
    char line[1000];
    memset(line, '\033', sizeof line);
    line[sizeof line - 1] = '\0';
    add_row(add_target(scene, new_invalid(line), 0), ERROR);
    add_row(add_target(scene, new_invalid("\xe2\x96\x81\x9b\x31m\r\n\tx"), 1), ERROR);
    add_row(add_target(scene, new_invalid(""), 2), ERROR);
    struct series *series = add_series(scene, "[2001:db8:1111:2222:3333:4444:5555:6666]:1", 3);
    for (int i = 0; i < 100; i++)
        add_row(series, i % 3 == 0 ? DOWN : i % 7 == 0 ? ERROR : 1000000 * i);
    series->since_ns = 0;
    memset(line, 'a', sizeof line);
    for (size_t i = 60; i < 240; i += 60)
        line[i] = '.';
    (void)snprintf(line + 240, sizeof line - 240, ":65535");
    series = add_series(scene, line, 4);
    add_rows(series, ROWS(0, 2000000000, 1));
    series->last.outcome = outcome_of(REASON_RESOLVE_TIMEOUT);
    series->since_ns = INT64_MIN / 2;
}

/* Cells of the longest line, and how many lines; every character but ESC is to be seen. */
static void measure(struct buffer *frame, unsigned *columns, unsigned *lines)
{
    unsigned cells = 0;
    *columns = 0;
    *lines = 1;
    for (const char *c = strip(frame); *c != '\0'; c++) {
        bool is_end = *c == '\n';
        claim_true("text", "nothing that a terminal obeys",
                   is_end || ((unsigned char)*c >= 0x20 && *c != 0x7f));
        *lines += is_end;
        cells = is_end ? 0 : cells + ((*c & 0xc0) != 0x80);
        *columns = cells > *columns ? cells : *columns;
    }
}

static void test_live_no_line_is_longer_than_the_screen_is_wide(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct scene scene;
    open_scene(&scene, true, true);
    scene.history.is_by_address = true;
    add_nasty(&scene);
    add_row(add_series(&scene, "[2001:db8:1111:2222:3333:4444:5555:7777]:1", 3), 7);
    for (unsigned columns = 1; columns <= 500; columns++) {
        char label[32];
        unsigned widest = 0;
        unsigned lines = 0;
        (void)snprintf(label, sizeof label, "%u columns", columns);
        draw(&scene, &out, columns, 1 + columns % 9);
        measure(&out, &widest, &lines);
        claim_true(label, "no longer line", widest <= columns);
        claim_number(label, "lines", lines, 1 + columns % 9);
    }
    buffer_release(&out);
    close_scene(&scene);
}

static void test_live_label_is_escaped_and_cut_in_its_middle(void **state)
{
    struct scene scene;
    open_scene(&scene, false, false);
    add_row(add_target(&scene, new_invalid("\033[2J\xe2\x96\x81 a\tb"), 0), ERROR);
    scene.all[0]->last.outcome = outcome_of(REASON_INVALID);
    claim_frame(&scene, 40, 1, "error \\x1b[2J\\~ a\\x09b     invalid     -");
    claim_frame(&scene, 45, 1, "error \\x1b[2J\\xe~x81 a\\x09b     invalid     -");
    claim_frame(&scene, 20, 1, "error \\x1b[2J~a\\x09b");
    close_scene(&scene);
}

static void test_live_siblings_are_told_by_their_addresses(void **state)
{
    static const struct {
        const char *text;
        size_t member;
        const char *address;
    } rows[] = {
        {"alone:1", 0, "10.0.0.1"},
        {"db:1", 1, "10.0.0.100"},
        {"db:1", 1, "10.0.0.2"},
    };
    struct scene scene;
    open_scene(&scene, false, false);
    scene.history.is_by_address = true;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct series *series = add_series(&scene, rows[i].text, rows[i].member);
        struct address *address = &series->last.endpoint.address;
        assert_true(address_parse(rows[i].address, strlen(rows[i].address), address));
        add_row(series, 1000);
        if (i == 1)
            claim_frame(&scene, 21, 2, "up    alone:1\nq quit       1-1 of 2");
    }
    claim_frame(&scene, 21, 4,
                "3 up  0 down  0 error\n"
                "up    alone:1\n"
                "up    db:1 10.0.0.100\n"
                "q quit       1-2 of 3");
    close_scene(&scene);
}

/* Known, but not answered yet. */
static void await_series(struct scene *scene, const char *text, size_t member)
{
    struct series *series = add_series(scene, text, member);
    series->is_awaited = true;
    series->since_ns = now - 7 * NS_PER_S;
}

static void test_live_awaited_targets_have_lines_behind_the_unexpected(void **state)
{
    struct scene scene;
    open_scene(&scene, false, true);
    await_series(&scene, "hangs.example.com:22", 0);
    add_row(add_series(&scene, "up.example.com:22", 1), 1000);
    add_row(add_series(&scene, "down.example.com:22", 2), DOWN);
    await_series(&scene, "!silent.example.com:22", 3);
    claim_frame(
        &scene, 80, 7,
        "netcheck  4 targets  1 up  1 down  0 error                             03:00:00Z\n"
        "STATE TARGET                    LATENCY     WORST  LOSS            RECENT    FOR\n"
        "down  down.example.com:22       timeout         -  100%                 x     0s\n"
        "...   hangs.example.com:22            -         -     -                       7s\n"
        "...   silent.example.com:22           -         -     -                       7s\n"
        "up    up.example.com:22          1.0 ms    1.0 ms    0%                 _     0s\n"
        "q quit  s sort (worst first)  arrows scroll");
    claim_frame(&scene, 40, 3,
                "1 up  1 down  0 error          03:00:00Z\n"
                "down  down.exa~.com:22     timeout  100%\n"
                "q quit  s sort  arrows scroll   1-1 of 4");
    close_scene(&scene);
}

static void type(struct scene *scene, const char *typed)
{
    for (const char *c = typed; *c != '\0'; c++)
        live_key(&scene->live, (unsigned char)*c);
}

/* The names of those shown on so many lines, in their order. */
static void claim_seen(const char *label, struct scene *scene, unsigned lines,
                       const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    char order[64] = "";
    draw(scene, &out, 80, lines);
    const char *line = strip(&out);
    for (unsigned i = 0; i + 1 < lines; i++) {
        if (i >= 2 && *line != '\n')
            strncat(order, line + strlen("error "), 1);
        line = strchr(line, '\n') + 1;
    }
    claim_text(label, "order", order, expected);
    buffer_release(&out);
}

static void claim_order(const char *label, struct scene *scene, const char *expected)
{
    claim_seen(label, scene, 24, expected);
}

static void test_live_worst_come_first_and_equals_as_given(void **state)
{
    static const struct {
        const char *name;
        size_t member;
        int rows[3];
    } rows[] = {
        {"a:1", 8, {100, 100, 100}},    {"b:1", 7, {100, 900, 100}},
        {"c:1", 6, {DOWN, 100, 100}},   {"d:1", 5, {100, 100, DOWN}},
        {"e:1", 4, {100, 100, 100}},    {"f:1", 3, {ERROR, ERROR, ERROR}},
        {"g:1", 2, {DOWN, DOWN, DOWN}}, {"!h:1", 1, {DOWN, DOWN, DOWN}},
        {"!i:1", 0, {DOWN, DOWN, 50}},
    };
    struct scene scene;
    open_scene(&scene, true, true);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        add_rows(add_series(&scene, rows[i].name, rows[i].member), rows[i].rows, 3);
    /* Not as expected: g lost all, d and i a third each, but d is slower, f says nothing.
       The others: c lost some, b is the slowest, a and e are equals, h was always as wanted
       and never up. */
    claim_order("worst first", &scene, "gdifcbeah");
    live_key(&scene.live, 's');
    claim_order("as given", &scene, "ihgfedcba");
    live_key(&scene.live, 's');
    claim_order("worst first again", &scene, "gdifcbeah");
    scene.live.options.expects_down = true;
    claim_order("--expect down", &scene, "beacifdhg");
    close_scene(&scene);
}

static void claim_shown(const char *label, struct scene *scene, const char *part)
{
    struct buffer out = BUFFER_EMPTY;
    live_forget(&scene->live);
    draw(scene, &out, 80, 6);
    claim_contains(label, strip(&out), part);
    buffer_release(&out);
}

static void test_live_scrolled_lines_keep_their_places(void **state)
{
    static const char *const names[] = {"a:1", "b:1", "c:1", "d:1", "e:1", "f:1"};
    struct scene scene;
    open_scene(&scene, false, false);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        add_row(add_series(&scene, names[i], i), i == 3 ? 900 : 100);
    claim_seen("start", &scene, 6, "dab");
    claim_shown("start", &scene, "(worst first)");
    type(&scene, "j");
    add_row(scene.all[5], DOWN);
    add_row(scene.all[1], DOWN);
    claim_seen("two are down", &scene, 6, "abc");
    claim_shown("held", &scene, "(worst first, held)");
    claim_shown("the header counts all", &scene, "4 up  2 down");
    add_row(add_series(&scene, "g:1", 6), 100);
    type(&scene, "G");
    claim_seen("a new one", &scene, 6, "efg");
    scene.all[2]->is_gone = true;
    claim_seen("one has gone", &scene, 6, "efg");
    type(&scene, "2k");
    claim_seen("its place is closed", &scene, 6, "abe");
    scene.all[2]->is_gone = false;
    claim_seen("it is back", &scene, 6, "abc");
    type(&scene, "k");
    claim_seen("at the first line they are sorted", &scene, 6, "bfd");
    type(&scene, "s G");
    claim_shown("nothing is held as given", &scene, "(as given)");
    close_scene(&scene);
}

static void test_live_siblings_stay_in_the_order_in_which_they_turned_up(void **state)
{
    static const size_t members[] = {1, 0, 1, 0, 1};
    static const char *const names[] = {"a:1", "b:1", "c:1", "d:1", "e:1"};
    struct scene scene;
    open_scene(&scene, true, true);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        add_row(add_series(&scene, names[i], members[i]), 100);
    claim_order("equals", &scene, "bdace");
    close_scene(&scene);
}

static void test_live_keys_do_what_they_say(void **state)
{
    static const struct {
        const char *label;
        const char *typed;
        size_t top; /* of 300, seven a page, from line 100 on */
        bool is_as_given;
        bool shows_keys;
        bool wants_end;
    } rows[] = {
        {"nothing", "", 100, false, false, false},
        {"unknown", "\033[3~\tx", 100, false, false, false},
        {"scrolling", " 2k", 105, false, false, false},
        {"q", "q", 100, false, false, true},
        {"s", "s", 0, true, false, false},
        {"s twice", "ss", 0, false, false, false},
        {"h", "h", 100, false, true, false},
        {"h twice", "hh", 100, false, false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct scene scene;
        struct buffer out = BUFFER_EMPTY;
        const struct live *live = &scene.live;
        open_scene(&scene, true, true);
        add_many(&scene, 300);
        draw(&scene, &out, 40, 10);
        type(&scene, "101g");
        type(&scene, rows[i].typed);
        claim_number(rows[i].label, "top", live->scroll.top, rows[i].top);
        claim_number(rows[i].label, "as given", live->is_as_given, rows[i].is_as_given);
        claim_number(rows[i].label, "help", live->shows_keys, rows[i].shows_keys);
        claim_number(rows[i].label, "end", live->wants_end, rows[i].wants_end);
        buffer_release(&out);
        close_scene(&scene);
    }
}

static void claim_foot(const char *label, struct scene *scene, unsigned lines,
                       const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    draw(scene, &out, 20, lines);
    const char *foot = strrchr(strip(&out), '\n') + 1;
    claim_text(label, "bottom", foot, expected);
    buffer_release(&out);
}

static void test_live_keys_scroll_from_end_to_end(void **state)
{
    struct scene scene;
    open_scene(&scene, true, true);
    add_many(&scene, 30);
    live_key(&scene.live, 'j'); /* before the first frame there is nothing to scroll */
    claim_foot("start", &scene, 10, "q quit     1-7 of 30");
    live_key(&scene.live, ' ');
    claim_foot("page", &scene, 10, "q quit    8-14 of 30");
    live_key(&scene.live, 'G');
    claim_foot("end", &scene, 10, "q quit   24-30 of 30");
    claim_foot("a larger screen", &scene, 23, "q quit   11-30 of 30");
    claim_foot("a smaller screen", &scene, 5, "q quit   29-30 of 30");
    claim_foot("room for all", &scene, 33, "q quit  s sort");
    live_key(&scene.live, 'h');
    claim_foot("keys", &scene, 33, "space b page");
    close_scene(&scene);
}

static void test_live_only_news_is_drawn(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct scene scene;
    struct live_moment moment = moment_of(80, 24);
    open_scene(&scene, true, true);
    add_three(&scene);
    buffer_add_text(&out, "before");
    claim_error("first", live_draw(&scene.live, &out, &scene.history, &moment), ERROR_NONE);
    assert_true(out.len > 300);
    assert_memory_equal(out.bytes, "before\033[0m\033[H", 13);
    draw(&scene, &out, 80, 24);
    assert_int_equal(out.len, 0);
    live_forget(&scene.live);
    draw(&scene, &out, 80, 24);
    assert_true(out.len > 300);
    live_key(&scene.live, '\f');
    draw(&scene, &out, 80, 24);
    assert_true(out.len > 300);
    live_key(&scene.live, 'j');
    draw(&scene, &out, 80, 24);
    assert_int_equal(out.len, 0);
    draw(&scene, &out, 80, 25);
    assert_true(out.len > 300);
    moment = moment_of(80, 25);
    moment.wall_ns += NS_PER_S - 1;
    out.len = 0;
    claim_error("same second", live_draw(&scene.live, &out, &scene.history, &moment),
                ERROR_NONE);
    assert_int_equal(out.len, 0);
    moment.wall_ns++;
    claim_error("next second", live_draw(&scene.live, &out, &scene.history, &moment),
                ERROR_NONE);
    assert_true(out.len > 300);
    buffer_release(&out);
    close_scene(&scene);
}

/* The first line of a series, from `column` on; 100 cells: RECENT has 38 of them. */
static void claim_row(const char *label, struct scene *scene, unsigned column,
                      const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    draw(scene, &out, 100, 5);
    const char *line = strip(&out);
    for (unsigned i = 0; i < 2; i++)
        line = strchr(line, '\n') + 1;
    char row[400];
    (void)snprintf(row, sizeof row, "%.*s", (int)strcspn(line, "\n"), line + column);
    row[strcspn(row, "\n")] = '\0';
    claim_text(label, "row", row, expected);
    buffer_release(&out);
}

static void test_live_recent_probes_are_drawn_to_scale(void **state)
{
    static const struct {
        const char *label;
        int rows[10];
        size_t count;
        const char *unicode;
        const char *ascii;
    } rows[] = {
        {"one", {5000}, 1, "▁", "_"},
        {"from the smallest to the largest",
         {1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000},
         8,
         "▁▂▃▄▅▆▇█",
         "_.-:=+*#"},
        {"noise below a millisecond", {100, 400, 200, 1100}, 4, "▁▃▁█", "_-_#"},
        {"less than twice as long", {50000, 60000, 55000}, 3, "▁▂▁", "_._"},
        {"down and error", {1000, DOWN, ERROR, 9000}, 4, "▁x?█", "_x?#"},
        {"only down", {DOWN, DOWN}, 2, "xx", "xx"},
        {"up after an unknown time", {1000, UNTIMED, 9000}, 3, "▁o█", "_o#"},
        {"no time at all", {0, 0, 1000}, 3, "▁▁█", "__#"},
        {"the largest there is", {0, 2147483647}, 2, "▁█", "_#"},
    };
    for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
        struct scene scene;
        char expected[64];
        size_t row = i / 2;
        bool is_unicode = i % 2 == 1;
        open_scene(&scene, is_unicode, false);
        struct series *series = add_series(&scene, "a:1", 0);
        add_rows(series, rows[row].rows, rows[row].count);
        add_rows(series, ROWS(DOWN));
        (void)snprintf(expected, sizeof expected, "%sx     0s",
                       is_unicode ? rows[row].unicode : rows[row].ascii);
        unsigned before = 100 - (unsigned)rows[row].count - (unsigned)strlen("x     0s");
        claim_row(rows[row].label, &scene, before, expected);
        close_scene(&scene);
    }
}

/* Those before are no longer there, and do not count for the scale either. */
static void test_live_recent_probes_are_the_last_64(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct scene scene;
    open_scene(&scene, false, false);
    struct series *series = add_series(&scene, "a:1", 0);
    add_row(series, 100000000);
    for (int i = 0; i < STATS_RECENT; i++)
        add_row(series, i == 0 ? DOWN : i == 63 ? 3000 : 1000);
    draw(&scene, &out, 200, 5);
    claim_contains("64", strip(&out),
                   "100000 ms  1.5% "
                   "x______________________________________________________________#     0s");
    buffer_release(&out);
    close_scene(&scene);
}

static void test_live_colours_say_what_was_not_expected(void **state)
{
    static const struct {
        const char *label;
        const char *target;
        int rows[4];
        const char *state;
        const char *recent;
    } rows[] = {
        {"up", "a:1", {1, DOWN, DOWN, 1}, "\033[32mup\033[0m ", "_\033[31mxx\033[0m_  "},
        {"down", "a:1", {1, 1, 1, DOWN}, "\033[31mdown\033[0m ", " ___\033[31mx\033[0m  "},
        {"error", "a:1", {1, 1, 1, ERROR}, "\033[33merror\033[0m ", " ___\033[33m?\033[0m  "},
        {"!up",
         "!a:1",
         {1, DOWN, DOWN, 1},
         "\033[31mup\033[0m ",
         " \033[31m_\033[0mxx\033[31m_\033[0m  "},
        {"!down", "!a:1", {DOWN, DOWN, DOWN, DOWN}, "\033[32mdown\033[0m ", " xxxx  "},
        {"!error",
         "!a:1",
         {DOWN, 1, ERROR, ERROR},
         "\033[33merror\033[0m ",
         " x\033[31m_\033[33m??\033[0m  "},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct scene scene;
        open_scene(&scene, false, true);
        add_rows(add_series(&scene, rows[i].target, 0), rows[i].rows, 4);
        draw(&scene, &out, 100, 5);
        claim_contains(rows[i].label, buffer_text(&out), rows[i].state);
        claim_contains(rows[i].label, buffer_text(&out), rows[i].recent);
        scene.live.options.is_coloured = false;
        live_forget(&scene.live);
        draw(&scene, &out, 100, 5);
        claim_true(rows[i].label, "no colour", strstr(buffer_text(&out), "m\033[") == NULL);
        claim_true(rows[i].label, "none at all", strstr(buffer_text(&out), "\033[3") == NULL);
        buffer_release(&out);
        close_scene(&scene);
    }
}

static void test_live_pace_is_that_of_the_median(void **state)
{
    static const struct {
        const char *label;
        int64_t latency_us;
        int64_t median_us;
        uint64_t count;
        enum live_pace pace;
    } rows[] = {
        {"none", 100000, -1, 0, LIVE_PACE_UNKNOWN},
        {"too few", 100000, 10000, 4, LIVE_PACE_UNKNOWN},
        {"enough", 100000, 10000, 5, LIVE_PACE_VERY_SLOW},
        {"the same", 10000, 10000, 5, LIVE_PACE_USUAL},
        {"faster", 1, 10000, 5, LIVE_PACE_USUAL},
        {"1.5 times", 15000, 10000, 5, LIVE_PACE_USUAL},
        {"more", 15001, 10000, 5, LIVE_PACE_SLOW},
        {"3 times", 30000, 10000, 5, LIVE_PACE_SLOW},
        {"more than that", 30001, 10000, 5, LIVE_PACE_VERY_SLOW},
        {"loopback", 1500, 20, 5, LIVE_PACE_USUAL},
        {"slow for loopback", 1501, 20, 5, LIVE_PACE_SLOW},
        {"not three times a millisecond", 3000, 999, 5, LIVE_PACE_SLOW},
        {"very slow for loopback", 3001, 0, 5, LIVE_PACE_VERY_SLOW},
        {"just over a millisecond", 3001, 1001, 5, LIVE_PACE_SLOW},
        {"a lost SYN", 1020000, 20000, 1000000, LIVE_PACE_VERY_SLOW},
        {"the longest", INT64_MAX / NS_PER_US, INT64_MAX / NS_PER_US, 5, LIVE_PACE_USUAL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        claim_number(rows[i].label, "pace",
                     live_page_pace(rows[i].latency_us * NS_PER_US,
                                    rows[i].median_us * NS_PER_US, rows[i].count),
                     rows[i].pace);
}

static void test_live_latency_has_the_colour_of_its_pace(void **state)
{
    static const struct {
        const char *label;
        const char *target;
        int rows[6];
        const char *latency;
    } rows[] = {
        {"usual", "a:1", {9000, 9000, 9000, 9000, 9000, 12000}, " \033[32m12.0 ms\033[0m "},
        {"slow", "a:1", {9000, 9000, 9000, 9000, 9000, 20000}, " \033[33m20.0 ms\033[0m "},
        {"very slow", "a:1", {9000, 9000, 9000, 9000, 9000, 90000}, " \033[31m90.0 ms\033[0m "},
        {"few latencies", "a:1", {9000, DOWN, DOWN, 9000, 9000, 90000}, " 90.0 ms   90.0 ms "},
        {"down", "a:1", {9000, 9000, 9000, 9000, 9000, DOWN}, " timeout "},
        {"no latency", "a:1", {9000, 9000, 9000, 9000, 9000, UNTIMED}, " - "},
        {"not to be up", "!a:1", {9000, 9000, 9000, 9000, 9000, 90000}, " 90.0 ms   90.0 ms "},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct scene scene;
        open_scene(&scene, false, true);
        add_rows(add_series(&scene, rows[i].target, 0), rows[i].rows, 6);
        draw(&scene, &out, 100, 5);
        claim_contains(rows[i].label, buffer_text(&out), rows[i].latency);
        scene.live.options.is_coloured = false;
        draw(&scene, &out, 100, 5);
        claim_true(rows[i].label, "no colour", strstr(buffer_text(&out), "\033[3") == NULL);
        buffer_release(&out);
        close_scene(&scene);
    }
}

static void test_live_loss_is_none_or_all_only_where_it_is(void **state)
{
    static const struct {
        const char *label;
        uint64_t up;
        uint64_t down;
        const char *text;
    } rows[] = {
        {"none", 1000000, 0, "   0%"}, {"next to none", 1000000, 1, " 0.1%"},
        {"a tenth", 999, 1, " 0.1%"},  {"half", 1, 1, "50.0%"},
        {"a third", 2, 1, "33.3%"},    {"next to all", 1, 1000000, "99.9%"},
        {"all", 0, 1000000, " 100%"},  {"no rows that count", 0, 0, "    -"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct scene scene;
        open_scene(&scene, false, false);
        struct series *series = add_series(&scene, "a:1", 0);
        series->stats->states[STATE_UP] = rows[i].up;
        series->stats->states[STATE_DOWN] = rows[i].down;
        series->stats->sent = rows[i].up + rows[i].down;
        char expected[80];
        char recent[53];
        memset(recent, '_', sizeof recent - 1);
        recent[sizeof recent - 1] = '\0';
        int count = series->stats->sent < 52 ? (int)series->stats->sent : 52;
        (void)snprintf(expected, sizeof expected, "%s %52.*s     0s", rows[i].text, count,
                       recent);
        claim_row(rows[i].label, &scene, 35, expected);
        close_scene(&scene);
    }
}

static void test_live_time_has_two_units(void **state)
{
    static const struct {
        int64_t s;
        const char *text;
    } rows[] = {
        {-1, "    0s"},      {0, "    0s"},         {59, "   59s"},     {60, " 1m00s"},
        {192, " 3m12s"},     {3599, "59m59s"},      {3600, " 1h00m"},   {7500, " 2h05m"},
        {86399, "23h59m"},   {86400, " 1d00h"},     {356400, " 4d03h"}, {8639999, "99d23h"},
        {8640000, "  100d"}, {864000000, "10000d"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct scene scene;
        open_scene(&scene, false, false);
        struct series *series = add_series(&scene, "a:1", 0);
        series->since_ns = now - rows[i].s * NS_PER_S - NS_PER_S / 2;
        claim_row(rows[i].text, &scene, 94, rows[i].text);
        close_scene(&scene);
    }
}

static void test_live_without_statistics_columns_are_empty(void **state)
{
    struct scene scene;
    open_scene(&scene, false, false);
    struct series *series = add_series(&scene, "a:1", 0);
    struct stats *stats = series->stats;
    add_row(series, 1500);
    series->stats = NULL;
    claim_row("none", &scene, 0,
              "up    a:1         1.5 ms         -     -"
              "                                                          0s");
    series->last.connect_ns = -1;
    claim_row("no latency", &scene, 0,
              "up    a:1              -         -     -"
              "                                                          0s");
    free(stats);
    close_scene(&scene);
}

/* TLS: the handshake took 300 us, the answer behind it 1.5 ms. */
static void test_live_latency_is_that_of_the_answer(void **state)
{
    struct scene scene;
    open_scene(&scene, false, false);
    struct series *series = add_series(&scene, "tls://web:443", 0);
    add_row(series, 1500);
    series->last.measures.is_reply = true;
    series->last.reply_ns = series->last.connect_ns;
    series->last.connect_ns = 300 * NS_PER_US;
    claim_row("replied", &scene, 0,
              "up    tls://web:443      1.5 ms    1.5 ms    0%"
              "                                             _     0s");
    series->last.outcome = outcome_of(REASON_MISMATCHED);
    claim_row("mismatched", &scene, 0,
              "down  tls://web:443  mismatched    1.5 ms    0%"
              "                                             _     0s");
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_live_three_targets_fill_screens_of_all_sizes),
        cmocka_unit_test(test_live_many_targets_are_counted_at_the_bottom),
        cmocka_unit_test(test_live_few_lines_are_shared_out),
        cmocka_unit_test(test_live_without_targets_there_is_no_line),
        cmocka_unit_test(test_live_frame_is_exactly_this),
        cmocka_unit_test(test_live_no_line_is_longer_than_the_screen_is_wide),
        cmocka_unit_test(test_live_label_is_escaped_and_cut_in_its_middle),
        cmocka_unit_test(test_live_awaited_targets_have_lines_behind_the_unexpected),
        cmocka_unit_test(test_live_siblings_are_told_by_their_addresses),
        cmocka_unit_test(test_live_worst_come_first_and_equals_as_given),
        cmocka_unit_test(test_live_scrolled_lines_keep_their_places),
        cmocka_unit_test(test_live_siblings_stay_in_the_order_in_which_they_turned_up),
        cmocka_unit_test(test_live_keys_do_what_they_say),
        cmocka_unit_test(test_live_keys_scroll_from_end_to_end),
        cmocka_unit_test(test_live_only_news_is_drawn),
        cmocka_unit_test(test_live_recent_probes_are_drawn_to_scale),
        cmocka_unit_test(test_live_recent_probes_are_the_last_64),
        cmocka_unit_test(test_live_colours_say_what_was_not_expected),
        cmocka_unit_test(test_live_pace_is_that_of_the_median),
        cmocka_unit_test(test_live_latency_has_the_colour_of_its_pace),
        cmocka_unit_test(test_live_loss_is_none_or_all_only_where_it_is),
        cmocka_unit_test(test_live_time_has_two_units),
        cmocka_unit_test(test_live_without_statistics_columns_are_empty),
        cmocka_unit_test(test_live_latency_is_that_of_the_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
