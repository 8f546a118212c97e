/*
 * ssh: the identification of the server (RFC 4253, section 4.2), before which it may say other
 * lines. Our own is sent at once, as clients do: a connection that ends without one OpenSSH
 * logs as an error. With as many clients as MaxStartups allows, or with a client that it
 * penalizes, it says so in the place of its identification.
 */
#include <string.h>

#include "greeting.h"

static const char identification[] = "SSH-2.0-netcheck\r\n";

static size_t ssh_build(unsigned char bytes[static QUESTION_SIZE],
                        const struct question_input *input)
{
    (void)input;
    memcpy(bytes, identification, sizeof identification - 1);
    return sizeof identification - 1;
}

static bool is_refusal(const struct answer_bytes *answer, const struct line *line)
{
    return line_contains(answer, line, "Exceeded MaxStartups") ||
           line_contains(answer, line, "Not allowed at this time");
}

/* Text has no control characters but those of a line. */
static bool is_text(const struct answer_bytes *answer, const struct line *line)
{
    for (size_t at = line->from; at < line->to; at++)
        if (answer->bytes[at] < ' ' && answer->bytes[at] != '\t' && answer->bytes[at] != '\r')
            return false;
    return true;
}

/* Its own identification would come back from an echo. */
static enum question_verdict judge_line(const struct answer_bytes *answer,
                                        const struct line *line)
{
    if (is_refusal(answer, line))
        return QUESTION_NOT_READY;
    if (!answer_has(answer, line->from, "SSH-", 4))
        return is_text(answer, line) ? QUESTION_MORE : QUESTION_MISMATCHED;
    bool is_echo = answer_has(answer, line->from, identification, sizeof identification - 1);
    return is_echo ? QUESTION_MISMATCHED : QUESTION_READY;
}

static enum question_verdict ssh_judge(const struct answer_bytes *answer,
                                       const struct question_input *input, struct reply *reply)
{
    struct line line;
    size_t at = 0;
    (void)input;
    for (; line_read(answer, at, &line); at = line.next) {
        enum question_verdict verdict = judge_line(answer, &line);
        if (verdict == QUESTION_MORE)
            continue;
        if (verdict != QUESTION_MISMATCHED) {
            answer_say(reply, "ssh ");
            line_quote(answer, &line, reply);
        }
        return verdict;
    }
    /* Lines that no identification follows are of another service. */
    const struct line rest = {at, answer->len, answer->len};
    bool is_other =
        !is_text(answer, &rest) || (answer->is_end && !answer_begins(answer, "SSH-"));
    return is_other ? QUESTION_MISMATCHED : greeting_await(answer);
}

const struct question question_ssh = {.name = "ssh", .build = ssh_build, .judge = ssh_judge};
