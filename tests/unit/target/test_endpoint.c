#include <stdio.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/target/endpoint.h"

enum { LABELS_MAX = 11 };

static const struct {
    const char *text;
    uint64_t total;
    const char *labels[LABELS_MAX]; /* of the rows in order, NULL behind the last one */
} targets[] = {
    {"db:80", 1, {"db:80"}},
    {"db:443,22,80-81", 4, {"db:443", "db:22", "db:80", "db:81"}},
    {"DB.example.:80", 1, {"DB.example.:80"}},
    {"!db:80", 1, {"db:80"}},
    {"https://u@db/x", 1, {"db:443"}},
    {"10.0.0.5:22,80", 2, {"10.0.0.5:22", "10.0.0.5:80"}},
    {"[2001:DB8::1]:80", 1, {"[2001:DB8::1]:80"}},
    {"[fe80::1%eth0]:80", 1, {"[fe80::1%eth0]:80"}},
    {"10.0.0.5/32:80", 1, {"10.0.0.5:80"}},
    {"10.0.0.5/31:80", 2, {"10.0.0.4:80", "10.0.0.5:80"}},
    {"10.0.0.255/30:1", 4, {"10.0.0.252:1", "10.0.0.253:1", "10.0.0.254:1", "10.0.0.255:1"}},
    {"10.0.0.0/31:22,80-81",
     6,
     {"10.0.0.0:22", "10.0.0.0:80", "10.0.0.0:81", "10.0.0.1:22", "10.0.0.1:80",
      "10.0.0.1:81"}},
    {"[2001:db8::1]/128:80", 1, {"[2001:db8::1]:80"}},
    {"[2001:db8::ffff]/127:80", 2, {"[2001:db8::fffe]:80", "[2001:db8::ffff]:80"}},
    {"10.0.0.254-10.0.1.1:22,80",
     8,
     {"10.0.0.254:22", "10.0.0.254:80", "10.0.0.255:22", "10.0.0.255:80", "10.0.1.0:22",
      "10.0.1.0:80", "10.0.1.1:22", "10.0.1.1:80"}},
    {"10.0.0.7-7:80", 1, {"10.0.0.7:80"}},
    {"[2001:db8::ffff]-[2001:db8::1:1]:80",
     3,
     {"[2001:db8::ffff]:80", "[2001:db8::1:0]:80", "[2001:db8::1:1]:80"}},
    {"[fe80::3%eth0]/127:80", 2, {"[fe80::2%eth0]:80", "[fe80::3%eth0]:80"}},
    {"udp://db:53,123", 2, {"udp://db:53", "udp://db:123"}},
    {"db:53/udp", 1, {"udp://db:53"}},
    {"tls://[2001:db8::1]:443", 1, {"tls://[2001:db8::1]:443"}},
    {"tls://db:443/tcp", 1, {"tls://db:443"}},
    {"icmp://db", 1, {"icmp://db"}},
    {"icmp://10.0.0.1/31", 2, {"icmp://10.0.0.0", "icmp://10.0.0.1"}},
    {"icmp://[fe80::1%eth0]", 1, {"icmp://[fe80::1%eth0]"}},
    {"tcp://db:80", 1, {"db:80"}},
    {"ntp://db", 1, {"udp://db:123"}},
    {"10.0.0.0/31:53,53-54/udp,icmp,443/tls",
     10,
     {"10.0.0.0:53", "udp://10.0.0.0:53", "udp://10.0.0.0:54", "icmp://10.0.0.0",
      "tls://10.0.0.0:443", "10.0.0.1:53", "udp://10.0.0.1:53", "udp://10.0.0.1:54",
      "icmp://10.0.0.1", "tls://10.0.0.1:443"}},
};

