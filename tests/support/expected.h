/* SPDX-License-Identifier: GPL-3.0-or-later
 * expected: tables of reference numbers: read, asked for inputs, and compared row by row with what a test computes.
 *
 * Meaning.  A table has the columns case,quantity,index,value,rtol,atol. Index 0 is a scalar; 1, 2, ... are elements of
 *           a vector. Quantities named in.* are inputs. A computed value x is right when
 *           |x - value| <= atol + rtol * |value|; rows with rtol of 1e9 and more are for information and not compared.
 * Choice.   The rows lead: each one that is no input is put to the test's answer, which says when it does not know the
 *           quantity, and that fails. So another table of the same kind is checked in full, or not at all. */
#ifndef ALM_TESTS_EXPECTED_H
#define ALM_TESTS_EXPECTED_H

#include "text/delimited.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPECTED_NAME 128

struct expected_row {
    char name[EXPECTED_NAME], quantity[EXPECTED_NAME]; /* of the case; of the quantity */
    size_t index;
    double value, rtol, atol;
};

struct expected {
    struct expected_row *row;
    size_t count;
};

/* The value of QUANTITY[INDEX]; false: not known. */
typedef bool (*expected_answer)(void *ctx, const char *quantity, size_t index, double *out);

static inline void expected_word(const struct alm_field *f, char out[EXPECTED_NAME])
{
    cr_assert_lt(f->size, EXPECTED_NAME, "a name of %zu characters", f->size);
    snprintf(out, EXPECTED_NAME, "%.*s", (int)f->size, f->at);
}

static inline double expected_number(const struct alm_field *f)
{
    double value = NAN;
    cr_assert_eq(alm_number_parse(f->at, f->size, '.', &value), ALM_NUMBER_OK, "`%.*s` is not a number", (int)f->size,
                 f->at);
    return value;
}

/* Read NAME, a path below the shared folder; false, said visibly, when it is not there. */
static inline bool expected_open(struct expected *x, const char *name)
{
    char path[4096];
    const char *shared = getenv("ALM_SHARED");
    *x = (struct expected){NULL, 0};
    snprintf(path, sizeof path, "%s/%s", shared ? shared : ALM_SOURCE_DIR "/../shared", name);
    if (access(path, R_OK) != 0) {
        printf("SKIP: no reference table at %s; set ALM_SHARED\n", path);
        fflush(stdout);
        return false;
    }
    struct alm_delimited *d = NULL;
    struct alm_err e = {0};
    const struct alm_field *f;
    size_t fields;
    int code = alm_delimited_open(path, &(struct alm_delimited_config){.separator = ','}, &d, &e);
    cr_assert_eq(code, ALM_OK, "%s", e.text);
    while ((code = alm_delimited_next(d, &f, &fields, &e)) == ALM_OK) {
        cr_assert_eq(fields, 6, "%s: row %llu has %zu fields, not 6", path, (unsigned long long)alm_delimited_row(d),
                     fields);
        if (alm_delimited_row(d) == 1)
            continue;
        x->row = realloc(x->row, (x->count + 1) * sizeof *x->row);
        cr_assert_not_null(x->row);
        struct expected_row *r = &x->row[x->count++];
        expected_word(&f[0], r->name);
        expected_word(&f[1], r->quantity);
        r->index = (size_t)expected_number(&f[2]);
        r->value = expected_number(&f[3]);
        r->rtol = expected_number(&f[4]);
        r->atol = expected_number(&f[5]);
    }
    cr_assert_eq(code, ALM_END, "%s", e.text);
    alm_delimited_close(d);
    return true;
}

static inline void expected_close(struct expected *x)
{
    free(x->row);
    *x = (struct expected){NULL, 0};
}

/* The name of the first quantity of CASE that begins with PREFIX, or NULL. */
static inline const char *expected_quantity(const struct expected *x, const char *name, const char *prefix)
{
    for (size_t i = 0; i < x->count; i++)
        if (strcmp(x->row[i].name, name) == 0 && strncmp(x->row[i].quantity, prefix, strlen(prefix)) == 0)
            return x->row[i].quantity;
    return NULL;
}

/* All values of a quantity by index, N of them; to be freed. Fails when there are none or one is missing. */
static inline double *expected_values(const struct expected *x, const char *name, const char *quantity, size_t *n)
{
    double *value = calloc(x->count + 1, sizeof *value);
    size_t largest = 0;
    cr_assert_not_null(value);
    *n = 0;
    for (size_t i = 0; i < x->count; i++) {
        const struct expected_row *r = &x->row[i];
        if (strcmp(r->name, name) != 0 || strcmp(r->quantity, quantity) != 0)
            continue;
        size_t at = r->index ? r->index - 1 : 0;
        cr_assert_lt(at, x->count, "%s %s: index %zu", name, quantity, r->index);
        value[at] = r->value;
        largest = at + 1 > largest ? at + 1 : largest;
        (*n)++;
    }
    cr_assert_gt(*n, 0, "%s has no %s", name, quantity);
    cr_assert_eq(*n, largest, "%s %s: %zu values, the largest index is %zu", name, quantity, *n, largest);
    return value;
}

/* One value by index; fails when it is not there. */
static inline double expected_value(const struct expected *x, const char *name, const char *quantity, size_t index)
{
    for (size_t i = 0; i < x->count; i++) {
        const struct expected_row *r = &x->row[i];
        if (strcmp(r->name, name) == 0 && strcmp(r->quantity, quantity) == 0 && r->index == index)
            return r->value;
    }
    cr_assert_fail("%s has no %s %zu", name, quantity, index);
    return NAN;
}

static inline bool expected_holds(const struct expected_row *r, double got)
{
    return r->rtol >= 1e9 || fabs(got - r->value) <= r->atol + r->rtol * fabs(r->value);
}

/* Put every row of CASE that is no input to ANSWER. */
static inline void expected_compare(const struct expected *x, const char *name, expected_answer answer, void *ctx)
{
    size_t rows = 0;
    for (size_t i = 0; i < x->count; i++) {
        const struct expected_row *r = &x->row[i];
        double got = NAN;
        if (strcmp(r->name, name) != 0 || strncmp(r->quantity, "in.", 3) == 0)
            continue;
        rows++;
        if (!answer(ctx, r->quantity, r->index, &got))
            cr_expect_fail("%s: the quantity %s is not known here", name, r->quantity);
        else
            cr_expect(expected_holds(r, got), "%s: %s[%zu] is %.17g, expected %.17g (rtol %g, atol %g)", name,
                      r->quantity, r->index, got, r->value, r->rtol, r->atol);
    }
    printf("reference %s: %zu values\n", name, rows);
    fflush(stdout);
    cr_expect_gt(rows, 0, "no values of case %s", name);
}

#endif
