/*
 * Names in the whole engine: one lookup and its rescue, races, deadlines, late answers,
 * threads, sharing.
 */
#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "drive.h"

static const int64_t ms = NS_PER_MS;

static void assert_row(const struct drive *drive, size_t row, enum reason reason,
                       const char *address)
{
    char text[ADDRESS_TEXT_SIZE];
    if (row >= drive->row_count)
        fail_msg("row %zu is missing", row);
    if (drive->rows[row].outcome.reason != reason)
        fail_msg("row %zu is '%s', expected '%s'", row,
                 reason_name(drive->rows[row].outcome.reason), reason_name(reason));
    address_format(&drive->rows[row].endpoint.address, text);
    assert_string_equal(text, address);
}

static int64_t elapsed_ns(const struct drive *drive)
{
    return drive->ended_ns - drive->began_ns;
}

/* "db" with one address of each family, both lookups answered after these times. */
static struct drive *new_dual(int64_t ipv4_ns, int64_t ipv6_ns)
{
    struct drive *drive = drive_new();
    struct world_name *name = world_add_name(&drive->world, "db", ipv4_ns, ipv6_ns);
    world_name_address(name, "192.0.2.1");
    world_name_address(name, "2001:db8::1");
    drive_add(drive, "db:5432");
    return drive;
}

static void test_names_ipv6_goes_first(void **state)
{
    (void)state;
    struct drive *drive = new_dual(2 * ms, 4 * ms);
    world_add(&drive->world, "192.0.2.1", 5432, BEHAVIOUR_OPEN, 10 * ms);
    world_add(&drive->world, "2001:db8::1", 5432, BEHAVIOUR_OPEN, 10 * ms);
    drive_run(drive);
    assert_row(drive, 0, REASON_CONNECTED, "2001:db8::1");
    assert_int_equal(drive->rows[0].connect_ns, 10 * ms);
    assert_int_equal(drive->rows[0].resolve_ns, 4 * ms);
    assert_int_equal(elapsed_ns(drive), 14 * ms);
    drive_free(drive);
}

static void test_names_late_ipv6_answer_costs_200_ms(void **state)
{
    (void)state;
    struct drive *drive = new_dual(2 * ms, 400 * ms);
    struct world_host *ipv4 =
        world_add(&drive->world, "192.0.2.1", 5432, BEHAVIOUR_OPEN, 10 * ms);
    drive_run(drive);
    assert_row(drive, 0, REASON_CONNECTED, "192.0.2.1");
    assert_int_equal(ipv4->first_at_ns - drive->began_ns, (150 + 2 + 50) * ms);
    drive_free(drive);
}

static void test_names_short_timeout_still_asks_the_address_at_hand(void **state)
{
    (void)state;
    struct drive *drive = new_dual(1 * ms, NEVER_NS);
    world_add(&drive->world, "192.0.2.1", 5432, BEHAVIOUR_OPEN, 5 * ms);
    drive->options.timeout_ns = 40 * ms;
    drive_run(drive);
    assert_row(drive, 0, REASON_CONNECTED, "192.0.2.1");
    drive_free(drive);
}

static void test_names_ipv6_answer_does_not_wait_for_ipv4(void **state)
{
    (void)state;
    struct drive *drive = new_dual(NEVER_NS, 3 * ms);
    world_add(&drive->world, "2001:db8::1", 5432, BEHAVIOUR_OPEN, 10 * ms);
    drive_run(drive);
    assert_row(drive, 0, REASON_CONNECTED, "2001:db8::1");
    assert_int_equal(elapsed_ns(drive), (150 + 3 + 10) * ms);
    drive_free(drive);
}

static void test_names_dead_first_address_costs_250_ms(void **state)
{
    (void)state;
    struct drive *drive = new_dual(1 * ms, 1 * ms);
    world_add(&drive->world, "192.0.2.1", 5432, BEHAVIOUR_OPEN, 10 * ms);
    drive_run(drive);
    assert_row(drive, 0, REASON_CONNECTED, "192.0.2.1");
    assert_int_equal(elapsed_ns(drive), (1 + 250 + 10) * ms);
    drive_free(drive);
}

