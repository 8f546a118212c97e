#include "option_text.h"

#include <string.h>

#include "netcheck/base/unescape.h"
#include "netcheck/target/secret.h"

/* As the user wrote it: a backslash is not doubled as elsewhere, since the place counts. */
static void add_written(struct buffer *out, const char *written)
{
    struct buffer quoted = BUFFER_EMPTY;
    secret_quoted(&quoted, written, strlen(written));
    for (size_t i = 0; i < quoted.len; i++) {
        buffer_add(out, &quoted.bytes[i], 1);
        i += i + 1 < quoted.len && memcmp(&quoted.bytes[i], "\\\\", 2) == 0;
    }
    buffer_release(&quoted);
}

/* "unknown escape at byte 3 of 'ab\q' for --send: write \\ for a backslash" */
static bool refuse(const struct use *use, const char *words, const size_t *at,
                   const char *remedy)
{
    buffer_add_text(use->message, words);
    if (at != NULL)
        buffer_add_format(use->message, " at byte %zu of ", *at + 1);
    else
        buffer_add_text(use->message, " ");
    add_written(use->message, use->argument);
    buffer_add_format(use->message, " for %s", use->name);
    buffer_add_format(use->message, ": %s", remedy);
    return false;
}

static bool refuse_memory(const struct use *use)
{
    buffer_add_format(use->message, "%s for %s", error_text(ERROR_NO_MEMORY), use->name);
    return false;
}

bool option_text_apply_send(struct options *options, const struct use *use)
{
    struct ask_options *ask = &options->probe.ask;
    size_t at = 0;
    if (ask->has_send) {
        buffer_add_format(use->message,
                          "%s is written twice: write all that is to be sent in "
                          "one, lines with \\r\\n between them",
                          use->name);
        return false;
    }
    enum unescape_fault fault = unescape(&options->send, use->argument, &at);
    if (fault != UNESCAPE_OK)
        return refuse(use, unescape_text(fault), &at, unescape_remedy(fault));
    if (options->send.has_failed)
        return refuse_memory(use);
    if (options->send.len > OPTIONS_SEND_MAX) {
        buffer_add_format(use->message,
                          "text of %zu bytes for %s: allowed are %d, the most "
                          "that a datagram has",
                          options->send.len, use->name, OPTIONS_SEND_MAX);
        return false;
    }
    ask->has_send = true;
    ask->send = (const unsigned char *)options->send.bytes;
    ask->send_len = options->send.len;
    return true;
}

bool option_text_apply_match(struct options *options, const struct use *use)
{
    struct matcher_fault fault;
    if (options->match != NULL) {
        buffer_add_format(use->message, "%s is written twice: write '/A|B/' for one of two",
                          use->name);
        return false;
    }
    enum error error = matcher_new(use->argument, &options->match, &fault);
    options->probe.ask.match = options->match;
    if (error == ERROR_INVALID)
        return refuse(use, fault.words, fault.has_place ? &fault.at : NULL, fault.remedy);
    return error == ERROR_NONE || refuse_memory(use);
}
