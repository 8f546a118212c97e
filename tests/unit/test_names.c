#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "netcheck/base.h"
#include "netcheck/names.h"

enum {
    CALLS = 4200,
    HOST_SIZE = 32,
    MANY = 2000, /* more names than the table has buckets */
};

static const int64_t begin = 1000 * NS_PER_S; /* any point in time */
static const int64_t reuse = 10 * NS_PER_S;

/* One start() that succeeded. */
struct call {
    char host[HOST_SIZE];
    unsigned family;
    void *tag;
};

/* A resolver that answers when the test says so. */
struct scripted {
    struct resolver interface;
    size_t room;
    enum error start_error; /* of the start() number `fails_at`, from 0 */
    size_t fails_at;
    size_t asked; /* start() calls, failed ones too */
    struct call calls[CALLS];
    size_t count;
    struct lookup answers[CALLS];
    size_t answered;
    size_t taken;
    void *abandoned; /* the last tag */
    size_t abandons;
};

static size_t scripted_room(void *self)
{
    const struct scripted *scripted = self;
    return scripted->room;
}

static enum error scripted_start(void *self, const char *host, unsigned family, void *tag)
{
    struct scripted *scripted = self;
    size_t number = scripted->asked++;
    if (scripted->start_error != ERROR_NONE && number == scripted->fails_at) {
        errno = ENFILE;
        return scripted->start_error;
    }
    assert_in_range(scripted->count, 0, CALLS - 1);
    struct call *call = &scripted->calls[scripted->count++];
    (void)snprintf(call->host, sizeof call->host, "%s", host);
    call->family = family;
    call->tag = tag;
    return ERROR_NONE;
}

static bool scripted_take(void *self, struct lookup *lookup)
{
    struct scripted *scripted = self;
    if (scripted->taken == scripted->answered)
        return false;
    *lookup = scripted->answers[scripted->taken++];
    return true;
}

static void scripted_abandon(void *self, void *tag)
{
    struct scripted *scripted = self;
    scripted->abandoned = tag;
    scripted->abandons++;
}

static struct scripted *scripted_new(void)
{
    struct scripted *scripted = calloc(1, sizeof *scripted);
    assert_non_null(scripted);
    scripted->room = 100;
    scripted->interface = (struct resolver){
        .self = scripted,
        .fd = -1,
        .room = scripted_room,
        .start = scripted_start,
        .take = scripted_take,
        .abandon = scripted_abandon,
    };
    return scripted;
}

/* The started lookup `number` comes back with one address, or with an error. */
static void answer_with(struct scripted *scripted, size_t number, int lookup_error)
{
    assert_true(number < scripted->count);
    struct lookup *lookup = &scripted->answers[scripted->answered++];
    memset(lookup, 0, sizeof *lookup);
    lookup->tag = scripted->calls[number].tag;
    lookup->family = scripted->calls[number].family;
    lookup->lookup_error = lookup_error;
    if (lookup_error != 0)
        return;
    const char *text = lookup->family == FAMILY_IPV6 ? "2001:db8::1" : "192.0.2.1";
    lookup->addresses = calloc(1, sizeof *lookup->addresses);
    assert_non_null(lookup->addresses);
    assert_true(address_parse(text, strlen(text), &lookup->addresses[0]));
    lookup->count = 1;
}

static void answer(struct scripted *scripted, size_t number)
{
    answer_with(scripted, number, 0);
}

/* The lookup of `family` that was started last. */
static size_t last_call(const struct scripted *scripted, unsigned family)
{
    size_t found = scripted->count;
    for (size_t i = 0; i < scripted->count; i++)
        if (scripted->calls[i].family == family)
            found = i;
    assert_true(found < scripted->count);
    return found;
}

/* Names over a scripted resolver, and their users. */
struct world {
    struct scripted *scripted;
    struct names *names;
    struct list users[3];
};

static struct world *world_new(void)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->scripted = scripted_new();
    world->names = names_new(&world->scripted->interface, 10 * NS_PER_S, NEVER_NS);
    assert_non_null(world->names);
    for (size_t i = 0; i < ARRAY_LEN(world->users); i++)
        list_init(&world->users[i]);
    return world;
}

