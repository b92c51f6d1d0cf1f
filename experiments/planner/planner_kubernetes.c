/* SPDX-License-Identifier: GPL-3.0-or-later
 * planner_kubernetes: labels, quoting, and two shapes of documents. */
#include "experiments/planner/planner_kubernetes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST 9 /* "-" and eight hexadecimal digits */
#define ATTEMPTS 16

/* NAME as a label of at most MOST characters. */
static void make_label(const char *name, size_t most, char out[PLANNER_LABEL])
{
    size_t n = 0;
    for (; *name && n < most; name++) {
        const unsigned char c = (unsigned char)*name;
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        char put = plain ? (char)c : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : '-';
        if (n > 0 || put != '-')
            out[n++] = put;
    }
    while (n > 0 && out[n - 1] == '-')
        n--;
    out[n] = '\0';
    if (n == 0)
        snprintf(out, PLANNER_LABEL, "unit");
}

/* FNV-1a. */
static uint32_t digest(const char *text, uint32_t salt)
{
    uint32_t h = 2166136261u + salt;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 16777619u;
    return h;
}

struct named {
    const char *label, *name;
    uint32_t unit;
};

static int by_label(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int order = strcmp(x->label, y->label);
    return order ? order : (x->unit > y->unit) - (x->unit < y->unit);
}

/* Give new labels to those that share one, but for a unit that is called so itself. How many there were. */
static size_t part(struct named *sorted, size_t n, char (*label)[PLANNER_LABEL], uint32_t attempt)
{
    size_t changed = 0;
    for (size_t begin = 0, end; begin < n; begin = end) {
        for (end = begin + 1; end < n && strcmp(sorted[begin].label, sorted[end].label) == 0; end++)
            continue;
        for (size_t i = begin; i < end && end - begin > 1; i++) {
            const char *name = sorted[i].name;
            if (strcmp(name, sorted[i].label) == 0)
                continue;
            char fresh[PLANNER_LABEL], *own = label[sorted[i].unit];
            make_label(name, PLANNER_LABEL - 1 - DIGEST, fresh);
            size_t at = strlen(fresh);
            snprintf(fresh + at, sizeof fresh - at, "-%08" PRIx32, digest(name, attempt));
            sorted[i].name = name;
            sorted[i].label = NULL;
            memcpy(own, fresh, sizeof fresh);
            changed++;
        }
    }
    for (size_t i = 0; i < n; i++)
        sorted[i].label = label[sorted[i].unit];
    return changed;
}

int planner_labels(const struct planner_limits *l, char (**out)[PLANNER_LABEL], struct alm_err *e)
{
    char(*label)[PLANNER_LABEL] = calloc(l->units ? l->units : 1, sizeof *label);
    struct named *sorted = calloc(l->units ? l->units : 1, sizeof *sorted);
    size_t changed = 1;
    for (uint32_t i = 0; label && sorted && i < l->units; i++) {
        make_label(l->unit[i].name, PLANNER_LABEL - 1, label[i]);
        sorted[i] = (struct named){label[i], l->unit[i].name, i};
    }
    for (uint32_t k = 0; label && sorted && changed && k < ATTEMPTS; k++) {
        qsort(sorted, l->units, sizeof *sorted, by_label);
        changed = part(sorted, l->units, label, k);
    }
    free(sorted);
    if (!label || !sorted || changed) {
        free(label);
        return changed && label
                   ? alm_fail(e, ALM_EDATA, "two units have one name, so no two objects can be named after them")
                   : alm_fail(e, ALM_ENOMEM, "out of memory for the names of %zu units", l->units);
    }
    *out = label;
    return ALM_OK;
}

/* What a YAML reader might take for something else: control characters, line separators, a byte order mark, what is no character. */
static bool is_special(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029 || c == 0xFEFF || c == 0xFFFE ||
           c == 0xFFFF;
}

