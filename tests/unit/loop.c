/* SPDX-License-Identifier: GPL-3.0-or-later
 * Does the loop keep its word? Misfits are refused by name, a module that breaks its contract is named with its unit,
 * `hold` holds, observers see every arrow in order, and after its start the loop allocates nothing. */
#include "fleet.h"
#include "loop_rig.h"

#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#endif

extern const struct alm_platform_ops alm_platform_simulated;

enum { UNITS = 3, ROWS = 12 };
#define STEP (5 * ALM_MINUTE)
#define CPU_BIT ALM_BIT(ALM_CPU)

/* -- modules made of what a test asks for */

/* What the little modules do in a round; set by the test. Each test is a process of its own. */
static struct {
    void (*envelope)(struct alm_envelope *v, uint32_t id);
    void (*calibrate)(struct alm_envelope *v, uint32_t id);
    void (*decision)(struct alm_decision *d);
    int (*predict)(int round, struct alm_err *e);
    int rounds;
} act;

static size_t no_state(const void *opt, const struct alm_env *env)
{
    (void)opt, (void)env;
    return 0;
}

static size_t no_window(const void *opt, const struct alm_env *env, size_t window)
{
    (void)opt, (void)env, (void)window;
    return 0;
}

static int little_init(const struct alm_units *u, size_t window, struct alm_err *e)
{
    (void)u, (void)window, (void)e;
    return ALM_OK;
}

static int little_observe(const struct alm_units *u, const struct alm_sample *samples, size_t n, struct alm_err *e)
{
    (void)u, (void)samples, (void)n, (void)e;
    return ALM_OK;
}

static int little_profile(const struct alm_units *u, struct alm_profile *out, struct alm_err *e)
{
    (void)e;
    memset(out, 0, u->count * sizeof *out);
    return ALM_OK;
}

#define HEAD(kind_, name_, type)                                                                                       \
    {                                                                                                                  \
        .abi = ALM_ABI, .size = sizeof(type), .kind = kind_, .name = name_, .summary = "made for a test",              \
        .source = "this test"                                                                                          \
    }

static const struct alm_profiler_ops little_profiler = {.head = HEAD(ALM_PROFILER, "little", struct alm_profiler_ops),
                                                        .provides = 0,
                                                        .state_size = no_window,
                                                        .init = little_init,
                                                        .observe = little_observe,
                                                        .profile = little_profile};

static int made_predict(const struct alm_units *u, const struct alm_profile *profile, alm_time now,
                        struct alm_envelope *out, struct alm_err *e)
{
    (void)profile, (void)now;
    act.rounds++;
    if (act.predict)
        ALM_TRY(act.predict(act.rounds, e));
    for (size_t i = 0; i < u->count; i++) {
        out[i].has = CPU_BIT;
        out[i].min[ALM_CPU] = 0.5;
        out[i].max[ALM_CPU] = 1;
        out[i].confidence[ALM_CPU] = 0.9;
        if (act.envelope)
            act.envelope(&out[i], u->id[i]);
    }
    return ALM_OK;
}

static const struct alm_predictor_ops made_predictor = {
    .head = HEAD(ALM_PREDICTOR, "made", struct alm_predictor_ops), .state_size = no_state, .predict = made_predict};

static int made_adjust(const struct alm_units *u, alm_time now, struct alm_envelope *envelope, struct alm_err *e)
{
    (void)now, (void)e;
    for (size_t i = 0; i < u->count; i++)
        if (act.calibrate)
            act.calibrate(&envelope[i], u->id[i]);
    return ALM_OK;
}

static int made_feedback(const struct alm_units *u, const struct alm_outcome *outcome, struct alm_err *e)
{
    (void)u, (void)outcome, (void)e;
    return ALM_OK;
}

static const struct alm_calibrator_ops made_calibrator = {.head =
                                                              HEAD(ALM_CALIBRATOR, "tuner", struct alm_calibrator_ops),
                                                          .state_size = no_state,
                                                          .adjust = made_adjust,
                                                          .feedback = made_feedback};

