/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulation_config: settings of a run, from defaults, module choices and --set. */
#include "almanac/quantity.h"
#include "almanac/version.h"

#include "experiments/simulation.h"

#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(struct simulation_settings, field)
const struct alm_opt simulation_options[] = {
    {"seed", ALM_OPT_INTEGER, AT(seed), "1", 0, 0, NULL, "seed of every random stream"},
    {"threads", ALM_OPT_INTEGER, AT(threads), "1", 1, 1024, NULL, "threads; the results do not depend on it"},
    {"control.interval", ALM_OPT_DURATION, AT(interval), "5m", 1e6, 1e18, NULL, "time between decisions"},
    {"control.warmup", ALM_OPT_DURATION, AT(warmup), "0", 0, 1e18, NULL,
     "time after a unit's first sample that is not scored"},
    {"control.on_error", ALM_OPT_CHOICE, AT(on_error), "stop", 0, 0, "stop|hold",
     "when a module fails: stop the run, or hold the last limits and go on"},
    {"control.on_oom", ALM_OPT_BOOL, AT(on_oom), "true", 0, 0, NULL, "decide at once after an OOM kill"},
    {"control.on_stall", ALM_OPT_FRACTION, AT(on_stall), "0", 0, 1, NULL,
     "decide at once when CPU or memory was wanting for this share of a sample, throttled or contended; 0: never"},
    {"control.on_start", ALM_OPT_CHOICE, AT(on_start), "auto", 0, 0, "auto|always|never",
     "decide before each invocation starts; auto: when a module of the policy looks at invocations"},
    {"control.batch", ALM_OPT_INTEGER, AT(batch), "64", 1, 1e9, NULL,
     "units that run together; a policy that shares state takes all"},
    {"sample.interval", ALM_OPT_DURATION, AT(sample_interval), "0", 0, 1e18, NULL,
     "time between samples; 0 takes the stamps of the trace"},
    {"record.samples", ALM_OPT_CHOICE, AT(record), "auto", 0, 0, "auto|all|none",
     "units whose samples and envelopes are stored; auto: all, or up to 32 units that make a million"},
    {"record.executions", ALM_OPT_CHOICE, AT(record_executions), "auto", 0, 0, "auto|all|none",
     "executions that are stored; auto: every k-th, k the least power of two that leaves at most a million"},
    {"record.machines", ALM_OPT_CHOICE, AT(record_machines), "auto", 0, 0, "auto|all|none",
     "machine samples that are stored; auto: those of every k-th stamp, so that about a million are left"},
    {"workload", ALM_OPT_CHOICE, AT(workload), "auto", 0, 0, "auto|usage|invocations|both",
     "what of the trace is run; auto: its usage where it has any, else its invocations"},
    {0},
};

int simulation_config_init(struct simulation_config *c, struct alm_err *e)
{
    *c = (struct simulation_config){.trace_name = "", .trace_sha256 = ""};
    ALM_TRY(alm_options_init(simulation_options, &c->settings, e));
    ALM_TRY(alm_choice_parse(ALM_PLATFORM, "simulated", &c->platform, e));
    ALM_TRY(alm_choice_parse(ALM_PROFILER, "window", &c->policy.profiler, e));
    ALM_TRY(alm_choice_parse(ALM_PREDICTOR, "none", &c->policy.predictor, e));
    ALM_TRY(alm_choice_parse(ALM_CALIBRATOR, "none", &c->policy.calibrator, e));
    return alm_choice_parse(ALM_ALLOCATOR, "static", &c->policy.allocator, e);
}

void simulation_config_free(struct simulation_config *c)
{
    alm_choice_free(&c->platform);
    alm_policy_free(&c->policy);
}

static struct alm_choice *choice_of(struct simulation_config *c, enum alm_kind kind)
{
    switch (kind) {
    case ALM_PLATFORM:
        return &c->platform;
    case ALM_PROFILER:
        return &c->policy.profiler;
    case ALM_PREDICTOR:
        return &c->policy.predictor;
    case ALM_CALIBRATOR:
        return &c->policy.calibrator;
    case ALM_ALLOCATOR:
        return &c->policy.allocator;
    default:
        return NULL;
    }
}

int simulation_choose(struct simulation_config *c, enum alm_kind kind, const char *text, struct alm_err *e)
{
    struct alm_choice chosen;
    ALM_TRY(alm_choice_parse(kind, text, &chosen, e));
    struct alm_choice *place = choice_of(c, kind);
    alm_choice_free(place);
    *place = chosen;
    return ALM_OK;
}

