#include "netcheck/report/detail.h"

#include <inttypes.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/escape.h"
#include "netcheck/probe/question.h"
#include "netcheck/report/wording.h"
#include "netcheck/target/fault.h"

/* Of what a server said, where its first line tells enough: room for the banner of an SSH
   server. JSON has all that is kept. */
enum { QUOTE_COLUMNS = 40 };

/* What the protocols call things in sentences. */
static const struct protocol_words {
    const char *datagram; /* what is sent, and sent again; NULL: a handshake comes first, whose
                             SYNs are counted */
    const char *silence;  /* what it may mean, behind the silence; where others of the address
                             were rejected */
    const char *silence_beside_rejections;
    const char *mismatch;    /* what an answer is that is not the one to the question */
    bool is_refused_by_icmp; /* it has no other way to refuse */
} protocol_words[PROTOCOL_COUNT] = {
    [PROTOCOL_UDP] = {.datagram = "datagram",
                      .silence = "; open or filtered",
                      .silence_beside_rejections = "; open, closed or filtered",
                      .is_refused_by_icmp = true},
    [PROTOCOL_ICMP] = {.datagram = "echo request"},
    [PROTOCOL_TLS] = {.mismatch = "not TLS"},
};

static void invalid_detail(struct buffer *out, const struct result *result)
{
    const struct target *target = result->endpoint.target;
    fault_describe(out, target->host, target->host_len, &target->fault, &target->place);
    question_add_known(out, target->fault.code);
}

