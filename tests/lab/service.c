#include "service.h"

#include <string.h>

#include "netcheck/base/base.h"

/* All that is answered begins as the question did; `out` has its bytes already. */

/* RFC 1035: the same id and question, refused. */
static size_t answer_dns(unsigned char *out, size_t len)
{
    out[2] |= 0x80; /* a response */
    out[3] = 5;     /* REFUSED */
    return len;
}

/* RFC 5905: of a server at stratum 2. */
static size_t answer_ntp(unsigned char *out, size_t len)
{
    out[0] = (unsigned char)((out[0] & 0x38) | 4); /* the version asked in; mode: server */
    out[1] = 2;
    memmove(out + 24, out + 40, 8); /* when the client sent it, as the origin */
    return len;
}

/* RFC 8489: a success, without attributes. */
static size_t answer_stun(unsigned char *out, size_t len)
{
    (void)len;
    memcpy(out, "\1\1\0\0", 4);
    return 20;
}

/* RFC 1350: error 1. The question has no number that could come back. */
static size_t answer_tftp(unsigned char *out, size_t len)
{
    static const char text[] = "\0\5\0\1File not found";
    (void)len;
    memcpy(out, text, sizeof text);
    return sizeof text;
}

/* Of memcached, behind its frame header. */
static size_t answer_memcached(unsigned char *out, size_t len)
{
    static const char text[] = "VERSION 1.6.18\r\n";
    (void)len;
    memcpy(out + 8, text, sizeof text - 1);
    return 8 + sizeof text - 1;
}

/* RFC 7252: an empty message is answered by a reset of the same id. */
static size_t answer_coap(unsigned char *out, size_t len)
{
    (void)len;
    out[0] = 0x70;
    out[1] = 0;
    return 4;
}

static const struct {
    uint16_t port;
    size_t least; /* bytes of a question */
    size_t (*answer)(unsigned char *out, size_t len);
} services[] = {
    {53, 12, answer_dns}, {123, 48, answer_ntp},        {3478, 20, answer_stun},
    {69, 4, answer_tftp}, {11211, 8, answer_memcached}, {5683, 4, answer_coap},
};

size_t service_answer(uint16_t port, const unsigned char *question, size_t len,
                      unsigned char *out)
{
    if (len > 0)
        memcpy(out, question, len);
    for (size_t i = 0; i < ARRAY_LEN(services); i++)
        if (services[i].port == port && len >= services[i].least)
            return services[i].answer(out, len);
    return len;
}
