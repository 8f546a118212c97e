#include <errno.h>
#include <netdb.h>
#include <string.h>

#include "../claim.h"
#include "../rows.h"
#include "netcheck/base/base.h"

enum { TARGETS_MAX = 4, ROWS_MAX = 4 };

static const struct fault no_port = {FAULT_PORT_MISSING, 0, 3};

/* A row as a word: "db:5432=10.0.0.5" is up; without "=" it was not found; "-" is a bad line.
 */
static struct result row_from(const char *word)
{
    char target[64] = "";
    const char *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
    assert_true(len < sizeof target);
    memcpy(target, word, len);
    if (strcmp(word, "-") == 0)
        return invalid_of("bad", 3, no_port, "-", 1);
    if (equals == NULL)
        return error_of(target, outcome_of_lookup(EAI_NONAME, 0));
    return up_of(target, equals + 1);
}

static const struct {
    const char *label;
    unsigned width; /* of the screen */
    const char *targets[TARGETS_MAX + 1];
    const char *rows[ROWS_MAX + 1];
    const char *labels[ROWS_MAX + 1]; /* what stands in front of "0.8 ms" or the reason */
} cases[] = {
    {"addresses",
     80,
     {"192.0.2.5:22", "192.0.2.10:8080"},
     {"192.0.2.5:22=", "192.0.2.10:8080="},
     {"192.0.2.5:22     ", "192.0.2.10:8080  "}},
    {"names",
     80,
     {"db:5432", "web:80"},
     {"db:5432=10.0.0.5", "web:80=10.0.0.17", "db:5432=10.0.0.5", "web:80"},
     {"db:5432  10.0.0.5  ", "web:80   10.0.0.17  ", "db:5432  10.0.0.5   ",
      "web:80   -          "}},
    {"both",
     80,
     {"10.0.0.5:22", "db:5432"},
     {"10.0.0.5:22=", "db:5432=10.0.0.9", "db:5432"},
     {"10.0.0.5:22            ", "db:5432      10.0.0.9  ", "db:5432      -         "}},
    {"a prefix has its widest address",
     80,
     {"10.0.0.0/24:22,8080,80"},
     {"10.0.0.1:22="},
     {"10.0.0.1:22      "}},
    {"protocols",
     80,
     {"udp://ns:53", "icmp://10.0.0.0/30", "tls://web:443"},
     {"udp://ns:53=10.0.0.2", "icmp://10.0.0.1=", "tls://web:443=10.0.0.17",
      "icmp://10.0.0.1="},
     {"udp://ns:53      10.0.0.2  ", "icmp://10.0.0.1            ",
      "tls://web:443    10.0.0.17  ", "icmp://10.0.0.1             "}},
    {"an IPv6 prefix, too",
     80,
     {"[2001:db8::]/120:443"},
     {"[2001:db8::1]:443="},
     {"[2001:db8::1]:443   "}},
    {"a range of ports has its largest",
     80,
     {"db:1-65535"},
     {"db:1=10.0.0.5"},
     {"db:1      10.0.0.5  "}},
    {"half of the screen",
     24,
     {"192.0.2.5:22", "10.0.0.1:1"},
     {"10.0.0.1:1="},
     {"10.0.0.1:1    "}},
    {"more than half overflows alone",
     23,
     {"192.0.2.5:22", "10.0.0.1:1", "10.0.0.1:123"},
     {"192.0.2.5:22=", "10.0.0.1:1=", "10.0.0.1:123="},
     {"192.0.2.5:22  ", "10.0.0.1:1  ", "10.0.0.1:123  "}},
    {"a quarter is the address's",
     40,
     {"db:1"},
     {"db:1=10.0.0.123", "db:1", "db:1=192.168.10.1", "db:1"},
     {"db:1  10.0.0.123  ", "db:1  -           ", "db:1  192.168.10.1  ",
      "db:1  -           "}},
    {"a file's rows take what is there",
     80,
     {"db:5432"},
     {"web.example.com:80=10.0.0.7", "10.0.0.1:1=", "db:5432=10.0.0.5", "-"},
     {"web.example.com:80  10.0.0.7  ", "10.0.0.1:1            ", "db:5432  10.0.0.5  ",
      "bad                "}},
    {"nothing is known",
     80,
     {NULL},
     {"10.0.0.1:1=", "db:1=10.0.0.5", "-"},
     {"10.0.0.1:1  ", "db:1  10.0.0.5  ", "bad  "}},
    {"no width", 0, {"db:1"}, {"db:1=10.0.0.5"}, {"db:1  10.0.0.5  "}},
};

static void reserve(struct row_columns *columns, const char *const *targets)
{
    for (; *targets != NULL; targets++) {
        struct target *target = target_of(*targets);
        row_columns_reserve(columns, target);
        target_drop(target);
    }
}

static void claim_case_row(const char *label, struct row_columns *columns, const char *word,
                           const char *expected)
{
    const struct report report = {.columns = columns};
    struct result result = row_from(word);
    struct buffer out = BUFFER_EMPTY;
    row_columns_widen(columns, &result.endpoint);
    report_text.row(&out, &report, &result);
    const char *text = buffer_text(&out);
    size_t len = strlen(expected);
    assert_true(out.len > strlen("error  "));
    if (strncmp(text + 7, expected, len) != 0 || text[7 + len] == ' ')
        claim_text(label, "row", text + 7, expected);
    buffer_release(&out);
    result_release(&result);
}

static void test_row_columns_are_as_wide_as_what_is_known(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct row_columns columns;
        row_columns_init(&columns, cases[i].width);
        reserve(&columns, cases[i].targets);
        for (size_t row = 0; cases[i].rows[row] != NULL; row++)
            claim_case_row(cases[i].label, &columns, cases[i].rows[row], cases[i].labels[row]);
    }
}

static void test_row_columns_stand_between_what_else_a_row_has(void **state)
{
    struct row_columns columns;
    row_columns_init(&columns, 80);
    reserve(&columns, (const char *const[]){"10.0.0.5:8080", NULL});
    const struct report report = {.columns = &columns,
                                  .is_coloured = true,
                                  .is_dated = true,
                                  .expects_down = true,
                                  .wall_offset_ns = rows_wall_offset_ns};
    struct result result = down_of("10.0.0.5:22", "", ECONNREFUSED);
    struct buffer out = BUFFER_EMPTY;
    result.round = 3;
    report_text.row(&out, &report, &result);
    claim_text("all of it", "row", buffer_text(&out),
               "2026-11-23T03:00:00.123Z  \033[32mdown\033[0m   10.0.0.5:22    seq=3  "
               "refused in 0.4 ms (as expected)\n");
    buffer_release(&out);
    result_release(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_row_columns_are_as_wide_as_what_is_known),
        cmocka_unit_test(test_row_columns_stand_between_what_else_a_row_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
