/* SPDX-License-Identifier: GPL-3.0-or-later
 * dump_table: see the header.
 *
 * Meaning.  A group is read by blocks of rows. A unit comes from the column `unit` (a number), from the counts in
 *           /units/rows (the rows of a trace lie one unit after the other), or is the row itself (one row per unit).
 * Choice.   The table of spellings says which stored column is shown under which name and what means missing; a column
 *           that it does not know is shown as it is. */
#include "cmd/dump_table.h"

#include "almanac/option.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)4096)
#define COLUMNS 256
#define NAME 96

enum shown_as { AS_IS, AS_TIME, AS_LIMIT, AS_FLAG, AS_UNIT, AS_MACHINE, AS_END };

/* Stored columns with a spelling of their own, and the order in which columns are shown: these first, others by name.
 */
static const struct spelling {
    const char *stored, *shown;
    enum shown_as as;
} spellings[] = {
    {"name", "name", AS_IS},
    {"time", "time_s", AS_TIME},
    {"id", "id", AS_IS},
    {"unit", "unit", AS_UNIT},
    {"resource", "resource", AS_IS},
    {"text", "text", AS_IS},
    {"machine", "machine", AS_MACHINE},
    {"class", "class", AS_IS},
    {"arrival", "arrival_s", AS_TIME},
    {"start", "start_s", AS_TIME},
    {"finish", "finish_s", AS_TIME},
    {"end", "end", AS_END},
    {"alone_s", "alone_s", AS_IS},
    {"servers_s", "servers_s", AS_IS},
    {"cold", "cold", AS_IS},
    {"retries", "retries", AS_IS},
    {"code", "code", AS_IS},
    {"until", "until_s", AS_TIME},
    {"span", "span_s", AS_TIME},
    {"units", "units", AS_IS},
    {"cpu", "cpu", AS_IS},
    {"cpu_us", "cpu_us", AS_IS},
    {"cores", "cores", AS_IS},
    {"speed", "speed", AS_IS},
    {"memory", "memory", AS_IS},
    {"io_read", "io_read", AS_IS},
    {"io_write", "io_write", AS_IS},
    {"net_rx", "net_rx", AS_IS},
    {"net_tx", "net_tx", AS_IS},
    {"rows", "rows", AS_IS},
    {"invocations", "invocations", AS_IS},
    {"first", "first_s", AS_TIME},
    {"last", "last_s", AS_TIME},
    {"first_decision", "first_decision_s", AS_TIME},
    {"last_decision", "last_decision_s", AS_TIME},
    {"cpu_demand", "cpu_demand", AS_IS},
    {"memory_demand", "memory_demand", AS_IS},
    {"cpu_limit", "cpu_limit_millicores", AS_LIMIT},
    {"memory_limit", "memory_limit_bytes", AS_LIMIT},
    {"cpu_applied", "cpu_applied_millicores", AS_LIMIT},
    {"memory_applied", "memory_applied_bytes", AS_LIMIT},
    {"throttled_us", "throttled_us", AS_IS},
    {"oom_kills", "oom_kills", AS_IS},
    {"cpu_min", "cpu_min", AS_IS},
    {"cpu_max", "cpu_max", AS_IS},
    {"cpu_confidence", "cpu_confidence", AS_IS},
    {"memory_min", "memory_min", AS_IS},
    {"memory_max", "memory_max", AS_IS},
    {"memory_confidence", "memory_confidence", AS_IS},
};
#define SPELLINGS (sizeof spellings / sizeof *spellings)

/* Of enum alm_end. */
static const char *const end_names[] = {"done", "refused", "timeout", "failed", "running"};

static const char *const flag_names[] = {"cpu_missing", "memory_missing", "cpu_censored", "memory_censored"};

/* One column as stored. A NULL column handle: the unit, which is worked out from the row. */
struct stored {
    struct alm_column *column;
    enum alm_column_type type;
    enum shown_as as;
    size_t rank;
    bool has_fill;
    int64_t fill;
    uint64_t rows;
    char name[NAME], shown[NAME];
    void *block;
};

