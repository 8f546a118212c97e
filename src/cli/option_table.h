/*
 * option_table: every option, a row each. What parser, help and completions know of it.
 */
#ifndef NETCHECK_OPTION_TABLE_H
#define NETCHECK_OPTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "netcheck/cli/options.h"

/* One use of an option. */
struct use {
    const char *name;     /* as the user wrote it: "-t", "--timeout" */
    const char *argument; /* NULL where there is none */
    struct buffer *message;
};

/* What an argument is, so that a shell knows what to offer. */
enum argument_kind {
    ARGUMENT_TEXT, /* a number, a duration: there is no list to choose from */
    ARGUMENT_HOST, /* and its port behind it */
    ARGUMENT_PORTS,
    ARGUMENT_FILE,
    ARGUMENT_INTERFACE,
    ARGUMENT_WORD, /* one of the words */
    ARGUMENT_LIST, /* some of the words, joined by commas */
    ARGUMENT_COUNT,
};

/* The word at `index` of those that the parser accepts, or NULL behind the last one. */
typedef const char *option_word(size_t index);

struct argument {
    enum argument_kind kind;
    const char *name;  /* what help and manual call it; NULL: nothing but its words */
    bool is_optional;  /* and only stands behind '=' */
    option_word *word; /* of ARGUMENT_WORD and ARGUMENT_LIST; letters and dashes only */
};

/* The groups of --help and of the manual, in their order; help.c has their titles. */
enum option_group {
    GROUP_TARGETS,
    GROUP_ASKING,
    GROUP_PACE,
    GROUP_ROUNDS,
    GROUP_SUCCESS,
    GROUP_OUTPUT,
    GROUP_ABOUT,
};

enum {
    OPTION_IS_COMMON = 1u << 0, /* stands in the short help */
    OPTION_ADDS_UP = 1u << 1,   /* may be repeated, and each time counts */
};

/*
 * Keep in the options what one use of an option says.
 *
 * use  its argument is NULL where the option takes none, or none was written that is optional
 *
 * False, with what is wrong appended to its message.
 */
typedef bool option_apply(struct options *options, const struct use *use);

struct option {
    char letter;                     /* 0: none */
    const char *name;                /* without "--"; NULL: none */
    const struct argument *argument; /* NULL: takes none */
    enum option_group group;
    unsigned flags;   /* OPTION_ bits */
    const char *help; /* one line, with its default; the words of the argument follow */
    option_apply *apply;
};

/* In the order of the manual, group by group. */
extern const struct option option_table[];
extern const size_t option_table_len;

/* The option that is called so; NULL for none. */
const struct option *option_with_letter(char letter);
const struct option *option_with_name(const char *name, size_t len);

#endif
