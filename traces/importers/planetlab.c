/* SPDX-License-Identifier: GPL-3.0-or-later
 * planetlab: one file per machine, one CPU percentage a line, no times.
 *
 * Meaning.  Line k, counted from 0, is the mean CPU use over the interval that ends at k x interval, in percent of the
 *           machine's capacity. The unit is named after the whole name of the file: a host name has dots.
 * Choice.   The days of the set are folders named YYYYMMDD. Files of one folder start at time 0, as the users of this
 *           set replay it. Files of several such folders start at midnight of their day: a machine has the same name on
 *           each day, and the days shall not overlap (dates=auto; true and false decide it).
 * Limits.   CPU alone. A value that is missing still takes its place in time.
 * Source.   Beloglazov, Buyya, CCPE 24 (2012), doi:10.1002/cpe.1867; github.com/beloglazov/planetlab-workload-traces.
 */
#include "almanac/importer.h"
#include "almanac/option.h"
#include "text/delimited.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

struct options {
    alm_time interval;
    double cores;
    char missing[ALM_OPT_STRING];
    int dates, bad;
};

#define AT(member) offsetof(struct options, member)

static const struct alm_opt rows[] = {
    {"interval", ALM_OPT_DURATION, AT(interval), "5m", 1, 31536000e9, NULL, "between lines"},
    {"cores", ALM_OPT_CORES, AT(cores), "1", 1e-3, 1e6, NULL, "what 100 percent stand for"},
    {"missing", ALM_OPT_TEXT, AT(missing), "-/NaN/nan/NA", 0, 0, NULL, "words that mean a missing value, a/b/c"},
    {"dates", ALM_OPT_CHOICE, AT(dates), "auto", 0, 0, "auto|true|false",
     "files start at the day their folder is named after; auto: when they are of several days"},
    {"bad", ALM_OPT_CHOICE, AT(bad), "error", 0, 0, "error|drop", "what to do with a line that cannot be read"},
    {0},
};

enum { DATES_AUTO, DATES_TRUE, DATES_FALSE };

struct planetlab {
    const struct options *opt;
    struct alm_trace_sink *sink;
    struct alm_batch *batch;
    struct alm_missing missing;
    struct alm_reading reading;
    bool dates;
};

/* Midnight of the folder YYYYMMDD that holds PATH. */
static int folder_day(const char *path, alm_time *out, struct alm_err *e)
{
    const char *slash = strrchr(path, '/');
    const char *folder = slash && slash - path >= 8 ? slash - 8 : NULL;
    if (folder && (folder == path || folder[-1] == '/')) {
        char iso[] = {folder[0], folder[1], folder[2], folder[3], '-', folder[4], folder[5], '-', folder[6], folder[7]};
        if (alm_instant_parse(iso, sizeof iso, ALM_TIME_ISO, '.', out) == ALM_NUMBER_OK)
            return ALM_OK;
    }
    return alm_fail(e, ALM_EDATA, "%s: not in a folder named YYYYMMDD, which dates=true needs", path);
}

/* One line. The value stays missing when the line is bad and dropped: its place in time is kept. */
static int take_line(struct planetlab *p, const struct alm_delimited *d, const struct alm_field *f, size_t count,
                     double *out, struct alm_err *e)
{
    char word[ALM_EXCERPT];
    double v = NAN;
    *out = NAN;
    if (count == 1 && alm_missing_is(&p->missing, f->at, f->size))
        return ALM_OK;
    bool good = count == 1 && alm_number_parse(f->at, f->size, '.', &v) == ALM_NUMBER_OK;
    if (good && alm_missing_number(&p->missing, v))
        return ALM_OK;
    if (good && v >= 0 && v <= 100) {
        *out = v / 100 * p->opt->cores;
        return ALM_OK;
    }
    if (p->opt->bad) {
        alm_report_note(p->sink->report, true, "not a number from 0 to 100", "%s:%" PRIu64, alm_delimited_path(d),
                        alm_delimited_row(d));
        return ALM_END;
    }
    return alm_fail(e, ALM_EDATA,
                    "%s:%" PRIu64 ": %s is not one number from 0 to 100 (percent of CPU); if it means missing, add it "
                    "to missing=, or use bad=drop",
                    alm_delimited_path(d), alm_delimited_row(d), alm_excerpt(f->at, f->size, word));
}

