#include "netcheck/resolve.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base.h"
#include "netcheck/list.h"
#include "netcheck/os.h"

enum { STACK_SIZE = 256 * 1024 }; /* address space; 500 blocked threads touched 9.5 MB in all */

/* One lookup, in exactly one of the lists `queued`, `running`, `finished`. */
struct job {
    struct list link;
    bool is_abandoned;
    struct lookup lookup;
    char host[];
};

/*
 * What pool and threads share. Invariants: awaited == jobs in `queued` and `running` that are
 * not abandoned; threads == idle + jobs in `running` + threads between two jobs, until the pool
 * closes.
 */
struct resolve {
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t work;   /* `queued` got a job, or the pool closes */
    struct list queued;
    struct list running;
    struct list finished;
    size_t awaited;
    size_t queued_count;
    size_t running_count;
    size_t idle;
    size_t threads;
    bool is_closed;
    bool is_left; /* to the threads: the last one of them frees it */

    size_t awaited_max;
    size_t threads_max;
    resolve_function *function;
    int pipe[2]; /* a byte in it: `finished` is not empty */
    struct resolver interface;
    pthread_t handles[]; /* threads_max of them, `threads` started */
};

static struct job *job_of(struct list *link)
{
    return CONTAINER_OF(link, struct job, link);
}

static void free_jobs(struct list *list)
{
    while (!list_is_empty(list)) {
        struct job *job = job_of(list->next); /* NOLINT: the one before left the list */
        list_remove(&job->link);
        free(job->lookup.addresses);
        free(job);
    }
}

static void destroy(struct resolve *resolve)
{
    free_jobs(&resolve->queued);
    free_jobs(&resolve->finished);
    if (resolve->interface.fd >= 0) {
        (void)os_close(resolve->pipe[0]); /* nothing left to lose */
        (void)os_close(resolve->pipe[1]);
    }
    (void)pthread_cond_destroy(&resolve->work);
    (void)pthread_mutex_destroy(&resolve->mutex);
    free(resolve);
}

/* With the mutex held: the next job, or NULL when the pool closes. */
static struct job *wait_for_job(struct resolve *resolve)
{
    resolve->idle++;
    while (list_is_empty(&resolve->queued) && !resolve->is_closed)
        (void)pthread_cond_wait(&resolve->work, &resolve->mutex);
    resolve->idle--;
    if (resolve->is_closed)
        return NULL;
    struct job *job = job_of(resolve->queued.next);
    list_remove(&job->link);
    list_append(&resolve->running, &job->link);
    resolve->queued_count--;
    resolve->running_count++;
    return job;
}

/* With the mutex held. */
static void finish_job(struct resolve *resolve, struct job *job)
{
    bool was_empty = list_is_empty(&resolve->finished);
    list_remove(&job->link);
    list_append(&resolve->finished, &job->link);
    resolve->running_count--;
    if (!job->is_abandoned)
        resolve->awaited--;
    size_t len;
    if (was_empty)
        (void)os_write(resolve->pipe[1], "", 1, &len); /* one byte always fits */
}

static void *work(void *argument)
{
    struct resolve *resolve = argument;
    (void)pthread_mutex_lock(&resolve->mutex);
    struct job *job;
    while ((job = wait_for_job(resolve)) != NULL) {
        (void)pthread_mutex_unlock(&resolve->mutex);
        resolve->function(job->host, &job->lookup);
        (void)pthread_mutex_lock(&resolve->mutex);
        finish_job(resolve, job);
    }
    bool is_last = resolve->is_left && --resolve->threads == 0;
    (void)pthread_mutex_unlock(&resolve->mutex);
    if (is_last)
        destroy(resolve);
    return NULL;
}

/*
 * Signals are for the main thread: workers are started with all of them blocked, but for what a
 * fault in a thread raises in it: blocked, it ends the program and no handler runs.
 */
static void block_signals(sigset_t *old)
{
    static const int faults[] = {SIGBUS, SIGFPE, SIGILL, SIGSEGV};
    sigset_t blocked;
    (void)sigfillset(&blocked);
    for (size_t i = 0; i < ARRAY_LEN(faults); i++)
        (void)sigdelset(&blocked, faults[i]);
    (void)pthread_sigmask(SIG_SETMASK, &blocked, old);
}

static int start_thread(struct resolve *resolve)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error != 0)
        return error;
    size_t stack_size = STACK_SIZE > PTHREAD_STACK_MIN ? STACK_SIZE : PTHREAD_STACK_MIN;
    (void)pthread_attr_setstacksize(&attributes, stack_size); /* else the default, larger */

    sigset_t old;
    block_signals(&old);
    pthread_t *handle = &resolve->handles[resolve->threads];
    error = pthread_create(handle, &attributes, work, resolve);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    (void)pthread_attr_destroy(&attributes);
    if (error == 0)
        resolve->threads++;
    return error;
}

static size_t resolver_room(void *self)
{
    struct resolve *resolve = self;
    (void)pthread_mutex_lock(&resolve->mutex);
    bool has_room = resolve->awaited < resolve->awaited_max;
    size_t room = has_room ? resolve->awaited_max - resolve->awaited : 0;
    size_t busy = resolve->running_count + resolve->queued_count;
    size_t free_threads = resolve->threads_max > busy ? resolve->threads_max - busy : 0;
    (void)pthread_mutex_unlock(&resolve->mutex);
    return room < free_threads ? room : free_threads;
}

