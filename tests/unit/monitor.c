/* SPDX-License-Identifier: GPL-3.0-or-later
 * Doubts, of what importers of monitoring data share: does a counter that begins again, is late or has a gap invent use?
 * Do values of one unit and time meet, each once, even when rows do not fit in memory? Are names, numbers and times in
 * JSON read for what they are? */
#include "traces/formats/monitor.h"
#include "memory_sink.h"
#include "scratch.h"
#include "traces/formats/resource_words.h"

#include <inttypes.h>

TestSuite(monitor, .init = scratch_enter, .fini = scratch_leave);

/* Readings as {seconds, value, state, rate, amount}. */
Test(monitor, counters)
{
    static const struct {
        double at, value;
        enum alm_counter_state state;
        double rate, amount;
    } step[] = {
        {100, 50, ALM_COUNTER_FIRST, 0, 0},     {110, 70, ALM_COUNTER_ROSE, 2, 20},
        {110, 80, ALM_COUNTER_BACKWARD, 0, 0},  {105, 60, ALM_COUNTER_BACKWARD, 0, 0},
        {120, 70, ALM_COUNTER_ROSE, 0, 0},      {130, 30, ALM_COUNTER_RESET, 3, 30},
        {134, 30, ALM_COUNTER_ROSE, 0, 0},      {140, 36, ALM_COUNTER_ROSE, 1, 6}, /* 6 s after 4 s is not late */
        {152, 60, ALM_COUNTER_ROSE, 2, 12},     /* 12 s after 6 s is: one reading was lost, and 24 are of two spans */
        {188, 96, ALM_COUNTER_ROSE, 1, 12},     /* 3 times the span before is the most */
        {296.001, 99, ALM_COUNTER_GAP, 0, 0},   /* a little more is a gap */
        {306.001, 109, ALM_COUNTER_ROSE, 1, 10} /* and it goes on after it */
    };
    struct alm_counter c = {0};
    for (size_t i = 0; i < sizeof step / sizeof *step; i++) {
        struct alm_rise rise = {-1, -1};
        enum alm_counter_state state = alm_counter_take(&c, (alm_time)(step[i].at * 1e9), step[i].value, &rise);
        cr_assert_eq(state, step[i].state, "reading %zu: state %d", i, (int)state);
        cr_assert_eq(alm_counter_remark(state) == NULL, state == ALM_COUNTER_ROSE || state == ALM_COUNTER_FIRST);
        if (state != ALM_COUNTER_ROSE && state != ALM_COUNTER_RESET)
            continue;
        cr_expect_float_eq(rise.rate, step[i].rate, 1e-12, "reading %zu: rate %g", i, rise.rate);
        cr_expect_float_eq(rise.amount, step[i].amount, 1e-9, "reading %zu: amount %g", i, rise.amount);
    }
}

Test(monitor, counters_at_the_ends_of_time)
{
    struct alm_counter c = {0};
    struct alm_rise rise;
    cr_expect_eq(alm_counter_take(&c, INT64_MIN + 1, 0, &rise), ALM_COUNTER_FIRST);
    cr_expect_eq(alm_counter_take(&c, INT64_MAX, 1, &rise), ALM_COUNTER_GAP);
    c = (struct alm_counter){0};
    cr_expect_eq(alm_counter_take(&c, 0, 0, &rise), ALM_COUNTER_FIRST);
    cr_expect_eq(alm_counter_take(&c, INT64_MAX / 3, 1, &rise), ALM_COUNTER_ROSE);
    cr_expect_eq(alm_counter_take(&c, INT64_MAX, 2, &rise), ALM_COUNTER_ROSE);
}

/* ---- rows that meet ---- */

static int put(struct alm_meet *m, uint32_t unit, alm_time at, enum alm_resource r, double value, bool add,
               uint64_t place, struct alm_err *e)
{
    const struct alm_meet_value v = {unit, at, r, add, value, place};
    return alm_meet_put(m, &v, e);
}

/* Cpu of all, later memory of all; memory adds up of two parts; and a second value of cpu comes too late. */
static int put_all(struct alm_meet *m, int units, int times, struct alm_err *e)
{
    for (int pass = 0; pass < 4; pass++)
        for (int t = times; t-- > 0;)
            for (int u = 0; u < units; u++) {
                bool memory = pass == 1 || pass == 2;
                int code = put(m, (uint32_t)u, t, memory ? ALM_MEMORY : ALM_CPU, u * 1000 + t + pass, memory,
                               (uint64_t)(1000 * pass + u), e);
                if (code < 0)
                    return code;
            }
    return ALM_OK;
}

