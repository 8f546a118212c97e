#include "packet.h"

#include <netinet/in.h>
#include <string.h>

enum {
    IPV4_LEN = 20,
    IPV6_LEN = 40,
    TCP_LEN = 20,
    UDP_LEN = 8,
    ICMP_LEN = 4, /* type, code, checksum: what all messages have */
    ECHO_LEN = 8,
    HOP_LIMIT = 64,
    WINDOW = 65535,
    ECHO_REQUEST_IPV4 = 8,
    ECHO_REQUEST_IPV6 = 128,
    DO_NOT_FRAGMENT = 0x4000,
    IS_FRAGMENT = 0x3fff, /* more of them, or an offset */
};

static uint16_t get16(const unsigned char *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t get32(const unsigned char *bytes)
{
    return (uint32_t)get16(bytes) << 16 | get16(bytes + 2);
}

static uint64_t get64(const unsigned char *bytes)
{
    return (uint64_t)get32(bytes) << 32 | get32(bytes + 4);
}

static void put16(unsigned char *bytes, size_t value)
{
    bytes[0] = (unsigned char)(value >> 8 & 0xff);
    bytes[1] = (unsigned char)(value & 0xff);
}

static void put32(unsigned char *bytes, uint32_t value)
{
    put16(bytes, value >> 16);
    put16(bytes + 2, value & 0xffff);
}

static void put64(unsigned char *bytes, uint64_t value)
{
    put32(bytes, (uint32_t)(value >> 32));
    put32(bytes + 4, (uint32_t)(value & UINT32_MAX));
}

/* RFC 1071, not folded yet. Only the last piece of a sum may have an odd length. */
static uint64_t add_sum(uint64_t sum, const unsigned char *bytes, size_t len)
{
    for (; len >= 2; bytes += 2, len -= 2)
        sum += get16(bytes);
    return len > 0 ? sum + ((uint64_t)bytes[0] << 8) : sum;
}

static uint16_t fold_sum(uint64_t sum)
{
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)(~sum & 0xffff);
}

static bool parse_tcp(struct packet *packet, const unsigned char *tcp, size_t len)
{
    size_t header_len = len >= TCP_LEN ? (size_t)(tcp[12] >> 4) * 4 : 0;
    if (header_len < TCP_LEN || header_len > len)
        return false;
    packet->kind = PACKET_TCP;
    packet->source_port = get16(tcp);
    packet->target_port = get16(tcp + 2);
    packet->segment = (struct segment){.sequence = get32(tcp + 4),
                                       .acknowledgement = get32(tcp + 8),
                                       .flags = tcp[13],
                                       .len = (uint32_t)(len - header_len)};
    return true;
}

static bool parse_udp(struct packet *packet, const unsigned char *udp, size_t len)
{
    size_t udp_len = len >= UDP_LEN ? get16(udp + 4) : 0;
    if (udp_len < UDP_LEN || udp_len > len)
        return false;
    packet->kind = PACKET_DATAGRAM;
    packet->source_port = get16(udp);
    packet->target_port = get16(udp + 2);
    packet->body = udp + UDP_LEN;
    packet->body_len = udp_len - UDP_LEN;
    return true;
}

static bool parse_echo(struct packet *packet, const unsigned char *icmp, size_t len,
                       unsigned char request)
{
    if (len < ECHO_LEN || icmp[0] != request || icmp[1] != 0)
        return false;
    packet->kind = PACKET_ECHO;
    packet->body = icmp + ICMP_LEN;
    packet->body_len = len - ICMP_LEN;
    return true;
}

/* What is behind the IP header, in the protocol that it names. */
static bool parse_body(struct packet *packet, unsigned char protocol)
{
    const unsigned char *body = packet->bytes + packet->header_len;
    size_t len = packet->len - packet->header_len;
    switch (protocol) {
    case IPPROTO_TCP:
        return parse_tcp(packet, body, len);
    case IPPROTO_UDP:
        return parse_udp(packet, body, len);
    case IPPROTO_ICMP:
        return !packet->source.is_ipv6 && parse_echo(packet, body, len, ECHO_REQUEST_IPV4);
    case IPPROTO_ICMPV6:
        return packet->source.is_ipv6 && parse_echo(packet, body, len, ECHO_REQUEST_IPV6);
    default:
        return false;
    }
}

static bool parse_ipv4(struct packet *packet, const unsigned char *bytes, size_t len)
{
    if (len < IPV4_LEN)
        return false;
    packet->header_len = (size_t)(bytes[0] & 0x0f) * 4;
    packet->len = get16(bytes + 2);
    if ((get16(bytes + 6) & IS_FRAGMENT) != 0)
        return false;
    if (packet->header_len < IPV4_LEN || packet->header_len > packet->len || packet->len > len)
        return false;
    packet->is_whole = (get16(bytes + 6) & DO_NOT_FRAGMENT) != 0;
    packet->source = (struct host){0, get32(bytes + 12), false};
    packet->target = (struct host){0, get32(bytes + 16), false};
    return parse_body(packet, bytes[9]);
}

static bool parse_ipv6(struct packet *packet, const unsigned char *bytes, size_t len)
{
    if (len < IPV6_LEN)
        return false;
    packet->header_len = IPV6_LEN;
    packet->len = IPV6_LEN + (size_t)get16(bytes + 4);
    if (packet->len > len)
        return false;
    packet->source = (struct host){get64(bytes + 8), get64(bytes + 16), true};
    packet->target = (struct host){get64(bytes + 24), get64(bytes + 32), true};
    packet->is_whole = true;
    return parse_body(packet, bytes[6]);
}

