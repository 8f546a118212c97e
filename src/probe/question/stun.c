/*
 * stun: the address that we come from, as a server of STUN or TURN tells everybody (RFC 8489,
 * section 2). That it refuses to is an answer, too.
 */
#include <string.h>

#include "answer.h"

enum {
    TYPE_SUCCESS = 0x0101,
    TYPE_ERROR = 0x0111,
    LENGTH_AT = 2,
    HEAD_SIZE = 8, /* type, length, magic */
    TRANSACTION_SIZE = 12,
    HEADER_SIZE = HEAD_SIZE + TRANSACTION_SIZE,
    ATTRIBUTE_SIZE = 4, /* its type and length */
    ATTRIBUTE_ERROR = 0x0009,
    ERROR_SIZE = 4,
    CODE_SERVER = 500, /* from here on it is the server that fails */
    ATTRIBUTE_SOFTWARE = 0x8022,
    SOFTWARE_MAX = 48,
};

/* A binding request without attributes. */
static const unsigned char head[HEAD_SIZE] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42};
static const unsigned char *const magic = head + 4;

static size_t stun_build(unsigned char bytes[static QUESTION_SIZE],
                         const struct question_input *input)
{
    memcpy(bytes, head, HEAD_SIZE);
    memcpy(bytes + HEAD_SIZE, input->cookie, TRANSACTION_SIZE);
    return HEADER_SIZE;
}

/* The type, if it is an answer to our request and whole; else 0. */
static unsigned type_of(const struct answer_bytes *answer, const struct question_input *input)
{
    if (answer->len < HEADER_SIZE || !answer_has(answer, 4, magic, 4) ||
        !answer_has(answer, HEAD_SIZE, input->cookie, TRANSACTION_SIZE))
        return 0;
    size_t len = answer_number(answer, LENGTH_AT);
    unsigned type = answer_number(answer, 0);
    bool is_whole = len % 4 == 0 && len == answer->len - HEADER_SIZE;
    return is_whole && (type == TYPE_SUCCESS || type == TYPE_ERROR) ? type : 0;
}

/* The value of an attribute; empty where there is none, or it is cut. */
static struct answer_bytes attribute(const struct answer_bytes *answer, unsigned type)
{
    size_t at = HEADER_SIZE;
    while (at + ATTRIBUTE_SIZE <= answer->len) {
        size_t len = answer_number(answer, at + 2);
        size_t from = at + ATTRIBUTE_SIZE;
        if (len > answer->len - from)
            break;
        if (answer_number(answer, at) == type)
            return (struct answer_bytes){answer->bytes + from, len, true};
        at = from + (len + 3) / 4 * 4;
    }
    return (struct answer_bytes){answer->bytes, 0, true};
}

static enum question_verdict stun_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    unsigned type = type_of(answer, input);
    if (type == 0)
        return QUESTION_MORE;
    struct answer_bytes error = attribute(answer, ATTRIBUTE_ERROR);
    struct answer_bytes software = attribute(answer, ATTRIBUTE_SOFTWARE);
    bool has_code = type == TYPE_ERROR && error.len >= ERROR_SIZE;
    unsigned code = has_code ? (error.bytes[2] & 7) * 100u + error.bytes[3] % 100u : 0;
    answer_say(reply, "STUN");
    if (has_code)
        answer_say(reply, " error %u", code);
    if (software.len <= SOFTWARE_MAX && answer_is_printable(&software, 0, software.len)) {
        answer_say(reply, " (");
        answer_quote(reply, software.bytes, software.len);
        answer_say(reply, ")");
    }
    return code >= CODE_SERVER ? QUESTION_NOT_READY : QUESTION_READY;
}

const struct question question_stun = {
    .name = "stun", .has_cookie = true, .build = stun_build, .judge = stun_judge};
