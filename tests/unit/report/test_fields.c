#include <errno.h>
#include <limits.h>
#include <string.h>

#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"
#include "netcheck/report/fields.h"

#define ROW                                                                                  \
    "time target protocol host port address state expected as_expected reason detail error " \
    "icmp reported_by resolve_ms connect_ms syn_retransmits attempts canonical reply_ms "    \
    "sent replies reply reply_bytes reply_from ttl syn_proxy path_mtu tls held_ms "          \
    "closed_after_ms "

/* What a format with columns would have as its header. */
static void test_fields_of_a_line_follow_the_run(void **state)
{
    const struct {
        const char *label;
        unsigned lines;
        const char *names;
    } cases[] = {
        {"rows", fields_of_rows(&(struct report){.is_dated = true}), ROW},
        {"rounds", fields_of_rows(&(struct report){.has_rounds = true}), ROW "seq "},
        {"changes", fields_of_rows(&(struct report){.has_changes = true}),
         ROW "previous_state previous_ms since change "},
        {"both", fields_of_rows(&(struct report){.has_rounds = true, .has_changes = true}),
         ROW "seq previous_state previous_ms since change "},
        {"summaries", fields_of_summaries(),
         "time target protocol host port address expected sent up down errors loss_percent "
         "min_ms avg_ms max_ms mdev_ms jitter_ms p50_ms p95_ms p99_ms longest_outage_ms up_ms "
         "down_ms error_ms "},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buffer names = BUFFER_EMPTY;
        const struct field *field = NULL;
        while ((field = fields_next(field, cases[i].lines)) != NULL)
            buffer_add_format(&names, "%s ", field->name);
        claim_text(cases[i].label, "fields", buffer_text(&names), cases[i].names);
        buffer_release(&names);
    }
}

static bool ends_in(const char *name, const char *end)
{
    size_t len = strlen(name);
    return len > strlen(end) && strcmp(name + len - strlen(end), end) == 0;
}

/* Formats tell the unit from the type; users from the name. */
static void test_fields_name_has_the_unit_of_the_type(void **state)
{
    const struct field *field = NULL;
    while ((field = fields_next(field, UINT_MAX)) != NULL) {
        claim_number(field->name, "is a duration", ends_in(field->name, "_ms"),
                     field->type == FIELD_DURATION);
        claim_number(field->name, "is a percentage", ends_in(field->name, "_percent"),
                     field->type == FIELD_PERCENT);
    }
}

/* A value's text is there until the next one is taken, not behind that of the one before. */
static void test_fields_texts_do_not_run_into_each_other(void **state)
{
    const struct report report = {.expects_down = false};
    struct result result = down_of("db:22", "10.0.0.5", EHOSTUNREACH);
    struct record record = record_of_row(&report, &result);
    struct buffer texts = BUFFER_EMPTY;
    const struct field *field = NULL;
    while ((field = fields_next(field, fields_of_rows(&report))) != NULL) {
        struct field_value value = field_get(field, &record);
        if (field->type != FIELD_TEXT || !value.is_known)
            continue;
        buffer_add(&texts, value.text, value.len);
        buffer_add_text(&texts, "|");
    }
    assert_string_equal(buffer_text(&texts), "db:22|tcp|db|10.0.0.5|down|up|unreachable|"
                                             "host unreachable|EHOSTUNREACH|");
    buffer_release(&texts);
    record_release(&record);
    result_release(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_of_a_line_follow_the_run),
        cmocka_unit_test(test_fields_name_has_the_unit_of_the_type),
        cmocka_unit_test(test_fields_texts_do_not_run_into_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
