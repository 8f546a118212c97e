/*
 * A list of sinks: what each of them is told.
 */
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/cli/sink.h"

/* A sink that writes down what it was told. */
struct scribe {
    struct sink sink;
    char name;
    char *log; /* shared */
    int64_t due_ns;
    enum error error;
};

static void note(const struct scribe *scribe, char what)
{
    size_t len = strlen(scribe->log);
    scribe->log[len] = scribe->name;
    scribe->log[len + 1] = what;
}

static void take_row(void *self, const struct result *result)
{
    note(self, 'r');
}

static int64_t due_ns(const void *self, int64_t now_ns)
{
    return ((const struct scribe *)self)->due_ns;
}

static enum error tick(void *self, const struct sink_moment *moment)
{
    note(self, 't');
    return ((struct scribe *)self)->error;
}

static void watch(const void *self, struct probe_watch *watched)
{
    note(self, 'w');
}

static void hear(void *self)
{
    note(self, 'h');
}

static void redraw(void *self)
{
    note(self, 'd');
}

static void hide(void *self)
{
    note(self, 'i');
}

static void finish(void *self)
{
    note(self, 'f');
}

static void release(void *self)
{
    struct scribe *scribe = self;
    note(scribe, 'x');
    memset(&scribe->sink, 0, sizeof scribe->sink); /* as if it were freed */
}

/* a and c can do everything, b nothing. */
static void begin(struct sinks *sinks, struct scribe scribes[3], char *log)
{
    memset(sinks, 0, sizeof *sinks);
    for (size_t i = 0; i < 3; i++) {
        struct scribe *scribe = &scribes[i];
        *scribe = (struct scribe){.name = (char)('a' + i), .log = log, .due_ns = NEVER_NS};
        scribe->sink = (struct sink){.self = scribe, .release = release};
        if (i != 1)
            scribe->sink = (struct sink){NULL,  scribe, false,  take_row, due_ns, tick,
                                         watch, hear,   redraw, hide,     finish, release};
        sinks_add(sinks, &scribe->sink);
    }
}

static void test_sinks_are_each_told_in_their_order(void **state)
{
    char log[64] = "";
    struct sinks sinks;
    struct scribe scribes[3];
    struct probe_watch watched = {.readable_fds = {-1, -1, -1}};
    const struct sink_moment moment = {.now_ns = 1};
    begin(&sinks, scribes, log);
    sinks_row(&sinks, &(struct result){.rows = 1});
    assert_int_equal(sinks_tick(&sinks, &moment), ERROR_NONE);
    sinks_watch(&sinks, &watched);
    sinks_hear(&sinks);
    sinks_redraw(&sinks);
    sinks_hide(&sinks);
    sinks_finish(&sinks);
    sinks_release(&sinks);
    assert_string_equal(log, "arcratctawcwahchadcdaiciafcfaxbxcx");
    assert_null(sinks.first);
}

static void test_sinks_tick_stops_at_the_first_that_fails(void **state)
{
    static const enum error errors[] = {ERROR_END, ERROR_SYSTEM, ERROR_NO_MEMORY};
    const struct sink_moment moment = {.now_ns = 1};
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        char log[64] = "";
        struct sinks sinks;
        struct scribe scribes[3];
        begin(&sinks, scribes, log);
        scribes[0].error = errors[i];
        assert_int_equal(sinks_tick(&sinks, &moment), errors[i]);
        assert_string_equal(log, "at");
    }
}

static void test_sinks_are_due_with_the_first_of_them(void **state)
{
    char log[64] = "";
    struct sinks sinks;
    struct scribe scribes[3];
    begin(&sinks, scribes, log);
    assert_true(sinks_due_ns(&sinks, 0) == NEVER_NS);
    scribes[2].due_ns = 7;
    assert_int_equal(sinks_due_ns(&sinks, 0), 7);
    scribes[0].due_ns = 5;
    assert_int_equal(sinks_due_ns(&sinks, 0), 5);
}

static void test_sinks_hold_the_terminal_if_one_of_them_does(void **state)
{
    char log[64] = "";
    struct sinks sinks;
    struct scribe scribes[3];
    begin(&sinks, scribes, log);
    assert_false(sinks_hold_terminal(&sinks));
    scribes[2].sink.holds_terminal = true;
    assert_true(sinks_hold_terminal(&sinks));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sinks_are_each_told_in_their_order),
        cmocka_unit_test(test_sinks_tick_stops_at_the_first_that_fails),
        cmocka_unit_test(test_sinks_are_due_with_the_first_of_them),
        cmocka_unit_test(test_sinks_hold_the_terminal_if_one_of_them_does),
    };
    return cmocka_run_group_tests_name("sink", tests, NULL, NULL);
}
