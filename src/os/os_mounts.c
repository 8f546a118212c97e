/*
 * os_mounts: what is mounted where, as far as the system tells it.
 *
 * Source: proc_pid_mountinfo(5) of Linux; where it is not there, nothing is known.
 */
#include "os_internal.h"

#include <string.h>

#include "netcheck/base/buffer.h"
#include "netcheck/os/descriptor.h"

enum { PIECE_SIZE = 4096, MOUNT_FIELD = 4 };

static void read_all(const char *path, struct buffer *out)
{
    char piece[PIECE_SIZE];
    size_t len = 0;
    int fd = -1;
    if (os_open_input(path, &fd) != 0)
        return;
    while (os_read(fd, piece, sizeof piece, &len) == 0 && len > 0)
        buffer_add(out, piece, len);
    (void)os_close(fd); /* it was only read */
}

static bool is_octal(const char *at)
{
    return at[0] == '\\' && at[1] >= '0' && at[1] <= '3' && at[2] >= '0' && at[2] <= '7' &&
           at[3] >= '0' && at[3] <= '7';
}

static int octal_value(const char *at)
{
    return (at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0');
}

/* Whether the field, in which \040 is a blank, is the path. */
static bool is_field(const char *field, const char *path)
{
    for (; *path != '\0'; path++) {
        bool has_octal = is_octal(field);
        int byte = has_octal ? octal_value(field) : (unsigned char)*field;
        if (byte != (unsigned char)*path)
            return false;
        field += has_octal ? 4 : 1;
    }
    return *field == ' ';
}

bool os_is_mount_point(const char *path)
{
    struct buffer text = BUFFER_EMPTY;
    bool is_found = false;
    read_all("/proc/self/mountinfo", &text);
    const char *line = buffer_text(&text);
    while (line != NULL && *line != '\0' && !is_found) {
        const char *field = line;
        for (int i = 0; i < MOUNT_FIELD && field != NULL; i++)
            field = strchr(field, ' ') != NULL ? strchr(field, ' ') + 1 : NULL;
        is_found = field != NULL && is_field(field, path);
        line = strchr(line, '\n') != NULL ? strchr(line, '\n') + 1 : NULL;
    }
    buffer_release(&text);
    return is_found;
}
