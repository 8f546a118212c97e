#include "temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os_internal.h"

struct temporary {
    struct temporary *next;
    bool is_while_empty;
    char path[];
};

/* A handler gets nothing but a number. Changed only while all signals are blocked. */
static struct temporary *first;

/* In a signal handler: unlink(2) and stat(2) are safe there. */
static void remove_all(void)
{
    struct stat status;
    for (const struct temporary *made = first; made != NULL; made = made->next)
        if (!made->is_while_empty || (stat(made->path, &status) == 0 && status.st_size == 0))
            (void)unlink(made->path); /* nothing better can be done */
}

static void block(sigset_t *before)
{
    sigset_t all;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, before);
}

static void restore(const sigset_t *before)
{
    int error = errno;
    (void)pthread_sigmask(SIG_SETMASK, before, NULL);
    errno = error;
}

static struct temporary *new_one(const char *path)
{
    size_t size = strlen(path) + 1;
    struct temporary *made = malloc(sizeof *made + size);
    if (made == NULL)
        return NULL;
    *made = (struct temporary){.next = NULL};
    memcpy(made->path, path, size);
    os_set_last_act(remove_all);
    return made;
}

/* Signals are blocked. */
static void add(struct temporary *made)
{
    made->next = first;
    first = made;
}

int temporary_open(struct temporary **made, const char *path, int flags, mode_t mode)
{
    sigset_t before;
    struct temporary *own = new_one(path);
    if (own == NULL) {
        errno = ENOMEM;
        return -1;
    }
    block(&before);
    int fd = open(path, flags, mode);
    if (fd >= 0)
        add(own);
    restore(&before);
    if (fd < 0) {
        int error = errno;
        free(own);
        errno = error;
        return -1;
    }
    *made = own;
    return fd;
}

struct temporary *temporary_while_empty(const char *path)
{
    sigset_t before;
    struct temporary *made = new_one(path);
    if (made == NULL)
        return NULL;
    made->is_while_empty = true;
    block(&before);
    add(made);
    restore(&before);
    return made;
}

void temporary_forget(struct temporary *made)
{
    sigset_t before;
    struct temporary **at = &first;
    if (made == NULL)
        return;
    block(&before);
    while (*at != made)
        at = &(*at)->next;
    *at = made->next;
    restore(&before);
    free(made);
}
