/*
 * certificate: when a certificate ends. Nothing of it is verified.
 *
 * Knows as much of DER and X.509 as leads to that date; every byte may be hostile. Pure.
 *
 * Source: RFC 5280 sections 4.1 and 4.1.2.5 (UTCTime before 2050, GeneralizedTime from then
 * on), X.690 sections 8.1 and 10.1 (DER).
 */
#ifndef NETCHECK_CERTIFICATE_H
#define NETCHECK_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A certificate, or the first bytes of it. */
struct certificate {
    const unsigned char *bytes; /* borrowed */
    size_t available;           /* of them there are so many ... */
    size_t len;                 /* ... and the whole has so many; available <= len */
};

/*
 * Read its last second, in seconds since 1970. False where that stands behind the bytes that
 * there are, or is no date, or they are no certificate.
 */
bool certificate_read_end(const struct certificate *certificate, int64_t *not_after_s);

#endif
