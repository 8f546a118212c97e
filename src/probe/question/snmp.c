/*
 * snmp: which engine are you (RFC 3414, section 4)? Every agent that knows version 3 answers
 * with a report, whoever asks: it takes neither a community nor a user.
 */
#include <string.h>

#include "answer.h"

enum {
    TAG_INTEGER = 0x02,
    TAG_OCTETS = 0x04,
    TAG_SEQUENCE = 0x30,
    TAG_REPORT = 0xa8,
    LENGTH_OF_LENGTH = 0x80, /* the bytes of the length are counted in the other bits */
    LENGTH_SIZE_MAX = 3,
    ID_SIZE = 4,
};

/*
 * A message of version 3. Before the number: that. Behind it: at most 65507 bytes back, also as
 * a report; the security model of users, all its parameters empty; and a GET of nothing.
 */
static const unsigned char before_id[] = {0x30, 0x3c, 2, 1, 3, 0x30, 0x11, 2, ID_SIZE};
static const unsigned char behind_id[] = {
    2,    3,    0,    0xff, 0xe3, 4, 1,    4,    2, 1, 3,                      /* header */
    4,    0x10, 0x30, 0x0e, 4,    0, 2,    1,    0, 2, 1, 0, 4, 0, 4, 0, 4, 0, /* security */
    0x30, 0x12, 4,    0,    4,    0, 0xa0, 0x0c, 2, 2, 0, 1, 2, 1, 0, 2, 1, 0,
    0x30, 0x00, /* GET */
};

/* An integer of always four bytes: the first one is neither negative nor 0. */
static void message_id(unsigned char id[static ID_SIZE], const struct question_input *input)
{
    memcpy(id, input->cookie, ID_SIZE);
    id[0] = (unsigned char)((id[0] & 0x3f) | 0x40);
}

static size_t snmp_build(unsigned char bytes[static QUESTION_SIZE],
                         const struct question_input *input)
{
    memcpy(bytes, before_id, sizeof before_id);
    message_id(bytes + sizeof before_id, input);
    memcpy(bytes + sizeof before_id + ID_SIZE, behind_id, sizeof behind_id);
    return sizeof before_id + ID_SIZE + sizeof behind_id;
}

/* The length of what begins with a tag; `at` goes on to where it begins. Behind the end: too
 * much. */
static size_t take_length(const struct answer_bytes *bytes, size_t *at)
{
    size_t len = bytes->bytes[(*at)++];
    if ((len & LENGTH_OF_LENGTH) == 0)
        return len;
    size_t size = len & ~(size_t)LENGTH_OF_LENGTH;
    if (size > LENGTH_SIZE_MAX || size > bytes->len - *at)
        return SIZE_MAX;
    for (len = 0; size > 0; size--)
        len = len << 8 | bytes->bytes[(*at)++];
    return len;
}

/* Take from the start of `rest` what has this tag, whole (ITU-T X.690, section 8.1). */
static bool take(struct answer_bytes *rest, unsigned char tag, struct answer_bytes *content)
{
    size_t at = 1;
    if (rest->len < 2 || rest->bytes[0] != tag)
        return false;
    size_t len = take_length(rest, &at);
    if (len > rest->len - at)
        return false;
    *content = (struct answer_bytes){rest->bytes + at, len, true};
    rest->bytes += at + len;
    rest->len -= at + len;
    return true;
}

/* Whether it begins with this integer, which is taken. */
static bool take_integer(struct answer_bytes *rest, const unsigned char *bytes, size_t len)
{
    struct answer_bytes integer;
    return take(rest, TAG_INTEGER, &integer) && integer.len == len &&
           memcmp(integer.bytes, bytes, len) == 0;
}

static enum question_verdict snmp_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    static const unsigned char version[] = {3};
    unsigned char id[ID_SIZE];
    struct answer_bytes rest = *answer, message, header, scoped, content;
    message_id(id, input);
    bool is_ours = take(&rest, TAG_SEQUENCE, &message) &&
                   take_integer(&message, version, sizeof version) &&
                   take(&message, TAG_SEQUENCE, &header) && take_integer(&header, id, ID_SIZE);
    bool is_report = is_ours && take(&message, TAG_OCTETS, &content) &&
                     take(&message, TAG_SEQUENCE, &scoped) &&
                     take(&scoped, TAG_OCTETS, &content) && /* the engine */
                     take(&scoped, TAG_OCTETS, &content) && /* the context */
                     take(&scoped, TAG_REPORT, &content);
    if (!is_report)
        return QUESTION_MORE;
    answer_say(reply, "SNMPv3");
    return QUESTION_REPLIED;
}

const struct question question_snmp = {
    .name = "snmp", .has_cookie = true, .build = snmp_build, .judge = snmp_judge};
