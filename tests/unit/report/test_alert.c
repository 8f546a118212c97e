/*
 * What is told of a row that is remembered from run to run: scripts of runs, and what each of
 * them tells.
 */
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/report/alert.h"

/*
 * A run is SECOND:LETTER. Letters: u up, r replied (up, too), d refused, t timeout, x
 * unresolved, l local; behind it ! where down is expected, and q where it is not shown. "~" is
 * a run in which the target was not asked.
 *
 * News: "-"; "new" and, where the state has lasted for longer, +SECONDS; STATE+SECONDS that it
 * was before, which is unknown(STATE) for what this machine could not ask; still+SECONDS; "+?"
 * for a length that is not known. Behind it /SECONDS ago it was asked last, for a gap.
 *
 * What is remembered: STATE REASON @since told=, and what else there is; of what the reader
 * believes instead, STATE SINCE-UNTIL and, where reminders would go on from there, /TOLD.
 */
struct script {
    const char *label;
    size_t confirmations;
    int64_t remind_s;
    const char *runs;
    const char *news;
    const char *remembered;
};

static const struct script scripts[] = {
    /* The rows of the table */
    {"as expected, new", 0, 0, "9:u", "-", "up connected @9"},
    {"not as expected, new", 0, 0, "9:d", "new", "down refused @9 told=9"},
    {"new, whatever N is", 3, 0, "9:d 10:d 11:d", "new - -", "down refused @9 told=9"},
    {"new, as expected down", 0, 0, "9:d!", "-", "down refused @9"},
    {"new, expected down, up", 0, 0, "9:u!", "new", "up connected @9 told=9 expects-down"},
    {"the same", 0, 0, "9:u 10:u 11:r", "- - -", "up replied @9"},
    {"the same, not as expected", 0, 0, "9:d 10:d 11:d", "new - -", "down refused @9 told=9"},
    {"another", 0, 0, "10:u 20:u 30:d 40:d", "- - up+20 -", "down refused @30 told=30"},
    {"and back", 0, 0, "10:u 20:d 30:d 40:u", "- up+10 - down+20", "up connected @40 told=40"},
    {"as expected, and no more", 0, 0, "10:d! 20:u! 30:d!", "- down+10 up+10",
     "down refused @30 told=30 expects-down"},
    {"fewer than N", 3, 0, "10:u 20:d 30:d", "- - -", "up connected @10 down*2@20"},
    {"N, the length ends at the first", 3, 0, "10:u 20:d 30:d 40:d", "- - - up+10",
     "down refused @20 told=40"},
    {"N is 1", 1, 0, "10:u 20:d", "- up+10", "down refused @20 told=20"},
    {"N is 2", 2, 0, "10:u 20:d 30:d", "- - up+10", "down refused @20 told=30"},
    {"back before N", 3, 0, "10:u 20:d 30:d 40:u 50:d 60:d", "- - - - - -",
     "up connected @10 down*2@50"},
    {"a third state is counted anew", 2, 0, "10:u 20:d 30:x 40:d 50:x 60:x", "- - - - - up+40",
     "error unresolved @50 told=60"},
    {"recovery takes N, too", 2, 0, "10:d 20:u 30:d 40:u 50:u", "new - - - down+30",
     "up connected @40 told=50"},
    {"N is the largest", SIZE_MAX, 0, "10:u 20:d 30:d", "- - -", "up connected @10 down*2@20"},
    {"another reason", 0, 0, "10:d 20:t", "new -", "down timeout @10 told=10"},
    {"no address", 0, 0, "10:u 20:x 30:x 40:d 50:x", "- up+10 - error+20 down+10",
     "error unresolved @50 told=50"},

    /* This machine cannot ask */
    {"local", 0, 0, "10:u 20:l 30:l 40:u", "- up+10 - unknown(up)+20",
     "up connected @40 told=40"},
    {"local, other then", 0, 0, "10:d 20:l 30:u", "new down+10 unknown(down)+10",
     "up connected @30 told=30"},
    {"local", 0, 0, "10:u 20:l", "- up+10", "error local @20 told=20 known=up"},
    {"local, new", 0, 0, "10:l 20:u", "new unknown(?)+10", "up connected @20 told=20"},
    {"local, then no address", 0, 0, "10:u 20:l 30:x 40:u", "- up+10 - error+20",
     "up connected @40 told=40"},
    {"local, fewer than N", 2, 0, "10:u 20:l 30:u", "- - -", "up connected @10"},
    {"local, N, and back", 2, 0, "10:u 20:l 30:l 40:u 50:u", "- - up+10 - unknown(up)+20",
     "up connected @40 told=50"},

    /* Reminders */
    {"no reminder", 0, 0, "10:d 20:d 999999:d", "new - -", "down refused @10 told=10"},
    {"a reminder", 0, 20, "10:d 20:d 30:d 40:d 50:d", "new - still+20 - still+40",
     "down refused @10 told=50"},
    {"half a run too soon", 0, 20, "10:d 19:d 26:d 30:d", "new - - still+20",
     "down refused @10 told=30"},
    {"at half a run", 0, 20, "10:d 18:d 26:d", "new - still+16", "down refused @10 told=26"},
    {"of the new reason", 0, 10, "10:d 20:t", "new still+10", "down timeout @10 told=20"},
    {"not of what is as expected", 0, 10, "10:u 20:u 30:u", "- - -", "up connected @10"},
    {"not of a recovery", 0, 10, "10:d 20:u 30:u 50:u", "new down+10 - -",
     "up connected @20 told=20"},
    {"from a change on", 0, 20, "10:u 20:d 30:d 40:d", "- up+10 - still+20",
     "down refused @20 told=40"},
    {"of an error", 0, 10, "10:x 20:x", "new still+10", "error unresolved @10 told=20"},
    {"not while another is counted", 3, 10, "10:d 20:u 30:u 40:d", "new - - still+30",
     "down refused @10 told=40"},

    /* Another expectation */
    {"expected down from now on", 0, 0, "10:u 20:u! 30:u!", "- new+10 -",
     "up connected @10 told=20 expects-down"},
    {"the same of a recovery", 0, 0, "10:d 20:u 30:u! 40:u!", "new down+10 new+10 -",
     "up connected @20 told=30 expects-down"},
    {"expected up from now on", 0, 0, "10:d! 20:d 30:d", "- new+10 -",
     "down refused @10 told=20"},
    {"now it is as expected", 0, 0, "10:d 20:d! 30:d!", "new - -",
     "down refused @10 told=10 expects-down"},
    {"and no more", 0, 0, "10:d 20:d! 30:d", "new - new+20", "down refused @10 told=30"},
    {"an error is an error", 0, 0, "10:x 20:x! 30:x", "new - -",
     "error unresolved @10 told=10"},

    /* What is not shown was not told */
    {"new, unseen", 0, 0, "10:dq 20:dq 30:d 40:d", "new - new+20 -",
     "down refused @10 told=30"},
    {"new, unseen, and then as expected", 0, 0, "10:dq 20:uq 30:u", "new down+10 -",
     "up connected @20"},
    {"a change, unseen", 0, 0, "10:u 20:dq 30:d 40:d", "- up+10 up+10 -",
     "down refused @20 told=30"},
    {"of it is remembered", 0, 0, "10:u 20:dq 25:dq", "- up+10 -",
     "down refused @20 believed=up,10-20"},
    {"a recovery, unseen", 0, 0, "10:d 20:uq 30:u 40:u", "new down+10 down+10 -",
     "up connected @20 told=30"},
    {"of it is remembered", 0, 0, "10:d 15:d 20:uq", "new - down+10",
     "up connected @20 believed=down,10-20/10"},
    {"a recovery, unseen for long", 0, 0, "10:d 20:uq 30:uq 40:uq 50:u 60:u",
     "new down+10 - - down+10 -", "up connected @20 told=50"},
    {"a recovery, and no more, unseen", 0, 0, "10:d 20:uq 30:dq 40:d", "new down+10 up+10 -",
     "down refused @30 told=10"},
    {"a reminder goes on then", 0, 30, "10:d 20:uq 30:dq 40:d 50:d",
     "new down+10 up+10 still+10 -", "down refused @30 told=40"},
    {"a recovery, unseen, that ends before it is told", 0, 0, "10:d 20:uq 30:d",
     "new down+10 up+10", "down refused @30 told=30"},
    {"an outage, unseen", 0, 0, "10:u 20:dq 30:uq 40:u", "- up+10 down+10 -",
     "up connected @30"},
    {"an outage, unseen, that ends as it is seen", 0, 0, "10:u 20:dq 30:u", "- up+10 down+10",
     "up connected @30 told=30"},
    {"up and down, unseen, but for the end", 0, 0, "10:d 20:uq 30:dq 40:uq 50:u",
     "new down+10 up+10 down+10 down+10", "up connected @40 told=50"},
    {"several states, unseen", 0, 0, "10:d 20:xq 30:uq 40:u", "new down+10 error+10 down+10",
     "up connected @30 told=40"},
    {"the reason changes, unseen", 0, 0, "10:d 20:uq 30:r", "new down+10 down+10",
     "up replied @20 told=30"},
    {"what was told as a recovery, and again, unseen", 0, 0, "10:d 20:u 30:dq 40:uq 50:u",
     "new down+10 up+10 down+10 -", "up connected @40"},
    {"N, unseen", 2, 0, "10:d 20:uq 30:uq 40:u", "new - down+10 down+10",
     "up connected @20 told=40"},
    {"N, the last one seen", 2, 0, "10:d 20:uq 30:u", "new - down+10",
     "up connected @20 told=30"},
    {"N, the last one unseen", 2, 0, "10:d 20:u 30:uq 40:u", "new - down+10 down+10",
     "up connected @20 told=40"},
    {"N, not while another is counted", 2, 0, "10:d 20:uq 30:uq 40:d 50:u",
     "new - down+10 - down+10", "up connected @20 told=50"},
    {"N, and no more, unseen", 2, 0, "10:d 20:uq 30:uq 40:dq 50:dq 60:d",
     "new - down+10 - up+20 -", "down refused @40 told=10"},
    {"a reminder is of what was told", 0, 10, "10:u 20:dq 30:d 40:d", "- up+10 up+10 still+20",
     "down refused @20 told=40"},
    {"! since an unseen recovery", 0, 0, "10:d 20:uq 30:u! 40:u!", "new down+10 down+10 -",
     "up connected @20 told=30 expects-down"},
    {"! with an unseen recovery", 0, 0, "10:d 20:uq! 30:u! 40:u!", "new down+10 down+10 -",
     "up connected @20 told=30 expects-down"},
    {"! since an unseen outage", 0, 0, "10:u 20:dq 30:d! 40:d!", "- up+10 up+10 -",
     "down refused @20 told=30 expects-down"},
    {"no ! any more, and an unseen change there and back", 0, 0,
     "10:d! 20:u! 30:d! 40:uq 50:dq 60:d", "- down+10 up+10 down+10 up+10 new+10",
     "down refused @50 told=60"},
    {"no ! any more, after an unseen change there and back", 0, 0,
     "10:d 20:d! 30:uq! 40:dq 50:d", "new - down+20 up+10 new+10", "down refused @40 told=50"},
    {"local, unseen", 0, 0, "10:u 20:lq 30:l", "- up+10 up+10",
     "error local @20 told=30 known=up"},
    {"local, and its end, unseen", 0, 0, "10:u 20:l 30:uq 40:u",
     "- up+10 unknown(up)+10 unknown(up)+10", "up connected @30 told=40"},
    {"of it is remembered", 0, 0, "10:u 20:l 30:uq", "- up+10 unknown(up)+10",
     "up connected @30 believed=error(up),20-30/20"},
    {"local, new, and its end, unseen", 0, 0, "10:l 20:uq 30:u",
     "new unknown(?)+10 unknown(?)+10", "up connected @20 told=30"},
    {"local between, unseen", 0, 0, "10:d 20:lq 30:uq 40:u",
     "new down+10 unknown(down)+10 down+10", "up connected @30 told=40"},
    {"no gap of what ended before", 0, 0, "10:d 20:d 30:uq 90:u", "new - down+20 down+20",
     "up connected @30 told=90"},
    {"the clock was set back before", 0, 0, "100:d 50:uq 60:u", "new down+? down+?",
     "up connected @50 told=60"},
    {"the clock was set back then", 0, 0, "10:d 100:uq 50:u", "new down+90 down+90",
     "up connected @50 told=50"},
    {"told is ahead, unseen", 0, 17, "100:d 110:uq 50:dq 60:d 65:d",
     "new down+10 up+? - still+15", "down refused @50 told=65"},
    {"not asked meanwhile", 0, 0, "10:d 20:uq 30:~ 40:u", "new down+10 - down+10",
     "up connected @20 told=40"},
    {"no reminder, unseen", 0, 10, "10:d 20:dq 30:d", "new - still+20",
     "down refused @10 told=30"},

    /* Gaps */
    {"a gap", 0, 0, "10:u 20:u 50:d", "- - up+40/30", "down refused @50 told=50"},
    {"twice is no gap", 0, 0, "10:u 20:u 40:d", "- - up+30", "down refused @40 told=40"},
    {"nor the second run", 0, 0, "10:u 999:d", "- up+989", "down refused @999 told=999"},
    {"a gap, the same", 0, 0, "10:u 20:u 90:u", "- - -", "up connected @10"},
    {"a gap, a reminder", 0, 60, "10:d 20:d 90:d", "new - still+80/70",
     "down refused @10 told=90"},
    {"a gap before the first of N", 2, 0, "10:u 20:u 90:d 100:d", "- - - up+80",
     "down refused @90 told=100"},
    {"a gap among N", 2, 0, "10:u 20:d 90:d", "- - up+10", "down refused @20 told=90"},
    {"not asked meanwhile", 0, 0, "10:u 20:u 30:~ 40:~ 50:d", "- - - - up+40/30",
     "down refused @50 told=50"},
    {"not asked", 0, 0, "10:u 20:u 30:~ 40:~", "- - - -", "up connected @10 asked=20"},

    /* Clocks that were set back */
    {"since is ahead", 0, 0, "100:u 50:u 60:d", "- - up+10", "down refused @60 told=60"},
    {"a change then", 0, 0, "100:u 50:d 60:u", "- up+? down+10", "up connected @60 told=60"},
    {"told is ahead", 0, 17, "100:d 50:d 60:d 65:d", "new - - still+15",
     "down refused @50 told=65"},
    {"the first is ahead", 2, 0, "10:u 100:d 50:d", "- - up+40", "down refused @50 told=50"},
    {"all is ahead", 2, 0, "90:u 100:d 50:d", "- - up+?", "down refused @50 told=50"},
    {"a reminder then", 0, 1, "100:d 50:d 51:d", "new - still+1", "down refused @50 told=51"},
    {"the same second", 0, 0, "10:u 10:d 10:u", "- up+0 down+0", "up connected @10 told=10"},
};