static int made_decide(const struct alm_units *u, alm_time now, const struct alm_situation *situation,
                       struct alm_decision *out, struct alm_err *e)
{
    (void)now, (void)situation, (void)e;
    for (size_t i = 0; i < u->count; i++) {
        out[i].limit[ALM_CPU] = 1000 + act.rounds;
        out[i].limit[ALM_MEMORY] = 1 << 30;
        if (act.decision)
            act.decision(&out[i]);
    }
    return ALM_OK;
}

static const char *const made_reasons[] = {"because", "therefore", NULL};
static const struct alm_allocator_ops made_allocator = {.head = HEAD(ALM_ALLOCATOR, "giver", struct alm_allocator_ops),
                                                        .reasons = made_reasons,
                                                        .state_size = no_state,
                                                        .decide = made_decide};

static struct alm_policy made_policy(void)
{
    struct alm_policy p = {.profiler = rig_choice(ALM_PROFILER, "window")};
    p.predictor.module = &made_predictor.head;
    p.calibrator.module = &made_calibrator.head;
    p.allocator.module = &made_allocator.head;
    return p;
}

/* -- a run of a small fleet */

static int run_fleet(struct rig *rig, struct alm_loop_config config, const struct alm_observer *const *more,
                     struct alm_loop_stats *stats, struct alm_err *e)
{
    struct fleet fleet;
    fleet_make(&fleet, UNITS, ROWS, 0, STEP);
    fleet_randomize(&fleet, 3);
    struct alm_choice choice = rig_choice(ALM_PLATFORM, "simulated");
    struct alm_platform_config platform = {.opt = choice.opt, .demand = &fleet.demand};
    void *self;
    cr_assert_eq(alm_platform_simulated.open(&platform, &self, e), ALM_OK, "%s", e->text);
    config.interval = STEP;
    int code = more ? alm_loop_run(&config, &rig->policy, &alm_platform_simulated, self, more, stats, e)
                    : rig_run(rig, &alm_platform_simulated, self, config, stats, e);
    alm_platform_simulated.close(self);
    alm_choice_free(&choice);
    fleet_free(&fleet);
    return code;
}

/* -- misfits */

Test(loop, a_predictor_that_needs_more_than_the_profiler_gives_is_refused_by_name)
{
    struct alm_policy p = rig_policy("moving-max", "none", "envelope");
    struct alm_err e = {0};
    cr_assert_eq(alm_policy_check(&p, &e), ALM_OK, "the real profiler is enough");
    alm_choice_free(&p.profiler);
    p.profiler = (struct alm_choice){.module = &little_profiler.head};
    cr_assert_eq(alm_policy_check(&p, &e), ALM_EINVAL);
    cr_assert(strstr(e.text, "predictor moving-max") && strstr(e.text, "profiler little"), "%s", e.text);
    cr_assert(strstr(e.text, "samples"), "what is lacking is said: %s", e.text);
    struct rig rig = {.policy = p};
    struct alm_loop_stats stats;
    cr_assert_eq(run_fleet(&rig, (struct alm_loop_config){0}, NULL, &stats, &e), ALM_EINVAL, "the loop looks too");
    cr_assert_eq(rig.count, 0);
    rig_free(&rig);
}

