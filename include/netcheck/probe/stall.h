/*
 * stall: when this process, or the whole machine, did not run, and what that hides.
 *
 * Pure: reads no clock; the engine tells it each time that it sees. Times are monotonic.
 */
#ifndef NETCHECK_STALL_H
#define NETCHECK_STALL_H

#include <stdbool.h>
#include <stdint.h>

/* The last time this process did not run, or the machine did not. INT64_MIN: never. */
struct stall {
    int64_t seen_ns;      /* we ran then, for the last time that is known */
    int64_t left_ns;      /* we did not run from here ... */
    int64_t returned_ns;  /* ... to here */
    int64_t late_left_ns; /* the same for shorter times: turns may have come too late */
    int64_t late_returned_ns;
    int64_t suspended_ns; /* as the system counts */
    int64_t resumed_ns;   /* the machine was suspended until here */
    unsigned continues;   /* as the system counts */
    int64_t stopped_ns;   /* this process was stopped until here */
    bool is_back;         /* select() has not told yet what came while we were away */
};

/*
 * suspended_ns, continues  as struct os counts them
 */
void stall_init(struct stall *stall, int64_t now_ns, int64_t suspended_ns, unsigned continues);

/* We run, at now_ns, and did not sleep since we were seen last. */
void stall_note(struct stall *stall, int64_t now_ns);

/* We slept, until now_ns instead of due_ns; was_interrupted: by a signal. */
void stall_note_sleep(struct stall *stall, int64_t due_ns, int64_t now_ns,
                      bool was_interrupted);

/* The system's counts at now_ns: a suspension is not in our time, a stop may not be either. */
void stall_note_stops(struct stall *stall, int64_t suspended_ns, unsigned continues,
                      int64_t now_ns);

/* What select() had to tell is told. */
void stall_end_turn(struct stall *stall);

/* Whether an answer that is found now, and is awaited since begin_ns, may have come while we
   were away: when it came is unknown then. */
bool stall_hides(const struct stall *stall, int64_t begin_ns);

/* Whether a silence from begin_ns to deadline_ns proves nothing, because we did not run. */
bool stall_voids(const struct stall *stall, int64_t begin_ns, int64_t deadline_ns);

/* Whether we were late at the deadline, so that what was due before may not have begun. */
bool stall_delayed(const struct stall *stall, int64_t deadline_ns);

#endif
