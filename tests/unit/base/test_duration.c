#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/duration.h"

enum { UNTOUCHED = -42 };

#define NS_PER_DAY (86400 * NS_PER_S)

static const struct {
    const char *label;
    const char *text;
    int64_t duration_ns;
} good[] = {
    {"zero", "0", 0},
    {"one", "1", NS_PER_S},
    {"seconds without unit", "5", 5 * NS_PER_S},
    {"seconds", "3s", 3 * NS_PER_S},
    {"milliseconds", "200ms", 200 * NS_PER_MS},
    {"minutes", "2m", 120 * NS_PER_S},
    {"hours", "2h", 7200 * NS_PER_S},
    {"leading zeros", "007", 7 * NS_PER_S},
    {"more leading zeros than digits fit", "00000000000000000000000000001", NS_PER_S},
    {"half a second", "0.5", 500 * NS_PER_MS},
    {"decimal seconds", "1.5s", 1500 * NS_PER_MS},
    {"decimal milliseconds", "1.5ms", 1500 * NS_PER_US},
    {"decimal minutes", "1.5m", 90 * NS_PER_S},
    {"decimal hours", "0.25h", 900 * NS_PER_S},
    {"every decimal place", "1.234567891", INT64_C(1234567891)},
    {"smallest", "0.000000001", 1},
    {"below a nanosecond", "0.0000000009", 0},
    {"digits below a nanosecond", "0.0000000019", 1},
    {"smallest in milliseconds", "0.000001ms", 1},
    {"below a nanosecond in milliseconds", "0.0000009ms", 0},
    {"many decimals", "0.50000000000000000000000000000000000000000", 500 * NS_PER_MS},
    {"zero with everything", "0.0h", 0},
    {"no whole part", ".5", 500 * NS_PER_MS},
    {"no whole part, unit", ".5m", 30 * NS_PER_S},
    {"no decimals", "5.", 5 * NS_PER_S},
    {"no decimals, unit", "5.ms", 5 * NS_PER_MS},
    {"days", "2d", 2 * NS_PER_DAY},
    {"decimal days", "0.5d", NS_PER_DAY / 2},
    {"digits that are a nanosecond together", "0.000000000009h", 32},
    {"digits of a day below a nanosecond", "0.00000000000001d", 0},
    {"joined", "1m30s", 90 * NS_PER_S},
    {"joined, a unit left out", "1d30s", NS_PER_DAY + 30 * NS_PER_S},
    {"joined, each unit", "1d2h3m4s5ms", NS_PER_DAY + 7384005 * NS_PER_MS},
    {"joined, decimals in any part", "1.5h30.5m.5s5.ms", 7230505 * NS_PER_MS},
    {"joined, more of a unit than the larger one has", "1h90m", 9000 * NS_PER_S},
    {"joined, zeros as Go prints them", "1h0m0s", 3600 * NS_PER_S},
    {"joined, all zeros", "0d0h0m0s0ms", 0},
    {"joined, each digit below a nanosecond", "0.0000000009s0.0000009ms", 0},
    {"largest", "9223372036.854775807", INT64_MAX},
    {"largest and a dropped digit", "9223372036.8547758079", INT64_MAX},
    {"largest whole seconds", "9223372036", INT64_C(9223372036) * NS_PER_S},
    {"largest in milliseconds", "9223372036854.775807ms", INT64_MAX},
    {"largest whole minutes", "153722867m", INT64_C(153722867) * 60 * NS_PER_S},
    {"largest whole hours", "2562047h", INT64_C(2562047) * 3600 * NS_PER_S},
    {"largest whole days", "106751d", 106751 * NS_PER_DAY},
    {"largest, joined", "106751d23h47m16s854.775807ms", INT64_MAX},
};

