/* SPDX-License-Identifier: GPL-3.0-or-later
 * world: the engine for units that meet: machines, contention, invocations. */
#include "engine.h"

static int world_open(const struct alm_platform_config *config, void **self, struct alm_err *e)
{
    (void)config, (void)self;
    return alm_fail(e, ALM_EUNSUPPORTED, "machines and invocations are not simulated yet");
}

const struct alm_platform_ops sim_world = {.open = world_open};
