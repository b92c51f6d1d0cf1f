/* SPDX-License-Identifier: GPL-3.0-or-later
 * figure_script: text, tics and templates of a gnuplot script.
 *
 * Choice.   Tics of time are computed here: gnuplot has no notion of a trace that counts from its own zero, and its
 *           month names follow the locale. */
#include "experiments/figure_script.h"

#include "almanac/quantity.h"
#include "almanac/resource.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int alm__script_open(struct alm__script *s, struct alm_err *e)
{
    *s = (struct alm__script){0};
    s->out = open_memstream(&s->text, &s->length);
    return s->out ? ALM_OK : alm_fail(e, ALM_ENOMEM, "no memory for a script");
}

void alm__script_free(struct alm__script *s)
{
    if (s->out)
        fclose(s->out);
    free(s->text);
    *s = (struct alm__script){0};
}

/* Decode one character; advances *TEXT by what it took. 0xFFFD for what is no UTF-8. */
static uint32_t next_character(const unsigned char **text)
{
    const unsigned char *c = *text;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = c[0] < 0x80 ? 1 : c[0] < 0xC0 ? 0 : c[0] < 0xE0 ? 2 : c[0] < 0xF0 ? 3 : c[0] < 0xF8 ? 4 : 0;
    uint32_t code = n == 1 ? c[0] : n ? c[0] & (0x7Fu >> n) : 0;
    for (size_t i = 1; i < n; i++) {
        if ((c[i] & 0xC0) != 0x80)
            n = 0;
        else
            code = code << 6 | (c[i] & 0x3Fu);
    }
    bool bad = n == 0 || code < least[n] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF);
    *text += bad ? 1 : n;
    return bad ? 0xFFFD : code;
}

static bool is_invisible(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF ||
           (c >= 0xE0000 && c <= 0xE0FFF);
}

static size_t put_character(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)((0xF00u >> n & 0xFF) | c);
    return n;
}

char *alm__figure_text(char *out, size_t size, const char *text, size_t characters)
{
    const unsigned char *from = (const unsigned char *)text;
    size_t at = 0, count = 0, before_last = 0;
    bool cut = false;
    while (*from && !cut) {
        uint32_t c = next_character(&from);
        if (is_invisible(c))
            continue;
        cut = count == characters || at + 8 >= size;
        if (!cut) {
            before_last = at;
            at += put_character(out + at, c);
            count++;
        }
    }
    if (cut) {
        at = before_last;
        at += put_character(out + at, 0x2026);
    }
    out[at] = '\0';
    return out;
}

void alm__script_quoted(FILE *out, const char *text, size_t characters)
{
    char clean[1024];
    alm__figure_text(clean, sizeof clean, text, characters);
    putc('\'', out);
    for (const char *c = clean; *c; c++) {
        if (*c == '\'')
            fputs("\u2019", out);
        else
            putc(*c, out);
    }
    putc('\'', out);
}

void alm__script_text(FILE *out, const char *name, const char *text, size_t characters)
{
    fprintf(out, "%s = ", name);
    alm__script_quoted(out, text, characters);
    putc('\n', out);
}

bool alm__is_calendar(alm_time first)
{
    return first > 100000000 * ALM_SECOND;
}

struct date {
    int64_t year;
    int month, day; /* from 1 */
};

/* Source: Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days and days_from_civil. */
static struct date date_of(int64_t days)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);
    return (struct date){yoe + era * 400 + (month <= 2), month, (int)(doy - (153 * mp + 2) / 5 + 1)};
}

