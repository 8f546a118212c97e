/*
 * attempt: asks one address of a check. Private to the engine; see check.h.
 */
#include "check.h"

#include <errno.h>

#include "engine.h"
#include "netcheck/base/base.h"

/* A wake-up without news is followed by pauses of 1, 2, 4, ... 16 ms: at once would spin. */
static const int64_t first_pause_ns = 1 * NS_PER_MS;
static const int64_t last_pause_ns = 16 * NS_PER_MS;

/* Behind a SYN proxy the server's answer is awaited by looking: pauses of an eighth of the time
   it took so far find it early enough, and a thousand of them still cost little. */
enum { PROXIED_SHARE = 8 };
static const int64_t proxied_pause_ns = 100 * NS_PER_MS;

enum { SELF_CONNECTS_MAX = 3 };

static void trace_attempt(struct probe *probe, const struct check *check, size_t index,
                          enum trace_kind kind)
{
    const struct attempt *attempt = &check->attempts[index];
    if (!probe->options.is_traced)
        return; /* this stands on the path of every probe */
    struct trace trace = {
        .kind = kind, .outcome = attempt->outcome, .took_ns = attempt->latency_ns};
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

/* TCP's own, or what stands for it. */
static bool is_answer(enum reason reason)
{
    return reason == REASON_CONNECTED || reason == REASON_REFUSED;
}

/* The kernel sends a SYN again after a second (RFC 6298): an answer before that was to the
 * first. */
static const int64_t resent_ns = 900 * NS_PER_MS;

/* How often the SYN was sent again; asking the kernel costs a call. */
static int count_retransmits(const struct probe *probe, const struct attempt *attempt)
{
    enum reason reason = attempt->outcome.reason;
    if (is_answer(reason) && attempt->took_ns >= 0 && attempt->took_ns < resent_ns)
        return 0;
    if (!is_answer(reason) && reason != REASON_TIMEOUT)
        return -1;
    struct os_connection connection = attempt->connection;
    if (connection.syn_retransmits < 0 && attempt->fd >= 0)
        probe->os->connection(probe->os->self, attempt->fd, &connection);
    return connection.syn_retransmits;
}

/* More than an answer waits for us, even on a busy machine. */
static const int64_t late_ns = 50 * NS_PER_MS;

/*
 * When the answer came. The kernel knows it of a handshake whose SYN it sent once, which counts
 * where we found the answer late. Of what comes later, and of any other answer, it does not.
 */
static int64_t measure_latency(const struct probe *probe, const struct attempt *attempt)
{
    const struct os_connection *connection = &attempt->connection;
    bool is_known = attempt->outcome.reason == REASON_CONNECTED && connection->rtt_ns >= 0 &&
                    connection->syn_retransmits == 0 && attempt->proxied_ns == NEVER_NS;
    if (attempt->took_ns >= 0 && stall_hides(&probe->stall, attempt->started_ns))
        return is_known ? connection->rtt_ns : -1;
    bool is_late = is_known && attempt->took_ns - connection->rtt_ns > late_ns;
    return is_late ? connection->rtt_ns : attempt->took_ns;
}

/* Of the silence of others an answer of TCP tells more, and an ICMP error that it tells less.
 */
static void note_answer(struct probe *probe, const struct check *check,
                        const struct attempt *attempt, int64_t now_ns)
{
    if (attempt->outcome.icmp.is_set) {
        rejections_note(&probe->rejections, &attempt->outcome.icmp, &attempt->address, now_ns);
        return;
    }
    if (!is_answer(attempt->outcome.reason) || !congestion_is_watched(&probe->congestion) ||
        check->is_canary)
        return;
    answered_note(&probe->congestion.answered, &attempt->address, attempt->syn_retransmits,
                  now_ns);
    if (attempt->self_connects > 0)
        return;
    struct endpoint endpoint = check->endpoint;
    endpoint.address = attempt->address;
    canary_add(&probe->congestion.canary, &endpoint, attempt->took_ns,
               attempt->syn_retransmits);
}

/*
 * An address that said no is asked again after a pause, from `since_ns` on. One that is silent
 * has the whole attempt, and with -A all of them have to be up at a time anyway.
 */
static void schedule_again(struct probe *probe, const struct check *check,
                           struct attempt *attempt, int64_t since_ns)
{
    attempt->again_ns = NEVER_NS;
    if (!probe->options.asks_again || check->race.is_all ||
        attempt->outcome.reason == REASON_TIMEOUT)
        return;
    int64_t grown_ns = backoff_grown_ns(since_ns - probe->began_ns);
    int64_t pause_ns = backoff_take_ns(&probe->options.backoff, &grown_ns);
    if (pause_ns < NEVER_NS - since_ns)
        attempt->again_ns = since_ns + pause_ns;
}

/* Asked again, it had no answer, or could not be asked: what it said before stands. */
static void settle_as_before(struct probe *probe, struct check *check, size_t index,
                             int64_t now_ns)
{
    struct attempt *attempt = &check->attempts[index];
    attempt_close(probe, attempt, false);
    race_settled(&check->race, index, now_ns);
    schedule_again(probe, check, attempt, attempt->started_ns);
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
    if (check->race.states[index] == RACE_AGAIN && outcome->reason == REASON_TIMEOUT) {
        settle_as_before(probe, check, index, now_ns);
        return;
    }
    bool is_up = outcome_state(outcome) == STATE_UP;
    attempt->outcome = *outcome;
    attempt->is_over = true;
    attempt->outcome.is_own = is_own(probe, attempt);
    if (outcome->reason != REASON_TIMEOUT && outcome->reason != REASON_LOCAL)
        attempt->took_ns = now_ns - attempt->started_ns;
    attempt->latency_ns = measure_latency(probe, attempt);
    attempt->syn_retransmits = count_retransmits(probe, attempt);
    note_answer(probe, check, attempt, now_ns);
    attempt_close(probe, attempt, false);
    race_settled(&check->race, index, now_ns);
    schedule_again(probe, check, attempt, attempt->started_ns);
    if (is_up && check->winner == NO_WINNER)
        check->winner = index;
    trace_attempt(probe, check, index, is_up ? TRACE_CONNECTED : TRACE_FAILED);
}

void attempt_ask(struct probe *probe, struct check *check, size_t index)
{
    struct attempt *attempt = &check->attempts[index];
    struct outcome outcome;
    bool is_again = check->race.states[index] == RACE_AGAIN;
    attempt->is_over = is_again;
    attempt->pause_ns = 0;
    attempt->proxied_ns = NEVER_NS;
    attempt->connection = os_connection_unknown();
    if (!is_again)
        attempt->took_ns = -1;
    attempt->started_ns = probe->os->now_ns(probe->os->self);
    if (!check->is_paid)
        token_bucket_take(&probe->rate, attempt->started_ns);
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
    attempt->is_short = step == PROTOCOL_SHORT && !is_again;
    attempt->tries += step != PROTOCOL_SHORT && attempt->self_connects == 0;
    if (step == PROTOCOL_SHORT && is_again)
        settle_as_before(probe, check, index, now_ns);
    else if (step == PROTOCOL_SHORT)
        check_postpone(probe, check, index, &outcome, now_ns);
    else if (step == PROTOCOL_DONE)
        settle(probe, check, index, &outcome, now_ns);
}

void attempt_ask_again(struct probe *probe, struct check *check, size_t index, int64_t now_ns)
{
    struct attempt *attempt = &check->attempts[index];
    if (token_bucket_due_ns(&probe->rate) > now_ns) {
        schedule_again(probe, check, attempt, now_ns); /* what was not asked yet comes first */
        return;
    }
    if (!race_ask_again(&check->race, index, now_ns))
        return;
    attempt->again_ns = NEVER_NS;
    attempt->self_connects = 0;
    attempt_ask(probe, check, index);
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
    struct outcome outcome = outcome_of_remark(REASON_REFUSED, REMARK_SELF_CONNECT);
    settle(probe, check, index, &outcome, now_ns);
}

static int64_t choose_pause(const struct attempt *attempt, int64_t now_ns)
{
    bool is_proxied = attempt->proxied_ns != NEVER_NS;
    int64_t most_ns = is_proxied ? proxied_pause_ns : last_pause_ns;
    int64_t pause_ns =
        is_proxied ? (now_ns - attempt->proxied_ns) / PROXIED_SHARE : attempt->pause_ns * 2;
    if (pause_ns < first_pause_ns)
        return first_pause_ns;
    return pause_ns < most_ns ? pause_ns : most_ns;
}

/* A wake-up without news: leave the descriptor alone for a while. */
static void pause_attempt(struct probe *probe, struct attempt *attempt, int64_t now_ns)
{
    attempt->pause_ns = choose_pause(attempt, now_ns);
    attempt->look_ns = now_ns + attempt->pause_ns;
    probe_unwatch(probe, attempt->fd);
}

/* Nothing final yet, but perhaps a first sign. */
static void note_pending(struct probe *probe, struct check *check, size_t index,
                         const struct outcome *outcome, int64_t now_ns)
{
    struct attempt *attempt = &check->attempts[index];
    if (outcome->remark == REMARK_PROXY_SILENT && attempt->proxied_ns == NEVER_NS) {
        attempt->proxied_ns = now_ns;
        trace_attempt(probe, check, index, TRACE_PROXIED);
    }
    pause_attempt(probe, attempt, now_ns);
}

static enum protocol_step look(const struct probe *probe, struct attempt *attempt,
                               struct outcome *outcome)
{
    return probe->options.protocol->look(probe->os, &attempt->address, attempt->fd, outcome,
                                         &attempt->connection);
}

void attempt_look(struct probe *probe, struct check *check, size_t index, int64_t now_ns)
{
    struct attempt *attempt = &check->attempts[index];
    struct outcome outcome;
    switch (look(probe, attempt, &outcome)) {
    case PROTOCOL_DONE:
        settle(probe, check, index, &outcome, now_ns);
        break;
    case PROTOCOL_AGAIN:
        ask_again(probe, check, index, now_ns);
        break;
    case PROTOCOL_PENDING:
    case PROTOCOL_SHORT:
        note_pending(probe, check, index, &outcome, now_ns);
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
    if (is_watched && probe->selected_ns >= check->race.deadline_ns) {
        settle(probe, check, index, &outcome, now_ns);
        return;
    }
    if (look(probe, attempt, &outcome) == PROTOCOL_AGAIN) {
        attempt_close(probe, attempt, true);
        outcome = outcome_of_remark(REASON_REFUSED, REMARK_SELF_CONNECT);
    }
    settle(probe, check, index, &outcome, now_ns);
}
