/* SPDX-License-Identifier: GPL-3.0-or-later
 * Priorities with and without interruption, servers that switch off, stations one after the other, and arrivals that vary
 * with time. How they are judged: queue_compare.h. */
#include "queue_compare.h"
#include "queue_systems.h"

Test(theory, priorities)
{
    queue_compare_all(systems_priority);
}

Test(theory, setups)
{
    queue_compare_all(systems_setup);
}

Test(theory, tandem)
{
    queue_compare_all(systems_tandem);
}

Test(theory, varying_arrivals)
{
    queue_compare_all(systems_varying);
}
