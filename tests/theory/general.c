/* SPDX-License-Identifier: GPL-3.0-or-later
 * General laws: M/G/1 by Pollaczek and Khinchine, what sharing and loss do not care about, GI/M/1, batches. How they are
 * judged: queue_compare.h. */
#include "queue_compare.h"
#include "queue_systems.h"

Test(theory, mg1)
{
    queue_compare_all(systems_mg1);
}

Test(theory, loss)
{
    queue_compare_all(systems_loss);
}

Test(theory, gim1)
{
    queue_compare_all(systems_gim1);
}

Test(theory, batches)
{
    queue_compare_all(systems_batch);
}
