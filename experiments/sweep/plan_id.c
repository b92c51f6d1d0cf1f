/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan_id: what names a cell: a digest of what decides its result.
 *
 * Meaning.  The digest of the version, the configuration, the trace, the part and window of it, the seed, and the pattern of units.
 *           That of a configuration is made of those of its settings and modules; of each, all options as they are printed,
 *           in the order of its table, the seed left out. */
#include "experiments/sweep/plan_layout.h"

#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

static void finish(struct sha256_ctx *ctx, char *hex, size_t digits)
{
    static const char letter[] = "0123456789abcdef";
    uint8_t sum[SHA256_DIGEST_SIZE];
    sha256_digest(ctx, sizeof sum, sum);
    for (size_t i = 0; i < digits; i++)
        hex[i] = letter[i % 2 ? sum[i / 2] & 15 : sum[i / 2] >> 4];
    hex[digits] = '\0';
}

/* A text and the NUL after it, which no text holds. */
static void add(struct sha256_ctx *ctx, const char *text)
{
    sha256_update(ctx, strlen(text) + 1, (const uint8_t *)text);
}

static void digest_options(const char *kind, const char *name, const struct alm_opt *rows, const void *opt,
                           char hex[65])
{
    struct sha256_ctx ctx;
    sha256_init(&ctx);
    add(&ctx, kind);
    add(&ctx, name);
    for (const struct alm_opt *row = rows; row && row->key; row++) {
        char value[ALM_OPT_STRING + ALM_OPT_LIST * 25];
        add(&ctx, row->key);
        add(&ctx, alm_options_print(row, opt, value, sizeof value));
    }
    finish(&ctx, hex, 64);
}

/* Which of the modules the path of a setting is about; 0: the settings themselves. */
static size_t module_of(const char *path)
{
    static const enum alm_kind kinds[SWEEP_MODULES] = {ALM_KIND_COUNT, ALM_PLATFORM,   ALM_PROFILER,
                                                       ALM_PREDICTOR,  ALM_CALIBRATOR, ALM_ALLOCATOR};
    size_t n = strcspn(path, ".");
    for (size_t k = 1; k < SWEEP_MODULES && path[n]; k++) {
        const char *word = alm_kind_word(kinds[k]);
        if (strlen(word) == n && strncmp(word, path, n) == 0)
            return k;
    }
    return 0;
}

/* Bring the policy of CELL to the cell's values; what these touch is stale then. */
static int configure(const struct sweep_plan *p, const struct sweep_cell *cell, struct sweep_configured *c,
                     struct alm_err *e)
{
    const struct sweep_spec *s = p->spec;
    if (!c->ready) {
        simulation_config_free(&c->config);
        memset(c, 0, sizeof *c);
        ALM_TRY(sweep_spec_config(s, cell->policy, &c->config, e));
        c->config.settings.seed = 0;
    }
    c->ready = false;
    ALM_TRY(sweep_cell_factors(p, cell, &c->config, e));
    for (size_t i = 0; i < s->factors; i++)
        if (cell->factor[i])
            c->fresh[module_of(s->factor[i].path)] = false;
    c->ready = true;
    return ALM_OK;
}

static int digest_configuration(const struct sweep_plan *p, const struct sweep_cell *cell, char hex[65],
                                struct alm_err *e)
{
    struct sweep_configured *c = &p->layout->configured[cell->policy];
    const struct alm_choice *module[SWEEP_MODULES] = {NULL,
                                                      &c->config.platform,
                                                      &c->config.policy.profiler,
                                                      &c->config.policy.predictor,
                                                      &c->config.policy.calibrator,
                                                      &c->config.policy.allocator};
    struct sha256_ctx ctx;
    ALM_TRY(configure(p, cell, c, e));
    sha256_init(&ctx);
    for (size_t k = 0; k < SWEEP_MODULES; k++) {
        const struct alm_head *m = k ? module[k]->module : NULL;
        if (!c->fresh[k] && m)
            digest_options(alm_kind_word(m->kind), m->name, m->opts, module[k]->opt, c->hex[k]);
        else if (!c->fresh[k])
            digest_options("settings", "", simulation_options, &c->config.settings, c->hex[k]);
        c->fresh[k] = true;
        add(&ctx, c->hex[k]);
    }
    finish(&ctx, hex, 64);
    return ALM_OK;
}

int sweep_layout_id(const struct sweep_plan *p, uint64_t configuration, struct sweep_cell *cell, struct alm_err *e)
{
    struct sweep_digest *d = &p->layout->digest[configuration % SWEEP_DIGESTS];
    struct simulation_window w;
    struct sha256_ctx ctx;
    char text[256];
    if (d->configuration != configuration + 1) {
        d->configuration = 0;
        ALM_TRY(digest_configuration(p, cell, d->hex, e));
        d->configuration = configuration + 1;
    }
    sweep_cell_window(p, cell, &w);
    snprintf(text, sizeof text, "part %s from %" PRId64 " until %" PRId64 " seed %" PRId64, sweep_part_word(cell->part),
             w.from, w.until, cell->seed);
    sha256_init(&ctx);
    add(&ctx, "almanac.cell/1");
    add(&ctx, p->version);
    add(&ctx, d->hex);
    add(&ctx, p->sha256[cell->trace]);
    add(&ctx, text);
    add(&ctx, w.units);
    finish(&ctx, cell->id, SWEEP_ID - 1);
    return ALM_OK;
}