static int set_in_module(struct simulation_config *c, const char *path, const char *value, bool *done,
                         struct alm_err *e)
{
    char word[32], who[96];
    size_t n = strcspn(path, ".");
    *done = false;
    if (path[n] != '.' || n >= sizeof word)
        return ALM_OK;
    memcpy(word, path, n);
    word[n] = '\0';
    int kind = alm_kind_find(word);
    struct alm_choice *choice = kind < 0 ? NULL : choice_of(c, (enum alm_kind)kind);
    if (!choice)
        return ALM_OK;
    *done = true;
    snprintf(who, sizeof who, "%s %s", word, choice->module->name);
    return alm_options_set(choice->module->opts, choice->opt, who, path + n + 1, value, e);
}

/* "platfrom.cores" is nearest to no setting, but its first word is nearest to a module kind. */
static int unknown_path(const char *path, struct alm_err *e)
{
    static const char *const words[] = {"platform", "profiler", "predictor", "calibrator", "allocator",
                                        "control",  "sample",   "record",    NULL};
    char word[32];
    size_t n = strcspn(path, ".");
    if (path[n] != '.' || n >= sizeof word)
        return ALM_OK;
    memcpy(word, path, n);
    word[n] = '\0';
    const char *nearest = alm_nearest(word, words);
    if (!nearest || strcmp(nearest, word) == 0)
        return ALM_OK;
    return alm_fail(e, ALM_EINVAL, "--set: unknown path `%.60s`, did you mean `%s%.60s`?", path, nearest, path + n);
}

int simulation_set(struct simulation_config *c, const char *assignment, struct alm_err *e)
{
    char path[128];
    const char *equals = strchr(assignment, '=');
    size_t n = equals ? (size_t)(equals - assignment) : 0;
    if (n == 0 || n >= sizeof path)
        return alm_fail(e, ALM_EINVAL, "--set %.100s: write PATH=VALUE, for example control.interval=5m", assignment);
    memcpy(path, assignment, n);
    path[n] = '\0';
    bool done;
    if (set_in_module(c, path, equals + 1, &done, e) < 0)
        return alm_fail_in(e, "--set");
    if (done)
        return ALM_OK;
    ALM_TRY(unknown_path(path, e));
    return alm_options_set(simulation_options, &c->settings, "--set", path, equals + 1, e);
}

/* The options of CHOICE that differ from their defaults, as ":key=value,...", as far as they fit. */
static void changed_options(const struct alm_choice *choice, char *out, size_t size)
{
    struct alm_err ignored;
    (void)alm_options_changed(choice->module->opts, choice->opt, out + 1, size - 1, &ignored);
    out[0] = out[1] ? ':' : '\0';
}

char *simulation_policy_text(const struct simulation_config *c, char *out, size_t size)
{
    const struct alm_policy *p = &c->policy;
    const struct alm_choice *part[] = {&p->profiler, &p->predictor, &p->calibrator, &p->allocator};
    static const char *const quiet[] = {"window", "none", "none", ""};
    size_t used = 0;
    out[0] = '\0';
    for (int k = 0; k < 4 && used < size; k++) {
        char options[512];
        changed_options(part[k], options, sizeof options);
        if (strcmp(part[k]->module->name, quiet[k]) == 0 && !options[0])
            continue;
        int n = snprintf(out + used, size - used, "%s%s%s", used ? " + " : "", part[k]->module->name, options);
        used += n < 0 ? 0 : (size_t)n;
    }
    return out;
}

static json_t *options_json(const struct alm_opt *rows, const void *opt)
{
    json_t *object = json_object();
    for (const struct alm_opt *row = rows; row && row->key; row++) {
        char value[ALM_OPT_STRING + ALM_OPT_LIST * 25];
        alm_options_print(row, opt, value, sizeof value);
        json_object_set_new(object, row->key, json_string(value));
    }
    return object;
}

static json_t *choice_json(const struct alm_choice *choice)
{
    return json_pack("{s:s, s:o}", "name", choice->module->name, "options",
                     options_json(choice->module->opts, choice->opt));
}

json_t *simulation_config_json(const struct simulation_config *c)
{
    struct simulation_settings shown = c->settings;
    shown.threads = 1; /* not part of the result */
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "settings", options_json(simulation_options, &shown), "platform",
                     choice_json(&c->platform), "profiler", choice_json(&c->policy.profiler), "predictor",
                     choice_json(&c->policy.predictor), "calibrator", choice_json(&c->policy.calibrator), "allocator",
                     choice_json(&c->policy.allocator));
}
