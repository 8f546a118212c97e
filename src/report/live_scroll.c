#include "netcheck/report/live_scroll.h"

#include <stdint.h>

/* The largest `top` there is sense in. */
static size_t limit_of(const struct live_scroll *scroll)
{
    return scroll->count > scroll->page ? scroll->count - scroll->page : 0;
}

static size_t half_of(struct live_scroll *scroll, size_t number)
{
    if (number > 0)
        scroll->half = number;
    return scroll->half > 0 ? scroll->half : (scroll->page + 1) / 2;
}

static size_t below(const struct live_scroll *scroll, size_t lines)
{
    return lines < SIZE_MAX - scroll->top ? scroll->top + lines : SIZE_MAX;
}

static size_t above(const struct live_scroll *scroll, size_t lines)
{
    return lines < scroll->top ? scroll->top - lines : 0;
}

/* Where the command leads, perhaps past the end. */
static size_t aim(struct live_scroll *scroll, const struct live_command *command)
{
    size_t number = command->number;
    switch (command->verb) {
    case LIVE_LINE_DOWN:
        return below(scroll, number > 0 ? number : 1);
    case LIVE_LINE_UP:
        return above(scroll, number > 0 ? number : 1);
    case LIVE_HALF_DOWN:
        return below(scroll, half_of(scroll, number));
    case LIVE_HALF_UP:
        return above(scroll, half_of(scroll, number));
    case LIVE_PAGE_DOWN:
        return below(scroll, number > 0 ? number : scroll->page);
    case LIVE_PAGE_UP:
        return above(scroll, number > 0 ? number : scroll->page);
    case LIVE_FIRST:
        return number > 0 ? number - 1 : 0;
    case LIVE_LAST:
        return number > 0 ? number - 1 : SIZE_MAX;
    case LIVE_PERCENT:
        return number < 100 ? scroll->count / 100 * number + scroll->count % 100 * number / 100
                            : SIZE_MAX;
    case LIVE_NOTHING:
    case LIVE_QUIT:
    case LIVE_SORT:
    case LIVE_REDRAW:
    case LIVE_HELP:
        break;
    }
    return scroll->top;
}

static bool scrolls(enum live_verb verb)
{
    return verb >= LIVE_LINE_DOWN;
}

void live_scroll_move(struct live_scroll *scroll, const struct live_command *command)
{
    if (!scrolls(command->verb))
        return;
    size_t limit = limit_of(scroll);
    size_t top = aim(scroll, command);
    scroll->top = top < limit ? top : limit;
    scroll->is_at_end = limit > 0 && scroll->top == limit;
}

void live_scroll_fit(struct live_scroll *scroll, size_t count, size_t page)
{
    scroll->count = count;
    scroll->page = page;
    size_t limit = limit_of(scroll);
    if (scroll->is_at_end || scroll->top > limit)
        scroll->top = limit;
}
