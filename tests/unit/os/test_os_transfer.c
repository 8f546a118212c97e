/*
 * Datagrams of the real system, on loopback: no port is fixed, nothing leaves this machine.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/os/os.h"

enum { HANG_S = 300 /* a test that waits for ever is ended by SIGALRM */ };

static const char *const loopbacks[] = {"127.0.0.1", "::1"};
static const struct os_origin nowhere = {.interface = NULL};
static const struct os *const os = &os_system;

static struct address loopback(size_t i)
{
    struct address address;
    assert_true(address_parse(loopbacks[i], strlen(loopbacks[i]), &address));
    return address;
}

/* A UDP socket at a port that the system chose; -1 where this machine has no such address. */
static int open_bound(size_t i, struct address *address)
{
    int fd = -1;
    *address = loopback(i);
    if (os->open(os->self, OS_UDP, address_family(address), &fd) != 0)
        return -1;
    if (bind(fd, &address->socket.any, (socklen_t)address_len(address)) != 0) {
        os->close(os->self, fd);
        return -1;
    }
    assert_int_equal(os->local(os->self, fd, address), 0);
    return fd;
}

static void await(int fd)
{
    struct fdset readable;
    struct fdset writable;
    fdset_init(&readable);
    fdset_init(&writable);
    claim_error("reserve", fdset_reserve(&readable, fd), ERROR_NONE);
    fdset_add(&readable, fd);
    assert_int_equal(os->wait(os->self, &readable, &writable, NEVER_NS), 0);
    fdset_release(&readable);
    fdset_release(&writable);
}

static int send_to(int fd, const struct address *to, const char *bytes, size_t len)
{
    struct os_outgoing outgoing = {
        .bytes = (const unsigned char *)bytes, .len = len, .to = to, .taken = 77};
    int error = os->send(os->self, fd, &outgoing);
    assert_int_equal(outgoing.taken, error == 0 ? len : 0);
    return error;
}

static void test_os_datagram_comes_whole_or_is_said_to_be_cut(void **state)
{
    static const struct {
        const char *label;
        size_t len;
        size_t kept;
    } cases[] = {
        {"small", 5, 5}, {"empty", 0, 0}, {"as large as the room", 8, 8}, {"cut", 9, 8}};
    for (size_t i = 0; i < ARRAY_LEN(cases) * 2; i++) {
        const char *label = cases[i / 2].label;
        struct address here;
        struct address there;
        int sender = open_bound(i % 2, &here);
        int fd = open_bound(i % 2, &there);
        if (fd < 0)
            continue; /* no IPv6 */
        unsigned char bytes[8];
        struct os_message message = {.bytes = bytes, .size = sizeof bytes};
        claim_number(label, "nothing yet", (uint64_t)os->receive(os->self, fd, &message),
                     EAGAIN);
        claim_number(label, "sent",
                     (uint64_t)send_to(sender, &there, "123456789", cases[i / 2].len), 0);
        await(fd);
        claim_number(label, "received", (uint64_t)os->receive(os->self, fd, &message), 0);
        claim_bytes(label, "bytes", (const char *)bytes, message.len, "123456789",
                    cases[i / 2].kept);
        claim_number(label, "cut", message.is_truncated, cases[i / 2].len > sizeof bytes);
        claim_true(label, "sender",
                   address_equals(&message.sender, &here) &&
                       address_port(&message.sender) == address_port(&here));
        os->close(os->self, fd);
        os->close(os->self, sender);
    }
}

/* Of a port that was closed; the next call of the socket fails, whomever it is about. */
static void test_os_report_tells_what_was_rejected_and_by_whom(void **state)
{
    static const uint8_t codes[][2] = {{3, 3}, {1, 4}};
    for (size_t i = 0; i < ARRAY_LEN(loopbacks); i++) {
        struct address closed;
        struct address open;
        struct address here;
        struct os_report report;
        int other = open_bound(i, &open);
        int fd = open_bound(i, &closed);
        if (fd < 0)
            continue; /* no IPv6 */
        os->close(os->self, fd);
        fd = open_bound(i, &here);
        claim_true(loopbacks[i], "none yet", !os->take_report(os->self, fd, &report));
        if (address_port(&here) != address_port(&closed))
            claim_number(loopbacks[i], "sent", (uint64_t)send_to(fd, &closed, "lost", 4), 0);
        await(fd);
        if (!os->tells_icmp(os->self))
            continue;
        claim_number(loopbacks[i], "to another", (uint64_t)send_to(fd, &open, "x", 1),
                     ECONNREFUSED);
        claim_number(loopbacks[i], "once more", (uint64_t)send_to(fd, &open, "x", 1), 0);
        claim_true(loopbacks[i], "a report", os->take_report(os->self, fd, &report));
        claim_number(loopbacks[i], "error", (uint64_t)report.error, ECONNREFUSED);
        claim_number(loopbacks[i], "type", report.icmp.type, codes[i][0]);
        claim_number(loopbacks[i], "code", report.icmp.code, codes[i][1]);
        claim_true(loopbacks[i], "sender", address_equals(&report.icmp.sender, &closed));
        claim_true(loopbacks[i], "target",
                   address_equals(&report.target, &closed) &&
                       address_port(&report.target) == address_port(&closed));
        claim_bytes(loopbacks[i], "quote", (const char *)report.quote, report.quote_len, "lost",
                    4);
        claim_true(loopbacks[i], "no more", !os->take_report(os->self, fd, &report));
        os->close(os->self, fd);
        os->close(os->self, other);
    }
}

