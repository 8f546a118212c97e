#include "html_page.h"

#include <string.h>

#include "netcheck/base/escape.h"
#include "netcheck/report/wording.h"

void html_add(struct html_page *page, const char *markup)
{
    buffer_add_text(page->out, markup);
}

void html_add_scratch(struct html_page *page)
{
    escape_markup(page->out, page->scratch.bytes, page->scratch.len);
    page->scratch.len = 0;
}

void html_add_foreign(struct html_page *page, const char *bytes)
{
    escape_readable(&page->scratch, bytes, strlen(bytes));
    html_add_scratch(page);
}

void html_add_time(struct html_page *page, int64_t wall_s, bool is_exact)
{
    struct buffer *scratch = &page->scratch;
    wording_second(scratch, wall_s);
    const char *text = buffer_text(scratch);
    buffer_add_format(page->out, "<time datetime=\"%s\">%.10s %.*s%s</time>", text, text,
                      is_exact ? 8 : 5, text + 11, is_exact ? " UTC" : "");
    scratch->len = 0;
}

void html_add_path(struct html_page *page, const char *path)
{
    if (strcmp(path, "-") == 0)
        html_add(page, "standard input");
    else
        html_add_foreign(page, path);
}

bool html_is_well(const struct html_page *page, const struct result *result)
{
    return result_is_expected(result, page->document->report->expects_down);
}
