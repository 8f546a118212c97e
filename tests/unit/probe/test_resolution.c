#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/address.h"
#include "netcheck/base/base.h"
#include "netcheck/base/buffer.h"
#include "netcheck/probe/resolution.h"

/*
 * A scenario of one name. What comes back: the lookup (B: both families, 4, 6), what it found
 * (a: addresses, 0: nothing, f: it failed), then "s" or "x" for a name completed from the
 * search list (short, strange), "=" for the same name as the other one's, and after how many
 * milliseconds. What follows: "+" lookups that are started, "-" that are put off, and a family
 * with the lookup that its answer is taken from.
 */
static const struct {
    const char *label;
    const char *events;
    const char *expected;
} rows[] = {
    {"both have addresses", "Ba@10", "4B6B@10"},
    {"no such name", "B0@10", "4B6B@10"},
    {"answered when the moment is over", "Ba@150", "4B6B@150"},
    {"slow, and the rescue no faster", "Ba@200 4a@300 60@300", "+46@150 4B6B@200"},
    {"IPv6 is silent", "4a@160", "+46@150 44@160"},
    {"IPv4 is silent", "6a@160", "+46@150 66@160"},
    {"IPv6 fails, as with musl", "Bf@10 4a@20 6f@30", "+46@10 44@20 66@30"},
    {"IPv4 fails, as with musl", "Bf@10 4f@20 6a@30", "+46@10 44@20 66@30"},
    {"all fail", "Bf@10 4f@20 6f@30", "+46@10 44@20 66@30"},
    {"fails after the moment", "4f@160 6f@170 Bf@400", "+46@150 4466@400"},
    {"fails after the rescue", "4a@160 6f@170 Bf@400", "+46@150 44@160 66@400"},
    {"one has nothing: that is all", "4a@160 60@170", "+46@150 44@160 66@170"},
    {"both have nothing", "40@160 60@170", "+46@150 4466@170"},
    {"one has nothing, one is silent", "40@160", "+46@150"},
    {"the other family waits for the list", "4a@160 6a@165 Ba@400", "+46@150 44@160 6B@400"},
    {"the other family is never mixed in", "4a@160 6a@165", "+46@150 44@160"},
    {"the list failed, two places", "4a@160 6a@165 Bf@400", "+46@150 44@160 6B@400"},
    {"the list failed, one place", "4a@160 6a=@165 Bf@400", "+46@150 44@160 66@400"},
    {"short, alone", "4as@160", "+46@150 44@210"},
    {"short, then the other", "6as@160 4a@180", "+46@150 44@180"},
    {"short, then nothing", "4as@160 60@170", "+46@150 4466@170"},
    {"both short, the first counts", "6as@160 4as@180", "+46@150 66@180"},
    {"strange, alone", "6ax@160", "+46@150 66@1160"},
    {"strange, then the list", "6ax@160 Ba@600", "+46@150 4B6B@600"},
    {"strange, then the other", "6ax@160 4a@600", "+46@150 44@600"},
    {"strange, and the other has nothing", "6ax@160 40@600", "+46@150 4466@600"},
    {"no thread", "-@150 -@300 Ba@500", "-46@150 -46@300 4B6B@500"},
    {"no thread, then one", "-@150 4a@310", "-46@150 +46@300 44@310"},
    {"no thread, the list fails", "-@10 Bf@10", "-46@10 4B6B@10"},
};

enum { SHORTAGES = 4 };

/* A scenario that goes on. */
struct play {
    struct resolution resolution;
    struct buffer seen;
    int64_t shortages[SHORTAGES]; /* milliseconds at which no thread can be had */
    size_t shortage_count;
};

static void see(struct play *play, const char *sign, unsigned families)
{
    buffer_add_format(&play->seen, "%s%s%s", sign, (families & FAMILY_IPV4) != 0 ? "4" : "",
                      (families & FAMILY_IPV6) != 0 ? "6" : "");
}

static void start(struct play *play, int64_t now_ms)
{
    unsigned families = resolution_rescue(&play->resolution, now_ms * NS_PER_MS);
    bool is_short = false;
    for (size_t i = 0; i < play->shortage_count; i++)
        is_short |= play->shortages[i] == now_ms;
    if (families == 0)
        return;
    see(play, is_short ? "-" : "+", families);
    buffer_add_format(&play->seen, "@%d ", (int)now_ms);
    for (unsigned family = FAMILY_IPV4; family <= FAMILY_IPV6; family <<= 1)
        if (!is_short && (families & family) != 0)
            resolution_started(&play->resolution, family);
    if (is_short)
        resolution_put_off(&play->resolution, now_ms * NS_PER_MS);
}

static void turn(struct play *play, int64_t now_ms)
{
    static const char *const kinds[] = {"B", "4", "6"};
    struct resolution_sources sources;
    start(play, now_ms);
    unsigned told = resolution_tell(&play->resolution, now_ms * NS_PER_MS, &sources);
    for (unsigned i = 0; i < 2; i++)
        if ((told & (1u << i)) != 0)
            see(play, "", 1u << i), buffer_add_text(&play->seen, kinds[sources.of[i]]);
    if (told != 0)
        buffer_add_format(&play->seen, "@%d ", (int)now_ms);
}

