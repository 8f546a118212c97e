#include "foreign.h"

#include <string.h>

#include "netcheck/base/base.h"

#define ROW(words, remedy)        \
    {                             \
        words, remedy, NULL, NULL \
    }

const struct foreign foreign_table[] = {
    /* What is asked */
    {"H hostname", "write HOST without it",
     "write HOST without it, --warn DUR for -w and --crit DUR for -c, and --format nagios; "
     "here -w is the timeout and -c counts rounds",
     NULL},
    ROW("host addr address ip target dest dst destination server", "write HOST without it"),
    ROW("url", "write the URL without it"),
    ROW("iL* includefile input input-file inputfile targets hosts hosts-file", "write -f FILE"),
    ROW("iR*", "write the targets, as in 10.0.0.0/24:22, or -f FILE"),
    ROW("g generate", "write the prefix or the range itself, as in 10.0.0.0/24:22"),
    ROW("dport destport scan range", "write -p PORTS"),
    ROW("p-", "write -p 1-65535"),
    ROW("F top-ports port-ratio", "write the ports, as in -p 22,80,443"),
    ROW("sL dry-run", "write --list"),
    ROW("randomize-hosts random-order", "write --shuffle"),
    ROW("seed", "write --shuffle=SEED"),
    ROW("use-ipv4 ipv4 inet", "write -4"),
    ROW("use-ipv6 ipv6 inet6", "write -6"),
    ROW("no-dns no-resolve", "write -n"),
    ROW("R resolve connect-to dns-servers system-dns",
        "names are resolved as this system does: leave it out"),

    /* By what protocol, and what is sent */
    {"u", "; fping's -u is --only down", NULL, "udp"},
    {"udp sU* PU* 2", "", NULL, "udp"},
    {"icmp ping sn sP PE PP PM 1", "", NULL, "icmp"},
    {"ssl tls ssl-reqd", "", NULL, "tls"},
    {"sctp sY sZ PY*", "", NULL, "sctp"},
    {"U", "", NULL, "unix"},
    {"Z dccp sO PO* protocol proto", "", NULL, "dccp"},
    ROW("sT* sS* sA sF sM sN sW sX sI* sf sk tcp syn tcp-connect connect",
        "TCP is asked by connecting anyway: leave it out"),
    ROW("Pn PN PS* PA*", "every target is asked anyway: leave it out"),
    ROW("sV* sC sCV O osscan-limit osscan-guess script version-intensity",
        "services are connected to, not identified: leave it out"),
    ROW("banner banners", "write --match TEXT, and -v to see the line"),
    ROW("data data-string payload", "write --send TEXT"),
    ROW("string regex regexp ereg eregi pattern", "write --match TEXT, or --match /ERE/"),
    ROW("sni servername",
        "the host is named anyway: leave it out, or write --server-name NAME"),
    ROW("starttls", "STARTTLS is not asked: write HOST:PORT, or tls://HOST:PORT for a port "
                    "that begins with TLS"),
    ROW("k insecure no-check-certificate", "no certificate is verified: leave it out"),
    ROW("certificate cert cacert capath key",
        "no certificate is verified or shown to a server: "
        "leave it out"),
    ROW("L X location request head fail show-error user-agent header",
        "HTTP is asked as --ready asks it: leave it out, or write --ready and the URL"),
    ROW("path uri endpoint http https method get status status-code expect-status "
        "expect-status-code onredirect health health-check healthcheck health-path",
        "write the URL, as in --ready http://HOST:PORT/PATH"),
    ROW("redis mysql mariadb postgres postgresql pg mongodb rabbitmq amqp mqtt ldap smtp imap "
        "pop3 ftp ssh dns service",
        "write the service before the host, as in --ready redis://HOST:PORT"),
    ROW("user username password passwd dbname database",
        "no service is logged in to: leave it out"),
    ROW("b N E crlf send-only recv-only telnet data-length quit",
        "nothing is sent over the connection but --send TEXT: leave it out"),
    ROW("x proxy proxies proxy-type socks4 socks5",
        "no proxy is used: leave it out; fping's -x is --any"),
    ROW("M ttl tos mtu dontfrag", "packets are as the system makes them: leave it out"),
    ROW("l listen", "netcheck never listens: leave it out; fping's -l is -c 0"),

    /* From where */
    ROW("S", "for the address to ask from write -s ADDR, else leave it out"),
    ROW("src source-ip source-address adapter-ip bind", "write -s ADDR"),
    ROW("iface adapter device", "write -I NAME"),
    ROW("e",
        "for an interface write -I NAME, for a program -- COMMAND, for a text --match TEXT"),
    ROW("source-port", "the system chooses the port to ask from: leave it out"),

    /* For how long, how often, how fast */
    ROW("W G connect-timeout conntimeout connection-timeout host-timeout max-rtt-timeout "
        "initial-rtt-timeout deadline tcpTimeout httpTimeout",
        "write -t DUR, as in -t 2 or -t 200ms"),
    ROW("warning critical", "write --warn DUR and --crit DUR, with --format nagios"),
    ROW("retry max-retries tries attempts", "write -r N"),
    ROW("retry-connrefused retry-delay retry-max-time retry-interval wait-retry-interval",
        "write --wait DUR to ask until it is up, and -i DUR for how often"),
    ROW("wait-for wait-timeout max-wait", "write --wait DUR"),
    ROW("successes success-threshold consecutive", "write --confirm N with --wait DUR"),
    ROW("C vcount repeat times iterations", "to ask N times write -c N"),
    ROW("loop forever continuous watch", "write -c 0, or --live"),
    ROW("period delay sleep scan-delay", "write -i DUR"),
    ROW("T min-rate fast faster flood",
        "netcheck finds its pace: leave it out, or write --rate N or -P N"),
    ROW("max-rate", "write --rate N"),
    ROW("batch-size concurrency threads workers jobs parallelism simultaneous max-parallelism "
        "min-parallelism max-hostgroup "
        "min-hostgroup",
        "write -P N"),

    /* What is success, and what is shown */
    ROW("invert invert-check reverse", "write --expect down, or ! before a target"),
    ROW("reachable", "write --any"),
    ROW("strict", "COMMAND never runs when a target is not as expected: leave it out"),
    ROW("exec sh-exec", "write -- COMMAND behind the targets"),
    ROW("a alive open open-only", "write --only up to see what is up"),
    ROW("unreach closed", "write --only down to see what is down"),
    ROW("oN oX oG oA oL oJ oS", "write --format NAME -o FILE; netcheck --help has the names"),
    ROW("out outfile output-file out-file log logfile log-file", "write -o FILE"),
    ROW("csv xml yaml html", "write --format NAME; netcheck --help has the names"),
    ROW("stats", "rounds end with a summary: write -c N"),
    ROW("jsonl json-lines", "write -j"),
    ROW("labels tag tags", "write --label KEY=VALUE"),
    ROW("reason", "rows say the reason anyway: leave it out"),
    ROW("d debug packet-trace trace", "write -v to see what is tried"),
    ROW("Q squiet silent", "write -q"),
    ROW("no-color no-colour nocolor", "write --color never"),
    ROW("? usage", "write --help"),
    ROW("no-progress", "write --progress never"),
};

#undef ROW

const size_t foreign_table_len = ARRAY_LEN(foreign_table);

/* How many bytes at `word` are this entry of a row: all, or those before its '*'; 0 for none.
 */
static size_t match(const char *entry, size_t entry_len, const char *word, size_t len)
{
    bool has_value = entry[entry_len - 1] == '*';
    entry_len -= has_value;
    bool is_long_enough = has_value ? len >= entry_len : len == entry_len;
    return is_long_enough && memcmp(entry, word, entry_len) == 0 ? entry_len : 0;
}

const struct foreign *foreign_find(const char *word, size_t len, size_t *option_len)
{
    for (size_t i = 0; i < foreign_table_len; i++) {
        const char *entry = foreign_table[i].words;
        while (*entry != '\0') {
            size_t entry_len = strcspn(entry, " ");
            *option_len = match(entry, entry_len, word, len);
            if (*option_len > 0)
                return &foreign_table[i];
            entry += entry_len + strspn(entry + entry_len, " ");
        }
    }
    return NULL;
}
