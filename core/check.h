/* SPDX-License-Identifier: GPL-3.0-or-later
 * check: what comes back across a module table is looked at before it is believed. */
#ifndef ALM_CORE_CHECK_H
#define ALM_CORE_CHECK_H

#include "almanac/allocator.h"
#include "almanac/envelope.h"
#include "almanac/unit.h"

/* Envelopes of N units: finite, 0 <= min <= max, confidence in [0, 1] or NaN, only resources of ENV. ALM_EMODULE naming
 * MODULE, the unit and the value. */
int alm_check_envelopes(const struct alm_head *module, const struct alm_units *u, const struct alm_unit *units,
                        const struct alm_envelope *v, struct alm_err *e);

/* The TEXT by which MODULE explains UNIT: one line, not empty. */
int alm_check_explanation(const struct alm_head *module, const struct alm_unit *unit, const char *text,
                          struct alm_err *e);

/* Decisions of N units: limits ALM_NO_LIMIT or 0 .. ALM_AMOUNT_MAX, 0 <= floor <= limit, reasons that exist. */
int alm_check_decisions(const struct alm_allocator_ops *ops, size_t reasons, const struct alm_unit *units,
                        const struct alm_decision *d, size_t n, struct alm_err *e);

#endif
