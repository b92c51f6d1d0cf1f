/* SPDX-License-Identifier: GPL-3.0-or-later
 * modules: what is built in: kinds, modules, options, sources. All of it follows from the tables.
 *
 * Choice.   Rows of options that say the same of another part (service.mean as arrival.mean) are one line in text; JSON has
 *           all of them. Long lists of choices stand behind the meaning, once. */
#include "almanac/module.h"

#include "cmd/cmd.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
    const char *kind, *name;
    enum cmd_format format;
};

static const struct argp_option options[] = {{"format", 'f', "WORD", 0, "text (default) or json", 0}, {0}};

static const char doc[] = "List what is built in: all modules, those of one KIND, or one module with its options."
                          "\vExamples:\n"
                          "  almanac modules\n"
                          "  almanac modules predictor vpa\n\n"
                          "Kinds: profiler, predictor, calibrator, allocator, store, platform, importer, generator.";

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *q = state->input;
    switch (key) {
    case 'f':
        q->format = cmd_format_parse(arg, "text|json", state);
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num == 0)
            q->kind = arg;
        else if (state->arg_num == 1)
            q->name = arg;
        else
            argp_error(state, "`%s`: at most KIND and NAME are expected", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const char *const type_words[] = {
    [ALM_OPT_BOOL] = "true|false",
    [ALM_OPT_INTEGER] = "integer",
    [ALM_OPT_REAL] = "number",
    [ALM_OPT_DURATION] = "duration",
    [ALM_OPT_BYTES] = "bytes",
    [ALM_OPT_CORES] = "cores",
    [ALM_OPT_FRACTION] = "fraction",
    [ALM_OPT_CHOICE] = "choice",
    [ALM_OPT_TEXT] = "text",
    [ALM_OPT_NUMBERS] = "numbers/numbers",
    [ALM_OPT_BYTES_LIST] = "bytes/bytes",
    [ALM_OPT_DURATION_LIST] = "duration/duration",
};

static json_t *module_json(const struct alm_head *m)
{
    json_t *rows = json_array();
    for (const struct alm_opt *o = m->opts; o && o->key; o++)
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s, s:s?}", "key", o->key, "type", type_words[o->type],
                                              "default", o->def ? o->def : "", "help", o->help, "choices", o->choices));
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:o}", "kind", alm_kind_word(m->kind), "name", m->name, "summary",
                     m->summary, "source", m->source, "oracle", (m->flags & ALM_F_ORACLE) != 0, "shared_state",
                     (m->flags & ALM_F_SHARED) != 0, "options", rows);
}

static int wider(int width, const char *text)
{
    int n = (int)strlen(text);
    return n > width ? n : width;
}

#define SHORT_CHOICES 24 /* letters */
#define LINE 118         /* letters */

static const char *type_text(const struct alm_opt *o)
{
    bool listed = o->type == ALM_OPT_CHOICE && strlen(o->choices) <= SHORT_CHOICES;
    return listed ? o->choices : type_words[o->type];
}

/* What follows the first dot of a key, with the dot; "" where there is none. */
static const char *part_of(const char *key)
{
    const char *dot = strchr(key, '.');
    return dot ? dot : "";
}

static bool equal_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool says_the_same(const struct alm_opt *a, const struct alm_opt *b)
{
    return *part_of(a->key) && strcmp(part_of(a->key), part_of(b->key)) == 0 && a->type == b->type &&
           equal_text(a->def, b->def) && equal_text(a->choices, b->choices) && equal_text(a->help, b->help);
}

static bool same_start(const char *a, const char *b)
{
    size_t n = (size_t)(part_of(a) - a);
    return *part_of(a) && strncmp(a, b, n + 1) == 0;
}

/* How many rows from O on say the same as rows before O that start as OTHER does. */
static size_t twins_in(const struct alm_opt *rows, const struct alm_opt *o, const struct alm_opt *other)
{
    size_t n = 0;
    for (; o[n].key && same_start(o->key, o[n].key); n++) {
        const struct alm_opt *t = rows;
        while (t < o && !(same_start(other->key, t->key) && says_the_same(t, o + n)))
            t++;
        if (t == o)
            break;
    }
    return n;
}

/* The most of them, and in OTHER a row of the part that has them. */
static size_t twins_of(const struct alm_opt *rows, const struct alm_opt *o, const struct alm_opt **other)
{
    size_t most = 0;
    for (const struct alm_opt *t = rows; t < o; t++) {
        size_t n = says_the_same(t, o) ? twins_in(rows, o, t) : 0;
        if (n > most) {
            most = n;
            *other = t;
        }
    }
    return most;
}