static const struct {
    const char *label;
    const char *text;
} malformed[] = {
    {"empty", ""},
    {"space", " "},
    {"unit alone", "s"},
    {"long unit alone", "ms"},
    {"point alone", "."},
    {"point and unit alone", ".s"},
    {"no unit in the end", "1m30"},
    {"no unit at the beginning", "1 30s"},
    {"no number in the middle", "1h.m5s"},
    {"smaller unit first", "30s1m"},
    {"milliseconds first", "5ms1s"},
    {"unit twice, joined", "5s5s"},
    {"space between the parts", "1m 30s"},
    {"minus between the parts", "1m-30s"},
    {"comma between the parts", "1m,30s"},
    {"colon", "1:30"},
    {"unknown unit", "5w"},
    {"unknown unit in the end", "1m30x"},
    {"day in capitals", "5D"},
    {"nanoseconds", "5ns"},
    {"two points", "0.5.5"},
    {"minus", "-1"},
    {"minus zero", "-0"},
    {"plus", "+1"},
    {"exponent", "1e9"},
    {"huge exponent", "1e999"},
    {"hexadecimal", "0x10"},
    {"space before", " 5"},
    {"space behind", "5 "},
    {"space before the unit", "5 s"},
    {"line end behind", "5\n"},
    {"unit in capitals", "5S"},
    {"long unit in capitals", "5MS"},
    {"unit twice", "5ss"},
    {"unit begun", "5msx"},
    {"microseconds", "5us"},
    {"comma", "5,5"},
    {"group separator", "1_000"},
    {"infinity", "inf"},
    {"not a number", "nan"},
    {"minus in the decimals", "1.-5"},
    {"plus in the decimals", "1.+5"},
    {"digits that are not ASCII", "\xd9\xa3"},
    {"too large and malformed", "99999999999999999999x"},
    {"too large and malformed behind", "99999999999999999999d5"},
    {"as ISO 8601 writes it", "PT1M30S"},
};

static const struct {
    const char *label;
    const char *text;
} too_large[] = {
    {"largest + 1 ns", "9223372036.854775808"},
    {"whole seconds", "9223372037"},
    {"milliseconds", "9223372036855ms"},
    {"largest + 1 ns in milliseconds", "9223372036854.775808ms"},
    {"minutes", "153722868m"},
    {"hours", "2562048h"},
    {"days", "106752d"},
    {"largest + 1 ns, joined", "106751d23h47m16s854.775808ms"},
    {"largest and decimals", "9223372036.854775807s.1ms"},
    {"first part of two", "106752d1ms"},
    {"a decimal digit more in the last of two", "2562047h2836.8547758080s"},
    {"more than 63 bits", "9223372036854775808"},
    {"more than 64 bits, wrapping to 0", "18446744073709551616"},
    {"more than 64 bits, wrapping to 1", "18446744073709551617"},
    {"many digits", "99999999999999999999999999999999999999"},
    {"many digits in the smallest unit", "99999999999999999999999999999999999999ms"},
};

static void test_duration_well_formed_is_parsed(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        int64_t duration_ns = UNTOUCHED;
        claim_error(good[i].label, duration_parse(good[i].text, &duration_ns), ERROR_NONE);
        claim_number(good[i].label, "duration_ns", (uint64_t)duration_ns,
                     (uint64_t)good[i].duration_ns);
    }
}

static void test_duration_malformed_is_rejected(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(malformed); i++) {
        int64_t duration_ns = UNTOUCHED;
        claim_error(malformed[i].label, duration_parse(malformed[i].text, &duration_ns),
                    ERROR_INVALID);
        claim_true(malformed[i].label, "result is untouched", duration_ns == UNTOUCHED);
    }
}

static void test_duration_too_large_is_out_of_range(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(too_large); i++) {
        int64_t duration_ns = UNTOUCHED;
        claim_error(too_large[i].label, duration_parse(too_large[i].text, &duration_ns),
                    ERROR_RANGE);
        claim_true(too_large[i].label, "result is untouched", duration_ns == UNTOUCHED);
    }
}

/* What was written, and the form that a person is told; NULL for none. */
static const struct {
    const char *text;
    const char *suggested;
} suggestions[] = {
    {"0,5", "0.5"},
    {"0,500", "0.500"},
    {"1,5h", "1.5h"},
    {"1m30", "1m30s"},
    {"1d12", "1d12h"},
    {"5s500", "5s500ms"},
    {"5 s", "5s"},
    {" 5", "5"},
    {"5\n", "5"},
    {"1m 30s", "1m30s"},
    {"1 h 30 min", "1h30m"},
    {"5S", "5s"},
    {"1H30M", "1h30m"},
    {"5sec", "5s"},
    {"5 Seconds", "5s"},
    {"10mins", "10m"},
    {"2 hours", "2h"},
    {"1day", "1d"},
    {"200msec", "200ms"},
    {"30s1m", "1m30s"},
    {"+5", "5"},
    {"1_000", "1000"},
    {"1,000", NULL}, /* one or one thousand */
    {"1,000,000", NULL},
    {"5s5s", NULL},
    {"1ms5", NULL},
    {"5 6", NULL},
    {"-1", NULL},
    {"1e3", NULL},
    {"0x10", NULL},
    {"inf", NULL},
    {"500us", NULL},
    {"5w", NULL},
    {"1.2.3", NULL},
    {"", NULL},
    {"s", NULL},
    {",", NULL},
    {"99999999999999999999 s", NULL},
    {"1234567890123456789012345678901234567890 s", NULL},
    {"0,1234567890123456789012345678901234567890", NULL},
};

