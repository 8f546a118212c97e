#include "netcheck/report/report.h"

#include <string.h>

#include "netcheck/base/base.h"

static const struct report_format *const formats[] = {
    &report_text,       &report_json,  &report_csv, &report_nagios,
    &report_prometheus, &report_junit, &report_html};

const struct report_format *report_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

const struct report_format *report_at(size_t index)
{
    return index < ARRAY_LEN(formats) ? formats[index] : NULL;
}

void report_begin(struct buffer *out, const struct report *report,
                  const struct report_format *format)
{
    if (format->begin != NULL)
        format->begin(out, report);
}

void report_finish(struct buffer *out, const struct report *report,
                   const struct report_format *format)
{
    if (format->finish != NULL)
        format->finish(out, report);
}
