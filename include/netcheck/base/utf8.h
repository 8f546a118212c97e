/*
 * utf8: characters of a text that should be UTF-8 and may be anything.
 */
#ifndef NETCHECK_UTF8_H
#define NETCHECK_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The character at `bytes`, of which there are `len`, at least one.
 *
 * Returns how many bytes it has, 1-4; 0 where no well-formed sequence begins.
 * Source: RFC 3629 section 4.
 */
size_t utf8_decode(const char *bytes, size_t len, uint32_t *character);

/* How many of the first `most` bytes, or of all `len`, are left when no character is cut. */
size_t utf8_cut(const char *bytes, size_t len, size_t most);

/*
 * Whether a reader sees it, as itself, where it stands: no control character (C1 too), no
 * blank but U+0020, nothing of no width, nothing that turns the direction of a text or joins
 * the letter before it.
 */
bool utf8_is_visible(uint32_t character);

/* Whether it looks like '-' and is none: a word processor makes one of these of it. */
bool utf8_is_dash(uint32_t character);

#endif