static void test_names_failed_address_starts_the_next_at_once(void **state)
{
    (void)state;
    struct drive *drive = new_dual(1 * ms, 1 * ms);
    world_add(&drive->world, "2001:db8::1", 5432, BEHAVIOUR_IMMEDIATE, 0)->error = ENETUNREACH;
    world_add(&drive->world, "192.0.2.1", 5432, BEHAVIOUR_OPEN, 10 * ms);
    drive_run(drive);
    assert_row(drive, 0, REASON_CONNECTED, "192.0.2.1");
    assert_int_equal(elapsed_ns(drive), 11 * ms);
    drive_free(drive);
}

static void test_names_families_interleave(void **state)
{
    (void)state;
    static const char *const addresses[] = {"2001:db8::1", "192.0.2.1", "2001:db8::2",
                                            "192.0.2.2"};
    struct drive *drive = drive_new();
    struct world_name *name = world_add_name(&drive->world, "db", 1 * ms, 1 * ms);
    struct world_host *hosts[ARRAY_LEN(addresses)];
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
        world_name_address(name, addresses[i]);
        hosts[i] = world_add(&drive->world, addresses[i], 0, BEHAVIOUR_SILENT, 0);
    }
    drive_add(drive, "db:5432");
    drive_run(drive);
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++)
        assert_int_equal(hosts[i]->first_at_ns - drive->began_ns, (1 + (int)i * 250) * ms);
    assert_int_equal(drive->rows[0].outcome.reason, REASON_TIMEOUT);
    assert_int_equal(drive->rows[0].others_failed, 3);
    assert_int_equal(elapsed_ns(drive), 5000 * ms);
    drive_free(drive);
}

static void test_names_many_addresses_all_get_their_turn(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    struct world_name *name = world_add_name(&drive->world, "db", 1 * ms, 1 * ms);
    for (int i = 1; i <= 7; i++) {
        char text[] = "192.0.2.0";
        text[8] = (char)('0' + i);
        world_name_address(name, text);
        world_add(&drive->world, text, 0, i < 7 ? BEHAVIOUR_SILENT : BEHAVIOUR_OPEN, ms);
    }
    drive_add(drive, "db:5432");
    drive->options.timeout_ns = 800 * ms;
    drive_run(drive);
    assert_row(drive, 0, REASON_CONNECTED, "192.0.2.7");
    drive_free(drive);
}

static void test_names_refusal_explains_more_than_silence(void **state)
{
    (void)state;
    struct drive *drive = new_dual(1 * ms, 1 * ms);
    world_add(&drive->world, "192.0.2.1", 5432, BEHAVIOUR_REFUSED, 10 * ms);
    world_add(&drive->world, "2001:db8::1", 5432, BEHAVIOUR_SILENT, 0);
    drive_run(drive);
    assert_row(drive, 0, REASON_REFUSED, "192.0.2.1");
    assert_int_equal(drive->rows[0].others_failed, 1);
    drive_free(drive);
}

/* What a lookup of one family finds elsewhere is another machine. */
static void test_names_address_that_the_lookup_of_both_does_not_have_is_not_asked(void **state)
{
    (void)state;
    static const int64_t both_ms[] = {1, 149, 1000}; /* the last one after the rescue */
    for (size_t i = 0; i < ARRAY_LEN(both_ms); i++) {
        struct drive *drive = new_dual(1 * ms, 5 * ms);
        struct world_name *name = &drive->world.names[0];
        struct world_host *stranger =
            world_add(&drive->world, "2001:db8::1", 0, BEHAVIOUR_OPEN, 1 * ms);
        world_add(&drive->world, "192.0.2.1", 0, BEHAVIOUR_REFUSED, 1 * ms);
        name->has_both = true;
        name->both_ns = both_ms[i] * ms;
        name->both_lacks = FAMILY_IPV6;
        drive_run(drive);
        assert_row(drive, 0, REASON_REFUSED, "192.0.2.1");
        assert_int_equal(stranger->asked, 0);
        assert_int_equal(elapsed_ns(drive), (both_ms[i] + (i < 2 ? 1 : 0)) * ms);
        drive_free(drive);
    }
}

