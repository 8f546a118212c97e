#include "netcheck/cli/version.h"

#include "netcheck/os/process.h"
#include "netcheck/report/report.h"
#include "netcheck/target/protocols.h"

#ifndef NETCHECK_VERSION
#define NETCHECK_VERSION "unknown"
#endif
#ifndef NETCHECK_COMMIT
#define NETCHECK_COMMIT ""
#endif

void version_describe(struct buffer *out)
{
    static const char commit[] = NETCHECK_COMMIT;
    const char *facilities = os_facilities();
    buffer_add_text(out, "netcheck " NETCHECK_VERSION " (");
    if (commit[0] != '\0')
        buffer_add_format(out, "commit %s, ", commit);
    buffer_add_format(out, "%s)\nprotocols:", os_libc());
    for (enum protocol_id id = PROTOCOL_NONE + 1; id < PROTOCOL_COUNT; id++)
        buffer_add_format(out, " %s", protocols_name(id));
    buffer_add_text(out, "\nformats:");
    for (size_t i = 0; report_at(i) != NULL; i++)
        buffer_add_format(out, " %s", report_at(i)->name);
    buffer_add_format(out, "\nbeyond POSIX: %s\n", facilities[0] != '\0' ? facilities : "none");
}
