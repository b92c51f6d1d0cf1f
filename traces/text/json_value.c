/* SPDX-License-Identifier: GPL-3.0-or-later
 * json_value: members, numbers and times of one JSON element. */
#include "json_value.h"

#include <math.h>
#include <string.h>

json_t *alm_json_at(const json_t *object, const char *path)
{
    json_t *at = (json_t *)(uintptr_t)object; /* the getters of jansson differ in const */
    for (const char *p = path; at && *p;) {
        size_t n = strcspn(p, ".");
        at = json_object_getn(at, p, n);
        p += n + (p[n] == '.');
    }
    return at;
}

enum alm_number alm_json_number(const json_t *value, double *out)
{
    if (json_is_string(value))
        return alm_number_parse(json_string_value(value), json_string_length(value), '.', out);
    if (!json_is_number(value))
        return ALM_NUMBER_NONE;
    *out = json_number_value(value);
    return ALM_NUMBER_OK;
}

enum alm_number alm_json_time(const json_t *value, enum alm_time_format format, alm_time *out)
{
    static const alm_time unit[] = {ALM_SECOND, ALM_MS, ALM_US, ALM_NS};
    if (json_is_string(value))
        return alm_instant_parse(json_string_value(value), json_string_length(value), format, '.', out);
    if (!json_is_number(value) || format > ALM_TIME_NS)
        return ALM_NUMBER_NONE;
    if (json_is_integer(value)) {
        alm_time t;
        if (__builtin_mul_overflow(json_integer_value(value), unit[format], &t))
            return ALM_NUMBER_LARGE;
        *out = t;
        return ALM_NUMBER_OK;
    }
    alm_time grain = format == ALM_TIME_NS ? ALM_NS : ALM_US;
    double grains = json_real_value(value) * (double)(unit[format] / grain);
    if (!(fabs(grains) < (double)(ALM_TIME_MAX / grain)))
        return ALM_NUMBER_LARGE;
    *out = llround(grains) * grain;
    return ALM_NUMBER_OK;
}

struct alm_field alm_json_text(const json_t *object, const char *path)
{
    const json_t *value = alm_json_at(object, path);
    return json_is_string(value) ? (struct alm_field){json_string_value(value), json_string_length(value)}
                                 : (struct alm_field){"", 0};
}
