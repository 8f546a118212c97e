#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/os/resolv_conf.h"

#define ONE     "timeout:2 attempts:4"
#define SEVERAL "timeout:1 attempts:5"

#define SERVER_1 "nameserver 192.0.2.1\n"
#define SERVER_2 "nameserver 2001:db8::2\n"

static const struct {
    const char *label;
    const char *res_options;
    const char *text;
    const char *expected;
} cases[] = {
    {"no file", NULL, "", ONE},
    {"no server", NULL, "search example.com\n", ONE},
    {"one server", NULL, SERVER_1, ONE},
    {"two servers", NULL, SERVER_1 SERVER_2, SEVERAL},
    {"three servers", NULL, SERVER_1 SERVER_2 SERVER_1, SEVERAL},
    {"no line end", NULL, SERVER_1 "nameserver 192.0.2.2", SEVERAL},
    {"empty lines", NULL, "\n\n" SERVER_1 "\n" SERVER_2 "\n", SEVERAL},
    {"tab", NULL, SERVER_1 "nameserver\t192.0.2.2\n", SEVERAL},
    {"several blanks", NULL, SERVER_1 "nameserver \t  192.0.2.2 \n", SEVERAL},
    {"comments", NULL, "#" SERVER_1 ";" SERVER_1 "# x\n" SERVER_2, ONE},
    {"blank before", NULL, SERVER_1 " " SERVER_2, ONE},
    {"nothing behind", NULL, SERVER_1 "nameserver \nnameserver\n", ONE},
    {"comment behind", NULL, SERVER_1 "nameserver # none\nnameserver ;\n", ONE},
    {"longer keyword", NULL, SERVER_1 "nameservers 192.0.2.2\n", ONE},
    {"capitals", NULL, SERVER_1 "Nameserver 192.0.2.2\n", ONE},

    {"RES_OPTIONS empty", "", SERVER_1, ONE},
    {"RES_OPTIONS timeout", "timeout:3", SERVER_1, NULL},
    {"RES_OPTIONS timeout, two servers", "timeout:3", SERVER_1 SERVER_2, NULL},
    {"RES_OPTIONS attempts alone", "attempts:1", SERVER_1 SERVER_2, NULL},
    {"RES_OPTIONS ndots alone", "ndots:2", SERVER_1 SERVER_2, SEVERAL},
    {"RES_OPTIONS behind another", "ndots:2 timeout:3", SERVER_1, NULL},
    {"RES_OPTIONS tabs", "\tndots:2\tattempts:3\t", SERVER_1, NULL},
    {"RES_OPTIONS part of a word", "xtimeout:3 no-attempts:2", SERVER_1, ONE},
    {"RES_OPTIONS no colon", "timeout attempts", SERVER_1, ONE},
    {"RES_OPTIONS capitals", "TIMEOUT:3", SERVER_1, ONE},
    {"RES_OPTIONS no file", "timeout:3", "", NULL},

    {"options timeout", NULL, SERVER_1 "options timeout:3\n", NULL},
    {"options first", NULL, "options timeout:3\n" SERVER_1 SERVER_2, NULL},
    {"options attempts alone", NULL, SERVER_1 "options attempts:1\n", NULL},
    {"options ndots alone", NULL, SERVER_1 SERVER_2 "options ndots:2 rotate\n", SEVERAL},
    {"options behind another", NULL, SERVER_1 "options ndots:2 timeout:3\n", NULL},
    {"options tabs", NULL, SERVER_1 "options\t rotate\t\tattempts:3 \n", NULL},
    {"options no line end", NULL, SERVER_1 "options timeout:3", NULL},
    {"options second line", NULL, "options rotate\noptions timeout:3\n" SERVER_1, NULL},
    {"options empty", NULL, "options \n" SERVER_1 "options", ONE},
    {"options in a comment", NULL, SERVER_1 "# options timeout:3\n;options timeout:3\n", ONE},
    {"options blank before", NULL, SERVER_1 " options timeout:3\n", ONE},
    {"option", NULL, SERVER_1 "option timeout:3\n", ONE},
    {"timeout of another line", NULL, "options rotate\ntimeout:3\nsearch timeout:3\n", ONE},
    {"options beside RES_OPTIONS", "ndots:2", SERVER_1 "options timeout:3\n", NULL},
};

static void test_resolv_conf_users_own_patience_stays(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        /* In memory of its own, so that a sanitizer sees a step behind it. */
        char *text = copy_exactly(cases[i].text, strlen(cases[i].text) + 1);
        const char *patience = resolv_conf_patience(cases[i].res_options, text);
        free(text);
        claim_text(cases[i].label, "options", patience, cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resolv_conf_users_own_patience_stays),
    };
    return cmocka_run_group_tests_name("resolv_conf", tests, NULL, NULL);
}
