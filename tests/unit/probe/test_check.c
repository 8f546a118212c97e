#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/base.h"
#include "netcheck/probe/check.h"

static const int64_t ms = NS_PER_MS;
static const int64_t begin = 1000 * NS_PER_S; /* any point in time */

/* A check and what it is told of the time. */
struct rig {
    const char *label;
    struct check check;
    struct probe_options options;
    struct stall stall;
    struct moment moment;
};

static void rig_init(struct rig *rig, const char *label, const char *target)
{
    struct endpoint endpoint;
    struct fault fault;
    memset(rig, 0, sizeof *rig);
    rig->label = label;
    memset(&endpoint, 0, sizeof endpoint);
    claim_error(label, target_parse(target, strlen(target), &endpoint.target, &fault),
                ERROR_NONE);
    endpoint.port = 22;
    check_init(&rig->check, 7, &endpoint, PURPOSE_REQUEST);
    target_drop(endpoint.target);
    stall_init(&rig->stall, begin, 0, 0);
    rig->options = (struct probe_options){.timeout_ns = 5 * NS_PER_S, .until_ns = NEVER_NS};
    rig->moment = (struct moment){
        .now_ns = begin,
        .timeout_ns = 5 * NS_PER_S,
        .began_ns = begin,
        .options = &rig->options,
        .backoff = &rig->options.backoff,
        .stall = &rig->stall,
    };
}

static struct address address_of(unsigned family, size_t number)
{
    char text[32];
    struct address address;
    (void)snprintf(text, sizeof text, family == FAMILY_IPV6 ? "2001:db8::%zu" : "192.0.2.%zu",
                   number + 1);
    assert_true(address_parse(text, strlen(text), &address));
    return address;
}

/* A lookup of this family came back. */
static void resolve(struct rig *rig, unsigned family, size_t count, int lookup_error)
{
    struct address addresses[LOOKUP_ADDRESS_MAX];
    struct lookup lookup = {.families = family, .addresses = addresses, .count = count};
    lookup.lookup_error = lookup_error;
    for (size_t i = 0; i < count; i++)
        addresses[i] = address_of(family, i);
    int64_t took_ns = rig->moment.now_ns - rig->check.race.begin_ns;
    claim_true(rig->label, "there is room",
               check_resolved(&rig->check, family, &lookup, took_ns, rig->moment.now_ns));
}

static void answer(struct rig *rig, size_t index, struct outcome outcome)
{
    const struct flow_answer given = {
        .outcome = outcome, .syn_retransmits = 0, .round_trip_ns = -1};
    (void)check_answered(&rig->check, index, &given, &rig->moment);
}

/* Up, if it stays so; its flow wakes at 9000. */
static void hold(struct rig *rig, size_t index)
{
    const struct flow_answer given = {
        .outcome = outcome_of(REASON_CONNECTED), .syn_retransmits = 0, .round_trip_ns = -1};
    rig->check.candidates.items[index].flow.wake_ns = begin + 9000 * ms;
    check_held(&rig->check, index, &given, &rig->moment);
}

static struct outcome no_route(void)
{
    struct outcome outcome = outcome_of_error(ENETUNREACH);
    outcome.is_own = true;
    return outcome;
}

static bool is_word(const char *word, const char *expected)
{
    return strcmp(word, expected) == 0;
}

/* What may become of looking for addresses. False: another word. */
static bool happen_to_name(struct rig *rig, const char *word, size_t number)
{
    const struct outcome no_thread = outcome_of_error(EAGAIN);
    const struct outcome no_interface = outcome_of_remark(REASON_LOCAL, REMARK_INTERFACE);
    const struct address address = address_of(FAMILY_IPV4, 0);
    if (is_word(word, "numeric"))
        check_found(&rig->check, &address, &rig->moment);
    else if (is_word(word, "awaits"))
        check_awaits(&rig->check, (unsigned)number, &rig->moment);
    else if (is_word(word, "no-interface"))
        check_unresolved(&rig->check, &no_interface, &rig->moment);
    else if (is_word(word, "no-thread"))
        check_unresolved(&rig->check, &no_thread, &rig->moment);
    else if (is_word(word, "ipv4"))
        resolve(rig, FAMILY_IPV4, number, number == 0 ? EAI_NONAME : 0);
    else if (is_word(word, "ipv6"))
        resolve(rig, FAMILY_IPV6, number, number == 0 ? EAI_NONAME : 0);
    else if (is_word(word, "ipv4-fails"))
        resolve(rig, FAMILY_IPV4, 0, EAI_AGAIN);
    else if (is_word(word, "ipv4-short"))
        resolve(rig, FAMILY_IPV4, 0, EAI_MEMORY);
    else
        return false;
    return true;
}

