#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/mix.h"
#include "netcheck/target/endpoint.h"
#include "netcheck/target/exclusion.h"

enum {
    WORLDS = 300,
    ITEMS_MAX = 12,
    TEXT_SIZE = 64,
};

static int find_interface(void *self, const char *name, uint32_t *index)
{
    (void)self;
    *index = 2;
    return strcmp(name, "eth0") == 0 ? 0 : ENODEV;
}

static const struct os os = {.interface_index = find_interface};

/* Each target is one row. */
static const struct {
    const char *list;
    const char *excluded[6]; /* NULL behind the last one */
    const char *asked[6];
} rows[] = {
    {"10.0.0.5",
     {"10.0.0.5:1", "10.0.0.5:65535", "[::ffff:10.0.0.5]:22"},
     {"10.0.0.4:22", "10.0.0.6:22", "[::10.0.0.5]:22", "db:22"}},
    {"::ffff:10.0.0.5", {"10.0.0.5:1", "[::ffff:10.0.0.5]:22"}, {"10.0.0.4:22", "10.0.0.6:22"}},
    {"10.0.0.0/30",
     {"10.0.0.0:22", "10.0.0.3:22", "[::ffff:10.0.0.3]:22"},
     {"9.255.255.255:22", "10.0.0.4:22"}},
    {"0.0.0.0/0",
     {"0.0.0.1:1", "255.255.255.255:1", "[::ffff:1.2.3.4]:1"},
     {"[::1]:1", "db:1"}},
    {"::/0",
     {"[::1]:1", "[ffff::]:1", "[::ffff:10.0.0.1]:1", "[::fffe:ffff:ffff]:1", "[::1:0:0:0]:1"},
     {"10.0.0.1:1", "db:1"}},
    {"[::fffe:0:0]-[::ffff:10.0.0.1]",
     {"[::fffe:0:0]:1", "[::ffff:10.0.0.1]:1", "[::ffff:0.0.0.1]:1"},
     {"10.0.0.1:1", "[::ffff:10.0.0.2]:1", "[::fffd:ffff:ffff]:1"}},
    {"10.0.0.250-10.0.1.5",
     {"10.0.0.250:1", "10.0.0.255:1", "10.0.1.0:1", "10.0.1.5:1"},
     {"10.0.0.249:1", "10.0.1.6:1"}},
    {"2001:db8::/32", {"[2001:db8::]:1", "[2001:db8:ffff::]:1"}, {"[2001:db9::]:1"}},
    {"10.0.0.5:22", {"10.0.0.5:22"}, {"10.0.0.5:21", "10.0.0.5:23", "10.0.0.4:22"}},
    {"10.0.0.5:1", {"10.0.0.5:1"}, {"10.0.0.5:2"}},
    {"10.0.0.5:65535", {"10.0.0.5:65535"}, {"10.0.0.5:65534", "10.0.0.5:1"}},
    {"10.0.0.5:1-65535", {"10.0.0.5:1", "10.0.0.5:65535"}, {"10.0.0.4:1"}},
    {"10.0.0.5:2-65534", {"10.0.0.5:2", "10.0.0.5:65534"}, {"10.0.0.5:1", "10.0.0.5:65535"}},
    {"10.0.0.0/8:22,80-82,8000-8010",
     {"10.9.9.9:22", "10.9.9.9:80", "10.9.9.9:82", "10.9.9.9:8010"},
     {"10.9.9.9:23", "10.9.9.9:79", "10.9.9.9:83", "10.9.9.9:8011", "11.0.0.0:22"}},
    {"10.0.0.1,10.0.0.2:22,80,10.0.0.3",
     {"10.0.0.1:9", "10.0.0.2:80", "10.0.0.3:9"},
     {"10.0.0.2:9", "10.0.0.4:22"}},
    {" 10.0.0.1 , 10.0.0.2:22 , 80", {"10.0.0.1:9", "10.0.0.2:80"}, {"10.0.0.2:9"}},
    {"10.0.0.1:22,\t80", {"10.0.0.1:80"}, {"10.0.0.1:81"}},
    {"10.0.0.0/8:22,10.1.0.0/16:80,10.1.1.1",
     {"10.1.1.1:9", "10.1.1.2:22", "10.1.1.2:80", "10.9.9.9:22"},
     {"10.1.1.2:9", "10.9.9.9:80"}},
    /* A range within another one, and one that begins where that has ended. */
    {"10.0.0.0-9,10.0.0.2-3,10.0.0.8-12,10.0.0.13",
     {"10.0.0.0:1", "10.0.0.5:1", "10.0.0.11:1", "10.0.0.12:1", "10.0.0.13:1"},
     {"10.0.0.14:1"}},
    {"db", {"db:1", "DB:2", "db.:3"}, {"db.example:1", "d:1", "db2:1", "10.0.0.5:1"}},
    {"web,DB.Example.:22", {"db.example:22", "web:80"}, {"db.example:23"}},
    {"https://u:p@db/x", {"db:443"}, {"db:80"}},
    {"tcp://db:22", {"db:22"}, {"db:23"}},
    {"fe80::1", {"[fe80::1%eth0]:1", "[fe80::1%9]:1", "[fe80::1%x]:1"}, {"[fe80::2%eth0]:1"}},
    {"[fe80::1%eth0]:22",
     {"[fe80::1%eth0]:22", "[fe80::1%2]:22"},
     {"[fe80::1%eth0]:23", "[fe80::1%3]:22", "[fe80::2%eth0]:22"}},
    {"[fe80::1%3]", {"[fe80::1%3]:22"}, {"[fe80::1%eth0]:22"}},
    {"fe80::1%nosuch", {NULL}, {"[fe80::1%eth0]:22"}},
    {"fe80::/10", {"[fe80::1%eth0]:22", "[febf::1%9]:22"}, {"[fec0::1]:22"}},
    /* Without a protocol every one is meant, without a port the echo, too. */
    {"10.0.0.5",
     {"udp://10.0.0.5:53", "tls://10.0.0.5:443", "icmp://10.0.0.5"},
     {"icmp://10.0.0.4", "icmp://db"}},
    {"10.0.0.5:53",
     {"10.0.0.5:53", "udp://10.0.0.5:53", "tls://10.0.0.5:53"},
     {"icmp://10.0.0.5", "udp://10.0.0.5:54"}},
    {"10.0.0.5:1-65535", {"10.0.0.5:1", "udp://10.0.0.5:65535"}, {"icmp://10.0.0.5"}},
    {"10.0.0.5:1-1023", {"10.0.0.5:1", "udp://10.0.0.5:1023"}, {"icmp://10.0.0.5"}},
    {"udp://10.0.0.5",
     {"10.0.0.5:9/udp", "udp://10.0.0.5:1"},
     {"10.0.0.5:9", "tls://10.0.0.5:9", "icmp://10.0.0.5"}},
    {"10.0.0.5:53/udp,80,443/tcp,icmp,10.0.0.6",
     {"udp://10.0.0.5:53", "10.0.0.5:80", "udp://10.0.0.5:80", "icmp://10.0.0.5",
      "tls://10.0.0.5:443"},
     {"10.0.0.5:53", "udp://10.0.0.5:443", "10.0.0.5:81"}},
    {"tls://10.0.0.5:443", {"tls://10.0.0.5:443"}, {"10.0.0.5:443", "udp://10.0.0.5:443"}},
    {"icmp://10.0.0.0/30,icmp://db",
     {"icmp://10.0.0.3", "icmp://DB."},
     {"icmp://10.0.0.4", "10.0.0.3:22", "udp://10.0.0.3:22", "db:22"}},
    {"db:53/udp", {"udp://db:53"}, {"db:53", "icmp://db"}},
    {"db", {"udp://db:53", "icmp://db"}, {"udp://web:53"}},
    {"10.0.0.5:ntp", {"udp://10.0.0.5:123", "10.0.0.5:123"}, {"10.0.0.5:124"}},
    {"255.255.255.255,224.0.0.0/4", {NULL}, {"223.255.255.255:1"}},
};

