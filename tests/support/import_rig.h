/* SPDX-License-Identifier: GPL-3.0-or-later
 * import_rig: import files written here, and say what arrived in one line.
 *
 * Meaning.  Files lie in a folder of their own, which is gone afterwards. Invocations are told in the order of arrival at the
 *           sink: "unit@seconds field=value ... {input=value ...}", without what is missing; then rows of
 *           usage; then behaviour: "unit[function]@seconds/span field=value ...". */
#ifndef ALM_TESTS_IMPORT_RIG_H
#define ALM_TESTS_IMPORT_RIG_H

#include "almanac/importer.h"
#include "memory_sink.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#define IMPORT_FILES 4
struct import_file {
    const char *name, *text;
};

static inline int import_choice(const char *choice_text, const char *const *path, size_t count, struct memory_sink *m,
                                struct alm_err *e)
{
    struct alm_choice choice;
    memory_sink_init(m);
    ALM_TRY(alm_choice_parse(ALM_IMPORTER, choice_text, &choice, e));
    int code = ((const struct alm_importer_ops *)choice.module)->run(choice.opt, path, count, &m->sink, e);
    alm_choice_free(&choice);
    return code;
}

/* Import the files up to the first without a name. */
static inline int import_written(const char *choice_text, const struct import_file file[IMPORT_FILES],
                                 struct memory_sink *m, struct alm_err *e)
{
    char dir[] = "/tmp/almanac-import-XXXXXX", path[IMPORT_FILES][256];
    const char *paths[IMPORT_FILES];
    size_t n = 0;
    cr_assert_not_null(mkdtemp(dir));
    for (; n < IMPORT_FILES && file[n].name; n++) {
        snprintf(path[n], sizeof path[n], "%s/%s", dir, file[n].name);
        FILE *f = fopen(path[n], "wb");
        cr_assert_not_null(f);
        fputs(file[n].text, f);
        fclose(f);
        paths[n] = path[n];
    }
    int code = import_choice(choice_text, paths, n, m, e);
    for (size_t i = 0; i < n; i++)
        unlink(path[i]);
    rmdir(dir);
    return code;
}

static inline void import_tell_invocation(const struct memory_sink *m, size_t i, FILE *f)
{
#define X(id, name, unit, meaning) name,
    static const char *const field[] = {ALM_INVOCATION_FIELD_LIST(X)};
#undef X
    const struct alm_invocation *v = &m->invocation[i];
    const char *mark = " {";
    fprintf(f, "%s@%.13g", m->unit[v->unit].name, alm_seconds(v->arrival));
    for (size_t k = 0; k < ALM_INVOCATION_FIELDS; k++)
        if (!isnan(v->value[k]))
            fprintf(f, " %s=%.12g", field[k], v->value[k]);
    for (size_t k = 0; k < m->inputs; k++) {
        double value = m->value[i * m->inputs + k];
        if (isnan(value))
            continue;
        if (m->input[k].category)
            fprintf(f, "%s%s=%s", mark, m->input[k].name, m->word[k][(size_t)value]);
        else
            fprintf(f, "%s%s=%.12g", mark, m->input[k].name, value);
        mark = " ";
    }
    fputs(mark[1] ? "" : "}", f);
}

static inline void import_tell_record(const struct memory_sink *m, size_t i, FILE *f)
{
#define X(id, name, unit, meaning) name,
    static const char *const field[] = {ALM_BEHAVIOUR_FIELD_LIST(X)};
#undef X
    const struct alm_behaviour *b = &m->record[i];
    fprintf(f, "%s[%s]@%.13g/%.13g", m->unit[b->unit].name, m->function[b->function], alm_seconds(b->at),
            alm_seconds(b->span));
    for (size_t k = 0; k < ALM_BEHAVIOUR_FIELDS; k++)
        if (!isnan(b->value[k]))
            fprintf(f, " %s=%.12g", field[k], b->value[k]);
}

/* What arrived, parted by " | ", allocated. */
static inline char *import_tell(const struct memory_sink *m)
{
    char *text;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    for (size_t i = 0; i < m->invocations; i++) {
        fputs(i ? " | " : "", f);
        import_tell_invocation(m, i, f);
    }
    for (size_t i = 0; i < m->rows; i++) {
        fprintf(f, "%s%s@%.13g", i + m->invocations ? " | " : "", m->unit[m->row[i].unit].name,
                alm_seconds(m->row[i].row.at));
        for (int r = 0; r < ALM_RESOURCES; r++)
            if (!isnan(m->row[i].row.value[r]))
                fprintf(f, " %s=%.12g", alm_resource_name((enum alm_resource)r), m->row[i].row.value[r]);
    }
    for (size_t i = 0; i < m->records; i++) {
        fputs(i + m->invocations + m->rows ? " | " : "", f);
        import_tell_record(m, i, f);
    }
    fclose(f);
    return text;
}

/* How often WHY was noted; the first place, if wanted, must end in AT. */
static inline uint64_t import_noted(const struct memory_sink *m, const char *why, const char *at)
{
    for (size_t i = 0; i < m->report.reasons; i++) {
        const char *where = m->report.reason[i].where;
        if (!strstr(m->report.reason[i].why, why))
            continue;
        if (at && (strlen(where) < strlen(at) || strcmp(where + strlen(where) - strlen(at), at) != 0))
            cr_expect_fail("%s: noted at %s, not at %s", why, where, at);
        return m->report.reason[i].count;
    }
    return 0;
}

/* An import and what must come of it: CODE ALM_OK and what is told, or another code and parts of the message. */
struct import_case {
    const char *choice;
    struct import_file file[IMPORT_FILES];
    int code;
    const char *want[3];
};

static inline void import_check(const struct import_case *c, size_t number)
{
    struct memory_sink m;
    struct alm_err e = {0};
    int code = import_written(c->choice, c->file, &m, &e);
    cr_expect_eq(code, c->code, "case %zu, %s: %d %s", number, c->choice, code, e.text);
    char *got = import_tell(&m);
    if (c->code == ALM_OK)
        cr_expect_str_eq(got, c->want[0], "case %zu, %s:\n%s\nnot\n%s", number, c->choice, got, c->want[0]);
    for (size_t i = 0; i < 3 && c->code != ALM_OK; i++)
        cr_expect(!c->want[i] || strstr(e.text, c->want[i]), "case %zu, %s: no '%s' in: %s", number, c->choice,
                  c->want[i], e.text);
    free(got);
    memory_sink_free(&m);
}

#endif
