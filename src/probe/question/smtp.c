/*
 * smtp: the greeting (RFC 5321, sections 3.1 and 4.3.1). 220 is ready; 421 (too many clients),
 * 521 and 554 (no service) are not. Nothing is said before it, which mail servers take for the
 * haste of spam, and QUIT behind it: without that Postfix logs "lost connection after CONNECT".
 * Its first line has the name of the server.
 */
#include "greeting.h"

static enum question_verdict smtp_judge(const struct answer_bytes *answer,
                                        const struct question_input *input, struct reply *reply)
{
    static const struct numbered smtp = {.service = "smtp", .own = "SMTP", .foreign = "FTP"};
    (void)input;
    return numbered_tell(&smtp, answer, reply);
}

const struct question question_smtp = {
    .name = "smtp", .build = greeting_build, .farewell = "QUIT\r\n", .judge = smtp_judge};
