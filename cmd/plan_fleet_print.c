/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan_fleet_print: the answer of `plan` as text and as CSV. */
#include "almanac/quantity.h"

#include "cmd/dump_rows.h"
#include "cmd/plan_fleet.h"
#include "cmd/trace_text.h"
#include "experiments/figure_script.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CELL 64
#define WIDE 26

typedef char cells[PLANNER_SIDES][CELL];

int64_t plan_today(const struct planner *p, uint32_t unit, int r)
{
    const struct planner_side *today = &p->side[PLANNER_TODAY];
    if (!today->there || !(today->limits.unit[unit].limited & ALM_BIT(r)))
        return ALM_NO_LIMIT;
    return today->limits.unit[unit].last.of[r];
}

double plan_change(const struct planner *p, uint32_t unit, int r)
{
    const struct planner_unit *u = &p->side[PLANNER_POLICY].limits.unit[unit];
    int64_t today = plan_today(p, unit, r);
    return today > 0 && (u->limited & ALM_BIT(r)) ? (double)u->last.of[r] / (double)today - 1 : NAN;
}

static void row(const char *label, cells c)
{
    printf("%-30s", label);
    for (int k = 0; k < PLANNER_SIDES; k++)
        printf(" %*s", WIDE, c[k]);
    putchar('\n');
}

/* "12.34 [11.20, 13.60]" in SCALE, with UNIT behind the first. */
static void put_estimate(char out[CELL], const struct estimate *x, double scale, const char *unit)
{
    if (isnan(x->value))
        snprintf(out, CELL, "-");
    else if (isnan(x->low))
        snprintf(out, CELL, "%.2f%s", x->value * scale, unit);
    else
        snprintf(out, CELL, "%.2f%s [%.2f, %.2f]", x->value * scale, unit, x->low * scale, x->high * scale);
}

static void put_peak(char out[CELL], const struct planner_need *n)
{
    if (n->too_large)
        snprintf(out, CELL, "%u (%zu do not fit)", n->peak, n->too_large);
    else
        snprintf(out, CELL, "%u", n->peak);
}

static void print_need(const struct plan_view *v, size_t m)
{
    enum { PEAK, LOW, P95, MEAN, AT, PRICE, ROWS };
    static const char *const label[ROWS] = {"  at the peak, packed",  "  at the peak, at the least",
                                            "  for 95 % of the time", "  on average",
                                            "  the peak is first at", "  price of the peak, all the time"};
    const struct planner_machine *machine = &v->q->machine[m];
    char memory[ALM_QUANTITY_TEXT], text[ROWS][PLANNER_SIDES][CELL];
    bool several = v->q->machines > 1;
    printf("%s: %g cores, %s%s\n", machine->name, machine->cores, alm_print_bytes((int64_t)machine->memory, memory),
           v->q->headroom > 0 ? ", less what is kept free" : "");
    for (int k = 0; k < PLANNER_SIDES; k++) {
        const struct planner_side *side = &v->p->side[k];
        for (int i = 0; i < ROWS; i++)
            snprintf(text[i][k], CELL, "-");
        if (!side->there)
            continue;
        const struct planner_need *n = &side->need[m];
        char when[40];
        alm_time at = v->calendar ? n->peak_at : n->peak_at - v->p->from;
        put_peak(text[PEAK][k], n);
        snprintf(text[LOW][k], CELL, "%u", n->peak_low);
        snprintf(text[P95][k], CELL, "%u", n->p95);
        snprintf(text[MEAN][k], CELL, "%.2f", n->mean);
        snprintf(text[AT][k], CELL, "%s", n->peak_at == ALM_TIME_NONE ? "-" : cmd_instant(at, v->calendar, when));
        snprintf(text[PRICE][k], CELL, "%.2f%s%s%s", side->price[m], v->currency[0] ? " " : "", v->currency,
                 several && side->best == m ? " (cheapest)" : "");
    }
    for (int i = 0; i < ROWS; i++)
        if (i != PRICE || !isnan(machine->price))
            row(label[i], text[i]);
}

static void print_use(const struct plan_view *v)
{
    static const char *const label[PLANNER_GOODS] = {"core-hours of limits", "GiB-hours of limits", "price of limits"};
    static const char *const saved[PLANNER_GOODS] = {"  saved against today", "  saved against today",
                                                     "  saved against today"};
    bool priced = v->q->prices.cpu > 0 || v->q->prices.memory > 0;
    for (int good = 0; good < PLANNER_GOODS; good++) {
        cells total, share, amount;
        if ((good == PLANNER_MONEY && !priced) ||
            (good < PLANNER_MONEY && !(v->p->resources & ALM_BIT(good == PLANNER_CORE_HOURS ? ALM_CPU : ALM_MEMORY))))
            continue;
        for (int k = 0; k < PLANNER_SIDES; k++) {
            const struct planner_side *side = &v->p->side[k];
            snprintf(total[k], CELL, "-");
            if (side->there)
                snprintf(total[k], CELL, "%.2f%s%s", side->total[good],
                         good == PLANNER_MONEY && v->currency[0] ? " " : "", good == PLANNER_MONEY ? v->currency : "");
            put_estimate(share[k], side->there ? &side->saving[good].share : &(struct estimate){NAN, NAN, NAN}, 100,
                         " %");
            put_estimate(amount[k], side->there ? &side->saving[good].amount : &(struct estimate){NAN, NAN, NAN}, 1,
                         "");
        }
        row(label[good], total);
        if (v->p->side[PLANNER_TODAY].there)
            row(saved[good], share);
        if (v->p->side[PLANNER_TODAY].there && good == PLANNER_MONEY)
            row("", amount);
    }
}

