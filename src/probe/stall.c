#include "netcheck/probe/stall.h"

#include "netcheck/base/base.h"

/* Longer than most busy machines keep a process waiting. */
static const int64_t absent_ns = 1 * NS_PER_S;

/* A signal that finds select() overdue is the one that let us go on (SIGCONT). */
static const int64_t stopped_ns = 20 * NS_PER_MS;

/* Longer than a turn of ours takes. */
static const int64_t late_ns = 50 * NS_PER_MS;

/* Shorter ones are the error of two clocks that are not read at once. */
static const int64_t suspended_least_ns = 500 * NS_PER_MS;

void stall_init(struct stall *stall, int64_t now_ns, int64_t suspended_ns, unsigned continues)
{
    *stall = (struct stall){
        .seen_ns = now_ns,
        .left_ns = INT64_MIN,
        .returned_ns = INT64_MIN,
        .late_left_ns = INT64_MIN,
        .late_returned_ns = INT64_MIN,
        .suspended_ns = suspended_ns,
        .resumed_ns = INT64_MIN,
        .continues = continues,
        .stopped_ns = INT64_MIN,
    };
}

/* It is now_ns, and should have been due_ns at most, or least_ns later. */
static void note_time(struct stall *stall, int64_t due_ns, int64_t now_ns, int64_t least_ns)
{
    if (due_ns <= now_ns - late_ns) {
        stall->late_left_ns = due_ns;
        stall->late_returned_ns = now_ns;
    }
    if (due_ns <= now_ns - least_ns) {
        stall->left_ns = due_ns;
        stall->returned_ns = now_ns;
        stall->is_back = true;
    }
    stall->seen_ns = now_ns;
}

void stall_note(struct stall *stall, int64_t now_ns)
{
    note_time(stall, stall->seen_ns, now_ns, absent_ns);
}

void stall_note_sleep(struct stall *stall, int64_t due_ns, int64_t now_ns, bool was_interrupted)
{
    note_time(stall, due_ns, now_ns, was_interrupted ? stopped_ns : absent_ns);
}

void stall_note_stops(struct stall *stall, int64_t suspended_ns, unsigned continues,
                      int64_t now_ns)
{
    if (suspended_ns - stall->suspended_ns >= suspended_least_ns) {
        stall->resumed_ns = now_ns;
        stall->is_back = true;
    }
    stall->suspended_ns = suspended_ns;
    if (continues != stall->continues) {
        stall->stopped_ns = now_ns;
        stall->is_back = true;
    }
    stall->continues = continues;
}

void stall_end_turn(struct stall *stall)
{
    stall->is_back = false;
}

bool stall_hides(const struct stall *stall, int64_t begin_ns)
{
    return stall->is_back && (begin_ns < stall->returned_ns || begin_ns < stall->resumed_ns ||
                              begin_ns < stall->stopped_ns);
}

bool stall_voids(const struct stall *stall, int64_t begin_ns, int64_t deadline_ns)
{
    bool has_passed = deadline_ns >= stall->left_ns && deadline_ns <= stall->returned_ns;
    return has_passed || begin_ns < stall->resumed_ns;
}

bool stall_delayed(const struct stall *stall, int64_t deadline_ns)
{
    return deadline_ns >= stall->late_left_ns && deadline_ns <= stall->late_returned_ns;
}
