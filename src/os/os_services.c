/*
 * os_services: the port of a service.
 *
 * The C library reads /etc/services from its beginning for each name. Where it would look
 * nowhere else, the file is read here, once; else the library's answers are kept.
 */
#include "netcheck/os/name_service.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "netcheck/base/base.h"
#include "netcheck/os/service_table.h"
#include "os_internal.h"

enum {
    FILE_MAX = 64 << 20, /* bytes of a file that is read to its end */
    ANSWERS_MAX = 65536, /* that are kept; then they are forgotten */
};

/* As the C library keeps its own: for the process, and never given back. */
static struct {
    const char *transport;
    struct service_table table;
} services[] = {{"tcp", SERVICE_TABLE_EMPTY}, {"udp", SERVICE_TABLE_EMPTY}};
static enum { TABLE_UNREAD, TABLE_COMPLETE, TABLE_OF_ANSWERS } table_kind = TABLE_UNREAD;

/* 0, ENOENT where there is no such file, or why it cannot be read. */
static int read_file(const char *path, struct buffer *text)
{
    char bytes[4096];
    ssize_t len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    do {
        len = read(fd, bytes, sizeof bytes);
        if (len > 0)
            buffer_add(text, bytes, (size_t)len);
    } while ((len > 0 && text->len < FILE_MAX) || (len < 0 && errno == EINTR));
    int error = len < 0 ? errno : len > 0 ? EFBIG : text->has_failed ? ENOMEM : 0;
    (void)close(fd); /* it was only read */
    return error;
}

/* Whether getservbyname(3) knows what is in /etc/services, and nothing else. */
static bool is_file_all(void)
{
    static const char *const databases[] = {"/var/lib/misc/services.db", "/var/db/services.db"};
    const char *path = os_extra_service_switch();
    if (path == NULL || path[0] == '\0')
        return path != NULL;
    bool has_db = false;
    for (size_t i = 0; i < ARRAY_LEN(databases); i++)
        has_db |= access(databases[i], F_OK) == 0;
    struct buffer text = BUFFER_EMPTY;
    int error = read_file(path, &text);
    bool is_all = error == ENOENT ||
                  (error == 0 && service_sources_are_file(text.bytes, text.len, has_db));
    buffer_release(&text);
    return is_all;
}

static void read_tables(void)
{
    struct buffer text = BUFFER_EMPTY;
    int error = is_file_all() ? read_file("/etc/services", &text) : ENOTSUP;
    bool is_complete = error == ENOENT || error == 0;
    for (size_t i = 0; i < ARRAY_LEN(services) && error == 0; i++)
        is_complete =
            is_complete &&
            service_table_read(&services[i].table, services[i].transport, text.bytes, text.len);
    table_kind = is_complete ? TABLE_COMPLETE : TABLE_OF_ANSWERS;
    for (size_t i = 0; i < ARRAY_LEN(services) && !is_complete; i++)
        service_table_release(&services[i].table);
    buffer_release(&text);
}

static uint16_t ask_library(struct service_table *table, const char *transport,
                            const char *name)
{
    const struct servent *service = getservbyname(name, transport);
    uint16_t port = service != NULL ? ntohs((uint16_t)service->s_port) : 0;
    if (table->count >= ANSWERS_MAX)
        service_table_release(table);
    (void)service_table_add(table, name, strlen(name), port); /* else it is asked again */
    return port;
}

uint16_t os_service_port(const char *name, const char *transport)
{
    uint16_t port = 0;
    size_t i = 0;
    while (i < ARRAY_LEN(services) && strcmp(services[i].transport, transport) != 0)
        i++;
    if (i == ARRAY_LEN(services))
        return 0;
    if (table_kind == TABLE_UNREAD)
        read_tables();
    if (service_table_find(&services[i].table, name, strlen(name), &port))
        return port;
    return table_kind == TABLE_COMPLETE ? 0 : ask_library(&services[i].table, transport, name);
}
