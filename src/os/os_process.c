#include "netcheck/os/process.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "os_internal.h"

/* What os_execute() gives back to the program that follows. */
static struct {
    struct rlimit descriptors;
    bool has_descriptors;
} inherited;

int os_raise_descriptor_limit(uint64_t *limit)
{
    struct rlimit descriptors;
    if (getrlimit(RLIMIT_NOFILE, &descriptors) != 0)
        return errno;
    inherited.descriptors = descriptors;
    inherited.has_descriptors = true;
    if (descriptors.rlim_cur < descriptors.rlim_max) {
        struct rlimit raised = {descriptors.rlim_max, descriptors.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
            descriptors = raised;
    }
    *limit =
        descriptors.rlim_cur == RLIM_INFINITY ? UINT64_MAX : (uint64_t)descriptors.rlim_cur;
    return 0;
}

int os_execute(char *const arguments[])
{
    os_restore_signals();
    if (inherited.has_descriptors)
        (void)setrlimit(RLIMIT_NOFILE, &inherited.descriptors);
    os_extra_restore_environment();
    (void)execvp(arguments[0], arguments);
    return errno;
}

_Noreturn void os_exit(int status)
{
    _exit(status);
}

bool os_has_interfaces(void)
{
    return os_extra_bind_interface(-1, "lo") != ENOTSUP;
}
