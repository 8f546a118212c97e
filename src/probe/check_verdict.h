/*
 * check_verdict: how an attempt of a check ends: with a verdict, with another attempt, or by
 * beginning anew later.
 *
 * Private to check.c, which says when one ends. As pure as that.
 */
#ifndef NETCHECK_CHECK_VERDICT_H
#define NETCHECK_CHECK_VERDICT_H

#include "netcheck/probe/check.h"

/*
 * The deadline has passed, or every address is settled, or one is enough. Moves the check on to
 * CHECK_OVER; CHECK_CONCLUDED, to be judged; CHECK_PAUSE, with its retry_ns; or CHECK_SHORT.
 */
void check_conclude(struct check *check, const struct moment *moment);

/* It has its verdict, which is in its candidates or in `give_up`. */
void check_end(struct check *check, int64_t now_ns);

/* This machine was short of something, which `outcome` names: begin anew when it has that; the
   clock starts then. A canary is over, since it is not worth waiting for. */
void check_put_back(struct check *check, const struct outcome *outcome, int64_t now_ns);

#endif
