#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/cli/plugin.h"

enum { WORDS_MAX = 8 };

static const struct {
    const char *words[WORDS_MAX];
    enum { NEVER, IF_REFUSED, ALWAYS } asked;
} lines[] = {
    {{"--format", "nagios", "db"}, ALWAYS},
    {{"--format=nagios"}, ALWAYS},
    {{"db", "-x", "--nonsense=1", "--format=nagios"}, ALWAYS},
    {{"--format=NAGIOS"}, ALWAYS}, /* refused, but there */
    {{"-zvt", "5", "--format=nagios"}, ALWAYS},
    {{"-t", "--format=nagios", "db"}, IF_REFUSED}, /* what -t takes */
    {{"-p22", "--format=nagios", "-t"}, ALWAYS},
    {{"--match", "--format=nagios", "db"}, IF_REFUSED},
    {{"--shuffle", "--format=nagios", "db"}, ALWAYS},
    {{"--format=nagios", "-j"}, NEVER},
    {{"--format=nagios", "--json"}, NEVER},
    {{"-vj", "--format=nagios"}, ALWAYS},
    {{"--format=nagios", "--format=text"}, NEVER},
    {{"--format=nagios", "-o", "x"}, NEVER},
    {{"--format=nagios", "-qox"}, NEVER},
    {{"--format=nagios", "--output=x"}, NEVER},
    {{"--format=text", "-o", "x", "--format=nagios"}, ALWAYS},
    {{"-o", "--format=nagios", "db"}, IF_REFUSED},
    {{"--format=nagios", "-o-"}, ALWAYS},
    {{"--format=nagios", "-vo", "-"}, ALWAYS},
    {{"--format=nagios", "--output=-"}, ALWAYS},
    {{"--format=nagios", "--output", "-", "-o", "x"}, ALWAYS},
    {{"--format=nagios", "-o-", "-j", "-ox"}, ALWAYS},
    {{"--format=nagios", "-o-x"}, NEVER},
    {{"--format=nagios", "-ox", "-o-"}, NEVER},
    {{"--format=nagios", "-ox", "-j", "-o-"}, NEVER},
    {{"--format=nagios", "-o"}, NEVER},
    {{"-t", "--format", "nagios", "db"}, IF_REFUSED}, /* a macro of nothing */
    {{"-o", "--format", "nagios", "db"}, IF_REFUSED},
    {{"-vt", "--format", "nagios", "db"}, IF_REFUSED},
    {{"--warn", "--crit", "--format", "nagios"}, ALWAYS},
    {{"-t", "--format", "text", "--format", "nagios"}, ALWAYS},
    {{"--format=nagios", "-t", "-j"}, ALWAYS},
    {{"db", "--", "sh", "--format=nagios"}, NEVER},
    {{"--format"}, NEVER},
    {{"--format="}, NEVER},
    {{"-"}, NEVER},
    {{""}, NEVER},
    {{"nagios"}, NEVER},
};

static void test_plugin_is_seen_before_the_line_is_parsed(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        char *argv[WORDS_MAX + 2] = {(char *)"netcheck"};
        for (size_t j = 0; j < WORDS_MAX; j++)
            argv[1 + j] = (char *)lines[i].words[j];
        claim_number(lines[i].words[0], "asked", plugin_is_asked(argv, false),
                     lines[i].asked == ALWAYS);
        claim_number(lines[i].words[0], "refused", plugin_is_asked(argv, true),
                     lines[i].asked != NEVER);
    }
    char *const nothing[] = {NULL};
    assert_false(plugin_is_asked(nothing, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plugin_is_seen_before_the_line_is_parsed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
