#include "netcheck/base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "netcheck/base/mix.h"

enum { GROUPS = 8 }; /* of 16 bits in an IPv6 address */

bool address_parse(const char *text, size_t len, struct address *address)
{
    char copy[INET6_ADDRSTRLEN];
    if (len == 0 || len >= sizeof copy || memchr(text, '\0', len) != NULL)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';

    struct address parsed;
    memset(&parsed, 0, sizeof parsed);
    if (inet_pton(AF_INET, copy, &parsed.socket.ipv4.sin_addr) == 1)
        parsed.socket.ipv4.sin_family = AF_INET;
    else if (inet_pton(AF_INET6, copy, &parsed.socket.ipv6.sin6_addr) == 1)
        parsed.socket.ipv6.sin6_family = AF_INET6;
    else
        return false;
    *address = parsed;
    return true;
}

bool address_parse_legacy(const char *text, struct address *address)
{
    in_addr_t quad = inet_addr(text);
    *address =
        (struct address){.socket.ipv4 = {.sin_family = AF_INET, .sin_addr.s_addr = quad}};
    return quad != INADDR_NONE && quad != INADDR_ANY;
}

bool address_from_socket(const struct sockaddr *socket, struct address *address)
{
    struct address copy;
    memset(&copy, 0, sizeof copy);
    if (socket->sa_family == AF_INET)
        memcpy(&copy.socket.ipv4, socket, sizeof copy.socket.ipv4);
    else if (socket->sa_family == AF_INET6)
        memcpy(&copy.socket.ipv6, socket, sizeof copy.socket.ipv6);
    else
        return false;
    *address = copy;
    return true;
}

/* The bytes of the address itself, most significant first. */
static const unsigned char *bytes_of(const struct address *address)
{
    return address_family(address) == AF_INET6
               ? address->socket.ipv6.sin6_addr.s6_addr
               : (const unsigned char *)&address->socket.ipv4.sin_addr;
}

/* ::ffff:192.0.2.1 */
static bool is_mapped(const struct address *address)
{
    return address_family(address) == AF_INET6 &&
           IN6_IS_ADDR_V4MAPPED(&address->socket.ipv6.sin6_addr);
}

/* How many zero groups there are from `group` on. */
static size_t zeros_at(const unsigned char *bytes, size_t group)
{
    size_t first = group;
    while (group < GROUPS && bytes[2 * group] == 0 && bytes[2 * group + 1] == 0)
        group++;
    return group - first;
}

/*
 * The form of RFC 5952, where inet_ntop(3) has others: glibc (2.36) writes ::7:8 as
 * ::0.7.0.8, and musl (1.2.3) shortens 0:0:1:0:0:2:3:4 in the middle, though of two runs of
 * zeros of one length the first is meant. Both concern addresses that begin with zeros only.
 * False for any other address.
 */
static bool format_leading_zeros(const struct address *address, char *text, size_t room)
{
    const unsigned char *bytes = bytes_of(address);
    size_t zeros = zeros_at(bytes, 0);
    if (zeros < 2 || zeros > 6 || is_mapped(address))
        return false;
    for (size_t group = zeros; group < GROUPS; group++)
        if (zeros_at(bytes, group) > zeros)
            return false;
    int len = snprintf(text, room, ":");
    for (size_t group = zeros; group < GROUPS; group++)
        len += snprintf(text + len, room - (size_t)len, ":%x",
                        (unsigned)bytes[2 * group] << 8 | bytes[2 * group + 1]);
    return true;
}

void address_format(const struct address *address, char text[static ADDRESS_TEXT_SIZE])
{
    int family = address_family(address);
    text[0] = '\0';
    if (family != AF_INET && family != AF_INET6)
        return;
    if (family == AF_INET || !format_leading_zeros(address, text, ADDRESS_TEXT_SIZE))
        (void)inet_ntop(family, bytes_of(address), text, ADDRESS_TEXT_SIZE);
    size_t len = strlen(text);
    if (address_scope(address) != 0)
        (void)snprintf(text + len, ADDRESS_TEXT_SIZE - len, "%%%u",
                       (unsigned)address_scope(address));
}

