/* SPDX-License-Identifier: GPL-3.0-or-later
 * wfformat: one run of a workflow in the JSON of WfCommons: each task an invocation.
 *
 * Meaning.  Tasks of workflow.specification and workflow.execution are joined by id. duration = runtimeInSeconds; work =
 *           avgCPU / 100 x runtime (100 is one core); memory = memoryInBytes; io_read, io_write = readBytes,
 *           writtenBytes; cores_requested = coreCount. Input parameters: input_size, the sum of sizeInBytes of the
 *           task's inputFiles; input_files, how many; parents, how many.
 *           Version 1.4 has all of a task in workflow.tasks, its files in it, parents by name, and `cores`.
 * Choice.   Arrival = executedAt of the task if all tasks have it, else as early as the graph allows: when the last of its
 *           parents has ended, counted from executedAt of the workflow. A unit is the name of a task; where a name is
 *           no more than the id, its final _ID0042 or _0042 is cut off. In version 1.4 it is the category.
 *           The whole document is held, since its parts are joined by id and come in any order.
 * Limits.   A document of up to 128 MiB, which takes up to 20 times as much memory. Versions before 1.4 are refused.
 * Source.   Coleman et al., WfCommons, FGCS 2022; WfFormat schema 1.5. */
#include "almanac/importer.h"
#include "formats/invocation_inputs.h"
#include "text/names.h"
#include "text/source.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MOST ((uint64_t)128 << 20)
#define VALUE_MOST 1e15
#define RUNTIME_MOST 1e9

enum { ARRIVALS_AUTO, ARRIVALS_GRAPH };

struct options {
    int arrivals;
};

static const struct alm_opt rows[] = {
    {"arrivals", ALM_OPT_CHOICE, offsetof(struct options, arrivals), "auto", 0, 0, "auto|graph",
     "as recorded where they are, or as early as the graph allows"},
    {0},
};

static const struct alm_input inputs[] = {
    {"input_size", "byte", false}, {"input_files", "1", false}, {"parents", "1", false}};
enum { IN_SIZE, IN_FILES, IN_PARENTS, INPUTS };

struct task {
    const json_t *spec, *run; /* run NULL: was never executed */
    alm_time start, runtime;
    size_t waits;        /* parents that have not ended yet */
    size_t first, count; /* of its children in `child` */
};

struct wfformat {
    const struct options *opt;
    struct alm_trace_sink *sink;
    struct alm_batch *batch;
    struct alm_reading reading;
    struct alm_inputs inputs;
    /* of one document: */
    const char *path;
    bool old; /* version 1.4 */
    json_t *root;
    const json_t *workflow;
    struct alm_names *id, *name, *file;
    double *file_size;
    uint32_t *name_task, *child;
    struct task *task;
    size_t tasks;
    bool recorded; /* each task has a start of its own */
};

/* ---- reading the document ---- */

struct text {
    const char *path;
    struct alm_source *source;
    struct alm_err *e;
    uint64_t size;
    int code;
};

static size_t give_text(void *buffer, size_t room, void *ctx)
{
    struct text *t = ctx;
    size_t n = 0;
    t->code = alm_source_read(t->source, buffer, room, &n, t->e);
    t->size += n;
    if (t->code >= 0 && t->size > TEXT_MOST)
        t->code =
            alm_fail(t->e, ALM_EDATA, "%s: more than 128 MiB of JSON, which is beyond one run of a workflow", t->path);
    return t->code < 0 ? (size_t)-1 : n;
}

static int load(struct wfformat *w, struct alm_err *e)
{
    struct text t = {.path = w->path, .e = e};
    json_error_t error;
    ALM_TRY(alm_source_open(w->path, &t.source, e));
    w->root = json_load_callback(give_text, &t, 0, &error);
    alm_reading_done(&w->reading, alm_source_position(t.source));
    alm_source_close(t.source);
    ALM_TRY(t.code);
    if (!w->root)
        return alm_fail(e, ALM_EDATA, "%s:%d: not JSON: %s", w->path, error.line, error.text);
    return ALM_OK;
}

static const json_t *get(const json_t *object, const char *a, const char *b)
{
    const json_t *inner = json_object_get(object, a);
    return b ? json_object_get(inner, b) : inner;
}

static const char *id_of(const struct wfformat *w, size_t task)
{
    return alm_names_text(w->id, (uint32_t)task, NULL);
}

