/*
 * The real system, on loopback and in pipes: no port is fixed, nothing leaves this machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../claim.h"
#include "../../../src/os/os_internal.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/os/name_service.h"
#include "netcheck/probe/outcome.h"
#include "netcheck/os/process.h"
#include "netcheck/os/signals.h"
#include "netcheck/os/os.h"

enum {
    HANG_S = 300, /* a test that waits for ever is ended by SIGALRM */
    FAR = 1500,   /* a descriptor beyond an fd_set */
};

static const char *const loopbacks[] = {"127.0.0.1", "::1"};

static struct address loopback(size_t i)
{
    struct address address;
    assert_true(address_parse(loopbacks[i], strlen(loopbacks[i]), &address));
    return address;
}

/*
 * A socket at a port that the system chose: it listens, or holds the port so that nobody does.
 * -1 where this machine has no such address.
 */
static int bind_loopback(struct address *address, bool is_listening)
{
    struct sockaddr_storage bound;
    socklen_t len = sizeof bound;
    int fd = socket(address_family(address), SOCK_STREAM, 0);
    if (fd < 0)
        return -1;
    if (bind(fd, &address->socket.any, (socklen_t)address_len(address)) != 0) {
        assert_int_equal(close(fd), 0);
        return -1;
    }
    if (is_listening)
        assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&bound, &len), 0);
    assert_true(address_from_socket((struct sockaddr *)&bound, address));
    return fd;
}

static int open_socket(int family)
{
    int fd = -1;
    assert_int_equal(os_system.open(os_system.self, OS_TCP, family, &fd), 0);
    assert_true(fd >= 0);
    return fd;
}

static void open_pipe(int ends[static 2])
{
    assert_int_equal(os_pipe(ends), 0);
}

static void close_pipe(const int ends[static 2])
{
    assert_int_equal(os_close(ends[0]), 0);
    assert_int_equal(os_close(ends[1]), 0);
}

/* What is waited for. */
struct sets {
    struct fdset readable;
    struct fdset writable;
};

static void sets_init(struct sets *sets)
{
    fdset_init(&sets->readable);
    fdset_init(&sets->writable);
}

static void sets_release(struct sets *sets)
{
    fdset_release(&sets->readable);
    fdset_release(&sets->writable);
}

static void add(struct fdset *set, int fd)
{
    claim_error("reserve", fdset_reserve(set, fd), ERROR_NONE);
    fdset_add(set, fd);
}

static int wait_for(struct sets *sets, int64_t deadline_ns)
{
    return os_system.wait(os_system.self, &sets->readable, &sets->writable, deadline_ns);
}

static void wait_until_ready(int fd, bool for_reading)
{
    struct sets sets;
    struct fdset *wanted = for_reading ? &sets.readable : &sets.writable;
    sets_init(&sets);
    int error;
    do {
        fdset_clear(wanted);
        add(wanted, fd);
        error = wait_for(&sets, NEVER_NS);
    } while (error == EINTR);
    assert_int_equal(error, 0);
    assert_true(fdset_has(wanted, fd));
    sets_release(&sets);
}

/* A socket connected to `address`, where somebody listens. */
static int connect_to(const struct address *address)
{
    int fd = open_socket(address_family(address));
    int error = os_system.connect(os_system.self, fd, address);
    assert_true(error == 0 || error == EINPROGRESS);
    wait_until_ready(fd, false);
    return fd;
}

/* Connect and wait: the errno in which it ends, from the call or from SO_ERROR. */
static int ask(int fd, const struct address *address)
{
    int error = os_system.connect(os_system.self, fd, address);
    if (error != EINPROGRESS)
        return error;
    wait_until_ready(fd, false);
    return os_system.take_error(os_system.self, fd);
}

/* Sockets */

static void test_os_socket_does_not_block_and_is_closed_on_exec(void **state)
{
    int none;
    int fd = open_socket(AF_INET);
    assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    os_system.close(os_system.self, fd);
    assert_int_not_equal(os_system.open(os_system.self, OS_TCP, 12345, &none),
                         0); /* no family */
}

