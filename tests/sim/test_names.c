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
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crowd.h"

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

enum kind { OPEN, REFUSED, SILENT, PROXY, NO_ROUTE, NO_SOURCE, NO_PORT };
enum option { NOTHING, ALL, ONLY_IPV4, ONE_FD, NO_THREAD };
enum { HANGS = -1, FAILS = -2, ANY = 1000 };

/* "db" with an address of each family: their lookups, hosts and connects, IPv4 first. */
static const struct dual {
    const char *label;
    int64_t ipv4_ms, ipv6_ms; /* after which the lookup is answered, or else */
    enum kind ipv4;
    int64_t ipv4_delay_ms;
    enum kind ipv6;
    int64_t ipv6_delay_ms;
    enum option option;
    int64_t timeout_ms;
    unsigned retries;
    const char *rows; /* "+1": the other one failed, too */
    int64_t elapsed_ms;
    unsigned ipv4_asked, ipv6_asked;
    unsigned lookups, attempts;
} duals[] = {
    {"IPv6 first", 2, 4, OPEN, 10, OPEN, 10, NOTHING, 5000, 0, "connected 2001:db8::1", 14, 0,
     1, 1, 1},
    {"IPv6 known late", 2, 400, OPEN, 10, OPEN, 10, NOTHING, 5000, 0, "connected 192.0.2.1",
     150 + 2 + 50 + 10, 1, 0, 3, 1},
    {"a short timeout", 1, HANGS, OPEN, 5, OPEN, 5, NOTHING, 40, 0, "connected 192.0.2.1", 30,
     1, 0, 3, 1},
    {"IPv4 hangs", HANGS, 3, OPEN, 5, OPEN, 10, NOTHING, 5000, 0, "connected 2001:db8::1",
     150 + 3 + 10, 0, 1, 3, 1},
    {"IPv6 silent", 1, 1, OPEN, 10, SILENT, 0, NOTHING, 5000, 0, "connected 192.0.2.1",
     1 + 250 + 10, 1, 1, 1, 1},
    {"no route for IPv6", 1, 1, OPEN, 10, NO_ROUTE, 0, NOTHING, 5000, 0, "connected 192.0.2.1",
     11, 1, 1, 1, 1},
    {"no route for IPv6, refused", 1, 1, REFUSED, 20, NO_ROUTE, 0, NOTHING, 5000, 3,
     "refused 192.0.2.1 +1", 21, 1, 1, 1, 1},
    {"refused and silent", 1, 1, REFUSED, 10, SILENT, 0, NOTHING, 5000, 0,
     "refused 192.0.2.1 +1", 5000, 1, 1, 1, 1},
    {"silent resolver", HANGS, HANGS, OPEN, 1, OPEN, 1, NOTHING, 2000, 0, "resolve-timeout -",
     2000, 0, 0, 3, 1},
    {"slow resolver", 1500, 1500, SILENT, 0, SILENT, 0, NOTHING, 2000, 0,
     "timeout 2001:db8::1 +1", 2000, 1, 1, 3, 1},
    {"silent, retries", 1, 1, REFUSED, 1, SILENT, 0, NOTHING, 500, 2, "refused 192.0.2.1 +1",
     1500, 1, 3, 1, 3},
    {"slow resolver, retries", 800, 800, OPEN, 1, OPEN, 1, NOTHING, 500, 1,
     "connected 2001:db8::1", 801, 0, 1, 3, 2},
    {"one family", 1, 1, OPEN, 1, OPEN, 1, ONLY_IPV4, 5000, 0, "connected 192.0.2.1", 2, 1, 0,
     1, 1},
    {"one descriptor", 1, 1, OPEN, 10, REFUSED, 600, ONE_FD, 5000, 0, "connected 192.0.2.1",
     611, 1, 1, 1, 1},
    {"one descriptor, IPv6 silent", 1, 1, OPEN, 1, SILENT, 0, ONE_FD, 5000, 0, "local -", 5000,
     0, 1, 1, 0},
    {"no source for IPv6", 1, 1, OPEN, 20, NO_SOURCE, 0, NOTHING, 5000, 0,
     "connected 192.0.2.1", 21, 1, 1, 1, 1},
    {"no source for IPv6, refused", 1, 1, REFUSED, 20, NO_SOURCE, 0, NOTHING, 5000, 0,
     "refused 192.0.2.1 +1", 21, 1, 1, 1, 1},
    {"no port for IPv6", 1, 1, OPEN, 20, NO_PORT, 0, NOTHING, 5000, 0, "connected 192.0.2.1",
     21, 1, 1, 1, 1},
    {"no port for IPv6, refused", 1, 1, REFUSED, 20, NO_PORT, 0, NOTHING, 5000, 0, "local -",
     102, 2, ANY, 2, 0},
    {"proxy with IPv6", 1, 1, OPEN, 20, PROXY, 20, NOTHING, 5000, 0, "connected 192.0.2.1", 271,
     1, 1, 1, 1},
    {"no thread ever", 1, 1, OPEN, 1, OPEN, 1, NO_THREAD, 500, 0, "local - (resolver)", 60000,
     0, 0, 0, 0},
    {"all", 3, 1, REFUSED, 10, OPEN, 20, ALL, 5000, 0,
     "connected 2001:db8::1, refused 192.0.2.1", 23, 1, 1, 1, 1},
    {"all, retries", 1, 1, SILENT, 0, OPEN, 20, ALL, 500, 2,
     "connected 2001:db8::1, timeout 192.0.2.1", 1500, 3, 1, 1, 1},
    {"all, IPv6 hangs", 1, HANGS, OPEN, 20, OPEN, 20, ALL, 5000, 0,
     "connected 192.0.2.1, resolve-timeout - (family)", 5000, 1, 0, 3, 1},
    {"all, IPv6 fails", 1, FAILS, OPEN, 20, OPEN, 20, ALL, 5000, 0,
     "connected 192.0.2.1, unresolved - (family)", 22, 1, 0, 3, 1},
    {"all, no source for IPv6", 1, 1, OPEN, 20, NO_SOURCE, 0, ALL, 5000, 0,
     "local 2001:db8::1, connected 192.0.2.1", 21, 1, 1, 1, 1},
    {"all, no port for IPv6", 1, 1, OPEN, 20, NO_PORT, 0, ALL, 5000, 0,
     "local 2001:db8::1, connected 192.0.2.1", 5000, 1, ANY, 1, 0},
    {"all, proxy with IPv6", 1, 1, OPEN, 20, PROXY, 20, ALL, 5000, 0,
     "timeout 2001:db8::1, connected 192.0.2.1", 5000, 1, 1, 1, 1},
};

