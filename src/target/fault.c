#include "netcheck/target/fault.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

#include "netcheck/base/address.h"
#include "netcheck/base/escape.h"

enum { QUAD_SIZE = 64 };

/*
 * The same numbers read as decimal, without their leading zeros: what the writer of
 * "010.0.0.1" may have meant. False where that is no dotted quad either.
 */
static bool read_as_decimal(const char *piece, char *quad)
{
    size_t len = 0;
    for (const char *p = piece; *p != '\0'; p++) {
        bool at_start = p == piece || p[-1] == '.';
        if (at_start)
            while (p[0] == '0' && p[1] >= '0' && p[1] <= '9')
                p++;
        quad[len++] = *p;
    }
    quad[len] = '\0';
    struct address address;
    return address_parse(quad, len, &address) && address_family(&address) == AF_INET;
}

/* The strict form of "127.1", "0x7f.1", "010.0.0.1": as the C library reads it, and as decimal.
 */
static void suggest_quad(struct buffer *out, const char *piece_text, size_t len)
{
    char piece[QUAD_SIZE];
    char decimal[QUAD_SIZE];
    char legacy[ADDRESS_TEXT_SIZE] = "";
    if (len >= sizeof piece)
        len = sizeof piece - 1;
    memcpy(piece, piece_text, len);
    piece[len] = '\0';

    struct sockaddr_in quad = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(piece)};
    struct address address = {.socket.ipv4 = quad};
    bool has_legacy = quad.sin_addr.s_addr != INADDR_NONE && quad.sin_addr.s_addr != 0;
    if (has_legacy)
        address_format(&address, legacy);
    bool has_decimal = read_as_decimal(piece, decimal) && strcmp(decimal, legacy) != 0;
    if (has_legacy && has_decimal)
        buffer_add_format(out, ": write %s, or %s as the C library reads it", decimal, legacy);
    else if (has_legacy || has_decimal)
        buffer_add_format(out, ": write %s", has_legacy ? legacy : decimal);
    else
        buffer_add_text(out, ": write four numbers, 0-255, as in 192.0.2.1");
}

void fault_describe(struct buffer *out, const char *text, size_t len, const struct fault *fault,
                    const struct place *place)
{
    const char *piece = text + fault->at;
    buffer_add_text(out, error_text(fault->code));
    bool is_whole = fault->len == len;
    if (fault->len > 0) {
        buffer_add_text(out, " ");
        escape_quoted(out, piece, fault->len);
    }
    if (!is_whole) {
        buffer_add_text(out, " in ");
        escape_quoted(out, text, len);
    }
    if (place != NULL && place->source != NULL) {
        buffer_add_text(out, " (");
        escape_text(out, place->source, strlen(place->source));
        buffer_add_format(out, ":%zu:%zu)", place->line, place->at + fault->at + 1);
    }
    if (fault->code == ERROR_QUAD)
        suggest_quad(out, piece, fault->len);
    else if (error_remedy(fault->code) != NULL)
        buffer_add_format(out, ": %s", error_remedy(fault->code));
}
