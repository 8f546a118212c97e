#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/os/musl_limits.h"

/* Each text is in memory of its own, so that a sanitizer sees a step behind it. */
static void claim_hosts(const char *label, const char *text, const char *host,
                        unsigned families, enum lookup_cause expected)
{
    char *copy = copy_exactly(text, strlen(text) + 1);
    claim_number(label, "cause", musl_limits_hosts(copy, host, families), expected);
    free(copy);
}

static void claim_search(const char *label, const char *text, const char *host,
                         enum lookup_cause expected)
{
    char *copy = copy_exactly(text, strlen(text) + 1);
    claim_number(label, "cause", musl_limits_search(copy, host), expected);
    free(copy);
}

static const struct {
    const char *label;
    const char *text;
    const char *host;
    unsigned families; /* 0: both */
    enum lookup_cause expected;
} hosts[] = {
    {"no file", "", "db", 0, LOOKUP_CAUSE_NONE},
    {"found", "192.0.2.1 db\n", "db", 0, LOOKUP_CAUSE_NONE},
    {"another", "192.0.2.1 db2 bd d xdb\n", "db", 0, LOOKUP_CAUSE_NONE},
    {"no line end", "192.0.2.1 db", "db", 0, LOOKUP_CAUSE_HOSTS_END},
    {"no line end, second line", "192.0.2.9 x\n\n192.0.2.1 x\tdb", "db", 0,
     LOOKUP_CAUSE_HOSTS_END},
    {"no line end, blank", "192.0.2.1 db ", "db", 0, LOOKUP_CAUSE_NONE},
    {"no line end, not the last", "192.0.2.1 db x", "db", 0, LOOKUP_CAUSE_NONE},
    {"no line end, comment", "192.0.2.1 db#x", "db", 0, LOOKUP_CAUSE_NONE},
    {"no line end, CR", "192.0.2.1 db\r", "db", 0, LOOKUP_CAUSE_NONE},
    {"no line end, alone", "db", "db", 0, LOOKUP_CAUSE_NONE},
    {"the address itself", "192.0.2.1", "192.0.2.1", 0, LOOKUP_CAUSE_NONE},
    {"capitals", "192.0.2.1 x DB\n", "db", 0, LOOKUP_CAUSE_HOSTS_CASE},
    {"capitals asked", "192.0.2.1 db\n", "dB", 0, LOOKUP_CAUSE_HOSTS_CASE},
    {"a dot more", "192.0.2.1 DB\n", "db.", 0, LOOKUP_CAUSE_NONE},
    {"before a comment", "192.0.2.1 DB#x\n", "db", 0, LOOKUP_CAUSE_HOSTS_CASE},
    {"in a comment", "#192.0.2.1 DB\n192.0.2.1 x # DB\n192.0.2.1 #DB", "db", 0,
     LOOKUP_CAUSE_NONE},
    {"no address", "db DB\nx.y DB\n192.0.2 DB\n", "db", 0, LOOKUP_CAUSE_NONE},
    {"IPv6", "2001:db8::1 DB\n", "db", FAMILY_IPV6, LOOKUP_CAUSE_HOSTS_CASE},
    {"IPv6 for -4", "2001:db8::1 DB\n", "db", FAMILY_IPV4, LOOKUP_CAUSE_NONE},
    {"IPv4 for -6", "192.0.2.1 DB\n", "db", FAMILY_IPV6, LOOKUP_CAUSE_NONE},
    {"behind an empty line and a blank one", "\n \t\n192.0.2.1\tDB\n", "db", 0,
     LOOKUP_CAUSE_HOSTS_CASE},
};

static void test_musl_limits_name_in_hosts_that_is_not_found_has_its_cause(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
        claim_hosts(hosts[i].label, hosts[i].text, hosts[i].host,
                    hosts[i].families != 0 ? hosts[i].families : FAMILY_ANY, hosts[i].expected);
}

