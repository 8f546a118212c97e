/*
 * service: what a UDP service answers, as far as a client can tell that it is one.
 *
 * Each is known by its port; a port without one echoes. Knows no network: bytes in, bytes out.
 */
#ifndef TESTS_LAB_SERVICE_H
#define TESTS_LAB_SERVICE_H

#include <stddef.h>
#include <stdint.h>

enum { SERVICE_ROOM = 128 }; /* bytes that an answer may have beyond those of its question */

/*
 * Write the answer to the `len` bytes of a question to `out`, which has SERVICE_ROOM bytes
 * more, and return its length. What no question of that service could be is echoed.
 */
size_t service_answer(uint16_t port, const unsigned char *question, size_t len,
                      unsigned char *out);

#endif
