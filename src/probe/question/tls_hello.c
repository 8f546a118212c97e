#include "tls_hello.h"

#include <string.h>

#include "netcheck/base/base.h"

enum {
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_GROUPS = 10,
    EXTENSION_POINT_FORMATS = 11,
    EXTENSION_SIGNATURES = 13,
    EXTENSION_PADDING = 21,
    EXTENSION_MASTER_SECRET = 23,

    /* Some load balancers drop a hello of 256 to 511 bytes (RFC 7685 section 4). */
    HELLO_BAD_LEAST = 256,
    HELLO_BAD_MOST = 511,
};

/* Whatever a server of the last twenty years may want, the best first; at the end the sign that
   renegotiation is safe. */
static const uint16_t ciphers[] = {
    0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xccaa, 0x009e, 0x009f,
    0xc023, 0xc027, 0xc024, 0xc028, 0xc009, 0xc013, 0xc00a, 0xc014, 0x0067,
    0x006b, 0x0033, 0x0039, 0xc0ac, 0xc0ad, 0x009c, 0x009d, 0x003c, 0x003d,
    0x002f, 0x0035, 0xc008, 0xc012, 0x0016, 0x000a, 0x00ff,
};

/* x25519, P-256, x448, P-384, P-521. None of a finite field, or a server would have to leave
   its own out (RFC 7919). */
static const uint16_t groups[] = {29, 23, 30, 24, 25};

/* ECDSA, EdDSA, PSS and PKCS #1 with SHA-2, the latter and ECDSA also with SHA-1. */
static const uint16_t signatures[] = {
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806,
    0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201,
};

struct writer {
    unsigned char *bytes;
    size_t len;
};

static void put_8(struct writer *writer, unsigned value)
{
    writer->bytes[writer->len++] = (unsigned char)value;
}

static void put_16(struct writer *writer, unsigned value)
{
    put_8(writer, value >> 8 & 0xff);
    put_8(writer, value & 0xff);
}

/* Leave room for a length of so many bytes, and return where. */
static size_t open_length(struct writer *writer, size_t size)
{
    size_t at = writer->len;
    writer->len += size;
    return at;
}

/* What was written since is that long. */
static void close_length(struct writer *writer, size_t at, size_t size)
{
    size_t len = writer->len - at - size;
    for (size_t i = size; i > 0; i--, len >>= 8)
        writer->bytes[at + i - 1] = (unsigned char)(len & 0xff);
}

static void put_list(struct writer *writer, const uint16_t *values, size_t count)
{
    size_t at = open_length(writer, 2);
    for (size_t i = 0; i < count; i++)
        put_16(writer, values[i]);
    close_length(writer, at, 2);
}

static void put_list_extension(struct writer *writer, unsigned type, const uint16_t *values,
                               size_t count)
{
    put_16(writer, type);
    size_t at = open_length(writer, 2);
    put_list(writer, values, count);
    close_length(writer, at, 2);
}

static void put_server_name(struct writer *writer, const char *name)
{
    size_t len = strlen(name);
    put_16(writer, EXTENSION_SERVER_NAME);
    size_t extension = open_length(writer, 2);
    size_t list = open_length(writer, 2);
    put_8(writer, 0); /* a host name */
    size_t at = open_length(writer, 2);
    memcpy(writer->bytes + writer->len, name, len);
    writer->len += len;
    close_length(writer, at, 2);
    close_length(writer, list, 2);
    close_length(writer, extension, 2);
}

/* message_len: the whole message without it. */
static void put_padding(struct writer *writer, size_t message_len)
{
    if (message_len < HELLO_BAD_LEAST || message_len > HELLO_BAD_MOST)
        return;
    put_16(writer, EXTENSION_PADDING);
    size_t at = open_length(writer, 2);
    while (message_len + MESSAGE_HEADER + writer->len - at - 2 <= HELLO_BAD_MOST)
        put_8(writer, 0);
    close_length(writer, at, 2);
}

static void put_extensions(struct writer *writer, size_t message_at, const char *name)
{
    size_t at = open_length(writer, 2);
    if (name != NULL)
        put_server_name(writer, name);
    put_list_extension(writer, EXTENSION_GROUPS, groups, ARRAY_LEN(groups));
    put_16(writer, EXTENSION_POINT_FORMATS);
    put_16(writer, 2);
    put_8(writer, 1);
    put_8(writer, 0); /* uncompressed */
    put_list_extension(writer, EXTENSION_SIGNATURES, signatures, ARRAY_LEN(signatures));
    put_16(writer, EXTENSION_MASTER_SECRET);
    put_16(writer, 0);
    put_padding(writer, writer->len - message_at);
    close_length(writer, at, 2);
}

/* No key is ever made of it, so that it needs not be unknown to others, only new. */
static void put_random(struct writer *writer, const unsigned char *cookie)
{
    for (size_t i = 0; i < RANDOM_SIZE; i++)
        put_8(writer, cookie[i % FLOW_COOKIE_SIZE]);
}

size_t tls_hello_write(unsigned char bytes[static QUESTION_SIZE],
                       const struct question_input *input)
{
    struct writer writer = {bytes, 0};
    put_8(&writer, RECORD_HANDSHAKE);
    put_16(&writer, VERSION_1_0); /* as servers before TLS 1.2 want it */
    size_t record = open_length(&writer, 2);
    size_t message_at = writer.len;
    put_8(&writer, MESSAGE_CLIENT_HELLO);
    size_t message = open_length(&writer, 3);
    put_16(&writer, VERSION_1_2);
    put_random(&writer, input->cookie);
    put_8(&writer, 0); /* no session to resume */
    put_list(&writer, ciphers, ARRAY_LEN(ciphers));
    put_8(&writer, 1);
    put_8(&writer, 0); /* no compression */
    put_extensions(&writer, message_at, input->name);
    close_length(&writer, message, 3);
    close_length(&writer, record, 2);
    return writer.len;
}
