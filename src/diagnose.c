#include "netcheck/diagnose.h"

#include <stdarg.h>
#include <stdio.h>

#include "netcheck/buffer.h"
#include "netcheck/os.h"

void diagnose(const char *format, ...)
{
    char text[2048]; /* every message quotes at most a few names, and those are shortened */
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);

    struct buffer line = BUFFER_EMPTY;
    buffer_add_format(&line, "netcheck: %s\n", text);
    size_t done = 0;
    size_t written = 0;
    while (done < line.len &&
           os_write(STANDARD_ERROR, line.bytes + done, line.len - done, &written) == 0)
        done += written;
    buffer_release(&line);
}
