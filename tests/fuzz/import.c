/* SPDX-License-Identifier: GPL-3.0-or-later
 * import: a hostile file to each importer. Nothing may be said that is not so: times ascend, usage is a number >= 0.
 *
 * Meaning.  The first byte chooses importer and options, the rest is the file. Rows go to a sink that checks them. */
#include "almanac/importer.h"

#include "bytes.h"

#include <math.h>

static const char *const choices[] = {
    "csv",
    "csv:bad=drop",
    "csv:layout=wide",
    "csv:quotes=false",
    "bitbrains",
    "csv:time_format=iso8601",
    "csv:time_format=ms",
    "planetlab",
};
#define CHOICES (sizeof choices / sizeof *choices)

struct counter {
    struct alm_trace_sink sink;
    uint32_t units;
};

static int take_unit(struct alm_trace_sink *sink, const struct alm_unit *unit, uint32_t *out, struct alm_err *e)
{
    (void)e;
    struct counter *c = (struct counter *)sink;
    bytes_demand(memchr(unit->name, 0, sizeof unit->name) != NULL, "a name ends");
    bytes_demand(isnan(unit->cores) || (unit->cores >= 0 && isfinite(unit->cores)), "cores of a unit");
    bytes_demand(isnan(unit->memory) || (unit->memory >= 0 && isfinite(unit->memory)), "memory of a unit");
    *out = c->units++;
    return ALM_OK;
}

static int take_rows(struct alm_trace_sink *sink, uint32_t unit, const struct alm_trace_row *rows, size_t n,
                     struct alm_err *e)
{
    (void)e;
    const struct counter *c = (const struct counter *)sink;
    bytes_demand(unit < c->units, "rows are of a unit that was added");
    for (size_t k = 0; k < n; k++)
        for (int r = 0; r < ALM_RESOURCES; r++)
            bytes_demand(isnan(rows[k].value[r]) || (rows[k].value[r] >= 0 && isfinite(rows[k].value[r])),
                         "usage is finite and not negative");
    return ALM_OK;
}

static int take_interval(struct alm_trace_sink *sink, alm_time interval, struct alm_err *e)
{
    (void)sink, (void)e;
    bytes_demand(interval > 0, "an interval is positive");
    return ALM_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct alm_choice choice;
    struct alm_err e = {0};
    if (alm_choice_parse(ALM_IMPORTER, choices[*data % CHOICES], &choice, &e) != ALM_OK)
        bytes_demand(false, e.text);
    struct bytes_file f = bytes_file_open(data + 1, size - 1);
    struct alm_trace_report report = {0};
    struct counter c = {.sink = {.unit = take_unit, .rows = take_rows, .interval = take_interval, .report = &report}};
    const char *path[] = {f.path};
    const struct alm_importer_ops *ops = (const void *)choice.module;
    int code = ops->run(choice.opt, path, 1, &c.sink, &e);
    bytes_demand(code >= 0 || (code == (int)e.code && strlen(e.text) > 0), "a failure says why");
    bytes_file_close(&f);
    alm_choice_free(&choice);
    return 0;
}
