#include "../claim.h"
#include "netcheck/base/duration.h"

enum { UNTOUCHED = -42 };

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
    {"largest", "9223372036.854775807", INT64_MAX},
    {"largest and a dropped digit", "9223372036.8547758079", INT64_MAX},
    {"largest whole seconds", "9223372036", INT64_C(9223372036) * NS_PER_S},
    {"largest in milliseconds", "9223372036854.775807ms", INT64_MAX},
    {"largest whole minutes", "153722867m", INT64_C(153722867) * 60 * NS_PER_S},
    {"largest whole hours", "2562047h", INT64_C(2562047) * 3600 * NS_PER_S},
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
    {"no whole part", ".5"},
    {"no decimals", "5."},
    {"no decimals, unit", "5.s"},
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
    {"two units", "1m30s"},
    {"unit twice", "5ss"},
    {"unit begun", "5msx"},
    {"unknown unit", "5d"},
    {"microseconds", "5us"},
    {"comma", "5,5"},
    {"group separator", "1_000"},
    {"infinity", "inf"},
    {"not a number", "nan"},
    {"minus in the decimals", "1.-5"},
    {"plus in the decimals", "1.+5"},
    {"digits that are not ASCII", "\xd9\xa3"},
    {"too large and malformed", "99999999999999999999x"},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_duration_well_formed_is_parsed),
        cmocka_unit_test(test_duration_malformed_is_rejected),
        cmocka_unit_test(test_duration_too_large_is_out_of_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