/* Names one after the other, and a lookup each: none to the rescue. */
static void test_names_single_thread_serves_all(void **state)
{
    (void)state;
    static const char *const hosts[] = {"one", "two", "three", "four"};
    static const char *const targets[] = {"one:80", "two:80", "three:80", "four:80"};
    for (int64_t slow_ms = 1; slow_ms < 10000; slow_ms += 3000) {
        struct drive *drive = drive_new();
        drive->world.lookup_threads = 1;
        world_add(&drive->world, "192.0.2.1", 0, BEHAVIOUR_OPEN, 1 * ms);
        for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
            int64_t delay_ns = (i == 0 ? slow_ms : 1) * ms; /* the first one may hang */
            world_name_address(world_add_name(&drive->world, hosts[i], delay_ns, delay_ns),
                               "192.0.2.1");
            drive_add(drive, targets[i]);
        }
        drive_run(drive);
        for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
            bool is_late = i == 0 && slow_ms > 5000;
            assert_row(drive, i, is_late ? REASON_RESOLVE_TIMEOUT : REASON_CONNECTED,
                       is_late ? "" : "192.0.2.1");
            assert_int_equal(drive->world.names[i].asked, 1);
        }
        drive_free(drive);
    }
}

static void test_names_unknown_name_is_unresolved(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    drive_add(drive, "nosuch:80");
    drive_run(drive);
    assert_row(drive, 0, REASON_UNRESOLVED, "");
    assert_int_equal(drive->rows[0].outcome.lookup_error, EAI_NONAME);
    assert_int_equal(elapsed_ns(drive), 1 * ms);
    drive_free(drive);
}

static void test_names_try_again_outweighs_no_such_name(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        struct drive *drive = drive_new();
        struct world_name *name =
            world_add_name(&drive->world, "db", (1 + first) * ms, (2 - first) * ms);
        name->lookup_error[0] = EAI_AGAIN;
        name->lookup_error[1] = EAI_NONAME;
        drive_add(drive, "db:80");
        drive_run(drive);
        assert_row(drive, 0, REASON_UNRESOLVED, "");
        assert_int_equal(drive->rows[0].outcome.lookup_error, EAI_AGAIN);
        drive_free(drive);
    }
}

static void test_names_silent_resolver_ends_at_the_deadline(void **state)
{
    (void)state;
    struct drive *drive = new_dual(NEVER_NS, NEVER_NS);
    drive->options.timeout_ns = 2000 * ms;
    drive_run(drive);
    assert_row(drive, 0, REASON_RESOLVE_TIMEOUT, "");
    assert_int_equal(elapsed_ns(drive), 2000 * ms);
    drive_free(drive);
}

static void test_names_resolving_counts_against_the_timeout(void **state)
{
    (void)state;
    struct drive *drive = new_dual(1500 * ms, 1500 * ms);
    drive->options.timeout_ns = 2000 * ms;
    drive_run(drive);
    assert_row(drive, 0, REASON_TIMEOUT, "2001:db8::1");
    assert_int_equal(elapsed_ns(drive), 2000 * ms);
    drive_free(drive);
}

static void test_names_late_answer_is_dropped(void **state)
{
    (void)state;
    struct drive *drive = new_dual(900 * ms, 900 * ms);
    struct world_host *host =
        world_add(&drive->world, "192.0.2.1", 5432, BEHAVIOUR_OPEN, 10 * ms);
    drive_add(drive, "192.0.2.9:80");
    drive->options.timeout_ns = 500 * ms;
    drive->options.window = 1;
    drive_run(drive);
    assert_row(drive, 0, REASON_RESOLVE_TIMEOUT, "");
    assert_row(drive, 1, REASON_TIMEOUT, "192.0.2.9");
    assert_int_equal(host->asked, 0);
    drive_free(drive);
}

static void test_names_unspecified_address_is_unresolved(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    struct world_name *name = world_add_name(&drive->world, "ads", 1 * ms, 1 * ms);
    world_name_address(name, "0.0.0.0");
    world_name_address(name, "::");
    drive_add(drive, "ads:443");
    drive_run(drive);
    assert_row(drive, 0, REASON_UNRESOLVED, "");
    assert_int_equal(drive->rows[0].outcome.remark, REMARK_UNSPECIFIED);
    drive_free(drive);
}

