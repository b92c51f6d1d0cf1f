/* SPDX-License-Identifier: GPL-3.0-or-later
 * predictors: does every predictor keep the contract? A new module is tested by being in the table of modules. */
#include "module_rig.h"

static const struct feed plain = {.seed = 1}, ragged = {.seed = 2, .missing = true, .oom = true, .censored = true};

static const struct alm_predictor_ops *ops_of(const struct alm_head *module)
{
    return (const void *)module;
}

static void start(struct rig *g, const struct alm_head *m, const void *opt, const struct feed *feed, uint32_t resources)
{
    struct alm_err e = {0};
    REQUIRE(rig_init(g, ops_of(m), opt, feed, rig_natural, resources, &e) >= 0, "%s: %s", m->name, e.text);
}

static void check_all(const struct rig *g)
{
    for (size_t i = 0; i < RIG_UNITS; i++)
        rig_check_shape(g->predictor->head.name, &g->envelope[i], rig_now(g), g->predicting.env.interval,
                        g->predicting.env.resources);
}

static void same_all(const struct rig *a, const struct rig *b, const char *why)
{
    for (size_t i = 0; i < RIG_UNITS; i++)
        REQUIRE(rig_same_envelope(&a->envelope[i], &b->envelope[i]),
                "%s: %s: unit %zu after %zu rounds: max %.17g %.17g", a->predictor->head.name, why, i, a->rounds,
                a->envelope[i].max[0], b->envelope[i].max[0]);
}

static void shape_with(const struct alm_head *m, const void *opt, const struct feed *feed, uint32_t resources)
{
    struct rig g;
    start(&g, m, opt, feed, resources);
    rig_predict(&g);
    check_all(&g);
    for (size_t k = 0; k < RIG_ROUNDS; k++) {
        rig_observe(&g);
        rig_predict(&g);
        check_all(&g);
    }
    rig_fini(&g);
}

static void shape(const struct alm_head *m, const void *opt)
{
    const struct feed nothing = {.seed = 3, .all_missing = true};
    const uint32_t shown[] = {0x3f, 0x03, 0x01, 0x02, 0x00};
    for (size_t k = 0; k < sizeof shown / sizeof shown[0]; k++) {
        shape_with(m, opt, &plain, shown[k]);
        shape_with(m, opt, &ragged, shown[k]);
        shape_with(m, opt, &nothing, shown[k]);
    }
}

Test(predictors, envelopes_have_the_right_shape)
{
    cr_assert_gt(for_each_choice(ALM_PREDICTOR, shape), 0);
}

static void nothing_known(const struct alm_head *m, const void *opt)
{
    const struct feed nothing = {.all_missing = true};
    struct rig g;
    start(&g, m, opt, &nothing, 3);
    for (size_t k = 0; k < 3; k++) {
        rig_predict(&g);
        for (size_t i = 0; i < RIG_UNITS; i++)
            REQUIRE(g.envelope[i].has == 0, "%s: an envelope out of nothing", m->name);
        rig_observe(&g);
    }
    rig_fini(&g);
}

Test(predictors, without_a_value_there_is_no_envelope)
{
    cr_assert_gt(for_each_choice(ALM_PREDICTOR, nothing_known), 0);
}

static void repeatable(const struct alm_head *m, const void *opt)
{
    struct rig a, b, *both[] = {&a, &b};
    start(&a, m, opt, &ragged, 0x3f);
    start(&b, m, opt, &ragged, 0x3f);
    for (size_t k = 0; k < RIG_ROUNDS; k++) {
        for (size_t i = 0; i < 2; i++) {
            rig_observe(both[i]);
            rig_predict(both[i]);
        }
        same_all(&a, &b, "two instances differ");
    }
    rig_fini(&a);
    rig_fini(&b);
}

Test(predictors, two_instances_agree)
{
    cr_assert_gt(for_each_choice(ALM_PREDICTOR, repeatable), 0);
}

static void pure(const struct alm_head *m, const void *opt)
{
    struct rig g;
    start(&g, m, opt, &ragged, 0x3f);
    for (size_t k = 0; k < RIG_ROUNDS; k++) {
        rig_observe(&g);
        char *before = part_copy(&g.predicting);
        rig_predict(&g);
        struct rig first = g;
        rig_predict(&g);
        same_all(&first, &g, "asked twice, it answers differently");
        REQUIRE(memcmp(before, g.predicting.u.state, g.predicting.bytes) == 0, "%s: predict wrote the state", m->name);
        free(before);
    }
    rig_fini(&g);
}