/* Where the system does not tell, the two that must not be guessed are the harmless ones. */
static void test_os_connect_to_a_listener_is_established(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(loopbacks); i++) {
        struct address address = loopback(i);
        struct os_connection connection;
        int listener = bind_loopback(&address, true);
        if (listener < 0)
            continue;
        int fd = connect_to(&address);
        os_system.connection(os_system.self, fd, &connection);
        claim_true(loopbacks[i], "established", connection.is_established);
        claim_true(loopbacks[i], "acknowledged", connection.is_acknowledged);
        claim_true(loopbacks[i], "an open window", !connection.is_window_shut);
        claim_true(loopbacks[i], "the SYN was sent once", connection.syn_retransmits <= 0);
        claim_true(loopbacks[i], "a round trip, or none",
                   connection.rtt_ns == -1 ||
                       (connection.rtt_ns > 0 && connection.rtt_ns < 10 * NS_PER_S));
        claim_number(loopbacks[i], "SO_ERROR",
                     (uint64_t)os_system.take_error(os_system.self, fd), 0);
        os_system.close(os_system.self, fd);
        assert_int_equal(close(listener), 0);
    }
}

/* Such a server must not look like a SYN proxy. */
static void test_os_listener_with_the_smallest_buffer_has_an_open_window(void **state)
{
    struct address address = loopback(0);
    struct os_connection connection;
    int smallest = 1;
    int listener = bind_loopback(&address, true);
    assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &smallest, sizeof smallest),
                     0);
    int fd = connect_to(&address);
    os_system.connection(os_system.self, fd, &connection);
    assert_true(connection.is_established);
    assert_false(connection.is_window_shut);
    os_system.close(os_system.self, fd);
    assert_int_equal(close(listener), 0);
}

static void test_os_connected_socket_knows_its_own_end(void **state)
{
    struct address address = loopback(0);
    struct address local;
    struct address expected = loopback(0);
    int listener = bind_loopback(&address, true);
    int fd = connect_to(&address);
    assert_int_equal(os_system.local(os_system.self, fd, &local), 0);
    assert_true(address_equals(&local, &expected));
    assert_int_not_equal(address_port(&local), 0);
    assert_int_not_equal(address_port(&local), address_port(&address));
    os_system.close(os_system.self, fd);
    assert_int_equal(close(listener), 0);
}

/* By a reset, not by ICMP; the error is gone when it was read. */
static void test_os_connect_where_nobody_listens_is_refused(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(loopbacks); i++) {
        struct address address = loopback(i);
        struct os_connection connection;
        struct icmp icmp;
        int holder = bind_loopback(&address, false);
        if (holder < 0)
            continue;
        int fd = open_socket(address_family(&address));
        os_system.connection(os_system.self, fd, &connection);
        claim_true(loopbacks[i], "not established before", !connection.is_established);
        claim_number(loopbacks[i], "error", (uint64_t)ask(fd, &address), ECONNREFUSED);
        os_system.connection(os_system.self, fd, &connection);
        claim_true(loopbacks[i], "not established", !connection.is_established);
        claim_true(loopbacks[i], "no ICMP",
                   !os_system.take_icmp(os_system.self, fd, &icmp) && !icmp.is_set);
        claim_number(loopbacks[i], "error, again",
                     (uint64_t)os_system.take_error(os_system.self, fd), 0);
        os_system.close(os_system.self, fd);
        assert_int_equal(close(holder), 0);
    }
}

/* What the accepting side reads after the other end is gone: 0 for an end, or its errno. */
static int read_end(void (*end)(void *self, int fd))
{
    struct address address = loopback(0);
    char byte;
    int listener = bind_loopback(&address, true);
    int fd = connect_to(&address);
    int accepted = accept(listener, NULL, NULL);
    assert_true(accepted >= 0);
    end(os_system.self, fd);
    ssize_t len = read(accepted, &byte, 1); /* waits for what the end sent */
    int error = len < 0 ? errno : (int)len;
    assert_int_equal(close(accepted), 0);
    assert_int_equal(close(listener), 0);
    return error;
}

