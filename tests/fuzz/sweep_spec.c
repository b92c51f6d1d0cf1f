/* SPDX-License-Identifier: GPL-3.0-or-later
 * sweep_spec: the specification of an experiment. What was accepted is accepted again from its text, and its policies are
 * configured; problems are told as often as they are counted. */
#include "experiments/simulation.h"
#include "experiments/sweep/spec.h"

#include "bytes.h"

static void hear(void *ctx, const char *problem)
{
    size_t *told = ctx;
    bytes_demand(problem[0] != '\0', "a problem has a text");
    (*told)++;
}

static void accepted(struct sweep_spec *s)
{
    struct alm_err e = {0};
    struct sweep_spec *again = NULL;
    bytes_demand(s->policies > 0 && s->traces > 0 && s->seeds > 0, "policies, traces and seeds");
    bytes_demand(sweep_spec_parse(s->text, "again", &again, &e) == ALM_OK, e.text);
    bytes_demand(again->policies == s->policies && again->factors == s->factors && again->seeds == s->seeds &&
                     again->tunes == s->tunes,
                 "the same again");
    sweep_spec_free(again);
    for (size_t i = 0; i < s->factors; i++)
        bytes_demand(s->factor[i].values > 0 && s->factor[i].path, "a factor has values");
    bool good = sweep_spec_try(s, &e) == ALM_OK;
    for (size_t i = 0; good && i < s->policies; i++) {
        struct simulation_config c = {0};
        bytes_demand(sweep_spec_config(s, i, &c, &e) == ALM_OK, e.text);
        simulation_config_free(&c);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes_file f = bytes_file_open(data, size);
    struct sweep_spec *s = NULL;
    struct alm_err e = {0};
    size_t told = 0;
    int code = sweep_spec_read(f.path, hear, &told, &s, &e);
    bytes_demand((code == ALM_OK) == (s != NULL), "a specification or a failure");
    bytes_demand(code == ALM_OK ? told == 0 : e.text[0] != '\0', "problems fail");
    if (s)
        accepted(s);
    sweep_spec_free(s);
    bytes_file_close(&f);
    return 0;
}