static void add_host(struct drive *drive, const char *address, enum kind kind, int64_t delay_ms)
{
    static const enum behaviour behaviours[] = {
        BEHAVIOUR_OPEN,      BEHAVIOUR_REFUSED,   BEHAVIOUR_SILENT,   BEHAVIOUR_SHUT,
        BEHAVIOUR_IMMEDIATE, BEHAVIOUR_IMMEDIATE, BEHAVIOUR_IMMEDIATE};
    struct world_host *host =
        world_add(&drive->world, address, 0, behaviours[kind], delay_ms * ms);
    host->error = kind == NO_ROUTE ? ENETUNREACH : EADDRNOTAVAIL;
    host->has_no_source = kind == NO_SOURCE;
}

static struct drive *run_dual(const struct dual *dual)
{
    int64_t ipv6_ms = dual->ipv6_ms == FAILS ? dual->ipv4_ms : dual->ipv6_ms;
    struct drive *drive = new_dual(dual->ipv4_ms == HANGS ? NEVER_NS : dual->ipv4_ms * ms,
                                   ipv6_ms == HANGS ? NEVER_NS : ipv6_ms * ms);
    struct world_name *name = &drive->world.names[0];
    name->lookup_error[1] = dual->ipv6_ms == FAILS ? EAI_AGAIN : 0;
    name->both_error = name->lookup_error[1]; /* as musl has it */
    add_host(drive, "192.0.2.1", dual->ipv4, dual->ipv4_delay_ms);
    add_host(drive, "2001:db8::1", dual->ipv6, dual->ipv6_delay_ms);
    drive->options.timeout_ns = dual->timeout_ms * ms;
    drive->options.retries = dual->retries;
    drive->options.is_all_addresses = dual->option == ALL;
    if (dual->option == ONLY_IPV4)
        drive->options.families = FAMILY_IPV4;
    if (dual->option == NO_THREAD)
        drive->world.lookup_room = 0;
    if (dual->option == ONE_FD)
        drive->world.descriptor_limit = 1;
    drive_run(drive);
    return drive;
}

