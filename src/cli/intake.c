#include "netcheck/cli/intake.h"

#include <errno.h>
#include <string.h>

#include "netcheck/cli/diagnose.h"
#include "netcheck/base/escape.h"
#include "netcheck/os/process.h"

static void fail(struct intake *intake, const char *what)
{
    diagnose("%s", what);
    intake->has_failed = true;
}

static void fail_error(struct intake *intake, enum error error)
{
    diagnose_error(error);
    intake->has_failed = true;
}

/* "cannot read 'hosts.txt': No such file or directory" */
static void describe_file(struct buffer *out, const char *path, int error)
{
    buffer_add_text(out, "cannot read ");
    escape_quoted(out, path, strlen(path));
    buffer_add_format(out, ": %s", strerror(error));
}

static void fail_file(struct intake *intake, const char *path, int error)
{
    struct buffer text = BUFFER_EMPTY;
    describe_file(&text, path, error);
    fail(intake, buffer_text(&text));
    buffer_release(&text);
}

static void fail_operand(struct intake *intake, const char *operand, const struct fault *fault)
{
    struct buffer text = BUFFER_EMPTY;
    fault_describe(&text, operand, strlen(operand), fault, NULL);
    fail(intake, buffer_text(&text));
    buffer_release(&text);
}

static void add_operands(struct intake *intake, const struct options *options)
{
    struct fault fault;
    size_t bad = 0;
    enum error error = source_add_operands(intake->source, options->operands,
                                           options->operand_count, &fault, &bad);
    if (error == ERROR_NO_MEMORY)
        fail_error(intake, error);
    else if (error != ERROR_NONE)
        fail_operand(intake, options->operands[bad], &fault);
}

static void add_files(struct intake *intake, const struct options *options)
{
    for (size_t i = 0; i < options->file_count && !intake->has_failed; i++) {
        enum error error = source_add_file(intake->source, options->files[i]);
        if (error == ERROR_SYSTEM)
            fail_file(intake, options->files[i], errno);
        else if (error != ERROR_NONE)
            fail_error(intake, error);
    }
}

void intake_open(struct intake *intake, const struct options *options)
{
    memset(intake, 0, sizeof *intake);
    intake->rules = (struct target_rules){
        .ports = options->ports.count > 0 ? &options->ports : NULL,
        .families = options->families,
        .is_numeric = options->is_numeric,
    };
    if (source_new(&intake->rules, &intake->source) != ERROR_NONE) {
        fail_error(intake, ERROR_NO_MEMORY);
        return;
    }
    add_operands(intake, options);
    add_files(intake, options);
    struct sequence_options sequence_options = {
        .shard = options->shard,
        .shards = options->shards,
        .is_shuffled = options->is_shuffled,
        .seed = options->has_seed || !options->is_shuffled ? options->seed : os_random(),
    };
    sequence_init(&intake->sequence, intake->source, &sequence_options);
}

void intake_release(struct intake *intake)
{
    sequence_release(&intake->sequence);
    source_free(intake->source);
    intake->source = NULL;
}

void intake_skip(struct intake *intake, struct buffer *out)
{
    describe_file(out, source_path(intake->source), errno);
    intake->has_failed = true;
    source_skip(intake->source);
}

void intake_check_empty(struct intake *intake)
{
    if (!intake->has_failed && !intake->sequence.has_targets)
        fail(intake, "no targets: every file is empty");
}
