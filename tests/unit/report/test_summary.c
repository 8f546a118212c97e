#include <string.h>

#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"
#include "netcheck/report/report.h"

static const int64_t us = NS_PER_US;
static const int64_t s = NS_PER_S;

/* What makes 2026-11-23 03:00:00.123456 of the moment of a summary. */
static const int64_t wall = INT64_C(1795402800123456789);

/* A series of one target, its rows a second apart from 0 on. */
struct scene {
    struct history history;
    struct target *target;
    struct series *series;
    int64_t now_ns; /* when the next row is due */
};

static void scene_init(struct scene *scene, struct target *target)
{
    memset(scene, 0, sizeof *scene);
    history_init(&scene->history, false, true);
    scene->target = target;
}

static void scene_release(struct scene *scene)
{
    history_release(&scene->history);
    target_drop(scene->target);
}

static void scene_add(struct scene *scene, enum reason reason, int64_t connect_ns)
{
    struct result result;
    memset(&result, 0, sizeof result);
    endpoints_at(scene->target, 0, &result.endpoint);
    if (scene->target->kind == TARGET_NAME && reason != REASON_UNRESOLVED)
        assert_true(address_parse("10.0.0.5", 8, &result.endpoint.address));
    result.outcome = outcome_of(reason);
    result.asked_ns = scene->now_ns;
    result.connect_ns = connect_ns;
    claim_error("add", history_add(&scene->history, &result, &scene->series), ERROR_NONE);
    scene->now_ns += s;
}

/* One letter a row: up in 50 us, down, error. */
static void scene_add_rows(struct scene *scene, const char *rows)
{
    for (; *rows != '\0'; rows++)
        scene_add(scene,
                  *rows == 'u'   ? REASON_CONNECTED
                  : *rows == 'd' ? REASON_TIMEOUT
                                 : REASON_UNRESOLVED,
                  *rows == 'u' ? 50 * us : -1);
}

static void claim_summary(const char *label, const char *format, struct report report,
                          const struct scene *scene, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    report.wall_offset_ns = wall - scene->now_ns;
    report_find(format)->summary(&out, &report, scene->series, scene->now_ns);
    claim_text(label, format, buffer_text(&out), expected);
    buffer_release(&out);
}

static void claim_text_summary(const char *rows, const char *expected)
{
    struct scene scene;
    struct report report = {.has_changes = false};
    scene_init(&scene, target_of("db:5432"));
    scene_add_rows(&scene, rows);
    claim_summary(rows, "text", report, &scene, expected);
    scene_release(&scene);
}

/* Nine up in these microseconds, then one down. */
static const int64_t pinged_us[] = {50, 41, 48, 55, 81, 50, 45, 51, 49};

static void scene_add_pings(struct scene *scene)
{
    for (size_t i = 0; i < ARRAY_LEN(pinged_us); i++)
        scene_add(scene, REASON_CONNECTED, pinged_us[i] * us);
    scene_add(scene, REASON_TIMEOUT, -1);
}

/* Text */

static void test_summary_text_is_like_that_of_ping(void **state)
{
    struct scene scene;
    struct report report = {.has_changes = false};
    scene_init(&scene, target_of("db:5432"));
    scene_add_pings(&scene);
    claim_summary("pings", "text", report, &scene,
                  "--- db:5432 ---\n"
                  "10 sent, 9 up, 10% loss, up for 9 s, down for 1 s, longest outage 1 s\n"
                  "min/avg/max/mdev 0.041/0.052/0.081/0.010 ms, jitter 0.011 ms\n"
                  "p50/p95/p99 0.050/0.081/0.081 ms\n");
    scene_release(&scene);
}

#define NUMBERS                                                      \
    "min/avg/max/mdev 0.050/0.050/0.050/0.000 ms, jitter 0.000 ms\n" \
    "p50/p95/p99 0.050/0.050/0.050 ms\n"

