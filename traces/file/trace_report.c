/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_report: count what an import dropped or repaired, and write it down as JSON. */
#include "trace_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void alm_report_note(struct alm_trace_report *report, bool dropped, const char *why, const char *where_format, ...)
{
    /* A seventeenth reason joins the last of its kind under one name, so that no count is lost. */
    static const char *const rest[2] = {"repaired for other reasons", "dropped for other reasons"};
    size_t i = 0;
    while (i < report->reasons && (strcmp(report->reason[i].why, why) != 0 || report->reason[i].dropped != dropped))
        i++;
    if (i == report->reasons && i >= ALM_REPORT_REASONS - 2 && why != rest[dropped]) {
        for (i = 0; i < report->reasons; i++)
            if (report->reason[i].why == rest[dropped])
                break;
        why = rest[dropped];
    }
    if (i == report->reasons) {
        report->reasons++;
        report->reason[i].why = why;
        report->reason[i].dropped = dropped;
        report->reason[i].count = 0;
        va_list args;
        va_start(args, where_format);
        vsnprintf(report->reason[i].where, sizeof report->reason[i].where, where_format, args);
        va_end(args);
    }
    report->reason[i].count++;
}

uint64_t alm_report_dropped(const struct alm_trace_report *report)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < report->reasons; i++)
        if (report->reason[i].dropped)
            sum += report->reason[i].count;
    return sum;
}

/* TEXT as a JSON string. Bytes that are not UTF-8 are the caller's matter: file names are shown as they are. */
static void put_text(FILE *f, const char *text)
{
    fputc('"', f);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p == '"' || *p == '\\')
            fprintf(f, "\\%c", *p);
        else if (*p < 0x20 || *p == 0x7f)
            fprintf(f, "\\u%04x", *p);
        else
            fputc(*p, f);
    }
    fputc('"', f);
}

int alm_report_json(const struct alm_trace_report *report, char **out, struct alm_err *e)
{
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);
    if (!f)
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    fprintf(f, "{\"files\":%llu,\"read\":%llu,\"kept\":%llu,\"dropped\":%llu,\"reasons\":[",
            (unsigned long long)report->files, (unsigned long long)report->read, (unsigned long long)report->kept,
            (unsigned long long)alm_report_dropped(report));
    for (size_t i = 0; i < report->reasons; i++) {
        fputs(i ? ",{\"why\":" : "{\"why\":", f);
        put_text(f, report->reason[i].why);
        fprintf(f, ",\"count\":%llu,\"dropped\":%s,\"first\":", (unsigned long long)report->reason[i].count,
                report->reason[i].dropped ? "true" : "false");
        put_text(f, report->reason[i].where);
        fputc('}', f);
    }
    fputs("],\"assumed\":", f);
    put_text(f, report->assumed);
    fputc('}', f);
    int failed = ferror(f);
    if (fclose(f) != 0 || failed) {
        free(text);
        return alm_fail(e, ALM_ENOMEM, "out of memory");
    }
    *out = text;
    return 0;
}