static void test_os_close_ends_with_fin_and_abort_with_reset(void **state)
{
    assert_int_equal(read_end(os_system.close), 0);
    assert_int_equal(read_end(os_system.abort), ECONNRESET);
}

static void test_os_closed_descriptor_is_gone(void **state)
{
    int closed = open_socket(AF_INET);
    os_system.close(os_system.self, closed);
    assert_int_equal(fcntl(closed, F_GETFD), -1);
    int aborted = open_socket(AF_INET);
    os_system.abort(os_system.self, aborted);
    assert_int_equal(fcntl(aborted, F_GETFD), -1);
}

/* Source */

static void test_os_bound_source_is_where_the_connect_comes_from(void **state)
{
    struct address address = loopback(0);
    struct address local;
    struct os_origin origin = {.source = loopback(0)};
    int listener = bind_loopback(&address, true);
    int fd = open_socket(AF_INET);
    assert_int_equal(os_system.bind(os_system.self, fd, &origin), 0);
    assert_int_equal(ask(fd, &address), 0);
    assert_int_equal(os_system.local(os_system.self, fd, &local), 0);
    assert_true(address_equals(&local, &origin.source));
    os_system.close(os_system.self, fd);
    assert_int_equal(close(listener), 0);
}

static void test_os_source_that_is_not_there_is_refused_with_errno(void **state)
{
    struct os_origin foreign = {.interface = NULL};
    struct os_origin missing = {.interface = "nosuchif0"};
    assert_true(address_parse("192.0.2.1", 9, &foreign.source)); /* RFC 5737: nobody has it */
    int fd = open_socket(AF_INET);
    assert_int_equal(os_system.bind(os_system.self, fd, &foreign), EADDRNOTAVAIL);
    assert_int_not_equal(os_system.bind(os_system.self, fd, &missing), 0);
    os_system.close(os_system.self, fd);
}

static void test_os_interface_has_an_index_only_where_it_is(void **state)
{
    uint32_t index = 7;
    assert_int_not_equal(os_system.interface_index(os_system.self, "nosuchif0", &index), 0);
    assert_int_equal(index, 0);
    if (os_system.interface_index(os_system.self, "lo", &index) == 0)
        assert_int_equal(os_system.find_interface(os_system.self, index), 0);
    assert_int_equal(os_system.find_interface(os_system.self, UINT32_MAX - 1), ENXIO);
}

static void test_os_loopback_has_a_source_without_any_port(void **state)
{
    const struct os_origin origin = {.interface = NULL};
    struct address address = loopback(0);
    address_set_port(&address, 9);
    assert_true(os_system.has_source(os_system.self, &address, &origin));
}

/* ICMP: a closed UDP port of this machine answers with one, unprivileged */

static const struct {
    uint8_t type;
    uint8_t code;
} port_unreachable[] = {{3, 3}, {1, 4}};

/* A UDP socket that sent to a closed port and was told so; -1 where it cannot be had. */
static int provoke_icmp(size_t i)
{
    struct address address = loopback(i);
    struct sockaddr_storage bound;
    socklen_t len = sizeof bound;
    int closed = socket(address_family(&address), SOCK_DGRAM, 0);
    if (closed < 0)
        return -1;
    bool is_bound = bind(closed, &address.socket.any, (socklen_t)address_len(&address)) == 0;
    assert_int_equal(getsockname(closed, (struct sockaddr *)&bound, &len), 0);
    assert_true(address_from_socket((struct sockaddr *)&bound, &address));
    assert_int_equal(close(closed), 0);
    if (!is_bound)
        return -1;
    int fd = socket(address_family(&address), SOCK_DGRAM, 0);
    assert_true(fd >= 0);
    bool is_prepared = os_extra_prepare(fd, address_family(&address)) == 0;
    bool is_sent = is_prepared && os_system.connect(os_system.self, fd, &address) == 0 &&
                   send(fd, "x", 1, 0) == 1;
    if (is_sent) {
        wait_until_ready(fd, true); /* an error makes it readable */
        return fd;
    }
    assert_int_equal(close(fd), 0);
    return -1;
}