int address_family(const struct address *address)
{
    return address->socket.any.sa_family;
}

unsigned address_family_bit(const struct address *address)
{
    return address_family(address) == AF_INET6 ? FAMILY_IPV6 : FAMILY_IPV4;
}

size_t address_len(const struct address *address)
{
    return address_family(address) == AF_INET6 ? sizeof address->socket.ipv6
                                               : sizeof address->socket.ipv4;
}

uint16_t address_port(const struct address *address)
{
    return ntohs(address_family(address) == AF_INET6 ? address->socket.ipv6.sin6_port
                                                     : address->socket.ipv4.sin_port);
}

void address_set_port(struct address *address, uint16_t port)
{
    if (address_family(address) == AF_INET6)
        address->socket.ipv6.sin6_port = htons(port);
    else
        address->socket.ipv4.sin_port = htons(port);
}

uint32_t address_scope(const struct address *address)
{
    return address_family(address) == AF_INET6 ? address->socket.ipv6.sin6_scope_id : 0;
}

void address_set_scope(struct address *address, uint32_t scope)
{
    if (address_family(address) == AF_INET6)
        address->socket.ipv6.sin6_scope_id = scope;
}

unsigned address_bits(const struct address *address)
{
    return address_family(address) == AF_INET6 ? 128 : 32;
}

bool address_equals(const struct address *a, const struct address *b)
{
    return address_family(a) == address_family(b) && address_scope(a) == address_scope(b) &&
           memcmp(bytes_of(a), bytes_of(b), address_bits(a) / 8) == 0;
}

