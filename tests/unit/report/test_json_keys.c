/*
 * The keys of JSON are a promise: each is there in every state, of one type for ever, and
 * described in netcheck-formats(5). A line of this table may be added and never changed. Found
 * from the top directory.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"
#include "netcheck/report/fields.h"

enum {
    ROW = FIELD_IN_ROWS,
    ROUND = FIELD_IN_ROUNDS,
    CHANGE = FIELD_IN_CHANGES,
    SUMMARY = FIELD_IN_SUMMARIES,
};

static const struct key {
    const char *name;
    const char *types; /* as the manual has it */
    unsigned lines;
} keys[] = {
    {"time", "string", ROW | SUMMARY},
    {"target", "string", ROW | SUMMARY},
    {"protocol", "string or null", ROW},
    {"protocol", "string", SUMMARY},
    {"host", "string or null", ROW},
    {"host", "string", SUMMARY},
    {"port", "number or null", ROW | SUMMARY},
    {"address", "string or null", ROW | SUMMARY},
    {"state", "string", ROW},
    {"expected", "string", ROW | SUMMARY},
    {"as_expected", "boolean", ROW},
    {"reason", "string", ROW},
    {"detail", "string or null", ROW},
    {"error", "string or null", ROW},
    {"icmp", "object or null", ROW},
    {"reported_by", "string or null", ROW},
    {"resolve_ms", "number or null", ROW},
    {"connect_ms", "number or null", ROW},
    {"syn_retransmits", "number or null", ROW},
    {"attempts", "number", ROW},
    {"canonical", "string or null", ROW},
    {"reply_ms", "number or null", ROW},
    {"sent", "number or null", ROW},
    {"replies", "number or null", ROW},
    {"reply", "string or null", ROW},
    {"reply_bytes", "number or null", ROW},
    {"reply_from", "string or null", ROW},
    {"ttl", "number or null", ROW},
    {"syn_proxy", "boolean or null", ROW},
    {"path_mtu", "number or null", ROW},
    {"tls", "object or null", ROW},
    {"held_ms", "number or null", ROW},
    {"closed_after_ms", "number or null", ROW},
    {"labels", "object or null", ROW | SUMMARY},
    {"seq", "number", ROUND},
    {"previous_state", "string or null", CHANGE},
    {"previous_ms", "number or null", CHANGE},
    {"since", "string or null", CHANGE},
    {"change", "string or null", CHANGE},
    {"sent", "number", SUMMARY},
    {"up", "number", SUMMARY},
    {"down", "number", SUMMARY},
    {"errors", "number", SUMMARY},
    {"loss_percent", "number or null", SUMMARY},
    {"min_ms", "number or null", SUMMARY},
    {"avg_ms", "number or null", SUMMARY},
    {"max_ms", "number or null", SUMMARY},
    {"mdev_ms", "number or null", SUMMARY},
    {"jitter_ms", "number or null", SUMMARY},
    {"p50_ms", "number or null", SUMMARY},
    {"p95_ms", "number or null", SUMMARY},
    {"p99_ms", "number or null", SUMMARY},
    {"longest_outage_ms", "number", SUMMARY},
    {"up_ms", "number", SUMMARY},
    {"down_ms", "number", SUMMARY},
    {"error_ms", "number", SUMMARY},
};

/* How often each was seen with a value, and without. */
static unsigned seen[ARRAY_LEN(keys)][2];

static const char *type_of(const char *value)
{
    switch (*value) {
    case '"':
        return "string";
    case '{':
        return "object";
    case 't':
    case 'f':
        return "boolean";
    case 'n':
        return "null";
    default:
        return *value >= '0' && *value <= '9' ? "number" : "?";
    }
}

/* What stands behind a value; strings may have anything in them. */
static const char *pass_value(const char *at)
{
    bool is_string = false;
    int depth = 0;
    for (; is_string || depth > 0 || (*at != ',' && *at != '}'); at++) {
        assert_true(*at != '\0');
        if (is_string && *at == '\\')
            at++;
        else if (*at == '"')
            is_string = !is_string;
        else if (!is_string)
            depth += (*at == '{') - (*at == '}');
    }
    return at;
}

/* The value of the next member, which must be that key with a value of its types. */
static const char *take_member(const char *at, size_t i)
{
    char head[64];
    int len = snprintf(head, sizeof head, "\"%s\":", keys[i].name);
    if (strncmp(at, head, (size_t)len) != 0)
        fail_msg("\"%s\" is missing before %s", keys[i].name, at);
    at += len;
    claim_contains(keys[i].name, keys[i].types, type_of(at));
    seen[i][*at == 'n']++;
    return pass_value(at) + 1;
}

/* Exactly the keys of `lines`, in their order. */
static void take_object(struct buffer *out, const char *before, unsigned lines)
{
    const char *at = buffer_text(out);
    assert_int_equal(strncmp(at, before, strlen(before)), 0);
    at += strlen(before);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if ((keys[i].lines & lines) != 0)
            at = take_member(at, i);
    claim_text("behind the last key", "text", at, lines == SUMMARY ? "}\n" : "\n");
}

static const struct label labels[] = {{"site", "\"}"}, {"tier", "{\\"}};

