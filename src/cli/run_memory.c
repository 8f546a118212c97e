/*
 * run_memory: what a run remembers of the ones before, and leaves to the next one (--state).
 *
 * What is told is written first, and remembered then: after a crash in between it is told
 * twice, never not at all.
 */
#include "run_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netcheck/base/base.h"
#include "netcheck/cli/message.h"
#include "netcheck/os/descriptor.h"
#include "netcheck/os/os.h"
#include "netcheck/os/signals.h"
#include "netcheck/report/wording.h"
#include "netcheck/target/secret.h"

enum { PART_SIZE = 64 * 1024 }; /* of the file, to be read at a time */

/* In rounds the disk has it that often at most, and once more at the end. */
static const int64_t save_pause_ns = NS_PER_S;

static void add_path(const struct run *run, struct buffer *out)
{
    const char *path = run->options->state_path;
    buffer_add_text(out, "state file ");
    secret_quoted(out, path, strlen(path));
}

/* The folder, where it is not there: "mkdir -p '/var/lib/netcheck'". */
static void add_folder(const struct run *run, struct buffer *out)
{
    const char *path = run->options->state_path;
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return;
    buffer_add_text(out, ": mkdir -p ");
    secret_quoted(out, path, (size_t)(slash - path));
}

static void describe_problem(const struct run *run, enum state_file_problem problem, int error,
                             int64_t holder, struct buffer *out)
{
    bool has_errno = problem == STATE_FILE_FAILED || problem == STATE_FILE_NO_PLACE;
    buffer_add_text(out, problem == STATE_FILE_FAILED     ? "cannot open "
                         : problem == STATE_FILE_NO_PLACE ? "cannot write beside "
                                                          : "");
    add_path(run, out);
    if (problem == STATE_FILE_IN_USE) {
        buffer_add_text(out, " is in use by another run");
        if (holder > 0)
            buffer_add_format(out, " (process %lld)", (long long)holder);
        buffer_add_text(out, ": nothing was asked");
    } else if (problem == STATE_FILE_SPECIAL) {
        buffer_add_text(out, " is no regular file: write another path");
    } else if (problem == STATE_FILE_MOUNTED) {
        buffer_add_text(out, " is a mount point, and cannot be replaced: mount its folder "
                             "instead");
    } else if (problem == STATE_FILE_KEPT) {
        buffer_add_text(out, " is replaced, which only its owner may in that folder: write "
                             "another path");
    }
    if (has_errno)
        buffer_add_format(out, ": %s", strerror(error));
    if (problem == STATE_FILE_FAILED && error == ENOENT)
        add_folder(run, out);
}

static void describe_fault(const struct run *run, enum memory_fault fault, size_t line,
                           struct buffer *out)
{
    static const char *const words[] = {
        [MEMORY_FAULT_NONE] = "",
        [MEMORY_FAULT_FOREIGN] = " is no state file of netcheck: write another path",
        [MEMORY_FAULT_NEWER] = " was written by a newer netcheck: use that one",
        [MEMORY_FAULT_CUT] = " is cut short: move it away to begin anew",
        [MEMORY_FAULT_LINE] = "is not as it should be",
        [MEMORY_FAULT_DOUBLE] = "is about a target that had one before",
        [MEMORY_FAULT_MEMORY] = " does not fit into memory",
    };
    add_path(run, out);
    if (fault == MEMORY_FAULT_LINE || fault == MEMORY_FAULT_DOUBLE)
        buffer_add_format(out, ": line %zu %s: mend it, or move the file away to begin anew",
                          line, words[fault]);
    else
        buffer_add_text(out, words[fault]);
}

static void fail(struct run *run, struct buffer *text)
{
    message_say("%s", buffer_text(text));
    run->has_failed = true;
}

static bool wants_runs(const struct options *options)
{
    bool is_wanted = options->format->shows_runs;
    for (size_t i = 0; i < options->output_count; i++)
        is_wanted |= options->outputs[i].format->shows_runs;
    return is_wanted;
}

static struct memory_options choose_options(const struct options *options)
{
    return (struct memory_options){
        .confirmations = options->confirmations,
        .remind_s = options->remind_ns / NS_PER_S + (options->remind_ns % NS_PER_S > 0),
        .interval_s = options->has_rounds ? options->interval_ns / NS_PER_S + 1 : 0,
        .is_by_address = options->probe.is_all_addresses,
        .expects_down = options->report.expects_down,
    };
}

static int read_parts(struct state_file *file, struct memory_reader *reader)
{
    char *part = malloc(PART_SIZE);
    size_t len = 0;
    int error = part != NULL ? 0 : ENOMEM;
    do {
        if (error == 0)
            error = state_file_read(file, part, PART_SIZE, &len);
    } while (error == 0 && len > 0 && memory_reader_add(reader, part, len));
    free(part);
    return error;
}

static void load(struct run *run, struct buffer *text)
{
    struct memory_reader reader;
    size_t line = 0;
    memory_reader_init(&reader, &run->memory);
    int error = read_parts(&run->state_file, &reader);
    enum memory_fault fault = memory_reader_end(&reader, &line);
    if (error != 0) {
        buffer_add_text(text, "cannot read ");
        add_path(run, text);
        buffer_add_format(text, ": %s", strerror(error));
    } else if (fault != MEMORY_FAULT_NONE) {
        describe_fault(run, fault, line, text);
    }
}

static bool is_any(const struct state_file *file, const char *const *paths, size_t count)
{
    bool is_one = false;
    for (size_t i = 0; i < count; i++)
        is_one |= strcmp(paths[i], "-") == 0 ? state_file_is_open_as(file, STANDARD_INPUT)
                                             : state_file_is_at(file, paths[i]);
    return is_one;
}

