/*
 * quic: a packet of a version that does not exist. Every server, whatever version it speaks,
 * answers with those that it does, and keeps nothing (RFC 8999, section 6; RFC 9000, section
 * 6.1 and 15). The packet has the size of a first one: a smaller one may be ignored.
 */
#include <string.h>

#include "answer.h"

enum {
    PACKET_SIZE = 1200,
    LONG_HEADER = 0x80,
    FIXED_BIT = 0x40,
    ID_SIZE = 8,
    TO_AT = 6, /* the id of the receiver, behind its length */
    FROM_AT = TO_AT + ID_SIZE + 1,
    HEADER_SIZE = FROM_AT + ID_SIZE,
    VERSION_SIZE = 4,
};

/* One of those that are kept free for this, 0x?a?a?a?a; and the length of an id. */
static const unsigned char no_version[] = {0x1a, 0x2a, 0x3a, 0x4a, ID_SIZE};
static const unsigned char negotiation[] = {0, 0, 0, 0, ID_SIZE};
static const unsigned char id_size[] = {ID_SIZE};
static const unsigned char version_1[VERSION_SIZE] = {0, 0, 0, 1};

static size_t quic_build(unsigned char bytes[static QUESTION_SIZE],
                         const struct question_input *input)
{
    memset(bytes, 0, PACKET_SIZE);
    bytes[0] = LONG_HEADER | FIXED_BIT;
    memcpy(bytes + 1, no_version, sizeof no_version);
    memcpy(bytes + TO_AT, input->cookie, ID_SIZE);
    bytes[FROM_AT - 1] = ID_SIZE;
    memcpy(bytes + FROM_AT, input->cookie + ID_SIZE, ID_SIZE);
    return PACKET_SIZE;
}

/* Whether it is a list of versions for us: each side calls itself what the other one did. */
static bool is_negotiation(const struct answer_bytes *answer,
                           const struct question_input *input)
{
    return answer->len > HEADER_SIZE && (answer->len - HEADER_SIZE) % VERSION_SIZE == 0 &&
           (answer->bytes[0] & LONG_HEADER) != 0 &&
           answer_has(answer, 1, negotiation, sizeof negotiation) &&
           answer_has(answer, TO_AT, input->cookie + ID_SIZE, ID_SIZE) &&
           answer_has(answer, FROM_AT - 1, id_size, sizeof id_size) &&
           answer_has(answer, FROM_AT, input->cookie, ID_SIZE);
}

static enum question_verdict quic_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    if (!is_negotiation(answer, input))
        return QUESTION_MORE;
    bool has_version_1 = false;
    for (size_t at = HEADER_SIZE; at < answer->len; at += VERSION_SIZE)
        has_version_1 |= answer_has(answer, at, version_1, VERSION_SIZE);
    answer_say(reply, has_version_1 ? "QUIC version 1" : "QUIC, other versions than 1");
    return QUESTION_READY;
}

const struct question question_quic = {
    .name = "quic", .has_cookie = true, .build = quic_build, .judge = quic_judge};