static void test_duration_form_that_was_meant_is_suggested(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(suggestions); i++) {
        const char *text = suggestions[i].text;
        struct buffer out = BUFFER_EMPTY;
        char *bytes = copy_exactly(text, strlen(text));
        bool is_suggested = duration_suggest(bytes, strlen(text), &out);
        claim_number(text, "suggestion", is_suggested, suggestions[i].suggested != NULL);
        claim_text(text, "form", buffer_text(&out),
                   is_suggested ? suggestions[i].suggested : "");
        free(bytes);
        buffer_release(&out);
    }
}

/* The sum of the parts of an accepted text, none of which has more than six decimals. */
static int64_t sum_parts(const char *text)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {{"ms", NS_PER_MS},      {"s", NS_PER_S},   {"m", 60 * NS_PER_S},
                 {"h", 3600 * NS_PER_S}, {"d", NS_PER_DAY}, {"", NS_PER_S}};
    int64_t sum_ns = 0;
    while (*text != '\0') {
        char *end = NULL;
        int64_t whole = *text == '.' ? 0 : strtoll(text, &end, 10);
        const char *point = *text == '.' ? text : end;
        int64_t decimals = 0;
        size_t count = 0;
        if (*point == '.') {
            count = strspn(point + 1, "0123456789");
            decimals = count > 0 ? strtoll(point + 1, NULL, 10) : 0;
            point += 1 + count;
        }
        size_t i = 0;
        while (strncmp(point, units[i].name, strlen(units[i].name)) != 0)
            i++;
        int64_t unit_ns = units[i].ns;
        sum_ns += whole * unit_ns;
        for (; count > 0; count--)
            unit_ns /= 10;
        sum_ns += decimals * unit_ns;
        text = point + strlen(units[i].name);
    }
    return sum_ns;
}

/* Short texts of the bytes that matter: which are accepted, and what they are, is told apart
   by other means. */
static void test_duration_random_text_is_read_as_its_form_says(void **state)
{
#define NUMBER "([0-9]+[.]?[0-9]*|[.][0-9]+)"
    static const char form[] = "^(" NUMBER "|(" NUMBER "d)?(" NUMBER "h)?(" NUMBER "m)?(" NUMBER
                               "s)?(" NUMBER "ms)?)$";
    static const char alphabet[] = "00199..ddhhmmmssss -,";
    enum { ROUNDS = 100000, LENGTH_MAX = 7 };
    uint32_t random = 12345;
    size_t accepted = 0;
    regex_t regex;
    assert_int_equal(regcomp(&regex, form, REG_EXTENDED | REG_NOSUB), 0);
    for (size_t i = 0; i < ROUNDS; i++) {
        char text[LENGTH_MAX + 1] = "";
        size_t len = 1 + i % LENGTH_MAX;
        for (size_t j = 0; j < len; j++) {
            random = random * 1664525 + 1013904223;
            text[j] = alphabet[(random >> 16) % (sizeof alphabet - 1)];
        }
        int64_t duration_ns = UNTOUCHED;
        bool is_valid = regexec(&regex, text, 0, NULL, 0) == 0;
        claim_error(text, duration_parse(text, &duration_ns),
                    is_valid ? ERROR_NONE : ERROR_INVALID);
        if (is_valid)
            claim_number(text, "duration_ns", (uint64_t)duration_ns, (uint64_t)sum_parts(text));
        accepted += is_valid;
    }
    claim_true("random texts", "many are accepted", accepted > ROUNDS / 20);
    regfree(&regex);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_duration_well_formed_is_parsed),
        cmocka_unit_test(test_duration_malformed_is_rejected),
        cmocka_unit_test(test_duration_too_large_is_out_of_range),
        cmocka_unit_test(test_duration_form_that_was_meant_is_suggested),
        cmocka_unit_test(test_duration_random_text_is_read_as_its_form_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