static const struct {
    const char *text;
    uint64_t total;
    uint64_t index;
    const char *label;
} far_rows[] = {
    {"10.0.0.0/24:22", 256, 0, "10.0.0.0:22"},
    {"10.0.0.0/24:22", 256, 255, "10.0.0.255:22"},
    {"10.0.0.0/23:22", 512, 256, "10.0.1.0:22"},
    {"10.0.0.0/8:1-65535", UINT64_C(16777216) * 65535, 0, "10.0.0.0:1"},
    {"10.0.0.0/8:1-65535", UINT64_C(16777216) * 65535, 65534, "10.0.0.0:65535"},
    {"10.0.0.0/8:1-65535", UINT64_C(16777216) * 65535, 65535, "10.0.0.1:1"},
    {"10.0.0.0/8:1-65535", UINT64_C(16777216) * 65535, UINT64_C(16777216) * 65535 - 1,
     "10.255.255.255:65535"},
    {"128.0.0.0/1:80", UINT64_C(1) << 31, (UINT64_C(1) << 31) - 1, "255.255.255.255:80"},
    {"icmp://10.0.0.0/8", 1 << 24, (1 << 24) - 1, "icmp://10.255.255.255"},
    {"[2001:db8::]/120:443", 256, 255, "[2001:db8::ff]:443"},
    {"10.0.0.1-10.1.0.0:1-9", UINT64_C(65536) * 9, UINT64_C(65536) * 9 - 1, "10.1.0.0:9"},
    {"[2001:db8::1]-[2001:db8::1:0:0:0]:443", UINT64_C(1) << 48, (UINT64_C(1) << 48) - 1,
     "[2001:db8:0:0:1::]:443"},
    {"[2001:db8::]/111:443", UINT64_C(1) << 17, UINT64_C(1) << 16, "[2001:db8::1:0]:443"},
    {"[2001:db8::]/80:1-65535", (UINT64_C(1) << 48) * 65535, (UINT64_C(1) << 48) * 65535 - 1,
     "[2001:db8::ffff:ffff:ffff]:65535"},
};

static struct target *target_of(const char *text)
{
    struct target *target = NULL;
    struct fault fault;
    claim_error(text, target_parse(text, strlen(text), &target, &fault), ERROR_NONE);
    assert_non_null(target);
    return target;
}

static struct target *invalid_of(const char *line, size_t len)
{
    const struct fault fault = {FAULT_HOST_BYTE, 0, 1};
    const struct place place = {"hosts.txt", 1, 0};
    struct target *target = target_new_invalid(line, len, &fault, &place);
    assert_non_null(target);
    return target;
}

static void claim_shown(const char *label, const struct endpoint *endpoint,
                        void (*show)(struct buffer *out, const struct endpoint *endpoint),
                        const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    show(&out, endpoint);
    claim_text(label, "what is shown", buffer_text(&out), expected);
    buffer_release(&out);
}

static void claim_label(const char *label, const struct endpoint *endpoint,
                        const char *expected)
{
    claim_shown(label, endpoint, endpoint_label, expected);
}

/* What a label begins with. */
static enum protocol_id protocol_of(const char *label)
{
    const char *end = strstr(label, "://");
    const struct slice word = {label, 0, end != NULL ? (size_t)(end - label) : 0};
    return end != NULL ? protocols_find(&word)->id : PROTOCOL_TCP;
}

static void test_endpoints_rows_come_hosts_outside_ports_inside(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        struct endpoints endpoints;
        struct endpoint endpoint;
        size_t count = 0;
        endpoints_begin(&endpoints, target_of(targets[i].text));
        claim_number(targets[i].text, "total", endpoints_total(endpoints.target),
                     targets[i].total);
        for (; endpoints_next(&endpoints, &endpoint); count++) {
            claim_true(targets[i].text, "no row too many", count < targets[i].total);
            claim_label(targets[i].text, &endpoint, targets[i].labels[count]);
            claim_number(targets[i].text, "protocol", endpoint.protocol,
                         protocol_of(targets[i].labels[count]));
        }
        claim_number(targets[i].text, "rows", count, targets[i].total);
    }
}

static void test_endpoints_at_reaches_any_row(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(far_rows); i++) {
        struct target *target = target_of(far_rows[i].text);
        struct endpoint endpoint;
        claim_number(far_rows[i].label, "total", endpoints_total(target), far_rows[i].total);
        endpoints_at(target, far_rows[i].index, &endpoint);
        claim_label(far_rows[i].label, &endpoint, far_rows[i].label);
        target_drop(target);
    }
}

