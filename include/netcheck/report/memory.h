/*
 * memory: what is known of each target from earlier runs, and how it is kept as text.
 *
 * Wall-clock times are seconds since 1970. What is and what was told of it are two things:
 * `since` is about the target, `told` about the reader; alert.h decides what changes them.
 *
 * A target is known by its label, its protocol and, with -A, its address, as rows have them.
 * With -A, where one of them had no address, in a row of an error or in a run without -A, the
 * others of the same label and protocol speak for it. Of several rows of one target in a run
 * the worst one counts.
 *
 * Some 400 bytes a target, and 200 more where its runs are kept.
 */
#ifndef NETCHECK_MEMORY_H
#define NETCHECK_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/base/buffer.h"
#include "netcheck/base/error.h"
#include "netcheck/probe/outcome.h"
#include "netcheck/probe/result.h"

enum { MEMORY_RUNS = 90 }; /* of a target that are remembered one by one */

#define MEMORY_NEVER INT64_MIN /* in the place of a time */

struct memory_runs;

/*
 * What the reader takes a target to be, where that is not what it is: only runs that showed
 * nothing of it saw it change.
 */
struct belief {
    enum state state; /* that was told last, or that went without saying; STATE_COUNT: what the
                         reader believes is what is, or nothing */
    bool was_unknown; /* STATE_ERROR: it was REASON_LOCAL, and ... */
    enum state known; /* ... this the state before; STATE_COUNT: none */
    int64_t since_s;  /* when it began; MEMORY_NEVER: not known */
    int64_t until_s;  /* when it was first seen to have ended */
    int64_t told_s;   /* when it was told last as one that is not as expected; MEMORY_NEVER */
};

#define MEMORY_NO_BELIEF                                                     \
    {                                                                        \
        .state = STATE_COUNT, .known = STATE_COUNT, .since_s = MEMORY_NEVER, \
        .until_s = MEMORY_NEVER, .told_s = MEMORY_NEVER                      \
    }

struct remembered {
    enum state state;
    enum reason reason;
    int64_t since_s; /* the state has lasted since this run */
    int64_t told_s;  /* when the state, or a reminder of it, was told last; MEMORY_NEVER */

    /* Another state that was not seen often enough yet (--confirm). */
    enum state next;
    size_t next_count; /* how often in a row; 0: there is none */
    int64_t first_s;   /* when it was seen first; MEMORY_NEVER: there is none */

    /* REASON_LOCAL: the state before this machine could not ask; STATE_COUNT: none, as in all
       other cases. */
    enum state known;
    bool expects_down; /* of what was told: it was expected down in the last run */
    struct belief belief;
    int64_t asked_s; /* when it was asked last, where that was not in the last run; else
                        MEMORY_NEVER */

    struct memory_runs *runs; /* owned; NULL where they are not kept */
};

/* What the run says of all targets. */
struct memory_options {
    size_t confirmations; /* as struct alert_policy has them */
    int64_t remind_s;
    int64_t interval_s; /* in rounds: from one to the next; 0: each target is asked once */
    bool is_by_address; /* -A */
    bool expects_down;
};

struct memory_entry;

struct memory {
    struct memory_options options;
    struct memory_entry **items; /* owned, and each for itself */
    size_t count;
    size_t capacity;
    size_t sorted;               /* so many of the first ones are sorted by their bytes */
    struct memory_entry **slots; /* a hash table of them, more than half of it empty */
    size_t slot_count;           /* a power of two, or 0 */
    int64_t run_s;               /* when the last run was, and ... */
    int64_t previous_s;          /* ... the one before; MEMORY_NEVER: there was none */
    bool has_runs;               /* runs are kept one by one */
    uint64_t doubles;            /* rows so far of targets that had one in the same run */
};

enum memory_fault {
    MEMORY_FAULT_NONE,
    MEMORY_FAULT_FOREIGN, /* the first line is another one */
    MEMORY_FAULT_NEWER,   /* a version that is not known here */
    MEMORY_FAULT_CUT,     /* it does not end as it should */
    MEMORY_FAULT_LINE,    /* a line is not of its form */
    MEMORY_FAULT_DOUBLE,  /* a line is about a target that had one */
    MEMORY_FAULT_MEMORY,  /* there is no memory for it */
};

void memory_init(struct memory *memory, const struct memory_options *options);
void memory_release(struct memory *memory);

/*
 * A state file on its way into a memory that is empty, a part at a time: of a large one, the
 * memory is all that is kept. Nothing at all is an empty memory. A CR before the end of a line
 * is ignored.
 */
struct memory_reader {
    struct memory *memory;
    struct buffer rest;      /* from the line on that may be the last one */
    size_t searched;         /* so many bytes of it have no LF, but one that ends it */
    size_t line;             /* the last one that was parsed, from 1; 0: none */
    enum memory_fault fault; /* of this line */
};

/* To be ended in any case. */
void memory_reader_init(struct memory_reader *reader, struct memory *memory);

/* Add the next bytes, split anywhere. Returns whether the bytes behind them matter. */
bool memory_reader_add(struct memory_reader *reader, const char *bytes, size_t len);

/*
 * All bytes were added. With a fault, the memory has an unknown part of the file.
 *
 * line  out: with a fault of a line, which one, from 1
 */
enum memory_fault memory_reader_end(struct memory_reader *reader, size_t *line);

/*
 * Append the next lines of the state file, some 64 KB. Sorts the entries; nothing else of the
 * memory changes, and nothing may until the last part was written.
 *
 * place  where the part begins, and then where the next one does; 0: the first one
 *
 * Returns whether there is a next one.
 */
bool memory_format(struct memory *memory, size_t *place, struct buffer *out);

/*
 * A row: say in result->change what is news, and remember it. A row of an invalid line is news
 * each time and not remembered.
 *
 * now_s     when its target was asked
 * is_shown  the reader sees the row, if it is news
 *
 * Returns ERROR_NONE or ERROR_NO_MEMORY.
 */
enum error memory_add(struct memory *memory, struct result *result, int64_t now_s,
                      bool is_shown);

/* What is remembered of the target of a row, this run included; NULL: nothing. It stays at its
   place until memory_end_run(). */
const struct remembered *memory_find(const struct memory *memory,
                                     const struct endpoint *endpoint);

/*
 * A run is over, or in rounds so many of them.
 *
 * at_s      when it was
 * is_whole  all targets of the list had a row: forget the others, and addresses that the last
 *           two askings of their target did not have; else these were not asked
 *
 * A run that asked nothing changes nothing: its list was empty, or no list.
 *
 * Returns ERROR_NONE or ERROR_NO_MEMORY.
 */
enum error memory_end_run(struct memory *memory, int64_t at_s, bool is_whole);

/*
 * From one run to the next, as far as is known at now_s, when a run began: the shorter one of
 * the last two, as a run may be missing; 0: it is not known, or the clock was set back.
 */
int64_t memory_interval_s(const struct memory *memory, int64_t now_s);

#endif
