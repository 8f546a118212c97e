/*
 * On virtual time: the test says what time it is.
 */
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/rejections.h"

static const int64_t start_ns = 1000 * NS_PER_S + 123456789;

static struct address address_of(const char *text, uint16_t port)
{
    struct address address;
    memset(&address, 0, sizeof address);
    if (!address_parse(text, strlen(text), &address))
        fail_msg("%s: no address", text);
    address_set_port(&address, port);
    return address;
}

static void note(struct rejections *rejections, const char *sender, const char *target,
                 uint16_t port, int64_t now_ns)
{
    const struct icmp icmp = {.is_set = true, .type = 3, .sender = address_of(sender, 0)};
    const struct address asked = address_of(target, port);
    rejections_note(rejections, &icmp, &asked, OS_TCP, now_ns);
}

static struct rejection find(const struct rejections *rejections, const char *target,
                             uint16_t port, int64_t began_ns)
{
    const struct address silent = address_of(target, port);
    return rejections_find(rejections, &silent, OS_TCP, began_ns);
}

/* After two rejections of `rejected` and one other port or address, what is known of `silent`?
 */
static void test_rejections_speak_for_the_same_sender(void **state)
{
    static const struct {
        const char *label;
        const char *sender;
        const char *rejected;
        const char *silent;
        enum rejecter by;
    } cases[] = {
        {"itself", "10.0.0.5", "10.0.0.5", "10.0.0.5", REJECTER_ITSELF},
        {"itself, IPv6", "2001:db8::5", "2001:db8::5", "2001:db8::5", REJECTER_ITSELF},
        {"itself, mapped", "10.0.0.5", "::ffff:10.0.0.5", "::ffff:10.0.0.5", REJECTER_ITSELF},
        {"mapped and not", "10.0.0.5", "::ffff:10.0.0.5", "10.0.0.5", REJECTER_ITSELF},
        {"a neighbour rejects itself", "10.0.0.5", "10.0.0.5", "10.0.0.6", REJECTER_NONE},
        {"a router, the same address", "10.9.9.1", "10.0.0.5", "10.0.0.5",
         REJECTER_NEAR_ROUTER},
        {"a router, the same /24", "10.9.9.1", "10.0.0.0", "10.0.0.255", REJECTER_NEAR_ROUTER},
        {"a router, the next /24", "10.9.9.1", "10.0.0.255", "10.0.1.0", REJECTER_FAR_ROUTER},
        {"a router, the same /16", "10.9.9.1", "10.0.0.0", "10.0.255.255", REJECTER_FAR_ROUTER},
        {"a router, the next /16", "10.9.9.1", "10.0.255.255", "10.1.0.0", REJECTER_NONE},
        {"a router itself silent", "10.9.9.1", "10.0.0.5", "10.9.9.1", REJECTER_NONE},
        {"a router, the same /64", "2001:db8::1",
         "2001:db8:1:2::", "2001:db8:1:2:ffff::", REJECTER_NEAR_ROUTER},
        {"a router, the same /48", "2001:db8::1",
         "2001:db8:1:2::", "2001:db8:1:3::", REJECTER_FAR_ROUTER},
        {"a router, the next /48", "2001:db8::1",
         "2001:db8:1:2::", "2001:db8:2:2::", REJECTER_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rejections rejections;
        rejections_init(&rejections);
        note(&rejections, cases[i].sender, cases[i].rejected, 80, start_ns);
        note(&rejections, cases[i].sender, cases[i].rejected, 81, start_ns);
        const struct address sender = address_of(cases[i].sender, 0);
        const struct rejection found = find(&rejections, cases[i].silent, 82, start_ns);
        bool is_found = cases[i].by != REJECTER_NONE;
        claim_number(cases[i].label, "by", found.by, cases[i].by);
        claim_number(cases[i].label, "others", found.others, is_found ? 2 : 0);
        claim_number(cases[i].label, "sender",
                     is_found ? address_equals(&found.sender, &sender)
                              : address_family(&found.sender) == AF_UNSPEC,
                     true);
        rejections_release(&rejections);
    }
}

static void test_rejections_count_each_target_once_and_others_only(void **state)
{
    struct rejections rejections;
    rejections_init(&rejections);
    for (unsigned round = 0; round < 3; round++)
        for (uint16_t port = 80; port < 87; port++)
            note(&rejections, "10.0.0.5", "10.0.0.5", port, start_ns);
    assert_int_equal(find(&rejections, "10.0.0.5", 79, start_ns).others, 7);
    assert_int_equal(find(&rejections, "10.0.0.5", 80, start_ns).others, 6);
    /* What the same machine rejects as a router is another matter. */
    note(&rejections, "10.0.0.5", "10.7.0.1", 80, start_ns);
    assert_int_equal(find(&rejections, "10.0.0.5", 79, start_ns).others, 7);
    assert_int_equal(find(&rejections, "10.7.0.2", 80, start_ns).others, 1);
    const struct rejection same = find(&rejections, "10.7.0.1", 80, start_ns);
    assert_int_equal(same.by, REJECTER_NEAR_ROUTER);
    assert_int_equal(same.others, 0);
    rejections_release(&rejections);
}

static void test_rejections_are_forgotten_after_a_minute(void **state)
{
    struct rejections rejections;
    const int64_t last_ns = start_ns + 60 * NS_PER_S;
    rejections_init(&rejections);
    note(&rejections, "10.0.0.5", "10.0.0.5", 80, start_ns);
    assert_int_equal(find(&rejections, "10.0.0.5", 81, start_ns - 5 * NS_PER_S).by,
                     REJECTER_ITSELF);
    assert_int_equal(find(&rejections, "10.0.0.5", 81, last_ns).by, REJECTER_ITSELF);
    assert_int_equal(find(&rejections, "10.0.0.5", 81, last_ns + 1).by, REJECTER_NONE);
    rejections_release(&rejections);
}

/* The target itself before a router, a near one before one that is far. */
static void test_rejections_of_the_nearest_sender_are_told(void **state)
{
    struct rejections rejections;
    rejections_init(&rejections);
    note(&rejections, "10.9.9.1", "10.0.1.7", 80, start_ns);
    assert_int_equal(find(&rejections, "10.0.0.5", 80, start_ns).by, REJECTER_FAR_ROUTER);
    note(&rejections, "10.9.9.2", "10.0.0.7", 80, start_ns);
    note(&rejections, "10.9.9.1", "10.0.1.7", 81, start_ns);
    assert_int_equal(find(&rejections, "10.0.0.5", 80, start_ns).by, REJECTER_NEAR_ROUTER);
    assert_int_equal(find(&rejections, "10.0.0.5", 80, start_ns).others, 1);
    note(&rejections, "10.0.0.5", "10.0.0.5", 81, start_ns);
    assert_int_equal(find(&rejections, "10.0.0.5", 80, start_ns).by, REJECTER_ITSELF);
    rejections_release(&rejections);
}

static void test_rejections_of_this_machine_do_not_count(void **state)
{
    struct rejections rejections;
    const struct address target = address_of("127.0.0.1", 80);
    struct icmp icmp = {.is_set = true, .is_own = true, .sender = address_of("127.0.0.1", 0)};
    rejections_init(&rejections);
    rejections_note(&rejections, &icmp, &target, OS_TCP, start_ns);
    icmp = (struct icmp){.sender = address_of("127.0.0.1", 0)};
    rejections_note(&rejections, &icmp, &target, OS_TCP, start_ns);
    assert_int_equal(find(&rejections, "127.0.0.1", 81, start_ns).by, REJECTER_NONE);
    rejections_release(&rejections);
}

static void test_rejections_of_what_was_too_large_do_not_count(void **state)
{
    (void)state;
    static const struct {
        const char *sender;
        struct icmp icmp;
        enum rejecter by;
    } cases[] = {
        {"10.0.0.5", {.type = 3, .code = 4}, REJECTER_NONE},
        {"10.0.0.5", {.type = 3, .code = 3}, REJECTER_ITSELF},
        {"2001:db8::5", {.type = 2, .code = 0}, REJECTER_NONE},
        {"2001:db8::5", {.type = 1, .code = 4}, REJECTER_ITSELF},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rejections rejections;
        struct icmp icmp = cases[i].icmp;
        const struct address target = address_of(cases[i].sender, 80);
        icmp.is_set = true;
        icmp.sender = address_of(cases[i].sender, 0);
        rejections_init(&rejections);
        rejections_note(&rejections, &icmp, &target, OS_TCP, start_ns);
        assert_int_equal(find(&rejections, cases[i].sender, 81, start_ns).by, cases[i].by);
        rejections_release(&rejections);
    }
}

static void test_rejections_of_many_senders_leave_the_last_ones(void **state)
{
    struct rejections rejections;
    enum { MORE = 100 };
    rejections_init(&rejections);
    for (unsigned i = 0; i < REJECTIONS_SENDERS + MORE; i++) {
        struct address address = address_of("10.0.0.0", 80);
        address_advance(&address, i);
        struct icmp icmp = {.is_set = true, .sender = address};
        rejections_note(&rejections, &icmp, &address, OS_TCP, start_ns);
    }
    assert_int_equal(rejections.capacity, REJECTIONS_SENDERS);
    for (unsigned i = 0; i < REJECTIONS_SENDERS + MORE; i++) {
        struct address address = address_of("10.0.0.0", 81);
        address_advance(&address, i);
        const struct rejection found = rejections_find(&rejections, &address, OS_TCP, start_ns);
        assert_int_equal(found.by, i < MORE ? REJECTER_NONE : REJECTER_ITSELF);
    }
    /* One that was forgotten begins anew. */
    note(&rejections, "10.0.0.0", "10.0.0.0", 80, start_ns);
    assert_int_equal(find(&rejections, "10.0.0.0", 81, start_ns).others, 1);
    rejections_release(&rejections);
}

/* Of the target itself; what a router rejects is a matter of the address. */
static void test_rejections_by_one_transport_explain_no_other_of_the_target(void **state)
{
    static const struct {
        const char *label;
        const char *sender;
        enum rejecter by; /* of the silence of TCP */
    } cases[] = {{"itself", "10.0.0.5", REJECTER_NONE},
                 {"a router", "10.9.9.1", REJECTER_NEAR_ROUTER}};
    const struct address target = address_of("10.0.0.5", 80);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rejections rejections;
        const struct icmp icmp = {.is_set = true, .sender = address_of(cases[i].sender, 0)};
        rejections_init(&rejections);
        rejections_note(&rejections, &icmp, &target, OS_UDP, start_ns);
        claim_number(cases[i].label, "TCP", find(&rejections, "10.0.0.5", 81, start_ns).by,
                     cases[i].by);
        claim_true(cases[i].label, "UDP",
                   rejections_find(&rejections, &target, OS_UDP, start_ns).by != REJECTER_NONE);
        rejections_release(&rejections);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rejections_speak_for_the_same_sender),
        cmocka_unit_test(test_rejections_count_each_target_once_and_others_only),
        cmocka_unit_test(test_rejections_are_forgotten_after_a_minute),
        cmocka_unit_test(test_rejections_of_the_nearest_sender_are_told),
        cmocka_unit_test(test_rejections_of_this_machine_do_not_count),
        cmocka_unit_test(test_rejections_of_what_was_too_large_do_not_count),
        cmocka_unit_test(test_rejections_by_one_transport_explain_no_other_of_the_target),
        cmocka_unit_test(test_rejections_of_many_senders_leave_the_last_ones),
    };
    return cmocka_run_group_tests_name("rejections", tests, NULL, NULL);
}
