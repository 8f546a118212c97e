/*
 * Whatever format a reader takes, it learns the same of a row: state, reason, whether that was
 * expected, and times to the microsecond. What JSON says is held against the others.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"
#include "netcheck/report/document.h"
#include "netcheck/report/nagios.h"

enum { VALUE_MAX = 64, LABEL_SIZE = 128, NO_TIME = -1 };

#define SERIES "{target=\"db:1\",protocol=\"tcp\"} "

enum format { JSON, CSV, PROMETHEUS, JUNIT, NAGIOS, FORMAT_COUNT };

static const char *const names[FORMAT_COUNT] = {"json", "csv", "prometheus", "junit", "nagios"};

/* A row in every format, and its status in the last one. */
struct texts {
    struct buffer of[FORMAT_COUNT];
    int status;
};

static void write_all(struct texts *texts, const struct report *report,
                      const struct result *result)
{
    const struct document_row row = {.result = result};
    struct document document = {.report = report, .rows = &row, .count = 1};
    document.tally.expects_down = report->expects_down;
    tally_add(&document.tally, result);
    for (enum format format = 0; format < FORMAT_COUNT; format++) {
        const struct report_format *writer = report_find(names[format]);
        struct buffer *out = &texts->of[format];
        if (writer->document != NULL) {
            writer->document(out, &document);
            continue;
        }
        report_begin(out, report, writer);
        writer->row(out, report, result);
    }
    texts->status = report_nagios.status(&document);
}

/* What stands behind the first `begin`, as far as none of `ends`; "" where it is not there. */
static void take(struct buffer *text, const char *begin, const char *ends,
                 char value[VALUE_MAX])
{
    const char *at = strstr(buffer_text(text), begin);
    size_t len = at != NULL ? strcspn(at += strlen(begin), ends) : 0;
    assert_true(len < VALUE_MAX);
    if (len > 0)
        memcpy(value, at, len);
    value[len] = '\0';
}

static void take_json(struct texts *texts, const char *key, char value[VALUE_MAX])
{
    char begin[VALUE_MAX];
    (void)snprintf(begin, sizeof begin, "\"%s\":", key);
    take(&texts->of[JSON], begin, ",}", value);
    size_t len = strlen(value);
    if (value[0] == '"' && len > 1) {
        memmove(value, value + 1, len - 2);
        value[len - 2] = '\0';
    } else if (strcmp(value, "null") == 0) {
        value[0] = '\0';
    }
}

/* The column below `key`, one of those before what may have commas. */
static void take_csv(struct texts *texts, const char *key, char value[VALUE_MAX])
{
    const char *name = buffer_text(&texts->of[CSV]);
    const char *field = strchr(name, '\n') + 1;
    while (strncmp(name, key, strlen(key)) != 0 || name[strlen(key)] != ',') {
        name = strchr(name, ',') + 1;
        field = strchr(field, ',') + 1;
    }
    (void)snprintf(value, VALUE_MAX, "%.*s", (int)strcspn(field, ",\n"), field);
}

/* "0.812" milliseconds and "0.000812" seconds are 812 microseconds; "" and "U" are no time. */
static int64_t micros(const char *text, size_t decimals)
{
    int64_t value = 0;
    const char *point = strchr(text, '.');
    if (point == NULL)
        return NO_TIME;
    assert_int_equal(strspn(point + 1, "0123456789"), decimals);
    for (const char *p = text; *p != '\0' && (*p == '.' || (*p >= '0' && *p <= '9')); p++)
        value = *p == '.' ? value : value * 10 + (*p - '0');
    return value;
}

static int64_t take_micros(struct buffer *text, const char *begin, const char *ends)
{
    char value[VALUE_MAX];
    take(text, begin, ends, value);
    return micros(value, 6);
}

static int64_t json_micros(struct texts *texts, const char *key)
{
    char value[VALUE_MAX];
    take_json(texts, key, value);
    return micros(value, 3);
}

static void claim_csv(const char *label, struct texts *texts)
{
    static const char *const keys[] = {"time",       "target",      "state",
                                       "expected",   "as_expected", "reason",
                                       "connect_ms", "resolve_ms",  "reply_ms"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        char json[VALUE_MAX];
        char csv[VALUE_MAX];
        take_json(texts, keys[i], json);
        take_csv(texts, keys[i], csv);
        claim_text(label, keys[i], csv, json);
    }
}

