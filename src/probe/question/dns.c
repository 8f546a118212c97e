/*
 * dns: who is in charge of the root, and no recursion (RFC 1035, section 4.1). Every server can
 * say something to that without asking another one; whatever it says is an answer.
 */
#include <string.h>

#include "answer.h"

enum {
    QUERY_AT = 2,
    COUNT_AT = 4, /* of questions */
    HEADER_SIZE = 12,
    MASK_KIND = 0xf8, /* of the flags' first byte: answer or query, and the opcode */
    KIND_ANSWER = 0x80,
    MASK_CODE = 0x0f, /* of the second one */
};

/* Behind the identification: a standard query with one question, and that: root, SOA, IN. */
static const unsigned char query[] = {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1};

/* Of RFC 1035 and RFC 2136. */
static const char *const codes[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                    "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                    "NXRRSET", "NOTAUTH", "NOTZONE"};

static size_t dns_build(unsigned char bytes[static QUESTION_SIZE],
                        const struct question_input *input)
{
    memcpy(bytes, input->cookie, QUERY_AT);
    memcpy(bytes + QUERY_AT, query, sizeof query);
    return QUERY_AT + sizeof query;
}

/* Whether it repeats our question, or none: a server that could not read it need not. */
static bool has_our_question(const struct answer_bytes *answer)
{
    const unsigned char *question = query + HEADER_SIZE - QUERY_AT;
    unsigned count = answer_number(answer, COUNT_AT);
    return count == 0 || (count == 1 && answer_has(answer, HEADER_SIZE, question,
                                                   sizeof query - (HEADER_SIZE - QUERY_AT)));
}

static enum question_verdict dns_judge(const struct answer_bytes *answer,
                                       const struct question_input *input, struct reply *reply)
{
    if (answer->len < HEADER_SIZE || !answer_has(answer, 0, input->cookie, QUERY_AT) ||
        (answer->bytes[QUERY_AT] & MASK_KIND) != KIND_ANSWER || !has_our_question(answer))
        return QUESTION_MORE;
    size_t code = answer->bytes[QUERY_AT + 1] & MASK_CODE;
    if (code < ARRAY_LEN(codes))
        answer_say(reply, "DNS %s", codes[code]);
    else
        answer_say(reply, "DNS code %zu", code);
    return QUESTION_REPLIED;
}

const struct question question_dns = {
    .name = "dns", .has_cookie = true, .build = dns_build, .judge = dns_judge};