static void test_summary_text_leaves_out_what_is_unknown(void **state)
{
    claim_text_summary("u", "--- db:5432 ---\n1 sent, 1 up, 0% loss, up for 1 s\n"
                            "min/avg/max/mdev 0.050/0.050/0.050/0.000 ms\n"
                            "p50/p95/p99 0.050/0.050/0.050 ms\n");
    claim_text_summary("uu", "--- db:5432 ---\n2 sent, 2 up, 0% loss, up for 2 s\n" NUMBERS);
    claim_text_summary("dd", "--- db:5432 ---\n2 sent, 0 up, 100% loss, down for 2 s, "
                             "longest outage 2 s\n");
    claim_text_summary("e", "--- db:5432 ---\n1 sent, 0 up, 1 error, error for 1 s\n");
    claim_text_summary("ee", "--- db:5432 ---\n2 sent, 0 up, 2 errors, error for 2 s\n");
}

static void test_summary_text_counts_errors_apart(void **state)
{
    claim_text_summary("uude",
                       "--- db:5432 ---\n4 sent, 2 up, 1 error, 33.3% loss, up for 2 s, "
                       "down for 1 s, error for 1 s,\nlongest outage 2 s\n" NUMBERS);
}

static const struct {
    uint64_t down;
    uint64_t sent;
    const char *expected;
} losses[] = {
    {0, 10, " 0% loss"},
    {1, 1, " 100% loss"},
    {1, 3, " 33.3% loss"},
    {2, 3, " 66.7% loss"},
    {1, 8, " 12.5% loss"},
    {1, 1000, " 0.1% loss"},
    {3, 2000, " 0.2% loss"},
    {1, 1999, " 0.1% loss"},
    {1, 2000, " 0.05% loss"},
    {1, 2001, " 0.05% loss"},
    {1, 100000, " 0.001% loss"},
    {999, 1000, " 99.9% loss"},
    {1999, 2000, " 99.95% loss"},
    {99999, 100000, " 99.999% loss"},
    {19, 20, " 95% loss"},
    {1, 1000000000, " 0.0000001% loss"},
    {1, UINT64_MAX, " 0.000000000% loss"},
};

static void test_summary_text_loss_is_short_but_never_hides_a_row(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(losses); i++) {
        struct scene scene;
        struct buffer out = BUFFER_EMPTY;
        struct report report = {.expects_down = false};
        scene_init(&scene, target_of("db:5432"));
        scene_add_rows(&scene, "u");
        scene.series->stats->sent = losses[i].sent;
        scene.series->stats->states[STATE_DOWN] = losses[i].down;
        report_text.summary(&out, &report, scene.series, scene.now_ns);
        claim_contains(losses[i].expected, buffer_text(&out), losses[i].expected);
        buffer_release(&out);
        scene_release(&scene);
    }
}

static void test_summary_text_lines_are_at_most_80_wide(void **state)
{
    struct scene scene;
    struct report report = {.has_changes = false};
    scene_init(&scene, target_of("db:5432"));
    scene_add(&scene, REASON_CONNECTED, 133000001 * us);
    scene_add(&scene, REASON_CONNECTED, 102000001 * us);
    scene_add(&scene, REASON_CONNECTED, 131000001 * us);
    scene_add_rows(&scene, "dede");
    struct stats *stats = scene.series->stats;
    stats->sent = 1000000000;
    stats->states[STATE_UP] = 999999980;
    stats->state_ns[STATE_UP] = (400 * 86400 + 11 * 3600) * s;
    claim_summary(
        "large numbers", "text", report, &scene,
        "--- db:5432 ---\n"
        "1000000000 sent, 999999980 up, 2 errors, 0.0000002% loss, up for 400 d 11 h,\n"
        "down for 2 s, error for 2 s, longest outage 4 s\n"
        "min/avg/max/mdev 102000.001/122000.001/133000.001/14165.686 ms,\n"
        "jitter 30000.000 ms\n"
        "p50/p95/p99 131072.000/133000.001/133000.001 ms\n");
    scene_release(&scene);
}

