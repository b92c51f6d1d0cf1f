/* SPDX-License-Identifier: GPL-3.0-or-later
 * execution: one run of a unit's code for one invocation: when it is about to start, and what became of it.
 *
 * Meaning.  Before a start stands the moment of allocate_resources(code_id, input_parameters): the platform shows the
 *           invocation with its input parameters, the loop decides, the invocation starts under the decision. After its
 *           end the platform shows what it used. `input` are the values of the platform's input parameters, in their
 *           order; NaN where not given.
 * Choice.   What an invocation would have needed if alone and unlimited is truth, so it stands in the account, which
 *           observers see and modules do not.
 * Source.   The specification's allocate_resources, release_resources and its record of a function call. */
#ifndef ALMANAC_EXECUTION_H
#define ALMANAC_EXECUTION_H

#include "almanac/resource.h"
#include "almanac/time.h"

#include <stdbool.h>

/* About to start: what may be known before. */
struct alm_start {
    uint64_t id; /* of the invocation, on this platform */
    uint32_t unit;
    alm_time arrival;
    const double *input;                                      /* the platform's memory, until its next `wait` */
    double cores_requested, memory_requested, time_requested; /* cores, bytes, seconds; NaN when not known */
};

enum alm_end {
    ALM_END_DONE,
    ALM_END_REFUSED, /* met a full queue, or nowhere to run */
    ALM_END_TIMEOUT, /* gave up waiting, or ran too long */
    ALM_END_FAILED,  /* killed once more than it may be retried */
    ALM_END_RUNNING, /* still in the system when the run ended, which is its `finish`; shown once, at the very end */
};

struct alm_execution {
    uint64_t id;
    uint32_t unit;
    uint8_t end;       /* enum alm_end */
    uint8_t cold;      /* 1: the first on an instance after its start */
    uint8_t throttled; /* ALM_BIT per resource: was slower for a limit */
    uint8_t retries;   /* saturates at 255 */
    alm_time arrival;
    alm_time start;               /* of its last try; ALM_TIME_NONE when it never started */
    alm_time finish;              /* or when it was refused or gave up */
    int64_t usage[ALM_RESOURCES]; /* of all tries: cpu us, memory peak bytes, bytes */
    int64_t limit[2];             /* in force at the end: millicores, bytes; ALM_NO_LIMIT */
    const double *input;          /* the platform's memory, until its next `wait` */
};

/* The truth behind an execution: for the recorder and the metrics, never for a module. */
struct alm_execution_account {
    double alone;   /* seconds it takes alone and unlimited: slowdown = response / alone */
    double servers; /* cores it kept busy or reserved, times seconds: for utilisation */
    uint32_t class; /* its priority */
};

#endif
