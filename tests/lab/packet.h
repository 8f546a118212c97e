/*
 * packet: IP packets as bytes, read and built.
 *
 * Knows TCP, UDP, ICMP echo and ICMP errors, in IPv4 and IPv6, as far as a network's answers
 * need them. Fragments and packets with IPv6 extension headers are no packets here.
 * Keeps nothing between two calls.  Source: RFC 768, 791, 792, 1191, 4443, 8200, 9293.
 */
#ifndef TESTS_LAB_PACKET_H
#define TESTS_LAB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PACKET_MAX_LEN = 65575,  /* bytes, of IPv6; what is sent to the lab may exceed its MTU */
    PACKET_DATA_MAX = 65507, /* bytes in the largest datagram of IPv4 */
    PACKET_QUOTE_MAX = 512,  /* bytes of the packet that an ICMP error quotes */
};

enum {
    SEGMENT_FIN = 1u << 0,
    SEGMENT_SYN = 1u << 1,
    SEGMENT_RST = 1u << 2,
    SEGMENT_ACK = 1u << 4,
};

/* An address as numbers that are quick to mask, to compare and to hash. */
struct host {
    uint64_t high; /* first 8 bytes of an IPv6 address; 0 with IPv4 */
    uint64_t low;  /* the others, or the 4 of IPv4 */
    bool is_ipv6;
};

/* What a TCP header says beyond the ports. */
struct segment {
    uint32_t sequence;
    uint32_t acknowledgement;
    unsigned flags; /* SEGMENT_ bits */
    uint32_t len;   /* bytes of data */
    bool is_shut;   /* of what is built: no data is taken, the window is 0 */
};

enum packet_kind {
    PACKET_TCP,
    PACKET_ECHO, /* ICMP echo request */
    PACKET_DATAGRAM,
    PACKET_KIND_COUNT,
};

struct packet {
    const unsigned char *bytes; /* borrowed: the whole packet */
    size_t len;
    size_t header_len; /* of the IP header */
    enum packet_kind kind;
    struct host source;
    struct host target;
    uint16_t source_port; /* the ports are 0 in an echo request */
    uint16_t target_port;
    bool is_whole;          /* no router may fragment it */
    struct segment segment; /* of zeros unless it is TCP */

    /* Borrowed: the datagram's data; of an echo request its identifier, sequence number and
       data, as its reply has them, too. */
    const unsigned char *body;
    size_t body_len;
};

/* An answer to a packet, in its own family. */
struct message {
    struct host sender;
    uint16_t sender_port; /* of a datagram */
    uint8_t type;         /* of ICMP or ICMPv6 ... */
    uint8_t code;
    const unsigned char *body; /* borrowed: the data of a datagram; of ICMP all that comes
                                  behind the checksum */
    size_t len;
};

/* Read `len` bytes. False where it is not a whole packet of a kind above. Checksums of what
   this kernel sent are taken as right. */
bool packet_parse(struct packet *packet, const unsigned char *bytes, size_t len);

/*
 * Build an answer to `packet` in `out` and return its length in bytes: a TCP segment without
 * data, a datagram to where the packet came from, or an ICMP message to its sender. A message
 * has up to PACKET_DATA_MAX bytes.
 */
size_t packet_build_segment(const struct packet *packet, const struct segment *segment,
                            unsigned char out[static PACKET_MAX_LEN]);
size_t packet_build_datagram(const struct packet *packet, const struct message *message,
                             unsigned char out[static PACKET_MAX_LEN]);
size_t packet_build_icmp(const struct packet *packet, const struct message *message,
                         unsigned char out[static PACKET_MAX_LEN]);

#endif
