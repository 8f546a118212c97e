#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/address.h"

static const struct {
    const char *text;
    int family;
    const char *shown; /* as address_format() writes it */
} good[] = {
    {"127.0.0.1", AF_INET, "127.0.0.1"},
    {"0.0.0.0", AF_INET, "0.0.0.0"},
    {"255.255.255.255", AF_INET, "255.255.255.255"},
    {"::1", AF_INET6, "::1"},
    {"::", AF_INET6, "::"},
    {"2001:DB8::0001", AF_INET6, "2001:db8::1"},
    {"1:2:3:4:5:6:7:8", AF_INET6, "1:2:3:4:5:6:7:8"},
    {"::ffff:10.0.0.1", AF_INET6, "::ffff:10.0.0.1"},
    {"::fffe:10.0.0.1", AF_INET6, "::fffe:a00:1"},
    {"::ffff:0:10.0.0.1", AF_INET6, "::ffff:0:a00:1"},
    {"::0.7.0.8", AF_INET6, "::7:8"},
    {"::7:0", AF_INET6, "::7:0"},
    {"fe80::1", AF_INET6, "fe80::1"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", AF_INET6,
     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
};

static const struct {
    const char *label;
    const char *text;
} bad[] = {
    {"empty", ""},
    {"name", "localhost"},
    {"three numbers", "127.0.1"},
    {"two numbers", "127.1"},
    {"one number", "2130706433"},
    {"five numbers", "1.2.3.4.5"},
    {"number over 255", "1.2.3.256"},
    {"negative number", "1.2.3.-4"},
    {"octal", "010.0.0.1"},
    {"leading zero in the last number", "10.0.0.01"},
    {"hexadecimal", "0x7f.0.0.1"},
    {"missing number", "1..2.3"},
    {"dot behind", "1.2.3.4."},
    {"space before", " 1.2.3.4"},
    {"space behind", "1.2.3.4 "},
    {"line end behind", "1.2.3.4\n"},
    {"port", "1.2.3.4:80"},
    {"prefix", "10.0.0.0/8"},
    {"brackets", "[::1]"},
    {"scope", "fe80::1%eth0"},
    {"two gaps", "1::2::3"},
    {"nine groups", "1:2:3:4:5:6:7:8:9"},
    {"seven groups", "1:2:3:4:5:6:7"},
    {"group of five digits", "12345::"},
    {"no hexadecimal digit", "::g"},
    {"colon alone", ":"},
    {"three colons", ":::1"},
    {"longer than any address", "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001"},
};

static struct address address_of(const char *text)
{
    struct address address;
    memset(&address, 0, sizeof address);
    if (!address_parse(text, strlen(text), &address))
        fail_msg("%s: no address", text);
    return address;
}

static void claim_shown(const char *label, const struct address *address, const char *expected)
{
    char text[ADDRESS_TEXT_SIZE];
    address_format(address, text);
    claim_text(label, "address", text, expected);
}

static void test_address_parsed_is_shown_in_its_shortest_form(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct address address;
        char *copy = copy_exactly(good[i].text, strlen(good[i].text));
        memset(&address, 0xff, sizeof address);
        claim_true(good[i].text, "address_parse()",
                   address_parse(copy, strlen(good[i].text), &address));
        free(copy);
        claim_number(good[i].text, "family", (uint64_t)address_family(&address),
                     (uint64_t)good[i].family);
        claim_number(good[i].text, "port", address_port(&address), 0);
        claim_number(good[i].text, "scope", address_scope(&address), 0);
        claim_shown(good[i].text, &address, good[i].shown);
    }
}

/* RFC 5952, section 4.2: the first of the longest runs of zero groups, of at least two. */
static void shorten(const unsigned groups[static 8], char *text, size_t room)
{
    size_t best = 8;
    size_t best_len = 1;
    int len = 0;
    for (size_t from = 0; from < 8; from++) {
        size_t end = from;
        while (end < 8 && groups[end] == 0)
            end++;
        if (end - from > best_len) {
            best = from;
            best_len = end - from;
        }
    }
    text[0] = '\0';
    for (size_t i = 0; i < 8; i += i == best ? best_len : 1) {
        bool is_colon_due = i > 0 && i != best + best_len;
        len += i == best ? snprintf(text + len, room - (size_t)len, "::")
                         : snprintf(text + len, room - (size_t)len, "%s%x",
                                    is_colon_due ? ":" : "", groups[i]);
    }
}

