#include "netcheck/base/error.h"

static const char *const texts[ERROR_COUNT] = {
    [ERROR_NONE] = "no error",
    [ERROR_AGAIN] = "nothing there yet",
    [ERROR_PAUSE] = "not done yet",
    [ERROR_END] = "nothing more to come",
    [ERROR_NO_MEMORY] = "out of memory",
    [ERROR_SYSTEM] = "system call failed",
    [ERROR_THREAD] = "cannot start a thread",
    [ERROR_INVALID] = "invalid text",
    [ERROR_RANGE] = "out of range",
    [ERROR_FULL] = "no room for more",
};

const char *error_text(enum error code)
{
    return texts[code];
}
