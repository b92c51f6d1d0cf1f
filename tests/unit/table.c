/* SPDX-License-Identifier: GPL-3.0-or-later
 * table: does a columnar file give back what went in, appear whole or not at all, and refuse what is not ours? */
#include "almanac/table.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(table, .init = scratch_enter, .fini = scratch_leave);

static struct alm_column *column(struct alm_table *t, const char *path, enum alm_column_type type, bool shuffle)
{
    struct alm_err e = {0};
    struct alm_column *c = NULL;
    const struct alm_column_spec spec = {
        .path = path, .type = type, .dimension = "/g/row", .unit = "1", .shuffle = shuffle, .fill = true};
    GOOD(alm_column_create(t, &spec, &c, &e));
    return c;
}

/* ROWS rows of every type, whose values are functions of the row. STEP rows an append. */
static void write_all_types(const char *path, size_t rows, size_t step)
{
    struct alm_err e = {0};
    struct alm_table *t = NULL;
    GOOD(alm_table_create(path, "test/1", "a title", &t, &e));
    struct alm_column *i64 = column(t, "/g/i64", ALM_COL_I64, true), *f64 = column(t, "/g/f64", ALM_COL_F64, false),
                      *u32 = column(t, "/g/u32", ALM_COL_U32, true), *u8 = column(t, "/g/u8", ALM_COL_U8, false),
                      *text = column(t, "/g/text", ALM_COL_TEXT, false);
    for (size_t i = 0; i < rows; i += step)
        for (size_t k = i; k < i + step && k < rows; k++) {
            int64_t a = k % 7 ? -(int64_t)k * 1000003 : INT64_MIN;
            double b = k % 11 ? (double)k / 3 : (double)NAN;
            uint32_t c = (uint32_t)k * 2654435761u;
            uint8_t d = (uint8_t)k;
            char word[32];
            snprintf(word, sizeof word, "µ-%zu", k);
            word[k % 5 ? strlen(word) : 0] = '\0';
            const char *words = word;
            GOOD(alm_column_append(i64, &a, 1, &e));
            GOOD(alm_column_append(f64, &b, 1, &e));
            GOOD(alm_column_append(u32, &c, 1, &e));
            GOOD(alm_column_append(u8, &d, 1, &e));
            GOOD(alm_column_append(text, &words, 1, &e));
        }
    GOOD(alm_table_commit(t, &e));
    alm_table_close(t);
}

static void check_all_types(const char *path, size_t rows)
{
    struct alm_err e = {0};
    struct alm_table *t = NULL;
    struct alm_column *i64, *f64, *u32, *u8, *text;
    GOOD(alm_table_open(path, "test/", &t, &e));
    GOOD(alm_column_open(t, "/g/i64", ALM_COL_I64, &i64, &e));
    GOOD(alm_column_open(t, "/g/f64", ALM_COL_F64, &f64, &e));
    GOOD(alm_column_open(t, "/g/u32", ALM_COL_U32, &u32, &e));
    GOOD(alm_column_open(t, "/g/u8", ALM_COL_U8, &u8, &e));
    GOOD(alm_column_open(t, "/g/text", ALM_COL_TEXT, &text, &e));
    cr_assert_eq(alm_column_length(text), rows);
    for (size_t k = 0; k < rows; k += 997) { /* steps that straddle chunks */
        size_t n = rows - k < 3 ? rows - k : 3;
        int64_t a[3];
        double b[3];
        uint32_t c[3];
        uint8_t d[3];
        char *w[3];
        GOOD(alm_column_read(i64, k, n, a, &e));
        GOOD(alm_column_read(f64, k, n, b, &e));
        GOOD(alm_column_read(u32, k, n, c, &e));
        GOOD(alm_column_read(u8, k, n, d, &e));
        GOOD(alm_column_read(text, k, n, w, &e));
        for (size_t i = 0; i < n; i++) {
            char word[32];
            snprintf(word, sizeof word, "µ-%zu", k + i);
            word[(k + i) % 5 ? strlen(word) : 0] = '\0';
            cr_assert_eq(a[i], (k + i) % 7 ? -(int64_t)(k + i) * 1000003 : INT64_MIN);
            cr_assert((k + i) % 11 ? b[i] == (double)(k + i) / 3 : isnan(b[i]));
            cr_assert_eq(c[i], (uint32_t)(k + i) * 2654435761u);
            cr_assert_eq(d[i], (uint8_t)(k + i));
            cr_assert_str_eq(w[i], word);
            free(w[i]);
        }
    }
    int64_t beyond[2];
    cr_assert_eq(alm_column_read(i64, rows, 1, beyond, &e), ALM_EINVAL);
    cr_assert_eq(alm_column_read(i64, UINT64_MAX, 2, beyond, &e), ALM_EINVAL);
    alm_table_close(t);
}