/* The same of asking candidate `number`. */
static bool happen_to_candidate(struct rig *rig, const char *word, size_t number)
{
    const struct outcome no_descriptor = outcome_of_error(EMFILE);
    const struct outcome no_port = outcome_of_error(EADDRNOTAVAIL);
    if (is_word(word, "up"))
        answer(rig, number, outcome_of(REASON_CONNECTED));
    else if (is_word(word, "refused"))
        answer(rig, number, outcome_of(REASON_REFUSED));
    else if (is_word(word, "held"))
        hold(rig, number);
    else if (is_word(word, "closed"))
        answer(rig, number, outcome_of(REASON_CLOSED));
    else if (is_word(word, "cut"))
        answer(rig, number, outcome_of_remark(REASON_LOCAL, REMARK_CUT));
    else if (is_word(word, "silent"))
        answer(rig, number, outcome_of(REASON_TIMEOUT));
    else if (is_word(word, "no-route"))
        answer(rig, number, no_route());
    else if (is_word(word, "void"))
        check_voided(&rig->check, number);
    else if (is_word(word, "short-of-descriptors"))
        (void)check_unasked(&rig->check, number, &no_descriptor, &rig->moment);
    else if (is_word(word, "short-of-ports"))
        (void)check_unasked(&rig->check, number, &no_port, &rig->moment);
    else
        return false;
    return true;
}

/* No attempt lasts longer. */
static void end_run(struct rig *rig, int64_t at_ns)
{
    rig->options.until_ns = at_ns;
    rig->moment.timeout_ns = at_ns - begin;
}

/* The same of the rest of the run; `number` is 0 or milliseconds since the begin. */
static bool happen(struct rig *rig, const char *word, size_t number)
{
    const struct outcome over = outcome_of_remark(REASON_LOCAL, REMARK_OVER);
    struct moment *moment = &rig->moment;
    int64_t at_ns = begin + (int64_t)number * ms;
    if (is_word(word, "at"))
        moment->now_ns = at_ns;
    else if (is_word(word, "flow-wakes-at"))
        rig->check.candidates.items[0].flow.wake_ns = at_ns;
    else if (is_word(word, "stalled-until"))
        stall_note(&rig->stall, at_ns);
    else if (is_word(word, "believe"))
        check_believe(&rig->check, moment->now_ns);
    else if (is_word(word, "recheck"))
        check_recheck(&rig->check, moment->now_ns);
    else if (is_word(word, "abandon"))
        check_abandon(&rig->check, &over, moment->now_ns);
    else if (is_word(word, "alone"))
        moment->is_alone = true;
    else if (is_word(word, "canary"))
        rig->check.purpose = PURPOSE_CANARY;
    else if (is_word(word, "run-ends"))
        end_run(rig, at_ns);
    else if (is_word(word, "rate-spent"))
        moment->is_rate_spent = number != 0;
    else
        return false;
    return true;
}

/* The next step, in the words of a story. */
static void next_step(struct rig *rig, char *text, size_t size)
{
    static const char *const words[] = {
        [STEP_RESOLVE] = "resolve", [STEP_RETRY] = "retry", [STEP_ASK] = "ask",
        [STEP_EXPIRE] = "expire",   [STEP_SLEEP] = "sleep", [STEP_SHORT] = "short",
        [STEP_JUDGE] = "judge",     [STEP_DONE] = "done",
    };
    const struct step step = check_next(&rig->check, &rig->moment);
    const char *word = words[step.kind];
    if (step.kind == STEP_SLEEP)
        (void)snprintf(text, size, "%s %lld", word, (long long)(step.until_ns - begin) / ms);
    else if (step.kind == STEP_ASK || step.kind == STEP_EXPIRE)
        (void)snprintf(text, size, "%s %zu", word, step.candidate);
    else
        (void)snprintf(text, size, "%s", word);
    if (step.kind == STEP_ASK)
        check_asking(&rig->check, step.candidate, rig->moment.now_ns);
}

/* A row, in the words of a story: its reason, and how often it was asked. */
static void describe_row(const struct rig *rig, unsigned row, char *text, size_t size)
{
    struct result result;
    result_fill(&result, &rig->check, row);
    (void)snprintf(text, size, "row %s %u", reason_name(result.outcome.reason),
                   result.attempts);
}

/*
 * Words apart by ';'. What may happen does; everything else has to be the next step, or "row
 * REASON ATTEMPTS" the next row.
 */