static const char *remark_text(enum remark remark)
{
    return remark == REMARK_FAMILY     ? " (family)"
           : remark == REMARK_RESOLVER ? " (resolver)"
                                       : "";
}

static void format_rows(const struct drive *drive, char *text, size_t size)
{
    for (size_t i = 0, len = 0; i < drive->row_count && len < size; i++) {
        const struct result *row = &drive->rows[i];
        char address[ADDRESS_TEXT_SIZE];
        address_format(&row->endpoint.address, address);
        len += (size_t)snprintf(
            text + len, size - len, "%s%s %s%s%s", i > 0 ? ", " : "",
            reason_name(row->outcome.reason), address[0] != '\0' ? address : "-",
            row->others_failed > 0 ? " +1" : "", remark_text(row->outcome.remark));
    }
}

static void test_names_of_two_addresses_have_their_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(duals); i++) {
        const struct dual *dual = &duals[i];
        struct drive *drive = run_dual(dual);
        char rows[160] = "";
        format_rows(drive, rows, sizeof rows);
        if (strcmp(rows, dual->rows) != 0)
            fail_msg("%s: got '%s', expected '%s'", dual->label, rows, dual->rows);
        claim(dual->label, "rows of the name", drive->rows[0].rows, (int64_t)drive->row_count);
        if (dual->ipv6 >= NO_SOURCE && drive->rows[0].outcome.reason == REASON_LOCAL)
            claim(dual->label, "error", drive->rows[0].outcome.error, EADDRNOTAVAIL);
        claim(dual->label, "attempts", drive->rows[0].attempts, dual->attempts);
        claim(dual->label, "connects to IPv4", drive->world.hosts[0]->asked, dual->ipv4_asked);
        if (dual->ipv6_asked != ANY)
            claim(dual->label, "connects to IPv6", drive->world.hosts[1]->asked,
                  dual->ipv6_asked);
        claim(dual->label, "lookups", drive->world.names[0].asked, dual->lookups);
        claim(dual->label, "ms", crowd_elapsed_ns(drive) / ms, dual->elapsed_ms);
        drive_free(drive);
    }
}

