/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan_command: a cell as a command line.
 *
 * Choice.   The trace is called as in the specification, so that the line does not depend on where it is made: it runs in the folder of
 *           the specification. */
#include "almanac/quantity.h"

#include "experiments/sweep/plan.h"

#include <stdio.h>
#include <string.h>

struct line {
    char *out;
    size_t size, used;
};

static void put(struct line *l, char c)
{
    if (l->used + 1 < l->size)
        l->out[l->used++] = c;
}

/* A word as a shell takes it. */
static void put_word(struct line *l, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,%@+-";
    bool quote = !word[0] || word[strspn(word, plain)];
    put(l, ' ');
    if (quote)
        put(l, '\'');
    for (const char *p = word; *p; p++) {
        for (const char *q = *p == '\'' ? "'\\'" : ""; *q; q++)
            put(l, *q);
        put(l, *p);
    }
    if (quote)
        put(l, '\'');
}

static void put_option(struct line *l, const char *option, const char *value)
{
    if (!value || !value[0])
        return;
    put_word(l, option);
    put_word(l, value);
}

static void put_setting(struct line *l, const char *path, const char *value)
{
    char text[128 + ALM_OPT_STRING];
    snprintf(text, sizeof text, "%s=%s", path, value);
    put_option(l, "--set", text);
}

static void put_window(struct line *l, const struct simulation_window *w)
{
    char text[ALM_QUANTITY_TEXT];
    put_option(l, "--units", w->units);
    if (w->from)
        put_option(l, "--from", alm_print_duration(w->from, text));
    if (w->until)
        put_option(l, "--until", alm_print_duration(w->until, text));
}

char *sweep_cell_command(const struct sweep_plan *p, const struct sweep_cell *cell, char *out, size_t size)
{
    const struct sweep_spec *s = p->spec;
    const struct sweep_policy *policy = &s->policy[cell->policy];
    struct line l = {out, size, 0};
    struct simulation_window w;
    char text[ALM_QUANTITY_TEXT], option[32];
    sweep_cell_window(p, cell, &w);
    for (const char *c = "almanac simulate"; *c; c++)
        put(&l, *c);
    put_option(&l, "-t", s->trace[cell->trace].path);
    put_window(&l, &w);
    put_option(&l, "--platform", s->platform.text);
    for (int k = 0; k < ALM_KIND_COUNT; k++) {
        snprintf(option, sizeof option, "--%s", alm_kind_word((enum alm_kind)k));
        put_option(&l, option, policy->module[k].text);
    }
    for (size_t i = 0; i < s->sets; i++)
        put_option(&l, "--set", s->set[i].text);
    for (size_t i = 0; i < policy->sets; i++)
        put_option(&l, "--set", policy->set[i].text);
    for (size_t i = 0; i < s->factors; i++)
        if (cell->factor[i])
            put_setting(&l, s->factor[i].path, cell->factor[i]);
    if (s->warmup)
        put_setting(&l, "control.warmup", alm_print_duration(s->warmup, text));
    snprintf(text, sizeof text, "%lld", (long long)cell->seed);
    put_option(&l, "--seed", text);
    if (size)
        out[l.used] = '\0';
    return out;
}
