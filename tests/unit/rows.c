#include "rows.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "claim.h"
#include "netcheck/base/base.h"

const int64_t rows_finished_ns = 42 * NS_PER_S;
const int64_t rows_wall_offset_ns = INT64_C(1795402800123456789) - 42 * NS_PER_S;

struct address address_of(const char *text)
{
    struct address address;
    memset(&address, 0, sizeof address);
    if (*text != '\0')
        assert_true(address_parse(text, strlen(text), &address));
    return address;
}

struct icmp icmp_of(const char *sender, uint8_t type, uint8_t code)
{
    return (struct icmp){
        .is_set = true, .type = type, .code = code, .sender = address_of(sender)};
}

struct outcome remark_of(enum reason reason, enum remark remark, int error)
{
    struct outcome outcome = outcome_of(reason);
    outcome.remark = remark;
    outcome.error = error;
    return outcome;
}

struct target *target_of(const char *text)
{
    struct target *target = NULL;
    struct fault fault;
    claim_error(text, target_parse(text, strlen(text), &target, &fault), ERROR_NONE);
    return target;
}

/* Nothing is known yet but the outcome. */
static struct result plain_row(struct target *target, struct outcome outcome, unsigned attempts)
{
    struct result result = {
        .rows = 1,
        .outcome = outcome,
        .finished_ns = rows_finished_ns,
        .resolve_ns = -1,
        .connect_ns = -1,
        .reply_ns = -1,
        .syn_retransmits = -1,
        .measures = measures_unknown(),
        .attempts = attempts,
    };
    endpoints_at(target, 0, &result.endpoint);
    return result;
}

struct result row_of(const char *text, const char *address, struct outcome outcome)
{
    struct result result = plain_row(target_of(text), outcome, 1);
    if (result.endpoint.target->kind == TARGET_NAME)
        result.endpoint.address = address_of(address);
    return result;
}

struct result up_of(const char *text, const char *address)
{
    struct result result = row_of(text, address, outcome_of(REASON_CONNECTED));
    result.connect_ns = 812 * NS_PER_US;
    result.syn_retransmits = 0;
    return result;
}

struct result down_of(const char *text, const char *address, int error)
{
    struct result result = row_of(text, address, outcome_of_error(error));
    result.connect_ns = 412 * NS_PER_US;
    return result;
}

struct result icmp_row(const char *text, const char *address, int error, struct icmp icmp)
{
    struct result result = down_of(text, address, error);
    outcome_add_icmp(&result.outcome, &icmp);
    return result;
}

struct result timeout_of(int64_t waited_ns, int syn_retransmits)
{
    struct result result = row_of("db:5432", "10.0.0.5", outcome_of(REASON_TIMEOUT));
    result.waited_ns = waited_ns;
    result.syn_retransmits = syn_retransmits;
    return result;
}

struct result answered_of(const char *text, const char *address, enum reason reason,
                          const char *bytes, size_t len)
{
    struct result result = row_of(text, address, outcome_of(reason));
    result.reply_ns = 612 * NS_PER_US;
    result.measures.is_reply = true;
    result.measures.sent = result.measures.replies = 1;
    result.measures.reply = reply_new();
    assert_non_null(result.measures.reply);
    reply_keep(result.measures.reply, (const unsigned char *)bytes, len);
    return result;
}

struct result error_of(const char *text, struct outcome outcome)
{
    struct result result = row_of(text, "", outcome);
    result.attempts = 0;
    return result;
}

struct result invalid_of(const char *line, size_t len, struct fault fault, const char *source,
                         size_t number)
{
    struct target *target =
        target_new_invalid(line, len, &fault, &(struct place){source, number, 0});
    assert_non_null(target);
    return plain_row(target, outcome_of(REASON_INVALID), 0);
}

void claim_row(const char *label, const char *format, struct report report,
               struct result result, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    report.wall_offset_ns = rows_wall_offset_ns;
    report_find(format)->row(&out, &report, &result);
    claim_text(label, format, buffer_text(&out), expected);
    claim_true(label, "nothing lost", !out.has_failed);
    buffer_release(&out);
    result_release(&result);
}
