#include "netcheck/report/fields.h"

#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/report/detail.h"
#include "netcheck/report/wording.h"

static const struct field_value unknown = {.is_known = false};

static struct field_value number(int64_t value, int64_t least)
{
    return (struct field_value){.is_known = value >= least, .number = value};
}

/* NULL: the value is unknown. */
static struct field_value text(const char *value)
{
    return value == NULL
               ? unknown
               : (struct field_value){.is_known = true, .text = value, .len = strlen(value)};
}

/* The text in the scratch buffer; where it is empty, the value is unknown. */
static struct field_value written(const struct record *record)
{
    const struct buffer *scratch = &record->scratch;
    return (struct field_value){
        .is_known = scratch->len > 0, .text = scratch->bytes, .len = scratch->len};
}

static struct field_value address_text(struct record *record, const struct address *address)
{
    char formatted[ADDRESS_TEXT_SIZE];
    address_format(address, formatted);
    buffer_add_text(&record->scratch, formatted);
    return written(record);
}

/* What was asked */

static struct field_value get_time(struct record *record)
{
    return number(record->at_ns + record->report->wall_offset_ns, INT64_MIN);
}

static struct field_value get_target(struct record *record)
{
    endpoint_label(&record->scratch, &record->result->endpoint);
    return written(record);
}

static struct field_value get_protocol(struct record *record)
{
    return text(protocols_name(record->result->endpoint.protocol));
}

static struct field_value get_host(struct record *record)
{
    if (record->result->endpoint.target->kind != TARGET_INVALID)
        endpoint_host(&record->scratch, &record->result->endpoint);
    return written(record);
}

static struct field_value get_port(struct record *record)
{
    return number(record->result->endpoint.port, 1);
}

static struct field_value get_address(struct record *record)
{
    return address_text(record, &record->result->endpoint.address);
}

static struct field_value get_expected(struct record *record)
{
    bool expects_down = result_expects_down(record->result, record->report->expects_down);
    return text(state_name(expects_down ? STATE_DOWN : STATE_UP));
}

/* As the exit status has it: an error never is. */
static struct field_value get_as_expected(struct record *record)
{
    return number(result_is_expected(record->result, record->report->expects_down), 0);
}

/* What was learned */

static struct field_value get_state(struct record *record)
{
    return text(state_name(outcome_state(&record->result->outcome)));
}

static struct field_value get_reason(struct record *record)
{
    return text(reason_name(record->result->outcome.reason));
}

static struct field_value get_detail(struct record *record)
{
    detail_describe(&record->scratch, record->report, record->result);
    return written(record);
}

static struct field_value get_error(struct record *record)
{
    return text(outcome_error_name(&record->result->outcome));
}

static struct field_value get_icmp(struct record *record)
{
    const struct icmp *icmp = &record->result->outcome.icmp;
    return (struct field_value){.is_known = icmp->is_set, .icmp = icmp};
}

static struct field_value get_reporter(struct record *record)
{
    const struct outcome *outcome = &record->result->outcome;
    if (outcome->is_own && !outcome->icmp.is_set)
        return text("this machine");
    return address_text(record, &outcome->icmp.sender);
}

static struct field_value get_resolve(struct record *record)
{
    return number(record->result->resolve_ns, 0);
}

static struct field_value get_connect(struct record *record)
{
    return number(record->result->connect_ns, 0);
}

static struct field_value get_retransmits(struct record *record)
{
    return number(record->result->syn_retransmits, 0);
}

static struct field_value get_attempts(struct record *record)
{
    return number(record->result->attempts, 0);
}

static struct field_value get_canonical(struct record *record)
{
    const struct shared *canonical = record->result->canonical;
    return text(canonical != NULL ? canonical->text : NULL);
}

/* What came back, and how */

static struct field_value get_reply_time(struct record *record)
{
    return number(record->result->reply_ns, 0);
}

static struct field_value get_datagrams(struct record *record)
{
    return number(record->result->measures.sent, 0);
}

static struct field_value get_replies(struct record *record)
{
    return number(record->result->measures.replies, 0);
}

/* An empty datagram is a reply, too. */
static struct field_value get_reply(struct record *record)
{
    const struct reply *reply = record->result->measures.reply;
    if (reply == NULL)
        return unknown;
    return (struct field_value){
        .is_known = true, .text = (const char *)reply->bytes, .len = reply->kept};
}

static struct field_value get_reply_size(struct record *record)
{
    const struct reply *reply = record->result->measures.reply;
    return number(reply != NULL ? (int64_t)reply->len : -1, 0);
}

static struct field_value get_reply_sender(struct record *record)
{
    const struct reply *reply = record->result->measures.reply;
    if (reply != NULL)
        wording_socket(&record->scratch, &reply->from);
    return written(record);
}

static struct field_value get_ttl(struct record *record)
{
    return number(record->result->measures.ttl, 0);
}