static void test_summary_text_line_of_80_columns_is_one_line(void **state)
{
    struct scene scene;
    struct buffer out = BUFFER_EMPTY;
    struct report report = {.expects_down = false};
    scene_init(&scene, target_of("db:5432"));
    scene_add_rows(&scene, "ud");
    for (uint64_t up = 1; up < UINT64_C(1000000000000000000); up *= 10) {
        scene.series->stats->sent = 2 * up;
        scene.series->stats->states[STATE_UP] = up;
        scene.series->stats->states[STATE_DOWN] = up;
        report_text.summary(&out, &report, scene.series, scene.now_ns);
        const char *line = strchr(buffer_text(&out), '\n') + 1;
        size_t len = strcspn(line, "\n");
        size_t digits = strcspn(line, " ");
        bool is_whole = strstr(line, "longest") < line + len;
        claim_true(line, "at most 80 columns", len <= 80);
        claim_true(line, "no earlier than needed", is_whole == (2 * digits + 66 <= 80));
        buffer_release(&out);
    }
    scene_release(&scene);
}

static void test_summary_text_address_is_said_of_names_only_and_by_address(void **state)
{
    static const struct {
        const char *text;
        bool is_by_address;
        const char *rows;
        const char *expected;
    } titles[] = {
        {"db:5432", false, "u", "--- db:5432 ---\n"},
        {"db:5432", true, "u", "--- db:5432 10.0.0.5 ---\n"},
        {"db:5432", true, "e", "--- db:5432 ---\n"},
        {"!db:5432", false, "u", "--- db:5432 (expected down) ---\n"},
        {"10.0.0.7:22", true, "u", "--- 10.0.0.7:22 ---\n"},
        {"[2001:db8::7]:22", true, "u", "--- [2001:db8::7]:22 ---\n"},
        {"10.0.0.0/24:22", true, "u", "--- 10.0.0.0:22 ---\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(titles); i++) {
        struct scene scene;
        struct buffer out = BUFFER_EMPTY;
        struct report report = {.is_by_address = titles[i].is_by_address};
        scene_init(&scene, target_of(titles[i].text));
        scene_add_rows(&scene, titles[i].rows);
        report_text.summary(&out, &report, scene.series, scene.now_ns);
        claim_contains(titles[i].text, buffer_text(&out), titles[i].expected);
        buffer_release(&out);
        scene_release(&scene);
    }
}

static void test_summary_text_histogram_follows_if_wanted(void **state)
{
    struct scene scene;
    struct report report = {.has_histogram = true};
    struct buffer expected = BUFFER_EMPTY;
    scene_init(&scene, target_of("db:5432"));
    scene_add_rows(&scene, "uu");
    buffer_add_text(&expected, "--- db:5432 ---\n2 sent, 2 up, 0% loss, up for 2 s\n" NUMBERS);
    report_histogram(&expected, scene.series->stats, false);
    claim_summary("ASCII", "text", report, &scene, buffer_text(&expected));
    claim_contains("ASCII", buffer_text(&expected), "  2  ####");
    report.is_unicode = true;
    buffer_release(&expected);
    buffer_add_text(&expected, "--- db:5432 ---\n2 sent, 2 up, 0% loss, up for 2 s\n" NUMBERS);
    report_histogram(&expected, scene.series->stats, true);
    claim_summary("Unicode", "text", report, &scene, buffer_text(&expected));
    buffer_release(&expected);
    scene_release(&scene);
}

static void test_summary_of_an_invalid_target_is_nothing(void **state)
{
    static const struct fault fault = {FAULT_HOST_BYTE, 1, 1};
    static const struct place place = {"hosts.txt", 1, 0};
    struct scene scene;
    struct report report = {.has_histogram = true};
    scene_init(&scene, target_new_invalid("a\033b", 3, &fault, &place));
    scene_add(&scene, REASON_INVALID, -1);
    claim_summary("invalid", "text", report, &scene, "");
    claim_summary("invalid", "json", report, &scene, "");
    scene_release(&scene);
}

/* JSON */

#define HEAD                                                                         \
    "{\"summary\":{\"time\":\"2026-11-23T03:00:00.123456Z\",\"target\":\"db:5432\"," \
    "\"protocol\":\"tcp\",\"host\":\"db\",\"port\":5432,"

static const struct {
    const char *rows;
    const char *expected;
} objects[] = {
    {"u", HEAD "\"address\":\"10.0.0.5\",\"expected\":\"up\",\"labels\":null,\"sent\":1,\"up\":"
               "1,\"down\":0,\"errors\":0,"
               "\"loss_percent\":0.000,\"min_ms\":0.050,\"avg_ms\":0.050,\"max_ms\":0.050,"
               "\"mdev_ms\":0.000,\"jitter_ms\":null,\"p50_ms\":0.050,\"p95_ms\":0.050,"
               "\"p99_ms\":0.050,\"longest_outage_ms\":0.000,\"up_ms\":1000.000,"
               "\"down_ms\":0.000,\"error_ms\":0.000}}\n"},
    {"dde", HEAD "\"address\":null,\"expected\":\"up\",\"labels\":null,\"sent\":3,\"up\":0,"
                 "\"down\":2,\"errors\":1,"
                 "\"loss_percent\":100.000,\"min_ms\":null,\"avg_ms\":null,\"max_ms\":null,"
                 "\"mdev_ms\":null,\"jitter_ms\":null,\"p50_ms\":null,\"p95_ms\":null,"
                 "\"p99_ms\":null,\"longest_outage_ms\":3000.000,\"up_ms\":0.000,"
                 "\"down_ms\":2000.000,\"error_ms\":1000.000}}\n"},
    {"e", HEAD "\"address\":null,\"expected\":\"up\",\"labels\":null,\"sent\":1,\"up\":0,"
               "\"down\":0,\"errors\":1,"
               "\"loss_percent\":null,\"min_ms\":null,\"avg_ms\":null,\"max_ms\":null,"
               "\"mdev_ms\":null,\"jitter_ms\":null,\"p50_ms\":null,\"p95_ms\":null,"
               "\"p99_ms\":null,\"longest_outage_ms\":0.000,\"up_ms\":0.000,"
               "\"down_ms\":0.000,\"error_ms\":1000.000}}\n"},
};

static void test_summary_json_has_every_key(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
        struct scene scene;
        struct report report = {.has_histogram = true, .is_dated = true};
        scene_init(&scene, target_of("db:5432"));
        scene_add_rows(&scene, objects[i].rows);
        claim_summary(objects[i].rows, "json", report, &scene, objects[i].expected);
        scene_release(&scene);
    }
}

