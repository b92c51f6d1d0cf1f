/* SPDX-License-Identifier: GPL-3.0-or-later
 * azure_curves: the two tables of percentiles of the Azure Functions 2019 data: durations, and memory of applications.
 *
 * Meaning.  The newest row of a name counts: tables are read day by day, and a function or application without a row on
 *           a day keeps that of the last day that had one (the memory tables of days 13 and 14 were never published).
 *           Durations in seconds, memory in bytes (1 MB = 2^20 bytes).
 * Limits.   Memory: about 350 bytes a function or application. */
#ifndef ALM_TRACES_AZURE_CURVES_H
#define ALM_TRACES_AZURE_CURVES_H

#include "curve.h"
#include "text/rows.h"

#define ALM_AZURE_KEY 512

/* Join the N ids as "owner,app,function" into KEY; 0 when they do not fit. */
size_t alm_azure_key(const struct alm_cell *const *id, size_t n, char key[ALM_AZURE_KEY]);

/* The columns that begin each of the tables: HashOwner, HashApp, HashFunction. */
enum { ALM_AZURE_OWNER, ALM_AZURE_APP, ALM_AZURE_FUNCTION, ALM_AZURE_IDS };

struct alm_azure_curves;

struct alm_azure_curve {
    struct alm_curve curve;
    int64_t day; /* of the row it is from */
};

int alm_azure_curves_open(struct alm_azure_curves **out, struct alm_err *e);
void alm_azure_curves_close(struct alm_azure_curves *c); /* NULL is fine */

/* Read a table of percentiles of DAY: durations, or memory. A memory table may give the function too. */
int alm_azure_durations_read(struct alm_azure_curves *c, struct alm_rows_job *job, const char *path, int64_t day,
                             struct alm_err *e);
int alm_azure_memory_read(struct alm_azure_curves *c, struct alm_rows_job *job, const char *path, int64_t day,
                          struct alm_err *e);

/* Of a key, or NULL. Valid until the next read. */
const struct alm_azure_curve *alm_azure_curves_find(const struct alm_azure_curves *c, const char *key, size_t size);

#endif
