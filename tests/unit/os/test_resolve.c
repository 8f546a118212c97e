/*
 * The thread pool with lookups that the test holds up and lets go as it likes. What a lookup
 * does stands in a struct script, which is the lookup's tag. Nothing sleeps: the test waits for
 * the resolver's descriptor, for a lookup to have begun, or for the end of the pool.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../claim.h"
#include "netcheck/os/resolve.h"

enum {
    HANG_S = 300, /* a test that waits for ever is ended by SIGALRM, under every sanitizer */
    CROWD = 20,
    BURST = 300,
};

/* Lookups wait in front of it until it is opened. */
struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool is_open;
    size_t begun; /* lookups that came to the gate */
    size_t inside;
    size_t inside_max;
};

/* What a lookup saw; to be read after its answer was taken. */
struct seen {
    pthread_t thread;
    bool is_interruptible; /* a signal could reach the thread */
};

/* Threads that did a lookup count themselves when they end. */
struct leaving {
    pthread_key_t key;
    atomic_size_t *left;
};

struct script {
    struct gate *gate;             /* NULL: answers at once */
    const struct leaving *leaving; /* NULL: nobody counts */
    int lookup_error;
    int system_error;
    struct seen *seen; /* NULL: not asked for */
    size_t taken;      /* how often it came back */
};

static struct gate *gate_new(void)
{
    struct gate *gate = calloc(1, sizeof *gate);
    assert_non_null(gate);
    assert_int_equal(pthread_mutex_init(&gate->mutex, NULL), 0);
    assert_int_equal(pthread_cond_init(&gate->changed, NULL), 0);
    return gate;
}

/* No lookup may come to it any more. */
static void gate_free(struct gate *gate)
{
    (void)pthread_mutex_lock(&gate->mutex); /* whoever was inside has let it go */
    (void)pthread_mutex_unlock(&gate->mutex);
    (void)pthread_cond_destroy(&gate->changed);
    (void)pthread_mutex_destroy(&gate->mutex);
    free(gate);
}

static void gate_pass(struct gate *gate)
{
    (void)pthread_mutex_lock(&gate->mutex);
    gate->begun++;
    gate->inside++;
    if (gate->inside > gate->inside_max)
        gate->inside_max = gate->inside;
    (void)pthread_cond_broadcast(&gate->changed);
    while (!gate->is_open)
        (void)pthread_cond_wait(&gate->changed, &gate->mutex);
    gate->inside--;
    (void)pthread_mutex_unlock(&gate->mutex);
}

static void gate_open(struct gate *gate)
{
    (void)pthread_mutex_lock(&gate->mutex);
    gate->is_open = true;
    (void)pthread_cond_broadcast(&gate->changed);
    (void)pthread_mutex_unlock(&gate->mutex);
}

/* Wait until so many lookups have come to the gate. */
static void gate_await(struct gate *gate, size_t begun)
{
    (void)pthread_mutex_lock(&gate->mutex);
    while (gate->begun < begun)
        (void)pthread_cond_wait(&gate->changed, &gate->mutex);
    (void)pthread_mutex_unlock(&gate->mutex);
}

static size_t gate_begun(struct gate *gate)
{
    (void)pthread_mutex_lock(&gate->mutex);
    size_t begun = gate->begun;
    (void)pthread_mutex_unlock(&gate->mutex);
    return begun;
}

static void look_around(struct seen *seen)
{
    sigset_t blocked;
    seen->thread = pthread_self();
    seen->is_interruptible = pthread_sigmask(SIG_SETMASK, NULL, &blocked) != 0 ||
                             sigismember(&blocked, SIGINT) != 1 ||
                             sigismember(&blocked, SIGTERM) != 1;
}

/*
 * In the worker: no assertion here. A numeric host is its own answer. Behind the gate the
 * script is not looked at: by then its test may be over.
 */
