/*
 * What was typed, and what is asked for by it: a letter a command, behind its number.
 */
#include <stdio.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/report/live_keys.h"

static const char letters[] = {
    [LIVE_NOTHING] = '-', [LIVE_QUIT] = 'q',      [LIVE_SORT] = 's',    [LIVE_REDRAW] = 'r',
    [LIVE_HELP] = 'h',    [LIVE_LINE_DOWN] = 'j', [LIVE_LINE_UP] = 'k', [LIVE_HALF_DOWN] = 'd',
    [LIVE_HALF_UP] = 'u', [LIVE_PAGE_DOWN] = 'f', [LIVE_PAGE_UP] = 'b', [LIVE_FIRST] = 'g',
    [LIVE_LAST] = 'G',    [LIVE_PERCENT] = '%',
};

static const struct {
    const char *label;
    const char *typed;
    const char *expected;
} rows[] = {
    {"nothing", "", ""},
    {"line down", "jJe\n\r\x05\x0e\033[B\033OB\033OM", "jjjjjjjjjj"},
    {"line up", "kKy\x19\x10\x0b\033[A\033OA", "kkkkkkkk"},
    {"page down", " fz\x06\x16\033[6~", "ffffff"},
    {"page up", "bw\x02\033v\033[5~", "bbbbb"},
    {"half a page", "d\x04u\x15", "dduu"},
    {"first", "g<\033<\033[H\033OH\033[1~\033[7~", "ggggggg"},
    {"last", "G>\033>\033[F\033OF\033[4~\033[8~", "GGGGGGG"},
    {"percent", "p%50p5%", "%%50%5%"},
    {"quit", "qQ", "qq"},
    {"redraw", "\x0c\x12rR", "rrrr"},
    {"help", "hH?", "hhh"},
    {"sort", "s", "s"},
    {"other letters", "aSxv/:\t\b\177", ""},
    {"beyond ASCII", "\xc3\xb1\xff\x80", ""},

    {"number", "12j3\033[B4\033OB07 ", "12j3j4j7f"},
    {"number, once", "12jj", "12jj"},
    {"number, given up", "12xj12\033[3~j", "jj"},
    {"number, longest", "99999999j", "99999999j"},
    {"number, too long", "99999999999999999999999j", "99999999j"},
    {"number of nothing", "0j", "j"},

    {"delete", "\033[3~j", "j"},
    {"F5, F6", "\033[15~\033[16~j", "j"},
    {"F1, and that of the Linux console", "\033OP\033[[Aj", "j"},
    {"the Linux console's F is no letter", "\033[[qj", "j"},
    {"with modifiers", "\033[1;5A\033O5A\033[5;2~j", "j"},
    {"very long", "\033[99999999999999999999~j", "j"},
    {"numbers that only end as known ones", "\033[4294967301~\033[1005~j", "j"},
    {"mouse, SGR", "\033[<0;10;10M\033[<0;10;10mj", "j"},
    {"mouse, X10", "\033[Mqqqj", "j"},
    {"a report of the cursor, of the terminal, of focus", "\033[24;80R\033[?62;c\033[I\033[Oj",
     "j"},
    {"Alt s", "\033s", "s"},
    {"escape alone", "\033", ""},
    {"escape alone, then a key", "\033j", "j"},
    {"escape alone, then down", "\033\033[B", "j"},
    {"cut, then down", "\033[5\033[B\033O\033[B\033\033\033[B", "jjj"},
    {"a line end inside", "\033[\nj", "j"},

    {"pasted", "\033[200~please quit 12\n\033[201~j", "j"},
    {"pasted, with a sequence", "\033[200~q\033[Bq\033q\033[6~q\033[201~j", "j"},
    {"pasted, a number before", "3\033[200~4q\033[201~j", "j"},
    {"pasted twice", "\033[200~q\033[200~q\033[201~j", "j"},
    {"the end of a paste alone", "\033[201~j", "j"},
};

/* From the keys so far on: what was cut at any place comes in two reads. */
static void test_live_keys_are_those_of_less(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct live_keys keys = {0};
        char actual[100] = "";
        for (const char *c = rows[i].typed; *c != '\0'; c++) {
            const struct live_command command = live_keys_take(&keys, (unsigned char)*c);
            size_t len = strlen(actual);
            if (command.verb == LIVE_NOTHING)
                continue;
            if (command.number > 0)
                len += (size_t)snprintf(actual + len, 20, "%zu", command.number);
            (void)snprintf(actual + len, 2, "%c", letters[command.verb]);
        }
        claim_text(rows[i].label, "commands", actual, rows[i].expected);
    }
}

/* Whatever came before, but for a paste that goes on, an arrow is an arrow. */
static void test_live_keys_any_bytes_leave_the_next_key_alone(void **state)
{
    uint32_t random = 1;
    for (unsigned i = 0; i < 100000; i++) {
        struct live_keys keys = {0};
        struct live_command command = {LIVE_NOTHING, 0};
        for (unsigned j = 0; j < 8; j++) {
            static const char bytes[] = "\033\033[[O0;259~MAqj<?\x80\n";
            random = random * 1664525 + 1013904223;
            (void)live_keys_take(&keys,
                                 (unsigned char)bytes[(random >> 16) % (sizeof bytes - 1)]);
        }
        for (const char *c = "xxx\033[201~x\033[B"; *c != '\0'; c++)
            command = live_keys_take(&keys, (unsigned char)*c);
        claim_number("after any bytes", "verb", command.verb, LIVE_LINE_DOWN);
        claim_number("after any bytes", "number", command.number, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_live_keys_are_those_of_less),
        cmocka_unit_test(test_live_keys_any_bytes_leave_the_next_key_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
