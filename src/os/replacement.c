/* The bit of a folder like /tmp is of the XSI part of POSIX.1-2008. */
#define _XOPEN_SOURCE 700

#include "replacement.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netcheck/os/descriptor.h"
#include "os_internal.h"

enum {
    PERMISSION_BITS = 07777,
    SET_ID_BITS = 07000, /* run as its owner, or group */
};

size_t replacement_folder_len(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

char *replacement_folder(const char *path)
{
    size_t len = replacement_folder_len(path);
    return len > 0 ? strndup(path, len) : strdup(".");
}

bool replacement_is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

int replacement_check(const char *path, const struct stat *old)
{
    struct stat status;
    char *folder = replacement_folder(path);
    if (folder == NULL)
        return ENOMEM;
    int error = stat(folder, &status) == 0 ? 0 : errno;
    uid_t user = geteuid();
    if (error == 0 && (status.st_mode & S_ISVTX) != 0 && user != 0 && user != old->st_uid &&
        user != status.st_uid)
        error = EPERM;
    if (error == 0 && os_extra_is_mount_point(path, folder))
        error = EBUSY;
    free(folder);
    return error;
}

int replacement_resemble(int fd, const struct stat *old)
{
    mode_t mode = old->st_mode & PERMISSION_BITS;
    if (fchown(fd, old->st_uid, old->st_gid) != 0 && fchown(fd, (uid_t)-1, old->st_gid) != 0)
        mode &= (mode_t)~SET_ID_BITS; /* not as another one */
    return fchmod(fd, mode) == 0 || errno == EPERM || errno == EOPNOTSUPP ? 0 : errno;
}

int replacement_write(int fd, const void *bytes, size_t len)
{
    size_t written = 0;
    for (size_t done = 0; done < len; done += written) {
        int error = os_write(fd, (const char *)bytes + done, len - done, &written);
        if (error != 0)
            return error;
    }
    return 0;
}

int replacement_sync(int fd)
{
    int error;
    do
        error = fsync(fd) == 0 ? 0 : errno;
    while (error == EINTR);
    return error == EINVAL || error == EOPNOTSUPP || error == ENOSYS ? 0 : error;
}

int replacement_sync_folder(const char *path)
{
    char *folder = replacement_folder(path);
    int fd = folder != NULL ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(folder);
    if (fd < 0)
        return 0;
    int error = replacement_sync(fd);
    (void)close(fd); /* it was only synced */
    return error;
}