static void test_os_icmp_has_type_code_and_sender(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(loopbacks); i++) {
        struct icmp icmp;
        struct address expected = loopback(i);
        int fd = provoke_icmp(i);
        if (fd < 0)
            continue; /* no IPv6, or a system that keeps no ICMP */
        claim_number(loopbacks[i], "error", (uint64_t)os_system.take_error(os_system.self, fd),
                     ECONNREFUSED);
        claim_true(loopbacks[i], "a message",
                   os_system.take_icmp(os_system.self, fd, &icmp) && icmp.is_set);
        claim_number(loopbacks[i], "type", icmp.type, port_unreachable[i].type);
        claim_number(loopbacks[i], "code", icmp.code, port_unreachable[i].code);
        claim_true(loopbacks[i], "its sender", address_equals(&icmp.sender, &expected));
        claim_number(loopbacks[i], "the sender's port", address_port(&icmp.sender), 0);
        os_system.close(os_system.self, fd);
    }
}

static void test_os_icmp_is_given_once(void **state)
{
    struct icmp icmp;
    int fd = provoke_icmp(0);
    if (fd < 0)
        skip();
    (void)os_system.take_icmp(os_system.self, fd, &icmp);
    assert_false(os_system.take_icmp(os_system.self, fd, &icmp));
    os_system.close(os_system.self, fd);
}

/* Wait */

static void test_os_wait_of_nothing_returns_at_once_with_empty_sets(void **state)
{
    struct sets sets;
    sets_init(&sets);
    assert_int_equal(wait_for(&sets, 0), 0);
    assert_int_equal(fdset_next(&sets.readable, 0), -1);
    assert_int_equal(fdset_next(&sets.writable, 0), -1);
    sets_release(&sets);
}

/* Whether the sets are of one size or not; select() reads as far in both. */
static void test_os_wait_leaves_only_what_is_ready(void **state)
{
    int ends[2];
    open_pipe(ends);
    bool has_far = dup2(ends[1], FAR) == FAR; /* else it is over the limit of this system */
    const int writers[] = {ends[1], FAR};
    for (size_t i = 0; i < (has_far ? 2 : 1); i++) {
        struct sets sets;
        sets_init(&sets);
        add(&sets.readable, ends[0]);
        add(&sets.writable, writers[i]);
        assert_int_equal(wait_for(&sets, NEVER_NS), 0);
        assert_int_equal(fdset_next(&sets.readable, 0), -1);
        assert_int_equal(fdset_next(&sets.writable, 0), writers[i]);
        assert_true(sets.readable.count > (size_t)writers[i] / FD_SETSIZE);
        sets_release(&sets);
    }
    (void)close(FAR);
    close_pipe(ends);
}

static void test_os_wait_sees_a_byte_in_a_pipe_of_any_number(void **state)
{
    static const int numbers[] = {1023, 1024, FAR};
    int ends[2];
    size_t len;
    open_pipe(ends);
    assert_int_equal(os_write(ends[1], "x", 1, &len), 0);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct sets sets;
        if (dup2(ends[0], numbers[i]) != numbers[i])
            continue; /* over the limit of this system */
        sets_init(&sets);
        add(&sets.readable, numbers[i]);
        assert_int_equal(wait_for(&sets, NEVER_NS), 0);
        assert_int_equal(fdset_next(&sets.readable, 0), numbers[i]);
        assert_int_equal(close(numbers[i]), 0);
        sets_release(&sets);
    }
    close_pipe(ends);
}