/* The name ends there in its line, and the file goes on. */
static void test_musl_limits_name_far_behind_in_a_line_of_hosts(void **state)
{
    static const struct {
        const char *label;
        int end;
        enum lookup_cause expected;
    } cases[] = {
        {"before", 509, LOOKUP_CAUSE_NONE},
        {"at the limit", 510, LOOKUP_CAUSE_NONE},
        {"behind it", 511, LOOKUP_CAUSE_HOSTS_LINE},
        {"far behind", 900, LOOKUP_CAUSE_HOSTS_LINE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[1024];
        int blanks = cases[i].end - (int)strlen("192.0.2.1db");
        (void)snprintf(text, sizeof text, "# x\n192.0.2.1%*sdb x\n192.0.2.2 y\n", blanks, "");
        claim_hosts(cases[i].label, text, "db", FAMILY_ANY, cases[i].expected);
    }
}

static void test_musl_limits_search_list_counts_where_the_name_is_searched(void **state)
{
    static const struct {
        const char *label;
        const char *before;
        const char *keyword;
        int len; /* of the line */
        const char *behind;
        const char *host;
        bool is_cause;
    } cases[] = {
        {"short", "", "search ", 253, "\n", "db", false},
        {"at the limit", "", "search ", 254, "\n", "db", false},
        {"behind it", "", "search ", 255, "\n", "db", true},
        {"without a line end", "", "search ", 255, "", "db", true},
        {"at the limit, without one", "", "search ", 254, "", "db", false},
        {"far behind, among others", "nameserver 192.0.2.1\n", "search\t", 900,
         "\noptions rotate\n", "db", true},
        {"domain", "", "domain ", 255, "\n", "db", true},
        {"the last one is short", "", "search ", 900, "\nsearch example.com\n", "db", false},
        {"the first one is short", "search example.com\n", "search ", 900, "\n", "db", true},
        {"another keyword", "", "searched ", 900, "\n", "db", false},
        {"a comment", "", "#search ", 900, "\n", "db", false},
        {"a dot", "", "search ", 900, "\n", "db.prod", false},
        {"a final dot", "", "search ", 900, "\noptions ndots:5\n", "db.", false},
        {"ndots", "options ndots:3 rotate\n", "search ", 900, "\n", "db.prod.x", true},
        {"ndots, as many", "options ndots:3 rotate\n", "search ", 900, "\n", "db.prod.x.y",
         false},
        {"ndots behind", "", "search ", 900, "\noptions rotate ndots:2", "db.prod", true},
        {"ndots of none", "", "search ", 900, "\noptions ndots:0\n", "db", false},
        {"ndots, no number", "", "search ", 900, "\noptions ndots:x\n", "db", true},
        {"ndots, too large", "", "search ", 900, "\noptions ndots:99\n",
         "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.x", false},
        {"ndots of another line", "", "search ", 900, "\noptions rotate\nndots:0\n", "db",
         true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char line[1024];
        char text[2048];
        memset(line, 'a', sizeof line);
        memcpy(line, cases[i].keyword, strlen(cases[i].keyword));
        (void)snprintf(text, sizeof text, "%s%.*s%s", cases[i].before, cases[i].len, line,
                       cases[i].behind);
        claim_search(cases[i].label, text, cases[i].host,
                     cases[i].is_cause ? LOOKUP_CAUSE_SEARCH_LIST : LOOKUP_CAUSE_NONE);
    }
    claim_search("no file", "", "db", LOOKUP_CAUSE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_musl_limits_name_in_hosts_that_is_not_found_has_its_cause),
        cmocka_unit_test(test_musl_limits_name_far_behind_in_a_line_of_hosts),
        cmocka_unit_test(test_musl_limits_search_list_counts_where_the_name_is_searched),
    };
    return cmocka_run_group_tests_name("musl_limits", tests, NULL, NULL);
}