Test(table, every_type_comes_back)
{
    write_all_types("a.h5", 40001, 1000);
    check_all_types("a.h5", 40001);
    cr_assert_eq(scratch_files(), 1);
}

Test(table, empty_and_single_columns_come_back)
{
    write_all_types("none.h5", 0, 1);
    check_all_types("none.h5", 0);
    write_all_types("one.h5", 1, 1);
    check_all_types("one.h5", 1);
}

Test(table, equal_content_is_equal_bytes)
{
    char first[65], second[65];
    struct alm_err e = {0};
    write_all_types("a.h5", 20000, 1);
    sleep(1); /* a time stamp would differ by now */
    write_all_types("longer-name.h5", 20000, 777);
    GOOD(alm_file_sha256("a.h5", first, &e));
    GOOD(alm_file_sha256("longer-name.h5", second, &e));
    cr_assert_str_eq(first, second);
}

Test(table, sha256_is_that_of_the_standard)
{
    char digest[65];
    struct alm_err e = {0};
    FILE *f = fopen("abc", "w");
    fputs("abc", f);
    fclose(f);
    GOOD(alm_file_sha256("abc", digest, &e));
    cr_assert_str_eq(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); /* FIPS 180-2, B.1 */
    cr_assert_eq(alm_file_sha256("nowhere", digest, &e), ALM_EDATA);
}

Test(table, attributes_of_any_length_come_back)
{
    struct alm_err e = {0};
    struct alm_table *t = NULL;
    size_t size = 300000;
    char *big = malloc(size + 1), *back = NULL;
    int64_t whole = 0;
    double real = 0;
    memset(big, 'x', size);
    big[size] = '\0';
    GOOD(alm_table_create("a.h5", "test/1", "t", &t, &e));
    column(t, "/g/a", ALM_COL_I64, false);
    GOOD(alm_table_set_text(t, "/", "config", big, &e));
    GOOD(alm_table_set_text(t, "/", "replaced", "old", &e));
    GOOD(alm_table_set_text(t, "/", "replaced", "né", &e));
    GOOD(alm_table_set_text(t, "/g/a", "empty", "", &e));
    GOOD(alm_table_set_int(t, "/g", "whole", INT64_MIN + 1, &e));
    GOOD(alm_table_set_real(t, "/g/a", "real", 0.1, &e));
    cr_assert_eq(alm_table_set_int(t, "/nowhere", "x", 1, &e), ALM_EINVAL);
    GOOD(alm_table_commit(t, &e));
    alm_table_close(t);
    GOOD(alm_table_open("a.h5", "test/1", &t, &e));
    cr_assert_str_eq(alm_table_format(t), "test/1");
    GOOD(alm_table_get_text(t, "/", "config", &back, &e));
    cr_assert_str_eq(back, big);
    free(back);
    GOOD(alm_table_get_text(t, "/", "replaced", &back, &e));
    cr_assert_str_eq(back, "né");
    free(back);
    GOOD(alm_table_get_text(t, "/g/a", "empty", &back, &e));
    cr_assert_str_eq(back, "");
    free(back);
    GOOD(alm_table_get_int(t, "/g", "whole", &whole, &e));
    cr_assert_eq(whole, INT64_MIN + 1);
    GOOD(alm_table_get_real(t, "/g/a", "real", &real, &e));
    cr_assert_eq(real, 0.1);
    cr_assert_eq(alm_table_get_text(t, "/", "absent", &back, &e), ALM_NOT_YET);
    cr_assert_eq(alm_table_get_text(t, "/absent", "absent", &back, &e), ALM_NOT_YET);
    cr_assert_eq(alm_table_get_int(t, "/", "config", &whole, &e), ALM_EDATA);
    alm_table_close(t);
    free(big);
}

static int collect(void *ctx, const char *path, struct alm_err *e)
{
    (void)e;
    strcat(ctx, path);
    strcat(ctx, " ");
    return 0;
}