static void look_up(const char *host, struct lookup *lookup)
{
    const struct script *script = lookup->tag;
    lookup->lookup_error = script->lookup_error;
    lookup->system_error = script->system_error;
    if (script->seen != NULL)
        look_around(script->seen);
    if (script->leaving != NULL)
        (void)pthread_setspecific(script->leaving->key, script->leaving->left);
    if (script->gate != NULL)
        gate_pass(script->gate);
    if (lookup->lookup_error != 0)
        return;
    lookup->addresses = calloc(1, sizeof *lookup->addresses);
    if (lookup->addresses != NULL && address_parse(host, strlen(host), lookup->addresses))
        lookup->count = 1;
}

struct pool {
    struct resolve *resolve;
    const struct resolver *resolver;
};

static struct pool pool_new(size_t threads)
{
    struct pool pool = {NULL, NULL};
    claim_error("resolve_new", resolve_new(look_up, threads, &pool.resolve), ERROR_NONE);
    pool.resolver = resolve_interface(pool.resolve);
    return pool;
}

static size_t room(const struct pool *pool)
{
    return pool->resolver->room(pool->resolver->self);
}

static void start(const struct pool *pool, struct script *script)
{
    claim_error("start",
                pool->resolver->start(pool->resolver->self, "192.0.2.1", FAMILY_IPV4, script),
                ERROR_NONE);
}

/* Each of them waits at `gate`; NULL: none does. */
static void start_all(const struct pool *pool, struct script *scripts, size_t count,
                      struct gate *gate)
{
    for (size_t i = 0; i < count; i++) {
        scripts[i].gate = gate;
        start(pool, &scripts[i]);
    }
}

static bool is_readable(int fd, int timeout_ms)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    int count;
    do
        count = poll(&poll_fd, 1, timeout_ms);
    while (count < 0 && errno == EINTR);
    return count == 1;
}

static struct lookup take_lookup(const struct pool *pool)
{
    struct lookup lookup;
    assert_true(is_readable(pool->resolver->fd, -1));
    assert_true(pool->resolver->take(pool->resolver->self, &lookup));
    return lookup;
}

/* Wait for the next answer and count it at its script. */
static struct script *take(const struct pool *pool)
{
    struct lookup lookup = take_lookup(pool);
    struct script *script = lookup.tag;
    script->taken++;
    free(lookup.addresses);
    return script;
}

static void take_all(const struct pool *pool, size_t count)
{
    for (size_t i = 0; i < count; i++)
        (void)take(pool);
}

/* So many are let through, and come back. */
static void open_and_take(const struct pool *pool, struct gate *gate, size_t count)
{
    gate_open(gate);
    take_all(pool, count);
}

/* A descriptor on which await_end() sees the pool go, with its last thread. */
static int watch_end(const struct pool *pool)
{
    int fd = dup(pool->resolver->fd);
    assert_true(fd >= 0);
    return fd;
}

/* The pool closes the writing end when the last one leaves: until then there is no end of file.
 */
static void await_end(int fd)
{
    char byte;
    ssize_t len;
    do
        assert_true(is_readable(fd, -1));
    while ((len = read(fd, &byte, 1)) > 0);
    assert_int_equal(len, 0);
    assert_int_equal(close(fd), 0);
}

/* Free the pool, of which no thread is inside a lookup, and see it end; then the gate. */
static void pool_end(struct pool *pool, struct gate *gate)
{
    int end_fd = watch_end(pool);
    resolve_free(pool->resolve);
    await_end(end_fd);
    if (gate != NULL)
        gate_free(gate);
}

/* Answers */

/* What was asked for is copied. */
static void test_resolve_answer_has_host_and_family_as_asked(void **state)
{
    static const struct {
        const char *host;
        unsigned family;
    } cases[] = {{"192.0.2.7", FAMILY_IPV4}, {"2001:db8::7", FAMILY_IPV6}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct pool pool = pool_new(1);
        struct gate *gate = gate_new();
        struct script script = {.gate = gate};
        char text[ADDRESS_TEXT_SIZE];
        char *host = strdup(cases[i].host);
        claim_error(cases[i].host,
                    pool.resolver->start(pool.resolver->self, host, cases[i].family, &script),
                    ERROR_NONE);
        gate_await(gate, 1);
        memset(host, 'x', strlen(host));
        free(host);
        gate_open(gate);
        struct lookup lookup = take_lookup(&pool);
        claim_number(cases[i].host, "family", lookup.families, cases[i].family);
        claim_number(cases[i].host, "count", lookup.count, 1);
        address_format(&lookup.addresses[0], text);
        claim_text(cases[i].host, "address", text, cases[i].host);
        free(lookup.addresses);
        pool_end(&pool, gate);
    }
}

