/* SPDX-License-Identifier: GPL-3.0-or-later
 * recorder_platform: what the recorder keeps of executions and machines: rows in memory, columns on disk.
 *
 * Choice.   Only runs that have them have their columns, so a run file of usage alone is as it always was. A row is kept as
 *           the platform shows it; one table of members says which goes into which column. */
#ifndef ALM_CORE_RECORDER_PLATFORM_H
#define ALM_CORE_RECORDER_PLATFORM_H

#include "almanac/table.h"

#include "recorder.h"
#include "recorder_rows.h"

#define ALM__EXECUTION_COLUMNS 20
#define ALM__MACHINE_COLUMNS 8
#define ALM__MACHINE_SAMPLE_COLUMNS 18

/* Of a segment. EVERY: executions whose id it divides, machine samples of every so-manieth stamp; 0: none. */
struct alm__platform_rows {
    struct alm__rows executions, machine_samples;
    uint64_t every_execution, every_machine_sample;
    const struct alm_machine *machine;
    size_t machines;
    alm_time latest; /* stamp of the newest machine sample, and how many stamps there were */
    uint64_t stamps;
};

/* Of a run file; made when the first segment that has such rows is written. */
struct alm__platform_columns {
    struct alm_column *execution[ALM__EXECUTION_COLUMNS];
    struct alm_column *machine[ALM__MACHINE_COLUMNS];
    struct alm_column *machine_sample[ALM__MACHINE_SAMPLE_COLUMNS];
    bool executions, machines;
};

void alm__platform_rows_free(struct alm__platform_rows *p);
size_t alm__platform_rows_count(const struct alm__platform_rows *p);

int alm__platform_executions(struct alm__platform_rows *p, const struct alm_execution *x,
                             const struct alm_execution_account *a, size_t n, struct alm_err *e);
int alm__platform_machines(struct alm__platform_rows *p, const struct alm_machine_sample *s, size_t n,
                           struct alm_err *e);

/* Write the rows, units counted from BASE; P is empty after. */
int alm__platform_append(struct alm__platform_columns *c, struct alm_table *t, bool calendar,
                         struct alm__platform_rows *p, uint32_t base, struct alm_err *e);

#endif
