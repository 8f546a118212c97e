#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/os/service_table.h"

enum { NAMES = 20000, PORTS = 65535 };

/* 0: it is not in the table. */
static uint16_t port_of(const struct service_table *table, const char *name)
{
    uint16_t port = 0;
    return service_table_find(table, name, strlen(name), &port) ? port : 0;
}

/* Of a text in memory of its own, so that a sanitizer sees a step behind it. */
static void read_text(struct service_table *table, const char *transport, const char *text)
{
    char *copy = copy_exactly(text, strlen(text));
    assert_true(service_table_read(table, transport, copy, strlen(text)));
    free(copy);
}

static const struct {
    const char *label;
    const char *text;
    const char *name;
    uint16_t port;
} lines[] = {
    {"name", "gopher\t\t70/tcp\n", "gopher", 70},
    {"no line end", "gopher 70/tcp", "gopher", 70},
    {"CRLF", "gopher 70/tcp\r\n", "gopher", 70},
    {"alias", "domain 53/tcp nameserver dns # x\n", "dns", 53},
    {"blanks before", "  gopher 70/tcp\n", "gopher", 70},
    {"the first of two", "a 1/tcp\na 2/tcp\n", "a", 1},
    {"behind the same of UDP", "a 1/udp\na 2/tcp\n", "a", 2},
    {"an alias before the name", "a 1/tcp b\nb 2/tcp\n", "b", 1},
    {"highest port", "a 65535/tcp\n", "a", 65535},
    {"port too high", "a 65536/tcp\n", "a", 0},
    {"port too long", "a 4294967297/tcp\n", "a", 0},
    {"port 0", "a 0/tcp\n", "a", 0},
    {"no port", "a /tcp\n", "a", 0},
    {"no number", "a 1x/tcp\n", "a", 0},
    {"no protocol", "a 1\n", "a", 0},
    {"UDP", "a 1/udp\n", "a", 0},
    {"longer protocol", "a 1/tcpx\n", "a", 0},
    {"nothing but a name", "a\n", "a", 0},
    {"comment", "#a 1/tcp\n", "a", 0},
    {"behind a comment", "x 1/tcp # a\n", "a", 0},
    {"part of a name", "gopher 70/tcp\n", "goph", 0},
    {"capitals", "Gopher 70/tcp\n", "gopher", 0},
    {"port as a name", "a 1/tcp\n", "1/tcp", 0},
    {"empty", "", "a", 0},
    {"empty name", "a 1/tcp\n", "", 0},
};

static void test_service_table_lines(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct service_table table = SERVICE_TABLE_EMPTY;
        read_text(&table, "tcp", lines[i].text);
        claim_number(lines[i].label, "port", port_of(&table, lines[i].name), lines[i].port);
        service_table_release(&table);
    }
}

/* A service of one transport is none of the other. */
static void test_service_table_has_one_transport(void **state)
{
    static const char text[] = "a 1/tcp\nb 2/udp c\na 3/udp\nd 4/udpx\ne 5/ud\n";
    static const struct {
        const char *transport;
        const char *name;
        uint16_t port;
    } rows[] = {{"tcp", "a", 1}, {"tcp", "b", 0}, {"udp", "a", 3}, {"udp", "b", 2},
                {"udp", "c", 2}, {"udp", "d", 0}, {"udp", "e", 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct service_table table = SERVICE_TABLE_EMPTY;
        read_text(&table, rows[i].transport, text);
        claim_number(rows[i].transport, rows[i].name, port_of(&table, rows[i].name),
                     rows[i].port);
        service_table_release(&table);
    }
}

static void test_service_table_keeps_many_names(void **state)
{
    struct service_table table = SERVICE_TABLE_EMPTY;
    char name[16];
    for (int i = 0; i < NAMES; i++) {
        (void)snprintf(name, sizeof name, "s%d", i);
        assert_true(service_table_add(&table, name, strlen(name), (uint16_t)(i % PORTS)));
        assert_true(
            service_table_add(&table, name, strlen(name), PORTS)); /* the first stands */
    }
    assert_int_equal(table.count, NAMES);
    for (int i = 1; i < NAMES; i++) {
        (void)snprintf(name, sizeof name, "s%d", i);
        assert_int_equal(port_of(&table, name), i % PORTS);
    }
    assert_int_equal(port_of(&table, "s20000"), 0);
    service_table_release(&table);
}

static void test_service_table_name_of_256_bytes_is_not_kept(void **state)
{
    struct service_table table = SERVICE_TABLE_EMPTY;
    char name[SERVICE_NAME_MAX + 1];
    uint16_t port = 0;
    memset(name, 'a', sizeof name);
    assert_true(service_table_add(&table, name, sizeof name, 1));
    assert_false(service_table_find(&table, name, sizeof name, &port));
    assert_true(service_table_add(&table, name, sizeof name - 1, 2));
    assert_true(service_table_find(&table, name, sizeof name - 1, &port));
    assert_int_equal(port, 2);
    service_table_release(&table);
}

static const struct {
    const char *text;
    bool has_db;
    bool is_file;
} sources[] = {
    {"", true, true},
    {"hosts: files dns\n", false, true},
    {"services: files\n", true, true},
    {"services:\tdb files", false, true},
    {"services: db files\n", true, false},
    {"services: files sss\n", false, false},
    {"services:files sss\n", false, false},
    {" services : sss\n", false, false},
    {"services: files [NOTFOUND=return] nis\n", false, false},
    {"#services: nis\nservices: files # nis\n", false, true},
    {"services: files\nservices: nis\n", false, false},
    {"initgroups: nis\n", false, true},
};

static void test_service_sources_of_nsswitch(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        char *copy = copy_exactly(sources[i].text, strlen(sources[i].text));
        claim_number(sources[i].text, "is the file alone",
                     service_sources_are_file(copy, strlen(sources[i].text), sources[i].has_db),
                     sources[i].is_file);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_service_table_lines),
        cmocka_unit_test(test_service_table_has_one_transport),
        cmocka_unit_test(test_service_table_keeps_many_names),
        cmocka_unit_test(test_service_table_name_of_256_bytes_is_not_kept),
        cmocka_unit_test(test_service_sources_of_nsswitch),
    };
    return cmocka_run_group_tests_name("service_table", tests, NULL, NULL);
}
