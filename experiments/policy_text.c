/* SPDX-License-Identifier: GPL-3.0-or-later
 * policy_text: the header says what. */
#include "experiments/policy_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PART_MAX 2048
#define NAMES_MAX 256

static const enum alm_kind parts[] = {ALM_PROFILER, ALM_PREDICTOR, ALM_CALIBRATOR, ALM_ALLOCATOR};
#define PARTS (sizeof parts / sizeof parts[0])

static bool is_part(enum alm_kind kind)
{
    for (size_t k = 0; k < PARTS; k++)
        if (parts[k] == kind)
            return true;
    return false;
}

/* "predictor none": the kind that is written before a module, and where the module begins; -1 when none is. */
static int written_kind(const char *part, const char **module)
{
    char word[32];
    size_t n = strcspn(part, " :");
    *module = part;
    if (part[n] != ' ' || n >= sizeof word)
        return -1;
    memcpy(word, part, n);
    word[n] = '\0';
    int kind = alm_kind_find(word);
    if (kind < 0 || !is_part((enum alm_kind)kind))
        return -1;
    *module = part + n + strspn(part + n, " ");
    return kind;
}

static int unknown(const char *name, struct alm_err *e)
{
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (const struct alm_head *const *m = alm_modules(); *m && n + 1 < NAMES_MAX; m++)
        if (is_part((*m)->kind))
            names[n++] = (*m)->name;
    names[n] = NULL;
    const char *nearest = alm_nearest(name, names);
    return alm_fail(e, ALM_EINVAL,
                    "`%.60s` is no profiler, predictor, calibrator or allocator%s%s%s; a policy is written as "
                    "`vpa + envelope:margin=5%%`, and `almanac modules` lists what there is",
                    name, nearest ? ", did you mean `" : "", nearest ? nearest : "", nearest ? "`?" : "");
}

/* The one kind that has a module of the name that MODULE begins with. */
static int kind_of(const char *module, enum alm_kind *out, struct alm_err *e)
{
    char name[64];
    size_t n = strcspn(module, ":"), found = 0;
    snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name - 1), module);
    enum alm_kind kind[2] = {ALM_KIND_COUNT, ALM_KIND_COUNT};
    for (const struct alm_head *const *m = alm_modules(); *m; m++)
        if (is_part((*m)->kind) && strcmp((*m)->name, name) == 0 && found < 2)
            kind[found++] = (*m)->kind;
    if (found == 0)
        return unknown(name, e);
    if (found > 1)
        return alm_fail(e, ALM_EINVAL, "`%s` is a %s and a %s: write `%s %s` or `%s %s`", name, alm_kind_word(kind[0]),
                        alm_kind_word(kind[1]), alm_kind_word(kind[0]), name, alm_kind_word(kind[1]), name);
    *out = kind[0];
    return ALM_OK;
}

static int choose_part(const char *part, struct simulation_config *c, unsigned *kinds, struct alm_err *e)
{
    const char *module;
    int written = written_kind(part, &module);
    enum alm_kind kind = (enum alm_kind)written;
    if (written < 0)
        ALM_TRY(kind_of(module, &kind, e));
    if (*kinds & 1u << kind)
        return alm_fail(e, ALM_EINVAL, "`%.80s` is a second %s: a policy has one of each kind", module,
                        alm_kind_word(kind));
    *kinds |= 1u << kind;
    return simulation_choose(c, kind, module, e);
}

int policy_text_parse(const char *text, struct simulation_config *c, unsigned *kinds, struct alm_err *e)
{
    unsigned named = 0;
    for (const char *at = text; at;) {
        char part[PART_MAX];
        at += strspn(at, " ");
        const char *plus = strstr(at, " + ");
        size_t n = plus ? (size_t)(plus - at) : strlen(at);
        while (n > 0 && at[n - 1] == ' ')
            n--;
        if (n == 0 || n >= sizeof part)
            return alm_fail(e, ALM_EINVAL, "policy `%.100s`: %s; right would be `vpa + envelope:margin=5%%`", text,
                            n ? "a part is too long" : "a part is empty");
        memcpy(part, at, n);
        part[n] = '\0';
        if (choose_part(part, c, &named, e) < 0)
            return alm_fail_in(e, "policy `%.100s`", text);
        at = plus ? plus + 3 : NULL;
    }
    if (kinds)
        *kinds = named;
    return ALM_OK;
}
