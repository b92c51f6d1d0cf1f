/* SPDX-License-Identifier: GPL-3.0-or-later
 * world: the engine for units that meet. What its parts share.
 *
 * Meaning.  A *machine* has five channels: CPU, disk read and write, network in and out. A *unit* has one flow on each
 *           channel of the machine it is on: what its jobs (invocations in service), or its recorded demand, want of it.
 *           A *job* runs on a flow as an activity with an amount of work. Jobs of one unit share its flow in proportion to
 *           what each can use, as threads of one group do; units share a channel by weighted max-min fairness under caps
 *           (share.h). Between events all rates are constant but those of flows at the common level, which follow the
 *           channel's virtual time; so whatever happens costs what it changes, not what there is.
 * Choice.   Amounts: CPU in core-nanoseconds, bytes elsewhere; rates in amount a second, whole numbers (nano-cores, bytes a
 *           second), so that sums are exact. Work is stretched by the machine's speed when it begins.
 *           A flow is settled (its use and its progress brought to the present) before anything about it changes.
 *           All changes at one instant are balanced together, before time goes on.
 * Limits.   A unit is on one machine at a time. Sixteen priority classes.
 * Source.   Bertsekas and Gallager, Data Networks, 6.5.2 (max-min fairness); virtual time: Parekh and Gallager, ToN 1 (1993).
 *           The order of work inside: service.c (who may start), job.c (what one run does), flow.c (how fast). */
#ifndef ALM_SIM_WORLD_H
#define ALM_SIM_WORLD_H

#include "almanac/demand.h"
#include "almanac/law.h"
#include "almanac/platform.h"
#include "almanac/stream.h"

#include "behaviour_reader.h"
#include "event_queue.h"
#include "heap.h"
#include "options.h"
#include "row_buffer.h"
#include "share.h"

#define SIM_CLASSES 16
#define SIM_NOBODY UINT32_MAX
#define SIM_UNBOUNDED INT64_MAX

enum sim_channel_id { SIM_CPU, SIM_DISK_READ, SIM_DISK_WRITE, SIM_NET_RX, SIM_NET_TX, SIM_CHANNELS };

enum sim_event_kind {
    SIM_EVENT_ARRIVAL,  /* the next of the stream */
    SIM_EVENT_FLOW,     /* unit * SIM_CHANNELS + channel: an activity of a flow that is not at level ends */
    SIM_EVENT_CHANNEL,  /* machine * SIM_CHANNELS + channel: an activity of a flow at level ends */
    SIM_EVENT_ROW,      /* unit: its recorded demand changes, or its backlog may have drained */
    SIM_EVENT_RESTART,  /* unit: runs again after a kill */
    SIM_EVENT_QUOTA,    /* unit: its quota may be used up, or its period ends */
    SIM_EVENT_JOB,      /* job | generation << 32: what job->due says */
    SIM_EVENT_INSTANCE, /* unit | instance << 32: has started */
    SIM_EVENT_SERVICE,  /* unit: an idle instance expires, or the number of instances is reconsidered */
    SIM_EVENT_LIMIT,    /* slot in w->delayed: a limit takes effect */
    SIM_EVENT_MACHINE,  /* machine: comes or goes */
    SIM_EVENT_ROOM,     /* those that wait for a machine may find one */
    SIM_EVENT_SAMPLE,   /* samples are due */
};

/* At most one event of a timer counts; it is moved without taking events out of the queue. */
struct sim_timer {
    alm_time at, queued; /* when it fires, ALM_TIME_MAX: never; the earliest of its events in the queue */
};

/* One resource of one machine. */
struct sim_channel {
    struct sim_share share;
    uint32_t *flow_of; /* [members]: unit * SIM_CHANNELS + channel */
    uint32_t members;
    double virtual_time; /* as of `since`: amount that a flow at level had, per weight */
    alm_time since;
    double level;
    struct sim_heap ends; /* flows at level, by the virtual time at which their next activity ends */
    struct sim_timer timer;
    bool dirty;
    uint32_t *changed; /* flows to look at after the next balance */
    uint32_t changes, room;
};

