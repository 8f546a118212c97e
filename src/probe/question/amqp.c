/*
 * amqp: the header of AMQP 0-9-1 (its specification, section 4.2.2). The server begins the
 * connection (connection.start) with what it is. One of another version answers with the header
 * of that (section 4.2.2, and AMQP 1.0, section 2.2), which is an answer of a server that
 * serves.
 *
 * RabbitMQ logs that the client "unexpectedly closed TCP connection", a warning. It knows no
 * polite end here: connection.close is an error to it before the client is known. An alarm of
 * memory or disk is told to clients that have logged in only.
 */
#include <string.h>

#include "answer.h"

enum {
    HEADER_SIZE = 8,
    FRAME_HEADER = 7, /* type, channel, size of the rest without the end */
    FRAME_START = 4,  /* the numbers of connection.start: its class, and its own */
    FRAME_END = 0xce,
    LENGTH_SIZE = 4, /* of a text */
};

static const char header[] = "AMQP\0\0\11\1";
static const char start[] = "\1\0\0"; /* a method, on channel 0 */
static const char method[] = "\0\12\0\12";

static size_t amqp_build(unsigned char bytes[static QUESTION_SIZE],
                         const struct question_input *input)
{
    (void)input;
    memcpy(bytes, header, HEADER_SIZE);
    return HEADER_SIZE;
}

/* The number of four bytes at `at`, which must be there. */
static size_t read_size(const struct answer_bytes *answer, size_t at)
{
    return (size_t)answer_number(answer, at) << 16 | answer_number(answer, at + 2);
}

/* A text among the properties of the server, by its name with the length before it and the type
   behind it. */
static void tell_property(const struct answer_bytes *frame, const char *name,
                          struct reply *reply)
{
    size_t at = answer_find(frame, name) + strlen(name);
    if (at + LENGTH_SIZE > frame->len)
        return;
    size_t len = read_size(frame, at);
    if (len == 0 || len > frame->len - at - LENGTH_SIZE)
        return;
    answer_say(reply, " ");
    answer_quote(reply, frame->bytes + at + LENGTH_SIZE, len);
}

static enum question_verdict judge_frame(const struct answer_bytes *answer,
                                         enum question_verdict more, struct reply *reply)
{
    if (answer->len < FRAME_HEADER)
        return more;
    size_t size = read_size(answer, FRAME_HEADER - LENGTH_SIZE);
    size_t end = FRAME_HEADER + size;
    if (size < FRAME_START || end >= ANSWER_SIZE ||
        !answer_may_have(answer, FRAME_HEADER, method, FRAME_START))
        return QUESTION_MISMATCHED;
    if (end >= answer->len)
        return more;
    if (answer->bytes[end] != FRAME_END)
        return QUESTION_MISMATCHED;
    const struct answer_bytes frame = {answer->bytes, end, true};
    answer_say(reply, "AMQP");
    tell_property(&frame, "\7productS", reply);
    tell_property(&frame, "\7versionS", reply);
    return QUESTION_READY;
}

/* The same header back is an echo. */
static enum question_verdict judge_header(const struct answer_bytes *answer,
                                          enum question_verdict more, struct reply *reply)
{
    if (answer->len < HEADER_SIZE)
        return more;
    if (answer_has(answer, 0, header, HEADER_SIZE))
        return QUESTION_MISMATCHED;
    const unsigned char *version = answer->bytes + HEADER_SIZE - 3;
    answer_say(reply, "AMQP %u.%u.%u, not 0.9.1", version[0], version[1], version[2]);
    return QUESTION_READY;
}

static enum question_verdict amqp_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    enum question_verdict more = answer->is_end ? QUESTION_MISMATCHED : QUESTION_MORE;
    (void)input;
    if (answer_may_have(answer, 0, start, sizeof start - 1))
        return judge_frame(answer, more, reply);
    return answer_begins(answer, "AMQP") ? judge_header(answer, more, reply)
                                         : QUESTION_MISMATCHED;
}

const struct question question_amqp = {
    .name = "amqp", .build = amqp_build, .judge = amqp_judge};
