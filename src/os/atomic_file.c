#include "netcheck/os/atomic_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netcheck/base/base.h"
#include "netcheck/base/buffer.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/os/output.h"
#include "netcheck/os/process.h"
#include "replacement.h"
#include "temporary.h"

enum {
    LINKS_MAX = 40,     /* as Linux follows at most */
    LINK_SIZE = 4096,   /* PATH_MAX of Linux */
    SUFFIX_LEN = 6,     /* of a temporary name: 36^6 of them */
    TRIES_MAX = 100,    /* until one is not taken */
    BASE_LEN_MAX = 200, /* of the name in it, so that it fits in any folder: NAME_MAX is 255 */
};

/* "/var/www/page.html": "/var/www/.page.html.XXXXXX", to be freed; NULL without memory. The
   end of a name is what programs go by: theirs is the file, and not what it is made from. */
static char *name_temporary(const char *path)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    size_t start = replacement_folder_len(path);
    size_t base_len = strlen(path + start);
    uint64_t random = os_random();
    struct buffer name = BUFFER_EMPTY;
    buffer_add(&name, path, start);
    buffer_add_text(&name, ".");
    buffer_add(&name, path + start, base_len < BASE_LEN_MAX ? base_len : BASE_LEN_MAX);
    buffer_add_text(&name, ".");
    for (int i = 0; i < SUFFIX_LEN; i++, random /= sizeof letters - 1)
        buffer_add(&name, &letters[random % (sizeof letters - 1)], 1);
    buffer_add(&name, "", 1);
    if (!name.has_failed)
        return name.bytes;
    buffer_release(&name);
    return NULL;
}

/* Of a new file the system itself takes the umask from its mode, or the folder's default. */
static int open_temporary(struct atomic_file *file, const struct stat *old)
{
    for (int i = 0; i < TRIES_MAX; i++) {
        file->temporary = name_temporary(file->path);
        if (file->temporary == NULL)
            return ENOMEM;
        file->fd =
            temporary_open(&file->made, file->temporary,
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY,
                           old != NULL ? 0600 : 0666);
        if (file->fd >= 0)
            return old != NULL ? replacement_resemble(file->fd, old) : 0;
        int error = errno;
        free(file->temporary);
        file->temporary = NULL;
        if (error != EEXIST)
            return error;
    }
    return EEXIST;
}

/* "/dev/fd/3": 3; "/dev/stdout": 1; -1: no name of a descriptor. */
static int find_descriptor(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (strcmp(path, "/dev/stdout") == 0)
        return STANDARD_OUTPUT;
    if (strcmp(path, "/dev/stderr") == 0)
        return STANDARD_ERROR;
    for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
        const char *number = path + strlen(folders[i]);
        if (strncmp(path, folders[i], strlen(folders[i])) != 0)
            continue;
        char *end = NULL;
        long fd = number[0] >= '0' && number[0] <= '9' ? strtol(number, &end, 10) : -1;
        return end != NULL && *end == '\0' && fd <= INT_MAX ? (int)fd : -1;
    }
    return -1;
}

/* Not by its name: that would be another one, at the beginning of the file, and there is none
   of a socket. What is closed for COMMAND is this program's own. */
static int open_given(struct atomic_file *file, int fd)
{
    int flags = fcntl(fd, F_GETFD);
    int mode = fcntl(fd, F_GETFL);
    if (flags < 0 || (flags & FD_CLOEXEC) != 0 || (mode & O_ACCMODE) == O_RDONLY)
        return EBADF;
    file->fd = fcntl(fd, F_DUPFD_CLOEXEC, STANDARD_ERROR + 1);
    return file->fd >= 0 ? 0 : errno;
}

