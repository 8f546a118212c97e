#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/target/ports.h"

static const struct {
    const char *label;
    const char *text;
    uint64_t total;
    const char *ranges; /* "22 80-81/udp "; a protocol that is implied has a '?' behind it */
} good[] = {
    {"one port", "22", 1, "22 "},
    {"smallest", "1", 1, "1 "},
    {"largest", "65535", 1, "65535 "},
    {"list", "22,80,443", 3, "22 80 443 "},
    {"range", "8000-8010", 11, "8000-8010 "},
    {"range of one", "80-80", 1, "80 "},
    {"range of two at the top", "65534-65535", 2, "65534-65535 "},
    {"every port", "1-65535", 65535, "1-65535 "},
    {"duplicates", "22,22", 2, "22 22 "},
    {"descending list", "443,22", 2, "443 22 "},
    {"overlap", "1-10,5-6", 12, "1-10 5-6 "},
    {"service", "https", 1, "443 "},
    {"service in capitals", "HTTPS", 1, "443 "},
    {"service with a digit", "pop3", 1, "110 "},
    {"service with dashes", "ms-wbt-server", 1, "3389 "},
    {"protocol", "443/tcp", 1, "443/tcp "},
    {"protocols in capitals", "80/TCP,443/UDP", 2, "80/tcp 443/udp "},
    {"protocol of a range", "8000-8010/udp", 11, "8000-8010/udp "},
    {"protocol of a service", "https/tls", 1, "443/tls "},
    {"protocol in front", "tcp/443,UDP/80,22", 3, "443/tcp 80/udp 22 "},
    {"protocol as a word", "443 tcp,https  udp", 2, "443/tcp 443/udp "},
    {"protocol as a word in front", "tcp 443,tls\t80-81", 3, "443/tcp 80-81/tls "},
    {"protocol of TCP as a word of one", "22, 80 tcp", 2, "22 80/tcp "},
    {"service of UDP", "ntp,TFTP", 2, "123/udp? 69/udp? "},
    {"service of UDP by TCP", "syslog/tcp", 1, "514/tcp "},
    {"service of UDP by UDP", "udp/ntp", 1, "123/udp "},
    {"service of both", "domain,domain/udp", 2, "53 53/udp "},
    {"echo", "icmp", 1, "0/icmp "},
    {"echo in a list", "ICMP,22", 2, "0/icmp 22 "},
    {"blank behind a comma", "22, 80,\t 443", 3, "22 80 443 "},
    {"blank before a comma", "22 ,80 , 443", 3, "22 80 443 "},
    {"mix", "ssh,80,8000-8001,https", 5, "22 80 8000-8001 443 "},
};

