/* SPDX-License-Identifier: GPL-3.0-or-later
 * expert_team: text to predictors. The header says what. */
#include "expert_team.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 768

struct text {
    char *at;
    size_t used, size;
};

static void append(struct text *t, const char *bytes, size_t n)
{
    if (n >= t->size - t->used) {
        t->used = t->size; /* does not fit */
        return;
    }
    memcpy(t->at + t->used, bytes, n);
    t->used += n;
    t->at[t->used] = '\0';
}

static bool knows(const struct alm_head *module, const char *key)
{
    for (const struct alm_opt *row = module->opts; row && row->key; row++)
        if (strcmp(row->key, key) == 0)
            return true;
    return false;
}

/* ONE = "name(a=1;b=2)" of N bytes as "name:common,a=1,b=2". */
static int rewrite(const char *one, size_t n, const struct expert_setting *all, size_t settings, struct text *out,
                   struct alm_err *e)
{
    char name[64];
    const char *open = memchr(one, '(', n);
    const size_t length = open ? (size_t)(open - one) : n;
    if (length == 0 || length >= sizeof name || memchr(one, ':', n) || (open && one[n - 1] != ')'))
        return alm_fail(e, ALM_EINVAL, "`%.*s` is no expert; write name or name(key=value;key=value)", (int)n, one);
    memcpy(name, one, length);
    name[length] = '\0';
    const struct alm_head *module;
    ALM_TRY(alm_module_find(ALM_PREDICTOR, name, &module, e));
    append(out, name, length);
    const char *join = ":";
    for (size_t k = 0; k < settings; k++)
        if (knows(module, all[k].key)) {
            append(out, join, 1);
            append(out, all[k].key, strlen(all[k].key));
            append(out, "=", 1);
            append(out, all[k].value, strlen(all[k].value));
            join = ",";
        }
    if (open && open + 2 < one + n) {
        append(out, join, 1);
        const size_t from = out->used;
        append(out, open + 1, n - length - 2);
        for (size_t k = from; k < out->used && k < out->size; k++)
            out->at[k] = out->at[k] == ';' ? ',' : out->at[k];
    }
    return out->used < out->size ? ALM_OK : alm_fail(e, ALM_EINVAL, "expert %s: its options are too long", name);
}

static int check(const struct alm_choice *choice, struct alm_err *e)
{
    const struct alm_predictor_ops *p = (const struct alm_predictor_ops *)(const void *)choice->module;
    const struct alm_head *h = &p->head;
    if (h->flags & ALM_F_ORACLE)
        return alm_fail(e, ALM_EINVAL, "%s sees the truth and cannot be an expert", h->name);
    if (alm_predictor_is_shared(choice))
        return alm_fail(e, ALM_EINVAL, "%s keeps state that units share and cannot be an expert%s", h->name,
                        knows(h, "pool") ? "; with pool=false it can" : "");
    if (h->flags & ALM_F_STARTS)
        return alm_fail(e, ALM_EINVAL, "%s speaks of invocations about to start and cannot be an expert", h->name);
    if (h->flags & ALM_F_NULL)
        return alm_fail(e, ALM_EINVAL, "%s never has an answer and cannot be an expert", h->name);
    if (p->needs & ~(uint32_t)ALM_PROFILE_RECENT)
        return alm_fail(e, ALM_EINVAL, "%s wants older samples from its profiler and cannot be an expert", h->name);
    return ALM_OK;
}

static int add(struct expert_team *team, const char *one, size_t n, const struct expert_setting *all, size_t settings,
               struct alm_err *e)
{
    char room[ROOM];
    struct text text = {.at = room, .size = sizeof room};
    if (team->count == EXPERTS_MOST)
        return alm_fail(e, ALM_EINVAL, "at most %d experts are possible", EXPERTS_MOST);
    ALM_TRY(rewrite(one, n, all, settings, &text, e));
    ALM_TRY(alm_choice_parse(ALM_PREDICTOR, room, &team->choice[team->count], e));
    team->count++;
    return check(&team->choice[team->count - 1], e);
}

/* The end of the expert that begins at TEXT: the next '+' outside parentheses. */
static const char *end_of(const char *text)
{
    int depth = 0;
    for (; *text && (depth > 0 || *text != '+'); text++)
        depth += (*text == '(') - (*text == ')');
    return text;
}

const char *expert_words(const char *text, size_t k, size_t *n)
{
    for (; k > 0; k--) {
        text = end_of(text);
        text += *text != '\0';
    }
    *n = (size_t)(end_of(text) - text);
    return text;
}

int expert_team_open(struct expert_team *team, const char *text, const struct expert_setting *all, size_t n,
                     const struct alm_env *env, struct alm_err *e)
{
    *team = (struct expert_team){0};
    for (const char *end; end = end_of(text), true; text = end + 1) {
        const int code = add(team, text, (size_t)(end - text), all, n, e);
        if (code < 0) {
            expert_team_close(team);
            return e ? alm_fail_in(e, "experts") : code;
        }
        if (!*end)
            break;
    }
    for (size_t k = 0; k < team->count; k++) {
        team->offset[k] = team->bytes;
        team->bytes += (expert_of(team, k)->state_size(team->choice[k].opt, env) + 63) & ~(size_t)63;
    }
    return ALM_OK;
}

int expert_team_share(struct expert_team *team, const struct alm_env *env, struct alm_err *e)
{
    for (size_t k = 0; k < team->count; k++) {
        const struct alm_predictor_ops *p = expert_of(team, k);
        const size_t bytes = p->shared_size ? p->shared_size(team->choice[k].opt, env) : 0;
        if (bytes > 0 && !(team->shared[k] = calloc(1, bytes)))
            return alm_fail(e, ALM_ENOMEM, "out of memory for what the units of %s share", p->head.name);
    }
    return ALM_OK;
}

void expert_team_close(struct expert_team *team)
{
    for (size_t k = 0; k < team->count; k++) {
        alm_choice_free(&team->choice[k]);
        free(team->shared[k]);
    }
    *team = (struct expert_team){0};
}

struct alm_units expert_units(const struct expert_team *team, size_t k, const struct alm_units *u, size_t base)
{
    struct alm_units v = *u;
    v.state = u->state + base + team->offset[k];
    v.opt = team->choice[k].opt;
    v.shared = team->shared[k];
    return v;
}