/* The number at KEY of OBJECT, NaN when there is none. WHO names the object in messages. */
static int take_number(const struct wfformat *w, const json_t *object, const char *key, double most, const char *who,
                       double *out, struct alm_err *e)
{
    const json_t *value = json_object_get(object, key);
    *out = (double)NAN;
    if (!value || json_is_null(value))
        return ALM_OK;
    if (!json_is_number(value))
        return alm_fail(e, ALM_EDATA, "%s: `%s`: %s is not a number", w->path, who, key);
    double v = json_number_value(value);
    if (v < 0 || v > most)
        return alm_fail(e, ALM_EDATA, "%s: `%s`: %s is %g, which cannot be; 0 to %g is right", w->path, who, key, v,
                        most);
    *out = v;
    return ALM_OK;
}

static int take_text(const struct wfformat *w, const json_t *object, const char *key, const char *what, size_t i,
                     const char **out, struct alm_err *e)
{
    *out = json_string_value(json_object_get(object, key));
    if (*out && **out)
        return ALM_OK;
    return alm_fail(e, ALM_EDATA, "%s: %s %zu (from 1) has no text `%s`", w->path, what, i + 1, key);
}

/* An instant at KEY, or false. */
static bool take_instant(const json_t *object, const char *key, alm_time *out)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text && alm_instant_parse(text, strlen(text), ALM_TIME_ISO, '.', out) == ALM_NUMBER_OK;
}

/* ---- files and tasks ---- */

static int add_files(struct wfformat *w, struct alm_err *e)
{
    const json_t *files = get(get(w->workflow, "specification", NULL), "files", NULL);
    size_t count = json_array_size(files);
    w->file_size = calloc(count ? count : 1, sizeof *w->file_size);
    if (!w->file_size)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory for %zu files", w->path, count);
    for (size_t i = 0; i < count; i++) {
        const char *id;
        uint32_t number;
        ALM_TRY(take_text(w, json_array_get(files, i), "id", "workflow.specification.files", i, &id, e));
        ALM_TRY(alm_names_add(w->file, id, strlen(id), &number, e));
        ALM_TRY(take_number(w, json_array_get(files, i), "sizeInBytes", VALUE_MOST, id, &w->file_size[number], e));
    }
    return ALM_OK;
}

static int add_tasks(struct wfformat *w, const json_t *list, struct alm_err *e)
{
    size_t count = json_array_size(list);
    w->task = calloc(count, sizeof *w->task);
    w->name_task = calloc(count, sizeof *w->name_task);
    if (!w->task || !w->name_task)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory for %zu tasks", w->path, count);
    for (size_t i = 0; i < count; i++) {
        const json_t *spec = json_array_get(list, i);
        const char *id, *name;
        uint32_t number;
        ALM_TRY(take_text(w, spec, "name", "task", i, &name, e));
        if (w->old && !json_is_string(json_object_get(spec, "id")))
            id = name;
        else
            ALM_TRY(take_text(w, spec, "id", "task", i, &id, e));
        ALM_TRY(alm_names_add(w->id, id, strlen(id), &number, e));
        if (number != i)
            return alm_fail(e, ALM_EDATA, "%s: two tasks have the id `%s`", w->path, id);
        ALM_TRY(alm_names_add(w->name, name, strlen(name), &number, e));
        w->name_task[number] = (uint32_t)i;
        w->task[i].spec = spec;
        w->task[i].run = w->old ? spec : NULL;
        w->tasks++;
    }
    return ALM_OK;
}