static void test_names_equal_names_are_resolved_once(void **state)
{
    (void)state;
    struct drive *drive = new_dual(5 * ms, 5 * ms);
    world_add(&drive->world, "2001:db8::1", 7, BEHAVIOUR_SILENT, 0);
    world_add(&drive->world, "2001:db8::1", 0, BEHAVIOUR_OPEN, 10 * ms);
    drive_add(drive, "db:7-200");
    drive->options.window = 20;
    drive->is_unordered = true;
    drive_run(drive);
    assert_int_equal(drive->row_count, 195);
    assert_int_equal(drive->world.names[0].asked, 1);
    drive_free(drive);
}

static void test_names_dead_names_do_not_starve_living_ones(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    static const char *const dead[] = {"dead1:80", "dead2:80", "dead3:80", "dead4:80",
                                       "dead5:80"};
    static const char *const hosts[] = {"dead1", "dead2", "dead3", "dead4", "dead5"};
    for (size_t i = 0; i < ARRAY_LEN(dead); i++) {
        world_add_name(&drive->world, hosts[i], 2500 * ms, 2500 * ms);
        drive_add(drive, dead[i]);
    }
    world_name_address(world_add_name(&drive->world, "live", 1 * ms, 1 * ms), "192.0.2.1");
    world_add(&drive->world, "192.0.2.1", 0, BEHAVIOUR_OPEN, 1 * ms);
    drive_add(drive, "live:80");
    drive->options.timeout_ns = 1000 * ms;
    /* Two threads, which hang on after the timeout: the living name comes third and waits. */
    drive->world.lookup_room = 2;
    drive_run(drive);
    assert_row(drive, 5, REASON_CONNECTED, "192.0.2.1");
    for (size_t i = 0; i < ARRAY_LEN(dead); i++)
        assert_row(drive, i, REASON_RESOLVE_TIMEOUT, "");
    assert_int_equal(drive->rows[5].resolve_ns, 1 * ms);
    assert_int_equal(elapsed_ns(drive), (2500 + 2500 + 1000) * ms);
    drive_free(drive);
}

static void test_names_waiting_for_a_thread_lets_addresses_pass(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    world_add_name(&drive->world, "dead1", NEVER_NS, NEVER_NS);
    world_add_name(&drive->world, "dead2", NEVER_NS, NEVER_NS);
    world_add(&drive->world, "192.0.2.1", 0, BEHAVIOUR_OPEN, 1 * ms);
    drive_add(drive, "dead1:80");
    drive_add(drive, "dead2:80");
    drive_add(drive, "192.0.2.1:80");
    drive->world.lookup_room = 2;
    drive->is_unordered = true;
    drive_run(drive);
    assert_row(drive, 0, REASON_CONNECTED, "192.0.2.1");
    drive_free(drive);
}

static void test_names_no_thread_ever_is_local(void **state)
{
    (void)state;
    struct drive *drive = new_dual(1 * ms, 1 * ms);
    drive->world.lookup_room = 0;
    drive->options.timeout_ns = 500 * ms;
    drive_run(drive);
    assert_row(drive, 0, REASON_LOCAL, "");
    assert_int_equal(drive->rows[0].outcome.remark, REMARK_RESOLVER);
    assert_int_equal(drive->rows[0].attempts, 0);
    assert_int_equal(elapsed_ns(drive), 60000 * ms);
    drive_free(drive);
}