Test(predictors, predict_is_pure)
{
    cr_assert_gt(for_each_choice(ALM_PREDICTOR, pure), 0);
}

static void order_free(const struct alm_head *m, const void *opt)
{
    static const uint32_t permuted[RIG_UNITS] = {3, 0, 4, 2, 1};
    struct rig a, b, c;
    struct alm_err e = {0};
    if (m->flags & ALM_F_SHARED)
        return;
    start(&a, m, opt, &ragged, 3);
    start(&c, m, opt, &ragged, 3);
    c.singly = true;
    REQUIRE(rig_init(&b, ops_of(m), opt, &ragged, permuted, 3, &e) >= 0, "%s: %s", m->name, e.text);
    for (size_t k = 0; k < RIG_ROUNDS; k++) {
        struct rig *all[] = {&a, &b, &c};
        for (size_t i = 0; i < 3; i++) {
            rig_observe(all[i]);
            rig_predict(all[i]);
        }
        for (size_t i = 0; i < RIG_UNITS; i++)
            REQUIRE(rig_same_envelope(&b.envelope[i], &a.envelope[permuted[i]]), "%s: units in another order differ",
                    m->name);
        same_all(&a, &c, "one unit at a time differs from all at once");
    }
    rig_fini(&a);
    rig_fini(&b);
    rig_fini(&c);
}

Test(predictors, order_of_units_does_not_matter)
{
    cr_assert_gt(for_each_choice(ALM_PREDICTOR, order_free), 0);
}

static void censoring(const struct alm_head *m, const void *opt)
{
    const struct feed held = {.seed = 1, .censored = true};
    struct rig free_run, held_run;
    start(&free_run, m, opt, &plain, 3);
    start(&held_run, m, opt, &held, 3);
    for (size_t k = 0; k < RIG_ROUNDS; k++) {
        rig_observe(&free_run);
        rig_observe(&held_run);
        rig_predict(&free_run);
        rig_predict(&held_run);
        check_all(&held_run);
        for (size_t i = 0; i < RIG_UNITS; i++)
            for (int r = 0; r < 2; r++)
                REQUIRE(!(free_run.envelope[i].has & held_run.envelope[i].has & ALM_BIT(r)) ||
                            held_run.envelope[i].max[r] >= free_run.envelope[i].max[r],
                        "%s: unit %zu resource %d: censored numbers predict %g, the same uncensored %g", m->name, i, r,
                        held_run.envelope[i].max[r], free_run.envelope[i].max[r]);
    }
    rig_fini(&free_run);
    rig_fini(&held_run);
}

Test(predictors, censored_usage_never_lowers_a_prediction)
{
    cr_assert_gt(for_each_choice(ALM_PREDICTOR, censoring), 0);
}

/* Load what SAVED says, damaged, into unit 0 of FRESH: refused, and the state as it was. */
static void refuses(const struct rig *fresh, const char *saved, size_t size, const char *what)
{
    struct alm_err e = {0};
    char *before = part_copy(&fresh->predicting);
    int code = fresh->predictor->load(&fresh->predicting.u, 0, saved, size, &e);
    REQUIRE(code == ALM_EDATA && e.text[0], "%s: took %s bytes", fresh->predictor->head.name, what);
    REQUIRE(memcmp(before, fresh->predicting.u.state, fresh->predicting.bytes) == 0, "%s: a refused load left a trace",
            fresh->predictor->head.name);
    free(before);
}

static void move_unit(const struct rig *from, const struct rig *to, size_t i)
{
    struct alm_err e = {0};
    const char *name = from->predictor->head.name;
    size_t size = 0;
    REQUIRE(from->predictor->save(&from->predicting.u, i, NULL, &size, &e) == 0, "%s: %s", name, e.text);
    char *saved = malloc(size + 1);
    size_t little = size - 1, more = size + 1;
    REQUIRE(from->predictor->save(&from->predicting.u, i, saved, &little, &e) == ALM_EINVAL, "%s: small buffer", name);
    REQUIRE(from->predictor->save(&from->predicting.u, i, saved, &more, &e) == 0 && more == size, "%s: %s", name,
            e.text);
    if (i == 0) {
        refuses(to, saved, size - 1, "too few");
        refuses(to, saved, size + 1, "too many");
        refuses(to, saved, 0, "no");
        for (size_t at = 0; at < size; at += size / 97 + 1) {
            saved[at] ^= 0x20;
            refuses(to, saved, size, "damaged");
            saved[at] ^= 0x20;
        }
    }
    REQUIRE(to->predictor->load(&to->predicting.u, i, saved, size, &e) == 0, "%s: %s", name, e.text);
    free(saved);
}

