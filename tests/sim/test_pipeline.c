/*
 * Rows of lines that cannot be asked, among those of targets that are: each has its own, once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crowd.h"
#include "netcheck/base/base.h"

enum { MS = 1000000 };

static void test_pipeline_gives_each_invalid_line_its_row(void **state)
{
    (void)state;
    enum { LINES = 5 * PIPELINE_READY + 1, HOSTS = 64 };
    static const struct {
        const char *label;
        bool is_unordered;
        bool is_slow;
        bool is_first;  /* the lines are, before the hosts */
        size_t window;  /* which says how much is pulled at a time */
        int64_t end_ns; /* after the begin; 0: it comes to its end */
        int64_t over;   /* rows that say that the time was over */
    } cases[] = {
        {"in order", false, false, true, 8, 0, 0},
        {"in order, to a slow reader", false, true, true, 8, 0, 0},
        {"in order, to a slow reader, lines last", false, true, false, 8, 0, 0},
        {"as they finish", true, false, true, 8, 0, 0},
        {"as they finish, many at a time", true, false, true, 4096, 0, 0},
        {"as they finish, to a slow reader", true, true, true, 4096, 0, 0},
        {"in order, cut short", false, false, true, 4096, 10 * MS, HOSTS},
        {"in order, cut before the lines", false, false, false, 8, 10 * MS, HOSTS},
        {"as they finish, cut before them", true, false, false, 8, 10 * MS, HOSTS},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = drive_new();
        bool seen[LINES + HOSTS] = {false};
        int64_t invalid = 0;
        int64_t over = 0;
        crowd_add(drive, 0, HOSTS, EVERY_PORT, BEHAVIOUR_OPEN, 20 * MS);
        if (!cases[i].is_first)
            drive_add(drive, "10.0.0.0/26:80");
        for (size_t line = 0; line < LINES; line++)
            drive_add(drive, "bad:99999");
        if (cases[i].is_first)
            drive_add(drive, "10.0.0.0/26:80");
        drive->is_unordered = cases[i].is_unordered;
        drive->is_slow = cases[i].is_slow;
        drive->order_slack = 2;
        drive->options.window = cases[i].window;
        if (cases[i].end_ns > 0)
            drive->end_ns = drive->world.now_ns + cases[i].end_ns;
        drive_run(drive);
        claim(cases[i].label, "rows", (int64_t)drive->row_count, LINES + HOSTS);
        for (size_t row = 0; row < drive->row_count; row++) {
            const struct result *result = &drive->rows[row];
            claim(cases[i].label, "seen before", seen[result->sequence], false);
            seen[result->sequence] = true;
            if (!cases[i].is_unordered)
                claim(cases[i].label, "place", (int64_t)result->sequence, (int64_t)row);
            invalid += result->outcome.reason == REASON_INVALID;
            over += result->outcome.remark == REMARK_OVER;
        }
        claim(cases[i].label, "invalid", invalid, LINES);
        claim(cases[i].label, "over", over, cases[i].over);
        drive_free(drive);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pipeline_gives_each_invalid_line_its_row),
    };
    return cmocka_run_group_tests_name("pipeline", tests, NULL, NULL);
}