static int read_lines(struct planetlab *p, struct alm_delimited *d, const char *path, struct alm_err *e)
{
    char name[ALM_FILE_NAME];
    alm_time start = 0;
    uint32_t unit = 0;
    bool empty = true;
    if (p->dates)
        ALM_TRY(folder_day(path, &start, e));
    alm_file_unit(path, false, name);
    for (;; empty = false) {
        const struct alm_field *field;
        size_t count;
        int code = alm_delimited_next(d, &field, &count, e);
        ALM_TRY(code);
        if (code == ALM_END)
            break;
        bool repaired;
        if (empty && alm_batch_unit(p->batch, name, strlen(name), p->opt->cores, NAN, &unit, NULL, &repaired, e) < 0)
            return alm_fail_in(e, "%s", path);
        struct alm_trace_row row = {.value = {NAN, NAN, NAN, NAN, NAN, NAN}};
        p->sink->report->read++;
        code = take_line(p, d, field, count, &row.value[ALM_CPU], e);
        ALM_TRY(code);
        if (__builtin_mul_overflow((alm_time)alm_delimited_row(d) - 1, p->opt->interval, &row.at) ||
            __builtin_add_overflow(row.at, start, &row.at))
            return alm_fail(e, ALM_EDATA, "%s:%" PRIu64 ": so many lines at this interval pass the year 2261", path,
                            alm_delimited_row(d));
        if (code == ALM_OK)
            ALM_TRY(alm_batch_add(p->batch, unit, &row, e));
        ALM_TRY(alm_reading_step(&p->reading, d, e));
    }
    if (empty)
        alm_report_note(p->sink->report, false, "empty file", "%s", path);
    return alm_batch_flush(p->batch, e);
}

static int read_file(struct planetlab *p, const char *path, struct alm_err *e)
{
    struct alm_delimited *d;
    struct alm_delimited_config config = {.separator = ' '};
    ALM_TRY(alm_delimited_open(path, &config, &d, e));
    int code = read_lines(p, d, path, e);
    alm_reading_next_file(&p->reading, d);
    alm_delimited_close(d);
    p->sink->report->files++;
    return code;
}

/* Do the files lie in folders of different days, and all of them in such? */
static bool several_days(const char *const *path, size_t count)
{
    alm_time first = 0, day;
    bool differ = false;
    for (size_t i = 0; i < count; i++) {
        if (folder_day(path[i], &day, NULL) < 0)
            return false;
        if (i == 0)
            first = day;
        differ = differ || day != first;
    }
    return differ;
}

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    struct planetlab p = {.opt = opt, .sink = sink, .reading = alm_reading_start(sink, path, count)};
    ALM_TRY(alm_missing_parse(p.opt->missing, &p.missing, e));
    ALM_TRY(sink->interval(sink, p.opt->interval, e));
    p.dates = p.opt->dates == DATES_TRUE || (p.opt->dates == DATES_AUTO && several_days(path, count));
    alm_report_assume(sink->report, p.dates ? "Days are those of the folders, in UTC."
                                            : "Each file starts at time 0 (dates=true: at its folder's day).");
    ALM_TRY(alm_batch_open(sink, &p.batch, e));
    int code = ALM_OK;
    for (size_t i = 0; i < count && code >= 0; i++)
        code = read_file(&p, path[i], e);
    alm_batch_close(p.batch);
    if (code >= 0 && sink->report->read == 0)
        return alm_fail(e, ALM_EDATA, "%s%s: no rows: the file is empty; expected one number from 0 to 100 a line",
                        count ? path[0] : "", count > 1 ? " and the others" : "");
    return code < 0 ? code : ALM_OK;
}

const struct alm_importer_ops alm_importer_planetlab = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "planetlab",
             .summary = "CoMon/PlanetLab CPU percentages: one file a machine, one number a line",
             .source = "Beloglazov, Buyya, CCPE 24 (2012)",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