static void test_os_wait_that_fails_empties_the_sets(void **state)
{
    struct sets sets;
    int closed = open_socket(AF_INET);
    sets_init(&sets);
    add(&sets.readable, closed);
    os_system.close(os_system.self, closed);
    assert_int_equal(wait_for(&sets, 0), EBADF);
    assert_int_equal(fdset_next(&sets.readable, 0), -1);
    sets_release(&sets);
}

static void test_os_clock_never_goes_back(void **state)
{
    int64_t before_ns = os_system.now_ns(os_system.self);
    for (unsigned i = 0; i < 1000; i++) {
        int64_t now_ns = os_system.now_ns(os_system.self);
        assert_true(now_ns >= before_ns);
        before_ns = now_ns;
    }
}

/* Pipes */

static void test_os_pipe_does_not_block_and_is_closed_on_exec(void **state)
{
    int ends[2];
    open_pipe(ends);
    for (size_t i = 0; i < 2; i++) {
        assert_true((fcntl(ends[i], F_GETFL) & O_NONBLOCK) != 0);
        assert_true((fcntl(ends[i], F_GETFD) & FD_CLOEXEC) != 0);
    }
    close_pipe(ends);
}

static void test_os_pipe_is_empty_then_carries_bytes_then_ends(void **state)
{
    int ends[2];
    char bytes[16] = "";
    size_t len = 77;
    open_pipe(ends);
    assert_int_equal(os_read(ends[0], bytes, 1, &len), EAGAIN);
    assert_int_equal(len, 77); /* results stay untouched on failure */
    assert_int_equal(os_write(ends[1], "hello", 5, &len), 0);
    assert_int_equal(len, 5);
    len = 77;
    assert_int_equal(os_read(ends[0], bytes, sizeof bytes, &len), 0);
    assert_int_equal(len, 5);
    assert_memory_equal(bytes, "hello", 5);
    assert_int_equal(os_close(ends[1]), 0);
    assert_int_equal(os_read(ends[0], bytes, 1, &len), 0);
    assert_int_equal(len, 0);
    assert_int_equal(os_close(ends[0]), 0);
}

/* Write until nothing more is taken. */
static void fill_pipe(int fd)
{
    static const char block[4096];
    size_t len;
    int error;
    do
        error = os_write(fd, block, sizeof block, &len);
    while (error == 0);
    assert_int_equal(error, EAGAIN);
    do
        error = os_write(fd, block, 1, &len);
    while (error == 0);
    assert_int_equal(error, EAGAIN);
}

static void test_os_pipe_is_writable_unless_it_is_full_or_closed(void **state)
{
    static char bytes[1 << 16];
    int ends[2];
    size_t len;
    open_pipe(ends);
    assert_true(os_is_writable(ends[1]));
    assert_int_equal(os_wait_writable(ends[1], NEVER_NS), 0);
    fill_pipe(ends[1]);
    assert_false(os_is_writable(ends[1]));
    while (os_read(ends[0], bytes, sizeof bytes, &len) == 0)
        ;
    assert_true(os_is_writable(ends[1]));
    close_pipe(ends);
    assert_false(os_is_writable(ends[1]));
    assert_int_equal(os_wait_writable(ends[1], NEVER_NS), EBADF);
    assert_int_equal(os_close(ends[1]), EBADF);
}

static void test_os_write_into_a_broken_pipe_is_an_error_once_ignored(void **state)
{
    struct sigaction old;
    int ends[2];
    size_t len;
    assert_int_equal(sigaction(SIGPIPE, NULL, &old), 0);
    os_prepare_signals();
    assert_int_equal(os_pipe(ends), 0);
    assert_int_equal(os_close(ends[0]), 0);
    assert_int_equal(os_write(ends[1], "x", 1, &len), EPIPE);
    assert_int_equal(os_close(ends[1]), 0);
    assert_int_equal(sigaction(SIGPIPE, &old, NULL), 0);
}

/* Files */

