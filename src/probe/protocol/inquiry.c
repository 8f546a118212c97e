#include "inquiry.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "netcheck/base/base.h"

/* What a server is asked for, without the dot of the root: the name that was asked for, or the
   one that --server-name gives. NULL for an address. */
static const char *find_name(const struct flow_context *context,
                             char name[static SERVER_NAME_SIZE])
{
    const struct target *target = context->endpoint->target;
    const char *given = context->ask->server_name;
    if (given == NULL && target->kind == TARGET_NAME)
        given = target->host;
    if (given == NULL)
        return NULL;
    size_t len = strlen(given);
    assert(len < SERVER_NAME_SIZE);
    if (len > 0 && given[len - 1] == '.')
        len--;
    memcpy(name, given, len);
    name[len] = '\0';
    return name;
}

void inquiry_init(struct inquiry *inquiry, const struct flow *flow,
                  const struct flow_context *context)
{
    const struct ask_options *ask = context->ask;
    inquiry->question = question_choose(context->endpoint, ask);
    inquiry->input = (struct question_input){
        .name = find_name(context, inquiry->name),
        .endpoint = context->endpoint,
        .ask = ask,
        .wall_s = (context->now_ns + ask->wall_offset_ns) / NS_PER_S,
    };
    flow_cookie(flow, context, inquiry->input.cookie);
}

size_t inquiry_build(const struct inquiry *inquiry, unsigned char room[static QUESTION_SIZE],
                     const unsigned char **bytes)
{
    *bytes = room;
    if (inquiry->question->build != NULL)
        return inquiry->question->build(room, &inquiry->input);
    if (inquiry->input.ask->send_len > 0)
        *bytes = inquiry->input.ask->send;
    return inquiry->input.ask->send_len;
}

/* What the verdict is called in the row. */
static enum reason reason_of(enum question_verdict verdict, const struct ask_options *ask)
{
    if (verdict == QUESTION_MISMATCHED)
        return REASON_MISMATCHED;
    if (!ask->is_ready)
        return REASON_REPLIED;
    return verdict == QUESTION_READY ? REASON_READY : REASON_NOT_READY;
}

/* Hold an answer to the question against what it has to match, if anything. */
static enum question_verdict match(const struct matcher *matcher,
                                   const struct answer_bytes *bytes, struct reply *reply,
                                   enum question_verdict verdict, struct outcome *outcome)
{
    const struct matcher_text text = {bytes->bytes, bytes->len, bytes->is_end};
    struct matcher_line line;
    if (matcher == NULL)
        return verdict;
    enum error error = matcher_find(matcher, &text, &line);
    if (error == ERROR_NONE) {
        *outcome = outcome_of(REASON_MATCHED);
        reply->words[0] = '\0';
        reply->is_quoted = false;
        reply_quote(reply, bytes->bytes + line.at, line.len);
        return QUESTION_READY;
    }
    bool is_mismatch = error == ERROR_END;
    *outcome = is_mismatch ? outcome_of(REASON_MISMATCHED) : outcome_of_error(ENOMEM);
    reply->is_quoted = true;
    return is_mismatch && !bytes->is_end ? QUESTION_MORE : QUESTION_NOT_READY;
}

enum question_verdict inquiry_judge(const struct inquiry *inquiry,
                                    const struct answer_bytes *bytes,
                                    struct flow_answer *answer)
{
    struct reply *reply = reply_new();
    if (reply == NULL) {
        answer->outcome = outcome_of_error(ENOMEM);
        return QUESTION_NOT_READY;
    }
    reply_keep(reply, bytes->bytes, bytes->len);
    enum question_verdict verdict = inquiry->question->judge(bytes, &inquiry->input, reply);
    struct outcome outcome = outcome_of(reason_of(verdict, inquiry->input.ask));
    if (verdict == QUESTION_READY || verdict == QUESTION_NOT_READY)
        verdict = match(inquiry->input.ask->match, bytes, reply, verdict, &outcome);
    if (verdict == QUESTION_MORE) {
        reply_drop(reply);
        return verdict;
    }
    answer->outcome = outcome;
    answer->measures.reply = reply;
    return verdict;
}
