#include <stdlib.h>
#include <string.h>

#include "../../../src/target/layout.h"
#include "../claim.h"

enum { ENCODED_MAX = 12 };

/* Lines of a file, all refused for `reason`, and what is said of it. */
static const struct {
    const char *label;
    const char *lines;
    enum fault_code reason;
    const char *path;
    bool has_ports;
    const char *said;
} files[] = {
    {"nothing", "", FAULT_NONE, "f", false, ""},
    {"too few for a guess", "db\n", FAULT_PORT_MISSING, "f", false, ""},
    {"hosts", "db\nweb\n", FAULT_PORT_MISSING, "f", false,
     "'f' looks like a list of hosts: netcheck -p PORTS -f f"},
    {"hosts in standard input", "db\nweb\n", FAULT_PORT_MISSING, "-", false,
     "standard input looks like a list of hosts: netcheck -p PORTS -f -"},
    {"too few for a word", "a=b\na=b\n", FAULT_HOST_BYTE, "f", false, ""},
    {"enough for a word", "a=b\na=b\na=b\n", FAULT_HOST_BYTE, "f", false,
     "'f' looks like no list of targets: write HOST:PORT, HOST PORT or HOST,PORT on each line"},
    {"file name with a blank", "db\nweb\n", FAULT_PORT_MISSING, "my list", false,
     "'my list' looks like a list of hosts: netcheck -p PORTS -f 'my list'"},
    {"file name with a quote", "db\nweb\n", FAULT_PORT_MISSING, "it's", false,
     "'it's' looks like a list of hosts: netcheck -p PORTS -f FILE"},
    {"file name with foreign bytes", "db\nweb\n", FAULT_PORT_MISSING, "\x1b[m", false,
     "'\\x1b[m' looks like a list of hosts: netcheck -p PORTS -f FILE"},
    {"file name that looks like an option", "db\nweb\n", FAULT_PORT_MISSING, "-x", false,
     "'-x' looks like a list of hosts: netcheck -p PORTS -f FILE"},
    {"table", "a,1,x\nb,2,y\n", FAULT_COLUMN_COMMA, "f", false,
     "'f' looks like a table with more columns: cut -d, -f1,2 f | netcheck -f -"},
    {"table of numbered lines", "1,a,22,x\n2,b,80,y\n3,c,80,y\n", FAULT_COLUMN_COMMA, "f",
     false, "'f' looks like a table with more columns: cut -d, -f2,3 f | netcheck -f -"},
    {"table of one port more each", "22,a,x\n23,b,y\n", FAULT_COLUMN_COMMA, "f", false,
     "'f' looks like a table with more columns: awk -F, '{print $2, $1}' f | netcheck -f -"},
    {"table in a file that awk would assign", "a,1,x\nb,2,y\n", FAULT_COLUMN_COMMA, "f=g",
     false, "'f=g' looks like a table with more columns: cut -d, -f1,2 FILE | netcheck -f -"},
    {"table, quoted", "\"x\";\"a\";\"1\"\n\"y\";\"10.0.0.1\";\"2\"\n", FAULT_COLUMN_SEMICOLON,
     "f", false, "'f' looks like a table with more columns: cut -d';' -f2,3 f | netcheck -f -"},
    {"table by titles", "id\tport\thost\tx\n1\t22\ta\tx\n", FAULT_COLUMN_TAB, "f", false,
     "'f' looks like a table with more columns: awk -F'\\t' '{print $3, $2}' f | netcheck -f "
     "-"},
    {"table without ports", "x,a,y\nx,b,y\n", FAULT_COLUMN_COMMA, "f", false,
     "'f' looks like a table with more columns: cut -d, -f1 f | netcheck -p PORTS -f -"},
    {"table of words", "a 1 http\nb 2 ssh\n", FAULT_COLUMN_WORD, "f", false,
     "'f' looks like a table with more columns: awk '{print $1, $2}' f | netcheck -f -"},
    {"table with -p", "x,host\na,10.0.0.1\nb,10.0.0.2\n", FAULT_COLUMN_REST, "f", true,
     "'f' looks like a table with more columns: cut -d, -f2 f | tail -n +2 | netcheck -p PORTS "
     "-f -"},
    {"table with protocols", "x,a,udp,53\nx,b,tcp,80\n", FAULT_COLUMN_COMMA, "f", false,
     "'f' looks like a table with more columns: cut -d, -f1,3,4 f | netcheck -f -"},
    {"table with protocols, addresses", "x;udp;53;10.0.0.1\nx;icmp;-;10.0.0.2\n",
     FAULT_COLUMN_SEMICOLON, "f", false,
     "'f' looks like a table with more columns: awk -F';' '{print $4, $2, $3}' f | netcheck -f "
     "-"},
    {"table with protocols between blanks", "10.0.0.1 53 dns udp\n10.0.0.2 80 web tcp\n",
     FAULT_COLUMN_WORD, "f", false,
     "'f' looks like a table with more columns: awk '{print $1, $2, $4}' f | netcheck -f -"},
    {"table with protocols, -p", "10.0.0.1,x,udp\n10.0.0.2,y,icmp\n", FAULT_COLUMN_REST, "f",
     true,
     "'f' looks like a table with more columns: cut -d, -f1,3 f | netcheck -p PORTS -f -"},
    {"table with more columns than are looked at", "1,2,3,4,5,6,7,8,9,10,11\na,2\n",
     FAULT_COLUMN_COMMA, "f", false,
     "'f' looks like a table with more columns: cut -d, -f1,2 f | netcheck -f -"},
};