static void world_free(struct world *world)
{
    names_free(world->names);
    for (size_t i = world->scripted->taken; i < world->scripted->answered; i++)
        free(world->scripted->answers[i].addresses);
    free(world->scripted);
    free(world);
}

static struct name *join_at(struct world *world, size_t user, const char *host,
                            unsigned families, int64_t now_ns)
{
    struct name *name = NULL;
    claim_error(host,
                names_join(world->names, host, families, &world->users[user], now_ns, &name),
                ERROR_NONE);
    assert_non_null(name);
    return name;
}

static struct name *join(struct world *world, size_t user, const char *host)
{
    return join_at(world, user, host, FAMILY_ANY, begin);
}

static void leave(struct world *world, size_t user, struct name *name)
{
    names_leave(world->names, name, &world->users[user]);
}

/* Take everything that came back; how many of it was told. */
static size_t take_all(struct world *world, int64_t now_ns)
{
    struct name *name;
    unsigned family;
    size_t count = 0;
    while (names_take(world->names, now_ns, &name, &family))
        count++;
    return count;
}

/* Both families of the name that was joined last come back. */
static void answer_both(struct world *world, int64_t now_ns)
{
    answer(world->scripted, last_call(world->scripted, FAMILY_IPV4));
    answer(world->scripted, last_call(world->scripted, FAMILY_IPV6));
    assert_int_equal(take_all(world, now_ns), 2);
}

/* Join */

static void test_names_first_join_starts_one_lookup_a_family(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        unsigned families;
        size_t starts;
    } cases[] = {
        {"both", FAMILY_ANY, 2},
        {"-4", FAMILY_IPV4, 1},
        {"-6", FAMILY_IPV6, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct world *world = world_new();
        struct name *name = join_at(world, 0, "db", cases[i].families, begin);
        unsigned asked = 0;
        claim_number(cases[i].label, "lookups", world->scripted->count, cases[i].starts);
        for (size_t k = 0; k < world->scripted->count; k++) {
            asked |= world->scripted->calls[k].family;
            claim_text(cases[i].label, "host", world->scripted->calls[k].host, "db");
        }
        claim_number(cases[i].label, "families", asked, cases[i].families);
        leave(world, 0, name);
        world_free(world);
    }
}

static void test_names_second_join_in_flight_starts_nothing(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *first = join(world, 0, "db");
    struct name *second = join(world, 1, "db");
    assert_ptr_equal(first, second);
    assert_int_equal(world->scripted->asked, 2);
    assert_int_equal(name_users(first), 2);
    leave(world, 0, first);
    leave(world, 1, second);
    world_free(world);
}

static void test_names_other_host_has_lookups_of_its_own(void **state)
{
    (void)state;
    static const char *const others[] = {"db2", "d", "bd", "db."};
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        struct world *world = world_new();
        struct name *first = join(world, 0, "db");
        struct name *second = join(world, 1, others[i]);
        claim_true(others[i], "another name", first != second);
        claim_number(others[i], "lookups", world->scripted->count, 4);
        leave(world, 0, first);
        leave(world, 1, second);
        world_free(world);
    }
}

static void test_names_join_in_other_families_has_lookups_of_its_own(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *both = join_at(world, 0, "db", FAMILY_ANY, begin);
    struct name *ipv4 = join_at(world, 1, "db", FAMILY_IPV4, begin);
    assert_ptr_not_equal(both, ipv4);
    assert_int_equal(world->scripted->count, 3);
    leave(world, 0, both);
    leave(world, 1, ipv4);
    world_free(world);
}

