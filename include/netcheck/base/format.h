/*
 * format: numbers and strings put into a text, by the plain part of printf(3).
 *
 * What it knows: %c %s %d %u %x %f %%, flags - and 0, a width, a precision for %s and %f (a
 * number or *), and the lengths l, ll and z. No locale, no wide characters. A static program
 * that has no printf() in it is 14 KB smaller (musl 1.2.3), a tenth of this one.
 *
 * A width below 0 is none. %f rounds half away from zero, prints six decimals unless told
 * otherwise and at most FORMAT_DECIMALS_MAX, and is exact to 15 digits; the value times ten to
 * the power of the decimals is 9e18 at most, whatever it is.
 */
#ifndef NETCHECK_FORMAT_H
#define NETCHECK_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

enum { FORMAT_DECIMALS_MAX = 9 };

/*
 * Write the text at `out` and a terminator behind it, `room` bytes at most, as snprintf(3).
 *
 * out     may be NULL if room is 0
 * format  borrowed; a conversion that is not in the list above is a bug of the caller
 *
 * Returns the length of the whole text, without its terminator, also where it was cut.
 */
size_t format_text(char *out, size_t room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a list of arguments, as vsnprintf(3); the caller ends it. */
size_t format_list(char *out, size_t room, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

#endif
