#include "netcheck/probe/question.h"

#include "netcheck/base/base.h"

static const struct {
    enum protocol_id protocol;
    uint16_t port;
    const struct question *question;
} rows[] = {
#define QUESTION_ROW(protocol, port, name) {protocol, port, &question_##name},
    QUESTIONS(QUESTION_ROW)
#undef QUESTION_ROW
};

/* The row of the port, or else the one for all ports of the protocol; NULL: there is neither.
 */
static const struct question *find_row(enum protocol_id protocol, uint16_t port)
{
    const struct question *found = NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].protocol != protocol)
            continue;
        if (rows[i].port == port)
            return rows[i].question;
        if (rows[i].port == 0)
            found = rows[i].question;
    }
    return found;
}

const struct question *question_find(enum protocol_id protocol, uint16_t port)
{
    const struct question *found = find_row(protocol, port);
    return found != NULL ? found : &question_empty;
}

const struct question *question_of_service(const struct endpoint *endpoint)
{
    uint16_t service = endpoint->target->service;
    const struct question *found =
        find_row(endpoint->protocol, service != 0 ? service : endpoint->port);
    return found != &question_empty ? found : NULL;
}

/* A text without a question for it is awaited as a banner; a datagram has to be asked for. */
static bool is_text_asked(enum protocol_id protocol, const struct ask_options *ask)
{
    if (protocol == PROTOCOL_TCP)
        return ask->has_send || ask->match != NULL;
    return protocol == PROTOCOL_UDP && ask->has_send;
}

const struct question *question_choose(const struct endpoint *endpoint,
                                       const struct ask_options *ask)
{
    enum protocol_id protocol = endpoint->protocol;
    if (ask->is_canary && protocol == PROTOCOL_TCP)
        return NULL;
    if (ask->is_ready)
        return question_of_service(endpoint);
    if (is_text_asked(protocol, ask))
        return &question_text;
    return protocol == PROTOCOL_TCP ? NULL : question_find(protocol, endpoint->port);
}

/* Whether --send or --match is of text, which goes over TCP and UDP alone. */
static bool refuses_text(enum protocol_id protocol, const struct ask_options *ask)
{
    bool has_text = ask->has_send || ask->match != NULL;
    bool takes_text = protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP;
    return has_text && !takes_text;
}

enum fault_code question_refuse(const struct endpoint *endpoint, const void *context)
{
    const struct ask_options *ask = context;
    if (refuses_text(endpoint->protocol, ask))
        return FAULT_TEXT_PROTOCOL;
    if (!ask->is_ready)
        return FAULT_NONE;
    if (endpoint->protocol == PROTOCOL_ICMP)
        return FAULT_READY_ECHO;
    const struct question *question = question_of_service(endpoint);
    if (question == NULL)
        return FAULT_READY_UNKNOWN;
    bool fits = question->fits == NULL || question->fits(endpoint);
    return fits ? FAULT_NONE : FAULT_READY_PATH;
}
