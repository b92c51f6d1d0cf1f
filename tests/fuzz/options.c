/* SPDX-License-Identifier: GPL-3.0-or-later
 * options: text to quantities, options and module choices. What was accepted, printed and parsed again is the same.
 *
 * Meaning.  The first byte chooses the parser, the rest is the text. */
#include "almanac/module.h"
#include "almanac/quantity.h"

#include "experiments/simulation.h"
#include "traces/synthesis/spec.h"

#include "bytes.h"

static void quantities(const char *text)
{
    struct alm_err e;
    int64_t i, again_i;
    double d, again_d;
    alm_time t, again_t;
    char out[ALM_QUANTITY_TEXT];
    (void)alm_parse_integer(text, &i, &e);
    if (alm_parse_real(text, &d, &e) == ALM_OK)
        bytes_demand(alm_parse_real(alm_print_real(d, out), &again_d, &e) == ALM_OK && d == again_d, "real");
    if (alm_parse_duration(text, &t, &e) == ALM_OK)
        bytes_demand(alm_parse_duration(alm_print_duration(t, out), &again_t, &e) == ALM_OK && t == again_t,
                     "duration");
    if (alm_parse_bytes(text, &i, &e) == ALM_OK)
        bytes_demand(alm_parse_bytes(alm_print_bytes(i, out), &again_i, &e) == ALM_OK && i == again_i, "bytes");
    if (alm_parse_cores(text, &d, &e) == ALM_OK)
        bytes_demand(d == d, "cores are a number");
    if (alm_parse_fraction(text, &d, &e) == ALM_OK)
        bytes_demand(alm_parse_fraction(alm_print_fraction(d, out), &again_d, &e) == ALM_OK && d == again_d,
                     "fraction");
}

/* A list of each kind of items. */
static void lists(const char *text)
{
    static const struct alm_opt row[] = {{"numbers", ALM_OPT_NUMBERS, 0, "", 0, 0, NULL, "numbers"},
                                         {"bytes", ALM_OPT_BYTES_LIST, 0, "", 0, 0, NULL, "bytes"},
                                         {"times", ALM_OPT_DURATION_LIST, 0, "", 0, 0, NULL, "seconds"},
                                         {0}};
    char out[ALM_OPT_STRING + ALM_OPT_LIST * 25];
    struct alm_numbers list, again;
    struct alm_err e;
    for (size_t i = 0; row[i].key; i++)
        if (alm_options_set(row, &list, "list", row[i].key, text, &e) == ALM_OK)
            bytes_demand(alm_options_set(row, &again, "again", row[i].key,
                                         alm_options_print(&row[i], &list, out, sizeof out), &e) == ALM_OK &&
                             list.count == again.count && memcmp(list.value, again.value, sizeof list.value) == 0,
                         row[i].key);
}

static void choice(enum alm_kind kind, const char *text)
{
    static char printed[16384], again_printed[16384];
    struct alm_choice c, again;
    struct alm_err e;
    if (alm_choice_parse(kind, text, &c, &e) != ALM_OK)
        return;
    if (alm_options_text(c.module->opts, c.opt, printed, sizeof printed, &e) == ALM_OK &&
        alm_choice_parse(kind, c.module->name, &again, &e) == ALM_OK) {
        bytes_demand(alm_options_parse(c.module->opts, again.opt, "again", printed, &e) == ALM_OK, printed);
        alm_options_text(c.module->opts, again.opt, again_printed, sizeof again_printed, &e);
        bytes_demand(strcmp(printed, again_printed) == 0, "options printed and parsed again");
        alm_choice_free(&again);
    }
    alm_choice_free(&c);
}

/* Lines of --set. */
static void settings(char *text)
{
    struct simulation_config c;
    struct alm_err e;
    char policy[256];
    bytes_demand(simulation_config_init(&c, &e) == ALM_OK, "defaults");
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        (void)simulation_set(&c, line, &e);
    simulation_policy_text(&c, policy, sizeof policy);
    json_decref(simulation_config_json(&c));
    simulation_config_free(&c);
}

static void specification(const uint8_t *data, size_t size)
{
    struct bytes_file f = bytes_file_open(data, size);
    struct alm_spec *spec = NULL;
    struct alm_err e;
    if (alm_spec_read(f.path, NULL, &spec, &e) == ALM_OK) {
        const struct alm_head *head;
        struct alm_choice c;
        const char *name = alm_spec_take(spec, "generator");
        if (name && alm_module_find(ALM_GENERATOR, name, &head, &e) == ALM_OK &&
            alm_choice_parse(ALM_GENERATOR, head->name, &c, &e) == ALM_OK) {
            (void)alm_spec_take(spec, "seed");
            (void)alm_spec_options(spec, head->opts, "generator", c.opt, &e);
            alm_choice_free(&c);
        }
    }
    alm_spec_free(spec);
    bytes_file_close(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    int which = *data++ % (ALM_KIND_COUNT + 3);
    char *text = malloc(size);
    if (!text)
        return 0;
    memcpy(text, data, size - 1);
    text[size - 1] = '\0';
    if (which < ALM_KIND_COUNT) {
        choice((enum alm_kind)which, text);
    } else if (which == ALM_KIND_COUNT) {
        quantities(text);
        lists(text);
    } else if (which == ALM_KIND_COUNT + 1) {
        settings(text);
    } else {
        specification(data, size - 1);
    }
    free(text);
    return 0;
}
