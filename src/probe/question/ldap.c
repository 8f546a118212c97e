/*
 * ldap: the root entry, without its attributes (RFC 4511, section 4.5; RFC 4512, section 5.1).
 * Every server shows it before a client has said who it is; one that does not want to says so,
 * and serves. A server that is busy, is going down, or has nothing behind it says that.
 */
#include <string.h>

#include "answer.h"
#include "der.h"

enum {
    TAG_ENTRY = 0x64,
    TAG_DONE = 0x65,
    TAG_REFERENCE = 0x73,
    TAG_NOTICE = 0x78, /* of a server that disconnects, numbered 0 */
    TAG_ENUMERATED = 0x0a,
    HEAD_MAX = 6, /* tag and length of a message */
};

/* Message 1: search "" alone, no limits, objectClass=*; "1.1" is no attribute. */
static const char query[] = "\x30\x2a\2\1\1\x63\x25\4\0\x0a\1\0\x0a\1\0\2\1\0\2\1\0\1\1\0"
                            "\x87\x0b"
                            "objectClass\x30\5\4\3"
                            "1.1";
static const char unbind[] = "\x30\5\2\1\2\x42\0";

/* Some codes of RFC 4511, appendix A. */
static const struct {
    unsigned char code;
    bool is_failure; /* of the server, for every client */
    const char *words;
} codes[] = {
    {0, false, "success"},
    {1, false, "operations error"},
    {2, false, "protocol error"},
    {8, false, "stronger authentication required"},
    {48, false, "inappropriate authentication"},
    {50, false, "insufficient access"},
    {51, true, "busy"},
    {52, true, "unavailable"},
    {53, false, "unwilling to perform"},
    {80, true, "other error"},
};

static size_t ldap_build(unsigned char bytes[static QUESTION_SIZE],
                         const struct question_input *input)
{
    (void)input;
    memcpy(bytes, query, sizeof query - 1);
    return sizeof query - 1;
}

/* The code, and what the server says of it. */
static enum question_verdict judge_result(struct der *result, struct reply *reply)
{
    struct der code, name, words;
    if (!der_take(result, TAG_ENUMERATED, &code) || code.len != 1 ||
        !der_take(result, DER_OCTETS, &name) || !der_take(result, DER_OCTETS, &words))
        return QUESTION_MISMATCHED;
    size_t i = 0;
    while (i < ARRAY_LEN(codes) && codes[i].code != code.bytes[0])
        i++;
    if (i < ARRAY_LEN(codes))
        answer_say(reply, "ldap %s", codes[i].words);
    else
        answer_say(reply, "ldap result %u", code.bytes[0]);
    if (words.len > 0)
        answer_say(reply, ": ");
    answer_quote(reply, words.bytes, words.len);
    return i < ARRAY_LEN(codes) && codes[i].is_failure ? QUESTION_NOT_READY : QUESTION_READY;
}

/* MORE: another one comes behind it, or the rest of it. */
static enum question_verdict judge_message(struct der *message, struct reply *reply)
{
    const unsigned char *head = message->bytes; /* a number of one byte, 0 or 1 */
    size_t there = message->available;
    if ((there > 0 && head[0] != DER_INTEGER) || (there > 1 && head[1] != 1) ||
        (there > 2 && head[2] > 1))
        return QUESTION_MISMATCHED;
    if (!der_is_whole(message))
        return QUESTION_MORE;
    struct der number, content;
    if (!der_take(message, DER_INTEGER, &number))
        return QUESTION_MISMATCHED;
    bool is_ours = number.bytes[0] == 1;
    if (is_ours && (der_is_next(message, TAG_ENTRY) || der_is_next(message, TAG_REFERENCE)))
        return QUESTION_MORE;
    return der_take(message, is_ours ? TAG_DONE : TAG_NOTICE, &content)
               ? judge_result(&content, reply)
               : QUESTION_MISMATCHED;
}

static enum question_verdict ldap_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    (void)input;
    struct der rest = {answer->bytes, ANSWER_SIZE, answer->len};
    enum question_verdict verdict = QUESTION_MORE;
    while (verdict == QUESTION_MORE && rest.available > 0) {
        struct der message;
        bool is_cut = rest.available < HEAD_MAX && der_is_next(&rest, DER_SEQUENCE);
        if (der_take(&rest, DER_SEQUENCE, &message))
            verdict = judge_message(&message, reply);
        else if (is_cut)
            break;
        else
            verdict = QUESTION_MISMATCHED;
    }
    return verdict == QUESTION_MORE && answer->is_end ? QUESTION_MISMATCHED : verdict;
}

const struct question question_ldap = {.name = "ldap",
                                       .build = ldap_build,
                                       .farewell = unbind,
                                       .farewell_len = sizeof unbind - 1,
                                       .judge = ldap_judge};