static void test_resolve_failure_comes_back_with_its_codes(void **state)
{
    struct pool pool = pool_new(1);
    struct script script = {.lookup_error = EAI_SYSTEM, .system_error = EMFILE};
    start(&pool, &script);
    struct lookup lookup = take_lookup(&pool);
    assert_int_equal(lookup.lookup_error, EAI_SYSTEM);
    assert_int_equal(lookup.system_error, EMFILE);
    assert_int_equal(lookup.count, 0);
    assert_null(lookup.addresses);
    assert_int_equal(lookup.cut, 0);
    pool_end(&pool, NULL);
}

static void test_resolve_every_lookup_comes_back_once(void **state)
{
    struct pool pool = pool_new(12);
    struct script *scripts = calloc(BURST, sizeof *scripts);
    assert_non_null(scripts);
    size_t started = 0;
    for (size_t taken = 0; taken < BURST;) {
        if (started < BURST && room(&pool) > 0) {
            start(&pool, &scripts[started++]);
            continue;
        }
        (void)take(&pool);
        taken++;
    }
    for (size_t i = 0; i < BURST; i++)
        assert_int_equal(scripts[i].taken, 1);
    pool_end(&pool, NULL);
    free(scripts);
}

/* The descriptor */

static void test_resolve_unused_has_no_descriptor_and_nothing_to_take(void **state)
{
    struct pool pool = pool_new(1);
    struct lookup lookup;
    assert_int_equal(pool.resolver->fd, -1);
    assert_false(pool.resolver->take(pool.resolver->self, &lookup));
    resolve_free(pool.resolve); /* a leak would be seen by the address sanitizer */
    resolve_free(NULL);         /* which is allowed */
}

static void test_resolve_descriptor_is_readable_until_all_is_taken(void **state)
{
    struct pool pool = pool_new(3);
    struct script scripts[3] = {{.gate = NULL}};
    struct lookup lookup;
    for (unsigned round = 0; round < 2; round++) { /* the second one finds an empty pipe */
        start_all(&pool, scripts, 3, NULL);
        take_all(&pool, 3); /* which waits for the descriptor each time */
        assert_false(is_readable(pool.resolver->fd, 0));
        assert_false(pool.resolver->take(pool.resolver->self, &lookup));
    }
    pool_end(&pool, NULL);
}

/* Hanging lookups */

static void test_resolve_hanging_lookups_do_not_hold_up_others(void **state)
{
    struct pool pool = pool_new(CROWD + 1);
    struct gate *gate = gate_new();
    struct script hanging[CROWD] = {{.gate = NULL}};
    struct script quick = {.gate = NULL};
    start_all(&pool, hanging, CROWD, gate);
    gate_await(gate, CROWD);
    start(&pool, &quick);
    assert_ptr_equal(take(&pool), &quick);
    open_and_take(&pool, gate, CROWD);
    pool_end(&pool, gate);
}

static void test_resolve_is_busy_and_silent_while_a_lookup_hangs(void **state)
{
    struct pool pool = pool_new(1);
    struct gate *gate = gate_new();
    struct script script = {.gate = gate};
    assert_false(resolve_is_busy(pool.resolve));
    start(&pool, &script);
    gate_await(gate, 1);
    assert_true(resolve_is_busy(pool.resolve));
    assert_false(is_readable(pool.resolver->fd, 0));
    open_and_take(&pool, gate, 1);
    assert_false(resolve_is_busy(pool.resolve));
    pool_end(&pool, gate);
}

/* Room */

/*
 * A fourth of the threads is kept from lookups that come to the rescue. start() demands no
 * room; what is over it waits, and there is no room then.
 */