struct sim_machine {
    struct alm_machine info;
    struct sim_channel channel[SIM_CHANNELS];
    alm_time from, until; /* it is there */
    bool there, draining;
    uint32_t units;
    uint32_t first_unit, last_unit;                   /* on it, in the order they came, linked by next_here */
    int64_t floor[2];                                 /* promised: millicores, bytes */
    double memory;                                    /* used, bytes */
    uint32_t stalled[ALM_STALLS], moving[ALM_STALLS]; /* units that want more than they have; that have some */
    struct {
        alm_time begin, since; /* of the sample; the sums are as of */
        double memory_peak, some_ns[ALM_STALLS], full_ns[ALM_STALLS], used[SIM_CHANNELS];
    } now; /* of the sample under way */
};

struct sim_room {
    int64_t whole[2], left[2]; /* of what may be promised: millicores, bytes; SIM_UNBOUNDED */
    alm_time until;
    bool open;  /* takes units */
    bool grown; /* since those that wait were last looked at */
};

struct sim_flow {
    int64_t want, cap; /* amount a second: what all its activities can use; what it may have */
    double rate;       /* amount a second, unless at level */
    double progress;   /* ns an activity would have had alone at full speed */
    double used;       /* amount, of the sample under way */
    alm_time since;    /* settled to here */
    double since_virtual;
    uint32_t member; /* of the machine's share; SIM_NOBODY when on no machine */
    bool at_level, queued;
    struct sim_heap activity; /* by the progress at which they end; items: job * SIM_CHANNELS + channel */
    struct sim_timer timer;
};

enum sim_job_state { SIM_JOB_IDLE, SIM_JOB_QUEUED, SIM_JOB_STARTING, SIM_JOB_RUNNING, SIM_JOB_SUSPENDED, SIM_JOB_AWAY };
enum sim_job_due { SIM_DUE_PATIENCE, SIM_DUE_RUN, SIM_DUE_LATENCY, SIM_DUE_RETRY };

/* An invocation in the system. Lives in a pool; `next` and `previous` link it into one list at a time. */
struct sim_job {
    uint64_t id;
    alm_time arrival, start;
    uint32_t unit, generation, next, previous, instance;
    uint8_t state, class, cold, step, active, throttled, retries;
    bool suspended;                             /* queued, and goes on where it stopped */
    double work, parallelism, memory, patience; /* core-ns, cores, bytes, ns */
    double bytes[SIM_CHANNELS];                 /* [SIM_CPU] is not used */
    double requested[3];                        /* cores, bytes, seconds */
    double used[SIM_CHANNELS];                  /* by all tries; core-ns of the machines it was on, bytes */
    double alone, servers;                      /* seconds; core-seconds kept busy */
    double left[SIM_CHANNELS];                  /* of a suspended job: progress that is missing; < 0: nothing */
    uint64_t customer;                          /* in a tandem: its number */
    int64_t limit[2];                           /* scope invocation: its own */
};

struct sim_instance {
    double memory; /* of its jobs, while memory.c looks at them */
    uint32_t busy, next, previous, generation;
    uint8_t state;  /* enum sim_instance_state */
    bool fresh;     /* has served nobody since its start */
    alm_time since; /* starting: until when; idle: since when */
};
enum sim_instance_state {
    SIM_INSTANCE_OFF,
    SIM_INSTANCE_STARTING,
    SIM_INSTANCE_IDLE,
    SIM_INSTANCE_PARTIAL,
    SIM_INSTANCE_FULL
};

struct sim_list {
    uint32_t first, last, count;
};

/* How a unit serves its invocations. */
struct sim_service {
    struct sim_list queue[SIM_CLASSES], running; /* of jobs */
    uint32_t queued, classes;                    /* classes: bit per class with a queue */
    uint32_t in_system;
    uint32_t slots;       /* invocations an instance serves at a time; 0: no bound, and no instances */
    uint32_t least, most; /* instances that stay; at most */
    uint64_t capacity;    /* in the system, at most; UINT64_MAX: no bound */
    uint64_t queue_limit; /* waiting, at most */
    int scale;            /* enum sim_scale */
    bool preemptive, give_up, one_at_a_time; /* starts nobody needs are given up; starts come one after the other */
    alm_time keep_alive;
    struct alm_law start_law; /* seconds to start an instance */
    struct alm_stream luck;
    struct sim_instance *instance;
    uint32_t instances;                           /* made so far: an index into `instance` is below it */
    struct sim_list off, starting, idle, partial; /* of instances; idle and partial: first is used next */
    uint32_t live;                                /* starting or on */
    struct sim_timer timer;
    double load;        /* scale target: integral of the number in the system, ns */
    double target_mean; /* mean number in the system over the last interval */
    alm_time load_since, tick;
    uint32_t next_station; /* SIM_NOBODY: none */
    uint32_t tandem;       /* 1 + its place in one; 0: in none */
};

