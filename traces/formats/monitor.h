/* SPDX-License-Identifier: GPL-3.0-or-later
 * monitor: what importers of monitoring data share: the way through the files, and values that become rows.
 *
 * Meaning.  Files are read one after the other. A value is put with its unit, time and resource; values of one unit and
 *           time meet in one row, whichever file they come from (meet.h). */
#ifndef ALM_TRACES_MONITOR_H
#define ALM_TRACES_MONITOR_H

#include "counters.h"
#include "meet.h"
#include "text/json_items.h"
#include "text/json_value.h"
#include "text/names.h"

struct alm_monitor;

/* Read one file: M is the first member of the importer's own struct. */
typedef int alm_monitor_read(struct alm_monitor *m, const char *path, struct alm_err *e);

struct alm_monitor {
    struct alm_trace_sink *sink;
    bool drop;        /* bad=drop */
    size_t rows_most; /* 0: ALM_MEET_ROWS */
    alm_monitor_read *read;
    int (*end)(struct alm_monitor *m,
               struct alm_err *e); /* after the last file, before rows are handed on; may be NULL */

    /* For the importer to use. */
    struct alm_batch *batch;
    const char *path; /* the place for messages */
    uint64_t line;
    const struct alm_json_items *items; /* while TAKE runs, for what lies beside */

    /* Its own. */
    struct alm_meet *meet;
    struct alm_reading reading;
    uint64_t values; /* of usage, put so far */
    size_t file;     /* number of the file that is read */
    struct alm_names *counter_names;
    struct alm_counter *counter;
    uint32_t counter_room;
};

/* Read all files and hand on their rows. ALM_EDATA when no usage is found in them. */
int alm_monitor_run(struct alm_monitor *m, const char *const *path, size_t count, struct alm_err *e);

/* Each element at WHERE of the JSON file PATH (json_items.h) is one row of the report, given to TAKE. In the end CHECK (may
 * be NULL) sees what lies beside and the code so far, and says what the code is to be. */
typedef int alm_monitor_take(struct alm_monitor *m, const json_t *element, struct alm_err *e);
typedef int alm_monitor_check(struct alm_monitor *m, const struct alm_json_items *j, int code, struct alm_err *e);
int alm_monitor_json(struct alm_monitor *m, const char *path, const char *where, alm_monitor_take *take,
                     alm_monitor_check *check, struct alm_err *e);

/* Is the first thing in the file the beginning of a JSON object or array? */
int alm_monitor_is_json(const char *path, bool *out, struct alm_err *e);

/* The unit of this name; ALM_NOT_YET when its name cannot be used and bad=drop. Capacities: NaN when not known. */
int alm_monitor_unit(struct alm_monitor *m, struct alm_field name, double cores, double memory, uint32_t *unit,
                     struct alm_err *e);

/* What is here cannot be used for WHY (a static string); TEXT is what was found. An error, or with bad=drop it is noted
 * and ALM_NOT_YET returned. */
int alm_monitor_bad(struct alm_monitor *m, const char *why, struct alm_field text, struct alm_err *e);
int alm_monitor_bad_json(struct alm_monitor *m, const char *why, const json_t *value, struct alm_err *e);

/* Note that what is here was dropped or mended. */
void alm_monitor_note(struct alm_monitor *m, bool dropped, const char *why);

/* A value for the row of a unit. One that is negative, not finite or beyond 1e15 is bad (as alm_monitor_bad). */
int alm_monitor_put(struct alm_monitor *m, uint32_t unit, alm_time at, enum alm_resource resource, double value,
                    bool add, struct alm_err *e);

/* The counter KEY of a unit; the pointer is good until the next call. */
int alm_monitor_counter(struct alm_monitor *m, uint32_t unit, const char *key, struct alm_counter **out,
                        struct alm_err *e);

/* A reading of a counter of that resource: seconds of CPU or bytes. Its rise, if any, is put and adds up. */
int alm_monitor_count(struct alm_monitor *m, struct alm_counter *c, uint32_t unit, alm_time at,
                      enum alm_resource resource, double reading, struct alm_err *e);

#endif