static const struct protocol_words *words_of(const struct result *result)
{
    return &protocol_words[result->endpoint.protocol];
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* "no answer to 3 SYNs": the first one and those that were sent again. */
static void add_silence(struct buffer *out, const struct result *result)
{
    const char *datagram = words_of(result)->datagram;
    int sent = result->measures.sent;
    buffer_add_text(out, datagram != NULL ? "no reply" : "no answer");
    if (datagram != NULL && sent > 0)
        buffer_add_format(out, " to %d %s%s", sent, datagram, plural((uint64_t)sent));
    else if (datagram == NULL && result->syn_retransmits > 0)
        buffer_add_format(out, " to %d SYNs", result->syn_retransmits + 1);
}

static bool is_line_end(unsigned char c)
{
    return c == '\r' || c == '\n';
}

/* How much of an answer is its first line: all of it where it is no text, or begins with the
   end of a line. */
static size_t first_line(const struct reply *reply)
{
    size_t len = 0;
    while (len < reply->kept && !is_line_end(reply->bytes[len]))
        len++;
    bool is_text = len > 0 && memchr(reply->bytes, '\0', reply->kept) == NULL;
    return is_text ? len : reply->kept;
}

/* As --send and --match take it. */
static void add_quoted_byte(struct buffer *out, unsigned char c)
{
    static const char escaped[] = "'\r\n\t";
    static const char letters[] = "'rnt";
    const char *found = c != '\0' ? strchr(escaped, c) : NULL;
    if (found != NULL)
        buffer_add_format(out, "\\%c", letters[found - escaped]);
    else
        escape_text(out, (const char *)&c, 1);
}

/* The first `len` bytes that are kept, or as many as fit the columns. */
static void add_quote(struct buffer *out, const struct reply *reply, size_t len, size_t columns)
{
    size_t shown = 0;
    buffer_add_text(out, "'");
    for (size_t start = out->len; shown < len; shown++) {
        size_t before = out->len;
        add_quoted_byte(out, reply->bytes[shown]);
        if (out->len - start > columns) {
            out->len = before;
            break;
        }
    }
    size_t end = shown;
    while (shown == len && end < reply->kept && is_line_end(reply->bytes[end]))
        end++;
    buffer_add_text(out, end < reply->len ? "...'" : "'");
}

/* The first line of an answer, as 'HTTP/1.1 400 Bad Request...', or as much as a row has room
   for. */
static void add_first_line(struct buffer *out, const struct reply *reply)
{
    add_quote(out, reply, first_line(reply), QUOTE_COLUMNS);
}

/* All that is kept, ends of lines too: what a pattern did not match. */
static void add_beginning(struct buffer *out, const struct reply *reply)
{
    add_quote(out, reply, reply->kept, SIZE_MAX);
}

/* What the silence may mean, if the protocol knows of more than one thing. */
static void add_meaning(struct buffer *out, const struct result *result)
{
    const struct protocol_words *words = words_of(result);
    bool is_rejected = result->rejection.by != REJECTER_NONE;
    const char *meaning = is_rejected ? words->silence_beside_rejections : words->silence;
    int replies = result->measures.replies;
    if (replies > 0)
        buffer_add_format(out, "; %d came that %s no answer", replies,
                          replies == 1 ? "is" : "are");
    else if (meaning != NULL)
        buffer_add_text(out, meaning);
}

static void timeout_detail(struct buffer *out, const struct result *result)
{
    bool is_plain = result->outcome.remark == REMARK_NONE;
    if (is_plain)
        add_silence(out, result);
    else
        outcome_describe(out, &result->outcome);
    buffer_add_text(out, " in ");
    wording_duration(out, result->waited_ns);
    if (is_plain)
        add_meaning(out, result);
}

/* "10.0.0.5 rejected 7 other ports by ICMP, which it may say only so often" */
static void add_rejection(struct buffer *out, const struct rejection *rejection)
{
    char sender[ADDRESS_TEXT_SIZE];
    address_format(&rejection->sender, sender);
    buffer_add_format(out, "%s rejected ", sender);
    if (rejection->others == 0)
        buffer_add_text(out, "this one before");
    else
        buffer_add_format(out, "%" PRIu64 " other %s%s", rejection->others,
                          rejection->by == REJECTER_ITSELF ? "port" : "target",
                          plural(rejection->others));
    buffer_add_text(out, " by ICMP, which it may say only so often");
}

static void add_separator(struct buffer *out, size_t start)
{
    if (out->len > start)
        buffer_add_text(out, ", ");
}

static void add_sender(struct buffer *out, const struct icmp *icmp, size_t start)
{
    char sender[ADDRESS_TEXT_SIZE];
    add_separator(out, start);
    address_format(&icmp->sender, sender);
    bool is_ipv6 = address_family(&icmp->sender) == AF_INET6;
    buffer_add_format(out, "said %s%s (%s %u/%u)", sender, icmp->is_own ? ", this machine" : "",
                      is_ipv6 ? "ICMPv6" : "ICMP", icmp->type, icmp->code);
}

/* "certificate until 2026-12-29 (not verified)" */
static void add_certificate(struct buffer *out, const struct reply *reply, int64_t wall_s)
{
    if (reply->tls_not_after_s == INT64_MAX)
        return;
    buffer_add_text(out, reply->tls_not_after_s < wall_s ? "certificate expired "
                                                         : "certificate until ");
    wording_day(out, reply->tls_not_after_s);
    buffer_add_text(out, " (not verified)");
}

bool detail_is_answer(enum reason reason)
{
    return reason == REASON_REPLIED || reason == REASON_MATCHED || reason == REASON_READY ||
           reason == REASON_NOT_READY;
}

/* "TLS 1.2, certificate until 2026-12-29 (not verified)" */
static void reply_detail(struct buffer *out, const struct report *report,
                         const struct result *result)
{
    const struct reply *reply = result->measures.reply;
    int64_t wall_ns = result->finished_ns + report->wall_offset_ns;
    size_t start = out->len;
    /* The line that matched is what was awaited: -v has it. */
    if (reply == NULL || result->outcome.reason == REASON_MATCHED)
        return;
    if (reply->is_quoted && reply->len > 0)
        add_first_line(out, reply);
    buffer_add_text(out, reply->words);
    size_t before = out->len;
    add_separator(out, start);
    size_t certificate = out->len;
    add_certificate(out, reply, wall_ns / NS_PER_S);
    if (out->len == certificate)
        out->len = before;
}

/* "not TLS: 'HTTP/1.1 400 Bad Request...'"; "'220 hello\r\n'" */
static void mismatch_detail(struct buffer *out, const struct result *result)
{
    const struct reply *reply = result->measures.reply;
    const char *mismatch = words_of(result)->mismatch;
    if (reply != NULL && reply->words[0] != '\0')
        mismatch = reply->words;
    buffer_add_text(out, mismatch != NULL ? mismatch : "");
    if (reply == NULL)
        return;
    buffer_add_text(out, mismatch != NULL ? ": " : "");
    if (reply->is_quoted)
        add_beginning(out, reply);
    else
        add_first_line(out, reply);
}

/* "reset 2.1 ms after the handshake, after 57 bytes: 'HTTP/1.1 408...'" */
static void closed_detail(struct buffer *out, const struct result *result)
{
    const struct reply *reply = result->measures.reply;
    int64_t after_ns = result->measures.closed_after_ns;
    if (after_ns < 0)
        after_ns = result->reply_ns;
    buffer_add_text(out,
                    outcome_is_reset(result->outcome.error) ? "reset" : "by the other side");
    if (after_ns >= 0) {
        buffer_add_text(out, " ");
        wording_milliseconds(out, after_ns);
        buffer_add_text(out, " after the handshake");
    }
    if (reply == NULL || reply->len == 0)
        return;
    buffer_add_format(out, ", after %zu byte%s: ", reply->len, plural(reply->len));
    add_first_line(out, reply);
}

/* "path takes 1400 bytes". This machine knows it of its interface, its routes, or from before.
 */
static void size_detail(struct buffer *out, const struct result *result)
{
    bool is_own = result->outcome.is_own || result->outcome.icmp.is_own;
    if (result->measures.path_mtu > 0)
        buffer_add_format(out, "path takes %d bytes", result->measures.path_mtu);
    else
        buffer_add_text(out, "path takes less");
    if (is_own)
        buffer_add_text(out, ", says this machine");
}

static void resolve_timeout_detail(struct buffer *out, const struct result *result)
{
    buffer_add_text(out, "the resolver did not answer in ");
    wording_duration(out, result->waited_ns);
}

/* What reasons say of their own, if nothing else does; NULL: what the outcome does. */
static void (*const by_reason[REASON_COUNT])(struct buffer *out,
                                             const struct result *result) = {
    [REASON_MISMATCHED] = mismatch_detail, [REASON_CLOSED] = closed_detail,
    [REASON_TOOBIG] = size_detail,         [REASON_RESOLVE_TIMEOUT] = resolve_timeout_detail,
    [REASON_INVALID] = invalid_detail,
};

static void add_cause(struct buffer *out, const struct report *report,
                      const struct result *result)
{
    const struct outcome *outcome = &result->outcome;
    bool has_remark = outcome->remark != REMARK_NONE;
    if (outcome->reason == REASON_TIMEOUT && !outcome->icmp.is_set)
        timeout_detail(out, result);
    else if (!has_remark && detail_is_answer(outcome->reason))
        reply_detail(out, report, result);
    else if (!has_remark && by_reason[outcome->reason] != NULL)
        by_reason[outcome->reason](out, result);
    else if (has_remark || !detail_is_plain_refusal(result) || !outcome->icmp.is_set)
        outcome_describe(out, outcome);
}

/* "held 500 ms" */
static void add_hold(struct buffer *out, const struct result *result, size_t start)
{
    if (result->measures.held_ns < 0 || outcome_state(&result->outcome) != STATE_UP)
        return;
    add_separator(out, start);
    buffer_add_text(out, "held ");
    wording_duration(out, result->measures.held_ns);
}

/* How often it was sent before the answer came. */
static void add_resends(struct buffer *out, const struct result *result, size_t start)
{
    enum reason reason = result->outcome.reason;
    int sent = result->measures.sent;
    int retransmits = result->syn_retransmits;
    bool is_up = outcome_state(&result->outcome) == STATE_UP;
    if (is_up && retransmits > 0) {
        add_separator(out, start);
        buffer_add_format(out, "%d SYN%s lost", retransmits, plural((uint64_t)retransmits));
    }
    if ((is_up || reason == REASON_REFUSED) && sent > 1) {
        add_separator(out, start);
        buffer_add_format(out, "after %d resend%s", sent - 1, plural((uint64_t)sent - 1));
    }
}

/* "answer from 10.0.0.6", "answer from port 40123" */
static void add_replier(struct buffer *out, const struct result *result, size_t start)
{
    const struct reply *reply = result->measures.reply;
    if (reply == NULL || address_family(&reply->from) == AF_UNSPEC)
        return;
    char text[ADDRESS_TEXT_SIZE];
    unsigned port = address_port(&reply->from);
    bool is_other_host = !address_equals(&reply->from, &result->endpoint.address);
    address_format(&reply->from, text);
    add_separator(out, start);
    buffer_add_format(out, "answer from %s", is_other_host ? text : "");
    if (port != result->endpoint.port)
        buffer_add_format(out, "%sport %u", is_other_host ? " " : "", port);
}

/* What it took to get the answer. */
static void add_efforts(struct buffer *out, const struct result *result, size_t start)
{
    add_hold(out, result, start);
    add_resends(out, result, start);
    add_replier(out, result, start);
    if (result->others_failed > 0) {
        add_separator(out, start);
        buffer_add_format(out, "%u more address%s failed", result->others_failed,
                          result->others_failed > 1 ? "es" : "");
    }
    if (result->attempts > 1) {
        add_separator(out, start);
        buffer_add_format(out, "%u attempts", result->attempts);
    }
}

bool detail_is_plain_refusal(const struct result *result)
{
    const struct icmp *icmp = &result->outcome.icmp;
    bool is_plain = words_of(result)->is_refused_by_icmp &&
                    address_equals(&icmp->sender, &result->endpoint.address);
    return result->outcome.reason == REASON_REFUSED && (!icmp->is_set || is_plain);
}

void detail_describe(struct buffer *out, const struct report *report,
                     const struct result *result)
{
    const struct icmp *icmp = &result->outcome.icmp;
    size_t start = out->len;
    add_cause(out, report, result);
    if (icmp->is_set && !detail_is_plain_refusal(result) &&
        (result->outcome.reason != REASON_TOOBIG || !icmp->is_own))
        add_sender(out, icmp, start);
    add_efforts(out, result, start);
    if (result->rejection.by != REJECTER_NONE) {
        add_separator(out, start);
        add_rejection(out, &result->rejection);
    }
}
