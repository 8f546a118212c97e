/*
 * apply: what each option does to the options, one function an option.
 *
 * An option whose argument is more than a number, a duration or a word has a file of its own:
 * option_label.h, option_output.h, option_text.h. What does not go together is not looked at
 * here: any order has to do.
 */
#ifndef NETCHECK_APPLY_H
#define NETCHECK_APPLY_H

#include "option_table.h"

/* In the order of the table. */
option_apply apply_ports;
option_apply apply_file;
option_apply apply_exclude;
option_apply apply_exclude_file;
option_apply apply_numeric;
option_apply apply_ipv4;
option_apply apply_ipv6;
option_apply apply_all;
option_apply apply_shuffle;
option_apply apply_shard;
option_apply apply_list;
option_apply apply_timeout;
option_apply apply_max_time;
option_apply apply_retries;
option_apply apply_source;
option_apply apply_interface;
option_apply apply_size;
option_apply apply_server_name;
option_apply apply_hold;
option_apply apply_ready;
option_apply apply_nothing;
option_apply apply_parallel;
option_apply apply_rate;
option_apply apply_wait;
option_apply apply_confirm;
option_apply apply_count;
option_apply apply_interval;
option_apply apply_on_change;
option_apply apply_state;
option_apply apply_remind;
option_apply apply_histogram;
option_apply apply_live;
option_apply apply_expect;
option_apply apply_any;
option_apply apply_gate;
option_apply apply_warn;
option_apply apply_crit;
option_apply apply_quiet;
option_apply apply_verbose;
option_apply apply_unordered;
option_apply apply_dated;
option_apply apply_colour;
option_apply apply_progress;
option_apply apply_short_help;
option_apply apply_help;
option_apply apply_version;
option_apply apply_completion;

/* What --expect accepts, and what --color and --progress do. */
option_word apply_state_word;
option_word apply_when_word;

#endif