static const struct {
    const char *list;
    struct fault fault;
} bad_lists[] = {
    {"", {FAULT_HOST_MISSING, 0, 0}},
    {",", {FAULT_HOST_MISSING, 0, 0}},
    {"a,", {FAULT_HOST_MISSING, 2, 0}},
    {"a,,b", {FAULT_HOST_MISSING, 2, 0}},
    {":22", {FAULT_HOST_MISSING, 0, 0}},
    {"22", {FAULT_HOST_NUMBER, 0, 2}},
    {"a,22", {FAULT_HOST_NUMBER, 2, 2}},
    {"a,b:0", {FAULT_PORT, 4, 1}},
    {"a,b:22,70000", {FAULT_PORT, 7, 5}},
    {"a,b:22,9-8", {FAULT_PORT_REVERSED, 7, 3}},
    {"a:22,", {FAULT_HOST_MISSING, 5, 0}},
    {"a:22,mail", {FAULT_EXCLUSION_WORD, 5, 4}},
    {"a:22,53/sctp", {FAULT_PROTOCOL, 8, 4}},
    {"udp://a:22,53/tcp", {FAULT_PORT_PROTOCOL, 14, 3}},
    {"icmp://a:22", {FAULT_PORT_USELESS, 9, 2}},
    {"a:22, mail ,b", {FAULT_EXCLUSION_WORD, 6, 4}},
    {"a,!b:22", {FAULT_EXCLUSION_DOWN, 3, 1}},
    {"a, 10.0.0.x", {FAULT_RANGE_FORM, 3, 8}},
    {"10.0.0.9-1", {FAULT_RANGE_REVERSED, 0, 10}},
    {"10.0.0.0/33", {FAULT_PREFIX_IPV4, 9, 2}},
    {"a b", {FAULT_HOST_BYTE, 1, 1}},
    {"a\tb", {FAULT_HOST_BYTE, 1, 1}},
    {"[::1]x", {FAULT_BRACKET_AFTER, 5, 1}},
};

