/*
 * dns: who is in charge of the root, and no recursion (RFC 1035, section 4.1). Every server can
 * say something to that without asking another one; any answer of it counts. SERVFAIL is
 * that of a server which has lost its zone, or cannot work. Over TCP a length stands before
 * each message (section 4.2.2).
 *
 * At the port of multicast DNS: what kinds of services are there (RFC 6763, section 9)? What
 * offers one answers, and to us alone, since we do not ask from that port (RFC 6762, section
 * 6.7). Any other server of DNS can say something to that, too.
 */
#include <string.h>

#include "answer.h"

enum {
    ID_SIZE = 2,
    FLAGS_AT = 2,
    COUNT_AT = 4, /* of questions */
    HEADER_SIZE = 12,
    MASK_KIND = 0xf8, /* of the flags' first byte: answer or query, and the opcode */
    KIND_ANSWER = 0x80,
    MASK_CODE = 0x0f, /* of the second one */
    CODE_FAILURE = 2,
    PREFIX_SIZE = 2, /* over TCP: the length of the message */
};

/* Behind the identification: a standard query with one question. */
static const unsigned char header[HEADER_SIZE - ID_SIZE] = {0, 0, 0, 1};

/* The question: name, type, class. */
struct section {
    const char *bytes;
    size_t len;
};
#define SECTION(text)          \
    {                          \
        text, sizeof(text) - 1 \
    }

static const struct section root = SECTION("\0\0\6\0\1");
static const struct section services = SECTION("\11_services\7_dns-sd\4_udp\5local\0\0\14\0\1");

/* Of RFC 1035 and RFC 2136. */
static const char *const codes[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                    "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                    "NXRRSET", "NOTAUTH", "NOTZONE"};

static size_t build(unsigned char *bytes, const struct question_input *input,
                    const struct section *section)
{
    memcpy(bytes, input->cookie, ID_SIZE);
    memcpy(bytes + ID_SIZE, header, sizeof header);
    memcpy(bytes + HEADER_SIZE, section->bytes, section->len);
    return HEADER_SIZE + section->len;
}

/* Whether it is an answer that repeats the question, or none: a server that could not read it
 * need not. */
static bool is_answer(const struct answer_bytes *answer, const struct question_input *input,
                      const struct section *section)
{
    if (answer->len < HEADER_SIZE || !answer_has(answer, 0, input->cookie, ID_SIZE) ||
        (answer->bytes[FLAGS_AT] & MASK_KIND) != KIND_ANSWER)
        return false;
    unsigned count = answer_number(answer, COUNT_AT);
    return count == 0 ||
           (count == 1 && answer_has(answer, HEADER_SIZE, section->bytes, section->len));
}

static enum question_verdict judge(const struct answer_bytes *answer,
                                   const struct question_input *input,
                                   const struct section *section, struct reply *reply)
{
    if (!is_answer(answer, input, section))
        return QUESTION_MORE;
    size_t code = answer->bytes[FLAGS_AT + 1] & MASK_CODE;
    if (code < ARRAY_LEN(codes))
        answer_say(reply, "DNS %s", codes[code]);
    else
        answer_say(reply, "DNS code %zu", code);
    return code == CODE_FAILURE ? QUESTION_NOT_READY : QUESTION_READY;
}

static size_t dns_build(unsigned char bytes[static QUESTION_SIZE],
                        const struct question_input *input)
{
    return build(bytes, input, &root);
}

static enum question_verdict dns_judge(const struct answer_bytes *answer,
                                       const struct question_input *input, struct reply *reply)
{
    return judge(answer, input, &root, reply);
}

static size_t dns_tcp_build(unsigned char bytes[static QUESTION_SIZE],
                            const struct question_input *input)
{
    size_t len = build(bytes + PREFIX_SIZE, input, &root);
    bytes[0] = 0;
    bytes[1] = (unsigned char)len;
    return PREFIX_SIZE + len;
}

static enum question_verdict dns_tcp_judge(const struct answer_bytes *answer,
                                           const struct question_input *input,
                                           struct reply *reply)
{
    if (!answer_may_have(answer, PREFIX_SIZE, input->cookie, ID_SIZE))
        return QUESTION_MISMATCHED;
    size_t len = answer->len >= PREFIX_SIZE ? answer_number(answer, 0) : QUESTION_SIZE;
    if (len < HEADER_SIZE)
        return QUESTION_MISMATCHED;
    if (answer->len < PREFIX_SIZE + len)
        return answer->is_end ? QUESTION_MISMATCHED : QUESTION_MORE;
    const struct answer_bytes message = {answer->bytes + PREFIX_SIZE, len, true};
    enum question_verdict verdict = judge(&message, input, &root, reply);
    return verdict == QUESTION_MORE ? QUESTION_MISMATCHED : verdict;
}

static size_t mdns_build(unsigned char bytes[static QUESTION_SIZE],
                         const struct question_input *input)
{
    return build(bytes, input, &services);
}

static enum question_verdict mdns_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    return judge(answer, input, &services, reply);
}

const struct question question_dns = {
    .name = "dns", .has_cookie = true, .build = dns_build, .judge = dns_judge};
const struct question question_dns_tcp = {
    .name = "dns", .has_cookie = true, .build = dns_tcp_build, .judge = dns_tcp_judge};
const struct question question_mdns = {
    .name = "mdns", .has_cookie = true, .build = mdns_build, .judge = mdns_judge};