static void test_names_have_the_time_of_their_lookup_and_of_the_connect(void **state)
{
    (void)state;
    struct drive *drive = run_dual(&duals[0]);
    assert_int_equal(drive->rows[0].connect_ns, 10 * ms);
    assert_int_equal(drive->rows[0].resolve_ns, 4 * ms);
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
    assert_int_equal(crowd_elapsed_ns(drive), 5000 * ms);
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
        assert_int_equal(crowd_elapsed_ns(drive), (both_ms[i] + (i < 2 ? 1 : 0)) * ms);
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

static const struct {
    const char *label;
    const char *target;
    int64_t ipv4_ms, ipv6_ms;   /* after which the lookup is answered ... */
    int ipv4_error, ipv6_error; /* ... and fails so */
    int system_error;
    const char *address; /* with IPv6; NULL: none */
    enum reason reason;
    enum remark remark;
    int lookup_error;
    int error;
} failures[] = {
    {"unknown", "nosuch:80", 1, 1, 0, 0, 0, NULL, REASON_UNRESOLVED, REMARK_NONE, EAI_NONAME,
     0},
    {"try again, then unknown", "db:80", 1, 2, EAI_AGAIN, EAI_NONAME, 0, NULL,
     REASON_UNRESOLVED, REMARK_NONE, EAI_AGAIN, 0},
    {"unknown, then try again", "db:80", 2, 1, EAI_AGAIN, EAI_NONAME, 0, NULL,
     REASON_UNRESOLVED, REMARK_NONE, EAI_AGAIN, 0},
    {"no descriptors", "db:80", 1, 1, EAI_NONAME, EAI_NONAME, EMFILE, NULL, REASON_LOCAL,
     REMARK_NONE, EAI_NONAME, EMFILE},
    {"unspecified", "db:80", 1, 1, 0, 0, 0, "::", REASON_UNRESOLVED, REMARK_UNSPECIFIED, 0, 0},
    {"no route, try again", "db:80", 1, 1, EAI_AGAIN, 0, 0, "2001:db8::1", REASON_UNRESOLVED,
     REMARK_NONE, EAI_AGAIN, 0},
    {"no route, no descriptors", "db:80", 1, 1, EAI_NONAME, 0, EMFILE, "2001:db8::1",
     REASON_LOCAL, REMARK_NONE, EAI_NONAME, EMFILE},
    {"no route", "db:80", 1, 1, EAI_NONAME, 0, 0, "2001:db8::1", REASON_UNREACHABLE,
     REMARK_NONE, 0, ENETUNREACH},
};

static void test_names_that_lookups_do_not_find_say_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
        const char *label = failures[i].label;
        struct drive *drive = drive_new();
        struct world_name *name = world_add_name(&drive->world, "db", failures[i].ipv4_ms * ms,
                                                 failures[i].ipv6_ms * ms);
        name->lookup_error[0] = failures[i].ipv4_error;
        name->lookup_error[1] = failures[i].ipv6_error;
        name->system_error[0] = failures[i].system_error;
        name->system_error[1] = failures[i].ipv6_error != 0 ? failures[i].system_error : 0;
        if (failures[i].address != NULL)
            world_name_address(name, failures[i].address);
        if (failures[i].remark == REMARK_UNSPECIFIED)
            world_name_address(name, "0.0.0.0");
        else if (failures[i].address != NULL)
            name->both_error = EAI_AGAIN; /* as musl has it */
        add_host(drive, "2001:db8::1", NO_ROUTE, 0);
        drive_add(drive, failures[i].target);
        drive_run(drive);
        const struct result *row = &drive->rows[0];
        bool has_address = address_family(&row->endpoint.address) != AF_UNSPEC;
        claim(label, "reason", row->outcome.reason, failures[i].reason);
        claim(label, "remark", row->outcome.remark, failures[i].remark);
        claim(label, "lookup error", row->outcome.lookup_error, failures[i].lookup_error);
        claim(label, "error", row->outcome.error, failures[i].error);
        claim(label, "address", has_address, row->outcome.reason == REASON_UNREACHABLE);
        drive_free(drive);
    }
}

static void test_names_that_hang_without_a_resolv_conf_say_so(void **state)
{
    (void)state;
    struct drive *drive = new_dual(NEVER_NS, NEVER_NS);
    drive->world.hang_cause = LOOKUP_CAUSE_NO_RESOLV_CONF;
    world_add_name(&drive->world, "known", 1 * ms, 1 * ms);
    drive_add(drive, "known:80");
    drive_run(drive);
    claim("hangs", "reason", drive->rows[0].outcome.reason, REASON_RESOLVE_TIMEOUT);
    claim("hangs", "remark", drive->rows[0].outcome.remark, REMARK_NO_RESOLV_CONF);
    claim("does not", "reason", drive->rows[1].outcome.reason, REASON_UNRESOLVED);
    claim("does not", "remark", drive->rows[1].outcome.remark, REMARK_NONE);
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
    assert_int_equal(crowd_elapsed_ns(drive), (2500 + 2500 + 1000) * ms);
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
        assert_in_range(crowd_elapsed_ns(drive), 0, cases[i].most_ns);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_of_two_addresses_have_their_rows),
        cmocka_unit_test(test_names_have_the_time_of_their_lookup_and_of_the_connect),
        cmocka_unit_test(test_names_families_interleave),
        cmocka_unit_test(test_names_many_addresses_all_get_their_turn),
        cmocka_unit_test(test_names_address_that_the_lookup_of_both_does_not_have_is_not_asked),
        cmocka_unit_test(test_names_single_thread_serves_all),
        cmocka_unit_test(test_names_that_lookups_do_not_find_say_why),
        cmocka_unit_test(test_names_that_hang_without_a_resolv_conf_say_so),
        cmocka_unit_test(test_names_late_answer_is_dropped),
        cmocka_unit_test(test_names_equal_names_are_resolved_once),
        cmocka_unit_test(test_names_dead_names_do_not_starve_living_ones),
        cmocka_unit_test(test_names_waiting_for_a_thread_lets_addresses_pass),
        cmocka_unit_test(test_names_no_thread_at_all_is_local),
        cmocka_unit_test(test_names_cut_answer_is_said_once),
    };
    return cmocka_run_group_tests_name("sim: names", tests, NULL, NULL);
}
