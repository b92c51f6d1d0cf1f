/* SPDX-License-Identifier: GPL-3.0-or-later
 * pid: quantile tracking, an integral of all misses that saturates, and a forecast of the score.
 *
 * Meaning.  offset = forecast + track + ki * range * tan(x log(t + 1) / (csat (t + 1))), x the sum of (miss - rate)
 *           over the t outcomes since the track started; the tangent reaches infinity at pi / 2, here all that is
 *           believed. track and range: conformal/tracking.h. scorecaster=season forecasts the score from its level, and
 *           from what it was above the level at the same time of past seasons; both are exponential means.
 * Choice.   The forecast is a level and a season instead of the published Theta model: a fixed cost at each outcome.
 *           Scores are kept and tracked as what the forecast left over.
 * Limits.   Seasons are cut into at most 288 parts. lr = 0.1, ki = 1 of the range and csat = 5 are not verified against
 *           the paper, which sets ki and csat for each data set.
 * Source.   Angelopoulos, Candes, Tibshirani, "Conformal PID control for time series prediction", NeurIPS 2023. */
#include "conformal/tracking.h"

#include <math.h>

#define PARTS 288
#define LEVEL_WEIGHT 0.02
#define SEASON_WEIGHT 0.2

enum scorecaster { CAST_NONE, CAST_SEASON };

struct opt {
    struct conformal_opt common;
    double lr, ki, csat;
    int scorecaster; /* enum scorecaster */
    alm_time season;
};

static const struct alm_opt opts[] = {
    CONFORMAL_OPTS(struct opt, common),
    {"lr", ALM_OPT_REAL, offsetof(struct opt, lr), "0.1", 1e-6, 10, NULL,
     "step, as a share of the range of the scores"},
    {"ki", ALM_OPT_REAL, offsetof(struct opt, ki), "1", 0, 1e6, NULL,
     "weight of the integral, as a multiple of the range of the scores"},
    {"csat", ALM_OPT_REAL, offsetof(struct opt, csat), "5", 1e-3, 1e6, NULL,
     "the larger, the later the integral saturates"},
    {"scorecaster", ALM_OPT_CHOICE, offsetof(struct opt, scorecaster), "none", 0, 0, "none|season",
     "forecast of the score"},
    {"season", ALM_OPT_DURATION, offsetof(struct opt, season), "1d", (double)ALM_SECOND, (double)(400 * ALM_DAY), NULL,
     "length of the season of the scorecaster"},
    {0},
};

struct part {
    double above; /* the level */
    double count;
};

struct own {
    struct tracking track;
    double excess; /* sum of miss - rate */
    double outcomes, cast, level;
    struct part part[];
};

static size_t parts_of(const struct opt *o, const struct alm_env *env)
{
    if (o->scorecaster == CAST_NONE || env->interval <= 0)
        return 0;
    const alm_time n = o->season / env->interval;
    return n < 1 ? 1 : (n > PARTS ? PARTS : (size_t)n);
}

static size_t size(const void *opt, const struct alm_env *env)
{
    return sizeof(struct own) + parts_of(opt, env) * sizeof(struct part);
}

static size_t part_at(const struct opt *o, size_t parts, alm_time from)
{
    const alm_time into = from - alm_time_floor(from, o->season);
    return (size_t)((double)into / (double)o->season * (double)parts) % parts;
}

static double forecast(const struct conformal_side *s, alm_time from)
{
    const struct own *own = s->own;
    const size_t parts = parts_of(s->opt, s->env);
    return parts ? own->level + own->part[part_at(s->opt, parts, from)].above : 0;
}

/* NEWS tell what the forecast left over. */
static void learn_forecast(const struct conformal_side *s, const struct conformal_news *news)
{
    struct own *own = s->own;
    const size_t parts = parts_of(s->opt, s->env);
    if (parts == 0)
        return;
    const size_t part = part_at(s->opt, parts, news->from);
    const double score = news->score + own->level + own->part[part].above;
    own->cast++;
    own->level += fmax(1 / own->cast, LEVEL_WEIGHT) * (score - own->level);
    own->part[part].count++;
    own->part[part].above +=
        fmax(1 / own->part[part].count, SEASON_WEIGHT) * (score - own->level - own->part[part].above);
}

static void learn(const struct conformal_side *s, const struct conformal_news *news)
{
    const struct opt *o = s->opt;
    struct own *own = s->own;
    if (tracking_learn(&own->track, s, news->miss, o->lr)) {
        own->outcomes++;
        own->excess += (news->miss ? 1 : 0) - s->rate;
    }
    learn_forecast(s, news);
}

/* Where it saturates, it outweighs any track. */
static double integral(const struct conformal_side *s, const struct own *own)
{
    const struct opt *o = s->opt;
    const double turn = own->excess * log(own->outcomes + 1) / (o->csat * (own->outcomes + 1));
    if (fabs(turn) >= 1.5707)
        return copysign(2 * score_limit(s->as.score), turn);
    return o->ki * tracking_range(s, own->track.offset) * tan(turn);
}

static double offset(const struct conformal_side *s)
{
    const struct own *own = s->own;
    return tracking_offset(&own->track, s) + (own->track.started ? integral(s, own) : 0);
}

static const struct conformal_rule rule = {.saved_as = "calibrator pid",
                                           .opt_size = sizeof(struct opt),
                                           .size = size,
                                           .offset = offset,
                                           .learn = learn,
                                           .forecast = forecast};

CONFORMAL_FUNCTIONS(rule);

const struct alm_calibrator_ops alm_calibrator_pid = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_calibrator_ops),
             .kind = ALM_CALIBRATOR,
             .name = "pid",
             .summary = "quantile tracking with an integral of the misses and a forecast of the score",
             .source =
                 "Angelopoulos, Candes, Tibshirani, Conformal PID control for time series prediction, NeurIPS 2023",
             .opts = opts,
             .opt_size = sizeof(struct opt)},
    .state_size = state_size,
    .init = init,
    .adjust = adjust,
    .feedback = feedback,
    .save = save,
    .load = load,
};
