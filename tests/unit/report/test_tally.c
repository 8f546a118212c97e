#include <errno.h>
#include <netdb.h>
#include <string.h>

#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"
#include "netcheck/report/tally.h"

/* A row a letter: 'u' up, 'd' down, 'e' error; capitals for targets written with '!'. */
static void add_row(struct tally *tally, char letter)
{
    const char *target = strchr("UDE", letter) != NULL ? "!db:1" : "db:1";
    struct result result = strchr("uU", letter) != NULL ? up_of(target, "10.0.0.5")
                           : strchr("dD", letter) != NULL
                               ? down_of(target, "10.0.0.5", ECONNREFUSED)
                               : error_of(target, outcome_of_lookup(EAI_NONAME, 0));
    tally_add(tally, &result);
    result_release(&result);
}

static const struct {
    const char *label;
    const char *rows;
    bool expects_down;
    uint64_t total;
    uint64_t excluded;
    int64_t lasted_ns;
    const char *expected;
} cases[] = {
    {"nothing", "", false, UINT64_MAX, 0, 0, "0 asked: 0 up, 0 down, 0 errors, in 0 ms"},
    {"each state", "uuddde", false, UINT64_MAX, 0, 2500 * NS_PER_MS,
     "6 asked: 2 up, 3 down, 1 error, in 2.5 s"},
    {"all of them", "uud", false, 3, 0, NS_PER_S, "3 asked: 2 up, 1 down, 0 errors, in 1 s"},
    {"one is missing", "uud", false, 4, 0, NS_PER_S,
     "3 of 4 asked: 2 up, 1 down, 0 errors, in 1 s"},
    {"more than known", "uud", false, 2, 0, NS_PER_S,
     "3 asked: 2 up, 1 down, 0 errors, in 1 s"},
    {"none of many", "", false, 9, 0, 125 * NS_PER_S,
     "0 of 9 asked: 0 up, 0 down, 0 errors, in 2 min 5 s"},
    {"errors", "ee", false, UINT64_MAX, 0, 20 * NS_PER_MS,
     "2 asked: 0 up, 0 down, 2 errors, in 20 ms"},
    {"!, as expected", "uD", false, 2, 0, NS_PER_S, "2 asked: 1 up, 1 down, 0 errors, in 1 s"},
    {"!, not as expected", "uDUd", false, 4, 0, NS_PER_S,
     "4 asked: 2 up, 2 down, 0 errors, 2 not as expected, in 1 s"},
    {"! and an error", "De", false, 2, 0, NS_PER_S,
     "2 asked: 0 up, 1 down, 1 error, 1 not as expected, in 1 s"},
    {"--expect down", "ddu", true, 3, 0, NS_PER_S,
     "3 asked: 1 up, 2 down, 0 errors, 1 not as expected, in 1 s"},
    {"--expect down, as expected", "dd", true, 2, 0, NS_PER_S,
     "2 asked: 0 up, 2 down, 0 errors, in 1 s"},
    {"some are excluded", "uu", false, 2, 3, NS_PER_S,
     "2 asked: 2 up, 0 down, 0 errors, 3 excluded, in 1 s"},
};

static void test_tally_line_counts_rows_by_state(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct tally tally = {.expects_down = cases[i].expects_down};
        struct buffer out = BUFFER_EMPTY;
        for (const char *letter = cases[i].rows; *letter != '\0'; letter++)
            add_row(&tally, *letter);
        const struct tally_run run = {cases[i].total, cases[i].excluded, cases[i].lasted_ns};
        tally_describe(&out, &tally, &run);
        claim_text(cases[i].label, "line", buffer_text(&out), cases[i].expected);
        claim_number(cases[i].label, "rows", tally_rows(&tally), strlen(cases[i].rows));
        buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tally_line_counts_rows_by_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
