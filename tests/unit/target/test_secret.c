#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/target/secret.h"

static const struct {
    const char *text;
    const char *masked;
} rows[] = {
    {"", ""},
    {"db:5432", "db:5432"},
    {"https://db/x", "https://db/x"},
    {"user@db:22", "user@db:22"},
    {"/etc/init.d/x@1", "/etc/init.d/x@1"},
    {"./a@b/hosts", "./a@b/hosts"},
    {"https://user@db/", "https://***@db/"},
    {"https://@db/", "https://@db/"},
    {"postgres://app:S3cret@db:0/x", "postgres://***@db:0/x"},
    {"!postgres://app:S3cret@db:0", "!postgres://***@db:0"},
    {"\"postgres://app:S3cret@db\"", "\"postgres://***@db\""},
    {"postgresql+asyncpg://app:S3cret@db/x", "postgresql+asyncpg://***@db/x"},
    {"SASL_SSL://app:S3cret@db", "SASL_SSL://***@db"},
    {"redis://:S3cret@db", "redis://***@db"},
    /* raw '/', '#', '?', '@', blank and "://" in it */
    {"postgres://app:S3/cr#e?t@x@db/x", "postgres://***@db/x"},
    {"postgres://app:S3 cret@db/x", "postgres://***@db/x"},
    {"postgres://app:S3://cret@db/x", "postgres://***@db/x"},
    {"https://host/@user", "https://***@user"},
    {"jdbc:mysql://app:S3cret@db/x", "jdbc:mysql://***@db/x"},
    {"r2dbc:pool:mysql://app:S3cret@db/x", "r2dbc:pool:mysql://***@db/x"},
    {"jdbc:oracle:thin:app/S3cret@//db:1521/x", "***@//db:1521/x"},
    {"app:S3cret://@db", "***@db"},
    {"app:S3cret@tcp://db", "***@tcp://db"},
    /* without a scheme */
    {"app:S3cret@db:5432", "***@db:5432"},
    {"!app:S3cret@db:5432", "!***@db:5432"},
    {"//app:S3cret@db", "***@db"},
    {"app/S3cret@db:1521", "***@db:1521"},
    {"db 80 app:S3cret@db", "db 80 ***@db"},
    /* several */
    {"mongodb://app:S3cret@a:1,b:2/x", "mongodb://***@a:1,b:2/x"},
    {"mysql://a:S3@b,mysql://c:cret@d:0", "mysql://***@d:0"},
    {"a:b@c d:e@f", "***@f"},
    {"app:S3@ cret@db:80", "***@db:80"},
    {"a:1,mysql://u:S3cret@d", "***@d"},
    {"web1;mysql://u:S3cret@d;x", "web1;mysql://***@d;x"},
    /* cut off, in a shell by '&' or ';' */
    {"postgres://app:S3cret", "postgres://app:***"},
    {"postgres://app:S3/cret", "postgres://app:***"},
    {"postgres://app:8080/x", "postgres://app:8080/x"},
    {"postgres://app:/x", "postgres://app:/x"},
    {"tcp://app:https", "tcp://app:https"},
    {"http://2001:db8::1/", "http://2001:db8::1/"},
    {"http://[::1]:80/", "http://[::1]:80/"},
    {"http://a:80,b:81/", "http://a:80,b:81/"},
    /* behind a key */
    {"postgres://db:0/x?user=app&password=S3cret&a=b",
     "postgres://db:0/x?user=app&password=***"},
    {"postgres://db:0/x?PassWord=S3@cret", "postgres://***"},
    {"postgres://u:S3@db?pwd=cret", "postgres://***@db?pwd=***"},
    {"jdbc:sqlserver://db:0;user=sa;password={S3;cret}",
     "jdbc:sqlserver://db:0;user=sa;password=***"},
    {"https://db:0/?access_token=S3cret", "https://db:0/?access_token=***"},
    {"DB_PASSWORD=S3cret", "DB_PASSWORD=***"},
    {"host=db password=S3 cret", "host=db password=***"},
    {"https://db:0/?user=me&to=x", "https://db:0/?user=me&to=x"},
    {"password=", "password="},
    /* percent-encoded */
    {"postgres://app:S3%40cret@db", "postgres://***@db"},
    {"http://x:0/?to=mysql%3A%2f%2Fapp%3AS3cret%40db", "http://***%40db"},
    {"to=mysql%3A%2f%2Fapp%3AS3cret%40db", "to=mysql%3A%2f%2F***%40db"},
    {"x?password%3dS3cret", "x?password%3d***"},
};

static void claim_masked(const char *label, const char *text, const char *expected)
{
    struct buffer out = BUFFER_EMPTY;
    char *copy = copy_exactly(text, strlen(text));
    buffer_add_text(&out, "x");
    secret_mask(&out, copy, strlen(text), NULL);
    free(copy);
    claim_text(label, "masked", buffer_text(&out) + 1, expected);
    buffer_release(&out);
}

static void test_secret_is_masked_and_nothing_twice(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        claim_masked(rows[i].text, rows[i].text, rows[i].masked);
        claim_masked(rows[i].text, rows[i].masked, rows[i].masked);
    }
}

static const struct {
    const char *text;
    size_t from;
    size_t to;
    const char *piece;
} pieces[] = {
    {"mysql://u:S3cret@db:0", 20, 21, "0"},
    {"mysql://u:S3cret@db:0", 0, 5, "mysql"},
    {"mysql://u:S3cret@db:0", 10, 16, "***"},
    {"mysql://u:S3cret@db:0", 8, 16, "***"},
    {"mysql://u:S3cret@db:0", 12, 21, "***@db:0"},
    {"mysql://u:S3cret@db:0", 0, 12, "mysql://***"},
    {"mysql://u:S3cret@db:0", 0, 21, "mysql://***@db:0"},
    {"mysql://u:S3cret@db:0", 16, 16, ""},
    {"mysql://u:S3cret@db:0", 12, 12, ""},
    {"a:b@c d:e@f:0", 12, 13, "0"},
    {"a:b@c d:e@f:0", 4, 7, "***"},
};

static void test_secret_piece_is_found_again_and_shows_none(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
        struct buffer out = BUFFER_EMPTY;
        struct slice piece = {NULL, pieces[i].from, pieces[i].to};
        secret_mask(&out, pieces[i].text, strlen(pieces[i].text), &piece);
        claim_bytes(pieces[i].text, "piece", out.bytes + piece.from, slice_len(&piece),
                    pieces[i].piece, strlen(pieces[i].piece));
        buffer_release(&out);
    }
}

static void test_secret_of_a_text_that_is_cut_is_masked_to_its_end(void **state)
{
    static const struct {
        const char *text;
        const char *masked;
    } cut[] = {
        {"postgres://app:S3", "postgres://***"},
        {"db 80 app:S3", "db 80 ***"},
        {"aaa", "aaa"},
        {"x?password=S3", "x?password=***"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cut); i++) {
        struct buffer out = BUFFER_EMPTY;
        secret_mask_cut(&out, cut[i].text, strlen(cut[i].text));
        claim_text(cut[i].text, "masked", buffer_text(&out), cut[i].masked);
        buffer_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secret_is_masked_and_nothing_twice),
        cmocka_unit_test(test_secret_piece_is_found_again_and_shows_none),
        cmocka_unit_test(test_secret_of_a_text_that_is_cut_is_masked_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