static void tell(struct rig *rig, const char *story)
{
    char rest[1024];
    unsigned rows = 0;
    assert_true(strlen(story) < sizeof rest);
    memcpy(rest, story, strlen(story) + 1);
    for (char *save = NULL, *part = strtok_r(rest, ";", &save); part != NULL;
         part = strtok_r(NULL, ";", &save)) {
        char word[32] = "";
        char actual[64];
        unsigned long number = 0;
        part += strspn(part, " ");
        (void)sscanf(part, "%31s %lu", word, &number);
        if (happen_to_name(rig, word, number) || happen_to_candidate(rig, word, number) ||
            happen(rig, word, number))
            continue;
        if (strcmp(word, "row") == 0)
            describe_row(rig, rows++, actual, sizeof actual);
        else
            next_step(rig, actual, sizeof actual);
        claim_text(rig->label, story, actual, part);
    }
    if (rows > 0)
        claim_number(rig->label, "rows", result_rows(&rig->check), rows);
}

/* options: r1 one retry, A all addresses, a asks again, c what the run's end cuts is `local` */
struct story {
    const char *label;
    const char *options;
    const char *text;
};

static void tell_all(const char *target, const struct story *stories, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct rig rig;
        rig_init(&rig, stories[i].label, target);
        rig.options.retries = strchr(stories[i].options, 'r') != NULL ? 1 : 0;
        rig.options.is_all_addresses = strchr(stories[i].options, 'A') != NULL;
        rig.options.asks_again = strchr(stories[i].options, 'a') != NULL;
        rig.options.backoff.interval_ns = 1; /* without chance */
        if (strchr(stories[i].options, 'c') != NULL)
            rig.options.cut_remark = REMARK_CUT;
        tell(&rig, stories[i].text);
        check_release(&rig.check);
    }
}

static const struct story numeric_stories[] = {
    {"up", "", "resolve; numeric; ask 0; sleep 5000; at 3; up 0; done; row connected 1"},
    {"refused", "",
     "resolve; numeric; ask 0; at 3; refused 0; judge; believe; done;"
     "row refused 1"},
    {"silent to the deadline", "",
     "resolve; numeric; ask 0; sleep 5000; at 5000; expire 0; silent 0; judge; believe; done;"
     "row timeout 1"},
    {"an answer that is found at the deadline", "",
     "resolve; numeric; ask 0; at 5000; expire 0; up 0; done; row connected 1"},
    {"no interface", "", "resolve; no-interface; done; row local 0"},

    {"silent, and once more", "r",
     "resolve; numeric; ask 0; at 5000; expire 0; silent 0; sleep 5000; retry; ask 0;"
     "sleep 10000; at 5001; up 0; done; row connected 2"},
    {"silent both times", "r",
     "resolve; numeric; ask 0; at 5000; expire 0; silent 0; sleep 5000; retry; ask 0;"
     "at 10000; expire 0; silent 0; judge; believe; done; row timeout 2"},
    {"a refusal is no reason to ask again", "r",
     "resolve; numeric; ask 0; refused 0; judge; believe; done; row refused 1"},
    {"no route, and once more after a pause", "r",
     "resolve; numeric; ask 0; no-route 0; sleep 1000; sleep 1000; at 1000; retry; ask 0;"
     "sleep 6000; up 0; done; row connected 2"},

    {"silent, and not believed", "",
     "resolve; numeric; ask 0; at 5000; expire 0; silent 0; judge; at 9000; recheck; retry;"
     "ask 0; sleep 14000; at 14000; expire 0; silent 0; judge; believe; done; row timeout 2"},
    {"asked again beyond its retries, it has no more of them", "r",
     "resolve; numeric; ask 0; at 5000; expire 0; silent 0; sleep 5000; retry; ask 0; at 10000;"
     "expire 0; silent 0; judge; recheck; retry; ask 0; at 15000; expire 0; silent 0; judge"},

    {"a flow has a time of its own", "", "resolve; numeric; ask 0; flow-wakes-at 16; sleep 16"},
    {"void, and asked at once", "",
     "resolve; numeric; ask 0; at 1; void 0; ask 0; sleep 5000; refused 0; judge; believe;"
     "row refused 1"},
    {"void when its time is over", "",
     "resolve; numeric; ask 0; at 5000; void 0; ask 0; expire 0; silent 0; judge"},

    {"we did not run at the deadline: no attempt", "",
     "resolve; numeric; ask 0; at 6000; stalled-until 6000; expire 0; silent 0; sleep 6000;"
     "retry; ask 0; sleep 11000; at 11000; expire 0; silent 0; judge"},
    {"we came back before the deadline", "",
     "resolve; numeric; ask 0; stalled-until 4000; at 5000; expire 0; silent 0; judge"},

    {"put back, it begins anew", "",
     "resolve; numeric; ask 0; short-of-descriptors 0; short; at 70; resolve; numeric; ask 0;"
     "sleep 5070; up 0; done; row connected 1"},
    {"no local port left for its only address", "",
     "resolve; numeric; ask 0; short-of-ports 0; short"},
    {"a lookup of its interface is short of something", "", "resolve; no-thread; short"},

    {"canary", "", "canary; resolve; numeric; ask 0; up 0; done"},
    {"canary, silent", "r",
     "canary; resolve; numeric; ask 0; at 5000; expire 0; silent 0; done"},
    {"canary that cannot be asked", "",
     "canary; resolve; numeric; ask 0; short-of-descriptors 0; done"},

    {"the run ends", "c",
     "run-ends 2000; resolve; numeric; ask 0; sleep 2000; at 2000; expire 0; silent 0; done;"
     "row local 0"},
    {"the run ends, and what it cut stays as it looks", "",
     "run-ends 2000; resolve; numeric; ask 0; at 2000; expire 0; silent 0; judge; believe;"
     "row timeout 1"},
    {"the run ends before the pause does", "r",
     "run-ends 800; resolve; numeric; ask 0; no-route 0; judge"},
    {"the run ends with the whole timeout over", "c",
     "run-ends 4960; resolve; numeric; ask 0; at 4960; expire 0; silent 0; judge"},
    {"the run ends before a retry that it had", "rc",
     "run-ends 5000; resolve; numeric; ask 0; at 5000; expire 0; silent 0; done; row local 0"},

    {"abandoned", "", "resolve; numeric; ask 0; abandon; done; row local 0"},

    {"held beyond its deadline, and up", "",
     "resolve; numeric; ask 0; at 3; held 0; sleep 5000; at 5000; sleep 9000; at 9000; up 0;"
     "done; row connected 1"},
    {"held, and closed", "r",
     "resolve; numeric; ask 0; held 0; at 7000; closed 0; judge; believe; row closed 1"},
    {"found at the deadline, and held", "",
     "resolve; numeric; ask 0; at 5000; expire 0; held 0; sleep 9000; up 0; done;"
     "row connected 1"},
    {"the run ends while it is held", "c",
     "run-ends 6000; resolve; numeric; ask 0; held 0; at 5999; sleep 6000; at 6000; expire 0;"
     "cut 0; done; row local 0"},
    {"the wait ends while it is held, which proves nothing", "",
     "run-ends 6000; resolve; numeric; ask 0; held 0; at 6000; expire 0; cut 0; done;"
     "row local 0"},
    {"the run ends while it is held, and it is closed", "c",
     "run-ends 6000; resolve; numeric; ask 0; held 0; at 6000; expire 0; closed 0; judge"},
    {"abandoned while it is held", "",
     "resolve; numeric; ask 0; held 0; abandon; done; row local 0"},
};

