/*
 * zookeeper: "srvr", one of the four letter words of its administrator's guide, and the one
 * that is always allowed. A server without a majority says that it is not serving, or is
 * read-only; "ruok" would be answered with "imok" all the same. A server that does not allow
 * the word tells as much as "imok" does: that it runs.
 */
#include <string.h>

#include "answer.h"

static const char command[] = "srvr";
static const char version[] = "Zookeeper version: ";
static const char mode[] = "\nMode: ";

/* Answers of one line. */
static const struct {
    const char *text;
    enum question_verdict verdict;
} lines[] = {
    {"This ZooKeeper instance is not currently serving requests", QUESTION_NOT_READY},
    {"srvr is not executed because it is not in the whitelist.", QUESTION_READY},
};

static size_t zookeeper_build(unsigned char bytes[static QUESTION_SIZE],
                              const struct question_input *input)
{
    (void)input;
    memcpy(bytes, command, sizeof command - 1);
    return sizeof command - 1;
}

/* How long the text at `at` is up to one of these characters; 0: none of them has come. */
static size_t text_len(const struct answer_bytes *answer, size_t at, const char *ends)
{
    for (size_t i = at; i < answer->len; i++)
        if (strchr(ends, answer->bytes[i]) != NULL)
            return i - at;
    return 0;
}

/* A server that is cut off from the majority, and serves what it has, is "read-only". */
static enum question_verdict judge_state(const struct answer_bytes *answer, struct reply *reply)
{
    static const char alone[] = "read-only";
    size_t at = answer_find(answer, mode) + sizeof mode - 1;
    size_t len = at < answer->len ? text_len(answer, at, "\n") : 0;
    if (len == 0)
        return answer->is_end ? QUESTION_MISMATCHED : QUESTION_MORE;
    size_t version_at = sizeof version - 1;
    answer_say(reply, "ZooKeeper ");
    answer_quote(reply, answer->bytes + version_at, text_len(answer, version_at, "-, \n"));
    answer_say(reply, ", ");
    answer_quote(reply, answer->bytes + at, len);
    return answer_has(answer, at, alone, sizeof alone - 1) ? QUESTION_NOT_READY
                                                           : QUESTION_READY;
}

static enum question_verdict zookeeper_judge(const struct answer_bytes *answer,
                                             const struct question_input *input,
                                             struct reply *reply)
{
    (void)input;
    if (answer_has(answer, 0, version, sizeof version - 1))
        return judge_state(answer, reply);
    bool is_begun = answer_begins(answer, version);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        if (answer_has(answer, 0, lines[i].text, strlen(lines[i].text))) {
            answer_say(reply, "ZooKeeper: %s", lines[i].text);
            return lines[i].verdict;
        }
        is_begun = is_begun || answer_begins(answer, lines[i].text);
    }
    return is_begun && !answer->is_end ? QUESTION_MORE : QUESTION_MISMATCHED;
}

const struct question question_zookeeper = {
    .name = "zookeeper", .build = zookeeper_build, .judge = zookeeper_judge};
