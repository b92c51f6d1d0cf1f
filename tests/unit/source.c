/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts: does a packed file give the bytes that were packed, whatever the size of the reader's buffer? Is one that is cut
 * off or damaged told, and never silently shorter? */
#include "traces/text/source.h"
#include "scratch.h"

#include <lzma.h>
#include <string.h>

TestSuite(source, .init = scratch_enter, .fini = scratch_leave);

#define BYTES 300000

/* Lines that do not pack too well, so that several blocks are packed. */
static char *make_plain(void)
{
    char *text = malloc(BYTES);
    uint32_t x = 1;
    for (size_t i = 0; i < BYTES; i++) {
        x = x * 1664525u + 1013904223u;
        text[i] = i % 61 == 60 ? '\n' : (char)('0' + (x >> 24) % 40);
    }
    FILE *f = fopen("plain", "wb");
    cr_assert(f && fwrite(text, 1, BYTES, f) == BYTES && fclose(f) == 0);
    return text;
}

static void shell(const char *command)
{
    cr_assert_eq(system(command), 0, "%s", command);
}

/* The SIZE bytes of PLAIN after FROM as one xz stream at the end of PATH: the xz program is not on every system. */
static void append_xz(const char *path, const char *plain, size_t from, size_t size)
{
    static uint8_t packed[2 * BYTES];
    size_t n = 0;
    cr_assert_eq(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, (const uint8_t *)plain + from, size, packed, &n,
                                         sizeof packed),
                 LZMA_OK);
    FILE *f = fopen(path, "ab");
    cr_assert(f && fwrite(packed, 1, n, f) == n && fclose(f) == 0);
}

/* All of PATH, read STEP bytes at a time; returns the code. */
static int read_all(const char *path, size_t step, char *out, size_t *size, struct alm_err *e)
{
    struct alm_source *s;
    *size = 0;
    int code = alm_source_open(path, &s, e);
    if (code < 0)
        return code;
    for (size_t n = 1; code == 0 && n > 0; *size += n) {
        n = 0;
        cr_assert_leq(*size + step, 3 * (size_t)BYTES);
        code = alm_source_read(s, out + *size, step, &n, e);
    }
    alm_source_close(s);
    return code;
}

Test(source, what_was_packed_comes_out)
{
    char *text = make_plain(), *out = malloc(3 * (size_t)BYTES);
    shell("gzip -c plain >one && "
          "head -c 1000 plain | gzip >many && tail -c +1001 plain | gzip >>many && head -c 512 /dev/zero >>many");
    append_xz("two", text, 0, BYTES);
    append_xz("manyx", text, 0, 1000);
    append_xz("manyx", text, 1000, BYTES - 1000);
    static const char *const path[] = {"plain", "one", "two", "many", "manyx"};
    static const size_t step[] = {1, 7, 4096, 65536, 70001};
    for (size_t p = 0; p < 5; p++)
        for (size_t k = 0; k < 5; k++) {
            struct alm_err e = {0};
            size_t size;
            cr_assert_eq(read_all(path[p], step[k], out, &size, &e), 0, "%s: %s", path[p], e.text);
            cr_assert_eq(size, BYTES, "%s, %zu at a time: %zu bytes", path[p], step[k], size);
            cr_assert_eq(memcmp(out, text, BYTES), 0, "%s, %zu at a time", path[p], step[k]);
        }
    free(out);
    free(text);
}

Test(source, damage_is_told)
{
    char *text = make_plain(), *out = malloc(3 * (size_t)BYTES);
    append_xz("plain.xz", text, 0, BYTES);
    free(text);
    shell("gzip -k plain && head -c 5000 plain.gz >cut && head -c 5000 plain.xz >cutx && "
          "head -c 5 plain.gz >head && head -c 5000 plain.gz >hurt && head -c 600 /dev/zero >>hurt && "
          "tail -c +5601 plain.gz >>hurt && head -c 5000 plain.xz >hurtx && head -c 600 /dev/zero >>hurtx && "
          "tail -c +5601 plain.xz >>hurtx && cp plain.gz tail && printf junk >>tail && "
          "printf 'PK\\003\\004rest' >zip && printf 'BZh91AY' >bz && printf 'Rar!x' >rar");
    static const struct {
        const char *path, *says;
    } cases[] = {
        {"cut", "cut: the packed file ends before its end"},
        {"cutx", "cutx: the packed file ends before its end"},
        {"head", "head: the packed file ends before its end"},
        {"hurt", "hurt: the gzip data is damaged"},
        {"hurtx", "hurtx: the xz data is damaged"},
        {"tail", "tail: the gzip data is damaged"},
        {"zip", "zip: is a zip archive"},
        {"bz", "bz: is compressed by bzip2"},
        {"rar", "rar: is a rar archive"},
        {"none", "none: cannot be opened"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct alm_err e = {0};
        size_t size;
        cr_assert_eq(read_all(cases[i].path, 65536, out, &size, &e), ALM_EDATA, "%s was accepted", cases[i].path);
        cr_assert(strstr(e.text, cases[i].says), "%s: %s", cases[i].path, e.text);
    }
    free(out);
}

Test(source, an_empty_file_is_no_bytes)
{
    shell(": >empty && gzip -c empty >empty.gz");
    append_xz("empty.xz", "", 0, 0);
    char out[16];
    static const char *const path[] = {"empty", "empty.gz", "empty.xz"};
    for (size_t i = 0; i < 3; i++) {
        struct alm_err e = {0};
        size_t size;
        struct alm_source *s;
        GOOD(alm_source_open(path[i], &s, &e));
        GOOD(alm_source_read(s, out, sizeof out, &size, &e));
        cr_assert_eq(size, 0, "%s", path[i]);
        alm_source_close(s);
    }
}