static void test_resolve_room_shrinks_with_each_lookup_and_comes_back(void **state)
{
    static const struct {
        size_t room;
        size_t spare;
    } before[] = {{4, 3}, {3, 2}, {2, 1}, {1, 0}, {0, 0}, {0, 0}};
    struct pool pool = pool_new(4);
    struct gate *gate = gate_new();
    struct script scripts[ARRAY_LEN(before)];
    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        claim_number("before", "spare", pool.resolver->spare(pool.resolver->self),
                     before[i].spare);
        claim_number("before", "room", room(&pool), before[i].room);
        scripts[i] = (struct script){.gate = gate};
        start(&pool, &scripts[i]);
    }
    open_and_take(&pool, gate, ARRAY_LEN(before));
    claim_number("all back", "room", room(&pool), 4);
    pool_end(&pool, gate);
}

static void test_resolve_answer_that_waits_to_be_taken_takes_no_room(void **state)
{
    struct pool pool = pool_new(2);
    struct script script = {.gate = NULL};
    start(&pool, &script);
    assert_true(is_readable(pool.resolver->fd, -1));
    claim_number("finished", "room", room(&pool), 2);
    pool_end(&pool, NULL);
    assert_int_equal(script.taken, 0); /* an answer that nobody took is freed */
}

/* Threads */

static void test_resolve_lookup_beyond_the_thread_limit_waits_for_a_thread(void **state)
{
    struct pool pool = pool_new(2);
    struct gate *first_gate = gate_new();
    struct gate *second_gate = gate_new();
    struct seen seen[2];
    struct script first = {.gate = first_gate, .seen = &seen[0]};
    struct script second = {.gate = second_gate};
    struct script queued = {.seen = &seen[1]};
    start(&pool, &first);
    start(&pool, &second);
    gate_await(first_gate, 1);
    gate_await(second_gate, 1);
    start(&pool, &queued);
    assert_false(is_readable(pool.resolver->fd, 0));
    gate_open(first_gate);
    (void)take(&pool);
    (void)take(&pool);
    assert_int_equal(first.taken, 1);
    assert_int_equal(queued.taken, 1);
    assert_true(pthread_equal(seen[0].thread, seen[1].thread));
    gate_open(second_gate);
    assert_ptr_equal(take(&pool), &second);
    pool_end(&pool, first_gate);
    gate_free(second_gate);
}

static void test_resolve_never_runs_more_lookups_than_threads(void **state)
{
    struct pool pool = pool_new(3);
    struct gate *gate = gate_new();
    struct script scripts[CROWD] = {{.gate = NULL}};
    start_all(&pool, scripts, CROWD, gate);
    gate_await(gate, 3);
    open_and_take(&pool, gate, CROWD);
    assert_in_range(gate->inside_max, 1, 3);
    pool_end(&pool, gate);
}

static void test_resolve_finished_thread_does_the_next_lookup_without_signals(void **state)
{
    struct pool pool = pool_new(4);
    struct seen seen[2];
    struct script first = {.seen = &seen[0]};
    struct script second = {.seen = &seen[1]};
    sigset_t blocked;
    start(&pool, &first);
    (void)take(&pool);
    start(&pool, &second);
    (void)take(&pool);
    assert_true(pthread_equal(seen[0].thread, seen[1].thread));
    assert_false(seen[0].is_interruptible);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &blocked), 0);
    assert_int_equal(sigismember(&blocked, SIGINT), 0);
    pool_end(&pool, NULL);
}

