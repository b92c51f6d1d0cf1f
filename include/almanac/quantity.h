/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantity: numbers with units, parsed and printed in one place.
 *
 * Meaning.  duration "90s" "5m" "1h30m" "250ms" "7d" ("0" needs no unit); bytes "4096" "256Mi" "1.5Gi" "10M" "1e9";
 *           cores "2" "0.5" "250m"; fraction "0.95" "95%".
 * Choice.   K, M, G, T are powers of 1000 and Ki, Mi, Gi, Ti of 1024, as in Kubernetes. `m` is milli for cores and
 *           minutes for durations. Days are 24 hours; there are no months or years.
 * Errors.   ALM_EINVAL naming the text and what would be right: empty, trailing text, NaN, infinite, overflow. */
#ifndef ALMANAC_QUANTITY_H
#define ALMANAC_QUANTITY_H

#include "almanac/error.h"
#include "almanac/time.h"

#include <stdint.h>

int alm_parse_integer(const char *text, int64_t *out, struct alm_err *e);
int alm_parse_real(const char *text, double *out, struct alm_err *e); /* finite */
int alm_parse_duration(const char *text, alm_time *out, struct alm_err *e);
int alm_parse_bytes(const char *text, int64_t *out, struct alm_err *e);
int alm_parse_cores(const char *text, double *out, struct alm_err *e);
int alm_parse_fraction(const char *text, double *out, struct alm_err *e);

#define ALM_QUANTITY_TEXT 40

/* Print so that parsing gives the same value back, in the shortest form that does; OUT holds ALM_QUANTITY_TEXT bytes.
 * Return OUT. */
char *alm_print_real(double value, char *out);
char *alm_print_duration(alm_time value, char *out);
char *alm_print_bytes(int64_t value, char *out);
char *alm_print_fraction(double value, char *out);

/* A length of time as people say it: "30.0 days", "4.5 hours", "5 minutes". Not meant to be parsed. */
char *alm_print_about(alm_time value, char *out);

#endif
