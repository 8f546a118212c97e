#include "layout.h"

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "netcheck/base/address.h"
#include "netcheck/base/ascii.h"
#include "netcheck/base/base.h"
#include "netcheck/base/escape.h"
#include "netcheck/target/protocols.h"

enum {
    SAMPLE_LINE = 256, /* bytes of a line that are looked at */
    KNOWN_LEAST = 2,   /* lines of what is known by its marks */
    REFUSED_LEAST = 3, /* lines with one fault and no marks: of fewer, the rows say it all */
    COLUMNS_MAX = 9,
    PORT_DIGITS = 5,
};

static const char to_targets[] = " | netcheck -f -";
static const char to_hosts[] = " | netcheck -p PORTS -f -";
static const char to_ssh[] = " | netcheck -p 22 -f -";

static const char grepable[] =
    "awk -F'[ \\t,/]+' '{for(i=1;i<=NF;i++){if($i==\"Host:\")h=$(i+1);"
    "if($i==\"open\"&&$(i+1)~/^(tcp|udp)$/)print h,$(i-1),$(i+1)}}'";
static const char sockets[] = "awk '/LISTEN|UNCONN|^udp/{for(i=1;i<=NF;i++)if($i~/:[0-9]+$/)"
                              "{print $i,/LISTEN/?\"tcp\":\"udp\";next}}'";
static const char masscan[] = "awk '/^open (tcp|udp)/{print $4,$3,$2}'";
static const char known_hosts[] =
    "sed '/^[|@]/d; s/[, ].*//; s/^\\[\\(.*\\)\\]:/\\1 /; / /!s/$/ 22/'";
static const char inventory[] =
    "awk '/^\\[/{s=/:/;next} !s&&/^[^;#]/{sub(/.*ansible_host=/,\"\");print $1}'";

/* What only this kind of file has. */
static const struct mark {
    const char *text; /* "\n": at the start of a line */
    const char *name;
    const char *command;
    const char *end;
} marks[] = {
    {"<nmaprun", "XML of nmap or masscan",
     "awk -F'\"' -v RS='<' '/^address .*ipv/{h=$2} /^port /{t=$2;p=$4} "
     "/^state state=\"open\"/&&t~/^(tcp|udp)$/{print h,p,t}'",
     to_targets},
    {"\tPorts: ", "output of nmap -oG or masscan -oG", grepable, to_targets},
    {"\tStatus: ", "output of nmap -oG", grepable, to_targets},
    {"\nNmap scan report for ", "output of nmap",
     "awk '/^Nmap scan/{h=$NF;gsub(/[()]/,\"\",h)} /^[0-9]+\\/(tcp|udp) +open /{print h,$1}'",
     to_targets},
    {"\nopen tcp ", "output of masscan -oL", masscan, to_targets},
    {"\nopen udp ", "output of masscan -oL", masscan, to_targets},
    {" ansible_", "an Ansible inventory", inventory, to_ssh},
    {"\nansible_", "an Ansible inventory", inventory, to_ssh},
    {" ssh-rsa ", "known_hosts of ssh", known_hosts, to_targets},
    {" ssh-ed25519 ", "known_hosts of ssh", known_hosts, to_targets},
    {" ecdsa-sha2-", "known_hosts of ssh", known_hosts, to_targets},
    {" HostName ", "a configuration of ssh", "awk 'tolower($1)==\"hostname\"{print $2}'",
     to_ssh},
    {"Recv-Q", "output of ss or netstat", sockets, to_targets},
    {" ENDPOINTS ", "output of kubectl get endpoints",
     "awk 'NR==1{for(i=1;i<=NF;i++)if($i==\"ENDPOINTS\")c=i} NR>1{print $c}'", to_targets},
};

void layout_release(struct layout *layout)
{
    buffer_release(&layout->sample);
}

void layout_accept(struct layout *layout)
{
    layout->is_decided = true;
    buffer_release(&layout->sample);
}

void layout_refuse(struct layout *layout, const struct slice *line, enum fault_code reason)
{
    size_t len = slice_len(line);
    if (layout->is_decided)
        return;
    if (reason == FAULT_PORT_GLUED)
        reason = FAULT_PORT_MISSING; /* as an IPv6 address has it */
    if (layout->lines == 0)
        layout->reason = reason;
    layout->is_mixed |= reason != layout->reason;
    layout->lines++;
    buffer_add_text(&layout->sample, "\n");
    buffer_add(&layout->sample, slice_start(line), len < SAMPLE_LINE ? len : SAMPLE_LINE);
}