enum { UNITS = 13, TIMES = 9 };

/* Each row once, whatever their order. */
static void check_all(const struct memory_sink *sink, bool ordered, size_t most)
{
    bool seen[UNITS * TIMES] = {false};
    cr_assert_eq(sink->rows, UNITS * TIMES, "%zu rows with room for %zu", sink->rows, most);
    for (size_t i = 0; i < sink->rows; i++) {
        const struct memory_row *r = &sink->row[i];
        size_t number = r->unit * TIMES + (size_t)r->row.at;
        double first = (double)(r->unit * 1000) + (double)r->row.at;
        cr_assert_lt(number, UNITS * TIMES);
        cr_assert_not(seen[number]);
        seen[number] = true;
        cr_assert(!ordered || number == i);
        cr_assert_eq(r->row.value[ALM_CPU], first, "with room for %zu", most);
        cr_assert_eq(r->row.value[ALM_MEMORY], 2 * first + 3, "with room for %zu", most);
        cr_assert(isnan(r->row.value[ALM_NET_TX]));
    }
}

Test(monitor, rows_meet_in_little_memory)
{
    for (size_t most = 1; most <= UNITS * TIMES + 1; most += 4) {
        struct memory_sink sink;
        struct alm_meet *m;
        struct alm_batch *b;
        struct alm_err e = {0};
        uint32_t unit;
        uint64_t place;
        bool repaired;
        memory_sink_init(&sink);
        GOOD(alm_batch_open(&sink.sink, &b, &e));
        for (int u = 0; u < UNITS; u++) {
            char name[2] = {(char)('a' + u), 0};
            GOOD(alm_batch_unit(b, name, 1, 0, 0, &unit, NULL, &repaired, &e));
        }
        GOOD(alm_meet_open(most, &m, &e));
        GOOD(put_all(m, UNITS, TIMES, &e));
        GOOD(alm_meet_flush(m, b, &e));
        GOOD(alm_batch_flush(b, &e));
        check_all(&sink, most >= UNITS * TIMES, most);
        cr_expect_eq(alm_meet_left(m, &place), UNITS * TIMES);
        cr_expect_eq(place, 3000);
        alm_meet_close(m);
        alm_batch_close(b);
        memory_sink_free(&sink);
    }
}

Test(monitor, no_folder_for_rows_that_do_not_fit)
{
    struct alm_meet *m;
    struct alm_err e = {0};
    cr_assert_eq(setenv("TMPDIR", "/nowhere/at all", 1), 0);
    GOOD(alm_meet_open(8, &m, &e));
    cr_expect_eq(put_all(m, 2, 9, &e), ALM_EIO);
    cr_expect(strstr(e.text, "/nowhere/at all: ") && strstr(e.text, "TMPDIR"), "%s", e.text);
    alm_meet_close(m);
}

Test(monitor, parts_add_up_and_others_count_once)
{
    struct alm_meet *m;
    struct alm_err e = {0};
    uint64_t place;
    GOOD(alm_meet_open(8, &m, &e));
    GOOD(put(m, 0, 5, ALM_CPU, 1, true, 1, &e));
    GOOD(put(m, 0, 5, ALM_CPU, 2, true, 2, &e));
    GOOD(put(m, 0, 5, ALM_MEMORY, 1, false, 3, &e));
    GOOD(put(m, 0, 5, ALM_MEMORY, 2, false, 4, &e));
    struct memory_sink sink;
    struct alm_batch *b;
    memory_sink_init(&sink);
    GOOD(alm_batch_open(&sink.sink, &b, &e));
    GOOD(alm_meet_flush(m, b, &e));
    GOOD(alm_batch_flush(b, &e));
    cr_assert_eq(sink.rows, 1);
    cr_expect_eq(sink.row[0].row.value[ALM_CPU], 3);
    cr_expect_eq(sink.row[0].row.value[ALM_MEMORY], 1);
    cr_expect_eq(alm_meet_left(m, &place), 1);
    cr_expect_eq(place, 4);
    alm_meet_close(m);
    alm_batch_close(b);
    memory_sink_free(&sink);
}

/* ---- files whose rows do not fit in memory ---- */

