/* SPDX-License-Identifier: GPL-3.0-or-later
 * options: everything that can be said of the simulated platform. simulated.c has the row of each, with its meaning. */
#ifndef ALM_SIM_OPTIONS_H
#define ALM_SIM_OPTIONS_H

#include "almanac/law.h"
#include "almanac/option.h"
#include "almanac/time.h"

#include <stdbool.h>

enum sim_backlog { SIM_BACKLOG_CARRY, SIM_BACKLOG_LOSE };
enum sim_placement { SIM_FIRST_FIT, SIM_BEST_FIT, SIM_WORST_FIT, SIM_ROUND_ROBIN };
enum sim_unplaced { SIM_UNPLACED_WAIT, SIM_UNPLACED_REFUSE };
enum sim_drain { SIM_DRAIN_MOVE, SIM_DRAIN_STAY };
enum sim_floor { SIM_FLOOR_WEIGHT, SIM_FLOOR_GUARANTEE };
enum sim_quota { SIM_QUOTA_FLUID, SIM_QUOTA_PERIOD };
enum sim_shrink { SIM_SHRINK_ACCEPT, SIM_SHRINK_REFUSE, SIM_SHRINK_RECLAIM };
enum sim_scale { SIM_SCALE_FIXED, SIM_SCALE_PER_REQUEST, SIM_SCALE_TARGET };
enum sim_io { SIM_IO_SEQUENCE, SIM_IO_OVERLAP };
enum sim_scope { SIM_SCOPE_UNIT, SIM_SCOPE_INSTANCE, SIM_SCOPE_INVOCATION };

struct sim_options {
    bool open_loop, check;
    int cpu_backlog;
    alm_time backlog_limit, actuation_delay, restart_delay;
    double cores;
    int64_t disk_read, disk_write, net_rx, net_tx;

    /* Machines: lists with one entry a kind; a list of one entry is for all kinds. */
    struct alm_numbers machines, machine_cores, machine_speed, machine_memory, machine_disk_read, machine_disk_write,
        machine_net_rx, machine_net_tx, machine_from, machine_until; /* bytes, bytes a second, seconds */
    int placement, unplaced, drain, cpu_floor, cpu_quota;
    double overcommit_cpu, overcommit_memory;
    alm_time move_delay;

    double memory_high, reclaimable;
    int memory_shrink;

    /* Invocations. */
    int64_t concurrency, queue_limit, retries, instances, instances_max, net_classes;
    int scale, io, scope;
    bool preemptive;
    double target;
    alm_time timeout, run_timeout, retry_delay, start_delay, keep_alive, scale_interval, disk_latency, net_latency;

    struct alm_law_options start; /* seconds to start an instance; default: start_delay */

    double sensor_loss, sensor_noise, actuation_refusal;
};

#endif
