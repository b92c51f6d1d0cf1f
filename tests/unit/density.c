/* SPDX-License-Identifier: GPL-3.0-or-later
 * density: does the conditional distribution see what it should: a season, a habit, a burst; and does its price do what it claims? */
#include "models/density.h"
#include "almanac/stream.h"
#include "models/density_history.h"
#include "series_feed.h"

/* Sum of max over the rounds after the first HEAD, and misses, of series Y[N]. */
struct score {
    double limit, misses, n;
};

static struct score score_of(const char *text, const double *y, size_t n, size_t head)
{
    struct series_feed f;
    struct score s = {0};
    series_feed_start(&f, text);
    for (size_t k = 0; k < n; k++) {
        if (k >= head) {
            s.limit += f.v.max[0];
            s.misses += y[k] > f.v.max[0];
            s.n++;
        }
        series_feed(&f, y[k], NAN, 0);
    }
    series_feed_stop(&f);
    return s;
}

enum { N = 6000, HEAD = 2000 };

/* After a spike of 1 in 8 comes a second one: what comes next depends on the last value alone. */
static void habits(double *y)
{
    struct alm_stream s = alm_stream_open(3, 0, "habits");
    bool spiked = false;
    for (size_t k = 0; k < N; k++) {
        const double base = 1 + 0.1 * alm_stream_uniform(&s);
        const bool begin = alm_stream_uniform(&s) < 0.125;
        y[k] = spiked || begin ? 5 * base : base;
        spiked = !spiked && begin;
    }
}

Test(density, knows_what_follows_what)
{
    static double y[N];
    habits(y);
    const struct score c = score_of("conditional-density:confidence=80%", y, N, HEAD);
    const struct score m = score_of("moving-percentile:percentile=80%", y, N, HEAD);
    cr_expect_lt(fabs(c.misses / c.n - 0.2), 0.03, "%g", c.misses / c.n);
    cr_expect_lt(c.limit, 0.6 * m.limit, "%g against %g of a percentile", c.limit, m.limit);
}

/* Calm by day, wild by night: misses are to fall where limits are dear, so that their sum is less for as many misses. */
Test(density, misses_fall_where_they_save_most)
{
    static double y[N];
    struct alm_stream s = alm_stream_open(4, 0, "nights");
    for (size_t k = 0; k < N; k++)
        y[k] = exp((k % 288 < 144 ? 0.05 : 0.8) * alm_stream_normal(&s));
    const struct score even = score_of("conditional-density:confidence=90%,even=true", y, N, HEAD);
    const struct score cheap = score_of("conditional-density:confidence=90%", y, N, HEAD);
    cr_expect_lt(fabs(even.misses / even.n - 0.1), 0.025, "%g", even.misses / even.n);
    cr_expect_lt(fabs(cheap.misses / cheap.n - 0.1), 0.025, "%g", cheap.misses / cheap.n);
    cr_expect_lt(cheap.limit, 0.97 * even.limit, "%g against %g", cheap.limit, even.limit);
}

/* The share of misses follows the price's rule on any series: |mean - wanted| <= range of the log price / (step T). */
Test(density, share_of_misses_is_bounded_whatever_comes)
{
    static double y[N];
    struct alm_stream s = alm_stream_open(5, 0, "drift");
    double level = 1;
    for (size_t k = 0; k < N; k++) {
        level *= exp(0.02 * alm_stream_normal(&s));
        y[k] = level * (k / 500 % 2 ? 1 : 3) * exp(0.3 * alm_stream_normal(&s));
    }
    const struct score c = score_of("conditional-density:confidence=95%", y, N, 1000);
    cr_expect_lt(fabs(c.misses / c.n - 0.05), 21 / (0.3 * c.n) + 1e-9, "%g", c.misses / c.n);
}

