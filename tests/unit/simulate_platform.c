/* SPDX-License-Identifier: GPL-3.0-or-later
 * simulate_platform: are the tables of invocations and machines, and the rows of CSV, to the letter what people read?
 *
 * Choice.   cmd/ is no library, so the file under test is taken in. */
#include "cmd/simulate_platform.c"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define S ALM_SECOND

/* 640 executions of two classes, one a second, of one second each, every fourth waits a quarter second before; every tenth
 * is refused. Two machines. */
static void make(struct simulation_result *r, bool machines, uint32_t classes)
{
    struct alm_err e = {0};
    *r = (struct simulation_result){.units = 1};
    cr_assert_eq(executions_new(1, 0, machines ? 4 : NAN, &r->executions, &e), ALM_OK);
    struct alm_observer o = executions_observer(r->executions);
    for (int k = 0; k < 640; k++) {
        struct alm_execution x = {.id = (uint64_t)k, .arrival = k * S, .start = k * S + (k % 4 ? 0 : S / 4)};
        struct alm_execution_account a = {.alone = 1, .servers = 1, .class = (uint32_t)k % classes};
        x.finish = x.start + S;
        if (k % 10 == 9) {
            x = (struct alm_execution){
                .id = (uint64_t)k, .end = ALM_END_REFUSED, .arrival = k * S, .start = ALM_TIME_NONE};
            x.finish = x.arrival;
            a.servers = 0;
        }
        cr_assert_eq(o.executions(o.ctx, &x, &a, 1, &e), ALM_OK);
    }
    executions_finish(r->executions, 640 * S);
    if (!machines)
        return;
    const struct alm_machine two[] = {{.cores = 2, .memory = 1e9}, {.cores = 2, .memory = 1e9}};
    const struct alm_machine_sample sample[] = {{.at = 10 * S,
                                                 .span = 10 * S,
                                                 .machine = 0,
                                                 .units = 3,
                                                 .usage = {15000000, 500000000},
                                                 .some_us = {250000, 0, 1000}},
                                                {.at = 10 * S, .span = 10 * S, .machine = 1}};
    cr_assert_eq(machine_series_new(two, 2, 0, &r->machines, &e), ALM_OK);
    o = machine_series_observer(r->machines);
    cr_assert_eq(o.machines(o.ctx, sample, 2, &e), ALM_OK);
}

/* What PRINT writes of R; R is released. */
static char *printed(void (*print)(const struct simulation_result *r, FILE *out), struct simulation_result *r)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    cr_assert(out);
    print(r, out);
    fclose(out);
    simulation_result_free(r);
    return text;
}

static void expect(char *got, const char *want)
{
    cr_assert_str_eq(got, want, "\n%s", got);
    free(got);
}

Test(simulate_platform, nothing_where_there_is_nothing)
{
    struct simulation_result r = {0};
    expect(printed(simulate_platform_text, &r), "");
    expect(printed(simulate_platform_csv, &r), "");
}

Test(simulate_platform, a_table_for_people)
{
    struct simulation_result r;
    make(&r, true, 1);
    static const char want[] = "\n"
                               "                                                     invocations\n"
                               "invocations that ended                                       640\n"
                               "still in the system at the end                                 0\n"
                               "done per second                          0.9000 [0.8971, 0.9029]\n"
                               "response, mean                                           1.069 s\n"
                               "response, 50 % within                                     1.00 s\n"
                               "response, 95 % within                                     1.25 s\n"
                               "response, 99 % within                                     1.25 s\n"
                               "wait before the start, mean                             69.44 ms\n"
                               "slowdown, mean                                             1.069\n"
                               "slowdown, 95 % within                                       1.25\n"
                               "slowdown, 99 % within                                       1.25\n"
                               "in the system, mean                      0.9625 [0.9594, 0.9656]\n"
                               "cores busy, mean                         0.9000 [0.8971, 0.9029]\n"
                               "utilisation                               22.50 % [22.43, 22.57]\n"
                               "refused                                                  10.00 %\n"
                               "gave up or ran too long                                   0.00 %\n"
                               "failed                                                    0.00 %\n"
                               "cold starts                                               0.00 %\n"
                               "intervals: 95 %, 32 batch means\n"
                               "\n"
                               "                                                        machines\n"
                               "machines, at most in use                                    2, 1\n"
                               "units placed, mean                                          3.00\n"
                               "units per machine in use                                    3.00\n"
                               "CPU in use, mean and p95                        37.50 %, 75.00 %\n"
                               "memory in use, mean and p95                     25.00 %, 50.00 %\n"
                               "time short of CPU                                         1.25 %\n"
                               "time short of memory                                      0.00 %\n"
                               "time short of I/O                                         0.00 %\n";
    expect(printed(simulate_platform_text, &r), want);
}

Test(simulate_platform, classes_side_by_side)
{
    struct simulation_result r;
    make(&r, false, 2);
    char *text = printed(simulate_platform_text, &r);
    cr_assert(strstr(text, "class 0"), "%s", text);
    cr_assert(strstr(text, "class 1"), "%s", text);
    free(text);
    make(&r, false, 9);
    text = printed(simulate_platform_text, &r);
    cr_assert(strstr(text, "9 classes; --format json has all of them"), "%s", text);
    free(text);
}

Test(simulate_platform, rows_for_programs)
{
    struct simulation_result r;
    make(&r, true, 2);
    char *text = printed(simulate_platform_csv, &r);
    static const char *const rows[] = {"\ninvocations,refused_share,0.1\n",       "\ninvocations,utilisation,0.225\n",
                                       "\ninvocations.class.0,count,320\n",       "\nmachines,machines,2\n",
                                       "\nmachines,cpu_utilisation_mean,0.375\n", "\nmachines,density,3\n"};
    cr_assert_eq(strncmp(text, "invocations,count,640\n", 22), 0, "%s", text);
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        cr_assert(strstr(text, rows[k]), "%s is not in\n%s", rows[k], text);
    free(text);
}
