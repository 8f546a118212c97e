/*
 * screen: the live view on a terminal as a sink: keys in, frames out.
 */
#ifndef NETCHECK_SCREEN_H
#define NETCHECK_SCREEN_H

#include "netcheck/base/buffer.h"
#include "netcheck/report/history.h"
#include "netcheck/report/live.h"
#include "netcheck/cli/sink.h"

/*
 * Open the terminal; it becomes a screen with the first tick() after the run has begun.
 *
 * options  copied
 * history  borrowed: what is shown
 * notes    borrowed: where it says that the terminal cannot be used
 * sink     out; its release() frees the screen
 *
 * Returns ERROR_NONE; ERROR_SYSTEM: standard output is no terminal, or it cannot be opened;
 * ERROR_NO_MEMORY.
 */
enum error screen_new(const struct live_options *options, const struct history *history,
                      struct buffer *notes, struct sink **sink);

#endif
