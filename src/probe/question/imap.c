/*
 * imap: the greeting (RFC 3501, section 7.1), which is ready with OK and PREAUTH, and not with
 * BYE. The words leave out what the server can do, which is longer than a row.
 */
#include <string.h>

#include "greeting.h"

/* What Dovecot says once it has waited 10 s for its own login process. */
static const char waiting[] = "Waiting for authentication process";

/* Where the text of a line begins that has `word`, and perhaps a list of capabilities. */
static size_t text_start(const struct answer_bytes *answer, const struct line *line)
{
    static const char list[] = "* OK [CAPABILITY ";
    const unsigned char *end = memchr(answer->bytes, ']', line->to);
    bool has_list = answer_has(answer, 0, list, sizeof list - 1) && end != NULL;
    return has_list ? (size_t)(end - answer->bytes) + 1 : strlen("* OK");
}

static enum question_verdict imap_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    static const struct greeting imap = {
        .service = "imap", .ready = {"* OK", "* PREAUTH"}, .not_ready = {"* BYE"}};
    struct line line;
    (void)input;
    if (!answer_begins(answer, "* OK"))
        return greeting_tell(&imap, answer, reply);
    enum question_verdict verdict = greeting_judge(&imap, answer, &line);
    if (verdict == QUESTION_READY) {
        bool is_waiting = line_contains(answer, &line, waiting);
        line.from = text_start(answer, &line);
        answer_say(reply, "imap * OK");
        line_quote(answer, &line, reply);
        return is_waiting ? QUESTION_NOT_READY : QUESTION_READY;
    }
    return verdict;
}

const struct question question_imap = {
    .name = "imap", .build = greeting_build, .farewell = "a LOGOUT\r\n", .judge = imap_judge};