static void saved_and_loaded(const struct alm_head *m, const void *opt)
{
    const struct alm_predictor_ops *ops = ops_of(m);
    REQUIRE(!ops->save == !ops->load, "%s: save and load come together", m->name);
    if (!ops->save)
        return;
    struct rig a, b;
    start(&a, m, opt, &ragged, 3);
    start(&b, m, opt, &ragged, 3);
    for (size_t k = 0; k < RIG_ROUNDS / 2; k++)
        rig_observe(&a);
    for (size_t i = 0; i < RIG_UNITS; i++)
        move_unit(&a, &b, i);
    b.rounds = a.rounds;
    rig_predict(&a);
    rig_predict(&b);
    same_all(&a, &b, "a loaded state predicts differently");
    for (size_t k = 0; k < RIG_ROUNDS / 2; k++) {
        rig_observe(&a);
        rig_observe(&b);
        rig_predict(&a);
        rig_predict(&b);
        same_all(&a, &b, "a loaded state learns differently");
    }
    rig_fini(&a);
    rig_fini(&b);
}

Test(predictors, saved_states_go_on_as_before)
{
    cr_assert_gt(for_each_choice(ALM_PREDICTOR, saved_and_loaded), 0);
}

/* The option struct of M with ROW at VALUE. */
static void set_number(const struct alm_opt *row, void *opt, double value)
{
    char *place = (char *)opt + row->offset;
    int64_t whole = (int64_t)value;
    if (row->type == ALM_OPT_INTEGER || row->type == ALM_OPT_DURATION || row->type == ALM_OPT_BYTES)
        memcpy(place, &whole, sizeof whole);
    else
        memcpy(place, &value, sizeof value);
}

static void extreme(const struct alm_head *m, const void *opt, const struct alm_opt *row, double value)
{
    struct rig g;
    struct alm_err e = {0};
    struct alm_env env = rig_env(3);
    if (ops_of(m)->state_size(opt, &env) > (size_t)32 << 20)
        return;
    int code = rig_init(&g, ops_of(m), opt, &ragged, rig_natural, 3, &e);
    REQUIRE(code >= 0 || (code == ALM_EINVAL && e.text[0]), "%s:%s=%g: %d without a word", m->name, row->key, value,
            code);
    for (size_t k = 0; code >= 0 && k < 20; k++) {
        rig_observe(&g);
        rig_predict(&g);
        check_all(&g);
    }
    rig_fini(&g);
}

static void extremes(const struct alm_head *m, const void *opt)
{
    char *copy = malloc(m->opt_size + 1);
    for (const struct alm_opt *row = m->opts; row && row->key; row++) {
        bool number = row->type == ALM_OPT_INTEGER || row->type == ALM_OPT_REAL || row->type == ALM_OPT_DURATION ||
                      row->type == ALM_OPT_BYTES || row->type == ALM_OPT_CORES || row->type == ALM_OPT_FRACTION;
        if (!number || (row->min == 0 && row->max == 0))
            continue;
        const double value[2] = {row->min, row->max};
        for (size_t k = 0; k < 2; k++) {
            memcpy(copy, opt, m->opt_size);
            set_number(row, copy, value[k]);
            extreme(m, copy, row, value[k]);
        }
    }
    free(copy);
}

Test(predictors, extreme_options_work_or_are_refused)
{
    cr_assert_gt(for_each_choice(ALM_PREDICTOR, extremes), 0);
}

static void without_demand(const struct alm_head *m, const void *opt)
{
    if (!(m->flags & ALM_F_ORACLE))
        return;
    struct alm_err e = {0};
    struct part p;
    struct alm_env env = rig_env(3);
    part_init(&p, &env, opt, ops_of(m)->state_size(opt, &env));
    REQUIRE(ops_of(m)->init && ops_of(m)->init(&p.u, &e) < 0 && e.text[0], "%s: an oracle without a truth", m->name);
    if (ops_of(m)->fini)
        ops_of(m)->fini(&p.u);
    free(p.u.state);
}

Test(predictors, an_oracle_asks_for_the_truth)
{
    cr_assert_gt(for_each_choice(ALM_PREDICTOR, without_demand), 0);
}