/* What may be over in a moment is tried again, what never will be is not. */
static void test_names_no_thread_at_all_is_local(void **state)
{
    (void)state;
    static const struct {
        int error;
        bool is_beside; /* an address is asked meanwhile, and answers after 20 ms */
        size_t row;     /* of the name, as they finish */
        int64_t most_ns;
    } cases[] = {
        {EPERM, false, 0, 0},
        {EPERM, true, 0, 20 * NS_PER_MS},
        {EAGAIN, false, 0, 1000 * NS_PER_MS},
        {EAGAIN, true, 1, 1000 * NS_PER_MS},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = drive_new();
        drive->world.thread_error = cases[i].error;
        drive->is_unordered = true;
        world_add(&drive->world, "192.0.2.9", 0, BEHAVIOUR_OPEN, 20 * ms);
        if (cases[i].is_beside)
            drive_add(drive, "192.0.2.9:80");
        drive_add(drive, "db:80");
        drive_run(drive);
        assert_row(drive, cases[i].row, REASON_LOCAL, "");
        assert_int_equal(drive->rows[cases[i].row].outcome.remark, REMARK_THREAD);
        assert_int_equal(drive->rows[cases[i].row].outcome.error, cases[i].error);
        assert_in_range(elapsed_ns(drive), 0, cases[i].most_ns);
        drive_free(drive);
    }
}

static void test_names_resolver_without_descriptors_is_local(void **state)
{
    (void)state;
    struct drive *drive = drive_new();
    struct world_name *name = world_add_name(&drive->world, "db", 1 * ms, 1 * ms);
    for (size_t i = 0; i < 2; i++) {
        name->lookup_error[i] = EAI_NONAME;
        name->system_error[i] = EMFILE;
    }
    drive_add(drive, "db:80");
    drive_run(drive);
    assert_row(drive, 0, REASON_LOCAL, "");
    assert_int_equal(drive->rows[0].outcome.error, EMFILE);
    drive_free(drive);
}

static void test_names_race_survives_a_lack_of_descriptors(void **state)
{
    (void)state;
    struct drive *drive = new_dual(1 * ms, 1 * ms);
    world_add(&drive->world, "2001:db8::1", 5432, BEHAVIOUR_REFUSED, 600 * ms);
    world_add(&drive->world, "192.0.2.1", 5432, BEHAVIOUR_OPEN, 10 * ms);
    drive->world.descriptor_limit = 1;
    drive_run(drive);
    assert_row(drive, 0, REASON_CONNECTED, "192.0.2.1");
    drive_free(drive);
}

static void test_names_all_addresses_are_rows_in_their_order(void **state)
{
    (void)state;
    struct drive *drive = new_dual(3 * ms, 1 * ms);
    world_add(&drive->world, "2001:db8::1", 5432, BEHAVIOUR_OPEN, 20 * ms);
    world_add(&drive->world, "192.0.2.1", 5432, BEHAVIOUR_REFUSED, 10 * ms);
    drive_add(drive, "192.0.2.1:5432");
    drive->options.is_all_addresses = true;
    drive_run(drive);
    assert_int_equal(drive->row_count, 3);
    assert_row(drive, 0, REASON_CONNECTED, "2001:db8::1");
    assert_row(drive, 1, REASON_REFUSED, "192.0.2.1");
    assert_row(drive, 2, REASON_REFUSED, "192.0.2.1");
    assert_int_equal(drive->rows[0].rows, 2);
    assert_int_equal(drive->rows[2].rows, 1);
    drive_free(drive);
}

static void test_names_all_addresses_retries_the_silent_ones_only(void **state)
{
    (void)state;
    struct drive *drive = new_dual(1 * ms, 1 * ms);
    struct world_host *open =
        world_add(&drive->world, "2001:db8::1", 5432, BEHAVIOUR_OPEN, 20 * ms);
    struct world_host *silent =
        world_add(&drive->world, "192.0.2.1", 5432, BEHAVIOUR_SILENT, 0);
    drive->options.is_all_addresses = true;
    drive->options.retries = 2;
    drive->options.timeout_ns = 500 * ms;
    drive_run(drive);
    assert_int_equal(open->asked, 1);
    assert_int_equal(silent->asked, 3);
    assert_int_equal(drive->row_count, 2);
    assert_int_equal(elapsed_ns(drive), 1500 * ms);
    drive_free(drive);
}

static void test_names_all_addresses_says_that_a_family_is_missing(void **state)
{
    (void)state;
    struct drive *drive = new_dual(1 * ms, NEVER_NS);
    world_add(&drive->world, "192.0.2.1", 5432, BEHAVIOUR_OPEN, 20 * ms);
    drive->options.is_all_addresses = true;
    drive_run(drive);
    assert_int_equal(drive->row_count, 2);
    assert_row(drive, 0, REASON_CONNECTED, "192.0.2.1");
    assert_row(drive, 1, REASON_RESOLVE_TIMEOUT, "");
    assert_int_equal(drive->rows[1].outcome.remark, REMARK_FAMILY);
    drive_free(drive);
}