struct dump {
    struct alm_table *table;
    const char *group;
    struct stored *stored;
    size_t columns;
    uint64_t rows;
    char **unit, **machine; /* names, NULL when there are none */
    size_t units, machines;
    uint64_t *unit_end; /* row after the last of each unit, where rows lie one unit after the other */
    bool row_is_unit;
    const char *groups[64]; /* for messages */
    size_t group_count;
};

static size_t type_size(enum alm_column_type type)
{
    return type == ALM_COL_U8 ? 1 : type == ALM_COL_U32 ? 4 : 8;
}

static const struct spelling *spelling_of(const char *name)
{
    for (size_t i = 0; i < SPELLINGS; i++)
        if (strcmp(spellings[i].stored, name) == 0)
            return &spellings[i];
    return NULL;
}

/* Open PATH whatever its type. */
static int open_any(struct alm_table *t, const char *path, struct stored *s, struct alm_err *e)
{
    static const enum alm_column_type types[] = {ALM_COL_I64, ALM_COL_F64, ALM_COL_U32, ALM_COL_U8, ALM_COL_TEXT};
    int code = ALM_EDATA;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        code = alm_column_open(t, path, types[i], &s->column, e);
        if (code != ALM_EDATA) {
            s->type = types[i];
            return code;
        }
    }
    return alm_fail_in(e, "column %s is of no type that an almanac file has", path);
}

static bool is_time(struct alm_table *t, const char *path, const struct stored *s)
{
    if (s->type != ALM_COL_I64)
        return false;
    char *units = NULL;
    bool nanoseconds = alm_table_get_text(t, path, "units", &units, NULL) == ALM_OK &&
                       (strncmp(units, "nanosecond", 10) == 0 || strcmp(units, "ns") == 0);
    free(units);
    return nanoseconds || s->as == AS_TIME;
}

static int add_stored(struct dump *d, const char *path, const char *name, struct alm_err *e)
{
    if (d->columns == COLUMNS || strlen(name) >= NAME - 2)
        return alm_fail(e, ALM_EDATA, "%s: /%s has more than %d columns, or one with too long a name",
                        alm_table_path(d->table), d->group, COLUMNS);
    struct stored s = {.rank = SPELLINGS};
    int code = open_any(d->table, path, &s, e);
    ALM_TRY(code);
    if (code == ALM_NOT_YET)
        return ALM_OK;
    const struct spelling *spelling = spelling_of(name);
    snprintf(s.name, sizeof s.name, "%s", name);
    snprintf(s.shown, sizeof s.shown, "%s", spelling ? spelling->shown : name);
    s.as = spelling ? spelling->as : AS_IS;
    s.rank = spelling ? (size_t)(spelling - spellings) : SPELLINGS;
    if (is_time(d->table, path, &s)) {
        s.as = AS_TIME;
        snprintf(s.shown, sizeof s.shown, "%s_s", name);
    } else if (s.as == AS_TIME || (s.as == AS_LIMIT && s.type != ALM_COL_I64) ||
               ((s.as == AS_UNIT || s.as == AS_MACHINE) && s.type != ALM_COL_U32) ||
               (s.as == AS_END && (s.type != ALM_COL_U8 || strcmp(d->group, "executions") != 0))) {
        s.as = AS_IS;
        snprintf(s.shown, sizeof s.shown, "%s", name);
    }
    if (s.type == ALM_COL_U8 && strcmp(d->group, "samples") == 0 && strcmp(name, "flags") == 0)
        s.as = AS_FLAG;
    s.has_fill = alm_table_get_int(d->table, path, "_FillValue", &s.fill, NULL) == ALM_OK;
    s.rows = alm_column_length(s.column);
    d->rows = s.rows > d->rows ? s.rows : d->rows;
    d->stored[d->columns++] = s;
    return ALM_OK;
}

static int note_group(struct dump *d, const char *name, size_t length, struct alm_err *e)
{
    for (size_t i = 0; i < d->group_count; i++)
        if (strlen(d->groups[i]) == length && strncmp(d->groups[i], name, length) == 0)
            return ALM_OK;
    if (d->group_count + 1 < sizeof d->groups / sizeof *d->groups) {
        d->groups[d->group_count] = strndup(name, length);
        if (d->groups[d->group_count] == NULL)
            return alm_fail(e, ALM_ENOMEM, "no memory");
        d->group_count++;
    }
    return ALM_OK;
}