Test(loop, a_predictor_that_needs_nothing_goes_with_any_profiler)
{
    struct rig rig = {.policy = made_policy()};
    struct alm_loop_stats stats;
    struct alm_err e = {0};
    alm_choice_free(&rig.policy.profiler);
    rig.policy.profiler.module = &little_profiler.head;
    cr_assert_eq(run_fleet(&rig, (struct alm_loop_config){0}, NULL, &stats, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(rig.count, UNITS * (ROWS - 1));
    rig_free(&rig);
}

/* -- a module that breaks its contract */

#define ENVELOPE_FAULT(name, statement)                                                                                \
    static void name(struct alm_envelope *v, uint32_t id)                                                              \
    {                                                                                                                  \
        if (id == 1 && act.rounds == 3)                                                                                \
            statement;                                                                                                 \
    }
ENVELOPE_FAULT(max_is_nan, v->max[ALM_CPU] = NAN)
ENVELOPE_FAULT(min_is_nan, v->min[ALM_CPU] = NAN)
ENVELOPE_FAULT(max_is_infinite, v->max[ALM_CPU] = INFINITY)
ENVELOPE_FAULT(min_above_max, v->min[ALM_CPU] = 1.5)
ENVELOPE_FAULT(min_is_negative, v->min[ALM_CPU] = -1e-9)
ENVELOPE_FAULT(confidence_above_one, v->confidence[ALM_CPU] = 1.01)
ENVELOPE_FAULT(resource_not_shown, v->has |= ALM_BIT(ALM_NET_RX))
ENVELOPE_FAULT(resource_unknown, v->has |= 1u << 20)

#define DECISION_FAULT(name, statement)                                                                                \
    static void name(struct alm_decision *d)                                                                           \
    {                                                                                                                  \
        if (d->unit == 1 && act.rounds == 3)                                                                           \
            statement;                                                                                                 \
    }
DECISION_FAULT(limit_is_negative, d->limit[ALM_CPU] = -2)
DECISION_FAULT(limit_is_huge, d->limit[ALM_MEMORY] = ALM_AMOUNT_MAX + 1)
DECISION_FAULT(floor_above_limit, d->floor[ALM_CPU] = d->limit[ALM_CPU] + 1)
DECISION_FAULT(floor_is_negative, d->floor[ALM_MEMORY] = -1)
DECISION_FAULT(reason_does_not_exist, d->reason[ALM_CPU] = 2)

/* The run must end with ALM_EMODULE after two good rounds, naming WHO and unit-001, and for UNIT false only WHO. */
static void expect_fault(const char *what, const char *who, bool unit)
{
    struct rig rig = {.policy = made_policy()};
    struct alm_loop_stats stats;
    struct alm_err e = {0};
    act.rounds = 0;
    cr_assert_eq(run_fleet(&rig, (struct alm_loop_config){0}, NULL, &stats, &e), ALM_EMODULE, "%s: %s", what, e.text);
    cr_assert(strstr(e.text, who), "%s: %s", what, e.text);
    cr_assert(!unit || strstr(e.text, "unit unit-001"), "%s: %s", what, e.text);
    cr_assert_eq(rig.count, 2 * UNITS, "%s: no decision of the bad round is carried out", what);
    rig_free(&rig);
}

Test(loop, a_wrong_envelope_is_laid_to_its_maker)
{
    static const struct {
        const char *what;
        void (*fault)(struct alm_envelope *v, uint32_t id);
        bool unit;
    } faults[] = {{"max NaN", max_is_nan, true},
                  {"min NaN", min_is_nan, true},
                  {"max infinite", max_is_infinite, true},
                  {"min > max", min_above_max, true},
                  {"min < 0", min_is_negative, true},
                  {"confidence > 1", confidence_above_one, true},
                  {"a resource that the platform does not show", resource_not_shown, false},
                  {"a resource that does not exist", resource_unknown, false}};
    for (size_t k = 0; k < sizeof faults / sizeof *faults; k++) {
        act.envelope = faults[k].fault;
        expect_fault(faults[k].what, "predictor made", faults[k].unit);
        act.envelope = NULL;
        act.calibrate = faults[k].fault;
        expect_fault(faults[k].what, "calibrator tuner", faults[k].unit);
        act.calibrate = NULL;
    }
}

Test(loop, a_wrong_decision_is_laid_to_the_allocator)
{
    static const struct {
        const char *what;
        void (*fault)(struct alm_decision *d);
    } faults[] = {{"limit < 0", limit_is_negative},
                  {"limit beyond belief", limit_is_huge},
                  {"floor > limit", floor_above_limit},
                  {"floor < 0", floor_is_negative},
                  {"no such reason", reason_does_not_exist}};
    for (size_t k = 0; k < sizeof faults / sizeof *faults; k++) {
        act.decision = faults[k].fault;
        expect_fault(faults[k].what, "allocator giver", true);
    }
}

/* -- holding */

static int fail_in_the_middle(int round, struct alm_err *e)
{
    return round >= 3 && round <= 5 ? alm_fail(e, ALM_EDATA, "tired in round %d", round) : ALM_OK;
}

Test(loop, hold_keeps_the_last_limits_counts_and_goes_on)
{
    struct rig rig = {.policy = made_policy()};
    struct alm_loop_stats stats;
    struct alm_err e = {0};
    act.predict = fail_in_the_middle;
    struct alm_loop_config config = {.on_error = ALM_ON_ERROR_HOLD};
    cr_assert_eq(run_fleet(&rig, config, NULL, &stats, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(stats.held, 3);
    cr_assert(strstr(stats.first_held.text, "predictor made: tired in round 3"), "%s", stats.first_held.text);
    cr_assert_eq(stats.rounds, ROWS - 1);
    cr_assert_eq(rig.count, UNITS * (ROWS - 1), "a decision in every round");
    for (size_t i = 0; i < rig.count; i++) {
        int round = (int)(i / UNITS) + 1;
        bool held = round >= 3 && round <= 5;
        cr_assert_eq(rig.row[i].decision.limit[ALM_CPU], 1000 + (held ? 2 : round), "round %d", round);
        cr_assert_eq(rig.row[i].decision.reason[ALM_CPU], held ? 2 : 0, "the loop's own reason lies behind theirs");
    }
    rig_free(&rig);
}

static int fail_at_first(int round, struct alm_err *e)
{
    return round == 1 ? alm_fail(e, ALM_EMODULE, "asleep") : ALM_OK;
}

Test(loop, hold_before_the_first_decision_leaves_units_unlimited)
{
    struct rig rig = {.policy = made_policy()};
    struct alm_loop_stats stats;
    struct alm_err e = {0};
    act.predict = fail_at_first;
    struct alm_loop_config config = {.on_error = ALM_ON_ERROR_HOLD};
    cr_assert_eq(run_fleet(&rig, config, NULL, &stats, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(rig.row[0].decision.limit[ALM_CPU], ALM_NO_LIMIT);
    cr_assert_eq(rig.row[UNITS].decision.limit[ALM_CPU], 1002);
    rig_free(&rig);
}

static int fail_for_memory(int round, struct alm_err *e)
{
    return round == 2 ? alm_fail(e, ALM_ENOMEM, "no memory") : ALM_OK;
}

Test(loop, hold_does_not_hide_that_memory_ran_out)
{
    struct rig rig = {.policy = made_policy()};
    struct alm_loop_stats stats;
    struct alm_err e = {0};
    act.predict = fail_for_memory;
    struct alm_loop_config config = {.on_error = ALM_ON_ERROR_HOLD};
    cr_assert_eq(run_fleet(&rig, config, NULL, &stats, &e), ALM_ENOMEM);
    rig_free(&rig);
}

Test(loop, a_raised_stop_ends_it)
{
    static const volatile int stop = 1;
    struct rig rig = {.policy = made_policy()};
    struct alm_loop_stats stats;
    struct alm_err e = {0};
    struct alm_loop_config config = {.stop = &stop};
    cr_assert_eq(run_fleet(&rig, config, NULL, &stats, &e), ALM_EINTR);
    cr_assert_eq(rig.count, 0);
    rig_free(&rig);
}

/* -- observers */

/* What two observers wrote down: "s" samples, "o" outcomes, "e" envelopes, "d" decisions; capitals for the second. */
struct diary {
    char text[512];
    alm_time now;         /* of the last decisions */
    alm_time sampled;     /* stamp of the last sample */
    size_t wrong, refuse; /* refuse: fail at this decision */
};
static struct diary diary;

static void note(void *ctx, char letter)
{
    size_t n = strlen(diary.text);
    cr_assert_lt(n + 1, sizeof diary.text);
    diary.text[n] = ctx ? (char)(letter - 'a' + 'A') : letter;
}

static int see_samples(void *ctx, const struct alm_sample *s, const struct alm_account *a, size_t n, struct alm_err *e)
{
    (void)a, (void)e;
    note(ctx, 's');
    for (size_t k = 0; k < n; k++) {
        diary.wrong += s[k].at <= diary.now;
        diary.sampled = s[k].at > diary.sampled ? s[k].at : diary.sampled;
    }
    return ALM_OK;
}

static int see_envelopes(void *ctx, alm_time now, const uint32_t *unit, const struct alm_envelope *v, size_t n,
                         struct alm_err *e)
{
    (void)e;
    note(ctx, 'e');
    diary.wrong += now != diary.sampled || n != UNITS;
    for (size_t i = 0; i < n; i++)
        diary.wrong += unit[i] != i || v[i].from != now || v[i].until != now + STEP;
    return ALM_OK;
}

static int see_decisions(void *ctx, alm_time now, bool event, const struct alm_decision *d, const struct alm_applied *a,
                         size_t n, struct alm_err *e)
{
    note(ctx, 'd');
    diary.wrong += event || n != UNITS;
    for (size_t i = 0; i < n; i++)
        diary.wrong += d[i].unit != i || a[i].limit[ALM_CPU] != d[i].limit[ALM_CPU];
    if (ctx)
        diary.now = now;
    return diary.refuse && diary.refuse == (size_t)act.rounds ? alm_fail(e, ALM_EIO, "the pen is dry") : ALM_OK;
}

static int see_outcomes(void *ctx, const uint32_t *unit, const struct alm_outcome *o, size_t n, struct alm_err *e)
{
    (void)unit, (void)e;
    note(ctx, 'o');
    for (size_t i = 0; i < n; i++)
        diary.wrong += o[i].envelope.from != diary.now || o[i].until != diary.now + STEP || o[i].samples != 1 ||
                       o[i].envelope.max[ALM_CPU] != 1;
    return ALM_OK;
}

static const struct alm_observer one = {NULL, see_samples, see_envelopes, see_decisions, .outcomes = see_outcomes};
static const struct alm_observer two = {&diary, see_samples, see_envelopes, see_decisions, .outcomes = see_outcomes};

Test(loop, observers_see_every_arrow_in_order)
{
    const struct alm_observer deaf = {0};
    const struct alm_observer *const watching[] = {&one, &deaf, &two, NULL};
    struct rig rig = {.policy = made_policy()};
    struct alm_loop_stats stats;
    struct alm_err e = {0};
    diary.now = INT64_MIN;
    cr_assert_eq(run_fleet(&rig, (struct alm_loop_config){0}, watching, &stats, &e), ALM_OK, "%s", e.text);
    char want[512] = "sSedED";
    for (int k = 2; k < ROWS; k++)
        strcat(want, "sSoOedED");
    strcat(want, "sSoO"); /* what is left at the end has its outcome, and no decision */
    cr_assert_str_eq(diary.text, want);
    cr_assert_eq(diary.wrong, 0, "%zu stamps or units were not those of the arrow", diary.wrong);
    cr_assert_eq(stats.samples, UNITS * ROWS);
    cr_assert_eq(stats.decisions, UNITS * (ROWS - 1));
    cr_assert_eq(stats.rounds, ROWS - 1);
    rig_free(&rig);
}

Test(loop, an_observer_that_fails_stops_the_run)
{
    const struct alm_observer *const watching[] = {&one, NULL};
    struct rig rig = {.policy = made_policy()};
    struct alm_loop_stats stats;
    struct alm_err e = {0};
    diary.now = INT64_MIN;
    diary.refuse = 4;
    cr_assert_eq(run_fleet(&rig, (struct alm_loop_config){0}, watching, &stats, &e), ALM_EIO);
    cr_assert_str_eq(e.text, "the pen is dry");
    cr_assert_eq(act.rounds, 4);
    rig_free(&rig);
}

/* -- allocation. Under ASan its own hook counts; else the C library's allocator is called through ours. */

static volatile size_t allocations;

#if HAVE_ASAN
/* Of sanitizer/allocator_interface.h, which gcc does not install. */
extern int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void *, size_t),
                                                     void (*free_hook)(const volatile void *));

static void count_allocation(const volatile void *p, size_t size)
{
    (void)p, (void)size;
    allocations++;
}

static void count_nothing(const volatile void *p)
{
    (void)p;
}

static bool start_counting(void)
{
    return __sanitizer_install_malloc_and_free_hooks(count_allocation, count_nothing) > 0;
}
#else
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

__attribute__((visibility("default"))) void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

__attribute__((visibility("default"))) void *calloc(size_t n, size_t size)
{
    allocations++;
    return __libc_calloc(n, size);
}

__attribute__((visibility("default"))) void *realloc(void *p, size_t size)
{
    allocations++;
    return __libc_realloc(p, size);
}

__attribute__((visibility("default"))) void *aligned_alloc(size_t alignment, size_t size)
{
    allocations++;
    return __libc_memalign(alignment, size);
}

static bool start_counting(void)
{
    return true;
}
#endif

enum { LONG = 800 };

/* Allocations up to the first decision, up to the middle of the run, and up to its last decision. */
struct tally {
    size_t first, middle, last;
    bool any;
};

static int tally_decisions(void *ctx, alm_time now, bool event, const struct alm_decision *d,
                           const struct alm_applied *a, size_t n, struct alm_err *e)
{
    (void)event, (void)d, (void)a, (void)n, (void)e;
    struct tally *t = ctx;
    if (!t->any)
        t->first = allocations;
    if (now <= LONG / 2 * STEP)
        t->middle = allocations;
    t->last = allocations;
    t->any = true;
    return ALM_OK;
}

static struct tally tally_of(const char *predictor, const char *platform_text)
{
    struct fleet fleet;
    struct tally t = {0};
    struct alm_err e = {0};
    struct alm_loop_stats stats;
    fleet_make(&fleet, UNITS, LONG, 0, STEP);
    fleet_randomize(&fleet, 9);
    struct alm_choice choice = rig_choice(ALM_PLATFORM, platform_text);
    struct alm_platform_config platform = {.opt = choice.opt, .demand = &fleet.demand, .wake_on_oom = true};
    struct alm_policy policy = rig_policy(predictor, "measured", "envelope:margin=20%");
    const struct alm_observer watch = {.ctx = &t, .decisions = tally_decisions};
    const struct alm_observer *const watching[] = {&watch, NULL};
    struct alm_loop_config config = {.interval = STEP, .demand = &fleet.demand};
    void *self;
    cr_assert_eq(alm_platform_simulated.open(&platform, &self, &e), ALM_OK, "%s", e.text);
    cr_assert_eq(alm_loop_run(&config, &policy, &alm_platform_simulated, self, watching, &stats, &e), ALM_OK, "%s",
                 e.text);
    alm_platform_simulated.close(self);
    alm_choice_free(&choice);
    alm_policy_free(&policy);
    fleet_free(&fleet);
    return t;
}

Test(loop, nothing_is_allocated_once_it_runs)
{
    size_t before = allocations, tested = 0;
    cr_assert(start_counting());
    void *volatile probe = malloc(1);
    free(probe);
    cr_assert_gt(allocations, before, "the count works");
    for (const struct alm_head *const *m = alm_modules(); *m; m++) {
        if ((*m)->kind != ALM_PREDICTOR || ((*m)->flags & ALM_F_FITS))
            continue;
        static const char *const platforms[] = {"simulated:open_loop=true", "simulated",
                                                "simulated:actuation_delay=7m"};
        for (size_t k = 0; k < sizeof platforms / sizeof *platforms; k++) {
            struct tally t = tally_of((*m)->name, platforms[k]);
            cr_assert_eq(t.last, t.middle, "%s on %s: %zu allocations in the second half of the run", (*m)->name,
                         platforms[k], t.last - t.middle);
            cr_assert_leq(t.middle, t.first + 64, "%s on %s: %zu allocations in the first half", (*m)->name,
                          platforms[k], t.middle - t.first);
        }
        tested++;
    }
    cr_assert_geq(tested, 5);
}
