/* SPDX-License-Identifier: GPL-3.0-or-later
 * prometheus_metrics: which metric of which exporter means which resource. */
#ifndef ALM_TRACES_PROMETHEUS_METRICS_H
#define ALM_TRACES_PROMETHEUS_METRICS_H

#include "almanac/resource.h"

#include <stdbool.h>

/* What a metric can mean, beside an enum alm_resource. */
enum { ALM_MEANS_CORES = ALM_RESOURCES, ALM_MEANS_BYTES, ALM_MEANS_LIMIT };

struct alm_prometheus_metric {
    const char *name;
    int means;                 /* the resource; or the unit's capacity, LIMIT: of what the label `resource` says */
    const char *label, *words; /* series whose LABEL is one of WORDS, "a/b*", are left out; NULL: none is */
};

/* The metric of this name, or NULL. */
const struct alm_prometheus_metric *alm_prometheus_find(const char *name);

/* Is it a counter, by the naming rules of Prometheus (suffix _total or _sum)? */
bool alm_prometheus_counter(const char *name);

/* Is WORD one of the words of LIST, "a/b*", where * is any end? */
bool alm_prometheus_listed(const char *list, const char *word);

#endif
