/* realpath(3) is of the XSI part of POSIX.1-2008. */
#define _XOPEN_SOURCE 700

#include "netcheck/os/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netcheck/base/buffer.h"
#include "netcheck/os/descriptor.h"

static const char pattern[] = ".XXXXXX";

/* "/var/www/page.html": "/var/www/.page.html.XXXXXX", to be freed; NULL without memory. */
static char *name_temporary(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t folder_len = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    struct buffer name = BUFFER_EMPTY;
    buffer_add(&name, path, folder_len);
    buffer_add_text(&name, ".");
    buffer_add_text(&name, path + folder_len);
    buffer_add(&name, pattern, sizeof pattern);
    if (!name.has_failed)
        return name.bytes;
    buffer_release(&name);
    return NULL;
}

/* Of a new file what the umask leaves of 0666, else that of the old one. */
static mode_t choose_mode(const struct stat *old)
{
    if (old != NULL)
        return old->st_mode & 07777;
    mode_t mask = umask(0);
    (void)umask(mask);
    return 0666 & ~mask;
}

static int open_temporary(struct atomic_file *file, const struct stat *old)
{
    file->temporary = name_temporary(file->path);
    if (file->temporary == NULL)
        return ENOMEM;
    file->fd = mkstemp(file->temporary);
    if (file->fd < 0) {
        int error = errno;
        free(file->temporary);
        file->temporary = NULL;
        return error;
    }
    if (fcntl(file->fd, F_SETFD, FD_CLOEXEC) != 0 || fchmod(file->fd, choose_mode(old)) != 0)
        return errno;
    return 0;
}

static int open_directly(struct atomic_file *file)
{
    file->fd = open(file->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return file->fd >= 0 ? 0 : errno;
}

int atomic_file_open(struct atomic_file *file, const char *path)
{
    *file = (struct atomic_file){.fd = -1};
    struct stat old;
    bool is_there = stat(path, &old) == 0;
    if (!is_there && errno != ENOENT)
        return errno;
    file->path = is_there ? realpath(path, NULL) : strdup(path);
    if (file->path == NULL)
        return errno;
    if (is_there && S_ISDIR(old.st_mode))
        return EISDIR;
    return is_there && !S_ISREG(old.st_mode) ? open_directly(file)
                                             : open_temporary(file, is_there ? &old : NULL);
}

int atomic_file_write(struct atomic_file *file, const void *bytes, size_t len)
{
    size_t written = 0;
    for (size_t done = 0; done < len; done += written) {
        int error = os_write(file->fd, (const char *)bytes + done, len - done, &written);
        if (error != 0)
            return error;
    }
    return 0;
}

static int sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL   ? strdup(".")
                   : slash == path ? strdup("/")
                                   : strndup(path, (size_t)(slash - path));
    int fd = folder != NULL ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(folder);
    if (fd < 0)
        return 0; /* the file itself is whole: what is missing is that it survives a crash now
                   */
    int error = fsync(fd) == 0 || errno == EINVAL ? 0 : errno;
    (void)close(fd); /* it was only synced */
    return error;
}

int atomic_file_commit(struct atomic_file *file)
{
    if (file->temporary == NULL) {
        int error = os_close(file->fd);
        file->fd = -1;
        return error;
    }
    if (fsync(file->fd) != 0)
        return errno;
    int error = os_close(file->fd);
    file->fd = -1;
    if (error == 0 && rename(file->temporary, file->path) != 0)
        error = errno;
    if (error != 0)
        return error;
    free(file->temporary);
    file->temporary = NULL;
    return sync_folder(file->path);
}

void atomic_file_release(struct atomic_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd); /* what was not committed is not wanted */
    if (file->temporary != NULL)
        (void)unlink(file->temporary); /* nothing better can be done */
    free(file->temporary);
    free(file->path);
    *file = (struct atomic_file){.fd = -1};
}