static int take(struct alm_monitor *m, const json_t *element, struct alm_err *e)
{
    struct alm_counter *c;
    uint32_t unit;
    double at, v;
    cr_assert_eq(alm_json_number(json_object_get(element, "t"), &at), ALM_NUMBER_OK);
    cr_assert_eq(alm_json_number(json_object_get(element, "v"), &v), ALM_NUMBER_OK);
    ALM_TRY(alm_monitor_unit(m, alm_json_text(element, "u"), (double)NAN, (double)NAN, &unit, e));
    ALM_TRY(alm_monitor_counter(m, unit, "cpu", &c, e));
    ALM_TRY(alm_monitor_count(m, c, unit, (alm_time)at * ALM_SECOND, ALM_CPU, v, e));
    return alm_monitor_put(m, unit, (alm_time)at * ALM_SECOND, ALM_MEMORY, v, false, e);
}

static int read_file(struct alm_monitor *m, const char *path, struct alm_err *e)
{
    return alm_monitor_json(m, path, "", take, NULL, e);
}

Test(monitor, the_report_is_the_same_with_little_memory)
{
    enum { FEW = 5, STAMPS = 6 };
    FILE *f = fopen("j", "wb");
    cr_assert_not_null(f);
    for (int t = 0; t < STAMPS; t++)
        for (int u = 0; u < FEW; u++)
            fprintf(f, "{\"t\": %d, \"v\": \"%d\", \"u\": \"%c\"}\n", t, t == 3 ? 0 : 10 * t * u, 'a' + u);
    fputs("{\"t\": 2, \"v\": 7, \"u\": \"b\"}\n", f);
    cr_assert_eq(fclose(f), 0);
    static const size_t most[] = {0, STAMPS};
    for (size_t k = 0; k < 2; k++) {
        struct memory_sink sink;
        struct alm_err e = {0};
        const char *path = "j";
        memory_sink_init(&sink);
        struct alm_monitor m = {.sink = &sink.sink, .rows_most = most[k], .read = read_file};
        GOOD(alm_monitor_run(&m, &path, 1, &e));
        cr_expect_eq(sink.report.read, FEW * STAMPS + 1, "%" PRIu64 " read", sink.report.read);
        cr_expect_eq(sink.report.files, 1);
        cr_assert_eq(sink.rows, FEW * STAMPS, "%zu rows", sink.rows);
        cr_assert_eq(sink.report.reasons, 3);
        cr_expect_eq(sink.report.reason[0].count, FEW - 1, "resets"); /* the first unit stays at 0 */
        cr_expect_str_eq(sink.report.reason[0].where, "j:17");
        cr_expect_str_eq(sink.report.reason[1].where, "j:31"); /* the counter, then the memory */
        cr_expect_str_eq(sink.report.reason[2].where, "j:31");
        cr_expect_eq(sink.report.reason[2].count, 1);
        const struct alm_trace_row *row = NULL;
        for (size_t i = 0; i < sink.rows; i++)
            if (sink.row[i].unit == 4 && sink.row[i].row.at == 2 * ALM_SECOND)
                row = &sink.row[i].row;
        cr_assert_not_null(row);
        cr_expect_eq(row->value[ALM_CPU], 40);
        cr_expect_eq(row->value[ALM_MEMORY], 80);
        memory_sink_free(&sink);
    }
}

/* ---- words, numbers, times ---- */

Test(monitor, resources_by_words)
{
    static const struct {
        const char *text;
        int want;
    } cases[] = {
        {"ec2_cpu_utilization_24ae8d", ALM_CPU},
        {"CPUUtilization", ALM_CPU},
        {"container_cpu_usage_seconds_total", ALM_CPU},
        {"mem_used_percent", ALM_MEMORY},
        {"MemoryUtilization", ALM_MEMORY},
        {"ec2_network_in_257a54", ALM_NET_RX},
        {"NetworkOut", ALM_NET_TX},
        {"iio_us-east-1_i-a2eb1cd9_NetworkIn", ALM_NET_RX},
        {"net_rx", ALM_NET_RX},
        {"ec2_disk_write_bytes_1ef3de", ALM_IO_WRITE},
        {"EBSReadBytes", ALM_IO_READ},
        {"DiskReadOps", ALM_WORDS_OTHER},
        {"NetworkPacketsIn", ALM_WORDS_OTHER},
        {"CPUCreditBalance", ALM_WORDS_OTHER},
        {"elb_request_count_8c0756", ALM_WORDS_OTHER},
        {"ec2_request_latency_system_failure", ALM_WORDS_OTHER},
        {"mem_available_percent", ALM_WORDS_OTHER},
        {"network", ALM_WORDS_NOTHING},
        {"disk", ALM_WORDS_NOTHING},
        {"memorial", ALM_WORDS_NOTHING},
        {"grok_asg_anomaly", ALM_WORDS_NOTHING},
        {"", ALM_WORDS_NOTHING},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(alm_resource_of_words(cases[i].text, strlen(cases[i].text)), cases[i].want, "%s: %d",
                     cases[i].text, alm_resource_of_words(cases[i].text, strlen(cases[i].text)));
}

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *j = json_loads(text, JSON_DECODE_ANY, &error);
    cr_assert_not_null(j, "%s: %s", text, error.text);
    return j;
}