Test(density, hostile_series_give_finite_ranges_or_none)
{
    const double odd[] = {NAN, 0, 1e300, 1e-300, -1, INFINITY, 5, 0, 0};
    struct series_feed f;
    series_feed_start(&f, "conditional-density");
    for (size_t k = 0; k < 500; k++) {
        series_feed(&f, odd[k % 9], k % 2 ? 0 : 1e14, k % 5 == 0);
        for (int r = 0; r < 2; r++)
            if (f.v.has & ALM_BIT(r))
                cr_assert(isfinite(f.v.max[r]) && f.v.min[r] >= 0 && f.v.min[r] <= f.v.max[r], "round %zu", k);
    }
    series_feed_stop(&f);
    series_feed_start(&f, "conditional-density");
    for (size_t k = 0; k < 200; k++)
        series_feed(&f, 2, NAN, 0);
    cr_expect_lt(f.v.max[0], 2.1, "a constant is expected again: %g", f.v.max[0]);
    cr_expect_geq(f.v.max[0], 2);
    cr_expect_eq(f.v.has, ALM_BIT(ALM_CPU));
    series_feed_stop(&f);
}

/* Four calm small units and four wild large ones, at 95 %: of each the share of misses, and of all the slack and the limits. */
enum { UNITS = 8, ROUNDS = 2500, JUDGED = 1000 };

struct fleet_score {
    double missed[UNITS], misses, limit;
};

static struct fleet_score fleet_of(bool shared)
{
    static const struct density_shape shape = {.capacity = 1500, .season = 288};
    const size_t bytes = (density_size(&shape) + 15) & ~(size_t)15;
    char *blocks = calloc(UNITS, bytes);
    struct density_pool pool = {0};
    struct fleet_score s = {0};
    struct alm_stream draws = alm_stream_open(6, 0, "fleet");
    for (size_t i = 0; i < UNITS; i++)
        density_init((void *)(blocks + i * bytes), &shape, ALM_CPU, 0.95);
    for (int64_t t = 0; t < ROUNDS; t++) {
        const struct density_ask ask = {.slot = t, .confidence = 0.95};
        double y[UNITS];
        for (size_t i = 0; i < UNITS; i++) {
            struct density *d = (void *)(blocks + i * bytes);
            struct density_range range;
            y[i] = (i < 4 ? 1 : 10) * exp((i < 4 ? 0.05 : 0.6) * alm_stream_normal(&draws));
            if (!density_range(d, &ask, &range))
                continue;
            const struct density_result result = {.limit = range.max, .miss = y[i] > range.max};
            const struct density_share share = {&pool, UNITS};
            if (shared)
                density_learn_shared(d, &ask, &result, 0.02, &share);
            else
                density_learn(d, &ask, &result, 0.02);
            if (t < ROUNDS - JUDGED)
                continue;
            s.missed[i] += (double)result.miss / JUDGED;
            s.misses += (double)result.miss / (JUDGED * UNITS);
            s.limit += range.max;
        }
        for (size_t i = 0; i < UNITS; i++) {
            if (shared)
                density_pay((void *)(blocks + i * bytes), &pool);
            density_put((void *)(blocks + i * bytes), &(struct density_value){t, y[i], false}, shared ? &pool : NULL);
        }
    }
    free(blocks);
    return s;
}

/* With one price misses fall on units where they save most, and yet no unit is off by more than three points. */
Test(density, one_price_saves_more_and_keeps_each_unit_near_its_confidence)
{
    const struct fleet_score one = fleet_of(true), each = fleet_of(false);
    cr_expect_lt(fabs(one.misses - 0.05), 0.01, "%g", one.misses);
    cr_expect_lt(fabs(each.misses - 0.05), 0.01, "%g", each.misses);
    for (size_t i = 0; i < UNITS; i++)
        cr_expect_lt(fabs(one.missed[i] - 0.05), 0.03, "unit %zu: %g", i, one.missed[i]);
    cr_expect_gt(one.missed[4] + one.missed[5], one.missed[0] + one.missed[1] + 0.01, "wild units miss more often");
    cr_expect_lt(one.limit, 0.97 * each.limit, "%g against %g", one.limit, each.limit);
}