/* Datagrams of a socket that nobody reads fill its buffer; the rest of them is counted. */
static void test_os_lost_counts_what_found_no_room(void **state)
{
    enum { SENT = 2000 };
    struct address here;
    struct address there;
    unsigned char bytes[1];
    struct os_message message = {.bytes = bytes, .size = sizeof bytes};
    int sender = open_bound(0, &here);
    int fd = open_bound(0, &there);
    static const char large[1000];
    size_t small_buffer = os->reserve(os->self, fd, 1);
    int64_t received = 0;
    if (os->lost(os->self, fd) < 0)
        skip(); /* not said here */
    assert_int_equal(os->lost(os->self, fd), 0);
    for (size_t i = 0; i < SENT; i++)
        assert_int_equal(send_to(sender, &there, large, sizeof large), 0);
    while (os->receive(os->self, fd, &message) == 0)
        received++;
    assert_in_range(received, 1, SENT - 1);
    assert_int_equal(os->lost(os->self, fd), SENT - received);
    assert_true(os->reserve(os->self, fd, 100000) > small_buffer);
    os->close(os->self, fd);
    os->close(os->self, sender);
}

static void test_os_path_to_loopback_has_its_mtu(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(loopbacks); i++) {
        struct address address;
        int fd = open_bound(i, &address);
        if (fd < 0 || !os->tells_icmp(os->self))
            continue; /* no IPv6, or no Linux */
        claim_true(loopbacks[i], "MTU", os->path_mtu(os->self, &address, &nowhere) >= 1280);
        os->close(os->self, fd);
    }
}

static void test_os_broadcast_address_is_told_from_others(void **state)
{
    static const struct {
        const char *address;
        bool is_broadcast;
    } cases[] = {{"127.255.255.255", true}, {"127.0.0.1", false}, {"::1", false}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct address address;
        assert_true(address_parse(cases[i].address, strlen(cases[i].address), &address));
        address_set_port(&address, 9);
        claim_number(cases[i].address, "broadcast",
                     os->is_broadcast(os->self, &address, &nowhere), cases[i].is_broadcast);
    }
}

static void test_os_random_numbers_differ(void **state)
{
    assert_true(os->random(os->self) != os->random(os->self));
}

/* A socket for echo of either kind; -1 where that is not allowed, or there is no IPv6. */
static int open_echo(enum os_socket kind, const struct address *address)
{
    int fd = -1;
    int error = os->open(os->self, kind, address_family(address), &fd);
    bool is_refused = error == (kind == OS_ECHO ? EACCES : EPERM) || error == EAFNOSUPPORT;
    claim_true("echo", "allowed, or refused in its way", error == 0 || is_refused);
    return error == 0 ? fd : -1;
}

/* The checksum of a request whose other bytes are 0. */
static void test_os_echo_comes_back_with_age_and_ttl(void **state)
{
    static const enum os_socket kinds[] = {OS_ECHO, OS_RAW_ECHO};
    for (size_t i = 0; i < ARRAY_LEN(loopbacks) * ARRAY_LEN(kinds); i++) {
        const char *label = loopbacks[i % 2];
        struct address address = loopback(i % 2);
        bool is_ipv6 = i % 2 != 0;
        const char request[] = {
            (char)(is_ipv6 ? 128 : 8), 0, (char)0xf7, (char)0xff, 0, 0, 0, 0};
        int fd = open_echo(kinds[i / 2], &address);
        if (fd < 0)
            continue;
        unsigned char bytes[100];
        struct os_message message = {.bytes = bytes, .size = sizeof bytes};
        if (send_to(fd, &address, request, sizeof request) != 0) {
            os->close(os->self, fd);
            continue; /* no such address here */
        }
        await(fd);
        claim_number(label, "received", (uint64_t)os->receive(os->self, fd, &message), 0);
        size_t header = kinds[i / 2] == OS_RAW_ECHO && !is_ipv6 ? 20 : 0;
        claim_number(label, "length", message.len, header + sizeof request);
        claim_number(label, "type: a raw one hears no requests", bytes[header],
                     is_ipv6 ? 129 : 0);
        claim_true(label, "sender", address_equals(&message.sender, &address));
        claim_true(label, "age", message.age_ns >= 0 && message.age_ns < HANG_S * NS_PER_S);
        claim_true(label, "TTL", message.ttl > 0 && message.ttl <= 255);
        claim_number(label, "whole packets",
                     (uint64_t)os->forbid_fragments(os->self, fd, address_family(&address)), 0);
        os->close(os->self, fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_os_datagram_comes_whole_or_is_said_to_be_cut),
        cmocka_unit_test(test_os_report_tells_what_was_rejected_and_by_whom),
        cmocka_unit_test(test_os_lost_counts_what_found_no_room),
        cmocka_unit_test(test_os_path_to_loopback_has_its_mtu),
        cmocka_unit_test(test_os_broadcast_address_is_told_from_others),
        cmocka_unit_test(test_os_random_numbers_differ),
        cmocka_unit_test(test_os_echo_comes_back_with_age_and_ttl),
    };
    (void)alarm(HANG_S);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
