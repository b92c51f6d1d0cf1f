/* SPDX-License-Identifier: GPL-3.0-or-later
 * modules: is the table of every module sane, whatever its kind, and do its options keep their word? */
#include "almanac/allocator.h"
#include "almanac/calibrator.h"
#include "almanac/generator.h"
#include "almanac/importer.h"
#include "almanac/platform.h"
#include "almanac/predictor.h"
#include "almanac/profiler.h"
#include "almanac/store.h"

#include "module_rig.h"

#include <ctype.h>

static size_t table_size(enum alm_kind kind)
{
    static const size_t size[ALM_KIND_COUNT] = {
        [ALM_PROFILER] = sizeof(struct alm_profiler_ops),     [ALM_PREDICTOR] = sizeof(struct alm_predictor_ops),
        [ALM_CALIBRATOR] = sizeof(struct alm_calibrator_ops), [ALM_ALLOCATOR] = sizeof(struct alm_allocator_ops),
        [ALM_STORE] = sizeof(struct alm_store_ops),           [ALM_PLATFORM] = sizeof(struct alm_platform_ops),
        [ALM_IMPORTER] = sizeof(struct alm_importer_ops),     [ALM_GENERATOR] = sizeof(struct alm_generator_ops)};
    return size[kind];
}

static void check_words(const struct alm_head *m)
{
    REQUIRE(m->name && m->name[0], "a %s without a name", alm_kind_word(m->kind));
    for (const char *c = m->name; *c; c++)
        REQUIRE(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-', "name `%s` holds `%c`", m->name,
                *c);
    REQUIRE(m->summary && m->summary[0], "%s has no summary", m->name);
    REQUIRE(m->summary[strlen(m->summary) - 1] != '.', "%s: the summary ends with a full stop", m->name);
    REQUIRE(!strchr(m->summary, '\n'), "%s: the summary is more than a line", m->name);
    REQUIRE(m->source && m->source[0], "%s does not say where it comes from", m->name);
}

Test(modules, heads_are_sane)
{
    size_t n = 0;
    for (const struct alm_head *const *m = alm_modules(); *m; m++, n++) {
        REQUIRE((*m)->kind < ALM_KIND_COUNT, "a module of no kind");
        REQUIRE((*m)->abi == ALM_ABI, "%s: abi %u", (*m)->name, (*m)->abi);
        REQUIRE((*m)->size == table_size((*m)->kind), "%s: size %u, its table has %zu", (*m)->name, (*m)->size,
                table_size((*m)->kind));
        check_words(*m);
        if (n > 0)
            REQUIRE(m[-1]->kind < (*m)->kind || (m[-1]->kind == (*m)->kind && strcmp(m[-1]->name, (*m)->name) < 0),
                    "%s and %s are out of order, or one name twice", m[-1]->name, (*m)->name);
    }
    cr_assert_gt(n, 0);
}

#define NEEDS(table, function) REQUIRE((table)->function, "%s lacks " #function, (table)->head.name)

static void check_functions(const struct alm_head *m)
{
    const void *table = m;
    const struct alm_profiler_ops *profiler = table;
    const struct alm_predictor_ops *predictor = table;
    const struct alm_calibrator_ops *calibrator = table;
    const struct alm_allocator_ops *allocator = table;
    const struct alm_store_ops *store = table;
    const struct alm_platform_ops *platform = table;
    if (m->kind == ALM_PROFILER) {
        NEEDS(profiler, state_size);
        NEEDS(profiler, init);
        NEEDS(profiler, observe);
        NEEDS(profiler, profile);
    } else if (m->kind == ALM_PREDICTOR) {
        NEEDS(predictor, state_size);
        NEEDS(predictor, predict);
        if (predictor->needs & ALM_PROFILE_WINDOW)
            NEEDS(predictor, window);
    } else if (m->kind == ALM_CALIBRATOR) {
        NEEDS(calibrator, state_size);
        NEEDS(calibrator, adjust);
        NEEDS(calibrator, feedback);
    } else if (m->kind == ALM_ALLOCATOR) {
        NEEDS(allocator, state_size);
        NEEDS(allocator, decide);
        NEEDS(allocator, reasons);
        size_t n = 0;
        for (; allocator->reasons[n]; n++)
            REQUIRE(allocator->reasons[n][0], "%s: reason %zu is empty", m->name, n);
        REQUIRE(n > 0 && n <= 255, "%s has %zu reasons", m->name, n);
    } else if (m->kind == ALM_STORE) {
        NEEDS(store, open);
        NEEDS(store, close);
        NEEDS(store, put);
        NEEDS(store, get);
        NEEDS(store, count);
    } else if (m->kind == ALM_PLATFORM) {
        NEEDS(platform, open);
        NEEDS(platform, close);
        NEEDS(platform, units);
        NEEDS(platform, interval);
        NEEDS(platform, resources);
        NEEDS(platform, wait);
        NEEDS(platform, sample);
        NEEDS(platform, apply);
    } else if (m->kind == ALM_IMPORTER) {
        NEEDS((const struct alm_importer_ops *)table, run);
    } else {
        NEEDS((const struct alm_generator_ops *)table, run);
    }
}

Test(modules, required_functions_are_there)
{
    for (const struct alm_head *const *m = alm_modules(); *m; m++)
        check_functions(*m);
}

