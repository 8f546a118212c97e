/*
 * options: the command line as a struct. One table row an option; the parser, -h, --help, the
 * completions and the hint for a mistyped option all come from it.
 *
 * A new option is a row in src/cli/option_table.c, a function in src/cli/apply.c, and one
 * member: of struct probe_options or struct report where it is the engine's or the formats'
 * alone, else here.
 */
#ifndef NETCHECK_OPTIONS_H
#define NETCHECK_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/address.h"
#include "netcheck/base/buffer.h"
#include "netcheck/probe/probe.h"
#include "netcheck/report/report.h"
#include "netcheck/target/ports.h"

enum {
    OPTIONS_TIMEOUT_S = 5,
    OPTIONS_WINDOW = 1024,
    OPTIONS_WINDOW_MAX = 1000000,
    OPTIONS_SIZE_LEAST = 16,  /* of an echo, which has to carry what we know it by */
    OPTIONS_SIZE_MAX = 65507, /* the largest packet of IPv4, 65535 bytes, without its headers */
    OPTIONS_SEND_MAX = OPTIONS_SIZE_MAX, /* the most that a datagram has */
    OPTIONS_RETRIES_MAX = 1000000,
    OPTIONS_ROUNDS_MAX = 1000000000,
    OPTIONS_CONFIRM_MAX = 1000000,
    OPTIONS_INTERVAL_S = 1,
    OPTIONS_INTERVAL_MIN_MS = 1,
    OPTIONS_LARGE_S = 100,
};

/* Which rows are shown (--only). */
enum {
    SHOW_UP = 1u << 0,
    SHOW_DOWN = 1u << 1,
    SHOW_ERROR = 1u << 2,
    SHOW_UNEXPECTED = 1u << 3, /* what is not as expected, errors too */
};

/* What depends on a terminal: where there is one, anyway, or not at all. */
enum options_when {
    WHEN_AUTO,
    WHEN_ALWAYS,
    WHEN_NEVER,
};

/* A text that is asked for instead of a run. */
enum options_text {
    TEXT_NONE,
    TEXT_COMPLETION,
    TEXT_VERSION,
    TEXT_SHORT_HELP,
    TEXT_HELP,
};

/* The durations that an option sets. */
enum options_duration {
    DURATION_TIMEOUT,
    DURATION_INTERVAL,
    DURATION_WAIT,
    DURATION_MAX_TIME,
    DURATION_HOLD,
    DURATION_WARN,
    DURATION_CRIT,
    DURATION_REMIND,
    DURATION_COUNT,
};

/* A file of -o, with the --format and --only that stood before it. */
struct options_output {
    const char *path; /* borrowed from argv */
    const struct report_format *format;
    bool has_format; /* it was written */
    unsigned shown;  /* SHOW_ bits; 0: every row */
};

struct options {
    enum options_text text;
    size_t shell; /* of TEXT_COMPLETION, see completion.h */

    const char **operands; /* the arrays are owned, the strings are argv's */
    size_t operand_count;
    const char **files;
    size_t file_count;
    const char **excludes; /* --exclude */
    size_t exclude_count;
    const char **exclude_files;
    size_t exclude_file_count;
    struct options_output *outputs; /* owned */
    size_t output_count;
    struct options_output standard; /* of -o -; its path is NULL where that was not written */
    struct label *labels; /* --label; owned, report borrows them and has their number */
    char **label_texts;   /* owned: what they are parts of */
    size_t label_capacity;
    size_t label_text_capacity;
    char **command; /* behind "--", NULL-terminated; NULL for none */

    /* What an option says to the engine or to the formats alone. Their other members, which
       need more than one option or the system, are filled where the run is built. */
    struct probe_options probe;
    struct report report;

    struct buffer send;    /* what --send says */
    struct matcher *match; /* --match; NULL for none */
    struct ports ports;    /* -p; empty for none */
    int64_t max_time_ns;   /* NEVER_NS: no limit */
    bool is_numeric;
    struct address source; /* AF_UNSPEC for none */
    const char *interface; /* NULL for none */
    bool has_retries;      /* -r was written, be it -r 0 */
    bool is_timeout_of_nc; /* -w was written */
    size_t window;

    bool is_shuffled;
    bool has_seed;
    uint64_t seed;
    uint64_t shard; /* from 0 */
    uint64_t shards;
    bool is_list; /* print the targets, ask nothing */

    bool is_wait;
    int64_t wait_ns;      /* 0: without end */
    size_t confirmations; /* --confirm: answers in a row that it takes; 0: not written */

    const char *state_path; /* --state; borrowed from argv; NULL: nothing is remembered */
    int64_t remind_ns;      /* --remind; 0: not written */

    bool has_rounds; /* -c, -i without --wait, or --live; never with is_wait */
    bool has_count;
    uint64_t rounds; /* 0: without end */
    bool has_interval;
    int64_t interval_ns;
    bool is_on_change;
    bool is_live;

    bool is_any;
    const char *gate; /* --gate, borrowed from argv; NULL for none */

    /* As written, where it is large and has no unit, and may be meant as milliseconds; else
       NULL. Borrowed from argv. */
    const char *large[DURATION_COUNT];

    unsigned shown;       /* on standard output; SHOW_ bits; 0: every row */
    bool has_format;      /* --format or -j was written behind the last -o, ... */
    bool has_two_formats; /* ... and then another one, which counts */
    bool is_quiet;
    bool is_verbose;
    bool is_unordered;
    const struct report_format *format;
    enum options_when colour;
    enum options_when progress;
};

/*
 * Parse the command line. Options may stand anywhere before "--".
 *
 * argv     argc strings and a NULL; borrowed as long as `options`
 * options  filled in, also on failure; to be released in any case
 * message  on failure: what is wrong, one line without its end
 *
 * Returns true if the line is valid. Targets are not parsed here; that there are any is
 * checked.
 */
bool options_parse(struct options *options, int argc, char *argv[], struct buffer *message);

void options_release(struct options *options);

/* Append what is said of the call under -v, a line each: what large numbers without a unit are.
 */
void options_explain(struct buffer *out, const struct options *options);

/* Append the text that is asked for, see enum options_text; nothing for TEXT_NONE. */
void options_describe(struct buffer *out, const struct options *options);

#endif
