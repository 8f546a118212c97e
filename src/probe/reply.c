#include "netcheck/probe/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/buffer.h"
#include "netcheck/base/escape.h"

static const char cut_mark[] = "...";

struct reply *reply_new(void)
{
    struct reply *reply = calloc(1, sizeof *reply);
    if (reply == NULL)
        return NULL;
    reply->holders = 1;
    reply->from.socket.any.sa_family = AF_UNSPEC;
    reply->tls_not_after_s = INT64_MAX;
    return reply;
}

void reply_keep(struct reply *reply, const unsigned char *bytes, size_t len)
{
    reply->len = reply->kept = 0;
    reply_add(reply, bytes, len);
}

void reply_add(struct reply *reply, const unsigned char *bytes, size_t len)
{
    size_t room = REPLY_KEPT - reply->kept;
    size_t kept = len < room ? len : room;
    memcpy(reply->bytes + reply->kept, bytes, kept);
    reply->kept += kept;
    reply->len += len;
}

struct reply *reply_hold(struct reply *reply)
{
    if (reply != NULL)
        reply->holders++;
    return reply;
}

void reply_drop(struct reply *reply)
{
    if (reply != NULL && --reply->holders == 0)
        free(reply);
}

struct measures measures_unknown(void)
{
    return (struct measures)MEASURES_UNKNOWN;
}

void reply_quote(struct reply *reply, const unsigned char *bytes, size_t len)
{
    struct buffer words = BUFFER_EMPTY;
    buffer_add_text(&words, reply->words);
    size_t kept = words.len; /* as much as leaves room for the mark */
    for (size_t i = 0; i < len && words.len < REPLY_WORDS; i++) {
        escape_text(&words, (const char *)&bytes[i], 1);
        if (words.len <= REPLY_WORDS - sizeof cut_mark)
            kept = words.len;
    }
    if (words.len >= REPLY_WORDS) {
        memcpy(reply->words, words.bytes, kept);
        memcpy(reply->words + kept, cut_mark, sizeof cut_mark);
    } else if (!words.has_failed) {
        (void)snprintf(reply->words, REPLY_WORDS, "%s", buffer_text(&words));
    }
    buffer_release(&words);
}