static enum reason reason_of(char letter)
{
    switch (letter) {
    case 'u':
        return REASON_CONNECTED;
    case 'r':
        return REASON_REPLIED;
    case 'd':
        return REASON_REFUSED;
    case 't':
        return REASON_TIMEOUT;
    case 'x':
        return REASON_UNRESOLVED;
    default:
        return REASON_LOCAL;
    }
}

static void add_news(struct buffer *out, const struct change *change)
{
    const char *word = change->news == NEWS_NONE       ? "-"
                       : change->news == NEWS_NEW      ? "new"
                       : change->news == NEWS_REMINDER ? "still"
                       : change->was_unknown           ? "unknown"
                                                       : state_name(change->before);
    buffer_add_text(out, word);
    if (change->was_unknown)
        buffer_add_format(out, "(%s)",
                          change->known == STATE_COUNT ? "?" : state_name(change->known));
    if (change->news == NEWS_NONE || (change->news == NEWS_NEW && change->lasted_ns == 0))
        return;
    if (change->lasted_ns < 0)
        buffer_add_text(out, "+?");
    else
        buffer_add_format(out, "+%lld", (long long)(change->lasted_ns / NS_PER_S));
    if (change->unasked_ns > 0)
        buffer_add_format(out, "/%lld", (long long)(change->unasked_ns / NS_PER_S));
}

