/* SPDX-License-Identifier: GPL-3.0-or-later
 * import: hostile files to one importer: the one that ALMANAC_FUZZ_IMPORTER names. Nothing may be said that is not so.
 *
 * Meaning.  The input is up to FILES files: byte 0x1e parts them. A file that begins with 0x1f has its name in the rest of the
 *           line; an input that begins with 0x1d has options of the importer in the rest of the line. Names matter to
 *           importers that find their tables by them. What is given to the sink is checked there. */
#include "almanac/importer.h"

#include "bytes.h"
#include "tests/support/checking_sink.h"

#include <ctype.h>
#include <sys/stat.h>

#define FILES 6
#define NAME 100

static char folder[64];
static const char *importer;

static void leave(void)
{
    rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    importer = getenv("ALMANAC_FUZZ_IMPORTER");
    bytes_demand(importer && importer[0], "ALMANAC_FUZZ_IMPORTER names an importer");
    snprintf(folder, sizeof folder, "%s/almanac-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!mkdtemp(folder))
        abort();
    atexit(leave);
    return 0;
}

/* The rest of the line behind MARK at the start of B as OUT, printable; "" when it does not begin so. */
static void take_line(struct bytes *b, uint8_t mark, char *out, size_t room)
{
    size_t n = 0;
    if (b->left > 0 && *b->at == mark) {
        bytes_u8(b);
        for (uint8_t c; b->left > 0 && (c = bytes_u8(b)) != '\n';)
            if (n + 1 < room && isprint(c))
                out[n++] = (char)c;
    }
    out[n] = '\0';
}

/* The next file of B, written; its path to PATH. */
static void take_file(struct bytes *b, size_t number, char *path, size_t room)
{
    char name[NAME];
    const uint8_t *end = memchr(b->at, 0x1e, b->left);
    struct bytes file = {b->at, end ? (size_t)(end - b->at) : b->left};
    take_line(&file, 0x1f, name, sizeof name);
    for (char *p = name; *p; p++)
        *p = *p == '/' ? '_' : *p;
    size_t used = file.left + (size_t)(file.at - b->at) + (end != NULL);
    if (!name[0] || name[0] == '.')
        snprintf(name, sizeof name, "file%zu", number);
    snprintf(path, room, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(file.at, 1, file.left, f) != file.left || fclose(f) != 0)
        abort();
    b->at += used;
    b->left -= used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes b = {data, size};
    char options[400], choice_text[500], path[FILES][sizeof folder + NAME + 2];
    const char *list[FILES];
    take_line(&b, 0x1d, options, sizeof options);
    snprintf(choice_text, sizeof choice_text, "%s%s%s", importer, options[0] ? ":" : "", options);
    struct alm_choice choice;
    struct alm_err e = {0};
    if (strstr(options, "file=") || alm_choice_parse(ALM_IMPORTER, choice_text, &choice, &e) != ALM_OK)
        return 0;
    struct alm_err none = {0};
    if (choice.module->opts && !strstr(options, "most=")) /* a count of calls may well be large, but not here */
        (void)alm_options_set(choice.module->opts, choice.opt, importer, "most", "100", &none);
    size_t count = 0;
    do {
        take_file(&b, count, path[count], sizeof path[count]);
        list[count] = path[count];
        count++;
    } while (count < FILES && b.left > 0);
    struct checking_sink c;
    checking_sink_init(&c);
    int code = ((const struct alm_importer_ops *)choice.module)->run(choice.opt, list, count, &c.sink, &e);
    bytes_demand(!c.wrong, c.wrong ? c.wrong : "");
    bytes_demand(code >= 0 || (code == (int)e.code && strlen(e.text) > 0), "a failure says why");
    for (size_t i = 0; i < count; i++)
        unlink(path[i]);
    alm_choice_free(&choice);
    return 0;
}
