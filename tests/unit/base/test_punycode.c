#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/punycode.h"

#define TEN_U "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc"
#define TEN_A "aaaaaaaaaa"
#define A55   TEN_A TEN_A TEN_A TEN_A TEN_A "aaaaa"

/* The expected forms are those of libidn2 and of browsers. NULL: not known. */
static const struct {
    const char *name;
    const char *ascii;
} rows[] = {
    {"bücher.example", "xn--bcher-kva.example"},
    {"BÜCHER.Example", "xn--bcher-kva.Example"},
    {"straße.example", "xn--strae-oqa.example"},
    {"München.de", "xn--mnchen-3ya.de"},
    {"żółć.pl", "xn--kda4b0koi.pl"},
    {"ŽLUŤ.cz", "xn--lu-yta1h.cz"},
    {"Șțâ.ro", "xn--2ca53dga.ro"},
    {"việt.vn", "xn--vit-5kz.vn"},
    {"παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"},
    {"ΈΛΛΆΔΑ.gr", "xn--hxabnl7aa.gr"},
    {"пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"},
    {"ПРИМЕР.РФ", "xn--e1afmkfd.xn--p1ai"},
    {"例え.テスト", "xn--r8jz45g.xn--zckzah"},
    {"中国", "xn--fiqs8s"},
    {"실례.테스트", "xn--9n2bp8q.xn--9t4b11yi5a"},
    {"דוגמה", "xn--6dbbec0c"},
    {"مثال", "xn--mgbh0fb"},
    {"ไทย", "xn--o3cw4h"},
    {"भारत", "xn--h2brj9c"},
    {"例え。テスト", "xn--r8jz45g.xn--zckzah"},
    {"ＤＢ１．example", "db1.example"},
    {"a-ü_1.example.", "xn--a-_1-1ra.example."},
    {"plain.Example", "plain.Example"},
    {TEN_U TEN_U TEN_U TEN_U TEN_U, "xn--tdaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {"ü" A55, "xn--" A55 "-oxf"}, /* 63 bytes */
    {"ü" A55 "a", NULL},
    {"", NULL},
    {".ü", NULL},
    {"a..ü", NULL},
    {"bu\xcc\x88"
     "cher",
     NULL}, /* a combining mark */
    {"İ", NULL},
    {"ﬁ", NULL},
    {"i❤", NULL},
    {"a\xe2\x80\x8b"
     "b",
     NULL},
    {"a b\xc3\xbc", NULL},
    {"\xff", NULL},
    {"\xc3", NULL},
};

static void test_punycode_of_names_that_are_known(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buffer out = BUFFER_EMPTY;
        size_t len = strlen(rows[i].name);
        char *copy = copy_exactly(rows[i].name, len);
        buffer_add_text(&out, "write ");
        bool is_known = punycode_name(&out, copy, len);
        free(copy);
        claim_number(rows[i].name, "is known", is_known, rows[i].ascii != NULL);
        claim_text(rows[i].name, "form", buffer_text(&out) + strlen("write "),
                   is_known ? rows[i].ascii : "");
        buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_punycode_of_names_that_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
