#include <string.h>

#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"

static void test_report_formats_are_found_by_name_and_index(void **state)
{
    for (size_t i = 0; report_at(i) != NULL; i++)
        assert_ptr_equal(report_find(report_at(i)->name), report_at(i));
    assert_ptr_equal(report_at(0), &report_text);
    assert_ptr_equal(report_at(1), &report_json);
}

static void test_report_unknown_format_is_not_found(void **state)
{
    static const char *const names[] = {"", "tex", "texts", "JSON", "xml"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        claim_true(names[i], "not found", report_find(names[i]) == NULL);
}

static void add_head(struct buffer *out, const struct report *report)
{
    buffer_add_text(out, report->has_rounds ? "head of rounds\n" : "head\n");
}

static void add_foot(struct buffer *out, const struct report *report)
{
    buffer_add_text(out, report->has_rounds ? "foot of rounds\n" : "foot\n");
}

static void test_report_begins_and_ends_as_its_format_says(void **state)
{
    static const struct report_format framed = {.begin = add_head, .finish = add_foot};
    const struct {
        const char *label;
        const struct report_format *format;
        struct report report;
        const char *expected;
    } cases[] = {
        {"both", &framed, {.has_rounds = false}, "head\nfoot\n"},
        {"the report is known",
         &framed,
         {.has_rounds = true},
         "head of rounds\nfoot of rounds\n"},
        {"text", &report_text, {.has_rounds = false}, ""},
        {"json", &report_json, {.has_rounds = false}, ""},
        {"a document", &report_junit, {.has_rounds = false}, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        report_begin(&out, &cases[i].report, cases[i].format);
        report_finish(&out, &cases[i].report, cases[i].format);
        claim_text(cases[i].label, "lines", buffer_text(&out), cases[i].expected);
        buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_report_formats_are_found_by_name_and_index),
        cmocka_unit_test(test_report_unknown_format_is_not_found),
        cmocka_unit_test(test_report_begins_and_ends_as_its_format_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
