#include "netcheck/report/history.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/grow.h"

void history_init(struct history *history, bool is_by_address, bool has_stats)
{
    *history = (struct history){.is_by_address = is_by_address, .has_stats = has_stats};
}

static void series_free(struct series *series)
{
    if (series == NULL)
        return;
    result_release(&series->last);
    free(series->stats);
    free(series);
}

void history_release(struct history *history)
{
    for (size_t i = 0; i < history->count; i++)
        series_free(history->series[i]);
    free(history->series);
    free(history->members);
    history_init(history, history->is_by_address, history->has_stats);
}

/* Without addresses only the family says that they are the same. */
static bool is_same_address(const struct address *a, const struct address *b)
{
    if (address_family(a) == AF_UNSPEC)
        return address_family(b) == AF_UNSPEC;
    return address_equals(a, b);
}

/* Where the row's series is linked, or where it is to be linked. */
static struct series **find_link(const struct history *history, const struct endpoint *endpoint)
{
    struct series **link = &history->members[endpoint->member];
    if (!history->is_by_address)
        return link;
    while (*link != NULL && !(*link)->is_awaited &&
           !is_same_address(&(*link)->last.endpoint.address, &endpoint->address))
        link = &(*link)->sibling;
    return link;
}

const struct series *history_member(const struct history *history, size_t member)
{
    return member < history->member_count ? history->members[member] : NULL;
}

bool history_has_row(const struct history *history, const struct endpoint *endpoint)
{
    const struct series *series = history_member(history, endpoint->member);
    if (series != NULL && address_family(&endpoint->address) != AF_UNSPEC)
        series = *find_link(history, endpoint);
    return series != NULL && !series->is_awaited;
}

static enum error reserve_member(struct history *history, size_t member)
{
    size_t count = history->member_count;
    if (member == SIZE_MAX)
        return ERROR_NO_MEMORY;
    enum error error = GROW(history->members, history->member_count, member + 1);
    for (; count < history->member_count; count++)
        history->members[count] = NULL;
    return error;
}

/* A new series about `endpoint`, awaited, behind `link`. */
static enum error append_series(struct history *history, struct series **link,
                                const struct endpoint *endpoint)
{
    if (GROW(history->series, history->capacity, history->count + 1) != ERROR_NONE)
        return ERROR_NO_MEMORY;
    *link = calloc(1, sizeof **link);
    if (*link == NULL)
        return ERROR_NO_MEMORY;
    history->series[history->count++] = *link;
    (*link)->is_awaited = true;
    (*link)->last.endpoint = *endpoint;
    (void)target_hold(endpoint->target);
    return ERROR_NONE;
}

/* The series of a member that was asked last the longest ago; NULL while it may have more. */
static struct series *find_stale(const struct history *history, size_t member)
{
    struct series *stale = history->members[member];
    size_t count = 0;
    for (struct series *series = stale; series != NULL; series = series->sibling) {
        count++;
        if (series->last.asked_ns < stale->last.asked_ns)
            stale = series;
    }
    return count >= HISTORY_ADDRESSES ? stale : NULL;
}

/* An answer is complete: of addresses that it did not have nothing is known from here on. */
static void leave_others(struct series *first, int64_t asked_ns)
{
    for (struct series *series = first; series != NULL; series = series->sibling) {
        if (series->last.asked_ns >= asked_ns || series->is_gone)
            continue;
        series->is_gone = true;
        if (series->stats != NULL)
            stats_pause(series->stats, asked_ns);
    }
}

/* As new, in its old place. */
static void forget(struct series *series)
{
    result_release(&series->last);
    memset(&series->last, 0, sizeof series->last);
    series->is_gone = false;
    if (series->stats != NULL)
        memset(series->stats, 0, sizeof *series->stats);
}

static struct change compare(const struct series *series, const struct result *result)
{
    bool has_row = series->last.endpoint.target != NULL && !series->is_awaited;
    if (!has_row || series->is_gone)
        return (struct change){.news = NEWS_NEW};
    enum state before = outcome_state(&series->last.outcome);
    return (struct change){
        .news = outcome_state(&result->outcome) != before ? NEWS_CHANGED : NEWS_NONE,
        .has_new_reason = result->outcome.reason != series->last.outcome.reason,
        .before = before,
        .lasted_ns = result->asked_ns - series->since_ns,
    };
}

static void update_series(struct series *series, struct result *result)
{
    result->change = compare(series, result);
    if (result->change.news != NEWS_NONE)
        series->since_ns = result->asked_ns;
    series->is_gone = series->is_awaited = false;
    result_release(&series->last);
    series->last = *result;
    result_hold(&series->last);
    if (series->stats != NULL)
        stats_add(series->stats, result);
}

enum error history_expect(struct history *history, const struct endpoint *endpoint,
                          int64_t now_ns)
{
    enum error error = reserve_member(history, endpoint->member);
    if (error != ERROR_NONE)
        return error;
    struct series **link = &history->members[endpoint->member];
    assert(*link == NULL);
    error = append_series(history, link, endpoint);
    if (error == ERROR_NONE)
        (*link)->since_ns = now_ns;
    return error;
}

enum error history_add(struct history *history, struct result *result, struct series **series)
{
    enum error error = reserve_member(history, result->endpoint.member);
    if (error != ERROR_NONE)
        return error;
    struct series **link = find_link(history, &result->endpoint);
    struct series *stale = *link == NULL ? find_stale(history, result->endpoint.member) : NULL;
    if (stale != NULL)
        forget(stale);
    else if (*link == NULL)
        error = append_series(history, link, &result->endpoint);
    if (error != ERROR_NONE)
        return error;
    *series = stale != NULL ? stale : *link;
    if (history->has_stats && (*series)->stats == NULL)
        (*series)->stats = calloc(1, sizeof *(*series)->stats);
    if (history->has_stats && (*series)->stats == NULL)
        return ERROR_NO_MEMORY;
    update_series(*series, result);
    if (history->is_by_address && result->row + 1 == result->rows)
        leave_others(history->members[result->endpoint.member], result->asked_ns);
    return ERROR_NONE;
}
