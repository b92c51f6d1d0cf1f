/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep: finds the verb and hands over. */
#include "cmd/sweep.h"

#include "almanac/option.h"
#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>

static const struct verb {
    const char *name, *usage, *summary;
    int (*run)(int argc, char **argv);
} verbs[] = {
    {"plan", "SPEC -o, --output=DIR [--format=WORD] [--quiet]", "expand a specification to cells", cmd_sweep_plan},
    {"run", "DIR [-j, --jobs=N] [--shard=I/N] [--mpi] [--retry-failed] [--format=WORD] [--quiet]",
     "run the cells that are missing", cmd_sweep_run},
    {"status", "DIR [--format=WORD] [--quiet]", "count what is done, failed and missing", cmd_sweep_status},
    {"merge", "DIR -o, --output=RESULTS.h5 [--partial] [--quiet]", "gather all cells in one results file",
     cmd_sweep_merge},
};
#define VERBS (sizeof verbs / sizeof verbs[0])

static void help(FILE *to)
{
    fprintf(to, "Usage: almanac sweep VERB [OPTION...]\n\n"
                "Experiments: policies on traces, over factors, parts and seeds. Each combination is a cell, a\n"
                "simulation whose result is one file; what is there is not run again.\n\nVerbs:\n");
    for (size_t i = 0; i < VERBS; i++)
        fprintf(to, "  %-7s %s\n          %s\n", verbs[i].name, verbs[i].summary, verbs[i].usage);
    fprintf(to, "\nExample:\n"
                "  almanac sweep plan experiment.yaml -o runs\n"
                "  almanac sweep run runs -j 4\n"
                "  almanac sweep merge runs -o results.h5\n\n"
                "`almanac sweep VERB --help` explains one verb.\n");
}

static int unknown(const char *word)
{
    const char *names[VERBS + 1] = {NULL};
    for (size_t i = 0; i < VERBS; i++)
        names[i] = verbs[i].name;
    const char *nearest = alm_nearest(word, names);
    if (nearest)
        fprintf(stderr, "almanac: sweep: unknown verb `%.60s`, did you mean `%s`?\n", word, nearest);
    else
        fprintf(stderr, "almanac: sweep: unknown verb `%.60s`; there are plan, run, status and merge\n", word);
    return 2;
}

int cmd_sweep(int argc, char **argv)
{
    if (argc < 2) {
        help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0 || strcmp(argv[1], "help") == 0) {
        help(stdout);
        return cmd_finish();
    }
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(verbs[i].name, argv[1]) == 0) {
            char name[64];
            snprintf(name, sizeof name, "almanac sweep %s", verbs[i].name);
            argv[1] = name;
            return verbs[i].run(argc - 1, argv + 1);
        }
    return unknown(argv[1]);
}
