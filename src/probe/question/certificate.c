#include "certificate.h"

#include "netcheck/base/ascii.h"

enum {
    TAG_INTEGER = 0x02,
    TAG_UTC_TIME = 0x17,
    TAG_GENERALIZED_TIME = 0x18,
    TAG_SEQUENCE = 0x30,
    TAG_VERSION = 0xa0, /* [0], constructed */
};

/* A part of the certificate: offsets, of which those behind `available` cannot be looked at. */
struct part {
    const struct certificate *of;
    size_t at;
    size_t end;
};

/* One byte of it. */
static bool take_byte(struct part *part, unsigned *byte)
{
    if (part->at >= part->end || part->at >= part->of->available)
        return false;
    *byte = part->of->bytes[part->at++];
    return true;
}

/* The length of an element: 0-127, or how many bytes hold it, at most 4. */
static bool take_length(struct part *part, size_t *len)
{
    unsigned byte = 0;
    if (!take_byte(part, &byte))
        return false;
    *len = byte;
    if (byte < 0x80)
        return true;
    unsigned more = byte & 0x7f;
    if (more == 0 || more > 4)
        return false;
    for (*len = 0; more > 0; more--) {
        if (!take_byte(part, &byte))
            return false;
        *len = *len << 8 | byte;
    }
    return true;
}

/* The next element, which has to have this tag, and its content, of which not every byte need
   be there. */
static bool take(struct part *part, unsigned tag, struct part *content)
{
    unsigned found = 0;
    size_t len = 0;
    if (!take_byte(part, &found) || found != tag || !take_length(part, &len) ||
        len > part->end - part->at)
        return false;
    *content = (struct part){part->of, part->at, part->at + len};
    part->at += len;
    return true;
}

/* Whether the next element has this tag. */
static bool is_next(const struct part *part, unsigned tag)
{
    struct part ahead = *part;
    unsigned found = 0;
    return take_byte(&ahead, &found) && found == tag;
}

/* The number that two digits at `text` are; -1 where they are none. */
static int two_digits(const unsigned char *text)
{
    bool is_number = ascii_is_digit((char)text[0]) && ascii_is_digit((char)text[1]);
    return is_number ? (text[0] - '0') * 10 + text[1] - '0' : -1;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* From 1970-01-01, in the calendar of today; year: 0 and more. */
static int64_t days_since_1970(int year, int month, int day)
{
    /* February 29th is the last day of a year that begins in March. */
    int64_t years = month <= 2 ? year - 1 : year;
    int64_t months = month <= 2 ? month + 9 : month - 3;
    int64_t leaps = years >= 0 ? years / 4 - years / 100 + years / 400 : -1;
    return years * 365 + leaps + (months * 153 + 2) / 5 + day - 1 - 719468;
}

/* MMDDHHMMSSZ of that year. */
static bool read_time(const unsigned char *text, int year, int64_t *seconds)
{
    int part[5];
    for (int i = 0; i < 5; i++)
        part[i] = two_digits(text + 2 * i);
    int month = part[0];
    int day = part[1];
    bool is_day = month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month);
    bool is_time = part[2] >= 0 && part[2] <= 23 && part[3] >= 0 && part[3] <= 59 &&
                   part[4] >= 0 && part[4] <= 59;
    if (!is_day || !is_time || text[10] != 'Z')
        return false;
    *seconds =
        ((days_since_1970(year, month, day) * 24 + part[2]) * 60 + part[3]) * 60 + part[4];
    return true;
}

static bool read_utc_time(const unsigned char *text, size_t len, int64_t *seconds)
{
    int year = len == 13 ? two_digits(text) : -1;
    return year >= 0 && read_time(text + 2, year < 50 ? 2000 + year : 1900 + year, seconds);
}

static bool read_generalized_time(const unsigned char *text, size_t len, int64_t *seconds)
{
    int century = len == 15 ? two_digits(text) : -1;
    int year = century >= 0 ? two_digits(text + 2) : -1;
    return year >= 0 && read_time(text + 4, century * 100 + year, seconds);
}

static bool take_time(struct part *part, int64_t *seconds)
{
    struct part text;
    bool is_utc_time = is_next(part, TAG_UTC_TIME);
    if (!take(part, is_utc_time ? TAG_UTC_TIME : TAG_GENERALIZED_TIME, &text) ||
        text.end > text.of->available)
        return false;
    const unsigned char *bytes = text.of->bytes + text.at;
    size_t len = text.end - text.at;
    return is_utc_time ? read_utc_time(bytes, len, seconds)
                       : read_generalized_time(bytes, len, seconds);
}

/* What tbsCertificate has before the validity: version, serial number, signature, issuer. */
static bool pass_issuer(struct part *part)
{
    struct part passed;
    if (is_next(part, TAG_VERSION) && !take(part, TAG_VERSION, &passed))
        return false;
    return take(part, TAG_INTEGER, &passed) && take(part, TAG_SEQUENCE, &passed) &&
           take(part, TAG_SEQUENCE, &passed);
}

bool certificate_read_end(const struct certificate *certificate, int64_t *not_after_s)
{
    struct part whole = {certificate, 0, certificate->len};
    struct part outer;
    struct part inner;
    struct part validity;
    int64_t not_before_s = 0;
    return take(&whole, TAG_SEQUENCE, &outer) && take(&outer, TAG_SEQUENCE, &inner) &&
           pass_issuer(&inner) && take(&inner, TAG_SEQUENCE, &validity) &&
           take_time(&validity, &not_before_s) && take_time(&validity, not_after_s);
}
