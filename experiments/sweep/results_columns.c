/* SPDX-License-Identifier: GPL-3.0-or-later
 * results_columns: see the header. */
#include "experiments/sweep/results_columns.h"

#include <stdio.h>
#include <string.h>

const char *const results_texts[RESULTS_TEXTS] = {
    [RESULTS_ID] = "id",         [RESULTS_TRACE] = "trace",     [RESULTS_SHA256] = "trace_sha256",
    [RESULTS_POLICY] = "policy", [RESULTS_PART] = "part",       [RESULTS_STATE] = "state",
    [RESULTS_REASON] = "reason", [RESULTS_COMMAND] = "command", [RESULTS_WINDOW] = "window",
};

char *results_figure_path(const struct results_figure *f, char out[RESULTS_PATH])
{
    snprintf(out, RESULTS_PATH, "/cells/%s", f->name);
    *strchr(out, '.') = '_';
    return out;
}

static bool plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("_.-", c);
}

#define WORD 72
static void spell(const char *name, char out[WORD])
{
    size_t n = strnlen(name, WORD - 1);
    for (size_t i = 0; i < n; i++)
        out[i] = plain(name[i]) ? name[i] : '_';
    out[n] = '\0';
}

char *results_factor_path(const char *const *name, size_t number, char out[RESULTS_PATH])
{
    char word[WORD], other[WORD];
    size_t before = 0;
    spell(name[number], word);
    for (size_t i = 0; i < number; i++) {
        spell(name[i], other);
        before += strcmp(word, other) == 0;
    }
    if (before > 0)
        snprintf(out, RESULTS_PATH, "/cells/factor_%s~%zu", word, before + 1);
    else
        snprintf(out, RESULTS_PATH, "/cells/factor_%s", word);
    return out;
}