static void test_resolve_without_descriptors_says_so_and_recovers(void **state)
{
    struct pool pool = pool_new(1);
    struct script script = {.gate = NULL};
    struct rlimit old;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    struct rlimit none = {0, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    errno = 0;
    enum error error =
        pool.resolver->start(pool.resolver->self, "192.0.2.1", FAMILY_IPV4, &script);
    int system_error = errno;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    claim_error("no descriptor", error, ERROR_SYSTEM);
    claim_number("no descriptor", "errno", (uint64_t)system_error, EMFILE);
    claim_number("no descriptor", "room", room(&pool), 1);
    start(&pool, &script);
    (void)take(&pool);
    assert_int_equal(script.taken, 1);
    pool_end(&pool, NULL);
}

/* The end */

/* A thread's last act, drawn out so that a pool that does not wait for it is ahead of it. */
static void leave_slowly(void *left)
{
    for (int i = 0; i < 1000; i++)
        (void)sched_yield();
    atomic_fetch_add((atomic_size_t *)left, 1);
}

/* A thread on its way out still owns memory of libc's resolver: exit() must find none. */
static void test_resolve_free_returns_after_the_last_idle_thread(void **state)
{
    atomic_size_t left = 0;
    struct leaving leaving = {.left = &left};
    assert_int_equal(pthread_key_create(&leaving.key, leave_slowly), 0);
    struct pool pool = pool_new(CROWD);
    struct gate *gate = gate_new();
    struct script scripts[CROWD];
    for (size_t i = 0; i < CROWD; i++)
        scripts[i] = (struct script){.leaving = &leaving};
    start_all(&pool, scripts, CROWD, gate);
    gate_await(gate, CROWD);
    open_and_take(&pool, gate, CROWD);
    int end_fd = watch_end(&pool);
    resolve_free(pool.resolve);
    assert_int_equal(atomic_load(&left), CROWD);
    await_end(end_fd);
    assert_int_equal(pthread_key_delete(leaving.key), 0);
    gate_free(gate);
}

static void test_resolve_free_ends_idle_threads_and_leaves_hanging_ones(void **state)
{
    for (size_t count = 1; count <= 2; count++) { /* without an idle one, and with */
        struct pool pool = pool_new(4);
        struct gate *gate = gate_new();
        struct script hanging[2] = {{.gate = NULL}};
        struct script quick = {.gate = NULL};
        start_all(&pool, hanging, count, gate);
        if (count > 1)
            start(&pool, &quick);
        take_all(&pool, count - 1);
        claim_number("quick", "taken", quick.taken, count - 1);
        gate_await(gate, count);
        int end_fd = watch_end(&pool);
        resolve_free(pool.resolve);
        assert_false(is_readable(end_fd, 0)); /* the threads still have what they work on */
        gate_open(gate);
        await_end(end_fd); /* their answers came late and are freed */
        gate_free(gate);
    }
}

static void test_resolve_free_never_begins_queued_lookups(void **state)
{
    struct pool pool = pool_new(1);
    struct gate *gate = gate_new();
    struct gate *queued_gate = gate_new();
    struct script hanging = {.gate = gate};
    struct script queued = {.gate = queued_gate};
    gate_open(queued_gate);
    start(&pool, &hanging);
    gate_await(gate, 1);
    start(&pool, &queued);
    int end_fd = watch_end(&pool);
    resolve_free(pool.resolve);
    gate_open(gate);
    await_end(end_fd);
    assert_int_equal(gate_begun(queued_gate), 0);
    gate_free(gate);
    gate_free(queued_gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resolve_answer_has_host_and_family_as_asked),
        cmocka_unit_test(test_resolve_failure_comes_back_with_its_codes),
        cmocka_unit_test(test_resolve_every_lookup_comes_back_once),
        cmocka_unit_test(test_resolve_unused_has_no_descriptor_and_nothing_to_take),
        cmocka_unit_test(test_resolve_descriptor_is_readable_until_all_is_taken),
        cmocka_unit_test(test_resolve_hanging_lookups_do_not_hold_up_others),
        cmocka_unit_test(test_resolve_is_busy_and_silent_while_a_lookup_hangs),
        cmocka_unit_test(test_resolve_room_shrinks_with_each_lookup_and_comes_back),
        cmocka_unit_test(test_resolve_answer_that_waits_to_be_taken_takes_no_room),
        cmocka_unit_test(test_resolve_lookup_beyond_the_thread_limit_waits_for_a_thread),
        cmocka_unit_test(test_resolve_never_runs_more_lookups_than_threads),
        cmocka_unit_test(test_resolve_finished_thread_does_the_next_lookup_without_signals),
        cmocka_unit_test(test_resolve_without_descriptors_says_so_and_recovers),
        cmocka_unit_test(test_resolve_free_returns_after_the_last_idle_thread),
        cmocka_unit_test(test_resolve_free_ends_idle_threads_and_leaves_hanging_ones),
        cmocka_unit_test(test_resolve_free_never_begins_queued_lookups),
    };
    (void)alarm(HANG_S);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
