/*
 * rsync: the greeting of the daemon ("@RSYNCD: 31.0"). A module is not asked for: the daemon
 * would log a failed login, or a transfer that broke off. So it is not learned whether one has
 * as many clients as it takes.
 */
#include "greeting.h"

static enum question_verdict rsync_judge(const struct answer_bytes *answer,
                                         const struct question_input *input,
                                         struct reply *reply)
{
    static const struct greeting rsync = {
        .service = "rsync", .ready = {"@RSYNCD:"}, .not_ready = {"@ERROR:"}};
    (void)input;
    return greeting_tell(&rsync, answer, reply);
}

const struct question question_rsync = {
    .name = "rsync", .build = greeting_build, .judge = rsync_judge};
