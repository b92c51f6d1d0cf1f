/* SPDX-License-Identifier: GPL-3.0-or-later
 * version: what to cite: almanac and the libraries it runs on. */
#include "almanac/version.h"
#include "almanac/module.h"

#include "cmd/cmd.h"

#include <gsl/gsl_version.h>
#include <hdf5.h>
#include <jansson.h>
#include <libfyaml.h>
#include <nettle/version.h>
#include <stdio.h>

static const struct argp_option options[] = {{"format", 'f', "WORD", 0, "text (default) or json", 0}, {0}};
static const char doc[] = "Print the versions of almanac and of the libraries it runs on."
                          "\vExamples:\n"
                          "  almanac version\n"
                          "  almanac version --format json";

static error_t parse(int key, char *arg, struct argp_state *state)
{
    if (key == 'f') {
        *(enum cmd_format *)state->input = cmd_format_parse(arg, "text|json", state);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

int cmd_version(int argc, char **argv)
{
    static const struct argp argp = {options, parse, NULL, doc, NULL, NULL, NULL};
    enum cmd_format format = CMD_TEXT;
    argp_parse(&argp, argc, argv, 0, NULL, &format);
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    char hdf5[32], nettle[32];
    snprintf(hdf5, sizeof hdf5, "%u.%u.%u", major, minor, release);
    snprintf(nettle, sizeof nettle, "%d.%d", nettle_version_major(), nettle_version_minor());
    const char *const list[][2] = {{"almanac", alm_version()},
                                   {"git", alm_git_id()},
                                   {"compiler", __VERSION__},
                                   {"gsl", gsl_version},
                                   {"hdf5", hdf5},
                                   {"jansson", JANSSON_VERSION},
                                   {"libfyaml", fy_library_version()},
                                   {"nettle", nettle}};
    json_t *out = json_pack("{s:s, s:i}", "schema", "almanac.version/1", "abi", (int)ALM_ABI);
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        if (format == CMD_JSON)
            json_object_set_new(out, list[i][0], json_string(list[i][1]));
        else
            printf("%-10s %s\n", list[i][0], list[i][1]);
    }
    if (format == CMD_JSON) {
        json_dumpf(out, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
        putchar('\n');
    }
    json_decref(out);
    return cmd_finish();
}
