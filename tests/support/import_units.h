/* SPDX-License-Identifier: GPL-3.0-or-later
 * import_units: what an importer said of a unit, and tables of cases of import_rig.h. */
#ifndef ALM_TESTS_IMPORT_UNITS_H
#define ALM_TESTS_IMPORT_UNITS_H

#include "import_rig.h"

/* The unit NAME has this code and these capacities; NaN: not known. */
static inline void expect_unit(const struct memory_sink *m, const char *name, const char *code, double cores,
                               double memory)
{
    for (size_t i = 0; i < m->units; i++) {
        const struct alm_unit *u = &m->unit[i];
        if (strcmp(u->name, name) != 0)
            continue;
        cr_expect_str_eq(u->code, code, "%s: code %s", name, u->code);
        cr_expect(u->cores == cores || (isnan(cores) && isnan(u->cores)), "%s: %g cores", name, u->cores);
        cr_expect(u->memory == memory || (isnan(memory) && isnan(u->memory)), "%s: %g bytes", name, u->memory);
        return;
    }
    cr_expect_fail("no unit %s among %zu", name, m->units);
}

static inline void check_all(const struct import_case *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        import_check(&c[i], i);
}
#define CHECK_ALL(cases) check_all(cases, sizeof(cases) / sizeof *(cases))

#endif