/* The recorded demand of a unit. What is in force since `since` is as the last settlement left it. */
struct sim_rows {
    struct sim_row_cursor cursor;
    double demand[SIM_CHANNELS];        /* amount a second at speed 1 */
    double backlog[SIM_CHANNELS];       /* amount at speed 1 */
    double most, speed;                 /* backlog of CPU at most; speed of the machine */
    alm_time since, look[SIM_CHANNELS]; /* a backlog may be done then */
    uint32_t machine;
    uint8_t behind, free, told; /* bits: channels that want all they may have, that nothing bounds; resources told */
    bool known, served, down;   /* a row is in force; it is placed and runs; it does not */
    bool over, due;             /* no row is left; its memory is due */
};

struct sim_member {       /* a unit of the world */
    uint32_t id, machine; /* SIM_NOBODY: on none */
    bool serves, down, placed, waiting, alarmed, offered;
    uint8_t stalled, moving;          /* bit per channel: wants more than it has; has some */
    uint32_t in_service[SIM_CLASSES]; /* jobs of each class */
    struct sim_flow flow[SIM_CHANNELS];
    int64_t limit[2], shown[2], floor[2]; /* in force: as scored, as the kernel rounds; promised. millicores, bytes */
    double memory;                        /* bytes in use */
    double slowdown;                      /* by memory.high: 1 is none */
    double reclaimed;                     /* bytes that it would use, but were taken from it */
    bool memory_stalled, memory_moving;   /* counted among its machine's */
    bool moved;                           /* between machines */
    bool shrunk;                          /* waits, and promises less than when it was last looked at */
    struct sim_list halted;               /* jobs that a move interrupted; valid when count > 0 */
    uint32_t next_here, previous_here;    /* on its machine */
    alm_time down_until;
    struct sim_service service;
    struct sim_rows rows;
    struct sim_timer row_timer, quota_timer;
    struct alm_stream sensor; /* luck of its samples */
    struct {
        bool begun, exhausted, active;
        double quota; /* that `left` was dealt by, core-ns a period */
        double left;  /* core-ns of this period, as of `since` */
        double spent; /* since then: sim_flow_settle adds to it */
        alm_time since, period_end;
    } quota;
    struct {
        alm_time begin, since; /* of the sample; accounts are settled to here */
        double memory_peak, memory_demand, demand_ns, cpu_ns, throttled_ns, stall_ns[ALM_STALLS];
        double covered_ns; /* of it, something is known */
        uint8_t seen, censored;
        uint32_t oom_kills;
        struct alm_account account;
    } now;
};

struct sim_samples {
    struct alm_sample *sample;
    struct alm_account *account;
    size_t count, room;
};

struct sim_ended {
    struct alm_execution *execution;
    struct alm_execution_account *account;
    double *input;
    size_t count, room;
};

struct sim_delayed {
    uint32_t unit;
    int64_t limit[2], shown[2], floor[2];
};

/* A block of the stream of invocations, read ahead. */
#define SIM_STREAM_ROWS 4096
struct sim_stream {
    const struct alm_invocations *source;
    uint64_t read;    /* rows read so far */
    size_t row, rows; /* in the block */
    void *block;
    struct alm_invocation_rows at;
};

struct sim_world {
    const struct sim_options *o;
    const struct alm_demand *demand;
    uint64_t seed;
    uint32_t resources;
    alm_time now, begin, end, interval,
        grid; /* interval: between samples; grid 0: usage units sample at their stamps */
    double wake_on_stall;
    bool wake_on_oom, wake_on_start, ended, marked; /* marked: a unit is alarmed or offered */

    struct alm_unit *info; /* [units] as shown to the loop */
    struct sim_member *unit;
    size_t units;
    struct sim_machine *machine;
    struct alm_machine *machine_info;
    size_t machines;
    struct sim_room *room; /* [machines] what placement looks at */
    uint32_t round_robin;
    struct sim_list unplaced; /* of units, linked by next_unit */
    uint32_t *next_unit;
    bool room_due; /* an event says so */

