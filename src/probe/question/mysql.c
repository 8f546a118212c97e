/*
 * mysql: nothing is asked; the server speaks first ("Connection Phase" of MySQL's and MariaDB's
 * documents of their protocol). A server that serves greets with its version; one that has no
 * place left, or does not talk to this address, sends an error in the place of the greeting.
 *
 * MariaDB counts a connection that ends behind its greeting as an error, however it ends, and
 * blocks an address that is not its own machine's after 100 of them (max_connect_errors). It
 * does not count a user whom it does not let in: that is why the farewell is one that hardly
 * exists, without a password, and "quit" behind it. It logs either as a warning.
 */
#include <string.h>

#include "greeting.h"

enum {
    HEADER_SIZE = 4, /* the length of the rest, the lowest byte first, and a number, here 0 */
    LENGTH_MAX = 1024,
    VERSION_10 = 10,     /* of the protocol; there is no other since 1998 */
    BEHIND_VERSION = 16, /* of a greeting, what follows the text and its NUL at least */
    MARK_ERROR = 0xff,
    ERROR_SIZE = 3, /* the mark, and the error's number */
    STATE_SIZE = 6, /* '#' and an SQLSTATE */
};

/* Capabilities, the longest packet, character set, 23 bytes of nothing; user; no password. */
static const char farewell[] = "\52\0\0\1\0\202\0\0\0\0\0\1\41"
                               "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                               "netcheck\0\0\1\0\0\0\1";

/* How many bytes the first packet has, with its header; 0: it is no greeting, nor an error. As
   far as it has come: a packet whose length has not is longer than the answer. */
static size_t packet_size(const struct answer_bytes *answer)
{
    size_t len = 0;
    for (size_t i = 0; i < HEADER_SIZE - 1 && i < answer->len; i++)
        len |= (size_t)answer->bytes[i] << 8 * i;
    bool is_first = answer->len < HEADER_SIZE || answer->bytes[HEADER_SIZE - 1] == 0;
    if (len > LENGTH_MAX || !is_first)
        return 0;
    if (answer->len < HEADER_SIZE - 1)
        return answer->len + 1;
    return len > ERROR_SIZE ? HEADER_SIZE + len : 0;
}

/* MariaDB writes a version of MySQL before its own, for the sake of old replicas. */
static enum question_verdict judge_greeting(const struct answer_bytes *answer, size_t size,
                                            struct reply *reply)
{
    static const char replicas[] = "5.5.5-";
    size_t at = HEADER_SIZE + 1;
    const unsigned char *end = memchr(answer->bytes + at, '\0', size - at);
    size_t len = end != NULL ? (size_t)(end - answer->bytes) - at : 0;
    if (end == NULL || size - at - len < BEHIND_VERSION ||
        !answer_is_printable(answer, at, len))
        return QUESTION_MISMATCHED;
    size_t skipped =
        answer_has(answer, at, replicas, sizeof replicas - 1) ? sizeof replicas - 1 : 0;
    answer_say(reply, "MySQL ");
    answer_quote(reply, answer->bytes + at + skipped, len - skipped);
    return QUESTION_READY;
}

static enum question_verdict judge_error(const struct answer_bytes *answer, size_t size,
                                         struct reply *reply)
{
    size_t at = HEADER_SIZE + ERROR_SIZE;
    const unsigned char *number = answer->bytes + HEADER_SIZE + 1;
    if (answer->bytes[at] == '#' && at + STATE_SIZE < size)
        at += STATE_SIZE;
    answer_say(reply, "MySQL error %u: ", number[0] | (unsigned)number[1] << 8);
    answer_quote(reply, answer->bytes + at, size - at);
    return QUESTION_NOT_READY;
}

static enum question_verdict mysql_judge(const struct answer_bytes *answer,
                                         const struct question_input *input,
                                         struct reply *reply)
{
    size_t size = packet_size(answer);
    (void)input;
    unsigned char kind = answer->len > HEADER_SIZE ? answer->bytes[HEADER_SIZE] : VERSION_10;
    if (size == 0 || (kind != VERSION_10 && kind != MARK_ERROR))
        return QUESTION_MISMATCHED;
    if (size > answer->len)
        return answer->is_end ? QUESTION_MISMATCHED : QUESTION_MORE;
    return kind == VERSION_10 ? judge_greeting(answer, size, reply)
                              : judge_error(answer, size, reply);
}

const struct question question_mysql = {.name = "mysql",
                                        .build = greeting_build,
                                        .farewell = farewell,
                                        .farewell_len = sizeof farewell - 1,
                                        .judge = mysql_judge};