static void print_harm(const struct plan_view *v)
{
    enum { CPU, MEMORY, KILLS, THROTTLED, ROWS };
    static const char *const label[ROWS] = {"CPU wanted above the limit", "memory wanted above the limit",
                                            "OOM kills a unit-day", "hours throttled, all units"};
    static const int resource[ROWS] = {ALM_CPU, ALM_MEMORY, ALM_MEMORY, ALM_CPU};
    for (int i = 0; i < ROWS; i++) {
        cells c;
        if (!(v->p->resources & ALM_BIT(resource[i])))
            continue;
        for (int k = 0; k < PLANNER_SIDES; k++) {
            const struct planner_harm *h = &v->p->side[k].harm;
            const struct estimate *x[ROWS] = {&h->above[0], &h->above[1], &h->oom_kills_per_unit_day,
                                              &h->throttled_hours};
            if (v->p->side[k].there)
                put_estimate(c[k], x[i], i <= MEMORY ? 100 : 1, i <= MEMORY ? " %" : "");
            else
                snprintf(c[k], CELL, "-");
        }
        row(label[i], c);
    }
}

static void put_amount(char out[CELL], int r, int64_t amount)
{
    if (amount == ALM_NO_LIMIT)
        snprintf(out, CELL, "-");
    else if (r == ALM_CPU)
        snprintf(out, CELL, "%lldm", (long long)amount);
    else
        snprintf(out, CELL, "%.0fMi", (double)amount * 0x1p-20);
}

/* "250m (180m..310m)". */
static void put_range(char out[CELL], const struct planner_unit *u, int r)
{
    char last[CELL], low[CELL], high[CELL];
    put_amount(last, r, u->last.of[r]);
    put_amount(low, r, u->low.of[r]);
    put_amount(high, r, u->high.of[r]);
    if (u->limited & ALM_BIT(r))
        snprintf(out, CELL, "%.18s (%.18s..%.18s)", last, low, high);
    else
        snprintf(out, CELL, "-");
}

static void put_share(char out[CELL], double share, bool sign)
{
    if (isnan(share))
        snprintf(out, CELL, "-");
    else
        snprintf(out, CELL, sign ? "%+.0f %%" : "%.0f %%", 100 * share);
}

static void print_units(const struct plan_view *v)
{
    if (v->count == 0)
        return;
    printf("\nrecommended limits: the last decision (5 to 95 %% of the last day's); %zu of %zu units%s\n", v->count,
           v->decided, v->count < v->decided ? ", those that save most; --rows all shows all" : "");
    printf("%-24s %8s %22s %7s %9s %28s %7s %6s\n", "unit", "cpu now", "cpu", "change", "mem now", "memory", "change",
           "sure");
    for (size_t i = 0; i < v->count; i++) {
        const uint32_t unit = v->order[i];
        const struct planner_unit *u = &v->p->side[PLANNER_POLICY].limits.unit[unit];
        char name[160], now[2][CELL], range[2][CELL], change[2][CELL], sure[CELL];
        for (int r = 0; r < 2; r++) {
            put_amount(now[r], r, plan_today(v->p, unit, r));
            put_range(range[r], u, r);
            put_share(change[r], plan_change(v->p, unit, r), true);
        }
        put_share(sure, fmin(u->confidence[0], u->confidence[1]), false);
        printf("%-24s %8s %22s %7s %9s %28s %7s %6s\n", alm__figure_text(name, sizeof name, u->name, 24), now[0],
               range[0], change[0], now[1], range[1], change[1], sure);
    }
}