static void test_names_many_names_are_all_told_apart(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct list *users = calloc(MANY, sizeof *users);
    struct name **names = calloc(MANY, sizeof(struct name *));
    assert_true(users != NULL && names != NULL);
    for (size_t i = 0; i < 2 * MANY; i++) {
        char host[HOST_SIZE];
        struct list second;
        struct name *name = NULL;
        bool is_first = i < MANY;
        (void)snprintf(host, sizeof host, "host%zu", i % MANY);
        list_init(is_first ? &users[i] : &second);
        claim_error(host,
                    names_join(world->names, host, FAMILY_IPV4, is_first ? &users[i] : &second,
                               begin, is_first ? &names[i] : &name),
                    ERROR_NONE);
        if (is_first)
            continue;
        claim_true(host, "the name as before", name == names[i - MANY]);
        names_leave(world->names, name, &second);
    }
    assert_int_equal(world->scripted->count, MANY);
    for (size_t i = 0; i < MANY; i++)
        names_leave(world->names, names[i], &users[i]);
    free(users);
    free(names);
    world_free(world);
}

/* Answers */

static void test_names_answer_is_told_with_its_family(void **state)
{
    (void)state;
    static const unsigned families[] = {FAMILY_IPV6, FAMILY_IPV4};
    struct world *world = world_new();
    struct name *joined = join(world, 0, "db");
    struct name *name = NULL;
    unsigned family = 0;
    for (size_t i = 0; i < ARRAY_LEN(families); i++) {
        answer(world->scripted, last_call(world->scripted, families[i]));
        assert_true(names_take(world->names, begin, &name, &family));
        assert_ptr_equal(name, joined);
        assert_int_equal(family, families[i]);
    }
    assert_false(names_take(world->names, begin, &name, &family));
    leave(world, 0, joined);
    world_free(world);
}

static void test_names_answer_is_there_once_it_was_taken(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *name = join(world, 0, "db");
    assert_null(name_answer(name, FAMILY_IPV4));
    answer(world->scripted, last_call(world->scripted, FAMILY_IPV4));
    assert_int_equal(take_all(world, begin), 1);
    assert_non_null(name_answer(name, FAMILY_IPV4));
    assert_int_equal(name_answer(name, FAMILY_IPV4)->count, 1);
    assert_null(name_answer(name, FAMILY_IPV6));
    leave(world, 0, name);
    world_free(world);
}

static void test_names_family_that_was_not_asked_has_no_answer(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *name = join_at(world, 0, "db", FAMILY_IPV4, begin);
    answer(world->scripted, 0);
    assert_int_equal(take_all(world, begin), 1);
    assert_null(name_answer(name, FAMILY_IPV6));
    leave(world, 0, name);
    world_free(world);
}

static void test_names_failed_lookup_is_an_answer_too(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *name = join_at(world, 0, "nosuch", FAMILY_IPV4, begin);
    answer_with(world->scripted, 0, EAI_NONAME);
    assert_int_equal(take_all(world, begin), 1);
    assert_int_equal(name_answer(name, FAMILY_IPV4)->lookup_error, EAI_NONAME);
    leave(world, 0, name);
    world_free(world);
}

static void test_names_answer_is_told_once_for_all_its_users(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *name = join(world, 0, "db");
    (void)join(world, 1, "db");
    answer(world->scripted, last_call(world->scripted, FAMILY_IPV4));
    assert_int_equal(take_all(world, begin), 1);
    leave(world, 0, name);
    leave(world, 1, name);
    world_free(world);
}

/* Reuse */

static const struct {
    const char *label;
    int64_t later_ns;
    size_t lookups; /* in all */
} ages[] = {
    {"at once", 0, 2},
    {"1 ns below 10 s", 10 * NS_PER_S - 1, 2},
    {"10 s", 10 * NS_PER_S, 4},
    {"an hour", 3600 * NS_PER_S, 4},
};

static void test_names_answered_name_in_use_is_reused_for_10_s(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ages); i++) {
        struct world *world = world_new();
        int64_t answered_ns = begin + NS_PER_S;
        struct name *first = join(world, 0, "db");
        answer_both(world, answered_ns);
        struct name *second =
            join_at(world, 1, "db", FAMILY_ANY, answered_ns + ages[i].later_ns);
        claim_number(ages[i].label, "lookups", world->scripted->count, ages[i].lookups);
        claim_true(ages[i].label, "the same name, or a new one",
                   (first == second) == (ages[i].lookups == 2));
        claim_true(ages[i].label, "answered at once, or not yet",
                   (name_answer(second, FAMILY_IPV4) != NULL) == (ages[i].lookups == 2));
        leave(world, 0, first);
        leave(world, 1, second);
        world_free(world);
    }
}

