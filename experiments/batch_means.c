/* SPDX-License-Identifier: GPL-3.0-or-later
 * batch_means: see the header. */
#include "experiments/batch_means.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BATCHES ((size_t)256)
#define CELL_BITS 3

int batch_means_open(struct batch_means *b, size_t sums, size_t cells, struct alm_err *e)
{
    *b = (struct batch_means){.sums = sums, .cells = cells, .size = 1};
    b->sum = calloc(BATCHES * sums, sizeof *b->sum);
    b->cell = calloc(BATCHES * cells + 1, sizeof *b->cell);
    if (b->sum && b->cell)
        return ALM_OK;
    batch_means_free(b);
    return alm_fail(e, ALM_ENOMEM, "out of memory for batch means");
}

void batch_means_free(struct batch_means *b)
{
    free(b->sum);
    free(b->cell);
    *b = (struct batch_means){0};
}

int batch_means_copy(struct batch_means *to, const struct batch_means *from, struct alm_err *e)
{
    ALM_TRY(batch_means_open(to, from->sums, from->cells, e));
    memcpy(to->sum, from->sum, BATCHES * from->sums * sizeof *to->sum);
    memcpy(to->cell, from->cell, BATCHES * from->cells * sizeof *to->cell);
    to->size = from->size;
    to->filled = from->filled;
    to->batches = from->batches;
    return ALM_OK;
}

/* Join neighbours: 256 full batches become 128 of twice the size. */
static void collapse(struct batch_means *b)
{
    for (size_t k = 0; k < BATCHES / 2; k++) {
        for (size_t i = 0; i < b->sums; i++)
            b->sum[k * b->sums + i] = b->sum[2 * k * b->sums + i] + b->sum[(2 * k + 1) * b->sums + i];
        for (size_t i = 0; i < b->cells; i++)
            b->cell[k * b->cells + i] = b->cell[2 * k * b->cells + i] + b->cell[(2 * k + 1) * b->cells + i];
    }
    b->batches = BATCHES / 2;
    b->size *= 2;
    memset(b->sum + b->batches * b->sums, 0, (BATCHES - b->batches) * b->sums * sizeof *b->sum);
    memset(b->cell + b->batches * b->cells, 0, (BATCHES - b->batches) * b->cells * sizeof *b->cell);
}

void batch_means_next(struct batch_means *b)
{
    if (++b->filled < b->size)
        return;
    b->filled = 0;
    if (++b->batches == BATCHES)
        collapse(b);
}

size_t batch_means_final(const struct batch_means *b)
{
    return b->batches * b->size + b->filled < BATCH_MEANS_LEAST ? 0 : BATCH_MEANS_FINAL;
}

double batch_means_total(const struct batch_means *b, size_t sum)
{
    double total = 0;
    for (size_t k = 0; k < b->batches + (b->filled > 0); k++)
        total += b->sum[k * b->sums + sum];
    return total;
}

/* One of the 32 final batches: the stored ones [from, to), the one under way among the last. */
static void final_range(const struct batch_means *b, size_t j, size_t *from, size_t *to)
{
    size_t stored = b->batches + (b->filled > 0);
    *from = j * stored / BATCH_MEANS_FINAL;
    *to = (j + 1) * stored / BATCH_MEANS_FINAL;
}

struct pairs {
    double above[BATCH_MEANS_FINAL], below[BATCH_MEANS_FINAL];
};

/* What each batch adds to the error of the quotient: above - quotient * below. Returns the sum of all below. */
static double deviations(const struct pairs *p, double out[BATCH_MEANS_FINAL])
{
    double above = 0, below = 0;
    for (size_t j = 0; j < BATCH_MEANS_FINAL; j++) {
        above += p->above[j];
        below += p->below[j];
    }
    for (size_t j = 0; j < BATCH_MEANS_FINAL; j++)
        out[j] = p->above[j] - above / below * p->below[j];
    return below;
}

static double halfwidth(const struct pairs *p)
{
    double d[BATCH_MEANS_FINAL], squares = 0;
    double below = deviations(p, d);
    if (!(below > 0))
        return NAN;
    for (size_t j = 0; j < BATCH_MEANS_FINAL; j++)
        squares += d[j] * d[j];
    const double n = BATCH_MEANS_FINAL;
    return gsl_cdf_tdist_Pinv(0.5 + 0.5 * BATCH_MEANS_CONFIDENCE, n - 1) * sqrt(n / (n - 1) * squares) / below;
}

static void pairs_of(const struct batch_means *b, size_t above, size_t below, struct pairs *out)
{
    memset(out, 0, sizeof *out);
    for (size_t j = 0; j < BATCH_MEANS_FINAL; j++) {
        size_t from, to;
        final_range(b, j, &from, &to);
        for (size_t k = from; k < to; k++) {
            out->above[j] += b->sum[k * b->sums + above];
            out->below[j] += b->sum[k * b->sums + below];
        }
    }
}

double batch_means_halfwidth(const struct batch_means *b, size_t above, size_t below)
{
    struct pairs p;
    if (batch_means_final(b) == 0)
        return NAN;
    pairs_of(b, above, below, &p);
    return halfwidth(&p);
}

bool batch_means_correlated(const struct batch_means *b, size_t above, size_t below)
{
    struct pairs p;
    double d[BATCH_MEANS_FINAL], squares = 0, steps = 0;
    if (batch_means_final(b) == 0)
        return false;
    pairs_of(b, above, below, &p);
    if (!(deviations(&p, d) > 0))
        return false;
    for (size_t j = 0; j < BATCH_MEANS_FINAL; j++) {
        squares += d[j] * d[j];
        steps += j > 0 ? (d[j] - d[j - 1]) * (d[j] - d[j - 1]) : 0;
    }
    const double n = BATCH_MEANS_FINAL;
    return squares > 0 && 1 - steps / (2 * squares) > gsl_cdf_ugaussian_Pinv(0.99) * sqrt((n - 2) / (n * n - 1));
}

size_t batch_means_cell_of(int64_t value)
{
    if (value < (1 << CELL_BITS))
        return value < 0 ? 0 : (size_t)value;
    int octave = 63 - __builtin_clzll((unsigned long long)value) - CELL_BITS;
    return ((size_t)octave << CELL_BITS) + (size_t)(value >> octave);
}

/* Lower end of a cell. */
static double cell_from(size_t cell)
{
    size_t octave = cell >> CELL_BITS, within = cell & ((1 << CELL_BITS) - 1);
    return octave == 0 ? (double)cell : ldexp((double)((1 << CELL_BITS) + within), (int)octave - 1);
}

double batch_means_share_halfwidth(const struct batch_means *b, size_t first, double value)
{
    if (batch_means_final(b) == 0 || !(value >= 0))
        return NAN;
    size_t at = batch_means_cell_of((int64_t)value);
    double part = (floor(value) + 1 - cell_from(at)) / (cell_from(at + 1) - cell_from(at));
    struct pairs p = {0};
    for (size_t j = 0; j < BATCH_MEANS_FINAL; j++) {
        size_t from, to;
        final_range(b, j, &from, &to);
        for (size_t k = from; k < to; k++) {
            const uint32_t *cell = b->cell + k * b->cells + first;
            for (size_t i = 0; i < BATCH_MEANS_CELLS; i++) {
                p.below[j] += cell[i];
                p.above[j] += i < at ? cell[i] : i == at ? part * cell[i] : 0;
            }
        }
    }
    return halfwidth(&p);
}