static struct target *target_of(const char *text)
{
    struct target *target = NULL;
    struct fault fault;
    claim_error(text, target_parse(text, strlen(text), &target, &fault), ERROR_NONE);
    assert_non_null(target);
    return target;
}

static void add(struct exclusion *exclusion, const char *list)
{
    struct fault fault;
    char *copy = copy_exactly(list, strlen(list));
    claim_error(list, exclusion_add_list(exclusion, copy, strlen(list), &fault), ERROR_NONE);
    free(copy);
}

static struct exclusion *exclusion_of(const char *list)
{
    struct exclusion *exclusion = NULL;
    assert_int_equal(exclusion_new(&os, &exclusion), ERROR_NONE);
    add(exclusion, list);
    assert_int_equal(exclusion_close(exclusion), ERROR_NONE);
    return exclusion;
}

static void claim_rows(const struct exclusion *exclusion, const char *list,
                       const char *const targets[], bool is_excluded)
{
    for (size_t i = 0; targets[i] != NULL; i++) {
        char label[160];
        struct target *target = target_of(targets[i]);
        (void)snprintf(label, sizeof label, "%s of --exclude %s", targets[i], list);
        claim_number(label, "rows excluded", exclusion_rows(exclusion, target, 0), is_excluded);
        target_drop(target);
    }
}

static void test_exclusion_has_what_is_written_and_nothing_else(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct exclusion *exclusion = exclusion_of(rows[i].list);
        claim_rows(exclusion, rows[i].list, rows[i].excluded, true);
        claim_rows(exclusion, rows[i].list, rows[i].asked, false);
        exclusion_free(exclusion);
    }
    exclusion_free(NULL); /* is allowed */
}

static void test_exclusion_bad_list_is_rejected_with_its_place(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(bad_lists); i++) {
        const char *list = bad_lists[i].list;
        struct exclusion *exclusion = NULL;
        struct fault fault = {FAULT_NONE, 99, 99};
        char *copy = copy_exactly(list, strlen(list));
        assert_int_equal(exclusion_new(&os, &exclusion), ERROR_NONE);
        claim_error(list, exclusion_add_list(exclusion, copy, strlen(list), &fault),
                    ERROR_INVALID);
        claim_fault(list, &fault, &bad_lists[i].fault);
        exclusion_free(exclusion);
        free(copy);
    }
}