#define LETTERS_63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static const struct {
    const char *label;
    const char *text;
    struct fault fault;
} bad[] = {
    {"empty", "", {FAULT_PORT_EMPTY, 0, 0}},
    {"comma alone", ",", {FAULT_PORT_EMPTY, 0, 0}},
    {"comma first", ",22", {FAULT_PORT_EMPTY, 0, 0}},
    {"comma last", "22,", {FAULT_PORT_EMPTY, 3, 0}},
    {"two commas", "22,,80", {FAULT_PORT_EMPTY, 3, 0}},
    {"zero", "0", {FAULT_PORT, 0, 1}},
    {"zeros", "000", {FAULT_PORT, 0, 3}},
    {"largest + 1", "65536", {FAULT_PORT, 0, 5}},
    {"70000", "70000", {FAULT_PORT, 0, 5}},
    {"3000 modulo 2^16", "68536", {FAULT_PORT, 0, 5}},
    {"80 modulo 2^32", "4294967376", {FAULT_PORT, 0, 10}},
    {"80 modulo 2^64", "18446744073709551696", {FAULT_PORT, 0, 20}},
    {"minus", "-1", {FAULT_PORT, 0, 2}},
    {"plus", "+80", {FAULT_PORT, 0, 3}},
    {"space before", " 80", {FAULT_PORT, 0, 3}},
    {"space behind", "80 ", {FAULT_PORT, 0, 3}},
    {"space instead of a comma", "22 80", {FAULT_PORT, 0, 5}},
    {"space behind the last", "22, 80 ", {FAULT_PORT, 4, 3}},
    {"nothing but a space behind a comma", "22, ", {FAULT_PORT_EMPTY, 4, 0}},
    {"nothing but a space between commas", "22, ,80", {FAULT_PORT_EMPTY, 4, 0}},
    {"space alone", " ", {FAULT_PORT, 0, 1}},
    {"line end behind", "80\n", {FAULT_PORT, 0, 3}},
    {"point", "8.0", {FAULT_PORT, 0, 3}},
    {"semicolon", "22;80", {FAULT_PORT, 0, 5}},
    {"colon", "22:80", {FAULT_PORT, 0, 5}},
    {"star", "*", {FAULT_PORT, 0, 1}},
    {"digits that are not ASCII", "\xd9\xa3", {FAULT_PORT, 0, 2}},
    {"second of a list", "22,70000", {FAULT_PORT, 3, 5}},
    {"dash alone", "-", {FAULT_PORT, 0, 1}},
    {"range without last", "22-", {FAULT_PORT, 0, 3}},
    {"range without first", "-22", {FAULT_PORT, 0, 3}},
    {"range from zero", "0-10", {FAULT_PORT, 0, 1}},
    {"range to zero", "10-0", {FAULT_PORT, 3, 1}},
    {"range to largest + 1", "1-65536", {FAULT_PORT, 2, 5}},
    {"range from largest + 1", "65536-65537", {FAULT_PORT, 0, 5}},
    {"two dashes", "1-2-3", {FAULT_PORT, 2, 3}},
    {"negative end", "1--3", {FAULT_PORT, 2, 2}},
    {"spaces in a range", "1 - 3", {FAULT_PORT, 0, 2}},
    {"reversed", "80-22", {FAULT_PORT_REVERSED, 0, 5}},
    {"reversed by one", "81-80", {FAULT_PORT_REVERSED, 0, 5}},
    {"reversed in a list", "22,80-22,443", {FAULT_PORT_REVERSED, 3, 5}},
    {"unknown protocol", "53/sctp", {FAULT_PROTOCOL, 3, 4}},
    {"unknown protocol in a list", "22/tcp,5060/SCTP", {FAULT_PROTOCOL, 12, 4}},
    {"unknown protocol in front", "quic/443", {FAULT_PROTOCOL, 0, 4}},
    {"unknown protocol as a word", "22, 53 dtls", {FAULT_PROTOCOL, 7, 4}},
    {"unknown protocol as a word in front", "sctp 53", {FAULT_PROTOCOL, 0, 4}},
    {"protocol of one or of both", "22, 53 udp", {FAULT_PORT_UNCLEAR, 7, 3}},
    {"protocol of one or of both in front", "udp 53, 22", {FAULT_PORT_UNCLEAR, 0, 3}},
    {"port with ICMP", "22/icmp", {FAULT_PORT_USELESS, 0, 2}},
    {"port with ICMP in front", "80,icmp 22", {FAULT_PORT_USELESS, 8, 2}},
    {"echo by another name", "ping", {FAULT_PROTOCOL, 0, 4}},
    {"protocol in front of nothing", "tcp/", {FAULT_PORT_EMPTY, 4, 0}},
    {"protocol in front of a wrong port", "22,tcp/0", {FAULT_PORT, 7, 1}},
    {"protocols without a port", "tcp/tcp", {FAULT_PORT_SERVICE, 0, 3}},
    {"protocol as a port", "tcp", {FAULT_PORT_SERVICE, 0, 3}},
    {"no protocol", "22/24", {FAULT_PORT, 0, 5}},
    {"protocol alone", "/tcp", {FAULT_PORT_EMPTY, 0, 0}},
    {"slash alone", "22/", {FAULT_PORT, 0, 3}},
    {"unknown service", "nosuch-service", {FAULT_PORT_SERVICE, 0, 14}},
    {"unknown service in a list", "22,nosuch-service,80", {FAULT_PORT_SERVICE, 3, 14}},
    {"letter behind a port", "80a", {FAULT_PORT_SERVICE, 0, 3}},
    {"hexadecimal", "0x50", {FAULT_PORT_SERVICE, 0, 4}},
    {"exponent", "1e3", {FAULT_PORT_SERVICE, 0, 3}},
    {"service with a dash behind", "http-", {FAULT_PORT_SERVICE, 0, 5}},
    {"service with a space behind", "http ", {FAULT_PORT_SERVICE, 0, 5}},
    {"service of 63 letters", LETTERS_63, {FAULT_PORT_SERVICE, 0, 63}},
    {"service of 64 letters", LETTERS_63 "l", {FAULT_PORT_SERVICE, 0, 64}},
};