static void test_os_only_a_regular_file_never_blocks(void **state)
{
    int ends[2];
    FILE *file = tmpfile();
    assert_non_null(file);
    open_pipe(ends);
    assert_false(os_may_block(fileno(file)));
    assert_true(os_may_block(ends[0]));
    assert_false(os_is_terminal(ends[0]));
    close_pipe(ends);
    assert_int_equal(fclose(file), 0);
}

static int open_null(void)
{
    return open("/dev/null", O_RDWR);
}

static int open_folder(void)
{
    return open("/", O_RDONLY);
}

/* Its only end. */
static int open_broken_pipe(void)
{
    int ends[2];
    open_pipe(ends);
    assert_int_equal(close(ends[0]), 0);
    return ends[1];
}

static int open_any_socket(void)
{
    return open_socket(AF_INET);
}

static int open_file(void)
{
    char name[] = "/tmp/netcheck-test-XXXXXX";
    int fd = mkstemp(name);
    assert_int_equal(unlink(name), 0);
    return fd;
}

static int open_nothing(void)
{
    return -1;
}

static void test_os_tells_pipes_and_files_from_the_rest(void **state)
{
    static const struct {
        const char *label;
        int (*open)(void);
        bool is_pipe;
        bool is_regular;
    } rows[] = {
        {"file", open_file, false, true},         {"pipe", open_broken_pipe, true, false},
        {"socket", open_any_socket, true, false}, {"device", open_null, false, false},
        {"folder", open_folder, false, false},    {"nothing", open_nothing, false, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int fd = rows[i].open();
        claim_true(rows[i].label, "is_pipe", os_is_pipe(fd) == rows[i].is_pipe);
        claim_true(rows[i].label, "is_regular", os_is_regular(fd) == rows[i].is_regular);
        if (fd >= 0)
            assert_int_equal(os_close(fd), 0);
    }
}

static void test_os_path_is_whole_or_empty(void **state)
{
    char path[] = "/dev/null, and more";
    int fd = open_null();
    os_path(fd, path, sizeof path);
    if (access("/proc/self/fd", X_OK) == 0)
        claim_text("null", "path", path, "/dev/null");
    os_path(fd, path, strlen("/dev/null"));
    claim_text("no place for the end", "path", path, "");
    os_path(-1, path, sizeof path);
    claim_text("no descriptor", "path", path, "");
    assert_int_equal(os_close(fd), 0);
}

static const struct {
    const char *path;
    int error;
} inputs[] = {
    {"/", EISDIR},
    {"/nosuchfolder/nosuchfile", ENOENT},
    {"/dev/null", 0},
};

static void test_os_input_is_opened_unless_it_is_a_directory(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(inputs); i++) {
        int fd = -1;
        claim_number(inputs[i].path, "error", (uint64_t)os_open_input(inputs[i].path, &fd),
                     (uint64_t)inputs[i].error);
        claim_true(inputs[i].path, "a descriptor only without error",
                   (fd >= 0) == (inputs[i].error == 0));
        if (fd < 0)
            continue;
        claim_true(inputs[i].path, "closed on exec", (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
        assert_int_equal(os_close(fd), 0);
    }
}

/* In a child, whose standard descriptors are nobody's. 0: as promised. */
static int reserve_after_closing(int first, int last)
{
    for (int fd = first; fd <= last; fd++)
        (void)close(fd);
    if (os_reserve_standard() != 0)
        return 1;
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            return 2;
    char byte = 0;
    for (int fd = first; fd <= last; fd++)
        if (read(fd, &byte, 1) >= 0 || write(fd, "x", 1) >= 0)
            return 3;
    int next = open("/dev/null", O_RDONLY);
    return next > 2 ? 0 : 4;
}

static void test_os_closed_standard_descriptors_are_occupied(void **state)
{
    for (int first = 0; first <= 2; first++) {
        for (int last = first; last <= 2; last++) {
            char label[64];
            int status = 0;
            (void)snprintf(label, sizeof label, "%d to %d closed", first, last);
            (void)fflush(NULL);
            pid_t child = fork();
            assert_true(child >= 0);
            if (child == 0)
                _exit(reserve_after_closing(first, last));
            assert_int_equal(waitpid(child, &status, 0), child);
            claim_number(label, "status", (uint64_t)status, 0);
        }
    }
}

/* Lookups of what needs no network */

static struct lookup look_up(const char *host, unsigned family)
{
    struct lookup lookup;
    memset(&lookup, 0, sizeof lookup);
    lookup.families = family;
    os_lookup(host, &lookup);
    return lookup;
}

static void test_os_lookup_of_numeric_text_is_that_address_in_its_family(void **state)
{
    static const char *const hosts[] = {"127.0.0.1", "192.0.2.7", "::1", "2001:db8::7"};
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        char text[ADDRESS_TEXT_SIZE];
        unsigned family = strchr(hosts[i], ':') != NULL ? FAMILY_IPV6 : FAMILY_IPV4;
        struct lookup lookup = look_up(hosts[i], family);
        claim_number(hosts[i], "lookup error", (uint64_t)lookup.lookup_error, 0);
        claim_number(hosts[i], "count", lookup.count, 1);
        address_format(&lookup.addresses[0], text);
        claim_text(hosts[i], "address", text, hosts[i]);
        claim_number(hosts[i], "port", address_port(&lookup.addresses[0]), 0);
        claim_true(hosts[i], "not cut", lookup.cut == 0);
        lookup_release(&lookup);

        lookup = look_up(hosts[i], family == FAMILY_IPV6 ? FAMILY_IPV4 : FAMILY_IPV6);
        claim_true(hosts[i], "a failure that says so",
                   lookup.lookup_error != 0 && outcome_says_no_address(lookup.lookup_error));
        claim_true(hosts[i], "no addresses", lookup.count == 0 && lookup.addresses == NULL);
    }
}

static void test_os_lookup_of_localhost_is_loopback_once(void **state)
{
    struct lookup lookup = look_up("localhost", FAMILY_IPV4);
    struct address expected = loopback(0);
    assert_int_equal(lookup.lookup_error, 0);
    assert_int_equal(lookup.count, 1);
    assert_true(address_equals(&lookup.addresses[0], &expected));
    lookup_release(&lookup);
}

/* DESIGN, fact 13: glibc says "no such name" when it has no descriptor left to ask with. */
static void test_os_lookup_without_descriptors_is_this_machines_trouble(void **state)
{
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    struct rlimit none = {0, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct lookup lookup = look_up("nosuchname.invalid", FAMILY_IPV4);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    struct outcome outcome = outcome_of_lookup(lookup.lookup_error, lookup.system_error);
    lookup_release(&lookup);
    assert_string_equal(reason_name(outcome.reason), "local");
}

/* The process around */

static void test_os_descriptor_limit_is_raised_to_the_hard_one(void **state)
{
    struct rlimit old;
    struct rlimit now;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    const rlim_t before[] = {64, old.rlim_max};
    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        struct rlimit soft = {before[i], old.rlim_max};
        uint64_t limit = 0;
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &soft), 0);
        assert_int_equal(os_raise_descriptor_limit(&limit), 0);
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
        assert_true(now.rlim_cur == old.rlim_max);
        assert_true(limit == (old.rlim_max == RLIM_INFINITY ? UINT64_MAX : old.rlim_max));
    }
}

