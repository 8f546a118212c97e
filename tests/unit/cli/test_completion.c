#include <string.h>

#include "../../../src/cli/completion.h"
#include "../claim.h"
#include "netcheck/base/base.h"

static const char *state_word(size_t index)
{
    static const char *const words[] = {"up", "down"};
    return index < ARRAY_LEN(words) ? words[index] : NULL;
}

static const struct argument duration = {ARGUMENT_TEXT, "DUR", false, NULL};
static const struct argument number = {ARGUMENT_TEXT, "N[/s]", false, NULL};
static const struct argument address = {ARGUMENT_TEXT, "ADDR", false, NULL};
static const struct argument target = {ARGUMENT_HOST, "TARGET", false, NULL};
static const struct argument ports = {ARGUMENT_PORTS, "PORTS", false, NULL};
static const struct argument file = {ARGUMENT_FILE, "FILE", false, NULL};
static const struct argument interface = {ARGUMENT_INTERFACE, "NAME", false, NULL};
static const struct argument word = {ARGUMENT_WORD, NULL, false, state_word};
static const struct argument list = {ARGUMENT_LIST, "WHICH", false, state_word};
static const struct argument seed = {ARGUMENT_TEXT, "SEED", true, NULL};
static const struct argument may = {ARGUMENT_WORD, "STATE", true, state_word};

/* Each kind of argument, and help that no shell may take for something else. */
static const struct option options[] = {
    {'t', "timeout", &duration, GROUP_ASKING, 0, "give up: 5", NULL},
    {0, "rate", &number, GROUP_ASKING, 0, "at most N", NULL},
    {'s', NULL, &address, GROUP_ASKING, 0, "from here", NULL},
    {0, "gate", &target, GROUP_ASKING, 0, "first", NULL},
    {'p', "ports", &ports, GROUP_ASKING, OPTION_ADDS_UP, "ports", NULL},
    {'f', "file", &file, GROUP_ASKING, OPTION_ADDS_UP, "targets", NULL},
    {'I', "interface", &interface, GROUP_ASKING, 0, "through this", NULL},
    {0, "expect", &word, GROUP_ASKING, 0, "the state", NULL},
    {0, "only", &list, GROUP_ASKING, 0, "rows", NULL},
    {0, "shuffle", &seed, GROUP_ASKING, 0, "in random order", NULL},
    {'e', "either", &may, GROUP_ASKING, 0, "may", NULL},
    {'4', NULL, NULL, GROUP_ASKING, 0, "IPv4 only", NULL},
    {0, "any", NULL, GROUP_ASKING, 0, "it's [one] of $(them) \\o/", NULL},
    {'q', "quiet", NULL, GROUP_ASKING, 0, "no rows", NULL},
};

static const char bash[] = "\n_netcheck_options='\n"
                           "-t --timeout @any\n"
                           "- --rate @any\n"
                           "-s - @any\n"
                           "- --gate @operands\n"
                           "-p --ports @ports\n"
                           "-f --file @files\n"
                           "-I --interface @interfaces\n"
                           "- --expect up down\n"
                           "- --only up,down\n"
                           "- --shuffle -\n"
                           "-e --either -\n"
                           "-4 - -\n"
                           "- --any -\n"
                           "-q --quiet -\n"
                           "'\n";

static const char zsh[] =
    " options=(\n"
    "        '(-t --timeout)'{-t+,--timeout=}'[give up: 5]:DUR: '\n"
    "        --rate='[at most N]:N[/s]: '\n"
    "        -s+'[from here]:ADDR: '\n"
    "        --gate='[first]:TARGET:_netcheck_target'\n"
    "        '*'{-p+,--ports=}'[ports]:PORTS:_netcheck_ports'\n"
    "        '*'{-f+,--file=}'[targets]:FILE:_netcheck_files'\n"
    "        '(-I --interface)'{-I+,--interface=}'[through this]:NAME:_net_interfaces'\n"
    "        --expect='[the state]: :(up down)'\n"
    "        --only='[rows]:WHICH:_sequence compadd - up down'\n"
    "        --shuffle=-'[in random order]::SEED:'\n"
    "        '(-e --either)'{-e-,--either=-}'[may]::STATE:'\n"
    "        -4'[IPv4 only]'\n"
    "        --any'[it'\\''s \\[one\\] of $(them) \\\\o/]'\n"
    "        '(-q --quiet)'{-q,--quiet}'[no rows]'\n"
    "    )\n";

static const char fish[] =
    "\ncomplete -c netcheck -s t -l timeout -d 'give up: 5' -r -f\n"
    "complete -c netcheck -l rate -d 'at most N' -r -f\n"
    "complete -c netcheck -s s -d 'from here' -r -f\n"
    "complete -c netcheck -l gate -d 'first' -r -f -a '(__netcheck_operands)'\n"
    "complete -c netcheck -s p -l ports -d 'ports' -r -f -a '(__netcheck_ports)'\n"
    "complete -c netcheck -s f -l file -d 'targets' -r -F -a -\n"
    "complete -c netcheck -s I -l interface -d 'through this' -r -f -a "
    "'(__fish_print_interfaces)'\n"
    "complete -c netcheck -l expect -d 'the state' -r -f -a 'up down'\n"
    "complete -c netcheck -l only -d 'rows' -r -f -a '(__netcheck_list up down)'\n"
    "complete -c netcheck -l shuffle -d 'in random order'\n"
    "complete -c netcheck -s e -l either -d 'may'\n"
    "complete -c netcheck -s 4 -d 'IPv4 only'\n"
    "complete -c netcheck -l any -d 'it\\'s [one] of $(them) \\\\o/'\n"
    "complete -c netcheck -s q -l quiet -d 'no rows'\n";

/* tests/completion.sh tries in the shells what such lines do. */
static void test_completion_has_a_line_an_option(void **state)
{
    static const struct {
        const char *shell;
        const char *lines;
    } rows[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buffer text = BUFFER_EMPTY;
        claim_text(rows[i].shell, "name", completion_shell(i), rows[i].shell);
        completion_write(&text, i, options, ARRAY_LEN(options));
        claim_contains(rows[i].shell, buffer_text(&text), rows[i].lines);
        claim_true(rows[i].shell, "no mark is left",
                   strstr(buffer_text(&text), "@OPTIONS@") == NULL);
        buffer_release(&text);
    }
    assert_null(completion_shell(ARRAY_LEN(rows)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_completion_has_a_line_an_option),
    };
    return cmocka_run_group_tests_name("unit/completion", tests, NULL, NULL);
}