/* All ways in which groups can be zero: libcs do not agree on those that begin with zeros. */
static void test_address_zeros_are_shortened_as_the_rfc_says(void **state)
{
    for (unsigned zeros = 0; zeros < 256; zeros++) {
        struct address address = address_of("::");
        unsigned groups[8];
        char expected[INET6_ADDRSTRLEN];
        for (unsigned i = 0; i < 8; i++) {
            groups[i] = zeros >> i & 1 ? 0 : (i + 1) << (i % 2 ? 8 : 0);
            address.socket.ipv6.sin6_addr.s6_addr[2 * i] = (unsigned char)(groups[i] >> 8);
            address.socket.ipv6.sin6_addr.s6_addr[2 * i + 1] = (unsigned char)groups[i];
        }
        shorten(groups, expected, sizeof expected);
        claim_shown(expected, &address, expected);
    }
}

static void test_address_malformed_is_refused_and_result_untouched(void **state)
{
    const struct address before = address_of("192.0.2.77");
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct address address = before;
        char *copy = copy_exactly(bad[i].text, strlen(bad[i].text));
        claim_true(bad[i].label, "refusal",
                   !address_parse(copy, strlen(bad[i].text), &address));
        free(copy);
        claim_true(bad[i].label, "result is untouched",
                   memcmp(&address, &before, sizeof address) == 0);
    }
}

static void test_address_is_exactly_the_bytes_of_its_length(void **state)
{
    struct address address;
    assert_false(address_parse("127.0.0.1\0x", 11, &address));
    assert_false(address_parse("::1\0", 4, &address));
    assert_true(address_parse("10.0.0.123", 8, &address));
    claim_shown("8 bytes of 10.0.0.123", &address, "10.0.0.1");
}

static void test_address_scope_is_shown_as_a_number(void **state)
{
    static const struct {
        const char *text;
        uint32_t scope;
        const char *shown;
    } rows[] = {{"fe80::1", 7, "fe80::1%7"},
                {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", UINT32_MAX,
                 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct address address = address_of(rows[i].text);
        address_set_scope(&address, rows[i].scope);
        claim_number(rows[i].text, "scope", address_scope(&address), rows[i].scope);
        claim_shown(rows[i].text, &address, rows[i].shown);
    }
}

static void test_address_ipv4_has_no_scope_and_none_is_shown_as_nothing(void **state)
{
    struct address address = address_of("169.254.0.1");
    const struct address before = address;
    address_set_scope(&address, 7);
    assert_int_equal(address_scope(&address), 0);
    assert_memory_equal(&address, &before, sizeof address);
    memset(&address, 0, sizeof address);
    assert_int_equal(address_family(&address), AF_UNSPEC);
    claim_shown("none", &address, "");
}

static void test_address_port_is_kept_in_both_families_in_network_order(void **state)
{
    static const char *const texts[] = {"10.0.0.1", "2001:db8::1"};
    static const uint16_t ports[] = {0, 1, 255, 256, 443, 65535};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        for (size_t j = 0; j < ARRAY_LEN(ports); j++) {
            struct address address = address_of(texts[i]);
            address_set_port(&address, ports[j]);
            claim_number(texts[i], "port", address_port(&address), ports[j]);
            claim_number(texts[i], "in the socket's address",
                         i == 0 ? address.socket.ipv4.sin_port : address.socket.ipv6.sin6_port,
                         htons(ports[j]));
            claim_shown(texts[i], &address, texts[i]);
        }
    }
}

static void test_address_family_decides_len_bits_and_family_bit(void **state)
{
    struct address ipv4 = address_of("10.0.0.1");
    struct address ipv6 = address_of("2001:db8::1");
    assert_int_equal(address_len(&ipv4), sizeof(struct sockaddr_in));
    assert_int_equal(address_len(&ipv6), sizeof(struct sockaddr_in6));
    assert_int_equal(address_bits(&ipv4), 32);
    assert_int_equal(address_bits(&ipv6), 128);
    assert_int_equal(address_family_bit(&ipv4), FAMILY_IPV4);
    assert_int_equal(address_family_bit(&ipv6), FAMILY_IPV6);
}

