#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/names.h"

enum {
    CALLS = 4200,
    HOST_SIZE = 32,
    MANY = 2000, /* more names than the table has buckets */
};

static const int64_t begin = 1000 * NS_PER_S; /* any point in time */
static const int64_t reuse = 10 * NS_PER_S;
static const int64_t moment = 150 * NS_PER_MS; /* until the rescue */

/* One start() that succeeded. */
struct call {
    char host[HOST_SIZE];
    unsigned families;
    void *tag;
};

/* A resolver that answers when the test says so. */
struct scripted {
    struct resolver interface;
    size_t room;
    enum error start_error; /* of the first start() */
    size_t asked;           /* start() calls, failed ones too */
    struct call calls[CALLS];
    size_t count;
    struct lookup answers[CALLS];
    size_t answered;
    size_t taken;
    size_t spare;
};

static size_t scripted_room(void *self)
{
    const struct scripted *scripted = self;
    return scripted->room;
}

static enum error scripted_start(void *self, const char *host, unsigned families, void *tag)
{
    struct scripted *scripted = self;
    if (scripted->asked++ == 0 && scripted->start_error != ERROR_NONE) {
        errno = ENFILE;
        return scripted->start_error;
    }
    assert_in_range(scripted->count, 0, CALLS - 1);
    struct call *call = &scripted->calls[scripted->count++];
    (void)snprintf(call->host, sizeof call->host, "%s", host);
    call->families = families;
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

static size_t scripted_spare(void *self)
{
    const struct scripted *scripted = self;
    return scripted->spare;
}

static struct scripted *scripted_new(void)
{
    struct scripted *scripted = calloc(1, sizeof *scripted);
    assert_non_null(scripted);
    scripted->room = scripted->spare = 100;
    scripted->interface = (struct resolver){
        .self = scripted,
        .fd = -1,
        .room = scripted_room,
        .spare = scripted_spare,
        .start = scripted_start,
        .take = scripted_take,
    };
    return scripted;
}

/* The started lookup `number` comes back with an address of each family, or with an error. */
static void answer_with(struct scripted *scripted, size_t number, int lookup_error)
{
    static const char *const texts[] = {"192.0.2.1", "2001:db8::1"};
    assert_true(number < scripted->count);
    struct lookup *lookup = &scripted->answers[scripted->answered++];
    memset(lookup, 0, sizeof *lookup);
    lookup->tag = scripted->calls[number].tag;
    lookup->families = scripted->calls[number].families;
    lookup->lookup_error = lookup_error;
    if (lookup_error != 0)
        return;
    lookup->addresses = calloc(2, sizeof *lookup->addresses);
    assert_non_null(lookup->addresses);
    for (size_t i = 0; i < 2; i++)
        if ((lookup->families & (1u << i)) != 0)
            assert_true(
                address_parse(texts[i], strlen(texts[i]), &lookup->addresses[lookup->count++]));
}

static void answer(struct scripted *scripted, size_t number)
{
    answer_with(scripted, number, 0);
}

/* Names over a scripted resolver, and their users. */
struct world {
    struct scripted *scripted;
    struct names *names;
    struct list users[3];
    struct name *used[3];
};

static struct world *world_new_patient(int64_t patience_ns)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->scripted = scripted_new();
    world->names = names_new(&world->scripted->interface, reuse, patience_ns, moment);
    assert_non_null(world->names);
    for (size_t i = 0; i < ARRAY_LEN(world->users); i++)
        list_init(&world->users[i]);
    return world;
}

static struct world *world_new(void)
{
    return world_new_patient(NEVER_NS);
}

/* Those who are left leave. */
static void world_free(struct world *world)
{
    for (size_t i = 0; i < ARRAY_LEN(world->users); i++)
        if (world->used[i] != NULL)
            names_leave(world->names, world->used[i], &world->users[i]);
    names_free(world->names);
    for (size_t i = world->scripted->taken; i < world->scripted->answered; i++)
        lookup_release(&world->scripted->answers[i]);
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
    return world->used[user] = name;
}