static void test_endpoints_widest_has_the_longest_label(void **state)
{
    static const struct {
        const char *target;
        const char *label;
    } rows[] = {
        {"db:22", "db:22"},
        {"db:65535,1", "db:65535"},
        {"db:1-100,22,3", "db:100"},
        {"10.0.0.5:22", "10.0.0.5:22"},
        {"10.0.0.0/24:8080,22", "10.0.0.255:8080"},
        {"10.0.0.0/8:22", "10.255.255.255:22"},
        {"[2001:db8::]/120:1-65535", "[2001:db8::ff]:65535"},
        {"udp://db:53", "udp://db:53"},
        {"db:65535,1/udp", "udp://db:1"},
        {"db:65535,1/udp,icmp", "udp://db:1"},
        {"db:1,icmp", "icmp://db"},
        {"icmp://10.0.0.0/24", "icmp://10.0.0.255"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct target *target = target_of(rows[i].target);
        struct endpoint endpoint;
        endpoints_widest(target, &endpoint);
        claim_label(rows[i].target, &endpoint, rows[i].label);
        target_drop(target);
    }
}

static void test_endpoints_address_carries_the_port(void **state)
{
    struct target *target = target_of("10.0.0.0/31:22,80");
    struct endpoint endpoint;
    char text[ADDRESS_TEXT_SIZE];
    endpoints_at(target, 3, &endpoint);
    address_format(&endpoint.address, text);
    assert_string_equal(text, "10.0.0.1");
    assert_int_equal(address_port(&endpoint.address), 80);
    assert_int_equal(endpoint.port, 80);
    assert_ptr_equal(endpoint.target, target);
    target_drop(target);
}

static void test_endpoints_name_has_no_address_yet_and_is_shown_without_brackets(void **state)
{
    struct target *target = target_of("db:80");
    struct endpoint endpoint;
    endpoints_at(target, 0, &endpoint);
    assert_int_equal(address_family(&endpoint.address), AF_UNSPEC);
    assert_int_equal(endpoint.port, 80);
    assert_true(address_parse("::1", 3, &endpoint.address));
    claim_label("resolved to IPv6", &endpoint, "db:80");
    target_drop(target);
}

static void test_endpoints_target_without_ports_or_none_has_no_row(void **state)
{
    struct endpoints endpoints;
    struct endpoint endpoint;
    endpoints_begin(&endpoints, target_of("10.0.0.0/24"));
    assert_int_equal(endpoints_total(endpoints.target), 0);
    for (int i = 0; i < 2; i++) { /* with it, and when it is gone */
        assert_false(endpoints_next(&endpoints, &endpoint));
        assert_null(endpoints.target);
        assert_int_equal(endpoints_skip(&endpoints, 0), 0);
        assert_int_equal(endpoints_skip(&endpoints, 7), 7);
        assert_true(endpoints_skip(&endpoints, UINT64_MAX) == UINT64_MAX);
        endpoints_release(&endpoints);
    }
}

static void test_endpoints_invalid_target_has_one_row_as_it_was_written(void **state)
{
    static const char line[] = "\x1b[31m\0x";
    struct endpoints endpoints;
    struct endpoint endpoint;
    struct buffer out = BUFFER_EMPTY;
    endpoints_begin(&endpoints, invalid_of(line, sizeof line - 1));
    assert_int_equal(endpoints_total(endpoints.target), 1);
    assert_true(endpoints_next(&endpoints, &endpoint));
    assert_int_equal(endpoint.port, 0);
    assert_int_equal(endpoint.protocol, PROTOCOL_NONE);
    assert_int_equal(address_family(&endpoint.address), AF_UNSPEC);
    endpoint_label(&out, &endpoint);
    claim_bytes("raw", "label", out.bytes, out.len, line, sizeof line - 1);
    buffer_release(&out);
    assert_false(endpoints_next(&endpoints, &endpoint));
    endpoints_begin(&endpoints, invalid_of("a b", 3));
    assert_int_equal(endpoints_skip(&endpoints, 5), 4);
    assert_null(endpoints.target);
}

static void test_endpoints_end_or_release_drops_the_target(void **state)
{
    static const struct {
        const char *label;
        size_t taken;      /* of two rows */
        uint64_t skipped;  /* then */
        size_t references; /* before the release */
    } rows[] = {{"begin", 0, 0, 2},    {"first", 1, 0, 2},     {"last", 2, 0, 2},
                {"end", 3, 0, 1},      {"behind it", 4, 0, 1}, {"skip one", 0, 1, 2},
                {"skip all", 0, 2, 1}, {"skip more", 0, 3, 1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct target *target = target_hold(target_of("db:22,80"));
        struct endpoints endpoints;
        struct endpoint endpoint;
        endpoints_begin(&endpoints, target);
        for (size_t j = 0; j < rows[i].taken; j++)
            claim_true(rows[i].label, "a row, or the end",
                       endpoints_next(&endpoints, &endpoint) == (j < 2));
        (void)endpoints_skip(&endpoints, rows[i].skipped);
        claim_number(rows[i].label, "references", target->references, rows[i].references);
        endpoints_release(&endpoints);
        claim_true(rows[i].label, "no row", !endpoints_next(&endpoints, &endpoint));
        endpoints_release(&endpoints);
        claim_number(rows[i].label, "references", target->references, 1);
        target_drop(target);
    }
}

static void test_endpoints_host_is_as_written_or_from_the_prefix(void **state)
{
    static const struct {
        const char *text;
        const char *host; /* of the first row */
    } rows[] = {
        {"DB.example.:80", "DB.example."},       {"[2001:DB8::0001]:80", "2001:DB8::0001"},
        {"[fe80::1%eth0]:80", "fe80::1%eth0"},   {"10.0.0.77/24:80", "10.0.0.0"},
        {"[2001:DB8::77]/120:80", "2001:db8::"}, {"[fe80::77%eth0]/120:80", "fe80::%eth0"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct target *target = target_of(rows[i].text);
        struct endpoint endpoint;
        endpoints_at(target, 0, &endpoint);
        claim_shown(rows[i].text, &endpoint, endpoint_host, rows[i].host);
        target_drop(target);
    }
}

/* The engine fills in the scope of an address; people see what they wrote. */
static void test_endpoints_scope_is_shown_as_written(void **state)
{
    struct target *target = target_of("[fe80::1%eth0]/127:80");
    struct endpoint endpoint;
    endpoints_at(target, 1, &endpoint);
    address_set_scope(&endpoint.address, 7);
    claim_label("with a scope", &endpoint, "[fe80::1%eth0]:80");
    target_drop(target);
}

static const struct {
    const char *text;
    uint64_t taken; /* rows before */
    uint64_t count;
    uint64_t left_over;
    const char *next; /* row behind; NULL: none */
} skips[] = {
    {"db:80", 0, 0, 0, "db:80"},
    {"db:80", 0, 1, 0, NULL},
    {"db:80", 0, 2, 1, NULL},
    {"db:80", 1, 0, 0, NULL},
    {"db:80", 1, 1, 1, NULL},
    {"db:80", 0, UINT64_MAX, UINT64_MAX - 1, NULL},
    {"db:22,80,443", 0, 1, 0, "db:80"},
    {"db:22,80,443", 0, 2, 0, "db:443"},
    {"db:22,80,443", 0, 3, 0, NULL},
    {"db:22,80,443", 0, 4, 1, NULL},
    {"db:22,80,443", 1, 1, 0, "db:443"},
    {"db:22,80,443", 2, 1, 0, NULL},
    {"db:22,80,443", 3, 7, 7, NULL},
    {"10.0.0.0/31:22,80", 1, 2, 0, "10.0.0.1:80"},
    {"10.0.0.0/8:1-65535", 5, UINT64_C(16777216) * 65535 - 6, 0, "10.255.255.255:65535"},
    {"10.0.0.0/8:1-65535", 5, UINT64_C(16777216) * 65535 - 5, 0, NULL},
    {"10.0.0.0/8:1-65535", 5, UINT64_C(16777216) * 65535, 5, NULL},
    {"[1::]/80:1-65535", 0, (UINT64_C(1) << 48) * 65535 - 1, 0, "[1::ffff:ffff:ffff]:65535"},
    {"[1::]/80:1-65535", 0, UINT64_MAX, (UINT64_C(1) << 48) - 1, NULL},
    {"10.0.0.0/24", 0, 3, 3, NULL}, /* no ports: no rows */
};

static void test_endpoints_skip_passes_over_as_many_as_there_are(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(skips); i++) {
        char label[64];
        struct endpoints endpoints;
        struct endpoint endpoint;
        (void)snprintf(label, sizeof label, "%s, row %zu", skips[i].text, i);
        endpoints_begin(&endpoints, target_of(skips[i].text));
        for (uint64_t row = 0; row < skips[i].taken; row++)
            claim_true(label, "a row before", endpoints_next(&endpoints, &endpoint));
        claim_number(label, "left over", endpoints_skip(&endpoints, skips[i].count),
                     skips[i].left_over);
        claim_number(label, "a row behind", endpoints_next(&endpoints, &endpoint),
                     skips[i].next != NULL);
        if (skips[i].next != NULL)
            claim_label(label, &endpoint, skips[i].next);
        endpoints_release(&endpoints);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints_rows_come_hosts_outside_ports_inside),
        cmocka_unit_test(test_endpoints_at_reaches_any_row),
        cmocka_unit_test(test_endpoints_widest_has_the_longest_label),
        cmocka_unit_test(test_endpoints_address_carries_the_port),
        cmocka_unit_test(test_endpoints_name_has_no_address_yet_and_is_shown_without_brackets),
        cmocka_unit_test(test_endpoints_target_without_ports_or_none_has_no_row),
        cmocka_unit_test(test_endpoints_invalid_target_has_one_row_as_it_was_written),
        cmocka_unit_test(test_endpoints_end_or_release_drops_the_target),
        cmocka_unit_test(test_endpoints_host_is_as_written_or_from_the_prefix),
        cmocka_unit_test(test_endpoints_scope_is_shown_as_written),
        cmocka_unit_test(test_endpoints_skip_passes_over_as_many_as_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
