/*
 * On virtual time: the test says what time it is.
 */
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/report/progress.h"

#define REMOVED "\r\033[K"

static const int64_t start_ns = 1000 * NS_PER_S;

enum {
    WIDE = 1000, /* columns: nothing is cut */
    UNKNOWN = -1,
};

static struct progress_counts counts_of(uint64_t done, int64_t total)
{
    struct progress_counts counts = {.done = done};
    counts.total = total == UNKNOWN ? UINT64_MAX : (uint64_t)total;
    counts.states[STATE_DOWN] = done;
    return counts;
}

/* What is written when `done` targets are done at `at_ns`, from the start. */
static void claim_drawn(const char *label, struct progress *progress, int64_t at_ns,
                        uint64_t done, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    const struct progress_counts counts = counts_of(done, UNKNOWN);
    progress_draw(progress, &out, &counts, WIDE, start_ns + at_ns);
    claim_text(label, "what is drawn", buffer_text(&out), expected);
    buffer_release(&out);
}

static void claim_hidden(const char *label, struct progress *progress, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    progress_hide(progress, &out);
    claim_text(label, "what hides it", buffer_text(&out), expected);
    buffer_release(&out);
}

static void claim_described(const char *label, struct progress *progress,
                            const struct progress_counts *counts, int64_t at_ns,
                            const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    progress_describe(progress, &out, counts, start_ns + at_ns);
    claim_text(label, "text", buffer_text(&out), expected);
    buffer_release(&out);
}

