/*
 * nats: the line INFO that a server sends first (the client protocol, of docs.nats.io). Nothing
 * is asked: to a PING before a login the server answers, and logs, an authentication error.
 * A server with as many clients as it takes sends an error a moment behind INFO.
 */
#include <string.h>

#include "greeting.h"

/* The value of "version" in the line, or else its first word. */
static void tell_version(const struct answer_bytes *answer, const struct line *line,
                         struct reply *reply)
{
    static const char key[] = "\"version\":\"";
    const struct answer_bytes info = {answer->bytes, line->to, true};
    size_t at = answer_find(&info, key) + sizeof key - 1;
    const unsigned char *end =
        at < info.len ? memchr(info.bytes + at, '"', info.len - at) : NULL;
    answer_say(reply, "nats ");
    if (end != NULL)
        answer_quote(reply, info.bytes + at, (size_t)(end - info.bytes) - at);
    else
        answer_say(reply, "INFO");
}

static enum question_verdict nats_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    static const struct greeting nats = {
        .service = "nats", .ready = {"INFO"}, .not_ready = {"-ERR"}};
    struct line line;
    (void)input;
    if (!answer_begins(answer, "INFO {"))
        return answer_begins(answer, "-ERR '") ? greeting_tell(&nats, answer, reply)
                                               : QUESTION_MISMATCHED;
    enum question_verdict verdict = greeting_judge(&nats, answer, &line);
    if (verdict != QUESTION_READY)
        return verdict;
    if (!answer_has(answer, line.next, "-", 1)) {
        tell_version(answer, &line, reply);
        return QUESTION_READY;
    }
    const struct answer_bytes rest = {answer->bytes + line.next, answer->len - line.next,
                                      answer->is_end};
    return greeting_tell(&nats, &rest, reply);
}

const struct question question_nats = {
    .name = "nats", .is_provisional = true, .build = greeting_build, .judge = nats_judge};