/* And reads no more than the size of its family. */
static void test_address_from_socket_keeps_address_port_and_scope(void **state)
{
    static const struct {
        const char *text;
        const char *shown;
    } rows[] = {{"fe80::9", "fe80::9%3"}, {"10.0.0.9", "10.0.0.9"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct address from = address_of(rows[i].text);
        struct address address;
        address_set_port(&from, 8080);
        address_set_scope(&from, 3);
        char *copy = copy_exactly((const char *)&from.socket, address_len(&from));
        assert_true(address_from_socket((const struct sockaddr *)(void *)copy, &address));
        free(copy);
        claim_number(rows[i].text, "port", address_port(&address), 8080);
        claim_shown(rows[i].text, &address, rows[i].shown);
    }
}

static void test_address_from_other_socket_is_refused(void **state)
{
    const struct address before = address_of("192.0.2.1");
    struct address address = before;
    struct sockaddr_storage local;
    memset(&local, 0, sizeof local);
    local.ss_family = AF_UNIX;
    assert_false(address_from_socket((const struct sockaddr *)&local, &address));
    local.ss_family = AF_UNSPEC;
    assert_false(address_from_socket((const struct sockaddr *)&local, &address));
    assert_memory_equal(&address, &before, sizeof address);
}

static void test_address_equals_ignores_only_the_port(void **state)
{
    static const struct {
        const char *label;
        const char *a;
        const char *b;
        uint32_t b_scope;
        bool is_equal;
    } rows[] = {
        {"same IPv4", "10.0.0.1", "10.0.0.1", 0, true},
        {"other IPv4", "10.0.0.1", "10.0.0.2", 0, false},
        {"IPv4 that differs in the first byte", "10.0.0.1", "11.0.0.1", 0, false},
        {"same IPv6", "2001:db8::1", "2001:db8::1", 0, true},
        {"other IPv6", "2001:db8::1", "2001:db8::2", 0, false},
        {"IPv6 that differs in the first byte", "2001:db8::1", "2101:db8::1", 0, false},
        {"other scope", "fe80::1", "fe80::1", 2, false},
        {"mapped IPv4", "10.0.0.1", "::ffff:10.0.0.1", 0, false},
        {"unspecified of both families", "0.0.0.0", "::", 0, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct address a = address_of(rows[i].a);
        struct address b = address_of(rows[i].b);
        address_set_port(&a, 1);
        address_set_port(&b, 2);
        address_set_scope(&b, rows[i].b_scope);
        claim_number(rows[i].label, "a equals b", address_equals(&a, &b), rows[i].is_equal);
        claim_number(rows[i].label, "b equals a", address_equals(&b, &a), rows[i].is_equal);
    }
}

static void test_address_hash_is_the_same_for_equal_addresses_only(void **state)
{
    static const struct {
        const char *text;
        uint32_t scope;
    } different[] = {
        {"0.0.0.0", 0},     {"0.0.0.1", 0},          {"1.0.0.0", 0},     {"10.0.0.1", 0},
        {"10.0.1.0", 0},    {"255.255.255.255", 0},  {"::", 0},          {"::1", 0},
        {"::a00:1", 0},     {"::ffff:10.0.0.1", 0},  {"2001:db8::1", 0}, {"2001:db8:1::", 0},
        {"fe80::1", 0},     {"fe80::1", 1},          {"fe80::1", 2},     {"fe80::2", 1},
        {"fe80::1", 65536}, {"fe80::1", UINT32_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(different); i++) {
        struct address a = address_of(different[i].text);
        address_set_scope(&a, different[i].scope);
        address_set_port(&a, 1);
        for (size_t j = 0; j < ARRAY_LEN(different); j++) {
            struct address b;
            memset(&b, 0xff, sizeof b);
            assert_true(address_parse(different[j].text, strlen(different[j].text), &b));
            address_set_scope(&b, different[j].scope);
            address_set_port(&b, 65535);
            claim_number(different[i].text, different[j].text,
                         address_hash(&a) == address_hash(&b), i == j);
        }
    }
}

/* 0 means "none" to those who keep hashes; FNV-1a is 0 for these bytes (isthe.com/chongo). */
static void test_address_hash_is_never_0(void **state)
{
    const struct address address = address_of("d56b:b953:4287:0836::");
    assert_true(address_hash(&address) != 0);
}

static void test_address_hash_is_spread_over_its_lowest_bits(void **state)
{
    static const char *const firsts[] = {"10.0.0.0", "2001:db8::"};
    enum { PLACES = 1 << 8, EACH = 64 };
    for (size_t i = 0; i < ARRAY_LEN(firsts); i++) {
        unsigned used[PLACES] = {0};
        struct address address = address_of(firsts[i]);
        for (unsigned j = 0; j < PLACES * EACH; j++) {
            used[address_hash(&address) % PLACES]++;
            address_advance(&address, 256); /* the last byte of all is the same */
        }
        /* Five deviations of 8 around 64. */
        for (size_t j = 0; j < PLACES; j++)
            claim_true(firsts[i], "even spread", used[j] >= 24 && used[j] <= 104);
    }
}

enum kind { OTHER, UNSPECIFIED, LINK_LOCAL, LOOPBACK, MULTICAST };

static void test_address_kinds_are_told_apart(void **state)
{
    static const struct {
        const char *text;
        enum kind kind;
    } rows[] = {
        {"0.0.0.0", UNSPECIFIED},
        {"0.0.0.1", OTHER},
        {"1.0.0.0", OTHER},
        {"127.0.0.0", LOOPBACK},
        {"127.0.0.1", LOOPBACK},
        {"127.255.255.255", LOOPBACK},
        {"126.255.255.255", OTHER},
        {"128.0.0.0", OTHER},
        {"223.255.255.255", OTHER},
        {"224.0.0.0", MULTICAST},
        {"239.255.255.255", MULTICAST},
        {"240.0.0.0", OTHER},
        {"255.255.255.255", OTHER},
        {"::", UNSPECIFIED},
        {"::1", LOOPBACK},
        {"::2", OTHER},
        {"1::", OTHER},
        {"7f00::1", OTHER},
        {"::ffff:0.0.0.0", UNSPECIFIED},
        {"::ffff:0.0.0.1", OTHER},
        {"::ffff:127.0.0.1", LOOPBACK},
        {"::ffff:10.0.0.1", OTHER},
        {"::fffe:0:0", OTHER},
        {"::1:ffff:0:0", OTHER},
        {"169.254.0.1", OTHER},
        {"254.128.0.1", OTHER},
        {"fe80::", LINK_LOCAL},
        {"fe80::1", LINK_LOCAL},
        {"febf:ffff::1", LINK_LOCAL},
        {"fe7f:ffff::1", OTHER},
        {"fec0::1", OTHER},
        {"ff80::1", MULTICAST},
        {"feff:ffff::1", OTHER},
        {"fc80::1", OTHER},
        {"::fe80:0:0", OTHER},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct address address = address_of(rows[i].text);
        claim_number(rows[i].text, "is_unspecified", address_is_unspecified(&address),
                     rows[i].kind == UNSPECIFIED);
        claim_number(rows[i].text, "is_link_local", address_is_link_local(&address),
                     rows[i].kind == LINK_LOCAL);
        claim_number(rows[i].text, "is_loopback", address_is_loopback(&address),
                     rows[i].kind == LOOPBACK);
        claim_number(rows[i].text, "is_multicast", address_is_multicast(&address),
                     rows[i].kind == MULTICAST);
    }
}

static void test_address_mask_clears_the_bits_behind_the_prefix(void **state)
{
    static const struct {
        const char *text;
        unsigned bits;
        const char *masked;
    } rows[] = {
        {"255.255.255.255", 0, "0.0.0.0"},
        {"255.255.255.255", 1, "128.0.0.0"},
        {"255.255.255.255", 7, "254.0.0.0"},
        {"255.255.255.255", 8, "255.0.0.0"},
        {"255.255.255.255", 9, "255.128.0.0"},
        {"10.1.2.3", 24, "10.1.2.0"},
        {"10.1.2.3", 31, "10.1.2.2"},
        {"10.1.2.3", 32, "10.1.2.3"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0, "::"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1, "8000::"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 63, "ffff:ffff:ffff:fffe::"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 64, "ffff:ffff:ffff:ffff::"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65, "ffff:ffff:ffff:ffff:8000::"},
        {"2001:db8::7f", 120, "2001:db8::"},
        {"2001:db8::7f", 127, "2001:db8::7e"},
        {"2001:db8::7f", 128, "2001:db8::7f"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct address address = address_of(rows[i].text);
        address_set_port(&address, 443);
        address_mask(&address, rows[i].bits);
        claim_shown(rows[i].masked, &address, rows[i].masked);
        claim_number(rows[i].masked, "port", address_port(&address), 443);
    }
}

static void test_address_fill_sets_the_bits_behind_the_prefix(void **state)
{
    static const struct {
        const char *text;
        unsigned bits;
        const char *filled;
    } rows[] = {
        {"0.0.0.0", 0, "255.255.255.255"},
        {"10.0.0.0", 7, "11.255.255.255"},
        {"10.0.0.0", 24, "10.0.0.255"},
        {"10.0.0.4", 31, "10.0.0.5"},
        {"10.0.0.4", 32, "10.0.0.4"},
        {"::", 0, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"2001:db8::", 120, "2001:db8::ff"},
        {"2001:db8::", 128, "2001:db8::"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct address address = address_of(rows[i].text);
        address_set_port(&address, 443);
        address_fill(&address, rows[i].bits);
        claim_shown(rows[i].filled, &address, rows[i].filled);
        claim_number(rows[i].filled, "port", address_port(&address), 443);
    }
}

static void test_address_distance_is_what_advance_goes(void **state)
{
    static const struct {
        const char *from;
        const char *to;
        uint64_t distance;
    } rows[] = {
        {"10.0.0.1", "10.0.0.1", 0},
        {"10.0.0.1", "10.0.0.2", 1},
        {"10.0.0.255", "10.0.1.0", 1},
        {"10.0.1.255", "10.1.0.0", 65536 - 511},
        {"0.0.0.0", "255.255.255.255", UINT32_MAX},
        {"2001:db8::1", "2001:db8::1:0:0:0", (UINT64_C(1) << 48) - 1},
        {"2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:1::", 1},
        {"2001:db8::", "2001:db8::ffff:ffff:ffff:ffff", UINT64_MAX},
        {"2001:db8::", "2001:db8:0:1::", UINT64_MAX},
        {"::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", UINT64_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct address from = address_of(rows[i].from);
        const struct address to = address_of(rows[i].to);
        int order = rows[i].distance == 0 ? 0 : -1;
        int compared = address_compare(&from, &to);
        claim_number(rows[i].to, "distance", address_distance(&from, &to), rows[i].distance);
        claim_true(rows[i].to, "order", (compared > 0) - (compared < 0) == order);
        compared = address_compare(&to, &from);
        claim_true(rows[i].to, "order back", (compared > 0) - (compared < 0) == -order);
    }
}

static void test_address_bytes_of_ipv4_are_those_of_the_mapped_address(void **state)
{
    unsigned char ipv4[ADDRESS_BYTES];
    unsigned char mapped[ADDRESS_BYTES];
    struct address address = address_of("192.0.2.1");
    address_bytes(&address, ipv4);
    address = address_of("::ffff:192.0.2.1");
    address_bytes(&address, mapped);
    assert_memory_equal(ipv4, mapped, sizeof ipv4);
    assert_int_equal(mapped[11] << 8 | mapped[15], 0xff01);
}

static void test_address_advance_carries_and_drops_the_last_carry(void **state)
{
    static const struct {
        const char *text;
        uint64_t offset;
        const char *advanced;
    } rows[] = {
        {"10.0.0.0", 0, "10.0.0.0"},
        {"10.0.0.0", 1, "10.0.0.1"},
        {"10.0.0.255", 1, "10.0.1.0"},
        {"10.0.0.0", 256, "10.0.1.0"},
        {"10.255.255.255", 1, "11.0.0.0"},
        {"0.0.0.0", UINT32_MAX, "255.255.255.255"},
        {"255.255.255.255", 1, "0.0.0.0"},
        {"10.0.0.1", UINT64_C(1) << 32, "10.0.0.1"},
        {"10.0.0.1", UINT64_MAX, "10.0.0.0"},
        {"2001:db8::", 0, "2001:db8::"},
        {"2001:db8::ff", 1, "2001:db8::100"},
        {"2001:db8::ffff:ffff", 1, "2001:db8::1:0:0"},
        {"2001:db8::", UINT64_MAX, "2001:db8::ffff:ffff:ffff:ffff"},
        {"2001:db8::1", UINT64_MAX, "2001:db8:0:1::"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1, "::"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct address address = address_of(rows[i].text);
        address_set_port(&address, 443);
        address_advance(&address, rows[i].offset);
        claim_shown(rows[i].text, &address, rows[i].advanced);
        claim_number(rows[i].text, "port", address_port(&address), 443);
    }
}

static void test_address_widest_is_as_long_as_any_between(void **state)
{
    static const struct {
        const char *first;
        const char *last;
        const char *widest;
    } rows[] = {
        {"10.0.0.1", "10.0.0.1", "10.0.0.1"},
        {"10.0.0.0", "10.0.0.255", "10.0.0.255"},
        {"10.0.0.1", "10.0.0.9", "10.0.0.9"},
        {"10.0.0.1", "10.0.1.9", "10.0.1.255"},
        {"9.0.0.1", "10.0.0.1", "10.255.255.255"},
        {"0.0.0.0", "255.255.255.255", "255.255.255.255"},
        {"2001:db8::", "2001:db8::f", "2001:db8::f"},
        {"2001:db8::ff", "2001:db8::100", "2001:db8::1ff"},
        {"2001:db8::", "2001:db8::ffff:ffff:ffff:ffff", "2001:db8::ffff:ffff:ffff:ffff"},
        {"2001:db8::", "2001:db8:1::", "2001:db8:1:ffff:ffff:ffff:ffff:ffff"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct address first = address_of(rows[i].first);
        struct address last = address_of(rows[i].last);
        struct address widest = address_widest(&first, &last);
        claim_shown(rows[i].first, &widest, rows[i].widest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_parsed_is_shown_in_its_shortest_form),
        cmocka_unit_test(test_address_zeros_are_shortened_as_the_rfc_says),
        cmocka_unit_test(test_address_malformed_is_refused_and_result_untouched),
        cmocka_unit_test(test_address_is_exactly_the_bytes_of_its_length),
        cmocka_unit_test(test_address_scope_is_shown_as_a_number),
        cmocka_unit_test(test_address_ipv4_has_no_scope_and_none_is_shown_as_nothing),
        cmocka_unit_test(test_address_port_is_kept_in_both_families_in_network_order),
        cmocka_unit_test(test_address_family_decides_len_bits_and_family_bit),
        cmocka_unit_test(test_address_from_socket_keeps_address_port_and_scope),
        cmocka_unit_test(test_address_from_other_socket_is_refused),
        cmocka_unit_test(test_address_equals_ignores_only_the_port),
        cmocka_unit_test(test_address_hash_is_the_same_for_equal_addresses_only),
        cmocka_unit_test(test_address_hash_is_never_0),
        cmocka_unit_test(test_address_hash_is_spread_over_its_lowest_bits),
        cmocka_unit_test(test_address_kinds_are_told_apart),
        cmocka_unit_test(test_address_mask_clears_the_bits_behind_the_prefix),
        cmocka_unit_test(test_address_fill_sets_the_bits_behind_the_prefix),
        cmocka_unit_test(test_address_distance_is_what_advance_goes),
        cmocka_unit_test(test_address_bytes_of_ipv4_are_those_of_the_mapped_address),
        cmocka_unit_test(test_address_advance_carries_and_drops_the_last_carry),
        cmocka_unit_test(test_address_widest_is_as_long_as_any_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
