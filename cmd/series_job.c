/* SPDX-License-Identifier: GPL-3.0-or-later
 * series_job: see the header.
 *
 * Choice.   A fit looks at no signal, and a command that has written nothing loses nothing when it is ended: so it is. */
#include "cmd/series_job.h"

#include "cmd/fit_inputs.h"
#include "cmd/fit_quantile.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct series_regression regressions[] = {
    {SERIES_QUANTILE, "a linear quantile of one column given the others, exact",
     "Koenker and Bassett (1978); Portnoy and Koenker (1997)", fit_quantile_opts},
    {SERIES_INPUTS, "one column given the others by the model that cross-validation chooses, as predictor inputs does",
     "Stone (1974); Breiman et al. (1984)", fit_inputs_opts},
};
#define REGRESSIONS (sizeof regressions / sizeof *regressions)

/* Does TEXT name the model NAME? */
static bool is_name(const char *text, const char *name, const char **options)
{
    const size_t n = strlen(name);
    if (strncmp(text, name, n) != 0 || (text[n] && text[n] != ':'))
        return false;
    *options = text[n] ? text + n + 1 : "";
    return true;
}

const struct series_regression *series_regression_find(const char *text, const char **options)
{
    for (size_t i = 0; i < REGRESSIONS; i++)
        if (is_name(text, regressions[i].name, options))
            return &regressions[i];
    return NULL;
}

int series_check_name(const char *text, struct alm_err *e)
{
    const struct series_model *found;
    const char *names[REGRESSIONS + 1] = {NULL};
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(text, ":"), text);
    if (series_model_find(name, &found, e) >= 0)
        return ALM_OK;
    for (size_t i = 0; i < REGRESSIONS; i++)
        names[i] = regressions[i].name;
    const char *nearest = alm_nearest(name, names);
    return nearest ? alm_fail(e, ALM_EINVAL, "unknown model `%s`, did you mean `%s`?", name, nearest) : e->code;
}

static void set_plot(struct series_request *q, const char *path, struct argp_state *state)
{
    const char *ending = strrchr(path, '.');
    if (!ending || (strcmp(ending, ".svg") != 0 && strcmp(ending, ".png") != 0 && strcmp(ending, ".pdf") != 0))
        argp_error(state, "--plot %s: the name must end in .svg, .png or .pdf", path);
    q->figure.output = path;
}

error_t series_parse(int key, char *arg, struct argp_state *state, struct series_request *q, const char *example)
{
    switch (key) {
    case 'c':
        q->wish.column = arg;
        return 0;
    case SERIES_FROM:
        q->wish.from = series_count(arg, "--from", SIZE_MAX / 2, state);
        return 0;
    case SERIES_TO:
        q->wish.to = series_count(arg, "--to", SIZE_MAX / 2, state);
        return 0;
    case 'f':
        q->format = cmd_format_parse(arg, "text|json|csv", state);
        return 0;
    case SERIES_PLOT:
        set_plot(q, arg, state);
        return 0;
    case 'k':
        q->figure.keep_script = true;
        return 0;
    case SERIES_MODELS:
        q->models = true;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            argp_error(state, "one MODEL and one DATA.csv, but there is also \"%s\"", arg);
        *(state->arg_num == 0 ? &q->model : &q->wish.path) = arg;
        return 0;
    case ARGP_KEY_END:
        if (!q->models && !q->wish.path)
            argp_error(state, "MODEL and DATA.csv are needed, as in: %s", example);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int series_drawn(const struct series_request *q, int code, const struct alm_figure_report *report)
{
    if (code >= 0)
        cmd_say("wrote %s: %s", q->figure.output, report->shown);
    if (report->script[0])
        cmd_say("the gnuplot script is %s", report->script);
    return code;
}

static const int ending[] = {SIGINT, SIGTERM};

struct series_signals series_signals_kill(void)
{
    struct series_signals s;
    const struct sigaction usual = {.sa_handler = SIG_DFL};
    for (size_t i = 0; i < 2; i++)
        sigaction(ending[i], &usual, &s.before[i]);
    return s;
}

void series_signals_restore(const struct series_signals *s)
{
    for (size_t i = 0; i < 2; i++)
        sigaction(ending[i], &s->before[i], NULL);
}

static int choose(const char *text, struct series_choice *c, struct alm_err *e)
{
    char name[64];
    const char *options;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(text, ":"), text);
    ALM_TRY(series_model_find(name, &c->model, e));
    if (!is_name(text, name, &options))
        options = "";
    c->opt = calloc(1, c->model->opt_size + 1);
    if (!c->opt)
        return alm_fail(e, ALM_ENOMEM, "no memory for a model");
    if (!c->model->opts)
        return *options ? alm_fail(e, ALM_EINVAL, "model %s has no options, but `%.60s` was given", name, options)
                        : ALM_OK;
    ALM_TRY(alm_options_init(c->model->opts, c->opt, e));
    char who[80];
    snprintf(who, sizeof who, "model %s", name);
    return alm_options_parse(c->model->opts, c->opt, who, options, e);
}

int series_fit(const char *text, const struct series_wish *wish, struct series_fitted *out, struct alm_err *e)
{
    *out = (struct series_fitted){0};
    gsl_set_error_handler_off();
    ALM_TRY(choose(text, &out->choice, e));
    ALM_TRY(series_table_read(wish, &out->table, e));
    const struct series_model *model = out->choice.model;
    const struct series_table *t = &out->table;
    const int code = model->fit(out->choice.opt, t->column[0].value, t->rows, &out->fit, e);
    if (code == ALM_EINVAL)
        return alm_fail_in(e, "model %s", model->name);
    if (code < 0)
        return alm_fail_in(e, "%s: column `%.60s`: %s", t->file, t->column[0].name, model->name);
    model->report(out->fit, &out->report);
    return ALM_OK;
}

void series_fitted_free(struct series_fitted *f)
{
    if (f->fit)
        f->choice.model->free(f->fit);
    series_table_free(&f->table);
    free(f->choice.opt);
    *f = (struct series_fitted){0};
}

size_t series_count(const char *text, const char *what, size_t most, struct argp_state *state)
{
    size_t value = 0;
    const size_t digits = strspn(text, "0123456789");
    if (digits && digits < 16 && !text[digits])
        value = (size_t)strtoull(text, NULL, 10);
    if (value < 1 || value > most)
        argp_error(state, "%s %s: a number from 1 to %zu is right", what, text, most);
    return value;
}

static void print_model(const char *name, const char *summary, const char *source, const struct alm_opt *opts)
{
    printf("%s: %s\nSource: %s\n", name, summary, source);
    if (opts && opts->key)
        cmd_print_options(opts);
}

void series_print_models(bool with_regressions)
{
    for (const struct series_model *const *m = series_models(); *m; m++) {
        print_model((*m)->name, (*m)->summary, (*m)->source, (*m)->opts);
        if (m[1])
            putchar('\n');
    }
    for (size_t i = 0; with_regressions && i < REGRESSIONS; i++) {
        putchar('\n');
        print_model(regressions[i].name, regressions[i].summary, regressions[i].source, regressions[i].opts);
    }
}

json_t *series_number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

int series_print_json(json_t *object, struct alm_err *e)
{
    if (!object)
        return alm_fail(e, ALM_ENOMEM, "no memory to print the answer");
    const int failed = json_dumpf(object, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    json_decref(object);
    putchar('\n');
    return failed ? alm_fail(e, ALM_EIO, "the answer cannot be written") : ALM_OK;
}

char *series_short(double value, char out[32])
{
    snprintf(out, 32, isnan(value) ? "-" : "%.7g", value);
    return out;
}