static int64_t days_of(int64_t year, int month, int day)
{
    int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static void day_label(char *out, size_t size, alm_time t, bool calendar)
{
    int64_t day = alm_time_floor(t, ALM_DAY) / ALM_DAY;
    struct date d = date_of(day);
    if (calendar)
        snprintf(out, size, "%d %s", d.day, months[d.month - 1]);
    else
        snprintf(out, size, "day %lld", (long long)day);
}

alm_time alm__round_step(alm_time range, int most)
{
    static const alm_time steps[] = {ALM_SECOND,      2 * ALM_SECOND,  5 * ALM_SECOND, 10 * ALM_SECOND, 15 * ALM_SECOND,
                                     30 * ALM_SECOND, ALM_MINUTE,      2 * ALM_MINUTE, 5 * ALM_MINUTE,  10 * ALM_MINUTE,
                                     15 * ALM_MINUTE, 30 * ALM_MINUTE, ALM_HOUR,       2 * ALM_HOUR,    3 * ALM_HOUR,
                                     6 * ALM_HOUR,    12 * ALM_HOUR,   ALM_DAY,        2 * ALM_DAY,     3 * ALM_DAY,
                                     7 * ALM_DAY,     14 * ALM_DAY,    28 * ALM_DAY,   56 * ALM_DAY,    112 * ALM_DAY,
                                     364 * ALM_DAY,   1820 * ALM_DAY,  18200 * ALM_DAY};
    size_t i = 0;
    while (i + 1 < sizeof steps / sizeof *steps && range / steps[i] > most)
        i++;
    return steps[i];
}

/* "00:00\nday 3": the day stands under the first tic and under every midnight. */
static void tic_label(char *out, size_t size, alm_time t, alm_time step, bool calendar, bool first)
{
    char day[32];
    day_label(day, sizeof day, t, calendar);
    if (step >= ALM_DAY) {
        snprintf(out, size, "%s", day);
        return;
    }
    int second = (int)((t - alm_time_floor(t, ALM_DAY)) / ALM_SECOND);
    char clock[40];
    if (step < ALM_MINUTE)
        snprintf(clock, sizeof clock, "%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
    else
        snprintf(clock, sizeof clock, "%02d:%02d", second / 3600, second / 60 % 60);
    bool midnight = second == 0;
    snprintf(out, size, "%s%s%s", clock, first || midnight ? "\\n" : "", first || midnight ? day : "");
}

void alm__script_time_axis(FILE *out, alm_time from, alm_time to, int most)
{
    bool calendar = alm__is_calendar(from);
    alm_time step = alm__round_step(to - from, most);
    alm_time start = step > ALM_DAY && calendar ? alm_time_ceil(from, ALM_DAY) : alm_time_ceil(from, step);
    fprintf(out, "x_max = %.9g\n", alm_seconds(to - from));
    for (int labels = 0; labels < 2; labels++) {
        fprintf(out, "%s = 'set xtics (", labels ? "x_tics" : "x_bare");
        for (alm_time t = start; t <= to; t += step) {
            char label[96] = "";
            if (labels)
                tic_label(label, sizeof label, t, step, calendar, t == start);
            fprintf(out, "%s\"%s\" %.9g", t == start ? "" : ", ", label, alm_seconds(t - from));
        }
        fputs(")'\n", out);
    }
    int64_t year = date_of(alm_time_floor(from, ALM_DAY) / ALM_DAY).year;
    int64_t last = date_of(alm_time_floor(to - 1, ALM_DAY) / ALM_DAY).year;
    if (calendar && year == last)
        fprintf(out, "x_label = 'Time (UTC, %lld)'\n", (long long)year);
    else if (calendar)
        fprintf(out, "x_label = 'Time (UTC, %lld to %lld)'\n", (long long)year, (long long)last);
    else
        fputs("x_label = 'Time since the start of the trace'\n", out);
}

/* "2019-03-05", optionally with "T12:00" or " 12:00:30". */
static bool parse_date(const char *text, alm_time *out)
{
    int year, month, day, hour = 0, minute = 0, second = 0, used = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3)
        return false;
    const char *rest = text + used;
    if (*rest == 'T' || *rest == ' ') {
        rest++;
        if (sscanf(rest, "%2d:%2d%n", &hour, &minute, &used) != 2)
            return false;
        rest += used;
        if (*rest == ':') {
            if (sscanf(rest, ":%2d%n", &second, &used) != 1)
                return false;
            rest += used;
        }
    }
    bool range = year >= 1700 && year <= 2200 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour >= 0 &&
                 hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
    if (!range || (*rest != '\0' && strcmp(rest, "Z") != 0))
        return false;
    *out = days_of(year, month, day) * ALM_DAY + hour * ALM_HOUR + minute * ALM_MINUTE + second * ALM_SECOND;
    return true;
}

int alm__parse_instant(const char *text, alm_time first, alm_time *out, struct alm_err *e)
{
    double seconds;
    alm_time duration;
    if (parse_date(text, out))
        return ALM_OK;
    if (alm_parse_real(text, &seconds, NULL) == ALM_OK && fabs(seconds) < 9e9) {
        *out = (alm_time)llround(seconds * 1e9);
        return ALM_OK;
    }
    if (alm_parse_duration(text, &duration, NULL) == ALM_OK) {
        *out = alm__is_calendar(first) ? first + duration : duration;
        return ALM_OK;
    }
    return alm_fail(e, ALM_EINVAL,
                    "\"%.60s\" is no time: right would be 3d or 36h (since the start), 86400 (time_s), or "
                    "2019-03-05 12:00 (UTC)",
                    text);
}

struct alm__scale alm__scale_of(int resource, double largest)
{
    static const struct alm__scale bytes[] = {
        {"TiB", 1099511627776.0}, {"GiB", 1073741824.0}, {"MiB", 1048576.0}, {"KiB", 1024.0}, {"B", 1}};
    if (resource == ALM_CPU)
        return largest > 0 && largest < 0.5 ? (struct alm__scale){"millicores", 0.001}
                                            : (struct alm__scale){"cores", 1};
    size_t i = 0;
    while (i + 1 < sizeof bytes / sizeof *bytes && largest < 0.5 * bytes[i].divisor)
        i++;
    return bytes[i];
}

/* DIR/NAME with DIR from the environment, else found by walking up from the program, else from the source tree. */
static FILE *open_template(const char *name)
{
    char path[1400], program[1024];
    const char *told = getenv("ALMANAC_PLOTS");
    if (told && *told) {
        snprintf(path, sizeof path, "%s/%s", told, name);
        return fopen(path, "re");
    }
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    program[n > 0 ? n : 0] = '\0';
    static const char *const below[] = {"share/almanac/plots", "plots"};
    for (char *slash = strrchr(program, '/'); slash && slash != program; slash = strrchr(program, '/')) {
        *slash = '\0';
        for (size_t i = 0; i < 2; i++) {
            snprintf(path, sizeof path, "%s/%s/%s", program, below[i], name);
            FILE *f = fopen(path, "re");
            if (f)
                return f;
        }
    }
    const char *here = strrchr(__FILE__, '/');
    if (here == NULL)
        return NULL;
    snprintf(path, sizeof path, "%.*s/../plots/%s", (int)(here - __FILE__), __FILE__, name);
    return fopen(path, "re");
}

int alm__script_template(struct alm__script *s, const char *name, struct alm_err *e)
{
    FILE *f = open_template(name);
    if (f == NULL)
        return alm_fail(e, ALM_EIO,
                        "the figure template %s was not found: set ALMANAC_PLOTS to the folder that holds it "
                        "(plots/ of the source, share/almanac/plots where it is installed)",
                        name);
    char block[4096];
    size_t n;
    putc('\n', s->out);
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        fwrite(block, 1, n, s->out);
    int code = ferror(f) ? alm_fail(e, ALM_EIO, "the figure template %s cannot be read", name) : ALM_OK;
    fclose(f);
    return code;
}

int alm__script_start(struct alm__script *s, const char *output, int width, int height, struct alm_err *e)
{
    const char *ending = strrchr(output, '.');
    FILE *out = s->out;
    fputs("# Drawn by almanac plot. It carries its data: change what you like, then `gnuplot -d THIS > PICTURE`.\n",
          out);
    bool svg = ending && strcmp(ending, ".svg") == 0;
    if (svg)
        fprintf(out, "set terminal svg size %d,%d dynamic font 'DejaVu Sans,13' background rgb 'white' noenhanced\n",
                width, height);
    else if (ending && strcmp(ending, ".png") == 0)
        fprintf(out,
                "set terminal pngcairo size %d,%d font 'DejaVu Sans,10' fontscale 2 linewidth 2 pointscale 2 "
                "background rgb 'white' noenhanced\n",
                2 * width, 2 * height);
    else if (ending && strcmp(ending, ".pdf") == 0)
        fprintf(out,
                "set terminal pdfcairo size %.4fin,%.4fin font 'DejaVu Sans,10' background rgb 'white' noenhanced\n",
                width / 96.0, height / 96.0);
    else
        return alm_fail(e, ALM_EINVAL, "%s ends in none of .svg, .png and .pdf: the ending says what to draw", output);
    fprintf(out, "font_title = ',%d'\nfont_small = ',%d'\n", svg ? 19 : 14, svg ? 12 : 9);
    return alm__script_template(s, "style.gp", e);
}