static void test_check_of_an_address(void **state)
{
    (void)state;
    tell_all("192.0.2.1:22", numeric_stories, ARRAY_LEN(numeric_stories));
}

static const struct story name_stories[] = {
    {"IPv4 only", "",
     "resolve; awaits 1; sleep 5000; at 20; ipv4 1; ask 0; up 0; done; row connected 1"},
    {"both families, IPv6 first", "",
     "resolve; awaits 3; ipv6 1; ipv4 1; ask 0; sleep 250; at 250; ask 1; up 1; done;"
     "row connected 1"},
    {"IPv4 gives IPv6 a moment", "",
     "resolve; awaits 3; at 10; ipv4 1; sleep 60; at 60; ask 0; sleep 5000; ipv6 1; sleep 310"},
    {"the next one at once when one fails", "",
     "resolve; awaits 3; ipv6 1; ipv4 1; ask 0; at 3; refused 0; ask 1; at 5; refused 1; judge;"
     "believe; row refused 1"},
    {"the first success wins over a refusal", "",
     "resolve; awaits 3; ipv6 1; ipv4 1; ask 0; at 3; refused 0; ask 1; at 5; up 1; done;"
     "row connected 1"},
    {"only what was silent is asked again", "r",
     "resolve; awaits 3; ipv6 1; ipv4 1; ask 0; at 3; refused 0; ask 1; at 5000; expire 1;"
     "silent 1; sleep 5000; retry; ask 1; sleep 10000"},

    {"no such name", "", "resolve; awaits 3; ipv6 0; ipv4 0; judge; believe; row unresolved 1"},
    {"no answer of the resolver", "",
     "resolve; awaits 3; sleep 5000; at 5000; judge; believe; row resolve-timeout 1"},
    {"an answer that comes while the next attempt is due", "r",
     "resolve; awaits 1; at 5000; sleep 5000; retry; sleep 10000; ipv4 1; ask 0; up 0; done;"
     "row connected 2"},
    {"the resolver failed for a moment: a new lookup", "r",
     "resolve; awaits 1; ipv4-fails; sleep 1000; at 1000; retry; resolve; awaits 1; ipv4 1;"
     "ask 0; up 0; done; row connected 2"},
    {"the resolver failed for a moment, without a retry", "",
     "resolve; awaits 1; ipv4-fails; judge; believe; row unresolved 1"},
    {"a lookup was short of memory: begin anew", "",
     "resolve; awaits 1; ipv4-short; short; resolve"},
    {"no thread can be started", "", "resolve; no-thread; short; resolve; awaits 1"},

    {"a port is missing for one address only", "",
     "resolve; awaits 3; ipv6 1; ipv4 1; ask 0; short-of-ports 0; ask 1; at 2; refused 1;"
     "sleep 50; at 50; ask 0; refused 0; judge; believe; row refused 1"},
    {"descriptors are missing while one is under way", "",
     "resolve; awaits 3; ipv6 1; ipv4 1; ask 0; at 250; ask 1; short-of-descriptors 1;"
     "sleep 300; at 260; refused 0; ask 1; up 1; done"},
    {"not every address could be asked: begin anew, twice at most", "",
     "resolve; awaits 3; ipv6 1; ipv4 1; ask 0; at 4990; ask 1; short-of-descriptors 1;"
     "at 5000; expire 0; silent 0; short;"
     "resolve; awaits 3; ipv6 1; ipv4 1; ask 0; at 9990; ask 1; short-of-descriptors 1;"
     "at 10000; expire 0; silent 0; short;"
     "resolve; awaits 3; ipv6 1; ipv4 1; ask 0; at 14990; ask 1; short-of-descriptors 1;"
     "at 15000; expire 0; silent 0; done; row local 0"},
    {"the same, alone on this machine: it will not get better", "",
     "alone; resolve; awaits 3; ipv6 1; ipv4 1; ask 0; at 4990; ask 1; short-of-descriptors 1;"
     "at 5000; expire 0; silent 0; done; row local 0"},

    {"asked again while another one is silent", "a",
     "resolve; awaits 3; ipv6 1; ipv4 1; ask 0; at 3; refused 0; ask 1; ask 0; at 4; up 0; "
     "done;"
     "row connected 1"},
    {"asked again, once at a time", "a",
     "resolve; awaits 3; ipv6 1; ipv4 1; ask 0; at 3; refused 0; ask 1; at 4; ask 0; sleep "
     "5000"},
    {"asked again, silent: the refusal stands", "a",
     "resolve; awaits 3; ipv6 1; ipv4 1; ask 0; at 3; refused 0; ask 1; ask 0; at 5000;"
     "expire 0; silent 0; expire 1; silent 1; judge; believe; row refused 1"},
    {"not asked again while the rate is used up", "a",
     "resolve; awaits 3; ipv6 1; ipv4 1; ask 0; rate-spent 1; at 3; refused 0; ask 1; sleep 3;"
     "rate-spent 0; at 4; ask 0"},
    {"not asked again once all have answered", "a",
     "resolve; awaits 3; ipv6 1; ipv4 1; ask 0; at 3; refused 0; ask 1; at 3; refused 1; "
     "judge"},

    {"-A: every address at once, a row each", "A",
     "resolve; awaits 3; ipv6 1; ipv4 1; ask 0; ask 1; sleep 5000; up 0; sleep 5000; refused 1;"
     "judge; believe; done; row connected 1; row refused 1"},
    {"-A: a family that was not answered has a row", "A",
     "resolve; awaits 3; ipv4 1; ask 0; up 0; at 5000; judge; believe; row connected 1;"
     "row resolve-timeout 1"},
    {"-A: what could not be asked says so", "A",
     "resolve; awaits 1; ipv4 2; ask 0; up 0; ask 1; at 4990; short-of-ports 1; sleep 5000;"
     "at 5000; done; row connected 1; row local 0"},
    {"-A: asked once more for being void, it was asked once", "A",
     "resolve; awaits 1; ipv4 1; ask 0; void 0; ask 0; refused 0; judge; believe; row refused "
     "1"},
    {"-A: nothing is asked again", "Aa",
     "resolve; awaits 1; ipv4 2; ask 0; ask 1; refused 0; at 9; sleep 5000"},
    {"no other address starts beside one that is held, until half of the time is over", "",
     "resolve; awaits 1; ipv4 2; ask 0; at 3; held 0; sleep 2500; at 300; sleep 2500; at 2500;"
     "ask 1; sleep 5000; held 1; at 9000; up 0; done; row connected 1"},
    {"it is closed: the next one has what is left of the time", "",
     "resolve; awaits 1; ipv4 2; ask 0; held 0; at 900; closed 0; ask 1; sleep 5000; held 1;"
     "at 8000; sleep 9000; up 1; done; row connected 1"},
    {"it is closed when no time is left: the other one is held by then", "",
     "resolve; awaits 1; ipv4 2; ask 0; held 0; at 2500; ask 1; held 1; at 5000; sleep 9000;"
     "at 6000; closed 0; sleep 9000; at 7500; up 1; done; row connected 1"},
    {"it is closed when no time is left, and we did not run meanwhile", "r",
     "resolve; awaits 1; ipv4 2; ask 0; held 0; at 6000; closed 0; sleep 6000; retry; ask 1;"
     "up 1; done; row connected 2"},
    {"one that was asked before goes on while another one is held", "",
     "resolve; awaits 1; ipv4 2; ask 0; at 250; ask 1; held 0; sleep 5000; at 5000; expire 1;"
     "silent 1; sleep 9000; closed 0; judge; believe; row closed 1"},
    {"the first of two that are held", "",
     "resolve; awaits 1; ipv4 2; ask 0; at 250; ask 1; held 0; held 1; at 9000; up 1; done;"
     "row connected 1"},
    {"none is asked again while another one is held", "a",
     "resolve; awaits 1; ipv4 2; ask 0; at 3; refused 0; ask 1; held 1; at 4; sleep 5000;"
     "at 7; closed 1; judge"},
    {"short of descriptors while another one is held", "",
     "resolve; awaits 1; ipv4 2; ask 0; at 250; ask 1; held 0; short-of-descriptors 1;"
     "sleep 2500; at 2500; up 0; done; row connected 1"},
    {"the wait ends while one is held, whatever another one said", "",
     "run-ends 6000; resolve; awaits 1; ipv4 2; ask 0; refused 0; ask 1; held 1; at 6000;"
     "expire 1; cut 1; done; row local 0"},
    {"-A: each is held", "A",
     "resolve; awaits 1; ipv4 2; ask 0; held 0; ask 1; held 1; at 5000; sleep 9000; closed 0;"
     "sleep 9000; up 1; judge; believe; row closed 1; row connected 1"},
    {"-A: the run ends while one is held", "Ac",
     "run-ends 6000; resolve; awaits 1; ipv4 2; ask 0; ask 1; closed 0; held 1; at 6000;"
     "expire 1; cut 1; done; row closed 1; row local 1"},
    {"-A: abandoned, what is known stays", "A",
     "resolve; awaits 1; ipv4 2; ask 0; up 0; ask 1; abandon; done; row connected 1;"
     "row local 1"},
    {"-A: nothing known when it is abandoned", "A",
     "resolve; awaits 1; ipv4 2; ask 0; ask 1; abandon; done; row local 0"},
};

