/* SPDX-License-Identifier: GPL-3.0-or-later
 * tally: see the header. */
#include "tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BINS 65536

static uint64_t bits_of(double v)
{
    uint64_t bits;
    v += 0.0; /* -0 is 0 */
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

int alm__tally_open(struct alm__tally *t, struct alm_err *e)
{
    *t = (struct alm__tally){0};
    for (int i = 0; i < ALM__TALLY_RANKS; i++) {
        t->at[i].bin = calloc(BINS, sizeof *t->at[i].bin);
        t->at[i].least = malloc(BINS * sizeof *t->at[i].least);
        if (!t->at[i].bin || !t->at[i].least) {
            alm__tally_close(t);
            return alm_fail(e, ALM_ENOMEM, "out of memory");
        }
    }
    return 0;
}

void alm__tally_close(struct alm__tally *t)
{
    for (int i = 0; i < ALM__TALLY_RANKS; i++) {
        free(t->at[i].bin);
        free(t->at[i].least);
    }
    *t = (struct alm__tally){0};
}

void alm__tally_count(struct alm__tally *t, const double *value, size_t n)
{
    uint64_t *bin = t->at[0].bin;
    for (size_t k = 0; k < n; k++) {
        double v = value[k];
        if (isnan(v)) {
            t->missing++;
            continue;
        }
        t->max = t->values == 0 || v > t->max ? v : t->max;
        t->values++;
        t->sum += v;
        t->zeros += !(v > 0);
        bin[bits_of(v) >> 48]++;
    }
}

/* The bin that holds the RANK-th value; RANK becomes the rank inside it. */
static uint64_t find_bin(const uint64_t *bin, uint64_t *rank)
{
    uint64_t i = 0;
    while (i < BINS - 1 && *rank > bin[i])
        *rank -= bin[i++];
    return i;
}

void alm__tally_turn(struct alm__tally *t)
{
    t->at[ALM__TALLY_P50].rank = t->values - t->values / 2;  /* ceil(0.5 n) */
    t->at[ALM__TALLY_P95].rank = t->values - t->values / 20; /* ceil(0.95 n) */
    for (int i = 0; i < ALM__TALLY_RANKS; i++) {
        t->at[i].top = find_bin(t->at[0].bin, &t->at[i].rank);
        memset(t->at[i].least, 0xff, BINS * sizeof *t->at[i].least);
    }
    memset(t->at[0].bin, 0, BINS * sizeof *t->at[0].bin);
}

void alm__tally_again(struct alm__tally *t, const double *value, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (isnan(value[k]))
            continue;
        uint64_t bits = bits_of(value[k]);
        for (int i = 0; i < ALM__TALLY_RANKS; i++)
            if (bits >> 48 == t->at[i].top) {
                size_t bin = bits >> 32 & 0xffff;
                uint32_t rest = (uint32_t)bits;
                t->at[i].bin[bin]++;
                t->at[i].least[bin] = rest < t->at[i].least[bin] ? rest : t->at[i].least[bin];
            }
    }
}

double alm__tally_percentile(const struct alm__tally *t, int which)
{
    if (t->values == 0)
        return (double)NAN;
    uint64_t rank = t->at[which].rank;
    uint64_t bin = find_bin(t->at[which].bin, &rank);
    uint64_t bits = t->at[which].top << 48 | bin << 32 | t->at[which].least[bin];
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double alm__tally_mean(const struct alm__tally *t)
{
    return t->values ? t->sum / (double)t->values : (double)NAN;
}