static void print_twins(const struct alm_opt *o, size_t n, const char *of)
{
    int used = printf("  %s", o->key);
    for (size_t i = 1; i < n; i++) {
        const char *part = part_of(o[i].key);
        if (used + (int)strlen(part) + 2 > LINE)
            used = printf(",\n    %s", part) - 2;
        else
            used += printf(", %s", part);
    }
    printf(": as of %.*s\n", (int)(part_of(of) - of), of);
}

/* The choices of O, or the earlier row that has the same, when they did not fit into the column of types. */
static void print_choices(const struct alm_opt *rows, const struct alm_opt *o)
{
    if (o->type != ALM_OPT_CHOICE || strlen(o->choices) <= SHORT_CHOICES)
        return;
    for (const struct alm_opt *t = rows; t < o; t++)
        if (t->type == ALM_OPT_CHOICE && strcmp(t->choices, o->choices) == 0) {
            printf(" (as %s)", t->key);
            return;
        }
    printf(" (%s)", o->choices);
}

void cmd_print_options(const struct alm_opt *rows)
{
    int key = 0, type = 0, def = 0;
    for (const struct alm_opt *o = rows; o->key; o++) {
        key = wider(key, o->key);
        type = wider(type, type_text(o));
        def = o->def && strlen(o->def) <= 12 ? wider(def, o->def) : def;
    }
    printf("\nOptions:\n");
    for (const struct alm_opt *o = rows; o->key; o++) {
        const struct alm_opt *other = NULL;
        size_t twins = twins_of(rows, o, &other);
        if (other && twins >= 3) {
            print_twins(o, twins, other->key);
            o += twins - 1;
            continue;
        }
        printf("  %-*s  %-*s  default %-*s  %s", key, o->key, type, type_text(o), def, o->def && *o->def ? o->def : "-",
               o->help);
        print_choices(rows, o);
        putchar('\n');
    }
}

static void print_module(const struct alm_head *m)
{
    printf("%s %s: %s\n", alm_kind_word(m->kind), m->name, m->summary);
    if (m->flags & ALM_F_ORACLE)
        printf("An oracle: it sees the future; only for bounds, never for use.\n");
    printf("Source: %s\n", m->source);
    if (m->opts && m->opts->key)
        cmd_print_options(m->opts);
}

static bool wanted(const struct request *q, const struct alm_head *m)
{
    return !q->kind || strcmp(alm_kind_word(m->kind), q->kind) == 0;
}

static void print_list(const struct request *q)
{
    int last = -1, width = 0;
    for (const struct alm_head *const *m = alm_modules(); *m; m++)
        width = wanted(q, *m) ? wider(width, (*m)->name) : width;
    for (const struct alm_head *const *m = alm_modules(); *m; m++) {
        if (!wanted(q, *m))
            continue;
        if ((int)(*m)->kind != last)
            printf("%s%s\n", last < 0 ? "" : "\n", alm_kind_word((*m)->kind));
        last = (int)(*m)->kind;
        printf("  %-*s  %s%s\n", width, (*m)->name, (*m)->summary, (*m)->flags & ALM_F_ORACLE ? " (oracle)" : "");
    }
}

static int print_json(const struct request *q, const struct alm_head *only)
{
    json_t *list = json_array();
    for (const struct alm_head *const *m = alm_modules(); *m; m++)
        if (only ? *m == only : wanted(q, *m))
            json_array_append_new(list, module_json(*m));
    json_t *out = json_pack("{s:s, s:o}", "schema", "almanac.modules/1", "modules", list);
    json_dumpf(out, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
    putchar('\n');
    json_decref(out);
    return cmd_finish();
}

int cmd_modules(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "[KIND [NAME]]", doc, NULL, NULL, NULL};
    struct request q = {0};
    struct alm_err e = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &q);
    const struct alm_head *only = NULL;
    int kind = q.kind ? alm_kind_find(q.kind) : -1;
    if (q.kind && kind < 0) {
        const char *words[ALM_KIND_COUNT + 1] = {NULL};
        for (int k = 0; k < ALM_KIND_COUNT; k++)
            words[k] = alm_kind_word((enum alm_kind)k);
        const char *nearest = alm_nearest(q.kind, words);
        alm_fail(&e, ALM_EINVAL, "unknown kind `%.60s`%s%s%s", q.kind, nearest ? ", did you mean `" : "; see --help",
                 nearest ? nearest : "", nearest ? "`?" : "");
        return cmd_fail(&e);
    }
    if (q.name && alm_module_find((enum alm_kind)kind, q.name, &only, &e) < 0)
        return cmd_fail(&e);
    if (q.format == CMD_JSON)
        return print_json(&q, only);
    if (only)
        print_module(only);
    else
        print_list(&q);
    return cmd_finish();
}