static void test_check_of_a_name(void **state)
{
    (void)state;
    tell_all("db.example:22", name_stories, ARRAY_LEN(name_stories));
}

static void test_check_asks_again_at_most_eight_times_for_not_running(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig, "we never run for long", "192.0.2.1:22");
    tell(&rig, "resolve; numeric");
    unsigned asked = 0;
    struct step step;
    for (step = check_next(&rig.check, &rig.moment); step.kind != STEP_JUDGE;
         step = check_next(&rig.check, &rig.moment)) {
        if (step.kind == STEP_ASK) {
            check_asking(&rig.check, 0, rig.moment.now_ns);
            rig.moment.now_ns += 6 * NS_PER_S;
            stall_note(&rig.stall, rig.moment.now_ns);
            asked++;
        } else if (step.kind == STEP_EXPIRE) {
            answer(&rig, 0, outcome_of(REASON_TIMEOUT));
        }
        assert_true(asked < 100);
    }
    assert_int_equal(asked, 9);
    check_release(&rig.check);
}

/* Answers are lost so many times, and then there is an answer or plain silence. */
static void test_check_asks_again_at_most_eight_times_for_lost_answers(void **state)
{
    (void)state;
    enum { EVER = 1000 };
    static const struct {
        const char *label;
        unsigned lost;
        bool is_shared;
        enum reason then;
        unsigned asked;
        enum step_kind end;
    } cases[] = {
        {"none", 0, true, REASON_TIMEOUT, 1, STEP_JUDGE},
        {"once, then silent", 1, true, REASON_TIMEOUT, 2, STEP_JUDGE},
        {"once, then up", 1, true, REASON_REPLIED, 2, STEP_DONE},
        {"8 times, then silent", 8, true, REASON_TIMEOUT, 9, STEP_JUDGE},
        {"8 times, then up", 8, true, REASON_REPLIED, 9, STEP_DONE},
        {"each time", EVER, true, REASON_TIMEOUT, 9, STEP_DONE},
        {"flooded once, then silent", 1, false, REASON_TIMEOUT, 2, STEP_JUDGE},
        {"flooded once, then up", 1, false, REASON_REPLIED, 2, STEP_DONE},
        {"flooded each time", EVER, false, REASON_TIMEOUT, 2, STEP_DONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig rig;
        unsigned asked = 0;
        rig_init(&rig, cases[i].label, "192.0.2.1:22");
        tell(&rig, "resolve; numeric");
        struct step step = check_next(&rig.check, &rig.moment);
        while (step.kind != STEP_JUDGE && step.kind != STEP_DONE && asked < 100) {
            bool is_lost = asked <= cases[i].lost;
            if (step.kind == STEP_ASK)
                check_asking(&rig.check, 0, rig.moment.now_ns);
            if (step.kind == STEP_ASK && ++asked > cases[i].lost)
                answer(&rig, 0, outcome_of(cases[i].then));
            if (step.kind == STEP_EXPIRE && is_lost)
                check_lost(&rig.check, cases[i].is_shared);
            if (step.kind == STEP_EXPIRE)
                answer(&rig, 0, outcome_of(REASON_TIMEOUT));
            rig.moment.now_ns += step.kind == STEP_SLEEP ? 5 * NS_PER_S : 0;
            step = check_next(&rig.check, &rig.moment);
        }
        bool is_given_up = cases[i].lost == EVER;
        claim_number(cases[i].label, "asked", asked, cases[i].asked);
        claim_number(cases[i].label, "end", step.kind, cases[i].end);
        claim_number(cases[i].label, "given up", rig.check.is_given_up, is_given_up);
        claim_number(cases[i].label, "remark", rig.check.give_up.remark,
                     is_given_up ? REMARK_LOST : REMARK_NONE);
        check_release(&rig.check);
    }
}

/* How long an answer took that came while we were away is not known, or only by the system. */
static void test_check_measures_an_answer_by_what_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *label;
        int64_t round_trip_ms; /* -1: the system does not know */
        int64_t found_ms;
        bool is_stamped;
        bool was_away;
        int64_t expected_ms;
        int64_t asked_after_ms;
        int64_t idle_ms;
    } cases[] = {
        {"as it was found", -1, 80, false, false, 80, 0, 0},
        {"the system knows, and so do we", 30, 80, false, false, 80, 0, 0},
        {"the system knows better", 30, 80, true, false, 30, 0, 0},
        {"found late", 30, 81, false, false, 30, 0, 0},
        {"asked after a handshake", -1, 80, false, false, 50, 30, 0},
        {"more was awaited, and did not come", -1, 2000, false, false, 50, 30, 1920},
        {"the same, and we were away", -1, 2000, false, true, -1, 30, 1920},
        {"we were away", -1, 3000, false, true, -1, 0, 0},
        {"we were away, the system knows", 30, 3000, false, true, 30, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig rig;
        const int64_t round_trip_ns =
            cases[i].round_trip_ms < 0 ? -1 : cases[i].round_trip_ms * ms;
        const struct flow_answer given = {.outcome = outcome_of(REASON_CONNECTED),
                                          .round_trip_ns = round_trip_ns,
                                          .asked_after_ns = cases[i].asked_after_ms * ms,
                                          .idle_ns = cases[i].idle_ms * ms,
                                          .is_stamped = cases[i].is_stamped};
        rig_init(&rig, cases[i].label, "192.0.2.1:22");
        tell(&rig, "resolve; numeric; ask 0");
        rig.moment.now_ns = begin + cases[i].found_ms * ms;
        if (cases[i].was_away)
            stall_note(&rig.stall, rig.moment.now_ns);
        assert_true(check_answered(&rig.check, 0, &given, &rig.moment));
        int64_t latency_ns = rig.check.candidates.items[0].latency_ns;
        claim_number(cases[i].label, "latency",
                     (uint64_t)(latency_ns < 0 ? -1 : latency_ns / ms),
                     (uint64_t)cases[i].expected_ms);
        check_release(&rig.check);
    }
}