/* Everything that is due before `until_ms`. */
static void pass(struct play *play, int64_t until_ms)
{
    int64_t due_ns;
    unsigned turns = 0;
    while ((due_ns = resolution_due_ns(&play->resolution)) < until_ms * NS_PER_MS) {
        assert_in_range(turns++, 0, 20);
        turn(play, due_ns / NS_PER_MS);
    }
}

static void answer(struct play *play, const char *event, int64_t now_ms)
{
    enum lookup_kind kind = event[0] == 'B'   ? LOOKUP_BOTH
                            : event[0] == '4' ? LOOKUP_IPV4
                                              : LOOKUP_IPV6;
    enum finding finding = event[1] == 'a'   ? FINDING_ADDRESSES
                           : event[1] == '0' ? FINDING_NOTHING
                                             : FINDING_FAILED;
    enum trust trust = event[2] == 's' ? TRUST_SHORT : event[2] == 'x' ? TRUST_STRANGE : 0;
    pass(play, now_ms);
    resolution_answered(&play->resolution, kind, finding, trust, now_ms * NS_PER_MS);
    if (event[2] == '=')
        resolution_matched(&play->resolution);
    turn(play, now_ms);
}

static void play_all(struct play *play, const char *events)
{
    for (const char *event = events; *event != '\0';) {
        const char *at = strchr(event, '@');
        char *end = NULL;
        int64_t now_ms = strtol(at + 1, &end, 10);
        if (event[0] == '-')
            play->shortages[play->shortage_count++] = now_ms;
        else
            answer(play, event, now_ms);
        event = *end == ' ' ? end + 1 : end;
    }
    pass(play, 10000);
}

static void test_resolution_tells_what_one_lookup_of_both_would_say(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct play play = {.seen = BUFFER_EMPTY};
        resolution_begin(&play.resolution, FAMILY_ANY, true, 150 * NS_PER_MS, 0);
        play_all(&play, rows[i].events);
        if (play.seen.len > 0)
            play.seen.len--; /* the last space */
        claim_text(rows[i].label, "what follows", buffer_text(&play.seen), rows[i].expected);
        buffer_release(&play.seen);
    }
}

static void test_resolution_without_rescue_has_one_lookup_only(void **state)
{
    static const struct {
        const char *label;
        unsigned families;
        bool may_rescue;
        const char *events;
        const char *expected;
    } cases[] = {
        {"-4", FAMILY_IPV4, true, "4a@900", "44@900"},
        {"-6", FAMILY_IPV6, true, "60@900", "66@900"},
        {"-6 fails", FAMILY_IPV6, true, "6f@900", "66@900"},
        {".local", FAMILY_ANY, false, "Ba@900", "4B6B@900"},
        {".local fails", FAMILY_ANY, false, "Bf@900", "4B6B@900"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct play play = {.seen = BUFFER_EMPTY};
        resolution_begin(&play.resolution, cases[i].families, cases[i].may_rescue,
                         150 * NS_PER_MS, 0);
        play_all(&play, cases[i].events);
        play.seen.len--;
        claim_text(cases[i].label, "what follows", buffer_text(&play.seen), cases[i].expected);
        buffer_release(&play.seen);
    }
}

/* An answer of one family that grew old, while the lookup of both hangs. */
static void test_resolution_renewed_answer_is_told_again(void **state)
{
    struct play play = {.seen = BUFFER_EMPTY};
    resolution_begin(&play.resolution, FAMILY_ANY, true, 150 * NS_PER_MS, 0);
    play_all(&play, "4a@160");
    resolution_renew(&play.resolution, FAMILY_IPV4);
    play_all(&play, "4a@900 Ba@950");
    play.seen.len--;
    claim_text("renewed", "what follows", buffer_text(&play.seen),
               "+46@150 44@160 44@900 6B@950");
    buffer_release(&play.seen);
}

static void test_resolution_nobody_is_rescued_below_local(void **state)
{
    static const struct {
        const char *host;
        bool may_rescue;
    } cases[] = {
        {"printer.local", false},
        {"printer.LOCAL.", false},
        {"a.b.local", false},
        {"local", true},
        {"printerlocal", true},
        {"printer.local.example", true},
        {"db", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        claim_true(cases[i].host, "whether it may",
                   resolution_may_rescue(cases[i].host) == cases[i].may_rescue);
}

static void test_resolution_completed_name_is_less_to_be_trusted(void **state)
{
    static const struct {
        const char *label;
        const char *host;
        const char *canonical;
        enum trust trust;
    } cases[] = {
        {"as it stands", "db", NULL, TRUST_FULL},
        {"short", "db", "db.corp.example", TRUST_SHORT},
        {"short, other case", "DB", "db.corp.example", TRUST_SHORT},
        {"strange", "ext.example.com", "ext.example.com.corp.example", TRUST_STRANGE},
        {"an alias", "www.example.com", "web.example.com", TRUST_FULL},
        {"begins alike", "db", "db2.corp.example", TRUST_FULL},
        {"final dot", "a.b.", "a.b.c", TRUST_STRANGE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        claim_number(cases[i].label, "trust",
                     resolution_trust(cases[i].host, cases[i].canonical), cases[i].trust);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resolution_tells_what_one_lookup_of_both_would_say),
        cmocka_unit_test(test_resolution_without_rescue_has_one_lookup_only),
        cmocka_unit_test(test_resolution_renewed_answer_is_told_again),
        cmocka_unit_test(test_resolution_nobody_is_rescued_below_local),
        cmocka_unit_test(test_resolution_completed_name_is_less_to_be_trusted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
