/* The names of all questions, for people. */
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/probe/question.h"

static const struct {
    enum protocol_id protocol;
    const struct question *question;
} rows[] = {
#define QUESTION_ROW(protocol, port, name) {protocol, &question_##name},
    QUESTIONS(QUESTION_ROW)
#undef QUESTION_ROW
};

/* Whether the row is on the list: the services of UDP are on one of their own. One is named for
   where it is asked, "ike behind NAT", and "empty" is no service. */
static bool is_listed(size_t row, bool is_udp)
{
    const char *name = rows[row].question->name;
    bool is_service = strchr(name, ' ') == NULL && rows[row].question != &question_empty;
    return is_service && (rows[row].protocol == PROTOCOL_UDP) == is_udp;
}

/* The first name of the list behind `last` in the alphabet; NULL: there is none. */
static const char *next_name(const char *last, bool is_udp)
{
    const char *next = NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *name = rows[i].question->name;
        bool is_behind = is_listed(i, is_udp) && strcmp(name, last) > 0;
        if (is_behind && (next == NULL || strcmp(name, next) < 0))
            next = name;
    }
    return next;
}

static void add_names(struct buffer *out, bool is_udp)
{
    const char *separator = "";
    for (const char *name = next_name("", is_udp); name != NULL;
         name = next_name(name, is_udp)) {
        buffer_add_format(out, "%s%s", separator, name);
        separator = ", ";
    }
}

void question_add_known(struct buffer *out, enum fault_code code)
{
    if (code != FAULT_READY_UNKNOWN)
        return;
    buffer_add_text(out, "; known are ");
    add_names(out, false);
    buffer_add_text(out, "; over UDP ");
    add_names(out, true);
}
