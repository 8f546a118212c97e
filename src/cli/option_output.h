/*
 * option_output: the options that say which rows go where, and how they are written: --only,
 * --format, -j, -o.
 *
 * A format and a choice of rows belong to the -o behind them. What stands behind the last one
 * is standard output's, which is a file, too, as "-".
 */
#ifndef NETCHECK_OPTION_OUTPUT_H
#define NETCHECK_OPTION_OUTPUT_H

#include "option_table.h"

option_apply option_output_apply;
option_apply option_output_apply_only;
option_apply option_output_apply_format;
option_apply option_output_apply_json;

/* What --only and --format accept. */
option_word option_output_shown_word;
option_word option_output_format_word;

#endif