    struct alm_queue queue;
    struct sim_timer arrival_timer;
    struct sim_timer sample_timer;
    uint32_t *flow_position; /* [units * SIM_CHANNELS]: in the ends of a channel */
    uint32_t *dirty;         /* channels: machine * SIM_CHANNELS + channel */
    size_t dirties, dirty_room;
    uint32_t *loose; /* flows on no machine that changed */
    size_t looses, loose_room;

    struct sim_stream stream;
    struct sim_job *job;
    double *job_input;           /* [jobs * inputs] */
    uint32_t *activity_position; /* [jobs * SIM_CHANNELS] */
    uint32_t jobs, idle_job;
    size_t inputs;
    uint64_t next_id;

    uint32_t *starting; /* jobs that wait for their allocation, in order; the first `shown` are with the loop */
    size_t startings, starting_room, shown;
    struct alm_start *start;

    struct sim_tandem *tandem; /* NULL: there is none */

    struct sim_row_buffer rows;
    uint32_t *due; /* units whose recorded memory changes before time goes on */
    size_t dues, due_room;
    struct sim_heap *watch; /* [watches]: flows of usage, by the level at which their backlog may be done earlier */
    uint32_t *watch_position, *watch_of; /* [units * SIM_CHANNELS]: where in which */
    size_t watches;                      /* machines * SIM_CHANNELS */

    struct sim_delayed *delayed;
    uint32_t *delayed_idle;
    size_t delayed_count, delayed_room;

    struct sim_samples out, held;
    struct sim_ended ended_jobs;
    struct alm_machine_sample *machine_sample;
    size_t machine_samples, machine_room;
    struct sim_behaviour_reader behaviour;
    uint32_t kills, stalls; /* of units, in this wait: what the loop may hear of at once */
};

/* world.c: time. Fire TIMER at AT (ALM_TIME_MAX: never). */
int sim_timer_set(struct sim_world *w, struct sim_timer *t, alm_time at, enum alm_phase phase, enum sim_event_kind kind,
                  uint64_t data, struct alm_err *e);
int sim_post(struct sim_world *w, alm_time at, enum alm_phase phase, enum sim_event_kind kind, uint64_t data,
             struct alm_err *e);

/* MOST, at most 1e15, as flows count it: whole, at least 1. */
static inline int64_t sim_whole_rate(double most)
{
    return most < 1 ? 1 : (int64_t)(most + 0.5);
}

/* flow.c: how fast things go. UNIT's flow on CHANNEL: settle before, change after anything about it changes. A change takes
 * effect at the next balance, which world.c makes before time goes on. */
void sim_flow_settle(struct sim_world *w, struct sim_member *u, int channel);
int sim_flow_change(struct sim_world *w, struct sim_member *u, int channel, struct alm_err *e);
int sim_flow_begin(struct sim_world *w, struct sim_member *u, int channel, uint32_t job, double amount, double most,
                   struct alm_err *e); /* an activity of AMOUNT, at most MOST amount a second */
int sim_flow_end(struct sim_world *w, struct sim_member *u, int channel, uint32_t job, double most, double *left,
                 struct alm_err *e); /* take it out early; LEFT gets the amount not done */
int sim_flow_attach(struct sim_world *w, struct sim_member *u, struct alm_err *e); /* to the machine it is on */
int sim_flow_detach(struct sim_world *w, struct sim_member *u, struct alm_err *e);
int sim_flow_on_event(struct sim_world *w, uint64_t flow, struct alm_err *e);
int sim_flow_on_channel(struct sim_world *w, uint64_t channel, struct alm_err *e);
int sim_balance(struct sim_world *w, struct alm_err *e);
int64_t sim_flow_limit(const struct sim_world *w, const struct sim_member *u, int channel); /* amount a second */
void sim_channel_fini(struct sim_channel *c);

/* job.c: one invocation from its arrival to its end. */
int sim_job_new(struct sim_world *w, uint32_t *job, struct alm_err *e);  /* pointers into w->job may move */
int sim_job_enter(struct sim_world *w, uint32_t job, struct alm_err *e); /* at its unit: join, wait or be refused */
int sim_job_done(struct sim_world *w, uint32_t job, struct alm_err *e);  /* nothing is left of it */
void sim_job_release(struct sim_world *w, uint32_t job);                 /* its place may be taken */
void sim_jobs_close(struct sim_world *w);
int sim_job_start(struct sim_world *w, uint32_t job, struct alm_err *e);
int sim_job_activity_done(struct sim_world *w, uint32_t job, int channel, double early,
                          struct alm_err *e); /* EARLY: ns */
