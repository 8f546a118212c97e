/* realpath(3) is of the XSI part of POSIX.1-2008. */
#define _XOPEN_SOURCE 700

#include "netcheck/os/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netcheck/base/buffer.h"
#include "netcheck/base/siphash.h"
#include "netcheck/os/descriptor.h"
#include "replacement.h"
#include "temporary.h"

enum {
    TRIES = 1000,       /* at a file that others replace all the time */
    BASE_LEN_MAX = 250, /* of a name, so that ".NAME.new" fits in any folder: NAME_MAX is 255 */
    CUT_LEN = 200,      /* of a longer one */
};

static int lock(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_SETLK, &whole) == 0 ? 0 : errno;
}

static int64_t find_holder(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    bool is_known = fcntl(fd, F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
    return is_known && whole.l_pid > 0 ? (int64_t)whole.l_pid : 0;
}

struct found {
    bool is_new; /* there was no file */
    bool is_locked;
};

/* Open what is there, or make it. A device is not opened: that alone may have effects. */
static enum state_file_problem open_path(struct state_file *file, const char *path,
                                         bool *is_new)
{
    struct stat status;
    bool is_there = stat(path, &status) == 0;
    *is_new = !is_there;
    if (is_there && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return STATE_FILE_FAILED;
    }
    if (is_there && !S_ISREG(status.st_mode))
        return STATE_FILE_SPECIAL;
    file->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
    return file->fd >= 0 ? STATE_FILE_FINE : STATE_FILE_FAILED;
}

static enum state_file_problem try_lock(struct state_file *file, const char *path,
                                        struct found *found, int64_t *holder)
{
    struct stat locked;
    struct stat now;
    enum state_file_problem problem = open_path(file, path, &found->is_new);
    if (problem != STATE_FILE_FINE)
        return problem;
    int error = lock(file->fd);
    if (error == EAGAIN || error == EACCES) {
        *holder = find_holder(file->fd);
        return STATE_FILE_IN_USE;
    }
    errno = error;
    if (error != 0 || fstat(file->fd, &locked) != 0)
        return STATE_FILE_FAILED;
    found->is_locked = stat(path, &now) == 0 && replacement_is_same(&locked, &now);
    return STATE_FILE_FINE;
}

/* What does not fit is cut, and its hash tells it from others that begin so: no lock keeps two
   runs with state files of their own from each other. */
static void add_base(struct buffer *out, const char *base)
{
    static const struct siphash_key key;
    size_t len = strlen(base);
    if (len <= BASE_LEN_MAX) {
        buffer_add(out, base, len);
        return;
    }
    buffer_add(out, base, CUT_LEN);
    buffer_add_format(out, ".%016" PRIx64, siphash(&key, (const unsigned char *)base, len));
}

/* "/var/lib/flows": "/var/lib/.flows.new"; NULL without memory. */
static char *name_temporary(const char *path)
{
    size_t folder_len = replacement_folder_len(path);
    struct buffer name = BUFFER_EMPTY;
    buffer_add(&name, path, folder_len);
    buffer_add_text(&name, ".");
    add_base(&name, path + folder_len);
    buffer_add(&name, ".new", sizeof ".new");
    if (!name.has_failed)
        return name.bytes;
    buffer_release(&name);
    errno = ENOMEM;
    return NULL;
}

static void forget(struct temporary **made)
{
    temporary_forget(*made);
    *made = NULL;
}

/* With the mode of the file and, as far as that is allowed, its owner. What a run that was
   killed left behind goes: the lock says that nothing else writes there. */
static int open_temporary(struct state_file *file)
{
    struct stat old;
    if (file->temporary == NULL)
        file->temporary = name_temporary(file->path);
    if (file->temporary == NULL || fstat(file->fd, &old) != 0)
        return errno;
    if (unlink(file->temporary) != 0 && errno != ENOENT)
        return errno;
    forget(&file->new_made);
    file->new_fd = temporary_open(&file->new_made, file->temporary,
                                  O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file->new_fd < 0)
        return errno;
    return replacement_resemble(file->new_fd, &old);
}

/* Whether its place can be taken. */
static int check_place(const struct state_file *file)
{
    struct stat status;
    return fstat(file->fd, &status) == 0 ? replacement_check(file->path, &status) : errno;
}

enum state_file_problem state_file_open(struct state_file *file, const char *path,
                                        int64_t *holder)
{
    *file = (struct state_file){.fd = -1, .new_fd = -1};
    *holder = 0;
    struct found found = {.is_locked = false};
    for (int i = 0; i < TRIES && !found.is_locked; i++) {
        if (file->fd >= 0)
            (void)close(file->fd); /* it is another file by now */
        file->fd = -1;
        enum state_file_problem problem = try_lock(file, path, &found, holder);
        if (problem != STATE_FILE_FINE)
            return problem;
    }
    if (!found.is_locked)
        return STATE_FILE_IN_USE;
    file->path = realpath(path, NULL);
    if (file->path == NULL)
        return STATE_FILE_FAILED;
    if (found.is_new)
        file->made = temporary_while_empty(file->path);
    errno = check_place(file);
    if (errno == EBUSY || errno == EPERM)
        return errno == EBUSY ? STATE_FILE_MOUNTED : STATE_FILE_KEPT;
    if (errno == 0)
        errno = open_temporary(file);
    return errno == 0 ? STATE_FILE_FINE : STATE_FILE_NO_PLACE;
}

int state_file_read(struct state_file *file, char *bytes, size_t size, size_t *len)
{
    return os_read(file->fd, bytes, size, len);
}

bool state_file_is_open_as(const struct state_file *file, int fd)
{
    return file->fd >= 0 && os_is_same_file(file->fd, fd);
}

static bool is_fd_at(int fd, const char *path)
{
    struct stat own;
    struct stat other;
    return fd >= 0 && fstat(fd, &own) == 0 && stat(path, &other) == 0 &&
           replacement_is_same(&own, &other);
}

bool state_file_is_at(const struct state_file *file, const char *path)
{
    return is_fd_at(file->fd, path) || is_fd_at(file->new_fd, path);
}

int state_file_write(struct state_file *file, const char *bytes, size_t len)
{
    int error = file->new_fd < 0 ? open_temporary(file) : 0;
    return error == 0 ? replacement_write(file->new_fd, bytes, len) : error;
}

int state_file_replace(struct state_file *file, int error)
{
    if (error == 0 && file->new_fd < 0)
        error = open_temporary(file);
    if (error == 0)
        error = replacement_sync(file->new_fd);
    if (error == 0)
        error = lock(file->new_fd); /* before others can find it */
    if (error == 0 && rename(file->temporary, file->path) != 0)
        error = errno;
    if (error != 0) {
        if (file->new_fd >= 0)
            (void)close(file->new_fd); /* the old file stands */
        file->new_fd = -1;
        return error;
    }
    forget(&file->new_made);
    forget(&file->made);
    (void)close(file->fd); /* it was replaced, and on the disk before */
    file->fd = file->new_fd;
    file->new_fd = -1;
    (void)replacement_sync_folder(file->path); /* the file itself is whole */
    return 0;
}

/* The lock says that it is still this run's own, and its size that no other program wrote. */
static void remove_unwritten(struct state_file *file)
{
    struct stat own;
    struct stat now;
    if (file->made != NULL && fstat(file->fd, &own) == 0 && stat(file->path, &now) == 0 &&
        replacement_is_same(&own, &now) && now.st_size == 0)
        (void)unlink(file->path); /* an empty file is as good as none */
    forget(&file->made);
}

void state_file_release(struct state_file *file)
{
    remove_unwritten(file);
    if (file->temporary != NULL)
        (void)unlink(file->temporary); /* it is not wanted, or not there */
    forget(&file->new_made);
    if (file->new_fd >= 0)
        (void)close(file->new_fd); /* the same */
    if (file->fd >= 0)
        (void)close(file->fd); /* what was written was synced */
    free(file->path);
    free(file->temporary);
    *file = (struct state_file){.fd = -1, .new_fd = -1};
}
