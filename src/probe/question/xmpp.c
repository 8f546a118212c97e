/*
 * xmpp: a stream is opened and closed (RFC 6120, sections 4.2 and 4.4). What the server offers
 * then is asked for before a client logs in. An error names its condition (section 4.9.3):
 * those of a server that ends, has no room, or has nothing to go on with (prosody's
 * "undefined-condition" without a certificate) are not ready; "host-unknown" is, for an address
 * has no name that a server could serve.
 */
#include <stdio.h>
#include <string.h>

#include "answer.h"

enum { CONDITION_MAX = 64 };

static const char opening[] = "<?xml version='1.0'?><stream:stream%s%s%s xmlns='jabber:client' "
                              "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
static const char error_tag[] = "<stream:error>";

static size_t xmpp_build(unsigned char bytes[static QUESTION_SIZE],
                         const struct question_input *input)
{
    /* A name with characters that mean something here is none that a server has. */
    bool has_name = input->name != NULL && strpbrk(input->name, "'<>&") == NULL;
    return (size_t)snprintf((char *)bytes, QUESTION_SIZE, opening, has_name ? " to='" : "",
                            has_name ? input->name : "", has_name ? "'" : "");
}

/* Bytes at `at` that are the name of a condition. */
static size_t condition_len(const struct answer_bytes *answer, size_t at)
{
    size_t len = 0;
    while (at + len < answer->len && len < CONDITION_MAX &&
           ((answer->bytes[at + len] >= 'a' && answer->bytes[at + len] <= 'z') ||
            answer->bytes[at + len] == '-'))
        len++;
    return len;
}

/* The condition, `at` being behind its "<", once a byte behind it has come. */
static enum question_verdict judge_condition(const struct answer_bytes *answer, size_t at,
                                             struct reply *reply)
{
    static const char *const failures[] = {"system-shutdown",          "resource-constraint",
                                           "internal-server-error",    "reset",
                                           "remote-connection-failed", "undefined-condition"};
    size_t len = condition_len(answer, at);
    if (at + len >= answer->len)
        return QUESTION_MORE;
    if (len == 0)
        return QUESTION_MISMATCHED;
    answer_say(reply, "xmpp ");
    answer_quote(reply, answer->bytes + at, len);
    for (size_t i = 0; i < ARRAY_LEN(failures); i++)
        if (strlen(failures[i]) == len && answer_has(answer, at, failures[i], len))
            return QUESTION_NOT_READY;
    return QUESTION_READY;
}

static bool begins_as_stream(const struct answer_bytes *answer)
{
    static const char *const begins[] = {"<?xml ", "<stream:stream"};
    for (size_t i = 0; i < ARRAY_LEN(begins); i++)
        if (answer_may_have(answer, 0, begins[i], strlen(begins[i])))
            return true;
    return false;
}

static enum question_verdict xmpp_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    (void)input;
    enum question_verdict verdict = QUESTION_MORE;
    size_t error = answer_find(answer, error_tag);
    if (!begins_as_stream(answer))
        return QUESTION_MISMATCHED;
    if (answer_find(answer, "<stream:features") < answer->len) {
        answer_say(reply, "xmpp stream opened");
        return QUESTION_READY;
    }
    if (error < answer->len && answer_has(answer, error + sizeof error_tag - 1, "<", 1))
        verdict = judge_condition(answer, error + sizeof error_tag, reply);
    return verdict == QUESTION_MORE && answer->is_end ? QUESTION_MISMATCHED : verdict;
}

const struct question question_xmpp = {
    .name = "xmpp", .build = xmpp_build, .farewell = "</stream:stream>", .judge = xmpp_judge};