/* os_execute() changes limits and signals: in a child. What became of it, as of wait(2). */
static int run_in_child(void (*run)(void))
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        run();
        _exit(99);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void execute_missing(void)
{
    char name[] = "/nosuchfolder/nosuchprogram";
    char *arguments[] = {name, NULL};
    _exit(os_execute(arguments) == ENOENT ? 0 : 1);
}

static void test_os_execute_of_a_missing_program_returns_errno(void **state)
{
    assert_int_equal(run_in_child(execute_missing), 0);
}

/* The program that follows dies of SIGPIPE if it has limit and signal of before. */
static void execute_with_what_was_inherited(void)
{
    char shell[] = "/bin/sh";
    char option[] = "-c";
    char script[] = "test \"$(ulimit -Sn)\" = 64 || exit 3; kill -PIPE $$; exit 4";
    char *arguments[] = {shell, option, script, NULL};
    struct sigaction normal = {.sa_handler = SIG_DFL};
    struct rlimit descriptors;
    uint64_t limit;
    if (sigaction(SIGPIPE, &normal, NULL) != 0 || getrlimit(RLIMIT_NOFILE, &descriptors) != 0)
        _exit(5);
    descriptors.rlim_cur = 64;
    if (setrlimit(RLIMIT_NOFILE, &descriptors) != 0)
        _exit(6);
    os_prepare_signals();
    (void)os_raise_descriptor_limit(&limit);
    (void)os_execute(arguments);
    _exit(7);
}