/* FNV-1a, mixed so that the lowest bits are as good as any. */
uint64_t address_hash(const struct address *address)
{
    const unsigned char *bytes = bytes_of(address);
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ address_scope(address);
    for (unsigned i = 0; i < address_bits(address) / 8; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    hash = mix64(hash);
    return hash != 0 ? hash : 1;
}

bool address_is_unspecified(const struct address *address)
{
    static const unsigned char zeros[16];
    static const unsigned char mapped[16] = {[10] = 0xff, [11] = 0xff};
    size_t len = address_bits(address) / 8;
    return memcmp(bytes_of(address), zeros, len) == 0 ||
           (len == sizeof mapped && memcmp(bytes_of(address), mapped, len) == 0);
}

bool address_is_loopback(const struct address *address)
{
    static const unsigned char ipv6[16] = {[15] = 1};
    struct address unmapped = *address;
    address_unmap(&unmapped);
    if (address_family(&unmapped) == AF_INET)
        return bytes_of(&unmapped)[0] == 127;
    return memcmp(bytes_of(&unmapped), ipv6, sizeof ipv6) == 0;
}

bool address_is_unicast(const struct address *address)
{
    unsigned char first = bytes_of(address)[0];
    return address_family(address) == AF_INET6 ? first != 0xff : first < 224;
}

bool address_is_multicast(const struct address *address)
{
    unsigned char first = bytes_of(address)[0];
    return address_family(address) == AF_INET6 ? first == 0xff : first >= 224 && first < 240;
}

/* Both ends of spans of groups; of IPv4 the mapped ones. As bytes, for a list has millions. */
static const unsigned char groups[][2][16] = {
    {{[10] = 255, 255, 224, 0, 0, 0}, {[10] = 255, 255, 239, 255, 255, 255}},
    {{[10] = 255, 255, 255, 255, 255, 255}, {[10] = 255, 255, 255, 255, 255, 255}},
    {{255}, {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}},
};

bool address_span_has_group(const struct address *first, const struct address *last)
{
    size_t len = address_bits(first) / 8;
    size_t at = sizeof groups[0][0] - len;
    size_t count = sizeof groups / sizeof groups[0] - (at > 0);
    for (size_t i = 0; i < count; i++)
        if (memcmp(groups[i][0] + at, bytes_of(last), len) <= 0 &&
            memcmp(bytes_of(first), groups[i][1] + at, len) <= 0)
            return true;
    return false;
}

bool address_is_link_local(const struct address *address)
{
    return address_family(address) == AF_INET6 && bytes_of(address)[0] == 0xfe &&
           (bytes_of(address)[1] & 0xc0) == 0x80;
}

void address_unmap(struct address *address)
{
    if (!is_mapped(address))
        return;
    struct address ipv4;
    memset(&ipv4, 0, sizeof ipv4);
    ipv4.socket.ipv4.sin_family = AF_INET;
    ipv4.socket.ipv4.sin_port = address->socket.ipv6.sin6_port;
    memcpy(&ipv4.socket.ipv4.sin_addr, bytes_of(address) + 12, 4);
    *address = ipv4;
}

/* Of byte `index`, the bits behind the first `prefix_bits` of the address. */
static unsigned bits_behind(unsigned prefix_bits, unsigned index)
{
    unsigned kept = prefix_bits >= 8 * (index + 1) ? 8
                    : prefix_bits > 8 * index      ? prefix_bits % 8
                                                   : 0;
    return 0xffu >> kept;
}

void address_mask(struct address *address, unsigned prefix_bits)
{
    unsigned char *bytes = (unsigned char *)bytes_of(address);
    for (unsigned i = 0; i < address_bits(address) / 8; i++)
        bytes[i] = (unsigned char)(bytes[i] & ~bits_behind(prefix_bits, i));
}

void address_fill(struct address *address, unsigned prefix_bits)
{
    unsigned char *bytes = (unsigned char *)bytes_of(address);
    for (unsigned i = 0; i < address_bits(address) / 8; i++)
        bytes[i] = (unsigned char)(bytes[i] | bits_behind(prefix_bits, i));
}

int address_compare(const struct address *a, const struct address *b)
{
    return memcmp(bytes_of(a), bytes_of(b), address_bits(a) / 8);
}

/* Eight bytes as one number. */
static uint64_t read_half(const unsigned char *bytes)
{
    uint64_t half = 0;
    for (size_t i = 0; i < 8; i++)
        half = half << 8 | bytes[i];
    return half;
}

uint64_t address_bytes_distance(const unsigned char from[static ADDRESS_BYTES],
                                const unsigned char to[static ADDRESS_BYTES])
{
    uint64_t distance = read_half(to + 8) - read_half(from + 8);
    uint64_t borrow = read_half(to + 8) < read_half(from + 8) ? 1 : 0;
    return read_half(to) - read_half(from) == borrow ? distance : UINT64_MAX;
}

uint64_t address_distance(const struct address *from, const struct address *to)
{
    unsigned char low[ADDRESS_BYTES];
    unsigned char high[ADDRESS_BYTES];
    address_bytes(from, low);
    address_bytes(to, high);
    return address_bytes_distance(low, high);
}

void address_bytes(const struct address *address, unsigned char bytes[static ADDRESS_BYTES])
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    size_t len = address_bits(address) / 8;
    memcpy(bytes, mapped, sizeof mapped);
    memcpy(bytes + ADDRESS_BYTES - len, bytes_of(address), len);
}

struct address address_widest(const struct address *first, const struct address *last)
{
    struct address widest = *last;
    unsigned char *bytes = (unsigned char *)bytes_of(&widest);
    size_t len = address_bits(first) / 8;
    size_t same = 0;
    while (same < len && bytes_of(first)[same] == bytes[same])
        same++;
    for (size_t i = same + 1; i < len; i++)
        bytes[i] = 0xff;
    return widest;
}

void address_advance(struct address *address, uint64_t offset)
{
    unsigned char *bytes = (unsigned char *)bytes_of(address);
    for (unsigned i = address_bits(address) / 8; i-- > 0 && offset > 0;) {
        uint64_t sum = bytes[i] + (offset & 0xff);
        bytes[i] = (unsigned char)(sum & 0xff);
        offset = (offset >> 8) + (sum >> 8);
    }
}
