#include "netcheck/cli/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "netcheck/os/descriptor.h"
#include "netcheck/report/nagios.h"
#include "netcheck/target/fault.h"
#include "netcheck/target/secret.h"

enum { INTERRUPTIONS = 2 };

/* Of the process, as the descriptors are: where messages go must not depend on who has one. */
static bool is_plugin;

void message_to_plugin(void)
{
    is_plugin = true;
}

void message_say(const char *format, ...)
{
    /* On the stack: memory may be what is missing. Every message quotes at most a few names,
       and those are shortened. */
    char text[2048];
    const char *prefix = is_plugin ? PLUGIN_FAILURE : "netcheck: ";
    size_t start = strlen(prefix);
    (void)snprintf(text, sizeof text, "%s", prefix);
    size_t room = sizeof text - start - 1;
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text + start, room, format, arguments);
    va_end(arguments);
    size_t end = start + (len < 0 ? 0 : (size_t)len < room ? (size_t)len : room - 1);
    if (is_plugin)
        end = start + nagios_clean(text + start, end - start);
    text[end++] = '\n';

    size_t written = 0;
    int interrupted = 0; /* once by the signal that is to end us, and then once a second */
    for (size_t done = 0; done < end; done += written) {
        int error = os_write(is_plugin ? STANDARD_OUTPUT : STANDARD_ERROR, text + done,
                             end - done, &written);
        if (error != 0)
            written = 0;
        if (error != 0 && (error != EINTR || ++interrupted == INTERRUPTIONS))
            return;
    }
}

/* What has no text to point into. */
static void say_fault(enum fault_code code)
{
    message_say("%s: %s", fault_text(code), fault_remedy(code));
}

void message_error(enum error error)
{
    if (error == ERROR_FULL)
        say_fault(FAULT_ROSTER);
    else if (error == ERROR_RANGE)
        say_fault(FAULT_SHUFFLE);
    else
        message_say("%s", error_text(error));
}

void message_unreadable(struct buffer *out, const char *path, const char *why)
{
    buffer_add_text(out, "cannot read ");
    secret_quoted(out, path, strlen(path));
    buffer_add_format(out, ": %s", why);
}

/* What to do about it; NULL: what the system says has to do. */
static const char *find_way_out(int error)
{
    switch (error) {
    case ENOENT:
        return "make its folder first, with mkdir -p";
    case EISDIR:
        return "name a file in it";
    case ENOTDIR:
        return "what stands before a '/' has to be a folder";
    case EPERM:
        return "it is replaced, which only its owner may here: name another one, or write > "
               "FILE instead of -o FILE";
    case EACCES:
    case EROFS:
        return "it is replaced, for which its folder has to be writable: name another one, or "
               "write > FILE instead of -o FILE";
    case EBUSY:
        return "it is a mount point: mount its folder instead";
    case ENXIO:
        return "no program reads it: start its reader first";
    case EOPNOTSUPP:
        return "rows go to files, FIFOs and terminals, and not to sockets or disks";
    case EBADF:
        return "open it for writing, as in 3>FILE";
    default:
        return NULL;
    }
}

void message_unwritable(struct buffer *out, const char *path, int error)
{
    const char *way_out = find_way_out(error);
    buffer_add_text(out, "cannot write ");
    secret_quoted(out, path, strlen(path));
    buffer_add_format(out, ": %s",
                      error == ETIMEDOUT ? "its reader takes nothing" : strerror(error));
    if (way_out != NULL)
        buffer_add_format(out, ": %s", way_out);
}

void message_lost(const struct output *output, struct buffer *out)
{
    if (output->error == 0 || output->error == EPIPE)
        return;
    buffer_add_format(out, "netcheck: cannot write standard output: %s\n",
                      output->error == ETIMEDOUT ? "its reader takes nothing"
                                                 : strerror(output->error));
}

bool message_output(const struct output *output)
{
    struct output notes;
    output_init(&notes, STANDARD_ERROR);
    message_lost(output, &notes.buffer);
    output_drain(&notes);
    output_release(&notes);
    return output->error == 0;
}