/* What ports_parse() makes of exactly `len` bytes, appended to `ports`. */
static enum error parse(struct ports *ports, const char *text, size_t len, struct fault *fault)
{
    char *copy = copy_exactly(text, len);
    enum error error = ports_parse(ports, copy, len, fault);
    free(copy);
    return error;
}

static enum error parse_text(struct ports *ports, const char *text)
{
    struct fault fault;
    return parse(ports, text, strlen(text), &fault);
}

/* "22 80-81/udp " */
static void describe(struct buffer *out, const struct ports *ports)
{
    for (size_t i = 0; i < ports->count; i++) {
        const struct port_range *range = &ports->ranges[i];
        const char *protocol = protocols_name(range->protocol);
        buffer_add_format(out, range->first == range->last ? "%u" : "%u-%u",
                          (unsigned)range->first, (unsigned)range->last);
        buffer_add_format(out, "%s%s%s ", protocol != NULL ? "/" : "",
                          protocol != NULL ? protocol : "", range->is_implied ? "?" : "");
    }
}

static void test_ports_well_formed_are_parsed(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct ports ports;
        struct buffer out = BUFFER_EMPTY;
        ports_init(&ports);
        claim_number(good[i].label, "total before", ports.total, 0);
        claim_error(good[i].label, parse_text(&ports, good[i].text), ERROR_NONE);
        describe(&out, &ports);
        claim_text(good[i].label, "ranges", buffer_text(&out), good[i].ranges);
        claim_number(good[i].label, "total", ports.total, good[i].total);
        buffer_release(&out);
        ports_release(&ports);
    }
}

static void test_ports_malformed_are_rejected_with_their_place(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct ports ports;
        struct fault fault = {FAULT_NONE, 99, 99};
        ports_init(&ports);
        enum error error = parse(&ports, bad[i].text, strlen(bad[i].text), &fault);
        claim_error(bad[i].label, error, ERROR_INVALID);
        claim_fault(bad[i].label, &fault, &bad[i].fault);
        claim_number(bad[i].label, "count", ports.count, 0);
        claim_number(bad[i].label, "total", ports.total, 0);
        ports_release(&ports);
    }
}

static void test_ports_nul_byte_is_rejected(void **state)
{
    struct ports ports;
    struct fault fault = {FAULT_NONE, 99, 99};
    ports_init(&ports);
    assert_int_equal(parse(&ports, "80\0", 3, &fault), ERROR_INVALID);
    claim_fault("80 and NUL", &fault, &(struct fault){FAULT_PORT, 0, 3});
    assert_int_equal(parse(&ports, "http\0x", 6, &fault), ERROR_INVALID);
    claim_fault("http, NUL, x", &fault, &(struct fault){FAULT_PORT_SERVICE, 0, 6});
    ports_release(&ports);
}

static void test_ports_bytes_behind_the_length_are_not_read(void **state)
{
    struct ports ports;
    struct fault fault;
    ports_init(&ports);
    assert_int_equal(ports_parse(&ports, "22,443-500", 6, &fault), ERROR_NONE);
    assert_int_equal(ports.count, 2);
    assert_int_equal(ports.ranges[1].first, 443);
    assert_int_equal(ports.ranges[1].last, 443);
    ports_release(&ports);
}

/* A failed one keeps what was there. */
static void test_ports_second_parse_appends(void **state)
{
    struct ports ports;
    ports_init(&ports);
    assert_int_equal(parse_text(&ports, "22,80-89"), ERROR_NONE);
    assert_int_equal(parse_text(&ports, "443,8000-8100,0"), ERROR_INVALID);
    assert_int_equal(ports.count, 2);
    assert_int_equal(ports.total, 11);
    assert_int_equal(parse_text(&ports, "444-445"), ERROR_NONE);
    assert_int_equal(ports.total, 13);
    assert_int_equal(ports_at(&ports, 0), 22);
    assert_int_equal(ports_at(&ports, 11), 444);
    assert_int_equal(ports_at(&ports, 12), 445);
    ports_release(&ports);
}

static void test_ports_ten_thousand_are_kept(void **state)
{
    struct ports ports;
    ports_init(&ports);
    for (uint16_t port = 10000; port > 0; port--)
        assert_int_equal(ports_add(&ports, port, port), ERROR_NONE);
    assert_int_equal(ports.count, 10000);
    assert_int_equal(ports.total, 10000);
    for (uint16_t i = 0; i < 10000; i++)
        assert_int_equal(ports_at(&ports, i), 10000 - i);
    ports_release(&ports);
}

