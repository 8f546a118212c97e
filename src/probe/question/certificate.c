#include "certificate.h"

#include "der.h"
#include "netcheck/base/ascii.h"

enum { TAG_VERSION = 0xa0 /* [0], constructed */ };

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
    for (size_t i = 0; i < 5; i++)
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

static bool take_time(struct der *der, int64_t *seconds)
{
    struct der text;
    bool is_utc_time = der_is_next(der, DER_UTC_TIME);
    if (!der_take(der, is_utc_time ? DER_UTC_TIME : DER_GENERALIZED_TIME, &text) ||
        !der_is_whole(&text))
        return false;
    return is_utc_time ? read_utc_time(text.bytes, text.len, seconds)
                       : read_generalized_time(text.bytes, text.len, seconds);
}

/* What tbsCertificate has before the validity: version, serial number, signature, issuer. */
static bool pass_issuer(struct der *der)
{
    struct der passed;
    if (der_is_next(der, TAG_VERSION) && !der_take(der, TAG_VERSION, &passed))
        return false;
    return der_take(der, DER_INTEGER, &passed) && der_take(der, DER_SEQUENCE, &passed) &&
           der_take(der, DER_SEQUENCE, &passed);
}

bool certificate_read_end(const struct certificate *certificate, int64_t *not_after_s)
{
    struct der whole = {certificate->bytes, certificate->len, certificate->available};
    struct der outer;
    struct der inner;
    struct der validity;
    int64_t not_before_s = 0;
    return der_take(&whole, DER_SEQUENCE, &outer) && der_take(&outer, DER_SEQUENCE, &inner) &&
           pass_issuer(&inner) && der_take(&inner, DER_SEQUENCE, &validity) &&
           take_time(&validity, &not_before_s) && take_time(&validity, not_after_s);
}