static void test_progress_text_names_counts_rate_and_rest(void **state)
{
    static const struct {
        const char *label;
        struct progress_counts counts;
        int64_t at_ns;
        const char *text;
    } rows[] = {
        {"of the header",
         {12345,
          65536,
          {[STATE_UP] = 17, [STATE_DOWN] = 12320, [STATE_ERROR] = 8},
          false,
          0,
          0},
         5 * NS_PER_S,
         "12345/65536  2469/s  up 17  down 12320  error 8  22 s left"},
        {"unknown total",
         {100, UINT64_MAX, {[STATE_UP] = 1, [STATE_DOWN] = 2, [STATE_ERROR] = 97}, false, 0, 0},
         2 * NS_PER_S,
         "100  50/s  up 1  down 2  error 97"},
        {"more rows than targets",
         {2, 4, {[STATE_UP] = 3, [STATE_DOWN] = 4}, false, 0, 0},
         NS_PER_S,
         "2/4  2/s  up 3  down 4  error 0  1 s left"},
        {"nothing done yet",
         {0, 10, {0}, false, 0, 0},
         NS_PER_S,
         "0/10  0/s  up 0  down 0  error 0"},
        {"all done",
         {10, 10, {[STATE_UP] = 10}, false, 0, 0},
         NS_PER_S,
         "10/10  10/s  up 10  down 0  error 0  0 s left"},
        {"too early for a rate",
         {9, 10, {[STATE_UP] = 9}, false, 0, 0},
         99 * NS_PER_MS,
         "9/10  0/s  up 9  down 0  error 0"},
        {"largest numbers",
         {UINT64_MAX - 1, UINT64_MAX, {[STATE_UP] = UINT64_MAX}, false, 0, 0},
         0,
         "18446744073709551614  0/s  up 18446744073709551615  down 0  error 0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct progress progress;
        progress_init(&progress, true, true, start_ns);
        claim_described(rows[i].label, &progress, &rows[i].counts, rows[i].at_ns, rows[i].text);
    }
}

/* One target a second: as many seconds are left as targets. */
static void test_progress_rest_has_the_unit_of_its_size(void **state)
{
    static const struct {
        uint64_t left;
        const char *text;
    } rows[] = {
        {0, "0 s left"},         {1, "1 s left"},          {99, "99 s left"},
        {100, "2 min left"},     {600, "10 min left"},     {5999, "100 min left"},
        {6000, "2 h left"},      {36000, "10 h left"},     {359999, "100 h left"},
        {360000, "4 days left"}, {864000, "10 days left"}, {864000000, "10000 days left"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct progress progress;
        struct buffer text = BUFFER_EMPTY;
        const struct progress_counts counts = counts_of(1, (int64_t)rows[i].left + 1);
        progress_init(&progress, true, true, start_ns);
        progress_describe(&progress, &text, &counts, start_ns + NS_PER_S);
        claim_contains(rows[i].text, buffer_text(&text), "  1/s  ");
        const char *tail = strstr(buffer_text(&text), "error 0");
        assert_non_null(tail);
        claim_contains(rows[i].text, tail + strlen("error 0"), "  ");
        claim_text(rows[i].text, "rest", tail + strlen("error 0  "), rows[i].text);
        buffer_release(&text);
    }
}

/* Bring the rate up to date five times a second, `per_second` targets done in each. */
static uint64_t run_for(struct progress *progress, uint64_t done, uint64_t per_second,
                        int64_t from_s, int64_t to_s)
{
    for (int64_t at_ns = from_s * NS_PER_S; at_ns < to_s * NS_PER_S;) {
        struct buffer text = BUFFER_EMPTY;
        at_ns += NS_PER_S / 5;
        done += per_second / 5;
        const struct progress_counts counts = counts_of(done, UNKNOWN);
        progress_describe(progress, &text, &counts, start_ns + at_ns);
        buffer_release(&text);
    }
    return done;
}

static void test_progress_steady_rate_is_shown_as_it_is(void **state)
{
    struct progress progress;
    progress_init(&progress, true, true, start_ns);
    uint64_t done = run_for(&progress, 0, 1000, 0, 60);
    const struct progress_counts counts = counts_of(done, UNKNOWN);
    claim_described("after a minute", &progress, &counts, 60 * NS_PER_S,
                    "60000  1000/s  up 0  down 60000  error 0");
}

/* Half of a change shows after about three seconds, next to all of it after half a minute. */
static void test_progress_rate_is_that_of_the_last_seconds(void **state)
{
    struct progress progress;
    progress_init(&progress, true, true, start_ns);
    uint64_t done = run_for(&progress, 0, 1000, 0, 60);
    done = run_for(&progress, done, 0, 60, 63);
    assert_true(progress.rate > 400 && progress.rate < 600);
    (void)run_for(&progress, done, 0, 63, 90);
    assert_true(progress.rate < 10);
}

static void test_progress_short_run_draws_nothing(void **state)
{
    struct progress progress;
    progress_init(&progress, true, true, start_ns);
    assert_int_equal(progress_due_ns(&progress), start_ns + NS_PER_S);
    claim_drawn("at the start", &progress, 0, 0, "");
    claim_drawn("just before a second", &progress, NS_PER_S - 1, 99, "");
    claim_hidden("not drawn", &progress, "");
    claim_drawn("a second", &progress, NS_PER_S, 100, "100  100/s  up 0  down 100  error 0");
}

static void test_progress_line_is_redrawn_every_200_ms(void **state)
{
    struct progress progress;
    progress_init(&progress, true, true, start_ns);
    claim_drawn("a second", &progress, NS_PER_S, 100, "100  100/s  up 0  down 100  error 0");
    assert_int_equal(progress_due_ns(&progress), start_ns + 1200 * NS_PER_MS);
    claim_drawn("at once", &progress, NS_PER_S, 101, "");
    claim_drawn("199 ms later", &progress, 1200 * NS_PER_MS - 1, 110, "");
    claim_drawn("200 ms later", &progress, 1200 * NS_PER_MS, 120,
                REMOVED "120  100/s  up 0  down 120  error 0");
    claim_drawn("late", &progress, 3 * NS_PER_S, 300,
                REMOVED "300  100/s  up 0  down 300  error 0");
    assert_int_equal(progress_due_ns(&progress), start_ns + 3200 * NS_PER_MS);
}

static void test_progress_line_is_cut_before_the_last_column(void **state)
{
    static const struct {
        const char *label;
        unsigned width;
        const char *text;
    } rows[] = {
        {"80 columns", 80, "10  10/s  up 0  down 10  error 0"},
        {"two more than the line has", 34, "10  10/s  up 0  down 10  error 0"},
        {"one more", 33, "10  10/s  up 0  down 10  error 0"},
        {"as many", 32, "10  10/s  up 0  down 10  error "},
        {"one less", 31, "10  10/s  up 0  down 10  error"},
        {"20 columns", 20, "10  10/s  up 0  dow"},
        {"2 columns", 2, "1"},
        {"1 column", 1, ""},
    };
    const struct progress_counts counts = counts_of(10, UNKNOWN);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct progress progress;
        struct buffer out = BUFFER_EMPTY;
        progress_init(&progress, true, true, start_ns);
        progress_draw(&progress, &out, &counts, rows[i].width, start_ns + NS_PER_S);
        claim_text(rows[i].label, "line", buffer_text(&out), rows[i].text);
        buffer_release(&out);
    }
}

static void test_progress_hidden_line_comes_back_when_it_is_due(void **state)
{
    struct progress progress;
    progress_init(&progress, true, true, start_ns);
    claim_drawn("a second", &progress, NS_PER_S, 100, "100  100/s  up 0  down 100  error 0");
    claim_hidden("drawn", &progress, REMOVED);
    claim_hidden("hidden", &progress, "");
    claim_drawn("before it is due", &progress, 1200 * NS_PER_MS - 1, 110, "");
    claim_drawn("due", &progress, 1200 * NS_PER_MS, 120, "120  100/s  up 0  down 120  error 0");
    claim_hidden("drawn again", &progress, REMOVED);
}

static void test_progress_elsewhere_is_a_whole_line_every_10_seconds(void **state)
{
    struct progress progress;
    progress_init(&progress, true, false, start_ns);
    assert_int_equal(progress_due_ns(&progress), start_ns + 10 * NS_PER_S);
    claim_drawn("a second", &progress, NS_PER_S, 100, "");
    claim_drawn("just before 10", &progress, 10 * NS_PER_S - 1, 999, "");
    claim_drawn("10", &progress, 10 * NS_PER_S, 1000,
                "1000  100/s  up 0  down 1000  error 0\n");
    claim_hidden("a line stays", &progress, "");
    claim_drawn("just before 20", &progress, 20 * NS_PER_S - 1, 1999, "");
    claim_drawn("20", &progress, 20 * NS_PER_S, 2000,
                "2000  100/s  up 0  down 2000  error 0\n");
}

static void test_progress_elsewhere_is_never_cut(void **state)
{
    struct progress progress;
    struct buffer out = BUFFER_EMPTY;
    const struct progress_counts counts = counts_of(10, UNKNOWN);
    progress_init(&progress, true, false, start_ns);
    progress_draw(&progress, &out, &counts, 5, start_ns + 10 * NS_PER_S);
    assert_string_equal(buffer_text(&out), "10  1/s  up 0  down 10  error 0\n");
    buffer_release(&out);
}

static void test_progress_that_is_off_draws_nothing(void **state)
{
    struct progress progress;
    const struct progress_counts counts = counts_of(10, 20);
    for (int is_terminal = 0; is_terminal <= 1; is_terminal++) {
        progress_init(&progress, false, is_terminal == 1, start_ns);
        assert_true(progress_due_ns(&progress) == NEVER_NS);
        claim_drawn("a second", &progress, NS_PER_S, 10, "");
        claim_drawn("an hour", &progress, 3600 * NS_PER_S, 10, "");
        claim_hidden("off", &progress, "");
    }
    progress_init(&progress, false, true, start_ns);
    claim_described("asked for", &progress, &counts, NS_PER_S,
                    "10/20  10/s  up 0  down 10  error 0  1 s left");
}

/* One silent target at the end, for longer than anybody waits: no 20-digit number of days. */
static void test_progress_rest_of_a_stall_is_no_nonsense(void **state)
{
    struct progress progress;
    progress_init(&progress, true, true, start_ns);
    const struct progress_counts counts = counts_of(2, 3);
    for (int64_t at_ns = NS_PER_S; at_ns <= 600 * NS_PER_S; at_ns += 200 * NS_PER_MS) {
        struct buffer out = BUFFER_EMPTY;
        progress_describe(&progress, &out, &counts, start_ns + at_ns);
        if (out.len > 60)
            print_error("%s\n", buffer_text(&out));
        assert_true(out.len <= 60);
        buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_progress_text_names_counts_rate_and_rest),
        cmocka_unit_test(test_progress_rest_has_the_unit_of_its_size),
        cmocka_unit_test(test_progress_steady_rate_is_shown_as_it_is),
        cmocka_unit_test(test_progress_rate_is_that_of_the_last_seconds),
        cmocka_unit_test(test_progress_short_run_draws_nothing),
        cmocka_unit_test(test_progress_line_is_redrawn_every_200_ms),
        cmocka_unit_test(test_progress_line_is_cut_before_the_last_column),
        cmocka_unit_test(test_progress_hidden_line_comes_back_when_it_is_due),
        cmocka_unit_test(test_progress_elsewhere_is_a_whole_line_every_10_seconds),
        cmocka_unit_test(test_progress_elsewhere_is_never_cut),
        cmocka_unit_test(test_progress_that_is_off_draws_nothing),
        cmocka_unit_test(test_progress_rest_of_a_stall_is_no_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
