/*
 * The instruments of the other tests: a reader of JSON that accepts anything tests nothing.
 */
#include <signal.h>
#include <string.h>

#include "harness.h"
#include "netcheck/base/base.h"
#include "scene.h"
#include "text.h"
#include "watch.h"

static void test_text_json_accepts_what_rfc_8259_has(void **state)
{
    static const char *const lines[] = {
        "",
        "{}\n",
        "{\"a\":1}\n{\"b\":null}\n",
        "{\"a\":-0.5e+3,\"b\":0,\"c\":10.25}\n",
        "{\"a\":\"\\u0000\\n\\\"\\\\/\",\"b\":{\"c\":true}}\n",
        "{\"\xc3\xa4\":\"\xe2\x82\xac\xf0\x9f\x98\x80\"}\n",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        if (!text_is_json_lines(lines[i], strlen(lines[i])))
            fail_msg("refused: %s", lines[i]);
}

static void test_text_json_refuses_all_else(void **state)
{
    static const char *const lines[] = {
        "{}",
        "\n",
        "{} \n",
        "{\"a\":1,}\n",
        "{\"a\":01}\n",
        "{\"a\":1.}\n",
        "{\"a\":.5}\n",
        "{\"a\":+1}\n",
        "{\"a\":nan}\n",
        "{\"a\":\"\t\"}\n",
        "{\"a\":\"\\x1b\"}\n",
        "{\"a\":\"\\u12g4\"}\n",
        "{\"a\":\"\xff\"}\n",
        "{\"a\":\"\xc0\x80\"}\n",
        "{\"a\":\"\xed\xa0\x80\"}\n",
        "{\"a\":\"\xf4\x90\x80\x80\"}\n",
        "{\"a\":\"b}\n",
        "{'a':1}\n",
        "{a:1}\n",
        "{\"a\"}\n",
        "null\n",
        "{\"a\":1}{\"a\":1}\n",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        if (text_is_json_lines(lines[i], strlen(lines[i])))
            fail_msg("accepted: %s", lines[i]);
}

static void test_text_hides_only_latencies(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    (void)state;
    buffer_add_text(&text, "up 127.0.0.1:80 0.42 ms, 12 ms and 3 s, 5ms, x7 ms\n");
    text_hide_latencies(&text);
    expect_text("latencies", "text", buffer_text(&text),
                "up 127.0.0.1:80 N ms, N ms and 3 s, 5ms, xN ms\n");
    buffer_release(&text);
}

static void test_text_hides_only_times(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    (void)state;
    buffer_add_text(&text, "up 127.0.0.1:80  seq=1  0.42 ms, 12 ms and 3 s; 1.5 s left, 5ms,\n"
                           "1/2/3/0.4 ms, 2 sent, 3 msx, 4 min 5 s\n1.2 s");
    text_hide_times(&text);
    expect_text("times", "text", buffer_text(&text),
                "up 127.0.0.1:80  seq=1  N, N and N; N left, 5ms,\n"
                "N/N/N/N, 2 sent, 3 msx, 4 min N\nN");
    buffer_release(&text);
}

static void test_watch_drops_only_what_was_missed(void **state)
{
    struct buffer notes = BUFFER_EMPTY;
    (void)state;
    buffer_add_text(&notes,
                    "--- a ---\nnetcheck: 7 times a target was not asked when it was due\n"
                    "1 sent");
    watch_drop_missed(&notes);
    expect_text("missed", "notes", buffer_text(&notes), "--- a ---\n1 sent");
    buffer_release(&notes);
}

static void test_text_hides_only_well_formed_json_values(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    (void)state;
    buffer_add_text(&text, "{\"time\":\"2026-11-23T03:00:00.123456Z\",\"connect_ms\":0.120}"
                           "{\"time\":\"2026-11-23 03:00:00Z\",\"connect_ms\":0.12}"
                           "{\"time\":null,\"resolve_ms\":12.3456}");
    text_hide_json_values(&text);
    expect_text("values", "text", buffer_text(&text),
                "{\"time\":\"T\",\"connect_ms\":N}"
                "{\"time\":\"2026-11-23 03:00:00Z\",\"connect_ms\":0.12}"
                "{\"time\":null,\"resolve_ms\":12.3456}");
    buffer_release(&text);
}

static void test_text_finds_raw_bytes(void **state)
{
    static const struct {
        const char *label;
        const char *bytes;
        size_t len;
        bool is_raw;
    } rows[] = {
        {"plain", "up 1\n", 5, false}, {"escape", "a\x1b[31m", 6, true},
        {"NUL", "a\0b", 3, true},      {"tab", "a\tb", 3, true},
        {"DEL", "\x7f", 1, true},      {"umlaut", "\xc3\xa4", 2, true},
        {"return", "a\r\n", 3, true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buffer text = BUFFER_EMPTY;
        buffer_add(&text, rows[i].bytes, rows[i].len);
        expect_number(rows[i].label, "has raw bytes", text_has_raw_bytes(&text),
                      rows[i].is_raw);
        buffer_release(&text);
    }
}

static void test_peer_kinds_answer_as_they_say(void **state)
{
    const struct scene *scene = *state;
    struct peer refused;
    assert_false(peer_refuse_at(&refused, scene->refused.host, scene->refused.port));
    assert_true(scene->silent.filler_count > 1);
    assert_int_not_equal(scene->up.port, scene->refused.port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_json_accepts_what_rfc_8259_has),
        cmocka_unit_test(test_text_json_refuses_all_else),
        cmocka_unit_test(test_text_hides_only_latencies),
        cmocka_unit_test(test_text_hides_only_times),
        cmocka_unit_test(test_watch_drops_only_what_was_missed),
        cmocka_unit_test(test_text_hides_only_well_formed_json_values),
        cmocka_unit_test(test_text_finds_raw_bytes),
        cmocka_unit_test(test_peer_kinds_answer_as_they_say),
    };
    return cmocka_run_group_tests_name("cli/harness", tests, scene_open, scene_release);
}
