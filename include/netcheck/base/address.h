/*
 * address: an IPv4 or IPv6 address with a port, as one plain value.
 *
 * The only module that knows how a sockaddr looks. Numeric text only: inet_pton(3) decides what
 * an address is; nothing is looked up.
 */
#ifndef NETCHECK_ADDRESS_H
#define NETCHECK_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
    union {
        struct sockaddr any; /* sa_family is AF_INET, AF_INET6, or AF_UNSPEC for none */
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } socket;
};

/* Address families as bits, where several may be meant. */
enum {
    FAMILY_IPV4 = 1u << 0,
    FAMILY_IPV6 = 1u << 1,
    FAMILY_ANY = FAMILY_IPV4 | FAMILY_IPV6,
};

enum {
    ADDRESS_TEXT_SIZE = INET6_ADDRSTRLEN + 1 + 10, /* "%" and a 32-bit scope, with terminator */
    ADDRESS_BYTES = 16,                            /* of an IPv6 address */
};

/*
 * Parse `len` bytes as a strict dotted quad or an IPv6 address, without port, brackets or
 * scope. True on success; the port is 0.
 */
bool address_parse(const char *text, size_t len, struct address *address);

/*
 * Parse an IPv4 address as inet_addr(3) reads it: "127.1", "0x7f.1", "010.0.0.1". False also
 * for one that is all zeros or all ones.
 */
bool address_parse_legacy(const char *text, struct address *address);

/* Take over what a socket call gave. False where it is neither IPv4 nor IPv6. */
bool address_from_socket(const struct sockaddr *socket, struct address *address);

/* The address without its port, terminated. The scope is shown as a number, if it has one. */
void address_format(const struct address *address, char text[static ADDRESS_TEXT_SIZE]);

/* AF_INET, AF_INET6 or AF_UNSPEC. */
int address_family(const struct address *address);

/* FAMILY_IPV4 or FAMILY_IPV6. */
unsigned address_family_bit(const struct address *address);

size_t address_len(const struct address *address);
uint16_t address_port(const struct address *address);
void address_set_port(struct address *address, uint16_t port);

/* The interface index behind '%' (RFC 4007); 0 for none and for IPv4. */
uint32_t address_scope(const struct address *address);
void address_set_scope(struct address *address, uint32_t scope);

/* Same family, address and scope; ports are not compared. */
bool address_equals(const struct address *a, const struct address *b);

/* The same for equal addresses, and spread over 64 bits; never 0. */
uint64_t address_hash(const struct address *address);

/* 0.0.0.0, :: and ::ffff:0.0.0.0: a connect to them reaches this machine itself. */
bool address_is_unspecified(const struct address *address);

/* 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104: this machine, without any network. */
bool address_is_loopback(const struct address *address);

/* No multicast and no broadcast address: one that a machine can have. */
bool address_is_unicast(const struct address *address);

/* 224.0.0.0/4 and ff00::/8: those of groups. */
bool address_is_multicast(const struct address *address);

/* Whether one of first..last, which are of one family, is a multicast address or IPv4's
 * broadcast, also where that is mapped into IPv6. 240.0.0.0/4 is neither. */
bool address_span_has_group(const struct address *first, const struct address *last);

/* fe80::/10, which means nothing without a scope. */
bool address_is_link_local(const struct address *address);

/* ::ffff:192.0.2.1 becomes 192.0.2.1; anything else stays. */
void address_unmap(struct address *address);

/* How many bits the address has: 32 or 128. */
unsigned address_bits(const struct address *address);

/* Clear all bits behind the first `prefix_bits`. */
void address_mask(struct address *address, unsigned prefix_bits);

/* Set all bits behind the first `prefix_bits`: the last address of the prefix. */
void address_fill(struct address *address, unsigned prefix_bits);

/* Negative, 0 or positive as `a` is below, at or above `b`, which is of the same family. Ports
   and scopes are not compared. */
int address_compare(const struct address *a, const struct address *b);

/* How far it is from `from` up to `to`, which is of the same family and not below; UINT64_MAX
   for more. */
uint64_t address_distance(const struct address *from, const struct address *to);

/* The same of what address_bytes() gives. */
uint64_t address_bytes_distance(const unsigned char from[static ADDRESS_BYTES],
                                const unsigned char to[static ADDRESS_BYTES]);

/* The address as 16 bytes, most significant first, IPv4 as ::ffff:192.0.2.1. */
void address_bytes(const struct address *address, unsigned char bytes[static ADDRESS_BYTES]);

/*
 * The address from `first` on whose text is the longest up to `last`, or a longer one: the bits
 * behind the first byte in which these differ are all set.
 */
struct address address_widest(const struct address *first, const struct address *last);

/* The address `offset` behind `address`; the carry past the last byte is dropped. */
void address_advance(struct address *address, uint64_t offset);

#endif
