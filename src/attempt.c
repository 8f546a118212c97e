/*
 * attempt: asks one address of a check. Private to the engine; see check.h.
 */
#include "check.h"

#include <errno.h>

#include "engine.h"
#include "netcheck/base.h"

/* A wake-up without news is followed by pauses of 1, 2, 4, ... 16 ms: at once would spin. */
static const int64_t first_pause_ns = 1 * NS_PER_MS;
static const int64_t last_pause_ns = 16 * NS_PER_MS;

enum { SELF_CONNECTS_MAX = 3 };

static void trace_attempt(struct probe *probe, const struct check *check, size_t index,
                          enum trace_kind kind)
{
    const struct attempt *attempt = &check->attempts[index];
    if (!probe->options.is_traced)
        return; /* this stands on the path of every probe */
    struct trace trace = {
        .kind = kind, .outcome = attempt->outcome, .took_ns = attempt->took_ns};
    probe_trace(probe, check, &attempt->address, &trace);
}

void attempt_close(struct probe *probe, struct attempt *attempt, bool is_aborted)
{
    if (attempt->fd < 0)
        return;
    probe_close(probe, attempt->fd, is_aborted);
    attempt->fd = -1;
    attempt->look_ns = NEVER_NS;
}

/* The kernel sends a SYN again after a second (RFC 6298): an answer before that was to the
 * first. */
static const int64_t resent_ns = 900 * NS_PER_MS;

/* How often the SYN was sent again; asking the kernel costs a call. */
static int count_retransmits(const struct probe *probe, const struct attempt *attempt)
{
    enum reason reason = attempt->outcome.reason;
    bool is_answer = reason == REASON_CONNECTED || reason == REASON_REFUSED;
    if (is_answer && attempt->took_ns >= 0 && attempt->took_ns < resent_ns)
        return 0;
    if (attempt->fd < 0 || (!is_answer && reason != REASON_TIMEOUT))
        return -1;
    return probe->os->syn_retransmits(probe->os->self, attempt->fd);
}

/* Of the silence of others an answer of TCP tells more, and an ICMP error that it tells less.
 */
static void note_answer(struct probe *probe, const struct check *check,
                        const struct attempt *attempt, int64_t now_ns)
{
    enum reason reason = attempt->outcome.reason;
    bool is_answer = reason == REASON_CONNECTED || reason == REASON_REFUSED;
    if (attempt->outcome.icmp.is_set) {
        rejections_note(&probe->rejections, &attempt->outcome.icmp, &attempt->address, now_ns);
        return;
    }
    if (!is_answer || !probe->look.is_crowded || check->is_canary)
        return;
    doubt_answer(&probe->look.doubt, &attempt->address, attempt->syn_retransmits, now_ns);
    if (attempt->self_connects == 0)
        path_note(probe, check, attempt);
}

/*
 * Whether this machine itself says so: connect() failed before anything was sent, or the ICMP
 * error is its own, or there is none although the system would tell of it.
 */
static bool is_own(const struct probe *probe, const struct attempt *attempt)
{
    const struct outcome *outcome = &attempt->outcome;
    if (outcome->icmp.is_set)
        return outcome->icmp.is_own;
    bool is_failure =
        outcome->reason == REASON_UNREACHABLE || outcome->reason == REASON_PROHIBITED;
    return is_failure && (attempt->fd < 0 || probe->os->tells_icmp(probe->os->self));
}

/* The attempt has its outcome. */
static void settle(struct probe *probe, struct check *check, size_t index,
                   const struct outcome *outcome, int64_t now_ns)
{
    struct attempt *attempt = &check->attempts[index];
    bool is_up = outcome_state(outcome) == STATE_UP;
    attempt->outcome = *outcome;
    attempt->is_over = true;
    attempt->outcome.is_own = is_own(probe, attempt);
    if (outcome->reason != REASON_TIMEOUT && outcome->reason != REASON_LOCAL)
        attempt->took_ns = now_ns - attempt->started_ns;
    attempt->syn_retransmits = count_retransmits(probe, attempt);
    note_answer(probe, check, attempt, now_ns);
    attempt_close(probe, attempt, false);
    plan_settled(&check->plan, index, now_ns);
    if (is_up && check->winner == NO_WINNER)
        check->winner = index;
    trace_attempt(probe, check, index, is_up ? TRACE_CONNECTED : TRACE_FAILED);
}