static void refuse_lines(struct layout *layout, const char *lines, enum fault_code reason)
{
    while (*lines != '\0') {
        size_t len = strcspn(lines, "\n");
        char *copy = copy_exactly(lines, len);
        const struct slice line = {copy, 0, len};
        layout_refuse(layout, &line, reason);
        free(copy);
        lines += len + 1;
    }
}

static void test_layout_of_refused_lines_is_named_with_a_command(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct layout layout = {.lines = 0};
        struct buffer out = BUFFER_EMPTY;
        refuse_lines(&layout, files[i].lines, files[i].reason);
        layout_decide(&layout, files[i].path, files[i].has_ports, &out);
        claim_text(files[i].label, "said", buffer_text(&out), files[i].said);
        layout_decide(&layout, files[i].path, files[i].has_ports, &out);
        claim_text(files[i].label, "said once", buffer_text(&out), files[i].said);
        buffer_release(&out);
        layout_release(&layout);
    }
}

static void test_layout_with_a_target_or_many_faults_is_not_named(void **state)
{
    for (int way = 0; way < 3; way++) {
        struct layout layout = {.lines = 0};
        struct buffer out = BUFFER_EMPTY;
        if (way == 0)
            layout_accept(&layout);
        refuse_lines(&layout, "a\nb\nc\n", FAULT_PORT_MISSING);
        if (way == 1)
            layout_accept(&layout);
        if (way == 2)
            refuse_lines(&layout, "a:0\n", FAULT_PORT);
        layout_decide(&layout, "f", false, &out);
        claim_text("nothing in common", "said", buffer_text(&out), "");
        buffer_release(&out);
        layout_release(&layout);
    }
}

static void test_layout_is_due_with_the_tenth_line(void **state)
{
    struct layout layout = {.lines = 0};
    struct buffer out = BUFFER_EMPTY;
    for (int i = 1; i <= 9; i++) {
        refuse_lines(&layout, "db\n", FAULT_PORT_MISSING);
        assert_false(layout_is_due(&layout));
    }
    refuse_lines(&layout, "db\n", FAULT_PORT_MISSING);
    assert_true(layout_is_due(&layout));
    layout_decide(&layout, "f", false, &out);
    assert_true(out.len > 0);
    assert_false(layout_is_due(&layout));
    buffer_release(&out);
    layout_release(&layout);
}

static const struct {
    const char *label;
    size_t len;
    char bytes[ENCODED_MAX];
    const char *encoding;
} encodings[] = {
    {"nothing", 0, "", NULL},
    {"ASCII", 5, "db:80", NULL},
    {"UTF-8", 5,
     "\xef\xbb\xbf"
     "db",
     NULL},
    {"mark, little", 2, "\xff\xfe", "UTF-16"},
    {"mark, big", 4, "\xfe\xff\0d", "UTF-16"},
    {"mark of four", 8, "\xff\xfe\0\0d\0\0", "UTF-32"},
    {"no mark, little", 4, "d\0b\0", "UTF-16LE"},
    {"no mark, big", 4, "\0d\0b", "UTF-16BE"},
    {"no mark, one character", 3, "d\0b", NULL},
    {"NUL in a name", 6, "d\0b:80", NULL},
    {"NULs", 4, "\0\0\0\0", NULL},
    {"half a mark", 1, "\xff", NULL},
};

static void test_layout_encoding_is_known_by_the_first_line(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(encodings); i++) {
        char *copy = copy_exactly(encodings[i].bytes, encodings[i].len);
        claim_text(encodings[i].label, "encoding", layout_encoding(copy, encodings[i].len),
                   encodings[i].encoding);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout_of_refused_lines_is_named_with_a_command),
        cmocka_unit_test(test_layout_with_a_target_or_many_faults_is_not_named),
        cmocka_unit_test(test_layout_is_due_with_the_tenth_line),
        cmocka_unit_test(test_layout_encoding_is_known_by_the_first_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
