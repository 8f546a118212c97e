#include "netcheck/probe/reply.h"

#include <stdlib.h>
#include <string.h>

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
