/*
 * siphash: the vectors of its authors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/base/siphash.h"

/* Of the first `len` of the bytes 0, 1, 2, ... under the key 0, 1, ... 15. Source: vectors.h of
   the reference implementation. */
static const struct {
    size_t len;
    uint64_t hash;
} vectors[] = {
    {0, UINT64_C(0x726fdb47dd0e0e31)},  {1, UINT64_C(0x74f839c593dc67fd)},
    {7, UINT64_C(0xab0200f58b01d137)},  {8, UINT64_C(0x93f5f5799a932462)},
    {15, UINT64_C(0xa129ca6149be45e5)},
};

static void test_siphash_gives_the_hashes_of_its_authors(void **state)
{
    const struct siphash_key key = {
        {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)}};
    unsigned char bytes[16];
    (void)state;
    for (unsigned char i = 0; i < ARRAY_LEN(bytes); i++)
        bytes[i] = i;
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
        assert_true(siphash(&key, bytes, vectors[i].len) == vectors[i].hash);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_siphash_gives_the_hashes_of_its_authors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