int sim_job_on_event(struct sim_world *w, uint64_t data, struct alm_err *e);
int sim_job_stop(struct sim_world *w, uint32_t job, struct alm_err *e); /* running: take it off its flows */
int sim_job_resume(struct sim_world *w, uint32_t job, struct alm_err *e);
int sim_job_kill(struct sim_world *w, uint32_t job, struct alm_err *e); /* retry or fail */
int sim_job_finish(struct sim_world *w, uint32_t job, enum alm_end end, struct alm_err *e);
void sim_job_show_starts(struct sim_world *w); /* offer the first of each unit to the loop */
int sim_job_begin_shown(struct sim_world *w, struct alm_err *e);

/* arrivals.c: the stream. */
int sim_stream_open(struct sim_world *w, const struct alm_invocations *source, struct alm_err *e);
alm_time sim_stream_next(const struct sim_world *w);
int sim_job_arrive(struct sim_world *w, struct alm_err *e); /* the next one */

/* ended.c: what became of them. */
int sim_job_report(struct sim_world *w, uint32_t job, enum alm_end end, struct alm_err *e);
int sim_jobs_in_flight(struct sim_world *w, struct alm_err *e); /* at the end: report those still in the system */

/* service.c: who may start, and where. */
/* From the options; then begin: the instances that stay are on. */
int sim_service_open(struct sim_world *w, struct sim_member *u, struct alm_err *e);
int sim_service_begin(struct sim_world *w, struct sim_member *u, struct alm_err *e);
void sim_service_close(struct sim_service *s);
int sim_service_off(struct sim_world *w, struct sim_member *u, uint32_t instance,
                    struct alm_err *e); /* nobody is on it */
int sim_service_join(struct sim_world *w, struct sim_member *u, uint32_t job, struct alm_err *e);
int sim_service_leave(struct sim_world *w, struct sim_member *u, uint32_t job, struct alm_err *e); /* was in service */
void sim_service_put_back(struct sim_world *w, struct sim_member *u,
                          uint32_t job); /* from an instance to the head of its queue */
void sim_service_drop(struct sim_world *w, struct sim_member *u, uint32_t job); /* was waiting */
int sim_service_dispatch(struct sim_world *w, struct sim_member *u, struct alm_err *e);
int sim_service_on_instance(struct sim_world *w, uint64_t data, struct alm_err *e);
int sim_service_on_timer(struct sim_world *w, struct sim_member *u, struct alm_err *e);

/* station.c: what the trace says of its platform: after sim_service_open of all units, before sim_service_begin. NULL and
 * JSON of others do nothing. */
int sim_stations_read(struct sim_world *w, const char *json, struct alm_err *e);
/* tandem.c: stations UNIT[STATIONS], one after the other. */
int sim_tandem_open(struct sim_world *w, const uint32_t *unit, uint32_t stations, struct alm_err *e);
void sim_stations_close(struct sim_world *w);
/* JOB, just made of a row of the stream: KEPT when it is not an arrival, but what a customer needs at a later station or
 * would have needed. The caller forgets the job then. */
int sim_station_keep(struct sim_world *w, uint32_t job, bool *kept, struct alm_err *e);
/* JOB, which is not released yet, ended: its customer enters the next station, or is lost to all later ones. */
int sim_station_next(struct sim_world *w, uint32_t job, struct alm_err *e);
int sim_station_lost(struct sim_world *w, uint32_t job, struct alm_err *e);

/* demand.c: units that replay recorded usage. */
int sim_rows_open(struct sim_world *w, struct alm_err *e);
void sim_rows_close(struct sim_world *w);
int sim_rows_begin(struct sim_world *w, struct sim_member *u, struct alm_err *e);
int sim_rows_on_event(struct sim_world *w, struct sim_member *u, struct alm_err *e);
void sim_rows_settle(struct sim_world *w, struct sim_member *u);                   /* its flows and its backlog */
int sim_rows_change(struct sim_world *w, struct sim_member *u, struct alm_err *e); /* limit, place or state changed */
int sim_rows_footprints(struct sim_world *w, struct alm_err *e);                   /* before time goes on */
bool sim_rows_known(const struct sim_member *u);                                   /* a row is in force */
double sim_rows_demand(const struct sim_world *w, const struct sim_member *u,
                       int resource); /* of now: cores, bytes, bytes a second; NaN: not known */
