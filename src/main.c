/*
 * main: parse, build, run, clean up, return.
 */
#include <errno.h>
#include <string.h>

#include "netcheck/base/buffer.h"
#include "netcheck/cli/message.h"
#include "netcheck/target/secret.h"
#include "netcheck/cli/listing.h"
#include "netcheck/cli/options.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/os/process.h"
#include "netcheck/os/signals.h"
#include "netcheck/os/output.h"
#include "netcheck/cli/run.h"
#include "netcheck/cli/plugin.h"
#include "netcheck/report/nagios.h"
#include "netcheck/report/verdict.h"

enum {
    STATUS_NOT_RUN = 126,   /* as a shell: found, but not to be run */
    STATUS_NOT_FOUND = 127, /* as a shell: no such command */
};

/* Help, version or a completion, of which nothing may be lost either. */
static int print_text(const struct options *options)
{
    struct output output;
    output_init(&output, STANDARD_OUTPUT);
    options_describe(&output.buffer, options);
    output_close(&output);
    bool is_written = message_output(&output);
    output_release(&output);
    return is_written ? STATUS_EXPECTED : STATUS_ERROR;
}

/* Become the command; only a failure returns. */
static int execute(char *const command[])
{
    int error = os_execute(command);
    struct buffer name = BUFFER_EMPTY;
    secret_quoted(&name, command[0], strlen(command[0]));
    message_say("cannot run %s: %s", buffer_text(&name), strerror(error));
    buffer_release(&name);
    return error == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUN;
}

static int check(const struct options *options)
{
    struct run_end end;
    run(options, &end);
    if (end.signal != 0)
        os_die(end.signal);
    int status = end.status;
    if (status == STATUS_EXPECTED && options->command != NULL)
        status = execute(options->command);
    if (!end.may_leave)
        os_exit(status);
    return status;
}

/* Tell where it is read what is wrong with the command line. Returns the exit status. */
static int refuse(char *const argv[], struct buffer *message)
{
    bool is_plugin = plugin_is_asked(argv, false) || plugin_is_asked(argv, true);
    if (is_plugin)
        message_to_plugin();
    message_say("%s", buffer_text(message));
    return is_plugin ? PLUGIN_UNKNOWN : STATUS_ERROR;
}

int main(int argc, char *argv[])
{
    /* Before anything is opened: a socket must never be descriptor 0, 1 or 2. */
    if (os_reserve_standard() != 0)
        return STATUS_ERROR;
    os_prepare_signals();

    struct options options;
    struct buffer message = BUFFER_EMPTY;
    int status;
    if (plugin_is_asked(argv, false))
        message_to_plugin();
    if (!options_parse(&options, argc, argv, &message))
        status = refuse(argv, &message);
    else if (options.text != TEXT_NONE)
        status = print_text(&options);
    else if (options.is_list)
        status = listing(&options);
    else
        status = check(&options);
    options_release(&options);
    buffer_release(&message);
    return status;
}