static int join_runs(struct wfformat *w, struct alm_err *e)
{
    const json_t *list = get(get(w->workflow, "execution", NULL), "tasks", NULL);
    if (!w->old && json_array_size(list) == 0)
        return alm_fail(e, ALM_EDATA, "%s: no workflow.execution.tasks: this workflow was specified, but never run",
                        w->path);
    for (size_t i = 0; i < json_array_size(list) && !w->old; i++) {
        const char *id;
        ALM_TRY(take_text(w, json_array_get(list, i), "id", "workflow.execution.tasks", i, &id, e));
        uint32_t task = alm_names_find(w->id, id, strlen(id));
        if (task == ALM_NO_NAME)
            return alm_fail(e, ALM_EDATA, "%s: `%s` was executed, but workflow.specification has no such task", w->path,
                            id);
        if (w->task[task].run)
            return alm_fail(e, ALM_EDATA, "%s: `%s` was executed twice", w->path, id);
        w->task[task].run = json_array_get(list, i);
    }
    w->recorded = w->opt->arrivals == ARRIVALS_AUTO;
    for (size_t i = 0; i < w->tasks; i++) {
        struct task *t = &w->task[i];
        double runtime = (double)NAN;
        if (t->run)
            ALM_TRY(take_number(w, t->run, "runtimeInSeconds", RUNTIME_MOST, id_of(w, i), &runtime, e));
        t->runtime = isnan(runtime) ? 0 : (alm_time)llround(runtime * 1e9);
        w->recorded = w->recorded && (!t->run || take_instant(t->run, "executedAt", &t->start));
    }
    return ALM_OK;
}

/* ---- the graph ---- */

static int find_parent(const struct wfformat *w, size_t task, size_t i, uint32_t *out, struct alm_err *e)
{
    const char *ref = json_string_value(json_array_get(json_object_get(w->task[task].spec, "parents"), i));
    if (!ref)
        return alm_fail(e, ALM_EDATA, "%s: `%s`: parent %zu (from 1) is not a text", w->path, id_of(w, task), i + 1);
    *out = alm_names_find(w->id, ref, strlen(ref));
    uint32_t name = *out == ALM_NO_NAME && w->old ? alm_names_find(w->name, ref, strlen(ref)) : ALM_NO_NAME;
    if (name != ALM_NO_NAME)
        *out = w->name_task[name];
    if (*out == ALM_NO_NAME)
        return alm_fail(e, ALM_EDATA, "%s: `%s`: its parent `%s` is no task", w->path, id_of(w, task), ref);
    return ALM_OK;
}

static size_t parents_of(const struct wfformat *w, size_t task)
{
    return json_array_size(json_object_get(w->task[task].spec, "parents"));
}

/* Children of each task, in `child`, from the parents that tasks name. */
static int link_children(struct wfformat *w, struct alm_err *e)
{
    size_t links = 0;
    uint32_t parent = 0;
    for (size_t i = 0; i < w->tasks; i++) {
        w->task[i].waits = parents_of(w, i);
        for (size_t k = 0; k < w->task[i].waits; k++, links++) {
            ALM_TRY(find_parent(w, i, k, &parent, e));
            w->task[parent].count++;
        }
    }
    w->child = calloc(links ? links : 1, sizeof *w->child);
    if (!w->child)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory for %zu links", w->path, links);
    for (size_t i = 0, first = 0; i < w->tasks; i++) {
        w->task[i].first = first;
        first += w->task[i].count;
        w->task[i].count = 0;
    }
    for (size_t i = 0; i < w->tasks; i++)
        for (size_t k = 0; k < w->task[i].waits; k++) {
            ALM_TRY(find_parent(w, i, k, &parent, e));
            struct task *p = &w->task[parent];
            w->child[p->first + p->count++] = (uint32_t)i;
        }
    return ALM_OK;
}

/* Start tasks as their parents end: READY holds those that wait for nobody, in order. */
static int walk(struct wfformat *w, uint32_t *ready, alm_time begin, struct alm_err *e)
{
    size_t head = 0, tail = 0;
    for (size_t i = 0; i < w->tasks; i++) {
        w->task[i].start = begin;
        if (w->task[i].waits == 0)
            ready[tail++] = (uint32_t)i;
    }
    for (; head < tail; head++) {
        const struct task *t = &w->task[ready[head]];
        alm_time end;
        if (__builtin_add_overflow(t->start, t->runtime, &end))
            return alm_fail(e, ALM_EDATA, "%s: `%s` ends after the year 2261", w->path, id_of(w, ready[head]));
        for (size_t k = 0; k < t->count; k++) {
            struct task *child = &w->task[w->child[t->first + k]];
            child->start = child->start > end ? child->start : end;
            if (--child->waits == 0)
                ready[tail++] = w->child[t->first + k];
        }
    }
    for (size_t i = 0; i < w->tasks; i++)
        if (w->task[i].waits > 0)
            return alm_fail(e, ALM_EDATA, "%s: `%s` waits for itself by way of its parents", w->path, id_of(w, i));
    return ALM_OK;
}

