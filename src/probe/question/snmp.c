/*
 * snmp: which engine are you (RFC 3414, section 4)? Every agent that knows version 3 answers
 * with a report, whoever asks: it takes neither a community nor a user.
 */
#include <string.h>

#include "answer.h"
#include "der.h"

enum { TAG_REPORT = 0xa8, ID_SIZE = 4 };

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

/* Whether it begins with this integer, which is taken. */
static bool take_integer(struct der *der, const unsigned char *bytes, size_t len)
{
    struct der integer;
    return der_take(der, DER_INTEGER, &integer) && integer.len == len &&
           memcmp(integer.bytes, bytes, len) == 0;
}

static enum question_verdict snmp_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    static const unsigned char version[] = {3};
    unsigned char id[ID_SIZE];
    struct der rest = {answer->bytes, answer->len, answer->len};
    struct der message, header, scoped, content;
    message_id(id, input);
    bool is_ours = der_take(&rest, DER_SEQUENCE, &message) &&
                   take_integer(&message, version, sizeof version) &&
                   der_take(&message, DER_SEQUENCE, &header) &&
                   take_integer(&header, id, ID_SIZE);
    bool is_report = is_ours && der_take(&message, DER_OCTETS, &content) &&
                     der_take(&message, DER_SEQUENCE, &scoped) &&
                     der_take(&scoped, DER_OCTETS, &content) && /* the engine */
                     der_take(&scoped, DER_OCTETS, &content) && /* the context */
                     der_take(&scoped, TAG_REPORT, &content);
    if (!is_report)
        return QUESTION_MORE;
    answer_say(reply, "SNMPv3");
    return QUESTION_READY;
}

const struct question question_snmp = {
    .name = "snmp", .has_cookie = true, .build = snmp_build, .judge = snmp_judge};
