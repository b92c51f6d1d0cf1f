/* SPDX-License-Identifier: GPL-3.0-or-later
 * resource_words: which resource the name of a metric or of a file speaks of.
 *
 * Meaning.  "ec2_network_in_257a54" is net_rx, "DiskWriteBytes" io_write, "CPUUtilization" cpu; "elb_request_count",
 *           "DiskReadOps" and "CPUCreditBalance" are of something else, and "values" says nothing.
 * Choice.   Names are split at what is neither letter nor digit, and where capitals begin. */
#ifndef ALM_TRACES_RESOURCE_WORDS_H
#define ALM_TRACES_RESOURCE_WORDS_H

#include <stddef.h>

#define ALM_WORDS_NOTHING (-1) /* no resource is named */
#define ALM_WORDS_OTHER (-2)   /* counts of requests, latencies, ...: not use of a resource */

/* An enum alm_resource, or one of the above. */
int alm_resource_of_words(const char *text, size_t size);

#endif