bool layout_is_due(const struct layout *layout)
{
    return !layout->is_decided && layout->lines == LAYOUT_LINES;
}

/* A file name as a shell reads it, with a blank before it; standard input needs none. One with
   an '=' is an assignment for awk(1). */
static void add_file(struct buffer *out, const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "._/+-";
    if (strcmp(path, "-") == 0)
        return;
    bool is_plain = path[0] != '-' && path[strspn(path, plain)] == '\0';
    bool is_printable = path[0] != '-' && strpbrk(path, "'\\=") == NULL;
    for (const char *c = path; *c != '\0'; c++)
        is_printable = is_printable && *c >= ' ' && *c <= '~';
    const char *quote = is_plain ? "" : "'";
    buffer_add_format(out, " %s%s%s", is_printable ? quote : "", is_printable ? path : "FILE",
                      is_printable ? quote : "");
}

static void add_name(struct buffer *out, const char *path)
{
    if (strcmp(path, "-") == 0)
        buffer_add_text(out, "standard input");
    else
        escape_quoted(out, path, strlen(path));
}

static void begin_guess(struct buffer *out, const char *path, const char *name)
{
    add_name(out, path);
    buffer_add_format(out, " looks like %s: ", name);
}

/* The next line of the sample. False: there is none. */
static bool next_line(const struct buffer *sample, struct slice *line)
{
    if (line->to >= sample->len)
        return false;
    line->from = line->to + 1;
    struct slice rest = {sample->bytes, line->from, sample->len};
    line->to = slice_find(&rest, '\n');
    return true;
}

static struct slice before_first(const struct buffer *sample)
{
    return (struct slice){sample->bytes, 0, 0};
}

/* The first word: where it ends, the rest of the line begins. */
static struct slice first_word(const struct slice *line)
{
    struct slice word = *line;
    slice_trim(&word);
    size_t end = word.from;
    while (end < word.to && !ascii_is_blank(word.text[end]))
        end++;
    word.to = end;
    return word;
}

static bool is_address(const struct slice *cell)
{
    struct address address;
    struct slice head = *cell;
    head.to = slice_find(&head, '%');
    return address_parse(slice_start(&head), slice_len(&head), &address);
}

/* /etc/hosts: each line is an address and names. */
static bool is_hosts_file(const struct buffer *sample)
{
    struct slice line = before_first(sample);
    while (next_line(sample, &line)) {
        struct slice word = first_word(&line);
        struct slice rest = {line.text, word.to, line.to};
        slice_trim(&rest);
        if (!is_address(&word) || slice_len(&rest) == 0 ||
            (!ascii_is_letter(*slice_start(&rest)) && slice_find(&rest, '.') == rest.to))
            return false;
    }
    return true;
}

/* An inventory, or another file of sections: a line is "[name]". */
static bool has_sections(const struct buffer *sample)
{
    struct slice line = before_first(sample);
    while (next_line(sample, &line)) {
        struct slice inside = {line.text, line.from + 1, line.to - 1};
        if (slice_len(&line) > 2 && *slice_start(&line) == '[' &&
            line.text[line.to - 1] == ']' && !is_address(&inside))
            return true;
    }
    return false;
}

/* What each column of a table has. */
struct table {
    char separator; /* ' ': blanks */
    size_t lines;
    size_t addresses[COLUMNS_MAX];
    size_t numbers[COLUMNS_MAX]; /* that may be ports */
    size_t protocols[COLUMNS_MAX];
    size_t counted;            /* lines whose first number is that of the line before, plus 1 */
    size_t last_number;        /* the first cell of the line before, or 0 */
    bool is_numbered;          /* the first column only counts the lines */
    bool is_port[COLUMNS_MAX]; /* its title says so */
    bool is_host[COLUMNS_MAX];
};

/* The cell at or behind cell->to. False: there is none. */
static bool next_cell(const struct slice *line, char separator, struct slice *cell)
{
    struct slice rest = {line->text, cell->to, line->to};
    if (separator == ' ') {
        *cell = first_word(&rest);
        return slice_len(cell) > 0;
    }
    if (cell->to > line->from && rest.from++ >= line->to)
        return false;
    *cell = rest;
    cell->to = slice_find(&rest, separator);
    return true;
}

static bool may_be_port(const struct slice *cell)
{
    return slice_is_number(cell) && slice_len(cell) <= PORT_DIGITS && *slice_start(cell) != '0';
}

static size_t value_of(const struct slice *port)
{
    size_t value = 0;
    for (size_t i = port->from; i < port->to; i++)
        value = value * 10 + (size_t)(port->text[i] - '0');
    return value;
}

