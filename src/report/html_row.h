/*
 * html_row: a row of the run as one of a table of the status page.
 */
#ifndef NETCHECK_HTML_ROW_H
#define NETCHECK_HTML_ROW_H

#include "html_page.h"

enum { HTML_CERTIFICATE_DAYS = 14 }; /* before its end the page says that a certificate ends */

/* Days until the certificate ends, rounded down; below 0 where it has, INT64_MAX where that is
   not known. */
int64_t html_days_left(const struct html_page *page, const struct result *result);

/* Append the row. */
void html_add_row(struct html_page *page, const struct document_row *row);

#endif
