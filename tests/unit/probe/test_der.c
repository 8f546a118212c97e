#include "../../../src/probe/question/der.h"
#include "../claim.h"

static void test_der_element_is_taken_where_it_is_one(void **state)
{
    static const struct {
        const char *label;
        unsigned char bytes[12];
        size_t len;
        size_t available;
        bool is_taken;
        size_t content_len;
        bool is_whole;
    } cases[] = {
        {"a byte", {2, 1, 7}, 3, 3, true, 1, true},
        {"empty", {2, 0}, 2, 2, true, 0, true},
        {"another behind it", {2, 1, 7, 4, 0}, 5, 5, true, 1, true},
        {"length of one byte", {2, 0x81, 1, 7}, 4, 4, true, 1, true},
        {"length of four bytes", {2, 0x84, 0, 0, 0, 1, 7}, 7, 7, true, 1, true},
        {"length of five bytes", {2, 0x85, 0, 0, 0, 0, 1, 7}, 8, 8, false, 0, false},
        {"indefinite length", {2, 0x80, 0, 0}, 4, 4, false, 0, false},
        {"content missing", {2, 2}, 4, 2, true, 2, false},
        {"content cut", {2, 2, 7}, 4, 3, true, 2, false},
        {"longer than what it is in", {2, 2, 7}, 3, 3, false, 0, false},
        {"longest", {2, 0x84, 0xff, 0xff, 0xff, 0xff}, 6, 6, false, 0, false},
        {"length cut", {2, 0x82, 1}, 3, 3, false, 0, false},
        {"length missing", {2, 1, 7}, 3, 1, false, 0, false},
        {"nothing", {2}, 0, 0, false, 0, false},
        {"another tag", {4, 1, 7}, 3, 3, false, 0, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct der der = {cases[i].bytes, cases[i].len, cases[i].available};
        struct der content = {NULL, 0, 0};
        bool is_taken = der_take(&der, DER_INTEGER, &content);
        claim_number(cases[i].label, "taken", is_taken, cases[i].is_taken);
        if (!is_taken)
            continue;
        claim_number(cases[i].label, "length", content.len, cases[i].content_len);
        claim_number(cases[i].label, "whole", der_is_whole(&content), cases[i].is_whole);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_der_element_is_taken_where_it_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