static void count_line(struct table *table, const struct slice *cell)
{
    size_t number = may_be_port(cell) ? value_of(cell) : 0;
    table->counted += number > 1 && number == table->last_number + 1;
    table->last_number = number;
}

/* Whether the first column only counts the lines. Then another column has the ports. */
static bool is_numbered(const struct table *table)
{
    bool has_other = false;
    for (size_t i = 1; i < COLUMNS_MAX; i++)
        has_other |= table->numbers[i] > 0;
    return has_other && table->counted > 0 && table->counted + 1 >= table->numbers[0];
}

static void add_row(struct table *table, const struct slice *line)
{
    struct slice cell = {line->text, line->from, line->from};
    for (size_t i = 0; i < COLUMNS_MAX && next_cell(line, table->separator, &cell); i++) {
        struct slice text = cell;
        slice_trim(&text);
        (void)columns_unquote(&text); /* quoted or not */
        table->addresses[i] += is_address(&text);
        table->numbers[i] += may_be_port(&text);
        table->protocols[i] += protocols_may_follow_port(&text);
        if (i == 0)
            count_line(table, &text);
        if (table->lines == 0) {
            table->is_port[i] = columns_speak_of_ports(&text);
            table->is_host[i] = columns_speak_of_hosts(&text);
        }
    }
    table->lines++;
}

/* The column that its title names, or else the one with the most of `counts`. COLUMNS_MAX:
   none. */
static size_t find_column(const bool *is_titled, const size_t *counts, size_t other)
{
    size_t best = COLUMNS_MAX;
    for (size_t i = 0; i < COLUMNS_MAX; i++)
        if (is_titled[i] && i != other)
            return i;
    for (size_t i = 0; i < COLUMNS_MAX; i++)
        if (i != other && counts[i] > 0 && (best == COLUMNS_MAX || counts[i] > counts[best]))
            best = i;
    return best;
}

/* Addresses count for more than a title, which may be that of names for people. */
static size_t find_host(const struct table *table, size_t port)
{
    static const bool none[COLUMNS_MAX];
    static const size_t nothing[COLUMNS_MAX];
    size_t host = find_column(none, table->addresses, port);
    if (host == COLUMNS_MAX)
        host = find_column(table->is_host, nothing, port);
    if (host < COLUMNS_MAX)
        return host;
    host = table->is_numbered;
    return host == port ? host + 1 : host;
}

/* The column that says by what protocol to ask. COLUMNS_MAX: none. */
static size_t find_protocol(const struct table *table, size_t host)
{
    static const bool none[COLUMNS_MAX];
    return find_column(none, table->protocols, host);
}

/* What is to be taken from a table: the host, and behind it what is there of the others. */
struct choice {
    size_t columns[3];
    size_t count;
};

static void choose(struct choice *choice, size_t column)
{
    if (column < COLUMNS_MAX)
        choice->columns[choice->count++] = column;
}

/* "cut -d, -f1,2", "awk -F';' '{print $3, $1}'". cut keeps the order of the file, in which the
   host must be the first. */
static void add_cut(struct buffer *out, char separator, const struct choice *choice)
{
    const char *given = separator == ',' ? "," : separator == ';' ? "';'" : "'\\t'";
    bool is_tab = separator == '\t';
    bool is_in_order = separator != ' ';
    for (size_t i = 1; i < choice->count; i++)
        is_in_order &= choice->columns[i - 1] < choice->columns[i];
    if (is_in_order)
        buffer_add_format(out, "cut %s%s%s-f", is_tab ? "" : "-d", is_tab ? "" : given,
                          is_tab ? "" : " ");
    else
        buffer_add_format(out, "awk %s%s%s'{print ", separator == ' ' ? "" : "-F",
                          separator == ' ' ? "" : given, separator == ' ' ? "" : " ");
    for (size_t i = 0; i < choice->count; i++)
        buffer_add_format(out, "%s%s%zu",
                          i == 0        ? ""
                          : is_in_order ? ","
                                        : ", ",
                          is_in_order ? "" : "$", choice->columns[i] + 1);
    buffer_add_text(out, is_in_order ? "" : "}'");
}

static char find_separator(const struct buffer *sample)
{
    struct slice line = before_first(sample);
    (void)next_line(sample, &line); /* there is one */
    for (size_t i = line.from; i < line.to; i++)
        if (line.text[i] == ',' || line.text[i] == ';' || line.text[i] == '\t')
            return line.text[i];
    return ' ';
}