Test(monitor, numbers_in_json)
{
    static const struct {
        const char *text;
        enum alm_number status;
        double want;
    } cases[] = {{"5", ALM_NUMBER_OK, 5},         {"-2.5", ALM_NUMBER_OK, -2.5},    {"\"1e3\"", ALM_NUMBER_OK, 1000},
                 {"\"NaN\"", ALM_NUMBER_NONE, 0}, {"\"+Inf\"", ALM_NUMBER_NONE, 0}, {"\"1e999\"", ALM_NUMBER_LARGE, 0},
                 {"null", ALM_NUMBER_NONE, 0},    {"[1]", ALM_NUMBER_NONE, 0},      {"\"5 \"", ALM_NUMBER_NONE, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *j = parse(cases[i].text);
        double v = 0;
        cr_expect_eq(alm_json_number(j, &v), cases[i].status, "%s", cases[i].text);
        cr_expect_eq(v, cases[i].want, "%s: %g", cases[i].text, v);
        json_decref(j);
    }
    double v;
    cr_expect_eq(alm_json_number(NULL, &v), ALM_NUMBER_NONE);
}

Test(monitor, times_in_json)
{
    static const struct {
        const char *text;
        enum alm_time_format format;
        enum alm_number status;
        alm_time want;
    } cases[] = {
        {"1435781430.781", ALM_TIME_S, ALM_NUMBER_OK, 1435781430781000000},
        {"1435781430", ALM_TIME_S, ALM_NUMBER_OK, 1435781430000000000},
        {"\"600000001\"", ALM_TIME_US, ALM_NUMBER_OK, 600000001000},
        {"9223372036854775807", ALM_TIME_US, ALM_NUMBER_LARGE, 0},
        {"\"9223372036854775807\"", ALM_TIME_US, ALM_NUMBER_LARGE, 0},
        {"1e300", ALM_TIME_S, ALM_NUMBER_LARGE, 0},
        {"-1e300", ALM_TIME_NS, ALM_NUMBER_LARGE, 0},
        {"9223372036.9", ALM_TIME_S, ALM_NUMBER_LARGE, 0},
        {"\"1970-01-01T00:00:01.5Z\"", ALM_TIME_ISO, ALM_NUMBER_OK, 1500000000},
        {"1", ALM_TIME_ISO, ALM_NUMBER_NONE, 0},
        {"true", ALM_TIME_S, ALM_NUMBER_NONE, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *j = parse(cases[i].text);
        alm_time t = 0;
        cr_expect_eq(alm_json_time(j, cases[i].format, &t), cases[i].status, "%s", cases[i].text);
        cr_expect_eq(t, cases[i].want, "%s: %" PRId64, cases[i].text, t);
        json_decref(j);
    }
}

Test(monitor, members_by_path)
{
    json_t *j = parse("{\"a\": {\"b\": {\"c\": \"x\"}, \"d\": 5}}");
    struct alm_field text = alm_json_text(j, "a.b.c");
    cr_expect(text.size == 1 && text.at[0] == 'x');
    cr_expect_eq(alm_json_text(j, "a.d").size, 0);
    cr_expect_eq(json_integer_value(alm_json_at(j, "a.d")), 5);
    cr_expect_null(alm_json_at(j, "a.b.c.d"));
    cr_expect_null(alm_json_at(j, "a.x"));
    cr_expect_null(alm_json_at(NULL, "a"));
    json_decref(j);
}
