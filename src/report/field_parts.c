#include "netcheck/report/field_parts.h"

#include <inttypes.h>
#include <string.h>

#include "netcheck/report/wording.h"

enum { PARTS = 2 }; /* of what is neither plain nor labels */

static void take_icmp(const struct icmp *icmp, size_t index, struct field_part *part)
{
    static const char *const names[PARTS] = {"type", "code"};
    part->name = names[index];
    part->type = FIELD_COUNT;
    part->value.is_known = icmp != NULL;
    if (icmp != NULL)
        part->value.number = index == 0 ? icmp->type : icmp->code;
}

static void take_tls(const struct reply *reply, size_t index, struct field_part *part)
{
    static const char *const names[PARTS] = {"version", "not_after"};
    part->name = names[index];
    part->type = index == 0 ? FIELD_TEXT : FIELD_SECOND;
    if (reply == NULL)
        return;
    part->value.is_known =
        index == 0 ? reply->tls_version[0] != '\0' : reply->tls_not_after_s != INT64_MAX;
    part->value.text = reply->tls_version;
    part->value.len = strlen(reply->tls_version);
    part->value.number = reply->tls_not_after_s;
}

static void take_label(const struct label *label, struct field_part *part)
{
    part->name = label->key;
    part->type = FIELD_TEXT;
    part->value = (struct field_value){
        .is_known = true, .text = label->value, .len = strlen(label->value)};
}

bool field_part(const struct field *field, const struct report *report,
                const struct field_value *value, size_t index, struct field_part *part)
{
    bool is_known = value != NULL && value->is_known;
    part->value = (struct field_value){.is_known = false};
    if (field->type == FIELD_ICMP && index < PARTS)
        take_icmp(is_known ? value->icmp : NULL, index, part);
    else if (field->type == FIELD_TLS && index < PARTS)
        take_tls(is_known ? value->tls : NULL, index, part);
    else if (field->type == FIELD_LABELS && index < report->label_count)
        take_label(&report->labels[index], part);
    else
        return false;
    return true;
}

void field_write(struct buffer *out, enum field_type type, const struct field_value *value)
{
    switch (type) {
    case FIELD_TIME:
        wording_time(out, value->number, 6);
        break;
    case FIELD_SECOND:
        wording_second(out, value->number);
        break;
    case FIELD_DURATION:
        wording_exact_milliseconds(out, value->number);
        break;
    case FIELD_COUNT:
        buffer_add_format(out, "%" PRId64, value->number);
        break;
    case FIELD_BOOLEAN:
        buffer_add_text(out, value->number != 0 ? "true" : "false");
        break;
    case FIELD_PERCENT:
        buffer_add_decimal(out, value->percent, 3, 0);
        break;
    case FIELD_TEXT:
    case FIELD_ICMP:
    case FIELD_TLS:
    case FIELD_LABELS:
        break;
    }
}
