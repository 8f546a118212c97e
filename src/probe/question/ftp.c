/*
 * ftp: the greeting (RFC 959, section 5.4). 220 is ready; 120 (in some minutes), 421 (too many
 * users) and 500 (vsftpd's "OOPS") are not.
 */
#include "greeting.h"

static enum question_verdict ftp_judge(const struct answer_bytes *answer,
                                       const struct question_input *input, struct reply *reply)
{
    static const struct numbered ftp = {.service = "ftp", .own = "FTP", .foreign = "SMTP"};
    (void)input;
    return numbered_tell(&ftp, answer, reply);
}

const struct question question_ftp = {
    .name = "ftp", .build = greeting_build, .farewell = "QUIT\r\n", .judge = ftp_judge};
