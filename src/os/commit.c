#include "netcheck/os/commit.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct commit {
    pthread_t thread;
    struct atomic_file file; /* of the thread alone, until it is done */
    int error;
    pthread_mutex_t mutex; /* guards what is below */
    bool is_done;
};

static void *run_commit(void *argument)
{
    struct commit *commit = argument;
    commit->error = atomic_file_commit(&commit->file);
    (void)pthread_mutex_lock(&commit->mutex);
    commit->is_done = true;
    (void)pthread_mutex_unlock(&commit->mutex);
    return NULL;
}

/* With all signals blocked: they are the main thread's. */
static bool start(struct commit *commit)
{
    sigset_t blocked;
    sigset_t before;
    (void)sigfillset(&blocked);
    (void)pthread_sigmask(SIG_SETMASK, &blocked, &before);
    bool is_started = pthread_create(&commit->thread, NULL, run_commit, commit) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
}

struct commit *commit_begin(struct atomic_file *file)
{
    struct commit *commit = malloc(sizeof *commit);
    if (commit == NULL)
        return NULL;
    *commit = (struct commit){.file = *file};
    (void)pthread_mutex_init(&commit->mutex, NULL); /* cannot fail with default attributes */
    if (start(commit)) {
        *file = (struct atomic_file){.fd = -1};
        return commit;
    }
    (void)pthread_mutex_destroy(&commit->mutex);
    free(commit);
    return NULL;
}

bool commit_is_done(struct commit *commit)
{
    (void)pthread_mutex_lock(&commit->mutex);
    bool is_done = commit->is_done;
    (void)pthread_mutex_unlock(&commit->mutex);
    return is_done;
}

int commit_end(struct commit *commit)
{
    (void)pthread_join(commit->thread, NULL);
    int error = commit->error;
    atomic_file_release(&commit->file);
    (void)pthread_mutex_destroy(&commit->mutex);
    free(commit);
    return error;
}
