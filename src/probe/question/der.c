#include "der.h"

enum {
    LENGTH_OF_LENGTH = 0x80, /* the bytes of the length are counted in the other bits */
    LENGTH_SIZE_MAX = 4,
};

static void pass(struct der *der, size_t len)
{
    der->bytes += len < der->available ? len : der->available;
    der->available -= len < der->available ? len : der->available;
    der->len -= len;
}

static bool take_byte(struct der *der, unsigned *byte)
{
    if (der->len == 0 || der->available == 0)
        return false;
    *byte = der->bytes[0];
    pass(der, 1);
    return true;
}

static bool take_length(struct der *der, size_t *len)
{
    unsigned byte = 0;
    if (!take_byte(der, &byte))
        return false;
    *len = byte;
    if ((byte & LENGTH_OF_LENGTH) == 0)
        return true;
    unsigned size = byte & ~(unsigned)LENGTH_OF_LENGTH;
    if (size == 0 || size > LENGTH_SIZE_MAX)
        return false;
    for (*len = 0; size > 0; size--) {
        if (!take_byte(der, &byte))
            return false;
        *len = *len << 8 | byte;
    }
    return true;
}

bool der_take(struct der *der, unsigned tag, struct der *content)
{
    unsigned found = 0;
    size_t len = 0;
    if (!take_byte(der, &found) || found != tag || !take_length(der, &len) || len > der->len)
        return false;
    *content = (struct der){der->bytes, len, len < der->available ? len : der->available};
    pass(der, len);
    return true;
}

bool der_is_next(const struct der *der, unsigned tag)
{
    return der->len > 0 && der->available > 0 && der->bytes[0] == tag;
}

bool der_is_whole(const struct der *der)
{
    return der->available >= der->len;
}
