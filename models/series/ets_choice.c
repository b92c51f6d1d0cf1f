/* SPDX-License-Identifier: GPL-3.0-or-later
 * ets_choice: forms as people write them: "auto", "AAdM", "ZZN". */
#include "ets.h"

#include <string.h>

static int wrong(const char *form, struct alm_err *e)
{
    return alm_fail(
        e, ALM_EINVAL,
        "`%.20s` is no form of exponential smoothing: auto, or error A, M or Z, trend N, A, Ad or Z, season N, A, "
        "M or Z, as in AAdN; Z is any",
        form);
}

/* Is LETTER one of ALLOWED? Sets what it stands for. */
static bool letter(char given, const char *allowed, bool part[3])
{
    static const char letters[] = "NAM";
    if (given == '\0' || !strchr(allowed, given))
        return false;
    for (int i = 0; i < 3; i++)
        part[i] = given == letters[i] || (given == 'Z' && strchr(allowed, letters[i]));
    return true;
}

int ets_choice_parse(const char *form, int damped, size_t period, struct ets_choice *out, struct alm_err *e)
{
    struct ets_choice c = {.period = period};
    const char *at = strcmp(form, "auto") == 0 ? "ZZZ" : form;
    if (!letter(*at, "AMZ", c.error) || !letter(at[1], "NAZ", c.trend))
        return wrong(form, e);
    const bool any = at[1] == 'Z', says = at[2] == 'd';
    at += says ? 3 : 2;
    if ((says && !c.trend[ETS_ADDITIVE]) || !letter(*at, "NAMZ", c.season) || at[1] != '\0')
        return wrong(form, e);
    c.damped[1] = damped < 0 ? any || says : damped == 1;
    c.damped[0] = damped < 0 ? !says : damped == 0;
    if ((says && damped == 0) || (damped == 1 && !c.trend[ETS_ADDITIVE]))
        return alm_fail(e, ALM_EINVAL, "form `%.20s` and damped=%s do not go together", form,
                        damped ? "true" : "false");
    if (damped == 1)
        c.trend[ETS_NONE] = false;
    if (period < 2) {
        if (!c.season[ETS_NONE])
            return alm_fail(e, ALM_EINVAL,
                            "form `%.20s` has a season: say period=, the number of values in it, 2 or more", form);
        c.season[ETS_ADDITIVE] = c.season[ETS_MULTIPLICATIVE] = false;
    }
    *out = c;
    return ALM_OK;
}
