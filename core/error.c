/* SPDX-License-Identifier: GPL-3.0-or-later
 * error: fill and extend struct alm_err. */
#include "almanac/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int alm_fail(struct alm_err *e, enum alm_code code, const char *format, ...)
{
    if (!e)
        return code;
    e->code = code;
    va_list args;
    va_start(args, format);
    vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    return code;
}

int alm_fail_in(struct alm_err *e, const char *format, ...)
{
    if (!e)
        return ALM_EINVAL;
    char context[ALM_ERR_TEXT];
    va_list args;
    va_start(args, format);
    vsnprintf(context, sizeof context, format, args);
    va_end(args);
    char text[ALM_ERR_TEXT];
    memcpy(text, e->text, sizeof text);
    size_t head = strlen(context);
    if (head > sizeof e->text - 3)
        head = sizeof e->text - 3;
    memcpy(e->text, context, head);
    memcpy(e->text + head, ": ", 3);
    size_t room = sizeof e->text - head - 3, tail = strnlen(text, sizeof text - 1);
    tail = tail < room ? tail : room;
    memcpy(e->text + head + 2, text, tail);
    e->text[head + 2 + tail] = '\0';
    return e->code;
}

const char *alm_code_name(int code)
{
    switch (code) {
#define X(name, value, status, meaning)                                                                                \
    case name:                                                                                                         \
        return #name;
        ALM_CODES(X)
#undef X
    default:
        return "unknown code";
    }
}

const char *alm_code_meaning(int code)
{
    switch (code) {
#define X(name, value, status, meaning)                                                                                \
    case name:                                                                                                         \
        return meaning;
        ALM_CODES(X)
#undef X
    default:
        return "unknown code";
    }
}

int alm_code_exit_status(int code)
{
    switch (code) {
#define X(name, value, status, meaning)                                                                                \
    case name:                                                                                                         \
        return status;
        ALM_CODES(X)
#undef X
    default:
        return 2;
    }
}
