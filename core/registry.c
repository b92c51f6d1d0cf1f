/* SPDX-License-Identifier: GPL-3.0-or-later
 * registry: find a module by name and give it its options. The table itself is generated. */
#include "almanac/module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[ALM_KIND_COUNT] = {
#define X(kind, word) word,
    ALM_KINDS(X)
#undef X
};

const char *alm_kind_word(enum alm_kind kind)
{
    return words[kind];
}

int alm_kind_find(const char *word)
{
    for (int k = 0; k < ALM_KIND_COUNT; k++)
        if (strcmp(words[k], word) == 0)
            return k;
    return -1;
}

int alm_module_find(enum alm_kind kind, const char *name, const struct alm_head **out, struct alm_err *e)
{
    const char *names[256];
    size_t n = 0;
    char known[400] = "";
    for (const struct alm_head *const *m = alm_modules(); *m; m++) {
        if ((*m)->kind != kind)
            continue;
        if (strcmp((*m)->name, name) == 0) {
            *out = *m;
            return ALM_OK;
        }
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", (*m)->name);
        if (n < 255)
            names[n++] = (*m)->name;
    }
    names[n] = NULL;
    const char *nearest = alm_nearest(name, names);
    if (nearest)
        return alm_fail(e, ALM_EINVAL, "unknown %s `%.60s`, did you mean `%s`? (there are: %s)", words[kind], name,
                        nearest, known);
    return alm_fail(e, ALM_EINVAL, "unknown %s `%.60s`; there are: %s", words[kind], name, known);
}

int alm_choice_parse(enum alm_kind kind, const char *text, struct alm_choice *choice, struct alm_err *e)
{
    char name[64], who[96];
    size_t n = strcspn(text, ":");
    if (n == 0 || n >= sizeof name)
        return alm_fail(e, ALM_EINVAL, "`%.60s` does not name a %s; write name or name:key=value,...", text,
                        words[kind]);
    memcpy(name, text, n);
    name[n] = '\0';
    const struct alm_head *module;
    ALM_TRY(alm_module_find(kind, name, &module, e));
    snprintf(who, sizeof who, "%s %s", words[kind], name);
    void *opt = calloc(1, module->opt_size ? module->opt_size : 1);
    if (!opt)
        return alm_fail(e, ALM_ENOMEM, "%s: out of memory for %zu bytes of options", who, module->opt_size);
    int code = alm_options_init(module->opts, opt, e);
    if (code >= 0)
        code = alm_options_parse(module->opts, opt, who, text + n + (text[n] == ':'), e);
    if (code < 0) {
        free(opt);
        return code;
    }
    *choice = (struct alm_choice){.module = module, .opt = opt};
    return ALM_OK;
}

void alm_choice_free(struct alm_choice *choice)
{
    free(choice->opt);
    *choice = (struct alm_choice){0};
}