static void print_text(const struct plan_view *v)
{
    char length[ALM_QUANTITY_TEXT], trace[160];
    const struct planner *p = v->p;
    cells head;
    printf("%s: %zu unit%s over %s",
           alm__figure_text(trace, sizeof trace, v->q->config[PLANNER_POLICY]->trace_name, 80), p->units - p->undecided,
           p->units - p->undecided == 1 ? "" : "s", alm_print_about(p->end - p->from, length));
    printf(", decided every %s\n", alm_print_about(v->q->config[PLANNER_POLICY]->settings.interval, length));
    for (int k = 0; k < PLANNER_SIDES; k++)
        printf("%-8s %s%s%s\n", planner_side_word((enum planner_side_name)k), p->side[k].policy,
               k == PLANNER_ORACLE ? "   (it sees the future: a bound)" : "", p->side[k].there ? "" : "   (not known)");
    putchar('\n');
    for (int k = 0; k < PLANNER_SIDES; k++)
        snprintf(head[k], CELL, "%s", planner_side_word((enum planner_side_name)k));
    row("", head);
    for (size_t m = 0; m < v->q->machines; m++)
        print_need(v, m);
    putchar('\n');
    print_use(v);
    putchar('\n');
    print_harm(v);
    print_units(v);
    if (v->q->headroom > 0)
        printf("\n%g %% of each machine is kept free\n", 100 * v->q->headroom);
    printf("%sintervals: 95 %%, bootstrap over units; machines: limits packed first-fit-decreasing at each change\n",
           v->q->headroom > 0 ? "" : "\n");
}

enum {
    UNIT,
    CODE,
    TODAY_CPU,
    TODAY_MEMORY,
    CPU,
    CPU_MIN,
    CPU_MAX,
    MEMORY,
    MEMORY_MIN,
    MEMORY_MAX,
    CPU_CONFIDENCE,
    MEMORY_CONFIDENCE,
    CPU_CHANGE,
    MEMORY_CHANGE,
    REASON,
    COLUMNS
};

static const char *const columns[COLUMNS] = {[UNIT] = "unit",
                                             [CODE] = "code",
                                             [TODAY_CPU] = "today_cpu_millicores",
                                             [TODAY_MEMORY] = "today_memory_bytes",
                                             [CPU] = "cpu_millicores",
                                             [CPU_MIN] = "cpu_min_millicores",
                                             [CPU_MAX] = "cpu_max_millicores",
                                             [MEMORY] = "memory_bytes",
                                             [MEMORY_MIN] = "memory_min_bytes",
                                             [MEMORY_MAX] = "memory_max_bytes",
                                             [CPU_CONFIDENCE] = "cpu_confidence",
                                             [MEMORY_CONFIDENCE] = "memory_confidence",
                                             [CPU_CHANGE] = "cpu_change_percent",
                                             [MEMORY_CHANGE] = "memory_change_percent",
                                             [REASON] = "reason"};

static struct dump_cell integer(bool known, int64_t value)
{
    return (struct dump_cell){.type = known ? DUMP_INTEGER : DUMP_NONE, .integer = value};
}

static struct dump_cell real(double value)
{
    return (struct dump_cell){.type = DUMP_REAL, .real = value};
}

/* In percent, to a hundredth. */
static struct dump_cell percent(double share)
{
    return real(round(share * 1e4) / 100);
}

static void fill(const struct plan_view *v, uint32_t unit, struct dump_cell c[COLUMNS])
{
    const struct planner_unit *u = &v->p->side[PLANNER_POLICY].limits.unit[unit];
    c[UNIT] = (struct dump_cell){.type = DUMP_TEXT, .text = u->name};
    c[CODE] = (struct dump_cell){.type = DUMP_TEXT, .text = u->code};
    c[REASON] = (struct dump_cell){.type = DUMP_TEXT, .text = u->reason ? u->reason : ""};
    for (int r = 0; r < 2; r++) {
        const bool known = u->limited & ALM_BIT(r);
        int64_t today = plan_today(v->p, unit, r);
        c[TODAY_CPU + r] = integer(today != ALM_NO_LIMIT, today);
        c[CPU_CONFIDENCE + r] = real(u->confidence[r]);
        c[CPU_CHANGE + r] = percent(plan_change(v->p, unit, r));
        struct dump_cell *range = &c[r == ALM_CPU ? CPU : MEMORY];
        range[0] = integer(known, u->last.of[r]);
        range[1] = integer(known, u->low.of[r]);
        range[2] = integer(known, u->high.of[r]);
    }
}

static int print_csv(const struct plan_view *v, struct alm_err *e)
{
    struct dump_rows w = {.out = stdout, .format = CMD_CSV};
    int code = dump_rows_start(&w, "plan", columns, COLUMNS, NULL, e);
    for (size_t i = 0; code >= 0 && i < v->count; i++) {
        struct dump_cell c[COLUMNS];
        fill(v, v->order[i], c);
        code = dump_rows_put(&w, c, e);
    }
    if (code >= 0)
        dump_rows_end(&w);
    dump_rows_free(&w);
    return code;
}

int plan_print(const struct plan_view *v, struct alm_err *e)
{
    if (v->format == CMD_CSV)
        return print_csv(v, e);
    if (v->format == CMD_TEXT) {
        print_text(v);
        fflush(stdout);
        return ALM_OK;
    }
    json_t *json = plan_json(v);
    if (!json)
        return alm_fail(e, ALM_ENOMEM, "out of memory for the JSON of a plan");
    json_dumpf(json, stdout, JSON_INDENT(1) | JSON_SORT_KEYS);
    putchar('\n');
    json_decref(json);
    return ALM_OK;
}