static void test_ports_at_counts_through_ranges_in_order(void **state)
{
    static const uint16_t expected[] = {443, 80, 81, 82, 22, 65534, 65535, 1};
    struct ports ports;
    ports_init(&ports);
    assert_int_equal(parse_text(&ports, "443,80-82,22,65534-65535,1-65535"), ERROR_NONE);
    assert_int_equal(ports.total, ARRAY_LEN(expected) - 1 + 65535);
    for (size_t i = 0; i < ARRAY_LEN(expected); i++)
        assert_int_equal(ports_at(&ports, i), expected[i]);
    assert_int_equal(ports_at(&ports, ports.total - 1), 65535);
    ports_release(&ports);
}

/* To none and to some; what is released is empty, and usable again. */
static void test_ports_copy_appends_all(void **state)
{
    struct ports from;
    struct ports to;
    ports_init(&from);
    ports_init(&to);
    assert_int_equal(ports_copy(&to, &from), ERROR_NONE);
    assert_int_equal(to.count, 0);
    assert_int_equal(to.total, 0);
    assert_int_equal(parse_text(&from, "80,8000-8009"), ERROR_NONE);
    assert_int_equal(parse_text(&to, "22"), ERROR_NONE);
    assert_int_equal(ports_copy(&to, &from), ERROR_NONE);
    ports_release(&from); /* the copy is its own */
    assert_int_equal(from.count, 0);
    assert_int_equal(from.total, 0);
    assert_int_equal(to.count, 3);
    assert_int_equal(to.total, 12);
    assert_int_equal(ports_at(&to, 0), 22);
    assert_int_equal(ports_at(&to, 1), 80);
    assert_int_equal(ports_at(&to, 11), 8009);
    assert_int_equal(parse_text(&from, "25"), ERROR_NONE);
    assert_int_equal(ports_at(&from, 0), 25);
    ports_release(&from);
    ports_release(&to);
}