void planner_yaml_text(FILE *out, const char *text)
{
    putc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c;) {
        size_t n = *c < 0x80 ? 1 : *c < 0xE0 ? 2 : *c < 0xF0 ? 3 : 4;
        uint32_t code = n == 1 ? *c : *c & (0x7Fu >> n);
        for (size_t i = 1; i < n; i++) {
            if ((c[i] & 0xC0) != 0x80) { /* names in our files are UTF-8: this is for the others */
                n = 1;
                code = 0xFFFD;
                break;
            }
            code = code << 6 | (c[i] & 0x3Fu);
        }
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (is_special(code) || code == 0xFFFD)
            fprintf(out, "\\u%04" PRIx32, code);
        else
            fwrite(c, 1, n, out);
        c += n;
    }
    putc('"', out);
}

static void write_amounts(FILE *out, const char *indent, const char *key, const struct planner_unit *unit,
                          const struct planner_size *size)
{
    fprintf(out, "%s%s:\n", indent, key);
    if (unit->limited & ALM_BIT(ALM_CPU))
        fprintf(out, "%s  cpu: \"%" PRId64 "m\"\n", indent, size->of[ALM_CPU]);
    if (unit->limited & ALM_BIT(ALM_MEMORY))
        fprintf(out, "%s  memory: \"%" PRId64 "\"\n", indent, size->of[ALM_MEMORY]);
}

static void write_annotations(FILE *out, const struct planner_unit *unit)
{
    fputs("  annotations:\n    almanac.plan/unit: ", out);
    planner_yaml_text(out, unit->name);
    fputs("\n    almanac.plan/reason: ", out);
    planner_yaml_text(out, unit->reason ? unit->reason : "");
    putc('\n', out);
}

static void write_target(FILE *out, const struct planner_unit *unit)
{
    const bool cpu = unit->limited & ALM_BIT(ALM_CPU), memory = unit->limited & ALM_BIT(ALM_MEMORY);
    fputs("    almanac.plan/target: \"", out);
    if (cpu)
        fprintf(out, "cpu=%" PRId64 "m", unit->last.of[ALM_CPU]);
    if (memory)
        fprintf(out, "%smemory=%" PRId64, cpu ? "," : "", unit->last.of[ALM_MEMORY]);
    fputs("\"\n", out);
}

size_t planner_write_vpa(const struct planner_objects *o, FILE *out)
{
    size_t written = 0;
    for (size_t i = 0; i < o->count; i++) {
        const struct planner_unit *unit = &o->limits->unit[o->order[i]];
        const char *label = o->label[o->order[i]];
        const bool cpu = unit->limited & ALM_BIT(ALM_CPU), memory = unit->limited & ALM_BIT(ALM_MEMORY);
        if (!unit->limited)
            continue;
        fprintf(out, "%sapiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata:\n  name: \"%s\"\n",
                written++ ? "---\n" : "", label);
        write_annotations(out, unit);
        write_target(out, unit);
        fprintf(out,
                "spec:\n  targetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: \"%s\"\n"
                "  updatePolicy:\n    updateMode: \"Off\"\n  resourcePolicy:\n    containerPolicies:\n",
                label);
        fputs("    - containerName: ", out);
        planner_yaml_text(out, o->container ? o->container : "*");
        fprintf(out, "\n      controlledResources: [%s%s%s]\n", cpu ? "\"cpu\"" : "", cpu && memory ? ", " : "",
                memory ? "\"memory\"" : "");
        write_amounts(out, "      ", "minAllowed", unit, &unit->low);
        write_amounts(out, "      ", "maxAllowed", unit, &unit->high);
    }
    return written;
}

size_t planner_write_patch(const struct planner_objects *o, FILE *out)
{
    size_t written = 0;
    for (size_t i = 0; i < o->count; i++) {
        const struct planner_unit *unit = &o->limits->unit[o->order[i]];
        const char *label = o->label[o->order[i]];
        if (!unit->limited)
            continue;
        fprintf(out, "%sapiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: \"%s\"\n", written++ ? "---\n" : "",
                label);
        write_annotations(out, unit);
        fputs("spec:\n  template:\n    spec:\n      containers:\n      - name: ", out);
        planner_yaml_text(out, o->container ? o->container : label);
        fputs("\n        resources:\n", out);
        write_amounts(out, "          ", "requests", unit, &unit->last);
        write_amounts(out, "          ", "limits", unit, &unit->last);
    }
    return written;
}