static size_t stored_size(enum alm_opt_type type)
{
    switch (type) {
    case ALM_OPT_BOOL:
        return sizeof(bool);
    case ALM_OPT_INTEGER:
    case ALM_OPT_BYTES:
        return sizeof(int64_t);
    case ALM_OPT_DURATION:
        return sizeof(alm_time);
    case ALM_OPT_REAL:
    case ALM_OPT_CORES:
    case ALM_OPT_FRACTION:
        return sizeof(double);
    case ALM_OPT_CHOICE:
        return sizeof(int);
    case ALM_OPT_TEXT:
        return ALM_OPT_STRING;
    case ALM_OPT_NUMBERS:
    case ALM_OPT_BYTES_LIST:
    case ALM_OPT_DURATION_LIST:
        return sizeof(struct alm_numbers);
    }
    return SIZE_MAX;
}

static void check_row(const struct alm_head *m, const struct alm_opt *row)
{
    REQUIRE(row->help && row->help[0] && row->help[strlen(row->help) - 1] != '.', "%s: %s: help", m->name, row->key);
    REQUIRE(row->offset + stored_size(row->type) <= m->opt_size, "%s: %s lies outside the option struct", m->name,
            row->key);
    REQUIRE(row->def || row->type == ALM_OPT_TEXT, "%s: %s has no default", m->name, row->key);
    REQUIRE((row->type == ALM_OPT_CHOICE) == (row->choices != NULL), "%s: %s: choices", m->name, row->key);
    for (const struct alm_opt *other = m->opts; other < row; other++) {
        REQUIRE(strcmp(other->key, row->key) != 0, "%s: two options %s", m->name, row->key);
        REQUIRE(other->offset + stored_size(other->type) <= row->offset ||
                    row->offset + stored_size(row->type) <= other->offset,
                "%s: %s and %s lie over one another", m->name, other->key, row->key);
    }
}

Test(modules, option_rows_are_sane)
{
    for (const struct alm_head *const *m = alm_modules(); *m; m++) {
        REQUIRE(((*m)->opts != NULL) == ((*m)->opt_size > 0), "%s: options without room, or room without", (*m)->name);
        for (const struct alm_opt *row = (*m)->opts; row && row->key; row++)
            check_row(*m, row);
    }
}

/* Print all options of C, parse them into another instance, and compare. */
static void round_trip(const struct alm_choice *c)
{
    const struct alm_head *m = c->module;
    struct alm_err e = {0};
    char text[8192], whole[8300];
    struct alm_choice again;
    REQUIRE(alm_options_text(m->opts, c->opt, text, sizeof text, &e) == 0, "%s: %s", m->name, e.text);
    snprintf(whole, sizeof whole, "%s:%s", m->name, text);
    REQUIRE(alm_choice_parse(m->kind, whole, &again, &e) == 0, "%s: `%.300s`: %s", m->name, text, e.text);
    for (const struct alm_opt *row = m->opts; row && row->key; row++) {
        const char *a = (const char *)c->opt + row->offset, *b = (const char *)again.opt + row->offset;
        bool same = row->type == ALM_OPT_TEXT ? strcmp(a, b) == 0 : memcmp(a, b, stored_size(row->type)) == 0;
        REQUIRE(same, "%s: %s is another after printing and parsing `%.300s`", m->name, row->key, text);
    }
    alm_choice_free(&again);
}

/* The same with ROW at its least and at its most. */
static void round_trip_ends(const struct alm_choice *c, const struct alm_opt *row)
{
    char *place = (char *)c->opt + row->offset, before[sizeof(struct alm_numbers)];
    bool whole = row->type == ALM_OPT_INTEGER || row->type == ALM_OPT_BYTES || row->type == ALM_OPT_DURATION;
    bool real = row->type == ALM_OPT_REAL || row->type == ALM_OPT_CORES || row->type == ALM_OPT_FRACTION;
    if (!(whole || real) || (row->min == 0 && row->max == 0))
        return;
    memcpy(before, place, stored_size(row->type));
    for (int k = 0; k < 2; k++) {
        double value = k ? row->max : row->min;
        int64_t number = (int64_t)value;
        memcpy(place, whole ? (const void *)&number : (const void *)&value, stored_size(row->type));
        round_trip(c);
    }
    memcpy(place, before, stored_size(row->type));
}

Test(modules, options_print_and_parse_back)
{
    for (const struct alm_head *const *m = alm_modules(); *m; m++) {
        struct alm_err e = {0};
        struct alm_choice c;
        REQUIRE(alm_choice_parse((*m)->kind, (*m)->name, &c, &e) == 0, "%s: %s", (*m)->name, e.text);
        round_trip(&c);
        for (const struct alm_opt *row = (*m)->opts; row && row->key; row++)
            round_trip_ends(&c, row);
        alm_choice_free(&c);
    }
}

Test(modules, unknown_options_are_refused)
{
    for (const struct alm_head *const *m = alm_modules(); *m; m++) {
        struct alm_err e = {0};
        struct alm_choice c;
        char text[200];
        snprintf(text, sizeof text, "%s:no_such_option=1", (*m)->name);
        int code = alm_choice_parse((*m)->kind, text, &c, &e);
        REQUIRE(code == ALM_EINVAL && strstr(e.text, "no_such_option"), "%s: %d %s", (*m)->name, code, e.text);
    }
}
