#include <string.h>

#include "../claim.h"
#include "netcheck/target/protocols.h"

static const struct {
    const char *word;
    const char *name; /* NULL: none is known */
    bool may_follow_port;
} words[] = {
    {"tcp", "tcp", true},    {"TCP", "tcp", true},       {"udp", "udp", true},
    {"sctp", "sctp", true},  {"quic", "quic", true},     {"icmp", "icmp", true},
    {"ping", "ping", false}, {"unix", "unix", false},    {"tls", "tls", true},
    {"", NULL, false},       {"tc", NULL, false},        {"tcpx", NULL, false},
    {"https", NULL, false},  {"ICMPv6", "icmpv6", true},
};

static void test_protocols_word_is_found_in_any_case(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        const struct slice word = {words[i].word, 0, strlen(words[i].word)};
        const struct protocol_traits *protocol = protocols_find(&word);
        claim_text(words[i].word, "name", protocol != NULL ? protocol->name : NULL,
                   words[i].name);
        claim_number(words[i].word, "behind a port", protocols_may_follow_port(&word),
                     words[i].may_follow_port);
    }
}

/* What a target names is what its rows show. */
static void test_protocols_each_that_is_built_in_has_its_name(void **state)
{
    assert_null(protocols_name(PROTOCOL_NONE));
    for (enum protocol_id id = PROTOCOL_NONE + 1; id < PROTOCOL_COUNT; id++) {
        assert_non_null(protocols_name(id));
        const struct slice name = {protocols_name(id), 0, strlen(protocols_name(id))};
        assert_non_null(protocols_find(&name));
        assert_int_equal(protocols_find(&name)->id, id);
    }
}

static void test_protocols_agree_with_themselves_and_their_transport(void **state)
{
    for (enum protocol_id id = PROTOCOL_NONE; id < PROTOCOL_COUNT; id++)
        for (enum protocol_id port = PROTOCOL_NONE; port < PROTOCOL_COUNT; port++) {
            bool is_carried = id == PROTOCOL_TLS && port == PROTOCOL_TCP;
            if (protocols_agree(id, port) != (id == port || is_carried))
                fail_msg("%d and %d", id, port);
        }
    assert_string_equal(protocols_transport(PROTOCOL_TLS), "tcp");
    assert_string_equal(protocols_transport(PROTOCOL_ICMP), "");
    assert_string_equal(protocols_transport(PROTOCOL_NONE), "");
    assert_false(protocols_have_ports(PROTOCOL_ICMP));
    assert_true(protocols_have_ports(PROTOCOL_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_protocols_word_is_found_in_any_case),
        cmocka_unit_test(test_protocols_agree_with_themselves_and_their_transport),
        cmocka_unit_test(test_protocols_each_that_is_built_in_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
