/*
 * absence: when this process, or the whole machine, did not run. Private to the engine.
 */
#include "engine.h"

#include "netcheck/base.h"

/* Longer than most busy machines keep a process waiting. */
static const int64_t absent_ns = 1 * NS_PER_S;

/* A signal that finds select() overdue is the one that let us go on (SIGCONT). */
static const int64_t stopped_ns = 20 * NS_PER_MS;

/* Longer than a turn of ours takes. */
static const int64_t late_ns = 50 * NS_PER_MS;

/* Shorter ones are the error of two clocks that are not read at once. */
static const int64_t suspended_least_ns = 500 * NS_PER_MS;

void absence_init(struct absence *absence, const struct os *os)
{
    *absence = (struct absence){
        .seen_ns = os->now_ns(os->self),
        .left_ns = INT64_MIN,
        .returned_ns = INT64_MIN,
        .late_left_ns = INT64_MIN,
        .late_returned_ns = INT64_MIN,
        .suspended_ns = os->suspended_ns(os->self),
        .resumed_ns = INT64_MIN,
        .continues = os->continues(os->self),
        .stopped_ns = INT64_MIN,
    };
}

/* It is now_ns, and should have been due_ns at most, or least_ns later. */
static void note_time(struct absence *absence, int64_t due_ns, int64_t now_ns, int64_t least_ns)
{
    if (due_ns <= now_ns - late_ns) {
        absence->late_left_ns = due_ns;
        absence->late_returned_ns = now_ns;
    }
    if (due_ns <= now_ns - least_ns) {
        absence->left_ns = due_ns;
        absence->returned_ns = now_ns;
        absence->is_back = true;
    }
    absence->seen_ns = now_ns;
}

void absence_note(struct absence *absence, int64_t now_ns)
{
    note_time(absence, absence->seen_ns, now_ns, absent_ns);
}

void absence_note_sleep(struct absence *absence, int64_t due_ns, int64_t now_ns,
                        bool was_interrupted)
{
    note_time(absence, due_ns, now_ns, was_interrupted ? stopped_ns : absent_ns);
}

void absence_note_stops(struct absence *absence, const struct os *os, int64_t now_ns)
{
    int64_t suspended_ns = os->suspended_ns(os->self);
    if (suspended_ns - absence->suspended_ns >= suspended_least_ns) {
        absence->resumed_ns = now_ns;
        absence->is_back = true;
    }
    absence->suspended_ns = suspended_ns;
    unsigned continues = os->continues(os->self);
    if (continues != absence->continues) {
        absence->stopped_ns = now_ns;
        absence->is_back = true;
    }
    absence->continues = continues;
}

void absence_end_turn(struct absence *absence)
{
    absence->is_back = false;
}

bool absence_hides(const struct absence *absence, int64_t begin_ns)
{
    return absence->is_back &&
           (begin_ns < absence->returned_ns || begin_ns < absence->resumed_ns ||
            begin_ns < absence->stopped_ns);
}

bool absence_voids(const struct absence *absence, int64_t begin_ns, int64_t deadline_ns)
{
    bool has_passed = deadline_ns >= absence->left_ns && deadline_ns <= absence->returned_ns;
    return has_passed || begin_ns < absence->resumed_ns;
}

bool absence_delayed(const struct absence *absence, int64_t deadline_ns)
{
    return deadline_ns >= absence->late_left_ns && deadline_ns <= absence->late_returned_ns;
}