/* Who else has the file that will be replaced; NULL: none. */
static const char *find_conflict(const struct run *run)
{
    const struct options *options = run->options;
    const struct state_file *file = &run->state_file;
    if (state_file_is_open_as(file, STANDARD_OUTPUT))
        return "standard output and --state would write one file";
    if (state_file_is_open_as(file, STANDARD_ERROR))
        return "standard error and --state would write one file";
    if (is_any(file, options->files, options->file_count))
        return "targets are read from the file of --state";
    if (is_any(file, options->exclude_files, options->exclude_file_count))
        return "--exclude-file and --state have one file";
    return NULL;
}

void run_memory_open(struct run *run)
{
    const struct options *options = run->options;
    struct memory_options own = choose_options(options);
    struct buffer text = BUFFER_EMPTY;
    int64_t holder = 0;
    memory_init(&run->memory, &own);
    run->state_file = (struct state_file){.fd = -1, .new_fd = -1};
    run->has_memory = options->state_path != NULL;
    if (!run->has_memory)
        return;
    enum state_file_problem problem =
        state_file_open(&run->state_file, options->state_path, &holder);
    int error = errno;
    const char *conflict = problem == STATE_FILE_FINE ? find_conflict(run) : NULL;
    if (problem != STATE_FILE_FINE)
        describe_problem(run, problem, error, holder, &text);
    else if (conflict != NULL)
        buffer_add_format(&text, "%s: write another path", conflict);
    else
        load(run, &text);
    run->memory.has_runs |= wants_runs(options);
    if (text.len > 0)
        fail(run, &text);
    buffer_release(&text);
}

void run_memory_check(struct run *run)
{
    bool is_taken = false;
    for (size_t i = 0; run->has_memory && i < run->outputs.count; i++) {
        const struct output_file *item = &run->outputs.items[i];
        is_taken |= atomic_file_is_at(&item->file, run->options->state_path) ||
                    state_file_is_at(&run->state_file, item->options->path);
    }
    if (!is_taken || run->has_failed)
        return;
    message_say("-o and --state would write one file: write another path for one");
    run->has_failed = true;
}

void run_memory_release(struct run *run)
{
    memory_release(&run->memory);
    state_file_release(&run->state_file);
}

/* Say why one of two lines counts. */
static void tell_double(struct run *run, const struct result *result)
{
    struct buffer *notes = &run->streams.notes.buffer;
    if (!run->options->is_verbose)
        return;
    buffer_add_text(notes, "* ");
    wording_label(notes, &result->endpoint);
    buffer_add_text(notes, " is there more than once: the worst of its rows is remembered\n");
}

enum error run_memory_row(struct run *run, struct result *result)
{
    uint64_t doubles = run->memory.doubles;
    const struct options *options = run->options;
    /* A document says how it is, not what is news. */
    bool is_shown = !options->is_quiet && options->format->document == NULL &&
                    row_sink_shows(options->shown, &run->report, result);
    int64_t asked_s = (result->asked_ns + run->report.wall_offset_ns) / NS_PER_S;
    enum error error = memory_add(&run->memory, result, asked_s, is_shown);
    if (run->memory.doubles > doubles)
        tell_double(run, result);
    return error;
}

/* Whether each target of the list had its row, so that all others are not in the list. */
static bool is_whole(const struct run *run)
{
    bool is_list_whole = !run->inputs.has_failed && run->options->shards == 1 && !run->is_gated;
    if (run->mode->asks_again)
        is_list_whole &= run->entries.is_complete && !entries_have_rest(&run->entries);
    return is_list_whole && !run->lacks_rows;
}

static int write_parts(struct state_file *file, struct memory *memory)
{
    struct buffer part = BUFFER_EMPTY;
    size_t place = 0;
    int error = 0;
    bool has_more = true;
    while (error == 0 && has_more) {
        buffer_drop(&part, part.len);
        has_more = memory_format(memory, &place, &part);
        error = part.has_failed ? ENOMEM : state_file_write(file, part.bytes, part.len);
    }
    buffer_release(&part);
    return state_file_replace(file, error);
}

static void save(struct run *run, int64_t at_s)
{
    struct buffer *notes = &run->streams.notes.buffer;
    enum error end_error = memory_end_run(&run->memory, at_s, is_whole(run));
    int error = end_error == ERROR_NONE ? write_parts(&run->state_file, &run->memory) : ENOMEM;
    bool is_known = error == run->save_error;
    run->save_error = error;
    if (error == 0 || is_known)
        return;
    buffer_add_text(notes, "netcheck: cannot write ");
    add_path(run, notes);
    buffer_add_format(notes, ": %s\n", strerror(error));
}

void run_memory_end_round(struct run *run, int64_t now_ns)
{
    bool is_told = run->streams.rows.buffer.len == 0 && run->streams.rows.error == 0;
    uint64_t rounds = run->mode->asks_again ? run->schedule.rounds.completed : 0;
    bool is_due = rounds > run->remembered_rounds;
    if (!run->has_memory || !is_due || !is_told || now_ns < run->remember_ns)
        return;
    run->remembered_rounds = rounds;
    run->remember_ns = now_ns + save_pause_ns;
    save(run, os_wall_ns() / NS_PER_S);
}

void run_memory_end(struct run *run)
{
    bool asks_again = run->mode->asks_again;
    bool is_told = !run->has_failed && run->streams.rows.error == 0;
    bool is_ended = run->signal == 0 && os_end_signal() == 0 && !run->has_lost;
    int64_t began_ns = run->began_ns + run->report.wall_offset_ns;
    if (run->has_memory && is_told && (asks_again || is_ended))
        save(run, (asks_again ? os_wall_ns() : began_ns) / NS_PER_S);
    state_file_release(&run->state_file); /* COMMAND may be another run */
}