static int find_starts(struct wfformat *w, struct alm_err *e)
{
    ALM_TRY(link_children(w, e));
    if (w->recorded)
        return ALM_OK;
    alm_time begin = 0;
    bool known = take_instant(w->old ? w->workflow : get(w->workflow, "execution", NULL), "executedAt", &begin);
    alm_report_assume(w->sink->report,
                      "Starts of tasks are not recorded: each arrives when the last of its parents has ended.");
    if (!known)
        alm_report_assume(w->sink->report, "No executedAt that can be read: times count from zero.");
    uint32_t *ready = calloc(w->tasks, sizeof *ready);
    if (!ready)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory for %zu tasks", w->path, w->tasks);
    int code = walk(w, ready, known ? begin : 0, e);
    free(ready);
    return code;
}

/* ---- invocations ---- */

/* The unit of a task: its category, or its name without the number that makes it an id. */
static struct alm_field unit_name(const struct wfformat *w, size_t task)
{
    const json_t *spec = w->task[task].spec;
    const char *category = json_string_value(json_object_get(spec, "category"));
    const char *name = json_string_value(json_object_get(spec, "name"));
    if (w->old && category && *category)
        return (struct alm_field){category, strlen(category)};
    size_t size = strlen(name), cut = size;
    if (!w->old && strcmp(name, id_of(w, task)) != 0)
        return (struct alm_field){name, size};
    while (cut > 0 && name[cut - 1] >= '0' && name[cut - 1] <= '9')
        cut--;
    if (cut == size)
        return (struct alm_field){name, size};
    cut -= cut > 2 && name[cut - 1] == 'D' && name[cut - 2] == 'I' ? 2 : 0;
    return (struct alm_field){name, cut > 1 && name[cut - 1] == '_' ? cut - 1 : size};
}

/* Sum the sizes of a task's input files; NaN when one of them is not known. */
static int take_inputs(struct wfformat *w, size_t task, struct alm_err *e)
{
    const json_t *files = json_object_get(w->task[task].spec, w->old ? "files" : "inputFiles");
    double sum = 0, count = 0, size;
    for (size_t i = 0; i < json_array_size(files); i++) {
        const json_t *file = json_array_get(files, i);
        const char *id = json_string_value(file), *link = json_string_value(json_object_get(file, "link"));
        if (w->old && (!link || strcmp(link, "input") != 0))
            continue;
        uint32_t number = id ? alm_names_find(w->file, id, strlen(id)) : ALM_NO_NAME;
        size = number == ALM_NO_NAME ? (double)NAN : w->file_size[number];
        if (w->old)
            ALM_TRY(take_number(w, file, "sizeInBytes", VALUE_MOST, id_of(w, task), &size, e));
        sum += size;
        count++;
    }
    if (isnan(sum))
        alm_report_note(w->sink->report, false, "an input file of unknown size: input_size of its task is missing",
                        "%s: %s", w->path, id_of(w, task));
    alm_inputs_number(&w->inputs, IN_SIZE, sum);
    alm_inputs_number(&w->inputs, IN_FILES, count);
    alm_inputs_number(&w->inputs, IN_PARENTS, (double)parents_of(w, task));
    return ALM_OK;
}

static int send_task(struct wfformat *w, size_t task, struct alm_err *e)
{
    const struct {
        const char *key;
        int field;
        double most;
    } list[] = {
        {"runtimeInSeconds", ALM_INV_DURATION, RUNTIME_MOST},
        {"avgCPU", ALM_INV_WORK, 1e9},
        {"memoryInBytes", ALM_INV_MEMORY, VALUE_MOST},
        {"readBytes", ALM_INV_IO_READ, VALUE_MOST},
        {"writtenBytes", ALM_INV_IO_WRITE, VALUE_MOST},
        {w->old ? "cores" : "coreCount", ALM_INV_CORES_REQUESTED, 1e6},
    };
    const struct task *t = &w->task[task];
    const struct alm_field name = unit_name(w, task);
    const struct alm_unit_about about = {name, name, (double)NAN, (double)NAN};
    struct alm_invocation row = alm_invocation_at(t->start, 0);
    bool repaired;
    if (alm_batch_about(w->batch, &about, &row.unit, NULL, &repaired, e) < 0)
        return alm_fail_in(e, "%s: `%s`", w->path, id_of(w, task));
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        ALM_TRY(take_number(w, t->run, list[i].key, list[i].most, id_of(w, task), &row.value[list[i].field], e));
    row.value[ALM_INV_WORK] *= row.value[ALM_INV_DURATION] / 100;
    ALM_TRY(take_inputs(w, task, e));
    return alm_inputs_send(&w->inputs, &row, e) < 0 ? alm_fail_in(e, "%s: `%s`", w->path, id_of(w, task)) : ALM_OK;
}