/* What a unit that was loaded paid before, a pool that knows nothing asks for. */
Test(density, a_pool_without_results_starts_from_the_price_of_its_first_unit)
{
    static const struct density_shape shape = {.capacity = 100, .season = 288};
    struct density *d = calloc(1, density_size(&shape));
    struct density_pool old = {.learned = 7, .price = 2, .level = 3}, pool = {0};
    const struct density_ask ask = {.slot = 50, .confidence = 0.9};
    const struct density_result result = {.limit = 3, .miss = false};
    density_init(d, &shape, ALM_CPU, 0.9);
    for (int64_t t = 0; t < 50; t++)
        density_put(d, &(struct density_value){t, 1 + (double)(t % 5), false}, NULL);
    density_pay(d, &pool);
    density_pay(d, &old);
    density_learn_shared(d, &ask, &result, 0, &(struct density_share){&pool, 1});
    /* The search of the first results moves it, by 2 at the most. */
    cr_expect_leq(fabs(pool.price + log(pool.level) - (2 + log(3))), 2 + 1e-9, "%g", pool.price);
    cr_expect_eq(pool.learned, 1);
    free(d);
}

/* Logarithms of an AR(1) with -0.8: means say nothing of the next value, the last one does. Noise has a deviation of 0.2. */
Test(density, the_forecast_learns_what_means_do_not_know)
{
    static const struct density_shape shape = {.capacity = 1000, .season = 288};
    struct density *d = calloc(1, density_size(&shape));
    struct alm_stream draws = alm_stream_open(8, 0, "swing");
    double x = 0, squares = 0, n = 0;
    density_init(d, &shape, ALM_CPU, 0.9);
    for (int64_t t = 0; t < 3000; t++) {
        const double at = t > 1000 ? density_forecast(d, t).at : NAN;
        x = -0.8 * x + 0.2 * alm_stream_normal(&draws);
        squares += isnan(at) ? 0 : (x - at) * (x - at);
        n += !isnan(at);
        density_put(d, &(struct density_value){t, exp(x), false}, NULL);
    }
    cr_expect_lt(sqrt(squares / n), 0.22, "%g", sqrt(squares / n));
    free(d);
}

/* Units of 40 values cannot tell 99.5 % by themselves; with the errors of 50 of their kind they can: by how much is the logarithm of the
 * quantile off, which is 0.3 * 2.576, in the mean of 20 units? */
Test(density, units_learn_from_each_others_errors)
{
    enum { KIND = 50, ASKED = 20, VALUES = 40 };
    static const struct density_shape shape = {.capacity = 1000, .season = 288};
    struct density *own = calloc(1, density_size(&shape)), *one = calloc(1, density_size(&shape));
    struct density_pool pool = {0};
    struct alm_stream draws = alm_stream_open(9, 0, "kind");
    const struct density_ask ask = {.slot = VALUES, .confidence = 0.995, .even = true};
    double off_alone = 0, off_among = 0;
    for (int unit = 0; unit < KIND + ASKED; unit++) {
        struct density_range alone, among;
        density_init(one, &shape, ALM_CPU, 0.995);
        density_init(own, &shape, ALM_CPU, 0.995);
        for (int64_t t = 0; t < VALUES; t++) {
            const struct density_value v = {t, exp(0.3 * alm_stream_normal(&draws)), false};
            density_put(one, &v, &pool);
            density_put(own, &v, NULL);
        }
        density_pay(one, &pool);
        cr_assert(density_range(own, &ask, &alone) && density_range(one, &ask, &among));
        cr_expect_leq(among.confidence, alone.confidence + 1e-12, "what is stated rests on the unit's own values");
        if (unit < KIND)
            continue;
        off_alone += fabs(log(alone.max) - 0.773) / ASKED;
        off_among += fabs(log(among.max) - 0.773) / ASKED;
    }
    cr_expect_lt(off_among, 0.8 * off_alone, "%g, alone %g", off_among, off_alone);
    free(own);
    free(one);
}