static void test_names_retry_asks_the_silent_ones_only(void **state)
{
    (void)state;
    struct drive *drive = new_dual(1 * ms, 1 * ms);
    struct world_host *refused =
        world_add(&drive->world, "192.0.2.1", 5432, BEHAVIOUR_REFUSED, 1 * ms);
    struct world_host *silent =
        world_add(&drive->world, "2001:db8::1", 5432, BEHAVIOUR_SILENT, 0);
    drive->options.retries = 2;
    drive->options.timeout_ns = 500 * ms;
    drive_run(drive);
    assert_int_equal(refused->asked, 1);
    assert_int_equal(silent->asked, 3);
    assert_int_equal(drive->rows[0].attempts, 3);
    assert_int_equal(elapsed_ns(drive), 1500 * ms);
    drive_free(drive);
}

static void test_names_retry_awaits_a_slow_resolver(void **state)
{
    (void)state;
    struct drive *drive = new_dual(800 * ms, 800 * ms);
    world_add(&drive->world, "2001:db8::1", 5432, BEHAVIOUR_OPEN, 1 * ms);
    drive->options.retries = 1;
    drive->options.timeout_ns = 500 * ms;
    drive_run(drive);
    assert_row(drive, 0, REASON_CONNECTED, "2001:db8::1");
    assert_int_equal(drive->world.names[0].asked, 3); /* two of them to the rescue */
    drive_free(drive);
}

static void test_names_address_that_could_not_be_asked_is_local(void **state)
{
    (void)state;
    struct drive *drive = new_dual(1 * ms, 1 * ms);
    struct world_host *open =
        world_add(&drive->world, "192.0.2.1", 5432, BEHAVIOUR_OPEN, 1 * ms);
    world_add(&drive->world, "2001:db8::1", 5432, BEHAVIOUR_SILENT, 0);
    drive->world.descriptor_limit = 1;
    drive_run(drive);
    assert_int_equal(open->asked, 0);
    assert_row(drive, 0, REASON_LOCAL, "");
    assert_int_equal(elapsed_ns(drive), 5000 * ms);
    drive_free(drive);
}