static void test_summary_json_numbers_are_those_of_the_text(void **state)
{
    struct scene scene;
    struct report report = {.has_changes = true};
    scene_init(&scene, target_of("db:5432"));
    scene_add_pings(&scene);
    claim_summary(
        "pings", "json", report, &scene,
        HEAD
        "\"address\":\"10.0.0.5\",\"expected\":\"up\",\"labels\":null,\"sent\":10,\"up\":9,"
        "\"down\":1,\"errors\":0,"
        "\"loss_percent\":10.000,\"min_ms\":0.041,\"avg_ms\":0.052,"
        "\"max_ms\":0.081,\"mdev_ms\":0.010,\"jitter_ms\":0.011,"
        "\"p50_ms\":0.050,\"p95_ms\":0.081,\"p99_ms\":0.081,"
        "\"longest_outage_ms\":1000.000,\"up_ms\":9000.000,"
        "\"down_ms\":1000.000,\"error_ms\":0.000}}\n");
    scene_release(&scene);
}

static void test_summary_belongs_where_its_format_says(void **state)
{
    assert_false(report_find("text")->is_summary_a_row);
    assert_true(report_find("json")->is_summary_a_row);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_summary_text_is_like_that_of_ping),
        cmocka_unit_test(test_summary_text_leaves_out_what_is_unknown),
        cmocka_unit_test(test_summary_text_counts_errors_apart),
        cmocka_unit_test(test_summary_text_loss_is_short_but_never_hides_a_row),
        cmocka_unit_test(test_summary_text_lines_are_at_most_80_wide),
        cmocka_unit_test(test_summary_text_line_of_80_columns_is_one_line),
        cmocka_unit_test(test_summary_text_address_is_said_of_names_only_and_by_address),
        cmocka_unit_test(test_summary_text_histogram_follows_if_wanted),
        cmocka_unit_test(test_summary_of_an_invalid_target_is_nothing),
        cmocka_unit_test(test_summary_json_has_every_key),
        cmocka_unit_test(test_summary_json_numbers_are_those_of_the_text),
        cmocka_unit_test(test_summary_belongs_where_its_format_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
