/*
 * alert: what of a row is told, where the state of its target is remembered from run to run.
 *
 * Pure: what is remembered, one row and the time go in; what is news, and what is remembered
 * from here on, come out. N is the confirmations of the policy. S is the state.
 *
 * | this row             | before  | news                             | afterwards         |
 * |----------------------|---------|----------------------------------|--------------------|
 * | as expected          | nothing | none                             | S, since now       |
 * | not as expected      | nothing | new, however large N is          | S, since now, told |
 * | S                    | S       | none; a reminder, where not as   | told, if it is;    |
 * |                      |         | expected and told long ago; new, | nothing pending    |
 * |                      |         | where not told as unexpected     |                    |
 * | other S, less than N | S       | none                             | pending            |
 * | other S, the N-th    | S       | changed; lasted until the first  | S, since the first |
 *
 * What is and what was told are two things. A row that is not shown has the same news for
 * outputs that list them, but the reader goes on believing what was told before, or what went
 * without saying because it was as expected: B. Only a B that is not S is kept, as the belief.
 *
 * | this row          | before       | news                        | afterwards            |
 * |-------------------|--------------|-----------------------------|-----------------------|
 * | unseen, S ends    | B is S       | changed                     | B stays, its length   |
 * | unseen, S ends    | B is another | changed                     | B stays               |
 * | unseen, B returns | B is another | changed                     | as B was told, so     |
 * |                   |              |                             | that reminders go on  |
 * | shown, S          | B is another | changed from B, which       | told                  |
 * |                   |              | lasted as long as it did    |                       |
 * | shown, S ends     | B is any     | changed from S              | told                  |
 *
 * So a change that only unseen runs saw is told once, by the first shown row that sees the
 * state last; not what came and went between two shown rows. A shown row that sees a change
 * itself tells that change, also where it leads back to B. Of a new target that was not as
 * expected and not told nothing is believed: it is new to the next shown row. No gap is told
 * with a change from B, which ended before.
 *
 * A clock that was set back makes lengths unknown, never negative.
 */
#ifndef NETCHECK_ALERT_H
#define NETCHECK_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netcheck/probe/result.h"
#include "netcheck/report/memory.h"

enum { GAP_PERIODS = 2 }; /* of silence are a gap: nothing was observed in it */

struct alert_policy {
    size_t confirmations; /* N: so many rows in a row change the state; 0 is as 1 */
    int64_t remind_s;     /* how long after it was told a state is told again; 0: never */
};

/* Seconds since 1970. */
struct alert_clock {
    int64_t now_s;  /* when the row's target was asked */
    int64_t last_s; /* the run before, in which all were asked; MEMORY_NEVER: there was none */
    int64_t period_s; /* from one run to the next, as far as it is known; 0: it is not */
};

struct alert_row {
    enum reason reason; /* not REASON_INVALID: that is told each time and never remembered */
    bool is_expected;
    bool expects_down;
    bool is_shown; /* the reader sees it, if it is news */
};

/*
 * remembered  in and out; since_s MEMORY_NEVER: nothing is remembered of the target. Its runs
 *             are left alone. The belief, where there is one, is never the state
 * change      out
 */
void alert_decide(const struct alert_policy *policy, const struct alert_clock *clock,
                  const struct alert_row *row, struct remembered *remembered,
                  struct change *change);

#endif