static struct name *join(struct world *world, size_t user, const char *host)
{
    return join_at(world, user, host, FAMILY_ANY, begin);
}

static void leave(struct world *world, size_t user)
{
    names_leave(world->names, world->used[user], &world->users[user]);
    world->used[user] = NULL;
}

/* Take everything that came back or is due; FAMILY_ bits of what was told. */
static unsigned take_all(struct world *world, int64_t now_ns)
{
    struct name *name;
    unsigned families;
    unsigned told = 0;
    while (names_take(world->names, now_ns, &name, &families))
        told |= families;
    return told;
}

static size_t count_answer(const struct name *name, unsigned family)
{
    const struct lookup *lookup = name_answer(name, family);
    return lookup != NULL ? lookup->count : 0;
}

/* Join */

static void test_names_join_starts_what_is_not_in_flight(void **state)
{
    static const struct {
        const char *label;
        unsigned families;
        const char *other; /* joined meanwhile */
        unsigned other_families;
        size_t lookups;
    } cases[] = {
        {"the same name", FAMILY_ANY, "db", FAMILY_ANY, 1},
        {"-4", FAMILY_IPV4, "db", FAMILY_IPV4, 1},
        {"-6", FAMILY_IPV6, "db", FAMILY_IPV6, 1},
        {"in other families", FAMILY_ANY, "db", FAMILY_IPV4, 2},
        {"longer", FAMILY_ANY, "db2", FAMILY_ANY, 2},
        {"shorter", FAMILY_ANY, "d", FAMILY_ANY, 2},
        {"the same letters", FAMILY_ANY, "bd", FAMILY_ANY, 2},
        {"a dot more", FAMILY_ANY, "db.", FAMILY_ANY, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct world *world = world_new();
        const struct call *call = &world->scripted->calls[0];
        struct name *first = join_at(world, 0, "db", cases[i].families, begin);
        claim_number(cases[i].label, "lookups", world->scripted->count, 1);
        claim_number(cases[i].label, "families", call->families, cases[i].families);
        claim_text(cases[i].label, "host", call->host, "db");
        struct name *second = join_at(world, 1, cases[i].other, cases[i].other_families, begin);
        bool is_same = cases[i].lookups == 1;
        claim_number(cases[i].label, "lookups", world->scripted->asked, cases[i].lookups);
        claim_number(cases[i].label, "the same", first == second, is_same);
        claim_number(cases[i].label, "users of the first are two",
                     first->users.next->next->next == &first->users, is_same);
        world_free(world);
    }
}

static void test_names_many_names_are_all_told_apart(void **state)
{
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

static void test_names_answer_is_told_once_and_is_there_then(void **state)
{
    for (unsigned asked = FAMILY_IPV4; asked <= FAMILY_ANY; asked++) {
        struct world *world = world_new();
        struct name *joined = join_at(world, 0, "db", asked, begin);
        struct name *name = NULL;
        unsigned families = 0;
        (void)join_at(world, 1, "db", asked, begin);
        assert_null(name_answer(joined, asked & -asked));
        answer(world->scripted, 0);
        assert_true(names_take(world->names, begin, &name, &families));
        assert_ptr_equal(name, joined);
        assert_int_equal(families, asked);
        assert_false(names_take(world->names, begin, &name, &families));
        for (unsigned family = FAMILY_IPV4; family <= FAMILY_IPV6; family <<= 1) {
            const struct lookup *lookup = name_answer(name, family);
            assert_int_equal(lookup != NULL, (asked & family) != 0);
            if (lookup == NULL)
                continue;
            assert_int_equal(lookup->families, family);
            assert_int_equal(lookup->count, 1);
            assert_int_equal(address_family_bit(&lookup->addresses[0]), family);
        }
        world_free(world);
    }
}

static void test_names_failed_lookup_is_an_answer_too(void **state)
{
    struct world *world = world_new();
    struct name *name = join_at(world, 0, "nosuch", FAMILY_IPV4, begin);
    answer_with(world->scripted, 0, EAI_NONAME);
    assert_int_equal(take_all(world, begin), FAMILY_IPV4);
    assert_int_equal(name_answer(name, FAMILY_IPV4)->lookup_error, EAI_NONAME);
    world_free(world);
}

/* Reuse */

static void test_names_answer_is_reused_until_it_is_old(void **state)
{
    static const struct {
        const char *label;
        int64_t patience_ns;
        bool is_used; /* else the user has left when the answer comes */
        int lookup_error;
        int64_t later_ns;
        bool is_reused;
    } cases[] = {
        {"at once", NEVER_NS, true, 0, 0, true},
        {"1 ns below 10 s", NEVER_NS, true, 0, 10 * NS_PER_S - 1, true},
        {"10 s", NEVER_NS, true, 0, 10 * NS_PER_S, false},
        {"an hour", NEVER_NS, true, 0, 3600 * NS_PER_S, false},
        {"again, at once", NEVER_NS, true, EAI_AGAIN, 0, true},
        {"again, below 0.1 s", NEVER_NS, true, EAI_AGAIN, NS_PER_S / 10 - 1, true},
        {"again, 0.1 s", NEVER_NS, true, EAI_AGAIN, NS_PER_S / 10, false},
        {"no such name, 0.1 s", NEVER_NS, true, EAI_NONAME, NS_PER_S / 10, true},
        {"kept, at once", NEVER_NS, false, 0, 0, true},
        {"kept, below the reuse", NEVER_NS, false, 0, 10 * NS_PER_S - 1, true},
        {"kept, as old as that", NEVER_NS, false, 0, 10 * NS_PER_S, false},
        {"kept, below the patience", 20 * NS_PER_S, false, 0, 20 * NS_PER_S - 1, true},
        {"kept, as old as that", 20 * NS_PER_S, false, 0, 20 * NS_PER_S, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        struct world *world = world_new_patient(cases[i].patience_ns);
        int64_t answered_ns = begin + moment / 2;
        /* Of both families, a failure is not the end. */
        unsigned families = cases[i].lookup_error == 0 ? FAMILY_ANY : FAMILY_IPV4;
        (void)join_at(world, 0, "db", families, begin);
        if (!cases[i].is_used)
            leave(world, 0);
        answer_with(world->scripted, 0, cases[i].lookup_error);
        claim_number(label, "told", take_all(world, answered_ns),
                     cases[i].is_used ? families : 0);
        struct name *name = join_at(world, 1, "db", families, answered_ns + cases[i].later_ns);
        claim_number(label, "lookups", world->scripted->count, cases[i].is_reused ? 1 : 2);
        claim_true(label, "answered at once, or not yet",
                   (name_answer(name, FAMILY_IPV4) != NULL) == cases[i].is_reused);
        world_free(world);
    }
}

/* Leave */

/* What is remembered is that there was an address, but no answer. */
static void test_names_that_had_an_address_are_remembered_and_asked_anew(void **state)
{
    struct world *world = world_new();
    for (size_t i = 0; i < 3; i++) {
        struct name *name = join(world, 0, "db");
        claim_number("db", "lookups", world->scripted->count, i + 1);
        claim_number("db", "remembered", name->had_address, i == 2);
        answer(world->scripted, i);
        assert_int_equal(take_all(world, begin), FAMILY_ANY);
        name->had_address |= i == 1;
        leave(world, 0);
    }
    world_free(world);
}

static void test_names_user_that_left_is_in_no_list(void **state)
{
    struct world *world = world_new();
    (void)join(world, 0, "db");
    assert_false(list_is_empty(&world->users[0]));
    leave(world, 0);
    assert_true(list_is_empty(&world->users[0]));
    world_free(world);
}

/* The rescue */

/* Both lookups of one family are started after a moment, where the first one is silent. */
static struct name *join_silent(struct world *world)
{
    struct name *name = join(world, 0, "db");
    assert_int_equal(names_due_ns(world->names), begin + moment);
    assert_int_equal(take_all(world, begin + moment), 0);
    assert_int_equal(world->scripted->count, 3);
    assert_int_equal(world->scripted->calls[1].families, FAMILY_IPV4);
    assert_int_equal(world->scripted->calls[2].families, FAMILY_IPV6);
    return name;
}

static void test_names_rescue_never_adds_what_the_lookup_of_both_does_not_have(void **state)
{
    struct world *world = world_new();
    (void)join_silent(world);
    answer(world->scripted, 1);
    answer(world->scripted, 2);
    assert_int_equal(take_all(world, begin + moment), FAMILY_IPV4);
    answer(world->scripted, 0);
    assert_int_equal(take_all(world, begin + NS_PER_S), FAMILY_IPV6);
    world_free(world);
}

static void test_names_old_answer_of_a_rescue_is_asked_for_again(void **state)
{
    struct world *world = world_new();
    struct name *name = join_silent(world);
    answer(world->scripted, 1);
    assert_int_equal(take_all(world, begin + moment), FAMILY_IPV4);
    assert_ptr_equal(join_at(world, 1, "db", FAMILY_ANY, begin + reuse), name);
    assert_non_null(name_answer(name, FAMILY_IPV4));
    leave(world, 1);
    (void)join_at(world, 1, "db", FAMILY_ANY, begin + moment + reuse);
    assert_null(name_answer(name, FAMILY_IPV4));
    assert_int_equal(world->scripted->count, 4);
    assert_int_equal(world->scripted->calls[3].families, FAMILY_IPV4);
    answer(world->scripted, 3);
    assert_int_equal(take_all(world, begin + moment + reuse), FAMILY_IPV4);
    world_free(world);
}

static void test_names_rescue_has_only_what_is_left(void **state)
{
    static const struct {
        const char *label;
        size_t spare;
        bool is_used;
        const char *host;
        bool is_refused; /* another name has no thread */
        size_t lookups;
    } cases[] = {
        {"threads enough", 2, true, "db", false, 3},
        {"none left", 0, true, "db", false, 1},
        {"a name waits", 2, true, "db", true, 1},
        {"below .local", 2, true, "a.local", false, 1},
        {"nobody waits", 2, false, "db", false, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct world *world = world_new();
        struct name *other = NULL;
        (void)join(world, 0, cases[i].host);
        world->scripted->room = cases[i].is_refused ? 0 : 100;
        world->scripted->spare = cases[i].spare;
        if (!cases[i].is_used)
            leave(world, 0);
        if (cases[i].is_refused)
            claim_error(
                cases[i].label,
                names_join(world->names, "other", FAMILY_ANY, &world->users[1], begin, &other),
                ERROR_AGAIN);
        (void)take_all(world, begin + moment);
        claim_number(cases[i].label, "lookups", world->scripted->count, cases[i].lookups);
        world_free(world);
    }
}

/* Late answers */

static void test_names_kept_answers_are_bounded(void **state)
{
    struct world *world = world_new();
    for (size_t i = 0; i <= NAMES_KEPT_MAX; i++) {
        char host[HOST_SIZE];
        (void)snprintf(host, sizeof host, "host%zu", i);
        (void)join(world, 0, host);
        leave(world, 0);
        answer(world->scripted, i);
        (void)take_all(world, begin);
    }
    struct name *second = join(world, 1, "host1");
    struct name *first = join(world, 0, "host0");
    assert_non_null(name_answer(second, FAMILY_IPV4));
    assert_null(name_answer(first, FAMILY_IPV4));
    world_free(world);
}

/*
 * Events: "jU" user U joins "db", "JU" another name, "xU" finds no room for "db"; "lU" leaves;
 * "aN" the lookup N comes back with addresses, "fN" knows no such name, "gN" failed for now;
 * "tF" is what is told, FAMILY_ bits; "yU" has an address; "=" users 0 and 1 have the same
 * name; "@T" is the time in milliseconds, "rN" there is room for N lookups, "#N" lookups were
 * started.
 */
static const struct scenario {
    const char *label;
    int64_t patience_ns;
    const char *events;
} scenarios[] = {
    {"joined in flight without room", NEVER_NS, "j0 r0 j1 = #1"},
    {"joined once there is room", NEVER_NS, "r0 x0 #0 r1 j0 #1"},
    {"hung: joined, not begun anew", NEVER_NS, "j0 l0 @3600000 j1 #1"},
    {"late, for a user that joined meanwhile", NEVER_NS, "j0 l0 @1000 j1 a0 t3 y1"},
    {"one that is not awaited hides no other", NEVER_NS, "J0 l0 j1 a0 a1 t3 y1"},
    {"forgotten once it is not in use, but not in flight", NEVER_NS, "J0 l0 j0 a1 t3 l0 j0 #3"},
    {"hung: awaited where no thread is left", 2 * NS_PER_S, "j0 l0 r0 @2000 j0 #1 a0 t3"},
    {"the older one has it", 2 * NS_PER_S, "j0 l0 @2000 j0 #2 a0 t3 a1 t0"},
    {"the older one failed", 2 * NS_PER_S, "j0 l0 @2000 j0 #2 g0 t0 a1 t3"},
    {"the older one knows no such name", 2 * NS_PER_S, "j0 l0 @2000 j0 #2 f0 t0 a1 t3"},
    {"both failed", 2 * NS_PER_S, "j0 l0 @2000 j0 #2 f0 t0 f1 t3"},
    {"the older one is later", 2 * NS_PER_S, "j0 l0 @2000 j0 #2 a1 t3 a0 t0 y0"},
    {"the older one is later, and has it", 2 * NS_PER_S, "j0 l0 @2000 j0 #2 f1 t3 a0 t3 y0"},
    {"patience doubles while lookups hang", 2 * NS_PER_S,
     "j0 l0 #1 @1000 j0 l0 #1 @2000 j0 l0 #2 @5000 j0 l0 #2 @6000 j0 l0 #3 @13000 j0 l0 #3 "
     "@14000 "
     "j0 l0 #4"},
};

static void play(struct world *world, const char *label, const char *event, int64_t *now_ns)
{
    struct name *name = NULL;
    size_t number = strtoul(event + 1, NULL, 10);
    if (*event == 'j' || *event == 'J')
        (void)join_at(world, number, *event == 'j' ? "db" : "other", FAMILY_ANY, *now_ns);
    else if (*event == 'x')
        claim_error(
            label,
            names_join(world->names, "db", FAMILY_ANY, &world->users[number], *now_ns, &name),
            ERROR_AGAIN);
    else if (*event == 'l')
        leave(world, number);
    else if (*event == 'a' || *event == 'f' || *event == 'g')
        answer_with(world->scripted, number,
                    *event == 'a'   ? 0
                    : *event == 'f' ? EAI_NONAME
                                    : EAI_AGAIN);
    else if (*event == 't')
        claim_number(label, event, take_all(world, *now_ns), number);
    else if (*event == 'y')
        claim_number(label, event, count_answer(world->used[number], FAMILY_IPV4), 1);
    else if (*event == '=')
        claim_true(label, event, world->used[0] == world->used[1]);
    else if (*event == '@')
        *now_ns = begin + (int64_t)number * NS_PER_MS;
    else if (*event == 'r')
        world->scripted->room = number;
    else
        claim_number(label, event, world->scripted->asked, number);
}

static void test_names_join_leave_and_come_back(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
        struct world *world = world_new_patient(scenarios[i].patience_ns);
        int64_t now_ns = begin;
        world->scripted->spare = 0;
        for (const char *event = scenarios[i].events; *event != '\0';) {
            play(world, scenarios[i].label, event, &now_ns);
            event += strcspn(event, " ");
            event += strspn(event, " ");
        }
        world_free(world);
    }
}

/* No room, no thread */

static const struct {
    const char *label;
    size_t room;
    unsigned families;
    enum error error;
} rooms[] = {
    {"none for both", 0, FAMILY_ANY, ERROR_AGAIN},
    {"one for both", 1, FAMILY_ANY, ERROR_NONE},
    {"none for IPv4", 0, FAMILY_IPV4, ERROR_AGAIN},
    {"one for IPv6", 1, FAMILY_IPV6, ERROR_NONE},
};

static void test_names_join_needs_room_for_one_lookup(void **state)
{
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
        world_free(world);
    }
}

static void test_names_join_whose_start_fails_can_be_repeated(void **state)
{
    static const struct {
        const char *label;
        enum error error;
        unsigned families;
    } cases[] = {
        {"both, no thread", ERROR_THREAD, FAMILY_ANY},
        {"both, no memory", ERROR_NO_MEMORY, FAMILY_ANY},
        {"both, no descriptor", ERROR_SYSTEM, FAMILY_ANY},
        {"IPv4 alone", ERROR_THREAD, FAMILY_IPV4},
        {"IPv6 alone", ERROR_NO_MEMORY, FAMILY_IPV6},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *label = cases[i].label;
        struct world *world = world_new();
        struct name *name = NULL;
        world->scripted->start_error = cases[i].error;
        errno = 0;
        enum error error =
            names_join(world->names, "db", cases[i].families, &world->users[0], begin, &name);
        int system_error = errno;
        claim_error(label, error, cases[i].error);
        claim_true(label, "name untouched", name == NULL);
        claim_true(label, "user in no list", list_is_empty(&world->users[0]));
        if (error != ERROR_NO_MEMORY)
            claim_number(label, "errno", (uint64_t)system_error, ENFILE);
        name = join_at(world, 0, "db", cases[i].families, begin);
        answer(world->scripted, 0);
        (void)take_all(world, begin);
        claim_number(label, "IPv4 addresses", count_answer(name, FAMILY_IPV4),
                     (cases[i].families & FAMILY_IPV4) != 0);
        claim_number(label, "IPv6 addresses", count_answer(name, FAMILY_IPV6),
                     (cases[i].families & FAMILY_IPV6) != 0);
        world_free(world);
    }
}

/* The end */

static void test_names_free_forgets_lookups_that_are_out(void **state)
{
    struct world *world = world_new();
    (void)join(world, 0, "db");
    (void)take_all(world, begin + moment); /* the rescue begins */
    answer(world->scripted, 1);
    assert_int_equal(take_all(world, begin + moment), FAMILY_IPV4);
    leave(world, 0);
    (void)join(world, 0, "dead");
    leave(world, 0);
    world_free(world); /* a leak would be seen by the address sanitizer */
    names_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_join_starts_what_is_not_in_flight),
        cmocka_unit_test(test_names_many_names_are_all_told_apart),
        cmocka_unit_test(test_names_answer_is_told_once_and_is_there_then),
        cmocka_unit_test(test_names_failed_lookup_is_an_answer_too),
        cmocka_unit_test(test_names_answer_is_reused_until_it_is_old),
        cmocka_unit_test(test_names_user_that_left_is_in_no_list),
        cmocka_unit_test(test_names_rescue_never_adds_what_the_lookup_of_both_does_not_have),
        cmocka_unit_test(test_names_old_answer_of_a_rescue_is_asked_for_again),
        cmocka_unit_test(test_names_rescue_has_only_what_is_left),
        cmocka_unit_test(test_names_kept_answers_are_bounded),
        cmocka_unit_test(test_names_that_had_an_address_are_remembered_and_asked_anew),
        cmocka_unit_test(test_names_join_leave_and_come_back),
        cmocka_unit_test(test_names_join_needs_room_for_one_lookup),
        cmocka_unit_test(test_names_join_whose_start_fails_can_be_repeated),
        cmocka_unit_test(test_names_free_forgets_lookups_that_are_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
