#include <stdint.h>

#include "../claim.h"
#include "netcheck/report/live_scroll.h"

enum { COUNT = 300, PAGE = 21, LIMIT = COUNT - PAGE };

/* Commands in their order; the number of those that have none is 0. */
struct step {
    enum live_verb verb;
    size_t number;
};

static const struct {
    const char *label;
    size_t from;
    struct step steps[4];
    size_t top;
} moves[] = {
    {"nothing", 100, {{LIVE_NOTHING, 5}}, 100},
    {"no scrolling",
     100,
     {{LIVE_SORT, 1}, {LIVE_REDRAW, 1}, {LIVE_HELP, 1}, {LIVE_QUIT, 1}},
     100},

    {"a line down", 100, {{LIVE_LINE_DOWN, 0}}, 101},
    {"lines down", 100, {{LIVE_LINE_DOWN, 7}}, 107},
    {"to the last line", LIMIT - 1, {{LIVE_LINE_DOWN, 0}}, LIMIT},
    {"not past the last line", LIMIT, {{LIVE_LINE_DOWN, 0}}, LIMIT},
    {"lines past the end", 100, {{LIVE_LINE_DOWN, LIVE_NUMBER_MAX}}, LIMIT},
    {"a line up", 100, {{LIVE_LINE_UP, 0}}, 99},
    {"to the first line", 1, {{LIVE_LINE_UP, 0}}, 0},
    {"not past the first line", 0, {{LIVE_LINE_UP, 0}}, 0},
    {"lines past the start", 5, {{LIVE_LINE_UP, 6}}, 0},
    {"past the end and back", LIMIT, {{LIVE_PAGE_DOWN, 0}, {LIVE_LINE_UP, 0}}, LIMIT - 1},

    {"a page down", 100, {{LIVE_PAGE_DOWN, 0}}, 121},
    {"a page up", 100, {{LIVE_PAGE_UP, 0}}, 79},
    {"a page down near the end", LIMIT - 3, {{LIVE_PAGE_DOWN, 0}}, LIMIT},
    {"a page up near the start", 3, {{LIVE_PAGE_UP, 0}}, 0},
    {"lines by page keys", 100, {{LIVE_PAGE_DOWN, 30}, {LIVE_PAGE_UP, 1}}, 129},

    {"half a page down", 100, {{LIVE_HALF_DOWN, 0}}, 111},
    {"half a page up", 100, {{LIVE_HALF_UP, 0}}, 89},
    {"half a page is what was said", 100, {{LIVE_HALF_DOWN, 3}, {LIVE_HALF_DOWN, 0}}, 106},
    {"up, too", 100, {{LIVE_HALF_UP, 3}, {LIVE_HALF_UP, 0}, {LIVE_HALF_DOWN, 0}}, 97},

    {"first", 100, {{LIVE_FIRST, 0}}, 0},
    {"last", 100, {{LIVE_LAST, 0}}, LIMIT},
    {"line 1", 100, {{LIVE_FIRST, 1}}, 0},
    {"line 50", 100, {{LIVE_FIRST, 50}}, 49},
    {"line 50 by G", 100, {{LIVE_LAST, 50}}, 49},
    {"line 300", 100, {{LIVE_FIRST, 300}}, LIMIT},
    {"a line that is not there", 100, {{LIVE_FIRST, LIVE_NUMBER_MAX}}, LIMIT},

    {"no percent", 100, {{LIVE_PERCENT, 0}}, 0},
    {"half", 100, {{LIVE_PERCENT, 50}}, 150},
    {"99 percent", 100, {{LIVE_PERCENT, 99}}, LIMIT},
    {"100 percent", 100, {{LIVE_PERCENT, 100}}, LIMIT},
    {"more", 100, {{LIVE_PERCENT, 101}}, LIMIT},
};

static void move(struct live_scroll *scroll, enum live_verb verb, size_t number)
{
    const struct live_command command = {verb, number};
    live_scroll_move(scroll, &command);
}

static void test_live_scroll_moves_and_stays_inside(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
        struct live_scroll scroll = {.top = moves[i].from};
        live_scroll_fit(&scroll, COUNT, PAGE);
        for (size_t j = 0; j < ARRAY_LEN(moves[i].steps); j++)
            move(&scroll, moves[i].steps[j].verb, moves[i].steps[j].number);
        claim_number(moves[i].label, "top", scroll.top, moves[i].top);
    }
}

static const struct {
    const char *label;
    struct step step; /* at 300 lines, 21 a page */
    size_t count;     /* then */
    size_t page;
    size_t top;
    struct step then;
    size_t last; /* and after as many lines and as large a page as before */
} fits[] = {
    {"start, larger", {LIVE_FIRST, 0}, 300, 50, 0, {LIVE_NOTHING, 0}, 0},
    {"middle, larger", {LIVE_FIRST, 101}, 300, 50, 100, {LIVE_NOTHING, 0}, 100},
    {"middle, smaller", {LIVE_FIRST, 101}, 300, 1, 100, {LIVE_NOTHING, 0}, 100},
    {"near the end, larger", {LIVE_FIRST, 261}, 300, 50, 250, {LIVE_NOTHING, 0}, 250},
    {"end, larger", {LIVE_LAST, 0}, 300, 50, 250, {LIVE_NOTHING, 0}, 279},
    {"end, smaller", {LIVE_LAST, 0}, 300, 1, 299, {LIVE_NOTHING, 0}, 279},
    {"end by lines, smaller", {LIVE_LINE_DOWN, 300}, 300, 1, 299, {LIVE_NOTHING, 0}, 279},
    {"end, more lines", {LIVE_LAST, 0}, 400, 21, 379, {LIVE_NOTHING, 0}, 279},
    {"end, room for all", {LIVE_LAST, 0}, 300, 300, 0, {LIVE_NOTHING, 0}, 279},
    {"end, room for all, a key", {LIVE_LAST, 0}, 300, 300, 0, {LIVE_LINE_UP, 0}, 0},
    {"end, smaller, away", {LIVE_LAST, 0}, 300, 1, 299, {LIVE_LINE_UP, 100}, 199},
    {"middle, fewer lines", {LIVE_FIRST, 101}, 50, 21, 29, {LIVE_NOTHING, 0}, 29},
    {"room for all, down", {LIVE_FIRST, 0}, 300, 301, 0, {LIVE_LAST, 0}, 0},
    {"no lines", {LIVE_LAST, 0}, 0, 21, 0, {LIVE_PERCENT, 50}, 0},
};

static void test_live_scroll_stays_where_it_can_and_at_the_end(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(fits); i++) {
        struct live_scroll scroll = {0};
        move(&scroll, LIVE_LINE_DOWN, 5); /* before the first fit there is nothing to scroll */
        live_scroll_fit(&scroll, COUNT, PAGE);
        claim_number(fits[i].label, "first", scroll.top, 0);
        move(&scroll, fits[i].step.verb, fits[i].step.number);
        live_scroll_fit(&scroll, fits[i].count, fits[i].page);
        claim_number(fits[i].label, "top", scroll.top, fits[i].top);
        move(&scroll, fits[i].then.verb, fits[i].then.number);
        live_scroll_fit(&scroll, COUNT, PAGE);
        claim_number(fits[i].label, "last", scroll.top, fits[i].last);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_live_scroll_moves_and_stays_inside),
        cmocka_unit_test(test_live_scroll_stays_where_it_can_and_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
