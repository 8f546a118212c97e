/*
 * unescape: bytes that the user wrote as text, with the escapes of C.
 *
 * \a \b \f \n \r \t \v \\ \" \' \? and \0 are one byte each, and so is \xHH, of two hexadecimal
 * digits, no more and no fewer. Every other escape is refused: C's longer octal numbers too, as
 * one byte more would be another number.
 */
#ifndef NETCHECK_UNESCAPE_H
#define NETCHECK_UNESCAPE_H

#include <stddef.h>

#include "netcheck/base/buffer.h"

enum unescape_fault {
    UNESCAPE_OK,
    UNESCAPE_UNKNOWN, /* no escape is called so */
    UNESCAPE_LONE,    /* the backslash is the last byte */
    UNESCAPE_HEX,     /* \x without two digits behind it */
    UNESCAPE_OCTAL,   /* more of an octal number than \0 */
    UNESCAPE_COUNT    /* how many there are; never returned */
};

/*
 * Read the escape that begins at `text`, which is a backslash in a terminated string.
 *
 * byte, len  out, with UNESCAPE_OK: what it stands for, and how many bytes of the text it is
 */
enum unescape_fault unescape_one(const char *text, unsigned char *byte, size_t *len);

/*
 * Append what the terminated string stands for.
 *
 * at  out, on failure: where the escape begins, in bytes from the start of the text
 */
enum unescape_fault unescape(struct buffer *out, const char *text, size_t *at);

/* What is wrong, for people ("unknown escape"), and the way out. Not of UNESCAPE_OK. */
const char *unescape_text(enum unescape_fault fault);
const char *unescape_remedy(enum unescape_fault fault);

#endif
