/* SPDX-License-Identifier: GPL-3.0-or-later
 * statistics_json: the statistics of pairs as JSON, for comparisons and for checks. */
#ifndef ALM_COMPARE_STATISTICS_JSON_H
#define ALM_COMPARE_STATISTICS_JSON_H

#include "experiments/compare/compare_pairs.h"

#include <jansson.h>

json_t *statistics_number(double value); /* null where it is not finite */
json_t *statistics_json(const struct compare_statistics *s);
json_t *statistics_tolerance_json(struct compare_tolerance t);  /* null: none */
const char *statistics_better_word(enum metrics_better better); /* "lower", "higher", "" */

#endif
