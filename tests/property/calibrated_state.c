/* SPDX-License-Identifier: GPL-3.0-or-later
 * calibrated_state: does a calibrated predictor that was saved and loaded go on as if nothing had happened?
 *
 * Meaning.  Every built-in predictor that can be saved with every calibrator that can: half-way, the states of both are
 *           saved and loaded into new instances, and both go on with the same samples. What they say must be the same from
 *           there on, and so must be what they save at the end, to the byte. Damaged bytes and those of other options are
 *           refused and leave no trace.
 * Limits.   What units have learned from each other is not in a unit's bytes: of modules with ALM_F_SHARED only the first
 *           answer after loading is compared. */
#include "module_rig.h"

enum { MIDDLE = 40, ROUNDS = 80 };

static const struct feed ragged = {.seed = 2, .missing = true, .oom = true};

/* A predictor and a calibrator at work. */
struct pair {
    struct rig rig;
    const struct alm_calibrator_ops *calibrator;
    struct part part;
    char what[128];
};

static void pair_open(struct pair *p, const struct alm_choice *predictor, const struct alm_choice *calibrator)
{
    struct alm_err e = {0};
    const struct alm_env env = rig_env(3);
    snprintf(p->what, sizeof p->what, "%s, %s", predictor->module->name, calibrator->module->name);
    REQUIRE(rig_init(&p->rig, (const void *)predictor->module, predictor->opt, &ragged, rig_natural, 3, &e) >= 0,
            "%s: %s", p->what, e.text);
    p->calibrator = (const void *)calibrator->module;
    part_init(&p->part, &env, calibrator->opt, p->calibrator->state_size(calibrator->opt, &env));
    REQUIRE(!p->calibrator->init || p->calibrator->init(&p->part.u, &e) >= 0, "%s: %s", p->what, e.text);
}

static void pair_close(struct pair *p)
{
    rig_fini(&p->rig);
    if (p->calibrator->fini)
        p->calibrator->fini(&p->part.u);
    free(p->part.u.state);
}

static void say(struct pair *p)
{
    struct alm_err e = {0};
    rig_predict(&p->rig);
    REQUIRE(p->calibrator->adjust(&p->part.u, rig_now(&p->rig), p->rig.envelope, &e) >= 0, "%s: %s", p->what, e.text);
}

/* What became of the envelopes: a sample of what came next. */
static void learn(struct pair *p)
{
    struct alm_outcome o[RIG_UNITS];
    struct alm_err e = {0};
    for (uint32_t i = 0; i < RIG_UNITS; i++) {
        const struct alm_sample s = rig_sample(&ragged, i, i, p->rig.rounds * PER_ROUND + 1);
        o[i] = (struct alm_outcome){.envelope = p->rig.envelope[i], .until = p->rig.envelope[i].until, .samples = 1};
        o[i].seen = (uint8_t)(3u & ~(unsigned)s.missing), o[i].oom_kills = s.oom_kills;
        for (int r = 0; r < 2; r++)
            o[i].mean[r] = o[i].peak[r] = o[i].p95[r] =
                (o[i].seen & ALM_BIT(r)) ? alm_sample_usage(&s, (enum alm_resource)r) : 0;
    }
    REQUIRE(p->calibrator->feedback(&p->part.u, o, &e) >= 0, "%s: %s", p->what, e.text);
    if (p->rig.predictor->feedback)
        REQUIRE(p->rig.predictor->feedback(&p->rig.predicting.u, o, &e) >= 0, "%s: %s", p->what, e.text);
    rig_observe(&p->rig);
}

static char *calibrator_bytes(const struct pair *p, size_t i, size_t *size)
{
    struct alm_err e = {0};
    REQUIRE(p->calibrator->save(&p->part.u, i, NULL, size, &e) == 0, "%s: %s", p->what, e.text);
    char *bytes = malloc(*size + 1);
    size_t little = *size - 1;
    REQUIRE(p->calibrator->save(&p->part.u, i, bytes, &little, &e) == ALM_EINVAL, "%s: small buffer", p->what);
    REQUIRE(p->calibrator->save(&p->part.u, i, bytes, size, &e) == 0, "%s: %s", p->what, e.text);
    return bytes;
}

static char *predictor_bytes(const struct pair *p, size_t i, size_t *size)
{
    struct alm_err e = {0};
    REQUIRE(p->rig.predictor->save(&p->rig.predicting.u, i, NULL, size, &e) == 0, "%s: %s", p->what, e.text);
    char *bytes = malloc(*size + 1);
    REQUIRE(p->rig.predictor->save(&p->rig.predicting.u, i, bytes, size, &e) == 0, "%s: %s", p->what, e.text);
    return bytes;
}

static void refuses(const struct pair *to, const char *bytes, size_t size, const char *what)
{
    struct alm_err e = {0};
    char *before = part_copy(&to->part);
    REQUIRE(to->calibrator->load(&to->part.u, 0, bytes, size, &e) == ALM_EDATA && e.text[0], "%s: took %s bytes",
            to->what, what);
    REQUIRE(memcmp(before, to->part.u.state, to->part.bytes) == 0, "%s: a refused load left a trace", to->what);
    free(before);
}