Test(table, columns_are_listed_by_name_without_bare_dimensions)
{
    struct alm_err e = {0};
    struct alm_table *t = NULL;
    char seen[200] = "";
    enum alm_column_type type = ALM_COL_I64;
    write_all_types("a.h5", 3, 1);
    GOOD(alm_table_open("a.h5", NULL, &t, &e));
    GOOD(alm_table_columns(t, collect, seen, &e));
    cr_assert_str_eq(seen, "/g/f64 /g/i64 /g/text /g/u32 /g/u8 ");
    GOOD(alm_column_type(t, "/g/u32", &type, &e));
    cr_assert_eq(type, ALM_COL_U32);
    cr_assert_eq(alm_column_type(t, "/g/none", &type, &e), ALM_NOT_YET);
    cr_assert_eq(alm_column_type(t, "/g", &type, &e), ALM_EDATA);
    alm_table_close(t);
}

Test(table, what_is_not_committed_leaves_nothing)
{
    struct alm_err e = {0};
    struct alm_table *t = NULL;
    int64_t v = 1;
    GOOD(alm_table_create("a.h5", "test/1", NULL, &t, &e));
    GOOD(alm_column_append(column(t, "/g/a", ALM_COL_I64, false), &v, 1, &e));
    cr_assert_neq(access("a.h5", F_OK), 0, "the target must not exist before commit");
    alm_table_close(t);
    cr_assert_eq(scratch_files(), 0);
}

Test(table, an_aborted_write_keeps_the_old_file)
{
    struct alm_err e = {0};
    struct alm_table *t = NULL;
    write_all_types("a.h5", 10, 1);
    GOOD(alm_table_create("a.h5", "test/1", NULL, &t, &e));
    column(t, "/g/other", ALM_COL_I64, false);
    alm_table_close(t);
    check_all_types("a.h5", 10);
    cr_assert_eq(scratch_files(), 1);
}

Test(table, unequal_columns_of_a_dimension_are_refused)
{
    struct alm_err e = {0};
    struct alm_table *t = NULL;
    int64_t v[2] = {1, 2};
    GOOD(alm_table_create("a.h5", "test/1", NULL, &t, &e));
    GOOD(alm_column_append(column(t, "/g/a", ALM_COL_I64, false), v, 2, &e));
    GOOD(alm_column_append(column(t, "/g/b", ALM_COL_I64, false), v, 1, &e));
    cr_assert_eq(alm_table_commit(t, &e), ALM_EINVAL);
    cr_assert(strstr(e.text, "/g/b"), "%s", e.text);
    alm_table_close(t);
    cr_assert_eq(scratch_files(), 0);
}

static void shared_column(struct alm_table *t, const char *path, enum alm_column_type type, const char *dimension,
                          const void *values, size_t n)
{
    struct alm_err e = {0};
    struct alm_column *c = NULL;
    const struct alm_column_spec spec = {.path = path, .type = type, .dimension = dimension};
    GOOD(alm_column_create(t, &spec, &c, &e));
    GOOD(alm_column_append(c, values, n, &e));
}

/* A netCDF-4 group sees the dimensions of the groups above it: one that two groups share is the root's. */
Test(table, groups_may_share_a_dimension_of_the_root)
{
    struct alm_err e = {0};
    struct alm_table *t = NULL;
    const char *const word[] = {"x", ""};
    char seen[200] = "";
    GOOD(alm_table_create("a.h5", "test/1", NULL, &t, &e));
    shared_column(t, "/g/a", ALM_COL_I64, "/row", (int64_t[]){1, 2, 3}, 3);
    shared_column(t, "/h/b", ALM_COL_F64, "/row", (double[]){1, 2, 3}, 3);
    shared_column(t, "/h/words", ALM_COL_TEXT, "/h/words", word, 2); /* a column may be its own dimension */
    GOOD(alm_table_commit(t, &e));
    alm_table_close(t);
    GOOD(alm_table_open("a.h5", NULL, &t, &e));
    GOOD(alm_table_columns(t, collect, seen, &e));
    cr_expect_str_eq(seen, "/g/a /h/b /h/words ");
    alm_table_close(t);

    hid_t f = H5Fopen("a.h5", H5F_ACC_RDONLY, H5P_DEFAULT), row = H5Dopen2(f, "/row", H5P_DEFAULT);
    hid_t a = H5Dopen2(f, "/g/a", H5P_DEFAULT), b = H5Dopen2(f, "/h/b", H5P_DEFAULT);
    hid_t words = H5Dopen2(f, "/h/words", H5P_DEFAULT);
    cr_expect(H5DSis_scale(row) == 1 && H5DSis_scale(words) == 1);
    cr_expect(H5DSis_attached(a, row, 0) == 1 && H5DSis_attached(b, row, 0) == 1);
    cr_expect(H5DSget_num_scales(a, 0) == 1 && H5DSget_num_scales(b, 0) == 1);
    H5Dclose(words);
    H5Dclose(b);
    H5Dclose(a);
    H5Dclose(row);
    H5Fclose(f);

    GOOD(alm_table_create("b.h5", "test/1", NULL, &t, &e));
    shared_column(t, "/g/a", ALM_COL_I64, "/row", (int64_t[]){1, 2, 3}, 3);
    shared_column(t, "/h/b", ALM_COL_F64, "/row", (double[]){1, 2}, 2);
    cr_expect(alm_table_commit(t, &e) == ALM_EINVAL && strstr(e.text, "/h/b"), "%s", e.text);
    alm_table_close(t);
}