bool packet_parse(struct packet *packet, const unsigned char *bytes, size_t len)
{
    *packet = (struct packet){.bytes = bytes};
    unsigned version = len > 0 ? bytes[0] >> 4 : 0;
    if (version == 4)
        return parse_ipv4(packet, bytes, len);
    return version == 6 && parse_ipv6(packet, bytes, len);
}

/* An IPv4 header for `body_len` bytes to the packet's source. Returns its length. */
static size_t build_ipv4(const struct packet *packet, const struct host *sender,
                         unsigned char protocol, size_t body_len, unsigned char *out)
{
    memset(out, 0, IPV4_LEN);
    out[0] = 4 << 4 | IPV4_LEN / 4;
    put16(out + 2, IPV4_LEN + body_len);
    out[6] = 0x40; /* do not fragment: then the identification may be 0 (RFC 6864) */
    out[8] = HOP_LIMIT;
    out[9] = protocol;
    put32(out + 12, (uint32_t)sender->low);
    put32(out + 16, (uint32_t)packet->source.low);
    put16(out + 10, fold_sum(add_sum(0, out, IPV4_LEN)));
    return IPV4_LEN;
}

static size_t build_ipv6(const struct packet *packet, const struct host *sender,
                         unsigned char protocol, size_t body_len, unsigned char *out)
{
    memset(out, 0, IPV6_LEN);
    out[0] = 6 << 4;
    put16(out + 4, body_len);
    out[6] = protocol;
    out[7] = HOP_LIMIT;
    put64(out + 8, sender->high);
    put64(out + 16, sender->low);
    put64(out + 24, packet->source.high);
    put64(out + 32, packet->source.low);
    return IPV6_LEN;
}

static size_t build_header(const struct packet *packet, const struct host *sender,
                           unsigned char protocol, size_t body_len, unsigned char *out)
{
    return packet->target.is_ipv6 ? build_ipv6(packet, sender, protocol, body_len, out)
                                  : build_ipv4(packet, sender, protocol, body_len, out);
}

/* The pseudo header's part of a checksum: addresses, protocol and length. */
static uint64_t pseudo_sum(const unsigned char *header, bool is_ipv6, unsigned char protocol,
                           size_t body_len)
{
    return is_ipv6 ? add_sum(protocol + body_len, header + 8, 32)
                   : add_sum(protocol + body_len, header + 12, 8);
}

size_t packet_build_segment(const struct packet *packet, const struct segment *segment,
                            unsigned char out[static PACKET_MAX_LEN])
{
    size_t header_len = build_header(packet, &packet->target, IPPROTO_TCP, TCP_LEN, out);
    unsigned char *tcp = out + header_len;
    memset(tcp, 0, TCP_LEN);
    put16(tcp, packet->target_port);
    put16(tcp + 2, packet->source_port);
    put32(tcp + 4, segment->sequence);
    put32(tcp + 8, segment->acknowledgement);
    tcp[12] = TCP_LEN / 4 << 4;
    tcp[13] = (unsigned char)(segment->flags & 0xff);
    put16(tcp + 14, segment->is_shut ? 0 : WINDOW);
    uint64_t sum = pseudo_sum(out, packet->target.is_ipv6, IPPROTO_TCP, TCP_LEN);
    put16(tcp + 16, fold_sum(add_sum(sum, tcp, TCP_LEN)));
    return header_len + TCP_LEN;
}

size_t packet_build_datagram(const struct packet *packet, const struct message *message,
                             unsigned char out[static PACKET_MAX_LEN])
{
    size_t len = UDP_LEN + message->len;
    size_t header_len = build_header(packet, &message->sender, IPPROTO_UDP, len, out);
    unsigned char *udp = out + header_len;
    put16(udp, message->sender_port);
    put16(udp + 2, packet->source_port);
    put16(udp + 4, len);
    put16(udp + 6, 0);
    memcpy(udp + UDP_LEN, message->body, message->len);
    uint64_t sum = pseudo_sum(out, packet->target.is_ipv6, IPPROTO_UDP, len);
    uint16_t folded = fold_sum(add_sum(sum, udp, len));
    /* A checksum of 0 would say that there is none (RFC 768). */
    put16(udp + 6, folded != 0 ? folded : UINT16_MAX);
    return header_len + len;
}

size_t packet_build_icmp(const struct packet *packet, const struct message *message,
                         unsigned char out[static PACKET_MAX_LEN])
{
    bool is_ipv6 = packet->target.is_ipv6;
    size_t len = ICMP_LEN + message->len;
    size_t header_len = build_header(packet, &message->sender,
                                     is_ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, len, out);
    unsigned char *icmp = out + header_len;
    icmp[0] = message->type;
    icmp[1] = message->code;
    put16(icmp + 2, 0);
    memcpy(icmp + ICMP_LEN, message->body, message->len);
    /* Only ICMPv6 counts the addresses. */
    uint64_t sum = is_ipv6 ? pseudo_sum(out, true, IPPROTO_ICMPV6, len) : 0;
    put16(icmp + 2, fold_sum(add_sum(sum, icmp, len)));
    return header_len + len;
}