static struct job *new_job(const char *host, unsigned family, void *tag)
{
    size_t len = strlen(host);
    struct job *job = malloc(sizeof *job + len + 1);
    if (job == NULL)
        return NULL;
    memset(job, 0, sizeof *job);
    list_init(&job->link);
    job->lookup.tag = tag;
    job->lookup.family = family;
    memcpy(job->host, host, len + 1);
    return job;
}

/* With the first lookup: a run without names needs no descriptors for them. */
static int open_pipe(struct resolve *resolve)
{
    if (resolve->interface.fd >= 0)
        return 0;
    int error = os_pipe(resolve->pipe);
    if (error == 0)
        resolve->interface.fd = resolve->pipe[0];
    return error;
}

static enum error resolver_start(void *self, const char *host, unsigned family, void *tag)
{
    struct resolve *resolve = self;
    struct job *job = new_job(host, family, tag);
    if (job == NULL)
        return ERROR_NO_MEMORY;
    (void)pthread_mutex_lock(&resolve->mutex);
    int error = open_pipe(resolve);
    bool has_pipe = error == 0;
    if (has_pipe && resolve->queued_count >= resolve->idle &&
        resolve->threads < resolve->threads_max)
        error = start_thread(resolve);
    /* Without a new thread only an idle one will do: the others may hang for good. */
    bool is_taken = has_pipe && (error == 0 || resolve->queued_count < resolve->idle);
    bool has_others = resolve->threads > 0;
    if (is_taken) {
        list_append(&resolve->queued, &job->link);
        resolve->queued_count++;
        resolve->awaited++;
        (void)pthread_cond_signal(&resolve->work);
    }
    (void)pthread_mutex_unlock(&resolve->mutex);
    if (is_taken)
        return ERROR_NONE;
    free(job);
    errno = error;
    return has_pipe && has_others ? ERROR_AGAIN : ERROR_SYSTEM;
}

static bool resolver_take(void *self, struct lookup *lookup)
{
    struct resolve *resolve = self;
    struct job *job = NULL;
    (void)pthread_mutex_lock(&resolve->mutex);
    if (!list_is_empty(&resolve->finished)) {
        job = job_of(resolve->finished.next);
        list_remove(&job->link);
        char byte;
        size_t len;
        if (list_is_empty(&resolve->finished))
            (void)os_read(resolve->pipe[0], &byte, 1,
                          &len); /* the one that finish_job() wrote */
    }
    (void)pthread_mutex_unlock(&resolve->mutex);
    if (job == NULL)
        return false;
    *lookup = job->lookup;
    free(job);
    return true;
}

static void abandon_in(struct resolve *resolve, struct list *list, const void *tag)
{
    for (struct list *link = list->next; link != list; link = link->next) {
        struct job *job = job_of(link);
        if (job->lookup.tag != tag || job->is_abandoned)
            continue;
        job->is_abandoned = true;
        resolve->awaited--;
    }
}

static void resolver_abandon(void *self, void *tag)
{
    struct resolve *resolve = self;
    (void)pthread_mutex_lock(&resolve->mutex);
    abandon_in(resolve, &resolve->queued, tag);
    abandon_in(resolve, &resolve->running, tag);
    (void)pthread_mutex_unlock(&resolve->mutex);
}

enum error resolve_new(resolve_function *function, size_t lookups, size_t threads,
                       struct resolve **resolve)
{
    struct resolve *created = calloc(1, sizeof *created + threads * sizeof created->handles[0]);
    if (created == NULL)
        return ERROR_NO_MEMORY;
    (void)pthread_mutex_init(&created->mutex, NULL); /* cannot fail with default attributes */
    (void)pthread_cond_init(&created->work, NULL);
    list_init(&created->queued);
    list_init(&created->running);
    list_init(&created->finished);
    created->awaited_max = lookups;
    created->threads_max = threads;
    created->function = function;
    created->interface = (struct resolver){
        .self = created,
        .fd = -1,
        .room = resolver_room,
        .start = resolver_start,
        .take = resolver_take,
        .abandon = resolver_abandon,
    };
    *resolve = created;
    return ERROR_NONE;
}

/* With the mutex held. Idle threads end soon, others whenever their lookup does. */
static void leave_to_threads(struct resolve *resolve)
{
    resolve->is_left = true;
    for (size_t i = 0; i < resolve->threads; i++)
        (void)pthread_detach(resolve->handles[i]);
}

void resolve_free(struct resolve *resolve)
{
    if (resolve == NULL)
        return;
    (void)pthread_mutex_lock(&resolve->mutex);
    resolve->is_closed = true;
    bool is_busy = resolve->running_count > 0;
    if (is_busy)
        leave_to_threads(resolve);
    (void)pthread_cond_broadcast(&resolve->work);
    (void)pthread_mutex_unlock(&resolve->mutex);
    if (is_busy)
        return;
    /* A thread that is still on its way out owns memory of libc's resolver. */
    for (size_t i = 0; i < resolve->threads; i++)
        (void)pthread_join(resolve->handles[i], NULL);
    destroy(resolve);
}

const struct resolver *resolve_interface(struct resolve *resolve)
{
    return &resolve->interface;
}

bool resolve_is_busy(struct resolve *resolve)
{
    (void)pthread_mutex_lock(&resolve->mutex);
    bool is_busy = resolve->running_count + resolve->queued_count > 0;
    (void)pthread_mutex_unlock(&resolve->mutex);
    return is_busy;
}
