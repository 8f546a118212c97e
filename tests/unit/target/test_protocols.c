#include <string.h>

#include "../claim.h"
#include "netcheck/target/protocols.h"

static const struct {
    const char *word;
    const char *name; /* NULL: none is known */
    enum protocol_id id;
    bool may_follow_port;
} words[] = {
    {"tcp", "tcp", PROTOCOL_TCP, true},     {"TCP", "tcp", PROTOCOL_TCP, true},
    {"udp", "udp", PROTOCOL_NONE, true},    {"sctp", "sctp", PROTOCOL_NONE, true},
    {"quic", "quic", PROTOCOL_NONE, false}, {"icmp", "icmp", PROTOCOL_NONE, false},
    {"ping", "ping", PROTOCOL_NONE, false}, {"unix", "unix", PROTOCOL_NONE, false},
    {"", NULL, PROTOCOL_NONE, false},       {"tc", NULL, PROTOCOL_NONE, false},
    {"tcpx", NULL, PROTOCOL_NONE, false},   {"https", NULL, PROTOCOL_NONE, false},
};

static void test_protocols_word_is_found_in_any_case(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        const struct slice word = {words[i].word, 0, strlen(words[i].word)};
        const struct protocol_traits *protocol = protocols_find(&word);
        claim_text(words[i].word, "name", protocol != NULL ? protocol->name : NULL,
                   words[i].name);
        claim_number(words[i].word, "id", protocol != NULL ? protocol->id : PROTOCOL_NONE,
                     words[i].id);
        claim_number(words[i].word, "behind a port", protocols_may_follow_port(&word),
                     words[i].may_follow_port);
    }
}

/* What a target names is what its rows show. */
static void test_protocols_each_that_is_built_in_has_its_name(void **state)
{
    assert_null(protocols_name(PROTOCOL_NONE));
    for (enum protocol_id id = PROTOCOL_TCP; id < PROTOCOL_COUNT; id++) {
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
