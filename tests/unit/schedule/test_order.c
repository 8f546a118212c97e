/*
 * A line of events is played to a window of rows.
 */
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/schedule/order.h"

/*
 * Events: "+S" puts in the row of sequence S, and "+S.R/N" row R of N; "=S" and "=S.R" is the
 * row that is taken, "-" none; "*S" there is room for S, "!S" there is not; "s" a skip finds a
 * row, "z" nothing; "n" a next row is there, "w" it is not; "#N" references of the target. What
 * is left inside at the end is released with the order.
 */
struct scenario {
    const char *label;
    size_t capacity;
    const char *events;
};

/* A sequence or a row, and what stands behind it. */
static unsigned number(const char **text, char mark)
{
    char *end = NULL;
    if (mark != '\0' && **text != mark)
        return mark == '/';
    unsigned long value = strtoul(*text + (mark != '\0'), &end, 10);
    *text = end;
    return (unsigned)value;
}

/* One reference of `target` moves. */
static void put(struct order *order, struct target *target, const char *text)
{
    struct result result = {.endpoint.target = target_hold(target)};
    result.sequence = number(&text, '\0');
    result.row = number(&text, '.');
    result.rows = number(&text, '/');
    claim_error("order_put", order_put(order, &result), ERROR_NONE);
}

static void claim_taken(const char *label, struct order *order, const char *text)
{
    struct result result;
    claim_true(label, "a row", order_take(order, &result));
    claim_number(label, "sequence", result.sequence, number(&text, '\0'));
    claim_number(label, "row", result.row, number(&text, '.'));
    result_release(&result);
}

static void play(const char *label, struct order *order, struct target *target,
                 const char *event)
{
    struct result result;
    const char *rest = event + 1;
    if (*event == '+')
        put(order, target, rest);
    else if (*event == '=')
        claim_taken(label, order, rest);
    else if (*event == '-')
        claim_true(label, event, !order_take(order, &result));
    else if (*event == '*' || *event == '!')
        claim_true(label, event, order_has_room(order, number(&rest, '\0')) == (*event == '*'));
    else if (*event == 's' || *event == 'z')
        claim_true(label, event, order_skip(order) == (*event == 's'));
    else if (*event == 'n' || *event == 'w')
        claim_true(label, event, order_has_next(order) == (*event == 'n'));
    else
        claim_number(label, event, target->references, number(&rest, '\0'));
}

static void play_all(const struct scenario *scenario, size_t size, struct target *target)
{
    struct order *order = NULL;
    claim_error("order_new", order_new(scenario->capacity, size, &order), ERROR_NONE);
    for (const char *event = scenario->events; *event != '\0'; event += strspn(event, " ")) {
        play(scenario->label, order, target, event);
        event += strcspn(event, " ");
    }
    order_free(order);
    claim_number(scenario->label, "references at the end", target->references, 1);
    target_drop(target);
}

static struct target *new_target(void)
{
    struct target *target = NULL;
    struct fault fault;
    claim_error("db:1", target_parse("db:1", 4, &target, &fault), ERROR_NONE);
    return target;
}