static void test_names_resolver_that_says_again_is_asked_again_soon(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int lookup_error;
        int64_t later_ns;
        size_t lookups; /* in all */
    } cases[] = {
        {"again, at once", EAI_AGAIN, 0, 2},
        {"again, below 0.1 s", EAI_AGAIN, NS_PER_S / 10 - 1, 2},
        {"again, 0.1 s", EAI_AGAIN, NS_PER_S / 10, 4},
        {"no such name, 0.1 s", EAI_NONAME, NS_PER_S / 10, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct world *world = world_new();
        struct name *first = join(world, 0, "db");
        answer(world->scripted, last_call(world->scripted, FAMILY_IPV4));
        answer_with(world->scripted, last_call(world->scripted, FAMILY_IPV6),
                    cases[i].lookup_error);
        assert_int_equal(take_all(world, begin), 2);
        struct name *second = join_at(world, 1, "db", FAMILY_ANY, begin + cases[i].later_ns);
        claim_number(cases[i].label, "lookups", world->scripted->count, cases[i].lookups);
        leave(world, 0, first);
        leave(world, 1, second);
        world_free(world);
    }
}

static void test_names_age_counts_from_the_last_answer(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *name = join(world, 0, "db");
    answer(world->scripted, last_call(world->scripted, FAMILY_IPV4));
    assert_int_equal(take_all(world, begin), 1);
    answer(world->scripted, last_call(world->scripted, FAMILY_IPV6));
    assert_int_equal(take_all(world, begin + 4 * NS_PER_S), 1);
    assert_ptr_equal(join_at(world, 1, "db", FAMILY_ANY, begin + reuse + NS_PER_S), name);
    leave(world, 0, name);
    leave(world, 1, name);
    world_free(world);
}

static void test_names_renewed_name_leaves_the_old_one_to_its_users(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *old = join(world, 0, "db");
    answer_both(world, begin);
    struct name *renewed = join_at(world, 1, "db", FAMILY_ANY, begin + reuse);
    assert_int_equal(name_answer(old, FAMILY_IPV4)->count, 1);
    answer_both(world, begin + reuse);
    assert_ptr_equal(join_at(world, 2, "db", FAMILY_ANY, begin + reuse), renewed);
    leave(world, 0, old);
    leave(world, 1, renewed);
    leave(world, 2, renewed);
    world_free(world);
}

static void test_names_answered_name_that_nobody_uses_is_forgotten(void **state)
{
    (void)state;
    struct world *world = world_new();
    leave(world, 0, join(world, 0, "gone")); /* in flight: it stays */
    struct name *name = join(world, 0, "db");
    answer_both(world, begin);
    leave(world, 0, name);
    name = join(world, 0, "db");
    assert_int_equal(world->scripted->count, 6);
    leave(world, 0, name);
    world_free(world);
}

/* Leave */

static void test_names_last_user_that_leaves_a_pending_name_abandons_it(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *name = join(world, 0, "db");
    (void)join(world, 1, "db");
    leave(world, 0, name);
    assert_int_equal(world->scripted->abandons, 0);
    leave(world, 1, name);
    assert_int_equal(world->scripted->abandons, 1);
    assert_ptr_equal(world->scripted->abandoned, world->scripted->calls[0].tag);
    world_free(world);
}

static void test_names_leaving_with_one_family_out_abandons_it(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *name = join(world, 0, "db");
    answer(world->scripted, last_call(world->scripted, FAMILY_IPV4));
    assert_int_equal(take_all(world, begin), 1);
    leave(world, 0, name);
    assert_int_equal(world->scripted->abandons, 1);
    world_free(world);
}

static void test_names_leaving_an_answered_name_abandons_nothing(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *name = join(world, 0, "db");
    answer_both(world, begin);
    leave(world, 0, name);
    assert_int_equal(world->scripted->abandons, 0);
    world_free(world);
}

