#include <string.h>
#include <sys/resource.h>

#include "../claim.h"
#include "netcheck/target/services.h"

#define LETTERS_63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static const struct {
    const char *name;
    uint16_t port;
} known[] = {
    {"ftp", 21},         {"ssh", 22},          {"sftp", 22},         {"telnet", 23},
    {"smtp", 25},        {"domain", 53},       {"dns", 53},          {"http", 80},
    {"ws", 80},          {"pop3", 110},        {"imap", 143},        {"ldap", 389},
    {"https", 443},      {"wss", 443},         {"smtps", 465},       {"submission", 587},
    {"ldaps", 636},      {"imaps", 993},       {"pop3s", 995},       {"mqtt", 1883},
    {"nfs", 2049},       {"mysql", 3306},      {"mariadb", 3306},    {"rdp", 3389},
    {"nats", 4222},      {"postgres", 5432},   {"postgresql", 5432}, {"amqp", 5672},
    {"amqps", 5671},     {"redis", 6379},      {"rediss", 6379},     {"mqtts", 8883},
    {"kafka", 9092},     {"memcached", 11211}, {"mongodb", 27017},   {"ms-wbt-server", 3389},
    {"zookeeper", 2181},
};

static const struct {
    const char *label;
    const char *name;
    size_t len;
} unknown[] = {
    {"empty", "", 0},
    {"no such service", "nosuch-service", 14},
    {"space before", " http", 5},
    {"space behind", "http ", 5},
    {"one letter more", "httpz", 5},
    {"number", "80", 2},
    {"zero", "0", 1},
    {"longest name", LETTERS_63, 63},
    {"longest name + 1", LETTERS_63 "l", 64},
    {"control byte", "http\n", 5},
    {"comment of /etc/services", "#", 1},
};

static void test_services_known_name_has_its_port(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        claim_number(known[i].name, "port", services_port(known[i].name, strlen(known[i].name)),
                     known[i].port);
}

/* Who says nothing is told what speaks UDP alone, or nearly so. */
static void test_services_protocol_is_asked_for_or_told(void **state)
{
    static const struct {
        const char *name;
        enum protocol_id protocol;
        uint16_t port;
        enum protocol_id found;
    } rows[] = {
        {"ntp", PROTOCOL_NONE, 123, PROTOCOL_UDP},
        {"ntp", PROTOCOL_TCP, 123, PROTOCOL_TCP},
        {"ntp", PROTOCOL_UDP, 123, PROTOCOL_UDP},
        {"SNMP", PROTOCOL_NONE, 161, PROTOCOL_UDP},
        {"tftp", PROTOCOL_NONE, 69, PROTOCOL_UDP},
        {"syslog", PROTOCOL_NONE, 514, PROTOCOL_UDP},
        {"coap", PROTOCOL_NONE, 5683, PROTOCOL_UDP},
        {"stun", PROTOCOL_NONE, 3478, PROTOCOL_UDP},
        {"dns", PROTOCOL_NONE, 53, PROTOCOL_NONE},
        {"domain", PROTOCOL_UDP, 53, PROTOCOL_UDP},
        {"https", PROTOCOL_UDP, 443, PROTOCOL_UDP},
        {"https", PROTOCOL_TLS, 443, PROTOCOL_TLS},
        {"nosuch", PROTOCOL_UDP, 0, PROTOCOL_UDP},
        {"nosuch", PROTOCOL_NONE, 0, PROTOCOL_NONE},
        {"whois", PROTOCOL_ICMP, 0, PROTOCOL_ICMP},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        enum protocol_id protocol = rows[i].protocol;
        claim_number(rows[i].name, "port",
                     services_find(rows[i].name, strlen(rows[i].name), &protocol),
                     rows[i].port);
        claim_number(rows[i].name, "protocol", protocol, rows[i].found);
    }
}

/* One of UDP that is not built in, where this machine knows it. */
static void test_services_of_udp_are_found_in_the_system_table(void **state)
{
    enum protocol_id none = PROTOCOL_NONE;
    enum protocol_id tcp = PROTOCOL_TCP;
    if (services_find("bootps", 6, &none) == 0)
        skip();
    assert_int_equal(none, PROTOCOL_UDP);
    assert_int_equal(services_find("bootps", 6, &tcp), 0);
}

static void test_services_unknown_name_has_no_port(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
        claim_number(unknown[i].label, "port", services_port(unknown[i].name, unknown[i].len),
                     0);
}

static void test_services_case_is_ignored(void **state)
{
    assert_int_equal(services_port("HTTPS", 5), 443);
    assert_int_equal(services_port("PostgreSQL", 10), 5432);
}

/* One that is not built in, where this machine knows it. */
static void test_services_case_is_ignored_in_the_system_table(void **state)
{
    uint16_t port = services_port("whois", 5);
    if (port == 0)
        skip();
    assert_int_equal(services_port("WHOIS", 5), port);
}

static void test_services_system_table_is_read_once(void **state)
{
    uint16_t port = services_port("whois", 5);
    if (port == 0)
        skip(); /* no /etc/services here */
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    struct rlimit none = {0, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0); /* from now on nothing opens */
    uint16_t again = services_port("whois", 5);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(again, port);
}

static void test_services_bytes_behind_the_length_are_not_read(void **state)
{
    assert_int_equal(services_port("sshd", 3), 22);
    assert_int_equal(services_port("https", 4), 80);
    assert_int_equal(services_port("ssh", 2), 0);
}

static void test_services_nul_byte_is_no_end_of_a_name(void **state)
{
    assert_int_equal(services_port("http\0x", 6), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_services_known_name_has_its_port),
        cmocka_unit_test(test_services_protocol_is_asked_for_or_told),
        cmocka_unit_test(test_services_of_udp_are_found_in_the_system_table),
        cmocka_unit_test(test_services_unknown_name_has_no_port),
        cmocka_unit_test(test_services_case_is_ignored),
        cmocka_unit_test(test_services_case_is_ignored_in_the_system_table),
        cmocka_unit_test(test_services_system_table_is_read_once),
        cmocka_unit_test(test_services_bytes_behind_the_length_are_not_read),
        cmocka_unit_test(test_services_nul_byte_is_no_end_of_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