static void test_check_takes_128_addresses_and_no_more(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig, "full", "db.example:22");
    tell(&rig, "resolve; awaits 3; ipv6 64; ipv4 64");
    assert_int_equal(rig.check.candidates.count, 128);
    const struct address more = address_of(FAMILY_IPV4, 99);
    assert_false(candidates_add(&rig.check.candidates, &more, 22));
    check_release(&rig.check);
}

static void test_check_never_asks_the_unspecified_address(void **state)
{
    (void)state;
    struct rig rig;
    struct address addresses[2];
    struct lookup lookup = {.families = FAMILY_IPV4, .addresses = addresses, .count = 1};
    assert_true(address_parse("0.0.0.0", 7, &addresses[0]));
    addresses[1] = address_of(FAMILY_IPV4, 0);
    for (lookup.count = 1; lookup.count <= 2; lookup.count++) {
        rig_init(&rig, "0.0.0.0", "db.example:22");
        tell(&rig, "resolve; awaits 1");
        assert_true(check_resolved(&rig.check, FAMILY_IPV4, &lookup, 0, begin));
        tell(&rig, lookup.count == 1 ? "judge; believe; row unresolved 1"
                                     : "ask 0; up 0; done; row connected 1");
        if (lookup.count == 1)
            assert_int_equal(rig.check.lookup_outcome.remark, REMARK_UNSPECIFIED);
        check_release(&rig.check);
    }
}

