#include "exclude.h"

#include <errno.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/cli/message.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/os/os.h"
#include "netcheck/target/secret.h"
#include "netcheck/target/source.h"

static const struct target_rules rules = {.families = FAMILY_ANY, .is_exclusion = true};

/* "invalid port '0' in 'db:0' (skip.txt:3:4): allowed is 1-65535" */
static bool fail_text(const char *text, size_t len, const struct fault *fault,
                      const struct place *place)
{
    struct buffer words = BUFFER_EMPTY;
    fault_describe(&words, text, len, fault, place);
    message_say("%s%s", buffer_text(&words), place == NULL ? " (--exclude)" : "");
    buffer_release(&words);
    return false;
}

static bool fail_error(enum error error)
{
    message_error(error);
    return false;
}

static bool fail_file(const char *path, const char *why)
{
    struct buffer words = BUFFER_EMPTY;
    message_unreadable(&words, path, why);
    message_say("%s", buffer_text(&words));
    buffer_release(&words);
    return false;
}

static bool add_list(struct exclusion *exclusion, const char *list)
{
    struct fault fault;
    enum error error = exclusion_add_list(exclusion, list, strlen(list), &fault);
    if (error == ERROR_INVALID)
        return fail_text(list, strlen(list), &fault, NULL);
    return error == ERROR_NONE || fail_error(error);
}

/* One line, or one of its targets. */
static bool add_target(struct exclusion *exclusion, struct target *target)
{
    bool is_added = true;
    enum error error = ERROR_NONE;
    if (target->kind == TARGET_INVALID)
        is_added = fail_text(target->host, target->host_len, &target->fault, &target->place);
    else
        error = exclusion_add(exclusion, target);
    target_drop(target);
    return is_added && (error == ERROR_NONE || fail_error(error));
}

static bool wait_for_more(struct source *source, int64_t end_ns)
{
    int64_t now_ns = os_system.now_ns(os_system.self);
    int64_t left_ns = end_ns > now_ns ? end_ns - now_ns : 0;
    int error =
        os_wait_readable(source_descriptor(source), end_ns == NEVER_NS ? NEVER_NS : left_ns);
    source_set_ready(source);
    if (error == ETIMEDOUT)
        return fail_file(source_path(source), "the run's time was over");
    return error == 0 || fail_file(source_path(source), strerror(error));
}

/* What stands in it is no text, or it cannot be read at all. */
static bool fail_unreadable(const struct source *source, int error)
{
    struct buffer text = BUFFER_EMPTY;
    bool is_explained = source_explain(source, "--exclude-file", &text);
    if (is_explained)
        message_say("%s", buffer_text(&text));
    buffer_release(&text);
    return !is_explained && fail_file(source_path(source), strerror(error));
}

static bool add_lines(struct exclusion *exclusion, struct source *source, int64_t end_ns)
{
    bool is_added = true;
    while (is_added) {
        struct target *target = NULL;
        enum error error = source_next(source, &target);
        if (error == ERROR_END)
            return true;
        if (error == ERROR_NONE)
            is_added = add_target(exclusion, target);
        else if (error == ERROR_AGAIN)
            is_added = wait_for_more(source, end_ns);
        else if (error == ERROR_SYSTEM)
            is_added = fail_unreadable(source, errno);
        else if (error != ERROR_PAUSE)
            is_added = fail_error(error);
    }
    return false;
}

static bool add_file(struct exclusion *exclusion, const char *path, int64_t end_ns)
{
    struct source *source = NULL;
    if (source_new(&rules, &source) != ERROR_NONE)
        return fail_error(ERROR_NO_MEMORY);
    enum error error = source_add_file(source, path);
    bool is_added = error == ERROR_NONE     ? add_lines(exclusion, source, end_ns)
                    : error == ERROR_SYSTEM ? fail_file(path, strerror(errno))
                                            : fail_error(error);
    source_free(source);
    return is_added;
}

bool exclude_read(const struct options *options, int64_t end_ns, struct exclusion **exclusion)
{
    bool is_read = true;
    *exclusion = NULL;
    if (options->exclude_count + options->exclude_file_count == 0)
        return true;
    if (exclusion_new(&os_system, exclusion) != ERROR_NONE)
        return fail_error(ERROR_NO_MEMORY);
    for (size_t i = 0; i < options->exclude_count && is_read; i++)
        is_read = add_list(*exclusion, options->excludes[i]);
    for (size_t i = 0; i < options->exclude_file_count && is_read; i++)
        is_read = add_file(*exclusion, options->exclude_files[i], end_ns);
    if (is_read && exclusion_close(*exclusion) != ERROR_NONE)
        return fail_error(ERROR_NO_MEMORY);
    return is_read;
}