void attempt_ask(struct probe *probe, struct check *check, size_t index)
{
    struct attempt *attempt = &check->attempts[index];
    struct outcome outcome;
    attempt->is_over = false;
    attempt->pause_ns = 0;
    attempt->took_ns = -1;
    attempt->started_ns = probe->os->now_ns(probe->os->self);
    if (!check->is_paid)
        rate_take(&probe->rate, attempt->started_ns);
    check->is_paid = false;
    trace_attempt(probe, check, index, TRACE_TRYING);
    enum protocol_step step = probe->options.protocol->start(
        probe->os, &attempt->address, &probe->options.origin, &attempt->fd, &outcome);
    if (step == PROTOCOL_PENDING && probe_watch_attempt(probe, check, index) != ERROR_NONE) {
        attempt_close(probe, attempt, false);
        outcome = outcome_of_error(ENOMEM);
        step = PROTOCOL_SHORT;
    }
    int64_t now_ns = probe->os->now_ns(probe->os->self);
    attempt->is_short = step == PROTOCOL_SHORT;
    attempt->tries += !attempt->is_short && attempt->self_connects == 0;
    if (step == PROTOCOL_SHORT)
        check_postpone(probe, check, index, &outcome, now_ns);
    else if (step == PROTOCOL_DONE)
        settle(probe, check, index, &outcome, now_ns);
}

/* That nobody listened is known, or the kernel could not have connected us to ourselves. */
static struct outcome outcome_of_self_connect(void)
{
    struct outcome outcome = outcome_of(REASON_REFUSED);
    outcome.remark = REMARK_SELF_CONNECT;
    return outcome;
}

/* The kernel connected the socket to itself; the port must be free again at once. */
static void ask_again(struct probe *probe, struct check *check, size_t index, int64_t now_ns)
{
    struct attempt *attempt = &check->attempts[index];
    attempt_close(probe, attempt, true);
    trace_attempt(probe, check, index, TRACE_AGAIN);
    if (++attempt->self_connects < SELF_CONNECTS_MAX) {
        attempt_ask(probe, check, index);
        return;
    }
    struct outcome outcome = outcome_of_self_connect();
    settle(probe, check, index, &outcome, now_ns);
}

/* A wake-up without news: leave the descriptor alone for a while. */
static void pause_attempt(struct probe *probe, struct attempt *attempt, int64_t now_ns)
{
    bool is_first = attempt->pause_ns == 0;
    attempt->pause_ns = is_first ? first_pause_ns : attempt->pause_ns * 2;
    if (attempt->pause_ns > last_pause_ns)
        attempt->pause_ns = last_pause_ns;
    attempt->look_ns = now_ns + attempt->pause_ns;
    probe_unwatch(probe, attempt->fd);
}

void attempt_look(struct probe *probe, struct check *check, size_t index, int64_t now_ns)
{
    struct attempt *attempt = &check->attempts[index];
    struct outcome outcome;
    switch (
        probe->options.protocol->look(probe->os, &attempt->address, attempt->fd, &outcome)) {
    case PROTOCOL_DONE:
        settle(probe, check, index, &outcome, now_ns);
        break;
    case PROTOCOL_AGAIN:
        ask_again(probe, check, index, now_ns);
        break;
    case PROTOCOL_PENDING:
    case PROTOCOL_SHORT:
        pause_attempt(probe, attempt, now_ns);
        break;
    }
}

/*
 * At the deadline: the answer may have come while we were stopped or busy, unless select() has
 * just said that nothing did.
 */
void attempt_look_last(struct probe *probe, struct check *check, size_t index, int64_t now_ns)
{
    struct attempt *attempt = &check->attempts[index];
    struct outcome outcome = outcome_of(REASON_TIMEOUT);
    bool is_watched = attempt->look_ns == NEVER_NS;
    if (is_watched && probe->selected_ns >= check->plan.deadline_ns) {
        settle(probe, check, index, &outcome, now_ns);
        return;
    }
    enum protocol_step step =
        probe->options.protocol->look(probe->os, &attempt->address, attempt->fd, &outcome);
    if (step == PROTOCOL_AGAIN) {
        attempt_close(probe, attempt, true);
        outcome = outcome_of_self_connect();
    } else if (step != PROTOCOL_DONE) {
        outcome = outcome_of(REASON_TIMEOUT);
    }
    settle(probe, check, index, &outcome, now_ns);
}