static void test_os_execute_gives_back_limit_and_signals(void **state)
{
    int status = run_in_child(execute_with_what_was_inherited);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGPIPE);
}

static void test_os_libc_has_a_name(void **state)
{
    assert_non_null(os_libc());
    assert_true(strlen(os_libc()) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_os_socket_does_not_block_and_is_closed_on_exec),
        cmocka_unit_test(test_os_connect_to_a_listener_is_established),
        cmocka_unit_test(test_os_listener_with_the_smallest_buffer_has_an_open_window),
        cmocka_unit_test(test_os_connected_socket_knows_its_own_end),
        cmocka_unit_test(test_os_connect_where_nobody_listens_is_refused),
        cmocka_unit_test(test_os_close_ends_with_fin_and_abort_with_reset),
        cmocka_unit_test(test_os_closed_descriptor_is_gone),
        cmocka_unit_test(test_os_bound_source_is_where_the_connect_comes_from),
        cmocka_unit_test(test_os_source_that_is_not_there_is_refused_with_errno),
        cmocka_unit_test(test_os_interface_has_an_index_only_where_it_is),
        cmocka_unit_test(test_os_loopback_has_a_source_without_any_port),
        cmocka_unit_test(test_os_icmp_has_type_code_and_sender),
        cmocka_unit_test(test_os_icmp_is_given_once),
        cmocka_unit_test(test_os_wait_of_nothing_returns_at_once_with_empty_sets),
        cmocka_unit_test(test_os_wait_leaves_only_what_is_ready),
        cmocka_unit_test(test_os_wait_sees_a_byte_in_a_pipe_of_any_number),
        cmocka_unit_test(test_os_wait_that_fails_empties_the_sets),
        cmocka_unit_test(test_os_clock_never_goes_back),
        cmocka_unit_test(test_os_pipe_does_not_block_and_is_closed_on_exec),
        cmocka_unit_test(test_os_pipe_is_empty_then_carries_bytes_then_ends),
        cmocka_unit_test(test_os_pipe_is_writable_unless_it_is_full_or_closed),
        cmocka_unit_test(test_os_write_into_a_broken_pipe_is_an_error_once_ignored),
        cmocka_unit_test(test_os_only_a_regular_file_never_blocks),
        cmocka_unit_test(test_os_tells_pipes_and_files_from_the_rest),
        cmocka_unit_test(test_os_path_is_whole_or_empty),
        cmocka_unit_test(test_os_input_is_opened_unless_it_is_a_directory),
        cmocka_unit_test(test_os_closed_standard_descriptors_are_occupied),
        cmocka_unit_test(test_os_lookup_of_numeric_text_is_that_address_in_its_family),
        cmocka_unit_test(test_os_lookup_of_localhost_is_loopback_once),
        cmocka_unit_test(test_os_lookup_without_descriptors_is_this_machines_trouble),
        cmocka_unit_test(test_os_descriptor_limit_is_raised_to_the_hard_one),
        cmocka_unit_test(test_os_execute_of_a_missing_program_returns_errno),
        cmocka_unit_test(test_os_execute_gives_back_limit_and_signals),
        cmocka_unit_test(test_os_libc_has_a_name),
    };
    (void)alarm(HANG_S);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