/* Only a handshake can be answered by a proxy, and only of an address that was asked. */
static struct field_value get_syn_proxy(struct record *record)
{
    const struct result *result = record->result;
    enum protocol_id protocol = result->endpoint.protocol;
    bool has_handshake = protocol == PROTOCOL_TCP || protocol == PROTOCOL_TLS;
    bool is_asked = address_family(&result->endpoint.address) != AF_UNSPEC &&
                    outcome_state(&result->outcome) != STATE_ERROR;
    return number(has_handshake && is_asked ? result->measures.is_proxied : -1, 0);
}

static struct field_value get_path_mtu(struct record *record)
{
    return number(record->result->measures.path_mtu, 1);
}

static struct field_value get_tls(struct record *record)
{
    const struct result *result = record->result;
    const struct reply *reply = result->measures.reply;
    bool is_tls = reply != NULL && detail_is_answer(result->outcome.reason) &&
                  (result->endpoint.protocol == PROTOCOL_TLS || reply->tls_version[0] != '\0');
    return (struct field_value){.is_known = is_tls, .tls = reply};
}

static struct field_value get_hold(struct record *record)
{
    return number(record->result->measures.held_ns, 0);
}

static struct field_value get_end(struct record *record)
{
    return number(record->result->measures.closed_after_ns, 0);
}

/* What the user adds */

static struct field_value get_labels(struct record *record)
{
    const struct report *report = record->report;
    return (struct field_value){.is_known = report->label_count > 0,
                                .labels = report->labels,
                                .len = report->label_count};
}

/* Of rows that are asked for again and again */

static struct field_value get_round(struct record *record)
{
    return number((int64_t)record->result->round, 1);
}

static struct field_value get_previous_state(struct record *record)
{
    const struct change *change = &record->result->change;
    return text(change->news == NEWS_CHANGED ? state_name(change->before) : NULL);
}

static struct field_value get_previous_time(struct record *record)
{
    const struct change *change = &record->result->change;
    return number(change->news == NEWS_CHANGED ? change->lasted_ns : -1, 0);
}

static struct field_value get_since(struct record *record)
{
    int64_t since_s = record->result->change.since_s;
    return number(since_s != 0 ? since_s : -1, 0);
}

static struct field_value get_news(struct record *record)
{
    static const char *const names[] = {
        [NEWS_NONE] = NULL,
        [NEWS_NEW] = "new",
        [NEWS_CHANGED] = "changed",
        [NEWS_REMINDER] = "reminder",
    };
    return text(names[record->result->change.news]);
}

/* What all rows of a series come to */

static struct field_value get_sent(struct record *record)
{
    return number((int64_t)record->series->stats->sent, 0);
}

static struct field_value get_rows(struct record *record)
{
    return number((int64_t)record->series->stats->states[record->argument], 0);
}

static struct field_value get_loss(struct record *record)
{
    double loss = stats_loss(record->series->stats);
    return (struct field_value){.is_known = loss >= 0, .percent = loss};
}

enum latency { LATENCY_LEAST, LATENCY_MEAN, LATENCY_MOST, LATENCY_DEVIATION, LATENCY_JITTER };

static struct field_value get_latency(struct record *record)
{
    const struct stats *stats = record->series->stats;
    if (stats->latencies == 0)
        return unknown;
    switch ((enum latency)record->argument) {
    case LATENCY_LEAST:
        return number(stats->min_ns, 0);
    case LATENCY_MEAN:
        return number((int64_t)stats->mean_ns, 0);
    case LATENCY_MOST:
        return number(stats->max_ns, 0);
    case LATENCY_DEVIATION:
        return number((int64_t)stats_deviation_ns(stats), 0);
    case LATENCY_JITTER:
        return number((int64_t)stats_jitter_ns(stats), 0);
    }
    return unknown;
}

static struct field_value get_quantile(struct record *record)
{
    return number(stats_quantile(record->series->stats, record->argument), 0);
}

static struct field_value get_outage(struct record *record)
{
    return number(stats_longest_outage_ns(record->series->stats, record->at_ns), 0);
}

static struct field_value get_state_time(struct record *record)
{
    enum state state = (enum state)record->argument;
    return number(stats_time_ns(record->series->stats, state, record->at_ns), 0);
}

enum {
    ROWS = FIELD_IN_ROWS,
    ROUNDS = FIELD_IN_ROUNDS,
    CHANGES = FIELD_IN_CHANGES,
    SUMMARIES = FIELD_IN_SUMMARIES,
    BOTH = FIELD_IN_ROWS | FIELD_IN_SUMMARIES,
};