static int send_tasks(struct wfformat *w, struct alm_err *e)
{
    for (size_t i = 0; i < w->tasks; i++) {
        w->sink->report->read++;
        if (i % 4096 == 0)
            ALM_TRY(alm_reading_at(&w->reading, w->path, 0, e));
        if (w->task[i].run)
            ALM_TRY(send_task(w, i, e));
        else
            alm_report_note(w->sink->report, true, "a task that was specified, but never run", "%s: %s", w->path,
                            id_of(w, i));
    }
    return ALM_OK;
}

/* ---- documents ---- */

static int find_workflow(struct wfformat *w, const json_t **tasks, struct alm_err *e)
{
    const char *version = json_string_value(json_object_get(w->root, "schemaVersion"));
    w->workflow = json_object_get(w->root, "workflow");
    *tasks = get(get(w->workflow, "specification", NULL), "tasks", NULL);
    w->old = !*tasks;
    if (w->old)
        *tasks = json_object_get(w->workflow, "tasks");
    if (json_array_size(*tasks) == 0)
        return alm_fail(
            e, ALM_EDATA,
            "%s: neither workflow.specification.tasks (WfFormat 1.5) nor workflow.tasks (1.4) holds a task%s%.20s",
            w->path, version ? "; schemaVersion is " : "", version ? version : "");
    if (w->old && (!version || strcmp(version, "1.4") != 0))
        return alm_fail(e, ALM_EDATA,
                        "%s: schemaVersion %.20s is too old; bring it to 1.5 by wfcommons-migrate-instance", w->path,
                        version ? version : "(none)");
    return ALM_OK;
}

static int read_document(struct wfformat *w, struct alm_err *e)
{
    const json_t *tasks;
    ALM_TRY(load(w, e));
    ALM_TRY(find_workflow(w, &tasks, e));
    ALM_TRY(alm_names_open(&w->id, e));
    ALM_TRY(alm_names_open(&w->name, e));
    ALM_TRY(alm_names_open(&w->file, e));
    ALM_TRY(add_files(w, e));
    ALM_TRY(add_tasks(w, tasks, e));
    ALM_TRY(join_runs(w, e));
    ALM_TRY(find_starts(w, e));
    return send_tasks(w, e);
}

static void forget_document(struct wfformat *w)
{
    alm_names_close(w->id);
    alm_names_close(w->name);
    alm_names_close(w->file);
    free(w->file_size);
    free(w->name_task);
    free(w->child);
    free(w->task);
    json_decref(w->root);
    w->id = w->name = w->file = NULL;
    w->file_size = NULL;
    w->name_task = w->child = NULL;
    w->task = NULL;
    w->root = NULL;
    w->tasks = 0;
}

static int run(const void *opt, const char *const *path, size_t count, struct alm_trace_sink *sink, struct alm_err *e)
{
    struct wfformat w = {.opt = opt, .sink = sink, .reading = alm_reading_start(sink, path, count)};
    ALM_TRY(alm_inputs_declare(&w.inputs, sink, inputs, INPUTS, e));
    int code = alm_batch_open(sink, &w.batch, e);
    for (size_t i = 0; i < count && code >= 0; i++) {
        w.path = path[i];
        code = read_document(&w, e);
        forget_document(&w);
        sink->report->files++;
    }
    alm_batch_close(w.batch);
    return code;
}

const struct alm_importer_ops alm_importer_wfformat = {
    .head = {.abi = ALM_ABI,
             .size = sizeof(struct alm_importer_ops),
             .kind = ALM_IMPORTER,
             .name = "wfformat",
             .summary = "runs of workflows in the WfFormat 1.5 (or 1.4) of WfCommons",
             .source = "Coleman et al., WfCommons, FGCS 2022; WfFormat schema 1.5",
             .opts = rows,
             .opt_size = sizeof(struct options)},
    .run = run,
};