static void test_names_user_that_left_is_in_no_list(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *name = join(world, 0, "db");
    assert_false(list_is_empty(&world->users[0]));
    leave(world, 0, name);
    assert_true(list_is_empty(&world->users[0]));
    world_free(world);
}

static void test_names_late_answer_of_an_abandoned_name_is_dropped(void **state)
{
    (void)state;
    struct world *world = world_new();
    leave(world, 0, join(world, 0, "db"));
    answer(world->scripted, 0);
    answer(world->scripted, 1);
    assert_int_equal(take_all(world, begin), 0);
    assert_int_equal(world->scripted->taken, 2);
    world_free(world);
}

static void test_names_late_answer_is_not_kept_for_who_comes_after_it(void **state)
{
    (void)state;
    struct world *world = world_new();
    leave(world, 0, join(world, 0, "db"));
    answer(world->scripted, 0);
    answer(world->scripted, 1);
    assert_int_equal(take_all(world, begin), 0);
    struct name *name = join(world, 0, "db");
    assert_int_equal(world->scripted->count, 4);
    leave(world, 0, name);
    world_free(world);
}

static void test_names_dropped_answer_does_not_hide_the_next_one(void **state)
{
    (void)state;
    struct world *world = world_new();
    leave(world, 0, join(world, 0, "dead"));
    struct name *joined = join(world, 1, "db");
    struct name *name = NULL;
    unsigned family;
    answer(world->scripted, 0); /* of "dead" */
    answer(world->scripted, last_call(world->scripted, FAMILY_IPV4));
    assert_true(names_take(world->names, begin, &name, &family));
    assert_ptr_equal(name, joined);
    leave(world, 1, joined);
    world_free(world);
}

/* Names that hang */

static void test_names_hung_name_is_joined_not_restarted(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *hung = join(world, 0, "db");
    leave(world, 0, hung);
    struct name *name = join_at(world, 1, "db", FAMILY_ANY, begin + 3600 * NS_PER_S);
    assert_ptr_equal(name, hung);
    assert_int_equal(world->scripted->asked, 2);
    leave(world, 1, name);
    world_free(world);
}

static void test_names_late_answer_reaches_whoever_joined_meanwhile(void **state)
{
    (void)state;
    struct world *world = world_new();
    leave(world, 0, join(world, 0, "db"));
    struct name *joined = join_at(world, 1, "db", FAMILY_ANY, begin + NS_PER_S);
    struct name *name = NULL;
    unsigned family = 0;
    answer(world->scripted, last_call(world->scripted, FAMILY_IPV6));
    assert_true(names_take(world->names, begin + NS_PER_S, &name, &family));
    assert_ptr_equal(name, joined);
    assert_int_equal(family, FAMILY_IPV6);
    leave(world, 1, joined);
    world_free(world);
}

static void test_names_half_hung_name_is_joined_with_the_answer_it_has(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *name = join(world, 0, "db");
    answer(world->scripted, last_call(world->scripted, FAMILY_IPV4));
    assert_int_equal(take_all(world, begin), 1);
    assert_ptr_equal(join_at(world, 1, "db", FAMILY_ANY, begin + NS_PER_S), name);
    assert_int_equal(world->scripted->asked, 2);
    assert_non_null(name_answer(name, FAMILY_IPV4));
    leave(world, 0, name);
    leave(world, 1, name);
    world_free(world);
}

static void test_names_name_left_twice_is_abandoned_twice(void **state)
{
    (void)state;
    struct world *world = world_new();
    leave(world, 0, join(world, 0, "db"));
    leave(world, 0, join(world, 0, "db"));
    assert_int_equal(world->scripted->abandons, 2);
    assert_int_equal(world->scripted->asked, 2);
    world_free(world);
}

/* No room, no thread */

static const struct {
    const char *label;
    size_t room;
    unsigned families;
    enum error error;
} rooms[] = {
    {"none for two", 0, FAMILY_ANY, ERROR_AGAIN}, {"one for two", 1, FAMILY_ANY, ERROR_AGAIN},
    {"two for two", 2, FAMILY_ANY, ERROR_NONE},   {"none for one", 0, FAMILY_IPV4, ERROR_AGAIN},
    {"one for IPv4", 1, FAMILY_IPV4, ERROR_NONE}, {"one for IPv6", 1, FAMILY_IPV6, ERROR_NONE},
};