static void add_belief(struct buffer *out, const struct belief *belief)
{
    if (belief->state == STATE_COUNT)
        return;
    buffer_add_format(out, " believed=%s", state_name(belief->state));
    if (belief->was_unknown)
        buffer_add_format(out, "(%s)",
                          belief->known == STATE_COUNT ? "?" : state_name(belief->known));
    if (belief->since_s != MEMORY_NEVER)
        buffer_add_format(out, ",%lld", (long long)belief->since_s);
    buffer_add_format(out, "-%lld", (long long)belief->until_s);
    if (belief->told_s != MEMORY_NEVER)
        buffer_add_format(out, "/%lld", (long long)belief->told_s);
}

static void add_remembered(struct buffer *out, const struct remembered *remembered)
{
    buffer_add_format(out, "%s %s @%lld", state_name(remembered->state),
                      reason_name(remembered->reason), (long long)remembered->since_s);
    if (remembered->told_s != MEMORY_NEVER)
        buffer_add_format(out, " told=%lld", (long long)remembered->told_s);
    if (remembered->next_count > 0)
        buffer_add_format(out, " %s*%zu@%lld", state_name(remembered->next),
                          remembered->next_count, (long long)remembered->first_s);
    else if (remembered->first_s != MEMORY_NEVER)
        buffer_add_text(out, " first without next");
    if (remembered->known != STATE_COUNT)
        buffer_add_format(out, " known=%s", state_name(remembered->known));
    if (remembered->expects_down)
        buffer_add_text(out, " expects-down");
    add_belief(out, &remembered->belief);
    if (remembered->asked_s != MEMORY_NEVER)
        buffer_add_format(out, " asked=%lld", (long long)remembered->asked_s);
}