static void describe_table(const struct layout *layout, const char *path, bool has_ports,
                           struct buffer *out)
{
    struct table table = {.separator = find_separator(&layout->sample)};
    struct slice line = before_first(&layout->sample);
    while (next_line(&layout->sample, &line))
        add_row(&table, &line);
    table.is_numbered = is_numbered(&table);
    if (table.is_numbered)
        table.numbers[0] = 0;
    size_t port = COLUMNS_MAX;
    if (!has_ports)
        port = find_column(table.is_port, table.numbers, COLUMNS_MAX);
    size_t host = find_host(&table, port);
    size_t protocol = find_protocol(&table, host);
    struct choice choice = {.count = 0};
    choose(&choice, host);
    choose(&choice, port < protocol ? port : protocol);
    choose(&choice, port < protocol ? protocol : port);
    begin_guess(out, path, "a table with more columns");
    add_cut(out, table.separator, &choice);
    add_file(out, path);
    /* A title alone on its line would be a host. */
    bool is_titled = host < COLUMNS_MAX && table.is_host[host];
    if (port == COLUMNS_MAX && is_titled)
        buffer_add_text(out, " | tail -n +2");
    buffer_add_text(out, port < COLUMNS_MAX ? to_targets : to_hosts);
}

static bool is_table(enum fault_code reason, bool has_ports)
{
    return reason == FAULT_COLUMN_COMMA || reason == FAULT_COLUMN_SEMICOLON ||
           reason == FAULT_COLUMN_TAB || reason == FAULT_COLUMN_WORD ||
           (has_ports && reason == FAULT_COLUMN_REST);
}

static const struct mark *find_mark(struct buffer *sample)
{
    static const struct mark hosts = {NULL, "/etc/hosts", "awk '{print $1}'", to_hosts};
    static const struct mark sections = {NULL, "an Ansible inventory", inventory, to_ssh};
    const char *text = buffer_text(sample);
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (strstr(text, marks[i].text) != NULL)
            return &marks[i];
    if (is_hosts_file(sample))
        return &hosts;
    return has_sections(sample) ? &sections : NULL;
}

static void describe(struct layout *layout, const char *path, bool has_ports,
                     struct buffer *out)
{
    const struct mark *mark = find_mark(&layout->sample);
    if (mark != NULL) {
        begin_guess(out, path, mark->name);
        buffer_add_text(out, mark->command);
        add_file(out, path);
        buffer_add_text(out, mark->end);
    } else if (layout->is_mixed) {
        return;
    } else if (is_table(layout->reason, has_ports)) {
        describe_table(layout, path, has_ports, out);
    } else if (layout->reason == FAULT_PORT_MISSING) {
        begin_guess(out, path, "a list of hosts");
        buffer_add_text(out, "netcheck -p PORTS -f");
        add_file(out, path);
        buffer_add_text(out, strcmp(path, "-") == 0 ? " -" : "");
    } else if (layout->lines >= REFUSED_LEAST) {
        add_name(out, path);
        buffer_add_text(out, " looks like no list of targets: write HOST:PORT, HOST PORT or "
                             "HOST,PORT on each line");
    }
}

void layout_decide(struct layout *layout, const char *path, bool has_ports, struct buffer *out)
{
    if (!layout->is_decided && layout->lines >= KNOWN_LEAST && !layout->sample.has_failed)
        describe(layout, path, has_ports, out);
    layout_accept(layout);
}

/* Whether every other byte of the first two characters is NUL. */
static bool is_wide(const char *text, size_t nul)
{
    return text[nul] == '\0' && text[nul + 2] == '\0' && text[1 - nul] != '\0' &&
           text[3 - nul] != '\0';
}

const char *layout_encoding(const char *text, size_t len)
{
    enum { MARK = 2, LEAST = 4 };
    bool is_little = len >= MARK && memcmp(text, "\xff\xfe", MARK) == 0;
    bool is_big = len >= MARK && memcmp(text, "\xfe\xff", MARK) == 0;
    if (is_little && len >= LEAST && text[2] == '\0' && text[3] == '\0')
        return "UTF-32";
    if (is_little || is_big)
        return "UTF-16";
    if (len < LEAST)
        return NULL;
    return is_wide(text, 1) ? "UTF-16LE" : is_wide(text, 0) ? "UTF-16BE" : NULL;
}

void layout_describe_encoding(struct buffer *out, const char *encoding, const char *path,
                              const char *option)
{
    add_name(out, path);
    buffer_add_format(out, " is %s: iconv -f %s -t UTF-8", encoding, encoding);
    add_file(out, path);
    buffer_add_format(out, " | netcheck %s -", option);
}
