/* SPDX-License-Identifier: GPL-3.0-or-later
 * crew_hand: one worker process and the cell it has in hand.
 *
 * Meaning.  The process is a fork of this one that opens the traces for itself, is told numbers of cells over a socket, runs each
 *           and answers. It ends when the socket does: also when whoever told the numbers was killed, after the cell under way.
 * Choice.   Packets, which arrive whole or not at all. */
#ifndef ALM_SWEEP_CREW_HAND_H
#define ALM_SWEEP_CREW_HAND_H

#include "experiments/sweep/cell.h"

#include <sys/types.h>

enum hand_outcome {
    HAND_BUSY,   /* or idle: nothing to tell */
    HAND_DONE,   /* the cell has its file */
    HAND_FAILED, /* it has one that says so */
    HAND_LOST,   /* the process was killed from outside, or stopped, and the cell has no file */
    HAND_ERROR,  /* nothing can go on: see the error */
};

struct hand {
    pid_t pid; /* 0: there is no process */
    int socket;
    bool busy;
    uint64_t number; /* of the cell in hand */
};

/* The hands of one crew. */
struct hands {
    const struct sweep_plan *plan;
    const volatile int *stop; /* may be NULL */
    struct hand *hand;        /* [count], zeroed at first */
    size_t count;
};

/* Fork the process of hand K where there is none, and give it cell NUMBER. The hand must be idle. ALM_EIO when the system
 * refuses. */
int hand_give(struct hands *c, size_t k, uint64_t number, struct alm_err *e);

/* What became of the cell of hand K, without waiting. A cell that killed its process by a fault of the program is written down as
 * failed here. After anything but HAND_BUSY the hand is idle. */
enum hand_outcome hand_look(struct hands *c, size_t k, struct alm_err *e);

/* Wait until a hand has something to tell, at most TIMEOUT_MS. */
void hands_wait(const struct hands *c, int timeout_ms);

/* Let all processes end, after the cell under way, or at once where stop is set; waits for them. */
void hands_dismiss(struct hands *c);

#endif
