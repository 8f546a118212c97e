#include "reply.h"

#include <string.h>

#include "service.h"

enum {
    ECHO_REPLY_IPV4 = 0,
    ECHO_REPLY_IPV6 = 129,
    UNREACHABLE_IPV4 = 3,
    UNREACHABLE_IPV6 = 1,
    PORT_IPV4 = 3,
    PORT_IPV6 = 4,
    MTU_LEN = 4, /* bytes between an error's checksum and the packet that it quotes */
};

/* What no terminal should get, and no text is. */
static void fill_junk(unsigned char *bytes, size_t len)
{
    static const unsigned char junk[] = "\033[31m\033]0;junk\a\r\n\b\177\200\233\377";
    for (size_t i = 0; i < len; i++)
        bytes[i] = junk[i % sizeof junk];
}

/* Make of `len` true bytes what the rule says, and return how many they are then. */
static size_t falsify(const struct rule *rule, unsigned char *bytes, size_t len)
{
    size_t size = rule->has_size ? rule->size : len;
    size_t kept = size < len ? size : len;
    if (rule->has_junk && rule->junk_at < kept)
        kept = rule->junk_at;
    fill_junk(bytes + kept, size - kept);
    if (rule->has_flip && rule->flip_at < size)
        bytes[rule->flip_at] ^= 0xff;
    return size;
}

struct host reply_error_sender(const struct rule *rule, const struct packet *packet)
{
    return rule->has_sender ? rule->sender : packet->target;
}

size_t reply_build_error(const struct rule *rule, const struct packet *packet,
                         unsigned char out[static PACKET_MAX_LEN])
{
    bool is_ipv6 = packet->target.is_ipv6;
    bool is_refused = rule->manner == MANNER_REFUSED;
    unsigned char body[MTU_LEN + PACKET_DATA_MAX];
    size_t len = packet->len < PACKET_QUOTE_MAX ? packet->len : PACKET_QUOTE_MAX;
    /* In IPv4 the MTU has the last two of the four bytes, in IPv6 all (RFC 1191, 4443). */
    body[0] = body[1] = 0;
    body[2] = (unsigned char)(rule->over >> 8);
    body[3] = (unsigned char)(rule->over & 0xff);
    memcpy(body + MTU_LEN, packet->bytes, len);
    const struct message message = {
        .sender = reply_error_sender(rule, packet),
        .type = is_refused ? (is_ipv6 ? UNREACHABLE_IPV6 : UNREACHABLE_IPV4) : rule->type,
        .code = is_refused ? (is_ipv6 ? PORT_IPV6 : PORT_IPV4) : rule->code,
        .body = body,
        .len = MTU_LEN + falsify(rule, body + MTU_LEN, len),
    };
    return packet_build_icmp(packet, &message, out);
}

size_t reply_build(const struct rule *rule, const struct packet *packet,
                   unsigned char out[static PACKET_MAX_LEN])
{
    bool is_echo = packet->kind == PACKET_ECHO;
    unsigned char body[PACKET_MAX_LEN + SERVICE_ROOM];
    size_t len = packet->body_len;
    if (is_echo)
        memcpy(body, packet->body, len);
    else
        len = service_answer(packet->target_port, packet->body, len, body);
    const struct message message = {
        .sender = rule->has_sender ? rule->sender : packet->target,
        .sender_port = rule->sender_port > 0 ? rule->sender_port : packet->target_port,
        .type = packet->target.is_ipv6 ? ECHO_REPLY_IPV6 : ECHO_REPLY_IPV4,
        .body = body,
        .len = falsify(rule, body, len),
    };
    return is_echo ? packet_build_icmp(packet, &message, out)
                   : packet_build_datagram(packet, &message, out);
}