/* A FIFO that no program reads is ENXIO, instead of the wait for one. */
static int open_directly(struct atomic_file *file, const struct stat *status)
{
    if (S_ISSOCK(status->st_mode) || S_ISBLK(status->st_mode))
        return EOPNOTSUPP;
    file->fd = open(file->path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (file->fd < 0)
        return errno == ENXIO && !S_ISFIFO(status->st_mode) ? ENODEV : errno;
    return fcntl(file->fd, F_SETFL, 0) == 0 ? 0 : errno;
}

/* Replace *path, to be freed, by what all its symbolic links lead to, be that there or not. */
static int follow_links(char **path)
{
    char link[LINK_SIZE];
    for (int i = 0; i < LINKS_MAX; i++) {
        ssize_t len = readlink(*path, link, sizeof link);
        if (len < 0)
            return errno == EINVAL || errno == ENOENT ? 0 : errno;
        if ((size_t)len == sizeof link)
            return ENAMETOOLONG;
        struct buffer next = BUFFER_EMPTY;
        buffer_add(&next, *path, link[0] == '/' ? 0 : replacement_folder_len(*path));
        buffer_add(&next, link, (size_t)len);
        buffer_add(&next, "", 1);
        if (next.has_failed) {
            buffer_release(&next);
            return ENOMEM;
        }
        free(*path);
        *path = next.bytes;
    }
    return ELOOP;
}

static int open_regular(struct atomic_file *file, const struct stat *old)
{
    int error = follow_links(&file->path);
    if (error == 0 && file->path[replacement_folder_len(file->path)] == '\0')
        error = EISDIR;
    if (error == 0 && old != NULL)
        error = replacement_check(file->path, old);
    return error != 0 ? error : open_temporary(file, old);
}

int atomic_file_open(struct atomic_file *file, const char *path)
{
    *file = (struct atomic_file){.fd = -1, .path = strdup(path), .until_ns = NEVER_NS};
    struct stat old;
    int given = find_descriptor(path);
    if (file->path == NULL)
        return ENOMEM;
    if (given >= 0)
        return open_given(file, given);
    bool is_there = stat(path, &old) == 0;
    if (!is_there && (errno != ENOENT || path[0] == '\0'))
        return errno;
    if (is_there && S_ISDIR(old.st_mode))
        return EISDIR;
    return is_there && !S_ISREG(old.st_mode) ? open_directly(file, &old)
                                             : open_regular(file, is_there ? &old : NULL);
}

bool atomic_file_is_replaced(const struct atomic_file *file)
{
    return file->temporary != NULL;
}

/* What is there: what is written directly, else the old file. */
static bool find_status(const struct atomic_file *file, struct stat *status)
{
    return (file->temporary == NULL ? fstat(file->fd, status) : stat(file->path, status)) == 0;
}

/* Neither is there: whether one folder is to have them, by one name. */
static bool have_one_place(const struct atomic_file *a, const struct atomic_file *b)
{
    struct stat folders[2];
    const struct atomic_file *const files[] = {a, b};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char *folder = replacement_folder(files[i]->path);
        bool is_there = folder != NULL && stat(folder, &folders[i]) == 0;
        free(folder);
        if (!is_there)
            return false;
    }
    return replacement_is_same(&folders[0], &folders[1]) &&
           strcmp(a->path + replacement_folder_len(a->path),
                  b->path + replacement_folder_len(b->path)) == 0;
}

bool atomic_file_is_same(const struct atomic_file *a, const struct atomic_file *b)
{
    struct stat of_a;
    struct stat of_b;
    bool has_a = find_status(a, &of_a);
    bool has_b = find_status(b, &of_b);
    if (has_a && has_b)
        return replacement_is_same(&of_a, &of_b) && !S_ISCHR(of_a.st_mode);
    return !has_a && !has_b && have_one_place(a, b);
}

bool atomic_file_is_descriptor(const struct atomic_file *file, int fd)
{
    struct stat of_file;
    struct stat of_fd;
    return find_status(file, &of_file) && fstat(fd, &of_fd) == 0 &&
           replacement_is_same(&of_file, &of_fd) &&
           (!S_ISCHR(of_file.st_mode) || os_is_terminal(fd));
}

bool atomic_file_is_at(const struct atomic_file *file, const char *path)
{
    struct stat of_file;
    struct stat of_path;
    return find_status(file, &of_file) && stat(path, &of_path) == 0 &&
           replacement_is_same(&of_file, &of_path) && !S_ISCHR(of_file.st_mode);
}

/* To a reader, which may be slow, or never come. */
static int write_directly(struct atomic_file *file, const void *bytes, size_t len)
{
    struct output output;
    output_init(&output, file->fd);
    output.until_ns = file->until_ns;
    buffer_add(&output.buffer, bytes, len);
    output_drain(&output);
    output_release(&output);
    return output.error;
}

int atomic_file_write(struct atomic_file *file, const void *bytes, size_t len)
{
    if (file->temporary == NULL)
        return write_directly(file, bytes, len);
    return replacement_write(file->fd, bytes, len);
}

static int close_file(struct atomic_file *file)
{
    int error = os_close(file->fd);
    file->fd = -1;
    return error;
}

int atomic_file_commit(struct atomic_file *file)
{
    if (file->temporary == NULL)
        return close_file(file);
    int error = replacement_sync(file->fd);
    if (error == 0)
        error = close_file(file);
    if (error == 0 && rename(file->temporary, file->path) != 0)
        error = errno;
    if (error != 0)
        return error;
    free(file->temporary);
    file->temporary = NULL;
    return replacement_sync_folder(file->path);
}

void atomic_file_release(struct atomic_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd); /* what was not committed is not wanted */
    if (file->temporary != NULL)
        (void)unlink(file->temporary); /* nothing better can be done */
    temporary_forget(file->made);
    free(file->temporary);
    free(file->path);
    *file = (struct atomic_file){.fd = -1};
}
