#include "netcheck/schedule/await.h"

#include "netcheck/base/base.h"

static const int64_t fresh_ns = 5 * NS_PER_S;

static bool is_invalid(const struct member *member)
{
    return member->endpoint.target->kind == TARGET_INVALID;
}

/* The pause counts from the last asking on. */
static void ask_again(struct await *await, struct member *member, int64_t now_ns)
{
    int64_t pause_ns = backoff_take_ns(&await->backoff, &member->pause_ns);
    int64_t left_ns = NEVER_NS - member->asked_ns;
    int64_t at_ns = pause_ns < left_ns ? member->asked_ns + pause_ns : NEVER_NS;
    roster_ask_at(await->roster, member, at_ns > now_ns ? at_ns : now_ns);
}

void await_begin(struct await *await, int64_t now_ns)
{
    size_t count = await->roster->count;
    for (size_t i = 0; i < count; i++) {
        struct member *member = &await->roster->members[i];
        await->has_invalid |= is_invalid(member);
        roster_ask_at(await->roster, member, now_ns - (int64_t)(count - i));
    }
    await->is_vain |= await->has_invalid && !await->is_any;
}

bool await_next(struct await *await, int64_t now_ns, struct endpoint *endpoint)
{
    struct member *member = roster_take(await->roster, now_ns);
    if (member == NULL)
        return false;
    member->is_failing = false;
    *endpoint = member->endpoint;
    return true;
}

static bool is_all_expected(const struct await *await)
{
    return await->expected == await->roster->count;
}

/* All are as expected: those that were so long ago are asked once more. */
static void confirm(struct await *await, int64_t now_ns)
{
    for (size_t i = 0; i < await->roster->count; i++) {
        struct member *member = &await->roster->members[i];
        if (!member->is_confirmed && now_ns - member->answered_ns > fresh_ns)
            roster_ask_at(await->roster, member, now_ns);
    }
}

/* Somebody takes longer: what was confirmed may have to be so once more. */
static void forget_confirmations(struct await *await)
{
    for (size_t i = 0; i < await->roster->count; i++)
        await->roster->members[i].is_confirmed = false;
}

static void note_expected(struct await *await, struct member *member)
{
    member->is_confirmed = member->is_expected && is_all_expected(await);
    await->expected += !member->is_expected;
    member->is_expected = true;
    member->pause_ns = 0;
}

static void note_unexpected(struct await *await, struct member *member, int64_t now_ns)
{
    if (member->is_expected)
        forget_confirmations(await);
    await->expected -= member->is_expected;
    member->is_expected = false;
    if (!await->is_vain && !is_invalid(member))
        ask_again(await, member, now_ns);
}

void await_answered(struct await *await, const struct result *result, bool is_expected,
                    int64_t now_ns)
{
    struct member *member = &await->roster->members[result->endpoint.member];
    member->is_failing |= !is_expected;
    if (result->row + 1 < result->rows)
        return;
    (void)roster_answered(await->roster, &result->endpoint);
    member->answered_ns = now_ns;
    if (member->is_failing)
        note_unexpected(await, member, now_ns);
    else
        note_expected(await, member);
    if (is_all_expected(await) && await->roster->out == 0)
        confirm(await, now_ns);
}

bool await_is_met(const struct await *await)
{
    if (await->is_any && await->roster->count > 0)
        return await->expected > 0;
    return is_all_expected(await) && await->roster->out == 0 &&
           heap_first(&await->roster->due) == NULL;
}

bool await_is_hopeless(const struct await *await)
{
    return await->roster->out == 0 && heap_first(&await->roster->due) == NULL &&
           !await_is_met(await);
}