/* A column of a file: words with blanks between them. */
static const struct {
    const char *text;
    const char *ports; /* "22 80-81 " */
    struct fault fault;
} columns[] = {
    {"22", "22 ", {FAULT_NONE, 0, 0}},
    {" 22\t80-81 ", "22 80-81 ", {FAULT_NONE, 0, 0}},
    {"22, 80 443", "22 80 443 ", {FAULT_NONE, 0, 0}},
    {"22 ,80 , 81", "22 80 81 ", {FAULT_NONE, 0, 0}},
    {"https", "443 ", {FAULT_NONE, 0, 0}},
    {"https,8443", "443 8443 ", {FAULT_NONE, 0, 0}},
    {"https 22", "443 22 ", {FAULT_NONE, 0, 0}},
    {"443 tcp", "443/tcp ", {FAULT_NONE, 0, 0}},
    {"tcp 443", "443/tcp ", {FAULT_NONE, 0, 0}},
    {"22 443 udp 80", "22 443/udp 80 ", {FAULT_NONE, 0, 0}},
    {"tcp 22 udp 80", "22/tcp 80/udp ", {FAULT_NONE, 0, 0}},
    {"22, 443 tcp", "22/tcp 443/tcp ", {FAULT_NONE, 0, 0}},
    {"22,443 udp", "22/udp 443/udp ", {FAULT_NONE, 0, 0}},
    {"udp 22,443", "22/udp 443/udp ", {FAULT_NONE, 0, 0}},
    {"22/tcp,443 udp", "22/tcp 443/udp ", {FAULT_NONE, 0, 0}},
    {"443/tcp 80/udp", "443/tcp 80/udp ", {FAULT_NONE, 0, 0}},
    {"53/udp tcp 22", "53/udp 22/tcp ", {FAULT_NONE, 0, 0}},
    {"53/udp,22 tcp 80", "53/udp 22/tcp 80 ", {FAULT_NONE, 0, 0}},
    {"53 udp 443 tls 22", "53/udp 443/tls 22 ", {FAULT_NONE, 0, 0}},
    {"ntp", "123/udp? ", {FAULT_NONE, 0, 0}},
    {"ntp tcp", "123/tcp ", {FAULT_NONE, 0, 0}},
    {"tcp ntp", "123/tcp ", {FAULT_NONE, 0, 0}},
    {"icmp", "0/icmp ", {FAULT_NONE, 0, 0}},
    {"icmp -", "0/icmp ", {FAULT_NONE, 0, 0}},
    {"any icmp", "0/icmp ", {FAULT_NONE, 0, 0}},
    {"icmp 22 udp", "0/icmp 22/udp ", {FAULT_NONE, 0, 0}},
    {"22 udp icmp", "22/udp 0/icmp ", {FAULT_NONE, 0, 0}},
    {"-", "", {FAULT_PORT, 0, 1}},
    {"- udp", "", {FAULT_PORT, 0, 1}},
    {"0 22", "", {FAULT_PORT, 0, 1}},
    {"any udp", "", {FAULT_PORT_SERVICE, 0, 3}},
    {"22, 53 udp", "", {FAULT_PORT_UNCLEAR, 7, 3}},
    {"udp 22, 53", "", {FAULT_PORT_UNCLEAR, 4, 6}},
    {"", "", {FAULT_PORT_EMPTY, 0, 0}},
    {"22,", "", {FAULT_PORT_EMPTY, 3, 0}},
    {"22 0", "", {FAULT_PORT, 3, 1}},
    {"22  70000", "", {FAULT_PORT, 4, 5}},
    {"8443 https", "", {FAULT_COLUMN_WORD, 5, 5}},
    {"8443 22,https", "", {FAULT_COLUMN_WORD, 8, 5}},
    {"http https", "", {FAULT_COLUMN_WORD, 5, 5}},
    {"8443 frontend", "", {FAULT_COLUMN_WORD, 5, 8}},
    {"8443 3com", "", {FAULT_COLUMN_WORD, 5, 4}},
    {"frontend 8443", "", {FAULT_PORT_SERVICE, 0, 8}},
    {"tcp", "", {FAULT_PORT_SERVICE, 0, 3}},
    {"443 tcp tcp", "", {FAULT_COLUMN_WORD, 8, 3}},
    {"53 sctp", "", {FAULT_PROTOCOL, 3, 4}},
    {"quic 53", "", {FAULT_PROTOCOL, 0, 4}},
    {"22 53/sctp", "", {FAULT_PROTOCOL, 6, 4}},
    {"22 ping", "", {FAULT_PROTOCOL, 3, 4}},
};

static void test_ports_of_a_column_are_words_with_blanks_between(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        struct ports ports;
        struct fault fault = {FAULT_NONE, 0, 0};
        struct buffer out = BUFFER_EMPTY;
        size_t len = strlen(columns[i].text);
        char *copy = copy_exactly(columns[i].text, len);
        const struct slice column = {copy, 0, len};
        ports_init(&ports);
        claim_error(columns[i].text, ports_parse_columns(&ports, &column, 1, &fault),
                    error_beside(columns[i].fault.code));
        if (fault.code == FAULT_NONE)
            describe(&out, &ports);
        claim_text(columns[i].text, "ports", buffer_text(&out), columns[i].ports);
        claim_fault(columns[i].text, &fault, &columns[i].fault);
        buffer_release(&out);
        ports_release(&ports);
        free(copy);
    }
}

