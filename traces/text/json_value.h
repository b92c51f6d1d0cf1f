/* SPDX-License-Identifier: GPL-3.0-or-later
 * json_value: what programs write into JSON, as numbers and times.
 *
 * Meaning.  A number may be a string (int64 in exports of databases, samples of Prometheus); "NaN" and the like are
 *           none. */
#ifndef ALM_TRACES_JSON_VALUE_H
#define ALM_TRACES_JSON_VALUE_H

#include "delimited.h"

#include <jansson.h>

/* The member at a path of keys, "a.b.c"; NULL when there is none. */
json_t *alm_json_at(const json_t *object, const char *path);

/* ALM_NUMBER_NONE for NULL, for what is neither number nor string, and for strings that are no number. */
enum alm_number alm_json_number(const json_t *value, double *out);

/* A number (or string) in the format (exact for strings and integers; a real of seconds is rounded to microseconds), or
 * a string with a calendar time for ALM_TIME_ISO. */
enum alm_number alm_json_time(const json_t *value, enum alm_time_format format, alm_time *out);

/* The string at a path, as a view; size 0 when there is none. */
struct alm_field alm_json_text(const json_t *object, const char *path);

#endif
