#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/cli/plugin.h"

enum { WORDS_MAX = 8 };

static const struct {
    const char *words[WORDS_MAX];
    bool is_asked;
} lines[] = {
    {{"--format", "nagios", "db"}, true},
    {{"--format=nagios"}, true},
    {{"db", "-x", "--nonsense=1", "--format=nagios"}, true},
    {{"--format=NAGIOS"}, true}, /* refused, but there */
    {{"-zvt", "5", "--format=nagios"}, true},
    {{"-t", "--format=nagios", "db"}, false}, /* what -t takes */
    {{"-p22", "--format=nagios", "-t"}, true},
    {{"--match", "--format=nagios", "db"}, false},
    {{"--shuffle", "--format=nagios", "db"}, true},
    {{"--format=nagios", "-j"}, false},
    {{"--format=nagios", "--json"}, false},
    {{"-vj", "--format=nagios"}, true},
    {{"--format=nagios", "--format=text"}, false},
    {{"--format=nagios", "-o", "x"}, false},
    {{"--format=nagios", "-qox"}, false},
    {{"--format=nagios", "--output=x"}, false},
    {{"--format=text", "-o", "x", "--format=nagios"}, true},
    {{"-o", "--format=nagios", "db"}, false},
    {{"db", "--", "sh", "--format=nagios"}, false},
    {{"--format"}, false},
    {{"--format="}, false},
    {{"-"}, false},
    {{""}, false},
    {{"nagios"}, false},
};

static void test_plugin_is_seen_before_the_line_is_parsed(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        char *argv[WORDS_MAX + 2] = {(char *)"netcheck"};
        for (size_t j = 0; j < WORDS_MAX; j++)
            argv[1 + j] = (char *)lines[i].words[j];
        claim_number(lines[i].words[0], "asked", plugin_is_asked(argv), lines[i].is_asked);
    }
    char *const nothing[] = {NULL};
    assert_false(plugin_is_asked(nothing));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plugin_is_seen_before_the_line_is_parsed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