static int see_column(void *ctx, const char *path, struct alm_err *e)
{
    struct dump *d = ctx;
    const char *last = strrchr(path, '/');
    if (last == NULL || last == path)
        return ALM_OK;
    size_t length = (size_t)(last - path - 1);
    ALM_TRY(note_group(d, path + 1, length, e));
    if (strlen(d->group) != length || strncmp(path + 1, d->group, length) != 0)
        return ALM_OK;
    return add_stored(d, path, last + 1, e);
}

static int by_rank(const void *a, const void *b)
{
    const struct stored *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int no_group(const struct dump *d, struct alm_err *e)
{
    char known[300] = "";
    for (size_t i = 0; i < d->group_count; i++) {
        size_t at = strlen(known);
        snprintf(known + at, sizeof known - at, "%s%s", i ? ", " : "", d->groups[i]);
    }
    const char *near = alm_nearest(d->group, d->groups);
    return alm_fail(e, ALM_EINVAL, "%s has no table \"%.60s\"%s%s%s; it has %s", alm_table_path(d->table), d->group,
                    near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "", known[0] ? known : "none");
}

/* The whole text column PATH; nothing when there is none. */
static int read_names(struct dump *d, const char *path, char ***out, size_t *count, struct alm_err *e)
{
    struct alm_column *c = NULL;
    int code = alm_column_open(d->table, path, ALM_COL_TEXT, &c, e);
    if (code < 0 || code == ALM_NOT_YET)
        return code;
    size_t n = (size_t)alm_column_length(c);
    *out = calloc(n ? n : 1, sizeof **out);
    if (*out == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu names of %s", n, path);
    ALM_TRY(alm_column_read(c, 0, n, *out, e));
    *count = n;
    return ALM_OK;
}

static int unit_ends(struct dump *d, struct alm_err *e)
{
    struct stored counts = {0};
    int code = open_any(d->table, "/units/rows", &counts, e);
    if (code < 0 || code == ALM_NOT_YET)
        return code;
    if (counts.type != ALM_COL_I64 || alm_column_length(counts.column) != d->units)
        return alm_fail(e, ALM_EDATA, "%s: /units/rows does not match /units/name", alm_table_path(d->table));
    d->unit_end = calloc(d->units ? d->units : 1, sizeof *d->unit_end);
    if (d->unit_end == NULL)
        return alm_fail(e, ALM_ENOMEM, "no memory for %zu units", d->units);
    ALM_TRY(alm_column_read(counts.column, 0, d->units, d->unit_end, e));
    uint64_t end = 0;
    for (size_t i = 0; i < d->units; i++) {
        if (d->unit_end[i] > d->rows - end)
            return alm_fail(e, ALM_EDATA, "%s: /units/rows counts more rows than /%s has (%llu)",
                            alm_table_path(d->table), d->group, (unsigned long long)d->rows);
        end += d->unit_end[i];
        d->unit_end[i] = end;
    }
    return end == d->rows
               ? ALM_OK
               : alm_fail(e, ALM_EDATA, "%s: /units/rows counts %llu rows, /%s has %llu", alm_table_path(d->table),
                          (unsigned long long)end, d->group, (unsigned long long)d->rows);
}

/* How rows belong to units. A column `unit` is made where none is stored but each row has one. */
static int find_units(struct dump *d, struct alm_err *e)
{
    ALM_TRY(read_names(d, "/units/name", &d->unit, &d->units, e));
    ALM_TRY(read_names(d, "/machines/name", &d->machine, &d->machines, e));
    if (d->unit == NULL) { /* of results: rows of /units say which of /names they are */
        ALM_TRY(read_names(d, "/names/name", &d->unit, &d->units, e));
        return ALM_OK;
    }
    bool units = strcmp(d->group, "units") == 0, stored = false;
    for (size_t i = 0; i < d->columns; i++)
        stored = stored || strcmp(d->stored[i].name, "unit") == 0 || strcmp(d->stored[i].name, "name") == 0;
    if (strcmp(d->group, "usage") == 0 && !stored)
        ALM_TRY(unit_ends(d, e));
    d->row_is_unit = units || (strcmp(d->group, "metrics") == 0 && !stored && d->rows == d->units);
    if (units || stored || (!d->unit_end && !d->row_is_unit) || d->columns == COLUMNS)
        return ALM_OK;
    struct stored s = {.as = AS_UNIT,
                       .rank = (size_t)(spelling_of("unit") - spellings),
                       .name = "unit",
                       .shown = "unit",
                       .rows = d->rows};
    d->stored[d->columns++] = s;
    return ALM_OK;
}

/* The unit of ROW, walking on from HINT; d->units when it has none. */
static size_t unit_of(const struct dump *d, const struct stored *s, uint64_t row, size_t in_block, size_t hint)
{
    if (d->row_is_unit)
        return (size_t)row;
    if (d->unit_end) {
        while (hint < d->units && d->unit_end[hint] <= row)
            hint++;
        return hint;
    }
    return s && s->block ? ((const uint32_t *)s->block)[in_block] : d->units;
}

static struct dump_cell integer_cell(const struct stored *s, int64_t value)
{
    bool none = (s->has_fill && value == s->fill) || value == INT64_MIN || (s->as == AS_LIMIT && value == -1) ||
                (s->as == AS_TIME && value == INT64_MAX);
    return (struct dump_cell){.type = none ? DUMP_NONE : s->as == AS_TIME ? DUMP_TIME : DUMP_INTEGER, .integer = value};
}

static struct dump_cell cell_of(const struct dump *d, const struct stored *s, uint64_t row, size_t i, size_t unit)
{
    if (s->as == AS_UNIT && d->unit && unit < d->units)
        return (struct dump_cell){.type = DUMP_TEXT, .text = d->unit[unit]};
    if (row >= s->rows || s->block == NULL)
        return (struct dump_cell){.type = DUMP_NONE};
    if (s->as == AS_MACHINE && ((const uint32_t *)s->block)[i] < d->machines)
        return (struct dump_cell){.type = DUMP_TEXT, .text = d->machine[((const uint32_t *)s->block)[i]]};
    if (s->as == AS_END && ((const uint8_t *)s->block)[i] < sizeof end_names / sizeof *end_names)
        return (struct dump_cell){.type = DUMP_TEXT, .text = end_names[((const uint8_t *)s->block)[i]]};
    switch (s->type) {
    case ALM_COL_F64:
        return (struct dump_cell){.type = DUMP_REAL, .real = ((const double *)s->block)[i]};
    case ALM_COL_TEXT:
        return (struct dump_cell){.type = DUMP_TEXT, .text = ((char *const *)s->block)[i]};
    case ALM_COL_U32:
        return integer_cell(s, ((const uint32_t *)s->block)[i]);
    case ALM_COL_U8:
        return integer_cell(s, ((const uint8_t *)s->block)[i]);
    case ALM_COL_I64:
        break;
    }
    return integer_cell(s, ((const int64_t *)s->block)[i]);
}

static void free_texts(struct stored *s, size_t n)
{
    for (size_t i = 0; s->type == ALM_COL_TEXT && s->block && i < n; i++) {
        free(((char **)s->block)[i]);
        ((char **)s->block)[i] = NULL;
    }
}

static int read_block(struct dump *d, uint64_t first, size_t n, struct alm_err *e)
{
    for (size_t c = 0; c < d->columns; c++) {
        struct stored *s = &d->stored[c];
        uint64_t there = s->rows > first ? s->rows - first : 0;
        if (s->column && there > 0)
            ALM_TRY(alm_column_read(s->column, first, there < n ? (size_t)there : n, s->block, e));
    }
    return ALM_OK;
}

static int put_block(struct dump *d, uint64_t first, size_t n, size_t only, struct dump_rows *w, size_t *hint,
                     struct alm_err *e)
{
    const struct stored *by = NULL;
    for (size_t c = 0; c < d->columns; c++)
        if (d->stored[c].as == AS_UNIT && d->stored[c].column)
            by = &d->stored[c];
    for (size_t i = 0; i < n; i++) {
        struct dump_cell cell[COLUMNS + 4];
        size_t unit = unit_of(d, by, first + i, i, *hint), out = 0;
        *hint = d->unit_end ? unit : 0;
        if (only != SIZE_MAX && unit != only)
            continue;
        for (size_t c = 0; c < d->columns; c++) {
            const struct stored *s = &d->stored[c];
            for (size_t bit = 0; s->as == AS_FLAG && bit < 4; bit++)
                cell[out++] =
                    (struct dump_cell){.type = DUMP_INTEGER, .integer = ((const uint8_t *)s->block)[i] >> bit & 1};
            if (s->as != AS_FLAG)
                cell[out++] = cell_of(d, s, first + i, i, unit);
        }
        ALM_TRY(dump_rows_put(w, cell, e));
    }
    return ALM_OK;
}

static int put_rows(struct dump *d, size_t only, struct dump_rows *w, struct alm_err *e)
{
    size_t hint = 0;
    uint64_t first = 0, end = d->rows;
    if (d->unit_end && only != SIZE_MAX) {
        first = only > 0 ? d->unit_end[only - 1] : 0;
        end = d->unit_end[only];
    }
    for (; first < end; first += BLOCK) {
        size_t n = end - first < BLOCK ? (size_t)(end - first) : BLOCK;
        int code = read_block(d, first, n, e);
        if (code >= 0)
            code = put_block(d, first, n, only, w, &hint, e);
        for (size_t c = 0; c < d->columns; c++)
            free_texts(&d->stored[c], n);
        ALM_TRY(code);
    }
    return ALM_OK;
}

static int find_unit(const struct dump *d, const char *name, size_t *out, struct alm_err *e)
{
    bool by_unit = d->row_is_unit || d->unit_end;
    for (size_t c = 0; c < d->columns; c++)
        by_unit = by_unit || d->stored[c].as == AS_UNIT;
    if (!by_unit || d->unit == NULL)
        return alm_fail(e, ALM_EINVAL, "the rows of table %s belong to no unit: --unit has no meaning", d->group);
    for (size_t i = 0; i < d->units; i++)
        if (strcmp(d->unit[i], name) == 0) {
            *out = i;
            return ALM_OK;
        }
    return alm_fail(e, ALM_EINVAL, "%s has no unit \"%.80s\"; table units lists the %zu there are",
                    alm_table_path(d->table), name, d->units);
}

static int dump_group(struct dump *d, const char *unit, const char *choice, struct dump_rows *w, struct alm_err *e)
{
    ALM_TRY(alm_table_columns(d->table, see_column, d, e));
    if (d->columns == 0)
        return no_group(d, e);
    ALM_TRY(find_units(d, e));
    qsort(d->stored, d->columns, sizeof *d->stored, by_rank);
    const char *name[COLUMNS + 4];
    size_t names = 0, only = SIZE_MAX;
    for (size_t c = 0; c < d->columns; c++) {
        struct stored *s = &d->stored[c];
        if (s->column && (s->block = calloc(BLOCK, type_size(s->type))) == NULL)
            return alm_fail(e, ALM_ENOMEM, "no memory for a block of %s", s->name);
        for (size_t bit = 0; s->as == AS_FLAG && bit < 4; bit++)
            name[names++] = flag_names[bit];
        if (s->as != AS_FLAG)
            name[names++] = s->shown;
    }
    if (unit)
        ALM_TRY(find_unit(d, unit, &only, e));
    ALM_TRY(dump_rows_start(w, d->group, name, names, choice, e));
    ALM_TRY(put_rows(d, only, w, e));
    dump_rows_end(w);
    return ALM_OK;
}

int dump_table(struct alm_table *t, const char *name, const char *unit, const char *choice, struct dump_rows *w,
               struct alm_err *e)
{
    struct dump d = {.table = t, .group = name[0] == '/' ? name + 1 : name};
    d.stored = calloc(COLUMNS, sizeof *d.stored);
    int code = d.stored ? dump_group(&d, unit, choice, w, e) : alm_fail(e, ALM_ENOMEM, "no memory");
    for (size_t c = 0; c < d.columns; c++) {
        free_texts(&d.stored[c], BLOCK);
        free(d.stored[c].block);
    }
    for (size_t i = 0; i < d.units; i++)
        free(d.unit[i]);
    for (size_t i = 0; i < d.machines; i++)
        free(d.machine[i]);
    for (size_t i = 0; i < d.group_count; i++)
        free((char *)(uintptr_t)d.groups[i]);
    free(d.unit);
    free(d.machine);
    free(d.unit_end);
    free(d.stored);
    return code;
}
