/*
 * nagios: a run as the answer of a monitoring plugin, for Nagios, Icinga, NRPE and their like.
 *
 *     NETCHECK CRITICAL: 2 of 3 as expected, web:8080 refused | unexpected=1;;0;0;3 ...
 *     down   web:8080  10.0.0.7  refused in 0.2 ms
 *
 * The first line has what is wrong, about as much as fits 80 columns, and behind the only '|'
 * all performance data; then come the rows. The reader takes the exit status, too.
 *
 * Source: the guidelines of the Monitoring Plugins; what Nagios 4.4 and Icinga 2.13 make of
 * each form was tried.
 */
#ifndef NETCHECK_NAGIOS_H
#define NETCHECK_NAGIOS_H

#include <stddef.h>

/* The exit statuses of a plugin. */
enum plugin_status {
    PLUGIN_OK = 0,
    PLUGIN_WARNING = 1,  /* slower than --warn */
    PLUGIN_CRITICAL = 2, /* not as expected, not resolved, or slower than --crit */
    PLUGIN_UNKNOWN = 3,  /* not asked, bad usage, or the program itself failed */
};

/* What stands in front of a failure of the program itself. */
#define PLUGIN_FAILURE "NETCHECK UNKNOWN: "

/*
 * Take out of a text what the readers of a first line take for something else, or a shell in a
 * notification would obey: ; | ` ~ $ & ' " < > and control bytes. In place; returns the new
 * length, which is never larger.
 */
size_t nagios_clean(char *bytes, size_t len);

#endif
