/* SPDX-License-Identifier: GPL-3.0-or-later
 * doctor: what this machine can do for almanac, and what each missing thing would give. */
#include "cmd/cmd.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#define CGROUP2_MAGIC 0x63677270

struct finding {
    const char *name;
    bool ok;
    char what[256];
    const char *remedy; /* NULL: nothing to do about it */
};

/* Run a shell command of our own (never with the user's text) and keep its first line. */
static bool first_line(const char *command, char out[200])
{
    FILE *pipe = popen(command, "r");
    out[0] = '\0';
    if (!pipe)
        return false;
    bool any = fgets(out, 200, pipe) != NULL;
    out[strcspn(out, "\n")] = '\0';
    return pclose(pipe) == 0 && any && out[0];
}

static void find_gnuplot(struct finding *f)
{
    char line[200];
    f->name = "gnuplot";
    f->ok = first_line("gnuplot --version 2>/dev/null", line);
    snprintf(f->what, sizeof f->what, "%s", f->ok ? line : "not found: `plot` writes scripts but no pictures");
    f->remedy = "install gnuplot-nox";
}

static void find_fonts(struct finding *f)
{
    char line[200];
    f->name = "fonts";
    f->ok =
        first_line("fc-list 2>/dev/null | grep -i dejavu | head -n 1", line) || first_line("fc-list 2>/dev/null", line);
    snprintf(f->what, sizeof f->what, "%.200s", f->ok ? line : "none found: pictures would have no text");
    f->remedy = "install fonts-dejavu-core and fontconfig";
}

static void find_cgroup(struct finding *f)
{
    struct statfs unified;
    char line[200];
    f->name = "cgroup";
    bool v2 = statfs("/sys/fs/cgroup", &unified) == 0 && unified.f_type == CGROUP2_MAGIC;
    bool v1 = access("/sys/fs/cgroup/cpu", F_OK) == 0;
    bool read =
        first_line("cat /sys/fs/cgroup/cgroup.controllers /sys/fs/cgroup/unified/cgroup.controllers 2>/dev/null", line);
    f->ok = v2;
    snprintf(f->what, sizeof f->what, "%s%s%.150s",
             v2   ? "v2"
             : v1 ? "v1 controllers are mounted"
                  : "none mounted",
             read ? ", unified controllers: " : "", read ? line : "");
    f->remedy = "the cgroup platform needs a directory laid out like cgroup v2";
}

static void find_kernel(struct finding *f)
{
    struct utsname u;
    f->name = "kernel";
    f->ok = uname(&u) == 0;
    snprintf(f->what, sizeof f->what, "%.60s %.60s %.30s, %ld processors", u.sysname, u.release, u.machine,
             sysconf(_SC_NPROCESSORS_ONLN));
    f->remedy = NULL;
}

static void find_memory(struct finding *f)
{
    f->name = "memory";
    f->ok = true;
    double pages = (double)sysconf(_SC_PHYS_PAGES), size = (double)sysconf(_SC_PAGESIZE);
    snprintf(f->what, sizeof f->what, "%.1f GiB, pages of %.0f bytes%s", pages * size / 0x1p30, size,
             size == 4096 ? "" : ": limits are rounded as for 4096");
    f->remedy = NULL;
}

static const struct argp_option options[] = {{"format", 'f', "WORD", 0, "text (default) or json", 0}, {0}};
static const char doc[] = "Say what this machine can do, and what each missing thing would give."
                          "\vExamples:\n"
                          "  almanac doctor\n"
                          "  almanac doctor --format json";

static error_t parse(int key, char *arg, struct argp_state *state)
{
    if (key == 'f') {
        *(enum cmd_format *)state->input = cmd_format_parse(arg, "text|json", state);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

int cmd_doctor(int argc, char **argv)
{
    static const struct argp argp = {options, parse, NULL, doc, NULL, NULL, NULL};
    static void (*const probes[])(struct finding *) = {find_kernel, find_memory, find_gnuplot, find_fonts, find_cgroup};
    enum cmd_format format = CMD_TEXT;
    argp_parse(&argp, argc, argv, 0, NULL, &format);
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof probes / sizeof probes[0]; i++) {
        struct finding f = {0};
        probes[i](&f);
        if (format == CMD_TEXT)
            printf("%-8s %-3s %s%s%s\n", f.name, f.ok ? "ok" : "no", f.what, f.ok || !f.remedy ? "" : "; ",
                   f.ok || !f.remedy ? "" : f.remedy);
        json_array_append_new(list, json_pack("{s:s, s:b, s:s, s:s?}", "name", f.name, "ok", f.ok, "what", f.what,
                                              "remedy", f.ok ? NULL : f.remedy));
    }
    json_t *out = json_pack("{s:s, s:o}", "schema", "almanac.doctor/1", "findings", list);
    if (format == CMD_JSON) {
        json_dumpf(out, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
        putchar('\n');
    }
    json_decref(out);
    return cmd_finish();
}