Test(table, places_that_cannot_be_written_are_named)
{
    struct alm_err e = {0};
    struct alm_table *t = NULL;
    cr_assert_eq(alm_table_create("nowhere/a.h5", "test/1", NULL, &t, &e), ALM_EINVAL);
    cr_assert(strstr(e.text, "nowhere/a.h5") && strstr(e.text, "No such file"), "%s", e.text);
    cr_assert_eq(alm_table_create("folder/", "test/1", NULL, &t, &e), ALM_EINVAL);
    cr_assert_eq(alm_table_create("/dev/null", "test/1", NULL, &t, &e), ALM_EINVAL);
    cr_assert_eq(mkdir("locked", 0500), 0);
    if (geteuid() != 0)
        cr_assert_eq(alm_table_create("locked/a.h5", "test/1", NULL, &t, &e), ALM_EINVAL);
}

/* Append noise until the system refuses; then everything must still be orderly. */
static void fill_up(const char *path)
{
    struct alm_err e = {0};
    struct alm_table *t = NULL;
    uint64_t state = 88172645463325252u;
    int64_t noise[4096];
    int rc = alm_table_create(path, "test/1", NULL, &t, &e);
    if (rc == 0) {
        struct alm_column *c = column(t, "/g/a", ALM_COL_I64, false);
        for (int i = 0; i < 1000 && rc == 0; i++) {
            for (size_t k = 0; k < 4096; k++) {
                state ^= state << 13, state ^= state >> 7, state ^= state << 17;
                noise[k] = (int64_t)state;
            }
            rc = alm_column_append(c, noise, 4096, &e);
        }
        if (rc == 0)
            rc = alm_table_commit(t, &e);
        else
            cr_expect_eq(alm_table_commit(t, &(struct alm_err){0}), ALM_EINVAL, "a broken file cannot be committed");
    }
    cr_expect_eq(rc, ALM_EIO, "%d %s", rc, e.text);
    cr_expect(strstr(e.text, path), "%s", e.text);
    alm_table_close(t);
    cr_expect_neq(access(path, F_OK), 0);
}

Test(table, a_full_disk_is_said_and_leaves_nothing)
{
    cr_assert_eq(mkdir("small", 0700), 0);
    if (mount("none", "small", "tmpfs", 0, "size=1m") != 0) {
        printf("SKIP: a small tmpfs cannot be mounted here\n");
        fflush(stdout);
        return;
    }
    fill_up("small/a.h5");
    FILE *f = popen("ls -A small | wc -l; du -s small | cut -f1", "r");
    int left = 9, blocks = 9;
    cr_expect_eq(fscanf(f, "%d %d", &left, &blocks), 2);
    pclose(f);
    cr_expect_eq(umount2("small", MNT_DETACH), 0);
    cr_expect_eq(left, 0);
    cr_expect_eq(blocks, 0, "%d kB are still held", blocks);
    write_all_types("after.h5", 100, 1); /* the library still works */
    check_all_types("after.h5", 100);
}

Test(table, a_file_size_limit_is_said_and_leaves_nothing)
{
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit, old;
    getrlimit(RLIMIT_FSIZE, &old);
    limit = old;
    limit.rlim_cur = 400000;
    setrlimit(RLIMIT_FSIZE, &limit);
    fill_up("a.h5");
    setrlimit(RLIMIT_FSIZE, &old);
    cr_assert_eq(scratch_files(), 0);
}

