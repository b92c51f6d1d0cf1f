/* SPDX-License-Identifier: GPL-3.0-or-later
 * analyzer: tells clang's analyzer what alm_fail returns, which it cannot see across files. Included by 10-lint alone. */
#include "almanac/error.h"

#define alm_fail(e, code, ...) ((void)alm_fail(e, code, __VA_ARGS__), (int)(code))
#define alm_fail_in(e, ...) ((void)alm_fail_in(e, __VA_ARGS__), (int)ALM_EINVAL)
