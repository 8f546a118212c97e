#include "netcheck/os/resolv_conf.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "netcheck/base/ascii.h"

/* Whether one of the words says how long to wait. */
static bool has_patience(const char *words, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool is_begin = i == 0 || ascii_is_blank(words[i - 1]);
        if (is_begin &&
            (strncmp(words + i, "timeout:", 8) == 0 || strncmp(words + i, "attempts:", 9) == 0))
            return true;
    }
    return false;
}

/* Where the value begins in a line with this keyword; 0: it is another line. */
static size_t find_value(const char *line, const char *keyword)
{
    size_t at = strlen(keyword);
    if (strncmp(line, keyword, at) != 0 || !ascii_is_blank(line[at]))
        return 0;
    while (ascii_is_blank(line[at]))
        at++;
    return at;
}

/* Whether the line names a server: behind the keyword is neither its end nor a comment. */
static bool is_server(const char *line)
{
    size_t at = find_value(line, "nameserver");
    return at > 0 && strcspn(line + at, "\n;#") > 0;
}

const char *resolv_conf_patience(const char *res_options, const char *text)
{
    bool is_given = res_options != NULL && has_patience(res_options, strlen(res_options));
    unsigned servers = 0;
    for (const char *line = text; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        size_t options = find_value(line, "options");
        servers += is_server(line);
        is_given |= options > 0 && has_patience(line + options, len - options);
        line += len;
        line += *line == '\n';
    }
    if (is_given)
        return NULL;
    return servers > 1 ? "timeout:1 attempts:5" : "timeout:2 attempts:4";
}
