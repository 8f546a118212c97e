/*
 * Which question is asked, by what the user says of the whole run.
 */
#include <stdio.h>

#include "../claim.h"
#include "netcheck/probe/question.h"

enum { SEND = 1u << 0, MATCH = 1u << 1, READY = 1u << 2, CANARY = 1u << 3 };

static const struct {
    enum protocol_id protocol;
    uint16_t port;
    unsigned says; /* of the bits above */
    const char *question;
    enum fault_code fault;
} rows[] = {
    {PROTOCOL_TCP, 6379, 0, NULL, FAULT_NONE},
    {PROTOCOL_TCP, 6379, SEND, "text", FAULT_NONE},
    {PROTOCOL_TCP, 6379, MATCH, "text", FAULT_NONE},
    {PROTOCOL_TCP, 6379, SEND | MATCH, "text", FAULT_NONE},
    {PROTOCOL_TCP, 6379, READY, "redis", FAULT_NONE},
    {PROTOCOL_TCP, 6379, SEND | MATCH | CANARY, NULL, FAULT_NONE},
    {PROTOCOL_TCP, 6379, READY | CANARY, NULL, FAULT_NONE},
    {PROTOCOL_UDP, 53, 0, "dns", FAULT_NONE},
    {PROTOCOL_UDP, 53, MATCH, "dns", FAULT_NONE},
    {PROTOCOL_UDP, 53, SEND, "text", FAULT_NONE},
    {PROTOCOL_UDP, 53, SEND | CANARY, "text", FAULT_NONE},
    {PROTOCOL_UDP, 7, MATCH, "empty", FAULT_NONE},
    {PROTOCOL_TLS, 443, 0, "tls", FAULT_NONE},
    {PROTOCOL_TLS, 443, SEND, "tls", FAULT_TEXT_PROTOCOL},
    {PROTOCOL_TLS, 443, MATCH, "tls", FAULT_TEXT_PROTOCOL},
    {PROTOCOL_ICMP, 0, 0, "empty", FAULT_NONE},
    {PROTOCOL_ICMP, 0, MATCH, "empty", FAULT_TEXT_PROTOCOL},
};

static void test_question_is_chosen_by_what_the_user_says(void **state)
{
    struct target *target = NULL;
    struct fault fault;
    struct matcher *matcher = NULL;
    struct matcher_fault matcher_fault;
    assert_int_equal(target_parse("192.0.2.1:1", 11, &target, &fault), ERROR_NONE);
    assert_int_equal(matcher_new("x", &matcher, &matcher_fault), ERROR_NONE);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char label[64];
        const struct endpoint endpoint = {
            .target = target, .protocol = rows[i].protocol, .port = rows[i].port};
        const struct ask_options ask = {
            .has_send = (rows[i].says & SEND) != 0,
            .match = (rows[i].says & MATCH) != 0 ? matcher : NULL,
            .is_ready = (rows[i].says & READY) != 0,
            .is_canary = (rows[i].says & CANARY) != 0,
        };
        (void)snprintf(label, sizeof label, "row %zu, port %u", i, rows[i].port);
        const struct question *question = question_choose(&endpoint, &ask);
        claim_text(label, "question", question != NULL ? question->name : NULL,
                   rows[i].question);
        claim_number(label, "fault", question_refuse(&endpoint, &ask), rows[i].fault);
    }
    matcher_free(matcher);
    target_drop(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_question_is_chosen_by_what_the_user_says),
    };
    return cmocka_run_group_tests_name("question_choose", tests, NULL, NULL);
}