static const struct scenario scenarios[] = {
    {"empty", 3, "- *0"},
    {"a row waits for those before it", 4, "+2 +1 - +0 =0 =1 =2 -"},
    {"as wide as it may hold, from the first on", 3, "*0 *2 !3 +0 !3 =0 *3 !4"},
    {"what was taken has no room", 3, "+0 =0 !0"},
    {"full", 5, "+4 +1 +3 +0 +2 =0 =1 =2 =3 =4"},
    {"one wide", 1, "+0 !1 =0 +1 !2 =1 +2 !3 =2"},
    {"groups together", 3,
     "+1.0/3 +1.1/3 +1.2/3 +2 - +0.0/2 +0.1/2 =0.0 =0.1 =1.0 =1.1 =1.2 =2 -"},
    {"a group taken in part", 2, "+1 +0.0/2 =0.0 - !2 +0.1/2 =0.1 =1"},
    {"rows move their reference", 2, "+0 #2 =0 #1"},
    {"left inside, one in a slot used again", 4, "+0 =0 +4 +1.0/2 +1.1/2 +3 #5"},
    {"left inside, the rest of a group", 4, "+0.0/3 +0.1/3 +0.2/3 =0.0 #3"},
    {"skip finds nothing in an empty one", 3, "z - *0"},
    {"skip finds nothing where all was taken", 3, "+0 =0 z *3 !4"},
    {"skip passes over nothing that is held", 3, "+0 +1 s s =0 =1"},
    {"skip passes over every gap, around the end", 8,
     "+0 =0 +1 =1 +2 =2 +3 =3 +11 +9 +6 +5 - s =5 s =6 s =9 s =11 z #1"},
    {"skip moves the window", 4, "+2 s !1 *5 !6 +5 =2 - s =5"},
    {"skip keeps groups together", 4, "+1.0/3 +1.1/3 +1.2/3 +3 s =1.0 s =1.1 =1.2 - s =3"},
    {"left inside behind a skip", 4, "+1 +3 s #3"},
};

static void test_order_rows_come_out_by_their_sequence(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++)
        play_all(&scenarios[i], SIZE_MAX, new_target());
    order_free(NULL);
}

/* A long run with arrivals as late as the window allows. */
static void test_order_shuffled_stream_comes_out_in_order(void **state)
{
    enum { CAPACITY = 16, ROWS = 4000 };
    struct buffer events = BUFFER_EMPTY;
    uint32_t seed = 5;
    for (unsigned block = 0; block < ROWS; block += CAPACITY) {
        for (unsigned i = 0; i < CAPACITY; i++) /* 7 and 16 have no common divisor */
            buffer_add_format(&events, "+%u ", block + (i * 7 + seed) % CAPACITY);
        seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
        for (unsigned i = 0; i < CAPACITY; i++)
            buffer_add_format(&events, "=%u ", block + i);
    }
    buffer_add_text(&events, "-");
    play_all(&(struct scenario){"stream", CAPACITY, buffer_text(&events)}, SIZE_MAX,
             new_target());
    buffer_release(&events);
}

/* A line of a file that is no target. But for 0 there is no room, or nothing would come out. */
static void test_order_window_is_full_by_the_size_of_rows(void **state)
{
    static const char line[1000];
    static const struct fault fault;
    static const struct place place = {"list", 1, 0};
    const struct scenario scenario = {"lines of 1000 bytes", 100,
                                      "+1 *2 +2 !3 *0 +3 +0 =0 =1 !4 =2 *4"};
    play_all(&scenario, 2000, target_new_invalid(line, sizeof line, &fault, &place));
}

/* Plain rows are counted by the window already, but for what has many of them. */
static void test_order_size_of_rows_is_that_beyond_a_plain_one(void **state)
{
    struct buffer events = BUFFER_EMPTY;
    for (unsigned sequence = 1; sequence < 50; sequence++)
        buffer_add_format(&events, "+%u ", sequence);
    buffer_add_text(&events, "*50 +50.0/2 *51 +50.1/2 !51 w +0 n ");
    for (unsigned sequence = 0; sequence < 50; sequence++)
        buffer_add_format(&events, "=%u ", sequence);
    buffer_add_text(&events, "=50.0 !51 =50.1 *52");
    play_all(&(struct scenario){"one of two rows", 100, buffer_text(&events)}, 1, new_target());
    buffer_release(&events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_rows_come_out_by_their_sequence),
        cmocka_unit_test(test_order_shuffled_stream_comes_out_in_order),
        cmocka_unit_test(test_order_window_is_full_by_the_size_of_rows),
        cmocka_unit_test(test_order_size_of_rows_is_that_beyond_a_plain_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