/* Rows that are excluded together are passed over in one step where that is possible. */
static void test_exclusion_rows_go_as_far_as_is_known(void **state)
{
    static const struct {
        const char *list;
        const char *target;
        uint64_t index;
        uint64_t rows;
    } steps[] = {
        {"10.0.0.0/9", "10.0.0.0/8:22", 0, 1u << 23},
        {"10.0.0.0/9", "10.0.0.0/8:22", 5, (1u << 23) - 5},
        {"10.0.0.0/9", "10.0.0.0/8:22", (1u << 23) - 1, 1},
        {"10.0.0.0/9", "10.0.0.0/8:22", 1u << 23, 0},
        {"10.0.0.0/9:22", "10.0.0.0/8:22", 0, 1u << 23},
        {"10.0.0.0/9:22", "10.0.0.0/8:22,80", 0, 1},
        {"10.0.0.0/9:22", "10.0.0.0/8:22,80", 1, 0},
        {"10.0.0.0/9", "10.0.0.0/8:22,80", 0, 1u << 24},
        {"10.0.0.0/9", "10.0.0.0/8:22,80", 3, (1u << 24) - 3},
        {"10.0.0.0/7", "10.0.0.4-9:22", 2, 4},
        {"::/0", "[2001:db8::]/80:1", 0, UINT64_C(1) << 48},
        {"::/0", "[2001:db8::]/80:1-65535", 7, UINT64_C(1) << 62},
        {"10.0.0.0/8", "[::ffff:10.0.0.0]/104:1", 0, 1u << 24},
        {"db", "db:1-100", 3, 97},
        {"db:5", "db:1-100", 3, 0},
        {"db:5", "db:1-100", 4, 1},
        {"10.0.0.0/9:1-65535", "10.0.0.0/8:22,80", 3, (1u << 24) - 3},
        {"10.0.0.0/9:1-65535", "10.0.0.0/8:22,icmp", 0, 1},
        {"10.0.0.0/9:1-65535", "10.0.0.0/8:22,icmp", 1, 0},
        {"10.0.0.0/9", "10.0.0.0/8:22,icmp", 1, (1u << 24) - 1},
        {"10.0.0.0/9", "icmp://10.0.0.0/8", 5, (1u << 23) - 5},
        {"icmp://10.0.0.0/9", "icmp://10.0.0.0/8", 5, (1u << 23) - 5},
        {"udp://10.0.0.0/9", "udp://10.0.0.0/8:53,54", 1, (1u << 24) - 1},
        {"udp://10.0.0.0/9", "10.0.0.0/8:53/udp,54", 0, 1},
        {"udp://10.0.0.0/9", "10.0.0.0/8:53/udp,54", 1, 0},
        {"icmp://db", "icmp://db", 0, 1},
        {"db", "db:22,icmp,53/udp", 1, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct exclusion *exclusion = exclusion_of(steps[i].list);
        struct target *target = target_of(steps[i].target);
        claim_number(steps[i].target, steps[i].list,
                     exclusion_rows(exclusion, target, steps[i].index), steps[i].rows);
        target_drop(target);
        exclusion_free(exclusion);
    }
}

static void test_exclusion_holds_addresses_that_names_lead_to(void **state)
{
    struct exclusion *exclusion =
        exclusion_of("10.0.0.0/8:22,fe80::1%eth0,fe80::2,2001:db8::/32,db");
    static const struct {
        const char *text;
        uint16_t port;
        uint32_t scope;
        bool is_held;
    } addresses[] = {
        {"10.0.0.1", 22, 0, true},        {"10.0.0.1", 23, 0, false},
        {"::ffff:10.0.0.1", 22, 0, true}, {"11.0.0.1", 22, 0, false},
        {"2001:db8::9", 1, 0, true},      {"2001:db9::", 1, 0, false},
        {"fe80::1", 1, 2, true},          {"fe80::1", 1, 3, false},
        {"fe80::1", 1, 0, false},         {"fe80::2", 1, 3, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
        struct address address;
        assert_true(address_parse(addresses[i].text, strlen(addresses[i].text), &address));
        address_set_port(&address, addresses[i].port);
        address_set_scope(&address, addresses[i].scope);
        claim_number(addresses[i].text, "held",
                     exclusion_holds(exclusion, &address, PROTOCOL_TCP), addresses[i].is_held);
    }
    exclusion_free(exclusion);
}

static void test_exclusion_of_nothing_and_of_invalid_lines_is_none(void **state)
{
    struct exclusion *exclusion = NULL;
    const struct fault fault = {FAULT_HOST_BYTE, 0, 1};
    const struct place place = {"hosts.txt", 1, 0};
    struct target *invalid = target_new_invalid("db", 2, &fault, &place);
    assert_int_equal(exclusion_new(&os, &exclusion), ERROR_NONE);
    assert_int_equal(exclusion_close(exclusion), ERROR_NONE);
    claim_rows(exclusion, "nothing", (const char *const[]){"db:1", "10.0.0.1:1", NULL}, false);
    exclusion_free(exclusion);
    exclusion = exclusion_of("db,0.0.0.0/0,::/0");
    assert_int_equal(exclusion_rows(exclusion, invalid, 0), 0);
    target_drop(invalid);
    exclusion_free(exclusion);
}

static uint64_t draw(uint64_t *seed, uint64_t below)
{
    *seed = mix64(*seed + 1);
    return *seed % below;
}

/* What is excluded one by one, in a world of 32 addresses and 16 ports. */
struct item {
    unsigned first, last;
    unsigned first_port, last_port; /* 1-16; all of 1-65535 where both are 0 */
};

static void draw_item(uint64_t *seed, struct item *item, char text[static TEXT_SIZE])
{
    item->first = (unsigned)draw(seed, 32);
    item->last = item->first + (unsigned)draw(seed, 32 - item->first);
    item->first_port = (unsigned)draw(seed, 17);
    item->last_port = item->first_port == 0
                          ? 0
                          : item->first_port + (unsigned)draw(seed, 17 - item->first_port);
    int len = snprintf(text, TEXT_SIZE, "10.0.0.%u-%u", item->first, item->last);
    if (item->first_port > 0)
        (void)snprintf(text + len, TEXT_SIZE - (size_t)len, ":%u-%u", item->first_port,
                       item->last_port);
}

static bool has(const struct item *items, size_t count, unsigned host, unsigned port)
{
    for (size_t i = 0; i < count; i++) {
        bool is_port = items[i].first_port == 0 ||
                       (port >= items[i].first_port && port <= items[i].last_port);
        if (is_port && host >= items[i].first && host <= items[i].last)
            return true;
    }
    return false;
}

/* However many overlap: the same as to ask each of them. */
static void test_exclusion_is_the_sum_of_its_parts(void **state)
{
    struct target *target = target_of("10.0.0.0-31:1-16");
    for (uint64_t world = 0; world < WORLDS; world++) {
        uint64_t seed = world << 32;
        struct item items[ITEMS_MAX];
        struct exclusion *exclusion = NULL;
        size_t count = draw(&seed, ITEMS_MAX + 1);
        assert_int_equal(exclusion_new(&os, &exclusion), ERROR_NONE);
        for (size_t i = 0; i < count; i++) {
            char text[TEXT_SIZE];
            draw_item(&seed, &items[i], text);
            add(exclusion, text);
        }
        assert_int_equal(exclusion_close(exclusion), ERROR_NONE);
        for (unsigned i = 0; i < 32 * 16; i++) {
            uint64_t excluded = exclusion_rows(exclusion, target, i);
            if ((excluded > 0) != has(items, count, i / 16, 1 + i % 16))
                fail_msg("world %u, row %u: excluded is %u", (unsigned)world, i,
                         (unsigned)excluded);
            for (unsigned j = i + 1; j < i + excluded; j++)
                if (j >= 32 * 16 || !has(items, count, j / 16, 1 + j % 16))
                    fail_msg("world %u, row %u: passed over at %u", (unsigned)world, j, i);
        }
        exclusion_free(exclusion);
    }
    target_drop(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exclusion_has_what_is_written_and_nothing_else),
        cmocka_unit_test(test_exclusion_bad_list_is_rejected_with_its_place),
        cmocka_unit_test(test_exclusion_rows_go_as_far_as_is_known),
        cmocka_unit_test(test_exclusion_holds_addresses_that_names_lead_to),
        cmocka_unit_test(test_exclusion_of_nothing_and_of_invalid_lines_is_none),
        cmocka_unit_test(test_exclusion_is_the_sum_of_its_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
