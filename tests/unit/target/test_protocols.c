#include <string.h>

#include "../claim.h"
#include "netcheck/target/protocols.h"

static const struct {
    const char *word;
    const char *name; /* NULL: none is known */
    bool may_follow_port;
} words[] = {
    {"tcp", "tcp", true},    {"TCP", "tcp", true},    {"udp", "udp", true},
    {"sctp", "sctp", true},  {"quic", "quic", false}, {"icmp", "icmp", false},
    {"ping", "ping", false}, {"unix", "unix", false}, {"tls", "tls", false},
    {"", NULL, false},       {"tc", NULL, false},     {"tcpx", NULL, false},
    {"https", NULL, false},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_protocols_word_is_found_in_any_case),
        cmocka_unit_test(test_protocols_each_that_is_built_in_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