int sim_rows_schedule(struct sim_world *w, struct sim_member *u, struct alm_err *e);

/* backlog.c: recorded demand that is behind. flow.c tells of a new rate of UNIT's flow, and of a new level of CHANNEL. */
int sim_backlog_open(struct sim_world *w, struct alm_err *e);
void sim_backlog_close(struct sim_world *w);
bool sim_backlog_carried(const struct sim_world *w, int channel);
double sim_backlog_noise(int channel); /* rates, of amount a second, that differ by less are equal */
double sim_backlog_add(struct sim_member *u, int channel,
                       double missing); /* returns what was had beyond all that was wanted */
int sim_backlog_on_rate(struct sim_world *w, struct sim_member *u, int channel, struct alm_err *e);
int sim_backlog_on_level(struct sim_world *w, uint32_t channel, double level, struct alm_err *e);
void sim_backlog_unwatch(struct sim_world *w, uint32_t flow);

/* memory.c: footprints, limits, kills. */
int sim_memory_change(struct sim_world *w, struct sim_member *u, double bytes, struct alm_err *e); /* to BYTES in use */
int sim_memory_on_limit(struct sim_world *w, struct sim_member *u, struct alm_err *e);
void sim_memory_pressure(struct sim_world *w, struct sim_member *u); /* after it went down or up */
int sim_memory_on_restart(struct sim_world *w, struct sim_member *u, struct alm_err *e);
bool sim_memory_shrinks(const struct sim_world *w, const struct sim_member *u,
                        int64_t limit); /* may the limit go there? */

/* placement.c: which unit is on which machine. */
int sim_machines_open(struct sim_world *w, struct alm_err *e); /* from the options */
int sim_machine_add(struct sim_world *w, const struct alm_machine *info, alm_time from, alm_time until,
                    struct alm_err *e);
void sim_machines_close(struct sim_world *w);
int sim_place(struct sim_world *w, struct sim_member *u, struct alm_err *e);   /* or let it wait, or refuse it */
int sim_unplace(struct sim_world *w, struct sim_member *u, struct alm_err *e); /* and give others its room */
int sim_machine_on_event(struct sim_world *w, uint64_t machine, struct alm_err *e);
int sim_place_on(struct sim_world *w, struct sim_member *u, uint32_t machine, struct alm_err *e); /* it alone */
int sim_floor_change(struct sim_world *w, struct sim_member *u, const int64_t floor[2], struct alm_err *e);
int sim_room_on_event(struct sim_world *w, struct alm_err *e);
int64_t sim_promise(const struct sim_world *w, const struct sim_member *u, int resource);
int sim_unit_go_on(struct sim_world *w, struct sim_member *u, struct alm_err *e); /* placed and up: what it may do */

/* meter.c: accounts and samples. */
void sim_meter_cpu(struct sim_world *w, struct sim_member *u, double used, double ns); /* core-ns in the last NS */
void sim_meter_settle(struct sim_world *w, struct sim_member *u); /* memory and time; before memory or limits change */
void sim_meter_machine(struct sim_world *w, struct sim_machine *m);
int sim_meter_emit(struct sim_world *w, struct sim_member *u, bool event, struct alm_err *e);
int sim_meter_on_event(struct sim_world *w, struct alm_err *e);
int sim_meter_restore(struct sim_world *w, struct alm_err *e);
int sim_meter_keep_back(struct sim_world *w, struct alm_err *e); /* all but those of units alarmed or offered */
int sim_meter_sort(struct sim_world *w, struct alm_err *e);
void sim_meter_close(struct sim_world *w);

/* actuate.c: limits. */
int sim_actuate(struct sim_world *w, const struct alm_decision *d, struct alm_applied *out, struct alm_err *e);
int sim_actuate_on_event(struct sim_world *w, uint64_t slot, struct alm_err *e);

/* quota.c: throttling by periods, as the kernel does it. */
int sim_quota_change(struct sim_world *w, struct sim_member *u, struct alm_err *e);
int sim_quota_on_event(struct sim_world *w, struct sim_member *u, struct alm_err *e);

#endif
