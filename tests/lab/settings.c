#include "settings.h"

#include <stdio.h>
#include <string.h>

#include "netcheck/base/base.h"

enum { RATE_MAX = 10000000 };

const char settings_help[] =
    "usage: lab [OPTION]... [RULE]... -- COMMAND [ARG]...\n"
    "\n"
    "Run COMMAND in a network namespace whose whole Internet is simulated. Needs root.\n"
    "\n"
    "    --table N          so many half-open connections pass at a time (default: any)\n"
    "    --expire DUR       a table entry without an answer goes after DUR (default 5 s)\n"
    "    --rate-limit N     so many new SYNs a second pass, in bursts of N/10 (default: any)\n"
    "    --seed N           another network of the same kind (default 1)\n"
    "    --stats FILE       write counters to FILE when COMMAND has ended\n"
    "    -h, --help         show this help\n"
    "\n"
    "RULE is one argument, '[PROTOCOL://]PREFIX[:PORTS] WORD...'; the first that matches "
    "decides,\n"
    "where none does nobody answers. PROTOCOL is tcp, udp or icmp (echo); TCP and echo without "
    "it.\n"
    "PREFIX is 10.0.0.0/8 or [2001:db8::]/32, PORTS as in 22,80,8000-8010.\n"
    "\n"
    "    open, refused, silent, icmp=TYPE/CODE   the answer, one of them\n"
    "    half, shut         or these, of TCP: a bare SYN; as open, with a window of 0\n"
    "    done=DUR           half: completed so much later; shut: the window opens then\n"
    "    reset=DUR          open, half, shut: a reset comes so much later\n"
    "    from=ADDR          sender of the ICMP error, udp and icmp: or of the answer (default: "
    "the\n"
    "                       target)\n"
    "    rtt=DUR jitter=DUR the answer takes rtt, and up to jitter more (default 0)\n"
    "    loss=P%            so many SYNs, datagrams and echo requests are lost\n"
    "    share=P%           the rule is there for so many (address, port) pairs only\n"
    "    hosts=P%           the same for whole addresses\n"
    "    over=N             the rule is there for packets over N bytes that may not be "
    "fragmented\n"
    "    backlog=N          open: so many SYNs in 100 ms find room at an endpoint\n"
    "    limit=DUR          the sender of ICMP errors sends 6, then one each DUR\n"
    "    echo, noecho       answer ICMP echo or not (default: if open or refused); the ports "
    "of\n"
    "                       a rule do not count for it\n"
    "    also               udp, icmp: the next rule that matches answers, too\n"
    "    port=N             udp: the answer comes from this port\n"
    "    size=N junk=N flip=N   udp, icmp: the answer has N bytes; is control bytes from byte "
    "N on;\n"
    "                       has all bits of byte N turned\n"
    "\n"
    "Exit status: that of COMMAND, 128 + N after its signal N; 126 and 127 as in a shell;\n"
    "2 bad usage, 77 not possible here, 125 the lab itself failed.\n";

static bool take_table(struct settings *settings, const char *value, struct flaw *flaw)
{
    return words_count(value, 1, GATE_TABLE_MAX, &settings->limits.table) ||
           flaw_set(flaw, "invalid number", "allowed is 1-4194304");
}

static bool take_expire(struct settings *settings, const char *value, struct flaw *flaw)
{
    return words_duration(value, &settings->limits.expire_ns, flaw);
}

static bool take_rate_limit(struct settings *settings, const char *value, struct flaw *flaw)
{
    return words_count(value, 1, RATE_MAX, &settings->limits.rate_limit) ||
           flaw_set(flaw, "invalid number", "allowed is 1-10000000");
}

static bool take_seed(struct settings *settings, const char *value, struct flaw *flaw)
{
    return words_count(value, 0, UINT32_MAX, &settings->rules.seed) ||
           flaw_set(flaw, "invalid number", "allowed is 0-4294967295");
}

static bool take_stats(struct settings *settings, const char *value, struct flaw *flaw)
{
    (void)flaw;
    settings->stats_path = value;
    return true;
}

static const struct {
    const char *name;
    bool (*take)(struct settings *settings, const char *value, struct flaw *flaw);
} options[] = {
    {"--table", take_table}, {"--expire", take_expire}, {"--rate-limit", take_rate_limit},
    {"--seed", take_seed},   {"--stats", take_stats},
};

static void name_word(struct flaw *flaw, const char *word)
{
    (void)snprintf(flaw->word, sizeof flaw->word, "%s", word);
}

/* The option `name` with its value, NULL where the command line ends before it. */
static bool take_option(struct settings *settings, const char *name, const char *value,
                        struct flaw *flaw)
{
    name_word(flaw, name);
    for (size_t i = 0; i < ARRAY_LEN(options); i++) {
        if (strcmp(options[i].name, name) != 0)
            continue;
        if (value == NULL || strcmp(value, "--") == 0)
            return flaw_set(flaw, "no value behind", "lab --help lists the options");
        name_word(flaw, value);
        return options[i].take(settings, value, flaw);
    }
    return flaw_set(flaw, "unknown option", "lab --help lists the options");
}

/* Take what stands before "--". True with its place in `end`; false with the place of what is
   wrong. */
static bool take_words(struct settings *settings, char *const *words, int *end,
                       struct flaw *flaw)
{
    int i = 0;
    for (; words[i] != NULL && strcmp(words[i], "--") != 0; i++) {
        *end = i;
        if (strcmp(words[i], "-h") == 0 || strcmp(words[i], "--help") == 0) {
            settings->wants_help = true;
            return true;
        }
        if (words[i][0] != '-') {
            if (!rules_add(&settings->rules, words[i], flaw))
                return false;
        } else if (!take_option(settings, words[i], words[i + 1], flaw)) {
            return false;
        } else {
            i++;
        }
    }
    *end = i;
    return true;
}

bool settings_parse(struct settings *settings, int count, char *const *arguments)
{
    *settings = (struct settings){.limits = {.expire_ns = 5 * NS_PER_S}};
    struct flaw flaw;
    int end = 0;
    if (!rules_init(&settings->rules, (size_t)count)) {
        (void)fputs("lab: out of memory\n", stderr);
        return false;
    }
    settings->rules.seed = 1;
    char *const *words = arguments + (count > 0);
    if (!take_words(settings, words, &end, &flaw)) {
        flaw_print(&flaw, words[end]);
        return false;
    }
    if (settings->wants_help)
        return true;
    if (words[end] == NULL || words[end + 1] == NULL) {
        (void)fputs("lab: missing command: write lab RULE... -- COMMAND [ARG]...\n", stderr);
        return false;
    }
    settings->command = words + end + 1;
    return true;
}

void settings_release(struct settings *settings)
{
    rules_release(&settings->rules);
}