static void put_bytes(const char *path, const char *bytes, size_t n)
{
    FILE *f = fopen(path, "w");
    fwrite(bytes, 1, n, f);
    fclose(f);
}

static void refuse(const char *path, const char *format, const char *word)
{
    struct alm_err e = {0};
    struct alm_table *t = NULL;
    cr_expect_eq(alm_table_open(path, format, &t, &e), ALM_EDATA, "%s: %s", path, e.text);
    cr_expect(strstr(e.text, path) && strstr(e.text, word) && !strchr(e.text, '\n'), "%s", e.text);
    cr_expect_null(t);
    alm_table_close(t);
}

Test(table, what_is_not_ours_is_refused_by_name)
{
    refuse("missing.h5", NULL, "No such file");
    put_bytes("empty.h5", "", 0);
    refuse("empty.h5", NULL, "empty");
    put_bytes("text.h5", "time,unit,cpu\n1,a,0.5\n", 22);
    refuse("text.h5", NULL, "not an HDF5 file");
    mkdir("folder", 0700);
    refuse("folder", NULL, "not a regular file");
    hid_t f = H5Fcreate("foreign.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(f);
    refuse("foreign.h5", NULL, "another program");
    write_all_types("a.h5", 40000, 1);
    refuse("a.h5", "trace/", "format 'test/1'");
    cr_assert_eq(truncate("a.h5", 20000), 0);
    refuse("a.h5", NULL, "cut short or damaged");
    cr_assert_eq(truncate("a.h5", 8), 0);
    refuse("a.h5", NULL, "cut short or damaged");
}

/* A file of ours with objects that we would never write, made with HDF5 itself. */
static void make_hostile(void)
{
    struct alm_err e = {0};
    struct alm_table *t = NULL;
    GOOD(alm_table_create("h.h5", "test/1", NULL, &t, &e));
    column(t, "/g/a", ALM_COL_I64, false);
    GOOD(alm_table_commit(t, &e));
    alm_table_close(t);
    hid_t f = H5Fopen("h.h5", H5F_ACC_RDWR, H5P_DEFAULT), list = H5Pcreate(H5P_DATASET_CREATE), space, set;
    hsize_t two[2] = {2, 3}, huge = (hsize_t)1 << 60, chunk = 16384, big = 1 << 24;
    space = H5Screate_simple(2, two, NULL);
    H5Dclose(H5Dcreate2(f, "/g/flat", H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
    H5Pset_chunk(list, 1, &chunk);
    space = H5Screate_simple(1, &huge, NULL);
    set = H5Dcreate2(f, "/g/huge", H5T_STD_I64LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
    cr_assert(set >= 0);
    H5Dclose(set);
    H5Pset_chunk(list, 1, &big);
    set = H5Dcreate2(f, "/g/chunk", H5T_STD_I64LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
    H5Dclose(set);
    H5Sclose(space);
    space = H5Screate(H5S_SCALAR);
    H5Dclose(H5Dcreate2(f, "/g/scalar", H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
    H5Lcreate_soft("/nowhere", f, "/g/dangling", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/g", f, "/loop", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("/etc/passwd", "/x", f, "/g/external", H5P_DEFAULT, H5P_DEFAULT);
    H5Pclose(list);
    H5Fclose(f);
}

Test(table, columns_that_cannot_be_are_refused)
{
    static const char *const path[] = {"/g/flat",     "/g/huge",     "/g/chunk", "/g/scalar",
                                       "/g/dangling", "/g/external", "/loop/a",  "/g"};
    make_hostile();
    struct alm_err e = {0};
    struct alm_table *t = NULL;
    struct alm_column *c = NULL;
    GOOD(alm_table_open("h.h5", NULL, &t, &e));
    for (size_t i = 0; i < sizeof path / sizeof *path; i++) {
        cr_expect_eq(alm_column_open(t, path[i], ALM_COL_I64, &c, &e), ALM_EDATA, "%s", path[i]);
        cr_expect(strstr(e.text, "h.h5"), "%s", e.text);
    }
    cr_expect_eq(alm_column_open(t, "/g/a", ALM_COL_F64, &c, &e), ALM_EDATA);
    cr_expect(strstr(e.text, "64-bit integers where 64-bit reals"), "%s", e.text);
    cr_expect_eq(alm_column_open(t, "/g/none", ALM_COL_F64, &c, &e), ALM_NOT_YET);
    cr_expect_null(c);
    alm_table_close(t);
}

/* HDF5 1.10 loses what it had allocated when it finds a damaged header; that is not what is tested here. */
extern void __lsan_disable(void) __attribute__((weak));
extern void __lsan_enable(void) __attribute__((weak));

/* Whatever bit is wrong: a clear refusal or the right values, never a crash. Values of checked chunks never lie. */
Test(table, no_flipped_bit_crashes_the_reader)
{
    if (__lsan_disable) /* from the start: it hands memory on from one object to the next */
        __lsan_disable();
    write_all_types("a.h5", 3000, 1);
    struct stat st;
    stat("a.h5", &st);
    size_t size = (size_t)st.st_size, refused = 0, tried = 0;
    char *good = malloc(size);
    FILE *f = fopen("a.h5", "r");
    cr_assert_eq(fread(good, 1, size, f), size);
    fclose(f);
    for (size_t at = 0; at < size; at += at < 3000 ? 7 : 61, tried++) {
        good[at] ^= (char)(1 << (at % 8));
        put_bytes("b.h5", good, size);
        good[at] ^= (char)(1 << (at % 8));
        struct alm_err e = {0};
        struct alm_table *t = NULL;
        struct alm_column *c = NULL;
        char seen[4096] = "";
        int64_t v[3000];
        int rc = alm_table_open("b.h5", "test/", &t, &e);
        if (rc == 0)
            rc = alm_table_columns(t, collect, seen, &e);
        if (rc == 0 && (rc = alm_column_open(t, "/g/i64", ALM_COL_I64, &c, &e)) == 0 &&
            (rc = alm_column_read(c, 0, 3000, v, &e)) == 0)
            for (size_t k = 0; k < 3000; k++)
                cr_assert_eq(v[k], k % 7 ? -(int64_t)k * 1000003 : INT64_MIN, "byte %zu", at);
        char *w[100];
        if (rc == 0 && (rc = alm_column_open(t, "/g/text", ALM_COL_TEXT, &c, &e)) == 0)
            for (size_t k = 0; k < 3000 && rc == 0; k += 100)
                if ((rc = alm_column_read(c, k, 100, w, &e)) == 0)
                    for (size_t i = 0; i < 100; i++)
                        free(w[i]);
        refused += rc != 0;
        alm_table_close(t);
    }
    if (__lsan_enable)
        __lsan_enable();
    cr_assert_gt(refused, tried / 10);
    free(good);
}

struct reader {
    struct alm_column *c;
    uint64_t start;
    int wrong;
};

static void *read_around(void *arg)
{
    struct reader *r = arg;
    int64_t v[1000];
    struct alm_err e;
    uint64_t length = alm_column_length(r->c);
    for (uint64_t i = 0; i < 4000; i++) {
        uint64_t first = (r->start + i * 7919) % (length - 1000);
        if (alm_column_read(r->c, first, 1000, v, &e) != 0)
            r->wrong++;
        for (uint64_t k = 0; k < 1000; k++)
            r->wrong += v[k] != (int64_t)(first + k);
    }
    return NULL;
}

Test(table, threads_read_one_column_together)
{
    struct alm_err e = {0};
    struct alm_table *t = NULL;
    struct alm_column *c = NULL;
    GOOD(alm_table_create("a.h5", "test/1", NULL, &t, &e));
    c = column(t, "/g/a", ALM_COL_I64, true);
    for (int64_t v = 0; v < 2400000; v++) /* more blocks than the cache has slots */
        GOOD(alm_column_append(c, &v, 1, &e));
    GOOD(alm_table_commit(t, &e));
    alm_table_close(t);
    GOOD(alm_table_open("a.h5", NULL, &t, &e));
    GOOD(alm_column_open(t, "/g/a", ALM_COL_I64, &c, &e));
    struct reader reader[4] = {{c, 0, 0}, {c, 500000, 0}, {c, 1000000, 0}, {c, 1500000, 0}};
    pthread_t thread[4];
    for (size_t i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, read_around, &reader[i]);
    for (size_t i = 0; i < 4; i++) {
        pthread_join(thread[i], NULL);
        cr_expect_eq(reader[i].wrong, 0);
    }
    alm_table_close(t);
}