static void move_unit(const struct pair *from, struct pair *to, size_t i)
{
    struct alm_err e = {0};
    size_t size, own;
    char *bytes = calibrator_bytes(from, i, &size), *model = predictor_bytes(from, i, &own);
    refuses(to, bytes, size - 1, "too few");
    refuses(to, bytes, size + 1, "too many");
    for (size_t at = 0; i == 0 && at < size; at += size / 37 + 1) {
        bytes[at] ^= 0x20;
        refuses(to, bytes, size, "damaged");
        bytes[at] ^= 0x20;
    }
    REQUIRE(to->calibrator->load(&to->part.u, i, bytes, size, &e) == 0, "%s: %s", to->what, e.text);
    REQUIRE(to->rig.predictor->load(&to->rig.predicting.u, i, model, own, &e) == 0, "%s: %s", to->what, e.text);
    to->rig.envelope[i] = from->rig.envelope[i];
    free(bytes);
    free(model);
}

static void same(const struct pair *a, const struct pair *b)
{
    for (size_t i = 0; i < RIG_UNITS; i++)
        REQUIRE(rig_same_envelope(&a->rig.envelope[i], &b->rig.envelope[i]), "%s: unit %zu after %zu rounds", a->what,
                i, a->rig.rounds);
}

static void interrupted(const struct alm_choice *predictor, const struct alm_choice *calibrator)
{
    struct pair a, b;
    pair_open(&a, predictor, calibrator);
    pair_open(&b, predictor, calibrator);
    say(&a);
    for (size_t k = 0; k < MIDDLE; k++) {
        learn(&a);
        say(&a);
    }
    for (size_t i = 0; i < RIG_UNITS; i++)
        move_unit(&a, &b, i);
    b.rig.rounds = a.rig.rounds;
    say(&a), say(&b);
    same(&a, &b);
    for (size_t k = MIDDLE; k < ROUNDS && !(predictor->module->flags & ALM_F_SHARED); k++) {
        learn(&a), learn(&b);
        say(&a), say(&b);
        same(&a, &b);
    }
    for (size_t i = 0; i < RIG_UNITS; i++) {
        size_t size[2];
        char *bytes[2] = {calibrator_bytes(&a, i, &size[0]), calibrator_bytes(&b, i, &size[1])};
        REQUIRE(size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0, "%s: other bytes in the end", a.what);
        free(bytes[0]);
        free(bytes[1]);
    }
    pair_close(&a);
    pair_close(&b);
}

/* Every calibrator but the null one can be kept. */
static size_t with_every_calibrator(const struct alm_choice *predictor)
{
    size_t tried = 0;
    for (const struct alm_head *const *m = alm_modules(); *m; m++) {
        struct alm_choice calibrator;
        struct alm_err e = {0};
        if ((*m)->kind != ALM_CALIBRATOR || ((*m)->flags & ALM_F_NULL))
            continue;
        REQUIRE(alm_choice_parse(ALM_CALIBRATOR, (*m)->name, &calibrator, &e) == 0, "%s", e.text);
        interrupted(predictor, &calibrator);
        alm_choice_free(&calibrator);
        tried++;
    }
    return tried;
}

Test(calibrated_state, goes_on_as_if_it_had_never_been_saved)
{
    size_t tried = 0;
    for (const struct alm_head *const *m = alm_modules(); *m; m++) {
        struct alm_choice predictor;
        struct alm_err e = {0};
        if ((*m)->kind != ALM_PREDICTOR || ((*m)->flags & (ALM_F_ORACLE | ALM_F_NULL)))
            continue;
        if (!((const struct alm_predictor_ops *)(const void *)*m)->save) {
            printf("%s cannot be saved\n", (*m)->name);
            continue;
        }
        REQUIRE(alm_choice_parse(ALM_PREDICTOR, (*m)->name, &predictor, &e) == 0, "%s", e.text);
        tried += with_every_calibrator(&predictor);
        alm_choice_free(&predictor);
    }
    printf("%zu pairs of predictor and calibrator were interrupted\n", tried);
    cr_assert_gt(tried, 80);
}

Test(calibrated_state, of_other_options_is_refused)
{
    struct alm_choice predictor, calibrator, other;
    struct alm_err e = {0};
    struct pair a, b;
    size_t size;
    REQUIRE(alm_choice_parse(ALM_PREDICTOR, "last", &predictor, &e) == 0, "%s", e.text);
    REQUIRE(alm_choice_parse(ALM_CALIBRATOR, "aci:confidence=95%", &calibrator, &e) == 0, "%s", e.text);
    REQUIRE(alm_choice_parse(ALM_CALIBRATOR, "aci:confidence=90%", &other, &e) == 0, "%s", e.text);
    pair_open(&a, &predictor, &calibrator);
    pair_open(&b, &predictor, &other);
    char *bytes = calibrator_bytes(&a, 0, &size);
    refuses(&b, bytes, size, "another confidence's");
    free(bytes);
    pair_close(&a);
    pair_close(&b);
    alm_choice_free(&predictor);
    alm_choice_free(&calibrator);
    alm_choice_free(&other);
}