static void claim_prometheus(const char *label, struct texts *texts)
{
    static const char *const times[][2] = {
        {"connect_ms", "connect"}, {"resolve_ms", "resolve"}, {"reply_ms", "reply"}};
    struct buffer *text = &texts->of[PROMETHEUS];
    char state[VALUE_MAX];
    char reason[VALUE_MAX];
    char as_expected[VALUE_MAX];
    char line[4 * VALUE_MAX];
    take_json(texts, "state", state);
    take_json(texts, "reason", reason);
    take_json(texts, "as_expected", as_expected);
    (void)snprintf(line, sizeof line, ",state=\"%s\",reason=\"%s\"} 1\n", state, reason);
    claim_contains(label, buffer_text(text), line);
    (void)snprintf(line, sizeof line, "\nnetcheck_as_expected" SERIES "%d\n",
                   strcmp(as_expected, "true") == 0);
    claim_contains(label, buffer_text(text), line);
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        (void)snprintf(line, sizeof line, "\nnetcheck_%s_seconds" SERIES, times[i][1]);
        claim_number(label, times[i][0], (uint64_t)take_micros(text, line, "\n"),
                     (uint64_t)json_micros(texts, times[i][0]));
    }
}

/* Its time is that of the answer, where there is one. */
static int64_t latency_micros(struct texts *texts, const struct result *result)
{
    return json_micros(texts, result->measures.is_reply ? "reply_ms" : "connect_ms");
}

static void claim_junit(const char *label, struct texts *texts, const struct result *result)
{
    struct buffer *text = &texts->of[JUNIT];
    char json[VALUE_MAX];
    char found[VALUE_MAX];
    take_json(texts, "as_expected", json);
    bool is_expected = strcmp(json, "true") == 0;
    take_json(texts, "state", json);
    take(text, strcmp(json, "error") == 0 ? "<error type=\"" : "<failure type=\"", "\"", found);
    take_json(texts, "reason", json);
    claim_text(label, "junit's type", found, is_expected ? "" : json);
    if (latency_micros(texts, result) != NO_TIME)
        claim_number(label, "junit's time",
                     (uint64_t)take_micros(text, "name=\"db:1\" time=\"", "\""),
                     (uint64_t)latency_micros(texts, result));
}

static void claim_nagios(const char *label, struct texts *texts, const struct result *result)
{
    char state[VALUE_MAX];
    char reason[VALUE_MAX];
    char as_expected[VALUE_MAX];
    take_json(texts, "state", state);
    take_json(texts, "reason", reason);
    take_json(texts, "as_expected", as_expected);
    int status = strcmp(as_expected, "true") == 0 ? PLUGIN_OK
                 : strcmp(reason, "local") == 0   ? PLUGIN_UNKNOWN
                 : strcmp(reason, "invalid") == 0 ? PLUGIN_UNKNOWN
                                                  : PLUGIN_CRITICAL;
    claim_number(label, "status", (uint64_t)texts->status, (uint64_t)status);
    claim_contains(label, buffer_text(&texts->of[NAGIOS]),
                   strcmp(state, "up") == 0 ? "up" : reason);
    bool has_time = strcmp(state, "up") == 0 && strcmp(as_expected, "true") == 0;
    claim_number(label, "data", (uint64_t)take_micros(&texts->of[NAGIOS], "| time=", "s;"),
                 (uint64_t)(has_time ? latency_micros(texts, result) : NO_TIME));
}

static void expect_agreement(const char *target, enum reason reason, int64_t time_ns,
                             bool is_reply)
{
    struct report report = {.wall_offset_ns = rows_wall_offset_ns};
    struct result result = row_of(target, "10.0.0.5", outcome_of(reason));
    struct texts texts = {0};
    char label[LABEL_SIZE];
    (void)snprintf(label, sizeof label, "%s %s %" PRId64 "%s", target, reason_name(reason),
                   time_ns, is_reply ? ", reply" : "");
    result.asked_ns = result.finished_ns;
    result.resolve_ns = time_ns > 0 ? time_ns / 3 : -1;
    result.connect_ns = is_reply && time_ns > 0 ? time_ns / 7 : time_ns;
    result.reply_ns = is_reply ? time_ns : -1;
    result.measures.is_reply = is_reply;
    write_all(&texts, &report, &result);
    claim_csv(label, &texts);
    claim_prometheus(label, &texts);
    claim_junit(label, &texts, &result);
    claim_nagios(label, &texts, &result);
    for (enum format format = 0; format < FORMAT_COUNT; format++)
        buffer_release(&texts.of[format]);
    result_release(&result);
}

static void test_formats_agree_on_every_reason_and_time(void **state)
{
    static const char *const targets[] = {"db:1", "!db:1"};
    static const int64_t times_ns[] = {
        -1,        0,        1,        999,
        1000,      1999,     812999,   NS_PER_MS - 1,
        NS_PER_MS, 99999500, NS_PER_S, 9 * NS_PER_S + 999999999,
    };
    for (enum reason reason = 0; reason < REASON_COUNT; reason++)
        for (size_t i = 0; i < ARRAY_LEN(targets) * ARRAY_LEN(times_ns); i++)
            for (int is_reply = 0; is_reply < 2 && reason != REASON_INVALID; is_reply++)
                expect_agreement(targets[i % ARRAY_LEN(targets)], reason,
                                 times_ns[i / ARRAY_LEN(targets)], is_reply != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats_agree_on_every_reason_and_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
