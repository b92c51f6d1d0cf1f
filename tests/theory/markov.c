/* SPDX-License-Identifier: GPL-3.0-or-later
 * Markovian systems: M/M/1, M/M/c under first come first served and under sharing, M/M/c/K, and customers who leave
 * (Erlang-A). How they are judged: queue_compare.h. */
#include "queue_compare.h"
#include "queue_systems.h"

Test(theory, mm1)
{
    queue_compare_all(systems_mm1);
}

Test(theory, mmc)
{
    queue_compare_all(systems_mmc);
}

Test(theory, mmck)
{
    queue_compare_all(systems_mmck);
}

Test(theory, patience)
{
    queue_compare_all(systems_patience);
}