static void test_names_join_needs_room_for_each_family(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
        struct world *world = world_new();
        struct name *name = NULL;
        world->scripted->room = rooms[i].room;
        claim_error(
            rooms[i].label,
            names_join(world->names, "db", rooms[i].families, &world->users[0], begin, &name),
            rooms[i].error);
        bool is_joined = rooms[i].error == ERROR_NONE;
        claim_true(rooms[i].label, "started only with room",
                   (world->scripted->asked > 0) == is_joined);
        claim_true(rooms[i].label, "user in a list only with room",
                   list_is_empty(&world->users[0]) != is_joined);
        if (is_joined)
            leave(world, 0, name);
        world_free(world);
    }
}

static void test_names_in_flight_is_joined_without_room(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *name = join(world, 0, "db");
    world->scripted->room = 0;
    assert_ptr_equal(join(world, 1, "db"), name);
    leave(world, 0, name);
    leave(world, 1, name);
    world_free(world);
}

static void test_names_without_room_is_joined_later(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *name = NULL;
    world->scripted->room = 0;
    claim_error("no room",
                names_join(world->names, "db", FAMILY_ANY, &world->users[0], begin, &name),
                ERROR_AGAIN);
    world->scripted->room = 2;
    name = join(world, 0, "db");
    assert_int_equal(world->scripted->count, 2);
    leave(world, 0, name);
    world_free(world);
}

static const struct {
    const char *label;
    enum error error;
    unsigned families;
    size_t fails_at;
} failures[] = {
    {"first of two, no thread", ERROR_SYSTEM, FAMILY_ANY, 0},
    {"first of two, no memory", ERROR_NO_MEMORY, FAMILY_ANY, 0},
    {"second of two, no thread", ERROR_SYSTEM, FAMILY_ANY, 1},
    {"second of two, no memory", ERROR_NO_MEMORY, FAMILY_ANY, 1},
    {"IPv4 alone", ERROR_SYSTEM, FAMILY_IPV4, 0},
    {"IPv6 alone", ERROR_NO_MEMORY, FAMILY_IPV6, 0},
};

static struct world *fail_to_join(size_t i)
{
    struct world *world = world_new();
    struct name *name = NULL;
    world->scripted->start_error = failures[i].error;
    world->scripted->fails_at = failures[i].fails_at;
    errno = 0;
    claim_error(
        failures[i].label,
        names_join(world->names, "db", failures[i].families, &world->users[0], begin, &name),
        failures[i].error);
    claim_true(failures[i].label, "name untouched", name == NULL);
    return world;
}

static void test_names_start_that_fails_fails_the_join(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
        struct world *world = fail_to_join(i);
        int error = errno;
        claim_true(failures[i].label, "user in no list", list_is_empty(&world->users[0]));
        if (failures[i].error == ERROR_SYSTEM)
            claim_number(failures[i].label, "errno", (uint64_t)error, ENFILE);
        world_free(world);
    }
}

static size_t count_answer(const struct name *name, unsigned family)
{
    const struct lookup *lookup = name_answer(name, family);
    return lookup != NULL ? lookup->count : 0;
}

static void test_names_failed_join_can_be_repeated(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
        struct world *world = fail_to_join(i);
        struct name *name = join_at(world, 0, "db", failures[i].families, begin);
        for (size_t k = 0; k < world->scripted->count; k++)
            answer(world->scripted, k);
        (void)take_all(world, begin);
        claim_number(failures[i].label, "IPv4 addresses", count_answer(name, FAMILY_IPV4),
                     (failures[i].families & FAMILY_IPV4) != 0);
        claim_number(failures[i].label, "IPv6 addresses", count_answer(name, FAMILY_IPV6),
                     (failures[i].families & FAMILY_IPV6) != 0);
        leave(world, 0, name);
        world_free(world);
    }
}