static const struct field fields[] = {
    {"time", FIELD_TIME, BOTH, get_time, 0},
    {"target", FIELD_TEXT, BOTH, get_target, 0},
    {"protocol", FIELD_TEXT, BOTH, get_protocol, 0},
    {"host", FIELD_TEXT, BOTH, get_host, 0},
    {"port", FIELD_COUNT, BOTH, get_port, 0},
    {"address", FIELD_TEXT, BOTH, get_address, 0},
    {"state", FIELD_TEXT, ROWS, get_state, 0},
    {"expected", FIELD_TEXT, BOTH, get_expected, 0},
    {"as_expected", FIELD_BOOLEAN, ROWS, get_as_expected, 0},
    {"reason", FIELD_TEXT, ROWS, get_reason, 0},
    {"detail", FIELD_TEXT, ROWS, get_detail, 0},
    {"error", FIELD_TEXT, ROWS, get_error, 0},
    {"icmp", FIELD_ICMP, ROWS, get_icmp, 0},
    {"reported_by", FIELD_TEXT, ROWS, get_reporter, 0},
    {"resolve_ms", FIELD_DURATION, ROWS, get_resolve, 0},
    {"connect_ms", FIELD_DURATION, ROWS, get_connect, 0},
    {"syn_retransmits", FIELD_COUNT, ROWS, get_retransmits, 0},
    {"attempts", FIELD_COUNT, ROWS, get_attempts, 0},
    {"canonical", FIELD_TEXT, ROWS, get_canonical, 0},
    {"reply_ms", FIELD_DURATION, ROWS, get_reply_time, 0},
    {"sent", FIELD_COUNT, ROWS, get_datagrams, 0},
    {"replies", FIELD_COUNT, ROWS, get_replies, 0},
    {"reply", FIELD_TEXT, ROWS, get_reply, 0},
    {"reply_bytes", FIELD_COUNT, ROWS, get_reply_size, 0},
    {"reply_from", FIELD_TEXT, ROWS, get_reply_sender, 0},
    {"ttl", FIELD_COUNT, ROWS, get_ttl, 0},
    {"syn_proxy", FIELD_BOOLEAN, ROWS, get_syn_proxy, 0},
    {"path_mtu", FIELD_COUNT, ROWS, get_path_mtu, 0},
    {"tls", FIELD_TLS, ROWS, get_tls, 0},
    {"held_ms", FIELD_DURATION, ROWS, get_hold, 0},
    {"closed_after_ms", FIELD_DURATION, ROWS, get_end, 0},
    {"labels", FIELD_LABELS, BOTH, get_labels, 0},
    {"seq", FIELD_COUNT, ROUNDS, get_round, 0},
    {"previous_state", FIELD_TEXT, CHANGES, get_previous_state, 0},
    {"previous_ms", FIELD_DURATION, CHANGES, get_previous_time, 0},
    {"since", FIELD_SECOND, CHANGES, get_since, 0},
    {"change", FIELD_TEXT, CHANGES, get_news, 0},
    {"sent", FIELD_COUNT, SUMMARIES, get_sent, 0},
    {"up", FIELD_COUNT, SUMMARIES, get_rows, STATE_UP},
    {"down", FIELD_COUNT, SUMMARIES, get_rows, STATE_DOWN},
    {"errors", FIELD_COUNT, SUMMARIES, get_rows, STATE_ERROR},
    {"loss_percent", FIELD_PERCENT, SUMMARIES, get_loss, 0},
    {"min_ms", FIELD_DURATION, SUMMARIES, get_latency, LATENCY_LEAST},
    {"avg_ms", FIELD_DURATION, SUMMARIES, get_latency, LATENCY_MEAN},
    {"max_ms", FIELD_DURATION, SUMMARIES, get_latency, LATENCY_MOST},
    {"mdev_ms", FIELD_DURATION, SUMMARIES, get_latency, LATENCY_DEVIATION},
    {"jitter_ms", FIELD_DURATION, SUMMARIES, get_latency, LATENCY_JITTER},
    {"p50_ms", FIELD_DURATION, SUMMARIES, get_quantile, 50},
    {"p95_ms", FIELD_DURATION, SUMMARIES, get_quantile, 95},
    {"p99_ms", FIELD_DURATION, SUMMARIES, get_quantile, 99},
    {"longest_outage_ms", FIELD_DURATION, SUMMARIES, get_outage, 0},
    {"up_ms", FIELD_DURATION, SUMMARIES, get_state_time, STATE_UP},
    {"down_ms", FIELD_DURATION, SUMMARIES, get_state_time, STATE_DOWN},
    {"error_ms", FIELD_DURATION, SUMMARIES, get_state_time, STATE_ERROR},
};

struct record record_of_row(const struct report *report, const struct result *result)
{
    return (struct record){.report = report, .result = result, .at_ns = result->finished_ns};
}

struct record record_of_series(const struct report *report, const struct series *series,
                               int64_t now_ns)
{
    return (struct record){
        .report = report, .result = &series->last, .series = series, .at_ns = now_ns};
}

void record_release(struct record *record)
{
    buffer_release(&record->scratch);
}

unsigned fields_of_rows(const struct report *report)
{
    return FIELD_IN_ROWS | (report->has_rounds ? FIELD_IN_ROUNDS : 0) |
           (report->has_changes ? FIELD_IN_CHANGES : 0);
}

unsigned fields_of_summaries(void)
{
    return FIELD_IN_SUMMARIES;
}

const struct field *fields_next(const struct field *field, unsigned lines)
{
    size_t i = field != NULL ? (size_t)(field - fields) + 1 : 0;
    while (i < ARRAY_LEN(fields) && (fields[i].lines & lines) == 0)
        i++;
    return i < ARRAY_LEN(fields) ? &fields[i] : NULL;
}

struct field_value field_get(const struct field *field, struct record *record)
{
    record->scratch.len = 0;
    record->argument = field->argument;
    return field->get(record);
}
