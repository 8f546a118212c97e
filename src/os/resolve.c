#include "netcheck/os/resolve.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/base/list.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/os/name_service.h"

enum { STACK_SIZE = 256 * 1024 }; /* address space; 500 blocked threads touched 9.5 MB in all */

/* One lookup, in exactly one of the lists `queued`, `running`, `finished`. */
struct job {
    struct list link;
    struct lookup lookup;
    char host[];
};

/*
 * What pool and threads share. Invariant: threads == idle + jobs in `running` + threads between
 * two jobs, until the pool closes.
 */
struct resolve {
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t work;   /* `queued` got a job, or the pool closes */
    struct list queued;
    struct list running;
    struct list finished;
    size_t queued_count;
    size_t running_count;
    size_t idle;
    size_t threads;
    bool is_closed;
    bool is_left; /* to the threads: the last one of them frees it */

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
        lookup_release(&job->lookup);
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

/* How many of `threads` are inside no lookup, or could be started. */
static size_t count_free(struct resolve *resolve, size_t threads)
{
    (void)pthread_mutex_lock(&resolve->mutex);
    size_t busy = resolve->running_count + resolve->queued_count;
    (void)pthread_mutex_unlock(&resolve->mutex);
    return threads > busy ? threads - busy : 0;
}

static size_t resolver_room(void *self)
{
    struct resolve *resolve = self;
    return count_free(resolve, resolve->threads_max);
}

static size_t resolver_spare(void *self)
{
    struct resolve *resolve = self;
    return count_free(resolve, resolve->threads_max / 4 * 3);
}

static struct job *new_job(const char *host, unsigned families, void *tag)
{
    size_t len = strlen(host);
    struct job *job = malloc(sizeof *job + len + 1);
    if (job == NULL)
        return NULL;
    memset(job, 0, sizeof *job);
    list_init(&job->link);
    job->lookup.tag = tag;
    job->lookup.families = families;
    memcpy(job->host, host, len + 1);
    return job;
}

/* With the first lookup: a run without names needs nothing of this. */
static int prepare(struct resolve *resolve)
{
    if (resolve->interface.fd >= 0)
        return 0;
    int error = os_pipe(resolve->pipe);
    if (error != 0)
        return error;
    resolve->interface.fd = resolve->pipe[0];
    os_prepare_lookups();
    return 0;
}

static enum error resolver_start(void *self, const char *host, unsigned families, void *tag)
{
    struct resolve *resolve = self;
    struct job *job = new_job(host, families, tag);
    if (job == NULL)
        return ERROR_NO_MEMORY;
    (void)pthread_mutex_lock(&resolve->mutex);
    int error = prepare(resolve);
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
        (void)pthread_cond_signal(&resolve->work);
    }
    (void)pthread_mutex_unlock(&resolve->mutex);
    if (is_taken)
        return ERROR_NONE;
    free(job);
    errno = error;
    if (!has_pipe)
        return ERROR_SYSTEM;
    return has_others ? ERROR_AGAIN : ERROR_THREAD;
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

static enum lookup_cause resolver_hang_cause(void *self)
{
    (void)self; /* it is the same for all lookups */
    return os_hang_cause();
}

enum error resolve_new(resolve_function *function, size_t threads, struct resolve **resolve)
{
    struct resolve *created = calloc(1, sizeof *created + threads * sizeof created->handles[0]);
    if (created == NULL)
        return ERROR_NO_MEMORY;
    (void)pthread_mutex_init(&created->mutex, NULL); /* cannot fail with default attributes */
    (void)pthread_cond_init(&created->work, NULL);
    list_init(&created->queued);
    list_init(&created->running);
    list_init(&created->finished);
    created->threads_max = threads;
    created->function = function;
    created->interface = (struct resolver){
        .self = created,
        .fd = -1,
        .room = resolver_room,
        .spare = resolver_spare,
        .start = resolver_start,
        .take = resolver_take,
        .hang_cause = resolver_hang_cause,
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