static void test_names_answer_of_a_half_started_name_is_dropped(void **state)
{
    (void)state;
    struct world *world = fail_to_join(3);
    answer(world->scripted, 0);
    assert_int_equal(take_all(world, begin), 0);
    assert_int_equal(world->scripted->taken, 1);
    world_free(world);
}

/* Nobody waits for the lookup that was started: it must not count against room(). */
static void test_names_half_started_name_is_abandoned(void **state)
{
    (void)state;
    struct world *world = fail_to_join(3);
    size_t abandons = world->scripted->abandons;
    void *abandoned = world->scripted->abandoned;
    void *tag = world->scripted->calls[0].tag;
    world_free(world);
    assert_int_equal(abandons, 1);
    assert_ptr_equal(abandoned, tag);
}

/* The end */

static void test_names_free_forgets_lookups_that_are_out(void **state)
{
    (void)state;
    struct world *world = world_new();
    struct name *name = join(world, 0, "db");
    answer(world->scripted, last_call(world->scripted, FAMILY_IPV4));
    assert_int_equal(take_all(world, begin), 1);
    leave(world, 0, name);
    leave(world, 0, join(world, 0, "dead"));
    world_free(world); /* a leak would be seen by the address sanitizer */
}

static void test_names_free_of_null_is_allowed(void **state)
{
    (void)state;
    names_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_first_join_starts_one_lookup_a_family),
        cmocka_unit_test(test_names_second_join_in_flight_starts_nothing),
        cmocka_unit_test(test_names_other_host_has_lookups_of_its_own),
        cmocka_unit_test(test_names_join_in_other_families_has_lookups_of_its_own),
        cmocka_unit_test(test_names_many_names_are_all_told_apart),
        cmocka_unit_test(test_names_answer_is_told_with_its_family),
        cmocka_unit_test(test_names_answer_is_there_once_it_was_taken),
        cmocka_unit_test(test_names_family_that_was_not_asked_has_no_answer),
        cmocka_unit_test(test_names_failed_lookup_is_an_answer_too),
        cmocka_unit_test(test_names_answer_is_told_once_for_all_its_users),
        cmocka_unit_test(test_names_answered_name_in_use_is_reused_for_10_s),
        cmocka_unit_test(test_names_resolver_that_says_again_is_asked_again_soon),
        cmocka_unit_test(test_names_age_counts_from_the_last_answer),
        cmocka_unit_test(test_names_renewed_name_leaves_the_old_one_to_its_users),
        cmocka_unit_test(test_names_answered_name_that_nobody_uses_is_forgotten),
        cmocka_unit_test(test_names_last_user_that_leaves_a_pending_name_abandons_it),
        cmocka_unit_test(test_names_leaving_with_one_family_out_abandons_it),
        cmocka_unit_test(test_names_leaving_an_answered_name_abandons_nothing),
        cmocka_unit_test(test_names_user_that_left_is_in_no_list),
        cmocka_unit_test(test_names_late_answer_of_an_abandoned_name_is_dropped),
        cmocka_unit_test(test_names_late_answer_is_not_kept_for_who_comes_after_it),
        cmocka_unit_test(test_names_dropped_answer_does_not_hide_the_next_one),
        cmocka_unit_test(test_names_hung_name_is_joined_not_restarted),
        cmocka_unit_test(test_names_late_answer_reaches_whoever_joined_meanwhile),
        cmocka_unit_test(test_names_half_hung_name_is_joined_with_the_answer_it_has),
        cmocka_unit_test(test_names_name_left_twice_is_abandoned_twice),
        cmocka_unit_test(test_names_join_needs_room_for_each_family),
        cmocka_unit_test(test_names_in_flight_is_joined_without_room),
        cmocka_unit_test(test_names_without_room_is_joined_later),
        cmocka_unit_test(test_names_start_that_fails_fails_the_join),
        cmocka_unit_test(test_names_failed_join_can_be_repeated),
        cmocka_unit_test(test_names_answer_of_a_half_started_name_is_dropped),
        cmocka_unit_test(test_names_half_started_name_is_abandoned),
        cmocka_unit_test(test_names_free_forgets_lookups_that_are_out),
        cmocka_unit_test(test_names_free_of_null_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