static void test_check_says_why_its_name_is_not_found(void **state)
{
    (void)state;
    struct rig rig;
    struct lookup found = {
        .families = FAMILY_ANY, .lookup_error = EAI_NONAME, .cause = LOOKUP_CAUSE_SEARCH_LIST};
    rig_init(&rig, "cause", "db.example:22");
    tell(&rig, "resolve; awaits 3");
    for (unsigned family = FAMILY_IPV4; family <= FAMILY_IPV6; family <<= 1) {
        struct lookup lookup;
        lookup_copy(&found, family, &lookup);
        assert_true(check_resolved(&rig.check, family, &lookup, 0, begin));
    }
    tell(&rig, "judge; believe; row unresolved 1");
    assert_int_equal(rig.check.lookup_outcome.remark, REMARK_SEARCH_LIST);
    check_release(&rig.check);
}

/* Neither the only address of a name nor one of two, and only with the port that is meant. */
static void test_check_never_asks_an_excluded_address_of_a_name(void **state)
{
    static const struct {
        const char *list;
        size_t excluded;
        enum remark remark;
        const char *steps;
    } cases[] = {
        {"10.0.0.0/8", 1, REMARK_NONE, "ask 0; up 0; done; row connected 1"},
        {"10.0.0.0/8,0.0.0.0-9.255.255.255,11.0.0.0-255.255.255.255:22", 2, REMARK_EXCLUDED,
         "judge; believe; row unresolved 1"},
        {"0.0.0.0/0:23", 0, REMARK_NONE, "ask 0; up 0; done; row connected 1"},
    };
    static const struct os no_os;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig rig;
        struct exclusion *exclusion = NULL;
        struct fault fault;
        struct address addresses[2];
        struct lookup lookup = {.families = FAMILY_IPV4, .addresses = addresses, .count = 2};
        assert_true(address_parse("10.0.0.1", 8, &addresses[0]));
        assert_true(address_parse("192.0.2.1", 9, &addresses[1]));
        assert_int_equal(exclusion_new(&no_os, &exclusion), ERROR_NONE);
        assert_int_equal(
            exclusion_add_list(exclusion, cases[i].list, strlen(cases[i].list), &fault),
            ERROR_NONE);
        assert_int_equal(exclusion_close(exclusion), ERROR_NONE);
        rig_init(&rig, cases[i].list, "db.example:22");
        rig.options.exclusion = exclusion;
        tell(&rig, "resolve; awaits 1");
        assert_true(check_resolved(&rig.check, FAMILY_IPV4, &lookup, 0, begin));
        tell(&rig, cases[i].steps);
        claim_number(cases[i].list, "excluded", rig.check.excluded, cases[i].excluded);
        claim_number(cases[i].list, "remark", rig.check.lookup_outcome.remark, cases[i].remark);
        check_release(&rig.check);
        exclusion_free(exclusion);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_of_an_address),
        cmocka_unit_test(test_check_of_a_name),
        cmocka_unit_test(test_check_asks_again_at_most_eight_times_for_not_running),
        cmocka_unit_test(test_check_asks_again_at_most_eight_times_for_lost_answers),
        cmocka_unit_test(test_check_measures_an_answer_by_what_is_known),
        cmocka_unit_test(test_check_takes_128_addresses_and_no_more),
        cmocka_unit_test(test_check_never_asks_the_unspecified_address),
        cmocka_unit_test(test_check_says_why_its_name_is_not_found),
        cmocka_unit_test(test_check_never_asks_an_excluded_address_of_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
