#include "claim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void claim_true(const char *label, const char *what, bool is_true)
{
    if (!is_true)
        fail_msg("%s: %s does not hold", label, what);
}

void claim_number(const char *label, const char *what, uint64_t actual, uint64_t expected)
{
    if (actual != expected)
        fail_msg("%s: %s is %" PRIu64 ", expected %" PRIu64, label, what, actual, expected);
}

void claim_text(const char *label, const char *what, const char *actual, const char *expected)
{
    bool is_same =
        actual == NULL || expected == NULL ? actual == expected : strcmp(actual, expected) == 0;
    if (!is_same)
        fail_msg("%s: %s is \"%s\", expected \"%s\"", label, what,
                 actual != NULL ? actual : "(null)", expected != NULL ? expected : "(null)");
}

void claim_bytes(const char *label, const char *what, const char *actual, size_t len,
                 const char *expected, size_t expected_len)
{
    if (len != expected_len)
        fail_msg("%s: %s has %zu bytes, expected %zu", label, what, len, expected_len);
    for (size_t i = 0; i < len; i++)
        if (actual[i] != expected[i])
            fail_msg("%s: byte %zu of %s is \\x%02x, expected \\x%02x", label, i, what,
                     (unsigned char)actual[i], (unsigned char)expected[i]);
}

void claim_contains(const char *label, const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("%s: \"%s\" does not contain \"%s\"", label, text, part);
}

void claim_error(const char *label, enum error actual, enum error expected)
{
    if (actual != expected)
        fail_msg("%s: error %d (%s), expected %d (%s)", label, (int)actual, error_text(actual),
                 (int)expected, error_text(expected));
}

enum error error_beside(enum fault_code code)
{
    return code == FAULT_NONE ? ERROR_NONE : ERROR_INVALID;
}

void claim_fault(const char *label, const struct fault *actual, const struct fault *expected)
{
    if (actual->code != expected->code)
        fail_msg("%s: fault %d (%s), expected %d (%s)", label, (int)actual->code,
                 fault_text(actual->code), (int)expected->code, fault_text(expected->code));
    claim_number(label, "fault.at", actual->at, expected->at);
    claim_number(label, "fault.len", actual->len, expected->len);
}

char *copy_exactly(const char *bytes, size_t len)
{
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, len);
    return copy;
}