static void test_names_unroutable_family_says_nothing_of_the_other(void **state)
{
    (void)state;
    static const struct {
        int lookup_error;
        int system_error;
        enum reason reason;
    } cases[] = {
        {EAI_AGAIN, 0, REASON_UNRESOLVED},
        {EAI_NONAME, EMFILE, REASON_LOCAL},
        {EAI_NONAME, 0, REASON_UNREACHABLE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct drive *drive = drive_new();
        struct world_name *name = world_add_name(&drive->world, "db", 1 * ms, 1 * ms);
        world_name_address(name, "2001:db8::1");
        name->lookup_error[0] = cases[i].lookup_error;
        name->system_error[0] = cases[i].system_error;
        name->both_error = EAI_AGAIN; /* as musl has it */
        world_add(&drive->world, "2001:db8::1", 0, BEHAVIOUR_IMMEDIATE, 0)->error = ENETUNREACH;
        drive_add(drive, "db:5432");
        drive_run(drive);
        assert_int_equal(drive->rows[0].outcome.reason, cases[i].reason);
        drive_free(drive);
    }
}

static void test_names_cut_answer_is_said_once(void **state)
{
    (void)state;
    struct drive *drive = new_dual(1 * ms, 1 * ms);
    drive->world.names[0].is_cut = true;
    drive->options.families = FAMILY_IPV4;
    drive->options.is_traced = false;
    world_add(&drive->world, "192.0.2.1", 0, BEHAVIOUR_OPEN, 1 * ms);
    drive_add(drive, "db:1-50");
    drive_run(drive);
    assert_int_equal(drive->traces[TRACE_CUT], 1);
    drive_free(drive);
}

static void test_names_all_addresses_says_that_a_family_failed(void **state)
{
    (void)state;
    struct drive *drive = new_dual(1 * ms, 1 * ms);
    drive->world.names[0].lookup_error[1] = EAI_AGAIN;
    drive->world.names[0].both_error = EAI_AGAIN; /* as musl has it */
    world_add(&drive->world, "192.0.2.1", 5432, BEHAVIOUR_OPEN, 20 * ms);
    drive->options.is_all_addresses = true;
    drive_run(drive);
    assert_int_equal(drive->row_count, 2);
    assert_row(drive, 0, REASON_CONNECTED, "192.0.2.1");
    assert_row(drive, 1, REASON_UNRESOLVED, "");
    assert_int_equal(drive->rows[1].outcome.remark, REMARK_FAMILY);
    drive_free(drive);
}

static void test_names_one_family_asks_one_lookup(void **state)
{
    (void)state;
    struct drive *drive = new_dual(1 * ms, 1 * ms);
    world_add(&drive->world, "192.0.2.1", 5432, BEHAVIOUR_OPEN, 1 * ms);
    drive->options.families = FAMILY_IPV4;
    drive_run(drive);
    assert_row(drive, 0, REASON_CONNECTED, "192.0.2.1");
    assert_int_equal(drive->world.names[0].asked, 1);
    assert_int_equal(elapsed_ns(drive), 2 * ms);
    drive_free(drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_ipv6_goes_first),
        cmocka_unit_test(test_names_late_ipv6_answer_costs_200_ms),
        cmocka_unit_test(test_names_short_timeout_still_asks_the_address_at_hand),
        cmocka_unit_test(test_names_ipv6_answer_does_not_wait_for_ipv4),
        cmocka_unit_test(test_names_dead_first_address_costs_250_ms),
        cmocka_unit_test(test_names_failed_address_starts_the_next_at_once),
        cmocka_unit_test(test_names_families_interleave),
        cmocka_unit_test(test_names_many_addresses_all_get_their_turn),
        cmocka_unit_test(test_names_refusal_explains_more_than_silence),
        cmocka_unit_test(test_names_address_that_the_lookup_of_both_does_not_have_is_not_asked),
        cmocka_unit_test(test_names_single_thread_serves_all),
        cmocka_unit_test(test_names_unknown_name_is_unresolved),
        cmocka_unit_test(test_names_try_again_outweighs_no_such_name),
        cmocka_unit_test(test_names_silent_resolver_ends_at_the_deadline),
        cmocka_unit_test(test_names_resolving_counts_against_the_timeout),
        cmocka_unit_test(test_names_late_answer_is_dropped),
        cmocka_unit_test(test_names_unspecified_address_is_unresolved),
        cmocka_unit_test(test_names_equal_names_are_resolved_once),
        cmocka_unit_test(test_names_dead_names_do_not_starve_living_ones),
        cmocka_unit_test(test_names_waiting_for_a_thread_lets_addresses_pass),
        cmocka_unit_test(test_names_no_thread_ever_is_local),
        cmocka_unit_test(test_names_no_thread_at_all_is_local),
        cmocka_unit_test(test_names_resolver_without_descriptors_is_local),
        cmocka_unit_test(test_names_race_survives_a_lack_of_descriptors),
        cmocka_unit_test(test_names_all_addresses_are_rows_in_their_order),
        cmocka_unit_test(test_names_all_addresses_retries_the_silent_ones_only),
        cmocka_unit_test(test_names_all_addresses_says_that_a_family_is_missing),
        cmocka_unit_test(test_names_retry_asks_the_silent_ones_only),
        cmocka_unit_test(test_names_retry_awaits_a_slow_resolver),
        cmocka_unit_test(test_names_address_that_could_not_be_asked_is_local),
        cmocka_unit_test(test_names_unroutable_family_says_nothing_of_the_other),
        cmocka_unit_test(test_names_cut_answer_is_said_once),
        cmocka_unit_test(test_names_all_addresses_says_that_a_family_failed),
        cmocka_unit_test(test_names_one_family_asks_one_lookup),
    };
    return cmocka_run_group_tests_name("sim: names", tests, NULL, NULL);
}