static void play(const struct script *script, struct buffer *news,
                 struct remembered *remembered)
{
    const struct alert_policy policy = {script->confirmations, script->remind_s};
    struct alert_clock clock = {.last_s = MEMORY_NEVER};
    for (const char *at = script->runs; *at != '\0'; at += strspn(at, " ")) {
        char *end = NULL;
        clock.now_s = strtoll(at, &end, 10);
        char letter = end[1];
        size_t len = strcspn(end, " ");
        bool expects_down = memchr(end, '!', len) != NULL;
        const struct alert_row row = {
            .reason = reason_of(letter),
            .expects_down = expects_down,
            .is_expected = letter == (expects_down ? 'd' : 'u') || letter == 'r',
            .is_shown = memchr(end, 'q', len) == NULL,
        };
        struct change change = {.news = NEWS_NONE};
        if (letter != '~')
            alert_decide(&policy, &clock, &row, remembered, &change);
        else if (remembered->asked_s == MEMORY_NEVER)
            remembered->asked_s = clock.last_s;
        buffer_add_text(news, news->len > 0 ? " " : "");
        add_news(news, &change);
        bool goes_on = clock.last_s != MEMORY_NEVER && clock.now_s > clock.last_s;
        clock.period_s = goes_on ? clock.now_s - clock.last_s : 0;
        clock.last_s = clock.now_s;
        at = end + len;
    }
}

static void test_alert_scripts_tell_what_the_table_says(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        struct buffer news = BUFFER_EMPTY;
        struct buffer text = BUFFER_EMPTY;
        struct remembered remembered = {.since_s = MEMORY_NEVER, .asked_s = MEMORY_NEVER};
        play(&scripts[i], &news, &remembered);
        add_remembered(&text, &remembered);
        claim_text(scripts[i].label, "news", buffer_text(&news), scripts[i].news);
        claim_text(scripts[i].label, "remembered", buffer_text(&text), scripts[i].remembered);
        buffer_release(&news);
        buffer_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alert_scripts_tell_what_the_table_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