/* Each way in which a run may have other keys, or values of its own. */
static const struct report reports[] = {
    {.expects_down = false},
    {.expects_down = true, .is_by_address = true},
    {.has_rounds = true},
    {.has_changes = true, .labels = labels, .label_count = 1},
    {.has_rounds = true, .has_changes = true, .labels = labels, .label_count = 2},
};

static void take_row(const struct result *result)
{
    for (size_t i = 0; i < ARRAY_LEN(reports); i++) {
        struct buffer out = BUFFER_EMPTY;
        report_json.row(&out, &reports[i], result);
        unsigned lines = fields_of_rows(&reports[i]);
        take_object(&out, "{", result->round > 0 ? lines : lines & ~(unsigned)ROUND);
        buffer_release(&out);
    }
}

/* All that may be known of a row, whether its reason would let it or not. */
static struct result full_row(const char *text, enum reason reason)
{
    struct result result = answered_of(text, "10.0.0.5", reason, "\"},{\xff", 5);
    result.round = 2;
    result.change = (struct change){
        .news = NEWS_CHANGED, .before = STATE_DOWN, .lasted_ns = 1, .since_s = 1};
    result.resolve_ns = result.connect_ns = result.waited_ns = 1;
    result.syn_retransmits = 1;
    result.canonical = shared_new("db.example.com");
    result.measures.ttl = result.measures.path_mtu = 61;
    result.measures.held_ns = result.measures.closed_after_ns = 1;
    (void)snprintf(result.measures.reply->tls_version, REPLY_VERSION, "1.2");
    result.measures.reply->from = address_of("10.0.0.6");
    result.outcome.error = ECONNREFUSED;
    result.outcome.icmp = icmp_of("10.6.0.1", 3, 13);
    return result;
}

static void test_json_keys_are_there_in_every_state(void **state)
{
    static const char *const targets[] = {"db:22", "!10.0.0.7:22", "udp://db:53", "icmp://db",
                                          "tls://[2001:db8::1]:443"};
    const struct fault fault = {FAULT_HOST_BYTE, 1, 1};
    for (size_t i = 0; i < ARRAY_LEN(targets); i++)
        for (enum reason reason = 0; reason < REASON_COUNT; reason++) {
            if (reason == REASON_INVALID)
                continue;
            struct result full = full_row(targets[i], reason);
            struct result bare = error_of(targets[i], outcome_of(reason));
            take_row(&full);
            take_row(&bare);
            result_release(&full);
            result_release(&bare);
        }
    struct result invalid = invalid_of("{\"a\n", 4, fault, "a", 1);
    take_row(&invalid);
    result_release(&invalid);
}

/* Rows of a series, whose latencies are known or not. */
static void take_summary(const char *target, enum reason reason, int rows)
{
    struct stats stats = {.sent = 0};
    struct result last = error_of(target, outcome_of(reason));
    last.endpoint.address = address_of(reason == REASON_CONNECTED ? "10.0.0.5" : "");
    last.connect_ns = 1;
    for (int i = 0; i < rows; i++)
        stats_add(&stats, &last);
    const struct series series = {.last = last, .stats = &stats};
    for (size_t i = 0; i < ARRAY_LEN(reports); i++) {
        struct buffer out = BUFFER_EMPTY;
        report_json.summary(&out, &reports[i], &series, NS_PER_S);
        take_object(&out, "{\"summary\":{", SUMMARY);
        buffer_release(&out);
    }
    result_release(&last);
}

static void test_json_keys_are_there_in_every_summary(void **state)
{
    for (int rows = 0; rows < 3; rows++) {
        take_summary("db:22", REASON_CONNECTED, rows);
        take_summary("udp://db:53", REASON_TIMEOUT, rows);
        take_summary("icmp://db", REASON_UNRESOLVED, rows);
    }
}

/* Else the table, or the rows above, promise more than there is. Behind the two tests above. */
static void test_json_keys_have_each_of_their_types(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        bool may_be_null = strstr(keys[i].types, " or null") != NULL;
        claim_true(keys[i].name, "has a value", seen[i][0] > 0);
        claim_number(keys[i].name, "is null", seen[i][1] > 0, may_be_null);
    }
}

/* The line behind ".It Va KEY" begins with the types, in the manual's order. */
static void test_json_keys_are_in_the_manual_with_their_types(void **state)
{
    char line[256];
    FILE *file = fopen("src/man/netcheck-formats.5", "r");
    if (file == NULL)
        fail_msg("the manual cannot be read: run the tests from the top directory");
    for (size_t i = 0; i < ARRAY_LEN(keys) && file != NULL; i++) {
        char head[64];
        char types[64];
        if (keys[i].lines == SUMMARY)
            continue;
        (void)snprintf(head, sizeof head, ".It Va %s\n", keys[i].name);
        (void)snprintf(types, sizeof types, "%s, as in\n", keys[i].types);
        do
            claim_true(keys[i].name, "is in the manual", fgets(line, sizeof line, file));
        while (strcmp(line, head) != 0);
        assert_non_null(fgets(line, sizeof line, file));
        claim_text(keys[i].name, "types", line, types);
    }
    if (file != NULL)
        (void)fclose(file); /* it was only read */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_keys_are_there_in_every_state),
        cmocka_unit_test(test_json_keys_are_there_in_every_summary),
        cmocka_unit_test(test_json_keys_have_each_of_their_types),
        cmocka_unit_test(test_json_keys_are_in_the_manual_with_their_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