/* What a target names holds for all of its ports. */
static void test_ports_agree_with_the_protocol_of_their_target(void **state)
{
    static const struct {
        const char *text;
        enum protocol_id target;
        enum protocol_id protocol; /* of the first range; PROTOCOL_NONE: refused */
        struct fault fault;
    } rows[] = {
        {"53", PROTOCOL_UDP, PROTOCOL_UDP, {FAULT_NONE, 0, 0}},
        {"53/udp", PROTOCOL_UDP, PROTOCOL_UDP, {FAULT_NONE, 0, 0}},
        {"443/tcp", PROTOCOL_TLS, PROTOCOL_TLS, {FAULT_NONE, 0, 0}},
        {"443/tls", PROTOCOL_TLS, PROTOCOL_TLS, {FAULT_NONE, 0, 0}},
        {"ntp", PROTOCOL_TCP, PROTOCOL_TCP, {FAULT_NONE, 0, 0}},
        {"domain", PROTOCOL_UDP, PROTOCOL_UDP, {FAULT_NONE, 0, 0}},
        {"22, 53 udp", PROTOCOL_UDP, PROTOCOL_UDP, {FAULT_NONE, 0, 0}},
        {"icmp", PROTOCOL_ICMP, PROTOCOL_ICMP, {FAULT_NONE, 0, 0}},
        {"53/udp", PROTOCOL_TCP, PROTOCOL_NONE, {FAULT_PORT_PROTOCOL, 3, 3}},
        {"53,443/tls", PROTOCOL_TCP, PROTOCOL_NONE, {FAULT_PORT_PROTOCOL, 7, 3}},
        {"53/tcp", PROTOCOL_UDP, PROTOCOL_NONE, {FAULT_PORT_PROTOCOL, 3, 3}},
        {"53/udp", PROTOCOL_TLS, PROTOCOL_NONE, {FAULT_PORT_PROTOCOL, 3, 3}},
        {"icmp", PROTOCOL_UDP, PROTOCOL_NONE, {FAULT_PORT_PROTOCOL, 0, 4}},
        {"22", PROTOCOL_ICMP, PROTOCOL_NONE, {FAULT_PORT_USELESS, 0, 2}},
        {"https", PROTOCOL_ICMP, PROTOCOL_NONE, {FAULT_PORT_USELESS, 0, 5}},
        {"", PROTOCOL_ICMP, PROTOCOL_NONE, {FAULT_PORT_USELESS, 0, 0}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct ports ports;
        struct fault fault = {FAULT_NONE, 0, 0};
        ports_init(&ports);
        ports.protocol = rows[i].target;
        claim_error(rows[i].text, parse(&ports, rows[i].text, strlen(rows[i].text), &fault),
                    error_beside(rows[i].fault.code));
        claim_fault(rows[i].text, &fault, &rows[i].fault);
        if (ports.count > 0)
            claim_number(rows[i].text, "protocol", ports.ranges[0].protocol, rows[i].protocol);
        ports_release(&ports);
    }
}

/* -p has ports before it has a target; a column of a file has a protocol behind them. */
static void test_ports_take_a_protocol_that_none_of_them_is_against(void **state)
{
    static const struct {
        const char *text;
        enum protocol_id protocol;
        bool is_taken;
    } rows[] = {
        {"22,53", PROTOCOL_UDP, true},      {"443/tcp", PROTOCOL_TLS, true},
        {"ntp", PROTOCOL_TCP, true},        {"22,53/udp", PROTOCOL_TCP, false},
        {"53/udp,22", PROTOCOL_NONE, true}, {"443/tls", PROTOCOL_TCP, false},
        {"icmp", PROTOCOL_UDP, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct ports from;
        struct ports to;
        ports_init(&from);
        ports_init(&to);
        to.protocol = rows[i].protocol;
        assert_int_equal(parse_text(&from, rows[i].text), ERROR_NONE);
        const struct port_range before = from.ranges[0];
        claim_error(rows[i].text, ports_copy(&to, &from),
                    rows[i].is_taken ? ERROR_NONE : ERROR_INVALID);
        claim_number(rows[i].text, "copied", to.count, rows[i].is_taken ? from.count : 0);
        claim_number(rows[i].text, "set", ports_set_protocol(&from, rows[i].protocol),
                     rows[i].is_taken);
        bool is_set = rows[i].is_taken && rows[i].protocol != PROTOCOL_NONE;
        claim_number(rows[i].text, "protocol", from.ranges[0].protocol,
                     is_set ? rows[i].protocol : before.protocol);
        if (rows[i].is_taken)
            claim_number(rows[i].text, "protocol copied", to.ranges[0].protocol,
                         from.ranges[0].protocol);
        ports_release(&from);
        ports_release(&to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ports_well_formed_are_parsed),
        cmocka_unit_test(test_ports_malformed_are_rejected_with_their_place),
        cmocka_unit_test(test_ports_of_a_column_are_words_with_blanks_between),
        cmocka_unit_test(test_ports_agree_with_the_protocol_of_their_target),
        cmocka_unit_test(test_ports_take_a_protocol_that_none_of_them_is_against),
        cmocka_unit_test(test_ports_nul_byte_is_rejected),
        cmocka_unit_test(test_ports_bytes_behind_the_length_are_not_read),
        cmocka_unit_test(test_ports_second_parse_appends),
        cmocka_unit_test(test_ports_ten_thousand_are_kept),
        cmocka_unit_test(test_ports_at_counts_through_ranges_in_order),
        cmocka_unit_test(test_ports_copy_appends_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
